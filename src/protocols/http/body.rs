//! The bodies of messages: put together from chunks, decompressed, and handed on to whoever reads their media type.
//!
//! RFC 9112, section 7.1 (chunks); RFC 9110, section 8 (types and codings). Bytes are put together or decompressed only where
//! somebody reads what is in them; for columns, which name only what can be decoded, the beginning is.

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use super::exchange::Known;
use super::framing::chunk_end;
use super::head::{self, MAX_CHUNK};
use super::headers::{Body, is_identity};
use super::{ascii_text_in, raw_line};
use crate::dissect::{
    Asks, Buffer, Entry, Group, Layer, LayerView, NameTable, Next, Outcome, Place, Severity, Stop, Value, fields,
};
use crate::text::Text;

fields! {
    CHUNKED = heading("HTTP chunked response");
    CHUNK = none("", "Data chunk").label(chunk_line);
    LAST_CHUNK = heading("End of chunked encoding");
    CHUNK_SIZE = uint32("http.chunk_size", "Chunk size").label(chunk_size_line);
    CHUNK_DATA = bytes("http.chunk_data", "Chunk data");
    CHUNK_BOUNDARY = bytes("http.chunk_boundary", "Chunk boundary");
    TRAILER = text("http.chunked_trailer_part", "trailer-part");
    TRAILERS_END = text("", "").label(raw_line);
    ENCODED = text("", "").label(encoded_line).asks(Asks::Contents);
    DECOMPRESSION_FAILED = expert("http.decompression_failed", "Decompression failed", Severity::Warning,
        Group::Undecoded).asks(Asks::Contents);
    DECOMPRESSION_STOPPED = expert("http.decompression_stopped", "This body becomes longer than what is decompressed of \
        one (8 MiB)", Severity::Warning, Group::Undecoded).asks(Asks::Contents);
    FILE_DATA = text("http.file_data", "File Data").label(file_data_line).asks(Asks::Contents);
}

/// The most bytes that a body may have once it is decompressed.
const MAX_DECOMPRESSED: usize = 8 << 20;

/// The bytes of a body as far as they are decoded.
enum Bytes<'a> {
    /// Those of the layer behind the cursor.
    Here(&'a [u8]),
    Made(Arc<Buffer>),
}

impl Bytes<'_> {
    fn get(&self) -> &[u8] {
        match self {
            Bytes::Here(bytes) => bytes,
            Bytes::Made(buffer) => &buffer.bytes,
        }
    }

    /// Where they stand.
    fn place(&self, l: &mut Layer) -> Option<Place> {
        match self {
            Bytes::Here(bytes) => Some(l.place(l.offset()..l.offset() + bytes.len())),
            Bytes::Made(buffer) => {
                l.add_source(buffer).map(|source| Place { source, start: 0, len: buffer.bytes.len() })
            }
        }
    }
}

/// Reads the body behind the cursor: all that is left of the message.
pub(super) fn dissect(l: &mut Layer, body: &Body) -> Outcome {
    if l.remaining().is_empty() {
        return Ok(Next::End);
    }
    let message = l.all();
    let value = |range: &Option<Range<usize>>| range.clone().and_then(|range| message.get(range));
    let content_type = value(&body.content_type).unwrap_or_default();
    let encoding = value(&body.content_encoding).unwrap_or_default().trim_ascii();
    let is_encoded = !is_identity(encoding);
    let reader = reader(l, content_type);
    let is_wanted = l.wants_contents() || reader.is_some_and(|reader| l.wants(reader));
    // Columns name no body that cannot be decoded, and none without a byte.
    let is_tried = !is_wanted && is_encoded && !body.is_compressed && l.is_recorded() && l.wants_columns();
    let mut bytes = Bytes::Here(l.remaining());
    let is_empty = body.is_chunked && head::chunk_size(head::line_or_rest(message, l.offset()).of(message)) == 0;
    if body.is_chunked {
        if !l.is_whole() {
            return Err(Stop::Short);
        }
        let is_put_together = is_wanted || is_tried;
        let all = chunks(l, is_put_together)?;
        if is_put_together {
            bytes = Bytes::Made(Arc::new(Buffer { name: "De-chunked entity body", bytes: all, pieces: Vec::new() }));
        }
    }
    if !is_wanted {
        let begins = || decompressed(encoding, bytes.get(), 1).is_some_and(|made| !made.bytes.is_empty());
        let is_named = !body.is_compressed && !is_empty && (!is_tried || begins());
        return Ok(if is_named { name_of(reader) } else { Next::End });
    }
    if body.is_chunked {
        bytes.place(l);
    }
    if body.is_compressed {
        l.payload_inside();
        return Ok(hand_on(l, bytes, Next::Data));
    }
    if is_encoded {
        match decompressed(encoding, bytes.get(), MAX_DECOMPRESSED) {
            Some(made) => {
                show_encoded(l, &bytes, encoding, Some(made.bytes.len()));
                if made.bytes.len() == MAX_DECOMPRESSED {
                    l.expert(&DECOMPRESSION_STOPPED);
                }
                bytes = Bytes::Made(Arc::new(made));
            }
            None => {
                show_encoded(l, &bytes, encoding, None);
                l.expert(&DECOMPRESSION_FAILED);
                return l.below(|l| {
                    l.payload_here();
                    Ok(hand_on(l, bytes, Next::Data))
                });
            }
        }
    }
    file_data(l, &bytes);
    let Some(reader) = reader else {
        l.payload_inside();
        return Ok(hand_on(l, bytes, Next::Data));
    };
    if bytes.get().is_empty() {
        return Ok(Next::End);
    }
    Ok(hand_on(l, bytes, Next::Protocol(reader)))
}

/// Finds who reads a body of this type, and says to it what it is: `text/html; charset=utf-8`.
fn reader(l: &mut Layer, content_type: &[u8]) -> Option<&'static crate::dissect::Protocol> {
    // A type is one word.
    let end =
        content_type.iter().position(|byte| matches!(byte, b';' | b' ' | b'\t' | 0)).unwrap_or(content_type.len());
    let (name, parameters) = content_type.split_at(end);
    if content_type.is_empty() {
        return None;
    }
    let start = parameters.iter().position(|byte| !matches!(byte, b';' | b' ' | b'\t'));
    let parameters = start.and_then(|start| parameters.get(start..)).unwrap_or_default();
    l.set_about(|text| {
        name.iter().for_each(|byte| _ = text.byte(byte.to_ascii_lowercase()));
        if !parameters.is_empty() && parameters.first() != Some(&0) {
            text.str("; ").raw(parameters);
        }
    });
    l.by_name(NameTable::MediaType, name).or_else(|| l.by_name(NameTable::MediaType, b"*"))
}

/// What is said of a body that nobody reads, where that is so and the memory knows enough of the head.
pub(super) fn unread(l: &mut Layer, known: &Known) -> Option<Next> {
    let (bytes, end) = (l.all(), usize::try_from(known.head_end).ok().filter(|&end| end > 0)?);
    let (start, len) = known.content_type;
    let content_type = bytes.get(usize::from(start)..)?.get(..len.into())?;
    if l.wants_contents() || bytes.len() < end || !l.is_whole() {
        return None;
    }
    if bytes.len() == end {
        return Some(Next::End);
    }
    let reader = reader(l, content_type);
    let is_wanted = reader.is_some_and(|reader| l.wants(reader));
    (!is_wanted).then(|| name_of(reader))
}

/// The body's protocol as a name in the stack.
fn name_of(reader: Option<&'static crate::dissect::Protocol>) -> Next {
    reader.map_or(Next::End, Next::Unread)
}

fn hand_on(l: &mut Layer, bytes: Bytes, next: Next) -> Next {
    if let Bytes::Made(buffer) = bytes {
        l.payload_in(buffer);
    }
    next
}

/// Records the body as text.
pub(super) fn file_data_of(l: &mut Layer, len: usize) {
    let bytes = l.remaining();
    file_data(l, &Bytes::Here(bytes.get(..len).unwrap_or(bytes)));
}

fn file_data(l: &mut Layer, bytes: &Bytes) {
    if l.records(&FILE_DATA)
        && l.wants_contents()
        && let Some(place) = bytes.place(l)
    {
        ascii_text_in(l, &FILE_DATA, place, bytes.get());
    }
}

fn show_encoded(l: &mut Layer, bytes: &Bytes, encoding: &[u8], len: Option<usize>) {
    let Some(place) = bytes.place(l) else { return };
    l.instead(&ENCODED, place, |text| {
        text.str("Content-encoded entity body (").raw(encoding).str("): ").dec(place.len as u64).str(" bytes");
        if let Some(len) = len {
            text.str(" -> ").dec(len as u64).str(" bytes");
        }
    });
}

/// Reads the chunks behind the cursor and puts what is in them together, if it `is_wanted`.
fn chunks(l: &mut Layer, is_wanted: bool) -> Result<Vec<u8>, Stop> {
    let mut all = Vec::new();
    if !is_wanted && !l.is_detailed() {
        return Ok(all);
    }
    let bytes = l.all();
    let outer = l.open(&CHUNKED, l.remaining().len());
    while !l.remaining().is_empty() {
        let line = head::line_or_rest(bytes, l.offset());
        let size = head::chunk_size(line.of(bytes));
        if size == 0 {
            last_chunk(l, bytes, line)?;
            break;
        }
        if size > MAX_CHUNK {
            // No message has so many bytes.
            return Err(Stop::Malformed);
        }
        let size = size as usize;
        let chunk = l.open_with(&CHUNK, size as u64, usize::MAX);
        l.part(&CHUNK_SIZE, size as u64, line.next - line.start);
        l.skip(line.next - line.start)?;
        let data = l.bytes(&CHUNK_DATA, size)?;
        if is_wanted {
            all.extend_from_slice(data);
        }
        let end = chunk_end(bytes, l.offset()).unwrap_or(l.remaining().len().max(1));
        l.bytes(&CHUNK_BOUNDARY, end)?;
        l.close_here(chunk);
    }
    l.close(outer);
    Ok(all)
}

/// Reads the chunk that says that no more follow, and the headers behind it.
fn last_chunk(l: &mut Layer, bytes: &[u8], line: head::Line) -> Result<(), Stop> {
    let len = line.next - line.start;
    let chunk = l.open(&LAST_CHUNK, len);
    l.part(&CHUNK_SIZE, 0u64, len);
    l.close(chunk);
    l.skip(len)?;
    let start = l.offset();
    let mut trailer = head::line_or_rest(bytes, start);
    while !trailer.is_empty() {
        trailer = head::line_or_rest(bytes, trailer.next);
    }
    if trailer.start > start {
        let place = l.place(start..trailer.start);
        l.excerpt(&TRAILER, place, place);
    }
    if trailer.next > trailer.start {
        let place = l.place(trailer.start..trailer.next);
        l.excerpt(&TRAILERS_END, place, place);
    }
    l.go_to(trailer.next)
}

/// The first `most` bytes of what was compressed; nothing where it is not what the coding says, or the coding is not known.
fn decompressed(encoding: &[u8], bytes: &[u8], most: usize) -> Option<Buffer> {
    let is = |word: &str| encoding.eq_ignore_ascii_case(word.as_bytes());
    let bytes = match () {
        () if is("gzip") || is("x-gzip") => inflated(flate2::read::MultiGzDecoder::new(bytes), most),
        // RFC 9110, section 8.4.1.2: "Some non-conformant implementations send the "deflate" compressed data without the zlib
        // wrapper."
        () if is("deflate") => {
            let wrapped = inflated(flate2::read::ZlibDecoder::new(bytes), most);
            wrapped.or_else(|| inflated(flate2::read::DeflateDecoder::new(bytes), most))
        }
        () => None,
    }?;
    Some(Buffer { name: "Uncompressed entity body", bytes, pieces: Vec::new() })
}

/// What comes out before the end, a fault, or the most that is taken; nothing if the fault comes first.
fn inflated(mut reader: impl Read, most: usize) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut block = [0; 16 << 10];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Some(all),
            Ok(len) => all.extend_from_slice(block.get(..len)?),
            Err(_) => return (!all.is_empty()).then_some(all),
        }
        if all.len() >= most {
            all.truncate(most);
            return Some(all);
        }
    }
}

fn chunk_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Data chunk (").dec(entry.number()).str(" octets)");
}

fn chunk_size_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let octets = entry.number();
    text.str("Chunk size: ").dec(octets).str(if octets == 1 { " octet" } else { " octets" });
}

fn encoded_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    if let Value::Text(words) = layer.view.value(entry) {
        text.wire(words);
    }
}

fn file_data_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("File Data: ").dec(entry.len).str(" bytes");
}
