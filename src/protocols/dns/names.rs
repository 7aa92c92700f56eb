//! Domain names: labels, and pointers to labels that stand elsewhere in the message.
//!
//! RFC 1035, sections 3.1 and 4.1.4; the bit-string labels of RFC 2673, which nobody may send any more (RFC 6891, section 5).
//!
//! ```text
//!   0  1  2  3  4  5  6  7               0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
//! +--+--+--+--+--+--+--+--+            +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! | 0  0|     LENGTH      | bytes …    | 1  1|                OFFSET                   |
//! +--+--+--+--+--+--+--+--+            +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! ```
//!
//! A name is read twice: to find out where it ends and whether it can be read, and to write it down where it is recorded. However it
//! jumps, the work is bounded: reading ends with the 256th jump and with the 256th label behind the first of them. Labels before that
//! are bytes of the message that are passed.

use crate::dissect::{Field, Layer, Stop};

/// The most bytes that a name has, uncompressed and with its last zero: RFC 1035, section 2.3.4.
const MAX_LEN: usize = 255;
/// A name that jumps so often runs in circles.
const MAX_JUMPS: usize = 256;
/// A name with so many labels behind a pointer is too long, whatever else there is.
const MAX_LABELS: usize = 256;

const ROOT: &[u8] = b"<Root>";
const TOO_LONG: &[u8] = b"<Name too long>";
const LOOPS: &[u8] = b"<Name contains a pointer that loops>";
const UNKNOWN_LABEL: &[u8] = b"<Unknown extended label>";

/// A name that was read.
#[derive(Clone, Copy)]
pub(super) struct Name {
    base: usize,
    at: usize,
    /// How many bytes stand at its place: up to its end, or up to the end of its first pointer.
    pub(super) len: usize,
    /// Bytes of its text.
    pub(super) text_len: usize,
    /// What is said instead of its labels.
    special: Option<&'static [u8]>,
}

impl Name {
    /// Reads the name that begins `at` bytes behind the beginning of the layer; the offsets of pointers count from `base` bytes
    /// behind it.
    pub(super) fn read(l: &Layer, base: usize, at: usize) -> Result<Name, Stop> {
        walk(l.all(), l.wire_len(), base, at, |_| {})
    }

    /// Hands out, in pieces, the labels with dots between them, as they are; or what is wrong with the name, in angle brackets.
    /// `bytes` are those of the layer that it was read from.
    pub(super) fn write(&self, bytes: &[u8], mut add: impl FnMut(&[u8])) {
        if let Some(words) = self.special {
            return add(words);
        }
        let mut is_first = true;
        // It was read before: it can be read to its end.
        _ = walk(bytes, bytes.len(), self.base, self.at, |label| {
            if !std::mem::take(&mut is_first) {
                add(b".");
            }
            match label {
                Label::Text(label) => add(label),
                Label::Bits(bits, count) => write_bits(bits, count, &mut add),
            }
        });
    }

    /// Records it over its bytes at the cursor, which stays where it is.
    pub(super) fn record(&self, l: &mut Layer, field: &'static Field) {
        let bytes = l.all();
        l.built(field, self.len, |text| self.write(bytes, |piece| text.extend_from_slice(piece)));
    }
}

/// Reads a name where the cursor stands, and passes it.
pub(super) fn read(l: &mut Layer, base: usize, field: &'static Field) -> Result<(), Stop> {
    let name = Name::read(l, base, l.offset())?;
    name.record(l, field);
    l.skip(name.len).map(drop)
}

/// The text of a name on the stack; what does not fit is left out.
pub(super) struct ShortText {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl ShortText {
    pub(super) fn of(name: &Name, bytes: &[u8]) -> ShortText {
        let mut text = ShortText { bytes: [0; MAX_LEN], len: 0 };
        name.write(bytes, |piece| {
            let free = text.bytes.iter_mut().skip(text.len);
            text.len += free.zip(piece).map(|(to, from)| *to = *from).count();
        });
        text
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// A part of a name.
enum Label<'a> {
    Text(&'a [u8]),
    /// So many bits.
    Bits(&'a [u8], usize),
}

/// Goes through the labels of a name. `wire_len` is how many bytes the layer had on the wire, where `bytes` are what was captured.
#[inline]
fn walk(bytes: &[u8], wire_len: usize, base: usize, at: usize, mut visit: impl FnMut(Label)) -> Result<Name, Stop> {
    let cut = |end: usize| if end <= wire_len { Stop::Short } else { Stop::Malformed };
    let take = |from: usize, len: usize| bytes.get(from..from + len).ok_or(cut(from + len));
    let byte = |at: usize| bytes.get(at).copied().ok_or(cut(at + 1));
    let (mut pos, mut behind_pointer) = (at, None);
    let (mut len, mut text_len, mut jumps, mut labels) = (1, 0, 0, 0);
    let special = loop {
        let head = byte(pos)?;
        pos += 1;
        match head {
            0 if len > MAX_LEN => break Some(TOO_LONG),
            0 => break (len == 1).then_some(ROOT),
            1..=0x3f => {
                let label = take(pos, head.into())?;
                pos += label.len();
                len += 1 + label.len();
                text_len += 1 + label.len();
                if len <= MAX_LEN {
                    visit(Label::Text(label));
                }
            }
            BIT_STRING => {
                let count = usize::from(byte(pos)?.wrapping_sub(1)) + 1;
                let bits = take(pos + 1, count.div_ceil(8))?;
                pos += 1 + bits.len();
                len += 2 + bits.len();
                text_len += 1 + bits_len(bits, count);
                if len <= MAX_LEN {
                    visit(Label::Bits(bits, count));
                }
            }
            // Nobody knows where it ends.
            0x40..=0x7f if len > 1 => break Some(UNKNOWN_LABEL),
            0x40..=0xbf => return Err(Stop::Malformed),
            0xc0.. => {
                let offset = usize::from(head & 0x3f) << 8 | usize::from(byte(pos)?);
                behind_pointer.get_or_insert(pos + 1);
                pos = base + offset;
                jumps += 1;
                if jumps == MAX_JUMPS {
                    break Some(LOOPS);
                }
                continue;
            }
        }
        labels += usize::from(behind_pointer.is_some());
        if labels == MAX_LABELS {
            break Some(TOO_LONG);
        }
    };
    // No dot stands before the first label.
    let text_len = special.map_or(text_len - 1, <[u8]>::len);
    Ok(Name { base, at, len: behind_pointer.unwrap_or(pos) - at, text_len, special })
}

/// Hands out a label of bits: `\[xaa/8]`.
fn write_bits(bits: &[u8], count: usize, mut add: impl FnMut(&[u8])) {
    add(b"\\[x");
    for byte in bits {
        add(&[byte >> 4, byte & 0xf].map(|digit| HEX[usize::from(digit)]));
    }
    add(b"/");
    for power in [100, 10, 1].into_iter().filter(|power| count >= *power) {
        add(&[HEX[count / power % 10]]);
    }
    add(b"]");
}

fn bits_len(bits: &[u8], count: usize) -> usize {
    let digits = [100, 10, 1].into_iter().filter(|power| count >= *power).count();
    5 + 2 * bits.len() + digits
}

/// The first byte of a label that is a string of bits.
const BIT_STRING: u8 = 0x41;
const HEX: &[u8; 16] = b"0123456789abcdef";
