//! What tests read of the headers of a raw frame, and of what is known of a segment before it is dissected.

use crate::dissect::verdict;
use crate::glance::headers::{
    ETHERNET, ETHERNET_TYPE, FRAME, Headers, IPV4, IPV6, Layers, SEGMENT_KNOWN, TAG, TCP, TCP_FLAGS, UDP,
};

/// What a test reads of a header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Key {
    pub name: &'static str,
    /// The layer that has it, and what has to be there of it.
    pub layer: Layers,
    pub there: Layers,
    pub part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    FrameNumber,
    FrameLen,
    CapturedLen,
    VlanId,
    /// The number of the connection.
    Stream,
    /// Bytes of data in a segment.
    SegmentLen,
    /// What a segment may be, in the bits of [`verdict`]: there is nothing to read, it is there or not.
    Verdict(u32),
    /// Big-endian numbers in the header of the layer.
    At(&'static [At]),
}

/// Where a number stands in its header, in bytes from the first, and which bits of it count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct At {
    pub at: usize,
    pub len: usize,
    pub mask: u64,
}

const fn at(at: usize, len: usize) -> At {
    At { at, len, mask: u64::MAX }
}

const fn key(name: &'static str, layer: Layers, part: Part) -> Key {
    Key { name, layer, there: layer, part }
}

const fn flag(name: &'static str, part: &'static [At]) -> Key {
    Key { name, layer: TCP, there: TCP_FLAGS, part: Part::At(part) }
}

const fn known(name: &'static str, part: Part) -> Key {
    Key { name, layer: TCP, there: SEGMENT_KNOWN, part }
}

macro_rules! flag {
    ($mask:literal) => {
        &[At { at: 12, len: 2, mask: $mask }]
    };
}

/// The fields that are read from headers: IEEE 802.3, RFC 791, RFC 8200, RFC 768, RFC 9293.
static KEYS: &[Key] = &[
    key("frame.number", FRAME, Part::FrameNumber),
    key("frame.len", FRAME, Part::FrameLen),
    key("frame.cap_len", FRAME, Part::CapturedLen),
    key("eth.dst", ETHERNET, Part::At(&[at(0, 6)])),
    key("eth.src", ETHERNET, Part::At(&[at(6, 6)])),
    key("eth.addr", ETHERNET, Part::At(&[at(0, 6), at(6, 6)])),
    Key { name: "eth.type", layer: ETHERNET, there: ETHERNET_TYPE, part: Part::At(&[at(12, 2)]) },
    key("vlan.id", TAG, Part::VlanId),
    key("ip.ttl", IPV4, Part::At(&[at(8, 1)])),
    key("ip.proto", IPV4, Part::At(&[at(9, 1)])),
    key("ip.src", IPV4, Part::At(&[at(12, 4)])),
    key("ip.dst", IPV4, Part::At(&[at(16, 4)])),
    key("ip.addr", IPV4, Part::At(&[at(12, 4), at(16, 4)])),
    key("ipv6.nxt", IPV6, Part::At(&[at(6, 1)])),
    key("ipv6.hlim", IPV6, Part::At(&[at(7, 1)])),
    key("ipv6.src", IPV6, Part::At(&[at(8, 16)])),
    key("ipv6.dst", IPV6, Part::At(&[at(24, 16)])),
    key("ipv6.addr", IPV6, Part::At(&[at(8, 16), at(24, 16)])),
    key("tcp.srcport", TCP, Part::At(&[at(0, 2)])),
    key("tcp.dstport", TCP, Part::At(&[at(2, 2)])),
    key("tcp.port", TCP, Part::At(&[at(0, 2), at(2, 2)])),
    flag("tcp.flags", flag!(0xfff)),
    flag("tcp.flags.res", flag!(0xe00)),
    flag("tcp.flags.ae", flag!(0x100)),
    flag("tcp.flags.cwr", flag!(0x080)),
    flag("tcp.flags.ece", flag!(0x040)),
    flag("tcp.flags.urg", flag!(0x020)),
    flag("tcp.flags.ack", flag!(0x010)),
    flag("tcp.flags.push", flag!(0x008)),
    flag("tcp.flags.reset", flag!(0x004)),
    flag("tcp.flags.syn", flag!(0x002)),
    flag("tcp.flags.fin", flag!(0x001)),
    // As capture filters have it.
    flag("tcp[12]", flag!(0xff00)),
    flag("tcp[13]", flag!(0x00ff)),
    known("tcp.stream", Part::Stream),
    known("tcp.len", Part::SegmentLen),
    known("tcp.analysis.flags", Part::Verdict(verdict::FLAGS)),
    known("tcp.analysis.reused_ports", Part::Verdict(verdict::REUSED_PORTS)),
    known("tcp.analysis.fast_retransmission", Part::Verdict(verdict::FAST_RETRANSMISSION)),
    known("tcp.analysis.spurious_retransmission", Part::Verdict(verdict::SPURIOUS_RETRANSMISSION)),
    known("tcp.analysis.retransmission", Part::Verdict(verdict::RETRANSMISSION)),
    known("tcp.analysis.out_of_order", Part::Verdict(verdict::OUT_OF_ORDER)),
    known("tcp.analysis.lost_segment", Part::Verdict(verdict::LOST_SEGMENT)),
    known("tcp.analysis.ack_lost_segment", Part::Verdict(verdict::ACK_LOST_SEGMENT)),
    known("tcp.analysis.window_update", Part::Verdict(verdict::WINDOW_UPDATE)),
    known("tcp.analysis.window_full", Part::Verdict(verdict::WINDOW_FULL)),
    known("tcp.analysis.keep_alive", Part::Verdict(verdict::KEEP_ALIVE)),
    known("tcp.analysis.keep_alive_ack", Part::Verdict(verdict::KEEP_ALIVE_ACK)),
    known("tcp.analysis.duplicate_ack", Part::Verdict(verdict::DUPLICATE_ACK)),
    known("tcp.analysis.zero_window_probe", Part::Verdict(verdict::ZERO_WINDOW_PROBE)),
    known("tcp.analysis.zero_window", Part::Verdict(verdict::ZERO_WINDOW)),
    known("tcp.analysis.zero_window_probe_ack", Part::Verdict(verdict::ZERO_WINDOW_PROBE_ACK)),
    key("udp.srcport", UDP, Part::At(&[at(0, 2)])),
    key("udp.dstport", UDP, Part::At(&[at(2, 2)])),
    key("udp.port", UDP, Part::At(&[at(0, 2), at(2, 2)])),
];

/// What is read for a field with this name, if it is read from a header.
pub(super) fn named(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The key of either end for that of one; a key of both ends for itself.
pub(super) fn either(key: &Key) -> Option<&'static Key> {
    let (protocol, end) = key.name.rsplit_once('.')?;
    let both = match end {
        "src" | "dst" | "addr" => "addr",
        "srcport" | "dstport" | "port" => "port",
        _ => return None,
    };
    KEYS.iter().find(|other| other.name.strip_suffix(both).and_then(|rest| rest.strip_suffix('.')) == Some(protocol))
}

/// Hands the values of a field that is there to `take`, until that returns true; returns whether it did.
#[inline]
pub(super) fn any(headers: &Headers, key: &Key, mut take: impl FnMut(u64) -> bool) -> bool {
    match (key.part, headers.known) {
        (Part::FrameNumber, _) => take(headers.frame.number),
        (Part::FrameLen, _) => take(headers.frame.wire_len.into()),
        (Part::CapturedLen, _) => take(headers.frame.bytes.len() as u64),
        (Part::VlanId, _) => headers.tags().iter().any(|&tag| take(tag.into())),
        (Part::At(places), _) => {
            let start = headers.start(key.layer);
            places.iter().any(|place| {
                let bytes = headers.frame.bytes.get(start + place.at..).and_then(|rest| rest.get(..place.len));
                let number = bytes.unwrap_or_default().iter().fold(0, |number, &byte| number << 8 | u64::from(byte));
                let shift = if place.mask == u64::MAX { 0 } else { place.mask.trailing_zeros() };
                take((number & place.mask) >> shift)
            })
        }
        (Part::Stream, Some(known)) => take(known.stream),
        (Part::SegmentLen, Some(known)) => take(known.len.into()),
        (Part::Verdict(bits), Some(known)) => known.verdicts & bits != 0 && take(1),
        (Part::Stream | Part::SegmentLen | Part::Verdict(_), None) => false,
    }
}

/// The same of addresses of IPv6.
pub(super) fn any_address(headers: &Headers, key: &Key, mut take: impl FnMut(u128) -> bool) -> bool {
    let Part::At(places) = key.part else { return false };
    let start = headers.start(key.layer);
    places.iter().any(|place| take(headers.bytes(start + place.at).map_or(0, |bytes| u128::from_be_bytes(*bytes))))
}
