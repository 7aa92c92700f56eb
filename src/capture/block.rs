//! Reads a capture file by blocks: bytes go straight into a batch's buffer, and what is unfinished at its end goes before
//! the next block.
//!
//! The formats know nothing of reading. Each is a [`Format`], a function from bytes to the frames that are whole in them;
//! [`Blocks`] makes a [`Source`] of it, the same for files, pipes and decompressors. A `read` into a buffer that stays in
//! the cache costs half of what a memory map does, takes the same small memory for a file of any size, and a file that is
//! cut while it is read is an error instead of a signal.

use std::io::{self, Read};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::compressed;
use super::error::{Damage, Error};
use super::{Aside, Batch, FrameHead, Interface, Progress, Source};

/// Finds the frames in the bytes of a capture file.
pub(super) trait Format: Send {
    /// Adds what is whole in `bytes` to `found`; `offset` is where `bytes` begins in the capture.
    fn parse(&mut self, bytes: &[u8], offset: u64, found: &mut Found) -> Parsed;

    /// All interfaces described so far.
    fn interfaces(&self) -> &Arc<Vec<Interface>>;

    /// What is cut short where the capture ends with `rest`, what is left at `offset`; `None` if nothing is.
    fn cut(&self, rest: &[u8], offset: u64) -> Option<Damage>;
}

/// What a format adds to: the frames and the asides of a batch.
pub(super) struct Found<'a> {
    pub heads: &'a mut Vec<FrameHead>,
    pub asides: &'a mut Vec<Aside>,
}

/// How far a format came.
pub(super) struct Parsed {
    /// Bytes that are done with.
    pub used: usize,
    pub then: Then,
}

/// What has to happen after the used bytes.
pub(super) enum Then {
    /// The next record needs this many bytes, counted from its beginning; more than there are.
    Needs(usize),
    /// Nothing after them can be read.
    Broken(Damage),
}

/// An opened input: its bytes, and what is known of it.
pub(super) struct Input {
    pub name: String,
    pub bytes: Box<dyn Read + Send>,
    /// Bytes read from the input so far, before decompression.
    pub read: Arc<AtomicU64>,
    /// Its size in bytes, where it is known.
    pub total: Option<u64>,
    /// Whether reading never waits for somebody else, so that a block can be filled before it is looked at.
    pub patient: bool,
}

/// A [`Source`] of the frames of a capture file.
pub(super) struct Blocks<F> {
    input: Input,
    format: F,
    /// What was read and is not yet part of a whole record.
    carried: Vec<u8>,
    /// How long the unfinished record is that `carried` begins with, as far as is known.
    wanted: usize,
    /// Where `carried` begins in the capture.
    offset: u64,
    /// What reading ended with, while bytes that were read before are still to be handed out.
    failed: Option<io::Error>,
    end: End,
}

/// Whether there is more to come.
enum End {
    /// There may be.
    Open,
    /// The next call has to say this.
    Damaged(Damage),
    /// All was said.
    Reached,
}

/// The size of a block in bytes: it is to stay in the cache of its core while it is walked through.
const BLOCK: usize = 128 << 10;

/// Buffers that a large record made grow beyond this many bytes are let go.
const KEPT: usize = 8 * BLOCK;

impl<F: Format> Blocks<F> {
    /// Reads `format` from `input`; `start` was read from it already and begins at `offset`, after the file header.
    pub fn new(input: Input, format: F, start: &[u8], offset: u64) -> Self {
        let carried = start.to_vec();
        // What was read ahead may hold whole records, so that nothing must be wanted before it was looked at.
        Blocks { input, format, carried, wanted: 0, offset, failed: None, end: End::Open }
    }

    /// Puts what was carried over at the beginning of a block with room for more, and returns how much that is.
    fn begin(&mut self, bytes: &mut Vec<u8>) -> usize {
        if bytes.capacity() > KEPT {
            *bytes = Vec::new();
        }
        let filled = self.carried.len();
        if bytes.len() < filled.max(BLOCK) {
            // A recycled buffer keeps its length, so that this clears memory once and not for every block.
            bytes.resize(filled.max(BLOCK), 0);
        }
        bytes[..filled].copy_from_slice(&self.carried);
        filled
    }

    /// Keeps the unfinished record at the end of a block for the next one.
    fn carry(&mut self, rest: &[u8]) {
        if self.carried.capacity() > KEPT {
            self.carried = Vec::new();
        }
        self.carried.clear();
        self.carried.extend_from_slice(rest);
    }

    /// Reads on into `room`; 0 is the end, after which `self.failed` says whether it was a failure.
    fn fill(&mut self, room: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < room.len() && self.failed.is_none() {
            match self.input.bytes.read(&mut room[filled..]) {
                Ok(0) => break,
                Ok(len) => filled += len.min(room.len() - filled),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => self.failed = Some(error),
            }
            // A decompressor hands out what it has. From a file more of it comes at once; from a pipe it may never.
            if !self.input.patient {
                break;
            }
        }
        filled
    }

    /// What the end of the input is, with `rest` left of an unfinished record.
    fn end(&mut self, rest: &[u8]) -> End {
        match self.failed.take() {
            Some(error) => End::Damaged(unreadable(error, self.offset + rest.len() as u64)),
            None => self.format.cut(rest, self.offset).map_or(End::Reached, End::Damaged),
        }
    }
}

impl<F: Format> Source for Blocks<F> {
    fn read(&mut self, batch: &mut Batch) -> Result<bool, Error> {
        batch.heads.clear();
        batch.asides.clear();
        match mem::replace(&mut self.end, End::Reached) {
            End::Open => self.end = End::Open,
            End::Damaged(damage) => return Err(Error::damaged(&self.input.name, damage)),
            End::Reached => return Ok(false),
        }
        let mut filled = self.begin(&mut batch.bytes);
        let mut ended = false;
        loop {
            if filled < self.wanted || filled == 0 {
                if filled == batch.bytes.len() {
                    // The length of a record is only a claim: room is made as its bytes arrive.
                    let len = self.wanted.min(2 * filled);
                    batch.bytes.resize(len, 0);
                }
                match self.fill(&mut batch.bytes[filled..]) {
                    0 => ended = true,
                    len => filled += len,
                }
                if filled < self.wanted && !ended {
                    continue;
                }
            }
            batch.offset = self.offset;
            let mut found = Found { heads: &mut batch.heads, asides: &mut batch.asides };
            let parsed = self.format.parse(&batch.bytes[..filled], self.offset, &mut found);
            let used = parsed.used.min(filled);
            self.offset += used as u64;
            match parsed.then {
                Then::Broken(damage) => self.end = End::Damaged(damage),
                // At least one byte more than there is, or reading on would never begin.
                Then::Needs(len) => self.wanted = len.max(filled - used + 1),
            }
            if ended && matches!(self.end, End::Open) {
                self.end = self.end(&batch.bytes[used..filled]);
            }
            if !batch.heads.is_empty() || !batch.asides.is_empty() {
                if !Arc::ptr_eq(&batch.interfaces, self.format.interfaces()) {
                    batch.interfaces = Arc::clone(self.format.interfaces());
                }
                self.carry(&batch.bytes[used..filled]);
                return Ok(true);
            }
            match mem::replace(&mut self.end, End::Reached) {
                End::Open => self.end = End::Open,
                End::Damaged(damage) => return Err(Error::damaged(&self.input.name, damage)),
                End::Reached => return Ok(false),
            }
            batch.bytes.copy_within(used..filled, 0);
            filled -= used;
        }
    }

    fn progress(&self) -> Progress {
        Progress { read: self.input.read.load(Ordering::Relaxed), total: self.input.total }
    }
}

/// What a failed `read` says of the capture, of which `offset` bytes were read.
pub(super) fn unreadable(error: io::Error, offset: u64) -> Damage {
    match compressed::Broken::of(&error) {
        Some(broken) => Damage::Compression { offset, method: broken.method, reason: broken.reason.clone() },
        None => Damage::Io { offset, error },
    }
}

/// Counts the bytes that are read through it.
pub(super) struct Counted {
    pub bytes: Box<dyn Read + Send>,
    pub read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.bytes.read(room)?;
        self.read.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::mpsc;

    use proptest::prelude::*;

    use super::super::from_reader;
    use super::super::pcapng::build::{BIG, LITTLE};
    use super::super::testing::{Drained, Portions, drain, read};
    use super::*;

    fn pcap(frames: usize, len: usize) -> Vec<u8> {
        let mut file = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1_u32].map(u32::to_le_bytes).concat();
        for number in 0..frames {
            file.extend([number as u32, 0, len as u32, len as u32].map(u32::to_le_bytes).concat());
            file.extend((0..len).map(|at| (number + at) as u8));
        }
        file
    }

    fn pcapng() -> Vec<u8> {
        let mut file = Vec::new();
        for it in [LITTLE, BIG] {
            file.extend(it.section(&it.option(4, b"test")));
            file.extend(it.interface(1, 96, &it.option(2, b"eth0")));
            file.extend(it.packet(0, 1_000_000, b"first", &it.option(1, b"a comment")));
            file.extend(it.block(77, &[&[7; 100]]));
            file.extend(it.block(4, &[&it.option(1, b"\x0a\0\0\x01name\0"), &it.option(0, b"")]));
            file.extend(it.block(10, &[&it.words(&[1, 3]), b"key"]));
            file.extend(it.interface(113, 0, &it.option(9, &[9])));
            file.extend(it.packet(1, 1_000_000, b"second", b""));
            file.extend(it.block(3, &[&it.u32(4), b"four"]));
            file.extend(it.block(2, &[&it.words(&[0, 0, 7, 3, 3]), b"old"]));
            file.extend(it.block(5, &[&it.words(&[1, 0, 8]), &it.option(4, &it.u64(2))]));
        }
        file
    }

    fn in_portions(file: &[u8], size: usize) -> Drained {
        drain(from_reader(Portions { bytes: Cursor::new(file.to_vec()), size }, "test"))
    }

    #[test]
    fn portions_make_no_difference() {
        for file in [pcap(40, 33), pcap(3, 0), pcapng()] {
            for cut in [0, 1, 17] {
                let file = &file[..file.len() - cut];
                let whole = in_portions(file, usize::MAX);
                assert!(!whole.0.is_empty());
                for size in [1, 2, 3, 7, 64, 1_000] {
                    assert_eq!(in_portions(file, size), whole);
                }
            }
        }
    }

    #[test]
    fn records_may_lie_across_blocks() {
        // 5 blocks, none of which ends with a record.
        let file = pcap(1_000, 1_313);
        assert!(file.len() > 5 * BLOCK);
        let (frames, error) = read(&file);
        assert_eq!((frames.len(), error), (1_000, None));
        for (number, frame) in frames.iter().enumerate() {
            assert_eq!((frame.number, frame.offset), (number as u64 + 1, 24 + (number * (16 + 1_313)) as u64));
            assert!(frame.bytes.iter().enumerate().all(|(at, byte)| *byte == (number + at) as u8));
        }
    }

    #[test]
    fn records_may_be_larger_than_a_block() {
        for size in [1_000, usize::MAX] {
            let (frames, _, error) = in_portions(&pcap(3, BLOCK), size);
            assert_eq!((frames.len(), error), (3, None));
            assert!(frames.iter().all(|it| it.bytes.len() == BLOCK));
        }
    }

    #[test]
    fn a_claimed_length_takes_no_memory() {
        let mut file = [LITTLE.section(b""), LITTLE.interface(231, 0, b"")].concat();
        file.extend(LITTLE.words(&[6, 134_217_760, 0, 0, 0, 134_217_728, 134_217_728]));
        let mut source = from_reader(Cursor::new(file), "test").unwrap();
        let mut batch = Batch::default();
        assert!(source.read(&mut batch).unwrap());
        assert!(source.read(&mut batch).is_err());
        assert!(batch.bytes.capacity() <= KEPT);
    }

    #[test]
    fn a_large_buffer_is_let_go() {
        let mut file = pcap(0, 0);
        file[20] = 231;
        let len: u32 = 8 << 20;
        file.extend([0, 0, len, len].map(u32::to_le_bytes).concat());
        file.extend(vec![0; len as usize]);
        file.extend([0; 16]);
        // In two portions, so that the last record does not come with the large one.
        let cut = file.len() - 16;
        let mut source =
            from_reader(Cursor::new(file[..cut].to_vec()).chain(Cursor::new(file[cut..].to_vec())), "test");
        let source = source.as_mut().unwrap();
        let mut batch = Batch::default();
        assert!(source.read(&mut batch).unwrap());
        assert_eq!((batch.heads.len(), batch.bytes.len() > len as usize), (1, true));
        assert!(source.read(&mut batch).unwrap());
        assert!(batch.bytes.capacity() <= KEPT);
    }

    /// Yields what is sent, and waits for the sender where there is nothing.
    struct Pipe {
        sent: mpsc::Receiver<Vec<u8>>,
        rest: Cursor<Vec<u8>>,
    }

    impl Read for Pipe {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            if self.rest.position() == self.rest.get_ref().len() as u64 {
                self.rest = Cursor::new(self.sent.recv().unwrap_or_default());
            }
            self.rest.read(room)
        }
    }

    #[test]
    fn a_whole_frame_is_not_kept_waiting() {
        let file = pcap(3, 10);
        let (sender, receiver) = mpsc::channel();
        sender.send(file[..16].to_vec()).unwrap();
        sender.send(file[16..24].to_vec()).unwrap();
        let mut source = from_reader(Pipe { sent: receiver, rest: Cursor::default() }, "test").unwrap();
        let mut batch = Batch::default();
        // One and a half, the other half, none: a wait for more would never end.
        sender.send(file[24..60].to_vec()).unwrap();
        assert!(source.read(&mut batch).unwrap());
        assert_eq!(batch.heads.len(), 1);
        sender.send(file[60..70].to_vec()).unwrap();
        sender.send(file[70..102].to_vec()).unwrap();
        assert!(source.read(&mut batch).unwrap());
        assert_eq!(batch.heads.iter().map(|it| it.number).collect::<Vec<_>>(), [2, 3]);
        drop(sender);
        assert!(!source.read(&mut batch).unwrap());
    }

    #[test]
    fn progress_is_told() {
        let file = pcap(10, 10);
        let mut source = from_reader(Cursor::new(file.clone()), "test").unwrap();
        assert!(source.read(&mut Batch::default()).unwrap());
        assert_eq!(source.progress(), Progress { read: file.len() as u64, total: None });
    }

    /// Fails after its bytes.
    struct Failing(Cursor<Vec<u8>>);

    impl Read for Failing {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            match self.0.read(room)? {
                0 => Err(io::Error::from_raw_os_error(libc::EIO)),
                len => Ok(len),
            }
        }
    }

    #[test]
    fn what_was_read_before_a_failure_is_handed_out() {
        let (frames, _, error) = drain(from_reader(Failing(Cursor::new(pcap(3, 10)[..80].to_vec())), "test"));
        assert_eq!(frames.len(), 2);
        let error = error.unwrap();
        assert!(error.starts_with("test: cannot be read on from byte 80: "), "{error}");
    }

    /// Prints what a frame of 78 bytes costs: `cargo test --release --lib capture::block -- --ignored --nocapture`.
    #[test]
    #[ignore = "measures, and asserts nothing"]
    fn speed() {
        const FRAMES: usize = 1_000_000;
        let packets = LITTLE.packet(0, 1_600_000_000_123_456, &[7; 78], b"").repeat(FRAMES);
        let pcapng = [LITTLE.section(b""), LITTLE.interface(1, 0, b""), packets].concat();
        for (name, file) in [("pcap", pcap(FRAMES, 78)), ("pcapng", pcapng)] {
            let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
            std::fs::write(&path, file).unwrap();
            let mut batch = Batch::default();
            let best = (0..5).map(|_| {
                let began = std::time::Instant::now();
                let mut source = super::super::open(&path).unwrap();
                let mut frames = 0;
                while source.read(&mut batch).unwrap() {
                    frames += batch.frames().filter(|it| it.bytes.len() == 78).count();
                }
                assert_eq!(frames, FRAMES);
                began.elapsed()
            });
            let nanos = best.min().unwrap().as_nanos() as f64 / FRAMES as f64;
            println!("{name}: {nanos:.1} ns per frame");
        }
    }

    /// Captures with some bytes changed, which is more likely to get far than random bytes are.
    fn mutated() -> impl Strategy<Value = Vec<u8>> {
        let file = prop_oneof![Just(pcap(20, 20)), Just(pcapng())];
        let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
        (file, changes, any::<prop::sample::Index>()).prop_map(|(mut file, changes, cut)| {
            for (at, byte) in changes {
                let at = at.index(file.len());
                file[at] = byte;
            }
            file.truncate(cut.index(file.len() * 2));
            file
        })
    }

    /// Random bytes behind the beginning of a capture.
    fn random() -> impl Strategy<Value = Vec<u8>> {
        let start = prop_oneof![
            Just(Vec::new()),
            Just(pcap(0, 0)),
            Just([LITTLE.section(b""), LITTLE.interface(1, 0, b"")].concat()),
            Just([BIG.section(b""), BIG.interface(1, 0, b"")].concat()),
        ];
        (start, prop::collection::vec(any::<u8>(), 0..300)).prop_map(|(start, rest)| [start, rest].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn any_bytes_are_read_alike_in_any_portions(
            file in prop_oneof![mutated(), random()],
            size in prop_oneof![Just(1_usize), 2..100_usize],
        ) {
            let whole = in_portions(&file, usize::MAX);
            let parts = in_portions(&file, size);
            prop_assert_eq!(&parts, &whole);
            for frame in &whole.0 {
                prop_assert!(frame.bytes.len() <= file.len());
                let big_endian = frame.interface.described.as_ref().is_some_and(|it| it.big_endian);
                super::super::pcapng::annotations(&frame.options, big_endian).for_each(drop);
            }
            for aside in &whole.1 {
                if let super::super::Says::Names(names) = &aside.says {
                    names.iter().for_each(drop);
                }
            }
        }
    }
}
