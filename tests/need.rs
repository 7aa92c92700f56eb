//! What filters and sinks say that they need is all that they need.

use std::collections::{BTreeSet, HashMap};

use sniff::capture::{self, Batch};
use sniff::dissect::{Asks, Dissector, Family, Kind, LayerMark, Need, Packet, Preferences, Registry, View};
use sniff::filter::Filter;
use sniff::output::columns::Columns;
use sniff::protocols;
use sniff::streams::Streams;
use sniff::text::Text;

fn captures() -> impl Iterator<Item = std::path::PathBuf> {
    let files = std::fs::read_dir("captures").unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.to_string_lossy().contains(".pcap"))
}

/// How the frames of a capture are changed: cut short, as if no more had been captured, or with another byte in each.
#[derive(Clone, Copy)]
struct Change {
    most: usize,
    step: usize,
}

const AS_IT_IS: Change = Change { most: usize::MAX, step: 0 };

impl Change {
    /// The ways in which captures are changed.
    fn all() -> impl Iterator<Item = Change> {
        let cut = [90, 60, 40, 20].map(|most| Change { most, ..AS_IT_IS });
        // Another byte of the headers of links, networks and transports.
        let changed = [13, 29, 31].map(|step| Change { step, ..AS_IT_IS });
        cut.into_iter().chain(changed)
    }

    /// The bytes of a frame.
    fn of(self, bytes: &[u8], number: u64) -> Vec<u8> {
        let mut bytes = bytes[..bytes.len().min(self.most)].to_vec();
        let place = self.step * number as usize % 62;
        if let (1.., Some(byte)) = (self.step, bytes.get_mut(place)) {
            *byte ^= 1 << (number % 8);
        }
        bytes
    }
}

/// Writes a capture of Ethernet frames, each with its length on the wire.
fn written(path: &std::path::Path, frames: &[(Vec<u8>, usize)]) {
    let mut bytes = [0xa1b2_c3d4u32, 2 | 4 << 16, 0, 0, 65_535, 1].map(u32::to_le_bytes).concat();
    for (frame, len) in frames {
        bytes.extend([0, 0, frame.len() as u32, *len as u32].map(u32::to_le_bytes).concat());
        bytes.extend(frame);
    }
    std::fs::write(path, bytes).unwrap();
}

/// A segment from a server's `port`, with these options, in IPv4 in Ethernet.
fn segment(port: u16, options: &[u8], data: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend((40 + options.len() as u16 + data.len() as u16).to_be_bytes());
    frame.extend([0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    frame.extend(port.to_be_bytes());
    frame.extend([0xc3, 0x50, 1, 2, 3, 4, 0xf0, 0, 0, 1, (5 + options.len() as u8 / 4) << 4, 0x18, 4, 0, 0, 0, 0, 0]);
    frame.extend(options);
    frame.extend(data);
    frame
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

const MESSAGE: &str = "_ws.expert.message";

type Values = Vec<(usize, String)>;

/// The values of every field of a capture, with the places of their frames.
fn values(path: &std::path::Path, change: Change, dissector: &Dissector) -> HashMap<&'static str, Values> {
    let mut streams = Streams::new();
    streams.answer_only(dissector.need().asks);
    let (mut packet, mut batch, mut values) = (Packet::new(), Batch::default(), HashMap::<_, Values>::new());
    let mut source = capture::open(path).unwrap();
    let mut place = 0;
    while source.read(&mut batch).unwrap_or(false) {
        for mut frame in batch.frames() {
            let bytes = change.of(frame.bytes, frame.number);
            frame.bytes = &bytes;
            dissector.dissect(&frame, &mut streams, &mut packet);
            let view = View { frame: &frame, packet: &packet };
            for (row, entry) in view.entries().iter().enumerate() {
                // What a layer covers is not known where nothing above it is looked at.
                let value =
                    if entry.field.kind == Kind::Protocol { String::new() } else { format!("{:?}", view.value(entry)) };
                values.entry(entry.field.name).or_default().push((place, value));
                // What an expert item says may be made of other rows.
                if matches!(entry.field.kind, Kind::Expert(..)) {
                    let mut text = Text::new();
                    view.layer_of(row).expert_message(entry, &mut text);
                    let message = String::from_utf8_lossy(text.as_bytes()).into_owned();
                    values.entry(MESSAGE).or_default().push((place, message));
                }
            }
            place += 1;
        }
    }
    values
}

/// What has to be known for a field.
fn need_of(name: &str, registry: &Registry) -> Need {
    match name {
        // It comes along with others.
        MESSAGE => Filter::compile(&format!("{MESSAGE} contains \"a\""), registry).unwrap().need(),
        _ => Need::of(registry.fields(name), registry),
    }
}

/// Whoever needs one field gets it as if everything were needed.
#[test]
fn what_is_needed_is_all_that_is_needed() {
    let mut dissector = Dissector::new(protocols::registry(), Preferences::default(), Need::ALL);
    let mut wrong = BTreeSet::new();
    for path in captures() {
        dissector.set_need(Need::ALL);
        let all = values(&path, AS_IT_IS, &dissector);
        for (name, expected) in &all {
            dissector.set_need(need_of(name, &dissector.registry));
            if values(&path, AS_IT_IS, &dissector).get(name) != Some(expected) && !name.is_empty() {
                wrong.insert(*name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The same of frames that are cut or changed; of each capture with each change one field of many, as there are so many, and
/// where reading stopped.
#[test]
fn what_is_needed_of_frames_that_are_cut_or_changed() {
    const MOST: usize = 12;
    let mut dissector = Dissector::new(protocols::registry(), Preferences::default(), Need::ALL);
    let mut wrong = BTreeSet::new();
    let mut place = 0;
    for path in captures() {
        for change in Change::all() {
            dissector.set_need(Need::ALL);
            let all = values(&path, change, &dissector);
            let mut names: Vec<&str> = all.keys().copied().filter(|name| !name.is_empty()).collect();
            names.sort_unstable();
            for (number, name) in names.into_iter().enumerate() {
                if (number + place) % MOST > 0 && !matches!(name, "_ws.short" | "_ws.malformed" | MESSAGE) {
                    continue;
                }
                dissector.set_need(need_of(name, &dissector.registry));
                if values(&path, change, &dissector).get(name) != all.get(name) {
                    wrong.insert(format!("{name} in {}, {} {}", path.display(), change.most, change.step));
                }
            }
            place += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where reading stops does not depend on what is recorded: what these filters find, they find also where all is.
#[test]
fn reading_stops_where_it_does_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stops.pcap");
    let times = [8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
    let cut = |frame: Vec<u8>, len: usize| (frame[..len].to_vec(), frame.len());
    let whole = |frame: Vec<u8>| (frame.clone(), frame.len());
    let mut version_4 = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x40, 0, 0, 0, 0, 4, 59, 64];
    version_4.extend([0; 36]);
    let frames = [
        // A SACK without a block, at which reading stops.
        whole(segment(7007, &[&[5, 2, 3, 3, 7][..], &times, &[1]].concat(), b"x")),
        whole(segment(7007, &[&[3, 3, 7, 1][..], &times, &[5, 2]].concat(), b"x")),
        // Captured up to the kind of the third option.
        cut(segment(7007, &[&[1, 1][..], &times].concat(), b"x"), 54 + 3),
        // A record that was captured up to its header.
        cut(segment(443, &[], &[&[23, 3, 3, 0, 20][..], &[0; 20]].concat()), 54 + 5),
        whole(version_4),
    ];
    written(&path, &frames);
    let registry = protocols::registry();
    // As tshark has it.
    for (expression, expected) in [
        ("tcp.options.wscale", &[2][..]),
        ("tcp.options.wscale.shift", &[2]),
        ("tcp.options.timestamp.tsval", &[2]),
        ("len(tcp) == 20", &[4]),
        ("len(tcp) > 20 && frame.number > 2", &[3]),
        ("_ws.short", &[3, 4]),
        ("_ws.malformed", &[1, 2, 5]),
        ("not _ws.malformed", &[3, 4]),
        ("_ws.expert.group == 0x7000000", &[1, 2, 5]),
        ("tcp.payload", &[4]),
    ] {
        let filter = Filter::compile(expression, &registry).unwrap();
        for need in [Need::ALL, filter.need(), filter.need().and(Need::columns(Vec::new()))] {
            let dissector = Dissector::new(registry.clone(), Preferences::default(), need);
            let mut streams = Streams::new();
            streams.answer_only(dissector.need().asks);
            let (mut packet, mut batch, mut found) = (Packet::new(), Batch::default(), Vec::new());
            let mut source = capture::open(&path).unwrap();
            while source.read(&mut batch).unwrap_or(false) {
                for frame in batch.frames() {
                    dissector.dissect(&frame, &mut streams, &mut packet);
                    found.extend(filter.matches(&View { frame: &frame, packet: &packet }).then_some(frame.number));
                }
            }
            assert_eq!(found, expected, "{expression}, {:?}", dissector.need().protocols);
        }
    }
}

/// The columns name a body that is decoded only where it can be.
#[test]
fn bodies_that_cannot_be_decoded_have_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bodies.pcap");
    let gzip = |text: &[u8]| {
        let mut made = Vec::new();
        let mut encoder = flate2::read::GzEncoder::new(text, flate2::Compression::default());
        std::io::Read::read_to_end(&mut encoder, &mut made).unwrap();
        made
    };
    let good = gzip(b"some text, and some text again");
    // A block of a type that there is not.
    let bad = [&good[..10], &[0xff; 20]].concat();
    let answer = |headers: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{headers}\r\n");
        let frame = segment(80, &[], &[head.as_bytes(), body].concat());
        (frame.clone(), frame.len())
    };
    let sized = |coding: &str, body: &[u8]| answer(&format!("Content-Length: {}\r\n{coding}\r\n", body.len()), body);
    let chunked = |coding: &str, body: &[u8]| {
        let chunk = [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
        answer(&format!("Transfer-Encoding: chunked\r\n{coding}\r\n"), &chunk)
    };
    let cases = [
        (sized("Content-Encoding: gzip", &good), true),
        (sized("Content-Encoding: gzip", &bad), false),
        (sized("Content-Encoding: identity", &bad), true),
        (sized("Content-Encoding: unheard-of", &good), false),
        (chunked("Content-Encoding: gzip", &good), true),
        (chunked("Content-Encoding: gzip", &bad), false),
        (chunked("X-Content-Encoding: gzip", &bad), true),
        (chunked("Transfer-Encoding: gzip", &good), false),
        (sized("Content-Encoding: gzip", &gzip(b"")), false),
        (answer("Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"), false),
    ];
    for (frame, is_named) in cases {
        written(&path, std::slice::from_ref(&frame));
        let info = if is_named { "HTTP/1.1 200 OK  (text/plain)" } else { "HTTP/1.1 200 OK " };
        for need in [Need::ALL, Need::columns(Vec::new()), Need::columns(vec!["http"])] {
            assert_eq!(rows(&path, need)[0].0[3], info, "{}", String::from_utf8_lossy(&frame.0[54..]));
        }
    }
}

/// What the packet list says of a frame: the four columns that protocols write, and the places of its layers, as far
/// as they are not contents that may be left unread.
type Row = ([String; 4], Vec<(&'static str, u32, u32)>);

/// The same of a capture, frame by frame; each frame also cut short, as if no more had been captured, and with a byte changed.
fn rows(path: &std::path::Path, need: Need) -> Vec<Row> {
    let dissector = Dissector::new(protocols::registry(), Preferences::default(), need);
    let mut rows = Vec::new();
    for change in std::iter::once(AS_IT_IS).chain(Change::all()) {
        let mut streams = Streams::new();
        let (mut packet, mut batch, mut columns) = (Packet::new(), Batch::default(), Columns::default());
        let mut source = capture::open(path).unwrap();
        while source.read(&mut batch).unwrap_or(false) {
            for mut frame in batch.frames() {
                let bytes = change.of(frame.bytes, frame.number);
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
    let mut frames = Vec::new();
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
        frames.push((frame.clone(), frame.len()));
    }
    written(&path, &frames);
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
