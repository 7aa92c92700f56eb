//! What display filters cost: to compile, and for each packet of a capture, by the kind of test.
//!
//! ```text
//! cargo bench --bench filter            # all
//! cargo bench --bench filter -- set     # those with `set` in their name
//! ```
//!
//! A line is the fastest of several rounds, in nanoseconds. Dissection is measured beside it, once with everything recorded and once
//! with what a filter needs: a whole run costs the reading, that, and the evaluation.

mod common;

use std::hint::black_box;

use common::fastest;
use sniff::capture::{self, Batch};
use sniff::dissect::{Dissector, Need, Packet, Preferences, View};
use sniff::filter::Filter;
use sniff::protocols::registry;
use sniff::streams::Streams;

const CAPTURE: &str = "captures/tour.pcapng";

/// A filter of each kind, by its name.
const FILTERS: &[(&str, &str)] = &[
    ("nothing", ""),
    ("presence", "tcp"),
    ("number", "tcp.port == 4"),
    ("number, all", "tcp.port != 443"),
    ("flag", "tcp.flags.syn == 1"),
    ("mask", "tcp.flags & 0x12 == 0x12"),
    ("number in set", "tcp.port in {53, 80, 443, 8000..8080, 9000}"),
    ("IPv4 in subnet", "ip.addr == 203.0.113.0/24"),
    ("IPv6 in subnet", "ipv6.addr == 2001:db8:1::/48"),
    ("MAC", "eth.addr == 00:00:5e:00:53:99"),
    ("time", "frame.time_relative > 1000"),
    ("text equal", "frame.protocols == \"eth:ip\""),
    ("text contains", "frame.protocols contains \"sctp\""),
    ("bytes contain", "frame contains \"not in any packet\""),
    ("pattern", "frame matches \"(?-i)POST /[a-z]+/cgi\""),
    ("slice", "frame[12:2] == 08:06"),
    ("slices", "frame[0:2,6:2] == ff:ff:00:00"),
    ("layer", "ip.src#2 == 192.0.2.1"),
    ("field with field", "ip.src == ip.dst"),
    ("arithmetic", "tcp.len + tcp.hdr_len * 2 > 100000"),
    ("function", "len(frame) > 100000"),
    ("string function", "string(ip.src) matches \"^10\\\\.\""),
    ("and", "ip.src == 192.0.2.10 and tcp.dstport == 4 and tcp.flags.syn == 1"),
    ("or", "tcp.port == 4 or udp.port == 4 or icmp.type == 99 or arp.opcode == 99"),
];

fn main() {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let registry = registry();
    let mut batches = Vec::new();
    let mut source = capture::open(CAPTURE.as_ref()).expect("the capture is in the repository");
    let mut batch = Batch::default();
    while source.read(&mut batch).expect("the capture is whole") {
        batches.push(std::mem::take(&mut batch));
    }
    let frames: Vec<_> = batches.iter().flat_map(Batch::frames).collect();
    let dissector = Dissector::new(sniff::protocols::registry(), Preferences::default(), Need::ALL);
    let mut streams = Streams::new();
    let packets: Vec<Packet> = frames
        .iter()
        .map(|frame| {
            let mut packet = Packet::new();
            dissector.dissect(frame, &mut streams, &mut packet);
            packet
        })
        .collect();
    println!("{:18} {:>10} {:>10} {:>12} {:>12}", "filter", "compile", "evaluate", "dissect need", "dissect all");
    println!("{:18} {:>10} {:>10} {:>12} {:>12}", "", "ns", "ns/packet", "ns/packet", "ns/packet");
    let all = fastest(frames.len(), || dissect(&dissector, &frames));
    for (name, expression) in FILTERS.iter().filter(|row| row.0.contains(&wanted)) {
        let filter = Filter::compile(expression, &registry).expect("the filters of the bench are filters");
        let compile = fastest(1, || drop(black_box(Filter::compile(black_box(expression), &registry))));
        let evaluate = fastest(frames.len() * 100, || {
            for _ in 0..100 {
                for (frame, packet) in frames.iter().zip(&packets) {
                    black_box(filter.matches(&View { frame, packet }));
                }
            }
        });
        let needing = Dissector::new(sniff::protocols::registry(), Preferences::default(), filter.need());
        let need = fastest(frames.len(), || dissect(&needing, &frames));
        println!("{name:18} {compile:>10.0} {evaluate:>10.1} {need:>12.1} {all:>12.1}");
    }
}

fn dissect(dissector: &Dissector, frames: &[capture::Frame]) {
    let (mut streams, mut packet) = (Streams::new(), Packet::new());
    streams.answer_only(dissector.need().asks);
    for frame in frames {
        dissector.dissect(frame, &mut streams, &mut packet);
        black_box(&packet);
    }
}
