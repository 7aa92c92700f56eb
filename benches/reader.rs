//! What it costs to read captures: of both formats, and compressed.
//!
//! ```text
//! cargo bench --bench reader
//! ```

mod common;

use std::io::Write;

use capgen::{Format, Options, Profile};
use common::{Capture, PACKETS, Table};
use flate2::Compression;
use flate2::write::GzEncoder;
use sniff::capture::{self, Batch};

fn main() {
    let table = Table::new("reading");
    for (name, profile) in [("mix", Profile::Mix), ("small", Profile::Small)] {
        let capture = Capture::new(profile, PACKETS);
        let frames = capture.frames();
        let expected: u64 = frames.iter().map(|frame| frame.bytes.len() as u64).sum();
        for (format_name, format) in [("pcap", Format::Pcap), ("pcapng", Format::Pcapng)] {
            let bytes = capgen::capture(&Options { packets: PACKETS, format, ..Options::new(profile) });
            let file = tempfile::NamedTempFile::new().expect("there is room for a file");
            file.as_file().write_all(&bytes).expect("there is room for a file");
            table.row(&format!("{name}, {format_name}"), &frames, expected, || read(file.path()));
            let mut packed = GzEncoder::new(Vec::new(), Compression::default());
            packed.write_all(&bytes).expect("a vector takes everything");
            std::fs::write(file.path(), packed.finish().expect("a vector takes everything")).expect("there is room");
            table.row(&format!("{name}, {format_name}.gz"), &frames, expected, || read(file.path()));
        }
    }
}

/// Reads a file and returns the sum of the lengths of its frames.
fn read(path: &std::path::Path) -> u64 {
    let mut source = capture::open(path).expect("it was just written");
    let mut batch = Batch::default();
    let mut sum = 0;
    while source.read(&mut batch).expect("it is whole") {
        sum += batch.frames().map(|frame| frame.bytes.len() as u64).sum::<u64>();
    }
    sum
}
