//! Bytes that do not stand in one frame as they are: put together from pieces of several frames, decompressed, decrypted.

use super::{Entry, Field, Layer, LayerView};
use crate::text::Text;

/// Bytes that fields are read from as they are from a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buffer {
    /// What it is called where bytes are shown: `Reassembled TCP`.
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// The pieces that it was put together from, in the order of their places; none where it was made otherwise.
    pub pieces: Vec<Piece>,
}

/// What one frame gave to a [`Buffer`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    pub frame: u64,
    /// Where it begins in the buffer.
    pub start: u32,
    pub len: u32,
    pub fault: Fault,
}

/// What is odd about a piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// Some of its bytes stand in another piece too.
    pub overlap: bool,
    /// They are not the same there.
    pub conflict: bool,
    /// It says that it is the last and is not.
    pub second_tail: bool,
    /// It stands behind the end.
    pub too_long: bool,
}

impl Fault {
    /// Whether it contradicts other pieces, and does not only repeat them.
    fn is_error(self) -> bool {
        self.conflict || self.second_tail || self.too_long
    }
}

/// The fields that show how a [`Buffer`] was put together.
pub struct Assembly {
    /// Over all; its title says what the pieces are: `Reassembled TCP Segments`.
    pub line: &'static Field,
    /// Each piece: the number of its frame.
    pub piece: &'static Field,
    /// The same of a piece that contradicts others.
    pub error: &'static Field,
    pub overlap: &'static Field,
    pub conflict: &'static Field,
    pub second_tail: &'static Field,
    pub too_long: &'static Field,
    pub count: &'static Field,
    pub length: &'static Field,
    pub data: &'static Field,
}

impl Layer<'_, '_, '_> {
    /// Records how the buffer that is the packet's data source `source` was put together, on this level.
    pub fn assembly(&mut self, fields: &Assembly, source: u8) {
        if !self.is_recorded() {
            return;
        }
        let records = self.records;
        let packet = &mut *self.context.packet;
        let Some(buffer) = packet.buffers.get(usize::from(source).wrapping_sub(1)).cloned() else { return };
        let (depth, len) = (self.depth, buffer.bytes.len());
        let mut push = |field: &'static Field, value, start: u32, len: usize, depth: u8| {
            if records.has(field) {
                packet.push(Entry::new(field, value, start as usize, len, depth, source));
            }
        };
        push(fields.line, buffer.pieces.len() as u64, 0, len, depth);
        for piece in &buffer.pieces {
            let Fault { overlap, conflict, second_tail, too_long } = piece.fault;
            let field = if piece.fault.is_error() { fields.error } else { fields.piece };
            push(field, piece.frame, piece.start, piece.len as usize, depth.saturating_add(1));
            for (is_so, field) in [
                (overlap, fields.overlap),
                (conflict, fields.conflict),
                (second_tail, fields.second_tail),
                (too_long, fields.too_long),
            ] {
                if is_so {
                    push(field, 1, piece.start, 0, depth.saturating_add(2));
                }
            }
        }
        push(fields.count, buffer.pieces.len() as u64, 0, 0, depth.saturating_add(1));
        push(fields.length, len as u64, 0, 0, depth.saturating_add(1));
        push(fields.data, 0, 0, len, depth.saturating_add(1));
    }
}

impl Buffer {
    /// Adds what a frame has at the end.
    pub fn append(&mut self, frame: u64, bytes: &[u8]) {
        let (start, len) = (self.bytes.len() as u32, bytes.len() as u32);
        self.bytes.extend_from_slice(bytes);
        self.pieces.push(Piece { frame, start, len, fault: Fault::default() });
    }
}

/// The most bytes of a line of pieces: what is behind is not shown, and nothing says so.
const MAX_LINE: usize = 239;

/// Writes `3 Reassembled TCP Segments (42 bytes): #1(38), #2(2), #4(2)`.
pub fn pieces_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let (start, count) = (text.len(), entry.number());
    text.dec(count).byte(b' ').str(entry.field.title).str(" (").dec(entry.len).str(plural(entry.len)).str("):");
    let mut separator = " ";
    for piece in layer.children(entry).iter().filter(|child| child.depth == entry.depth + 1) {
        if piece.field.kind == super::Kind::Frame {
            text.str(separator).byte(b'#').dec(piece.number()).byte(b'(').dec(piece.len).byte(b')');
            separator = ", ";
        }
        if text.len() - start > MAX_LINE {
            text.truncate(start + MAX_LINE);
            return;
        }
    }
}

/// Writes `Frame: 4, payload: 0-37 (38 bytes)`.
pub fn piece_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    if entry.len == 0 {
        text.str("Frame: ").dec(entry.number()).str(" (no data)");
        return;
    }
    let last = u64::from(entry.start) + u64::from(entry.len);
    text.str("Frame: ").dec(entry.number()).str(", payload: ").dec(entry.start).byte(b'-').dec(last.saturating_sub(1));
    text.str(" (").dec(entry.len).str(plural(entry.len)).byte(b')');
}

fn plural(count: u32) -> &'static str {
    if count == 1 { " byte" } else { " bytes" }
}
