//! No heap allocation per packet in steady state: what a run costs does not grow with its packets, but for those that are kept to be
//! put together with others.

use std::alloc::System;
use std::io;

use capgen::{Options, Profile};
use sniff::capture::write::{Format, Writer};
use sniff::capture::{self, Batch};
use sniff::dissect::{Dissector, Need, Packet, Preferences, View};
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

/// How often the tables of connections may grow in the second half of a capture, where there are new ones: they double.
const TABLES: usize = 16;
/// How long the captures of many connections are.
const PACKETS: u64 = 60_000;

/// What is counted of the later rounds over the same frames, or of the second half of a capture.
#[derive(Debug, Default)]
struct Counted {
    allocations: usize,
    /// Pieces that were put together.
    pieces: usize,
    packets: usize,
}

fn repeated(captures: &[&str], sink: &mut dyn Sink, filter: &Filter) -> Counted {
    let need = sink.need().and(filter.need());
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), need);
    let (mut streams, mut packet, mut text) = (Streams::new(), Packet::new(), Text::new());
    let mut batches = Vec::new();
    streams.answer_only(dissector.need().asks);
    for path in captures {
        let mut source = capture::open(path.as_ref()).unwrap();
        let mut batch = Batch::default();
        while source.read(&mut batch).unwrap() {
            batches.push(std::mem::take(&mut batch));
        }
    }
    let (mut pieces, packets) = (0, batches.iter().map(|batch| batch.frames().len()).sum::<usize>());
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
    Counted { allocations: change.allocations + change.reallocations, pieces: pieces * 10 / 12, packets: packets * 10 }
}

/// One test in this process, because other threads' allocations would be counted too.
#[test]
fn nothing_is_allocated_per_packet() {
    small_captures();
    many_connections();
}

fn small_captures() {
    let registry = protocols::registry();
    let all = Filter::compile("frame", &registry).unwrap();
    let some = Filter::compile("tcp.port == 80 or ip.addr == 192.0.2.0/24 or tcp contains \"GET\"", &registry).unwrap();
    let terms = "ip.src != ip.dst and len(frame) * 2 > 3 and string(ip.src) matches \"^1\" and ip.host contains \"1\" \
        and eth.addr[0,2] == 00:5e and max(frame.len, frame.cap_len) > 1 or ip.addr#1 == 192.0.2.10";
    let terms = Filter::compile(terms, &registry).unwrap();
    let more = "upper(frame.protocols) contains \"TCP\" or frame[0:2,4-5] & ff:ff:01 or all tcp.port in {80, tcp.srcport .. 60000} \
        or abs(tcp.len - 5) % 3 == 1 or ip.src in {10.0.0.0/8, 192.0.2.1 .. 192.0.2.9} or ip.src == ${ip.dst}";
    let more = Filter::compile(more, &registry).unwrap();
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
    let captures = &["captures/tour.pcapng", "captures/tcp-echo-lo.pcap"];
    for (name, mut sink) in sinks {
        for (which, filter) in [("all", &all), ("some", &some), ("terms", &terms), ("more terms", &more)] {
            let counted = repeated(captures, &mut *sink, filter);
            assert!(counted.allocations <= PER_PIECE * counted.pieces, "{name} of {which}: {counted:?}");
        }
    }
}

/// Whole packets into a file that nobody keeps.
struct Save(Writer);

impl Sink for Save {
    fn need(&self) -> Need {
        Need::NOTHING
    }

    fn packet(&mut self, view: &View, _out: &mut Text) {
        self.0.frame(view.frame).unwrap();
    }
}

/// The traffic of an office, small packets, one large connection. What is put together of the first are fragments, and messages
/// where they are read.
fn many_connections() {
    let registry = protocols::registry();
    let filter = |expression| Filter::compile(expression, &registry).unwrap();
    let names = ["ip.src", "ipv6.src", "tcp.dstport", "udp.dstport", "tcp.stream"].map(String::from).to_vec();
    let fields = || Box::new(Fields::new(names.clone(), Default::default(), &registry).unwrap());
    let save = |format| Box::new(Save(Writer::new(io::sink(), "nowhere", format)));
    let works: Vec<(&str, Box<dyn Sink>, Filter)> = vec![
        ("fields", fields(), filter("frame")),
        ("fields of what is chosen", fields(), filter("tcp.port == 443 or ip.addr == 10.0.0.0/16")),
        ("fields of what TCP had trouble with", fields(), filter("tcp.analysis.flags")),
        ("nothing", fields(), filter("tcp.port == 1")),
        ("written", save(Format::Pcapng), filter("frame")),
        ("written of what is chosen", save(Format::Pcap), filter("tcp.port == 443")),
        ("list", Box::new(List::new(TimeFormat::Relative)), filter("frame")),
    ];
    for (name, mut sink, filter) in works {
        for profile in [Profile::Mix, Profile::Small, Profile::Elephant] {
            let counted = second_half(profile, &mut *sink, &filter);
            assert_eq!(counted.packets, PACKETS as usize / 2);
            assert!(counted.allocations <= PER_PIECE * counted.pieces + TABLES, "{name} of {profile:?}: {counted:?}");
        }
    }
}

/// What is counted in the second half of a capture.
fn second_half(profile: Profile, sink: &mut dyn Sink, filter: &Filter) -> Counted {
    let need = sink.need().and(filter.need());
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), need);
    let (mut streams, mut packet, mut text) = (Streams::new(), Packet::new(), Text::new());
    streams.answer_only(dissector.need().asks);
    let capture = capgen::capture(&Options { packets: PACKETS, ..Options::new(profile) });
    let mut source = capture::from_reader(io::Cursor::new(capture), "generated").unwrap();
    let (mut batch, mut region) = (Batch::default(), Region::new(ALLOCATOR));
    let mut counted = Counted::default();
    while source.read(&mut batch).unwrap() {
        for frame in batch.frames() {
            if frame.number == PACKETS / 2 + 1 {
                region = Region::new(ALLOCATOR);
                counted = Counted::default();
            }
            counted.packets += 1;
            dissector.dissect(&frame, &mut streams, &mut packet);
            counted.pieces += packet.buffers().iter().map(|buffer| buffer.pieces.len()).sum::<usize>();
            let view = View { frame: &frame, packet: &packet };
            text.clear();
            if filter.matches(&view) {
                sink.packet(&view, &mut text);
            }
        }
    }
    let change = region.change();
    counted.allocations = change.allocations + change.reallocations;
    counted
}
