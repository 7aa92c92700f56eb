//! What a connection remembers: which requests wait for answers, and who asked what before.
//!
//! RFC 9110, section 15 and RFC 9112, section 9.3.2: answers come in the order of the requests, also where several are on their
//! way. An answer whose code is 1xx is one on the way, and the request waits on. Where bytes of the answering side were not
//! captured, or are no message, some answer may stand among them: the next one is taken for that of the last request.

use std::collections::VecDeque;
use std::sync::Arc;

use super::framing::{Head, Scan};
use super::head::{self, Kind};
use super::{PROTOCOL, ascii, write_ascii};
use crate::capture::Time;
use crate::dissect::{Envelope, NameTable, Successor, Table, Talk, Told, Who, Words};
use crate::text::Text;

/// The most requests of a connection that wait; the oldest is forgotten first.
const MAX_WAITING: usize = 64;
/// The most bytes of a target that is kept for its answer, and of all of a connection.
const MAX_TARGET: usize = 8 << 10;
const MAX_TARGETS: usize = 16 << 10;
/// The most room for a target that is kept for the next one, and for how many.
const MAX_SPARE: usize = 512;
const MAX_SPARES: usize = 16;

/// The exchanges of a connection. Each has a number, counted from 1, with a request or without.
#[derive(Default)]
pub(super) struct Exchanges {
    /// A request was seen.
    pub is_known: bool,
    count: u32,
    /// The frame of the request of the exchange that began last; 0 where it has none.
    last_request: u64,
    /// The exchange that was answered last, and the frame of the answer.
    answered: (u32, u64),
    pub waiting: Waiting,
    pub sides: [Side; 2],
}

/// The requests that wait for answers, the first one first.
#[derive(Default)]
pub(super) struct Waiting {
    /// Seldom is there more than one.
    first: Option<Request>,
    others: VecDeque<Request>,
    /// Bytes of their targets.
    kept: u32,
}

/// Room that is used again, on whatever connection.
#[derive(Default)]
pub(super) struct Spare {
    pub scan: Option<Box<Scan>>,
    /// That of targets that are done with: first those that are done with for longest.
    targets: VecDeque<Words>,
}

/// One side of a connection.
#[derive(Default)]
pub(super) struct Side {
    /// How far the message was read that has begun, if one has.
    pub scan: Option<Box<Scan>>,
    /// The sequence number behind its last message.
    next: Option<u32>,
    /// What it said since its last answer was not all captured, or was no message.
    is_astray: bool,
}

impl Side {
    /// Whether answers may be missing before the one that begins at `sequence`.
    pub(super) fn misses_before(&self, sequence: u32) -> bool {
        self.is_astray || self.next.is_some_and(|next| next != sequence)
    }
}

/// A request that waits for its answer.
struct Request {
    /// 0 where it is a notification: its answer is an exchange of its own.
    number: u32,
    side: u8,
    frame: u64,
    time: Option<Time>,
    /// The frame of the request before it.
    previous: u64,
    method: Method,
    target: Option<Words>,
}

/// What of a method its answer needs to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Head,
    Connect,
    Other,
}

/// What the dissection of a message is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub around: Around,
    /// A request was seen before.
    pub is_known: bool,
    /// The exchange, and how many there are as far as is known; 0 where it has none.
    pub number: u32,
    pub total: u32,
    /// Frames; 0 where there is none, or none is known.
    pub previous_request: u64,
    pub previous_response: u64,
    /// The other half of the exchange.
    pub partner: u64,
    pub next_request: u64,
    pub next_response: u64,
    /// Nanoseconds since the request.
    pub time: Option<i64>,
    /// Where the head ends, and the value of its Content-Type stands: start and length; 0 where that is not known.
    pub head_end: u32,
    pub content_type: (u16, u16),
}

/// What a layer of the protocol stands around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Around {
    /// Nothing: it is a message.
    #[default]
    Message,
    /// What goes through a proxy to this port; 0 where none was said.
    Tunnel(u16),
    /// What is spoken since an upgrade.
    Upgraded,
}

impl Known {
    fn told(self) -> Told {
        let (start, len) = self.content_type;
        let (around, place) = match self.around {
            Around::Message => (0, start),
            Around::Tunnel(port) => (1, port),
            Around::Upgraded => (2, 0),
        };
        let flags = around | u64::from(self.is_known) << 2 | u64::from(self.time.is_some()) << 3;
        [
            flags | u64::from(len & MAX_TYPE) << 4 | u64::from(place) << 16 | u64::from(self.number) << 32,
            u64::from(self.total) | u64::from(self.head_end) << 32,
            self.previous_request,
            self.previous_response,
            self.partner,
            self.next_request,
            self.next_response,
            self.time.unwrap_or(0) as u64,
        ]
    }

    pub(super) fn of(told: Told) -> Known {
        let [flags, total, previous_request, previous_response, partner, next_request, next_response, time] = told;
        Known {
            around: match flags & 3 {
                1 => Around::Tunnel((flags >> 16) as u16),
                2 => Around::Upgraded,
                _ => Around::Message,
            },
            is_known: flags >> 2 & 1 != 0,
            number: (flags >> 32) as u32,
            total: total as u32,
            head_end: (total >> 32) as u32,
            content_type: ((flags >> 16) as u16, (flags >> 4) as u16 & MAX_TYPE),
            previous_request,
            previous_response,
            partner,
            next_request,
            next_response,
            time: (flags >> 3 & 1 != 0).then_some(time as i64),
        }
    }
}

/// The most bytes of a Content-Type that a dissection is told of.
const MAX_TYPE: u16 = 0xfff;

/// Keys of what a second reading is told: the frames of an exchange. The last one tells how many exchanges there are.
const fn request_key(number: u32) -> u64 {
    number as u64 * 2
}
const fn response_key(number: u32) -> u64 {
    number as u64 * 2 + 1
}

/// How many exchanges there are on a connection, where there was a reading before.
fn total(talk: &Talk) -> Option<u32> {
    talk.last_foreseen().map(|key| (key / 2) as u32)
}

/// See [`Protocol::remember`](crate::dissect::Protocol::remember).
pub(super) fn remember(talk: &mut Talk, message: &[u8]) {
    let (side, sequence) = (talk.side & 1, talk.sequence);
    let exchanges: &mut Exchanges = talk.memo.get_mut();
    let mut scan = Scan::of(sequence, message, exchanges, side);
    let was_known = exchanges.is_known;
    let kind = scan.head.kind;
    exchanges.is_known |= matches!(kind, Kind::Request | Kind::Notification);
    let speaker = &mut exchanges.sides[side];
    speaker.is_astray = kind != Kind::Response && (!kind.begins() || speaker.misses_before(sequence));
    speaker.next = Some(sequence.wrapping_add(message.len() as u32));
    let known = match kind {
        Kind::Request | Kind::Notification => request(talk, message, &scan),
        Kind::Response => response(talk, message, &scan),
        _ => Known::default(),
    };
    let content_type = match &scan.head.content_type {
        None => Some((0, 0)),
        Some(range) => {
            u16::try_from(range.start).ok().zip(u16::try_from(range.len()).ok().filter(|&len| len <= MAX_TYPE))
        }
    };
    let content_type = content_type.filter(|_| !scan.head.is_judged);
    let head_end = content_type.and(u32::try_from(scan.head.end).ok()).unwrap_or(0);
    let content_type = content_type.unwrap_or_default();
    talk.told = Known { is_known: was_known, head_end, content_type, ..known }.told();
    *scan = Scan::default();
    talk.spare.get_mut::<Spare>().scan = Some(scan);
}

fn request(talk: &mut Talk, message: &[u8], scan: &Scan) -> Known {
    let (side, frame, time) = (talk.side & 1, talk.frame, talk.time);
    let [method, target, _] = head::request_line(message, scan.head.line);
    let bytes = |range: std::ops::Range<usize>| message.get(range).unwrap_or_default();
    let method = match bytes(method) {
        b"HEAD" => Method::Head,
        b"CONNECT" => Method::Connect,
        _ => Method::Other,
    };
    let exchanges: &mut Exchanges = talk.memo.get_mut();
    let host = scan.head.host.clone().map(bytes);
    let spare: &mut Spare = talk.spare.get_mut();
    let target = exchanges.waiting.target(method == Method::Connect, bytes(target), host, spare);
    let mut request = Request { number: 0, side: side as u8, frame, time, previous: 0, method, target };
    if scan.head.kind == Kind::Notification {
        exchanges.waiting.push(request, spare);
        return Known::default();
    }
    exchanges.count = exchanges.count.saturating_add(1);
    let number = exchanges.count;
    let previous = std::mem::replace(&mut exchanges.last_request, frame);
    (request.number, request.previous) = (number, previous);
    exchanges.waiting.push(request, spare);
    talk.foretell(request_key(number), frame);
    Known {
        number,
        total: total(talk).unwrap_or(number),
        previous_request: previous,
        partner: talk.foreseen(response_key(number)).unwrap_or(0),
        next_request: talk.foreseen(request_key(number.saturating_add(1))).unwrap_or(0),
        ..Known::default()
    }
}

fn response(talk: &mut Talk, message: &[u8], scan: &Scan) -> Known {
    let (side, frame, time) = (talk.side & 1, talk.frame, talk.time);
    let code = scan.head.code;
    let exchanges: &mut Exchanges = talk.memo.get_mut();
    let is_interim = is_interim(code);
    let request = exchanges.waiting.first(side);
    let mut known = Known::default();
    let (mut target, mut method) = (None, Method::Other);
    if let Some(request) = request {
        if request.number > 0 {
            known = Known {
                number: request.number,
                previous_request: request.previous,
                partner: request.frame,
                time: time.zip(request.time).map(|(now, then)| nanos(now.since(then))),
                ..known
            };
        }
        (target, method) = (request.target.clone(), request.method);
        if !is_interim {
            exchanges.waiting.forget_first(talk.spare.get_mut());
        }
    }
    // An answer on the way to that of a request whose end was not seen yet stands for itself.
    let is_last = !is_interim || known.number == 0;
    if known.number == 0 {
        exchanges.count = exchanges.count.saturating_add(1);
        known.number = exchanges.count;
        known.previous_request = std::mem::take(&mut exchanges.last_request);
    }
    let number = known.number;
    if exchanges.answered.0.saturating_add(1) == number {
        known.previous_response = exchanges.answered.1;
    }
    if is_last {
        exchanges.answered = (number, frame);
    }
    let count = exchanges.count;
    match (method, code) {
        (Method::Connect, 200..=299) => tunnel(talk, target.as_deref().map_or(&[], Vec::as_slice)),
        (_, 101) => upgrade(talk, message, scan),
        _ => {}
    }
    talk.foretell(response_key(number), frame);
    known.total = total(talk).unwrap_or(count);
    known.next_request = talk.foreseen(request_key(number.saturating_add(1))).unwrap_or(0);
    known.next_response = talk.foreseen(response_key(number.saturating_add(1))).unwrap_or(0);
    talk.words = target;
    known
}

/// Whether an answer with this code is on the way to another one.
fn is_interim(code: u16) -> bool {
    code / 100 == 1 && code != 101
}

fn nanos(span: Time) -> i64 {
    span.seconds().saturating_mul(1_000_000_000).saturating_add(span.nanos().into())
}

/// Lets whoever has the port of the target `host:port` speak from now on.
fn tunnel(talk: &mut Talk, target: &[u8]) {
    let colon = target.iter().rposition(|&byte| byte == b':').unwrap_or(target.len());
    let (host, port) = target.split_at(colon);
    let port = port.get(1..).and_then(|port| str::from_utf8(port).ok()?.parse().ok()).unwrap_or(0);
    let told = Known { around: Around::Tunnel(port), ..Known::default() }.told();
    let envelope = Envelope { protocol: &PROTOCOL, told, words: Some(Arc::new(host.to_vec())) };
    let who = Who::Port(Table::TcpPort, port);
    talk.successor = Some(Successor { who, envelope: Some(Arc::new(envelope)) });
}

/// Lets whoever an answer names speak from now on.
fn upgrade(talk: &mut Talk, message: &[u8], scan: &Scan) {
    let Some(value) = scan.head.upgrade.clone().and_then(|range| message.get(range)) else { return };
    let name = value.split(|byte| matches!(byte, b'/' | b',' | b';')).next().unwrap_or_default().trim_ascii();
    let who = talk.registry.by_name(NameTable::Upgrade, name).map_or(Who::Nobody, Who::Protocol);
    let told = Known { around: Around::Upgraded, ..Known::default() }.told();
    let envelope = Envelope { protocol: &PROTOCOL, told, words: None };
    talk.successor = Some(Successor { who, envelope: Some(Arc::new(envelope)) });
}

impl Waiting {
    fn push(&mut self, request: Request, spare: &mut Spare) {
        if self.others.len() == MAX_WAITING - 1 {
            self.forget_first(spare);
        }
        self.kept += request.target.as_ref().map_or(0, |target| target.len() as u32);
        match self.first {
            Some(_) => self.others.push_back(request),
            None => self.first = Some(request),
        }
    }

    fn forget_first(&mut self, spare: &mut Spare) {
        let first = std::mem::replace(&mut self.first, self.others.pop_front());
        let Some(target) = first.and_then(|request| request.target) else { return };
        self.kept -= target.len() as u32;
        if spare.targets.len() < MAX_SPARES && target.capacity() <= MAX_SPARE {
            spare.targets.push_back(target);
        }
    }

    /// Takes all requests but the last for answered.
    pub(super) fn keep_last(&mut self, spare: &mut Spare) {
        while !self.others.is_empty() {
            self.forget_first(spare);
        }
    }

    /// The whole address of what is asked for, to be kept, unless that is too long.
    fn target(&self, is_connect: bool, target: &[u8], host: Option<&[u8]>, spare: &mut Spare) -> Option<Words> {
        let [scheme, host] = before_target(is_connect, target, host);
        let fits = |len: usize| len <= MAX_TARGET.min(MAX_TARGETS - self.kept as usize);
        if !fits(scheme.len() + host.len() + target.len()) {
            return None;
        }
        // Whoever was told of the one before may hold it still.
        let room = spare.targets.pop_front().filter(|words| Arc::strong_count(words) == 1);
        let mut words = room.unwrap_or_default();
        let kept = Arc::make_mut(&mut words);
        kept.clear();
        [scheme, host].into_iter().chain(ascii(target)).for_each(|part| kept.extend_from_slice(part));
        fits(kept.len()).then_some(words)
    }

    /// The request that the next answer of this side is for.
    fn first(&self, side: usize) -> Option<&Request> {
        self.first.as_ref().filter(|request| usize::from(request.side) != side)
    }

    /// Takes note of a message that was begun in `frame` and will not be seen to its end.
    pub(super) fn lost(&mut self, head: &Head, side: usize, frame: u64, spare: &mut Spare) {
        let is_answer = head.kind == Kind::Response && !is_interim(head.code);
        // What was asked since then waits on.
        if is_answer && self.first(side).is_some_and(|request| request.frame < frame) {
            self.forget_first(spare);
        }
    }

    /// Whether the next answer of this side has no body, if it has this code, whatever its headers say.
    pub(super) fn is_without_body(&self, code: u16, side: usize) -> bool {
        match self.first(side).map(|request| request.method) {
            _ if matches!(code, 100..=199 | 204 | 304) => true,
            Some(Method::Head) => true,
            Some(Method::Connect) => code / 100 == 2,
            _ => false,
        }
    }
}

/// Writes the whole address of what is asked for: the target alone where it is one, else with its host.
pub(super) fn write_target(is_connect: bool, target: &[u8], host: Option<&[u8]>, text: &mut Text) {
    let [scheme, host] = before_target(is_connect, target, host);
    text.raw(scheme).raw(host);
    write_ascii(target, text);
}

/// What stands before a target in its whole address: the scheme and the host.
fn before_target<'a>(is_connect: bool, target: &[u8], host: Option<&'a [u8]>) -> [&'a [u8]; 2] {
    let has_scheme =
        |scheme: &str| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()));
    match host {
        Some(host) if !is_connect && !has_scheme("http://") && !has_scheme("https://") => {
            [b"http://", host.trim_ascii()]
        }
        _ => [b"", b""],
    }
}

#[cfg(test)]
mod tests {
    use super::Exchanges;
    use crate::protocols::testing::Side::{self, Client, Server};
    use crate::protocols::testing::{Dissected, last_of, segment};
    use crate::streams::Streams;

    /// What the packet list says of the last of segments, each with its place in its direction.
    fn said(segments: &[(Side, u32, &str)]) -> String {
        dissected(segments).info
    }

    fn dissected(segments: &[(Side, u32, &str)]) -> Dissected {
        let segments: Vec<_> = segments.iter().map(|&(side, offset, text)| (side, offset, text.as_bytes())).collect();
        last_of(80, &segments)
    }

    #[test]
    fn what_is_remembered_is_small() {
        assert!(size_of::<Exchanges>() <= 168, "{}", size_of::<Exchanges>());
    }

    /// Two answers in one segment, or one after the other: the second one is that of the second request, which has no body.
    #[test]
    fn answers_to_several_requests() {
        let (get, head) = ("GET /a HTTP/1.1\r\n\r\n", "HEAD /b HTTP/1.1\r\n\r\n");
        let (first, second) =
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        let (requests, answers) = (format!("{get}{head}"), format!("{first}{second}"));
        let without_body = "HTTP/1.1 200 OK ";
        assert_eq!(said(&[(Client, 0, &requests), (Server, 0, first), (Server, 46, second)]), without_body);
        let both = said(&[(Client, 0, &requests), (Server, 0, &answers)]);
        assert!(both.ends_with(without_body) && both.contains("404"), "{both}");
    }

    /// As tshark has it: an empty line before a message that is not whole yet is passed over, and what has begun says its line alone.
    #[test]
    fn an_empty_line_before_what_has_begun() {
        let begun = (Client, 0, "\r\nGET / HTTP/1.1\r\nHost:");
        let both = dissected(&[begun]);
        assert_eq!((&*both.protocol, &*both.info), ("TCP", "GET / HTTP/1.1 "));
        both.shows(&["TCP segment data (21 bytes)"]);
        assert_eq!(said(&[(Client, 0, "\r\nGET / HT")]), "50000 → 80 [ACK] Seq=1 Ack=1 Win=8192 Len=10");
        let whole = dissected(&[begun, (Client, 23, "a\r\n\r\n")]);
        whole.shows(&["[2 Reassembled TCP Segments (26 bytes): #1(21), #2(5)]"]).lacks("Leading CRLF");
        assert_eq!(whole.info, "GET / HTTP/1.1 ");
        // The same behind a message of which the length was not known.
        let behind = (Client, 2, "T / HTTP/1.1\r\n\r\n\r\nGET /3");
        let end = dissected(&[(Client, 0, "GE"), behind, (Client, 26, " HTTP/1.1\r\n\r\n")]);
        end.shows(&["[2 Reassembled TCP Segments (19 bytes): #2(6), #3(13)]"]).lacks("Leading CRLF");
        // And with a length.
        let answer = "\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc";
        let end = dissected(&[(Server, 0, answer), (Server, 43, "de")]);
        end.shows(&["[2 Reassembled TCP Segments (43 bytes): #1(41), #2(2)]"]);
    }

    /// The first answer, or what is said instead of it, is not there as a message: the second one is that of the last request, which
    /// has no body.
    #[test]
    fn an_answer_behind_what_is_no_answer() {
        let get = (Client, 0, "GET /a HTTP/1.1\r\n\r\n");
        let head = (Client, 19, "HEAD /b HTTP/1.1\r\n\r\n");
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        let without_body = "HTTP/1.1 200 OK ";
        assert_eq!(said(&[get, (Server, 0, "what?\r\n"), head, (Server, 7, answer)]), without_body);
        assert_eq!(said(&[get, head, (Server, 0, "what?\r\n"), (Server, 7, answer)]), without_body);
        let whole = "HTTP/1.1 204 No Content\r\n\r\n";
        let after_hole = said(&[get, (Server, 0, whole), get, head, (Server, 99, answer)]);
        assert_eq!(after_hole, format!("[TCP Previous segment not captured] {without_body}"));
        // So it is where nothing else of that side was captured.
        let first = said(&[get, head, (Server, 0, ""), (Server, 99, answer)]);
        assert_eq!(first, format!("[TCP Previous segment not captured] {without_body}"));
        // In order, the first answer is that of the first request.
        assert!(said(&[get, head, (Server, 0, answer)]).contains("[TCP segment of a reassembled PDU]"));
    }

    /// What a request that came later asks is answered, although an answer before it was not seen to its end.
    #[test]
    fn an_answer_behind_one_that_was_lost() {
        let get = (Client, 0, "GET /a HTTP/1.1\r\n\r\n");
        let head = (Client, 99, "HEAD /b HTTP/1.1\r\n\r\n");
        let begun = (Server, 0, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nabc");
        let answer = (Server, 200, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        assert!(said(&[get, begun, head, answer]).ends_with("] HTTP/1.1 200 OK "));
    }

    /// An answer alone does not tell what else is said on its connection; a request does.
    #[test]
    fn what_goes_on_with_something_unseen() {
        let answer = (Server, 0, "HTTP/1.1 304 Not Modified\r\n\r\n");
        let rest = (Server, 29, "what?\r\n");
        assert_eq!(said(&[answer, rest]), "80 → 50000 [ACK] Seq=30 Ack=1 Win=8192 Len=7");
        assert_eq!(said(&[(Client, 0, "GET /a HTTP/1.1\r\n\r\n"), answer, rest]), "Continuation");
    }

    /// An empty line before text is told of, and is not part of what goes on.
    #[test]
    fn an_empty_line_before_what_goes_on() {
        let get = (Client, 0, "GET /a HTTP/1.1\r\n\r\n");
        for (rest, is_told, len) in [("\r\nabc\r\n", true, 5), ("\r\n\x01bc\r\n", false, 7), ("\r\n\r\nabc", false, 7)]
        {
            let Dissected { tree, info, .. } = dissected(&[get, (Server, 0, rest)]);
            assert_eq!(info, "Continuation");
            assert_eq!(tree.contains("Leading CRLF previous message"), is_told, "{rest:?}");
            assert!(tree.contains(&format!("Data ({len} bytes)")), "{rest:?}: {tree}");
        }
    }

    /// Of text it is told that not all of it was captured, whoever it is of; of other bytes that go on with something it is not.
    #[test]
    fn what_was_not_captured_whole() {
        const HEADERS: usize = 54;
        let get = (Client, 0, "GET /a HTTP/1.1\r\n\r\n");
        let words = "[Packet size limited during capture]";
        let cut = |side, text: &str, known: bool| {
            let earlier = [segment(get.0, 80, get.1, get.2.as_bytes())];
            let earlier = if known { &earlier[..] } else { &[] };
            segment(side, 80, 100, text.as_bytes()).cut(HEADERS + 4).after(earlier, &mut Streams::new()).info
        };
        assert_eq!(cut(Server, "some text", true), format!("Continuation{words}"));
        assert_eq!(cut(Server, "\r\ntext", true), format!("Continuation{words}"));
        assert_eq!(cut(Server, "\nno text", true), "Continuation");
        assert_eq!(cut(Client, "some text", false), format!("50000 → 80 [ACK] Seq=1 Ack=1 Win=8192 Len=9{words}"));
        assert_eq!(cut(Client, "so\r\nme", false), format!("50000 → 80 [ACK] Seq=1 Ack=1 Win=8192 Len=6{words}"));
        assert_eq!(cut(Client, "\nno text", false), "50000 → 80 [ACK] Seq=1 Ack=1 Win=8192 Len=8");
    }
}
