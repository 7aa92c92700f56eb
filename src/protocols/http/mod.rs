//! HTTP/1: the Hypertext Transfer Protocol as text.
//!
//! RFC 9110 (what messages mean), RFC 9112 (how they are written). A message is a first line, headers, an empty line, a body:
//!
//! ```text
//! GET /index.html HTTP/1.1 CR LF          HTTP/1.1 200 OK CR LF
//! Host: www.example.org CR LF             Content-Length: 5 CR LF
//! CR LF                                   CR LF
//!                                         hello
//! ```
//!
//! Where messages end is in `framing`, which answer belongs to which request in `exchange`, headers with fields of their own in
//! `headers`, bodies in `body`. After CONNECT and 101 Switching Protocols others speak on the connection, and this protocol stands
//! around them with what led to it.
//!
//! Answers are given to requests in the order of the requests, and 1xx answers leave theirs open; where several requests are on their way,
//! tshark 4.0 takes the last one for the one that is answered.

mod body;
mod exchange;
mod framing;
mod head;
mod headers;

use std::ops::Range;
use std::{iter, slice};

use exchange::{Around, Known};
use head::{Header, Kind, Line};
use headers::Body;

use crate::dissect::{
    Entry, Field, Group, Layer, LayerView, Next, Outcome, Place, Protocol, Severity, Stop, Summary, Table, fields,
};
use crate::text::Text;

fields! {
    NOTIFICATION = boolean("http.notification", "Notification").hidden();
    RESPONSE = boolean("http.response", "Response").hidden();
    REQUEST = boolean("http.request", "Request").hidden();
    RESPONSE_NUMBER = uint32("http.response_number", "Response number").generated().label(response_number_line);
    REQUEST_NUMBER = uint32("http.request_number", "Request number").generated().label(request_number_line);
    TOTAL = uint32("", "Number of exchanges").hidden();
    FIRST_LINE = text("", "").label(raw_line).in_columns();
    CHAT = expert("http.chat", "Formatted text", Severity::Chat, Group::Sequence).label(chat_message);
    REQUEST_METHOD = text("http.request.method", "Request Method");
    REQUEST_URI = text("http.request.uri", "Request URI");
    REQUEST_URI_PATH = text("http.request.uri.path", "Request URI Path");
    REQUEST_URI_QUERY = text("http.request.uri.query", "Request URI Query");
    REQUEST_URI_QUERY_PARAMETER = text("http.request.uri.query.parameter", "Request URI Query Parameter");
    REQUEST_VERSION = text("http.request.version", "Request Version");
    RESPONSE_VERSION = text("http.response.version", "Response Version");
    RESPONSE_CODE = uint16("http.response.code", "Status Code");
    RESPONSE_CODE_DESC = text("http.response.code.desc", "Status Code Description").generated();
    RESPONSE_PHRASE = text("http.response.phrase", "Response Phrase");
    REQUEST_LINE = text("http.request.line", "Request line").label(raw_line);
    REQUEST_LINE_ASIDE = text("http.request.line", "Request line").hidden();
    RESPONSE_LINE = text("http.response.line", "Response line").label(raw_line);
    RESPONSE_LINE_ASIDE = text("http.response.line", "Response line").hidden();
    UNKNOWN_HEADER = text("http.unknown_header", "Unknown header").label(raw_line);
    BAD_HEADER_NAME = expert("http.bad_header_name", "Illegal characters found in header name", Severity::Warning,
        Group::Protocol);
    EMPTY_LINE = text("", "").label(raw_line);
    LEADING_CRLF_LINE = heading("Leading CRLF previous message in the stream may have extra CRLF");
    LEADING_CRLF = expert("http.leading_crlf", "Leading CRLF previous message in the stream may have extra CRLF",
        Severity::Error, Group::Malformed);
    TLS_PORT = expert("http.tls_port", "Unencrypted HTTP protocol detected over encrypted port, could indicate a \
        dangerous misconfiguration.", Severity::Warning, Group::Security);
    FULL_URI = text("http.request.full_uri", "Full request URI").generated();
    TIME = relative_time("http.time", "Time since request").generated();
    PREVIOUS_REQUEST_IN = frame_number("http.prev_request_in", "Prev request in frame").generated();
    PREVIOUS_RESPONSE_IN = frame_number("http.prev_response_in", "Prev response in frame").generated();
    REQUEST_IN = frame_number("http.request_in", "Request in frame").generated();
    RESPONSE_IN = frame_number("http.response_in", "Response in frame").generated();
    NEXT_REQUEST_IN = frame_number("http.next_request_in", "Next request in frame").generated();
    NEXT_RESPONSE_IN = frame_number("http.next_response_in", "Next response in frame").generated();
    RESPONSE_FOR_URI = text("http.response_for.uri", "Request URI").generated();
    PROXY_CONNECT_HOST = text("http.proxy_connect_host", "Proxy-Connect-Hostname").generated();
    PROXY_CONNECT_PORT = uint16("http.proxy_connect_port", "Proxy-Connect-Port").generated();
    CONTINUATION = heading("Continuation").hidden().in_columns();
}

/// The stage of the first line, and of what the memory knows.
const FIRST_LINE_STAGE: u8 = 1;

/// All fields: those of the first line, of the headers, of the body.
pub(super) static ALL_FIELDS: &[&Field] = &concat();

pub static PROTOCOL: Protocol = Protocol {
    fields: ALL_FIELDS,
    claims: &[
        (Table::TcpPort, 80),
        (Table::TcpPort, 631),
        (Table::TcpPort, 1900),
        (Table::TcpPort, 2710),
        (Table::TcpPort, 2869),
        (Table::TcpPort, 3128),
        (Table::TcpPort, 3132),
        (Table::TcpPort, 3689),
        (Table::TcpPort, 5985),
        (Table::TcpPort, 8080),
        (Table::TcpPort, 8088),
        (Table::TcpPort, 11371),
        (Table::SctpPort, 80),
    ],
    pdu_len: Some(framing::pdu_len),
    lead: Some(|bytes| if bytes.starts_with(b"\r\n") { 2 } else { 0 }),
    remember: Some(exchange::remember),
    probe: Some((Table::TcpPort, probe)),
    preview: Some(preview),
    dissect,
    after: Some(end),
    summary: Some(summary),
    places_afterword: true,
    brief: true,
    leads: crate::dissect::Leads::ByName,
    // What follows stands in the headers and the body.
    stages: &[&[
        &REQUEST,
        &RESPONSE,
        &REQUEST_METHOD,
        &REQUEST_URI,
        &REQUEST_URI_PATH,
        &REQUEST_URI_QUERY,
        &REQUEST_URI_QUERY_PARAMETER,
        &REQUEST_VERSION,
        &RESPONSE_VERSION,
        &RESPONSE_CODE,
        &RESPONSE_CODE_DESC,
        &RESPONSE_PHRASE,
        &REQUEST_NUMBER,
        &RESPONSE_NUMBER,
        &REQUEST_IN,
        &RESPONSE_IN,
        &TIME,
    ]],
    family: crate::dissect::Family::Web,
    ..Protocol::new("http", "HTTP", "Hypertext Transfer Protocol")
};

/// Recognises a whole first line by its version: `HTTP/1.` at its beginning, or eight bytes before its end.
fn probe(payload: &[u8], _: [u16; 2]) -> bool {
    let Some(line) = head::line(payload, 0, 0) else { return false };
    let is_version = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.eq_ignore_ascii_case(b"HTTP/1."));
    let line = line.of(payload);
    is_version(line.get(..7)) || is_version(line.len().checked_sub(8).and_then(|start| line.get(start..start + 7)))
}

/// Writes the first line, where it is there.
fn preview(bytes: &[u8], text: &mut Text) {
    let start = if bytes.starts_with(b"\r\n") { 2 } else { 0 };
    if let Some(line) = head::line(bytes, start, start)
        && Kind::of(line.of(bytes)).begins()
    {
        text.wire(line.of(bytes)).byte(b' ');
    }
}

fn dissect(l: &mut Layer) -> Outcome {
    let known = Known::of(l.told());
    match known.around {
        Around::Message => message(l, &known),
        Around::Tunnel(port) => {
            let (cover, host) = (l.place(0..0), l.told_words());
            l.instead(&PROXY_CONNECT_HOST, cover, |text| _ = text.raw(host.unwrap_or_default()));
            if port > 0 {
                l.generated(&PROXY_CONNECT_PORT, port);
            }
            Ok(enclosed(l))
        }
        Around::Upgraded => {
            l.withdraw();
            Ok(enclosed(l))
        }
    }
}

/// All of the layer is what it stands around.
fn enclosed(l: &mut Layer) -> Next {
    l.limit_payload(usize::MAX);
    l.limit(0);
    Next::Enclosed
}

/// Reads a message that is a datagram.
pub(super) fn datagram(l: &mut Layer) -> Outcome {
    message(l, &Known { is_known: true, ..Known::default() })
}

/// Reads a message, and hands on its body.
fn message(l: &mut Layer, known: &Known) -> Outcome {
    let bytes = l.all();
    l.set_header_len(bytes.len());
    let mut line = head::line_or_rest(bytes, 0);
    let mut kind = Kind::of(line.of(bytes));
    if bytes.starts_with(b"\r\n") {
        let second = head::line_or_rest(bytes, line.next);
        let second_kind = Kind::of(second.of(bytes));
        let goes_on = known.is_known && is_text(bytes.get(line.next));
        if second_kind != Kind::Other || goes_on {
            let open = l.open(&LEADING_CRLF_LINE, line.next);
            l.expert_here(&LEADING_CRLF);
            l.close(open);
            (line, kind) = (second, second_kind);
        }
    }
    if kind == Kind::Other && !known.is_known {
        // Of text tshark finds that its end was not captured before it finds that it is nobody's.
        if !l.is_whole() && is_text(bytes.get(line.start)) {
            return Err(Stop::Short);
        }
        l.decline();
        return Ok(Next::End);
    }
    if is_over_tls_port(l) {
        l.expert_here(&TLS_PORT);
    }
    let mut place = line.next;
    match kind {
        Kind::Request | Kind::Notification => request_line(l, bytes, line),
        Kind::Response => status_line(l, bytes, line),
        Kind::Header => place = line.start,
        Kind::Other => {
            l.go_to(line.start)?;
            return Ok(continuation(l, is_text(bytes.get(line.start))));
        }
    }
    if kind == Kind::Header && known.is_known {
        l.generated(&CONTINUATION, 0u64);
    }
    let is_enough = l.records_until(FIRST_LINE_STAGE);
    if (!l.is_detailed() || is_enough)
        && let Some(next) = body::unread(l, known)
    {
        // The rest is nothing that columns are made of, or that anybody reads.
        if is_enough {
            notes(l, kind, known);
        }
        return Ok(next);
    }
    let mut body = Body::default();
    place = read_headers(l, bytes, kind, place, &mut body)?;
    if matches!(kind, Kind::Request | Kind::Notification)
        && let Some(host) = body.host.clone()
    {
        let [method, target, _] = head::request_line(bytes, line);
        let is_connect = bytes.get(method) == Some(b"CONNECT");
        let part = |range: Range<usize>| bytes.get(range).unwrap_or_default();
        let cover = l.place(0..0);
        l.instead(&FULL_URI, cover, |text| exchange::write_target(is_connect, part(target), Some(part(host)), text));
    }
    notes(l, kind, known);
    l.go_to(place)?;
    body::dissect(l, &body)
}

/// Records what is known of the message besides what it says.
fn notes(l: &mut Layer, kind: Kind, known: &Known) {
    match kind {
        Kind::Request => request_notes(l, known),
        Kind::Response => response_notes(l, known),
        Kind::Notification => l.generated(&NOTIFICATION, 1u64),
        Kind::Header | Kind::Other => {}
    }
}

/// Shows bytes that go on with something that was not seen to its end.
fn continuation(l: &mut Layer, has_text: bool) -> Next {
    l.generated(&CONTINUATION, 0u64);
    if has_text {
        body::file_data_of(l, usize::MAX);
    }
    l.payload_inside();
    Next::Data
}

/// Whether what begins with this byte may be text.
fn is_text(first: Option<&u8>) -> bool {
    matches!(first, Some(b' '..=b'~'))
}

/// What was not captured of the message is told behind its body, but not of bytes that go on with something and are no text.
fn end(l: &mut Layer) -> Result<(), Stop> {
    if l.is_whole() || !begins_as_text(l.all()) { Ok(()) } else { Err(Stop::Short) }
}

/// Whether bytes begin with text, behind an empty line or not.
fn begins_as_text(bytes: &[u8]) -> bool {
    is_text(bytes.strip_prefix(b"\r\n").unwrap_or(bytes).first())
}

fn is_over_tls_port(l: &Layer) -> bool {
    let Some((protocol, header)) = l.around().next() else { return false };
    protocol.name() == "tcp"
        && header.get(..4).is_some_and(|ports| ports.chunks_exact(2).any(|port| port == 443u16.to_be_bytes()))
}

fn request_line(l: &mut Layer, bytes: &[u8], line: Line) {
    let [method, uri, version] = head::request_line(bytes, line);
    first_line(l, line);
    l.below(|l| {
        ascii_text(l, &REQUEST_METHOD, method.clone(), method);
        ascii_text(l, &REQUEST_URI, uri.clone(), uri.clone());
        l.below(|l| query(l, bytes, uri));
        ascii_text(l, &REQUEST_VERSION, version.clone(), version);
    });
}

/// Records the parts of a target that has a query.
fn query(l: &mut Layer, bytes: &[u8], uri: Range<usize>) {
    let target = bytes.get(uri.clone()).unwrap_or_default();
    let Some(mark) = target.iter().position(|&byte| byte == b'?') else { return };
    let query = uri.start + mark + 1..uri.end;
    if query.is_empty() {
        return;
    }
    let path = uri.start..uri.start + mark;
    ascii_text(l, &REQUEST_URI_PATH, path.clone(), path);
    ascii_text(l, &REQUEST_URI_QUERY, query.clone(), query.clone());
    l.below(|l| {
        let mut start = query.start;
        for parameter in bytes.get(query).unwrap_or_default().split(|&byte| byte == b'&') {
            let range = start..start + parameter.len();
            start = range.end + 1;
            if !parameter.is_empty() {
                ascii_text(l, &REQUEST_URI_QUERY_PARAMETER, range.clone(), range);
            }
        }
    });
}

fn status_line(l: &mut Layer, bytes: &[u8], line: Line) {
    let status = head::status_line(bytes, line);
    first_line(l, line);
    l.below(|l| {
        ascii_text(l, &RESPONSE_VERSION, status.version.clone(), status.version);
        let Some((digits, code)) = status.code else { return };
        l.generated_at(&RESPONSE_CODE, code, digits.start, digits.len());
        let cover = l.place(digits);
        l.instead(&RESPONSE_CODE_DESC, cover, |text| match status_name(code) {
            Some(name) => _ = text.str(name),
            None => _ = text.str("Unknown (").dec(code).byte(b')'),
        });
        if !status.phrase.is_empty() {
            ascii_text(l, &RESPONSE_PHRASE, status.phrase.clone(), status.phrase);
        }
    });
}

fn first_line(l: &mut Layer, line: Line) {
    let place = l.place(line.start..line.next);
    l.excerpt(&FIRST_LINE, place, place);
    l.expert(&CHAT);
}

/// Records headers from `place` on, up to the empty line or to a line that is no header, and returns where they end.
fn read_headers(l: &mut Layer, bytes: &[u8], kind: Kind, mut place: usize, body: &mut Body) -> Result<usize, Stop> {
    let (line_field, line_field_aside) = match kind {
        Kind::Request => (&REQUEST_LINE, Some(&REQUEST_LINE_ASIDE)),
        Kind::Response => (&RESPONSE_LINE, Some(&RESPONSE_LINE_ASIDE)),
        _ => (&UNKNOWN_HEADER, None),
    };
    while place < bytes.len() {
        let line = head::line_or_rest(bytes, place);
        let is_cut = line.end == bytes.len() && !l.is_whole();
        if line.is_empty() {
            let cover = l.place(line.start..line.next);
            l.excerpt(&EMPTY_LINE, cover, cover);
            return Ok(line.next);
        }
        let Some(header) = Header::of(bytes, line) else {
            // What was read before stands.
            l.go_to(place)?;
            return match line.end == line.next {
                // Where not all of the line was captured, it may be a header all the same.
                _ if is_cut => Err(Stop::Short),
                // The end of the line is still to come; as tshark says it.
                true => Err(Stop::Malformed),
                false => Ok(place),
            };
        };
        place = line.next;
        let name = bytes.get(header.name.clone()).unwrap_or_default();
        let field = headers::field_of(name);
        if let Some(field) = field {
            body.header(l, field, line, &header);
        }
        let whole = line.start..line.next;
        match (field, line_field_aside) {
            (None, _) => ascii_text(l, line_field, whole.clone(), whole),
            (Some(_), Some(aside)) => ascii_text(l, aside, whole.clone(), whole),
            (Some(_), None) => {}
        }
        if field.is_none() && l.records(&BAD_HEADER_NAME) && !is_token(name) {
            l.expert(&BAD_HEADER_NAME);
        }
    }
    Ok(place)
}

/// Whether a name has the characters that it may have (RFC 9110, section 5.6.2).
fn is_token(name: &[u8]) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&\\'*+-.^_`|~".contains(byte);
    !name.is_empty() && name.iter().all(is_allowed)
}

fn request_notes(l: &mut Layer, known: &Known) {
    l.generated(&REQUEST, 1u64);
    if known.number == 0 {
        return;
    }
    l.generated(&REQUEST_NUMBER, known.number);
    l.generated(&TOTAL, known.total);
    frames(
        l,
        &[
            (&PREVIOUS_REQUEST_IN, known.previous_request),
            (&RESPONSE_IN, known.partner),
            (&NEXT_REQUEST_IN, known.next_request),
        ],
    );
}

fn response_notes(l: &mut Layer, known: &Known) {
    l.generated(&RESPONSE, 1u64);
    if known.number == 0 {
        return;
    }
    l.generated(&RESPONSE_NUMBER, known.number);
    l.generated(&TOTAL, known.total);
    if let Some(nanos) = known.time {
        const SECOND: i64 = 1_000_000_000;
        l.generated_time(&TIME, nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND) as u32);
    }
    frames(
        l,
        &[
            (&PREVIOUS_REQUEST_IN, known.previous_request),
            (&PREVIOUS_RESPONSE_IN, known.previous_response),
            (&REQUEST_IN, known.partner),
            (&NEXT_REQUEST_IN, known.next_request),
            (&NEXT_RESPONSE_IN, known.next_response),
        ],
    );
    if let Some(target) = l.told_words() {
        let cover = l.place(0..0);
        l.instead(&RESPONSE_FOR_URI, cover, |text| _ = text.raw(target));
    }
}

fn frames(l: &mut Layer, rows: &[(&'static Field, u64)]) {
    for &(field, frame) in rows.iter().filter(|row| row.1 != 0) {
        l.generated(field, frame);
    }
}

/// Records text of this layer; see [`ascii_text_in`].
fn ascii_text(l: &mut Layer, field: &'static Field, cover: Range<usize>, value: Range<usize>) {
    if !l.records(field) {
        return;
    }
    let bytes = l.all().get(value.clone()).unwrap_or_default();
    let len = shown_len(bytes);
    let cover = l.place(cover);
    match bytes.get(..len) {
        Some(shown) if shown.is_ascii() => {
            let value = l.place(value.start..value.start + len);
            l.excerpt(field, cover, value);
        }
        shown => l.instead(field, cover, |text| write_ascii(shown.unwrap_or_default(), text)),
    }
}

/// Records `bytes`, which stand at `place`, as text: up to its first NUL, and what is no ASCII is not understood.
fn ascii_text_in(l: &mut Layer, field: &'static Field, place: Place, bytes: &[u8]) {
    const MOST: usize = 1 << 20;
    let len = shown_len(bytes);
    match bytes.get(..len) {
        Some(shown) if !shown.is_ascii() && len <= MOST => l.instead(field, place, |text| write_ascii(shown, text)),
        _ => l.excerpt(field, place, Place { len, ..place }),
    }
}

fn shown_len(bytes: &[u8]) -> usize {
    memchr::memchr(0, bytes).unwrap_or(bytes.len())
}

/// Text of which only ASCII is understood, part by part.
fn ascii(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (whole, each) = if bytes.is_ascii() { (bytes, &[][..]) } else { (&[][..], bytes) };
    let each = each.iter().map(|byte| if byte.is_ascii() { slice::from_ref(byte) } else { "\u{fffd}".as_bytes() });
    iter::once(whole).chain(each)
}

fn write_ascii(bytes: &[u8], text: &mut Text) {
    ascii(bytes).for_each(|part| _ = text.raw(part));
}

/// Writes the Info column for all messages of a frame, one behind the other, and what their bodies are.
pub(super) fn summary(layer: &LayerView, summary: &mut Summary) {
    let own = layer.protocol();
    let mut is_next = false;
    let mut said: Option<LayerView> = None;
    for other in layer.view.layers().filter(|other| !other.mark().quoted) {
        let protocol = other.protocol();
        if std::ptr::eq(protocol, own) {
            is_next = true;
            if let Some(said) = said.replace(other) {
                said.write_afterword(summary.info);
            }
            if let Some(line) = other.find(&FIRST_LINE) {
                let line = layer.view.bytes(line);
                summary.info.wire(without_end(line)).byte(b' ');
            } else if other.find(&CONTINUATION).is_some() {
                summary.info.str("Continuation");
            } else {
                continue;
            }
            if summary.protocol.is_empty() {
                summary.protocol.str(own.short);
            }
        } else if std::mem::take(&mut is_next)
            && let Some(mention) = protocol.mention
        {
            mention(&other, summary);
        }
    }
    if let Some(said) = said {
        said.write_afterword(summary.info);
    }
    if summary.protocol.is_empty() {
        // Nothing that begins a message: the transport's words stay.
        summary.below = true;
    } else if let Some(preview) = layer.view.preview() {
        summary.info.raw(preview);
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Writes a line of a message as it stands there; of a header's, the field has only the value.
fn raw_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.wire(layer.view.bytes(entry));
}

fn chat_message(layer: &LayerView, _: &Entry, text: &mut Text) {
    if let Some(line) = layer.find(&FIRST_LINE) {
        text.wire(layer.view.bytes(line));
    }
}

fn request_number_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    number_line("HTTP request ", layer, entry, text);
}

fn response_number_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    number_line("HTTP response ", layer, entry, text);
}

fn number_line(words: &str, layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(words).dec(entry.number()).byte(b'/').dec(layer.number(&TOTAL).unwrap_or(entry.number()));
}

/// The words for a status code: those of IANA's registry, in the older wording of RFC 2616 where it has one.
fn status_name(code: u16) -> Option<&'static str> {
    Some(match code {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        199 => "Informational - Others",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        299 => "Success - Others",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        399 => "Redirection - Others",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Time-out",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Entity",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        499 => "Client Error - Others",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Time-out",
        505 => "HTTP Version not supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        510 => "Not Extended",
        511 => "Network Authentication Required",
        599 => "Server Error - Others",
        _ => return None,
    })
}

const fn concat() -> [&'static Field; FIELDS.len() + headers::FIELDS.len() + body::FIELDS.len()] {
    let mut all: [&'static Field; _] = [&REQUEST; FIELDS.len() + headers::FIELDS.len() + body::FIELDS.len()];
    let lists: [&[&'static Field]; 3] = [FIELDS, headers::FIELDS, body::FIELDS];
    let (mut list, mut len) = (0, 0);
    while list < lists.len() {
        let mut place = 0;
        while place < lists[list].len() {
            all[len] = lists[list][place];
            place += 1;
            len += 1;
        }
        list += 1;
    }
    all
}
