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
        Method::Zstd => Box::new(Zstd { packed, decoder: ZstdDecoder::new(), inside: false }),
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
        let reason = error.to_string();
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
                    Err(error) => return Err(broken(error)),
                }
                continue;
            }
            if self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                // A block is at most 128 KiB; what is older than the window can be handed out after it.
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.packed, one).map_err(broken)?;
            }
            let len = self.decoder.read(room)?;
            if len > 0 {
                return Ok(len);
            }
            if self.decoder.is_finished() {
                let expected = self.decoder.get_checksum_from_data();
                if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
                    return Err(Broken::error("zstd", "its checksum does not match"));
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

/// How many compressed bytes are read at once.
const PACKED_BLOCK: usize = 64 << 10;

const CUT_SHORT: &str = "it is cut short";
