//! Raw IP: packets without a link layer; the version in the first four bits says which.
//!
//! <https://www.tcpdump.org/linktypes.html>, LINKTYPE_RAW.

use crate::dissect::{Layer, LayerView, Next, Outcome, Protocol, Summary, Table};
use crate::text::Text;

pub static PROTOCOL: Protocol = Protocol {
    // 12 and 14 are the numbers that some systems' DLT_RAW has.
    claims: &[(Table::LinkType, 101), (Table::LinkType, 12), (Table::LinkType, 14)],
    dissect,
    ends: Some(ends),
    summary: Some(summary),
    ..Protocol::new("raw", "Raw", "Raw packet data")
};

fn dissect(l: &mut Layer) -> Outcome {
    l.stand();
    const PPP: Next = Next::By(Table::LinkType, LINKTYPE_PPP);
    // Some drivers leave PPP's address and control in front, others a flag before them, ISDN ten bytes of zeros.
    if l.peek(2)? == [0xff, 0x03] {
        return Ok(PPP);
    }
    let start = l.peek(8)?;
    if start.starts_with(&[0x07, 0xff, 0x03]) || start.starts_with(&[0x7e, 0xff, 0x03]) {
        l.skip(1)?;
        return Ok(PPP);
    }
    if l.remaining().starts_with(&[0; 10]) {
        l.skip(10)?;
        return Ok(IPV4);
    }
    Ok(match start.first().map(|byte| byte >> 4) {
        Some(4) => IPV4,
        Some(6) => Next::Bare(Table::EtherType, 0x86dd),
        _ => Next::Data,
    })
}

fn ends(_: &LayerView, source: &mut Text, destination: &mut Text) {
    source.str("N/A");
    destination.str("N/A");
}

fn summary(_: &LayerView, summary: &mut Summary) {
    summary.protocol.str("N/A");
    summary.info.str("Raw packet data");
}

const IPV4: Next = Next::Bare(Table::EtherType, 0x0800);
const LINKTYPE_PPP: u32 = 9;

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Sample;

    fn stack(bytes: &[u8]) -> String {
        Sample::new(101, bytes).dissect().stack
    }

    #[test]
    fn the_version_decides() {
        let mut packet = [0; 40];
        packet[0] = 0x45;
        assert!(stack(&packet).starts_with("raw:ip"));
        packet[0] = 0x60;
        assert!(stack(&packet).starts_with("raw:ipv6"));
        packet[0] = 0x55;
        assert_eq!(stack(&packet), "raw:data");
        packet[0] = 0;
        packet[10] = 0x45;
        assert!(stack(&packet).starts_with("raw:ip"));
    }

    #[test]
    fn too_short_to_tell() {
        for len in 0..8 {
            let dissected = Sample::new(101, vec![0x55; len]).dissect();
            dissected.shows(&["Raw packet data", "[Malformed Packet: Raw]"]);
            assert_eq!((&*dissected.protocol, &*dissected.info), ("N/A", "Raw packet data[Malformed Packet]"));
        }
        assert_eq!(stack(&[0x55; 8]), "raw:data");
    }
}
