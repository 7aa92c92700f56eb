//! What the tests of TLS share: records and segments in, trees out.

use crate::protocols::testing::{Dissected, ETHERNET, Sample};
use crate::streams::Streams;

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

pub const TLS12: u16 = 0x0303;

/// A record.
pub fn record(kind: u8, version: u16, fragment: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend(version.to_be_bytes());
    bytes.extend((fragment.len() as u16).to_be_bytes());
    bytes.extend(fragment);
    bytes
}

/// A handshake message.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = (body.len() as u32).to_be_bytes();
    [&[kind], &len[1..], body].concat()
}

/// An extension.
pub fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &(content.len() as u16).to_be_bytes(), content].concat()
}

/// The extensions of a hello with their length.
fn extensions(list: &[Vec<u8>]) -> Vec<u8> {
    let list = list.concat();
    [&(list.len() as u16).to_be_bytes()[..], &list].concat()
}

/// A Client Hello of TLS 1.2 with two suites.
pub fn client_hello(list: &[Vec<u8>]) -> Vec<u8> {
    let random: Vec<u8> = (0..32).collect();
    let body = [&[3, 3][..], &random, &[0], &[0, 4, 0xc0, 0x2f, 0, 0x9c], &[1, 0], &extensions(list)].concat();
    message(1, &body)
}

/// A Server Hello.
pub fn server_hello(version: u16, suite: u16, list: &[Vec<u8>]) -> Vec<u8> {
    let random: Vec<u8> = (32..64).collect();
    let version = version.to_be_bytes();
    message(2, &[&version[..], &random, &[0], &suite.to_be_bytes(), &[0], &extensions(list)].concat())
}

/// An Ethernet frame with a segment whose data stands at `offset` of its direction.
pub fn segment(side: Side, port: u16, offset: u32, data: &[u8]) -> Sample {
    let (client, server) = (([192, 0, 2, 1], 50_000), ([192, 0, 2, 2], port));
    let ((source, from), (destination, to)) = if side == Side::Client { (client, server) } else { (server, client) };
    let mut bytes = Vec::new();
    etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [0, 0, 0x5e, 0, 0x53, 2])
        .ipv4(source, destination, 64)
        .tcp(from, to, 1000 + offset, 8192)
        .ack(1000)
        .write(&mut bytes, data)
        .expect("the headers fit");
    Sample::new(ETHERNET, bytes)
}

/// Dissects segments in order and returns what each came to.
pub fn talk_to(port: u16, segments: &[(Side, Vec<u8>)]) -> Vec<Dissected> {
    let mut offsets = [0, 0];
    let mut samples = Vec::new();
    let mut all = Vec::new();
    for (side, data) in segments {
        let offset = &mut offsets[*side as usize];
        all.push((*side, *offset, data));
        *offset += data.len() as u32;
    }
    for end in 1..=all.len() {
        let make = |&(side, offset, data): &(Side, u32, &Vec<u8>)| segment(side, port, offset, data);
        let earlier: Vec<Sample> = all[..end - 1].iter().map(make).collect();
        samples.push(make(&all[end - 1]).after(&earlier, &mut Streams::new()));
    }
    samples
}

/// The same at the port of HTTP over TLS.
pub fn talk(segments: &[(Side, Vec<u8>)]) -> Vec<Dissected> {
    talk_to(443, segments)
}
