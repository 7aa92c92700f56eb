//! JSON: the JavaScript Object Notation.
//!
//! RFC 8259; values may follow each other, as in newline-delimited JSON. A value is shown only if all of it is JSON; what is not
//! is text.

use std::ops::Range;

use super::data_text_lines;
use crate::dissect::{
    Entry, Field, Layer, LayerView, MAX_ENTRIES, NameTable, Next, Outcome, Protocol, Summary, fields,
};
use crate::text::Text;

fields! {
    OBJECT = none("json.object", "Object");
    ARRAY = none("json.array", "Array");
    MEMBER = text("json.member", "Member");
    KEY = text("json.key", "Key");
    PATH = text("json.path", "Path").generated();
    PATH_WITH_VALUE = text("json.path_with_value", "Path with value").generated();
    MEMBER_WITH_VALUE = text("json.member_with_value", "Member with value").generated();
    STRING = text("json.value.string", "String value");
    NUMBER = text("json.value.number", "Number value");
    TRUE = none("json.value.true", "True value");
    FALSE = none("json.value.false", "False value");
    NULL = none("json.value.null", "Null value");
    NAN = none("json.value.nan", "NaN value");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    names: &[
        (NameTable::MediaType, "application/json"),
        (NameTable::MediaType, "application/json-patch+json"),
        (NameTable::MediaType, "application/json-rpc"),
        (NameTable::MediaType, "application/jsonrequest"),
        (NameTable::MediaType, "application/merge-patch+json"),
        (NameTable::MediaType, "application/problem+json"),
        (NameTable::MediaType, "application/senml+json"),
        (NameTable::MediaType, "application/x-ndjson"),
    ],
    dissect,
    mention: Some(mention),
    leads: crate::dissect::Leads::ByName,
    family: crate::dissect::Family::Web,
    ..Protocol::new("json", "JSON", "JavaScript Object Notation").line(line)
};

/// The most values inside each other; what is nested deeper is text.
const MAX_DEPTH: usize = 60;

fn dissect(l: &mut Layer) -> Outcome {
    let bytes = l.remaining();
    l.set_header_len(bytes.len());
    let (mut place, mut any) = (blank(bytes, 0), false);
    let mut document = Document { bytes, ends: Vec::new(), next: 0, path: Text::new() };
    while let Some(end) = document.check(place, l.is_recorded()) {
        if l.is_recorded() {
            document.value(l, place, b"");
        }
        (place, any) = (blank(bytes, end), true);
    }
    if place == bytes.len() && any {
        return Ok(Next::End);
    }
    l.go_to(if any { place } else { 0 })?;
    let about = l.about().to_vec();
    l.set_about(|text| _ = text.raw(&about));
    Ok(l.by_name(NameTable::MediaType, b"text/plain").map_or(Next::Data, Next::Protocol))
}

/// The place of the first byte from `place` on that is no white space.
fn blank(bytes: &[u8], place: usize) -> usize {
    let rest = bytes.get(place..).unwrap_or_default();
    place + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

static WORDS: &[(&[u8], &Field)] = &[(b"true", &TRUE), (b"false", &FALSE), (b"null", &NULL), (b"NaN", &NAN)];

/// The place behind the string at `place`; control characters in it are let pass.
fn string(bytes: &[u8], place: usize) -> Option<usize> {
    if bytes.get(place) != Some(&b'"') {
        return None;
    }
    let mut place = place + 1;
    loop {
        place += memchr::memchr2(b'"', b'\\', bytes.get(place..)?)?;
        if bytes.get(place) == Some(&b'"') {
            return Some(place + 1);
        }
        place += match bytes.get(place + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' if bytes.get(place + 2..place + 6)?.iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return None,
        };
    }
}

fn number(bytes: &[u8], place: usize) -> Option<usize> {
    let digits = |place: usize| {
        let count = bytes.get(place..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(place + count)
    };
    let start = place + usize::from(bytes.get(place) == Some(&b'-'));
    let mut end = digits(start)?;
    if bytes.get(start) == Some(&b'0') && end > start + 1 {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = digits(end + 1 + sign)?;
    }
    Some(end)
}

/// The place behind the value at `place` that has no others in it, if it is one.
fn scalar(bytes: &[u8], place: usize) -> Option<usize> {
    match bytes.get(place)? {
        b'"' => string(bytes, place),
        b'-' | b'0'..=b'9' => number(bytes, place),
        _ => WORDS.iter().find(|word| bytes[place..].starts_with(word.0)).map(|word| place + word.0.len()),
    }
}

/// A text of which values are first checked and then recorded.
struct Document<'a> {
    bytes: &'a [u8],
    /// Where objects and arrays end, in the order in which they begin, as many as may be recorded.
    ends: Vec<usize>,
    /// Which of them is the next to be recorded.
    next: usize,
    /// The way to the value that is recorded.
    path: Text,
}

impl Document<'_> {
    /// The place behind the object or the array at `place`, if it is one and all of it is JSON; to be recorded, or not.
    fn check(&mut self, place: usize, is_recorded: bool) -> Option<usize> {
        self.ends.clear();
        self.next = 0;
        let most = if is_recorded { MAX_ENTRIES } else { 0 };
        matches!(self.bytes.get(place)?, b'{' | b'[').then(|| self.check_value(place, MAX_DEPTH, most))?
    }

    fn check_value(&mut self, place: usize, depth: usize, most: usize) -> Option<usize> {
        let bytes = self.bytes;
        let (close, depth) = match bytes.get(place)? {
            b'{' => (b'}', depth.checked_sub(1)?),
            b'[' => (b']', depth.checked_sub(1)?),
            _ => return scalar(bytes, place),
        };
        let own = self.ends.len();
        if own < most {
            self.ends.push(bytes.len());
        }
        let mut place = blank(bytes, place + 1);
        let mut is_done = bytes.get(place) == Some(&close);
        while !is_done {
            if close == b'}' {
                let colon = blank(bytes, string(bytes, place)?);
                if bytes.get(colon) != Some(&b':') {
                    return None;
                }
                place = blank(bytes, colon + 1);
            }
            place = blank(bytes, self.check_value(place, depth, most)?);
            match bytes.get(place)? {
                b',' => place = blank(bytes, place + 1),
                &byte if byte == close => is_done = true,
                _ => return None,
            }
        }
        if let Some(end) = self.ends.get_mut(own) {
            *end = place + 1;
        }
        Some(place + 1)
    }

    /// The place behind the value at `place`, which is the next to be recorded.
    fn end_of(&self, place: usize) -> usize {
        let end = match self.bytes.get(place) {
            Some(b'{' | b'[') => self.ends.get(self.next).copied(),
            _ => scalar(self.bytes, place),
        };
        end.unwrap_or(self.bytes.len())
    }

    /// Records the value at `place`, of a member or of an array, and returns the place behind it.
    fn value(&mut self, l: &mut Layer, place: usize, member: &[u8]) -> usize {
        let end = self.end_of(place);
        match self.bytes.get(place) {
            Some(b'{') => self.inside(l, &OBJECT, place..end, |own, l, place| own.member(l, place)),
            Some(b'[') => self.inside(l, &ARRAY, place..end, |own, l, place| {
                let len = own.path.len();
                own.path.str("/[]");
                let end = own.value(l, place, b"[]");
                own.path.truncate(len);
                end
            }),
            Some(b'"') => {
                self.with_value(l, place..end, member);
                self.text(l, &STRING, place..end);
            }
            Some(b'-' | b'0'..=b'9') => {
                self.with_value(l, place..end, member);
                let place = l.place(place..end);
                l.excerpt(&NUMBER, place, place);
            }
            _ => {
                self.with_value(l, place..end, member);
                let rest = self.bytes.get(place..).unwrap_or_default();
                let word = WORDS.iter().find(|word| rest.starts_with(word.0));
                l.generated_at(word.map_or(&NULL, |word| word.1), 0u64, place, end - place);
            }
        }
        end
    }

    /// Records the items between the brackets at the ends of `range`.
    fn inside(
        &mut self,
        l: &mut Layer,
        field: &'static Field,
        range: Range<usize>,
        item: impl Fn(&mut Self, &mut Layer, usize) -> usize,
    ) {
        self.next += 1;
        l.generated_at(field, 0u64, range.start, range.len());
        l.below(|l| {
            let mut place = blank(self.bytes, range.start + 1);
            while place + 1 < range.end && !l.is_full() {
                let comma = blank(self.bytes, item(self, l, place));
                place = blank(self.bytes, comma + 1);
            }
        });
    }

    /// Records the member at `place`, and returns the place behind it.
    fn member(&mut self, l: &mut Layer, place: usize) -> usize {
        let key_end = string(self.bytes, place).unwrap_or(place);
        let start = blank(self.bytes, blank(self.bytes, key_end) + 1);
        let end = self.end_of(start);
        let key = self.bytes.get(place..key_end).unwrap_or_default();
        let len = self.path.len();
        self.path.byte(b'/');
        write_string(key, &mut self.path);
        let cover = l.place(place..end);
        l.instead(&MEMBER, cover, |text| write_string(key, text));
        l.below(|l| {
            self.value(l, start, key);
            self.text(l, &KEY, place..key_end);
            l.instead(&PATH, cover, |text| _ = text.raw(self.path.as_bytes()));
        });
        self.path.truncate(len);
        end
    }

    /// Records the path and the member together with the value that stands at `range`.
    fn with_value(&self, l: &mut Layer, range: Range<usize>, member: &[u8]) {
        let cover = l.place(range.clone());
        let value = self.bytes.get(range).unwrap_or_default();
        l.instead(&PATH_WITH_VALUE, cover, |text| {
            text.raw(self.path.as_bytes()).byte(b':');
            write_string(value, text);
        });
        l.instead(&MEMBER_WITH_VALUE, cover, |text| {
            write_string(member, text);
            text.byte(b':');
            write_string(value, text);
        });
    }

    /// Records the string at `range`, as it is meant.
    fn text(&self, l: &mut Layer, field: &'static Field, range: Range<usize>) {
        let cover = l.place(range.clone());
        l.instead(field, cover, |text| write_string(self.bytes.get(range).unwrap_or_default(), text));
    }
}

/// Writes a string without its quotes and escapes; anything else as it is.
fn write_string(value: &[u8], text: &mut Text) {
    let Some(inner) = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")) else {
        text.raw(value);
        return;
    };
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(at);
        text.raw(plain);
        let (character, len) = escaped(escape);
        let mut utf8 = [0; 4];
        text.str(character.encode_utf8(&mut utf8));
        rest = escape.get(len..).unwrap_or_default();
    }
    text.raw(rest);
}

/// The character that an escape at the beginning of `bytes` stands for, and the length of that.
fn escaped(bytes: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6).filter(|unit| unit.starts_with(b"\\u"))?.get(2..)?;
        u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
    };
    let letter = match bytes.get(1) {
        Some(b'b') => '\x08',
        Some(b'f') => '\x0c',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let units = unit(0).into_iter().chain(unit(6));
            return match char::decode_utf16(units).next() {
                Some(Ok(character)) => (character, 6 * character.len_utf16()),
                _ => (char::REPLACEMENT_CHARACTER, 6),
            };
        }
        Some(&byte) => char::from(byte),
        None => char::REPLACEMENT_CHARACTER,
    };
    (letter, 2)
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if !layer.about().is_empty() {
        text.str(": ").wire(data_text_lines::media_type(layer.about()));
    }
}

/// Adds `, JavaScript Object Notation (application/json)` to the Info column, and `/JSON` to the name of what carries it.
fn mention(layer: &LayerView, summary: &mut Summary) {
    if !summary.protocol.as_bytes().ends_with(b"/JSON") {
        summary.protocol.str("/JSON");
    }
    summary.info.str(", JavaScript Object Notation (").wire(data_text_lines::media_type(layer.about())).byte(b')');
}
