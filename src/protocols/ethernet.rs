//! Ethernet: DIX version 2 and IEEE 802.3.
//!
//! IEEE 802.3 clause 3. A length field of 1500 or less makes an 802.3 frame, which carries LLC; 1536 or more is an EtherType.
//!
//! ```text
//! +--------+--------+--------+--------+--------+--------+
//! |                 destination address                 |
//! +--------+--------+--------+--------+--------+--------+
//! |                   source address                    |
//! +--------+--------+--------+--------+--------+--------+
//! | type or length  |  payload, padding, perhaps an FCS …
//! +--------+--------+
//! ```

use crate::dissect::{Derive, Entry, Group, Layer, LayerView, Next, Outcome, Protocol, Severity, Stop, Summary, Table};
use crate::dissect::{Names, fields};
use crate::names;
use crate::text::Text;

fields! {
    DST = ether("eth.dst", "Destination").label(address_line);
    DST_RESOLVED = ether("eth.dst_resolved", "Destination (resolved)").hidden().either(&[&DST_OUI, &DST_OUI_NAME])
        .derive(Derive::AddressText);
    DST_OUI = uint24("eth.dst.oui", "Destination OUI").derive(Derive::Oui).hidden();
    DST_OUI_NAME = text("eth.dst.oui_resolved", "Destination OUI (resolved)").derive(Derive::OuiName).hidden();
    DST_LG = boolean("eth.dst.lg", "LG bit").of(24).bits(0x02_0000).either(&[&LG]).named(LG_NAMES);
    DST_IG = boolean("eth.dst.ig", "IG bit").of(24).bits(0x01_0000).either(&[&IG]).named(IG_NAMES);
    SRC = ether("eth.src", "Source").label(address_line);
    SRC_RESOLVED = ether("eth.src_resolved", "Source (resolved)").hidden().either(&[&SRC_OUI, &SRC_OUI_NAME])
        .derive(Derive::AddressText);
    SRC_OUI = uint24("eth.src.oui", "Source OUI").derive(Derive::Oui).hidden();
    SRC_OUI_NAME = text("eth.src.oui_resolved", "Source OUI (resolved)").derive(Derive::OuiName).hidden();
    SRC_LG = boolean("eth.src.lg", "LG bit").of(24).bits(0x02_0000).either(&[&LG]).named(LG_NAMES);
    SRC_IG = boolean("eth.src.ig", "IG bit").of(24).bits(0x01_0000).either(&[&IG]).named(IG_NAMES);
    ADDR = ether("eth.addr", "Address").either(&[&ADDR_RESOLVED, &ADDR_OUI, &ADDR_OUI_NAME]);
    ADDR_RESOLVED = text("eth.addr_resolved", "Address (resolved)").derive(Derive::AddressText).hidden();
    ADDR_OUI = uint24("eth.addr.oui", "Address OUI").derive(Derive::Oui).hidden();
    ADDR_OUI_NAME = text("eth.addr.oui_resolved", "Address OUI (resolved)").derive(Derive::OuiName).hidden();
    LG = boolean("eth.lg", "LG bit").of(24).bits(0x02_0000).named(LG_NAMES).hidden();
    IG = boolean("eth.ig", "IG bit").of(24).bits(0x01_0000).named(IG_NAMES).hidden();
    TYPE = uint16("eth.type", "Type").hex().named(Names::Lookup(|number| names::ethertype(number as u16)));
    LEN = uint16("eth.len", "Length");
    PADDING = bytes("eth.padding", "Padding");
    TRAILER = bytes("eth.trailer", "Trailer");
    FCS = uint32("eth.fcs", "Frame check sequence").hex();
    FCS_STATUS = uint8("eth.fcs.status", "FCS Status").name_only().values(STATUS).generated();
    SOURCE_GROUP = expert("eth.src_not_group", "Source MAC must not be a group address: IEEE 802.3-2002, Section 3.2.3(b)",
        Severity::Warning, Group::Protocol);
    PADDING_BAD = expert("eth.padding_bad", "Padding contains non-zero bytes", Severity::Note, Group::Protocol);
    LEN_PAST_END = expert("eth.len.past_end", "Length field value goes past the end of the payload", Severity::Error,
        Group::Malformed);
    INVALID_LENTYPE = expert("eth.invalid_lentype.expert", "Invalid length/type", Severity::Warning, Group::Protocol);
}

const LG_NAMES: Names = Names::Flags(
    "Locally administered address (this is NOT the factory default)",
    "Globally unique address (factory default)",
);
const IG_NAMES: Names = Names::Flags("Group address (multicast/broadcast)", "Individual address (unicast)");
static STATUS: &[(u64, &str)] = &[(0, "Bad"), (1, "Good"), (2, "Unverified"), (3, "Not present")];

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::LinkType, 1)],
    dissect,
    after: Some(after),
    addresses: Some((&SRC, &DST)),
    summary: Some(summary),
    family: crate::dissect::Family::Link,
    ..Protocol::new("eth", "Ethernet", "Ethernet").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let header = l.peek(14)?;
    let destination = l.ether(&DST)?;
    parts(l, header, 0, [&DST_RESOLVED, &ADDR, &DST_LG, &DST_IG]);
    let source = l.ether(&SRC)?;
    parts(l, header, 6, [&SRC_RESOLVED, &ADDR, &SRC_LG, &SRC_IG]);
    if header[6] & 1 != 0 {
        l.below(|l| l.expert(&SOURCE_GROUP));
    }
    l.set_addresses(source, destination);
    let number = l.peek_u16()?;
    if number >= 0x0600 {
        l.u16(&TYPE)?;
        return Ok(Next::By(Table::EtherType, number.into()));
    }
    l.u16(&LEN)?;
    l.limit_payload(number.into());
    Ok(Next::By(Table::LlcSap, 0))
}

fn parts(l: &mut Layer, header: &[u8], at: usize, fields: [&'static crate::dissect::Field; 4]) {
    let [resolved, address, lg, ig] = fields;
    let mac = header[at..at + 6].iter().fold(0u64, |mac, &byte| mac << 8 | u64::from(byte));
    l.below(|l| {
        l.generated_at(resolved, mac, at, 6);
        l.generated_at(address, mac, at, 6);
        l.generated_at(lg, mac >> 41 & 1, at, 3);
        l.generated_at(ig, mac >> 40 & 1, at, 3);
    });
}

/// Reads what stands behind the payload: padding up to the shortest frame, a trailer, a frame check sequence.
fn after(l: &mut Layer) -> Result<(), Stop> {
    if !l.remaining().is_empty() {
        let len = l.remaining().len();
        l.bytes(&PADDING, len)?;
    }
    Ok(())
}

fn address_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ");
    layer.view.value(entry).write_address(text);
}

fn line(layer: &LayerView, _: &Entry, text: &mut Text) {
    let kind = if layer.find(&TYPE).is_some() { "Ethernet II, Src: " } else { "IEEE 802.3 Ethernet " };
    text.str(kind);
    if layer.find(&TYPE).is_some() {
        layer.write_address(&SRC, text);
        text.str(", Dst: ");
        layer.write_address(&DST, text);
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    if let Some(number) = layer.number(&TYPE) {
        summary.protocol.hex(number, 4);
        summary.info.str("Ethernet II");
    }
}
