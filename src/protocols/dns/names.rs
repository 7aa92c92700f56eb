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
//! jumps, the work is bounded: reading ends where it comes to a place again, with the 256th jump, and with the 256th label behind the
//! first of them. Labels before that are bytes of the message that are passed.

use crate::dissect::{Field, Layer, Stop};

/// The most bytes that a name has, uncompressed and with its last zero: RFC 1035, section 2.3.4.
const MAX_LEN: usize = 255;
/// A name that jumps so often is taken for one that runs in circles.
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

    /// Adds its text to others.
    pub(super) fn build(&self, bytes: &[u8], text: &mut Vec<u8>) {
        let start = text.len();
        self.write(bytes, |piece| text.extend_from_slice(piece));
        if text.get(start..).is_some_and(|text| str::from_utf8(text).is_err()) {
            let raw = text.split_off(start);
            replace_invalid(&raw, text);
        }
    }

    /// Records it over its bytes at the cursor, which stays where it is.
    pub(super) fn record(&self, l: &mut Layer, field: &'static Field) {
        let bytes = l.all();
        l.built(field, self.len, |text| self.build(bytes, text));
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
    let (mut pos, mut behind_pointer, mut visited) = (at, None, None);
    let (mut len, mut text_len, mut jumps, mut labels) = (1, 0, 0usize, 0);
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
            0x40..=0x7f if len > 1 && behind_pointer.is_none() => break Some(UNKNOWN_LABEL),
            0x40..=0xbf => return Err(Stop::Malformed),
            0xc0.. => {
                let offset = usize::from(head & 0x3f) << 8 | usize::from(byte(pos)?);
                behind_pointer.get_or_insert(pos + 1);
                pos = base + offset;
                jumps += 1;
                if visited == Some(pos) || jumps == MAX_JUMPS {
                    break Some(LOOPS);
                }
                // One place is remembered at a time, each longer than the one before: sooner or later it is one of the circle.
                if jumps.is_power_of_two() {
                    visited = Some(pos);
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
    let text_len = special.map_or(text_len.saturating_sub(1), <[u8]>::len);
    Ok(Name { base, at, len: behind_pointer.unwrap_or(pos) - at, text_len, special })
}

/// Writes U+FFFD for what is no UTF-8: once for a first byte and as many of those behind it as it announces, as Wireshark does with
/// names only. Tunnels through DNS have such names.
fn replace_invalid(raw: &[u8], text: &mut Vec<u8>) {
    let mut announced = 0;
    for chunk in raw.utf8_chunks() {
        if !chunk.valid().is_empty() {
            announced = 0;
            text.extend_from_slice(chunk.valid().as_bytes());
        }
        match *chunk.invalid() {
            [] => {}
            [0x80..=0xbf] if announced > 0 => announced -= 1,
            [first, ref behind @ ..] => {
                let all = if matches!(first, 0xc0..=0xfd) { first.leading_ones() as usize - 1 } else { 0 };
                announced = all.saturating_sub(behind.len());
                text.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::super::testing::{message, query};

    /// What the Info column says of a question for this name, which begins at byte 12.
    fn asked(name: &[u8]) -> String {
        let body = [name, b"\0\x01\0\x01"].concat();
        let info = query(&message(0, [1, 0, 0, 0], &body)).dissect().info;
        info.strip_prefix("Standard query 0x1234").map(|info| info.trim_start().to_owned()).unwrap()
    }

    fn pointer(offset: usize) -> [u8; 2] {
        (0xc000 | offset as u16).to_be_bytes()
    }

    fn labels(lens: &[usize]) -> Vec<u8> {
        let mut name: Vec<u8> = lens.iter().flat_map(|&len| [&[len as u8][..], &vec![b'a'; len]].concat()).collect();
        name.push(0);
        name
    }

    /// As tshark 4.0 shows them, but for bit strings, whose names it cuts.
    #[test]
    fn names() {
        let cases: &[(&[u8], &str)] = &[
            (b"\0", "A <Root>"),
            (b"\x03www\x07Example\0", "A www.Example"),
            (b"\x03a.b\x01c\0", "A a.b.c"),
            (b"\x05a\\\"@ \0", "A a\\\"@ "),
            (b"\x04a\x01\n\x7f\0", r"A a\001\n\177"),
            (b"\x02\0b\0", r"A \000b"),
            ("\x05grün\0".as_bytes(), "A grün"),
            (b"\x03a\xff\xfe\0", "A a\u{fffd}\u{fffd}"),
            (b"\x03\xed\xbfd\0", "A \u{fffd}d"),
            (b"\x05\xf4\x90\x80\x80d\0", "A \u{fffd}d"),
            (b"\x04\x80\x80\xc3\xc3\0", "A \u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            (b"\x06\xf9\x80\x80\x80\x80\x80\0", "A \u{fffd}\u{fffd}"),
            (b"\x41\x08\xaa\x03foo\0", r"A \[xaa/8].foo"),
            (b"\x01a\x41\x0c\xab\xc0\0", r"A a.\[xabc0/12]"),
            (b"\x02ab\x42", "A <Unknown extended label>"),
            (b"\x42", "[Malformed Packet]"),
            (b"\x02ab\x80\0", "[Malformed Packet]"),
            (b"\x10abc", "[Malformed Packet]"),
        ];
        for (name, expected) in cases {
            assert_eq!(asked(name), *expected, "{name:x?}");
        }
        let dissected = query(&message(0, [1, 0, 0, 0], b"\x01a\x41\x0c\xab\xc0\0\0\x01\0\x01")).dissect();
        dissected.shows(&["[Name Length: 13]", "[Label Count: 2]"]);
    }

    #[test]
    fn names_of_255_bytes_and_more() {
        for (lens, fits) in
            [(&[63, 63, 63, 61][..], true), (&[63, 63, 63, 62], false), (&[1; 127], true), (&[1; 128], false)]
        {
            let shown = asked(&labels(lens));
            assert_eq!(shown == "A <Name too long>", !fits, "{lens:?}");
            assert!(!fits || shown.len() == "A ".len() + 253, "{lens:?}");
        }
    }

    #[test]
    fn pointers() {
        let chain = |count: usize| -> Vec<u8> {
            let chain = (0..count).flat_map(|place| pointer(14 + 2 * place));
            chain.chain(*b"\x02zz\0").collect()
        };
        let cases: &[(&str, Vec<u8>, &str)] = &[
            ("itself", pointer(12).into(), "A <Name contains a pointer that loops>"),
            (
                "itself with labels",
                [b"\x01a\x01b\x01c", &pointer(12)[..]].concat(),
                "A <Name contains a pointer that loops>",
            ),
            (
                "back into itself",
                [b"\x02ab\x02cd", &pointer(15)[..]].concat(),
                "A <Name contains a pointer that loops>",
            ),
            (
                "each other",
                [&pointer(14)[..], &pointer(12)].concat(),
                "Unknown (49164) <Name contains a pointer that loops>",
            ),
            ("the header", pointer(2).into(), "A <Root>"),
            ("forward", [&pointer(18)[..], b"\0\x01\0\x01\x03fwd"].concat(), "A fwd"),
            ("behind the end", pointer(200).into(), "[Malformed Packet]"),
            ("the end", pointer(18).into(), "[Malformed Packet]"),
            ("as far as can be", pointer(0x3fff).into(), "[Malformed Packet]"),
            ("255 times", chain(255), "Unknown (49168) zz"),
            ("256 times", chain(256), "Unknown (49168) <Name contains a pointer that loops>"),
        ];
        for (what, name, expected) in cases {
            assert_eq!(asked(name), *expected, "{what}");
        }
    }

    /// Every record's name is as much work as a name can be, in as many records as fit.
    #[test]
    fn long_ways_end() {
        let begin = 12 + 11;
        let mut way: Vec<u8> = (0..250).flat_map(|place| pointer(begin + 2 + 2 * place)).collect();
        way.extend(labels(&[1; 126]));
        let mut body = [b"\0\0\x0a\0\x01\0\0\0\0" as &[u8], &(way.len() as u16).to_be_bytes(), &way].concat();
        let record = [&pointer(begin)[..], b"\0\x01\0\x01\0\0\0\0\0\0"].concat();
        let count = (65_000 - body.len()) / record.len();
        body.extend(record.repeat(count));
        let start = std::time::Instant::now();
        let dissected = query(&message(0, [0, 1 + count as u16, 0, 0], &body)).dissect();
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
        assert_eq!(dissected.tree.matches("Name [truncated]: a.a.a.a.").count(), count);
    }
}
