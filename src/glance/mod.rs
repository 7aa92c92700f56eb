//! What can be told of a frame without dissecting it, and asking the memory no more than that.
//!
//! ```text
//!  frame ──▶ headers ──▶ a plain segment of TCP ──▶ glimpse: the memory is asked what dissection would ask
//!               │             └ nothing unusual          │
//!               ▼                                        ▼
//!        filters: no · yes · unknown              filters: no · yes · unknown ──▶ dissection, with the answers at hand
//! ```
//!
//! Most frames are segments of TCP with nothing unusual in the headers before them. All that a dissection of such a frame would ask of
//! the memory, up to the messages that it carries, follows from a few numbers; [`Plain`] asks it. Whoever only observes a frame,
//! for the sake of later ones, is done then, but for what the messages ask; and filters for what a segment is beside others are
//! decided. What is dissected all the same gets the answers once more: see [`Resumed`].

pub mod headers;

use crate::capture::Frame;
use crate::dissect::{
    Asks, Conversation, Data, Delivery, Dissector, EchoNote, Fragment, FragmentNote, FrameNote, Memory, Next, Packet,
    Part, Query, SegmentHeader, StreamNote, Table, TcpNote, Transport,
};
use crate::protocols::tcp::{self, glance::Plain};
use headers::{Ground, Headers, Inner, Known, Upper};

/// Looks at frames for what the memory has to know of them.
pub struct Scout {
    observer: Dissector,
    /// None where a user has protocols otherwise than the walk over headers takes them.
    ground: Option<Ground>,
    glimpse: Glimpse,
}

/// What the memory answered for a frame.
#[derive(Default)]
struct Glimpse {
    /// It was asked.
    is_there: bool,
    frame: FrameNote,
    segment: Plain,
    /// It was given data.
    is_delivered: bool,
    parts: Vec<Part>,
}

impl Glimpse {
    /// Whose messages the segment carries.
    fn upper(&self) -> Upper {
        let mut upper = Upper::NOTHING;
        for part in self.parts.iter().filter(|part| part.leads_on()) {
            match part.only_protocol() {
                Some(protocol) => upper.add(protocol),
                None => return Upper::UNKNOWN,
            }
        }
        upper
    }

    fn dissect_messages<'a>(
        &mut self,
        dissector: &'a Dissector,
        headers: &Headers<'a>,
        memory: &'a mut (dyn Memory + 'a),
        packet: &'a mut Packet,
    ) -> bool {
        let Some(Inner { bytes, start, nesting, marks }) = headers.segment() else { return false };
        let &Conversation { source, destination, .. } = self.segment.conversation();
        let data = Data {
            start: start + self.segment.header_len(),
            transport: &tcp::PROTOCOL,
            transport_start: start,
            end: start + bytes.len(),
            nesting,
            marks,
            source,
            destination,
        };
        dissector.dissect_messages(headers.frame, &data, &mut self.parts, memory, packet);
        true
    }
}

impl Scout {
    /// Asks the memory what `dissector` would.
    pub fn of(dissector: &Dissector) -> Scout {
        let ground = Ground::of(&dissector.registry);
        Scout { observer: dissector.observer(), ground, glimpse: Glimpse::default() }
    }

    /// Walks over the headers of a frame, as far as it knows what they may be.
    #[inline]
    pub fn headers<'a>(&self, frame: &'a Frame<'a>) -> Headers<'a> {
        let mut headers = Headers::before(frame);
        if let Some(ground) = &self.ground {
            headers.walk(ground);
        }
        headers
    }

    /// Whether a dissection has to know of other frames.
    pub fn asks(&self) -> Asks {
        self.observer.need().asks
    }

    /// Begins a frame of which the memory was not asked anything.
    pub fn begin(&mut self) {
        self.glimpse.is_there = false;
    }

    /// Asks the memory of the one plain segment in a frame, and gives it the data. False, and nothing was asked, where there is none. What
    /// the segment's messages ask is left: see [`observe`](Self::observe).
    pub fn glimpse(&mut self, headers: &mut Headers, memory: &mut dyn Memory) -> bool {
        let is_there = self.look(headers, memory);
        if is_there {
            self.deliver(headers, memory);
        }
        is_there
    }

    /// Asks the memory of the one plain segment in a frame; false, and nothing was asked, where there is none. Its data has to be
    /// [delivered](Self::deliver) then, or [postponed](Self::postpone).
    #[inline]
    pub fn look(&mut self, headers: &mut Headers, memory: &mut dyn Memory) -> bool {
        let Scout { observer, glimpse, .. } = self;
        let Some((inner, conversation)) = headers.segment().zip(headers.conversation()) else { return false };
        if !glimpse.segment.look(inner.bytes, conversation.1, observer) {
            return false;
        }
        glimpse.frame = memory.frame(headers.frame);
        glimpse.segment.ask(observer, memory);
        glimpse.parts.clear();
        (glimpse.is_there, glimpse.is_delivered) = (true, false);
        let TcpNote { stream, analysis, .. } = glimpse.segment.note();
        headers.learn(Known { stream: *stream, verdicts: analysis.verdicts, len: glimpse.segment.header().payload });
        true
    }

    /// Gives the memory the data of the segment of which it was asked.
    #[inline]
    pub fn deliver(&mut self, headers: &mut Headers, memory: &mut dyn Memory) {
        let Scout { observer, glimpse, .. } = self;
        let bytes = headers.segment().map(|inner| inner.bytes).unwrap_or_default();
        if let Some(delivery) = glimpse.segment.delivery(bytes, observer) {
            memory.deliver(&delivery, &mut glimpse.parts);
            glimpse.is_delivered = true;
        }
        if observer.cuts() {
            headers.learn_upper(glimpse.upper());
        }
    }

    /// Lets the data of that segment wait, whose frame's bytes begin at `offset` of the capture file: nobody will see its messages. False
    /// where that cannot be.
    #[inline]
    pub fn postpone(&mut self, headers: &Headers, offset: u64, memory: &mut dyn Memory) -> bool {
        let Scout { observer, glimpse, .. } = self;
        let Some(inner) = headers.segment() else { return false };
        let place = offset + (inner.start + glimpse.segment.header_len()) as u64;
        let delivery = glimpse.segment.delivery(inner.bytes, observer);
        delivery.is_none_or(|delivery| memory.postpone(&delivery, place))
    }

    /// Finds who reads the one plain datagram in a frame.
    pub fn look_up(&self, headers: &mut Headers) {
        let Some(([source, destination], data)) = headers.datagram() else { return };
        if let Some(protocol) = self.observer.registry.resolve(Next::Ports(Table::UdpPort, source, destination), data) {
            let mut upper = Upper::NOTHING;
            upper.add(protocol);
            headers.learn_upper(upper);
        }
    }

    /// Has the memory asked all that a dissection of the frame would ask and that it was not asked yet.
    pub fn observe(&mut self, headers: &mut Headers, memory: &mut dyn Memory, packet: &mut Packet) {
        if !self.glimpse.is_there && !self.glimpse(headers, memory) {
            return self.observer.dissect(headers.frame, memory, packet);
        }
        let Scout { observer, glimpse, .. } = self;
        let may_ask = |part: &Part| part.only_protocol().is_none_or(|protocol| observer.registry.may_ask(protocol));
        if glimpse.parts.iter().any(|part| part.leads_on() && may_ask(part)) {
            glimpse.dissect_messages(observer, headers, memory, packet);
        }
    }

    /// The same of a frame whose headers were not looked at, or not with the memory at hand.
    pub fn observe_frame(&mut self, frame: &Frame, memory: &mut dyn Memory, packet: &mut Packet) {
        self.observe(&mut self.headers(frame), memory, packet);
    }

    /// Replaces what `packet` holds by the messages of the segment of which the memory was asked, as `dissector` has it; false where it
    /// was not.
    pub fn dissect_messages<'a>(
        &mut self,
        dissector: &'a Dissector,
        frame: &'a Frame<'a>,
        memory: &'a mut (dyn Memory + 'a),
        packet: &'a mut Packet,
    ) -> bool {
        self.glimpse.is_there && {
            let headers = self.headers(frame);
            self.glimpse.dissect_messages(dissector, &headers, memory, packet)
        }
    }

    /// The memory for a dissection of the frame: it gives the answers that are there, and asks on.
    pub fn resumed<'a>(&'a self, memory: &'a mut dyn Memory) -> Resumed<'a> {
        let glimpse = Some(&self.glimpse).filter(|glimpse| glimpse.is_there);
        Resumed { frame: glimpse, segment: glimpse, delivery: glimpse.filter(|glimpse| glimpse.is_delivered), memory }
    }
}

/// Gives the answers for a frame of which the memory was asked already, each once, and asks it what comes besides.
pub struct Resumed<'a> {
    frame: Option<&'a Glimpse>,
    segment: Option<&'a Glimpse>,
    delivery: Option<&'a Glimpse>,
    memory: &'a mut dyn Memory,
}

impl Memory for Resumed<'_> {
    fn frame(&mut self, frame: &Frame) -> FrameNote {
        self.frame.take().map_or_else(|| self.memory.frame(frame), |glimpse| glimpse.frame)
    }

    fn datagram(&mut self, transport: Transport, conversation: &Conversation) -> StreamNote {
        self.memory.datagram(transport, conversation)
    }

    fn silent_datagram(&mut self, transport: Transport, conversation: &Conversation) -> StreamNote {
        self.memory.silent_datagram(transport, conversation)
    }

    fn segment(&mut self, conversation: &Conversation, header: &SegmentHeader) -> TcpNote {
        self.segment.take().map_or_else(|| self.memory.segment(conversation, header), |glimpse| *glimpse.segment.note())
    }

    fn pair(&mut self, query: &Query) -> EchoNote {
        self.memory.pair(query)
    }

    fn fragment(&mut self, fragment: &Fragment) -> FragmentNote {
        self.memory.fragment(fragment)
    }

    fn deliver(&mut self, delivery: &Delivery, parts: &mut Vec<Part>) {
        match self.delivery.take() {
            Some(glimpse) => parts.extend_from_slice(&glimpse.parts),
            None => self.memory.deliver(delivery, parts),
        }
    }
}
