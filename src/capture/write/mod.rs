//! Where frames go to: capture files (`-w`).
//!
//! A [`Writer`] takes what a [`Source`](super::Source) hands out, batch by batch: which interfaces there are, the frames that are to
//! be kept, and what is said between them. A pcapng capture that goes through it whole comes out with the same frames, times,
//! interfaces, comments, names and secrets; its options are copied as bytes. Blocks of unknown types are not handed out by
//! the reader, so they are not written.
//!
//! Bytes are passed on in large pieces, and every failure to do so is told: a capture that is not whole must not look like
//! one that is.

mod pcap;
mod pcapng;

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;

pub(super) use pcapng::option;

use super::{Aside, Batch, Frame, Interface};

/// A capture file that is being written.
pub struct Writer {
    /// What errors call it.
    name: String,
    out: Box<dyn Write + Send>,
    layout: Layout,
    /// Bytes that were not passed on yet.
    pending: Vec<u8>,
    /// How many bytes were passed on.
    written: u64,
    /// Each frame is passed on at once.
    each: bool,
    /// All interfaces that the source knows so far.
    interfaces: Arc<Vec<Interface>>,
}

/// The formats that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Pcapng,
    Pcap,
}

enum Layout {
    Pcapng(pcapng::Pcapng),
    Pcap(pcap::Pcap),
}

/// Why a capture file could not be written; its text is one line and begins with the name of the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{name}: cannot be written: {error}")]
    Io {
        name: String,
        #[source]
        error: io::Error,
    },
    /// The frames before it are in the file.
    #[error("{name}: a pcap file {reason}; write pcapng")]
    Unfit { name: String, reason: Unfit },
}

/// What a pcap file cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("has one link type, here {of_file}, and frame {frame} has {of_frame}")]
    Link { of_file: u16, frame: u64, of_frame: u16 },
    #[error("has one clock, here of microseconds, and that of frame {frame} is finer")]
    Clock { frame: u64 },
    #[error("ends in the year 2106 and begins in 1970, and frame {frame} is of another time")]
    Time { frame: u64 },
}

impl Error {
    /// Whether whoever read what is written has gone.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Error::Io { error, .. } if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Bytes are passed on when there are this many.
const BLOCK: usize = 256 << 10;

impl Writer {
    /// Creates the file at `path`, or writes to standard output for `-`.
    pub fn create(path: &Path, format: Format) -> Result<Writer, Error> {
        if path.as_os_str() == "-" {
            // Its descriptor instead of `Stdout`, which looks for the ends of lines.
            let out = io::stdout().as_fd().try_clone_to_owned().map(File::from);
            let name = "standard output".to_owned();
            return match out {
                Ok(out) => Ok(Writer::new(out, &name, format)),
                Err(error) => Err(Error::Io { name, error }),
            };
        }
        let name = path.display().to_string();
        match File::create(path) {
            Ok(file) => Ok(Writer::new(file, &name, format)),
            Err(error) => Err(Error::Io { name, error }),
        }
    }

    /// Writes to `out`; `name` is what errors call it.
    pub fn new(out: impl Write + Send + 'static, name: &str, format: Format) -> Writer {
        Writer {
            name: name.to_owned(),
            out: Box::new(out),
            layout: match format {
                Format::Pcapng => Layout::Pcapng(pcapng::Pcapng::default()),
                Format::Pcap => Layout::Pcap(pcap::Pcap::default()),
            },
            pending: Vec::with_capacity(BLOCK),
            written: 0,
            each: false,
            interfaces: Arc::default(),
        }
    }

    /// Passes on each frame at once.
    pub fn each_at_once(mut self) -> Writer {
        self.each = true;
        self
    }

    /// Learns of the interfaces of a batch; its frames and asides are to follow.
    pub fn begin(&mut self, batch: &Batch) {
        if !Arc::ptr_eq(&self.interfaces, &batch.interfaces) {
            self.interfaces = Arc::clone(&batch.interfaces);
        }
    }

    /// Writes a frame of the batch.
    #[inline]
    pub fn frame(&mut self, frame: &Frame) -> Result<(), Error> {
        match &mut self.layout {
            Layout::Pcapng(pcapng) => pcapng.frame(frame, &self.interfaces, &mut self.pending),
            Layout::Pcap(pcap) => {
                if let Err(reason) = pcap.frame(frame, &self.interfaces, &mut self.pending) {
                    return Err(Error::Unfit { name: self.name.clone(), reason });
                }
            }
        }
        if self.each || self.pending.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    /// Writes what the capture says between its frames, where the format can say it.
    pub fn aside(&mut self, aside: &Aside) -> Result<(), Error> {
        match &mut self.layout {
            Layout::Pcapng(pcapng) => pcapng.aside(&aside.says, &self.interfaces, &mut self.pending),
            Layout::Pcap(_) => {}
        }
        if self.pending.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    /// Writes what may not be missing at the end, and passes on everything.
    pub fn finish(&mut self) -> Result<(), Error> {
        match &mut self.layout {
            Layout::Pcapng(pcapng) => pcapng.finish(&self.interfaces, &mut self.pending),
            Layout::Pcap(pcap) => pcap.finish(&self.interfaces, &mut self.pending),
        }
        self.flush()
    }

    /// Passes on everything that was written so far.
    pub fn flush(&mut self) -> Result<(), Error> {
        let result = self.out.write_all(&self.pending).and_then(|()| self.out.flush());
        self.written += self.pending.len() as u64;
        self.pending.clear();
        result.map_err(|error| Error::Io { name: self.name.clone(), error })
    }

    /// The size of the file so far in bytes, with what was not passed on yet.
    pub fn size(&self) -> u64 {
        self.written + self.pending.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Mutex;

    use super::super::pcapng::build::{BIG, LITTLE};
    use super::super::testing::{Drained, drain};
    use super::super::{Precision, Says, Time, from_reader};
    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Passes a capture through a writer, frames chosen by number.
    fn rewritten(capture: &[u8], format: Format, keep: impl Fn(u64) -> bool) -> Result<Vec<u8>, Error> {
        let out = Shared::default();
        let mut writer = Writer::new(out.clone(), "test", format);
        let mut source = from_reader(Cursor::new(capture.to_vec()), "test").unwrap();
        let mut batch = Batch::default();
        while source.read(&mut batch).unwrap() {
            writer.begin(&batch);
            let mut asides = batch.asides.iter().peekable();
            for (place, frame) in batch.frames().enumerate() {
                while let Some(aside) = asides.next_if(|it| it.after as usize <= place) {
                    writer.aside(aside)?;
                }
                if keep(frame.number) {
                    writer.frame(&frame)?;
                }
            }
            asides.try_for_each(|aside| writer.aside(aside))?;
        }
        writer.finish()?;
        let bytes = out.0.lock().unwrap().clone();
        assert_eq!(writer.size(), bytes.len() as u64);
        Ok(bytes)
    }

    fn read(capture: &[u8]) -> Drained {
        let (mut frames, mut asides, error) = drain(from_reader(Cursor::new(capture.to_vec()), "test"));
        frames.iter_mut().for_each(|it| it.offset = 0);
        asides.iter_mut().for_each(|it| it.offset = 0);
        (frames, asides, error)
    }

    /// A capture with all there can be.
    fn full() -> Vec<u8> {
        let mut file = Vec::new();
        for it in [LITTLE, BIG] {
            file.extend(
                it.section(&[it.option(4, b"test"), it.option(1, b"of the section"), it.option(0, b"")].concat()),
            );
            file.extend(it.interface(1, 0, &[it.option(2, b"eth0"), it.option(9, &[9]), it.option(0, b"")].concat()));
            file.extend(it.block(4, &[&it.option(1, b"\xc0\0\x02\x01example\0"), &it.option(0, b"")]));
            file.extend(it.block(10, &[&it.words(&[0x544c_534b, 5]), b"key 1\0\0\0", &it.option(1, b"a key")]));
            file.extend(it.packet(
                0,
                1_000_000_001,
                b"first",
                &[it.option(1, b"a comment"), it.option(2989, b"\0\0\0\x01?")].concat(),
            ));
            file.extend(it.interface(
                113,
                96,
                &[it.option(2, b"lo"), it.option(9, &[0x8a]), it.option(14, &it.u64(7))].concat(),
            ));
            file.extend(it.packet(1, 1_025, b"second", b""));
            file.extend(it.packet(0, 1_000_000_002, b"", &it.option(1, b"nothing")));
            file.extend(it.block(3, &[&it.u32(3), b"abc"]));
            file.extend(it.block(5, &[&it.words(&[1, 0, 9]), &it.option(4, &it.u64(77)), &it.option(1, b"!")]));
            file.extend(it.interface(1, 0, &it.option(2, b"silent")));
        }
        file
    }

    #[test]
    fn pcapng_comes_out_as_it_went_in() {
        let before = read(&full());
        assert_eq!((before.0.len(), before.1.len(), &before.2), (8, 8, &None));
        let after = read(&rewritten(&full(), Format::Pcapng, |_| true).unwrap());
        assert_eq!(after.0, before.0);
        assert_eq!(after.1, before.1);
        // Byte for byte, once interfaces stand where the writer puts them.
        let once = rewritten(&full(), Format::Pcapng, |_| true).unwrap();
        assert_eq!(rewritten(&once, Format::Pcapng, |_| true).unwrap(), once);
        assert_eq!(once.len(), full().len());
    }

    #[test]
    fn frames_that_are_left_out_leave_the_rest_as_it_is() {
        let before = read(&full());
        let after = read(&rewritten(&full(), Format::Pcapng, |number| number % 3 == 0).unwrap());
        let bytes = |it: &Drained| it.0.iter().map(|it| (it.bytes.clone(), it.options.clone())).collect::<Vec<_>>();
        assert_eq!(bytes(&after), [2, 5].map(|place| bytes(&before)[place].clone()));
        let says = |it: &Drained| it.1.iter().map(|it| it.says.clone()).collect::<Vec<Says>>();
        assert_eq!(says(&after), says(&before));
    }

    #[test]
    fn pcap_keeps_the_clock() {
        let words = |magic: u32| [magic, 0x0004_0002, 0, 0, 96, 113, 7, 250_001, 3, 60].map(u32::to_le_bytes).concat();
        for (magic, digits) in [(0xa1b2_c3d4, 6), (0xa1b2_3c4d, 9)] {
            let file = [words(magic), b"abc".to_vec()].concat();
            assert_eq!(rewritten(&file, Format::Pcap, |_| true).unwrap(), file);
            assert_eq!(rewritten(&file, Format::Pcap, |_| false).unwrap(), file[..24]);
            let pcapng = rewritten(&file, Format::Pcapng, |_| true).unwrap();
            let (frames, asides, error) = read(&pcapng);
            assert_eq!((frames.len(), asides.len(), error), (1, 1, None));
            assert_eq!(frames[0].time, read(&file).0[0].time);
            assert_eq!(frames[0].interface.precision, Precision(digits));
            assert_eq!((frames[0].wire_len, frames[0].interface.snap_len, frames[0].interface.link), (60, 96, 113));
            assert_eq!(rewritten(&pcapng, Format::Pcap, |_| true).unwrap(), file);
        }
    }

    #[test]
    fn pcap_says_what_it_cannot_hold() {
        let it = LITTLE;
        let refused = |blocks: &[Vec<u8>]| {
            let file = [it.section(b""), blocks.concat()].concat();
            rewritten(&file, Format::Pcap, |_| true).unwrap_err().to_string()
        };
        let interface = |link, digits| it.interface(link, 0, &it.option(9, &[digits]));
        let two =
            refused(&[interface(1, 6), interface(113, 6), it.packet(0, 1, b"a", b""), it.packet(1, 1, b"b", b"")]);
        assert_eq!(two, "test: a pcap file has one link type, here 1, and frame 2 has 113; write pcapng");
        let time = refused(&[it.interface(1, 0, &it.option(14, &it.u64(u64::MAX))), it.packet(0, 1, b"a", b"")]);
        assert_eq!(
            time,
            "test: a pcap file ends in the year 2106 and begins in 1970, and frame 1 is of another time; write pcapng"
        );
        // Both interfaces are known before the first frame, or only one of them is: see how the blocks fall.
        let both = [
            it.section(b""),
            interface(1, 6),
            it.packet(0, 1, b"a", b""),
            interface(1, 9),
            it.packet(1, 1_000_000_007, b"b", b""),
        ];
        let file = rewritten(&both.concat(), Format::Pcap, |_| true).unwrap();
        assert_eq!(read(&file).0[1].time, Some(Time::from_nanos(1, 7)));
    }

    #[test]
    fn a_failure_to_write_is_told() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = Writer::new(Full, "x.pcap", Format::Pcap).finish().unwrap_err();
        assert!(error.to_string().starts_with("x.pcap: cannot be written: "), "{error}");
        assert!(!error.is_closed_pipe());
    }
}
