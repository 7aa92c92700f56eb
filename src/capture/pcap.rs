//! Reads pcap files: a file header, then records, each a header and the bytes of a frame.
//!
//! ```text
//! file header                                          record header
//!  0  magic      byte order, clock and record layout    0  seconds since 1970
//!  4  major      2                                      4  micro- or nanoseconds
//!  6  minor      4                                      8  captured length
//!  8  reserved   once a time zone and an accuracy      12  length on the wire
//! 16  snapshot length                                  16  8 more bytes in the modified layout
//! 20  FCS length (4 bits), 2 flags, 0, link type (16)      then the frame
//! ```
//!
//! Format: draft-ietf-opsawg-pcap. Where a file departs from it in ways that real writers did, it is read all the same: a
//! captured length above the snapshot length or above the length on the wire, fractions of a whole second and more, and
//! the two lengths swapped by writers before version 2.4.

use std::sync::Arc;

use super::block::{Format, Found, Parsed, Then};
use super::error::{Bound, Damage, Error, Part, Unusable};
use super::{FrameHead, Interface, Precision, Time};

/// How many bytes [`recognise`] looks at.
pub(super) const MAGIC_LEN: usize = 4;

/// What the magic number of a file says of its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variant {
    precision: Precision,
    /// Bytes of the file header.
    header_len: usize,
    /// Bytes of a record header.
    record_len: usize,
    big_endian: bool,
}

/// The known layouts; each comes in both byte orders.
const VARIANTS: &[(u32, Precision, usize, usize)] = &[
    (0xa1b2_c3d4, Precision::MICROS, 24, 16),
    (0xa1b2_3c4d, Precision::NANOS, 24, 16),
    // Of patched libpcaps on old Linux systems: interface index, protocol and packet type after the usual record header.
    (0xa1b2_cd34, Precision::MICROS, 24, 24),
    // Of Ixia testers: the total length of the records after the usual file header.
    (0x1c00_01ab, Precision::MICROS, 28, 16),
    (0x1c00_01ac, Precision::MICROS, 28, 16),
];

/// Tells which layout a file has that begins with `start`, if it is a pcap file.
pub(super) fn recognise(start: &[u8]) -> Option<Variant> {
    let magic = *start.first_chunk::<MAGIC_LEN>()?;
    VARIANTS.iter().find_map(|&(number, precision, header_len, record_len)| {
        let big_endian = magic == number.to_be_bytes();
        let known = big_endian || magic == number.to_le_bytes();
        known.then_some(Variant { precision, header_len, record_len, big_endian })
    })
}

impl Variant {
    pub fn header_len(self) -> usize {
        self.header_len
    }
}

/// Why a pcap file cannot be begun.
pub(super) enum Refused {
    Unusable(Unusable),
    Damaged(Damage),
}

impl Refused {
    pub fn named(self, name: &str) -> Error {
        match self {
            Refused::Unusable(reason) => Error::unusable(name, reason),
            Refused::Damaged(damage) => Error::damaged(name, damage),
        }
    }
}

/// The state of reading a pcap file.
#[derive(Debug)]
pub(super) struct Pcap {
    variant: Variant,
    lengths: Lengths,
    /// The most bytes a record can truly have.
    limit: u32,
    /// Frames found so far.
    frames: u64,
    interfaces: Arc<Vec<Interface>>,
}

/// In which order a record header says the captured length and the length on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    /// Captured length first.
    Usual,
    /// Files of version 2.3 come in both orders; the captured length is the smaller one.
    SmallerIsCaptured,
    /// Length on the wire first: before version 2.3, and in the odd version 543.0.
    Swapped,
}

impl Pcap {
    /// Reads the file header that `start` begins with, and returns what follows it in `start`.
    pub fn new(variant: Variant, start: &[u8]) -> Result<(Self, &[u8]), Refused> {
        let fields = start.split_at_checked(variant.header_len).zip(start.first_chunk::<24>());
        let Some(((_, rest), header)) = fields else {
            return Err(Refused::Damaged(Damage::CutShort {
                offset: 0,
                part: Part::FileHeader,
                needed: variant.header_len as u64,
                left: start.len() as u64,
            }));
        };
        let u32_at = |at: usize| variant.u32([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let u16_at = |at: usize| match variant.big_endian {
            true => u16::from_be_bytes([header[at], header[at + 1]]),
            false => u16::from_le_bytes([header[at], header[at + 1]]),
        };
        let lengths = match (u16_at(4), u16_at(6)) {
            (major @ 0..2, minor) => {
                return Err(Refused::Unusable(Unusable::Version { format: "pcap", major, minor }));
            }
            (2, 0..3) | (543, 0) => Lengths::Swapped,
            (2, 3) => Lengths::SmallerIsCaptured,
            _ => Lengths::Usual,
        };
        let network = u32_at(20);
        if network & 0x03ff_0000 != 0 {
            return Err(Refused::Unusable(Unusable::Link { network }));
        }
        let link = network as u16;
        let interface = Interface {
            link,
            // "FCS len": 4 bits, in 16-bit units, that mean something only if the bit after the next is set.
            fcs_len: (network & 0x0400_0000 != 0).then_some((network >> 28) as u8 * 2),
            snap_len: u32_at(16),
            precision: variant.precision,
            described: None,
        };
        let interfaces = Arc::new(vec![interface]);
        Ok((Pcap { variant, lengths, limit: longest_frame(link), frames: 0, interfaces }, rest))
    }
}

impl Format for Pcap {
    fn parse(&mut self, bytes: &[u8], offset: u64, found: &mut Found) -> Parsed {
        let mut used = 0;
        let then = loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let Some((header, _)) = rest.split_first_chunk::<16>() else {
                break Then::Needs(self.variant.record_len);
            };
            let word = |at: usize| self.variant.u32([header[at], header[at + 1], header[at + 2], header[at + 3]]);
            let (captured, wire_len) = self.lengths.order(word(8), word(12));
            if captured > self.limit {
                break Then::Broken(Damage::Length {
                    offset: offset + used as u64,
                    part: Part::Record { frame: self.frames + 1 },
                    says: captured.into(),
                    bound: Bound::AtMost(self.limit.into()),
                });
            }
            let begin = self.variant.record_len;
            let len = begin + captured as usize;
            if rest.len() < len {
                break Then::Needs(len);
            }
            self.frames += 1;
            found.heads.push(FrameHead {
                number: self.frames,
                time: Some(self.variant.time(word(0), word(4))),
                wire_len,
                offset: offset + used as u64,
                interface: 0,
                bytes: (used + begin) as u32..(used + len) as u32,
                options: 0..0,
            });
            used += len;
        };
        Parsed { used, then }
    }

    fn interfaces(&self) -> &Arc<Vec<Interface>> {
        &self.interfaces
    }

    fn cut(&self, rest: &[u8], offset: u64) -> Option<Damage> {
        let frame = self.frames + 1;
        let record_len = self.variant.record_len;
        let (part, needed) = match rest.split_first_chunk::<16>() {
            _ if rest.is_empty() => return None,
            Some((header, _)) if rest.len() >= record_len => {
                let word = |at: usize| self.variant.u32([header[at], header[at + 1], header[at + 2], header[at + 3]]);
                let (captured, _) = self.lengths.order(word(8), word(12));
                (Part::Record { frame }, captured as usize)
            }
            _ => return Some(cut(offset, Part::RecordHeader { frame }, record_len, rest.len())),
        };
        Some(cut(offset, part, needed, rest.len() - record_len))
    }
}

fn cut(offset: u64, part: Part, needed: usize, left: usize) -> Damage {
    Damage::CutShort { offset, part, needed: needed as u64, left: left as u64 }
}

impl Variant {
    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn time(self, seconds: u32, fraction: u32) -> Time {
        let (per_second, nanos) =
            if self.precision == Precision::NANOS { (1_000_000_000, 1) } else { (1_000_000, 1_000) };
        let (mut seconds, mut fraction) = (i64::from(seconds), fraction);
        // Only broken writers say a second or more here; it is carried over, so that no time has two spellings.
        if fraction >= per_second {
            seconds += i64::from(fraction / per_second);
            fraction %= per_second;
        }
        Time::from_nanos(seconds, fraction * nanos)
    }
}

impl Lengths {
    /// Returns the captured length and the length on the wire.
    fn order(self, first: u32, second: u32) -> (u32, u32) {
        match self {
            Lengths::Usual => (first, second),
            Lengths::SmallerIsCaptured => (first.min(second), first.max(second)),
            Lengths::Swapped => (second, first),
        }
    }
}

/// The most bytes a frame of this link type can truly have: a length above it is damage.
///
/// Network interfaces do not make larger ones; some buses, whose messages are recorded as frames, do.
pub(super) fn longest_frame(link: u16) -> u32 {
    const DBUS: u16 = 231;
    const USBPCAP: u16 = 249;
    const EBHSCR: u16 = 279;
    match link {
        DBUS | USBPCAP => 128 << 20,
        EBHSCR => 8 << 20,
        _ => 256 << 10,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seen, read};
    use super::*;

    /// The file header, little-endian: Ethernet, at most 65,535 bytes of a frame.
    fn header(magic: u32, version: (u16, u16), network: u32) -> Vec<u8> {
        let mut file = magic.to_le_bytes().to_vec();
        file.extend(version.0.to_le_bytes());
        file.extend(version.1.to_le_bytes());
        for word in [0, 0, 65_535, network] {
            file.extend(u32::to_le_bytes(word));
        }
        file
    }

    fn record(words: [u32; 4], bytes: &[u8]) -> Vec<u8> {
        let mut record: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        record.extend(bytes);
        record
    }

    fn file(records: &[Vec<u8>]) -> Vec<u8> {
        let mut file = header(0xa1b2_c3d4, (2, 4), 1);
        records.iter().for_each(|record| file.extend(record));
        file
    }

    #[test]
    fn both_byte_orders_and_both_clocks() {
        let big = |magic: u32| {
            let mut file = magic.to_be_bytes().to_vec();
            file.extend([0, 2, 0, 4]);
            for word in [0, 0, 96, 113, 7, 250_000, 3, 60] {
                file.extend(u32::to_be_bytes(word));
            }
            file.extend(b"abc");
            file
        };
        let little = |magic| [header(magic, (2, 4), 1), record([7, 250_000, 3, 60], b"abc")].concat();
        let cases = [
            ("little, micros", little(0xa1b2_c3d4), 250_000_000, 6, (1, 65_535)),
            ("little, nanos", little(0xa1b2_3c4d), 250_000, 9, (1, 65_535)),
            ("big, micros", big(0xa1b2_c3d4), 250_000_000, 6, (113, 96)),
            ("big, nanos", big(0xa1b2_3c4d), 250_000, 9, (113, 96)),
        ];
        for (name, file, nanos, digits, (link, snap_len)) in cases {
            let precision = Precision(digits);
            let expected = Seen {
                number: 1,
                time: Some(Time::from_nanos(7, nanos)),
                wire_len: 60,
                offset: 24,
                bytes: b"abc".to_vec(),
                options: Vec::new(),
                interface: Interface { link, fcs_len: None, snap_len, precision, described: None },
            };
            assert_eq!(read(&file), (vec![expected], None), "{name}");
        }
    }

    #[test]
    fn modified_records_have_8_bytes_more() {
        let mut file = header(0xa1b2_cd34, (2, 4), 1);
        for second in 1..=2 {
            file.extend(record([second, 0, 2, 2], &[1, 0, 0, 0, 0, 8, 0, 0, b'h', b'i']));
        }
        let (frames, error) = read(&file);
        assert_eq!(error, None);
        let seen: Vec<_> = frames.iter().map(|it| (it.offset, &it.bytes[..])).collect();
        assert_eq!(seen, [(24, &b"hi"[..]), (50, b"hi")]);
    }

    #[test]
    fn ixia_files_have_a_longer_header() {
        let file = [header(0x1c00_01ac, (2, 4), 1), vec![18, 0, 0, 0], record([1, 5, 2, 2], b"hi")].concat();
        let (frames, error) = read(&file);
        assert_eq!((frames[0].offset, frames[0].time, error), (28, Some(Time::from_nanos(1, 5_000)), None));
    }

    #[test]
    fn the_link_field_holds_the_fcs_length() {
        let cases = [
            ("none", 1, (1, None)),
            ("4 bytes, in units of 2", 0x2400_0001, (1, Some(4))),
            ("a length without its flag", 0x2000_0001, (1, None)),
            ("0 bytes", 0x0400_0069, (105, Some(0))),
        ];
        for (name, network, expected) in cases {
            let (frames, _) = read(&[header(0xa1b2_c3d4, (2, 4), network), record([0; 4], b"")].concat());
            assert_eq!((frames[0].interface.link, frames[0].interface.fcs_len), expected, "{name}");
        }
        let (_, error) = read(&header(0xa1b2_c3d4, (2, 4), 0x0001_0001));
        assert_eq!(error.unwrap(), "test: the link type 0x00010001 has bits that no known version of pcap uses");
    }

    #[test]
    fn odd_lengths_of_real_writers() {
        let cases = [
            ("longer than on the wire", (2, 4), [3, 2], (3, 2)),
            ("longer than the snapshot length", (2, 4), [65_536, 65_536], (65_536, 65_536)),
            ("nothing captured", (2, 4), [0, 100], (0, 100)),
            ("swapped before 2.3", (2, 2), [100, 3], (3, 100)),
            ("2.3, swapped", (2, 3), [100, 3], (3, 100)),
            ("2.3, not swapped", (2, 3), [3, 100], (3, 100)),
            ("543.0", (543, 0), [100, 3], (3, 100)),
        ];
        for (name, version, [first, second], (captured, wire_len)) in cases {
            let record = record([0, 0, first, second], &vec![7; captured]);
            let (frames, error) = read(&[header(0xa1b2_c3d4, version, 1), record].concat());
            assert_eq!(error, None, "{name}");
            assert_eq!((frames[0].bytes.len(), frames[0].wire_len), (captured, wire_len), "{name}");
        }
    }

    #[test]
    fn a_second_or_more_of_fraction_is_carried_over() {
        let (frames, _) = read(&file(&[record([7, 1_500_000, 0, 0], b""), record([u32::MAX, u32::MAX, 0, 0], b"")]));
        assert_eq!(frames[0].time, Some(Time::from_nanos(8, 500_000_000)));
        assert_eq!(frames[1].time, Some(Time::from_nanos(4_294_971_589, 967_295_000)));
    }

    #[test]
    fn a_file_without_frames_is_whole() {
        assert_eq!(read(&file(&[])), (Vec::new(), None));
    }

    #[test]
    fn damage_comes_after_the_frames_before_it() {
        let good = || record([0, 0, 4, 4], b"good");
        let cut = "cut short at byte 44: the record";
        let wrong = "damaged at byte 44: the record of frame 2 says";
        let cases = [
            ("cut in a frame", record([0, 0, 4, 4], b"go"), format!("{cut} of frame 2 says 4 bytes, 2 are left")),
            ("cut in a header", vec![0; 15], format!("{cut} header of frame 2 takes 16 bytes, 15 are left")),
            ("one byte left", vec![0; 1], format!("{cut} header of frame 2 takes 16 bytes, 1 is left")),
            ("absurd", record([0, 0, 262_145, 4], b""), format!("{wrong} 262145 bytes, the most is 262144")),
            ("largest", record([0, 0, u32::MAX, 4], b""), format!("{wrong} 4294967295 bytes, the most is 262144")),
            ("longest", record([0, 0, 262_144, 4], b""), format!("{cut} of frame 2 says 262144 bytes, 0 are left")),
        ];
        for (name, rest, expected) in cases {
            let (frames, error) = read(&file(&[good(), rest]));
            assert_eq!(frames.len(), 1, "{name}");
            assert_eq!(error.unwrap(), format!("test: {expected}"), "{name}");
        }
    }

    #[test]
    fn a_cut_file_header_is_damage() {
        let whole = file(&[]);
        for len in 4..24 {
            let (frames, error) = read(&whole[..len]);
            assert_eq!(frames, []);
            let expected = format!("test: cut short at byte 0: the file header takes 24 bytes, {len} are left");
            assert_eq!(error.unwrap(), expected);
        }
    }

    #[test]
    fn unknown_versions_are_refused() {
        let (_, error) = read(&header(0xa1b2_c3d4, (1, 9), 1));
        assert_eq!(error.unwrap(), "test: pcap version 1.9 is not understood");
    }

    #[test]
    fn messages_of_buses_may_be_long() {
        let mut file = header(0xa1b2_c3d4, (2, 4), 231);
        file.extend(record([0, 0, 1 << 20, 1 << 20], &vec![7; 1 << 20]));
        file.extend(record([1, 0, 2, 2], b"hi"));
        let (frames, error) = read(&file);
        assert_eq!(frames.iter().map(|it| it.bytes.len()).collect::<Vec<_>>(), [1 << 20, 2]);
        assert_eq!(error, None);
    }
}
