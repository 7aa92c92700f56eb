//! A growing buffer of output bytes with the formatting that packets need, without `std::fmt` where it shows.

use std::fmt;
use std::net::Ipv6Addr;

/// Bytes of output under construction; cleared and used again, so that writing does not allocate.
#[derive(Default, Debug, Clone)]
pub struct Text {
    bytes: Vec<u8>,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The two hexadecimal digits of each byte.
static HEX_PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [HEX[byte >> 4], HEX[byte & 0xf]];
        byte += 1;
    }
    pairs
};

impl Text {
    pub fn new() -> Self {
        Text::default()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text as a string; what is not UTF-8 is replaced.
    pub fn to_string_lossy(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Makes room for `count` bytes more.
    pub fn reserve(&mut self, count: usize) {
        self.bytes.reserve(count);
    }

    pub fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Inserts `text` before the byte `at`.
    pub fn insert_str(&mut self, at: usize, text: &str) {
        self.bytes.splice(at..at, text.bytes());
    }

    /// Moves the last `count` bytes before the rest of what stands from `start` on.
    pub fn rotate_right(&mut self, start: usize, count: usize) {
        self.bytes[start..].rotate_right(count);
    }

    #[inline]
    pub fn str(&mut self, text: &str) -> &mut Self {
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    #[inline]
    pub fn byte(&mut self, byte: u8) -> &mut Self {
        self.bytes.push(byte);
        self
    }

    /// Appends `count` times `byte`.
    #[inline]
    pub fn fill(&mut self, byte: u8, count: usize) -> &mut Self {
        const FEW: usize = 32;
        if count > FEW {
            self.bytes.resize(self.bytes.len() + count, byte);
        } else {
            // More are written than are wanted: that is cheaper than to count.
            self.bytes.extend_from_slice(&[byte; FEW]);
            self.bytes.truncate(self.bytes.len() + count - FEW);
        }
        self
    }

    /// Appends a decimal number.
    pub fn dec(&mut self, value: impl Into<u64>) -> &mut Self {
        let value = value.into();
        if value < EIGHT_DIGITS { self.dec_short(value, 1) } else { self.dec_long(value, 1) }
    }

    /// Appends a number of eight digits at most, with zeros before it up to `width`. How many there are is not asked: to guess it wrong
    /// costs more than to write them all.
    #[inline]
    fn dec_short(&mut self, value: u64, width: usize) -> &mut Self {
        let digits = eight_digits(value as u32);
        let zeros = (digits.trailing_zeros() as usize / 8).min(7).min(8 - width);
        self.bytes.extend_from_slice(&((digits | ASCII_ZEROS) >> (8 * zeros)).to_le_bytes());
        self.bytes.truncate(self.bytes.len() - zeros);
        self
    }

    /// The same of a longer number, or to a greater width.
    #[inline(never)]
    fn dec_long(&mut self, value: u64, width: usize) -> &mut Self {
        self.dec_padded(value / EIGHT_DIGITS, width.saturating_sub(8)).dec_short(value % EIGHT_DIGITS, 8)
    }

    /// Appends a decimal number with spaces before it up to `width` characters.
    pub fn dec_right(&mut self, value: u64, width: usize) -> &mut Self {
        if width > 8 || value >= EIGHT_DIGITS {
            let digits = value.checked_ilog10().map_or(1, |log| log as usize + 1);
            return self.fill(b' ', width.saturating_sub(digits)).dec(value);
        }
        let digits = eight_digits(value as u32);
        let zeros = (digits.trailing_zeros() as usize / 8).min(7);
        // A zero and a space differ in one bit.
        let other_bits = u64::from_ne_bytes([b'0' ^ b' '; 8]) & !(u64::MAX << (8 * zeros));
        let written = (digits | ASCII_ZEROS) ^ other_bits;
        let left_out = zeros.min(8 - width);
        self.bytes.extend_from_slice(&(written >> (8 * left_out)).to_le_bytes());
        self.bytes.truncate(self.bytes.len() - left_out);
        self
    }

    /// Appends a signed decimal number.
    pub fn signed(&mut self, value: i64) -> &mut Self {
        if value < 0 {
            self.byte(b'-');
        }
        self.dec(value.unsigned_abs())
    }

    /// Appends a decimal number with leading zeros up to `width` digits.
    pub fn dec_padded(&mut self, value: u64, width: usize) -> &mut Self {
        let is_short = width <= 8 && value < EIGHT_DIGITS;
        if is_short { self.dec_short(value, width) } else { self.dec_long(value, width) }
    }

    /// Appends `0x` and at least `width` lower-case hexadecimal digits.
    pub fn hex(&mut self, value: u64, width: usize) -> &mut Self {
        self.str("0x").hex_digits(value, width)
    }

    /// Appends at least `width` lower-case hexadecimal digits.
    pub fn hex_digits(&mut self, value: u64, width: usize) -> &mut Self {
        let digits = value.to_be_bytes().map(hex_pair);
        let [.., a, b, c, d] = digits;
        match width {
            2 if value <= 0xff => self.raw(&d),
            4 if value <= 0xffff => self.raw([c, d].as_flattened()),
            8 if value <= 0xffff_ffff => self.raw([a, b, c, d].as_flattened()),
            _ => {
                let needed = (64 - value.leading_zeros() as usize).div_ceil(4).max(width).max(1);
                self.fill(b'0', needed.saturating_sub(16)).raw(&digits.as_flattened()[16 - needed.min(16)..])
            }
        }
    }

    /// Appends bytes as pairs of hexadecimal digits, with `separator` between the pairs where there is one.
    pub fn hex_bytes(&mut self, bytes: &[u8], separator: Option<u8>) -> &mut Self {
        match separator {
            None => self.hex_parts::<2>(bytes, b' '),
            Some(separator) => {
                self.hex_parts::<3>(bytes, separator);
                if !bytes.is_empty() {
                    self.bytes.pop();
                }
                self
            }
        }
    }

    /// Appends pairs of hexadecimal digits, each in `N` bytes.
    #[inline]
    fn hex_parts<const N: usize>(&mut self, bytes: &[u8], filler: u8) -> &mut Self {
        const BLOCK: usize = 16;
        // Whole blocks are of known length: they are appended without looking at each digit.
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut written = [[filler; N]; BLOCK];
        for block in blocks {
            for (part, &byte) in written.iter_mut().zip(block) {
                part[..2].copy_from_slice(&hex_pair(byte));
            }
            self.raw(written.as_flattened());
        }
        for (part, &byte) in written.iter_mut().zip(rest) {
            part[..2].copy_from_slice(&hex_pair(byte));
        }
        self.raw(&written.as_flattened()[..N * rest.len()])
    }

    /// Appends an IPv4 address in dotted decimal.
    pub fn ipv4(&mut self, address: u32) -> &mut Self {
        // Four bytes are written for each octet; what is too much of them is overwritten by the next.
        let mut written = [0; 16];
        let mut len = 0;
        for octet in address.to_be_bytes() {
            let (digits, count) = &OCTETS[usize::from(octet)];
            written[len..len + 4].copy_from_slice(digits);
            len += usize::from(*count);
        }
        self.bytes.extend_from_slice(&written);
        self.bytes.truncate(self.bytes.len() + len - 1 - written.len());
        self
    }

    /// Appends an IPv6 address as RFC 5952 recommends.
    pub fn ipv6(&mut self, address: [u8; 16]) -> &mut Self {
        let groups: [u16; 8] = Ipv6Addr::from(address).segments();
        // Addresses that embed an IPv4 address end in dotted decimal (RFC 5952, section 5).
        let embeds = match groups {
            [0, 0, 0, 0, 0, 0xffff, _, _] => true,
            [0, 0, 0, 0, 0, 0, high, _] => high != 0,
            _ => false,
        };
        let shown = if embeds { 6 } else { 8 };
        let longest = longest_zeros(&groups, shown);
        // Eight groups of four digits with a colon behind each, and one more.
        let mut written = [0; 44];
        let mut len = 0;
        for (place, group) in groups.into_iter().enumerate().take(shown) {
            if longest.contains(&place) {
                // Two colons stand for them all, of which one may stand there already.
                if place == longest.start {
                    let colons = if place == 0 { 2 } else { 1 };
                    written[len..len + 2].copy_from_slice(b"::");
                    len += colons;
                }
                continue;
            }
            let [high, low] = group.to_be_bytes();
            let ([a, b], [c, d]) = (HEX_PAIRS[usize::from(high)], HEX_PAIRS[usize::from(low)]);
            let zeros = (group.leading_zeros() / 4).min(3);
            // Five bytes are written without the zeros; what is too much of them is overwritten.
            let digits =
                u64::from_be_bytes([0, 0, 0, 0, a, b, c, d]) << 32 << (8 * zeros) | u64::from(b':') << (8 * zeros + 24);
            written[len..len + 5].copy_from_slice(&digits.to_be_bytes()[..5]);
            len += 5 - zeros as usize;
        }
        // The last group has no colon behind it.
        let ends_in_group = !embeds && longest.end != shown;
        self.raw(&written[..len - usize::from(ends_in_group)]);
        if embeds {
            self.ipv4(u32::from(groups[6]) << 16 | u32::from(groups[7]));
        }
        self
    }

    /// Writes the bytes of a GUID in their five groups.
    pub fn guid(&mut self, bytes: &[u8]) -> &mut Self {
        for (place, &byte) in bytes.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                self.byte(b'-');
            }
            self.hex_digits(byte.into(), 2);
        }
        self
    }

    /// Writes an object identifier from its BER contents (X.690, 8.19).
    pub fn oid(&mut self, bytes: &[u8]) -> &mut Self {
        let mut arc: u64 = 0;
        let mut first = true;
        for &byte in bytes {
            arc = arc << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 != 0 {
                continue;
            }
            if first {
                let root = (arc / 40).min(2);
                self.dec(root).byte(b'.').dec(arc - 40 * root);
                first = false;
            } else {
                self.byte(b'.').dec(arc);
            }
            arc = 0;
        }
        self
    }

    /// Writes a number with a fraction as C's `%.*g` does.
    pub fn significant(&mut self, number: f64, digits: usize) -> &mut Self {
        use std::fmt::Write;
        if !number.is_finite() {
            let word = if number.is_nan() { "nan" } else { "inf" };
            return self.str(if number.is_sign_negative() { "-" } else { "" }).str(word);
        }
        let start = self.len();
        // Writing to a `Text` cannot fail. The scientific form tells the exponent after rounding.
        _ = write!(self, "{number:.*e}", digits - 1);
        let written = &self.as_bytes()[start..];
        let split = written.iter().rposition(|&byte| byte == b'e').unwrap_or(written.len());
        let exponent: i32 = str::from_utf8(&written[split..]).ok().and_then(|e| e.get(1..)?.parse().ok()).unwrap_or(0);
        if (-4..digits as i32).contains(&exponent) {
            self.truncate(start);
            _ = write!(self, "{number:.*}", (digits as i32 - 1 - exponent) as usize);
            self.drop_zeros(start);
        } else {
            self.truncate(start + split);
            self.drop_zeros(start);
            self.str(if exponent < 0 { "e-" } else { "e+" }).dec_padded(exponent.unsigned_abs().into(), 2);
        }
        self
    }

    /// Cuts zeros off the end of the fraction that begins somewhere after `start`.
    fn drop_zeros(&mut self, start: usize) {
        let written = &self.as_bytes()[start..];
        if written.contains(&b'.') {
            let kept = written.iter().rposition(|&byte| byte != b'0').map_or(0, |last| last + 1);
            let kept = if written.get(kept.wrapping_sub(1)) == Some(&b'.') { kept - 1 } else { kept };
            self.truncate(start + kept);
        }
    }

    /// Appends bytes of a packet as readable text: valid UTF-8 stays, control characters become escapes, so that no
    /// terminal sequence from the wire reaches a terminal. What is not UTF-8 becomes U+FFFD.
    pub fn wire(&mut self, bytes: &[u8]) -> &mut Self {
        let mut rest = bytes;
        loop {
            let plain = prefix_len(rest, |byte| matches!(byte, 0x20..0x7f));
            self.raw(&rest[..plain]);
            rest = &rest[plain..];
            let Some(&first) = rest.first() else { return self };
            if first < 0x80 {
                self.printable(first.into());
                rest = &rest[1..];
                continue;
            }
            // ASCII is no part of a longer character: what stands before it can be decoded by itself.
            let len = rest.iter().position(|byte| *byte < 0x80).unwrap_or(rest.len());
            for chunk in rest[..len].utf8_chunks() {
                for character in chunk.valid().chars() {
                    self.printable(character);
                }
                if !chunk.invalid().is_empty() {
                    self.str("\u{fffd}");
                }
            }
            rest = &rest[len..];
        }
    }

    /// Appends one character of a packet, escaped where a terminal would obey it or it would not be seen.
    pub fn printable(&mut self, character: char) -> &mut Self {
        match character {
            '\x07' => self.str("\\a"),
            '\x08' => self.str("\\b"),
            '\x0c' => self.str("\\f"),
            '\n' => self.str("\\n"),
            '\r' => self.str("\\r"),
            '\t' => self.str("\\t"),
            '\x0b' => self.str("\\v"),
            '\0'..='\x1f' | '\x7f' => {
                let code = character as u32 as u8;
                self.raw(&[b'\\', b'0' + (code >> 6), b'0' + (code >> 3 & 7), b'0' + (code & 7)])
            }
            _ if is_invisible(character) => {
                let code = character as u32;
                let (prefix, width) = if code > 0xffff { ("\\U", 8) } else { ("\\u", 4) };
                self.str(prefix);
                for place in (0..width).rev() {
                    self.byte(b"0123456789ABCDEF"[(code >> (4 * place) & 0xf) as usize]);
                }
                self
            }
            _ => {
                let mut utf8 = [0; 4];
                let text = character.encode_utf8(&mut utf8);
                self.str(text)
            }
        }
    }
}

/// Whether a character is a control or a format character of Unicode (Cc, Cf): C1 controls begin terminal sequences,
/// bidirectional controls reorder what surrounds them, the others are not seen at all.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
        | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}'
        | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.str(text);
        Ok(())
    }
}

/// How many bytes at the beginning are all as `is` says.
#[inline]
pub fn prefix_len(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    // Of a block all bytes are looked at, without a branch between them: that is done at once.
    let (blocks, _) = bytes.as_chunks::<16>();
    let is_whole = |block: &&[u8; 16]| block.iter().fold(0, |others, &byte| others | u8::from(!is(byte))) == 0;
    let whole = blocks.iter().take_while(is_whole).count();
    let (start, rest) = (16 * whole, &bytes[16 * whole..]);
    start + rest.iter().position(|&byte| !is(byte)).unwrap_or(rest.len())
}

/// Two lower-case hexadecimal digits.
#[inline]
pub const fn hex_pair(byte: u8) -> [u8; 2] {
    HEX_PAIRS[byte as usize]
}

/// The longest run of two or more groups that are zero among the first `shown`, the first of those that are equally long.
fn longest_zeros(groups: &[u16; 8], shown: usize) -> std::ops::Range<usize> {
    // A bit for each group that is zero; then for each at which a run of one more begins.
    let zeros = groups.iter().take(shown).rev().fold(0u32, |bits, &group| bits << 1 | u32::from(group == 0));
    let (mut runs, mut len) = (zeros, 1);
    while runs & runs >> 1 != 0 {
        // A run of one more begins where both it and the one behind it go on.
        runs &= runs >> 1;
        len += 1;
    }
    let start = runs.trailing_zeros() as usize;
    if len > 1 { start..start + len } else { 0..0 }
}

/// Each octet in decimal with a dot behind it, and how long that is.
static OCTETS: [([u8; 4], u8); 256] = {
    let mut octets = [([0; 4], 0); 256];
    let mut octet = 0;
    while octet < 256 {
        let [_, _, _, _, _, hundreds, tens, ones] = (eight_digits(octet as u32) | ASCII_ZEROS).to_le_bytes();
        octets[octet] = match octet {
            0..10 => ([ones, b'.', 0, 0], 2),
            10..100 => ([tens, ones, b'.', 0], 3),
            _ => ([hundreds, tens, ones, b'.'], 4),
        };
        octet += 1;
    }
    octets
};

/// What is less has eight digits at most.
const EIGHT_DIGITS: u64 = 100_000_000;
/// Eight times the character `0`.
const ASCII_ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);

/// The eight digits of a number below [`EIGHT_DIGITS`], the first in the lowest byte. Halves are split side by side: of four digits
/// each, of two, of one.
const fn eight_digits(value: u32) -> u64 {
    let fours = (value / 10_000) as u64 | ((value % 10_000) as u64) << 32;
    // 10486 / 2^20 is 1/100 closely enough for four digits, and 103 / 2^10 is 1/10 for two.
    let hundreds = (fours * 10_486) >> 20 & 0x7f_0000_007f;
    let twos = hundreds | (fours - 100 * hundreds) << 16;
    let tens = (twos * 103) >> 10 & 0x000f_000f_000f_000f;
    tens | (twos - 10 * tens) << 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Text)) -> String {
        let mut text = Text::new();
        write(&mut text);
        text.to_string_lossy()
    }

    #[test]
    fn digits_in_hexadecimal() {
        for (value, width, shown) in [
            (0, 0, "0"),
            (0xa, 2, "0a"),
            (0x1bc, 2, "1bc"),
            (0x12, 4, "0012"),
            (0xf_0000, 4, "f0000"),
            (0xab_cdef, 8, "00abcdef"),
            (0x1_0000_0000, 8, "100000000"),
            (0x7b, 3, "07b"),
            (u64::MAX, 16, "ffffffffffffffff"),
            (0xe, 18, "00000000000000000e"),
        ] {
            assert_eq!(written(|t| _ = t.hex_digits(value, width)), shown, "{value:#x} in {width} digits");
        }
    }

    #[test]
    fn bytes_in_hexadecimal() {
        let bytes: Vec<u8> = (0xf0..=0xff).chain(0..=0xff).collect();
        for len in [0, 1, 15, 16, 17, 32, 33, bytes.len()] {
            let pairs: Vec<String> = bytes[..len].iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(written(|t| _ = t.hex_bytes(&bytes[..len], None)), pairs.concat());
            assert_eq!(written(|t| _ = t.hex_bytes(&bytes[..len], Some(b':'))), pairs.join(":"));
        }
    }

    #[test]
    fn text_of_any_length_is_looked_through_to_its_end() {
        let plain = "0123456789abcdef".repeat(3);
        for place in 0..plain.len() {
            let (start, end) = plain.split_at(place);
            for (odd, shown) in [("\r", "\\r"), ("\u{9b}", "\\u009B"), ("ä粘", "ä粘"), ("\x7f\u{9b}", "\\177\\u009B")]
            {
                let wire = [start, odd, end].concat();
                assert_eq!(written(|t| _ = t.wire(wire.as_bytes())), [start, shown, end].concat());
            }
            let broken = [start.as_bytes(), b"\xe7\xb2", end.as_bytes()].concat();
            assert_eq!(written(|t| _ = t.wire(&broken)), [start, "\u{fffd}", end].concat());
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(
            written(|t| _ = t.dec(0u32).str(" ").dec(99u32).str(" ").dec(100u32).str(" ").dec(u64::MAX)),
            "0 99 100 18446744073709551615"
        );
        assert_eq!(written(|t| _ = t.signed(i64::MIN)), "-9223372036854775808");
        for value in (0..20)
            .flat_map(|power| [0, 1, 3, 9].map(|more| 10u64.pow(power).wrapping_mul(more) + more))
            .chain(0..20_000)
        {
            assert_eq!(written(|t| _ = t.dec(value)), value.to_string());
            for width in [0, 1, 6, 8, 9, 12] {
                assert_eq!(written(|t| _ = t.dec_right(value, width)), format!("{value:width$}"));
                assert_eq!(written(|t| _ = t.dec_padded(value, width)), format!("{value:0width$}"));
            }
        }
        assert_eq!(
            written(|t| _ = t.hex(0x2a, 4).str(" ").hex(0x12345, 4).str(" ").hex_digits(0, 1)),
            "0x002a 0x12345 0"
        );
        assert_eq!(written(|t| _ = t.hex_bytes(&[0, 255, 16], Some(b':'))), "00:ff:10");
    }

    #[test]
    fn addresses() {
        assert_eq!(written(|t| _ = t.ipv4(0xc0a8_6407)), "192.168.100.7");
        for address in [
            "::",
            "::1",
            "2001:db8::1:0:0:1",
            "fe80::1",
            "1:2:3:4:5:6:7:8",
            "::ffff:192.0.2.1",
            "2001:db8:0:1::",
            "1:0:3:4:5:6:7:8",
            "64:ff9b::c000:201",
        ] {
            let parsed: Ipv6Addr = address.parse().unwrap();
            assert_eq!(written(|t| _ = t.ipv6(parsed.octets())), address);
        }
    }

    /// Every choice of groups that are zero, with others of every length.
    #[test]
    fn zeros_of_an_address() {
        for zeros in 0..=255u32 {
            for (step, bits) in [(1, 16), (5, 12), (7, 8), (3, 4)] {
                let group = |place: u32| match zeros >> place & 1 {
                    0 => (0xfedcu32.wrapping_mul(step * (place + 1)) as u16 | 1) >> (16 - bits),
                    _ => 0,
                };
                let groups = [0, 1, 2, 3, 4, 5, 6, 7].map(group);
                let address = Ipv6Addr::from(groups);
                // The standard library has its own opinion of `::a.b.c.d`.
                if groups[..6] != [0; 6] {
                    assert_eq!(written(|t| _ = t.ipv6(address.octets())), address.to_string());
                }
            }
        }
    }

    #[test]
    fn no_control_reaches_the_terminal() {
        assert_eq!(written(|t| _ = t.wire(b"GET /\r\n\x1b[31m\x7f\\")), r"GET /\r\n\033[31m\177\");
        assert_eq!(written(|t| _ = t.wire("粘包 \u{9b}31m \u{202e}".as_bytes())), r"粘包 \u009B31m \u202E");
        assert_eq!(written(|t| _ = t.wire("\u{e0041}\u{feff}".as_bytes())), r"\U000E0041\uFEFF");
        assert_eq!(written(|t| _ = t.wire(b"a\xffb\xe2\x82")), "a\u{fffd}b\u{fffd}");
    }
}
