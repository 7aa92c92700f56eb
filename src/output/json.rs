//! JSON as tshark writes it with `-T json --no-duplicate-keys`: an array of objects whose values are strings.
//!
//! A field is a key with its value; what stands below it in the tree is an object under the key with `_tree` behind it. Fields of
//! one name under one parent share their key, and its value is an array then. Headings, protocols and expert items have no value
//! but the object. With `-x`, `_raw` arrays tell the bytes of each field: hexadecimal digits, start, length, bit mask, type.

use super::chosen::Chosen;
use super::group::{Groups, Item, Mark};
use super::time::Clock;
use super::{Sink, label, value};
use crate::dissect::{Derive, Entry, Field, Kind, LayerView, Need, Value, View};
use crate::text::{Text, prefix_len};

/// Writes packets as one array of objects.
#[derive(Default)]
pub struct Json {
    /// Only these fields (`-e`).
    chosen: Option<Chosen>,
    /// The bytes of fields are written too (`-x`).
    bytes: bool,
    groups: Groups,
    /// For each entry, the place after its subtree.
    ends: Vec<u32>,
    /// The entries whose subtree is still open while those places are looked for, with their depths.
    open: Vec<(u32, u8)>,
    words: Words,
    scratch: Text,
}

/// What it takes to write values.
#[derive(Default)]
struct Words {
    clock: Clock,
    line: Text,
}

/// How far the layers stand from the margin.
const LAYERS: usize = 8;
/// Bytes of a MAC address that name an organisation.
const OUI_LEN: u32 = 3;

impl Json {
    pub fn new(chosen: Option<Chosen>, bytes: bool) -> Json {
        Json { chosen, bytes, ..Json::default() }
    }
}

impl Sink for Json {
    fn need(&self) -> Need {
        self.chosen.as_ref().map_or(Need::ALL, Chosen::need)
    }

    fn begin(&mut self, out: &mut Text) {
        out.byte(b'[');
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        out.str("\n  {\n    \"_index\": \"packets-");
        self.words.clock.day(view.frame.time.map_or(0, |time| time.seconds()), out);
        out.str("\",\n    \"_type\": \"doc\",\n    \"_score\": null,\n    \"_source\": {\n      \"layers\": ");
        match self.chosen.take() {
            Some(mut chosen) => {
                self.chosen_fields(&mut chosen, view, out);
                self.chosen = Some(chosen);
            }
            None => {
                subtree_ends(view.entries(), &mut self.open, &mut self.ends);
                self.object(view, 0..view.entries().len(), LAYERS, out);
            }
        }
        out.str("\n    }\n  }");
    }

    fn between(&self, out: &mut Text) {
        out.byte(b',');
    }

    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        Some(Box::new(Json::new(self.chosen.clone(), self.bytes)))
    }

    fn compares_displayed(&self) -> bool {
        self.chosen.as_ref().is_none_or(Chosen::compares_displayed)
    }

    fn finish(&mut self, shown: u64, out: &mut Text) {
        out.str(if shown > 0 { "\n]\n" } else { "]\n" });
    }
}

impl Json {
    /// Writes the chosen fields that the packet has, each an array of its values.
    fn chosen_fields(&mut self, chosen: &mut Chosen, view: &View, out: &mut Text) {
        out.byte(b'{');
        let (words, scratch) = (&mut self.words, &mut self.scratch);
        chosen.collect(view, |layer, entry, row, cell| {
            let Some(value) = layer.alias_value(entry, row, scratch) else { return };
            next_line(cell.is_empty(), LAYERS + 2, cell);
            cell.byte(b'"');
            bare(layer, entry, row, value, None, words, cell);
            cell.byte(b'"');
        });
        chosen.collect_columns(view, |text, cell| {
            next_line(true, LAYERS + 2, cell);
            string(text, cell);
        });
        let mut any = false;
        for (name, cell) in chosen.cells().filter(|row| !row.1.is_empty()) {
            next_line(!any, LAYERS, out);
            any = true;
            out.byte(b'"').str(name).str("\": [").raw(cell.as_bytes());
            next_line(true, LAYERS, out);
            out.byte(b']');
        }
        if any {
            next_line(true, LAYERS - 2, out);
        }
        out.byte(b'}');
    }

    /// Writes the entries of `range` as an object; its keys stand at `indent`.
    fn object(&mut self, view: &View, range: std::ops::Range<usize>, indent: usize, out: &mut Text) {
        let mark = self.groups.begin();
        let mut place = range.start;
        while place < range.end {
            self.add(mark, view, place);
            place = self.ends[place] as usize;
        }
        out.byte(b'{');
        let mut any = false;
        for index in self.groups.heads(mark) {
            if let Some(head) = self.groups.head(index) {
                next_line(!any, indent, out);
                any = true;
                self.group(view, index, &head, indent, out);
            }
        }
        self.groups.end(mark);
        if any {
            next_line(true, indent - 2, out);
        }
        out.byte(b'}');
    }

    /// Adds an entry and what comes along with it to the object.
    fn add(&mut self, mark: Mark, view: &View, place: usize) {
        let entry = &view.entries()[place];
        let field = entry.field;
        match field.kind {
            Kind::Expert(..) => {
                // Every expert item has this key, its own name stands below it.
                self.groups.add(mark, field.aliases.first().copied().unwrap_or(field), place);
                for row in beside_expert(field) {
                    self.groups.add(mark, row, place);
                }
                return;
            }
            _ if is_left_out(field) => return,
            _ if field.name.is_empty() => {
                let layer = view.layer_of(place);
                let clock = &mut self.words.clock;
                return self.groups.add_labelled(mark, field, place, |text| label::words(&layer, entry, clock, text));
            }
            _ => self.groups.add(mark, field, place),
        }
        if !field.aliases.is_empty() {
            self.add_company(mark, view, entry, field, place);
        }
    }

    fn add_company(&mut self, mark: Mark, view: &View, entry: &Entry, field: &'static Field, place: usize) {
        for alias in field.aliases {
            let says = alias.derive != Derive::OuiName || alias.derived(view.value(entry), &mut self.scratch).is_some();
            if says {
                self.groups.add(mark, alias, place);
            }
            if !alias.aliases.is_empty() {
                self.add_company(mark, view, entry, alias, place);
            }
        }
    }

    /// Writes the items of one key: their values, then what stands below them.
    fn group(&mut self, view: &View, index: usize, head: &Item, indent: usize, out: &mut Text) {
        let alone = self.groups.is_alone(index);
        if self.bytes {
            self.raw(view, index, head, alone, indent, out);
        }
        if alone {
            self.single(view, head, indent, out);
        } else {
            self.several(view, index, head, indent, out);
        }
    }

    /// Writes the only item of a key.
    fn single(&mut self, view: &View, item: &Item, indent: usize, out: &mut Text) {
        self.key(item, "", out);
        let has_below = self.has_below(view, item);
        if !(has_below && is_heading(item, view)) {
            self.value(view, item, out);
            if !has_below {
                return;
            }
            next_line(false, indent, out);
            self.key(item, "_tree", out);
        }
        self.below(view, item, indent + 2, out);
    }

    /// Writes the items of one key as arrays.
    #[inline(never)]
    fn several(&mut self, view: &View, index: usize, head: &Item, indent: usize, out: &mut Text) {
        self.key(head, "", out);
        if is_heading(head, view) {
            self.each(index, indent, out, |json, item, indent, out| {
                if json.has_below(view, item) {
                    json.below(view, item, indent, out);
                } else {
                    json.value(view, item, out);
                }
            });
            return;
        }
        self.each(index, indent, out, |json, item, _, out| json.value(view, item, out));
        if self.any_below(view, index) {
            next_line(false, indent, out);
            self.key(head, "_tree", out);
            self.each(index, indent, out, |json, item, indent, out| {
                if json.has_below(view, item) {
                    json.below(view, item, indent, out);
                } else {
                    out.str("\"\"");
                }
            });
        }
    }

    #[inline(always)]
    fn key(&mut self, head: &Item, suffix: &'static str, out: &mut Text) {
        out.byte(b'"');
        match head.row.name {
            // What has no name has words from the packet for one.
            "" => escaped(self.groups.key(head), out),
            name => _ = out.str(name),
        }
        out.str(suffix).str("\": ");
    }

    /// Writes the items of one key, in an array.
    fn each(
        &mut self,
        index: usize,
        indent: usize,
        out: &mut Text,
        write: impl Fn(&mut Self, &Item, usize, &mut Text),
    ) {
        let mut chain = self.groups.chain(index);
        out.byte(b'[');
        let mut first = true;
        while let Some(item) = chain.next(&self.groups) {
            next_line(first, indent + 2, out);
            first = false;
            write(self, &item, indent + 4, out);
        }
        next_line(true, indent, out);
        out.byte(b']');
    }

    /// Writes the value of an item in quotes.
    #[inline(always)]
    fn value(&mut self, view: &View, item: &Item, out: &mut Text) {
        let place = item.place as usize;
        let entry = &view.entries()[place];
        out.byte(b'"');
        if item.row.name.is_empty() {
            // Its words are the key.
        } else if entry.field.is(item.row) && item.row.kind != Kind::Protocol {
            match view.value(entry) {
                Value::Text(bytes) => escaped(bytes, out),
                value => value::number(item.row, value, Some(b':'), &mut self.words.clock, out),
            }
        } else {
            self.company(view, place, item.row, out);
        }
        out.byte(b'"');
    }

    /// Writes what `row` says in the entry at `place`, which has it for company or is a protocol's.
    fn company(&mut self, view: &View, place: usize, row: &Field, out: &mut Text) {
        let entry = &view.entries()[place];
        let layer = view.layer_of(place);
        if let Some(value) = layer.alias_value(entry, row, &mut self.scratch) {
            bare(&layer, entry, row, value, Some(b':'), &mut self.words, out);
        }
    }

    fn has_below(&self, view: &View, item: &Item) -> bool {
        let entry = &view.entries()[item.place as usize];
        item.row.derive == Derive::ExpertLine
            || (entry.field.is(item.row) && self.shows_below(view, item.place as usize))
    }

    /// Whether something of what stands below an entry is written.
    fn shows_below(&self, view: &View, place: usize) -> bool {
        let end = self.ends[place] as usize;
        let mut below = place + 1;
        while below < end {
            if !is_left_out(view.entries()[below].field) {
                return true;
            }
            below = self.ends[below] as usize;
        }
        false
    }

    fn any_below(&self, view: &View, index: usize) -> bool {
        let mut chain = self.groups.chain(index);
        while let Some(item) = chain.next(&self.groups) {
            if self.has_below(view, &item) {
                return true;
            }
        }
        false
    }

    /// Writes what stands below an item as an object.
    fn below(&mut self, view: &View, item: &Item, indent: usize, out: &mut Text) {
        let place = item.place as usize;
        let entry = &view.entries()[place];
        match entry.field.kind {
            Kind::Expert(..) => self.expert(view, place, indent, out),
            _ => self.object(view, place + 1..self.ends[place] as usize, indent, out),
        }
    }

    fn expert(&mut self, view: &View, place: usize, indent: usize, out: &mut Text) {
        let entry = &view.entries()[place];
        let layer = view.layer_of(place);
        out.byte(b'{');
        next_line(true, indent, out);
        out.byte(b'"').str(entry.field.name).str("\": \"\"");
        // The first alias is the item itself.
        for row in entry.field.aliases.iter().skip(1).filter(|row| row.kind != Kind::Protocol) {
            let Some(value) = layer.alias_value(entry, row, &mut self.scratch) else { continue };
            next_line(false, indent, out);
            out.byte(b'"').str(row.name).str("\": \"");
            bare(&layer, entry, row, value, None, &mut self.words, out);
            out.byte(b'"');
        }
        next_line(true, indent - 2, out);
        out.byte(b'}');
    }

    /// Writes where the items of one key stand in the frame; those that stand nowhere are left out.
    fn raw(&mut self, view: &View, index: usize, head: &Item, alone: bool, indent: usize, out: &mut Text) {
        let entry_of = |item: &Item| &view.entries()[item.place as usize];
        let mut chain = self.groups.chain(index);
        let mut any = false;
        while let Some(item) = chain.next(&self.groups) {
            any |= entry_of(&item).len > 0 && !matches!(entry_of(&item).field.kind, Kind::Expert(..));
        }
        if !any || head.row.name.is_empty() {
            return;
        }
        self.key(head, "_raw", out);
        let write = |_: &mut Self, item: &Item, indent: usize, out: &mut Text| {
            let entry = entry_of(item);
            let (mut len, mut kind) = (entry.len, item.row.kind);
            match item.row.derive {
                Derive::Oui => len = len.min(OUI_LEN),
                Derive::OuiName => (len, kind) = (len.min(OUI_LEN), Kind::Text),
                Derive::AddressText => kind = Kind::Text,
                _ => {}
            }
            out.byte(b'[');
            next_line(true, indent, out);
            out.byte(b'"');
            match entry.field.mask {
                0 => _ = out.hex_bytes(&view.bytes(entry)[..view.bytes(entry).len().min(len as usize)], None),
                _ => hex_upper(entry.number(), out),
            }
            out.str("\"");
            for number in [entry.start.into(), len.into(), item.row.mask, type_number(kind)] {
                next_line(false, indent, out);
                out.dec(number);
            }
            next_line(true, indent - 2, out);
            out.byte(b']');
        };
        if alone {
            write(self, head, indent + 2, out);
        } else {
            self.each(index, indent, out, write);
        }
        next_line(false, indent, out);
    }
}

/// Begins a line, after a comma where it is not the first.
#[inline]
fn next_line(first: bool, indent: usize, out: &mut Text) {
    if first {
        out.byte(b'\n');
    } else {
        out.str(",\n");
    }
    out.fill(b' ', indent);
}

/// Whether a row is not written: what has neither a name nor a line is there for others.
fn is_left_out(field: &Field) -> bool {
    field.name.is_empty() && field.hidden
}

/// Whether a key has no value of its own if something stands below it.
fn is_heading(head: &Item, view: &View) -> bool {
    let field = view.entries()[head.place as usize].field;
    (head.row.name.is_empty() || matches!(field.kind, Kind::None | Kind::Protocol | Kind::Expert(..)))
        && matches!(head.row.derive, Derive::Same | Derive::ExpertLine)
}

/// Fills `ends` with the place after the subtree of each entry.
fn subtree_ends(entries: &[Entry], open: &mut Vec<(u32, u8)>, ends: &mut Vec<u32>) {
    ends.clear();
    ends.reserve(entries.len());
    open.clear();
    for (place, entry) in entries.iter().enumerate() {
        let end = place as u32 + 1;
        ends.push(end);
        // Most entries have nothing below them, and another one beside them follows. Behind the last all end.
        let next = entries.get(place + 1).map_or(0, |entry| entry.depth);
        if next > entry.depth {
            open.push((place as u32, entry.depth));
        } else if next < entry.depth {
            while let Some((place, _)) = open.pop_if(|open| open.1 >= next) {
                ends[place as usize] = end;
            }
        }
    }
}

/// Writes the value of a row in an entry, escaped, without quotes.
fn bare(
    layer: &LayerView,
    entry: &Entry,
    row: &Field,
    value: Value,
    separator: Option<u8>,
    words: &mut Words,
    out: &mut Text,
) {
    match value {
        Value::Text(bytes) => escaped(bytes, out),
        Value::Bytes(_) if row.kind == Kind::Protocol => {
            words.line.clear();
            label::words(layer, entry, &mut words.clock, &mut words.line);
            escaped(words.line.as_bytes(), out);
        }
        Value::None if row.kind == Kind::Protocol => _ = out.str(row.title),
        value => value::number(row, value, separator, &mut words.clock, out),
    }
}

/// The rows that stand beside an expert item and not below it: that the packet is malformed.
fn beside_expert(field: &Field) -> impl Iterator<Item = &'static Field> {
    field.aliases.iter().copied().filter(|row| row.kind == Kind::Protocol)
}

/// Writes a JSON string with its quotes. What is not UTF-8 becomes U+FFFD.
pub fn string(bytes: &[u8], out: &mut Text) {
    out.byte(b'"');
    escaped(bytes, out);
    out.byte(b'"');
}

/// Writes the contents of a JSON string. What is not UTF-8 becomes U+FFFD; returns whether something was not.
pub fn escaped_lossy(bytes: &[u8], out: &mut Text) -> bool {
    let mut lossy = false;
    let mut rest = bytes;
    loop {
        let len = prefix_len(rest, is_plain);
        out.raw(&rest[..len]);
        rest = &rest[len..];
        let Some(&byte) = rest.first() else { return lossy };
        if byte < 0x80 {
            match byte {
                b'"' | b'\\' => _ = out.byte(b'\\').byte(byte),
                // What closes a script where JSON stands in HTML.
                b'/' if out.as_bytes().last() == Some(&b'<') => _ = out.str("\\/"),
                b'/' => _ = out.byte(b'/'),
                0x08 => _ = out.str("\\b"),
                b'\t' => _ = out.str("\\t"),
                b'\n' => _ = out.str("\\n"),
                0x0c => _ = out.str("\\f"),
                b'\r' => _ = out.str("\\r"),
                _ => _ = out.str("\\u").hex_digits(byte.into(), 4),
            }
            rest = &rest[1..];
            continue;
        }
        let len = rest.iter().position(|byte| *byte < 0x80).unwrap_or(rest.len());
        for chunk in rest[..len].utf8_chunks() {
            for character in chunk.valid().chars() {
                if is_obeyed(character) {
                    out.str("\\u").hex_digits(character.into(), 4);
                } else {
                    out.str(character.encode_utf8(&mut [0; 4]));
                }
            }
            if !chunk.invalid().is_empty() {
                out.str("\u{fffd}");
                lossy = true;
            }
        }
        rest = &rest[len..];
    }
}

/// Whether a byte stands in a JSON string as it is. Without branches, so that many are looked at together.
#[inline]
fn is_plain(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) & (byte != b'"') & (byte != b'\\') & (byte != b'/')
}

/// Whether a terminal obeys a character beyond ASCII: C1 controls and those that reorder text. Not all that tshark escapes in
/// lines is, so that strings stay as they were.
fn is_obeyed(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(bytes: &[u8], out: &mut Text) {
    escaped_lossy(bytes, out);
}

fn hex_upper(number: u64, out: &mut Text) {
    let digits = (64 - number.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        out.byte(b"0123456789ABCDEF"[(number >> (4 * place) & 0xf) as usize]);
    }
}

/// The numbers of field types in `_raw` arrays.
fn type_number(kind: Kind) -> u64 {
    let integer = |first: u64, bits: u8| first + u64::from(bits.clamp(8, 64)).div_ceil(8) - 1;
    match kind {
        Kind::None | Kind::Expert(..) => 0,
        Kind::Protocol => 1,
        Kind::Boolean => 2,
        Kind::Char => 3,
        Kind::Unsigned(bits) => integer(4, bits),
        Kind::Signed(bits) => integer(12, bits),
        Kind::Float => 22,
        Kind::Double => 23,
        Kind::AbsoluteTime => 24,
        Kind::RelativeTime => 25,
        Kind::Text => 26,
        Kind::Ether => 29,
        Kind::Bytes => 30,
        Kind::Ipv4 => 32,
        Kind::Ipv6 => 33,
        Kind::Frame => 35,
        Kind::Guid => 36,
        Kind::Oid => 37,
        Kind::Eui64 => 38,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::output::testing::{datagram, registry, shown, written};

    const USER_0: u16 = 147;

    fn odd(bytes: &[u8]) -> String {
        let text = shown(&mut Json::new(None, false), USER_0, &[bytes]);
        let start = text.find("        \"odd\": ").expect("the layer is there");
        text[start..].trim_end_matches("\n      }\n    }\n  }\n]\n").to_owned()
    }

    #[test]
    fn nothing_is_an_empty_array() {
        assert_eq!(shown(&mut Json::default(), 1, &[]), "[]\n");
    }

    /// The layers and the lines around them as `tshark -T json --no-duplicate-keys` has them.
    #[test]
    fn as_tshark_writes_it() {
        let frame = datagram(b"hi");
        let text = shown(&mut Json::default(), 1, &[&frame, &frame]);
        let head = "[\n  {\n    \"_index\": \"packets-2026-11-20\",\n    \"_type\": \"doc\",\n    \"_score\": null,\n    \
                    \"_source\": {\n      \"layers\": {\n        \"frame\": {\n";
        assert!(text.starts_with(head), "{text}");
        assert!(text.contains("\n      }\n    }\n  },\n  {\n    \"_index\""), "{text}");
        assert!(text.ends_with("\n        }\n      }\n    }\n  }\n]\n"), "{text}");
        let either = "          \"ip.src\": \"192.0.2.1\",\n          \"ip.addr\": [\n            \"192.0.2.1\",\n            \
                      \"198.51.100.2\"\n          ],\n          \"ip.src_host\": \"192.0.2.1\",\n          \"ip.host\": [\n            \
                      \"192.0.2.1\",\n            \"198.51.100.2\"\n          ],\n          \"ip.dst\": \"198.51.100.2\",\n          \
                      \"ip.dst_host\": \"198.51.100.2\"\n        },\n";
        assert!(text.contains(either), "{text}");
        let tree = "          \"ip.dsfield\": \"0x00\",\n          \"ip.dsfield_tree\": {\n            \"ip.dsfield.dscp\": \"0\",\n            \
                    \"ip.dsfield.ecn\": \"0\"\n          },\n";
        assert!(text.contains(tree), "{text}");
        assert!(
            text.contains("          \"data.data\": \"68:69\",\n          \"data.len\": \"2\"\n        }\n"),
            "{text}"
        );
    }

    #[test]
    fn values_and_trees_of_one_name_stand_together() {
        // A number with its parts and an expert item, twice.
        let expected = r#"        "odd": {
          "odd.number": [
            "0x85",
            "0x02"
          ],
          "odd.number_tree": [
            {
              "odd.number.low": "5",
              "odd.number.high": "1",
              "odd.number.high_tree": {
                "_ws.expert": {
                  "odd.strange": "",
                  "_ws.expert.message": "Strange",
                  "_ws.expert.severity": "6291456",
                  "_ws.expert.group": "150994944"
                }
              }
            },
            {
              "odd.number.low": "2",
              "odd.number.high": "0",
              "odd.number.high_tree": {
                "_ws.expert": {
                  "odd.strange": "",
                  "_ws.expert.message": "Strange",
                  "_ws.expert.severity": "6291456",
                  "_ws.expert.group": "150994944"
                }
              }
            }
          ]
        }"#;
        assert_eq!(odd(&[0x01, 0x85, 0x01, 0x02]), expected);
    }

    #[test]
    fn headings_are_keys_of_their_words() {
        let text = odd(&[0x36, b'a', b'"', b'\n', 0x36, b'a', b'"', b'\n', 0x07, 0x18, b'x']);
        let words = r#""a\"\\n": [
            {
              "odd.word": "a\"\n",
              "odd.either": "a\"\n"
            },
            {"#;
        assert!(text.contains(words), "{text}");
        let mark = "\"odd.mark\": [\n            \"\",\n            {\n              \"odd.word\": \"x\",";
        assert!(text.contains(mark), "{text}");
    }

    fn segment(port: u16, data: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [0, 0, 0x5e, 0, 0x53, 2])
            .ipv4([192, 0, 2, 1], [198, 51, 100, 2], 64)
            .tcp(40_000, port, 1, 8192)
            .write(&mut frame, data)
            .expect("a small segment can be written");
        frame
    }

    #[test]
    fn lines_without_a_name_are_keys_of_their_words() {
        let frame = segment(80, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let text = shown(&mut Json::new(None, false), 1, &[&frame]);
        let first = "        \"http\": {\n          \"GET / HTTP/1.1\\\\r\\\\n\": {\n            \"_ws.expert\": {\n";
        assert!(text.contains(first), "{text}");
        let last = "          \"http.request.line\": \"Host: a\\r\\n\",\n          \"\\\\r\\\\n\": \"\",\n";
        assert!(text.contains(last) && !text.contains("\"\": "), "{text}");
    }

    /// A layer of which only that is recorded which others read has its name for a value, as where nothing is below it.
    #[test]
    fn what_is_not_written_is_not_below_anything() {
        let frame = segment(443, &[23, 3, 3, 0, 20, 1, 2, 3]);
        let text = shown(&mut Json::new(None, false), 1, &[&frame]);
        assert!(text.contains("\n        \"tls\": \"Transport Layer Security\"\n"), "{text}");
    }

    /// What tshark 4.0 makes of the same bytes, but for DEL, C1 and bidirectional controls, which it lets through.
    #[test]
    fn strings_are_escaped() {
        let mut text = Text::new();
        string(b"\x01\x08\t\n\x0b\x0c\r\x1b\"'\\/</x", &mut text);
        assert_eq!(text.to_string_lossy(), r#""\u0001\b\t\n\u000b\f\r\u001b\"'\\/<\/x""#);
        text.clear();
        string("\x7f\u{9b}31m \u{202e} 粘 \u{2028}".as_bytes(), &mut text);
        assert_eq!(text.to_string_lossy(), "\"\\u007f\\u009b31m \\u202e 粘 \u{2028}\"");
        text.clear();
        string(b"\xff\xfe \xed\xa0\x80 \xe2\x82", &mut text);
        assert_eq!(text.to_string_lossy(), "\"\u{fffd}\u{fffd} \u{fffd}\u{fffd}\u{fffd} \u{fffd}\"");
    }

    #[test]
    fn long_strings_are_looked_through_to_their_end() {
        let plain = "abcdefghijklmnopqrstuvwxyz 0123456789".repeat(2);
        for place in 0..plain.len() {
            let mut text = Text::new();
            let (start, end) = plain.split_at(place);
            string(format!("{start}\n{end}").as_bytes(), &mut text);
            assert_eq!(text.to_string_lossy(), format!("\"{start}\\n{end}\""));
        }
    }

    #[test]
    fn chosen_fields_are_arrays() {
        let names = ["udp.port", "odd.word", "ip.src"].map(String::from).to_vec();
        let chosen = Chosen::new(names, &registry()).ok();
        let text = shown(&mut Json::new(chosen, false), 1, &[&datagram(b"")]);
        let expected = "      \"layers\": {\n        \"udp.port\": [\n          \"40000\",\n          \"40001\"\n        ],\n        \
                        \"ip.src\": [\n          \"192.0.2.1\"\n        ]\n      }\n    }\n  }\n]\n";
        assert!(text.ends_with(expected), "{text}");
        let chosen = Chosen::new(vec!["odd.word".into()], &registry()).ok();
        assert!(shown(&mut Json::new(chosen, false), 1, &[&datagram(b"")]).contains("\"layers\": {}\n"));
    }

    #[test]
    fn raw_arrays_tell_where_fields_stand() {
        let text = shown(&mut Json::new(None, true), 1, &[&datagram(b"")]);
        let raw = |name: &str, row: [&str; 5]| {
            let text: String = text.split_whitespace().collect();
            let expected = format!("\"{name}_raw\":[\"{}\",{}],", row[0], row[1..].join(","));
            assert!(text.contains(&expected), "{expected} in {text}");
        };
        raw("ip.src", ["c0000201", "26", "4", "0", "32"]);
        raw("ip.dsfield.dscp", ["0", "15", "1", "252", "4"]);
        raw("udp.srcport", ["9c40", "34", "2", "0", "5"]);
        assert!(!text.contains("ip.checksum.status_raw"), "what is computed stands nowhere");
    }

    proptest! {
        #[test]
        fn any_bytes_are_valid_json(bytes in prop::collection::vec(any::<u8>(), 0..200), raw in any::<bool>()) {
            let text = written(&mut Json::new(None, raw), USER_0, &[&bytes, &bytes]);
            let value: serde_json::Value = serde_json::from_slice(&text).expect("valid JSON");
            prop_assert_eq!(value.as_array().map(Vec::len), Some(2));
            prop_assert!(text.iter().all(|&byte| byte >= 0x20 && byte != 0x7f || byte == b'\n'));
        }
    }
}
