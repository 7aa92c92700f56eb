//! From terms to tests: every name becomes the addresses of rows, and what is usual becomes a test that needs no memory.
//!
//! Most tests hold one field against constants. Those of numbers, flags, IPv4 and MAC addresses all become one shape, a masked
//! number between two bounds; those of bytes and text borrow their value. Only what computes or holds field against field takes
//! values in hand.

use std::cmp::Ordering;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::check::{Condition, FieldTerm, Function, Term};
use super::literal::{Constant, NANOS};
use super::parse::{Arithmetic, Comparison, End, Order, Quantifier, Range};
use super::run::Datum;
use crate::dissect::{Derive, Field, Kind, Need, Registry, Value, View};

/// A compiled condition.
#[derive(Clone)]
pub(super) enum Node {
    Always(bool),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Xor(Box<[Node]>),
    Not(Box<Node>),
    Exists(Place),
    /// A number against constants.
    Number {
        place: Place,
        quantifier: Quantifier,
        test: NumberTest,
    },
    /// A number against many constants.
    NumberSet {
        place: Place,
        quantifier: Quantifier,
        shape: Shape,
        set: Box<[(u64, u64)]>,
    },
    /// A time, an IPv6 address, a number with decimals against constants.
    Value {
        place: Place,
        quantifier: Quantifier,
        test: ValueTest,
    },
    /// Bytes or text, or one part of them, against constants.
    Bytes {
        place: Place,
        slice: Option<Range>,
        quantifier: Quantifier,
        test: BytesTest,
    },
    /// Everything else.
    Terms {
        left: Source,
        quantifier: Quantifier,
        test: TermTest,
    },
}

/// Where values come from: rows of the recorded fields, and the layers that count.
#[derive(Clone)]
pub(super) struct Place {
    pub rows: Rows,
    /// For each recorded row, the row that makes the value, where it is not the recorded one's.
    pub makers: Box<[(usize, &'static Field)]>,
    pub layers: Box<[Range]>,
    /// Is the bytes in the packet, not the value.
    pub raw: bool,
    /// A protocol's bytes are all that it carries, not only its header.
    pub whole: bool,
    /// Bytes of a value of this kind; 0 where it has no length of its own.
    pub size: Option<u8>,
    pub kind: Kind,
    /// An EUI-64 is a number, except where its bytes are asked for.
    pub as_number: bool,
    /// The name in the expression, to say what it is.
    pub name: &'static str,
}

/// Addresses of rows.
#[derive(Clone)]
pub(super) enum Rows {
    One([usize; 1]),
    Two([usize; 2]),
    Three([usize; 3]),
    Four([usize; 4]),
    Many { sieve: Box<Sieve>, sorted: Box<[usize]> },
}

/// How a recorded number becomes one that unsigned bounds can be held against: `(number >> shift & mask) ^ flip`.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub shift: u8,
    pub mask: u64,
    pub flip: u64,
}

/// A number that must, or must not, lie between two bounds; there is nothing between 1 and 0.
#[derive(Clone, Copy)]
pub(super) struct NumberTest {
    pub shape: Shape,
    pub low: u64,
    pub high: u64,
    pub inside: bool,
}

#[derive(Clone)]
pub(super) enum ValueTest {
    Compare(Order, Datum),
    Set(Box<[(Datum, Datum)]>),
}

/// The first and the last of the bytes that are in an element of a set.
type BytesRange = (Box<[u8]>, Box<[u8]>);

#[derive(Clone)]
pub(super) enum BytesTest {
    Compare(Order, Box<[u8]>, ByteOrder),
    Contains(Box<Finder<'static>>),
    Matches(Regex),
    Set(Box<[BytesRange]>, ByteOrder),
}

/// How bytes are ordered: text by the first that differs, other bytes by their length first, as in Wireshark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Text,
    Length,
}

impl ByteOrder {
    fn of(kind: Kind) -> ByteOrder {
        if kind == Kind::Text { ByteOrder::Text } else { ByteOrder::Length }
    }

    pub fn compare(self, left: &[u8], right: &[u8]) -> Ordering {
        match self {
            ByteOrder::Text => left.cmp(right),
            ByteOrder::Length => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
        }
    }
}

#[derive(Clone)]
pub(super) enum TermTest {
    /// Some value is not zero.
    NotZero,
    /// Some value has bytes: what of a slice is there.
    HasBytes,
    Compare(Order, Source),
    Contains(Source),
    Matches(Regex),
    In(Box<[(Source, Option<Source>)]>),
}

/// What has values: a [`Term`] whose fields are places.
#[derive(Clone)]
pub(super) enum Source {
    Field(Place),
    Constant(Constant),
    /// What a field says in another packet.
    Constants(Box<[Constant]>),
    Slice(Box<Source>, Box<[Range]>),
    Negative(Box<Source>),
    Binary(Arithmetic, Box<Source>, Box<Source>),
    Call(Function, Box<[Source]>),
}

/// Compiles a condition and says what it reads.
pub(super) fn compile(condition: Condition, registry: &Registry) -> (Node, Need) {
    let mut compiler = Compiler::default();
    let node = compiler.node(condition);
    let Compiler { mut needed, present } = compiler;
    // What looks like a protocol's line may be a row that some protocol records, or say where reading stopped.
    let is_line = |row: &&Field| registry.protocols().iter().any(|protocol| protocol.field.is(row));
    let (present, others): (Vec<&Field>, _) = present.into_iter().partition(is_line);
    needed.extend(others);
    let need = Need::of(needed, registry).and(Need::of_presence(present, registry));
    (node, need)
}

/// The values of a field in a packet.
pub(super) fn constants(field: &FieldTerm, view: &View) -> Vec<Constant> {
    let place = Compiler::default().place(field.clone(), false);
    let mut constants = Vec::new();
    place.values(view, |_, _, value| constants.extend(constant_of(value)));
    constants
}

fn constant_of(value: Value) -> Option<Constant> {
    Some(match value {
        Value::None => return None,
        Value::Unsigned(number) => Constant::Integer(number.into()),
        Value::Signed(number) => Constant::Integer(number.into()),
        Value::Boolean(flag) => Constant::Boolean(flag),
        Value::Double(number) => Constant::Double(number),
        Value::Ipv4(address) => Constant::Ipv4 { address, mask: u32::MAX },
        Value::Ipv6(address) => Constant::Ipv6 { address: u128::from_be_bytes(address), mask: u128::MAX },
        Value::Ether([a, b, c, d, e, f]) => Constant::Ether(u64::from_be_bytes([0, 0, a, b, c, d, e, f])),
        Value::Bytes(bytes) | Value::Text(bytes) => Constant::Bytes(bytes.into()),
        Value::Time { seconds, nanos } => Constant::Time(i128::from(seconds) * NANOS + i128::from(nanos)),
    })
}

#[derive(Default)]
struct Compiler {
    needed: Vec<&'static Field>,
    /// Rows that are asked for like protocols: whether they are there.
    present: Vec<&'static Field>,
}

impl Compiler {
    fn node(&mut self, condition: Condition) -> Node {
        let mut all = |parts: Vec<Condition>| parts.into_iter().map(|part| self.node(part)).collect();
        match condition {
            Condition::And(parts) => Node::And(all(parts)),
            Condition::Or(parts) => Node::Or(all(parts)),
            Condition::Xor(parts) => Node::Xor(all(parts)),
            Condition::Not(inner) => Node::Not(Box::new(self.node(*inner))),
            Condition::Exists(Term::Field(field)) => {
                let before = self.needed.len();
                let place = self.place(field, false);
                if place.kind == Kind::Protocol {
                    self.present.extend(self.needed.drain(before..));
                }
                Node::Exists(place)
            }
            Condition::Exists(left) => {
                let test = if matches!(left, Term::Slice(..)) { TermTest::HasBytes } else { TermTest::NotZero };
                // `tcp.flags & 2` alone is a test of bits.
                if let Some((field, shape)) = masked(&left) {
                    let test = NumberTest { shape, low: 1, high: u64::MAX, inside: true };
                    return Node::Number { place: self.place(field, false), quantifier: Quantifier::Any, test };
                }
                Node::Terms { left: self.source(left, false), quantifier: Quantifier::Any, test }
            }
            Condition::Compare { left, comparison, right } => self.compare(left, comparison, right),
            Condition::Contains { quantifier, left, right } => {
                let right = known(right);
                if let Term::Constant(Constant::Bytes(needle)) = &right {
                    // As in Wireshark, nothing is not found in anything if it was written so.
                    if needle.is_empty() {
                        return Node::Always(false);
                    }
                    let test = BytesTest::Contains(Box::new(Finder::new(needle).into_owned()));
                    return self.bytes(left, quantifier, test, true);
                }
                let (left, right) = (self.source(left, true), self.source(right, false));
                Node::Terms { left, quantifier, test: TermTest::Contains(right) }
            }
            Condition::Matches { quantifier, left, pattern } => {
                self.bytes(left, quantifier, BytesTest::Matches(pattern), true)
            }
            Condition::In { quantifier, left, set } => self.set(left, quantifier, set),
        }
    }

    fn compare(&mut self, left: Term, comparison: Comparison, right: Term) -> Node {
        let right = known(right);
        let Comparison { order, quantifier } = comparison;
        if let Term::Constant(constant) = &right {
            if let Some((field, shape)) = masked(&left)
                && let Some(test) = number_test(shape, field.kind, order, constant)
            {
                return Node::Number { place: self.place(field, false), quantifier, test };
            }
            match (&left, constant) {
                (Term::Field(field), _) if Datum::of_constant(constant).is_some() && field.is_plain() => {
                    let place = self.place(field.clone(), false);
                    let test = ValueTest::Compare(order, Datum::of_constant(constant).unwrap_or(Datum::Integer(0)));
                    return Node::Value { place, quantifier, test };
                }
                (Term::Field(_) | Term::Slice(..), Constant::Bytes(bytes)) => {
                    let test = BytesTest::Compare(order, bytes.clone(), byte_order(&left));
                    return self.bytes(left, quantifier, test, false);
                }
                _ => {}
            }
        }
        let (left, right) = (self.source(left, false), self.source(right, false));
        Node::Terms { left, quantifier, test: TermTest::Compare(order, right) }
    }

    /// A test of bytes, which borrows them where it can.
    fn bytes(&mut self, left: Term, quantifier: Quantifier, test: BytesTest, whole: bool) -> Node {
        let slice = match left {
            Term::Field(field) => {
                return Node::Bytes { place: self.place(field, whole), slice: None, quantifier, test };
            }
            Term::Slice(inner, ranges) => match (*inner, &ranges[..]) {
                (Term::Field(field), &[range]) => {
                    return Node::Bytes { place: self.place(field, false), slice: Some(range), quantifier, test };
                }
                (inner, _) => Term::Slice(Box::new(inner), ranges),
            },
            other => other,
        };
        let constant = |bytes: &[u8]| Source::Constant(Constant::Bytes(bytes.into()));
        let test = match test {
            BytesTest::Compare(order, bytes, _) => TermTest::Compare(order, constant(&bytes)),
            BytesTest::Contains(finder) => TermTest::Contains(constant(finder.needle())),
            BytesTest::Matches(pattern) => TermTest::Matches(pattern),
            BytesTest::Set(set, _) => {
                TermTest::In(set.iter().map(|(low, high)| (constant(low), Some(constant(high)))).collect())
            }
        };
        Node::Terms { left: self.source(slice, false), quantifier, test }
    }

    fn set(&mut self, left: Term, quantifier: Quantifier, set: Vec<(Term, Option<Term>)>) -> Node {
        // As in Wireshark, where a set is short for alternatives: one of its elements has to have all values.
        if quantifier == Quantifier::All && set.len() > 1 {
            return Node::Or(
                set.into_iter().map(|element| self.set(left.clone(), quantifier, vec![element])).collect(),
            );
        }
        let ends: Option<Vec<(&Constant, &Constant)>> = set
            .iter()
            .map(|element| match element {
                (Term::Constant(one), None) => Some((one, one)),
                (Term::Constant(first), Some(Term::Constant(last))) => Some((first, last)),
                _ => None,
            })
            .collect();
        if let (Some(ends), Term::Field(field)) = (ends, &left) {
            if let Some((field, shape)) = masked(&left)
                && let Some(set) = number_set(field.kind, &ends)
            {
                return Node::NumberSet { place: self.place(field, false), quantifier, shape, set };
            }
            let bytes = |constant: &Constant| match constant {
                Constant::Bytes(bytes) => Some(bytes.clone()),
                _ => None,
            };
            if let Some(set) = ends.iter().map(|(first, last)| Some((bytes(first)?, bytes(last)?))).collect() {
                let test = BytesTest::Set(set, ByteOrder::of(field.kind));
                return self.bytes(left, quantifier, test, false);
            }
            let pair =
                |(first, last): &(&Constant, &Constant)| Some((Datum::of_constant(first)?, Datum::of_constant(last)?));
            if field.is_plain()
                && let Some(set) = ends.iter().map(pair).collect()
            {
                let place = self.place(field.clone(), false);
                return Node::Value { place, quantifier, test: ValueTest::Set(set) };
            }
        }
        let set = set
            .into_iter()
            .map(|(first, last)| (self.source(first, false), last.map(|last| self.source(last, false))))
            .collect();
        Node::Terms { left: self.source(left, false), quantifier, test: TermTest::In(set) }
    }

    fn source(&mut self, term: Term, whole: bool) -> Source {
        match term {
            Term::Field(field) => Source::Field(self.place(field, whole)),
            Term::Constant(constant) => Source::Constant(constant),
            Term::Reference(_, values) => Source::Constants(values.into()),
            Term::Slice(inner, ranges) => Source::Slice(Box::new(self.bytes_of(*inner)), ranges.into()),
            Term::Negative(inner) => Source::Negative(Box::new(self.source(*inner, false))),
            Term::Binary(operator, left, right) => {
                Source::Binary(operator, Box::new(self.source(*left, false)), Box::new(self.source(*right, false)))
            }
            Term::Call(Function::String, arguments) => {
                let arguments = arguments.into_iter().map(|argument| self.bytes_of(argument)).collect();
                Source::Call(Function::String, arguments)
            }
            Term::Call(function, arguments) => {
                Source::Call(function, arguments.into_iter().map(|argument| self.source(argument, false)).collect())
            }
        }
    }

    /// The same of what is taken apart.
    fn bytes_of(&mut self, term: Term) -> Source {
        match self.source(term, false) {
            Source::Field(place) => Source::Field(Place { as_number: false, ..place }),
            source => source,
        }
    }

    fn place(&mut self, field: FieldTerm, whole: bool) -> Place {
        for row in &field.rows {
            self.needed.push(row.recorded);
        }
        let address = |field: &'static Field| std::ptr::from_ref(field) as usize;
        let mut addresses: Vec<usize> = field.rows.iter().map(|row| address(row.recorded)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let derived = field.rows.iter().any(|row| row.maker.derive != Derive::Same) && !field.raw;
        let makers = if derived {
            field.rows.iter().map(|row| (address(row.recorded), row.maker)).collect()
        } else {
            Box::default()
        };
        let size = match field.kind {
            Kind::Unsigned(bits) | Kind::Signed(bits) => Some(bits.div_ceil(8)),
            Kind::Char => Some(1),
            Kind::Frame | Kind::Ipv4 | Kind::Float => Some(4),
            Kind::Double | Kind::Eui64 => Some(8),
            // As in Wireshark, these have none.
            Kind::Boolean | Kind::AbsoluteTime | Kind::RelativeTime => Some(0),
            _ => None,
        };
        let (rows, layers) = (Rows::new(&addresses), field.layers.into());
        let as_number = field.kind == Kind::Eui64 && !field.raw;
        Place { rows, makers, layers, raw: field.raw, whole, size, kind: field.kind, as_number, name: field.name }
    }
}

impl Rows {
    /// Whether a row is among them.
    pub fn has(&self, field: &'static Field) -> bool {
        let rows: &[usize] = match self {
            Rows::One(rows) => rows,
            Rows::Two(rows) => rows,
            Rows::Three(rows) => rows,
            Rows::Four(rows) => rows,
            Rows::Many { sorted, .. } => sorted,
        };
        rows.contains(&(std::ptr::from_ref(field) as usize))
    }

    fn new(sorted: &[usize]) -> Rows {
        match *sorted {
            [a] => Rows::One([a]),
            [a, b] => Rows::Two([a, b]),
            [a, b, c] => Rows::Three([a, b, c]),
            [a, b, c, d] => Rows::Four([a, b, c, d]),
            _ => {
                let mut sieve = Box::new(Sieve([0; 64]));
                sorted.iter().for_each(|row| sieve.insert(*row));
                Rows::Many { sieve, sorted: sorted.into() }
            }
        }
    }
}

/// Keeps most of the rows that are not looked for from the search: `_ws.expert` is any of hundreds.
#[derive(Clone)]
pub(super) struct Sieve([u64; 64]);

impl Sieve {
    fn insert(&mut self, row: usize) {
        let (word, bit) = Sieve::place(row);
        self.0[word] |= bit;
    }

    #[inline]
    pub fn passes(&self, row: usize) -> bool {
        let (word, bit) = Sieve::place(row);
        self.0[word] & bit != 0
    }

    fn place(row: usize) -> (usize, u64) {
        let hash = (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((hash >> 58) as usize, 1 << (hash >> 52 & 63))
    }
}

/// A reference of which one value is known, as that value.
fn known(term: Term) -> Term {
    match term {
        Term::Reference(field, values) => match <[Constant; 1]>::try_from(values) {
            Ok([value]) => Term::Constant(value),
            Err(values) => Term::Reference(field, values),
        },
        term => term,
    }
}

/// How the bytes of a term are ordered.
fn byte_order(term: &Term) -> ByteOrder {
    match term {
        Term::Field(field) => ByteOrder::of(field.kind),
        _ => ByteOrder::Length,
    }
}

/// The field and the shape of a term that is a recorded number, or some bits of one.
fn masked(term: &Term) -> Option<(FieldTerm, Shape)> {
    let (field, mask) = match term {
        Term::Field(field) => (field, u64::MAX),
        Term::Binary(Arithmetic::And, left, right) => match (&**left, &**right) {
            (Term::Field(field), Term::Constant(Constant::Integer(mask))) => (field, u64::try_from(*mask).ok()?),
            (Term::Field(field), Term::Constant(Constant::Ipv4 { address, mask: u32::MAX })) => {
                (field, u64::from(*address))
            }
            (Term::Field(field), Term::Constant(Constant::Ether(mask))) => (field, *mask),
            _ => return None,
        },
        _ => return None,
    };
    let kind = field.rows.first()?.recorded.kind;
    let derive = field.rows.first()?.maker.derive;
    let alike = |recorded: Kind| {
        let signed = |kind| matches!(kind, Kind::Signed(_));
        match recorded {
            Kind::Unsigned(_) | Kind::Signed(_) | Kind::Char | Kind::Frame => {
                signed(recorded) == signed(kind) && !matches!(kind, Kind::Boolean | Kind::Ipv4 | Kind::Ether)
            }
            Kind::Boolean | Kind::Ipv4 | Kind::Ether => recorded == kind,
            _ => false,
        }
    };
    if field.raw || !field.rows.iter().all(|row| alike(row.recorded.kind) && row.maker.derive == derive) {
        return None;
    }
    let shape = match (derive, kind) {
        (Derive::Same, Kind::Signed(_)) if mask != u64::MAX => return None,
        (Derive::Same, Kind::Signed(_)) => Shape { shift: 0, mask, flip: SIGN },
        (Derive::Same, _) => Shape { shift: 0, mask, flip: 0 },
        // The organisation is the first three of the six bytes.
        (Derive::Oui, Kind::Ether) => Shape { shift: 24, mask, flip: 0 },
        _ => return None,
    };
    Some((field.clone(), shape))
}

/// What turns the order of signed numbers into that of unsigned ones.
const SIGN: u64 = 1 << 63;

/// The bounds between which numbers pass.
fn number_test(shape: Shape, kind: Kind, order: Order, constant: &Constant) -> Option<NumberTest> {
    let test = |low, high, inside| NumberTest { shape, low, high, inside };
    if kind == Kind::Boolean {
        let Constant::Boolean(flag) = *constant else { return None };
        let passes = |value: bool| order.holds(value.cmp(&flag));
        return Some(match (passes(false), passes(true)) {
            (true, true) => test(0, u64::MAX, true),
            (true, false) => test(0, 0, true),
            (false, true) => test(1, u64::MAX, true),
            (false, false) => test(1, 0, true),
        });
    }
    let (value, shape) = match *constant {
        Constant::Integer(value) => (value, shape),
        Constant::Ipv4 { address, mask: u32::MAX } => (address.into(), shape),
        Constant::Ipv4 { address, mask } => (address.into(), Shape { mask: shape.mask & u64::from(mask), ..shape }),
        Constant::Ether(value) => (value.into(), shape),
        _ => return None,
    };
    let test = |low: i128, high: i128, inside| {
        let (low, high) = clamp(kind, low, high)?;
        Some(NumberTest { shape, low, high, inside })
    };
    match order {
        Order::Equal => test(value, value, true),
        Order::Different => test(value, value, false),
        Order::Greater => test(value.saturating_add(1), i128::MAX, true),
        Order::GreaterOrEqual => test(value, i128::MAX, true),
        Order::Less => test(i128::MIN, value.saturating_sub(1), true),
        Order::LessOrEqual => test(i128::MIN, value, true),
    }
}

/// Bounds as unsigned numbers, cut to what the kind can hold.
fn clamp(kind: Kind, low: i128, high: i128) -> Option<(u64, u64)> {
    let signed = matches!(kind, Kind::Signed(_));
    let (least, most) = if signed { (i64::MIN.into(), i64::MAX.into()) } else { (0, i128::from(u64::MAX)) };
    let (low, high) = (low.max(least), high.min(most));
    if low > high {
        return Some((1, 0));
    }
    let unsigned = |value: i128| if signed { value as i64 as u64 ^ SIGN } else { value as u64 };
    Some((unsigned(low), unsigned(high)))
}

/// Elements of a set of numbers, in order and without overlap.
fn number_set(kind: Kind, ends: &[(&Constant, &Constant)]) -> Option<Box<[(u64, u64)]>> {
    let mut set = Vec::with_capacity(ends.len());
    for (first, last) in ends {
        let (low, high) = match (first, last) {
            (Constant::Integer(first), Constant::Integer(last)) => (*first, *last),
            (Constant::Ether(first), Constant::Ether(last)) => (i128::from(*first), i128::from(*last)),
            (Constant::Ipv4 { address: first, .. }, Constant::Ipv4 { address, mask }) => {
                (i128::from(*first), i128::from(*address | !mask))
            }
            (Constant::Boolean(first), Constant::Boolean(last)) => {
                (i128::from(*first), if *last { i128::MAX } else { 0 })
            }
            _ => return None,
        };
        let (low, high) = clamp(kind, low, high)?;
        if low <= high {
            set.push((low, high));
        }
    }
    set.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::with_capacity(set.len());
    for (low, high) in set {
        match merged.last_mut() {
            Some(last) if low <= last.1 => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    Some(merged.into())
}

impl Shape {
    #[inline(always)]
    pub fn of(self, number: u64) -> u64 {
        (number >> self.shift & self.mask) ^ self.flip
    }
}

impl NumberTest {
    #[inline(always)]
    pub fn passes(self, number: u64) -> bool {
        let number = self.shape.of(number);
        (self.low <= number && number <= self.high) == self.inside
    }
}

impl Range {
    /// Whether a layer is in this range: `number` counts from 1 and up to `total`, negative positions from the last.
    pub(super) fn has_layer(self, number: usize, total: usize) -> bool {
        let (Ok(number), Ok(total)) = (i64::try_from(number), i64::try_from(total)) else { return false };
        let place = |at: i32| if at < 0 { total + 1 + i64::from(at) } else { at.into() };
        let first = place(self.first);
        first <= number
            && match self.end {
                End::Length(count) => number < first + i64::from(count),
                End::Last(last) => number <= place(last),
                End::Open => true,
            }
    }

    /// The bytes that this range takes of a sequence of `len`; none if the sequence is too short for it.
    pub(super) fn within(self, len: usize) -> Option<std::ops::Range<usize>> {
        let len = i64::try_from(len).ok()?;
        let place = |at: i32| if at < 0 { len + i64::from(at) } else { at.into() };
        let first = place(self.first);
        let end = match self.end {
            End::Length(count) => first + i64::from(count),
            End::Last(last) => place(last) + 1,
            End::Open => len,
        };
        if first < 0 || end <= first || end > len {
            return None;
        }
        Some(first as usize..end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Shape = Shape { shift: 0, mask: u64::MAX, flip: 0 };

    #[test]
    fn numbers_between_bounds() {
        let test = |order, value| number_test(PLAIN, Kind::Unsigned(16), order, &Constant::Integer(value)).unwrap();
        for (order, value, below, at, above) in [
            (Order::Equal, 80, false, true, false),
            (Order::Different, 80, true, false, true),
            (Order::Greater, 80, false, false, true),
            (Order::GreaterOrEqual, 80, false, true, true),
            (Order::Less, 80, true, false, false),
            (Order::LessOrEqual, 80, true, true, false),
            (Order::Greater, -5, true, true, true),
            (Order::Less, -5, false, false, false),
            (Order::Equal, -1, false, false, false),
            (Order::Different, -1, true, true, true),
            (Order::Less, 0, false, false, false),
        ] {
            let test = test(order, value);
            assert_eq!([79, 80, 81].map(|number| test.passes(number)), [below, at, above], "{order:?} {value}");
        }
    }

    #[test]
    fn signed_numbers_have_their_order() {
        let shape = Shape { flip: SIGN, ..PLAIN };
        let test = number_test(shape, Kind::Signed(32), Order::Less, &Constant::Integer(-1)).unwrap();
        assert_eq!([-5i64, -1, 0, 7].map(|number| test.passes(number as u64)), [true, false, false, false]);
    }

    #[test]
    fn sets_are_merged() {
        let constants = [443, 1, 80, 90, 85, 100].map(Constant::Integer);
        let [a, b, c, d, e, f] = constants.each_ref();
        let set = number_set(Kind::Unsigned(16), &[(a, a), (b, b), (c, d), (e, f), (d, c)]).unwrap();
        assert_eq!(&set[..], [(1, 1), (80, 100), (443, 443)]);
    }

    #[test]
    fn layers_in_ranges() {
        let layers = |first, end| (1..=4).filter(|layer| Range { first, end }.has_layer(*layer, 4)).collect::<Vec<_>>();
        assert_eq!(layers(2, End::Length(1)), [2]);
        assert!(layers(0, End::Length(1)).is_empty());
        assert_eq!(layers(0, End::Last(2)), [1, 2]);
        assert_eq!(layers(3, End::Last(9)), [3, 4]);
        assert_eq!(layers(2, End::Length(2)), [2, 3]);
        assert_eq!(layers(2, End::Open), [2, 3, 4]);
        assert_eq!(layers(-1, End::Length(1)), [4]);
        assert_eq!(layers(-2, End::Last(-1)), [3, 4]);
        assert_eq!(layers(-9, End::Open), [1, 2, 3, 4]);
        assert!(layers(9, End::Open).is_empty());
    }

    #[test]
    fn ranges_within() {
        let range = |first, end| Range { first, end }.within(10);
        assert_eq!(range(0, End::Length(2)), Some(0..2));
        assert_eq!(range(-4, End::Open), Some(6..10));
        assert_eq!(range(-4, End::Last(-3)), Some(6..8));
        assert_eq!(range(9, End::Length(2)), None);
        assert_eq!(range(10, End::Open), None);
        assert_eq!(range(-11, End::Open), None);
        assert_eq!(range(i32::MAX, End::Length(i32::MAX)), None);
        assert_eq!(range(1, End::Last(-1)), Some(1..10));
    }
}
