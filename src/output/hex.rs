//! Bytes in hexadecimal and ASCII, 16 to a line.

use super::Sink;
use super::color::{self, Palette, Role};
use crate::dissect::{Asks, Family, Need, View};
use crate::text::{Text, hex_pair};

/// Bytes on a line.
const ROW: usize = 16;

/// Where the parts of a line stand that has room for an offset of eight digits; the last byte ends it.
const PAIRS: usize = 8 + 2;
const VISIBLE: usize = PAIRS + 3 * ROW + 2;
const LINE: usize = VISIBLE + ROW + 1;

/// Writes the dump of a block of bytes.
pub fn dump(bytes: &[u8], text: &mut Text) {
    let is_long = bytes.len() > 0xffff;
    text.reserve(LINE * bytes.len().div_ceil(ROW));
    let mut line = [b' '; LINE];
    line[LINE - 1] = b'\n';
    let (rows, rest) = bytes.as_chunks::<ROW>();
    let mut offset = 0u32;
    for row in rows {
        fill(&mut line, offset, row, is_long);
        // Of two lengths that are known, so that a line is appended without looking at its length.
        if is_long {
            text.raw(&line);
        } else if let Some(line) = line.last_chunk::<{ LINE - 4 }>() {
            text.raw(line);
        }
        offset = offset.wrapping_add(ROW as u32);
    }
    if !rest.is_empty() {
        let mut row = [0; ROW];
        row[..rest.len()].copy_from_slice(rest);
        fill(&mut line, offset, &row, is_long);
        line[PAIRS + 3 * rest.len()..VISIBLE].fill(b' ');
        text.raw(&line[if is_long { 0 } else { 4 }..VISIBLE + rest.len()]).byte(b'\n');
    }
}

/// Writes into a line what is different in each. A line is put together in place, so that it is appended at once.
#[inline]
fn fill(line: &mut [u8; LINE], offset: u32, row: &[u8; ROW], is_long: bool) {
    let [a, b, c, d] = offset.to_be_bytes();
    if is_long {
        line[0..2].copy_from_slice(&hex_pair(a));
        line[2..4].copy_from_slice(&hex_pair(b));
    }
    line[4..6].copy_from_slice(&hex_pair(c));
    line[6..8].copy_from_slice(&hex_pair(d));
    for (place, &byte) in row.iter().enumerate() {
        line[PAIRS + 3 * place..][..2].copy_from_slice(&hex_pair(byte));
    }
    line[VISIBLE..][..ROW].copy_from_slice(&row.map(visible));
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

/// Finds the role of each byte of a data source: that of the layer that read it.
fn paint(view: &View, source: u8, roles: &mut Vec<Role>) {
    let len = view.source(source).len();
    roles.clear();
    roles.resize(len, Role::Plain);
    let layers = || view.layers().filter(|layer| layer.index > 0 && layer.mark().source == source);
    for layer in layers() {
        let start = (layer.mark().start as usize).min(len);
        roles[start..].fill(Role::Of(color::family(&layer)));
    }
    // What stands behind a payload belongs to the layer around it: padding, trailers.
    for layer in layers() {
        let next = view.packet.layers().get(layer.index + 1).filter(|mark| mark.source == source);
        let Some(next) = next.map(|mark| mark.start) else { continue };
        let own = layer.entries().iter().filter(|entry| entry.source == source && entry.start > next && entry.len > 0);
        for entry in own.filter(|entry| !entry.field.generated && !entry.field.hidden) {
            let start = (entry.start as usize).min(len);
            let end = start.saturating_add(entry.len as usize).min(len);
            roles[start..end].fill(Role::Of(color::family(&layer)));
        }
    }
}

/// The sink of `-x`: all bytes of a packet, and an empty line. Bytes that were put together or decoded follow those of the frame, and
/// each block says then what it is.
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
        // No field is read, but the frame is taken apart for the bytes that are made of it: bodies too, from chunks and decompressed.
        if self.palette.is_colored() { Need::ALL } else { Need::only(Vec::new(), Asks::Contents) }
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
        let buffers = view.packet.buffers();
        if !buffers.is_empty() {
            title("Frame", view.frame.bytes, out);
        }
        self.block(view, 0, out);
        for (source, buffer) in (1..).zip(buffers) {
            title(buffer.name, &buffer.bytes, out);
            self.block(view, source, out);
        }
        out.byte(b'\n');
    }
}

impl Hex {
    /// Writes the bytes of a data source.
    fn block(&mut self, view: &View, source: u8, out: &mut Text) {
        if self.palette.is_colored() {
            paint(view, source, &mut self.roles);
            dump_colored(view.source(source), &self.roles, &self.palette, out);
        } else {
            dump(view.source(source), out);
        }
    }
}

/// Writes `Frame (74 bytes):`.
fn title(name: &str, bytes: &[u8], out: &mut Text) {
    out.str(name).str(" (").dec(bytes.len() as u64).str(if bytes.len() == 1 { " byte):\n" } else { " bytes):\n" });
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
        let bytes = view.frame.bytes.get(behind_link(view)..).unwrap_or_default();
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

/// Where in the frame the headers of the link end.
fn behind_link(view: &View) -> usize {
    let layers = || view.packet.layers().iter().skip(1).filter(|mark| mark.source == 0);
    let is_link = |family| matches!(family, Family::Link | Family::Inherited);
    let behind = layers().find(|mark| !is_link(mark.protocol.family)).map(|mark| mark.start);
    // Of a protocol that says nothing about itself only the place is known.
    behind.or_else(|| layers().map(|mark| mark.start).find(|&start| start > 0)).unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::{datagram, fragments, shown};

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
    fn what_was_put_together_follows_the_frame() {
        let [first, second] = fragments(b"0123456789abcdefg", 16);
        let plain = shown(&mut Hex::new(false), 1, &[&first, &second]);
        let (one, two) = plain.split_once("\n\n").unwrap();
        assert!(one.starts_with("0000  00 00 5e 00 53 02"), "nothing is said where there is only the frame: {one}");
        let blocks = [
            "Frame (43 bytes):\n0000  00 00 5e 00 53 02",
            "64 02 38 39 61 62 63 64 65 66 67                  d.89abcdefg\nReassembled IPv4 (25 bytes):\n",
            "Reassembled IPv4 (25 bytes):\n0000  9c 40 9c 41 00 19 ",
            "30 31 32 33 34 35 36 37   .@.A..D.01234567\n0010  38 39 61 62 63 64 65 66 67                        89abcdefg\n",
        ];
        for block in blocks {
            assert!(two.contains(block), "{block:?} in {two}");
        }
        let colored = shown(&mut Hex::new(false).colored(Palette::new(true)), 1, &[&first, &second]);
        let whole = colored.split_once("Reassembled IPv4 (25 bytes):\n").unwrap().1;
        assert!(whole.contains("\x1b[36m9c 40 9c 41 00 19 "), "the header of UDP: {whole}");
        assert!(whole.contains("\x1b[0m30 31 32 33 "), "what it carries: {whole}");
    }

    /// As tshark 4.0 shows them.
    #[test]
    fn bodies_follow_the_messages_that_they_are_decoded_from() {
        let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xcb\xc8\x04\0\xac\x2a\x93\xd8\x02\0\0\0";
        let chunks = [b"16\r\n", &gzip[..], b"\r\n0\r\n\r\n"].concat();
        let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut frame = Vec::new();
        etherparse::PacketBuilder::ipv4([192, 0, 2, 1], [198, 51, 100, 2], 64)
            .tcp(80, 40_000, 1, 1_024)
            .write(&mut frame, &[head, &chunks[..]].concat())
            .expect("a short message can be written");
        let text = shown(&mut Hex::new(false), 101, &[&frame]);
        let bodies = "\nDe-chunked entity body (22 bytes):\n\
                      0000  1f 8b 08 00 00 00 00 00 00 ff cb c8 04 00 ac 2a   ...............*\n\
                      0010  93 d8 02 00 00 00                                 ......\n\
                      Uncompressed entity body (2 bytes):\n\
                      0000  68 69                                             hi\n\n";
        assert!(text.ends_with(bodies), "{text}");
    }

    #[test]
    fn offsets_have_room_for_all_bytes() {
        let mut text = Text::new();
        dump(&[b' '; 0x1_0001], &mut text);
        let text = text.to_string_lossy();
        let blank = |count: usize| [" 20".repeat(count), " ".repeat(3 * (16 - count) + 3), " ".repeat(count)].concat();
        assert_eq!(text.lines().nth(1), Some(&*format!("00000010 {}", blank(16))));
        assert_eq!(text.lines().last(), Some(&*format!("00010000 {}", blank(1))));
    }

    #[test]
    fn headers_of_the_link_are_left_out() {
        let start = |link, frames: &[&[u8]]| {
            let text = shown(&mut Payload::Hex, link, frames);
            text.split("\n\n").map(|block| block.get(6..17).unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        let frame = datagram(b"hi");
        assert_eq!(start(1, &[&frame]), ["45 00 00 1e", ""]);
        assert_eq!(start(101, &[&frame[14..]]), ["45 00 00 1e", ""], "without a link");
        let tagged = [&frame[..12], &[0x81, 0, 0, 5], &frame[12..]].concat();
        assert_eq!(start(1, &[&tagged]), ["45 00 00 1e", ""], "in a VLAN");
        let arp = [&frame[..12], &[0x81, 0, 0, 5, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1], &[0; 20]].concat();
        assert_eq!(start(1, &[&arp]), ["00 01 08 00", ""]);
        assert_eq!(start(1, &[&[&frame[..12], &[0x99, 0x99, 1, 2, 3, 4]].concat()]), ["01 02 03 04", ""]);
        // What stands in other bytes does not say where the header ends.
        let [first, second] = fragments(b"0123456789abcdefg", 16);
        assert_eq!(start(101, &[&first[14..], &second[14..]])[1], "45 00 00 1d");
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
