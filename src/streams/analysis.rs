//! What the segments of a connection make of each other: lost, sent again, acknowledged, held back by windows.
//!
//! The rules are those of the Wireshark User's Guide, chapter "TCP Analysis"; where it is silent, their borders were measured: captures
//! were made for them and shown to tshark. Each side of a connection has a [`Track`]: a few numbers, and the segments that wait for an
//! acknowledgment, which stand in a [`Waiting`] that all connections share. A sequence or acknowledgment number that is zero counts, as
//! in tshark, as one that nobody has said yet. What a segment costs does not grow with what waits:
//! a list is looked at from its ends, and no further than [`EDGE`] or, where something was sent again, [`NEAR`].

use crate::capture::Time;
use crate::dissect::{Analysis, Duplicate, Earlier, SegmentHeader, WindowScale, flags, verdict};

/// The most segments of one side that are remembered until they are acknowledged; those that come then are not, and not counted.
const MAX_WAITING: u16 = 10_000;
/// The most segments of all connections that wait; then all are forgotten, and a new list begins.
const MAX_NODES: usize = 1 << 20;
/// The least that may be kept to.
const MIN_NODES: usize = 1 << 12;
/// What is in flight is fewer bytes than this, or nobody knows what is.
const MAX_IN_FLIGHT: u32 = 2_000_000_000;
/// How far a list is looked at from its front, where the segments stand that an acknowledgment takes a part of.
const EDGE: usize = 8;
/// How far a list is looked at from either of its ends, for the place of a segment that was sent again.
const NEAR: usize = 64;
/// What is sent again within so many nanoseconds of an acknowledgment may be sent because of it.
const FAST: i64 = 20_000_000;
/// How late, in nanoseconds, a segment may be out of order, where the handshake does not tell how long a round takes.
const USUAL_ROUND: i64 = 3_000_000;

/// What is remembered of one side of a connection.
#[derive(Clone, Copy, Default)]
pub(super) struct Track {
    list: List,
    /// When its last acknowledgment came.
    acknowledged_at: Instant,
    /// When it came as far as [`next`](Self::next), and in which frame.
    advanced_at: Instant,
    advanced_in: Place,
    /// The frame that had the last acknowledgment number first.
    acknowledged_in: Place,
    /// The sequence number that follows on the last byte.
    next: u32,
    /// Up to here the other side may acknowledge without surprise: [`next`](Self::next), but where something is missing before that.
    complete: u32,
    /// The last acknowledgment number.
    acknowledged: u32,
    /// How often it was repeated, or [`SURPRISED`].
    repeated: u32,
    /// Bytes of the other side that the last segment reports beyond its acknowledgment.
    sacked: u32,
    /// Bytes since the last segment with the flag PSH.
    pushed: u32,
    /// The window of the last segment, as it is in the header.
    window: u16,
    /// Bits of [`known`].
    known: u16,
    /// What Multipath TCP had been used for on the connection when the last segment was sent.
    multipath: u8,
}

/// In place of a count of repetitions: since this acknowledgment, the other side acknowledged what this one was not seen to send.
const SURPRISED: u32 = u32::MAX;

/// What holds of a [`Track`].
mod known {
    /// There was a segment.
    pub const BEGUN: u16 = 1;
    /// The window of the last segment is not scaled, whatever those of others are: it is that of a SYN, or acknowledges nothing.
    pub const PLAIN_WINDOW: u16 = 1 << 1;
    /// The last segment was a keep-alive.
    pub const KEEP_ALIVE: u16 = 1 << 2;
    /// The last segment was a zero window probe.
    pub const ZERO_WINDOW_PROBE: u16 = 1 << 3;
    /// The last segment with data had the flag PSH.
    pub const PUSHED: u16 = 1 << 4;
    /// Something was lost, and the other side has not spoken since: nobody knows what is in flight.
    pub const LOSS: u16 = 1 << 5;
    /// Data came with the SYN and a Fast Open cookie.
    pub const FAST_OPEN: u16 = 1 << 6;
}

/// The lower half of a frame's number: the upper half follows from that of a frame soon after it.
#[derive(Clone, Copy, Default)]
struct Place(u32);

impl Place {
    fn of(frame: u64) -> Place {
        Place(frame as u32)
    }

    /// The number of the frame, given that of a later one.
    fn before(self, later: u64) -> u64 {
        later.wrapping_sub((later as u32).wrapping_sub(self.0).into())
    }
}

/// Nanoseconds since the connection began; none where a frame has no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant(i64);

impl Default for Instant {
    fn default() -> Self {
        Instant::NONE
    }
}

impl Instant {
    const NONE: Instant = Instant(i64::MIN);

    /// How long after the first moment `now` is.
    pub(super) fn between(first: Option<Time>, now: Option<Time>) -> Instant {
        let (Some(first), Some(now)) = (first, now) else { return Instant::NONE };
        let span = now.since(first);
        let nanos = span.seconds().saturating_mul(1_000_000_000).saturating_add(span.nanos().into());
        Instant(nanos.max(i64::MIN + 1))
    }

    /// Nanoseconds since `earlier`.
    fn since(self, earlier: Instant) -> Option<i64> {
        (self != Instant::NONE && earlier != Instant::NONE).then(|| self.0.saturating_sub(earlier.0))
    }
}

/// How far the handshake has come.
#[derive(Clone, Copy, Default)]
pub(super) enum Handshake {
    #[default]
    Unseen,
    /// A SYN was sent then.
    Asked(Instant),
    /// It took so many nanoseconds.
    Took(i64),
}

impl Handshake {
    /// How many nanoseconds the handshake took, once it is done.
    pub(super) fn took(&self) -> Option<i64> {
        if let Handshake::Took(nanos) = *self { Some(nanos) } else { None }
    }

    /// Learns from a segment, and says the same.
    pub(super) fn learn(&mut self, header: &SegmentHeader, now: Instant, is_timed: bool) -> Option<i64> {
        match *self {
            Handshake::Took(_) => {}
            // A clock that stands at zero tells nothing.
            _ if header.is_first_syn() => *self = if is_timed { Handshake::Asked(now) } else { Handshake::Unseen },
            Handshake::Asked(asked) if header.has(flags::ACK) && !header.has(flags::SYN) => {
                if let Some(nanos) = now.since(asked).filter(|&nanos| nanos != 0) {
                    *self = Handshake::Took(nanos);
                }
            }
            _ => {}
        }
        self.took()
    }
}

/// A span of so many nanoseconds.
pub(super) fn span(nanos: i64) -> Time {
    Time::from_nanos(nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000) as u32)
}

/// The segment to be judged.
pub(super) struct Sight<'a> {
    pub header: &'a SegmentHeader,
    pub frame: u64,
    pub now: Instant,
    /// How long the handshake took, so far as this segment does not end it.
    pub round: Option<i64>,
    /// It begins a connection in place of one that was there.
    pub is_reused: bool,
    /// What Multipath TCP was used for on the connection before; see [`SegmentHeader::multipath`].
    pub multipath: u8,
    /// Where the sequence numbers of this side begin.
    pub base: u32,
    /// The acknowledgment number, counted from the beginning of the other side.
    pub acknowledgment: u32,
    /// How the windows of the other side are scaled.
    pub others_scale: WindowScale,
}

/// Whether `left` stands behind `right`, as sequence numbers go around.
const fn is_after(left: u32, right: u32) -> bool {
    left.wrapping_sub(right) as i32 > 0
}

impl Track {
    fn is(&self, bits: u16) -> bool {
        self.known & bits != 0
    }

    fn set(&mut self, bits: u16, holds: bool) {
        if holds {
            self.known |= bits;
        } else {
            self.known &= !bits;
        }
    }

    /// The last acknowledgment number, where there was one.
    fn acknowledged(&self) -> Option<u32> {
        (self.acknowledged != 0).then_some(self.acknowledged)
    }

    /// The sequence number that follows on the last byte, where there was one.
    fn next(&self) -> Option<u32> {
        (self.next != 0).then_some(self.next)
    }

    /// Forgets what waits.
    pub(super) fn forget(&mut self, waiting: &mut Waiting) {
        waiting.clear(&mut self.list);
    }

    /// Judges a segment of this side, and remembers it.
    pub(super) fn judge(&mut self, other: &mut Track, waiting: &mut Waiting, sight: &Sight) -> Analysis {
        let mut analysis = Analysis::default();
        let header = sight.header;
        if header.is_first_syn() {
            // A SYN again: what came behind something missing may belong to another try.
            self.next = self.complete;
        }
        let control = header.has(flags::SYN | flags::FIN);
        let end = header.sequence.wrapping_add(header.payload).wrapping_add(control.into());
        let acknowledgment = header.has(flags::ACK).then_some(header.acknowledgment);

        let mut verdicts = if sight.is_reused { verdict::REUSED_PORTS } else { 0 };
        verdicts |= self.fast_open(other, sight);
        verdicts |= self.judge_windows(other, sight);
        if verdicts & verdict::DUPLICATE_ACK != 0 {
            self.repeated = match self.repeated {
                SURPRISED => 1,
                count => (count + 1).min(SURPRISED - 1),
            };
            analysis.duplicate =
                Some(Duplicate { number: self.repeated, of: self.acknowledged_in.before(sight.frame) });
        }
        if header.acknowledgment != self.acknowledged {
            self.repeated = 0;
            self.acknowledged_in = Place::of(sight.frame);
        }
        if let Some(acknowledgment) = acknowledgment {
            let (surprises, verdict) = other.surprise(acknowledgment);
            analysis.is_known |= surprises;
            verdicts |= verdict;
        }
        if (header.payload > 0 || control) && verdicts & verdict::KEEP_ALIVE == 0 {
            verdicts |= self.judge_order(other, sight, end);
        }
        if verdicts & AGAIN == verdict::RETRANSMISSION {
            let (frame, at) =
                waiting.oldest(&self.list).unwrap_or((self.advanced_in.before(sight.frame), self.advanced_at));
            analysis.timed_out = Earlier::new(frame, sight.now.since(at)).filter(|earlier| earlier.ago.is_some());
        }

        // Without the flag there is no acknowledgment, but what stands in its place is taken for one all the same: the zero of an RST
        // ends what waits, more often than not.
        let found = waiting.acknowledge(&mut other.list, header.acknowledgment);
        analysis.acknowledges = found.and_then(|(frame, at)| Earlier::new(frame, sight.now.since(at)));
        if acknowledgment.is_some() {
            other.set(known::LOSS, false);
        }
        let remembered = Node { sequence: header.sequence, end, frame: sight.frame, at: sight.now, ..Node::default() };
        if header.payload > 0 || control {
            waiting.push(&mut self.list, remembered);
        }
        if verdicts & verdict::LOST_SEGMENT != 0 {
            self.set(known::LOSS, true);
        }
        if header.payload > 0 && !self.is(known::LOSS) {
            analysis.is_counted = true;
            self.count(other, waiting, sight, &mut analysis);
        }
        self.remember(sight, verdicts, end);
        analysis.verdicts = verdicts;
        analysis.is_known |= verdicts & verdict::FLAGS != 0 || analysis.acknowledges.is_some();
        analysis
    }

    /// Whether the data of a SYN was taken. A SYN remembers that it brought some.
    fn fast_open(&mut self, other: &Track, sight: &Sight) -> u32 {
        let header = sight.header;
        if header.is_first_syn() && header.has_cookie && header.payload > 0 {
            self.set(known::FAST_OPEN, true);
        }
        if !header.has(flags::SYN) || !header.has(flags::ACK) {
            0
        } else if sight.acknowledgment > 1 {
            verdict::FAST_OPEN_ACCEPTED
        } else if self.is(known::FAST_OPEN) || other.is(known::FAST_OPEN) {
            verdict::FAST_OPEN_IGNORED
        } else {
            0
        }
    }

    /// What sequence number, acknowledgment and window say of a segment that is sent for them rather than for its data.
    fn judge_windows(&self, other: &Track, sight: &Sight) -> u32 {
        let header = sight.header;
        let next = self.next;
        let (is_next, is_empty) = (header.sequence == next, header.payload == 0);
        if header.payload == 1 && is_next && other.is(known::BEGUN) && other.window == 0 {
            return verdict::ZERO_WINDOW_PROBE;
        }
        let mut verdicts = 0;
        if next != 0 && is_after(header.sequence, next) && !header.has(flags::RST) {
            verdicts |= verdict::LOST_SEGMENT;
        }
        if header.has(flags::SYN | flags::FIN | flags::RST) {
            return verdicts;
        }
        if header.window == 0 {
            verdicts |= verdict::ZERO_WINDOW;
        }
        verdicts |= self.window_full(other, sight);
        if header.payload <= 1 && header.sequence == next.wrapping_sub(1) {
            verdicts |= verdict::KEEP_ALIVE;
        }
        let says_nothing_new = is_empty && is_next && header.acknowledgment == self.acknowledged;
        verdicts
            | match (says_nothing_new, header.window) {
                (false, _) => 0,
                (true, 0) if self.window == 0 && self.is(known::BEGUN) && other.is(known::ZERO_WINDOW_PROBE) => {
                    verdict::ZERO_WINDOW_PROBE_ACK
                }
                (true, 0) => 0,
                (true, window) if window != self.window || !self.is(known::BEGUN) => verdict::WINDOW_UPDATE,
                (true, _) if other.is(known::KEEP_ALIVE) => verdict::KEEP_ALIVE_ACK,
                // Multipath TCP sends such segments for its own sake.
                (true, _) if sight.multipath == self.multipath => verdict::DUPLICATE_ACK,
                (true, _) => 0,
            }
    }

    /// Whether the segment leaves no room in the other side's window.
    fn window_full(&self, other: &Track, sight: &Sight) -> u32 {
        let header = sight.header;
        let shift = match sight.others_scale {
            WindowScale::Shift(shift) if !other.is(known::PLAIN_WINDOW) => shift,
            WindowScale::Unknown => return 0,
            _ => 0,
        };
        let room = match other.acknowledged() {
            Some(acknowledged) => {
                acknowledged.wrapping_add(u32::from(other.window).checked_shl(shift.into()).unwrap_or(0))
            }
            None if other.is(known::BEGUN) => return 0,
            // The largest window there can be, counted from zero.
            None => u32::MAX,
        };
        let is_full = header.payload > 0
            && !header.has(flags::SYN | flags::FIN | flags::RST)
            && header.sequence.wrapping_add(header.payload) == room;
        if is_full { verdict::WINDOW_FULL } else { 0 }
    }

    /// Takes an acknowledgment of the other side, and says whether it is for more than was seen, and whether that is said:
    /// it is said once, until this side acknowledges something else.
    fn surprise(&mut self, acknowledgment: u32) -> (bool, u32) {
        if self.complete == 0 || !is_after(acknowledgment, self.complete) {
            return (false, 0);
        }
        if self.next == 0 {
            // Nobody knows any more where it was.
            (self.complete, self.repeated) = (0, SURPRISED);
            return (true, verdict::ACK_LOST_SEGMENT);
        }
        if is_after(self.next, self.complete) {
            self.complete = self.next;
            return (true, verdict::ACK_LOST_SEGMENT);
        }
        let said = std::mem::replace(&mut self.repeated, SURPRISED);
        (true, if said == 0 { verdict::ACK_LOST_SEGMENT } else { 0 })
    }

    /// Whether a segment with data, a SYN or a FIN comes late, or a second time.
    fn judge_order(&self, other: &Track, sight: &Sight, end: u32) -> u32 {
        let header = sight.header;
        let data_end = header.sequence.wrapping_add(header.payload);
        let is_acknowledged = |acknowledged: u32| header.payload > 0 && !is_after(data_end, acknowledged);
        if other.acknowledged().is_some_and(is_acknowledged) {
            return verdict::SPURIOUS_RETRANSMISSION | verdict::RETRANSMISSION;
        }
        let Some(next) = self.next().filter(|&next| is_after(next, header.sequence)) else { return 0 };
        // What a zero window probe had goes out again with more.
        if header.payload > 1 && header.sequence == next.wrapping_sub(1) {
            return 0;
        }
        let since = |at| sight.now.since(at);
        let is_fast = other.repeated >= 2
            && other.acknowledged == header.sequence
            && since(other.acknowledged_at).is_some_and(|nanos| (0..FAST).contains(&nanos));
        let is_late = || {
            let round = sight.round.unwrap_or(USUAL_ROUND);
            end != next && since(self.advanced_at).is_some_and(|nanos| (0..round).contains(&nanos))
        };
        let fast = verdict::FAST_RETRANSMISSION | verdict::RETRANSMISSION;
        match (is_fast, header.doubts_fast) {
            (true, false) => fast,
            _ if is_late() => verdict::OUT_OF_ORDER,
            (true, true) => fast,
            _ => verdict::RETRANSMISSION,
        }
    }

    /// Counts what is in flight, this segment's data among it.
    fn count(&mut self, other: &Track, waiting: &Waiting, sight: &Sight, analysis: &mut Analysis) {
        let header = sight.header;
        if self.is(known::PUSHED) {
            self.pushed = 0;
        }
        self.set(known::PUSHED, header.has(flags::PSH));
        self.pushed = self.pushed.saturating_add(header.payload);
        let control = u32::from(header.has(flags::SYN | flags::FIN));
        let missing = waiting.reach(&self.list, sight.base).wrapping_sub(control).wrapping_sub(other.sacked);
        if (1..MAX_IN_FLIGHT).contains(&missing) {
            analysis.bytes_in_flight = Some(missing);
            analysis.bytes_since_push = self.pushed;
        }
    }

    fn remember(&mut self, sight: &Sight, verdicts: u32, end: u32) {
        let header = sight.header;
        let is_probe = verdicts & verdict::ZERO_WINDOW_PROBE != 0;
        if self.complete == 0 {
            self.complete = header.sequence;
        }
        if !is_probe && (self.next == 0 || is_after(end, self.next)) {
            self.next = end;
            (self.advanced_at, self.advanced_in) = (sight.now, Place::of(sight.frame));
        }
        if header.sequence == self.complete && !is_probe {
            self.complete = self.next;
        }
        self.window = header.window;
        self.acknowledged = header.acknowledgment;
        self.acknowledged_at = sight.now;
        self.sacked = header.sacked;
        self.multipath = sight.multipath;
        self.set(known::BEGUN, true);
        self.set(known::PLAIN_WINDOW, header.has(flags::SYN) || !header.has(flags::ACK));
        self.set(known::KEEP_ALIVE, verdicts & verdict::KEEP_ALIVE != 0);
        self.set(known::ZERO_WINDOW_PROBE, is_probe);
    }
}

/// The verdicts of which a retransmission that waited in vain has only one.
const AGAIN: u32 = verdict::RETRANSMISSION | verdict::FAST_RETRANSMISSION | verdict::SPURIOUS_RETRANSMISSION;

impl Earlier {
    /// A frame so many nanoseconds ago.
    fn new(frame: u64, nanos: Option<i64>) -> Option<Earlier> {
        Some(Earlier { frame, ago: nanos.filter(|&nanos| nanos != 0).map(span) })
    }
}

/// The segments of one side that wait, by where they end: a ring of [`Node`]s.
#[derive(Clone, Copy, Default)]
struct List {
    /// The place of the node that ends first; its predecessor ends last.
    head: u32,
    len: u16,
    /// The nodes of another age were forgotten.
    age: u16,
}

/// A segment that waits for an acknowledgment.
#[derive(Clone, Copy, Default)]
struct Node {
    /// Where it begins, or begins to be unacknowledged.
    sequence: u32,
    end: u32,
    before: u32,
    after: u32,
    frame: u64,
    at: Instant,
}

/// The segments of all connections that wait for an acknowledgment. It grows to the most that have ever waited at a time.
pub(super) struct Waiting {
    nodes: Vec<Node>,
    /// The most nodes.
    most: usize,
    /// The places that are free; each says in [`Node::after`] which is the next.
    free: u32,
    free_len: u32,
    age: u16,
}

impl Default for Waiting {
    fn default() -> Self {
        Waiting { nodes: Vec::new(), most: MAX_NODES, free: 0, free_len: 0, age: 0 }
    }
}

impl Waiting {
    /// Keeps to so many bytes, if they are for [`MIN_NODES`] or more.
    pub(super) fn limit(&mut self, bytes: usize) {
        let fitting = (bytes / size_of::<Node>() + 1).next_power_of_two() / 2;
        self.most = fitting.clamp(MIN_NODES, MAX_NODES);
    }

    fn len(&self, list: &List) -> usize {
        if list.age == self.age { list.len.into() } else { 0 }
    }

    fn node(&self, place: u32) -> Node {
        self.nodes.get(place as usize).copied().unwrap_or_default()
    }

    fn edit(&mut self, place: u32, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.get_mut(place as usize) {
            change(node);
        }
    }

    /// The first nodes, `most` at most: first that which ends first.
    fn front(&self, list: &List, most: usize) -> impl Iterator<Item = Node> {
        let mut place = list.head;
        (0..self.len(list).min(most)).map(move |_| {
            let node = self.node(place);
            place = node.after;
            node
        })
    }

    /// The node that ends last.
    fn back(&self, list: &List) -> Option<Node> {
        (self.len(list) > 0).then(|| self.node(self.node(list.head).before))
    }

    /// The frame that waits longest and its time.
    fn oldest(&self, list: &List) -> Option<(u64, Instant)> {
        self.front(list, NEAR).map(|node| (node.frame, node.at)).min_by_key(|row| row.0)
    }

    /// How many bytes lie between the first and the last that waits, counted from `base`, where the side began. Where some of it was
    /// sent before that and some after, it is more than there can be: negative.
    fn reach(&self, list: &List, base: u32) -> u32 {
        let Some(last) = self.back(list) else { return 0 };
        let from_base = |number: u32| number.wrapping_sub(base);
        let both = (from_base(last.sequence), from_base(last.end));
        let (lowest, highest) = self.front(list, EDGE).fold(both, |(lowest, highest), node| {
            (lowest.min(from_base(node.sequence)), highest.max(from_base(node.end)))
        });
        highest.wrapping_sub(lowest)
    }

    /// Adds a segment behind those that end where it does or before.
    fn push(&mut self, list: &mut List, node: Node) {
        let len = self.len(list);
        if len >= MAX_WAITING.into() {
            return;
        }
        let Some((before, is_first)) = self.place_for(list, &node) else { return };
        let Some(place) = self.allocate() else {
            // All were forgotten, this list's among them.
            return self.push(list, node);
        };
        if len == 0 {
            self.edit(place, |new| *new = Node { before: place, after: place, ..node });
            *list = List { head: place, len: 1, age: self.age };
            return;
        }
        let after = self.node(before).after;
        self.edit(place, |new| *new = Node { before, after, ..node });
        self.edit(before, |node| node.after = place);
        self.edit(after, |node| node.before = place);
        list.len += 1;
        if is_first {
            list.head = place;
        }
    }

    /// The place behind which a segment goes, and whether it is the first then; none if another stands for it, or its place is far from both ends.
    fn place_for(&self, list: &List, node: &Node) -> Option<(u32, bool)> {
        let len = self.len(list);
        if len == 0 {
            return Some((0, true));
        }
        let last = self.node(list.head).before;
        let mut place = last;
        for passed in 0..=len.min(NEAR) {
            if passed == len {
                return Some((last, true));
            }
            let there = self.node(place);
            if !is_after(there.end, node.end) {
                // What was sent again is known by its first copy.
                let is_known = there.end == node.end && !is_after(there.sequence, node.sequence);
                return (!is_known).then_some((place, false));
            }
            place = there.before;
        }
        let mut place = list.head;
        for passed in 0..NEAR {
            let there = self.node(place);
            if is_after(there.end, node.end) {
                return Some((there.before, passed == 0));
            }
            if there.end == node.end && !is_after(there.sequence, node.sequence) {
                return None;
            }
            place = there.after;
        }
        None
    }

    /// Takes out what ends at `acknowledgment` or before, and returns the frame and the time of the segment that ends there.
    fn acknowledge(&mut self, list: &mut List, acknowledgment: u32) -> Option<(u64, Instant)> {
        let mut found = None;
        while self.len(list) > 0 {
            let first = self.node(list.head);
            if is_after(first.end, acknowledgment) {
                break;
            }
            if first.end == acknowledgment && found.is_none_or(|(frame, _)| first.frame < frame) {
                found = Some((first.frame, first.at));
            }
            self.take_first(list);
        }
        let mut place = list.head;
        for _ in 0..self.len(list).min(EDGE) {
            let there = self.node(place);
            if is_after(acknowledgment, there.sequence) {
                self.edit(place, |node| node.sequence = acknowledgment);
            }
            place = there.after;
        }
        found
    }

    fn take_first(&mut self, list: &mut List) {
        let place = list.head;
        let Node { before, after, .. } = self.node(place);
        self.edit(before, |node| node.after = after);
        self.edit(after, |node| node.before = before);
        list.head = after;
        list.len = list.len.saturating_sub(1);
        self.give_back(place, place, 1);
    }

    /// Forgets all that waits of a list.
    fn clear(&mut self, list: &mut List) {
        let len = self.len(list);
        if len > 0 {
            self.give_back(list.head, self.node(list.head).before, len as u32);
        }
        list.len = 0;
    }

    /// Gives back the places from one to another that follow on each other.
    fn give_back(&mut self, first: u32, last: u32, len: u32) {
        let free = std::mem::replace(&mut self.free, first);
        self.edit(last, |node| node.after = free);
        self.free_len += len;
    }

    /// Finds a free place; none if all were forgotten for it.
    fn allocate(&mut self) -> Option<u32> {
        if self.free_len > 0 {
            let place = self.free;
            self.free = self.node(place).after;
            self.free_len -= 1;
            return Some(place);
        }
        if self.nodes.len() >= self.most {
            self.nodes.clear();
            self.age = self.age.wrapping_add(1);
            return None;
        }
        self.nodes.push(Node::default());
        u32::try_from(self.nodes.len() - 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Moment, tcp::Connections};
    use super::*;
    use crate::dissect::{Address, Conversation};

    /// Where the two ends begin.
    const BEGINNINGS: [u32; 2] = [1000, 5000];

    fn sent(connections: &mut Connections, from_client: bool, header: &SegmentHeader, now: Moment) -> Analysis {
        let (client, server) = ((Address::V4(1), 1000), (Address::V4(2), 80));
        let ((source, source_port), (destination, destination_port)) =
            if from_client { (client, server) } else { (server, client) };
        let conversation = Conversation { source, destination, source_port, destination_port };
        connections.segment(&conversation, header, now, true).analysis
    }

    fn at(frame: u64, micros: u32) -> Moment {
        Moment { frame, time: Some(Time::from_nanos(1000 + i64::from(micros / 1_000_000), micros % 1_000_000 * 1000)) }
    }

    /// Reads the left side of a case: the moment, whether the client sends, and the header.
    fn parse(frame: u64, text: &str) -> (Moment, bool, SegmentHeader) {
        let mut words = text.split_whitespace();
        let mut next = || words.next().expect("a case has seven columns");
        let moment = at(frame, next().parse().unwrap());
        let from_client = next() == ">";
        let set = next().chars().map(|letter| match letter {
            'F' => flags::FIN,
            'S' => flags::SYN,
            'R' => flags::RST,
            'P' => flags::PSH,
            'A' => flags::ACK,
            _ => 0,
        });
        let set = set.fold(0, |all, flag| all | flag);
        let mut number = || next().parse::<i64>().unwrap() as u32;
        let [own, other] = if from_client { BEGINNINGS } else { [BEGINNINGS[1], BEGINNINGS[0]] };
        let (sequence, acknowledgment) = (number(), number());
        let mut header = SegmentHeader {
            sequence: sequence.wrapping_add(own),
            flags: set,
            window: number() as u16,
            payload: number(),
            is_relative: true,
            ..SegmentHeader::default()
        };
        let mut shows_acknowledgment = header.has(flags::ACK);
        for option in words {
            match option.split_once('=') {
                Some(("ws", shift)) => header.window_scale = Some(shift.parse().unwrap()),
                Some(("sack", bytes)) => header.sacked = bytes.parse().unwrap(),
                Some(("mp", subtype)) => header.multipath = 1 << subtype.parse::<u8>().unwrap(),
                _ if option == "ack" => shows_acknowledgment = true,
                _ => header.has_cookie = option == "cookie",
            }
        }
        if shows_acknowledgment {
            header.acknowledgment = acknowledgment.wrapping_add(other);
        }
        (moment, from_client, header)
    }

    /// Writes the right side of a case.
    fn words(analysis: &Analysis) -> String {
        const WORDS: &[(u32, &str)] = &[
            (verdict::REUSED_PORTS, "reused"),
            (verdict::FAST_RETRANSMISSION, "fast"),
            (verdict::SPURIOUS_RETRANSMISSION, "spurious"),
            (verdict::RETRANSMISSION, "again"),
            (verdict::OUT_OF_ORDER, "out-of-order"),
            (verdict::LOST_SEGMENT, "lost"),
            (verdict::ACK_LOST_SEGMENT, "ack-lost"),
            (verdict::WINDOW_UPDATE, "update"),
            (verdict::WINDOW_FULL, "full"),
            (verdict::KEEP_ALIVE, "keep-alive"),
            (verdict::KEEP_ALIVE_ACK, "keep-alive-ack"),
            (verdict::ZERO_WINDOW_PROBE, "probe"),
            (verdict::ZERO_WINDOW, "zero"),
            (verdict::ZERO_WINDOW_PROBE_ACK, "probe-ack"),
            (verdict::FAST_OPEN_ACCEPTED, "accepted"),
            (verdict::FAST_OPEN_IGNORED, "ignored"),
        ];
        let micros = |span: Time| span.seconds() * 1_000_000 + i64::from(span.nanos() / 1000);
        let mut words: Vec<String> =
            WORDS.iter().filter(|row| analysis.is(row.0)).map(|row| row.1.to_owned()).collect();
        if let Some(duplicate) = analysis.duplicate {
            words.push(format!("dup={}#{}", duplicate.of, duplicate.number));
        }
        for (name, earlier) in [("acks", analysis.acknowledges), ("rto", analysis.timed_out)] {
            if let Some(earlier) = earlier {
                words.push(format!("{name}={}@{}", earlier.frame, earlier.ago.map_or(0, micros)));
            }
        }
        if analysis.is_known || analysis.is_counted {
            words.extend(analysis.initial_rtt.map(|took| format!("round={}", micros(took))));
        }
        if let Some(bytes) = analysis.bytes_in_flight {
            words.push(format!("flight={bytes}/{}", analysis.bytes_since_push));
        }
        words.join(" ")
    }

    #[test]
    fn cases() {
        let mut count = 0;
        for case in include_str!("analysis-cases.txt").split("\n== ").skip(1) {
            let mut lines = case.lines().filter(|line| !line.is_empty());
            let name = lines.next().expect("a case has a name");
            let connections = &mut Connections::default();
            for (frame, line) in (1..).zip(lines) {
                let (left, right) = line.split_once('|').expect("a case has two sides");
                let (moment, from_client, header) = parse(frame, left);
                let analysis = sent(connections, from_client, &header, moment);
                assert_eq!(words(&analysis), right.trim(), "{name}: {frame}: {left}");
                count += 1;
            }
        }
        assert!(count > 200, "{count}");
    }

    #[test]
    fn a_track_is_small() {
        assert!(size_of::<Track>() <= 64, "{}", size_of::<Track>());
        assert_eq!(size_of::<Node>(), 32);
    }

    #[test]
    fn half_a_number_is_enough() {
        for (frame, later) in [(1, 1), (7, 900), (u64::from(u32::MAX), 1 << 32), ((1 << 33) + 5, (1 << 33) + 6)] {
            assert_eq!(Place::of(frame).before(later), frame);
        }
    }

    #[test]
    fn a_clock_at_zero_measures_no_handshake() {
        let connections = &mut Connections::default();
        let moments = [0, 1000, 2000].map(|nanos| Moment { frame: 1, time: Some(Time::from_nanos(0, nanos)) });
        let header = |flags, sequence| SegmentHeader { flags, sequence, is_relative: true, ..SegmentHeader::default() };
        sent(connections, true, &header(flags::SYN, 9), moments[0]);
        sent(connections, false, &header(flags::SYN | flags::ACK, 9), moments[1]);
        assert_eq!(sent(connections, true, &header(flags::ACK, 10), moments[2]).initial_rtt, None);
    }

    #[test]
    fn without_times_there_are_frames() {
        let connections = &mut Connections::default();
        let data = SegmentHeader { flags: flags::ACK, payload: 9, is_relative: true, ..SegmentHeader::default() };
        let answer = SegmentHeader { acknowledgment: 9, payload: 0, ..data };
        sent(connections, true, &data, Moment { frame: 3, time: None });
        let analysis = sent(connections, false, &answer, Moment { frame: 4, time: None });
        assert_eq!(analysis.acknowledges, Some(Earlier { frame: 3, ago: None }));
        let again = sent(connections, true, &data, Moment { frame: 5, time: None });
        assert_eq!(words(&again), "spurious again zero flight=9/18");
    }

    impl Waiting {
        /// Holds a list against what is true of every list, and returns how many nodes it has.
        fn checked(&self, list: &List) -> usize {
            let len = self.len(list);
            let mut place = list.head;
            for _ in 0..len {
                let node = self.node(place);
                assert_eq!(self.node(node.after).before, place);
                place = node.after;
            }
            assert!(len == 0 || place == list.head, "a list is a ring");
            len
        }

        fn free(&self) -> usize {
            let mut place = self.free;
            for _ in 1..self.free_len {
                place = self.node(place).after;
            }
            assert!(self.free_len == 0 || (place as usize) < self.nodes.len());
            self.free_len as usize
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_lists_stay_lists(
            segments in prop::collection::vec((any::<bool>(), any::<u16>(), 0u32..300, 0u32..300, 0u16..3, 0u32..40, any::<u8>()), 1..200),
            base in prop_oneof![Just(0u32), Just(u32::MAX - 100), any::<u32>()],
        ) {
            let mut waiting = Waiting::default();
            let mut tracks = [Track::default(); 2];
            for (place, &(from_client, set, sequence, acknowledgment, window, payload, odd)) in segments.iter().enumerate() {
                let wild = |number: u32| if odd == 7 { number.wrapping_mul(0x9e37_79b9) } else { number.wrapping_add(base) };
                let header = SegmentHeader {
                    sequence: wild(sequence),
                    acknowledgment: wild(acknowledgment),
                    // Most segments have an acknowledgment, few begin or end anything.
                    flags: if odd < 40 { set & 0xfff } else { flags::ACK | set & flags::PSH },
                    window,
                    payload: if odd == 8 { u32::MAX } else { payload },
                    sacked: if odd % 16 == 9 { set.into() } else { 0 },
                    ..SegmentHeader::default()
                };
                let sight = Sight {
                    header: &header,
                    frame: place as u64 + 1,
                    now: Instant(i64::from(odd) * 1000 - 50_000),
                    round: Some(1000),
                    is_reused: odd == 3,
                    multipath: odd & 1,
                    base,
                    acknowledgment: header.acknowledgment.wrapping_sub(base),
                    others_scale: WindowScale::Shift(odd),
                };
                let [client, server] = &mut tracks;
                let (own, other) = if from_client { (client, server) } else { (server, client) };
                own.judge(other, &mut waiting, &sight);
                if odd == 5 {
                    own.forget(&mut waiting);
                }
                let held: usize = tracks.iter().map(|track| waiting.checked(&track.list)).sum();
                prop_assert_eq!(held + waiting.free(), waiting.nodes.len());
                prop_assert!(waiting.nodes.len() <= segments.len());
            }
        }
    }

    /// Sends data of one byte each, and returns what the pool has then.
    fn flood(connections: &mut Connections, count: u32, step: u32) -> Analysis {
        let mut last = Analysis::default();
        for place in 0..count {
            let sequence = place.wrapping_mul(step).wrapping_add(1);
            let header = SegmentHeader {
                sequence,
                flags: flags::ACK,
                payload: 1,
                is_relative: true,
                ..SegmentHeader::default()
            };
            last = sent(connections, true, &header, at(place.into(), 0));
        }
        last
    }

    #[test]
    fn what_waits_is_capped_and_taken_from_the_front() {
        let connections = &mut Connections::default();
        let most = u32::from(MAX_WAITING);
        assert_eq!(flood(connections, most, 1).bytes_in_flight, Some(most));
        assert_eq!(flood(connections, most + 500, 1).bytes_in_flight, Some(most));
        for acknowledgment in 2..most {
            let header =
                SegmentHeader { acknowledgment, flags: flags::ACK, is_relative: true, ..SegmentHeader::default() };
            let analysis = sent(connections, false, &header, at(1, 0));
            assert!(analysis.acknowledges.is_some(), "{acknowledgment}");
        }
    }

    #[test]
    fn floods_in_no_order_cost_no_more() {
        // Were each list searched from end to end, this would take minutes.
        for step in [0, 3, 0x9e37_79b9, u32::MAX - 1] {
            flood(&mut Connections::default(), 100_000, step);
        }
    }

    #[test]
    fn where_all_places_are_taken_all_are_forgotten() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.most, MAX_NODES);
        waiting.limit(usize::MAX);
        assert_eq!(waiting.most, MAX_NODES);
        waiting.limit(size_of::<Node>() << 14);
        assert_eq!(waiting.most, 1 << 14);
        waiting.limit(0);
        let mut lists: Vec<List> = vec![List::default(); 5];
        for list in &mut lists {
            for end in 1..=MIN_NODES as u32 / 4 {
                waiting.push(list, Node { sequence: end - 1, end, ..Node::default() });
            }
            assert_eq!(waiting.checked(list), MIN_NODES / 4);
        }
        assert_eq!(waiting.nodes.len(), MIN_NODES / 4);
        assert_eq!(waiting.len(&lists[0]), 0);
        assert_eq!(waiting.acknowledge(&mut lists[0], 5), None);
        waiting.push(&mut lists[0], Node { sequence: 1, end: 2, frame: 7, ..Node::default() });
        assert_eq!(waiting.acknowledge(&mut lists[0], 2).map(|row| row.0), Some(7));
    }
}
