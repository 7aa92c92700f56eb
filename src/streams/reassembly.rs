//! The bytes of one direction of a connection, put in order.
//!
//! A [`Reassembly`] is told of each segment and of what the other side acknowledges, and hands out [`Piece`]s: bytes
//! that follow on those before, and holes of a known size. What arrives in order passes through and is not copied; what
//! is early is kept until the bytes before it come, or are known to be lost: the other side acknowledges beyond them,
//! more is kept than may be, or the capture ends. Of bytes that were sent several times the first that can be handed
//! out counts.
//!
//! ```
//! use sniff::streams::reassembly::{Piece, Reassembly};
//!
//! let mut bytes = Vec::new();
//! let mut take = |piece: Piece| match piece {
//!     Piece::Data(data) => bytes.extend_from_slice(data),
//!     Piece::Hole { .. } => unreachable!("nothing is lost"),
//! };
//! let mut reassembly = Reassembly::new(1 << 20);
//! reassembly.begin(100, &mut take);
//! reassembly.segment(103, 2, b"lo", &mut take);
//! reassembly.segment(100, 3, b"hel", &mut take);
//! assert_eq!(bytes, b"hello");
//! ```

use std::collections::BTreeMap;

/// Puts the segments of one direction in order.
#[derive(Debug, Default)]
pub struct Reassembly {
    /// The position of the byte that is handed out next, once it is known; its low 32 bits are its sequence number.
    next: Option<u64>,
    /// The sequence number of the first byte.
    first: Option<u32>,
    /// Anything was handed out or kept.
    has_begun: bool,
    /// Segments that are early, by position and order of arrival.
    early: BTreeMap<(u64, u64), Early>,
    arrivals: u64,
    /// What `early` costs, in bytes.
    kept: usize,
    most: usize,
    /// How far the other side has acknowledged.
    acknowledged: u64,
}

#[derive(Debug)]
struct Early {
    wire_len: u32,
    bytes: Box<[u8]>,
}

/// What comes next in a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Data(&'a [u8]),
    /// Bytes that were sent and are not in the capture.
    Hole {
        len: u64,
        why: Why,
    },
}

/// How a hole was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The other side acknowledged what stands behind it: it has the bytes, the capture does not.
    Acknowledged,
    /// Of its segment only the beginning was captured.
    Cut,
    /// More stands behind it than may be kept.
    Full,
    /// The capture ended.
    End,
}

/// What a segment turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Has no data.
    Empty,
    /// Follows on what was there, or fills a hole before what is kept.
    New,
    /// All of it was there before.
    Again,
    /// Came before something that it follows on.
    Early,
}

impl Reassembly {
    /// Keeps no more than `most` bytes of early segments, what it takes to remember them included.
    pub fn new(most: usize) -> Reassembly {
        Reassembly { most, ..Reassembly::default() }
    }

    /// Says which sequence number the first byte has: the one after a SYN. Where there was data with other numbers, it
    /// ends here.
    pub fn begin(&mut self, sequence: u32, take: &mut dyn FnMut(Piece)) {
        if self.first == Some(sequence) {
            return;
        }
        if self.has_begun {
            self.acknowledged = 0;
            self.finish(None, take);
        }
        self.set_out(sequence);
    }

    fn set_out(&mut self, sequence: u32) {
        // Positions begin high enough for what is older to have one too.
        self.next = Some((1 << 32) + u64::from(sequence));
        self.first = Some(sequence);
        self.acknowledged = 0;
        self.has_begun = false;
    }

    /// Takes a segment of `wire_len` bytes, of which `bytes` were captured. The first one begins the direction if
    /// nothing else did.
    pub fn segment(&mut self, sequence: u32, wire_len: u32, bytes: &[u8], take: &mut dyn FnMut(Piece)) -> Arrival {
        if self.next.is_none() {
            self.set_out(sequence);
        }
        let (Some(next), Some(position)) = (self.next, self.position(sequence)) else { return Arrival::Again };
        let bytes = &bytes[..bytes.len().min(wire_len as usize)];
        if wire_len == 0 {
            return Arrival::Empty;
        }
        if position + u64::from(wire_len) <= next {
            return Arrival::Again;
        }
        self.has_begun = true;
        if position > next {
            return self.keep(position, wire_len, bytes, take);
        }
        self.hand_out(position, wire_len, bytes, take);
        self.follow_up(take);
        Arrival::New
    }

    /// Takes the acknowledgment number of a segment of the other side.
    pub fn acknowledge(&mut self, number: u32, take: &mut dyn FnMut(Piece)) {
        let Some(position) = self.position(number) else { return };
        self.acknowledged = self.acknowledged.max(position);
        while let (Some(next), Some((&(lowest, _), _))) = (self.next, self.early.first_key_value()) {
            if position <= lowest {
                return;
            }
            self.skip(next, lowest, Why::Acknowledged, take);
        }
    }

    /// Hands out what is kept, with the holes before it. `end` is the sequence number after the last byte, where a FIN
    /// told it.
    pub fn finish(&mut self, end: Option<u32>, take: &mut dyn FnMut(Piece)) {
        while let (Some(next), Some((&(lowest, _), _))) = (self.next, self.early.first_key_value()) {
            self.skip(next, lowest, Why::End, take);
        }
        let Some(next) = self.next else { return };
        let end = match end.and_then(|end| self.position(end)) {
            Some(end) => end,
            // What is acknowledged may count a FIN that was not captured.
            None if self.acknowledged > next + 1 => self.acknowledged,
            None => next,
        };
        if end > next {
            take(Piece::Hole { len: end - next, why: Why::End });
            self.next = Some(end);
        }
    }

    /// The sequence number of the byte that is handed out next.
    pub fn next(&self) -> Option<u32> {
        self.next.map(|next| next as u32)
    }

    /// Where a sequence number stands: within 2^31 of what is handed out next.
    fn position(&self, sequence: u32) -> Option<u64> {
        let next = self.next?;
        next.checked_add_signed(i64::from(sequence.wrapping_sub(next as u32) as i32))
    }

    fn keep(&mut self, position: u64, wire_len: u32, bytes: &[u8], take: &mut dyn FnMut(Piece)) -> Arrival {
        // Of segments with one beginning, each that is kept is longer than those before.
        let before = self.early.range((position, 0)..=(position, u64::MAX)).next_back();
        if before.is_some_and(|(_, early)| early.wire_len >= wire_len && early.bytes.len() >= bytes.len()) {
            return Arrival::Again;
        }
        self.early.insert((position, self.arrivals), Early { wire_len, bytes: bytes.into() });
        self.arrivals += 1;
        self.kept += bytes.len() + OVERHEAD;
        while let (true, Some(next), Some((&(lowest, _), _))) =
            (self.kept > self.most, self.next, self.early.first_key_value())
        {
            self.skip(next, lowest, Why::Full, take);
        }
        Arrival::Early
    }

    /// Gives up what is missing before `lowest`.
    fn skip(&mut self, next: u64, lowest: u64, why: Why, take: &mut dyn FnMut(Piece)) {
        if lowest > next {
            take(Piece::Hole { len: lowest - next, why });
        }
        self.next = Some(lowest.max(next));
        self.follow_up(take);
    }

    /// Hands out what is no longer early: of several segments the one that came first.
    fn follow_up(&mut self, take: &mut dyn FnMut(Piece)) {
        let mut due: BTreeMap<u64, (u64, Early)> = BTreeMap::new();
        loop {
            while let (Some(next), Some(first)) = (self.next, self.early.first_entry()) {
                let (position, arrival) = *first.key();
                if position > next {
                    break;
                }
                let early = first.remove();
                self.kept -= early.bytes.len() + OVERHEAD;
                due.insert(arrival, (position, early));
            }
            let Some((_, (position, early))) = due.pop_first() else { return };
            self.hand_out(position, early.wire_len, &early.bytes, take);
        }
    }

    /// Hands out what is new in a segment that begins at `position` or before it.
    fn hand_out(&mut self, position: u64, wire_len: u32, bytes: &[u8], take: &mut dyn FnMut(Piece)) {
        let Some(next) = self.next else { return };
        let end = position + u64::from(wire_len);
        if end <= next {
            return;
        }
        let known = usize::try_from(next - position).unwrap_or(usize::MAX);
        let new = bytes.get(known..).unwrap_or_default();
        if !new.is_empty() {
            take(Piece::Data(new));
        }
        let missing = end - next - new.len() as u64;
        if missing > 0 {
            take(Piece::Hole { len: missing, why: Why::Cut });
        }
        self.next = Some(end);
    }
}

/// What remembering an early segment costs beside its bytes.
const OVERHEAD: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The pieces as text: holes are numbers in brackets with the first letter of their reason.
    #[derive(Default)]
    struct Taken(Vec<u8>);

    impl Taken {
        fn take(&mut self, piece: Piece) {
            match piece {
                Piece::Data(data) => self.0.extend_from_slice(data),
                Piece::Hole { len, why } => self.0.extend(format!("[{len}{:.1}]", format!("{why:?}")).into_bytes()),
            }
        }

        fn text(&self) -> String {
            String::from_utf8_lossy(&self.0).into_owned()
        }
    }

    enum Step {
        Begin(u32),
        Data(u32, &'static [u8], Arrival),
        /// Of so many bytes only these were captured.
        Snapped(u32, u32, &'static [u8]),
        Acknowledge(u32),
        Finish(Option<u32>),
    }

    fn text(steps: &[Step]) -> String {
        let mut reassembly = Reassembly::new(1_000);
        let mut taken = Taken::default();
        for step in steps {
            let mut take = |piece: Piece| taken.take(piece);
            match *step {
                Step::Begin(sequence) => reassembly.begin(sequence, &mut take),
                Step::Data(sequence, data, arrival) => {
                    assert_eq!(reassembly.segment(sequence, data.len() as u32, data, &mut take), arrival);
                }
                Step::Snapped(sequence, len, data) => _ = reassembly.segment(sequence, len, data, &mut take),
                Step::Acknowledge(number) => reassembly.acknowledge(number, &mut take),
                Step::Finish(end) => reassembly.finish(end, &mut take),
            }
        }
        taken.text()
    }

    #[test]
    fn orders() {
        use Arrival::{Again, Early, Empty, New};
        use Step::{Acknowledge, Begin, Data, Finish, Snapped};
        let cases: &[(&str, &[Step], &str)] = &[
            ("in order", &[Begin(1), Data(1, b"ab", New), Data(3, b"", Empty), Data(3, b"c", New)], "abc"),
            ("begun in the middle", &[Data(7, b"ab", New), Data(5, b"vwxyz", New), Data(10, b"c", New)], "abzc"),
            ("begun by an empty one", &[Data(7, b"", Empty), Data(9, b"c", Early), Data(7, b"ab", New)], "abc"),
            ("an older one", &[Data(7, b"ab", New), Data(1, b"123", Again)], "ab"),
            ("swapped", &[Begin(1), Data(3, b"cd", Early), Data(1, b"ab", New), Data(5, b"e", New)], "abcde"),
            ("again", &[Begin(1), Data(1, b"ab", New), Data(1, b"ab", Again), Data(2, b"bc", New)], "abc"),
            (
                "again while early",
                &[Begin(1), Data(3, b"cd", Early), Data(3, b"c", Again), Data(1, b"ab", New)],
                "abcd",
            ),
            ("what came first counts", &[Begin(1), Data(1, b"abcd", New), Data(3, b"XYZ", New)], "abcdZ"),
            (
                "of early ones too",
                &[Begin(1), Data(3, b"wxyz", Early), Data(4, b"abCDEF", Early), Data(1, b"123", New)],
                "123xyzDEF",
            ),
            (
                "round the end of the numbers",
                &[Begin(u32::MAX - 1), Data(1, b"de", Early), Data(u32::MAX - 1, b"abc", New), Data(3, b"f", New)],
                "abcdef",
            ),
            (
                "lost",
                &[Begin(1), Data(4, b"d", Early), Acknowledge(4), Acknowledge(5), Data(1, b"abc", Again)],
                "[3A]d",
            ),
            ("two holes", &[Begin(1), Data(3, b"c", Early), Data(6, b"f", Early), Acknowledge(7)], "[2A]c[2A]f"),
            ("a hole at the end", &[Begin(1), Data(3, b"c", Early), Data(6, b"f", Early), Finish(None)], "[2E]c[2E]f"),
            ("the end is missing", &[Begin(1), Data(1, b"a", New), Finish(Some(4))], "a[2E]"),
            ("acknowledged and not there", &[Begin(1), Data(1, b"a", New), Acknowledge(9), Finish(None)], "a[7E]"),
            ("perhaps a FIN", &[Begin(1), Data(1, b"a", New), Acknowledge(3), Finish(None)], "a"),
            ("cut", &[Begin(1), Snapped(1, 4, b"ab"), Data(5, b"e", New)], "ab[2C]e"),
            ("all cut", &[Begin(1), Snapped(1, 4, b""), Data(5, b"e", New)], "[4C]e"),
            ("cut and early", &[Begin(1), Snapped(3, 4, b"cd"), Data(1, b"ab", New)], "abcd[2C]"),
            (
                "begun again",
                &[Begin(1), Data(1, b"ab", New), Data(5, b"e", Early), Begin(1), Begin(900), Data(900, b"xy", New)],
                "ab[2E]exy",
            ),
            ("far away is old", &[Begin(1), Data(0x9000_0000, b"x", Again), Data(1, b"a", New)], "a"),
        ];
        for (name, steps, expected) in cases {
            assert_eq!(text(steps), *expected, "{name}");
        }
    }

    #[test]
    fn no_more_is_kept_than_may_be() {
        let mut reassembly = Reassembly::new(10 * (OVERHEAD + 1));
        let (mut taken, mut largest) = (Taken::default(), 0);
        reassembly.begin(0, &mut |_| {});
        for place in 0..100u32 {
            reassembly.segment(2 * place + 1, 1, b"x", &mut |piece| taken.take(piece));
            largest = largest.max(reassembly.kept);
        }
        assert!(largest <= 10 * (OVERHEAD + 1));
        assert_eq!(taken.text(), "[1F]x".repeat(90));
        reassembly.finish(None, &mut |piece| taken.take(piece));
        assert_eq!(taken.text(), "[1F]x".repeat(90) + &"[1E]x".repeat(10));
        assert_eq!((reassembly.kept, reassembly.early.len()), (0, 0));
    }

    /// Where segments were cut, in which order they came, and which of them did not.
    fn segments() -> impl Strategy<Value = (usize, u32, Vec<(usize, usize)>)> {
        (1usize..200, any::<u32>()).prop_flat_map(|(len, first)| {
            let segment = (0..len, 1usize..40).prop_map(move |(start, size)| (start, size.min(len - start)));
            (Just(len), Just(first), proptest::collection::vec(segment, 0..60))
        })
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter((len, first, arrived) in segments(), acknowledged in any::<bool>()) {
            let content: Vec<u8> = (0..len).map(|place| b'a' + (place * 7 % 26) as u8).collect();
            let mut covered = vec![false; len];
            let mut reassembly = Reassembly::new(1 << 20);
            let mut taken: Vec<Option<u8>> = Vec::new();
            let mut take = |piece: Piece| match piece {
                Piece::Data(data) => taken.extend(data.iter().copied().map(Some)),
                Piece::Hole { len, .. } => taken.extend(std::iter::repeat_n(None, len as usize)),
            };
            reassembly.begin(first, &mut take);
            for &(start, size) in &arrived {
                covered[start..start + size].fill(true);
                let sequence = first.wrapping_add(start as u32);
                reassembly.segment(sequence, size as u32, &content[start..start + size], &mut take);
            }
            let end = first.wrapping_add(len as u32);
            if acknowledged {
                reassembly.acknowledge(end, &mut take);
            }
            reassembly.finish(Some(end), &mut take);
            let expected = covered.iter().zip(&content).map(|(&is, &byte)| is.then_some(byte));
            let expected: Vec<Option<u8>> = expected.collect();
            prop_assert_eq!(taken, expected);
            prop_assert_eq!(reassembly.kept, 0);
        }
    }
}
