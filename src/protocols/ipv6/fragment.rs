//! The fragment header of IPv6.
//!
//! RFC 8200, section 4.5. A fragment that is also the whole datagram is *atomic* (RFC 6946): what follows is read at once.
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                         Identification                        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use super::{NEXT_HEADERS, describe_next, next_layer};
use crate::dissect::{Entry, Group, Layer, LayerView, Next, Outcome, Protocol, Severity, Summary, Table, fields};
use crate::text::Text;

fields! {
    NXT = uint8("ipv6.fraghdr.nxt", "Next header").named(NEXT_HEADERS);
    RESERVED_OCTET = uint8("ipv6.fraghdr.reserved_octet", "Reserved octet").hex();
    OFFSET = uint16("ipv6.fraghdr.offset", "Offset").bits(0xfff8).label(offset_line);
    RESERVED_BITS = uint16("ipv6.fraghdr.reserved_bits", "Reserved bits").bits(0x0006);
    MORE = boolean("ipv6.fraghdr.more", "More Fragments").of(16).bits(0x0001).flags("Yes", "No");
    IDENT = uint32("ipv6.fraghdr.ident", "Identification").hex();
    FRAGMENTS = none("ipv6.fragments", "IPv6 Fragments");
    FRAGMENT = frame_number("ipv6.fragment", "IPv6 Fragment");
    OVERLAP = boolean("ipv6.fragment.overlap", "Fragment overlap");
    CONFLICT = boolean("ipv6.fragment.overlap.conflict", "Conflicting data in fragment overlap");
    MULTIPLE_TAILS = boolean("ipv6.fragment.multipletails", "Multiple tail fragments found");
    TOO_LONG = boolean("ipv6.fragment.toolongfragment", "Fragment too long");
    ERROR = frame_number("ipv6.fragment.error", "Defragmentation error");
    COUNT = uint32("ipv6.fragment.count", "Fragment count");
    REASSEMBLED_IN = frame_number("ipv6.reassembled.in", "Reassembled IPv6 in frame").generated();
    REASSEMBLED_LENGTH = uint32("ipv6.reassembled.length", "Reassembled IPv6 length").generated();
    REASSEMBLED_DATA = bytes("ipv6.reassembled.data", "Reassembled IPv6 data").generated();
    JUMBO_FRAGMENT = expert("ipv6.opt.jumbo.fragment", "Jumbo Payload option cannot be used with a fragment header",
        Severity::Warning, Group::Protocol);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 44)],
    dissect,
    summary: Some(summary),
    within: true,
    ..Protocol::new("ipv6.fraghdr", "IPv6 Fragment", "Fragment Header for IPv6")
};

fn dissect(l: &mut Layer) -> Outcome {
    l.peek(8)?;
    let in_jumbogram =
        l.around().any(|(protocol, bytes)| protocol.name() == "ipv6" && bytes.get(4..7) == Some(&[0, 0, 0]));
    if in_jumbogram {
        l.expert_on_layer(&JUMBO_FRAGMENT, 0u64);
    }
    let next = l.u8(&NXT)?;
    l.u8(&RESERVED_OCTET)?;
    let packed = l.peek_u16()?;
    l.part(&OFFSET, packed, 2);
    l.part(&RESERVED_BITS, packed, 2);
    l.part(&MORE, packed, 2);
    l.skip(2)?;
    l.u32(&IDENT)?;
    let is_fragment = packed & 0xfff9 != 0;
    if is_fragment && l.wire_remaining() > 0 {
        return Ok(Next::Data);
    }
    Ok(next_layer(next))
}

fn offset_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let units = entry.number();
    entry.field.write_bits(units, text);
    text.str("Offset: ").dec(units).str(" (").dec(8 * units).str(" bytes)");
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    summary.protocol.str("IPv6");
    let number = |field| layer.number(field).unwrap_or_default();
    let (offset, more) = (number(&OFFSET), number(&MORE));
    if offset == 0 && more == 0 {
        return describe_next(layer, number(&NXT), summary);
    }
    summary.info.str("IPv6 fragment (off=").dec(8 * offset).str(" more=").str(if more != 0 { "y" } else { "n" });
    summary.info.str(" ident=").hex(number(&IDENT), 8).str(" nxt=").dec(number(&NXT)).str(")");
}
