//! The packet list: one line a packet, in tshark's columns.
//!
//! Protocol and Length have no width in tshark's list. On a terminal they do, and every column is as wide as the widest text that it
//! has had so far, so that lines stand under each other and columns seldom move. Info is never cut.

use super::color::{self, Palette, Role};
use super::columns::{Columns, TimeColumn};
use super::{Sink, time::TimeFormat};
use crate::dissect::{Need, View};
use crate::text::Text;

/// Writes number, time, source, destination, protocol, length and info.
pub struct List {
    columns: Columns,
    time: TimeColumn,
    /// The Time column of the line that is being written.
    moment: Text,
    palette: Palette,
    widths: Widths,
}

struct Widths {
    number: Width,
    time: Width,
    source: Width,
    destination: Width,
    protocol: Width,
    length: Width,
}

/// How wide a column is at least.
struct Width {
    least: usize,
    /// Is as wide as the widest text so far.
    grows: bool,
}

impl List {
    pub fn new(format: TimeFormat) -> List {
        List {
            columns: Columns::default(),
            time: TimeColumn::new(format),
            moment: Text::new(),
            palette: Palette::default(),
            widths: Widths::new([5, 10, 12, 12, 0, 0], false),
        }
    }

    /// Colours lines by protocol and trouble.
    pub fn colored(mut self, palette: Palette) -> List {
        self.palette = palette;
        self
    }

    /// Lets columns grow with what stands in them: for a terminal.
    pub fn aligned(mut self) -> List {
        self.widths = Widths::new([5, 10, 12, 12, 6, 4], true);
        self
    }
}

impl Sink for List {
    fn need(&self) -> Need {
        // Colours go by the expert items of any layer.
        if self.palette.is_colored() { Need::ALL } else { Need::columns(Vec::new()) }
    }

    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        // Columns that grow depend on all lines before.
        (!self.widths.number.grows).then(|| {
            let list = List::new(self.time.format()).colored(self.palette.clone());
            Box::new(list) as Box<dyn Sink + Send>
        })
    }

    fn compares_displayed(&self) -> bool {
        self.time.format() == TimeFormat::DeltaDisplayed
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        let List { columns, time, moment, palette, widths } = self;
        columns.fill(view);
        let is_colored = palette.is_colored();
        let role = if is_colored { color::of_packet(view) } else { Role::Plain };
        let paint = |out: &mut Text, escape: &str| {
            if is_colored {
                out.str(escape);
            }
        };
        paint(out, palette.start(Role::Faint));
        widths.number.right_number(out, view.frame.number);
        out.byte(b' ');
        moment.clear();
        time.write(view, moment);
        widths.time.right(out, moment.as_bytes());
        paint(out, palette.end(Role::Faint));
        out.byte(b' ');
        widths.source.right(out, columns.source.as_bytes());
        out.str(" → ");
        widths.destination.left(out, columns.destination.as_bytes());
        out.byte(b' ');
        paint(out, palette.start(role));
        widths.protocol.left(out, columns.protocol.as_bytes());
        out.byte(b' ');
        widths.length.right_number(out, view.frame.wire_len.into());
        out.byte(b' ').raw(columns.info.as_bytes());
        paint(out, palette.end(role));
        out.byte(b'\n');
    }
}

impl Widths {
    fn new(least: [usize; 6], grows: bool) -> Widths {
        let [number, time, source, destination, protocol, length] = least.map(|least| Width { least, grows });
        Widths { number, time, source, destination, protocol, length }
    }
}

impl Width {
    /// Writes text with spaces before it.
    fn right(&mut self, out: &mut Text, text: &[u8]) {
        out.fill(b' ', self.missing(text.len())).raw(text);
    }

    /// Writes a number with spaces before it.
    fn right_number(&mut self, out: &mut Text, number: u64) {
        if !self.grows {
            out.dec_right(number, self.least);
            return;
        }
        let digits = number.checked_ilog10().map_or(1, |log| log as usize + 1);
        out.fill(b' ', self.missing(digits)).dec(number);
    }

    /// Writes text with spaces after it.
    fn left(&mut self, out: &mut Text, text: &[u8]) {
        out.raw(text).fill(b' ', self.missing(text.len()));
    }

    /// How many spaces text of this length needs.
    fn missing(&mut self, len: usize) -> usize {
        if self.grows {
            self.least = self.least.max(len);
        }
        self.least.saturating_sub(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::{datagram, shown};

    fn list() -> List {
        List::new(TimeFormat::None)
    }

    #[test]
    fn tsharks_columns() {
        assert_eq!(
            shown(&mut list(), 1, &[&datagram(b"hi")]),
            "    1               192.0.2.1 → 198.51.100.2 UDP 44 40000 → 40001 Len=2\n"
        );
    }

    #[test]
    fn columns_grow_on_a_terminal() {
        let long = datagram(&[0; 1400]);
        let text = shown(&mut list().aligned(), 1, &[&datagram(b"hi"), &long[..12], &long]);
        let arrows: Vec<Option<usize>> = text.lines().map(|line| line.find('→')).collect();
        assert_eq!(arrows.len(), 3);
        assert!(text.lines().next().is_some_and(|line| line.ends_with(" UDP      44 40000 → 40001 Len=2")), "{text}");
        assert!(text.lines().last().is_some_and(|line| line.contains(" UDP      1442 40000")), "{text}");
    }

    #[test]
    fn colour_by_protocol_and_trouble() {
        let frame = datagram(b"hi");
        let text = shown(&mut list().colored(Palette::new(true)), 1, &[&frame, &frame[..30]]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].contains(" \x1b[36mUDP 44 40000 → 40001 Len=2\x1b[0m"), "{text:?}");
        assert!(lines[1].contains(" \x1b[91mIPv4 30 "), "{text:?}");
        assert!(lines.iter().all(|line| line.ends_with("\x1b[0m")), "{text:?}");
    }
}
