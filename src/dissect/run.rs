//! The loop: one layer after another, each found by what the one before returned.

use super::field::fields;
use super::layer::{Context, PayloadDepth, Records};
use super::packet::{Entry, LayerMark};
use super::wanted::{Want, Wanted};
use std::sync::Arc;

use super::{
    Address, Asks, Buffer, Derive, Family, Field, Group, Layer, LayerView, Leads, Memory, Need, Needed, Next, Packet,
    Part, Preferences, Protocol, Registry, Severity, Stop, Table, Told, What,
};
use crate::capture::Frame;
use crate::text::Text;

/// The most layers that are dissected inside each other; what is nested deeper is not shown.
pub const MAX_LAYERS: usize = 64;

/// The most layers of one frame, be they inside each other or messages beside each other.
pub const MAX_MARKS: usize = 1024;

fields! {
    MALFORMED = protocol("_ws.malformed", "Malformed Packet").label(stop_line);
    MALFORMED_EXPERT = expert("_ws.malformed.expert", "Malformed Packet (Exception occurred)", Severity::Error, Group::Malformed);
    SHORT = protocol("_ws.short", "Packet size limited during capture").label(stop_line);
    UNREASSEMBLED = protocol("_ws.unreassembled", "Unreassembled Fragmented Packet").label(stop_line);
    UNREASSEMBLED_EXPERT = expert("_ws.unreassembled.expert",
        "Unreassembled fragment (change preferences to enable reassembly)", Severity::Note, Group::Reassemble);
    TOO_MANY = none("_ws.too_many_fields", "Too many fields: the rest of this frame is not shown").generated();
    TOO_DEEP = none("_ws.too_deep", "Too many layers: the rest of this frame is not dissected").generated();
    EXPERT_LINE = text("_ws.expert", "Expert Info").derive(Derive::ExpertLine).hidden();
    EXPERT_MESSAGE = text("_ws.expert.message", "Message").derive(Derive::ExpertMessage).hidden();
    EXPERT_SEVERITY = uint32("_ws.expert.severity", "Severity level").derive(Derive::ExpertSeverity).hidden();
    MALFORMED_TOO = protocol("_ws.malformed", "Malformed Packet").hidden();
    EXPERT_GROUP = uint32("_ws.expert.group", "Group").derive(Derive::ExpertGroup).hidden();
}

/// What every expert item also is.
pub(super) const EXPERT: &[&Field] = &[&EXPERT_LINE, &EXPERT_MESSAGE, &EXPERT_SEVERITY, &EXPERT_GROUP];
/// The same of one that says that the packet is malformed: a filter for `_ws.malformed` finds it too.
pub(super) const EXPERT_MALFORMED: &[&Field] =
    &[&EXPERT_LINE, &EXPERT_MESSAGE, &EXPERT_SEVERITY, &EXPERT_GROUP, &MALFORMED_TOO];

/// Writes which layer stopped: the value is its place in the stack.
fn stop_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let stopped = layer.view.packet.layers.get(entry.number() as usize);
    let protocol = stopped.map_or(layer.protocol(), |mark| mark.protocol);
    if entry.field.is(&MALFORMED) {
        text.str("[Malformed Packet: ").str(protocol.short).str("]");
    } else if entry.field.is(&UNREASSEMBLED) {
        text.str("[BoundError Unreassembled Packet: ").str(protocol.short).str("]");
    } else {
        text.str("[Packet size limited during capture: ").str(protocol.short).str(" truncated]");
    }
}

/// Turns frames into packets.
pub struct Dissector {
    pub registry: Registry,
    pub preferences: Preferences,
    need: Need,
    /// What is needed of each protocol.
    wanted: Wanted,
    /// What of it is recorded, where that is less.
    recorded: Option<Wanted>,
    /// Nothing is needed that stands above the transport, but in tunnels.
    pub(super) lower: bool,
    /// Nothing is needed but the layer that every frame begins with.
    shallow: bool,
    /// Nothing is recorded: frames are dissected only for what they ask.
    only_asks: bool,
}

/// The data of a segment, of which the layers up to the transport are known.
pub struct Data {
    /// Where it begins in the frame.
    pub start: usize,
    /// The layer that carries it, where that begins and where it ends.
    pub transport: &'static Protocol,
    pub transport_start: usize,
    pub end: usize,
    /// How many layers there are before it, and how many names they have in the stack.
    pub nesting: usize,
    pub marks: usize,
    pub source: Address,
    pub destination: Address,
}

impl Context<'_> {
    /// Gives back what the packet keeps for the next frame.
    fn end(self) {
        let Context { packet, mut parts, pending, .. } = self;
        // What was put together is not kept longer than its frame.
        parts.clear();
        packet.parts = parts;
        packet.pending = pending;
        if packet.overflow
            && let Some(last) = packet.entries.last_mut()
        {
            *last = Entry::new(&TOO_MANY, 0, 0, 0, 0, 0);
        }
    }
}

/// A layer that is left open while its payload is dissected.
pub(super) struct Pending {
    protocol: &'static Protocol,
    start: usize,
    wire_end: usize,
    depth: u8,
    record: bool,
    place: usize,
    mark: usize,
    /// Where its payload ends on the wire: where it says so itself.
    payload_end: usize,
    /// The same, where the layer above it says that it ends; what stands behind that is this layer's.
    ended: Option<usize>,
}

/// Where dissection goes on: the bytes, the place in them and in the tree, and who reads.
pub(super) struct Way<'b> {
    pub bytes: &'b [u8],
    /// The number of the bytes as a data source.
    source: u8,
    pub pos: usize,
    pub wire_end: usize,
    base: u8,
    pub next: Option<&'static Protocol>,
    /// Layers around this one.
    pub nesting: usize,
    first: First<'b>,
    /// The layer before takes headers that extend it.
    pub extensible: bool,
    /// What the first layer stands around, where it is an envelope.
    enclosed: Option<(&'static Protocol, First<'b>)>,
}

/// What the first layer of a way is told, and whether it goes on where the layer before it ended.
#[derive(Clone, Copy, Default)]
struct First<'b> {
    told: Option<&'b Told>,
    kept: Option<&'b Arc<Buffer>>,
    words: Option<&'b [u8]>,
    follows: bool,
}

impl<'b> Way<'b> {
    /// To the beginning of a buffer.
    fn into(buffer: &'b Buffer, nesting: usize) -> Way<'b> {
        let (bytes, first, extensible) = (buffer.bytes.as_slice(), First::default(), false);
        let wire_end = bytes.len();
        Way { bytes, source: 0, pos: 0, wire_end, base: 0, next: None, nesting, first, extensible, enclosed: None }
    }
}

impl Dissector {
    pub fn new(registry: Registry, preferences: Preferences, need: Need) -> Dissector {
        let mut dissector = Dissector {
            registry,
            preferences,
            need: Need::NOTHING,
            wanted: Wanted::default(),
            recorded: None,
            lower: false,
            shallow: false,
            only_asks: false,
        };
        dissector.set_need(need);
        dissector
    }

    /// What is recorded.
    pub fn need(&self) -> &Need {
        &self.need
    }

    /// Decides what is recorded from now on.
    pub fn set_need(&mut self, need: Need) {
        let is_only = matches!(need.protocols, Needed::Only(_));
        let registry = &self.registry;
        let mut named = registry.protocols().iter().filter(|protocol| need.includes(protocol));
        self.lower = is_only && need.asks < Asks::Messages && named.all(|protocol| registry.is_lower(protocol));
        let alone = self.lower && need.asks == Asks::Nothing;
        self.wanted = Wanted::of(&need, registry, !alone);
        let is_first = |protocol: &'static Protocol| {
            std::ptr::eq(protocol, registry.first) || std::ptr::eq(protocol, registry.comments)
        };
        self.shallow = alone && self.wanted.are_all(is_first);
        self.recorded = None;
        self.need = need;
    }

    /// The same dissector, which looks as far, asks the memory the same, and records no more than `need` says.
    pub fn recording(&self, need: &Need) -> Dissector {
        let mut other = Dissector::new(self.registry.clone(), self.preferences.clone(), self.need.clone());
        other.recorded = Some(Wanted::of(need, &self.registry, true));
        other
    }

    /// Whether nothing is needed but what stands in headers up to the transports, each frame by itself.
    pub fn reads_only_headers(&self) -> bool {
        self.lower && self.need.asks == Asks::Nothing
    }

    /// Whether streams are cut into messages: somebody reads them.
    pub fn cuts(&self) -> bool {
        !self.lower
    }

    /// The same dissector, which looks as far, asks the memory the same, and records nothing.
    pub fn observer(&self) -> Dissector {
        Dissector { only_asks: true, ..self.recording(&Need::NOTHING) }
    }

    /// What is recorded of a protocol, and which of its stages are needed.
    #[inline]
    pub(super) fn wants(&self, protocol: &'static Protocol) -> Want<'_> {
        let want = self.wanted.of_protocol(protocol);
        match &self.recorded {
            None => want,
            Some(less) => Want { stages: want.stages, ..less.of_protocol(protocol) },
        }
    }

    /// Whether anything of a protocol is needed, be it recorded or not.
    fn needs(&self, protocol: &'static Protocol) -> bool {
        self.wanted.of_protocol(protocol).has_line
    }

    /// Whether nobody reads anything of a frame: it is dissected only for what it asks.
    pub(super) fn only_asks(&self) -> bool {
        self.only_asks
    }

    /// Whether anybody reads what has to be decoded first.
    pub(super) fn wants_contents(&self) -> bool {
        self.need.asks >= Asks::Contents
    }

    /// The same of a payload: who writes columns of his own has to have read it.
    pub(super) fn wants_payload(&self, payload: &'static Protocol) -> bool {
        self.wants_contents() || payload.summary.is_some() && self.needs(payload)
    }

    /// Whether nothing that is needed can come of looking into what follows.
    pub(super) fn leads_nowhere(&self, next: Next, found: &'static Protocol) -> bool {
        match next {
            Next::Ports(..) => !found.carries,
            Next::Data => true,
            _ => {
                found.family == Family::Stream && self.need.asks == Asks::Nothing && !self.needs(found)
                    || std::ptr::eq(found, self.registry.fallback)
            }
        }
    }

    /// Replaces what `packet` holds by the fields of `frame`.
    pub fn dissect<'a>(&'a self, frame: &'a Frame<'a>, memory: &'a mut (dyn Memory + 'a), packet: &'a mut Packet) {
        packet.clear();
        packet.note = memory.frame(frame);
        let mut context = self.context(frame, memory, packet);
        let has_options = !frame.options.is_empty();
        let mut way = Way {
            bytes: frame.bytes,
            source: 0,
            pos: 0,
            wire_end: (frame.wire_len as usize).max(frame.bytes.len()),
            base: 0,
            next: Some(if has_options { self.registry.comments } else { self.registry.first }),
            nesting: 0,
            first: First::default(),
            extensible: false,
            enclosed: None,
        };
        if !self.shallow {
            self.plain_headers(&mut context, &mut way);
        }
        // Plain headers may be all that there is.
        if way.next.is_some() {
            self.layers(&mut context, way);
        }
        context.end();
    }

    /// Replaces what `packet` holds by the messages in the data of a segment: `parts` are what the memory found there. The layers before
    /// them are not dissected; only of the transport they can see something.
    pub fn dissect_messages<'a>(
        &'a self,
        frame: &'a Frame<'a>,
        data: &Data,
        parts: &mut Vec<Part>,
        memory: &'a mut (dyn Memory + 'a),
        packet: &'a mut Packet,
    ) {
        packet.clear();
        let mut context = self.context(frame, memory, packet);
        (context.source, context.destination) = (data.source, data.destination);
        for _ in 1..data.marks {
            self.name_only(&mut context, self.registry.first, 0, 0, (0, 0));
        }
        self.name_only(&mut context, data.transport, data.transport_start, 0, (0, 0));
        if let Some(mark) = context.packet.layers.last_mut() {
            mark.limit = data.end as u32;
        }
        std::mem::swap(&mut context.parts, parts);
        self.messages(&mut context, frame.bytes, 0, data.start, 0, data.nesting);
        std::mem::swap(&mut context.parts, parts);
        context.end();
    }

    fn context<'a>(
        &'a self,
        frame: &'a Frame<'a>,
        memory: &'a mut (dyn Memory + 'a),
        packet: &'a mut Packet,
    ) -> Context<'a> {
        let parts = std::mem::take(&mut packet.parts);
        let pending = std::mem::take(&mut packet.pending);
        Context {
            frame,
            packet,
            memory,
            dissector: self,
            registry: &self.registry,
            preferences: &self.preferences,
            source: Address::None,
            destination: Address::None,
            quoted: false,
            fragment: false,
            cuts: !self.lower,
            parts,
            pending,
            about: (0, 0),
            goes_on: false,
        }
    }

    /// Dissects one layer after the other, as far as they lead.
    fn layers(&self, context: &mut Context, mut way: Way) {
        let first_pending = context.pending.len();
        while let Some(protocol) = way.next.take() {
            if self.only_asks && !self.registry.may_ask(protocol) {
                break;
            }
            if way.nesting >= MAX_LAYERS || context.packet.layers.len() >= MAX_MARKS {
                context.packet.push(Entry::new(&TOO_DEEP, 0, way.pos, 0, 0, way.source));
                break;
            }
            way.nesting += 1;
            self.layer(context, &mut way, protocol, first_pending);
        }
        // From the innermost outwards: what stands behind each payload.
        while context.pending.len() > first_pending {
            self.behind(context, way.bytes, way.source);
        }
    }

    /// Dissects one layer, and says in `way` where it leads.
    fn layer(&self, context: &mut Context, way: &mut Way, protocol: &'static Protocol, first_pending: usize) {
        let Way { bytes, source, pos, wire_end, base, .. } = *way;
        let want = context.dissector.wants(protocol);
        let record = want.has_line && !protocol.silent;
        let place = context.packet.entries.len();
        let mark = context.packet.layers.len();
        // The line of an extension header stands inside the layer that it extends, one deeper.
        way.extensible = protocol.extensible || protocol.within && way.extensible;
        let depth = if protocol.within && way.extensible { base + 1 } else { base };
        let First { told, kept, words, follows } = std::mem::take(&mut way.first);
        let about = std::mem::take(&mut context.about);
        context.packet.layers.push(LayerMark {
            protocol,
            first: place as u32,
            end: place as u32,
            start: pos as u32,
            limit: pos as u32,
            source,
            quoted: context.quoted,
            follows,
            recorded: record,
            stopped: None,
            about,
        });
        if record {
            context.packet.push(Entry::new(&protocol.field, 0, pos, 0, depth, source));
        }
        let records = if record { want.records } else { Records::Nothing };
        let stages = want.stages;
        let at = Layer::over(context, bytes, pos, wire_end, source, depth, records);
        let mut layer = Layer { told, stages, kept, words, about, ..at };
        let outcome = (protocol.dissect)(&mut layer);
        let Layer { own_end, withdrawn, stands, pos: after, payload_depth: inside, .. } = layer;
        let payload_end = layer.payload_end.unwrap_or(own_end).max(after);
        let len = layer.header_len.unwrap_or(after - pos).min(bytes.len().saturating_sub(pos));
        let elsewhere = layer.elsewhere.take();
        let declined = layer.declined;
        let packet = &mut *context.packet;
        if declined {
            packet.entries.truncate(place);
            packet.layers.truncate(mark);
            return;
        }
        if let (true, Some(entry)) = (record, packet.entries.get_mut(place)) {
            entry.len = len as u32;
        }
        // The payload of a layer with something behind it ends where the layer above it says that it ends itself.
        if let Some(open) = context.pending[first_pending..].last_mut() {
            open.ended.get_or_insert(own_end);
        }
        // A layer that ends before its first byte has no line: only what stopped it is shown.
        let is_bare = outcome.is_err() && after == pos && !stands;
        if record && (withdrawn || is_bare) {
            packet.entries.truncate(place);
            packet.layers[mark].recorded = false;
        }
        packet.layers[mark].end = packet.entries.len() as u32;
        packet.layers[mark].limit = own_end.min(bytes.len()) as u32;
        let then = match outcome {
            Ok(then) => then,
            Err(stop) => return self.stopped(context, mark, stop, after, source),
        };
        // Behind the frame nothing is read: what is recorded there is known only then.
        let is_read_behind = protocol.after.is_some() && (record || !std::ptr::eq(protocol, self.registry.first));
        if is_read_behind && context.pending.len() - first_pending < MAX_PENDING {
            context.pending.push(Pending {
                protocol,
                start: pos,
                wire_end: own_end,
                depth: depth + 1,
                record,
                place,
                mark,
                payload_end,
                ended: None,
            });
        }
        let here = &bytes[after.min(bytes.len())..payload_end.min(bytes.len())];
        let payload = elsewhere.as_ref().map_or(here, |buffer| buffer.bytes.as_slice());
        let found = self.registry.resolve(then, payload);
        if found.is_some() && matches!(then, Next::By(Table::EtherType, _)) {
            self.name_only(context, self.registry.ether_type, after, source, (0, 0));
        }
        way.base = match inside {
            PayloadDepth::Beside => base,
            PayloadDepth::Inside => depth + 1,
            PayloadDepth::At(depth) => depth,
            PayloadDepth::Top => 0,
        };
        way.pos = after;
        way.wire_end = payload_end;
        if !(self.shallow && std::ptr::eq(protocol, self.registry.first)) {
            way.next = found.filter(|found| !self.lower || !self.leads_nowhere(then, found));
        }
        let enclosed = way.enclosed.take();
        match then {
            Next::Enclosed => {
                if let Some((protocol, inner)) = enclosed {
                    (way.next, way.first) = (Some(protocol), inner);
                }
            }
            Next::Unread(protocol) => {
                let about = std::mem::take(&mut context.about);
                self.name_only(context, protocol, after, source, about);
            }
            Next::Messages => return self.messages(context, bytes, source, way.pos, way.base, way.nesting),
            _ => {}
        }
        debug_assert!(protocol.leads != Leads::Nowhere || way.next.is_none(), "{} leads nowhere", protocol.name());
        if let Some(buffer) = elsewhere {
            let next = way.next.take();
            let way = Way { base: way.base, next, extensible: way.extensible, ..Way::into(&buffer, way.nesting) };
            self.detour(context, &buffer, way);
        }
    }

    /// Reads what stands behind the payload of the layer that was left open last.
    #[inline(never)]
    fn behind(&self, context: &mut Context, bytes: &[u8], source: u8) {
        let Some(open) = context.pending.pop() else { return };
        let Some(read) = open.protocol.after else { return };
        let from = context.packet.entries.len();
        let done = open.ended.unwrap_or(open.payload_end).min(open.payload_end).min(bytes.len());
        let records = if open.record { context.dissector.wants(open.protocol).records } else { Records::Nothing };
        let at = Layer::over(context, bytes, open.start, open.wire_end.max(done), source, open.depth - 1, records);
        let mut layer = Layer { pos: done, ..at };
        let outcome = read(&mut layer);
        let at = layer.pos;
        move_into_layer(context.packet, open.mark, open.place, open.depth, from);
        if let Err(stop) = outcome {
            // Where an EtherType told what follows, its step is what reads the end.
            let step = context.packet.layers.get(open.mark + 1);
            let has_step = step.is_some_and(|mark| std::ptr::eq(mark.protocol, self.registry.ether_type));
            self.stopped(context, open.mark + usize::from(has_step), stop, at, source);
        }
    }

    /// Dissects the messages that a layer's payload, which begins at `start`, was found to have.
    pub(super) fn messages(
        &self,
        context: &mut Context,
        bytes: &[u8],
        source: u8,
        start: usize,
        base: u8,
        nesting: usize,
    ) {
        let parts = std::mem::take(&mut context.parts);
        let mut last: Option<&'static Protocol> = None;
        for (place, part) in parts.iter().enumerate() {
            context.goes_on = parts.get(place + 1).is_some_and(|next| next.goes_on_from(part));
            // What was put together can be shown, whoever reads it.
            if let (What::Assembled, Some(buffer)) = (part.what, &part.buffer) {
                context.packet.source_of(buffer);
            }
            let (told, kept, words) = (Some(&part.told), part.kept.as_ref(), part.words.as_deref().map(Vec::as_slice));
            let inner = First { told, kept, words, follows: part.follows };
            let (next, first, enclosed) = match &part.envelope {
                // What stands around a message is seen in each frame that has a piece of it.
                Some(envelope) if part.what == What::Message || part.what.is_unfinished() => {
                    // It may have spoken itself just before, in the same frame.
                    let follows = last.is_some_and(|last| std::ptr::eq(last, envelope.protocol));
                    let (told, words) = (Some(&envelope.told), envelope.words.as_deref().map(Vec::as_slice));
                    let first = First { told, kept: None, words, follows };
                    let enclosed = part.protocol.filter(|_| part.is_layer()).zip(Some(inner));
                    (Some(envelope.protocol), first, enclosed)
                }
                _ if part.is_layer() => (part.protocol, inner, None),
                _ => continue,
            };
            last = next;
            // Of a message that has only begun, the line alone stands there.
            let len = if part.what == What::Message || part.envelope.is_some() { part.len } else { 0 };
            match &part.buffer {
                Some(buffer) if part.what == What::Message => {
                    let way = Way::into(buffer, nesting);
                    let (pos, wire_end) = (part.start, part.start.saturating_add(len));
                    self.detour(context, buffer, Way { pos, wire_end, base, next, first, enclosed, ..way });
                }
                _ => {
                    let pos = start.saturating_add(part.start).min(bytes.len());
                    let wire_end = pos.saturating_add(len);
                    let extensible = false;
                    let way = Way { bytes, source, pos, wire_end, base, next, nesting, first, extensible, enclosed };
                    self.layers(context, way);
                }
            }
        }
        context.parts = parts;
    }

    /// Dissects what stands in a buffer; nothing where the frame has too many.
    fn detour(&self, context: &mut Context, buffer: &Arc<Buffer>, way: Way) {
        if let Some(source) = context.packet.source_of(buffer) {
            self.layers(context, Way { source, ..way });
        }
    }

    pub(super) fn name_only(
        &self,
        context: &mut Context,
        protocol: &'static Protocol,
        at: usize,
        source: u8,
        about: (u32, u32),
    ) {
        let place = context.packet.entries.len() as u32;
        let mark = LayerMark {
            protocol,
            first: place,
            end: place,
            start: at as u32,
            limit: at as u32,
            source,
            quoted: context.quoted,
            follows: false,
            recorded: false,
            stopped: None,
            about,
        };
        context.packet.layers.push(mark);
    }

    /// Shows that the layer `mark` could not be read to its end, and why.
    #[inline(never)]
    fn stopped(&self, context: &mut Context, mark: usize, stop: Stop, at: usize, source: u8) {
        let is_quoted = context.packet.layers.get(mark).is_some_and(|mark| mark.quoted);
        let (stop, field, expert): (_, &'static Field, Option<&'static Field>) = match stop {
            Stop::Short => (stop, &SHORT, None),
            // An error message quotes only the beginning of a packet: that it ends is no fault.
            _ if is_quoted => return,
            _ if context.fragment => (Stop::Unreassembled, &UNREASSEMBLED, Some(&UNREASSEMBLED_EXPERT)),
            _ => (Stop::Malformed, &MALFORMED, Some(&MALFORMED_EXPERT)),
        };
        context.packet.push(Entry::new(field, mark as u64, at, 0, 0, source));
        if let Some(expert) = expert {
            context.packet.push(Entry::new(expert, 0, at, 0, 1, source));
        }
        if let Some(mark) = context.packet.layers.get_mut(mark) {
            mark.stopped = Some(stop);
        }
    }
}

/// The most layers inside each other that have something behind their payload.
const MAX_PENDING: usize = 16;

/// Moves the entries from `from` to the end behind the subtree of the layer whose entry is at `place`.
fn move_into_layer(packet: &mut Packet, mark: usize, place: usize, depth: u8, from: usize) {
    let added = packet.entries.len().saturating_sub(from);
    if added == 0 {
        return;
    }
    let inner = &packet.entries[place + 1..from];
    let to = place + 1 + inner.iter().position(|entry| entry.depth < depth).unwrap_or(inner.len());
    packet.entries[to..].rotate_right(added);
    for (index, layer) in packet.layers.iter_mut().enumerate() {
        if index > mark && layer.first as usize >= to {
            layer.first += added as u32;
        }
        if index >= mark && layer.end as usize >= to {
            layer.end += added as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Interface, Precision};
    use crate::dissect::{Asks, Forgetful, Outcome, View};

    fields! {
        KIND = uint8("toy.kind", "Kind");
        NUMBER = uint16("toy.number", "Number").hex();
        HIGH = uint8("toy.high", "High").bits(0xf0);
        LOW = uint8("toy.low", "Low").bits(0x0f);
        SIGNED = int8("toy.signed", "Signed");
        BLOB = bytes("toy.blob", "Blob");
        TAIL = bytes("toy.tail", "Tail");
    }

    /// A protocol for the tests: its first byte says what to do with the rest.
    static TOY: Protocol =
        Protocol { fields: FIELDS, dissect: toy, after: Some(tail), ..Protocol::new("toy", "TOY", "Toy") };
    static FRAME: Protocol =
        Protocol { dissect: |_| Ok(Next::Protocol(&TOY)), ..Protocol::new("frame", "Frame", "Frame") };
    static REST: Protocol = Protocol { dissect: rest, ..Protocol::new("data", "Data", "Data") };
    static STEP: Protocol = Protocol { silent: true, ..Protocol::new("ethertype", "Ethertype", "Ethertype") };
    static REMARKS: Protocol = Protocol::new("pkt_comment", "Comment", "Packet comments");

    fn toy(l: &mut Layer) -> Outcome {
        match l.u8(&KIND)? {
            // Numbers, whole and in parts.
            1 => {
                l.u16(&NUMBER)?;
                let octet = l.peek_u8()?;
                l.part(&HIGH, octet, 1);
                l.part(&LOW, octet, 1);
                l.skip(1)?;
                l.u8(&SIGNED)?;
                Ok(Next::End)
            }
            // The same again inside, for ever.
            2 => Ok(Next::Protocol(&TOY)),
            // More fields than there may be.
            3 => {
                for _ in 0..=super::super::packet::MAX_ENTRIES {
                    l.part(&HIGH, 0u8, 0);
                }
                Ok(Next::End)
            }
            // A record that says its length, and whose number is longer than it.
            4 => {
                let len = l.u8(&LOW)?;
                let outer = l.narrow(len.into());
                l.u16(&NUMBER)?;
                l.widen(outer);
                Ok(Next::End)
            }
            // A payload of two bytes; what is behind it is the tail.
            5 => {
                l.limit_payload(2);
                Ok(Next::Data)
            }
            _ => Ok(Next::Data),
        }
    }

    fn tail(l: &mut Layer) -> Result<(), Stop> {
        l.rest(&TAIL);
        Ok(())
    }

    fn rest(l: &mut Layer) -> Outcome {
        l.rest(&BLOB);
        Ok(Next::End)
    }

    /// The entries of a frame: depth, name, number, bytes covered.
    fn dissected(bytes: &[u8], wire_len: usize, need: Need) -> Vec<(u8, &'static str, u64, usize)> {
        static ALL: &[&Protocol] = &[&FRAME, &TOY, &REST];
        let registry = Registry::new(ALL, &FRAME, &REMARKS, &REST, &STEP, &[]);
        let dissector = Dissector::new(registry, Preferences::default(), need);
        let interface =
            Interface { link: 1, fcs_len: None, snap_len: 0, precision: Precision::MICROS, described: None };
        let wire_len = wire_len as u32;
        let frame = Frame { number: 1, time: None, wire_len, offset: 0, interface: &interface, bytes, options: &[] };
        let mut packet = Packet::new();
        dissector.dissect(&frame, &mut Forgetful, &mut packet);
        let view = View { frame: &frame, packet: &packet };
        let row = |entry: &Entry| (entry.depth, entry.field.name, entry.number(), view.bytes(entry).len());
        view.entries().iter().map(row).collect()
    }

    fn names(bytes: &[u8], wire_len: usize) -> Vec<&'static str> {
        dissected(bytes, wire_len, Need::ALL).iter().map(|row| row.1).collect()
    }

    #[test]
    fn the_cursor_records_bounds_and_advances() {
        let bytes = [1, 0x12, 0x34, 0xab, 0xfe];
        let rows = dissected(&bytes, 5, Need::ALL);
        let expected = [
            (0, "frame", 0, 0),
            (0, "toy", 0, 5),
            (1, "toy.kind", 1, 1),
            (1, "toy.number", 0x1234, 2),
            (1, "toy.high", 0xa, 1),
            (1, "toy.low", 0xb, 1),
            (1, "toy.signed", -2i64 as u64, 1),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn what_was_not_captured_is_short_and_what_never_was_is_malformed() {
        assert_eq!(names(&[1, 0x12], 5), ["frame", "toy", "toy.kind", "_ws.short"]);
        assert_eq!(names(&[1, 0x12], 2)[..4], ["frame", "toy", "toy.kind", "_ws.malformed"]);
        // A length inside the packet that is too short is a lie, whatever was captured behind it.
        assert_eq!(names(&[4, 1, 0x12, 0x34], 4)[..5], ["frame", "toy", "toy.kind", "toy.low", "_ws.malformed"]);
        assert_eq!(names(&[4, 2, 0x12, 0x34], 4), ["frame", "toy", "toy.kind", "toy.low", "toy.number"]);
    }

    #[test]
    fn what_stands_behind_the_payload_belongs_to_its_layer() {
        let rows = dissected(&[5, 1, 2, 3, 4, 5], 6, Need::ALL);
        let expected = [
            (0, "frame", 0, 0),
            (0, "toy", 0, 1),
            (1, "toy.kind", 5, 1),
            (1, "toy.tail", 0, 3),
            (0, "data", 0, 2),
            (1, "toy.blob", 0, 2),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn nesting_ends_and_says_so() {
        let names = names(&[2; 1_000], 1_000);
        assert_eq!(names.iter().filter(|name| **name == "toy").count(), MAX_LAYERS - 1);
        assert!(names.contains(&"_ws.too_deep"));
    }

    #[test]
    fn fields_end_and_the_tree_says_so() {
        let names = names(&[3], 1);
        assert_eq!(names.len(), super::super::packet::MAX_ENTRIES);
        assert_eq!(names.last(), Some(&"_ws.too_many_fields"));
    }

    #[test]
    fn what_nobody_needs_is_not_recorded() {
        let rows = dissected(&[9, 1, 2], 3, Need::only(vec!["data"], Asks::Messages));
        assert_eq!(rows, [(0, "data", 0, 2), (1, "toy.blob", 0, 2)]);
        assert_eq!(dissected(&[9, 1, 2], 3, Need::NOTHING), []);
    }
}
