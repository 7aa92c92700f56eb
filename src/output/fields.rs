//! Columns of chosen fields: `-T fields -e … -E …`.

use super::chosen::{Chosen, UnknownFields};
use super::{Sink, value::Plain};
use crate::dissect::{Need, Registry, View};
use crate::text::Text;

/// Which values of a field that occurs several times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Occurrence {
    First,
    Last,
    #[default]
    All,
}

/// How columns are written (`-E`).
#[derive(Clone, Debug)]
pub struct Layout {
    pub header: bool,
    pub separator: u8,
    pub aggregator: u8,
    pub occurrence: Occurrence,
    pub quote: Option<u8>,
    pub bom: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout {
            header: false,
            separator: b'\t',
            aggregator: b',',
            occurrence: Occurrence::default(),
            quote: None,
            bom: false,
        }
    }
}

/// Writes the chosen fields of each packet on a line.
pub struct Fields {
    chosen: Chosen,
    layout: Layout,
    plain: Plain,
    scratch: Text,
}

impl Fields {
    pub fn new(names: Vec<String>, layout: Layout, registry: &Registry) -> Result<Fields, UnknownFields> {
        let chosen = Chosen::new(names, registry)?;
        Ok(Fields { chosen, layout, plain: Plain::default(), scratch: Text::new() })
    }
}

impl Sink for Fields {
    fn need(&self) -> Need {
        self.chosen.need()
    }

    fn fork(&self) -> Option<Box<dyn Sink + Send>> {
        let Fields { chosen, layout, .. } = self;
        Some(Box::new(Fields {
            chosen: chosen.clone(),
            layout: layout.clone(),
            plain: Plain::default(),
            scratch: Text::new(),
        }))
    }

    fn compares_displayed(&self) -> bool {
        self.chosen.compares_displayed()
    }

    fn begin(&mut self, out: &mut Text) {
        if self.layout.bom {
            out.str("\u{feff}");
        }
        if self.layout.header {
            for (place, name) in self.chosen.names().enumerate() {
                if place > 0 {
                    out.byte(self.layout.separator);
                }
                out.str(name);
            }
            out.byte(b'\n');
        }
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        let Fields { chosen, layout, plain, scratch } = self;
        chosen.collect(view, |layer, entry, row, cell| {
            scratch.clear();
            if (layout.occurrence == Occurrence::First && !cell.is_empty()) || !plain.write(layer, entry, row, scratch)
            {
                return;
            }
            if layout.occurrence == Occurrence::Last {
                cell.clear();
            }
            // Each value is followed by an aggregator, so that one that is empty counts; the last one is not written.
            cell.raw(scratch.as_bytes()).byte(layout.aggregator);
        });
        let aggregator = layout.aggregator;
        chosen.collect_columns(view, |text, cell| _ = cell.raw(text).byte(aggregator));
        for (place, (_, cell)) in chosen.cells().enumerate() {
            if place > 0 {
                out.byte(layout.separator);
            }
            let Some((_, values)) = cell.as_bytes().split_last() else { continue };
            match layout.quote {
                Some(quote) => _ = out.byte(quote).raw(values).byte(quote),
                None => _ = out.raw(values),
            }
        }
        out.byte(b'\n');
    }
}
