//! A compiled filter as text: one line for each test, in the order in which they are made.

use std::fmt::{self, Write};

use super::check::symbol;
use super::compile::{BytesTest, Node, NumberTest, Place, Shape, Source, TermTest, ValueTest};
use super::literal::{Constant, NANOS};
use super::parse::Quantifier;
use super::print::{Ranges, quoted};
use super::run::Datum;

/// Lists what a filter does with a packet.
pub(super) fn listing(node: &Node) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    _ = list(node, 0, &mut out);
    out
}

fn list(node: &Node, depth: usize, out: &mut String) -> fmt::Result {
    for _ in 0..depth {
        out.push_str("  ");
    }
    let mut nested = |word: &str, parts: &[Node]| {
        writeln!(out, "{word}")?;
        parts.iter().try_for_each(|part| list(part, depth + 1, out))
    };
    match node {
        Node::And(parts) => return nested("and", parts),
        Node::Or(parts) => return nested("or", parts),
        Node::Xor(parts) => return nested("xor", parts),
        Node::Not(inner) => return nested("not", std::slice::from_ref(inner)),
        Node::Always(value) => write!(out, "{value}")?,
        Node::Exists(place) => {
            out.push_str("exists  ");
            written(place, out)?;
        }
        Node::Number { place, quantifier, test } => {
            head("number", *quantifier, place, out)?;
            let NumberTest { shape, low, high, inside } = *test;
            shaped(shape, out)?;
            match (low == high, inside) {
                (true, true) => write!(out, "== {low:#x}")?,
                (true, false) => write!(out, "!= {low:#x}")?,
                (false, _) if low > high => out.push_str(if inside { "never" } else { "always" }),
                (false, true) => write!(out, "in {low:#x}..{high:#x}")?,
                (false, false) => write!(out, "not in {low:#x}..{high:#x}")?,
            }
        }
        Node::NumberSet { place, quantifier, shape, set } => {
            head("numbers", *quantifier, place, out)?;
            shaped(*shape, out)?;
            out.push_str("in");
            for (low, high) in set {
                match low == high {
                    true => write!(out, " {low:#x}")?,
                    false => write!(out, " {low:#x}..{high:#x}")?,
                }
            }
        }
        Node::Value { place, quantifier, test } => {
            head("value", *quantifier, place, out)?;
            match test {
                ValueTest::Compare(order, datum) => {
                    write!(out, "{} ", order.sign())?;
                    self::datum(datum, out)?;
                }
                ValueTest::Set(set) => {
                    out.push_str("in");
                    for (low, high) in set {
                        out.push(' ');
                        datum(low, out)?;
                        out.push_str("..");
                        datum(high, out)?;
                    }
                }
            }
        }
        Node::Bytes { place, slice, quantifier, test } => {
            head("bytes", *quantifier, place, out)?;
            if let Some(range) = slice {
                write!(out, "{} ", Ranges(&[*range]))?;
            }
            match test {
                BytesTest::Compare(order, bytes, _) => {
                    write!(out, "{} ", order.sign())?;
                    quoted(bytes, '"', out)?;
                }
                BytesTest::Contains(finder) => {
                    out.push_str("contains ");
                    quoted(finder.needle(), '"', out)?;
                }
                BytesTest::Matches(pattern) => write!(out, "matches {pattern}")?,
                BytesTest::Set(set, _) => {
                    out.push_str("in");
                    for (low, high) in set {
                        out.push(' ');
                        quoted(low, '"', out)?;
                        out.push_str("..");
                        quoted(high, '"', out)?;
                    }
                }
            }
        }
        Node::Terms { left, quantifier, test } => {
            write!(out, "terms   {quantifier} ")?;
            source(left, out)?;
            match test {
                TermTest::NotZero => out.push_str(" != 0"),
                TermTest::HasBytes => out.push_str(" has bytes"),
                TermTest::Compare(order, right) => {
                    write!(out, " {} ", order.sign())?;
                    source(right, out)?;
                }
                TermTest::Contains(right) => {
                    out.push_str(" contains ");
                    source(right, out)?;
                }
                TermTest::Matches(pattern) => write!(out, " matches {pattern}")?,
                TermTest::In(set) => {
                    out.push_str(" in");
                    for (first, last) in set {
                        out.push(' ');
                        source(first, out)?;
                        if let Some(last) = last {
                            out.push_str("..");
                            source(last, out)?;
                        }
                    }
                }
            }
        }
    }
    out.push('\n');
    Ok(())
}

fn head(word: &str, quantifier: Quantifier, place: &Place, out: &mut String) -> fmt::Result {
    write!(out, "{word:7} {quantifier} ")?;
    written(place, out)?;
    out.push(' ');
    Ok(())
}

/// Where values are taken from.
fn written(place: &Place, out: &mut String) -> fmt::Result {
    if place.raw {
        out.push('@');
    }
    out.push_str(place.name);
    if !place.layers.is_empty() {
        write!(out, "#{}", Ranges(&place.layers))?;
    }
    if place.whole {
        out.push_str(" (all it carries)");
    }
    Ok(())
}

fn shaped(shape: Shape, out: &mut String) -> fmt::Result {
    match (shape.shift, shape.mask) {
        (0, u64::MAX) => {}
        (0, mask) => write!(out, "& {mask:#x} ")?,
        (shift, u64::MAX) => write!(out, ">> {shift} ")?,
        (shift, mask) => write!(out, ">> {shift} & {mask:#x} ")?,
    }
    if shape.flip != 0 {
        write!(out, "^ {:#x} ", shape.flip)?;
    }
    Ok(())
}

fn datum(datum: &Datum, out: &mut String) -> fmt::Result {
    match *datum {
        Datum::Integer(number) => write!(out, "{number}"),
        Datum::Double(number) => write!(out, "{number:?}"),
        Datum::Ipv4 { address, mask } => {
            write!(out, "{}/{}", std::net::Ipv4Addr::from_bits(address), mask.count_ones())
        }
        Datum::Ipv6 { address, mask } => {
            write!(out, "{}/{}", std::net::Ipv6Addr::from_bits(address), mask.count_ones())
        }
        Datum::Time(nanos) => write!(out, "{}.{:09}", nanos.div_euclid(NANOS), nanos.rem_euclid(NANOS)),
        // Bytes are constants, and in hand only while a packet is looked at.
        Datum::Bytes { len, .. } => write!(out, "{len} bytes"),
    }
}

fn constant(constant: &Constant, out: &mut String) -> fmt::Result {
    match constant {
        Constant::Bytes(bytes) => quoted(bytes, '"', out),
        Constant::Ether(address) => write!(out, "{address:#014x}"),
        constant => Datum::of_constant(constant).map_or(Ok(()), |value| datum(&value, out)),
    }
}

fn source(what: &Source, out: &mut String) -> fmt::Result {
    match what {
        Source::Field(place) => written(place, out),
        Source::Constant(value) => constant(value, out),
        Source::Constants(values) => {
            out.push('{');
            for (place, value) in values.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                constant(value, out)?;
            }
            out.push('}');
            Ok(())
        }
        Source::Slice(inner, ranges) => {
            source(inner, out)?;
            write!(out, "{}", Ranges(ranges))
        }
        Source::Negative(inner) => {
            out.push('-');
            source(inner, out)
        }
        Source::Binary(operator, left, right) => {
            out.push('{');
            source(left, out)?;
            write!(out, " {} ", symbol(*operator))?;
            source(right, out)?;
            out.push('}');
            Ok(())
        }
        Source::Call(function, arguments) => {
            write!(out, "{}(", function.name())?;
            for (place, argument) in arguments.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                source(argument, out)?;
            }
            out.push(')');
            Ok(())
        }
    }
}
