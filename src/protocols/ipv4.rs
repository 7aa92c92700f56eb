//! IPv4: the Internet Protocol, version 4.
//!
//! RFC 791; the differentiated services field is that of RFC 2474 and RFC 3168.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |Version|  IHL  |   DSCP    |ECN|          Total Length         |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Identification        |Flags|      Fragment Offset    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  Time to Live |    Protocol   |         Header Checksum       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                       Source Address                          |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Destination Address                        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Options                    |    Padding    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use crate::dissect::{Derive, Entry, Layer, LayerView, Names, Next, Outcome, Protocol, Summary, Table, fields};
use crate::names;
use crate::text::Text;

fields! {
    VERSION = uint8("ip.version", "Version").bits(0xf0);
    HDR_LEN = uint8("ip.hdr_len", "Header Length").label(header_length_line);
    DSFIELD = uint8("ip.dsfield", "Differentiated Services Field").hex();
    DSCP = uint8("ip.dsfield.dscp", "Differentiated Services Codepoint").bits(0xfc);
    ECN = uint8("ip.dsfield.ecn", "Explicit Congestion Notification").bits(0x03);
    LEN = uint16("ip.len", "Total Length");
    ID = uint16("ip.id", "Identification").hex_dec();
    FLAGS = uint8("ip.flags", "Flags").hex().bits(0xe0);
    FLAG_RESERVED = boolean("ip.flags.rb", "Reserved bit").bits(0x80).flags("Set", "Not set");
    FLAG_DF = boolean("ip.flags.df", "Don't fragment").bits(0x40).flags("Set", "Not set");
    FLAG_MF = boolean("ip.flags.mf", "More fragments").bits(0x20).flags("Set", "Not set");
    FRAG_OFFSET = uint16("ip.frag_offset", "Fragment Offset");
    TTL = uint8("ip.ttl", "Time to Live");
    PROTO = uint8("ip.proto", "Protocol").named(Names::Lookup(|number| names::ip_protocol(number as u8)));
    CHECKSUM = uint16("ip.checksum", "Header Checksum").hex();
    CHECKSUM_STATUS = uint8("ip.checksum.status", "Header checksum status").name_only().generated()
        .values(CHECKSUM_STATUSES);
    SRC = ipv4("ip.src", "Source Address").either(&[&ADDR, &SRC_HOST, &HOST]);
    SRC_HOST = text("ip.src_host", "Source Host").derive(Derive::AddressText).hidden();
    DST = ipv4("ip.dst", "Destination Address").either(&[&ADDR, &DST_HOST, &HOST]);
    DST_HOST = text("ip.dst_host", "Destination Host").derive(Derive::AddressText).hidden();
    ADDR = ipv4("ip.addr", "Source or Destination Address").hidden();
    HOST = text("ip.host", "Source or Destination Host").derive(Derive::AddressText).hidden();
}

static CHECKSUM_STATUSES: &[(u64, &str)] = &[(0, "Bad"), (1, "Good"), (2, "Unverified"), (3, "Not present")];

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::EtherType, 0x0800), (Table::IpProto, 4)],
    dissect,
    addresses: Some((&SRC, &DST)),
    summary: Some(summary),
    ..Protocol::new("ip", "IPv4", "Internet Protocol Version 4").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let first = l.peek_u8()?;
    l.part(&VERSION, first, 1);
    let header_len = usize::from(first & 0x0f) * 4;
    l.part(&HDR_LEN, header_len as u64, 1);
    l.skip(1)?;
    let services = l.u8(&DSFIELD)?;
    l.parts(&[&DSCP, &ECN], services);
    let total_len = l.u16(&LEN)?;
    l.limit(total_len.into());
    l.u16(&ID)?;
    let fragment = l.peek_u16()?;
    let flags = (fragment >> 8) as u8;
    l.part(&FLAGS, flags, 1);
    l.parts(&[&FLAG_RESERVED, &FLAG_DF, &FLAG_MF], flags);
    let offset = fragment & 0x1fff;
    l.part(&FRAG_OFFSET, u64::from(offset) * 8, 2);
    l.skip(2)?;
    l.u8(&TTL)?;
    let protocol = l.u8(&PROTO)?;
    l.u16(&CHECKSUM)?;
    l.generated(&CHECKSUM_STATUS, 2u64);
    let source = l.ipv4(&SRC)?;
    let destination = l.ipv4(&DST)?;
    l.set_addresses(source, destination);
    l.skip(header_len.saturating_sub(20))?;
    if offset > 0 {
        return Ok(Next::Data);
    }
    Ok(Next::By(Table::IpProto, protocol.into()))
}

fn header_length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let bytes = entry.number();
    text.str(".... ");
    for bit in [8, 4, 2, 1] {
        text.byte(if bytes / 4 & bit != 0 { b'1' } else { b'0' });
    }
    text.str(" = Header Length: ").dec(bytes).str(" bytes (").dec(bytes / 4).str(")");
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(", Src: ");
    layer.write_address(&SRC, text);
    text.str(", Dst: ");
    layer.write_address(&DST, text);
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let protocol = layer.number(&PROTO).unwrap_or(0);
    summary.info.str(names::ip_protocol(protocol as u8).unwrap_or("Unknown")).str(" (").dec(protocol).str(")");
}
