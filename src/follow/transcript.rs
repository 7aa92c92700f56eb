//! `-z follow`: whole conversations, as tshark writes them.
//!
//! Each is written when the capture ends, the one that was asked for last first; that one is not kept until then where nothing else
//! is written. Bytes that the other side acknowledges and that are not in the capture are named; those that are still awaited at the
//! end are not.

use std::collections::HashMap;

use super::{Datagram, End, Form, Segment, datagrams, need, segments, write_ascii, write_hex, write_utf8};
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
    /// Follows what is asked for, in the order in which it was asked for; `is_alone` says that nothing else writes to standard
    /// output, and `is_terminal` that it is one.
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
            .map(|transport| need(transport.name()))
            .fold(Need::NOTHING, Need::and)
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        if !self.tcp.is_empty() || !self.awaited.is_empty() {
            segments(view).for_each(|segment| self.segment(&segment, out));
        }
        if !self.udp.is_empty() || !self.awaited.is_empty() {
            datagrams(view).for_each(|datagram| self.datagram(&datagram, out));
        }
    }

    fn finish(&mut self, out: &mut Text) {
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
            directions[sender].begin(sequence);
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
