//! Conversations of datagrams: numbered, and when they were heard.

use super::table::Table;
use super::{Ends, Moment};
use crate::capture::Time;
use crate::dissect::{Conversation, StreamNote};

/// The conversations of one transport protocol.
#[derive(Default)]
pub(super) struct Datagrams {
    conversations: Table<Talk>,
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
    pub(super) fn datagram(&mut self, conversation: &Conversation, now: Moment, is_heard: bool) -> StreamNote {
        let (ends, _) = Ends::of(conversation);
        let next = &mut self.next;
        let (talk, is_new) = self.conversations.entry(
            &ends,
            now.frame,
            || Talk { stream: *next, first: now.time, previous: now.time },
            drop,
        );
        *next += u64::from(is_new);
        let note = StreamNote { stream: talk.stream, first: talk.first, previous: talk.previous };
        if is_heard {
            talk.previous = now.time.or(talk.previous);
        }
        note
    }
}

impl Datagrams {
    /// Keeps to so many bytes.
    pub(super) fn limit(&mut self, bytes: usize) {
        self.conversations.limit(bytes);
    }

    /// Begins again, in the same room.
    pub(super) fn second_pass(mut self) -> Datagrams {
        self.conversations.clear();
        Datagrams { next: 0, ..self }
    }

    /// How many were forgotten for want of room.
    pub(super) fn gone(&self) -> u64 {
        self.conversations.gone()
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
            datagrams.datagram(&conversation, Moment { frame: now as u64, time: time(now) }, now != 8)
        };
        assert_eq!(ask(1, 2, 5), StreamNote { stream: 0, first: time(5), previous: time(5) });
        assert_eq!(ask(1, 3, 6), StreamNote { stream: 1, first: time(6), previous: time(6) });
        assert_eq!(ask(2, 1, 7), StreamNote { stream: 0, first: time(5), previous: time(5) });
        assert_eq!(ask(1, 2, 8), StreamNote { stream: 0, first: time(5), previous: time(7) });
        assert_eq!(ask(1, 2, 9), StreamNote { stream: 0, first: time(5), previous: time(7) });
    }
}
