//! ICMP: the Internet Control Message Protocol of IPv4.
//!
//! RFC 792; RFC 950 (address masks), RFC 1191 (MTU of the next hop), RFC 1256 (router discovery), RFC 4884 (length of the
//! quoted datagram), RFC 5944 (mobility agents), RFC 8335 (extended echo). What may stand behind a quoted datagram is in
//! [`extensions`].
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Type      |     Code      |           Checksum            |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |   as the type says: identifier and sequence number, gateway,  |
//! |   pointer, MTU, length of the quoted datagram …               |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |   data, or the datagram that the message is about …           |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use etherparse::checksum::Sum16BitWords;

use super::ipv4;
use crate::capture::Time;
use crate::dissect::{
    Address, Asks, Entry, Field, Group, Layer, LayerView, Names, Next, Outcome, Preference, Protocol, Query, Severity,
    Stop, Summary, Table, fields, names,
};
use crate::text::Text;

pub(super) mod extensions;

fields! {
    TYPE = uint8("icmp.type", "Type").label(type_line);
    CODE = uint8("icmp.code", "Code").label(code_line);
    CHECKSUM = uint16("icmp.checksum", "Checksum").hex().label(checksum_line);
    CHECKSUM_STATUS = uint8("icmp.checksum.status", "Checksum Status").name_only().generated()
        .values(CHECKSUM_STATUSES);
    UNUSED = bytes("icmp.unused", "Unused");
    RESERVED = bytes("icmp.reserved", "Reserved");
    IDENT = uint16("icmp.ident", "Identifier (BE)").dec_hex();
    IDENT_LE = uint16("icmp.ident_le", "Identifier (LE)").dec_hex();
    SEQ = uint16("icmp.seq", "Sequence Number (BE)").dec_hex();
    SEQ_LE = uint16("icmp.seq_le", "Sequence Number (LE)").dec_hex();
    RESPONSE_IN = frame_number("icmp.resp_in", "Response frame").generated();
    RESPONSE_TO = frame_number("icmp.resp_to", "Request frame").generated().asks(Asks::Streams);
    RESPONSE_TIME = double("icmp.resptime", "Response time").label(response_time_line).generated().asks(Asks::Streams);
    NO_RESPONSE = none("icmp.no_resp", "No response seen").generated();
    TO_A_GROUP = heading("No response is expected").hidden();
    DATA_TIME = absolute_time("icmp.data_time", "Timestamp from icmp data");
    DATA_TIME_RELATIVE = relative_time("icmp.data_time_relative", "Timestamp from icmp data (relative)").generated();
    LENGTH = uint8("icmp.length", "Length");
    ORIGINAL_LENGTH = uint8("icmp.length.original_datagram", "Length of original datagram").generated();
    MTU = uint16("icmp.mtu", "MTU of next hop");
    POINTER = uint32("icmp.pointer", "Pointer");
    GATEWAY = ipv4("icmp.redir_gw", "Gateway Address");
    NUM_ADDRS = uint8("icmp.num_addrs", "Number of addresses");
    ADDR_ENTRY_SIZE = uint8("icmp.addr_entry_size", "Address entry size");
    LIFETIME = uint16("icmp.lifetime", "Lifetime").label(lifetime_line);
    ROUTER_ADDRESS = ipv4("icmp.router_address", "Router address");
    PREFERENCE_LEVEL = int32("icmp.pref_level", "Preference level");
    ORIGINATE_TIMESTAMP = uint32("icmp.originate_timestamp", "Originate Timestamp").label(timestamp_line);
    RECEIVE_TIMESTAMP = uint32("icmp.receive_timestamp", "Receive Timestamp").label(timestamp_line);
    TRANSMIT_TIMESTAMP = uint32("icmp.transmit_timestamp", "Transmit Timestamp").label(timestamp_line);
    ADDRESS_MASK = ipv4("icmp.address_mask", "Address Mask");

    MIP_EXTENSION = heading("Ext").label(mobile_extension_line);
    MIP_TYPE = uint8("icmp.mip.type", "Extension Type").values(MOBILE_EXTENSIONS);
    MIP_LENGTH = uint8("icmp.mip.length", "Length");
    MIP_PREFIX_LENGTH = uint8("icmp.mip.prefixlength", "Prefix Length");
    MIP_SEQ = uint16("icmp.mip.seq", "Sequence Number");
    MIP_LIFETIME = uint16("icmp.mip.life", "Registration Lifetime");
    MIP_FLAGS = uint16("icmp.mip.flags", "Flags").hex().label(mobile_flags_line);
    MIP_R = boolean("icmp.mip.r", "Registration Required").of(16).bits(0x8000);
    MIP_B = boolean("icmp.mip.b", "Busy").of(16).bits(0x4000);
    MIP_H = boolean("icmp.mip.h", "Home Agent").of(16).bits(0x2000);
    MIP_F = boolean("icmp.mip.f", "Foreign Agent").of(16).bits(0x1000);
    MIP_M = boolean("icmp.mip.m", "Minimal Encapsulation").of(16).bits(0x0800);
    MIP_G = boolean("icmp.mip.g", "GRE").of(16).bits(0x0400);
    MIP_V = boolean("icmp.mip.v", "VJ Comp").of(16).bits(0x0200);
    MIP_RT = boolean("icmp.mip.rt", "Reverse tunneling").of(16).bits(0x0100);
    MIP_U = boolean("icmp.mip.u", "UDP tunneling").of(16).bits(0x0080);
    MIP_X = boolean("icmp.mip.x", "Revocation support").of(16).bits(0x0040);
    MIP_RESERVED = uint16("icmp.mip.reserved", "Reserved").hex().bits(0x003f);
    MIP_CARE_OF_ADDRESS = ipv4("icmp.mip.coa", "Care-Of-Address");
    MIP_CHALLENGE = bytes("icmp.mip.challenge", "Challenge");
    MIP_CONTENT = bytes("icmp.mip.content", "Content");

    EXT = none("icmp.ext", "ICMP Multi-Part Extensions").label(extensions::line);
    EXT_VERSION = uint8("icmp.ext.version", "Version");
    EXT_RESERVED = uint16("icmp.ext.res", "Reserved").hex().bits(0x0fff);
    EXT_CHECKSUM = uint16("icmp.ext.checksum", "Checksum").hex().label(extensions::checksum_line);
    EXT_CHECKSUM_MISSING = uint16("icmp.ext.checksum", "Checksum").hex().generated().label(extensions::checksum_line);
    EXT_CHECKSUM_STATUS = uint8("icmp.ext.checksum.status", "Checksum Status").name_only().generated()
        .values(CHECKSUM_STATUSES);
    EXT_OBJECT = heading("Object").label(extensions::object_line);
    EXT_LENGTH = uint16("icmp.ext.length", "Length");
    EXT_CLASS = uint8("icmp.ext.class", "Class").values(extensions::CLASSES);
    EXT_CTYPE = uint8("icmp.ext.ctype", "C-Type").label(extensions::kind_line);
    EXT_DATA = bytes("icmp.ext.data", "Data");
    MPLS_ENTRY = heading("Label").label(extensions::mpls_line);
    MPLS_LABEL = uint24("icmp.mpls.label", "Label").bits(0xff_fff0);
    MPLS_EXP = uint24("icmp.mpls.exp", "Experimental").bits(0x00_000e);
    MPLS_S = boolean("icmp.mpls.s", "Stack bit").of(24).bits(0x00_0001).flags("Set", "Not set");
    MPLS_TTL = uint8("icmp.mpls.ttl", "Time to live");
    MPLS_DATA = bytes("icmp.mpls.data", "Data");
    INFO_ROLE = uint8("icmp.int_info.role", "Interface Role").bits(0xc0).values(extensions::ROLES);
    INFO_RESERVED = uint8("icmp.int_info.reserved", "Reserved").bits(0x30);
    INFO_HAS_INDEX = boolean("icmp.int_info.ifindex", "ifIndex").bits(0x08);
    INFO_HAS_ADDRESS = boolean("icmp.int_info.ipaddr", "IP Address").bits(0x04).flags("Present", "Not Present");
    INFO_HAS_NAME = boolean("icmp.int_info.name_present", "Interface Name").bits(0x02).flags("Present", "Not Present");
    INFO_HAS_MTU = boolean("icmp.int_info.mtu_present", "MTU").bits(0x01).flags("Present", "Not Present");
    INFO_INDEX = uint32("icmp.int_info.index", "Interface Index");
    INFO_ADDRESS = heading("IP Address Sub-Object");
    INFO_FAMILY = uint16("icmp.int_info.afi", "Address Family Identifier");
    INFO_IPV4 = ipv4("icmp.int_info.ipv4", "Source");
    INFO_IPV6 = ipv6("icmp.int_info.ipv6", "Source");
    INFO_ADDRESS_UNKNOWN = bytes("icmp.int_info.ipunknown", "Source");
    INFO_NAMES = heading("Interface Name Sub-Object");
    INFO_NAME_LENGTH = uint8("icmp.int_info.name_length", "Name Length");
    INFO_NAME = text("icmp.int_info.name", "Name");
    INFO_MTU = uint32("icmp.int_info.mtu", "Maximum Transmission Unit");
    IDENT_NAME = text("icmp.int_ident.name", "Name");
    IDENT_INDEX = uint32("icmp.int_ident.index", "Interface Index");
    IDENT_FAMILY = uint16("icmp.int_ident.afi", "Address Family Identifier").values(extensions::FAMILIES);
    IDENT_ADDR_LENGTH = uint8("icmp.int_ident.addr_length", "Address Length");
    IDENT_RESERVED = bytes("icmp.int_ident.reserved", "Reserved");
    IDENT_IPV4 = ipv4("icmp.int_ident.ipv4", "Address");
    IDENT_IPV6 = ipv6("icmp.int_ident.ipv6", "Address");
    IDENT_ADDRESS = bytes("icmp.int_ident.address", "Address");
    EXT_ECHO_SEQ = uint8("icmp.ext.echo.seq", "Sequence Number").dec_hex();
    EXT_ECHO_REQUEST_RESERVED = uint8("icmp.ext.echo.req.res", "Reserved").hex().bits(0xfe);
    EXT_ECHO_LOCAL = boolean("icmp.ext.echo.req.local", "Local bit").bits(0x01).flags("Set", "Not set");
    EXT_ECHO_STATE = uint8("icmp.ext.echo.rsp.state", "State").bits(0xe0).values(EXTENDED_ECHO_STATES);
    EXT_ECHO_REPLY_RESERVED = uint8("icmp.ext.echo.rsp.res", "Reserved").hex().bits(0x18);
    EXT_ECHO_ACTIVE = boolean("icmp.ext.echo.rsp.active", "Active bit").bits(0x04).flags("Set", "Not set");
    EXT_ECHO_IPV4 = boolean("icmp.ext.echo.rsp.ipv4", "IPv4 bit").bits(0x02).flags("Set", "Not set");
    EXT_ECHO_IPV6 = boolean("icmp.ext.echo.rsp.ipv6", "IPv6 bit").bits(0x01).flags("Set", "Not set");

    NO_RESPONSE_FOUND = expert("icmp.resp_not_found", "No response seen to ICMP request", Severity::Warning,
        Group::Sequence);
    CHECKSUM_BAD = expert("icmp.checksum_bad", "Bad checksum", Severity::Warning, Group::Checksum)
        .label(bad_checksum_message);
    EXT_CHECKSUM_BAD = expert("icmp.ext.checksum_bad", "Bad checksum", Severity::Warning, Group::Checksum)
        .label(bad_checksum_message);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 1)],
    preferences: &[&FAVOR_EXTENSIONS],
    dissect,
    after: Some(extensions::after),
    summary: Some(summary),
    family: crate::dissect::Family::Control,
    ..Protocol::new("icmp", "ICMP", "Internet Control Message Protocol")
};

pub static FAVOR_EXTENSIONS: Preference = Preference::new(
    "icmp.favor_icmp_mpls",
    false,
    "Whether the 128th and following bytes of the ICMP payload should be decoded as MPLS extensions or as a portion of \
     the original packet",
);

fn dissect(l: &mut Layer) -> Outcome {
    // Nothing is shown of a message that is cut before its checksum ends and its first parameter begins.
    l.peek(6)?;
    l.set_header_len(l.all().len());
    let kind = l.u8(&TYPE)?;
    let code = l.u8(&CODE)?;
    let checksum = checksum(l, &CHECKSUM, &CHECKSUM_STATUS, &CHECKSUM_BAD)?;
    match kind {
        ECHO_REPLY | ECHO_REQUEST => return echo(l, kind, checksum),
        UNREACHABLE | TIME_EXCEEDED => {
            let length = quoted_length(l, &UNUSED, true)?;
            if kind == UNREACHABLE && code == FRAGMENTATION_NEEDED {
                if length == 0 {
                    l.bytes(&UNUSED, 2)?;
                }
                l.u16(&MTU)?;
            } else {
                l.bytes(&UNUSED, if length == 0 { 4 } else { 2 })?;
            }
            limit_quoted(l, length)?;
        }
        PARAMETER_PROBLEM => {
            let length = quoted_length(l, &POINTER, false)?;
            l.bytes(&UNUSED, if length == 0 { 3 } else { 2 })?;
            limit_quoted(l, length)?;
        }
        SOURCE_QUENCH => _ = l.skip(4)?,
        REDIRECT => {
            l.ipv4(&GATEWAY)?;
            limit_quoted(l, QUOTED_BY_REDIRECT)?;
        }
        ROUTER_ADVERTISEMENT => return router_advertisement(l, code),
        TIMESTAMP_REQUEST | TIMESTAMP_REPLY => {
            identifier(l)?;
            l.u32(&ORIGINATE_TIMESTAMP)?;
            l.u32(&RECEIVE_TIMESTAMP)?;
            l.u32(&TRANSMIT_TIMESTAMP)?;
        }
        INFORMATION_REQUEST | INFORMATION_REPLY => _ = identifier(l)?,
        ADDRESS_MASK_REQUEST | ADDRESS_MASK_REPLY => {
            identifier(l)?;
            l.ipv4(&ADDRESS_MASK)?;
        }
        EXTENDED_ECHO_REQUEST | EXTENDED_ECHO_REPLY => extended_echo(l, kind)?,
        _ => {}
    }
    if !quotes(kind) || l.wire_remaining() == 0 {
        return Ok(Next::End);
    }
    l.quote();
    Ok(Next::By(Table::IpProto, 4))
}

/// Whether a message of this type carries the datagram that it is about.
fn quotes(kind: u8) -> bool {
    matches!(kind, UNREACHABLE | SOURCE_QUENCH | REDIRECT | TIME_EXCEEDED | PARAMETER_PROBLEM)
}

/// Reads the first two of the four bytes behind the checksum where the second says how long the quoted datagram is, in
/// words of 32 bits; of `first` only a byte. Returns the length; 0 is that the message does not say, and then `first` is
/// read only where it is not part of what is `unused`.
fn quoted_length(l: &mut Layer, first: &'static Field, unused: bool) -> Result<u8, Stop> {
    let length = l.peek(2)?.last().copied().unwrap_or_default();
    if length == 0 && unused {
        return Ok(0);
    } else if unused {
        l.bytes(first, 1)?;
    } else {
        l.uint(first, 1)?;
    }
    if length > 0 {
        l.u8(&LENGTH)?;
        l.generated_at(&ORIGINAL_LENGTH, u64::from(length) * 4, l.offset() - 1, 1);
    }
    Ok(length)
}

/// Lets the quoted datagram end so many words of 32 bits behind its header; with 0 the message does not say.
fn limit_quoted(l: &mut Layer, words: u8) -> Result<(), Stop> {
    if words > 0 && l.wire_remaining() > 0 {
        let header_len = usize::from(l.peek_u8()? & 0x0f) * 4;
        l.limit_payload(header_len + usize::from(words) * 4);
    }
    Ok(())
}

/// Reads a checksum, compares it with that of the whole message, and returns it.
fn checksum(l: &mut Layer, field: &'static Field, status: &'static Field, bad: &'static Field) -> Result<u16, Stop> {
    let found = l.u16(field)?;
    if l.is_quoted() || l.is_fragment() || !l.is_whole() {
        l.generated(status, UNVERIFIED);
        return Ok(found);
    }
    let (before, after) = l.all().split_at_checked(2).unwrap_or_default();
    let calculated = sum(before, after.get(2..).unwrap_or_default());
    if calculated != found {
        l.expert_with(bad, calculated);
    }
    l.generated(status, if calculated == found { GOOD } else { BAD });
    Ok(found)
}

/// The checksum of a message in two parts: what stands before its checksum field, and what stands behind it.
fn sum(before: &[u8], after: &[u8]) -> u16 {
    Sum16BitWords::new().add_slice(before).add_slice(after).ones_complement().to_be()
}

/// Reads identifier and sequence number, which hosts write in either byte order, and returns both as one.
fn identifier(l: &mut Layer) -> Result<u32, Stop> {
    let identifier = l.peek_u16()?;
    l.part(&IDENT, identifier, 2);
    l.u16_le(&IDENT_LE)?;
    let sequence = l.peek_u16()?;
    l.part(&SEQ, sequence, 2);
    l.u16_le(&SEQ_LE)?;
    Ok(u32::from(identifier) << 16 | u32::from(sequence))
}

fn echo(l: &mut Layer, kind: u8, checksum: u16) -> Outcome {
    let conversation = identifier(l)?;
    if !l.is_quoted() {
        pair(l, kind == ECHO_REPLY, conversation, checksum);
    }
    data_time(l)?;
    l.payload_inside();
    Ok(Next::Data)
}

/// Says which frame this one answers, or is answered by.
fn pair(l: &mut Layer, answer: bool, conversation: u32, checksum: u16) {
    // Both halves have the same data, so that their checksums differ by the type alone: 8 in the high byte of a word.
    let shared = if answer { ones_complement_sum(checksum, !0x0800) } else { checksum };
    let shared = if shared == 0xffff { 0 } else { shared };
    let key = u64::from(conversation) << 16 | u64::from(shared);
    // Who asks whom does not matter: in captures of one side, of loops and of rewritten addresses, both may look the same.
    let (low, high) = (l.source().min(l.destination()), l.source().max(l.destination()));
    let (source, destination) = if answer { (high, low) } else { (low, high) };
    let query = Query { source, destination, key, answer, patience_s: 0 };
    let note = l.memory().pair(&query);
    if let (true, Some(request)) = (answer, note.request) {
        l.generated(&RESPONSE_TO, request);
        if let (Some(sent), Some(now)) = (note.request_time, l.frame().time) {
            let elapsed = now.since(sent);
            let elapsed_ms = elapsed.seconds() as f64 * 1e3 + f64::from(elapsed.nanos()) / 1e6;
            l.generated(&RESPONSE_TIME, elapsed_ms.to_bits());
        }
    } else if let (false, Some(response)) = (answer, note.response) {
        l.generated(&RESPONSE_IN, response);
    } else if !answer && note.unanswered {
        if is_group(l.destination()) {
            l.generated(&TO_A_GROUP, 0u64);
        } else {
            l.generated(&NO_RESPONSE, 0u64);
            l.expert(&NO_RESPONSE_FOUND);
        }
    }
}

fn ones_complement_sum(a: u16, b: u16) -> u16 {
    let (sum, carry) = a.overflowing_add(b);
    sum.wrapping_add(u16::from(carry))
}

fn is_group(address: Address) -> bool {
    matches!(address, Address::V4(address) if address >> 28 == 0xe || address == u32::MAX)
}

/// Reads the moment at which a request was sent, where its data begins with one: many programs write seconds and microseconds
/// there, in their own byte order. Within a day of the capture counts as one.
fn data_time(l: &mut Layer) -> Result<(), Stop> {
    let Some(now) = l.frame().time else { return Ok(()) };
    let Ok(&[a, b, c, d, e, f, g, h]) = l.peek(8) else { return Ok(()) };
    let orders = [
        (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])),
        (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])),
    ];
    for (seconds, micros) in orders {
        let near = now.seconds().abs_diff(i64::from(seconds)) < SECONDS_PER_DAY;
        if near && micros < 1_000_000 {
            let sent = Time::from_nanos(seconds.into(), micros * 1_000);
            let elapsed = now.since(sent);
            let offset = l.offset();
            l.time(&DATA_TIME, sent.seconds(), sent.nanos(), 8)?;
            l.go_to(offset)?;
            return l.time(&DATA_TIME_RELATIVE, elapsed.seconds(), elapsed.nanos(), 8);
        }
    }
    Ok(())
}

fn extended_echo(l: &mut Layer, kind: u8) -> Result<(), Stop> {
    let identifier = l.peek_u16()?;
    l.part(&IDENT, identifier, 2);
    l.u16_le(&IDENT_LE)?;
    l.u8(&EXT_ECHO_SEQ)?;
    let flags = l.peek_u8()?;
    if kind == EXTENDED_ECHO_REPLY {
        for field in [&EXT_ECHO_STATE, &EXT_ECHO_REPLY_RESERVED, &EXT_ECHO_ACTIVE, &EXT_ECHO_IPV4, &EXT_ECHO_IPV6] {
            l.part(field, flags, 1);
        }
        l.skip(1)?;
        return Ok(());
    }
    l.part(&EXT_ECHO_REQUEST_RESERVED, flags, 1);
    l.part(&EXT_ECHO_LOCAL, flags, 1);
    l.skip(1)?;
    if l.wire_remaining() > 0 {
        extensions::read(l)?;
    }
    Ok(())
}

/// Reads a router's addresses and, of a router that serves mobile nodes, what it offers them.
fn router_advertisement(l: &mut Layer, code: u8) -> Outcome {
    let count = l.u8(&NUM_ADDRS)?;
    let entry_size = l.u8(&ADDR_ENTRY_SIZE)?;
    l.u16(&LIFETIME)?;
    if entry_size != 2 {
        l.payload_inside();
        return Ok(Next::Data);
    }
    for _ in 0..count {
        l.ipv4(&ROUTER_ADDRESS)?;
        l.u32(&PREFERENCE_LEVEL)?;
    }
    if matches!(code, NORMAL_ROUTER | MOBILE_ROUTER) {
        while l.wire_remaining() > 0 {
            mobile_extension(l)?;
        }
    }
    Ok(Next::End)
}

fn mobile_extension(l: &mut Layer) -> Result<(), Stop> {
    let kind = l.peek_u8()?;
    if kind == MIP_PADDING {
        let open = l.open_with(&MIP_EXTENSION, kind, 1);
        l.u8(&MIP_TYPE)?;
        l.close(open);
        return Ok(());
    }
    let len = l.peek(2)?.last().copied().map_or(0, usize::from);
    let open = l.open_with(&MIP_EXTENSION, kind, len + 2);
    l.u8(&MIP_TYPE)?;
    l.u8(&MIP_LENGTH)?;
    match kind {
        MIP_MOBILITY_AGENT => {
            l.u16(&MIP_SEQ)?;
            l.u16(&MIP_LIFETIME)?;
            let flags = l.u16(&MIP_FLAGS)?;
            l.parts(MOBILE_FLAGS, flags);
            for _ in 0..len.saturating_sub(6) / 4 {
                l.ipv4(&MIP_CARE_OF_ADDRESS)?;
            }
        }
        MIP_PREFIX_LENGTHS => {
            for _ in 0..len {
                l.u8(&MIP_PREFIX_LENGTH)?;
            }
        }
        MIP_CHALLENGES => _ = l.bytes(&MIP_CHALLENGE, len)?,
        _ if len > 0 => _ = l.bytes(&MIP_CONTENT, len)?,
        _ => {}
    }
    l.close(open);
    Ok(())
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    summary.protocol.str(layer.protocol().short);
    let (Some(kind), Some(code)) = (layer.number(&TYPE), layer.number(&CODE)) else { return };
    let info = &mut *summary.info;
    let start = info.len();
    let name = type_name(kind, code);
    info.str(name);
    info.fill(b' ', (start + 20).saturating_sub(info.len()));
    if let Some(codes) = codes_of(kind) {
        info.str(" (");
        write_code(codes, code, info);
        info.str(")");
    } else if let (Some(identifier), Some(sequence)) = (layer.number(&IDENT), layer.number(&SEQ)) {
        info.str(" id=").hex(identifier, 4).str(", seq=").dec(sequence).str("/");
        info.dec(u64::from((sequence as u16).swap_bytes()));
        if let Some(ttl) = layer.below().and_then(|below| below.number(&ipv4::TTL)) {
            info.str(", ttl=").dec(ttl);
        }
    }
    if let Some(response) = layer.number(&RESPONSE_IN) {
        info.str(" (reply in ").dec(response).str(")");
    } else if let Some(request) = layer.number(&RESPONSE_TO) {
        info.str(" (request in ").dec(request).str(")");
    } else if layer.find(&NO_RESPONSE).is_some() {
        info.str(" (no response found!)");
    } else if layer.find(&TO_A_GROUP).is_some() {
        let destination = layer.below().and_then(|below| below.number(&ipv4::DST));
        info.str(if destination == Some(u32::MAX.into()) { " (broadcast)" } else { " (multicast)" });
    }
}

fn type_name(kind: u64, code: u64) -> &'static str {
    let mobile = kind == u64::from(ROUTER_ADVERTISEMENT) && (code == 0 || code == u64::from(MOBILE_ROUTER));
    match Names::Values(TYPES).get(kind) {
        _ if mobile => "Mobile IP Advertisement",
        Some(name) => name,
        None => "Unknown ICMP (obsolete or malformed?)",
    }
}

/// The words for the codes of a type; none where codes have no words.
fn codes_of(kind: u64) -> Option<&'static [(u64, &'static str)]> {
    CODES.iter().find(|row| u64::from(row.0) == kind).map(|row| row.1)
}

fn write_code(codes: &'static [(u64, &'static str)], code: u64, text: &mut Text) {
    match Names::Values(codes).get(code) {
        Some(name) => text.str(name),
        None => text.str("Unknown code: ").dec(code),
    };
}

fn type_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let kind = entry.number();
    let name = type_name(kind, layer.number(&CODE).unwrap_or(u64::MAX));
    text.str(entry.field.title).str(": ").dec(kind).str(" (").str(name).str(")");
}

fn code_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").dec(entry.number());
    if let Some(codes) = layer.number(&TYPE).and_then(codes_of) {
        text.str(" (");
        write_code(codes, entry.number(), text);
        text.str(")");
    }
}

fn checksum_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").hex(entry.number(), 4);
    match layer.number(&CHECKSUM_STATUS) {
        Some(GOOD) => text.str(" [correct]"),
        Some(BAD) => {
            let calculated = layer.number(&CHECKSUM_BAD).unwrap_or_default();
            text.str(" incorrect, should be ").hex(calculated, 4)
        }
        _ if layer.mark().quoted => text.str(" [unverified] [in ICMP error packet]"),
        _ => text.str(" [unverified] [fragmented datagram]"),
    };
}

fn bad_checksum_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad checksum [should be ").hex(entry.number(), 4).str("]");
}

/// Writes milliseconds with three decimals.
fn response_time_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let micros = (f64::from_bits(entry.number()) * 1e3).round() as i64;
    text.str(entry.field.title).str(": ").str(if micros < 0 { "-" } else { "" });
    let micros = micros.unsigned_abs();
    text.dec(micros / 1_000).str(".").dec_padded(micros % 1_000, 3).str(" ms");
}

fn lifetime_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let seconds = entry.number();
    text.str(entry.field.title).str(": ").dec(seconds).str(" (");
    write_duration(seconds * 1_000, text);
    text.str(")");
}

/// Writes a time of day: milliseconds since midnight, or something else where the highest bit is set (RFC 792). Some hosts
/// have it in the wrong byte order: what is a time of day is taken, and of two the one sooner after that of the capture.
fn timestamp_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let raw = entry.number() as u32;
    let captured = layer.view.frame.time.unwrap_or_default();
    let captured =
        captured.seconds().rem_euclid(i64::from(MILLIS_PER_DAY / 1_000)) as u32 * 1_000 + captured.nanos() / 1_000_000;
    let after = |millis: u32| if millis < captured { millis + MILLIS_PER_DAY - captured } else { millis - captured };
    let order = |millis: u32| (millis >= MILLIS_PER_DAY, after(millis));
    let (plain, swapped) = (raw & 0x7fff_ffff, raw.swap_bytes() & 0x7fff_ffff);
    let millis = if order(swapped) < order(plain) { swapped } else { plain };
    text.str(entry.field.title).str(": ").dec(raw).str(" (");
    write_duration(millis.into(), text);
    text.str(" after midnight UTC)");
}

/// Writes a time in the largest units that it has: `1 hour, 2 minutes, 3.004 seconds`.
fn write_duration(millis: u64, text: &mut Text) {
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let mut written = false;
    for (value, unit) in [(seconds / 86_400, " day"), (seconds / 3_600 % 24, " hour"), (seconds / 60 % 60, " minute")] {
        if value > 0 {
            text.str(if written { ", " } else { "" }).dec(value).str(unit).str(if value == 1 { "" } else { "s" });
            written = true;
        }
    }
    let rest = seconds % 60;
    if rest > 0 || millis > 0 || !written {
        text.str(if written { ", " } else { "" }).dec(rest);
        if millis > 0 {
            text.str(".").dec_padded(millis, 3);
        }
        text.str(if rest == 1 && millis == 0 { " second" } else { " seconds" });
    }
}

fn mobile_extension_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Ext: ");
    match Names::Values(MOBILE_EXTENSIONS).get(entry.number()) {
        Some(name) => text.str(name),
        None => text.str("Unknown ext ").dec(entry.number()),
    };
}

fn mobile_flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").hex(entry.number(), 4);
    for flag in MOBILE_FLAGS.iter().filter(|flag| !flag.is(&MIP_RESERVED) && entry.number() & flag.mask != 0) {
        text.str(", ").str(flag.title);
    }
}

static MOBILE_FLAGS: &[&Field] =
    &[&MIP_R, &MIP_B, &MIP_H, &MIP_F, &MIP_M, &MIP_G, &MIP_V, &MIP_RT, &MIP_U, &MIP_X, &MIP_RESERVED];

/// How many words of a datagram's data a redirect quotes: "64 bits of Data Datagram" (RFC 792).
const QUOTED_BY_REDIRECT: u8 = 2;

const ECHO_REPLY: u8 = 0;
const UNREACHABLE: u8 = 3;
const SOURCE_QUENCH: u8 = 4;
const REDIRECT: u8 = 5;
const ECHO_REQUEST: u8 = 8;
const ROUTER_ADVERTISEMENT: u8 = 9;
const TIME_EXCEEDED: u8 = 11;
const PARAMETER_PROBLEM: u8 = 12;
const TIMESTAMP_REQUEST: u8 = 13;
const TIMESTAMP_REPLY: u8 = 14;
const INFORMATION_REQUEST: u8 = 15;
const INFORMATION_REPLY: u8 = 16;
const ADDRESS_MASK_REQUEST: u8 = 17;
const ADDRESS_MASK_REPLY: u8 = 18;
const EXTENDED_ECHO_REQUEST: u8 = 42;
const EXTENDED_ECHO_REPLY: u8 = 43;

const FRAGMENTATION_NEEDED: u8 = 4;
const NORMAL_ROUTER: u8 = 0;
const MOBILE_ROUTER: u8 = 16;

const MIP_PADDING: u8 = 0;
const MIP_MOBILITY_AGENT: u8 = 16;
const MIP_PREFIX_LENGTHS: u8 = 19;
const MIP_CHALLENGES: u8 = 24;

const SECONDS_PER_DAY: u64 = 86_400;
const MILLIS_PER_DAY: u32 = 86_400_000;

const BAD: u64 = 0;
const GOOD: u64 = 1;
const UNVERIFIED: u64 = 2;
const NOT_PRESENT: u64 = 3;

/// The types whose codes have words.
static CODES: &[(u8, &[(u64, &str)])] = &[
    (UNREACHABLE, UNREACHABLE_CODES),
    (REDIRECT, REDIRECT_CODES),
    (6, ALTERNATE_HOST_CODES),
    (ROUTER_ADVERTISEMENT, ROUTER_ADVERTISEMENT_CODES),
    (TIME_EXCEEDED, TIME_EXCEEDED_CODES),
    (PARAMETER_PROBLEM, PARAMETER_PROBLEM_CODES),
    (40, PHOTURIS_CODES),
    (EXTENDED_ECHO_REQUEST, EXTENDED_ECHO_REQUEST_CODES),
    (EXTENDED_ECHO_REPLY, EXTENDED_ECHO_REPLY_CODES),
];

names! {
    CHECKSUM_STATUSES = { 0 => "Bad", 1 => "Good", 2 => "Unverified", 3 => "Not present", 4 => "Illegal" }
    TYPES = {
        0 => "Echo (ping) reply", 1 => "Reserved", 2 => "Reserved", 3 => "Destination unreachable",
        4 => "Source quench (flow control)", 5 => "Redirect", 6 => "Alternate host address",
        8 => "Echo (ping) request", 9 => "Router advertisement", 10 => "Router solicitation",
        11 => "Time-to-live exceeded", 12 => "Parameter problem", 13 => "Timestamp request", 14 => "Timestamp reply",
        15 => "Information request", 16 => "Information reply", 17 => "Address mask request",
        18 => "Address mask reply", 19 => "Reserved (for security)", 30 => "Traceroute",
        31 => "Datagram Conversion Error", 32 => "Mobile Host Redirect", 33 => "IPv6 Where-Are-You",
        34 => "IPv6 I-Am-Here", 35 => "Mobile Registration Request", 36 => "Mobile Registration Reply",
        37 => "Domain Name Request", 38 => "Domain Name Reply", 39 => "SKIP", 40 => "Photuris",
        41 => "Experimental mobility protocols", 42 => "Extended Echo request", 43 => "Extended Echo reply",
    }
    UNREACHABLE_CODES = {
        0 => "Network unreachable", 1 => "Host unreachable", 2 => "Protocol unreachable", 3 => "Port unreachable",
        4 => "Fragmentation needed", 5 => "Source route failed", 6 => "Destination network unknown",
        7 => "Destination host unknown", 8 => "Source host isolated", 9 => "Network administratively prohibited",
        10 => "Host administratively prohibited", 11 => "Network unreachable for TOS",
        12 => "Host unreachable for TOS", 13 => "Communication administratively filtered",
        14 => "Host precedence violation", 15 => "Precedence cutoff in effect",
    }
    REDIRECT_CODES = {
        0 => "Redirect for network", 1 => "Redirect for host", 2 => "Redirect for TOS and network",
        3 => "Redirect for TOS and host",
    }
    ALTERNATE_HOST_CODES = { 0 => "Alternate address for host" }
    ROUTER_ADVERTISEMENT_CODES = { 0 => "Normal router advertisement", 16 => "Does not route common traffic" }
    TIME_EXCEEDED_CODES = { 0 => "Time to live exceeded in transit", 1 => "Fragment reassembly time exceeded" }
    PARAMETER_PROBLEM_CODES = {
        0 => "Pointer indicates the error", 1 => "Required option missing", 2 => "Bad length",
    }
    PHOTURIS_CODES = {
        0 => "Bad SPI", 1 => "Authentication Failed", 2 => "Decompression Failed", 3 => "Decryption Failed",
        4 => "Need Authentication", 5 => "Need Authorization",
    }
    EXTENDED_ECHO_REQUEST_CODES = { 0 => "No error" }
    EXTENDED_ECHO_REPLY_CODES = {
        0 => "No error", 1 => "Malformed Query", 2 => "No Such Interface", 3 => "No Such Table Entry",
        4 => "Multiple Interfaces Satisfy Query",
    }
    EXTENDED_ECHO_STATES = {
        0 => "Reserved", 1 => "Incomplete", 2 => "Reachable", 3 => "Stale", 4 => "Delay", 5 => "Probe", 6 => "Failed",
    }
    MOBILE_EXTENSIONS = {
        0 => "One byte padding extension", 16 => "Mobility Agent Advertisement Extension",
        19 => "Prefix Lengths Extension", 24 => "Challenge Extension",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::protocols::testing::Sample;
    use crate::streams::Streams;

    pub(super) const A: [u8; 4] = [10, 0, 0, 1];
    pub(super) const B: [u8; 4] = [10, 0, 0, 2];

    /// An IPv4 datagram without options.
    pub(super) fn datagram(protocol: u8, source: [u8; 4], destination: [u8; 4], payload: &[u8]) -> Vec<u8> {
        let [high, low] = (20 + payload.len() as u16).to_be_bytes();
        let mut bytes = vec![0x45, 0, high, low, 0, 1, 0, 0, 64, protocol, 0, 0];
        bytes.extend([source, destination].concat());
        bytes.extend(payload);
        bytes
    }

    pub(super) fn message(kind: u8, code: u8, rest: [u8; 4], data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, code, 0, 0];
        bytes.extend(rest);
        bytes.extend(data);
        let checksum = sum(&[], &bytes);
        bytes[2..4].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }

    pub(super) fn sample(source: [u8; 4], destination: [u8; 4], message: &[u8]) -> Sample {
        Sample::ethernet(0x0800, &datagram(1, source, destination, message))
    }

    /// A UDP datagram with a header that says what is true, and no checksum.
    pub(super) fn udp(data: &[u8]) -> Vec<u8> {
        let [high, low] = (8 + data.len() as u16).to_be_bytes();
        let mut bytes = vec![0x9c, 0x40, 0x9c, 0x41, high, low, 0, 0];
        bytes.extend(data);
        bytes
    }

    fn echo(kind: u8, data: &[u8]) -> Vec<u8> {
        message(kind, 0, [1, 2, 3, 4], data)
    }

    #[test]
    fn echo_requests_and_replies_find_each_other() {
        let frames =
            || [sample(A, B, &echo(8, b"ping")), sample(B, A, &echo(0, b"ping")), sample(A, B, &echo(8, b"lost"))];
        let mut streams = Streams::first_pass();
        let [request, reply, lost] = frames();
        let shown = lost.after(&[request, reply], &mut streams);
        shown.shows(&[
            "Type: 8 (Echo (ping) request)",
            "Code: 0",
            "Identifier (BE): 258 (0x0102)",
            "Identifier (LE): 513 (0x0201)",
            "Sequence Number (BE): 772 (0x0304)",
            "Sequence Number (LE): 1027 (0x0403)",
            "Data (4 bytes)",
        ]);
        assert_eq!(shown.info, "Echo (ping) request  id=0x0102, seq=772/1027, ttl=64");
        let mut streams = Streams::first_pass();
        let [request, reply, _] = frames();
        let shown = reply.after(&[request], &mut streams);
        shown.shows(&["[Request frame: 1]", "[Response time: 1.000 ms]"]);
        assert_eq!(shown.info, "Echo (ping) reply    id=0x0102, seq=772/1027, ttl=64 (request in 1)");
        let mut streams = streams.second_pass();
        let shown = frames().into_iter().next().unwrap().after(&[], &mut streams);
        shown.shows(&["[Response frame: 2]"]);
        assert_eq!(shown.info, "Echo (ping) request  id=0x0102, seq=772/1027, ttl=64 (reply in 2)");
    }

    #[test]
    fn what_nobody_answers_is_known_in_a_second_pass() {
        let mut streams = Streams::first_pass().second_pass();
        let shown = sample(A, B, &echo(8, b"ping")).after(&[], &mut streams);
        shown.shows(&["[No response seen]", "[Expert Info (Warning/Sequence): No response seen to ICMP request]"]);
        assert!(shown.info.ends_with("ttl=64 (no response found!)"));
        let mut streams = Streams::first_pass().second_pass();
        let shown = sample(A, [224, 0, 0, 1], &echo(8, b"ping")).after(&[], &mut streams);
        assert!(shown.lacks("No response").info.ends_with("ttl=64 (multicast)"));
        let mut streams = Streams::first_pass().second_pass();
        assert!(sample(A, [255; 4], &echo(8, b"ping")).after(&[], &mut streams).info.ends_with(" (broadcast)"));
    }

    #[test]
    fn other_data_is_another_request() {
        let request = sample(A, B, &echo(8, b"ping"));
        let shown = sample(B, A, &echo(0, b"pong")).after(&[request], &mut Streams::new());
        shown.lacks("Request frame");
    }

    #[test]
    fn a_time_at_the_beginning_of_the_data() {
        let seconds = 1_700_000_000u32;
        for data in [
            [seconds.to_le_bytes(), 123_456u32.to_le_bytes()].concat(),
            [seconds.to_be_bytes(), 123_456u32.to_be_bytes()].concat(),
        ] {
            sample(A, B, &echo(8, &data)).dissect().shows(&[
                "Timestamp from icmp data: Nov 14, 2023 22:13:20.123456000 UTC",
                "[Timestamp from icmp data (relative): -0.123456000 seconds]",
            ]);
        }
        let yesterday = [(seconds - 86_400).to_le_bytes(), [0; 4]].concat();
        sample(A, B, &echo(8, &yesterday)).dissect().lacks("Timestamp");
        let no_micros = [seconds.to_le_bytes(), 1_000_000u32.to_le_bytes()].concat();
        sample(A, B, &echo(8, &no_micros)).dissect().lacks("Timestamp");
        sample(A, B, &echo(8, &seconds.to_le_bytes())).dissect().lacks("Timestamp");
    }

    #[test]
    fn errors_quote_what_they_are_about() {
        let quoted = datagram(17, B, A, &udp(b"hello"));
        let shown = sample(A, B, &message(3, 4, [0, 0, 5, 0xdc], &quoted)).dissect();
        shown.shows(&[
            "Code: 4 (Fragmentation needed)",
            "Unused: 0000",
            "MTU of next hop: 1500",
            "Internet Protocol Version 4, Src: 10.0.0.2, Dst: 10.0.0.1",
            "User Datagram Protocol, Src Port: 40000, Dst Port: 40001",
        ]);
        assert_eq!(shown.info, "Destination unreachable (Fragmentation needed)");
        assert!(shown.stack.starts_with("eth:ethertype:ip:icmp:ip:udp"));
        for len in 0..quoted.len() {
            sample(A, B, &message(11, 0, [0; 4], &quoted[..len])).dissect().lacks("Malformed");
        }
        let redirect = sample(A, B, &message(5, 1, [192, 0, 2, 1], &datagram(253, B, A, b"0123456789"))).dissect();
        redirect.shows(&["Gateway Address: 192.0.2.1", "Data (8 bytes)"]);
        let nested = message(11, 0, [0; 4], &datagram(1, B, A, &echo(8, b"ping")));
        sample(A, B, &nested).dissect().shows(&["Checksum: 0x1529 [unverified] [in ICMP error packet]"]);
    }

    #[test]
    fn parameters() {
        let quoted = datagram(253, B, A, b"0123456789");
        for (bytes, lines) in [
            (message(3, 0, [1, 0, 3, 4], &quoted), &["Unused: 01000304"][..]),
            (
                message(11, 1, [1, 2, 3, 4], &quoted),
                &["Unused: 01", "Length: 2", "[Length of original datagram: 8]", "Unused: 0304", "Data (8 bytes)"],
            ),
            (message(12, 0, [20, 0, 3, 4], &quoted), &["Pointer: 20", "Unused: 000304"]),
            (message(12, 1, [20, 2, 3, 4], &quoted), &["Pointer: 20", "Length: 2", "Unused: 0304"]),
            (message(17, 0, [0, 1, 0, 2], &[255, 255, 255, 0]), &["Address Mask: 255.255.255.0"]),
            (message(42, 0, [0, 1, 2, 1], &[]), &["Sequence Number: 2 (0x02)", ".... ...1 = Local bit: Set"]),
            (
                message(43, 2, [0, 1, 2, 0x47], &[]),
                &["Code: 2 (No Such Interface)", "010. .... = State: Reachable (2)", ".... .1.. = Active bit: Set"],
            ),
        ] {
            sample(A, B, &bytes).dissect().shows(lines);
        }
    }

    #[test]
    fn times_of_day() {
        let line = |value: u32| {
            let bytes = message(13, 0, [0, 1, 0, 1], &[value.to_be_bytes(); 3].concat());
            let tree = sample(A, B, &bytes).dissect().tree;
            tree.lines().find(|line| line.contains("Receive Timestamp")).unwrap().trim().to_owned()
        };
        assert_eq!(line(0), "Receive Timestamp: 0 (0 seconds after midnight UTC)");
        assert_eq!(line(3_661_001), "Receive Timestamp: 3661001 (1 hour, 1 minute, 1.001 seconds after midnight UTC)");
        assert_eq!(
            line(86_400_000),
            "Receive Timestamp: 86400000 (1 hour, 40 minutes, 39.045 seconds after midnight UTC)"
        );
        assert_eq!(line(0x8000_0000), "Receive Timestamp: 2147483648 (0 seconds after midnight UTC)");
    }

    #[test]
    fn router_advertisements() {
        let address = [10, 0, 0, 1, 0x80, 0, 0, 0];
        sample(A, B, &message(9, 0, [1, 2, 0x0e, 0x4d], &address)).dissect().shows(&[
            "Type: 9 (Mobile IP Advertisement)",
            "Lifetime: 3661 (1 hour, 1 minute, 1 second)",
            "Router address: 10.0.0.1",
            "Preference level: -2147483648",
        ]);
        let agent = [&address[..], &[16, 10, 0, 5, 0, 60, 0x90, 1, 1, 2, 3, 4, 0, 19, 1, 24, 24, 2, 7, 8]].concat();
        sample(A, B, &message(9, 16, [1, 2, 0, 1], &agent)).dissect().shows(&[
            "Lifetime: 1 (1 second)",
            "Ext: Mobility Agent Advertisement Extension",
            "Registration Lifetime: 60",
            "Flags: 0x9001, Registration Required, Foreign Agent",
            ".... .... ..00 0001 = Reserved: 0x01",
            "Care-Of-Address: 1.2.3.4",
            "Ext: One byte padding extension",
            "Prefix Length: 24",
            "Challenge: 0708",
        ]);
        sample(A, B, &message(9, 0, [1, 3, 0, 1], &address)).dissect().shows(&["Data (8 bytes)"]);
        sample(A, B, &message(9, 0, [3, 2, 0, 1], &address)).dissect().shows(&["[Malformed Packet: ICMP]"]);
    }

    #[test]
    fn checksums() {
        let mut bytes = echo(8, b"ping");
        bytes[2..4].copy_from_slice(&[0x12, 0x34]);
        sample(A, B, &bytes).dissect().shows(&[
            "Checksum: 0x1234 incorrect, should be 0x1529",
            "[Expert Info (Warning/Checksum): Bad checksum [should be 0x1529]]",
            "[Checksum Status: Bad]",
        ]);
        sample(A, B, &echo(8, b"ping"))
            .cut(14 + 20 + 10)
            .dissect()
            .shows(&["Checksum: 0x1529 [unverified] [fragmented datagram]", "[Checksum Status: Unverified]"]);
    }

    #[test]
    fn a_message_of_less_than_six_bytes_is_not_shown() {
        for len in 1..8 {
            let shown = sample(A, B, &echo(8, b"")[..len]).dissect();
            assert_eq!(shown.protocol, "ICMP");
            assert_eq!(shown.tree.contains("Internet Control Message Protocol"), len >= 6);
            shown.shows(&["[Malformed Packet: ICMP]"]);
        }
    }
}
