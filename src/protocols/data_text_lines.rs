//! Text, line by line: bodies of which no more is known than that they are text.

use crate::dissect::{Entry, Layer, LayerView, NameTable, Next, Outcome, Protocol, Summary, fields};
use crate::text::Text;

fields! {
    COUNT = uint32("", "Number of lines").hidden();
    LINE = text("", "").label(text_line);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    names: &[
        (NameTable::MediaType, "text/plain"),
        (NameTable::MediaType, "text/html"),
        (NameTable::MediaType, "text/richtext"),
        (NameTable::MediaType, "text/css"),
        (NameTable::MediaType, "text/javascript"),
        (NameTable::MediaType, "application/x-javascript"),
        (NameTable::MediaType, "application/x-ns-proxy-autoconfig"),
    ],
    dissect,
    mention: Some(mention),
    leads: crate::dissect::Leads::Nowhere,
    family: crate::dissect::Family::Web,
    ..Protocol::new("data-text-lines", "Line-based text data", "Line-based text data").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let bytes = l.remaining();
    l.set_header_len(bytes.len());
    if l.is_recorded() {
        l.generated(&COUNT, lines(bytes).count() as u64);
        for len in lines(bytes) {
            l.bytes(&LINE, len)?;
        }
    }
    Ok(Next::End)
}

/// The lengths of the lines of a text, with their ends: CR LF, or either of the two.
fn lines(mut text: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let end = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
        let len = match text.get(end..).unwrap_or_default() {
            [b'\r', b'\n', ..] => end + 2,
            [_, ..] => end + 1,
            [] => end,
        };
        text = text.get(len..).unwrap_or_default();
        (len > 0).then_some(len)
    })
}

fn line(layer: &LayerView, _: &Entry, text: &mut Text) {
    text.str("Line-based text data");
    if !layer.about().is_empty() {
        text.str(": ").wire(media_type(layer.about()));
    }
    text.str(" (").dec(layer.number(&COUNT).unwrap_or(0)).str(" lines)");
}

fn text_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.wire(layer.view.bytes(entry));
}

/// Adds ` (text/html)` to the Info column.
pub(super) fn mention(layer: &LayerView, summary: &mut Summary) {
    summary.info.str(" (").wire(media_type(layer.about())).byte(b')');
}

/// A media type without its parameters.
pub(super) fn media_type(about: &[u8]) -> &[u8] {
    about.split(|&byte| byte == b';').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_lines() {
        for (text, expected) in [
            ("", &[] as &[usize]),
            ("a", &[1]),
            ("a\r\nb\nc\rd", &[3, 2, 2, 1]),
            ("\n\n", &[1, 1]),
            ("\r\n\r\n", &[2, 2]),
            ("a\r", &[2]),
        ] {
            assert_eq!(lines(text.as_bytes()).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
