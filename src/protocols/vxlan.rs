//! VXLAN: Ethernet frames over UDP.
//!
//! RFC 7348; the group policy extension is draft-smith-vxlan-group-policy.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |G|R|R|R|I|R|R|R|R|D|R|R|A|R|R|R|        Group Policy ID        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                VXLAN Network Identifier (VNI) |   Reserved    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use crate::dissect::{Entry, Layer, LayerView, Next, Outcome, Protocol, Table, fields};
use crate::text::Text;

fields! {
    FLAGS = uint16("vxlan.flags", "Flags").hex().label(flags_line);
    FLAG_GROUP = boolean("vxlan.flag_g", "GBP Extension").of(16).bits(0x8000).flags("Defined", "Not defined");
    FLAG_NETWORK = boolean("vxlan.flag_i", "VXLAN Network ID (VNI)").of(16).bits(0x0800);
    FLAG_DO_NOT_LEARN = boolean("vxlan.flag_d", "Don't Learn").of(16).bits(0x0040);
    FLAG_APPLIED = boolean("vxlan.flag_a", "Policy Applied").of(16).bits(0x0008);
    FLAGS_RESERVED = uint16("vxlan.flags_reserved", "Reserved(R)").hex().bits(0x77b7);
    GROUP_POLICY = uint16("vxlan.gbp", "Group Policy ID");
    NETWORK = uint24("vxlan.vni", "VXLAN Network Identifier (VNI)");
    RESERVED = uint8("vxlan.reserved8", "Reserved");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::UdpPort, 4789)],
    dissect,
    carries: true,
    ..Protocol::new("vxlan", "VXLAN", "Virtual eXtensible Local Area Network")
};

fn dissect(l: &mut Layer) -> Outcome {
    let flags = l.u16(&FLAGS)?;
    l.parts(&[&FLAG_GROUP, &FLAG_NETWORK, &FLAG_DO_NOT_LEARN, &FLAG_APPLIED, &FLAGS_RESERVED], flags);
    l.u16(&GROUP_POLICY)?;
    l.u24(&NETWORK)?;
    l.u8(&RESERVED)?;
    Ok(Next::Bare(Table::EtherType, TRANSPARENT_ETHERNET_BRIDGING))
}

fn flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Flags: ").hex(entry.number(), 4);
    let flags = [&FLAG_GROUP, &FLAG_NETWORK, &FLAG_DO_NOT_LEARN, &FLAG_APPLIED];
    for flag in flags.into_iter().filter(|flag| entry.number() & flag.mask != 0) {
        text.str(", ").str(flag.title);
    }
}

/// The EtherType of a whole Ethernet frame.
const TRANSPARENT_ETHERNET_BRIDGING: u32 = 0x6558;

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Sample;

    /// An Ethernet frame of an experimental type in network 5569041.
    const MESSAGE: [u8; 24] = [
        0x08, 0x00, 0x00, 0x00, 0x54, 0xfa, 0x11, 0x00, // VXLAN
        0, 0, 0x5e, 0, 0x53, 1, 0, 0, 0x5e, 0, 0x53, 2, 0x88, 0xb5, 1, 2,
    ];

    fn datagram(payload: &[u8]) -> Sample {
        let mut bytes = Vec::new();
        etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [0, 0, 0x5e, 0, 0x53, 2])
            .ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .udp(50_000, 4789)
            .write(&mut bytes, payload)
            .expect("the headers fit");
        Sample::new(crate::protocols::testing::ETHERNET, bytes)
    }

    #[test]
    fn carries_a_frame() {
        let dissected = datagram(&MESSAGE).dissect();
        assert_eq!(dissected.stack, "eth:ethertype:ip:udp:vxlan:eth:ethertype:data");
        for line in [
            "    Flags: 0x0800, VXLAN Network ID (VNI)\n",
            "        .... 1... .... .... = VXLAN Network ID (VNI): True\n",
            "        .000 .000 0.00 .000 = Reserved(R): 0x0000\n",
            "    VXLAN Network Identifier (VNI): 5569041\n",
        ] {
            assert!(dissected.tree.contains(line), "{line}{}", dissected.tree);
        }
    }

    #[test]
    fn any_cut_is_survived() {
        for len in 0..MESSAGE.len() {
            let dissected = datagram(&MESSAGE[..len]).dissect();
            assert_eq!(dissected.tree.contains("Malformed"), (1..22).contains(&len), "{len}: {}", dissected.tree);
        }
    }
}
