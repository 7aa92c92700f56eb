//! Puts together what goes under one key of a JSON object, so that no key stands twice.
//!
//! Objects nest, so groups are a stack: [`Groups::begin`] opens an object, [`Groups::end`] forgets it. Everything is reused from
//! one object to the next, and the work is linear in the number of items, however many of them a hostile packet has.

use std::hash::{BuildHasher, Hasher};

use crate::dissect::Field;
use crate::text::Text;

/// Something to be written under a key.
#[derive(Clone, Copy)]
pub struct Item {
    /// The row that makes the value.
    pub row: &'static Field,
    /// The place of the entry that it is made from.
    pub place: u32,
    /// Where its key stands in the labels, where it is not the row's name.
    label: Option<(u32, u32)>,
    hash: u32,
    /// The next item with the same key; itself if there is none.
    next: u32,
    /// Of the first item with its key: the last one. Of all others: [`FOLLOWS`].
    last: u32,
}

const FOLLOWS: u32 = u32::MAX;

/// The items of the objects that are being written, each knowing the next one with its key.
#[derive(Default)]
pub struct Groups {
    items: Vec<Item>,
    labels: Text,
    /// Open addressing: items by the hash of their key, valid where the stamp is that of the object.
    slots: Vec<Slot>,
    stamp: u32,
    hasher: foldhash::fast::RandomState,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    stamp: u32,
    item: u32,
}

/// An object that was opened.
#[derive(Clone, Copy)]
pub struct Mark {
    items: usize,
    labels: usize,
}

impl Groups {
    /// Opens an object. The one around it has all its items by now.
    pub fn begin(&mut self) -> Mark {
        self.stamp = self.stamp.checked_add(1).unwrap_or_else(|| {
            self.slots.fill(Slot::default());
            1
        });
        Mark { items: self.items.len(), labels: self.labels.len() }
    }

    /// Adds an item under the name of its row.
    pub fn add(&mut self, mark: Mark, row: &'static Field, place: usize) {
        self.insert(mark, row, place, None);
    }

    /// Adds an item under the key that `write` writes.
    pub fn add_labelled(&mut self, mark: Mark, row: &'static Field, place: usize, write: impl FnOnce(&mut Text)) {
        let start = self.labels.len();
        write(&mut self.labels);
        self.insert(mark, row, place, Some((start as u32, self.labels.len() as u32)));
    }

    /// The first items of all keys, in order of their appearance.
    pub fn heads(&self, mark: Mark) -> impl Iterator<Item = usize> + use<> {
        mark.items..self.items.len()
    }

    /// The item at `index` if it is the first with its key.
    pub fn head(&self, index: usize) -> Option<Item> {
        self.items.get(index).copied().filter(|item| item.last != FOLLOWS)
    }

    /// The items with the key of the one at `index`, from there on.
    pub fn chain(&self, index: usize) -> Chain {
        Chain { next: Some(index as u32) }
    }

    /// Whether the item at `index` is the only one with its key.
    pub fn is_alone(&self, index: usize) -> bool {
        self.items[index].next as usize == index
    }

    pub fn key(&self, item: &Item) -> &[u8] {
        match item.label {
            None => item.row.name.as_bytes(),
            Some((start, end)) => &self.labels.as_bytes()[start as usize..end as usize],
        }
    }

    /// Closes an object and forgets its items.
    pub fn end(&mut self, mark: Mark) {
        self.items.truncate(mark.items);
        self.labels.truncate(mark.labels);
    }

    fn insert(&mut self, mark: Mark, row: &'static Field, place: usize, label: Option<(u32, u32)>) {
        let index = self.items.len();
        if self.slots.len() < 2 * (index - mark.items + 1) {
            self.grow(mark);
        }
        let mut item = Item { row, place: place as u32, label, hash: 0, next: index as u32, last: index as u32 };
        // Truncated on purpose: the table is smaller than that.
        let mut hasher = self.hasher.build_hasher();
        hasher.write(self.key(&item));
        item.hash = hasher.finish() as u32;
        let mask = self.slots.len() - 1;
        let mut at = item.hash as usize & mask;
        while self.slots[at].stamp == self.stamp {
            let head = self.slots[at].item as usize;
            let known = self.items[head];
            if known.hash == item.hash && self.is_same(&known, &item) {
                self.items[known.last as usize].next = index as u32;
                self.items[head].last = index as u32;
                item.last = FOLLOWS;
                self.items.push(item);
                return;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = Slot { stamp: self.stamp, item: index as u32 };
        self.items.push(item);
    }

    fn is_same(&self, one: &Item, other: &Item) -> bool {
        (one.label.is_none() && one.row.is(other.row)) || self.key(one) == self.key(other)
    }

    fn grow(&mut self, mark: Mark) {
        let len = (2 * self.slots.len()).max(64);
        self.slots.clear();
        self.slots.resize(len, Slot::default());
        for index in mark.items..self.items.len() {
            if self.items[index].last == FOLLOWS {
                continue;
            }
            let mut at = self.items[index].hash as usize & (len - 1);
            while self.slots[at].stamp == self.stamp {
                at = (at + 1) & (len - 1);
            }
            self.slots[at] = Slot { stamp: self.stamp, item: index as u32 };
        }
    }
}

/// A walk over the items of one key.
#[derive(Clone, Copy)]
pub struct Chain {
    next: Option<u32>,
}

impl Chain {
    pub fn next(&mut self, groups: &Groups) -> Option<Item> {
        let index = self.next?;
        let item = groups.items[index as usize];
        self.next = (item.next != index).then_some(item.next);
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::{Base, Kind};

    static A: Field = Field::new(Kind::Unsigned(8), Base::Dec, "a", "A");
    static ALSO_A: Field = Field::new(Kind::Unsigned(8), Base::Hex, "a", "Also A");
    static B: Field = Field::new(Kind::Unsigned(8), Base::Dec, "b", "B");

    fn places(groups: &Groups, mark: Mark) -> Vec<(String, Vec<u32>)> {
        let heads = groups.heads(mark).filter_map(|index| Some((index, groups.head(index)?)));
        heads
            .map(|(index, head)| {
                let mut chain = groups.chain(index);
                let places = std::iter::from_fn(|| chain.next(groups)).map(|item| item.place).collect();
                (String::from_utf8_lossy(groups.key(&head)).into_owned(), places)
            })
            .collect()
    }

    #[test]
    fn rows_of_one_name_share_a_key() {
        let mut groups = Groups::default();
        let outer = groups.begin();
        groups.add(outer, &A, 0);
        groups.add(outer, &B, 1);
        groups.add(outer, &ALSO_A, 2);
        groups.add_labelled(outer, &B, 3, |text| _ = text.str("words"));
        groups.add_labelled(outer, &B, 4, |text| _ = text.str("b"));
        let expected = vec![("a".to_owned(), vec![0, 2]), ("b".to_owned(), vec![1, 4]), ("words".to_owned(), vec![3])];
        assert_eq!(places(&groups, outer), expected);
        let inner = groups.begin();
        groups.add(inner, &A, 9);
        assert_eq!(places(&groups, inner), [("a".to_owned(), vec![9])]);
        groups.end(inner);
        assert_eq!(places(&groups, outer), expected);
    }

    #[test]
    fn many_keys_keep_their_order() {
        let mut groups = Groups::default();
        let mark = groups.begin();
        for place in 0..1_000 {
            groups.add_labelled(mark, &A, place, |text| _ = text.dec(place as u64 % 500));
        }
        let found = places(&groups, mark);
        assert_eq!(found.len(), 500);
        assert!(found.iter().enumerate().all(|(n, row)| *row == (n.to_string(), vec![n as u32, n as u32 + 500])));
    }
}
