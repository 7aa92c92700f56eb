//! What filters and sinks say that they need is all that they need.

use std::collections::{BTreeSet, HashMap};

use sniff::capture::{self, Batch};
use sniff::dissect::{Asks, Dissector, Family, Kind, LayerMark, Need, Packet, Preferences, View};
use sniff::output::columns::Columns;
use sniff::protocols;
use sniff::streams::Streams;

fn captures() -> impl Iterator<Item = std::path::PathBuf> {
    let files = std::fs::read_dir("captures").unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.to_string_lossy().contains(".pcap"))
}

/// Every entry of a capture as text, frame by frame.
fn entries(path: &std::path::Path, asks: Asks) -> Vec<Vec<(String, String)>> {
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), Need::ALL);
    let mut streams = Streams::new();
    streams.answer_only(asks);
    let (mut packet, mut batch, mut frames) = (Packet::new(), Batch::default(), Vec::new());
    let mut source = capture::open(path).unwrap();
    while source.read(&mut batch).unwrap_or(false) {
        for frame in batch.frames() {
            dissector.dissect(&frame, &mut streams, &mut packet);
            let view = View { frame: &frame, packet: &packet };
            let row = |entry| format!("{:?}", view.value(entry));
            frames.push(view.entries().iter().map(|entry| (entry.field.name.to_owned(), row(entry))).collect());
        }
    }
    frames
}

type Values = Vec<(usize, String)>;

/// The values of every field of a capture, with the places of their frames.
fn values(path: &std::path::Path, dissector: &Dissector) -> HashMap<&'static str, Values> {
    let mut streams = Streams::new();
    streams.answer_only(dissector.need().asks);
    let (mut packet, mut batch, mut values) = (Packet::new(), Batch::default(), HashMap::<_, Values>::new());
    let mut source = capture::open(path).unwrap();
    let mut place = 0;
    while source.read(&mut batch).unwrap_or(false) {
        for frame in batch.frames() {
            dissector.dissect(&frame, &mut streams, &mut packet);
            let view = View { frame: &frame, packet: &packet };
            for entry in view.entries() {
                // What a layer covers is not known where nothing above it is looked at.
                let value =
                    if entry.field.kind == Kind::Protocol { String::new() } else { format!("{:?}", view.value(entry)) };
                values.entry(entry.field.name).or_default().push((place, value));
            }
            place += 1;
        }
    }
    values
}

/// Whoever needs one field gets it as if everything were needed.
#[test]
fn what_is_needed_is_all_that_is_needed() {
    let mut dissector = Dissector::new(protocols::registry(), Preferences::default(), Need::ALL);
    let mut wrong = BTreeSet::new();
    for path in captures() {
        dissector.set_need(Need::ALL);
        let all = values(&path, &dissector);
        for (name, expected) in &all {
            let rows = dissector.registry.fields(name);
            dissector.set_need(Need::of(rows, &dissector.registry));
            if values(&path, &dissector).get(name) != Some(expected) && !name.is_empty() {
                wrong.insert(*name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the packet list says of a frame: the four columns that protocols write, and the places of its layers, as far
/// as they are not contents that may be left unread.
type Row = ([String; 4], Vec<(&'static str, u32, u32)>);

/// The same of a capture, frame by frame; each frame also cut short, as if no more had been captured, and with a byte changed.
fn rows(path: &std::path::Path, need: Need) -> Vec<Row> {
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), need);
    let mut rows = Vec::new();
    let cut = [usize::MAX, 90, 60, 40, 20].map(|most| (most, 0));
    // Another byte in each frame, of the headers of links, networks and transports.
    let changed = [13, 29, 31].map(|step| (usize::MAX, step));
    for (most, step) in cut.into_iter().chain(changed) {
        let mut streams = Streams::new();
        let (mut packet, mut batch, mut columns) = (Packet::new(), Batch::default(), Columns::default());
        let mut source = capture::open(path).unwrap();
        while source.read(&mut batch).unwrap_or(false) {
            for mut frame in batch.frames() {
                let mut bytes = frame.bytes[..frame.bytes.len().min(most)].to_vec();
                let place = step * frame.number as usize % 62;
                if let (1.., Some(byte)) = (step, bytes.get_mut(place)) {
                    *byte ^= 1 << (frame.number % 8);
                }
                frame.bytes = &bytes;
                dissector.dissect(&frame, &mut streams, &mut packet);
                columns.fill(&View { frame: &frame, packet: &packet });
                let Columns { source, destination, protocol, info, .. } = &columns;
                let columns = [source, destination, protocol, info].map(|text| text.to_string_lossy());
                let is_header = |mark: &&LayerMark| !matches!(mark.protocol.family, Family::Payload | Family::Web);
                let layers = packet
                    .layers()
                    .iter()
                    .take_while(is_header)
                    .map(|mark| (mark.protocol.name(), mark.start, mark.limit));
                rows.push((columns, layers.collect()));
            }
        }
    }
    rows
}

/// Where nothing but columns is needed, they are what they are where everything is recorded, and made of the same layers.
#[test]
fn columns_are_made_of_what_is_recorded_for_them() {
    let mut wrong = Vec::new();
    for path in captures() {
        let all = rows(&path, Need::ALL);
        for (place, (some, all)) in rows(&path, Need::columns(Vec::new())).iter().zip(&all).enumerate() {
            if some != all {
                wrong.push(format!("{} {}: {some:?}, not {all:?}", path.display(), place + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where headers are nested so deep that they are not read any more, it is so for everybody.
#[test]
fn headers_inside_each_other_end_where_they_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nested.pcap");
    let mut bytes = [0xa1b2_c3d4u32, 2 | 4 << 16, 0, 0, 65_535, 1].map(u32::to_le_bytes).concat();
    for depth in 58..70u16 {
        let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd];
        for level in (0..depth).rev() {
            let next = if level == 0 { 17 } else { 41 };
            frame.extend([0x60, 0, 0, 0]);
            frame.extend((40 * level + 8).to_be_bytes());
            frame.extend([next, 64]);
            frame.extend([[0; 15], [0; 15]].map(|zeros| [&zeros[..], &[1]].concat()).concat());
        }
        frame.extend([0, 1, 0, 2, 0, 8, 0, 0]);
        bytes.extend([0, 0, frame.len() as u32, frame.len() as u32].map(u32::to_le_bytes).concat());
        bytes.extend(frame);
    }
    std::fs::write(&path, bytes).unwrap();
    let (all, some) = (rows(&path, Need::ALL), rows(&path, Need::columns(Vec::new())));
    assert_eq!(some, all);
    let said = |protocol: &str| all.iter().take(12).filter(|row| row.0[2] == protocol).count();
    assert!(said("UDP") > 2 && said("IPv6") > 2, "{all:?}");
}

/// A field whose value changes where less is remembered says what it asks of other frames.
#[test]
fn fields_that_depend_on_other_frames_say_so() {
    let registry = protocols::registry();
    let mut silent = BTreeSet::new();
    for path in captures() {
        let all = entries(&path, Asks::Messages);
        for less in [Asks::Nothing, Asks::Streams, Asks::Analysis] {
            for (full, part) in all.iter().zip(entries(&path, less)) {
                let different = |name: &str| {
                    let values = |rows: &[(String, String)]| -> Vec<String> {
                        rows.iter().filter(|row| row.0 == name).map(|row| row.1.clone()).collect()
                    };
                    values(full) != values(&part)
                };
                let names: BTreeSet<&str> = full.iter().chain(&part).map(|row| row.0.as_str()).collect();
                for name in names.into_iter().filter(|name| !name.is_empty() && different(name)) {
                    if registry.fields(name).iter().all(|field| registry.asks(field) <= less) {
                        silent.insert(format!("{name} asks for more than {less:?}"));
                    }
                }
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}
