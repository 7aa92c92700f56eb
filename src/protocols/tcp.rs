//! TCP: the Transmission Control Protocol.
//!
//! RFC 9293.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |          Source Port          |       Destination Port        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                        Sequence Number                        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Acknowledgment Number                      |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! | Offset|Rsrvd|A|C|E|U|A|P|R|S|F|            Window             |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |           Checksum            |         Urgent Pointer        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                           Options …                           |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use crate::dissect::{
    Conversation, Entry, Layer, LayerView, Next, Outcome, Preference, Protocol, SegmentHeader, Summary, Table, fields,
};
use crate::text::Text;

fields! {
    SRCPORT = uint16("tcp.srcport", "Source Port").either(&[&PORT]);
    DSTPORT = uint16("tcp.dstport", "Destination Port").either(&[&PORT]);
    PORT = uint16("tcp.port", "Source or Destination Port").hidden();
    STREAM = uint32("tcp.stream", "Stream index").generated();
    LEN = uint32("tcp.len", "TCP Segment Len").generated();
    SEQ = uint32("tcp.seq", "Sequence Number");
    SEQ_RAW = uint32("tcp.seq_raw", "Sequence Number (raw)");
    ACK = uint32("tcp.ack", "Acknowledgment Number");
    ACK_RAW = uint32("tcp.ack_raw", "Acknowledgment number (raw)");
    HDR_LEN = uint8("tcp.hdr_len", "Header Length");
    FLAGS = uint16("tcp.flags", "Flags").hex().bits(0x0fff);
    WINDOW = uint16("tcp.window_size_value", "Window");
    CHECKSUM = uint16("tcp.checksum", "Checksum").hex();
    URGENT = uint16("tcp.urgent_pointer", "Urgent Pointer");
}

pub static RELATIVE: Preference =
    Preference::new("tcp.relative_sequence_numbers", true, "Show sequence numbers relative to the first of the stream");

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 6)],
    preferences: &[&RELATIVE],
    dissect,
    summary: Some(summary),
    ..Protocol::new("tcp", "TCP", "Transmission Control Protocol").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let source_port = l.u16(&SRCPORT)?;
    let destination_port = l.u16(&DSTPORT)?;
    let sequence = l.peek_u32()?;
    let acknowledgment = u32::from_be_bytes(l.peek(8)?[4..].try_into().unwrap_or_default());
    let offset_and_flags = u16::from_be_bytes(l.peek(10)?[8..].try_into().unwrap_or_default());
    let header_len = usize::from(offset_and_flags >> 12) * 4;
    let payload = l.wire_len().saturating_sub(header_len);
    let conversation = Conversation { source: l.source(), destination: l.destination(), source_port, destination_port };
    let header = SegmentHeader { sequence, acknowledgment, flags: offset_and_flags & 0xfff, ..Default::default() };
    let note = l.memory().segment(&conversation, &header);
    l.generated(&STREAM, note.stream);
    l.generated(&LEN, payload as u64);
    l.part(&SEQ, sequence.wrapping_sub(note.sequence_base), 4);
    l.u32(&SEQ_RAW)?;
    l.part(&ACK, acknowledgment.wrapping_sub(note.acknowledgment_base), 4);
    l.u32(&ACK_RAW)?;
    l.part(&HDR_LEN, header_len as u64, 1);
    l.u16(&FLAGS)?;
    l.u16(&WINDOW)?;
    l.u16(&CHECKSUM)?;
    l.u16(&URGENT)?;
    l.skip(header_len.saturating_sub(20))?;
    Ok(Next::Ports(Table::TcpPort, source_port, destination_port))
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(", Src Port: ").dec(layer.number(&SRCPORT).unwrap_or(0));
    text.str(", Dst Port: ").dec(layer.number(&DSTPORT).unwrap_or(0));
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let (Some(source), Some(destination)) = (layer.number(&SRCPORT), layer.number(&DSTPORT)) else { return };
    summary.info.dec(source).str(" → ").dec(destination);
}
