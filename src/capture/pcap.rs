//! Reads pcap files: a file header, then records, each a header and the bytes of a frame.
//!
//! ```text
//! file header                                          record header
//!  0  magic      byte order, clock and record layout    0  seconds since 1970
//!  4  major      2                                      4  micro- or nanoseconds
//!  6  minor      4                                      8  captured length
//!  8  reserved   once a time zone and an accuracy      12  length on the wire
//! 16  snapshot length                                  16  8 more bytes in the modified layout
//! 20  FCS length (4 bits), flags, link type (16 bits)      then the frame
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
    magic: u32,
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
    // Of Ixia hardware: the total length of the records after the usual file header.
    (0x1c00_01ab, Precision::MICROS, 28, 16),
    (0x1c00_01ac, Precision::NANOS, 28, 16),
];

/// Tells which layout a file has that begins with `start`, if it is a pcap file.
pub(super) fn recognise(start: &[u8]) -> Option<Variant> {
    let magic = *start.first_chunk::<MAGIC_LEN>()?;
    VARIANTS.iter().find_map(|&(number, precision, header_len, record_len)| {
        let big_endian = magic == number.to_be_bytes();
        (big_endian || magic == number.to_le_bytes()).then_some(Variant {
            magic: number,
            precision,
            header_len,
            record_len,
            big_endian,
        })
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
