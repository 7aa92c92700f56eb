//! The Enhanced Packet Block: a frame with its time, its interface, and what else is known of it.
//!
//! ```text
//! block   8  interface, by its number in the section
//!        12  ticks of its clock, more significant half first
//!        20  captured length
//!        24  length on the wire
//!        28  the frame, padded to 32 bits, then options
//! ```

use std::borrow::Cow;

use super::super::block::Then;
use super::{Options, Order, Packet};

pub(in super::super) const TYPE: u32 = 6;

#[inline]
pub(super) fn read(block: &[u8], order: Order) -> Result<Packet, Then> {
    let Some(it) = block.first_chunk::<28>() else {
        return Err(Then::Needs(28));
    };
    Ok(Packet {
        interface: order.u32([it[8], it[9], it[10], it[11]]),
        ticks: Some(order.ticks([it[12], it[13], it[14], it[15]], [it[16], it[17], it[18], it[19]])),
        captured: order.u32([it[20], it[21], it[22], it[23]]),
        wire_len: order.u32([it[24], it[25], it[26], it[27]]),
        data: 28,
        options: true,
    })
}

/// What a capture says of a frame besides its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Annotation<'a> {
    Comment(Cow<'a, str>),
    Flags(PacketFlags),
    /// A hash of the frame; the algorithm is 0 two's complement, 1 XOR, 2 CRC-32, 3 MD5, 4 SHA-1, 5 Toeplitz.
    Hash {
        algorithm: u8,
        value: &'a [u8],
    },
    /// How many frames were lost since the one before it of the same interface.
    DropCount(u64),
    /// The same for all records of one packet at several interfaces.
    PacketId(u64),
    /// The queue of the interface that it came by.
    Queue(u32),
    /// What a filter decided; the kind is 0 hardware, 1 eBPF TC, 2 eBPF XDP.
    Verdict {
        kind: u8,
        value: &'a [u8],
    },
    /// An option of whom the Private Enterprise Number names; text, or bytes.
    Custom {
        enterprise: u32,
        is_text: bool,
        value: &'a [u8],
    },
    Other {
        code: u16,
        value: &'a [u8],
    },
    /// An option whose length does not fit; nothing follows it if it goes beyond the block.
    Malformed {
        code: u16,
        value: &'a [u8],
    },
}

/// Reads the options of a packet block as they are asked for.
pub(in super::super) fn annotations(options: &[u8], big_endian: bool) -> impl Iterator<Item = Annotation<'_>> {
    Options::new(options, big_endian).map(move |option| {
        let (code, value) = (option.code, option.value);
        let order = Order { big_endian };
        let known = match code {
            _ if !option.is_whole => None,
            1 => Some(Annotation::Comment(option.text())),
            2 => value.try_into().ok().map(|it| Annotation::Flags(PacketFlags(order.u32(it)))),
            3 => value.split_first().map(|(&algorithm, value)| Annotation::Hash { algorithm, value }),
            4 => value.try_into().ok().map(|it| Annotation::DropCount(order.u64(it))),
            5 => value.try_into().ok().map(|it| Annotation::PacketId(order.u64(it))),
            6 => value.try_into().ok().map(|it| Annotation::Queue(order.u32(it))),
            7 => value.split_first().map(|(&kind, value)| Annotation::Verdict { kind, value }),
            2988 | 2989 | 19372 | 19373 => value.split_first_chunk().map(|(&enterprise, value)| Annotation::Custom {
                enterprise: order.u32(enterprise),
                is_text: matches!(code, 2988 | 19372),
                value,
            }),
            _ => Some(Annotation::Other { code, value }),
        };
        known.unwrap_or(Annotation::Malformed { code, value })
    })
}

/// The flags of a packet block, as one word of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketFlags(pub u32);

/// Which way a frame went, seen from the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Inbound,
    Outbound,
}

impl PacketFlags {
    /// Which way the frame went, if the capture says so.
    pub fn direction(self) -> Option<Direction> {
        match self.0 & 3 {
            1 => Some(Direction::Inbound),
            2 => Some(Direction::Outbound),
            _ => None,
        }
    }

    /// To whom it was sent: 1 unicast, 2 multicast, 3 broadcast, 4 promiscuous; 0 is not said.
    pub fn reception(self) -> u8 {
        (self.0 >> 2 & 7) as u8
    }

    /// Bytes of frame check sequence at its end; 0 is not said.
    pub fn fcs_len(self) -> u8 {
        (self.0 >> 5 & 15) as u8
    }

    /// Errors of the link layer, a bit for each kind.
    pub fn link_errors(self) -> u16 {
        (self.0 >> 16) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::super::build::{BIG, LITTLE};
    use super::*;

    #[test]
    fn every_annotation() {
        for it in [LITTLE, BIG] {
            let options = [
                it.option(1, b"one"),
                it.option(1, "zwölf".as_bytes()),
                it.option(2, &it.u32(0x8000_00a9)),
                it.option(3, &[2, 1, 2, 3, 4]),
                it.option(4, &it.u64(9)),
                it.option(5, &it.u64(u64::MAX)),
                it.option(6, &it.u32(3)),
                it.option(7, &[1, 0, 5]),
                it.option(2988, &[it.u32(32_473), b"hi".to_vec()].concat()),
                it.option(19_373, &it.u32(1)),
                it.option(999, b"?"),
                it.option(0, b""),
                it.option(1, b"after the end"),
            ];
            let flags = PacketFlags(0x8000_00a9);
            let expected = [
                Annotation::Comment("one".into()),
                Annotation::Comment("zwölf".into()),
                Annotation::Flags(flags),
                Annotation::Hash { algorithm: 2, value: &[1, 2, 3, 4] },
                Annotation::DropCount(9),
                Annotation::PacketId(u64::MAX),
                Annotation::Queue(3),
                Annotation::Verdict { kind: 1, value: &[0, 5] },
                Annotation::Custom { enterprise: 32_473, is_text: true, value: b"hi" },
                Annotation::Custom { enterprise: 1, is_text: false, value: b"" },
                Annotation::Other { code: 999, value: b"?" },
            ];
            assert_eq!(annotations(&options.concat(), it.big_endian).collect::<Vec<_>>(), expected);
            assert_eq!((flags.direction(), flags.reception()), (Some(Direction::Inbound), 2));
            assert_eq!((flags.fcs_len(), flags.link_errors()), (5, 0x8000));
        }
    }

    #[test]
    fn wrong_lengths_are_shown() {
        for (code, value) in [(2, &b"ab"[..]), (3, b""), (4, b"abcd"), (5, b"abcdefghi"), (6, b""), (7, b"")] {
            let options = [LITTLE.option(code, value), LITTLE.option(1, b"next")].concat();
            let expected = [Annotation::Malformed { code, value }, Annotation::Comment("next".into())];
            assert_eq!(annotations(&options, false).collect::<Vec<_>>(), expected, "{code}");
        }
        let beyond = [LITTLE.u16(1), LITTLE.u16(400), b"what there is".to_vec()].concat();
        let expected = [Annotation::Malformed { code: 1, value: b"what there is" }];
        assert_eq!(annotations(&beyond, false).collect::<Vec<_>>(), expected);
        assert_eq!(annotations(b"abc", false).count(), 0);
        assert_eq!(annotations(b"", false).count(), 0);
    }
}
