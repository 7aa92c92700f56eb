//! The types: which fields a word means, what a literal is beside them, and whether that can be asked at all.
//!
//! A literal has no type of its own. Beside `tcp.port`, `80` is a number; beside `frame[0:1]`, it is the byte 0x80; beside
//! `http.host`, it is text. So the side with a field is read first and says what the other side may be.

use std::cell::RefCell;

use foldhash::HashMap;

use super::doubt;
use super::error::{Error, Span, near};
use super::literal::{self, Constant};
use super::parse::{
    Arithmetic, Comparison, Element, Expr, Operand, OperandKind, Order, Quantifier, Range, Relation, Test,
};
use super::pattern;
use crate::dissect::{Derive, Field, Kind, Names, Registry};

/// A condition of which every part is known.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Xor(Vec<Condition>),
    Not(Box<Condition>),
    /// The term has a value; if it is computed, one that is not zero.
    Exists(Term),
    Compare {
        left: Term,
        comparison: Comparison,
        right: Term,
    },
    Contains {
        quantifier: Quantifier,
        left: Term,
        right: Term,
    },
    Matches {
        quantifier: Quantifier,
        left: Term,
        pattern: regex::bytes::Regex,
    },
    In {
        quantifier: Quantifier,
        left: Term,
        set: Vec<(Term, Option<Term>)>,
    },
}

impl Condition {
    /// Hands every term to `take`.
    pub fn terms(&mut self, take: &mut dyn FnMut(&mut Term)) {
        match self {
            Condition::And(parts) | Condition::Or(parts) | Condition::Xor(parts) => {
                parts.iter_mut().for_each(|part| part.terms(take));
            }
            Condition::Not(inner) => inner.terms(take),
            Condition::Exists(term) | Condition::Matches { left: term, .. } => term.each(take),
            Condition::Compare { left, right, .. } | Condition::Contains { left, right, .. } => {
                left.each(take);
                right.each(take);
            }
            Condition::In { left, set, .. } => {
                left.each(take);
                set.iter_mut().for_each(|(first, last)| {
                    first.each(take);
                    last.iter_mut().for_each(|last| last.each(take));
                });
            }
        }
    }

    /// Whether anything refers to another packet.
    pub fn refers(&self) -> bool {
        let mut found = false;
        self.clone().terms(&mut |term| found |= matches!(term, Term::Reference(..)));
        found
    }

    /// Lets references be what `known` knows of their fields.
    pub fn refer(&mut self, known: &mut dyn FnMut(&FieldTerm) -> Vec<Constant>) {
        self.terms(&mut |term| {
            if let Term::Reference(field, values) = term {
                *values = known(field);
            }
        });
    }
}

impl Term {
    /// Hands this term and those inside it to `take`.
    fn each(&mut self, take: &mut dyn FnMut(&mut Term)) {
        take(self);
        match self {
            Term::Field(_) | Term::Constant(_) | Term::Reference(..) => {}
            Term::Slice(inner, _) | Term::Negative(inner) => inner.each(take),
            Term::Binary(_, left, right) => {
                left.each(take);
                right.each(take);
            }
            Term::Call(_, arguments) => arguments.iter_mut().for_each(|argument| argument.each(take)),
        }
    }
}

/// What has values in a packet, any number of them.
#[derive(Clone, Debug)]
pub(super) enum Term {
    Field(FieldTerm),
    Constant(Constant),
    /// What the field says in the packet that is referred to: nothing until there is one.
    Reference(FieldTerm, Vec<Constant>),
    Slice(Box<Term>, Vec<Range>),
    Negative(Box<Term>),
    Binary(Arithmetic, Box<Term>, Box<Term>),
    Call(Function, Vec<Term>),
}

/// A field as it is recorded: by which rows, and which row makes the value there.
#[derive(Clone, Debug)]
pub(super) struct FieldTerm {
    pub name: &'static str,
    pub rows: Vec<Row>,
    pub kind: Kind,
    pub layers: Vec<Range>,
    /// Is the bytes in the packet, not the value.
    pub raw: bool,
}

impl FieldTerm {
    /// Whether its values are those that were recorded.
    pub fn is_plain(&self) -> bool {
        !self.raw && self.rows.iter().all(|row| row.maker.derive == Derive::Same)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Row {
    pub recorded: &'static Field,
    pub maker: &'static Field,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}:{}", self.recorded.name, self.maker.name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Len,
    Count,
    Upper,
    Lower,
    String,
    Max,
    Min,
    Abs,
}

impl Function {
    pub const fn name(self) -> &'static str {
        match self {
            Function::Len => "len",
            Function::Count => "count",
            Function::Upper => "upper",
            Function::Lower => "lower",
            Function::String => "string",
            Function::Max => "max",
            Function::Min => "min",
            Function::Abs => "abs",
        }
    }

    fn named(name: &str) -> Option<Function> {
        Some(match name {
            "len" => Function::Len,
            "count" => Function::Count,
            "upper" => Function::Upper,
            "lower" => Function::Lower,
            "string" => Function::String,
            "max" => Function::Max,
            "min" => Function::Min,
            "abs" => Function::Abs,
            _ => return None,
        })
    }
}

const FUNCTIONS: &str = "the functions are len, count, upper, lower, string, max, min and abs";

/// The kind of value that something has, and the field whose words for values it may be given by.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub kind: Kind,
    pub field: Option<&'static Field>,
    /// Is a part of the bytes of a field.
    pub sliced: bool,
    /// May be a part of such a value: what is looked for in it.
    pub part: bool,
}

impl Target {
    pub fn of(kind: Kind) -> Target {
        Target { kind, field: None, sliced: false, part: false }
    }

    fn of_field(term: &FieldTerm) -> Target {
        let named = term.rows.iter().map(|row| row.maker).find(|maker| !matches!(maker.names, Names::None));
        Target { field: named.or(term.rows.first().map(|row| row.maker)), ..Target::of(term.kind) }
    }
}

/// The result of `len` and `count`.
const COUNT: Kind = Kind::Unsigned(32);

/// Finds what every part of `expr`, which stands in `text`, means; and what of it is legal and was hardly meant.
pub(super) fn check(expr: &Expr, text: &str, registry: &Registry) -> Result<(Condition, Vec<Error>), Error> {
    let checker = Checker { registry, text, doubts: RefCell::default(), known: RefCell::default() };
    let condition = checker.condition(expr)?;
    Ok((condition, checker.doubts.into_inner()))
}

/// Every row, with the rows that come along with it and with those.
pub(super) fn rows(registry: &Registry) -> impl Iterator<Item = Row> {
    registry.all_fields().flat_map(|recorded| {
        let aliases =
            recorded.aliases.iter().flat_map(|alias| std::iter::once(*alias).chain(alias.aliases.iter().copied()));
        std::iter::once(recorded).chain(aliases).map(move |maker| Row { recorded, maker })
    })
}

/// The kind of the values that a row makes, which is not its own where it is derived.
pub(super) fn made_kind(field: &Field) -> Kind {
    match field.derive {
        Derive::AddressText | Derive::OuiName | Derive::ExpertLine | Derive::ExpertMessage => Kind::Text,
        Derive::Oui => Kind::Unsigned(24),
        Derive::ExpertSeverity | Derive::ExpertGroup => Kind::Unsigned(32),
        Derive::Same => field.kind,
    }
}

struct Checker<'r> {
    registry: &'r Registry,
    text: &'r str,
    doubts: RefCell<Vec<Error>>,
    /// What words were found to mean: long expressions say the same ones again and again.
    known: RefCell<HashMap<String, Option<FieldTerm>>>,
}

impl Checker<'_> {
    fn condition(&self, expr: &Expr) -> Result<Condition, Error> {
        let all = |parts: &[Expr]| parts.iter().map(|part| self.condition(part)).collect::<Result<Vec<_>, _>>();
        Ok(match expr {
            Expr::And(parts) => Condition::And(all(parts)?),
            Expr::Or(parts) => Condition::Or(all(parts)?),
            Expr::Xor(parts) => Condition::Xor(all(parts)?),
            Expr::Not(inner) => {
                let condition = match &**inner {
                    Expr::Test(Test { left, relation: Relation::Exists, .. }) => self.exists(left, true)?,
                    inner => self.condition(inner)?,
                };
                Condition::Not(Box::new(condition))
            }
            Expr::Test(test) => self.test(test)?,
        })
    }

    /// Keeps what is legal and was hardly meant.
    fn doubt(&self, found: Option<Error>) {
        self.doubts.borrow_mut().extend(found);
    }

    fn test(&self, test: &Test) -> Result<Condition, Error> {
        let quantifier = test.quantifier.unwrap_or(Quantifier::Any);
        match &test.relation {
            Relation::Exists => self.exists(&test.left, false),
            Relation::Compare(chain) => {
                let mut left = &test.left;
                let mut parts = Vec::with_capacity(chain.len());
                for (comparison, right) in chain {
                    let asked =
                        Comparison { quantifier: test.quantifier.unwrap_or(comparison.quantifier), ..*comparison };
                    let (term, target) = self.beginning(left)?;
                    if target.kind == Kind::None {
                        return Err(Error::at(left.span, "this field has no value that could be compared")
                            .hint(format!("write only `{}` to ask whether it is there", field_name(left))));
                    }
                    let value = self.right(right, target)?;
                    let span = left.span.to(right.span);
                    self.doubt(doubt::comparison(
                        &term,
                        asked,
                        &value,
                        (self.written(left), self.written(right)),
                        span,
                    ));
                    let sign = self.text.get(left.span.end..right.span.start).unwrap_or_default().trim();
                    if test.quantifier.is_none() && matches!(sign, "!=" | "ne") {
                        self.doubt(doubt::difference(
                            &term,
                            self.registry,
                            self.written(left),
                            self.written(right),
                            span,
                        ));
                    }
                    parts.push(Condition::Compare { left: term, comparison: asked, right: value });
                    left = right;
                }
                Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::And(parts) })
            }
            Relation::Contains(right) => {
                let (left, target) = self.beginning(&test.left)?;
                searchable(target, "contain anything", &test.left)?;
                let sought = Target { part: true, ..target };
                let value = self.term(right, sought)?;
                if let Some(found) = self.infer(right)?
                    && !containable(target, found)
                {
                    let message = format!("{} cannot contain {}", words(target.kind), words(found.kind));
                    return Err(Error::at(right.span, message));
                }
                self.doubt(doubt::containing(&left, &value, test.left.span.to(right.span)));
                Ok(Condition::Contains { quantifier, left, right: value })
            }
            Relation::Matches(right) => {
                let (left, target) = self.beginning(&test.left)?;
                matchable(target, &test.left)?;
                let OperandKind::Text(text) = &right.kind else {
                    return Err(Error::at(right.span, "a pattern stands in double quotes").expected("a string"));
                };
                let pattern = pattern::compile(text).map_err(|wrong| {
                    let error = Error::at(right.span, wrong.message);
                    wrong.hint.into_iter().fold(error, Error::hint)
                })?;
                Ok(Condition::Matches { quantifier, left, pattern })
            }
            Relation::In { negated, set } => {
                let (left, target) = self.beginning(&test.left)?;
                if !matches!(left, Term::Field(_) | Term::Reference(..)) {
                    return Err(Error::at(test.left.span, "only a field can be looked for in a set"));
                }
                if target.kind == Kind::None {
                    return Err(Error::at(test.left.span, "this field has no value that could be in a set"));
                }
                let set = set
                    .iter()
                    .map(|element| {
                        let (first, last) = self.element(element, target)?;
                        let span = element.first.span.to(element.last.as_ref().unwrap_or(&element.first).span);
                        self.doubt(doubt::element(&left, &first, last.as_ref(), span));
                        Ok((first, last))
                    })
                    .collect::<Result<_, _>>()?;
                if *negated {
                    // As in Wireshark, `not in` is that none is, for `any` and `all` alike.
                    let within = Condition::In { quantifier: Quantifier::Any, left, set };
                    return Ok(Condition::Not(Box::new(within)));
                }
                Ok(Condition::In { quantifier, left, set })
            }
        }
    }

    fn element(&self, element: &Element, target: Target) -> Result<(Term, Option<Term>), Error> {
        let value = |operand: &Operand| match operand.kind {
            OperandKind::Slice(..) => Err(Error::at(operand.span, "a slice cannot be an element of a set")),
            _ => self.right(operand, target),
        };
        Ok((value(&element.first)?, element.last.as_ref().map(value).transpose()?))
    }

    fn exists(&self, operand: &Operand, negated: bool) -> Result<Condition, Error> {
        match &operand.kind {
            OperandKind::Word(word) if self.field(word).is_none() => return Err(self.unknown(word, operand.span)),
            OperandKind::Call { .. } => {
                return Err(Error::at(operand.span, "a function is not there or absent: compare its value")
                    .hint("such as `len(frame) > 100`"));
            }
            OperandKind::Reference(_) => {
                return Err(Error::at(
                    operand.span,
                    "a reference is the same for all packets: compare it with a field",
                ));
            }
            _ => {}
        }
        let (term, _) = self.beginning(operand)?;
        self.doubt(doubt::existence(&term, self.written(operand), negated, operand.span));
        Ok(Condition::Exists(term))
    }

    /// How an operand is written.
    fn written(&self, operand: &Operand) -> &str {
        self.text.get(operand.span.start..operand.span.end).unwrap_or_default()
    }

    /// What a condition begins with: what [`left`](Self::left) takes, and no computation that begins with a value.
    fn beginning(&self, operand: &Operand) -> Result<(Term, Target), Error> {
        let mut first = operand;
        while let OperandKind::Binary(_, left, _) = &first.kind {
            first = left;
        }
        if !std::ptr::eq(first, operand) && self.infer(operand)?.is_some() && self.infer(first)?.is_none() {
            let unknown = match first.kind {
                OperandKind::Word(word) if self.begins_with_protocol(word) => Some(self.unknown(word, first.span)),
                _ => None,
            };
            return Err(unknown.unwrap_or_else(|| {
                let error = Error::at(first.span, "a computation on the left begins with a field");
                error.hint("turn it round: `tcp.len * 2`, not `2 * tcp.len`")
            }));
        }
        self.left(operand)
    }

    /// What stands on the left of a relation: it must have a field in it, and says what the right may be.
    fn left(&self, operand: &Operand) -> Result<(Term, Target), Error> {
        if let OperandKind::Word(word) = operand.kind
            && self.field(word).is_none()
        {
            return Err(self.unknown(word, operand.span));
        }
        let Some(target) = self.infer(operand)? else {
            if let Some((word, span)) = inner_word(operand) {
                return Err(self.unknown(word, span));
            }
            let error = Error::at(operand.span, "a field has to stand on the left");
            return Err(error.expected("a field or a function").hint("turn it round: the field first, then the value"));
        };
        Ok((self.term(operand, target)?, target))
    }

    /// What stands on the right of a relation with `target`.
    fn right(&self, operand: &Operand, target: Target) -> Result<Term, Error> {
        let term = self.term(operand, target)?;
        if let Some(found) = self.infer(operand)?
            && !comparable(target, found)
        {
            return Err(Error::at(
                operand.span,
                format!("{} cannot be compared with {}", words(target.kind), words(found.kind)),
            ));
        }
        Ok(term)
    }

    /// The kind of the values of `operand`, where that does not depend on what stands beside it.
    fn infer(&self, operand: &Operand) -> Result<Option<Target>, Error> {
        Ok(match &operand.kind {
            OperandKind::Word(word) => self.field(word).map(|field| Target::of_field(&field)),
            OperandKind::Reference(word) => Some(Target::of_field(&self.reference(word, operand.span)?)),
            OperandKind::Text(_) | OperandKind::Char(_) => None,
            OperandKind::Raw(_) => Some(Target::of(Kind::Bytes)),
            OperandKind::Layers(inner, _) => self.infer(inner)?,
            OperandKind::Slice(..) => Some(Target { sliced: true, ..Target::of(Kind::Bytes) }),
            OperandKind::Negative(inner) | OperandKind::Positive(inner) => self.infer(inner)?,
            OperandKind::Binary(_, left, right) => match self.infer(left)? {
                Some(target) => Some(target),
                None => self.infer(right)?,
            },
            OperandKind::Call { name, name_span, arguments } => match Function::named(name) {
                None => {
                    let error = Error::at(*name_span, format!("there is no function `{name}`"));
                    let lower = name.to_ascii_lowercase();
                    return Err(match Function::named(&lower) {
                        Some(_) => error.hint(format!("did you mean `{lower}`?")),
                        None => error.hint(FUNCTIONS),
                    });
                }
                Some(Function::Len | Function::Count) => Some(Target::of(COUNT)),
                Some(Function::Upper | Function::Lower | Function::String) => Some(Target::of(Kind::Text)),
                Some(Function::Max | Function::Min | Function::Abs) => match arguments.first() {
                    Some(first) => self.infer(first)?,
                    None => None,
                },
            },
        })
    }

    /// Finds what `operand` means; its literals are values of `target`.
    fn term(&self, operand: &Operand, target: Target) -> Result<Term, Error> {
        match &operand.kind {
            OperandKind::Word(word) => match self.field(word) {
                Some(field) => {
                    self.doubt(doubt::name(word, field.name, operand.span));
                    Ok(Term::Field(field))
                }
                None if word.starts_with('.') => Err(self.unknown(word, operand.span)),
                None => match literal::word(word, target, operand.span) {
                    Ok(constant) => Ok(Term::Constant(constant)),
                    // What begins like a field was meant to be one.
                    Err(_) if self.begins_with_protocol(word) => Err(self.unknown(word, operand.span)),
                    Err(error) => Err(error),
                },
            },
            OperandKind::Reference(word) => Ok(Term::Reference(self.reference(word, operand.span)?, Vec::new())),
            OperandKind::Text(text) => literal::text(text, target, operand.span).map(Term::Constant),
            OperandKind::Char(byte) => literal::character(*byte, target, operand.span).map(Term::Constant),
            OperandKind::Raw(word) => {
                let Some(field) = self.field(word) else { return Err(self.unknown(word, operand.span)) };
                Ok(Term::Field(FieldTerm { raw: true, kind: Kind::Bytes, ..field }))
            }
            OperandKind::Layers(inner, ranges) => match self.term(inner, target)? {
                Term::Field(field) => {
                    self.doubt(doubt::layers(ranges, operand.span));
                    Ok(Term::Field(FieldTerm { layers: ranges.clone(), ..field }))
                }
                Term::Reference(field, known) => {
                    Ok(Term::Reference(FieldTerm { layers: ranges.clone(), ..field }, known))
                }
                _ => Err(Error::at(inner.span, "only fields stand in layers").expected("a field")),
            },
            OperandKind::Slice(inner, ranges) => {
                let (term, inside) = self.left(inner)?;
                if !has_bytes(inside.kind) {
                    return Err(Error::at(inner.span, format!("{} cannot be sliced into bytes", words(inside.kind))));
                }
                self.doubt(doubt::slice(inside.kind, ranges, self.written(inner), operand.span));
                Ok(Term::Slice(Box::new(term), ranges.clone()))
            }
            OperandKind::Positive(inner) => self.term(inner, target),
            OperandKind::Negative(inner) => {
                let kind = self.infer(inner)?.unwrap_or(target).kind;
                if !is_number(kind) {
                    return Err(Error::at(operand.span, format!("{} has no negative", words(kind))));
                }
                let term = self.term(inner, target)?;
                match term {
                    Term::Constant(constant) => match constant.negative() {
                        Some(negative) => Ok(Term::Constant(negative)),
                        None => Err(Error::at(operand.span, "this value is out of range")),
                    },
                    term => Ok(Term::Negative(Box::new(term))),
                }
            }
            OperandKind::Binary(operator, left, right) => self.binary(*operator, left, right, operand.span, target),
            OperandKind::Call { name, arguments, .. } => {
                // `infer` refuses other names.
                self.infer(operand)?;
                let function = Function::named(name).unwrap_or(Function::Len);
                self.call(function, name, arguments, operand.span)
            }
        }
    }

    fn binary(
        &self,
        operator: Arithmetic,
        left: &Operand,
        right: &Operand,
        span: Span,
        target: Target,
    ) -> Result<Term, Error> {
        // A value that stands first is one of what the whole is held against. Only numbers are values here, not the words for
        // them: `ip.proto + TCP` says nothing.
        let target = Target { field: None, ..self.infer(left)?.unwrap_or(target) };
        let is_address = target.kind == Kind::Eui64;
        let can = match operator {
            Arithmetic::And => {
                is_integer(target.kind)
                    || matches!(target.kind, Kind::Ipv4 | Kind::Ipv6 | Kind::Ether | Kind::Bytes | Kind::Oid)
            }
            Arithmetic::Add | Arithmetic::Subtract => is_number(target.kind),
            Arithmetic::Multiply | Arithmetic::Divide => {
                is_number(target.kind) && !is_address && target.kind != Kind::RelativeTime
            }
            Arithmetic::Remainder => is_integer(target.kind) && !is_address,
        };
        if !can {
            let operator = symbol(operator);
            return Err(Error::at(span, format!("`{operator}` cannot be computed with {}", words(target.kind))));
        }
        for operand in [left, right] {
            if let OperandKind::Text(_) | OperandKind::Char(_) = operand.kind {
                return Err(Error::at(operand.span, "computing takes numbers and bytes without quotes"));
            }
            if self.infer(operand)?.is_some_and(|found| found.kind == Kind::Boolean) {
                let message = format!("`{}` cannot be computed with a flag", symbol(operator));
                return Err(Error::at(operand.span, message).hint("a flag is compared: `tcp.flags.syn == 1`"));
            }
        }
        let (left, right) = (self.right(left, target)?, self.right(right, target)?);
        if let (Term::Constant(left), Term::Constant(right)) = (&left, &right) {
            return match literal::fold(operator, left, right) {
                Some(value) => Ok(Term::Constant(value)),
                None => Err(Error::at(span, "this has no value")),
            };
        }
        Ok(Term::Binary(operator, Box::new(left), Box::new(right)))
    }

    fn call(&self, function: Function, name: &str, arguments: &[Operand], span: Span) -> Result<Term, Error> {
        let one = !matches!(function, Function::Max | Function::Min);
        let Some(first) = arguments.first() else {
            return Err(Error::at(span, format!("`{name}` needs an argument")));
        };
        if one && arguments.len() > 1 {
            return Err(Error::at(span, format!("`{name}` takes one argument")));
        }
        let (term, target) = self.left(first)?;
        let is_field = matches!(term, Term::Field(_));
        let complaint = match function {
            Function::Len | Function::Count if !is_field => Some("a field"),
            Function::Upper | Function::Lower if !is_field || target.kind != Kind::Text => Some("a field of text"),
            Function::String if !is_field || !has_string(target.kind) => Some("a field that is a number or an address"),
            Function::Abs if !is_number(target.kind) && target.kind != Kind::Boolean => Some("a number"),
            Function::Max | Function::Min if target.kind == Kind::None => Some("values with an order"),
            Function::Abs | Function::Max | Function::Min if matches!(term, Term::Slice(..)) => {
                Some("a field or a computation")
            }
            _ => None,
        };
        if let Some(expected) = complaint {
            return Err(Error::at(first.span, format!("`{name}` cannot be asked of this")).expected(expected));
        }
        let mut terms = vec![term];
        for argument in &arguments[1..] {
            if let OperandKind::Text(_) | OperandKind::Char(_) | OperandKind::Slice(..) = argument.kind {
                let error = Error::at(argument.span, format!("`{name}` cannot be asked of this"));
                return Err(error.expected("a field, a computation or a value without quotes"));
            }
            let term = self.right(argument, target)?;
            if let Some(found) = self.infer(argument)?
                && found.kind != target.kind
            {
                let message = format!("the arguments of `{name}` have to be of one type");
                return Err(Error::at(argument.span, message).expected(words(target.kind)));
            }
            terms.push(term);
        }
        Ok(Term::Call(function, terms))
    }

    /// The field with this name; a dot before it says that it is meant to be one.
    fn field(&self, word: &str) -> Option<FieldTerm> {
        let name = word.strip_prefix('.').unwrap_or(word);
        if name.is_empty() {
            return None;
        }
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let found = self.find(name).or_else(|| self.find(&renamed(name)?));
        self.known.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    fn find(&self, name: &str) -> Option<FieldTerm> {
        let rows: Vec<Row> = rows(self.registry).filter(|row| row.maker.name == name).collect();
        let own = rows.iter().find(|row| row.recorded.is(row.maker));
        let kind = match made_kind(own.or(rows.first())?.maker) {
            Kind::Expert(..) => Kind::None,
            kind => kind,
        };
        let name = rows.first()?.maker.name;
        Some(FieldTerm { name, rows, kind, layers: Vec::new(), raw: false })
    }

    /// The field that a reference names.
    fn reference(&self, word: &str, span: Span) -> Result<FieldTerm, Error> {
        let field = self.field(word).ok_or_else(|| self.unknown(word, span))?;
        match field.kind {
            Kind::None | Kind::Protocol => Err(Error::at(span, format!("`{word}` has no value to refer to"))),
            _ => Ok(field),
        }
    }

    fn begins_with_protocol(&self, word: &str) -> bool {
        word.split_once('.').is_some_and(|(protocol, _)| self.registry.protocol(protocol).is_some())
    }

    fn unknown(&self, word: &str, span: Span) -> Error {
        let name = word.strip_prefix('.').unwrap_or(word);
        if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') || name.contains(':') {
            let error =
                Error::at(span, format!("`{word}` is a value and cannot stand here")).expected("a field or a protocol");
            return error
                .hint("conditions begin with a field: `tcp.port == 80 or tcp.port == 443`, `tcp.port in {80, 443}`");
        }
        let mut error = Error::at(span, format!("`{word}` is neither a field nor a protocol"));
        let near = near(name, rows(self.registry).map(|row| row.maker.name));
        match near[..] {
            [] => {}
            [one] => error = error.hint(format!("did you mean `{one}`?")),
            [ref first @ .., last] => {
                error = error.hint(format!("did you mean `{}` or `{last}`?", first.join("`, `")));
            }
        }
        let (before, after) = match name.split_once('.') {
            Some((protocol, rest)) => (protocol, format!(".{rest}")),
            None => (name, String::new()),
        };
        // Names that protocols have in capture filters.
        let now = match before {
            "ip6" => "ipv6",
            "icmp6" => "icmpv6",
            "ether" => "eth",
            _ => return error,
        };
        match self.field(&format!("{now}{after}")).or_else(|| self.field(now)) {
            Some(field) => error.hint(format!("`{before}` is `{now}` here: `{}`", field.name)),
            None => error,
        }
    }
}

/// What a field is called now whose protocol had another name; the old one is still understood.
fn renamed(name: &str) -> Option<String> {
    let (protocol, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
    let now = match protocol {
        "ssl" => "tls",
        "bootp" => "dhcp",
        _ => return None,
    };
    Some(format!("{now}{rest}"))
}

/// Refuses to look for a part of what has no parts.
fn searchable(target: Target, what: &str, operand: &Operand) -> Result<(), Error> {
    match target.kind {
        _ if target.sliced => Ok(()),
        Kind::Text | Kind::Bytes | Kind::Protocol | Kind::Ether | Kind::Oid => Ok(()),
        kind => {
            let error = Error::at(operand.span, format!("{} cannot {what}", words(kind)));
            Err(if has_string(kind) {
                error.hint(format!("as text it can: `string({})`", field_name(operand)))
            } else {
                error
            })
        }
    }
}

/// Refuses to match a pattern against what is no text, nor bytes that could be some.
fn matchable(target: Target, operand: &Operand) -> Result<(), Error> {
    match target.kind {
        Kind::Oid => searchable(Target::of(Kind::Guid), "match a pattern", operand),
        _ => searchable(target, "match a pattern", operand),
    }
}

/// The first word inside an operand that could be a field.
fn inner_word<'t>(operand: &Operand<'t>) -> Option<(&'t str, Span)> {
    match &operand.kind {
        OperandKind::Word(word) => {
            word.starts_with(|first: char| first.is_ascii_alphabetic()).then_some((*word, operand.span))
        }
        OperandKind::Text(_) | OperandKind::Char(_) | OperandKind::Reference(_) => None,
        OperandKind::Raw(word) => Some((word, operand.span)),
        OperandKind::Layers(inner, _) | OperandKind::Slice(inner, _) => inner_word(inner),
        OperandKind::Negative(inner) | OperandKind::Positive(inner) => inner_word(inner),
        OperandKind::Binary(_, left, right) => inner_word(left).or_else(|| inner_word(right)),
        OperandKind::Call { arguments, .. } => arguments.iter().find_map(inner_word),
    }
}

fn field_name(operand: &Operand) -> String {
    match operand.kind {
        OperandKind::Word(word) => word.to_owned(),
        _ => "…".to_owned(),
    }
}

/// Whether values of `right` can stand on the right of a relation with `left`.
fn comparable(left: Target, right: Target) -> bool {
    use Kind::*;
    match (left.kind, right.kind) {
        (None, _) | (_, None) => false,
        // What is sliced is compared byte for byte.
        (left_kind, right_kind) if left.sliced || right.sliced => has_bytes(left_kind) && has_bytes(right_kind),
        // As in Wireshark: flags are numbers beside numbers, numbers are no flags.
        (Boolean, Boolean) => true,
        (kind, Boolean) => is_integer(kind),
        (Float | Double, Float | Double) => true,
        (Text, Text) => true,
        (Text, _) => false,
        (Protocol, Protocol) => true,
        (left, right) if is_integer(left) => is_integer(right),
        (left, right) if is_bytes(left) => is_bytes(right),
        (left, right) => left == right,
    }
}

/// Whether values of `right` can be looked for in those of `left`.
fn containable(left: Target, right: Target) -> bool {
    match (left.kind, right.kind) {
        _ if left.sliced || right.sliced => has_bytes(right.kind),
        (left, right) if is_bytes(left) => is_bytes(right) && right != Kind::Guid,
        (left, right) => left == right,
    }
}

/// An EUI-64 is a number of 64 bits, too, as in Wireshark 4.0.
fn is_integer(kind: Kind) -> bool {
    matches!(kind, Kind::Unsigned(_) | Kind::Signed(_) | Kind::Char | Kind::Frame | Kind::Eui64)
}

fn is_number(kind: Kind) -> bool {
    is_integer(kind) || matches!(kind, Kind::Float | Kind::Double | Kind::RelativeTime)
}

fn is_bytes(kind: Kind) -> bool {
    matches!(kind, Kind::Bytes | Kind::Ether | Kind::Guid | Kind::Oid)
}

/// Whether values of this kind can be sliced.
fn has_bytes(kind: Kind) -> bool {
    is_bytes(kind) || matches!(kind, Kind::Protocol | Kind::Text | Kind::Ipv4 | Kind::Ipv6 | Kind::Eui64)
}

fn has_string(kind: Kind) -> bool {
    match kind {
        Kind::Char => false,
        Kind::Float | Kind::Double | Kind::Ipv4 | Kind::Ipv6 | Kind::Ether | Kind::Guid | Kind::Oid => true,
        kind => is_integer(kind),
    }
}

pub(super) fn symbol(operator: Arithmetic) -> char {
    match operator {
        Arithmetic::And => '&',
        Arithmetic::Add => '+',
        Arithmetic::Subtract => '-',
        Arithmetic::Multiply => '*',
        Arithmetic::Divide => '/',
        Arithmetic::Remainder => '%',
    }
}

/// A kind of value in words.
pub(super) fn words(kind: Kind) -> String {
    match kind {
        Kind::None | Kind::Expert(..) => "a label without a value".to_owned(),
        Kind::Protocol => "a protocol".to_owned(),
        Kind::Boolean => "a flag".to_owned(),
        Kind::Unsigned(bits) => format!("a number of {bits} bits"),
        Kind::Signed(bits) => format!("a signed number of {bits} bits"),
        Kind::Char => "a character".to_owned(),
        Kind::Float | Kind::Double => "a number with decimals".to_owned(),
        Kind::Frame => "the number of a frame".to_owned(),
        Kind::Ipv4 => "an IPv4 address".to_owned(),
        Kind::Ipv6 => "an IPv6 address".to_owned(),
        Kind::Ether => "a MAC address".to_owned(),
        Kind::Eui64 => "an EUI-64".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Guid => "a GUID".to_owned(),
        Kind::Oid => "an object identifier".to_owned(),
        Kind::AbsoluteTime => "a date and time".to_owned(),
        Kind::RelativeTime => "a span of time".to_owned(),
    }
}

impl Order {
    /// Whether two values that stand in this order pass.
    pub(super) fn holds(self, found: std::cmp::Ordering) -> bool {
        match self {
            Order::Equal => found.is_eq(),
            Order::Different => found.is_ne(),
            Order::Greater => found.is_gt(),
            Order::GreaterOrEqual => found.is_ge(),
            Order::Less => found.is_lt(),
            Order::LessOrEqual => found.is_le(),
        }
    }
}
