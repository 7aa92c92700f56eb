//! Messages in a stream of bytes: how a protocol says where its messages end, and what it remembers between them.
//!
//! A protocol over TCP declares [`pdu_len`](super::Protocol::pdu_len), which looks at the beginning of a message and says how long it
//! is. The memory cuts the stream of a connection accordingly, in capture order, and tells the dissection of each frame which
//! [`Part`]s its segment has: whole messages, messages that end here, beginnings of messages that go on.
//!
//! What a protocol has to know of earlier messages is a type of its own in a [`Memo`]: [`remember`](super::Protocol::remember) is
//! called with each message, once and in order, changes it, and writes down in [`Talk::told`] what the dissection of this message
//! will want to know.

use std::any::Any;
use std::sync::Arc;

use super::{Buffer, Conversation, Piece, Protocol, Registry, Short, Table};
use crate::capture::Time;

/// What [`pdu_len`](super::Protocol::pdu_len) finds in bytes at the beginning of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A whole message of so many bytes, not zero and not more than are there.
    Whole(usize),
    /// A message that has so many bytes in all, which is more than are there.
    Needs(usize),
    /// More bytes have to be seen.
    More,
    /// A message that ends with the stream.
    UntilClose,
    /// Nothing of this protocol.
    Foreign,
    /// Something else: whoever recognises it speaks from now on; else it is bytes without a name. Told of the first bytes of a look.
    Another,
}

impl Framing {
    /// A message of `len` bytes of which `there` are there.
    pub const fn of(len: usize, there: usize) -> Framing {
        if len <= there { Framing::Whole(len) } else { Framing::Needs(len) }
    }
}

/// Bytes of earlier messages that a later one goes on with, kept for one side of a connection.
#[derive(Default)]
pub struct Kept(pub(crate) Option<Arc<Buffer>>);

impl Kept {
    /// What was kept before the message that is dissected, to go on with it.
    pub fn of(kept: Option<&Arc<Buffer>>) -> Kept {
        Kept(kept.cloned())
    }

    pub fn get(&self) -> Option<&Arc<Buffer>> {
        self.0.as_ref()
    }

    /// Adds bytes of `frame`; false, and nothing is kept any more, where that would be more than may be kept.
    pub fn add(&mut self, name: &'static str, frame: u64, bytes: &[u8]) -> bool {
        let buffer = self.0.get_or_insert_with(|| Arc::new(Buffer { name, ..Buffer::default() }));
        if buffer.bytes.len() + bytes.len() > Kept::MAX_BYTES || buffer.pieces.len() == Kept::MAX_PIECES {
            self.clear();
            return false;
        }
        // Who dissects may hold what was kept before.
        Arc::make_mut(buffer).append(frame, bytes);
        true
    }

    pub fn clear(&mut self) {
        self.0 = None;
    }

    /// What it costs to keep it.
    pub(crate) fn cost(&self) -> usize {
        self.0.as_ref().map_or(0, |buffer| buffer.bytes.len() + buffer.pieces.len() * size_of::<Piece>())
    }

    /// The most bytes that are kept.
    const MAX_BYTES: usize = 1 << 17;
    /// The most pieces that they came in.
    const MAX_PIECES: usize = 1024;
}

/// What the memory tells a dissection about one message, in the protocol's own meaning.
pub type Told = [u64; 8];

/// The same, of any length.
pub type Words = Arc<Vec<u8>>;

/// What a protocol remembers of one connection: any type of its own, made when it is first asked for.
#[derive(Default)]
pub struct Memo(Option<Box<dyn Any + Send>>);

impl Memo {
    /// What is remembered, where it is a `T`.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.as_ref()?.downcast_ref()
    }

    /// What is remembered, to be changed; what was remembered as another type is forgotten.
    pub fn get_mut<T: Default + Send + 'static>(&mut self) -> &mut T {
        if !self.0.as_ref().is_some_and(|kept| kept.is::<T>()) {
            self.0 = Some(Box::new(T::default()));
        }
        let kept = self.0.as_mut().and_then(|kept| kept.downcast_mut());
        kept.expect("the memo holds what was put there a line above")
    }
}

/// What only a whole reading tells, by keys that a protocol chooses for each connection: the first of two readings keeps it, the
/// second is told.
#[derive(Default)]
pub struct Foresight {
    /// What is found, in that order.
    found: Option<Vec<Foreseen>>,
    /// What was found by the first reading, by connections and keys.
    known: Vec<Foreseen>,
}

/// A connection, a key and the value.
type Foreseen = [Short; 3];

impl Foresight {
    /// Keeps what is found for another reading.
    pub(crate) fn first_pass() -> Foresight {
        Foresight { found: Some(Vec::new()), ..Foresight::default() }
    }

    /// Begins again, and knows what was found.
    pub(crate) fn second_pass(self) -> Foresight {
        let mut known = self.found.unwrap_or_default();
        known.sort_unstable();
        known.dedup_by(|later, earlier| {
            let is_same = later[..2] == earlier[..2];
            if is_same {
                *earlier = *later;
            }
            is_same
        });
        Foresight { found: None, known }
    }

    /// The last row that does not come after these.
    fn last(&self, stream: u64, key: u64) -> Option<[u64; 2]> {
        let sought = [Short::of(stream), Short::of(key)];
        let behind = self.known.partition_point(|row| row[..2] <= sought[..]);
        let [of, key, value] = self.known.get(behind.checked_sub(1)?)?;
        (*of == sought[0]).then(|| [key.number(), value.number()])
    }
}

/// A message in its connection, as [`remember`](super::Protocol::remember) sees it.
pub struct Talk<'a> {
    pub registry: &'a Registry,
    pub memo: &'a mut Memo,
    /// What the side that sends has begun to say in messages before.
    pub kept: &'a mut Kept,
    /// Who spoke on the connection before, if somebody else did.
    pub before: Option<&'static Protocol>,
    /// The bytes that are looked at are the first of their segment, or of what was put together.
    pub is_first: bool,
    /// They stand behind a segment that was not captured.
    pub is_behind_loss: bool,
    /// How many bytes there were on the wire, of a segment that was not captured whole; else 0.
    pub wire_len: usize,
    pub foresight: &'a mut Foresight,
    /// Room that the protocol uses again on whatever connection, and that means nothing; another protocol may have taken its place.
    pub spare: &'a mut Memo,
    /// The number of the connection.
    pub stream: u64,
    /// The sequence number of the first of the bytes that are looked at.
    pub sequence: u32,
    /// Which side sends: 0 the one whose address and port are lower, 1 the other.
    pub side: usize,
    pub frame: u64,
    pub time: Option<Time>,
    pub source_port: u16,
    pub destination_port: u16,
    /// What the dissection of this message is told.
    pub told: Told,
    /// And this; who keeps much of it for long has to cap it.
    pub words: Option<Words>,
    /// What stands around this message.
    pub(crate) envelope: Option<Arc<Envelope>>,
    /// Who speaks after this message, where that changes, in both directions.
    pub successor: Option<Successor>,
}

impl Talk<'_> {
    /// Keeps `value`, such as a frame, under `key` for a second reading: the largest one under each. Both are below 2⁴⁰.
    pub fn foretell(&mut self, key: u64, value: u64) {
        if let Some(found) = &mut self.foresight.found {
            found.push([self.stream, key, value].map(Short::of));
        }
    }

    /// What the first of two readings kept under `key`.
    pub fn foreseen(&self, key: u64) -> Option<u64> {
        self.foresight.last(self.stream, key).filter(|row| row[0] == key).map(|row| row[1])
    }

    /// The largest key under which the first of two readings kept something.
    pub fn last_foreseen(&self) -> Option<u64> {
        self.foresight.last(self.stream, u64::MAX).map(|row| row[0])
    }
}

/// Who speaks on a connection from now on.
#[derive(Clone)]
pub struct Successor {
    pub who: Who,
    /// What stands around each of its messages.
    pub envelope: Option<Arc<Envelope>>,
}

/// How a [`Successor`] is found.
#[derive(Clone, Copy)]
pub enum Who {
    Protocol(&'static Protocol),
    /// Whoever has this port; else who recognises what is said.
    Port(Table, u16),
    /// Nobody who is known.
    Nobody,
}

/// A layer around every message of a connection: what led to it. It is dissected before each of them and goes on with
/// [`Next::Enclosed`](super::Next::Enclosed).
pub struct Envelope {
    pub protocol: &'static Protocol,
    pub told: Told,
    pub words: Option<Words>,
}

/// A segment with data that is to be cut into messages.
pub struct Delivery<'a> {
    pub registry: &'a Registry,
    pub conversation: Conversation,
    /// The number of the connection.
    pub stream: u64,
    pub sequence: u32,
    /// What was captured of the data.
    pub bytes: &'a [u8],
    /// How many bytes there were on the wire.
    pub wire_len: usize,
    /// Ends its direction: FIN is set.
    pub is_last: bool,
    /// The segment before it was not captured.
    pub is_behind_loss: bool,
    /// Whether it was there before.
    pub again: Again,
    /// It comes in the place of one that seemed lost.
    pub is_late: bool,
    /// Segments that are early wait for what is missing before them.
    pub in_order: bool,
    /// Is read without the segments before and after it.
    pub is_apart: bool,
}

impl<'a> Delivery<'a> {
    /// Of data of which nothing else is known yet.
    pub fn new(registry: &'a Registry, bytes: &'a [u8], wire_len: usize) -> Delivery<'a> {
        Delivery {
            registry,
            conversation: Conversation::default(),
            stream: 0,
            sequence: 0,
            bytes,
            wire_len,
            is_last: false,
            again: Again::No,
            in_order: false,
            is_behind_loss: false,
            is_late: false,
            is_apart: false,
        }
    }

    /// How many bytes there were on the wire behind the first `pos`, of a segment that was not captured whole; else 0.
    pub(crate) fn cut_from(&self, pos: usize) -> usize {
        if self.bytes.len() < self.wire_len { self.wire_len.saturating_sub(pos) } else { 0 }
    }
}

/// Whether a segment was sent before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Again {
    #[default]
    No,
    /// It begins before what follows on what was there.
    OutOfOrder,
    /// It was acknowledged already.
    Acknowledged,
    Retransmission,
}

/// What a segment's data is, piece by piece in the order of its bytes.
#[derive(Clone, Default)]
pub struct Part {
    pub what: What,
    /// Whose bytes they are.
    pub protocol: Option<&'static Protocol>,
    /// Where they begin: in the segment's data, or for a [`What::Message`] with a buffer in that.
    pub start: usize,
    pub len: usize,
    /// The buffer that was put together, where the bytes do not stand in this segment alone.
    pub buffer: Option<Arc<Buffer>>,
    pub told: Told,
    /// What was kept for the message before it was seen; see [`Kept`].
    pub kept: Option<Arc<Buffer>>,
    pub words: Option<Words>,
    pub envelope: Option<Arc<Envelope>>,
    /// The message before it was found by the same look: the protocol has its name in the stack already.
    pub follows: bool,
    /// The frame in which the message ends; known only when the capture is read again.
    pub ends_in: Option<u64>,
}

impl Part {
    /// Whether it has a layer of its own in the packet.
    pub(crate) fn is_layer(&self) -> bool {
        let is_early = || self.protocol.is_some_and(|protocol| protocol.early);
        self.what == What::Message || self.what == What::Begun && !self.follows && is_early()
    }

    /// Whether something is dissected for it: a layer of its own, or what stands around it.
    pub(crate) fn leads_on(&self) -> bool {
        self.is_layer() || self.envelope.is_some() && self.what.is_unfinished()
    }

    /// Whose message it is, where nothing stands around that.
    pub(crate) fn only_protocol(&self) -> Option<&'static Protocol> {
        self.protocol.filter(|_| self.envelope.is_none())
    }

    /// Whether it is the beginning of a message, behind the message `before` in the same segment.
    pub(crate) fn goes_on_from(&self, before: &Part) -> bool {
        self.what.is_unfinished()
            && self.len > 0
            && before.buffer.is_none()
            && before.start.checked_add(before.len) == Some(self.start)
    }
}

/// What a part of a segment's data is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum What {
    /// A message, or bytes that are shown as a protocol's.
    #[default]
    Message,
    /// The end of what `buffer` was put together from; its messages follow, unless this came too late.
    Assembled,
    /// Bytes of a message that is not whole yet.
    Awaiting,
    /// The same, and they were looked at: they tell enough for a line, those of `buffer`, else those that stand here.
    Begun,
    /// The same, behind bytes that were passed over; see [`Protocol::lead`].
    BegunBehind,
    /// Sent before.
    Again,
    /// Stands where a whole message was already, which cannot be put together anew.
    Refused,
    /// Bytes of a message that is longer than may be kept, or has too many pieces.
    GivenUp,
    /// The end of a direction again, which `ends_in` was that of a message that was put together.
    ClosedAgain,
}

impl What {
    /// Whether it is a piece of a message of which more is to come.
    pub(crate) fn is_unfinished(self) -> bool {
        matches!(self, What::Awaiting | What::Begun | What::BegunBehind)
    }
}

/// Finds whole messages of `protocol` at the beginning of `bytes`, lets it remember each, and calls `found` with the place and the
/// length of each, when the talk has what its dissection is told. Returns how many bytes are done and what the rest is: nothing is
/// said of it where none is left, or where another protocol has it.
fn carve(
    protocol: &'static Protocol,
    talk: &mut Talk,
    bytes: &[u8],
    mut found: impl FnMut(usize, usize, &mut Talk, Option<Arc<Buffer>>),
) -> (usize, Option<Framing>) {
    let first = talk.sequence;
    let mut done = 0;
    while done < bytes.len() {
        let rest = &bytes[done..];
        talk.sequence = first.wrapping_add(done as u32);
        talk.is_first = done == 0;
        let framing = protocol.pdu_len.map_or(Framing::Whole(rest.len()), |pdu_len| pdu_len(talk, rest));
        match framing {
            Framing::Whole(len) if len > 0 && len <= rest.len() => {
                let kept = talk.kept.get().cloned();
                remember(protocol, talk, &rest[..len]);
                found(done, len, talk, kept);
                done += len;
                if talk.successor.is_some() {
                    return (done, None);
                }
            }
            // A length that says nothing would be read for ever.
            Framing::Whole(_) => return (done, Some(Framing::Foreign)),
            other => return (done, Some(other)),
        }
    }
    (done, None)
}

/// Lets `protocol` remember a message; the talk has what its dissection is told afterwards.
pub(crate) fn remember(protocol: &'static Protocol, talk: &mut Talk, message: &[u8]) {
    (talk.told, talk.words) = (Told::default(), None);
    if let Some(remember) = protocol.remember {
        remember(talk, message);
    }
}

/// Adds the whole messages at the beginning of `bytes`, which stand at `base`, to `parts`; see [`carve`].
pub(crate) fn carve_into(
    protocol: &'static Protocol,
    talk: &mut Talk,
    bytes: &[u8],
    base: usize,
    buffer: Option<&Arc<Buffer>>,
    parts: &mut Vec<Part>,
) -> (usize, Option<Framing>) {
    let mut follows = false;
    carve(protocol, talk, bytes, |start, len, talk, kept| {
        match parts.last_mut() {
            Some(last) if follows && protocol.together => last.len += len,
            _ => {
                let buffer = buffer.cloned();
                let part = Part { buffer, follows, kept, ..Part::message(protocol, base + start, len, talk) };
                parts.push(part);
            }
        }
        follows = true;
    })
}

impl Part {
    /// A message of which the talk has what its dissection is told.
    pub(crate) fn message(protocol: &'static Protocol, start: usize, len: usize, talk: &mut Talk) -> Part {
        let (told, words, envelope) = (talk.told, talk.words.take(), talk.envelope.clone());
        Part { protocol: Some(protocol), start, len, told, words, envelope, ..Part::default() }
    }
}

/// Cuts a segment into messages without those around it, from `base` on: one that is not whole is read as far as it is there, but
/// not by another protocol than the one before. Returns how many bytes are done, where the rest is another protocol's.
pub(crate) fn apart(
    protocol: &'static Protocol,
    talk: &mut Talk,
    delivery: &Delivery,
    base: usize,
    parts: &mut Vec<Part>,
) -> Option<usize> {
    let bytes = delivery.bytes.get(base..).unwrap_or_default();
    let first = parts.len();
    let (done, rest) = carve_into(protocol, talk, bytes, base, None, parts);
    match rest {
        None if done < bytes.len() => return Some(done),
        None => {
            // What was not captured belongs to the last message.
            if let Some(last) = parts[first..].last_mut() {
                last.len = delivery.wire_len.saturating_sub(last.start);
            }
        }
        Some(Framing::Foreign) => {}
        Some(Framing::Another) => {
            let (protocol, start) = (Some(talk.registry.fallback()), base + done);
            parts.push(Part { protocol, start, len: delivery.wire_len.saturating_sub(start), ..Part::default() });
        }
        Some(_) => {
            let (start, follows) = (base + done, parts.len() > first);
            let kept = talk.kept.get().cloned();
            remember(protocol, talk, &bytes[done..]);
            let len = delivery.wire_len.saturating_sub(start);
            match parts.last_mut() {
                Some(last) if follows && protocol.together => last.len += len,
                _ => parts.push(Part { follows, kept, ..Part::message(protocol, start, len, talk) }),
            }
        }
    }
    None
}

/// Reads a segment as if nothing were known of its connection.
pub(crate) fn alone(delivery: &Delivery, parts: &mut Vec<Part>) {
    let Conversation { source_port, destination_port, .. } = delivery.conversation;
    let (registry, table) = (delivery.registry, Table::TcpPort);
    let protocol = registry
        .by_port(table, source_port, destination_port)
        .or_else(|| registry.by_look(table, source_port, destination_port, delivery.bytes))
        .or_else(|| registry.by_default(table, source_port, destination_port));
    let Some(protocol) = protocol else { return };
    let (mut memo, mut kept, mut foresight) = (Memo::default(), Kept::default(), Foresight::default());
    let mut spare = Memo::default();
    let mut talk = Talk {
        registry,
        memo: &mut memo,
        kept: &mut kept,
        before: None,
        is_first: true,
        is_behind_loss: delivery.is_behind_loss,
        wire_len: delivery.cut_from(0),
        foresight: &mut foresight,
        spare: &mut spare,
        stream: delivery.stream,
        sequence: delivery.sequence,
        side: 0,
        frame: 0,
        time: None,
        source_port,
        destination_port,
        told: Told::default(),
        words: None,
        envelope: None,
        successor: None,
    };
    apart(protocol, &mut talk, delivery, 0, parts);
}
