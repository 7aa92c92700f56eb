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
#[cfg(test)]
pub(in crate::protocols) mod testing;
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
    RECORD = none("tls.record", "Record Layer").label(record_line).in_columns();
    CONTENT_TYPE = uint8("tls.record.content_type", "Content Type").values(CONTENT_TYPES);
    OPAQUE_TYPE = uint8("tls.record.opaque_type", "Opaque Type").values(CONTENT_TYPES);
    VERSION = uint16("tls.record.version", "Version").hex().named(Names::Lookup(names::version));
    LENGTH = uint16("tls.record.length", "Length");
    LENGTH_INVALID = expert("tls.record.length.invalid", "Record fragment length is too small or too large",
        Severity::Error, Group::Protocol).label(length_message);
    UNEXPECTED = expert("tls.unexpected_message", "Record type is not allowed in TLS 1.3", Severity::Error,
        Group::Protocol);
    IGNORED = expert("tls.ignored_unknown_record", "Ignored Unknown Record", Severity::Warning, Group::Protocol);
    IGNORED_LINE = heading("Ignored Unknown Record").in_columns();
    CONTINUATION = heading("Continuation Data").hidden().in_columns();
    UNREAD = heading("").hidden().in_columns();
    CHANGE = none("tls.change_cipher_spec", "Change Cipher Spec Message");
    RESUMED = expert("tls.resumed", "This session reuses previously negotiated keys (Session resumption)",
        Severity::Note, Group::Sequence);
    ALERT = none("tls.alert_message", "Alert Message").label(alert_line);
    ALERT_LEVEL = uint8("tls.alert_message.level", "Level").values(ALERT_LEVELS).in_columns();
    ALERT_DESCRIPTION = uint8("tls.alert_message.desc", "Description").values(ALERTS).in_columns();
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
    brief: true,
    dissect,
    summary: Some(summary),
    pdu_len: Some(|talk, bytes| framing(session::version(talk), bytes, talk.is_first)),
    remember: Some(session::remember),
    early: true,
    together: true,
    joins: true,
    places_afterword: true,
    probe: Some((Table::TcpPort, probe)),
    leads: crate::dissect::Leads::Nowhere,
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
        } else if names::is_strict(version) && ssl2::looks_like_it(bytes) {
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
    if !l.is_recorded() && !l.wants_stops() {
        return Ok(Next::End);
    }
    let mut state = State::of(l.told());
    let mut kept = Kept::of(l.kept());
    while l.wire_remaining() > 0 {
        match Header::of(state.version, l.remaining()) {
            // It goes on in segments that nothing was put together of.
            Some(header) if header.record_len().is_some_and(|len| len > l.wire_remaining()) => {
                l.generated(&UNREAD, state.version);
                return Ok(Next::End);
            }
            Some(Header::Tls { kind, version, len }) => record(l, &mut state, &mut kept, kind, version, len)?,
            Some(Header::Ssl2(header)) => ssl2::record(l, &mut state, header)?,
            Some(Header::Unknown) if names::is_strict(state.version) || state.version == names::SSL3 => {
                l.part(&CONTINUATION, state.version, l.remaining().len());
                l.skip(l.remaining().len())?;
                return Ok(Next::End);
            }
            Some(Header::Unknown) => {
                let len = l.wire_remaining();
                if !l.is_whole() {
                    l.generated(&UNREAD, state.version);
                }
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
    let first = if len == 0 && l.goes_on() { None } else { l.peek(1)?.first().copied().filter(|_| len > 0) };
    let was_resuming = state.is_resuming;
    state.record(kind, version, first);
    line.column = state.shown;
    l.set(&open, line.into());
    // Of what was not captured whole, tshark reads only what is sent in the clear where the rest is not.
    if !(is_tls13 && kind == HANDSHAKE) {
        l.peek(len)?;
    }
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
        let first = |of: fn(u16) -> Option<&'static str>| of(source).or_else(|| of(destination));
        first(names::port_application).or_else(|| first(names::upgraded_application))
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
            version = protocol.is_empty().then_some(entry.number() as u16);
            // One that was not captured whole has no word.
            let is_whole = !is(&IGNORED_LINE) || layer.mark().stopped.is_none();
            info.str(if is_whole { entry.field.title } else { "" });
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::testing::Side::{Client, Server};
    use super::testing::{TLS12, client_hello, extension, record, segment, server_hello, talk, talk_to};
    use super::*;
    use crate::streams::Streams;

    fn hello() -> Vec<u8> {
        record(HANDSHAKE, 0x0301, &client_hello(&[]))
    }

    fn answer() -> Vec<u8> {
        record(HANDSHAKE, TLS12, &server_hello(TLS12, 0xc02f, &[]))
    }

    fn data(len: u8) -> Vec<u8> {
        record(APPLICATION_DATA, TLS12, &(0..len).collect::<Vec<_>>())
    }

    fn change() -> Vec<u8> {
        record(CHANGE_CIPHER_SPEC, TLS12, &[1])
    }

    #[test]
    fn records_of_a_connection() {
        let frames = talk(&[(Client, hello()), (Server, [answer(), change()].concat()), (Client, data(3))]);
        let said: Vec<_> = frames.iter().map(|frame| (frame.protocol.as_str(), frame.info.as_str())).collect();
        assert_eq!(
            said,
            [
                ("TLSv1", "Client Hello"),
                ("TLSv1.2", "Server Hello, Change Cipher Spec"),
                ("TLSv1.2", "Application Data")
            ]
        );
        frames[1].shows(&[
            "Transport Layer Security",
            "TLSv1.2 Record Layer: Handshake Protocol: Server Hello",
            "Content Type: Handshake (22)",
            "Version: TLS 1.2 (0x0303)",
            "Length: 44",
            "TLSv1.2 Record Layer: Change Cipher Spec Protocol: Change Cipher Spec",
            "Change Cipher Spec Message",
            "[Expert Info (Note/Sequence): This session reuses previously negotiated keys (Session resumption)]",
        ]);
        frames[2].shows(&[
            "TLSv1.2 Record Layer: Application Data Protocol: Hypertext Transfer Protocol",
            "Content Type: Application Data (23)",
            "Encrypted Application Data: 000102",
            "[Application Data Protocol: Hypertext Transfer Protocol]",
        ]);
        assert_eq!(frames[2].stack, "eth:ethertype:ip:tcp:tls");
    }

    #[test]
    fn the_version_is_the_one_agreed() {
        let says = |version: u16| vec![extension(43, &version.to_be_bytes())];
        for (version, list, expected) in [
            (0x0300, vec![], "SSLv3"),
            (0x0301, vec![], "TLSv1"),
            (0x0302, vec![], "TLSv1.1"),
            (0x0303, vec![], "TLSv1.2"),
            (0x0101, vec![], "GMTLSv1"),
            (0x0304, vec![], "TLSv1.3"),
            (0x0303, says(0x0304), "TLSv1.3"),
            (0x0303, says(0x7f1c), "TLSv1.3"),
            // The extension says something only beside TLS 1.2.
            (0x0301, says(0x0304), "TLSv1"),
            // One that is none leaves that of the record.
            (0x0305, vec![], "TLSv1.1"),
            (0x0303, says(0x0a0a), "TLSv1.1"),
        ] {
            let answer = record(HANDSHAKE, 0x0302, &server_hello(version, 0xc02f, &list));
            let frames = talk(&[(Client, hello()), (Server, answer), (Client, data(3))]);
            assert_eq!((&*frames[1].protocol, &*frames[2].protocol), (expected, expected), "{version:#x}");
        }
        // Without hellos it is that of the first record that tells one.
        let other = record(APPLICATION_DATA, 0x0301, &[1]);
        let frames = talk(&[(Client, data(1)), (Client, other)]);
        assert_eq!(frames[1].protocol, "TLSv1.2");
        // Data that the client sends early can be only TLS 1.3's.
        let early = record(HANDSHAKE, 0x0301, &client_hello(&[extension(42, &[])]));
        let frames = talk(&[(Client, early), (Client, data(1))]);
        assert_eq!((&*frames[0].protocol, &*frames[1].protocol), ("TLSv1", "TLSv1.3"));
        frames[1].shows(&["Opaque Type: Application Data (23)"]);
    }

    /// As tshark has it: the layer is there as soon as a record has begun, and has nothing to say.
    #[test]
    fn a_record_in_pieces() {
        let record = data(40);
        let (begin, end) = record.split_at(20);
        let frames = talk(&[
            (Client, hello()),
            (Server, begin[..2].to_vec()),
            (Server, begin[2..].to_vec()),
            (Server, end[..5].to_vec()),
            (Server, [&end[5..], &data(3), &begin[..7]].concat()),
            (Server, record[7..].to_vec()),
        ]);
        let said: Vec<_> = frames.iter().map(|frame| (frame.stack.as_str(), &*frame.protocol, &*frame.info)).collect();
        let awaited = "[TCP segment of a reassembled PDU]";
        assert_eq!(said[1], ("eth:ethertype:ip:tcp:tls", "TCP", awaited));
        assert_eq!(said[2], ("eth:ethertype:ip:tcp:tls", "TCP", awaited));
        // Of what is known to be missing, nothing is looked at.
        assert_eq!(said[3].0, "eth:ethertype:ip:tcp");
        assert!(said[3].2.ends_with(" Len=5 [TCP segment of a reassembled PDU]"), "{}", said[3].2);
        assert_eq!(said[4], ("eth:ethertype:ip:tcp:tls:tls", "TLSv1.2", "Application Data, Application Data"));
        frames[4].shows(&[
            "TCP segment data (20 bytes)",
            "TCP segment data (7 bytes)",
            "[4 Reassembled TCP Segments (45 bytes): #2(2), #3(18), #4(5), #5(20)]",
            "Transport Layer Security",
            "Transport Layer Security",
        ]);
        assert_eq!(said[5], ("eth:ethertype:ip:tcp:tls", "TLSv1.2", "Application Data"));
    }

    /// As tshark has it: what it says behind what TCP says stands behind a comma.
    #[test]
    fn behind_a_hole() {
        let begun = record(APPLICATION_DATA, TLS12, &[0; 100]);
        let said = |parts: &[(u32, Vec<u8>)]| {
            let make = |(offset, data): &(u32, Vec<u8>)| segment(Server, 443, *offset, data);
            let (last, earlier) = parts.split_last().expect("there is one");
            let hello = segment(Client, 443, 0, &hello());
            let earlier: Vec<_> = [hello].into_iter().chain(earlier.iter().map(make)).collect();
            let last = make(last).after(&earlier, &mut Streams::new());
            (last.protocol.to_string(), last.info.to_string())
        };
        let first = (0, data(8));
        let (protocol, info) = said(&[first.clone(), (30, data(8))]);
        assert_eq!((&*protocol, &*info), ("TLSv1.2", "[TCP Previous segment not captured] , Application Data"));
        let (protocol, info) = said(&[first, (30, begun[..20].to_vec())]);
        let piece = " [TCP segment of a reassembled PDU]";
        assert_eq!((&*protocol, &*info), ("TCP", &*format!("[TCP Previous segment not captured] {piece}")));

        // A piece that does not make its record whole stays what TCP says of the segment, whatever follows it.
        let begun_with = |last: Vec<u8>| said(&[(0, begun[..30].to_vec()), (60, begun[60..80].to_vec()), (80, last)]);
        let line = |len| format!("443 → 50000 [ACK] Seq=81 Ack=1 Win=8192 Len={len}{piece}");
        let end = &begun[80..];
        assert_eq!(begun_with(end.to_vec()), ("TCP".into(), line(25)));
        let (protocol, info) = begun_with([end, &data(8), &data(1)].concat());
        assert_eq!((&*protocol, info), ("TCP", format!("{}, Application Data, Application Data", line(44))));
        assert_eq!(begun_with([end, &begun[..9]].concat()), ("TCP".into(), line(34)));
    }

    #[test]
    fn what_is_no_record() {
        let tls13 = record(HANDSHAKE, TLS12, &server_hello(TLS12, 0x1301, &[extension(43, &[3, 4])]));
        let odd = record(APPLICATION_DATA, 0x7f12, &[1, 2]);
        let zeros = vec![0; 30];
        let ssl2 = [&[0x80, 5, 2][..], &[0xff; 13]].concat();
        for (first, second, expected) in [
            (None, zeros.clone(), ("tls", "SSL", "Continuation Data")),
            (None, odd.clone(), ("tls", "SSL", "Continuation Data")),
            (Some(answer()), zeros.clone(), ("tls", "TLSv1.2", "Ignored Unknown Record")),
            // Once a version is known, records may say what they like.
            (Some(answer()), odd.clone(), ("tls", "TLSv1.2", "Application Data")),
            (Some(tls13.clone()), zeros, ("tls", "TLSv1.3", "Continuation Data")),
            (Some(tls13.clone()), odd, ("tls", "TLSv1.3", "Continuation Data")),
            (
                Some(record(APPLICATION_DATA, names::SSL3, &[1])),
                record(0x77, 0x7f12, &[1, 2]),
                ("tls", "SSLv3", "Continuation Data"),
            ),
            // What could be a record of SSL 2.0 is one only where records are read strictly.
            (Some(answer()), ssl2.clone(), ("tls", "TLSv1.2", "Ignored Unknown Record")),
            (Some(tls13), ssl2, ("tls", "SSLv2", "Encrypted Data, Continuation Data")),
            (
                Some(answer()),
                [data(2), vec![0; 9]].concat(),
                ("tls", "TLSv1.2", "Application Data, Ignored Unknown Record"),
            ),
            (Some(answer()), record(25, TLS12, b"abc"), ("tls", "TLSv1.2", "")),
        ] {
            let mut segments = vec![(Client, hello())];
            segments.extend(first.map(|first| (Server, first)));
            segments.push((Server, second));
            // Nothing is known of the version where there was no answer.
            let skipped = if segments.len() == 2 { 1 } else { 0 };
            let frames = talk(&segments[skipped..]);
            let last = frames.last().expect("there is a frame");
            let name = last.stack.rsplit(':').next().unwrap_or_default();
            assert_eq!((name, &*last.protocol, &*last.info), expected);
        }
        // Text is somebody else's.
        let frames = talk(&[(Client, hello()), (Client, b"hello world".to_vec()), (Client, data(2))]);
        assert_eq!(frames[1].stack, "eth:ethertype:ip:tcp:data");
        assert_eq!(frames[2].stack, "eth:ethertype:ip:tcp:tls");
    }

    #[test]
    fn lengths_that_lie() {
        let empty = |kind: u8| record(kind, TLS12, &[]);
        let frames = talk(&[
            (Client, [empty(HANDSHAKE), empty(ALERT_RECORD), empty(CHANGE_CIPHER_SPEC), data(1)].concat()),
            (Client, data(0)),
            (Client, record(APPLICATION_DATA, TLS12, &[0; MAX_LEN])),
            (Client, record(APPLICATION_DATA, TLS12, &[0; MAX_LEN + 1])),
        ]);
        frames[0].shows(&[
            "[Expert Info (Error/Protocol): Zero-length Handshake fragments are not allowed]",
            "[Expert Info (Error/Protocol): Zero-length Alert fragments are not allowed]",
            "[Expert Info (Error/Protocol): Zero-length Change Cipher Spec fragments are not allowed]",
        ]);
        assert_eq!(frames[0].info, "Encrypted Alert, Change Cipher Spec, Application Data");
        assert_eq!(frames[1].info, "[Malformed Packet]");
        // What follows on an empty record need not be whole.
        let begun = |kind: u8| talk(&[(Client, hello()), (Server, [empty(kind), data(9)[..8].to_vec()].concat())]);
        let said = [ALERT_RECORD, CHANGE_CIPHER_SPEC, APPLICATION_DATA].map(|kind| begun(kind)[1].info.clone());
        assert_eq!(said, ["Encrypted Alert", "Change Cipher Spec", "Application Data"]);
        begun(HANDSHAKE)[1].shows(&["[Expert Info (Error/Protocol): Zero-length Handshake fragments are not allowed]"]);
        frames[2].lacks("TLSCiphertext");
        frames[3].shows(&["[Expert Info (Error/Protocol): TLSCiphertext length MUST NOT exceed 2^14 + 2048]"]);
        let tls13 = record(HANDSHAKE, TLS12, &server_hello(TLS12, 0x1301, &[extension(43, &[3, 4])]));
        let long = record(APPLICATION_DATA, TLS12, &[0; MAX_LEN_TLS13 + 1]);
        talk(&[(Client, hello()), (Server, tls13), (Server, long)])[2]
            .shows(&["[Expert Info (Error/Protocol): TLSCiphertext length MUST NOT exceed 2^14 + 256]"]);
    }

    #[test]
    fn alerts() {
        for (fragment, info, line) in [
            (
                &[2, 40][..],
                "Alert (Level: Fatal, Description: Handshake Failure)",
                "Description: Handshake Failure (40)",
            ),
            (&[3, 255], "Alert (Level: Unknown, Description: Unknown)", "Level: Unknown (3)"),
            (&[1], "Encrypted Alert", "Alert Message: Encrypted Alert"),
            (&[7; 26], "Encrypted Alert", "Alert Message: Encrypted Alert"),
        ] {
            let frames = talk(&[(Client, record(ALERT_RECORD, TLS12, fragment))]);
            assert_eq!(frames[0].info, info);
            frames[0].shows(&[&format!("TLSv1.2 Record Layer: {info}"), line]);
        }
    }

    #[test]
    fn heartbeats() {
        let padded = |begin: &[u8]| [begin, &[0; 16]].concat();
        for (fragment, info, lines) in [
            (padded(b"\x01\0\x03abc"), "Heartbeat Request", &["Payload (3 bytes)", "Padding and HMAC (16 bytes)"][..]),
            (padded(b"\x02\0\0"), "Heartbeat Response", &["Payload Length: 0", "Payload (0 bytes)"]),
            (
                padded(b"\x01\xff\xffabc"),
                "Heartbeat Request",
                &[
                    "Payload Length: 65535 (invalid, using 19 to decode payload)",
                    "[Expert Info (Error/Malformed): Invalid heartbeat payload length (65535)]",
                    "Payload (19 bytes)",
                ],
            ),
            (vec![9; 30], "Encrypted Heartbeat", &["Encrypted Heartbeat Message"]),
            (vec![1, 0], "[Malformed Packet]", &["Record Layer"]),
        ] {
            let frames = talk(&[(Client, record(HEARTBEAT_RECORD, TLS12, &fragment))]);
            assert_eq!(frames[0].info, info);
            frames[0].shows(lines);
        }
        let tls13 = record(HANDSHAKE, TLS12, &server_hello(TLS12, 0x1301, &[extension(43, &[3, 4])]));
        let heartbeat = record(HEARTBEAT_RECORD, TLS12, b"\x01\0\x03abc");
        talk(&[(Server, tls13), (Server, heartbeat)])[1]
            .shows(&["[Expert Info (Error/Protocol): Record type is not allowed in TLS 1.3]"]);
    }

    #[test]
    fn what_is_spoken_inside() {
        let offer = |names: &[u8]| extension(16, &[&(names.len() as u16).to_be_bytes()[..], names].concat());
        for (port, agreed, expected) in [
            (443, None, Some("Hypertext Transfer Protocol")),
            (993, None, Some("Internet Message Access Protocol")),
            (40_000, None, None),
            (443, Some(&b"\x02h2"[..]), Some("HyperText Transfer Protocol 2")),
            (40_000, Some(b"\x08http/1.1"), Some("Hypertext Transfer Protocol")),
            (993, Some(b"\x03foo"), Some("Internet Message Access Protocol")),
        ] {
            let list: Vec<_> = agreed.map(offer).into_iter().collect();
            let answer = record(HANDSHAKE, TLS12, &server_hello(TLS12, 0xc02f, &list));
            let frames = talk_to(port, &[(Client, hello()), (Server, answer), (Client, data(4))]);
            let line =
                format!("TLSv1.2 Record Layer: Application Data Protocol: {}", expected.unwrap_or("Application Data"));
            frames[2].shows(&[&line]);
            assert_eq!(frames[2].tree.contains("[Application Data Protocol:"), expected.is_some());
        }
    }

    #[test]
    fn a_look_tells_records() {
        let probed = |bytes: &[u8]| probe(bytes, [1, 2]);
        for (bytes, expected) in [
            (&b"\x16\x03\x01\x00\x01"[..], true),
            (b"\x17\x03\x03\x47\xff", true),
            (b"\x17\x01\x01\x00\x01", true),
            (b"\x17\x03\x03\x48\x00", false),
            (b"\x17\x03\x03\x00\x00", false),
            (b"\x17\x03\x04\x00\x01", false),
            (b"\x15\x03\x03\x00\x02", false),
            (b"\x14\x03\x03\x00\x01", false),
            (b"\x16\x03\x01\x00", false),
            (b"\x80\x2e\x01\x00\x02", false),
        ] {
            assert_eq!(probed(bytes), expected, "{bytes:?}");
        }
        let frames = talk_to(40_000, &[(Client, hello()), (Server, change())]);
        assert_eq!((&*frames[0].info, &*frames[1].info), ("Client Hello", "Change Cipher Spec"));
    }

    #[test]
    fn what_was_not_captured_is_told() {
        let whole = || segment(Client, 443, 0, &hello());
        let header = 54;
        for (len, info) in [(3, "[Packet size limited during capture]"), (20, "[Packet size limited during capture]")] {
            let dissected = segment(Client, 443, 0, &hello()).cut(header + len).dissect();
            assert_eq!(dissected.info, info, "{len}");
            assert_eq!(dissected.stack, "eth:ethertype:ip:tcp:tls");
        }
        // Once TLS 1.3 is agreed on, a hello is read as far as it is there.
        let agreed = server_hello(TLS12, 0x1301, &[extension(43, &[3, 4])]);
        let agreed = segment(Server, 443, 0, &record(HANDSHAKE, TLS12, &agreed));
        let first = hello().len();
        let again = record(HANDSHAKE, TLS12, &client_hello(&[extension(23, &[]), extension(21, &[0; 9])]));
        let again = segment(Client, 443, first as u32, &[change(), again].concat()).cut(header + 6 + 64);
        let again = again.after(&[whole(), agreed], &mut Streams::new());
        assert_eq!(again.info, "Change Cipher Spec, Client Hello[Packet size limited during capture]");
        again.shows(&[
            "Extension: extended_master_secret (len=0)",
            "Length: 0",
            "[Packet size limited during capture: TLS truncated]",
        ]);
        // What is no record is seen at its first bytes.
        let noise = segment(Client, 443, first as u32, &[0xad; 50]).cut(header + 9);
        let noise = noise.after(&[whole(), segment(Server, 443, 0, &answer())], &mut Streams::new());
        assert_eq!(noise.info, "[Packet size limited during capture]");
        noise.shows(&["Ignored Unknown Record", "[Expert Info (Warning/Protocol): Ignored Unknown Record]"]);
        // What a cut Server Hello agreed to is not known, what its record says is.
        let answer = segment(Server, 443, 0, &answer()).cut(header + 20);
        let last = segment(Client, 443, hello().len() as u32, &data(3));
        let last = last.after(&[whole(), answer], &mut Streams::new());
        assert_eq!((&*last.protocol, &*last.info), ("TLSv1.2", "Application Data"));
    }

    /// Every record of a connection, cut into segments at these places of each side's bytes.
    fn cut(segments: &[(testing::Side, Vec<u8>)], cuts: &[usize]) -> Vec<String> {
        let mut pieces = Vec::new();
        for (side, bytes) in segments {
            let mut places: Vec<usize> = cuts.iter().map(|place| place % bytes.len()).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            places.dedup();
            pieces.extend(places.windows(2).map(|pair| (*side, bytes[pair[0]..pair[1]].to_vec())));
        }
        let is_record = |line: &&str| line.contains("Record Layer") || line.starts_with("            Handshake Type");
        let frames = talk(&pieces);
        frames.iter().flat_map(|frame| frame.tree.lines().filter(is_record)).map(str::to_owned).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// However its bytes are cut into segments, a connection has the same records.
        #[test]
        fn cuts_change_nothing(cuts in proptest::collection::vec(1usize..400, 0..5)) {
            let messages = [server_hello(TLS12, 0xc02f, &[]), testing::message(14, &[])].concat();
            let (begin, end) = messages.split_at(30);
            let server = [record(HANDSHAKE, TLS12, begin), record(HANDSHAKE, TLS12, end), data(9)].concat();
            let segments = [(Client, hello()), (Server, server), (Client, [change(), data(5)].concat())];
            prop_assert_eq!(cut(&segments, &cuts), cut(&segments, &[]));
        }

        /// Whatever the bytes say, and however they are cut, the connection is read to its end.
        #[test]
        fn anything_is_survived(
            changes in proptest::collection::vec((0usize..600, any::<u8>()), 0..12),
            cuts in proptest::collection::vec(1usize..400, 0..4),
        ) {
            let list: Vec<_> = [0, 5, 10, 11, 13, 16, 18, 35, 41, 43, 45, 51].map(|kind| extension(kind, &[0, 4, 0, 2, 0, 9])).into();
            let answer = server_hello(TLS12, 0xc02f, &[extension(16, b"\0\x03\x02h2"), extension(51, &[0, 29, 0, 1, 7])]);
            let keys = testing::message(12, b"\x03\0\x17\x04abcd\x04\x03\0\x02xy");
            let certificate = testing::message(11, b"\0\0\x06\0\0\x03abc");
            let mut client = [record(HANDSHAKE, 0x0301, &client_hello(&list)), change(), data(5)].concat();
            let mut server = record(HANDSHAKE, TLS12, &[answer, certificate, keys].concat());
            let len = client.len();
            for (place, byte) in changes {
                match (place < len, place % 2) {
                    (true, _) => client[place] = byte,
                    (false, _) => { let at = place % server.len(); server[at] = byte; }
                }
            }
            cut(&[(Client, client), (Server, server)], &cuts);
        }
    }
}
