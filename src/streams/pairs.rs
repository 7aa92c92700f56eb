//! Requests and their responses.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::number;
use crate::capture::Time;
use crate::dissect::{Address, EchoNote, Query, Short};

/// The most requests that are remembered; the oldest is forgotten first.
const MAX_REQUESTS: usize = 1 << 16;

/// Requests that may still be answered, and the answers that a first reading found.
#[derive(Default)]
pub(super) struct Pairs {
    requests: Requests,
    /// What was found, in the order of the answers; kept only where the capture is read again.
    found: Option<Vec<Pair>>,
    /// The same of the first reading, in the order of the requests, where there was one.
    known: Option<Vec<Pair>>,
}

/// The frames of a request and of its response, and the protocol's own key: a frame may have several requests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    request: Short,
    key: [u8; 8],
    response: Short,
}

/// Requests by what they share with their responses.
#[derive(Default)]
struct Requests {
    /// The oldest first; one that is asked again keeps its place.
    rows: VecDeque<Request>,
    /// The number of the first row: they are counted on, around the end of the numbers.
    first: u32,
    /// The numbers of the rows.
    places: HashTable<u32>,
    /// Who asks whom, where that is not told by two numbers.
    others: Others,
    /// Keys come from hostile traffic: the hash is seeded.
    hash: RandomState,
}

/// What a request and its response share: who asks whom, and the protocol's own key.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    asker: Address,
    asked: Address,
    key: u64,
}

impl Key {
    fn hash(&self, hash: &RandomState) -> u64 {
        let ((asker_kind, asker), (asked_kind, asked)) = (number(self.asker), number(self.asked));
        let mut state = hash.build_hasher();
        state.write_u128(asker);
        state.write_u128(asked);
        state.write_u64(asker_kind << 32 | asked_kind);
        state.write_u64(self.key);
        state.finish()
    }
}

struct Request {
    ends: Ends,
    key: u64,
    frame: u64,
    time: Option<Time>,
    /// The frame of the response; 0 where there is none yet.
    response: u64,
}

/// Who asks whom.
#[derive(Clone, Copy)]
enum Ends {
    V4(u32, u32),
    /// A place in [`Others`].
    Other(u32),
}

/// Addresses of requests, at places that are used again.
#[derive(Default)]
struct Others {
    ends: Vec<[Address; 2]>,
    free: Vec<u32>,
}

impl Others {
    fn add(&mut self, ends: [Address; 2]) -> u32 {
        let place = self.free.pop().unwrap_or(self.ends.len() as u32);
        match self.ends.get_mut(place as usize) {
            Some(row) => *row = ends,
            None => self.ends.push(ends),
        }
        place
    }

    /// What a request shares with its response.
    fn key(&self, request: &Request) -> Key {
        let [asker, asked] = match request.ends {
            Ends::V4(asker, asked) => [asker, asked].map(Address::V4),
            Ends::Other(place) => self.ends.get(place as usize).copied().unwrap_or([Address::None; 2]),
        };
        Key { asker, asked, key: request.key }
    }
}

impl Request {
    fn response(&self) -> Option<u64> {
        (self.response != 0).then_some(self.response)
    }

    /// Whether it has no answer yet, and was asked less than so many seconds ago.
    fn waits(&self, now: Option<Time>, patience_s: u32) -> bool {
        let elapsed = self.time.zip(now).map(|(then, now)| now.since(then).seconds());
        self.response().is_none() && elapsed.is_some_and(|elapsed_s| elapsed_s < i64::from(patience_s))
    }
}

impl Requests {
    /// Forgets all, but keeps the room for others.
    fn clear(&mut self) {
        self.rows.clear();
        self.places.clear();
        self.others.ends.clear();
        self.others.free.clear();
    }

    fn get_mut(&mut self, key: &Key) -> Option<&mut Request> {
        let Requests { rows, first, places, others, hash } = self;
        let row = |number: u32| rows.get(number.wrapping_sub(*first) as usize);
        let is_it = |&number: &u32| row(number).is_some_and(|row| row.key == key.key && others.key(row) == *key);
        let place = *places.find(key.hash(hash), is_it)?;
        rows.get_mut(place.wrapping_sub(*first) as usize)
    }

    /// Adds a request that is not there; the oldest goes where there are enough.
    fn add(&mut self, key: &Key, frame: u64, time: Option<Time>) {
        if self.rows.len() == MAX_REQUESTS
            && let Some(oldest) = self.rows.pop_front()
        {
            let (first, hash) = (self.first, self.others.key(&oldest).hash(&self.hash));
            if let Ok(entry) = self.places.find_entry(hash, |&number| number == first) {
                entry.remove();
            }
            if let Ends::Other(place) = oldest.ends {
                self.others.free.push(place);
            }
            self.first = first.wrapping_add(1);
        }
        let number = self.first.wrapping_add(self.rows.len() as u32);
        let ends = match (key.asker, key.asked) {
            (Address::V4(asker), Address::V4(asked)) => Ends::V4(asker, asked),
            (asker, asked) => Ends::Other(self.others.add([asker, asked])),
        };
        self.rows.push_back(Request { ends, key: key.key, frame, time, response: 0 });
        let Requests { rows, first, places, others, hash } = self;
        let rehash = |&number: &u32| others.key(&rows[number.wrapping_sub(*first) as usize]).hash(hash);
        places.insert_unique(key.hash(hash), number, rehash);
    }
}

impl Pairs {
    /// Keeps what is found for another reading.
    pub(super) fn first_pass() -> Pairs {
        Pairs { found: Some(Vec::new()), ..Pairs::default() }
    }

    pub(super) fn pair(&mut self, query: &Query, frame: u64, now: Option<Time>) -> EchoNote {
        let Query { source, destination, key, answer, patience_s } = *query;
        if answer {
            self.answer(&Key { asker: destination, asked: source, key }, frame)
        } else {
            self.ask(&Key { asker: source, asked: destination, key }, patience_s, frame, now)
        }
    }

    fn ask(&mut self, key: &Key, patience_s: u32, frame: u64, now: Option<Time>) -> EchoNote {
        match self.requests.get_mut(key) {
            Some(earlier) if earlier.waits(now, patience_s) => {
                return EchoNote { repeats: Some(earlier.frame), ..EchoNote::default() };
            }
            Some(earlier) => (earlier.frame, earlier.time, earlier.response) = (frame, now, 0),
            None => self.requests.add(key, frame, now),
        }
        let Some(known) = &self.known else { return EchoNote::default() };
        let asked = (Short::of(frame), key.key.to_be_bytes());
        let place = known.binary_search_by_key(&asked, |pair| (pair.request, pair.key)).ok();
        let response = place.and_then(|place| known.get(place)).map(|pair| pair.response.number());
        EchoNote { response, unanswered: response.is_none(), ..EchoNote::default() }
    }

    fn answer(&mut self, key: &Key, frame: u64) -> EchoNote {
        let Some(request) = self.requests.get_mut(key) else { return EchoNote::default() };
        // A second answer belongs to nobody.
        if let repeats @ Some(_) = request.response() {
            return EchoNote { repeats, ..EchoNote::default() };
        }
        request.response = frame;
        if let Some(found) = &mut self.found {
            let (request, response) = (Short::of(request.frame), Short::of(frame));
            found.push(Pair { request, key: key.key.to_be_bytes(), response });
        }
        EchoNote { request: Some(request.frame), request_time: request.time, ..EchoNote::default() }
    }

    /// Begins again, with the answers that were found.
    pub(super) fn second_pass(mut self) -> Pairs {
        let mut known = self.found.take().unwrap_or_default();
        known.sort_unstable();
        known.dedup_by_key(|pair| (pair.request, pair.key));
        self.requests.clear();
        Pairs { requests: self.requests, found: None, known: Some(known) }
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
    fn what_is_kept_is_small() {
        assert_eq!((size_of::<Request>(), size_of::<Pair>()), (56, 18));
    }

    #[test]
    fn addresses_of_any_kind_ask() {
        let mut pairs = Pairs::default();
        let kinds = [Address::V4(1), Address::V6([0; 16]), Address::Ether([0, 0, 0, 0, 0, 1]), Address::None];
        let ask = |asker: usize, asked: usize| Query {
            source: kinds[asker],
            destination: kinds[asked],
            key: 1,
            answer: false,
            patience_s: 0,
        };
        let all = || (0..4).flat_map(|asker| (0..4).map(move |asked| (asker, asked)));
        for (frame, (asker, asked)) in all().enumerate() {
            assert_eq!(pairs.pair(&ask(asker, asked), frame as u64 + 1, None), EchoNote::default());
        }
        for (frame, (asker, asked)) in all().enumerate() {
            let answer = Query { answer: true, ..ask(asked, asker) };
            assert_eq!(pairs.pair(&answer, 100, None).request, Some(frame as u64 + 1), "{asker} {asked}");
        }
    }

    #[test]
    fn old_requests_are_forgotten() {
        let mut pairs = Pairs::default();
        for frame in 1..=MAX_REQUESTS as u64 + 1 {
            pairs.pair(&query(false, frame), frame, None);
        }
        assert_eq!(pairs.pair(&query(true, 1), 0, None).request, None);
        assert_eq!(pairs.pair(&query(true, 2), 0, None).request, Some(2));
        // Addresses that are no numbers take the places of others.
        let ask = |key| Query { source: Address::V6([1; 16]), ..query(false, key) };
        for frame in 1..=2 * MAX_REQUESTS as u64 + 9 {
            pairs.pair(&ask(frame), frame, None);
        }
        let answer =
            |key| Query { answer: true, source: Address::V4(2), destination: Address::V6([1; 16]), ..ask(key) };
        assert_eq!(pairs.pair(&answer(MAX_REQUESTS as u64 + 9), 0, None).request, None);
        assert_eq!(pairs.pair(&answer(MAX_REQUESTS as u64 + 10), 0, None).request, Some(MAX_REQUESTS as u64 + 10));
        let Requests { rows, places, others, .. } = &pairs.requests;
        assert_eq!((rows.len(), places.len(), others.ends.len()), (MAX_REQUESTS, MAX_REQUESTS, MAX_REQUESTS));
    }
}
