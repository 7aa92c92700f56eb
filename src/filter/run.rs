//! Running a compiled filter: walks over the recorded entries, one for each test.
//!
//! An entry is recognised by the address of its row, so a test of header numbers costs a few nanoseconds. Nothing is allocated: what
//! computes keeps its values in memory that each thread reuses.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::ptr;

use memchr::memmem;

use super::check::Function;
use super::compile::{ByteOrder, BytesTest, Node, NumberTest, Place, Rows, Shape, Source, TermTest, ValueTest};
use super::literal::{Constant, doubles, integers};
use super::parse::{Arithmetic, Order, Quantifier, Range};
use crate::dissect::{Derive, Entry, Field, Kind, Value, View};
use crate::text::Text;

impl Node {
    pub fn matches(&self, view: &View) -> bool {
        match self {
            Node::Always(value) => *value,
            Node::And(parts) => parts.iter().all(|part| part.matches(view)),
            Node::Or(parts) => parts.iter().any(|part| part.matches(view)),
            Node::Xor(parts) => parts.iter().fold(false, |odd, part| odd ^ part.matches(view)),
            Node::Not(inner) => !inner.matches(view),
            Node::Exists(place) => place.judge(view, Quantifier::Any, |_, _| Some(true)),
            Node::Number { place, quantifier, test } => number(place, *quantifier, *test, view),
            Node::NumberSet { place, quantifier, shape, set } => number_set(place, *quantifier, *shape, set, view),
            Node::Value { place, quantifier, test } => {
                place.judge(view, *quantifier, |_, entry| Some(test.passes(Datum::of_value(place.value(view, entry))?)))
            }
            Node::Bytes { place, slice, quantifier, test } => place.judge(view, *quantifier, |at, entry| {
                place.with_bytes(view, at, entry, |bytes| match slice {
                    // Where there is nothing of it, as in Wireshark, no bytes are the value.
                    Some(range) => Some(test.passes_part(range.within(bytes.len()).map_or(&[], |part| &bytes[part]))),
                    None => Some(test.passes(bytes)),
                })?
            }),
            Node::Terms { left, quantifier, test } => SCRATCH.with_borrow_mut(|scratch| {
                scratch.data.clear();
                scratch.bytes.clear();
                test.passes(left, *quantifier, view, scratch)
            }),
        }
    }
}

fn number(place: &Place, quantifier: Quantifier, test: NumberTest, view: &View) -> bool {
    place.judge(view, quantifier, |_, entry| Some(test.passes(entry.number())))
}

fn number_set(place: &Place, quantifier: Quantifier, shape: Shape, set: &[(u64, u64)], view: &View) -> bool {
    place.judge(view, quantifier, |_, entry| {
        let number = shape.of(entry.number());
        let after = set.partition_point(|range| range.0 <= number);
        Some(after > 0 && number <= set[after - 1].1)
    })
}

impl Place {
    /// Whether any or all of the values here pass; a value about which `test` says nothing does not count.
    #[inline]
    fn judge(&self, view: &View, quantifier: Quantifier, mut test: impl FnMut(usize, &Entry) -> Option<bool>) -> bool {
        let stop = quantifier == Quantifier::Any;
        let mut seen = false;
        let found = self.rows.find(view.entries(), |at, entry| {
            if !self.layers.is_empty() && !self.in_layers(view, at) {
                return false;
            }
            match test(at, entry) {
                Some(passed) => {
                    seen = true;
                    passed == stop
                }
                None => false,
            }
        });
        if stop { found } else { seen && !found }
    }

    /// Whether the entry at `at` stands in one of the layers that count.
    fn in_layers(&self, view: &View, at: usize) -> bool {
        let layers = view.packet.layers();
        let index = view.layer_of(at).index;
        let Some(own) = layers.get(index) else { return false };
        let same =
            |until: usize| layers[..until].iter().filter(|mark| mark.protocol.name() == own.protocol.name()).count();
        let (number, total) = (same(index + 1), same(layers.len()));
        self.layers.iter().any(|range| range.has_layer(number, total))
    }

    /// Hands the bytes of an entry's value to `take`.
    #[inline]
    fn with_bytes<T>(&self, view: &View, at: usize, entry: &Entry, take: impl FnOnce(&[u8]) -> T) -> Option<T> {
        if self.raw {
            return Some(take(view.bytes(entry)));
        }
        if self.whole && entry.field.kind == Kind::Protocol {
            return Some(take(view.carried(at, entry)));
        }
        if self.makers.is_empty() {
            return bytes_of(view.value(entry), take);
        }
        let maker = self.makers(entry).next()?;
        TEXT.with_borrow_mut(|text| bytes_of(view.layer_of(at).alias_value(entry, maker, text)?, take))
    }

    /// The rows that make values of an entry.
    fn makers(&self, entry: &Entry) -> impl Iterator<Item = &'static Field> + use<'_> {
        let address = ptr::from_ref(entry.field) as usize;
        self.makers.iter().filter(move |maker| maker.0 == address).map(|maker| maker.1)
    }

    /// The recorded value.
    #[inline]
    fn value<'a>(&self, view: &View<'a>, entry: &Entry) -> Value<'a> {
        match view.value(entry) {
            Value::Bytes(bytes) if self.as_number => {
                Value::Unsigned(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
            }
            value => value,
        }
    }

    /// Hands all values here to `take`.
    pub fn values(&self, view: &View, mut take: impl FnMut(usize, &Entry, Value)) {
        self.judge(view, Quantifier::Any, |at, entry| {
            if self.raw {
                take(at, entry, Value::Bytes(view.bytes(entry)));
            } else if self.whole && entry.field.kind == Kind::Protocol {
                take(at, entry, Value::Bytes(view.carried(at, entry)));
            } else if self.makers.is_empty() {
                take(at, entry, self.value(view, entry));
            } else {
                for maker in self.makers(entry) {
                    TEXT.with_borrow_mut(|text| {
                        let value = match maker.derive {
                            Derive::Same => Some(view.value(entry)),
                            _ => view.layer_of(at).alias_value(entry, maker, text),
                        };
                        value.into_iter().for_each(|value| take(at, entry, value));
                    });
                }
            }
            None
        });
    }
}

#[inline]
fn bytes_of<T>(value: Value, take: impl FnOnce(&[u8]) -> T) -> Option<T> {
    match value {
        Value::Bytes(bytes) | Value::Text(bytes) => Some(take(bytes)),
        Value::Ipv4(address) => Some(take(&address.to_be_bytes())),
        Value::Ipv6(address) => Some(take(&address)),
        Value::Ether(address) => Some(take(&address)),
        _ => None,
    }
}

impl Rows {
    /// Whether `test` holds for an entry of these rows; it is not asked about those after.
    #[inline]
    fn find(&self, entries: &[Entry], test: impl FnMut(usize, &Entry) -> bool) -> bool {
        match self {
            Rows::One(rows) => find(entries, rows, test),
            Rows::Two(rows) => find(entries, rows, test),
            Rows::Three(rows) => find(entries, rows, test),
            Rows::Four(rows) => find(entries, rows, test),
            Rows::Many { sieve, sorted } => {
                let mut test = test;
                entries.iter().enumerate().any(|(at, entry)| {
                    let row = ptr::from_ref(entry.field) as usize;
                    sieve.passes(row) && sorted.binary_search(&row).is_ok() && test(at, entry)
                })
            }
        }
    }
}

#[inline]
fn find<const N: usize>(entries: &[Entry], rows: &[usize; N], mut test: impl FnMut(usize, &Entry) -> bool) -> bool {
    entries.iter().enumerate().any(|(at, entry)| {
        let row = ptr::from_ref(entry.field) as usize;
        // Without a branch for each row, the walk is as fast for three as for one.
        rows.iter().fold(false, |found, wanted| found | (*wanted == row)) && test(at, entry)
    })
}

impl ValueTest {
    pub fn passes(&self, value: Datum) -> bool {
        let order = |right: &Datum| value.order(*right, &[]);
        match self {
            ValueTest::Compare(wanted, right) => wanted.admits(order(right)),
            ValueTest::Set(set) => set
                .iter()
                .any(|(low, high)| Order::GreaterOrEqual.admits(order(low)) && Order::LessOrEqual.admits(order(high))),
        }
    }
}

impl BytesTest {
    /// The same of a slice: a pattern is not even tried on nothing.
    #[inline]
    fn passes_part(&self, bytes: &[u8]) -> bool {
        self.passes(bytes) && !(bytes.is_empty() && matches!(self, BytesTest::Matches(_)))
    }

    #[inline]
    fn passes(&self, bytes: &[u8]) -> bool {
        match self {
            BytesTest::Compare(Order::Equal, right, _) => bytes == &**right,
            BytesTest::Compare(order, right, by) => order.holds(by.compare(bytes, right)),
            BytesTest::Contains(finder) => finder.find(bytes).is_some(),
            BytesTest::Matches(pattern) => pattern.is_match(bytes),
            BytesTest::Set(set, by) => set.iter().any(|(low, high)| {
                by.compare(bytes, low) != Ordering::Less && by.compare(bytes, high) != Ordering::Greater
            }),
        }
    }
}

impl Order {
    /// Whether two values pass; those without an order are different.
    fn admits(self, found: Option<Ordering>) -> bool {
        match found {
            Some(found) => self.holds(found),
            None => self == Order::Different,
        }
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch { data: Vec::new(), bytes: Vec::new() }) };
    static TEXT: RefCell<Text> = RefCell::new(Text::new());
}

/// The values in hand.
struct Scratch {
    data: Vec<Datum>,
    /// The bytes of those that have some.
    bytes: Vec<u8>,
}

/// The most values that computing with several values of two fields may yield, and the most pairs that are searched.
const MAX_PAIRS: usize = 1 << 16;

/// One value in hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Datum {
    Integer(i128),
    Double(f64),
    Ipv4 {
        address: u32,
        mask: u32,
    },
    Ipv6 {
        address: u128,
        mask: u128,
    },
    /// Nanoseconds.
    Time(i128),
    /// Where its bytes stand in the scratch.
    Bytes {
        start: usize,
        len: usize,
        order: ByteOrder,
    },
}

impl Datum {
    /// The value of a constant that has no bytes.
    pub fn of_constant(constant: &Constant) -> Option<Datum> {
        Some(match *constant {
            Constant::Integer(value) => Datum::Integer(value),
            Constant::Boolean(flag) => Datum::Integer(flag.into()),
            Constant::Double(value) => Datum::Double(value),
            Constant::Ipv4 { address, mask } => Datum::Ipv4 { address, mask },
            Constant::Ipv6 { address, mask } => Datum::Ipv6 { address, mask },
            Constant::Time(nanos) => Datum::Time(nanos),
            Constant::Ether(_) | Constant::Bytes(_) => return None,
        })
    }

    /// A value that has no bytes.
    fn of_value(value: Value) -> Option<Datum> {
        Some(match value {
            Value::Unsigned(value) => Datum::Integer(value.into()),
            Value::Signed(value) => Datum::Integer(value.into()),
            Value::Boolean(flag) => Datum::Integer(flag.into()),
            Value::Double(value) => Datum::Double(value),
            Value::Ipv4(address) => Datum::Ipv4 { address, mask: u32::MAX },
            Value::Ipv6(address) => Datum::Ipv6 { address: u128::from_be_bytes(address), mask: u128::MAX },
            Value::Time { seconds, nanos } => Datum::Time(i128::from(seconds) * 1_000_000_000 + i128::from(nanos)),
            Value::None | Value::Bytes(_) | Value::Text(_) | Value::Ether(_) => return None,
        })
    }

    /// How this value stands to another, if they can be compared.
    fn order(self, right: Datum, bytes: &[u8]) -> Option<Ordering> {
        match (self, right) {
            (Datum::Integer(left), Datum::Integer(right)) => Some(left.cmp(&right)),
            (Datum::Time(left), Datum::Time(right)) => Some(left.cmp(&right)),
            (Datum::Double(left), Datum::Double(right)) => left.partial_cmp(&right),
            (Datum::Ipv4 { address, mask }, Datum::Ipv4 { address: other, mask: other_mask }) => {
                let mask = mask & other_mask;
                Some((address & mask).cmp(&(other & mask)))
            }
            (Datum::Ipv6 { address, mask }, Datum::Ipv6 { address: other, mask: other_mask }) => {
                let mask = mask & other_mask;
                Some((address & mask).cmp(&(other & mask)))
            }
            (left, right) => {
                let is_text = |datum| matches!(datum, Datum::Bytes { order: ByteOrder::Text, .. });
                let order = if is_text(left) || is_text(right) { ByteOrder::Text } else { ByteOrder::Length };
                let (mut left_buffer, mut right_buffer) = ([0; 16], [0; 16]);
                let left = left.as_bytes(bytes, &mut left_buffer)?;
                Some(order.compare(left, right.as_bytes(bytes, &mut right_buffer)?))
            }
        }
    }

    /// An order of all values, to sort by.
    fn total_order(self, right: Datum, bytes: &[u8]) -> Ordering {
        match (self, right) {
            (Datum::Double(left), Datum::Double(right)) => left.total_cmp(&right),
            (left, right) => left.order(right, bytes).unwrap_or(Ordering::Equal),
        }
    }

    fn as_bytes<'b>(self, bytes: &'b [u8], buffer: &'b mut [u8; 16]) -> Option<&'b [u8]> {
        match self {
            Datum::Bytes { start, len, .. } => bytes.get(start..start + len),
            Datum::Ipv4 { address, .. } => {
                buffer[..4].copy_from_slice(&address.to_be_bytes());
                Some(&buffer[..4])
            }
            Datum::Ipv6 { address, .. } => {
                *buffer = address.to_be_bytes();
                Some(buffer)
            }
            _ => None,
        }
    }

    fn is_zero(self, bytes: &[u8]) -> bool {
        match self {
            Datum::Integer(value) | Datum::Time(value) => value == 0,
            Datum::Double(value) => value == 0.0,
            Datum::Ipv4 { address, .. } => address == 0,
            Datum::Ipv6 { address, .. } => address == 0,
            Datum::Bytes { start, len, .. } => {
                bytes.get(start..start + len).is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0))
            }
        }
    }
}

impl Scratch {
    /// Takes bytes in hand.
    fn keep(&mut self, bytes: &[u8], order: ByteOrder) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.data.push(Datum::Bytes { start, len: bytes.len(), order });
    }

    fn constant(&mut self, constant: &Constant) {
        match constant {
            Constant::Bytes(bytes) => self.keep(bytes, ByteOrder::Length),
            Constant::Ether(address) => self.keep(&address.to_be_bytes()[2..], ByteOrder::Length),
            constant => self.data.extend(Datum::of_constant(constant)),
        }
    }

    fn push(&mut self, value: Value) {
        match Datum::of_value(value) {
            Some(datum) => self.data.push(datum),
            None => {
                let order = if matches!(value, Value::Text(_)) { ByteOrder::Text } else { ByteOrder::Length };
                bytes_of(value, |bytes| self.keep(bytes, order));
            }
        }
    }

    /// Replaces the values from `start` on, each by what `make` makes of it or by nothing.
    fn map(&mut self, start: usize, mut make: impl FnMut(&mut Vec<u8>, Datum) -> Option<Datum>) {
        let mut kept = start;
        for at in start..self.data.len() {
            if let Some(datum) = make(&mut self.bytes, self.data[at]) {
                self.data[kept] = datum;
                kept += 1;
            }
        }
        self.data.truncate(kept);
    }

    /// Drops the values between `start` and `from`, which have been used.
    fn drop_between(&mut self, start: usize, from: usize) {
        self.data.copy_within(from.., start);
        self.data.truncate(start + self.data.len() - from);
    }
}

impl Source {
    /// Takes all values in hand; returns where they begin.
    fn take(&self, view: &View, scratch: &mut Scratch) -> usize {
        let start = scratch.data.len();
        match self {
            Source::Field(place) => place.values(view, |_, _, value| scratch.push(value)),
            Source::Constant(constant) => scratch.constant(constant),
            Source::Constants(constants) => constants.iter().for_each(|constant| scratch.constant(constant)),
            Source::Slice(inner, ranges) => {
                inner.take(view, scratch);
                scratch.map(start, |bytes, datum| slice(bytes, datum, ranges));
            }
            Source::Negative(inner) => {
                inner.take(view, scratch);
                scratch.map(start, |_, datum| match datum {
                    Datum::Integer(value) => value.checked_neg().map(Datum::Integer),
                    Datum::Time(value) => value.checked_neg().map(Datum::Time),
                    Datum::Double(value) => Some(Datum::Double(-value)),
                    _ => None,
                });
            }
            Source::Binary(operator, left, right) => {
                left.take(view, scratch);
                let middle = right.take(view, scratch);
                let end = scratch.data.len();
                let pairs = (start..middle).flat_map(|left| (middle..end).map(move |right| (left, right)));
                for (left, right) in pairs.take(MAX_PAIRS) {
                    let (left, right) = (scratch.data[left], scratch.data[right]);
                    let result = compute(*operator, left, right, &mut scratch.bytes);
                    scratch.data.extend(result);
                }
                scratch.drop_between(start, end);
            }
            Source::Call(function, arguments) => call(*function, arguments, view, scratch, start),
        }
        start
    }
}

/// The parts of a value's bytes, one behind the other, up to the first for which it is too short.
fn slice(bytes: &mut Vec<u8>, datum: Datum, ranges: &[Range]) -> Option<Datum> {
    let (from, len) = match datum {
        Datum::Bytes { start, len, .. } => (start, len),
        other => {
            let from = bytes.len();
            let mut buffer = [0; 16];
            let copied = other.as_bytes(&[], &mut buffer)?;
            bytes.extend_from_slice(copied);
            (from, bytes.len() - from)
        }
    };
    if let [range] = ranges {
        let part = range.within(len).unwrap_or(0..0);
        return Some(Datum::Bytes { start: from + part.start, len: part.len(), order: ByteOrder::Length });
    }
    let start = bytes.len();
    for part in ranges.iter().map_while(|range| range.within(len)) {
        bytes.extend_from_within(from + part.start..from + part.end);
    }
    Some(Datum::Bytes { start, len: bytes.len() - start, order: ByteOrder::Length })
}

fn compute(operator: Arithmetic, left: Datum, right: Datum, bytes: &mut Vec<u8>) -> Option<Datum> {
    match (left, right) {
        (Datum::Integer(left), Datum::Integer(right)) => integers(operator, left, right).map(Datum::Integer),
        (Datum::Time(left), Datum::Time(right)) => integers(operator, left, right).map(Datum::Time),
        (Datum::Double(left), Datum::Double(right)) => doubles(operator, left, right).map(Datum::Double),
        _ if operator != Arithmetic::And => None,
        (Datum::Ipv4 { address, mask }, Datum::Ipv4 { address: other, .. }) => {
            Some(Datum::Ipv4 { address: address & other, mask })
        }
        (Datum::Ipv6 { address, mask }, Datum::Ipv6 { address: other, .. }) => {
            Some(Datum::Ipv6 { address: address & other, mask })
        }
        (Datum::Bytes { start, len, order }, Datum::Bytes { start: other, len: other_len, .. }) => {
            let from = bytes.len();
            for at in 0..len.min(other_len) {
                bytes.push(bytes[start + at] & bytes[other + at]);
            }
            Some(Datum::Bytes { start: from, len: bytes.len() - from, order })
        }
        _ => None,
    }
}

fn call(function: Function, arguments: &[Source], view: &View, scratch: &mut Scratch, start: usize) {
    match (function, arguments) {
        (Function::Len, [Source::Field(place)]) => place.values(view, |_, _, value| {
            let len = match place.size {
                Some(size) => Some(size.into()),
                None => bytes_of(value, <[u8]>::len),
            };
            scratch.data.extend(len.map(|len| Datum::Integer(len as i128)));
        }),
        (Function::Count, [Source::Field(place)]) => {
            let mut count = 0;
            place.values(view, |_, _, _| count += 1);
            // What is absent has no count, as it has no value.
            scratch.data.extend((count > 0).then_some(Datum::Integer(count)));
        }
        (Function::String, [Source::Field(place)]) => {
            let mut text = std::mem::take(&mut scratch.bytes);
            place.values(view, |_, _, value| {
                let from = text.len();
                write_string(place.kind, value, &mut text);
                scratch.data.push(Datum::Bytes { start: from, len: text.len() - from, order: ByteOrder::Text });
            });
            scratch.bytes = text;
        }
        (Function::Upper | Function::Lower, [argument]) => {
            argument.take(view, scratch);
            scratch.map(start, |bytes, datum| {
                if let Datum::Bytes { start, len, .. } = datum
                    && let Some(text) = bytes.get_mut(start..start + len)
                {
                    match function {
                        Function::Upper => text.make_ascii_uppercase(),
                        _ => text.make_ascii_lowercase(),
                    }
                }
                Some(datum)
            });
        }
        (Function::Abs, [argument]) => {
            argument.take(view, scratch);
            scratch.map(start, |_, datum| match datum {
                Datum::Integer(value) => value.checked_abs().map(Datum::Integer),
                Datum::Time(value) => value.checked_abs().map(Datum::Time),
                Datum::Double(value) => Some(Datum::Double(value.abs())),
                _ => None,
            });
        }
        (Function::Max | Function::Min, _) => {
            for argument in arguments {
                argument.take(view, scratch);
            }
            let wanted = if function == Function::Max { Ordering::Greater } else { Ordering::Less };
            let bytes = &scratch.bytes;
            let best = scratch.data[start..]
                .iter()
                .copied()
                .reduce(|best, datum| if datum.order(best, bytes) == Some(wanted) { datum } else { best });
            scratch.data.truncate(start);
            scratch.data.extend(best);
        }
        // `check` lets nothing else through.
        _ => {}
    }
}

/// Writes a value as `string` gives it: numbers in decimal, addresses and identifiers in their usual form.
fn write_string(kind: Kind, value: Value, out: &mut Vec<u8>) {
    TEXT_OUT.with_borrow_mut(|text| {
        text.clear();
        match (kind, value) {
            (_, Value::Unsigned(value)) => _ = text.dec(value),
            (_, Value::Signed(value)) => _ = text.signed(value),
            // Every digit that tells it from its neighbours.
            (_, Value::Double(value)) => _ = text.significant(value, 17),
            (Kind::Eui64, Value::Bytes(bytes)) => _ = text.hex_bytes(bytes, Some(b':')),
            (Kind::Guid, Value::Bytes(bytes)) => _ = text.guid(bytes),
            (Kind::Oid, Value::Bytes(bytes)) => _ = text.oid(bytes),
            (_, Value::Bytes(bytes)) => _ = text.hex_bytes(bytes, None),
            (_, value) => value.write_address(text),
        }
        out.extend_from_slice(text.as_bytes());
    });
}

thread_local! {
    // Apart from `TEXT`, which may hold the value that is written.
    static TEXT_OUT: RefCell<Text> = RefCell::new(Text::new());
}

impl TermTest {
    fn passes(&self, left: &Source, quantifier: Quantifier, view: &View, scratch: &mut Scratch) -> bool {
        left.take(view, scratch);
        let middle = scratch.data.len();
        let left = 0..middle;
        if middle == 0 {
            return false;
        }
        match self {
            TermTest::HasBytes => left.into_iter().any(|at| !matches!(scratch.data[at], Datum::Bytes { len: 0, .. })),
            TermTest::NotZero => left.into_iter().any(|at| !scratch.data[at].is_zero(&scratch.bytes)),
            TermTest::Compare(order, right) => {
                right.take(view, scratch);
                compare(*order, quantifier, middle, scratch)
            }
            TermTest::Contains(right) => {
                right.take(view, scratch);
                let end = scratch.data.len();
                let (mut left_buffer, mut right_buffer) = ([0; 16], [0; 16]);
                let mut contains = |(left, right): (usize, usize)| {
                    let (left, right): (Datum, Datum) = (scratch.data[left], scratch.data[right]);
                    match (
                        left.as_bytes(&scratch.bytes, &mut left_buffer),
                        right.as_bytes(&scratch.bytes, &mut right_buffer),
                    ) {
                        (Some(left), Some(right)) => memmem::find(left, right).is_some(),
                        _ => false,
                    }
                };
                let mut pairs = left.flat_map(|left| (middle..end).map(move |right| (left, right))).take(MAX_PAIRS);
                match quantifier {
                    Quantifier::Any => pairs.any(contains),
                    Quantifier::All => end > middle && pairs.all(&mut contains),
                }
            }
            TermTest::Matches(pattern) => {
                let mut buffer = [0; 16];
                let mut test = |at: usize| {
                    let datum: Datum = scratch.data[at];
                    datum.as_bytes(&scratch.bytes, &mut buffer).is_some_and(|bytes| pattern.is_match(bytes))
                };
                let mut left = left;
                match quantifier {
                    Quantifier::Any => left.any(test),
                    Quantifier::All => left.all(&mut test),
                }
            }
            TermTest::In(set) => {
                let mut passed = |at: usize| set.iter().any(|element| within(element, quantifier, at, view, scratch));
                let mut left = left;
                match quantifier {
                    Quantifier::Any => left.any(passed),
                    Quantifier::All => left.all(&mut passed),
                }
            }
        }
    }
}

/// Whether the value at `at` is in an element of a set; where that has several values, in any or in all of them.
fn within(
    (first, last): &(Source, Option<Source>),
    quantifier: Quantifier,
    at: usize,
    view: &View,
    scratch: &mut Scratch,
) -> bool {
    let start = first.take(view, scratch);
    let middle = scratch.data.len();
    if let Some(last) = last {
        last.take(view, scratch);
    }
    let (data, bytes) = (&scratch.data, &scratch.bytes);
    let stands = |mut others: std::ops::Range<usize>, order: Order| {
        let mut stands = |other: usize| order.admits(data[at].order(data[other], bytes));
        match quantifier {
            Quantifier::Any => others.any(stands),
            Quantifier::All => !others.is_empty() && others.all(&mut stands),
        }
    };
    let found = match last {
        None => stands(start..middle, Order::Equal),
        Some(_) => stands(start..middle, Order::GreaterOrEqual) && stands(middle..data.len(), Order::LessOrEqual),
    };
    scratch.data.truncate(start);
    found
}

/// Compares the values before `middle` with those from there on.
fn compare(order: Order, quantifier: Quantifier, middle: usize, scratch: &mut Scratch) -> bool {
    let Scratch { data, bytes } = scratch;
    let (left, right) = data.split_at_mut(middle);
    let any = quantifier == Quantifier::Any;
    if right.is_empty() {
        return false;
    }
    if right.len() <= 8 {
        let mut pairs = left.iter().flat_map(|left| right.iter().map(move |right| (left, right)));
        let mut passes = |(left, right): (&Datum, &Datum)| order.admits(left.order(*right, bytes));
        return if any { pairs.any(passes) } else { pairs.all(&mut passes) };
    }
    // Of many values only the ends matter, and whether one is among them: a frame with thousands of both sides costs no
    // millions of steps.
    right.sort_unstable_by(|a, b| a.total_order(*b, bytes));
    let (least, most) = (right[0], right[right.len() - 1]);
    let mut passes = |left: &Datum| {
        let among = || right.binary_search_by(|other| other.total_order(*left, bytes)).is_ok();
        let holds = |other: Datum| order.admits(left.order(other, bytes));
        match (order, any) {
            (Order::Equal, true) => among(),
            (Order::Different, false) => !among(),
            (Order::Equal, false) => holds(least) && holds(most),
            (Order::Different, true) => holds(least) || holds(most),
            (Order::Greater | Order::GreaterOrEqual, true) | (Order::Less | Order::LessOrEqual, false) => holds(least),
            (Order::Less | Order::LessOrEqual, true) | (Order::Greater | Order::GreaterOrEqual, false) => holds(most),
        }
    };
    if any { left.iter().any(passes) } else { left.iter().all(&mut passes) }
}
