//! Why a capture could not be opened, or not be read to its end.
//!
//! Two things are told apart, because a user does different things about them: an input that is no capture at all
//! ([`Unusable`]), and a capture that is damaged after a good beginning ([`Damage`]).

use std::fmt;
use std::io;

/// Why a capture could not be opened or read on; its text is one line and begins with the name of the input.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing can be read from it.
    #[error("{name}: {reason}")]
    Unusable {
        name: String,
        #[source]
        reason: Unusable,
    },
    /// It is a capture, and what lies before the damage was handed out.
    #[error("{name}: {damage}")]
    Damaged {
        name: String,
        #[source]
        damage: Damage,
    },
    /// A live capture cannot go on; what was captured before was handed out.
    #[error("{name}: {reason}; what was captured before is kept")]
    Ended { name: String, reason: String },
}

impl Error {
    pub(super) fn unusable(name: &str, reason: Unusable) -> Self {
        Error::Unusable { name: name.to_owned(), reason }
    }

    pub(super) fn damaged(name: &str, damage: Damage) -> Self {
        Error::Damaged { name: name.to_owned(), damage }
    }

    /// Whether this is damage in a capture, and not an input that cannot be used at all.
    pub fn is_damage(&self) -> bool {
        matches!(self, Error::Damaged { .. })
    }
}

/// Why nothing at all can be read from an input.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("no such file")]
    NotFound,
    #[error("permission denied")]
    PermissionDenied,
    #[error("is a directory; give a capture file")]
    Directory,
    #[error("is a terminal; give a capture file, or pipe one in")]
    Terminal,
    #[error("is empty: a capture file begins with a header")]
    Empty,
    /// The operating system's own reason.
    #[error("cannot be read: {0}")]
    Io(io::Error),
    /// No capture format begins like this.
    #[error("not a capture file: {0}; pcap and pcapng are read, also compressed by gzip, zstd or lz4")]
    NotACapture(FirstBytes),
    /// A capture format, but a version of it whose layout is not known.
    #[error("{format} version {major}.{minor} is not understood")]
    Version { format: &'static str, major: u16, minor: u16 },
    /// The link type field of a pcap file, where it sets bits without a meaning.
    #[error("the link type {network:#010x} has bits that no known version of pcap uses")]
    Link { network: u32 },
}

/// How an input that is no capture begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBytes {
    bytes: [u8; FirstBytes::SHOWN],
    len: usize,
    /// What else begins like this, where that is easily known.
    looks_like: Option<&'static str>,
}

impl FirstBytes {
    const SHOWN: usize = 8;

    pub(super) fn of(start: &[u8]) -> Self {
        let mut bytes = [0; FirstBytes::SHOWN];
        let len = start.len().min(bytes.len());
        bytes.iter_mut().zip(start).for_each(|(to, from)| *to = *from);
        FirstBytes { bytes, len, looks_like: looks_like(start) }
    }
}

impl fmt::Display for FirstBytes {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("it begins with")?;
        for byte in self.bytes.iter().take(self.len) {
            write!(f, " {byte:02x}")?;
        }
        match self.looks_like {
            Some(what) => write!(f, " and looks like {what}"),
            None => Ok(()),
        }
    }
}

/// Names what is often mistaken for a capture file, by how it begins.
fn looks_like(start: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"\x7fELF", "a program (ELF)"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "an image (PNG)"),
        (b"PK\x03\x04", "a zip archive; unpack it first"),
        (b"\xfd7zXZ\0", "an xz-compressed file; unpack it with xz -d first"),
        (b"BZh", "a bzip2-compressed file; unpack it with bunzip2 first"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
        (b"\x1f\x8b", "a gzip file inside a compressed file; unpack it once first"),
        (b"snoop\0\0\0", "a snoop capture, which is not read; convert it first"),
        (b"GMBU", "a Network Monitor capture, which is not read; convert it first"),
        (b"RTSS", "a Network Monitor capture, which is not read; convert it first"),
        (b"<!DOCTYPE", "a web page (HTML)"),
        (b"<!doctype", "a web page (HTML)"),
        (b"<html", "a web page (HTML)"),
        (b"<?xml", "XML"),
        (b"#!", "a script"),
    ];
    let named = KNOWN.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, name)| *name);
    let printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    named.or_else(|| (start.len() >= 4 && start.iter().all(printable)).then_some("text"))
}

/// Where and how a capture is damaged; offsets count bytes from 0 in the decompressed capture.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The capture ends in the middle of something.
    #[error("cut short at byte {offset}: {part} {} {needed} bytes, {}", part.claims(), are_left(*left))]
    CutShort {
        /// Where the unfinished part begins.
        offset: u64,
        part: Part,
        /// How long it is.
        needed: u64,
        /// How much of it is there.
        left: u64,
    },
    /// A length that cannot be right, so that nothing says where the next record begins.
    #[error("damaged at byte {offset}: {part} {} {says} bytes, {bound}", part.claims())]
    Length { offset: u64, part: Part, says: u64, bound: Bound },
    /// The two lengths of a pcapng block differ, so that one of them is wrong.
    #[error("damaged at byte {offset}: {part} says {says} bytes at its beginning and {says_at_end} at its end")]
    Trailer { offset: u64, part: Part, says: u64, says_at_end: u64 },
    /// A packet of an interface that its section does not describe.
    #[error(
        "damaged at byte {offset}: frame {frame} names interface {interface}, and {} described before it",
        interfaces_are(*known)
    )]
    Interface { offset: u64, frame: u64, interface: u32, known: u32 },
    /// A Section Header Block in neither byte order.
    #[error("damaged at byte {offset}: a Section Header Block has the byte-order magic {magic:#010x}, not 0x1a2b3c4d")]
    ByteOrder { offset: u64, magic: u32 },
    /// A later section in a version whose layout is not known.
    #[error("unreadable from byte {offset} on: pcapng version {major}.{minor} is not understood")]
    Version { offset: u64, major: u16, minor: u16 },
    /// More interfaces than any true capture describes.
    #[error("damaged at byte {offset}: more than {most} interfaces, or more than {most_text} bytes of text about them")]
    TooManyInterfaces { offset: u64, most: u32, most_text: u32 },
    /// The compressed stream around the capture is damaged.
    #[error("the {method} compression is damaged after {offset} bytes of capture: {reason}")]
    Compression { offset: u64, method: &'static str, reason: String },
    /// The operating system could not read on.
    #[error("cannot be read on from byte {offset}: {error}")]
    Io {
        offset: u64,
        #[source]
        error: io::Error,
    },
}

/// What of a capture file is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What every pcap file begins with.
    FileHeader,
    /// What comes before each frame of a pcap file.
    RecordHeader { frame: u64 },
    /// A frame of a pcap file with its header.
    Record { frame: u64 },
    /// The captured bytes of a frame.
    FrameData { frame: u64 },
    /// The type and the length that every pcapng block begins with.
    BlockHeader,
    /// A pcapng block that holds a frame.
    FrameBlock { frame: u64 },
    /// Another pcapng block.
    Block { kind: &'static str },
}

impl Part {
    /// A header has the length it must have, other parts say theirs.
    fn claims(self) -> &'static str {
        match self {
            Part::FileHeader | Part::RecordHeader { .. } | Part::BlockHeader => "takes",
            _ => "says",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Part::FileHeader => write!(f, "the file header"),
            Part::RecordHeader { frame } => write!(f, "the record header of frame {frame}"),
            Part::Record { frame } => write!(f, "the record of frame {frame}"),
            Part::FrameData { frame } => write!(f, "the data of frame {frame}"),
            Part::BlockHeader => write!(f, "a block header"),
            Part::FrameBlock { frame } => write!(f, "the block of frame {frame}"),
            Part::Block { kind } => write!(f, "{kind}"),
        }
    }
}

/// What a length has to keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// No more than this many bytes.
    AtMost(u64),
    /// No less than this many bytes.
    AtLeast(u64),
    /// No more than its block has room for.
    Room(u64),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Bound::AtMost(most) => write!(f, "the most is {most}"),
            Bound::AtLeast(least) => write!(f, "the least is {least}"),
            Bound::Room(room) => write!(f, "its block has room for {room}"),
        }
    }
}

fn are_left(left: u64) -> String {
    match left {
        1 => "1 is left".to_owned(),
        _ => format!("{left} are left"),
    }
}

fn interfaces_are(known: u32) -> String {
    match known {
        0 => "none is".to_owned(),
        1 => "only 1 is".to_owned(),
        _ => format!("only {known} are"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_reads_as_one_line() {
        let cut = Damage::CutShort { offset: 10_240, part: Part::Record { frame: 17 }, needed: 1_514, left: 800 };
        let error = Error::damaged("x.pcap", cut);
        assert!(error.is_damage());
        assert_eq!(
            error.to_string(),
            "x.pcap: cut short at byte 10240: the record of frame 17 says 1514 bytes, 800 are left"
        );
        let cases = [
            (
                Damage::CutShort { offset: 24, part: Part::RecordHeader { frame: 1 }, needed: 16, left: 1 },
                "cut short at byte 24: the record header of frame 1 takes 16 bytes, 1 is left",
            ),
            (
                Damage::Length { offset: 24, part: Part::FrameData { frame: 1 }, says: 9, bound: Bound::AtMost(8) },
                "damaged at byte 24: the data of frame 1 says 9 bytes, the most is 8",
            ),
            (
                Damage::Interface { offset: 28, frame: 1, interface: 5, known: 1 },
                "damaged at byte 28: frame 1 names interface 5, and only 1 is described before it",
            ),
        ];
        for (damage, expected) in cases {
            assert_eq!(damage.to_string(), expected);
        }
    }

    #[test]
    fn other_files_are_named() {
        let cases: &[(&[u8], &str)] = &[
            (b"hello world", "it begins with 68 65 6c 6c 6f 20 77 6f and looks like text"),
            (b"\x7fELF\x02", "it begins with 7f 45 4c 46 02 and looks like a program (ELF)"),
            (b"<!DOCTYPE html>", "it begins with 3c 21 44 4f 43 54 59 50 and looks like a web page (HTML)"),
            (b"\0\0", "it begins with 00 00"),
        ];
        for (start, expected) in cases {
            assert_eq!(FirstBytes::of(start).to_string(), *expected);
        }
    }
}
