//! Frames that nobody should have to read: cut, mutated, with lengths that lie, nested without end, in fragments that overlap.

use crate::frame::{self, Addresses, Fragment, Path, Side};
use crate::random::Random;
use crate::world::World;

/// Makes a sound frame worse, in one of many ways.
pub fn spoil(frame: &mut Vec<u8>, random: &mut Random) {
    if frame.len() < 16 {
        return;
    }
    match random.below(6) {
        // Bits.
        0 => {
            for _ in 0..random.between(1, 8) {
                let place = random.below(frame.len() as u32) as usize;
                frame[place] ^= 1 << random.below(8);
            }
        }
        // A header's bytes.
        1 => {
            let end = frame.len().min(90) as u32;
            for _ in 0..random.between(1, 4) {
                let value = random.pick(&[0, 1, 0x7f, 0x80, 0xff, 0xc0]);
                frame[random.below(end) as usize] = value;
            }
        }
        // A number of 16 bits, often a length.
        2 => {
            let place = random.between(12, frame.len() as u32 - 2) as usize;
            let number = random.pick(&[0_u16, 1, 7, 19, 0x7fff, 0x8000, 0xffff]);
            frame[place..place + 2].copy_from_slice(&number.to_be_bytes());
        }
        3 => frame.truncate(random.between(1, frame.len() as u32) as usize),
        // Some bytes twice, or not at all.
        4 => {
            let start = random.below(frame.len() as u32) as usize;
            let end = (start + random.below(40) as usize).min(frame.len());
            let piece = frame[start..end].to_vec();
            if random.percent(50) {
                frame.splice(start..start, piece);
            } else if frame.len() > piece.len() {
                frame.drain(start..end);
            }
        }
        _ => {
            let start = random.between(14, frame.len() as u32) as usize;
            random.fill(&mut frame[start..]);
        }
    }
}

/// Frames made to be hard.
pub fn trap(path: &Path, world: &World, random: &mut Random) -> Vec<Vec<u8>> {
    match random.below(8) {
        0 => fragments(path, random),
        1 => vec![nested(path, random)],
        2 => vec![tags(path, random)],
        3 => vec![extensions(random)],
        4 => vec![path.udp(Side::Client, [world.port(random), 53], &pointers(random), random)],
        5 => segments(path, &json(random), random),
        6 => segments(path, &chunks(random), random),
        _ => {
            let mut noise = vec![0; random.between(1, 300) as usize];
            random.fill(&mut noise);
            vec![noise]
        }
    }
}

/// Pieces of a datagram anywhere: over each other, without an end, with two, beyond what a datagram can be.
fn fragments(path: &Path, random: &mut Random) -> Vec<Vec<u8>> {
    let ident = random.below(16);
    let pieces = (0..random.between(2, 12)).map(|_| {
        let offset = random.pick(&[0, 8, 16, 24, 1000, 65_512, 65_528]);
        let len = random.between(0, 60) as usize;
        let mut frame = Vec::new();
        let place = Some((offset, random.percent(70)));
        path.fragment(Side::Client, frame::UDP, len, Fragment { ident, place }, &mut frame);
        frame.extend((0..len).map(|_| random.number() as u8));
        frame
    });
    pieces.collect()
}

/// IP in IP in IP.
fn nested(path: &Path, random: &mut Random) -> Vec<u8> {
    let Addresses::V4(addresses) = path.addresses else {
        return extensions(random);
    };
    let depth = random.between(2, 70) as usize;
    let mut frame = Vec::new();
    path.ip(Side::Client, 4, 20 * depth, random, &mut frame);
    for level in (0..depth).rev() {
        let protocol = if level == 0 { 59 } else { 4 };
        frame.extend_from_slice(&[0x45, 0]);
        frame.extend_from_slice(&(20 + 20 * level as u16).to_be_bytes());
        frame.extend_from_slice(&[0, 0, 0, 0, 64, protocol, 0, 0]);
        frame.extend_from_slice(addresses.as_flattened());
    }
    frame
}

/// Tag behind tag.
fn tags(path: &Path, random: &mut Random) -> Vec<u8> {
    let mut frame = Vec::new();
    path.ethernet(Side::Client, 0x8100, &mut frame);
    for _ in 0..random.between(1, 300) {
        frame.extend_from_slice(&[0, 1]);
        frame.extend_from_slice(&random.pick(&[[0x81, 0x00], [0x88, 0xa8], [0x08, 0x00]]));
    }
    frame
}

/// Extension headers of IPv6, one after the other.
fn extensions(random: &mut Random) -> Vec<u8> {
    let addresses = Addresses::V6([World::v6(1), World::v6(2)]);
    let path = Path { macs: [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]], vlan: None, addresses, ttl: [64, 64] };
    let count = random.between(1, 150) as usize;
    let mut frame = Vec::new();
    path.ip(Side::Client, 0, 8 * count, random, &mut frame);
    for _ in 0..count {
        let next = random.pick(&[0, 43, 44, 51, 60]);
        frame.extend_from_slice(&[next, random.pick(&[0, 0, 0, 1, 255]), 1, 4, 0, 0, 0, 0]);
    }
    frame
}

/// A DNS message whose names point at themselves, and whose counts lie.
fn pointers(random: &mut Random) -> Vec<u8> {
    let mut message = vec![random.number() as u8, 1, 0x81, 0x80, 0, 40, 0xff, 0xff, 0, 0, 0, 9];
    for _ in 0..random.between(1, 60) {
        let at = message.len() as u8;
        message.extend_from_slice(&random.pick(&[
            [0xc0, at],
            [0xc0, 12],
            [63, 1],
            [1, b'a'],
            [0xc0, at.wrapping_add(2)],
        ]));
        message.extend_from_slice(&[0, 1, 0, 1]);
    }
    message
}

/// JSON, nested far deeper than any document.
fn json(random: &mut Random) -> Vec<u8> {
    let depth = random.between(100, 3000) as usize;
    let mut out =
        format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {depth}\r\n\r\n")
            .into_bytes();
    out.resize(out.len() + depth, random.pick(b"[{\""));
    out
}

/// Chunks of sizes that are none.
fn chunks(random: &mut Random) -> Vec<u8> {
    let mut out = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
    for _ in 0..random.between(1, 80) {
        let size =
            random.pick(&["0", "1", "ffffffffffffffff", "-1", "7fffffff", "", "10000000000000000", "zz", "5;a=b"]);
        out.extend_from_slice(size.as_bytes());
        out.extend_from_slice(b"\r\n\x1f\x8b\x08\r\n");
    }
    out
}

/// Segments whose sequence numbers jump and overlap, of one of few connections.
fn segments(path: &Path, bytes: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
    let port = 50_000 + random.below(8) as u16;
    let mut seq = random.pick(&[1, 1000, u32::MAX - 100]);
    let segments = bytes.chunks(random.between(40, 1400) as usize).map(|piece| {
        let mut frame = Vec::new();
        path.ip(Side::Client, frame::TCP, 20 + piece.len(), random, &mut frame);
        frame.extend_from_slice(&[port.to_be_bytes(), 80_u16.to_be_bytes()].concat());
        frame.extend_from_slice(&seq.to_be_bytes());
        frame.extend_from_slice(&[0, 0, 0, 1, 0x50, 0x18, 0x20, 0, 0, 0, 0, 0]);
        frame.extend_from_slice(piece);
        let step = match random.below(12) {
            0 => 3,
            1 => 0x7fff_ffff,
            2 => 0u32.wrapping_sub(piece.len() as u32),
            _ => piece.len() as u32,
        };
        seq = seq.wrapping_add(step);
        frame
    });
    segments.collect()
}
