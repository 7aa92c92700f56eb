//! The layered tree of `-V`.

use super::{Sink, hex, label, time::Clock};
use crate::dissect::{Kind, View};
use crate::text::Text;

/// Writes every field on a line of its own, indented by its depth.
#[derive(Default)]
pub struct Tree {
    clock: Clock,
    /// Only these protocols are shown in full (`-O`); empty is all of them.
    only: Vec<String>,
    /// The bytes are dumped after the tree; then they need not stand in it.
    dumped: bool,
}

impl Tree {
    pub fn new(only: Vec<String>, dumped: bool) -> Tree {
        Tree { clock: Clock::default(), only, dumped }
    }
}

impl Sink for Tree {
    fn packet(&mut self, view: &View, out: &mut Text) {
        let mut full = true;
        for (place, entry) in view.entries().iter().enumerate() {
            let layer = view.layer_of(place);
            if entry.depth == 0 {
                full = self.only.is_empty() || self.only.iter().any(|name| name == entry.field.name);
            } else if !full {
                continue;
            }
            if entry.field.hidden {
                continue;
            }
            let depth = usize::from(entry.depth);
            out.fill(b' ', 4 * depth);
            label::line(&layer, entry, &mut self.clock, out);
            out.byte(b'\n');
            match entry.field.kind {
                Kind::Expert(severity, group) => {
                    out.fill(b' ', 4 * depth + 4).byte(b'[');
                    layer.expert_message(entry, out);
                    out.str("]\n").fill(b' ', 4 * depth + 4).str("[Severity level: ").str(severity.title()).str("]\n");
                    out.fill(b' ', 4 * depth + 4).str("[Group: ").str(group.title()).str("]\n");
                }
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
