//! IEEE 802.1ah: provider backbone bridges, which carry whole frames of their customers (MAC in MAC).
//!
//! IEEE 802.1Q-2018, clause 9.7: the I-TAG, then the customer's frame from its addresses on.
//!
//! ```text
//! +-----+-+-+-+-----+------------------------+
//! | PCP |D|U|R| RES |  I-SID                 |
//! | 3   |1|1|1|  2  |  24 bits               |
//! +-----+-+-+-+-----+------------------------+
//! |  customer's destination address, 6 bytes |
//! |  customer's source address, 6 bytes      |
//! |  EtherType …                             |
//! ```

use crate::dissect::{Entry, Layer, LayerView, Names, Next, Outcome, Protocol, Table, fields};
use crate::names;
use crate::text::Text;

fields! {
    TAG = protocol("ieee8021ah", "I-Tag").label(tag_line);
    PRIORITY = uint32("ieee8021ah.priority", "Priority").bits(0xe000_0000);
    DROP = uint32("ieee8021ah.drop", "DROP").bits(0x1000_0000);
    NCA = uint32("ieee8021ah.nca", "NCA").bits(0x0800_0000);
    RESERVED_1 = uint32("ieee8021ah.res1", "RES1").bits(0x0400_0000);
    RESERVED_2 = uint32("ieee8021ah.res2", "RES2").bits(0x0300_0000);
    SERVICE = uint32("ieee8021ah.isid", "I-SID").bits(0x00ff_ffff);
    DESTINATION = ether("ieee8021ah.cdst", "C-Destination");
    SOURCE = ether("ieee8021ah.csrc", "C-Source");
    ETYPE = uint16("ieee8021ah.etype", "Type").hex().named(Names::Lookup(|number| names::ethertype(number as u16)));
    TRAILER = bytes("ieee8021ah.trailer", "Trailer");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::EtherType, 0x88e7)],
    dissect,
    family: crate::dissect::Family::Link,
    ..Protocol::new("ieee8021ah", "IEEE 802.1AH", "IEEE 802.1ah").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let tag = l.peek_u32()?;
    let open = l.open(&TAG, 4);
    for part in [&PRIORITY, &DROP, &NCA, &RESERVED_1, &RESERVED_2, &SERVICE] {
        l.part(part, tag, 4);
    }
    l.skip(4)?;
    l.close(open);
    let destination = l.ether(&DESTINATION)?;
    let source = l.ether(&SOURCE)?;
    l.set_addresses(source, destination);
    let number = l.u16(&ETYPE)?;
    Ok(Next::By(Table::EtherType, number.into()))
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(", I-SID: ").dec(layer.number(&SERVICE).unwrap_or(0)).str(", C-Src: ");
    layer.write_address(&SOURCE, text);
    text.str(", C-Dst: ");
    layer.write_address(&DESTINATION, text);
}

fn tag_line(layer: &LayerView, _: &Entry, text: &mut Text) {
    text.str("I-Tag, I-SID: ").dec(layer.number(&SERVICE).unwrap_or(0));
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Sample;

    /// Service 2014000, and a frame of an experimental EtherType.
    const MESSAGE: [u8; 20] = [
        0x00, 0x1e, 0xbb, 0x30, // I-TAG
        0, 0, 0x5e, 0, 0x53, 3, 0, 0, 0x5e, 0, 0x53, 4, 0x88, 0xb5, 1, 2,
    ];

    #[test]
    fn a_customers_frame() {
        let dissected = Sample::ethernet(0x88e7, &MESSAGE).dissect();
        assert_eq!(dissected.stack, "eth:ethertype:ieee8021ah:ethertype:data");
        for line in [
            "IEEE 802.1ah, I-SID: 2014000, C-Src: 00:00:5e:00:53:04, C-Dst: 00:00:5e:00:53:03\n",
            "    I-Tag, I-SID: 2014000\n",
            "        .... .... 0001 1110 1011 1011 0011 0000 = I-SID: 2014000\n",
            "    C-Source: 00:00:5e:00:53:04\n",
        ] {
            assert!(dissected.tree.contains(line), "{line}{}", dissected.tree);
        }
    }

    #[test]
    fn any_cut_is_survived() {
        for len in 1..18 {
            let dissected = Sample::ethernet(0x88e7, &MESSAGE[..len]).dissect();
            assert!(dissected.tree.contains("Malformed"), "{len}: {}", dissected.tree);
        }
    }
}
