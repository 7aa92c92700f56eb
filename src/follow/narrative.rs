//! `sniff follow`: one TCP connection told as it happens.
//!
//! Every segment that opens or closes the connection is shown with a sentence that says what it is for; between them
//! stands what both sides say, in order, with what is missing. A summary ends it. Nothing of other connections is kept
//! but which of them match.

use std::collections::HashSet;

use super::{End, Form, Segment, between, need, segments, write_hex};
use crate::capture::Time;
use crate::dissect::{Family, Need, View, flags};
use crate::filter::Filter;
use crate::output::Sink;
use crate::output::color::{Palette, Role};
use crate::output::columns::TimeColumn;
use crate::output::time::{TimeFormat, span};
use crate::protocols::tcp::{self, options};
use crate::streams::reassembly::{Arrival, Piece, Reassembly, Why};
use crate::text::{Text, is_invisible};

/// Which connection is told, and how.
pub struct Options {
    /// The connection; without it the first that the filters match.
    pub stream: Option<u32>,
    pub filters: Vec<Filter>,
    /// Other connections that are known to match.
    pub others: HashSet<u32>,
    pub form: Form,
    pub palette: Palette,
    /// The capture may end with the connection.
    pub ends_with_it: bool,
    /// Says something that does not belong to the output.
    pub tell: Box<dyn FnMut(&str)>,
}

/// Tells one connection.
pub struct Narrative {
    options: Options,
    time: TimeColumn,
    connection: Option<Connection>,
}

/// The connection that is told. Side 0 is the client where the opening was seen, else who sent the first segment.
struct Connection {
    stream: u32,
    sides: [Side; 2],
    /// How the sides are called at the beginning of a sentence and in it.
    called: [(&'static str, &'static str); 2],
    opening: Opening,
    closing: Closing,
    /// Both sides sent their FIN before they had the other's.
    is_closed_at_once: bool,
    first: Option<Time>,
    last: Option<Time>,
    prose: Prose,
}

struct Side {
    end: End,
    reassembly: Reassembly,
    /// The frame of its SYN, with the number of its first byte.
    syn: Option<(u64, u32)>,
    offers: Offers,
    /// The sequence number of its FIN.
    fin: Option<u32>,
    is_fin_confirmed: bool,
    segments: u64,
    bytes: u64,
    again: u64,
    early: u64,
    missing: u64,
}

/// What a SYN offers in its options.
#[derive(Clone, Copy, Default)]
struct Offers {
    /// The most bytes of data that a segment to this side may have.
    most: Option<u64>,
    window_scale: Option<u64>,
    selective: bool,
    timestamps: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Opening {
    /// The capture begins in the middle.
    Unseen,
    Asked,
    Answered,
    /// Both directions are open; the frame that said so.
    Done(u64),
}

#[derive(Clone, Copy, PartialEq)]
enum Closing {
    Open,
    /// One side has sent a FIN.
    Half {
        first: usize,
    },
    /// Both have; how many segments that took so far.
    Both {
        first: usize,
        segments: u8,
    },
    Done {
        first: usize,
        segments: u8,
    },
    /// A side has reset the connection.
    Reset {
        by: usize,
        refused: bool,
    },
}

impl Narrative {
    pub fn new(options: Options) -> Narrative {
        let time = TimeColumn::new(TimeFormat::Relative);
        Narrative { options, time, connection: None }
    }

    /// Whether a segment belongs to the connection; the first one that matches begins it.
    fn is_followed(&mut self, view: &View, segment: &Segment) -> bool {
        let matches = || self.options.filters.iter().all(|filter| filter.matches(view));
        match (self.options.stream, &self.connection) {
            (Some(stream), _) => stream == segment.stream,
            (None, Some(connection)) if connection.stream == segment.stream => true,
            (None, None) => matches(),
            (None, Some(_)) => {
                if self.options.others.len() < MAX_OTHERS && !self.options.others.contains(&segment.stream) && matches()
                {
                    self.options.others.insert(segment.stream);
                }
                false
            }
        }
    }
}

impl Sink for Narrative {
    fn need(&self) -> Need {
        self.options.filters.iter().map(Filter::need).fold(need(), Need::and)
    }

    fn packet(&mut self, view: &View, out: &mut Text) {
        for segment in segments(view) {
            if !self.is_followed(view, &segment) {
                continue;
            }
            let connection = match &mut self.connection {
                Some(connection) => connection,
                None => {
                    let begun = Connection::new(&segment, &self.options);
                    (self.options.tell)(&format!("following TCP stream {} ({})", begun.stream, begun.between()));
                    self.connection.insert(begun)
                }
            };
            connection.segment(&segment, &mut self.time, out);
        }
    }

    fn is_done(&self) -> bool {
        let is_over =
            |connection: &Connection| matches!(connection.closing, Closing::Done { .. } | Closing::Reset { .. });
        self.options.ends_with_it && self.connection.as_ref().is_some_and(is_over)
    }

    fn wants_only(&self) -> Option<String> {
        // Who follows the first that matches counts the others.
        self.options.stream?;
        let [one, other] = self.connection.as_ref()?.sides.each_ref().map(|side| side.end);
        between(tcp::PROTOCOL.name(), one, other)
    }

    fn finish(&mut self, _: u64, out: &mut Text) {
        match &mut self.connection {
            Some(connection) => {
                connection.finish(out);
                let missing: u64 = connection.sides.iter().map(|side| side.missing).sum();
                if self.options.form == Form::Raw && missing > 0 {
                    (self.options.tell)(&format!("{missing} bytes of the connection are not in the capture"));
                }
            }
            None => match self.options.stream {
                Some(stream) => (self.options.tell)(&format!("there is no TCP stream {stream}")),
                None => (self.options.tell)(NOTHING),
            },
        }
        match self.options.others.len() {
            0 => {}
            1 => (self.options.tell)("1 other stream matched; --stream N follows another one"),
            many => (self.options.tell)(&format!("{many} other streams matched; --stream N follows another one")),
        }
    }
}

impl Connection {
    fn new(segment: &Segment, options: &Options) -> Connection {
        let is_answer = segment.has(flags::SYN) && segment.has(flags::ACK);
        let (client, server) = match is_answer {
            true => (segment.destination, segment.source),
            false => (segment.source, segment.destination),
        };
        let (names, called) = match segment.has(flags::SYN) {
            true => (["client", "server"], [("The client", "the client"), ("The server", "the server")]),
            // Who asked whom is not known.
            false => (["A", "B"], [("A", "A"), ("B", "B")]),
        };
        Connection {
            stream: segment.stream,
            sides: [Side::new(client), Side::new(server)],
            called,
            opening: Opening::Unseen,
            closing: Closing::Open,
            is_closed_at_once: false,
            first: None,
            last: None,
            prose: Prose {
                form: options.form,
                palette: options.palette.clone(),
                names,
                open: None,
                is_interrupted: [false; 2],
                rest: [Vec::new(), Vec::new()],
                offsets: [0; 2],
            },
        }
    }

    fn between(&self) -> String {
        let mut text = Text::new();
        self.sides[0].end.write(&mut text);
        text.str(" → ");
        self.sides[1].end.write(&mut text);
        text.to_string_lossy()
    }

    fn segment(&mut self, segment: &Segment, time: &mut TimeColumn, out: &mut Text) {
        let view = segment.layer.view;
        let sender = usize::from(segment.source != self.sides[0].end);
        let other = 1 - sender;
        if self.sides.iter().all(|side| side.segments == 0) {
            self.begin(segment, out);
        }
        self.first = self.first.or(view.frame.time);
        self.last = view.frame.time.or(self.last);
        self.sides[sender].segments += 1;
        if segment.has(flags::ACK) {
            let [one, two] = &mut self.sides;
            let side = if other == 0 { one } else { two };
            let prose = &mut self.prose;
            let Side { reassembly, bytes, missing, .. } = side;
            reassembly.acknowledge(segment.acknowledgment, &mut |piece| prose.take(other, piece, bytes, missing, out));
        }
        let before = self.story_before(segment, sender);
        self.tell(segment, sender, before, time, out);
        self.data(segment, sender, out);
        let after = self.story_after(segment, sender);
        self.tell(segment, sender, after, time, out);
    }

    /// Shows a segment with its sentences, if there are any.
    fn tell(&mut self, segment: &Segment, sender: usize, story: Option<String>, time: &mut TimeColumn, out: &mut Text) {
        let Some(story) = story.filter(|_| self.prose.form != Form::Raw) else { return };
        self.prose.end_line(out);
        self.prose.segment(segment, sender, time, out);
        for sentence in story.lines() {
            out.fill(b' ', INDENT).str(sentence).byte(b'\n');
        }
    }

    fn begin(&mut self, segment: &Segment, out: &mut Text) {
        if self.prose.form == Form::Raw {
            return;
        }
        let palette = &self.prose.palette;
        out.str(palette.start(Role::Title(Family::Stream))).str("TCP stream ").dec(self.stream);
        out.str(palette.end(Role::Title(Family::Stream)));
        for (place, side) in self.sides.iter().enumerate() {
            out.str(if place == 0 { ": " } else { ", " }).str(self.prose.names[place]).byte(b' ');
            out.str(palette.start(SIDES[place]));
            side.end.write(out);
            out.str(palette.end(SIDES[place]));
        }
        out.byte(b'\n');
        if !segment.has(flags::SYN) {
            out.str("The opening of the connection is not in the capture: what follows begins in its middle.\n");
        }
    }

    /// What there is to say about a segment before what it carries.
    fn story_before(&mut self, segment: &Segment, sender: usize) -> Option<String> {
        let frame = segment.layer.view.frame.number;
        let (who, whom) = (self.called[sender].0, self.called[1 - sender].1);
        let (has_ack, len) = (segment.has(flags::ACK), segment.len);
        if segment.has(flags::RST) {
            return self.reset(segment, sender);
        }
        if segment.has(flags::SYN) {
            let first = segment.sequence.wrapping_add(1);
            let again = self.sides[sender].syn.is_some_and(|(_, known)| known == first);
            self.sides[sender].syn = Some((frame, first));
            self.sides[sender].offers = Offers::of(segment);
            let shown = self.shown_sequence(segment).wrapping_add(1);
            let real = match shown == first {
                true => String::new(),
                false if has_ack => format!(" (on the wire {first})"),
                false => format!(" (on the wire {first}: numbers are shown as if each side began at 0)"),
            };
            return Some(match (has_ack, again) {
                (false, true) => format!("{who} asks once more: it has got no answer yet."),
                (true, true) => format!("{who} agrees once more: its first answer seems to be lost."),
                (false, false) => {
                    self.opening = Opening::Asked;
                    let mut text =
                        format!("{who} asks to open a connection; its first byte will have the number {shown}{real}.");
                    if len > 0 {
                        text +=
                            &format!("\nIt sends {len} bytes along without waiting for the answer (TCP Fast Open).");
                    }
                    text
                }
                (true, false) => {
                    self.opening = Opening::Answered;
                    let expected = segment.layer.number(&tcp::ACK).unwrap_or(segment.acknowledgment.into());
                    let asked = self.sides[1 - sender].syn.map(|_| self.sides[1 - sender].offers);
                    let agreed = asked.map(|asked| format!("\n{}", self.sides[sender].offers.agreed(&asked)));
                    let agreed = agreed.unwrap_or_default();
                    format!(
                        "{who} agrees (ACK: the byte that it expects from {whom} is number {expected}) and \
                         opens its own direction; \
                         its first byte will have the number {shown}{real}.{agreed}"
                    )
                }
            });
        }
        if has_ack && sender == 0 && self.opening == Opening::Answered && !segment.has(flags::FIN) {
            self.opening = Opening::Done(frame);
            let along = match len {
                0 => "",
                _ => " Its first data comes along with it.",
            };
            return Some(format!("{who} has got the answer: the connection is open in both directions.{along}"));
        }
        None
    }

    fn reset(&mut self, segment: &Segment, sender: usize) -> Option<String> {
        let (who, whom) = (self.called[sender].0, self.called[1 - sender].1);
        if let Closing::Reset { .. } = self.closing {
            return Some(format!("{who} says it again."));
        }
        let was_closed = matches!(self.closing, Closing::Done { .. });
        let refused = sender == 1 && self.opening == Opening::Asked;
        if !was_closed {
            self.closing = Closing::Reset { by: sender, refused };
        }
        let mut text = match (refused, was_closed) {
            (true, _) => format!(
                "{who} refuses (RST): nobody listens on its port {}, or something on the way does not let {whom} in.",
                segment.source.port
            ),
            (_, true) => format!("{who} knows nothing of the connection any more and says so (RST)."),
            _ => format!(
                "{who} resets the connection (RST): it is over at once for both, without goodbye. What is on \
                 its way or was not yet read may be lost."
            ),
        };
        if !segment.data.is_empty() {
            let mut cause = Text::new();
            cause.wire(segment.data);
            text += &format!("\nIt says why: {}", cause.to_string_lossy());
        }
        Some(text)
    }

    fn data(&mut self, segment: &Segment, sender: usize, out: &mut Text) {
        let [one, two] = &mut self.sides;
        let side = if sender == 0 { one } else { two };
        let Side { reassembly, bytes, missing, again, early, .. } = side;
        let prose = &mut self.prose;
        let mut take = |piece: Piece| prose.take(sender, piece, bytes, missing, out);
        let mut sequence = segment.sequence;
        if segment.has(flags::SYN) {
            sequence = sequence.wrapping_add(1);
            reassembly.begin(sequence, &mut take);
        }
        if segment.has(flags::RST) {
            return;
        }
        match reassembly.segment(sequence, segment.len, segment.data, &mut take) {
            Arrival::Again => *again += 1,
            Arrival::Early => *early += 1,
            Arrival::New | Arrival::Empty => {}
        }
    }

    /// What there is to say about a segment after what it carries: how it closes the connection.
    fn story_after(&mut self, segment: &Segment, sender: usize) -> Option<String> {
        if segment.has(flags::RST) {
            return None;
        }
        let other = 1 - sender;
        let (who, whom) = (self.called[sender].0, self.called[other].1);
        let confirms = segment.has(flags::ACK)
            && !self.sides[other].is_fin_confirmed
            && self.sides[other].fin.is_some_and(|fin| segment.acknowledgment == fin.wrapping_add(1));
        if confirms {
            self.sides[other].is_fin_confirmed = true;
        }
        if segment.has(flags::FIN) {
            let end = segment.sequence.wrapping_add(segment.len);
            if self.sides[sender].fin.replace(end).is_some() {
                return Some(format!(
                    "{who} says once more that it has nothing more to send: it has seen no answer yet."
                ));
            }
            let text = match (self.closing, confirms) {
                (Closing::Open, _) => {
                    self.closing = Closing::Half { first: sender };
                    format!(
                        "{who} closes its direction (FIN): it has nothing more to send, but goes on listening. \
                         The FIN counts as one byte, so that it can be confirmed."
                    )
                }
                (Closing::Half { first }, true) => {
                    self.closing = Closing::Both { first, segments: 2 };
                    format!("{who} confirms that and closes its own direction in the same segment.")
                }
                (Closing::Half { first }, false) => {
                    self.closing =
                        Closing::Both { first, segments: if self.sides[other].is_fin_confirmed { 3 } else { 2 } };
                    self.is_closed_at_once = !self.sides[other].is_fin_confirmed;
                    match self.sides[other].is_fin_confirmed {
                        true => {
                            format!("{who} has nothing more to send either and closes its direction too (FIN).")
                        }
                        false => format!(
                            "{who} closes its direction (FIN) before it has heard that {whom} did: both close at once."
                        ),
                    }
                }
                _ => format!("{who} closes its direction (FIN)."),
            };
            return Some(text + &self.closed().map(|more| format!("\n{more}")).unwrap_or_default());
        }
        if !confirms {
            return None;
        }
        if let Closing::Both { segments, .. } = &mut self.closing {
            *segments += 1;
        }
        Some(match self.closed() {
            Some(closed) => format!("{who} confirms.\n{closed}"),
            None => {
                let more = if self.sides[sender].fin.is_none() { "; it may still send itself" } else { "" };
                format!("{who} confirms that it has everything that {whom} sent{more}.")
            }
        })
    }

    /// The end, if both directions are closed now.
    fn closed(&mut self) -> Option<String> {
        let Closing::Both { first, segments } = self.closing else { return None };
        if !self.sides.iter().all(|side| side.is_fin_confirmed) {
            return None;
        }
        self.closing = Closing::Done { first, segments };
        let (who, whom) = (self.called[first].0, self.called[1 - first].0);
        let why = "if its last word is lost, it can say it again, and a late segment is not taken for part of a \
            new connection";
        Some(match self.is_closed_at_once {
            true => format!("The connection is closed. Both sides still remember it for a while (TIME_WAIT): {why}."),
            false => format!(
                "The connection is closed. {who}, which closed first, still remembers it for a while \
                 (TIME_WAIT): {why}. {whom} may forget it now."
            ),
        })
    }

    /// The sequence number as it is shown: relative to the first, unless it is shown as it is.
    fn shown_sequence(&self, segment: &Segment) -> u32 {
        let shown = segment.layer.number(&tcp::SEQ).or_else(|| segment.layer.number(&tcp::SEQ_AS_IT_IS));
        shown.map_or(segment.sequence, |number| number as u32)
    }

    fn finish(&mut self, out: &mut Text) {
        for (place, side) in self.sides.iter_mut().enumerate() {
            let prose = &mut self.prose;
            let Side { reassembly, bytes, missing, fin, .. } = side;
            reassembly.finish(*fin, &mut |piece| prose.take(place, piece, bytes, missing, out));
            prose.flush(place, out);
        }
        if self.prose.form == Form::Raw {
            return;
        }
        self.prose.end_line(out);
        let palette = &self.prose.palette;
        out.byte(b'\n').str(palette.start(Role::Title(Family::Stream))).str("Summary of TCP stream ").dec(self.stream);
        out.str(palette.end(Role::Title(Family::Stream)));
        if let (Some(first), Some(last)) = (self.first, self.last) {
            let duration = last.since(first);
            out.str(", ");
            span(duration.seconds(), duration.nanos(), 6, out);
            out.str(" seconds");
        }
        out.byte(b'\n');
        for (place, side) in self.sides.iter().enumerate() {
            let [from, to] = if place == 0 { self.prose.names } else { [self.prose.names[1], self.prose.names[0]] };
            out.str("  ").str(palette.start(SIDES[place])).str(from).str(" → ").str(to).str(palette.end(SIDES[place]));
            out.str(": ").str(&count(side.bytes, "byte")).str(" in ").str(&count(side.segments, "segment"));
            out.str("; sent again: ").dec(side.again).str(", out of order: ").dec(side.early);
            if side.missing > 0 {
                out.str(", ").str(palette.start(Role::Trouble)).str("not captured: ").str(&count(side.missing, "byte"));
                out.str(palette.end(Role::Trouble));
            }
            out.byte(b'\n');
        }
        out.str("  opened: ").str(&self.opened()).str("\n  closed: ").str(&self.ended()).byte(b'\n');
    }

    fn opened(&self) -> String {
        let frame = |side: usize| self.sides[side].syn.map(|syn| syn.0);
        match (self.opening, frame(0), frame(1)) {
            (Opening::Done(third), Some(first), Some(second)) => {
                format!("by {} with the three-way handshake (frames {first}, {second}, {third})", self.called[0].1)
            }
            (Opening::Unseen, ..) => "before the capture began".into(),
            (Opening::Asked, ..) => "not: the request was not answered".into(),
            _ => "the handshake is not all in the capture".into(),
        }
    }

    fn ended(&self) -> String {
        let name = |side: usize| self.called[side].1;
        match self.closing {
            Closing::Open => "not in this capture".into(),
            Closing::Half { first } => format!("by {} only, the other direction stayed open", name(first)),
            Closing::Both { first, .. } => {
                format!("by both, {} first; the last confirmation is not in the capture", name(first))
            }
            Closing::Done { first, segments } => {
                let words = ["", "", "two", "three", "four"];
                let words = words.get(usize::from(segments)).copied().unwrap_or("several");
                let order = match self.is_closed_at_once {
                    true => "at the same time".into(),
                    false => format!("{} first", name(first)),
                };
                format!("by both in {words} segments, {order}")
            }
            Closing::Reset { refused: true, .. } => "never opened: refused".into(),
            Closing::Reset { by, .. } => format!("by a reset of {}", name(by)),
        }
    }
}

impl Side {
    fn new(end: End) -> Side {
        Side {
            end,
            reassembly: Reassembly::new(MAX_EARLY),
            syn: None,
            offers: Offers::default(),
            fin: None,
            is_fin_confirmed: false,
            segments: 0,
            bytes: 0,
            again: 0,
            early: 0,
            missing: 0,
        }
    }
}

impl Offers {
    fn of(segment: &Segment) -> Offers {
        let layer = &segment.layer;
        Offers {
            most: layer.number(&options::MSS_VAL),
            // "The maximum scale exponent is limited to 14" (RFC 7323, section 2.3)
            window_scale: layer.number(&options::WSCALE_SHIFT).map(|shift| 1 << shift.min(14)),
            selective: layer.find(&options::SACK_PERM).is_some(),
            timestamps: layer.find(&options::TIMESTAMP).is_some(),
        }
    }

    /// Says what both sides offer, which is what holds.
    fn agreed(&self, other: &Offers) -> String {
        let both = [
            (self.window_scale.is_some() && other.window_scale.is_some(), "larger windows (window scale)"),
            (self.selective && other.selective, "selective acknowledgments (SACK)"),
            (self.timestamps && other.timestamps, "timestamps"),
        ];
        let both: Vec<&str> = both.iter().filter(|row| row.0).map(|row| row.1).collect();
        match both.is_empty() {
            true => "They agree on no options.".into(),
            false => format!("Both offer, and so will use: {}.", both.join(", ")),
        }
    }
}

/// Writes what both sides say, and keeps lines apart.
struct Prose {
    form: Form,
    palette: Palette,
    names: [&'static str; 2],
    /// The side whose line is not at its end yet.
    open: Option<usize>,
    /// The line of a side was cut by something else.
    is_interrupted: [bool; 2],
    /// The beginning of a character, or a carriage return, of which the rest is still to come.
    rest: [Vec<u8>; 2],
    offsets: [u64; 2],
}

impl Prose {
    /// Writes the line of a segment: frame, time, direction, flags, numbers, options.
    fn segment(&self, segment: &Segment, sender: usize, time: &mut TimeColumn, out: &mut Text) {
        let layer = &segment.layer;
        let palette = &self.palette;
        out.str(palette.start(Role::Faint));
        let start = out.len();
        out.dec(layer.view.frame.number);
        let len = out.len() - start;
        if len < NUMBER_WIDTH {
            out.fill(b' ', NUMBER_WIDTH - len);
            out.rotate_right(start, NUMBER_WIDTH - len);
        }
        out.byte(b' ');
        time.write(&layer.view, out);
        out.str(palette.end(Role::Faint)).byte(b' ').str(palette.start(SIDES[sender]));
        out.str(self.names[0]).str(if sender == 0 { " → " } else { " ← " }).str(self.names[1]).str(" [");
        tcp::write_flags(segment.flags.into(), out);
        out.byte(b']').str(palette.end(SIDES[sender]));
        for (title, fields) in [(" Seq=", [&tcp::SEQ, &tcp::SEQ_AS_IT_IS]), (" Ack=", [&tcp::ACK, &tcp::ACK_AS_IT_IS])]
        {
            if fields[0].is(&tcp::ACK) && !segment.has(flags::ACK) {
                continue;
            }
            if let Some(number) = layer.number(fields[0]).or_else(|| layer.number(fields[1])) {
                out.str(title).dec(number);
            }
        }
        if segment.len > 0 {
            out.str(" Len=").dec(segment.len);
        }
        if segment.has(flags::SYN) {
            let offers = Offers::of(segment);
            for (title, number) in [(" MSS=", offers.most), (" WS=", offers.window_scale)] {
                if let Some(number) = number {
                    out.str(title).dec(number);
                }
            }
            out.str(if offers.selective { " SACK" } else { "" }).str(if offers.timestamps {
                " timestamps"
            } else {
                ""
            });
        }
        out.byte(b'\n');
    }

    fn take(&mut self, side: usize, piece: Piece, bytes: &mut u64, missing: &mut u64, out: &mut Text) {
        match piece {
            Piece::Data(data) => {
                *bytes += data.len() as u64;
                self.data(side, data, out);
                self.offsets[side] += data.len() as u64;
            }
            Piece::Hole { len, why } => {
                *missing += len;
                self.offsets[side] += len;
                self.hole(side, len, why, out);
            }
        }
    }

    fn data(&mut self, side: usize, data: &[u8], out: &mut Text) {
        match self.form {
            Form::Raw => _ = out.raw(data),
            Form::Hex => {
                let mut indent = Text::new();
                indent.str(ARROWS[side]).byte(b' ').str(self.palette.start(SIDES[side]));
                let mut text = Text::new();
                write_hex(data, self.offsets[side], "", &mut text);
                for line in text.as_bytes().split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
                    out.raw(indent.as_bytes()).raw(line).str(self.palette.end(SIDES[side])).byte(b'\n');
                }
            }
            Form::Ascii | Form::Utf8 => {
                let mut rest = std::mem::take(&mut self.rest[side]);
                if rest.is_empty() {
                    let (whole, begun) = data.split_at(data.len() - unfinished(data));
                    self.text(side, whole, out);
                    rest.extend_from_slice(begun);
                } else {
                    rest.extend_from_slice(data);
                    let whole = rest.len() - unfinished(&rest);
                    self.text(side, &rest[..whole], out);
                    rest.drain(..whole);
                }
                self.rest[side] = rest;
            }
        }
    }

    /// Writes text line by line, each begun by an arrow.
    fn text(&mut self, side: usize, bytes: &[u8], out: &mut Text) {
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            if self.open != Some(side) {
                self.end_line(out);
                out.str(ARROWS[side]).str(if self.is_interrupted[side] { "…" } else { " " });
                self.is_interrupted[side] = false;
                self.open = Some(side);
            }
            let (content, is_whole) = match line.strip_suffix(b"\n") {
                Some(content) => (content.strip_suffix(b"\r").unwrap_or(content), true),
                None => (line, false),
            };
            if !content.is_empty() {
                out.str(self.palette.start(SIDES[side]));
                match self.form {
                    Form::Utf8 => write_characters(content, out),
                    _ => content.iter().for_each(|&byte| {
                        out.byte(if (b' '..=b'~').contains(&byte) { byte } else { b'.' });
                    }),
                }
                out.str(self.palette.end(SIDES[side]));
            }
            if is_whole {
                out.byte(b'\n');
                self.open = None;
            }
        }
    }

    fn hole(&mut self, side: usize, len: u64, why: Why, out: &mut Text) {
        self.flush(side, out);
        if self.form == Form::Raw {
            return;
        }
        self.end_line(out);
        self.is_interrupted[side] = false;
        let bytes = count(len, "byte");
        let are = if len == 1 { "is" } else { "are" };
        out.str(ARROWS[side])
            .byte(b' ')
            .str(self.palette.start(Role::Trouble))
            .byte(b'[')
            .str(&bytes)
            .byte(b' ')
            .str(are);
        out.str(match why {
            Why::Acknowledged => " not in the capture, but arrived: the other side acknowledged what follows",
            Why::Cut => " not in the capture: only the beginning of the segment was kept",
            Why::Full => " given up: too much that follows is waiting",
            Why::End => " not in the capture",
        });
        out.byte(b']').str(self.palette.end(Role::Trouble)).byte(b'\n');
    }

    /// Writes what of a character came and will not be completed.
    fn flush(&mut self, side: usize, out: &mut Text) {
        let rest = std::mem::take(&mut self.rest[side]);
        if !rest.is_empty() {
            self.text(side, &rest, out);
        }
    }

    /// Ends the line that is open.
    fn end_line(&mut self, out: &mut Text) {
        if let Some(side) = self.open.take() {
            self.is_interrupted[side] = true;
            out.byte(b'\n');
        }
    }
}

/// Writes UTF-8: a dot stands for what would not be seen, U+FFFD for what is none.
fn write_characters(bytes: &[u8], out: &mut Text) {
    if bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        out.raw(bytes);
        return;
    }
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match is_invisible(character) {
                true => _ = out.byte(b'.'),
                false => _ = out.printable(character),
            }
        }
        if !chunk.invalid().is_empty() {
            out.str("\u{fffd}");
        }
    }
}

/// How many bytes at the end may be the beginning of a character, or of the end of a line.
fn unfinished(bytes: &[u8]) -> usize {
    if bytes.ends_with(b"\r") {
        return 1;
    }
    for len in 1..=bytes.len().min(3) {
        let needed = match bytes[bytes.len() - len] {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 0,
        };
        return if needed > len { len } else { 0 };
    }
    0
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What is said where nothing was followed.
pub const NOTHING: &str = "no TCP segment matched";
const SIDES: [Role; 2] = [Role::Client, Role::Server];
const ARROWS: [&str; 2] = ["→", "←"];
const NUMBER_WIDTH: usize = 5;
/// Where sentences stand: below the time.
const INDENT: usize = NUMBER_WIDTH + 1;
/// Early segments that are kept of one direction, in bytes.
const MAX_EARLY: usize = 16 << 20;
/// Matching streams that are counted.
const MAX_OTHERS: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_character_waits() {
        for (bytes, held) in [
            (b"" as &[u8], 0),
            (b"abc", 0),
            (b"abc\r", 1),
            (b"abc\r\n", 0),
            (b"\xe7", 1),
            (b"a\xe7\xb2", 2),
            (b"\xe7\xb2\x98", 0),
            (b"\xf0\x9f\x98", 3),
            (b"\xff", 0),
            (b"\x80\x80\x80\x80", 0),
        ] {
            assert_eq!(unfinished(bytes), held, "{bytes:?}");
        }
    }

    fn prose(form: Form) -> Prose {
        Prose {
            form,
            palette: Palette::default(),
            names: ["client", "server"],
            open: None,
            is_interrupted: [false; 2],
            rest: [Vec::new(), Vec::new()],
            offsets: [0; 2],
        }
    }

    fn said(form: Form, pieces: &[(usize, &[u8])]) -> String {
        let (mut prose, mut out) = (prose(form), Text::new());
        for &(side, bytes) in pieces {
            let (mut said, mut missing) = (0, 0);
            prose.take(side, Piece::Data(bytes), &mut said, &mut missing, &mut out);
        }
        (0..2).for_each(|side| prose.flush(side, &mut out));
        prose.end_line(&mut out);
        out.to_string_lossy()
    }

    #[test]
    fn lines_of_both_sides_are_kept_apart() {
        assert_eq!(
            said(Form::Utf8, &[(0, b"one\r\ntwo"), (0, b"!\n"), (1, b"yes\r"), (1, b"\n")]),
            "→ one\n→ two!\n← yes\n"
        );
        assert_eq!(
            said(Form::Utf8, &[(0, b"user "), (1, b"password: "), (0, b"joe\n")]),
            "→ user \n← password: \n→…joe\n"
        );
        assert_eq!(said(Form::Utf8, &[(0, b"\xe7\xb2"), (1, b"x\n"), (0, b"\x98\n")]), "← x\n→ \u{7c98}\n");
    }

    #[test]
    fn nothing_from_the_wire_commands_a_terminal() {
        let hostile = "\x1b[31m\u{9b}31m\u{202e}\r\x07\x08\tend\n".as_bytes();
        assert_eq!(said(Form::Utf8, &[(0, hostile)]), "→ .[31m.31m.....end\n");
        assert_eq!(said(Form::Ascii, &[(0, hostile)]), "→ .[31m..31m.......end\n");
        assert_eq!(said(Form::Hex, &[(1, b"\x1b[3")]), format!("← 00000000  1b 5b 33{:42}.[3\n", ""));
        assert_eq!(said(Form::Raw, &[(1, b"\x1b\xff")]).as_bytes(), "\x1b\u{fffd}".as_bytes());
    }
}
