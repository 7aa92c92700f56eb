//! TCP: the Transmission Control Protocol.
//!
//! RFC 9293; the accurate ECN flag is that of draft-ietf-tcpm-accurate-ecn. The options are in [`options`].
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |          Source Port          |       Destination Port        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                        Sequence Number                        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Acknowledgment Number                      |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! | Offset|Rsrv |A|C|E|U|A|P|R|S|F|            Window             |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |           Checksum            |         Urgent Pointer        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                           Options …                           |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
//!
//! Sequence numbers are shown relative to the first of the connection, windows as the handshake scales them: both are asked of
//! the memory, as is what the segment is beside those before it: see [`analysis`]. Of a segment that is quoted in an error message
//! or shorter than its header, numbers are shown as they are, and nothing is made of it.

pub mod analysis;
pub mod glance;
pub mod messages;
mod mptcp;
pub mod options;

use super::checksum::{self, Sum};
use crate::dissect::{
    Again, Analysis, Asks, Conversation, Entry, Field, Group, Layer, LayerView, Memory, Next, Outcome, Plain,
    Preference, Preferences, Protocol, SegmentHeader, Severity, Stop, Summary, Table, TcpNote, WindowScale,
    completeness, fields, flags, verdict,
};
use crate::text::Text;

fields! {
    SRCPORT = uint16("tcp.srcport", "Source Port").in_columns();
    DSTPORT = uint16("tcp.dstport", "Destination Port").in_columns();
    PORT = uint16("tcp.port", "Source or Destination Port").hidden();
    STREAM = uint32("tcp.stream", "Stream index").generated().asks(Asks::Streams);
    COMPLETENESS = uint8("tcp.completeness", "Conversation completeness").generated().label(completeness_line)
        .asks(Asks::Streams);
    LEN = uint32("tcp.len", "TCP Segment Len").generated().in_columns();
    SHORT_SEGMENT_LINE = heading("Short segment. Segment/fragment does not contain a full TCP header (might be NMAP or \
        someone else deliberately sending unusual packets)");
    SHORT_SEGMENT = expert("tcp.short_segment", "Short segment. Segment/fragment does not contain a full TCP header \
        (might be NMAP or someone else deliberately sending unusual packets)", Severity::Warning, Group::Malformed);
    SEQ = uint32("tcp.seq", "Sequence Number").label(relative_sequence_line).asks(Asks::Streams).in_columns();
    SEQ_AS_IT_IS = uint32("tcp.seq", "Sequence Number").asks(Asks::Streams).in_columns();
    SEQ_RAW = uint32("tcp.seq_raw", "Sequence Number (raw)");
    NXTSEQ = uint32("tcp.nxtseq", "Next Sequence Number").generated().label(relative_sequence_line).asks(Asks::Streams);
    NXTSEQ_AS_IT_IS = uint32("tcp.nxtseq", "Next Sequence Number").generated().asks(Asks::Streams);
    ACK = uint32("tcp.ack", "Acknowledgment Number").label(relative_acknowledgment_line).asks(Asks::Streams)
        .in_columns();
    ACK_AS_IT_IS = uint32("tcp.ack", "Acknowledgment Number").asks(Asks::Streams).in_columns();
    ACK_NONZERO = expert("tcp.ack.nonzero", "The acknowledgment number field is nonzero while the ACK flag is not set",
        Severity::Note, Group::Protocol);
    ACK_RAW = uint32("tcp.ack_raw", "Acknowledgment number (raw)");
    HDR_LEN = uint8("tcp.hdr_len", "Header Length").label(header_length_line);
    BOGUS_HEADER = expert("tcp.bogus_header_length", "Bogus TCP Header length", Severity::Error, Group::Protocol)
        .label(bogus_header_message).in_columns();
    BOGUS_ACK = heading("Acknowledgment Number").hidden().in_columns();
    FLAGS = uint16("tcp.flags", "Flags").hex().bits(0xfff).of(12).label(flags_line).in_columns();
    FLAG_RES = boolean("tcp.flags.res", "Reserved").of(12).bits(0xe00).flags("Set", "Not set");
    FLAG_AE = boolean("tcp.flags.ae", "Accurate ECN").of(12).bits(0x100).flags("Set", "Not set");
    FLAG_CWR = boolean("tcp.flags.cwr", "Congestion Window Reduced").of(12).bits(0x080).flags("Set", "Not set");
    FLAG_ECE = boolean("tcp.flags.ece", "ECN-Echo").of(12).bits(0x040).flags("Set", "Not set");
    FLAG_ACE = uint8("tcp.flags.ace", "ACE");
    FLAG_URG = boolean("tcp.flags.urg", "Urgent").of(12).bits(0x020).flags("Set", "Not set");
    FLAG_ACK = boolean("tcp.flags.ack", "Acknowledgment").of(12).bits(0x010).flags("Set", "Not set");
    FLAG_PUSH = boolean("tcp.flags.push", "Push").of(12).bits(0x008).flags("Set", "Not set");
    FLAG_RESET = boolean("tcp.flags.reset", "Reset").of(12).bits(0x004).flags("Set", "Not set");
    FLAG_SYN = boolean("tcp.flags.syn", "Syn").of(12).bits(0x002).flags("Set", "Not set");
    FLAG_FIN = boolean("tcp.flags.fin", "Fin").of(12).bits(0x001).flags("Set", "Not set");
    FLAGS_STR = text("tcp.flags.str", "TCP Flags").generated();
    CONNECTION_SYN = expert("tcp.connection.syn", "Connection establish request (SYN)", Severity::Chat, Group::Sequence)
        .label(server_port_message);
    CONNECTION_SYNACK = expert("tcp.connection.synack", "Connection establish acknowledge (SYN+ACK)", Severity::Chat,
        Group::Sequence).label(server_port_message);
    CONNECTION_FIN = expert("tcp.connection.fin", "Connection finish (FIN)", Severity::Chat, Group::Sequence);
    CONNECTION_RST = expert("tcp.connection.rst", "Connection reset (RST)", Severity::Warning, Group::Sequence);
    FIN_ACTIVE = expert("tcp.connection.fin_active", "This frame initiates the connection closing", Severity::Note,
        Group::Sequence).asks(Asks::Streams);
    FIN_PASSIVE = expert("tcp.connection.fin_passive", "This frame undergoes the connection closing", Severity::Note,
        Group::Sequence).asks(Asks::Streams);
    WINDOW = uint16("tcp.window_size_value", "Window");
    WINDOW_SIZE = uint32("tcp.window_size", "Calculated window size").generated().asks(Asks::Streams).in_columns();
    WINDOW_SCALE = int32("tcp.window_size_scalefactor", "Window size scaling factor").generated()
        .label(window_scale_line).asks(Asks::Streams);
    CHECKSUM = uint16("tcp.checksum", "Checksum").hex().label(checksum_line);
    CHECKSUM_STATUS = uint8("tcp.checksum.status", "Checksum Status").name_only().generated()
        .values(checksum::STATUSES).in_columns();
    CHECKSUM_CALCULATED = uint16("tcp.checksum_calculated", "Calculated Checksum").hex().generated();
    CHECKSUM_BAD = expert("tcp.checksum_bad.expert", "Bad checksum", Severity::Error, Group::Checksum)
        .label(checksum_bad_message);
    CHECKSUM_FFFF = expert("tcp.checksum.ffff", "TCP Checksum 0xffff instead of 0x0000 (see RFC 1624)",
        Severity::Warning, Group::Checksum).in_columns();
    URGENT = uint16("tcp.urgent_pointer", "Urgent Pointer").in_columns();
    URGENT_NON_ZERO = expert("tcp.urgent_pointer.non_zero",
        "The urgent pointer field is nonzero while the URG flag is not set", Severity::Note, Group::Protocol);
    TIMESTAMPS = heading("Timestamps").generated();
    TIME_RELATIVE = relative_time("tcp.time_relative", "Time since first frame in this TCP stream").generated()
        .asks(Asks::Streams);
    TIME_DELTA = relative_time("tcp.time_delta", "Time since previous frame in this TCP stream").generated()
        .asks(Asks::Streams);
    PAYLOAD = bytes("tcp.payload", "TCP payload").label(payload_line).in_columns();
    RESET_CAUSE = text("tcp.reset_cause", "Reset cause");
    PROC_SRC_UID = uint32("tcp.proc.srcuid", "Source process user ID");
    PROC_SRC_PID = uint32("tcp.proc.srcpid", "Source process ID");
    PROC_SRC_UNAME = text("tcp.proc.srcuname", "Source process user name");
    PROC_SRC_CMD = text("tcp.proc.srccmd", "Source process name");
    PROC_DST_UID = uint32("tcp.proc.dstuid", "Destination process user ID");
    PROC_DST_PID = uint32("tcp.proc.dstpid", "Destination process ID");
    PROC_DST_UNAME = text("tcp.proc.dstuname", "Destination process user name");
    PROC_DST_CMD = text("tcp.proc.dstcmd", "Destination process name");
}

/// All fields: those of the header and those of its options.
static ALL_FIELDS: &[&Field] = &concat();

pub static RELATIVE_NUMBERS: Preference = Preference::new(
    "tcp.relative_sequence_numbers",
    true,
    "Show sequence numbers relative to the first of the connection",
);
pub static CHECK_CHECKSUM: Preference = Preference::new("tcp.check_checksum", false, "Validate the TCP checksum");
pub static CALCULATE_TIMESTAMPS: Preference = Preference::new(
    "tcp.calculate_timestamps",
    true,
    "Show the time since the first and the previous frame of the connection",
);

pub static DESEGMENT: Preference =
    Preference::new("tcp.desegment_tcp_streams", true, "Put messages together that span several segments");
pub static REASSEMBLE_OUT_OF_ORDER: Preference = Preference::new(
    "tcp.reassemble_out_of_order",
    false,
    "Put segments in order before messages are looked for: what follows on a lost segment waits for it",
);
pub static NO_SUBDISSECTOR_ON_ERROR: Preference = Preference::new(
    "tcp.no_subdissector_on_error",
    true,
    "Leave the data of segments that were sent before, or come out of order, to nobody",
);

pub static PROTOCOL: Protocol = Protocol {
    fields: ALL_FIELDS,
    claims: &[(Table::IpProto, 6)],
    preferences: &[
        &analysis::ANALYZE,
        &RELATIVE_NUMBERS,
        &analysis::TRACK_BYTES_IN_FLIGHT,
        &analysis::FAST_SUPERSEDES_OUT_OF_ORDER,
        &CHECK_CHECKSUM,
        &CALCULATE_TIMESTAMPS,
        &DESEGMENT,
        &REASSEMBLE_OUT_OF_ORDER,
        &NO_SUBDISSECTOR_ON_ERROR,
    ],
    brief: true,
    dissect,
    plain: Some(plain),
    preface: Some(analysis::preface),
    afterword: Some(messages::afterword),
    stays: Some(messages::stays),
    summary: Some(summary),
    stages: &[
        &[&SRCPORT, &DSTPORT, &PORT],
        &[
            &LEN,
            &SEQ_RAW,
            &ACK_RAW,
            &HDR_LEN,
            &FLAGS,
            &FLAG_RES,
            &FLAG_AE,
            &FLAG_CWR,
            &FLAG_ECE,
            &FLAG_ACE,
            &FLAG_URG,
            &FLAG_ACK,
            &FLAG_PUSH,
            &FLAG_RESET,
            &FLAG_SYN,
            &FLAG_FIN,
            &FLAGS_STR,
        ],
        &[&WINDOW, &CHECKSUM, &URGENT, &PROTOCOL.field],
        options::FIELDS,
        &[&STREAM, &COMPLETENESS, &TIMESTAMPS, &TIME_RELATIVE, &TIME_DELTA],
        analysis::FIELDS,
    ],
    family: crate::dissect::Family::Stream,
    ..Protocol::new("tcp", "TCP", "Transmission Control Protocol").line(line)
};

/// The stages of the header, as they are counted.
const PORTS: u8 = 1;
const NUMBERS_AND_FLAGS: u8 = 2;
const WINDOW_AND_CHECKSUM: u8 = 3;
const OPTIONS: u8 = 4;
/// What is known of the segment besides.
const KNOWN: u8 = 5;

/// What the parts of a dissection share.
#[derive(Default)]
struct Segment {
    header: SegmentHeader,
    note: TcpNote,
    source_port: u16,
    destination_port: u16,
    conversation: Conversation,
    header_len: usize,
    /// All of the header was on the wire.
    is_whole: bool,
    /// All of it was captured, and its options are such as cannot end too soon.
    is_plain: bool,
    /// Numbers are shown relative to the first of the connection.
    is_relative: bool,
}

fn dissect(l: &mut Layer) -> Outcome {
    l.peek(4)?;
    let source_port = l.u16(&SRCPORT)?;
    let destination_port = l.u16(&DSTPORT)?;
    l.generated_at(&PORT, source_port, 0, 2);
    l.generated_at(&PORT, destination_port, 2, 2);
    if l.suffices(PORTS) {
        return Ok(Next::End);
    }
    // An error message may quote no more than this.
    if l.is_quoted() {
        let sequence = l.peek_u32()?;
        l.part(&SEQ_AS_IT_IS, sequence, 4);
    }
    let behind_ports = l.peek(12)?.try_into().unwrap_or_default();
    let segment = ask(l, source_port, destination_port, behind_ports);
    if segment.is_plain && !l.is_recorded() {
        // There is nothing in the header at which reading could stop, and nobody reads it.
        l.skip(segment.header_len.saturating_sub(l.offset()))?;
    } else if !header(l, &segment)? {
        return Ok(Next::End);
    }
    let payload = l.remaining().len();
    if payload == 0 {
        // The end of the stream may be the end of a message.
        let is_end = segment.is_whole && l.wire_remaining() == 0 && segment.header.has(flags::FIN);
        return Ok(if is_end { messages::deliver(l, &segment, Again::No) } else { Next::End });
    }
    if segment.header.has(flags::RST) {
        l.rest(&RESET_CAUSE);
        return Ok(Next::End);
    }
    l.part(&PAYLOAD, l.wire_remaining() as u64, payload);
    if !segment.is_whole {
        return Ok(Next::Ports(Table::TcpPort, source_port, destination_port));
    }
    let is_captured = l.remaining().len() == l.wire_remaining();
    let again = analysis::again(l.preferences(), &segment.note.analysis, is_captured);
    Ok(messages::deliver(l, &segment, again))
}

/// The same of a segment that was captured whole and of whose options nothing is unusual.
fn plain(p: &mut Plain) -> Option<Next> {
    let bytes = p.bytes();
    let &[s0, s1, d0, d1, ref rest @ ..] = bytes.first_chunk::<MIN_HEADER_LEN>()?;
    if !p.is_read_whole() || p.is_recorded() && p.prefers(&CHECK_CHECKSUM) {
        return None;
    }
    let (source, destination) = p.addresses();
    let (source_port, destination_port) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    let conversation = Conversation { source, destination, source_port, destination_port };
    let preferences = p.preferences();
    let &behind_ports = rest.first_chunk()?;
    let mut segment = Segment::read(conversation, behind_ports, bytes, Some(bytes.len()), preferences);
    if !segment.is_plain {
        return None;
    }
    segment.learn(p.memory(), preferences);
    p.measures(segment.header_len, bytes.len());
    if p.is_recorded() {
        plain_columns(p, &segment);
    }
    let data = bytes.get(segment.header_len..).unwrap_or_default();
    if data.is_empty() && !segment.header.has(flags::FIN) {
        return Some(Next::End);
    }
    if !data.is_empty() && segment.header.has(flags::RST) {
        p.with_layer(segment.header_len, |l| _ = l.rest(&RESET_CAUSE));
        return Some(Next::End);
    }
    if !data.is_empty() {
        p.column(&PAYLOAD, data.len() as u64, segment.header_len, data.len());
    }
    if !p.wants_messages() {
        return Some(Next::End);
    }
    p.deliver(&messages::of(&segment, data, p.registry(), preferences));
    if p.is_recorded() && p.delivered().iter().any(messages::has_row) {
        p.with_layer(segment.header_len, messages::show_delivered);
    }
    Some(Next::Messages)
}

/// Records what columns are made of.
fn plain_columns(p: &mut Plain, segment: &Segment) {
    let Segment { header, header_len, note, .. } = segment;
    p.columns([(&SRCPORT, segment.source_port.into(), 0, 0, 2), (&DSTPORT, segment.destination_port.into(), 0, 2, 2)]);
    p.columns(column_rows(segment, p.bytes()).map(|(field, value, start, len)| (field, value, 0, start, len)));
    let options = p.bytes().get(MIN_HEADER_LEN..*header_len).unwrap_or_default();
    if !options.is_empty() && !options::plain_columns(p, options) {
        p.with_layer(MIN_HEADER_LEN, |l| _ = options::dissect(l, header_len - MIN_HEADER_LEN, segment));
    }
    let is_usual = note.analysis.verdicts & verdict::FLAGS == 0 && note.analysis.duplicate.is_none();
    if !(p.is_brief() && is_usual) {
        p.with_layer(*header_len, |l| {
            if header.has(flags::ACK) {
                analysis::fast_open(l, &note.analysis);
            }
            analysis::show(l, &note.analysis);
        });
    }
}

/// What columns are made of in the fixed part of a header, and where it stands.
#[inline]
fn column_rows(segment: &Segment, bytes: &[u8]) -> [(&'static Field, u64, usize, usize); 7] {
    let Segment { header, note, .. } = segment;
    let sequence = if segment.is_relative { &SEQ } else { &SEQ_AS_IT_IS };
    let (acknowledgment, base) = match header.has(flags::ACK) {
        true if segment.is_relative => (&ACK, note.acknowledgment_base),
        true => (&ACK_AS_IT_IS, note.acknowledgment_base),
        false => (&ACK_AS_IT_IS, 0),
    };
    let urgent = bytes.get(18..20).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_be_bytes);
    [
        (&LEN, header.payload.into(), 0, 0),
        (sequence, header.sequence.wrapping_sub(note.sequence_base).into(), 4, 4),
        (acknowledgment, header.acknowledgment.wrapping_sub(base).into(), 8, 4),
        (&FLAGS, header.flags.into(), 12, 2),
        (&WINDOW_SIZE, scaled_window(segment).0, 14, 2),
        (&CHECKSUM_STATUS, checksum::UNVERIFIED, 16, 0),
        (&URGENT, urgent.into(), 18, 2),
    ]
}

/// Shows the header, and says whether what follows it is read.
fn header(l: &mut Layer, segment: &Segment) -> Result<bool, Stop> {
    if l.is_brief() && segment.is_plain && !l.prefers(&CHECK_CHECKSUM) {
        brief_header(l, segment)?;
        return behind_options(l, segment);
    }
    if segment.is_plain && l.records_from(KNOWN) {
        l.generated_at(&STREAM, segment.note.stream, 0, 0);
        l.generated_at(&COMPLETENESS, segment.note.completeness, 0, 0);
        if segment.header.has(flags::ACK) {
            analysis::fast_open(l, &segment.note.analysis);
        }
        times(l, &segment.note);
        return behind_options(l, segment);
    }
    if l.begins_at(WINDOW_AND_CHECKSUM) && segment.is_plain {
        // Sequence numbers and flags are read by nobody.
        l.skip(10)?;
    } else {
        l.generated_at(&STREAM, segment.note.stream, 0, 0);
        l.generated_at(&COMPLETENESS, segment.note.completeness, 0, 0);
        if segment.is_whole {
            l.generated_at(&LEN, segment.header.payload, 0, 0);
        } else if !l.is_quoted() && !l.is_fragment() {
            l.generated_at(&SHORT_SEGMENT_LINE, 0u64, 0, 0);
            l.expert(&SHORT_SEGMENT);
        }
        numbers(l, segment)?;
        if segment.header_len < MIN_HEADER_LEN {
            bogus_header(l, segment);
            return Ok(false);
        }
        header_flags(l, segment);
        if l.suffices(NUMBERS_AND_FLAGS) {
            return Ok(false);
        }
        l.skip(2)?;
    }
    if l.begins_at(OPTIONS) && segment.is_plain {
        l.skip(6)?;
    } else {
        window(l, segment)?;
        header_checksum(l, segment)?;
        let urgent = l.u16(&URGENT)?;
        if urgent != 0 && !segment.header.has(flags::URG) {
            l.expert(&URGENT_NON_ZERO);
        }
    }
    if l.suffices(WINDOW_AND_CHECKSUM) && segment.is_plain {
        l.skip(segment.header_len.saturating_sub(l.offset()))?;
        return Ok(false);
    }
    let rest = match segment.header_len - MIN_HEADER_LEN {
        0 => Ok(()),
        len => options::dissect(l, len, segment),
    };
    if l.suffices(OPTIONS) && segment.is_plain {
        return Ok(false);
    }
    times(l, &segment.note);
    rest?;
    behind_options(l, segment)
}

/// Shows what the segment is beside others, and goes to the end of the header.
fn behind_options(l: &mut Layer, segment: &Segment) -> Result<bool, Stop> {
    analysis::show(l, &segment.note.analysis);
    l.skip(segment.header_len.saturating_sub(l.offset()))?;
    Ok(true)
}

/// Records of a header that is all there what columns are made of.
fn brief_header(l: &mut Layer, segment: &Segment) -> Result<(), Stop> {
    l.columns(column_rows(segment, l.all()));
    l.skip(16)?;
    match segment.header_len - MIN_HEADER_LEN {
        0 => Ok(()),
        len => options::dissect(l, len, segment),
    }
}

/// Looks at the header, which goes on with these bytes behind the ports, and asks what is known of the connection.
fn ask(l: &mut Layer, source_port: u16, destination_port: u16, behind_ports: [u8; 12]) -> Segment {
    let is_alone = !l.is_quoted() && !l.is_fragment();
    let conversation = Conversation { source: l.source(), destination: l.destination(), source_port, destination_port };
    let preferences = l.preferences();
    let mut segment = Segment::read(conversation, behind_ports, l.all(), is_alone.then_some(l.wire_len()), preferences);
    segment.learn(l.memory(), preferences);
    segment
}

impl Segment {
    /// Looks at a header, of which the ports are known and how it goes on behind them. `all` is what was captured of the segment;
    /// how long it is on the wire is not said of one that does not stand for itself.
    #[inline]
    fn read(
        conversation: Conversation,
        behind_ports: [u8; 12],
        all: &[u8],
        wire_len: Option<usize>,
        preferences: &Preferences,
    ) -> Segment {
        let mut segment = Segment::default();
        segment.look(conversation, behind_ports, all, wire_len, preferences);
        segment
    }

    /// The same, in the place of another segment, whose note stays until that of this one is asked for.
    #[inline]
    fn look(
        &mut self,
        conversation: Conversation,
        behind_ports: [u8; 12],
        all: &[u8],
        wire_len: Option<usize>,
        preferences: &Preferences,
    ) {
        let [s0, s1, s2, s3, a0, a1, a2, a3, f0, f1, w0, w1] = behind_ports;
        let header_len = usize::from(f0 >> 4) * 4;
        let payload = wire_len.and_then(|len| len.checked_sub(header_len));
        let option_bytes = all.get(MIN_HEADER_LEN..).unwrap_or_default();
        let option_bytes = &option_bytes[..option_bytes.len().min(header_len.saturating_sub(MIN_HEADER_LEN))];
        let found = options::look(option_bytes);
        self.header = SegmentHeader {
            sequence: u32::from_be_bytes([s0, s1, s2, s3]),
            acknowledgment: u32::from_be_bytes([a0, a1, a2, a3]),
            flags: u16::from_be_bytes([f0, f1]) & 0xfff,
            window: u16::from_be_bytes([w0, w1]),
            payload: payload.map_or(0, |len| u32::try_from(len).unwrap_or(u32::MAX)),
            window_scale: found.window_shift,
            lacks_options: all.len() < header_len,
            sacked: found.sacked,
            has_cookie: found.has_cookie,
            multipath: found.multipath,
            doubts_fast: !preferences.get(&analysis::FAST_SUPERSEDES_OUT_OF_ORDER),
            is_relative: payload.is_some(),
        };
        (self.source_port, self.destination_port) = (conversation.source_port, conversation.destination_port);
        self.conversation = conversation;
        self.header_len = header_len;
        self.is_whole = payload.is_some();
        self.is_plain = found.is_plain && self.is_whole && (MIN_HEADER_LEN..=all.len()).contains(&header_len);
        self.is_relative = preferences.get(&analysis::ANALYZE) && preferences.get(&RELATIVE_NUMBERS);
    }

    /// Asks what is known of the connection.
    #[inline]
    fn learn(&mut self, memory: &mut dyn Memory, preferences: &Preferences) {
        self.note = memory.segment(&self.conversation, &self.header);
        if !preferences.get(&analysis::ANALYZE) {
            self.note.analysis = Analysis::default();
        }
        if !self.is_relative {
            (self.note.sequence_base, self.note.acknowledgment_base) = (0, 0);
        }
    }
}

/// Reads the sequence and the acknowledgment number.
fn numbers(l: &mut Layer, segment: &Segment) -> Result<(), Stop> {
    let Segment { header, note, .. } = segment;
    let relative = |relative, as_it_is| if segment.is_relative { relative } else { as_it_is };
    // Shown only beside a number that is relative.
    let raw = |l: &mut Layer, field| if segment.is_relative { l.u32(field).map(drop) } else { l.skip(4).map(drop) };
    let sequence = header.sequence.wrapping_sub(note.sequence_base);
    if l.is_quoted() {
        l.skip(4)?;
    } else {
        l.part(relative(&SEQ, &SEQ_AS_IT_IS), sequence, 4);
        raw(l, &SEQ_RAW)?;
    }
    if segment.header_len < MIN_HEADER_LEN {
        return Ok(());
    }
    if segment.is_whole {
        let control = u32::from(header.has(flags::SYN | flags::FIN));
        let next = sequence.wrapping_add(header.payload).wrapping_add(control);
        l.generated_at(relative(&NXTSEQ, &NXTSEQ_AS_IT_IS), next, 0, 0);
    }
    if header.has(flags::ACK) {
        let acknowledgment = header.acknowledgment.wrapping_sub(note.acknowledgment_base);
        l.part(relative(&ACK, &ACK_AS_IT_IS), acknowledgment, 4);
        analysis::fast_open(l, &note.analysis);
    } else {
        l.part(&ACK_AS_IT_IS, header.acknowledgment, 4);
        if header.acknowledgment != 0 {
            l.expert(&ACK_NONZERO);
        }
    }
    if header.has(flags::ACK) {
        raw(l, &ACK_RAW)?;
    } else {
        l.u32(&ACK_RAW)?;
    }
    l.part(&HDR_LEN, segment.header_len as u64, 1);
    Ok(())
}

/// Shows a header length that leaves no room for the header; what else it says goes to the Info column only.
fn bogus_header(l: &mut Layer, segment: &Segment) {
    let Segment { header, note, header_len, .. } = segment;
    l.generated_at(&HDR_LEN, *header_len as u64, 12, 1);
    l.expert_with(&BOGUS_HEADER, *header_len as u64);
    l.generated_at(&BOGUS_ACK, header.acknowledgment.wrapping_sub(note.acknowledgment_base), 8, 4);
}

fn header_flags(l: &mut Layer, segment: &Segment) {
    let set = segment.header.flags;
    l.part(&FLAGS, set, 2);
    if l.is_brief() {
        return;
    }
    l.below(|l| {
        let flag = |l: &mut Layer, field: &'static Field, at| {
            let bits = field.extract(set.into());
            l.generated_at(field, bits, at, 1);
            bits != 0
        };
        flag(l, &FLAG_RES, 12);
        flag(l, &FLAG_AE, 12);
        flag(l, &FLAG_CWR, 13);
        flag(l, &FLAG_ECE, 13);
        flag(l, &FLAG_URG, 13);
        let is_ack = flag(l, &FLAG_ACK, 13);
        flag(l, &FLAG_PUSH, 13);
        if flag(l, &FLAG_RESET, 13) {
            l.expert(&CONNECTION_RST);
        }
        if flag(l, &FLAG_SYN, 13) {
            match is_ack {
                false => l.expert_with(&CONNECTION_SYN, segment.destination_port),
                true => l.expert_with(&CONNECTION_SYNACK, segment.source_port),
            }
        }
        let is_fin = flag(l, &FLAG_FIN, 13);
        if is_fin {
            l.expert(&CONNECTION_FIN);
        }
        let (letters, len) = flag_letters(set);
        l.detached(&FLAGS_STR, letters.get(..len).unwrap_or_default(), 2);
        if is_fin {
            l.expert(if segment.note.is_closing_first { &FIN_ACTIVE } else { &FIN_PASSIVE });
        }
    });
}

/// Writes a letter for each of the twelve flags that is set, and a middle dot for each that is not.
fn flag_letters(set: u16) -> ([u8; 25], usize) {
    let [dot_first, dot_second] = *b"\xc2\xb7";
    let mut letters = [0; 25];
    let mut len = 0;
    for (place, letter) in b"RRRACEUAPRSF".iter().enumerate() {
        let is_set = set >> (11 - place) & 1 != 0;
        letters[len] = if is_set { *letter } else { dot_first };
        letters[len + 1] = dot_second;
        len += if is_set { 1 } else { 2 };
    }
    (letters, len)
}

fn window(l: &mut Layer, segment: &Segment) -> Result<(), Stop> {
    l.u16(&WINDOW)?;
    let (size, factor) = scaled_window(segment);
    l.generated_at(&WINDOW_SIZE, size, 14, 2);
    if let Some(factor) = factor {
        l.generated_at(&WINDOW_SCALE, factor as u64, 14, 2);
    }
    Ok(())
}

/// The size of the window in bytes, and the factor that makes it: -1 where it is not known, -2 where none is used; none where there
/// cannot be any.
fn scaled_window(segment: &Segment) -> (u64, Option<i64>) {
    let window = u64::from(segment.header.window);
    // "The window field in a segment where the SYN bit is set … MUST NOT be scaled." (RFC 7323, section 2.2)
    if segment.header.has(flags::SYN) {
        return (window, None);
    }
    let (shift, factor) = match segment.note.window_scale {
        WindowScale::Unknown => (0, -1),
        WindowScale::Unused => (0, -2),
        WindowScale::Shift(shift) => (shift, 1i64 << shift.min(options::MAX_WINDOW_SHIFT)),
    };
    (window << shift.min(options::MAX_WINDOW_SHIFT), Some(factor))
}

fn header_checksum(l: &mut Layer, segment: &Segment) -> Result<(), Stop> {
    let stored = l.u16(&CHECKSUM)?;
    let len = l.wire_len();
    let sum = if segment.is_whole && l.prefers(&CHECK_CHECKSUM) {
        checksum::verify(l, 6, len, len, 16)
    } else {
        Sum::Unverified
    };
    let calculated = |l: &mut Layer, sum: u16| l.generated_at(&CHECKSUM_CALCULATED, sum, 16, 2);
    let status = |l: &mut Layer, status: u64| l.generated_at(&CHECKSUM_STATUS, status, 16, 0);
    match sum {
        // The two forms of zero: RFC 1624 says why this one is not what a sender computes.
        Sum::Good(0xffff) if stored == 0xffff => l.below(|l| {
            calculated(l, 0);
            status(l, checksum::BAD);
            l.expert(&CHECKSUM_FFFF);
        }),
        Sum::Good(sum) => {
            status(l, checksum::GOOD);
            calculated(l, sum);
        }
        Sum::Bad(sum) => {
            l.expert_with(&CHECKSUM_BAD, sum);
            status(l, checksum::BAD);
            calculated(l, sum);
        }
        _ => status(l, checksum::UNVERIFIED),
    }
    Ok(())
}

fn times(l: &mut Layer, note: &TcpNote) {
    let (Some(now), Some(first), Some(previous)) = (l.frame().time, note.first, note.previous) else { return };
    let is_wanted = [&TIMESTAMPS, &TIME_RELATIVE, &TIME_DELTA].iter().any(|field| l.records(field));
    if !is_wanted || !l.prefers(&CALCULATE_TIMESTAMPS) {
        return;
    }
    l.generated_at(&TIMESTAMPS, 0u64, 0, 0);
    l.below(|l| {
        for (field, earlier) in [(&TIME_RELATIVE, first), (&TIME_DELTA, previous)] {
            let span = now.since(earlier);
            l.generated_time(field, span.seconds(), span.nanos());
        }
    });
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    let (Some(source), Some(destination)) = (layer.number(&SRCPORT), layer.number(&DSTPORT)) else { return };
    text.str(", Src Port: ").dec(source).str(", Dst Port: ").dec(destination);
    // A quoted segment of which only the ports and the sequence number are there says no more.
    if layer.find(&STREAM).is_none() {
        return;
    }
    if let Some(sequence) = layer.number(&SEQ).or_else(|| layer.number(&SEQ_AS_IT_IS)) {
        text.str(", Seq: ").dec(sequence);
    }
    if layer.number(&FLAGS).is_none_or(|set| set & u64::from(flags::ACK) == 0) {
        // Without the flag, the number says nothing.
    } else if let Some(acknowledgment) = layer.number(&ACK).or_else(|| layer.number(&ACK_AS_IT_IS)) {
        text.str(", Ack: ").dec(acknowledgment);
    }
    if let (Some(len), None) = (layer.number(&LEN), layer.find(&BOGUS_HEADER)) {
        text.str(", Len: ").dec(len);
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let info = &mut *summary.info;
    let start = info.len();
    // The fields were recorded in this order, so that each is looked for only behind the one before.
    let mut entries = layer.entries().iter();
    let mut next = |fields: [&'static Field; 2]| {
        entries.find(|entry| entry.field.is(fields[0]) || entry.field.is(fields[1])).map(Entry::number)
    };
    let (Some(source), Some(destination)) = (next([&SRCPORT; 2]), next([&DSTPORT; 2])) else { return };
    info.dec(source).str(" → ").dec(destination);
    let len = layer.number(&LEN);
    let Some(sequence) = next([&SEQ, &SEQ_AS_IT_IS]) else { return };
    let Some(acknowledgment) = next([&ACK, &ACK_AS_IT_IS]) else {
        bogus_summary(layer, sequence, info);
        return;
    };
    let Some(set) = next([&FLAGS; 2]) else { return };
    let Some(window) = next([&WINDOW_SIZE; 2]) else { return };
    write_state(set, sequence, acknowledgment, window, info);
    if let Some(status) = next([&CHECKSUM_STATUS; 2])
        && status == checksum::BAD
    {
        let is_ffff = layer.find(&CHECKSUM_FFFF).is_some();
        info.str(if is_ffff { " [TCP CHECKSUM 0xFFFF]" } else { " [TCP CHECKSUM INCORRECT]" });
    }
    let Some(urgent) = next([&URGENT; 2]) else { return };
    if set & u64::from(flags::URG) != 0 {
        info.str(" Urg=").dec(urgent);
    }
    if let Some(len) = len {
        info.str(" Len=").dec(len);
    }
    options::summary(layer, entries.as_slice(), start, summary);
    if len.is_some_and(|len| len > 0) {
        messages::summary(layer, start, summary.info);
    }
}

fn bogus_summary(layer: &LayerView, sequence: u64, info: &mut Text) {
    let (Some(acknowledgment), Some(header_len)) = (layer.number(&BOGUS_ACK), layer.find(&BOGUS_HEADER)) else {
        return;
    };
    let Some(&[f0, f1, w0, w1]) = layer.bytes().get(12..16) else { return };
    let set = u64::from(u16::from_be_bytes([f0, f1]) & 0xfff);
    write_state(set, sequence, acknowledgment, u16::from_be_bytes([w0, w1]).into(), info);
    info.str(", bogus TCP header length (").dec(header_len.number()).str(", must be at least 20)");
}

fn write_state(set: u64, sequence: u64, acknowledgment: u64, window: u64, info: &mut Text) {
    info.str(" [");
    write_flags(set, info);
    info.str("] Seq=").dec(sequence);
    if set & u64::from(flags::ACK) != 0 {
        info.str(" Ack=").dec(acknowledgment);
    }
    info.str(" Win=").dec(window);
}

/// Writes the names of the flags that are set.
pub fn write_flags(set: u64, text: &mut Text) {
    let start = text.len();
    for &(bits, name) in FLAG_NAMES {
        if set & u64::from(bits) != 0 {
            if text.len() > start {
                text.str(", ");
            }
            text.str(name);
        }
    }
    if text.len() == start {
        text.str("<None>");
    }
}

fn relative_sequence_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").dec(entry.number()).str("    (relative sequence number)");
}

fn relative_acknowledgment_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").dec(entry.number()).str("    (relative ack number)");
}

fn header_length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let len = entry.number();
    for bit in (2..6).rev() {
        text.byte(if len >> bit & 1 != 0 { b'1' } else { b'0' });
    }
    text.str(" .... = Header Length: ").dec(len).str(" bytes (").dec(len / 4).byte(b')');
}

fn bogus_header_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bogus TCP header length (").dec(entry.number()).str(", must be at least 20)");
}

fn flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Flags: ").hex(entry.number(), 3).str(" (");
    write_flags(entry.number(), text);
    text.byte(b')');
}

fn server_port_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": server port ").dec(entry.number());
}

fn window_scale_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let factor = entry.number() as i64;
    text.str("Window size scaling factor: ").signed(factor);
    match factor {
        -1 => _ = text.str(" (unknown)"),
        -2 => _ = text.str(" (no window scaling used)"),
        _ => {}
    }
}

fn completeness_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    use completeness::{ACK, DATA, FIN, RST, SYN, SYN_ACK};
    const SENT: u8 = SYN;
    const CLIENT_ESTABLISHED: u8 = SYN | SYN_ACK;
    const ESTABLISHED: u8 = SYN | SYN_ACK | ACK;
    const ESTABLISHED_DATA: u8 = ESTABLISHED | DATA;
    let seen = entry.number() as u8;
    text.str("Conversation completeness: ").str(match seen {
        SENT => "Incomplete, SYN_SENT",
        CLIENT_ESTABLISHED => "Incomplete, CLIENT_ESTABLISHED",
        ESTABLISHED => "Incomplete, ESTABLISHED",
        ESTABLISHED_DATA => "Incomplete, DATA",
        _ if seen & ESTABLISHED != ESTABLISHED || seen & (FIN | RST) == 0 => "Incomplete",
        _ if seen & DATA == 0 => "Complete, NO_DATA",
        _ => "Complete, WITH_DATA",
    });
    text.str(" (").dec(seen).byte(b')');
}

fn checksum_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Checksum: ").hex(entry.number(), 4);
    match layer.number(&CHECKSUM_STATUS) {
        Some(checksum::BAD) if layer.find(&CHECKSUM_FFFF).is_some() => text.str(" [should be 0x0000 (see RFC 1624)]"),
        Some(checksum::BAD) => {
            text.str(" incorrect, should be ").hex(layer.number(&CHECKSUM_CALCULATED).unwrap_or(0), 4);
            text.str("(maybe caused by \"TCP checksum offload\"?)")
        }
        Some(checksum::GOOD) => text.str(" [correct]"),
        _ => text.str(" [unverified]"),
    };
}

fn checksum_bad_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad checksum [should be ").hex(entry.number(), 4).byte(b']');
}

fn payload_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let len = entry.number();
    text.str("TCP payload (").dec(len).str(if len == 1 { " byte)" } else { " bytes)" });
}

const fn concat() -> [&'static Field; FIELDS_LEN] {
    let mut all: [&'static Field; _] = [&SRCPORT; FIELDS_LEN];
    let lists: [&[&'static Field]; 5] = [FIELDS, analysis::FIELDS, messages::FIELDS, options::FIELDS, mptcp::FIELDS];
    let (mut list, mut len) = (0, 0);
    while list < lists.len() {
        let mut place = 0;
        while place < lists[list].len() {
            all[len] = lists[list][place];
            place += 1;
            len += 1;
        }
        list += 1;
    }
    all
}

const FIELDS_LEN: usize =
    FIELDS.len() + analysis::FIELDS.len() + messages::FIELDS.len() + options::FIELDS.len() + mptcp::FIELDS.len();

/// Bytes of a header without options.
const MIN_HEADER_LEN: usize = 20;

static FLAG_NAMES: &[(u16, &str)] = &[
    (flags::FIN, "FIN"),
    (flags::SYN, "SYN"),
    (flags::RST, "RST"),
    (flags::PSH, "PSH"),
    (flags::ACK, "ACK"),
    (flags::URG, "URG"),
    (flags::ECE, "ECE"),
    (flags::CWR, "CWR"),
    (flags::AE, "AE"),
    (0xe00, "Reserved"),
];

#[cfg(test)]
pub(in crate::protocols) mod tests {
    use super::*;
    use crate::protocols::testing::{Dissected, Sample};
    use crate::streams::Streams;

    /// An IPv4 packet from 10.0.0.1 to 10.0.0.2, or back.
    pub fn ipv4(protocol: u8, payload: &[u8], back: bool) -> Sample {
        let len = (20 + payload.len()) as u16;
        let [high, low] = len.to_be_bytes();
        let (source, destination) = if back { (2, 1) } else { (1, 2) };
        let mut bytes = vec![0x45, 0, high, low, 0, 1, 0, 0, 64, protocol, 0, 0];
        bytes.extend([10, 0, 0, source, 10, 0, 0, destination]);
        bytes.extend(payload);
        Sample::ethernet(0x0800, &bytes)
    }

    /// A segment from port 1000 to port 2000, or back, with a window of 1000.
    pub fn segment(back: bool, flags: u16, sequence: u32, acknowledgment: u32, options: &[u8], data: &[u8]) -> Vec<u8> {
        let (source, destination) = if back { (2000u16, 1000u16) } else { (1000, 2000) };
        let offset = ((5 + options.len() / 4) as u16) << 12;
        let mut bytes = [source.to_be_bytes(), destination.to_be_bytes()].concat();
        bytes.extend(sequence.to_be_bytes());
        bytes.extend(acknowledgment.to_be_bytes());
        bytes.extend((offset | flags).to_be_bytes());
        bytes.extend([0x03, 0xe8, 0x12, 0x34, 0, 0]);
        bytes.extend(options);
        bytes.extend(data);
        bytes
    }

    fn dissected(flags: u16, sequence: u32, acknowledgment: u32, data: &[u8]) -> Dissected {
        ipv4(6, &segment(false, flags, sequence, acknowledgment, &[], data), false).dissect()
    }

    // 10.0.0.1.1000 > 10.0.0.2.2000: Flags [S], seq 100, win 1000, length 0
    #[test]
    fn a_request_for_a_connection() {
        let dissected = dissected(flags::SYN, 100, 0, &[]);
        dissected.shows(&[
            "Transmission Control Protocol, Src Port: 1000, Dst Port: 2000, Seq: 0, Len: 0",
            "Source Port: 1000",
            "Destination Port: 2000",
            "[Stream index: 0]",
            "[Conversation completeness: Incomplete (0)]",
            "[TCP Segment Len: 0]",
            "Sequence Number: 0    (relative sequence number)",
            "Sequence Number (raw): 100",
            "[Next Sequence Number: 1    (relative sequence number)]",
            "Acknowledgment Number: 0",
            "Acknowledgment number (raw): 0",
            "0101 .... = Header Length: 20 bytes (5)",
            "Flags: 0x002 (SYN)",
            "000. .... .... = Reserved: Not set",
            ".... .... ..1. = Syn: Set",
            "[Expert Info (Chat/Sequence): Connection establish request (SYN): server port 2000]",
            "[TCP Flags: \u{b7}\u{b7}\u{b7}\u{b7}\u{b7}\u{b7}\u{b7}\u{b7}\u{b7}\u{b7}S\u{b7}]",
            "Window: 1000",
            "[Calculated window size: 1000]",
            "Checksum: 0x1234 [unverified]",
            "[Checksum Status: Unverified]",
            "Urgent Pointer: 0",
            "[Timestamps]",
            "[Time since first frame in this TCP stream: 0.000000000 seconds]",
            "[Time since previous frame in this TCP stream: 0.000000000 seconds]",
        ]);
        dissected.lacks("scaling factor").lacks("TCP payload");
        assert_eq!((&*dissected.protocol, &*dissected.info), ("TCP", "1000 → 2000 [SYN] Seq=0 Win=1000 Len=0"));
    }

    #[test]
    fn data_of_a_known_connection() {
        let scale = |shift| [1, 3, 3, shift];
        let earlier = [
            ipv4(6, &segment(false, flags::SYN, 100, 0, &scale(7), &[]), false),
            ipv4(6, &segment(true, flags::SYN | flags::ACK, 500, 101, &scale(2), &[]), true),
        ];
        let data = ipv4(6, &segment(false, flags::PSH | flags::ACK, 101, 501, &[], b"hello"), false);
        let dissected = data.after(&earlier, &mut Streams::new());
        dissected.shows(&[
            "[Stream index: 0]",
            "[Conversation completeness: Incomplete, CLIENT_ESTABLISHED (3)]",
            "[Next Sequence Number: 6    (relative sequence number)]",
            "Acknowledgment Number: 1    (relative ack number)",
            "Acknowledgment number (raw): 501",
            "[Calculated window size: 128000]",
            "[Window size scaling factor: 128]",
            "[Time since first frame in this TCP stream: 0.002000000 seconds]",
            "[Time since previous frame in this TCP stream: 0.001000000 seconds]",
            "TCP payload (5 bytes)",
        ]);
        assert_eq!(dissected.info, "1000 → 2000 [PSH, ACK] Seq=1 Ack=1 Win=128000 Len=5");
    }

    #[test]
    fn numbers_as_they_are() {
        let bytes = segment(false, flags::ACK, 100, 7, &[], &[]);
        let dissected = ipv4(6, &bytes, false).prefer(&RELATIVE_NUMBERS, false).dissect();
        dissected.shows(&["Sequence Number: 100", "[Next Sequence Number: 100]", "Acknowledgment Number: 7"]);
        dissected.lacks("(raw)").lacks("relative");
        assert_eq!(dissected.info, "1000 → 2000 [ACK] Seq=100 Ack=7 Win=1000 Len=0");
    }

    #[test]
    fn flags() {
        let cases: &[(u16, &str, &str)] = &[
            (0, "<None>", "............"),
            (flags::RST | flags::ACK, "RST, ACK", ".......A.R.."),
            (0xfff, "FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE, Reserved", "RRRACEUAPRSF"),
            (flags::CWR | flags::ECE | flags::SYN, "SYN, ECE, CWR", "....CE....S."),
        ];
        for &(set, words, letters) in cases {
            let dissected = dissected(set, 1, 0, &[]);
            let letters = format!("[TCP Flags: {}]", letters.replace('.', "\u{b7}"));
            dissected.shows(&[&format!("Flags: 0x{set:03x} ({words})"), &letters]);
            assert!(dissected.info.contains(&format!(" [{words}] ")), "{}", dissected.info);
        }
    }

    #[test]
    fn experts() {
        dissected(flags::RST, 1, 9, &[]).shows(&[
            "[Expert Info (Note/Protocol): The acknowledgment number field is nonzero while the ACK flag is not set]",
            "[Expert Info (Warning/Sequence): Connection reset (RST)]",
        ]);
        dissected(flags::FIN | flags::ACK, 1, 9, &[]).shows(&[
            "[Expert Info (Chat/Sequence): Connection finish (FIN)]",
            "[Expert Info (Note/Sequence): This frame initiates the connection closing]",
        ]);
        let mut urgent = segment(false, flags::ACK, 1, 9, &[], &[]);
        urgent[19] = 7;
        ipv4(6, &urgent, false).dissect().shows(&[
            "Urgent Pointer: 7",
            "[Expert Info (Note/Protocol): The urgent pointer field is nonzero while the URG flag is not set]",
        ]);
        urgent[13] |= flags::URG as u8;
        assert_eq!(ipv4(6, &urgent, false).dissect().info, "1000 → 2000 [ACK, URG] Seq=1 Ack=1 Win=1000 Urg=7 Len=0");
    }

    #[test]
    fn a_reset_may_say_why() {
        let dissected = dissected(flags::RST, 1, 0, b"no\nlistener");
        dissected.shows(&["Reset cause: no\\nlistener"]).lacks("TCP payload");
    }

    #[test]
    fn header_lengths_that_lie() {
        let mut bytes = segment(false, flags::ACK, 900, 33, &[], &[]);
        bytes[12] = 0x40;
        let short = ipv4(6, &bytes, false).dissect();
        short.shows(&[
            "Transmission Control Protocol, Src Port: 1000, Dst Port: 2000, Seq: 1",
            "[TCP Segment Len: 4]",
            "Sequence Number (raw): 900",
            "0100 .... = Header Length: 16 bytes (4)",
            "[Expert Info (Error/Protocol): Bogus TCP header length (16, must be at least 20)]",
        ]);
        short.lacks("Acknowledgment").lacks("TCP Flags");
        assert_eq!(
            short.info,
            "1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000, bogus TCP header length (16, must be at least 20)"
        );
        bytes[12] = 0x80;
        let long = ipv4(6, &bytes, false).dissect();
        long.shows(&[
            "[Stream index: 0]",
            "Short segment. Segment/fragment does not contain a full TCP header (might be NMAP or someone else \
             deliberately sending unusual packets)",
            "Sequence Number: 900    (relative sequence number)",
            "Options: (12 bytes)",
            "[Malformed Packet: TCP]",
        ]);
        assert_eq!(long.info, "1000 → 2000 [ACK] Seq=900 Ack=33 Win=1000[Malformed Packet]");
    }

    #[test]
    fn cut_anywhere() {
        let bytes = segment(false, flags::ACK, 900, 33, &[2, 4, 5, 0xb4], b"abcd");
        let cases: &[(usize, &str)] = &[
            (3, ""),
            (4, "1000 → 2000"),
            (15, "1000 → 2000"),
            (16, "1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000"),
            (19, "1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000"),
            (21, "1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000 Len=4"),
            (23, "1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000 Len=4"),
        ];
        for &(len, info) in cases {
            let dissected = ipv4(6, &bytes, false).cut(34 + len).dissect();
            dissected.shows(&["[Packet size limited during capture: TCP truncated]"]);
            assert_eq!(dissected.info, format!("{info}[Packet size limited during capture]"), "{len} bytes");
        }
        let whole = ipv4(6, &bytes, false).cut(34 + 24).dissect();
        assert_eq!(whole.info, "1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000 Len=4 MSS=1460");
    }

    #[test]
    fn checksums() {
        let mut bytes = segment(false, flags::ACK, 100, 0, &[], b"abc");
        let check = |bytes: &[u8]| ipv4(6, bytes, false).prefer(&CHECK_CHECKSUM, true).dissect();
        let bad = check(&bytes);
        bad.shows(&[
            "Checksum: 0x1234 incorrect, should be 0xc768(maybe caused by \"TCP checksum offload\"?)",
            "[Expert Info (Error/Checksum): Bad checksum [should be 0xc768]]",
            "[Checksum Status: Bad]",
            "[Calculated Checksum: 0xc768]",
        ]);
        assert_eq!(bad.info, "1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000 [TCP CHECKSUM INCORRECT] Len=3");
        bytes[16..18].copy_from_slice(&[0xc7, 0x68]);
        check(&bytes).shows(&["Checksum: 0xc768 [correct]", "[Checksum Status: Good]"]);
        // With the checksum as data, the right one is zero, which may be written as 0xffff but should not.
        bytes[20..].copy_from_slice(&[0, 0, 0]);
        bytes.truncate(22);
        bytes[16..18].copy_from_slice(&[0, 0]);
        let expected = check(&bytes).tree;
        let sum = expected.split("should be 0x").nth(1).and_then(|rest| rest.get(..4)).expect("a bad checksum");
        let sum = u16::from_str_radix(sum, 16).unwrap();
        bytes[20..].copy_from_slice(&sum.to_be_bytes());
        bytes[16..18].copy_from_slice(&[0xff, 0xff]);
        check(&bytes).shows(&[
            "Checksum: 0xffff [should be 0x0000 (see RFC 1624)]",
            "[Calculated Checksum: 0x0000]",
            "[Expert Info (Warning/Checksum): TCP Checksum 0xffff instead of 0x0000 (see RFC 1624)]",
        ]);
    }
}
