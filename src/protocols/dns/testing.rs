//! What the tests of DNS share: messages made by hand.

use crate::protocols::testing::{Dissected, ETHERNET, Sample};

/// A datagram in IPv4 in Ethernet: from 10.0.0.1 to 10.0.0.2 where the first port is not the lower one, else the other way.
pub fn datagram(payload: &[u8], source_port: u16, destination_port: u16) -> Sample {
    let (client, server) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    let (source, destination) = if source_port < destination_port { (server, client) } else { (client, server) };
    let mut bytes = Vec::new();
    etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [0, 0, 0x5e, 0, 0x53, 2])
        .ipv4(source, destination, 64)
        .udp(source_port, destination_port)
        .write(&mut bytes, payload)
        .expect("the headers fit");
    Sample::new(ETHERNET, bytes)
}

/// What is sent to the server.
pub fn query(payload: &[u8]) -> Sample {
    datagram(payload, 40_000, 53)
}

/// What the server sends.
pub fn response(payload: &[u8]) -> Sample {
    datagram(payload, 53, 40_000)
}

/// The message 0x1234.
pub fn message(flags: u16, counts: [u16; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = [0x1234, flags].map(u16::to_be_bytes).concat();
    bytes.extend(counts.map(u16::to_be_bytes).concat());
    bytes.extend(body);
    bytes
}

/// A record of `a` with these data.
pub fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x01a\0".to_vec();
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1, 0, 0, 0, 1]);
    bytes.extend((data.len() as u16).to_be_bytes());
    bytes.extend(data);
    bytes
}

/// The answer that is this record alone.
pub fn answer(record: &[u8]) -> Dissected {
    response(&message(0x8180, [0, 1, 0, 0], record)).dissect()
}

/// The type of a record, its data, what the Info column says of it, and the lines that it has beside those that every record has.
pub type Case<'a> = (u16, &'a [u8], &'a str, &'a [&'a str]);

/// Panics if a record is not shown like this, or if one that is cut, or says so, is not survived.
#[track_caller]
pub fn check(cases: &[Case]) {
    for (kind, data, info, lines) in cases {
        let whole = record(*kind, data);
        let dissected = answer(&whole);
        assert_eq!(dissected.info, format!("Standard query response 0x1234 {info}"));
        dissected.shows(lines).lacks("Malformed Packet");
        for len in 0..whole.len() {
            answer(whole.get(..len).unwrap()).shows(&["[Malformed Packet: DNS]"]);
        }
        for len in 0..data.len() {
            answer(&[&record(*kind, &data[..len])[..], b"behind it"].concat());
        }
    }
}
