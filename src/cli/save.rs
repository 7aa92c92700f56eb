//! `-w`, and when to stop.

use std::fs::{self, File, Metadata};
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::Exit;
use super::args::{Args, FileFormat};
use crate::capture::write::{Format, Writer};
use crate::pipeline::Save;

/// Creates the file that `-w` names, if it is given; `source` is the file that is read.
pub fn create(args: &Args, source: Option<&Path>) -> Result<Option<Save>, Exit> {
    let Some(path) = &args.write else { return Ok(None) };
    if path.as_os_str() == "-" {
        if io::stdout().is_terminal() {
            return Err(Exit::Usage(
                "-w - writes bytes that no terminal can show: send them into a file or a pipe".into(),
            ));
        }
        if args.list {
            return Err(Exit::Usage("-w - and -P both write to standard output: name a file after -w".into()));
        }
    } else if let Some(source) = source
        && is_same(path, source)
    {
        let path = path.display();
        return Err(Exit::Usage(format!("-w {path}: is the file that is read; it would be emptied before it is read")));
    }
    let format = match args.file_format {
        FileFormat::Pcapng => Format::Pcapng,
        FileFormat::Pcap => Format::Pcap,
    };
    let writer = Writer::create(path, format).map_err(|error| Exit::Failed(error.to_string()))?;
    let writer = if args.packet_buffered { writer.each_at_once() } else { writer };
    Ok(Some(Save { writer, most: limits(args)?.bytes }))
}

/// Whether two names, of which the second may be standard input, are of one regular file.
fn is_same(path: &Path, source: &Path) -> bool {
    let read = match source.as_os_str() == "-" {
        true => io::stdin().as_fd().try_clone_to_owned().and_then(|input| File::from(input).metadata()),
        false => fs::metadata(source),
    };
    let identity = |it: &Metadata| (it.dev(), it.ino());
    match (fs::metadata(path), read) {
        (Ok(written), Ok(read)) => read.is_file() && identity(&written) == identity(&read),
        _ => false,
    }
}

/// The conditions of `-a`.
#[derive(Debug, Default, PartialEq)]
pub struct Limits {
    pub duration: Option<Duration>,
    pub packets: Option<u64>,
    pub bytes: Option<u64>,
}

/// Reads all `-a`; of several of a kind the first to hold counts.
pub fn limits(args: &Args) -> Result<Limits, Exit> {
    let mut limits = Limits::default();
    for condition in &args.autostop {
        limits.add(condition).map_err(|why| Exit::Usage(format!("-a {condition}: {why}")))?;
    }
    if limits.bytes.is_some() && args.write.is_none() {
        return Err(Exit::Usage("-a filesize: is about the file that -w writes: add -w FILE".into()));
    }
    Ok(limits)
}

impl Limits {
    fn add(&mut self, condition: &str) -> Result<(), String> {
        let expected = "expected duration:SECONDS, packets:N or filesize:KB";
        let (kind, value) = condition.split_once(':').ok_or(expected)?;
        let whole = || value.parse::<u64>().ok().filter(|value| *value > 0);
        let least = |known: Option<u64>, value: u64| Some(known.map_or(value, |known| known.min(value)));
        match kind {
            "duration" => {
                let seconds = value.parse().ok().filter(|seconds| *seconds > 0.0);
                let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                let duration = duration.ok_or_else(|| format!("{value:?} is no number of seconds"))?;
                self.duration = Some(self.duration.map_or(duration, |known| known.min(duration)));
            }
            "packets" => {
                let packets = whole().ok_or_else(|| format!("{value:?} is no number of packets"))?;
                self.packets = least(self.packets, packets);
            }
            "filesize" => {
                let kilobytes = whole().ok_or_else(|| format!("{value:?} is no number of kilobytes"))?;
                self.bytes = least(self.bytes, kilobytes.saturating_mul(1_000));
            }
            "files" => return Err("one file is written; a ring of files is written by dumpcap -b files:5".into()),
            _ => return Err(expected.into()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_to_stop() {
        let read = |condition: &str| {
            let mut limits = Limits::default();
            limits.add(condition).map(|()| limits)
        };
        let none = Limits::default;
        for (condition, expected) in [
            ("duration:3", Limits { duration: Some(Duration::from_secs(3)), ..none() }),
            ("duration:0.25", Limits { duration: Some(Duration::from_millis(250)), ..none() }),
            ("packets:7", Limits { packets: Some(7), ..none() }),
            ("filesize:10", Limits { bytes: Some(10_000), ..none() }),
        ] {
            assert_eq!(read(condition), Ok(expected), "{condition}");
        }
        for (condition, hint) in [
            ("5", "expected"),
            ("duration:", "seconds"),
            ("duration:-1", "seconds"),
            ("duration:NaN", "seconds"),
            ("duration:1e300", "seconds"),
            ("packets:0", "packets"),
            ("packets:many", "packets"),
            ("filesize:1.5", "kilobytes"),
            ("files:3", "dumpcap"),
            ("event:1", "expected"),
        ] {
            assert!(read(condition).is_err_and(|why| why.contains(hint)), "{condition}");
        }
        let mut both = none();
        both.add("packets:7").unwrap();
        both.add("packets:9").unwrap();
        assert_eq!(both.packets, Some(7));
    }
}
