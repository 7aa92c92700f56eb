//! Doubts: what the language allows and hardly anybody means.
//!
//! A doubt is no error: the filter runs, and does what it says. It is found where types are checked, and knows no packet: what is
//! said here to be never true is so for all of them.

use super::check::{Function, Term};
use super::error::{Error, Span};
use super::literal::Constant;
use super::parse::{Arithmetic, Comparison, End, Order, Range, integer};
use crate::dissect::{Kind, Registry};

/// A name that a field had before.
pub(super) fn name(word: &str, now: &str, span: Span) -> Option<Error> {
    let old = word.strip_prefix('.').unwrap_or(word);
    (old != now).then(|| Error::at(span, format!("`{old}` is called `{now}` now")))
}

/// `tcp.flags.syn` alone: a flag is there whether it is set or not.
pub(super) fn existence(term: &Term, written: &str, negated: bool, span: Span) -> Option<Error> {
    let Term::Field(field) = term else { return None };
    if field.kind != Kind::Boolean {
        return None;
    }
    let (value, state) = if negated { (0, "not set") } else { (1, "set") };
    let error = Error::at(span, format!("`{written}` asks whether the flag is there, set or not"));
    Some(error.hint(format!("to ask whether it is {state}: `{written} == {value}`")))
}

/// `ip.addr != x`: what all of several values have to be is seldom what was thought of.
pub(super) fn difference(term: &Term, registry: &Registry, left: &str, right: &str, span: Span) -> Option<Error> {
    let Term::Field(field) = term else { return None };
    let [source, destination] = ends(field.name)?;
    let known = |name: &str| registry.all_fields().any(|field| field.name == name);
    if !known(&source) || !known(&destination) {
        return None;
    }
    let message =
        format!("`{left} !=` asks that neither {source} nor {destination} is this, in packets that have them");
    let error = Error::at(span, message).hint(format!("that one of them differs: `{left} !== {right}`"));
    Some(error.hint(format!("every packet without this value: `!({left} == {right})`")))
}

/// The names of the two fields that one like `ip.addr` or `tcp.port` is made of.
fn ends(name: &str) -> Option<[String; 2]> {
    let (protocol, part) = name.rsplit_once('.')?;
    let [source, destination] = match part {
        "addr" => ["src", "dst"],
        "port" => ["srcport", "dstport"],
        "host" => ["src_host", "dst_host"],
        "addr_resolved" => ["src_resolved", "dst_resolved"],
        _ => return None,
    };
    Some([format!("{protocol}.{source}"), format!("{protocol}.{destination}")])
}

/// A comparison that has the same answer for all values.
pub(super) fn comparison(
    left: &Term,
    comparison: Comparison,
    right: &Term,
    (written, value): (&str, &str),
    span: Span,
) -> Option<Error> {
    let Term::Constant(constant) = right else { return None };
    let order = comparison.order;
    if let Some(number) = number(constant) {
        let (low, high, mask) = domain(left)?;
        let (never, why) = if mask.is_some_and(|mask| number & !mask != 0) && order.is_equality() {
            (order == Order::Equal, format!("`{written}` has no bit that is not in the mask"))
        } else {
            let ends = [low.cmp(&number), high.cmp(&number)];
            // Between the ends lies the value itself, if it does.
            let inside = ends[0].is_le() && ends[1].is_ge();
            let possible = ends.iter().any(|end| order.holds(*end)) || inside && order.holds(std::cmp::Ordering::Equal);
            let certain =
                ends.iter().all(|end| order.holds(*end)) && (!inside || order.holds(std::cmp::Ordering::Equal));
            if possible && !certain {
                return None;
            }
            (!possible, range(written, low, high))
        };
        return Some(verdict(never, &why, span));
    }
    let Constant::Bytes(bytes) = constant else { return None };
    if let Some(doubt) = cased(left, bytes, span).filter(|_| order == Order::Equal) {
        return Some(doubt);
    }
    let len = length(left)?;
    if len == bytes.len() {
        return None;
    }
    let never = !order.holds(len.cmp(&bytes.len()));
    let many = |count: usize| if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") };
    let why = match order.is_equality() {
        true => format!("`{written}` has {}, `{value}` is {}", many(len), many(bytes.len())),
        false => format!("bytes are ordered by their number first, and `{written}` has {}", many(len)),
    };
    let doubt = verdict(never, &why, span);
    let hex = integer(value).filter(|number| len < 8 && number >> (8 * len) == 0);
    Some(match hex {
        Some(number) => {
            let digits = format!("{number:0width$x}", width = 2 * len);
            let pairs: Vec<&str> = (0..len).map(|at| &digits[2 * at..2 * at + 2]).collect();
            doubt.hint(format!("bytes are written in hexadecimal: {number} is `{}`", pairs.join(":")))
        }
        None => doubt,
    })
}

/// A search that finds nothing in any value.
pub(super) fn containing(left: &Term, right: &Term, span: Span) -> Option<Error> {
    let Term::Constant(Constant::Bytes(bytes)) = right else { return None };
    if bytes.is_empty() {
        return Some(verdict(true, "nothing is not found in anything", span));
    }
    if let Some(doubt) = cased(left, bytes, span) {
        return Some(doubt);
    }
    let len = length(left).filter(|len| *len < bytes.len())?;
    Some(verdict(true, &format!("{} bytes are not found in {len}", bytes.len()), span))
}

/// An element of a set that no value is in.
pub(super) fn element(left: &Term, first: &Term, last: Option<&Term>, span: Span) -> Option<Error> {
    let (Term::Constant(first), Term::Constant(last)) = (first, last.unwrap_or(first)) else { return None };
    let (first, last) = (number(first)?, number(last)?);
    if first > last {
        return Some(Error::at(span, "there is nothing in this range: its first value is greater than its last"));
    }
    let (low, high, _) = domain(left)?;
    (last < low || first > high).then(|| Error::at(span, format!("no value is here: it is {low} to {high}")))
}

/// A slice that has nothing in any value of this kind.
pub(super) fn slice(kind: Kind, ranges: &[Range], written: &str, span: Span) -> Option<Error> {
    let len = size(kind)?;
    let first = ranges.first()?;
    first.within(len).is_none().then(|| Error::at(span, format!("`{written}` has {len} bytes, and none of these")))
}

/// Layers that there are not.
pub(super) fn layers(ranges: &[Range], span: Span) -> Option<Error> {
    let none = |range: &Range| range.first == 0 && matches!(range.end, End::Length(1) | End::Last(0));
    ranges.iter().all(none).then(|| Error::at(span, "layers count from 1: there is no layer 0"))
}

fn verdict(never: bool, why: &str, span: Span) -> Error {
    let verdict = if never { "this can never be true" } else { "this is always true where the field is there" };
    Error::at(span, format!("{verdict}: {why}"))
}

fn range(written: &str, low: i128, high: i128) -> String {
    format!("`{written}` is {low} to {high}")
}

/// Text in capital letters has no small one, and the other way round.
fn cased(left: &Term, bytes: &[u8], span: Span) -> Option<Error> {
    let Term::Call(function, _) = left else { return None };
    let (wrong, letters): (fn(&u8) -> bool, _) = match function {
        Function::Upper => (u8::is_ascii_lowercase, "small"),
        Function::Lower => (u8::is_ascii_uppercase, "capital"),
        _ => return None,
    };
    bytes.iter().any(wrong).then(|| verdict(true, &format!("there are no {letters} letters left"), span))
}

fn number(constant: &Constant) -> Option<i128> {
    match *constant {
        Constant::Integer(number) => Some(number),
        Constant::Boolean(flag) => Some(flag.into()),
        _ => None,
    }
}

/// The least and the greatest value of a term, and the bits that it can have, where only some.
fn domain(term: &Term) -> Option<(i128, i128, Option<i128>)> {
    let unsigned = |bits: u8| Some((0, i128::from(u64::MAX >> (64 - bits.clamp(1, 64))), None));
    match term {
        Term::Field(field) => match field.kind {
            Kind::Boolean => unsigned(1),
            Kind::Char => unsigned(8),
            Kind::Frame => unsigned(32),
            Kind::Eui64 => unsigned(64),
            Kind::Unsigned(bits) => unsigned(bits),
            Kind::Signed(bits) => {
                let half = 1i128 << (bits.clamp(1, 64) - 1);
                Some((-half, half - 1, None))
            }
            _ => None,
        },
        Term::Binary(Arithmetic::And, left, right) => match (&**left, &**right) {
            (Term::Field(_), Term::Constant(Constant::Integer(mask @ 0..))) => Some((0, *mask, Some(*mask))),
            _ => None,
        },
        Term::Call(Function::Len | Function::Count, _) => unsigned(32),
        Term::Call(Function::Max | Function::Min, arguments) => match &arguments[..] {
            [one] => domain(one),
            _ => None,
        },
        _ => None,
    }
}

/// The bytes of a term, where they are always as many.
fn length(term: &Term) -> Option<usize> {
    let Term::Slice(inner, ranges) = term else { return None };
    let whole = match &**inner {
        Term::Field(field) if !field.raw => size(field.kind),
        inner => length(inner),
    };
    ranges.iter().try_fold(0usize, |sum, range| {
        let len = match (range.end, whole) {
            (_, Some(whole)) => range.within(whole)?.len(),
            (End::Length(len), None) => usize::try_from(len).ok()?,
            (End::Last(last), None) => usize::try_from(last.checked_sub(range.first)?.checked_add(1)?).ok()?,
            (End::Open, None) => usize::try_from(range.first.checked_neg()?).ok().filter(|len| *len > 0)?,
        };
        // One part alone, where others do not fit, is shorter than all together.
        (ranges.len() == 1 || whole.is_some()).then(|| sum.checked_add(len)).flatten()
    })
}

/// The bytes of values of a kind, where they are always as many.
fn size(kind: Kind) -> Option<usize> {
    Some(match kind {
        Kind::Ether => 6,
        Kind::Ipv4 => 4,
        Kind::Ipv6 | Kind::Guid => 16,
        Kind::Eui64 => 8,
        _ => return None,
    })
}

impl Order {
    fn is_equality(self) -> bool {
        matches!(self, Order::Equal | Order::Different)
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::Filter;
    use crate::protocols::registry;

    #[test]
    fn what_is_hardly_meant() {
        let registry = registry();
        for (expression, part, said) in [
            ("tcp.flags.syn && !tcp.flags.ack", "tcp.flags.syn", "`tcp.flags.syn == 1`"),
            ("tcp and !tcp.flags.ack", "tcp.flags.ack", "`tcp.flags.ack == 0`"),
            ("ip.addr != 192.0.2.1", "ip.addr != 192.0.2.1", "neither ip.src nor ip.dst is this"),
            ("ip.addr != 192.0.2.1", "ip.addr != 192.0.2.1", "`!(ip.addr == 192.0.2.1)`"),
            ("tcp.port ne 80", "tcp.port ne 80", "`tcp.port !== 80`"),
            ("ip.ttl == -1", "ip.ttl == -1", "never be true: `ip.ttl` is 0 to 255"),
            ("ip.ttl < 0", "ip.ttl < 0", "never"),
            ("ip.ttl >= 0", "ip.ttl >= 0", "always"),
            ("ip.ttl != -1", "ip.ttl != -1", "always"),
            ("ip.ttl == 200 + 100", "ip.ttl == 200 + 100", "never"),
            ("len(frame) < 0", "len(frame) < 0", "never"),
            ("tcp.flags & 2 == 1", "tcp.flags & 2 == 1", "no bit that is not in the mask"),
            ("tcp.flags.syn > 1", "tcp.flags.syn > 1", "never"),
            ("frame[0] == 255", "frame[0] == 255", "255 is `ff`"),
            ("frame[0:2] == 0800.00", "frame[0:2] == 0800.00", "`frame[0:2]` has 2 bytes, `0800.00` is 3 bytes"),
            ("eth.src[3:] == 00", "eth.src[3:] == 00", "has 3 bytes"),
            ("frame[0:2] > 00", "frame[0:2] > 00", "always"),
            ("frame[0] contains \"ab\"", "frame[0] contains \"ab\"", "2 bytes are not found in 1"),
            ("frame contains \"\"", "frame contains \"\"", "nothing is not found"),
            ("upper(frame.protocols) contains \"tcp\"", "upper(frame.protocols) contains \"tcp\"", "no small letters"),
            ("eth.src[6] == 00", "eth.src[6]", "6 bytes, and none of these"),
            ("tcp.port in {1, 443..80}", "443..80", "nothing in this range"),
            ("ip.ttl in {-2}", "-2", "0 to 255"),
            ("ip.src#0", "ip.src#0", "count from 1"),
        ] {
            let filter = Filter::compile(expression, &registry).unwrap();
            let doubts = filter.warnings();
            let said_it = |doubt: &&crate::filter::Warning| {
                let text = doubt.to_string();
                text.contains(said) && &expression[doubt.span().start..doubt.span().end] == part
            };
            assert!(doubts.iter().any(|doubt| said_it(&doubt)), "{expression}: {doubts:?}");
        }
    }

    #[test]
    fn what_is_meant() {
        let registry = registry();
        for expression in [
            "tcp.flags.syn == 1",
            "tcp.flags & 2",
            "ip.src != 192.0.2.1",
            "ip.addr !== 192.0.2.1",
            "all ip.addr != 192.0.2.1",
            "ip.addr all_ne 192.0.2.1",
            "!(ip.addr == 192.0.2.1)",
            "ip.ttl > 0 and ip.ttl < 255",
            "frame[0] == ff",
            "frame[0,1] == ff",
            "frame[0:2] == 08:00",
            "eth.src[0:3] == 00:00:5e",
            "tcp.flags & 0x12 == 0x12",
            "tcp.port in {80, 443..8443}",
            "upper(frame.protocols) contains \"TCP\"",
            "frame.encap_type > -5",
            "ip.src#[0-1]",
            "tcp.len - 1 == -1",
        ] {
            let filter = Filter::compile(expression, &registry).unwrap();
            assert!(filter.warnings().is_empty(), "{expression}: {:?}", filter.warnings());
        }
    }
}
