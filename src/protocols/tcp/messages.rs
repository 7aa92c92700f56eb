//! What of a stream of messages a segment carries: pieces of those that go on, and what pieces were put together from.

use super::{DESEGMENT, PAYLOAD, REASSEMBLE_OUT_OF_ORDER, Segment, analysis};
use crate::dissect::{
    Again, Asks, Assembly, Buffer, Delivery, Entry, Field, Group, Layer, LayerView, Next, Part, Preferences, Registry,
    Severity, What, fields, flags, piece_line, pieces_line, verdict,
};
use crate::text::Text;

fields! {
    SEGMENTS = none("tcp.segments", "Reassembled TCP Segments").generated().label(pieces_line).asks(Asks::Messages);
    SEGMENT = frame_number("tcp.segment", "TCP Segment").generated().label(piece_line).asks(Asks::Messages);
    SEGMENT_OVERLAP = boolean("tcp.segment.overlap", "Segment overlap").generated().asks(Asks::Messages);
    SEGMENT_CONFLICT = boolean("tcp.segment.overlap.conflict", "Conflicting data in segment overlap").generated()
        .asks(Asks::Messages).in_columns();
    SEGMENT_SECOND_TAIL = boolean("tcp.segment.multipletails", "Multiple tail segments found").generated()
        .asks(Asks::Messages);
    SEGMENT_TOO_LONG = boolean("tcp.segment.toolongfragment", "Segment too long").generated().asks(Asks::Messages);
    SEGMENT_ERROR = frame_number("tcp.segment.error", "Reassembling error").generated().label(piece_line)
        .asks(Asks::Messages);
    FIN_AGAIN = frame_number("tcp.fin_retransmission", "Retransmission of FIN from frame").generated().asks(Asks::Messages);
    SEGMENT_COUNT = uint32("tcp.segment.count", "Segment count").generated().asks(Asks::Messages);
    REASSEMBLED_IN = frame_number("tcp.reassembled_in", "Reassembled PDU in frame").generated().asks(Asks::Messages);
    REASSEMBLED_LENGTH = uint32("tcp.reassembled.length", "Reassembled TCP length").generated().asks(Asks::Messages);
    REASSEMBLED_DATA = bytes("tcp.reassembled.data", "Reassembled TCP Data").generated().asks(Asks::Messages);
    PDU_SIZE = uint32("tcp.pdu.size", "PDU Size").generated().asks(Asks::Messages);
    SEGMENT_DATA = bytes("tcp.segment_data", "TCP segment data").label(segment_data_line).asks(Asks::Messages);
    SEGMENT_DATA_AGAIN = bytes("tcp.segment_data", "Retransmitted TCP segment data").label(segment_data_line)
        .asks(Asks::Messages);
    SEGMENT_DATA_AWAITED = bytes("tcp.segment_data", "TCP segment data").label(segment_data_line).asks(Asks::Messages)
        .in_columns();
    REFUSED = protocol("_ws.malformed", "Malformed Packet").label(refused_line).in_columns();
    REFUSED_EXPERT = expert("_ws.malformed.reassembly", "New fragment overlaps old data (retransmission?)", Severity::Error,
        Group::Malformed).asks(Asks::Messages);
    GIVEN_UP = expert("tcp.reassembly.given_up", "This message is longer than what is kept of one (16 MiB), or nothing came \
        of it for long while much else was kept (--memory): it is not put together", Severity::Warning, Group::Reassemble);
}

/// What is said of a piece that stands where a whole message was already.
const REFUSAL: &str = "[Reassembly error, protocol TCP: New fragment overlaps old data (retransmission?)]";

/// What is said of pieces that contradict each other.
const ILLEGAL: &str = "[Illegal Segments]";

/// What is said of a segment with a piece of a message that does not end there.
const PIECE: &str = " [TCP segment of a reassembled PDU]";

/// The fields of a message that was put together.
static ASSEMBLY: Assembly = Assembly {
    line: &SEGMENTS,
    piece: &SEGMENT,
    error: &SEGMENT_ERROR,
    overlap: &SEGMENT_OVERLAP,
    conflict: &SEGMENT_CONFLICT,
    second_tail: &SEGMENT_SECOND_TAIL,
    too_long: &SEGMENT_TOO_LONG,
    count: &SEGMENT_COUNT,
    length: &REASSEMBLED_LENGTH,
    data: &REASSEMBLED_DATA,
};

/// Has the rest of the segment cut into messages, shows what of them began earlier or goes on, and leaves the whole ones to be
/// dissected.
pub(super) fn deliver(l: &mut Layer, segment: &Segment, again: Again) -> Next {
    if !l.wants_messages() {
        return Next::End;
    }
    let preferences = l.preferences();
    l.deliver(|delivery| describe(delivery, segment, again, preferences));
    if l.is_recorded() {
        l.with_delivered(show);
    }
    Next::Messages
}

/// Says what the memory has to know of a segment whose data it is given.
pub(super) fn describe(delivery: &mut Delivery, segment: &Segment, again: Again, preferences: &Preferences) {
    let is_apart = !preferences.get(&DESEGMENT);
    delivery.conversation = segment.conversation;
    delivery.stream = segment.note.stream;
    delivery.sequence = segment.header.sequence;
    delivery.is_last = segment.header.has(flags::FIN);
    delivery.is_behind_loss = segment.note.analysis.is(verdict::LOST_SEGMENT);
    delivery.is_late = segment.note.analysis.is(verdict::OUT_OF_ORDER | verdict::FAST_RETRANSMISSION);
    delivery.again = again;
    delivery.in_order = preferences.get(&REASSEMBLE_OUT_OF_ORDER) && !is_apart;
    delivery.is_apart = is_apart;
}

/// The data of a segment that was captured whole, for the memory.
pub(super) fn of<'a>(
    segment: &Segment,
    data: &'a [u8],
    registry: &'a Registry,
    preferences: &Preferences,
) -> Delivery<'a> {
    let mut delivery = Delivery::new(registry, data, data.len());
    // The end of the stream alone may be the end of a message.
    let is_data = !data.is_empty();
    let again = if is_data { analysis::again(preferences, &segment.note.analysis, true) } else { Again::No };
    describe(&mut delivery, segment, again, preferences);
    delivery
}

/// Whether a part may have a row in TCP's tree.
pub(super) fn has_row(part: &Part) -> bool {
    part.what != What::Message || part.ends_in.is_some() || part.protocol.is_some_and(|protocol| protocol.sized)
}

/// Shows what the memory found in the data that begins at the cursor.
pub(super) fn show_delivered(l: &mut Layer) {
    l.with_delivered(show);
}

fn show(l: &mut Layer, parts: &[Part]) {
    let data_at = l.offset();
    // What stands in TCP's own tree comes before what stands beside it.
    for (place, part) in parts.iter().enumerate() {
        if part.what == What::Assembled || part.protocol.is_some_and(|protocol| protocol.sized) {
            sizes(l, data_at, part, parts.get(place + 1..).unwrap_or_default());
        }
        let field = match part.what {
            What::Begun | What::Awaiting | What::GivenUp => &SEGMENT_DATA_AWAITED,
            What::Again => &SEGMENT_DATA_AGAIN,
            _ => &SEGMENT_DATA,
        };
        if let (What::ClosedAgain, Some(frame)) = (part.what, part.ends_in) {
            l.generated(&FIN_AGAIN, frame);
            continue;
        }
        let shows_data = !matches!(part.what, What::Message | What::Refused);
        if shows_data && part.len > 0 {
            l.generated_at(field, 0u64, data_at.saturating_add(part.start), part.len);
        }
        if let Some(frame) = part.ends_in {
            l.generated(&REASSEMBLED_IN, frame);
        }
        match part.what {
            What::Begun | What::BegunBehind if part.len > 0 || part.buffer.is_some() => preview(l, part),
            What::GivenUp => l.expert(&GIVEN_UP),
            _ => {}
        }
    }
    for part in parts {
        match part.what {
            What::Assembled => {
                if let Some(source) = part.buffer.as_ref().and_then(|buffer| l.add_source(buffer)) {
                    l.at_top(|l| l.assembly(&ASSEMBLY, source));
                }
            }
            What::Refused => l.at_top(|l| {
                l.generated(&REFUSED, 0u64);
                l.expert(&REFUSED_EXPERT);
            }),
            _ => {}
        }
    }
}

/// Shows how long messages are whose protocol wants that: one that stands in the segment, or those that were put together, which are
/// the `next` ones.
fn sizes(l: &mut Layer, data_at: usize, part: &Part, next: &[Part]) {
    let is_sized = |part: &&Part| part.what == What::Message && part.protocol.is_some_and(|protocol| protocol.sized);
    if part.what == What::Assembled {
        for part in next.iter().take_while(|part| part.buffer.is_some()).filter(is_sized) {
            l.generated(&PDU_SIZE, part.len as u64);
        }
    } else if part.buffer.is_none() && is_sized(&part) {
        l.generated_at(&PDU_SIZE, part.len as u64, data_at.saturating_add(part.start), part.len);
    }
}

/// Keeps what the packet list says of a message that has only begun.
fn preview(l: &mut Layer, part: &Part) {
    let Some(write) = part.protocol.and_then(|protocol| protocol.preview) else { return };
    let rest = l.remaining();
    let here = || rest.get(part.start..part.start.saturating_add(part.len).min(rest.len())).unwrap_or_default();
    let bytes = part.buffer.as_deref().map_or_else(here, |buffer: &Buffer| buffer.bytes.as_slice());
    l.set_preview(|text| write(bytes, text));
}

/// Whether the segment gives a message a piece that does not end it, or ends it too late, and more follows behind that: what TCP says
/// stays then.
pub(super) fn stays(layer: &LayerView) -> bool {
    let end = |entry: &Entry| u64::from(entry.start) + u64::from(entry.len);
    let mut piece = None;
    for entry in layer.entries().iter().rev() {
        if entry.field.is(&PAYLOAD) {
            return piece.is_some_and(|piece| end(piece) < end(entry));
        } else if entry.field.is(&SEGMENT_DATA_AWAITED) {
            piece = Some(entry);
        }
    }
    false
}

/// The rows about messages, which stand behind the payload if there is any.
fn behind_payload<'a>(layer: &LayerView<'a>) -> impl Iterator<Item = &'a Entry> + use<'a> {
    layer.entries().iter().rev().take_while(|entry| !entry.field.is(&PAYLOAD))
}

/// Writes that the first message that the segment has for others was put together from pieces that contradict each other.
pub(super) fn afterword(layer: &LayerView, info: &mut Text) {
    if behind_payload(layer).any(|entry| entry.field.is(&SEGMENT_CONFLICT)) {
        info.str(ILLEGAL);
    }
}

/// Writes what the Info column says of messages, behind what TCP says or instead of it: that begins at `start`.
pub(super) fn summary(layer: &LayerView, start: usize, info: &mut Text) {
    let (mut is_awaited, mut is_refused, mut is_illegal) = (false, false, false);
    for entry in behind_payload(layer) {
        let is = |field: &Field| entry.field.is(field);
        is_awaited |= is(&SEGMENT_DATA_AWAITED);
        is_refused |= is(&REFUSED);
        is_illegal |= is(&SEGMENT_CONFLICT);
    }
    let stays = is_awaited && stays(layer);
    if is_illegal {
        info.truncate(start);
        info.str(ILLEGAL);
    }
    // A protocol that has its line already and nothing to say of it leaves no room for what TCP says.
    let is_begun = || layer.above().is_some_and(|above| above.protocol().early && above.entries().len() == 1);
    if is_awaited && !stays && is_begun() {
        info.truncate(start);
        info.str(if start > 0 { PIECE } else { PIECE.trim_ascii_start() });
    } else if is_awaited {
        let preview = layer.view.preview();
        if let (false, Some(words)) = (stays, preview) {
            info.truncate(start);
            info.raw(words);
        }
        info.str(PIECE);
        // Whole messages before it say what has begun behind them.
        if let (true, None, Some(words)) = (stays, layer.above(), preview) {
            info.raw(words);
        }
    }
    // Behind bytes that were passed over, what has begun says its line alone.
    if let (false, false, Some(words)) = (is_awaited, is_illegal, layer.view.preview()) {
        info.truncate(start);
        info.raw(words);
    }
    if is_refused {
        info.str(REFUSAL);
    }
}

fn refused_line(_: &LayerView, _: &Entry, text: &mut Text) {
    text.str(REFUSAL);
}

fn segment_data_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(" (").dec(entry.len).str(if entry.len == 1 { " byte)" } else { " bytes)" });
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Side::{Client, Server};
    use crate::protocols::testing::last_of;

    /// As tshark has it: that pieces contradict each other stands behind what their message says or, where that has no end of its
    /// own, instead of it; before what other messages of the segment say in any case.
    #[test]
    fn pieces_that_contradict_each_other() {
        let record = b"\x17\x03\x03\x00\x10abcd";
        let tls = |end: &[u8]| last_of(443, &[(Client, 0, record), (Client, 7, b"XXef"), (Client, 11, end)]).info;
        assert_eq!(tls(b"ghijklmnop"), "Application Data[Illegal Segments]");
        let both = tls(b"ghijklmnop\x17\x03\x03\x00\x02ab");
        assert_eq!(both, "Application Data[Illegal Segments], Application Data");

        let get = (Client, 0, &b"GET / HTTP/1.1\r\n\r\n"[..]);
        let begun = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nab";
        let http = |end: &[u8]| last_of(80, &[get, (Server, 0, begun), (Server, 65, b"XXc"), (Server, 68, end)]).info;
        assert_eq!(http(b"defghij"), "HTTP/1.1 200 OK  (text/plain)[Illegal Segments]");
        let both = http(b"defghijHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(both, "HTTP/1.1 200 OK  (text/plain)[Illegal Segments]HTTP/1.1 200 OK ");

        let query = b"\0\x17\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x05abcde\0\0\x01\0\x01";
        let dns = |end: &[u8]| last_of(53, &[(Client, 0, &query[..19]), (Client, 17, b"XXe"), (Client, 20, end)]);
        let one = dns(&query[20..]);
        assert_eq!((&*one.protocol, &*one.info), ("DNS", "[Illegal Segments]"));
        one.shows(&["[Conflicting data in segment overlap: True]"]);
        let both = dns(&[&query[20..], query].concat()).info;
        assert_eq!(both, "[Illegal Segments]Standard query 0x1234 A abcde");
    }

    /// As tshark has it.
    #[test]
    fn sizes_of_messages() {
        let query = &b"\0\x17\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x05abcde\0\0\x01\0\x01"[..];
        let (begin, end) = query.split_at(17);
        last_of(53, &[(Client, 0, begin)]).lacks("PDU Size");
        let shown = last_of(53, &[(Client, 0, begin), (Client, 17, &[end, query, &query[..6]].concat())]);
        shown.shows(&[
            "TCP payload (39 bytes)",
            "[PDU Size: 25]",
            "TCP segment data (8 bytes)",
            "[PDU Size: 25]",
            "TCP segment data (6 bytes)",
            "[2 Reassembled TCP Segments (25 bytes): #1(17), #2(8)]",
        ]);
        // What was put together stays in the list, before the last of those that follow.
        assert_eq!(shown.info, "Standard query 0x1234 A abcdeStandard query 0x1234 A abcde");
        // One that was told too short has a size as well; records of TLS have none.
        last_of(53, &[(Client, 0, b"\0\x01abc")]).shows(&["[PDU Size: 3]", "TCP segment data (2 bytes)"]);
        last_of(443, &[(Client, 0, b"\x17\x03\x03\0\x02ab")]).lacks("PDU Size");
    }
}
