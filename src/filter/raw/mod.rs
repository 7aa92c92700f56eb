//! What of a filter the headers of a raw frame decide, before anything is dissected.
//!
//! ```text
//!  compiled filter ──▶ tests of headers ──▶ on the raw frame: no · yes · unknown
//!                             │                      (no: nothing is dissected for the filter)
//!                             └──▶ BPF in the kernel: what it rejects, the filter rejects
//! ```
//!
//! Each test answers no, yes or *unknown*, and `and`, `or` and `not` keep what is unknown unknown unless the other side decides (Kleene's
//! logic). So whatever the walk over the headers cannot tell, a tag too many, a fragment, a tunnel, a field that no header has,
//! makes the answer unknown, and the filter is asked of the dissected packet. No is said only where the filter says no; that
//! rests on [`headers`], which knows when a frame has no other layer below what stands above its transport. Yes is said only where
//! the filter says yes, also of an open frame: a layer that was seen is there with the values that were read, whatever else there is.
//!
//! A field of a layer that a closed frame does not have is absent from it: so `icmp.type == 8` rejects every plain segment of TCP,
//! and `dns` one without data.

mod kernel;
mod keys;

use std::net::{IpAddr, Ipv4Addr};

use foldhash::HashMap;

use super::compile::{BytesTest, Node, NumberTest, Place, Shape, Source, TermTest, ValueTest};
use super::literal::Constant;
use super::parse::{Arithmetic, End, Order, Quantifier, Range};
use super::run::Datum;
use crate::capture::Frame;
use crate::dissect::{Address, Conversation, Kind, Protocol, Registry};
use crate::filter::between;
use crate::glance::headers::{self, Ground, Headers, Layers};
pub use kernel::Reach;
use keys::Key;

/// What is known of a frame before it is dissected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Early {
    /// What the filter says; nothing where its headers do not tell.
    pub answer: Option<bool>,
    /// It is rejected, as is every plain packet of its conversation.
    pub whole_conversation: bool,
    /// Only its own conversation is in it, if any; and it is no piece of a packet.
    pub is_apart: bool,
}

/// The tests of headers that a filter has.
#[derive(Clone)]
pub(super) struct Raw {
    test: Test,
    /// What of it says the same of all plain packets of a conversation.
    of_conversations: Test,
    ground: Ground,
}

#[derive(Clone)]
enum Test {
    /// No header tells.
    Unknown,
    Always(bool),
    And(Box<[Test]>),
    Or(Box<[Test]>),
    Xor(Box<[Test]>),
    Not(Box<Test>),
    /// A layer is there.
    Layer(Layers),
    /// What none but these layers have, and these protocols above transports.
    Of {
        layers: Layers,
        upper: Box<[&'static Protocol]>,
    },
    /// A field is there.
    Exists(&'static Key),
    Number {
        key: &'static Key,
        quantifier: Quantifier,
        test: NumberTest,
    },
    Numbers {
        key: &'static Key,
        quantifier: Quantifier,
        shape: Shape,
        set: Box<[(u64, u64)]>,
    },
    /// An address of IPv6.
    Address {
        key: &'static Key,
        quantifier: Quantifier,
        test: ValueTest,
    },
}

impl Raw {
    /// Takes from a compiled filter what headers decide; none where that is nothing.
    pub fn of(node: &Node, registry: &Registry) -> Option<Raw> {
        let ground = Ground::of(registry)?;
        let test = Builder { registry, known: HashMap::default() }.test(node);
        (test.can_say(false) || test.can_say(true)).then(|| Raw {
            of_conversations: test.of_conversations(true),
            test,
            ground,
        })
    }

    /// What the filter says of a frame, as far as its headers tell. No is said only of closed frames: what others carry may be what
    /// later frames go on with, whoever rejects it.
    pub fn early(&self, headers: &Headers) -> Early {
        let answer = self.test.answer(headers).filter(|&answer| answer || headers.closed);
        let whole_conversation = answer == Some(false) && self.of_conversations.answer(headers) == Some(false);
        Early { answer, whole_conversation, is_apart: headers.closed || headers.apart }
    }

    /// The headers of a frame, as it walks over them.
    pub fn headers<'a>(&self, frame: &'a Frame<'a>) -> Headers<'a> {
        Headers::of(frame, &self.ground)
    }

    /// Whether there are frames that it rejects for what their headers say.
    pub fn rejects(&self) -> bool {
        self.test.can_say(false)
    }

    /// Whether more is decided of a segment once it is known what the memory says of it.
    pub fn gains(&self) -> bool {
        self.test.gains()
    }

    /// What it says of a segment of which that is known.
    pub fn late(&self, headers: &Headers) -> Option<bool> {
        self.test.answer(headers)
    }

    /// A display filter for the conversation of a frame; see [`Headers::conversation`].
    pub fn conversation(&self, frame: &Frame) -> Option<String> {
        let (transport, Conversation { source, destination, source_port, destination_port }) =
            self.headers(frame).conversation()?;
        let transport = if transport == headers::TCP { "tcp" } else { "udp" };
        Some(between(transport, [(ip(source)?, source_port), (ip(destination)?, destination_port)]))
    }

    /// Whether there are conversations of which it rejects every plain packet.
    pub fn rejects_conversations(&self) -> bool {
        self.of_conversations.can_say(false)
    }

    /// Whether headers decide the part of the filter at this place of its outermost `and`, or all of it where it is none.
    pub fn decides_part(&self, place: usize) -> bool {
        self.part(place).is_some_and(|part| part.can_say(false))
    }

    /// Whether more of that part is decided once it is known what the memory says of a segment, and what it carries.
    pub fn gains_part(&self, place: usize) -> bool {
        self.part(place).is_some_and(Test::gains)
    }

    fn part(&self, place: usize) -> Option<&Test> {
        match &self.test {
            Test::And(parts) => parts.get(place),
            test => Some(test).filter(|_| place == 0),
        }
    }

    /// An expression of `pcap-filter(7)` that lets pass what the filter does, and more; none where that would be everything.
    pub fn kernel(&self, reach: Reach) -> Option<String> {
        match reach.whole_conversations {
            true => kernel::expression(&self.of_conversations, &self.ground, reach),
            false => kernel::expression(&self.test, &self.ground, reach),
        }
    }
}

/// The layers that have a field, and the protocols above transports that have it.
type Owners = (Layers, Box<[&'static Protocol]>);

/// Finds tests for the nodes of a filter.
struct Builder<'r> {
    registry: &'r Registry,
    /// The layers that have a field, by its name.
    known: HashMap<&'static str, Option<Owners>>,
}

impl Builder<'_> {
    fn test(&mut self, node: &Node) -> Test {
        let mut all = |parts: &[Node]| parts.iter().map(|part| self.test(part)).collect();
        match node {
            Node::Always(value) => Test::Always(*value),
            Node::And(parts) => Test::And(all(parts)),
            Node::Or(parts) => Test::Or(all(parts)),
            Node::Xor(parts) => Test::Xor(all(parts)),
            Node::Not(inner) => Test::Not(Box::new(self.test(inner))),
            Node::Exists(place) if place.kind == Kind::Protocol && is_plain(place) => {
                match headers::layer(place.name) {
                    Some(layer) if layer & headers::SURE != 0 => Test::Layer(layer),
                    _ => self.owned(place),
                }
            }
            Node::Exists(place) => self.read(place).map_or_else(|| self.owned(place), Test::Exists),
            Node::Number { place, quantifier, test } => match self.read(place) {
                Some(key) => Test::Number { key, quantifier: *quantifier, test: *test },
                None => self.owned(place),
            },
            Node::NumberSet { place, quantifier, shape, set } => match self.read(place) {
                Some(key) => Test::Numbers { key, quantifier: *quantifier, shape: *shape, set: set.clone() },
                None => self.owned(place),
            },
            Node::Value { place, quantifier, test } => match self.read(place) {
                Some(key) if place.kind == Kind::Ipv6 => {
                    Test::Address { key, quantifier: *quantifier, test: test.clone() }
                }
                _ => self.owned(place),
            },
            Node::Bytes {
                place,
                slice: Some(range),
                quantifier: Quantifier::Any,
                test: BytesTest::Compare(Order::Equal, bytes, _),
            } => byte_test(place, &[*range], u64::MAX, Some(bytes)).unwrap_or_else(|| self.owned(place)),
            Node::Bytes { place, .. } => self.owned(place),
            Node::Terms { left: Source::Binary(Arithmetic::And, left, right), quantifier: Quantifier::Any, test } => {
                let masked = match (&**left, &**right, test) {
                    (Source::Slice(inner, ranges), Source::Constant(Constant::Bytes(mask)), test) => {
                        match (&**inner, &**mask, test) {
                            (Source::Field(place), [mask], TermTest::NotZero) => {
                                byte_test(place, ranges, (*mask).into(), None)
                            }
                            (
                                Source::Field(place),
                                [mask],
                                TermTest::Compare(Order::Equal, Source::Constant(Constant::Bytes(bytes))),
                            ) => byte_test(place, ranges, (*mask).into(), Some(bytes)),
                            _ => None,
                        }
                    }
                    _ => None,
                };
                masked.unwrap_or_else(|| left.only_place().map_or(Test::Unknown, |place| self.owned(place)))
            }
            // What is computed of a field that is absent has no value.
            Node::Terms { left, test, .. } => match (left.only_place(), test) {
                (Some(place), TermTest::NotZero | TermTest::HasBytes | TermTest::Compare(..) | TermTest::In(_)) => {
                    self.owned(place)
                }
                _ => Test::Unknown,
            },
        }
    }

    /// What is read from a header for the values of a place.
    fn read(&self, place: &Place) -> Option<&'static Key> {
        keys::named(place.name).filter(|_| is_plain(place))
    }

    /// What is known of a field from the layers that have it.
    fn owned(&mut self, place: &Place) -> Test {
        let registry = self.registry;
        let owners = || {
            let (mut layers, mut upper): (Layers, Vec<&'static Protocol>) = (0, Vec::new());
            let mut fields = registry.all_fields().filter(|field| place.rows.has(field)).peekable();
            fields.peek()?;
            for field in fields {
                let mut owners = registry.protocols().iter().filter(|protocol| protocol.has(field)).peekable();
                owners.peek()?;
                for owner in owners.copied() {
                    match headers::layer(owner.name()) {
                        Some(layer) => layers |= layer,
                        None if registry.is_lower(owner) => {}
                        None => upper.push(owner),
                    }
                }
            }
            Some((layers, upper.into()))
        };
        match self.known.entry(place.name).or_insert_with(owners) {
            Some((layers, upper)) if *layers & headers::FRAME == 0 => {
                Test::Of { layers: *layers, upper: upper.clone() }
            }
            _ => Test::Unknown,
        }
    }
}

/// A test of one byte of the header of TCP, as capture filters make it: of masked bits that are a number, or not zero.
fn byte_test(place: &Place, ranges: &[Range], mask: u64, bytes: Option<&[u8]>) -> Option<Test> {
    let key = match (place.name, ranges) {
        ("tcp", [Range { first: 12, end: End::Length(1) }]) => keys::named("tcp[12]"),
        ("tcp", [Range { first: 13, end: End::Length(1) }]) => keys::named("tcp[13]"),
        _ => None,
    };
    let (low, high) = match bytes {
        None => (1, u64::MAX),
        Some(&[byte]) => (byte.into(), byte.into()),
        Some(_) => return None,
    };
    let shape = Shape { shift: 0, mask, flip: 0 };
    let test = NumberTest { shape, low, high, inside: true };
    key.filter(|_| is_plain(place)).map(|key| Test::Number { key, quantifier: Quantifier::Any, test })
}

fn ip(address: Address) -> Option<IpAddr> {
    match address {
        Address::V4(address) => Some(Ipv4Addr::from_bits(address).into()),
        Address::V6(address) => Some(address.into()),
        Address::None | Address::Ether(_) => None,
    }
}

/// Whether every value of a field counts, and as it is.
fn is_plain(place: &Place) -> bool {
    place.layers.is_empty() && place.makers.is_empty() && !place.raw
}

impl Source {
    /// The one place that values are taken from, where without them there is nothing.
    fn only_place(&self) -> Option<&Place> {
        match self {
            Source::Field(place) => Some(place),
            Source::Constant(_) | Source::Constants(_) => None,
            Source::Slice(inner, _) | Source::Negative(inner) => inner.only_place(),
            Source::Binary(_, left, right) => left.only_place().or_else(|| right.only_place()),
            Source::Call(_, arguments) => match &arguments[..] {
                [argument] => argument.only_place(),
                _ => None,
            },
        }
    }
}

impl Test {
    /// Whether there may be a frame for which this is the answer of its headers.
    fn can_say(&self, answer: bool) -> bool {
        match (self, answer) {
            (Test::Unknown, _) | (Test::Of { .. }, true) => false,
            (test, true) if test.reads_known() => false,
            (Test::And(parts), false) | (Test::Or(parts), true) => parts.iter().any(|part| part.can_say(answer)),
            (Test::And(parts), true) | (Test::Or(parts), false) => parts.iter().all(|part| part.can_say(answer)),
            (Test::Xor(parts), _) => parts.iter().all(|part| part.can_say(true) || part.can_say(false)),
            (Test::Not(inner), answer) => inner.can_say(!answer),
            _ => true,
        }
    }

    /// Whether it is a test of what the memory knows of a segment.
    fn reads_known(&self) -> bool {
        match self {
            Test::Exists(key) | Test::Number { key, .. } | Test::Numbers { key, .. } => {
                key.there == headers::SEGMENT_KNOWN
            }
            _ => false,
        }
    }

    /// Whether what the memory knows of a segment, and that nothing stands above it, can decide what its headers do not.
    fn gains(&self) -> bool {
        match self {
            Test::And(parts) | Test::Or(parts) | Test::Xor(parts) => parts.iter().any(Test::gains),
            Test::Not(inner) => inner.gains(),
            Test::Of { upper, .. } => !upper.is_empty(),
            test => test.reads_known(),
        }
    }

    /// The test that says the same of all closed frames of a conversation, which are those between the same two ends of the same
    /// transport: where that is not this one, one that says no (if `widen`, else yes) of fewer.
    fn of_conversations(&self, widen: bool) -> Test {
        const OF_ALL: Layers = headers::ARP
            | headers::IPV4
            | headers::IPV6
            | headers::ICMP
            | headers::ICMPV6
            | headers::TCP
            | headers::UDP;
        let parts = |parts: &[Test]| -> Box<[Test]> { parts.iter().map(|part| part.of_conversations(widen)).collect() };
        // A test of one end says no of both directions where it says so of either end.
        let both = |key: &'static Key, quantifier: Quantifier| match keys::either(key) {
            _ if key.layer == headers::ETHERNET => None,
            Some(either) if std::ptr::eq(either, key) => Some((key, quantifier)),
            Some(either) if widen => Some((either, Quantifier::Any)),
            _ if matches!(key.name, "ip.proto" | "ipv6.nxt") => Some((key, quantifier)),
            _ => None,
        };
        match self {
            Test::Always(_) => self.clone(),
            Test::Exists(key) | Test::Number { key, .. } | Test::Numbers { key, .. } if self.reads_known() => {
                Test::Of { layers: key.layer, upper: Box::default() }
            }
            Test::And(all) => Test::And(parts(all)),
            Test::Or(all) => Test::Or(parts(all)),
            Test::Not(inner) => Test::Not(Box::new(inner.of_conversations(!widen))),
            Test::Layer(layers) if layers & !OF_ALL == 0 => self.clone(),
            Test::Of { layers, upper } if layers & !OF_ALL == 0 && upper.is_empty() => self.clone(),
            Test::Exists(key) => both(key, Quantifier::Any).map_or(Test::Unknown, |(key, _)| Test::Exists(key)),
            Test::Number { key, quantifier, test } => both(key, *quantifier)
                .map_or(Test::Unknown, |(key, quantifier)| Test::Number { key, quantifier, test: *test }),
            Test::Numbers { key, quantifier, shape, set } => {
                both(key, *quantifier).map_or(Test::Unknown, |(key, quantifier)| Test::Numbers {
                    key,
                    quantifier,
                    shape: *shape,
                    set: set.clone(),
                })
            }
            Test::Address { key, quantifier, test } => both(key, *quantifier)
                .map_or(Test::Unknown, |(key, quantifier)| Test::Address { key, quantifier, test: test.clone() }),
            Test::Unknown | Test::Xor(_) | Test::Layer(_) | Test::Of { .. } => Test::Unknown,
        }
    }

    fn answer(&self, headers: &Headers) -> Option<bool> {
        match self {
            Test::Unknown => None,
            Test::Always(value) => Some(*value),
            Test::And(parts) => all(parts.iter().map(|part| part.answer(headers))),
            Test::Or(parts) => {
                all(parts.iter().map(|part| part.answer(headers).map(|answer| !answer))).map(|none| !none)
            }
            Test::Xor(parts) => {
                parts.iter().try_fold(false, |odd, part| part.answer(headers).map(|answer| odd ^ answer))
            }
            Test::Not(inner) => inner.answer(headers).map(|answer| !answer),
            Test::Layer(layer) => match headers.layers & layer {
                0 => headers.closed.then_some(false),
                _ => Some(true),
            },
            Test::Of { layers, upper } => {
                let is_absent = headers.layers & layers == 0 && (upper.is_empty() || headers.lacks_upper(upper));
                (headers.closed && is_absent).then_some(false)
            }
            Test::Exists(key) => {
                judge(headers, key, Quantifier::Any, |take| keys::any(headers, key, take), |_: u64| true)
            }
            Test::Number { key, quantifier, test } => {
                judge(headers, key, *quantifier, |take| keys::any(headers, key, take), |number| test.passes(number))
            }
            Test::Numbers { key, quantifier, shape, set } => {
                let passes = |number| {
                    let number = shape.of(number);
                    let after = set.partition_point(|range| range.0 <= number);
                    after > 0 && number <= set[after - 1].1
                };
                judge(headers, key, *quantifier, |take| keys::any(headers, key, take), passes)
            }
            Test::Address { key, quantifier, test } => {
                let passes = |address| test.passes(Datum::Ipv6 { address, mask: u128::MAX });
                judge(headers, key, *quantifier, |take| keys::any_address(headers, key, take), passes)
            }
        }
    }
}

/// Whether all answers are yes: no as soon as one is no, unknown where one is.
#[inline]
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(true)
}

/// Whether any or all of the values of a field pass, of which an open frame may have more.
#[inline]
fn judge<T>(
    headers: &Headers,
    key: &Key,
    quantifier: Quantifier,
    any: impl FnOnce(&mut dyn FnMut(T) -> bool) -> bool,
    passes: impl Fn(T) -> bool,
) -> Option<bool> {
    if headers.layers & key.there == 0 {
        // A header that is there and too short for it is none that anything is said of.
        return (headers.closed && headers.layers & key.layer == 0).then_some(false);
    }
    let is_any = quantifier == Quantifier::Any;
    let decided = any(&mut |value| passes(value) == is_any);
    // Of the frame itself there is one.
    let is_last = headers.closed || key.layer == headers::FRAME;
    if decided { Some(is_any) } else { is_last.then_some(!is_any) }
}
