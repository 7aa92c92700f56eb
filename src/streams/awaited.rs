//! What is kept of a message of which more is to come.

use std::sync::Arc;

use super::pieces::{PIECE, Pieces};
use crate::capture::Time;
use crate::dissect::{Buffer, Fault, Framing, Protocol};

/// The most bytes of one message, with what it takes to remember its pieces.
pub(super) const MAX_MESSAGE: usize = 16 << 20;
/// The most stretches with holes between them that one message may have.
pub(super) const MAX_STRETCHES: usize = 1024;
/// The most bytes of a beginning that a line is made from.
const MAX_HEAD: usize = 8192;

/// For how many times as many bytes as are there room is made while there is enough of it, where more are known to come.
const AHEAD: usize = 16;

/// Bytes of which more are to come.
pub(super) struct Awaited {
    /// The sequence number of its first byte.
    pub start: u32,
    pub until: Until,
    pub pieces: Pieces,
    /// The frame that a piece of it came in last, and its time.
    pub touched: (u64, Option<Time>),
    /// What was counted for it in [`Messages`](super::messages::Messages).
    pub charged: usize,
    /// Its beginning, for a line in the packet list.
    pub head: Option<Arc<Buffer>>,
    /// More came than may be kept: only its place is known.
    pub is_given_up: bool,
}

/// How far an [`Awaited`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// It has so many bytes.
    Len(usize),
    /// One more segment.
    Segment,
    /// The end of the stream.
    Close,
}

impl Until {
    pub fn of(framing: Framing) -> Option<Until> {
        match framing {
            Framing::Needs(len) => Some(Until::Len(len)),
            Framing::More => Some(Until::Segment),
            Framing::UntilClose => Some(Until::Close),
            Framing::Whole(_) | Framing::Foreign | Framing::Another => None,
        }
    }

    /// The same, of what follows on the first `lead` bytes.
    pub fn behind(self, lead: usize) -> Until {
        match self {
            Until::Len(len) => Until::Len(len.saturating_sub(lead)),
            other => other,
        }
    }

    /// Whether that is known to be longer than may be kept.
    pub fn is_too_long(self) -> bool {
        matches!(self, Until::Len(len) if len > MAX_MESSAGE - PIECE)
    }
}

impl Awaited {
    pub fn new(start: u32, until: Until) -> Awaited {
        Awaited {
            start,
            until,
            pieces: Pieces::default(),
            touched: (0, None),
            charged: 0,
            head: None,
            is_given_up: false,
        }
    }

    /// Whether a byte with this sequence number belongs to it.
    pub fn has_place_for(&self, sequence: u32) -> bool {
        let offset = sequence.wrapping_sub(self.start) as usize;
        match self.until {
            Until::Len(len) => offset < len,
            Until::Segment => offset <= self.pieces.end(),
            // What follows on a hole is a part of it as well, be it as long as it may.
            Until::Close => sequence.wrapping_sub(self.start) as i32 >= 0,
        }
    }

    /// What it costs to keep it.
    pub fn cost(&self) -> usize {
        self.pieces.cost()
    }

    /// Bytes that are there without a hole before them.
    pub fn there(&self) -> usize {
        self.pieces.there()
    }

    pub fn is_whole(&self, len: usize) -> bool {
        self.there() >= len
    }

    pub fn give_up(&mut self) {
        let Awaited { start, until, charged, .. } = *self;
        *self = Awaited { is_given_up: true, charged, ..Awaited::new(start, until) };
    }

    pub fn has_room_for(&self, offset: usize, len: usize) -> bool {
        offset.saturating_add(len) <= MAX_MESSAGE && self.cost() + len + PIECE <= MAX_MESSAGE
    }

    /// Its beginning, where `protocol` makes a line of it.
    pub fn head(&mut self, protocol: &Protocol) -> Option<Arc<Buffer>> {
        protocol.preview?;
        let bytes = self.pieces.settle(MAX_HEAD);
        let bytes = &bytes[..bytes.len().min(MAX_HEAD)];
        if self.head.as_ref().is_none_or(|head| head.bytes.len() < bytes.len()) {
            self.head = Some(Arc::new(Buffer { bytes: bytes.to_vec(), ..Buffer::default() }));
        }
        self.head.clone()
    }

    /// Adds bytes at a place; where it `is_roomy`, room for those that follow is made with them.
    pub fn add(&mut self, frame: u64, offset: usize, new: &[u8], is_roomy: bool) {
        if self.is_given_up || !self.has_room_for(offset, new.len()) {
            self.give_up();
            return;
        }
        if let Until::Len(len) = self.until {
            self.pieces.make_room(new.len(), if is_roomy { AHEAD } else { 2 }, len);
        }
        self.pieces.add(frame, offset, new, Fault::default());
        if self.pieces.stretches() > MAX_STRETCHES {
            self.give_up();
        }
    }
}
