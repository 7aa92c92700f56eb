//! What a field says, as columns and JSON write it: the bare value.

use super::label;
use super::time::{Clock, span};
use crate::dissect::{Base, Entry, Field, Kind, LayerView, Value};
use crate::text::Text;

/// Writes bare values, one after the other.
#[derive(Default)]
pub struct Plain {
    pub clock: Clock,
    scratch: Text,
}

impl Plain {
    /// Writes the value of `field` in `entry`, the entry's own field or one that comes along with it, as columns show it;
    /// `false` if the field says nothing there.
    pub fn write(&mut self, layer: &LayerView, entry: &Entry, field: &Field, text: &mut Text) -> bool {
        let Some(value) = layer.alias_value(entry, field, &mut self.scratch) else { return false };
        match value {
            Value::None if field.kind == Kind::Protocol => _ = text.str(field.name),
            Value::None => _ = text.byte(b'1'),
            Value::Text(bytes) => _ = text.wire(bytes),
            Value::Bytes(bytes) if field.kind == Kind::Protocol && field.name == "data" => {
                _ = text.hex_bytes(bytes, None)
            }
            // A protocol whose line is no more than its title says its name.
            Value::Bytes(_) if field.kind == Kind::Protocol && field.label.is_none() => _ = text.str(field.name),
            Value::Bytes(_) if field.kind == Kind::Protocol => label::line(layer, entry, &mut self.clock, text),
            value => number(field, value, None, &mut self.clock, text),
        }
        true
    }
}

/// Writes a value that is no text; `separator` stands between the bytes of byte fields.
pub fn number(field: &Field, value: Value, separator: Option<u8>, clock: &mut Clock, text: &mut Text) {
    match value {
        Value::None | Value::Text(_) => {}
        Value::Unsigned(number) => unsigned(field, number, text),
        Value::Signed(number) => _ = text.signed(number),
        Value::Boolean(flag) => _ = text.byte(if flag { b'1' } else { b'0' }),
        Value::Double(number) => double(field, number, text),
        Value::Ipv4(_) | Value::Ipv6(_) | Value::Ether(_) => value.write_address(text),
        Value::Bytes(bytes) => match field.kind {
            Kind::Guid => guid(bytes, text),
            Kind::Oid => oid(bytes, text),
            Kind::Eui64 => _ = text.hex_bytes(bytes, Some(b':')),
            // Columns name what is empty; JSON, which separates the bytes, has an empty string for it.
            _ if bytes.is_empty() && separator.is_none() => {
                _ = text.str(if field.display.base == Base::Custom { "<none>" } else { "<MISSING>" })
            }
            _ if field.display.base == Base::Hex => _ = text.hex_bytes(bytes, Some(b':')),
            _ => _ = text.hex_bytes(bytes, separator),
        },
        Value::Time { seconds, nanos } if field.kind == Kind::AbsoluteTime => {
            moment(field, seconds, nanos, clock, text);
        }
        Value::Time { seconds, nanos } => span(seconds, nanos, 9, text),
    }
}

fn unsigned(field: &Field, number: u64, text: &mut Text) {
    match field.display.base {
        Base::Hex | Base::HexDec => text.hex(number, field.hex_width()),
        Base::Oct if number > 0 => {
            let digits = (64 - number.leading_zeros()).div_ceil(3);
            text.byte(b'0');
            for place in (0..digits).rev() {
                text.byte(b'0' + (number >> (3 * place) & 7) as u8);
            }
            text
        }
        _ => text.dec(number),
    };
}

/// Writes a moment; fields in hexadecimal base are shown in UTC, whatever the local zone.
pub fn moment(field: &Field, seconds: i64, nanos: u32, clock: &mut Clock, text: &mut Text) {
    match field.display.base {
        Base::Hex => clock.field_utc(seconds, nanos, text),
        _ => clock.field(seconds, nanos, text),
    }
}

/// Writes a number with a fraction as C's `%g` does, with as many digits as its type is sure of.
pub fn double(field: &Field, number: f64, text: &mut Text) {
    use std::fmt::Write;
    let digits: usize = if field.kind == Kind::Float { 6 } else { 15 };
    if !number.is_finite() {
        let word = if number.is_nan() { "nan" } else { "inf" };
        text.str(if number.is_sign_negative() { "-" } else { "" }).str(word);
        return;
    }
    let start = text.len();
    // Writing to a `Text` cannot fail. The scientific form tells the exponent after rounding.
    _ = write!(text, "{number:.*e}", digits - 1);
    let written = &text.as_bytes()[start..];
    let split = written.iter().rposition(|&byte| byte == b'e').unwrap_or(written.len());
    let exponent: i32 = str::from_utf8(&written[split..]).ok().and_then(|e| e.get(1..)?.parse().ok()).unwrap_or(0);
    if (-4..digits as i32).contains(&exponent) {
        text.truncate(start);
        _ = write!(text, "{number:.*}", (digits as i32 - 1 - exponent) as usize);
        drop_zeros(start, text);
    } else {
        text.truncate(start + split);
        drop_zeros(start, text);
        text.str(if exponent < 0 { "e-" } else { "e+" }).dec_padded(exponent.unsigned_abs().into(), 2);
    }
}

/// Cuts zeros off the end of the fraction that begins somewhere after `start`.
fn drop_zeros(start: usize, text: &mut Text) {
    let written = &text.as_bytes()[start..];
    if written.contains(&b'.') {
        let kept = written.iter().rposition(|&byte| byte != b'0').map_or(0, |last| last + 1);
        let kept = if written.get(kept.wrapping_sub(1)) == Some(&b'.') { kept - 1 } else { kept };
        text.truncate(start + kept);
    }
}

pub fn guid(bytes: &[u8], text: &mut Text) {
    for (place, &byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.byte(b'-');
        }
        text.hex_digits(byte.into(), 2);
    }
}

/// Writes an object identifier from its BER contents (X.690, 8.19).
pub fn oid(bytes: &[u8], text: &mut Text) {
    let mut arc: u64 = 0;
    let mut first = true;
    for &byte in bytes {
        arc = arc << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if first {
            let root = (arc / 40).min(2);
            text.dec(root).byte(b'.').dec(arc - 40 * root);
            first = false;
        } else {
            text.byte(b'.').dec(arc);
        }
        arc = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_bytes_has_a_word_in_columns() {
        static BYTES: Field = Field::new(Kind::Bytes, Base::Dec, "bytes", "Bytes");
        static PERHAPS: Field = Field::new(Kind::Bytes, Base::Dec, "bytes", "Bytes").perhaps_empty();
        for (field, separator, expected) in [
            (&BYTES, None, "<MISSING>"),
            (&PERHAPS, None, "<none>"),
            (&BYTES, Some(b':'), ""),
            (&PERHAPS, Some(b':'), ""),
        ] {
            let mut text = Text::new();
            number(field, Value::Bytes(&[]), separator, &mut Clock::default(), &mut text);
            assert_eq!(text.to_string_lossy(), expected);
        }
    }
}
