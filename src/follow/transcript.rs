//! `-z follow`: whole conversations, as tshark writes them.
//!
//! Each is written when the capture ends, the one that was asked for last first; that one is not kept until then where
//! nothing else is written. Bytes that the other side acknowledges and that are not in the capture are named; those
//! that are still awaited at the end are not.

use std::collections::HashMap;

use super::{
    Datagram, End, Form, Segment, between, datagrams, need_of_data, segments, segments_of, write_ascii, write_hex,
    write_utf8,
};
use crate::dissect::{Address, Need, View, flags};
use crate::output::Sink;
use crate::streams::reassembly::{Piece, Reassembly, Why};
use crate::text::Text;

/// What of a capture is followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub transport: Transport,
    pub form: Form,
    pub which: Which,
    /// Which pieces are shown, counted from 1 over both directions.
    pub range: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        }
    }
}

/// Which conversation is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Stream(u32),
    /// The first one between these.
    Between(End, End),
}

impl Request {
    /// Reads what follows `follow,` in `-z follow,tcp,ascii,0`.
    pub fn parse(text: &str) -> Result<Request, String> {
        let (transport, rest) = text.split_once(',').unwrap_or((text, ""));
        let transport = match transport {
            "tcp" => Transport::Tcp,
            "udp" => Transport::Udp,
            _ => return Err(format!("{transport:?} cannot be followed; tcp and udp can")),
        };
        let (form, rest) = rest.split_once(',').unwrap_or((rest, ""));
        let forms = || Form::ALL.iter().map(|row| row.0).collect::<Vec<_>>().join(", ");
        let form = Form::ALL.iter().find(|row| row.0 == form).map(|row| row.1);
        let form = form.ok_or_else(|| format!("expected how to write bytes: one of {}", forms()))?;
        let mut words = rest.split(',');
        let first = words.next().unwrap_or_default();
        let which = match first.parse() {
            Ok(stream) => Which::Stream(stream),
            Err(_) => {
                let ends = end(first).zip(words.next().and_then(end));
                let (one, other) =
                    ends.ok_or("expected the number of a stream, or two ends such as 192.0.2.1:80,[2001:db8::1]:80")?;
                Which::Between(one, other)
            }
        };
        let range = words.next().map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let bounds = first.parse().ok().zip(last.parse().ok());
            bounds
                .filter(|&(first, last): &(u64, u64)| first > 0 && first <= last)
                .ok_or_else(|| format!("{range:?} is no range of pieces, such as 1-10"))
        });
        match words.next() {
            Some(more) => Err(format!("{more:?} is too much")),
            None => Ok(Request { transport, form, which, range: range.transpose()? }),
        }
    }
}

fn end(text: &str) -> Option<End> {
    let (address, port) = text.rsplit_once(':')?;
    let address = match address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => Address::V6(address.parse::<std::net::Ipv6Addr>().ok()?.octets()),
        None => Address::V4(address.parse::<std::net::Ipv4Addr>().ok()?.to_bits()),
    };
    Some(End { address, port: port.parse().ok()? })
}

/// All conversations that are followed in a run.
pub struct Transcripts {
    transcripts: Vec<Transcript>,
    /// The places of transcripts by their stream.
    tcp: HashMap<u32, Vec<usize>>,
    udp: HashMap<u32, Vec<usize>>,
    /// The places of those that are found by their ends and did not occur yet.
    awaited: Vec<usize>,
    /// Bytes of text that may still be kept.
    room: usize,
}

struct Transcript {
    request: Request,
    /// The ends, once the first packet told them.
    nodes: Option<[End; 2]>,
    directions: [Reassembly; 2],
    body: Body,
}

/// What was said so far.
struct Body {
    form: Form,
    range: Option<(u64, u64)>,
    /// Pieces so far, shown or not.
    pieces: u64,
    /// The bytes of each direction so far, as the offsets of a hexadecimal listing count them.
    offsets: [u64; 2],
    text: Text,
    /// Pieces that are not in `text` because there was no room.
    left_out: u64,
    /// Writes at once instead of to `text`.
    is_direct: bool,
    is_terminal: bool,
}

impl Transcripts {
    /// Follows what is asked for, in the order in which it was asked for; `is_alone` says that nothing else writes to
    /// standard output, and `is_terminal` that it is one.
    pub fn new(requests: Vec<Request>, is_alone: bool, is_terminal: bool) -> Transcripts {
        let most = (MAX_EARLY / (2 * requests.len()).max(1)).clamp(MIN_EARLY_EACH, MAX_EARLY_EACH);
        let mut all = Transcripts {
            transcripts: Vec::new(),
            tcp: HashMap::new(),
            udp: HashMap::new(),
            awaited: Vec::new(),
            room: MAX_KEPT,
        };
        let last = requests.len().saturating_sub(1);
        for (place, request) in requests.into_iter().enumerate() {
            match request.which {
                Which::Stream(stream) => all.by_stream(request.transport).entry(stream).or_default().push(place),
                Which::Between(..) => all.awaited.push(place),
            }
            let body = Body {
                form: request.form,
                range: request.range,
                pieces: 0,
                offsets: [0; 2],
                text: Text::new(),
                left_out: 0,
                is_direct: is_alone && place == last,
                is_terminal,
            };
            let directions = [Reassembly::new(most), Reassembly::new(most)];
            all.transcripts.push(Transcript { request, nodes: None, directions, body });
        }
        all
    }

    fn by_stream(&mut self, transport: Transport) -> &mut HashMap<u32, Vec<usize>> {
        match transport {
            Transport::Tcp => &mut self.tcp,
            Transport::Udp => &mut self.udp,
        }
    }

    /// Gives its stream to each transcript that waits for a conversation between these ends.
    fn look_for(&mut self, transport: Transport, stream: u32, source: End, destination: End) {
        let transcripts = &self.transcripts;
        let is_meant = |place: &mut usize| {
            let request = &transcripts[*place].request;
            let Which::Between(one, other) = request.which else { return false };
            request.transport == transport && [(source, destination), (destination, source)].contains(&(one, other))
        };
        let found: Vec<usize> = self.awaited.extract_if(.., is_meant).collect();
        self.by_stream(transport).entry(stream).or_default().extend(found);
    }

    fn segment(&mut self, segment: &Segment, out: &mut Text) {
        if !self.awaited.is_empty() {
            self.look_for(Transport::Tcp, segment.stream, segment.source, segment.destination);
        }
        for &place in self.tcp.get(&segment.stream).into_iter().flatten() {
            let transcript = &mut self.transcripts[place];
            let sender = transcript.sender(segment.source, segment.destination, out);
            transcript.segment(segment, sender, &mut self.room, out);
        }
    }

    fn datagram(&mut self, datagram: &Datagram, out: &mut Text) {
        if !self.awaited.is_empty() {
            self.look_for(Transport::Udp, datagram.stream, datagram.source, datagram.destination);
        }
        for &place in self.udp.get(&datagram.stream).into_iter().flatten() {
            let transcript = &mut self.transcripts[place];
            let sender = transcript.sender(datagram.source, datagram.destination, out);
            if !datagram.data.is_empty() {
                transcript.body.piece(sender, datagram.data, &mut self.room, out);
            }
        }
    }
}

impl Sink for Transcripts {
    fn need(&self) -> Need {
        let asks = |transport| self.transcripts.iter().any(|it| it.request.transport == transport);
        [Transport::Tcp, Transport::Udp]
            .into_iter()
            .filter(|&transport| asks(transport))
            .map(|transport| need_of_data(transport.name()))
            .fold(Need::NOTHING, Need::and)
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        if !self.tcp.is_empty() || !self.awaited.is_empty() {
            let is_wanted = |stream: u32| !self.awaited.is_empty() || self.tcp.contains_key(&stream);
            // Most packets have none of what is followed.
            let has_some = segments_of(view, is_wanted).next().is_some();
            if has_some {
                segments(view).for_each(|segment| self.segment(&segment, out));
            }
        }
        if !self.udp.is_empty() || !self.awaited.is_empty() {
            datagrams(view).for_each(|datagram| self.datagram(&datagram, out));
        }
    }

    fn wants_only(&self) -> Option<String> {
        let each = self.transcripts.iter().map(|it| {
            let [one, other] = it.nodes?;
            between(it.request.transport.name(), one, other)
        });
        Some(each.collect::<Option<Vec<String>>>()?.join(" or "))
    }

    fn finish(&mut self, _: u64, out: &mut Text) {
        for transcript in self.transcripts.iter_mut().rev() {
            transcript.finish(out);
        }
    }
}

impl Transcript {
    /// Which of the two nodes sends; the sender of the first packet is the first node.
    fn sender(&mut self, source: End, destination: End, out: &mut Text) -> usize {
        match self.nodes {
            Some([first, _]) => usize::from(source != first),
            None => {
                self.nodes = Some([source, destination]);
                if self.body.is_direct {
                    self.head(out);
                }
                0
            }
        }
    }

    fn segment(&mut self, segment: &Segment, sender: usize, room: &mut usize, out: &mut Text) {
        let Transcript { directions, body, .. } = self;
        if segment.has(flags::ACK) {
            let other = 1 - sender;
            let mut take = |piece: Piece| body.take(other, piece, room, out);
            directions[other].acknowledge(segment.acknowledgment, &mut take);
        }
        let mut sequence = segment.sequence;
        if segment.has(flags::SYN) {
            sequence = sequence.wrapping_add(1);
            let mut take = |piece: Piece| body.take(sender, piece, room, out);
            directions[sender].begin(sequence, &mut take);
        }
        // A segment of which no data was captured is as good as lost.
        let len = if segment.data.is_empty() { 0 } else { segment.len };
        let mut take = |piece: Piece| body.take(sender, piece, room, out);
        directions[sender].segment(sequence, len, segment.data, &mut take);
    }

    fn head(&self, text: &mut Text) {
        let Request { transport, form, which, .. } = self.request;
        let transport = transport.name();
        text.byte(b'\n').str(RULE);
        text.str("Follow: ").str(transport).byte(b',').str(form.name()).str("\nFilter: ");
        match which {
            Which::Stream(stream) => _ = text.str(transport).str(".stream eq ").dec(stream),
            Which::Between(one, other) => {
                let from_to = |text: &mut Text, source: &End, destination: &End| {
                    text.str("((");
                    condition(transport, "src", source, text);
                    text.str(") and (");
                    condition(transport, "dst", destination, text);
                    text.str("))");
                };
                from_to(text, &one, &other);
                text.str(" or ");
                from_to(text, &other, &one);
            }
        }
        text.byte(b'\n');
        for (place, node) in self.nodes.unwrap_or_default().iter().enumerate() {
            text.str("Node ").dec(place as u64).str(": ");
            node.write(text);
            text.byte(b'\n');
        }
    }

    fn finish(&mut self, out: &mut Text) {
        if !self.body.is_direct || self.nodes.is_none() {
            self.head(out);
        }
        let body = std::mem::take(&mut self.body.text);
        out.raw(body.as_bytes());
        if self.body.left_out > 0 {
            let megabytes = (MAX_KEPT >> 20) as u64;
            out.byte(b'[').dec(self.body.left_out).str(" more pieces: no more than ").dec(megabytes);
            out.str(" MiB are kept of several streams; follow this one alone]\n");
        }
        out.str(RULE);
    }
}

impl Body {
    fn take(&mut self, sender: usize, piece: Piece, room: &mut usize, out: &mut Text) {
        match piece {
            Piece::Data(data) => self.piece(sender, data, room, out),
            // Of a segment that was cut the rest is passed over in silence.
            Piece::Hole { why: Why::Cut, .. } => {}
            Piece::Hole { len, .. } => {
                let mut message = Text::new();
                message.byte(b'[').dec(len).str(" bytes missing in capture file]").byte(0);
                self.piece(sender, message.as_bytes(), room, out);
            }
        }
    }

    /// Writes what one side said.
    fn piece(&mut self, sender: usize, bytes: &[u8], room: &mut usize, out: &mut Text) {
        let offset = self.offsets[sender];
        self.offsets[sender] += bytes.len() as u64;
        self.pieces += 1;
        if self.range.is_some_and(|(first, last)| !(first..=last).contains(&self.pieces)) {
            return;
        }
        let text = if self.is_direct { out } else { &mut self.text };
        let before = text.len();
        let indent = if sender == 0 { "" } else { "\t" };
        match self.form {
            Form::Ascii | Form::Utf8 => {
                text.str(indent).dec(bytes.len() as u64).byte(b'\n');
                match self.form {
                    Form::Ascii => write_ascii(bytes, !self.is_terminal, text),
                    _ => write_utf8(bytes, !self.is_terminal, text),
                }
                text.byte(b'\n');
            }
            Form::Hex => write_hex(bytes, offset, indent, text),
            Form::Raw => _ = text.str(indent).hex_bytes(bytes, None).byte(b'\n'),
        }
        if self.is_direct {
            return;
        }
        match room.checked_sub(text.len() - before) {
            Some(rest) => *room = rest,
            None => {
                text.truncate(before);
                *room = 0;
                self.left_out += 1;
            }
        }
    }
}

fn condition(transport: &str, side: &str, end: &End, text: &mut Text) {
    match end.address {
        Address::V6(address) => _ = text.str("ipv6.").str(side).str(" eq ").ipv6(address),
        Address::V4(address) => _ = text.str("ip.").str(side).str(" eq ").ipv4(address),
        _ => {}
    }
    text.str(" and ").str(transport).byte(b'.').str(side).str("port eq ").dec(end.port);
}

const RULE: &str = "===================================================================\n";

/// Text of all conversations but one that is kept until the end, in bytes.
const MAX_KEPT: usize = 128 << 20;
/// Early segments that are kept of all conversations, in bytes, where each needs no more than [`MIN_EARLY_EACH`].
const MAX_EARLY: usize = 64 << 20;
const MIN_EARLY_EACH: usize = 64 << 10;
const MAX_EARLY_EACH: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests() {
        let request = |which, range| Request { transport: Transport::Tcp, form: Form::Hex, which, range };
        let v4 = |last: u32, port| End { address: Address::V4(0xc000_0200 + last), port };
        let localhost = End { address: Address::V6(1u128.to_be_bytes()), port: 7 };
        for (text, expected) in [
            ("tcp,hex,7", request(Which::Stream(7), None)),
            ("tcp,hex,7,2-9", request(Which::Stream(7), Some((2, 9)))),
            ("tcp,hex,7,2", request(Which::Stream(7), Some((2, 2)))),
            ("tcp,hex,192.0.2.1:80,192.0.2.2:9", request(Which::Between(v4(1, 80), v4(2, 9)), None)),
            ("tcp,hex,[::1]:7,[::1]:7,1-1", request(Which::Between(localhost, localhost), Some((1, 1)))),
        ] {
            assert_eq!(Request::parse(text), Ok(expected), "{text}");
        }
        for (text, hint) in [
            ("", "tcp and udp"),
            ("tls,hex,0", "tcp and udp"),
            ("tcp", "ascii, utf-8, hex, raw"),
            ("tcp,ebcdic,0", "ascii, utf-8, hex, raw"),
            ("tcp,hex", "number of a stream"),
            ("tcp,hex,-1", "number of a stream"),
            ("tcp,hex,99999999999", "number of a stream"),
            ("tcp,hex,::1:7,::1:8", "number of a stream"),
            ("tcp,hex,192.0.2.1:80", "number of a stream"),
            ("tcp,hex,0,0-2", "range"),
            ("tcp,hex,0,3-2", "range"),
            ("tcp,hex,0,x", "range"),
            ("tcp,hex,0,1-2,5", "too much"),
        ] {
            assert!(Request::parse(text).is_err_and(|why| why.contains(hint)), "{text}");
        }
    }

    fn body(form: Form, range: Option<(u64, u64)>, pieces: &[(usize, &[u8])], mut room: usize) -> String {
        let mut body = Body {
            form,
            range,
            pieces: 0,
            offsets: [0; 2],
            text: Text::new(),
            left_out: 0,
            is_direct: false,
            is_terminal: false,
        };
        for &(side, bytes) in pieces {
            body.piece(side, bytes, &mut room, &mut Text::new());
        }
        assert_eq!(body.left_out > 0, room == 0);
        body.text.to_string_lossy()
    }

    #[test]
    fn forms() {
        let said: &[(usize, &[u8])] = &[(0, b"a\tb\xe7\x98\xbe\r\n"), (1, b"0123456789abcde "), (0, b"1234567 ")];
        for (form, expected) in [
            (Form::Ascii, "8\na.b...\r\n\n\t16\n0123456789abcde \n8\n1234567 \n"),
            (Form::Utf8, "8\na.b\u{763e}\r\n\n\t16\n0123456789abcde \n8\n1234567 \n"),
            (Form::Raw, "610962e798be0d0a\n\t30313233343536373839616263646520\n3132333435363720\n"),
            (
                Form::Hex,
                "00000000  61 09 62 e7 98 be 0d 0a                           a.b.....\n\
                 \t00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 20  01234567 89abcde\n\
                 00000008  31 32 33 34 35 36 37 20                           1234567 \n",
            ),
        ] {
            assert_eq!(body(form, None, said, 1 << 20), expected, "{form:?}");
        }
        assert_eq!(body(Form::Raw, Some((2, 2)), said, 1 << 20), "\t30313233343536373839616263646520\n");
        assert_eq!(body(Form::Raw, None, said, 20), "610962e798be0d0a\n");
    }

    #[test]
    fn no_carriage_return_on_a_terminal() {
        let (mut text, bytes) = (Text::new(), b"over\rwritten\r\n");
        write_ascii(bytes, false, &mut text);
        write_utf8(bytes, false, &mut text);
        assert_eq!(text.to_string_lossy(), "over.written\nover.written\n");
    }
}
