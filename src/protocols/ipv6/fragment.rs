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
use crate::dissect::{
    Assembly, Entry, Fragment, Group, Layer, LayerView, Next, Outcome, Preference, Protocol, Severity, Summary, Table,
    fields, piece_line, pieces_line,
};
use crate::text::Text;

fields! {
    NXT = uint8("ipv6.fraghdr.nxt", "Next header").named(NEXT_HEADERS);
    RESERVED_OCTET = uint8("ipv6.fraghdr.reserved_octet", "Reserved octet").hex();
    OFFSET = uint16("ipv6.fraghdr.offset", "Offset").bits(0xfff8).label(offset_line);
    RESERVED_BITS = uint16("ipv6.fraghdr.reserved_bits", "Reserved bits").bits(0x0006);
    MORE = boolean("ipv6.fraghdr.more", "More Fragments").of(16).bits(0x0001).flags("Yes", "No");
    IDENT = uint32("ipv6.fraghdr.ident", "Identification").hex();
    FRAGMENTS = none("ipv6.fragments", "IPv6 Fragments").generated().label(pieces_line);
    FRAGMENT = frame_number("ipv6.fragment", "IPv6 Fragment").generated().label(piece_line);
    OVERLAP = boolean("ipv6.fragment.overlap", "Fragment overlap").generated();
    CONFLICT = boolean("ipv6.fragment.overlap.conflict", "Conflicting data in fragment overlap").generated();
    MULTIPLE_TAILS = boolean("ipv6.fragment.multipletails", "Multiple tail fragments found").generated();
    TOO_LONG = boolean("ipv6.fragment.toolongfragment", "Fragment too long").generated();
    ERROR = frame_number("ipv6.fragment.error", "Defragmentation error").generated().label(piece_line);
    COUNT = uint32("ipv6.fragment.count", "Fragment count").generated();
    REASSEMBLED_IN = frame_number("ipv6.reassembled.in", "Reassembled IPv6 in frame").generated();
    REASSEMBLED_LENGTH = uint32("ipv6.reassembled.length", "Reassembled IPv6 length").generated();
    REASSEMBLED_DATA = bytes("ipv6.reassembled.data", "Reassembled IPv6 data").generated();
    JUMBO_FRAGMENT = expert("ipv6.opt.jumbo.fragment", "Jumbo Payload option cannot be used with a fragment header",
        Severity::Warning, Group::Protocol);
    GIVEN_UP = expert("ipv6.reassembly.given_up", "This datagram has more or smaller fragments than are kept of one \
        (1 MiB): those that were there are forgotten", Severity::Warning, Group::Reassemble);
    MAKES_ROOM = expert("ipv6.reassembly.forgotten", "More fragments wait for others than are kept: the oldest are forgotten",
        Severity::Warning, Group::Reassemble);
}

/// The fields of a datagram that was put together.
static ASSEMBLY: Assembly = Assembly {
    line: &FRAGMENTS,
    piece: &FRAGMENT,
    error: &ERROR,
    overlap: &OVERLAP,
    conflict: &CONFLICT,
    second_tail: &MULTIPLE_TAILS,
    too_long: &TOO_LONG,
    count: &COUNT,
    length: &REASSEMBLED_LENGTH,
    data: &REASSEMBLED_DATA,
};

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 44)],
    preferences: &[&DEFRAGMENT],
    dissect,
    summary: Some(summary),
    within: true,
    ..Protocol::new("ipv6.fraghdr", "IPv6 Fragment", "Fragment Header for IPv6")
};

pub static DEFRAGMENT: Preference =
    Preference::new("ipv6.defragment", true, "Whether fragmented IPv6 datagrams should be reassembled");

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
    let identification = l.u32(&IDENT)?;
    let is_fragment = packed & (OFFSET_BITS | MORE_BIT) != 0;
    if is_fragment && l.wire_remaining() > 0 {
        if l.prefers(&DEFRAGMENT) {
            return Ok(join(l, identification, packed, next).map_or(Next::Data, next_layer));
        }
        if packed & OFFSET_BITS != 0 {
            return Ok(Next::Data);
        }
        l.set_fragment(true);
    }
    Ok(next_layer(next))
}

const OFFSET_BITS: u16 = 0xfff8;
const MORE_BIT: u16 = 0x0001;

/// Joins a fragment with those before it; returns the number of what the datagram carries if it is whole now, and the payload.
///
/// That is what its first fragment says: "The Next Header values in the Fragment headers of different fragments of the same original
/// packet may differ. Only the value from the Offset zero fragment packet is used for reassembly." (RFC 8200, section 4.5)
fn join(l: &mut Layer, identification: u32, packed: u16, next: u8) -> Option<u8> {
    // What an error message quotes was on its way before, and is no piece of what is still on its way.
    if l.is_quoted() || !l.is_whole() {
        return None;
    }
    let (source, destination, bytes) = (l.source(), l.destination(), l.remaining());
    let note = l.memory().fragment(&Fragment {
        source,
        destination,
        key: identification.into(),
        name: "Reassembled IPv6",
        carries: next,
        // Units of eight bytes, and three bits that are no part of them.
        start: usize::from(packed & OFFSET_BITS),
        more: packed & MORE_BIT != 0,
        bytes,
    });
    l.beside(|l| {
        if let Some(frame) = note.whole_in {
            l.generated(&REASSEMBLED_IN, frame);
        }
        if let Some(source) = note.datagram.as_ref().and_then(|datagram| l.add_source(datagram)) {
            l.assembly(&ASSEMBLY, source);
        }
    });
    if note.is_given_up {
        l.expert_on_layer(&GIVEN_UP, 0u64);
    }
    if note.makes_room {
        l.expert_on_layer(&MAKES_ROOM, 0u64);
    }
    l.payload_in(note.datagram?);
    Some(note.carries)
}

fn offset_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let units = entry.number();
    entry.field.write_bits(units, text);
    text.str("Offset: ").dec(units).str(" (").dec(8 * units).str(" bytes)");
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    summary.protocol.str("IPv6");
    let Some(next) = layer.number(&NXT) else { return };
    let number = |field| layer.number(field).unwrap_or_default();
    let (offset, more) = (number(&OFFSET), number(&MORE));
    // A fragment of nothing is read on like a datagram, but a protocol that is known then has nothing to say.
    let waits = (offset != 0 || more != 0) && layer.find(&FRAGMENTS).is_none() && layer.above().is_some();
    if !waits {
        return describe_next(layer, next, summary);
    }
    summary.info.str("IPv6 fragment (off=").dec(8 * offset).str(" more=").str(if more != 0 { "y" } else { "n" });
    summary.info.str(" ident=").hex(number(&IDENT), 8).str(" nxt=").dec(next).str(")");
}

#[cfg(test)]
mod tests {
    use super::super::testing::ipv6;
    use super::DEFRAGMENT;
    use crate::protocols::testing::{Dissected, Sample};
    use crate::protocols::udp;
    use crate::streams::Streams;

    /// A datagram of UDP from `fe80::1` to `ff02::1` with a checksum, 48 bytes long.
    fn whole() -> Vec<u8> {
        let mut bytes = vec![0x13, 0x88, 0x17, 0x70, 0, 48, 0x55, 0x7b];
        bytes.extend(b'a'..=b'z');
        bytes.extend(b'A'..=b'N');
        bytes
    }

    fn fragment(next: u8, offset: usize, more: bool, payload: &[u8]) -> Vec<u8> {
        let packed = offset as u16 | u16::from(more);
        let header = [&[next, 0][..], &packed.to_be_bytes(), &[0, 0, 0, 9], payload].concat();
        ipv6(44, &header)
    }

    /// The bytes `from` to `to` of `of` as a fragment.
    fn piece_of(of: &[u8], next: u8, from: usize, to: usize) -> Vec<u8> {
        fragment(next, from, to < of.len(), &of[from..to])
    }

    fn piece(from: usize, to: usize) -> Vec<u8> {
        piece_of(&whole(), 17, from, to)
    }

    fn sample(packet: &[u8]) -> Sample {
        Sample::ethernet(0x86dd, packet)
    }

    fn after(last: &[u8], earlier: &[Vec<u8>]) -> Dissected {
        let earlier: Vec<Sample> = earlier.iter().map(|packet| sample(packet)).collect();
        sample(last).prefer(&udp::CHECK_CHECKSUM, true).after(&earlier, &mut Streams::new())
    }

    // fe80::1.5000 > ff02::1.6000: UDP, length 40, in two fragments
    #[test]
    fn what_fragments_carry() {
        let shown = after(&piece(24, 48), &[piece(0, 24)]);
        assert_eq!(shown.stack, "eth:ethertype:ipv6:ipv6.fraghdr:udp:data");
        shown.shows(&[
            "Fragment Header for IPv6",
            "0000 0000 0001 1... = Offset: 3 (24 bytes)",
            "[2 IPv6 Fragments (48 bytes): #1(24), #2(24)]",
            "[Frame: 1, payload: 0-23 (24 bytes)]",
            "[Frame: 2, payload: 24-47 (24 bytes)]",
            "[Fragment count: 2]",
            "[Reassembled IPv6 length: 48]",
            "User Datagram Protocol, Src Port: 5000, Dst Port: 6000",
            "Checksum: 0x557b [correct]",
        ]);
        // It stands beside the fragment header, in IPv6.
        assert!(shown.tree.contains("\n    [2 IPv6 Fragments (48 bytes)"), "{}", shown.tree);
        assert_eq!((&*shown.protocol, &*shown.info), ("UDP", "5000 → 6000 Len=40"));
    }

    #[test]
    fn what_waits_and_what_does_not() {
        let waiting = sample(&piece(24, 48)).dissect();
        assert_eq!(waiting.stack, "eth:ethertype:ipv6:ipv6.fraghdr:data");
        assert_eq!(waiting.info, "IPv6 fragment (off=24 more=n ident=0x00000009 nxt=17)");
        // A whole datagram in one fragment does not wait, and is none of the others' pieces (RFC 6946).
        let shown = after(&piece(0, 48), &[piece(0, 24)]);
        shown.shows(&["UDP payload (40 bytes)"]).lacks("IPv6 Fragments");
        let shown = after(&piece(24, 48), &[piece(0, 24), piece(0, 48)]);
        shown.shows(&["[2 IPv6 Fragments (48 bytes): #1(24), #3(24)]"]);
        // One that was cut cannot be joined.
        let cut = sample(&piece(0, 24)).cut(14 + 40 + 8 + 20);
        assert_eq!(sample(&piece(24, 48)).after(&[cut], &mut Streams::new()).stack, waiting.stack);
        // A fragment of nothing is read like a datagram of nothing.
        let nothing = sample(&fragment(253, 24, true, b"")).dissect();
        assert_eq!(
            (&*nothing.stack, &*nothing.info),
            ("eth:ethertype:ipv6:ipv6.fraghdr", "Unknown IP Protocol: Unknown (253)")
        );
        let nothing = sample(&fragment(17, 24, true, b"")).dissect();
        assert_eq!(nothing.info, "IPv6 fragment (off=24 more=y ident=0x00000009 nxt=17)[Malformed Packet]");
        let off = |packet: &[u8]| sample(packet).prefer(&DEFRAGMENT, false);
        assert_eq!(off(&piece(0, 24)).dissect().info, "5000 → 6000 Len=40");
        assert_eq!(off(&piece(24, 48)).after(&[off(&piece(0, 24))], &mut Streams::new()).stack, waiting.stack);
    }

    /// RFC 8200, section 4.5: that of the others does not matter. (tshark takes the one of the fragment that makes it whole.)
    #[test]
    fn what_it_carries_says_the_first_fragment() {
        let shown = after(&piece_of(&whole(), 6, 24, 48), &[piece(0, 24)]);
        assert_eq!(shown.stack, "eth:ethertype:ipv6:ipv6.fraghdr:udp:data");
    }

    #[test]
    fn headers_inside_a_datagram_stand_in_ipv6() {
        let options = [&[17, 0, 1, 4, 0, 0, 0, 0][..], &whole()].concat();
        let shown = after(&piece_of(&options, 60, 24, 56), &[piece_of(&options, 60, 0, 24)]);
        assert_eq!(shown.stack, "eth:ethertype:ipv6:ipv6.fraghdr:ipv6.dstopts:udp:data");
        assert!(shown.tree.contains("\n    Destination Options for IPv6\n"), "{}", shown.tree);
        assert!(shown.tree.contains("\nUser Datagram Protocol"), "{}", shown.tree);
    }

    #[test]
    fn pieces_that_contradict_each_other() {
        let other: Vec<u8> = whole()[8..24].iter().map(|byte| byte ^ 0x20).collect();
        let shown = after(&piece(24, 48), &[piece(0, 24), fragment(17, 8, true, &other)]);
        shown.shows(&[
            "[3 IPv6 Fragments (48 bytes): #1(24), #2(16), #3(24)]",
            "[Frame: 2, payload: 8-23 (16 bytes)]",
            "[Fragment overlap: True]",
            "[Conflicting data in fragment overlap: True]",
            "Checksum: 0x557b [correct]",
        ]);
    }

    #[test]
    fn a_second_reading_tells_where_it_ends() {
        let pieces = [piece(0, 24), piece(24, 48)];
        let mut streams = Streams::first_pass();
        sample(&pieces[1]).after(&[sample(&pieces[0])], &mut streams);
        let shown = sample(&pieces[0]).after(&[], &mut streams.second_pass());
        shown.shows(&["[Reassembled IPv6 in frame: 2]", "Data (24 bytes)"]);
        assert_eq!(shown.info, "IPv6 fragment (off=0 more=y ident=0x00000009 nxt=17)");
    }
}
