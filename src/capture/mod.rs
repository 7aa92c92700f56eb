//! Where frames come from and go to: capture files, compressed files, pipes, interfaces.
//!
//! A [`Source`] hands out frames in [`Batch`]es, a block of bytes and the heads of the frames that lie in it, because
//! blocks are what threads pass on and what buffers are recycled by. A [`Frame`] is one of them, borrowed.
//!
//! [`open`] recognises the format by the first bytes, also through gzip, zstd and lz4, and also from a pipe. Every length
//! in a file is a claim of somebody who may be hostile: none is believed before its bytes are there.

mod block;
pub mod bpf;
mod compressed;
mod error;
mod fetch;
pub mod interfaces;
pub mod live;
pub mod loader;
mod pcap;
pub mod pcapng;
mod queue;
pub mod time;
pub mod write;

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::ops::Range;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub use error::{Bound, Damage, Error, FirstBytes, Part, Unusable};
pub use fetch::Fetch;
pub use time::{Precision, Time};

use block::{Blocks, Counted, Input};

/// Opens the capture file at `path`, or standard input for `-`.
///
/// Waits until the file header has arrived, where that is a pipe.
pub fn open(path: &Path) -> Result<Box<dyn Source>, Error> {
    let standard_input = path.as_os_str() == "-";
    let name = if standard_input { "standard input".to_owned() } else { path.display().to_string() };
    let refuse = |reason| Error::unusable(&name, reason);
    let file = if standard_input {
        if io::stdin().is_terminal() {
            return Err(refuse(Unusable::Terminal));
        }
        // Its descriptor instead of `Stdin`, whose small buffer would be one copy more.
        io::stdin().as_fd().try_clone_to_owned().map(File::from)
    } else {
        File::open(path)
    };
    let file = file.map_err(|error| refuse(unusable(error)))?;
    let about = file.metadata().map_err(|error| refuse(unusable(error)))?;
    if about.is_dir() {
        return Err(refuse(Unusable::Directory));
    }
    let total = about.is_file().then_some(about.len());
    open_input(Box::new(file), name, total, about.is_file())
}

/// Opens the capture that `bytes` yields; `name` is what errors call it.
pub fn from_reader(bytes: impl Read + Send + 'static, name: &str) -> Result<Box<dyn Source>, Error> {
    open_input(Box::new(bytes), name.to_owned(), None, false)
}

fn open_input(
    bytes: Box<dyn Read + Send>,
    name: String,
    total: Option<u64>,
    patient: bool,
) -> Result<Box<dyn Source>, Error> {
    let read = Arc::new(AtomicU64::new(0));
    let bytes = Box::new(Counted { bytes, read: Arc::clone(&read) });
    let mut input = Input { name, bytes, read, total, patient };
    let mut start = Vec::new();
    read_ahead(&mut input, &mut start, compressed::MAGIC_LEN)?;
    if let Some(method) = compressed::recognise(&start) {
        input.bytes = compressed::decompress(method, start, input.bytes);
        start = Vec::new();
    }
    read_ahead(&mut input, &mut start, pcapng::MAGIC_LEN.max(pcap::MAGIC_LEN))?;
    if let Some(variant) = pcap::recognise(&start) {
        read_ahead(&mut input, &mut start, variant.header_len())?;
        let (format, rest) = pcap::Pcap::new(variant, &start).map_err(|reason| reason.named(&input.name))?;
        let offset = (start.len() - rest.len()) as u64;
        return Ok(Box::new(Blocks::new(input, format, rest, offset)));
    }
    if pcapng::recognise(&start) {
        if let Some(reason) = pcapng::refuse(&start) {
            return Err(Error::unusable(&input.name, reason));
        }
        return Ok(Box::new(Blocks::new(input, pcapng::Pcapng::default(), &start, 0)));
    }
    let reason = if start.is_empty() { Unusable::Empty } else { Unusable::NotACapture(FirstBytes::of(&start)) };
    Err(Error::unusable(&input.name, reason))
}

/// Reads until `start` holds `len` bytes or the input ends.
fn read_ahead(input: &mut Input, start: &mut Vec<u8>, len: usize) -> Result<(), Error> {
    let room = len.saturating_sub(start.len());
    match input.bytes.by_ref().take(room as u64).read_to_end(start) {
        Ok(_) => Ok(()),
        Err(error) if compressed::Broken::of(&error).is_some() => {
            Err(Error::damaged(&input.name, block::unreadable(error, start.len() as u64)))
        }
        Err(error) => Err(Error::unusable(&input.name, unusable(error))),
    }
}

fn unusable(error: io::Error) -> Unusable {
    match error.kind() {
        io::ErrorKind::NotFound => Unusable::NotFound,
        io::ErrorKind::PermissionDenied => Unusable::PermissionDenied,
        io::ErrorKind::IsADirectory => Unusable::Directory,
        _ => Unusable::Io(error),
    }
}

/// Yields the frames of a capture, in order.
pub trait Source: Send {
    /// Replaces what `batch` holds by the frames of the next block; its buffers are used again.
    ///
    /// Returns `false` at the end of the capture. A batch that is returned with `true` holds at least one frame or one
    /// [`Aside`], and it is returned as soon as it has one and reading on would block (pipes, interfaces). Where the
    /// capture is damaged, the frames before the damage are returned first and the error by the next call; calls after
    /// that return `false`.
    fn read(&mut self, batch: &mut Batch) -> Result<bool, Error>;

    /// How much of the input has been read.
    fn progress(&self) -> Progress {
        Progress::default()
    }

    /// Ends a live capture, and tells what was counted; captures that are read from files count nothing.
    fn finish(&mut self) -> Option<pcapng::Statistics> {
        None
    }
}

/// How far a [`Source`] has come, in bytes of the input before decompression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read so far.
    pub read: u64,
    /// Bytes there are in all, where that is known: of regular files.
    pub total: Option<u64>,
}

/// A block of captured bytes and the frames that lie in it.
#[derive(Default)]
pub struct Batch {
    /// The block as it was read: record headers, options and frames. What lies outside of the ranges of `heads` has no
    /// meaning; the end of the buffer may be left from an earlier block.
    pub bytes: Vec<u8>,
    /// Where they begin in the (decompressed) capture; 0 of a live one.
    pub offset: u64,
    /// The frames in it, in order.
    pub heads: Vec<FrameHead>,
    /// What the capture says between those frames, in order.
    pub asides: Vec<Aside>,
    /// All interfaces known so far; frames name theirs by its place here.
    pub interfaces: Arc<Vec<Interface>>,
}

impl Batch {
    /// The frames of this block, in order.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = Frame<'_>> {
        self.heads.iter().map(|head| self.frame(head))
    }

    /// Where the captured bytes of the frame at `place` stand in the (decompressed) capture.
    pub fn offset_of(&self, place: usize) -> Option<u64> {
        self.heads.get(place).map(|head| self.offset + u64::from(head.bytes.start))
    }

    fn frame<'a>(&'a self, head: &FrameHead) -> Frame<'a> {
        let part = |range: &Range<u32>| &self.bytes[range.start as usize..range.end as usize];
        Frame {
            number: head.number,
            time: head.time,
            wire_len: head.wire_len,
            offset: head.offset,
            interface: &self.interfaces[head.interface as usize],
            bytes: part(&head.bytes),
            options: part(&head.options),
        }
    }
}

/// What a batch keeps of a frame: where it lies in the block and what its record says of it.
#[derive(Clone, Debug)]
pub struct FrameHead {
    /// Counts from 1 through the whole capture.
    pub number: u64,
    /// When it was captured; a Simple Packet Block does not say.
    pub time: Option<Time>,
    /// Its length on the wire in bytes; more than was captured where a snapshot length cut it.
    pub wire_len: u32,
    /// Where its record begins in the (decompressed) capture, in bytes.
    pub offset: u64,
    /// The place of its interface in [`Batch::interfaces`].
    pub interface: u32,
    /// The captured bytes in [`Batch::bytes`].
    pub bytes: Range<u32>,
    /// The options of its pcapng block in [`Batch::bytes`], byte order as in the section; empty if none.
    pub options: Range<u32>,
}

/// A captured frame.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Counts from 1 through the whole capture.
    pub number: u64,
    /// When it was captured; a Simple Packet Block does not say.
    pub time: Option<Time>,
    /// Its length on the wire in bytes.
    pub wire_len: u32,
    /// Where its record begins in the (decompressed) capture, in bytes.
    pub offset: u64,
    /// What captured it.
    pub interface: &'a Interface,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// The options of its pcapng block, raw; empty if none. [`Frame::annotations`] reads them.
    pub options: &'a [u8],
}

impl<'a> Frame<'a> {
    /// What the capture says of the frame besides its bytes, in the order of the file; read from
    /// [`options`](Self::options) as it goes.
    pub fn annotations(&self) -> impl Iterator<Item = pcapng::Annotation<'a>> + use<'a> {
        pcapng::annotations(self.options, self.interface.described.as_ref().is_some_and(|it| it.big_endian))
    }

    /// The flags of the frame's block, if it has them.
    pub fn flags(&self) -> Option<pcapng::PacketFlags> {
        self.annotations().find_map(|annotation| match annotation {
            pcapng::Annotation::Flags(flags) => Some(flags),
            _ => None,
        })
    }

    /// Bytes of frame check sequence at the end of the frame, where its block or its interface says so.
    pub fn fcs_len(&self) -> Option<u8> {
        if self.options.is_empty() {
            return self.interface.fcs_len;
        }
        let of_block = self.flags().map(pcapng::PacketFlags::fcs_len).filter(|&len| len != 0);
        of_block.or(self.interface.fcs_len)
    }
}

/// What a capture says of an interface; a pcap file has one, without a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// The link-layer header type of its frames, by the number of the tcpdump.org registry (1 is Ethernet).
    pub link: u16,
    /// Bytes of frame check sequence at the end of each frame, where the file says so.
    pub fcs_len: Option<u8>,
    /// The most bytes that were kept of a frame; 0 is no limit.
    pub snap_len: u32,
    /// Digits of its clock.
    pub precision: Precision,
    /// What only pcapng can say of it.
    pub described: Option<Described>,
}

/// What an Interface Description Block and its section say.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The number of its section, counting from 1.
    pub section: u32,
    /// Its number within the section, counting from 0.
    pub id: u32,
    /// Whether the section is written in big-endian byte order; options of its blocks are too.
    pub big_endian: bool,
    pub name: Option<String>,
    pub description: Option<String>,
    /// All options of the Interface Description Block, raw; [`pcapng::Options`] reads them.
    pub options: Vec<u8>,
}

/// What a pcapng file says between its frames.
#[derive(Clone, Debug, PartialEq)]
pub struct Aside {
    /// How many frames of the batch come before it.
    pub after: u32,
    /// Where its block begins in the (decompressed) capture, in bytes.
    pub offset: u64,
    pub says: Says,
}

/// What an [`Aside`] can say.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// A section begins; what was described before it holds no longer.
    Section(pcapng::Section),
    /// Names of one address.
    Names(pcapng::Names),
    /// Secrets with which frames can be decrypted.
    Secrets(pcapng::Secrets),
    /// Counters of an interface.
    Statistics(pcapng::Statistics),
    /// A block whose frame is right and whose contents are not; what could be read of it was handed out before.
    Malformed { kind: &'static str },
}

#[cfg(test)]
mod tests {
    use super::testing::drain;
    use super::*;

    /// A pcap file of one frame.
    fn pcap() -> Vec<u8> {
        let words = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1, 7, 0, 4, 4, 0];
        words.map(u32::to_le_bytes).concat()
    }

    #[test]
    fn files_are_opened_by_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.pcap");
        std::fs::write(&path, pcap()).unwrap();
        let mut source = open(&path).unwrap();
        let mut batch = Batch::default();
        assert!(source.read(&mut batch).unwrap());
        assert_eq!(batch.frames().next().unwrap().bytes, [0; 4]);
        assert!(!source.read(&mut batch).unwrap());
        assert_eq!(source.progress(), Progress { read: 44, total: Some(44) });
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        std::fs::write(path("empty"), b"").unwrap();
        std::fs::write(path("short"), &pcap()[..3]).unwrap();
        std::fs::write(path("text"), b"No.,Time,Source").unwrap();
        std::fs::create_dir(path("folder")).unwrap();
        let kinds = "; pcap and pcapng are read, also compressed by gzip, zstd or lz4";
        let text = format!("not a capture file: it begins with 4e 6f 2e 2c 54 69 6d 65 and looks like text{kinds}");
        let short = format!("not a capture file: it begins with d4 c3 b2{kinds}");
        let cases = [
            ("missing", "no such file"),
            ("folder", "is a directory; give a capture file"),
            ("empty", "is empty: a capture file begins with a header"),
            ("short", &short),
            ("text", &text),
        ];
        for (name, expected) in cases {
            let error = open(&path(name)).err().unwrap();
            assert!(!error.is_damage());
            assert_eq!(error.to_string(), format!("{}: {expected}", path(name).display()));
        }
    }

    #[test]
    fn a_cut_header_is_damage() {
        for len in 4..24 {
            assert!(from_reader(io::Cursor::new(pcap()[..len].to_vec()), "test").err().unwrap().is_damage());
        }
    }

    #[test]
    fn batches_are_used_again_by_other_captures() {
        let mut batch = Batch::default();
        for link in [1, 113] {
            let mut file = pcap();
            file[20] = link;
            let mut source = from_reader(io::Cursor::new(file.clone()), "test").unwrap();
            assert!(source.read(&mut batch).unwrap());
            assert_eq!(batch.frames().next().unwrap().interface.link, u16::from(link));
            assert_eq!(drain(from_reader(io::Cursor::new(file), "test")).0.len(), 1);
        }
    }
}

#[cfg(test)]
mod testing {
    //! What the tests of the formats share: reading a capture to its end.

    use super::*;

    /// Everything a source says of a frame.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Seen {
        pub number: u64,
        pub time: Option<Time>,
        pub wire_len: u32,
        pub offset: u64,
        pub bytes: Vec<u8>,
        pub options: Vec<u8>,
        pub interface: Interface,
    }

    /// All there is in a capture: its frames, what is said between them, and the error at its end.
    pub type Drained = (Vec<Seen>, Vec<Aside>, Option<String>);

    /// Reads the frames of `capture`, and the error at its end.
    pub fn read(capture: &[u8]) -> (Vec<Seen>, Option<String>) {
        let (frames, _, error) = drain(from_reader(io::Cursor::new(capture.to_vec()), "test"));
        (frames, error)
    }

    /// Reads what is said between the frames of `capture`.
    pub fn asides(capture: &[u8]) -> Vec<Aside> {
        drain(from_reader(io::Cursor::new(capture.to_vec()), "test")).1
    }

    /// Reads a capture to its end.
    pub fn drain(source: Result<Box<dyn Source>, Error>) -> Drained {
        let (mut frames, mut asides) = (Vec::new(), Vec::new());
        let mut source = match source {
            Ok(source) => source,
            Err(error) => return (frames, asides, Some(error.to_string())),
        };
        let mut batch = Batch::default();
        let error = loop {
            match source.read(&mut batch) {
                Ok(true) => assert!(!batch.heads.is_empty() || !batch.asides.is_empty()),
                Ok(false) => break None,
                Err(error) => {
                    assert!(error.is_damage());
                    break Some(error.to_string());
                }
            }
            // Where a batch ends depends on how the bytes came: count in the whole capture.
            let before = frames.len() as u32;
            asides.extend(batch.asides.iter().map(|it| Aside { after: before + it.after, ..it.clone() }));
            frames.extend(batch.frames().map(|it| Seen {
                number: it.number,
                time: it.time,
                wire_len: it.wire_len,
                offset: it.offset,
                bytes: it.bytes.to_vec(),
                options: it.options.to_vec(),
                interface: it.interface.clone(),
            }));
        };
        assert!(!source.read(&mut batch).expect("there is nothing after the end"));
        assert!(batch.heads.is_empty() && batch.asides.is_empty());
        (frames, asides, error)
    }

    /// Hands out bytes in portions of `size`, as a slow pipe does.
    pub struct Portions {
        pub bytes: io::Cursor<Vec<u8>>,
        pub size: usize,
    }

    impl Read for Portions {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let size = self.size.min(room.len());
            self.bytes.read(&mut room[..size])
        }
    }
}
