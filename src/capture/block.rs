//! Reads a capture file by blocks: bytes go straight into a batch's buffer, and what is unfinished at its end goes before
//! the next block.
//!
//! The formats know nothing of reading. Each is a [`Format`], a function from bytes to the frames that are whole in them;
//! [`Blocks`] makes a [`Source`] of it, the same for files, pipes and decompressors. A `read` into a buffer that stays in
//! the cache costs half of what a memory map does, takes the same small memory for a file of any size, and a file that is
//! cut while it is read is an error instead of a signal.

use std::io::{self, Read};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::compressed;
use super::error::{Damage, Error};
use super::{Aside, Batch, FrameHead, Interface, Progress, Source};

/// Finds the frames in the bytes of a capture file.
pub(super) trait Format: Send {
    /// Adds what is whole in `bytes` to `found`; `offset` is where `bytes` begins in the capture.
    fn parse(&mut self, bytes: &[u8], offset: u64, found: &mut Found) -> Parsed;

    /// All interfaces described so far.
    fn interfaces(&self) -> &Arc<Vec<Interface>>;

    /// What is cut short where the capture ends with `rest`, what is left at `offset`; `None` if nothing is.
    fn cut(&self, rest: &[u8], offset: u64) -> Option<Damage>;
}

/// What a format adds to: the frames and the asides of a batch.
pub(super) struct Found<'a> {
    pub heads: &'a mut Vec<FrameHead>,
    pub asides: &'a mut Vec<Aside>,
}

/// How far a format came.
pub(super) struct Parsed {
    /// Bytes that are done with.
    pub used: usize,
    pub then: Then,
}

/// What has to happen after the used bytes.
pub(super) enum Then {
    /// The next record needs this many bytes, counted from its beginning; more than there are.
    Needs(usize),
    /// Nothing after them can be read.
    Broken(Damage),
}

/// An opened input: its bytes, and what is known of it.
pub(super) struct Input {
    pub name: String,
    pub bytes: Box<dyn Read + Send>,
    /// Bytes read from the input so far, before decompression.
    pub read: Arc<AtomicU64>,
    /// Its size in bytes, where it is known.
    pub total: Option<u64>,
    /// Whether reading never waits for somebody else, so that a block can be filled before it is looked at.
    pub patient: bool,
}

/// A [`Source`] of the frames of a capture file.
pub(super) struct Blocks<F> {
    input: Input,
    format: F,
    /// What was read and is not yet part of a whole record.
    carried: Vec<u8>,
    /// How long the unfinished record is that `carried` begins with, as far as is known.
    wanted: usize,
    /// Where `carried` begins in the capture.
    offset: u64,
    /// What reading ended with, while bytes that were read before are still to be handed out.
    failed: Option<io::Error>,
    end: End,
}

/// Whether there is more to come.
enum End {
    /// There may be.
    Open,
    /// The next call has to say this.
    Damaged(Damage),
    /// All was said.
    Reached,
}

/// The size of a block in bytes: it is to stay in the cache of its core while it is walked through.
const BLOCK: usize = 256 << 10;

/// Buffers that a large record made grow beyond this many bytes are let go.
const KEPT: usize = 4 * BLOCK;

impl<F: Format> Blocks<F> {
    /// Reads `format` from `input`; `start` was read from it already and begins at `offset`, after the file header.
    pub fn new(input: Input, format: F, start: &[u8], offset: u64) -> Self {
        let carried = start.to_vec();
        // What was read ahead may hold whole records, so that nothing must be wanted before it was looked at.
        Blocks { input, format, carried, wanted: 0, offset, failed: None, end: End::Open }
    }

    /// Puts what was carried over at the beginning of a block with room for more, and returns how much that is.
    fn begin(&mut self, bytes: &mut Vec<u8>) -> usize {
        if bytes.capacity() > KEPT {
            *bytes = Vec::new();
        }
        let filled = self.carried.len();
        if bytes.len() < filled.max(BLOCK) {
            // A recycled buffer keeps its length, so that this clears memory once and not for every block.
            bytes.resize(filled.max(BLOCK), 0);
        }
        bytes[..filled].copy_from_slice(&self.carried);
        filled
    }

    /// Keeps the unfinished record at the end of a block for the next one.
    fn carry(&mut self, rest: &[u8]) {
        if self.carried.capacity() > KEPT {
            self.carried = Vec::new();
        }
        self.carried.clear();
        self.carried.extend_from_slice(rest);
    }

    /// Reads on into `room`; 0 is the end, after which `self.failed` says whether it was a failure.
    fn fill(&mut self, room: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < room.len() && self.failed.is_none() {
            match self.input.bytes.read(&mut room[filled..]) {
                Ok(0) => break,
                Ok(len) => filled += len.min(room.len() - filled),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => self.failed = Some(error),
            }
            // A decompressor hands out what it has. From a file more of it comes at once; from a pipe it may never.
            if !self.input.patient {
                break;
            }
        }
        filled
    }

    /// What the end of the input is, with `rest` left of an unfinished record.
    fn end(&mut self, rest: &[u8]) -> End {
        match self.failed.take() {
            Some(error) => End::Damaged(unreadable(error, self.offset + rest.len() as u64)),
            None => self.format.cut(rest, self.offset).map_or(End::Reached, End::Damaged),
        }
    }
}

impl<F: Format> Source for Blocks<F> {
    fn read(&mut self, batch: &mut Batch) -> Result<bool, Error> {
        batch.heads.clear();
        batch.asides.clear();
        match mem::replace(&mut self.end, End::Reached) {
            End::Open => self.end = End::Open,
            End::Damaged(damage) => return Err(Error::damaged(&self.input.name, damage)),
            End::Reached => return Ok(false),
        }
        let mut filled = self.begin(&mut batch.bytes);
        let mut ended = false;
        loop {
            if filled < self.wanted || filled == 0 {
                if filled == batch.bytes.len() {
                    // The length of a record is only a claim: room is made as its bytes arrive.
                    let len = self.wanted.min(2 * filled);
                    batch.bytes.resize(len, 0);
                }
                match self.fill(&mut batch.bytes[filled..]) {
                    0 => ended = true,
                    len => filled += len,
                }
                if filled < self.wanted && !ended {
                    continue;
                }
            }
            let mut found = Found { heads: &mut batch.heads, asides: &mut batch.asides };
            let parsed = self.format.parse(&batch.bytes[..filled], self.offset, &mut found);
            let used = parsed.used.min(filled);
            self.offset += used as u64;
            match parsed.then {
                Then::Broken(damage) => self.end = End::Damaged(damage),
                // At least one byte more than there is, or reading on would never begin.
                Then::Needs(len) => self.wanted = len.max(filled - used + 1),
            }
            if ended && matches!(self.end, End::Open) {
                self.end = self.end(&batch.bytes[used..filled]);
            }
            if !batch.heads.is_empty() || !batch.asides.is_empty() {
                if !Arc::ptr_eq(&batch.interfaces, self.format.interfaces()) {
                    batch.interfaces = Arc::clone(self.format.interfaces());
                }
                self.carry(&batch.bytes[used..filled]);
                return Ok(true);
            }
            match mem::replace(&mut self.end, End::Reached) {
                End::Open => self.end = End::Open,
                End::Damaged(damage) => return Err(Error::damaged(&self.input.name, damage)),
                End::Reached => return Ok(false),
            }
            batch.bytes.copy_within(used..filled, 0);
            filled -= used;
        }
    }

    fn progress(&self) -> Progress {
        Progress { read: self.input.read.load(Ordering::Relaxed), total: self.input.total }
    }
}

/// What a failed `read` says of the capture, of which `offset` bytes were read.
pub(super) fn unreadable(error: io::Error, offset: u64) -> Damage {
    match compressed::Broken::of(&error) {
        Some(broken) => Damage::Compression { offset, method: broken.method, reason: broken.reason.clone() },
        None => Damage::Io { offset, error },
    }
}

/// Counts the bytes that are read through it.
pub(super) struct Counted {
    pub bytes: Box<dyn Read + Send>,
    pub read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.bytes.read(room)?;
        self.read.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }
}
