//! Columns of chosen fields: `-T fields -e … -E …`.

use std::ptr;

use foldhash::{HashMap, HashMapExt};

use super::columns::Columns;
use super::{Sink, time::Clock, value};
use crate::dissect::{Field, Need, Registry, View};
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

/// Names that are no fields.
#[derive(Debug, PartialEq)]
pub struct UnknownFields(pub Vec<String>);

impl UnknownFields {
    /// Names them all, each alone on an indented line, then what may have been meant.
    pub fn describe(&self, registry: &Registry) -> String {
        let mut text = String::from("these fields are not known:");
        for name in &self.0 {
            text += &format!("\n    {name}");
        }
        let near = self.0.iter().filter_map(|name| Some((name, registry.near_field(name)?)));
        for (name, near) in near.take(5) {
            text += &format!("\n{name} may be meant for {near}");
        }
        text + "\n`sniff -G fields` lists all of them"
    }
}

/// Writes the chosen fields of each packet on a line.
pub struct Fields {
    names: Vec<String>,
    layout: Layout,
    /// For each row that a packet may record: the columns it goes to, and the row that makes the value there.
    targets: HashMap<usize, Vec<(usize, &'static Field)>>,
    /// The columns that show a column of the list.
    lists: Vec<(usize, ListColumn)>,
    need: Need,
    cells: Vec<Text>,
    columns: Columns,
    clock: Clock,
    scratch: Text,
}

#[derive(Clone, Copy)]
enum ListColumn {
    Number,
    Time,
    Source,
    Destination,
    Protocol,
    Length,
    Info,
}

impl Fields {
    pub fn new(names: Vec<String>, layout: Layout, registry: &Registry) -> Result<Fields, UnknownFields> {
        let mut targets: HashMap<usize, Vec<(usize, &'static Field)>> = HashMap::new();
        let mut lists = Vec::new();
        let mut unknown = Vec::new();
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            match name.strip_prefix("_ws.col.").and_then(ListColumn::parse) {
                Some(column) => lists.push((place, column)),
                None => places.entry(name).or_default().push(place),
            }
        }
        let mut found: HashMap<&str, ()> = HashMap::new();
        let mut need = Vec::new();
        for field in registry.all_fields() {
            for row in std::iter::once(field).chain(with_aliases(field)) {
                let Some(columns) = places.get(row.name) else { continue };
                found.insert(row.name, ());
                let rows = targets.entry(ptr::from_ref(field) as usize).or_default();
                for &column in columns {
                    if !rows.iter().any(|known| known.0 == column && known.1.is(row)) {
                        rows.push((column, row));
                    }
                }
                // Rows of the engine are recorded whoever is needed.
                need.extend(registry.owners(field));
            }
        }
        for name in &names {
            if places.contains_key(name.as_str()) && !found.contains_key(name.as_str()) {
                unknown.push(name.clone());
            }
        }
        if !unknown.is_empty() {
            return Err(UnknownFields(unknown));
        }
        need.sort_unstable();
        need.dedup();
        let need = if lists.is_empty() { Need::Only(need) } else { Need::All };
        let cells = names.iter().map(|_| Text::new()).collect();
        drop(found);
        drop(places);
        Ok(Fields {
            names,
            layout,
            targets,
            lists,
            need,
            cells,
            columns: Columns::default(),
            clock: Clock::default(),
            scratch: Text::new(),
        })
    }
}

/// The rows that come along with `field`, and with those.
fn with_aliases(field: &'static Field) -> impl Iterator<Item = &'static Field> {
    field.aliases.iter().flat_map(|alias| std::iter::once(*alias).chain(alias.aliases.iter().copied()))
}

impl ListColumn {
    fn parse(name: &str) -> Option<ListColumn> {
        Some(match name {
            "No." | "number" => ListColumn::Number,
            "Time" | "time" | "cls_time" => ListColumn::Time,
            "Source" | "def_src" => ListColumn::Source,
            "Destination" | "def_dst" => ListColumn::Destination,
            "Protocol" | "protocol" => ListColumn::Protocol,
            "Length" | "packet_length" => ListColumn::Length,
            "Info" | "info" => ListColumn::Info,
            _ => return None,
        })
    }
}

impl Sink for Fields {
    fn need(&self) -> Need {
        self.need.clone()
    }

    fn begin(&mut self, out: &mut Text) {
        if self.layout.bom {
            out.str("\u{feff}");
        }
        if self.layout.header {
            for (place, name) in self.names.iter().enumerate() {
                if place > 0 {
                    out.byte(self.layout.separator);
                }
                out.str(name);
            }
            out.byte(b'\n');
        }
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        self.cells.iter_mut().for_each(Text::clear);
        for (place, entry) in view.entries().iter().enumerate() {
            let Some(targets) = self.targets.get(&(ptr::from_ref(entry.field) as usize)) else { continue };
            let layer = view.layer_of(place);
            for &(column, row) in targets {
                let cell = &mut self.cells[column];
                self.scratch.clear();
                if (self.layout.occurrence == Occurrence::First && !cell.is_empty())
                    || !value::plain(&layer, entry, row, None, &mut self.clock, &mut self.scratch)
                {
                    continue;
                }
                match self.layout.occurrence {
                    Occurrence::Last => cell.clear(),
                    _ if !cell.is_empty() => _ = cell.byte(self.layout.aggregator),
                    _ => {}
                }
                cell.raw(self.scratch.as_bytes());
            }
        }
        if !self.lists.is_empty() {
            self.columns.fill(view);
            for &(place, column) in &self.lists {
                let cell = &mut self.cells[place];
                match column {
                    ListColumn::Number => _ = cell.dec(view.frame.number),
                    ListColumn::Time => {
                        super::columns::TimeColumn::new(Default::default()).write(view, cell);
                    }
                    ListColumn::Source => _ = cell.raw(self.columns.source.as_bytes()),
                    ListColumn::Destination => _ = cell.raw(self.columns.destination.as_bytes()),
                    ListColumn::Protocol => _ = cell.raw(self.columns.protocol.as_bytes()),
                    ListColumn::Length => _ = cell.dec(view.frame.wire_len),
                    ListColumn::Info => _ = cell.raw(self.columns.info.as_bytes()),
                }
            }
        }
        for (place, cell) in self.cells.iter().enumerate() {
            if place > 0 {
                out.byte(self.layout.separator);
            }
            match self.layout.quote {
                Some(quote) if !cell.is_empty() => _ = out.byte(quote).raw(cell.as_bytes()).byte(quote),
                _ => _ = out.raw(cell.as_bytes()),
            }
        }
        out.byte(b'\n');
    }
}
