//! Patterns of `matches`: those of PCRE2, written for the `regex` crate.
//!
//! Patterns are matched against bytes, without regard to case. They take linear time whatever they are, so look-around and
//! back-references, which cannot, are refused. What PCRE2 writes otherwise is rewritten.

use regex::bytes::{Regex, RegexBuilder};

/// The most memory that a compiled pattern may take, in bytes.
const MAX_SIZE: usize = 1 << 21;

/// Compiles a pattern, or says in a sentence why it is none.
pub(super) fn compile(pattern: &[u8]) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    RegexBuilder::new(&translated)
        .unicode(false)
        .case_insensitive(true)
        .size_limit(MAX_SIZE)
        .dfa_size_limit(MAX_SIZE)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "this pattern is too large".to_owned(),
            error => {
                // The last line of a report that has several says what is wrong.
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
                format!("this pattern cannot be compiled: {reason}")
            }
        })
}

/// Rewrites what PCRE2 and `regex` write in different ways.
fn translate(pattern: &[u8]) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    // With `(?m)`, `$` stands at the end of lines.
    let lines = pattern.windows(2).enumerate().any(|(at, window)| {
        window == b"(?"
            && pattern[at + 2..].iter().take_while(|byte| byte.is_ascii_alphabetic()).any(|byte| *byte == b'm')
    });
    let mut in_class = false;
    let mut at = 0;
    while let Some(&byte) = pattern.get(at) {
        at += 1;
        match byte {
            b'\\' => at = escape(pattern, at, in_class, &mut out)?,
            // PCRE2 lets `$` stand before a final line break, too.
            b'$' if !in_class && !lines => out.push_str(r"(?:\n?\z)"),
            b'[' if !in_class => {
                in_class = true;
                out.push('[');
                if pattern.get(at) == Some(&b'^') {
                    out.push('^');
                    at += 1;
                }
                if pattern.get(at) == Some(&b']') {
                    out.push_str(r"\]");
                    at += 1;
                }
            }
            b'[' if pattern.get(at) == Some(&b':') => match pattern[at..].windows(2).position(|end| end == b":]") {
                Some(len) => {
                    out.push('[');
                    out.extend(pattern[at..at + len + 2].iter().map(|byte| char::from(*byte & 0x7f)));
                    at += len + 2;
                }
                None => out.push_str(r"\["),
            },
            b'[' => out.push_str(r"\["),
            b']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // `regex` has operators on sets there.
            b'&' | b'~' if in_class => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b'{' if !in_class && !is_count(&pattern[at..]) => out.push_str(r"\{"),
            0x80.. => push_byte(byte, &mut out),
            _ => out.push(char::from(byte)),
        }
    }
    Ok(out)
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

/// Rewrites what follows a backslash and says where it ends.
fn escape(pattern: &[u8], at: usize, in_class: bool, out: &mut String) -> Result<usize, String> {
    let Some(&kind) = pattern.get(at) else {
        return Err("nothing follows the last backslash of this pattern".to_owned());
    };
    let octal = |from: usize, most: usize| {
        let digits = pattern[from..].iter().take(most).take_while(|byte| (b'0'..=b'7').contains(byte));
        digits.fold((0u32, 0), |(value, len), byte| (value << 3 | u32::from(byte - b'0'), len + 1))
    };
    match kind {
        b'0' => {
            let (value, len) = octal(at, 3);
            push_byte(value as u8, out);
            Ok(at + len)
        }
        b'1'..=b'9' => match octal(at, 3) {
            (value, 3) if value < 0x100 => {
                push_byte(value as u8, out);
                Ok(at + 3)
            }
            _ => Err("back-references are not supported in patterns".to_owned()),
        },
        b'o' if pattern.get(at + 1) == Some(&b'{') => {
            let (value, len) = octal(at + 2, 3);
            push_byte(value as u8, out);
            Ok((at + 2 + len + 1).min(pattern.len()))
        }
        b'Q' => {
            let rest = &pattern[at + 1..];
            let len = rest.windows(2).position(|end| end == br"\E").unwrap_or(rest.len());
            rest[..len].iter().for_each(|byte| push_byte(*byte, out));
            Ok((at + 1 + len + 2).min(pattern.len()))
        }
        b'E' => Ok(at + 1),
        b'Z' if !in_class => {
            out.push_str(r"(?:\n?\z)");
            Ok(at + 1)
        }
        b'h' => {
            out.push_str(if in_class { r"\t\x20\xa0" } else { r"[\t\x20\xa0]" });
            Ok(at + 1)
        }
        b'R' if !in_class => {
            out.push_str(r"(?:\r\n|[\n\x0b\f\r\x85])");
            Ok(at + 1)
        }
        b'e' => {
            push_byte(0x1b, out);
            Ok(at + 1)
        }
        0x80.. => {
            push_byte(kind, out);
            Ok(at + 1)
        }
        _ => {
            out.push('\\');
            out.push(char::from(kind));
            Ok(at + 1)
        }
    }
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
        ] {
            assert_eq!(compile(pattern).unwrap().is_match(text), expected, "{}", String::from_utf8_lossy(pattern));
        }
    }

    #[test]
    fn what_is_refused() {
        for (pattern, reason) in [
            (&b"("[..], "unclosed group"),
            (b"(?=a)b", "look-around"),
            (b"(a)\\1", "back-references"),
            (b"a\\", "backslash"),
            (b"(((((a{1000}){1000}){1000}){1000}){1000})", "too large"),
        ] {
            let message = compile(pattern).unwrap_err();
            assert!(message.contains(reason), "{message}");
        }
        assert!(compile(&b"(".repeat(100_000)).is_err());
    }
}
