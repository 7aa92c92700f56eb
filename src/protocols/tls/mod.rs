//! TLS: Transport Layer Security, and SSL before it. The record layer.
//!
//! RFC 8446 (1.3), RFC 5246 (1.2), RFC 6101 (SSL 3.0); records of SSL 2.0 are in [`ssl2`]. Handshake messages are in [`handshake`], what is
//! remembered of a connection is in [`session`]. Nothing is decrypted.
//!
//! ```text
//! +--------------+---------------+-------------+------------- … -+
//! | content type | version (2)   | length (2)  | fragment        |
//! +--------------+---------------+-------------+------------- … -+
//! ```
//!
//! While no version is known of a connection, a record begins where type and version are known ones; later the type is enough. What begins
//! with four printable characters is nobody's message: it goes to whoever recognises it.

mod certificate;
mod extensions;
mod handshake;
mod hello;
mod key_exchange;
mod names;
mod session;
mod ssl2;
mod vector;

use super::tcp;
use crate::dissect::{
    Entry, Field, Framing, Group, Kept, Layer, LayerView, Names, Next, Outcome, Protocol, Severity, Stop, Summary,
    Table, Value, fields,
};
use crate::text::Text;
use names::{ALERT_LEVELS, ALERTS, CONTENT_TYPES, HEARTBEATS};
use session::State;

fields! {
    RECORD = none("tls.record", "Record Layer").label(record_line);
    CONTENT_TYPE = uint8("tls.record.content_type", "Content Type").values(CONTENT_TYPES);
    OPAQUE_TYPE = uint8("tls.record.opaque_type", "Opaque Type").values(CONTENT_TYPES);
    VERSION = uint16("tls.record.version", "Version").hex().named(Names::Lookup(names::version));
    LENGTH = uint16("tls.record.length", "Length");
    LENGTH_INVALID = expert("tls.record.length.invalid", "Record fragment length is too small or too large",
        Severity::Error, Group::Protocol).label(length_message);
    UNEXPECTED = expert("tls.unexpected_message", "Record type is not allowed in TLS 1.3", Severity::Error,
        Group::Protocol);
    IGNORED = expert("tls.ignored_unknown_record", "Ignored Unknown Record", Severity::Warning, Group::Protocol);
    IGNORED_LINE = heading("Ignored Unknown Record");
    CONTINUATION = heading("Continuation Data").hidden();
    UNREAD = heading("").hidden();
    CHANGE = none("tls.change_cipher_spec", "Change Cipher Spec Message");
    RESUMED = expert("tls.resumed", "This session reuses previously negotiated keys (Session resumption)",
        Severity::Note, Group::Sequence);
    ALERT = none("tls.alert_message", "Alert Message").label(alert_line);
    ALERT_LEVEL = uint8("tls.alert_message.level", "Level").values(ALERT_LEVELS);
    ALERT_DESCRIPTION = uint8("tls.alert_message.desc", "Description").values(ALERTS);
    HEARTBEAT = none("tls.heartbeat_message", "Heartbeat Message").label(heartbeat_line);
    HEARTBEAT_TYPE = uint8("tls.heartbeat_message.type", "Type").values(HEARTBEATS);
    HEARTBEAT_LENGTH = uint16("tls.heartbeat_message.payload_length", "Payload Length").label(heartbeat_length_line);
    HEARTBEAT_LENGTH_INVALID = expert("tls.heartbeat_message.payload_length.invalid",
        "Invalid heartbeat payload length", Severity::Error, Group::Malformed).label(heartbeat_length_message);
    HEARTBEAT_PAYLOAD = bytes("tls.heartbeat_message.payload", "Payload Length").label(heartbeat_payload_line);
    HEARTBEAT_PADDING = bytes("tls.heartbeat_message.padding", "Payload Length").label(heartbeat_padding_line);
    APPLICATION = bytes("tls.app_data", "Encrypted Application Data");
    APPLICATION_PROTOCOL = text("tls.app_data_proto", "Application Data Protocol").generated();
}

/// All fields: those of the records and those of what they carry.
static ALL_FIELDS: &[&Field] = &concat();

pub static PROTOCOL: Protocol = Protocol {
    fields: ALL_FIELDS,
    claims: &[
        (Table::TcpPort, 324),
        (Table::TcpPort, 443),
        (Table::TcpPort, 465),
        (Table::TcpPort, 636),
        (Table::TcpPort, 802),
        (Table::TcpPort, 853),
        (Table::TcpPort, 993),
        (Table::TcpPort, 995),
        (Table::TcpPort, 1300),
        (Table::TcpPort, 2221),
        (Table::TcpPort, 2443),
        (Table::TcpPort, 3249),
        (Table::TcpPort, 3250),
        (Table::TcpPort, 3251),
        (Table::TcpPort, 3252),
        (Table::TcpPort, 3496),
        (Table::TcpPort, 5061),
        (Table::TcpPort, 5671),
        (Table::TcpPort, 5684),
        (Table::TcpPort, 5868),
        (Table::TcpPort, 8883),
        (Table::TcpPort, 11_207),
        (Table::TcpPort, 19_999),
        (Table::TcpPort, 27_017),
    ],
    dissect,
    summary: Some(summary),
    pdu_len: Some(|talk, bytes| framing(session::version(talk), bytes, talk.is_first)),
    remember: Some(session::remember),
    early: true,
    together: true,
    joins: true,
    probe: Some((Table::TcpPort, probe)),
    family: crate::dissect::Family::Secure,
    ..Protocol::new("tls", "TLS", "Transport Layer Security")
};

/// What stands at the beginning of bytes.
enum Header {
    Tls { kind: u8, version: u16, len: usize },
    Ssl2(ssl2::Header),
    Unknown,
}

impl Header {
    /// Reads a header, where `version` is in use, or 0 if none is known yet; `None` where the bytes are too few.
    fn of(version: u16, bytes: &[u8]) -> Option<Header> {
        let &[kind, v0, v1, l0, l1, ..] = bytes else { return None };
        let own = u16::from_be_bytes([v0, v1]);
        let is_known = CONTENT_TYPES.iter().any(|row| row.0 == u64::from(kind));
        Some(if version == names::SSL2 {
            Header::Ssl2(ssl2::Header::of(bytes)?)
        } else if is_known && (!names::is_strict(version) || names::is_record_version(own)) {
            Header::Tls { kind, version: own, len: usize::from(u16::from_be_bytes([l0, l1])) }
        } else if ssl2::looks_like_it(bytes) {
            Header::Ssl2(ssl2::Header::of(bytes)?)
        } else {
            Header::Unknown
        })
    }

    /// Bytes of the record with its header, where that says how many.
    fn record_len(&self) -> Option<usize> {
        match self {
            Header::Tls { len, .. } => Some(HEADER_LEN + len),
            Header::Ssl2(header) => Some(header.record_len()),
            Header::Unknown => None,
        }
    }
}

fn framing(version: u16, bytes: &[u8], is_first: bool) -> Framing {
    let Some(header) = Header::of(version, bytes) else { return Framing::More };
    let is_text = || bytes.iter().take(4).all(|byte| matches!(byte, b' '..=b'~'));
    if is_first && is_text() {
        return Framing::Another;
    }
    match header.record_len() {
        Some(len) => Framing::of(len, bytes.len()),
        // Nobody can say where the next record begins: what is there is passed over.
        None => Framing::Whole(bytes.len()),
    }
}

/// A handshake or data record of a version that is known, of a length that can be.
fn probe(payload: &[u8], _: [u16; 2]) -> bool {
    match Header::of(0, payload) {
        Some(Header::Tls { kind: HANDSHAKE | APPLICATION_DATA, len, .. }) => (1..MAX_LEN).contains(&len),
        _ => false,
    }
}

fn dissect(l: &mut Layer) -> Outcome {
    if !l.is_recorded() {
        return Ok(Next::End);
    }
    let mut state = State::of(l.told());
    let mut kept = Kept::of(l.kept());
    while l.wire_remaining() > 0 {
        match Header::of(state.version, l.remaining()) {
            // It goes on in segments that nothing was put together of.
            Some(Header::Tls { len, .. }) if HEADER_LEN + len > l.wire_remaining() => {
                l.generated(&UNREAD, state.version);
                return Ok(Next::End);
            }
            Some(Header::Tls { kind, version, len }) => record(l, &mut state, &mut kept, kind, version, len)?,
            Some(Header::Ssl2(header)) => ssl2::record(l, &mut state, header)?,
            Some(Header::Unknown) if names::is_strict(state.version) => {
                l.part(&CONTINUATION, state.version, l.remaining().len());
                l.skip(l.remaining().len())?;
                return Ok(Next::End);
            }
            Some(Header::Unknown) => {
                let len = l.wire_remaining();
                if !l.is_whole() {
                    l.generated(&UNREAD, state.version);
                }
                l.peek(len)?;
                l.part(&IGNORED_LINE, state.version, len);
                l.expert(&IGNORED);
                l.skip(len)?;
                return Ok(Next::End);
            }
            // The capture has cut a header.
            None => {
                l.generated(&UNREAD, state.version);
                l.peek(HEADER_LEN)?;
                return Ok(Next::End);
            }
        }
    }
    Ok(Next::End)
}

/// Reads a record.
fn record(l: &mut Layer, state: &mut State, kept: &mut Kept, kind: u8, version: u16, len: usize) -> Result<(), Stop> {
    let shown = if state.version == 0 { version } else { state.version };
    let mut line = Line { version: shown, column: state.shown, says: Says::Nothing, kind: 0 };
    let open = l.open_with(&RECORD, line, HEADER_LEN + len);
    let is_tls13 = names::is_tls13(state.version);
    l.u8(if is_tls13 && kind == APPLICATION_DATA { &OPAQUE_TYPE } else { &CONTENT_TYPE })?;
    let is_forbidden = match kind {
        HEARTBEAT_RECORD => is_tls13,
        CHANGE_CIPHER_SPEC => names::is_early_draft(state.version),
        _ => false,
    };
    if is_forbidden {
        l.expert(&UNEXPECTED);
    }
    l.u16(&VERSION)?;
    l.u16(&LENGTH)?;
    let most = if is_tls13 { MAX_LEN_TLS13 } else { MAX_LEN };
    if len == 0 && matches!(kind, CHANGE_CIPHER_SPEC | ALERT_RECORD | HANDSHAKE) {
        l.expert_with(&LENGTH_INVALID, kind);
    } else if len > most {
        l.expert_with(&LENGTH_INVALID, most as u64);
    }
    // An empty record is none where nothing follows it.
    let first = l.peek(1)?.first().copied().filter(|_| len > 0);
    let was_resuming = state.is_resuming;
    state.record(kind, version, first);
    line.column = state.shown;
    l.set(&open, line.into());
    l.peek(len)?;
    let end = l.offset() + len;
    let outer = l.narrow(len);
    if !is_forbidden {
        match kind {
            CHANGE_CIPHER_SPEC => {
                l.part(&CHANGE, 0u8, len);
                if was_resuming && state.is_server {
                    l.expert(&RESUMED);
                }
                line.says = Says::Change;
            }
            ALERT_RECORD => line.says = alert(l, len)?,
            HANDSHAKE => {
                handshake::messages(l, state, kept, &mut |l, says, kind, column| {
                    line = Line { says, kind, column, ..line };
                    l.set(&open, line.into());
                })?;
            }
            APPLICATION_DATA => {
                l.bytes(&APPLICATION, len)?;
                if let Some(words) = application(l, state) {
                    l.detached(&APPLICATION_PROTOCOL, words.as_bytes(), 0);
                }
                line.says = Says::Application;
            }
            HEARTBEAT_RECORD => (line.says, line.kind) = heartbeat(l, len)?,
            _ => {}
        }
        l.set(&open, line.into());
    }
    l.widen(outer);
    l.go_to(end)?;
    l.close(open);
    Ok(())
}

/// What is spoken inside: what was agreed, else what has the port.
fn application(l: &Layer, state: &State) -> Option<&'static str> {
    let by_port = || {
        let (_, header) = l.around().find(|(protocol, _)| std::ptr::eq(*protocol, &tcp::PROTOCOL))?;
        let &[s0, s1, d0, d1, ..] = header else { return None };
        let [source, destination] = [[s0, s1], [d0, d1]].map(u16::from_be_bytes);
        names::port_application(source).or_else(|| names::port_application(destination))
    };
    names::application(state.application).or_else(by_port)
}

fn alert(l: &mut Layer, len: usize) -> Result<Says, Stop> {
    if len != 2 {
        l.part(&ALERT, 1u8, len);
        return Ok(Says::EncryptedAlert);
    }
    let open = l.open(&ALERT, len);
    l.u8(&ALERT_LEVEL)?;
    l.u8(&ALERT_DESCRIPTION)?;
    l.close(open);
    Ok(Says::Alert)
}

fn heartbeat(l: &mut Layer, len: usize) -> Result<(Says, u8), Stop> {
    let kind = l.remaining().first().copied().unwrap_or_default();
    if !HEARTBEATS.iter().any(|row| row.0 == u64::from(kind)) {
        l.part(&HEARTBEAT, 1u8, len);
        return Ok((Says::EncryptedHeartbeat, 0));
    }
    let open = l.open(&HEARTBEAT, len);
    l.u8(&HEARTBEAT_TYPE)?;
    let payload = usize::from(l.peek_u16()?);
    let left = len.saturating_sub(3);
    // "The padding_length MUST be at least 16." (RFC 6520, section 4)
    let is_valid = payload + 16 <= left;
    let used = if is_valid { payload } else { left };
    l.u16(&HEARTBEAT_LENGTH)?;
    if !is_valid {
        l.expert_with(&HEARTBEAT_LENGTH_INVALID, payload as u64);
    }
    l.bytes(&HEARTBEAT_PAYLOAD, used)?;
    l.rest(&HEARTBEAT_PADDING);
    l.close(open);
    Ok((Says::Heartbeat, kind))
}

// ---- lines

/// What the line of a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Nothing,
    Change,
    Alert,
    EncryptedAlert,
    Handshake,
    HandshakeFragment,
    HelloRetry,
    SeveralHandshakes,
    EncryptedHandshake,
    Application,
    Heartbeat,
    EncryptedHeartbeat,
    Ssl2,
    Ssl2Encrypted,
}

impl Says {
    const ALL: [Says; 14] = [
        Says::Nothing,
        Says::Change,
        Says::Alert,
        Says::EncryptedAlert,
        Says::Handshake,
        Says::HandshakeFragment,
        Says::HelloRetry,
        Says::SeveralHandshakes,
        Says::EncryptedHandshake,
        Says::Application,
        Says::Heartbeat,
        Says::EncryptedHeartbeat,
        Says::Ssl2,
        Says::Ssl2Encrypted,
    ];

    fn is_handshake(self) -> bool {
        use Says::{EncryptedHandshake, Handshake, HandshakeFragment, HelloRetry, SeveralHandshakes};
        matches!(self, Handshake | HandshakeFragment | HelloRetry | SeveralHandshakes | EncryptedHandshake)
    }
}

/// What is known of a record once it was read; kept as the number of its entry.
#[derive(Clone, Copy)]
struct Line {
    /// The version before it.
    version: u16,
    /// That of the Protocol column.
    column: u16,
    says: Says,
    /// The type of the message.
    kind: u8,
}

impl From<Line> for u64 {
    fn from(line: Line) -> u64 {
        u64::from(line.version) | u64::from(line.column) << 16 | (line.says as u64) << 32 | u64::from(line.kind) << 40
    }
}

impl Line {
    fn of(entry: &Entry) -> Line {
        let number = entry.number();
        let says = Says::ALL.get((number >> 32 & 0xff) as usize).copied().unwrap_or(Says::Nothing);
        Line { version: number as u16, column: (number >> 16) as u16, says, kind: (number >> 40) as u8 }
    }
}

fn record_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let line = Line::of(entry);
    if line.says == Says::Nothing {
        text.str("Record Layer");
        return;
    }
    text.str(names::short_version(line.version)).str(" Record Layer");
    match line.says {
        Says::Application => {
            text.str(": Application Data Protocol: ");
            let children = layer.children(entry);
            let named = children.iter().find(|child| child.field.is(&APPLICATION_PROTOCOL));
            match named.map(|child| layer.view.value(child)) {
                Some(Value::Text(words)) => _ = text.raw(words),
                _ => _ = text.str("Application Data"),
            }
            return;
        }
        Says::Change => text.str(": Change Cipher Spec Protocol: "),
        says if says.is_handshake() => text.str(": Handshake Protocol: "),
        _ => text.str(": "),
    };
    write_said(layer, entry, line, text);
}

/// Writes what a record carries.
fn write_said(layer: &LayerView, entry: &Entry, line: Line, text: &mut Text) {
    let name = |kind: u8| names::handshake_type(kind.into()).unwrap_or(ENCRYPTED_HANDSHAKE);
    match line.says {
        Says::Nothing => {}
        Says::Change => _ = text.str("Change Cipher Spec"),
        Says::Alert => {
            let word = |field: &Field| {
                let number = layer.number_below(entry, field);
                number.and_then(|number| field.names.get(number)).unwrap_or("Unknown")
            };
            text.str("Alert (Level: ").str(word(&ALERT_LEVEL));
            text.str(", Description: ").str(word(&ALERT_DESCRIPTION)).byte(b')');
        }
        Says::EncryptedAlert => _ = text.str("Encrypted Alert"),
        Says::Handshake => _ = text.str(name(line.kind)),
        Says::HandshakeFragment => _ = text.str(name(line.kind)).str(" (fragment)"),
        Says::HelloRetry => _ = text.str("Hello Retry Request"),
        Says::SeveralHandshakes => _ = text.str("Multiple Handshake Messages"),
        Says::EncryptedHandshake => _ = text.str(ENCRYPTED_HANDSHAKE),
        Says::Application => _ = text.str("Application Data"),
        Says::Heartbeat => {
            text.str("Heartbeat ").str(HEARTBEAT_TYPE.names.get(line.kind.into()).unwrap_or_default());
        }
        Says::EncryptedHeartbeat => _ = text.str("Encrypted Heartbeat"),
        Says::Ssl2 => _ = text.str(ssl2::message_type(line.kind)),
        Says::Ssl2Encrypted => _ = text.str("Encrypted Data"),
    }
}

const ENCRYPTED_HANDSHAKE: &str = "Encrypted Handshake Message";

fn summary(layer: &LayerView, summary: &mut Summary) {
    let Summary { protocol, info, .. } = summary;
    let start = info.len();
    for entry in layer.entries() {
        let is = |field: &Field| entry.field.is(field);
        let before = info.len();
        info.str(if before > start { ", " } else { "" });
        let from = info.len();
        let mut version = None;
        if is(&RECORD) {
            let line = Line::of(entry);
            version = Some(line.column);
            // Handshake messages say themselves what they are, below.
            if !line.says.is_handshake() {
                write_said(layer, entry, line, info);
            }
        } else if is(&handshake::MESSAGE) {
            handshake::write_said(entry, info);
        } else if is(&IGNORED_LINE) || is(&CONTINUATION) || is(&UNREAD) {
            version = Some(entry.number() as u16);
            info.str(entry.field.title);
        }
        if info.len() == from {
            info.truncate(before);
        }
        if let Some(version) = version {
            protocol.clear();
            protocol.str(names::short_version(version));
        }
    }
}

fn length_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    match entry.number() {
        most if most == MAX_LEN_TLS13 as u64 => _ = text.str("TLSCiphertext length MUST NOT exceed 2^14 + 256"),
        most if most == MAX_LEN as u64 => _ = text.str("TLSCiphertext length MUST NOT exceed 2^14 + 2048"),
        kind => {
            text.str("Zero-length ").str(CONTENT_TYPE.names.get(kind).unwrap_or_default());
            text.str(" fragments are not allowed");
        }
    }
}

fn alert_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Alert Message").str(if entry.number() == 1 { ": Encrypted Alert" } else { "" });
}

fn heartbeat_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(if entry.number() == 1 { "Encrypted Heartbeat Message" } else { "Heartbeat Message" });
}

fn heartbeat_length_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").dec(entry.number());
    let is_invalid = layer.children(entry).iter().any(|child| child.field.is(&HEARTBEAT_LENGTH_INVALID));
    if let (true, Some(payload)) = (is_invalid, layer.find(&HEARTBEAT_PAYLOAD)) {
        text.str(" (invalid, using ").dec(payload.len).str(" to decode payload)");
    }
}

fn heartbeat_length_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Invalid heartbeat payload length (").dec(entry.number()).byte(b')');
}

fn heartbeat_payload_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_count("Payload", entry.len, text);
}

fn heartbeat_padding_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_count("Padding and HMAC", entry.len, text);
}

/// Writes `Payload (3 bytes)`.
fn write_count(title: &str, count: u32, text: &mut Text) {
    text.str(title).str(" (").dec(count).str(if count == 1 { " byte)" } else { " bytes)" });
}

const fn concat() -> [&'static Field; FIELD_COUNT] {
    let mut all: [&'static Field; FIELD_COUNT] = [&RECORD; FIELD_COUNT];
    let (mut list, mut len) = (0, 0);
    while list < LISTS.len() {
        let mut place = 0;
        while place < LISTS[list].len() {
            all[len] = LISTS[list][place];
            place += 1;
            len += 1;
        }
        list += 1;
    }
    all
}

const LISTS: [&[&Field]; 8] = [
    FIELDS,
    ssl2::FIELDS,
    handshake::FIELDS,
    hello::FIELDS,
    extensions::FIELDS,
    certificate::FIELDS,
    key_exchange::FIELDS,
    vector::FIELDS,
];

const FIELD_COUNT: usize = {
    let (mut list, mut count) = (0, 0);
    while list < LISTS.len() {
        count += LISTS[list].len();
        list += 1;
    }
    count
};

const HEADER_LEN: usize = 5;
/// "The length MUST NOT exceed 2^14 + 2048." (RFC 5246, section 6.2.3)
const MAX_LEN: usize = (1 << 14) + 2048;
/// "The length MUST NOT exceed 2^14 + 256 bytes." (RFC 8446, section 5.2)
const MAX_LEN_TLS13: usize = (1 << 14) + 256;

/// Content types.
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT_RECORD: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const HEARTBEAT_RECORD: u8 = 24;
