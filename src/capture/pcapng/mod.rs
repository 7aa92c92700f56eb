//! Reads pcapng files: sections of blocks, each block framed by its length at both ends.
//!
//! ```text
//! block   0  type
//!         4  length of the whole block, these 12 bytes included
//!         8  body, padded to 32 bits
//!            the length again
//! ```
//!
//! Format: draft-ietf-opsawg-pcapng. A section begins with a block that tells its byte order; interfaces are described in
//! it and counted from 0 again, and packets name theirs. Each kind of block that is read has a file of its own here;
//! others are passed over. What a block says of itself is judged in two steps: where its frame cannot be right, nothing
//! after it can be found and reading stops; where only its contents are wrong, they are left out.

mod enhanced_packet;
mod interface;
mod names;
mod obsolete_packet;
mod options;
mod secrets;
mod section;
mod simple_packet;
mod statistics;

pub use enhanced_packet::{Annotation, Direction, PacketFlags};
pub use names::{Address, Names};
pub use options::{Opt, Options};
pub use secrets::Secrets;
pub use section::Section;
pub use statistics::Statistics;

use std::sync::Arc;

use super::block::{Format, Found, Parsed, Then};
use super::error::{Bound, Damage, Part, Unusable};
use super::pcap::longest_frame;
use super::{Aside, FrameHead, Interface, Says};
pub(super) use enhanced_packet::annotations;
pub(super) use interface::Clock;

/// The types of the blocks that are written.
pub(super) mod kind {
    pub(in crate::capture) use super::enhanced_packet::TYPE as ENHANCED_PACKET;
    pub(in crate::capture) use super::interface::TYPE as INTERFACE;
    pub(in crate::capture) use super::names::TYPE as NAMES;
    pub(in crate::capture) use super::secrets::TYPE as SECRETS;
    pub(in crate::capture) use super::section::TYPE as SECTION;
    pub(in crate::capture) use super::simple_packet::TYPE as SIMPLE_PACKET;
    pub(in crate::capture) use super::statistics::TYPE as STATISTICS;
}

/// How many bytes [`recognise`] and [`refuse`] look at.
pub(super) const MAGIC_LEN: usize = 16;

/// Tells whether a file that begins with `start` is a pcapng file.
pub(super) fn recognise(start: &[u8]) -> bool {
    // The type is the same in both byte orders. A file that is cut before its byte order is known is a damaged one.
    let magic = start.get(8..).and_then(|bytes| bytes.first_chunk());
    start.starts_with(&section::TYPE.to_be_bytes()) && magic.is_none_or(|magic| section::byte_order(*magic).is_some())
}

/// Tells why a pcapng file that begins with `start` cannot be read, if so.
pub(super) fn refuse(start: &[u8]) -> Option<Unusable> {
    let order = section::byte_order(*start.get(8..)?.first_chunk()?)?;
    let len = order.u32(*start.get(4..)?.first_chunk()?);
    if len < least_len(section::TYPE) {
        // It has no version: the damage is told where the block is read.
        return None;
    }
    let (major, minor) = section::unknown_version(start, order)?;
    Some(Unusable::Version { format: "pcapng", major, minor })
}

/// The state of reading a pcapng file.
#[derive(Debug, Default)]
pub(super) struct Pcapng {
    order: Order,
    /// The number of the section, counting from 1; 0 before the first.
    section: u32,
    /// What packets need to know of the interfaces of this section.
    local: Vec<Local>,
    /// The interfaces of all sections.
    interfaces: Arc<Vec<Interface>>,
    /// Bytes of text that the interfaces hold.
    text: usize,
    /// Frames found so far.
    frames: u64,
    /// A block that is being passed over.
    passing: Option<Passing>,
}

/// The byte order of a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Order {
    big_endian: bool,
}

impl Order {
    fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn u64(self, bytes: [u8; 8]) -> u64 {
        if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) }
    }

    /// Reads a time in ticks: the more significant half comes first in either byte order.
    fn ticks(self, high: [u8; 4], low: [u8; 4]) -> u64 {
        u64::from(self.u32(high)) << 32 | u64::from(self.u32(low))
    }
}

/// What has to be known of an interface to read its packets.
#[derive(Clone, Copy, Debug)]
struct Local {
    /// Its place among the interfaces of all sections.
    place: u32,
    clock: Clock,
    /// The most bytes that were kept of a frame; 0 is no limit.
    snap_len: u32,
    /// The most bytes a frame of its link type can truly have.
    limit: u32,
}

/// The frame of a block.
#[derive(Clone, Copy, Debug)]
struct Block {
    kind: u32,
    order: Order,
    /// Where it begins in the capture.
    offset: u64,
    /// Its length as it says it, both lengths included.
    says: u32,
    /// Its length rounded up to 32 bits: some writers count the body without its padding.
    len: usize,
}

/// A block that is passed over.
#[derive(Debug)]
struct Passing {
    block: Block,
    /// Bytes of it that are still to come.
    left: usize,
}

/// What a packet block says, whatever its kind.
struct Packet {
    /// The number of its interface in the section.
    interface: u32,
    /// Ticks of the clock of its interface, if it says them.
    ticks: Option<u64>,
    captured: u32,
    wire_len: u32,
    /// Where the captured bytes begin in the block.
    data: usize,
    /// Whether options follow them.
    options: bool,
}

impl Format for Pcapng {
    fn parse(&mut self, bytes: &[u8], offset: u64, found: &mut Found) -> Parsed {
        let mut used = 0;
        let then = loop {
            let rest = bytes.get(used..).unwrap_or_default();
            match self.step(rest, used, offset + used as u64, found) {
                Ok(len) => used += len,
                Err(then) => break then,
            }
        };
        Parsed { used, then }
    }

    fn interfaces(&self) -> &Arc<Vec<Interface>> {
        &self.interfaces
    }

    fn cut(&self, rest: &[u8], offset: u64) -> Option<Damage> {
        let short = |offset, part, needed, left| {
            Some(Damage::CutShort { offset, part, needed: needed as u64, left: left as u64 })
        };
        if let Some(Passing { block, left }) = &self.passing {
            return short(block.offset, self.part(block), block.len, block.len - left + rest.len());
        }
        match self.block(rest, offset) {
            _ if rest.is_empty() => None,
            Ok(block) => short(offset, self.part(&block), block.len, rest.len()),
            Err(Then::Needs(len)) => short(offset, Part::BlockHeader, len, rest.len()),
            Err(Then::Broken(damage)) => Some(damage),
        }
    }
}

impl Pcapng {
    /// Reads the block that `rest` begins with, and returns how many bytes are done with; `at` is where `rest` begins in
    /// the batch and `offset` where it does in the capture.
    #[inline]
    fn step(&mut self, rest: &[u8], at: usize, offset: u64, found: &mut Found) -> Result<usize, Then> {
        if self.passing.is_some() {
            return self.pass(rest);
        }
        let block = self.block(rest, offset)?;
        let packet = match block.kind {
            enhanced_packet::TYPE => enhanced_packet::read(rest, self.order)?,
            obsolete_packet::TYPE => obsolete_packet::read(rest, self.order)?,
            simple_packet::TYPE => simple_packet::read(rest, self.order, self.local.first())?,
            _ => return self.aside(rest, block, found),
        };
        let Some(local) = self.local.get(packet.interface as usize) else {
            return Err(Then::Broken(Damage::Interface {
                offset,
                frame: self.frames + 1,
                interface: packet.interface,
                known: self.local.len() as u32,
            }));
        };
        // Before the whole block is there: a length that cannot be right is not waited for.
        let room = block.len - TRAILER - packet.data;
        if packet.captured > local.limit || packet.captured as usize > room {
            let bound = match packet.captured > local.limit {
                true => Bound::AtMost(local.limit.into()),
                false => Bound::Room(room as u64),
            };
            let part = Part::FrameData { frame: self.frames + 1 };
            return Err(Then::Broken(Damage::Length { offset, part, says: packet.captured.into(), bound }));
        }
        self.whole(rest, &block)?;
        let data = at + packet.data;
        let options = match packet.options {
            true => data + packet.captured.next_multiple_of(4) as usize..at + block.len - TRAILER,
            false => 0..0,
        };
        self.frames += 1;
        found.heads.push(FrameHead {
            number: self.frames,
            time: packet.ticks.map(|ticks| local.clock.time(ticks)),
            wire_len: packet.wire_len,
            offset,
            interface: local.place,
            bytes: data as u32..(data + packet.captured as usize) as u32,
            options: options.start as u32..options.end as u32,
        });
        Ok(block.len)
    }

    /// Reads the frame of the block that `rest` begins with.
    #[inline]
    fn block(&self, rest: &[u8], offset: u64) -> Result<Block, Then> {
        let Some(header) = rest.first_chunk::<HEADER>() else {
            return Err(Then::Needs(HEADER));
        };
        let mut order = self.order;
        let kind = order.u32([header[0], header[1], header[2], header[3]]);
        if kind == section::TYPE {
            order = section::order(rest, offset)?;
        }
        let says = order.u32([header[4], header[5], header[6], header[7]]);
        let block = Block { kind, order, offset, says, len: says.saturating_add(3) as usize & !3 };
        let least = least_len(kind);
        if says > MOST_LEN || block.len < least as usize {
            let bound = if says > MOST_LEN { Bound::AtMost(MOST_LEN.into()) } else { Bound::AtLeast(least.into()) };
            return Err(Then::Broken(Damage::Length { offset, part: self.part(&block), says: says.into(), bound }));
        }
        Ok(block)
    }

    /// Waits until all of `block` is in `rest`, compares its two lengths, and returns what is between them.
    #[inline]
    fn whole<'a>(&self, rest: &'a [u8], block: &Block) -> Result<&'a [u8], Then> {
        let parts = rest.get(HEADER..block.len).and_then(|it| it.split_last_chunk::<TRAILER>());
        let Some((body, trailer)) = parts else {
            return Err(Then::Needs(block.len));
        };
        self.compare(*trailer, block)?;
        Ok(body)
    }

    /// Compares the length at the end of `block` with the one at its beginning.
    #[inline]
    fn compare(&self, trailer: [u8; TRAILER], block: &Block) -> Result<(), Then> {
        let says_at_end = block.order.u32(trailer);
        if says_at_end.saturating_add(3) as usize & !3 == block.len {
            return Ok(());
        }
        let (says, says_at_end) = (block.says.into(), says_at_end.into());
        Err(Then::Broken(Damage::Trailer { offset: block.offset, part: self.part(block), says, says_at_end }))
    }

    /// Reads a block that holds no frame, or begins to pass over it.
    fn aside(&mut self, rest: &[u8], block: Block, found: &mut Found) -> Result<usize, Then> {
        let says = match block.kind {
            section::TYPE => {
                let body = self.whole(rest, &block)?;
                if let Some((major, minor)) = section::unknown_version(rest, block.order) {
                    return Err(Then::Broken(Damage::Version { offset: block.offset, major, minor }));
                }
                self.order = block.order;
                self.section = self.section.saturating_add(1);
                self.local.clear();
                section::read(body, block.order, self.section).map(Says::Section)
            }
            interface::TYPE => {
                let body = self.whole(rest, &block)?;
                self.describe(body, &block)?;
                return Ok(block.len);
            }
            names::TYPE => names::read(self.whole(rest, &block)?, block.order).map(Says::Names),
            secrets::TYPE => secrets::read(self.whole(rest, &block)?, block.order).map(Says::Secrets),
            statistics::TYPE => {
                statistics::read(self.whole(rest, &block)?, block.order, &self.local).map(Says::Statistics)
            }
            _ => {
                self.passing = Some(Passing { block, left: block.len });
                return Ok(0);
            }
        };
        let says = says.unwrap_or(Says::Malformed { kind: kind_name(block.kind) });
        found.asides.push(Aside { after: found.heads.len() as u32, offset: block.offset, says });
        Ok(block.len)
    }

    /// Adds an interface to those of the section.
    fn describe(&mut self, body: &[u8], block: &Block) -> Result<(), Then> {
        let place = self.interfaces.len() as u32;
        let id = self.local.len() as u32;
        let Some((interface, clock)) = interface::read(body, block.order, self.section, id) else {
            // `least_len` leaves no room for this.
            return Ok(());
        };
        self.text += body.len();
        if place >= MOST_INTERFACES || self.text > MOST_TEXT as usize {
            let (most, most_text) = (MOST_INTERFACES, MOST_TEXT);
            return Err(Then::Broken(Damage::TooManyInterfaces { offset: block.offset, most, most_text }));
        }
        let limit = longest_frame(interface.link);
        self.local.push(Local { place, clock, snap_len: interface.snap_len, limit });
        Arc::make_mut(&mut self.interfaces).push(interface);
        Ok(())
    }

    /// Passes over as much of a block as there is: its size is no reason to hold it.
    fn pass(&mut self, rest: &[u8]) -> Result<usize, Then> {
        let Some(Passing { block, left }) = &mut self.passing else {
            return Ok(0);
        };
        if *left > TRAILER {
            let len = rest.len().min(*left - TRAILER);
            if len == 0 {
                return Err(Then::Needs(1));
            }
            *left -= len;
            return Ok(len);
        }
        let block = *block;
        let Some(trailer) = rest.first_chunk() else {
            return Err(Then::Needs(TRAILER));
        };
        self.compare(*trailer, &block)?;
        self.passing = None;
        Ok(TRAILER)
    }

    /// What errors call `block`.
    fn part(&self, block: &Block) -> Part {
        match block.kind {
            enhanced_packet::TYPE | obsolete_packet::TYPE | simple_packet::TYPE => {
                Part::FrameBlock { frame: self.frames + 1 }
            }
            kind => Part::Block { kind: kind_name(kind) },
        }
    }
}

/// Bytes before the body of a block.
const HEADER: usize = 8;

/// Bytes after the body of a block.
const TRAILER: usize = 4;

/// The longest block in bytes: the largest frame there is, and 128 KiB around it.
const MOST_LEN: u32 = (128 << 20) + (128 << 10);

/// More interfaces than any true capture describes: each is remembered to the end.
const MOST_INTERFACES: u32 = 65_536;

/// More bytes than any true capture describes its interfaces with.
const MOST_TEXT: u32 = 32 << 20;

/// The least length of a block of this type, both lengths included.
#[inline]
fn least_len(kind: u32) -> u32 {
    match kind {
        enhanced_packet::TYPE | obsolete_packet::TYPE => 32,
        simple_packet::TYPE => 16,
        section::TYPE => 28,
        interface::TYPE | secrets::TYPE => 20,
        statistics::TYPE => 24,
        _ => 12,
    }
}

fn kind_name(kind: u32) -> &'static str {
    match kind {
        section::TYPE => "a Section Header Block",
        interface::TYPE => "an Interface Description Block",
        names::TYPE => "a Name Resolution Block",
        secrets::TYPE => "a Decryption Secrets Block",
        statistics::TYPE => "an Interface Statistics Block",
        0x0bad | 0x4000_0bad => "a Custom Block",
        _ => "a block of unknown type",
    }
}

#[cfg(test)]
pub(super) mod build {
    //! Writes blocks for tests, in either byte order.

    /// Writes blocks in big-endian order, or in little-endian.
    #[derive(Clone, Copy)]
    pub struct Build {
        pub big_endian: bool,
    }

    pub const LITTLE: Build = Build { big_endian: false };
    pub const BIG: Build = Build { big_endian: true };

    impl Build {
        pub fn u16(self, value: u16) -> Vec<u8> {
            if self.big_endian { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
        }

        pub fn u32(self, value: u32) -> Vec<u8> {
            if self.big_endian { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
        }

        pub fn u64(self, value: u64) -> Vec<u8> {
            if self.big_endian { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
        }

        pub fn words(self, words: &[u32]) -> Vec<u8> {
            words.iter().flat_map(|word| self.u32(*word)).collect()
        }

        pub fn block(self, kind: u32, parts: &[&[u8]]) -> Vec<u8> {
            let body = padded(&parts.concat());
            let len = self.u32(body.len() as u32 + 12);
            [self.u32(kind), len.clone(), body, len].concat()
        }

        pub fn section(self, options: &[u8]) -> Vec<u8> {
            let version = [self.u16(1), self.u16(0)].concat();
            self.block(super::section::TYPE, &[&self.u32(0x1a2b_3c4d), &version, &[0xff; 8], options])
        }

        pub fn interface(self, link: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
            self.block(super::interface::TYPE, &[&self.u16(link), &[0, 0], &self.u32(snap_len), options])
        }

        pub fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
            [self.u16(code), self.u16(value.len() as u16), padded(value)].concat()
        }

        /// An Enhanced Packet Block that was captured whole.
        pub fn packet(self, interface: u32, ticks: u64, bytes: &[u8], options: &[u8]) -> Vec<u8> {
            let len = bytes.len() as u32;
            let words = self.words(&[interface, (ticks >> 32) as u32, ticks as u32, len, len]);
            self.block(super::enhanced_packet::TYPE, &[&words, &padded(bytes), options])
        }
    }

    pub fn padded(bytes: &[u8]) -> Vec<u8> {
        let mut padded = bytes.to_vec();
        padded.resize(bytes.len().next_multiple_of(4), 0);
        padded
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asides, read};
    use super::super::{Precision, Time};
    use super::build::{BIG, Build, LITTLE};
    use super::*;

    /// A section with an Ethernet interface, 48 bytes long.
    fn begun(it: Build) -> Vec<u8> {
        [it.section(b""), it.interface(1, 0, b"")].concat()
    }

    #[test]
    fn both_byte_orders() {
        for it in [LITTLE, BIG] {
            let name = [it.option(2, b"eth0"), it.option(3, "außen".as_bytes()), it.option(0, b"")].concat();
            let options = it.option(1, b"hello");
            let file = [
                it.section(b""),
                it.interface(113, 96, &name),
                it.packet(0, 1_600_000_000_123_456, b"abcde", &options),
            ];
            let (frames, error) = read(&file.concat());
            assert_eq!(error, None);
            let [frame] = &frames[..] else { panic!("{frames:?}") };
            assert_eq!((frame.number, frame.wire_len, &frame.bytes[..]), (1, 5, &b"abcde"[..]));
            assert_eq!(frame.time, Some(Time::from_nanos(1_600_000_000, 123_456_000)));
            assert_eq!(frame.offset as usize, file[0].len() + file[1].len());
            assert_eq!(frame.options, options);
            let interface = &frame.interface;
            assert_eq!((interface.link, interface.snap_len, interface.precision), (113, 96, Precision::MICROS));
            let described = interface.described.as_ref().unwrap();
            assert_eq!((described.section, described.id, described.big_endian), (1, 0, it.big_endian));
            assert_eq!(described.name.as_deref(), Some("eth0"));
            assert_eq!(described.description.as_deref(), Some("außen"));
            assert_eq!(described.options, name);
        }
    }

    #[test]
    fn a_section_begins_anew() {
        let file = [
            LITTLE.section(b""),
            LITTLE.interface(1, 0, b""),
            LITTLE.interface(113, 0, &LITTLE.option(9, &[9])),
            LITTLE.packet(1, 1_500_000_000, b"one", b""),
            BIG.section(b""),
            BIG.interface(101, 0, b""),
            BIG.packet(0, 1_500_000, b"two", b""),
            LITTLE.section(b""),
            LITTLE.packet(0, 0, b"three", b""),
        ];
        let (frames, error) = read(&file.concat());
        let seen = |it: &super::super::testing::Seen| {
            let described = it.interface.described.as_ref().unwrap();
            (it.interface.link, described.section, described.id, it.time.unwrap())
        };
        let half = Time::from_nanos(1, 500_000_000);
        assert_eq!(frames.iter().map(seen).collect::<Vec<_>>(), [(113, 1, 1, half), (101, 2, 0, half)]);
        assert_eq!(
            error.unwrap(),
            format!(
                "test: damaged at byte {}: frame 3 names interface 0, and none is described before it",
                file[..8].concat().len()
            )
        );
    }

    #[test]
    fn simple_packets_are_cut_at_the_snapshot_length() {
        let simple = |wire_len, bytes: &[u8]| LITTLE.block(simple_packet::TYPE, &[&LITTLE.u32(wire_len), bytes]);
        let cases = [
            ("cut", 6, simple(100, b"abcdef"), (100, 6)),
            ("shorter", 6, simple(3, b"abc"), (3, 3)),
            ("no limit", 0, simple(5, b"abcde"), (5, 5)),
            ("empty", 6, simple(0, b""), (0, 0)),
        ];
        for (name, snap_len, block, expected) in cases {
            // The second interface has another snapshot length, which does not matter.
            let interfaces = [LITTLE.interface(1, snap_len, b""), LITTLE.interface(1, 2, b"")].concat();
            let (frames, error) = read(&[LITTLE.section(b""), interfaces, block].concat());
            assert_eq!(error, None, "{name}");
            assert_eq!((frames[0].wire_len, frames[0].bytes.len()), expected, "{name}");
            assert_eq!((frames[0].time, &frames[0].options[..]), (None, &b""[..]), "{name}");
        }
        let (_, error) = read(&[begun(LITTLE), simple(200, b"abcd")].concat());
        let expected = "test: damaged at byte 48: the data of frame 1 says 200 bytes, its block has room for 4";
        assert_eq!(error.unwrap(), expected);
        let (_, error) = read(&[LITTLE.section(b""), simple(4, b"abcd")].concat());
        let expected = "test: damaged at byte 28: frame 1 names interface 0, and none is described before it";
        assert_eq!(error.unwrap(), expected);
    }

    #[test]
    fn obsolete_packets_have_a_drop_count() {
        let packet = [BIG.u16(0), BIG.u16(7), BIG.words(&[0, 2_000_001, 3, 60]), b"abc\0".to_vec()].concat();
        let (frames, error) = read(&[begun(BIG), BIG.block(obsolete_packet::TYPE, &[&packet])].concat());
        assert_eq!(error, None);
        assert_eq!((frames[0].wire_len, &frames[0].bytes[..]), (60, &b"abc"[..]));
        assert_eq!(frames[0].time, Some(Time::from_nanos(2, 1_000)));
    }

    #[test]
    fn other_blocks_are_passed_over() {
        let blocks = [
            LITTLE.block(0x0bad, &[&LITTLE.u32(32_473), b"copy"]),
            LITTLE.block(0x4000_0bad, &[&LITTLE.u32(32_473)]),
            LITTLE.block(0x8000_0001, &[b""]),
            // Larger than a block of the reader.
            LITTLE.block(99, &[&vec![7; 3_000_000]]),
        ];
        let file = [begun(LITTLE), blocks.concat(), LITTLE.packet(0, 0, b"after", b"")].concat();
        let (frames, error) = read(&file);
        assert_eq!((frames.len(), &frames[0].bytes[..], error), (1, &b"after"[..], None));

        let cut = &[begun(LITTLE), LITTLE.block(99, &[&vec![7; 3_000_000]])].concat()[..2_000_000];
        let expected = "test: cut short at byte 48: a block of unknown type says 3000012 bytes, 1999952 are left";
        assert_eq!(read(cut).1.unwrap(), expected);
    }

    #[test]
    fn a_length_without_padding_is_tolerated() {
        let mut packet = LITTLE.packet(0, 0, b"abcde", b"");
        let len = packet.len();
        packet[4] -= 3;
        packet[len - 4] -= 3;
        let (frames, error) = read(&[begun(LITTLE), packet.clone(), packet].concat());
        assert_eq!((frames.len(), error), (2, None));
    }

    #[test]
    fn files_without_frames_are_whole() {
        for file in [LITTLE.section(b""), BIG.section(b""), begun(LITTLE)] {
            assert_eq!(read(&file), (Vec::new(), None));
        }
    }

    #[test]
    fn damage_comes_after_the_frames_before_it() {
        let good = || LITTLE.packet(0, 0, b"good", b"");
        let raw = |kind, says, rest: &[u8]| [LITTLE.words(&[kind, says]), rest.to_vec()].concat();
        let trailer = [&good()[..32], &LITTLE.u32(99)[..]].concat();
        let captured = |len| LITTLE.block(6, &[&LITTLE.words(&[0, 0, 0, len, len]), b"abcd"]);
        let version = [LITTLE.u16(2), LITTLE.u16(1)].concat();
        let later = LITTLE.block(section::TYPE, &[&LITTLE.u32(0x1a2b_3c4d), &version, &[0xff; 8]]);
        let unordered = LITTLE.block(section::TYPE, &[&LITTLE.u32(0x1a2b_3c4e), &version, &[0xff; 8]]);
        let cases = [
            (good()[..5].to_vec(), "cut short at byte 84: a block header takes 8 bytes, 5 are left"),
            (good()[..20].to_vec(), "cut short at byte 84: the block of frame 2 says 36 bytes, 20 are left"),
            (good()[..34].to_vec(), "cut short at byte 84: the block of frame 2 says 36 bytes, 34 are left"),
            (LITTLE.section(b"")[..10].to_vec(), "cut short at byte 84: a block header takes 12 bytes, 10 are left"),
            (
                LITTLE.section(b"")[..20].to_vec(),
                "cut short at byte 84: a Section Header Block says 28 bytes, 20 are left",
            ),
            (trailer, "damaged at byte 84: the block of frame 2 says 36 bytes at its beginning and 99 at its end"),
            (raw(6, 8, b""), "damaged at byte 84: the block of frame 2 says 8 bytes, the least is 32"),
            (raw(3, 12, &[12, 0, 0, 0]), "damaged at byte 84: the block of frame 2 says 12 bytes, the least is 16"),
            (raw(1, 16, b""), "damaged at byte 84: an Interface Description Block says 16 bytes, the least is 20"),
            (raw(77, 0, b""), "damaged at byte 84: a block of unknown type says 0 bytes, the least is 12"),
            (
                raw(77, u32::MAX, b""),
                "damaged at byte 84: a block of unknown type says 4294967295 bytes, the most is 134348800",
            ),
            (captured(5), "damaged at byte 84: the data of frame 2 says 5 bytes, its block has room for 4"),
            (captured(u32::MAX), "damaged at byte 84: the data of frame 2 says 4294967295 bytes, the most is 262144"),
            (
                LITTLE.packet(5, 0, b"", b""),
                "damaged at byte 84: frame 2 names interface 5, and only 1 is described before it",
            ),
            (later, "unreadable from byte 84 on: pcapng version 2.1 is not understood"),
            (
                unordered,
                "damaged at byte 84: a Section Header Block has the byte-order magic 0x1a2b3c4e, not 0x1a2b3c4d",
            ),
        ];
        for (rest, expected) in cases {
            let (frames, error) = read(&[begun(LITTLE), good(), rest].concat());
            assert_eq!(frames.len(), 1, "{expected}");
            assert_eq!(error.unwrap(), format!("test: {expected}"));
        }
    }

    #[test]
    fn an_unknown_version_is_refused_at_once() {
        let version = [BIG.u16(2), BIG.u16(0)].concat();
        let file = BIG.block(section::TYPE, &[&BIG.u32(0x1a2b_3c4d), &version, &[0xff; 8]]);
        assert_eq!(read(&file).1.unwrap(), "test: pcapng version 2.0 is not understood");
        let unordered = BIG.block(section::TYPE, &[&BIG.u32(0x1a2b_3c4e), &version, &[0xff; 8]]);
        assert!(read(&unordered).1.unwrap().starts_with("test: not a capture file: it begins with 0a 0d 0d 0a"));
    }

    #[test]
    fn interfaces_have_a_limit() {
        let file = [LITTLE.section(b""), LITTLE.interface(1, 0, b"").repeat(70_000)].concat();
        let error = read(&file).1.unwrap();
        let at = 28 + 20 * 65_536;
        assert!(error.starts_with(&format!("test: damaged at byte {at}: more than 65536 interfaces")), "{error}");
        let talkative = LITTLE.interface(1, 0, &LITTLE.option(2, &[b'x'; 65_000]));
        let error = read(&[LITTLE.section(b""), talkative.repeat(600)].concat()).1.unwrap();
        assert!(error.contains("more than 65536 interfaces, or more than 33554432 bytes of text"), "{error}");
    }

    #[test]
    fn asides_know_their_place() {
        let it = BIG;
        let hello = [it.option(2, b"cpu"), it.option(3, b"os"), it.option(4, b"app\0"), it.option(1, b"hi")].concat();
        let record = it.option(1, b"\x0a\0\0\x01one\0uno\0");
        let six = it.option(2, &[&[0; 15][..], b"\x01localhost\0"].concat());
        let file = [
            it.section(&hello),
            it.interface(1, 0, b""),
            it.packet(0, 0, b"", b""),
            it.block(names::TYPE, &[&record, &six, &it.option(3, b"\x02\0\0\0\0\x01mac\0"), &it.option(0, b"")]),
            it.packet(0, 0, b"", b""),
            it.block(secrets::TYPE, &[&it.words(&[0x544c_534b, 5]), b"key 1"]),
            it.block(
                statistics::TYPE,
                &[&it.words(&[0, 0, 5_000_000]), &it.option(2, &it.words(&[0, 1_000_000])), &it.option(5, &it.u64(3))],
            ),
            it.block(statistics::TYPE, &[&it.words(&[1, 0, 0])]),
            it.block(secrets::TYPE, &[&it.words(&[1, 500])]),
            it.block(names::TYPE, &[&[0, 1, 1, 1], b"abcd"]),
        ];
        let asides = asides(&file.concat());
        let places: Vec<_> = asides.iter().map(|it| it.after).collect();
        assert_eq!(places, [0, 1, 2, 2, 2, 2, 2]);
        let Says::Section(section) = &asides[0].says else { panic!("{asides:?}") };
        assert_eq!((section.number, section.hardware().as_deref()), (1, Some("cpu")));
        assert_eq!(
            (section.operating_system().as_deref(), section.application().as_deref()),
            (Some("os"), Some("app"))
        );
        assert_eq!(section.comments().collect::<Vec<_>>(), ["hi"]);
        let Says::Names(names) = &asides[1].says else { panic!("{asides:?}") };
        assert_eq!(
            names.iter().collect::<Vec<_>>(),
            [
                (Address::V4([10, 0, 0, 1].into()), "one".into()),
                (Address::V4([10, 0, 0, 1].into()), "uno".into()),
                (Address::V6(std::net::Ipv6Addr::LOCALHOST), "localhost".into()),
                (Address::Eui48([2, 0, 0, 0, 0, 1]), "mac".into()),
            ]
        );
        assert_eq!(
            asides[2].says,
            Says::Secrets(Secrets { kind: 0x544c_534b, bytes: b"key 1".to_vec(), options: Vec::new() })
        );
        let Says::Statistics(statistics) = &asides[3].says else { panic!("{asides:?}") };
        assert_eq!((statistics.interface, statistics.time), (0, Time::new(5, 0)));
        assert_eq!((statistics.start, statistics.end), (Some(Time::new(1, 0)), None));
        assert_eq!((statistics.dropped, statistics.received), (Some(3), None));
        assert_eq!(asides[4].says, Says::Malformed { kind: "an Interface Statistics Block" });
        assert_eq!(asides[5].says, Says::Malformed { kind: "a Decryption Secrets Block" });
        assert_eq!(asides[6].says, Says::Malformed { kind: "a Name Resolution Block" });
        let offset = file[..6].concat().len() as u64;
        assert_eq!(asides[3].offset, offset);
    }
}
