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
use interface::Clock;

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
