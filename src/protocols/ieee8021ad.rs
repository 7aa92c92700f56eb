//! IEEE 802.1ad: the service tag that a provider puts before the customer's tag.
//!
//! IEEE 802.1Q-2011, clause 9.7. Where a second service tag follows at once, both stand in one line of the tree.
//!
//! ```text
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 | 0 … 15
//! +-----+-+-----------------------+-----------------+
//! | PCP |D|          VID          |   EtherType     |
//! +-----+-+-----------------------+-----------------+
//! ```

use super::ethernet::{self, ETHERTYPES, PADDING_WORDS, SHORTEST};
use crate::dissect::{
    Entry, Field, Group, Layer, LayerView, Next, Outcome, Protocol, Severity, Stop, Summary, Table, fields,
};
use crate::text::Text;

fields! {
    PRIORITY = uint16("ieee8021ad.priority", "Priority").bits(0xe000);
    DEI = uint16("ieee8021ad.dei", "DEI").bits(0x1000);
    ID = uint16("ieee8021ad.id", "ID").bits(0x0fff);
    SVID = uint16("ieee8021ad.svid", "ID").bits(0x0fff);
    CVID = uint16("ieee8021ad.cvid", "ID").bits(0x0fff);
    ETYPE = uint16("ieee8021ah.etype", "Type").hex().named(ETHERTYPES);
    TRAILER = bytes("ieee8021ah.trailer", "Trailer");
    // The padding of the frame stands in the innermost tag, under Ethernet's name.
    PADDING = bytes("eth.padding", "Padding");
    PADDING_BAD = expert("eth.padding_bad", PADDING_WORDS, Severity::Note, Group::Protocol);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::EtherType, ETHERTYPE as u32)],
    dissect,
    after: Some(after),
    summary: Some(summary),
    ..Protocol::new("ieee8021ad", "IEEE 802.1AD", "IEEE 802.1ad").line(line)
};

const ETHERTYPE: u16 = 0x88a8;

fn dissect(l: &mut Layer) -> Outcome {
    l.stand();
    // Both are peeked at: the fields of the first tag are named by what follows it.
    let is_double = l.peek(4)?.ends_with(&ETHERTYPE.to_be_bytes());
    tag(l, if is_double { &SVID } else { &ID })?;
    if is_double {
        l.skip(2)?;
        tag(l, &CVID)?;
    }
    let number = l.u16(&ETYPE)?;
    Ok(Next::By(Table::EtherType, number.into()))
}

fn tag(l: &mut Layer, id: &'static Field) -> Result<(), Stop> {
    let tag = l.peek_u16()?;
    l.part(&PRIORITY, tag, 2);
    l.part(&DEI, tag, 2);
    l.part(id, tag, 2);
    l.skip(2)?;
    Ok(())
}

/// Reads the padding and the trailer of the frame, where no other tag follows.
fn after(l: &mut Layer) -> Result<(), Stop> {
    if l.remaining().is_empty() {
        return Ok(());
    }
    let is_padded = ethernet::padding(l, &PADDING, SHORTEST.saturating_sub(l.frame_offset()))?;
    ethernet::trailer(l, &TRAILER, &PADDING_BAD, l.wire_remaining(), is_padded)
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if let Some(id) = layer.number(&ID) {
        text.str(", ID: ").dec(id);
    }
    if let (Some(service), Some(customer)) = (layer.number(&SVID), layer.number(&CVID)) {
        text.str(", S-VID: ").dec(service).str(", C-VID: ").dec(customer);
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    match layer.number(&ETYPE) {
        Some(number) => _ = summary.protocol.hex(number, 4),
        None => _ = summary.protocol.str("802.1ad"),
    }
    let id = layer.number(&ID).or_else(|| layer.number(&SVID));
    if let (Some(priority), Some(dei), Some(id)) = (layer.number(&PRIORITY), layer.number(&DEI), id) {
        summary.info.str("PRI: ").dec(priority).str("  DROP: ").dec(dei).str(" ID: ").dec(id);
    }
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Sample;

    #[test]
    fn one_tag() {
        let dissected = Sample::ethernet(0x88a8, &[0x20, 0x01, 0x99, 0x99, 1]).dissect();
        dissected.shows(&[
            "IEEE 802.1ad, ID: 1",
            "001. .... .... .... = Priority: 1",
            "...0 .... .... .... = DEI: 0",
            ".... 0000 0000 0001 = ID: 1",
            "Type: Unknown (0x9999)",
        ]);
        assert_eq!((&*dissected.protocol, &*dissected.info), ("0x9999", "PRI: 1  DROP: 0 ID: 1"));
        assert_eq!(dissected.stack, "eth:ethertype:ieee8021ad:ethertype:data");
    }

    #[test]
    fn two_tags() {
        let dissected = Sample::ethernet(0x88a8, &[0x20, 1, 0x88, 0xa8, 0x60, 2, 0x81, 0, 0, 3, 0x99, 0x99]).dissect();
        dissected.shows(&[
            "IEEE 802.1ad, S-VID: 1, C-VID: 2",
            ".... 0000 0000 0001 = ID: 1",
            ".... 0000 0000 0010 = ID: 2",
            "Type: 802.1Q Virtual LAN (0x8100)",
            "802.1Q Virtual LAN, PRI: 0, DEI: 0, ID: 3",
        ]);
    }

    #[test]
    fn cut_tags() {
        let cut = Sample::ethernet(0x88a8, &[0x20, 1]).dissect();
        cut.shows(&["IEEE 802.1ad", "[Malformed Packet: IEEE 802.1AD]"]);
        assert_eq!(cut.protocol, "802.1ad");
    }
}
