//! Expressions as text: what they would be written as by somebody who likes spaces.
//!
//! Parsed again, the text is the same tree.

use std::fmt::{self, Display, Formatter, Write};

use super::check::symbol;
use super::parse::{Arithmetic, Comparison, End, Expr, Operand, OperandKind, Order, Quantifier, Range, Relation, Test};

impl Display for Expr<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let list = |parts: &[Expr], word: &str, f: &mut Formatter| {
            for (place, part) in parts.iter().enumerate() {
                if place > 0 {
                    write!(f, " {word} ")?;
                }
                part.within(self.tightness(), f)?;
            }
            Ok(())
        };
        match self {
            Expr::Or(parts) => list(parts, "or", f),
            Expr::Xor(parts) => list(parts, "xor", f),
            Expr::And(parts) => list(parts, "and", f),
            Expr::Not(inner) => {
                f.write_str("not ")?;
                inner.within(self.tightness(), f)
            }
            Expr::Test(test) => test.fmt(f),
        }
    }
}

impl Expr<'_> {
    fn tightness(&self) -> u8 {
        match self {
            Expr::Or(_) => 1,
            Expr::Xor(_) => 2,
            Expr::And(_) => 3,
            Expr::Not(_) => 4,
            Expr::Test(_) => 5,
        }
    }

    /// Writes a part of something, in parentheses where it does not bind more tightly.
    fn within(&self, tightness: u8, f: &mut Formatter) -> fmt::Result {
        if self.tightness() > tightness { self.fmt(f) } else { write!(f, "({self})") }
    }
}

impl Display for Test<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        if let Some(quantifier) = self.quantifier {
            write!(f, "{quantifier} ")?;
        }
        self.left.fmt(f)?;
        match &self.relation {
            Relation::Exists => Ok(()),
            Relation::Compare(chain) => chain.iter().try_for_each(|(sign, right)| write!(f, " {sign} {right}")),
            Relation::Contains(right) => write!(f, " contains {right}"),
            Relation::Matches(right) => write!(f, " matches {right}"),
            Relation::In { negated, set } => {
                f.write_str(if *negated { " not in {" } else { " in {" })?;
                for (place, element) in set.iter().enumerate() {
                    write!(f, "{}{}", if place > 0 { ", " } else { "" }, element.first)?;
                    if let Some(last) = &element.last {
                        write!(f, " .. {last}")?;
                    }
                }
                f.write_char('}')
            }
        }
    }
}

impl Display for Quantifier {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_str(match self {
            Quantifier::Any => "any",
            Quantifier::All => "all",
        })
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_str(match (self.order, self.quantifier) {
            (Order::Equal, Quantifier::Any) => "==",
            (Order::Equal, Quantifier::All) => "===",
            (Order::Different, Quantifier::All) => "!=",
            (Order::Different, Quantifier::Any) => "!==",
            (order, _) => order.sign(),
        })
    }
}

impl Order {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Order::Equal => "==",
            Order::Different => "!=",
            Order::Greater => ">",
            Order::GreaterOrEqual => ">=",
            Order::Less => "<",
            Order::LessOrEqual => "<=",
        }
    }
}

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match &self.kind {
            OperandKind::Word(word) => f.write_str(word),
            OperandKind::Text(bytes) => quoted(bytes, '"', f),
            OperandKind::Char(byte) => quoted(&[*byte], '\'', f),
            OperandKind::Raw(word) => write!(f, "@{word}"),
            OperandKind::Reference(word) => write!(f, "${{{word}}}"),
            OperandKind::Layers(inner, ranges) => {
                let layers = match &ranges[..] {
                    [Range { first: first @ 0.., end: End::Length(1) }] => first.to_string(),
                    _ => Ranges(ranges).to_string(),
                };
                match inner.kind {
                    OperandKind::Reference(word) => write!(f, "${{{word}#{layers}}}"),
                    _ => write!(f, "{inner}#{layers}"),
                }
            }
            OperandKind::Slice(inner, ranges) => write!(f, "{inner}{}", Ranges(ranges)),
            OperandKind::Call { name, arguments, .. } => {
                write!(f, "{name}(")?;
                for (place, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if place > 0 { ", " } else { "" })?;
                }
                f.write_char(')')
            }
            OperandKind::Negative(inner) => {
                f.write_char('-')?;
                inner.within(SIGNED, f)
            }
            OperandKind::Positive(inner) => {
                f.write_char('+')?;
                inner.within(SIGNED, f)
            }
            OperandKind::Binary(operator, left, right) => {
                let own = operator.tightness();
                // Computed from left to right.
                left.within(own - 1, f)?;
                write!(f, " {} ", symbol(*operator))?;
                right.within(own, f)
            }
        }
    }
}

const SIGNED: u8 = 4;

impl Operand<'_> {
    /// Writes a part of a computation, in braces where it does not bind more tightly.
    fn within(&self, tightness: u8, f: &mut Formatter) -> fmt::Result {
        let own = match &self.kind {
            OperandKind::Binary(operator, ..) => operator.tightness(),
            OperandKind::Negative(_) | OperandKind::Positive(_) => SIGNED,
            _ => SIGNED + 1,
        };
        if own > tightness { self.fmt(f) } else { write!(f, "{{{self}}}") }
    }
}

impl Arithmetic {
    fn tightness(self) -> u8 {
        match self {
            Arithmetic::And => 1,
            Arithmetic::Add | Arithmetic::Subtract => 2,
            Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Remainder => 3,
        }
    }
}

/// What stands between brackets, with them.
pub(super) struct Ranges<'r>(pub &'r [Range]);

impl Display for Ranges<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_char('[')?;
        for (place, range) in self.0.iter().enumerate() {
            write!(f, "{}{}", if place > 0 { "," } else { "" }, range.first)?;
            match range.end {
                End::Length(1) => {}
                End::Length(len) => write!(f, ":{len}")?,
                End::Last(last) => write!(f, "-{last}")?,
                End::Open => f.write_char(':')?,
            }
        }
        f.write_char(']')
    }
}

/// Writes bytes in quotes, so that the language reads the same bytes.
pub(super) fn quoted(bytes: &[u8], quote: char, f: &mut impl Write) -> fmt::Result {
    f.write_char(quote)?;
    for &byte in bytes {
        match byte {
            b'\\' => f.write_str("\\\\")?,
            b' '..=b'~' if char::from(byte) != quote => f.write_char(char::from(byte))?,
            b' '..=b'~' => write!(f, "\\{}", char::from(byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    f.write_char(quote)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::filter::Filter;
    use crate::filter::parse::parse;
    use crate::protocols::registry;

    #[test]
    fn written_as_it_was_or_nicer() {
        for (text, expected) in [
            ("a or b and not(c xor d)", "a or b and not (c xor d)"),
            ("(a or b) and c", "(a or b) and c"),
            ("a||(b||c)", "a or (b or c)"),
            ("!!a", "a"),
            ("!(!a)", "not (not a)"),
            ("a==1&&b!=2 and c!==3", "a == 1 and b != 2 and c !== 3"),
            ("a all_eq 1", "a === 1"),
            ("any a<b<=c", "any a < b <= c"),
            ("a in{1,2..3,\"x\"}", "a in {1, 2 .. 3, \"x\"}"),
            ("a ! in {-1}", "a not in {-1}"),
            ("a#2[0:2,4-5,-1,7:] == 1", "a#2[0:2,4-5,-1,7:] == 1"),
            ("a#[1-2,-1] == ${b#3}", "a#[1-2,-1] == ${b#3}"),
            ("{a + 1} * 2 & 3 - {4 - 5} == -{6 + 7}", "{a + 1} * 2 & 3 - {4 - 5} == -{6 + 7}"),
            ("{{a * 2} + 1} % 3 == 1", "{a * 2 + 1} % 3 == 1"),
            ("len(a)>max(b,-1)", "len(a) > max(b, -1)"),
            (r#"a contains "\"\\\x00é" "#, r#"a contains "\"\\\x00\xc3\xa9""#),
            (r"a == '\''", r"a == '\''"),
            ("@a[:2] ~ r\"\\d\"", "@a[0:2] matches \"\\\\d\""),
        ] {
            let printed = parse(text).unwrap().unwrap().to_string();
            assert_eq!(printed, expected, "{text}");
            assert_eq!(parse(&printed).unwrap().unwrap().to_string(), expected);
        }
    }

    /// Fields of each kind, and literals that they may stand beside.
    static NUMBERS: &[&str] =
        &["tcp.port", "tcp.len", "ip.ttl", "frame.number", "frame.encap_type", "tcp.stream", "ip.len"];
    static TEXTS: &[&str] = &["frame.protocols", "ip.src_host", "tcp.flags.str"];
    static BYTES: &[&str] = &["tcp.payload", "data.data", "udp.payload"];
    static PROTOCOLS: &[&str] = &["tcp", "udp", "ip", "frame", "eth", "icmp", "data"];
    static ADDRESSES: &[(&str, &[&str])] = &[
        ("ip.addr", &["192.0.2.1", "10.0.0.0/8", "ip.src", "ip.dst"]),
        ("ipv6.addr", &["::1", "fe80::/10", "ipv6.src"]),
        ("eth.addr", &["00:00:5e:00:53:01", "0000.5e00.5301", "00-00-5e-00-53-01", "eth.src"]),
        ("frame.time", &["\"2020-01-01 00:00:00\"", "frame.time"]),
        ("frame.time_relative", &["0.5", "-1", "frame.time_delta"]),
        ("tcp.flags.syn", &["True", "0", "\"Set\"", "tcp.flags.ack"]),
    ];

    fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
        (0..from.len()).prop_map(|at| from[at].to_owned())
    }

    fn ranges() -> impl Strategy<Value = String> {
        let range = prop_oneof![
            (0..9u8).prop_map(|at| at.to_string()),
            (1..9u8).prop_map(|at| format!("-{at}")),
            (0..9u8, 1..9u8).prop_map(|(at, len)| format!("{at}:{len}")),
            (0..9u8, 0..9u8).prop_map(|(at, more)| format!("{at}-{}", at + more)),
            (0..9u8).prop_map(|at| format!("{at}:")),
            (0..9u8).prop_map(|len| format!(":{}", len + 1)),
        ];
        proptest::collection::vec(range, 1..4).prop_map(|ranges| ranges.join(","))
    }

    /// A number, computed.
    fn sum() -> impl Strategy<Value = String> {
        let field = pick(NUMBERS).prop_flat_map(|field| {
            prop_oneof![
                4 => Just(field.clone()),
                1 => (1..4u8).prop_map({ let field = field.clone(); move |layer| format!("{field}#{layer}") }),
                1 => Just(format!("${{{field}}}")),
            ]
        });
        let field = field.boxed();
        let leaf = prop_oneof![
            field.clone(),
            pick(PROTOCOLS).prop_map(|protocol| format!("len({protocol})")),
            field.clone().prop_map(|field| format!("max({field}, {field})")),
            field.prop_map(|field| format!("abs({field})")),
        ];
        leaf.prop_recursive(4, 16, 2, |inner| {
            let sign = prop_oneof!["[+*/%&-]"];
            (inner.clone(), sign, prop_oneof![inner, (0..99u8).prop_map(|n| n.to_string())], any::<bool>()).prop_map(
                |(left, sign, right, grouped)| {
                    let right = if grouped { format!("{{{right}}}") } else { right };
                    let left = if grouped { left } else { format!("{{{left}}}") };
                    format!("{left} {sign} {right}")
                },
            )
        })
    }

    /// A test of any kind, well typed.
    fn test() -> impl Strategy<Value = String> {
        let sign = || {
            pick(&["==", "!=", "===", "!==", "~=", ">", "<=", "eq", "ne", "any_ne", "all_ne", "le", "gt", "lt", ">="])
        };
        let quantifier = || pick(&["", "", "any ", "all "]);
        let text = r#"[a-z0-9:. ]{0,6}"#;
        prop_oneof![
            pick(PROTOCOLS),
            pick(NUMBERS),
            sum().prop_map(|sum| format!("{sum} == 1")),
            (quantifier(), sum(), sign(), sum())
                .prop_map(|(quantifier, left, sign, right)| format!("{quantifier}{left} {sign} {right}")),
            (pick(NUMBERS), sign(), 0..256u32).prop_map(|(field, sign, number)| format!("{field} {sign} {number}")),
            (
                quantifier(),
                pick(NUMBERS),
                proptest::collection::vec((0..99u8, 0..99u8, any::<bool>()), 1..4),
                any::<bool>()
            )
                .prop_map(|(quantifier, field, set, negated)| {
                    let element = |(first, last, range): &(u8, u8, bool)| {
                        if *range { format!("{first}..{last}") } else { first.to_string() }
                    };
                    let set: Vec<_> = set.iter().map(element).collect();
                    format!("{quantifier}{field} {}in {{{}}}", if negated { "not " } else { "" }, set.join(","))
                }),
            (0..ADDRESSES.len(), any::<prop::sample::Index>(), quantifier(), sign()).prop_map(
                |(at, value, quantifier, sign)| {
                    let (field, values) = ADDRESSES[at];
                    format!("{quantifier}{field} {sign} {}", values[value.index(values.len())])
                }
            ),
            (pick(TEXTS), sign(), text).prop_map(|(field, sign, text)| format!("lower({field}) {sign} \"{text}\"")),
            (pick(TEXTS), text).prop_map(|(field, text)| format!("{field} contains \"{text}\"")),
            (pick(TEXTS), text).prop_map(|(field, text)| format!("{field} matches \"{text}$\"")),
            (pick(BYTES), ranges(), sign()).prop_map(|(field, ranges, sign)| format!("{field}[{ranges}] {sign} 0a:ff")),
            (pick(PROTOCOLS), ranges()).prop_map(|(field, ranges)| format!("{field}[{ranges}] contains 'a'")),
            (pick(PROTOCOLS), ranges(), pick(BYTES))
                .prop_map(|(field, ranges, other)| format!("{field}[{ranges}] == {other}[{ranges}]")),
            (pick(BYTES), pick(BYTES)).prop_map(|(field, other)| format!("{field} contains {other}")),
        ]
    }

    fn expression() -> impl Strategy<Value = String> {
        test().prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|inner| format!("!({inner})")),
                inner.clone().prop_map(|inner| format!("not ({inner})")),
                (proptest::collection::vec(inner, 2..4), pick(&["and", "or", "xor", "&&", "||", "^^"]), any::<bool>())
                    .prop_map(|(parts, word, grouped)| {
                        let group = |part: &String| if grouped { format!("({part})") } else { part.clone() };
                        parts.iter().map(group).collect::<Vec<_>>().join(&format!(" {word} "))
                    }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_is_the_same_program(text in expression()) {
            let registry = registry();
            let filter = Filter::compile(&text, &registry).unwrap_or_else(|error| panic!("{error}"));
            let printed = parse(&text).unwrap().unwrap().to_string();
            let again = Filter::compile(&printed, &registry).unwrap_or_else(|error| panic!("{error}"));
            prop_assert_eq!(filter.program(), again.program(), "{}\n{}", text, printed);
            prop_assert_eq!(parse(&printed).unwrap().unwrap().to_string(), printed);
        }
    }
}
