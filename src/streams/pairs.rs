//! Requests and their responses.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

use foldhash::HashMap;

use super::number;
use crate::capture::Time;
use crate::dissect::{Address, EchoNote, Query};

/// The most requests that are remembered; the oldest is forgotten first.
const MAX_REQUESTS: usize = 1 << 16;

/// Requests that may still be answered, and the answers that a first reading found.
#[derive(Default)]
pub(super) struct Pairs {
    requests: HashMap<Key, Request>,
    /// The keys of the requests, oldest first; one that is asked again keeps its place.
    order: VecDeque<Key>,
    /// What was found, in the order of the answers; kept only where the capture is read again.
    found: Option<Vec<Pair>>,
    /// The same of the first reading, in the order of the requests, where there was one.
    known: Option<Vec<Pair>>,
}

/// The frames of a request and of its response, and the protocol's own key: a frame may have several requests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    request: u64,
    key: u64,
    response: u64,
}

/// What a request and its response share: who asks whom, and the protocol's own key.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    asker: u128,
    asked: u128,
    /// So that no address is taken for one of another kind.
    kinds: u64,
    key: u64,
}

impl Key {
    fn new(asker: Address, asked: Address, key: u64) -> Key {
        let ((asker_kind, asker), (asked_kind, asked)) = (number(asker), number(asked));
        Key { asker, asked, kinds: asker_kind << 32 | asked_kind, key }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.asker);
        state.write_u128(self.asked);
        state.write_u64(self.kinds);
        state.write_u64(self.key);
    }
}

struct Request {
    frame: u64,
    time: Option<Time>,
    /// The frame of the response.
    response: Option<u64>,
}

impl Request {
    /// Whether it has no answer yet, and was asked less than so many seconds ago.
    fn waits(&self, now: Option<Time>, patience_s: u32) -> bool {
        let elapsed = self.time.zip(now).map(|(then, now)| now.since(then).seconds());
        self.response.is_none() && elapsed.is_some_and(|elapsed_s| elapsed_s < i64::from(patience_s))
    }
}

impl Pairs {
    /// Keeps what is found for another reading.
    pub(super) fn first_pass() -> Pairs {
        Pairs { found: Some(Vec::new()), ..Pairs::default() }
    }

    pub(super) fn pair(&mut self, query: &Query, frame: u64, now: Option<Time>) -> EchoNote {
        if query.answer {
            self.answer(&Key::new(query.destination, query.source, query.key), frame)
        } else {
            self.ask(Key::new(query.source, query.destination, query.key), query.patience_s, frame, now)
        }
    }

    fn ask(&mut self, key: Key, patience_s: u32, frame: u64, now: Option<Time>) -> EchoNote {
        let request = Request { frame, time: now, response: None };
        match self.requests.entry(key) {
            Entry::Occupied(mut earlier) => {
                if earlier.get().waits(now, patience_s) {
                    return EchoNote { repeats: Some(earlier.get().frame), ..EchoNote::default() };
                }
                earlier.insert(request);
            }
            Entry::Vacant(place) => {
                place.insert(request);
                self.order.push_back(key);
            }
        }
        if self.order.len() > MAX_REQUESTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.requests.remove(&oldest);
        }
        let Some(known) = &self.known else { return EchoNote::default() };
        let place = known.binary_search_by_key(&(frame, key.key), |pair| (pair.request, pair.key)).ok();
        let response = place.and_then(|place| known.get(place)).map(|pair| pair.response);
        EchoNote { response, unanswered: response.is_none(), ..EchoNote::default() }
    }

    fn answer(&mut self, key: &Key, frame: u64) -> EchoNote {
        let Some(request) = self.requests.get_mut(key) else { return EchoNote::default() };
        // A second answer belongs to nobody.
        if request.response.is_some() {
            return EchoNote { repeats: request.response, ..EchoNote::default() };
        }
        request.response = Some(frame);
        if let Some(found) = &mut self.found {
            found.push(Pair { request: request.frame, key: key.key, response: frame });
        }
        EchoNote { request: Some(request.frame), request_time: request.time, ..EchoNote::default() }
    }

    /// Begins again, with the answers that were found.
    pub(super) fn second_pass(self) -> Pairs {
        let mut known = self.found.unwrap_or_default();
        known.sort_unstable();
        known.dedup_by_key(|pair| (pair.request, pair.key));
        Pairs { known: Some(known), ..Pairs::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(answer: bool, key: u64) -> Query {
        let (source, destination) = (Address::V4(1), Address::V4(2));
        if answer {
            Query { source: destination, destination: source, key, answer, patience_s: 0 }
        } else {
            Query { source, destination, key, answer, patience_s: 0 }
        }
    }

    #[test]
    fn a_response_knows_its_request_and_in_a_second_pass_the_other_way() {
        let time = Some(Time::from_nanos(7, 0));
        let mut pairs = Pairs::first_pass();
        assert_eq!(pairs.pair(&query(false, 5), 1, time), EchoNote::default());
        assert_eq!(pairs.pair(&query(true, 6), 2, None), EchoNote::default());
        let note = pairs.pair(&query(true, 5), 3, None);
        assert_eq!(note, EchoNote { request: Some(1), request_time: time, ..EchoNote::default() });
        let mut again = pairs.second_pass();
        assert_eq!(again.pair(&query(false, 5), 1, time), EchoNote { response: Some(3), ..EchoNote::default() });
        assert_eq!(again.pair(&query(false, 7), 2, time), EchoNote { unanswered: true, ..EchoNote::default() });
        assert_eq!(again.pair(&query(true, 5), 3, None).request, Some(1));
    }

    #[test]
    fn what_is_repeated_in_time_is_the_same() {
        let at = |seconds, nanos| Some(Time::from_nanos(seconds, nanos));
        let patient = |answer| Query { patience_s: 5, ..query(answer, 7) };
        let mut pairs = Pairs::default();
        assert_eq!(pairs.pair(&patient(false), 1, at(10, 0)), EchoNote::default());
        assert_eq!(pairs.pair(&patient(false), 2, at(12, 0)).repeats, Some(1));
        assert_eq!(pairs.pair(&patient(false), 3, at(14, 999_999_999)).repeats, Some(1));
        // Counted from the first.
        assert_eq!(pairs.pair(&patient(false), 4, at(15, 0)).repeats, None);
        assert_eq!(pairs.pair(&patient(true), 5, at(16, 0)).request, Some(4));
        assert_eq!(pairs.pair(&patient(true), 6, at(17, 0)).repeats, Some(5));
        // What has its answer is asked anew.
        assert_eq!(pairs.pair(&patient(false), 7, at(17, 0)).repeats, None);
        assert_eq!(pairs.pair(&patient(true), 8, at(18, 0)).request, Some(7));
    }

    #[test]
    fn a_frame_may_have_several_requests() {
        let mut pairs = Pairs::first_pass();
        for (key, answer, frame) in [(5, false, 1), (6, false, 1), (6, true, 2), (5, true, 3)] {
            pairs.pair(&query(answer, key), frame, None);
        }
        let mut again = pairs.second_pass();
        assert_eq!(again.pair(&query(false, 5), 1, None).response, Some(3));
        assert_eq!(again.pair(&query(false, 6), 1, None).response, Some(2));
    }

    #[test]
    fn old_requests_are_forgotten() {
        let mut pairs = Pairs::default();
        for frame in 1..=MAX_REQUESTS as u64 + 1 {
            pairs.pair(&query(false, frame), frame, None);
        }
        assert_eq!(pairs.pair(&query(true, 1), 0, None).request, None);
        assert_eq!(pairs.pair(&query(true, 2), 0, None).request, Some(2));
        assert_eq!((pairs.requests.len(), pairs.order.len()), (MAX_REQUESTS, MAX_REQUESTS));
    }
}
