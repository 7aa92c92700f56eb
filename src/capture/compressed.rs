//! Reads compressed captures as if they were not: gzip, zstd and lz4 frames, recognised by how they begin.
//!
//! All three may be several compressed files one after the other, with nothing but a zero padding after the last. They
//! are decompressed as they are read, in memory that does not grow with the file.

use std::fmt;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::mem;

use flate2::bufread::GzDecoder;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder as ZstdDecoder};

/// How many bytes [`recognise`] looks at.
pub(super) const MAGIC_LEN: usize = 4;

/// How a capture is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Gzip,
    Zstd,
    Lz4,
}

/// Tells how a file is compressed that begins with `start`, if it is.
pub(super) fn recognise(start: &[u8]) -> Option<Method> {
    if start.starts_with(&GZIP) {
        return Some(Method::Gzip);
    }
    match u32::from_le_bytes(*start.first_chunk()?) {
        ZSTD => Some(Method::Zstd),
        LZ4 | LZ4_LEGACY => Some(Method::Lz4),
        // A frame for somebody else's use may come first, in both formats; zstd is the one that writes them.
        magic if is_skippable(magic) => Some(Method::Zstd),
        _ => None,
    }
}

/// Reads what `start` and `rest` are, one after the other, decompressed.
pub(super) fn decompress(method: Method, start: Vec<u8>, rest: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    let packed = BufReader::with_capacity(PACKED_BLOCK, Cursor::new(start).chain(rest));
    match method {
        Method::Gzip => Box::new(Gzip(Stage::Between(packed))),
        Method::Zstd => Box::new(Zstd { packed, decoder: ZstdDecoder::new(), inside: false, failed: None }),
        Method::Lz4 => Box::new(Lz4(Stage::Between(packed))),
    }
}

/// What an [`io::Error`] carries where the compressed data, and not the reading of it, is the problem.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub method: &'static str,
    pub reason: String,
}

impl Broken {
    /// Finds what `decompress` put into an error.
    pub fn of(error: &io::Error) -> Option<&Broken> {
        error.get_ref()?.downcast_ref()
    }

    fn error(method: &'static str, reason: impl Into<String>) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, Broken { method, reason: reason.into() })
    }

    /// Tells what a decoder could not bear from what the operating system could not read.
    fn from_decoder(method: &'static str, error: impl std::error::Error + 'static) -> io::Error {
        // What the others say is for who debugs them: "DecompressLiteralsError(DecodedLiteralCountMismatch { .. })".
        let reason = match (method, error.to_string()) {
            ("gzip", reason) => reason,
            (_, reason) if reason.contains("Checksum") => CHECKSUM.to_owned(),
            _ => "a block of it cannot be decoded".to_owned(),
        };
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<io::Error>() {
                if let Some(code) = error.raw_os_error() {
                    return io::Error::from_raw_os_error(code);
                }
                if error.kind() == io::ErrorKind::UnexpectedEof {
                    return Broken::error(method, CUT_SHORT);
                }
            }
            cause = error.source();
        }
        Broken::error(method, reason)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "damaged {} data: {}", self.method, self.reason)
    }
}

impl std::error::Error for Broken {}

/// Compressed bytes.
type Packed = BufReader<Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>>;

/// Where the decompression of several files in one is.
enum Stage<D> {
    /// Before the first or after another.
    Between(Packed),
    /// In one.
    Inside(Box<D>),
    /// After the last, or after damage.
    Over,
}

/// Several gzip members, decompressed.
struct Gzip(Stage<GzDecoder<Packed>>);

impl Read for Gzip {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            self.0 = match mem::replace(&mut self.0, Stage::Over) {
                Stage::Over => return Ok(0),
                Stage::Between(mut packed) => match packed.fill_buf()?.first() {
                    None => return Ok(0),
                    Some(&first) if first == GZIP[0] => Stage::Inside(Box::new(GzDecoder::new(packed))),
                    Some(_) => return only_padding("gzip", packed),
                },
                Stage::Inside(mut decoder) => match decoder.read(room) {
                    Ok(0) => Stage::Between(decoder.into_inner()),
                    Ok(len) => {
                        self.0 = Stage::Inside(decoder);
                        return Ok(len);
                    }
                    Err(error) => return Err(Broken::from_decoder("gzip", error)),
                },
            }
        }
    }
}

/// Several zstd frames, decompressed.
struct Zstd {
    packed: Packed,
    decoder: ZstdDecoder,
    /// Whether a frame was begun.
    inside: bool,
    /// Why the frame cannot be decoded on, while what was decoded of it is still to be handed out.
    failed: Option<io::Error>,
}

impl Read for Zstd {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let broken = |error: FrameDecoderError| Broken::from_decoder("zstd", error);
        loop {
            if !self.inside {
                match self.packed.fill_buf()?.first() {
                    None => return Ok(0),
                    Some(0) => return only_padding("zstd", &mut self.packed),
                    Some(_) => {}
                }
                match self.decoder.reset(&mut self.packed) {
                    Ok(()) => self.inside = true,
                    Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                        length, ..
                    })) => skip("zstd", &mut self.packed, length)?,
                    // How the first begins was looked at before.
                    Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_))) => {
                        return Err(Broken::error("zstd", "it is followed by something that is not zstd"));
                    }
                    Err(error) => return Err(broken(error)),
                }
                continue;
            }
            if self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                if let Err(error) = self.decoder.decode_blocks(&mut self.packed, one) {
                    self.failed = Some(broken(error));
                    // The decoder keeps a window of megabytes back until the frame ends: make it end.
                    let one = BlockDecodingStrategy::UptoBlocks(1);
                    self.decoder.decode_blocks(LAST_BLOCK, one).map_err(broken)?;
                }
            }
            let len = self.decoder.read(room)?;
            if len > 0 {
                return Ok(len);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.decoder.is_finished() {
                let expected = self.decoder.get_checksum_from_data();
                if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
                    return Err(Broken::error("zstd", CHECKSUM));
                }
                self.inside = false;
            }
        }
    }
}

/// Several lz4 frames, decompressed.
struct Lz4(Stage<Lz4Frame>);

/// An lz4 frame, whose magic number was read already.
struct Lz4Frame {
    decoder: Lz4Decoder<Chain<Cursor<[u8; 4]>, Watched>>,
    /// A frame of the legacy format has no end mark, but ends where the file does.
    legacy: bool,
}

/// Tells whether the last read met the end: the decoder takes an end between two blocks for the end of the frame.
struct Watched {
    packed: Packed,
    met_end: bool,
}

impl Read for Watched {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.packed.read(room)?;
        self.met_end = len == 0 && !room.is_empty();
        Ok(len)
    }
}

impl Read for Lz4 {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            self.0 = match mem::replace(&mut self.0, Stage::Over) {
                Stage::Over => return Ok(0),
                Stage::Between(mut packed) => {
                    let mut magic = Vec::with_capacity(4);
                    packed.by_ref().take(4).read_to_end(&mut magic)?;
                    match (magic.first_chunk(), magic.first()) {
                        (None, None) => return Ok(0),
                        (Some(&bytes), _) if is_lz4(u32::from_le_bytes(bytes)) => {
                            let legacy = u32::from_le_bytes(bytes) == LZ4_LEGACY;
                            let packed = Cursor::new(bytes).chain(Watched { packed, met_end: false });
                            // A decoder of its own for each frame: one that is used again counts on equal block sizes.
                            Stage::Inside(Box::new(Lz4Frame { decoder: Lz4Decoder::new(packed), legacy }))
                        }
                        (Some(&bytes), _) if is_skippable(u32::from_le_bytes(bytes)) => {
                            let mut len = [0; 4];
                            packed.read_exact(&mut len).map_err(|error| Broken::from_decoder("lz4", error))?;
                            skip("lz4", &mut packed, u32::from_le_bytes(len))?;
                            Stage::Between(packed)
                        }
                        _ => return only_padding("lz4", Cursor::new(magic).chain(packed)),
                    }
                }
                Stage::Inside(mut frame) => match frame.decoder.read(room) {
                    Ok(0) => {
                        let (_, watched) = frame.decoder.into_inner().into_inner();
                        if watched.met_end && !frame.legacy {
                            return Err(Broken::error("lz4", CUT_SHORT));
                        }
                        Stage::Between(watched.packed)
                    }
                    Ok(len) => {
                        self.0 = Stage::Inside(frame);
                        return Ok(len);
                    }
                    Err(error) => return Err(Broken::from_decoder("lz4", error)),
                },
            }
        }
    }
}

/// Reads to the end, where nothing but zeros may come: tapes and block devices leave them.
fn only_padding(method: &'static str, mut packed: impl BufRead) -> io::Result<usize> {
    loop {
        let bytes = packed.fill_buf()?;
        if bytes.is_empty() {
            return Ok(0);
        }
        if bytes.iter().any(|byte| *byte != 0) {
            return Err(Broken::error(method, format!("it is followed by something that is not {method}")));
        }
        let len = bytes.len();
        packed.consume(len);
    }
}

/// Reads over a frame that is for somebody else's use.
fn skip(method: &'static str, packed: &mut impl Read, len: u32) -> io::Result<()> {
    let skipped = io::copy(&mut packed.take(len.into()), &mut io::sink())?;
    if skipped < len.into() { Err(Broken::error(method, CUT_SHORT)) } else { Ok(()) }
}

fn is_lz4(magic: u32) -> bool {
    matches!(magic, LZ4 | LZ4_LEGACY)
}

/// Frames of zstd and lz4 that a decoder has to pass over.
fn is_skippable(magic: u32) -> bool {
    magic & 0xffff_fff0 == 0x184d_2a50
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: u32 = 0xfd2f_b528;
const LZ4: u32 = 0x184d_2204;
const LZ4_LEGACY: u32 = 0x184c_2102;

/// A zstd block without bytes that is the last of its frame, and the checksum that may have to follow.
const LAST_BLOCK: &[u8] = &[1, 0, 0, 0, 0, 0, 0];

/// How many compressed bytes are read at once.
const PACKED_BLOCK: usize = 64 << 10;

const CUT_SHORT: &str = "it is cut short";
const CHECKSUM: &str = "its checksum does not match";

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::super::from_reader;
    use super::super::testing::{Drained, Portions, drain, read};
    use super::*;

    /// A pcap file with so many empty frames.
    fn pcap(frames: usize) -> Vec<u8> {
        let mut file = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1_u32].map(u32::to_le_bytes).concat();
        for number in 0..frames {
            // Bytes that do not compress well.
            let mixed = (number as u32).wrapping_mul(0x9e37_79b1);
            file.extend([mixed, mixed % 1_000_000, 4, 4, mixed].map(u32::to_le_bytes).concat());
        }
        file
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn lz4(bytes: &[u8]) -> Vec<u8> {
        let info = lz4_flex::frame::FrameInfo::new().content_checksum(true);
        let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    type Pack = fn(&[u8]) -> Vec<u8>;

    const METHODS: [(&str, Pack); 3] = [("gzip", gzip), ("zstd", zstd), ("lz4", lz4)];

    fn in_portions(file: &[u8], size: usize) -> Drained {
        drain(from_reader(Portions { bytes: Cursor::new(file.to_vec()), size }, "test"))
    }

    #[test]
    fn compressed_captures_read_as_if_they_were_not() {
        let plain = pcap(20_000);
        let expected = read(&plain);
        for (name, pack) in METHODS {
            let packed = pack(&plain);
            for size in [1, 100, usize::MAX] {
                let (frames, _, error) = in_portions(&packed, size);
                assert!((frames, error) == expected, "{name} in portions of {size}");
            }
        }
    }

    #[test]
    fn several_in_one_are_read_on() {
        let plain = pcap(1_000);
        for (name, pack) in METHODS {
            for cut in [3, 24, 5_000] {
                let packed = [pack(&plain[..cut]), pack(b""), pack(&plain[cut..])].concat();
                let (frames, error) = read(&packed);
                assert_eq!((frames.len(), error), (1_000, None), "{name}");
                let padded = [packed.clone(), vec![0; 1_000]].concat();
                let (frames, error) = read(&padded);
                assert_eq!((frames.len(), error), (1_000, None), "{name}, padded");
            }
        }
    }

    #[test]
    fn frames_for_others_are_passed_over() {
        let skippable = [&0x184d_2a53_u32.to_le_bytes()[..], &5_u32.to_le_bytes(), b"hello"].concat();
        let plain = pcap(10);
        for (name, pack) in [("zstd", zstd as Pack), ("lz4", lz4)] {
            let (frames, error) = read(&[pack(&plain), skippable.clone(), pack(&pcap(10)[24..])].concat());
            assert_eq!((frames.len(), error), (20, None), "{name}");
            let (frames, error) = read(&[pack(&plain), skippable[..10].to_vec()].concat());
            let expected =
                format!("test: the {name} compression is damaged after 224 bytes of capture: it is cut short");
            assert_eq!((frames.len(), error), (10, Some(expected)), "{name}");
        }
        assert_eq!(read(&[skippable, zstd(&plain)].concat()).0.len(), 10);
    }

    #[test]
    fn lz4_of_the_legacy_format_ends_with_the_file() {
        let plain = pcap(10);
        let block = lz4_flex::block::compress(&plain);
        let packed = [&LZ4_LEGACY.to_le_bytes()[..], &(block.len() as u32).to_le_bytes(), &block].concat();
        let (frames, error) = read(&packed);
        assert_eq!((frames.len(), error), (10, None));
    }

    #[test]
    fn a_cut_is_damage_after_the_frames_before_it() {
        let plain = pcap(20_000);
        for (name, pack) in METHODS {
            let packed = pack(&plain);
            let mut most = 0;
            for len in (8..packed.len()).step_by(9_973).chain(packed.len() - 9..packed.len()) {
                let (frames, error) = read(&packed[..len]);
                let error = error.unwrap_or_else(|| panic!("{name}: a cut at {len} of {} is found", packed.len()));
                assert!(error.ends_with("bytes of capture: it is cut short"), "{name} at {len}: {error}");
                most = most.max(frames.len());
            }
            assert!(most >= 10_000, "{name}: {most}");
        }
    }

    #[test]
    fn a_flipped_bit_is_found() {
        let plain = pcap(2_000);
        for (name, pack) in METHODS {
            let mut packed = pack(&plain);
            let middle = packed.len() / 2;
            packed[middle] ^= 4;
            let (_, error) = read(&packed);
            let error = error.unwrap();
            assert!(!error.contains("Error") && !error.contains('{'), "words and no program text: {error}");
            // The checksum comes last, if there is one.
            let mut packed = pack(&plain);
            let end = packed.len() - if name == "gzip" { 5 } else { 1 };
            packed[end] ^= 4;
            let (frames, error) = read(&packed);
            assert_eq!(frames.len(), 2_000, "{name}");
            assert!(name == "gzip" || error.unwrap().ends_with("its checksum does not match"), "{name}");
        }
    }

    #[test]
    fn garbage_after_the_end_is_damage() {
        let plain = pcap(10);
        for (name, pack) in METHODS {
            let (frames, error) = read(&[pack(&plain), b"garbage and more of it".to_vec()].concat());
            assert_eq!(frames.len(), 10, "{name}");
            let error = error.unwrap();
            assert!(
                error.contains(&format!("the {name} compression is damaged after 224 bytes of capture")),
                "{error}"
            );
            assert!(error.ends_with(&format!("it is followed by something that is not {name}")), "{error}");
        }
    }

    #[test]
    fn what_is_compressed_must_be_a_capture() {
        for (_, pack) in METHODS {
            assert_eq!(read(&pack(b"")).1.unwrap(), "test: is empty: a capture file begins with a header");
            let error = read(&pack(b"hello world, hello world")).1.unwrap();
            assert!(error.contains("looks like text"), "{error}");
            let error = read(&pack(&gzip(&pcap(1)))).1.unwrap();
            assert!(error.contains("a gzip file inside a compressed file"), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn any_bytes_are_survived(
            method in 0..3_usize,
            frames in 0..2_000_usize,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            size in prop_oneof![1..50_usize, Just(usize::MAX)],
        ) {
            let mut packed = METHODS[method].1(&pcap(frames));
            for (at, byte) in changes {
                let at = at.index(packed.len());
                packed[at] = byte;
            }
            in_portions(&packed, size);
        }
    }
}
