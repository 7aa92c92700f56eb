//! Following connections: whole ones, with losses, out of order, and what the command line says to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LOSS: &str = "captures/tcp-loss.pcap";
const ECHO: &str = "captures/tcp-echo-lo.pcap";
const TOUR: &str = "captures/tour.pcapng";

fn sniff(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sniff"));
    command.args(arguments).env("TZ", "UTC").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.output().expect("the built program runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are UTF-8")
}

/// The records of a pcap file, each with its header, behind the file's own.
fn records(path: &str) -> (Vec<u8>, Vec<Vec<u8>>) {
    let bytes = fs::read(path).unwrap();
    let (head, mut rest) = bytes.split_at(24);
    let mut records = Vec::new();
    while rest.len() >= 16 {
        let len = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let (record, after) = rest.split_at(16 + len);
        records.push(record.to_vec());
        rest = after;
    }
    (head.to_vec(), records)
}

/// Writes the frames with these numbers, in this order, to a file of its own.
fn rearranged(folder: &Path, path: &str, frames: &[usize]) -> PathBuf {
    let (mut bytes, records) = records(path);
    frames.iter().for_each(|&frame| bytes.extend(&records[frame - 1]));
    let path = folder.join("rearranged.pcap");
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn retransmissions_leave_the_bytes_that_were_sent() {
    let output = sniff(&["follow", "-r", LOSS, "--stream", "0", "--as", "raw"]);
    let sent = "0123456789abcde\n".repeat(40_000 / 16);
    assert_eq!(out(&output), sent + "40000 bytes came\n");
    let told = out(&sniff(&["follow", "-r", LOSS, "--stream", "0"]));
    assert!(told.contains("client → server: 40000 bytes in 37 segments; sent again: 4, out of order: 0"), "{told}");
}

/// Whoever follows and does nothing else need not look at other conversations; beside a list everything is looked at.
#[test]
fn what_is_left_out_changes_nothing() {
    let mut followed = 0;
    let files = fs::read_dir("captures").unwrap().map(|file| file.unwrap().path());
    for path in files.filter(|path| path.to_string_lossy().contains(".pcap")) {
        for which in ["tcp,hex,0", "tcp,ascii,1", "tcp,raw,3", "udp,hex,0", "udp,ascii,2"] {
            let (path, follow) = (path.to_str().unwrap(), format!("follow,{which}"));
            let beside = out(&sniff(&["-n", "-r", path, "-z", &follow]));
            let alone = out(&sniff(&["-n", "-r", path, "-q", "-z", &follow]));
            assert!(beside.ends_with(&alone), "{path} {which}: {alone}");
            followed += usize::from(alone.lines().count() > 8);
        }
    }
    assert!(followed > 50, "{followed}");
}

#[test]
fn what_arrives_in_fragments_is_part_of_the_conversation() {
    let lines: String = (0..10).map(|line| format!("{:07}\n", 8 * line)).collect();
    for path in ["captures/fragments.pcap", "captures/fragments-ipv6.pcap"] {
        let output = out(&sniff(&["-r", path, "-q", "-z", "follow,udp,ascii,0"]));
        assert!(output.contains(&format!("\n80\n{lines}")), "{path}: {output}");
    }
    let told = out(&sniff(&["-r", "captures/fragments-nested.pcap", "-q", "-z", "follow,tcp,raw,0"]));
    let longest = told.lines().map(|line| line.trim().len()).max();
    assert!(longest >= Some(2 * 244), "the segment of 244 bytes that came in two fragments: {told}");
}

#[test]
fn the_order_of_arrival_does_not_matter_and_what_is_lost_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // 4 to 8 are the first data, 7240 bytes; 9 acknowledges the first of them, 37 all that came before it.
    let raw = |frames: &[usize]| {
        let path = rearranged(folder.path(), LOSS, frames);
        sniff(&["follow", "-r", path.to_str().unwrap(), "--as", "raw"])
    };
    let whole = raw(&[1, 2, 3, 4, 5, 6, 7, 8]).stdout;
    assert_eq!(whole.len(), 7_240);
    for frames in [[1, 2, 3, 8, 7, 6, 5, 4], [1, 2, 3, 5, 4, 7, 8, 6]] {
        assert_eq!(raw(&frames).stdout, whole, "{frames:?}");
    }
    let lossy = raw(&[1, 2, 3, 4, 6, 8, 37]);
    assert_eq!(lossy.stdout.len(), 3 * 1_448);
    assert!(err(&lossy).contains(&format!("{} bytes", 2 * 1_448 + 15_928 - 7_240)), "{}", err(&lossy));

    let path = rearranged(folder.path(), LOSS, &[1, 2, 3, 4, 6, 37, 8]);
    let path = path.to_str().unwrap();
    let told = out(&sniff(&["follow", "-r", path]));
    let hole = "[1448 bytes are not in the capture, but arrived: the other side acknowledged what follows]";
    assert!(told.contains(&format!("→ {hole}\n")), "{told}");
    let transcript = out(&sniff(&["-r", path, "-q", "-z", "follow,tcp,ascii,0"]));
    assert_eq!(transcript.matches("\n37\n[1448 bytes missing in capture file].\n").count(), 1, "{transcript}");
}

#[test]
fn an_expression_finds_a_stream_and_its_beginning() {
    let output = sniff(&["follow", "-r", TOUR, "tcp.len == 71"]);
    assert!(out(&output).contains("asks to open a connection"), "{}", out(&output));
    assert!(err(&output).starts_with("sniff: following TCP stream 1 ("), "{}", err(&output));
    let all = sniff(&["follow-stream", "-r", TOUR, "tcp"]);
    assert!(out(&all).starts_with("TCP stream 0: "));
    assert!(err(&all).contains(" other streams matched"), "{}", err(&all));
    let piped = Command::new(env!("CARGO_BIN_EXE_sniff"))
        .args(["follow", "-r", "-", "tcp.len == 71", "-Q"])
        .stdin(fs::File::open(TOUR).unwrap())
        .output()
        .unwrap();
    assert!(out(&piped).contains("begins in its middle"), "{}", out(&piped));
    assert_eq!(err(&piped), "");
    for (arguments, said) in [
        (&["--stream", "999"] as &[&str], "there is no TCP stream 999"),
        (&["tcp.port == 1"], "no TCP segment matched"),
        (&["-f", "udp"], "no TCP segment matched"),
    ] {
        let output = sniff(&[&["follow", "-r", TOUR], arguments].concat());
        assert!(output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert_eq!(err(&output), format!("sniff: {said}\n"), "{arguments:?}");
    }
}

#[test]
fn colours_tell_the_sides_apart() {
    let told = out(&sniff(&["follow", "-r", ECHO, "--color", "always"]));
    assert!(told.contains("→ \x1b[36mhello, world\x1b[0m\n← \x1b[33mHELLO, WORLD\x1b[0m\n"), "{told}");
    assert!(!out(&sniff(&["follow", "-r", ECHO])).contains('\x1b'));
}

#[test]
fn many_transcripts_are_one_reading() {
    let mut arguments = vec!["-r".to_owned(), LOSS.into(), "-q".into()];
    for _ in 0..100 {
        arguments.extend(["-z".into(), "follow,tcp,raw,1".into()]);
    }
    let output = sniff(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let one = out(&sniff(&["-r", LOSS, "-q", "-z", "follow,tcp,raw,1"]));
    assert_eq!(out(&output), one.repeat(100));
}

#[test]
fn a_transcript_sees_what_the_list_does_not_show() {
    let output = out(&sniff(&["-r", ECHO, "-z", "follow,tcp,ascii,0", "-Y", "frame.number == 4"]));
    assert!(output.starts_with("    4 "), "{output}");
    assert!(output.contains("\n\n=====") && output.contains("\n8\ngoodbye\n"), "{output}");
}

#[test]
fn wrong_words_are_explained() {
    for (arguments, said) in [
        (&["-r", ECHO, "follow"] as &[&str], "comes first: sniff follow -r"),
        (&["-r", ECHO, "follow", "--stream", "3"], "comes first: sniff follow -r"),
        (&["-i", "lo", "follow-stream", "tcp"], "comes first: sniff follow -r"),
        (&["-Y", "tcp", "follow", "--as", "hex"], "comes first: sniff follow -r"),
        (&["-f", "tcp", "interfaces"], "comes first: sniff interfaces"),
        (&["follow", "-r", ECHO, "-i", "lo"], "-i captures and -r reads"),
        (&["follow", "-r", ECHO, "tcp.prot == 7"], "tcp.port"),
        (&["follow", "-r", ECHO, "--as", "ebcdic"], "possible values: ascii, utf-8, hex, raw"),
        (&["-r", ECHO, "-z", "conversations"], "there is: follow"),
        (&["-r", ECHO, "-z", "follow,tls,ascii,0"], "tcp and udp can"),
        (&["-r", ECHO, "-w", "-", "-z", "follow,tcp,ascii,0"], "-w - and -z both write"),
        (&["--strem", "3"], "--strem"),
    ] {
        let output = sniff(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(said), "{arguments:?}: {}", err(&output));
    }
    assert!(out(&sniff(&["follow", "--help"])).starts_with("Follows one TCP connection"));
    assert_eq!(sniff(&["follow", "-r", "/no/such/file"]).status.code(), Some(1));
}

/// What [`record`] is told of a segment.
type Sent = (bool, u8, u32, u32, &'static [u8]);

/// One segment between 10.0.0.1:1000 (which sends where `out`) and 10.0.0.2:2000, as a record of a raw IP capture.
fn record(out: bool, flags: u8, sequence: u32, acknowledgment: u32, data: &[u8]) -> Vec<u8> {
    let len = 40 + data.len();
    let [(source, from), (destination, to)] = if out { [(1, 1000u16), (2, 2000)] } else { [(2, 2000), (1, 1000)] };
    let mut record = [0u32, 0, len as u32, len as u32].map(u32::to_le_bytes).concat();
    record.extend([0x45, 0]);
    record.extend((len as u16).to_be_bytes());
    record.extend([0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, source, 10, 0, 0, destination]);
    record.extend([from.to_be_bytes(), to.to_be_bytes()].concat());
    record.extend([sequence.to_be_bytes(), acknowledgment.to_be_bytes()].concat());
    record.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
    record.extend(data);
    record
}

/// What a raw IP capture begins with.
fn head() -> Vec<u8> {
    [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 65_535, 101].map(u32::to_le_bytes).concat()
}

/// Writes the segments to a file of `folder` and follows the first connection in hexadecimal digits.
fn transcript(folder: &Path, segments: &[Sent]) -> String {
    let path = folder.join("made.pcap");
    let mut bytes = head();
    segments.iter().for_each(|it| bytes.extend(record(it.0, it.1, it.2, it.3, it.4)));
    fs::write(&path, bytes).unwrap();
    out(&sniff(&["-n", "-r", path.to_str().unwrap(), "-q", "-z", "follow,tcp,raw,0"]))
}

#[test]
fn a_side_that_begins_anew_with_other_numbers_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // The numbers of the second beginning are smaller relative to it than those of the first are, and greater as they are.
    let told = transcript(
        folder.path(),
        &[
            (true, 0x02, 100, 0, b""),
            (false, 0x12, 500, 101, b""),
            (true, 0x18, 101, 501, b"GET"),
            (false, 0x18, 501, 104, b"first"),
            (false, 0x12, 90_000, 104, b""),
            (true, 0x18, 104, 90_001, b"PUT"),
            (false, 0x18, 90_001, 107, b"next"),
        ],
    );
    let body = "474554\n\t6669727374\n505554\n\t6e657874\n=";
    assert!(told.contains(body), "{told}");
}

#[test]
fn addresses_in_what_a_segment_carries_are_not_its_ends() {
    let folder = tempfile::tempdir().unwrap();
    // OpenFlow: a switch tells its controller of a frame between 02:00:00:00:00:0a and 02:00:00:00:00:0b.
    let packet_in = b"\x01\x0a\0\x24\0\0\0\0\xff\xff\xff\xff\0\x12\0\x01\0\0\
        \x02\0\0\0\0\x0b\x02\0\0\0\0\x0a\x88\xb5test";
    let told = transcript(
        folder.path(),
        &[(true, 0x18, 101, 501, b"\x01\0\0\x08\0\0\0\x01"), (true, 0x18, 109, 501, packet_in)],
    );
    let frame = "02000000000b02000000000a88b574657374\n=";
    assert!(told.contains("Node 0: 10.0.0.1:1000\nNode 1: 10.0.0.2:2000\n0100000800000001\n010a0024"), "{told}");
    assert!(told.contains(frame), "{told}");
}

#[test]
fn ways_to_open_and_to_close() {
    const FIN: u8 = 0x11;
    const SYN: u8 = 0x02;
    const RST: u8 = 0x14;
    const ACK: u8 = 0x10;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.pcap");
    let told = |opened: bool, segments: &[Sent]| {
        let mut bytes = head();
        if opened {
            for (out, flags, sequence, acknowledgment) in
                [(true, SYN, 100, 0), (false, SYN | ACK, 500, 101), (true, ACK, 101, 501)]
            {
                bytes.extend(record(out, flags, sequence, acknowledgment, b""));
            }
        }
        segments.iter().for_each(|it| bytes.extend(record(it.0, it.1, it.2, it.3, it.4)));
        fs::write(&path, bytes).unwrap();
        out(&sniff(&["follow", "-Q", "-r", path.to_str().unwrap()]))
    };
    let cases: &[(&str, bool, &[Sent], &[&str])] = &[
        (
            "three segments, the server first",
            true,
            &[(false, FIN, 501, 101, b"bye\n"), (true, FIN, 101, 506, b""), (false, ACK, 506, 102, b"")],
            &[
                "← bye\n",
                "closes its own direction in the same segment",
                "closed: by both in three segments, the server first",
            ],
        ),
        (
            "both at once",
            true,
            &[
                (true, FIN, 101, 501, b""),
                (false, FIN, 501, 101, b""),
                (true, ACK, 102, 502, b""),
                (false, ACK, 502, 102, b""),
            ],
            &[
                "both close at once",
                "Both sides still remember it",
                "closed: by both in four segments, at the same time",
            ],
        ),
        (
            "a reset with a reason",
            true,
            &[(false, RST, 501, 101, b"go \x1b[31maway"), (true, ACK, 101, 501, b"")],
            &["The server resets the connection", "It says why: go \\033[31maway", "closed: by a reset of the server"],
        ),
        (
            "from the middle, half closed",
            false,
            &[(false, ACK, 501, 101, b"one\n"), (true, ACK, 101, 505, b"two\n"), (true, FIN, 105, 505, b"")],
            &["begins in its middle", "→ one\n← two\n", "B closes its direction", "closed: by B only"],
        ),
        (
            "no answer",
            false,
            &[(true, SYN, 100, 0, b""), (true, SYN, 100, 0, b"")],
            &["asks once more", "opened: not: the request was not answered", "closed: not in this capture"],
        ),
        (
            "the last data is lost",
            true,
            &[
                (true, ACK, 101, 501, b"abc\n"),
                (true, FIN, 111, 501, b""),
                (false, FIN, 501, 112, b""),
                (true, ACK, 112, 502, b""),
            ],
            &["→ [6 bytes are not in the capture]\n", "not captured: 6 bytes"],
        ),
    ];
    for (name, opened, segments, expected) in cases {
        let told = told(*opened, segments);
        expected.iter().for_each(|words| assert!(told.contains(words), "{name}: {words:?} in {told}"));
        assert!(!told.contains('\x1b'), "{name}");
    }
}
