//! Datagrams that travel in fragments, until their last piece is there.
//!
//! A datagram is as long as the first piece says that is its last. Once it is whole it is forgotten: what comes with the same
//! identification afterwards begins another one. Time ends nothing, as in tshark: what is incomplete is kept until it is the oldest
//! and too much is kept.
//!
//! What is kept is capped, for a datagram and in all, and what is over is said in the packet.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;

use super::pieces::Pieces;
use crate::dissect::{Address, Buffer, Fault, Fragment, FragmentNote};

/// What the pieces of one datagram may cost: enough for the longest one in the smallest pieces.
const MAX_DATAGRAM: usize = 1 << 20;
/// What all of them may cost, unless something else was said.
const MAX_KEPT: usize = 64 << 20;
/// What remembering a datagram costs besides its pieces.
const WAITING: usize = 2 * size_of::<(Key, Waiting)>() + size_of::<(u64, Key)>();

/// Datagrams of which some fragments are there.
pub(super) struct Fragments {
    waiting: HashMap<Key, Waiting>,
    /// The same by age: the oldest first.
    ages: BTreeMap<u64, Key>,
    /// Datagrams that there were.
    count: u64,
    /// What is kept in all, and how much may be.
    kept: usize,
    most: usize,
    /// The fragment that was asked about last.
    last: Place,
    /// Where fragments stand and the frames that make their datagrams whole; kept only where the capture is read again.
    found: Option<Vec<(Place, u64)>>,
    /// The same of the first reading, in the order of the places.
    known: Option<Vec<(Place, u64)>>,
}

/// What tells a datagram from others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: Address,
    destination: Address,
    key: u64,
}

/// Where a fragment stands: the frame, and how many there are in it before this one.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    frame: u64,
    index: u32,
}

/// A datagram that is not whole.
#[derive(Default)]
struct Waiting {
    age: u64,
    pieces: Pieces,
    /// How long it is, once its last piece is there.
    len: Option<usize>,
    /// What it carries, once its first piece is there.
    carries: Option<u8>,
    /// Where its pieces stand; kept only where the capture is read again.
    places: Vec<Place>,
}

impl Waiting {
    fn cost(&self) -> usize {
        WAITING + self.pieces.cost() + self.places.len() * size_of::<Place>()
    }
}

impl Default for Fragments {
    fn default() -> Fragments {
        Fragments {
            waiting: HashMap::default(),
            ages: BTreeMap::new(),
            count: 0,
            kept: 0,
            most: MAX_KEPT,
            last: Place::default(),
            found: None,
            known: None,
        }
    }
}

impl Fragments {
    /// Keeps what is found for another reading.
    pub(super) fn first_pass() -> Fragments {
        Fragments { found: Some(Vec::new()), ..Fragments::default() }
    }

    /// Begins again, and knows which frame makes each datagram whole.
    pub(super) fn second_pass(self) -> Fragments {
        let mut known = self.found.unwrap_or_default();
        known.sort_unstable();
        Fragments { known: Some(known), ..Fragments::default() }
    }

    /// Keeps to so many bytes in all.
    pub(super) fn limit(&mut self, bytes: usize) {
        self.most = bytes;
    }

    /// Adds a fragment of frame `frame` to its datagram.
    pub(super) fn fragment(&mut self, fragment: &Fragment, frame: u64) -> FragmentNote {
        let index = if self.last.frame == frame { self.last.index + 1 } else { 0 };
        self.last = Place { frame, index };
        let key = Key { source: fragment.source, destination: fragment.destination, key: fragment.key };
        // What is kept of it is counted anew when it is put back.
        let mut waiting = self.remove(&key).unwrap_or_else(|| {
            self.count += 1;
            Waiting { age: self.count, ..Waiting::default() }
        });
        waiting.add(fragment, frame);
        if self.found.is_some() {
            waiting.places.push(self.last);
        }
        let whole = waiting.len.filter(|&len| len > 0 && waiting.pieces.there() >= len);
        if let Some(len) = whole {
            if let Some(found) = &mut self.found {
                let others = waiting.places.iter().filter(|place| place.frame != frame);
                found.extend(others.map(|&place| (place, frame)));
            }
            let (bytes, pieces) = waiting.pieces.finish(len);
            let datagram = Some(Arc::new(Buffer { name: fragment.name, bytes, pieces }));
            let carries = waiting.carries.unwrap_or(fragment.carries);
            return FragmentNote { datagram, carries, ..FragmentNote::default() };
        }
        let note = FragmentNote { whole_in: self.whole_in(), ..FragmentNote::default() };
        if waiting.cost() > MAX_DATAGRAM {
            return FragmentNote { is_given_up: true, ..note };
        }
        let makes_room = self.make_room(waiting.cost());
        self.kept += waiting.cost();
        self.ages.insert(waiting.age, key);
        self.waiting.insert(key, waiting);
        FragmentNote { makes_room, ..note }
    }

    fn remove(&mut self, key: &Key) -> Option<Waiting> {
        let waiting = self.waiting.remove(key)?;
        self.kept -= waiting.cost();
        self.ages.remove(&waiting.age);
        Some(waiting)
    }

    /// Forgets the oldest datagrams until there is room for what costs `cost`; returns whether it was needed.
    fn make_room(&mut self, cost: usize) -> bool {
        let mut was_needed = false;
        while self.kept + cost > self.most {
            let Some((_, key)) = self.ages.pop_first() else { break };
            self.remove(&key);
            was_needed = true;
        }
        was_needed
    }

    fn whole_in(&self) -> Option<u64> {
        let known = self.known.as_ref()?;
        known.binary_search_by_key(&self.last, |row| row.0).ok().map(|place| known[place].1)
    }
}

impl Waiting {
    fn add(&mut self, fragment: &Fragment, frame: u64) {
        let Fragment { start, bytes, more, carries, .. } = *fragment;
        let mut fault = Fault::default();
        if !more {
            let end = start + bytes.len();
            fault.second_tail = *self.len.get_or_insert(end) != end;
        }
        if start == 0 {
            self.carries.get_or_insert(carries);
        }
        self.pieces.add(frame, start, bytes, fault);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fragment(key: u64, start: usize, more: bool, bytes: &[u8]) -> Fragment<'_> {
        let (source, destination) = (Address::V4(1), Address::V4(2));
        Fragment { source, destination, key, name: "Reassembled IPv4", carries: 17, start, more, bytes }
    }

    /// The bytes of what is whole now, or nothing.
    fn whole(note: &FragmentNote) -> Option<&[u8]> {
        note.datagram.as_ref().map(|datagram| datagram.bytes.as_slice())
    }

    #[test]
    fn a_datagram_is_forgotten_once_it_is_whole() {
        let mut fragments = Fragments::default();
        let mut ask = |frame, start, more, bytes| fragments.fragment(&fragment(7, start, more, bytes), frame);
        assert_eq!(ask(1, 0, true, b"aaaaaaaa"), FragmentNote::default());
        let note = ask(2, 8, false, b"bb");
        assert_eq!(whole(&note), Some(&b"aaaaaaaabb"[..]));
        // As tshark does: a piece that was sent twice begins another datagram.
        assert_eq!(ask(3, 8, false, b"cc"), FragmentNote::default());
        let note = ask(4, 0, true, b"dddddddd");
        assert_eq!(whole(&note), Some(&b"ddddddddcc"[..]));
        let pieces = &note.datagram.unwrap().pieces;
        assert_eq!(pieces.iter().map(|piece| piece.frame).collect::<Vec<_>>(), [4, 3]);
        assert_eq!((fragments.kept, fragments.waiting.len(), fragments.ages.len()), (0, 0, 0));
    }

    #[test]
    fn the_first_last_piece_says_how_long_it_is() {
        let mut fragments = Fragments::default();
        let mut ask = |start, more, bytes| fragments.fragment(&fragment(7, start, more, bytes), 1);
        ask(8, false, b"b");
        ask(16, false, b"ccc");
        let note = ask(0, true, b"aaaaaaaa");
        let datagram = note.datagram.unwrap();
        assert_eq!(datagram.bytes, b"aaaaaaaab");
        let faults: Vec<_> = datagram.pieces.iter().map(|piece| (piece.start, piece.fault)).collect();
        let fault = Fault { second_tail: true, too_long: true, ..Fault::default() };
        assert_eq!(faults, [(0, Fault::default()), (8, Fault::default()), (16, fault)]);
    }

    #[test]
    fn what_it_carries_says_the_first_piece() {
        let mut fragments = Fragments::default();
        let first = Fragment { carries: 6, ..fragment(7, 0, true, b"aaaaaaaa") };
        let again = Fragment { carries: 50, ..first };
        fragments.fragment(&first, 1);
        fragments.fragment(&again, 2);
        assert_eq!(fragments.fragment(&fragment(7, 8, false, b"b"), 3).carries, 6);
    }

    #[test]
    fn what_tells_datagrams_apart() {
        let one = fragment(7, 0, true, b"aaaaaaaa");
        let last = fragment(7, 8, false, b"b");
        let others = [
            Fragment { key: 8, ..last },
            Fragment { source: Address::V4(3), ..last },
            Fragment { destination: Address::V4(3), ..last },
            Fragment { source: one.destination, destination: one.source, ..last },
            Fragment { source: Address::V6(1u128.to_be_bytes()), ..last },
        ];
        let mut fragments = Fragments::default();
        fragments.fragment(&one, 1);
        for other in &others {
            assert_eq!(whole(&fragments.fragment(other, 2)), None);
        }
        assert_eq!(whole(&fragments.fragment(&last, 3)), Some(&b"aaaaaaaab"[..]));
    }

    #[test]
    fn a_second_reading_knows_what_becomes_whole() {
        // Frame 1 has a piece of two datagrams, in one another; a third one is never whole.
        let read = |fragments: &mut Fragments| {
            let mut ask =
                |frame, key, start, more, bytes| fragments.fragment(&fragment(key, start, more, bytes), frame).whole_in;
            [
                ask(1, 7, 0, true, b"aaaaaaaa"),
                ask(1, 8, 0, true, b"aaaaaaaa"),
                ask(2, 9, 0, true, b"aaaaaaaa"),
                ask(3, 8, 8, false, b"b"),
                ask(4, 7, 8, false, b"b"),
                ask(5, 7, 8, false, b"b"),
            ]
        };
        let mut fragments = Fragments::first_pass();
        assert_eq!(read(&mut fragments), [None; 6]);
        assert_eq!(read(&mut fragments.second_pass()), [Some(4), Some(3), None, None, None, None]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut fragments = Fragments::default();
        let piece = vec![0; 60_000];
        let count = MAX_KEPT / 60_000 + 10;
        let mut made_room = 0;
        for key in 0..count as u64 {
            let note = fragments.fragment(&fragment(key, 8, false, &piece), key);
            made_room += usize::from(note.makes_room);
            assert!(fragments.kept <= MAX_KEPT);
        }
        assert!((10..30).contains(&made_room), "{made_room}");
        let kept: usize = fragments.waiting.values().map(Waiting::cost).sum();
        assert_eq!((fragments.kept, fragments.ages.len()), (kept, fragments.waiting.len()));
        assert_eq!(whole(&fragments.fragment(&fragment(0, 0, true, &[0; 8]), 1)), None, "the first one is forgotten");
        let last = fragment(count as u64 - 1, 0, true, &[0; 8]);
        assert_eq!(fragments.fragment(&last, 1).datagram.unwrap().bytes.len(), 60_008);
    }

    #[test]
    fn small_datagrams_are_not_for_nothing() {
        let mut fragments = Fragments::default();
        for key in 0..400_000 {
            fragments.fragment(&fragment(key, 8, false, b"x"), key);
        }
        assert!(fragments.waiting.len() < 250_000, "{}", fragments.waiting.len());
    }

    #[test]
    fn the_longest_datagram_in_the_smallest_pieces_is_whole() {
        let mut fragments = Fragments::default();
        let places = (0..=0x1fffusize).rev();
        let notes = places.map(|place| fragments.fragment(&fragment(7, 8 * place, place < 0x1fff, &[1; 8]), 1));
        let notes: Vec<_> = notes.collect();
        assert!(notes.iter().all(|note| !note.is_given_up));
        assert_eq!(notes.last().and_then(whole).map(<[u8]>::len), Some(0x1_0000));
    }

    #[test]
    fn too_much_of_one_datagram_is_given_up() {
        let mut fragments = Fragments::default();
        let given_up = (0..20_000).filter(|&frame| {
            let note = fragments.fragment(&fragment(7, 8, true, &[0; 200]), frame);
            assert!(fragments.kept <= MAX_DATAGRAM);
            note.is_given_up
        });
        assert!(given_up.count() > 1);
    }

    proptest! {
        /// In any order, any of them repeated, cut in any way: the datagram is the same, and nothing is said to be wrong.
        #[test]
        fn any_fragments_give_the_same_datagram(
            len in 9usize..2_000,
            cuts in proptest::collection::vec((0usize..250, 1usize..30), 0..40),
            order in any::<u64>(),
        ) {
            let datagram: Vec<u8> = (0..len).map(|place| (place * 7) as u8).collect();
            let mut rows: Vec<(usize, usize)> = cuts.iter().map(|&(start, len)| (8 * start, 8 * (start + len))).collect();
            rows.extend((0..len).step_by(64).map(|start| (start, start + 64)));
            rows.retain(|row| row.0 < len);
            rows.sort_by_key(|&(start, end)| (start as u64 * 8191 + end as u64).wrapping_mul(order | 1));
            let (mut fragments, mut found) = (Fragments::default(), Vec::new());
            for &(start, end) in &rows {
                let (more, end) = (end < len, end.min(len));
                let note = fragments.fragment(&fragment(7, start, more, &datagram[start..end]), 1);
                found.extend(note.datagram);
            }
            // Once it was whole, repeated pieces may make it whole again.
            prop_assert!(!found.is_empty());
            for whole in found {
                prop_assert_eq!(&whole.bytes, &datagram);
                let is_fault = |fault: Fault| fault.conflict || fault.second_tail || fault.too_long;
                prop_assert!(!whole.pieces.iter().any(|piece| is_fault(piece.fault)));
            }
        }

        /// Whatever arrives, nothing breaks, and what is kept is known.
        #[test]
        fn anything_is_survived(
            rows in proptest::collection::vec((0u64..3, 0usize..12, any::<bool>(), 1usize..40), 0..80),
        ) {
            let mut fragments = Fragments::first_pass();
            for (place, &(key, start, more, len)) in rows.iter().enumerate() {
                let bytes = vec![place as u8; len];
                let note = fragments.fragment(&fragment(key, 8 * start, more, &bytes), place as u64);
                if let Some(datagram) = note.datagram {
                    let pieces = &datagram.pieces;
                    prop_assert!(pieces.iter().all(|piece| piece.fault.too_long || (piece.start + piece.len) as usize <= datagram.bytes.len()));
                }
            }
            let kept: usize = fragments.waiting.values().map(Waiting::cost).sum();
            prop_assert_eq!((fragments.kept, fragments.ages.len()), (kept, fragments.waiting.len()));
        }
    }
}
