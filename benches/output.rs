//! What it costs to write packets that were taken apart already: as a list, a tree, columns, JSON, bytes, a capture.
//!
//! ```text
//! cargo bench --bench output
//! ```

mod common;

use std::io;

use capgen::Profile;
use common::{Capture, PACKETS, Table};
use sniff::capture::write::{Format, Writer};
use sniff::dissect::{Dissector, Need, Packet, Preferences, View};
use sniff::output::{Sink, fields::Fields, hex::Hex, json::Json, jsonl::JsonLines};
use sniff::output::{summary::List, time::TimeFormat, tree::Tree};
use sniff::protocols;
use sniff::streams::Streams;
use sniff::text::Text;

/// One packet of so many is written, so many times.
const STEP: usize = 40;

fn main() {
    let table = Table::new("output");
    let capture = Capture::new(Profile::Mix, PACKETS);
    let frames = capture.frames();
    // So few that they stay in the cache, as the one packet does that a run has at a time.
    let kept: Vec<_> = frames.iter().step_by(STEP).copied().collect();
    let again: Vec<_> = (0..STEP).flat_map(|_| kept.iter().copied()).collect();
    let registry = protocols::registry();
    let fields = |names: &[&str]| {
        let names = names.iter().map(|name| name.to_string()).collect();
        Box::new(Fields::new(names, Default::default(), &registry).expect("the fields of the bench are fields"))
    };
    let sinks: Vec<(&str, Box<dyn Sink>)> = vec![
        ("list", Box::new(List::new(TimeFormat::Relative))),
        ("list with dates", Box::new(List::new(TimeFormat::AbsoluteDate))),
        ("tree (-V)", Box::new(Tree::new(Vec::new(), false))),
        ("bytes (-x)", Box::new(Hex::new(false))),
        ("fields, an address and a port", fields(&["ip.src", "tcp.dstport"])),
        ("fields, names", fields(&["http.host", "tls.handshake.extensions_server_name", "dns.qry.name"])),
        ("json", Box::new(Json::new(None, false))),
        ("jsonl", Box::new(JsonLines::new(None))),
    ];
    for (name, mut sink) in sinks {
        let packets = dissected(sink.need(), &frames);
        let mut text = Text::new();
        let mut write = || {
            let mut written = 0;
            for _ in 0..STEP {
                for (frame, packet) in kept.iter().zip(&packets) {
                    text.clear();
                    sink.packet(&View { frame, packet }, &mut text);
                    written += text.as_bytes().len() as u64;
                }
            }
            written
        };
        let expected = write();
        assert!(expected >= PACKETS, "{name} writes nothing");
        table.row(name, &again, expected, write);
    }
    let bytes: u64 = frames.iter().map(|frame| frame.bytes.len() as u64).sum();
    for (name, format) in [("capture (-w), pcapng", Format::Pcapng), ("capture (-w), pcap", Format::Pcap)] {
        let write = || {
            let mut writer = Writer::new(io::sink(), "nowhere", format);
            capture.batches().iter().for_each(|batch| {
                writer.begin(batch);
                batch.frames().for_each(|frame| writer.frame(&frame).expect("nowhere takes everything"));
            });
            writer.flush().expect("nowhere takes everything");
            writer.size()
        };
        let expected = write();
        assert!(expected > bytes + 16 * PACKETS, "{name}: {expected} bytes");
        table.row(name, &frames, expected, write);
    }
}

/// Takes all frames apart, as they depend on each other, and keeps one of [`STEP`].
fn dissected(need: Need, frames: &[sniff::capture::Frame]) -> Vec<Packet> {
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), need);
    let mut streams = Streams::new();
    streams.answer_only(dissector.need().asks);
    let packets = frames.iter().map(|frame| {
        let mut packet = Packet::new();
        dissector.dissect(frame, &mut streams, &mut packet);
        packet
    });
    packets.step_by(STEP).collect()
}
