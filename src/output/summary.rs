//! The packet list: one line a packet, in tshark's columns.

use super::columns::{Columns, TimeColumn};
use super::{Sink, time::TimeFormat};
use crate::dissect::View;
use crate::text::Text;

/// Writes number, time, source, destination, protocol, length and info.
pub struct List {
    columns: Columns,
    time: TimeColumn,
}

impl List {
    pub fn new(format: TimeFormat) -> List {
        List { columns: Columns::default(), time: TimeColumn::new(format) }
    }
}

impl Sink for List {
    fn packet(&mut self, view: &View, out: &mut Text) {
        let columns = &mut self.columns;
        columns.fill(view);
        right(out, 5, |out| _ = out.dec(view.frame.number));
        out.byte(b' ');
        right(out, 10, |out| self.time.write(view, out));
        out.byte(b' ');
        right(out, 12, |out| _ = out.raw(columns.source.as_bytes()));
        out.str(" → ");
        left(out, 12, |out| _ = out.raw(columns.destination.as_bytes()));
        out.byte(b' ').raw(columns.protocol.as_bytes()).byte(b' ').dec(view.frame.wire_len).byte(b' ');
        out.raw(columns.info.as_bytes()).byte(b'\n');
    }
}

/// Writes with spaces before it up to `width` characters.
fn right(out: &mut Text, width: usize, write: impl FnOnce(&mut Text)) {
    let start = out.len();
    write(out);
    let missing = width.saturating_sub(out.len() - start);
    if missing > 0 {
        out.fill(b' ', missing);
        out.rotate_right(start, missing);
    }
}

/// Writes with spaces after it up to `width` characters.
fn left(out: &mut Text, width: usize, write: impl FnOnce(&mut Text)) {
    let start = out.len();
    write(out);
    out.fill(b' ', width.saturating_sub(out.len() - start));
}
