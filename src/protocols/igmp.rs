//! IGMP: the Internet Group Management Protocol, versions 0 to 3, and what else has its number: multicast traceroute, DVMRP and
//! the first version of PIM.
//!
//! RFC 988 (version 0), RFC 1112 (version 1), RFC 2236 (version 2), RFC 3376 (version 3), draft-ietf-idmr-traceroute-ipm. A
//! message is a layer of its own on top of one that only finds out its kind, as Wireshark has it (`igmp:igmp`).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Type      | Max Resp Time |           Checksum            |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                         Group Address                         |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! | Resv  |S| QRV |     QQIC      |     Number of Sources         |   queries of version 3
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                       Source Address …                        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use etherparse::checksum::Sum16BitWords;

use crate::dissect::{
    Entry, Group, Layer, LayerView, Names, Next, Outcome, Protocol, Severity, Stop, Summary, Table, fields, names,
};
use crate::text::Text;

fields! {
    VERSION = uint8("igmp.version", "IGMP Version").generated();
    TYPE = uint8("igmp.type", "Type").hex().values(TYPES);
    TRACE_TYPE = uint8("igmp.type", "Type").hex().label(trace_type_line);
    RESERVED = bytes("igmp.reserved", "Reserved");
    GROUP_TYPE = uint8("igmp.group_type", "Type Of Group").values(GROUP_TYPES);
    REPLY = uint8("igmp.reply", "Reply").values(REPLIES);
    REPLY_PENDING = uint8("igmp.reply.pending", "Reply Pending");
    MAX_RESP = uint8("igmp.max_resp", "Max Resp Time").label(max_response_line);
    MAX_RESP_EXP = uint8("igmp.max_resp.exp", "Exponent").hex().bits(0x70);
    MAX_RESP_MANT = uint8("igmp.max_resp.mant", "Mantissa").hex().bits(0x0f);
    CHECKSUM = uint16("igmp.checksum", "Checksum").hex().label(checksum_line);
    CHECKSUM_STATUS = uint8("igmp.checksum.status", "Checksum Status").name_only().generated()
        .values(CHECKSUM_STATUSES);
    IDENTIFIER = uint32("igmp.identifier", "Identifier");
    ACCESS_KEY = bytes("igmp.access_key", "Access Key");
    MADDR = ipv4("igmp.maddr", "Multicast Address");
    S = boolean("igmp.s", "S").bits(0x08)
        .flags("SUPPRESS router side processing", "Do not suppress router side processing");
    QRV = uint8("igmp.qrv", "QRV").bits(0x07);
    QQIC = uint8("igmp.qqic", "QQIC");
    NUM_SRC = uint16("igmp.num_src", "Num Src");
    SADDR = ipv4("igmp.saddr", "Source Address");
    NUM_GRP_RECS = uint16("igmp.num_grp_recs", "Num Group Records");
    RECORD = heading("Group Record").label(record_line);
    RECORD_TYPE = uint8("igmp.record_type", "Record Type").values(RECORD_TYPES);
    AUX_DATA_LEN = uint8("igmp.aux_data_len", "Aux Data Len");
    AUX_DATA = bytes("igmp.aux_data", "Aux Data");
    DATA = bytes("igmp.data", "Data");
    TRACE_MAX_HOPS = uint8("igmp.mtrace.max_hops", "# hops");
    TRACE_SOURCE = ipv4("igmp.mtrace.saddr", "Source Address");
    TRACE_RECEIVER = ipv4("igmp.mtrace.raddr", "Receiver Address");
    TRACE_RESPONSE = ipv4("igmp.mtrace.rspaddr", "Response Address");
    TRACE_RESPONSE_TTL = uint8("igmp.mtrace.resp_ttl", "Response TTL");
    TRACE_ID = uint24("igmp.mtrace.q_id", "Query ID");
    TRACE_BLOCK = heading("Response data block").label(trace_block_line);
    TRACE_ARRIVAL = uint32("igmp.mtrace.q_arrival", "Query Arrival");
    TRACE_IN = ipv4("igmp.mtrace.q_inaddr", "In itf addr");
    TRACE_OUT = ipv4("igmp.mtrace.q_outaddr", "Out itf addr");
    TRACE_PREVIOUS = ipv4("igmp.mtrace.q_prevrtr", "Previous rtr addr");
    TRACE_IN_PACKETS = uint32("igmp.mtrace.q_inpkt", "In pkts");
    TRACE_OUT_PACKETS = uint32("igmp.mtrace.q_outpkt", "Out pkts");
    TRACE_TOTAL = uint32("igmp.mtrace.q_total", "S,G pkt count");
    TRACE_ROUTING = uint8("igmp.mtrace.q_rtg_proto", "Rtg Protocol").values(ROUTING_PROTOCOLS);
    TRACE_TTL = uint8("igmp.mtrace.q_fwd_ttl", "FwdTTL");
    TRACE_MBZ = uint8("igmp.mtrace.q_mbz", "MBZ").hex().bits(0x80);
    TRACE_S = uint8("igmp.mtrace.q_s", "S").hex().bits(0x40);
    TRACE_MASK = uint8("igmp.mtrace.q_src_mask", "Src Mask").hex().bits(0x3f);
    TRACE_CODE = uint8("igmp.mtrace.q_fwd_code", "Forwarding Code").hex().values(FORWARDING_CODES);
    CHECKSUM_BAD = expert("igmp.bad_checksum", "Bad checksum", Severity::Error, Group::Checksum)
        .label(bad_checksum_message);
}

/// Finds out the kind of a message; shows those that nobody knows.
pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 2)],
    dissect,
    summary: Some(summary),
    ..Protocol::new("igmp", "IGMP", "Internet Group Management Protocol")
};

/// A message of a known kind.
pub static MESSAGE: Protocol = Protocol {
    dissect: dissect_message,
    summary: Some(summary),
    ..Protocol::new("igmp", "IGMP", "Internet Group Management Protocol")
};

/// DVMRP, of which only the name is known here.
pub static DVMRP: Protocol = Protocol {
    dissect: dissect_guest,
    summary: Some(summary_of_guest),
    ..Protocol::new("dvmrp", "DVMRP", "Distance Vector Multicast Routing Protocol")
};

/// IGAP, of which only the name is known here.
pub static IGAP: Protocol = Protocol {
    dissect: dissect_guest,
    summary: Some(summary_of_guest),
    ..Protocol::new("igap", "IGAP", "Internet Group membership Authentication Protocol")
};

/// The first version of PIM, of which only the name is known here.
pub static PIM_1: Protocol = Protocol {
    dissect: dissect_guest,
    summary: Some(summary_of_guest),
    ..Protocol::new("pim", "PIMv1", "Protocol Independent Multicast")
};

fn dissect(l: &mut Layer) -> Outcome {
    let kind = l.peek_u8()?;
    let next = match kind {
        0x00..=LAST_OF_VERSION_0 | QUERY | REPORT_1 | REPORT_2 | LEAVE | REPORT_3 | TRACE_RESPONSES | TRACE_QUERY => {
            &MESSAGE
        }
        0x13 => &DVMRP,
        0x14 => &PIM_1,
        0x40..=0x42 => &IGAP,
        _ => {
            l.u8(&TYPE)?;
            l.peek_u8()?;
            l.rest(&DATA);
            return Ok(Next::End);
        }
    };
    l.withdraw();
    Ok(Next::Protocol(next))
}

fn dissect_guest(l: &mut Layer) -> Outcome {
    let len = l.remaining().len();
    l.skip(len)?;
    Ok(Next::End)
}

fn dissect_message(l: &mut Layer) -> Outcome {
    let kind = l.peek_u8()?;
    l.set_header_len(l.all().len());
    match kind {
        QUERY => query(l)?,
        REPORT_1 => fixed(l, 1)?,
        REPORT_2 | LEAVE => fixed(l, 2)?,
        REPORT_3 => report(l)?,
        TRACE_RESPONSES | TRACE_QUERY => traceroute(l)?,
        _ => version_0(l, kind)?,
    }
    Ok(Next::End)
}

/// Reads a message of version 0 (RFC 988, Appendix I): requests have odd types, replies even ones.
fn version_0(l: &mut Layer, kind: u8) -> Result<(), Stop> {
    l.generated(&VERSION, 0u64);
    l.u8(&TYPE)?;
    let code = l.peek_u8()?;
    if kind == CREATE_REQUEST {
        l.u8(&GROUP_TYPE)?;
    } else if kind % 2 == 1 {
        l.skip(1)?;
    } else if code < FIRST_PENDING {
        l.u8(&REPLY)?;
    } else {
        l.u8(&REPLY_PENDING)?;
    }
    checksum(l, Some(20))?;
    l.u32(&IDENTIFIER)?;
    l.ipv4(&MADDR)?;
    l.bytes(&ACCESS_KEY, 8).map(drop)
}

/// Reads a query of any version: "the IGMP version of a Membership Query message is determined as follows" by its length, and
/// by its Max Resp Code (RFC 3376, section 7.1).
fn query(l: &mut Layer) -> Result<(), Stop> {
    if l.wire_len() < SHORTEST_QUERY_3 {
        let code = l.peek(2)?.last().copied();
        return fixed(l, if code == Some(0) { 1 } else { 2 });
    }
    l.generated(&VERSION, 3u64);
    l.u8(&TYPE)?;
    l.peek(SHORTEST_QUERY_3 - 1)?;
    max_response(l)?;
    checksum(l, None)?;
    l.ipv4(&MADDR)?;
    let flags = l.peek_u8()?;
    l.part(&S, flags, 1);
    l.part(&QRV, flags, 1);
    l.skip(1)?;
    l.u8(&QQIC)?;
    for _ in 0..l.u16(&NUM_SRC)? {
        l.ipv4(&SADDR)?;
    }
    Ok(())
}

/// Reads the time that hosts have for their answers, in tenths of a second; from 128 on it is a number with an exponent
/// (RFC 3376, section 4.1.1).
fn max_response(l: &mut Layer) -> Result<(), Stop> {
    let code = l.peek_u8()?;
    if code < 128 {
        l.u8(&MAX_RESP)?;
        return Ok(());
    }
    let time = u64::from(code & 0x0f | 0x10) << (3 + (code >> 4 & 0x07));
    l.generated_at(&MAX_RESP, time, l.offset(), 1);
    l.parts(&[&MAX_RESP_EXP, &MAX_RESP_MANT], code);
    l.skip(1)?;
    Ok(())
}

/// Reads a message of version 1 or 2: eight bytes.
fn fixed(l: &mut Layer, version: u8) -> Result<(), Stop> {
    l.generated(&VERSION, version);
    l.u8(&TYPE)?;
    if version == 1 {
        l.bytes(&RESERVED, 1)?;
    } else {
        l.u8(&MAX_RESP)?;
    }
    checksum(l, Some(8))?;
    l.ipv4(&MADDR).map(drop)
}

fn report(l: &mut Layer) -> Result<(), Stop> {
    l.generated(&VERSION, 3u64);
    l.u8(&TYPE)?;
    l.bytes(&RESERVED, 1)?;
    checksum(l, None)?;
    l.bytes(&RESERVED, 2)?;
    for _ in 0..l.u16(&NUM_GRP_RECS)? {
        record(l)?;
    }
    Ok(())
}

fn record(l: &mut Layer) -> Result<(), Stop> {
    // Its line names the group: without that it has none.
    l.peek(8)?;
    let open = l.open(&RECORD, 8);
    l.u8(&RECORD_TYPE)?;
    // Counted in words of 32 bits.
    let aux_len = usize::from(l.u8(&AUX_DATA_LEN)?) * 4;
    let sources = l.u16(&NUM_SRC)?;
    l.ipv4(&MADDR)?;
    for _ in 0..sources {
        l.ipv4(&SADDR)?;
    }
    if aux_len > 0 {
        l.bytes(&AUX_DATA, aux_len)?;
    }
    l.close_here(open);
    Ok(())
}

fn traceroute(l: &mut Layer) -> Result<(), Stop> {
    l.u8(&TRACE_TYPE)?;
    l.u8(&TRACE_MAX_HOPS)?;
    checksum(l, None)?;
    l.ipv4(&MADDR)?;
    l.ipv4(&TRACE_SOURCE)?;
    l.ipv4(&TRACE_RECEIVER)?;
    l.ipv4(&TRACE_RESPONSE)?;
    l.u8(&TRACE_RESPONSE_TTL)?;
    l.u24(&TRACE_ID)?;
    while l.wire_remaining() >= TRACE_BLOCK_LEN {
        l.peek(TRACE_BLOCK_LEN)?;
        let open = l.open(&TRACE_BLOCK, TRACE_BLOCK_LEN);
        l.u32(&TRACE_ARRIVAL)?;
        l.ipv4(&TRACE_IN)?;
        l.ipv4(&TRACE_OUT)?;
        l.ipv4(&TRACE_PREVIOUS)?;
        l.u32(&TRACE_IN_PACKETS)?;
        l.u32(&TRACE_OUT_PACKETS)?;
        l.u32(&TRACE_TOTAL)?;
        l.u8(&TRACE_ROUTING)?;
        l.u8(&TRACE_TTL)?;
        let mask = l.peek_u8()?;
        l.part(&TRACE_MBZ, mask, 1);
        l.part(&TRACE_S, mask, 1);
        l.part(&TRACE_MASK, mask, 1);
        l.skip(1)?;
        l.u8(&TRACE_CODE)?;
        l.close(open);
    }
    Ok(())
}

/// Reads the checksum, which covers so many bytes of the message; without a number, all of it.
fn checksum(l: &mut Layer, covered: Option<usize>) -> Result<(), Stop> {
    let found = l.u16(&CHECKSUM)?;
    let covered = covered.unwrap_or(l.wire_len());
    let there = l.all().get(..covered).filter(|_| !l.is_fragment());
    let Some((before, after)) = there.and_then(|bytes| bytes.split_at_checked(2)) else {
        l.generated(&CHECKSUM_STATUS, UNVERIFIED);
        return Ok(());
    };
    let sum = Sum16BitWords::new().add_slice(before).add_slice(after.get(2..).unwrap_or_default());
    let calculated = sum.ones_complement().to_be();
    if calculated != found {
        l.expert_with(&CHECKSUM_BAD, calculated);
    }
    l.generated(&CHECKSUM_STATUS, if calculated == found { GOOD } else { BAD });
    Ok(())
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let info = &mut *summary.info;
    if let Some(version) = layer.number(&VERSION) {
        summary.protocol.str("IGMPv").dec(version);
    }
    let kind = layer.number(&TYPE).or_else(|| layer.number(&TRACE_TYPE));
    let Some(kind) = kind else { return };
    let name = TYPE.names.get(kind);
    match (kind as u8, layer.number(&VERSION)) {
        (TRACE_RESPONSES | TRACE_QUERY, _) => {
            info.str(trace_name(layer));
            if kind == u64::from(TRACE_RESPONSES) {
                let blocks = layer.entries().iter().filter(|entry| entry.field.is(&TRACE_BLOCK)).count();
                info.str(", ").dec(blocks as u64).str(if blocks == 1 { " block" } else { " blocks" });
            }
        }
        (QUERY, Some(2 | 3)) => {
            info.str("Membership Query");
            match layer.number(&MADDR) {
                Some(0) => _ = info.str(", general"),
                Some(group) => _ = info.str(", specific for group ").ipv4(group as u32),
                None => {}
            }
            if let Some(sources) = layer.number(&NUM_SRC).filter(|&sources| sources > 0) {
                info.str(if sources == 1 { ", source " } else { ", sources " });
                write_sources(layer.entries(), sources, info);
            }
        }
        (REPORT_2, _) => write_with_group("Membership Report", " group ", layer, info),
        (LEAVE, _) => write_with_group("Leave Group", " ", layer, info),
        (REPORT_3, _) => {
            info.str("Membership Report");
            if layer.number(&NUM_GRP_RECS) == Some(0) {
                info.str(" - General query");
            }
            for record in layer.entries().iter().filter(|entry| entry.field.is(&RECORD)) {
                write_record(layer, record, info);
            }
        }
        _ => match name {
            Some(name) => _ = info.str(name),
            None => _ = info.str("Unknown Type:").hex(kind, 2),
        },
    }
}

fn summary_of_guest(layer: &LayerView, summary: &mut Summary) {
    summary.protocol.str(layer.protocol().short);
}

fn write_with_group(name: &str, before: &str, layer: &LayerView, info: &mut Text) {
    info.str(name);
    if let Some(group) = layer.number(&MADDR) {
        info.str(before).ipv4(group as u32);
    }
}

/// Writes what a host tells of one group. "Include nothing" is that it leaves, "exclude nothing" that it joins.
fn write_record(layer: &LayerView, record: &Entry, info: &mut Text) {
    let below = |field| layer.number_below(record, field);
    let (Some(kind), Some(sources), Some(group)) = (below(&RECORD_TYPE), below(&NUM_SRC), below(&MADDR)) else {
        return;
    };
    let (joins, words) = match (kind, sources) {
        (1 | 3, 0) => (false, ""),
        (1 | 3, 1) => (true, " for source "),
        (1 | 3, _) => (true, " for sources in "),
        (2 | 4, 0) => (true, " for any sources"),
        (2 | 4, 1) => (true, ", for source not "),
        (2 | 4, _) => (true, ", for sources not in "),
        (5, 0) => (false, ", ALLOW_NEW_SOURCES but no source specified (?)"),
        (5, 1) => (false, ", new source "),
        (5, _) => (false, ", new sources "),
        (6, 0) => (false, ", BLOCK_OLD_SOURCES but no source specified (?)"),
        (6, 1) => (false, ", block source "),
        (6, _) => (false, ", block sources "),
        (_, 0) => (false, ", unknown record type (?)"),
        (_, _) => (false, ", unknown record type (?), sources "),
    };
    let verb = match kind {
        1 | 3 if sources == 0 => "Leave group ",
        _ if joins => "Join group ",
        _ => "Group ",
    };
    info.str(" / ").str(verb).ipv4(group as u32).str(words);
    if sources > 0 {
        write_sources(layer.children(record), sources, info);
    }
}

/// Writes `{1.1.1.1, 2.2.2.2}`, as far as the sources could be read.
fn write_sources(entries: &[Entry], count: u64, info: &mut Text) {
    info.str("{");
    let mut written = 0;
    for source in entries.iter().filter(|entry| entry.field.is(&SADDR)) {
        info.ipv4(source.number() as u32);
        written += 1;
        info.str(if written == count { "}" } else { ", " });
    }
}

/// A query that has come through a router already is a request.
fn trace_name(layer: &LayerView) -> &'static str {
    let asked = layer.number(&TRACE_TYPE) == Some(u64::from(TRACE_QUERY));
    match layer.entries().first() {
        _ if !asked => "Traceroute Response",
        Some(message) if message.len as usize == TRACE_QUERY_LEN => "Traceroute Query",
        _ => "Traceroute Request",
    }
}

fn trace_type_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").str(trace_name(layer)).str(" (").hex(entry.number(), 2).str(")");
}

fn trace_block_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let below = |field| layer.number_below(entry, field).unwrap_or_default();
    text.str("Response data block: ").ipv4(below(&TRACE_IN) as u32).str(" -> ").ipv4(below(&TRACE_OUT) as u32);
    text.str(",  Proto: ").str(TRACE_ROUTING.names.get(below(&TRACE_ROUTING)).unwrap_or("Unknown"));
    text.str(",  Forwarding Code: ").str(TRACE_CODE.names.get(below(&TRACE_CODE)).unwrap_or("Unknown"));
}

fn max_response_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let tenths = entry.number();
    let code = layer.view.bytes(entry).first().copied().unwrap_or_default();
    text.str(entry.field.title).str(": ").dec(tenths / 10).str(".").dec(tenths % 10);
    text.str(" sec (").hex(code.into(), 2).str(")");
}

fn checksum_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").hex(entry.number(), 4);
    match layer.number(&CHECKSUM_STATUS) {
        Some(GOOD) => text.str(" [correct]"),
        Some(BAD) => {
            let calculated = layer.number(&CHECKSUM_BAD).unwrap_or_default();
            text.str(" incorrect, should be ").hex(calculated, 4)
        }
        _ => text.str(" [unverified]"),
    };
}

fn bad_checksum_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad checksum [should be ").hex(entry.number(), 4).str("]");
}

fn record_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let kind = layer.number_below(entry, &RECORD_TYPE).unwrap_or_default();
    let group = layer.number_below(entry, &MADDR).unwrap_or_default();
    let name = Names::Values(RECORD_TYPES).get(kind).unwrap_or_default();
    text.str("Group Record : ").ipv4(group as u32).str("  ").str(name);
}

const LAST_OF_VERSION_0: u8 = 0x0f;
const CREATE_REQUEST: u8 = 0x01;
const QUERY: u8 = 0x11;
const REPORT_1: u8 = 0x12;
const REPORT_2: u8 = 0x16;
const LEAVE: u8 = 0x17;
const TRACE_RESPONSES: u8 = 0x1e;
const TRACE_QUERY: u8 = 0x1f;
const REPORT_3: u8 = 0x22;

/// From this code on a reply is pending: the code says for how many seconds.
const FIRST_PENDING: u8 = 5;
const SHORTEST_QUERY_3: usize = 12;
const TRACE_QUERY_LEN: usize = 24;
const TRACE_BLOCK_LEN: usize = 32;

const BAD: u64 = 0;
const GOOD: u64 = 1;
const UNVERIFIED: u64 = 2;

names! {
    CHECKSUM_STATUSES = { 0 => "Bad", 1 => "Good", 2 => "Unverified", 3 => "Not present", 4 => "Illegal" }
    TYPES = {
        0x01 => "Create Group Request", 0x02 => "Create Group Reply", 0x03 => "Join Group Request",
        0x04 => "Join Group Reply", 0x05 => "Leave Group Request", 0x06 => "Leave Group Reply",
        0x07 => "Confirm Group Request", 0x08 => "Confirm Group Reply", 0x11 => "Membership Query",
        0x12 => "Membership Report", 0x13 => "DVMRP Protocol", 0x14 => "PIM Routing Message",
        0x16 => "Membership Report", 0x17 => "Leave Group", 0x1e => "Traceroute Response",
        0x1f => "Traceroute Query or Request", 0x22 => "Membership Report",
    }
    GROUP_TYPES = { 0 => "Public Group", 1 => "Private Group" }
    REPLIES = {
        0 => "Request Granted", 1 => "Request Denied, No Resources", 2 => "Request Denied, Invalid Code",
        3 => "Request Denied, Invalid Group", 4 => "Request Denied, Invalid Key",
    }
    RECORD_TYPES = {
        1 => "Mode Is Include", 2 => "Mode Is Exclude", 3 => "Change To Include Mode", 4 => "Change To Exclude Mode",
        5 => "Allow New Sources", 6 => "Block Old Sources",
    }
    ROUTING_PROTOCOLS = {
        1 => "DVMRP", 2 => "MOSPF", 3 => "PIM", 4 => "CBT", 5 => "PIM using special routing table",
        6 => "PIM using a static route", 7 => "DVMRP using a static route", 8 => "PIM using MBGP (aka BGP4+) route",
        9 => "CBT using special routing table", 10 => "CBT using a static route",
        11 => "PIM using state created by Assert processing",
    }
    FORWARDING_CODES = {
        0x00 => "NO_ERROR", 0x01 => "WRONG_IF", 0x02 => "PRUNE_SENT", 0x03 => "PRUNE_RCVD", 0x04 => "SCOPED",
        0x05 => "NO_ROUTE", 0x06 => "WRONG_LAST_HOP", 0x07 => "NOT_FORWARDING", 0x08 => "REACHED_RP", 0x09 => "RPF_IF",
        0x0a => "NO_MULTICAST", 0x0b => "INFO_HIDDEN", 0x81 => "NO_SPACE", 0x82 => "OLD_ROUTER",
        0x83 => "ADMIN_PROHIB",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::{Dissected, Sample};

    /// Dissects a message, with its checksum written over the last two bytes of its first four.
    fn dissect(message: &[u8]) -> Dissected {
        let mut message = message.to_vec();
        let checksum = Sum16BitWords::new().add_slice(&message).ones_complement().to_be();
        message[2..4].copy_from_slice(&checksum.to_be_bytes());
        dissect_raw(&message)
    }

    fn dissect_raw(message: &[u8]) -> Dissected {
        let mut bytes = vec![0x45, 0, 0, 20 + message.len() as u8, 0, 1, 0, 0, 1, 2, 0, 0, 10, 1, 2, 3, 224, 0, 0, 1];
        bytes.extend(message);
        Sample::ethernet(0x0800, &bytes).dissect()
    }

    const GROUP: [u8; 4] = [239, 1, 2, 3];

    #[test]
    fn one_version_after_the_other() {
        for (kind, code, version, info) in [
            (0x11, 0, "[IGMP Version: 1]", "Membership Query"),
            (0x11, 100, "[IGMP Version: 2]", "Membership Query, specific for group 239.1.2.3"),
            (0x12, 0, "[IGMP Version: 1]", "Membership Report"),
            (0x16, 0, "[IGMP Version: 2]", "Membership Report group 239.1.2.3"),
            (0x17, 0, "[IGMP Version: 2]", "Leave Group 239.1.2.3"),
        ] {
            let shown = dissect(&[&[kind, code, 0, 0][..], &GROUP].concat());
            shown.shows(&[version, "[Checksum Status: Good]", "Multicast Address: 239.1.2.3"]);
            assert_eq!((shown.info.as_str(), shown.stack.as_str()), (info, "eth:ethertype:ip:igmp:igmp"));
        }
    }

    #[test]
    fn version_0() {
        let message = [&[2, 5, 0, 0, 0, 0, 0, 1][..], &GROUP, &[0x11; 8]].concat();
        let shown = dissect(&message);
        shown.shows(&[
            "[IGMP Version: 0]",
            "Type: Create Group Reply (0x02)",
            "Reply Pending: 5",
            "Identifier: 1",
            "Access Key: 1111111111111111",
        ]);
        assert_eq!((shown.protocol.as_str(), shown.info.as_str()), ("IGMPv0", "Create Group Reply"));
        let mut request = message.clone();
        request[..2].copy_from_slice(&[1, 1]);
        dissect(&request).shows(&["Type Of Group: Private Group (1)"]);
    }

    #[test]
    fn queries_of_version_3() {
        let message = [&[0x11, 0x9c, 0, 0][..], &GROUP, &[0x0a, 125, 0, 2, 1, 1, 1, 1, 2, 2, 2, 2]].concat();
        let shown = dissect(&message);
        shown.shows(&[
            "[IGMP Version: 3]",
            "Max Resp Time: 44.8 sec (0x9c)",
            ".001 .... = Exponent: 0x1",
            ".... 1100 = Mantissa: 0xc",
            ".... 1... = S: SUPPRESS router side processing",
            ".... .010 = QRV: 2",
            "QQIC: 125",
            "Num Src: 2",
            "Source Address: 2.2.2.2",
        ]);
        assert_eq!(shown.info, "Membership Query, specific for group 239.1.2.3, sources {1.1.1.1, 2.2.2.2}");
        let cut = dissect(&message[..16]);
        cut.shows(&["[Malformed Packet: IGMP]"]);
        assert_eq!(cut.info, "Membership Query, specific for group 239.1.2.3, sources {1.1.1.1, [Malformed Packet]");
    }

    #[test]
    fn reports_of_version_3() {
        let record = |kind: u8, sources: u8| {
            let mut record = vec![kind, 0, 0, sources, 239, 1, 2, 3];
            record.extend(vec![9; 4 * usize::from(sources)]);
            record
        };
        for (kind, sources, words) in [
            (1, 0, "Leave group 239.1.2.3"),
            (3, 1, "Join group 239.1.2.3 for source {9.9.9.9}"),
            (1, 2, "Join group 239.1.2.3 for sources in {9.9.9.9, 9.9.9.9}"),
            (4, 0, "Join group 239.1.2.3 for any sources"),
            (2, 1, "Join group 239.1.2.3, for source not {9.9.9.9}"),
            (5, 0, "Group 239.1.2.3, ALLOW_NEW_SOURCES but no source specified (?)"),
            (5, 1, "Group 239.1.2.3, new source {9.9.9.9}"),
            (6, 2, "Group 239.1.2.3, block sources {9.9.9.9, 9.9.9.9}"),
            (7, 1, "Group 239.1.2.3, unknown record type (?), sources {9.9.9.9}"),
        ] {
            let shown = dissect(&[&[0x22, 0, 0, 0, 0, 0, 0, 1][..], &record(kind, sources)].concat());
            assert_eq!(shown.info, format!("Membership Report / {words}"));
        }
        let auxiliary = [0x22, 0, 0, 0, 0, 0, 0, 1, 4, 1, 0, 0, 239, 1, 2, 3, 0xab, 0xcd, 0xef, 0x01];
        dissect(&auxiliary).shows(&[
            "Group Record : 239.1.2.3  Change To Exclude Mode",
            "Record Type: Change To Exclude Mode (4)",
            "Aux Data: abcdef01",
        ]);
        assert_eq!(dissect(&[0x22, 0, 0, 0, 0, 0, 0, 0]).info, "Membership Report - General query");
    }

    #[test]
    fn multicast_traceroute() {
        let mut message = [&[0x1f, 32, 0, 0][..], &GROUP, &[1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 64, 0, 0, 9]].concat();
        let query = dissect(&message);
        query.shows(&["Type: Traceroute Query (0x1f)", "# hops: 32", "Response TTL: 64", "Query ID: 9"]);
        assert_eq!(query.info, "Traceroute Query");
        message.extend([
            0, 0, 0, 1, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 3, 2, 0xc1, 2,
        ]);
        assert_eq!(dissect(&message).info, "Traceroute Request");
        message[0] = 0x1e;
        let response = dissect(&message);
        response.shows(&[
            "Type: Traceroute Response (0x1e)",
            "Response data block: 4.4.4.4 -> 5.5.5.5,  Proto: PIM,  Forwarding Code: PRUNE_SENT",
            "..00 0001 = Src Mask: 0x01",
            "Forwarding Code: PRUNE_SENT (0x02)",
        ]);
        assert_eq!(response.info, "Traceroute Response, 1 block");
    }

    #[test]
    fn what_the_checksum_covers() {
        let mut message = [&[0x16, 0, 0, 0][..], &GROUP].concat();
        dissect_raw(&message).shows(&["Checksum: 0x0000 incorrect, should be 0xf8fa", "[Checksum Status: Bad]"]);
        message[2..4].copy_from_slice(&[0xf8, 0xfa]);
        dissect_raw(&[&message[..], b"behind it"].concat()).shows(&["Checksum: 0xf8fa [correct]"]);
        dissect_raw(&message[..7]).shows(&["Checksum: 0xf8fa [unverified]", "[Malformed Packet: IGMP]"]);
    }

    #[test]
    fn unknown_types_and_guests() {
        let unknown = dissect(&[0x15, 1, 0, 0]);
        unknown.shows(&["Type: Unknown (0x15)", "Data: 01eafe"]);
        assert_eq!((unknown.info.as_str(), unknown.stack.as_str()), ("Unknown Type:0x15", "eth:ethertype:ip:igmp"));
        assert_eq!(dissect(&[0x13, 3, 0, 0]).stack, "eth:ethertype:ip:igmp:dvmrp");
    }
}
