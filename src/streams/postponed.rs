//! Data that is cut into messages only if somebody asks for those of its connection.
//!
//! Who looks for a few segments by their headers, or by what they are beside others, sees few connections; and of these only segments
//! that bring something new say anything of messages. So of the data of connections it is only remembered where it stands in the
//! capture file, up to [`MOST_SEGMENTS`]; when messages are asked for after all, it is read from there, in order, and everything is as if
//! it had been cut at once. But it takes no room of what may be kept of messages: so less is given up for want of it.

use super::closing::Closing;
use super::{Direction, Ends};
use crate::capture::Time;
use crate::dissect::{Again, Conversation, Delivery};

/// The most segments of a connection that are postponed: who goes on for longer is looked at.
pub(super) const MOST_SEGMENTS: usize = 1024;

/// The data of one connection.
#[derive(Default)]
pub(super) struct Log {
    pub segments: Vec<Segment>,
    /// There were too many, and nothing is postponed any more.
    pub is_done: bool,
    pub closing: Closing,
}

impl Log {
    /// What it takes besides its segments, counted in these: itself, its place in a table, and room that is not used yet.
    pub const COST: usize = 6;
}

/// Where the data of a segment stands, and what it is beside others.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    /// From the lowest: 43 bits of the place in the file, 16 of the length; then a bit each for who sends, for the end of a direction,
    /// and for a segment that was lost before it; the last two for whether it was sent before.
    place: u64,
    /// In nanoseconds since 1970; the least number is no time.
    time: i64,
    frame: u32,
    sequence: u32,
}

const OFFSET_BITS: u32 = 43;
const LEN_SHIFT: u32 = OFFSET_BITS;
const IS_FROM_HIGH: u64 = 1 << 59;
const IS_LAST: u64 = 1 << 60;
const IS_BEHIND_LOSS: u64 = 1 << 61;
const AGAIN_SHIFT: u32 = 62;
const NO_TIME: i64 = i64::MIN;

impl Segment {
    /// What is to be remembered of data that begins at `offset` of the file; none where it does not fit.
    pub fn of(delivery: &Delivery, offset: u64, frame: u64, time: Option<Time>) -> Option<Segment> {
        let is_plain = delivery.bytes.len() == delivery.wire_len && !delivery.in_order && !delivery.is_apart;
        let len = u16::try_from(delivery.bytes.len()).ok().filter(|_| is_plain && offset >> OFFSET_BITS == 0)?;
        let time = match time {
            Some(time) => nanos(time).filter(|&nanos| nanos != NO_TIME)?,
            None => NO_TIME,
        };
        let again: u64 = match delivery.again {
            Again::No => 0,
            Again::OutOfOrder => 1,
            Again::Acknowledged => 2,
            Again::Retransmission => 3,
        };
        let bit = |is_set: bool, bit: u64| if is_set { bit } else { 0 };
        let place = offset
            | u64::from(len) << LEN_SHIFT
            | bit(is_from_high(&delivery.conversation), IS_FROM_HIGH)
            | bit(delivery.is_last, IS_LAST)
            | bit(delivery.is_behind_loss, IS_BEHIND_LOSS)
            | again << AGAIN_SHIFT;
        Some(Segment { place, time, frame: u32::try_from(frame).ok()?, sequence: delivery.sequence })
    }

    /// Where the data stands in the file, and its length in bytes.
    pub fn place(self) -> (u64, usize) {
        (self.place & ((1 << OFFSET_BITS) - 1), (self.place >> LEN_SHIFT) as u16 as usize)
    }

    pub fn frame(self) -> u64 {
        self.frame.into()
    }

    pub fn time(self) -> Option<Time> {
        const SECOND: i64 = 1_000_000_000;
        let nanos = Some(self.time).filter(|&nanos| nanos != NO_TIME)?;
        Some(Time::from_nanos(nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND) as u32))
    }

    /// The data as it would have been delivered; `later` is what is delivered of the same connection now.
    pub fn delivery<'a>(self, bytes: &'a [u8], later: &Delivery<'a>) -> Delivery<'a> {
        let is = |bit: u64| self.place & bit != 0;
        let Conversation { source, destination, source_port, destination_port } = later.conversation;
        let conversation = match is(IS_FROM_HIGH) == is_from_high(&later.conversation) {
            true => later.conversation,
            false => Conversation {
                source: destination,
                destination: source,
                source_port: destination_port,
                destination_port: source_port,
            },
        };
        Delivery {
            conversation,
            stream: later.stream,
            sequence: self.sequence,
            is_last: is(IS_LAST),
            is_behind_loss: is(IS_BEHIND_LOSS),
            again: match self.place >> AGAIN_SHIFT {
                0 => Again::No,
                1 => Again::OutOfOrder,
                2 => Again::Acknowledged,
                _ => Again::Retransmission,
            },
            ..Delivery::new(later.registry, bytes, bytes.len())
        }
    }
}

fn is_from_high(conversation: &Conversation) -> bool {
    Ends::of(conversation).1 == Direction::FromHigh
}

/// A moment in nanoseconds since 1970, where that is all of it.
fn nanos(time: Time) -> Option<i64> {
    const ATTOS_PER_NANO: u64 = 1_000_000_000;
    let is_exact = time.attos().is_multiple_of(ATTOS_PER_NANO);
    time.seconds().checked_mul(1_000_000_000)?.checked_add(time.nanos().into()).filter(|_| is_exact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::Address;
    use crate::protocols;

    #[test]
    fn a_segment_is_small_and_comes_back_whole() {
        assert_eq!(size_of::<Segment>(), 24);
        let registry = protocols::registry();
        let (low, high) = ((Address::V4(1), 80), (Address::V4(2), 1000));
        let between = |(source, source_port), (destination, destination_port)| Conversation {
            source,
            destination,
            source_port,
            destination_port,
        };
        let bytes = vec![7; 65_515];
        for again in [Again::No, Again::OutOfOrder, Again::Acknowledged, Again::Retransmission] {
            for (conversation, later) in
                [(between(low, high), between(low, high)), (between(high, low), between(low, high))]
            {
                for flag in [false, true] {
                    let sent = Delivery {
                        conversation,
                        stream: 9,
                        sequence: u32::MAX,
                        is_last: flag,
                        is_behind_loss: !flag,
                        again,
                        ..Delivery::new(&registry, &bytes, bytes.len())
                    };
                    let time = Some(Time::from_nanos(-1, 999_999_999));
                    let segment = Segment::of(&sent, (1 << OFFSET_BITS) - 1, 5, time).expect("it fits");
                    assert_eq!(segment.place(), ((1 << OFFSET_BITS) - 1, bytes.len()));
                    assert_eq!((segment.frame(), segment.time()), (5, time));
                    let now = Delivery { conversation: later, stream: 9, ..Delivery::new(&registry, &[], 0) };
                    let again = segment.delivery(&bytes, &now);
                    let all = |it: &Delivery| {
                        (it.conversation, it.stream, it.sequence, it.is_last, it.is_behind_loss, it.again)
                    };
                    assert_eq!(all(&again), all(&sent));
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_not_postponed() {
        let registry = protocols::registry();
        let whole = Delivery::new(&registry, b"abc", 3);
        let at = |delivery: &Delivery, offset, frame, time| Segment::of(delivery, offset, frame, time).is_some();
        assert!(at(&whole, 0, 1, None));
        assert!(!at(&whole, 1 << OFFSET_BITS, 1, None));
        assert!(!at(&whole, 0, 1 << 32, None));
        assert!(!at(&whole, 0, 1, Some(Time::new(1, 1))));
        assert!(!at(&whole, 0, 1, Some(Time::new(i64::MAX, 0))));
        assert!(!at(&Delivery::new(&registry, b"abc", 4), 0, 1, None));
    }
}
