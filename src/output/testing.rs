//! What tests of outputs share: a protocol that takes any bytes for words, and packets made by hand.

use crate::capture::{Frame, Interface, Precision, Time};
use crate::dissect::{
    Dissector, Entry, Group, Layer, LayerView, Next, Outcome, Packet, Preferences, Protocol, Registry, Severity, Table,
    View, fields,
};
use crate::output::Sink;
use crate::protocols;
use crate::streams::Streams;
use crate::text::Text;

fields! {
    WORD = text("odd.word", "Word").either(&[&EITHER]);
    EITHER = text("odd.either", "Either").hidden();
    NUMBER = uint8("odd.number", "Number").hex();
    LOW = uint8("odd.number.low", "Low").bits(0x0f);
    HIGH = boolean("odd.number.high", "High").bits(0x80).flags("Set", "Not set");
    LARGE = uint64("odd.large", "Large");
    BYTES = bytes("odd.bytes", "Bytes");
    RATIO = double("odd.ratio", "Ratio");
    MOMENT = absolute_time("odd.moment", "Moment").hex();
    SPAN = relative_time("odd.span", "Span").generated();
    ANY_HEADING = heading("Heading").label(heading_line);
    LINE = text("odd.line", "Line").label(heading_line);
    MARK = none("odd.mark", "Mark");
    STRANGE = expert("odd.strange", "Strange", Severity::Warning, Group::Protocol);
}

/// Takes the link type of a user; every byte says what the next bytes are.
pub static ODD: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::LinkType, 147)],
    dissect,
    ..Protocol::new("odd", "Odd", "Odd Protocol")
};

fn dissect(l: &mut Layer) -> Outcome {
    while !l.remaining().is_empty() {
        let kind = l.skip(1)?[0];
        let len = usize::from(kind >> 4).min(l.remaining().len());
        match kind & 0x0f {
            0 => _ = l.bytes(&WORD, len)?,
            1 => {
                let number = l.u8(&NUMBER)?;
                l.parts(&[&LOW, &HIGH], number);
                l.below(|l| l.expert(&STRANGE));
            }
            2 => _ = l.u64(&LARGE)?,
            3 => _ = l.bytes(&BYTES, len)?,
            4 => {
                let bits = l.peek_u64()?;
                l.generated(&RATIO, bits);
                l.skip(8)?;
            }
            5 => {
                let seconds = l.peek_u32()?;
                l.time(&MOMENT, seconds.into(), 5, 4)?;
                l.generated_time(&SPAN, i64::from(seconds as i32), 500_000_000);
            }
            6 => {
                let open = l.open(&ANY_HEADING, len);
                l.bytes(&WORD, len)?;
                l.close(open);
            }
            7 => l.generated(&MARK, 0u64),
            8 => {
                let open = l.open(&MARK, len);
                l.bytes(&WORD, len)?;
                l.close(open);
            }
            9 => _ = l.rest(&WORD),
            10 => _ = l.rest(&LINE),
            11 => _ = l.rest(&ANY_HEADING),
            _ => _ = l.skip(len)?,
        }
    }
    Ok(Next::End)
}

fn heading_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.wire(layer.view.bytes(entry));
}

/// The protocols of the program, and [`ODD`].
pub fn registry() -> Registry {
    let mut all = protocols::ALL.to_vec();
    all.push(&ODD);
    protocols::registry_of(all.leak())
}

/// What a sink writes of frames of this link type, a second apart from 2026-11-20 21:56:00 UTC on.
pub fn shown(sink: &mut dyn Sink, link: u16, frames: &[&[u8]]) -> String {
    String::from_utf8(written(sink, link, frames)).expect("what is written is UTF-8")
}

/// The same as bytes. Of the frames only that is looked at which the sink needs.
pub fn written(sink: &mut dyn Sink, link: u16, frames: &[&[u8]]) -> Vec<u8> {
    let interface = Interface { link, fcs_len: None, snap_len: 0, precision: Precision::NANOS, described: None };
    let dissector = Dissector::new(registry(), Preferences::default(), sink.need());
    let (mut streams, mut packet, mut text) = (Streams::new(), Packet::new(), Text::new());
    sink.begin(&mut text);
    for (number, bytes) in (1u32..).zip(frames) {
        let frame = Frame {
            number: number.into(),
            time: Some(Time::from_nanos(1_795_211_760 + i64::from(number), 123_456_789)),
            wire_len: bytes.len() as u32,
            offset: 0,
            interface: &interface,
            bytes,
            options: &[],
        };
        dissector.dissect(&frame, &mut streams, &mut packet);
        if number > 1 {
            sink.between(&mut text);
        }
        sink.packet(&View { frame: &frame, packet: &packet }, &mut text);
    }
    sink.finish(frames.len() as u64, &mut text);
    text.as_bytes().to_vec()
}

/// The same in two fragments, of which the second begins with the byte `cut` of what IPv4 carries.
pub fn fragments(payload: &[u8], cut: usize) -> [Vec<u8>; 2] {
    let whole = datagram(payload);
    let header = etherparse::Ipv4HeaderSlice::from_slice(&whole[14..]).expect("it was made by hand").to_header();
    let (first, second) = whole[34..].split_at(cut);
    [(first, 0, true), (second, cut / 8, false)].map(|(bytes, units, more)| {
        let mut header = header.clone();
        header.more_fragments = more;
        header.fragment_offset = etherparse::IpFragOffset::try_new(units as u16).expect("a small offset");
        header.set_payload_len(bytes.len()).expect("a short fragment");
        header.header_checksum = header.calc_header_checksum();
        [&whole[..14], &header.to_bytes(), bytes].concat()
    })
}

/// A datagram in IPv4 in Ethernet.
pub fn datagram(payload: &[u8]) -> Vec<u8> {
    let builder = etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [0, 0, 0x5e, 0, 0x53, 2])
        .ipv4([192, 0, 2, 1], [198, 51, 100, 2], 64)
        .udp(40_000, 40_001);
    let mut frame = Vec::new();
    builder.write(&mut frame, payload).expect("a small datagram can be written");
    frame
}
