//! What tests of IPv6 and what it carries have in common.

use crate::capture::{Frame, Interface, Precision};
use crate::dissect::{Dissector, Forgetful, Kind, Need, Packet, Preferences, Value, View};
use crate::protocols::registry;
use crate::text::Text;

/// An IPv6 packet from `fe80::1` to `ff02::1`.
pub fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend_from_slice(&(payload.len() as u16).to_be_bytes());
    packet.extend_from_slice(&[next, 64]);
    packet.extend_from_slice(&[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend_from_slice(&[0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend_from_slice(payload);
    packet
}

/// The fields of an IPv6 packet in an Ethernet frame, each as `name: value`; what has no value is only its name.
pub fn fields(packet: &[u8]) -> Vec<String> {
    let mut bytes = vec![0; 12];
    bytes.extend_from_slice(&[0x86, 0xdd]);
    bytes.extend_from_slice(packet);
    let interface = Interface { link: 1, fcs_len: None, snap_len: 0, precision: Precision(6), described: None };
    let frame = Frame {
        number: 1,
        time: None,
        wire_len: bytes.len() as u32,
        offset: 0,
        interface: &interface,
        bytes: &bytes,
        options: &[],
    };
    let dissector = Dissector::new(registry(), Preferences::default(), Need::ALL);
    let mut packet = Packet::new();
    dissector.dissect(&frame, &mut Forgetful, &mut packet);
    let view = View { frame: &frame, packet: &packet };
    // Lines are written too: they must survive what was read.
    for layer in view.layers() {
        for entry in layer.entries() {
            if let Some(label) = entry.field.label {
                label(&layer, entry, &mut Text::new());
            }
        }
    }
    let line = |entry: &crate::dissect::Entry| match view.value(entry) {
        Value::None => entry.field.name.to_owned(),
        Value::Unsigned(number) => format!("{}: {number}", entry.field.name),
        Value::Boolean(flag) => format!("{}: {flag}", entry.field.name),
        Value::Bytes(_) if entry.field.kind == Kind::Protocol => entry.field.name.to_owned(),
        Value::Bytes(bytes) => {
            format!("{}: {}", entry.field.name, Text::new().hex_bytes(bytes, None).to_string_lossy())
        }
        value => {
            let mut text = Text::new();
            value.write_address(&mut text);
            format!("{}: {}", entry.field.name, text.to_string_lossy())
        }
    };
    view.entries().iter().map(line).collect()
}
