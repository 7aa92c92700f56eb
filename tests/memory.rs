//! Memory grows with the connections of a capture, and not with its packets.

use std::alloc::System;

use capgen::{Options, Profile};
use sniff::capture::{self, Batch};
use sniff::dissect::{Asks, Dissector, Need, Packet, Preferences, View};
use sniff::filter::Filter;
use sniff::output::{Sink, fields::Fields, summary::List, time::TimeFormat};
use sniff::protocols;
use sniff::streams::Streams;
use sniff::text::Text;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What a new stream may cost, in bytes.
const PER_STREAM: usize = 512;
/// The same where the messages of its connection are read: what each side has begun to say, and what its protocol remembers.
const PER_TALK: usize = 1280;
/// What may come and go whatever is read: blocks of the file, tables of a first size, a message that is just not whole.
const WHATEVER: usize = 1 << 20;

/// Bytes that are in use now.
fn live() -> usize {
    let stats = ALLOCATOR.stats();
    (stats.bytes_allocated as isize - stats.bytes_deallocated as isize) as usize
}

/// What is done with packets.
struct Work {
    name: &'static str,
    filter: &'static str,
    /// The list, or else columns.
    lists: bool,
}

const WORKS: &[Work] = &[
    Work { name: "list", filter: "frame", lists: true },
    Work { name: "fields", filter: "frame", lists: false },
    Work { name: "filter", filter: "tcp.port == 443", lists: false },
    Work { name: "analysis", filter: "tcp.analysis.retransmission", lists: false },
];

/// Reads a capture `rounds` times, as if it were one, and returns the bytes that are in use at the end beyond those at the beginning.
fn growth(work: &Work, capture: &[u8], rounds: usize) -> usize {
    let registry = protocols::registry();
    let filter = Filter::compile(work.filter, &registry).unwrap();
    let names = ["ip.src", "tcp.dstport"].map(String::from).to_vec();
    let mut sink: Box<dyn Sink> = match work.lists {
        true => Box::new(List::new(TimeFormat::Relative)),
        false => Box::new(Fields::new(names, Default::default(), &registry).unwrap()),
    };
    let need = sink.need().and(filter.need());
    let dissector = Dissector::new(registry, Preferences::default(), need);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), capture).unwrap();
    let before = live();
    let (mut streams, mut packet, mut text) = (Streams::new(), Packet::new(), Text::new());
    streams.answer_only(dissector.need().asks);
    let mut number = 0;
    for _ in 0..rounds {
        let (mut source, mut batch) = (capture::open(file.path()).unwrap(), Batch::default());
        while source.read(&mut batch).unwrap() {
            for mut frame in batch.frames() {
                number += 1;
                frame.number = number;
                dissector.dissect(&frame, &mut streams, &mut packet);
                let view = View { frame: &frame, packet: &packet };
                text.clear();
                if filter.matches(&view) {
                    sink.packet(&view, &mut text);
                }
            }
        }
    }
    live() - before
}

/// One test in this process, because other threads' memory would be counted too.
#[test]
fn memory_grows_with_connections_alone() {
    let capture = |profile, packets| capgen::capture(&Options { packets, flows: 200, ..Options::new(profile) });
    let elephant = [10_000, 40_000].map(|packets| capture(Profile::Elephant, packets));
    let mix = capture(Profile::Mix, 20_000);
    let asked = capture(Profile::SynFlood, 1 << 16);
    // Tables double when they are full: this is just before they do.
    let used = capture(Profile::ManyFlows, 163_000);
    let streams = opened(&used);
    assert!((16_000..1 << 14).contains(&streams), "{streams}");
    for work in WORKS {
        let grows = |some: usize, more: usize| {
            assert!(more <= some + WHATEVER, "{}: {some} bytes became {more}, with the same connections", work.name);
        };
        // The same connections with four times the packets.
        grows(growth(work, &elephant[0], 1), growth(work, &elephant[1], 1));
        grows(growth(work, &mix, 1), growth(work, &mix, 4));
        // Connections that are only asked for, and such as are opened, used and closed.
        let each = if work.lists { PER_TALK } else { PER_STREAM };
        for (capture, streams, each) in [(&asked, 1 << 16, PER_STREAM), (&used, streams, each)] {
            let bytes = growth(work, capture, 1);
            assert!(bytes <= WHATEVER + each * streams, "{}: {bytes} bytes, {streams} streams", work.name);
        }
    }
    a_flood_stays_within_what_may_be_spent();
}

fn a_flood_stays_within_what_may_be_spent() {
    const MOST: usize = 8 << 20;
    let flood = capgen::capture(&Options { packets: 1 << 17, ..Options::new(Profile::SynFlood) });
    let dissector =
        Dissector::new(protocols::registry(), Preferences::default(), Need::only(vec!["tcp"], Asks::Analysis));
    let mut source = capture::from_reader(std::io::Cursor::new(flood), "generated").unwrap();
    let (mut packet, mut batch) = (Packet::new(), Batch::default());
    source.read(&mut batch).unwrap();
    let before = live();
    let mut streams = Streams::new();
    streams.limit(MOST);
    let mut most = 0;
    loop {
        for frame in batch.frames() {
            dissector.dissect(&frame, &mut streams, &mut packet);
        }
        most = most.max(live() - before);
        if !source.read(&mut batch).unwrap() {
            break;
        }
    }
    assert!(most <= MOST, "{most} bytes");
    assert!(streams.forgotten() > 1 << 16, "{}", streams.forgotten());
}

/// How many TCP streams there are.
fn opened(capture: &[u8]) -> usize {
    let dissector =
        Dissector::new(protocols::registry(), Preferences::default(), Need::only(vec!["tcp"], Asks::Streams));
    let (mut streams, mut packet, mut batch) = (Streams::new(), Packet::new(), Batch::default());
    let mut source = capture::from_reader(std::io::Cursor::new(capture.to_vec()), "generated").unwrap();
    let mut last = 0;
    while source.read(&mut batch).unwrap() {
        for frame in batch.frames() {
            dissector.dissect(&frame, &mut streams, &mut packet);
            let view = View { frame: &frame, packet: &packet };
            let tcp = view.layers().find(|layer| layer.protocol().name() == "tcp");
            last = last.max(tcp.and_then(|tcp| tcp.number(&protocols::tcp::STREAM)).unwrap_or_default());
        }
    }
    last as usize + 1
}
