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
//! A name is read into an array on the stack. However it jumps, the work is bounded: reading ends with the 256th jump and with the
//! 256th label behind the first of them. Labels before that are bytes of the message that are passed.

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
pub(super) struct Name {
    text: [u8; MAX_LEN],
    text_len: usize,
    /// How many bytes stand at its place: up to its end, or up to the end of its first pointer.
    pub(super) len: usize,
}

impl Name {
    /// Reads the name that begins `at` bytes behind the beginning of the layer; the offsets of pointers count from `base` bytes
    /// behind it. The text is made only where it is recorded.
    pub(super) fn read(l: &Layer, base: usize, at: usize) -> Result<Name, Stop> {
        let bytes = l.all();
        let cut = |end: usize| if end <= l.wire_len() { Stop::Short } else { Stop::Malformed };
        let take = |from: usize, len: usize| bytes.get(from..from + len).ok_or(cut(from + len));
        let byte = |at: usize| bytes.get(at).copied().ok_or(cut(at + 1));
        let mut name = Name { text: [0; MAX_LEN], text_len: 0, len: 0 };
        let is_recorded = l.is_recorded();
        let (mut pos, mut behind_pointer) = (at, None);
        let (mut len, mut jumps, mut labels) = (1, 0, 0);
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
                    if is_recorded && len <= MAX_LEN {
                        name.push(label);
                    }
                }
                BIT_STRING => {
                    let count = usize::from(byte(pos)?.wrapping_sub(1)) + 1;
                    let bits = take(pos + 1, count.div_ceil(8))?;
                    pos += 1 + bits.len();
                    len += 2 + bits.len();
                    if is_recorded && len <= MAX_LEN {
                        name.push_bits(bits, count);
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
        if let Some(words) = special {
            name.text_len = 0;
            name.push(words);
        }
        name.len = behind_pointer.unwrap_or(pos) - at;
        Ok(name)
    }

    /// Adds a label; what does not fit is left out.
    fn push(&mut self, label: &[u8]) {
        if self.text_len > 0 {
            self.add(b".");
        }
        self.add(label);
    }

    /// Adds a label of bits, `\[x…/8]`.
    fn push_bits(&mut self, bits: &[u8], count: usize) {
        self.push(b"\\[x");
        for byte in bits {
            self.add(&[byte >> 4, byte & 0xf].map(|digit| HEX[usize::from(digit)]));
        }
        self.add(b"/");
        for power in [100, 10, 1].into_iter().filter(|power| count >= *power) {
            self.add(&[HEX[count / power % 10]]);
        }
        self.add(b"]");
    }

    fn add(&mut self, bytes: &[u8]) {
        let free = self.text.get_mut(self.text_len..).unwrap_or_default();
        for (to, from) in free.iter_mut().zip(bytes) {
            *to = *from;
            self.text_len += 1;
        }
    }

    /// The labels with dots between them, as they are; or what is wrong with the name, in angle brackets.
    pub(super) fn text(&self) -> &[u8] {
        &self.text[..self.text_len]
    }
}

/// Reads a name where the cursor stands.
pub(super) fn read(l: &mut Layer, base: usize, field: &'static Field) -> Result<Name, Stop> {
    let name = Name::read(l, base, l.offset())?;
    l.detached(field, name.text(), name.len);
    l.skip(name.len)?;
    Ok(name)
}

/// The first byte of a label that is a string of bits.
const BIT_STRING: u8 = 0x41;
const HEX: &[u8; 16] = b"0123456789abcdef";
