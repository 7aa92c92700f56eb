//! The routing header of IPv6.
//!
//! RFC 8200, section 4.4; its types are those of RFC 5095 (type 0, deprecated), RFC 6275 (type 2), RFC 6554 (type 3, RPL),
//! RFC 8754 (type 4, segment routing) and RFC 9631 (types 5 and 6, compact routing headers).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  Next Header  |  Hdr Ext Len  |  Routing Type | Segments Left |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! .                      type-specific data                       .
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use super::{NEXT_HEADERS, describe_next, next_layer, options};
use crate::dissect::{
    Address, Entry, Group, Layer, LayerView, Outcome, Protocol, Severity, Stop, Summary, Table, fields, names,
};
use crate::text::Text;

fields! {
    NXT = uint8("ipv6.routing.nxt", "Next Header").named(NEXT_HEADERS);
    LEN = uint8("ipv6.routing.len", "Length");
    LEN_OCT = uint16("ipv6.routing.len_oct", "Length").unit(" bytes").generated();
    TYPE = uint8("ipv6.routing.type", "Type").values(TYPES);
    SEGLEFT = uint8("ipv6.routing.segleft", "Segments Left");
    UNKNOWN_DATA = bytes("ipv6.routing.unknown_data", "Type-Specific Data");
    SRC_RESERVED = bytes("ipv6.routing.src.reserved", "Reserved");
    SRC_ADDR = ipv6("ipv6.routing.src.addr", "Address").label(address_line);
    MIPV6_RESERVED = bytes("ipv6.routing.mipv6.reserved", "Reserved");
    MIPV6_HOME_ADDRESS = ipv6("ipv6.routing.mipv6.home_address", "Home Address").label(address_line);
    RPL_CMPRI = uint32("ipv6.routing.rpl.cmprI", "Compressed Internal Octets (CmprI)").bits(0xf000_0000);
    RPL_CMPRE = uint32("ipv6.routing.rpl.cmprE", "Compressed Final Octets (CmprE)").bits(0x0f00_0000);
    RPL_PAD = uint32("ipv6.routing.rpl.pad", "Padding Bytes").bits(0x00f0_0000);
    RPL_RESERVED = uint32("ipv6.routing.rpl.reserved", "Reserved").bits(0x000f_ffff);
    RPL_ADDR_COUNT = int32("ipv6.routing.rpl.addr_count", "Total Address Count").generated();
    RPL_ADDRESS = bytes("ipv6.routing.rpl.address", "Address");
    RPL_FULL_ADDRESS = ipv6("ipv6.routing.rpl.full_address", "Full Address").generated().label(address_line);
    SRH_LAST_ENTRY = uint8("ipv6.routing.srh.last_entry", "Last Entry");
    SRH_FLAGS = uint8("ipv6.routing.srh.flags", "Flags").hex();
    SRH_TAG = bytes("ipv6.routing.srh.tag", "Tag");
    SRH_ADDR = ipv6("ipv6.routing.srh.addr", "Address").label(address_line);
    CRH16_CURRENT_SID = uint16("ipv6.routing.crh16.current_sid", "Current SID").generated();
    CRH32_CURRENT_SID = uint32("ipv6.routing.crh32.current_sid", "Current SID").generated();
    CRH16_SID = uint16("ipv6.routing.crh16.sid", "Segment ID").label(segment_line);
    CRH32_SID = uint32("ipv6.routing.crh32.sid", "Segment ID").label(segment_line);
    RPL_CMPRI_CMPRE_PAD = expert("ipv6.routing.rpl.cmprI_cmprE_pad", "When cmprI equals 0 and cmprE equals 0, pad MUST equal 0 but instead was X", Severity::Warning, Group::Protocol).label(padding_line);
    RPL_ADDR_COUNT_GE0 = expert("ipv6.routing.rpl.addr_count_ge0", "Calculated total address count must be greater than or equal to 0, instead was X", Severity::Error, Group::Malformed).label(count_line);
    RPL_RESERVED_NOT0 = expert("ipv6.routing.rpl.reserved_not0", "Reserved field must equal 0 but instead was X", Severity::Note, Group::Protocol).label(reserved_line);
    INVALID_LENGTH = expert("ipv6.routing.invalid_length", "Invalid IPv6 Routing header length", Severity::Error, Group::Malformed).label(length_line);
    INVALID_SEGLEFT = expert("ipv6.routing.invalid_segleft", "IPv6 Routing Header segments left field must not exceed address count", Severity::Warning, Group::Protocol).label(segments_left_line);
    UNDECODED = expert("ipv6.routing.undecoded", "Undecoded IPv6 routing header field", Severity::Note, Group::Undecoded);
    DEPRECATED = expert("ipv6.routing.deprecated", "Routing header type is deprecated", Severity::Note, Group::Deprecated);
    DST_NOT_MULTICAST = expert("ipv6.dst_addr.not_multicast", "Destination address must not be a multicast address",
        Severity::Warning, Group::Protocol);
    REPEATED_ADDRESS = expert("ipv6.src_route_list.mult_inst_same_addr",
        "Multiple instances of the same address must not appear in the source route list", Severity::Warning,
        Group::Protocol);
    LISTS_SOURCE = expert("ipv6.src_route_list.src_addr",
        "Source address must not appear in the source route list", Severity::Warning, Group::Protocol);
    LISTS_DESTINATION = expert("ipv6.src_route_list.dst_addr",
        "Destination address must not appear in the source route list", Severity::Warning, Group::Protocol);
    LISTS_MULTICAST = expert("ipv6.src_route_list.multicast_addr",
        "Multicast addresses must not appear in the source route list", Severity::Warning, Group::Protocol);
    SEGMENTS = heading("Segment Identifiers");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 43)],
    dissect,
    summary: Some(summary),
    within: true,
    ..Protocol::new("ipv6.routing", "IPv6 Routing", "Routing Header for IPv6").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let next = l.u8(&NXT)?;
    let units = l.u8(&LEN)?;
    let [kind, left] = l.peek(2).map_or([0, 0], |bytes| [bytes[0], bytes[1]]);
    let len = 8 * (usize::from(units) + 1);
    if let Some(complaint) = length_complaint(kind, units, left) {
        l.expert_with(&INVALID_LENGTH, complaint);
    }
    l.generated_at(&LEN_OCT, len as u64, 1, 1);
    l.u8(&TYPE)?;
    if kind == SOURCE_ROUTE && l.peek(1).is_ok() {
        l.expert(&DEPRECATED);
    }
    l.u8(&SEGLEFT)?;
    let last_entry = if kind == SEGMENT_ROUTING { l.peek_u8().unwrap_or_default() } else { 0 };
    if let Some(complaint) = segments_complaint(kind, units, left, last_entry, l.remaining()) {
        l.expert_with(&INVALID_SEGLEFT, complaint);
    }
    match kind {
        SOURCE_ROUTE => source_route(l, len, left)?,
        MOBILE => mobile(l, left)?,
        RPL => rpl(l, len, left)?,
        SEGMENT_ROUTING => segment_routing(l, left)?,
        COMPACT_16 | COMPACT_32 => compact(l, len, kind, left)?,
        _ => {
            l.bytes(&UNKNOWN_DATA, len - 4)?;
            l.expert(&UNDECODED);
        }
    }
    l.go_to(len)?;
    Ok(next_layer(next))
}

/// Why the length cannot be, as a number for [`length_line`].
fn length_complaint(kind: u8, units: u8, left: u8) -> Option<u64> {
    match kind {
        SOURCE_ROUTE if !units.is_multiple_of(2) => Some(0),
        MOBILE if units != 2 => Some(1),
        COMPACT_16 | COMPACT_32 => {
            let each = if kind == COMPACT_16 { 2 } else { 4 };
            let needed = (each * (u32::from(left) + 1)).saturating_sub(4).div_ceil(8);
            (needed > u32::from(units)).then_some(2 | u64::from(units) << 8)
        }
        _ => None,
    }
}

/// Why there cannot be so many segments left, as a number for [`segments_left_line`].
fn segments_complaint(kind: u8, units: u8, left: u8, last_entry: u8, rest: &[u8]) -> Option<u64> {
    let count = match kind {
        SOURCE_ROUTE => i64::from(units / 2),
        MOBILE if left != 1 => 0,
        MOBILE => return None,
        RPL => rpl_count(8 * (usize::from(units) + 1), u32::from_be_bytes(*rest.first_chunk()?)),
        SEGMENT_ROUTING => i64::from(last_entry) + 1,
        _ => return None,
    };
    (kind == MOBILE || i64::from(left) > count).then_some(u64::from(kind) << 32 | (count.max(0) as u64))
}

/// Makes `address` that of the packet's last destination, where it is still on its way.
fn leads_to(l: &mut Layer, left: u8, address: Option<Address>) {
    if let (1.., Some(address)) = (left, address) {
        let source = l.source();
        l.set_addresses(source, address);
    }
}

fn source_route(l: &mut Layer, len: usize, left: u8) -> Result<(), Stop> {
    l.bytes(&SRC_RESERVED, 4)?;
    let mut last = None;
    while len.saturating_sub(l.offset()) >= 16 {
        let address = l.ipv6(&SRC_ADDR)?;
        warn_of_multicast(l, address);
        last = Some(address);
    }
    leads_to(l, left, last);
    Ok(())
}

fn mobile(l: &mut Layer, left: u8) -> Result<(), Stop> {
    l.bytes(&MIPV6_RESERVED, 4)?;
    let address = l.ipv6(&MIPV6_HOME_ADDRESS)?;
    warn_of_multicast(l, address);
    leads_to(l, left, Some(address));
    Ok(())
}

fn warn_of_multicast(l: &mut Layer, address: Address) {
    if matches!(address, Address::V6([0xff, ..])) {
        l.expert(&LISTS_MULTICAST);
    }
}

/// How many addresses a source routing header of RPL has, by the arithmetic of RFC 6554, section 4.2; below 0 if it lies.
fn rpl_count(len: usize, packed: u32) -> i64 {
    let [internal, last, pad] =
        [RPL_CMPRI.extract(packed.into()), RPL_CMPRE.extract(packed.into()), RPL_PAD.extract(packed.into())];
    let bytes = len as i64 - 8 - pad as i64 - (16 - last as i64);
    let each = 16 - internal as i64;
    bytes / each + 1
}

fn rpl(l: &mut Layer, len: usize, left: u8) -> Result<(), Stop> {
    let (source, destination) = (l.source(), l.destination());
    if matches!(destination, Address::V6([0xff, ..])) {
        // Stands beside the fields, not below one.
        l.expert_on_layer(&DST_NOT_MULTICAST, 0u64);
    }
    let packed = l.peek_u32()?;
    let internal = 16 - l.part(&RPL_CMPRI, packed, 4) as usize;
    let last = 16 - l.part(&RPL_CMPRE, packed, 4) as usize;
    let padding = l.part(&RPL_PAD, packed, 4);
    if internal == 16 && last == 16 && padding != 0 {
        l.expert_with(&RPL_CMPRI_CMPRE_PAD, padding);
    }
    let reserved = l.part(&RPL_RESERVED, packed, 4);
    if reserved != 0 {
        l.expert_with(&RPL_RESERVED_NOT0, reserved);
    }
    l.skip(4)?;
    let count = rpl_count(len, packed);
    l.generated_at(&RPL_ADDR_COUNT, count as u64, 2, 2);
    if count < 0 {
        l.expert_with(&RPL_ADDR_COUNT_GE0, count as u64);
    }
    let prefix = if let Address::V6(address) = destination { address } else { [0; 16] };
    let mut reached = None;
    for place in 1..=count {
        let own = if place == count { last } else { internal };
        let bytes = l.bytes(&RPL_ADDRESS, own)?;
        let mut full = prefix;
        if let Some(end) = full.last_chunk_mut::<16>()
            && let Some(to) = end.get_mut(16 - own..)
        {
            to.copy_from_slice(bytes);
        }
        let address = Address::V6(full);
        l.kept_behind(&RPL_FULL_ADDRESS, &full, own);
        warn_of_multicast(l, address);
        if address == source {
            l.expert(&LISTS_SOURCE);
        }
        if address == destination {
            l.expert(&LISTS_DESTINATION);
        }
        reached = Some(address);
    }
    leads_to(l, left, reached);
    Ok(())
}

fn segment_routing(l: &mut Layer, left: u8) -> Result<(), Stop> {
    let last_entry = l.u8(&SRH_LAST_ENTRY)?;
    l.u8(&SRH_FLAGS)?;
    l.bytes(&SRH_TAG, 2)?;
    let mut reached = None;
    for _ in 0..=last_entry {
        let address = l.ipv6(&SRH_ADDR)?;
        // Segments are listed from the last one back: RFC 8754, section 2.
        reached = reached.or(Some(address));
    }
    leads_to(l, left, reached);
    Ok(())
}

fn compact(l: &mut Layer, len: usize, kind: u8, left: u8) -> Result<(), Stop> {
    let start = l.offset();
    let (each, current_row, row) = match kind {
        COMPACT_16 => (2, &CRH16_CURRENT_SID, &CRH16_SID),
        _ => (4, &CRH32_CURRENT_SID, &CRH32_SID),
    };
    let at = usize::from(left) * each;
    if start + at + each > len {
        return Err(Stop::Malformed);
    }
    let list = l.peek(len - start)?;
    let current = list.iter().skip(at).take(each).fold(0, |value, &byte| value << 8 | u64::from(byte));
    l.generated_at(current_row, current, start + at, each);
    let open = l.open(&SEGMENTS, list.len());
    for bytes in list.chunks_exact(each) {
        // What is left over behind the last identifier is zero.
        if bytes.iter().all(|&byte| byte == 0) {
            break;
        }
        l.uint(row, each)?;
    }
    l.close(open);
    Ok(())
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    let Some(kind) = layer.number(&TYPE) else { return };
    match TYPE.names.get(kind) {
        Some(name) => text.str(" (").str(name).str(")"),
        None => text.str(" (Unknown type ").dec(kind).str(")"),
    };
}

/// Counts the addresses of the list up to this one: segment lists count from 0, the others from 1.
fn address_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let before = layer.entries().iter().take_while(|other| !std::ptr::eq(*other, entry));
    let before = before.filter(|other| other.field.is(entry.field)).count();
    let first = usize::from(!entry.field.is(&SRH_ADDR));
    text.str("Address[").dec((before + first) as u64).str("]: ");
    layer.view.value(entry).write_address(text);
}

fn segment_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let before = layer.entries().iter().take_while(|other| !std::ptr::eq(*other, entry));
    let before = before.filter(|other| other.field.is(entry.field)).count();
    text.str("SID[").dec(before as u64).str("] = ").dec(entry.number());
}

fn padding_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("When cmprI equals 0 and cmprE equals 0, pad MUST equal 0 but instead was ").dec(entry.number());
}

fn count_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Calculated total address count must be greater than or equal to 0, instead was ");
    text.signed(entry.number() as i64);
}

fn reserved_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Reserved field must equal 0 but instead was ").dec(entry.number());
}

fn length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    match entry.number() & 0xff {
        0 => text.str("IPv6 Routing Header extension header length must not be odd"),
        1 => text.str("IPv6 Type 2 Routing Header extension header length must equal 2"),
        _ => text
            .str("IPv6 Compact Routing Header minimum length must not exceed header length (")
            .dec(entry.number() >> 8)
            .str(")"),
    };
}

fn segments_left_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let count = entry.number() & 0xffff_ffff;
    let kind = match (entry.number() >> 32) as u8 {
        MOBILE => {
            text.str("IPv6 Type 2 Routing Header segments left field must equal 1");
            return;
        }
        RPL => "RPL",
        SEGMENT_ROUTING => "Type 4",
        _ => "Type 0",
    };
    text.str("IPv6 ").str(kind).str(" Routing Header segments left field must not exceed address count (");
    text.dec(count).str(")");
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    summary.protocol.str("IPv6");
    match layer.number(&NXT) {
        Some(next) if layer.mark().stopped.is_none() => describe_next(layer, next, summary),
        _ => _ = summary.info.str(options::summary_words(&PROTOCOL)),
    }
}

const SOURCE_ROUTE: u8 = 0;
const MOBILE: u8 = 2;
const RPL: u8 = 3;
const SEGMENT_ROUTING: u8 = 4;
const COMPACT_16: u8 = 5;
const COMPACT_32: u8 = 6;

names! {
    TYPES = {
        0 => "Source Route",
        1 => "Nimrod",
        2 => "Type 2 Routing",
        3 => "RPL Source Route",
        4 => "Segment Routing",
        5 => "Compact Routing Header 16",
        6 => "Compact Routing Header 32",
        253 => "Experiment 1",
        254 => "Experiment 2",
    }
}
