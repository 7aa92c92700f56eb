//! Bytes that no protocol claims.

use crate::dissect::{Entry, Layer, LayerView, Next, Outcome, Protocol, fields};
use crate::text::Text;

fields! {
    DATA = bytes("data.data", "Data");
    LEN = uint32("data.len", "Length").generated();
    TEXT = text("data.text", "Text").generated();
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    dissect,
    family: crate::dissect::Family::Payload,
    ..Protocol::new("data", "Data", "Data").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let len = l.remaining().len();
    l.set_header_len(len);
    l.rest(&DATA);
    l.generated(&LEN, len as u64);
    Ok(Next::End)
}

fn line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Data (").dec(entry.len).str(if entry.len == 1 { " byte)" } else { " bytes)" });
}
