//! The grammar: from tokens to a tree that still says where each part stood.
//!
//! ```text
//! or       = xor (("or" | "||") xor)*
//! xor      = and (("xor" | "^^") and)*
//! and      = not (("and" | "&&") not)*
//! not      = ("not" | "!") not | "(" or ")" | test
//! test     = ["any" | "all"] bits [relation]
//! relation = (comparison bits)+ | "contains" place | ("matches" | "~") place | [not] "in" "{" element ("," element)* "}"
//! element  = signed [".." signed]
//! bits     = sum ("&" sum)*
//! sum      = product (("+" | "-") product)*
//! product  = group (("*" | "/" | "%") group)*
//! group    = [sign] "{" bits "}" | signed
//! signed   = [sign] place
//! place    = primary ("#" layers | "[" ranges "]")*
//! primary  = word | string | character | name "(" bits ("," bits)* ")" | "@" word | "${" word ["#" layers] "}"
//! ```
//!
//! Nothing here knows a field. Lists of `and` and `or` are flat and everything that nests is counted, so that no expression can
//! exhaust the stack, here or in what walks the tree later.

use super::error::{Error, Span};
use super::token::{Kind, Token, tokens};

/// The most parts that may stand inside one another.
const MAX_DEPTH: usize = 128;

/// The most bytes of an expression.
const MAX_LEN: usize = 1 << 16;

/// A condition.
#[derive(Debug, PartialEq)]
pub(super) enum Expr<'t> {
    And(Vec<Expr<'t>>),
    Or(Vec<Expr<'t>>),
    Xor(Vec<Expr<'t>>),
    Not(Box<Expr<'t>>),
    Test(Test<'t>),
}

/// A question about the values of a packet.
#[derive(Debug, PartialEq)]
pub(super) struct Test<'t> {
    pub quantifier: Option<Quantifier>,
    pub left: Operand<'t>,
    pub relation: Relation<'t>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Relation<'t> {
    /// The operand is there; of arithmetic, that it is not zero.
    Exists,
    /// `a < b <= c`: each holds.
    Compare(Vec<(Comparison, Operand<'t>)>),
    Contains(Operand<'t>),
    Matches(Operand<'t>),
    In {
        negated: bool,
        set: Vec<Element<'t>>,
    },
}

/// One element of a set: a value, or all from the first to the last.
#[derive(Debug, PartialEq)]
pub(super) struct Element<'t> {
    pub first: Operand<'t>,
    pub last: Option<Operand<'t>>,
}

/// How many of the values have to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    Any,
    All,
}

/// A comparison, with the number of values that it asks for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    pub order: Order,
    pub quantifier: Quantifier,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Different,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// What stands beside a relation.
#[derive(Debug, PartialEq)]
pub(super) struct Operand<'t> {
    pub kind: OperandKind<'t>,
    pub span: Span,
}

#[derive(Debug, PartialEq)]
pub(super) enum OperandKind<'t> {
    Word(&'t str),
    Text(Vec<u8>),
    Char(u8),
    /// The field's bytes as they stood in the packet.
    Raw(&'t str),
    /// What a field says in the packet that is referred to.
    Reference(&'t str),
    /// Only these of a packet's layers of the protocol.
    Layers(Box<Operand<'t>>, Vec<Range>),
    Slice(Box<Operand<'t>>, Vec<Range>),
    Call {
        name: &'t str,
        name_span: Span,
        arguments: Vec<Operand<'t>>,
    },
    Negative(Box<Operand<'t>>),
    Positive(Box<Operand<'t>>),
    Binary(Arithmetic, Box<Operand<'t>>, Box<Operand<'t>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    And,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A part of a sequence; negative positions count from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub first: i32,
    pub end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// So many, from the first on.
    Length(i32),
    /// Up to this one.
    Last(i32),
    /// All the rest.
    Open,
}

/// Reads an expression; an empty one is `None`.
pub(super) fn parse(text: &str) -> Result<Option<Expr<'_>>, Error> {
    if text.len() > MAX_LEN {
        let message = format!("an expression has {MAX_LEN} bytes at most, this one has {}", text.len());
        return Err(Error::at(Span { start: MAX_LEN, end: MAX_LEN }, message));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, depth: 0 };
    if parser.peek() == &Kind::End {
        return Ok(None);
    }
    let expr = parser.or()?;
    match parser.peek() {
        Kind::End => Ok(Some(expr)),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> &Kind<'t> {
        // The last token is `End`, and nothing goes past it.
        &self.tokens[self.at].kind
    }

    fn span(&self) -> Span {
        self.tokens[self.at].span
    }

    fn last_span(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].span
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn is_symbol(&self, wanted: &str) -> bool {
        matches!(self.peek(), Kind::Symbol(symbol) if *symbol == wanted)
    }

    fn is_word(&self, wanted: &str) -> bool {
        matches!(self.peek(), Kind::Word(word) if *word == wanted)
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Takes an operator that is a word or a symbol.
    fn take_either(&mut self, word: &str, symbol: &str) -> bool {
        let found = self.is_word(word) || self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, symbol: &str, opened: Span) -> Result<(), Error> {
        if self.take(symbol) {
            return Ok(());
        }
        if self.peek() == &Kind::End {
            let opening = &self.text[opened.start..opened.end];
            return Err(Error::at(opened, format!("`{opening}` is never closed")).expected(format!("`{symbol}`")));
        }
        Err(self.unexpected().expected(format!("`{symbol}`")))
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::at(self.span(), format!("more than {MAX_DEPTH} parts stand inside one another here")));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// A list of `part`s between operators.
    fn list(
        &mut self,
        operator: (&str, &str),
        part: fn(&mut Self) -> Result<Expr<'t>, Error>,
        make: fn(Vec<Expr<'t>>) -> Expr<'t>,
    ) -> Result<Expr<'t>, Error> {
        let first = part(self)?;
        if !self.is_word(operator.0) && !self.is_symbol(operator.1) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_either(operator.0, operator.1) {
            parts.push(part(self)?);
        }
        Ok(make(parts))
    }

    fn or(&mut self) -> Result<Expr<'t>, Error> {
        self.list(("or", "||"), Self::xor, Expr::Or)
    }

    fn xor(&mut self) -> Result<Expr<'t>, Error> {
        self.list(("xor", "^^"), Self::and, Expr::Xor)
    }

    fn and(&mut self) -> Result<Expr<'t>, Error> {
        self.list(("and", "&&"), Self::not, Expr::And)
    }

    fn not(&mut self) -> Result<Expr<'t>, Error> {
        let mut negated = false;
        while self.take_either("not", "!") {
            negated = !negated;
        }
        let opened = self.span();
        let expr = if self.take("(") {
            let expr = self.nested(Self::or)?;
            self.expect(")", opened)?;
            expr
        } else {
            Expr::Test(self.test()?)
        };
        Ok(if negated { Expr::Not(Box::new(expr)) } else { expr })
    }

    fn test(&mut self) -> Result<Test<'t>, Error> {
        let start = self.span();
        let quantifier = match self.peek() {
            Kind::Word("any") => Some(Quantifier::Any),
            Kind::Word("all") => Some(Quantifier::All),
            _ => None,
        };
        if quantifier.is_some() {
            self.advance();
        }
        let left = self.bits()?;
        let relation = self.relation()?;
        if quantifier.is_some() && relation == Relation::Exists {
            let word = &self.text[start.start..start.end];
            return Err(Error::at(start.to(left.span), format!("`{word}` needs a relation"))
                .hint(format!("such as `{word} tcp.port > 1024`")));
        }
        Ok(Test { quantifier, left, relation })
    }

    fn relation(&mut self) -> Result<Relation<'t>, Error> {
        if self.comparison().is_some() {
            let mut chain = Vec::new();
            while let Some(comparison) = self.comparison() {
                self.advance();
                chain.push((comparison, self.bits()?));
            }
            return Ok(Relation::Compare(chain));
        }
        match self.peek() {
            Kind::Word("contains") => {
                self.advance();
                Ok(Relation::Contains(self.place()?))
            }
            Kind::Word("matches") | Kind::Symbol("~") => {
                self.advance();
                Ok(Relation::Matches(self.place()?))
            }
            Kind::Word("in") => {
                self.advance();
                Ok(Relation::In { negated: false, set: self.set()? })
            }
            Kind::Word("not") | Kind::Symbol("!") if self.next_word() == "in" => {
                self.advance();
                self.advance();
                Ok(Relation::In { negated: true, set: self.set()? })
            }
            _ => Ok(Relation::Exists),
        }
    }

    /// The comparison that stands here.
    fn comparison(&self) -> Option<Comparison> {
        use {Order::*, Quantifier::*};
        let (order, quantifier) = match self.peek() {
            Kind::Symbol("==") | Kind::Word("eq" | "any_eq") => (Equal, Any),
            Kind::Symbol("===") | Kind::Word("all_eq") => (Equal, All),
            Kind::Symbol("!=") | Kind::Word("ne" | "all_ne") => (Different, All),
            Kind::Symbol("!==" | "~=") | Kind::Word("any_ne") => (Different, Any),
            Kind::Symbol(">") | Kind::Word("gt") => (Greater, Any),
            Kind::Symbol(">=") | Kind::Word("ge") => (GreaterOrEqual, Any),
            Kind::Symbol("<") | Kind::Word("lt") => (Less, Any),
            Kind::Symbol("<=") | Kind::Word("le") => (LessOrEqual, Any),
            _ => return None,
        };
        Some(Comparison { order, quantifier })
    }

    fn set(&mut self) -> Result<Vec<Element<'t>>, Error> {
        let opened = self.span();
        if !self.take("{") {
            let error = self.unexpected().expected("a set");
            return Err(error.hint("sets stand in braces: `tcp.port in {80, 443, 8000..8080}`"));
        }
        let mut set = Vec::new();
        loop {
            let first = self.element()?;
            let last = if self.take("..") { Some(self.element()?) } else { None };
            set.push(Element { first, last });
            if !self.take(",") {
                break;
            }
        }
        // `{80 443}`, as before Wireshark 4.0.
        if matches!(self.peek(), Kind::Word(_) | Kind::Text(_) | Kind::Char(_)) {
            let (last, span) = (self.last_span(), self.span());
            let parts = &self.text[last.start..span.end];
            let error = Error::at(span, format!("`{}` cannot stand here", &self.text[span.start..span.end]));
            let (first, second) = parts.split_at(last.end - last.start);
            return Err(error
                .expected("`,` or `}`")
                .hint(format!("values are separated by commas: `{first}, {}`", second.trim())));
        }
        self.expect("}", opened)?;
        Ok(set)
    }

    /// A value of a set, where braces and arithmetic would be hard to read.
    fn element(&mut self) -> Result<Operand<'t>, Error> {
        self.signed(Self::place)
    }

    fn bits(&mut self) -> Result<Operand<'t>, Error> {
        self.arithmetic(&[("&", Arithmetic::And), ("bitwise_and", Arithmetic::And)], Self::sum)
    }

    fn sum(&mut self) -> Result<Operand<'t>, Error> {
        self.arithmetic(&[("+", Arithmetic::Add), ("-", Arithmetic::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Operand<'t>, Error> {
        let operators = [("*", Arithmetic::Multiply), ("/", Arithmetic::Divide), ("%", Arithmetic::Remainder)];
        self.arithmetic(&operators, Self::group)
    }

    fn arithmetic(
        &mut self,
        operators: &[(&str, Arithmetic)],
        part: fn(&mut Self) -> Result<Operand<'t>, Error>,
    ) -> Result<Operand<'t>, Error> {
        let mut left = part(self)?;
        let mut links = 0;
        while let Some(&(_, operator)) =
            operators.iter().find(|(name, _)| self.is_symbol(name) || (name.len() > 1 && self.is_word(name)))
        {
            // Each link is one level of the tree.
            links += 1;
            if self.depth + links > MAX_DEPTH {
                return Err(Error::at(self.span(), format!("more than {MAX_DEPTH} values are computed with here")));
            }
            self.advance();
            let right = part(self)?;
            let span = left.span.to(right.span);
            left = Operand { kind: OperandKind::Binary(operator, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    /// What arithmetic is done with: a value, or several in braces.
    fn group(&mut self) -> Result<Operand<'t>, Error> {
        self.signed(|parser| {
            let opened = parser.span();
            if !parser.take("{") {
                return parser.place();
            }
            let inner = parser.nested(Self::bits)?;
            parser.expect("}", opened)?;
            Ok(Operand { kind: inner.kind, span: opened.to(parser.last_span()) })
        })
    }

    /// One sign at most, and what stands behind it.
    fn signed(&mut self, part: impl FnOnce(&mut Self) -> Result<Operand<'t>, Error>) -> Result<Operand<'t>, Error> {
        let start = self.span();
        let make = match self.peek() {
            Kind::Symbol("-") => OperandKind::Negative,
            Kind::Symbol("+") => OperandKind::Positive,
            _ => return part(self),
        };
        self.advance();
        let operand = part(self)?;
        let span = start.to(operand.span);
        Ok(Operand { kind: make(Box::new(operand)), span })
    }

    fn place(&mut self) -> Result<Operand<'t>, Error> {
        let mut operand = self.primary()?;
        let mut links = 0;
        loop {
            let brackets = match *self.peek() {
                Kind::Brackets(inside) => Some(inside),
                Kind::Symbol("#") if matches!(operand.kind, OperandKind::Word(_) | OperandKind::Raw(_)) => None,
                _ => return Ok(operand),
            };
            links += 1;
            if self.depth + links > MAX_DEPTH {
                return Err(Error::at(self.span(), "this is sliced too often"));
            }
            let kind: fn(_, _) -> _ = if brackets.is_some() { OperandKind::Slice } else { OperandKind::Layers };
            let ranges = match brackets {
                Some(inside) => ranges(inside, self.span().start + 1)?,
                None => self.layers()?,
            };
            let span = operand.span.to(self.span());
            self.advance();
            operand = Operand { kind: kind(Box::new(operand), ranges), span };
        }
    }

    /// Reads the layers behind a `#`, up to the last token of them.
    fn layers(&mut self) -> Result<Vec<Range>, Error> {
        self.advance();
        match *self.peek() {
            Kind::Brackets(inside) => ranges(inside, self.span().start + 1),
            Kind::Word(word) => match word.parse() {
                Ok(layer) => Ok(vec![Range { first: layer, end: End::Length(1) }]),
                Err(_) => Err(self.unexpected().expected("the number of a layer")),
            },
            _ => Err(self.unexpected().expected("the number of a layer, or several in brackets")),
        }
    }

    fn primary(&mut self) -> Result<Operand<'t>, Error> {
        let span = self.span();
        let kind = match self.tokens[self.at].kind.clone() {
            Kind::Word(word) if is_operator(word) => return Err(self.unexpected().expected("a field or a value")),
            Kind::Word(word) => {
                self.advance();
                if self.is_symbol("(") {
                    return self.nested(|parser| parser.call(word, span));
                }
                return Ok(Operand { kind: OperandKind::Word(word), span });
            }
            Kind::Text(text) => OperandKind::Text(text),
            Kind::Char(byte) => OperandKind::Char(byte),
            Kind::Reference(inside) => {
                self.advance();
                return reference(inside, span);
            }
            Kind::Symbol("@") => {
                self.advance();
                let Kind::Word(word) = *self.peek() else { return Err(self.unexpected().expected("a field")) };
                OperandKind::Raw(word)
            }
            _ => return Err(self.unexpected().expected("a field or a value")),
        };
        let span = span.to(self.span());
        self.advance();
        Ok(Operand { kind, span })
    }

    fn call(&mut self, name: &'t str, name_span: Span) -> Result<Operand<'t>, Error> {
        let opened = self.span();
        self.advance();
        let mut arguments = Vec::new();
        if !self.is_symbol(")") {
            arguments.push(self.bits()?);
            while self.take(",") {
                arguments.push(self.bits()?);
            }
        }
        self.expect(")", opened)?;
        let span = name_span.to(self.last_span());
        Ok(Operand { kind: OperandKind::Call { name, name_span, arguments }, span })
    }

    /// Complains about the token that stands here, and says what was probably meant.
    fn unexpected(&self) -> Error {
        let span = self.span();
        if self.peek() == &Kind::End {
            return Error::at(span, "the expression ends too soon");
        }
        let written = &self.text[span.start..span.end];
        let error = Error::at(span, format!("`{written}` cannot stand here"));
        let before = self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).map(|token| &token.kind);
        match (before, self.peek()) {
            (_, Kind::Symbol("=")) if before == Some(&Kind::Symbol("<")) || self.next_is("<") || self.next_is(">") => {
                error.hint("orders are written `<=` and `>=`")
            }
            (_, Kind::Symbol("=")) => error.hint("equality is written `==`"),
            (_, Kind::Symbol("|")) => error.hint("alternatives are written `or` or `||`"),
            (_, Kind::Symbol(";" | ",")) => error.hint("conditions are joined by `and` or `or`"),
            (Some(Kind::Symbol("<")), Kind::Symbol(">")) => error.hint("inequality is written `!=`"),
            (_, Kind::Symbol("$")) => error.hint("a field of another packet is written `${ip.src}`"),
            (_, Kind::Word("AND" | "OR" | "NOT")) => {
                error.hint(format!("`{}` is written in lower case", written.to_lowercase()))
            }
            (_, Kind::Symbol("(")) => error.hint("parentheses stand around conditions; values are grouped by braces"),
            (Some(Kind::Word(_)), Kind::Word(_)) => error.expected("an operator such as `==`, `contains`, `and`"),
            _ => error,
        }
    }

    fn next_is(&self, symbol: &str) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|next| matches!(next.kind, Kind::Symbol(found) if found == symbol))
    }

    fn next_word(&self) -> &'t str {
        match self.tokens.get(self.at + 1).map(|next| &next.kind) {
            Some(Kind::Word(word)) => word,
            _ => "",
        }
    }
}

/// Reads what stands in `${…}`, which is `span` with its braces.
fn reference(inside: &str, span: Span) -> Result<Operand<'_>, Error> {
    let wrong = |message: String| {
        let hint = "`${ip.src}` is what the field says in the packet of --ref, `${ip.src#2}` the same of one layer";
        Err(Error::at(span, message).hint(hint))
    };
    let (name, layers) = match inside.split_once('#') {
        Some((name, layers)) => (name, Some(layers)),
        None => (inside, None),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() || !name.bytes().all(is_name) {
        return wrong(format!("`{name}` is no name of a field"));
    }
    let operand = Operand { kind: OperandKind::Reference(name), span };
    let Some(layers) = layers else { return Ok(operand) };
    let layers = layers.strip_prefix('[').and_then(|layers| layers.strip_suffix(']')).unwrap_or(layers);
    match layers.split(',').map(|part| range(part.trim())).collect() {
        Ok(layers) => Ok(Operand { kind: OperandKind::Layers(Box::new(operand), layers), span }),
        Err(message) => wrong(message),
    }
}

fn is_operator(word: &str) -> bool {
    let words = ["and", "or", "not", "xor", "in", "contains", "matches", "any", "all", "bitwise_and"];
    words.contains(&word) || is_comparison(word)
}

fn is_comparison(word: &str) -> bool {
    matches!(word, "eq" | "ne" | "gt" | "ge" | "lt" | "le" | "any_eq" | "all_eq" | "any_ne" | "all_ne")
}

/// Reads what stands between brackets, which begin at `offset` of the expression.
fn ranges(inside: &str, offset: usize) -> Result<Vec<Range>, Error> {
    let mut ranges = Vec::new();
    let mut start = offset;
    for part in inside.split(',') {
        let span = Span { start, end: start + part.len() };
        ranges.push(range(part.trim()).map_err(|message| {
            let error = Error::at(span, message);
            error.hint("slices are `[first:length]`, `[first-last]`, `[one]`, `[:length]`, `[first:]`, and several with commas")
        })?);
        start = span.end + 1;
    }
    Ok(ranges)
}

/// Reads one range.
fn range(text: &str) -> Result<Range, String> {
    let number = |text: &str| {
        let text = text.trim();
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let value = if digits.starts_with("0b") { None } else { integer(digits) };
        let value = value.and_then(|value| i32::try_from(value).ok());
        let value = value.ok_or_else(|| format!("`{text}` is no number"))?;
        Ok::<i32, String>(if negative { -value } else { value })
    };
    if let Some((first, length)) = text.split_once(':') {
        let first = if first.trim().is_empty() { 0 } else { number(first)? };
        if length.trim().is_empty() {
            return Ok(Range { first, end: End::Open });
        }
        let length = number(length)?;
        return if length > 0 {
            Ok(Range { first, end: End::Length(length) })
        } else {
            Err(format!("a slice cannot be {length} bytes long"))
        };
    }
    // The first character may be a sign; the next `-` stands between two positions.
    if let Some(dash) = text.get(1..).and_then(|rest| rest.find('-')) {
        let (first, last) = (number(&text[..dash + 1])?, number(&text[dash + 2..])?);
        return if (first < 0) != (last < 0) {
            Err(format!("{first} and {last} do not count from the same end"))
        } else if first <= last {
            Ok(Range { first, end: End::Last(last) })
        } else {
            Err(format!("{first} stands behind {last}"))
        };
    }
    Ok(Range { first: number(text)?, end: End::Length(1) })
}

/// Reads a number without a sign: decimal, `0x…`, `0b…` or octal after a `0`.
pub(super) fn integer(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', b'b' | b'B', ..] => (&text[2..], 2),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    // `from_str_radix` would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a tree in Lisp's way.
    fn shape(text: &str) -> String {
        shape_of(&parse(text).unwrap().unwrap())
    }

    fn operand(operand: &Operand) -> String {
        let list = |list: &[Operand]| list.iter().map(self::operand).collect::<Vec<_>>().join(" ");
        match &operand.kind {
            OperandKind::Word(word) => (*word).to_owned(),
            OperandKind::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
            OperandKind::Char(byte) => format!("{:?}", char::from(*byte)),
            OperandKind::Raw(word) => format!("@{word}"),
            OperandKind::Reference(word) => format!("${word}"),
            OperandKind::Layers(inner, ranges) => format!("{}#{}", self::operand(inner), ranges.len()),
            OperandKind::Slice(inner, ranges) => format!("{}[{}]", self::operand(inner), ranges.len()),
            OperandKind::Call { name, arguments, .. } => format!("{name}({})", list(arguments)),
            OperandKind::Negative(inner) => format!("(neg {})", self::operand(inner)),
            OperandKind::Positive(inner) => self::operand(inner),
            OperandKind::Binary(operator, left, right) => {
                format!("({operator:?} {} {})", self::operand(left), self::operand(right))
            }
        }
    }

    fn shape_of(expr: &Expr) -> String {
        let list = |name: &str, parts: &[Expr]| {
            format!("({name} {})", parts.iter().map(shape_of).collect::<Vec<_>>().join(" "))
        };
        match expr {
            Expr::And(parts) => list("and", parts),
            Expr::Or(parts) => list("or", parts),
            Expr::Xor(parts) => list("xor", parts),
            Expr::Not(inner) => format!("(not {})", shape_of(inner)),
            Expr::Test(test) => {
                let left = operand(&test.left);
                let quantified = test.quantifier.map_or(String::new(), |quantifier| format!("{quantifier:?} "));
                match &test.relation {
                    Relation::Exists => left,
                    Relation::Compare(chain) => {
                        let chain: Vec<_> = chain
                            .iter()
                            .map(|(c, right)| format!(" {:?}/{:?} {}", c.order, c.quantifier, operand(right)))
                            .collect();
                        format!("({quantified}{left}{})", chain.concat())
                    }
                    Relation::Contains(right) => format!("({quantified}{left} contains {})", operand(right)),
                    Relation::Matches(right) => format!("({quantified}{left} matches {})", operand(right)),
                    Relation::In { negated, set } => {
                        let set: Vec<_> = set
                            .iter()
                            .map(|element| {
                                let last =
                                    element.last.as_ref().map_or(String::new(), |last| format!("..{}", operand(last)));
                                operand(&element.first) + &last
                            })
                            .collect();
                        format!("({quantified}{left} {}in {})", if *negated { "not " } else { "" }, set.join(" "))
                    }
                }
            }
        }
    }

    #[test]
    fn precedence() {
        for (text, expected) in [
            ("tcp or udp and ip", "(or tcp (and udp ip))"),
            ("tcp && udp || ip", "(or (and tcp udp) ip)"),
            ("not tcp and udp", "(and (not tcp) udp)"),
            ("!!tcp", "tcp"),
            ("not tcp.port == 80", "(not (tcp.port Equal/Any 80))"),
            ("a xor b or c", "(or (xor a b) c)"),
            ("!(a or b)", "(not (or a b))"),
            ("a.b & 0x12 == 0x12", "((And a.b 0x12) Equal/Any 0x12)"),
            ("a & 1 + 2 * 3 == 4", "((And a (Add 1 (Multiply 2 3))) Equal/Any 4)"),
            ("a - 2 - 4 == -1", "((Subtract (Subtract a 2) 4) Equal/Any (neg 1))"),
            ("{a + 1} * 2 > 3", "((Multiply (Add a 1) 2) Greater/Any 3)"),
            ("a < b <= c", "(a Less/Any b LessOrEqual/Any c)"),
            ("a != 1", "(a Different/All 1)"),
            ("a !== 1", "(a Different/Any 1)"),
            ("a === 1", "(a Equal/All 1)"),
            ("any a[0:2,3] eq 1", "(Any a[2] Equal/Any 1)"),
            ("a#2[0] == 1", "(a#1[1] Equal/Any 1)"),
            ("a not in {1, 2..3 , \"x\"}", "(a not in 1 2..3 \"x\")"),
            ("a in {1}and b", "(and (a in 1) b)"),
            ("len(a) > max(b, 2)", "(len(a) Greater/Any max(b 2))"),
            ("a matches \"x\" and b ~ \"y\"", "(and (a matches \"x\") (b matches \"y\"))"),
            ("a contains 'x'", "(a contains 'x')"),
            ("a !in {1}", "(a not in 1)"),
            ("-{a + 1} == -1", "((neg (Add a 1)) Equal/Any (neg 1))"),
            ("a == ${b#2} + 1", "(a Equal/Any (Add $b#1 1))"),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
        assert_eq!(parse("  "), Ok(None));
    }

    #[test]
    fn ranges_of_slices() {
        let one = |text: &str| ranges(text, 0).map(|ranges| ranges[0]);
        for (text, first, end) in [
            ("0:2", 0, End::Length(2)),
            ("0-1", 0, End::Last(1)),
            ("3", 3, End::Length(1)),
            (":2", 0, End::Length(2)),
            ("2:", 2, End::Open),
            (":", 0, End::Open),
            ("-4:", -4, End::Open),
            ("-4", -4, End::Length(1)),
            ("-4--3", -4, End::Last(-3)),
            ("0x0c : 2", 12, End::Length(2)),
            ("+1", 1, End::Length(1)),
        ] {
            assert_eq!(one(text).unwrap(), Range { first, end }, "{text}");
        }
        for text in ["", "a", "0:0", "0:-1", "3-2", "-", "--1", "1,", "99999999999", "1-é", "1--1", "-4-2", "0b1"] {
            assert!(ranges(text, 0).is_err(), "{text}");
        }
    }

    #[test]
    fn mistakes_and_what_was_meant() {
        for (text, part, hint) in [
            ("tcp and", "", "ends too soon"),
            ("()", ")", "a field or a value"),
            ("(tcp", "(", "never closed"),
            ("tcp)", ")", "cannot stand here"),
            ("tcp.port = 80", "=", "`==`"),
            ("tcp.port => 80", "=", "`>=`"),
            ("tcp.port <> 80", ">", "`!=`"),
            ("tcp | udp", "|", "`||`"),
            ("tcp AND udp", "AND", "lower case"),
            ("port 80", "80", "an operator"),
            ("tcp.port in 80", "80", "braces"),
            ("tcp.port in {80 443}", "443", "`80, 443`"),
            ("tcp.port in {80 .. 90  \"x\"}", "\"x\"", "`90, \"x\"`"),
            ("tcp.len == --1", "-", "a field or a value"),
            ("tcp contains {01}", "{", "a field or a value"),
            ("ip.src == ${ip.src", "${", "never closed"),
            ("ip.src == ${ip src}", "${ip src}", "no name"),
            ("ip.src == $ip.src", "$", "`${ip.src}`"),
            ("tcp.port in {}", "}", "a value"),
            ("tcp.port in {80,}", "}", "a value"),
            ("tcp.port in {80..}", "}", "a value"),
            ("tcp.port == (80 or 443)", "(", "parentheses"),
            ("any tcp", "any tcp", "relation"),
            ("tcp udp", "udp", "an operator"),
            ("ip.src#-1 == 1", "-", "a layer"),
        ] {
            let mut error = parse(text).unwrap_err();
            error.expression = text.to_owned();
            assert_eq!(&text[error.span.start..error.span.end], part, "{error}");
            assert!(error.to_string().contains(hint), "{error}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        for text in [
            "(".repeat(10_000) + "tcp",
            "{".repeat(10_000) + "tcp",
            "-".repeat(10_000) + "1",
            "len(".repeat(10_000),
            "tcp".to_owned() + &"[0]".repeat(10_000),
            "1 + ".repeat(10_000) + "1",
        ] {
            assert!(parse(&text).is_err());
        }
        assert!(parse(&("!".repeat(10_001) + "tcp")).is_ok());
        assert!(parse(&("tcp or ".repeat(9_000) + "tcp")).is_ok());
        assert!(parse(&("tcp or ".repeat(15_000) + "tcp")).is_err());
        let fair = "(".repeat(100) + "tcp" + &")".repeat(100);
        assert!(parse(&fair).is_ok());
    }
}
