//! BSD loopback: the address family of a packet that has no link layer, in the capturing host's byte order.
//!
//! <https://www.tcpdump.org/linktypes.html>: LINKTYPE_NULL in the byte order of whoever captured, LINKTYPE_LOOP in network order.
//!
//! ```text
//! +--------+--------+--------+--------+
//! |          address family           |
//! +--------+--------+--------+--------+
//! ```

use super::ethernet::{ETHERTYPES, MAX_LENGTH};
use crate::dissect::{Layer, LayerView, Next, Outcome, Protocol, Summary, Table, fields, names};
use crate::text::Text;

fields! {
    FAMILY = uint32("null.family", "Family").values(FAMILIES);
    TYPE = uint16("null.type", "Type").hex().named(ETHERTYPES);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::LinkType, 0), (Table::LinkType, LINKTYPE_LOOP as u32)],
    dissect,
    ends: Some(ends),
    summary: Some(summary),
    ..Protocol::new("null", "Null", "Null/Loopback")
};

fn dissect(l: &mut Layer) -> Outcome {
    if l.frame().interface.link == LINKTYPE_LOOP {
        l.demand(4)?;
        let family = l.u32(&FAMILY)?;
        return Ok(next(family));
    }
    // Some capture PPP with this link type: address and control of its frames stand in front.
    if l.demand(2)? == [0xff, 0x03] {
        l.withdraw();
        return Ok(Next::By(Table::LinkType, LINKTYPE_PPP));
    }
    let raw: [u8; 4] = l.demand(4)?.try_into().unwrap_or_default();
    match family(u32::from_le_bytes(raw)) {
        family if family <= u32::from(MAX_LENGTH) => {
            l.part(&FAMILY, family, 4);
            l.skip(4)?;
            Ok(next(family))
        }
        // Some write an EtherType there.
        number => {
            let number = number as u16;
            l.part(&TYPE, number, 4);
            l.skip(4)?;
            Ok(Next::Bare(Table::EtherType, number.into()))
        }
    }
}

fn next(family: u32) -> Next {
    match family {
        2 => Next::Bare(Table::EtherType, 0x0800),
        _ => Next::By(Table::NullFamily, family),
    }
}

/// Finds the family in a number that was read in little-endian order. It may be in either order, and of 16 bits in either half.
fn family(raw: u32) -> u32 {
    match raw {
        _ if raw >> 16 == 0 && raw & 0x00ff == 0 && raw < 0x0600 => raw >> 8,
        _ if raw >> 16 == 0 => raw,
        _ if raw >> 24 == 0 && raw < 0x0006_0000 => raw >> 16,
        _ => raw.swap_bytes(),
    }
}

fn ends(_: &LayerView, source: &mut Text, destination: &mut Text) {
    source.str("N/A");
    destination.str("N/A");
}

fn summary(_: &LayerView, summary: &mut Summary) {
    summary.protocol.str("N/A");
    summary.info.str("Null/Loopback");
}

const LINKTYPE_LOOP: u16 = 108;
const LINKTYPE_PPP: u32 = 9;

names! {
    // AF_ numbers of BSD's sys/socket.h; each BSD has its own for IPv6.
    FAMILIES = {
        2 => "IP",
        3 => "Appletalk",
        7 => "OSI",
        23 => "Netware IPX/SPX",
        24 => "IPv6",
        28 => "IPv6",
        30 => "IPv6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::Sample;

    /// The bytes of the header, and its line.
    #[test]
    fn families_in_any_order() {
        for (bytes, line) in [
            ([2, 0, 0, 0], "Family: IP (2)"),
            ([0, 0, 0, 2], "Family: IP (2)"),
            ([0, 0, 2, 0], "Family: IP (2)"),
            ([0, 2, 0, 0], "Family: IP (2)"),
            ([30, 0, 0, 0], "Family: IPv6 (30)"),
            ([99, 0, 0, 0], "Family: Unknown (99)"),
            ([0xdc, 5, 0, 0], "Family: Unknown (1500)"),
            ([0xdd, 5, 0, 0], "Type: Unknown (0x05dd)"),
            ([0, 0, 8, 0], "Type: IPv4 (0x0800)"),
            ([0, 8, 0, 0], "Type: IPv4 (0x0800)"),
            ([0, 0, 0x86, 0xdd], "Type: IPv6 (0x86dd)"),
            ([8, 0, 0, 1], "Type: Unknown (0x0001)"),
        ] {
            Sample::new(0, bytes).dissect().shows(&["Null/Loopback", line]);
        }
        let network = |bytes: [u8; 4]| Sample::new(LINKTYPE_LOOP, bytes).dissect();
        network([0, 0, 0, 24]).shows(&["Family: IPv6 (24)"]);
        network([2, 0, 0, 0]).shows(&["Family: Unknown (33554432)"]);
    }

    #[test]
    fn stacks_and_summaries() {
        let unknown = Sample::new(0, [99, 0, 0, 0, 1]).dissect();
        assert_eq!((&*unknown.stack, &*unknown.protocol, &*unknown.info), ("null:data", "N/A", "Null/Loopback"));
        assert_eq!(Sample::new(0, [2, 0, 0, 0]).dissect().stack, "null:ip");
        for len in 0..4 {
            Sample::new(0, vec![2; len]).dissect().shows(&["[Malformed Packet: Null]"]).lacks("Null/Loopback");
        }
    }
}
