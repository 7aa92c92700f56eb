//! Display filters over captures: each lets the frames pass that it lets pass in tshark 4.0.17, or is refused as there.
//!
//! A row of `filters.tsv` is a capture, an expression and the frames that match, as numbers and ranges; `-` is none and `error` an
//! expression that is refused. What stands under a comment that says so is right where 4.0.17 is not.

use std::collections::BTreeMap;

use sniff::capture::{self, Batch};
use sniff::dissect::{Dissector, Forgetful, Need, Packet, Preferences, View};
use sniff::filter::Filter;
use sniff::protocols::registry;
use sniff::streams::Streams;

static ROWS: &str = include_str!("filters.tsv");

struct Row {
    capture: &'static str,
    expression: &'static str,
    expected: &'static str,
}

/// The rows of the table.
fn rows() -> impl Iterator<Item = Row> {
    ROWS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (capture, rest) = line.split_once('\t').expect("a row has three columns");
        let (expression, expected) = rest.rsplit_once('\t').expect("a row has three columns");
        Row { capture, expression, expected }
    })
}

/// Hands every packet of a capture to `take`.
fn each(capture: &str, need: Need, mut take: impl FnMut(&View)) {
    let dissector = Dissector::new(registry(), Preferences::default(), need);
    let mut source = capture::open(std::path::Path::new("captures").join(capture).as_ref()).unwrap();
    let (mut streams, mut packet, mut batch) = (Streams::new(), Packet::new(), Batch::default());
    while source.read(&mut batch).unwrap() {
        for frame in batch.frames() {
            dissector.dissect(&frame, &mut streams, &mut packet);
            take(&View { frame: &frame, packet: &packet });
        }
    }
}

/// Writes frame numbers as the table has them.
fn ranges(frames: &[u64]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &frame in frames {
        match ranges.last_mut() {
            Some(last) if last.1 + 1 == frame => last.1 = frame,
            _ => ranges.push((frame, frame)),
        }
    }
    let words = ranges.iter().map(|&(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    match words.collect::<Vec<_>>().join(",") {
        none if none.is_empty() => "-".to_owned(),
        some => some,
    }
}

/// The filters of a capture, with the frames that they let pass.
fn captures() -> BTreeMap<&'static str, Vec<(Row, Filter)>> {
    let registry = registry();
    let mut captures = BTreeMap::<_, Vec<_>>::new();
    for row in rows() {
        if let Ok(filter) = Filter::compile(row.expression, &registry) {
            captures.entry(row.capture).or_default().push((row, filter));
        }
    }
    captures
}

#[test]
fn expressions_are_refused_that_tshark_refuses() {
    let registry = registry();
    let mut wrong = Vec::new();
    for row in rows() {
        match Filter::compile(row.expression, &registry) {
            Ok(_) if row.expected == "error" => wrong.push(format!("{}: accepted", row.expression)),
            Err(error) if row.expected != "error" => wrong.push(format!("{}: {error}", row.expression)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn filters_pass_the_frames_that_tshark_passes() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (capture, filters) in captures() {
        let mut passed = vec![Vec::new(); filters.len()];
        each(capture, Need::ALL, |view| {
            for ((_, filter), frames) in filters.iter().zip(&mut passed) {
                if filter.matches(view) {
                    frames.push(view.frame.number);
                }
            }
        });
        for ((row, _), frames) in filters.iter().zip(&passed) {
            let found = ranges(frames);
            if found != row.expected {
                wrong.push(format!("{capture}: {}\n  tshark {}\n  sniff  {found}", row.expression, row.expected));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 1_000);
}

#[test]
fn what_a_filter_needs_is_enough_for_it() {
    for (capture, filters) in captures() {
        for (row, filter) in &filters {
            let mut frames = Vec::new();
            each(capture, filter.need(), |view| {
                if filter.matches(view) {
                    frames.push(view.frame.number);
                }
            });
            assert_eq!(ranges(&frames), row.expected, "{capture}: {filter:?}");
        }
    }
}

#[test]
fn long_and_deep_expressions_are_refused() {
    let registry = registry();
    for expression in [
        "(".repeat(10_000) + "tcp" + &")".repeat(10_000),
        "{".repeat(10_000) + "tcp.len" + &"}".repeat(10_000) + " == 1",
        "tcp or ".repeat(15_000) + "tcp",
        "a".repeat(100 << 10),
        "!(".repeat(10_000),
        "len(".repeat(10_000),
        "frame".to_owned() + &"[0:]".repeat(10_000),
        "tcp.port in {".to_owned() + &"80,".repeat(40_000) + "80}",
    ] {
        let error = Filter::compile(&expression, &registry).unwrap_err().to_string();
        assert!(error.len() < 1_000, "{error}");
    }
    // What people write is far from that.
    let long = (0..4_000).map(|port| format!("{port}")).collect::<Vec<_>>().join(", ");
    assert!(Filter::compile(&format!("tcp.port in {{{long}}}"), &registry).is_ok());
}

#[test]
fn references_are_to_what_a_packet_says() {
    let registry = registry();
    let referring = |expression: &str, number: u64| {
        let filter = Filter::compile(expression, &registry).unwrap();
        let mut found = None;
        each("tour.pcapng", Need::ALL, |view| {
            if view.frame.number == number {
                found = Some(filter.referring_to(view, &registry));
            }
        });
        let (filter, mut frames) = (found.unwrap(), Vec::new());
        each("tour.pcapng", filter.need(), |view| {
            if filter.matches(view) {
                frames.push(view.frame.number);
            }
        });
        ranges(&frames)
    };
    for (expression, number, same) in [
        ("frame.number == ${frame.number}", 36, "frame.number == 36"),
        ("frame.number in {${frame.number} .. 40}", 36, "frame.number in {36 .. 40}"),
        ("${frame.number} < frame.number", 90, "frame.number > 90"),
        ("ip.src == ${ip.src} and tcp.port == ${tcp.dstport}", 36, "ip.src == 192.0.2.10 and tcp.port == 80"),
        ("tcp.stream == ${tcp.stream}", 36, "tcp.stream == 1"),
        ("tcp.port == ${tcp.port}", 36, "tcp.port in {50080, 80}"),
        ("tcp.port === ${tcp.port}", 36, "tcp.port === 50080 and tcp.port === 80"),
        ("tcp.port != ${tcp.port}", 36, "tcp.port != 50080 and tcp.port != 80"),
        ("frame.time_relative > ${frame.time_relative} + 0.1", 36, "frame.time_relative > 0.932493234"),
        ("frame.len > max(${frame.len}, 100)", 36, "frame.len > 137"),
        ("eth.src == ${eth.src}", 36, "eth.src == 00:00:5e:00:53:01"),
        ("eth.src[0:3] == ${eth.src}[0:3]", 36, "eth.src[0:3] == 00:00:5e"),
        ("tcp.payload contains ${tcp.payload}", 22, "frame.number == 22"),
        ("frame.protocols == ${frame.protocols}", 7, "frame.protocols == \"eth:ethertype:ip:icmp:data\""),
        ("tcp.flags.syn == ${tcp.flags.syn}", 33, "tcp.flags.syn == 1"),
        ("ip.src#1 == ${ip.src#2}", 12, "ip.src#1 == 192.0.2.10"),
        ("ipv6.src == ${ipv6.src}", 36, "frame.number == 0"),
        ("!(ipv6.src == ${ipv6.src})", 36, "frame"),
    ] {
        let filter = Filter::compile(same, &registry).unwrap();
        let mut frames = Vec::new();
        each("tour.pcapng", Need::ALL, |view| {
            if filter.matches(view) {
                frames.push(view.frame.number);
            }
        });
        assert_eq!(referring(expression, number), ranges(&frames), "{expression}");
    }
}

proptest::proptest! {
    /// Whatever is written, the answer is a filter or an error that can be shown; and a filter has an answer for any bytes.
    #[test]
    fn no_expression_does_harm(pieces in proptest::collection::vec(0..PIECES.len(), 0..24), text in ".{0,40}", bytes in proptest::collection::vec(0u8.., 0..120)) {
        let joined: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        let registry = registry();
        let dissector = Dissector::new(sniff::protocols::registry(), Preferences::default(), Need::ALL);
        let interface = capture::Interface { link: 1, fcs_len: None, snap_len: 0, precision: capture::Precision::MICROS, described: None };
        let frame = capture::Frame { number: 1, time: None, wire_len: bytes.len() as u32, offset: 0, interface: &interface, bytes: &bytes, options: &[] };
        let mut packet = Packet::new();
        dissector.dissect(&frame, &mut Forgetful, &mut packet);
        for expression in [joined.clone(), text.clone(), format!("{joined}{text}"), format!("frame{text}"), format!("tcp.port == {text}")] {
            match Filter::compile(&expression, &registry) {
                Ok(filter) => _ = filter.matches(&View { frame: &frame, packet: &packet }),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

/// What expressions are made of.
static PIECES: &[&str] = &[
    "tcp.port",
    "ip.addr",
    "eth.src",
    "frame",
    "frame.time",
    "frame.protocols",
    "ip.proto",
    "tcp",
    " == ",
    " != ",
    " === ",
    " !== ",
    " > ",
    " <= ",
    " contains ",
    " matches ",
    " in ",
    " and ",
    " or ",
    " not ",
    "!",
    "(",
    ")",
    "{",
    "}",
    "[0:2]",
    "[-1]",
    "[",
    "]",
    "#1",
    "#[1-2]",
    "80",
    "0x50",
    "-",
    " + ",
    " / 0",
    " & ",
    ",",
    "..",
    " .. ",
    "\"a\"",
    "\"",
    "'a'",
    "'",
    "192.0.2.0/24",
    "00:00:5e",
    "ff",
    "fe80::/10",
    "\"2020-01-01\"",
    "len(",
    "max(",
    "string(",
    "upper(",
    "any ",
    "all ",
    "TCP",
    "1.5",
    "99999999999999999999",
    "@",
    ".",
    ":",
    "é",
    " ",
    "\\",
];
