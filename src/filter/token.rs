//! Tokens: what stands in an expression, before anybody asks what it means.
//!
//! Wireshark's words are wide: `tcp.port`, `10.0.0.0/8`, `00:00:5e:00:53:01`, `2001:db8::1` and `2020-01-01` are one word each, and only
//! the field beside a word says whether `10` is a number, a byte or text. So tokens keep words as they were written.
//! A `-` inside a word belongs to it, as in Wireshark: `tcp.len-1` is one word (and no field), `tcp.len - 1` is three.

use super::error::{Error, Span};

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'t> {
    pub kind: Kind<'t>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'t> {
    /// A field, a number, an address, bytes or text without quotes.
    Word(&'t str),
    /// A string in quotes, its escapes resolved.
    Text(Vec<u8>),
    /// A character constant.
    Char(u8),
    /// What stands between brackets: `0:2,-4`.
    Brackets(&'t str),
    /// What stands in `${…}`: a field of the packet that is referred to.
    Reference(&'t str),
    /// An operator or a piece of punctuation, as in [`SYMBOLS`].
    Symbol(&'static str),
    End,
}

/// Operators and punctuation; where one begins with another, the longer stands first.
static SYMBOLS: &[&str] = &[
    "===", "!==", "==", "!=", "~=", ">=", "<=", "&&", "||", "^^", "..", ">", "<", "!", "~", "&", "(", ")", "{", "}",
    ",", "#", "+", "-", "*", "/", "%", "=", "|", "@", "$", ";", "^", "]",
];

/// Splits `text` into tokens; the last is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Error> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].find(|c: char| !c.is_ascii_whitespace()).unwrap_or(text.len() - at);
        let (kind, end) = token(text, at)?;
        let done = kind == Kind::End;
        tokens.push(Token { kind, span: Span { start: at, end } });
        if done {
            return Ok(tokens);
        }
        at = end;
    }
}

/// Reads the token that begins at `at` and says where it ends.
fn token(text: &str, at: usize) -> Result<(Kind<'_>, usize), Error> {
    let rest = &text[at..];
    let Some(first) = rest.chars().next() else { return Ok((Kind::End, at)) };
    if first == '"' {
        return quoted(text, at, at);
    }
    if matches!(first, 'r' | 'R') && rest[1..].starts_with('"') {
        return raw(text, at);
    }
    match first {
        '\'' => return character(text, at),
        '[' => {
            let Some(len) = rest.find(']') else {
                return Err(Error::at(Span { start: at, end: at + 1 }, "this bracket is never closed").expected("`]`"));
            };
            return Ok((Kind::Brackets(&rest[1..len]), at + len + 1));
        }
        '$' if rest[1..].starts_with('{') => {
            let Some(len) = rest.find('}') else {
                return Err(Error::at(Span { start: at, end: at + 2 }, "`${` is never closed").expected("`}`"));
            };
            return Ok((Kind::Reference(&rest[2..len]), at + len + 1));
        }
        _ => {}
    }
    if let Some(end) = word(text, at) {
        return Ok((Kind::Word(&text[at..end]), end));
    }
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return Ok((Kind::Symbol(symbol), at + symbol.len()));
    }
    let span = Span { start: at, end: at + first.len_utf8() };
    if first.is_ascii() {
        Err(Error::at(span, format!("`{}` is no part of the filter language", first.escape_default())))
    } else {
        let error = Error::at(span, "characters outside ASCII may only stand in double quotes");
        Err(match first {
            '“' | '”' | '„' => error.hint("these are typographic quotes: write \"…\""),
            _ => error,
        })
    }
}

/// Where the word that begins at `at` ends, if one does.
fn word(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if let Some(end) = colons(text, at) {
        return Some(end);
    }
    let first = *bytes.get(at)?;
    let begins = match first {
        b'.' => bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric),
        _ => first.is_ascii_alphanumeric() || first == b'_',
    };
    if !begins {
        return None;
    }
    let mut end = at + 1;
    while let Some(&byte) = bytes.get(end) {
        match byte {
            // A dot that ends a sentence is none of the word, two begin a range.
            b'.' | b'-' if !bytes.get(end + 1).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_') => {
                break;
            }
            b'.' | b'-' | b'_' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => break,
        }
        end += 1;
    }
    if text[at..end].parse::<std::net::Ipv4Addr>().is_ok() {
        end = prefix(bytes, end);
    }
    Some(end)
}

/// Where the IPv6 address or the bytes with colons that begin at `at` end, if there are any.
fn colons(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let run = bytes[at..].iter().take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')).count();
    let mut end = at + run;
    if let Some(dots) = text[at..end].find("..") {
        end = at + dots;
    }
    let run = &text[at..end];
    if !run.contains(':') || bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        return None;
    }
    if run.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some(prefix(bytes, end));
    }
    let pairs = run.strip_prefix(':').unwrap_or(run);
    let pair = |group: &str| group.len() == 2 && !group.contains('.');
    pairs.split(':').all(pair).then_some(end)
}

/// Where the `/24` of a subnet ends, if one begins at `at`.
fn prefix(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'/') => {
            let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 { at } else { at + 1 + digits }
        }
        _ => at,
    }
}

/// Reads a string in double quotes; `start` is where it began, for errors.
fn quoted(text: &str, at: usize, start: usize) -> Result<(Kind<'_>, usize), Error> {
    let bytes = text.as_bytes();
    let mut value = Vec::new();
    let mut end = at + 1;
    loop {
        match bytes.get(end) {
            None => {
                let span = Span { start, end: text.len() };
                return Err(Error::at(span, "this string has no closing quote").expected("`\"`"));
            }
            Some(b'"') => return Ok((Kind::Text(value), end + 1)),
            Some(b'\\') => end = escape(text, end, &mut value)?,
            Some(&byte) => {
                value.push(byte);
                end += 1;
            }
        }
    }
}

/// Reads `r"…"`, in which backslashes stand for themselves.
fn raw(text: &str, at: usize) -> Result<(Kind<'_>, usize), Error> {
    let bytes = text.as_bytes();
    let mut end = at + 2;
    while let Some(&byte) = bytes.get(end) {
        match byte {
            b'"' => return Ok((Kind::Text(bytes[at + 2..end].to_vec()), end + 1)),
            // A quote behind a backslash does not end the string, and the backslash stays.
            b'\\' if bytes.get(end + 1) == Some(&b'"') => end += 2,
            _ => end += 1,
        }
    }
    Err(Error::at(Span { start: at, end: text.len() }, "this string has no closing quote").expected("`\"`"))
}

/// Reads a character constant.
fn character(text: &str, at: usize) -> Result<(Kind<'_>, usize), Error> {
    let bytes = text.as_bytes();
    let mut value = Vec::new();
    let mut end = at + 1;
    loop {
        match bytes.get(end) {
            None => {
                let span = Span { start: at, end: text.len() };
                return Err(Error::at(span, "this character has no closing quote").expected("`'`"));
            }
            Some(b'\'') => break,
            Some(b'\\') => end = escape(text, end, &mut value)?,
            Some(&byte) => {
                value.push(byte);
                end += 1;
            }
        }
    }
    let span = Span { start: at, end: end + 1 };
    match value[..] {
        [byte] => Ok((Kind::Char(byte), end + 1)),
        [] => Err(Error::at(span, "there is no character between these quotes")),
        _ => Err(Error::at(span, "a constant in single quotes is one character")
            .hint(format!("text stands in double quotes: \"{}\"", &text[at + 1..end]))),
    }
}

/// Resolves the escape at `at` and says where it ends.
fn escape(text: &str, at: usize, value: &mut Vec<u8>) -> Result<usize, Error> {
    let bytes = text.as_bytes();
    let digits = |from: usize, most: usize, radix: u32| {
        let rest = bytes.get(from..).unwrap_or_default();
        let len = rest.iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        (u32::from_str_radix(&text[from..from + len], radix).ok(), len)
    };
    let Some(&kind) = bytes.get(at + 1) else {
        return Err(Error::at(Span { start: at, end: at + 1 }, "nothing follows this backslash"));
    };
    let byte = match kind {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' => b'\\',
        b'\'' | b'"' => kind,
        b'0'..=b'7' => {
            let (number, len) = digits(at + 1, 3, 8);
            // Three octal digits reach 511.
            let Some(byte) = number.and_then(|number| u8::try_from(number).ok()) else {
                let span = Span { start: at, end: at + 1 + len };
                let message = format!("`{}` is no byte: the largest is \\377", &text[span.start..span.end]);
                return Err(Error::at(span, message));
            };
            value.push(byte);
            return Ok(at + 1 + len);
        }
        b'x' => match digits(at + 2, 2, 16) {
            (Some(number), len) => {
                value.push(number as u8);
                return Ok(at + 2 + len);
            }
            _ => return Err(bad_escape(text, at)),
        },
        b'u' | b'U' => {
            let wanted = if kind == b'u' { 4 } else { 8 };
            let number = match digits(at + 2, wanted, 16) {
                (Some(number), len) if len == wanted => number,
                _ => return Err(bad_escape(text, at)),
            };
            let span = Span { start: at, end: at + 2 + wanted };
            // As in C (ISO 9899, 6.4.3): what has a spelling of its own has no universal name.
            if number < 0xa0 && !matches!(number, 0x24 | 0x40 | 0x60) {
                let message = format!("`{}` names no character beyond ASCII", &text[span.start..span.end]);
                return Err(Error::at(span, message).hint(format!("write the byte: \\x{number:02x}")));
            }
            let Some(character) = char::from_u32(number) else {
                let message = format!("`{}` is no Unicode character", &text[span.start..span.end]);
                return Err(Error::at(span, message));
            };
            value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(at + 2 + wanted);
        }
        _ => return Err(bad_escape(text, at)),
    };
    value.push(byte);
    Ok(at + 2)
}

fn bad_escape(text: &str, at: usize) -> Error {
    let escaped = text[at + 1..].chars().next().map_or(0, char::len_utf8);
    let span = Span { start: at, end: at + 1 + escaped };
    Error::at(span, format!("`{}` is no escape", &text[span.start..span.end]))
        .hint("escapes are \\\\ \\\" \\a \\b \\f \\n \\r \\t \\v, \\123 (octal), \\x7f, \\u00e9; r\"…\" takes backslashes as they are")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        let mut kinds: Vec<_> = tokens(text).unwrap().into_iter().map(|token| token.kind).collect();
        assert_eq!(kinds.pop(), Some(Kind::End));
        kinds
    }

    fn words(text: &str) -> Vec<&str> {
        kinds(text)
            .into_iter()
            .map(|kind| match kind {
                Kind::Word(word) => word,
                Kind::Symbol(symbol) => symbol,
                Kind::Brackets(inside) | Kind::Reference(inside) => inside,
                other => panic!("{other:?} in {text}"),
            })
            .collect()
    }

    #[test]
    fn words_and_symbols() {
        for (text, expected) in [
            ("tcp.port==80", &["tcp.port", "==", "80"][..]),
            ("!tcp&&ip", &["!", "tcp", "&&", "ip"]),
            ("a !== b", &["a", "!==", "b"]),
            ("ip.src == 10.0.0.0/8", &["ip.src", "==", "10.0.0.0/8"]),
            ("tcp.len/4", &["tcp.len", "/", "4"]),
            ("tcp.len-1", &["tcp.len-1"]),
            ("tcp.len -1", &["tcp.len", "-", "1"]),
            ("16+16", &["16", "+", "16"]),
            ("{80..443,1 .. 2}", &["{", "80", "..", "443", ",", "1", "..", "2", "}"]),
            ("{192.0.2.1..192.0.2.9}", &["{", "192.0.2.1", "..", "192.0.2.9", "}"]),
            ("{::1..::2}", &["{", "::1", "..", "::2", "}"]),
            ("00:00:5e:00:53:01", &["00:00:5e:00:53:01"]),
            ("0000.5e00.5301 00-00-5e-00-53-01", &["0000.5e00.5301", "00-00-5e-00-53-01"]),
            (":47:45 2001:db8::/32 ::ffff:1.2.3.4 ::", &[":47:45", "2001:db8::/32", "::ffff:1.2.3.4", "::"]),
            ("tcp[0:2,-4--3]", &["tcp", "0:2,-4--3"]),
            ("ip.src#2 .tcp", &["ip.src", "#", "2", ".tcp"]),
            ("2020-01-01", &["2020-01-01"]),
            ("{${ip.src#1},1}", &["{", "ip.src#1", ",", "1", "}"]),
            ("len(frame)", &["len", "(", "frame", ")"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn strings_and_characters() {
        for (text, expected) in [
            (r#""GET""#, &b"GET"[..]),
            (r#""\107\x45\u00e9\"\\""#, b"GE\xc3\xa9\"\\"),
            (r#""\377\x7\u0024""#, b"\xff\x07$"),
            (r#"r"\x47""#, br"\x47"),
            ("\"é\"", "é".as_bytes()),
        ] {
            assert_eq!(kinds(text), [Kind::Text(expected.to_vec())], "{text}");
        }
        for (text, expected) in [
            ("'P'", b'P'),
            (r"'\x0a'", b'\n'),
            (r"'\012'", b'\n'),
            (r"'\''", b'\''),
            (r#"'\"'"#, b'"'),
            (r"'\\'", b'\\'),
        ] {
            assert_eq!(kinds(text), [Kind::Char(expected)], "{text}");
        }
    }

    #[test]
    fn what_is_no_token() {
        for text in [
            "\"abc",
            r#""\u0041""#,
            r#""\ud800""#,
            r#""\U00110000""#,
            r#""\400""#,
            "${ip.src",
            "'a",
            "''",
            "'ab'",
            r#""\e""#,
            r#""\q""#,
            r#""\"#,
            r#""\u12""#,
            "tcp[1",
            "é",
            "tcp?",
            "r\"a",
            "`",
        ] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
