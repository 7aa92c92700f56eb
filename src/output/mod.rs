//! What becomes of packets: a [`Sink`] writes them as a list, a tree, columns, JSON.

pub mod backlog;
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

    /// Writes what stands between two packets.
    fn between(&self, _out: &mut Text) {}

    /// Another one that writes packets as this one does, for another thread; none if what it writes depends on the packets before.
    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        None
    }

    /// Whether it does nothing.
    fn is_idle(&self) -> bool {
        false
    }

    /// Whether it reads when the last packet before was shown.
    fn compares_displayed(&self) -> bool {
        true
    }

    /// Writes a packet.
    fn packet(&mut self, view: &View, out: &mut Text);

    /// Has seen all that it waited for: a capture may end.
    fn is_done(&self) -> bool {
        false
    }

    /// A display filter that all frames pass which it still wants to see, and all others of their conversations; none as long as it
    /// may be any.
    fn wants_only(&self) -> Option<String> {
        None
    }

    /// Writes what comes after the last of `_shown` packets.
    fn finish(&mut self, _shown: u64, _out: &mut Text) {}
}

/// Several sinks, one after the other for each packet.
pub struct Several<S: ?Sized = dyn Sink>(pub Vec<Box<S>>);

impl<S: Sink + ?Sized> Sink for Several<S> {
    fn need(&self) -> Need {
        self.0.iter().map(|sink| sink.need()).fold(Need::NOTHING, Need::and)
    }

    fn begin(&mut self, out: &mut Text) {
        self.0.iter_mut().for_each(|sink| sink.begin(out));
    }

    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        let forks: Option<Vec<_>> = self.0.iter().map(|sink| sink.fork()).collect();
        Some(Box::new(Several(forks?)))
    }

    fn is_idle(&self) -> bool {
        self.0.iter().all(|sink| sink.is_idle())
    }

    fn is_done(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|sink| sink.is_done())
    }

    fn wants_only(&self) -> Option<String> {
        let (first, others) = self.0.split_first()?;
        others.iter().try_fold(first.wants_only()?, |all, sink| Some(all + " or " + &sink.wants_only()?))
    }

    fn compares_displayed(&self) -> bool {
        self.0.iter().any(|sink| sink.compares_displayed())
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        self.0.iter_mut().for_each(|sink| sink.packet(view, out));
    }

    fn finish(&mut self, shown: u64, out: &mut Text) {
        self.0.iter_mut().for_each(|sink| sink.finish(shown, out));
    }
}
