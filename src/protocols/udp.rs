//! UDP: the User Datagram Protocol.
//!
//! RFC 768.
//!
//! ```text
//!  0      7 8     15 16    23 24    31
//! +--------+--------+--------+--------+
//! |   source port   |destination port |
//! +--------+--------+--------+--------+
//! |     length      |    checksum     |
//! +--------+--------+--------+--------+
//! ```
//!
//! The length counts the header. 0 is that of a jumbogram (RFC 2675): up to the end of the IP payload.

use std::ops::RangeInclusive;

use super::checksum::{self, Sum};
use crate::dissect::{
    Address, Asks, Conversation, Entry, Field, Group, Layer, LayerView, Next, Outcome, Preference, Protocol, Severity,
    Stop, StreamNote, Summary, Table, Transport, fields,
};
use crate::text::Text;

fields! {
    SRCPORT = uint16("udp.srcport", "Source Port").in_columns();
    DSTPORT = uint16("udp.dstport", "Destination Port").in_columns();
    PORT = uint16("udp.port", "Source or Destination Port").hidden();
    POSSIBLE_TRACEROUTE = expert("udp.possible_traceroute", "Possible traceroute", Severity::Chat, Group::Sequence)
        .label(traceroute_message);
    LENGTH = uint16("udp.length", "Length").in_columns();
    LENGTH_TOO_SHORT = uint16("udp.length", "Length").label(too_short_line).in_columns();
    LENGTH_TOO_LONG = uint16("udp.length", "Length").label(too_long_line).in_columns();
    LENGTH_SHORT = expert("udp.length.bad", "Bad length value", Severity::Error, Group::Malformed)
        .label(length_short_message);
    LENGTH_LONG = expert("udp.length.bad", "Bad length value", Severity::Error, Group::Malformed)
        .label(length_long_message);
    LENGTH_ZERO = expert("udp.length.bad_zero", "Length is zero but payload < 65536", Severity::Error,
        Group::Malformed);
    CHECKSUM = uint16("udp.checksum", "Checksum").hex().label(checksum_line);
    CHECKSUM_CALCULATED = uint16("udp.checksum_calculated", "Calculated Checksum").hex().generated();
    CHECKSUM_BAD = expert("udp.checksum.bad", "Bad checksum", Severity::Error, Group::Checksum)
        .label(checksum_bad_message);
    CHECKSUM_ZERO = expert("udp.checksum.zero", "Illegal checksum value (0)", Severity::Error, Group::Checksum);
    CHECKSUM_STATUS = uint8("udp.checksum.status", "Checksum Status").name_only().generated()
        .values(checksum::STATUSES).in_columns();
    STREAM = uint32("udp.stream", "Stream index").generated().asks(Asks::Streams);
    TIMESTAMPS = heading("Timestamps").generated();
    TIME_RELATIVE = relative_time("udp.time_relative", "Time since first frame").generated().asks(Asks::Streams);
    TIME_DELTA = relative_time("udp.time_delta", "Time since previous frame").generated().asks(Asks::Streams);
    PDU_SIZE = uint32("udp.pdu.size", "PDU Size").generated();
    PROC_SRC_UID = uint32("udp.proc.srcuid", "Source process user ID");
    PROC_SRC_PID = uint32("udp.proc.srcpid", "Source process ID");
    PROC_SRC_UNAME = text("udp.proc.srcuname", "Source process user name");
    PROC_SRC_CMD = text("udp.proc.srccmd", "Source process name");
    PROC_DST_UID = uint32("udp.proc.dstuid", "Destination process user ID");
    PROC_DST_PID = uint32("udp.proc.dstpid", "Destination process ID");
    PROC_DST_UNAME = text("udp.proc.dstuname", "Destination process user name");
    PROC_DST_CMD = text("udp.proc.dstcmd", "Destination process name");
    PAYLOAD = bytes("udp.payload", "Payload").label(payload_line);
}

pub static CHECK_CHECKSUM: Preference = Preference::new("udp.check_checksum", false, "Validate the UDP checksum");
pub static IGNORE_ZERO_CHECKSUM: Preference =
    Preference::new("udp.ignore_ipv6_zero_checksum", false, "Accept datagrams over IPv6 that have no checksum");
pub static CALCULATE_TIMESTAMPS: Preference = Preference::new(
    "udp.calculate_timestamps",
    true,
    "Show the time since the first and the previous frame of the conversation",
);

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 17)],
    preferences: &[&CHECK_CHECKSUM, &IGNORE_ZERO_CHECKSUM, &CALCULATE_TIMESTAMPS],
    brief: true,
    dissect,
    summary: Some(summary),
    family: crate::dissect::Family::Datagram,
    ..Protocol::new("udp", "UDP", "User Datagram Protocol").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let conversation = ports(l)?;
    let length = l.peek_u16()?;
    let available = l.wire_len();
    let len = match usize::from(length) {
        0 if matches!(l.source(), Address::V6(_)) => {
            l.u16(&LENGTH)?;
            if available < 0x1_0000 {
                l.expert(&LENGTH_ZERO);
            }
            available
        }
        short @ 0..8 => {
            l.u16(&LENGTH_TOO_SHORT)?;
            l.expert_with(&LENGTH_SHORT, short as u64);
            return Ok(Next::End);
        }
        // What an error message quotes is cut short as a rule.
        long if long > available && !l.is_quoted() && !l.is_fragment() => {
            l.u16(&LENGTH_TOO_LONG)?;
            l.expert_with(&LENGTH_LONG, available as u64);
            long
        }
        len => {
            l.u16(&LENGTH)?;
            len
        }
    };
    l.limit(len);
    let value = l.peek_u16()?;
    let sum = match value {
        0 if !matches!(l.source(), Address::V6(_)) || l.is_quoted() || l.prefers(&IGNORE_ZERO_CHECKSUM) => Sum::Absent,
        0 => Sum::Illegal,
        _ if !l.prefers(&CHECK_CHECKSUM) || len > available => Sum::Unverified,
        _ => checksum::verify(l, 17, len, len, 6),
    };
    record_checksum(l, sum)?;
    finish(l, Transport::Udp, len, &conversation, &CALCULATE_TIMESTAMPS)?;
    l.payload_at_top();
    Ok(Next::Ports(Table::UdpPort, conversation.source_port, conversation.destination_port))
}

/// Reads the ports: both or none.
pub(super) fn ports(l: &mut Layer) -> Result<Conversation, Stop> {
    l.peek(4)?;
    let source_port = l.u16(&SRCPORT)?;
    possible_traceroute(l, source_port);
    let destination_port = l.u16(&DSTPORT)?;
    possible_traceroute(l, destination_port);
    l.generated_at(&PORT, source_port, 0, 2);
    l.generated_at(&PORT, destination_port, 2, 2);
    Ok(Conversation { source: l.source(), destination: l.destination(), source_port, destination_port })
}

/// The ports that traceroute counts up: three for each hop, from that of the first.
const TRACEROUTE_PORTS: RangeInclusive<u16> = FIRST_TRACEROUTE_PORT..=FIRST_TRACEROUTE_PORT + 87;
const FIRST_TRACEROUTE_PORT: u16 = 33435;

fn possible_traceroute(l: &mut Layer, port: u16) {
    if TRACEROUTE_PORTS.contains(&port) {
        l.expert_with(&POSSIBLE_TRACEROUTE, port - FIRST_TRACEROUTE_PORT);
    }
}

/// Reads the checksum and records what came of verifying it.
pub(super) fn record_checksum(l: &mut Layer, sum: Sum) -> Result<(), Stop> {
    let at = l.offset();
    l.u16(&CHECKSUM)?;
    let status = |l: &mut Layer| l.generated_at(&CHECKSUM_STATUS, sum.status(), at, 0);
    match sum {
        Sum::Absent => l.below(status),
        Sum::Illegal => {
            l.expert(&CHECKSUM_ZERO);
            l.below(status);
        }
        Sum::Unverified => status(l),
        Sum::Good(calculated) => {
            l.below(|l| l.generated_at(&CHECKSUM_CALCULATED, calculated, at, 2));
            status(l);
        }
        Sum::Bad(calculated) => {
            l.expert_with(&CHECKSUM_BAD, calculated);
            l.below(|l| l.generated_at(&CHECKSUM_CALCULATED, calculated, at, 2));
            status(l);
        }
    }
    Ok(())
}

/// Records what is known of the conversation, and the payload; `len` is how long the datagram says that it is.
pub(super) fn finish(
    l: &mut Layer,
    transport: Transport,
    len: usize,
    conversation: &Conversation,
    calculate_timestamps: &'static Preference,
) -> Result<(), Stop> {
    let carries = len > l.offset();
    let is_heard = !l.is_quoted() && carries;
    let note = if is_heard {
        l.memory().datagram(transport, conversation)
    } else {
        l.memory().silent_datagram(transport, conversation)
    };
    l.generated_at(&STREAM, note.stream, 0, 0);
    if is_heard && l.prefers(calculate_timestamps) {
        times(l, &note);
    }
    let payload = l.remaining().len();
    if payload > 0 {
        l.part(&PAYLOAD, 0u64, payload);
    } else if carries {
        l.peek(1)?;
    }
    Ok(())
}

fn times(l: &mut Layer, note: &StreamNote) {
    let (Some(now), Some(first), Some(previous)) = (l.frame().time, note.first, note.previous) else { return };
    if !l.is_detailed() {
        return;
    }
    l.generated_at(&TIMESTAMPS, 0u64, 0, 0);
    l.below(|l| {
        for (field, earlier) in [(&TIME_RELATIVE, first), (&TIME_DELTA, previous)] {
            let span = now.since(earlier);
            l.generated_time(field, span.seconds(), span.nanos());
        }
    });
}

pub(super) fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if let (Some(source), Some(destination)) = (layer.number(&SRCPORT), layer.number(&DSTPORT)) {
        text.str(", Src Port: ").dec(source).str(", Dst Port: ").dec(destination);
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let info = &mut *summary.info;
    write_ports(layer, info);
    let length = |field: &'static Field| layer.number(field);
    if let Some(short) = length(&LENGTH_TOO_SHORT) {
        info.str(" [BAD UDP LENGTH ").dec(short).str(" < 8]");
    } else if let Some(long) = length(&LENGTH_TOO_LONG) {
        info.str(" [BAD UDP LENGTH ").dec(long).str(" > IP PAYLOAD LENGTH] Len=").dec(long - 8);
    } else if let Some(len) = length(&LENGTH) {
        // An upper bound: what carries a jumbogram may have something behind it.
        let len = if len == 0 { layer.wire_len() as u64 } else { len };
        info.str(" Len=").dec(len.saturating_sub(8));
        checksum_summary(layer, info);
    }
}

/// Writes `1000 → 53`, where the ports could be read.
pub(super) fn write_ports(layer: &LayerView, info: &mut Text) {
    let (Some(source), Some(destination)) = (layer.number(&SRCPORT), layer.number(&DSTPORT)) else { return };
    info.dec(source).str(" → ").dec(destination);
}

/// Writes what is wrong with the checksum, if anything.
pub(super) fn checksum_summary(layer: &LayerView, info: &mut Text) {
    match layer.number(&CHECKSUM_STATUS) {
        Some(checksum::ILLEGAL) => _ = info.str(" [ILLEGAL CHECKSUM (0)]"),
        Some(checksum::BAD) => _ = info.str(" [UDP CHECKSUM INCORRECT]"),
        _ => {}
    }
}

fn traceroute_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    let attempt = entry.number();
    text.str("Possible traceroute: hop #").dec(attempt / 3 + 1).str(", attempt #").dec(attempt % 3 + 1);
}

fn too_short_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Length: ").dec(entry.number()).str(" (bogus, must be >= 8)");
}

fn too_long_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let available = layer.number(&LENGTH_LONG).unwrap_or(0);
    text.str("Length: ").dec(entry.number()).str(" (bogus, payload length ").dec(available).byte(b')');
}

fn length_short_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad length value ").dec(entry.number()).str(" < 8");
}

fn length_long_message(layer: &LayerView, _: &Entry, text: &mut Text) {
    text.str("Bad length value ").dec(layer.number(&LENGTH_TOO_LONG).unwrap_or(0)).str(" > IP payload length");
}

fn checksum_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Checksum: ").hex(entry.number(), 4);
    let calculated = layer.number(&CHECKSUM_CALCULATED).unwrap_or(0);
    match layer.number(&CHECKSUM_STATUS) {
        Some(checksum::BAD) => {
            text.str(" incorrect, should be ").hex(calculated, 4);
            text.str(" (maybe caused by \"UDP checksum offload\"?)")
        }
        Some(checksum::GOOD) => text.str(" [correct]"),
        Some(checksum::NOT_PRESENT) => text.str(" [zero-value ignored]"),
        Some(checksum::ILLEGAL) => text.str(" [zero-value illegal]"),
        _ => text.str(" [unverified]"),
    };
}

fn checksum_bad_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad checksum [should be ").hex(entry.number(), 4).byte(b']');
}

fn payload_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("UDP payload (").dec(entry.len).str(if entry.len == 1 { " byte)" } else { " bytes)" });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::tcp::tests::ipv4;
    use crate::protocols::testing::{Dissected, Sample};
    use crate::streams::Streams;

    fn datagram(source: u16, destination: u16, length: u16, checksum: u16, data: &[u8]) -> Sample {
        let header = [source, destination, length, checksum].map(u16::to_be_bytes).concat();
        ipv4(17, &[&header, data].concat(), false)
    }

    fn with_length(length: u16) -> Dissected {
        datagram(1000, 2000, length, 0x1234, b"abc").dissect()
    }

    // 10.0.0.1.1000 > 10.0.0.2.2000: UDP, length 3
    #[test]
    fn a_datagram() {
        let dissected =
            datagram(1000, 2000, 11, 0x1234, b"abc").after(&[datagram(1, 2, 8, 0, b"")], &mut Streams::new());
        dissected.shows(&[
            "User Datagram Protocol, Src Port: 1000, Dst Port: 2000",
            "Source Port: 1000",
            "Destination Port: 2000",
            "Length: 11",
            "Checksum: 0x1234 [unverified]",
            "[Checksum Status: Unverified]",
            "[Stream index: 1]",
            "[Timestamps]",
            "[Time since first frame: 0.000000000 seconds]",
            "[Time since previous frame: 0.000000000 seconds]",
            "UDP payload (3 bytes)",
            "Data (3 bytes)",
        ]);
        assert_eq!((&*dissected.protocol, &*dissected.info), ("UDP", "1000 → 2000 Len=3"));
    }

    #[test]
    fn lengths_that_lie() {
        let short = with_length(7);
        short.shows(&["Length: 7 (bogus, must be >= 8)", "[Expert Info (Error/Malformed): Bad length value 7 < 8]"]);
        short.lacks("Checksum: 0x1234");
        assert_eq!(short.info, "1000 → 2000 [BAD UDP LENGTH 7 < 8]");
        let long = with_length(12);
        long.shows(&[
            "Length: 12 (bogus, payload length 11)",
            "[Expert Info (Error/Malformed): Bad length value 12 > IP payload length]",
            "UDP payload (3 bytes)",
        ]);
        assert_eq!(long.info, "1000 → 2000 [BAD UDP LENGTH 12 > IP PAYLOAD LENGTH] Len=4");
        with_length(10).shows(&["UDP payload (2 bytes)"]);
        with_length(8).lacks("Timestamps").lacks("payload (");
        assert_eq!(with_length(0).info, "1000 → 2000 [BAD UDP LENGTH 0 < 8]");
    }

    #[test]
    fn checksums() {
        datagram(1000, 2000, 11, 0, b"abc")
            .dissect()
            .shows(&["Checksum: 0x0000 [zero-value ignored]", "[Checksum Status: Not present]"]);
        let check = |sum| datagram(1000, 2000, 11, sum, b"abc").prefer(&CHECK_CHECKSUM, true).dissect();
        check(0x1bbb).shows(&[
            "Checksum: 0x1bbb [correct]",
            "[Calculated Checksum: 0x1bbb]",
            "[Checksum Status: Good]",
        ]);
        let bad = check(0x1bba);
        bad.shows(&[
            "Checksum: 0x1bba incorrect, should be 0x1bbb (maybe caused by \"UDP checksum offload\"?)",
            "[Expert Info (Error/Checksum): Bad checksum [should be 0x1bbb]]",
            "[Checksum Status: Bad]",
        ]);
        assert_eq!(bad.info, "1000 → 2000 Len=3 [UDP CHECKSUM INCORRECT]");
    }

    #[test]
    fn ports_of_traceroute() {
        let cases: &[(u16, Option<&str>)] = &[
            (33434, None),
            (33435, Some("Possible traceroute: hop #1, attempt #1")),
            (33440, Some("Possible traceroute: hop #2, attempt #3")),
            (33523, None),
        ];
        for &(port, message) in cases {
            let dissected = datagram(1000, port, 8, 0, b"").dissect();
            match message {
                Some(message) => _ = dissected.shows(&[&format!("[Expert Info (Chat/Sequence): {message}]")]),
                None => _ = dissected.lacks("traceroute"),
            }
        }
    }

    #[test]
    fn cut_anywhere() {
        let cases: &[(usize, &str)] =
            &[(3, ""), (4, "1000 → 2000"), (5, "1000 → 2000"), (6, "1000 → 2000 Len=3"), (8, "1000 → 2000 Len=3")];
        for &(len, info) in cases {
            let dissected = datagram(1000, 2000, 11, 0x1234, b"abc").cut(34 + len).dissect();
            assert_eq!(dissected.info, format!("{info}[Packet size limited during capture]"), "{len} bytes");
        }
        assert_eq!(ipv4(17, &[0, 1, 0, 2, 0], false).dissect().info, "1 → 2[Malformed Packet]");
    }
}
