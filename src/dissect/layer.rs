//! The cursor that dissectors read with: one gesture bounds, records, advances and returns.

use std::ops::Range;
use std::sync::Arc;

use super::note::{Address, FrameNote, Memory};
use super::packet::{Entry, Packet};
use super::run::{Dissector, Pending};
use super::wanted::{Chosen, Stages};
use super::{
    Buffer, Delivery, Field, Kind, NameTable, Needed, Next, Part, Preference, Preferences, Protocol, Registry, Rows,
    Told,
};
use crate::capture::Frame;
use crate::text::Text;

/// What dissecting a layer comes to: what follows, or why reading stopped.
pub type Outcome = Result<Next, Stop>;

/// Why a layer could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The bytes were on the wire and were not captured.
    Short,
    /// A length or the end of the frame says that they never were there.
    Malformed,
    /// The same of the first piece of something: they are in another piece.
    Unreassembled,
}

impl Stop {
    /// What the Info column says of it.
    pub const fn words(self) -> &'static str {
        match self {
            Stop::Short => "[Packet size limited during capture]",
            Stop::Malformed => "[Malformed Packet]",
            Stop::Unreassembled => "[BoundErrorUnreassembled Packet]",
        }
    }
}

/// What the layers of one frame share.
pub(super) struct Context<'r> {
    pub frame: &'r Frame<'r>,
    pub packet: &'r mut Packet,
    pub memory: &'r mut dyn Memory,
    pub dissector: &'r Dissector,
    pub registry: &'r Registry,
    pub preferences: &'r Preferences,
    pub source: Address,
    pub destination: Address,
    /// Inside an error message that quotes a packet.
    pub quoted: bool,
    /// The first fragment of a datagram that is read though the others are not there.
    pub fragment: bool,
    /// Streams are cut into messages: somebody reads them.
    pub cuts: bool,
    /// The parts of the data that the layer which is being dissected delivered.
    pub parts: Vec<Part>,
    /// The layers that something is read of behind their payload, the innermost last.
    pub pending: Vec<Pending>,
    /// Where in the scratch stands what the layer says that its payload is, and how long that is.
    pub about: (u32, u32),
    /// Of a message: the next one has begun behind it in the same segment.
    pub goes_on: bool,
}

/// One protocol's bytes, and the place up to which they are read.
///
/// Reads fail with [`Stop`] where the bytes end, so `?` is all the bounds checking that a dissector does.
pub struct Layer<'a, 'r: 'a, 'c> {
    pub(super) context: &'c mut Context<'r>,
    pub(super) bytes: &'a [u8],
    /// Where this layer begins.
    pub(super) start: usize,
    pub(super) pos: usize,
    /// The end of what was captured of this layer.
    pub(super) end: usize,
    /// The end of the layer on the wire; not less than `end`.
    pub(super) wire_end: usize,
    /// The same of the layer as a whole: what [`narrow`](Layer::narrow) leaves as it is.
    pub(super) own_end: usize,
    /// The end on the wire of the payload, where it is not that of the layer.
    pub(super) payload_end: Option<usize>,
    /// The depth of the entries that are recorded now.
    pub(super) depth: u8,
    /// The depth of this layer's own line.
    pub(super) base: u8,
    pub(super) source: u8,
    pub(super) records: Records<'r>,
    /// What was read or recorded last, where rows are chosen: where it begins, and its bytes.
    pub(super) last: (usize, usize),
    /// The length of the protocol's own line, where it is not what was read.
    pub(super) header_len: Option<usize>,
    pub(super) payload_depth: PayloadDepth,
    /// Has no line in the tree after all.
    pub(super) withdrawn: bool,
    /// Has a line in the tree even where nothing of it could be read.
    pub(super) stands: bool,
    /// Has neither a name nor a line.
    pub(super) declined: bool,
    /// What the memory tells about this message.
    pub(super) told: Option<&'a Told>,
    /// Which of the protocol's stages somebody needs.
    pub(super) stages: Stages,
    /// What the memory kept for it.
    pub(super) kept: Option<&'a Arc<Buffer>>,
    pub(super) words: Option<&'a [u8]>,
    /// What the layer below says that this one is.
    pub(super) about: (u32, u32),
    /// The payload stands in this buffer and not behind the cursor.
    pub(super) elsewhere: Option<Arc<Buffer>>,
}

/// What is recorded of a layer.
#[derive(Clone, Copy)]
pub(super) enum Records<'r> {
    Nothing,
    All,
    /// What the columns of the packet list are made of.
    Columns,
    /// These rows.
    Rows(&'r Chosen),
}

impl Records<'_> {
    #[inline(always)]
    pub(super) fn has(self, field: &Field) -> bool {
        match self {
            Records::All => true,
            Records::Columns => field.in_columns,
            Records::Nothing => false,
            Records::Rows(chosen) => chosen.has(field),
        }
    }

    /// Whether nothing is recorded but rows that columns are made of.
    #[inline]
    pub(super) fn are_columns(self) -> bool {
        match self {
            Records::All => false,
            Records::Columns | Records::Nothing => true,
            Records::Rows(chosen) => chosen.are_columns,
        }
    }
}

/// Where in the tree the payload's line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PayloadDepth {
    Beside,
    Inside,
    /// Inside the items that are open.
    At(u8),
    Top,
}

/// An item that was opened and collects what is recorded until it is closed.
#[must_use = "an open item is closed with `Layer::close`"]
pub struct Open {
    /// Where its entry stands, if it is recorded.
    place: usize,
    depth: u8,
    start: usize,
}

/// Some bytes of a data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the data source; see [`Layer::add_source`].
    pub source: u8,
    pub start: usize,
    pub len: usize,
}

/// The bounds of a layer before it was narrowed.
#[must_use = "a narrowed layer is widened again with `Layer::widen`"]
pub struct Narrowed {
    end: usize,
    wire_end: usize,
}

macro_rules! integers {
    ($($(#[$doc:meta])* $name:ident, $peek:ident: $type:ty, $len:literal, $from:ident;)*) => {
        $($(#[$doc])*
        #[inline(always)]
        pub fn $name(&mut self, field: &'static Field) -> Result<$type, Stop> {
            let value = self.$peek()?;
            self.number(field, u64::from(value), $len);
            Ok(value)
        }

        /// The same, neither recorded nor passed.
        #[inline]
        pub fn $peek(&self) -> Result<$type, Stop> {
            let mut wide = [0; size_of::<$type>()];
            integers!(@copy $from, wide, &self.chunk::<$len>()?, $len);
            Ok(<$type>::$from(wide))
        })*
    };
    (@copy from_be_bytes, $wide:ident, $bytes:expr, $len:literal) => {
        { let offset = $wide.len() - $len; $wide[offset..].copy_from_slice($bytes); }
    };
    (@copy from_le_bytes, $wide:ident, $bytes:expr, $len:literal) => {
        $wide[..$len].copy_from_slice($bytes);
    };
}

impl<'a, 'r: 'a, 'c> Layer<'a, 'r, 'c> {
    /// The layer that begins at `start` and ends at `wire_end` on the wire, as far as `bytes` have it; its line stands at the depth
    /// `base`.
    #[inline]
    pub(super) fn over(
        context: &'c mut Context<'r>,
        bytes: &'a [u8],
        start: usize,
        wire_end: usize,
        source: u8,
        base: u8,
        records: Records<'r>,
    ) -> Self {
        Layer {
            context,
            bytes,
            start,
            pos: start,
            end: wire_end.min(bytes.len()),
            wire_end,
            own_end: wire_end,
            payload_end: None,
            depth: base.saturating_add(1),
            base,
            source,
            records,
            last: (start, 0),
            header_len: None,
            payload_depth: PayloadDepth::Beside,
            withdrawn: false,
            stands: false,
            declined: false,
            told: None,
            stages: Stages::ALL,
            kept: None,
            words: None,
            about: (0, 0),
            elsewhere: None,
        }
    }
}

impl<'a, 'r: 'a> Layer<'a, 'r, '_> {
    // ---- reading: records, advances, returns

    integers! {
        /// Reads an unsigned byte.
        u8, peek_u8: u8, 1, from_be_bytes;
        /// Reads a big-endian unsigned integer of 16 bits.
        u16, peek_u16: u16, 2, from_be_bytes;
        /// Reads a big-endian unsigned integer of 24 bits.
        u24, peek_u24: u32, 3, from_be_bytes;
        /// Reads a big-endian unsigned integer of 32 bits.
        u32, peek_u32: u32, 4, from_be_bytes;
        /// Reads a big-endian unsigned integer of 48 bits.
        u48, peek_u48: u64, 6, from_be_bytes;
        /// Reads a big-endian unsigned integer of 64 bits.
        u64, peek_u64: u64, 8, from_be_bytes;
        /// Reads a little-endian unsigned integer of 16 bits.
        u16_le, peek_u16_le: u16, 2, from_le_bytes;
        /// Reads a little-endian unsigned integer of 32 bits.
        u32_le, peek_u32_le: u32, 4, from_le_bytes;
        /// Reads a little-endian unsigned integer of 64 bits.
        u64_le, peek_u64_le: u64, 8, from_le_bytes;
    }

    /// Reads an IPv4 address.
    pub fn ipv4(&mut self, field: &'static Field) -> Result<Address, Stop> {
        self.u32(field).map(Address::V4)
    }

    /// Reads an IPv6 address.
    pub fn ipv6(&mut self, field: &'static Field) -> Result<Address, Stop> {
        let bytes = self.bytes(field, 16)?;
        Ok(Address::V6(bytes.try_into().unwrap_or_default()))
    }

    /// Reads a MAC address.
    pub fn ether(&mut self, field: &'static Field) -> Result<Address, Stop> {
        let [_, _, address @ ..] = self.u48(field)?.to_be_bytes();
        Ok(Address::Ether(address))
    }

    /// Reads `len` bytes as one field: bytes, text, an identifier.
    pub fn bytes(&mut self, field: &'static Field, len: usize) -> Result<&'a [u8], Stop> {
        let bytes = self.peek(len)?;
        self.record(field, 0, self.pos, len);
        self.pos += len;
        Ok(bytes)
    }

    /// Reads all that was captured of the rest as one field; nothing is recorded where nothing is left.
    pub fn rest(&mut self, field: &'static Field) -> &'a [u8] {
        let bytes = self.remaining();
        if !bytes.is_empty() {
            self.record(field, 0, self.pos, bytes.len());
            self.pos = self.end;
        }
        bytes
    }

    /// Reads an integer of `len` bytes (8 at most), big-endian.
    pub fn uint(&mut self, field: &'static Field, len: usize) -> Result<u64, Stop> {
        let value = self.peek(len)?.iter().fold(0, |value, &byte| value << 8 | u64::from(byte));
        self.number(field, value, len);
        Ok(value)
    }

    /// Records the masked bits of an integer already known over the next `len` bytes, without passing them.
    #[inline]
    pub fn part(&mut self, field: &'static Field, raw: impl Into<u64>, len: usize) -> u64 {
        let value = field.extract(raw.into());
        self.record(field, value, self.pos, len);
        value
    }

    /// Records, one level deeper, the parts of the integer that was read last.
    #[inline]
    pub fn parts(&mut self, fields: &[&'static Field], raw: impl Into<u64>) {
        if self.is_detailed() {
            self.record_parts(fields, raw.into());
        }
    }

    fn record_parts(&mut self, fields: &[&'static Field], raw: u64) {
        let (start, len) = match self.records {
            Records::Nothing | Records::Columns => return,
            Records::Rows(_) => self.last,
            Records::All => {
                let Some(last) = self.context.packet.entries.last() else { return };
                (last.start as usize, last.len as usize)
            }
        };
        for field in fields {
            if self.records(field) {
                let entry = Entry::new(field, field.extract(raw), start, len, self.depth + 1, self.source);
                self.context.packet.push(entry);
            }
        }
    }

    /// Passes bytes that are no field.
    pub fn skip(&mut self, len: usize) -> Result<&'a [u8], Stop> {
        let bytes = self.peek(len)?;
        self.pos += len;
        Ok(bytes)
    }

    /// The next `N` bytes.
    #[inline]
    fn chunk<const N: usize>(&self) -> Result<[u8; N], Stop> {
        match self.bytes.get(self.pos..self.end).and_then(<[u8]>::first_chunk) {
            Some(bytes) => Ok(*bytes),
            None => Err(self.missing(N)),
        }
    }

    /// Why the next `len` bytes are not there.
    #[cold]
    fn missing(&self, len: usize) -> Stop {
        match self.pos.checked_add(len) {
            Some(end) if end <= self.wire_end => Stop::Short,
            _ => Stop::Malformed,
        }
    }

    /// The next `len` bytes, neither recorded nor passed.
    #[inline]
    pub fn peek(&self, len: usize) -> Result<&'a [u8], Stop> {
        match self.bytes.get(self.pos..self.end).and_then(|there| there.get(..len)) {
            Some(bytes) => Ok(bytes),
            None => Err(self.missing(len)),
        }
    }

    /// Requires that the next `len` bytes are there, before anything of the layer is recorded: where they are not, it has only its
    /// name in the stack, and no line in the tree.
    pub fn demand(&mut self, len: usize) -> Result<&'a [u8], Stop> {
        let bytes = self.peek(len);
        self.withdrawn |= bytes.is_err();
        bytes
    }

    /// Leaves the layer its name in the stack, and no line in the tree.
    pub fn withdraw(&mut self) {
        self.withdrawn = true;
    }

    /// Takes the bytes for nobody's after all: the layer has neither a name nor a line.
    pub fn decline(&mut self) {
        self.declined = true;
    }

    /// Gives the layer its line in the tree even where nothing of it can be read.
    pub fn stand(&mut self) {
        self.stands = true;
    }

    // ---- the tree

    /// Records an item over the next `len` bytes; what is recorded until it is closed stands below it.
    pub fn open(&mut self, field: &'static Field, len: usize) -> Open {
        let place = if self.records(field) { self.context.packet.entries.len() } else { usize::MAX };
        let open = Open { place, depth: self.depth, start: self.pos };
        self.record(field, 0, self.pos, len.min(self.end.saturating_sub(self.pos)));
        self.depth = self.depth.saturating_add(1);
        open
    }

    /// Records an item with a number of its own, and opens it like [`open`](Self::open).
    pub fn open_with(&mut self, field: &'static Field, value: impl Into<u64>, len: usize) -> Open {
        let place = if self.records(field) { self.context.packet.entries.len() } else { usize::MAX };
        let open = Open { place, depth: self.depth, start: self.pos };
        self.record(field, value.into(), self.pos, len.min(self.end.saturating_sub(self.pos)));
        self.depth = self.depth.saturating_add(1);
        open
    }

    /// Closes an item.
    pub fn close(&mut self, open: Open) {
        self.depth = open.depth;
    }

    /// Closes an item and lets it end where reading stands.
    pub fn close_here(&mut self, open: Open) {
        self.depth = open.depth;
        let len = self.pos.saturating_sub(open.start);
        if let Some(entry) = self.context.packet.entries.get_mut(open.place) {
            entry.len = len as u32;
        }
    }

    /// Records a computed value that covers no bytes.
    #[inline]
    pub fn generated(&mut self, field: &'static Field, value: impl Into<u64>) {
        self.record(field, value.into(), self.pos, 0);
    }

    /// Records a computed value that covers `len` bytes from `start`, counted from the beginning of the layer.
    #[inline]
    pub fn generated_at(&mut self, field: &'static Field, value: impl Into<u64>, start: usize, len: usize) {
        self.record(field, value.into(), self.start + start, len);
    }

    /// Records rows that columns are made of, all at once: each with its value, where it begins, counted from the beginning of the
    /// layer, and its bytes. For the rows that almost every packet has, and only where the layer [`is_brief`](Self::is_brief).
    #[inline(always)]
    pub fn columns<const N: usize>(&mut self, rows: [(&'static Field, u64, usize, usize); N]) {
        let (start, depth, source) = (self.start, self.depth, self.source);
        let row = |(field, value, at, len)| Entry::new(field, value, start + at, len, depth, source);
        self.context.packet.push_all(rows.map(row));
        self.stands = true;
    }

    /// Records a computed moment or span.
    pub fn generated_time(&mut self, field: &'static Field, seconds: i64, nanos: u32) {
        self.stands = true;
        if self.records(field) {
            let entry = Entry::new(field, seconds as u64, self.pos, 0, self.depth, self.source).nanos(nanos);
            self.context.packet.push(entry);
        }
    }

    /// Records a moment or span that was read from the next `len` bytes, and passes them.
    pub fn time(&mut self, field: &'static Field, seconds: i64, nanos: u32, len: usize) -> Result<(), Stop> {
        self.peek(len)?;
        if self.records(field) {
            let entry = Entry::new(field, seconds as u64, self.pos, len, self.depth, self.source).nanos(nanos);
            self.context.packet.push(entry);
        }
        self.pos += len;
        Ok(())
    }

    /// Records text or bytes that do not stand in the frame as they are shown, over `len` bytes of it.
    pub fn detached(&mut self, field: &'static Field, value: &[u8], len: usize) {
        self.stands = true;
        if self.records(field) {
            let kept = self.context.packet.keep(value);
            let entry = Entry::new(field, kept, self.pos, len, self.depth, self.source).detached();
            self.context.packet.push(entry);
        }
    }

    /// Records text or bytes over the next `len` bytes, which `build` adds to others; it is not asked where nothing is recorded.
    pub fn built(&mut self, field: &'static Field, len: usize, build: impl FnOnce(&mut Vec<u8>)) {
        self.stands = true;
        if self.records(field) {
            let kept = self.context.packet.keep_built(build);
            let entry = Entry::new(field, kept, self.pos, len, self.depth, self.source).detached();
            self.context.packet.push(entry);
        }
    }

    /// Records text or bytes that do not stand in the frame as they are shown, over the `len` bytes that were read last.
    pub fn kept_behind(&mut self, field: &'static Field, value: &[u8], len: usize) {
        if self.records(field) {
            let kept = self.context.packet.keep(value);
            let entry = Entry::new(field, kept, self.pos.saturating_sub(len), len, self.depth, self.source);
            self.context.packet.push(entry.detached());
        }
    }

    /// Bytes of this layer, counted from its beginning.
    pub fn place(&self, range: Range<usize>) -> Place {
        Place { source: self.source, start: self.start + range.start, len: range.len() }
    }

    /// Records text over `cover`, of which it is only what stands at `value` in the same data source.
    pub fn excerpt(&mut self, field: &'static Field, cover: Place, value: Place) {
        if self.records(field) {
            let entry = Entry::new(field, 0, cover.start, cover.len, self.depth, cover.source);
            self.context.packet.push(entry.within(value.start, value.len));
        }
    }

    /// Whether the packet has as much as may be recorded of one: who goes through many items may stop.
    pub fn is_full(&self) -> bool {
        self.context.packet.overflow
    }

    /// Records text over `cover` that does not stand there as it is shown: it is made now, and only if it is recorded.
    pub fn instead(&mut self, field: &'static Field, cover: Place, write: impl FnOnce(&mut Text)) {
        if !self.records(field) || self.is_full() {
            return;
        }
        let mut words = std::mem::take(&mut self.context.packet.words);
        words.clear();
        write(&mut words);
        let kept = self.context.packet.keep(words.as_bytes());
        let entry = Entry::new(field, kept, cover.start, cover.len, self.depth, cover.source);
        self.context.packet.push(entry.detached());
        self.context.packet.words = words;
    }

    /// Records an expert item below the last item of this level.
    pub fn expert(&mut self, field: &'static Field) {
        self.expert_with(field, 0u64);
    }

    /// Records an expert item whose message names a number.
    pub fn expert_with(&mut self, field: &'static Field, value: impl Into<u64>) {
        self.stands = true;
        if self.records(field) {
            let entry = Entry::new(field, value.into(), self.pos, 0, self.depth.saturating_add(1), self.source);
            self.context.packet.push(entry);
        }
    }

    /// Records an expert item on this level: about the item that is open, not the one that was recorded last.
    pub fn expert_here(&mut self, field: &'static Field) {
        self.record(field, 0, self.pos, 0);
    }

    /// The same, with a number that its message names.
    pub fn expert_here_with(&mut self, field: &'static Field, value: impl Into<u64>) {
        self.record(field, value.into(), self.pos, 0);
    }

    /// Sets the value of an open item: what is counted or found out only by reading what stands below it.
    pub fn set(&mut self, open: &Open, value: u64) {
        self.context.packet.set(open.place, value, false);
    }

    /// Records one level deeper while `write` runs: children of the item that was recorded last.
    #[inline]
    pub fn below<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        self.depth = self.depth.saturating_add(1);
        let result = write(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// Records at the top of the tree while `write` runs: beside the layers.
    pub fn at_top(&mut self, write: impl FnOnce(&mut Self)) {
        let depth = std::mem::replace(&mut self.depth, 0);
        write(self);
        self.depth = depth;
    }

    /// Records beside this layer's own line while `write` runs.
    pub fn beside(&mut self, write: impl FnOnce(&mut Self)) {
        let depth = std::mem::replace(&mut self.depth, self.base);
        write(self);
        self.depth = depth;
    }

    /// Records text that is made now, and only if it is recorded.
    pub fn written(&mut self, field: &'static Field, write: impl FnOnce(&mut Text)) {
        self.stands = true;
        if self.records(field) {
            let mut words = std::mem::take(&mut self.context.packet.words);
            words.clear();
            write(&mut words);
            self.detached(field, words.as_bytes(), 0);
            self.context.packet.words = words;
        }
    }

    /// Records an expert item on the protocol's own line.
    pub fn expert_on_layer(&mut self, field: &'static Field, value: impl Into<u64>) {
        let depth = std::mem::replace(&mut self.depth, self.base);
        self.expert_with(field, value);
        self.depth = depth;
    }

    // ---- bounds

    /// What was captured of the rest.
    pub fn remaining(&self) -> &'a [u8] {
        &self.bytes[self.pos..self.end]
    }

    /// Bytes of the rest on the wire.
    pub fn wire_remaining(&self) -> usize {
        self.wire_end - self.pos
    }

    /// Bytes of the whole layer on the wire, from its first.
    pub fn wire_len(&self) -> usize {
        self.wire_end - self.start
    }

    /// What was captured of the whole layer.
    pub fn all(&self) -> &'a [u8] {
        &self.bytes[self.start..self.end]
    }

    /// Bytes of the layer that are behind the cursor.
    pub fn offset(&self) -> usize {
        self.pos - self.start
    }

    /// Where the cursor stands in the frame; behind its end in a buffer.
    pub fn frame_offset(&self) -> usize {
        if self.source == 0 { self.pos } else { self.pos.saturating_add(self.context.frame.wire_len as usize) }
    }

    /// Moves the cursor, forward or back, to `offset` bytes behind the beginning of the layer.
    pub fn go_to(&mut self, offset: usize) -> Result<(), Stop> {
        match self.start.checked_add(offset) {
            Some(pos) if pos <= self.end => self.pos = pos,
            Some(pos) if pos <= self.wire_end => return Err(Stop::Short),
            _ => return Err(Stop::Malformed),
        }
        Ok(())
    }

    /// Whether all of the layer was captured.
    pub fn is_whole(&self) -> bool {
        self.end == self.wire_end
    }

    /// Lets the layer end `len` bytes after its beginning, where that is sooner.
    pub fn limit(&mut self, len: usize) {
        let end = self.start.saturating_add(len).max(self.pos);
        self.wire_end = self.wire_end.min(end);
        self.own_end = self.own_end.min(end);
        self.end = self.end.min(end);
    }

    /// Lets the payload end `len` bytes after the cursor, where that is sooner; the layer may have more behind it.
    pub fn limit_payload(&mut self, len: usize) {
        self.payload_end = Some(self.pos.saturating_add(len).min(self.wire_end));
    }

    /// Lets reading end `len` bytes after the cursor until [`widen`](Self::widen): an option, a list, a record.
    pub fn narrow(&mut self, len: usize) -> Narrowed {
        let outer = Narrowed { end: self.end, wire_end: self.wire_end };
        let end = self.pos.saturating_add(len);
        self.wire_end = self.wire_end.min(end);
        self.end = self.end.min(end);
        outer
    }

    /// Takes back [`narrow`](Self::narrow).
    pub fn widen(&mut self, outer: Narrowed) {
        self.end = outer.end;
        self.wire_end = outer.wire_end;
    }

    /// Sets how many bytes the protocol's own line covers, where it is not what was read.
    pub fn set_header_len(&mut self, len: usize) {
        self.header_len = Some(len);
    }

    /// Shows the payload inside this layer.
    pub fn payload_inside(&mut self) {
        self.payload_depth = PayloadDepth::Inside;
    }

    /// Shows the payload inside the items that are open now.
    pub fn payload_here(&mut self) {
        self.payload_depth = PayloadDepth::At(self.depth);
    }

    /// Shows the payload at the top of the tree, wherever this layer stands.
    pub fn payload_at_top(&mut self) {
        self.payload_depth = PayloadDepth::Top;
    }

    /// The payload is a packet that this message quotes: shown inside, and it changes no conversation.
    pub fn quote(&mut self) {
        self.payload_depth = PayloadDepth::Inside;
        self.context.quoted = true;
    }

    /// The same, inside the items that are open now.
    pub fn quote_here(&mut self) {
        self.payload_depth = PayloadDepth::At(self.depth);
        self.context.quoted = true;
    }

    // ---- what is around

    /// The frame, with what the capture says of it.
    pub fn frame(&self) -> &'r Frame<'r> {
        self.context.frame
    }

    /// What earlier frames say of this one's time.
    pub fn frame_note(&self) -> FrameNote {
        self.context.packet.note
    }

    /// The layers around this one, the nearest first: the protocol and its bytes up to where the next one begins.
    pub fn around(&self) -> impl Iterator<Item = (&'static Protocol, &'a [u8])> + use<'a, '_> {
        let (bytes, own_source, frame) = (self.bytes, self.source, self.context.frame.bytes);
        let (mut end, mut end_source) = (self.start, self.source);
        let marks = self.context.packet.layers.iter().rev().skip(1);
        marks.map(move |mark| {
            let start = mark.start as usize;
            let bytes = match mark.source {
                source if source == own_source => bytes,
                0 => frame,
                _ => &[],
            };
            // A layer whose payload stands elsewhere has all that is behind it.
            let last = if mark.source == end_source { end } else { mark.limit as usize };
            let own = bytes.get(start..last.max(start)).unwrap_or_default();
            (end, end_source) = (start, mark.source);
            (mark.protocol, own)
        })
    }

    /// The source address of the network layer below.
    pub fn source(&self) -> Address {
        self.context.source
    }

    /// The destination address of the network layer below.
    pub fn destination(&self) -> Address {
        self.context.destination
    }

    /// Tells the layers above between whom they speak.
    pub fn set_addresses(&mut self, source: Address, destination: Address) {
        self.context.source = source;
        self.context.destination = destination;
    }

    /// Whether a layer of this frame could not be read to its end; asked once the payload has been dissected.
    pub fn payload_stopped(&self) -> bool {
        self.context.packet.layers.iter().any(|mark| mark.stopped.is_some())
    }

    /// Whether a layer of this frame could not be read to its end.
    pub fn has_stopped(&self) -> bool {
        self.context.packet.layers.iter().any(|mark| mark.stopped.is_some())
    }

    /// Whether anything of this layer is kept. What costs only to be recorded need not be made where it is not; what is read, and
    /// where reading stops, must not depend on it.
    pub fn is_recorded(&self) -> bool {
        !matches!(self.records, Records::Nothing)
    }

    /// Whether this layer is quoted in an error message.
    pub fn is_quoted(&self) -> bool {
        self.context.quoted
    }

    /// Says whether the payload is the first fragment of a datagram, read without the others.
    pub fn set_fragment(&mut self, is_fragment: bool) {
        self.context.fragment = is_fragment;
    }

    /// Whether this layer stands in the first fragment of a datagram, read without the others: its lengths reach beyond it, and
    /// checksums are of more than is there.
    pub fn is_fragment(&self) -> bool {
        self.context.fragment
    }

    /// Whether nobody reads anything of the frame: once all was [asked](Self::memory), nothing more has to be read.
    pub fn only_asks(&self) -> bool {
        self.context.dissector.only_asks()
    }

    /// What earlier frames say. A protocol above the transports that asks it says so: see [`Protocol::asks`].
    pub fn memory(&mut self) -> &mut dyn Memory {
        debug_assert!(
            self.context.packet.layers.last().is_some_and(|mark| self.context.registry.may_ask(mark.protocol)),
            "who asks says so"
        );
        self.context.memory
    }

    /// What the memory tells about this message; see [`Protocol::remember`].
    pub fn told(&self) -> Told {
        self.told.copied().unwrap_or_default()
    }

    /// The bytes of earlier messages that this one goes on with; see [`Talk::kept`](super::Talk::kept).
    pub fn kept(&self) -> Option<&'a Arc<Buffer>> {
        self.kept
    }

    /// The same, of any length.
    pub fn told_words(&self) -> Option<&'a [u8]> {
        self.words
    }

    /// Whether another message has begun behind this one, in the same segment, and is not whole yet.
    pub fn goes_on(&self) -> bool {
        self.context.goes_on
    }

    /// The protocol that has this name.
    pub fn by_name(&self, table: NameTable, name: &[u8]) -> Option<&'static Protocol> {
        self.context.registry.by_name(table, name)
    }

    /// Says what the payload is: its media type.
    pub fn set_about(&mut self, write: impl FnOnce(&mut Text)) {
        let mut words = std::mem::take(&mut self.context.packet.words);
        words.clear();
        write(&mut words);
        let kept = self.context.packet.keep(words.as_bytes());
        self.context.about = ((kept >> 32) as u32, kept as u32);
        self.context.packet.words = words;
    }

    /// What the layer below says that this one is.
    pub fn about(&self) -> &[u8] {
        let (start, len) = self.about;
        self.context.packet.scratch.get(start as usize..start as usize + len as usize).unwrap_or_default()
    }

    /// Whether anybody reads what `payload` says of bytes that have to be decoded first.
    pub fn wants(&self, payload: &'static Protocol) -> bool {
        self.context.dissector.wants_payload(payload)
    }

    /// The same of any payload.
    pub fn wants_contents(&self) -> bool {
        self.context.dissector.wants_contents()
    }

    /// Whether anybody reads columns of the packet list.
    pub fn wants_columns(&self) -> bool {
        !matches!(self.context.dissector.need().protocols, Needed::Only(_))
    }

    /// Whether anybody asks in which layers reading stops: for them these are read though nothing is recorded.
    pub fn wants_stops(&self) -> bool {
        match &self.context.dissector.need().rows {
            rows @ Rows::Only(_) => super::run::FIELDS.iter().any(|field| rows.has(field)),
            Rows::All => false,
        }
    }

    /// Keeps what the packet list says of a message that begins in this frame and is not whole yet.
    pub fn set_preview(&mut self, write: impl FnOnce(&mut Text)) {
        let mut words = std::mem::take(&mut self.context.packet.words);
        words.clear();
        write(&mut words);
        if !words.is_empty() {
            let kept = self.context.packet.keep(words.as_bytes());
            self.context.packet.preview = Some(((kept >> 32) as u32, kept as u32));
        }
        self.context.packet.words = words;
    }

    /// Gives the rest of this layer to the memory, which cuts the stream that it belongs to into messages. What it made of it is
    /// in [`with_delivered`](Self::with_delivered); [`Next::Messages`] has them dissected.
    pub fn deliver(&mut self, fill: impl FnOnce(&mut Delivery)) {
        let mut delivery = Delivery::new(self.context.registry, self.remaining(), self.wire_remaining());
        fill(&mut delivery);
        self.context.parts.clear();
        self.context.memory.deliver(&delivery, &mut self.context.parts);
    }

    /// Whether anybody reads what streams are cut into.
    pub fn wants_messages(&self) -> bool {
        self.context.cuts
    }

    /// Whether nobody needs more of this layer, nor of what it carries, than the first `stages` of its protocol's stages; with 0,
    /// whether nobody needs anything of it.
    pub fn suffices(&self, stages: u8) -> bool {
        stages >= self.stages.last
    }

    /// Whether nobody needs anything of the stages before `stage`, counted from 1.
    pub fn begins_at(&self, stage: u8) -> bool {
        self.stages.first >= stage
    }

    /// Whether nothing is recorded of the stages before `stage`, though it may be needed that they are read.
    pub fn records_from(&self, stage: u8) -> bool {
        match self.records {
            Records::Nothing => true,
            Records::Rows(chosen) => chosen.stages.first >= stage,
            Records::All | Records::Columns => false,
        }
    }

    /// Whether nothing is recorded of the stages behind `stage`.
    pub fn records_until(&self, stage: u8) -> bool {
        match self.records {
            Records::Nothing => true,
            Records::Rows(chosen) => chosen.stages.last <= stage,
            Records::All | Records::Columns => false,
        }
    }

    /// Shows `read` the parts that [`deliver`](Self::deliver) found.
    pub fn with_delivered(&mut self, read: impl FnOnce(&mut Self, &[Part])) {
        let parts = std::mem::take(&mut self.context.parts);
        read(self, &parts);
        self.context.parts = parts;
    }

    /// Makes a buffer one of the packet's data sources and returns its number.
    pub fn add_source(&mut self, buffer: &Arc<Buffer>) -> Option<u8> {
        self.context.packet.source_of(buffer)
    }

    /// Reads from a buffer instead of the layer's own bytes while `read` runs; what it records stands on this level.
    pub fn within<T>(
        &mut self,
        buffer: &Arc<Buffer>,
        read: impl for<'b> FnOnce(&mut Layer<'b, 'r, '_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let source = self.context.packet.source_of(buffer);
        let end = buffer.bytes.len();
        let records = if source.is_some() { self.records } else { Records::Nothing };
        let at = Layer::over(&mut *self.context, &buffer.bytes, 0, end, source.unwrap_or_default(), self.base, records);
        let mut inner = Layer { depth: self.depth, told: self.told, stages: self.stages, ..at };
        read(&mut inner)
    }

    /// Lets the payload be read from a buffer instead of what is behind the cursor.
    pub fn payload_in(&mut self, buffer: Arc<Buffer>) {
        self.elsewhere = Some(buffer);
    }

    /// Whether this row is recorded: what it takes to make it need not be done otherwise.
    #[inline(always)]
    pub fn records(&self, field: &Field) -> bool {
        self.records.has(field)
    }

    /// Whether more may be recorded of this layer than what the columns of the packet list are made of.
    pub fn is_detailed(&self) -> bool {
        matches!(self.records, Records::All | Records::Rows(_))
    }

    /// Whether nothing is recorded of this layer but what the columns of the packet list are made of.
    pub fn is_brief(&self) -> bool {
        matches!(self.records, Records::Columns)
    }

    /// Records everything while `read` runs, also where nothing but columns is needed: for what is seen seldom.
    pub fn in_full<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let records = self.records;
        if self.is_brief() {
            self.records = Records::All;
        }
        let result = read(self);
        self.records = records;
        result
    }

    /// All that the user decided.
    pub fn preferences(&self) -> &'r Preferences {
        self.context.preferences
    }

    /// What the user decided.
    pub fn prefers(&self, preference: &'static Preference) -> bool {
        self.context.preferences.get(preference)
    }

    /// Records the names of all protocols above `first` in the stack, joined by colons.
    pub fn record_stack(&mut self, field: &'static Field, first: &'static Protocol) {
        if !self.is_recorded() {
            return;
        }
        let packet = &mut *self.context.packet;
        let start = packet.scratch.len();
        let above = packet.layers.iter().skip_while(|mark| !std::ptr::eq(mark.protocol, first)).skip(1);
        for mark in above.filter(|mark| !mark.follows) {
            if packet.scratch.len() > start {
                packet.scratch.push(b':');
            }
            packet.scratch.extend_from_slice(mark.protocol.name().as_bytes());
        }
        let kept = (start as u64) << 32 | (packet.scratch.len() - start) as u64;
        packet.push(Entry::new(field, kept, self.start, 0, self.depth, self.source).detached());
    }

    // ---- recording

    #[inline(always)]
    fn number(&mut self, field: &'static Field, value: u64, len: usize) {
        if self.takes(field, self.pos, len) {
            let value = match field.kind {
                Kind::Signed(bits) => sign_extended(value, bits) as u64,
                _ => field.extract(value),
            };
            self.push(field, value, self.pos, len);
        }
        self.pos += len;
    }

    #[inline(always)]
    fn record(&mut self, field: &'static Field, value: u64, start: usize, len: usize) {
        self.stands = true;
        if self.takes(field, start, len) {
            self.push(field, value, start, len);
        }
    }

    /// Whether a row over these bytes is recorded. Where rows are chosen, its [`parts`](Self::parts) may be, though it is
    /// not: so it is remembered where it stands.
    #[inline(always)]
    fn takes(&mut self, field: &Field, start: usize, len: usize) -> bool {
        if let Records::Rows(_) = self.records {
            self.last = (start, len);
        }
        self.records(field)
    }

    fn push(&mut self, field: &'static Field, value: u64, start: usize, len: usize) {
        let entry = Entry::new(field, value, start, len, self.depth, self.source);
        self.context.packet.push(entry);
    }
}

const fn sign_extended(value: u64, bits: u8) -> i64 {
    let unused = 64 - bits as u32;
    ((value << unused) as i64) >> unused
}
