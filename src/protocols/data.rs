//! Bytes that no protocol claims.

use crate::dissect::{Entry, Layer, LayerView, NameTable, Next, Outcome, Preference, Protocol, fields};
use crate::text::Text;

fields! {
    DATA = bytes("data.data", "Data");
    UNCOMPRESSED_DATA = bytes("data.uncompressed.data", "Uncompressed Data");
    UNCOMPRESSED_LEN = int32("data.uncompressed.len", "Uncompressed Length").generated();
    TEXT = text("data.text", "Text").generated();
    MD5_HASH = text("data.md5_hash", "Payload MD5 hash").generated();
    LEN = int32("data.len", "Length").generated();
}

static SHOW_AS_TEXT: Preference =
    Preference::new("data.show_as_text", false, "Whether the bytes are also shown as text.");

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    names: &[(NameTable::MediaType, "application/octet-stream")],
    preferences: &[&SHOW_AS_TEXT],
    leads: crate::dissect::Leads::Nowhere,
    dissect,
    family: crate::dissect::Family::Payload,
    ..Protocol::new("data", "Data", "Data").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let bytes = l.remaining();
    l.set_header_len(bytes.len());
    l.rest(&DATA);
    if l.prefers(&SHOW_AS_TEXT) {
        l.detached(&TEXT, bytes, 0);
    }
    l.generated(&LEN, bytes.len() as u64);
    Ok(Next::End)
}

fn line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Data (").dec(entry.len).str(if entry.len == 1 { " byte)" } else { " bytes)" });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::Sample;

    #[test]
    fn bytes_and_their_count() {
        let one = Sample::ethernet(0x9999, &[0x61]).dissect();
        one.shows(&["Data (1 byte)", "Data: 61", "[Length: 1]"]).lacks("Text");
        Sample::ethernet(0x9999, &[b'a'; 40]).dissect().shows(&[
            "Data (40 bytes)",
            "Data: 616161616161616161616161616161616161616161616161616161616161616161616161…",
            "[Length: 40]",
        ]);
    }

    #[test]
    fn as_text() {
        let sample = Sample::ethernet(0x9999, b"abc\n").prefer(&SHOW_AS_TEXT, true);
        sample.dissect().shows(&["Data: 6162630a", "[Text: abc\\n]", "[Length: 4]"]);
    }
}
