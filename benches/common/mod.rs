//! What the benchmarks share: generated captures, and rows that say what a packet costs.
#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::hint::black_box;
use std::time::Instant;

use capgen::{Options, Profile};
use sniff::capture::{self, Batch, Frame};
use sniff::dissect::{Dissector, Need, Packet, Preferences, View};
use sniff::filter::Filter;
use sniff::protocols;
use sniff::streams::Streams;

/// Packets of most captures.
pub const PACKETS: u64 = 10_000;
/// How often each row is measured.
const ROUNDS: usize = 15;

/// A generated capture in memory.
pub struct Capture {
    batches: Vec<Batch>,
}

impl Capture {
    pub fn new(profile: Profile, packets: u64) -> Capture {
        let bytes = capgen::capture(&Options { packets, ..Options::new(profile) });
        let mut source = capture::from_reader(std::io::Cursor::new(bytes), "generated").expect("it is a capture");
        let mut batches = Vec::new();
        let mut batch = Batch::default();
        while source.read(&mut batch).expect("it is whole") {
            batches.push(std::mem::take(&mut batch));
        }
        Capture { batches }
    }

    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    pub fn frames(&self) -> Vec<Frame<'_>> {
        self.batches.iter().flat_map(Batch::frames).collect()
    }

    /// The frames that a display filter selects.
    pub fn select(&self, expression: &str) -> Vec<Frame<'_>> {
        let registry = protocols::registry();
        let filter = Filter::compile(expression, &registry).expect("the filters of the benches are filters");
        let dissector = Dissector::new(registry, Preferences::default(), filter.need());
        let (mut streams, mut packet) = (Streams::new(), Packet::new());
        let mut frames = self.frames();
        frames.retain(|frame| {
            dissector.dissect(frame, &mut streams, &mut packet);
            filter.matches(&View { frame, packet: &packet })
        });
        assert!(!frames.is_empty(), "{expression} selects nothing");
        frames
    }
}

/// Takes frames apart for `need`, hands each packet to `look`, and returns the sum of what that says.
pub fn dissect(need: &Need, frames: &[Frame], streams: &mut Streams, mut look: impl FnMut(&View) -> u64) -> u64 {
    thread_local! {
        static DISSECTOR: std::cell::RefCell<Dissector> =
            Dissector::new(protocols::registry(), Preferences::default(), Need::ALL).into();
    }
    DISSECTOR.with_borrow_mut(|dissector| {
        if dissector.need() != need {
            dissector.set_need(need.clone());
        }
        streams.answer_only(need.asks);
        let mut packet = Packet::new();
        let mut sum = 0;
        for frame in frames {
            dissector.dissect(frame, streams, &mut packet);
            sum += look(black_box(&View { frame, packet: &packet }));
        }
        sum
    })
}

/// Prints rows whose names contain the first word of the command line.
pub struct Table {
    wanted: String,
}

impl Table {
    pub fn new(title: &str) -> Table {
        println!("{title:34} {:>10} {:>10} {:>10}", "ns/packet", "packets", "MB/s");
        Table { wanted: std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default() }
    }

    /// Measures `work` over frames. It returns a sum of what it saw, each time the same one, `expected`: so that what is measured is
    /// what is said.
    pub fn row(&self, name: &str, frames: &[Frame], expected: u64, mut work: impl FnMut() -> u64) {
        if !name.contains(&self.wanted) {
            return;
        }
        let time = fastest(frames.len(), || assert_eq!(black_box(work()), expected, "{name}"));
        let bytes: usize = frames.iter().map(|frame| frame.bytes.len()).sum();
        let rate = bytes as f64 * 1000.0 / (time * frames.len() as f64);
        println!("{name:34} {time:>10.1} {:>10} {rate:>10.0}", frames.len());
    }
}

/// Runs `work` several times and returns the time that each of its `parts` takes, in nanoseconds, in the fastest round: whatever
/// disturbs one only makes it slower.
pub fn fastest(parts: usize, mut work: impl FnMut()) -> f64 {
    work();
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_nanos() as f64 / parts as f64
    });
    times.min_by(f64::total_cmp).unwrap_or_default()
}
