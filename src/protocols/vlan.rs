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
        return Ok(());
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
    let Some(id) = layer.number(&ID) else { return };
    if let Some(number) = layer.number(&ETYPE) {
        summary.protocol.hex(number, 4);
    }
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
