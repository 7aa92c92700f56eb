//! AH: the Authentication Header of IPsec.
//!
//! RFC 4302. The length counts words of four bytes and leaves out the first two. The header protects what follows and does not hide it.
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! | Next Header   |  Payload Len  |          RESERVED             |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                 Security Parameters Index (SPI)               |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Sequence Number Field                      |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                Integrity Check Value-ICV (variable)           |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use super::ipv6;
use crate::dissect::{Entry, Layer, LayerView, Outcome, Protocol, Summary, Table, fields};
use crate::text::Text;

fields! {
    NEXT_HEADER = uint8("ah.next_header", "Next header").named(ipv6::NEXT_HEADERS);
    LENGTH = uint8("ah.length", "Length").label(length_line);
    RESERVED = bytes("ah.reserved", "Reserved");
    SPI = uint32("ah.spi", "AH SPI").hex();
    SEQUENCE = uint32("ah.sequence", "AH Sequence");
    ICV = bytes("ah.icv", "AH ICV");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 51)],
    dissect,
    summary: Some(summary),
    within: true,
    family: crate::dissect::Family::Secure,
    ..Protocol::new("ah", "AH", "Authentication Header")
};

fn dissect(l: &mut Layer) -> Outcome {
    let next = l.u8(&NEXT_HEADER)?;
    let len = 4 * (usize::from(l.u8(&LENGTH)?) + 2);
    l.bytes(&RESERVED, 2)?;
    l.u32(&SPI)?;
    l.u32(&SEQUENCE)?;
    l.bytes(&ICV, len.saturating_sub(l.offset()))?;
    // What follows begins where the length says, even if that is inside this header.
    l.go_to(len)?;
    Ok(ipv6::next_layer(next))
}

fn length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let words = entry.number();
    text.str("Length: ").dec(words).str(" (").dec(4 * (words + 2)).str(" bytes)");
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    match layer.number(&NEXT_HEADER) {
        Some(next) if layer.mark().stopped.is_none() => ipv6::describe_next(layer, next, summary),
        _ => {
            if let Some(index) = layer.number(&SPI) {
                summary.info.str("AH (SPI=").hex(index, 8).str(")");
            }
        }
    }
}
