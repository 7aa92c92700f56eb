//! What is wrong with an expression, where, and what to write instead.

use std::fmt;

/// A part of an expression, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// From the beginning of `self` to the end of `last`.
    pub(super) fn to(self, last: Span) -> Span {
        Span { start: self.start, end: last.end }
    }
}

/// Why an expression is no display filter.
///
/// Displayed, it is what a user needs to mend it:
///
/// ```text
/// `tcp.prt` is neither a field nor a protocol
///   tcp.prt == 80
///   ^~~~~~~
///   did you mean `tcp.port`?
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// The whole expression.
    pub expression: String,
    /// The part of it that is meant.
    pub span: Span,
    /// What is wrong with it.
    pub message: String,
    /// What could stand there.
    pub expected: Option<String>,
    /// What to write instead.
    pub hints: Vec<String>,
}

impl Error {
    /// Complains about a part; [`super::Filter::compile`] adds the expression.
    pub(super) fn at(span: Span, message: impl Into<String>) -> Error {
        Error { expression: String::new(), span, message: message.into(), expected: None, hints: Vec::new() }
    }

    pub(super) fn expected(mut self, what: impl Into<String>) -> Error {
        self.expected = Some(what.into());
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        let excerpt = Excerpt::of(&self.expression, self.span);
        write!(
            f,
            "\n  {}\n  {:indent$}^{:~<tail$}",
            excerpt.text,
            "",
            "",
            indent = excerpt.indent,
            tail = excerpt.tail
        )?;
        for hint in &self.hints {
            write!(f, "\n  {hint}")?;
        }
        Ok(())
    }
}

/// What an expression says and hardly anybody means; it is a filter all the same.
///
/// Displayed, it shows where and what to write instead, like an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub(super) Error);

impl Warning {
    /// The part of the expression that is meant.
    pub fn span(&self) -> Span {
        self.0.span
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The most characters of an expression that are shown on each side of the mistake.
const AROUND: usize = 60;

/// One line of the expression around a span.
struct Excerpt {
    text: String,
    indent: usize,
    tail: usize,
}

impl Excerpt {
    fn of(expression: &str, span: Span) -> Excerpt {
        let clamp = |mut at: usize| {
            at = at.min(expression.len());
            while !expression.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (clamp(span.start), clamp(span.end.max(span.start)));
        let skipped = expression[..start].chars().count().saturating_sub(AROUND);
        let mut text = String::new();
        if skipped > 0 {
            text.push('…');
        }
        let from = expression.char_indices().nth(skipped).map_or(start, |(at, _)| at);
        // Line breaks and controls would break the picture.
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        text.extend(expression[from..start].chars().map(visible));
        let indent = text.chars().count();
        let marked = expression[start..end].chars().count();
        text.extend(expression[start..].chars().take(marked.min(AROUND) + AROUND).map(visible));
        Excerpt { indent, tail: marked.clamp(1, AROUND) - 1, text: text.trim_end().to_owned() }
    }
}

/// The names among `known` that differ little from `name`, the nearest first.
pub(super) fn near<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let wanted = name.to_ascii_lowercase();
    let most = if wanted.len() < 4 { 1 } else { 2 };
    let mut found: Vec<(usize, &str)> = Vec::new();
    for known in known {
        if known.is_empty() || known.len().abs_diff(wanted.len()) > most || found.iter().any(|row| row.1 == known) {
            continue;
        }
        let distance = distance(&wanted, known);
        if distance <= most {
            found.push((distance, known));
        }
    }
    found.sort_by_key(|row| row.0);
    let least = found.first().map_or(0, |row| row.0);
    found.into_iter().take_while(|row| row.0 == least).map(|row| row.1).take(3).collect()
}

/// The edit distance of two names, where swapping neighbours is one step.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, &a) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, &b) in to.iter().enumerate() {
            let mut best = (last[column] + usize::from(a != b)).min(last[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && a == to[column - 1] && from[row - 1] == b {
                best = best.min(before[column - 1] + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut last, line);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_mistake() {
        let mut error = Error::at(Span { start: 4, end: 7 }, "that is no name").expected("a name").hint("try `xyz`");
        error.expression = "ip. ééé == 1".to_owned();
        error.span.end = 4 + "ééé".len();
        assert_eq!(error.to_string(), "that is no name; expected a name\n  ip. ééé == 1\n      ^~~\n  try `xyz`");
    }

    #[test]
    fn long_expressions_are_cut() {
        let mut error = Error::at(Span { start: 500, end: 503 }, "no");
        error.expression = format!("{}foo{}", "a ".repeat(250), " b".repeat(250));
        let shown = error.to_string();
        assert!(shown.lines().all(|line| line.chars().count() < 140), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let caret = lines[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[1].chars().skip(caret).take(3).collect::<String>(), "foo");
    }

    #[test]
    fn near_names() {
        let known = ["tcp.port", "tcp.srcport", "udp.port", "ip.src", "tcp", "ip", "ipv6"];
        assert_eq!(near("tcp.prt", known.into_iter()), ["tcp.port"]);
        assert_eq!(near("TCP", known.into_iter()), ["tcp"]);
        assert_eq!(near("pi.src", known.into_iter()), ["ip.src"]);
        assert_eq!(near("tpc.port", known.into_iter()), ["tcp.port"]);
        assert!(near("something.else", known.into_iter()).is_empty());
    }
}
