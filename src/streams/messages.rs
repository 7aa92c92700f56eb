//! The messages of connections: whole ones pass through, others are kept until their last piece is there.
//!
//! A segment whose bytes are whole messages leaves nothing behind. Where a message goes on, its bytes are kept as
//! [`Awaited`]: to a length that its protocol knows, for one more segment, or until the stream ends. As tshark does, what
//! follows on a lost segment is looked at afresh, and what arrives late completes a message that is then not read any more;
//! where segments are put in order first, everything waits for what is missing instead.
//!
//! What is kept is capped, for a message and in all; what is over that is given up, and the packet says so.

use std::sync::Arc;

use foldhash::HashMap;

use crate::capture::Time;
use crate::dissect::message::{apart, carve_into, remember};
use crate::dissect::{
    Again, Buffer, Conversation, Delivery, Envelope, Fault, Foresight, Framing, Memo, Part, Piece, Protocol, Successor,
    Table, Talk, What, Who,
};

/// The most bytes of one message, with what it takes to remember its pieces.
const MAX_MESSAGE: usize = 16 << 20;
/// The most bytes that are kept of all messages.
const MAX_KEPT: usize = 256 << 20;
/// The most messages of one side that are awaited at a time; the oldest is given up.
const MAX_AWAITED: usize = 4;
/// The most stretches with holes between them that one message may have.
const MAX_STRETCHES: usize = 1024;
/// The most bytes of a beginning that a line is made from.
const MAX_HEAD: usize = 8192;
/// The most bytes of a message for which room is made before they are there.
const MAX_RESERVED: usize = 64 << 10;
/// What remembering a piece costs.
const PIECE: usize = size_of::<Piece>();

/// The connections whose protocol has messages.
#[derive(Default)]
pub(super) struct Messages {
    talks: HashMap<u64, Box<Talking>>,
    /// Bytes that are kept in all.
    kept: usize,
    /// The frames of pieces and where their messages end, in the order in which they end; kept only where the capture is read again.
    found: Option<Vec<(u64, u64)>>,
    /// The same of the first reading, by the frames of the pieces.
    known: Option<Vec<(u64, u64)>>,
    /// What protocols keep for another reading.
    foresight: Foresight,
}

/// One connection.
struct Talking {
    speaker: Speaker,
    sides: [Side; 2],
}

/// Who speaks, and what that protocol remembers.
struct Speaker {
    protocol: &'static Protocol,
    memo: Memo,
    /// What stands around its messages.
    envelope: Option<Arc<Envelope>>,
    /// Nobody knows yet who speaks: what is said is looked at.
    is_open: bool,
}

/// What one side has begun to say.
#[derive(Default)]
struct Side {
    awaited: Vec<Awaited>,
    /// The sequence numbers of the message that was put together last: its first byte and the one behind it.
    done: Option<(u32, u32)>,
    /// The sequence number that follows on what was there, where segments are put in order.
    next: Option<u32>,
}

/// What a look at bytes came to.
struct Look {
    /// Bytes of the whole messages.
    done: usize,
    /// What the rest is, where there is one and the same protocol has it.
    rest: Option<Framing>,
    /// Another protocol speaks from here on.
    is_succeeded: bool,
}

/// Bytes of which more are to come.
struct Awaited {
    /// The sequence number of its first byte.
    start: u32,
    until: Until,
    /// What is there, with zeros in its holes.
    bytes: Vec<u8>,
    /// What each frame gave, in the order of arrival.
    pieces: Vec<Piece>,
    /// The stretches that are there: begin and end, in order, not touching each other.
    stretches: Vec<(u32, u32)>,
    /// Its beginning, for a line in the packet list.
    head: Option<Arc<Buffer>>,
    /// More came than may be kept: only its place is known.
    is_given_up: bool,
}

/// How far an [`Awaited`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// It has so many bytes.
    Len(usize),
    /// One more segment.
    Segment,
    /// The end of the stream.
    Close,
}

/// The frame whose segment is delivered.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub frame: u64,
    pub time: Option<Time>,
    /// Which end sends; see [`Talk::side`].
    pub side: usize,
}

impl Messages {
    /// Keeps what is found for another reading.
    pub(super) fn first_pass() -> Messages {
        Messages { found: Some(Vec::new()), foresight: Foresight::first_pass(), ..Messages::default() }
    }

    /// Begins again, and knows in which frame each piece's message ends.
    pub(super) fn second_pass(self) -> Messages {
        let mut known = self.found.unwrap_or_default();
        known.sort_unstable();
        known.dedup_by_key(|row| row.0);
        Messages { known: Some(known), foresight: self.foresight.second_pass(), ..Messages::default() }
    }

    pub(super) fn deliver(&mut self, delivery: &Delivery, moment: Moment, parts: &mut Vec<Part>) {
        let mut cutting = Cutting {
            delivery,
            moment,
            kept: &mut self.kept,
            found: self.found.as_mut(),
            known: self.known.as_deref(),
            foresight: &mut self.foresight,
            parts,
        };
        if let Some(talking) = self.talks.get_mut(&delivery.stream) {
            cutting.deliver(talking);
            return;
        }
        if delivery.bytes.is_empty() {
            return;
        }
        let Conversation { source_port, destination_port, .. } = delivery.conversation;
        let (registry, table) = (delivery.registry, Table::TcpPort);
        let by_port = registry.by_port(table, source_port, destination_port);
        let by_look = || if delivery.again == Again::No { registry.by_look(table, delivery.bytes) } else { None };
        match by_port.or_else(by_look) {
            // What every segment tells anew need not be remembered.
            Some(protocol) if by_port.is_some() && !protocol.has_messages() => cutting.alone(Some(protocol)),
            None => cutting.alone(registry.by_default(table, source_port, destination_port)),
            Some(protocol) => {
                let speaker = Speaker { protocol, memo: Memo::default(), envelope: None, is_open: false };
                let mut talking = Box::new(Talking { speaker, sides: [Side::default(), Side::default()] });
                cutting.deliver(&mut talking);
                self.talks.insert(delivery.stream, talking);
            }
        }
    }
}

/// One segment on the way.
struct Cutting<'a> {
    delivery: &'a Delivery<'a>,
    moment: Moment,
    kept: &'a mut usize,
    found: Option<&'a mut Vec<(u64, u64)>>,
    known: Option<&'a [(u64, u64)]>,
    foresight: &'a mut Foresight,
    parts: &'a mut Vec<Part>,
}

impl Cutting<'_> {
    /// A segment that stands for itself.
    fn alone(&mut self, protocol: Option<&'static Protocol>) {
        let len = self.delivery.wire_len;
        match (self.delivery.again, protocol) {
            (Again::Retransmission, _) => self.parts.push(Part { what: What::Again, len, ..Part::default() }),
            (Again::No, Some(_)) => self.parts.push(Part { protocol, len, ..Part::default() }),
            _ => {}
        }
    }

    fn deliver(&mut self, talking: &mut Talking) {
        let delivery = self.delivery;
        let Talking { speaker, sides } = talking;
        let side = &mut sides[self.moment.side & 1];
        if delivery.again == Again::Retransmission && !delivery.in_order {
            self.alone(Some(speaker.protocol));
        } else if delivery.is_apart || delivery.bytes.len() < delivery.wire_len {
            // What is missing of it would be missing in the middle of a message.
            self.deliver_apart(speaker);
        } else if delivery.in_order {
            self.deliver_in_order(speaker, side);
        } else {
            self.deliver_as_it_comes(speaker, side);
        }
        if delivery.is_last {
            self.close(speaker, side);
        }
    }

    fn deliver_apart(&mut self, speaker: &mut Speaker) {
        if self.delivery.again != Again::No {
            return;
        }
        let mut pos = Some(0);
        while let Some(base) = pos {
            self.open(speaker, &self.delivery.bytes[base..]);
            let protocol = speaker.protocol;
            let mut talk = talk(self.delivery, self.moment, self.foresight, speaker, base);
            let done = apart(protocol, &mut talk, self.delivery, base, self.parts);
            let successor = talk.successor.take();
            self.change(speaker, successor);
            pos = done.map(|done| base + done);
        }
    }

    fn deliver_as_it_comes(&mut self, speaker: &mut Speaker, side: &mut Side) {
        let delivery = self.delivery;
        let mut pos = 0;
        while pos < delivery.bytes.len() {
            let sequence = delivery.sequence.wrapping_add(pos as u32);
            if let Some(place) = side.awaited.iter().position(|awaited| awaited.has_place_for(sequence)) {
                pos += self.go_on(speaker, side, place, pos);
                continue;
            }
            if delivery.again != Again::No {
                let is_done = |&(start, end): &(u32, u32)| sequence.wrapping_sub(start) < end.wrapping_sub(start);
                if side.done.as_ref().is_some_and(is_done) {
                    self.parts.push(Part { what: What::Refused, start: pos, ..Part::default() });
                }
                return;
            }
            pos += self.begin(speaker, side, pos);
        }
    }

    /// Looks at bytes that begin a message, from `pos` of the segment, and returns how many are done.
    fn begin(&mut self, speaker: &mut Speaker, side: &mut Side, pos: usize) -> usize {
        let bytes = &self.delivery.bytes[pos..];
        self.open(speaker, bytes);
        let protocol = speaker.protocol;
        let Look { done, rest, is_succeeded } = self.look(speaker, bytes, pos, pos, None);
        let Some(until) = rest.and_then(Until::of) else {
            return if is_succeeded { done } else { bytes.len() };
        };
        let (start, len) = (pos + done, bytes.len() - done);
        let mut awaited = Awaited::new(self.delivery.sequence.wrapping_add(start as u32), until);
        if until.is_too_long() {
            // What is there is shown; the rest goes by.
            self.whole(speaker, &bytes[done..], start, start, None);
            awaited.give_up();
            self.keep(side, awaited);
            return bytes.len();
        }
        self.add(&mut awaited, 0, &bytes[done..]);
        self.keep(side, awaited);
        self.await_more(protocol, speaker, start, len, None);
        bytes.len()
    }

    /// Looks for whole messages at the beginning of `bytes` and adds them to the parts. They stand at `base` of `buffer`, or of the
    /// segment if there is none, and begin `pos` bytes behind the beginning of the segment.
    fn look(
        &mut self,
        speaker: &mut Speaker,
        bytes: &[u8],
        base: usize,
        pos: usize,
        buffer: Option<&Arc<Buffer>>,
    ) -> Look {
        let protocol = speaker.protocol;
        let mut talk = talk(self.delivery, self.moment, self.foresight, speaker, pos);
        let (done, rest) = carve_into(protocol, &mut talk, bytes, base, buffer, self.parts);
        let successor = talk.successor.take();
        let is_succeeded = successor.is_some();
        self.change(speaker, successor);
        Look { done, rest, is_succeeded }
    }

    /// Takes all of `bytes` for one message; see [`look`](Self::look).
    fn whole(&mut self, speaker: &mut Speaker, bytes: &[u8], base: usize, pos: usize, buffer: Option<Arc<Buffer>>) {
        let protocol = speaker.protocol;
        let mut talk = talk(self.delivery, self.moment, self.foresight, speaker, pos);
        remember(protocol, &mut talk, bytes);
        let part = Part { buffer, ..Part::message(protocol, base, bytes.len(), &mut talk) };
        let successor = talk.successor.take();
        self.parts.push(part);
        self.change(speaker, successor);
    }

    /// Where nobody knows who speaks, lets whoever recognises what is said speak from now on.
    fn open(&self, speaker: &mut Speaker, bytes: &[u8]) {
        if speaker.is_open
            && self.delivery.again == Again::No
            && let Some(protocol) = self.delivery.registry.by_look(Table::TcpPort, bytes)
        {
            (speaker.protocol, speaker.is_open) = (protocol, false);
        }
    }

    /// Adds bytes to what is awaited at `place`, from `pos` of the segment, and returns how many it took.
    fn go_on(&mut self, speaker: &mut Speaker, side: &mut Side, place: usize, pos: usize) -> usize {
        let delivery = self.delivery;
        let mut awaited = side.awaited.remove(place);
        let offset = delivery.sequence.wrapping_add(pos as u32).wrapping_sub(awaited.start) as usize;
        let bytes = &delivery.bytes[pos..];
        let bytes = match awaited.until {
            Until::Len(len) => &bytes[..bytes.len().min(len - offset)],
            Until::Segment | Until::Close => bytes,
        };
        if !awaited.is_given_up && !awaited.has_room_for(offset, bytes.len()) && delivery.again == Again::No {
            self.show_some(speaker, &mut awaited, pos);
        }
        self.add(&mut awaited, offset, bytes);
        let is_whole = match awaited.until {
            Until::Len(len) => awaited.is_whole(len),
            Until::Segment => true,
            Until::Close => false,
        };
        if awaited.is_given_up {
            self.parts.push(Part { what: What::GivenUp, start: pos, len: bytes.len(), ..Part::default() });
            if awaited.until != Until::Len(offset + bytes.len()) {
                side.awaited.insert(place, awaited);
            }
        } else if !is_whole {
            self.awaiting(speaker, pos, bytes.len());
            side.awaited.insert(place, awaited);
        } else if delivery.again != Again::No {
            self.release(&awaited);
            side.done = Some(awaited.range());
            self.assembled(awaited, pos, bytes.len());
        } else {
            self.look_again(speaker, side, awaited, (pos, bytes.len()));
        }
        bytes.len()
    }

    /// Shows what is there of a message that becomes longer than may be kept, and gives the rest up.
    fn show_some(&mut self, speaker: &mut Speaker, awaited: &mut Awaited, pos: usize) {
        let (start, until, there) = (awaited.start, awaited.until, awaited.there());
        let mut given_up = Awaited::new(start, until);
        given_up.give_up();
        let some = std::mem::replace(awaited, given_up);
        self.release(&some);
        if there > 0 {
            let buffer = self.assembled(some, pos, 0);
            let bytes = Arc::clone(&buffer);
            self.whole(speaker, &bytes.bytes[..there], 0, self.offset_of(start), Some(buffer));
        }
    }

    /// Looks at what was awaited, which the bytes `of` the segment made whole.
    fn look_again(&mut self, speaker: &mut Speaker, side: &mut Side, mut awaited: Awaited, (pos, len): (usize, usize)) {
        let protocol = speaker.protocol;
        let (start, there) = (awaited.start, awaited.there());
        let first_part = self.parts.len();
        let Look { done, rest, is_succeeded } =
            self.look(speaker, &awaited.bytes[..there], 0, self.offset_of(start), None);
        let until = rest.and_then(Until::of);
        if let (0, Some(until)) = (done, until) {
            awaited.until = until;
            if until.is_too_long() {
                self.show_some(speaker, &mut awaited, pos);
            } else {
                let head = awaited.head(protocol);
                self.await_more(protocol, speaker, pos, len, head);
            }
            side.awaited.push(awaited);
            return;
        }
        self.release(&awaited);
        side.done = Some(awaited.range());
        let rest = until.map(|until| {
            let mut rest = awaited.split_off(done, there);
            rest.until = until;
            rest
        });
        let after = self.parts.split_off(first_part);
        let buffer = self.assembled(awaited, pos, len);
        self.parts.extend(after.into_iter().map(|part| Part { buffer: Some(Arc::clone(&buffer)), ..part }));
        if let Some(mut rest) = rest {
            *self.kept += rest.cost();
            let head = rest.head(protocol);
            self.keep(side, rest);
            self.await_more(protocol, speaker, pos + len, 0, head);
        } else if is_succeeded && done < there {
            // What another protocol says in the same segment: all of it is in this one, else it would have been cut before.
            let behind = (there - done).min(len);
            self.begin(speaker, side, pos + len - behind);
        }
    }

    fn deliver_in_order(&mut self, speaker: &mut Speaker, side: &mut Side) {
        let Delivery { sequence, bytes, .. } = *self.delivery;
        if bytes.is_empty() {
            return;
        }
        let next = *side.next.get_or_insert(sequence);
        let end = sequence.wrapping_add(bytes.len() as u32);
        if (end.wrapping_sub(next) as i32) <= 0 {
            self.alone(None);
            return;
        }
        let ahead = sequence.wrapping_sub(next) as i32;
        if ahead == 0 && side.awaited.is_empty() {
            side.next = Some(end);
            let mut pos = 0;
            while pos < bytes.len() {
                pos += self.begin(speaker, side, pos);
            }
            return;
        }
        let mut awaited = side.awaited.pop().unwrap_or_else(|| Awaited::new(next, Until::Segment));
        // A message that ends here begins where the one before it did, so that what is old of this segment is old there too.
        let (offset, old) = match sequence.wrapping_sub(awaited.start) as i32 {
            offset @ 0.. => (offset as usize, 0),
            before => (0, before.unsigned_abs() as usize),
        };
        let before = awaited.there();
        self.add(&mut awaited, offset, &bytes[old.min(bytes.len())..]);
        let there = awaited.there();
        side.next = Some(awaited.start.wrapping_add(there as u32));
        if awaited.is_given_up {
            self.parts.push(Part { what: What::GivenUp, len: bytes.len(), ..Part::default() });
            side.next = Some(end);
            return;
        }
        let is_enough = match awaited.until {
            Until::Len(len) => there >= len,
            Until::Segment => there > before,
            Until::Close => false,
        };
        if is_enough {
            let early = awaited.split_early(there);
            self.look_again(speaker, side, awaited, (0, bytes.len()));
            if let Some(early) = early {
                match side.awaited.last_mut() {
                    Some(rest) => rest.take_early(early),
                    None => side.awaited.push(early),
                }
            }
        } else {
            self.await_more(speaker.protocol, speaker, 0, bytes.len(), None);
            side.awaited.push(awaited);
        }
    }

    /// Ends what goes on until the stream ends.
    fn close(&mut self, speaker: &mut Speaker, side: &mut Side) {
        let delivery = self.delivery;
        let Some(place) = side.awaited.iter().position(|awaited| awaited.until == Until::Close) else { return };
        let mut awaited = side.awaited.remove(place);
        self.release(&awaited);
        let there = awaited.there();
        let end = delivery.sequence.wrapping_add(delivery.bytes.len() as u32);
        // One with a hole in it or behind it has not ended.
        if awaited.is_given_up || there == 0 || there < awaited.bytes.len() || awaited.range().1 != end {
            return;
        }
        // The last bytes are not shown as a piece of a message besides.
        while self.parts.last().is_some_and(|part| matches!(part.what, What::Awaiting | What::Begun)) {
            self.parts.pop();
        }
        let start = awaited.start.wrapping_sub(delivery.sequence) as usize;
        if let Some(bytes) = delivery.bytes.get(start..)
            && bytes.len() == there
        {
            self.whole(speaker, bytes, start, start, None);
            return;
        }
        if delivery.bytes.is_empty() {
            awaited.pieces.push(Piece { frame: self.moment.frame, start: there as u32, ..Piece::default() });
        }
        let start = self.offset_of(awaited.start);
        let buffer = self.assembled(awaited, 0, 0);
        let bytes = Arc::clone(&buffer);
        self.whole(speaker, &bytes.bytes[..there], 0, start, Some(buffer));
    }

    // ---- small steps

    /// How far behind the beginning of the segment a sequence number is, modulo 2³².
    fn offset_of(&self, sequence: u32) -> usize {
        sequence.wrapping_sub(self.delivery.sequence) as usize
    }

    /// Lets another protocol speak from now on.
    fn change(&self, speaker: &mut Speaker, successor: Option<Successor>) {
        let Some(Successor { who, envelope }) = successor else { return };
        let registry = self.delivery.registry;
        let (protocol, is_open) = match who {
            Who::Protocol(protocol) => (Some(protocol), false),
            Who::Port(table, port) => (registry.by_port(table, port, port), true),
            Who::Nobody => (None, false),
        };
        let is_open = is_open && protocol.is_none();
        *speaker =
            Speaker { protocol: protocol.unwrap_or(registry.fallback()), memo: Memo::default(), envelope, is_open };
    }

    fn add(&mut self, awaited: &mut Awaited, offset: usize, bytes: &[u8]) {
        *self.kept -= awaited.cost();
        awaited.add(self.moment.frame, offset, bytes);
        if *self.kept + awaited.cost() > MAX_KEPT {
            awaited.give_up();
        }
        *self.kept += awaited.cost();
    }

    fn keep(&mut self, side: &mut Side, awaited: Awaited) {
        if side.awaited.len() == MAX_AWAITED {
            let oldest = side.awaited.remove(0);
            self.release(&oldest);
        }
        side.awaited.push(awaited);
    }

    fn release(&mut self, awaited: &Awaited) {
        *self.kept -= awaited.cost();
    }

    /// Says that a message was looked at and is not whole; `head` is its beginning, where that does not stand here.
    fn await_more(
        &mut self,
        protocol: &'static Protocol,
        speaker: &Speaker,
        start: usize,
        len: usize,
        head: Option<Arc<Buffer>>,
    ) {
        let ends_in = self.ends_in();
        let what = if self.known.is_some() { What::Awaiting } else { What::Begun };
        let (protocol, envelope) = (Some(protocol), speaker.envelope.clone());
        let part = Part { what, protocol, start, len, buffer: head, envelope, ends_in, ..Part::default() };
        self.parts.push(part);
    }

    /// Says that more is known to come.
    fn awaiting(&mut self, speaker: &Speaker, start: usize, len: usize) {
        let ends_in = self.ends_in();
        let (protocol, envelope) = (Some(speaker.protocol), speaker.envelope.clone());
        let part = Part { what: What::Awaiting, protocol, start, len, envelope, ends_in, ..Part::default() };
        self.parts.push(part);
    }

    fn ends_in(&self) -> Option<u64> {
        let known = self.known?;
        known.binary_search_by_key(&self.moment.frame, |row| row.0).ok().map(|place| known[place].1)
    }

    /// Makes a buffer of what is there.
    fn assembled(&mut self, mut awaited: Awaited, start: usize, len: usize) -> Arc<Buffer> {
        awaited.pieces.sort_by_key(|piece| piece.start);
        let Awaited { bytes, pieces, .. } = awaited;
        if let Some(found) = &mut self.found {
            let others = pieces.iter().filter(|piece| piece.frame != self.moment.frame);
            found.extend(others.map(|piece| (piece.frame, self.moment.frame)));
        }
        let buffer = Arc::new(Buffer { name: "Reassembled TCP", bytes, pieces });
        let kept = Some(Arc::clone(&buffer));
        self.parts.push(Part { what: What::Assembled, start, len, buffer: kept, ..Part::default() });
        buffer
    }
}

/// A talk about bytes that begin `pos` bytes behind the beginning of the segment.
fn talk<'a>(
    delivery: &Delivery<'a>,
    moment: Moment,
    foresight: &'a mut Foresight,
    speaker: &'a mut Speaker,
    pos: usize,
) -> Talk<'a> {
    let Conversation { source_port, destination_port, .. } = delivery.conversation;
    let Moment { frame, time, side } = moment;
    Talk {
        registry: delivery.registry,
        memo: &mut speaker.memo,
        foresight,
        stream: delivery.stream,
        sequence: delivery.sequence.wrapping_add(pos as u32),
        side,
        frame,
        time,
        source_port,
        destination_port,
        told: Default::default(),
        words: None,
        envelope: speaker.envelope.clone(),
        successor: None,
    }
}

impl Until {
    fn of(framing: Framing) -> Option<Until> {
        match framing {
            Framing::Needs(len) => Some(Until::Len(len)),
            Framing::More => Some(Until::Segment),
            Framing::UntilClose => Some(Until::Close),
            Framing::Whole(_) | Framing::Foreign => None,
        }
    }

    /// Whether that is known to be longer than may be kept.
    fn is_too_long(self) -> bool {
        matches!(self, Until::Len(len) if len > MAX_MESSAGE - PIECE)
    }
}

impl Awaited {
    fn new(start: u32, until: Until) -> Awaited {
        let (bytes, pieces, stretches) = (Vec::new(), Vec::new(), Vec::new());
        Awaited { start, until, bytes, pieces, stretches, head: None, is_given_up: false }
    }

    /// Whether a byte with this sequence number belongs to it.
    fn has_place_for(&self, sequence: u32) -> bool {
        let offset = sequence.wrapping_sub(self.start) as usize;
        match self.until {
            Until::Len(len) => offset < len,
            Until::Segment | Until::Close => offset <= self.bytes.len(),
        }
    }

    /// What it costs to keep it.
    fn cost(&self) -> usize {
        self.bytes.len() + self.pieces.len() * PIECE
    }

    /// Bytes that are there without a hole before them.
    fn there(&self) -> usize {
        self.stretches.first().map_or(0, |&(start, end)| if start == 0 { end as usize } else { 0 })
    }

    fn is_whole(&self, len: usize) -> bool {
        self.there() >= len
    }

    fn range(&self) -> (u32, u32) {
        (self.start, self.start.wrapping_add(self.bytes.len() as u32))
    }

    fn give_up(&mut self) {
        let Awaited { start, until, .. } = *self;
        *self = Awaited { is_given_up: true, ..Awaited::new(start, until) };
    }

    fn has_room_for(&self, offset: usize, len: usize) -> bool {
        offset.saturating_add(len).saturating_add((self.pieces.len() + 1) * PIECE) <= MAX_MESSAGE
    }

    /// Its beginning, where `protocol` makes a line of it.
    fn head(&mut self, protocol: &Protocol) -> Option<Arc<Buffer>> {
        protocol.preview?;
        let bytes = &self.bytes[..self.there().min(MAX_HEAD)];
        if self.head.as_ref().is_none_or(|head| head.bytes.len() < bytes.len()) {
            self.head = Some(Arc::new(Buffer { bytes: bytes.to_vec(), ..Buffer::default() }));
        }
        self.head.clone()
    }

    /// Adds bytes at a place; those that were there before stay what they were.
    fn add(&mut self, frame: u64, offset: usize, new: &[u8]) {
        let end = offset.saturating_add(new.len());
        if self.is_given_up || !self.has_room_for(offset, new.len()) {
            self.give_up();
            return;
        }
        if new.is_empty() {
            return;
        }
        let is_next = match self.stretches[..] {
            [] => offset == 0,
            [(0, there)] => offset == there as usize && there as usize == self.bytes.len(),
            _ => false,
        };
        if is_next {
            self.append(frame, new);
            return;
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        let mut fault = Fault::default();
        let (first, last) = (offset as u32, end as u32);
        // The stretches that the new one overlaps or touches become one with it.
        let from = self.stretches.partition_point(|&(_, end)| end < first);
        let to = self.stretches.partition_point(|&(start, _)| start <= last);
        let mut free = first;
        for &(start, stop) in &self.stretches[from..to] {
            let (start, stop) = (start.max(first), stop.min(last));
            if start < stop {
                fault.overlap = true;
                let (range, at) = (start as usize..stop as usize, start as usize - offset);
                fault.conflict |= self.bytes[range.clone()] != new[at..at + range.len()];
            }
            if free < start {
                self.bytes[free as usize..start as usize]
                    .copy_from_slice(&new[(free - first) as usize..(start - first) as usize]);
            }
            free = free.max(stop);
        }
        if free < last {
            self.bytes[free as usize..end].copy_from_slice(&new[(free - first) as usize..]);
        }
        let joined =
            self.stretches[from..to].iter().fold((first, last), |all, one| (all.0.min(one.0), all.1.max(one.1)));
        self.stretches.splice(from..to, [joined]);
        self.pieces.push(Piece { frame, start: first, len: last - first, fault });
        if self.stretches.len() > MAX_STRETCHES {
            self.give_up();
        }
    }

    /// Adds bytes that follow on those that are there.
    fn append(&mut self, frame: u64, new: &[u8]) {
        let start = self.bytes.len();
        if let (0, Until::Len(len)) = (start, self.until) {
            self.bytes.reserve(len.min(MAX_RESERVED));
        }
        self.bytes.extend_from_slice(new);
        self.stretches.clear();
        self.stretches.push((0, self.bytes.len() as u32));
        self.pieces.push(Piece { frame, start: start as u32, len: new.len() as u32, fault: Fault::default() });
    }

    /// Takes away what stands behind `done`, of which there is no hole up to `there`; this ends there then, too.
    fn split_off(&mut self, done: usize, there: usize) -> Awaited {
        let mut rest = Awaited::new(self.start.wrapping_add(done as u32), Until::Segment);
        for piece in &self.pieces {
            let (start, end) =
                ((piece.start as usize).max(done), (piece.start as usize + piece.len as usize).min(there));
            if start < end {
                rest.add(piece.frame, start - done, &self.bytes[start..end]);
            }
        }
        rest
    }

    /// Takes away what stands behind a hole at `there`.
    fn split_early(&mut self, there: usize) -> Option<Awaited> {
        if self.bytes.len() <= there {
            return None;
        }
        let mut early = Awaited::new(self.start.wrapping_add(there as u32), Until::Segment);
        let (own, others): (Vec<Piece>, Vec<Piece>) =
            self.pieces.iter().partition(|piece| (piece.start as usize) < there);
        for piece in others {
            let start = piece.start as usize;
            early.add(piece.frame, start - there, &self.bytes[start..start + piece.len as usize]);
        }
        self.pieces = own;
        self.bytes.truncate(there);
        self.stretches.truncate(1);
        Some(early)
    }

    /// Adds what stands behind a hole.
    fn take_early(&mut self, early: Awaited) {
        let offset = early.start.wrapping_sub(self.start) as usize;
        for piece in &early.pieces {
            let start = piece.start as usize;
            self.add(piece.frame, offset + start, &early.bytes[start..start + piece.len as usize]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dissect::{Next, Registry, Told};
    use crate::protocols;

    /// Messages of the tests: a digit that says how many letters follow, `;`-terminated text, or `~` and all that follows.
    static TOY: Protocol = Protocol {
        claims: &[(Table::TcpPort, 7)],
        pdu_len: Some(|_, bytes| match bytes {
            [] => Framing::More,
            [b'~', ..] => Framing::UntilClose,
            [b'!', ..] => Framing::Foreign,
            [digit @ b'0'..=b'9', ..] => Framing::of(usize::from(digit - b'0') + 1, bytes.len()),
            _ => bytes.iter().position(|&byte| byte == b';').map_or(Framing::More, |place| Framing::Whole(place + 1)),
        }),
        remember: Some(|talk, message| {
            let count = talk.memo.get_mut::<u64>();
            *count += 1;
            talk.told[0] = *count;
            if message == b"other;" {
                talk.successor = Some(Successor { who: Who::Protocol(&OTHER), envelope: None });
            }
        }),
        dissect: |_| Ok(Next::End),
        preview: Some(|bytes, text| _ = text.raw(bytes)),
        ..Protocol::new("toy", "TOY", "Toy")
    };
    static OTHER: Protocol = Protocol::new("other", "OTHER", "Other");

    fn registry() -> Registry {
        let mut all = protocols::ALL.to_vec();
        all.extend([&TOY, &OTHER]);
        protocols::registry_of(all.leak())
    }

    struct Connection {
        registry: Registry,
        messages: Messages,
        frame: u64,
        in_order: bool,
    }

    impl Connection {
        fn new(in_order: bool) -> Connection {
            Connection { registry: registry(), messages: Messages::default(), frame: 0, in_order }
        }

        fn deliver(&mut self, sequence: u32, bytes: &[u8], again: Again, is_last: bool) -> Vec<Part> {
            let mut parts = Vec::new();
            let conversation = Conversation { source_port: 1000, destination_port: 7, ..Conversation::default() };
            let (registry, in_order) = (&self.registry, self.in_order);
            let wire_len = bytes.len();
            let delivery = Delivery {
                registry,
                conversation,
                stream: 0,
                sequence,
                bytes,
                wire_len,
                is_last,
                again,
                in_order,
                is_apart: false,
            };
            self.frame += 1;
            self.messages.deliver(&delivery, Moment { frame: self.frame, time: None, side: 0 }, &mut parts);
            parts
        }
    }

    /// The parts as text: messages with the count of their protocol, what was put together with the frames of its pieces.
    fn text(parts: &[Part], bytes: &[u8]) -> String {
        let words = parts.iter().map(|part| {
            let all = part.buffer.as_ref().map_or(bytes, |buffer| buffer.bytes.as_slice());
            let own = String::from_utf8_lossy(all.get(part.start..part.start + part.len).unwrap_or_default());
            match part.what {
                What::Message => {
                    let name = part.protocol.map_or("", Protocol::name);
                    format!("{name}{}{} {own}", part.told[0], if part.follows { "+" } else { "" })
                }
                What::Assembled => {
                    let pieces = part.buffer.iter().flat_map(|buffer| &buffer.pieces);
                    let pieces: Vec<String> = pieces.map(|piece| format!("{}({})", piece.frame, piece.len)).collect();
                    format!("[{}]", pieces.join(" "))
                }
                what => format!("{what:?} {}", part.len),
            }
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// The order of bytes and the words of the rows are those that tshark has for HTTP in the same places.
    #[test]
    fn messages_of_segments() {
        use Again::{No, OutOfOrder, Retransmission};
        type Step = (u32, &'static str, Again, &'static str);
        let cases: &[(&str, &[Step])] = &[
            ("whole ones pass", &[(1, "a;", No, "toy1 a;"), (3, "b;2xy", No, "toy2 b;, toy3+ 2xy")]),
            (
                "one of known length, and what follows it",
                &[(1, "4ab", No, "Begun 3"), (4, "cd1xz;", No, "[1(3) 2(2)], toy1 4abcd, toy2 1x, toy3+ z;")],
            ),
            (
                "one that ends somewhere takes the next segment whole",
                &[
                    (1, "a", No, "Begun 1"),
                    (2, "b;c;d", No, "[1(1) 2(5)], toy1 ab;, toy2+ c;, Begun 0"),
                    (7, ";", No, "[2(1) 3(1)], toy3 d;"),
                ],
            ),
            (
                "and goes on where it did not end",
                &[(1, "a", No, "Begun 1"), (2, "b", No, "Begun 1"), (3, ";", No, "[1(1) 2(1) 3(1)], toy1 ab;")],
            ),
            (
                "what completes a message late is not read",
                &[
                    (1, "4a", No, "Begun 2"),
                    (4, "cd", No, "Awaiting 2"),
                    (3, "b", OutOfOrder, "[1(2) 3(1) 2(2)]"),
                    (6, "x;", No, "toy1 x;"),
                ],
            ),
            (
                "what follows on a lost segment is looked at afresh",
                &[(1, "a", No, "Begun 1"), (5, "x;", No, "toy1 x;"), (2, "bc;", OutOfOrder, "[1(1) 3(3)]")],
            ),
            (
                "sent again",
                &[
                    (1, "a;", No, "toy1 a;"),
                    (1, "a;", Retransmission, "Again 2"),
                    (1, "a;", OutOfOrder, ""),
                    (3, "b;", No, "toy2 b;"),
                ],
            ),
            (
                "sent again while it is awaited",
                &[
                    (1, "4a", No, "Begun 2"),
                    (2, "a", Retransmission, "Again 1"),
                    (3, "bcd", No, "[1(2) 3(3)], toy1 4abcd"),
                ],
            ),
            (
                "sent again once it was whole",
                &[(1, "2a", No, "Begun 2"), (3, "b", No, "[1(2) 2(1)], toy1 2ab"), (2, "a", OutOfOrder, "Refused 0")],
            ),
            ("nothing of this protocol", &[(1, "!!!", No, ""), (4, "a;", No, "toy1 a;")]),
            ("another protocol", &[(1, "other;x", No, "toy1 other;, other0 x"), (8, "y", No, "other0 y")]),
            (
                "around the end of the numbers",
                &[(u32::MAX, "3ab", No, "Begun 3"), (2, "cd;", No, "[1(3) 2(1)], toy1 3abc, toy2 d;")],
            ),
        ];
        for (name, steps) in cases {
            let mut connection = Connection::new(false);
            for &(sequence, bytes, again, expected) in *steps {
                let parts = connection.deliver(sequence, bytes.as_bytes(), again, false);
                assert_eq!(text(&parts, bytes.as_bytes()), expected, "{name}: {bytes}");
            }
        }
    }

    #[test]
    fn messages_of_segments_in_order() {
        type Step = (u32, &'static str, &'static str);
        let cases: &[(&str, &[Step])] = &[
            (
                "what is early waits",
                &[
                    (1, "a;", "toy1 a;"),
                    (5, "c;", "Begun 2"),
                    (3, "b;", "[3(2) 2(2)], toy2 b;, toy3+ c;"),
                    (7, "d;", "toy4 d;"),
                ],
            ),
            (
                "also within a message",
                &[(1, "4ab", "Begun 3"), (6, "x;", "Begun 2"), (4, "cd", "[1(3) 3(2) 2(2)], toy1 4abcd, toy2+ x;")],
            ),
            ("old ones are nothing", &[(1, "a;", "toy1 a;"), (1, "a;", ""), (2, ";b;", "[3(2)], toy2 b;")]),
            (
                "two holes",
                &[
                    (1, "a;", "toy1 a;"),
                    (5, "c;", "Begun 2"),
                    (9, "e;", "Begun 2"),
                    (3, "b;", "[4(2) 2(2)], toy2 b;, toy3+ c;"),
                    (7, "d;", "[5(2) 3(2)], toy4 d;, toy5+ e;"),
                ],
            ),
        ];
        for (name, steps) in cases {
            let mut connection = Connection::new(true);
            for &(sequence, bytes, expected) in *steps {
                let parts = connection.deliver(sequence, bytes.as_bytes(), Again::No, false);
                let text = text(&parts, bytes.as_bytes());
                assert_eq!(text, expected, "{name}: {bytes}");
            }
        }
    }

    #[test]
    fn until_the_stream_ends() {
        let mut connection = Connection::new(false);
        assert_eq!(text(&connection.deliver(1, b"~ab", Again::No, false), b"~ab"), "Begun 3");
        assert_eq!(text(&connection.deliver(4, b"cd", Again::No, false), b"cd"), "Awaiting 2");
        assert_eq!(text(&connection.deliver(6, b"e", Again::No, true), b"e"), "[1(3) 2(2) 3(1)], toy1 ~abcde");
        assert_eq!(connection.messages.kept, 0);
    }

    #[test]
    fn a_second_reading_knows_where_messages_end() {
        let mut first = Connection::new(false);
        first.messages = Messages::first_pass();
        let steps: &[(u32, &[u8])] = &[(1, b"4a"), (3, b"b"), (4, b"cd")];
        steps.iter().for_each(|&(sequence, bytes)| drop(first.deliver(sequence, bytes, Again::No, false)));
        let mut again = Connection { messages: first.messages.second_pass(), ..Connection::new(false) };
        let ends: Vec<_> = steps
            .iter()
            .map(|&(sequence, bytes)| again.deliver(sequence, bytes, Again::No, false)[0].ends_in)
            .collect();
        assert_eq!(ends, [Some(3), Some(3), None]);
    }

    #[test]
    fn what_is_kept_is_capped() {
        let mut connection = Connection::new(false);
        connection.deliver(1, b"a", Again::No, false);
        let segment = vec![b'x'; 60_000];
        let mut given_up = false;
        for place in 0..300 {
            let parts = connection.deliver(2 + place * 60_000, &segment, Again::No, false);
            given_up |= parts.iter().any(|part| part.what == What::GivenUp);
            assert!(connection.messages.kept <= MAX_MESSAGE);
        }
        assert!(given_up);
        // What has holes everywhere is given up too.
        let mut connection = Connection::new(true);
        connection.deliver(1, b"a;", Again::No, false);
        let mut given_up = false;
        for place in 0..=2 * MAX_STRETCHES as u32 {
            let parts = connection.deliver(10 + 2 * place, b"y", Again::No, false);
            given_up |= parts.iter().any(|part| part.what == What::GivenUp);
        }
        assert!(given_up);
    }

    proptest! {
        /// In any order, cut and repeated in any way, the messages are those of the stream.
        #[test]
        fn any_order_gives_the_same_messages(
            lens in proptest::collection::vec(0usize..=9, 1..30),
            cuts in proptest::collection::vec((0usize..300, 1usize..40), 0..80),
            first in any::<u32>(),
        ) {
            let mut stream = Vec::new();
            for len in &lens {
                stream.push(b'0' + *len as u8);
                let from = stream.len();
                stream.extend((from..from + *len).map(|place| b'a' + (place % 26) as u8));
            }
            // After the first bytes, which say where the stream begins, any segments; then all that is missing.
            let mut segments = vec![(0, 1)];
            segments.extend(cuts.iter().map(|&(start, len)| (start % stream.len(), len)));
            segments.extend((0..stream.len()).step_by(7).rev().map(|start| (start, 7)));
            let mut connection = Connection::new(true);
            let mut found = Vec::new();
            for (start, len) in segments {
                let bytes = &stream[start..(start + len).min(stream.len())];
                let parts = connection.deliver(first.wrapping_add(start as u32), bytes, Again::No, false);
                for part in parts.iter().filter(|part| part.what == What::Message) {
                    let all = part.buffer.as_ref().map_or(bytes, |buffer| buffer.bytes.as_slice());
                    found.extend_from_slice(&all[part.start..part.start + part.len]);
                }
            }
            prop_assert_eq!(found, stream);
            prop_assert_eq!(connection.messages.kept, 0);
        }

        /// Whatever arrives, nothing breaks, and no more is kept than may be.
        #[test]
        fn anything_is_survived(
            segments in proptest::collection::vec((0u32..200, "[a;~!0-9]{0,30}", 0u8..3, any::<bool>()), 0..60),
            in_order in any::<bool>(),
        ) {
            let mut connection = Connection::new(in_order);
            for (sequence, bytes, again, is_last) in segments {
                let again = [Again::No, Again::OutOfOrder, Again::Retransmission][usize::from(again)];
                for part in connection.deliver(sequence, bytes.as_bytes(), again, is_last) {
                    let all = part.buffer.as_ref().map_or(bytes.len(), |buffer| buffer.bytes.len());
                    let whole = part.what == What::Message;
                    prop_assert!(!whole || part.start + part.len <= all);
                }
            }
            let sides = connection.messages.talks.values().flat_map(|talking| &talking.sides);
            let kept: usize = sides.flat_map(|side| &side.awaited).map(Awaited::cost).sum();
            prop_assert_eq!(connection.messages.kept, kept);
        }
    }

    #[test]
    fn what_is_told_is_small() {
        assert!(size_of::<Told>() <= 64 && size_of::<Part>() <= 168, "{}", size_of::<Part>());
    }
}
