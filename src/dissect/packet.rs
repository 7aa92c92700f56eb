//! A dissected frame: the flat list of its fields, in the order of the tree.

use std::sync::Arc;

use super::run::Pending;
use super::{Buffer, Derive, Field, FrameNote, Kind, Part, Protocol, Stop, Value};
use crate::capture::Frame;
use crate::text::Text;

/// One field of one packet. 32 bytes, copied freely; its bytes stay where they are.
#[derive(Clone, Copy)]
pub struct Entry {
    pub field: &'static Field,
    /// The number, address or time; for bytes that do not stand in the frame, where they stand in the scratch.
    bits: u64,
    /// Where it begins in its data source.
    pub start: u32,
    /// Bytes of it; 0 for what is computed.
    pub len: u32,
    /// Nanoseconds of a time.
    nanos: u32,
    /// How deep in the tree; layers stand at 0.
    pub depth: u8,
    /// Which bytes it was read from: 0 is the frame, others are the packet's [`buffers`](Packet::buffers), counted from 1.
    pub source: u8,
    /// Where the value stands, where it is bytes or text.
    stands: Stands,
    /// Cannot be shown fully; see [`Entry::field`]'s label.
    pub mark: u8,
}

/// Where the bytes of a value stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// They are those that the entry covers.
    Here,
    /// In the scratch: the bits have their place and their length.
    Detached,
    /// In the same data source, as the bits say.
    Within,
}

/// The most fields that a frame may have; more are not recorded, and the tree says so.
pub const MAX_ENTRIES: usize = 1 << 16;

/// The most bytes of a frame's values that may stand outside the frame.
pub const MAX_SCRATCH: usize = 4 << 20;

/// The most buffers of one frame; fields of more are not recorded.
const MAX_BUFFERS: usize = 250;

/// One protocol in the stack of a packet.
#[derive(Clone, Copy)]
pub struct LayerMark {
    pub protocol: &'static Protocol,
    /// The place of its first entry, the protocol's own.
    pub first: u32,
    /// The place after its last entry.
    pub end: u32,
    /// Where its header begins.
    pub start: u32,
    /// Where in the frame what it carries ends: behind its payload, before the padding of a layer below.
    pub limit: u32,
    /// Which bytes these places are counted in; see [`Entry::source`].
    pub source: u8,
    /// Stands inside another protocol's error message: what an ICMP error quotes.
    pub quoted: bool,
    /// Goes on where the layer of the same protocol before it ended: the two have one name in the stack.
    pub follows: bool,
    /// Has entries (not only a name in the stack).
    pub recorded: bool,
    /// Could not be read to its end.
    pub stopped: Option<Stop>,
    /// Where in the scratch stands what the layer below says that it is, and how long that is.
    pub(super) about: (u32, u32),
}

/// The fields of a frame. Reused for the next one, so that dissection does not allocate.
#[derive(Default)]
pub struct Packet {
    pub(super) entries: Vec<Entry>,
    pub(super) layers: Vec<LayerMark>,
    pub(super) scratch: Vec<u8>,
    pub(super) buffers: Vec<Arc<Buffer>>,
    pub(super) overflow: bool,
    /// Where in the scratch the [`View::preview`] stands, and how long it is.
    pub(super) preview: Option<(u32, u32)>,
    /// Room for text that is made to be recorded.
    pub(super) words: Text,
    /// Room for the parts of a segment, lent to the dissection of each frame.
    pub(super) parts: Vec<Part>,
    /// Room for the layers that are open, lent likewise.
    pub(super) pending: Vec<Pending>,
    pub(super) note: FrameNote,
}

impl Packet {
    pub fn new() -> Self {
        Packet::default()
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The protocols of the frame, outermost first.
    pub fn layers(&self) -> &[LayerMark] {
        &self.layers
    }

    /// Bytes that were put together from several frames or made otherwise, and that fields were read from.
    pub fn buffers(&self) -> &[Arc<Buffer>] {
        &self.buffers
    }

    /// What was remembered about the frames before.
    pub fn note(&self) -> &FrameNote {
        &self.note
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.layers.clear();
        self.scratch.clear();
        self.buffers.clear();
        self.overflow = false;
        self.preview = None;
    }

    /// The number of a buffer as a data source; it becomes one if it is none yet. `None` where there are too many.
    pub(super) fn source_of(&mut self, buffer: &Arc<Buffer>) -> Option<u8> {
        let known = self.buffers.iter().position(|known| Arc::ptr_eq(known, buffer));
        let place = known.unwrap_or_else(|| {
            if self.buffers.len() < MAX_BUFFERS {
                self.buffers.push(Arc::clone(buffer));
            }
            self.buffers.len() - 1
        });
        Arc::ptr_eq(self.buffers.get(place)?, buffer).then_some(place as u8 + 1)
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        if self.entries.len() < MAX_ENTRIES {
            self.entries.push(entry);
        } else {
            self.overflow = true;
        }
    }

    /// The same of several.
    #[inline]
    pub(super) fn push_all<const N: usize>(&mut self, entries: [Entry; N]) {
        if self.entries.len() + N <= MAX_ENTRIES {
            self.entries.extend_from_slice(&entries);
        } else {
            entries.into_iter().for_each(|entry| self.push(entry));
        }
    }

    /// Keeps bytes that do not stand in the frame and returns where they stand; beyond [`MAX_SCRATCH`] none are kept.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> u64 {
        let start = self.scratch.len() as u64;
        if bytes.len() > MAX_SCRATCH - self.scratch.len().min(MAX_SCRATCH) {
            self.overflow = true;
            return start << 32;
        }
        self.scratch.extend_from_slice(bytes);
        start << 32 | bytes.len() as u64
    }

    /// The same of bytes that `build` adds to others; it is not asked for any beyond [`MAX_SCRATCH`].
    pub(super) fn keep_built(&mut self, build: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let start = self.scratch.len();
        if start < MAX_SCRATCH {
            build(&mut self.scratch);
        } else {
            self.overflow = true;
        }
        (start as u64) << 32 | self.scratch.len().saturating_sub(start) as u64
    }

    /// Sets the value of the entry at `place`.
    pub(super) fn set(&mut self, place: usize, bits: u64, detached: bool) {
        if let Some(entry) = self.entries.get_mut(place) {
            entry.bits = bits;
            entry.stands = if detached { Stands::Detached } else { Stands::Here };
        }
    }
}

impl Entry {
    #[inline]
    pub(super) fn new(field: &'static Field, bits: u64, start: usize, len: usize, depth: u8, source: u8) -> Entry {
        // Frames are far shorter than 4 GiB.
        Entry {
            field,
            bits,
            start: start as u32,
            len: len as u32,
            nanos: 0,
            depth,
            source,
            stands: Stands::Here,
            mark: 0,
        }
    }

    #[inline]
    pub(super) fn detached(mut self) -> Entry {
        self.stands = Stands::Detached;
        self
    }

    /// Its value is not all that it covers, but the `len` bytes from `start`.
    #[inline]
    pub(super) fn within(mut self, start: usize, len: usize) -> Entry {
        (self.bits, self.stands) = ((start as u64) << 32 | len as u64 & 0xffff_ffff, Stands::Within);
        self
    }

    #[inline]
    pub(super) fn nanos(mut self, nanos: u32) -> Entry {
        self.nanos = nanos;
        self
    }

    /// The number as it was recorded: an unsigned integer, a flag, an IPv4 or MAC address.
    #[inline]
    pub fn number(&self) -> u64 {
        self.bits
    }
}

/// A packet beside the bytes it was read from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub frame: &'a Frame<'a>,
    pub packet: &'a Packet,
}

impl<'a> View<'a> {
    pub fn entries(&self) -> &'a [Entry] {
        &self.packet.entries
    }

    pub fn layers(&self) -> impl DoubleEndedIterator<Item = LayerView<'a>> + use<'a> {
        let view = *self;
        (0..self.packet.layers.len()).map(move |index| LayerView { view, index })
    }

    /// The bytes of a data source: 0 is the frame.
    pub fn source(&self, source: u8) -> &'a [u8] {
        match usize::from(source).checked_sub(1) {
            None => self.frame.bytes,
            Some(place) => self.packet.buffers.get(place).map(|buffer| buffer.bytes.as_slice()).unwrap_or_default(),
        }
    }

    /// The bytes in the frame that an entry covers.
    pub fn bytes(&self, entry: &Entry) -> &'a [u8] {
        let (start, len) = (entry.start as usize, entry.len as usize);
        let bytes = self.source(entry.source);
        let start = start.min(bytes.len());
        &bytes[start..start.saturating_add(len).min(bytes.len())]
    }

    /// The bytes of the protocol whose own entry is at `place`: its header and all that it carries.
    pub fn carried(&self, place: usize, entry: &Entry) -> &'a [u8] {
        let own = |mark: &&LayerMark| mark.recorded && mark.first as usize == place;
        match self.packet.layers.iter().find(own) {
            Some(mark) if entry.source == mark.source => {
                self.source(mark.source).get(entry.start as usize..mark.limit as usize).unwrap_or_default()
            }
            _ => self.bytes(entry),
        }
    }

    fn kept(&self, entry: &Entry) -> &'a [u8] {
        let range = |bits: u64| (bits >> 32) as usize..(bits >> 32) as usize + bits as u32 as usize;
        match entry.stands {
            Stands::Here => self.bytes(entry),
            Stands::Detached => self.packet.scratch.get(range(entry.bits)).unwrap_or_default(),
            Stands::Within => self.source(entry.source).get(range(entry.bits)).unwrap_or_default(),
        }
    }

    /// What the packet list says of a message that begins in this frame and is not whole yet, where it says something.
    pub fn preview(&self) -> Option<&'a [u8]> {
        let (start, len) = self.packet.preview?;
        self.packet.scratch.get(start as usize..(start + len) as usize)
    }

    /// What an entry says.
    #[inline]
    pub fn value(&self, entry: &Entry) -> Value<'a> {
        match entry.field.kind {
            Kind::Unsigned(_) | Kind::Char | Kind::Frame => Value::Unsigned(entry.bits),
            Kind::Boolean => Value::Boolean(entry.bits != 0),
            _ => self.value_otherwise(entry),
        }
    }

    /// What an entry says that is more than a number or a flag.
    fn value_otherwise(&self, entry: &Entry) -> Value<'a> {
        match entry.field.kind {
            Kind::None | Kind::Expert(..) => Value::None,
            Kind::Protocol => Value::Bytes(self.bytes(entry)),
            Kind::Boolean => Value::Boolean(entry.bits != 0),
            Kind::Unsigned(_) | Kind::Char | Kind::Frame => Value::Unsigned(entry.bits),
            Kind::Signed(_) => Value::Signed(entry.bits as i64),
            Kind::Float | Kind::Double => Value::Double(f64::from_bits(entry.bits)),
            Kind::Ipv4 => Value::Ipv4(entry.bits as u32),
            Kind::Ether => {
                let [_, _, address @ ..] = entry.bits.to_be_bytes();
                Value::Ether(address)
            }
            Kind::Ipv6 => Value::Ipv6(self.kept(entry).try_into().unwrap_or_default()),
            Kind::Bytes | Kind::Guid | Kind::Oid | Kind::Eui64 => Value::Bytes(self.kept(entry)),
            // The text of a MAC address is made when it is asked for.
            Kind::Text if entry.field.derive == Derive::AddressText => {
                let [_, _, address @ ..] = entry.bits.to_be_bytes();
                Value::Ether(address)
            }
            Kind::Text => Value::Text(self.kept(entry)),
            Kind::AbsoluteTime | Kind::RelativeTime => Value::Time { seconds: entry.bits as i64, nanos: entry.nanos },
        }
    }

    /// The layer to which the entry at `place` belongs: the innermost one around it, else the last one.
    pub fn layer_of(&self, place: usize) -> LayerView<'a> {
        let layers = &self.packet.layers;
        let around = |mark: &LayerMark| mark.recorded && (mark.first as usize..mark.end as usize).contains(&place);
        let index = layers.iter().rposition(around).unwrap_or(layers.len().saturating_sub(1));
        LayerView { view: *self, index }
    }

    /// The entries of the subtree below the one at `place`, without it.
    pub fn below(&self, place: usize) -> &'a [Entry] {
        let entries = self.entries();
        let Some(top) = entries.get(place) else { return &[] };
        let rest = &entries[place + 1..];
        let len = rest.iter().position(|entry| entry.depth <= top.depth).unwrap_or(rest.len());
        &rest[..len]
    }
}

/// One layer of a packet: what labels and summaries are written from.
#[derive(Clone, Copy)]
pub struct LayerView<'a> {
    pub view: View<'a>,
    /// Its place in the stack.
    pub index: usize,
}

impl<'a> LayerView<'a> {
    pub fn mark(&self) -> &'a LayerMark {
        &self.view.packet.layers[self.index]
    }

    pub fn protocol(&self) -> &'static Protocol {
        self.mark().protocol
    }

    /// What was captured from the layer's first byte to the end of its data source.
    pub fn bytes(&self) -> &'a [u8] {
        let mark = self.mark();
        self.view.source(mark.source).get(mark.start as usize..).unwrap_or_default()
    }

    /// How many bytes there are on the wire from the layer's first to the end of its data source.
    pub fn wire_len(&self) -> usize {
        match self.mark() {
            mark if mark.source == 0 => (self.view.frame.wire_len as usize).saturating_sub(mark.start as usize),
            _ => self.bytes().len(),
        }
    }

    /// What the layer below says that this one is: its media type.
    pub fn about(&self) -> &'a [u8] {
        let (start, len) = self.mark().about;
        self.view.packet.scratch.get(start as usize..start as usize + len as usize).unwrap_or_default()
    }

    /// The layer's entries, its own first.
    pub fn entries(&self) -> &'a [Entry] {
        let mark = self.mark();
        self.view.entries().get(mark.first as usize..mark.end as usize).unwrap_or_default()
    }

    /// The first entry of `field` in this layer.
    pub fn find(&self, field: &Field) -> Option<&'a Entry> {
        self.entries().iter().find(|entry| entry.field.is(field))
    }

    /// The number of `field`, where the layer has it.
    pub fn number(&self, field: &Field) -> Option<u64> {
        self.find(field).map(|entry| entry.bits)
    }

    /// The value of `field`, where the layer has it.
    pub fn value(&self, field: &Field) -> Option<Value<'a>> {
        self.find(field).map(|entry| self.view.value(entry))
    }

    /// What `field` says in `entry`: the entry's own field, or one that comes along with it.
    pub fn alias_value<'s>(&self, entry: &Entry, field: &Field, scratch: &'s mut Text) -> Option<Value<'s>>
    where
        'a: 's,
    {
        match field.derive {
            Derive::ExpertMessage => {
                scratch.clear();
                self.expert_message(entry, scratch);
                Some(Value::Text(scratch.as_bytes()))
            }
            Derive::ExpertLine => {
                let Kind::Expert(severity, group) = entry.field.kind else { return None };
                scratch.clear();
                scratch.str("Expert Info (").str(severity.title()).byte(b'/').str(group.title()).str("): ");
                self.expert_message(entry, scratch);
                Some(Value::Text(scratch.as_bytes()))
            }
            Derive::ExpertSeverity | Derive::ExpertGroup => match entry.field.kind {
                Kind::Expert(severity, _) if field.derive == Derive::ExpertSeverity => {
                    Some(Value::Unsigned(severity as u64))
                }
                Kind::Expert(_, group) => Some(Value::Unsigned(group as u64)),
                _ => None,
            },
            _ => field.derived(self.view.value(entry), scratch),
        }
    }

    /// Writes the message of an expert item.
    pub fn expert_message(&self, entry: &Entry, text: &mut Text) {
        match entry.field.label {
            Some(label) => label(self, entry, text),
            None => _ = text.str(entry.field.title),
        }
    }

    /// Writes what the address field `field` says.
    pub fn write_address(&self, field: &Field, text: &mut Text) {
        if let Some(value) = self.value(field) {
            value.write_address(text);
        }
    }

    /// Where `entry`, which is one of this layer's, stands among them. That follows from where it lies: to look for it would cost
    /// the more, the more entries there are.
    fn place(&self, entry: &Entry) -> usize {
        let bytes_before = std::ptr::from_ref(entry).addr().wrapping_sub(self.entries().as_ptr().addr());
        bytes_before / size_of::<Entry>()
    }

    /// Writes what the layer below says behind this one, where this is the first message that it carries.
    pub fn write_afterword(&self, text: &mut Text) {
        if self.view.packet.buffers.is_empty() {
            return;
        }
        let below = self.index.checked_sub(1).map(|index| LayerView { view: self.view, index });
        if let Some(below) = below
            && let Some(write) = below.protocol().afterword
            && below.mark().recorded
        {
            write(&below, text);
        }
    }

    /// The entries of the layer before `entry`, which is one of them, the nearest first.
    pub fn preceding(&self, entry: &Entry) -> impl Iterator<Item = &'a Entry> + use<'a> {
        self.entries().get(..self.place(entry)).unwrap_or_default().iter().rev()
    }

    /// The entries below `entry`, which is one of this layer's.
    pub fn children(&self, entry: &Entry) -> &'a [Entry] {
        let below = self.entries().get(self.place(entry) + 1..).unwrap_or_default();
        let len = below.iter().position(|other| other.depth <= entry.depth).unwrap_or(below.len());
        &below[..len]
    }

    /// The number of `field` below `entry`, where it stands there.
    pub fn number_below(&self, entry: &Entry, field: &Field) -> Option<u64> {
        self.children(entry).iter().find(|child| child.field.is(field)).map(|child| child.bits)
    }

    /// The layer after this one in the stack, with a line or without.
    pub fn above(&self) -> Option<LayerView<'a>> {
        let index = self.index + 1;
        (index < self.view.packet.layers.len()).then_some(LayerView { view: self.view, index })
    }

    /// The layer around this one that has entries.
    pub fn below(&self) -> Option<LayerView<'a>> {
        let index = (0..self.index).rev().find(|&index| self.view.packet.layers[index].recorded)?;
        Some(LayerView { view: self.view, index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_half_a_cache_line() {
        assert_eq!(size_of::<Entry>(), 32);
    }
}
