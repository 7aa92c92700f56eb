//! Linux cooked captures: what Linux hands out instead of a link-layer header where there is none, or not always the same.
//!
//! <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html> and `LINKTYPE_LINUX_SLL2.html`.
//!
//! ```text
//! version 1, 16 bytes                      version 2, 20 bytes
//! +--------+--------+--------+--------+    +--------+--------+--------+--------+
//! |   packet type   |  hardware type  |    |    protocol     |    reserved     |
//! +--------+--------+--------+--------+    +--------+--------+--------+--------+
//! | address length  |                 |    |          interface index          |
//! +--------+--------+                 +    +--------+--------+--------+--------+
//! |          address (8 bytes)        |    |  hardware type  |p. type |addr len|
//! +                 +--------+--------+    +--------+--------+--------+--------+
//! |                 |    protocol     |    |         address (8 bytes)         |
//! +--------+--------+--------+--------+    +--------+--------+--------+--------+
//! ```

use super::ethernet::{self, ETHERTYPES, PADDING_WORDS, SHORTEST};
use crate::dissect::{
    Address, Entry, Group, Layer, LayerView, Names, Next, Outcome, Protocol, Severity, Stop, Summary, Table, fields,
    names as words,
};
use crate::names;
use crate::text::Text;

fields! {
    PKTTYPE = uint16("sll.pkttype", "Packet type").values(PACKET_TYPES);
    HATYPE = uint16("sll.hatype", "Link-layer address type").named(HARDWARE_TYPES);
    HALEN = uint16("sll.halen", "Link-layer address length");
    SRC_OTHER = bytes("sll.src.other", "Source");
    SRC_ETH = ether("sll.src.eth", "Source");
    SRC_IPV4 = ipv4("sll.src.ipv4", "Source");
    UNUSED = bytes("sll.unused", "Unused");
    IFINDEX = uint32("sll.ifindex", "Interface index");
    LTYPE = uint16("sll.ltype", "Protocol").hex().values(LINUX_PROTOCOLS);
    GRETYPE = uint16("sll.gretype", "Protocol").hex().values(GRE_PROTOCOLS);
    ETYPE = uint16("sll.etype", "Protocol").hex().named(ETHERTYPES);
    TRAILER = bytes("sll.trailer", "Trailer");
    // Padding of the frame that came by, under Ethernet's name.
    PADDING = bytes("eth.padding", "Padding");
    PADDING_BAD = expert("eth.padding_bad", PADDING_WORDS, Severity::Note, Group::Protocol);
}

const HARDWARE_TYPES: Names = Names::Lookup(|number| {
    let linux = LINUX_HARDWARE.iter().find(|row| row.0 == number).map(|row| row.1);
    linux.or_else(|| u16::try_from(number).ok().and_then(names::arp_hardware))
});

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::LinkType, 113), (Table::LinkType, LINKTYPE_V2 as u32)],
    dissect,
    after: Some(after),
    ends: Some(ends),
    summary: Some(summary),
    ..Protocol::new("sll", "SLL", "Linux cooked-mode capture").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    if l.frame().interface.link == LINKTYPE_V2 { version_2(l) } else { version_1(l) }
}

fn version_1(l: &mut Layer) -> Outcome {
    let [_, _, high, low] = *l.demand(4)? else { return Ok(Next::End) };
    let hardware = u16::from_be_bytes([high, low]);
    if hardware == NETLINK {
        return netlink(l);
    }
    l.u16(&PKTTYPE)?;
    l.u16(&HATYPE)?;
    let address_len = l.u16(&HALEN)?;
    address(l, address_len.into())?;
    let number = l.peek_u16()?;
    protocol(l, hardware, number)?;
    Ok(next(hardware, number))
}

fn version_2(l: &mut Layer) -> Outcome {
    let header = l.demand(12)?;
    let hardware = u16::from_be_bytes([header[8], header[9]]);
    if hardware == NETLINK {
        return netlink(l);
    }
    let number = l.peek_u16()?;
    protocol(l, hardware, number)?;
    l.skip(2)?;
    l.u32(&IFINDEX)?;
    l.u16(&HATYPE)?;
    l.uint(&PKTTYPE, 1)?;
    let address_len = l.uint(&HALEN, 1)?;
    address(l, address_len as usize)?;
    Ok(next(hardware, number))
}

/// Netlink messages have the header for their own: none of it is shown here.
fn netlink(l: &mut Layer) -> Outcome {
    l.withdraw();
    Ok(Next::Data)
}

/// Reads the address, for which there are always eight bytes, and those that are left of them.
fn address(l: &mut Layer, len: usize) -> Result<(), Stop> {
    const ROOM: usize = 8;
    match len {
        0 => {}
        4 => _ = l.ipv4(&SRC_IPV4)?,
        6 => {
            let source = l.ether(&SRC_ETH)?;
            l.set_addresses(source, Address::None);
        }
        _ => _ = l.bytes(&SRC_OTHER, len.min(ROOM))?,
    }
    if len < ROOM {
        l.bytes(&UNUSED, ROOM - len)?;
    }
    Ok(())
}

/// Reads the protocol, whose numbers are those of the hardware type, of Linux, or of Ethernet.
fn protocol(l: &mut Layer, hardware: u16, number: u16) -> Result<(), Stop> {
    let field = match (hardware, number) {
        (GRE, _) => &GRETYPE,
        (_, ..=LAST_LINUX_PROTOCOL) => &LTYPE,
        _ => &ETYPE,
    };
    l.u16(field)?;
    Ok(())
}

fn next(hardware: u16, number: u16) -> Next {
    match (hardware, number) {
        (GRE, _) if GRE_PROTOCOLS.iter().any(|row| row.0 == u64::from(number)) => {
            Next::Bare(Table::EtherType, number.into())
        }
        (GRE, _) => Next::End,
        (_, ..=LAST_LINUX_PROTOCOL) => Next::By(Table::SllProtocol, number.into()),
        _ => Next::By(Table::EtherType, number.into()),
    }
}

fn after(l: &mut Layer) -> Result<(), Stop> {
    if l.remaining().is_empty() {
        return Ok(());
    }
    let is_padded = ethernet::padding(l, &PADDING, SHORTEST.saturating_sub(l.frame_offset()))?;
    ethernet::trailer(l, &TRAILER, &PADDING_BAD, l.wire_remaining(), is_padded)
}

fn line(layer: &LayerView, _: &Entry, text: &mut Text) {
    let is_second = layer.view.frame.interface.link == LINKTYPE_V2;
    text.str(if is_second { "Linux cooked capture v2" } else { "Linux cooked capture v1" });
}

fn ends(layer: &LayerView, source: &mut Text, _: &mut Text) {
    layer.write_address(&SRC_ETH, source);
    layer.write_address(&SRC_IPV4, source);
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    if let Some(kind) = layer.number(&PKTTYPE) {
        match PKTTYPE.names.get(kind) {
            Some(name) => _ = summary.info.str(name),
            None => _ = summary.info.str("Unknown (").dec(kind).byte(b')'),
        }
        if let (Some(number), None) = (layer.number(&ETYPE), layer.mark().stopped) {
            summary.protocol.hex(number, 4);
        }
    }
}

const LINKTYPE_V2: u16 = 276;
const GRE: u16 = 778;
const NETLINK: u16 = 824;
/// Up to here numbers are Linux's own (`ETH_P_802_3` and its like); above they are EtherTypes.
const LAST_LINUX_PROTOCOL: u16 = 0x0600;

words! {
    PACKET_TYPES = {
        0 => "Unicast to us",
        1 => "Broadcast",
        2 => "Multicast",
        3 => "Unicast to another host",
        4 => "Sent by us",
    }
    // <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html>, and linux/if_ether.h of the Linux user interface.
    LINUX_PROTOCOLS = {
        0x0001 => "Raw 802.3",
        0x0003 => "Ethernet",
        0x0004 => "802.2 LLC",
        0x0007 => "PPP (HDLC)",
        0x000c => "CAN",
        0x000d => "CAN FD",
        0x0017 => "IrDA LAP",
    }
    GRE_PROTOCOLS = {
        0x0800 => "IP",
        0x6558 => "Transparent Ethernet bridging",
        0x86dd => "IPv6",
    }
    // linux/if_arp.h of the Linux user interface, beyond IANA's hardware types.
    LINUX_HARDWARE = {
        280 => "Controller Area Network",
        512 => "PPP",
        519 => "Raw IP",
        768 => "IPIP tunnel",
        769 => "IP6IP6 tunnel",
        772 => "Loopback",
        776 => "sit0 device - IPv6-in-IPv4",
        778 => "GRE over IP",
        801 => "IEEE 802.11",
        802 => "IEEE 802.11 + Prism2 header",
        803 => "IEEE 802.11 + radiotap header",
        804 => "IEEE 802.15.4",
        823 => "GRE over IPv6",
        824 => "Netlink",
        65_534 => "zero header length",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::{Dissected, Sample};

    const FIRST: u16 = 113;

    fn header(kind: u16, hardware: u16, len: u16, number: u16, payload: &[u8]) -> Dissected {
        let mut bytes = [kind, hardware, len].map(u16::to_be_bytes).concat();
        bytes.extend([0x00, 0x02, 0xb3, 0xaa, 0xbb, 0xcc, 0x0e, 0x0e]);
        bytes.extend(number.to_be_bytes());
        bytes.extend(payload);
        Sample::new(FIRST, bytes).dissect()
    }

    #[test]
    fn version_one() {
        let dissected = header(4, 1, 6, 0x9999, b"abc");
        dissected.shows(&[
            "Linux cooked capture v1",
            "Packet type: Sent by us (4)",
            "Link-layer address type: Ethernet (1)",
            "Link-layer address length: 6",
            "Source: 00:02:b3:aa:bb:cc",
            "Unused: 0e0e",
            "Protocol: Unknown (0x9999)",
            "Data (3 bytes)",
        ]);
        assert_eq!((&*dissected.protocol, &*dissected.info), ("0x9999", "Sent by us"));
        assert_eq!(dissected.stack, "sll:ethertype:data");
    }

    #[test]
    fn version_two() {
        let bytes = [0x99, 0x99, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 0x00, 0x02, 0xb3, 0xaa, 0xbb, 0xcc, 0x0e, 0x0e, 1];
        Sample::new(LINKTYPE_V2, bytes).dissect().shows(&[
            "Linux cooked capture v2",
            "Protocol: Unknown (0x9999)",
            "Interface index: 3",
            "Link-layer address type: Ethernet (1)",
            "Packet type: Sent by us (4)",
            "Link-layer address length: 6",
            "Source: 00:02:b3:aa:bb:cc",
            "Unused: 0e0e",
            "Data (1 byte)",
        ]);
        for len in 0..12 {
            let cut = Sample::new(LINKTYPE_V2, &bytes[..len]).dissect();
            cut.shows(&["[Malformed Packet: SLL]"]).lacks("Linux cooked capture");
        }
    }

    #[test]
    fn addresses_of_every_length() {
        for (len, lines) in [
            (0, &["Unused: 0002b3aabbcc0e0e"][..]),
            (1, &["Source: 00", "Unused: 02b3aabbcc0e0e"]),
            (4, &["Source: 0.2.179.170", "Unused: bbcc0e0e"]),
            (7, &["Source: 0002b3aabbcc0e", "Unused: 0e"]),
            (8, &["Source: 0002b3aabbcc0e0e"]),
            (65_535, &["Source: 0002b3aabbcc0e0e"]),
        ] {
            header(0, 1, len, 0x9999, b"").shows(lines);
        }
    }

    #[test]
    fn protocols() {
        assert_eq!(header(0, 1, 6, 0x0004, &[0xf0, 0xf0, 0x13, 1]).stack, "sll:llc:data");
        header(0, 1, 6, 0x0600, b"a").shows(&["Protocol: Unknown (0x0600)", "Data (1 byte)"]);
        assert_eq!(header(0, GRE, 4, 0xfffe, b"abc").stack, "sll");
        assert_eq!(header(0, GRE, 4, 0x0800, &[]).stack, "sll:ip");
        header(0, GRE, 4, 0x0800, &[]).shows(&["Link-layer address type: GRE over IP (778)", "Protocol: IP (0x0800)"]);
        header(0, NETLINK, 0, 0, b"").lacks("Linux cooked capture").shows(&["Data (16 bytes)"]);
    }
}
