//! Headers that are read at a glance: the commonest ones, whole and with nothing unusual about them, where no more of them is
//! recorded than what columns are made of.
//!
//! Most frames begin with two or three such headers, and most runs want of them only what they lead to. What a protocol's
//! [`plain`](super::Protocol::plain) accepts comes to the same as its `dissect`: the same marks, addresses and columns.

use super::layer::{Context, Layer, Records};
use super::packet::{Entry, LayerMark};
use super::run::{MAX_LAYERS, Way};
use super::wanted::Stages;
use super::{Address, Delivery, Dissector, Field, Memory, Next, Part, Preference, Preferences, Registry, Table};
use crate::capture::Frame;

/// A header with nothing unusual, and all that it carries, captured whole.
pub struct Plain<'a, 'r, 'c> {
    context: &'c mut Context<'r>,
    bytes: &'a [u8],
    /// The frame up to where the layer ends.
    frame: &'a [u8],
    stages: Stages,
    /// Where in the frame the header begins.
    start: usize,
    records: Records<'r>,
    header_len: usize,
    /// The length of the protocol's own line, where it is not that of the header.
    line_len: Option<usize>,
    len: usize,
}

impl<'a, 'r> Plain<'a, 'r, '_> {
    /// The header and all that it carries.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The frame, with what the capture says of it.
    pub fn frame(&self) -> &'r Frame<'r> {
        self.context.frame
    }

    /// Between whom the layer below speaks.
    #[inline]
    pub fn addresses(&self) -> (Address, Address) {
        (self.context.source, self.context.destination)
    }

    /// All that the user decided.
    pub fn preferences(&self) -> &'r Preferences {
        self.context.preferences
    }

    pub fn registry(&self) -> &'r Registry {
        self.context.registry
    }

    /// What earlier frames say.
    pub fn memory(&mut self) -> &mut dyn Memory {
        self.context.memory
    }

    /// Whether anything of the layer is recorded.
    #[inline]
    pub fn is_recorded(&self) -> bool {
        !matches!(self.records, Records::Nothing)
    }

    /// Whether nothing is recorded but what the columns of the packet list are made of.
    #[inline]
    pub fn is_brief(&self) -> bool {
        matches!(self.records, Records::Columns)
    }

    /// Whether all of the header has to be read, whoever reads it; see [`Layer::suffices`].
    pub fn is_read_whole(&self) -> bool {
        self.stages == Stages::ALL
    }

    /// Whether anybody reads what streams are cut into.
    pub fn wants_messages(&self) -> bool {
        self.context.cuts
    }

    /// Gives data to the memory, as [`Layer::deliver`] does.
    pub fn deliver(&mut self, delivery: &Delivery) {
        self.context.parts.clear();
        self.context.memory.deliver(delivery, &mut self.context.parts);
    }

    /// What the memory found in data that was [delivered](Self::deliver).
    pub fn delivered(&self) -> &[Part] {
        &self.context.parts
    }

    /// Does with the layer what is seen seldom, with the cursor `pos` bytes behind its beginning.
    #[inline(never)]
    pub fn with_layer(&mut self, pos: usize, read: impl FnOnce(&mut Layer)) {
        let (frame, start) = (self.frame, self.start);
        let mut layer = Layer::over(self.context, frame, start, frame.len(), 0, 0, self.records);
        layer.pos += pos;
        read(&mut layer);
    }

    /// What the user decided.
    pub fn prefers(&self, preference: &'static Preference) -> bool {
        self.context.preferences.get(preference)
    }

    /// Sets how many bytes the header has, and how many it has with all that it carries.
    #[inline]
    pub fn measures(&mut self, header_len: usize, len: usize) {
        (self.header_len, self.len) = (header_len, len.min(self.bytes.len()));
    }

    /// Sets how many bytes the protocol's own line covers, where it is not the header.
    pub fn set_line_len(&mut self, len: usize) {
        self.line_len = Some(len);
    }

    /// Tells the layers above between whom they speak.
    #[inline]
    pub fn set_addresses(&mut self, source: Address, destination: Address) {
        (self.context.source, self.context.destination) = (source, destination);
    }

    /// Records rows that columns are made of: each with its value, how much deeper than the others it stands, where it begins, counted
    /// from the beginning of the header, and its bytes.
    #[inline]
    pub fn columns<const N: usize>(&mut self, rows: [(&'static Field, u64, u8, usize, usize); N]) {
        let start = self.start;
        let row = |(field, value, depth, at, len)| Entry::new(field, value, start + at, len, 1 + depth, 0);
        match self.records {
            Records::Columns => self.context.packet.push_all(rows.map(row)),
            Records::Nothing => {}
            records => {
                rows.into_iter().filter(|each| records.has(each.0)).for_each(|each| self.context.packet.push(row(each)))
            }
        }
    }

    /// Records a row that columns are made of, over `len` bytes from `start`, counted from the beginning of the header. Of a header that
    /// the protocol does not take after all, nothing stays.
    #[inline]
    pub fn column(&mut self, field: &'static Field, value: u64, start: usize, len: usize) {
        if self.records.has(field) {
            self.context.packet.push(Entry::new(field, value, self.start + start, len, 1, 0));
        }
    }
}

impl Dissector {
    /// Reads the plain headers with which a frame begins, up to the first of which more is needed or that is not plain.
    pub(super) fn plain_headers<'r>(&'r self, context: &mut Context<'r>, way: &mut Way) {
        while let Some(protocol) = way.next
            && let Some(read) = protocol.plain
            && way.wire_end <= way.bytes.len()
            && way.nesting < MAX_LAYERS
        {
            let want = self.wants(protocol);
            if want.has_line && !want.records.are_columns() {
                return;
            }
            let place = context.packet.entries.len();
            let start = way.pos;
            let bytes = &way.bytes[start..way.wire_end];
            if want.has_line {
                context.packet.push(Entry::new(&protocol.field, 0, start, 0, 0, 0));
            }
            let records = if want.has_line { want.records } else { Records::Nothing };
            let (frame, stages, len) = (&way.bytes[..way.wire_end], want.stages, bytes.len());
            let mut header =
                Plain { context, bytes, frame, stages, start, records, header_len: 0, line_len: None, len };
            let Some(then) = read(&mut header) else {
                context.packet.entries.truncate(place);
                return;
            };
            let Plain { header_len, line_len, len, .. } = header;
            let packet = &mut *context.packet;
            if let (true, Some(entry)) = (want.has_line, packet.entries.get_mut(place)) {
                entry.len = line_len.unwrap_or(header_len) as u32;
            }
            (way.pos, way.wire_end) = (start + header_len, start + len);
            packet.layers.push(LayerMark {
                protocol,
                first: place as u32,
                end: packet.entries.len() as u32,
                start: start as u32,
                limit: way.wire_end as u32,
                source: 0,
                quoted: false,
                follows: false,
                recorded: want.has_line,
                stopped: None,
                about: (0, 0),
            });
            way.extensible = protocol.extensible;
            way.nesting += 1;
            if matches!(then, Next::Messages) {
                way.next = None;
                return self.messages(context, way.bytes, 0, way.pos, 0, way.nesting);
            }
            let found = self.registry.resolve(then, &bytes[header_len.min(len)..len]);
            if found.is_some() && matches!(then, Next::By(Table::EtherType, _)) {
                self.name_only(context, self.registry.ether_type, way.pos, 0, (0, 0));
            }
            way.next = found.filter(|found| !self.lower || !self.leads_nowhere(then, found));
        }
    }
}
