//! HTML forms as they are sent: `name=Jane+Doe&city=K%C3%B6ln`.
//!
//! WHATWG URL, "application/x-www-form-urlencoded parsing".

use super::data_text_lines;
use crate::dissect::{Entry, Layer, LayerView, NameTable, Next, Outcome, Protocol, Value, fields};
use crate::text::Text;

fields! {
    ITEM = heading("Form item").label(item_line);
    KEY = text("urlencoded-form.key", "Key");
    VALUE = text("urlencoded-form.value", "Value");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    names: &[(NameTable::MediaType, "application/x-www-form-urlencoded")],
    dissect,
    mention: Some(data_text_lines::mention),
    leads: crate::dissect::Leads::Nowhere,
    family: crate::dissect::Family::Web,
    ..Protocol::new("urlencoded-form", "URL Encoded Form Data", "HTML Form URL Encoded").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let bytes = l.remaining();
    l.set_header_len(bytes.len());
    if !l.is_recorded() {
        return Ok(Next::End);
    }
    for item in bytes.split(|&byte| byte == b'&') {
        if item.is_empty() {
            // Between two separators, or behind the last.
            _ = l.skip(1);
            continue;
        }
        let key = item.split(|&byte| byte == b'=').next().unwrap_or_default().len();
        let value = (key + 1).min(item.len());
        let open = l.open(&ITEM, item.len());
        decoded(l, &KEY, item, 0..key);
        decoded(l, &VALUE, item, value..item.len());
        l.close(open);
        l.skip(item.len())?;
        _ = l.skip(1);
    }
    Ok(Next::End)
}

/// Records the bytes `range` of an item that stands at the cursor, once its escapes are read.
fn decoded(l: &mut Layer, field: &'static crate::dissect::Field, item: &[u8], range: std::ops::Range<usize>) {
    let start = l.offset();
    let place = l.place(start + range.start..start + range.end);
    let bytes = item.get(range).unwrap_or_default();
    if !bytes.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        l.excerpt(field, place, place);
        return;
    }
    l.instead(field, place, |text| {
        let mut rest = bytes;
        while let [first, after @ ..] = rest {
            let escaped = |digits: &[u8]| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
            match (first, after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)).and_then(escaped)) {
                (b'%', Some(byte)) => {
                    text.byte(byte);
                    rest = after.get(2..).unwrap_or_default();
                }
                (b'+', _) => {
                    text.byte(b' ');
                    rest = after;
                }
                _ => {
                    text.byte(*first);
                    rest = after;
                }
            }
        }
    });
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if !layer.about().is_empty() {
        text.str(": ").wire(data_text_lines::media_type(layer.about()));
    }
}

fn item_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let mut write = |words: &str, field| {
        let child = layer.children(entry).iter().find(|child| child.field.is(field));
        if let Some(Value::Text(value)) = child.map(|child| layer.view.value(child)) {
            text.str(words).wire(value).byte(b'"');
        }
    };
    write("Form item: \"", &KEY);
    write(" = \"", &VALUE);
}
