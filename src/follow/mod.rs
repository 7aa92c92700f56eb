//! The two directions of a conversation: what each side said, in order.
//!
//! [`segments`] finds the TCP segments of a packet, [`datagrams`] the UDP ones: each a handful of numbers and its
//! bytes, whatever tunnel it came through. What an error message quotes is no segment of the conversation.
//! [`transcript`] writes `-z follow` as tshark does, [`narrative`] is `sniff follow`.
//!
//! In two places there is more here than tshark 4.0 shows, which loses bytes there:
//!
//! - A side begins anew with another initial sequence number inside one connection. tshark compares numbers relative to the one base
//!   with numbers relative to the other, and takes what is new for sent before.
//! - A segment carries a frame with addresses of its own, as OpenFlow does. tshark takes the innermost addresses for the ends of the
//!   connection, and so the segment for the other side's.

pub mod narrative;
pub mod transcript;

use std::fmt::Write;
use std::net::Ipv4Addr;

use crate::dissect::{Address, Asks, Field, LayerView, Need, Value, View};
use crate::filter;
use crate::protocols::{ipv4, ipv6, tcp, udp};
use crate::text::{Text, is_invisible};

/// One end of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct End {
    pub address: Address,
    pub port: u16,
}

impl End {
    /// Writes the address, in brackets if it is of IPv6, and the port.
    pub fn write(&self, text: &mut Text) {
        match self.address {
            Address::V4(address) => _ = text.ipv4(address),
            Address::V6(address) => _ = text.byte(b'[').ipv6(address).byte(b']'),
            Address::Ether(address) => _ = text.hex_bytes(&address, Some(b':')),
            Address::None => {}
        }
        text.byte(b':').dec(self.port);
    }
}

/// A TCP segment of a packet.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    pub stream: u32,
    pub source: End,
    pub destination: End,
    pub sequence: u32,
    pub acknowledgment: u32,
    pub flags: u16,
    /// Bytes of data on the wire.
    pub len: u32,
    /// What of them was captured.
    pub data: &'a [u8],
    pub layer: LayerView<'a>,
}

impl Segment<'_> {
    /// Whether one of these flags is set; see [`crate::dissect::flags`].
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// A UDP datagram of a packet.
#[derive(Clone, Copy)]
pub struct Datagram<'a> {
    pub stream: u32,
    pub source: End,
    pub destination: End,
    pub data: &'a [u8],
}

/// What whoever tells of a TCP connection reads of it.
pub fn need() -> Need {
    Need::only(vec!["tcp", "ip", "ipv6"], Asks::Streams)
}

/// What [`segments`] and [`datagrams`] read.
fn need_of_data(transport: &'static str) -> Need {
    const TCP: &[&Field] = &[
        &tcp::SRCPORT,
        &tcp::DSTPORT,
        &tcp::STREAM,
        &tcp::LEN,
        &tcp::SEQ_RAW,
        &tcp::SEQ_AS_IT_IS,
        &tcp::ACK_RAW,
        &tcp::ACK_AS_IT_IS,
        &tcp::FLAGS,
        &tcp::PAYLOAD,
        &tcp::RESET_CAUSE,
    ];
    const UDP: &[&Field] = &[&udp::SRCPORT, &udp::DSTPORT, &udp::STREAM, &udp::LENGTH];
    let rows = if transport == tcp::PROTOCOL.name() { TCP } else { UDP };
    let networks = [&ipv4::PROTOCOL, &ipv6::PROTOCOL].into_iter().filter_map(|network| network.addresses);
    let addresses = networks.flat_map(|(source, destination)| [source, destination]);
    Need::only_rows(vec![transport, "ip", "ipv6"], Asks::Streams, rows.iter().copied().chain(addresses))
}

/// A display filter for the conversation between two ends; none where they have no addresses.
fn between(transport: &str, one: End, other: End) -> Option<String> {
    let end = |end: End| match end.address {
        Address::V4(address) => Some((Ipv4Addr::from(address).into(), end.port)),
        Address::V6(address) => Some((address.into(), end.port)),
        Address::Ether(_) | Address::None => None,
    };
    Some(filter::between(transport, [end(one)?, end(other)?]))
}

/// The TCP segments of a packet, outermost first.
pub fn segments<'a>(view: &View<'a>) -> impl Iterator<Item = Segment<'a>> {
    segments_of(view, |_| true)
}

/// The same, of the streams whose number `is_wanted`.
fn segments_of<'a>(view: &View<'a>, is_wanted: impl Fn(u32) -> bool) -> impl Iterator<Item = Segment<'a>> {
    let layers = view.layers().filter(|layer| std::ptr::eq(layer.protocol(), &tcp::PROTOCOL));
    let layers = layers.filter(|layer| !layer.mark().quoted && layer.mark().stopped.is_none());
    let is_wanted = move |layer: &LayerView| layer.number(&tcp::STREAM).is_some_and(|stream| is_wanted(stream as u32));
    layers.filter(is_wanted).filter_map(segment)
}

/// The UDP datagrams of a packet, outermost first.
pub fn datagrams<'a>(view: &View<'a>) -> impl Iterator<Item = Datagram<'a>> {
    let layers = view.layers().filter(|layer| std::ptr::eq(layer.protocol(), &udp::PROTOCOL));
    layers.filter(|layer| !layer.mark().quoted).filter_map(datagram)
}

/// Reads a segment whose header is whole.
fn segment(layer: LayerView) -> Option<Segment> {
    let (mut source_port, mut destination_port, mut stream, mut len) = (None, None, None, None);
    let (mut sequence, mut acknowledgment, mut flags) = (None, None, None);
    let mut data: &[u8] = &[];
    for entry in layer.entries() {
        let is = |field| entry.field.is(field);
        if is(&tcp::SRCPORT) {
            source_port = Some(entry.number() as u16);
        } else if is(&tcp::DSTPORT) {
            destination_port = Some(entry.number() as u16);
        } else if is(&tcp::STREAM) {
            stream = Some(entry.number() as u32);
        } else if is(&tcp::LEN) {
            len = Some(entry.number() as u32);
        } else if is(&tcp::SEQ_RAW) || is(&tcp::SEQ_AS_IT_IS) {
            sequence = Some(entry.number() as u32);
        } else if is(&tcp::ACK_RAW) || is(&tcp::ACK_AS_IT_IS) {
            acknowledgment = Some(entry.number() as u32);
        } else if is(&tcp::FLAGS) {
            flags = Some(entry.number() as u16);
        } else if is(&tcp::PAYLOAD) || is(&tcp::RESET_CAUSE) {
            data = layer.view.bytes(entry);
        }
    }
    let (source, destination) = ends(&layer, source_port?, destination_port?);
    Some(Segment {
        stream: stream?,
        source,
        destination,
        sequence: sequence?,
        acknowledgment: acknowledgment?,
        flags: flags?,
        len: len?,
        data,
        layer,
    })
}

fn datagram(layer: LayerView) -> Option<Datagram> {
    let stream = layer.number(&udp::STREAM)? as u32;
    let (source_port, destination_port) = (layer.number(&udp::SRCPORT)?, layer.number(&udp::DSTPORT)?);
    let (source, destination) = ends(&layer, source_port as u16, destination_port as u16);
    let mark = layer.mark();
    // Zero stands for a length that the field cannot hold.
    let len = layer.number(&udp::LENGTH).filter(|&len| len != 0);
    let limit = len.map_or(mark.limit as usize, |len| (mark.start as usize + len as usize).min(mark.limit as usize));
    let bytes = layer.view.source(mark.source);
    let data = bytes.get(mark.start as usize + UDP_HEADER_LEN..limit).unwrap_or_default();
    Some(Datagram { stream, source, destination, data })
}

/// The ends of what `layer` carries: the addresses are those of the nearest layer around it that has some.
fn ends(layer: &LayerView, source_port: u16, destination_port: u16) -> (End, End) {
    let around = (0..layer.index).rev().map(|index| LayerView { view: layer.view, index });
    let mut around = around.filter_map(|layer| {
        let (source, destination) = layer.protocol().addresses?;
        Some((address(layer.value(source)?), address(layer.value(destination)?)))
    });
    let (source, destination) = around.next().unwrap_or_default();
    (End { address: source, port: source_port }, End { address: destination, port: destination_port })
}

fn address(value: Value) -> Address {
    match value {
        Value::Ipv4(address) => Address::V4(address),
        Value::Ipv6(address) => Address::V6(address),
        Value::Ether(address) => Address::Ether(address),
        _ => Address::None,
    }
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Readable as ASCII; a dot stands for what is not.
    Ascii,
    /// Readable as UTF-8.
    Utf8,
    /// Offset, hexadecimal digits, ASCII.
    Hex,
    /// As they are, or as hexadecimal digits without anything else.
    Raw,
}

impl Form {
    /// The names of the forms.
    pub const ALL: &'static [(&'static str, Form)] =
        &[("ascii", Form::Ascii), ("utf-8", Form::Utf8), ("hex", Form::Hex), ("raw", Form::Raw)];

    pub fn name(self) -> &'static str {
        Form::ALL.iter().find(|row| row.1 == self).map_or("", |row| row.0)
    }
}

/// Writes bytes as ASCII: line ends stay, a dot stands for what cannot be read. A carriage return stays only where
/// `returns`: a terminal would write over what is there.
fn write_ascii(bytes: &[u8], returns: bool, text: &mut Text) {
    for (place, &byte) in bytes.iter().enumerate() {
        match byte {
            b' '..=b'~' | b'\n' => _ = text.byte(byte),
            b'\r' if returns => _ = text.byte(byte),
            b'\r' if bytes.get(place + 1) == Some(&b'\n') => {}
            _ => _ = text.byte(b'.'),
        }
    }
}

/// Writes bytes as UTF-8: line ends stay as in [`write_ascii`], a dot stands for what would not be seen, U+FFFD for
/// what is no UTF-8.
fn write_utf8(bytes: &[u8], returns: bool, text: &mut Text) {
    for chunk in bytes.utf8_chunks() {
        let mut characters = chunk.valid().chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\n' => _ = text.byte(b'\n'),
                '\r' if returns => _ = text.byte(b'\r'),
                '\r' if characters.peek() == Some(&'\n') => {}
                _ if is_invisible(character) => _ = text.byte(b'.'),
                _ => _ = text.printable(character),
            }
        }
        if !chunk.invalid().is_empty() {
            text.str("\u{fffd}");
        }
    }
}

/// Writes lines of sixteen bytes, each after `indent` and its offset.
fn write_hex(bytes: &[u8], offset: u64, indent: &str, text: &mut Text) {
    for (row, bytes) in bytes.chunks(16).enumerate() {
        text.str(indent);
        _ = write!(text, "{:08X}  ", offset + 16 * row as u64);
        let start = text.len();
        let (left, right) = bytes.split_at(bytes.len().min(8));
        text.hex_bytes(left, Some(b' '));
        if !right.is_empty() {
            text.str("  ").hex_bytes(right, Some(b' '));
        }
        let written = text.len() - start;
        text.fill(b' ', HEX_WIDTH.saturating_sub(written));
        let readable = |text: &mut Text, bytes: &[u8]| {
            bytes.iter().for_each(|&byte| _ = text.byte(if (b' '..=b'~').contains(&byte) { byte } else { b'.' }));
        };
        readable(text, left);
        if left.len() == 8 {
            text.byte(b' ');
        }
        readable(text, right);
        // As tshark does: one space at the end of a line is left out, be it the one in the middle or data.
        if text.as_bytes().ends_with(b" ") {
            text.truncate(text.len() - 1);
        }
        text.byte(b'\n');
    }
}

const UDP_HEADER_LEN: usize = 8;

/// Characters from the first hexadecimal digit of a line to its ASCII.
const HEX_WIDTH: usize = 50;
