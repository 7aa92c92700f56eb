//! IPv6: the Internet Protocol, version 6.
//!
//! RFC 8200; jumbograms are those of RFC 2675, the addresses that carry others those of RFC 3056 (6to4), RFC 4380 (Teredo),
//! RFC 4291 (EUI-64), RFC 5214 (ISATAP) and RFC 6052 (translators). The extension headers are in files beside this one.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |Version| Traffic Class |             Flow Label                |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Payload Length        |  Next Header  |   Hop Limit   |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                                                               |
//! +                        Source Address                         +
//! |                           (16 bytes)                          |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                                                               |
//! +                      Destination Address                      +
//! |                           (16 bytes)                          |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

pub mod fragment;
pub mod options;
pub mod routing;
#[cfg(test)]
pub(super) mod testing;

use super::dscp;
use crate::dissect::{
    Address, Derive, Entry, Field, Group, Layer, LayerView, Names, Next, Outcome, Plain, Protocol, Severity, Summary,
    Table, Value, fields,
};
use crate::names;
use crate::text::Text;

fields! {
    VERSION = uint8("ipv6.version", "Version").bits(0xf0).either(&[&IP_VERSION]);
    IP_VERSION = uint8("ip.version", "Version").bits(0xf0).hidden();
    TCLASS = uint32("ipv6.tclass", "Traffic Class").hex().bits(0x0ff0_0000).label(traffic_class_line);
    DSCP = uint32("ipv6.tclass.dscp", "Differentiated Services Codepoint").bits(0x0fc0_0000).named(dscp::NAMES);
    ECN = uint32("ipv6.tclass.ecn", "Explicit Congestion Notification").bits(0x0030_0000).named(dscp::ECN_NAMES);
    FLOW = uint24("ipv6.flow", "Flow Label").hex().bits(0x0f_ffff);
    PLEN = uint16("ipv6.plen", "Payload Length").label(payload_length_line);
    NXT = uint8("ipv6.nxt", "Next Header").named(NEXT_HEADERS).in_columns();
    HLIM = uint8("ipv6.hlim", "Hop Limit");
    SRC = ipv6("ipv6.src", "Source Address").either(&[&ADDR, &SRC_HOST, &HOST]).in_columns();
    SRC_HOST = text("ipv6.src_host", "Source Host").derive(Derive::AddressText).hidden();
    SRC_SLAAC_MAC = ether("ipv6.src_slaac_mac", "Source SLAAC MAC").generated();
    SRC_ISATAP_IPV4 = ipv4("ipv6.src_isatap_ipv4", "Source ISATAP IPv4").generated();
    SRC_6TO4_GW_IPV4 = ipv4("ipv6.src_6to4_gw_ipv4", "Source 6to4 Gateway IPv4").generated();
    SRC_6TO4_SLA_ID = uint16("ipv6.src_6to4_sla_id", "Source 6to4 SLA ID").generated();
    SRC_TS_IPV4 = ipv4("ipv6.src_ts_ipv4", "Source Teredo Server IPv4").generated();
    SRC_TC_PORT = uint16("ipv6.src_tc_port", "Source Teredo Port").generated();
    SRC_TC_IPV4 = ipv4("ipv6.src_tc_ipv4", "Source Teredo Client IPv4").generated();
    SRC_EMBED_IPV4 = ipv4("ipv6.src_embed_ipv4", "Source Embedded IPv4").generated();
    DST = ipv6("ipv6.dst", "Destination Address").either(&[&ADDR, &DST_HOST, &HOST]).in_columns();
    DST_HOST = text("ipv6.dst_host", "Destination Host").derive(Derive::AddressText).hidden();
    DST_SLAAC_MAC = ether("ipv6.dst_slaac_mac", "Destination SLAAC MAC").generated();
    DST_ISATAP_IPV4 = ipv4("ipv6.dst_isatap_ipv4", "Destination ISATAP IPv4").generated();
    DST_6TO4_GW_IPV4 = ipv4("ipv6.dst_6to4_gw_ipv4", "Destination 6to4 Gateway IPv4").generated();
    DST_6TO4_SLA_ID = uint16("ipv6.dst_6to4_sla_id", "Destination 6to4 SLA ID").generated();
    DST_TS_IPV4 = ipv4("ipv6.dst_ts_ipv4", "Destination Teredo Server IPv4").generated();
    DST_TC_PORT = uint16("ipv6.dst_tc_port", "Destination Teredo Port").generated();
    DST_TC_IPV4 = ipv4("ipv6.dst_tc_ipv4", "Destination Teredo Client IPv4").generated();
    DST_EMBED_IPV4 = ipv4("ipv6.dst_embed_ipv4", "Destination Embedded IPv4").generated();
    ADDR = ipv6("ipv6.addr", "Source or Destination Address").hidden();
    HOST = text("ipv6.host", "Source or Destination Host").derive(Derive::AddressText).hidden();
    SLAAC_MAC = ether("ipv6.slaac_mac", "SLAAC MAC").generated().hidden();
    ISATAP_IPV4 = ipv4("ipv6.isatap_ipv4", "ISATAP IPv4").generated().hidden();
    GW_6TO4_IPV4 = ipv4("ipv6.6to4_gw_ipv4", "6to4 Gateway IPv4").generated().hidden();
    SLA_6TO4_ID = uint16("ipv6.6to4_sla_id", "6to4 SLA ID").generated().hidden();
    TS_IPV4 = ipv4("ipv6.ts_ipv4", "Teredo Server IPv4").generated().hidden();
    TC_PORT = uint16("ipv6.tc_port", "Teredo Port").generated().hidden();
    TC_IPV4 = ipv4("ipv6.tc_ipv4", "Teredo Client IPv4").generated().hidden();
    EMBED_IPV4_PREFIX = bytes("ipv6.embed_ipv4_prefix", "Embedded IPv4 Prefix").generated();
    EMBED_IPV4 = ipv4("ipv6.embed_ipv4", "Embedded IPv4").generated();
    EMBED_IPV4_U = bytes("ipv6.embed_ipv4_u", "Embedded IPv4 u field").generated();
    EMBED_IPV4_SUFFIX = bytes("ipv6.embed_ipv4_suffix", "Embedded IPv4 Suffix").generated();
    PLEN_EXCEEDS_FRAMING = expert("ipv6.plen_exceeds_framing",
        "IPv6 payload length does not match expected framing length", Severity::Warning, Group::Protocol)
        .label(exceeds_framing_line);
    PLEN_ZERO = expert("ipv6.plen_zero",
        "IPv6 payload length equals 0 (maybe because of \"TCP segmentation offload\" (TSO))", Severity::Chat,
        Group::Protocol);
    BOGUS_VERSION = expert("ipv6.bogus_ipv6_version", "Bogus IPv6 version", Severity::Error, Group::Malformed).in_columns();
    INVALID_HEADER = expert("ipv6.invalid_header", "IPv6 header must be exactly 40 bytes", Severity::Error,
        Group::Malformed).in_columns();
    EMBED_IPV4_U_NONZERO = expert("ipv6.embed_ipv4.u.nonzero",
        "IPv4-Embedded IPv6 address bit 64 to 71 must be zero", Severity::Warning, Group::Protocol);
    JUMBO_MISSING = expert("ipv6.opt.jumbo.missing",
        "IPv6 payload length equals 0 and Hop-By-Hop present and Jumbo Payload option missing", Severity::Error,
        Group::Malformed).in_columns();
}

/// The words for the protocol that follows.
pub(super) const NEXT_HEADERS: Names = Names::Lookup(next_header);

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[
        (Table::EtherType, 0x86dd),
        (Table::IpProto, 41),
        (Table::LinkType, 229),
        (Table::PppProtocol, 0x0057),
        (Table::NullFamily, 24),
        (Table::NullFamily, 28),
        (Table::NullFamily, 30),
    ],
    brief: true,
    dissect,
    plain: Some(plain),
    addresses: Some((&SRC, &DST)),
    summary: Some(summary),
    extensible: true,
    family: crate::dissect::Family::Network,
    ..Protocol::new("ipv6", "IPv6", "Internet Protocol Version 6").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let first = l.peek_u8()?;
    if l.part(&VERSION, first, 1) != 6 {
        l.expert(&BOGUS_VERSION);
        return Ok(Next::Data);
    }
    if l.wire_len() < HEADER_LEN {
        l.expert_on_layer(&INVALID_HEADER, 0u64);
    }
    let words = l.peek_u32()?;
    l.part(&TCLASS, words, 4);
    l.parts(&[&DSCP, &ECN], words);
    l.skip(1)?;
    l.part(&FLOW, words, 3);
    l.skip(3)?;
    let len = usize::from(l.peek_u16()?);
    let next = l.peek(3).map_or(NO_NEXT_HEADER, |bytes| bytes[2]);
    // RFC 2675: a length of zero with a hop-by-hop header asks for the length in its jumbo payload option.
    let jumbo = if len == 0 && next == HOP_BY_HOP { jumbo_len(l.remaining()) } else { None };
    l.part(&PLEN, len as u64, 2);
    let framed = l.wire_len().checked_sub(HEADER_LEN);
    let payload = jumbo.unwrap_or(len);
    // Of a header that was cut the rest is not asked.
    let is_whole = l.peek(HEADER_LEN - 4).is_ok();
    if let Some(framed) = framed.filter(|framed| payload > *framed && !l.is_quoted() && is_whole) {
        l.expert_with(&PLEN_EXCEEDS_FRAMING, framed as u64);
    } else if len == 0 && jumbo.is_none() {
        match next {
            HOP_BY_HOP if is_whole => l.expert(&JUMBO_MISSING),
            NO_NEXT_HEADER if is_whole => {}
            _ => l.expert(&PLEN_ZERO),
        }
    }
    l.skip(2)?;
    l.u8(&NXT)?;
    l.u8(&HLIM)?;
    let source = l.ipv6(&SRC)?;
    let destination = l.ipv6(&DST)?;
    l.set_addresses(source, destination);
    l.set_fragment(false);
    carried_addresses(l, source, destination);
    l.limit(HEADER_LEN.saturating_add(payload));
    if l.is_quoted() && l.wire_remaining() == 0 {
        return Ok(Next::End);
    }
    Ok(next_layer(next))
}

/// Reads a header whose payload is all there.
fn plain(header: &mut Plain) -> Option<Next> {
    let fixed = header.bytes().first_chunk::<HEADER_LEN>()?;
    let &[version, _, _, _, l0, l1, next, _, ..] = fixed;
    let payload = usize::from(u16::from_be_bytes([l0, l1]));
    if version >> 4 != 6 || payload == 0 || HEADER_LEN + payload > header.bytes().len() {
        return None;
    }
    let address = |at: usize| fixed.get(at..at + 16).and_then(|bytes| bytes.try_into().ok());
    let (source, destination) = (address(8)?, address(24)?);
    header.measures(HEADER_LEN, HEADER_LEN + payload);
    header.column(&NXT, next.into(), 6, 1);
    header.column(&SRC, 0, 8, 16);
    header.column(&DST, 0, 24, 16);
    header.set_addresses(Address::V6(source), Address::V6(destination));
    Some(next_layer(next))
}

/// What the number of a next header leads to.
pub(super) fn next_layer(number: u8) -> Next {
    if number == NO_NEXT_HEADER { Next::Data } else { Next::By(Table::IpProto, number.into()) }
}

/// Finds the length that a jumbo payload option says, in the bytes from the payload length on.
fn jumbo_len(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(HEADER_LEN - 4..)?;
    let len = 8 * (usize::from(*header.get(1)?) + 1);
    let mut options = header.get(2..len.min(header.len()))?;
    while let [kind, rest @ ..] = options {
        if *kind == options::PAD1 {
            options = rest;
            continue;
        }
        let (&len, rest) = rest.split_first()?;
        let (body, rest) = rest.split_at_checked(len.into())?;
        if *kind == options::JUMBO {
            let jumbo = u32::from_be_bytes(*body.first_chunk()?);
            return (jumbo > 0).then_some(jumbo as usize);
        }
        options = rest;
    }
    None
}

/// The rows for what one address carries, and those that stand for either address.
struct Carried {
    at: usize,
    gateway: &'static Field,
    sla_id: &'static Field,
    server: &'static Field,
    port: &'static Field,
    client: &'static Field,
    mac: &'static Field,
    isatap: &'static Field,
    embedded: &'static Field,
}

static SOURCE: Carried = Carried {
    at: 8,
    gateway: &SRC_6TO4_GW_IPV4,
    sla_id: &SRC_6TO4_SLA_ID,
    server: &SRC_TS_IPV4,
    port: &SRC_TC_PORT,
    client: &SRC_TC_IPV4,
    mac: &SRC_SLAAC_MAC,
    isatap: &SRC_ISATAP_IPV4,
    embedded: &SRC_EMBED_IPV4,
};
static DESTINATION: Carried = Carried {
    at: 24,
    gateway: &DST_6TO4_GW_IPV4,
    sla_id: &DST_6TO4_SLA_ID,
    server: &DST_TS_IPV4,
    port: &DST_TC_PORT,
    client: &DST_TC_IPV4,
    mac: &DST_SLAAC_MAC,
    isatap: &DST_ISATAP_IPV4,
    embedded: &DST_EMBED_IPV4,
};

/// Records the addresses that the two addresses are made of: by prefix, by interface identifier, by translator prefix.
fn carried_addresses(l: &mut Layer, source: Address, destination: Address) {
    let (Address::V6(source), Address::V6(destination)) = (source, destination) else { return };
    if !l.is_detailed() {
        return;
    }
    let both = [(&SOURCE, &source), (&DESTINATION, &destination)];
    for (rows, address) in both {
        prefix_addresses(l, rows, address);
    }
    for (rows, address) in both {
        interface_addresses(l, rows, address);
    }
    for (rows, address) in both {
        embedded_address(l, rows, address);
    }
}

fn prefix_addresses(l: &mut Layer, rows: &Carried, address: &[u8; 16]) {
    match *address {
        // 6to4, RFC 3056, section 2.
        [0x20, 0x02, a, b, c, d, e, f, ..] => {
            let (gateway, sla_id) = (u32::from_be_bytes([a, b, c, d]), u16::from_be_bytes([e, f]));
            for (gateway_row, sla_row) in [(rows.gateway, rows.sla_id), (&GW_6TO4_IPV4, &SLA_6TO4_ID)] {
                l.generated_at(gateway_row, gateway, rows.at + 2, 4);
                l.generated_at(sla_row, sla_id, rows.at + 6, 2);
            }
        }
        // Teredo, RFC 4380, section 4: the port and the address of the client are obscured.
        [0x20, 0x01, 0, 0, a, b, c, d, _, _, e, f, g, h, i, j] => {
            let server = u32::from_be_bytes([a, b, c, d]);
            let port = !u16::from_be_bytes([e, f]);
            let client = !u32::from_be_bytes([g, h, i, j]);
            let either = (&TS_IPV4, &TC_PORT, &TC_IPV4);
            for (server_row, port_row, client_row) in [(rows.server, rows.port, rows.client), either] {
                l.generated_at(server_row, server, rows.at + 4, 4);
                l.generated_at(port_row, port, rows.at + 10, 2);
                l.generated_at(client_row, client, rows.at + 12, 4);
            }
        }
        _ => {}
    }
}

fn interface_addresses(l: &mut Layer, rows: &Carried, address: &[u8; 16]) {
    match address[8..] {
        // A MAC address as a modified EUI-64, with the universal bit set: RFC 4291, appendix A.
        [a, b, c, 0xff, 0xfe, d, e, f] if a & 0x02 != 0 => {
            let mac = u64::from_be_bytes([0, 0, a ^ 0x02, b, c, d, e, f]);
            l.generated_at(rows.mac, mac, rows.at + 8, 8);
            l.generated_at(&SLAAC_MAC, mac, rows.at + 8, 8);
        }
        // ISATAP, RFC 5214, section 6.1; the universal and the group bit do not matter.
        [a, 0, 0x5e, 0xfe, b, c, d, e] if a & !0x03 == 0 => {
            let inner = u32::from_be_bytes([b, c, d, e]);
            l.generated_at(rows.isatap, inner, rows.at + 12, 4);
            l.generated_at(&ISATAP_IPV4, inner, rows.at + 12, 4);
        }
        _ => {}
    }
}

fn embedded_address(l: &mut Layer, rows: &Carried, address: &[u8; 16]) {
    // The well-known prefix of RFC 6052, section 2.1.
    if let [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] = *address {
        l.generated_at(&EMBED_IPV4_PREFIX, 0u64, rows.at, 12);
        l.generated_at(rows.embedded, u32::from_be_bytes([a, b, c, d]), rows.at + 12, 4);
        l.generated_at(&EMBED_IPV4, u32::from_be_bytes([a, b, c, d]), rows.at + 12, 4);
    }
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if layer.find(&DST).is_some() {
        text.str(", Src: ");
        layer.write_address(&SRC, text);
        text.str(", Dst: ");
        layer.write_address(&DST, text);
    }
}

fn traffic_class_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let class = entry.number();
    entry.field.write_bits(class, text);
    text.str(entry.field.title).str(": ").hex(class, 2);
    text.str(" (DSCP: ").str(dscp::short(class >> 2)).str(", ECN: ").str(dscp::ecn_short(class & 3)).str(")");
}

fn payload_length_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").dec(entry.number());
    let next = layer.number(&NXT).unwrap_or_default();
    let from_length = layer.view.source(entry.source).get(entry.start as usize..).unwrap_or_default();
    if entry.number() == 0 && next == u64::from(HOP_BY_HOP) && jumbo_len(from_length).is_some() {
        text.str(" (Jumbogram)");
    }
}

fn exceeds_framing_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("IPv6 payload length exceeds framing length (").dec(entry.number()).str(" bytes)");
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let Some(entry) = layer.entries().first() else { return };
    if layer.find(&INVALID_HEADER).is_some() {
        summary.info.str("Invalid IPv6 header (").dec(layer.wire_len() as u64).str(" bytes, need exactly 40)");
        return;
    }
    if layer.find(&BOGUS_VERSION).is_some() {
        summary.info.str(entry.field.title);
        return;
    }
    if layer.find(&JUMBO_MISSING).is_some() {
        summary.info.str("Invalid IPv6 payload length , ");
    }
    if let (Some(next), None) = (layer.number(&NXT), layer.mark().stopped) {
        describe_next(layer, next, summary);
    }
}

/// Writes what is known of the protocol that follows `layer`, where it does not speak for itself.
pub(super) fn describe_next(layer: &LayerView, number: u64, summary: &mut Summary) {
    let following = layer.view.packet.layers().get(layer.index + 1).map(|mark| mark.protocol);
    let is_known = following.is_some_and(|protocol| protocol.name() != "data");
    match (number as u8, is_known) {
        (NO_NEXT_HEADER, _) => _ = summary.info.str("IPv6 no next header"),
        (_, true) => {
            let words = following.map_or("", options::summary_words);
            summary.info.str(words);
        }
        _ => {
            let name = next_header(number).unwrap_or("Unknown");
            summary.info.str("Unknown IP Protocol: ").str(name).str(" (").dec(number).str(")");
        }
    }
}

/// The hop limit of the IPv6 header that `layer` stands in, where that is the network layer below it.
pub(super) fn hop_limit(layer: &LayerView) -> Option<u8> {
    let marks = layer.view.packet.layers().get(..layer.index)?;
    let network = marks.iter().rfind(|mark| !mark.protocol.within && mark.protocol.name() != "ah")?;
    if network.protocol.name() != PROTOCOL.name() {
        return None;
    }
    layer.view.source(network.source).get(network.start as usize + 7).copied()
}

/// Writes the value of an IPv6 address that stands at the front of `bytes`.
pub(super) fn write_address(bytes: &[u8], text: &mut Text) {
    if let Some(address) = bytes.first_chunk() {
        Value::Ipv6(*address).write_address(text);
    }
}

fn next_header(number: u64) -> Option<&'static str> {
    u8::try_from(number).ok().and_then(names::ip_protocol)
}

pub(super) const HEADER_LEN: usize = 40;
pub(super) const HOP_BY_HOP: u8 = 0;
const NO_NEXT_HEADER: u8 = 59;

#[cfg(test)]
mod tests {
    use super::testing::{fields, ipv6};

    fn has(read: &[String], line: &str) -> bool {
        read.iter().any(|other| other == line)
    }

    #[test]
    fn the_header() {
        let mut packet = ipv6(59, &[]);
        packet[0..4].copy_from_slice(&[0x6b, 0x9a, 0xbc, 0xde]);
        let read = fields(&packet);
        for line in [
            "ipv6.version: 6",
            "ipv6.tclass: 185",
            "ipv6.tclass.dscp: 46",
            "ipv6.tclass.ecn: 1",
            "ipv6.flow: 703710",
            "ipv6.plen: 0",
            "ipv6.nxt: 59",
            "ipv6.hlim: 64",
            "ipv6.src: fe80::1",
            "ipv6.dst: ff02::1",
        ] {
            assert!(has(&read, line), "{line} in {read:?}");
        }
    }

    #[test]
    fn addresses_that_carry_others() {
        let mut packet = ipv6(59, &[]);
        packet[8..24].copy_from_slice(&[0x20, 2, 192, 0, 2, 1, 0, 5, 2, 0x11, 0x22, 0xff, 0xfe, 0x33, 0x44, 0x55]);
        packet[24..40].copy_from_slice(&[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33]);
        let read = fields(&packet);
        for line in [
            "ipv6.src_6to4_gw_ipv4: 192.0.2.1",
            "ipv6.6to4_sla_id: 5",
            "ipv6.src_slaac_mac: 00:11:22:33:44:55",
            "ipv6.dst_embed_ipv4: 192.0.2.33",
        ] {
            assert!(has(&read, line), "{line} in {read:?}");
        }
    }

    #[test]
    fn a_length_past_the_frame_is_told() {
        let mut packet = ipv6(59, &[1, 2, 3]);
        packet[5] = 200;
        assert!(has(&fields(&packet), "ipv6.plen_exceeds_framing"));
    }

    #[test]
    fn another_version_is_bytes() {
        let mut packet = ipv6(59, &[1, 2, 3]);
        packet[0] = 0x50;
        let read = fields(&packet);
        assert!(has(&read, "ipv6.bogus_ipv6_version"));
        assert!(!read.iter().any(|line| line.starts_with("ipv6.plen")));
    }

    #[test]
    fn a_jumbogram_says_its_length_in_an_option() {
        let mut packet = ipv6(0, &[59, 0, 0xc2, 4, 0, 1, 0, 0]);
        packet[4..6].copy_from_slice(&[0, 0]);
        let read = fields(&packet);
        assert!(has(&read, "ipv6.opt.jumbo: 65536"));
        assert!(has(&read, "ipv6.plen_exceeds_framing"));
        assert!(!has(&read, "ipv6.opt.jumbo.missing"));
        packet[42] = 1;
        assert!(has(&fields(&packet), "ipv6.opt.jumbo.missing"));
    }

    #[test]
    fn an_atomic_fragment_goes_on_and_others_are_bytes() {
        let udp = [0x03, 0xe8, 0x07, 0xd0, 0, 8, 0, 0];
        let mut payload = vec![17, 0, 0, 0, 0, 0, 0, 1];
        payload.extend_from_slice(&udp);
        assert!(has(&fields(&ipv6(44, &payload)), "udp.srcport: 1000"));
        payload[3] = 1;
        let read = fields(&ipv6(44, &payload));
        assert!(has(&read, "ipv6.fraghdr.more: true"));
        assert!(!has(&read, "udp.srcport: 1000"));
    }

    #[test]
    fn options_that_lie_about_their_length() {
        let read = fields(&ipv6(0, &[59, 0, 5, 3, 0, 2, 3, 0]));
        for line in ["ipv6.opt.invalid_len", "ipv6.opt.router_alert: 2", "ipv6.opt_unknown_data: 03"] {
            assert!(has(&read, line), "{line} in {read:?}");
        }
        let read = fields(&ipv6(0, &[59, 0, 5, 200, 0, 0, 0, 0]));
        assert!(read.iter().any(|line| line.starts_with("_ws.malformed")));
    }

    #[test]
    fn a_segment_routing_header_lists_addresses() {
        let mut header = vec![59, 2, 4, 0, 0, 0, 0, 7];
        header.extend_from_slice(&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        let read = fields(&ipv6(43, &header));
        for line in ["ipv6.routing.type: 4", "ipv6.routing.srh.tag: 0007", "ipv6.routing.srh.addr: 2001:db8::9"] {
            assert!(has(&read, line), "{line} in {read:?}");
        }
    }

    #[test]
    fn authentication_does_not_hide_what_follows() {
        let mut header = vec![59, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 9];
        header.extend_from_slice(&[0xaa; 12]);
        let read = fields(&ipv6(51, &header));
        for line in ["ah.length: 4", "ah.spi: 256", "ah.sequence: 9", "ah.icv: aaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert!(has(&read, line), "{line} in {read:?}");
        }
    }

    #[test]
    fn every_extension_header_of_any_bytes_is_survived() {
        for next in [0, 43, 44, 50, 51, 60] {
            for first in 0..=255u8 {
                for fill in [0, 1, 4, 0x31, 0xff] {
                    let mut payload = [fill; 64];
                    payload[0] = 59;
                    payload[1] = fill % 8;
                    payload[2] = first;
                    for len in [0, 1, 2, 3, 7, 8, 9, 30, 64] {
                        fields(&ipv6(next, &payload[..len]));
                    }
                }
            }
        }
    }
}
