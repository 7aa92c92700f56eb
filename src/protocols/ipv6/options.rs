//! The options of IPv6, and the two extension headers that carry them: hop-by-hop and destination options.
//!
//! RFC 8200, sections 4.2, 4.3 and 4.6, and the *Destination Options and Hop-by-Hop Options* registry of IANA: RFC 2473 (tunnel
//! encapsulation limit), RFC 2675 (jumbo payload), RFC 2711 (router alert), RFC 4782 (quick start), RFC 5570 (CALIPSO),
//! RFC 6275 (home address), RFC 6553 (RPL), RFC 6621 (SMF_DPD), RFC 6744 (ILNP), RFC 6788 (line identification), RFC 6971 (DFF),
//! RFC 7731 (MPL), RFC 8250 (PDM), RFC 9197 and RFC 9486 (IOAM), RFC 9268 (path MTU).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  Next Header  |  Hdr Ext Len  |                               |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
//! .                     Options: type, length, data               .
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use super::{HEADER_LEN, NEXT_HEADERS, describe_next, hop_limit, next_layer};
use crate::dissect::{
    Entry, Field, Group, Layer, LayerView, Outcome, Protocol, Severity, Stop, Summary, Table, fields, names,
};
use crate::text::Text;

fields! {
    HOP_NXT = uint8("ipv6.hopopts.nxt", "Next Header").named(NEXT_HEADERS);
    HOP_LEN = uint8("ipv6.hopopts.len", "Length");
    HOP_LEN_OCT = uint16("ipv6.hopopts.len_oct", "Length").unit(" bytes").generated();
    HOP_NOT_FIRST = expert("ipv6.hopopts.not_first",
        "IPv6 Hop-by-Hop extension header must appear immediately after IPv6 header", Severity::Error, Group::Protocol);
    DST_NXT = uint8("ipv6.dstopts.nxt", "Next Header").named(NEXT_HEADERS);
    DST_LEN = uint8("ipv6.dstopts.len", "Length");
    DST_LEN_OCT = uint16("ipv6.dstopts.len_oct", "Length").unit(" bytes").generated();
    OPTION = none("ipv6.opt", "IPv6 Option").label(option_line);
    TYPE = uint8("ipv6.opt.type", "Type").hex().label(type_line);
    TYPE_ACTION = uint8("ipv6.opt.type.action", "Action").bits(0xc0).values(ACTIONS);
    TYPE_CHANGE = boolean("ipv6.opt.type.change", "May Change").bits(0x20).flags("Yes", "No");
    TYPE_REST = uint8("ipv6.opt.type.rest", "Low-Order Bits").hex().bits(0x1f);
    LENGTH = uint8("ipv6.opt.length", "Length");
    PAD1_ROW = none("ipv6.opt.pad1", "Pad1");
    PADN = bytes("ipv6.opt.padn", "PadN").perhaps_empty().label(padding_line);
    PMTU_MIN = uint16("ipv6.opt.pmtu.min", "Minimum Reported PMTU");
    PMTU_RTN = uint16("ipv6.opt.pmtu.rtn", "Return Minimum PMTU");
    PMTU_R_FLAG = boolean("ipv6.opt.pmtu.r_flag", "Return Flag");
    ROUTER_ALERT = uint16("ipv6.opt.router_alert", "Router Alert").values(ROUTER_ALERTS);
    TEL = uint8("ipv6.opt.tel", "Tunnel Encapsulation Limit");
    JUMBO_ROW = uint32("ipv6.opt.jumbo", "Payload Length");
    CALIPSO_DOI = uint32("ipv6.opt.calipso.doi", "CALIPSO Domain of Interpretation");
    CALIPSO_CMPT_LENGTH = uint8("ipv6.opt.calipso.cmpt.length", "Compartment Length");
    CALIPSO_SENS_LEVEL = uint8("ipv6.opt.calipso.sens_level", "Sensitivity Level");
    CALIPSO_CHECKSUM = uint16("ipv6.opt.calipso.checksum", "Checksum").hex();
    CALIPSO_CMPT_BITMAP = bytes("ipv6.opt.calipso.cmpt_bitmap", "Compartment Bitmap");
    SMF_DPD_HASH_BIT = boolean("ipv6.opt.smf_dpd.hash_bit", "H-bit").bits(0x80);
    SMF_DPD_TID_TYPE = uint8("ipv6.opt.smf_dpd.tid_type", "TaggerID Type").bits(0x70).values(TAGGER_ID_TYPES);
    SMF_DPD_TID_LEN = uint8("ipv6.opt.smf_dpd.tid_len", "TaggerID Length").bits(0x0f);
    SMF_DPD_TAGGER_ID = bytes("ipv6.opt.smf_dpd.tagger_id", "TaggerID");
    SMF_DPD_IDENT = bytes("ipv6.opt.smf_dpd.ident", "Identifier");
    SMF_DPD_HAV = bytes("ipv6.opt.smf_dpd.hav", "Hash Assist Value");
    PDM_SCALE_DTLR = uint8("ipv6.opt.pdm.scale_dtlr", "Scale DTLR");
    PDM_SCALE_DTLS = uint8("ipv6.opt.pdm.scale_dtls", "Scale DTLS");
    PDM_PSN_THIS_PKT = uint16("ipv6.opt.pdm.psn_this_pkt", "PSN This Packet");
    PDM_PSN_LAST_RECV = uint16("ipv6.opt.pdm.psn_last_recv", "PSN Last Received");
    PDM_DELTA_LAST_RECV = uint16("ipv6.opt.pdm.delta_last_recv", "Delta Time Last Received");
    PDM_DELTA_LAST_SENT = uint16("ipv6.opt.pdm.delta_last_sent", "Delta Time Last Sent");
    QS_FUNC = uint8("ipv6.opt.qs_func", "Function").bits(0xf0).values(QUICK_START_FUNCTIONS);
    QS_RATE = uint8("ipv6.opt.qs_rate", "Rate").bits(0x0f).values(RATES);
    QS_TTL = uint8("ipv6.opt.qs_ttl", "QS TTL");
    QS_TTL_DIFF = uint8("ipv6.opt.qs_ttl_diff", "TTL Diff").generated();
    QS_UNUSED = uint8("ipv6.opt.qs_unused", "Not Used");
    QS_NONCE = uint32("ipv6.opt.qs_nonce", "QS Nonce").hex().bits(0xffff_fffc);
    QS_RESERVED = uint32("ipv6.opt.qs_reserved", "Reserved").hex().bits(0x0000_0003);
    IOAM_RSV = uint8("ipv6.opt.ioam.rsv", "Reserved");
    IOAM_OPT_TYPE = uint8("ipv6.opt.ioam.opt_type", "Option-Type").values(IOAM_TYPES);
    IOAM_TRACE_NS = uint16("ipv6.opt.ioam.trace.ns", "Namespace ID");
    IOAM_TRACE_NODELEN = uint8("ipv6.opt.ioam.trace.nodelen", "Node Length").bits(0xf8);
    IOAM_TRACE_FLAGS = uint16("ipv6.opt.ioam.trace.flags", "Flags").hex().bits(0x0780).label(trace_flags_line);
    IOAM_TRACE_FLAG_O = boolean("ipv6.opt.ioam.trace.flag.o", "Overflow").of(16).bits(0x0400);
    IOAM_TRACE_FLAG_L = boolean("ipv6.opt.ioam.trace.flag.l", "Loopback").of(16).bits(0x0200);
    IOAM_TRACE_FLAG_A = boolean("ipv6.opt.ioam.trace.flag.a", "Active").of(16).bits(0x0100);
    IOAM_TRACE_FLAG_RSV = boolean("ipv6.opt.ioam.trace.flag.rsv", "Reserved").of(16).bits(0x0080);
    IOAM_TRACE_REMLEN = uint8("ipv6.opt.ioam.trace.remlen", "Remaining Length").bits(0x7f);
    IOAM_TRACE_TYPE = uint24("ipv6.opt.ioam.trace.type", "Trace Type").hex().label(trace_type_line);
    IOAM_TRACE_TYPE_BIT0 = boolean("ipv6.opt.ioam.trace.type.bit0", "Hop_Lim and Node ID (short)").of(24).bits(0x80_0000);
    IOAM_TRACE_TYPE_BIT1 = boolean("ipv6.opt.ioam.trace.type.bit1", "Ingress and Egress IDs (short)").of(24).bits(0x40_0000);
    IOAM_TRACE_TYPE_BIT2 = boolean("ipv6.opt.ioam.trace.type.bit2", "Timestamp seconds").of(24).bits(0x20_0000);
    IOAM_TRACE_TYPE_BIT3 = boolean("ipv6.opt.ioam.trace.type.bit3", "Timestamp fraction").of(24).bits(0x10_0000);
    IOAM_TRACE_TYPE_BIT4 = boolean("ipv6.opt.ioam.trace.type.bit4", "Transit delay").of(24).bits(0x08_0000);
    IOAM_TRACE_TYPE_BIT5 = boolean("ipv6.opt.ioam.trace.type.bit5", "IOAM-Namespace specific data (short)").of(24).bits(0x04_0000);
    IOAM_TRACE_TYPE_BIT6 = boolean("ipv6.opt.ioam.trace.type.bit6", "Queue depth").of(24).bits(0x02_0000);
    IOAM_TRACE_TYPE_BIT7 = boolean("ipv6.opt.ioam.trace.type.bit7", "Checksum complement").of(24).bits(0x01_0000);
    IOAM_TRACE_TYPE_BIT8 = boolean("ipv6.opt.ioam.trace.type.bit8", "Hop_Lim and Node ID (wide)").of(24).bits(0x00_8000);
    IOAM_TRACE_TYPE_BIT9 = boolean("ipv6.opt.ioam.trace.type.bit9", "Ingress and Egress IDs (wide)").of(24).bits(0x00_4000);
    IOAM_TRACE_TYPE_BIT10 = boolean("ipv6.opt.ioam.trace.type.bit10", "IOAM-Namespace specific data (wide)").of(24).bits(0x00_2000);
    IOAM_TRACE_TYPE_BIT11 = boolean("ipv6.opt.ioam.trace.type.bit11", "Buffer occupancy").of(24).bits(0x00_1000);
    IOAM_TRACE_TYPE_UNDEF = boolean("ipv6.opt.ioam.trace.type.undef", "Undefined").of(24).bits(0x00_0ffc);
    IOAM_TRACE_TYPE_BIT22 = boolean("ipv6.opt.ioam.trace.type.bit22", "Opaque State Snapshot").of(24).bits(0x00_0002);
    IOAM_TRACE_TYPE_RSV = boolean("ipv6.opt.ioam.trace.type.rsv", "Reserved").of(24).bits(0x00_0001);
    IOAM_TRACE_RSV = uint8("ipv6.opt.ioam.trace.rsv", "Reserved");
    IOAM_TRACE_FREE_SPACE = bytes("ipv6.opt.ioam.trace.free_space", "Free space");
    IOAM_TRACE_NODE_HLIM = uint8("ipv6.opt.ioam.trace.node.hlim", "Hop Limit");
    IOAM_TRACE_NODE_ID = uint24("ipv6.opt.ioam.trace.node.id", "ID").hex();
    IOAM_TRACE_NODE_IIF = uint16("ipv6.opt.ioam.trace.node.iif", "Ingress ID").hex();
    IOAM_TRACE_NODE_EIF = uint16("ipv6.opt.ioam.trace.node.eif", "Egress ID").hex();
    IOAM_TRACE_NODE_TSS = uint32("ipv6.opt.ioam.trace.node.tss", "Timestamp Seconds").hex();
    IOAM_TRACE_NODE_TSF = uint32("ipv6.opt.ioam.trace.node.tsf", "Timestamp Fraction").hex();
    IOAM_TRACE_NODE_TRDELAY = uint32("ipv6.opt.ioam.trace.node.trdelay", "Transit Delay").hex();
    IOAM_TRACE_NODE_NSDATA = uint32("ipv6.opt.ioam.trace.node.nsdata", "Namespace Data (short)").hex();
    IOAM_TRACE_NODE_QDEPTH = uint32("ipv6.opt.ioam.trace.node.qdepth", "Queue Depth").hex();
    IOAM_TRACE_NODE_CSUM = uint32("ipv6.opt.ioam.trace.node.csum", "Checksum Complement").hex();
    IOAM_TRACE_NODE_ID_WIDE = uint56("ipv6.opt.ioam.trace.node.id_wide", "ID").hex();
    IOAM_TRACE_NODE_IIF_WIDE = uint32("ipv6.opt.ioam.trace.node.iif_wide", "Ingress ID").hex();
    IOAM_TRACE_NODE_EIF_WIDE = uint32("ipv6.opt.ioam.trace.node.eif_wide", "Egress ID").hex();
    IOAM_TRACE_NODE_NSDATA_WIDE = uint64("ipv6.opt.ioam.trace.node.nsdata_wide", "Namespace Data (wide)").hex();
    IOAM_TRACE_NODE_BUFOCCUP = uint32("ipv6.opt.ioam.trace.node.bufoccup", "Buffer Occupancy").hex();
    IOAM_TRACE_NODE_UNDEFINED = uint32("ipv6.opt.ioam.trace.node.undefined", "Undefined bit").hex();
    IOAM_TRACE_NODE_OSS_LEN = uint8("ipv6.opt.ioam.trace.node.oss.len", "Length");
    IOAM_TRACE_NODE_OSS_SCID = uint24("ipv6.opt.ioam.trace.node.oss.scid", "Schema ID").hex();
    IOAM_TRACE_NODE_OSS_DATA = bytes("ipv6.opt.ioam.trace.node.oss.data", "Data");
    TPF_INFORMATION = uint32("ipv6.opt.tpf_information", "TPF Information").hex();
    MIPV6_HOME_ADDRESS = ipv6("ipv6.opt.mipv6.home_address", "MIPv6 Home Address");
    RPL_FLAG = uint8("ipv6.opt.rpl.flag", "Flag").hex().label(rpl_flags_line);
    RPL_FLAG_O = boolean("ipv6.opt.rpl.flag.o", "Down").bits(0x80);
    RPL_FLAG_R = boolean("ipv6.opt.rpl.flag.r", "Rank Error").bits(0x40);
    RPL_FLAG_F = boolean("ipv6.opt.rpl.flag.f", "Forwarding Error").bits(0x20);
    RPL_FLAG_RSV = uint8("ipv6.opt.rpl.flag.rsv", "Reserved").hex().bits(0x1f);
    RPL_INSTANCE_ID = uint8("ipv6.opt.rpl.instance_id", "RPLInstanceID").hex();
    RPL_SENDER_RANK = uint16("ipv6.opt.rpl.sender_rank", "Sender Rank").hex();
    ILNP_NONCE = bytes("ipv6.opt.ilnp_nonce", "ILNP Nonce");
    LIO_LENGTH = uint8("ipv6.opt.lio.length", "LineIDLen");
    LIO_LINE_ID = text("ipv6.opt.lio.line_id", "Line ID");
    MPL_FLAG = uint8("ipv6.opt.mpl.flag", "Flag").hex().label(mpl_flags_line);
    MPL_FLAG_S = uint8("ipv6.opt.mpl.flag.s", "Seed ID Length").bits(0xc0).values(SEED_ID_LENGTHS);
    MPL_FLAG_M = boolean("ipv6.opt.mpl.flag.m", "Largest Sequence").bits(0x20);
    MPL_FLAG_V = boolean("ipv6.opt.mpl.flag.v", "Version").bits(0x10);
    MPL_FLAG_RSV = uint8("ipv6.opt.mpl.flag.rsv", "Reserved").hex().bits(0x0f);
    MPL_SEQUENCE = uint8("ipv6.opt.mpl.sequence", "Sequence").hex();
    MPL_SEED_ID = bytes("ipv6.opt.mpl.seed_id", "Seed ID");
    DFF_FLAGS = uint8("ipv6.opt.dff.flags", "Flags").hex().label(dff_flags_line);
    DFF_FLAG_VER = uint8("ipv6.opt.dff.flag.ver", "Version (VER)").bits(0xc0);
    DFF_FLAG_DUP = boolean("ipv6.opt.dff.flag.dup", "Duplicate (DUP)").bits(0x20);
    DFF_FLAG_RET = boolean("ipv6.opt.dff.flag.ret", "Return (RET)").bits(0x10);
    DFF_FLAG_RSV = uint8("ipv6.opt.dff.flag.rsv", "Reserved").hex().bits(0x0f);
    DFF_SEQUENCE_NUMBER = uint16("ipv6.opt.dff.sequence_number", "Sequence Number").dec_hex();
    EXPERIMENTAL = bytes("ipv6.opt.experimental", "Experimental Option");
    UNKNOWN_DATA = bytes("ipv6.opt_unknown_data", "Unknown Data");
    UNKNOWN = bytes("ipv6.opt.unknown", "Unknown Option Payload");
    JUMBO_PROHIBITED = expert("ipv6.opt.jumbo.prohibited", "When IPv6 payload length does not equal 0 a Jumbo Payload option must not be present", Severity::Warning, Group::Protocol);
    JUMBO_TRUNCATED = expert("ipv6.opt.jumbo.truncated", "Jumbo Payload option present and jumbo length < 65536", Severity::Warning, Group::Protocol);
    INVALID_LEN = expert("ipv6.opt.invalid_len", "Invalid IPv6 option length", Severity::Error, Group::Malformed).label(invalid_length_line);
    UNKNOWN_DATA_EXPERT = expert("ipv6.opt.unknown_data.expert", "Unknown Data (not interpreted)", Severity::Note, Group::Undecoded);
    HEADER_MISMATCH = expert("ipv6.opt.header_mismatch", "Wrong options extension header for type", Severity::Warning, Group::Protocol).label(mismatch_line);
    DEPRECATED = expert("ipv6.opt.deprecated", "Option type is deprecated", Severity::Note, Group::Deprecated);
    MPL_IPV6_SRC_SEED_ID = expert("ipv6.opt.mpl.ipv6_src_seed_id", "Seed ID is the IPv6 Source Address", Severity::Comment, Group::Protocol);
    IOAM_TRACE_INVALID_NODELEN = expert("ipv6.opt.ioam.trace.invalid_nodelen", "Invalid \"NodeLen\" value: cannot be 0", Severity::Error, Group::Protocol);
    IOAM_TRACE_INVALID_REMLEN = expert("ipv6.opt.ioam.trace.invalid_remlen", "Invalid \"RemLen\" value", Severity::Error, Group::Protocol).label(remaining_length_line);
    IOAM_TRACE_INVALID_TYPE = expert("ipv6.opt.ioam.trace.invalid_type", "Mismatch between Trace Type and NodeLen", Severity::Error, Group::Protocol);
    PRE_ALLOCATED_TRACE = heading("Pre-allocated Trace");
    INCREMENTAL_TRACE = heading("Incremental Trace");
    PROOF_OF_TRANSIT = heading("Proof of Transit");
    EDGE_TO_EDGE = heading("Edge to Edge");
    UNKNOWN_IOAM = heading("Unknown Option-Type");
    TRACE_DATA = heading("Trace Data");
    NODE = heading("Node").label(node_line);
    NODE_ID_SHORT = heading("Hop_Lim and Node ID (short)");
    INTERFACES_SHORT = heading("Ingress and Egress IDs (short)");
    NODE_ID_WIDE = heading("Hop_Lim and Node ID (wide)");
    INTERFACES_WIDE = heading("Ingress and Egress IDs (wide)");
    OPAQUE_STATE = heading("Opaque State Snapshot");
}

pub static HOP_BY_HOP_OPTIONS: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 0)],
    dissect: hop_by_hop,
    summary: Some(summary),
    within: true,
    ..Protocol::new("ipv6.hopopts", "IPv6 Hop-by-Hop", "IPv6 Hop-by-Hop Option")
};

pub static DESTINATION_OPTIONS: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 60)],
    dissect: destination,
    // The destination stays that of the header below.
    addresses: Some((&MIPV6_HOME_ADDRESS, &super::DST)),
    summary: Some(summary),
    within: true,
    ..Protocol::new("ipv6.dstopts", "IPv6 Destination", "Destination Options for IPv6")
};

/// Which of the two headers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Header {
    HopByHop,
    Destination,
}

fn hop_by_hop(l: &mut Layer) -> Outcome {
    l.peek(2)?;
    if l.around().next().is_none_or(|(protocol, _)| protocol.name() != "ipv6") {
        l.expert_on_layer(&HOP_NOT_FIRST, 0u64);
    }
    header(l, Header::HopByHop, [&HOP_NXT, &HOP_LEN, &HOP_LEN_OCT])
}

fn destination(l: &mut Layer) -> Outcome {
    l.peek(2)?;
    header(l, Header::Destination, [&DST_NXT, &DST_LEN, &DST_LEN_OCT])
}

fn header(l: &mut Layer, header: Header, [next_row, len_row, octets_row]: [&'static Field; 3]) -> Outcome {
    let next = l.u8(next_row)?;
    let len = l.u8(len_row)?;
    let len = 8 * (usize::from(len) + 1);
    l.generated_at(octets_row, len as u64, 1, 1);
    // Where a jumbo payload option is not allowed: RFC 2675, section 3.
    let has_length = l
        .around()
        .find(|(protocol, _)| protocol.name() == "ipv6")
        .is_some_and(|(_, bytes)| bytes.len() >= HEADER_LEN && bytes.get(4..6) != Some(&[0, 0]));
    while l.offset() < len {
        option(l, header, has_length)?;
    }
    l.go_to(len)?;
    Ok(next_layer(next))
}

/// Reads one option; data that its length does not cover is read all the same, and the next one begins behind it.
fn option(l: &mut Layer, header: Header, has_length: bool) -> Result<(), Stop> {
    let kind = l.peek_u8()?;
    if kind == PAD1 {
        let open = l.open(&OPTION, 1);
        l.part(&TYPE, kind, 1);
        l.part(&PAD1_ROW, 0u64, 1);
        l.skip(1)?;
        l.close(open);
        return Ok(());
    }
    let known = KINDS.iter().find(|known| known.number == kind);
    let whole = 2 + l.peek(2).map_or(0, |bytes| usize::from(bytes[1]));
    let open = l.open(&OPTION, whole);
    l.u8(&TYPE)?;
    if known.and_then(|known| known.header).is_some_and(|wanted| wanted != header) {
        l.expert_with(&HEADER_MISMATCH, kind);
    }
    l.below(|l| {
        for row in [&TYPE_ACTION, &TYPE_CHANGE, &TYPE_REST] {
            l.generated_at(row, row.extract(kind.into()), l.offset() - 1, 1);
        }
    });
    if kind == ENDPOINT_IDENTIFICATION {
        l.expert(&DEPRECATED);
    }
    if kind == MPL && l.peek(2).is_ok_and(|bytes| bytes[1] >> 6 == 0) {
        l.expert(&MPL_IPV6_SRC_SEED_ID);
    }
    let len = l.u8(&LENGTH)?;
    let end = l.offset() + usize::from(len);
    if let Some(known) = known
        && !(known.allows)(len, l.remaining())
    {
        // The message names the option and the length.
        l.expert_with(&INVALID_LEN, u64::from(kind) << 8 | u64::from(len));
    }
    match known {
        Some(known) => (known.read)(l, usize::from(len))?,
        None => unknown(l, usize::from(len))?,
    }
    if let Some(rest) = end.checked_sub(l.offset()).filter(|rest| *rest > 0) {
        l.bytes(&UNKNOWN_DATA, rest)?;
        l.expert(&UNKNOWN_DATA_EXPERT);
    }
    l.close(open);
    if kind == JUMBO && has_length {
        l.expert(&JUMBO_PROHIBITED);
    }
    Ok(())
}

/// An option that has a name.
struct Kind {
    number: u8,
    name: &'static str,
    /// What the message about a wrong length calls it.
    complaint: &'static str,
    /// The header that it belongs to, where it is only one.
    header: Option<Header>,
    /// Whether the length can be; given what follows it.
    allows: fn(u8, &[u8]) -> bool,
    read: fn(&mut Layer, usize) -> Result<(), Stop>,
}

macro_rules! kinds {
    ($($number:expr, $name:literal, $header:expr, $allows:expr, $read:expr, $complaint:literal;)*) => {
        static KINDS: &[Kind] = &[$(Kind {
            number: $number, name: $name, complaint: $complaint, header: $header, allows: $allows, read: $read,
        }),*];
    };
}

const HOP: Option<Header> = Some(Header::HopByHop);
const DST: Option<Header> = Some(Header::Destination);

kinds! {
    1, "PadN", None, |_, _| true, pad_n, "";
    4, "Tunnel Encapsulation Limit", DST, |len, _| len == 1, |l, _| l.u8(&TEL).map(drop),
        "Tunnel Encapsulation Limit: Invalid length";
    5, "Router Alert", HOP, |len, _| len == 2, |l, _| l.u16(&ROUTER_ALERT).map(drop), "Router alert: Invalid Length";
    7, "CALIPSO", HOP, |len, _| len >= 8, calipso, "CALIPSO: Invalid Length";
    8, "SMF_DPD", HOP, |_, _| true, smf_dpd, "";
    0x0f, "Performance and Diagnostic Metrics", DST, |len, _| len == 10, performance, "PDM: Invalid length";
    0x1e, "Experimental (0x1E)", None, |_, _| true, experimental, "";
    0x26, "Quick-Start", HOP, |len, _| len == 6, quick_start, "Quick Start: Invalid Length";
    0x30, "Path MTU Option", HOP, |len, _| len == 4, path_mtu, "PMTU Option: Invalid Length";
    0x31, "IOAM Option", HOP, ioam_allows, ioam, "IOAM Option: Invalid length";
    0x3e, "Experimental (0x3E)", None, |_, _| true, experimental, "";
    0x41, "Tunnel Payload Forwarding (TPF) Information", DST, |len, _| len == 4, |l, _| l.u32(&TPF_INFORMATION).map(drop),
        "TPF: Invalid Length";
    0x5e, "Experimental (0x5E)", None, |_, _| true, experimental, "";
    0x63, "RPL Option", HOP, |len, _| len >= 4, rpl, "RPL Option: Invalid Length";
    MPL, "MPL Option", HOP, |len, _| len >= 2, mpl, "MPL: Invalid Length";
    0x7e, "Experimental (0x7E)", None, |_, _| true, experimental, "";
    ENDPOINT_IDENTIFICATION, "Endpoint Identification", None, |_, _| true, unknown, "";
    0x8b, "ILNP Nonce", DST, |_, _| true, |l, len| l.bytes(&ILNP_NONCE, len).map(drop), "";
    0x8c, "Line-Identification Option", DST, |_, _| true, line_identification, "";
    0x9e, "Experimental (0x9E)", None, |_, _| true, experimental, "";
    0xbe, "Experimental (0xBE)", None, |_, _| true, experimental, "";
    JUMBO, "Jumbo Payload", HOP, |len, _| len == 4, jumbo, "Jumbo Payload: Invalid length";
    0xc9, "Home Address", DST, |len, _| len == 16, home_address, "Home Address: Invalid length";
    0xde, "Experimental (0xDE)", None, |_, _| true, experimental, "";
    0xee, "IP_DFF", HOP, |len, _| len == 3, depth_first_forwarding, "DFF: Invalid Length";
    0xfe, "Experimental (0xFE)", None, |_, _| true, experimental, "";
}

fn unknown(l: &mut Layer, len: usize) -> Result<(), Stop> {
    if len > 0 {
        l.bytes(&UNKNOWN, len)?;
        l.expert(&UNKNOWN_DATA_EXPERT);
    }
    Ok(())
}

fn pad_n(l: &mut Layer, len: usize) -> Result<(), Stop> {
    l.bytes(&PADN, len).map(drop)
}

fn experimental(l: &mut Layer, len: usize) -> Result<(), Stop> {
    l.bytes(&EXPERIMENTAL, len).map(drop)
}

fn jumbo(l: &mut Layer, _: usize) -> Result<(), Stop> {
    if l.u32(&JUMBO_ROW)? < 0x1_0000 {
        l.expert(&JUMBO_TRUNCATED);
    }
    Ok(())
}

fn home_address(l: &mut Layer, _: usize) -> Result<(), Stop> {
    let home = l.ipv6(&MIPV6_HOME_ADDRESS)?;
    // Layers above speak between the home address and the destination: RFC 6275, section 6.3.
    let destination = l.destination();
    l.set_addresses(home, destination);
    Ok(())
}

fn calipso(l: &mut Layer, len: usize) -> Result<(), Stop> {
    l.u32(&CALIPSO_DOI)?;
    // In words of four bytes.
    let words = l.u8(&CALIPSO_CMPT_LENGTH)?;
    l.u8(&CALIPSO_SENS_LEVEL)?;
    l.u16(&CALIPSO_CHECKSUM)?;
    let _ = len;
    l.bytes(&CALIPSO_CMPT_BITMAP, 4 * usize::from(words)).map(drop)
}

fn smf_dpd(l: &mut Layer, len: usize) -> Result<(), Stop> {
    let first = l.peek_u8()?;
    l.part(&SMF_DPD_HASH_BIT, first, 1);
    if first & 0x80 != 0 {
        return l.bytes(&SMF_DPD_HAV, len).map(drop);
    }
    let tagged = l.part(&SMF_DPD_TID_TYPE, first, 1) != 0;
    l.part(&SMF_DPD_TID_LEN, first, 1);
    l.skip(1)?;
    let mut rest = len.saturating_sub(1);
    if tagged {
        // The length counts from one byte.
        let tagger = usize::from(first & 0x0f) + 1;
        l.bytes(&SMF_DPD_TAGGER_ID, tagger)?;
        rest = rest.saturating_sub(tagger);
    }
    l.bytes(&SMF_DPD_IDENT, rest).map(drop)
}

fn performance(l: &mut Layer, _: usize) -> Result<(), Stop> {
    l.u8(&PDM_SCALE_DTLR)?;
    l.u8(&PDM_SCALE_DTLS)?;
    l.u16(&PDM_PSN_THIS_PKT)?;
    l.u16(&PDM_PSN_LAST_RECV)?;
    l.u16(&PDM_DELTA_LAST_RECV)?;
    l.u16(&PDM_DELTA_LAST_SENT).map(drop)
}

fn quick_start(l: &mut Layer, _: usize) -> Result<(), Stop> {
    let first = l.peek_u8()?;
    let function = l.part(&QS_FUNC, first, 1);
    if !matches!(function, RATE_REQUEST | RATE_REPORT) {
        l.skip(1)?;
        return Ok(());
    }
    l.part(&QS_RATE, first, 1);
    l.skip(1)?;
    if function == RATE_REQUEST {
        let hop_limit = l.around().find(|(protocol, _)| protocol.name() == "ipv6");
        let hop_limit = hop_limit.and_then(|(_, bytes)| bytes.get(7).copied()).unwrap_or_default();
        let ttl = l.u8(&QS_TTL)?;
        l.generated_at(&QS_TTL_DIFF, hop_limit.wrapping_sub(ttl), l.offset() - 1, 1);
    } else {
        l.u8(&QS_UNUSED)?;
    }
    let nonce = l.peek_u32()?;
    l.part(&QS_NONCE, nonce, 4);
    l.part(&QS_RESERVED, nonce, 4);
    l.skip(4).map(drop)
}

fn path_mtu(l: &mut Layer, _: usize) -> Result<(), Stop> {
    l.u16(&PMTU_MIN)?;
    let returned = l.peek_u16()?;
    // The low bit is the flag, not a part of the MTU.
    l.part(&PMTU_RTN, returned & 0xfffe, 2);
    l.skip(1)?;
    if returned & 1 != 0 || l.peek(1).is_ok() {
        l.part(&PMTU_R_FLAG, returned & 1, 1);
    }
    l.skip(1).map(drop)
}

fn rpl(l: &mut Layer, _: usize) -> Result<(), Stop> {
    let flags = l.u8(&RPL_FLAG)?;
    l.parts(&[&RPL_FLAG_O, &RPL_FLAG_R, &RPL_FLAG_F, &RPL_FLAG_RSV], flags);
    l.u8(&RPL_INSTANCE_ID)?;
    l.u16(&RPL_SENDER_RANK).map(drop)
}

fn mpl(l: &mut Layer, len: usize) -> Result<(), Stop> {
    let flags = l.u8(&MPL_FLAG)?;
    l.parts(&[&MPL_FLAG_S, &MPL_FLAG_M, &MPL_FLAG_V, &MPL_FLAG_RSV], flags);
    l.u8(&MPL_SEQUENCE)?;
    let seed = match flags >> 6 {
        0 => return Ok(()),
        1 => 2,
        2 => 8,
        _ => 16,
    };
    let _ = len;
    l.bytes(&MPL_SEED_ID, seed).map(drop)
}

fn line_identification(l: &mut Layer, len: usize) -> Result<(), Stop> {
    let text = usize::from(l.u8(&LIO_LENGTH)?);
    l.bytes(&LIO_LINE_ID, text.min(len.saturating_sub(1))).map(drop)
}

fn depth_first_forwarding(l: &mut Layer, _: usize) -> Result<(), Stop> {
    let flags = l.u8(&DFF_FLAGS)?;
    l.parts(&[&DFF_FLAG_VER, &DFF_FLAG_DUP, &DFF_FLAG_RET, &DFF_FLAG_RSV], flags);
    l.u16(&DFF_SEQUENCE_NUMBER).map(drop)
}

// ---- IOAM: in-situ operations, administration and maintenance, RFC 9197 in the option of RFC 9486

fn ioam_allows(len: u8, rest: &[u8]) -> bool {
    let [_, kind, _, _, node, remaining, types @ ..] = rest else { return len >= 10 };
    if *kind > 1 {
        return true;
    }
    if len < 10 || len % 4 != 2 {
        return false;
    }
    let node = 4 * u16::from(node >> 3);
    let data = u16::from(len).saturating_sub(10).saturating_sub(4 * u16::from(remaining & 0x7f));
    let has_opaque = types.get(2).is_some_and(|byte| byte & 0x02 != 0);
    node == 0 || has_opaque || data % node == 0
}

fn ioam(l: &mut Layer, len: usize) -> Result<(), Stop> {
    let end = l.offset() + len;
    l.u8(&IOAM_RSV)?;
    let kind = l.u8(&IOAM_OPT_TYPE)?;
    if len < 2 {
        return Err(Stop::Malformed);
    }
    let heading = match kind {
        0 => &PRE_ALLOCATED_TRACE,
        1 => &INCREMENTAL_TRACE,
        2 => &PROOF_OF_TRANSIT,
        3 => &EDGE_TO_EDGE,
        _ => &UNKNOWN_IOAM,
    };
    if kind < 2 {
        // The namespace, lengths, flags and type are one unit.
        l.peek(8)?;
    }
    let open = l.open(heading, len.saturating_sub(2));
    if kind < 2 {
        ioam_trace(l, end)?;
    }
    l.close(open);
    Ok(())
}

fn ioam_trace(l: &mut Layer, end: usize) -> Result<(), Stop> {
    l.u16(&IOAM_TRACE_NS)?;
    let packed = l.peek_u16()?;
    let node_len = l.part(&IOAM_TRACE_NODELEN, packed >> 8, 1) as usize * 4;
    if node_len == 0 {
        l.expert(&IOAM_TRACE_INVALID_NODELEN);
    }
    l.part(&IOAM_TRACE_FLAGS, packed, 2);
    let flags: [&'static Field; 4] = [&IOAM_TRACE_FLAG_O, &IOAM_TRACE_FLAG_L, &IOAM_TRACE_FLAG_A, &IOAM_TRACE_FLAG_RSV];
    l.parts(&flags, packed);
    l.skip(1)?;
    let remaining = l.part(&IOAM_TRACE_REMLEN, packed & 0xff, 1) as usize * 4;
    let data = end.saturating_sub(l.offset() + 5);
    let fits = data > 0 && remaining <= data;
    if !fits {
        l.expert_with(&IOAM_TRACE_INVALID_REMLEN, remaining as u64);
    }
    l.skip(1)?;
    let types = l.u24(&IOAM_TRACE_TYPE)?;
    l.parts(TRACE_TYPE_BITS, types);
    let wanted: usize = TRACE_ITEMS.iter().filter(|item| types & item.bit != 0).map(|item| item.len).sum();
    let lies = node_len != 0 && wanted != node_len;
    if lies {
        l.expert(&IOAM_TRACE_INVALID_TYPE);
    }
    l.u8(&IOAM_TRACE_RSV)?;
    if !fits || node_len == 0 {
        return Ok(());
    }
    let open = l.open(&TRACE_DATA, data);
    if remaining > 0 {
        l.bytes(&IOAM_TRACE_FREE_SPACE, remaining)?;
    }
    let mut number = 0;
    while l.offset() < end && wanted > 0 {
        let rest = end.saturating_sub(l.offset());
        if rest < wanted.min(node_len) {
            break;
        }
        number += 1;
        if lies {
            // What the nodes are made of is not known: the first is shown as it may be, and all of it as bytes.
            let start = l.offset();
            ioam_node(l, types & !OPAQUE_STATE_BIT, number)?;
            l.go_to(start)?;
            break;
        }
        ioam_node(l, types, number)?;
    }
    l.close(open);
    Ok(())
}

fn ioam_node(l: &mut Layer, types: u32, number: u64) -> Result<(), Stop> {
    let start = l.offset();
    let place = l.open_with(&NODE, number, 0);
    for item in TRACE_ITEMS.iter().filter(|item| types & item.bit != 0) {
        match item.rows {
            [row] => l.uint(row, item.len).map(drop)?,
            [heading, first, second] => {
                let open = l.open(heading, item.len);
                let first_len = if first.display.width == 8 { 1 } else { item.len / 2 };
                l.uint(first, first_len)?;
                l.uint(second, item.len - first_len)?;
                l.close(open);
            }
            _ => {}
        }
    }
    if types & OPAQUE_STATE_BIT != 0 {
        let len = 4 * usize::from(l.peek_u8()?);
        let open = l.open(&OPAQUE_STATE, 4 + len);
        l.u8(&IOAM_TRACE_NODE_OSS_LEN)?;
        l.u24(&IOAM_TRACE_NODE_OSS_SCID)?;
        if len > 0 {
            l.bytes(&IOAM_TRACE_NODE_OSS_DATA, len)?;
        }
        l.close(open);
    }
    l.close_here(place);
    debug_assert!(l.offset() > start, "a node has at least one item");
    Ok(())
}

/// What a node adds where a bit of the trace type asks for it.
struct TraceItem {
    bit: u32,
    len: usize,
    /// One row, or a heading and the two rows below it.
    rows: &'static [&'static Field],
}

const OPAQUE_STATE_BIT: u32 = 0x00_0002;

static TRACE_ITEMS: &[TraceItem] = &[
    TraceItem { bit: 0x80_0000, len: 4, rows: &[&NODE_ID_SHORT, &IOAM_TRACE_NODE_HLIM, &IOAM_TRACE_NODE_ID] },
    TraceItem { bit: 0x40_0000, len: 4, rows: &[&INTERFACES_SHORT, &IOAM_TRACE_NODE_IIF, &IOAM_TRACE_NODE_EIF] },
    TraceItem { bit: 0x20_0000, len: 4, rows: &[&IOAM_TRACE_NODE_TSS] },
    TraceItem { bit: 0x10_0000, len: 4, rows: &[&IOAM_TRACE_NODE_TSF] },
    TraceItem { bit: 0x08_0000, len: 4, rows: &[&IOAM_TRACE_NODE_TRDELAY] },
    TraceItem { bit: 0x04_0000, len: 4, rows: &[&IOAM_TRACE_NODE_NSDATA] },
    TraceItem { bit: 0x02_0000, len: 4, rows: &[&IOAM_TRACE_NODE_QDEPTH] },
    TraceItem { bit: 0x01_0000, len: 4, rows: &[&IOAM_TRACE_NODE_CSUM] },
    TraceItem { bit: 0x00_8000, len: 8, rows: &[&NODE_ID_WIDE, &IOAM_TRACE_NODE_HLIM, &IOAM_TRACE_NODE_ID_WIDE] },
    TraceItem {
        bit: 0x00_4000,
        len: 8,
        rows: &[&INTERFACES_WIDE, &IOAM_TRACE_NODE_IIF_WIDE, &IOAM_TRACE_NODE_EIF_WIDE],
    },
    TraceItem { bit: 0x00_2000, len: 8, rows: &[&IOAM_TRACE_NODE_NSDATA_WIDE] },
    TraceItem { bit: 0x00_1000, len: 4, rows: &[&IOAM_TRACE_NODE_BUFOCCUP] },
    TraceItem { bit: 0x00_0800, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0400, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0200, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0100, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0080, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0040, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0020, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0010, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0008, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
    TraceItem { bit: 0x00_0004, len: 4, rows: &[&IOAM_TRACE_NODE_UNDEFINED] },
];

static TRACE_TYPE_BITS: &[&Field] = &[
    &IOAM_TRACE_TYPE_BIT0,
    &IOAM_TRACE_TYPE_BIT1,
    &IOAM_TRACE_TYPE_BIT2,
    &IOAM_TRACE_TYPE_BIT3,
    &IOAM_TRACE_TYPE_BIT4,
    &IOAM_TRACE_TYPE_BIT5,
    &IOAM_TRACE_TYPE_BIT6,
    &IOAM_TRACE_TYPE_BIT7,
    &IOAM_TRACE_TYPE_BIT8,
    &IOAM_TRACE_TYPE_BIT9,
    &IOAM_TRACE_TYPE_BIT10,
    &IOAM_TRACE_TYPE_BIT11,
    &IOAM_TRACE_TYPE_UNDEF,
    &IOAM_TRACE_TYPE_BIT22,
    &IOAM_TRACE_TYPE_RSV,
];

// ---- words

fn summary(layer: &LayerView, summary: &mut Summary) {
    summary.protocol.str("IPv6");
    let next = layer.number(&HOP_NXT).or_else(|| layer.number(&DST_NXT));
    match next {
        Some(next) if layer.mark().stopped.is_none() => describe_next(layer, next, summary),
        _ => _ = summary.info.str(summary_words(layer.protocol())),
    }
}

/// What the Info column says of an extension header that could not be read.
pub(super) fn summary_words(protocol: &Protocol) -> &'static str {
    match protocol.name() {
        "ipv6.hopopts" => "IPv6 hop-by-hop options",
        "ipv6.dstopts" => "IPv6 destination options",
        "ipv6.routing" => "IPv6 routing",
        _ => "",
    }
}

fn kind_of(number: u64) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| u64::from(kind.number) == number)
}

fn option_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let bytes = layer.view.bytes(entry);
    let number = bytes.first().copied().unwrap_or_default();
    match (number, kind_of(number.into())) {
        (PAD1, _) => _ = text.str("Pad1"),
        (_, Some(kind)) => _ = text.str(kind.name),
        _ => _ = text.str("Unknown IPv6 Option (").dec(number).str(")"),
    }
    if let [QUICK_START, _, first, ttl, ..] = *bytes {
        let (function, rate) = (QS_FUNC.extract(first.into()), QS_RATE.extract(first.into()));
        if matches!(function, RATE_REQUEST | RATE_REPORT) {
            text.str(", ").str(QS_RATE.names.get(rate).unwrap_or("Unknown"));
        }
        if function == RATE_REQUEST {
            let hop_limit = hop_limit(layer).unwrap_or_default();
            text.str(", QS TTL ").dec(ttl).str(", QS TTL diff ").dec(hop_limit.wrapping_sub(ttl));
        }
    }
}

fn type_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let number = entry.number();
    let name = if number == u64::from(PAD1) { "Pad1" } else { kind_of(number).map_or("Unknown", |kind| kind.name) };
    text.str("Type: ").str(name).str(" (").hex(number, 2).str(")");
}

fn mismatch_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let Some(kind) = kind_of(entry.number()) else { return };
    let header = if kind.header == HOP { "hop-by-hop" } else { "destination" };
    text.str(kind.name).str(" must use a ").str(header).str(" options header");
}

fn invalid_length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let complaint = kind_of(entry.number() >> 8).map_or("", |kind| kind.complaint);
    text.str(complaint).str(" (").dec(entry.number() & 0xff).str(" bytes)");
}

fn padding_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("PadN: ");
    let bytes = layer.view.bytes(entry);
    if bytes.is_empty() {
        text.str("<none>");
    }
    text.hex_bytes(&bytes[..bytes.len().min(36)], None);
    if bytes.len() > 36 {
        text.str("…");
    }
}

/// Writes the titles of the flags that are set.
pub(in super::super) fn write_set(flags: &[&Field], raw: u64, text: &mut Text) {
    for flag in flags.iter().filter(|flag| flag.extract(raw) != 0) {
        text.str(", ").str(flag.title);
    }
}

fn rpl_flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Flag: ").hex(entry.number(), 2);
    write_set(&[&RPL_FLAG_O, &RPL_FLAG_R, &RPL_FLAG_F], entry.number(), text);
}

fn mpl_flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let flags = entry.number();
    let seed = MPL_FLAG_S.names.get(MPL_FLAG_S.extract(flags)).unwrap_or_default();
    text.str("Flag: ").hex(flags, 2).str(", Seed ID Length: ").str(seed);
    write_set(&[&MPL_FLAG_M, &MPL_FLAG_V], flags, text);
}

fn dff_flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Flags: ").hex(entry.number(), 2);
    write_set(&[&DFF_FLAG_DUP, &DFF_FLAG_RET], entry.number(), text);
}

fn trace_flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let flags = entry.number();
    entry.field.write_bits(flags, text);
    text.str("Flags: ").hex(flags, 1);
    let rows: [&Field; 4] = [&IOAM_TRACE_FLAG_O, &IOAM_TRACE_FLAG_L, &IOAM_TRACE_FLAG_A, &IOAM_TRACE_FLAG_RSV];
    write_set(&rows, flags << entry.field.shift(), text);
}

fn trace_type_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Trace Type: ").hex(entry.number(), 6);
    write_set(TRACE_TYPE_BITS, entry.number(), text);
}

fn remaining_length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("IOAM RemLen: Invalid length (").dec(entry.number()).str(" bytes)");
}

fn node_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Node ").dec(entry.number());
}

// ---- numbers

pub(super) const PAD1: u8 = 0;
pub(super) const JUMBO: u8 = 0xc2;
const QUICK_START: u8 = 0x26;
const MPL: u8 = 0x6d;
const ENDPOINT_IDENTIFICATION: u8 = 0x8a;
const RATE_REQUEST: u64 = 0;
const RATE_REPORT: u64 = 8;

names! {
    ACTIONS = {
        0 => "Skip and continue",
        1 => "Discard",
        2 => "Discard and send ICMP Parameter Problem",
        3 => "Discard and send ICMP if not multicast",
    }
    ROUTER_ALERTS = { 0 => "MLD", 1 => "RSVP", 2 => "Active Network" }
    TAGGER_ID_TYPES = { 0 => "NULL", 1 => "DEFAULT", 2 => "IPv4", 3 => "IPv6" }
    QUICK_START_FUNCTIONS = { RATE_REQUEST => "Rate request", RATE_REPORT => "Rate report" }
    RATES = {
        0 => "0 bit/s",
        1 => "80 kbit/s",
        2 => "160 kbit/s",
        3 => "320 kbit/s",
        4 => "640 kbit/s",
        5 => "1.28 Mbit/s",
        6 => "2.56 Mbit/s",
        7 => "5.12 Mbit/s",
        8 => "10.24 Mbit/s",
        9 => "20.48 Mbit/s",
        10 => "40.96 Mbit/s",
        11 => "81.92 Mbit/s",
        12 => "163.84 Mbit/s",
        13 => "327.68 Mbit/s",
        14 => "655.36 Mbit/s",
        15 => "1.31072 Gbit/s",
    }
    IOAM_TYPES = { 0 => "Pre-allocated Trace", 1 => "Incremental Trace", 2 => "Proof of Transit", 3 => "Edge to Edge" }
    SEED_ID_LENGTHS = {
        0 => "0",
        1 => "16-bit unsigned integer",
        2 => "64-bit unsigned integer",
        3 => "128-bit unsigned integer",
    }
}
