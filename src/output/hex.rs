//! Bytes in hexadecimal and ASCII, 16 to a line.

use super::Sink;
use super::color::{self, Palette, Role};
use crate::dissect::{Need, View};
use crate::text::Text;

/// Bytes on a line.
const ROW: usize = 16;

/// Writes the dump of a block of bytes.
pub fn dump(bytes: &[u8], text: &mut Text) {
    let digits = if bytes.len() > 0xffff { 8 } else { 4 };
    for (row, line) in bytes.chunks(ROW).enumerate() {
        text.hex_digits((ROW * row) as u64, digits).str("  ").hex_bytes(line, Some(b' '));
        text.fill(b' ', 3 * (ROW - line.len()) + 3);
        for &byte in line {
            text.byte(visible(byte));
        }
        text.byte(b'\n');
    }
}

/// The same with each byte in the colour of its role.
fn dump_colored(bytes: &[u8], roles: &[Role], palette: &Palette, text: &mut Text) {
    let digits = if bytes.len() > 0xffff { 8 } else { 4 };
    for (row, (line, roles)) in bytes.chunks(ROW).zip(roles.chunks(ROW)).enumerate() {
        text.str(palette.start(Role::Faint))
            .hex_digits((ROW * row) as u64, digits)
            .str(palette.end(Role::Faint))
            .str("  ");
        runs(line, roles, palette, text, |byte, text| _ = text.hex_digits(byte.into(), 2).byte(b' '));
        text.fill(b' ', 3 * (ROW - line.len()) + 2);
        runs(line, roles, palette, text, |byte, text| _ = text.byte(visible(byte)));
        text.byte(b'\n');
    }
}

/// Writes bytes with an escape wherever the role changes.
fn runs(line: &[u8], roles: &[Role], palette: &Palette, text: &mut Text, write: impl Fn(u8, &mut Text)) {
    let mut current = Role::Plain;
    for (&byte, &role) in line.iter().zip(roles) {
        if role != current {
            text.str(palette.end(current)).str(palette.start(role));
            current = role;
        }
        write(byte, text);
    }
    text.str(palette.end(current));
}

fn visible(byte: u8) -> u8 {
    if (0x20..0x7f).contains(&byte) { byte } else { b'.' }
}

/// Finds the role of each byte of the frame: that of the layer that read it.
fn paint(view: &View, roles: &mut Vec<Role>) {
    let len = view.frame.bytes.len();
    roles.clear();
    roles.resize(len, Role::Plain);
    let layers = || view.layers().filter(|layer| layer.index > 0);
    for layer in layers() {
        let start = (layer.mark().start as usize).min(len);
        roles[start..].fill(Role::Of(color::family(&layer)));
    }
    // What stands behind a payload belongs to the layer around it: padding, trailers.
    for layer in layers() {
        let Some(next) = view.packet.layers().get(layer.index + 1).map(|mark| mark.start) else { continue };
        let own = layer.entries().iter().filter(|entry| entry.source == 0 && entry.start > next && entry.len > 0);
        for entry in own.filter(|entry| !entry.field.generated && !entry.field.hidden) {
            let start = (entry.start as usize).min(len);
            let end = start.saturating_add(entry.len as usize).min(len);
            roles[start..end].fill(Role::Of(color::family(&layer)));
        }
    }
}

/// The sink of `-x`: all bytes of a packet, and an empty line.
pub struct Hex {
    /// Stands behind something else that is shown of the packet, after an empty line.
    behind: bool,
    palette: Palette,
    roles: Vec<Role>,
}

impl Hex {
    pub fn new(behind: bool) -> Hex {
        Hex { behind, palette: Palette::default(), roles: Vec::new() }
    }

    /// Colours bytes by the layer that they belong to.
    pub fn colored(mut self, palette: Palette) -> Hex {
        self.palette = palette;
        self
    }
}

impl Sink for Hex {
    fn need(&self) -> Need {
        if self.palette.is_colored() { Need::ALL } else { Need::NOTHING }
    }

    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        Some(Box::new(Hex::new(self.behind).colored(self.palette.clone())))
    }

    fn compares_displayed(&self) -> bool {
        false
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        // The tree ends with an empty line, the list does not.
        if self.behind && out.as_bytes().last_chunk() != Some(b"\n\n") {
            out.byte(b'\n');
        }
        if self.palette.is_colored() {
            paint(view, &mut self.roles);
            dump_colored(view.frame.bytes, &self.roles, &self.palette, out);
        } else {
            dump(view.frame.bytes, out);
        }
        out.byte(b'\n');
    }
}

/// The sinks of `-X` and `-A`: what follows the link-layer header.
#[derive(Clone, Copy)]
pub enum Payload {
    Hex,
    Ascii,
}

impl Sink for Payload {
    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        Some(Box::new(*self))
    }

    fn compares_displayed(&self) -> bool {
        false
    }

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
                        out.byte(if byte == b'\t' { byte } else { visible(byte) });
                    }
                    out.byte(b'\n');
                }
            }
        }
        out.byte(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::{datagram, shown};

    #[test]
    fn lines_of_sixteen() {
        let mut text = Text::new();
        dump(b"0123456789abcdef\x1b\xff ", &mut text);
        assert_eq!(
            text.to_string_lossy(),
            "0000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66   0123456789abcdef\n\
             0010  1b ff 20                                          .. \n"
        );
    }

    #[test]
    fn each_byte_in_the_colour_of_its_layer() {
        let frame = datagram(b"hi");
        let colored = shown(&mut Hex::new(false).colored(Palette::new(true)), 1, &[&frame]);
        let plain = shown(&mut Hex::new(false), 1, &[&frame]);
        assert!(
            colored.contains("\x1b[90m00 00 5e 00 53 02 00 00 5e 00 53 01 08 00 \x1b[0m\x1b[34m45 00 \x1b[0m"),
            "{colored}"
        );
        assert!(colored.contains("\x1b[0m68 69 "), "the payload is plain: {colored}");
        let mut stripped = String::new();
        for (place, part) in colored.split('\x1b').enumerate() {
            stripped += if place == 0 { part } else { part.split_once('m').map_or("", |row| row.1) };
        }
        assert_eq!(stripped, plain);
    }

    #[test]
    fn padding_is_the_link_layers() {
        let mut frame = datagram(b"");
        frame.extend([0; 18]);
        let colored = shown(&mut Hex::new(false).colored(Palette::new(true)), 1, &[&frame]);
        assert!(colored.contains("\x1b[36m9c 40 9c 41 00 08 "), "{colored}");
        assert!(colored.contains("\x1b[0m\x1b[90m00 00 00 00 00 00 \x1b[0m"), "{colored}");
    }
}
