//! Where a message ends.
//!
//! RFC 9112, section 6.3. A head is read until its empty line; what has been read of a message is not read again when more of it
//! arrives.
//!
//! Before a request was seen on a connection, what is not a message is left to TCP; after that it is shown as what
//! goes on with something that was not seen to its end.

use std::ops::Range;

use super::exchange::{Exchanges, Spare, Waiting};
use super::head::{self, Header, Kind, Line, MAX_CHUNK};
use super::headers::{is_compression, is_identity};
use crate::dissect::{Framing, Talk};

/// How far a message was read, and what it says of its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    /// The sequence number of its first byte.
    sequence: u32,
    /// The frame in which it began.
    frame: u64,
    /// Bytes that were there when it was read last.
    seen: usize,
    stage: Stage,
    /// Where reading goes on.
    place: usize,
    /// Bytes of the message, where its head says it; else 0.
    len: usize,
    pub head: Head,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    FirstLine,
    Headers,
    ChunkSize,
    /// What stands between the bytes of a chunk and the next one.
    ChunkEnd,
    Trailers,
    Whole,
}

/// What a head says.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub kind: Kind,
    /// The first line, behind an empty one that may stand before it.
    pub line: Line,
    /// Where it ends: behind its empty line, or before the first line that is no header.
    pub end: usize,
    /// Bytes of the body.
    length: Option<u64>,
    /// The same, as a header says that stands behind a line that is none.
    late_length: Option<u64>,
    is_chunked: bool,
    /// Says another transfer coding.
    is_coded: bool,
    /// What is said of the body depends on what is in it: it is compressed, or there is nothing in its chunks.
    pub is_judged: bool,
    pub content_type: Option<Range<usize>>,
    pub host: Option<Range<usize>>,
    pub upgrade: Option<Range<usize>>,
    /// The code of an answer, 0 where it says none.
    pub code: u16,
    /// The head has a line that is no header.
    is_broken: bool,
}

/// See [`Protocol::pdu_len`](crate::dissect::Protocol::pdu_len).
pub(super) fn pdu_len(talk: &mut Talk, bytes: &[u8]) -> Framing {
    let (side, sequence) = (talk.side & 1, talk.sequence);
    let Exchanges { is_known, waiting, sides, .. } = talk.memo.get_mut();
    let spare: &mut Spare = talk.spare.get_mut();
    let misses = talk.is_behind_loss || sides[side].misses_before(sequence);
    let earlier = &mut sides[side].scan;
    let is_begun = earlier.as_ref().is_some_and(|scan| scan.sequence == sequence && scan.seen <= bytes.len());
    let scan = earlier.get_or_insert_with(|| spare.scan.take().unwrap_or_default());
    if !is_begun {
        if scan.seen > 0 {
            waiting.lost(&scan.head, side, scan.frame, spare);
        }
        **scan = Scan { sequence, frame: talk.frame, ..Scan::default() };
        if misses && bytes.starts_with(b"HTTP/") {
            waiting.keep_last(spare);
        }
    }
    let framing = scan.framing(bytes, *is_known, waiting, side);
    scan.seen = bytes.len();
    if matches!(framing, Framing::Needs(_) | Framing::More | Framing::UntilClose) && bytes.starts_with(b"\r\n") {
        // What is kept begins behind the empty line, and is read from there.
        scan.seen = 0;
    }
    match framing {
        // That some of it was not captured is told.
        Framing::Foreign if talk.wire_len > 0 && super::begins_as_text(bytes) => Framing::Whole(bytes.len()),
        framing => framing,
    }
}

impl Scan {
    /// What was read of the message that begins at `sequence`, or of all of `message`, if that was not read.
    pub(super) fn of(sequence: u32, message: &[u8], exchanges: &mut Exchanges, side: usize) -> Box<Scan> {
        let mut scan = exchanges.sides[side & 1].scan.take().unwrap_or_default();
        if scan.sequence != sequence || scan.stage == Stage::FirstLine {
            *scan = Scan { sequence, ..Scan::default() };
            scan.framing(message, exchanges.is_known, &exchanges.waiting, side);
        }
        if scan.stage == Stage::FirstLine {
            // Not even the first line was captured.
            let line = head::line_or_rest(message, scan.head.line.start);
            (scan.head.kind, scan.head.line) = (Kind::of(line.of(message)), line);
        } else if scan.stage == Stage::Headers {
            // Nor all of this header.
            scan.header(message, head::line_or_rest(message, scan.place));
        }
        scan
    }

    fn framing(&mut self, bytes: &[u8], is_known: bool, waiting: &Waiting, side: usize) -> Framing {
        if self.len > 0 {
            return Framing::of(self.len, bytes.len());
        }
        let framing = self.read(bytes, is_known, waiting, side);
        if let Framing::Needs(len) | Framing::Whole(len) = framing {
            self.len = len;
        }
        framing
    }

    fn read(&mut self, bytes: &[u8], is_known: bool, waiting: &Waiting, side: usize) -> Framing {
        if self.stage == Stage::FirstLine
            && let Some(framing) = self.first_line(bytes, is_known)
        {
            return framing;
        }
        if self.stage == Stage::Headers
            && let Some(framing) = self.headers(bytes, waiting, side)
        {
            return framing;
        }
        self.chunks(bytes)
    }

    /// Looks at the first line; says what the message is where that already tells.
    fn first_line(&mut self, bytes: &[u8], is_known: bool) -> Option<Framing> {
        let start = self.head.line.start;
        let Some(mut line) = head::line(bytes, start, self.place) else {
            self.place = bytes.len().saturating_sub(1);
            // Who begins to speak this protocol begins with a character.
            return Some(match bytes.get(start) {
                Some(b' '..=b'~') => Framing::More,
                _ if is_known => Framing::Whole(bytes.len()),
                _ => Framing::Foreign,
            });
        };
        if bytes.starts_with(b"\r\n") && line.start == 0 && bytes.len() > 2 {
            // RFC 9112, section 2.2: "a server that is expecting to receive and parse a request-line SHOULD ignore at least one
            // empty line (CRLF) received prior to the request-line."
            self.head.line.start = line.next;
            match head::line(bytes, line.next, self.place) {
                Some(second) if Kind::of(second.of(bytes)) != Kind::Other => line = second,
                None if matches!(bytes.get(line.next), Some(b' '..=b'~')) => {
                    self.place = bytes.len().saturating_sub(1).max(line.next);
                    return Some(Framing::More);
                }
                _ => self.head.line.start = 0,
            }
        }
        let kind = Kind::of(line.of(bytes));
        (self.head.kind, self.head.line, self.place) = (kind, line, line.next);
        self.head.end = line.next;
        self.stage = Stage::Headers;
        match kind {
            Kind::Header => Some(self.headers_alone(bytes)),
            Kind::Other => {
                self.stage = Stage::Whole;
                self.head.end = 0;
                Some(if is_known { Framing::Whole(bytes.len()) } else { Framing::Foreign })
            }
            Kind::Response => {
                self.head.code = head::status_line(bytes, line).code.map_or(0, |code| code.1);
                None
            }
            Kind::Request | Kind::Notification => None,
        }
    }

    /// Reads headers up to the empty line; `false` where that is not there.
    fn headers_end(&mut self, bytes: &[u8]) -> bool {
        loop {
            let Some(line) = head::line(bytes, self.place, self.seen.saturating_sub(1)) else { return false };
            self.place = line.next;
            if line.is_empty() {
                if !self.head.is_broken {
                    self.head.end = line.next;
                }
                return true;
            }
            self.header(bytes, line);
            if !self.head.is_broken {
                self.head.end = line.next;
            }
        }
    }

    /// Reads headers up to the empty line; says what the message is where there is no chunk to be read behind it.
    fn headers(&mut self, bytes: &[u8], waiting: &Waiting, side: usize) -> Option<Framing> {
        if !self.headers_end(bytes) {
            return Some(Framing::More);
        }
        let empty_line = self.place;
        self.stage = Stage::Whole;
        let Head { kind, end, length, late_length, is_chunked, is_coded, code, is_broken, .. } = self.head;
        let rest = bytes.get(end..).unwrap_or_default();
        let sized = |end: usize, length: u64| {
            Framing::of(usize::try_from(length).unwrap_or(usize::MAX).saturating_add(end), bytes.len())
        };
        if kind == Kind::Response && waiting.is_without_body(code, side) {
            // Whoever sends a body nevertheless has it shown as one.
            let len = match length {
                Some(length) if !rest.starts_with(b"HTTP/") => rest.len().min(usize::try_from(length).unwrap_or(0)),
                _ if code / 100 == 2 => rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count(),
                _ => 0,
            };
            return Some(Framing::Whole(end + len));
        }
        if is_chunked {
            (self.stage, self.place) = (Stage::ChunkSize, end);
            return None;
        }
        Some(match (length, late_length) {
            (Some(length), _) => sized(end, length),
            (None, Some(length)) if kind == Kind::Response && is_broken => sized(empty_line, length),
            _ if kind == Kind::Response => Framing::UntilClose,
            _ if is_coded => Framing::Whole(bytes.len()),
            _ => Framing::Whole(end),
        })
    }

    /// Reads headers without a first line: nothing of them is waited for.
    fn headers_alone(&mut self, bytes: &[u8]) -> Framing {
        self.place = self.head.line.start;
        self.head.end = self.place;
        self.headers_end(bytes);
        self.stage = Stage::Whole;
        let there = bytes.len() - self.head.end;
        let body = self.head.length.map_or(there, |length| usize::try_from(length).unwrap_or(there).min(there));
        // What is left of the last line is no header.
        Framing::Whole(self.head.end + body)
    }

    fn header(&mut self, bytes: &[u8], line: Line) {
        let head = &mut self.head;
        let Some(Header { name, value }) = Header::of(bytes, line) else {
            head.is_broken = true;
            return;
        };
        let is = |word: &[u8]| bytes.get(name.clone()).unwrap_or_default().eq_ignore_ascii_case(word);
        let text = bytes.get(value.clone()).unwrap_or_default();
        match name.len() {
            14 if is(b"content-length") => {
                let length = head::content_length(text);
                if head.is_broken {
                    head.late_length = length.or(head.late_length);
                } else {
                    head.length = length.or(head.length);
                }
            }
            _ if head.is_broken => {}
            17 if is(b"transfer-encoding") => {
                head.is_chunked |= head::is_chunked(text);
                head.is_judged |= is_compression(text);
                head.is_coded = true;
            }
            16 if is(b"content-encoding") => head.is_judged |= !is_identity(text),
            12 if is(b"content-type") => head.content_type = Some(value),
            4 if is(b"host") => head.host = Some(value),
            7 if is(b"upgrade") => head.upgrade = Some(value),
            _ => {}
        }
    }

    fn chunks(&mut self, bytes: &[u8]) -> Framing {
        loop {
            match self.stage {
                Stage::ChunkSize => {
                    let searched = self.seen.saturating_sub(1);
                    let Some(line) = head::line(bytes, self.place, searched) else { return Framing::More };
                    let size = head::chunk_size(line.of(bytes));
                    self.head.is_judged |= size == 0 && self.place == self.head.end;
                    self.place = line.next;
                    self.stage = match size {
                        0 => Stage::Trailers,
                        // Nobody sends such a chunk: the dissection will say so.
                        _ if size > MAX_CHUNK => Stage::Whole,
                        _ => {
                            self.place = line.next.saturating_add(size as usize);
                            Stage::ChunkEnd
                        }
                    };
                }
                Stage::ChunkEnd => {
                    let Some(len) = chunk_end(bytes, self.place) else { return Framing::More };
                    self.place += len;
                    self.stage = Stage::ChunkSize;
                }
                Stage::Trailers => {
                    let searched = self.seen.saturating_sub(1);
                    let Some(line) = head::line(bytes, self.place, searched) else { return Framing::More };
                    self.place = line.next;
                    if line.is_empty() {
                        self.stage = Stage::Whole;
                        return Framing::Whole(line.next);
                    }
                }
                _ => return Framing::Whole(bytes.len()),
            }
        }
    }
}

/// How many bytes stand between a chunk that ends at `place` and the next one, where they are there: CR LF. Where there is neither of the two,
/// as much is passed.
pub(super) fn chunk_end(bytes: &[u8], place: usize) -> Option<usize> {
    match bytes.get(place..place.saturating_add(2)) {
        Some([b'\n', _]) => Some(1),
        Some(_) => Some(2),
        None => None,
    }
}
