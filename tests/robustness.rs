//! Hostile bytes: every prefix and many mutations of every capture pass through the whole program without panic or hang.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;

use sniff::capture::{self, Batch, Frame, Interface};
use sniff::dissect::{Dissector, Need, Packet, Preferences, View};
use sniff::output::Sink;
use sniff::output::{summary::List, time::TimeFormat, tree::Tree};
use sniff::protocols;
use sniff::streams::Streams;
use sniff::text::Text;

/// How often each capture is changed.
const MUTATIONS: u64 = 1_000;

fn captures() -> Vec<PathBuf> {
    let files = fs::read_dir("captures").expect("the captures are part of the project");
    let mut files: Vec<PathBuf> = files
        .map(|file| file.expect("a folder entry").path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|kind| kind != "md") && is_capture(path))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn is_capture(path: &std::path::Path) -> bool {
    capture::open(path).is_ok()
}

/// Everything that can be shown of a frame.
struct Everything {
    dissector: Dissector,
    streams: Streams,
    packet: Packet,
    sinks: Vec<Box<dyn Sink>>,
    text: Text,
}

impl Everything {
    fn new() -> Everything {
        Everything {
            dissector: Dissector::new(protocols::registry(), Preferences::default(), Need::ALL),
            streams: Streams::new(),
            packet: Packet::new(),
            sinks: vec![Box::new(List::new(TimeFormat::Relative)), Box::new(Tree::new(Vec::new(), false))],
            text: Text::new(),
        }
    }

    fn show(&mut self, frame: &Frame) {
        self.dissector.dissect(frame, &mut self.streams, &mut self.packet);
        let view = View { frame, packet: &self.packet };
        self.text.clear();
        self.sinks.iter_mut().for_each(|sink| sink.packet(&view, &mut self.text));
        assert!(!self.text.as_bytes().contains(&0x1b), "no escape sequence comes out of a packet");
    }
}

fn each_frame(bytes: Vec<u8>, mut take: impl FnMut(&Frame)) {
    // The buffer is used again, as in a run: to make it is most of what reading a small file costs.
    thread_local!(static BATCH: RefCell<Batch> = RefCell::default());
    let Ok(mut source) = capture::from_reader(std::io::Cursor::new(bytes), "test") else { return };
    let mut batch = BATCH.take();
    while let Ok(true) = source.read(&mut batch) {
        batch.frames().for_each(|frame| take(&frame));
    }
    BATCH.set(batch);
}

/// A small deterministic generator (xorshift64*), so that a failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }
}

#[test]
fn every_prefix_of_every_frame() {
    for path in captures() {
        let mut everything = Everything::new();
        each_frame(fs::read(&path).unwrap(), |frame| {
            for len in 0..frame.bytes.len() {
                let bytes = &frame.bytes[..len];
                // Cut by the snapshot length, and never longer on the wire.
                everything.show(&Frame { bytes, ..*frame });
                everything.show(&Frame { bytes, wire_len: len as u32, ..*frame });
            }
        });
    }
}

/// A prefix of a file is its whole records and one that is cut, and a reader that streams has forgotten the records before: so
/// the head of the file, a record, and every cut of it stand for every prefix, without reading a long file for each of its bytes.
#[test]
fn every_prefix_of_every_file() {
    for path in captures() {
        let mut bytes = Vec::new();
        let mut starts = Vec::new();
        // Compressed captures are cut as what they hold, and as they are.
        let packed = fs::read(&path).unwrap();
        each_frame(packed.clone(), |frame| starts.push(frame.offset as usize));
        if starts.last().is_some_and(|&last| last < packed.len()) && starts[0] > 0 && is_plain(&packed) {
            bytes.extend_from_slice(&packed);
        } else {
            starts.clear();
        }
        for len in 0..packed.len().min(2_000) {
            each_frame(packed[..len].to_vec(), |_| {});
        }
        let head = starts.first().copied().unwrap_or(0);
        starts.push(bytes.len());
        for record in starts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]) {
            for len in 0..=record.len() {
                let mut frames = 0;
                each_frame([&bytes[..head], &record[..len]].concat(), |_| frames += 1);
                assert!(frames <= 1, "{}: {frames} frames in a record", path.display());
                assert!(len < record.len() || frames == 1, "{}: a whole record is a frame", path.display());
            }
        }
    }
}

fn is_plain(bytes: &[u8]) -> bool {
    !matches!(bytes, [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x04, 0x22, 0x4d, 0x18, ..])
}

#[test]
fn mutations_of_every_file() {
    for path in captures() {
        let bytes = fs::read(&path).unwrap();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let mut frames: Vec<(Vec<u8>, u32, u16)> = Vec::new();
        each_frame(bytes.clone(), |frame| frames.push((frame.bytes.to_vec(), frame.wire_len, frame.interface.link)));
        let mut everything = Everything::new();
        for _ in 0..MUTATIONS {
            // One frame, changed in a few places, as a file of any link type might hold it.
            let (mut frame, wire_len, link) = frames[random.below(frames.len())].clone();
            for _ in 0..=random.below(4) {
                if !frame.is_empty() {
                    let place = random.below(frame.len());
                    frame[place] = [0, 1, 0x7f, 0x80, 0xff, random.below(256) as u8][random.below(6)];
                }
            }
            let interface = Interface { link, ..interface() };
            everything.show(&Frame {
                number: 1,
                time: None,
                wire_len,
                offset: 0,
                interface: &interface,
                bytes: &frame,
                options: &[],
            });
        }
        for _ in 0..MUTATIONS / 10 {
            let mut file = bytes.clone();
            for _ in 0..=random.below(4) {
                let place = random.below(file.len());
                file[place] = random.below(256) as u8;
            }
            each_frame(file, |frame| everything.show(frame));
        }
    }
}

fn interface() -> Interface {
    let mut known = None;
    each_frame(fs::read("captures/tcp-echo-lo.pcap").unwrap(), |frame| known = Some(frame.interface.clone()));
    known.expect("the capture has frames")
}
