//! Conversations of datagrams: numbered, and when they were heard.

use foldhash::HashMap;

use super::Ends;
use crate::capture::Time;
use crate::dissect::{Conversation, StreamNote};

/// The conversations of one transport protocol.
#[derive(Default)]
pub(super) struct Datagrams {
    conversations: HashMap<Ends, Talk>,
    /// Counts conversations from 0; those that are forgotten stay counted.
    next: u64,
}

struct Talk {
    stream: u64,
    first: Option<Time>,
    previous: Option<Time>,
}

impl Datagrams {
    /// Counts a datagram; the time of one that is not `is_heard` does not matter to those after it.
    pub(super) fn datagram(&mut self, conversation: &Conversation, now: Option<Time>, is_heard: bool) -> StreamNote {
        let (ends, _) = Ends::of(conversation);
        let next = &mut self.next;
        let talk = self.conversations.entry(ends).or_insert_with(|| {
            let stream = *next;
            *next += 1;
            Talk { stream, first: now, previous: now }
        });
        let note = StreamNote { stream: talk.stream, first: talk.first, previous: talk.previous };
        if is_heard {
            talk.previous = now.or(talk.previous);
        }
        note
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::Address;

    #[test]
    fn streams_count_in_order_of_appearance() {
        let mut datagrams = Datagrams::default();
        let time = |seconds| Some(Time::from_nanos(seconds, 0));
        let mut ask = |source, destination, now| {
            let conversation = Conversation {
                source: Address::V4(source),
                destination: Address::V4(destination),
                source_port: 53,
                destination_port: 53,
            };
            datagrams.datagram(&conversation, time(now), now != 8)
        };
        assert_eq!(ask(1, 2, 5), StreamNote { stream: 0, first: time(5), previous: time(5) });
        assert_eq!(ask(1, 3, 6), StreamNote { stream: 1, first: time(6), previous: time(6) });
        assert_eq!(ask(2, 1, 7), StreamNote { stream: 0, first: time(5), previous: time(5) });
        assert_eq!(ask(1, 2, 8), StreamNote { stream: 0, first: time(5), previous: time(7) });
        assert_eq!(ask(1, 2, 9), StreamNote { stream: 0, first: time(5), previous: time(7) });
    }
}
