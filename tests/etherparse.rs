//! Another parser's opinion: on every well-formed packet of the captures, `etherparse` and our dissection agree.

use std::fs;

use etherparse::{LaxNetSlice, LaxSlicedPacket, TransportSlice};
use sniff::capture::{self, Batch};
use sniff::dissect::{Dissector, LayerView, Need, Packet, Preferences, Value, View};
use sniff::protocols;
use sniff::streams::Streams;

/// The value of a field of the first layer that is the protocol.
fn value<'a>(view: &View<'a>, protocol: &str, field: &str) -> Option<Value<'a>> {
    let layer = view.layers().find(|layer| layer.protocol().name() == protocol)?;
    named(&layer, field)
}

fn named<'a>(layer: &LayerView<'a>, field: &str) -> Option<Value<'a>> {
    let entry = layer.entries().iter().find(|entry| entry.field.name == field)?;
    Some(layer.view.value(entry))
}

#[test]
fn agrees_with_etherparse() {
    const ETHERNET: u16 = 1;
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), Need::ALL);
    let (mut compared, mut packet) = (0, Packet::new());
    for file in fs::read_dir("captures").unwrap() {
        let Ok(mut source) = capture::open(&file.unwrap().path()) else { continue };
        let mut streams = Streams::new();
        let mut batch = Batch::default();
        while source.read(&mut batch).unwrap() {
            for frame in batch.frames().filter(|frame| frame.interface.link == ETHERNET) {
                dissector.dissect(&frame, &mut streams, &mut packet);
                let view = View { frame: &frame, packet: &packet };
                let Ok(other) = LaxSlicedPacket::from_ethernet(frame.bytes) else { continue };
                if other.stop_err.is_none() {
                    compared += compare(&view, &other);
                }
            }
        }
    }
    assert!(compared > 1_000, "only {compared} values were compared");
}

fn compare(view: &View, other: &LaxSlicedPacket) -> usize {
    let mut expected: Vec<(&str, &str, Value)> = Vec::new();
    let number = |number: u64| Value::Unsigned(number);
    match &other.net {
        Some(LaxNetSlice::Ipv4(slice)) => {
            let header = slice.header();
            expected.extend([
                ("ip", "ip.src", Value::Ipv4(u32::from_be_bytes(header.source()))),
                ("ip", "ip.dst", Value::Ipv4(u32::from_be_bytes(header.destination()))),
                ("ip", "ip.len", number(header.total_len().into())),
                ("ip", "ip.id", number(header.identification().into())),
                ("ip", "ip.ttl", number(header.ttl().into())),
                ("ip", "ip.proto", number(header.protocol().0.into())),
                ("ip", "ip.hdr_len", number(u64::from(header.ihl()) * 4)),
                ("ip", "ip.dsfield.dscp", number(header.dcp().value().into())),
                ("ip", "ip.dsfield.ecn", number(header.ecn().value().into())),
                ("ip", "ip.flags.df", Value::Boolean(header.dont_fragment())),
                ("ip", "ip.flags.mf", Value::Boolean(header.more_fragments())),
                // The field is in units of eight bytes, as it stands in the header; its line in the tree is in bytes.
                ("ip", "ip.frag_offset", number(header.fragments_offset().value().into())),
                ("ip", "ip.checksum", number(header.header_checksum().into())),
            ]);
        }
        Some(LaxNetSlice::Ipv6(slice)) => {
            let header = slice.header();
            expected.extend([
                ("ipv6", "ipv6.src", Value::Ipv6(header.source())),
                ("ipv6", "ipv6.dst", Value::Ipv6(header.destination())),
                ("ipv6", "ipv6.plen", number(header.payload_length().into())),
                ("ipv6", "ipv6.hlim", number(header.hop_limit().into())),
                ("ipv6", "ipv6.nxt", number(header.next_header().0.into())),
                ("ipv6", "ipv6.flow", number(header.flow_label().value().into())),
            ]);
        }
        _ => {}
    }
    match &other.transport {
        Some(TransportSlice::Tcp(tcp)) => expected.extend([
            ("tcp", "tcp.srcport", number(tcp.source_port().into())),
            ("tcp", "tcp.dstport", number(tcp.destination_port().into())),
            ("tcp", "tcp.seq_raw", number(tcp.sequence_number().into())),
            ("tcp", "tcp.ack_raw", number(tcp.acknowledgment_number().into())),
            ("tcp", "tcp.hdr_len", number(u64::from(tcp.data_offset()) * 4)),
            ("tcp", "tcp.flags.syn", Value::Boolean(tcp.syn())),
            ("tcp", "tcp.flags.ack", Value::Boolean(tcp.ack())),
            ("tcp", "tcp.flags.fin", Value::Boolean(tcp.fin())),
            ("tcp", "tcp.flags.reset", Value::Boolean(tcp.rst())),
            ("tcp", "tcp.flags.push", Value::Boolean(tcp.psh())),
            ("tcp", "tcp.window_size_value", number(tcp.window_size().into())),
            ("tcp", "tcp.checksum", number(tcp.checksum().into())),
            ("tcp", "tcp.urgent_pointer", number(tcp.urgent_pointer().into())),
        ]),
        Some(TransportSlice::Udp(udp)) => expected.extend([
            ("udp", "udp.srcport", number(udp.source_port().into())),
            ("udp", "udp.dstport", number(udp.destination_port().into())),
            ("udp", "udp.length", number(udp.length().into())),
            ("udp", "udp.checksum", number(udp.checksum().into())),
        ]),
        Some(TransportSlice::Icmpv4(icmp)) => expected.extend([
            ("icmp", "icmp.type", number(icmp.type_u8().into())),
            ("icmp", "icmp.code", number(icmp.code_u8().into())),
            ("icmp", "icmp.checksum", number(icmp.checksum().into())),
        ]),
        Some(TransportSlice::Icmpv6(icmp)) => expected.extend([
            ("icmpv6", "icmpv6.type", number(icmp.type_u8().into())),
            ("icmpv6", "icmpv6.code", number(icmp.code_u8().into())),
            ("icmpv6", "icmpv6.checksum", number(icmp.checksum().into())),
        ]),
        Some(TransportSlice::Igmp(_)) | None => {}
    }
    // Tunnels have more layers than the other parser looks at; what it saw is the first of its kind.
    for (protocol, field, wanted) in &expected {
        let found = value(view, protocol, field);
        assert_eq!(found.as_ref(), Some(wanted), "frame {}: {field}", view.frame.number);
    }
    expected.len()
}
