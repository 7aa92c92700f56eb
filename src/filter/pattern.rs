//! Patterns of `matches`: those of PCRE2, written for the `regex` crate.
//!
//! Patterns are matched against bytes, without regard to case. They take linear time whatever they are, so look-around,
//! back-references and whatever else of PCRE2 cannot, are refused, and the message says so. What PCRE2 writes otherwise is
//! rewritten; nothing is left that both read, and read differently.

use regex::bytes::{Regex, RegexBuilder};

/// The most memory that a compiled pattern may take, in bytes.
const MAX_SIZE: usize = 1 << 21;

/// Why a pattern is none.
#[derive(Debug)]
pub(super) struct Wrong {
    pub message: String,
    pub hint: Option<String>,
}

impl From<String> for Wrong {
    fn from(message: String) -> Wrong {
        Wrong { message, hint: None }
    }
}

/// What of PCRE2 there is not.
fn foreign(what: &str) -> Wrong {
    Wrong {
        message: format!("{what} are not supported in patterns"),
        hint: Some(
            "patterns are those of the regex crate, which takes the same time for any packet: without look-around, \
             back-references, recursion, atomic groups"
                .to_owned(),
        ),
    }
}

/// Compiles a pattern, or says why it is none.
pub(super) fn compile(pattern: &[u8]) -> Result<Regex, Wrong> {
    let translated = Translator::new(pattern).translate()?;
    RegexBuilder::new(&translated)
        .unicode(false)
        .case_insensitive(true)
        .size_limit(MAX_SIZE)
        .dfa_size_limit(MAX_SIZE)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "this pattern is too large".to_owned().into(),
            error => {
                // The last line of a report that has several says what is wrong.
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
                format!("this pattern cannot be compiled: {reason}").into()
            }
        })
}

/// What stands before the place that is read.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// Nothing that could be repeated.
    Nothing,
    Item,
    Repeated,
    /// A repetition that already says how it goes about it: `a+?`.
    Settled,
}

/// Rewrites what PCRE2 and `regex` write in different ways.
struct Translator<'p> {
    pattern: &'p [u8],
    at: usize,
    out: String,
    before: Before,
    /// With `(?m)`, `$` stands at the end of lines.
    lines: bool,
    /// With `(?x)`, white space says nothing.
    spaced: bool,
    groups: u32,
}

impl<'p> Translator<'p> {
    fn new(pattern: &'p [u8]) -> Self {
        let has_flag = |flag: u8| {
            pattern.windows(2).enumerate().any(|(at, window)| {
                window == b"(?"
                    && pattern[at + 2..].iter().take_while(|byte| byte.is_ascii_alphabetic()).any(|byte| *byte == flag)
            })
        };
        let groups = pattern.windows(2).filter(|window| window[0] == b'(' && window[1] != b'?').count();
        Translator {
            pattern,
            at: 0,
            out: String::with_capacity(pattern.len() + 8),
            before: Before::Nothing,
            lines: has_flag(b'm'),
            spaced: has_flag(b'x'),
            groups: groups as u32,
        }
    }

    fn rest(&self) -> &'p [u8] {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    fn translate(mut self) -> Result<String, Wrong> {
        while let Some(&byte) = self.pattern.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.escape(false)?,
                b'(' if self.rest().first() == Some(&b'*') => return Err(foreign("verbs such as `(*FAIL)`")),
                b'(' if self.rest().first() == Some(&b'?') => self.group()?,
                b'(' | b'|' => self.keep(byte, Before::Nothing),
                b'^' => self.keep(byte, Before::Nothing),
                // PCRE2 lets `$` stand before a final line break, too.
                b'$' if !self.lines => self.place(r"(?:\n?\z)"),
                b'$' => self.keep(byte, Before::Nothing),
                b'[' => self.class()?,
                b'*' | b'+' | b'?' => self.repeat(byte)?,
                b'{' if is_count(self.rest()) => {
                    self.repeat(byte)?;
                    while let Some(&byte) = self.pattern.get(self.at) {
                        self.at += 1;
                        self.out.push(char::from(byte));
                        if byte == b'}' {
                            break;
                        }
                    }
                }
                b'{' | b'}' | b']' => self.item(&format!("\\{}", char::from(byte))),
                0x80.. => self.byte(byte),
                _ if self.spaced && (byte.is_ascii_whitespace() || byte == b'#') => self.keep(byte, self.before),
                _ => self.keep(byte, Before::Item),
            }
        }
        Ok(self.out)
    }

    /// Writes a character as it is.
    fn keep(&mut self, byte: u8, before: Before) {
        self.out.push(char::from(byte));
        self.before = before;
    }

    /// Writes something that can be repeated.
    fn item(&mut self, text: &str) {
        self.out.push_str(text);
        self.before = Before::Item;
    }

    /// Writes what stands between bytes, and cannot be repeated.
    fn place(&mut self, text: &str) {
        self.out.push_str(text);
        self.before = Before::Nothing;
    }

    fn byte(&mut self, byte: u8) {
        push_byte(byte, &mut self.out);
        self.before = Before::Item;
    }

    fn repeat(&mut self, byte: u8) -> Result<(), Wrong> {
        self.before = match (self.before, byte) {
            (Before::Item, _) => Before::Repeated,
            (Before::Repeated, b'?') => Before::Settled,
            (Before::Repeated, b'+') => return Err(foreign("possessive repetitions such as `a++`")),
            _ => {
                let sign = char::from(byte);
                return Err(format!("`{sign}` in this pattern follows nothing that could be repeated").into());
            }
        };
        self.out.push(char::from(byte));
        Ok(())
    }

    /// Rewrites what follows `(?`.
    fn group(&mut self) -> Result<(), Wrong> {
        let rest = &self.rest()[1..];
        self.before = Before::Nothing;
        let word = |from: usize, end: u8| {
            let text = rest.get(from..)?;
            let len = text.iter().position(|byte| *byte == end)?;
            let is_name = len > 0 && text[..len].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            is_name.then(|| (String::from_utf8_lossy(&text[..len]).into_owned(), from + len + 1))
        };
        let named = match rest {
            [b'=' | b'!', ..] | [b'<', b'=' | b'!', ..] => return Err(foreign("look-aheads and look-behinds")),
            [b'>', ..] => return Err(foreign("atomic groups")),
            [b'P', b'=', ..] => return Err(foreign("back-references")),
            [b'(', ..] => return Err(foreign("conditions")),
            [b'R' | b'&' | b'0'..=b'9' | b'+', ..] | [b'P', b'>', ..] | [b'-', b'0'..=b'9', ..] => {
                return Err(foreign("recursions"));
            }
            // The numbers of groups are of no interest.
            [b'|', ..] => {
                self.out.push_str("(?:");
                self.at += 2;
                return Ok(());
            }
            [b'#' | b'C', ..] => {
                let len = rest.iter().position(|byte| *byte == b')');
                self.at += len.ok_or_else(|| "a comment in this pattern is never closed".to_owned())? + 2;
                return Ok(());
            }
            [b'P', b'<', ..] => word(2, b'>'),
            [b'<', ..] => word(1, b'>'),
            [b'\'', ..] => word(1, b'\''),
            _ => return self.flags(rest),
        };
        let (name, len) = named.ok_or_else(|| "a group in this pattern has no name".to_owned())?;
        self.out.push_str(&format!("(?P<{name}>"));
        self.at += 1 + len;
        Ok(())
    }

    /// Rewrites flags: `(?i-s:`.
    fn flags(&mut self, rest: &[u8]) -> Result<(), Wrong> {
        let Some(len) = rest.iter().position(|byte| matches!(byte, b')' | b':')) else {
            return Err("a group in this pattern is never closed".to_owned().into());
        };
        let (mut on, mut off, mut minus) = (String::new(), String::new(), false);
        for &byte in &rest[..len] {
            let flag = char::from(byte);
            match byte {
                b'-' if !minus => minus = true,
                b'^' => off.push_str("imsx"),
                // Which names may stand twice, and which groups capture, is of no interest.
                b'J' | b'n' => {}
                b'i' | b'm' | b's' | b'x' | b'U' if minus => {
                    on = on.replace(flag, "");
                    if !off.contains(flag) {
                        off.push(flag);
                    }
                }
                b'i' | b'm' | b's' | b'x' | b'U' => {
                    off = off.replace(flag, "");
                    if !on.contains(flag) {
                        on.push(flag);
                    }
                }
                _ => return Err(format!("`{}` is no flag of patterns", flag.escape_default()).into()),
            }
        }
        let end = char::from(rest[len]);
        self.at += len + 2;
        match (on.is_empty() && off.is_empty(), end) {
            (true, ':') => self.out.push_str("(?:"),
            (true, _) => {}
            (false, _) => {
                let minus = if off.is_empty() { "" } else { "-" };
                self.out.push_str(&format!("(?{on}{minus}{off}{end}"));
            }
        }
        Ok(())
    }

    /// Rewrites what follows `[`.
    fn class(&mut self) -> Result<(), Wrong> {
        match self.rest() {
            [b'[', b':', b'<', b':', b']', b']', ..] => {
                self.at += 6;
                self.place(r"\b{start}");
                return Ok(());
            }
            [b'[', b':', b'>', b':', b']', b']', ..] => {
                self.at += 6;
                self.place(r"\b{end}");
                return Ok(());
            }
            _ => {}
        }
        self.out.push('[');
        if self.rest().first() == Some(&b'^') {
            self.out.push('^');
            self.at += 1;
        }
        if self.rest().first() == Some(&b']') {
            self.out.push_str(r"\]");
            self.at += 1;
        }
        let mut dash = false;
        while let Some(&byte) = self.pattern.get(self.at) {
            self.at += 1;
            let follows_dash = std::mem::replace(&mut dash, byte == b'-');
            match byte {
                b']' => {
                    self.out.push(']');
                    self.before = Before::Item;
                    return Ok(());
                }
                b'\\' => self.escape(true)?,
                b'[' if self.rest().first() == Some(&b':') => {
                    match self.rest().windows(2).position(|end| end == b":]") {
                        Some(len) => {
                            let name = &self.rest()[..len + 2];
                            self.out.push('[');
                            self.out.extend(name.iter().map(|byte| char::from(*byte & 0x7f)));
                            self.at += len + 2;
                        }
                        None => self.out.push_str(r"\["),
                    }
                }
                // `regex` has operators on sets there; and with `(?x)` it passes over white space.
                b'-' if follows_dash => self.out.push_str(r"\-"),
                b'&' | b'~' | b'[' | b'#' => self.out.push_str(&format!("\\{}", char::from(byte))),
                0x80.. | b' ' | b'\t'..=b'\r' => push_byte(byte, &mut self.out),
                _ => self.out.push(char::from(byte)),
            }
        }
        Err("a `[` in this pattern is never closed".to_owned().into())
    }

    /// Rewrites what follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), Wrong> {
        let Some(&kind) = self.rest().first() else {
            return Err("nothing follows the last backslash of this pattern".to_owned().into());
        };
        self.at += 1;
        let class = |inside: &'static str| if in_class { inside.to_owned() } else { format!("[{inside}]") };
        match kind {
            b'd' | b'D' | b'w' | b'W' | b's' | b'S' | b'n' | b'r' | b't' | b'f' | b'a' => {
                self.item(&format!("\\{}", char::from(kind)));
            }
            b'b' if in_class => self.byte(0x08),
            b'b' | b'B' | b'A' | b'z' if !in_class => self.place(&format!("\\{}", char::from(kind))),
            // Matching begins at the beginning, and where it is said to begin afterwards makes no difference.
            b'G' if !in_class => self.place(r"\A"),
            b'K' if !in_class => {}
            b'Z' if !in_class => self.place(r"(?:\n?\z)"),
            b'e' => self.byte(0x1b),
            b'h' => self.item(&class(r"\t\x20\xa0")),
            b'v' => self.item(&class(r"\n\x0b\f\r\x85")),
            b'H' if !in_class => self.item(r"[^\t\x20\xa0]"),
            b'V' if !in_class => self.item(r"[^\n\x0b\f\r\x85]"),
            b'N' if !in_class && self.rest().first() != Some(&b'{') => self.item(r"[^\n]"),
            b'R' if !in_class => self.item(r"(?:\r\n|[\n\x0b\f\r\x85])"),
            b'C' if !in_class => self.item(r"(?s:.)"),
            b'X' if !in_class => self.item(r"(?s:\r\n|.)"),
            b'Q' => {
                let rest = self.rest();
                let len = rest.windows(2).position(|end| end == br"\E");
                rest[..len.unwrap_or(rest.len())].iter().for_each(|byte| self.byte(*byte));
                self.at = (self.at + len.map_or(rest.len(), |len| len + 2)).min(self.pattern.len());
            }
            b'E' => {}
            b'0' => {
                self.at -= 1;
                self.octal()?;
            }
            b'1'..=b'9' => {
                let digits = std::iter::once(&kind).chain(self.rest()).take_while(|byte| byte.is_ascii_digit()).take(3);
                let number = digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
                if !in_class && (number < 10 || number <= self.groups) {
                    return Err(foreign("back-references"));
                }
                self.at -= 1;
                self.octal()?;
            }
            b'g' | b'k' if !in_class => return Err(foreign("back-references")),
            b'o' if self.rest().first() == Some(&b'{') => {
                let value = self.braced(8)?;
                self.byte(value);
            }
            b'x' if self.rest().first() == Some(&b'{') => {
                let value = self.braced(16)?;
                self.byte(value);
            }
            b'x' => {
                let digits = self.rest().iter().take(2).map_while(|digit| char::from(*digit).to_digit(16));
                let (value, len) = digits.fold((0, 0), |(value, len), digit| (value << 4 | digit, len + 1));
                self.at += len;
                self.byte(value as u8);
            }
            b'c' => match self.rest().first() {
                Some(&byte @ b' '..=b'~') => {
                    self.at += 1;
                    self.byte(byte.to_ascii_uppercase() ^ 0x40);
                }
                _ => return Err("`\\c` in this pattern is followed by no letter".to_owned().into()),
            },
            b'p' | b'P' => {
                return Err(Wrong {
                    message: format!("`\\{}` is not supported in patterns", char::from(kind)),
                    hint: Some("patterns match bytes, not characters: write `[a-z]`, `[[:alpha:]]`".to_owned()),
                });
            }
            _ if kind.is_ascii_alphanumeric() => {
                return Err(format!("`\\{}` means nothing in patterns", char::from(kind)).into());
            }
            _ => self.byte(kind),
        }
        Ok(())
    }

    /// Reads up to three octal digits.
    fn octal(&mut self) -> Result<(), Wrong> {
        let digits = self.rest().iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte));
        let (value, len) = digits.fold((0u32, 0), |(value, len), byte| (value << 3 | u32::from(byte - b'0'), len + 1));
        self.at += len;
        match u8::try_from(value) {
            Ok(value) if len > 0 => self.byte(value),
            _ => return Err("a number behind a backslash in this pattern is no byte".to_owned().into()),
        }
        Ok(())
    }

    /// Reads the digits in `\x{…}`.
    fn braced(&mut self, radix: u32) -> Result<u8, Wrong> {
        let wrong = || Wrong::from("a number in braces in this pattern is no byte".to_owned());
        let rest = &self.rest()[1..];
        let len = rest.iter().position(|byte| *byte == b'}').ok_or_else(wrong)?;
        let digits =
            std::str::from_utf8(&rest[..len]).ok().filter(|digits| !digits.starts_with('+')).ok_or_else(wrong)?;
        self.at += len + 2;
        u8::from_str_radix(digits, radix).map_err(|_| wrong())
    }
}

/// Whether a `{` before this begins a repetition.
fn is_count(rest: &[u8]) -> bool {
    let Some(end) = rest.iter().position(|byte| *byte == b'}') else { return false };
    let mut commas = 0;
    let digits = rest[..end].iter().all(|byte| {
        commas += usize::from(*byte == b',');
        byte.is_ascii_digit() || *byte == b','
    });
    digits && commas < 2 && rest[0].is_ascii_digit()
}

fn push_byte(byte: u8, out: &mut String) {
    use std::fmt::Write;
    // Writing to a `String` cannot fail.
    _ = write!(out, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pcre2_matches() {
        for (pattern, text, expected) in [
            (&b"TCP$"[..], &b"eth:ip:tcp"[..], true),
            (b"(?-i)TCP", b"tcp", false),
            (b"world$", b"hello world\n", true),
            (b"world\\z", b"hello world\n", false),
            (b"world\\Z", b"hello world\n", true),
            (b"(?m)hello$", b"hello\nworld", true),
            (b"\\bip\\b", b"eth:ip:tcp", true),
            (b"^\xff\xff", b"\xff\xff\x00", true),
            (b"^\\xff", b"\xff", true),
            ("é".as_bytes(), "café".as_bytes(), true),
            (b"{", b"a{b", true),
            (b"x{2,3}", b"axxb", true),
            (b"x{,3}", b"x{,3}", true),
            (b"]", b"]", true),
            (b"\\164cp", b"tcp", true),
            (b"\\o{164}cp", b"tcp", true),
            (b"\\Qa.b\\E", b"a.b", true),
            (b"\\Qa.b\\E", b"axb", false),
            (b"[[:upper:]]", b"a", true),
            (b"[a[]", b"[", true),
            (b"[a&&b]", b"&", true),
            (b"[]x]", b"]", true),
            (b"[$]", b"$", true),
            (b"\\/\\-\\_", b"/-_", true),
            (b"a.b", b"a\nb", false),
            (b"(?s)a.b", b"a\nb", true),
            (b"(?x) a b", b"ab", true),
            (b"", b"", true),
            (b"\\x{ff}", b"\xff", true),
            (b"\\x4g", b"\x04g", true),
            (b"\\xg", b"\0g", true),
            (b"a\\vb", b"a\nb", true),
            (b"[\\v]", b"\r", true),
            (b"a\\Nb", b"a\nb", false),
            (b"a\\Cb", b"a\nb", true),
            (b"a\\Kb", b"ab", true),
            (b"\\Gb", b"ab", false),
            (b"(?'n'abc)", b"abc", true),
            (b"(?|a|b)", b"b", true),
            (b"(?#comment)abc", b"abc", true),
            (b"(?^)abc", b"ABC", false),
            (b"(?i-i)abc", b"ABC", false),
            (b"(?xx)a b", b"ab", true),
            (b"(?x)[a b]", b" ", true),
            (b"(?x)a # comment\n+b", b"aab", true),
            (b"(?n)(a)", b"a", true),
            (b"[[:<:]]x", b"x y", true),
            (b"[[:>:]]x", b"x y", false),
            (b"\\<tag\\>", b"<tag>", true),
            (b"\\<tag\\>", b"tag", false),
            (b"[\\b]", b"\x08", true),
            (b"[+--]", b",", true),
            (b"\\10", b"\x08", true),
            (b"\\cA\\ca\\c[", b"\x01\x01\x1b", true),
            (b"a+?b", b"aab", true),
            (b"caf\\w", "caf\u{e9}".as_bytes(), false),
        ] {
            assert_eq!(compile(pattern).unwrap().is_match(text), expected, "{}", String::from_utf8_lossy(pattern));
        }
    }

    #[test]
    fn what_is_refused() {
        for (pattern, reason) in [
            (&b"("[..], "unclosed group"),
            (b"(?=a)b", "look-ahead"),
            (b"(?<!a)b", "look-behind"),
            (b"(a)\\1", "back-references"),
            (b"(?<n>a)\\k<n>", "back-references"),
            (b"(?P<n>a)(?P=n)", "back-references"),
            (b"(?>a)", "atomic"),
            (b"a++b", "possessive"),
            (b"a{2}+b", "possessive"),
            (b"(?R)", "recursion"),
            (b"(a)(?1)", "recursion"),
            (b"(a)?(?(1)b|c)", "condition"),
            (b"(*FAIL)", "verbs"),
            (b"\\p{L}", "bytes, not characters"),
            (b"a\\", "backslash"),
            (b"a**", "repeated"),
            (b"^*", "repeated"),
            (b"a+??", "repeated"),
            (b"[a--b]", "range"),
            (b"[a", "never closed"),
            (b"(?u)a", "no flag"),
            (b"(?#", "never closed"),
            (b"\\x{100}", "no byte"),
            (b"\\o{8}", "no byte"),
            (b"\\400", "no byte"),
            (b"\\u0041", "means nothing"),
            (b"(((((a{1000}){1000}){1000}){1000}){1000})", "too large"),
        ] {
            let wrong = compile(pattern).unwrap_err();
            let message = format!("{} {}", wrong.message, wrong.hint.unwrap_or_default());
            assert!(message.contains(reason), "{message}");
        }
        assert!(compile(&b"(".repeat(100_000)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_pattern_is_one_or_is_refused(pattern in proptest::collection::vec(0u8.., 0..40), text in r"[\[\](){}?*+\\^$|:<>=!#a-zA-Z0-9 ,-]{0,24}") {
            _ = compile(&pattern);
            _ = compile(text.as_bytes());
        }
    }
}
