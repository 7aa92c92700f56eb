//! What a field says, as columns and JSON write it: the bare value.

use super::label;
use super::time::{Clock, span};
use crate::dissect::{Base, Entry, Field, Kind, LayerView, Value};
use crate::text::Text;

/// Writes the bare value of `field` in `entry`: the entry's own field or one that comes along with it.
///
/// `separator` stands between the bytes of byte fields.
pub fn plain(
    layer: &LayerView,
    entry: &Entry,
    field: &Field,
    separator: Option<u8>,
    clock: &mut Clock,
    text: &mut Text,
) -> bool {
    let mut scratch = Text::new();
    let Some(value) = layer.alias_value(entry, field, &mut scratch) else { return false };
    match value {
        Value::None => _ = text.byte(b'1'),
        Value::Unsigned(number) => unsigned(field, number, text),
        Value::Signed(number) => _ = text.signed(number),
        Value::Boolean(flag) => _ = text.byte(if flag { b'1' } else { b'0' }),
        Value::Double(number) => double(number, text),
        Value::Ipv4(_) | Value::Ipv6(_) | Value::Ether(_) => value.write_address(text),
        Value::Bytes(bytes) => match field.kind {
            Kind::Protocol if field.name == "data" => _ = text.hex_bytes(bytes, separator),
            Kind::Protocol => label::line(layer, entry, clock, text),
            Kind::Guid => guid(bytes, text),
            Kind::Oid => oid(bytes, text),
            Kind::Eui64 => _ = text.hex_bytes(bytes, Some(b':')),
            _ => _ = text.hex_bytes(bytes, separator),
        },
        Value::Text(bytes) => _ = text.wire(bytes),
        Value::Time { seconds, nanos } if field.kind == Kind::AbsoluteTime => {
            moment(field, seconds, nanos, clock, text)
        }
        Value::Time { seconds, nanos } => span(seconds, nanos, 9, text),
    }
    true
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

pub fn double(number: f64, text: &mut Text) {
    use std::fmt::Write;
    // Writing to a `Text` cannot fail.
    _ = write!(text, "{number}");
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
