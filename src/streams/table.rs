//! Conversations by their ends, as many as there is room for: those that were idle longest go first.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::Ends;

/// What is remembered of conversations.
pub(super) struct Table<T> {
    /// The places of the rows.
    places: HashTable<u32>,
    rows: Vec<Row<T>>,
    hash: RandomState,
    /// The most rows.
    most: usize,
    /// How many went because there was no room for more.
    gone: u64,
}

struct Row<T> {
    ends: Ends,
    /// The frame that spoke of it last.
    heard: u64,
    value: T,
}

/// What part of the rows goes at a time: looking for the ones that were idle longest costs a look at each row.
const PART: usize = 16;
/// What a row costs besides itself: its place, and room in the table of places.
const OVERHEAD: usize = 8;

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table {
            places: HashTable::new(),
            rows: Vec::new(),
            // Ends come from hostile traffic: the hash is seeded.
            hash: RandomState::default(),
            most: u32::MAX as usize,
            gone: 0,
        }
    }
}

impl<T> Table<T> {
    /// What one row costs, in bytes.
    pub const fn row_len() -> usize {
        size_of::<Row<T>>() + OVERHEAD
    }

    /// Keeps to so many bytes.
    pub fn limit(&mut self, bytes: usize) {
        self.most = (bytes / Self::row_len()).clamp(PART, u32::MAX as usize);
    }

    /// Forgets all rows, but keeps their room for others.
    pub fn clear(&mut self) {
        self.places.clear();
        self.rows.clear();
        self.gone = 0;
    }

    /// How many were forgotten for want of room.
    pub fn gone(&self) -> u64 {
        self.gone
    }

    /// The value for these ends, which `frame` speaks of, and whether it was made now; what has to go for it is given to `forget`.
    #[inline]
    pub fn entry(
        &mut self,
        ends: &Ends,
        frame: u64,
        make: impl FnOnce() -> T,
        forget: impl FnMut(T),
    ) -> (&mut T, bool) {
        let hash = self.hash.hash_one(ends);
        let rows = &self.rows;
        let found = self.places.find(hash, |&place| rows.get(place as usize).is_some_and(|row| row.ends == *ends));
        let (place, is_new) = match found {
            Some(&place) => (place as usize, false),
            None => {
                if self.rows.len() >= self.most {
                    self.make_room(forget);
                }
                let place = self.rows.len();
                self.rows.push(Row { ends: *ends, heard: frame, value: make() });
                let (rows, hasher) = (&self.rows, &self.hash);
                self.places.insert_unique(hash, place as u32, |&place| hasher.hash_one(rows[place as usize].ends));
                (place, true)
            }
        };
        let row = &mut self.rows[place];
        row.heard = frame;
        (&mut row.value, is_new)
    }

    /// Lets the rows go that nobody spoke of for longest.
    fn make_room(&mut self, mut forget: impl FnMut(T)) {
        let count = (self.rows.len() / PART).max(1);
        let mut heard: Vec<u64> = self.rows.iter().map(|row| row.heard).collect();
        let (_, &mut last, _) = heard.select_nth_unstable(count - 1);
        let mut place = 0;
        let mut left = count;
        while place < self.rows.len() && left > 0 {
            if self.rows[place].heard > last {
                place += 1;
                continue;
            }
            let row = self.rows.swap_remove(place);
            forget(row.value);
            (self.gone, left) = (self.gone + 1, left - 1);
        }
        // Most places have changed.
        self.places.clear();
        let (rows, hasher) = (&self.rows, &self.hash);
        for (place, row) in rows.iter().enumerate() {
            let rehash = |&place: &u32| hasher.hash_one(rows[place as usize].ends);
            self.places.insert_unique(hasher.hash_one(row.ends), place as u32, rehash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::{Address, Conversation};

    fn ends(number: u32) -> Ends {
        let (source, destination) = (Address::V4(number), Address::V4(u32::MAX));
        Ends::of(&Conversation { source, destination, source_port: 1, destination_port: 2 }).0
    }

    #[test]
    fn what_was_idle_longest_goes_first() {
        let mut table = Table::default();
        table.limit(32 * Table::<u32>::row_len());
        let mut gone = Vec::new();
        for number in 0..32 {
            assert!(table.entry(&ends(number), number.into(), || number, |value| gone.push(value)).1);
        }
        // Heard again: not idle.
        assert_eq!(table.entry(&ends(0), 100, || 7, |_| {}), (&mut 0, false));
        for number in 32..34 {
            table.entry(&ends(number), 200, || number, |value| gone.push(value));
        }
        gone.sort_unstable();
        assert_eq!((gone.as_slice(), table.gone()), ([1, 2].as_slice(), 2));
        // Who comes back is new; all others are still known.
        assert!(table.entry(&ends(1), 201, || 1, |value| gone.push(value)).1);
        let mut known = |number| !table.entry(&ends(number), 202, || number, |_| {}).1;
        assert!((5..34).all(&mut known) && known(0));
    }

    #[test]
    fn a_flood_takes_no_more_than_it_may() {
        let mut table = Table::default();
        table.limit(1000 * Table::<u32>::row_len());
        for number in 0..100_000 {
            table.entry(&ends(number), number.into(), || number, |_| {});
            assert!(table.rows.len() <= 1000 && table.places.len() == table.rows.len());
        }
        assert_eq!(table.gone() as usize + table.rows.len(), 100_000);
    }
}
