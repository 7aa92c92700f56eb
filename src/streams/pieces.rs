//! Bytes that arrive in pieces: in any order, more than once, with holes between them.
//!
//! Where pieces overlap and do not agree, a byte is that of the piece that begins sooner, and of two with the same beginning that of
//! the one that arrived first; tshark decides so too. Which one it is can only be told once all are there: until the bytes are
//! asked for, pieces are kept as they came. Adding one costs time for the holes, not for what is there already.

use std::collections::BTreeMap;

use crate::dissect::{Fault, Piece};

/// The pieces of something, and what they make together.
#[derive(Default)]
pub(super) struct Pieces {
    /// The place of the first byte, in a count that goes on when what is done with is taken away.
    origin: u64,
    /// The bytes from the first on, as far as they are put together.
    bytes: Vec<u8>,
    /// The pieces that they come from.
    placed: Vec<Piece>,
    /// How many of the bytes were asked for: those stay. The pieces behind them follow each other without overlapping.
    settled: usize,
    /// Other pieces, by their place and the order of arrival.
    loose: BTreeMap<(u64, u64), Loose>,
    /// Bytes of these.
    loose_len: usize,
    arrivals: u64,
    /// What is there, put together or not: begin and end, in order, not touching each other.
    stretches: Vec<(u64, u64)>,
}

/// A piece that was not put in its place yet.
struct Loose {
    frame: u64,
    fault: Fault,
    bytes: Box<[u8]>,
}

/// What remembering a piece costs besides its bytes.
pub(super) const PIECE: usize = size_of::<Loose>() + size_of::<(u64, u64)>() + size_of::<Piece>();

impl Pieces {
    /// Bytes that are there without a hole before them.
    pub(super) fn there(&self) -> usize {
        match self.stretches.first() {
            Some(&(start, end)) if start == self.origin => (end - start) as usize,
            _ => 0,
        }
    }

    /// Where the last byte that is there ends.
    pub(super) fn end(&self) -> usize {
        self.stretches.last().map_or(0, |&(_, end)| (end - self.origin) as usize)
    }

    /// Stretches with holes between them.
    pub(super) fn stretches(&self) -> usize {
        self.stretches.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// What it costs to keep them.
    pub(super) fn cost(&self) -> usize {
        self.bytes.len() + self.loose_len + (self.placed.len() + self.loose.len()) * PIECE
    }

    /// Makes room for `more` bytes where there is not enough: for `times` as many as there are then, but for no more than `len`.
    pub(super) fn make_room(&mut self, more: usize, times: usize, len: usize) {
        let there = self.bytes.len();
        let needed = there.saturating_add(more);
        if needed > self.bytes.capacity() {
            self.bytes.reserve_exact(needed.saturating_mul(times).min(len).saturating_sub(there));
        }
    }

    /// Adds what a frame has from the byte `start` on; `fault` is what is known to be odd about it without looking at others.
    pub(super) fn add(&mut self, frame: u64, start: usize, new: &[u8], fault: Fault) {
        if new.is_empty() {
            return;
        }
        self.cover(start, start + new.len());
        if self.loose.is_empty() && start == self.bytes.len() {
            self.placed.push(Piece { frame, start: start as u32, len: new.len() as u32, fault });
            self.bytes.extend_from_slice(new);
            return;
        }
        self.loosen(|piece| piece.start as usize > start);
        self.arrivals += 1;
        self.loosely(start, self.arrivals, Loose { frame, fault, bytes: new.into() });
    }

    fn loosely(&mut self, start: usize, arrival: u64, loose: Loose) {
        self.loose_len += loose.bytes.len();
        self.loose.insert((self.origin + start as u64, arrival), loose);
    }

    /// Notes that the bytes from `start` to `end` are there: the stretches that they overlap or touch become one with them.
    fn cover(&mut self, start: usize, end: usize) {
        let (start, end) = (self.origin + start as u64, self.origin + end as u64);
        let from = self.stretches.partition_point(|stretch| stretch.1 < start);
        let to = self.stretches.partition_point(|stretch| stretch.0 <= end);
        match self.stretches.get(from..to) {
            Some(&[first, .., last]) => {
                self.stretches[from] = (start.min(first.0), end.max(last.1));
                self.stretches.drain(from + 1..to);
            }
            Some(&[only]) => self.stretches[from] = (start.min(only.0), end.max(only.1)),
            _ => self.stretches.insert(from, (start, end)),
        }
    }

    /// Takes pieces at the end out of their places again, as long as `is_loose` and nobody asked for their bytes.
    fn loosen(&mut self, is_loose: impl Fn(&Piece) -> bool) {
        while let Some(&piece) = self.placed.last() {
            let start = piece.start as usize;
            if start < self.settled || !is_loose(&piece) {
                return;
            }
            self.placed.pop();
            let bytes = self.bytes.split_off(start).into();
            // It arrived before all that begin where it does, for it was put in its place at once.
            self.loosely(start, 0, Loose { frame: piece.frame, fault: piece.fault, bytes });
        }
    }

    /// Puts pieces in their places up to the first hole, or up to `end`, and returns the bytes.
    pub(super) fn settle(&mut self, end: usize) -> &[u8] {
        self.loosen(|piece| piece.start as usize + piece.len as usize > end);
        while let Some(entry) = self.loose.first_entry() {
            let (start, there) = ((entry.key().0 - self.origin) as usize, self.bytes.len());
            if start > there || start >= end {
                break;
            }
            let Loose { frame, fault, bytes } = entry.remove();
            self.loose_len -= bytes.len();
            let (old, new) = bytes.split_at(bytes.len().min(there - start));
            let (overlap, conflict) = (!old.is_empty(), self.bytes[start..start + old.len()] != *old);
            let too_long = start + bytes.len() > end;
            let fault = Fault {
                overlap: fault.overlap | overlap,
                conflict: fault.conflict | conflict,
                too_long: fault.too_long | too_long,
                ..fault
            };
            self.placed.push(Piece { frame, start: start as u32, len: bytes.len() as u32, fault });
            self.bytes.extend_from_slice(&new[..new.len().min(end.saturating_sub(there))]);
        }
        self.settled = self.bytes.len();
        &self.bytes
    }

    /// Takes the bytes that were put together and the pieces that they come from. What stands behind the first `done` bytes stays,
    /// and begins with the byte that follows on them.
    pub(super) fn take(&mut self, done: usize) -> (Vec<u8>, Vec<Piece>) {
        let rest = self.bytes.get(done..).unwrap_or_default().to_vec();
        let bytes = std::mem::replace(&mut self.bytes, rest);
        let pieces = std::mem::take(&mut self.placed);
        let mut covered = 0;
        for piece in pieces.iter() {
            let (start, end) = (piece.start as usize, piece.start as usize + piece.len as usize);
            if end > done {
                let (start, end) = (start.saturating_sub(done), end - done);
                let overlap = start < covered;
                let fault = Fault { overlap, conflict: piece.fault.conflict && overlap, ..piece.fault };
                self.placed.push(Piece { start: start as u32, len: (end - start) as u32, fault, ..*piece });
                covered = covered.max(end);
            }
        }
        self.settled = self.bytes.len();
        self.origin += done as u64;
        self.stretches.retain(|stretch| stretch.1 > self.origin);
        if let Some(first) = self.stretches.first_mut() {
            first.0 = first.0.max(self.origin);
        }
        (bytes, pieces)
    }

    /// Takes all as something that has `end` bytes, which are there: pieces behind them are too long.
    pub(super) fn finish(mut self, end: usize) -> (Vec<u8>, Vec<Piece>) {
        self.settle(end);
        let behind = self.loose.iter().map(|(&(start, _), loose)| Piece {
            frame: loose.frame,
            start: (start - self.origin) as u32,
            len: loose.bytes.len() as u32,
            fault: Fault { too_long: true, ..loose.fault },
        });
        self.placed.extend(behind);
        (self.bytes, self.placed)
    }

    /// Adds pieces that stand behind a hole of `other`, which begins `offset` bytes behind the beginning of this.
    pub(super) fn absorb(&mut self, other: Pieces, offset: usize) {
        for ((start, _), Loose { frame, fault, bytes }) in other.loose {
            self.add(frame, offset + (start - other.origin) as usize, &bytes, fault);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A piece of a case: its frame is its place in the list; `start`, and the bytes.
    type Row = (usize, &'static str);

    fn added(rows: impl IntoIterator<Item = (usize, impl AsRef<[u8]>)>) -> Pieces {
        let mut pieces = Pieces::default();
        for (place, (start, bytes)) in rows.into_iter().enumerate() {
            pieces.add(place as u64 + 1, start, bytes.as_ref(), Fault::default());
        }
        pieces
    }

    /// The pieces as text: `o` stands for overlap, `c` for conflict, `l` for too long.
    fn text(bytes: &[u8], pieces: &[Piece]) -> String {
        let pieces = pieces.iter().map(|piece| {
            let Fault { overlap, conflict, too_long, .. } = piece.fault;
            let faults = [(overlap, "o"), (conflict, "c"), (too_long, "l")];
            let faults: String = faults.iter().filter(|row| row.0).map(|row| row.1).collect();
            format!(" {}{faults}", piece.frame)
        });
        format!("{}{}", String::from_utf8_lossy(bytes), pieces.collect::<String>())
    }

    /// The bytes that win and what is said of each piece are those that tshark shows for fragments of IPv4 in the same places.
    #[test]
    fn whose_bytes_they_are() {
        let cases: &[(&str, &[Row], usize, &str)] = &[
            ("in order", &[(0, "abc"), (3, "def")], 6, "abcdef 1 2"),
            ("in another order", &[(6, "ghi"), (3, "def"), (0, "abc")], 9, "abcdefghi 3 2 1"),
            ("twice", &[(0, "abc"), (0, "abc"), (3, "def")], 6, "abcdef 1 2o 3"),
            ("twice, not the same", &[(0, "abc"), (0, "ABC"), (3, "def")], 6, "abcdef 1 2oc 3"),
            ("the one that begins sooner", &[(0, "abc"), (2, "CDE"), (5, "f")], 6, "abcDEf 1 2oc 3"),
            ("also if it comes later", &[(2, "CDE"), (0, "abc"), (5, "f")], 6, "abcDEf 2 1oc 3"),
            ("also if it comes last", &[(5, "f"), (2, "CDE"), (0, "abc")], 6, "abcDEf 3 2oc 1"),
            ("around another", &[(1, "B"), (0, "abc"), (3, "d")], 4, "abcd 2 1oc 3"),
            ("within another", &[(0, "abc"), (1, "B"), (3, "d")], 4, "abcd 1 2oc 3"),
            ("the first of two with one beginning", &[(0, "ab"), (0, "ABC"), (3, "d")], 4, "abCd 1 2oc 3"),
            ("the same where they agree", &[(0, "ab"), (0, "abc"), (3, "d")], 4, "abcd 1 2o 3"),
            ("between two that touch", &[(0, "abc"), (3, "DEF"), (2, "cdeF")], 6, "abcdeF 1 3o 2oc"),
            ("behind the end", &[(0, "abc"), (4, "ef"), (2, "cd")], 4, "abcd 1 3o 2l"),
            ("across the end", &[(0, "abc"), (2, "cdE"), (2, "cd")], 4, "abcd 1 2ol 3o"),
            ("across the end, in order", &[(0, "abc"), (3, "defg"), (3, "de")], 5, "abcde 1 2l 3o"),
            ("apart from the end", &[(0, "ab"), (5, "x"), (4, "yz"), (2, "c")], 3, "abc 1 4 3l 2l"),
        ];
        for &(name, rows, end, expected) in cases {
            let pieces = added(rows.iter().copied());
            assert!(pieces.there() >= end, "{name}");
            let (bytes, pieces) = pieces.finish(end);
            assert_eq!(text(&bytes, &pieces), expected, "{name}");
        }
    }

    #[test]
    fn what_is_taken_away_and_what_stays() {
        let mut pieces = added([(0, "abc"), (6, "ghi"), (2, "cde")]);
        assert_eq!((pieces.there(), pieces.end(), pieces.stretches()), (5, 9, 2));
        assert_eq!(pieces.settle(usize::MAX), b"abcde");
        let (bytes, taken) = pieces.take(4);
        assert_eq!(text(&bytes, &taken), "abcde 1 3o");
        assert_eq!((pieces.there(), pieces.end(), pieces.stretches()), (1, 5, 2));
        pieces.add(4, 1, b"f", Fault::default());
        let (bytes, taken) = pieces.finish(5);
        assert_eq!(text(&bytes, &taken), "efghi 3 4 2");
        assert_eq!(taken.iter().map(|piece| (piece.start, piece.len)).collect::<Vec<_>>(), [(0, 1), (1, 1), (2, 3)]);
    }

    #[test]
    fn bytes_that_were_asked_for_stay() {
        let mut pieces = added([(0, "ab"), (2, "cd")]);
        assert_eq!(pieces.settle(usize::MAX), b"abcd");
        pieces.add(3, 1, b"BCDE", Fault::default());
        let (bytes, taken) = pieces.finish(5);
        assert_eq!(text(&bytes, &taken), "abcdE 1 2 3oc");
    }

    /// The rule, written down as it is said.
    fn by_the_rule(rows: &[(usize, Vec<u8>)], end: usize) -> Vec<u8> {
        let owner = |at: usize| {
            let here = rows.iter().filter(|(start, bytes)| (*start..*start + bytes.len()).contains(&at));
            here.min_by_key(|row| row.0).map(|(start, bytes)| bytes[at - start])
        };
        (0..end).map_while(owner).collect()
    }

    proptest! {
        #[test]
        fn each_byte_is_whose_it_should_be(
            rows in proptest::collection::vec((0usize..40, proptest::collection::vec(0u8..3, 1..12)), 1..20),
            asked in 0usize..40,
        ) {
            let pieces = added(rows.iter().map(|(start, bytes)| (*start, bytes)));
            let (there, end) = (pieces.there(), pieces.end());
            let whole = by_the_rule(&rows, usize::MAX);
            prop_assert_eq!(there, whole.len());
            prop_assert_eq!(end, rows.iter().map(|(start, bytes)| start + bytes.len()).max().unwrap_or(0));
            let end = asked.min(there);
            let (bytes, taken) = pieces.finish(end);
            prop_assert_eq!(&bytes, &whole[..end]);
            prop_assert_eq!(taken.len(), rows.len());
            prop_assert!(taken.is_sorted_by_key(|piece| (piece.start, piece.frame)));
        }

        /// What agrees comes out whole, in whatever order, and however often it was sent.
        #[test]
        fn any_order_is_the_same(
            cuts in proptest::collection::vec((0usize..200, 1usize..50), 0..40),
            order in any::<u64>(),
        ) {
            let whole: Vec<u8> = (0..200u8).collect();
            let mut rows: Vec<_> = cuts.into_iter().map(|(start, len)| (start, (start + len).min(200))).collect();
            rows.extend((0..200).step_by(25).map(|start| (start, start + 25)));
            rows.sort_by_key(|&(start, end)| (start as u64 * 251 + end as u64).wrapping_mul(order | 1));
            let pieces = added(rows.iter().map(|&(start, end)| (start, &whole[start..end])));
            let (bytes, taken) = pieces.finish(200);
            prop_assert_eq!(bytes, whole);
            prop_assert!(taken.iter().all(|piece| !piece.fault.conflict && !piece.fault.too_long));
        }
    }

    /// To send a piece costs the sender more than to keep it, in whatever order.
    #[test]
    fn time_is_linear() {
        let mut pieces = Pieces::default();
        for start in (0..100_000).rev() {
            pieces.add(1, start, b"x", Fault::default());
        }
        assert_eq!((pieces.there(), pieces.stretches()), (100_000, 1));
        assert_eq!(pieces.finish(100_000).0.len(), 100_000);
    }
}
