//! Bytes in hexadecimal and ASCII, 16 to a line.

use crate::dissect::View;
use crate::text::Text;

/// Writes the dump of a block of bytes.
pub fn dump(bytes: &[u8], text: &mut Text) {
    let digits = if bytes.len() > 0xffff { 8 } else { 4 };
    for (row, line) in bytes.chunks(16).enumerate() {
        text.hex_digits(16 * row as u64, digits).str("  ");
        for &byte in line {
            text.hex_digits(byte.into(), 2).byte(b' ');
        }
        text.fill(b' ', 3 * (16 - line.len()) + 2);
        for &byte in line {
            text.byte(if (0x20..0x7f).contains(&byte) { byte } else { b'.' });
        }
        text.byte(b'\n');
    }
}

/// Writes all bytes of a packet, an empty line before and after.
pub fn packet(view: &View, out: &mut Text) {
    if out.as_bytes().last_chunk() != Some(b"\n\n") {
        out.byte(b'\n');
    }
    dump(view.frame.bytes, out);
    out.byte(b'\n');
}

/// The sink of `-x`.
pub struct Hex;

impl super::Sink for Hex {
    fn need(&self) -> crate::dissect::Need {
        crate::dissect::Need::NOTHING
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        packet(view, out);
    }
}

/// The sinks of `-X` and `-A`: what follows the link-layer header.
pub enum Payload {
    Hex,
    Ascii,
}

impl super::Sink for Payload {
    fn packet(&mut self, view: &View, out: &mut Text) {
        // Layers stand in the order frame, link layer, network layer; a name without bytes may stand between.
        let start = view.packet.layers().iter().skip(1).map(|mark| mark.start as usize).find(|&start| start > 0);
        let bytes = view.frame.bytes.get(start.unwrap_or(0)..).unwrap_or_default();
        match self {
            Payload::Hex => dump(bytes, out),
            Payload::Ascii => {
                for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                    let line = line.strip_suffix(b"\n").unwrap_or(line);
                    for &byte in line.strip_suffix(b"\r").unwrap_or(line) {
                        out.byte(if (0x20..0x7f).contains(&byte) || byte == b'\t' { byte } else { b'.' });
                    }
                    out.byte(b'\n');
                }
            }
        }
        out.byte(b'\n');
    }
}
