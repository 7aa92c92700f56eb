//! What stands behind the datagram that an ICMP message quotes.
//!
//! RFC 4884 (multi-part messages), RFC 4950 (MPLS label stacks), RFC 5837 (interface information), RFC 8335 (interface
//! identification).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |Version|      Reserved         |           Checksum            |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Length of this object     |     Class     |    C-Type     |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |   what class and C-Type say …                                 |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use super::*;

/// Finds the extensions of a message that quotes a datagram: returns how many bytes after its beginning they begin.
///
/// They are looked for only behind the first 128 bytes of the datagram: "the 'original datagram' field MUST contain at least
/// 128 octets" (RFC 4884, section 3), and only if the datagram itself does not reach so far.
fn place(l: &Layer) -> Option<usize> {
    let bytes = l.all();
    let &[kind, _, _, _, _, words, _, _, _, _, high, low, ..] = bytes else { return None };
    let datagram_len = u16::from_be_bytes([high, low]);
    if !quotes(kind) || l.wire_len() <= HEADER_LEN + QUOTED_LEN {
        return None;
    }
    if usize::from(datagram_len) > QUOTED_LEN && !l.prefers(&FAVOR_EXTENSIONS) {
        return None;
    }
    let says_length = matches!(kind, UNREACHABLE | TIME_EXCEEDED | PARAMETER_PROBLEM);
    let length = if says_length { usize::from(words) * 4 } else { 0 };
    Some(HEADER_LEN + if length > 0 { length } else { QUOTED_LEN })
}

/// Reads the extensions once the quoted datagram has been dissected.
pub fn after(l: &mut Layer) -> Result<(), Stop> {
    let Some(offset) = place(l).filter(|_| !l.payload_stopped()) else { return Ok(()) };
    l.go_to(offset)?;
    read(l)
}

/// Reads the extensions up to the end of the message.
pub fn read(l: &mut Layer) -> Result<(), Stop> {
    let version = l.peek_u8().unwrap_or_default() >> 4;
    let open = l.open_with(&EXT, version, l.wire_remaining());
    let result = objects(l);
    l.close(open);
    result
}

fn objects(l: &mut Layer) -> Result<(), Stop> {
    if l.wire_remaining() < 4 {
        return Ok(());
    }
    let begin = l.remaining();
    let wire_len = l.wire_remaining();
    let version = l.peek_u8()? >> 4;
    l.generated_at(&EXT_VERSION, version, l.offset(), 1);
    l.u16(&EXT_RESERVED)?;
    let missing = l.peek_u16()? == 0;
    if !missing {
        l.peek(wire_len - 2)?;
    }
    let found = l.u16(if missing { &EXT_CHECKSUM_MISSING } else { &EXT_CHECKSUM })?;
    if missing {
        // "If no checksum is transmitted, the checksum field is zero" (RFC 4884, section 7).
        l.generated(&EXT_CHECKSUM_STATUS, NOT_PRESENT);
    } else {
        let (before, behind) = begin.split_at_checked(2).unwrap_or_default();
        let calculated = sum(before, behind.get(2..).unwrap_or_default());
        if calculated != found {
            l.expert_with(&EXT_CHECKSUM_BAD, calculated);
        }
        l.generated(&EXT_CHECKSUM_STATUS, if calculated == found { GOOD } else { BAD });
    }
    if !matches!(version, 1 | 2) {
        return Ok(());
    }
    while l.wire_remaining() >= 4 {
        if !object(l)? {
            break;
        }
    }
    Ok(())
}

/// Reads one object; returns whether another may follow.
fn object(l: &mut Layer) -> Result<bool, Stop> {
    let &[high, low, class, kind] = l.peek(4)? else { return Ok(false) };
    let said_len = usize::from(u16::from_be_bytes([high, low]));
    let left = l.wire_remaining();
    let len = said_len.clamp(4, left);
    // Its line tells class and C-Type, whether it is cut, and whether its length can be.
    let value =
        u64::from(class) << 8 | u64::from(kind) | u64::from(said_len > left) << 16 | u64::from(said_len < 4) << 17;
    let open = l.open_with(&EXT_OBJECT, value, len);
    l.u16(&EXT_LENGTH)?;
    l.u8(&EXT_CLASS)?;
    if said_len < 4 {
        l.close(open);
        return Ok(false);
    }
    let end = l.offset() + len - 3;
    let outer = l.narrow(len - 3);
    l.u8(&EXT_CTYPE)?;
    match class {
        MPLS_STACK if kind == 1 => label_stack(l)?,
        MPLS_STACK => {
            l.generated_at(&EXT_CTYPE, kind, l.offset() - 1, 1);
            l.rest(&EXT_DATA);
        }
        INTERFACE_INFORMATION => {
            l.parts(INTERFACE_FLAGS, kind);
            l.widen(outer);
            interface_information(l, kind, end)?;
            l.go_to(end)?;
            l.close(open);
            return Ok(true);
        }
        INTERFACE_IDENTIFICATION if kind != BY_NAME || len > 4 => interface_identification(l, kind)?,
        _ => _ = l.rest(&EXT_DATA),
    }
    let rest = l.wire_remaining();
    l.skip(rest)?;
    l.widen(outer);
    l.close(open);
    Ok(true)
}

fn label_stack(l: &mut Layer) -> Result<(), Stop> {
    while l.wire_remaining() >= 4 {
        let entry = l.peek_u32()?;
        let open = l.open_with(&MPLS_ENTRY, entry, 4);
        let label = entry >> 8;
        l.part(&MPLS_LABEL, label, 3);
        l.skip(2)?;
        l.part(&MPLS_EXP, label, 1);
        l.part(&MPLS_S, label, 1);
        l.skip(1)?;
        l.u8(&MPLS_TTL)?;
        l.close(open);
    }
    l.rest(&MPLS_DATA);
    Ok(())
}

/// Reads what the flags say of an interface, in an object that ends at `end`. Its numbers are read even where they reach into
/// what follows.
fn interface_information(l: &mut Layer, flags: u8, end: usize) -> Result<(), Stop> {
    let left = |l: &Layer| end.saturating_sub(l.offset());
    if flags & 0x08 != 0 {
        l.u32(&INFO_INDEX)?;
    }
    if flags & 0x04 != 0 && left(l) >= 2 {
        let family = l.peek_u16()?;
        let open = l.open(&INFO_ADDRESS, if family == IPV4 { 8 } else { 20 });
        l.u16(&INFO_FAMILY)?;
        l.bytes(&RESERVED, 2)?;
        match family {
            IPV4 => _ = l.ipv4(&INFO_IPV4)?,
            IPV6 => _ = l.ipv6(&INFO_IPV6)?,
            _ => {}
        }
        l.close(open);
    }
    if flags & 0x02 != 0 && left(l) >= 1 {
        let len = usize::from(l.peek_u8()?);
        if len == 0 || len > left(l) {
            return Err(Stop::Malformed);
        }
        l.peek(len)?;
        let open = l.open(&INFO_NAMES, len);
        l.u8(&INFO_NAME_LENGTH)?;
        if len <= LONGEST_NAME {
            name(l, &INFO_NAME, len - 1)?;
        } else {
            l.skip(len - 1)?;
        }
        l.close(open);
    }
    if flags & 0x01 != 0 {
        l.u32(&INFO_MTU)?;
    }
    Ok(())
}

fn interface_identification(l: &mut Layer, kind: u8) -> Result<(), Stop> {
    match kind {
        BY_NAME => {
            let len = l.wire_remaining();
            name(l, &IDENT_NAME, len)?;
        }
        BY_INDEX => _ = l.u32(&IDENT_INDEX)?,
        BY_ADDRESS => {
            let family = l.u16(&IDENT_FAMILY)?;
            l.u8(&IDENT_ADDR_LENGTH)?;
            l.bytes(&IDENT_RESERVED, 1)?;
            match family {
                IPV4 => {
                    while l.wire_remaining() >= 4 {
                        l.ipv4(&IDENT_IPV4)?;
                    }
                }
                IPV6 => {
                    while l.wire_remaining() >= 16 {
                        l.ipv6(&IDENT_IPV6)?;
                    }
                }
                _ => _ = l.rest(&IDENT_ADDRESS),
            }
        }
        _ => {}
    }
    Ok(())
}

/// Reads a name that is padded with zeros.
fn name(l: &mut Layer, field: &'static Field, len: usize) -> Result<(), Stop> {
    let name = l.peek(len)?.split(|&byte| byte == 0).next().unwrap_or_default();
    l.detached(field, name, len);
    l.skip(len)?;
    Ok(())
}

pub fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    let read = layer.number_below(entry, &EXT_CHECKSUM_STATUS).is_some();
    if read && !matches!(entry.number(), 1 | 2) {
        text.str(" (unsupported version)");
    }
}

pub fn checksum_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ");
    match layer.number(&EXT_CHECKSUM_STATUS) {
        Some(NOT_PRESENT) => text.str("[missing]"),
        Some(BAD) => {
            let calculated = layer.number(&EXT_CHECKSUM_BAD).unwrap_or_default();
            text.hex(entry.number(), 4).str(" incorrect, should be ").hex(calculated, 4)
        }
        _ => text.hex(entry.number(), 4).str(" [correct]"),
    };
}

pub fn object_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let value = entry.number();
    let (class, kind) = ((value >> 8) as u8, value as u8);
    if value >> 17 & 1 != 0 {
        text.str("Object with bad length");
        return;
    }
    match class {
        MPLS_STACK if kind == 1 => text.str("MPLS Stack Entry"),
        INTERFACE_INFORMATION => text.str("Interface Information Object"),
        INTERFACE_IDENTIFICATION if kind != BY_NAME || entry.len > 4 => {
            text.str("Interface Identification Object");
            return;
        }
        _ => text.str("Unknown object (").dec(class).str("/").dec(kind).str(")"),
    };
    if value >> 16 & 1 != 0 {
        text.str(" (truncated)");
    }
}

pub fn kind_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let kind = entry.number();
    text.str(entry.field.title).str(": ").dec(kind);
    let contains = |object: &&Entry| (object.start..object.start + object.len).contains(&entry.start);
    let object = layer.entries().iter().filter(|object| object.field.is(&EXT_OBJECT)).rfind(contains);
    let Some(object) = object else { return };
    match (object.number() >> 8) as u8 {
        INTERFACE_INFORMATION => {
            let role = INFO_ROLE.names.get(kind >> 6).unwrap_or("Unknown");
            text.str(", Interface Role: ").str(role);
            for flag in [&INFO_HAS_INDEX, &INFO_HAS_ADDRESS, &INFO_HAS_NAME, &INFO_HAS_MTU] {
                if kind & flag.mask != 0 {
                    text.str(", ").str(flag.title);
                }
            }
        }
        INTERFACE_IDENTIFICATION if kind as u8 != BY_NAME || object.len > 4 => {
            text.str(" (");
            match kind as u8 {
                BY_NAME => text.str("Identifies Interface By Name"),
                BY_INDEX => text.str("Identifies Interface By Index"),
                BY_ADDRESS => text.str("Identifies Interface By Address"),
                _ => text.str("Unknown C-Type ").dec(kind),
            };
            text.str(")");
        }
        _ => {}
    }
}

pub fn mpls_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let value = entry.number();
    text.str("Label: ").dec(value >> 12).str(", Exp: ").dec(value >> 9 & 7);
    text.str(", S: ").dec(value >> 8 & 1).str(", TTL: ").dec(value & 0xff);
}

static INTERFACE_FLAGS: &[&Field] =
    &[&INFO_ROLE, &INFO_RESERVED, &INFO_HAS_INDEX, &INFO_HAS_ADDRESS, &INFO_HAS_NAME, &INFO_HAS_MTU];

/// Bytes of an ICMP message before the datagram that it quotes.
const HEADER_LEN: usize = 8;
/// Bytes that are quoted before extensions where the message does not say how many: "exactly 128 octets" in the messages of
/// those who had extensions before RFC 4884 (its section 5.5).
const QUOTED_LEN: usize = 128;
/// The longest name of an interface with its length (RFC 5837, section 4.3).
const LONGEST_NAME: usize = 63;

const MPLS_STACK: u8 = 1;
const INTERFACE_INFORMATION: u8 = 2;
const INTERFACE_IDENTIFICATION: u8 = 3;

const BY_NAME: u8 = 1;
const BY_INDEX: u8 = 2;
const BY_ADDRESS: u8 = 3;

const IPV4: u16 = 1;
const IPV6: u16 = 2;

pub static CLASSES: &[(u64, &str)] =
    &[(1, "MPLS Label Stack Class"), (2, "Interface Information Object"), (3, "Interface Identification Object")];

pub static ROLES: &[(u64, &str)] = &[
    (0, "IP interface upon which datagram arrived"),
    (1, "sub-IP component of an IP interface upon which datagram arrived"),
    (2, "IP interface through which datagram would be forwarded"),
    (3, "IP next-hop to which datagram would be forwarded"),
];

/// IANA's address family numbers.
pub static FAMILIES: &[(u64, &str)] = &[
    (0, "Reserved"),
    (1, "IPv4"),
    (2, "IPv6"),
    (3, "NSAP"),
    (4, "HDLC (8-bit multidrop)"),
    (5, "BBN 1822"),
    (6, "802 (includes all 802 media plus Ethernet)"),
    (7, "E.163"),
    (8, "E.164 (SMDS, Frame Relay, ATM)"),
    (9, "F.69 (Telex)"),
    (10, "X.121 (X.25, Frame Relay)"),
    (11, "IPX"),
    (12, "Appletalk"),
    (13, "Decnet IV"),
    (14, "Banyan Vines"),
    (15, "E.164 with NSAP subaddress"),
    (16, "DNS (Domain Name System)"),
    (17, "Distinguished Name"),
    (18, "AS Number"),
    (19, "XTP over IP version 4"),
    (20, "XTP over IP version 6"),
    (21, "XTP native mode XTP"),
    (22, "Fibre Channel World-Wide Port Name"),
    (23, "Fibre Channel World-Wide Node Name"),
    (24, "GWID"),
    (25, "Layer-2 VPN"),
    (26, "MPLS-TP Section Endpoint Identifier"),
    (27, "MPLS-TP LSP Endpoint Identifier"),
    (28, "MPLS-TP Pseudowire Endpoint Identifier"),
    (29, "MT IP: Multi-Topology IP version 4"),
    (30, "MT IPv6: Multi-Topology IP version 6"),
    (196, "Layer-2 VPN (old)"),
    (16384, "EIGRP Common Service Family"),
    (16385, "EIGRP IPv4 Service Family"),
    (16386, "EIGRP IPv6 Service Family"),
    (16387, "LISP Canonical Address Format (LCAF)"),
    (16388, "BGP-LS"),
    (16389, "48-bit MAC Address"),
    (16390, "64-bit MAC Address"),
    (16391, "OUI"),
    (16392, "MAC/24"),
    (16393, "MAC/40"),
    (16394, "IPv6/64"),
    (16395, "RBridge Port ID"),
    (16396, "TRILL Nickname"),
    (65535, "Reserved"),
];

#[cfg(test)]
mod tests {
    use super::super::tests::{A, B, datagram, message, sample, udp};
    use super::*;
    use crate::protocols::testing::Dissected;

    /// Dissects an error with these objects behind a datagram of 128 bytes.
    fn dissect(objects: &[u8]) -> Dissected {
        let mut extensions = [&[0x20, 0, 0, 0], objects].concat();
        let checksum = sum(&[], &extensions);
        extensions[2..4].copy_from_slice(&checksum.to_be_bytes());
        let mut quoted = datagram(17, B, A, &udp(b"hello"));
        quoted.resize(128, 0);
        quoted.extend(extensions);
        sample(A, B, &message(11, 0, [0; 4], &quoted)).dissect()
    }

    #[test]
    fn label_stacks() {
        dissect(&[0, 10, 1, 1, 0, 6, 0x43, 3, 0xaa, 0xbb]).shows(&[
            "ICMP Multi-Part Extensions",
            "Version: 2",
            ".... 0000 0000 0000 = Reserved: 0x000",
            "[Checksum Status: Good]",
            "MPLS Stack Entry",
            "Class: MPLS Label Stack Class (1)",
            "C-Type: 1",
            "Label: 100, Exp: 1, S: 1, TTL: 3",
            "0000 0000 0000 0110 0100 .... = Label: 100",
            ".... .... .... .... .... 001. = Experimental: 1",
            ".... .... .... .... .... ...1 = Stack bit: Set",
            "Time to live: 3",
            "Data: aabb",
        ]);
    }

    #[test]
    fn interfaces() {
        let information =
            [0, 28, 2, 0x0f, 0, 0, 0, 7, 0, 1, 0, 0, 192, 0, 2, 1, 8, b'e', b't', b'h', b'0', 0, 0, 0, 0, 0, 5, 0xdc];
        dissect(&information).shows(&[
            "Interface Information Object",
            "C-Type: 15, Interface Role: IP interface upon which datagram arrived, ifIndex, IP Address, Interface Name, MTU",
            ".... 1... = ifIndex: True",
            "Interface Index: 7",
            "IP Address Sub-Object",
            "Address Family Identifier: 1",
            "Source: 192.0.2.1",
            "Interface Name Sub-Object",
            "Name: eth0",
            "Maximum Transmission Unit: 1500",
        ]);
        dissect(&[0, 8, 3, 1, b'e', b't', b'h', b'0']).shows(&[
            "Interface Identification Object",
            "C-Type: 1 (Identifies Interface By Name)",
            "Name: eth0",
        ]);
        dissect(&[0, 12, 3, 3, 0, 1, 4, 0, 192, 0, 2, 1]).shows(&[
            "Address Family Identifier: IPv4 (1)",
            "Address Length: 4",
            "Address: 192.0.2.1",
        ]);
        dissect(&[0, 6, 3, 3, 0, 1]).shows(&["[Malformed Packet: ICMP]"]);
    }

    #[test]
    fn lengths_that_lie() {
        dissect(&[0, 3, 1, 1, 0, 0, 0, 0]).shows(&["Object with bad length"]).lacks("C-Type");
        dissect(&[0, 20, 1, 1, 0, 0, 0, 0]).shows(&["MPLS Stack Entry (truncated)"]);
        dissect(&[0, 9, 9, 7, 1, 2, 3, 4, 5, 0, 8, 1, 1, 0, 0, 0, 0]).shows(&[
            "Unknown object (9/7)",
            "Data: 0102030405",
            "MPLS Stack Entry",
        ]);
    }

    #[test]
    fn they_stand_behind_128_bytes_that_the_datagram_does_not_need() {
        let mut quoted = datagram(253, B, A, &[0; 109]);
        quoted.truncate(128);
        quoted.extend([0x20, 0, 0, 0, 0, 8, 1, 1, 0, 0, 0, 0]);
        let error = message(11, 0, [0; 4], &quoted);
        sample(A, B, &error).dissect().lacks("Multi-Part");
        sample(A, B, &error).prefer(&FAVOR_EXTENSIONS, true).dissect().shows(&["ICMP Multi-Part Extensions"]);
    }

    #[test]
    fn a_version_that_nobody_knows_ends_them() {
        let request = message(42, 0, [0, 1, 2, 1], &[0x40, 0, 0, 0, 0, 8, 1, 1, 0, 0, 0, 0]);
        sample(A, B, &request)
            .dissect()
            .shows(&["ICMP Multi-Part Extensions (unsupported version)", "[Checksum: [missing]]"])
            .lacks("MPLS");
    }
}
