//! Ethernet: DIX version 2 and IEEE 802.3.
//!
//! IEEE 802.3, clause 3. A length field of 1500 or less makes an 802.3 frame, which carries LLC (or, with `ff ff` first, raw IPX);
//! 1536 or more is an EtherType. A field of 0 is read as an EtherType.
//!
//! ```text
//! +--------+--------+--------+--------+--------+--------+
//! |                 destination address                 |
//! +--------+--------+--------+--------+--------+--------+
//! |                   source address                    |
//! +--------+--------+--------+--------+--------+--------+
//! | type or length  |  payload, padding, perhaps an FCS …
//! +--------+--------+
//! ```

use super::llc;
use crate::dissect::{
    Address, Derive, Entry, Field, Group, Layer, LayerView, Names, Next, Outcome, Plain, Preference, Protocol,
    Severity, Stop, Summary, Table, fields,
};
use crate::names;
use crate::text::Text;

fields! {
    DST = ether("eth.dst", "Destination").in_columns();
    DST_RESOLVED = text("eth.dst_resolved", "Destination (resolved)").hidden().derive(Derive::AddressText)
        .either(&[&DST_OUI, &DST_OUI_NAME]);
    DST_OUI = uint24("eth.dst.oui", "Destination OUI").derive(Derive::Oui).hidden();
    DST_OUI_NAME = text("eth.dst.oui_resolved", "Destination OUI (resolved)").derive(Derive::OuiName).hidden();
    DST_LG = boolean("eth.dst.lg", "LG bit").of(24).bits(0x02_0000).either(&[&LG]).named(LG_NAMES);
    DST_IG = boolean("eth.dst.ig", "IG bit").of(24).bits(0x01_0000).either(&[&IG]).named(IG_NAMES);
    SRC = ether("eth.src", "Source").in_columns();
    SRC_RESOLVED = text("eth.src_resolved", "Source (resolved)").hidden().derive(Derive::AddressText)
        .either(&[&SRC_OUI, &SRC_OUI_NAME]);
    SRC_OUI = uint24("eth.src.oui", "Source OUI").derive(Derive::Oui).hidden();
    SRC_OUI_NAME = text("eth.src.oui_resolved", "Source OUI (resolved)").derive(Derive::OuiName).hidden();
    SRC_LG = boolean("eth.src.lg", "LG bit").of(24).bits(0x02_0000).either(&[&LG]).named(LG_NAMES);
    SRC_IG = boolean("eth.src.ig", "IG bit").of(24).bits(0x01_0000).either(&[&IG]).named(IG_NAMES);
    ADDR = ether("eth.addr", "Address").either(&[&ADDR_RESOLVED, &ADDR_OUI, &ADDR_OUI_NAME]);
    ADDR_RESOLVED = text("eth.addr_resolved", "Address (resolved)").derive(Derive::AddressText).hidden();
    ADDR_OUI = uint24("eth.addr.oui", "Address OUI").derive(Derive::Oui).hidden();
    ADDR_OUI_NAME = text("eth.addr.oui_resolved", "Address OUI (resolved)").derive(Derive::OuiName).hidden();
    LG = boolean("eth.lg", "LG bit").of(24).bits(0x02_0000).named(LG_NAMES).hidden();
    IG = boolean("eth.ig", "IG bit").of(24).bits(0x01_0000).named(IG_NAMES).hidden();
    TYPE = uint16("eth.type", "Type").hex().named(ETHERTYPES).in_columns();
    LEN = uint16("eth.len", "Length").in_columns();
    INVALID_LENTYPE = uint16("eth.invalid_lentype", "Invalid length/type").hex_dec();
    PADDING = bytes("eth.padding", "Padding");
    TRAILER = bytes("eth.trailer", "Trailer");
    FCS = uint32("eth.fcs", "Frame check sequence").hex().label(fcs_line);
    FCS_STATUS = uint8("eth.fcs.status", "FCS Status").name_only().values(STATUSES).generated();
    SOURCE_GROUP = expert("eth.src_not_group", "Source MAC must not be a group address: IEEE 802.3-2002, Section 3.2.3(b)",
        Severity::Warning, Group::Protocol);
    PADDING_BAD = expert("eth.padding_bad", PADDING_WORDS, Severity::Note, Group::Protocol);
    LEN_PAST_END = expert("eth.len.past_end", "Length field value goes past the end of the payload", Severity::Error,
        Group::Malformed);
    INVALID = expert("eth.invalid_lentype.expert", "Invalid length/type", Severity::Warning, Group::Protocol)
        .label(invalid_line).in_columns();
    FCS_BAD = expert("eth.fcs_bad", "Bad checksum", Severity::Error, Group::Checksum).label(fcs_bad_line);
}

/// Words for EtherTypes, wherever a protocol has one.
pub(super) const ETHERTYPES: Names = Names::Lookup(|number| u16::try_from(number).ok().and_then(names::ethertype));
/// What is said of a trailer that may be padding.
pub(super) const PADDING_WORDS: &str =
    "Didn't find padding of zeros, and an undecoded trailer exists. There may be padding of non-zeros.";
const LG_NAMES: Names = Names::Flags(
    "Locally administered address (this is NOT the factory default)",
    "Globally unique address (factory default)",
);
const IG_NAMES: Names = Names::Flags("Group address (multicast/broadcast)", "Individual address (unicast)");
static STATUSES: &[(u64, &str)] = &[(0, "Bad"), (1, "Good"), (2, "Unverified"), (3, "Not present")];

static CHECK_FCS: Preference =
    Preference::new("eth.check_fcs", false, "Whether the frame check sequence is verified where there is one.");
static ASSUME_FCS: Preference =
    Preference::new("eth.assume_fcs", false, "Whether every frame is taken to end with a frame check sequence.");

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[
        (Table::LinkType, 1),
        (Table::EtherType, 0x6558),
        (Table::SllProtocol, 0x0003),
        (Table::SnapProtocol, 0x80c2_0001),
        (Table::SnapProtocol, 0x80c2_0007),
    ],
    preferences: &[&CHECK_FCS, &ASSUME_FCS],
    brief: true,
    dissect,
    plain: Some(plain),
    after: Some(after),
    addresses: Some((&SRC, &DST)),
    ends: Some(ends),
    summary: Some(summary),
    family: crate::dissect::Family::Link,
    ..Protocol::new("eth", "Ethernet", "Ethernet").line(line)
};

/// Bytes of addresses and type.
const HEADER_LEN: usize = 14;
/// The most that the third field says as a length.
pub(super) const MAX_LENGTH: u16 = 1500;
/// The least that it says as an EtherType.
pub(super) const MIN_TYPE: u16 = 0x0600;
/// Where the payload of the shortest frame ends, counted from its beginning; an FCS follows.
pub(super) const SHORTEST: usize = 60;

fn dissect(l: &mut Layer) -> Outcome {
    // One field after the other: each that is missing tells on its own whether it was not captured or never there.
    l.demand(6)?;
    l.demand(12)?;
    let header = l.demand(HEADER_LEN)?;
    let destination = l.ether(&DST)?;
    address_parts(l, header, 0, [&DST_RESOLVED, &ADDR, &DST_LG, &DST_IG]);
    let source = l.ether(&SRC)?;
    let number = u16::from_be_bytes([header[12], header[13]]);
    // In 802.3 frames the bit may mean source routing (IEEE 802.5).
    if header[6] & 1 != 0 && !(1..MIN_TYPE).contains(&number) {
        l.expert(&SOURCE_GROUP);
    }
    address_parts(l, header, 6, [&SRC_RESOLVED, &ADDR, &SRC_LG, &SRC_IG]);
    l.set_addresses(source, destination);
    let (next, fcs_len) = match number {
        1..=MAX_LENGTH => {
            l.u16(&LEN)?;
            if usize::from(number) > l.wire_remaining() {
                l.expert(&LEN_PAST_END);
            }
            (after_length(l), known_fcs_len(l))
        }
        _ if number > MAX_LENGTH && number < MIN_TYPE => {
            l.u16(&INVALID_LENTYPE)?;
            l.expert_with(&INVALID, number);
            (Next::Data, known_fcs_len(l))
        }
        _ => {
            l.u16(&TYPE)?;
            (Next::By(Table::EtherType, number.into()), known_fcs_len(l))
        }
    };
    let before_fcs = l.wire_remaining().saturating_sub(fcs_len);
    let length = if (1..=MAX_LENGTH).contains(&number) { usize::from(number) } else { usize::MAX };
    l.limit_payload(before_fcs.min(length));
    Ok(next)
}

/// Reads a header with an EtherType, where nobody says that a frame check sequence stands behind the payload.
fn plain(header: &mut Plain) -> Option<Next> {
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = header.bytes().first_chunk::<HEADER_LEN>()?;
    let number = u16::from_be_bytes([t0, t1]);
    let has_fcs = header.frame().fcs_len().is_some_and(|len| len > 0) || header.prefers(&ASSUME_FCS);
    if number < MIN_TYPE || has_fcs {
        return None;
    }
    header.measures(HEADER_LEN, usize::MAX);
    header.column(&DST, u64::from_be_bytes([0, 0, d0, d1, d2, d3, d4, d5]), 0, 6);
    header.column(&SRC, u64::from_be_bytes([0, 0, s0, s1, s2, s3, s4, s5]), 6, 6);
    header.column(&TYPE, number.into(), 12, 2);
    header.set_addresses(Address::Ether([s0, s1, s2, s3, s4, s5]), Address::Ether([d0, d1, d2, d3, d4, d5]));
    Some(Next::By(Table::EtherType, number.into()))
}

/// What follows a length: LLC, unless it begins like raw IPX, whose checksum is always `ff ff`.
pub(super) fn after_length(l: &Layer) -> Next {
    if is_raw_ipx(l.remaining()) { Next::Data } else { Next::Protocol(&llc::PROTOCOL) }
}

fn is_raw_ipx(payload: &[u8]) -> bool {
    payload.starts_with(&[0xff, 0xff])
}

fn address_parts(l: &mut Layer, header: &[u8], at: usize, fields: [&'static Field; 4]) {
    let [resolved, address, lg, ig] = fields;
    if !l.is_detailed() {
        return;
    }
    let mac = header[at..at + 6].iter().fold(0u64, |mac, &byte| mac << 8 | u64::from(byte));
    l.below(|l| {
        l.generated_at(resolved, mac, at, 6);
        l.generated_at(address, mac, at, 6);
        l.generated_at(lg, mac >> 41 & 1, at, 3);
        l.generated_at(ig, mac >> 40 & 1, at, 3);
    });
}

/// Bytes of frame check sequence that the capture or the user says there are.
fn known_fcs_len(l: &Layer) -> usize {
    match fcs(l) {
        Fcs::There(len) => len,
        Fcs::Absent | Fcs::Unsaid => 0,
    }
}

/// What is known of the frame check sequence before the frame is looked at.
enum Fcs {
    There(usize),
    Absent,
    Unsaid,
}

fn fcs(l: &Layer) -> Fcs {
    // Inside another protocol the sequence was taken off.
    if l.frame_offset() > l.offset() {
        return Fcs::Absent;
    }
    if l.prefers(&ASSUME_FCS) {
        return Fcs::There(4);
    }
    match l.frame().fcs_len() {
        Some(0) => Fcs::Absent,
        Some(len) => Fcs::There(len.into()),
        None => Fcs::Unsaid,
    }
}

/// Reads what stands behind the payload: padding up to the shortest frame, a trailer, a frame check sequence.
///
/// Nothing on the wire tells them apart. Zeros that fill the frame up to its shortest length are padding. Of the rest the last four
/// bytes are the check sequence if the capture says that there is one; if it says nothing, then where there is room for it behind
/// the shortest frame.
fn after(l: &mut Layer) -> Result<(), Stop> {
    if l.remaining().is_empty() {
        return ends_behind(l, HEADER_LEN);
    }
    let is_padded = padding(l, &PADDING, SHORTEST.saturating_sub(l.offset()))?;
    let rest = l.wire_remaining();
    let has_fcs = match fcs(l) {
        Fcs::There(4) => true,
        Fcs::Absent => false,
        // A sequence of another length is none of Ethernet's.
        Fcs::There(_) | Fcs::Unsaid => l.wire_len() >= SHORTEST + 4 && rest >= 4,
    };
    let trailer_len = if has_fcs { rest.saturating_sub(4) } else { rest };
    trailer(l, &TRAILER, &PADDING_BAD, trailer_len, is_padded)?;
    if has_fcs { frame_check_sequence(l) } else { Ok(()) }
}

/// Fails where a length, before the payload at `at`, ends it behind what was captured: what comes then is missing too.
pub(super) fn ends_behind(l: &Layer, at: usize) -> Result<(), Stop> {
    let field = l.all().get(at.saturating_sub(2)..at).and_then(|bytes| bytes.try_into().ok());
    let length = field.map_or(0, u16::from_be_bytes);
    let is_cut = at + usize::from(length) > l.all().len() && !l.is_whole();
    if (1..=MAX_LENGTH).contains(&length) && is_cut && !l.has_stopped() {
        return Err(Stop::Short);
    }
    Ok(())
}

/// Reads the `len` bytes of padding that the shortest frame needs, where it is so long and they are zeros.
///
/// Returns whether there is nothing wrong: no padding is needed, or it was read.
pub(super) fn padding(l: &mut Layer, field: &'static Field, len: usize) -> Result<bool, Stop> {
    if len == 0 || l.wire_remaining() < len {
        return Ok(true);
    }
    let there = l.remaining();
    if there.iter().take(len).any(|&byte| byte != 0) {
        return Ok(false);
    }
    l.bytes(field, len)?;
    Ok(true)
}

/// Reads what was captured of a trailer of `len` bytes.
pub(super) fn trailer(
    l: &mut Layer,
    field: &'static Field,
    bad: &'static Field,
    len: usize,
    is_padded: bool,
) -> Result<(), Stop> {
    let captured = len.min(l.remaining().len());
    if captured > 0 {
        l.bytes(field, captured)?;
        if !is_padded {
            l.expert(bad);
        }
    }
    Ok(())
}

fn frame_check_sequence(l: &mut Layer) -> Result<(), Stop> {
    let sent = l.u32(&FCS)?;
    let covered = l.all().get(..l.offset() - 4).unwrap_or_default();
    if !l.prefers(&CHECK_FCS) {
        l.generated(&FCS_STATUS, UNVERIFIED);
        return Ok(());
    }
    // The sequence is sent with its lowest byte first.
    let computed = crc32(covered).swap_bytes();
    if computed != sent {
        l.expert_with(&FCS_BAD, computed);
    }
    l.generated(&FCS_STATUS, if computed == sent { GOOD } else { BAD });
    Ok(())
}

fn line(layer: &LayerView, _: &Entry, text: &mut Text) {
    let kind = match (layer.find(&TYPE), layer.find(&INVALID_LENTYPE)) {
        (Some(_), _) => "Ethernet II",
        (None, Some(_)) => "Ethernet Unknown",
        (None, None) if has_raw_ipx(layer) => {
            text.str(RAW_LINE);
            return;
        }
        (None, None) => {
            text.str("IEEE 802.3 Ethernet ");
            return;
        }
    };
    text.str(kind).str(", Src: ");
    layer.write_address(&SRC, text);
    text.str(", Dst: ");
    layer.write_address(&DST, text);
}

const RAW_LINE: &str = "IEEE 802.3 Ethernet Raw ";

fn has_raw_ipx(layer: &LayerView) -> bool {
    layer.find(&LEN).is_some() && layer.bytes().get(HEADER_LEN..).is_some_and(is_raw_ipx)
}

fn fcs_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Frame check sequence: ").hex(entry.number(), 8);
    match (layer.number(&FCS_STATUS), layer.number(&FCS_BAD)) {
        (_, Some(computed)) => _ = text.str(" incorrect, should be ").hex(computed, 8),
        (Some(GOOD), _) => _ = text.str(" [correct]"),
        _ => _ = text.str(" [unverified]"),
    }
}

fn fcs_bad_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad checksum [should be ").hex(entry.number(), 8).str("]");
}

fn invalid_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Invalid length/type: ").hex(entry.number(), 4).str(" (").dec(entry.number()).str(")");
}

/// Writes the addresses that are there of a header that was cut.
fn ends(layer: &LayerView, source: &mut Text, destination: &mut Text) {
    let there = layer.bytes();
    for (text, at) in [(destination, 0), (source, 6)] {
        if let Some(address) = there.get(at..at + 6) {
            text.hex_bytes(address, Some(b':'));
        }
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    if let Some(number) = layer.number(&TYPE) {
        summary.protocol.hex(number, 4);
        summary.info.str("Ethernet II");
    } else if let Some(entry) = layer.find(&INVALID) {
        summary.info.str("Ethernet Unknown: ");
        invalid_line(layer, entry, summary.info);
    } else {
        summary.protocol.str(PROTOCOL.short);
        summary.info.str(if has_raw_ipx(layer) { RAW_LINE } else { "" });
    }
}

const BAD: u64 = 0;
const GOOD: u64 = 1;
const UNVERIFIED: u64 = 2;

/// The CRC of IEEE 802.3, 3.2.9, over `bytes`.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| crc >> 8 ^ CRC_TABLE[usize::from(crc as u8 ^ byte)])
}

static CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 != 0 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::{Dissected, ETHERNET, Sample};

    /// A frame from 00:02:b3:aa:bb:cc to everybody, padded with `fill` up to `len` bytes.
    fn frame(number: u16, payload: &[u8], len: usize, fill: u8) -> Vec<u8> {
        let mut bytes = vec![0xff; 6];
        bytes.extend([0x00, 0x02, 0xb3, 0xaa, 0xbb, 0xcc]);
        bytes.extend(number.to_be_bytes());
        bytes.extend(payload);
        bytes.resize(bytes.len().max(len), fill);
        bytes
    }

    /// An IPv4 packet of `len` bytes; its header checksum is not looked at.
    fn packet(len: u8) -> Vec<u8> {
        let mut bytes = vec![0x45, 0, 0, len, 0, 1, 0, 0, 64, 253, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        bytes.resize(len.into(), b'x');
        bytes
    }

    fn dissect(bytes: Vec<u8>) -> Dissected {
        Sample::new(ETHERNET, bytes).dissect()
    }

    // 00:02:b3:aa:bb:cc > ff:ff:ff:ff:ff:ff, ethertype Unknown (0x9999)
    #[test]
    fn version_two() {
        let dissected = dissect(frame(0x9999, b"abc", 0, 0));
        dissected.shows(&[
            "Ethernet II, Src: 00:02:b3:aa:bb:cc, Dst: ff:ff:ff:ff:ff:ff",
            "Destination: ff:ff:ff:ff:ff:ff",
            "Address: ff:ff:ff:ff:ff:ff",
            ".... ..1. .... .... .... .... = LG bit: Locally administered address (this is NOT the factory default)",
            ".... ...1 .... .... .... .... = IG bit: Group address (multicast/broadcast)",
            "Source: 00:02:b3:aa:bb:cc",
            ".... ..0. .... .... .... .... = LG bit: Globally unique address (factory default)",
            ".... ...0 .... .... .... .... = IG bit: Individual address (unicast)",
            "Type: Unknown (0x9999)",
            "Data (3 bytes)",
        ]);
        assert_eq!((&*dissected.protocol, &*dissected.info), ("0x9999", "Ethernet II"));
        assert_eq!(dissected.stack, "eth:ethertype:data");
        assert_eq!(dissect(frame(0x9999, b"", 0, 0)).stack, "eth");
    }

    #[test]
    fn shorter_than_its_header() {
        for len in 0..HEADER_LEN {
            let dissected = dissect(vec![2; len]);
            assert_eq!((&*dissected.protocol, &*dissected.info), ("Ethernet", "[Malformed Packet]"), "{len}");
        }
    }

    #[test]
    fn lengths_and_types() {
        let llc = dissect(frame(7, &[0xf0, 0xf0, 0x13, 1, 2, 3, 4], 60, 0));
        llc.shows(&["IEEE 802.3 Ethernet", "Length: 7", "Logical-Link Control", "Data (4 bytes)"]);
        assert_eq!(llc.stack, "eth:llc:data");
        let long = dissect(frame(50, &[0xf0, 0xf0, 0x13], 0, 0));
        long.shows(&[
            "Length: 50",
            "[Expert Info (Error/Malformed): Length field value goes past the end of the payload]",
        ]);
        assert_eq!(dissect(frame(0, b"abc", 0, 0)).stack, "eth:ethertype:data");
        let raw = dissect(frame(30, &[0xff; 30], 60, 0));
        raw.shows(&["IEEE 802.3 Ethernet Raw", "Length: 30"]);
        for (number, line) in [(1501, "0x05dd (1501)"), (1535, "0x05ff (1535)")] {
            let invalid = dissect(frame(number, b"abc", 0, 0));
            invalid.shows(&[
                "Ethernet Unknown, Src: 00:02:b3:aa:bb:cc, Dst: ff:ff:ff:ff:ff:ff",
                &format!("Invalid length/type: {line}"),
                &format!("[Expert Info (Warning/Protocol): Invalid length/type: {line}]"),
            ]);
            assert_eq!(invalid.stack, "eth:data");
            assert_eq!(invalid.info, format!("Ethernet Unknown: Invalid length/type: {line}"));
        }
    }

    #[test]
    fn a_group_sends_nothing() {
        let mut bytes = frame(0x9999, b"", 0, 0);
        bytes[6] = 1;
        dissect(bytes).shows(&[
            "Source: 01:02:b3:aa:bb:cc",
            "[Expert Info (Warning/Protocol): Source MAC must not be a group address: IEEE 802.3-2002, Section 3.2.3(b)]",
            "Address: 01:02:b3:aa:bb:cc",
        ]);
    }

    /// What stands behind a payload that ends at byte 40 or 94, and how it reads.
    #[test]
    fn padding_trailer_and_check_sequence() {
        let short = |len, fill| frame(0x0800, &packet(26), len, fill);
        let with = |mut bytes: Vec<u8>, more: &[u8]| {
            bytes.extend(more);
            bytes
        };
        let zeros = "Padding: 0000000000000000000000000000000000000000";
        let cases: [(&str, Vec<u8>, &[&str]); 9] = [
            ("nothing", short(0, 0), &[]),
            ("zeros up to the shortest", short(60, 0), &[zeros]),
            ("others", short(60, 0x55), &["Trailer: 5555555555555555555555555555555555555555"]),
            ("too few zeros", short(45, 0), &["Trailer: 0000000000"]),
            (
                "and a check sequence",
                with(short(60, 0), &[1, 2, 3, 4]),
                &[zeros, "Frame check sequence: 0x01020304 [unverified]", "[FCS Status: Unverified]"],
            ),
            (
                "and both",
                with(short(60, 0), &[9, 9, 1, 2, 3, 4]),
                &[zeros, "Trailer: 0909", "Frame check sequence: 0x01020304 [unverified]"],
            ),
            ("three bytes behind a long one", with(frame(0x0800, &packet(80), 0, 0), &[7, 7, 7]), &["Trailer: 070707"]),
            (
                "four",
                with(frame(0x0800, &packet(80), 0, 0), &[0, 0, 0, 0]),
                &["Frame check sequence: 0x00000000 [unverified]"],
            ),
            (
                "five",
                with(frame(0x0800, &packet(80), 0, 0), &[7, 0, 0, 0, 0]),
                &["Trailer: 07", "Frame check sequence: 0x00000000 [unverified]"],
            ),
        ];
        for (name, bytes, lines) in cases {
            let dissected = dissect(bytes);
            dissected.shows(lines);
            for title in ["Padding: ", "Trailer: ", "Frame check sequence: "] {
                let expected = lines.iter().filter(|line| line.starts_with(title)).count();
                assert_eq!(dissected.tree.matches(title).count(), expected, "{name}: {title}");
            }
            let is_bad = dissected.tree.contains(&format!("[Expert Info (Note/Protocol): {PADDING_WORDS}]"));
            assert_eq!(is_bad, name == "others", "{name}");
        }
    }

    #[test]
    fn check_sequences_that_are_known() {
        let mut bytes = frame(0x0800, &packet(26), 60, 0);
        bytes.extend(crc32(&bytes).to_le_bytes());
        let check = |bytes: &[u8]| Sample::new(ETHERNET, bytes).prefer(&CHECK_FCS, true).dissect();
        check(&bytes).shows(&["Frame check sequence: 0x78c4e88f [correct]", "[FCS Status: Good]"]);
        bytes[63] ^= 1;
        check(&bytes).shows(&[
            "Frame check sequence: 0x78c4e88e incorrect, should be 0x78c4e88f",
            "[Expert Info (Error/Checksum): Bad checksum [should be 0x78c4e88f]]",
            "[FCS Status: Bad]",
        ]);
        let known = |len| Sample::new(ETHERNET, frame(0x9999, b"abcdefgh", 0, 0)).fcs_len(len).dissect();
        known(4).shows(&["Frame check sequence: 0x65666768 [unverified]", "Data (4 bytes)"]);
        known(2).shows(&["Trailer: 6768", "Data (6 bytes)"]);
        known(0).shows(&["Data (8 bytes)"]);
        let none = Sample::new(ETHERNET, bytes).fcs_len(0).dissect();
        none.lacks("Frame check sequence").shows(&["Trailer: 78c4e88e"]);
    }

    #[test]
    fn cut_frames() {
        for len in 0..HEADER_LEN {
            let cut = Sample::new(ETHERNET, frame(0x0800, &packet(26), 60, 0)).cut(len).dissect();
            cut.shows(&["[Packet size limited during capture: Ethernet truncated]"]).lacks("Ethernet II");
        }
        let padded = || Sample::new(ETHERNET, frame(0x0800, &packet(26), 64, 0));
        padded()
            .cut(55)
            .dissect()
            .lacks("Padding")
            .shows(&["[Packet size limited during capture: Ethertype truncated]"]);
        padded().cut(62).dissect().lacks("Frame check").shows(&[
            "Padding: 0000000000000000000000000000000000000000",
            "[Packet size limited during capture: Ethertype truncated]",
        ]);
        padded().cut(40).dissect().lacks("truncated");
    }

    #[test]
    fn the_check_sequence_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
