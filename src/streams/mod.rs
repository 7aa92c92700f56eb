//! The one room where memory lives: what earlier frames say about this one.
//!
//! [`Streams`] answers what dissectors ask of [`Memory`]: the number of a conversation, where its sequence numbers begin, which
//! request a response answers. It is fed by being asked, once for each frame and in capture order, and its answers are plain
//! data. It grows with the conversations of a capture and never with its frames.
//!
//! With `-2` a capture is read twice: [`Streams::first_pass`] keeps a little for each answer and connection, [`Streams::second_pass`] begins again from nothing, but keeps what only a whole reading
//! tells, such as the frame that answers a request.

mod analysis;
mod awaited;
mod closing;
mod datagrams;
mod fragments;
mod messages;
pub mod notes;
mod pairs;
mod pieces;
mod postponed;
pub mod reassembly;
mod table;
mod tcp;

use std::hash::{Hash, Hasher};

use crate::capture::{Fetch, Frame, Time};
use crate::dissect::{
    Address, Asks, Conversation, Delivery, EchoNote, Fragment, FragmentNote, FrameNote, Memory, Part, Query,
    SegmentHeader, StreamNote, TcpNote, Transport, flags,
};
use datagrams::Datagrams;
use fragments::Fragments;
use messages::Messages;
use pairs::Pairs;
use tcp::Connections;

/// Remembers conversations and the times of frames.
#[derive(Default)]
pub struct Streams {
    /// What is answered, and so what has to be remembered.
    asks: Answers,
    /// How many bytes it may take, where that was said.
    room: Option<usize>,
    now: Moment,
    times: FrameNote,
    connections: Connections,
    /// UDP and UDP-Lite count their streams together; SCTP and DCCP each on its own.
    datagrams: [Datagrams; 3],
    pairs: Pairs,
    fragments: Fragments,
    messages: Messages,
}

/// Which questions are answered; all of them unless something else was said.
#[derive(Clone, Copy)]
struct Answers(Asks);

impl Default for Answers {
    fn default() -> Answers {
        Answers(Asks::Messages)
    }
}

/// The frame that is dissected now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Moment {
    frame: u64,
    time: Option<Time>,
}

impl Streams {
    pub fn new() -> Streams {
        Streams::default()
    }

    /// The memory for the first of two readings: it also keeps what only [`second_pass`](Self::second_pass) is told.
    pub fn first_pass() -> Streams {
        Streams {
            connections: Connections::first_pass(),
            pairs: Pairs::first_pass(),
            fragments: Fragments::first_pass(),
            messages: Messages::first_pass(),
            ..Streams::default()
        }
    }

    /// The memory for reading the same capture again: empty, but with the answers that the first reading found.
    /// It keeps to the same room.
    pub fn second_pass(self) -> Streams {
        let room = self.room;
        let mut again = Streams {
            connections: self.connections.second_pass(),
            datagrams: self.datagrams.map(Datagrams::second_pass),
            pairs: self.pairs.second_pass(),
            fragments: self.fragments.second_pass(),
            messages: self.messages.second_pass(),
            ..Streams::default()
        };
        if let Some(bytes) = room {
            again.limit(bytes);
        }
        again
    }

    /// Answers no more than what is asked for: the rest is not remembered, and its answers say nothing.
    pub fn answer_only(&mut self, asks: Asks) {
        self.asks = Answers(asks);
    }

    /// Lets messages be [postponed](Memory::postpone): `file` is the capture that is read.
    pub fn postpone_to(&mut self, file: Fetch) {
        self.messages.postpone_to(file);
    }

    /// Keeps to about so many bytes: half of them for connections, an eighth for the datagrams' conversations of each transport, a
    /// sixteenth for fragments, and an eighth for messages that are not whole yet. What was idle longest goes first; conversations that
    /// come back get a new number.
    pub fn limit(&mut self, bytes: usize) {
        self.room = Some(bytes);
        self.connections.limit(bytes / 2);
        self.datagrams.iter_mut().for_each(|datagrams| datagrams.limit(bytes / 8));
        self.fragments.limit(bytes / 16);
        self.messages.limit(bytes / 8);
    }

    /// The memory as it was before the first frame; only when frames were shown is still known.
    pub fn begin_again(&mut self) {
        let (asks, room) = (self.asks, self.room);
        let times = FrameNote { previous_displayed: self.times.previous_displayed, ..FrameNote::default() };
        *self = Streams { asks, times, ..Streams::default() };
        if let Some(bytes) = room {
            self.limit(bytes);
        }
    }

    /// How many conversations were forgotten for want of room.
    pub fn forgotten(&self) -> u64 {
        self.connections.gone() + self.datagrams.iter().map(Datagrams::gone).sum::<u64>()
    }

    /// Remembers that the frame which was dissected last is shown.
    pub fn displayed(&mut self) {
        self.times.previous_displayed = self.now.time.or(self.times.previous_displayed);
    }

    /// When the last frame that was shown was captured.
    pub fn last_displayed(&self) -> Option<Time> {
        self.times.previous_displayed
    }

    /// The same, where that was found out elsewhere.
    pub fn last_displayed_was(&mut self, time: Option<Time>) {
        self.times.previous_displayed = time;
    }

    fn datagrams(&mut self, transport: Transport) -> Option<&mut Datagrams> {
        let [udp, sctp, dccp] = &mut self.datagrams;
        match transport {
            Transport::Udp | Transport::UdpLite => Some(udp),
            Transport::Sctp => Some(sctp),
            Transport::Dccp => Some(dccp),
            Transport::Tcp => None,
        }
    }
}

impl Memory for Streams {
    fn frame(&mut self, frame: &Frame) -> FrameNote {
        self.times.previous = self.now.time.or(self.times.previous);
        self.times.first = self.times.first.or(self.times.previous);
        self.now = Moment { frame: frame.number, time: frame.time };
        self.times
    }

    fn datagram(&mut self, transport: Transport, conversation: &Conversation) -> StreamNote {
        if self.asks.0 < Asks::Streams {
            return StreamNote::default();
        }
        let now = self.now;
        self.datagrams(transport).map_or_else(StreamNote::default, |known| known.datagram(conversation, now, true))
    }

    fn silent_datagram(&mut self, transport: Transport, conversation: &Conversation) -> StreamNote {
        if self.asks.0 < Asks::Streams {
            return StreamNote::default();
        }
        let now = self.now;
        self.datagrams(transport).map_or_else(StreamNote::default, |known| known.datagram(conversation, now, false))
    }

    fn segment(&mut self, conversation: &Conversation, header: &SegmentHeader) -> TcpNote {
        if self.asks.0 < Asks::Streams {
            return TcpNote::default();
        }
        let analyzes = self.asks.0 >= Asks::Analysis;
        let note = self.connections.segment(conversation, header, self.now, analyzes);
        for stream in self.connections.take_ended() {
            self.messages.forget(stream);
        }
        if header.has(flags::FIN) {
            self.messages.end(note.stream, Ends::of(conversation).1 as usize, self.now.time);
        }
        note
    }

    fn pair(&mut self, query: &Query) -> EchoNote {
        if self.asks.0 < Asks::Streams {
            return EchoNote::default();
        }
        self.pairs.pair(query, self.now.frame, self.now.time)
    }

    fn fragment(&mut self, fragment: &Fragment) -> FragmentNote {
        self.fragments.fragment(fragment, self.now.frame)
    }

    fn postpone(&mut self, delivery: &Delivery, offset: u64) -> bool {
        self.messages.postpone(delivery, offset, self.now.frame, self.now.time)
    }

    fn deliver(&mut self, delivery: &Delivery, parts: &mut Vec<Part>) {
        let side = Ends::of(&delivery.conversation).1 as usize;
        let moment = messages::Moment { frame: self.now.frame, time: self.now.time, side };
        self.messages.deliver(delivery, moment, parts);
    }
}

/// The two ends of a conversation in an order that does not depend on who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    /// The upper and the lower half of the address: a 128-bit number would make every connection longer by its alignment.
    low: [u64; 2],
    high: [u64; 2],
    /// The ports and, so that no address is taken for one of another kind, the kinds of the addresses.
    rest: u64,
}

/// Which of the two ends sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    FromLow,
    FromHigh,
}

impl Ends {
    /// The ends of a conversation, and which of them sends this.
    fn of(conversation: &Conversation) -> (Ends, Direction) {
        let (source_kind, source) = number(conversation.source);
        let (destination_kind, destination) = number(conversation.destination);
        let (source_rest, destination_rest) = (
            source_kind | u64::from(conversation.source_port),
            destination_kind | u64::from(conversation.destination_port),
        );
        let halves = |address: u128| [(address >> 64) as u64, address as u64];
        let (low, high) = (halves(source), halves(destination));
        if (source, source_rest) <= (destination, destination_rest) {
            (Ends { low, high, rest: source_rest << 32 | destination_rest }, Direction::FromLow)
        } else {
            (Ends { low: high, high: low, rest: destination_rest << 32 | source_rest }, Direction::FromHigh)
        }
    }
}

impl Hash for Ends {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for [upper, lower] in [self.low, self.high] {
            state.write_u128(u128::from(upper) << 64 | u128::from(lower));
        }
        state.write_u64(self.rest);
    }
}

/// The kind of an address, in bits that a port leaves free, and its number.
fn number(address: Address) -> (u64, u128) {
    match address {
        Address::None => (0, 0),
        Address::V4(address) => (1 << 16, address.into()),
        Address::V6(address) => (2 << 16, u128::from_be_bytes(address)),
        Address::Ether([a, b, c, d, e, f]) => (3 << 16, u64::from_be_bytes([0, 0, a, b, c, d, e, f]).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Interface, Precision};

    fn at(streams: &mut Streams, number: u64, seconds: Option<i64>) -> FrameNote {
        let interface =
            Interface { link: 1, fcs_len: None, snap_len: 0, precision: Precision::MICROS, described: None };
        let time = seconds.map(|seconds| Time::from_nanos(seconds, 0));
        let frame = Frame { number, time, wire_len: 0, offset: 0, interface: &interface, bytes: &[], options: &[] };
        streams.frame(&frame)
    }

    #[test]
    fn times_of_frames() {
        let time = |seconds| Some(Time::from_nanos(seconds, 0));
        let mut streams = Streams::new();
        assert_eq!(at(&mut streams, 1, Some(10)), FrameNote::default());
        streams.displayed();
        let note = at(&mut streams, 2, Some(11));
        assert_eq!((note.first, note.previous, note.previous_displayed), (time(10), time(10), time(10)));
        let note = at(&mut streams, 3, None);
        assert_eq!((note.first, note.previous, note.previous_displayed), (time(10), time(11), time(10)));
        streams.displayed();
        let note = at(&mut streams, 4, Some(12));
        assert_eq!((note.first, note.previous, note.previous_displayed), (time(10), time(11), time(10)));
    }

    #[test]
    fn ends_are_the_same_both_ways() {
        let one =
            Conversation { source: Address::V4(1), destination: Address::V4(2), source_port: 9, destination_port: 8 };
        let other =
            Conversation { source: one.destination, destination: one.source, source_port: 8, destination_port: 9 };
        let ((ends, from), (same, back)) = (Ends::of(&one), Ends::of(&other));
        assert_eq!((ends, from, back), (same, Direction::FromLow, Direction::FromHigh));
        let mut swapped = one;
        (swapped.source_port, swapped.destination_port) = (8, 9);
        assert_ne!(Ends::of(&swapped).0, ends);
        let mut version = one;
        (version.source, version.destination) = (Address::V6(1u128.to_be_bytes()), Address::V6(2u128.to_be_bytes()));
        assert_ne!(Ends::of(&version).0, ends);
    }
}
