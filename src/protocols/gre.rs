//! GRE: Generic Routing Encapsulation, packets of any kind over IP.
//!
//! RFC 2784 and RFC 2890; the routing of RFC 1701; version 1 is that of PPTP, RFC 2637.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |C|R|K|S|s|Recur|A| Flags | Ver |         Protocol Type         |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |      Checksum (optional)      |       Offset (optional)       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Key (optional)        |                               |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                  Sequence Number (optional)                   |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |          Acknowledgment Number (optional, version 1)          |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use crate::dissect::{Entry, Layer, LayerView, Names, Next, Outcome, Protocol, Stop, Summary, Table, fields};
use crate::names;
use crate::text::Text;

fields! {
    FLAGS = uint16("gre.flags_and_version", "Flags and Version").hex();
    FLAG_CHECKSUM = boolean("gre.flags.checksum", "Checksum Bit").of(16).bits(0x8000).flags("Yes", "No");
    FLAG_ROUTING = boolean("gre.flags.routing", "Routing Bit").of(16).bits(0x4000).flags("Yes", "No");
    FLAG_KEY = boolean("gre.flags.key", "Key Bit").of(16).bits(0x2000).flags("Yes", "No");
    FLAG_SEQUENCE = boolean("gre.flags.sequence_number", "Sequence Number Bit").of(16).bits(0x1000).flags("Yes", "No");
    FLAG_STRICT = boolean("gre.flags.strict_source_route", "Strict Source Route Bit").of(16).bits(0x0800)
        .flags("Yes", "No");
    RECURSION = uint16("gre.flags.recursion_control", "Recursion control").bits(0x0700);
    FLAG_ACK = boolean("gre.flags.ack", "Acknowledgment").of(16).bits(0x0080).flags("Yes", "No");
    RESERVED = uint16("gre.flags.reserved", "Flags (Reserved)").bits(0x00f8);
    RESERVED_1 = uint16("gre.flags.reserved", "Flags (Reserved)").bits(0x0078);
    VERSION = uint16("gre.flags.version", "Version").bits(0x0007).values(VERSIONS);
    PROTO = uint16("gre.proto", "Protocol Type").hex().named(Names::Lookup(protocol_name));
    CHECKSUM = uint16("gre.checksum", "Checksum").hex();
    OFFSET = uint16("gre.offset", "Offset");
    KEY = uint32("gre.key", "Key").hex();
    PAYLOAD_LENGTH = uint16("gre.key.payload_length", "Payload Length");
    CALL_ID = uint16("gre.key.call_id", "Call ID");
    SEQUENCE = uint32("gre.sequence_number", "Sequence Number");
    ACKNOWLEDGMENT = uint32("gre.ack_number", "Acknowledgment Number");
    ROUTING = none("gre.routing", "Routing");
    ADDRESS_FAMILY = uint16("gre.routing.address_family", "Address Family");
    ROUTE_OFFSET = uint8("gre.routing.sre_offset", "SRE Offset");
    ROUTE_LENGTH = uint8("gre.routing.src_length", "SRE Length");
    ROUTE = bytes("gre.routing.information", "Routing Information");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 47)],
    dissect,
    summary: Some(summary),
    ..Protocol::new("gre", "GRE", "Generic Routing Encapsulation").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let flags = l.u16(&FLAGS)?;
    let has = |flag: &crate::dissect::Field| u64::from(flags) & flag.mask != 0;
    let is_enhanced = flags & 7 == 1;
    l.parts(&[&FLAG_CHECKSUM, &FLAG_ROUTING, &FLAG_KEY, &FLAG_SEQUENCE, &FLAG_STRICT, &RECURSION], flags);
    match is_enhanced {
        true => l.parts(&[&FLAG_ACK, &RESERVED_1, &VERSION], flags),
        false => l.parts(&[&RESERVED, &VERSION], flags),
    }
    let protocol = l.u16(&PROTO)?;
    // "If either the Checksum Present bit or the Routing Present bit are set, then both the Checksum and Offset fields are
    // present" (RFC 1701).
    if has(&FLAG_CHECKSUM) || has(&FLAG_ROUTING) {
        l.u16(&CHECKSUM)?;
        l.u16(&OFFSET)?;
    }
    if has(&FLAG_KEY) {
        if is_enhanced {
            let payload_length = l.u16(&PAYLOAD_LENGTH)?;
            l.u16(&CALL_ID)?;
            let more = 4 * (usize::from(has(&FLAG_SEQUENCE)) + usize::from(has(&FLAG_ACK)));
            l.limit(l.offset() + more + usize::from(payload_length));
        } else {
            l.u32(&KEY)?;
        }
    }
    if has(&FLAG_SEQUENCE) {
        l.u32(&SEQUENCE)?;
    }
    if is_enhanced && has(&FLAG_ACK) {
        l.u32(&ACKNOWLEDGMENT)?;
    }
    if has(&FLAG_ROUTING) {
        routes(l)?;
    }
    Ok(match protocol {
        ARUBA_FIRST..=ARUBA_LAST => Next::By(Table::LinkType, WIRELESS),
        _ => Next::Bare(Table::EtherType, protocol.into()),
    })
}

/// Reads source route entries up to the one of no length that ends them.
fn routes(l: &mut Layer) -> Result<(), Stop> {
    let open = l.open(&ROUTING, 0);
    loop {
        l.u16(&ADDRESS_FAMILY)?;
        l.u8(&ROUTE_OFFSET)?;
        let len = l.u8(&ROUTE_LENGTH)?;
        if len == 0 {
            break;
        }
        l.bytes(&ROUTE, len.into())?;
    }
    l.close_here(open);
    Ok(())
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if let Some(protocol) = layer.number(&PROTO) {
        text.str(" (");
        write_protocol(protocol, text);
        text.str(")");
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    summary.info.str("Encapsulated ");
    write_protocol(layer.number(&PROTO).unwrap_or(0), summary.info);
}

fn write_protocol(protocol: u64, text: &mut Text) {
    match protocol_name(protocol) {
        Some(name) => text.str(name),
        None => text.hex(protocol, 4).str(" (unknown)"),
    };
}

/// The word for a protocol type: those that GRE alone uses, or names otherwise, and the EtherTypes.
fn protocol_name(protocol: u64) -> Option<&'static str> {
    let own = PROTOCOLS.iter().find(|row| row.0 == protocol).map(|row| row.1);
    own.or_else(|| names::ethertype(u16::try_from(protocol).ok()?))
}

/// Wireless frames from access points to their controller, of one vendor.
const ARUBA_FIRST: u16 = 0x8200;
const ARUBA_LAST: u16 = 0x820f;
const WIRELESS: u32 = 105;

static PROTOCOLS: &[(u64, &str)] = &[
    (0x0000, "Possible GRE keepalive packet"),
    (0x0800, "IP"),
    (0x8200, "ARUBA WLAN"),
    (0x880b, "PPP"),
    (0x88be, "ERSPAN"),
];
static VERSIONS: &[(u64, &str)] = &[(0, "GRE"), (1, "Enhanced GRE")];

#[cfg(test)]
mod tests {
    use crate::protocols::testing::{ETHERNET, Sample};

    fn packet(gre: &[u8]) -> Sample {
        let mut bytes = Vec::new();
        etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [0, 0, 0x5e, 0, 0x53, 2])
            .ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .write(&mut bytes, 47.into(), gre)
            .expect("the headers fit");
        Sample::new(ETHERNET, bytes)
    }

    #[test]
    fn what_it_carries() {
        for (gre, stack, line) in [
            (
                &[0, 0, 0x88, 0xb5, 1, 2u8] as &[u8],
                "gre:data",
                "Generic Routing Encapsulation (Local Experimental Ethertype 1)\n",
            ),
            (&[0, 0, 0, 0], "gre", "Generic Routing Encapsulation (Possible GRE keepalive packet)\n"),
            (&[0x20, 0, 0x88, 0xbe, 0, 0, 0, 9], "gre", "    Key: 0x00000009\n"),
            (&[0x90, 0, 0x88, 0xb5, 1, 2, 3, 4, 0, 0, 0, 5], "gre", "    Sequence Number: 5\n"),
            (&[0x30, 0x81, 0x88, 0x0b, 0, 0, 0x17, 0x80, 0, 0, 0, 1, 0, 0, 0, 2], "gre", "    Call ID: 6016\n"),
            (
                &[0x30, 0x81, 0x88, 0x0b, 0, 0, 0x17, 0x80, 0, 0, 0, 1, 0, 0, 0, 2],
                "gre",
                "    Acknowledgment Number: 2\n",
            ),
            (
                &[0x40, 0, 0x88, 0xb5, 0, 0, 0, 0, 0, 2, 0, 4, 192, 0, 2, 3, 0, 0, 0, 0],
                "gre",
                "        Routing Information: c0000203\n",
            ),
        ] {
            let dissected = packet(gre).dissect();
            assert_eq!(dissected.stack, format!("eth:ethertype:ip:{stack}"));
            assert!(dissected.tree.contains(line), "{line}{}", dissected.tree);
        }
    }

    #[test]
    fn an_optional_field_that_is_missing_is_malformed() {
        for gre in [
            &[0x20u8, 0, 0x08, 0x00, 1] as &[u8],
            &[0x80, 0, 8, 0],
            &[0x10, 0, 8, 0, 0, 0, 0],
            &[0x40, 0, 8, 0, 0, 0, 0, 0],
        ] {
            let dissected = packet(gre).dissect();
            assert!(dissected.tree.contains("[Malformed Packet: GRE]"), "{gre:x?} {}", dissected.tree);
        }
    }
}
