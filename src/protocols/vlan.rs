//! VLAN: the tag of IEEE 802.1Q, which names a virtual network and a priority.
//!
//! IEEE 802.1Q-2011, clause 9.6. What follows is an EtherType, or a length as in an 802.3 frame.
//!
//! ```text
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 | 0 … 15
//! +-----+-+-----------------------+-----------------+
//! | PCP |D|          VID          | type or length  |
//! +-----+-+-----------------------+-----------------+
//! ```

use super::ethernet::{self, ETHERTYPES, MAX_LENGTH, PADDING_WORDS, SHORTEST};
use crate::dissect::{
    Entry, Group, Layer, LayerView, Next, Outcome, Protocol, Severity, Stop, Summary, Table, fields, names,
};
use crate::text::Text;

fields! {
    PRIORITY = uint16("vlan.priority", "Priority").bits(0xe000).values(PRIORITIES);
    CFI = boolean("vlan.cfi", "CFI").of(16).bits(0x1000).flags("Non-canonical", "Canonical");
    DEI = boolean("vlan.dei", "DEI").of(16).bits(0x1000).flags("Eligible", "Ineligible");
    ID = uint16("vlan.id", "ID").bits(0x0fff);
    ID_NAME = text("vlan.id_name", "Name").generated();
    ETYPE = uint16("vlan.etype", "Type").hex().named(ETHERTYPES);
    LEN = uint16("vlan.len", "Length");
    TRAILER = bytes("vlan.trailer", "Trailer");
    // The padding of the frame stands in the innermost tag, under Ethernet's name.
    PADDING = bytes("eth.padding", "Padding");
    PADDING_BAD = expert("eth.padding_bad", PADDING_WORDS, Severity::Note, Group::Protocol);
    LEN_PAST_END = expert("vlan.len.past_end", "Length field value goes past the end of the payload", Severity::Error,
        Group::Malformed);
    TOO_MANY_TAGS = expert("vlan.too_many_tags", "Too many nested VLAN tags", Severity::Warning, Group::Undecoded);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::EtherType, 0x8100), (Table::EtherType, 0x9100)],
    dissect,
    after: Some(after),
    summary: Some(summary),
    ..Protocol::new("vlan", "VLAN", "802.1Q Virtual LAN").line(line)
};

/// The most tags that are read in one frame.
const MAX_TAGS: usize = 20;

fn dissect(l: &mut Layer) -> Outcome {
    if l.around().filter(|(protocol, _)| std::ptr::eq(*protocol, &PROTOCOL)).count() >= MAX_TAGS {
        l.expert_on_layer(&TOO_MANY_TAGS, 0u64);
        return Ok(Next::End);
    }
    let tag = u16::from_be_bytes(l.demand(2)?.try_into().unwrap_or_default());
    l.part(&PRIORITY, tag, 2);
    l.part(&DEI, tag, 2);
    l.part(&ID, tag, 2);
    l.skip(2)?;
    let number = l.peek_u16()?;
    if number > MAX_LENGTH {
        l.u16(&ETYPE)?;
        return Ok(Next::By(Table::EtherType, number.into()));
    }
    l.u16(&LEN)?;
    if usize::from(number) > l.wire_remaining() {
        l.expert(&LEN_PAST_END);
    }
    l.limit_payload(number.into());
    Ok(ethernet::after_length(l))
}

/// Reads the padding and the trailer of the frame, which the innermost tag has; the tags do not count for the shortest frame.
fn after(l: &mut Layer) -> Result<(), Stop> {
    if l.remaining().is_empty() {
        return ethernet::ends_behind(l, 4);
    }
    let is_padded = ethernet::padding(l, &PADDING, SHORTEST.saturating_sub(l.frame_offset()))?;
    ethernet::trailer(l, &TRAILER, &PADDING_BAD, l.wire_remaining(), is_padded)
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if let (Some(priority), Some(dei), Some(id)) = (layer.number(&PRIORITY), layer.number(&DEI), layer.number(&ID)) {
        text.str(", PRI: ").dec(priority).str(", DEI: ").dec(dei).str(", ID: ").dec(id);
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    match layer.number(&ETYPE) {
        Some(number) => _ = summary.protocol.hex(number, 4),
        None => _ = summary.protocol.str(PROTOCOL.short),
    }
    let Some(id) = layer.number(&ID) else { return };
    let (priority, dei) = (layer.number(&PRIORITY).unwrap_or(0), layer.number(&DEI).unwrap_or(0));
    summary.info.str("PRI: ").dec(priority).str("  DEI: ").dec(dei).str("  ID: ").dec(id);
}

names! {
    // IEEE 802.1Q-2011, Table I-2.
    PRIORITIES = {
        0 => "Best Effort (default)",
        1 => "Background",
        2 => "Excellent Effort",
        3 => "Critical Applications",
        4 => "Video, < 100ms latency and jitter",
        5 => "Voice, < 10ms latency and jitter",
        6 => "Internetwork Control",
        7 => "Network Control",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::{Dissected, Sample};

    fn tagged(payload: &[u8]) -> Dissected {
        Sample::ethernet(0x8100, payload).dissect()
    }

    /// An empty IPv4 packet, from 10.0.0.1 to 10.0.0.2.
    const PACKET: [u8; 20] = [0x45, 0, 0, 20, 0, 1, 0, 0, 64, 59, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];

    // vlan 100, p 1, ethertype Unknown (0x9999)
    #[test]
    fn a_tag() {
        let dissected = tagged(&[0x20, 0x64, 0x99, 0x99, 1, 2]);
        dissected.shows(&[
            "802.1Q Virtual LAN, PRI: 1, DEI: 0, ID: 100",
            "001. .... .... .... = Priority: Background (1)",
            "...0 .... .... .... = DEI: Ineligible",
            ".... 0000 0110 0100 = ID: 100",
            "Type: Unknown (0x9999)",
            "Data (2 bytes)",
        ]);
        assert_eq!((&*dissected.protocol, &*dissected.info), ("0x9999", "PRI: 1  DEI: 0  ID: 100"));
        assert_eq!(dissected.stack, "eth:ethertype:vlan:ethertype:data");
        tagged(&[0xf0, 0x05, 0x99, 0x99]).shows(&[
            "802.1Q Virtual LAN, PRI: 7, DEI: 1, ID: 5",
            "111. .... .... .... = Priority: Network Control (7)",
            "...1 .... .... .... = DEI: Eligible",
        ]);
    }

    #[test]
    fn lengths() {
        let llc = tagged(&[0, 1, 0, 5, 0xf0, 0xf0, 0x13, 1, 2, 9]);
        llc.shows(&["Length: 5", "Trailer: 09", "Logical-Link Control", "Data (2 bytes)"]);
        tagged(&[0, 1, 0, 20, 0xf0, 0xf0, 0x13]).shows(&[
            "Length: 20",
            "[Expert Info (Error/Malformed): Length field value goes past the end of the payload]",
        ]);
        tagged(&[0, 1, 0x05, 0xdd, 1]).shows(&["Type: Unknown (0x05dd)"]);
    }

    #[test]
    fn padding_stands_in_the_innermost_tag() {
        let with = |fill: u8, len: usize| {
            let mut payload = vec![0x20, 0x01, 0x81, 0x00, 0x60, 0x02, 0x08, 0x00];
            payload.extend(PACKET);
            payload.resize(len - 14, fill);
            tagged(&payload)
        };
        with(0, 60)
            .shows(&["802.1Q Virtual LAN, PRI: 3, DEI: 0, ID: 2", "Padding: 000000000000000000000000000000000000"]);
        with(0, 64).shows(&["Padding: 000000000000000000000000000000000000", "Trailer: 00000000"]);
        with(1, 60).shows(&[
            "Trailer: 010101010101010101010101010101010101",
            &format!("[Expert Info (Note/Protocol): {PADDING_WORDS}]"),
        ]);
        with(1, 59).lacks("Expert");
    }

    #[test]
    fn cut_tags() {
        tagged(&[0x20]).shows(&["[Malformed Packet: VLAN]"]).lacks("802.1Q Virtual LAN, ").lacks("Priority");
        let half = tagged(&[0x20, 0x64]);
        half.shows(&["802.1Q Virtual LAN, PRI: 1, DEI: 0, ID: 100", "[Malformed Packet: VLAN]"]);
        assert_eq!((&*half.protocol, &*half.info), ("VLAN", "PRI: 1  DEI: 0  ID: 100[Malformed Packet]"));
    }

    #[test]
    fn tags_end_somewhere() {
        let dissected = tagged(&[0x20, 0x01, 0x81, 0x00].repeat(300));
        assert_eq!(dissected.tree.matches("802.1Q Virtual LAN, PRI").count(), MAX_TAGS);
        dissected.shows(&["802.1Q Virtual LAN", "[Expert Info (Warning/Undecoded): Too many nested VLAN tags]"]);
    }
}
