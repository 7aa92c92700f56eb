//! No heap allocation per packet in steady state: what a run costs does not grow with its packets, but for those that are kept to be
//! put together with others.

use std::alloc::System;

use sniff::capture::{self, Batch};
use sniff::dissect::{Dissector, Packet, Preferences, View};
use sniff::filter::Filter;
use sniff::output::Sink;
use sniff::output::{chosen::Chosen, color::Palette, fields::Fields, hex::Hex, json::Json, jsonl::JsonLines};
use sniff::output::{summary::List, time::TimeFormat, tree::Tree};
use sniff::protocols;
use sniff::streams::Streams;
use sniff::text::Text;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What putting one piece together may allocate: its bytes, its place, its share of what is common to all.
const PER_PIECE: usize = 8;

/// Allocations of the second and later rounds over the same frames, and the pieces that were put together in them.
fn allocations(sink: &mut dyn Sink, filter: &Filter) -> (usize, usize) {
    let need = sink.need().and(filter.need());
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), need);
    let (mut streams, mut packet, mut text) = (Streams::new(), Packet::new(), Text::new());
    let mut batches = Vec::new();
    for path in ["captures/tour.pcapng", "captures/tcp-echo-lo.pcap"] {
        let mut source = capture::open(path.as_ref()).unwrap();
        let mut batch = Batch::default();
        while source.read(&mut batch).unwrap() {
            batches.push(std::mem::take(&mut batch));
        }
    }
    let mut pieces = 0;
    let mut round = || {
        for frame in batches.iter().flat_map(Batch::frames) {
            dissector.dissect(&frame, &mut streams, &mut packet);
            pieces += packet.buffers().iter().map(|buffer| buffer.pieces.len()).sum::<usize>();
            let view = View { frame: &frame, packet: &packet };
            text.clear();
            if filter.matches(&view) {
                sink.packet(&view, &mut text);
            }
        }
    };
    round();
    round();
    let region = Region::new(ALLOCATOR);
    for _ in 0..10 {
        round();
    }
    let change = region.change();
    // Of twelve rounds ten are counted.
    (change.allocations + change.reallocations, pieces * 10 / 12)
}

/// One test in this process, because other threads' allocations would be counted too.
#[test]
fn nothing_is_allocated_per_packet() {
    let registry = protocols::registry();
    let all = Filter::compile("frame", &registry).unwrap();
    let some = Filter::compile("tcp.port == 80 or ip.addr == 192.0.2.0/24 or tcp contains \"GET\"", &registry).unwrap();
    let terms = "ip.src != ip.dst and len(frame) * 2 > 3 and string(ip.src) matches \"^1\" and ip.host contains \"1\" \
        and eth.addr[0,2] == 00:5e and max(frame.len, frame.cap_len) > 1 or ip.addr#1 == 192.0.2.10";
    let terms = Filter::compile(terms, &registry).unwrap();
    let names =
        ["frame.number", "ip.src", "ip.host", "tcp.port", "eth.addr.oui_resolved", "frame.time", "_ws.col.Info"];
    let names = names.map(String::from).to_vec();
    let chosen = || Chosen::new(names.clone(), &registry).ok();
    let sinks: Vec<(&str, Box<dyn Sink>)> = vec![
        ("list", Box::new(List::new(TimeFormat::Relative))),
        ("list with dates", Box::new(List::new(TimeFormat::AbsoluteDate))),
        ("tree", Box::new(Tree::new(Vec::new(), false))),
        ("tree with colours", Box::new(Tree::new(Vec::new(), true).colored(Palette::new(true)))),
        ("list with colours", Box::new(List::new(TimeFormat::Relative).aligned().colored(Palette::new(true)))),
        ("bytes with colours", Box::new(Hex::new(false).colored(Palette::new(true)))),
        ("JSON", Box::new(Json::new(None, true))),
        ("chosen JSON", Box::new(Json::new(chosen(), false))),
        ("JSON lines", Box::new(JsonLines::new(None))),
        ("chosen JSON lines", Box::new(JsonLines::new(chosen()))),
        ("fields", Box::new(Fields::new(names.clone(), Default::default(), &registry).unwrap())),
    ];
    for (name, mut sink) in sinks {
        for (which, filter) in [("all", &all), ("some", &some), ("terms", &terms)] {
            let (count, pieces) = allocations(&mut *sink, filter);
            assert!(
                count <= PER_PIECE * pieces,
                "{name} of {which}: {count} allocations in ten rounds, {pieces} pieces"
            );
        }
    }
}
