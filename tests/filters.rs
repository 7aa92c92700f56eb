//! Display filters over a capture: each lets the frames pass that it lets pass in tshark 4.0.17, or is refused as there.
//!
//! A row of `filters.tsv` is an expression and the frames of `captures/tour.pcapng` that match, as numbers and ranges; `-` is none
//! and `error` an expression that is refused.

use sniff::capture::{self, Batch};
use sniff::dissect::{Dissector, Forgetful, Need, Packet, Preferences, View};
use sniff::filter::Filter;
use sniff::protocols::registry;
use sniff::streams::Streams;

static ROWS: &str = include_str!("filters.tsv");

/// Hands every packet of the tour to `take`.
fn tour(need: Need, mut take: impl FnMut(&View)) {
    let dissector = Dissector::new(registry(), Preferences::default(), need);
    let mut source = capture::open("captures/tour.pcapng".as_ref()).unwrap();
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

#[test]
fn filters_pass_the_frames_that_tshark_passes() {
    let registry = registry();
    let rows = ROWS.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once('\t').unwrap());
    let mut wrong = Vec::new();
    let mut compiled = Vec::new();
    for (expression, expected) in rows {
        match Filter::compile(expression, &registry) {
            Ok(_) if expected == "error" => wrong.push(format!("{expression}: accepted")),
            Ok(filter) => compiled.push((expression, expected, filter, Vec::new())),
            Err(_) if expected == "error" => {}
            Err(error) => wrong.push(format!("{expression}: {error}")),
        }
    }
    assert!(compiled.len() > 200);
    tour(Need::ALL, |view| {
        for (_, _, filter, frames) in &mut compiled {
            if filter.matches(view) {
                frames.push(view.frame.number);
            }
        }
    });
    for (expression, expected, _, frames) in &compiled {
        let found = ranges(frames);
        if found != *expected {
            wrong.push(format!("{expression}\n  tshark {expected}\n  sniff  {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_a_filter_needs_is_enough_for_it() {
    let registry = registry();
    let rows = ROWS.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once('\t').unwrap());
    let filters: Vec<Filter> = rows.filter_map(|row| Filter::compile(row.0, &registry).ok()).collect();
    let mut with_all = vec![Vec::new(); filters.len()];
    tour(Need::ALL, |view| {
        for (filter, passed) in filters.iter().zip(&mut with_all) {
            passed.push(filter.matches(view));
        }
    });
    for (filter, with_all) in filters.iter().zip(&with_all) {
        let mut with_need = Vec::new();
        tour(filter.need(), |view| with_need.push(filter.matches(view)));
        assert_eq!(*with_all, with_need, "{filter:?}");
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
