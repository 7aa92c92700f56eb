//! The messages of connections: whole ones pass through, others are kept until their last piece is there.
//!
//! A segment whose bytes are whole messages leaves nothing behind. Where a message goes on, its bytes are kept as
//! [`Awaited`]: to a length that its protocol knows, for one more segment, or until the stream ends. As tshark does, what
//! follows on a lost segment is looked at afresh, and what arrives late completes a message that is then not read any more;
//! where segments are put in order first, everything waits for what is missing instead.
//!
//! What is kept is capped, for a message and in all. Where it is too much in all, those go first of whose connection nothing came for
//! longest: pieces of what was not captured whole would be kept for ever. What a later piece belongs to is then given up, and the packet
//! says so. A connection that both sides closed, that stays quiet and of which nothing is missing is forgotten.
//!
//! Where few connections are looked at, the data of all waits in the capture file until it is asked for: see
//! [`postponed`](super::postponed).

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use foldhash::HashMap;

use super::Ends;
use super::awaited::{Awaited, Until};
use super::closing::Closing;
use super::postponed::{Log, MOST_SEGMENTS, Segment};
use crate::capture::{Fetch, Time};
use crate::dissect::message::{apart, carve_into, remember};
use crate::dissect::{
    Again, Buffer, Conversation, Delivery, Envelope, Foresight, Framing, Kept, Memo, Part, Piece, Protocol, Short,
    Successor, Table, Talk, What, Who,
};

/// The most bytes that are kept of all messages, unless something else was said.
const MAX_KEPT: usize = 256 << 20;
/// Room for what will follow is made in advance while less than this part is kept of what may be.
const ROOMY: usize = 32;
/// The most messages of one side that are awaited at a time; the oldest is given up.
const MAX_AWAITED: usize = 4;
/// Of how many messages that were put together it is known where they stand.
const MAX_DONE: usize = 4;
/// How often another protocol may be recognised in one segment.
const MAX_CHANGES: u8 = 4;
/// Seconds after which nothing more is expected of a message, where room is wanted, or of a connection that was closed.
const LONG: i64 = 10;

/// The connections whose protocol has messages.
pub(super) struct Messages {
    talks: HashMap<u64, Box<Talking>>,
    /// Connections of which nobody has asked for messages yet, and how many segments they have; a log counts for as many as it costs.
    postponed: HashMap<u64, Log>,
    postponed_segments: usize,
    /// How many there were in all, and how many of them were read again.
    ever_postponed: u64,
    caught_up: u64,
    /// The capture that is read, where messages may be postponed.
    file: Option<Fetch>,
    /// Bytes that are kept in all, how many are before the oldest go, and how many may be.
    kept: usize,
    enough: usize,
    most: usize,
    /// The connections that await something, and the frame in which a piece came last of what each awaits longest, as far as that is
    /// known here: those at the front were idle longest. One that came since goes to the back.
    idle: VecDeque<(u64, u64)>,
    /// The connections that were closed, and when: first those that were closed first. One that goes on goes to the back.
    closed: VecDeque<(Option<Time>, u64)>,
    /// The frames of pieces and where their messages end, in the order in which they end; kept only where the capture is read again.
    found: Option<Vec<(Short, Short)>>,
    /// The same of the first reading, by the frames of the pieces.
    known: Option<Vec<(Short, Short)>>,
    /// What protocols keep for another reading.
    foresight: Foresight,
    /// Room that they use again.
    spare: Memo,
}

/// One connection.
struct Talking {
    speaker: Speaker,
    sides: [Side; 2],
    /// Stands in [`Messages::idle`].
    is_listed: bool,
    closing: Closing,
}

impl Talking {
    fn new(protocol: &'static Protocol) -> Talking {
        Talking {
            speaker: Speaker::new(protocol),
            sides: Default::default(),
            is_listed: false,
            closing: Closing::default(),
        }
    }

    /// Lists it where it awaits something, and is not listed yet.
    fn list(&mut self, idle: &mut VecDeque<(u64, u64)>, stream: u64, frame: u64) {
        if !self.is_listed && self.oldest().is_some() {
            self.is_listed = true;
            idle.push_back((frame, stream));
        }
    }

    /// When a piece came last of what is awaited longest.
    fn oldest(&self) -> Option<(u64, Option<Time>)> {
        let awaited = self.sides.iter().flat_map(|side| &side.awaited).filter(|awaited| !awaited.is_given_up);
        awaited.map(|awaited| awaited.touched).min_by_key(|touched| touched.0)
    }
}

/// Who speaks, and what that protocol remembers.
struct Speaker {
    protocol: &'static Protocol,
    memo: Memo,
    /// Who spoke before, if somebody else did.
    before: Option<&'static Protocol>,
    /// What stands around its messages.
    envelope: Option<Arc<Envelope>>,
    /// Nobody knows yet who speaks: what is said is looked at.
    is_open: bool,
}

impl Speaker {
    fn new(protocol: &'static Protocol) -> Speaker {
        Speaker { protocol, memo: Memo::default(), before: None, envelope: None, is_open: false }
    }
}

/// What one side has begun to say.
#[derive(Default)]
struct Side {
    awaited: Vec<Awaited>,
    kept: Kept,
    /// The sequence numbers of the messages that were put together last, the last one first: the first byte and the one behind them.
    done: [(u32, u32); MAX_DONE],
    /// The sequence number that follows on what was there, where segments are put in order.
    next: Option<u32>,
    /// The frame that ended its direction, and with it a message that was put together; 0 where none did.
    closed_in: u64,
}

impl Side {
    /// Adds what is awaited at a place. Seldom is more than one thing, and most connections await nothing most of the time: no room
    /// is kept for it.
    fn put(&mut self, place: usize, awaited: Awaited) {
        self.awaited.reserve_exact(1);
        self.awaited.insert(place.min(self.awaited.len()), awaited);
    }

    /// Takes note of `len` bytes that were put together.
    fn finish(&mut self, start: u32, len: usize) {
        self.done.rotate_right(1);
        self.done[0] = (start, start.wrapping_add(len as u32));
    }

    /// Where what was put together stands that this byte is in.
    fn done_at(&self, sequence: u32) -> Option<(u32, u32)> {
        self.done.into_iter().find(|&(start, end)| sequence.wrapping_sub(start) < end.wrapping_sub(start))
    }

    /// What it costs to keep what it has begun to say.
    fn cost(&self) -> usize {
        self.awaited.iter().map(|awaited| awaited.charged).sum::<usize>() + self.kept.cost()
    }
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

/// The frame whose segment is delivered.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub frame: u64,
    pub time: Option<Time>,
    /// Which end sends; see [`Talk::side`].
    pub side: usize,
}

impl Default for Messages {
    fn default() -> Messages {
        Messages {
            talks: HashMap::default(),
            postponed: HashMap::default(),
            postponed_segments: 0,
            ever_postponed: 0,
            caught_up: 0,
            file: None,
            kept: 0,
            enough: MAX_KEPT - MAX_KEPT / 4,
            most: MAX_KEPT,
            idle: VecDeque::new(),
            closed: VecDeque::new(),
            found: None,
            known: None,
            foresight: Foresight::default(),
            spare: Memo::default(),
        }
    }
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

    /// Lets the data of connections wait in the capture file until messages are asked for.
    pub(super) fn postpone_to(&mut self, file: Fetch) {
        self.file = Some(file);
    }

    /// Remembers where data stands; see [`Memory::postpone`](crate::dissect::Memory::postpone).
    pub(super) fn postpone(&mut self, delivery: &Delivery, offset: u64, frame: u64, time: Option<Time>) -> bool {
        let has_room = self.postponed_segments < self.most / size_of::<Segment>() / 2;
        // To read again costs more than to look at once: nothing is won where much is asked for.
        let is_worth_it = self.caught_up < 1024 || self.caught_up < self.ever_postponed / 4;
        let may_wait = has_room && is_worth_it && self.file.is_some();
        let Some(segment) = Segment::of(delivery, offset, frame, time).filter(|_| may_wait) else { return false };
        let log = match self.postponed.entry(delivery.stream) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let talking = self.talks.get(&delivery.stream);
                if talking.is_none() && delivery.bytes.is_empty() {
                    return true;
                }
                self.postponed_segments += Log::COST;
                let closing = talking.map_or_else(Closing::default, |talking| talking.closing);
                place.insert(Log { closing, ..Log::default() })
            }
        };
        log.is_done |= log.segments.len() == MOST_SEGMENTS;
        if log.is_done {
            return false;
        }
        log.closing.note(delivery);
        // What was there before brings nothing new.
        if delivery.again != Again::Retransmission || delivery.is_last {
            log.segments.push(segment);
            self.postponed_segments += 1;
            self.ever_postponed += 1;
        }
        true
    }

    /// Cuts what was postponed of a connection, of which something is delivered now.
    #[inline(never)]
    fn catch_up(&mut self, delivery: &Delivery, segments: Vec<Segment>) {
        self.postponed_segments -= segments.len();
        self.caught_up += segments.len() as u64;
        let Some(file) = self.file.take() else { return };
        let (mut bytes, mut parts) = (Vec::new(), Vec::new());
        for segment in segments {
            let (offset, len) = segment.place();
            // What is no longer there was never captured.
            if file.read(offset, len, &mut bytes).is_err() {
                continue;
            }
            let earlier = segment.delivery(&bytes, delivery);
            let side = Ends::of(&earlier.conversation).1 as usize;
            self.deliver_now(&earlier, Moment { frame: segment.frame(), time: segment.time(), side }, &mut parts);
            parts.clear();
        }
        self.file = Some(file);
    }

    pub(super) fn deliver(&mut self, delivery: &Delivery, moment: Moment, parts: &mut Vec<Part>) {
        if !self.postponed.is_empty()
            && let Some(log) = self.postponed.get_mut(&delivery.stream)
        {
            log.closing.note(delivery);
            if !log.segments.is_empty() {
                if delivery.again == Again::Retransmission && !delivery.in_order && !delivery.is_last {
                    // That it was there before is all that is said of it, whatever is known.
                    let what = What::Again;
                    return parts.push(Part { what, len: delivery.wire_len, ..Part::default() });
                }
                let segments = std::mem::take(&mut log.segments);
                self.catch_up(delivery, segments);
            }
        }
        self.deliver_now(delivery, moment, parts);
    }

    fn deliver_now(&mut self, delivery: &Delivery, moment: Moment, parts: &mut Vec<Part>) {
        let mut cutting = Cutting {
            delivery,
            moment,
            kept: &mut self.kept,
            most: self.most,
            found: self.found.as_mut(),
            known: self.known.as_deref(),
            foresight: &mut self.foresight,
            spare: &mut self.spare,
            parts,
            changes: 0,
        };
        if let Some(talking) = self.talks.get_mut(&delivery.stream) {
            cutting.deliver(talking);
            talking.closing.note(delivery);
            talking.list(&mut self.idle, delivery.stream, moment.frame);
            self.make_room(delivery.stream, moment.time);
            return;
        }
        if delivery.bytes.is_empty() {
            return;
        }
        let Conversation { source_port, destination_port, .. } = delivery.conversation;
        let (registry, table) = (delivery.registry, Table::TcpPort);
        let by_port = registry.by_port(table, source_port, destination_port);
        let by_look = || {
            if delivery.again == Again::No {
                registry.by_look(table, source_port, destination_port, delivery.bytes)
            } else {
                None
            }
        };
        match by_port.or_else(by_look) {
            // What every segment tells anew need not be remembered.
            Some(protocol) if by_port.is_some() && !protocol.has_messages() => cutting.alone(Some(protocol)),
            None => cutting.alone(registry.by_default(table, source_port, destination_port)),
            Some(protocol) => {
                let mut talking = Box::new(Talking::new(protocol));
                cutting.deliver(&mut talking);
                talking.closing.note(delivery);
                talking.list(&mut self.idle, delivery.stream, moment.frame);
                self.talks.insert(delivery.stream, talking);
                self.make_room(delivery.stream, moment.time);
            }
        }
    }

    /// Keeps to so many bytes in all; beyond three quarters of them, those go whose connections were idle longest.
    pub(super) fn limit(&mut self, bytes: usize) {
        (self.enough, self.most) = (bytes - bytes / 4, bytes);
    }

    /// Gives up what is awaited longest, where too much is kept; but not what this connection awaits. Where a part of that is kept, what
    /// nothing came of for [`LONG`] goes: its next piece was not captured, or the connection is over.
    fn make_room(&mut self, stream: u64, now: Option<Time>) {
        let much = self.enough / 4;
        if self.idle.len() > 2 * self.talks.len() + 64 {
            self.idle.retain(|(_, stream)| self.talks.contains_key(stream));
        }
        // Whoever was heard of since goes to the back once at most.
        for _ in 0..self.idle.len() {
            if self.kept <= much {
                break;
            }
            let Some(&(heard, idle)) = self.idle.front() else { break };
            let Some(talking) = self.talks.get_mut(&idle) else {
                self.idle.pop_front();
                continue;
            };
            let Some((touched, time)) = talking.oldest() else {
                talking.is_listed = false;
                self.idle.pop_front();
                continue;
            };
            if touched > heard || idle == stream {
                self.idle.pop_front();
                self.idle.push_back((touched, idle));
                continue;
            }
            let waited = now.zip(time).map(|(now, then)| now.since(then).seconds());
            if self.kept <= self.enough && waited.is_none_or(|seconds| seconds < LONG) {
                break;
            }
            for awaited in talking.sides.iter_mut().flat_map(|side| &mut side.awaited) {
                if awaited.touched.0 == touched {
                    self.kept -= std::mem::take(&mut awaited.charged);
                    awaited.give_up();
                }
            }
        }
    }

    /// Takes note of a FIN. Once both sides sent theirs, and nothing came for [`LONG`] then, a connection of which nothing is missing is
    /// forgotten: all that may come is what was there already, and a new connection has another number. An RST ends nothing here: it
    /// may be forged, and what goes on in spite of it has to be understood.
    pub(super) fn end(&mut self, stream: u64, side: usize, now: Option<Time>) {
        if let Some(closing) = self.closing(stream) {
            closing.ended[side & 1] = true;
            if closing.ended == [true; 2] && !closing.is_closed {
                (closing.is_closed, closing.goes_on) = (true, false);
                self.closed.push_back((now, stream));
            }
        }
        if self.closed.len() > self.talks.len() + self.postponed.len() + 64 {
            self.closed.retain(|(_, stream)| self.talks.contains_key(stream) || self.postponed.contains_key(stream));
        }
        while let Some(&(then, stream)) = self.closed.front() {
            let waited = now.zip(then).map(|(now, then)| now.since(then).seconds());
            // One from the future does not hold up the others.
            if waited.is_none_or(|seconds| seconds.abs() < LONG) {
                break;
            }
            self.closed.pop_front();
            match self.closing(stream) {
                Some(Closing { goes_on, .. }) if *goes_on => {
                    *goes_on = false;
                    self.closed.push_back((now, stream));
                }
                // It is kept as long as there is room for what it awaits.
                Some(Closing { gaps: 1.., .. }) => {}
                _ => self.forget(stream),
            }
        }
    }

    /// How far the end of a connection has come: where something of it was ever postponed, that is known there.
    fn closing(&mut self, stream: u64) -> Option<&mut Closing> {
        match self.postponed.get_mut(&stream) {
            Some(log) => Some(&mut log.closing),
            None => self.talks.get_mut(&stream).map(|talking| &mut talking.closing),
        }
    }

    /// Forgets a connection.
    pub(super) fn forget(&mut self, stream: u64) {
        if !self.postponed.is_empty()
            && let Some(log) = self.postponed.remove(&stream)
        {
            self.postponed_segments -= log.segments.len() + Log::COST;
        }
        if let Some(talking) = self.talks.remove(&stream) {
            self.kept -= talking.sides.iter().map(Side::cost).sum::<usize>();
        }
    }
}

/// One segment on the way.
struct Cutting<'a> {
    delivery: &'a Delivery<'a>,
    moment: Moment,
    kept: &'a mut usize,
    most: usize,
    found: Option<&'a mut Vec<(Short, Short)>>,
    known: Option<&'a [(Short, Short)]>,
    foresight: &'a mut Foresight,
    spare: &'a mut Memo,
    parts: &'a mut Vec<Part>,
    /// How often another protocol was recognised in this segment.
    changes: u8,
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
        let Talking { speaker, sides, .. } = talking;
        let side = &mut sides[self.moment.side & 1];
        if delivery.again == Again::Retransmission && !delivery.in_order {
            self.alone(Some(speaker.protocol));
        } else if delivery.is_apart || delivery.bytes.len() < delivery.wire_len {
            // What is missing of it would be missing in the middle of a message.
            self.deliver_apart(speaker, side);
        } else if delivery.in_order {
            self.deliver_in_order(speaker, side);
        } else {
            self.deliver_as_it_comes(speaker, side);
        }
        if delivery.is_last && side.closed_in > 0 {
            let ends_in = Some(side.closed_in);
            self.parts.push(Part { what: What::ClosedAgain, ends_in, ..Part::default() });
        } else if delivery.is_last {
            self.close(speaker, side);
        }
        if side.awaited.is_empty() {
            side.awaited = Vec::new();
        }
    }

    fn deliver_apart(&mut self, speaker: &mut Speaker, side: &mut Side) {
        if self.delivery.again != Again::No {
            return;
        }
        let mut pos = Some(0);
        while let Some(base) = pos {
            self.open(speaker, &self.delivery.bytes[base..]);
            let protocol = speaker.protocol;
            let cost = side.kept.cost();
            let mut talk =
                talk(self.delivery, self.moment, (self.foresight, self.spare), speaker, &mut side.kept, base);
            let done = apart(protocol, &mut talk, self.delivery, base, self.parts);
            let successor = talk.successor.take();
            self.settle(side, cost);
            self.change(speaker, successor);
            pos = done.map(|done| base + done);
        }
    }

    fn deliver_as_it_comes(&mut self, speaker: &mut Speaker, side: &mut Side) {
        let delivery = self.delivery;
        let mut pos = 0;
        while pos < delivery.bytes.len() {
            let sequence = delivery.sequence.wrapping_add(pos as u32);
            let place = side.awaited.iter().position(|awaited| awaited.has_place_for(sequence));
            if self.is_old(side, place, pos, sequence) {
                return;
            }
            pos += match place {
                Some(place) => self.go_on(speaker, side, place, pos),
                None => self.begin(speaker, side, pos),
            };
        }
    }

    /// Whether bytes from `pos` of the segment were there before and add nothing to what is awaited at `place`; says what they are
    /// then.
    fn is_old(&mut self, side: &Side, place: Option<usize>, pos: usize, sequence: u32) -> bool {
        let delivery = self.delivery;
        let awaited = place.and_then(|place| side.awaited.get(place));
        let (start, there) = match awaited {
            Some(awaited) => (awaited.start, awaited.there()),
            None => {
                side.done_at(sequence).map_or((sequence, 0), |(start, end)| (start, end.wrapping_sub(start) as usize))
            }
        };
        let offset = sequence.wrapping_sub(start) as usize;
        let end = offset + delivery.bytes.len() - pos;
        // The first piece alone is known again, unless it has become longer than what it belongs to.
        let limit = match awaited.map(|awaited| awaited.until) {
            Some(Until::Len(len)) => len,
            Some(Until::Close) => usize::MAX,
            Some(Until::Segment) | None => there,
        };
        if delivery.again != Again::No && offset == 0 && there > 0 && end <= limit {
            let len = delivery.wire_len - pos;
            self.parts.push(Part { what: What::Again, start: pos, len, ..Part::default() });
            return true;
        }
        if delivery.again == Again::Acknowledged {
            return true;
        }
        // A message whose length is not known is whole after each of its segments, until there are more.
        let is_refused = match awaited {
            Some(awaited) => awaited.until == Until::Segment && end < there,
            None => offset < there && (offset > 0 || delivery.again != Again::No),
        };
        if is_refused {
            self.parts.push(Part { what: What::Refused, start: pos, ..Part::default() });
        }
        is_refused || awaited.is_none() && delivery.again != Again::No
    }

    /// Looks at bytes that begin a message, from `pos` of the segment, and returns how many are done.
    fn begin(&mut self, speaker: &mut Speaker, side: &mut Side, pos: usize) -> usize {
        let bytes = &self.delivery.bytes[pos..];
        self.open(speaker, bytes);
        let protocol = speaker.protocol;
        let Look { done, rest, is_succeeded } = self.look(speaker, side, bytes, pos, pos, None);
        if rest == Some(Framing::Another) {
            match self.recognised(speaker, bytes) {
                true => return 0,
                false => self.nameless(pos, bytes.len(), None),
            }
        }
        let Some(until) = rest.and_then(Until::of) else {
            return if is_succeeded { done } else { bytes.len() };
        };
        let lead = lead(protocol, &bytes[done..]);
        let (done, until) = (done + lead, until.behind(lead));
        let (start, len) = (pos + done, bytes.len() - done);
        let mut awaited = Awaited::new(self.delivery.sequence.wrapping_add(start as u32), until);
        if until.is_too_long() {
            // What is there is shown; the rest goes by.
            self.whole(speaker, side, &bytes[done..], start, start, None);
            awaited.give_up();
            self.keep(side, awaited);
            return bytes.len();
        }
        self.add(&mut awaited, 0, &bytes[done..]);
        self.keep(side, awaited);
        self.await_more(protocol, speaker, start, len, done > lead, None);
        if let (1.., Some(part)) = (lead, self.parts.last_mut()) {
            part.what = What::BegunBehind;
        }
        bytes.len()
    }

    /// Looks for whole messages at the beginning of `bytes` and adds them to the parts. They stand at `base` of `buffer`, or of the
    /// segment if there is none, and begin `pos` bytes behind the beginning of the segment.
    fn look(
        &mut self,
        speaker: &mut Speaker,
        side: &mut Side,
        bytes: &[u8],
        base: usize,
        pos: usize,
        buffer: Option<&Arc<Buffer>>,
    ) -> Look {
        let protocol = speaker.protocol;
        let cost = side.kept.cost();
        let mut talk = talk(self.delivery, self.moment, (self.foresight, self.spare), speaker, &mut side.kept, pos);
        let (done, rest) = carve_into(protocol, &mut talk, bytes, base, buffer, self.parts);
        let successor = talk.successor.take();
        let is_succeeded = successor.is_some();
        self.settle(side, cost);
        self.change(speaker, successor);
        Look { done, rest, is_succeeded }
    }

    /// Takes all of `bytes` for one message; see [`look`](Self::look).
    fn whole(
        &mut self,
        speaker: &mut Speaker,
        side: &mut Side,
        bytes: &[u8],
        base: usize,
        pos: usize,
        buffer: Option<Arc<Buffer>>,
    ) {
        let protocol = speaker.protocol;
        let (cost, kept) = (side.kept.cost(), side.kept.get().cloned());
        let mut talk = talk(self.delivery, self.moment, (self.foresight, self.spare), speaker, &mut side.kept, pos);
        remember(protocol, &mut talk, bytes);
        let part = Part { buffer, kept, ..Part::message(protocol, base, bytes.len(), &mut talk) };
        let successor = talk.successor.take();
        self.parts.push(part);
        self.settle(side, cost);
        self.change(speaker, successor);
    }

    /// Where nobody knows who speaks, lets whoever recognises what is said speak from now on.
    fn open(&self, speaker: &mut Speaker, bytes: &[u8]) {
        if speaker.is_open
            && self.delivery.again == Again::No
            && let Some(protocol) = self.by_look(bytes)
        {
            (speaker.protocol, speaker.is_open) = (protocol, false);
        }
    }

    fn by_look(&self, bytes: &[u8]) -> Option<&'static Protocol> {
        let Conversation { source_port, destination_port, .. } = self.delivery.conversation;
        self.delivery.registry.by_look(Table::TcpPort, source_port, destination_port, bytes)
    }

    /// Lets whoever recognises `bytes` speak from now on; whether somebody else does.
    fn recognised(&mut self, speaker: &mut Speaker, bytes: &[u8]) -> bool {
        // Two that each take the bytes for the other's would never come to an end.
        if self.changes == MAX_CHANGES {
            return false;
        }
        self.changes += 1;
        let found = self.by_look(bytes).filter(|found| !std::ptr::eq(*found, speaker.protocol));
        if let Some(found) = found {
            *speaker = Speaker { envelope: speaker.envelope.take(), ..Speaker::new(found) };
        }
        found.is_some()
    }

    /// Shows bytes as nobody's.
    fn nameless(&mut self, start: usize, len: usize, buffer: Option<Arc<Buffer>>) {
        let protocol = Some(self.delivery.registry.fallback());
        self.parts.push(Part { protocol, start, len, buffer, ..Part::default() });
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
            self.show_some(speaker, side, &mut awaited, pos);
        }
        let before = awaited.there();
        self.add(&mut awaited, offset, bytes);
        let is_whole = match awaited.until {
            Until::Len(len) => awaited.is_whole(len),
            // The last piece again, as a keep-alive has it, is nothing new to be looked at.
            Until::Segment => before == 0 || offset + bytes.len() > before,
            Until::Close => false,
        };
        if awaited.is_given_up {
            self.parts.push(Part { what: What::GivenUp, start: pos, len: bytes.len(), ..Part::default() });
            if awaited.until != Until::Len(offset + bytes.len()) {
                side.put(place, awaited);
            }
        } else if !is_whole {
            self.awaiting(speaker, pos, bytes.len());
            side.put(place, awaited);
        } else if delivery.again != Again::No {
            self.release(&mut awaited);
            let there = awaited.there();
            side.finish(awaited.start, there);
            let (whole, pieces) = awaited.pieces.finish(there);
            self.assembled(whole, pieces, pos, bytes.len());
        } else {
            self.look_again(speaker, side, awaited, (pos, bytes.len()));
        }
        bytes.len()
    }

    /// Shows what is there of a message that becomes longer than may be kept, and gives the rest up.
    fn show_some(&mut self, speaker: &mut Speaker, side: &mut Side, awaited: &mut Awaited, pos: usize) {
        let (start, until, there) = (awaited.start, awaited.until, awaited.there());
        let mut given_up = Awaited::new(start, until);
        given_up.give_up();
        let mut some = std::mem::replace(awaited, given_up);
        self.release(&mut some);
        if there > 0 {
            let (bytes, pieces) = some.pieces.finish(there);
            let buffer = self.assembled(bytes, pieces, pos, 0);
            let bytes = Arc::clone(&buffer);
            self.whole(speaker, side, &bytes.bytes, 0, self.offset_of(start), Some(buffer));
        }
    }

    /// Looks at what was awaited, which the bytes `of` the segment made whole.
    fn look_again(&mut self, speaker: &mut Speaker, side: &mut Side, mut awaited: Awaited, (pos, len): (usize, usize)) {
        let protocol = speaker.protocol;
        let first_part = self.parts.len();
        self.release(&mut awaited);
        let from = self.offset_of(awaited.start);
        let bytes = awaited.pieces.settle(usize::MAX);
        let there = bytes.len();
        let Look { done, rest, is_succeeded } = self.look(speaker, side, bytes, 0, from, None);
        if rest == Some(Framing::Another) {
            if self.recognised(speaker, bytes) {
                self.charge(&mut awaited);
                return self.look_again(speaker, side, awaited, (pos, len));
            }
            self.nameless(0, there, None);
        }
        let until = rest.and_then(Until::of);
        if let (0, Some(until)) = (done, until) {
            awaited.until = until;
            self.charge(&mut awaited);
            if until.is_too_long() {
                self.show_some(speaker, side, &mut awaited, pos);
            } else {
                let head = awaited.head(protocol);
                self.await_more(protocol, speaker, pos, len, false, head);
            }
            side.put(side.awaited.len(), awaited);
            return;
        }
        side.finish(awaited.start, there);
        let after = self.parts.split_off(first_part);
        let lead = if until.is_some() { lead(protocol, &bytes[done..]) } else { 0 };
        let (kept, until) = (if until.is_some() { done + lead } else { there }, until.map(|until| until.behind(lead)));
        let (bytes, pieces) = awaited.pieces.take(kept);
        let buffer = self.assembled(bytes, pieces, pos, len);
        self.parts.extend(after.into_iter().map(|part| Part { buffer: Some(Arc::clone(&buffer)), ..part }));
        // What stays is a message that has begun, or stands behind a hole.
        let mut rest =
            Awaited { pieces: awaited.pieces, ..Awaited::new(awaited.start.wrapping_add(kept as u32), Until::Segment) };
        if let Some(until) = until {
            rest.until = until;
            self.charge(&mut rest);
            let head = rest.head(protocol);
            self.keep(side, rest);
            self.await_more(protocol, speaker, pos + len, 0, true, head);
            return;
        }
        if is_succeeded && done < there {
            // What another protocol says in the same segment: all of it is in this one, else it would have been cut before.
            let behind = (there - done).min(len);
            self.begin(speaker, side, pos + len - behind);
        }
        if !rest.pieces.is_empty() {
            if let Some(mut begun) = side.awaited.pop() {
                self.release(&mut begun);
                let offset = rest.start.wrapping_sub(begun.start) as usize;
                let early = std::mem::replace(&mut rest, begun).pieces;
                rest.pieces.absorb(early, offset);
            }
            self.charge(&mut rest);
            self.keep(side, rest);
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
            self.look_again(speaker, side, awaited, (0, bytes.len()));
        } else {
            self.await_more(speaker.protocol, speaker, 0, bytes.len(), true, None);
            side.put(side.awaited.len(), awaited);
        }
    }

    /// Ends what goes on until the stream ends.
    fn close(&mut self, speaker: &mut Speaker, side: &mut Side) {
        let delivery = self.delivery;
        let Some(place) = side.awaited.iter().position(|awaited| awaited.until == Until::Close) else { return };
        let mut awaited = side.awaited.remove(place);
        self.release(&mut awaited);
        let there = awaited.there();
        let end = delivery.sequence.wrapping_add(delivery.bytes.len() as u32);
        // One with a hole in it or behind it has not ended.
        if awaited.is_given_up
            || there == 0
            || there < awaited.pieces.end()
            || awaited.start.wrapping_add(there as u32) != end
        {
            return;
        }
        // The last bytes are not shown as a piece of a message besides.
        while self.parts.last().is_some_and(|part| part.what.is_unfinished()) {
            self.parts.pop();
        }
        let start = awaited.start.wrapping_sub(delivery.sequence) as usize;
        if let Some(bytes) = delivery.bytes.get(start..)
            && bytes.len() == there
        {
            self.whole(speaker, side, bytes, start, start, None);
            return;
        }
        let start = self.offset_of(awaited.start);
        let (bytes, mut pieces) = awaited.pieces.finish(there);
        if delivery.bytes.is_empty() {
            pieces.push(Piece { frame: self.moment.frame, start: there as u32, ..Piece::default() });
        }
        let buffer = self.assembled(bytes, pieces, 0, 0);
        let bytes = Arc::clone(&buffer);
        self.whole(speaker, side, &bytes.bytes, 0, start, Some(buffer));
        side.closed_in = self.moment.frame;
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
        let before = Some(speaker.protocol);
        let protocol = protocol.unwrap_or(registry.fallback());
        *speaker = Speaker { before, envelope, is_open, ..Speaker::new(protocol) };
    }

    /// Counts what a protocol keeps, which cost so much before; where that is too much, it is not kept.
    fn settle(&mut self, side: &mut Side, cost: usize) {
        *self.kept -= cost;
        if *self.kept + side.kept.cost() > self.most {
            side.kept.clear();
        }
        *self.kept += side.kept.cost();
    }

    fn add(&mut self, awaited: &mut Awaited, offset: usize, bytes: &[u8]) {
        self.release(awaited);
        awaited.touched = (self.moment.frame, self.moment.time);
        awaited.add(self.moment.frame, offset, bytes, *self.kept < self.most / ROOMY);
        if *self.kept + awaited.cost() > self.most {
            awaited.give_up();
        }
        self.charge(awaited);
    }

    fn keep(&mut self, side: &mut Side, awaited: Awaited) {
        if side.awaited.len() == MAX_AWAITED {
            let mut oldest = side.awaited.remove(0);
            self.release(&mut oldest);
        }
        side.put(side.awaited.len(), awaited);
    }

    /// Counts what it costs to keep it.
    fn charge(&mut self, awaited: &mut Awaited) {
        self.release(awaited);
        awaited.charged = awaited.cost();
        *self.kept += awaited.charged;
    }

    /// Counts it no longer.
    fn release(&mut self, awaited: &mut Awaited) {
        *self.kept -= std::mem::take(&mut awaited.charged);
    }

    /// Says that a message was looked at and is not whole, and whether it follows others of the same look; `head` is its beginning,
    /// where that does not stand here.
    fn await_more(
        &mut self,
        protocol: &'static Protocol,
        speaker: &Speaker,
        start: usize,
        len: usize,
        follows: bool,
        head: Option<Arc<Buffer>>,
    ) {
        let ends_in = self.ends_in();
        let what = if self.known.is_some() { What::Awaiting } else { What::Begun };
        let (protocol, envelope) = (Some(protocol), speaker.envelope.clone());
        let part = Part { what, protocol, start, len, buffer: head, follows, envelope, ends_in, ..Part::default() };
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
        let place = known.binary_search_by_key(&Short::of(self.moment.frame), |row| row.0).ok()?;
        known.get(place).map(|row| row.1.number())
    }

    /// Makes a buffer of what is there.
    fn assembled(&mut self, bytes: Vec<u8>, pieces: Vec<Piece>, start: usize, len: usize) -> Arc<Buffer> {
        if let Some(found) = &mut self.found {
            let others = pieces.iter().filter(|piece| piece.frame != self.moment.frame);
            found.extend(others.map(|piece| (Short::of(piece.frame), Short::of(self.moment.frame))));
        }
        let buffer = Arc::new(Buffer { name: "Reassembled TCP", bytes, pieces });
        let kept = Some(Arc::clone(&buffer));
        self.parts.push(Part { what: What::Assembled, start, len, buffer: kept, ..Part::default() });
        buffer
    }
}

/// How many bytes before a message of `protocol` are passed over; see [`Protocol::lead`].
fn lead(protocol: &Protocol, bytes: &[u8]) -> usize {
    let lead = protocol.lead.map_or(0, |lead| lead(bytes));
    if lead < bytes.len() { lead } else { 0 }
}

/// A talk about bytes that begin `pos` bytes behind the beginning of the segment.
fn talk<'a>(
    delivery: &Delivery<'a>,
    moment: Moment,
    (foresight, spare): (&'a mut Foresight, &'a mut Memo),
    speaker: &'a mut Speaker,
    kept: &'a mut Kept,
    pos: usize,
) -> Talk<'a> {
    let Conversation { source_port, destination_port, .. } = delivery.conversation;
    let Moment { frame, time, side } = moment;
    Talk {
        registry: delivery.registry,
        memo: &mut speaker.memo,
        kept,
        before: speaker.before,
        is_first: true,
        is_behind_loss: pos == 0 && delivery.is_behind_loss,
        wire_len: delivery.cut_from(pos),
        foresight,
        spare,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::awaited::{MAX_MESSAGE, MAX_STRETCHES};
    use super::super::pieces::PIECE;
    use super::*;
    use crate::dissect::{Next, Registry, Told};
    use crate::protocols;

    /// Messages of the tests: a digit that says how many letters follow, `;`-terminated text, or `~` and all that follows. What
    /// begins with `=` is kept; `?` and more is somebody else's.
    static TOY: Protocol = Protocol {
        claims: &[(Table::TcpPort, 7)],
        pdu_len: Some(|talk, bytes| match bytes {
            [] | [b'?'] => Framing::More,
            [b'?', ..] if talk.is_first => Framing::Another,
            [b'~', ..] => Framing::UntilClose,
            [b'!', ..] => Framing::Foreign,
            [digit @ b'0'..=b'9', ..] => Framing::of(usize::from(digit - b'0') + 1, bytes.len()),
            _ => bytes.iter().position(|&byte| byte == b';').map_or(Framing::More, |place| Framing::Whole(place + 1)),
        }),
        remember: Some(|talk, message| {
            let count = talk.memo.get_mut::<u64>();
            *count += 1;
            talk.told[0] = *count;
            if let [b'=', kept @ .., b';'] = message {
                talk.kept.add("kept", talk.frame, kept);
            }
            if message == b"other;" {
                talk.successor = Some(Successor { who: Who::Protocol(&OTHER), envelope: None });
            }
        }),
        dissect: |_| Ok(Next::End),
        preview: Some(|bytes, text| _ = text.raw(bytes)),
        ..Protocol::new("toy", "TOY", "Toy")
    };
    static OTHER: Protocol = Protocol {
        probe: Some((Table::TcpPort, |bytes, _| bytes.starts_with(b"??"))),
        ..Protocol::new("other", "OTHER", "Other")
    };

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
        is_behind_loss: bool,
        is_late: bool,
    }

    impl Connection {
        fn new(in_order: bool) -> Connection {
            let (registry, messages) = (registry(), Messages::default());
            Connection { registry, messages, frame: 0, in_order, is_behind_loss: false, is_late: false }
        }

        fn deliver(&mut self, sequence: u32, bytes: &[u8], again: Again, is_last: bool) -> Vec<Part> {
            self.deliver_to(0, sequence, bytes, again, is_last)
        }

        fn deliver_to(&mut self, stream: u64, sequence: u32, bytes: &[u8], again: Again, is_last: bool) -> Vec<Part> {
            let mut parts = Vec::new();
            let conversation = Conversation { source_port: 1000, destination_port: 7, ..Conversation::default() };
            let (registry, in_order) = (&self.registry, self.in_order);
            let wire_len = bytes.len();
            let delivery = Delivery {
                registry,
                conversation,
                stream,
                sequence,
                bytes,
                wire_len,
                is_last,
                again,
                in_order,
                is_behind_loss: self.is_behind_loss,
                is_late: self.is_late,
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
                    let kept = part.kept.iter().map(|kept| String::from_utf8_lossy(&kept.bytes));
                    let kept: String = kept.map(|kept| format!("({kept})")).collect();
                    format!("{name}{}{}{kept} {own}", part.told[0], if part.follows { "+" } else { "" })
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
        use Again::{Acknowledged, No, OutOfOrder, Retransmission};
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
                "old pieces of one that ends somewhere",
                &[
                    (1, "ab", No, "Begun 2"),
                    (3, "cd", No, "Begun 2"),
                    (5, "e", No, "Begun 1"),
                    (3, "cd", OutOfOrder, "Refused 0"),
                    (3, "cd", Acknowledged, ""),
                    (1, "ab", OutOfOrder, "Again 2"),
                    (1, "a", Acknowledged, "Again 1"),
                    (5, "e", No, "Awaiting 1"),
                    (6, ";", No, "[1(2) 2(2) 3(1) 8(1) 9(1)], toy1 abcde;"),
                    (6, ";", No, "Refused 0"),
                    (7, "x;", No, "toy2 x;"),
                ],
            ),
            (
                "old pieces of one of known length",
                &[
                    (1, "5a", No, "Begun 2"),
                    (3, "b", No, "Awaiting 1"),
                    (1, "5a", OutOfOrder, "Again 2"),
                    (3, "b", Acknowledged, ""),
                    (3, "b", OutOfOrder, "Awaiting 1"),
                    (4, "cde", No, "[1(2) 2(1) 5(1) 6(3)], toy1 5abcde"),
                ],
            ),
            (
                "a hole is not filled by what was acknowledged already",
                &[(1, "4ab", No, "Begun 3"), (5, "d", No, "Awaiting 1"), (4, "c", Acknowledged, "")],
            ),
            (
                "sent again once it was whole",
                &[
                    (1, "2a", No, "Begun 2"),
                    (3, "b", No, "[1(2) 2(1)], toy1 2ab"),
                    (2, "a", OutOfOrder, "Refused 0"),
                    (2, "a", Acknowledged, ""),
                    (1, "2", OutOfOrder, "Again 1"),
                    (1, "2ab", Acknowledged, "Again 3"),
                ],
            ),
            (
                "its first piece again, and more",
                &[(1, "ab", No, "Begun 2"), (1, "abc;", OutOfOrder, "[1(2) 2(4)]"), (5, "d;", No, "toy1 d;")],
            ),
            (
                "the same, of known length",
                &[
                    (1, "3a", No, "Begun 2"),
                    (1, "3ab", OutOfOrder, "Again 3"),
                    (1, "3abcde;", OutOfOrder, "[1(2) 3(4)]"),
                    (1, "3abcde;", OutOfOrder, "Refused 0"),
                ],
            ),
            (
                "sent again once it and another one were whole",
                &[
                    (1, "2a", No, "Begun 2"),
                    (3, "b2c", No, "[1(2) 2(1)], toy1 2ab, Begun 2"),
                    (6, "d", No, "[2(2) 3(1)], toy2 2cd"),
                    (2, "a", OutOfOrder, "Refused 0"),
                    (1, "2", Acknowledged, "Again 1"),
                    (5, "c", OutOfOrder, "Refused 0"),
                ],
            ),
            (
                "what ends with the stream takes what follows on a hole",
                &[
                    (1, "~ab", No, "Begun 3"),
                    (6, "x;", No, "Awaiting 2"),
                    (4, "cd", OutOfOrder, "Awaiting 2"),
                    (20, "y;", No, "Awaiting 2"),
                ],
            ),
            ("nothing of this protocol", &[(1, "!!!", No, ""), (4, "a;", No, "toy1 a;")]),
            ("another protocol", &[(1, "other;x", No, "toy1 other;, other0 x"), (8, "y", No, "other0 y")]),
            ("bytes of nobody", &[(1, "?!", No, "data0 ?!"), (3, "a;?", No, "toy1 a;, Begun 1")]),
            ("nor in pieces", &[(1, "?", No, "Begun 1"), (2, "!", No, "[1(1) 2(1)], data0 ?!")]),
            ("of somebody who recognises them", &[(1, "??", No, "other0 ??"), (3, "a;", No, "other0 a;")]),
            (
                "also in pieces",
                &[(1, "?", No, "Begun 1"), (2, "?!", No, "[1(1) 2(2)], other0 ??!"), (4, "a;", No, "other0 a;")],
            ),
            (
                "what is kept for later messages",
                &[(1, "=a;=b;", No, "toy1 =a;, toy2+(a) =b;"), (7, "c;", No, "toy3(ab) c;")],
            ),
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
        // Another end says where the first one was.
        let again = connection.deliver(7, b"", Again::No, true);
        assert_eq!(
            again.iter().map(|part| (part.what, part.ends_in)).collect::<Vec<_>>(),
            [(What::ClosedAgain, Some(3))]
        );
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

    #[test]
    fn what_was_idle_longest_goes_first() {
        let mut connection = Connection::new(false);
        let piece = [b'x'; 1000];
        connection.messages.limit(16 * piece.len());
        let mut deliver = |stream, sequence: u32, bytes: &[u8]| {
            let parts = connection.deliver_to(stream, sequence, bytes, Again::No, false);
            assert!(connection.messages.kept <= 13 * (piece.len() + PIECE));
            parts.last().map(|part| (part.what, part.len))
        };
        // Each stream says something that never ends; there is room for some.
        for stream in 0..30 {
            assert_eq!(deliver(stream, 1, &piece), Some((What::Begun, 1000)), "{stream}");
            assert_eq!(deliver(0, 1001 + stream as u32, b"y"), Some((What::Begun, 1)), "{stream}");
        }
        // The one that goes on is kept, and so is the last one; of others, what follows stands for itself.
        assert_eq!(deliver(29, 1001, b";"), Some((What::Message, 1001)));
        assert_eq!(deliver(10, 1001, b";"), Some((What::Message, 1)));
        assert_eq!(deliver(0, 1031, b";"), Some((What::Message, 1031)));
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
            segments in proptest::collection::vec((0u32..200, "[a;~!=?0-9]{0,30}", 0u8..3, any::<bool>()), 0..60),
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
            let awaited = |side: &Side| side.awaited.iter().map(Awaited::cost).sum::<usize>();
            let kept: usize = sides.map(|side| awaited(side) + side.kept.cost()).sum();
            prop_assert_eq!(connection.messages.kept, kept);
        }
    }

    #[test]
    fn a_connection_that_was_closed_and_stays_quiet_is_forgotten() {
        let at = |seconds| Some(Time::from_nanos(seconds, 0));
        let mut connection = Connection::new(false);
        for stream in 0..5 {
            connection.deliver_to(stream, 1, b"a;", Again::No, false);
        }
        // Of two something is missing; of one of them it came late.
        connection.is_behind_loss = true;
        connection.deliver_to(4, 4, b"b;", Again::No, false);
        connection.deliver_to(0, 4, b"b;", Again::No, false);
        (connection.is_behind_loss, connection.is_late) = (false, true);
        connection.deliver_to(0, 3, b"a", Again::No, false);
        connection.is_late = false;
        // Both are closed by both sides, one is half closed, one is closed and goes on, one stays open.
        for (stream, side, time) in [(0, 0, 1), (0, 1, 1), (4, 0, 1), (4, 1, 1), (1, 1, 1), (2, 0, 2), (2, 1, 2)] {
            connection.messages.end(stream, side, at(time));
        }
        connection.deliver_to(2, 2, b"b;", Again::No, false);
        let known =
            |messages: &Messages| (0..5).filter(|stream| messages.talks.contains_key(stream)).collect::<Vec<_>>();
        connection.messages.end(9, 0, at(LONG));
        assert_eq!(known(&connection.messages), [0, 1, 2, 3, 4]);
        // A frame without a time ends nothing.
        connection.messages.end(9, 0, None);
        assert_eq!(known(&connection.messages), [0, 1, 2, 3, 4]);
        connection.messages.end(9, 0, at(1 + LONG));
        assert_eq!(known(&connection.messages), [1, 2, 3, 4]);
        connection.messages.end(9, 0, at(2 + LONG));
        assert_eq!(known(&connection.messages), [1, 2, 3, 4]);
        connection.messages.end(9, 0, at(2 + 2 * LONG));
        assert_eq!(known(&connection.messages), [1, 3, 4]);
        assert!(connection.messages.closed.is_empty());
        // Also a second time it is no more than once in the list.
        for _ in 0..3 {
            connection.messages.end(1, 0, at(50));
        }
        assert_eq!(connection.messages.closed.len(), 1);
    }

    #[test]
    fn the_list_of_closed_connections_is_no_longer_than_there_are() {
        let at = |seconds| Some(Time::from_nanos(seconds, 0));
        let mut connection = Connection::new(false);
        // The first one was closed in the future, and each is forgotten by others as soon as it was closed.
        for stream in 0..1_000 {
            connection.deliver_to(stream, 1, b"a;", Again::No, false);
            let time = if stream == 0 { at(1 << 40) } else { None };
            connection.messages.end(stream, 0, time);
            connection.messages.end(stream, 1, time);
            connection.messages.forget(stream);
        }
        assert!(connection.messages.closed.len() <= 65, "{}", connection.messages.closed.len());
        connection.messages.end(0, 0, at(1));
        assert!(connection.messages.closed.len() <= 65);
    }

    #[test]
    fn a_connection_is_forgotten_with_all_that_it_kept() {
        let mut connection = Connection::new(false);
        connection.deliver(1, b"a", Again::No, false);
        assert!(connection.messages.kept > 0);
        connection.messages.forget(0);
        assert_eq!((connection.messages.kept, connection.messages.talks.len()), (0, 0));
    }

    #[test]
    fn what_is_told_is_small() {
        assert!(size_of::<Told>() <= 64 && size_of::<Part>() <= 168, "{}", size_of::<Part>());
        assert!(size_of::<Talking>() <= 232, "{}", size_of::<Talking>());
    }
}
