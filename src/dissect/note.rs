//! What dissection may ask of earlier frames, and the answers: plain data.
//!
//! A dissector sees one frame. What depends on others (the number of a stream, where its sequence numbers begin, which request
//! this answers) it asks of [`Memory`], which `streams/` implements; with [`Forgetful`] every frame stands alone.

use std::sync::Arc;

use super::Buffer;
use super::message::{self, Delivery, Part};
use crate::capture::{Frame, Time};

/// A network-layer address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Address {
    #[default]
    None,
    V4(u32),
    V6([u8; 16]),
    Ether([u8; 6]),
}

/// A transport protocol that numbers its streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    Tcp,
    Udp,
    UdpLite,
    Sctp,
    Dccp,
}

/// The two ends of a conversation, as this frame has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Conversation {
    pub source: Address,
    pub destination: Address,
    pub source_port: u16,
    pub destination_port: u16,
}

/// What of a TCP header the memory needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentHeader {
    pub sequence: u32,
    pub acknowledgment: u32,
    /// The low 12 bits of bytes 12 and 13; see [`flags`].
    pub flags: u16,
    pub window: u16,
    /// Bytes of data in the segment, of which some may not have been captured.
    pub payload: u32,
    /// The shift count of a Window Scale option.
    pub window_scale: Option<u8>,
    /// Not all of its options were captured.
    pub lacks_options: bool,
    /// Bytes between the edges of all blocks of a SACK option, as they come: an edge may lie.
    pub sacked: u32,
    /// Has a Fast Open cookie.
    pub has_cookie: bool,
    /// The subtypes of its Multipath TCP options, from 0 to 7: a bit for each.
    pub multipath: u8,
    /// What may be a fast retransmission or out of order is taken for out of order.
    pub doubts_fast: bool,
    /// Stands for itself: is not quoted in an error message, and its header is whole. Others are counted with their
    /// connection, but its sequence numbers do not begin with them and theirs are shown as they are.
    pub is_relative: bool,
}

impl SegmentHeader {
    /// Whether one of these flags is set.
    pub const fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Whether it asks for a connection.
    pub const fn is_first_syn(&self) -> bool {
        self.flags & (flags::SYN | flags::ACK) == flags::SYN
    }
}

/// The flags of a TCP header.
pub mod flags {
    pub const FIN: u16 = 0x001;
    pub const SYN: u16 = 0x002;
    pub const RST: u16 = 0x004;
    pub const PSH: u16 = 0x008;
    pub const ACK: u16 = 0x010;
    pub const URG: u16 = 0x020;
    pub const ECE: u16 = 0x040;
    pub const CWR: u16 = 0x080;
    pub const AE: u16 = 0x100;
}

/// The bits of `tcp.completeness`: what a connection has shown.
pub mod completeness {
    pub const SYN: u8 = 1;
    pub const SYN_ACK: u8 = 2;
    pub const ACK: u8 = 4;
    pub const DATA: u8 = 8;
    pub const FIN: u8 = 16;
    pub const RST: u8 = 32;
}

/// What is remembered about a datagram's conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamNote {
    /// Counts the conversations of this protocol from 0.
    pub stream: u64,
    /// When the conversation began.
    pub first: Option<Time>,
    /// When the datagram before this one was captured; for the first its own time.
    pub previous: Option<Time>,
}

/// What is remembered about a segment's connection, before the segment itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpNote {
    /// Counts connections from 0.
    pub stream: u64,
    /// The sequence number that is shown as 0, in the sender's direction.
    pub sequence_base: u32,
    /// The same of the other direction; 0 where nothing is known of it.
    pub acknowledgment_base: u32,
    /// By how many bits the sender's windows are shifted.
    pub window_scale: WindowScale,
    /// How far the connection has come, in the bits of [`completeness`].
    pub completeness: u8,
    /// When the connection began.
    pub first: Option<Time>,
    /// When the segment before this one was captured; for the first its own time.
    pub previous: Option<Time>,
    /// The sender of this segment sent the first FIN of the connection, perhaps just now.
    pub is_closing_first: bool,
    pub analysis: Analysis,
}

/// What the segments before this one make of it. Nothing where nobody wants to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Analysis {
    /// There is something to say beside what is in flight, if not much.
    pub is_known: bool,
    /// Its data was counted among what is in flight.
    pub is_counted: bool,
    /// In the bits of [`verdict`].
    pub verdicts: u32,
    /// Which acknowledgment it repeats.
    pub duplicate: Option<Duplicate>,
    /// The segment that it acknowledges the last byte of.
    pub acknowledges: Option<Earlier>,
    /// The segment that may have waited for an acknowledgment in vain, so that this one was sent again.
    pub timed_out: Option<Earlier>,
    /// How long the handshake took.
    pub initial_rtt: Option<Time>,
    /// Bytes that are sent and not acknowledged, this segment's among them.
    pub bytes_in_flight: Option<u32>,
    /// Bytes since the last segment with the flag PSH, this segment's among them.
    pub bytes_since_push: u32,
}

impl Analysis {
    /// Whether one of these verdicts is given.
    pub const fn is(&self, verdicts: u32) -> bool {
        self.verdicts & verdicts != 0
    }
}

/// What a segment may be, beside those before it.
pub mod verdict {
    pub const REUSED_PORTS: u32 = 1;
    pub const FAST_RETRANSMISSION: u32 = 1 << 1;
    pub const SPURIOUS_RETRANSMISSION: u32 = 1 << 2;
    pub const RETRANSMISSION: u32 = 1 << 3;
    pub const OUT_OF_ORDER: u32 = 1 << 4;
    pub const LOST_SEGMENT: u32 = 1 << 5;
    pub const ACK_LOST_SEGMENT: u32 = 1 << 6;
    pub const WINDOW_UPDATE: u32 = 1 << 7;
    pub const WINDOW_FULL: u32 = 1 << 8;
    pub const KEEP_ALIVE: u32 = 1 << 9;
    pub const KEEP_ALIVE_ACK: u32 = 1 << 10;
    pub const DUPLICATE_ACK: u32 = 1 << 11;
    pub const ZERO_WINDOW_PROBE: u32 = 1 << 12;
    pub const ZERO_WINDOW: u32 = 1 << 13;
    pub const ZERO_WINDOW_PROBE_ACK: u32 = 1 << 14;
    /// A SYN, ACK takes the data that came with the SYN; it is no flag of the analysis.
    pub const FAST_OPEN_ACCEPTED: u32 = 1 << 15;
    /// A SYN, ACK leaves the data that came with the SYN and a cookie; it is no flag of the analysis.
    pub const FAST_OPEN_IGNORED: u32 = 1 << 16;
    /// The verdicts that are flags of the analysis.
    pub const FLAGS: u32 = !(FAST_OPEN_ACCEPTED | FAST_OPEN_IGNORED);
}

/// An acknowledgment that says nothing new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Duplicate {
    /// Counts the repetitions from 1.
    pub number: u32,
    /// The frame that said it first.
    pub of: u64,
}

/// A frame, and how long ago it was captured; nothing where one of the two has no time, or both have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    pub frame: u64,
    pub ago: Option<Time>,
}

/// Whether the windows of one direction are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WindowScale {
    /// The handshake was not captured.
    #[default]
    Unknown,
    /// The handshake was captured and one side did not offer it.
    Unused,
    /// Both sides offered it: shifted by so many bits.
    Shift(u8),
}

/// A request or an answer that wants its other half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    pub source: Address,
    pub destination: Address,
    /// What else both halves share: identifier, sequence number, the protocol's own kind.
    pub key: u64,
    pub answer: bool,
    /// A request that is asked again within so many seconds and before it is answered is not another one; 0 where it always is.
    pub patience_s: u32,
}

/// The other half of a request or an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EchoNote {
    /// The frame of the request that this one answers.
    pub request: Option<u64>,
    /// The frame that answers this request; only known when the capture is read twice.
    pub response: Option<u64>,
    /// The capture was read before, and nothing in it answers this request.
    pub unanswered: bool,
    /// When the request was sent.
    pub request_time: Option<Time>,
    /// The frame that asked the same before, and still waits, or that gave an answer before this one.
    pub repeats: Option<u64>,
}

/// A piece of a datagram that was too long for a link on its way.
#[derive(Clone, Copy)]
pub struct Fragment<'a> {
    pub source: Address,
    pub destination: Address,
    /// What else tells its datagram from the others between the two: identification, protocol, the protocol's own kind.
    pub key: u64,
    /// What the datagram is called once it is whole: `Reassembled IPv4`.
    pub name: &'static str,
    /// The number of the protocol that the datagram carries, as this piece says.
    pub carries: u8,
    /// Where its bytes stand in the datagram.
    pub start: usize,
    /// Is not the last one.
    pub more: bool,
    pub bytes: &'a [u8],
}

/// What is remembered about the datagram that a fragment is a piece of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FragmentNote {
    /// All of it, where this was what was missing.
    pub datagram: Option<Arc<Buffer>>,
    /// The number of the protocol that it carries: what the piece at its beginning says.
    pub carries: u8,
    /// The frame that makes it whole, if that is another one; only known when the capture is read twice.
    pub whole_in: Option<u64>,
    /// Has more or smaller pieces than are kept of one: those that were there are forgotten.
    pub is_given_up: bool,
    /// So much is kept already that the pieces of the oldest datagrams are forgotten for it.
    pub makes_room: bool,
}

/// What is remembered about the frames before this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameNote {
    /// When the first frame was captured.
    pub first: Option<Time>,
    /// When the frame before this one was captured.
    pub previous: Option<Time>,
    /// When the last frame that was shown before this one was captured.
    pub previous_displayed: Option<Time>,
}

/// Answers what one frame does not say. Asked in wire order; in capture order where answers depend on it.
pub trait Memory {
    /// Told of each frame before anything in it is asked about.
    fn frame(&mut self, frame: &Frame) -> FrameNote;
    fn datagram(&mut self, transport: Transport, conversation: &Conversation) -> StreamNote;
    /// The same of a datagram that is counted with its conversation but is not a moment of it: quoted, or empty.
    fn silent_datagram(&mut self, transport: Transport, conversation: &Conversation) -> StreamNote;
    fn segment(&mut self, conversation: &Conversation, header: &SegmentHeader) -> TcpNote;
    fn pair(&mut self, query: &Query) -> EchoNote;
    /// Keeps a fragment until its datagram is whole.
    fn fragment(&mut self, fragment: &Fragment) -> FragmentNote;
    /// Remembers no more of the data of a segment than where it stands, at `offset` of the capture file, so that it is cut into messages only
    /// if those of its connection are asked for; false where it has to be [delivered](Self::deliver) now.
    fn postpone(&mut self, _delivery: &Delivery, _offset: u64) -> bool {
        false
    }
    /// Cuts the data of a segment into messages, of which those of its connection before it are known; adds them to `parts`.
    fn deliver(&mut self, delivery: &Delivery, parts: &mut Vec<Part>);
}

/// Remembers nothing.
#[derive(Default)]
pub struct Forgetful;

impl Memory for Forgetful {
    fn frame(&mut self, _: &Frame) -> FrameNote {
        FrameNote::default()
    }

    fn datagram(&mut self, _: Transport, _: &Conversation) -> StreamNote {
        StreamNote::default()
    }

    fn silent_datagram(&mut self, _: Transport, _: &Conversation) -> StreamNote {
        StreamNote::default()
    }

    fn segment(&mut self, _: &Conversation, _: &SegmentHeader) -> TcpNote {
        TcpNote::default()
    }

    fn pair(&mut self, _: &Query) -> EchoNote {
        EchoNote::default()
    }

    fn fragment(&mut self, _: &Fragment) -> FragmentNote {
        FragmentNote::default()
    }

    fn deliver(&mut self, delivery: &Delivery, parts: &mut Vec<Part>) {
        message::alone(delivery, parts);
    }
}
