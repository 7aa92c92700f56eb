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
            // As its line in the tree does.
            Value::Bytes([]) if field.kind == Kind::Bytes && field.display.base != Base::Custom => {
                _ = text.str("<MISSING>")
            }
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

/// Writes a number with a fraction, with as many digits as its type is sure of.
pub fn double(field: &Field, number: f64, text: &mut Text) {
    text.significant(number, if field.kind == Kind::Float { 6 } else { 15 });
}

pub fn guid(bytes: &[u8], text: &mut Text) {
    text.guid(bytes);
}

pub fn oid(bytes: &[u8], text: &mut Text) {
    text.oid(bytes);
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
