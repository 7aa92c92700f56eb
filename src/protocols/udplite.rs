//! UDP-Lite: the Lightweight User Datagram Protocol.
//!
//! RFC 3828. As UDP, but its checksum covers only as much as it says, so that payloads with damaged bits still arrive; it shares
//! UDP's fields and counts its streams with them.
//!
//! ```text
//!  0      7 8     15 16    23 24    31
//! +--------+--------+--------+--------+
//! |   source port   |destination port |
//! +--------+--------+--------+--------+
//! |checksum coverage|    checksum     |
//! +--------+--------+--------+--------+
//! ```
//!
//! The coverage counts the header, which is always covered; 0 covers all.

use super::checksum::{self, Sum};
use super::udp;
use crate::dissect::{
    Entry, Group, Layer, LayerView, Next, Outcome, Preference, Protocol, Severity, Summary, Table, Transport, fields,
};
use crate::text::Text;

fields! {
    COVERAGE = uint16("udp.checksum_coverage", "Checksum coverage");
    COVERAGE_BOGUS = uint16("udp.checksum_coverage", "Checksum coverage").label(bogus_line);
    COVERAGE_BAD = expert("udplite.checksum_coverage.bad", "Bad checksum coverage length value", Severity::Error,
        Group::Malformed).label(coverage_bad_message);
    LENGTH = uint16("udp.length", "Length").generated();
}

pub static IGNORE_COVERAGE: Preference =
    Preference::new("udplite.ignore_checksum_coverage", true, "Dissect on where the checksum coverage is invalid");
pub static CHECK_CHECKSUM: Preference =
    Preference::new("udplite.check_checksum", false, "Validate the UDP-Lite checksum");
pub static CALCULATE_TIMESTAMPS: Preference = Preference::new(
    "udplite.calculate_timestamps",
    true,
    "Show the time since the first and the previous frame of the conversation",
);

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 136)],
    preferences: &[&IGNORE_COVERAGE, &CHECK_CHECKSUM, &CALCULATE_TIMESTAMPS],
    dissect,
    summary: Some(summary),
    family: crate::dissect::Family::Datagram,
    ..Protocol::new("udplite", "UDP-Lite", "Lightweight User Datagram Protocol").line(udp::line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let conversation = udp::ports(l)?;
    let coverage = usize::from(l.peek_u16()?);
    let len = l.wire_len();
    let is_valid = coverage == 0 || (8..=len).contains(&coverage);
    if is_valid {
        l.u16(&COVERAGE)?;
    } else {
        l.u16(&COVERAGE_BOGUS)?;
        l.expert_with(&COVERAGE_BAD, coverage as u64);
        if !l.prefers(&IGNORE_COVERAGE) {
            return Ok(Next::End);
        }
    }
    l.generated_at(&LENGTH, len as u64, 4, 0);
    let covered = if coverage == 0 { len } else { coverage };
    let sum = match l.peek_u16()? {
        // "UDP-Lite does not allow the checksum to be disabled": RFC 3828, section 3.1, says that zero is illegal.
        0 if l.is_quoted() => Sum::Absent,
        0 => Sum::Illegal,
        _ if !is_valid || !l.prefers(&CHECK_CHECKSUM) => Sum::Unverified,
        _ => checksum::verify(l, 136, len, covered, 6),
    };
    udp::record_checksum(l, sum)?;
    udp::finish(l, Transport::UdpLite, len, &conversation, &CALCULATE_TIMESTAMPS)?;
    l.payload_at_top();
    Ok(Next::Ports(Table::UdpPort, conversation.source_port, conversation.destination_port))
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let info = &mut *summary.info;
    udp::write_ports(layer, info);
    let Some(len) = layer.number(&LENGTH) else { return };
    if let Some(coverage) = layer.number(&COVERAGE_BOGUS) {
        info.str(" [BAD LIGHTWEIGHT UDP CHECKSUM COVERAGE LENGTH ");
        info.dec(coverage).str(" < 8 or > ").dec(len).byte(b']');
    }
    info.str(" Len=").dec(len.saturating_sub(8));
    udp::checksum_summary(layer, info);
}

fn bogus_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Checksum coverage: ").dec(entry.number());
    text.str(" (bogus, must be >= 8 and <= ").dec(layer.number(&LENGTH).unwrap_or(0)).byte(b')');
}

fn coverage_bad_message(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bad checksum coverage length value ").dec(entry.number());
    text.str(" < 8 or > ").dec(layer.number(&LENGTH).unwrap_or(0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::tcp::tests::ipv4;
    use crate::protocols::testing::Sample;

    fn datagram(coverage: u8, checksum: u16) -> Sample {
        let [high, low] = checksum.to_be_bytes();
        ipv4(136, &[0x03, 0xe8, 0x07, 0xd0, 0, coverage, high, low, b'a', b'b', b'c'], false)
    }

    #[test]
    fn coverages() {
        let some = datagram(9, 0x1234).dissect();
        some.shows(&[
            "Lightweight User Datagram Protocol, Src Port: 1000, Dst Port: 2000",
            "Checksum coverage: 9",
            "[Length: 11]",
            "Checksum: 0x1234 [unverified]",
            "[Stream index: 0]",
            "UDP payload (3 bytes)",
        ]);
        assert_eq!((&*some.protocol, &*some.info), ("UDP-Lite", "1000 → 2000 Len=3"));
        for coverage in [7, 12] {
            let bad = datagram(coverage, 0x1234).dissect();
            bad.shows(&[
                &format!("Checksum coverage: {coverage} (bogus, must be >= 8 and <= 11)"),
                &format!("[Expert Info (Error/Malformed): Bad checksum coverage length value {coverage} < 8 or > 11]"),
                "UDP payload (3 bytes)",
            ]);
        }
        datagram(7, 0x1234).prefer(&IGNORE_COVERAGE, false).dissect().lacks("UDP payload");
    }

    #[test]
    fn checksums_of_what_is_covered() {
        for (coverage, sum) in [(0, 0x1b4f), (8, 0xdfa9), (11, 0x1b44), (9, 0x7ea8)] {
            let dissected = datagram(coverage, sum).prefer(&CHECK_CHECKSUM, true).dissect();
            dissected.shows(&[&format!("Checksum: {sum:#06x} [correct]")]);
        }
        let none = datagram(8, 0).dissect();
        none.shows(&["Checksum: 0x0000 [zero-value illegal]", "[Checksum Status: Illegal]"]);
        assert_eq!(none.info, "1000 → 2000 Len=3 [ILLEGAL CHECKSUM (0)]");
    }
}
