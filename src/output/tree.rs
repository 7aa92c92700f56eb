//! The layered tree of `-V`.

use super::color::{self, Palette, Role};
use super::{Sink, hex, label, time::Clock};
use crate::dissect::{Entry, Group, Kind, LayerView, Severity, View};
use crate::text::Text;

/// Writes every field on a line of its own, indented by its depth.
#[derive(Default)]
pub struct Tree {
    clock: Clock,
    /// Only these protocols are shown in full (`-O`); empty is all of them.
    only: Vec<String>,
    /// The bytes are dumped after the tree; then they need not stand in it.
    dumped: bool,
    palette: Palette,
}

impl Tree {
    pub fn new(only: Vec<String>, dumped: bool) -> Tree {
        Tree { clock: Clock::default(), only, dumped, palette: Palette::default() }
    }

    /// Colours the titles of layers, expert items and what is computed.
    pub fn colored(mut self, palette: Palette) -> Tree {
        self.palette = palette;
        self
    }
}

impl Sink for Tree {
    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        Some(Box::new(Tree::new(self.only.clone(), self.dumped).colored(self.palette.clone())))
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        let is_colored = self.palette.is_colored();
        let mut full = true;
        // The depth below which nothing is shown: the subtree of something hidden.
        let mut hidden = u8::MAX;
        // The layer of the entries before the place `change`.
        let mut layer = LayerView { view: *view, index: 0 };
        let mut change = 0;
        for (place, entry) in view.entries().iter().enumerate() {
            if entry.depth > hidden {
                continue;
            }
            hidden = if entry.field.hidden { entry.depth } else { u8::MAX };
            if entry.depth == 0 {
                full = self.only.is_empty() || self.only.iter().any(|name| name == entry.field.name);
            }
            if entry.field.hidden || (entry.depth > 0 && !full) {
                continue;
            }
            if place >= change {
                layer = view.layer_of(place);
                change = next_change(view, place);
            }
            let depth = usize::from(entry.depth);
            out.fill(b' ', 4 * depth);
            if is_colored {
                let role = color::of_line(&layer, entry);
                out.str(self.palette.start(role));
                label::line(&layer, entry, &mut self.clock, out);
                out.str(self.palette.end(role));
            } else {
                label::line(&layer, entry, &mut self.clock, out);
            }
            out.byte(b'\n');
            match entry.field.kind {
                Kind::Expert(severity, group) => self.expert(&layer, entry, severity, group, out),
                Kind::Protocol if entry.field.name == "data" && full && !self.dumped => {
                    out.byte(b'\n');
                    hex::dump(view.bytes(entry), out);
                }
                _ => {}
            }
        }
        out.byte(b'\n');
    }
}

impl Tree {
    /// Writes the lines below that of an expert item.
    #[inline(never)]
    fn expert(&self, layer: &LayerView, entry: &Entry, severity: Severity, group: Group, out: &mut Text) {
        let role = if self.palette.is_colored() { color::of_line(layer, entry) } else { Role::Plain };
        let (start, end) = (self.palette.start(role), self.palette.end(role));
        let margin = 4 * usize::from(entry.depth) + 4;
        out.fill(b' ', margin).str(start).byte(b'[');
        label::expert_message(layer, entry, out);
        out.byte(b']').str(end).byte(b'\n');
        out.fill(b' ', margin).str(start).str("[Severity level: ").str(severity.title());
        out.byte(b']').str(end).byte(b'\n');
        out.fill(b' ', margin).str(start).str("[Group: ").str(group.title());
        out.byte(b']').str(end).byte(b'\n');
    }
}

/// The first place behind `place` where another layer may begin or go on.
fn next_change(view: &View, place: usize) -> usize {
    let places = view.packet.layers().iter().flat_map(|mark| [mark.first as usize, mark.end as usize]);
    places.filter(|&other| other > place).min().unwrap_or(usize::MAX)
}
