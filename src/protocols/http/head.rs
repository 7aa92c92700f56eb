//! The heads of messages: lines, what the first one says, and the headers that decide where a message ends.
//!
//! RFC 9112 (sections 2 to 6). A line ends with CR LF, and here with either of the two alone.

use std::ops::Range;

use memchr::memchr2;

/// What the first line of a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Response,
    /// A request that is not answered with what it asks for: that of an event of UPnP.
    Notification,
    /// A header: the middle of a head whose beginning was not seen.
    Header,
    /// Nothing of the protocol.
    #[default]
    Other,
}

impl Kind {
    /// Looks at a line without its end.
    pub(super) fn of(line: &[u8]) -> Kind {
        let method = line.split(|&byte| byte == b' ').next().unwrap_or_default();
        match method {
            _ if line.starts_with(b"HTTP/") || line.starts_with(b"ICY") => Kind::Response,
            b"NOTIFY" | b"SUBSCRIBE" | b"UNSUBSCRIBE" => Kind::Notification,
            _ if is_method(method) => Kind::Request,
            _ if line.contains(&b':') && matches!(line.first(), Some(b' '..=b'~')) => Kind::Header,
            _ => Kind::Other,
        }
    }

    /// Begins a message of which the end can be told.
    pub(super) fn begins(self) -> bool {
        matches!(self, Kind::Request | Kind::Response | Kind::Notification)
    }
}

/// The methods of RFC 9110, of WebDAV and its versions (RFC 3253, RFC 4918, RFC 5323), and those of services that speak HTTP: mail
/// and folders of Exchange, RPC over HTTP, UPnP, SSTP.
fn is_method(word: &[u8]) -> bool {
    matches!(
        word,
        b"GET"
            | b"PUT"
            | b"HEAD"
            | b"POST"
            | b"TRACE"
            | b"PATCH"
            | b"DELETE"
            | b"OPTIONS"
            | b"CONNECT"
            | b"COPY"
            | b"MOVE"
            | b"LOCK"
            | b"UNLOCK"
            | b"MKCOL"
            | b"PROPFIND"
            | b"PROPPATCH"
            | b"SEARCH"
            | b"LABEL"
            | b"MERGE"
            | b"REPORT"
            | b"UPDATE"
            | b"CHECKIN"
            | b"CHECKOUT"
            | b"UNCHECKOUT"
            | b"MKACTIVITY"
            | b"MKWORKSPACE"
            | b"VERSION-CONTROL"
            | b"BASELINE-CONTROL"
            | b"POLL"
            | b"BCOPY"
            | b"BMOVE"
            | b"BDELETE"
            | b"BPROPFIND"
            | b"BPROPPATCH"
            | b"RPC_CONNECT"
            | b"RPC_IN_DATA"
            | b"RPC_OUT_DATA"
            | b"CCM_POST"
            | b"SSTP_DUPLEX_POST"
            | b"M-SEARCH"
            | b"M-POST"
    )
}

/// A line: its place without its end, and the place behind that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub start: usize,
    pub end: usize,
    pub next: usize,
}

impl Line {
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end
    }

    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.range()).unwrap_or_default()
    }

    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The line that begins at `start`, where its end is there; no end stands before `searched`.
pub(super) fn line(bytes: &[u8], start: usize, searched: usize) -> Option<Line> {
    let from = searched.max(start);
    let end = from + memchr2(b'\n', b'\r', bytes.get(from..)?)?;
    let next = match (bytes[end], bytes.get(end + 1)) {
        (b'\r', Some(b'\n')) => end + 2,
        // What follows on a CR may be the other half of the end.
        (b'\r', None) => return None,
        _ => end + 1,
    };
    Some(Line { start, end, next })
}

/// The line that begins at `start`, or what is there of it.
pub(super) fn line_or_rest(bytes: &[u8], start: usize) -> Line {
    line(bytes, start, start).unwrap_or_else(|| {
        let rest = bytes.get(start..).unwrap_or_default();
        let end = if rest.ends_with(b"\r") { bytes.len() - 1 } else { bytes.len() };
        Line { start, end: end.max(start), next: bytes.len() }
    })
}

/// A header line in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub name: Range<usize>,
    /// Without white space before it.
    pub value: Range<usize>,
}

impl Header {
    /// The parts of a line; nothing if it has no colon.
    pub(super) fn of(bytes: &[u8], line: Line) -> Option<Header> {
        // It stands among the first bytes.
        let colon = line.start + line.of(bytes).iter().position(|&byte| byte == b':')?;
        let value = bytes.get(colon + 1..line.end)?;
        let blank = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        Some(Header { name: line.start..colon, value: colon + 1 + blank..line.end })
    }
}

/// The parts of a request line: method, target, version. What is not there is empty, at the end of the line.
pub(super) fn request_line(bytes: &[u8], line: Line) -> [Range<usize>; 3] {
    let space = |from: usize| memchr::memchr(b' ', bytes.get(from..line.end).unwrap_or_default()).map(|at| from + at);
    let Some(first) = space(line.start) else { return [line.range(), line.end..line.end, line.end..line.end] };
    match space(first + 1) {
        Some(second) => [line.start..first, first + 1..second, second + 1..line.end],
        None => [line.start..first, first + 1..line.end, line.end..line.end],
    }
}

/// The parts of a status line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StatusLine {
    pub version: Range<usize>,
    /// The three digits of the code, and what they say; nothing if there are fewer.
    pub code: Option<(Range<usize>, u16)>,
    pub phrase: Range<usize>,
}

pub(super) fn status_line(bytes: &[u8], line: Line) -> StatusLine {
    let rest = |from: usize| bytes.get(from..line.end).unwrap_or_default();
    let word = |from: usize| from + memchr::memchr(b' ', rest(from)).unwrap_or(line.end - from);
    let blank = |from: usize| from + rest(from).iter().take_while(|&&byte| byte == b' ').count();
    let version = line.start..word(line.start);
    let start = blank(version.end);
    let end = word(start);
    let code = (end - start >= 3).then(|| {
        let digits = bytes.get(start..start + 3).unwrap_or_default();
        let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
        (start..start + 3, digits.fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))
    });
    StatusLine { version, phrase: blank(end)..line.end, code }
}

/// The number that a Content-Length says; nothing where it is none. One that is too large for any message is the largest there is.
pub(super) fn content_length(value: &[u8]) -> Option<u64> {
    let value = value.trim_ascii_end();
    let digits = value.strip_prefix(b"+").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |number: u64, digit: &u8| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(digits.iter().fold(0, digit))
}

/// Whether the last of the transfer codings is `chunked`.
pub(super) fn is_chunked(value: &[u8]) -> bool {
    let last = value.rsplit(|&byte| byte == b',').next().unwrap_or_default().trim_ascii_start();
    let first = value.trim_ascii_start();
    [first, last].iter().any(|coding| coding.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"chunked")))
}

/// The size that a line of a chunk says, up to its extensions: no digits are 0, and what is absurd is the largest there is.
pub(super) fn chunk_size(line: &[u8]) -> u32 {
    let line = line.trim_ascii_start();
    let is_negative = line.starts_with(b"-");
    let digits = line.strip_prefix(b"0x").unwrap_or(line.strip_prefix(b"-").unwrap_or(line));
    let digits = digits.iter().map_while(|&byte| char::from(byte).to_digit(16));
    let size = digits.fold(0u64, |size, digit| size.saturating_mul(16).saturating_add(digit.into()));
    if is_negative && size > 0 { u32::MAX } else { u32::try_from(size).unwrap_or(u32::MAX) }
}

/// The largest chunk that is believed.
pub(super) const MAX_CHUNK: u32 = i32::MAX as u32;

#[cfg(test)]
mod tests {
    use super::*;

    /// As tshark takes them.
    #[test]
    fn kinds_of_first_lines() {
        for (line, kind) in [
            ("GET / HTTP/1.1", Kind::Request),
            ("GET", Kind::Request),
            ("CCM_POST /x", Kind::Request),
            ("M-SEARCH * HTTP/1.1", Kind::Request),
            ("get / HTTP/1.1", Kind::Other),
            ("GETT / HTTP/1.1", Kind::Other),
            (" GET / HTTP/1.1", Kind::Other),
            ("NOTIFY /x HTTP/1.1", Kind::Notification),
            ("HTTP/1.1 200 OK", Kind::Response),
            ("HTTP/", Kind::Response),
            ("ICY 200 OK", Kind::Response),
            ("HTTP: x", Kind::Header),
            ("GET: x", Kind::Header),
            ("X-Header: y", Kind::Header),
            (" a: b", Kind::Header),
            ("\t: x", Kind::Other),
            ("\x01: x", Kind::Other),
            ("hello world", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(line.as_bytes()), kind, "{line}");
        }
    }

    #[test]
    fn lines_and_their_ends() {
        let at = |bytes: &[u8], start| line(bytes, start, start).map(|line| (line.end, line.next));
        assert_eq!(at(b"ab\r\ncd", 0), Some((2, 4)));
        assert_eq!(at(b"ab\ncd", 0), Some((2, 3)));
        assert_eq!(at(b"ab\rcd", 0), Some((2, 3)));
        assert_eq!(at(b"ab\r", 0), None);
        assert_eq!(at(b"ab\r\n", 4), None);
        assert_eq!(at(b"ab", 7), None);
        assert_eq!(line_or_rest(b"ab\r", 0), Line { start: 0, end: 2, next: 3 });
        assert_eq!(line_or_rest(b"ab", 0), Line { start: 0, end: 2, next: 2 });
    }

    #[test]
    fn parts_of_first_lines() {
        let text = |text: &str, range: &Range<usize>| text[range.clone()].to_owned();
        for (line, parts) in [
            ("GET /a HTTP/1.1", ["GET", "/a", "HTTP/1.1"]),
            ("GET  / HTTP/1.1", ["GET", "", "/ HTTP/1.1"]),
            ("GET /a", ["GET", "/a", ""]),
            ("GET", ["GET", "", ""]),
            ("GET ", ["GET", "", ""]),
        ] {
            let whole = line_or_rest(line.as_bytes(), 0);
            assert_eq!(request_line(line.as_bytes(), whole).each_ref().map(|part| text(line, part)), parts, "{line}");
        }
        for (line, version, code, phrase) in [
            ("HTTP/1.1 200 OK", "HTTP/1.1", Some(200), "OK"),
            ("HTTP/1.1  404  Not Found ", "HTTP/1.1", Some(404), "Not Found "),
            ("HTTP/1.1 200OK x", "HTTP/1.1", Some(200), "x"),
            ("HTTP/1.1 0200 x", "HTTP/1.1", Some(20), "x"),
            ("HTTP/1.1 1e2", "HTTP/1.1", Some(1), ""),
            ("HTTP/1.1 abc", "HTTP/1.1", Some(0), ""),
            ("HTTP/1.1 99 x", "HTTP/1.1", None, "x"),
            ("HTTP/1.1", "HTTP/1.1", None, ""),
        ] {
            let status = status_line(line.as_bytes(), line_or_rest(line.as_bytes(), 0));
            assert_eq!(text(line, &status.version), version);
            assert_eq!(status.code.map(|code| code.1), code, "{line}");
            assert_eq!(text(line, &status.phrase), phrase, "{line}");
        }
    }

    #[test]
    fn lengths() {
        for (value, length) in [
            ("5", Some(5)),
            ("5 ", Some(5)),
            ("+5", Some(5)),
            ("005", Some(5)),
            ("", None),
            ("-1", None),
            ("5abc", None),
            ("5, 5", None),
            ("0x5", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("99999999999999999999999", Some(u64::MAX)),
        ] {
            assert_eq!(content_length(value.as_bytes()), length, "{value}");
        }
        for (line, size) in [
            ("5", 5),
            ("1A;x=y", 26),
            (" 5 ", 5),
            ("0x5", 5),
            ("", 0),
            ("zz", 0),
            ("-0", 0),
            ("-5", u32::MAX),
            ("fffffffff", u32::MAX),
        ] {
            assert_eq!(chunk_size(line.as_bytes()), size, "{line}");
        }
        for (value, expected) in [("chunked", true), ("Chunked", true), ("gzip, chunked", true), ("gzip", false)] {
            assert_eq!(is_chunked(value.as_bytes()), expected, "{value}");
        }
    }
}
