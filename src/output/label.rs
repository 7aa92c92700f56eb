//! The words of a field's line in the tree.

use super::time::{Clock, span};
use super::value;
use crate::dissect::{Base, Entry, Field, Kind, LayerView, Value};
use crate::text::Text;

/// The most bytes of a byte field that its line shows.
const MAX_BYTES: usize = 36;
/// The most bytes that a line has without its brackets.
const MAX_LINE: usize = 239;
/// The most bytes that are left of a line that was too long and is its own making.
const MAX_CUT: usize = 237;
/// The same of a line that is made of title and value, of one without a field, of text or bytes in any way, and of an expert item's.
const MAX_CUT_TITLED: usize = 238;

/// Writes the line of an entry, in brackets where it is computed.
#[inline]
pub fn line(layer: &LayerView, entry: &Entry, clock: &mut Clock, text: &mut Text) {
    let generated = entry.field.generated;
    if generated {
        text.byte(b'[');
    }
    words(layer, entry, clock, text);
    if generated {
        text.byte(b']');
    }
}

/// Writes the line of an entry without brackets; one that is too long says so and is cut.
#[inline]
pub fn words(layer: &LayerView, entry: &Entry, clock: &mut Clock, text: &mut Text) {
    let start = text.len();
    match (entry.field.label, entry.field.kind) {
        (_, Kind::Expert(severity, group)) => {
            text.str("Expert Info (").str(severity.title()).byte(b'/').str(group.title()).str("): ");
            layer.expert_message(entry, text);
        }
        (Some(label), _) => label(layer, entry, text),
        (None, _) => titled(layer, entry, clock, text),
    }
    if text.len() - start > MAX_LINE {
        cut(entry.field, start, text);
    }
}

/// Cuts the line of a field, which begins at `start`.
#[cold]
fn cut(field: &Field, start: usize, text: &mut Text) {
    let (most, notice, at) = match (field.kind, field.label) {
        (Kind::Expert(..), _) => (MAX_CUT_TITLED, " [truncated]", start),
        (Kind::Text | Kind::Bytes, Some(_)) => (MAX_CUT_TITLED, " [truncated]", start),
        (_, Some(_)) if field.name.is_empty() => (MAX_CUT_TITLED, " [truncated]", start),
        (_, Some(_)) => (MAX_CUT, "[truncated]", start),
        (_, None) => (MAX_CUT_TITLED, " [truncated]", start + field.title.len()),
    };
    text.insert_str(at, notice);
    shorten(text, start + most);
}

/// Writes the message of an expert item as its line shows it.
pub fn expert_message(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let start = text.len();
    layer.expert_message(entry, text);
    shorten(text, start + MAX_LINE);
}

/// Cuts `text` to `len` bytes, or fewer where a character would be cut in two.
fn shorten(text: &mut Text, len: usize) {
    let mut end = len.min(text.len());
    while text.as_bytes().get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
        end -= 1;
    }
    text.truncate(end);
}

/// Writes `title: value`, with the bits before it where the field is some of them.
#[inline(always)]
pub fn titled(layer: &LayerView, entry: &Entry, clock: &mut Clock, text: &mut Text) {
    let field = entry.field;
    if field.mask != 0 {
        field.write_bits(entry.number(), text);
    }
    text.str(field.title);
    let value = layer.view.value(entry);
    if !matches!((value, field.kind), (Value::None, _) | (_, Kind::Protocol)) {
        text.str(": ");
        shown(field, value, clock, text);
    }
}

/// Writes a value as the tree does: with its name, its number in brackets and its unit.
#[inline(always)]
pub fn shown(field: &Field, value: Value, clock: &mut Clock, text: &mut Text) {
    match value {
        Value::None => {}
        Value::Boolean(flag) => {
            let word = field.names.get(flag.into()).unwrap_or(if flag { "True" } else { "False" });
            text.str(word);
        }
        Value::Unsigned(number) => named(field, number, text, |text| unsigned(field, number, text)),
        Value::Signed(number) => named(field, number as u64, text, |text| _ = text.signed(number)),
        Value::Double(number) => value::double(field, number, text),
        Value::Ipv4(_) | Value::Ipv6(_) | Value::Ether(_) => value.write_address(text),
        Value::Bytes(bytes) => match field.kind {
            Kind::Guid => value::guid(bytes, text),
            Kind::Oid => value::oid(bytes, text),
            Kind::Eui64 => _ = text.hex_bytes(bytes, Some(b':')),
            _ if bytes.is_empty() => _ = text.str("<MISSING>"),
            _ => {
                text.hex_bytes(&bytes[..bytes.len().min(MAX_BYTES)], None);
                if bytes.len() > MAX_BYTES {
                    text.str("…");
                }
            }
        },
        Value::Text(bytes) => _ = text.wire(bytes),
        Value::Time { seconds, nanos } if field.kind == Kind::AbsoluteTime => {
            value::moment(field, seconds, nanos, clock, text);
        }
        Value::Time { seconds, nanos } => {
            span(seconds, nanos, 9, text);
            text.str(" seconds");
        }
    }
    if !field.unit.is_empty() {
        text.str(field.unit);
    }
}

fn named(field: &Field, number: u64, text: &mut Text, write: impl FnOnce(&mut Text)) {
    let has_names = !matches!(field.names, crate::dissect::Names::None);
    match (field.names.get(number), field.display.base) {
        (Some(name), Base::Custom) => _ = text.str(name),
        (None, _) if !has_names => write(text),
        (name, _) => {
            text.str(name.unwrap_or("Unknown")).str(" (");
            write(text);
            text.byte(b')');
        }
    }
}

fn unsigned(field: &Field, number: u64, text: &mut Text) {
    let width = || match field.mask {
        0 => field.hex_width(),
        mask => (64 - mask.leading_zeros() - mask.trailing_zeros()).div_ceil(4) as usize,
    };
    match field.display.base {
        Base::Dec | Base::Custom => _ = text.dec(number),
        Base::Hex => _ = text.hex(number, width()),
        Base::HexDec => _ = text.hex(number, width()).str(" (").dec(number).str(")"),
        Base::DecHex => _ = text.dec(number).str(" (").hex(number, width()).str(")"),
        Base::Oct => {
            use std::fmt::Write;
            // Writing to a `Text` cannot fail.
            _ = write!(text, "{number:#o}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tree::Tree;

    const USER_0: u16 = 147;

    fn tree(bytes: &[u8]) -> Vec<String> {
        let text = crate::output::testing::shown(&mut Tree::new(vec!["odd".into()], false), USER_0, &[bytes]);
        text.lines().skip_while(|line| *line != "Odd Protocol").skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn bits_names_and_brackets() {
        let lines = tree(&[0x01, 0x85, 0x05, 0, 0, 0, 1]);
        assert_eq!(
            lines,
            [
                "    Number: 0x85",
                "        .... 0101 = Low: 5",
                "        1... .... = High: Set",
                "            [Expert Info (Warning/Protocol): Strange]",
                "                [Strange]",
                "                [Severity level: Warning]",
                "                [Group: Protocol]",
                "    Moment: Jan  1, 1970 00:00:01.000000005 UTC",
                "    [Span: 1.500000000 seconds]",
                "",
            ]
        );
    }

    #[test]
    fn numbers_with_a_fraction() {
        for (number, written) in [
            (0.1 + 0.2, "0.3"),
            (255.99609375, "255.99609375"),
            (1e-6, "1e-06"),
            (1_234_567.890123, "1234567.890123"),
            (123_456_000.000_007, "123456000.000007"),
            (1e15, "1e+15"),
            (f64::NEG_INFINITY, "-inf"),
            (0.0, "0"),
        ] {
            let bytes = [&[0x04], &number.to_be_bytes()[..]].concat();
            assert_eq!(tree(&bytes)[0], format!("    Ratio: {written}"));
        }
    }

    #[test]
    fn bytes_are_cut_after_36() {
        static BYTES: Field = Field::new(Kind::Bytes, Base::Dec, "bytes", "Bytes");
        let cases = [(0, "<MISSING>".to_owned()), (36, "ab".repeat(36)), (37, "ab".repeat(36) + "…")];
        for (len, expected) in cases {
            let mut text = Text::new();
            shown(&BYTES, Value::Bytes(&vec![0xab; len]), &mut Clock::default(), &mut text);
            assert_eq!(text.to_string_lossy(), expected);
        }
    }

    /// As tshark 4.0 cuts lines of 239 bytes and more.
    #[test]
    fn long_lines_say_that_they_are_cut() {
        let line = |kind: u8, text: &str| tree(&[&[kind], text.as_bytes()].concat())[0].trim_start().to_owned();
        let (titled, own, heading) = (9, 10, 11);
        assert_eq!(line(titled, &"x".repeat(233)), format!("Word: {}", "x".repeat(233)));
        assert_eq!(line(titled, &"x".repeat(234)), format!("Word [truncated]: {}", "x".repeat(220)));
        assert_eq!(line(titled, &"é".repeat(200)).len(), 238);
        assert_eq!(line(own, &"x".repeat(239)), "x".repeat(239));
        assert_eq!(line(own, &"x".repeat(240)), format!("[truncated]{}", "x".repeat(226)));
        assert_eq!(line(heading, &"x".repeat(240)), format!("[truncated]{}", "x".repeat(226)));
    }

    #[test]
    fn what_is_cut_ends_with_a_whole_character() {
        for (len, left) in [(240, 240), (239, 238), (237, 237), (235, 234)] {
            let mut text = Text::new();
            text.str(&"é".repeat(118)).str("xxé");
            shorten(&mut text, len);
            assert_eq!(text.len(), left);
        }
    }
}
