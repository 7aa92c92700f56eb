//! Fields chosen by name (`-e`), and their values in a packet.

use std::ptr;

use foldhash::{HashMap, HashMapExt};

use super::columns::{Columns, TimeColumn};
use crate::dissect::{Entry, Field, LayerView, Need, Registry, View};
use crate::protocols::frame;
use crate::text::Text;

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

/// The chosen fields, and a cell of text for each.
#[derive(Clone)]
pub struct Chosen {
    names: Vec<String>,
    /// For each row that a packet may record: the cells it goes to, and the row that makes the value there.
    targets: HashMap<usize, Vec<(usize, &'static Field)>>,
    /// The cells that show a column of the list.
    lists: Vec<(usize, ListColumn)>,
    need: Need,
    cells: Vec<Text>,
    columns: Columns,
    time: TimeColumn,
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

impl Chosen {
    pub fn new(names: Vec<String>, registry: &Registry) -> Result<Chosen, UnknownFields> {
        let mut targets: HashMap<usize, Vec<(usize, &'static Field)>> = HashMap::new();
        let mut lists = Vec::new();
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
                let Some(cells) = places.get(row.name) else { continue };
                found.insert(row.name, ());
                let rows = targets.entry(ptr::from_ref(field) as usize).or_default();
                for &cell in cells {
                    if !rows.iter().any(|known| known.0 == cell && known.1.is(row)) {
                        rows.push((cell, row));
                    }
                }
                need.push(field);
            }
        }
        let known = |name: &str| !places.contains_key(name) || found.contains_key(name);
        let unknown: Vec<String> = names.iter().filter(|name| !known(name)).cloned().collect();
        if !unknown.is_empty() {
            return Err(UnknownFields(unknown));
        }
        let need = Need::of(need, registry);
        let need = if lists.is_empty() { need } else { need.and(Need::columns(Vec::new())) };
        let cells = names.iter().map(|_| Text::new()).collect();
        drop(found);
        drop(places);
        Ok(Chosen {
            names,
            targets,
            lists,
            need,
            cells,
            columns: Columns::default(),
            time: TimeColumn::new(Default::default()),
            scratch: Text::new(),
        })
    }

    /// Whether one of them is the time since the last packet that was shown.
    pub fn compares_displayed(&self) -> bool {
        self.names.iter().any(|name| name == frame::TIME_DELTA_DISPLAYED.name)
    }

    /// Which protocols' fields are read.
    pub fn need(&self) -> Need {
        self.need.clone()
    }

    /// The names, in the order in which they were chosen.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The names with the text of their cells.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.names().zip(&self.cells)
    }

    /// Empties the cells and lets `write` add every value of a chosen field to its cell, in the order of the tree.
    pub fn collect(&mut self, view: &View, mut write: impl FnMut(&LayerView, &Entry, &'static Field, &mut Text)) {
        self.cells.iter_mut().for_each(Text::clear);
        for (place, entry) in view.entries().iter().enumerate() {
            let Some(targets) = self.targets.get(&(ptr::from_ref(entry.field) as usize)) else { continue };
            let layer = view.layer_of(place);
            for &(cell, row) in targets {
                write(&layer, entry, row, &mut self.cells[cell]);
            }
        }
    }

    /// Lets `write` fill the cells that show a column of the list.
    pub fn collect_columns(&mut self, view: &View, mut write: impl FnMut(&[u8], &mut Text)) {
        if self.lists.is_empty() {
            return;
        }
        self.columns.fill(view);
        for &(place, column) in &self.lists {
            let scratch = &mut self.scratch;
            scratch.clear();
            let text = match column {
                ListColumn::Number => scratch.dec(view.frame.number),
                ListColumn::Length => scratch.dec(view.frame.wire_len),
                ListColumn::Time => {
                    self.time.write(view, scratch);
                    scratch
                }
                ListColumn::Source => &mut self.columns.source,
                ListColumn::Destination => &mut self.columns.destination,
                ListColumn::Protocol => &mut self.columns.protocol,
                ListColumn::Info => &mut self.columns.info,
            };
            write(text.as_bytes(), &mut self.cells[place]);
        }
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
