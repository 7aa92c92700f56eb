//! TCP connections: their numbers, where their sequence numbers begin, how their windows are scaled, how they end. What segments make of
//! each other is in [`analysis`](super::analysis).

use std::num::NonZeroI64;

use super::analysis::{self, Handshake, Instant, Sight, Track, Waiting};
use super::table::Table;
use super::{Direction, Ends, Moment};
use crate::capture::Time;
use crate::dissect::{Analysis, Conversation, SegmentHeader, TcpNote, WindowScale, completeness, flags};

/// All connections, by their ends.
#[derive(Default)]
pub(super) struct Connections {
    connections: Table<Connection>,
    /// The numbers of connections that were forgotten or replaced, until somebody takes them.
    ended: Vec<u64>,
    /// Counts connections from 0; those that are forgotten stay counted.
    next: u32,
    waiting: Waiting,
    /// What the whole capture has of each connection, where it was read before.
    known: Vec<Whole>,
    /// The same, as it is found out by this reading; kept only where the capture is read again.
    found: Option<Vec<Whole>>,
}

/// What is known of a connection once all of it was read.
#[derive(Clone, Copy, Default)]
struct Whole {
    completeness: u8,
    /// How many nanoseconds the handshake took; that is never none.
    initial_rtt: Option<NonZeroI64>,
    /// The sequence numbers of the low and of the high end that are shown as 0, here from the beginning; a SYN, ACK changes them.
    bases: [Option<u32>; 2],
    scales: [WindowScale; 2],
}

/// One connection. A later one between the same ends takes its place.
struct Connection {
    first: Option<Time>,
    previous: Option<Time>,
    handshake: Handshake,
    /// The sides of the low and of the high end.
    sides: [Side; 2],
    stream: u32,
    completeness: u8,
    /// What Multipath TCP was used for; see [`SegmentHeader::multipath`].
    multipath: u8,
    /// Who sent the first FIN.
    closing: Option<Direction>,
}

/// What one end has sent.
#[derive(Clone, Copy, Default)]
struct Side {
    track: Track,
    /// The sequence number that is shown as 0, once it is known.
    base: u32,
    has_base: bool,
    scale: WindowScale,
}

impl Side {
    fn base(&self) -> Option<u32> {
        self.has_base.then_some(self.base)
    }

    /// Lets numbers begin with `base`, if they have not begun.
    fn begin(&mut self, base: u32) {
        if !self.has_base {
            (self.base, self.has_base) = (base, true);
        }
    }
}

impl Connection {
    fn new(stream: u32, now: Option<Time>) -> Connection {
        Connection {
            first: now,
            previous: now,
            handshake: Handshake::default(),
            sides: [Side::default(); 2],
            stream,
            completeness: 0,
            multipath: 0,
            closing: None,
        }
    }
}

impl Connections {
    /// Keeps what is found for another reading.
    pub(super) fn first_pass() -> Connections {
        Connections { found: Some(Vec::new()), ..Connections::default() }
    }

    /// Tells what is known of a segment's connection; what segments make of each other only where `analyzes`.
    pub(super) fn segment(
        &mut self,
        conversation: &Conversation,
        header: &SegmentHeader,
        now: Moment,
        analyzes: bool,
    ) -> TcpNote {
        let (ends, direction) = Ends::of(conversation);
        let next = self.next;
        let (waiting, ended) = (&mut self.waiting, &mut self.ended);
        let make = || Connection::new(next, now.time);
        let (connection, is_new) = self.connections.entry(&ends, now.frame, make, |mut gone: Connection| {
            gone.forget(waiting);
            ended.push(gone.stream.into());
        });
        let sender = direction as usize;
        let mut is_in_place = false;
        // A SYN that begins elsewhere than the connection between the same ends does begins another one.
        let begins_elsewhere = connection.sides[sender].base().is_some_and(|base| base != header.sequence);
        if header.is_first_syn() && begins_elsewhere {
            connection.forget(&mut self.waiting);
            self.ended.push(connection.stream.into());
            *connection = Connection::new(next, now.time);
            connection.completeness = completeness::SYN;
            is_in_place = true;
        }
        if is_new || is_in_place {
            self.next = self.next.saturating_add(1);
            if let Some(found) = &mut self.found {
                found.push(Whole::default());
            }
        }
        if header.is_relative {
            connection.learn_bases(sender, header);
        }
        let is_answer = header.has(flags::SYN) && header.has(flags::ACK);
        // A SYN, ACK that begins elsewhere is shown like a connection in place of another, though it is none.
        let mut is_reused = is_in_place || is_answer && begins_elsewhere;
        let mut known = self.known.get_mut(connection.stream as usize);
        let bases = match &mut known {
            Some(known) => {
                if is_new || is_in_place {
                    connection.completeness = known.completeness;
                }
                if is_answer && known.bases[sender] != Some(header.sequence) {
                    known.bases[sender] = Some(header.sequence);
                    is_reused = true;
                }
                known.bases
            }
            None => connection.bases(),
        };
        let known = known.copied();
        if header.has(flags::FIN) && connection.closing.is_none() {
            connection.closing = Some(direction);
        }
        let analysis = if header.is_relative && analyzes {
            connection.analyze(&mut self.waiting, header, sender, now, is_reused, known)
        } else {
            Analysis::default()
        };
        let base = |side: usize| if header.is_relative { bases[side].unwrap_or(0) } else { 0 };
        let note = TcpNote {
            stream: connection.stream.into(),
            sequence_base: base(sender),
            acknowledgment_base: base(1 - sender),
            window_scale: known.map_or(connection.sides[sender].scale, |known| known.scales[sender]),
            completeness: connection.completeness,
            first: connection.first,
            previous: connection.previous,
            is_closing_first: connection.closing == Some(direction),
            analysis,
        };
        connection.previous = now.time.or(connection.previous);
        connection.learn_scale(sender, header);
        // What the first segment of a connection shows counts from the second reading on.
        if !is_in_place || known.is_some() {
            connection.advance(header, is_new && known.is_none());
        }
        if let Some(found) = self.found.as_mut().and_then(|found| found.get_mut(connection.stream as usize)) {
            *found = connection.whole();
        }
        note
    }

    /// Keeps to so many bytes.
    pub(super) fn limit(&mut self, bytes: usize) {
        self.waiting.limit(bytes / 4);
        self.connections.limit(bytes - bytes / 4);
    }

    /// How many were forgotten for want of room.
    pub(super) fn gone(&self) -> u64 {
        self.connections.gone()
    }

    /// Takes the numbers of connections that are no longer known.
    pub(super) fn take_ended(&mut self) -> impl Iterator<Item = u64> {
        self.ended.drain(..)
    }

    /// Begins again, and knows how far each connection comes.
    pub(super) fn second_pass(mut self) -> Connections {
        self.connections.clear();
        let known = self.found.unwrap_or_default();
        Connections { connections: self.connections, known, ..Connections::default() }
    }
}

impl Connection {
    fn bases(&self) -> [Option<u32>; 2] {
        self.sides.each_ref().map(Side::base)
    }

    fn whole(&self) -> Whole {
        Whole {
            completeness: self.completeness,
            initial_rtt: self.handshake.took().and_then(NonZeroI64::new),
            bases: self.bases(),
            scales: self.sides.each_ref().map(|side| side.scale),
        }
    }

    /// Forgets what waits to be acknowledged.
    fn forget(&mut self, waiting: &mut Waiting) {
        self.sides.iter_mut().for_each(|side| side.track.forget(waiting));
    }

    fn learn_bases(&mut self, sender: usize, header: &SegmentHeader) {
        let (own, other) = (sender, 1 - sender);
        if header.has(flags::SYN) {
            (self.sides[own].base, self.sides[own].has_base) = (header.sequence, true);
        }
        // Where the handshake was not captured, what was is taken to follow on it.
        self.sides[own].begin(header.sequence.wrapping_sub(1));
        if header.has(flags::ACK) {
            self.sides[other].begin(header.acknowledgment.wrapping_sub(1));
        }
    }

    fn analyze(
        &mut self,
        waiting: &mut Waiting,
        header: &SegmentHeader,
        sender: usize,
        now: Moment,
        is_reused: bool,
        known: Option<Whole>,
    ) -> Analysis {
        let instant = Instant::between(self.first, now.time);
        let [low, high] = &mut self.sides;
        let (own, other) = if sender == 0 { (low, high) } else { (high, low) };
        let sight = Sight {
            header,
            frame: now.frame,
            now: instant,
            round: self.handshake.took(),
            is_reused,
            multipath: self.multipath,
            base: own.base,
            acknowledgment: header.acknowledgment.wrapping_sub(other.base),
            others_scale: other.scale,
        };
        let mut analysis = own.track.judge(&mut other.track, waiting, &sight);
        self.multipath |= header.multipath;
        let is_timed = now.time.is_some_and(|time| time != Time::default());
        let took = self.handshake.learn(header, instant, is_timed);
        analysis.initial_rtt =
            took.or(known.and_then(|known| known.initial_rtt).map(NonZeroI64::get)).map(analysis::span);
        analysis
    }

    fn learn_scale(&mut self, sender: usize, header: &SegmentHeader) {
        let is_syn = header.has(flags::SYN);
        match header.window_scale {
            Some(_) if is_syn && self.sides[sender].scale == WindowScale::Unused => {}
            Some(shift) => self.sides[sender].scale = WindowScale::Shift(shift),
            // "Both sides must send Window Scale options in their <SYN> segments to enable window scaling in either
            // direction." (RFC 7323, section 2.2)
            None if is_syn && !header.lacks_options && self.sides[sender].scale == WindowScale::Unknown => {
                for side in &mut self.sides {
                    side.scale = WindowScale::Unused;
                }
            }
            None => {}
        }
    }

    /// Remembers how far the connection has come. Of what it begins with, only a SYN tells.
    fn advance(&mut self, header: &SegmentHeader, is_new: bool) {
        if is_new {
            if header.is_first_syn() {
                self.completeness |= completeness::SYN;
                if header.payload > 0 {
                    self.completeness |= completeness::DATA;
                }
            }
            return;
        }
        if header.has(flags::ACK) {
            self.completeness |= match header.payload {
                _ if header.has(flags::SYN) => completeness::SYN_ACK,
                0 => completeness::ACK,
                _ => completeness::DATA,
            };
            if header.has(flags::FIN) {
                self.completeness |= completeness::FIN;
            }
        }
        if header.has(flags::RST) {
            self.completeness |= completeness::RST;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::Address;
    use crate::dissect::flags::{ACK, FIN, RST, SYN};

    /// Asks about one segment of a connection between 1:1000 (which sends where `out`) and 2:80.
    fn segment(connections: &mut Connections, out: bool, header: SegmentHeader) -> TcpNote {
        let (one, two) = ((Address::V4(1), 1000), (Address::V4(2), 80));
        let ((source, source_port), (destination, destination_port)) = if out { (one, two) } else { (two, one) };
        let conversation = Conversation { source, destination, source_port, destination_port };
        connections.segment(&conversation, &header, Moment::default(), true)
    }

    fn header(flags: u16, sequence: u32, acknowledgment: u32) -> SegmentHeader {
        SegmentHeader { sequence, acknowledgment, flags, is_relative: true, ..SegmentHeader::default() }
    }

    fn bases(note: TcpNote) -> (u64, u32, u32) {
        (note.stream, note.sequence_base, note.acknowledgment_base)
    }

    #[test]
    fn a_connection_is_small() {
        assert!(Table::<Connection>::row_len() <= 256, "{}", Table::<Connection>::row_len());
        assert!(size_of::<Whole>() <= 32, "{}", size_of::<Whole>());
    }

    #[test]
    fn numbers_begin_with_the_handshake() {
        let c = &mut Connections::default();
        assert_eq!(bases(segment(c, true, header(SYN, 100, 0))), (0, 100, 0));
        assert_eq!(bases(segment(c, false, header(SYN | ACK, 500, 101))), (0, 500, 100));
        assert_eq!(bases(segment(c, true, header(ACK, 101, 501))), (0, 100, 500));
        // Another SYN, ACK moves the beginning of its side.
        assert_eq!(bases(segment(c, false, header(SYN | ACK, 600, 101))), (0, 600, 100));
        // The same SYN again is the same connection, another one is not.
        assert_eq!(bases(segment(c, true, header(SYN, 100, 0))), (0, 100, 600));
        let note = segment(c, true, header(SYN, 200, 0));
        assert_eq!((bases(note), note.completeness), ((1, 200, 0), completeness::SYN));
        // What is left of the old one is counted with the new one.
        assert_eq!(segment(c, false, header(ACK, 501, 101)).stream, 1);
    }

    #[test]
    fn numbers_begin_at_one_where_the_handshake_was_not_captured() {
        let c = &mut Connections::default();
        assert_eq!(bases(segment(c, true, header(ACK, 5000, 7000))), (0, 4999, 6999));
        assert_eq!(bases(segment(c, false, header(ACK, 6990, 5000))), (0, 6999, 4999));
        let c = &mut Connections::default();
        assert_eq!(bases(segment(c, true, header(RST, 0, 0))), (0, u32::MAX, 0));
        assert_eq!(bases(segment(c, false, header(ACK, 9, 1))), (0, 8, u32::MAX));
    }

    #[test]
    fn quoted_segments_are_counted_but_begin_nothing() {
        let c = &mut Connections::default();
        let quoted = SegmentHeader { is_relative: false, ..header(SYN, 900, 0) };
        assert_eq!(bases(segment(c, true, quoted)), (0, 0, 0));
        assert_eq!(bases(segment(c, true, header(ACK, 901, 501))), (0, 900, 500));
        let elsewhere = SegmentHeader { is_relative: false, ..header(SYN, 77, 0) };
        assert_eq!(bases(segment(c, true, elsewhere)), (1, 0, 0));
    }

    #[test]
    fn windows_are_scaled_if_both_sides_agree() {
        use WindowScale::{Shift, Unknown, Unused};
        type Case = (&'static str, Option<u8>, Option<u8>, [WindowScale; 2]);
        let cases: &[Case] = &[
            ("both", Some(7), Some(2), [Shift(7), Shift(2)]),
            ("server does not", Some(7), None, [Unused, Unused]),
            ("client does not", None, Some(7), [Unused, Unused]),
        ];
        for &(name, client, server, expected) in cases {
            let c = &mut Connections::default();
            let syn = SegmentHeader { window_scale: client, ..header(SYN, 1, 0) };
            assert_eq!(segment(c, true, syn).window_scale, Unknown, "{name}");
            segment(c, false, SegmentHeader { window_scale: server, ..header(SYN | ACK, 1, 2) });
            let scales = [true, false].map(|out| segment(c, out, header(ACK, 2, 2)).window_scale);
            assert_eq!(scales, expected, "{name}");
        }
    }

    #[test]
    fn completeness_grows() {
        let data = |header| SegmentHeader { payload: 3, ..header };
        let c = &mut Connections::first_pass();
        let told = [
            (true, header(SYN, 1, 0), 0),
            (false, header(SYN | ACK, 1, 2), 1),
            (true, header(ACK, 2, 2), 3),
            (true, data(header(ACK, 2, 2)), 7),
            (true, header(FIN | ACK, 5, 2), 15),
            (false, header(RST, 2, 6), 31),
            (false, header(RST, 2, 6), 63),
        ];
        for (out, header, expected) in told {
            assert_eq!(segment(c, out, header).completeness, expected, "{header:?}");
        }
        let again = &mut std::mem::take(c).second_pass();
        assert_eq!(segment(again, true, header(SYN, 1, 0)).completeness, 63);
    }

    #[test]
    fn who_closes_first() {
        let c = &mut Connections::default();
        for (out, first) in [(false, true), (true, false), (false, true)] {
            assert_eq!(segment(c, out, header(FIN | ACK, 1, 1)).is_closing_first, first);
        }
    }
}
