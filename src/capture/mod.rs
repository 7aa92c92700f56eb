//! Where frames come from: capture files, compressed files, pipes.
//!
//! A [`Source`] hands out frames in [`Batch`]es, a block of bytes and the heads of the frames that lie in it, because
//! blocks are what threads pass on and what buffers are recycled by. A [`Frame`] is one of them, borrowed.

pub mod bpf;
pub mod loader;
pub mod time;

use std::ops::Range;
use std::sync::Arc;

pub use time::{Precision, Time};

/// Yields the frames of a capture, in order.
pub trait Source {
    /// Replaces what `batch` holds by the frames of the next block; its buffers are used again.
    ///
    /// Returns `false` at the end of the capture. A batch that is returned with `true` holds at least one frame, and it is
    /// returned as soon as it has one and reading on would block (pipes, interfaces). Where the capture is damaged, the
    /// frames before the damage are returned first and the error by the next call.
    fn read(&mut self, batch: &mut Batch) -> Result<bool, Error>;
}

/// A block of captured bytes and the frames that lie in it.
#[derive(Default)]
pub struct Batch {
    /// The block as it was read: record headers, options and frames.
    pub bytes: Vec<u8>,
    /// The frames in it, in order.
    pub heads: Vec<FrameHead>,
    /// All interfaces known so far; frames name theirs by its place here.
    pub interfaces: Arc<Vec<Interface>>,
}

impl Batch {
    /// The frames of this block, in order.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = Frame<'_>> {
        self.heads.iter().map(|head| self.frame(head))
    }

    fn frame<'a>(&'a self, head: &FrameHead) -> Frame<'a> {
        let part = |range: &Range<u32>| &self.bytes[range.start as usize..range.end as usize];
        Frame {
            number: head.number,
            time: head.time,
            wire_len: head.wire_len,
            offset: head.offset,
            interface: &self.interfaces[head.interface as usize],
            bytes: part(&head.bytes),
            options: part(&head.options),
        }
    }
}

/// What a batch keeps of a frame: where it lies in the block and what its record says of it.
#[derive(Clone, Debug)]
pub struct FrameHead {
    /// Counts from 1 through the whole capture.
    pub number: u64,
    /// When it was captured; a Simple Packet Block does not say.
    pub time: Option<Time>,
    /// Its length on the wire in bytes; more than was captured where a snapshot length cut it.
    pub wire_len: u32,
    /// Where its record begins in the (decompressed) capture, in bytes.
    pub offset: u64,
    /// The place of its interface in [`Batch::interfaces`].
    pub interface: u32,
    /// The captured bytes in [`Batch::bytes`].
    pub bytes: Range<u32>,
    /// The options of its pcapng block in [`Batch::bytes`], byte order as in the section; empty if none.
    pub options: Range<u32>,
}

/// A captured frame.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Counts from 1 through the whole capture.
    pub number: u64,
    /// When it was captured; a Simple Packet Block does not say.
    pub time: Option<Time>,
    /// Its length on the wire in bytes.
    pub wire_len: u32,
    /// Where its record begins in the (decompressed) capture, in bytes.
    pub offset: u64,
    /// What captured it.
    pub interface: &'a Interface,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// The options of its pcapng block, raw; empty if none.
    pub options: &'a [u8],
}

/// What a capture says of an interface; a pcap file has one, without a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// The link-layer header type of its frames, by the number of the tcpdump.org registry (1 is Ethernet).
    pub link: u16,
    /// Bytes of frame check sequence at the end of each frame, where the file says so.
    pub fcs_len: Option<u8>,
    /// The most bytes that were kept of a frame; 0 is no limit.
    pub snap_len: u32,
    /// Digits of its clock.
    pub precision: Precision,
    /// What only pcapng can say of it.
    pub described: Option<Described>,
}

/// What an Interface Description Block and its section say.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The number of its section, counting from 1.
    pub section: u32,
    /// Its number within the section, counting from 0.
    pub id: u32,
    /// Whether the section is written in big-endian byte order; options of its blocks are too.
    pub big_endian: bool,
    pub name: Option<String>,
    pub description: Option<String>,
}

/// Why a capture could not be opened or read on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("placeholder")]
    Placeholder,
}
