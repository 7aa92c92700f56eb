//! The output is the same for any number of threads.

use std::path::PathBuf;
use std::process::{Command, Output};

use capgen::{Options, Profile};

fn sniff(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_sniff")).args(arguments).env("TZ", "UTC").output().unwrap();
    assert!(output.status.code().is_some(), "{arguments:?}: {output:?}");
    output
}

/// A capture of many blocks: those of the project, over and over, with their times as they are.
fn long_capture(folder: &std::path::Path) -> PathBuf {
    let path = folder.join("long.pcap");
    let mut bytes = Vec::new();
    let mut names: Vec<_> = std::fs::read_dir("captures").unwrap().map(|file| file.unwrap().path()).collect();
    names.retain(|name: &PathBuf| name.is_file());
    names.sort();
    for name in names {
        let capture = std::fs::read(&name).unwrap();
        // Ethernet, microseconds, little-endian: such files can be put one behind the other without their headers.
        if capture.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]) && capture.get(20..24) == Some(&[1, 0, 0, 0]) {
            bytes.extend_from_slice(if bytes.is_empty() { &capture } else { &capture[24..] });
        }
    }
    let records = bytes[24..].to_vec();
    while bytes.len() < 3 << 20 {
        bytes.extend_from_slice(&records);
    }
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = long_capture(folder.path());
    let path = path.to_str().unwrap();
    let cases: &[&[&str]] = &[
        &["-n"],
        &["-n", "-td"],
        &["-n", "-tdd", "-Y", "tcp.flags.syn == 1"],
        &["-V", "-Y", "tcp.len > 100"],
        &["-V", "-c", "200"],
        &["-x", "-c", "3000"],
        &["-T", "json", "-Y", "udp"],
        &["-T", "json", "-Y", "frame.number == 0"],
        &["-T", "jsonl", "-e", "ip.src", "-e", "tcp.port", "tcp"],
        &["-T", "fields", "-e", "frame.time_delta_displayed", "-e", "tcp.stream", "-Y", "tcp"],
        &["-T", "fields", "-e", "ip.src", "-E", "header=y"],
        &["-T", "fields", "-e", "frame.number", "-e", "tcp.reassembled.length", "-e", "ip.reassembled.length", "-2"],
        &["-n", "-c", "1000", "icmp"],
        &["-n", "--max-matches", "77", "icmp"],
        &["-q", "-z", "follow,tcp,hex,2"],
    ];
    same(path, cases);
}

#[test]
fn the_same_of_an_office_and_of_hostile_packets() {
    let folder = tempfile::tempdir().unwrap();
    for (name, profile) in [("mix", Profile::Mix), ("hostile", Profile::Hostile)] {
        let path = folder.path().join(name);
        std::fs::write(&path, capgen::capture(&Options { packets: 8000, ..Options::new(profile) })).unwrap();
        let cases: &[&[&str]] = &[
            &["-n"],
            &["-n", "-V"],
            &["-n", "-x"],
            &["-T", "json"],
            &["-n", "-Y", "tcp.analysis.flags or _ws.malformed"],
            &[
                "-T",
                "fields",
                "-e",
                "frame.number",
                "-e",
                "tcp.stream",
                "-e",
                "http.request_in",
                "-e",
                "tls.record.length",
            ],
            &["-n", "-2", "-Y", "http.response_in or dns.response_in"],
            &["-n", "-q", "-z", "follow,tcp,hex,3"],
            &["-n", "--memory", "1"],
        ];
        same(path.to_str().unwrap(), cases);
    }
}

/// What is written of a capture is the same for one, two and four threads.
fn same(path: &str, cases: &[&[&str]]) {
    for case in cases {
        let with = |threads: &str| sniff(&[&["-r", path, "--threads", threads], *case].concat());
        let expected = with("1");
        assert!(expected.status.success(), "{case:?}: {expected:?}");
        for threads in ["2", "4"] {
            let found = with(threads);
            assert!(found.stdout == expected.stdout, "{case:?} with {threads} threads: another output");
            assert_eq!((found.status, &found.stderr), (expected.status, &expected.stderr), "{case:?} {threads}");
        }
    }
}

#[test]
fn captures_are_written_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = long_capture(folder.path());
    let written = |threads: &str, filter: &str| {
        let to = folder.path().join(format!("{threads}.pcapng"));
        let to = to.to_str().unwrap();
        sniff(&["-r", path.to_str().unwrap(), "--threads", threads, "-Y", filter, "-w", to]);
        std::fs::read(to).unwrap()
    };
    for filter in ["tcp.port == 80", "dns", "frame.number < 3", "frame.number == 0"] {
        let expected = written("1", filter);
        assert!(written("2", filter) == expected && written("4", filter) == expected, "{filter}");
    }
}
