//! UDP: the User Datagram Protocol.
//!
//! RFC 768.
//!
//! ```text
//!  0      7 8     15 16    23 24    31
//! +--------+--------+--------+--------+
//! |   source port   |destination port |
//! +--------+--------+--------+--------+
//! |     length      |    checksum     |
//! +--------+--------+--------+--------+
//! ```

use crate::dissect::{
    Conversation, Entry, Layer, LayerView, Next, Outcome, Protocol, Summary, Table, Transport, fields,
};
use crate::text::Text;

fields! {
    SRCPORT = uint16("udp.srcport", "Source Port").either(&[&PORT]);
    DSTPORT = uint16("udp.dstport", "Destination Port").either(&[&PORT]);
    PORT = uint16("udp.port", "Source or Destination Port").hidden();
    LENGTH = uint16("udp.length", "Length");
    CHECKSUM = uint16("udp.checksum", "Checksum").hex();
    CHECKSUM_STATUS = uint8("udp.checksum.status", "Checksum Status").name_only().generated();
    STREAM = uint32("udp.stream", "Stream index").generated();
    PAYLOAD = bytes("udp.payload", "Payload");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 17)],
    dissect,
    summary: Some(summary),
    ..Protocol::new("udp", "UDP", "User Datagram Protocol").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let source_port = l.u16(&SRCPORT)?;
    let destination_port = l.u16(&DSTPORT)?;
    let length = l.u16(&LENGTH)?;
    l.u16(&CHECKSUM)?;
    l.limit(length.into());
    let conversation = Conversation { source: l.source(), destination: l.destination(), source_port, destination_port };
    let note = l.memory().datagram(Transport::Udp, &conversation);
    l.generated(&STREAM, note.stream);
    Ok(Next::Ports(Table::UdpPort, source_port, destination_port))
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(", Src Port: ").dec(layer.number(&SRCPORT).unwrap_or(0));
    text.str(", Dst Port: ").dec(layer.number(&DSTPORT).unwrap_or(0));
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let (Some(source), Some(destination)) = (layer.number(&SRCPORT), layer.number(&DSTPORT)) else { return };
    summary.info.dec(source).str(" → ").dec(destination).str(" Len=");
    summary.info.dec(layer.number(&LENGTH).unwrap_or(0).saturating_sub(8));
}
