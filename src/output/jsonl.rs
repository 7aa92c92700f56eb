//! JSON Lines: one object a line for each packet, with typed values. The format is `sniff`'s own.
//!
//! ```text
//! {"v":1,"frame":7,"layers":["eth","ethertype","ip","tcp"],"frame.time":["2026-11-20T21:56:00.123456789Z"],"ip.src":["192.0.2.1"],…}
//! ```
//!
//! The keys stand in this order:
//!
//! - `v`: the version of this format, 1. It changes if something that is said here no longer holds.
//! - `frame`: the number of the frame, a number.
//! - `layers`: the names of its protocols, outermost first: a tunnel names some twice.
//! - every field by its name in filters, at the place where it first stands in the tree. Its value is **always an array**, of all
//!   its values in the packet in the order of the tree, outer headers before inner ones. So `."ip.src"[0]` is the outermost source
//!   address, whether or not there is another one.
//! - `lossy`: `true`, and only there, if bytes of a string were no UTF-8 and U+FFFD stands for them.
//!
//! The fields are those that have a line in the tree (`-V`). With `-e` they are the chosen ones, in the order of choice, also those
//! that only come along with others (`ip.addr`, `tcp.port`); each is there in every line, as an empty array where the packet has none.
//!
//! | what a field is | how it is written |
//! | --- | --- |
//! | integer, frame number, character | number; a string where it is beyond ±2⁵³, which many readers would round |
//! | flag | `true` or `false` |
//! | number with a fraction | number; `null` where it is none or infinite |
//! | moment | string in ISO 8601, UTC, with nanoseconds |
//! | span of time | seconds as a number with nine decimals |
//! | address, GUID, object identifier | string in its usual form |
//! | bytes | string of lower-case hexadecimal digits |
//! | text | string |
//! | presence: expert items, `_ws.malformed` | `true` |
//! | protocol, with `-e` | string: its line in the tree |

use super::Sink;
use super::chosen::Chosen;
use super::group::{Groups, Mark};
use super::json::{escaped_lossy, string};
use super::time::{Clock, iso, span};
use super::{label, value};
use crate::dissect::{Asks, Derive, Entry, Field, Kind, LayerView, Need, Value, View};
use crate::text::Text;

/// Writes each packet as an object on a line of its own.
#[derive(Default)]
pub struct JsonLines {
    chosen: Option<Chosen>,
    groups: Groups,
    values: Values,
    scratch: Text,
}

/// Writes typed values.
#[derive(Default)]
struct Values {
    clock: Clock,
    words: Text,
    lossy: bool,
}

/// The largest integer below which a double has them all.
const MAX_SAFE: u64 = 1 << 53;

impl JsonLines {
    pub fn new(chosen: Option<Chosen>) -> JsonLines {
        JsonLines { chosen, ..JsonLines::default() }
    }
}

impl Sink for JsonLines {
    fn need(&self) -> Need {
        // The layers of each packet are listed, whichever fields are chosen.
        self.chosen.as_ref().map_or(Need::ALL, |chosen| chosen.need().and(Need::only(Vec::new(), Asks::Messages)))
    }

    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        Some(Box::new(JsonLines::new(self.chosen.clone())))
    }

    fn compares_displayed(&self) -> bool {
        self.chosen.as_ref().is_none_or(Chosen::compares_displayed)
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        self.values.lossy = false;
        out.str("{\"v\":1,\"frame\":").dec(view.frame.number).str(",\"layers\":[");
        // The frame itself carries all of them and is none.
        for (place, mark) in view.packet.layers().iter().skip(1).enumerate() {
            out.str(if place > 0 { ",\"" } else { "\"" }).str(mark.protocol.name()).byte(b'"');
        }
        out.byte(b']');
        match self.chosen.take() {
            Some(mut chosen) => {
                self.chosen_fields(&mut chosen, view, out);
                self.chosen = Some(chosen);
            }
            None => self.all_fields(view, out),
        }
        out.str(if self.values.lossy { ",\"lossy\":true}\n" } else { "}\n" });
    }
}

impl JsonLines {
    fn all_fields(&mut self, view: &View, out: &mut Text) {
        let mark = self.groups.begin();
        for (place, entry) in view.entries().iter().enumerate() {
            self.add(mark, entry.field, place);
        }
        for index in self.groups.heads(mark) {
            let Some(head) = self.groups.head(index) else { continue };
            out.str(",\"").str(head.row.name).str("\":[");
            let mut chain = self.groups.chain(index);
            let mut first = true;
            while let Some(item) = chain.next(&self.groups) {
                if !first {
                    out.byte(b',');
                }
                first = false;
                let place = item.place as usize;
                let entry = &view.entries()[place];
                if entry.field.is(item.row) {
                    self.values.write(item.row, view.value(entry), out);
                } else if let Some(value) = view.layer_of(place).alias_value(entry, item.row, &mut self.scratch) {
                    self.values.write(item.row, value, out);
                }
            }
            out.byte(b']');
        }
        self.groups.end(mark);
    }

    /// Adds an entry if it has a line in the tree and is no heading; of expert items also what their lines say.
    fn add(&mut self, mark: Mark, field: &'static Field, place: usize) {
        let is_layer = field.kind == Kind::Protocol && !field.name.starts_with("_ws.");
        if field.hidden || field.name.is_empty() || is_layer {
            return;
        }
        self.groups.add(mark, field, place);
        if matches!(field.kind, Kind::Expert(..)) {
            for row in field.aliases.iter().filter(|row| row.derive != Derive::ExpertLine) {
                self.groups.add(mark, row, place);
            }
        }
    }

    fn chosen_fields(&mut self, chosen: &mut Chosen, view: &View, out: &mut Text) {
        let (values, scratch) = (&mut self.values, &mut self.scratch);
        chosen.collect(view, |layer, entry, row, cell| {
            let Some(value) = layer.alias_value(entry, row, scratch) else { return };
            if !cell.is_empty() {
                cell.byte(b',');
            }
            match row.kind {
                Kind::Protocol => values.line(layer, entry, cell),
                _ => values.write(row, value, cell),
            }
        });
        chosen.collect_columns(view, string);
        for (name, cell) in chosen.cells() {
            out.str(",\"").str(name).str("\":[").raw(cell.as_bytes()).byte(b']');
        }
    }
}

impl Values {
    fn write(&mut self, field: &Field, value: Value, out: &mut Text) {
        match value {
            Value::None => _ = out.str("true"),
            Value::Bytes(_) if field.kind == Kind::Protocol => _ = out.str("true"),
            Value::Boolean(flag) => _ = out.str(if flag { "true" } else { "false" }),
            Value::Unsigned(number) if number <= MAX_SAFE => _ = out.dec(number),
            Value::Unsigned(number) => _ = out.byte(b'"').dec(number).byte(b'"'),
            Value::Signed(number) if number.unsigned_abs() <= MAX_SAFE => _ = out.signed(number),
            Value::Signed(number) => _ = out.byte(b'"').signed(number).byte(b'"'),
            Value::Double(number) => fraction(field, number, out),
            Value::Time { seconds, nanos } if field.kind == Kind::AbsoluteTime => {
                out.byte(b'"');
                iso(seconds, nanos, out);
                out.byte(b'"');
            }
            Value::Time { seconds, nanos } => span(seconds, nanos, 9, out),
            Value::Text(bytes) => self.text(bytes, out),
            Value::Bytes([]) => _ = out.str("\"\""),
            Value::Ipv4(_) | Value::Ipv6(_) | Value::Ether(_) | Value::Bytes(_) => {
                out.byte(b'"');
                value::number(field, value, None, &mut self.clock, out);
                out.byte(b'"');
            }
        }
    }

    /// Writes a protocol's line in the tree.
    fn line(&mut self, layer: &LayerView, entry: &Entry, out: &mut Text) {
        self.words.clear();
        label::words(layer, entry, &mut self.clock, &mut self.words);
        string(self.words.as_bytes(), out);
    }

    fn text(&mut self, bytes: &[u8], out: &mut Text) {
        out.byte(b'"');
        self.lossy |= escaped_lossy(bytes, out);
        out.byte(b'"');
    }
}

/// Writes a number so that it is read back as the same one.
fn fraction(field: &Field, number: f64, out: &mut Text) {
    use std::fmt::Write;
    let large = number != 0.0 && !(1e-5..1e17).contains(&number.abs());
    // Writing to a `Text` cannot fail.
    _ = match (number.is_finite(), field.kind == Kind::Float, large) {
        (false, ..) => out.write_str("null"),
        (_, true, false) => write!(out, "{}", number as f32),
        (_, true, true) => write!(out, "{:e}", number as f32),
        (_, false, false) => write!(out, "{number}"),
        (_, false, true) => write!(out, "{number:e}"),
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::output::testing::{datagram, registry, shown, written};

    const USER_0: u16 = 147;

    /// The fields of [`crate::output::testing::ODD`] in a line.
    fn odd(bytes: &[u8]) -> String {
        let text = shown(&mut JsonLines::default(), USER_0, &[bytes]);
        let start = text.find("\"odd.").expect("a field is there");
        text[start..].to_owned()
    }

    #[test]
    fn a_line_for_each_packet() {
        let text = shown(&mut JsonLines::default(), 1, &[&datagram(b"hi"), &datagram(b"")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].starts_with(r#"{"v":1,"frame":1,"layers":["eth","ethertype","ip","udp","data"],"frame."#),
            "{text}"
        );
        assert!(lines[0].contains(r#""frame.time":["2026-11-20T21:56:01.123456789Z"]"#), "{text}");
        assert!(
            lines[0].contains(r#""ip.src":["192.0.2.1"],"ip.dst":["198.51.100.2"]"#),
            "hidden fields are left out: {text}"
        );
        assert!(lines[0].contains(r#""data.data":["6869"],"data.len":[2]"#), "{text}");
        assert!(lines[1].starts_with(r#"{"v":1,"frame":2,"#), "{text}");
    }

    #[test]
    fn values_have_types() {
        let cases: &[(&[u8], &str)] = &[
            (
                &[0x01, 0x85],
                r#""odd.number":[133],"odd.number.low":[5],"odd.number.high":[true],"odd.strange":[true],"#,
            ),
            (&[0x02, 0, 0x20, 0, 0, 0, 0, 0, 0], r#""odd.large":[9007199254740992]}"#),
            (&[0x02, 0, 0x20, 0, 0, 0, 0, 0, 1], r#""odd.large":["9007199254740993"]}"#),
            (&[0x23, 0xab, 0xcd, 0x13, 0xef], r#""odd.bytes":["abcd","ef"]}"#),
            (&[0x04, 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18], r#""odd.ratio":[3.141592653589793]}"#),
            (&[0x04, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], r#""odd.ratio":[null]}"#),
            (&[0x04, 0x7e, 0x37, 0xe4, 0x3c, 0x88, 0x00, 0x75, 0x9c], r#""odd.ratio":[1e300]}"#),
            (
                &[0x05, 0xff, 0xff, 0xff, 0xff],
                r#""odd.moment":["2106-02-07T06:28:15.000000005Z"],"odd.span":[-0.500000000]}"#,
            ),
            (&[0x20, b'a', b'"'], r#""odd.word":["a\""]}"#),
            (&[0x20, b'a', 0xff], "\"odd.word\":[\"a\u{fffd}\"],\"lossy\":true}"),
            (&[0x07], r#""odd.mark":[true]}"#),
        ];
        for (bytes, expected) in cases {
            let text = odd(bytes);
            assert!(text.starts_with(expected), "{text} is not {expected}");
        }
    }

    #[test]
    fn chosen_fields_are_always_there() {
        let names = ["udp.port", "odd.word", "ip.addr", "udp"].map(String::from).to_vec();
        let chosen = Chosen::new(names, &registry()).ok();
        assert_eq!(
            shown(&mut JsonLines::new(chosen), 1, &[&datagram(b"")]),
            "{\"v\":1,\"frame\":1,\"layers\":[\"eth\",\"ethertype\",\"ip\",\"udp\"],\"udp.port\":[40000,40001],\"odd.word\":[],\
             \"ip.addr\":[\"192.0.2.1\",\"198.51.100.2\"],\
             \"udp\":[\"User Datagram Protocol, Src Port: 40000, Dst Port: 40001\"]}\n"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_valid_json(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = written(&mut JsonLines::default(), USER_0, &[&bytes]);
            let value: serde_json::Value = serde_json::from_slice(&text).expect("valid JSON");
            let object = value.as_object().expect("an object");
            let keys = ["v", "frame", "layers", "lossy"];
            let fields = object.iter().filter(|row| !keys.contains(&row.0.as_str()));
            prop_assert!(fields.into_iter().all(|row| row.1.is_array()));
            prop_assert!(text.iter().filter(|&&byte| byte < 0x20 || byte == 0x7f).eq([&b'\n']));
        }
    }
}
