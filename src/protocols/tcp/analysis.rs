//! What is shown of a segment beside those before it: retransmissions, losses, round trips, windows.
//!
//! The words are those of the Wireshark User's Guide, chapter "TCP Analysis". The memory judges; here it is only said.

use crate::dissect::{
    Again, Analysis, Asks, Earlier, Entry, Field, Group, Layer, LayerView, Preference, Preferences, Severity, fields,
    verdict,
};
use crate::text::Text;

fields! {
    ANALYSIS = none("tcp.analysis", "SEQ/ACK analysis").generated().asks(Asks::Analysis).in_columns();
    ACKS_FRAME = frame_number("tcp.analysis.acks_frame", "This is an ACK to the segment in frame").generated()
        .asks(Asks::Analysis);
    ACK_RTT = relative_time("tcp.analysis.ack_rtt", "The RTT to ACK the segment was").generated().asks(Asks::Analysis);
    INITIAL_RTT = relative_time("tcp.analysis.initial_rtt", "iRTT").generated().asks(Asks::Analysis);
    BYTES_IN_FLIGHT = uint32("tcp.analysis.bytes_in_flight", "Bytes in flight").generated().asks(Asks::Analysis);
    PUSH_BYTES_SENT = uint32("tcp.analysis.push_bytes_sent", "Bytes sent since last PSH flag").generated()
        .asks(Asks::Analysis);
    FLAGS = none("tcp.analysis.flags", "TCP Analysis Flags").generated().asks(Asks::Analysis).in_columns();
    REUSED_PORTS = expert("tcp.analysis.reused_ports",
        "A new tcp session is started with the same ports as an earlier session in this trace", Severity::Note,
        Group::Sequence).asks(Asks::Analysis).in_columns();
    FAST_RETRANSMISSION = expert("tcp.analysis.fast_retransmission", "This frame is a (suspected) fast retransmission",
        Severity::Note, Group::Sequence).asks(Asks::Analysis).in_columns();
    SPURIOUS_RETRANSMISSION = expert("tcp.analysis.spurious_retransmission",
        "This frame is a (suspected) spurious retransmission", Severity::Note, Group::Sequence).asks(Asks::Analysis)
        .in_columns();
    RETRANSMISSION = expert("tcp.analysis.retransmission", "This frame is a (suspected) retransmission", Severity::Note,
        Group::Sequence).asks(Asks::Analysis).in_columns();
    RTO = relative_time("tcp.analysis.rto", "The RTO for this segment was").generated().asks(Asks::Analysis);
    RTO_FRAME = frame_number("tcp.analysis.rto_frame", "RTO based on delta from frame").generated()
        .asks(Asks::Analysis);
    OUT_OF_ORDER = expert("tcp.analysis.out_of_order", "This frame is a (suspected) out-of-order segment",
        Severity::Warning, Group::Sequence).asks(Asks::Analysis).in_columns();
    LOST_SEGMENT = expert("tcp.analysis.lost_segment", "Previous segment(s) not captured (common at capture start)",
        Severity::Warning, Group::Sequence).asks(Asks::Analysis).in_columns();
    ACK_LOST_SEGMENT = expert("tcp.analysis.ack_lost_segment",
        "ACKed segment that wasn't captured (common at capture start)", Severity::Warning, Group::Sequence)
        .asks(Asks::Analysis).in_columns();
    WINDOW_UPDATE = expert("tcp.analysis.window_update", "TCP window update", Severity::Chat, Group::Sequence)
        .asks(Asks::Analysis).in_columns();
    WINDOW_FULL = expert("tcp.analysis.window_full", "TCP window specified by the receiver is now completely full",
        Severity::Warning, Group::Sequence).asks(Asks::Analysis).in_columns();
    KEEP_ALIVE = expert("tcp.analysis.keep_alive", "TCP keep-alive segment", Severity::Note, Group::Sequence)
        .asks(Asks::Analysis).in_columns();
    KEEP_ALIVE_ACK = expert("tcp.analysis.keep_alive_ack", "ACK to a TCP keep-alive segment", Severity::Note,
        Group::Sequence).asks(Asks::Analysis).in_columns();
    DUPLICATE_ACK = none("tcp.analysis.duplicate_ack", "This is a TCP duplicate ack").generated().asks(Asks::Analysis)
        .in_columns();
    DUPLICATE_ACK_NUM = uint32("tcp.analysis.duplicate_ack_num", "Duplicate ACK #").generated().asks(Asks::Analysis)
        .in_columns();
    DUPLICATE_ACK_FRAME = frame_number("tcp.analysis.duplicate_ack_frame", "Duplicate to the ACK in frame")
        .generated().asks(Asks::Analysis).in_columns();
    DUPLICATE_ACK_EXPERT = expert("tcp.analysis.duplicate_ack", "Duplicate ACK", Severity::Note, Group::Sequence)
        .label(duplicate_message).asks(Asks::Analysis);
    ZERO_WINDOW_PROBE = expert("tcp.analysis.zero_window_probe", "TCP Zero Window Probe", Severity::Note,
        Group::Sequence).asks(Asks::Analysis).in_columns();
    ZERO_WINDOW = expert("tcp.analysis.zero_window", "TCP Zero Window segment", Severity::Warning, Group::Sequence)
        .asks(Asks::Analysis).in_columns();
    ZERO_WINDOW_PROBE_ACK = expert("tcp.analysis.zero_window_probe_ack", "ACK to a TCP Zero Window Probe",
        Severity::Note, Group::Sequence).asks(Asks::Analysis).in_columns();
    FAST_OPEN_ACCEPTED = expert("tcp.analysis.tfo_ack", "TCP SYN-ACK accepting TFO data", Severity::Note,
        Group::Sequence).asks(Asks::Analysis);
    FAST_OPEN_IGNORED = expert("tcp.analysis.tfo_ignored", "TCP SYN-ACK ignoring TFO data", Severity::Note,
        Group::Sequence).asks(Asks::Analysis);
}

/// The flags in the order of the tree, and what the Info column says of them: there the last one comes first.
static VERDICTS: &[(u32, &Field, &str)] = &[
    (verdict::REUSED_PORTS, &REUSED_PORTS, "[TCP Port numbers reused] "),
    (verdict::FAST_RETRANSMISSION, &FAST_RETRANSMISSION, "[TCP Fast Retransmission] "),
    (verdict::SPURIOUS_RETRANSMISSION, &SPURIOUS_RETRANSMISSION, "[TCP Spurious Retransmission] "),
    (verdict::RETRANSMISSION, &RETRANSMISSION, "[TCP Retransmission] "),
    (verdict::OUT_OF_ORDER, &OUT_OF_ORDER, "[TCP Out-Of-Order] "),
    (verdict::LOST_SEGMENT, &LOST_SEGMENT, "[TCP Previous segment not captured] "),
    (verdict::ACK_LOST_SEGMENT, &ACK_LOST_SEGMENT, "[TCP ACKed unseen segment] "),
    (verdict::WINDOW_UPDATE, &WINDOW_UPDATE, "[TCP Window Update] "),
    (verdict::WINDOW_FULL, &WINDOW_FULL, "[TCP Window Full] "),
    (verdict::KEEP_ALIVE, &KEEP_ALIVE, "[TCP Keep-Alive] "),
    (verdict::KEEP_ALIVE_ACK, &KEEP_ALIVE_ACK, "[TCP Keep-Alive ACK] "),
    (verdict::DUPLICATE_ACK, &DUPLICATE_ACK, ""),
    (verdict::ZERO_WINDOW_PROBE, &ZERO_WINDOW_PROBE, "[TCP ZeroWindowProbe] "),
    (verdict::ZERO_WINDOW, &ZERO_WINDOW, "[TCP ZeroWindow] "),
    (verdict::ZERO_WINDOW_PROBE_ACK, &ZERO_WINDOW_PROBE_ACK, "[TCP ZeroWindowProbeAck] "),
];

pub static ANALYZE: Preference = Preference::new(
    "tcp.analyze_sequence_numbers",
    true,
    "Find retransmissions, missing segments and round trips by the sequence numbers of a connection",
);
pub static TRACK_BYTES_IN_FLIGHT: Preference = Preference::new(
    "tcp.track_bytes_in_flight",
    true,
    "Show how many bytes are sent and not acknowledged; needs the analysis of sequence numbers",
);
pub static FAST_SUPERSEDES_OUT_OF_ORDER: Preference = Preference::new(
    "tcp.fastrt_supersedes_ooo",
    true,
    "Take what may be a fast retransmission or out of order for a fast retransmission",
);

/// Says of a SYN, ACK whether it takes the data of the SYN; stands below the acknowledgment number.
pub(super) fn fast_open(l: &mut Layer, analysis: &Analysis) {
    if analysis.is(verdict::FAST_OPEN_ACCEPTED) {
        l.expert(&FAST_OPEN_ACCEPTED);
    } else if analysis.is(verdict::FAST_OPEN_IGNORED) {
        l.expert(&FAST_OPEN_IGNORED);
    }
}

/// Shows what the segment is, beside those before it.
pub(super) fn show(l: &mut Layer, analysis: &Analysis) {
    let counts = l.prefers(&TRACK_BYTES_IN_FLIGHT);
    if !l.is_recorded() || !(analysis.is_known || counts && analysis.is_counted) {
        return;
    }
    // Columns say only what is out of the ordinary.
    if l.is_brief() && analysis.verdicts & verdict::FLAGS == 0 && analysis.duplicate.is_none() {
        return;
    }
    l.generated_at(&ANALYSIS, 0u64, 0, 0);
    l.below(|l| {
        if let Some(Earlier { frame, ago }) = analysis.acknowledges {
            l.generated(&ACKS_FRAME, frame);
            if let Some(ago) = ago {
                l.generated_time(&ACK_RTT, ago.seconds(), ago.nanos());
            }
        }
        if let Some(took) = analysis.initial_rtt {
            l.generated_time(&INITIAL_RTT, took.seconds(), took.nanos());
        }
        if let (Some(bytes), true) = (analysis.bytes_in_flight, counts) {
            l.generated(&BYTES_IN_FLIGHT, bytes);
            l.generated(&PUSH_BYTES_SENT, analysis.bytes_since_push);
        }
        if analysis.verdicts & verdict::FLAGS != 0 {
            l.generated(&FLAGS, 0u64);
            l.below(|l| flags(l, analysis));
        }
        if let Some(duplicate) = analysis.duplicate {
            l.generated(&DUPLICATE_ACK_NUM, duplicate.number);
            l.generated(&DUPLICATE_ACK_FRAME, duplicate.of);
            l.expert_with(&DUPLICATE_ACK_EXPERT, duplicate.number);
        }
    });
}

fn flags(l: &mut Layer, analysis: &Analysis) {
    for &(bit, field, _) in VERDICTS {
        if !analysis.is(bit) {
            continue;
        }
        l.generated(field, 0u64);
        if let (verdict::RETRANSMISSION, Some(Earlier { frame, ago: Some(ago) })) = (bit, analysis.timed_out) {
            l.generated_time(&RTO, ago.seconds(), ago.nanos());
            l.generated(&RTO_FRAME, frame);
        }
    }
}

/// Whether the data of a segment, all of which was captured where it `is_whole`, is a second copy, or comes too late to be read where
/// it stands.
pub(super) fn again(preferences: &Preferences, analysis: &Analysis, is_whole: bool) -> Again {
    if !preferences.get(&super::NO_SUBDISSECTOR_ON_ERROR) || analysis.is(verdict::FAST_RETRANSMISSION) {
        return Again::No;
    }
    match analysis.is(verdict::RETRANSMISSION) {
        true if analysis.is(verdict::SPURIOUS_RETRANSMISSION) && is_whole => Again::Acknowledged,
        true if analysis.is(verdict::SPURIOUS_RETRANSMISSION) => Again::No,
        true if is_whole => Again::Retransmission,
        false if !analysis.is(verdict::OUT_OF_ORDER) => Again::No,
        _ => Again::OutOfOrder,
    }
}

/// Writes what stands in the Info column before anything else.
pub(super) fn preface(layer: &LayerView, info: &mut Text) {
    // What is looked for stands near the end of the segment's entries.
    let entries = layer.entries();
    let Some(place) = entries.iter().rposition(|entry| entry.field.is(&ANALYSIS) || entry.field.is(&super::URGENT))
    else {
        return;
    };
    let entries = &entries[place..];
    let find = |field: &Field| entries.iter().find(|entry| entry.field.is(field));
    let Some(flags) = entries.iter().position(|entry| entry.field.is(&FLAGS)) else { return };
    if let (Some(number), Some(frame)) = (find(&DUPLICATE_ACK_NUM), find(&DUPLICATE_ACK_FRAME)) {
        info.str("[TCP Dup ACK ").dec(frame.number()).byte(b'#').dec(number.number()).str("] ");
    }
    let depth = entries[flags].depth;
    let below = entries[flags + 1..].iter().take_while(|entry| entry.depth > depth);
    let mut verdicts = 0;
    for entry in below {
        if let Some(row) = VERDICTS.iter().find(|row| entry.field.is(row.1)) {
            verdicts |= row.0;
        }
    }
    // One word is enough for what was sent again.
    if verdicts & (verdict::FAST_RETRANSMISSION | verdict::SPURIOUS_RETRANSMISSION) != 0 {
        verdicts &= !verdict::RETRANSMISSION;
    }
    for &(bit, _, words) in VERDICTS.iter().rev() {
        if verdicts & bit != 0 {
            info.str(words);
        }
    }
}

fn duplicate_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Duplicate ACK (#").dec(entry.number()).byte(b')');
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ipv4, segment};
    use super::super::{NO_SUBDISSECTOR_ON_ERROR, PROTOCOL};
    use super::*;
    use crate::dissect::flags::{ACK, FIN, PSH, SYN};
    use crate::protocols::testing::{Dissected, Sample};
    use crate::streams::Streams;

    /// Segments of a connection from 10.0.0.1:1000, which begins at 100, to 10.0.0.2:2000, which begins at 500: whether it is an answer,
    /// flags, numbers counted from there, and data. One comes each millisecond.
    type Segments = &'static [(bool, u16, u32, u32, &'static [u8])];

    const HANDSHAKE: [(bool, u16, u32, u32, &[u8]); 3] =
        [(false, SYN, 0, 0, b""), (true, SYN | ACK, 0, 1, b""), (false, ACK, 1, 1, b"")];

    fn sample(&(back, flags, sequence, acknowledgment, data): &(bool, u16, u32, u32, &[u8])) -> Sample {
        let (own, other) = if back { (500, 100) } else { (100, 500) };
        let acknowledgment = if flags & ACK != 0 { acknowledgment + other } else { 0 };
        ipv4(6, &segment(back, flags, sequence + own, acknowledgment, &[], data), back)
    }

    /// The last of the segments that follow on a handshake.
    fn after_handshake(segments: Segments, prefer: impl Fn(Sample) -> Sample) -> Dissected {
        let mut samples: Vec<Sample> = HANDSHAKE.iter().chain(segments).map(sample).map(prefer).collect();
        let last = samples.pop().expect("there is a segment");
        last.after(&samples, &mut Streams::new())
    }

    fn last(segments: Segments) -> Dissected {
        after_handshake(segments, |sample| sample)
    }

    // 10.0.0.2.2000 > 10.0.0.1.1000: Flags [.], ack 6, win 1000, length 0
    #[test]
    fn an_acknowledgment() {
        let dissected = last(&[(false, PSH | ACK, 1, 1, b"hello"), (true, ACK, 1, 6, b"")]);
        dissected.shows(&[
            "[SEQ/ACK analysis]",
            "[This is an ACK to the segment in frame: 4]",
            "[The RTT to ACK the segment was: 0.001000000 seconds]",
            "[iRTT: 0.002000000 seconds]",
        ]);
        dissected.lacks("TCP Analysis Flags").lacks("Bytes in flight");
        assert_eq!(dissected.info, "2000 → 1000 [ACK] Seq=1 Ack=6 Win=1000 Len=0");
    }

    #[test]
    fn data_in_flight() {
        let dissected = last(&[(false, ACK, 1, 1, b"hello"), (false, ACK, 6, 1, b"world")]);
        dissected.shows(&["[Bytes in flight: 10]", "[Bytes sent since last PSH flag: 10]", "TCP payload (5 bytes)"]);
        let untold =
            after_handshake(&[(false, ACK, 1, 1, b"hello")], |sample| sample.prefer(&TRACK_BYTES_IN_FLIGHT, false));
        untold.lacks("SEQ/ACK analysis");
    }

    #[test]
    fn a_duplicate() {
        let dissected = last(&[(false, ACK, 1, 1, b"")]);
        dissected.shows(&[
            "[TCP Analysis Flags]",
            "[This is a TCP duplicate ack]",
            "[Duplicate ACK #: 1]",
            "[Duplicate to the ACK in frame: 3]",
            "[Expert Info (Note/Sequence): Duplicate ACK (#1)]",
        ]);
        assert_eq!(dissected.info, "[TCP Dup ACK 3#1] 1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000 Len=0");
    }

    #[test]
    fn data_that_is_sent_again_is_not_read_again() {
        const AGAIN: Segments = &[(false, ACK, 1, 1, b"hello"), (false, ACK, 1, 1, b"hello")];
        let dissected = last(AGAIN);
        dissected.shows(&[
            "[Expert Info (Note/Sequence): This frame is a (suspected) retransmission]",
            "[The RTO for this segment was: 0.001000000 seconds]",
            "[RTO based on delta from frame: 4]",
            "TCP payload (5 bytes)",
            "Retransmitted TCP segment data (5 bytes)",
        ]);
        assert_eq!(dissected.info, "[TCP Retransmission] 1000 → 2000 [ACK] Seq=1 Ack=1 Win=1000 Len=5");
        dissected.lacks("Data (5 bytes)");
        after_handshake(AGAIN, |sample| sample.prefer(&NO_SUBDISSECTOR_ON_ERROR, false)).shows(&["Data (5 bytes)"]);
        let spurious = last(&[(false, ACK, 1, 1, b"hello"), (true, ACK, 1, 6, b""), (false, ACK, 1, 1, b"hello")]);
        spurious.shows(&[
            "[Expert Info (Note/Sequence): This frame is a (suspected) spurious retransmission]",
            "[Expert Info (Note/Sequence): This frame is a (suspected) retransmission]",
            "TCP payload (5 bytes)",
        ]);
        spurious.lacks("segment data").lacks("Data (5 bytes)").lacks("RTO");
        assert!(spurious.info.starts_with("[TCP Spurious Retransmission] 1000 → "), "{}", spurious.info);
    }

    #[test]
    fn what_comes_at_once_after_two_duplicates() {
        const FAST: Segments = &[
            (false, ACK, 1, 1, b"a"),
            (false, ACK, 2, 1, b"bb"),
            (false, ACK, 4, 1, b"cc"),
            (true, ACK, 1, 2, b""),
            (true, ACK, 1, 2, b""),
            (true, ACK, 1, 2, b""),
            (false, ACK, 2, 1, b"bb"),
        ];
        let dissected = last(FAST);
        dissected.shows(&[
            "[Expert Info (Note/Sequence): This frame is a (suspected) fast retransmission]",
            "Data (2 bytes)",
        ]);
        assert!(dissected.info.starts_with("[TCP Fast Retransmission] 1000 → "), "{}", dissected.info);
        let doubted = after_handshake(FAST, |sample| sample.prefer(&FAST_SUPERSEDES_OUT_OF_ORDER, false));
        assert!(
            doubted.info.starts_with("[TCP Fast Retransmission] 1000 → "),
            "too late for the other: {}",
            doubted.info
        );
    }

    #[test]
    fn the_last_flag_comes_first_in_the_list() {
        let cases: &[(Segments, &str)] = &[
            (&[(false, ACK, 9, 1, b"x")], "[TCP Previous segment not captured] "),
            (&[(false, ACK, 9, 7, b"x")], "[TCP ACKed unseen segment] [TCP Previous segment not captured] "),
            (&[(false, ACK, 0, 1, b"")], "[TCP Keep-Alive] "),
            (&[(false, ACK, 0, 7, b"x")], "[TCP Keep-Alive] [TCP ACKed unseen segment] "),
            (&[(false, ACK, 0, 1, b""), (true, ACK, 1, 1, b"")], "[TCP Keep-Alive ACK] "),
            (&[(true, SYN | ACK, 90, 1, b"")], "[TCP Previous segment not captured] [TCP Port numbers reused] "),
            (&[(true, SYN | ACK, 0, 1, b"")], "[TCP Retransmission] "),
            (&[(false, FIN | ACK, 1, 1, b""), (true, ACK, 1, 2, b"")], ""),
        ];
        for (segments, expected) in cases {
            let info = last(segments).info;
            let told = info.split_inclusive("] ").take_while(|part| part.starts_with("[TCP")).collect::<String>();
            assert_eq!(told, *expected, "{info}");
        }
    }

    #[test]
    fn a_fast_opening() {
        let cookie = [34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1];
        let syn = || ipv4(6, &segment(false, SYN, 100, 0, &cookie, b"hello"), false);
        for (acknowledgment, expected) in
            [(106, "TCP SYN-ACK accepting TFO data"), (101, "TCP SYN-ACK ignoring TFO data")]
        {
            let answer = ipv4(6, &segment(true, SYN | ACK, 500, acknowledgment, &[], &[]), true);
            let dissected = answer.after(&[syn()], &mut Streams::new());
            dissected.shows(&[&format!("[Expert Info (Note/Sequence): {expected}]")]).lacks("TCP Analysis Flags");
        }
    }

    #[test]
    fn nobody_has_to_know() {
        let dissected = after_handshake(&[(false, ACK, 1, 1, b"")], |sample| sample.prefer(&ANALYZE, false));
        dissected.lacks("analysis").shows(&["Sequence Number: 101", "Acknowledgment Number: 501"]);
        assert_eq!(dissected.info, "1000 → 2000 [ACK] Seq=101 Ack=501 Win=1000 Len=0");
    }

    #[test]
    fn every_verdict_has_its_words() {
        let bits: u32 = VERDICTS.iter().map(|row| row.0).sum();
        assert_eq!(bits, verdict::FAST_OPEN_ACCEPTED - 1);
        assert!(VERDICTS.iter().all(|row| PROTOCOL.fields.iter().any(|field| field.is(row.1))));
    }
}
