//! The command as a user meets it: what it writes where, and how it ends.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

const TOUR: &str = "captures/tour.pcapng";
const ECHO: &str = "captures/tcp-echo-lo.pcap";

fn sniff(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the built program runs")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sniff"));
    command.args(arguments).env("TZ", "UTC").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::null());
    command
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are UTF-8")
}

#[test]
fn lists_every_packet_of_the_tour() {
    let output = sniff(&["-r", TOUR]);
    assert!(output.status.success());
    assert_eq!(err(&output), "");
    let text = out(&output);
    let numbers: Vec<usize> =
        text.lines().map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    assert!(numbers.len() >= 60, "a tour has something to see");
    assert!(!text.contains('\x1b'), "no colour in a pipe");
}

#[test]
fn counts_packets_read_and_packets_shown() {
    for (arguments, lines) in [
        (&["-c", "3"] as &[&str], 3),
        (&["-c", "3", "-Y", "frame.number > 2"], 1),
        (&["--max-matches", "2", "-Y", "frame.number > 2"], 2),
        (&["--max-matches", "0"], 0),
        (&["-nn", "-SS", "-ll", "-c", "9", "-c", "2"], 2),
        (&["-nnttttll", "-c", "2"], 2),
        (&["-q"], 0),
        (&["frame.number", "==", "4"], 1),
        (&["frame.number == 4", "-n"], 1),
        (&["-Y", "tcp", "frame.number == 1000000"], 0),
    ] {
        let output = sniff(&[&["-r", ECHO], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", err(&output));
        assert_eq!(out(&output).lines().count(), lines, "{arguments:?}");
    }
}

#[test]
fn ends_with_the_status_that_the_help_promises() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(path(name), bytes).unwrap();
        path(name)
    };
    let whole = std::fs::read(ECHO).unwrap();
    let cut = write("cut.pcap", &whole[..whole.len() - 10]);
    let text = write("text.pcap", b"hello, this is a text file\n");
    let empty = write("empty.pcap", b"");
    for (arguments, status, said) in [
        (vec!["-r", ECHO, "-Y", "frame.number == 0"], 0, ""),
        (vec!["-r", "/no/such/file.pcap"], 1, "/no/such/file.pcap"),
        (vec!["-r", folder.path().to_str().unwrap()], 1, "directory"),
        (vec!["-r", &text], 1, "68 65 6c 6c"),
        (vec!["-r", &empty], 1, "empty"),
        (vec!["-r", &cut], 3, "byte"),
        (vec!["-r", ECHO, "-Y", "tcp.prt == 80"], 2, "tcp.port"),
        (vec!["-r", ECHO, "-T", "fields", "-e", "ip.scr", "-e", "nosuch.field"], 2, "    ip.scr\n    nosuch.field\n"),
        (vec!["-r", ECHO, "-e", "ip.src"], 2, "-T fields"),
        (vec!["-r", ECHO, "-e", "tcp"], 2, "-O eth"),
        (vec![ECHO], 2, "sniff -r captures/tcp-echo-lo.pcap"),
        (vec!["-r", ECHO, "--nonsense"], 2, "--nonsense"),
        (vec!["-r", ECHO, "-c", "0"], 2, "0 is not in 1.."),
        (vec!["-r", ECHO, "-d", "tcp.port==80,nosuch"], 2, "nosuch"),
        (vec!["-r", ECHO, "-o", "tcp.nosuch:TRUE"], 2, "tcp.nosuch"),
        (vec!["-2", "-r", "-"], 2, "standard input"),
        (vec!["-2", "-r", "/dev/null"], 2, "/dev/null can be read only once"),
        (vec!["-2"], 2, "-r FILE"),
        (vec!["-i", "lo", "-r", ECHO], 2, "-i captures and -r reads"),
        (vec!["-r", ECHO, "interfaces"], 2, "sniff interfaces"),
        (vec!["-i", "lo", "interfaces"], 2, "sniff interfaces"),
        (vec!["-r", ECHO, "-a", "filesize:1"], 2, "-w FILE"),
        (vec!["-r", ECHO, "-w", ECHO], 2, "is the file that is read"),
        (vec!["-r", ECHO, "-w", "/no/such/folder/x"], 1, "/no/such/folder/x"),
        (vec!["-r", ECHO, "-w", "-", "-P"], 2, "-P"),
        (vec!["-i", "lo", "-B", "8192"], 2, "type -B 8"),
    ] {
        let output = sniff(&arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(said), "{arguments:?}: {}", err(&output));
    }
    let shown = out(&sniff(&["-r", &cut])).lines().count();
    assert_eq!(shown, out(&sniff(&["-r", ECHO])).lines().count() - 1, "everything before the damage is shown");
}

#[test]
fn a_link_type_that_nobody_knows_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.pcap");
    let mut bytes = std::fs::read(ECHO).unwrap();
    for (link, name) in [(127u8, "radiotap"), (77, "not a known one")] {
        bytes[20] = link;
        std::fs::write(&path, &bytes).unwrap();
        let output = sniff(&["-r", path.to_str().unwrap(), "-c", "1"]);
        assert!(output.status.success());
        assert!(
            err(&output).contains(&format!("link type {link} (")) && err(&output).contains(name),
            "{}",
            err(&output)
        );
        assert_eq!(err(&sniff(&["-Q", "-r", path.to_str().unwrap(), "-c", "1"])), "");
    }
}

/// Also where a capture is read twice.
#[test]
fn what_is_forgotten_is_said_once() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let flood = capgen::Options { packets: 10_000, ..capgen::Options::new(capgen::Profile::SynFlood) };
    std::fs::write(file.path(), capgen::capture(&flood)).unwrap();
    let path = file.path().to_str().unwrap();
    let said = |arguments: &[&str]| {
        let output = sniff(&[arguments, &["-r", path, "--memory", "1"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", err(&output));
        err(&output)
    };
    let once = said(&[]);
    assert_eq!(once.lines().filter(|line| line.contains("conversations that were idle longest")).count(), 1, "{once}");
    assert_eq!(said(&["-2"]), once);
    assert_eq!(said(&["-Q"]), "");
}

#[test]
fn reads_standard_input_and_compressed_captures() {
    let expected = out(&sniff(&["-r", ECHO]));
    let mut child = command(&["-r", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut whole = Vec::new();
    File::open(ECHO).unwrap().read_to_end(&mut whole).unwrap();
    child.stdin.take().unwrap().write_all(&whole).unwrap();
    assert_eq!(out(&child.wait_with_output().unwrap()), expected);
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("echo");
    let mut encoder = flate2::write::GzEncoder::new(File::create(&packed).unwrap(), flate2::Compression::fast());
    encoder.write_all(&whole).unwrap();
    encoder.finish().unwrap();
    assert_eq!(out(&sniff(&["-r", packed.to_str().unwrap()])), expected);
}

#[test]
fn a_closed_pipe_ends_quietly_and_a_full_disk_does_not() {
    let mut child = command(&["-r", TOUR, "-V"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()));
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        eprintln!("skipped: there is no /dev/full here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.pcap");
    std::fs::write(&cut, &std::fs::read(ECHO).unwrap()[..200]).unwrap();
    for file in [TOUR, cut.to_str().unwrap()] {
        let full = full.try_clone().unwrap();
        let output = command(&["-r", file]).stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{file}");
        assert!(err(&output).contains("cannot write to standard output"), "{}", err(&output));
    }
    let status = command(&["-r", "/no/such/file.pcap"]).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(1), "a message that cannot be written");
}

#[test]
fn an_expression_may_be_a_capture_filter() {
    if let Err(missing) = sniff::capture::loader::available() {
        eprintln!("skipped: {missing}");
        return;
    }
    let output = sniff(&["-r", ECHO, "tcp", "dst", "port", "7"]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(err(&output).contains("capture filter"), "{}", err(&output));
    let output = sniff(&["-Q", "-r", ECHO, "tcp", "dst", "port", "7"]);
    assert_eq!(err(&output), "");
    let output = sniff(&["-r", ECHO, "tcp dst prot 7"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains('^') && err(&output).contains("capture filter"), "{}", err(&output));
}

#[test]
fn colour_comes_only_when_it_is_asked_for() {
    let coloured = |arguments: &[&str], variable: (&str, &str)| {
        let output = command(&[&["-r", ECHO], arguments].concat()).env(variable.0, variable.1).output().unwrap();
        out(&output).contains('\x1b')
    };
    assert!(!coloured(&[], ("TERM", "xterm")));
    assert!(coloured(&["--color", "always"], ("TERM", "xterm")));
    assert!(coloured(&["--color", "always", "-V", "-x"], ("NO_COLOR", "1")), "the command line counts more");
    assert!(!coloured(&["--color", "never"], ("CLICOLOR_FORCE", "1")));
    assert!(coloured(&[], ("CLICOLOR_FORCE", "1")));
}

#[test]
fn knows_its_fields_and_its_version() {
    let fields = out(&sniff(&["-G", "fields"]));
    assert!(fields.contains("F\tSource Port\ttcp.srcport\tFT_UINT16\ttcp\t"), "tshark's layout");
    assert!(out(&sniff(&["-G", "protocols"])).contains("\tUDP\tudp\n"));
    assert!(out(&sniff(&["--version"])).contains(env!("CARGO_PKG_VERSION")));
    assert!(out(&sniff(&["-v"])).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn filters_refer_to_a_packet_of_the_file() {
    let frames = |arguments: &[&str]| {
        let output = sniff(&[&["-r", TOUR, "-T", "fields", "-e", "frame.number"], arguments].concat());
        assert!(output.status.success(), "{}", err(&output));
        (out(&output).split_whitespace().map(String::from).collect::<Vec<_>>().join(","), err(&output))
    };
    let same = frames(&["-Y", "tcp.stream == 1 and frame.number < 40"]);
    let filter = "tcp.stream == ${tcp.stream} and frame.number < ${frame.number} + 4";
    assert_eq!(frames(&["-Y", filter, "--ref", "36"]), same);
    // Without a packet to refer to, nothing is equal to it.
    let (none, said) = frames(&["-Y", filter]);
    assert_eq!(none, "");
    assert!(said.contains("--ref N"), "{said}");
    assert_eq!(frames(&["-Q", "-Y", filter]), Default::default());
    for (arguments, part) in [
        (&["-r", TOUR, "-Y", filter, "--ref", "5000"] as &[&str], "fewer packets"),
        (&["-r", "-", "-Y", filter, "--ref", "1"], "read only once"),
        (&["-r", TOUR, "-Y", filter, "--ref", "0"], "invalid value"),
        (&["-i", "lo", "-Y", filter, "--ref", "1"], "-r FILE"),
    ] {
        let output = sniff(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(part), "{}", err(&output));
    }
}

#[test]
fn filters_are_explained() {
    let output = sniff(&["--explain-filter", "-Y", "tcp.port == 80", "ip.src", "==", "192.0.2.0/24"]);
    assert!(output.status.success(), "{}", err(&output));
    let text = out(&output);
    for part in [
        "some tcp.port is 80",
        "Source or Destination Port",
        "Transmission Control Protocol",
        "some ip.src is in 192.0.2.0/24",
        "no stream is followed",
        "number  any tcp.port == 0x50",
        "On the raw frame\n  all of it",
        "In the kernel\n  nothing: numbers or times",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let output = sniff(&["--explain-filter", "-r", TOUR, "--ref", "36", "-Y", "ip.src == ${ip.src}"]);
    assert!(out(&output).contains("of the packet referred to (192.0.2.10)"), "{}", out(&output));
    for (arguments, told) in [
        (&["-w", "-", "-Y", "tcp.port == 80"] as &[&str], "    len < 48 or (ip6 and len < 58) or (tcp port 80) or"),
        (&["--push-down", "always", "-Y", "tcp.port == 80"], "which keeps whole conversations:\n"),
        (&["--push-down", "never", "-w", "-", "-Y", "tcp.port == 80"], "nothing: --push-down never"),
        (&["-r", TOUR, "-w", "-", "-Y", "tcp.port == 80"], "nothing: a file is read"),
        (&["-c", "3", "-w", "-", "-Y", "tcp.port == 80"], "nothing: all packets are counted"),
        (&["-z", "follow,tcp,hex,0", "-q", "-Y", "tcp.port == 80"], "nothing: -z sees every packet"),
        (&["-w", "-", "-Y", "frame contains 01"], "nothing: what it reads of headers decides too little"),
    ] {
        let text = out(&sniff(&[&["--explain-filter"], arguments].concat()));
        assert!(text.contains(told), "{arguments:?}: {text}");
    }
    assert_eq!(sniff(&["--explain-filter"]).status.code(), Some(2));
    assert_eq!(sniff(&["--explain-filter", "-Y", "tcp.prt"]).status.code(), Some(2));
}

#[test]
fn doubtful_filters_are_warned_of() {
    for (filter, part) in [
        ("tcp.flags.syn && !tcp.flags.ack", "`tcp.flags.syn == 1`"),
        ("ip.addr != 192.0.2.1", "`!(ip.addr == 192.0.2.1)`"),
        ("ip.ttl > 255", "never be true"),
    ] {
        let output = sniff(&["-r", TOUR, "-q", "-Y", filter]);
        assert!(output.status.success());
        assert!(err(&output).contains("warning: "), "{}", err(&output));
        assert!(err(&output).contains(part), "{}", err(&output));
        assert_eq!(err(&sniff(&["-Q", "-r", TOUR, "-q", "-Y", filter])), "");
    }
    // A filter may begin with a sign.
    let output = sniff(&["-r", TOUR, "-Y", "-tcp.len == -71"]);
    assert_eq!(out(&output).lines().count(), 1, "{}", err(&output));
}
