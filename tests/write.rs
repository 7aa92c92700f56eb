//! What `-w` writes of a capture that is read is that capture: nothing is lost, nothing is added.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sniff::capture::{self, Batch, Interface, Says, Time};

/// Time, length on the wire, interface, bytes and options of a frame.
type Kept = (Option<Time>, u32, Interface, Vec<u8>, Vec<u8>);

/// All that a capture says.
#[derive(Debug, Default, PartialEq)]
struct Contents {
    frames: Vec<Kept>,
    asides: Vec<(usize, Says)>,
}

fn contents(path: &Path) -> Contents {
    let mut source = capture::open(path).unwrap();
    let (mut batch, mut contents) = (Batch::default(), Contents::default());
    while source.read(&mut batch).unwrap() {
        let before = contents.frames.len();
        contents.asides.extend(batch.asides.iter().map(|aside| (before + aside.after as usize, aside.says.clone())));
        contents.frames.extend(batch.frames().map(|frame| {
            (frame.time, frame.wire_len, frame.interface.clone(), frame.bytes.to_vec(), frame.options.to_vec())
        }));
    }
    contents
}

/// Runs sniff, and returns the status and what it says on standard error.
fn sniff(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sniff")).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.stdout.is_empty(), "what is written is not shown");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn captures() -> Vec<PathBuf> {
    let files = fs::read_dir("captures").unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.is_file() && capture::open(path).is_ok()).collect();
    files.sort();
    files
}

#[test]
fn every_capture_is_written_as_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let again = folder.path().join("again");
    let (copy, again) = (copy.to_str().unwrap(), again.to_str().unwrap());
    for path in captures() {
        let name = path.to_str().unwrap();
        assert_eq!(sniff(&["-r", name, "-w", copy]), (Some(0), String::new()), "{name}");
        let (before, after) = (contents(&path), contents(copy.as_ref()));
        let is_pcapng = before.frames.iter().any(|frame| frame.2.described.is_some());
        if is_pcapng {
            assert_eq!(after, before, "{name}");
            // Where nobody looks at the packets they are not even taken apart: here they are.
            sniff(&["-r", name, "-Y", "frame", "-U", "-w", again]);
            assert_eq!(fs::read(again).unwrap(), fs::read(copy).unwrap(), "{name}");
            continue;
        }
        // A pcap file has become pcapng; and that, a pcap file again.
        let said = |it: &Contents| {
            let frames = it.frames.iter();
            let said = |it: &Interface| (it.link, it.fcs_len, it.precision, it.snap_len);
            frames.map(|it| (it.0, it.1, said(&it.2), it.3.clone())).collect::<Vec<_>>()
        };
        assert_eq!(said(&after), said(&before), "{name}");
        assert_eq!(sniff(&["-r", copy, "-F", "pcap", "-w", again]), (Some(0), String::new()), "{name}");
        assert_eq!(contents(again.as_ref()), before, "{name}");
    }
}

#[test]
fn selected_frames_keep_their_company() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.pcapng");
    let name = copy.to_str().unwrap();
    let before = contents("captures/tour.pcapng".as_ref());
    for (arguments, expected) in [
        (&["-Y", "frame.number % 2 == 0"] as &[&str], before.frames.iter().skip(1).step_by(2).collect::<Vec<_>>()),
        (&["-c", "5"], before.frames.iter().take(5).collect()),
        (&["-Y", "frame.number > 90", "--max-matches", "3"], before.frames.iter().skip(90).take(3).collect()),
    ] {
        let (status, said) = sniff(&[&["-r", "captures/tour.pcapng", "-w", name], arguments].concat());
        assert_eq!((status, said.as_str()), (Some(0), ""), "{arguments:?}");
        assert_eq!(contents(&copy).frames.iter().collect::<Vec<_>>(), expected, "{arguments:?}");
    }
    let secrets = contents("captures/tls-with-secrets.pcapng".as_ref());
    sniff(&["-r", "captures/tls-with-secrets.pcapng", "-Y", "frame.number == 4", "-w", name]);
    let kept = contents(&copy);
    let asides = |it: &Contents| it.asides.iter().map(|aside| aside.1.clone()).collect::<Vec<_>>();
    assert_eq!((kept.frames.len(), asides(&kept)), (1, asides(&secrets)));
}

#[test]
fn what_pcap_cannot_hold_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.pcap");
    let name = copy.to_str().unwrap();
    let (status, said) = sniff(&["-r", "captures/two-links.pcapng", "-F", "pcap", "-w", name]);
    assert_eq!(status, Some(1));
    assert!(said.contains("one link type") && said.contains("write pcapng"), "{said}");
    assert!(!contents(&copy).frames.is_empty(), "the frames before it are kept");
}

#[test]
fn tshark_sees_no_difference() {
    let seen = |path: &Path| {
        let fields = ["frame.number", "frame.time_epoch", "frame.len", "frame.interface_id", "frame.interface_name"];
        let more = ["frame.interface_description", "frame.comment", "frame.protocols", "_ws.col.Info"];
        let columns = fields.iter().chain(&more).flat_map(|field| ["-e", field]);
        let output = Command::new("tshark").arg("-r").arg(path).args(["-T", "fields"]).args(columns).output();
        output
            .ok()
            .filter(|output| output.status.success())
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let tour = Path::new("captures/tour.pcapng");
    let Some(expected) = seen(tour) else {
        eprintln!("skipped: there is no tshark here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.pcapng");
    assert_eq!(sniff(&["-r", "captures/tour.pcapng", "-w", copy.to_str().unwrap()]), (Some(0), String::new()));
    assert!(expected.lines().count() > 60);
    assert_eq!(seen(&copy), Some(expected));
}
