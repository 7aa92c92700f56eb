//! Literals: a word or a string as a value of the kind that stands beside it.

use jiff::civil::{Date, Time as Clock};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span as Interval, ToSpan};

use super::check::{Target, words};
use super::error::{Error, Span};
use super::parse::{Arithmetic, integer};
use crate::dissect::{Derive, Field, Group, Kind, Names, Severity};

/// A value that stands in an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    /// A number of any integer kind.
    Integer(i128),
    Boolean(bool),
    Double(f64),
    /// An address and the bits of it that count.
    Ipv4 {
        address: u32,
        mask: u32,
    },
    Ipv6 {
        address: u128,
        mask: u128,
    },
    Ether(u64),
    /// Nanoseconds, since 1970 or of a span.
    Time(i128),
    /// Bytes or text.
    Bytes(Box<[u8]>),
}

pub(super) const NANOS: i128 = 1_000_000_000;

impl Constant {
    /// The value below zero, where there is one.
    pub fn negative(&self) -> Option<Constant> {
        match *self {
            Constant::Integer(value) => value.checked_neg().map(Constant::Integer),
            Constant::Double(value) => Some(Constant::Double(-value)),
            Constant::Time(value) => Some(Constant::Time(-value)),
            _ => None,
        }
    }
}

/// Computes with two constants.
pub(super) fn fold(operator: Arithmetic, left: &Constant, right: &Constant) -> Option<Constant> {
    match (left, right) {
        (Constant::Integer(left), Constant::Integer(right)) => integers(operator, *left, *right).map(Constant::Integer),
        (Constant::Double(left), Constant::Double(right)) => doubles(operator, *left, *right).map(Constant::Double),
        (Constant::Time(left), Constant::Time(right)) => integers(operator, *left, *right).map(Constant::Time),
        _ => None,
    }
}

/// Computes with two integers; division by zero and what is too large have no value.
pub(super) fn integers(operator: Arithmetic, left: i128, right: i128) -> Option<i128> {
    match operator {
        Arithmetic::And => Some(left & right),
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    }
}

/// Computes with two numbers with decimals.
pub(super) fn doubles(operator: Arithmetic, left: f64, right: f64) -> Option<f64> {
    match operator {
        Arithmetic::And | Arithmetic::Remainder => None,
        Arithmetic::Add => Some(left + right),
        Arithmetic::Subtract => Some(left - right),
        Arithmetic::Multiply => Some(left * right),
        Arithmetic::Divide => (right != 0.0).then(|| left / right),
    }
}

/// Reads a word as a value of `target`.
pub(super) fn word(word: &str, target: Target, span: Span) -> Result<Constant, Error> {
    let wrong = |what: &str| Err(Error::at(span, format!("`{word}` is not {what}")));
    match target.kind {
        Kind::Unsigned(_) | Kind::Signed(_) | Kind::Char | Kind::Frame => number(word, target, span),
        Kind::Eui64 => match (hexadecimal(word).as_deref().map(<[u8; 8]>::try_from), integer(word)) {
            (Some(Ok(bytes)), _) => Ok(Constant::Integer(u64::from_be_bytes(bytes).into())),
            (_, Some(number)) => Ok(Constant::Integer(number.into())),
            _ => wrong("an EUI-64"),
        },
        Kind::Boolean => boolean(word, true, target, span),
        Kind::Float | Kind::Double => match (integer(word), word.parse::<f64>()) {
            (Some(value), _) if word.len() > 1 && word.starts_with('0') => Ok(Constant::Double(value as f64)),
            (_, Ok(value)) => Ok(Constant::Double(value)),
            _ => wrong("a number"),
        },
        Kind::Ipv4 => ipv4(word, span),
        Kind::Ipv6 => ipv6(word, span),
        Kind::Ether => match hexadecimal(word).as_deref() {
            Some(bytes) if target.part && bytes.len() <= 6 => Ok(Constant::Bytes(bytes.into())),
            Some(&[a, b, c, d, e, f]) => Ok(Constant::Ether(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))),
            Some(bytes) if !word.starts_with("0x") => {
                let message = format!("`{word}` is {} bytes, a MAC address is 6", bytes.len());
                Err(Error::at(span, message).hint("a part of an address is a slice: `eth.src[0:3] == 00:00:5e`"))
            }
            _ => wrong("a MAC address"),
        },
        Kind::Guid => match guid(word) {
            Some(bytes) => Ok(Constant::Bytes(bytes.into())),
            None => Err(Error::at(span, format!("`{word}` is not a GUID"))
                .expected("32 digits such as `6ba7b810-9dad-11d1-80b4-00c04fd430c8`")),
        },
        Kind::Bytes | Kind::Protocol => match hexadecimal(word) {
            Some(bytes) => Ok(Constant::Bytes(bytes.into())),
            None => {
                let error = Error::at(span, format!("`{word}` is neither bytes nor a field"));
                Err(error
                    .expected("bytes such as `47:45:54`")
                    .hint(format!("text stands in double quotes: \"{word}\"")))
            }
        },
        Kind::Oid => match oid(word) {
            Some(bytes) => Ok(Constant::Bytes(bytes.into())),
            None => wrong("an object identifier"),
        },
        Kind::Text => Ok(Constant::Bytes(word.as_bytes().into())),
        Kind::AbsoluteTime => absolute(word, span),
        Kind::RelativeTime => match seconds(word) {
            Some(nanos) => Ok(Constant::Time(nanos)),
            None => Err(Error::at(span, format!("`{word}` is not a span of time")).expected("seconds such as `0.25`")),
        },
        Kind::None | Kind::Expert(..) => wrong("comparable with this"),
    }
}

/// Reads a string in quotes as a value of `target`.
pub(super) fn text(text: &[u8], target: Target, span: Span) -> Result<Constant, Error> {
    let lossy = String::from_utf8_lossy(text);
    match target.kind {
        Kind::Bytes | Kind::Protocol | Kind::Text => Ok(Constant::Bytes(text.into())),
        Kind::AbsoluteTime => absolute(&lossy, span),
        Kind::Boolean => boolean(&lossy, false, target, span),
        Kind::Unsigned(_) | Kind::Signed(_) | Kind::Char | Kind::Frame => match named(target.field, &lossy) {
            Some(value) => Ok(Constant::Integer(value)),
            None if !has_names(target.field) => {
                let error = Error::at(span, format!("a string cannot be {}", words(target.kind)));
                Err(if integer(&lossy).is_some() {
                    error.hint(format!("write `{lossy}` without quotes"))
                } else {
                    error
                })
            }
            None => Err(Error::at(span, format!("\"{lossy}\" is none of the words for this field"))),
        },
        kind => {
            let error = Error::at(span, format!("a string cannot be {}", words(kind)));
            Err(if word(&lossy, target, span).is_ok() {
                error.hint(format!("write `{lossy}` without quotes"))
            } else {
                error
            })
        }
    }
}

/// Reads a character constant as a value of `target`.
pub(super) fn character(byte: u8, target: Target, span: Span) -> Result<Constant, Error> {
    match target.kind {
        Kind::Unsigned(_) | Kind::Signed(_) | Kind::Char | Kind::Frame => Ok(Constant::Integer(byte.into())),
        Kind::Bytes | Kind::Protocol | Kind::Text => Ok(Constant::Bytes([byte].into())),
        Kind::Boolean => Ok(Constant::Boolean(byte != 0)),
        kind => Err(Error::at(span, format!("a character cannot be {}", words(kind)))),
    }
}

fn number(word: &str, target: Target, span: Span) -> Result<Constant, Error> {
    let max: u64 = match target.kind {
        Kind::Char => 0xff,
        Kind::Frame => u32::MAX.into(),
        Kind::Signed(bits) => u64::MAX >> (65 - u32::from(bits).clamp(1, 64)).min(63),
        Kind::Unsigned(bits) => u64::MAX >> (64 - u32::from(bits).clamp(1, 64)),
        _ => u64::MAX,
    };
    match integer(word) {
        Some(value) if value <= max => Ok(Constant::Integer(value.into())),
        Some(_) => Err(Error::at(span, format!("`{word}` is too large: the largest value here is {max}"))),
        None => match named(target.field, word) {
            Some(value) => Ok(Constant::Integer(value)),
            None if word.len() > 19 && word.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(Error::at(span, format!("`{word}` is too large: the largest value here is {max}")))
            }
            None if has_names(target.field) => {
                Err(Error::at(span, format!("`{word}` is neither a number nor one of the words for this field")))
            }
            None => Err(Error::at(span, format!("`{word}` is not a number"))),
        },
    }
}

fn boolean(word: &str, bare: bool, target: Target, span: Span) -> Result<Constant, Error> {
    let names = target.field.map_or(Names::None, |field| field.names);
    let (set, unset) = match names {
        Names::Flags(set, unset) => (set, unset),
        _ => ("True", "False"),
    };
    if word.eq_ignore_ascii_case(set) {
        return Ok(Constant::Boolean(true));
    }
    if word.eq_ignore_ascii_case(unset) {
        return Ok(Constant::Boolean(false));
    }
    match word {
        "TRUE" | "True" | "true" if bare => Ok(Constant::Boolean(true)),
        "FALSE" | "False" | "false" if bare => Ok(Constant::Boolean(false)),
        _ => match integer(word) {
            Some(value) if bare => Ok(Constant::Boolean(value != 0)),
            _ => Err(Error::at(span, format!("`{word}` is no value of a flag"))
                .expected(format!("True, False, 1, 0, \"{set}\" or \"{unset}\""))),
        },
    }
}

/// The value that has this name, whatever its case.
fn named(field: Option<&Field>, word: &str) -> Option<i128> {
    let field = field?;
    let same = |name: &str| name.eq_ignore_ascii_case(word);
    match field.derive {
        Derive::ExpertSeverity => {
            let all = [Severity::Comment, Severity::Chat, Severity::Note, Severity::Warning, Severity::Error];
            return all.into_iter().find(|severity| same(severity.title())).map(|severity| severity as i128);
        }
        Derive::ExpertGroup => return Group::ALL.iter().find(|group| same(group.title())).map(|group| *group as i128),
        _ => {}
    }
    match field.names {
        Names::None | Names::Flags(..) => None,
        Names::Values(rows) => rows.iter().find(|row| same(row.1)).map(|row| row.0.into()),
        Names::Ranges(rows) => rows.iter().find(|row| row.0 == row.1 && same(row.2)).map(|row| row.0.into()),
        // Registries are asked by number; names are asked only while an expression is compiled.
        Names::Lookup(look_up) => (0..=0xffff).find(|value| look_up(*value).is_some_and(same)).map(i128::from),
    }
}

fn has_names(field: Option<&Field>) -> bool {
    field.is_some_and(|field| {
        !matches!(field.names, Names::None) || matches!(field.derive, Derive::ExpertSeverity | Derive::ExpertGroup)
    })
}

/// Splits `192.0.2.0/24`.
fn subnet(word: &str, most: u32, span: Span) -> Result<(&str, u32), Error> {
    let Some((address, bits)) = word.split_once('/') else { return Ok((word, most)) };
    match bits.parse() {
        Ok(bits) if bits <= most => Ok((address, bits)),
        _ => Err(Error::at(span, format!("a prefix has {most} bits at most, not {bits}"))),
    }
}

fn ipv4(word: &str, span: Span) -> Result<Constant, Error> {
    let (address, bits) = subnet(word, 32, span)?;
    let Ok(address) = address.parse::<std::net::Ipv4Addr>() else {
        let error = Error::at(span, format!("`{word}` is not an IPv4 address"));
        return Err(match word.contains(':') {
            true => error.hint("IPv6 addresses are in the fields ipv6.addr, ipv6.src and ipv6.dst"),
            false => error.expected("an address such as `192.0.2.1`, or a subnet such as `192.0.2.0/24`"),
        });
    };
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    Ok(Constant::Ipv4 { address: address.to_bits() & mask, mask })
}

fn ipv6(word: &str, span: Span) -> Result<Constant, Error> {
    let (address, bits) = subnet(word, 128, span)?;
    let Ok(address) = address.parse::<std::net::Ipv6Addr>() else {
        let error = Error::at(span, format!("`{word}` is not an IPv6 address"));
        return Err(match word.parse::<std::net::Ipv4Addr>() {
            Ok(_) => error.hint("IPv4 addresses are in the fields ip.addr, ip.src and ip.dst"),
            Err(_) => error.expected("an address such as `2001:db8::1`, or a subnet such as `2001:db8::/32`"),
        });
    };
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    Ok(Constant::Ipv6 { address: address.to_bits() & mask, mask })
}

/// Reads bytes: pairs of hexadecimal digits, between which colons, dashes or dots may stand; `0x` and one pair.
///
/// A digit that is left over is a byte, as in Wireshark: `080` is 08:00.
fn hexadecimal(word: &str) -> Option<Vec<u8>> {
    if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok().map(|byte| vec![byte])).flatten();
    }
    let word = word.strip_prefix(':').unwrap_or(word);
    let separators = [b':', b'-', b'.'].into_iter().filter(|separator| word.as_bytes().contains(separator)).count();
    if separators > 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(word.len() / 2);
    for group in word.split([':', '-', '.']) {
        if group.is_empty() {
            return None;
        }
        for pair in group.as_bytes().chunks(2) {
            let mut digits = pair.iter().map(|digit| char::from(*digit).to_digit(16));
            bytes.push(digits.try_fold(0, |byte, digit| Some(byte << 4 | digit? as u8))?);
        }
    }
    Some(bytes)
}

/// Reads the five groups of a GUID (RFC 4122, section 3).
fn guid(word: &str) -> Option<Vec<u8>> {
    word.split('-').map(str::len).eq([8, 4, 4, 4, 12]).then(|| hexadecimal(word)).flatten()
}

/// Encodes an object identifier as BER contents (X.690, 8.19).
fn oid(word: &str) -> Option<Vec<u8>> {
    let arcs = word.split('.').map(|arc| arc.parse::<u64>().ok()).collect::<Option<Vec<_>>>()?;
    let [root @ 0..=2, second, rest @ ..] = &arcs[..] else { return None };
    if *root < 2 && *second > 39 {
        return None;
    }
    let mut bytes = Vec::new();
    for arc in std::iter::once(root.checked_mul(40)?.checked_add(*second)?).chain(rest.iter().copied()) {
        let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
        for group in (0..groups).rev() {
            let more = if group > 0 { 0x80 } else { 0 };
            bytes.push((arc >> (7 * group) & 0x7f) as u8 | more);
        }
    }
    Some(bytes)
}

/// Reads seconds with up to nine decimals, as nanoseconds.
fn seconds(word: &str) -> Option<i128> {
    let (whole, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    // Zeros behind the nanoseconds change nothing.
    let (fraction, rest) = fraction.split_at(fraction.len().min(9));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    Some(i128::from(whole) * NANOS + nanos(fraction)?)
}

/// The nanoseconds of the decimals of a second.
fn nanos(decimals: &str) -> Option<i128> {
    let value: i128 = decimals.parse().ok()?;
    Some(value * 10i128.pow(9u32.checked_sub(decimals.len() as u32)?))
}

/// Reads a date, with or without a time of day, in the local zone where none is given.
fn absolute(text: &str, span: Span) -> Result<Constant, Error> {
    moment(text.trim()).map(Constant::Time).ok_or_else(|| {
        Error::at(span, format!("\"{text}\" is not a date and time"))
            .expected("such as \"2026-07-04 12:34:56.789\", \"2026-07-04T12:34:56Z\" or \"Nov 12, 2026 08:55:44\"")
    })
}

/// The nanoseconds since 1970 of a moment.
fn moment(text: &str) -> Option<i128> {
    let (date, rest) = match text.as_bytes().first()? {
        b'0'..=b'9' => {
            let end = text.find([' ', 'T']).unwrap_or(text.len());
            let mut parts = text[..end].split('-');
            let (year, month, day) = (field(parts.next()?, 4)?, field(parts.next()?, 2)?, field(parts.next()?, 2)?);
            if parts.next().is_some() {
                return None;
            }
            (date(year, month, day)?, text.get(end..)?)
        }
        _ => {
            let (month, rest) = text.split_once(' ')?;
            let (day, rest) = rest.trim_start().split_once(',')?;
            let (year, time) = rest.trim_start().split_once(' ')?;
            let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))?;
            if time.matches(':').count() < 2 {
                return None;
            }
            (date(field(year, 4)?, month as i16 + 1, field(day, 2)?)?, time)
        }
    };
    let (time, zone) = zone(rest)?;
    let (seconds, fraction) = match time.strip_prefix('T') {
        Some(time) if time.contains(':') => clock(time)?,
        Some(_) => return None,
        None => clock(time.trim())?,
    };
    let midnight = date.to_datetime(Clock::midnight());
    let local = midnight.checked_add(seconds.seconds()).ok()?;
    Some(local.to_zoned(zone).ok()?.timestamp().as_second() as i128 * NANOS + fraction)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn field(text: &str, most: usize) -> Option<i16> {
    let fits = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// A day; the 30th of February is the second of March, as in Wireshark.
fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    if !(1..=31).contains(&day) {
        return None;
    }
    let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
    let days: Interval = i32::from(day - 1).days();
    first.checked_add(days).ok()
}

/// Splits the zone off a time of day: `Z`, `UTC`, `+01:00`, `+0100`, `+1`, or the local one.
fn zone(text: &str) -> Option<(&str, TimeZone)> {
    if let Some(time) = text.strip_suffix("UTC") {
        return Some((time, TimeZone::UTC));
    }
    if let Some(time) = text.strip_suffix('Z').filter(|time| time.contains(':')) {
        return Some((time, TimeZone::UTC));
    }
    let Some(at) = text.find(['+', '-']).filter(|at| text[..*at].contains(':')) else {
        return Some((text, TimeZone::system()));
    };
    let offset = &text[at + 1..];
    let (hours, minutes) = match offset.split_once(':') {
        Some((hours, minutes)) => (hours, field(minutes, 2)?),
        None if offset.len() > 2 => (offset.get(..2)?, field(offset.get(2..)?, 2)?),
        None => (offset, 0),
    };
    let seconds = (i32::from(field(hours, 2)?) * 60 + i32::from(minutes)) * 60;
    let offset = Offset::from_seconds(if text[at..].starts_with('-') { -seconds } else { seconds }).ok()?;
    Some((&text[..at], TimeZone::fixed(offset)))
}

/// Reads a time of day, as the seconds since midnight and the nanoseconds of the last of them; none is midnight.
fn clock(text: &str) -> Option<(i64, i128)> {
    let mut parts = text.splitn(3, ':');
    let hour = match parts.next() {
        None | Some("") => return parts.next().is_none().then_some((0, 0)),
        Some(hour) => field(hour, 2)?,
    };
    let minute = parts.next().map_or(Some(0), |minute| field(minute, 2))?;
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(last) => match last.split_once(['.', ',']) {
            None => (field(last, 2)?, 0),
            Some((second, decimals)) => {
                let exact = decimals.get(..9).unwrap_or(decimals);
                let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
                (
                    field(second, 2)?,
                    if digits && !exact.is_empty() {
                        nanos(exact)?
                    } else if digits {
                        0
                    } else {
                        return None;
                    },
                )
            }
        },
    };
    // A minute may have a leap second or, as C counts, two.
    if hour > 23 || minute > 59 || second > 61 {
        return None;
    }
    Some(((i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second), fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Span = Span { start: 0, end: 0 };

    fn target(kind: Kind) -> Target {
        Target::of(kind)
    }

    fn read(text: &str, kind: Kind) -> Option<Constant> {
        word(text, target(kind), HERE).ok()
    }

    #[test]
    fn numbers() {
        for (text, kind, expected) in [
            ("80", Kind::Unsigned(16), Some(80)),
            ("0x50", Kind::Unsigned(16), Some(80)),
            ("0120", Kind::Unsigned(16), Some(80)),
            ("0b1010000", Kind::Unsigned(16), Some(80)),
            ("0B1010000", Kind::Unsigned(16), Some(80)),
            ("08", Kind::Unsigned(16), None),
            ("0x", Kind::Unsigned(16), None),
            ("1e2", Kind::Unsigned(16), None),
            ("80u", Kind::Unsigned(16), None),
            ("65535", Kind::Unsigned(16), Some(65535)),
            ("65536", Kind::Unsigned(16), None),
            ("18446744073709551615", Kind::Unsigned(64), Some(u64::MAX as i128)),
            ("18446744073709551616", Kind::Unsigned(64), None),
            ("127", Kind::Signed(8), Some(127)),
            ("128", Kind::Signed(8), None),
            ("9223372036854775807", Kind::Signed(64), Some(i64::MAX as i128)),
            ("9223372036854775808", Kind::Signed(64), None),
        ] {
            assert_eq!(read(text, kind), expected.map(Constant::Integer), "{text}");
        }
        assert_eq!(read("0.5e1", Kind::Double), Some(Constant::Double(5.0)));
        assert_eq!(read("0x10", Kind::Double), Some(Constant::Double(16.0)));
        assert_eq!(read("50", Kind::Double), Some(Constant::Double(50.0)));
    }

    #[test]
    fn addresses() {
        let ether = Some(Constant::Ether(0x0000_5e00_5301));
        for text in ["00:00:5e:00:53:01", "00-00-5E-00-53-01", "0000.5e00.5301", "00005e005301", "00.00.5e.00.53.01"] {
            assert_eq!(read(text, Kind::Ether), ether, "{text}");
        }
        for text in ["00:00:5e", "00:00:5e:00:53:01:02", "Broadcast", "0xffffffffffff"] {
            assert_eq!(read(text, Kind::Ether), None, "{text}");
        }
        assert_eq!(read("192.0.2.77/24", Kind::Ipv4), Some(Constant::Ipv4 { address: 0xc000_0200, mask: 0xffff_ff00 }));
        assert_eq!(read("0.0.0.0/0", Kind::Ipv4), Some(Constant::Ipv4 { address: 0, mask: 0 }));
        for text in ["192.0.2.0/33", "192.0.2", "192.0.2.256", "192.0.2.010", "0xc000020a", "localhost", "::1"] {
            assert_eq!(read(text, Kind::Ipv4), None, "{text}");
        }
        assert_eq!(read("fe80::/10", Kind::Ipv6), Some(Constant::Ipv6 { address: 0xfe80 << 112, mask: 0x3ff << 118 }));
        assert_eq!(read("ff00::/129", Kind::Ipv6), None);
        assert_eq!(read("192.0.2.1", Kind::Ipv6), None);
    }

    #[test]
    fn bytes() {
        for (text, expected) in [
            ("47:45:54", Some(&b"GET"[..])),
            ("47-45-54", Some(b"GET")),
            ("47.45.54", Some(b"GET")),
            ("474554", Some(b"GET")),
            (":47:45", Some(b"GE")),
            ("4745.5420", Some(b"GET ")),
            ("47", Some(b"G")),
            ("0x47", Some(b"G")),
            ("7", Some(b"\x07")),
            ("080", Some(b"\x08\x00")),
            ("8.00", Some(b"\x08\x00")),
            ("0x4745", None),
            ("0x7", None),
            ("GET", None),
            ("fe80::1", None),
        ] {
            assert_eq!(read(text, Kind::Bytes), expected.map(|bytes| Constant::Bytes(bytes.into())), "{text}");
        }
        let guid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        assert_eq!(read(guid, Kind::Guid), read(&guid.replace('-', ""), Kind::Bytes));
        for text in ["6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c", "1"] {
            assert_eq!(read(text, Kind::Guid), None, "{text}");
        }
        for (text, expected) in [
            ("00:11:22:33:44:55:66:77", Some(0x0011_2233_4455_6677)),
            ("0011.2233.4455.6677", Some(0x0011_2233_4455_6677)),
            ("0xff", Some(255)),
            ("00:11", None),
        ] {
            assert_eq!(read(text, Kind::Eui64), expected.map(Constant::Integer), "{text}");
        }
        for text in ["1", "3.1", "1.40", "1.x", ""] {
            assert_eq!(read(text, Kind::Oid), None, "{text}");
        }
        assert_eq!(
            read("1.2.840.113549", Kind::Oid),
            Some(Constant::Bytes([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d].into()))
        );
    }

    #[test]
    fn times() {
        assert_eq!(read("0.000000001", Kind::RelativeTime), Some(Constant::Time(1)));
        assert_eq!(read("12.5", Kind::RelativeTime), Some(Constant::Time(12_500_000_000)));
        assert_eq!(read("0.5000000000", Kind::RelativeTime), Some(Constant::Time(500_000_000)));
        for text in ["0.0000000001", "0x1", "500ms", "5e-1", "1."] {
            assert_eq!(read(text, Kind::RelativeTime), None, "{text}");
        }
        let second = |text| match text {
            Some(Constant::Time(nanos)) => Some(nanos / NANOS),
            _ => None,
        };
        for (text, expected) in [
            ("2020-01-01T00:00:00Z", Some(1_577_836_800)),
            ("2020-01-01 00:00Z", Some(1_577_836_800)),
            ("2020-01-01 00:00:00.5 UTC", Some(1_577_836_800)),
            ("2020-01-01 01:00:00+01:00", Some(1_577_836_800)),
            ("2020-01-01T01:00:00+0100", Some(1_577_836_800)),
            ("Jan  1, 2020 00:00:00 UTC", Some(1_577_836_800)),
            ("jan 1, 2020 00:00:00.123 UTC", Some(1_577_836_800)),
            ("2020-02-30 00:00:00Z", Some(1_583_020_800)),
            ("2020-01-01T00:00+01", Some(1_577_833_200)),
            ("2020-01-01 00:00:00-1:30", Some(1_577_842_200)),
            ("2020-01-01 01 UTC", Some(1_577_840_400)),
            ("2020-01-01 UTC", Some(1_577_836_800)),
            ("2020-01-01 00:00:60Z", Some(1_577_836_860)),
            ("2020-01-01 00:00:00.Z", Some(1_577_836_800)),
            ("2020-01-01 00:00:00,9999999999Z", Some(1_577_836_800)),
            ("1969-12-31 23:59:59Z", Some(-1)),
            ("2020-01-01T", None),
            ("2020-01-01T00", None),
            ("2020-01-01 Z", None),
            ("2020-01-01 00Z", None),
            ("2020-01-01 00:60", None),
            ("2020-01-01 00:00:62", None),
            ("Jan 1, 2020 00:00", None),
            ("10000-01-01", None),
            ("2020-13-01", None),
            ("2020-01-01 24:00:00", None),
            ("Jan 1, 2020", None),
            ("January 1, 2020 00:00:00", None),
            ("00:00:00", None),
            ("2020", None),
            ("1577836800", None),
            ("garbage", None),
            ("", None),
            ("2020-01-01+", None),
            ("é, 1", None),
        ] {
            assert_eq!(second(super::text(text.as_bytes(), target(Kind::AbsoluteTime), HERE).ok()), expected, "{text}");
        }
        assert!(read("2020-01-01", Kind::AbsoluteTime).is_some());
    }
}
