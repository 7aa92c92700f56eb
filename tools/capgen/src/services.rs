//! What keeps a network going: ARP (RFC 826), DHCP (RFC 2131), NTP (RFC 5905), ICMP (RFC 792, RFC 4443); and talk that no protocol claims.

use crate::dns;
use crate::frame::{Addresses, Path, Side, pad};
use crate::random::Random;
use crate::tcp::{Script, Talk};
use crate::world::World;

/// Questions and answers of a protocol of its own.
pub struct Opaque {
    pub left: u32,
    /// What the client says, and the server: of less than two to this power.
    pub most: [u32; 2],
}

impl Talk for Opaque {
    fn next(&mut self, script: &mut Script, world: &World, random: &mut Random) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        for side in [Side::Client, Side::Server] {
            let len = random.length(1, self.most[side as usize]);
            script.say(side, |out| out.extend_from_slice(world.cut(&world.text, len, random)));
        }
        true
    }
}

/// The client looks for its router.
pub fn arp(path: &Path) -> Vec<Vec<u8>> {
    let Addresses::V4([client, _]) = path.addresses else {
        return solicitation(path);
    };
    let router = [client[0], client[1], client[2], 254];
    let message = |operation: u8, from: Side, addresses: [[u8; 4]; 2], asked: [u8; 6]| {
        let mut frame = Vec::new();
        path.ethernet(from, 0x0806, &mut frame);
        frame.extend_from_slice(&[0, 1, 8, 0, 6, 4, 0, operation]);
        frame.extend_from_slice(&path.macs[from as usize]);
        frame.extend_from_slice(&addresses[0]);
        frame.extend_from_slice(&asked);
        frame.extend_from_slice(&addresses[1]);
        pad(&mut frame);
        frame
    };
    let mut question = message(1, Side::Client, [client, router], [0; 6]);
    question[..6].fill(0xff);
    vec![question, message(2, Side::Server, [router, client], path.macs[0])]
}

/// The same by neighbour discovery (RFC 4861), which asks an address directly whether it is still there.
fn solicitation(path: &Path) -> Vec<Vec<u8>> {
    let Addresses::V6([client, _]) = path.addresses else {
        return Vec::new();
    };
    let mut router = client;
    router[14..].copy_from_slice(&[0xff, 0xfe]);
    let near = Path { addresses: Addresses::V6([client, router]), ttl: [255, 255], ..*path };
    let message = |kind: u8, flags: u8, option: u8, mac: [u8; 6]| {
        [&[kind, 0, 0, 0, flags, 0, 0, 0], router.as_slice(), &[option, 1], &mac].concat()
    };
    let random = &mut Random::new(0);
    let question = near.icmp(Side::Client, message(135, 0, 1, path.macs[0]), random);
    let answer = near.icmp(Side::Server, message(136, 0xe0, 2, path.macs[1]), random);
    [question, answer].concat()
}

/// Some echoes: a few larger than the link carries at once.
pub fn ping(path: &Path, random: &mut Random) -> Vec<Vec<u8>> {
    let (question, answer) = if path.is_v6() { (128, 129) } else { (8, 0) };
    let ident: [u8; 2] = random.bytes();
    let len = if random.percent(10) { random.between(1500, 4000) } else { 56 };
    let mut frames = Vec::new();
    for number in 1..=random.between(1, 5) as u8 {
        let mut message = vec![question, 0, 0, 0, ident[0], ident[1], 0, number];
        message.extend((0..len).map(|place| place as u8));
        frames.extend(path.icmp(Side::Client, message.clone(), random));
        if random.percent(97) {
            message[0] = answer;
            frames.extend(path.icmp(Side::Server, message, random));
        }
    }
    frames
}

/// A datagram that did not arrive, and who says so.
pub fn unreachable(path: &Path, world: &World, random: &mut Random) -> Vec<Vec<u8>> {
    let (question, _) = dns::messages(world, random);
    let lost = path.udp(Side::Client, [world.port(random), 53], &question, random);
    let packet = &lost[if path.vlan.is_some() { 18 } else { 14 }..];
    let quoted = match (path.is_v6(), random.percent(50)) {
        // Without what pads the frame.
        (false, true) => &packet[..28],
        (false, false) => &packet[..usize::from(packet[3])],
        (true, _) => packet,
    };
    let (kind, code) = match (path.is_v6(), random.below(3)) {
        (false, 0) => (11, 0),
        (false, 1) => (3, 1),
        (false, _) => (3, 3),
        (true, 0) => (3, 0),
        (true, _) => (1, 4),
    };
    let message = [&[kind, code, 0, 0, 0, 0, 0, 0], quoted].concat();
    let error = path.icmp(Side::Server, message, random);
    [vec![lost], error].concat()
}

/// The seconds from 1900 to 2026.
const NTP_2026: u32 = 3_976_214_400;

pub fn ntp(path: &Path, now: u64, random: &mut Random) -> Vec<Vec<u8>> {
    let seconds = NTP_2026 + (now / 1_000_000) as u32;
    let time = |out: &mut Vec<u8>, fraction: u32| {
        out.extend_from_slice(&seconds.to_be_bytes());
        out.extend_from_slice(&fraction.to_be_bytes());
    };
    let fraction = random.number() >> 1;
    let mut question = vec![0; 40];
    question[..4].copy_from_slice(&[0x23, 0, 6, 0xe9]);
    time(&mut question, fraction);
    let mut answer = vec![0x24, 2, 6, 0xe9, 0, 0, 1, 0, 0, 0, 2, 0, 198, 18, 0, 9];
    for after in [0, fraction, fraction + 1000, fraction + 2000] {
        time(&mut answer, after);
    }
    vec![path.udp(Side::Client, [123, 123], &question, random), path.udp(Side::Server, [123, 123], &answer, random)]
}

/// A host gets its address: discover, offer, request, acknowledgement.
pub fn dhcp(path: &Path, random: &mut Random) -> Vec<Vec<u8>> {
    let Addresses::V4([client, _]) = path.addresses else {
        return solicitation(path);
    };
    let server = [client[0], client[1], client[2], 254];
    let id: [u8; 4] = random.bytes();
    let asking = Path { addresses: Addresses::V4([[0; 4], [255; 4]]), ttl: [64, 64], ..*path };
    let answering = Path { addresses: Addresses::V4([client, server]), ttl: [64, 64], ..*path };
    let mut frames = Vec::new();
    for kind in [1, 2, 3, 5_u8] {
        let from = if kind % 2 == 1 && kind < 5 { Side::Client } else { Side::Server };
        let mut message = vec![0; 236];
        message[..4].copy_from_slice(&[from as u8 + 1, 1, 6, 0]);
        message[4..8].copy_from_slice(&id);
        message[28..34].copy_from_slice(&path.macs[0]);
        message.extend_from_slice(&[99, 130, 83, 99, 53, 1, kind]);
        if from == Side::Server {
            message[16..20].copy_from_slice(&client);
            message[20..24].copy_from_slice(&server);
            message.extend_from_slice(&[54, 4]);
            message.extend_from_slice(&server);
            message.extend_from_slice(&[51, 4, 0, 0, 14, 16, 1, 4, 255, 255, 255, 0, 3, 4]);
            message.extend_from_slice(&server);
        } else {
            message.extend_from_slice(&[55, 3, 1, 3, 6]);
            if kind == 3 {
                message.extend_from_slice(&[50, 4]);
                message.extend_from_slice(&client);
            }
        }
        message.push(255);
        message.resize(300, 0);
        let way = if from == Side::Client { &asking } else { &answering };
        let mut frame = way.udp(from, [68, 67], &message, random);
        if from == Side::Client {
            frame[..6].fill(0xff);
        }
        frames.push(frame);
    }
    frames
}
