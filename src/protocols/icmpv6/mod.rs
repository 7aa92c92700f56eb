//! ICMPv6: the Internet Control Message Protocol of IPv6.
//!
//! RFC 4443, and the messages of RFC 2710 and RFC 3810 (multicast listeners), RFC 4861 (neighbours), RFC 2894 (renumbering), RFC 4620
//! (node information), RFC 3122 (inverse neighbours), RFC 6275 (mobility), RFC 3971 (secure neighbours), RFC 4286 (multicast
//! routers), RFC 5568 (fast handovers), RFC 6743 (locators), RFC 6775 (duplicate addresses), RFC 7731 (MPL), RFC 8335 (extended
//! echo) and RFC 6550 (RPL, in a file beside this one).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Type      |     Code      |          Checksum             |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                         Message Body                          |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

mod options;
mod rpl;

use super::icmp::extensions;
use super::{checksum, ipv6};
use crate::dissect::{
    Address, Asks, Entry, Field, Group, Layer, LayerView, Next, Outcome, Protocol, Query, Severity, Stop, Summary,
    Table, fields, names,
};
use crate::text::Text;

fields! {
    TYPE = uint8("icmpv6.type", "Type").values(TYPES);
    CODE = uint8("icmpv6.code", "Code").label(code_line);
    CHECKSUM = uint16("icmpv6.checksum", "Checksum").hex().label(checksum_line);
    CHECKSUM_STATUS = uint8("icmpv6.checksum.status", "Checksum Status").name_only().generated().values(checksum::STATUSES);
    RESERVED = bytes("icmpv6.reserved", "Reserved");
    DATA = bytes("icmpv6.data", "Data");
    UNKNOWN_DATA = bytes("icmpv6.unknown_data", "Unknown Data");
    MTU = uint32("icmpv6.mtu", "MTU");
    POINTER = uint32("icmpv6.pointer", "Pointer");
    ECHO_IDENTIFIER = uint16("icmpv6.echo.identifier", "Identifier").hex();
    ECHO_SEQUENCE_NUMBER = uint16("icmpv6.echo.sequence_number", "Sequence");
    ND_RA_CUR_HOP_LIMIT = uint8("icmpv6.nd.ra.cur_hop_limit", "Cur hop limit");
    ND_RA_FLAG = uint8("icmpv6.nd.ra.flag", "Flags").hex().label(flags_line);
    ND_RA_FLAG_M = boolean("icmpv6.nd.ra.flag.m", "Managed address configuration").bits(0x80).flags("Set", "Not set");
    ND_RA_FLAG_O = boolean("icmpv6.nd.ra.flag.o", "Other configuration").bits(0x40).flags("Set", "Not set");
    ND_RA_FLAG_H = boolean("icmpv6.nd.ra.flag.h", "Home Agent").bits(0x20).flags("Set", "Not set");
    ND_RA_FLAG_PRF = uint8("icmpv6.nd.ra.flag.prf", "Prf (Default Router Preference)").bits(0x18).values(PREFERENCES);
    ND_RA_FLAG_P = boolean("icmpv6.nd.ra.flag.p", "Proxy").bits(0x04).flags("Set", "Not set");
    ND_RA_FLAG_RSV = uint8("icmpv6.nd.ra.flag.rsv", "Reserved").bits(0x03);
    ND_RA_ROUTER_LIFETIME = uint16("icmpv6.nd.ra.router_lifetime", "Router lifetime (s)");
    ND_RA_REACHABLE_TIME = uint32("icmpv6.nd.ra.reachable_time", "Reachable time (ms)");
    ND_RA_RETRANS_TIMER = uint32("icmpv6.nd.ra.retrans_timer", "Retrans timer (ms)");
    ND_NS_TARGET_ADDRESS = ipv6("icmpv6.nd.ns.target_address", "Target Address");
    ND_NA_FLAG = uint32("icmpv6.nd.na.flag", "Flags").hex().label(flags_line);
    ND_NA_FLAG_R = boolean("icmpv6.nd.na.flag.r", "Router").of(32).bits(0x8000_0000).flags("Set", "Not set");
    ND_NA_FLAG_S = boolean("icmpv6.nd.na.flag.s", "Solicited").of(32).bits(0x4000_0000).flags("Set", "Not set");
    ND_NA_FLAG_O = boolean("icmpv6.nd.na.flag.o", "Override").of(32).bits(0x2000_0000).flags("Set", "Not set");
    ND_NA_FLAG_RSV = uint32("icmpv6.nd.na.flag.rsv", "Reserved").bits(0x1fff_ffff);
    ND_NA_TARGET_ADDRESS = ipv6("icmpv6.nd.na.target_address", "Target Address");
    ND_RD_TARGET_ADDRESS = ipv6("icmpv6.nd.rd.target_address", "Target Address");
    RD_NA_DESTINATION_ADDRESS = ipv6("icmpv6.rd.na.destination_address", "Destination Address");
    SEND_IDENTIFIER = uint16("icmpv6.send.identifier", "Identifier");
    SEND_ALL_COMPONENTS = uint16("icmpv6.send.all_components", "All Components");
    SEND_COMPONENT = uint16("icmpv6.send.component", "Component");
    MLD_MAXIMUM_RESPONSE_DELAY = uint16("icmpv6.mld.maximum_response_delay", "Maximum Response Delay [ms]");
    MLD_MULTICAST_ADDRESS = ipv6("icmpv6.mld.multicast_address", "Multicast Address");
    RR_SEQUENCE_NUMBER = uint32("icmpv6.rr.sequence_number", "Sequence Number");
    RR_SEGMENT_NUMBER = uint8("icmpv6.rr.segment_number", "Segment Number");
    RR_FLAG = uint8("icmpv6.rr.flag", "Flags").hex().label(flags_line);
    RR_FLAG_T = boolean("icmpv6.rr.flag.t", "Test Command").bits(0x80).flags("Set", "Not set");
    RR_FLAG_R = boolean("icmpv6.rr.flag.r", "Result requested").bits(0x40).flags("Set", "Not set");
    RR_FLAG_A = boolean("icmpv6.rr.flag.a", "All Interfaces").bits(0x20).flags("Set", "Not set");
    RR_FLAG_S = boolean("icmpv6.rr.flag.s", "Site-specific").bits(0x10).flags("Set", "Not set");
    RR_FLAG_P = boolean("icmpv6.rr.flag.p", "Processed previously").bits(0x08).flags("Set", "Not set");
    RR_FLAG_RSV = uint8("icmpv6.rr.flag.rsv", "Reserved").bits(0x07);
    RR_MAXDELAY = uint16("icmpv6.rr.maxdelay", "Max Delay");
    RR_PCO_MP = none("icmpv6.rr.pco.mp", "Match-Prefix Part").label(match_prefix_line);
    RR_PCO_MP_OPCODE = uint8("icmpv6.rr.pco.mp.opcode", "OpCode").values(OPERATIONS);
    RR_PCO_MP_OPLENGTH = uint8("icmpv6.rr.pco.mp.oplength", "OpLength");
    RR_PCO_MP_ORDINAL = uint8("icmpv6.rr.pco.mp.ordinal", "Ordinal").hex();
    RR_PCO_MP_MATCHLEN = uint8("icmpv6.rr.pco.mp.matchlen", "MatchLen");
    RR_PCO_MP_MINLEN = uint8("icmpv6.rr.pco.mp.minlen", "MinLen");
    RR_PCO_MP_MAXLEN = uint8("icmpv6.rr.pco.mp.maxlen", "MaxLen");
    RR_PCO_MP_MATCHPREFIX = ipv6("icmpv6.rr.pco.mp.matchprefix", "MatchPrefix");
    RR_PCO_UP = none("icmpv6.rr.pco.up", "Use-Prefix Part").label(use_prefix_line);
    RR_PCO_UP_USELEN = uint8("icmpv6.rr.pco.up.uselen", "UseLen");
    RR_PCO_UP_KEEPLEN = uint8("icmpv6.rr.pco.up.keeplen", "KeepLen");
    RR_PCO_UP_FLAGMASK = uint8("icmpv6.rr.pco.up.flagmask", "FlagMask").hex().label(flags_line);
    RR_PCO_UP_FLAGMASK_L = boolean("icmpv6.rr.pco.up.flagmask.l", "On-link flag(L)").bits(0x80).flags("Set", "Not set");
    RR_PCO_UP_FLAGMASK_A = boolean("icmpv6.rr.pco.up.flagmask.a", "Autonomous address-configuration flag(A)").bits(0x40).flags("Set", "Not set");
    RR_PCO_UP_FLAGMASK_RESERVED = uint8("icmpv6.rr.pco.up.flagmask.reserved", "Reserved").bits(0x3f);
    RR_PCO_UP_RAFLAGS = uint8("icmpv6.rr.pco.up.raflags", "RAFlags").hex().label(flags_line);
    RR_PCO_UP_VALIDLIFETIME = uint32("icmpv6.rr.pco.up.validlifetime", "Valid Lifetime").label(lifetime_line);
    RR_PCO_UP_PREFERREDLIFETIME = uint32("icmpv6.rr.pco.up.preferredlifetime", "Preferred Lifetime").label(lifetime_line);
    RR_PCO_UP_FLAG = uint32("icmpv6.rr.pco.up.flag", "Flags").hex().label(flags_line);
    RR_PCO_UP_FLAG_V = boolean("icmpv6.rr.pco.up.flag.v", "Decrement valid lifetime").of(32).bits(0x8000_0000).flags("Set", "Not set");
    RR_PCO_UP_FLAG_P = boolean("icmpv6.rr.pco.up.flag.p", "Decrement preferred lifetime").of(32).bits(0x4000_0000).flags("Set", "Not set");
    RR_PCO_UP_FLAG_RESERVED = uint32("icmpv6.rr.pco.up.flag.reserved", "Reserved").bits(0x3fff_ffff);
    RR_PCO_UP_USEPREFIX = ipv6("icmpv6.rr.pco.up.useprefix", "UsePrefix");
    RR_RM = none("icmpv6.rr.rm", "Result Message").label(result_line);
    RR_RM_FLAG = uint16("icmpv6.rr.rm.flag", "Flags").hex().label(flags_line);
    RR_RM_FLAG_B = boolean("icmpv6.rr.rm.flag.b", "Bounds").of(16).bits(0x0002).flags("Set", "Not set");
    RR_RM_FLAG_F = boolean("icmpv6.rr.rm.flag.f", "Forbidden").of(16).bits(0x0001).flags("Set", "Not set");
    RR_RM_FLAG_RESERVED = uint16("icmpv6.rr.rm.flag.reserved", "Reserved").bits(0xfffc);
    RR_RM_ORDINAL = uint8("icmpv6.rr.rm.ordinal", "Ordinal").hex();
    RR_RM_MATCHEDLEN = uint8("icmpv6.rr.rm.matchedlen", "MatchedLen");
    RR_RM_INTERFACEINDEX = uint32("icmpv6.rr.rm.interfaceindex", "InterfaceIndex");
    RR_RM_MATCHEDPREFIX = ipv6("icmpv6.rr.rm.matchedprefix", "MatchedPrefix");
    MIP6_IDENTIFIER = uint16("icmpv6.mip6.identifier", "Identifier").dec_hex();
    MIP6_HOME_AGENT_ADDRESS = ipv6("icmpv6.mip6.home_agent_address", "Home Agent Address");
    MIP6_FLAG = uint16("icmpv6.mip6.flag", "Flags").hex().label(flags_line);
    MIP6_FLAG_M = boolean("icmpv6.mip6.flag.m", "Managed address configuration").of(16).bits(0x8000).flags("Set", "Not set");
    MIP6_FLAG_O = boolean("icmpv6.mip6.flag.o", "Other configuration").of(16).bits(0x4000).flags("Set", "Not set");
    MIP6_FLAG_RSV = uint16("icmpv6.mip6.flag.rsv", "Reserved").bits(0x3fff);
    MLD_MAXIMUM_RESPONSE_CODE = uint16("icmpv6.mld.maximum_response_code", "Maximum Response Code");
    MLD_FLAG = uint8("icmpv6.mld.flag", "Flags").hex().label(flags_line);
    MLD_FLAG_S = boolean("icmpv6.mld.flag.s", "Suppress Router-Side Processing").bits(0x08);
    MLD_FLAG_QRV = uint8("icmpv6.mld.flag.qrv", "QRV (Querier's Robustness Variable)").bits(0x07);
    MLD_FLAG_RESERVED = uint8("icmpv6.mld.flag.reserved", "Reserved").bits(0xf0);
    MLD_QQI = uint8("icmpv6.mld.qqi", "QQIC (Querier's Query Interval Code)");
    MLD_NB_SOURCES = uint16("icmpv6.mld.nb_sources", "Number of Sources");
    MLD_SOURCE_ADDRESS = ipv6("icmpv6.mld.source_address", "Source Address");
    MLDR_NB_MCAST_RECORDS = uint16("icmpv6.mldr.nb_mcast_records", "Number of Multicast Address Records");
    MLDR_MAR = none("icmpv6.mldr.mar", "Multicast Address Record").label(record_line);
    MLDR_MAR_RECORD_TYPE = uint8("icmpv6.mldr.mar.record_type", "Record Type").values(RECORD_TYPES);
    MLDR_MAR_AUX_DATA_LEN = uint8("icmpv6.mldr.mar.aux_data_len", "Aux Data Len");
    MLDR_MAR_NB_SOURCES = uint16("icmpv6.mldr.mar.nb_sources", "Number of Sources");
    MLDR_MAR_MULTICAST_ADDRESS = ipv6("icmpv6.mldr.mar.multicast_address", "Multicast Address");
    MLDR_MAR_SOURCE_ADDRESS = ipv6("icmpv6.mldr.mar.source_address", "Source Address");
    MLDR_MAR_AUXILIARY_DATA = bytes("icmpv6.mldr.mar.auxiliary_data", "Auxiliary Data");
    FMIP6_SUBTYPE = uint8("icmpv6.fmip6.subtype", "Subtype").values(FAST_HANDOVERS);
    FMIP6_HI_FLAG = uint8("icmpv6.fmip6.hi.flag", "Flag").hex().label(flags_line);
    FMIP6_HI_FLAG_S = boolean("icmpv6.fmip6.hi.flag.s", "Assigned address configuration").bits(0x80).flags("Set", "Not set");
    FMIP6_HI_FLAG_A = boolean("icmpv6.fmip6.hi.flag.a", "Buffer").bits(0x40).flags("Set", "Not set");
    FMIP6_HI_FLAG_RESERVED = uint8("icmpv6.fmip6.hi.flag.reserved", "Reserved").bits(0x3f);
    FMIP6_IDENTIFIER = uint16("icmpv6.fmip6.identifier", "Identifier").dec_hex();
    MCAST_RA_QUERY_INTERVAL = uint16("icmpv6.mcast_ra.query_interval", "Query Interval");
    MCAST_RA_ROBUSTNESS_VARIABLE = uint16("icmpv6.mcast_ra.robustness_variable", "Robustness Variable");
    NI_QTYPE = uint16("icmpv6.ni.qtype", "Qtype").values(QUERY_TYPES);
    NI_FLAG = uint16("icmpv6.ni.flag", "Flags").hex().label(flags_line);
    NI_FLAG_G = boolean("icmpv6.ni.flag.g", "Global-scope addresses").of(16).bits(0x0020).flags("Set", "Not set");
    NI_FLAG_S = boolean("icmpv6.ni.flag.s", "Site-local addresses").of(16).bits(0x0010).flags("Set", "Not set");
    NI_FLAG_L = boolean("icmpv6.ni.flag.l", "Link-local addresses").of(16).bits(0x0008).flags("Set", "Not set");
    NI_FLAG_C = boolean("icmpv6.ni.flag.c", "Compression").of(16).bits(0x0004).flags("Set", "Not set");
    NI_FLAG_A = boolean("icmpv6.ni.flag.a", "Unicast Addresses").of(16).bits(0x0002).flags("All unicast address", "Unicast addresses on the queried interface");
    NI_FLAG_T = boolean("icmpv6.ni.flag.t", "Truncated").of(16).bits(0x0001).flags("Set", "Not set");
    NI_FLAG_RSV = uint16("icmpv6.ni.flag.rsv", "Reserved").hex().bits(0xffc0);
    NI_NONCE = uint64("icmpv6.ni.nonce", "Nonce").hex();
    NI_QUERY_SUBJECT_IPV6 = ipv6("icmpv6.ni.query.subject_ipv6", "IPv6 subject address");
    NI_QUERY_SUBJECT_FQDN = text("icmpv6.ni.query.subject_fqdn", "FQDN subject");
    NI_QUERY_SUBJECT_IPV4 = ipv4("icmpv6.ni.query.subject_ipv4", "IPv4 subject address");
    NI_REPLY_NODE_TTL = uint32("icmpv6.ni.reply.node_ttl", "TTL");
    NI_REPLY_NODE_NAME = text("icmpv6.ni.reply.node_name", "Name Node");
    NI_REPLY_NODE_ADDRESS = ipv6("icmpv6.ni.reply.node_address", "IPv6 Node address");
    NI_REPLY_IPV4_ADDRESS = ipv4("icmpv6.ni.reply.ipv4_address", "IPv4 Node address");
    LENGTH = uint8("icmpv6.length", "Length of original datagram");
    ILNP_NB_LOCS = uint8("icmpv6.ilnp.nb_locs", "Num of Locs");
    ILNP_NB_LOCATOR = uint64("icmpv6.ilnp.nb_locator", "Locator").hex();
    ILNP_NB_PREFERENCE = uint32("icmpv6.ilnp.nb_preference", "Preference");
    ILNP_NB_LIFETIME = uint32("icmpv6.ilnp.nb_lifetime", "Lifetime");
    DA_STATUS = uint8("icmpv6.6lowpannd.da.status", "Status").values(REGISTRATIONS);
    DA_RSV = uint8("icmpv6.6lowpannd.da.rsv", "Reserved");
    DA_LIFETIME = uint16("icmpv6.6lowpannd.da.lifetime", "Lifetime");
    DA_EUI64 = eui64("icmpv6.6lowpannd.da.eui64", "EUI-64").label(options::eui64_line);
    DA_REG_ADDR = ipv6("icmpv6.6lowpannd.da.reg_addr", "Registered Address");
    EXT_ECHO_SEQ = uint8("icmpv6.ext.echo.seq", "Sequence number").dec_hex();
    EXT_ECHO_REQ_RES = uint8("icmpv6.ext.echo.req.res", "Reserved").hex().bits(0xfe);
    EXT_ECHO_REQ_LOCAL = boolean("icmpv6.ext.echo.req.local", "Local bit").bits(0x01).flags("Set", "Not set");
    EXT_ECHO_RSP_STATE = uint8("icmpv6.ext.echo.rsp.state", "State").bits(0xe0).values(NEIGHBOR_STATES);
    EXT_ECHO_RSP_RES = uint8("icmpv6.ext.echo.rsp.res", "Reserved").hex().bits(0x18);
    EXT_ECHO_RSP_ACTIVE = boolean("icmpv6.ext.echo.rsp.active", "Active bit").bits(0x04).flags("Set", "Not set");
    EXT_ECHO_RSP_IPV4 = boolean("icmpv6.ext.echo.rsp.ipv4", "IPv4 bit").bits(0x02).flags("Set", "Not set");
    EXT_ECHO_RSP_IPV6 = boolean("icmpv6.ext.echo.rsp.ipv6", "IPv6 bit").bits(0x01).flags("Set", "Not set");
    RESP_IN = frame_number("icmpv6.resp_in", "Response In").generated();
    TO_A_GROUP = heading("No response is expected").hidden();
    NO_RESP = none("icmpv6.no_resp", "No response seen").generated();
    RESP_TO = frame_number("icmpv6.resp_to", "Response To").generated().asks(Asks::Streams);
    RESPTIME = double("icmpv6.resptime", "Response Time").generated().label(response_time_line).asks(Asks::Streams);
    MPL_SEED_INFO_MIN_SEQUENCE = uint8("icmpv6.mpl.seed_info.min_sequence", "MinSequence");
    MPL_SEED_INFO_BM_LEN = uint8("icmpv6.mpl.seed_info.bm_len", "Buffered Messages Length").bits(0xfc);
    MPL_SEED_INFO_S = uint8("icmpv6.mpl.seed_info.s", "Seed ID Length").bits(0x03).values(SEED_ID_LENGTHS);
    MPL_SEED_INFO_SEED_ID = text("icmpv6.mpl.seed_info.seed_id", "Seed ID");
    MPL_SEED_INFO_SEQUENCE = uint8("icmpv6.mpl.seed_info.sequence", "Sequence");
    INVALID_OPTION_LENGTH = expert("icmpv6.invalid_option_length", "Invalid Option Length", Severity::Error, Group::Malformed).label(option_length_line);
    UNDECODED_OPTION = expert("icmpv6.undecoded.option", "Undecoded option", Severity::Note, Group::Undecoded).label(undecoded_option_line);
    UNKNOWN_DATA_EXPERT = expert("icmpv6.unknown_data.expert", "Unknown Data (not interpreted)", Severity::Error, Group::Malformed).label(unknown_data_line);
    UNDECODED_RPL_OPTION = expert("icmpv6.undecoded.rpl_option", "Undecoded RPL Option", Severity::Note, Group::Undecoded).label(undecoded_rpl_option_line);
    UNDECODED_TYPE = expert("icmpv6.undecoded.type", "Undecoded type", Severity::Note, Group::Undecoded).label(undecoded_type_line);
    RR_PCO_MP_MATCHLEN_GT128 = expert("icmpv6.rr.pco.mp.matchlen.gt128", "MatchLen is greater than 128", Severity::Warning, Group::Protocol);
    RR_PCO_MP_MATCHEDLEN_GT128 = expert("icmpv6.rr.pco.mp.matchedlen.gt128", "MatchedLen is greater than 128", Severity::Warning, Group::Protocol);
    CHECKSUM_BAD_EXPERT = expert("icmpv6.checksum_bad.expert", "Bad checksum", Severity::Warning, Group::Checksum).label(bad_checksum_line);
    RESP_NOT_FOUND = expert("icmpv6.resp_not_found", "Response not found", Severity::Warning, Group::Sequence).label(no_response_line);
    SEED_INFO = heading("MPL Seed Info").label(seed_info_line);
    BUFFERED_MESSAGES = heading("Buffered Messages");
}

const ROW_COUNT: usize = FIELDS.len() + options::FIELDS.len() + rpl::FIELDS.len();

/// The rows of all files of this protocol.
static ROWS: [&Field; ROW_COUNT] = {
    let mut rows = [&TYPE; ROW_COUNT];
    let lists = [FIELDS, options::FIELDS, rpl::FIELDS];
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
    claims: &[(Table::IpProto, NUMBER as u32)],
    dissect,
    after: Some(after),
    summary: Some(summary),
    family: crate::dissect::Family::Control,
    ..Protocol::new("icmpv6", "ICMPv6", "Internet Control Message Protocol v6")
};

fn dissect(l: &mut Layer) -> Outcome {
    let kind = l.u8(&TYPE)?;
    let code = l.u8(&CODE)?;
    checksum(l)?;
    match kind {
        DESTINATION_UNREACHABLE | TIME_EXCEEDED => return extended_error(l),
        PACKET_TOO_BIG => {
            l.u32(&MTU)?;
            return quoted(l);
        }
        PARAMETER_PROBLEM => {
            l.u32(&POINTER)?;
            return quoted(l);
        }
        ECHO_REQUEST | ECHO_REPLY => return echo(l, kind),
        LISTENER_QUERY | LISTENER_REPORT | LISTENER_DONE => listener(l, kind)?,
        ROUTER_SOLICITATION | INVERSE_SOLICITATION | INVERSE_ADVERTISEMENT => {
            l.bytes(&RESERVED, 4)?;
            return options::read(l);
        }
        ROUTER_ADVERTISEMENT => {
            l.u8(&ND_RA_CUR_HOP_LIMIT)?;
            flags(l, &ND_RA_FLAG)?;
            l.u16(&ND_RA_ROUTER_LIFETIME)?;
            l.u32(&ND_RA_REACHABLE_TIME)?;
            l.u32(&ND_RA_RETRANS_TIMER)?;
            return options::read(l);
        }
        NEIGHBOR_SOLICITATION => {
            l.bytes(&RESERVED, 4)?;
            l.ipv6(&ND_NS_TARGET_ADDRESS)?;
            return options::read(l);
        }
        NEIGHBOR_ADVERTISEMENT => {
            flags(l, &ND_NA_FLAG)?;
            l.ipv6(&ND_NA_TARGET_ADDRESS)?;
            return options::read(l);
        }
        REDIRECT => {
            l.bytes(&RESERVED, 4)?;
            l.ipv6(&ND_RD_TARGET_ADDRESS)?;
            l.ipv6(&RD_NA_DESTINATION_ADDRESS)?;
            return options::read(l);
        }
        ROUTER_RENUMBERING => renumbering(l)?,
        NODE_QUERY | NODE_REPLY => node_information(l, kind)?,
        LISTENER_REPORT_2 => listener_report(l)?,
        HOME_AGENT_REQUEST | MOBILE_PREFIX_SOLICITATION => {
            l.u16(&MIP6_IDENTIFIER)?;
            l.bytes(&RESERVED, 2)?;
        }
        HOME_AGENT_REPLY => {
            l.u16(&MIP6_IDENTIFIER)?;
            l.bytes(&RESERVED, 2)?;
            while l.wire_remaining() > 0 {
                l.ipv6(&MIP6_HOME_AGENT_ADDRESS)?;
            }
        }
        MOBILE_PREFIX_ADVERTISEMENT => {
            l.u16(&MIP6_IDENTIFIER)?;
            flags(l, &MIP6_FLAG)?;
            return options::read(l);
        }
        PATH_SOLICITATION => {
            l.u16(&SEND_IDENTIFIER)?;
            l.u16(&SEND_COMPONENT)?;
            return options::read(l);
        }
        PATH_ADVERTISEMENT => {
            l.u16(&SEND_IDENTIFIER)?;
            l.u16(&SEND_ALL_COMPONENTS)?;
            l.u16(&SEND_COMPONENT)?;
            l.bytes(&RESERVED, 2)?;
            return options::read(l);
        }
        EXPERIMENTAL_MOBILITY | FAST_HANDOVER => {
            fast_handover(l)?;
            return options::read(l);
        }
        MULTICAST_ROUTER_ADVERTISEMENT => {
            l.u16(&MCAST_RA_QUERY_INTERVAL)?;
            l.u16(&MCAST_RA_ROBUSTNESS_VARIABLE)?;
        }
        MULTICAST_ROUTER_SOLICITATION | MULTICAST_ROUTER_TERMINATION => {}
        RPL_CONTROL => rpl::read(l, code)?,
        LOCATOR_UPDATE => locator_update(l)?,
        DUPLICATE_REQUEST | DUPLICATE_CONFIRMATION => {
            l.u8(&DA_STATUS)?;
            l.u8(&DA_RSV)?;
            l.u16(&DA_LIFETIME)?;
            l.bytes(&DA_EUI64, 8)?;
            l.ipv6(&DA_REG_ADDR)?;
        }
        MPL_CONTROL => mpl_control(l)?,
        EXTENDED_ECHO_REQUEST | EXTENDED_ECHO_REPLY => extended_echo(l, kind)?,
        _ => {
            l.expert_on_layer(&UNDECODED_TYPE, kind);
            l.peek(1)?;
            l.rest(&DATA);
        }
    }
    Ok(Next::End)
}

fn checksum(l: &mut Layer) -> Result<(), Stop> {
    l.u16(&CHECKSUM)?;
    let len = l.wire_len();
    let sum = if l.is_quoted() { checksum::Sum::Unverified } else { checksum::verify(l, NUMBER, len, len, 2) };
    if let checksum::Sum::Bad(expected) = sum {
        l.expert_with(&CHECKSUM_BAD_EXPERT, expected);
    }
    l.generated_at(&CHECKSUM_STATUS, sum.status(), 2, 0);
    Ok(())
}

// ---- errors

fn extended_error(l: &mut Layer) -> Outcome {
    let words = l.peek_u8()?;
    if words == 0 {
        l.bytes(&RESERVED, 4)?;
        return quoted(l);
    }
    // RFC 4884, section 4.2: so many words of eight bytes, then extensions; see `after`.
    l.u8(&LENGTH)?;
    l.bytes(&RESERVED, 3)?;
    quoted(l)
}

fn quoted(l: &mut Layer) -> Outcome {
    if l.wire_remaining() == 0 {
        return Err(Stop::Malformed);
    }
    l.quote();
    Ok(Next::Protocol(&ipv6::PROTOCOL))
}

/// Reads what stands behind a quoted packet: extensions, more options.
fn after(l: &mut Layer) -> Result<(), Stop> {
    match *l.all() {
        [REDIRECT, ..] => options::read_behind_quoted(l),
        [DESTINATION_UNREACHABLE | TIME_EXCEEDED, _, _, _, words, ..] if words > 0 => {
            l.go_to(8 + 8 * usize::from(words))?;
            extensions::read(l)
        }
        _ => Ok(()),
    }
}

// ---- echo

fn echo(l: &mut Layer, kind: u8) -> Outcome {
    let identifier = l.u16(&ECHO_IDENTIFIER)?;
    let sequence = l.u16(&ECHO_SEQUENCE_NUMBER)?;
    if !l.is_quoted() {
        let query = Query {
            source: l.source(),
            destination: l.destination(),
            key: u64::from(NUMBER) << 32 | u64::from(identifier) << 16 | u64::from(sequence),
            answer: kind == ECHO_REPLY,
            patience_s: 0,
        };
        let note = l.memory().pair(&query);
        if let Some(frame) = note.request {
            l.generated(&RESP_TO, frame);
            if let (Some(then), Some(now)) = (note.request_time, l.frame().time) {
                let span = now.since(then);
                let milliseconds = span.seconds() as f64 * 1e3 + f64::from(span.nanos()) / 1e6;
                l.generated(&RESPTIME, milliseconds.to_bits());
            }
        }
        if let Some(frame) = note.response {
            l.generated(&RESP_IN, frame);
        } else if kind == ECHO_REQUEST && note.unanswered {
            if matches!(l.destination(), Address::V6([0xff, ..])) {
                l.generated(&TO_A_GROUP, 0u64);
            } else {
                l.generated(&NO_RESP, 0u64);
                l.expert_with(&RESP_NOT_FOUND, l.frame().number);
            }
        }
    }
    l.payload_inside();
    Ok(Next::Data)
}

fn extended_echo(l: &mut Layer, kind: u8) -> Result<(), Stop> {
    l.u16(&ECHO_IDENTIFIER)?;
    l.u8(&EXT_ECHO_SEQ)?;
    let bits = l.peek_u8()?;
    let rows: &[&'static Field] = if kind == EXTENDED_ECHO_REQUEST {
        &[&EXT_ECHO_REQ_RES, &EXT_ECHO_REQ_LOCAL]
    } else {
        &[&EXT_ECHO_RSP_STATE, &EXT_ECHO_RSP_RES, &EXT_ECHO_RSP_ACTIVE, &EXT_ECHO_RSP_IPV4, &EXT_ECHO_RSP_IPV6]
    };
    for row in rows {
        l.part(row, bits, 1);
    }
    l.skip(1)?;
    if kind == EXTENDED_ECHO_REQUEST { extensions::read(l) } else { Ok(()) }
}

// ---- multicast listeners

fn listener(l: &mut Layer, kind: u8) -> Result<(), Stop> {
    // RFC 3810, section 8.1: a query of 24 bytes is one of the first version.
    let second = kind == LISTENER_QUERY && l.wire_len() >= 28;
    let delay = l.peek_u16()?;
    if second {
        let delay = if delay < 0x8000 { delay.into() } else { floating(delay.into(), 12) };
        l.part(&MLD_MAXIMUM_RESPONSE_CODE, delay & 0xffff, 2);
    } else {
        l.part(&MLD_MAXIMUM_RESPONSE_DELAY, delay, 2);
    }
    l.skip(2)?;
    l.bytes(&RESERVED, 2)?;
    l.ipv6(&MLD_MULTICAST_ADDRESS)?;
    if !second {
        return Ok(());
    }
    flags(l, &MLD_FLAG)?;
    let interval = l.peek_u8()?;
    let interval = if interval < 0x80 { interval.into() } else { floating(interval.into(), 4) };
    l.part(&MLD_QQI, interval, 1);
    l.skip(1)?;
    for _ in 0..l.u16(&MLD_NB_SOURCES)? {
        l.ipv6(&MLD_SOURCE_ADDRESS)?;
    }
    Ok(())
}

/// The number that a floating point code of RFC 3810, section 5.1.3 means: a mantissa of so many bits, and three bits of exponent.
const fn floating(code: u64, mantissa_bits: u32) -> u64 {
    let mantissa = code & ((1 << mantissa_bits) - 1) | 1 << mantissa_bits;
    mantissa << ((code >> mantissa_bits & 7) + 3)
}

fn listener_report(l: &mut Layer) -> Result<(), Stop> {
    l.bytes(&RESERVED, 2)?;
    l.u16(&MLDR_NB_MCAST_RECORDS)?;
    while l.wire_remaining() > 0 {
        let len = l
            .peek(4)
            .map_or(0, |head| 20 + 4 * usize::from(head[1]) + 16 * usize::from(u16::from_be_bytes([head[2], head[3]])));
        let open = l.open(&MLDR_MAR, len);
        l.u8(&MLDR_MAR_RECORD_TYPE)?;
        let auxiliary = l.u8(&MLDR_MAR_AUX_DATA_LEN)?;
        let sources = l.u16(&MLDR_MAR_NB_SOURCES)?;
        l.ipv6(&MLDR_MAR_MULTICAST_ADDRESS)?;
        for _ in 0..sources {
            l.ipv6(&MLDR_MAR_SOURCE_ADDRESS)?;
        }
        if auxiliary > 0 {
            // In words of four bytes.
            l.bytes(&MLDR_MAR_AUXILIARY_DATA, 4 * usize::from(auxiliary))?;
        }
        l.close_here(open);
    }
    Ok(())
}

// ---- renumbering

fn renumbering(l: &mut Layer) -> Result<(), Stop> {
    let code = l.all().get(1).copied().unwrap_or_default();
    l.u32(&RR_SEQUENCE_NUMBER)?;
    l.u8(&RR_SEGMENT_NUMBER)?;
    flags(l, &RR_FLAG)?;
    l.u16(&RR_MAXDELAY)?;
    l.bytes(&RESERVED, 4)?;
    match code {
        0 => {
            match_prefix(l)?;
            while l.wire_remaining() > 0 {
                use_prefix(l)?;
            }
        }
        1 => {
            while l.wire_remaining() > 0 {
                result(l)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn match_prefix(l: &mut Layer) -> Result<(), Stop> {
    let open = l.open(&RR_PCO_MP, 24);
    l.u8(&RR_PCO_MP_OPCODE)?;
    l.u8(&RR_PCO_MP_OPLENGTH)?;
    l.u8(&RR_PCO_MP_ORDINAL)?;
    if l.u8(&RR_PCO_MP_MATCHLEN)? > 128 {
        l.expert(&RR_PCO_MP_MATCHLEN_GT128);
    }
    l.u8(&RR_PCO_MP_MINLEN)?;
    l.u8(&RR_PCO_MP_MAXLEN)?;
    l.bytes(&RESERVED, 2)?;
    l.ipv6(&RR_PCO_MP_MATCHPREFIX)?;
    l.close(open);
    Ok(())
}

fn use_prefix(l: &mut Layer) -> Result<(), Stop> {
    let open = l.open(&RR_PCO_UP, 32);
    l.u8(&RR_PCO_UP_USELEN)?;
    l.u8(&RR_PCO_UP_KEEPLEN)?;
    flags(l, &RR_PCO_UP_FLAGMASK)?;
    flags(l, &RR_PCO_UP_RAFLAGS)?;
    l.u32(&RR_PCO_UP_VALIDLIFETIME)?;
    l.u32(&RR_PCO_UP_PREFERREDLIFETIME)?;
    flags(l, &RR_PCO_UP_FLAG)?;
    l.ipv6(&RR_PCO_UP_USEPREFIX)?;
    l.close(open);
    Ok(())
}

fn result(l: &mut Layer) -> Result<(), Stop> {
    let open = l.open(&RR_RM, 24);
    flags(l, &RR_RM_FLAG)?;
    l.u8(&RR_RM_ORDINAL)?;
    if l.u8(&RR_RM_MATCHEDLEN)? > 128 {
        l.expert(&RR_PCO_MP_MATCHEDLEN_GT128);
    }
    l.u32(&RR_RM_INTERFACEINDEX)?;
    l.ipv6(&RR_RM_MATCHEDPREFIX)?;
    l.close(open);
    Ok(())
}

// ---- node information

fn node_information(l: &mut Layer, kind: u8) -> Result<(), Stop> {
    let code = l.all().get(1).copied().unwrap_or_default();
    let question = l.u16(&NI_QTYPE)?;
    flags(l, &NI_FLAG)?;
    l.u64(&NI_NONCE)?;
    if l.wire_remaining() == 0 {
        return Ok(());
    }
    if kind == NODE_QUERY {
        return match code {
            0 => l.ipv6(&NI_QUERY_SUBJECT_IPV6).map(drop),
            1 => name(l, &NI_QUERY_SUBJECT_FQDN),
            2 => l.ipv4(&NI_QUERY_SUBJECT_IPV4).map(drop),
            _ => Ok(()),
        };
    }
    match (code, question) {
        (0, 2) => {
            l.u32(&NI_REPLY_NODE_TTL)?;
            while l.wire_remaining() > 0 {
                name(l, &NI_REPLY_NODE_NAME)?;
            }
        }
        (0, 3) => {
            while l.wire_remaining() > 0 {
                l.u32(&NI_REPLY_NODE_TTL)?;
                l.ipv6(&NI_REPLY_NODE_ADDRESS)?;
            }
        }
        (0, 4) => {
            while l.wire_remaining() > 0 {
                l.u32(&NI_REPLY_NODE_TTL)?;
                l.ipv4(&NI_REPLY_IPV4_ADDRESS)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Reads a domain name as one text: labels with their lengths, without compression, up to the empty one or the end.
fn name(l: &mut Layer, row: &'static Field) -> Result<(), Stop> {
    let len = name_len(l.remaining(), l.is_whole())?;
    let mut text = [0; MAX_NAME];
    let written = l.peek(len).map(|bytes| write_name(bytes, &mut text))?;
    l.detached(row, text.get(..written).unwrap_or_default(), len);
    l.skip(len).map(drop)
}

/// The bytes of a domain name, with the empty label that ends it.
fn name_len(bytes: &[u8], is_whole: bool) -> Result<usize, Stop> {
    let mut len = 0;
    while let Some(&label) = bytes.get(len) {
        len += 1 + usize::from(label);
        if label == 0 {
            return Ok(len);
        }
    }
    match (len == bytes.len(), is_whole) {
        (true, true) => Ok(len),
        (_, true) => Err(Stop::Malformed),
        _ => Err(Stop::Short),
    }
}

/// Writes the labels of a name with dots between them, and returns how many bytes that are.
fn write_name(mut bytes: &[u8], text: &mut [u8; MAX_NAME]) -> usize {
    let mut written = 0;
    while let Some((&len, rest)) = bytes.split_first() {
        let Some((label, rest)) = rest.split_at_checked(len.into()) else { break };
        let dot: &[u8] = if written > 0 && !label.is_empty() { b"." } else { b"" };
        for part in [dot, label] {
            let Some(place) = text.get_mut(written..written + part.len()) else { return written };
            place.copy_from_slice(part);
            written += part.len();
        }
        bytes = rest;
    }
    written
}

const MAX_NAME: usize = 512;

// ---- mobility, locators, MPL

fn fast_handover(l: &mut Layer) -> Result<(), Stop> {
    match l.u8(&FMIP6_SUBTYPE)? {
        2 | 3 | 5 => _ = l.bytes(&RESERVED, 1)?,
        4 => flags(l, &FMIP6_HI_FLAG)?,
        _ => _ = l.skip(1)?,
    }
    l.u16(&FMIP6_IDENTIFIER).map(drop)
}

fn locator_update(l: &mut Layer) -> Result<(), Stop> {
    let count = l.u8(&ILNP_NB_LOCS)?;
    l.bytes(&RESERVED, 1)?;
    l.bytes(&RESERVED, 2)?;
    for _ in 0..count {
        l.u64(&ILNP_NB_LOCATOR)?;
        l.uint(&ILNP_NB_PREFERENCE, 2)?;
        l.uint(&ILNP_NB_LIFETIME, 2)?;
    }
    Ok(())
}

fn mpl_control(l: &mut Layer) -> Result<(), Stop> {
    let mut number: u64 = 0;
    while l.wire_remaining() > 0 {
        number += 1;
        let open = l.open_with(&SEED_INFO, number, 0);
        let first = l.u8(&MPL_SEED_INFO_MIN_SEQUENCE)?;
        let lengths = l.peek_u8()?;
        let buffered = l.part(&MPL_SEED_INFO_BM_LEN, lengths, 1) as usize;
        let seed = l.part(&MPL_SEED_INFO_S, lengths, 1);
        l.skip(1)?;
        seed_id(l, seed)?;
        if buffered > l.wire_remaining() {
            let rest = l.wire_remaining();
            if rest > 0 {
                l.bytes(&UNKNOWN_DATA, rest)?;
                l.expert_with(&UNKNOWN_DATA_EXPERT, (rest as u64) << 32 | buffered as u64);
            }
        } else if buffered > 0 {
            let messages = l.open(&BUFFERED_MESSAGES, buffered);
            for byte in 0..buffered {
                let bits = l.peek_u8()?;
                for bit in 0..8 {
                    if bits & 0x80 >> bit != 0 {
                        l.part(&MPL_SEED_INFO_SEQUENCE, first.wrapping_add((8 * byte + bit) as u8), 1);
                    }
                }
                l.skip(1)?;
            }
            l.close(messages);
        }
        l.close_here(open);
    }
    Ok(())
}

fn seed_id(l: &mut Layer, kind: u64) -> Result<(), Stop> {
    let len = [0, 2, 8, 16][kind as usize & 3];
    let bytes = l.peek(len)?;
    let mut text = Text::new();
    match (kind, l.source()) {
        (0, Address::V6(source)) => _ = text.ipv6(source),
        (1, _) => _ = text.hex_bytes(bytes, None),
        (2, _) => _ = text.hex_bytes(bytes, Some(b':')),
        _ => ipv6::write_address(bytes, &mut text),
    }
    l.detached(&MPL_SEED_INFO_SEED_ID, text.as_bytes(), len);
    l.skip(len).map(drop)
}

// ---- flags

/// Reads an integer of flags and records its parts below it.
fn flags(l: &mut Layer, row: &'static Field) -> Result<(), Stop> {
    let raw = l.uint(row, usize::from(row.display.width / 8))?;
    l.parts(flag_rows(row), raw);
    Ok(())
}

fn flag_rows(row: &Field) -> &'static [&'static Field] {
    FLAGS.iter().chain(options::FLAGS).chain(rpl::FLAGS).find(|entry| entry.0.is(row)).map_or(&[], |entry| entry.1)
}

/// Writes the number, the titles of the flags that are set, and what the small numbers among them mean.
fn flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let (row, raw) = (entry.field, entry.number());
    text.str(row.title).str(": ").hex(raw, row.hex_width());
    for part in flag_rows(row) {
        let value = part.extract(raw);
        match part.kind {
            crate::dissect::Kind::Boolean if value != 0 => _ = text.str(", ").str(part.title),
            crate::dissect::Kind::Unsigned(_) if !matches!(part.names, crate::dissect::Names::None) => {
                text.str(", ").str(part.title).str(": ").str(part.names.get(value).unwrap_or("Unknown"));
            }
            _ => {}
        }
    }
}

/// An integer and the rows of its parts, in the order of the tree.
type Flags = (&'static Field, &'static [&'static Field]);

static FLAGS: &[Flags] = &[
    (&ND_RA_FLAG, &[&ND_RA_FLAG_M, &ND_RA_FLAG_O, &ND_RA_FLAG_H, &ND_RA_FLAG_PRF, &ND_RA_FLAG_P, &ND_RA_FLAG_RSV]),
    (&ND_NA_FLAG, &[&ND_NA_FLAG_R, &ND_NA_FLAG_S, &ND_NA_FLAG_O, &ND_NA_FLAG_RSV]),
    (&MLD_FLAG, &[&MLD_FLAG_S, &MLD_FLAG_QRV, &MLD_FLAG_RESERVED]),
    (&RR_FLAG, &[&RR_FLAG_T, &RR_FLAG_R, &RR_FLAG_A, &RR_FLAG_S, &RR_FLAG_P, &RR_FLAG_RSV]),
    (&RR_PCO_UP_FLAGMASK, &[&RR_PCO_UP_FLAGMASK_L, &RR_PCO_UP_FLAGMASK_A, &RR_PCO_UP_FLAGMASK_RESERVED]),
    (&RR_PCO_UP_RAFLAGS, &[&RR_PCO_UP_FLAGMASK_L, &RR_PCO_UP_FLAGMASK_A, &RR_PCO_UP_FLAGMASK_RESERVED]),
    (&RR_PCO_UP_FLAG, &[&RR_PCO_UP_FLAG_V, &RR_PCO_UP_FLAG_P, &RR_PCO_UP_FLAG_RESERVED]),
    (&RR_RM_FLAG, &[&RR_RM_FLAG_RESERVED, &RR_RM_FLAG_B, &RR_RM_FLAG_F]),
    (&MIP6_FLAG, &[&MIP6_FLAG_M, &MIP6_FLAG_O, &MIP6_FLAG_RSV]),
    (&FMIP6_HI_FLAG, &[&FMIP6_HI_FLAG_S, &FMIP6_HI_FLAG_A, &FMIP6_HI_FLAG_RESERVED]),
    (&NI_FLAG, &[&NI_FLAG_G, &NI_FLAG_S, &NI_FLAG_L, &NI_FLAG_C, &NI_FLAG_A, &NI_FLAG_T, &NI_FLAG_RSV]),
];

// ---- lines

fn code_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Code: ").dec(entry.number());
    let Some(names) = code_names(layer) else { return };
    match names.iter().find(|row| row.0 == entry.number()) {
        Some(row) => text.str(" (").str(row.1).str(")"),
        None if is_bare(layer) => text.str(" (Unknown)"),
        None => text.str(" (Unknown (").dec(entry.number()).str("))"),
    };
}

/// Whether an unknown code is not repeated in its words.
fn is_bare(layer: &LayerView) -> bool {
    layer.number(&TYPE) == Some(DESTINATION_UNREACHABLE.into())
}

/// The words for the codes of this message; none where its code has no meaning.
fn code_names(layer: &LayerView) -> Option<&'static [(u64, &'static str)]> {
    Some(match layer.number(&TYPE)? as u8 {
        DESTINATION_UNREACHABLE => UNREACHABLE_CODES,
        TIME_EXCEEDED => TIME_CODES,
        PARAMETER_PROBLEM => PARAMETER_CODES,
        ROUTER_RENUMBERING => RENUMBERING_CODES,
        NODE_QUERY => QUERY_CODES,
        NODE_REPLY => REPLY_CODES,
        RPL_CONTROL => RPL_CODES,
        EXTENDED_ECHO_REQUEST => EXTENDED_REQUEST_CODES,
        EXTENDED_ECHO_REPLY => EXTENDED_REPLY_CODES,
        FAST_HANDOVER => match layer.number(&FMIP6_SUBTYPE)? {
            3 => PROXY_CODES,
            4 => INITIATE_CODES,
            5 => ACKNOWLEDGE_CODES,
            _ => return None,
        },
        _ => return None,
    })
}

fn checksum_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Checksum: ").hex(entry.number(), 4);
    match layer.number(&CHECKSUM_STATUS) {
        Some(checksum::GOOD) => _ = text.str(" [correct]"),
        Some(checksum::BAD) => {
            let expected = layer.number(&CHECKSUM_BAD_EXPERT).unwrap_or_default();
            text.str(" incorrect, should be ").hex(expected, 4);
        }
        _ if layer.mark().quoted => _ = text.str(" [unverified] [in ICMP error packet]"),
        _ => _ = text.str(" [unverified] [fragmented datagram]"),
    }
}

fn bad_checksum_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad checksum [should be ").hex(entry.number(), 4).str("]");
}

fn response_time_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    use std::fmt::Write;
    // Writing to a `Text` cannot fail.
    _ = write!(text, "Response Time: {:.3} ms", f64::from_bits(entry.number()));
}

fn no_response_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("No response seen to ICMPv6 request in frame ").dec(entry.number());
}

fn undecoded_type_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    undecoded("Type", entry.number(), text);
}

fn undecoded_option_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    undecoded("Option", entry.number(), text);
}

fn undecoded_rpl_option_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    undecoded("RPL Option", entry.number(), text);
}

fn undecoded(what: &str, number: u64, text: &mut Text) {
    text.str("Dissector for ICMPv6 ").str(what).str(" (").dec(number);
    text.str(") code not implemented, Contact Wireshark developers if you want this supported");
}

fn option_length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(if entry.number() == 0 { "Invalid option length (Zero)" } else { "Invalid Option Length" });
}

/// Two numbers are what is there and what is missing; none is what is left over.
fn unknown_data_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    match (entry.number() >> 32, entry.number() & 0xffff_ffff) {
        (0, 0) => text.str("Unknown Data (not interpreted)"),
        (rest, wanted) => {
            text.str("Remaining data, ").dec(rest).str(" bytes, is too short for Buffered Messages of ");
            text.dec(wanted).str(" bytes")
        }
    };
}

fn record_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Multicast Address Record");
    let bytes = layer.view.bytes(entry);
    let (Some(&kind), Some(address)) = (bytes.first(), bytes.get(4..20)) else { return };
    match MLDR_MAR_RECORD_TYPE.names.get(kind.into()) {
        Some(name) => text.str(" ").str(name),
        None => text.str(" Unknown Record Type (").dec(kind).str(")"),
    };
    text.str(": ");
    ipv6::write_address(address, text);
}

fn match_prefix_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Match-Prefix Part");
    let [operation, _, _, len, least, most, _, _, prefix @ ..] = layer.view.bytes(entry) else { return };
    if prefix.len() < 16 {
        return;
    }
    match RR_PCO_MP_OPCODE.names.get(u64::from(*operation)) {
        Some(name) => text.str(": ").str(name),
        None => text.str(": Unknown ").dec(*operation),
    };
    text.str(" ");
    ipv6::write_address(prefix, text);
    text.str("/").dec(*len).str(" (").dec(*least).str("-").dec(*most).str(")");
}

fn use_prefix_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Use-Prefix Part");
    let bytes = layer.view.bytes(entry);
    let ([len, keep, ..], Some(prefix)) = (bytes, bytes.get(16..32)) else { return };
    text.str(": ");
    ipv6::write_address(prefix, text);
    text.str("/").dec(*len).str(" (keep ").dec(*keep).str(")");
}

fn result_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Result Message");
    let [_, _, _, len, a, b, c, d, prefix @ ..] = layer.view.bytes(entry) else { return };
    if prefix.len() < 16 {
        return;
    }
    text.str(": ");
    ipv6::write_address(prefix, text);
    text.str("/").dec(*len).str(" (interface ").dec(u32::from_be_bytes([*a, *b, *c, *d])).str(")");
}

/// Writes a lifetime, of which all ones have no end.
fn lifetime_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ");
    match entry.number() {
        0xffff_ffff => text.str("Infinity (4294967295)"),
        lifetime => text.dec(lifetime),
    };
}

fn seed_info_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("MPL Seed Info: [").dec(entry.number()).str("]");
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let info = &mut *summary.info;
    let Some(kind) = layer.number(&TYPE) else { return };
    match TYPE.names.get(kind) {
        Some(name) => info.str(name),
        None => info.str("Unknown (").dec(kind).str(")"),
    };
    match kind as u8 {
        ECHO_REQUEST | ECHO_REPLY => return echo_summary(layer, info),
        EXPERIMENTAL_MOBILITY | FAST_HANDOVER => {
            if let Some(kind) = layer.number(&FMIP6_SUBTYPE) {
                match FMIP6_SUBTYPE.names.get(kind) {
                    Some(name) => info.str(" (").str(name).str(")"),
                    None => info.str(" (Unknown (").dec(kind).str("))"),
                };
            }
        }
        NEIGHBOR_SOLICITATION => {
            if layer.find(&ND_NS_TARGET_ADDRESS).is_some() {
                info.str(" for ");
                layer.write_address(&ND_NS_TARGET_ADDRESS, info);
            }
        }
        NEIGHBOR_ADVERTISEMENT => advertisement_summary(layer, info),
        _ => {
            if let (Some(names), Some(code)) = (code_names(layer), layer.number(&CODE)) {
                match names.iter().find(|row| row.0 == code) {
                    Some(row) => info.str(" (").str(row.1).str(")"),
                    None if is_bare(layer) => info.str(" (Unknown)"),
                    None => info.str(" (Unknown (").dec(code).str("))"),
                };
            }
        }
    }
    options::summarize(layer, info);
}

fn echo_summary(layer: &LayerView, info: &mut Text) {
    let (Some(identifier), Some(sequence)) = (layer.number(&ECHO_IDENTIFIER), layer.number(&ECHO_SEQUENCE_NUMBER))
    else {
        return;
    };
    info.str(" id=").hex(identifier, 4).str(", seq=").dec(sequence);
    if let Some(limit) = ipv6::hop_limit(layer) {
        info.str(", hop limit=").dec(limit);
    }
    if let Some(frame) = layer.number(&RESP_TO) {
        info.str(" (request in ").dec(frame).str(")");
    }
    if let Some(frame) = layer.number(&RESP_IN) {
        info.str(" (reply in ").dec(frame).str(")");
    }
    if layer.find(&NO_RESP).is_some() {
        info.str(" (no response found!)");
    } else if layer.find(&TO_A_GROUP).is_some() {
        info.str(" (multicast)");
    }
}

fn advertisement_summary(layer: &LayerView, info: &mut Text) {
    if layer.find(&ND_NA_TARGET_ADDRESS).is_none() {
        return;
    }
    info.str(" ");
    layer.write_address(&ND_NA_TARGET_ADDRESS, info);
    info.str(" (");
    let start = info.len();
    for (row, word) in [(&ND_NA_FLAG_R, "rtr"), (&ND_NA_FLAG_S, "sol"), (&ND_NA_FLAG_O, "ovr")] {
        if layer.number(row) == Some(1) {
            info.str(if info.len() > start { ", " } else { "" }).str(word);
        }
    }
    info.str(if info.len() > start { ")" } else { "none)" });
}

// ---- numbers

const NUMBER: u8 = 58;

const DESTINATION_UNREACHABLE: u8 = 1;
const PACKET_TOO_BIG: u8 = 2;
const TIME_EXCEEDED: u8 = 3;
const PARAMETER_PROBLEM: u8 = 4;
const ECHO_REQUEST: u8 = 128;
const ECHO_REPLY: u8 = 129;
const LISTENER_QUERY: u8 = 130;
const LISTENER_REPORT: u8 = 131;
const LISTENER_DONE: u8 = 132;
const ROUTER_SOLICITATION: u8 = 133;
const ROUTER_ADVERTISEMENT: u8 = 134;
const NEIGHBOR_SOLICITATION: u8 = 135;
const NEIGHBOR_ADVERTISEMENT: u8 = 136;
const REDIRECT: u8 = 137;
const ROUTER_RENUMBERING: u8 = 138;
const NODE_QUERY: u8 = 139;
const NODE_REPLY: u8 = 140;
const INVERSE_SOLICITATION: u8 = 141;
const INVERSE_ADVERTISEMENT: u8 = 142;
const LISTENER_REPORT_2: u8 = 143;
const HOME_AGENT_REQUEST: u8 = 144;
const HOME_AGENT_REPLY: u8 = 145;
const MOBILE_PREFIX_SOLICITATION: u8 = 146;
const MOBILE_PREFIX_ADVERTISEMENT: u8 = 147;
const PATH_SOLICITATION: u8 = 148;
const PATH_ADVERTISEMENT: u8 = 149;
const EXPERIMENTAL_MOBILITY: u8 = 150;
const MULTICAST_ROUTER_ADVERTISEMENT: u8 = 151;
const MULTICAST_ROUTER_SOLICITATION: u8 = 152;
const MULTICAST_ROUTER_TERMINATION: u8 = 153;
const FAST_HANDOVER: u8 = 154;
const RPL_CONTROL: u8 = 155;
const LOCATOR_UPDATE: u8 = 156;
const DUPLICATE_REQUEST: u8 = 157;
const DUPLICATE_CONFIRMATION: u8 = 158;
const MPL_CONTROL: u8 = 159;
const EXTENDED_ECHO_REQUEST: u8 = 160;
const EXTENDED_ECHO_REPLY: u8 = 161;

names! {
    TYPES = {
        1 => "Destination Unreachable",
        2 => "Packet Too Big",
        3 => "Time Exceeded",
        4 => "Parameter Problem",
        100 => "Private experimentation",
        101 => "Private experimentation",
        127 => "Reserved for expansion of ICMPv6 error messages",
        128 => "Echo (ping) request",
        129 => "Echo (ping) reply",
        130 => "Multicast Listener Query",
        131 => "Multicast Listener Report",
        132 => "Multicast Listener Done",
        133 => "Router Solicitation",
        134 => "Router Advertisement",
        135 => "Neighbor Solicitation",
        136 => "Neighbor Advertisement",
        137 => "Redirect",
        138 => "Router Renumbering",
        139 => "Node Information Query",
        140 => "Node Information Reply",
        141 => "Inverse Neighbor Discovery Solicitation",
        142 => "Inverse Neighbor Discovery Advertisement",
        143 => "Multicast Listener Report Message v2",
        144 => "Home Agent Address Discovery Request",
        145 => "Home Agent Address Discovery Reply",
        146 => "Mobile Prefix Solicitation",
        147 => "Mobile Prefix Advertisement",
        148 => "Certification Path Solicitation",
        149 => "Certification Path Advertisement",
        150 => "Experimental Mobility",
        151 => "Multicast Router Advertisement",
        152 => "Multicast Router Solicitation",
        153 => "Multicast Router Termination",
        154 => "FMIPv6",
        155 => "RPL Control",
        156 => "Locator Update",
        157 => "Duplicate Address Request",
        158 => "Duplicate Address Confirmation",
        159 => "MPL Control Message",
        160 => "Extended Echo request",
        161 => "Extended Echo reply",
        200 => "Private experimentation",
        201 => "Private experimentation",
        255 => "Reserved for expansion of ICMPv6 informational messages",
    }
    UNREACHABLE_CODES = {
        0 => "no route to destination",
        1 => "Administratively prohibited",
        2 => "Beyond scope of source address",
        3 => "Address unreachable",
        4 => "Port unreachable",
        5 => "Source address failed ingress/egress policy",
        6 => "Reject route to destination",
        7 => "Error in Source Routing Header",
    }
    TIME_CODES = { 0 => "hop limit exceeded in transit", 1 => "fragment reassembly time exceeded" }
    PARAMETER_CODES = {
        0 => "erroneous header field encountered",
        1 => "unrecognized Next Header type encountered",
        2 => "unrecognized IPv6 option encountered",
        3 => "IPv6 First Fragment has incomplete IPv6 Header Chain",
    }
    RENUMBERING_CODES = { 0 => "Command", 1 => "Result", 255 => "Sequence number reset" }
    QUERY_CODES = {
        0 => "Query subject = IPv6 addresses",
        1 => "Query subject = DNS name or empty",
        2 => "Query subject = IPv4 addresses",
    }
    REPLY_CODES = { 0 => "Successful", 1 => "Refused", 2 => "Unknown query type" }
    RPL_CODES = {
        0x00 => "DODAG Information Solicitation",
        0x01 => "DODAG Information Object",
        0x02 => "Destination Advertisement Object",
        0x03 => "Destination Advertisement Object Acknowledgment",
        0x04 => "P2P Discovery Reply Object",
        0x05 => "P2P Discovery Reply Object Acknowledgement",
        0x80 => "Secure DODAG Information Solicitation",
        0x81 => "Secure DODAG Information Object",
        0x82 => "Secure Destination Advertisement Object",
        0x83 => "Secure Destination Advertisement Object Acknowledgment",
        0x84 => "P2P Secure Discovery Reply Object",
        0x85 => "P2P Secure Discovery Reply Object Acknowledgement",
        0x8a => "Consistency Check",
    }
    EXTENDED_REQUEST_CODES = { 0 => "No error" }
    EXTENDED_REPLY_CODES = {
        0 => "No error",
        1 => "Malformed Query",
        2 => "No Such Interface",
        3 => "No Such Table Entry",
        4 => "Multiple Interfaces Satisfy Query",
    }
    PROXY_CODES = {
        0 => "MN should use AP-ID, AR-info tuple",
        1 => "Network Initiated Handover",
        2 => "No new router information",
        3 => "Limited new router information",
        4 => "Unsolicited",
    }
    INITIATE_CODES = { 0 => "FBU sent from previous link", 1 => "FBU sent from new link" }
    ACKNOWLEDGE_CODES = {
        0 => "Handover Accepted, NCoA valid",
        1 => "Handover Accepted, NCoA not valid",
        2 => "Handover Accepted, NCoA in use",
        3 => "Handover Accepted, NCoA assigned",
        4 => "Handover Accepted, NCoA not assigned",
        128 => "Handover Not Accepted, reason unspecified",
        129 => "Administratively prohibited",
        130 => "Insufficient resources",
    }
    PREFERENCES = { 0 => "Medium", 1 => "High", 2 => "Reserved", 3 => "Low" }
    RECORD_TYPES = {
        1 => "Include",
        2 => "Exclude",
        3 => "Changed to include",
        4 => "Changed to exclude",
        5 => "Allow new sources",
        6 => "Block old sources",
    }
    OPERATIONS = { 1 => "Add", 2 => "Change", 3 => "Set Global" }
    QUERY_TYPES = {
        0 => "NOOP",
        1 => "Supported query types (Obsolete)",
        2 => "Node Name",
        3 => "Node addresses",
        4 => "IPv4 node addresses",
    }
    FAST_HANDOVERS = {
        2 => "Router Solicitation for Proxy Advertisement",
        3 => "Proxy Router Advertisement",
        4 => "Handover Initiate",
        5 => "Handover Acknowledge",
    }
    REGISTRATIONS = { 0 => "Success", 1 => "Duplicate Exists", 2 => "Neighbor Cache Full" }
    NEIGHBOR_STATES = {
        0 => "Reserved",
        1 => "Incomplete",
        2 => "Reachable",
        3 => "Stale",
        4 => "Delay",
        5 => "Probe",
        6 => "Failed",
    }
    SEED_ID_LENGTHS = {
        0 => "0 bit, not included in MPL Seed Info",
        1 => "16 bits",
        2 => "64 bits",
        3 => "128 bits",
    }
}

#[cfg(test)]
mod tests {
    use crate::protocols::ipv6::testing::{fields, ipv6};

    /// An ICMPv6 message with a right checksum between `fe80::1` and `ff02::1`.
    fn message(kind: u8, code: u8, body: &[u8]) -> Vec<u8> {
        let mut message = vec![kind, code, 0, 0];
        message.extend_from_slice(body);
        let mut summed = ipv6(58, &message);
        let len = (message.len() as u32).to_be_bytes();
        summed.splice(..8, [0, 0, 0, 58]);
        summed.splice(..0, len);
        let words = summed.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0)));
        let mut sum: u32 = words.sum();
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        message[2..4].copy_from_slice(&(!(sum as u16)).to_be_bytes());
        ipv6(58, &message)
    }

    #[test]
    fn echo_has_identifier_sequence_and_data() {
        let read = fields(&message(128, 0, &[0x12, 0x34, 0, 7, b'a', b'b', b'c']));
        for line in [
            "icmpv6.type: 128",
            "icmpv6.checksum.status: 1",
            "icmpv6.echo.identifier: 4660",
            "icmpv6.echo.sequence_number: 7",
            "data.data: 616263",
        ] {
            assert!(read.contains(&line.to_owned()), "{line} in {read:?}");
        }
    }

    #[test]
    fn a_wrong_checksum_is_told() {
        let mut packet = message(128, 0, &[0, 1, 0, 1]);
        packet[43] ^= 1;
        let read = fields(&packet);
        assert!(read.contains(&"icmpv6.checksum.status: 0".to_owned()));
        assert!(read.contains(&"icmpv6.checksum_bad.expert".to_owned()));
    }

    #[test]
    fn an_error_quotes_a_packet() {
        let quoted = ipv6(17, &[0x03, 0xe8, 0x07, 0xd0, 0, 8, 0, 1]);
        let mut body = vec![0; 4];
        body.extend_from_slice(&quoted);
        let read = fields(&message(1, 4, &body));
        assert_eq!(read.iter().filter(|line| line.starts_with("ipv6.src:")).count(), 2);
        assert!(read.contains(&"udp.dstport: 2000".to_owned()));
    }

    #[test]
    fn neighbor_solicitation_with_a_link_address() {
        let mut body = vec![0; 4];
        body.extend_from_slice(&[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        body.extend_from_slice(&[1, 1, 0, 0x11, 0x22, 0x33, 0x44, 0x55]);
        let read = fields(&message(135, 0, &body));
        for line in [
            "icmpv6.nd.ns.target_address: fe80::2",
            "icmpv6.opt.length: 1",
            "icmpv6.opt.linkaddr: 001122334455",
            "icmpv6.opt.src_linkaddr: 001122334455",
        ] {
            assert!(read.contains(&line.to_owned()), "{line} in {read:?}");
        }
    }

    #[test]
    fn an_option_of_no_length_ends_the_options() {
        let read = fields(&message(133, 0, &[0, 0, 0, 0, 1, 0, 1, 1]));
        assert!(read.contains(&"icmpv6.invalid_option_length".to_owned()));
        assert_eq!(read.iter().filter(|line| line.starts_with("icmpv6.opt.type")).count(), 1);
        assert!(!read.iter().any(|line| line.starts_with("_ws.malformed")));
    }

    #[test]
    fn an_option_longer_than_the_message_is_malformed() {
        let read = fields(&message(133, 0, &[0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0]));
        assert!(read.iter().any(|line| line.starts_with("_ws.malformed")));
    }

    #[test]
    fn listener_codes_are_floating_point_numbers() {
        assert_eq!(super::floating(0x8fff, 12), 65_528);
        assert_eq!(super::floating(0x9a, 4), 416);
    }

    #[test]
    fn names_are_joined_by_dots() {
        let mut text = [0; super::MAX_NAME];
        let written = super::write_name(b"\x07example\x03com\0", &mut text);
        assert_eq!(&text[..written], b"example.com");
        assert_eq!(super::name_len(b"\x03abc", true), Ok(4));
        assert_eq!(super::name_len(b"\x04abc", true), Err(crate::dissect::Stop::Malformed));
        assert_eq!(super::name_len(b"\x04abc", false), Err(crate::dissect::Stop::Short));
    }

    #[test]
    fn every_prefix_of_every_message_is_survived() {
        let body: Vec<u8> = (0..200u8).map(|byte| byte.wrapping_mul(37)).collect();
        for kind in 0..=255 {
            for code in [0, 1, 2, 4, 0x81, 0x8a] {
                for len in (0..body.len()).step_by(7) {
                    fields(&message(kind, code, &body[..len]));
                }
            }
        }
    }

    #[test]
    fn every_option_of_every_length_is_survived() {
        for kind in 0..=255 {
            for units in 0..6 {
                for fill in [0, 1, 0x3f, 0xff] {
                    let mut body = vec![0; 4];
                    body.extend_from_slice(&[kind, units]);
                    body.resize(4 + 40, fill);
                    fields(&message(133, 0, &body));
                    body.splice(..4, [0; 24]);
                    fields(&message(155, 1, &body));
                }
            }
        }
    }
}
