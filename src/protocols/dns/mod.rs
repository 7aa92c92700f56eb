//! DNS: the Domain Name System, and what speaks its language on a link, multicast DNS and LLMNR.
//!
//! RFC 1034 and RFC 1035; RFC 1996 (notification), RFC 2136 (update), RFC 4795 (LLMNR), RFC 6762 (multicast DNS), RFC 8490 (stateful operations).
//! Words for operations and reply codes follow the *Domain Name System (DNS) Parameters* registry of IANA.
//!
//! ```text
//!                                  1  1  1  1  1  1
//!    0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                      ID                       |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                    QDCOUNT                    |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                    ANCOUNT                    |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                    NSCOUNT                    |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                    ARCOUNT                    |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! ```
//!
//! Questions and records follow: [`names`] reads their names, [`records`] the records, [`types`] knows what their data consist of,
//! [`dnssec`], [`edns`] and [`svcb`] those of one kind each. Over TCP, two bytes that count the message stand before it.

mod dnssec;
mod dso;
mod edns;
mod names;
mod records;
mod svcb;
#[cfg(test)]
mod testing;
mod types;

use self::names::Name;
use crate::dissect::{
    EchoNote, Entry, Field, Framing, Group, Layer, LayerView, Leads, Next, Outcome, Protocol, Query, Severity, Stop,
    Summary, Table, Value, fields,
};
use crate::text::Text;

fields! {
    LENGTH = uint16("dns.length", "Length");
    ID = uint16("dns.id", "Transaction ID").hex();
    RETRANSMIT_REQUEST = expert("dns.retransmit_request", "DNS query retransmission", Severity::Warning,
        Group::Protocol).label(retransmitted_request_message);
    RETRANSMIT_RESPONSE = expert("dns.retransmit_response", "DNS response retransmission", Severity::Warning,
        Group::Protocol).label(retransmitted_response_message);
    FLAGS = uint16("dns.flags", "Flags").hex().label(flags_line);
    RESPONSE = boolean("dns.flags.response", "Response").of(16).bits(0x8000)
        .flags("Message is a response", "Message is a query");
    OPCODE = uint16("dns.flags.opcode", "Opcode").bits(0x7800).values(OPERATIONS);
    DEPRECATED_OPCODE = expert("dns.depr.opc", "Deprecated opcode", Severity::Warning, Group::Protocol);
    AUTHORITATIVE = boolean("dns.flags.authoritative", "Authoritative").of(16).bits(0x0400)
        .flags("Server is an authority for domain", "Server is not an authority for domain");
    CONFLICT = boolean("dns.flags.conflict", "Conflict").of(16).bits(0x0400)
        .flags("The sender received multiple responses", "None");
    CONFLICT_OF_RESPONSE = boolean("dns.flags.conflict", "Conflict").of(16).bits(0x0400)
        .flags("The name is not considered unique", "The name is considered unique");
    TRUNCATED = boolean("dns.flags.truncated", "Truncated").of(16).bits(0x0200)
        .flags("Message is truncated", "Message is not truncated");
    RECURSION_DESIRED = boolean("dns.flags.recdesired", "Recursion desired").of(16).bits(0x0100)
        .flags("Do query recursively", "Don't do query recursively");
    TENTATIVE = boolean("dns.flags.tentative", "Tentative").of(16).bits(0x0100).flags("Tentative", "Not tentative");
    RECURSION_AVAILABLE = boolean("dns.flags.recavail", "Recursion available").of(16).bits(0x0080)
        .flags("Server can do recursive queries", "Server can't do recursive queries");
    Z = boolean("dns.flags.z", "Z").of(16).bits(0x0040).flags("reserved - incorrect!", "reserved (0)");
    AUTHENTICATED = boolean("dns.flags.authenticated", "Answer authenticated").of(16).bits(0x0020)
        .flags("Answer/authority portion was authenticated by the server",
            "Answer/authority portion was not authenticated by the server");
    AUTHENTICATED_OF_QUERY = boolean("dns.flags.authenticated", "AD bit").of(16).bits(0x0020).flags("Set", "Not set");
    CHECK_DISABLED = boolean("dns.flags.checkdisable", "Non-authenticated data").of(16).bits(0x0010)
        .flags("Acceptable", "Unacceptable");
    REPLY_CODE = uint16("dns.flags.rcode", "Reply code").bits(0x000f).values(REPLY_CODES);
    COUNT_QUERIES = uint16("dns.count.queries", "Questions");
    COUNT_ZONES = uint16("dns.count.zones", "Zones");
    COUNT_ANSWERS = uint16("dns.count.answers", "Answer RRs");
    COUNT_PREREQUISITES = uint16("dns.count.prerequisites", "Prerequisites");
    COUNT_AUTHORITY = uint16("dns.count.auth_rr", "Authority RRs");
    COUNT_UPDATES = uint16("dns.count.updates", "Updates");
    COUNT_ADDITIONAL = uint16("dns.count.add_rr", "Additional RRs");
    QUERIES = heading("Queries");
    ZONE = heading("Zone");
    ANSWERS = heading("Answers");
    PREREQUISITES = heading("Prerequisites");
    AUTHORITIES = heading("Authoritative nameservers");
    UPDATES = heading("Updates");
    ADDITIONALS = heading("Additional records");
    QUESTION = heading("Question").label(question_line);
    QRY_NAME = text("dns.qry.name", "Name");
    QRY_NAME_LEN = uint16("dns.qry.name.len", "Name Length").generated();
    COUNT_LABELS = uint16("dns.count.labels", "Label Count").generated();
    QRY_TYPE = uint16("dns.qry.type", "Type").named(types::TITLES);
    QRY_CLASS = uint16("dns.qry.class", "Class").hex().named(types::CLASS_NAMES);
    QRY_CLASS_MDNS = uint16("dns.qry.class", "Class").hex().bits(0x7fff).named(types::CLASS_NAMES);
    QRY_QU = boolean("dns.qry.qu", "\"QU\" question").of(16).bits(0x8000);
    RESPONSE_IN = frame_number("dns.response_in", "Response In").generated();
    RESPONSE_TO = frame_number("dns.response_to", "Request In").generated();
    TIME = relative_time("dns.time", "Time").generated();
    RETRANSMIT_REQUEST_IN = frame_number("dns.retransmit_request_in",
        "Retransmitted request. Original request in").generated();
    RETRANSMIT_RESPONSE_IN = frame_number("dns.retransmit_response_in",
        "Retransmitted response. Original response in").generated();
    RETRANSMISSION = boolean("dns.retransmission", "Retransmission").generated();
    UNSOLICITED = boolean("dns.unsolicited", "Unsolicited").generated();
    EXTRANEOUS_LINE = heading("Extraneous Data").label(extraneous_line);
    EXTRANEOUS_DATA = bytes("dns.extraneous.data", "Extraneous Data Bytes");
    EXTRANEOUS_LENGTH = int32("dns.extraneous.length", "Extraneous Data Length").generated();
    EXTRANEOUS_HEADING = heading("Extraneous data").hidden();
    EXTRANEOUS = expert("dns.extraneous", "Extraneous data", Severity::Note, Group::Undecoded);
}

const ROW_COUNT: usize = FIELDS.len()
    + records::FIELDS.len()
    + dnssec::FIELDS.len()
    + edns::FIELDS.len()
    + svcb::FIELDS.len()
    + dso::FIELDS.len();

/// The rows of all files of this protocol.
static ROWS: [&Field; ROW_COUNT] = {
    let mut rows = [&LENGTH; ROW_COUNT];
    let lists = [FIELDS, records::FIELDS, dnssec::FIELDS, edns::FIELDS, svcb::FIELDS, dso::FIELDS];
    let (mut list, mut from, mut to) = (0, 0, 0);
    while list < lists.len() {
        if from == lists[list].len() {
            (list, from) = (list + 1, 0);
        } else {
            rows[to] = lists[list][from];
            (from, to) = (from + 1, to + 1);
        }
    }
    rows
};

pub static PROTOCOL: Protocol = Protocol {
    fields: &ROWS,
    claims: &[(Table::UdpPort, 53), (Table::TcpPort, 53), (Table::TcpPort, 5353), (Table::SctpPort, 53)],
    dissect: |l| dissect(l, Flavor::Unicast),
    pdu_len: Some(|_, bytes| match bytes.first_chunk() {
        Some(&len) => Framing::of(2 + usize::from(u16::from_be_bytes(len)), bytes.len()),
        None => Framing::More,
    }),
    sized: true,
    summary: Some(summary),
    probe: Some((Table::UdpPort, looks_like_dns)),
    leads: Leads::Nowhere,
    asks: true,
    family: crate::dissect::Family::Names,
    ..Protocol::new("dns", "DNS", "Domain Name System").line(line)
};

/// Multicast DNS: the highest bit of each class means something else.
pub static MULTICAST: Protocol = Protocol {
    shares: &ROWS,
    claims: &[(Table::UdpPort, 5353)],
    dissect: |l| dissect(l, Flavor::Multicast),
    summary: Some(|layer, columns| {
        columns.protocol.str("MDNS");
        summary(layer, columns);
    }),
    leads: Leads::Nowhere,
    asks: true,
    family: crate::dissect::Family::Names,
    ..Protocol::new("mdns", "mDNS", "Multicast Domain Name System").line(line)
};

/// LLMNR, which has flags of its own.
pub static LINK_LOCAL: Protocol = Protocol {
    shares: &ROWS,
    claims: &[(Table::UdpPort, 5355)],
    dissect: |l| dissect(l, Flavor::LinkLocal),
    summary: Some(summary),
    leads: Leads::Nowhere,
    asks: true,
    family: crate::dissect::Family::Names,
    ..Protocol::new("llmnr", "LLMNR", "Link-local Multicast Name Resolution").line(line)
};

/// Which of the protocols speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flavor {
    Unicast,
    Multicast,
    LinkLocal,
}

/// What all parts of a message need to know of it.
#[derive(Clone, Copy)]
struct Message {
    flavor: Flavor,
    /// Where in the layer it begins: pointers count from here.
    base: usize,
}

fn dissect(l: &mut Layer, flavor: Flavor) -> Outcome {
    l.set_header_len(l.all().len());
    if carrier(l).is_some_and(|(protocol, _)| protocol.name() == "tcp") {
        // Is shown with identifier and flags or not at all.
        l.peek(6)?;
        l.u16(&LENGTH)?;
    }
    let message = Message { flavor, base: l.offset() };
    let &[id_high, id_low, flags_high, flags_low] = l.peek(4)?.first_chunk().unwrap_or(&[0; 4]);
    let (id, flags) = (u16::from_be_bytes([id_high, id_low]), u64::from(u16::from_be_bytes([flags_high, flags_low])));
    let is_response = RESPONSE.extract(flags) != 0;
    let opcode = OPCODE.extract(flags);
    // What an error message quotes is nobody's request or response.
    let note = if l.is_quoted() { EchoNote::default() } else { pair(l, id, is_response) };
    // Nothing else that it says is asked for.
    if l.only_asks() {
        return Ok(Next::End);
    }
    l.u16(&ID)?;
    if let Some(frame) = note.repeats {
        l.expert_with(if is_response { &RETRANSMIT_RESPONSE } else { &RETRANSMIT_REQUEST }, frame);
    }
    l.u16(&FLAGS)?;
    read_flags(l, flavor, flags, is_response);
    let is_update = opcode == UPDATE;
    let sections = if is_update { &UPDATE_SECTIONS } else { &SECTIONS };
    let mut counts = [0; 4];
    for (count, section) in counts.iter_mut().zip(sections) {
        *count = l.u16(section.count)?;
    }
    if opcode == STATEFUL && counts == [0; 4] {
        dso::read(l)?;
    } else {
        for (place, (count, section)) in counts.into_iter().zip(sections).enumerate().filter(|(_, row)| row.0 > 0) {
            l.peek(1)?;
            let open = l.open(section.heading, l.wire_remaining());
            for _ in 0..count {
                if place == 0 { question(l, message)? } else { records::read(l, message)? }
            }
            l.close_here(open);
        }
    }
    relations(l, &note, is_response);
    extraneous(l)?;
    Ok(Next::End)
}

/// One of the parts of a message.
struct Section {
    count: &'static Field,
    heading: &'static Field,
}

static SECTIONS: [Section; 4] = [
    Section { count: &COUNT_QUERIES, heading: &QUERIES },
    Section { count: &COUNT_ANSWERS, heading: &ANSWERS },
    Section { count: &COUNT_AUTHORITY, heading: &AUTHORITIES },
    Section { count: &COUNT_ADDITIONAL, heading: &ADDITIONALS },
];

/// The same of an update: RFC 2136, section 2.
static UPDATE_SECTIONS: [Section; 4] = [
    Section { count: &COUNT_ZONES, heading: &ZONE },
    Section { count: &COUNT_PREREQUISITES, heading: &PREREQUISITES },
    Section { count: &COUNT_UPDATES, heading: &UPDATES },
    Section { count: &COUNT_ADDITIONAL, heading: &ADDITIONALS },
];

/// The layer that carries the message, and its bytes. Messages of one segment stand on each other.
fn carrier<'a>(l: &Layer<'a, '_, '_>) -> Option<(&'static Protocol, &'a [u8])> {
    l.around().find(|(protocol, _)| !std::ptr::eq(*protocol, &PROTOCOL))
}

/// Asks who asks or answers. Both ends of a conversation may: in multicast DNS they are the same, whoever speaks.
fn pair(l: &mut Layer, id: u16, is_response: bool) -> EchoNote {
    let Some((protocol, header)) = carrier(l) else { return EchoNote::default() };
    let (Some(transport), Some(&[source_high, source_low, destination_high, destination_low])) =
        (TRANSPORTS.iter().position(|name| *name == protocol.name()), header.first_chunk())
    else {
        return EchoNote::default();
    };
    let source = (l.source(), u16::from_be_bytes([source_high, source_low]));
    let destination = (l.destination(), u16::from_be_bytes([destination_high, destination_low]));
    let (low, high) = (source.min(destination), source.max(destination));
    // Streams and datagrams between the same ports are different conversations. No other protocol has keys that large.
    let key = (1 << 63) | (transport as u64) << 48 | u64::from(low.1) << 32 | u64::from(high.1) << 16 | u64::from(id);
    let (source, destination) = if is_response { (high.0, low.0) } else { (low.0, high.0) };
    let query = Query { source, destination, key, answer: is_response, patience_s: RETRANSMISSION_S };
    l.memory().pair(&query)
}

/// Records the flags below their integer.
fn read_flags(l: &mut Layer, flavor: Flavor, flags: u64, is_response: bool) {
    let is_asked_to_authenticate = AUTHENTICATED_OF_QUERY.extract(flags) != 0;
    let rows: &[&'static Field] = match (flavor, is_response) {
        (Flavor::LinkLocal, false) => &[&RESPONSE, &OPCODE, &CONFLICT, &TRUNCATED, &TENTATIVE],
        (Flavor::LinkLocal, true) => &[&RESPONSE, &OPCODE, &CONFLICT_OF_RESPONSE, &TRUNCATED, &TENTATIVE, &REPLY_CODE],
        (_, false) if is_asked_to_authenticate => {
            &[&RESPONSE, &OPCODE, &TRUNCATED, &RECURSION_DESIRED, &Z, &AUTHENTICATED_OF_QUERY, &CHECK_DISABLED]
        }
        (_, false) => &[&RESPONSE, &OPCODE, &TRUNCATED, &RECURSION_DESIRED, &Z, &CHECK_DISABLED],
        (_, true) => &[
            &RESPONSE,
            &OPCODE,
            &AUTHORITATIVE,
            &TRUNCATED,
            &RECURSION_DESIRED,
            &RECURSION_AVAILABLE,
            &Z,
            &AUTHENTICATED,
            &CHECK_DISABLED,
            &REPLY_CODE,
        ],
    };
    l.parts(rows, flags);
}

/// Reads a question: a name, a type and a class.
fn question(l: &mut Layer, message: Message) -> Result<(), Stop> {
    let at = l.offset();
    let name = Name::read(l, message.base, at)?;
    l.skip(name.len)?;
    let &[kind_high, kind_low, class_high, class_low] = l.peek(4)?.first_chunk().unwrap_or(&[0; 4]);
    let kind = u64::from(u16::from_be_bytes([kind_high, kind_low]));
    let class = u64::from(u16::from_be_bytes([class_high, class_low]));
    l.go_to(at)?;
    let is_mdns = message.flavor == Flavor::Multicast;
    let wants = match class >> 15 {
        _ if !is_mdns => 0,
        0 => WANTS_MULTICAST,
        _ => WANTS_UNICAST,
    };
    let class = if is_mdns { class & 0x7fff } else { class };
    let open = l.open_with(&QUESTION, kind | class << 16 | wants, name.len + 4);
    let bytes = l.all();
    let mut dots = 0;
    l.built(&QRY_NAME, name.len, |text| {
        let start = text.len();
        name.build(bytes, text);
        // As they are seen: a dot inside a label counts too.
        dots = text.iter().skip(start).filter(|&&byte| byte == b'.').count();
    });
    l.generated_at(&QRY_NAME_LEN, name.text_len as u64, at, name.len);
    l.generated_at(&COUNT_LABELS, 1 + dots as u64, at, name.len);
    l.skip(name.len)?;
    l.u16(&QRY_TYPE)?;
    if is_mdns {
        let class = l.peek_u16()?;
        l.part(&QRY_CLASS_MDNS, class, 2);
        l.part(&QRY_QU, class, 2);
        l.skip(2)?;
    } else {
        l.u16(&QRY_CLASS)?;
    }
    l.close(open);
    Ok(())
}

/// In the number of a question's line, beside type and class: how the answer of multicast DNS shall be sent.
const WANTS_MULTICAST: u64 = 1 << 32;
const WANTS_UNICAST: u64 = 2 << 32;

/// Records which frames belong together.
fn relations(l: &mut Layer, note: &EchoNote, is_response: bool) {
    if let Some(frame) = note.repeats {
        l.generated(if is_response { &RETRANSMIT_RESPONSE_IN } else { &RETRANSMIT_REQUEST_IN }, frame);
        l.generated(&RETRANSMISSION, 1u64);
    } else if let Some(frame) = note.request {
        l.generated(&RESPONSE_TO, frame);
        if let (Some(then), Some(now)) = (note.request_time, l.frame().time) {
            let span = now.since(then);
            l.generated_time(&TIME, span.seconds(), span.nanos());
        }
    } else if let Some(frame) = note.response {
        l.generated(&RESPONSE_IN, frame);
    } else if is_response {
        l.generated(&UNSOLICITED, 1u64);
    }
}

/// Reads what stands behind the message.
fn extraneous(l: &mut Layer) -> Result<(), Stop> {
    let len = l.wire_remaining();
    if len == 0 {
        return Ok(());
    }
    let open = l.open_with(&EXTRANEOUS_LINE, len as u64, len);
    l.bytes(&EXTRANEOUS_DATA, len)?;
    l.generated(&EXTRANEOUS_LENGTH, len as u64);
    l.generated(&EXTRANEOUS_HEADING, 0u64);
    l.expert(&EXTRANEOUS);
    l.close(open);
    Ok(())
}

/// Whether a datagram between unknown ports is a question or an answer: one question, and as few of everything else as is usual.
fn looks_like_dns(payload: &[u8], ports: [u16; 2]) -> bool {
    let Some(([_, _, flags, _, counts @ ..], [_, ..])) = payload.split_first_chunk::<12>() else { return false };
    let mut counts = counts.chunks_exact(2).map(|count| u16::from_be_bytes([count[0], count[1]]));
    let [questions, answers, authorities, additionals] = std::array::from_fn(|_| counts.next().unwrap_or(0));
    let is_response = flags & 0x80 != 0;
    let (most_answers, most_authorities) = if is_response { (100, 10) } else { (0, 0) };
    !ports.contains(&NETBIOS_NAMES)
        && flags & 0x78 == 0
        && questions == 1
        && answers <= most_answers
        && authorities <= most_authorities
        && additionals <= 10
}

// ---- lines

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if let Some(response) = layer.number(&RESPONSE) {
        text.str(if response != 0 { " (response)" } else { " (query)" });
    }
}

fn flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Flags: ").hex(entry.number(), 4).byte(b' ');
    text.str(OPCODE.names.get(OPCODE.extract(entry.number())).unwrap_or("Unknown operation"));
    if RESPONSE.extract(entry.number()) != 0 {
        let code = REPLY_CODE.extract(entry.number());
        text.str(" response, ").str(REPLY_CODE.names.get(code).unwrap_or("Unknown error"));
    }
}

fn question_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    if let Some(name) = layer.children(entry).first() {
        write_text(layer, name, text);
    }
    text.str(": type ");
    records::write_type(entry.number(), text);
    text.str(", class ").str(types::CLASS_NAMES.get(entry.number() >> 16 & 0xffff).unwrap_or("Unknown"));
    text.str(wanted(entry.number()));
}

/// The words for how the answer to a question of multicast DNS shall be sent.
fn wanted(question: u64) -> &'static str {
    match question & (WANTS_MULTICAST | WANTS_UNICAST) {
        WANTS_MULTICAST => ", \"QM\" question",
        WANTS_UNICAST => ", \"QU\" question",
        _ => "",
    }
}

fn write_text(layer: &LayerView, entry: &Entry, text: &mut Text) {
    if let Value::Text(bytes) = layer.view.value(entry) {
        text.wire(bytes);
    }
}

fn extraneous_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Extraneous Data (").dec(entry.number()).str(" bytes)");
}

fn retransmitted_request_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("DNS query retransmission. Original request in frame ").dec(entry.number());
}

fn retransmitted_response_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("DNS response retransmission. Original response in frame ").dec(entry.number());
}

/// Writes seconds, and in brackets as days, hours, minutes and seconds.
fn seconds_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let seconds = entry.number();
    text.str(entry.field.title).str(": ").dec(seconds).str(" (");
    let parts = [
        (seconds / 86_400, "day"),
        (seconds / 3600 % 24, "hour"),
        (seconds / 60 % 60, "minute"),
        (seconds % 60, "second"),
    ];
    let mut separator = "";
    for (count, unit) in parts.into_iter().filter(|part| part.0 > 0 || seconds == 0 && part.1 == "second") {
        text.str(separator).dec(count).byte(b' ').str(unit).str(if count == 1 { "" } else { "s" });
        separator = ", ";
    }
    text.byte(b')');
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let info = &mut *summary.info;
    let (Some(id), Some(flags)) = (layer.number(&ID), layer.number(&FLAGS)) else {
        // Of a message without a header only the name is known.
        if summary.protocol.is_empty() {
            summary.protocol.str(layer.protocol().short);
        }
        return;
    };
    let start = info.len();
    let is_response = RESPONSE.extract(flags) != 0;
    let opcode = OPCODE.extract(flags);
    match OPCODE.names.get(opcode) {
        Some(name) => info.str(name),
        None => info.str("Unknown operation (").dec(opcode).byte(b')'),
    };
    info.str(if is_response { " response " } else { " " }).hex(id, 4);
    let code = REPLY_CODE.extract(flags);
    if is_response && code != 0 {
        info.byte(b' ');
        match REPLY_CODE.names.get(code) {
            Some(name) => info.str(name),
            None => info.str("Unknown error (").dec(code).byte(b')'),
        };
    }
    let entries = layer.entries();
    for (place, entry) in entries.iter().enumerate() {
        if entry.field.is(&QUESTION) {
            info.byte(b' ');
            records::write_type(entry.number(), info);
            if let Some(name) = entries.get(place + 1) {
                info.byte(b' ');
                write_text(layer, name, info);
            }
            info.str(wanted(entry.number()));
        } else if entry.field.is(&records::RECORD) || entry.field.is(&records::CUT_RECORD) {
            records::write_info(layer, entry.number(), layer.children(entry), info);
        }
        if info.len() - start > MAX_INFO {
            info.truncate(start + MAX_INFO);
            break;
        }
    }
}

crate::dissect::names! {
    OPERATIONS = {
        0 => "Standard query", 1 => "Inverse query", 2 => "Server status request", 4 => "Zone change notification",
        5 => "Dynamic update", 6 => "DNS Stateful operations (DSO)",
    }
    REPLY_CODES = {
        0 => "No error", 1 => "Format error", 2 => "Server failure", 3 => "No such name", 4 => "Not implemented",
        5 => "Refused", 6 => "Name exists", 7 => "RRset exists", 8 => "RRset does not exist",
        9 => "Not authoritative", 10 => "Name out of zone", 11 => "DSO-Type not implemented",
        16 => "Bad OPT Version or TSIG Signature Failure", 17 => "Key not recognized",
        18 => "Signature out of time window", 19 => "Bad TKEY Mode", 20 => "Duplicate key name",
        21 => "Algorithm not supported", 22 => "Bad Truncation", 23 => "Bad/missing Server Cookie",
    }
}

/// The port of the name service of NetBIOS, whose messages have the same form and other words (RFC 1002).
const NETBIOS_NAMES: u16 = 137;

/// The protocols whose headers begin with two ports, which name a conversation.
const TRANSPORTS: [&str; 4] = ["udp", "tcp", "udplite", "sctp"];

const UPDATE: u64 = 5;
const STATEFUL: u64 = 6;

/// A question that is asked again within so many seconds is the same one.
const RETRANSMISSION_S: u32 = 5;

/// The most bytes that the Info column has of a message.
const MAX_INFO: usize = 4095;

#[cfg(test)]
mod tests {
    use super::testing::{answer, datagram, message, query, record, response, segment};
    use super::*;
    use crate::protocols::testing::Sample;
    use crate::streams::Streams;

    /// 0x1234+ A? www.example.com.
    const QUESTION_BODY: &[u8] = b"\x03www\x07example\x03com\0\0\x01\0\x01";
    /// The same, and its answer: CNAME b.x., A 1.2.3.4
    const ANSWER_BODY: &[u8] = b"\x03www\x07example\x03com\0\0\x01\0\x01\
        \xc0\x0c\0\x05\0\x01\0\0\x01\x2c\0\x05\x01b\x01x\0\
        \xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04\x01\x02\x03\x04";

    fn asks() -> Sample {
        query(&message(0x0100, [1, 0, 0, 0], QUESTION_BODY))
    }

    fn answers() -> Sample {
        response(&message(0x8180, [1, 2, 0, 0], ANSWER_BODY))
    }

    #[test]
    fn a_question() {
        let dissected = asks().dissect();
        assert_eq!(dissected.stack, "eth:ethertype:ip:udp:dns");
        assert_eq!((&*dissected.protocol, &*dissected.info), ("DNS", "Standard query 0x1234 A www.example.com"));
        dissected.shows(&[
            "Domain Name System (query)",
            "Transaction ID: 0x1234",
            "Flags: 0x0100 Standard query",
            "0... .... .... .... = Response: Message is a query",
            ".000 0... .... .... = Opcode: Standard query (0)",
            ".... ..0. .... .... = Truncated: Message is not truncated",
            ".... ...1 .... .... = Recursion desired: Do query recursively",
            ".... .... .0.. .... = Z: reserved (0)",
            ".... .... ...0 .... = Non-authenticated data: Unacceptable",
            "Questions: 1",
            "Answer RRs: 0",
            "Authority RRs: 0",
            "Additional RRs: 0",
            "Queries",
            "www.example.com: type A, class IN",
            "Name: www.example.com",
            "[Name Length: 15]",
            "[Label Count: 3]",
            "Type: A (Host Address) (1)",
            "Class: IN (0x0001)",
        ]);
        dissected.lacks("AD bit").lacks("Answers").lacks("Request In").lacks("Unsolicited");
        query(&message(0x0020, [0; 4], b"")).dissect().shows(&[".... .... ..1. .... = AD bit: Set"]);
    }

    #[test]
    fn an_answer_knows_its_question() {
        let dissected = answers().after(&[asks()], &mut Streams::new());
        assert_eq!(dissected.info, "Standard query response 0x1234 A www.example.com CNAME b.x A 1.2.3.4");
        dissected.shows(&[
            "Domain Name System (response)",
            "Flags: 0x8180 Standard query response, No error",
            ".... .0.. .... .... = Authoritative: Server is not an authority for domain",
            ".... .... 1... .... = Recursion available: Server can do recursive queries",
            ".... .... ..0. .... = Answer authenticated: Answer/authority portion was not authenticated by the server",
            ".... .... .... 0000 = Reply code: No error (0)",
            "Answers",
            "www.example.com: type CNAME, class IN, cname b.x",
            "Name: www.example.com",
            "Type: CNAME (Canonical NAME for an alias) (5)",
            "Class: IN (0x0001)",
            "Time to live: 300 (5 minutes)",
            "Data length: 5",
            "CNAME: b.x",
            "www.example.com: type A, class IN, addr 1.2.3.4",
            "Address: 1.2.3.4",
            "[Request In: 1]",
            "[Time: 0.001000000 seconds]",
        ]);
        answers().dissect().shows(&["[Unsolicited: True]"]).lacks("Request In");
    }

    #[test]
    fn what_is_said_again() {
        let again = asks().after(&[asks(), asks()], &mut Streams::new());
        again.shows(&[
            "Transaction ID: 0x1234",
            "[Expert Info (Warning/Protocol): DNS query retransmission. Original request in frame 1]",
            "[Retransmitted request. Original request in: 1]",
            "[Retransmission: True]",
        ]);
        let again = answers().after(&[asks(), answers()], &mut Streams::new());
        again.shows(&[
            "[Expert Info (Warning/Protocol): DNS response retransmission. Original response in frame 2]",
            "[Retransmitted response. Original response in: 2]",
            "[Retransmission: True]",
        ]);
        again.lacks("Request In").lacks("Unsolicited");
        // An answered question is a new one.
        asks().after(&[asks(), answers()], &mut Streams::new()).lacks("etransmi");
        let mut streams = Streams::first_pass();
        answers().after(&[asks()], &mut streams);
        asks().after(&[], &mut streams.second_pass()).shows(&["[Response In: 2]"]);
    }

    /// Other ports are another conversation; in one of multicast DNS, both ends are the same.
    #[test]
    fn conversations() {
        let other = datagram(&message(0x0100, [1, 0, 0, 0], QUESTION_BODY), 40_001, 53);
        other.after(&[asks()], &mut Streams::new()).lacks("etransmi");
        let multicast = |flags| datagram(&message(flags, [0; 4], b""), 5353, 5353);
        multicast(0x8400).after(&[multicast(0)], &mut Streams::new()).shows(&["[Request In: 1]"]);
    }

    /// "The message is prefixed with a two byte length field which gives the message length, excluding the two byte length field":
    /// RFC 1035, section 4.2.2.
    #[test]
    fn messages_in_a_stream() {
        let one = message(0x0100, [1, 0, 0, 0], QUESTION_BODY);
        let mut other = one.clone();
        other[0] = 0x99;
        let framed = |message: &[u8]| [&(message.len() as u16).to_be_bytes()[..], message].concat();
        let both = segment(&[framed(&one), framed(&other)].concat()).dissect();
        assert_eq!(both.info, "Standard query 0x9934 A www.example.com");
        both.shows(&[
            "Domain Name System (query)",
            "Length: 33",
            "Transaction ID: 0x1234",
            "www.example.com: type A, class IN",
            "Domain Name System (query)",
            "Length: 33",
            "Transaction ID: 0x9934",
            "www.example.com: type A, class IN",
        ]);
        both.lacks("etransmission");
        let same = segment(&[framed(&one), framed(&one)].concat()).dissect();
        same.shows(&["[Retransmitted request. Original request in: 1]"]);
        // The same question in a datagram is another one.
        asks().after(&[segment(&framed(&one))], &mut Streams::new()).lacks("etransmission");
        let begun = segment(&framed(&one)[..20]).dissect();
        assert_eq!(begun.stack, "eth:ethertype:ip:tcp");
        segment(b"\0\x03abc").dissect().shows(&["[Malformed Packet: DNS]"]).lacks("Domain Name System");
    }

    #[test]
    fn flags_and_words() {
        let cases: &[(u16, &str, &str)] = &[
            (0x0800, "Inverse query", "Inverse query 0x1234"),
            (0x1000, "Server status request", "Server status request 0x1234"),
            (0x1800, "Unknown operation", "Unknown operation (3) 0x1234"),
            (0x2400, "Zone change notification", "Zone change notification 0x1234"),
            (0x8183, "Standard query response, No such name", "Standard query response 0x1234 No such name"),
            (
                0x980c,
                "Unknown operation response, Unknown error",
                "Unknown operation (3) response 0x1234 Unknown error (12)",
            ),
        ];
        for (flags, words, info) in cases {
            let dissected = query(&message(*flags, [0; 4], b"")).dissect();
            dissected.shows(&[&format!("Flags: 0x{flags:04x} {words}")]);
            assert_eq!(dissected.info, *info);
        }
        let all = query(&message(0x07f0, [0; 4], b"")).dissect();
        all.shows(&[
            ".... ..1. .... .... = Truncated: Message is truncated",
            ".... .... .1.. .... = Z: reserved - incorrect!",
            ".... .... ...1 .... = Non-authenticated data: Acceptable",
        ]);
    }

    #[test]
    fn an_update_has_other_sections() {
        // A zone, a prerequisite, an update and an additional record.
        let body =
            [b"\x01z\0\0\x06\0\x01" as &[u8], &record(255, b""), &record(1, &[1, 2, 3, 4]), &record(99, b"")].concat();
        let dissected = query(&message(0x2800, [1, 1, 1, 1], &body)).dissect();
        assert_eq!(dissected.info, "Dynamic update 0x1234 SOA z ANY A 1.2.3.4 SPF");
        dissected.shows(&[
            "Flags: 0x2800 Dynamic update",
            "Zones: 1",
            "Prerequisites: 1",
            "Updates: 1",
            "Additional RRs: 1",
            "Zone",
            "z: type SOA, class IN",
            "Prerequisites",
            "a: type ANY, class IN",
            "Updates",
            "a: type A, class IN, addr 1.2.3.4",
            "Additional records",
        ]);
        dissected.lacks("Questions");
    }

    #[test]
    fn multicast_dns() {
        let mut body = b"\x01a\0\0\x01\0\x01\x01b\0\0\xff\x80\x01".to_vec();
        let mut flushed = record(1, &[1, 2, 3, 4]);
        flushed[5] = 0x80;
        body.extend(flushed);
        body.extend(b"\0\0\x29\x85\xa0\0\0\0\0\0\0");
        let dissected = datagram(&message(0, [2, 1, 0, 1], &body), 5353, 5353).dissect();
        assert_eq!(dissected.protocol, "MDNS");
        assert_eq!(dissected.stack, "eth:ethertype:ip:udp:mdns");
        assert_eq!(
            dissected.info,
            "Standard query 0x1234 A a, \"QM\" question ANY b, \"QU\" question A, cache flush 1.2.3.4 OPT, cache flush"
        );
        dissected.shows(&[
            "Multicast Domain Name System (query)",
            "a: type A, class IN, \"QM\" question",
            ".000 0000 0000 0001 = Class: IN (0x0001)",
            "0... .... .... .... = \"QU\" question: False",
            "b: type ANY, class IN, \"QU\" question",
            "1... .... .... .... = \"QU\" question: True",
            "a: type A, class IN, cache flush, addr 1.2.3.4",
            ".000 0000 0000 0001 = Class: IN (0x0001)",
            "1... .... .... .... = Cache flush: True",
            "<Root>: type OPT, cache flush",
            ".000 0101 1010 0000 = UDP payload size: 0x05a0",
            "1... .... .... .... = Cache flush: True",
        ]);
        datagram(b"abc", 5353, 5353).dissect().shows(&["[Malformed Packet: mDNS]"]);
    }

    #[test]
    fn llmnr_has_flags_of_its_own() {
        let of = |flags| datagram(&message(flags, [0; 4], b""), 40_000, 5355).dissect();
        assert_eq!(of(0).protocol, "LLMNR");
        of(0).shows(&[
            "Link-local Multicast Name Resolution (query)",
            ".... .0.. .... .... = Conflict: None",
            ".... ..0. .... .... = Truncated: Message is not truncated",
            ".... ...0 .... .... = Tentative: Not tentative",
        ]);
        of(0).lacks("Recursion").lacks("Reply code");
        of(0x0500).shows(&[
            ".... .1.. .... .... = Conflict: The sender received multiple responses",
            ".... ...1 .... .... = Tentative: Tentative",
        ]);
        of(0x8400).shows(&[
            ".... .1.. .... .... = Conflict: The name is not considered unique",
            ".... .... .... 0000 = Reply code: No error (0)",
        ]);
        of(0x8000).shows(&[".... .0.. .... .... = Conflict: The name is considered unique"]);
    }

    #[test]
    fn what_stands_behind_the_message() {
        let dissected = query(&message(0, [0; 4], b"extra")).dissect();
        dissected.shows(&[
            "Extraneous Data (5 bytes)",
            "Extraneous Data Bytes: 6578747261",
            "[Extraneous Data Length: 5]",
        ]);
    }

    /// Where tshark 4.0 stops: the header by fields but identifier and flags together, a question and the head of a record as a whole,
    /// and a record with its data, of which else only the type is known.
    #[test]
    fn cut_anywhere() {
        let whole = message(0x8180, [1, 2, 0, 0], ANSWER_BODY);
        let (header, question, first) = (12, 33, 50);
        for len in 1..whole.len() {
            let info = match len {
                0..4 => "",
                4..33 => "Standard query response 0x1234",
                33..45 => "Standard query response 0x1234 A www.example.com",
                45..50 => "Standard query response 0x1234 A www.example.com CNAME",
                50..62 => "Standard query response 0x1234 A www.example.com CNAME b.x",
                _ => "Standard query response 0x1234 A www.example.com CNAME b.x A",
            };
            let malformed = response(&whole[..len]).dissect();
            assert_eq!(malformed.info, format!("{info}[Malformed Packet]"), "{len} bytes");
            assert_eq!(malformed.protocol, "DNS", "{len} bytes");
            let short = response(&whole).cut(42 + len).dissect();
            assert_eq!(short.info, format!("{info}[Packet size limited during capture]"), "{len} bytes");
            let has = |line: &str| malformed.tree.lines().any(|other| other.trim() == line);
            assert_eq!(has("Additional RRs: 0"), len >= header, "{len} bytes");
            assert_eq!(has("Queries"), len > header, "{len} bytes");
            assert_eq!(has("Name: www.example.com"), len >= question, "{len} bytes");
            assert_eq!(has("Answers"), len > question, "{len} bytes");
            assert_eq!(has("Data length: 5"), len >= first, "{len} bytes");
        }
    }

    #[test]
    fn looks() {
        let cases: &[(&str, bool, u16, [u16; 4])] = &[
            ("a question", true, 0x0100, [1, 0, 0, 10]),
            ("an answer", true, 0x8180, [1, 100, 10, 10]),
            ("an operation", false, 0x0800, [1, 0, 0, 0]),
            ("two questions", false, 0x0100, [2, 0, 0, 0]),
            ("no question", false, 0x8180, [0, 1, 0, 0]),
            ("a question with an answer", false, 0x0100, [1, 1, 0, 0]),
            ("a question with an authority", false, 0x0100, [1, 0, 1, 0]),
            ("a question with much else", false, 0x0100, [1, 0, 0, 11]),
            ("many answers", false, 0x8180, [1, 101, 0, 0]),
            ("many authorities", false, 0x8180, [1, 0, 11, 0]),
        ];
        for &(what, expected, flags, counts) in cases {
            let payload = message(flags, counts, b"\0");
            assert_eq!(looks_like_dns(&payload, [40_000, 50_000]), expected, "{what}");
            assert!(!looks_like_dns(&payload[..12], [40_000, 50_000]), "{what}");
            assert!(!looks_like_dns(&payload, [137, 137]), "{what}");
        }
        let dissected = datagram(&message(0x0100, [1, 0, 0, 0], QUESTION_BODY), 40_000, 50_000).dissect();
        assert_eq!(dissected.stack, "eth:ethertype:ip:udp:dns");
    }

    #[test]
    fn seconds_in_words() {
        for (ttl, words) in [
            (0u32, "0 (0 seconds)"),
            (1, "1 (1 second)"),
            (61, "61 (1 minute, 1 second)"),
            (86_400, "86400 (1 day)"),
            (858_980_352, "858980352 (9941 days, 21 hours, 39 minutes, 12 seconds)"),
            (0xffff_ffff, "4294967295 (49710 days, 6 hours, 28 minutes, 15 seconds)"),
        ] {
            let mut record = record(1, &[1, 2, 3, 4]);
            record[7..11].copy_from_slice(&ttl.to_be_bytes());
            let dissected = answer(&record);
            dissected.shows(&[&format!("Time to live: {words}")]);
            assert_eq!(dissected.tree.contains("The uppermost bit of the TTL is set"), ttl >> 31 != 0);
        }
    }

    #[test]
    fn the_info_column_ends() {
        let body = record(16, b"").repeat(2000);
        assert_eq!(response(&message(0x8180, [0, 2000, 0, 0], &body)).dissect().info.len(), MAX_INFO);
    }
}
