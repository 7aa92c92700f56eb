//! ARP: the Address Resolution Protocol, and its relatives RARP, DRARP, Inverse ARP and ATMARP.
//!
//! RFC 826; RFC 903 (reverse), RFC 1931 (dynamic reverse), RFC 2390 (inverse), RFC 2225 (over ATM), RFC 5227 (probes and
//! announcements). The numbers are IANA's *Address Resolution Protocol (ARP) Parameters*.
//!
//! ```text
//! +--------+--------+--------+--------+
//! |  hardware type  |  protocol type  |
//! +--------+--------+--------+--------+
//! |hw size |pr size |     opcode      |
//! +--------+--------+--------+--------+
//! |  sender hardware, sender protocol, target hardware, target protocol address …
//! +--------+--------+--------+--------+
//!
//! ATMARP, hardware type 19:
//! +--------+--------+--------+--------+
//! |  hardware type  |  protocol type  |
//! +--------+--------+--------+--------+
//! |number t|subaddr |     opcode      |  type (bit 6) and length (6 bits) of the sender's ATM number and subaddress
//! +--------+--------+--------+--------+
//! |pr size |number t|subaddr |pr size |  the sender's protocol size; the same three of the target
//! +--------+--------+--------+--------+
//! |  sender number, subaddress, protocol; target number, subaddress, protocol address …
//! +--------+--------+--------+--------+
//! ```

use super::ethernet::ETHERTYPES;
use crate::dissect::{
    Entry, Field, Group, Layer, LayerView, Names, Next, Outcome, Protocol, Severity, Stop, Summary, Table, Value,
};
use crate::dissect::{fields, names as words};
use crate::names;
use crate::text::Text;

fields! {
    HW_TYPE = uint16("arp.hw.type", "Hardware type").named(HARDWARE);
    PROTO_TYPE = uint16("arp.proto.type", "Protocol type").hex().named(ETHERTYPES);
    HW_SIZE = uint8("arp.hw.size", "Hardware size");
    PROTO_SIZE = uint8("arp.proto.size", "Protocol size");
    OPCODE = uint16("arp.opcode", "Opcode").values(OPCODES);
    IS_GRATUITOUS = boolean("arp.isgratuitous", "Is gratuitous").generated();
    IS_PROBE = boolean("arp.isprobe", "Is probe").generated();
    IS_ANNOUNCEMENT = boolean("arp.isannouncement", "Is announcement").generated();
    SRC_HW = bytes("arp.src.hw", "Sender hardware address");
    SRC_HW_MAC = ether("arp.src.hw_mac", "Sender MAC address");
    SRC_HW_AX25 = bytes("arp.src.hw_ax25", "Sender AX.25 address").label(ax25_line);
    SRC_PROTO = bytes("arp.src.proto", "Sender protocol address");
    SRC_PROTO_IPV4 = ipv4("arp.src.proto_ipv4", "Sender IP address");
    DST_HW = bytes("arp.dst.hw", "Target hardware address");
    DST_HW_MAC = ether("arp.dst.hw_mac", "Target MAC address");
    DST_HW_AX25 = bytes("arp.dst.hw_ax25", "Target AX.25 address").label(ax25_line);
    DST_PROTO = bytes("arp.dst.proto", "Target protocol address");
    DST_PROTO_IPV4 = ipv4("arp.dst.proto_ipv4", "Target IP address");
    DRARP_ERROR = uint16("arp.dst.drarp_error_status", "DRARP error status").values(DRARP_ERRORS);
    SRC_NUMBER = heading("Sender ATM number type/length").label(type_length_line);
    SRC_HTYPE = boolean("arp.src.htype", "Sender ATM number type").bits(0x40).named(ATM_TYPES);
    SRC_HLEN = uint8("arp.src.hlen", "Sender ATM number length").bits(0x3f);
    SRC_SUBADDRESS = heading("Sender ATM subaddress type/length").label(type_length_line);
    SRC_STYPE = boolean("arp.src.stype", "Sender ATM subaddress type").bits(0x40).named(ATM_TYPES);
    SRC_SLEN = uint8("arp.src.slen", "Sender ATM subaddress length").bits(0x3f);
    SRC_PLN = uint8("arp.src.pln", "Sender protocol size");
    DST_NUMBER = heading("Target ATM number type/length").label(type_length_line);
    DST_HTYPE = boolean("arp.dst.htype", "Target ATM number type").bits(0x40).named(ATM_TYPES);
    DST_HLEN = uint8("arp.dst.hlen", "Target ATM number length").bits(0x3f);
    DST_SUBADDRESS = heading("Target ATM subaddress type/length").label(type_length_line);
    DST_STYPE = boolean("arp.dst.stype", "Target ATM subaddress type").bits(0x40).named(ATM_TYPES);
    DST_SLEN = uint8("arp.dst.slen", "Target ATM subaddress length").bits(0x3f);
    DST_PLN = uint8("arp.dst.pln", "Target protocol size");
    SRC_E164 = text("arp.src.atm_num_e164", "Sender ATM number (E.164)");
    SRC_NSAP = bytes("arp.src.atm_num_nsap", "Sender ATM number (NSAP)");
    SRC_SUBADDR = bytes("arp.src.atm_subaddr", "Sender ATM subaddress");
    DST_E164 = text("arp.dst.atm_num_e164", "Target ATM number (E.164)");
    DST_NSAP = bytes("arp.dst.atm_num_nsap", "Target ATM number (NSAP)");
    DST_SUBADDR = bytes("arp.dst.atm_subaddr", "Target ATM subaddress");
    AFI = uint8("arp.src.atm_afi", "AFI").hex().values(AFIS);
    COUNTRY = uint16("arp.src.atm_data_country_code", "Data Country Code").hex();
    COUNTRY_GROUP = uint16("arp.src.atm_data_country_code_group", "Data Country Code (group)").hex();
    DESIGNATOR = uint16("arp.src.atm_international_code_designator", "International Code Designator").hex();
    DESIGNATOR_GROUP = uint16("arp.src.atm_international_code_designator_group", "International Code Designator (group)")
        .hex();
    ISDN = bytes("arp.src.atm_e.164_isdn", "E.164 ISDN");
    ISDN_GROUP = bytes("arp.src.atm_e.164_isdn_group", "E.164 ISDN");
    HIGH_ORDER = bytes("arp.src.atm_high_order_dsp", "High Order DSP");
    END_SYSTEM = bytes("arp.src.atm_end_system_identifier", "End System Identifier");
    SELECTOR = uint8("arp.src.atm_selector", "Selector").hex();
    REST = bytes("arp.src.atm_rest_of_address", "Rest of address");
    AFI_UNKNOWN = expert("arp.src.atm_afi.unknown", "Unknown AFI", Severity::Warning, Group::Protocol);
    DUPLICATE_FRAME = frame_number("arp.duplicate-address-frame", "Frame showing earlier use of IP address").generated();
    DUPLICATE_SECONDS = uint32("arp.seconds-since-duplicate-address-frame", "Seconds since earlier frame seen").generated();
    DUPLICATE = expert("arp.duplicate-address-detected", "Duplicate IP address configured", Severity::Warning,
        Group::Sequence);
    STORM = expert("arp.packet-storm-detected", "ARP packet storm detected", Severity::Note, Group::Sequence);
}

const HARDWARE: Names = Names::Lookup(|number| u16::try_from(number).ok().and_then(names::arp_hardware));
const ATM_TYPES: Names = Names::Flags("E.164", "ATM Forum NSAPA");

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::EtherType, 0x0806), (Table::EtherType, 0x8035)],
    dissect,
    summary: Some(summary),
    family: crate::dissect::Family::Neighbour,
    ..Protocol::new("arp", "ARP/RARP", "Address Resolution Protocol").line(line)
};

/// The name of ATMARP in the stack; its fields are those of [`PROTOCOL`].
static ATMARP: Protocol = Protocol {
    silent: true,
    dissect: |l| {
        let len = atm_len(l.remaining());
        l.demand(len.unwrap_or(ATM_HEADER_LEN))?;
        Ok(Next::End)
    },
    summary: Some(|_, summary| _ = summary.protocol.str("ARP")),
    ..Protocol::new("atmarp", "ATMARP", "ATM Address Resolution Protocol")
};

fn dissect(l: &mut Layer) -> Outcome {
    let hardware = u16::from_be_bytes(l.demand(2)?.try_into().unwrap_or_default());
    if hardware == ATM {
        return atm(l);
    }
    l.u16(&HW_TYPE)?;
    let protocol = l.u16(&PROTO_TYPE)?;
    let hardware_len = usize::from(l.u8(&HW_SIZE)?);
    let protocol_len = usize::from(l.u8(&PROTO_SIZE)?);
    let opcode = l.u16(&OPCODE)?;
    let pair_len = hardware_len + protocol_len;
    // All of them must have been on the wire; of those, what the summary needs must have been captured.
    if l.wire_remaining() < 2 * pair_len {
        return Err(Stop::Malformed);
    }
    l.limit(HEADER_LEN + 2 * pair_len);
    let addresses = l.peek(summarised_len(opcode, hardware_len, protocol_len))?;
    let is_mac = matches!(hardware, 1 | 6) && hardware_len == 6;
    let is_ipv4 = matches!(protocol, 0x0800 | 0x00cc) && protocol_len == 4;

    if let (REQUEST | REPLY, Some((sender, target))) = (opcode, addresses.split_at_checked(pair_len)) {
        let (sender_protocol, target_protocol) = (sender.get(hardware_len..), target.get(hardware_len..));
        let target_hardware = target.get(..hardware_len).unwrap_or_default();
        let asks = opcode == REQUEST && hardware_len > 0 && target_hardware.iter().all(|&byte| byte == 0);
        if protocol_len > 0 && sender_protocol == target_protocol {
            l.generated(&IS_GRATUITOUS, 1u64);
            if asks {
                l.generated(&IS_ANNOUNCEMENT, 1u64);
            }
        } else if asks && sender_protocol.is_some_and(|address| address.iter().all(|&byte| byte == 0)) {
            l.generated(&IS_PROBE, 1u64);
        }
    }

    let is_ax25 = hardware == AX25 && hardware_len == 7;
    let pick =
        |is_special: bool, special: &'static Field, plain: &'static Field| if is_special { special } else { plain };
    let source = pick(is_ax25, &SRC_HW_AX25, &SRC_HW);
    address(l, pick(is_mac, &SRC_HW_MAC, source), hardware_len)?;
    address(l, pick(is_ipv4, &SRC_PROTO_IPV4, &SRC_PROTO), protocol_len)?;
    let destination = pick(is_ax25, &DST_HW_AX25, &DST_HW);
    address(l, pick(is_mac, &DST_HW_MAC, destination), hardware_len)?;
    if opcode == DRARP_ERROR_OPCODE && protocol_len > 0 {
        l.u8(&DRARP_ERROR)?;
    } else {
        address(l, pick(is_ipv4, &DST_PROTO_IPV4, &DST_PROTO), protocol_len)?;
    }
    Ok(Next::End)
}

/// How many bytes of the addresses the Info column is made from; nothing is shown of a packet that has fewer.
fn summarised_len(opcode: u16, hardware_len: usize, protocol_len: usize) -> usize {
    match opcode {
        1 | 2 | 4 | 6 => 2 * (hardware_len + protocol_len),
        3 | 5 | 8 => 2 * hardware_len + protocol_len,
        9 | 11..=23 => hardware_len + protocol_len,
        _ => 0,
    }
}

/// Reads an address of `len` bytes; none where that is zero.
fn address(l: &mut Layer, field: &'static Field, len: usize) -> Result<(), Stop> {
    match (field.kind, len) {
        (_, 0) => {}
        (crate::dissect::Kind::Ether, 6) => _ = l.ether(field)?,
        (crate::dissect::Kind::Ipv4, 4) => _ = l.ipv4(field)?,
        _ => _ = l.bytes(field, len)?,
    }
    Ok(())
}

/// How long an ATMARP packet says that it is.
fn atm_len(packet: &[u8]) -> Option<usize> {
    let lengths = [(4, 0x3f), (5, 0x3f), (8, 0xff), (9, 0x3f), (10, 0x3f), (11, 0xff)];
    let sum: Option<usize> =
        lengths.iter().map(|&(at, mask)| packet.get(at).map(|byte| usize::from(byte & mask))).sum();
    sum.map(|sum| sum + ATM_HEADER_LEN)
}

fn atm(l: &mut Layer) -> Outcome {
    let len = atm_len(l.remaining()).filter(|&len| len <= l.remaining().len());
    let Some(len) = len else {
        l.withdraw();
        return Ok(Next::Protocol(&ATMARP));
    };
    l.limit(len);
    l.u16(&HW_TYPE)?;
    let protocol = l.u16(&PROTO_TYPE)?;
    let number = type_length(l, &SRC_NUMBER, &SRC_HTYPE, &SRC_HLEN)?;
    let subaddress = type_length(l, &SRC_SUBADDRESS, &SRC_STYPE, &SRC_SLEN)?;
    l.u16(&OPCODE)?;
    let protocol_len = l.u8(&SRC_PLN)?;
    let target_number = type_length(l, &DST_NUMBER, &DST_HTYPE, &DST_HLEN)?;
    let target_subaddress = type_length(l, &DST_SUBADDRESS, &DST_STYPE, &DST_SLEN)?;
    let target_protocol_len = l.u8(&DST_PLN)?;

    let ipv4 = |len: u8| protocol == 0x0800 && len == 4;
    atm_number(l, number, &SRC_E164, &SRC_NSAP)?;
    address(l, &SRC_SUBADDR, subaddress.1)?;
    address(l, if ipv4(protocol_len) { &SRC_PROTO_IPV4 } else { &SRC_PROTO }, protocol_len.into())?;
    atm_number(l, target_number, &DST_E164, &DST_NSAP)?;
    address(l, &DST_SUBADDR, target_subaddress.1)?;
    let target = if ipv4(target_protocol_len) { &DST_PROTO_IPV4 } else { &DST_PROTO };
    address(l, target, target_protocol_len.into())?;
    // What follows is only the name.
    l.set_header_len(len);
    l.go_to(0)?;
    Ok(Next::Protocol(&ATMARP))
}

/// Reads type and length of an ATM address, and returns whether it is E.164, and its bytes.
fn type_length(
    l: &mut Layer,
    heading: &'static Field,
    kind: &'static Field,
    len: &'static Field,
) -> Result<(bool, usize), Stop> {
    let byte = l.peek_u8()?;
    let open = l.open(heading, 1);
    l.part(kind, byte, 1);
    l.part(len, byte, 1);
    l.close(open);
    l.skip(1)?;
    Ok((byte & 0x40 != 0, usize::from(byte & 0x3f)))
}

fn atm_number(
    l: &mut Layer,
    (is_e164, len): (bool, usize),
    e164: &'static Field,
    nsap: &'static Field,
) -> Result<(), Stop> {
    if len == 0 {
        return Ok(());
    }
    if is_e164 {
        l.bytes(e164, len)?;
        return Ok(());
    }
    l.peek(len)?;
    let open = l.open(nsap, len);
    // ATM Forum UNI 3.1, 5.1.3: an ATM end system address has 20 bytes.
    if len != NSAP_LEN {
        l.skip(len)?;
        l.close(open);
        return Ok(());
    }
    let afi = l.u8(&AFI)?;
    match afi {
        0x39 => _ = l.u16(&COUNTRY)?,
        0xbd => _ = l.u16(&COUNTRY_GROUP)?,
        0x47 => _ = l.u16(&DESIGNATOR)?,
        0xc5 => _ = l.u16(&DESIGNATOR_GROUP)?,
        0x45 => _ = l.bytes(&ISDN, 8)?,
        0xc3 => _ = l.bytes(&ISDN_GROUP, 8)?,
        _ => {
            l.expert(&AFI_UNKNOWN);
            l.bytes(&REST, NSAP_LEN - 1)?;
            l.close(open);
            return Ok(());
        }
    }
    l.bytes(&HIGH_ORDER, if matches!(afi, 0x45 | 0xc3) { 4 } else { 10 })?;
    l.bytes(&END_SYSTEM, 6)?;
    l.u8(&SELECTOR)?;
    l.close(open);
    Ok(())
}

fn type_length_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let byte = layer.view.bytes(entry).first().copied().unwrap_or(0);
    let kind = ATM_TYPES.get(u64::from(byte & 0x40 != 0)).unwrap_or_default();
    text.str(entry.field.title).str(": ").str(kind).byte(b'/').dec(byte & 0x3f);
}

/// Writes an AX.25 address: six letters, shifted up by a bit, and the number of the station.
fn ax25_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ");
    let Some((&last, letters)) = layer.view.bytes(entry).split_last() else { return };
    for letter in letters.iter().map(|byte| byte >> 1).filter(|&letter| letter != b' ') {
        text.byte(if matches!(letter, 0x21..=0x7e) { letter } else { b'.' });
    }
    let station = last >> 1 & 0x0f;
    if station != 0 {
        text.byte(b'-').dec(station);
    }
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let is_atm = layer.number(&HW_TYPE) == Some(ATM.into());
    text.str(if is_atm { "ATM " } else { "" }).str(entry.field.title);
    let (Some(opcode), true) = (layer.number(&OPCODE), is_whole(layer)) else { return };
    let word = match OPCODES.iter().find(|row| row.0 == opcode) {
        _ if layer.find(&IS_ANNOUNCEMENT).is_some() => "ARP Announcement",
        _ if layer.find(&IS_PROBE).is_some() => "ARP Probe",
        Some(&(10, _)) if is_atm => "nak",
        Some(&(_, word)) => word,
        None => {
            text.str(" (opcode ").hex(opcode, 4).byte(b')');
            return;
        }
    };
    text.str(" (").str(word);
    if layer.find(&IS_GRATUITOUS).is_some() && layer.find(&IS_ANNOUNCEMENT).is_none() {
        text.str("/gratuitous ARP");
    }
    text.byte(b')');
}

/// Whether what the title and the Info column are made from was there.
fn is_whole(layer: &LayerView) -> bool {
    let (Some(opcode), Some(hardware), Some(protocol)) =
        (layer.number(&OPCODE), layer.number(&HW_SIZE), layer.number(&PROTO_SIZE))
    else {
        // Of an ATMARP packet all was there.
        return layer.number(&HW_TYPE) == Some(ATM.into());
    };
    let mark = layer.mark();
    if mark.stopped == Some(Stop::Malformed) {
        return false;
    }
    let there = (mark.limit as usize).saturating_sub(mark.start as usize).saturating_sub(HEADER_LEN);
    there >= summarised_len(opcode as u16, hardware as usize, protocol as usize)
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let Some(opcode) = layer.number(&OPCODE).and_then(|opcode| u16::try_from(opcode).ok()) else {
        summary.protocol.str("ARP");
        return;
    };
    let is_atm = layer.number(&HW_TYPE) == Some(ATM.into());
    summary.protocol.str(match opcode {
        _ if layer.mark().stopped == Some(Stop::Malformed) => "ARP",
        8 | 9 if is_atm => "Inverse ATMARP",
        _ if is_atm => "ATMARP",
        3 | 4 => "RARP",
        5..=7 => "DRARP",
        8 | 9 => "Inverse ARP",
        11..=22 => "MARS",
        23 => "MAPOS",
        _ => "ARP",
    });
    match is_whole(layer) {
        true if is_atm => atm_info(layer, opcode, summary.info),
        true => info(layer, opcode, summary.info),
        false => {}
    }
}

/// The fields of an address, of which a packet has one.
type Address = [&'static Field];
static SENDER: &Address = &[&SRC_HW_MAC, &SRC_HW_AX25, &SRC_HW, &SRC_E164, &SRC_NSAP];
static SENDER_PROTOCOL: &Address = &[&SRC_PROTO_IPV4, &SRC_PROTO];
static TARGET: &Address = &[&DST_HW_MAC, &DST_HW_AX25, &DST_HW, &DST_E164, &DST_NSAP];
static TARGET_PROTOCOL: &Address = &[&DST_PROTO_IPV4, &DST_PROTO];

fn write(layer: &LayerView, address: &Address, text: &mut Text) {
    match address.iter().find_map(|field| layer.value(field)) {
        None => _ = text.str("<No address>"),
        Some(Value::Bytes(bytes)) => _ = text.hex_bytes(bytes, None),
        Some(Value::Text(bytes)) => _ = text.wire(bytes),
        Some(value) => value.write_address(text),
    }
}

/// Writes words, and an address for each `{}` among them.
fn phrase(layer: &LayerView, words: &str, addresses: &[&Address], text: &mut Text) {
    let mut addresses = addresses.iter();
    for (place, part) in words.split("{}").enumerate() {
        if place > 0
            && let Some(address) = addresses.next()
        {
            write(layer, address, text);
        }
        text.str(part);
    }
}

fn info(layer: &LayerView, opcode: u16, text: &mut Text) {
    let from = |what: &str, text: &mut Text| {
        text.str(what);
        phrase(layer, " from {} at {}", &[SENDER, SENDER_PROTOCOL], text);
    };
    match opcode {
        _ if layer.find(&IS_ANNOUNCEMENT).is_some() => {
            phrase(layer, "ARP Announcement for {}", &[SENDER_PROTOCOL], text)
        }
        _ if layer.find(&IS_GRATUITOUS).is_some() => {
            phrase(layer, "Gratuitous ARP for {}", &[SENDER_PROTOCOL], text);
            text.str(if opcode == REQUEST { " (Request)" } else { " (Reply)" });
        }
        _ if layer.find(&IS_PROBE).is_some() => phrase(layer, "Who has {}? (ARP Probe)", &[TARGET_PROTOCOL], text),
        REQUEST => phrase(layer, "Who has {}? Tell {}", &[TARGET_PROTOCOL, SENDER_PROTOCOL], text),
        REPLY => phrase(layer, "{} is at {}", &[SENDER_PROTOCOL, SENDER], text),
        3 | 5 | 8 => phrase(layer, "Who is {}? Tell {}", &[TARGET, SENDER], text),
        4 | 6 => phrase(layer, "{} is at {}", &[TARGET, TARGET_PROTOCOL], text),
        DRARP_ERROR_OPCODE => _ = text.str("DRARP Error"),
        9 => phrase(layer, "{} is at {}", &[SENDER, SENDER_PROTOCOL], text),
        10 => _ = text.str("ARP NAK"),
        11..=23 => from(MARS[usize::from(opcode - 11)], text),
        24 => _ = text.str("Experimental 1 ( opcode 24 )"),
        25 => _ = text.str("Experimental 2 ( opcode 25 )"),
        0 | 65_535 => _ = text.str("Reserved opcode ").dec(opcode),
        _ => _ = text.str("Unknown ARP opcode ").hex(opcode.into(), 4),
    }
}

fn atm_info(layer: &LayerView, opcode: u16, text: &mut Text) {
    match opcode {
        REQUEST => phrase(layer, "Who has {}? Tell {}", &[TARGET_PROTOCOL, SENDER_PROTOCOL], text),
        REPLY | 9 => {
            let (words, addresses): (_, [&Address; 2]) = match opcode {
                REPLY => ("{} is at {}", [SENDER_PROTOCOL, SENDER]),
                _ => ("{} is at {}", [SENDER, SENDER_PROTOCOL]),
            };
            phrase(layer, words, &addresses, text);
            if opcode == REPLY && layer.find(&SRC_SUBADDR).is_some() {
                phrase(layer, ",{}", &[&[&SRC_SUBADDR]], text);
            }
        }
        8 => phrase(layer, "Who is {}? Tell {}", &[TARGET, SENDER], text),
        10 => phrase(layer, "I don't know where {} is", &[SENDER_PROTOCOL], text),
        _ => _ = text.str("Unknown ATMARP opcode ").hex(opcode.into(), 4),
    }
}

const HEADER_LEN: usize = 8;
const ATM_HEADER_LEN: usize = 12;
const NSAP_LEN: usize = 20;
const AX25: u16 = 3;
const ATM: u16 = 19;
const REQUEST: u16 = 1;
const REPLY: u16 = 2;
const DRARP_ERROR_OPCODE: u16 = 7;

/// What the opcodes from 11 on ask for.
static MARS: [&str; 13] = [
    "MARS request",
    "MARS MULTI request",
    "MARS MSERV request",
    "MARS JOIN request",
    "MARS LEAVE",
    "MARS NAK",
    "MARS UNSERV request",
    "MARS SJOIN request",
    "MARS SLEAVE",
    "MARS grouplist request",
    "MARS grouplist reply",
    "MARS redirect map",
    "MAPOS UNARP request",
];

words! {
    OPCODES = {
        0 => "reserved",
        1 => "request",
        2 => "reply",
        3 => "reverse request",
        4 => "reverse reply",
        5 => "drarp request",
        6 => "drarp reply",
        7 => "drarp error",
        8 => "inverse request",
        9 => "inverse reply",
        10 => "arp nak",
        11 => "mars request",
        12 => "mars multi",
        13 => "mars mserv",
        14 => "mars join",
        15 => "mars leave",
        16 => "mars nak",
        17 => "mars unserv",
        18 => "mars sjoin",
        19 => "mars sleave",
        20 => "mars grouplist request",
        21 => "mars grouplist reply",
        22 => "mars redirect map",
        23 => "mapos unarp",
        24 => "experimental 1",
        25 => "experimental 2",
        65_535 => "reserved",
    }
    // RFC 1931, section 3.4.
    DRARP_ERRORS = { 1 => "restricted", 2 => "no address", 3 => "serverdown", 4 => "moved", 5 => "failure" }
    // ATM Forum UNI 3.1, 5.1.3, and the group addresses of UNI 4.0.
    AFIS = {
        0x39 => "DCC ATM format",
        0xbd => "DCC ATM group format",
        0x47 => "ICD ATM format",
        0xc5 => "ICD ATM group format",
        0x45 => "E.164 ATM format",
        0xc3 => "E.164 ATM group format",
    }
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::{Dissected, Sample};

    const STATION: [u8; 6] = [0x00, 0x02, 0xb3, 0xaa, 0xbb, 0xcc];
    const NOBODY: [u8; 6] = [0; 6];

    fn packet(types: [u8; 4], sizes: [u8; 2], opcode: u16, addresses: [&[u8]; 4]) -> Vec<u8> {
        [&types[..], &sizes, &opcode.to_be_bytes(), &addresses.concat()].concat()
    }

    /// An ARP packet for Ethernet and IPv4, padded to the shortest frame.
    fn arp(opcode: u16, source: [u8; 4], target_mac: [u8; 6], target: [u8; 4]) -> Dissected {
        let mut bytes = packet([0, 1, 8, 0], [6, 4], opcode, [&STATION, &source, &target_mac, &target]);
        bytes.resize(46, 0);
        Sample::ethernet(0x0806, &bytes).dissect()
    }

    // Request who-has 10.0.0.2 tell 10.0.0.1, length 46
    #[test]
    fn a_request() {
        let dissected = arp(1, [10, 0, 0, 1], NOBODY, [10, 0, 0, 2]);
        dissected.shows(&[
            "Type: ARP (0x0806)",
            "Padding: 000000000000000000000000000000000000",
            "Address Resolution Protocol (request)",
            "Hardware type: Ethernet (1)",
            "Protocol type: IPv4 (0x0800)",
            "Hardware size: 6",
            "Protocol size: 4",
            "Opcode: request (1)",
            "Sender MAC address: 00:02:b3:aa:bb:cc",
            "Sender IP address: 10.0.0.1",
            "Target MAC address: 00:00:00:00:00:00",
            "Target IP address: 10.0.0.2",
        ]);
        assert_eq!((&*dissected.protocol, &*dissected.info), ("ARP", "Who has 10.0.0.2? Tell 10.0.0.1"));
        assert_eq!(dissected.stack, "eth:ethertype:arp");
    }

    /// Opcode, sender, target's MAC and IP address; title, Protocol and Info.
    #[test]
    fn what_packets_mean() {
        let (one, two, zero) = ([10, 0, 0, 1], [10, 0, 0, 2], [0; 4]);
        let cases = [
            (2, one, STATION, two, "reply", "ARP", "10.0.0.1 is at 00:02:b3:aa:bb:cc"),
            (1, one, NOBODY, one, "ARP Announcement", "ARP", "ARP Announcement for 10.0.0.1"),
            (1, one, STATION, one, "request/gratuitous ARP", "ARP", "Gratuitous ARP for 10.0.0.1 (Request)"),
            (2, one, NOBODY, one, "reply/gratuitous ARP", "ARP", "Gratuitous ARP for 10.0.0.1 (Reply)"),
            (1, zero, NOBODY, two, "ARP Probe", "ARP", "Who has 10.0.0.2? (ARP Probe)"),
            (1, zero, STATION, two, "request", "ARP", "Who has 10.0.0.2? Tell 0.0.0.0"),
            (3, zero, STATION, zero, "reverse request", "RARP", "Who is 00:02:b3:aa:bb:cc? Tell 00:02:b3:aa:bb:cc"),
            (4, one, STATION, two, "reverse reply", "RARP", "00:02:b3:aa:bb:cc is at 10.0.0.2"),
            (7, one, NOBODY, [3, 0, 0, 0], "drarp error", "DRARP", "DRARP Error"),
            (9, one, NOBODY, two, "inverse reply", "Inverse ARP", "00:02:b3:aa:bb:cc is at 10.0.0.1"),
            (10, one, NOBODY, one, "arp nak", "ARP", "ARP NAK"),
            (12, one, NOBODY, two, "mars multi", "MARS", "MARS MULTI request from 00:02:b3:aa:bb:cc at 10.0.0.1"),
            (16, one, NOBODY, two, "mars nak", "MARS", "MARS NAK from 00:02:b3:aa:bb:cc at 10.0.0.1"),
            (23, one, NOBODY, two, "mapos unarp", "MAPOS", "MAPOS UNARP request from 00:02:b3:aa:bb:cc at 10.0.0.1"),
            (26, one, NOBODY, two, "opcode 0x001a", "ARP", "Unknown ARP opcode 0x001a"),
        ];
        for (opcode, source, mac, target, title, protocol, info) in cases {
            let dissected = arp(opcode, source, mac, target);
            dissected.shows(&[&format!("Address Resolution Protocol ({title})")]);
            assert_eq!((&*dissected.protocol, &*dissected.info), (protocol, info));
        }
        arp(7, one, NOBODY, [3, 0, 0, 0]).shows(&["DRARP error status: serverdown (3)"]);
        arp(1, one, NOBODY, one).shows(&["[Is gratuitous: True]", "[Is announcement: True]"]).lacks("Is probe");
    }

    #[test]
    fn other_addresses() {
        let dissect = |bytes: Vec<u8>| Sample::ethernet(0x0806, &bytes).dissect();
        let nothing = dissect(packet([0, 1, 8, 0], [0, 0], 2, [&[], &[], &[], &[]]));
        assert_eq!(nothing.info, "<No address> is at <No address>");
        let eight = dissect(packet([0, 6, 8, 0], [8, 4], 2, [&[1; 8], &[10, 0, 0, 1], &[2; 8], &[10, 0, 0, 2]]));
        eight.shows(&["Sender hardware address: 0101010101010101", "Target hardware address: 0202020202020202"]);
        assert_eq!(eight.info, "10.0.0.1 is at 0101010101010101");
        let other = dissect(packet([0, 1, 0xff, 0xfe], [6, 2], 1, [&STATION, &[1, 2], &NOBODY, &[3, 4]]));
        other.shows(&["Sender protocol address: 0102", "Target protocol address: 0304"]);
        assert_eq!(other.info, "Who has 0304? Tell 0102");
        let station = [0x9c, 0x94, 0x72, 0x60, 0x82, 0xa6, 0x6f];
        dissect(packet([0, 3, 0, 0xcc], [7, 4], 1, [&station, &[10, 0, 0, 1], &[0; 7], &[10, 0, 0, 2]]))
            .shows(&["Sender AX.25 address: NJ90AS-7", "Sender IP address: 10.0.0.1"]);
    }

    #[test]
    fn sizes_that_lie_and_cuts() {
        let whole = packet([0, 1, 8, 0], [6, 4], 1, [&STATION, &[10, 0, 0, 1], &NOBODY, &[10, 0, 0, 2]]);
        for len in 0..whole.len() {
            let cut = Sample::ethernet(0x0806, &whole[..len]).dissect();
            cut.shows(&["[Malformed Packet: ARP/RARP]"]).lacks("Protocol (request)").lacks("Sender");
            assert_eq!((&*cut.protocol, &*cut.info), ("ARP", "[Malformed Packet]"));
        }
        // Info and title need the sender alone; of the rest is shown what there is.
        let reply = packet([0, 1, 8, 0], [6, 4], 9, [&STATION, &[10, 0, 0, 1], &NOBODY, &[10, 0, 0, 2]]);
        let cut = Sample::ethernet(0x0806, &reply).cut(34).dissect();
        cut.shows(&["Address Resolution Protocol (inverse reply)", "Sender IP address: 10.0.0.1"]).lacks("Target MAC");
        assert_eq!(cut.info, "00:02:b3:aa:bb:cc is at 10.0.0.1[Packet size limited during capture]");
        Sample::ethernet(0x0806, &reply[..20]).dissect().lacks("(inverse reply)\n").lacks("Sender IP address");
        let mut long = whole.clone();
        long[4] = 64;
        Sample::ethernet(0x0806, &long).dissect().shows(&["Hardware size: 64", "[Malformed Packet: ARP/RARP]"]);
        let snapped = Sample::ethernet(0x0806, &whole).cut(30).dissect();
        snapped.shows(&["Opcode: request (1)", "[Packet size limited during capture: ARP/RARP truncated]"]);
    }

    #[test]
    fn atm() {
        let mut number = vec![0x39, 0x84, 0x0f];
        number.resize(20, 0);
        let header = [0, 19, 8, 0, 20, 3, 0, 2, 4, 0x43, 0, 4];
        let parts: [&[u8]; 6] = [&header, &number, &[1, 2, 3], &[10, 0, 0, 1], b"123", &[10, 0, 0, 2]];
        let bytes = parts.concat();
        let dissected = Sample::ethernet(0x0806, &bytes).dissect();
        dissected.shows(&[
            "ATM Address Resolution Protocol (reply)",
            "Sender ATM number type/length: ATM Forum NSAPA/20",
            ".0.. .... = Sender ATM number type: ATM Forum NSAPA",
            "..01 0100 = Sender ATM number length: 20",
            "Sender ATM subaddress type/length: ATM Forum NSAPA/3",
            "Target ATM number type/length: E.164/3",
            "Sender ATM number (NSAP): 39840f0000000000000000000000000000000000",
            "AFI: DCC ATM format (0x39)",
            "Data Country Code: 0x840f",
            "Sender ATM subaddress: 010203",
            "Sender IP address: 10.0.0.1",
            "Target ATM number (E.164): 123",
            "Target IP address: 10.0.0.2",
        ]);
        assert_eq!(dissected.stack, "eth:ethertype:arp:atmarp");
        assert_eq!(dissected.protocol, "ATMARP");
        assert_eq!(dissected.info, "10.0.0.1 is at 39840f0000000000000000000000000000000000,010203");
        let cut = Sample::ethernet(0x0806, &bytes[..bytes.len() - 1]).dissect();
        cut.shows(&["[Malformed Packet: ATMARP]"]).lacks("Hardware type");
    }
}
