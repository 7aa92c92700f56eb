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
const PER_STREAM: usize = 296;
/// The same where the messages of its connection are read: what each side has begun to say, and what its protocol remembers.
const PER_TALK: usize = 480;
/// What may come and go whatever is read: tables of a first size, a message that is just not whole.
const WHATEVER: usize = 256 << 10;
/// What a packet may cost besides where the capture is read again.
const PER_PACKET: usize = 32;

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
    let small = capture(Profile::Small, 20_000);
    for (capture, most) in [(&mix, 16), (&small, 16), (&asked, PER_PACKET)] {
        what_is_kept_for_a_second_reading(capture, most);
    }
    a_flood_stays_within_what_may_be_spent(Streams::new(), 0);
    a_flood_stays_within_what_may_be_spent(Streams::first_pass(), PER_PACKET);
}

fn what_is_kept_for_a_second_reading(capture: &[u8], most: usize) {
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), Need::only(vec![], Asks::Messages));
    let mut packet = Packet::new();
    // What is alive at the end with these streams, with what they keep for themselves, and how many packets there are.
    let mut read = |mut streams: Streams| {
        let before = live();
        let mut source = capture::from_reader(std::io::Cursor::new(capture.to_vec()), "generated").unwrap();
        let (mut batch, mut packets) = (Batch::default(), 0);
        while source.read(&mut batch).unwrap() {
            packets += batch.frames().len();
            for frame in batch.frames() {
                dissector.dissect(&frame, &mut streams, &mut packet);
            }
        }
        drop((source, batch));
        (live() - before, packets, streams)
    };
    let (alone, packets, _) = read(Streams::new());
    let (first, _, streams) = read(Streams::first_pass());
    let kept = first.saturating_sub(alone);
    assert!(kept > 0 && kept <= most * packets + WHATEVER, "{kept} bytes for {packets} packets");
    // The second reading takes the room that tables had in the first.
    let (grown, ..) = read(streams.second_pass());
    assert!(grown <= alone / 2 + WHATEVER, "{grown} bytes, {alone} alone");
}

/// A reading keeps to what may be spent, besides what it keeps of each packet for another one.
fn a_flood_stays_within_what_may_be_spent(mut streams: Streams, per_packet: usize) {
    const MOST: usize = 8 << 20;
    const PACKETS: u64 = 1 << 17;
    let flood = capgen::capture(&Options { packets: PACKETS, ..Options::new(Profile::SynFlood) });
    let dissector =
        Dissector::new(protocols::registry(), Preferences::default(), Need::only(vec!["tcp"], Asks::Analysis));
    let mut source = capture::from_reader(std::io::Cursor::new(flood), "generated").unwrap();
    let (mut packet, mut batch) = (Packet::new(), Batch::default());
    source.read(&mut batch).unwrap();
    let before = live();
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
    let may_be = MOST + per_packet * PACKETS as usize;
    assert!(most <= may_be, "{most} bytes");
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
