//! What a field says in one packet.

use crate::text::Text;

/// A value of a field, with its bytes borrowed from the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// The field is there and says nothing more.
    None,
    Unsigned(u64),
    Signed(i64),
    Boolean(bool),
    Double(f64),
    Ipv4(u32),
    Ipv6([u8; 16]),
    Ether([u8; 6]),
    Bytes(&'a [u8]),
    /// Text as it stood in the packet: not necessarily UTF-8, and hostile.
    Text(&'a [u8]),
    /// Seconds since 1970, or of a span, rounded down, and the nanoseconds that follow them.
    Time {
        seconds: i64,
        nanos: u32,
    },
}

impl Value<'_> {
    /// The number, where it is one.
    pub fn unsigned(&self) -> Option<u64> {
        match *self {
            Value::Unsigned(number) => Some(number),
            Value::Boolean(flag) => Some(u64::from(flag)),
            _ => None,
        }
    }

    /// The first three bytes of a MAC address.
    pub fn oui(&self) -> Option<u32> {
        match *self {
            Value::Ether([a, b, c, ..]) => Some(u32::from_be_bytes([0, a, b, c])),
            _ => None,
        }
    }

    /// Writes an address in its usual form; other values not at all.
    pub fn write_address(&self, text: &mut Text) {
        match *self {
            Value::Ipv4(address) => _ = text.ipv4(address),
            Value::Ipv6(address) => _ = text.ipv6(address),
            Value::Ether(address) => _ = text.hex_bytes(&address, Some(b':')),
            _ => {}
        }
    }
}
