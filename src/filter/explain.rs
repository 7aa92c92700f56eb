//! A filter in words: what it asks, what it reads, and how that was compiled.

use std::fmt::Write;

use jiff::Timestamp;

use super::Filter;
use super::check::{Condition, FieldTerm, Function, Term, words};
use super::literal::{Constant, NANOS};
use super::parse::{Arithmetic, End, Order, Quantifier, Range};
use super::print::{Ranges, quoted};
use super::{check::symbol, program};
use crate::dissect::{Asks, Field, Kind, Names, Needed, Registry};

/// Explains a filter.
pub(super) fn explain(filter: &Filter, registry: &Registry) -> String {
    let mut out = String::new();
    let Some(condition) = &filter.condition else {
        return "Every packet passes: there is no filter.\n".to_owned();
    };
    _ = writeln!(out, "Filter\n  {}\n\nIn words", filter.expression.trim());
    say(condition, 1, "", &mut out);
    out.push_str("\nFields\n");
    fields(condition, &mut out);
    out.push_str("\nProtocols\n");
    if let Needed::Only(names) = &filter.need.protocols {
        for name in names {
            let title = registry.protocol(name).map_or("", |protocol| protocol.field.title);
            _ = writeln!(out, "  {name:12}  {title}");
        }
    }
    let asks = match filter.need.asks {
        Asks::Nothing => "nothing of other packets but their times: no stream is followed, nothing is put together",
        Asks::Streams => "which packets belong together, and nothing of what they carry",
        Asks::Analysis => "what became of the segments of each connection, and nothing of what they carry",
        Asks::Messages => "the messages of connections: what they carry is put together where they span packets",
        Asks::Contents => "the messages of connections, and what they carry once it is decoded",
    };
    _ = writeln!(out, "\nOther packets\n  {asks}\n\nOn the raw frame");
    early(filter, condition, &mut out);
    out.push_str("\nProgram, after dissection\n");
    for line in filter.program().lines() {
        _ = writeln!(out, "  {line}");
    }
    out
}

/// Says what headers decide before anything is dissected.
fn early(filter: &Filter, condition: &Condition, out: &mut String) {
    let parts = match condition {
        Condition::And(parts) => &parts[..],
        one => std::slice::from_ref(one),
    };
    let decided = |place| filter.raw.as_ref().is_some_and(|raw| raw.decides_part(place));
    let decided: Vec<&Condition> =
        parts.iter().enumerate().filter(|&(place, _)| decided(place)).map(|(_, part)| part).collect();
    match (&decided[..], decided.len() == parts.len()) {
        ([], _) => out.push_str("  nothing: no header tells; all frames are dissected\n"),
        (_, true) => {
            out.push_str("  all of it, where plain headers tell; frames that are rejected so are not dissected\n")
        }
        (some, false) => {
            out.push_str("  these, where plain headers tell; frames that are rejected so are not dissected\n");
            some.iter().for_each(|part| say(part, 2, "- ", out));
        }
    }
    let gains = |place| filter.raw.as_ref().is_some_and(|raw| raw.gains_part(place));
    let gained: Vec<&Condition> =
        parts.iter().enumerate().filter(|&(place, _)| gains(place)).map(|(_, part)| part).collect();
    if filter.need.asks > Asks::Nothing && !gained.is_empty() {
        out.push_str("\nOn plain segments and datagrams\n");
        out.push_str("  these, by what is known of the connection and whose messages there are; what is rejected so is not dissected\n");
        gained.iter().for_each(|part| say(part, 2, "- ", out));
    }
}

impl Filter {
    /// Lists the tests that are made of a packet.
    pub fn program(&self) -> String {
        program::listing(&self.node)
    }
}

/// Says what a condition asks, in a line or in several.
fn say(condition: &Condition, depth: usize, lead: &str, out: &mut String) {
    _ = write!(out, "{:indent$}{lead}", "", indent = 2 * depth);
    let (head, parts) = match condition {
        Condition::And(parts) => ("all of these:", &parts[..]),
        Condition::Or(parts) => ("at least one of these:", &parts[..]),
        Condition::Xor(parts) if parts.len() == 2 => ("one of these and not the other:", &parts[..]),
        Condition::Xor(parts) => ("an odd number of these:", &parts[..]),
        Condition::Not(inner) if matches!(**inner, Condition::Exists(Term::Field(_))) => {
            _ = writeln!(out, "{}", sentence(inner).replacen("there is", "there is no", 1));
            return;
        }
        Condition::Not(inner) => ("not this, so also where there is no such field:", std::slice::from_ref(&**inner)),
        test => {
            _ = writeln!(out, "{}", sentence(test));
            return;
        }
    };
    _ = writeln!(out, "{head}");
    for part in parts {
        say(part, depth + 1, "- ", out);
    }
}

/// A test in words.
fn sentence(test: &Condition) -> String {
    let subject = |quantifier: &Quantifier, term: &Term| match quantifier {
        Quantifier::Any => format!("some {}", noun(term)),
        Quantifier::All => format!("there is {} and each one", noun(term)),
    };
    match test {
        Condition::Exists(Term::Field(field)) => format!("there is {}{}", noun_of(field), title(field)),
        Condition::Exists(term @ Term::Slice(..)) => format!("there are bytes {}", noun(term)),
        Condition::Exists(term) => format!("some {} is not zero", noun(term)),
        Condition::Compare { left, comparison, right } => {
            let subject = subject(&comparison.quantifier, left);
            let is_subnet = match right {
                Term::Constant(Constant::Ipv4 { mask, .. }) => *mask != u32::MAX,
                Term::Constant(Constant::Ipv6 { mask, .. }) => *mask != u128::MAX,
                _ => false,
            };
            let verb = match comparison.order {
                Order::Equal if is_subnet => "is in",
                Order::Different if is_subnet => "is not in",
                Order::Equal => "is",
                Order::Different => "is not",
                Order::Greater => "is greater than",
                Order::GreaterOrEqual => "is at least",
                Order::Less => "is less than",
                Order::LessOrEqual => "is at most",
            };
            format!("{subject} {verb} {}", value(right, left))
        }
        Condition::Contains { quantifier, left, right } => {
            format!("{} contains {}", subject(quantifier, left), value(right, left))
        }
        Condition::Matches { quantifier, left, pattern } => {
            format!("{} matches the pattern {pattern}, whatever the case", subject(quantifier, left))
        }
        Condition::In { quantifier, left, set } => {
            let elements = set.iter().map(|(first, last)| match last {
                Some(last) => format!("{} to {}", value(first, left), value(last, left)),
                None => value(first, left),
            });
            let elements = elements.collect::<Vec<_>>().join(", ");
            match quantifier {
                Quantifier::All if set.len() > 1 => {
                    format!("there is {} and all of it is in one of {elements}", noun(left))
                }
                _ => format!("{} is one of {elements}", subject(quantifier, left)),
            }
        }
        // `say` writes what has parts.
        Condition::And(_) | Condition::Or(_) | Condition::Xor(_) | Condition::Not(_) => String::new(),
    }
}

fn title(field: &FieldTerm) -> String {
    match field.rows.first().map(|row| row.maker.title) {
        None | Some("") => String::new(),
        Some(title) => format!(" ({title})"),
    }
}

fn noun_of(field: &FieldTerm) -> String {
    let layer = |range: &Range| match (range.first, range.end) {
        (-1, End::Length(1)) => "the last layer".to_owned(),
        (first @ 0.., End::Length(1)) => format!("layer {first}"),
        _ => format!("the layers {}", Ranges(&[*range])),
    };
    let layers: Vec<String> = field.layers.iter().map(layer).collect();
    let layers = if layers.is_empty() { String::new() } else { format!(" of {}", layers.join(" and ")) };
    let raw = if field.raw { "bytes of " } else { "" };
    format!("{raw}{}{layers}", field.name)
}

/// A term in words.
fn noun(term: &Term) -> String {
    match term {
        Term::Field(field) => noun_of(field),
        Term::Constant(constant) => constant_of(constant, None),
        Term::Reference(field, values) => {
            let known: Vec<String> = values.iter().map(|value| constant_of(value, maker(field))).collect();
            let known = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
            format!("{} of the packet referred to{known}", noun_of(field))
        }
        Term::Slice(inner, ranges) => format!("{}{}", noun(inner), Ranges(ranges)),
        Term::Negative(inner) => format!("-{}", noun(inner)),
        Term::Binary(Arithmetic::And, left, right) => match &**right {
            Term::Constant(Constant::Integer(mask)) => format!("{} masked with {mask:#x}", noun(left)),
            right => format!("{} masked with {}", noun(left), noun(right)),
        },
        Term::Binary(operator, left, right) => format!("{} {} {}", noun(left), symbol(*operator), noun(right)),
        Term::Call(function, arguments) => {
            let arguments = arguments.iter().map(noun).collect::<Vec<_>>().join(", ");
            match function {
                Function::Len => format!("length of {arguments}"),
                Function::Count => format!("number of {arguments} there are"),
                Function::Upper => format!("{arguments} in capital letters"),
                Function::Lower => format!("{arguments} in small letters"),
                Function::String => format!("{arguments} as text"),
                Function::Max => format!("greatest of {arguments}"),
                Function::Min => format!("least of {arguments}"),
                Function::Abs => format!("amount of {arguments}"),
            }
        }
    }
}

/// What `left` is held against, in words.
fn value(right: &Term, left: &Term) -> String {
    match (right, left) {
        (Term::Constant(constant), Term::Field(field)) => constant_of(constant, maker(field)),
        (right, _) => noun(right),
    }
}

/// The row that has words for values, or any.
fn maker(field: &FieldTerm) -> Option<&'static Field> {
    let mut makers = field.rows.iter().map(|row| row.maker);
    makers.clone().find(|maker| !matches!(maker.names, Names::None)).or_else(|| makers.next())
}

fn constant_of(constant: &Constant, field: Option<&'static Field>) -> String {
    let name = |value: i128| {
        let name = field.zip(u64::try_from(value).ok()).and_then(|(field, value)| field.names.get(value));
        name.map_or(String::new(), |name| format!(" ({name})"))
    };
    match *constant {
        Constant::Integer(number) => format!("{number}{}", name(number)),
        Constant::Boolean(flag) => format!("{flag}{}", name(flag.into())),
        Constant::Double(number) => number.to_string(),
        Constant::Ipv4 { address, mask } => {
            let address = std::net::Ipv4Addr::from_bits(address);
            if mask == u32::MAX { address.to_string() } else { format!("{address}/{}", mask.count_ones()) }
        }
        Constant::Ipv6 { address, mask } => {
            let address = std::net::Ipv6Addr::from_bits(address);
            if mask == u128::MAX { address.to_string() } else { format!("{address}/{}", mask.count_ones()) }
        }
        Constant::Ether(address) => hex(&address.to_be_bytes()[2..]),
        Constant::Time(nanos) if field.is_some_and(|field| field.kind == Kind::AbsoluteTime) => {
            Timestamp::from_nanosecond(nanos).map_or_else(|_| format!("{nanos} ns"), |moment| moment.to_string())
        }
        Constant::Time(nanos) => {
            let sign = if nanos < 0 { "-" } else { "" };
            let decimals = format!("{:09}", (nanos % NANOS).abs());
            format!("{sign}{}.{} s", (nanos / NANOS).abs(), decimals.trim_end_matches('0')).replace(". s", " s")
        }
        Constant::Bytes(ref bytes) if bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) => {
            let mut text = String::new();
            _ = quoted(bytes, '"', &mut text);
            text
        }
        Constant::Bytes(ref bytes) => hex(bytes),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// Lists the fields that a condition reads, each once.
fn fields(condition: &Condition, out: &mut String) {
    let mut rows: Vec<[String; 3]> = Vec::new();
    let mut add = |field: &FieldTerm| {
        let mut made: Vec<&str> = field
            .rows
            .iter()
            .map(|row| row.recorded.name)
            .filter(|name| *name != field.name && !name.is_empty())
            .collect();
        made.sort_unstable();
        made.dedup();
        let made = match made.len() {
            0 => String::new(),
            1..=6 => format!(", of {}", made.join(", ")),
            many => format!(", of {many} fields"),
        };
        let title = field.rows.first().map_or("", |row| row.maker.title);
        let row = [field.name.to_owned(), words(field.kind) + &made, title.to_owned()];
        if !rows.contains(&row) {
            rows.push(row);
        }
    };
    let mut condition = condition.clone();
    condition.terms(&mut |term| {
        if let Term::Field(field) | Term::Reference(field, _) = term {
            add(field);
        }
    });
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1)];
    for [name, kind, title] in &rows {
        let line = format!("  {name:first$}  {kind:second$}  {title}", first = widths[0], second = widths[1]);
        _ = writeln!(out, "{}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::registry;

    #[test]
    fn sentences() {
        let registry = registry();
        for (expression, expected) in [
            ("tcp", "there is tcp (Transmission Control Protocol)"),
            ("not tcp", "there is no tcp (Transmission Control Protocol)"),
            ("ip.proto == TCP", "some ip.proto is 6 (TCP)"),
            ("ip.addr != 192.0.2.1", "there is ip.addr and each one is not 192.0.2.1"),
            ("ip.src == 192.0.2.0/24", "some ip.src is in 192.0.2.0/24"),
            ("ip.src#2 == 192.0.2.1", "some ip.src of layer 2 is 192.0.2.1"),
            ("tcp.flags.syn == 1", "some tcp.flags.syn is true (Set)"),
            ("tcp.flags & 2", "some tcp.flags masked with 0x2 is not zero"),
            ("tcp.port in {80, 443..445}", "some tcp.port is one of 80, 443 to 445"),
            ("all tcp.port in {80, 443}", "there is tcp.port and all of it is in one of 80, 443"),
            ("frame contains 47:45", "some frame contains \"GE\""),
            ("eth.src[0:3] == 00:00:5e", "some eth.src[0:3] is 00:00:5e"),
            ("len(frame) > 100", "some length of frame is greater than 100"),
            ("frame.time > \"2020-01-01 00:00:00Z\"", "some frame.time is greater than 2020-01-01T00:00:00Z"),
            ("frame.time_delta < 0.25", "some frame.time_delta is less than 0.25 s"),
            ("frame.time_delta > -1", "some frame.time_delta is greater than -1 s"),
            ("ip.src == ${ip.dst}", "some ip.src is ip.dst of the packet referred to"),
            ("frame.protocols matches \"tcp\"", "some frame.protocols matches the pattern tcp, whatever the case"),
        ] {
            let filter = Filter::compile(expression, &registry).unwrap();
            let text = filter.explain(&registry);
            let line = text.lines().skip_while(|line| *line != "In words").nth(1).unwrap();
            assert_eq!(line.trim(), expected, "{expression}");
        }
    }

    #[test]
    fn everything_is_told() {
        let registry = registry();
        let expression = "ip.addr == 192.0.2.0/24 and (tcp.port == 80 or not udp.port in {53})";
        let filter = Filter::compile(expression, &registry).unwrap();
        let expected = "\
Filter
  ip.addr == 192.0.2.0/24 and (tcp.port == 80 or not udp.port in {53})

In words
  all of these:
    - some ip.addr is in 192.0.2.0/24
    - at least one of these:
      - some tcp.port is 80
      - not this, so also where there is no such field:
        - some udp.port is one of 53

Fields
  ip.addr   an IPv4 address, of ip.dst, ip.src  Source or Destination Address
  tcp.port  a number of 16 bits                 Source or Destination Port
  udp.port  a number of 16 bits                 Source or Destination Port

Protocols
  ip            Internet Protocol Version 4
  tcp           Transmission Control Protocol
  udp           User Datagram Protocol

Other packets
  nothing of other packets but their times: no stream is followed, nothing is put together

On the raw frame
  all of it, where plain headers tell; frames that are rejected so are not dissected

Program, after dissection
  and
    number  any ip.addr & 0xffffff00 == 0xc0000200
    or
      number  any tcp.port == 0x50
      not
        numbers any udp.port in 0x35
";
        assert_eq!(filter.explain(&registry), expected);
        for (expression, told) in [
            ("frame contains 01", "nothing: no header tells"),
            ("frame contains 01 and tcp.port == 80", "  these, where plain headers tell"),
            ("frame contains 01 and tcp.port == 80", "    - some tcp.port is 80\n\n"),
        ] {
            let text = Filter::compile(expression, &registry).unwrap().explain(&registry);
            assert!(text.contains(told), "{expression}: {text}");
        }
        assert!(Filter::compile("", &registry).unwrap().explain(&registry).contains("Every packet"));
    }
}
