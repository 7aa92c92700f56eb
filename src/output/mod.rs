//! What becomes of packets: a [`Sink`] writes them as a list, a tree, columns, JSON.

pub mod chosen;
pub mod color;
pub mod columns;
pub mod fields;
mod group;
pub mod hex;
pub mod json;
pub mod jsonl;
pub mod label;
pub mod stream;
pub mod summary;
pub mod table;
#[cfg(test)]
mod testing;
pub mod time;
pub mod tree;
pub mod value;

use crate::dissect::{Need, View};
use crate::text::Text;

/// Shows packets, one after the other. What it writes goes to standard output in order.
pub trait Sink {
    /// Which protocols' fields it reads.
    fn need(&self) -> Need {
        Need::ALL
    }

    /// Writes what comes before the first packet.
    fn begin(&mut self, _out: &mut Text) {}

    /// Writes a packet.
    fn packet(&mut self, view: &View, out: &mut Text);

    /// Has seen all that it waited for: a capture may end.
    fn is_done(&self) -> bool {
        false
    }

    /// Writes what comes after the last packet.
    fn finish(&mut self, _out: &mut Text) {}
}

/// Several sinks, one after the other for each packet.
impl Sink for Vec<Box<dyn Sink>> {
    fn need(&self) -> Need {
        self.iter().map(|sink| sink.need()).fold(Need::NOTHING, Need::and)
    }

    fn begin(&mut self, out: &mut Text) {
        self.iter_mut().for_each(|sink| sink.begin(out));
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        self.iter_mut().for_each(|sink| sink.packet(view, out));
    }

    fn finish(&mut self, out: &mut Text) {
        self.iter_mut().for_each(|sink| sink.finish(out));
    }
}
