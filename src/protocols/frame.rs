//! The frame: what the capture says of a packet before any byte of it is read.
//!
//! A pcap file says time and lengths; a pcapng file may also name the interface and carry options with each packet
//! (draft-ietf-opsawg-pcapng, section 4.3.1).

use crate::capture::Time;
use crate::capture::pcapng::{Annotation, Direction};
use crate::dissect::{
    Asks, Entry, Field, Group, Layer, LayerView, Next, Outcome, Plain, Preference, Protocol, Severity, Stop, Table,
    Value, fields, names as words,
};
use crate::names;
use crate::text::Text;

fields! {
    SECTION_NUMBER = uint32("frame.section_number", "Section number");
    INTERFACE_ID = uint32("frame.interface_id", "Interface id").label(interface_line);
    INTERFACE_NAME = text("frame.interface_name", "Interface name");
    INTERFACE_DESCRIPTION = text("frame.interface_description", "Interface description");
    INTERFACE_QUEUE = uint32("frame.interface_queue", "Interface queue");
    PACKET_FLAGS = uint32("frame.packet_flags", "Packet flags").hex();
    DIRECTION = uint32("frame.packet_flags_direction", "Direction").hex().bits(0x0000_0003).values(DIRECTIONS);
    RECEPTION = uint32("frame.packet_flags_reception_type", "Reception type").bits(0x0000_001c).values(RECEPTIONS);
    FCS_LENGTH = uint32("frame.packet_flags_fcs_length", "FCS length").bits(0x0000_01e0);
    RESERVED = uint32("frame.packet_flags_reserved", "Reserved").bits(0x0000_fe00);
    CRC_ERROR = boolean("frame.packet_flags_crc_error", "CRC error").of(32).bits(0x0100_0000).flags("Set", "Not set");
    TOO_LONG = boolean("frame.packet_flags_packet_too_error", "Packet too long error").of(32).bits(0x0200_0000)
        .flags("Set", "Not set");
    TOO_SHORT = boolean("frame.packet_flags_packet_too_short_error", "Packet too short error").of(32).bits(0x0400_0000)
        .flags("Set", "Not set");
    GAP_ERROR = boolean("frame.packet_flags_wrong_inter_frame_gap_error", "Wrong interframe gap error").of(32)
        .bits(0x0800_0000).flags("Set", "Not set");
    UNALIGNED = boolean("frame.packet_flags_unaligned_frame_error", "Unaligned frame error").of(32).bits(0x1000_0000)
        .flags("Set", "Not set");
    DELIMITER_ERROR = boolean("frame.packet_flags_start_frame_delimiter_error", "Start frame delimiter error").of(32)
        .bits(0x2000_0000).flags("Set", "Not set");
    PREAMBLE_ERROR = boolean("frame.packet_flags_preamble_error", "Preamble error").of(32).bits(0x4000_0000)
        .flags("Set", "Not set");
    SYMBOL_ERROR = boolean("frame.packet_flags_symbol_error", "Symbol error").of(32).bits(0x8000_0000)
        .flags("Set", "Not set");
    PACKET_ID = uint64("frame.packet_id", "Packet id");
    VERDICT = text("frame.verdict", "Verdict");
    VERDICT_HW = bytes("frame.verdict.hw", "Hardware").label(spaced_line);
    VERDICT_TC = int64("frame.verdict.ebpf_tc", "eBPF TC").values(TC_ACTIONS);
    VERDICT_XDP = int64("frame.verdict.ebpf_xdp", "eBPF XDP").values(XDP_ACTIONS);
    VERDICT_UNKNOWN = bytes("frame.verdict.unknown", "Unknown").label(spaced_line);
    ENCAP_TYPE = int16("frame.encap_type", "Encapsulation type").label(encapsulation_line);
    TIME = absolute_time("frame.time", "Arrival Time");
    TIME_INVALID = expert("frame.time_invalid", "Arrival Time: Fractional second out of range (0-1000000000)", Severity::Note,
        Group::Sequence);
    OFFSET_SHIFT = relative_time("frame.offset_shift", "Time shift for this packet").generated();
    TIME_EPOCH = relative_time("frame.time_epoch", "Epoch Time");
    TIME_DELTA = relative_time("frame.time_delta", "Time delta from previous captured frame").generated();
    TIME_DELTA_DISPLAYED = relative_time("frame.time_delta_displayed", "Time delta from previous displayed frame").generated();
    TIME_RELATIVE = relative_time("frame.time_relative", "Time since reference or first frame").generated();
    REF_TIME = none("frame.ref_time", "This is a Time Reference frame").generated();
    NUMBER = uint32("frame.number", "Frame Number");
    LEN = uint32("frame.len", "Frame length on the wire").label(length_line);
    LEN_LESS = expert("frame.len_lt_caplen", "Frame length is less than captured length", Severity::Error, Group::Malformed);
    CAP_LEN = uint32("frame.cap_len", "Frame length stored into the capture file").label(length_line);
    DROP_COUNT = uint64("frame.drop_count", "Drop Count");
    MD5_HASH = text("frame.md5_hash", "Frame MD5 Hash").generated();
    MARKED = boolean("frame.marked", "Frame is marked").generated();
    IGNORED = boolean("frame.ignored", "Frame is ignored").generated();
    FILE_OFF = int64("frame.file_off", "File Offset").label(file_offset_line);
    P2P_DIR = int8("frame.p2p_dir", "Point-to-Point Direction").values(POINT_TO_POINT);
    LINK_NR = uint16("frame.link_nr", "Link Number");
    PROTOCOLS = text("frame.protocols", "Protocols in frame").generated().asks(Asks::Contents);
    COLORING_RULE_NAME = text("frame.coloring_rule.name", "Coloring Rule Name").generated();
    COLORING_RULE_STRING = text("frame.coloring_rule.string", "Coloring Rule String").generated();
    CB_PEN = uint32("frame.cb_pen", "Private Enterprise Number");
    CB_COPY = boolean("frame.cb_copy", "Copying");
    BBLOG = text("frame.bblog", "Black Box Log");
    BBLOG_TICKS = uint32("frame.bblog.ticks", "Ticks");
    BBLOG_SERIAL = uint32("frame.bblog.serial_nr", "Serial Number");
    PCAPLOG_TYPE = uint32("frame.pcaplog.data_type", "Date Type");
    PCAPLOG_LENGTH = uint32("frame.pcaplog.data_length", "Data Length");
    PCAPLOG_DATA = bytes("frame.pcaplog.data", "Data");
    INCOMPLETE = expert("frame.incomplete", "Incomplete dissector", Severity::Note, Group::Undecoded);
}

static SHOW_FILE_OFFSET: Preference =
    Preference::new("frame.show_file_off", false, "Whether the place of the frame in the capture file is shown.");

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    preferences: &[&SHOW_FILE_OFFSET],
    dissect,
    plain: Some(plain),
    after: Some(after),
    ..Protocol::new("frame", "Frame", "Frame").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let frame = l.frame();
    let link = frame.interface.link;
    if l.suffices(0) || !l.is_recorded() {
        l.set_header_len(frame.bytes.len());
        return Ok(Next::By(Table::LinkType, link.into()));
    }
    let note = l.frame_note();
    if let Some(described) = &frame.interface.described {
        l.generated(&SECTION_NUMBER, described.section);
        l.generated(&INTERFACE_ID, described.id);
        l.below(|l| {
            l.detached(&INTERFACE_NAME, interface_name(described).as_bytes(), 0);
            if let Some(description) = &described.description {
                l.detached(&INTERFACE_DESCRIPTION, description.as_bytes(), 0);
            }
        });
    }
    let has_options = !frame.options.is_empty();
    if has_options {
        before_encapsulation(l);
    }
    // Wireshark has no number for link types that it cannot open; -1 is its "unknown".
    let encapsulation = names::encapsulation(link).map_or(-1, |(number, _)| i64::from(number));
    l.generated(&ENCAP_TYPE, encapsulation as u64);
    if let Some(time) = frame.time {
        moment(l, &TIME, time);
        moment(l, &OFFSET_SHIFT, Time::default());
        moment(l, &TIME_EPOCH, time);
        let since = |earlier: Option<Time>| earlier.map_or(Time::default(), |earlier| time.since(earlier));
        moment(l, &TIME_DELTA, since(note.previous));
        moment(l, &TIME_DELTA_DISPLAYED, since(note.previous_displayed));
        moment(l, &TIME_RELATIVE, since(note.first));
    }
    l.generated(&NUMBER, frame.number);
    l.generated(&LEN, frame.wire_len);
    if (frame.wire_len as usize) < frame.bytes.len() {
        l.expert(&LEN_LESS);
    }
    l.generated(&CAP_LEN, frame.bytes.len() as u64);
    if has_options
        && let Some(count) = find(l, |annotation| match annotation {
            Annotation::DropCount(count) => Some(count),
            _ => None,
        })
    {
        l.generated(&DROP_COUNT, count);
    }
    l.generated(&MARKED, 0u64);
    l.generated(&IGNORED, 0u64);
    if l.prefers(&SHOW_FILE_OFFSET) {
        l.generated(&FILE_OFF, frame.offset);
    }
    if has_options && let Some(direction) = frame.flags().and_then(|flags| flags.direction()) {
        l.generated(&P2P_DIR, u64::from(direction == Direction::Inbound));
    }
    l.set_header_len(frame.bytes.len());
    Ok(Next::By(Table::LinkType, link.into()))
}

/// Says what the frame begins with, where nothing of what the capture says of it is recorded.
fn plain(header: &mut Plain) -> Option<Next> {
    header.set_line_len(header.frame().bytes.len());
    Some(Next::By(Table::LinkType, header.frame().interface.link.into()))
}

fn moment(l: &mut Layer, field: &'static Field, time: Time) {
    l.generated_time(field, time.seconds(), time.nanos());
}

/// The first annotation that `pick` takes.
fn find<'a, T>(l: &Layer<'_, 'a, '_>, pick: impl FnMut(Annotation<'a>) -> Option<T>) -> Option<T> {
    l.frame().annotations().find_map(pick)
}

/// Records what the options of the packet block say; comments are a protocol of their own.
fn before_encapsulation(l: &mut Layer) {
    let queue = find(l, |annotation| match annotation {
        Annotation::Queue(queue) => Some(queue),
        _ => None,
    });
    if let Some(queue) = queue {
        l.generated(&INTERFACE_QUEUE, queue);
    }
    if let Some(flags) = l.frame().flags() {
        l.generated(&PACKET_FLAGS, flags.0);
        l.parts(
            &[
                &DIRECTION,
                &RECEPTION,
                &FCS_LENGTH,
                &RESERVED,
                &CRC_ERROR,
                &TOO_LONG,
                &TOO_SHORT,
                &GAP_ERROR,
                &UNALIGNED,
                &DELIMITER_ERROR,
                &PREAMBLE_ERROR,
                &SYMBOL_ERROR,
            ],
            flags.0,
        );
    }
    let id = find(l, |annotation| match annotation {
        Annotation::PacketId(id) => Some(id),
        _ => None,
    });
    if let Some(id) = id {
        l.generated(&PACKET_ID, id);
    }
    verdicts(l);
}

/// Records the verdicts of filters: all their kinds on one line, and below it what each decided.
fn verdicts(l: &mut Layer) {
    let verdicts = || {
        l.frame().annotations().filter_map(|annotation| match annotation {
            Annotation::Verdict { kind, value } if usize::from(kind) < VERDICT_KINDS.len() => Some((kind, value)),
            _ => None,
        })
    };
    let mut kinds = Text::new();
    for (kind, _) in verdicts() {
        let name = VERDICT_KINDS.get(usize::from(kind)).copied().unwrap_or_default();
        kinds.str(if kinds.is_empty() { "" } else { ", " }).str(name).str(" (").dec(kind).byte(b')');
    }
    if kinds.is_empty() {
        return;
    }
    let all = verdicts();
    let big_endian = l.frame().interface.described.as_ref().is_some_and(|described| described.big_endian);
    l.detached(&VERDICT, kinds.as_bytes(), 0);
    l.below(|l| {
        for (kind, value) in all {
            let number = <[u8; 8]>::try_from(value)
                .map(|bytes| if big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) });
            match (kind, number) {
                (1, Ok(number)) => l.generated(&VERDICT_TC, number),
                (2, Ok(number)) => l.generated(&VERDICT_XDP, number),
                (0, _) => l.detached(&VERDICT_HW, value, 0),
                _ => l.detached(&VERDICT_UNKNOWN, value, 0),
            }
        }
    });
}

/// Lists the protocols, which are known only now.
fn after(l: &mut Layer) -> Result<(), Stop> {
    l.record_stack(&PROTOCOLS, &PROTOCOL);
    Ok(())
}

/// The name by which an interface is shown.
fn interface_name(described: &crate::capture::Described) -> &str {
    described.name.as_deref().or(described.description.as_deref()).unwrap_or("unknown")
}

fn line(layer: &LayerView, _: &Entry, text: &mut Text) {
    let frame = layer.view.frame;
    text.str("Frame ").dec(frame.number).str(": ");
    bytes_and_bits(frame.wire_len.into(), " on wire", text);
    text.str(", ");
    bytes_and_bits(frame.bytes.len() as u64, " captured", text);
    if let Some(described) = &frame.interface.described {
        text.str(" on interface ").wire(interface_name(described).as_bytes());
        text.str(", id ").dec(described.id);
    }
    match frame.flags().and_then(|flags| flags.direction()) {
        Some(Direction::Inbound) => _ = text.str(" (inbound)"),
        Some(Direction::Outbound) => _ = text.str(" (outbound)"),
        None => {}
    }
}

fn bytes_and_bits(len: u64, place: &str, text: &mut Text) {
    text.dec(len).str(if len == 1 { " byte" } else { " bytes" }).str(place);
    text.str(" (").dec(8 * len).str(" bits)");
}

fn interface_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let described = layer.view.frame.interface.described.as_ref();
    let name = described.map_or("unknown", interface_name);
    text.str("Interface id: ").dec(entry.number()).str(" (").wire(name.as_bytes()).str(")");
}

fn encapsulation_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let name = names::encapsulation(layer.view.frame.interface.link).map_or("Unknown", |(_, name)| name);
    text.str("Encapsulation type: ").str(name).str(" (").signed(entry.number() as i64).str(")");
}

fn length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(if entry.field.is(&LEN) { "Frame Length: " } else { "Capture Length: " });
    bytes_and_bits(entry.number(), "", text);
}

fn file_offset_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("File Offset: ").dec(entry.number()).str(" (").hex(entry.number(), 1).byte(b')');
}

/// Writes bytes with spaces between them.
fn spaced_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ");
    if let Value::Bytes(bytes) = layer.view.value(entry) {
        text.hex_bytes(bytes, Some(b' '));
    }
}

/// Who can decide about a packet, by number.
static VERDICT_KINDS: [&str; 3] = ["Hardware", "eBPF_TC", "eBPF_XDP"];

words! {
    DIRECTIONS = { 1 => "Inbound", 2 => "Outbound" }
    RECEPTIONS = { 0 => "Not specified", 1 => "Unicast", 2 => "Multicast", 3 => "Broadcast", 4 => "Promiscuous" }
    POINT_TO_POINT = { 0 => "Sent", 1 => "Received" }
    TC_ACTIONS = {
        0 => "TC_ACT_OK",
        1 => "TC_ACT_RECLASSIFY",
        2 => "TC_ACT_SHOT",
        3 => "TC_ACT_PIPE",
        4 => "TC_ACT_STOLEN",
        5 => "TC_ACT_QUEUED",
        6 => "TC_ACT_REPEAT",
        7 => "TC_ACT_REDIRECT",
        8 => "TC_ACT_TRAP",
    }
    XDP_ACTIONS = {
        0 => "XDP_ABORTED",
        1 => "XDP_DROP",
        2 => "XDP_PASS",
        3 => "XDP_TX",
        4 => "XDP_REDIRECT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::{ETHERNET, Sample};

    fn sample() -> Sample {
        Sample::ethernet(0x9999, &[])
    }

    #[test]
    fn of_a_pcap_file() {
        sample().dissect().shows(&[
            "Frame 1: 14 bytes on wire (112 bits), 14 bytes captured (112 bits)",
            "Encapsulation type: Ethernet (1)",
            "[Time shift for this packet: 0.000000000 seconds]",
            "Epoch Time: 1700000000.000000000 seconds",
            "Frame Number: 1",
            "Frame Length: 14 bytes (112 bits)",
            "Capture Length: 14 bytes (112 bits)",
            "[Frame is marked: False]",
            "[Frame is ignored: False]",
            "[Protocols in frame: eth]",
        ]);
        sample().cut(1).dissect().shows(&[
            "Frame 1: 14 bytes on wire (112 bits), 1 byte captured (8 bits)",
            "Capture Length: 1 byte (8 bits)",
        ]);
        sample().prefer(&SHOW_FILE_OFFSET, true).dissect().shows(&["File Offset: 0 (0x0)"]);
    }

    #[test]
    fn shorter_on_the_wire_than_captured() {
        let sample = Sample::new(ETHERNET, [0; 20]).wire_len(10);
        sample.dissect().shows(&[
            "Frame Length: 10 bytes (80 bits)",
            "[Expert Info (Error/Malformed): Frame length is less than captured length]",
            "Capture Length: 20 bytes (160 bits)",
        ]);
    }

    #[test]
    fn interfaces() {
        for (name, description, shown) in
            [(Some("eth0"), Some("wall"), "eth0"), (None, Some("wall"), "wall"), (None, None, "unknown")]
        {
            sample().described(name, description, &[]).dissect().shows(&[
                &format!(
                    "Frame 1: 14 bytes on wire (112 bits), 14 bytes captured (112 bits) on interface {shown}, id 0"
                ),
                "Section number: 1",
                &format!("Interface id: 0 ({shown})"),
                &format!("Interface name: {shown}"),
            ]);
        }
    }

    #[test]
    fn options() {
        let tc = [1, 2, 0, 0, 0, 0, 0, 0, 0];
        let options: [(u16, &[u8]); 6] = [
            (2, &[0x81, 0, 0, 0x01]),
            (4, &[77, 0, 0, 0, 0, 0, 0, 0]),
            (5, &[9, 0, 0, 0, 0, 0, 0, 0]),
            (6, &[3, 0, 0, 0]),
            (7, &[0, 0x61, 0x62]),
            (7, &tc),
        ];
        let dissected = sample().described(Some("eth0"), None, &options).dissect();
        dissected.shows(&[
            "Frame 1: 14 bytes on wire (112 bits), 14 bytes captured (112 bits) on interface eth0, id 0 (inbound)",
            "Interface queue: 3",
            "Packet flags: 0x01000081",
            ".... .... .... .... .... .... .... ..01 = Direction: Inbound (0x1)",
            ".... .... .... .... .... .... ...0 00.. = Reception type: Not specified (0)",
            ".... .... .... .... .... ...0 100. .... = FCS length: 4",
            ".... .... .... .... 0000 000. .... .... = Reserved: 0",
            ".... ...1 .... .... .... .... .... .... = CRC error: Set",
            "0... .... .... .... .... .... .... .... = Symbol error: Not set",
            "Packet id: 9",
            "Verdict: Hardware (0), eBPF_TC (1)",
            "Hardware: 61 62",
            "eBPF TC: TC_ACT_SHOT (2)",
            "Encapsulation type: Ethernet (1)",
            "Drop Count: 77",
            "Point-to-Point Direction: Received (1)",
            "[Protocols in frame: eth]",
        ]);
        dissected.lacks("Packet comments");
    }

    #[test]
    fn options_that_lie() {
        let options: [(u16, &[u8]); 5] = [(2, &[1]), (7, &[]), (7, &[1, 2]), (7, &[9, 1]), (6, &[])];
        let dissected = sample().described(None, None, &options).dissect();
        dissected.shows(&["Verdict: eBPF_TC (1)", "Unknown: 02"]).lacks("Packet flags").lacks("queue");
    }
}
