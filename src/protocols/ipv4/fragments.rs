//! Fragments of IPv4, which are joined where the last of them arrives.
//!
//! RFC 791, section 3.2, and RFC 815. Fragments of one datagram have the same addresses, protocol and identification; those in
//! different VLANs are not joined. What no datagram can have is said of the piece: that it contradicts another one, that it is
//! another last one, that it stands behind the end.

use super::{
    FRAGMENT, FRAGMENT_CONFLICT, FRAGMENT_COUNT, FRAGMENT_ERROR, FRAGMENT_OVERLAP, FRAGMENT_TAILS, FRAGMENT_TOO_LONG,
    FRAGMENTS, GIVEN_UP, MAKES_ROOM, MORE, OFFSET, REASSEMBLED_DATA, REASSEMBLED_IN, REASSEMBLED_LENGTH,
};
use crate::dissect::{Assembly, Fragment, Layer};
use crate::protocols::vlan;

/// The fields of a datagram that was put together.
static ASSEMBLY: Assembly = Assembly {
    line: &FRAGMENTS,
    piece: &FRAGMENT,
    error: &FRAGMENT_ERROR,
    overlap: &FRAGMENT_OVERLAP,
    conflict: &FRAGMENT_CONFLICT,
    second_tail: &FRAGMENT_TAILS,
    too_long: &FRAGMENT_TOO_LONG,
    count: &FRAGMENT_COUNT,
    length: &REASSEMBLED_LENGTH,
    data: &REASSEMBLED_DATA,
};

/// Joins a fragment, which is the rest of the layer, with those before it; `packed` is its offset with the flags. Returns whether the
/// datagram is whole now, which is the payload then.
pub(super) fn join(l: &mut Layer, identification: u16, packed: u16, protocol: u8) -> bool {
    // What an error message quotes was on its way before, and is no piece of what is still on its way.
    if l.is_quoted() {
        return false;
    }
    let key = u64::from(identification) | u64::from(protocol) << 16 | u64::from(vlan(l)) << 24;
    let (source, destination, bytes) = (l.source(), l.destination(), l.remaining());
    let note = l.memory().fragment(&Fragment {
        source,
        destination,
        key,
        name: "Reassembled IPv4",
        carries: protocol,
        start: 8 * usize::from(packed & OFFSET),
        more: packed & MORE != 0,
        bytes,
    });
    if let Some(frame) = note.whole_in {
        l.generated(&REASSEMBLED_IN, frame);
    }
    if note.is_given_up {
        l.expert_on_layer(&GIVEN_UP, 0u64);
    }
    if note.makes_room {
        l.expert_on_layer(&MAKES_ROOM, 0u64);
    }
    let Some(datagram) = note.datagram else { return false };
    if let Some(source) = l.add_source(&datagram) {
        l.assembly(&ASSEMBLY, source);
    }
    l.payload_in(datagram);
    true
}

/// The VLAN that the frame is in, be the datagram in a tunnel or not; 0 where there is none.
fn vlan(l: &Layer) -> u16 {
    let tags = l.around().filter(|(protocol, _)| std::ptr::eq(*protocol, &vlan::PROTOCOL));
    let control = tags.last().and_then(|(_, bytes)| bytes.first_chunk()).map_or(0, |tag| u16::from_be_bytes(*tag));
    control & 0x0fff
}

#[cfg(test)]
mod tests {
    use super::super::DEFRAGMENT;
    use super::super::tests::{datagram, sample};
    use crate::dissect::Preference;
    use crate::protocols::testing::{Dissected, Sample};
    use crate::protocols::udp;
    use crate::streams::Streams;

    /// A datagram of UDP with a checksum, 48 bytes long.
    fn whole() -> Vec<u8> {
        let mut bytes = vec![0x13, 0x88, 0x17, 0x70, 0, 48, 0x34, 0xed];
        bytes.extend(b'a'..=b'z');
        bytes.extend(b'A'..=b'N');
        bytes
    }

    /// A fragment: `packed` is the offset in units of eight bytes with the flags, then the protocol and what it carries.
    fn fragment(packed: u16, protocol: u8, payload: &[u8]) -> Vec<u8> {
        datagram(&[], payload, |header| {
            header[6..8].copy_from_slice(&packed.to_be_bytes());
            header[9] = protocol;
        })
    }

    /// The bytes `from` to `to` of the datagram as a fragment of UDP.
    fn piece(from: usize, to: usize) -> Vec<u8> {
        let whole = whole();
        fragment((from / 8) as u16 | if to < whole.len() { 0x2000 } else { 0 }, 17, &whole[from..to])
    }

    fn after(last: Sample, earlier: &[Vec<u8>]) -> Dissected {
        let earlier: Vec<Sample> = earlier.iter().map(|bytes| sample(bytes)).collect();
        last.after(&earlier, &mut Streams::new())
    }

    // 10.1.2.3.5000 > 10.9.8.7.6000: UDP, length 40, in three fragments
    #[test]
    fn what_fragments_carry() {
        let shown = after(sample(&piece(32, 48)), &[piece(0, 16), piece(16, 32)]);
        assert_eq!(shown.stack, "eth:ethertype:ip:udp:data");
        shown.shows(&[
            "...0 0000 0000 0100 = Fragment Offset: 32",
            "Destination Address: 10.9.8.7",
            "[3 IPv4 Fragments (48 bytes): #1(16), #2(16), #3(16)]",
            "[Frame: 1, payload: 0-15 (16 bytes)]",
            "[Frame: 2, payload: 16-31 (16 bytes)]",
            "[Frame: 3, payload: 32-47 (16 bytes)]",
            "[Fragment count: 3]",
            "[Reassembled IPv4 length: 48]",
            "[Reassembled IPv4 data: 13881770003034ed6162636465666768696a6b6c6d6e6f707172737475767778797a4142…]",
            "User Datagram Protocol, Src Port: 5000, Dst Port: 6000",
            "UDP payload (40 bytes)",
            "Data (40 bytes)",
        ]);
        assert_eq!((&*shown.protocol, &*shown.info), ("UDP", "5000 → 6000 Len=40"));
    }

    #[test]
    fn checksums_are_of_the_whole() {
        let check = |bytes: &[u8]| sample(bytes).prefer(&udp::CHECK_CHECKSUM, true);
        after(check(&piece(16, 48)), &[piece(0, 16)]).shows(&["Checksum: 0x34ed [correct]"]);
        // Of one fragment alone nothing can be said.
        let alone = check(&piece(0, 16)).prefer(&DEFRAGMENT, false).dissect();
        alone.shows(&["Length: 48", "Checksum: 0x34ed [unverified]", "UDP payload (8 bytes)"]);
        assert_eq!(alone.info, "5000 → 6000 Len=40");
    }

    #[test]
    fn what_waits_and_what_does_not() {
        let waiting = sample(&piece(16, 32)).dissect();
        waiting.shows(&["Data (16 bytes)"]).lacks("Fragments");
        assert_eq!(waiting.info, "Fragmented IP protocol (proto=UDP 17, off=16, ID=0001)");
        let waiting = sample(&piece(0, 16)).dissect();
        assert_eq!(
            (&*waiting.stack, &*waiting.info),
            ("eth:ethertype:ip:data", "Fragmented IP protocol (proto=UDP 17, off=0, ID=0001)")
        );
        // A fragment that was cut cannot be joined; the first one is read as far as it goes.
        let cut = sample(&piece(0, 32)).cut(14 + 20 + 20).dissect();
        assert_eq!((&*cut.stack, &*cut.info), ("eth:ethertype:ip:udp:data", "5000 → 6000 Len=40"));
        assert_eq!(sample(&piece(16, 32)).cut(14 + 20 + 9).dissect().stack, "eth:ethertype:ip:data");
        // Nothing of a fragment of nothing.
        assert_eq!(sample(&piece(16, 16)).dissect().stack, "eth:ethertype:ip");
        // What ends in the first fragment is not there: that is no fault of the packet.
        let short = sample(&fragment(0x2000, 6, &whole()[..16])).prefer(&DEFRAGMENT, false).dissect();
        short.shows(&[
            "[BoundError Unreassembled Packet: TCP]",
            "[Expert Info (Note/Reassemble): Unreassembled fragment (change preferences to enable reassembly)]",
        ]);
        short.lacks("Malformed");
        assert!(short.info.ends_with("[BoundErrorUnreassembled Packet]"), "{}", short.info);
    }

    #[test]
    fn pieces_that_contradict_each_other() {
        let other = |from: usize, to: usize| {
            let flipped: Vec<u8> = whole()[from..to].iter().map(|byte| byte ^ 0x20).collect();
            fragment((from / 8) as u16 | 0x2000, 253, &flipped)
        };
        let of_253 = |from: usize, to: usize, flags: u16| fragment((from / 8) as u16 | flags, 253, &whole()[from..to]);
        let shown = after(sample(&of_253(32, 48, 0)), &[of_253(0, 32, 0x2000), other(16, 32)]);
        shown.shows(&[
            "[3 IPv4 Fragments (48 bytes): #1(32), #2(16), #3(16)]",
            "[Frame: 2, payload: 16-31 (16 bytes)]",
            "[Fragment overlap: True]",
            "[Conflicting data in fragment overlap: True]",
            "[Frame: 3, payload: 32-47 (16 bytes)]",
        ]);
        assert_eq!(shown.info, "[Illegal IPv4 fragments]");
        let shown =
            after(sample(&of_253(16, 32, 0x2000)), &[of_253(0, 16, 0x2000), of_253(32, 40, 0), of_253(40, 48, 0)]);
        shown.shows(&[
            "[4 IPv4 Fragments (40 bytes): #1(16), #4(16), #2(8), #3(8)]",
            "[Frame: 3, payload: 40-47 (8 bytes)]",
            "[Multiple tail fragments found: True]",
            "[Fragment too long: True]",
        ]);
        // A piece that only repeats another one is no fault.
        let shown = after(sample(&of_253(32, 48, 0)), &[of_253(0, 32, 0x2000), of_253(0, 32, 0x2000)]);
        shown.shows(&["[Fragment overlap: True]"]).lacks("Conflicting");
        assert_eq!(shown.info, "Unknown (253)");
    }

    #[test]
    fn what_belongs_together() {
        let tagged =
            |bytes: &[u8], vlan: u16| Sample::ethernet(0x8100, &[&vlan.to_be_bytes()[..], &[0x08, 0], bytes].concat());
        let (first, last) = (piece(0, 16), piece(16, 48));
        let is_whole = |last: Sample, first: Sample| {
            let shown = last.after(&[first], &mut Streams::new());
            shown.stack.ends_with("udp:data")
        };
        assert!(is_whole(sample(&last), sample(&first)));
        assert!(is_whole(tagged(&last, 5), tagged(&first, 5)));
        assert!(is_whole(tagged(&last, 0x2005), tagged(&first, 5)), "the priority does not matter");
        assert!(is_whole(sample(&last), tagged(&first, 0)), "VLAN 0 is none");
        assert!(!is_whole(tagged(&last, 6), tagged(&first, 5)));
        assert!(!is_whole(sample(&last), tagged(&first, 5)));
        let changed = |at: usize, value: u8| {
            let mut bytes = first.clone();
            bytes[at] = value;
            sample(&bytes)
        };
        for (at, what) in [(5, "identification"), (9, "protocol"), (15, "source"), (19, "destination")] {
            assert!(!is_whole(sample(&last), changed(at, 99)), "{what}");
        }
        // An ICMP message that quotes the fragment.
        let quoting = [&[11, 1, 0, 0, 0, 0, 0, 0][..], &first].concat();
        assert!(!is_whole(sample(&last), sample(&fragment(0, 1, &quoting))));
    }

    #[test]
    fn a_datagram_in_a_datagram_in_fragments() {
        // IP in IP: the inner one is a fragment, too, and is made whole by the same frame as the outer one.
        let inner = piece(16, 48);
        let (one, two) = (fragment(0x2000, 4, &inner[..24]), fragment(3, 4, &inner[24..]));
        let shown = after(sample(&two), &[piece(0, 16), one]);
        assert_eq!(shown.stack, "eth:ethertype:ip:ip:udp:data");
        shown.shows(&[
            "[2 IPv4 Fragments (52 bytes): #2(24), #3(28)]",
            "Internet Protocol Version 4, Src: 10.1.2.3, Dst: 10.9.8.7",
            "[2 IPv4 Fragments (48 bytes): #1(16), #3(32)]",
            "User Datagram Protocol, Src Port: 5000, Dst Port: 6000",
        ]);
    }

    #[test]
    fn who_does_not_want_it() {
        let off = |bytes: &[u8]| sample(bytes).prefer(&DEFRAGMENT, false);
        let prefer: &'static Preference = &DEFRAGMENT;
        assert_eq!(prefer.name, "ip.defragment");
        assert_eq!(off(&piece(0, 16)).dissect().stack, "eth:ethertype:ip:udp:data");
        assert_eq!(
            off(&piece(16, 48)).after(&[off(&piece(0, 16))], &mut Streams::new()).stack,
            "eth:ethertype:ip:data"
        );
    }

    #[test]
    fn a_second_reading_tells_where_it_ends() {
        let pieces = [piece(0, 16), piece(16, 48), piece(0, 16)];
        let mut streams = Streams::first_pass();
        let samples: Vec<Sample> = pieces.iter().map(|bytes| sample(bytes)).collect();
        sample(&pieces[0]).after(&samples, &mut streams);
        let mut streams = streams.second_pass();
        let shown = sample(&pieces[0]).after(&[], &mut streams);
        shown.shows(&["[Reassembled IPv4 in frame: 2]", "Data (16 bytes)"]);
        assert_eq!(shown.info, "Fragmented IP protocol (proto=UDP 17, off=0, ID=0001) [Reassembled in #2]");
    }

    #[test]
    fn what_is_kept_is_capped_and_that_is_said() {
        let (mut streams, mut warned) = (Streams::new(), 0);
        // The same piece again and again: nothing but memory is asked for.
        for _ in 0..100 {
            let shown = sample(&fragment(0x2001, 17, &[0; 60_000])).after(&[], &mut streams);
            warned += usize::from(shown.tree.contains("Expert Info (Warning/Reassemble): This datagram has more"));
        }
        assert_eq!(warned, 5);
    }
}
