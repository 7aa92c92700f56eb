//! IPv4: the Internet Protocol, version 4.
//!
//! RFC 791; the differentiated services field is that of RFC 2474 and RFC 3168, the options are in [`options`]. What
//! fragments carry is read where the last of them arrives: [`fragments`].
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |Version|  IHL  |   DSCP    |ECN|          Total Length         |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Identification        |Flags|      Fragment Offset    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  Time to Live |    Protocol   |         Header Checksum       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                       Source Address                          |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Destination Address                        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Options                    |    Padding    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use etherparse::checksum::Sum16BitWords;

use super::dscp;
use crate::dissect::{
    Address, Derive, Entry, Field, Group, Layer, LayerView, Names, Next, Outcome, Plain, Preference, Protocol,
    Severity, Stop, Summary, Table, fields, make, names, piece_line, pieces_line,
};
use crate::names;
use crate::text::Text;

mod fragments;
mod options;

fields! {
    VERSION = uint8("ip.version", "Version").bits(0xf0);
    HDR_LEN = uint8("ip.hdr_len", "Header Length").label(header_length_line);
    DSFIELD = uint8("ip.dsfield", "Differentiated Services Field").hex().label(services_line);
    DSCP = uint8("ip.dsfield.dscp", "Differentiated Services Codepoint").bits(0xfc).named(dscp::NAMES);
    ECN = uint8("ip.dsfield.ecn", "Explicit Congestion Notification").bits(0x03).named(dscp::ECN_NAMES);
    TOS = uint8("ip.tos", "Type of Service").label(type_of_service_line);
    TOS_PRECEDENCE = uint8("ip.tos.precedence", "Precedence").bits(0xe0).values(PRECEDENCES);
    TOS_DELAY = boolean("ip.tos.delay", "Delay").bits(0x10).flags("Low", "Normal");
    TOS_THROUGHPUT = boolean("ip.tos.throughput", "Throughput").bits(0x08).flags("High", "Normal");
    TOS_RELIABILITY = boolean("ip.tos.reliability", "Reliability").bits(0x04).flags("High", "Normal");
    TOS_COST = boolean("ip.tos.cost", "Cost").bits(0x02).flags("Low", "Normal");
    LEN = uint16("ip.len", "Total Length");
    LEN_BOGUS = uint16("ip.len", "Total Length").label(bogus_length_line).in_columns();
    LEN_OFFLOADED = uint16("ip.len", "Total Length").generated().label(offloaded_length_line).in_columns();
    ID = uint16("ip.id", "Identification").hex_dec();
    FLAGS = uint8("ip.flags", "Flags").hex().bits(0xe0).label(flags_line);
    FLAG_SECURITY = boolean("ip.flags.sf", "Security flag").bits(0x80).flags("Evil", "Not evil");
    FLAG_RESERVED = boolean("ip.flags.rb", "Reserved bit").bits(0x80).flags("Set", "Not set");
    FLAG_DF = boolean("ip.flags.df", "Don't fragment").bits(0x40).flags("Set", "Not set");
    FLAG_MF = boolean("ip.flags.mf", "More fragments").bits(0x20).flags("Set", "Not set");
    FRAG_OFFSET = uint16("ip.frag_offset", "Fragment Offset").bits(0x1fff).label(fragment_offset_line);
    TTL = uint8("ip.ttl", "Time to Live").in_columns();
    PROTO = uint8("ip.proto", "Protocol").named(Names::Lookup(protocol_name));
    CHECKSUM = uint16("ip.checksum", "Header Checksum").hex().label(ignored_checksum_line);
    CHECKSUM_VERIFIED = uint16("ip.checksum", "Header Checksum").hex().label(verified_checksum_line);
    CHECKSUM_STATUS = uint8("ip.checksum.status", "Header checksum status").name_only().generated()
        .values(CHECKSUM_STATUSES);
    CHECKSUM_CALCULATED = uint16("ip.checksum_calculated", "Calculated Checksum").hex().generated();
    SRC = ipv4("ip.src", "Source Address").either(&[&ADDR, &SRC_HOST, &HOST]).in_columns();
    SRC_HOST = text("ip.src_host", "Source Host").derive(Derive::AddressText).hidden();
    DST = ipv4("ip.dst", "Destination Address").either(&[&ADDR, &DST_HOST, &HOST]).in_columns();
    DST_HOST = text("ip.dst_host", "Destination Host").derive(Derive::AddressText).hidden();
    ADDR = ipv4("ip.addr", "Source or Destination Address").hidden();
    HOST = text("ip.host", "Source or Destination Host").derive(Derive::AddressText).hidden();
    CURRENT_ROUTE = ipv4("ip.cur_rt", "Current Route").either(&[&CURRENT_ROUTE_HOST]);
    CURRENT_ROUTE_HOST = text("ip.cur_rt_host", "Current Route Host").derive(Derive::AddressText).hidden();

    FRAGMENTS = bytes("ip.fragments", "IPv4 Fragments").generated().label(pieces_line).in_columns();
    FRAGMENT = frame_number("ip.fragment", "IPv4 Fragment").generated().label(piece_line);
    FRAGMENT_OVERLAP = boolean("ip.fragment.overlap", "Fragment overlap").generated();
    FRAGMENT_CONFLICT = boolean("ip.fragment.overlap.conflict", "Conflicting data in fragment overlap").generated();
    FRAGMENT_TAILS = boolean("ip.fragment.multipletails", "Multiple tail fragments found").generated();
    FRAGMENT_TOO_LONG = boolean("ip.fragment.toolongfragment", "Fragment too long").generated();
    FRAGMENT_ERROR = frame_number("ip.fragment.error", "Defragmentation error").generated().label(piece_line).in_columns();
    FRAGMENT_COUNT = uint32("ip.fragment.count", "Fragment count").generated();
    REASSEMBLED_IN = frame_number("ip.reassembled_in", "Reassembled IPv4 in frame").generated().in_columns();
    REASSEMBLED_LENGTH = uint32("ip.reassembled.length", "Reassembled IPv4 length").generated();
    REASSEMBLED_DATA = bytes("ip.reassembled.data", "Reassembled IPv4 data").generated();

    OPTIONS = heading("Options").label(options::list_line);
    OPTION_EOL = bytes("ip.options.eol", "IP Option - End of Options List (EOL)").label(options::bare_line);
    OPTION_NOP = bytes("ip.options.nop", "IP Option - No-Operation (NOP)").label(options::bare_line);
    OPTION_SECURITY = bytes("ip.options.security", "IP Option - Security").label(options::line);
    OPTION_LOOSE_ROUTE = bytes("ip.options.route", "IP Option - Loose Source Route").label(options::line);
    OPTION_TIMESTAMP = bytes("ip.options.timestamp", "IP Option - Time Stamp").label(options::line);
    OPTION_EXTENDED_SECURITY = bytes("ip.options.ext_security", "IP Option - Extended Security").label(options::line);
    OPTION_CIPSO = bytes("ip.options.cipso", "IP Option - Commercial Security").label(options::line);
    OPTION_RECORD_ROUTE = bytes("ip.options.record_route", "IP Option - Record Route").label(options::line);
    OPTION_STREAM = bytes("ip.options.sid", "IP Option - Stream ID").label(options::line);
    OPTION_STRICT_ROUTE = bytes("ip.options.source_route", "IP Option - Strict Source Route").label(options::line);
    OPTION_MTU_PROBE = bytes("ip.options.mtu_probe", "IP Option - MTU Probe").label(options::line);
    OPTION_MTU_REPLY = bytes("ip.options.mtu_reply", "IP Option - MTU Reply").label(options::line);
    OPTION_TRACEROUTE = bytes("ip.options.traceroute", "IP Option - Traceroute").label(options::line);
    OPTION_ROUTER_ALERT = bytes("ip.options.routeralert", "IP Option - Router Alert").label(options::line);
    OPTION_BROADCAST = bytes("ip.options.sdb", "IP Option - Selective Directed Broadcast").label(options::line);
    OPTION_QUICK_START = bytes("ip.options.qs", "IP Option - Quick-Start").label(options::line);
    OPTION_UNKNOWN = heading("Unknown").label(options::unknown_line);
    OPTION_BROKEN = heading("Broken option").label(options::broken_line);

    OPT_TYPE = uint8("ip.opt.type", "Type");
    OPT_COPY = boolean("ip.opt.type.copy", "Copy on fragmentation").bits(0x80).flags("Yes", "No");
    OPT_CLASS = uint8("ip.opt.type.class", "Class").bits(0x60).values(OPTION_CLASSES);
    OPT_NUMBER = uint8("ip.opt.type.number", "Number").bits(0x1f).values(OPTION_NUMBERS);
    OPT_LEN = uint8("ip.opt.len", "Length");
    OPT_PTR = uint8("ip.opt.ptr", "Pointer");
    OPT_PTR_TIMESTAMP = uint8("ip.opt.ptr", "Pointer").label(options::timestamp_pointer_line);
    OPT_STREAM = uint16("ip.opt.sid", "Stream Identifier");
    OPT_MTU = uint16("ip.opt.mtu", "MTU");
    OPT_ID_NUMBER = uint16("ip.opt.id_number", "ID Number");
    OPT_OUTBOUND_HOPS = uint16("ip.opt.ohc", "Outbound Hop Count");
    OPT_RETURN_HOPS = uint16("ip.opt.rhc", "Return Hop Count");
    OPT_ORIGINATOR = ipv4("ip.opt.originator", "Originator IP Address");
    OPT_ROUTER_ALERT = uint16("ip.opt.ra", "Router Alert").named(Names::Ranges(ROUTER_ALERTS));
    OPT_ADDRESS = ipv4("ip.opt.addr", "IP Address");
    OPT_PADDING = bytes("ip.opt.padding", "Padding");
    QS_FUNCTION = uint8("ip.opt.qs_func", "Function").bits(0xf0).values(QUICK_START_FUNCTIONS);
    QS_RATE = uint8("ip.opt.qs_rate", "Rate").bits(0x0f).values(QUICK_START_RATES);
    QS_TTL = uint8("ip.opt.qs_ttl", "QS TTL");
    QS_TTL_DIFF = uint8("ip.opt.qs_ttl_diff", "TTL Diff").generated();
    QS_UNUSED = uint8("ip.opt.qs_unused", "Not Used");
    QS_NONCE = uint32("ip.opt.qs_nonce", "QS Nonce").hex().bits(0xffff_fffc);
    QS_RESERVED = uint32("ip.opt.qs_reserved", "Reserved").hex().bits(0x3);
    SEC_LEVEL_791 = uint16("ip.opt.sec_rfc791_sec", "Security").hex().values(options::SECURITY_LEVELS_791);
    SEC_COMPARTMENTS_791 = uint16("ip.opt.sec_rfc791_comp", "Compartments");
    SEC_HANDLING_791 = text("ip.opt.sec_rfc791_hr", "Handling Restrictions");
    SEC_CONTROL_791 = text("ip.opt.sec_rfc791_tcc", "Transmission Control Code");
    SEC_LEVEL = uint8("ip.opt.sec_cl", "Classification Level").hex().values(SECURITY_LEVELS);
    SEC_AUTHORITIES = uint8("ip.opt.sec_prot_auth_flags", "Protection Authority Flags").hex()
        .label(options::authorities_line);
    SEC_GENSER = boolean("ip.opt.sec_prot_auth_genser", "GENSER").bits(0x80).flags(PROTECTED, NOT_PROTECTED);
    SEC_SIOP_ESI = boolean("ip.opt.sec_prot_auth_siop_esi", "SIOP-ESI").bits(0x40).flags(PROTECTED, NOT_PROTECTED);
    SEC_SCI = boolean("ip.opt.sec_prot_auth_sci", "SCI").bits(0x20).flags(PROTECTED, NOT_PROTECTED);
    SEC_NSA = boolean("ip.opt.sec_prot_auth_nsa", "NSA").bits(0x10).flags(PROTECTED, NOT_PROTECTED);
    SEC_DOE = boolean("ip.opt.sec_prot_auth_doe", "DOE").bits(0x08).flags(PROTECTED, NOT_PROTECTED);
    SEC_UNASSIGNED = uint8("ip.opt.sec_prot_auth_unassigned", "Unassigned").hex().bits(0x06);
    SEC_UNASSIGNED_LATER = uint8("ip.opt.sec_prot_auth_unassigned", "Unassigned").hex().bits(0xfe);
    SEC_CONTINUES = boolean("ip.opt.sec_prot_auth_fti", "Field Termination Indicator").bits(0x01)
        .flags("Additional octet present", "Final octet");
    EXT_SEC_FORMAT = uint8("ip.opt.ext_sec_add_sec_info_format_code", "Additional Security Info Format Code").hex();
    EXT_SEC_INFO = bytes("ip.opt.ext_sec_add_sec_info", "Additional Security Info");
    RECORDED_ROUTE = ipv4("ip.rec_rt", "Recorded Route").either(&[&RECORDED_ROUTE_HOST]);
    RECORDED_ROUTE_HOST = text("ip.rec_rt_host", "Recorded Route Host").derive(Derive::AddressText).hidden();
    EMPTY_ROUTE = ipv4("ip.empty_rt", "Empty Route").either(&[&EMPTY_ROUTE_HOST]);
    EMPTY_ROUTE_NEXT = ipv4("ip.empty_rt", "Empty Route").either(&[&EMPTY_ROUTE_HOST]).label(options::next_route_line);
    EMPTY_ROUTE_HOST = text("ip.empty_rt_host", "Empty Route Host").derive(Derive::AddressText).hidden();
    SOURCE_ROUTE = ipv4("ip.src_rt", "Source Route").either(&[&SOURCE_ROUTE_HOST]);
    SOURCE_ROUTE_NEXT = ipv4("ip.src_rt", "Source Route").either(&[&SOURCE_ROUTE_HOST])
        .label(options::next_route_line);
    SOURCE_ROUTE_HOST = text("ip.src_rt_host", "Source Route Host").derive(Derive::AddressText).hidden();
    OPT_OVERFLOW = uint8("ip.opt.overflow", "Overflow").bits(0xf0);
    OPT_FLAG = uint8("ip.opt.flag", "Flag").hex().bits(0x0f).values(TIMESTAMP_FLAGS);
    OPT_TIMESTAMP = uint32("ip.opt.time_stamp", "Time stamp");
    OPT_TIMESTAMP_ADDRESS = ipv4("ip.opt.time_stamp_addr", "Address");
    SUBOPTION_CUT = heading("Suboption would go past end of option");
    CIPSO_DOI = uint32("ip.cipso.doi", "DOI");
    CIPSO_TAG = uint8("ip.cipso.tag_type", "Tag Type").values(CIPSO_TAGS);
    CIPSO_TAG_UNKNOWN = uint8("ip.cipso.tag_type", "Tag Type").label(options::unknown_tag_line);
    CIPSO_LEVEL = uint8("ip.cipso.sensitivity_level", "Sensitivity Level");
    CIPSO_CATEGORIES = text("ip.cipso.categories", "Categories");
    CIPSO_DATA = bytes("ip.cipso.tag_data", "Tag data");

    BOGUS_VERSION = expert("ip.bogus_ip_version", "Bogus IPv4 version", Severity::Error, Group::Protocol);
    UNKNOWN_VERSION = expert("ip.bogus_ip_version", "Bogus IP version", Severity::Error, Group::Protocol);
    BOGUS_HEADER_LENGTH = expert("ip.bogus_header_length", "Bogus IP header length", Severity::Error, Group::Protocol)
        .label(bogus_header_length_message).in_columns();
    BOGUS_LENGTH = expert("ip.bogus_ip_length", "Bogus IP length", Severity::Error, Group::Protocol);
    LENGTH_EXCEEDS = expert("ip.bogus_ip_length", "IPv4 total length exceeds packet length", Severity::Error,
        Group::Protocol).label(length_exceeds_message);
    EVIL = expert("ip.evil_packet", "Packet has evil intent", Severity::Warning, Group::Protocol);
    CHECKSUM_BAD = expert("ip.checksum_bad.expert", "Bad checksum", Severity::Error, Group::Checksum)
        .label(bad_checksum_message);
    TTL_LOCAL = expert("ip.ttl.lncb", "Time To Live", Severity::Note, Group::Sequence).label(local_ttl_message);
    TTL_SMALL = expert("ip.ttl.too_small", "Time To Live", Severity::Note, Group::Sequence).label(small_ttl_message);
    FOUR_NOPS = expert("ip.nop", "4 NOP in a row - a router may have removed some options", Severity::Warning,
        Group::Protocol);
    OPTION_LENGTH = expert("ip.opt.len.invalid", "Invalid length for option", Severity::Warning, Group::Protocol)
        .label(options::wrong_length_message);
    OPTION_OVERRUN = expert("ip.opt.len.invalid", "Invalid length for option", Severity::Warning, Group::Protocol)
        .label(options::broken_line);
    OPTION_EXTRANEOUS = expert("ip.opt.len.invalid", "Extraneous data in option", Severity::Warning, Group::Protocol);
    OPTION_UNTERMINATED = expert("ip.opt.len.invalid", "Field Termination Indicator set to 1 for last byte of option",
        Severity::Warning, Group::Protocol);
    POINTER_BEFORE = expert("ip.opt.ptr.before_address", "Pointer points before first address", Severity::Warning,
        Group::Protocol);
    POINTER_MIDDLE = expert("ip.opt.ptr.middle_address", "Pointer points to middle of address", Severity::Warning,
        Group::Protocol);
    SUBOPTION_TOO_LONG = expert("ip.subopt_too_long", "Suboption would go past end of option", Severity::Warning,
        Group::Protocol);
    CIPSO_MALFORMED = expert("ip.cipso.malformed", "Malformed CIPSO tag", Severity::Error, Group::Sequence);
    GIVEN_UP = expert("ip.reassembly.given_up", "This datagram has more or smaller fragments than are kept of one \
        (1 MiB): those that were there are forgotten", Severity::Warning, Group::Reassemble);
    MAKES_ROOM = expert("ip.reassembly.forgotten", "More fragments wait for others than are kept: the oldest are forgotten",
        Severity::Warning, Group::Reassemble);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::EtherType, 0x0800), (Table::LinkType, 228)],
    preferences: &[&DECODE_AS_DIFFSERV, &DEFRAGMENT, &CHECK_CHECKSUM, &TSO_SUPPORT, &SECURITY_FLAG],
    brief: true,
    dissect,
    plain: Some(plain),
    addresses: Some((&SRC, &DST)),
    summary: Some(summary),
    family: crate::dissect::Family::Network,
    ..Protocol::new("ip", "IPv4", "Internet Protocol Version 4").line(line)
};

/// IP where no number tells the version, but the first four bits do: in IP, and where an error message quotes a datagram.
pub static BY_VERSION: Protocol = Protocol {
    claims: &[(Table::IpProto, 4)],
    dissect: dissect_by_version,
    addresses: Some((&SRC, &DST)),
    summary: Some(summary),
    family: crate::dissect::Family::Network,
    ..Protocol::new("ip", "IPv4", "Internet Protocol Version 4").line(line)
};

pub static DECODE_AS_DIFFSERV: Preference = Preference::new(
    "ip.decode_tos_as_diffserv",
    true,
    "Whether the IPv4 type-of-service field should be decoded as a Differentiated Services field (see RFC2474/RFC2475)",
);
pub static DEFRAGMENT: Preference =
    Preference::new("ip.defragment", true, "Whether fragmented IPv4 datagrams should be reassembled");
pub static CHECK_CHECKSUM: Preference =
    Preference::new("ip.check_checksum", false, "Whether to validate the IPv4 checksum");
pub static TSO_SUPPORT: Preference = Preference::new(
    "ip.tso_support",
    true,
    "Whether to correct for TSO-enabled (TCP segmentation offload) hardware captures, such as spoofing the IP packet length",
);
pub static SECURITY_FLAG: Preference = Preference::new(
    "ip.security_flag",
    false,
    "Whether to interpret the originally reserved flag as security flag (RFC 3514)",
);

fn dissect(l: &mut Layer) -> Outcome {
    let first = l.peek_u8()?;
    let version = l.part(&VERSION, first, 1);
    if version != 4 {
        l.expert(&BOGUS_VERSION);
        l.set_header_len(MIN_HEADER_LEN);
        // IPv6 under the number of IPv4 is read as what it is, from its first byte on.
        return Ok(if version == 6 { Next::By(Table::IpProto, 41) } else { Next::End });
    }
    let header_len = usize::from(first & 0x0f) * 4;
    l.part(&HDR_LEN, header_len as u64, 1);
    if header_len < MIN_HEADER_LEN {
        l.expert_with(&BOGUS_HEADER_LENGTH, header_len as u64);
        l.set_header_len(header_len);
        return Ok(Next::End);
    }
    l.skip(1)?;
    type_of_service(l)?;
    let Some(total_len) = total_length(l, header_len)? else {
        l.set_header_len(header_len);
        return Ok(Next::End);
    };
    let identification = l.u16(&ID)?;
    let fragment = fragment(l)?;
    let ttl = time_to_live(l, header_len)?;
    let protocol = l.u8(&PROTO)?;
    let intact = checksum(l, header_len)?;
    let source = l.ipv4(&SRC)?;
    let destination = match options::final_destination(l, header_len - MIN_HEADER_LEN)? {
        Some(destination) => {
            l.u32(&CURRENT_ROUTE)?;
            Address::V4(destination)
        }
        None => l.ipv4(&DST)?,
    };
    l.set_addresses(source, destination);
    options::read(l, header_len - MIN_HEADER_LEN, ttl)?;
    let next = Next::By(Table::IpProto, protocol.into());
    // A fragment that can be joined with others waits for them; of one that cannot the first is read as far as it goes.
    let is_fragment = fragment & (MORE | OFFSET) != 0;
    let can_be_joined = is_fragment && l.all().len() == total_len && intact && l.prefers(&DEFRAGMENT);
    l.set_fragment(is_fragment && !can_be_joined);
    match l.wire_remaining() {
        0 => Ok(Next::End),
        _ if can_be_joined && !fragments::join(l, identification, fragment, protocol) => Ok(Next::Data),
        _ if can_be_joined => Ok(next),
        _ if fragment & OFFSET != 0 => Ok(Next::Data),
        _ => Ok(next),
    }
}

/// Reads a header without options, of a datagram that is not fragmented.
fn plain(header: &mut Plain) -> Option<Next> {
    let &[version, _, l0, l1, _, _, f0, f1, ttl, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] =
        header.bytes().first_chunk::<MIN_HEADER_LEN>()?;
    let total_len = usize::from(u16::from_be_bytes([l0, l1]));
    let is_fragment = u16::from_be_bytes([f0, f1]) & (MORE | OFFSET) != 0;
    if version != 0x45 || is_fragment || !(MIN_HEADER_LEN..=header.bytes().len()).contains(&total_len) {
        return None;
    }
    let (source, destination) = (u32::from_be_bytes([s0, s1, s2, s3]), u32::from_be_bytes([d0, d1, d2, d3]));
    header.measures(MIN_HEADER_LEN, total_len);
    header.column(&TTL, ttl.into(), 8, 1);
    header.column(&SRC, source.into(), 12, 4);
    header.column(&DST, destination.into(), 16, 4);
    header.set_addresses(Address::V4(source), Address::V4(destination));
    Some(if total_len == MIN_HEADER_LEN { Next::End } else { Next::By(Table::IpProto, protocol.into()) })
}

fn dissect_by_version(l: &mut Layer) -> Outcome {
    let first = l.peek_u8()?;
    match first >> 4 {
        4 => dissect(l),
        6 => {
            l.withdraw();
            Ok(Next::By(Table::IpProto, 41))
        }
        _ => {
            l.part(&VERSION, first, 1);
            l.expert(&UNKNOWN_VERSION);
            l.set_header_len(1);
            Ok(Next::End)
        }
    }
}

/// Reads the differentiated services field, or the type of service of RFC 791 and RFC 1349 if the user wants that.
fn type_of_service(l: &mut Layer) -> Result<(), Stop> {
    if l.prefers(&DECODE_AS_DIFFSERV) {
        let services = l.u8(&DSFIELD)?;
        l.parts(&[&DSCP, &ECN], services);
    } else {
        let service = l.u8(&TOS)?;
        l.parts(&[&TOS_PRECEDENCE, &TOS_DELAY, &TOS_THROUGHPUT, &TOS_RELIABILITY, &TOS_COST], service);
    }
    Ok(())
}

/// Reads the total length and lets the layer end there; returns it, and nothing where it leaves no room for the header.
fn total_length(l: &mut Layer, header_len: usize) -> Result<Option<usize>, Stop> {
    let total_len = l.peek_u16()?;
    let wire_len = l.wire_len();
    if total_len == 0 && l.prefers(&TSO_SUPPORT) {
        // Segmentation offload: the interface writes the length, after the capture.
        l.generated_at(&LEN_OFFLOADED, wire_len as u64, l.offset(), 2);
        l.skip(2)?;
        return Ok(Some(wire_len));
    } else if usize::from(total_len) < header_len {
        l.u16(&LEN_BOGUS)?;
        l.expert(&BOGUS_LENGTH);
        return Ok(None);
    } else {
        l.u16(&LEN)?;
        if usize::from(total_len) > wire_len && !l.is_quoted() {
            l.expert_with(&LENGTH_EXCEEDS, wire_len as u64);
        }
        l.limit(total_len.into());
    }
    Ok(Some(total_len.into()))
}

/// The flag and the offset in the integer that they share.
const MORE: u16 = 0x2000;
const OFFSET: u16 = 0x1fff;

/// Reads flags and fragment offset, and returns the integer that they share.
fn fragment(l: &mut Layer) -> Result<u16, Stop> {
    let [flags, _] = l.peek_u16()?.to_be_bytes();
    l.part(&FLAGS, flags, 1);
    if l.prefers(&SECURITY_FLAG) {
        l.parts(&[&FLAG_SECURITY, &FLAG_DF, &FLAG_MF], flags);
        if flags & 0x80 != 0 {
            l.expert(&EVIL);
        }
    } else {
        l.parts(&[&FLAG_RESERVED, &FLAG_DF, &FLAG_MF], flags);
    }
    l.u16(&FRAG_OFFSET)
}

/// Reads the time to live; what is to be said of it depends on the protocol and on where the datagram goes.
fn time_to_live(l: &mut Layer, header_len: usize) -> Result<u8, Stop> {
    let ahead = l.peek(12).ok();
    let ttl = l.u8(&TTL)?;
    let Some(&[_, protocol, _, _, _, _, _, _, a, b, c, d]) = ahead else { return Ok(ttl) };
    let routed = options::final_destination_from(l, 11, header_len - MIN_HEADER_LEN);
    let Ok(routed) = routed else { return Ok(ttl) };
    let destination = routed.unwrap_or(u32::from_be_bytes([a, b, c, d]));
    if destination >> 8 == LOCAL_NETWORK_CONTROL_BLOCK {
        let wanted = match destination as u8 {
            // A membership report goes to the group it is about, but no farther than a query does (RFC 3376, section 4).
            _ if protocol == IGMP => Some(1),
            VRRP_ROUTERS | HSRP_ROUTERS | MDNS => Some(255),
            // Link-local multicast name resolution leaves it to the sender (RFC 4795, section 2.5).
            LLMNR => None,
            _ => Some(1),
        };
        if let Some(wanted) = wanted.filter(|&wanted| wanted != ttl) {
            l.expert_with(&TTL_LOCAL, wanted);
        }
    } else if ttl < 5 && destination >> 28 != MULTICAST && !matches!(protocol, OSPF | PIM) {
        l.expert_with(&TTL_SMALL, ttl);
    }
    Ok(ttl)
}

/// Reads the header checksum; returns whether nothing is known against it.
fn checksum(l: &mut Layer, header_len: usize) -> Result<bool, Stop> {
    if !l.prefers(&CHECK_CHECKSUM) {
        l.u16(&CHECKSUM)?;
        l.generated(&CHECKSUM_STATUS, UNVERIFIED);
        return Ok(true);
    }
    let found = l.u16(&CHECKSUM_VERIFIED)?;
    let Some(header) = l.all().get(..header_len) else {
        l.generated(&CHECKSUM_STATUS, UNVERIFIED);
        return Ok(true);
    };
    let (before, after) = header.split_at(CHECKSUM_OFFSET);
    let sum = Sum16BitWords::new().add_slice(before).add_slice(after.get(2..).unwrap_or_default());
    let calculated = sum.ones_complement().to_be();
    if calculated != found {
        l.expert_with(&CHECKSUM_BAD, calculated);
    }
    l.generated(&CHECKSUM_STATUS, if calculated == found { GOOD } else { BAD });
    l.generated(&CHECKSUM_CALCULATED, calculated);
    Ok(calculated == found)
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    if layer.find(&UNKNOWN_VERSION).is_some() {
        text.str("Internet Protocol, bogus version (").dec(layer.number(&VERSION).unwrap_or(0)).str(")");
        return;
    }
    text.str(entry.field.title);
    if layer.find(&SRC).is_some() {
        text.str(", Src: ");
        layer.write_address(&SRC, text);
    }
    if layer.find(&CURRENT_ROUTE).is_some() {
        if let Some(destination) = options::routed_destination(layer) {
            text.str(", Dst: ").ipv4(destination);
        }
        text.str(", Via: ");
        layer.write_address(&CURRENT_ROUTE, text);
    } else if layer.find(&DST).is_some() {
        text.str(", Dst: ");
        layer.write_address(&DST, text);
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let info = &mut *summary.info;
    if !layer.mark().recorded {
        summary.protocol.str(layer.protocol().short);
    }
    let header = layer.bytes();
    let version = header.first().map_or(4, |first| first >> 4);
    let header_len = header.first().map_or(0, |&first| u64::from(first & 0x0f) * 4);
    if version != 4 {
        info.str("Bogus IPv4 version (").dec(version).str(", must be 4)");
    } else if layer.find(&BOGUS_HEADER_LENGTH).is_some() {
        info.str("Bogus IP header length (").dec(header_len).str(", must be at least 20)");
    } else if let Some(len) = layer.number(&LEN_BOGUS) {
        info.str("Bogus IP length (").dec(len).str(", less than header length ").dec(header_len).str(")");
    } else if let (&[_, _, l0, l1, i0, i1, f0, f1, _, protocol, ..], None) = (header, layer.mark().stopped) {
        let protocol = u64::from(protocol);
        let total_len = layer.number(&LEN_OFFLOADED).unwrap_or_else(|| u16::from_be_bytes([l0, l1]).into());
        let carries = total_len > header_len && header_len < layer.wire_len() as u64;
        let whole = total_len <= layer.bytes().len() as u64;
        let is_joined = layer.find(&FRAGMENTS).is_some();
        let unclaimed = layer.above().map_or(carries, |above| above.protocol().name() == "data");
        let fragment = u16::from_be_bytes([f0, f1]);
        let offset = u64::from(fragment & OFFSET);
        let name = protocol_name(protocol).unwrap_or("Unknown");
        let waits = offset != 0 || (unclaimed && whole && fragment & MORE != 0);
        if waits && !is_joined {
            info.str("Fragmented IP protocol (proto=").str(name).str(" ").dec(protocol).str(", off=").dec(8 * offset);
            info.str(", ID=").hex_digits(u16::from_be_bytes([i0, i1]).into(), 4).str(")");
            if let Some(frame) = layer.number(&REASSEMBLED_IN) {
                info.str(" [Reassembled in #").dec(frame).byte(b']');
            }
        } else if unclaimed && layer.find(&FRAGMENT_ERROR).is_some() {
            info.str("[Illegal IPv4 fragments]");
        } else if unclaimed {
            info.str(name).str(" (").dec(protocol).str(")");
        }
    }
}

fn header_length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let bytes = entry.number();
    LOW_NIBBLE.write_bits(bytes / 4, text);
    text.str(entry.field.title).str(": ").dec(bytes);
    text.str(" bytes (").dec(bytes / 4).str(")");
}

fn services_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let services = entry.number();
    text.str(entry.field.title).str(": ").hex(services, 2).str(" (");
    text.str("DSCP: ").str(dscp::short(services >> 2)).str(", ECN: ").str(dscp::ecn_short(services & 3)).str(")");
}

fn type_of_service_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let service = entry.number();
    let wish = Names::Values(SERVICES).get(service & 0x1e).unwrap_or("Unknown");
    text.str(entry.field.title).str(": ").hex(service, 2).str(" (").str(wish).str(")");
}

fn bogus_length_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").dec(entry.number()).str(" bytes (bogus, less than header length ");
    text.dec(layer.number(&HDR_LEN).unwrap_or(0)).str(")");
}

fn offloaded_length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").dec(entry.number());
    text.str(" bytes (reported as 0, presumed to be because of \"TCP segmentation offload\" (TSO))");
}

fn flags_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let flags = entry.number();
    entry.field.write_bits(flags, text);
    text.str(entry.field.title).str(": ").hex(flags, 1);
    let highest = if layer.find(&FLAG_SECURITY).is_some() { &FLAG_SECURITY } else { &FLAG_RESERVED };
    for (mask, flag) in [(4, highest), (2, &FLAG_DF), (1, &FLAG_MF)] {
        if flags & mask != 0 {
            text.str(", ").str(flag.title);
        }
    }
}

fn fragment_offset_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let offset = entry.number();
    entry.field.write_bits(offset, text);
    // The three bits above are the flags, which lie in the first of the two bytes and are not shown here.
    text.str(entry.field.title).str(": ").dec(8 * offset);
}

fn ignored_checksum_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").hex(entry.number(), 4).str(" [validation disabled]");
}

fn verified_checksum_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").hex(entry.number(), 4);
    match (layer.number(&CHECKSUM_STATUS), layer.number(&CHECKSUM_CALCULATED)) {
        (Some(GOOD), _) => text.str(" [correct]"),
        (_, Some(calculated)) => {
            text.str(" incorrect, should be ").hex(calculated, 4);
            text.str("(may be caused by \"IP checksum offload\"?)")
        }
        _ => text.str(" [not all data available]"),
    };
}

fn bogus_header_length_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bogus IP header length (").dec(entry.number()).str(", must be at least 20)");
}

fn length_exceeds_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(" (").dec(entry.number()).str(" bytes)");
}

fn bad_checksum_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad checksum [should be ").hex(entry.number(), 4).str("]");
}

fn local_ttl_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("\"Time To Live\" != ").dec(entry.number());
    text.str(" for a packet sent to the Local Network Control Block (see RFC 3171)");
}

fn small_ttl_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("\"Time To Live\" only ").dec(entry.number());
}

fn protocol_name(protocol: u64) -> Option<&'static str> {
    names::ip_protocol(u8::try_from(protocol).ok()?)
}

/// The bits that the header length, shown in bytes, is cut from.
static LOW_NIBBLE: Field = make::uint8("", "").bits(0x0f);

/// Bytes of a header without options.
const MIN_HEADER_LEN: usize = 20;
const CHECKSUM_OFFSET: usize = 10;

/// The first three bytes of the addresses that no router forwards: 224.0.0.0/24 (RFC 5771, section 4).
const LOCAL_NETWORK_CONTROL_BLOCK: u32 = 0x00e0_0000;
/// The first four bits of a multicast address.
const MULTICAST: u32 = 0xe;
const VRRP_ROUTERS: u8 = 18;
const HSRP_ROUTERS: u8 = 102;
const MDNS: u8 = 251;
const LLMNR: u8 = 252;
const IGMP: u8 = 2;
const OSPF: u8 = 89;
const PIM: u8 = 103;

const BAD: u64 = 0;
const GOOD: u64 = 1;
const UNVERIFIED: u64 = 2;

const PROTECTED: &str = "Datagram protected in accordance with its rules";
const NOT_PROTECTED: &str = "Datagram not protected in accordance with its rules";

static ROUTER_ALERTS: &[(u64, u64, &str)] = &[(0, 0, "Router shall examine packet"), (1, 0xffff, "Reserved")];

names! {
    CHECKSUM_STATUSES = { 0 => "Bad", 1 => "Good", 2 => "Unverified", 3 => "Not present", 4 => "Illegal" }
    SERVICES = {
        0x00 => "None", 0x02 => "Minimize cost", 0x04 => "Maximize reliability", 0x08 => "Maximize throughput",
        0x10 => "Minimize delay", 0x1e => "Maximize security",
    }
    PRECEDENCES = {
        0 => "routine", 1 => "priority", 2 => "immediate", 3 => "flash", 4 => "flash override", 5 => "CRITIC/ECP",
        6 => "internetwork control", 7 => "network control",
    }
    OPTION_CLASSES = {
        0 => "Control", 1 => "Reserved for future use", 2 => "Debugging and measurement",
        3 => "Reserved for future use",
    }
    OPTION_NUMBERS = {
        0 => "End of Option List (EOL)", 1 => "No-Operation (NOP)", 2 => "Security", 3 => "Loose source route",
        4 => "Time stamp", 5 => "Extended security", 6 => "Commercial IP security option", 7 => "Record route",
        8 => "Stream identifier", 9 => "Strict source route", 10 => "Experimental Measurement", 11 => "MTU probe",
        12 => "MTU Reply", 13 => "Experimental Flow Control", 14 => "Experimental Access Control", 15 => "Ask Estrin",
        16 => "IMI Traffic Descriptor", 17 => "Extended Internet Protocol", 18 => "Traceroute",
        19 => "Address Extension", 20 => "Router Alert", 21 => "Selective Directed Broadcast", 22 => "Unassigned",
        23 => "Dynamic Packet State", 24 => "Upstream Multicast Packet", 25 => "Quick-Start",
        30 => "RFC 3692-style experiment",
    }
    QUICK_START_FUNCTIONS = { 0 => "Rate request", 8 => "Rate report" }
    QUICK_START_RATES = {
        0 => "0 bit/s", 1 => "80 Kbit/s", 2 => "160 Kbit/s", 3 => "320 Kbit/s", 4 => "640 Kbit/s",
        5 => "1.28 Mbit/s", 6 => "2.56 Mbit/s", 7 => "5.12 Mbit/s", 8 => "10.24 Mbit/s", 9 => "20.48 Mbit/s",
        10 => "40.96 Mbit/s", 11 => "81.92 Mbit/s", 12 => "163.84 Mbit/s", 13 => "327.68 Mbit/s",
        14 => "655.36 Mbit/s", 15 => "1.31072 Gbit/s",
    }
    SECURITY_LEVELS = {
        0x01 => "Reserved 4", 0x3d => "Top secret", 0x5a => "Secret", 0x96 => "Confidential", 0x66 => "Reserved 3",
        0xcc => "Reserved 2", 0xab => "Unclassified", 0xf1 => "Reserved 1",
    }
    TIMESTAMP_FLAGS = {
        0 => "Time stamps only", 1 => "Time stamp and address", 3 => "Time stamps for prespecified addresses",
    }
    CIPSO_TAGS = {
        0 => "Padding", 1 => "Restrictive Category Bitmap", 2 => "Enumerated Categories", 5 => "Ranged Categories",
        6 => "Permissive Categories", 7 => "Free Form",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::Sample;

    /// A header from 10.1.2.3 to 10.9.8.7 with its checksum, and what it carries.
    pub(super) fn datagram(options: &[u8], payload: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
        let header_len = 20 + options.len();
        let mut header = vec![0x45, 0, 0, 0, 0, 1, 0, 0, 64, 253, 0, 0, 10, 1, 2, 3, 10, 9, 8, 7];
        header.extend(options);
        header[0] = 0x40 | (header_len / 4) as u8;
        header[2..4].copy_from_slice(&((header_len + payload.len()) as u16).to_be_bytes());
        change(&mut header);
        let sum = Sum16BitWords::new().add_slice(&header).ones_complement().to_be();
        header[10..12].copy_from_slice(&sum.to_be_bytes());
        header.extend(payload);
        header
    }

    pub(super) fn sample(bytes: &[u8]) -> Sample {
        Sample::ethernet(0x0800, bytes)
    }

    #[test]
    fn a_header() {
        let shown = sample(&datagram(&[], b"hello", |_| {})).dissect();
        shown.shows(&[
            "Internet Protocol Version 4, Src: 10.1.2.3, Dst: 10.9.8.7",
            "0100 .... = Version: 4",
            ".... 0101 = Header Length: 20 bytes (5)",
            "Differentiated Services Field: 0x00 (DSCP: CS0, ECN: Not-ECT)",
            "0000 00.. = Differentiated Services Codepoint: Default (0)",
            ".... ..00 = Explicit Congestion Notification: Not ECN-Capable Transport (0)",
            "Total Length: 25",
            "Identification: 0x0001 (1)",
            "000. .... = Flags: 0x0",
            "0... .... = Reserved bit: Not set",
            "...0 0000 0000 0000 = Fragment Offset: 0",
            "Time to Live: 64",
            "Protocol: Unknown (253)",
            "Header Checksum: 0x5bd4 [validation disabled]",
            "[Header checksum status: Unverified]",
            "Source Address: 10.1.2.3",
            "Destination Address: 10.9.8.7",
            "Data (5 bytes)",
        ]);
        assert_eq!(shown.info, "Unknown (253)");
        assert_eq!(shown.stack, "eth:ethertype:ip:data");
    }

    #[test]
    fn checksums_are_verified_for_who_wants_it() {
        let bytes = datagram(&[], b"hello", |_| {});
        sample(&bytes).prefer(&CHECK_CHECKSUM, true).dissect().shows(&[
            "Header Checksum: 0x5bd4 [correct]",
            "[Header checksum status: Good]",
            "[Calculated Checksum: 0x5bd4]",
        ]);
        let mut bad = bytes.clone();
        bad[10..12].copy_from_slice(&[0x12, 0x34]);
        sample(&bad).prefer(&CHECK_CHECKSUM, true).dissect().shows(&[
            "Header Checksum: 0x1234 incorrect, should be 0x5bd4(may be caused by \"IP checksum offload\"?)",
            "[Expert Info (Error/Checksum): Bad checksum [should be 0x5bd4]]",
            "[Header checksum status: Bad]",
        ]);
        sample(&datagram(&[1; 8], b"", |_| {}))
            .prefer(&CHECK_CHECKSUM, true)
            .cut(14 + 21)
            .dissect()
            .shows(&["Header Checksum: 0x55cd [not all data available]", "[Header checksum status: Unverified]"]);
    }

    #[test]
    fn services_and_flags() {
        let bytes = datagram(&[], b"hello", |header| header[1] = 0xb9);
        sample(&bytes).dissect().shows(&[
            "Differentiated Services Field: 0xb9 (DSCP: EF PHB, ECN: ECT(1))",
            "1011 10.. = Differentiated Services Codepoint: Expedited Forwarding (46)",
        ]);
        sample(&bytes).prefer(&DECODE_AS_DIFFSERV, false).dissect().shows(&[
            "Type of Service: 0xb9 (Unknown)",
            "101. .... = Precedence: CRITIC/ECP (5)",
            "...1 .... = Delay: Low",
        ]);
        let evil = datagram(&[], b"hello", |header| header[6] = 0xc0);
        sample(&evil).dissect().shows(&["110. .... = Flags: 0x6, Reserved bit, Don't fragment"]);
        sample(&evil).prefer(&SECURITY_FLAG, true).dissect().shows(&[
            "110. .... = Flags: 0x6, Security flag, Don't fragment",
            "1... .... = Security flag: Evil",
            "[Expert Info (Warning/Protocol): Packet has evil intent]",
        ]);
    }

    #[test]
    fn fragments_are_named() {
        let first = datagram(&[], &[0; 64], |header| header[6..8].copy_from_slice(&[0x20, 0]));
        assert_eq!(sample(&first).dissect().info, "Fragmented IP protocol (proto=Unknown 253, off=0, ID=0001)");
        let later = datagram(&[], &[0; 64], |header| header[6..10].copy_from_slice(&[0x20, 8, 64, 17]));
        let shown = sample(&later).dissect();
        shown.shows(&["...0 0000 0000 1000 = Fragment Offset: 64", "Data (64 bytes)"]);
        assert_eq!(shown.info, "Fragmented IP protocol (proto=UDP 17, off=64, ID=0001)");
    }

    #[test]
    fn lengths_that_lie() {
        let cases: [(usize, u8, &str, &str); 4] = [
            (
                0,
                0x44,
                "[Expert Info (Error/Protocol): Bogus IP header length (16, must be at least 20)]",
                "Bogus IP header length (16, must be at least 20)",
            ),
            (
                3,
                10,
                "Total Length: 10 bytes (bogus, less than header length 20)",
                "Bogus IP length (10, less than header length 20)",
            ),
            (
                3,
                0,
                "[Total Length: 25 bytes (reported as 0, presumed to be because of \"TCP segmentation offload\" (TSO))]",
                "Unknown (253)",
            ),
            (
                3,
                200,
                "[Expert Info (Error/Protocol): IPv4 total length exceeds packet length (25 bytes)]",
                "Unknown (253)",
            ),
        ];
        for (at, value, line, info) in cases {
            let mut bytes = datagram(&[], b"hello", |_| {});
            bytes[at] = value;
            let shown = sample(&bytes).dissect();
            shown.shows(&[line]);
            assert_eq!(shown.info, info);
        }
    }

    #[test]
    fn versions_that_are_not_4() {
        let other = datagram(&[], b"hello", |header| header[0] = 0x55);
        let shown = sample(&other).dissect();
        shown.shows(&["Internet Protocol Version 4", "0101 .... = Version: 5"]).lacks("Header Length");
        assert_eq!(
            (shown.info.as_str(), shown.stack.as_str()),
            ("Bogus IPv4 version (5, must be 4)", "eth:ethertype:ip")
        );
        let inner = datagram(&[], b"hello", |header| header[0] = 0x05);
        let shown = sample(&datagram(&[], &inner, |header| header[9] = 4)).dissect();
        shown.shows(&["Internet Protocol, bogus version (0)", "[Expert Info (Error/Protocol): Bogus IP version]"]);
        let six = [&[0x60, 0, 0, 0, 0, 0, 59, 64][..], &[1; 32]].concat();
        let shown = sample(&datagram(&[], &six, |header| header[9] = 4)).dissect();
        assert_eq!(shown.stack, "eth:ethertype:ip:ip:ipv6");
        shown.lacks("Bogus");
    }

    #[test]
    fn ip_in_ip() {
        let inner = datagram(&[], b"hello", |_| {});
        let shown = sample(&datagram(&[], &inner, |header| header[9] = 4)).dissect();
        assert_eq!((shown.stack.as_str(), shown.info.as_str()), ("eth:ethertype:ip:ip:data", "Unknown (253)"));
    }

    #[test]
    fn times_to_live() {
        let local = "\"Time To Live\" != ";
        for (protocol, destination, ttl, message) in [
            (253, [10, 9, 8, 7], 4, "\"Time To Live\" only 4"),
            (253, [10, 9, 8, 7], 5, ""),
            (89, [10, 9, 8, 7], 1, ""),
            (253, [239, 1, 1, 1], 1, ""),
            (253, [224, 0, 0, 5], 1, ""),
            (253, [224, 0, 0, 5], 2, local),
            (253, [224, 0, 0, 251], 255, ""),
            (253, [224, 0, 0, 251], 1, local),
            (2, [224, 0, 0, 251], 1, ""),
            (253, [224, 0, 0, 252], 3, ""),
        ] {
            let bytes = datagram(&[], b"hello", |header| {
                header[8..10].copy_from_slice(&[ttl, protocol]);
                header[16..20].copy_from_slice(&destination);
            });
            let shown = sample(&bytes).dissect();
            if message.is_empty() {
                shown.lacks("Time To Live");
            } else {
                assert!(shown.tree.contains(message), "{destination:?} {ttl}");
            }
        }
    }

    #[test]
    fn every_cut_is_shown_as_far_as_it_goes() {
        let bytes = datagram(&[0x94, 4, 0, 0], b"hello", |_| {});
        for len in 0..bytes.len() {
            let short = sample(&bytes).cut(14 + len).dissect();
            assert_eq!(short.tree.contains("[Packet size limited during capture: IPv4 truncated]"), len < 24, "{len}");
            let cut = sample(&bytes[..len]).dissect();
            assert_eq!(cut.tree.contains("[Malformed Packet: IPv4]"), len < 24, "{len}");
            assert_eq!(cut.tree.contains("Internet Protocol Version 4"), len > 0, "{len}");
        }
    }
}
