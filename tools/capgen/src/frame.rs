//! Ethernet frames around what two hosts say to each other, with right lengths and checksums.

use crate::random::Random;

pub const ICMP: u8 = 1;
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;
pub const ICMPV6: u8 = 58;

/// Who of the two sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

impl Side {
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// The client's and the server's address.
#[derive(Clone, Copy, Debug)]
pub enum Addresses {
    V4([[u8; 4]; 2]),
    V6([[u8; 16]; 2]),
}

/// The two hosts and the link between them.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    pub macs: [[u8; 6]; 2],
    pub vlan: Option<u16>,
    pub addresses: Addresses,
    /// Time to live, as what the two send arrives.
    pub ttl: [u8; 2],
}

impl Path {
    pub fn is_v6(&self) -> bool {
        matches!(self.addresses, Addresses::V6(_))
    }

    /// Begins a frame: the Ethernet header, with a tag where the link has one.
    pub fn ethernet(&self, from: Side, ethertype: u16, frame: &mut Vec<u8>) {
        frame.clear();
        frame.extend_from_slice(&self.macs[from.other() as usize]);
        frame.extend_from_slice(&self.macs[from as usize]);
        if let Some(vlan) = self.vlan {
            frame.extend_from_slice(&[0x81, 0x00]);
            frame.extend_from_slice(&vlan.to_be_bytes());
        }
        frame.extend_from_slice(&ethertype.to_be_bytes());
    }

    /// Begins a frame with the headers up to that of IP, for a payload of `len` bytes.
    pub fn ip(&self, from: Side, protocol: u8, len: usize, random: &mut Random, frame: &mut Vec<u8>) {
        self.fragment(from, protocol, len, Fragment { ident: random.number(), place: None }, frame);
    }

    /// The same for a piece of a longer payload.
    pub fn fragment(&self, from: Side, protocol: u8, len: usize, fragment: Fragment, frame: &mut Vec<u8>) {
        let ttl = self.ttl[from as usize];
        match self.addresses {
            Addresses::V4(addresses) => {
                self.ethernet(from, 0x0800, frame);
                // Flags and offset: "don't fragment" unless it was.
                let place = fragment.place.map_or(0x4000, |(offset, more)| (offset / 8) as u16 | u16::from(more) << 13);
                let start = frame.len();
                frame.extend_from_slice(&[0x45, 0]);
                frame.extend_from_slice(&(20 + len as u16).to_be_bytes());
                frame.extend_from_slice(&(fragment.ident as u16).to_be_bytes());
                frame.extend_from_slice(&place.to_be_bytes());
                frame.extend_from_slice(&[ttl, protocol, 0, 0]);
                frame.extend_from_slice(&addresses[from as usize]);
                frame.extend_from_slice(&addresses[from.other() as usize]);
                let sum = fold(sum(&frame[start..]));
                frame[start + 10..start + 12].copy_from_slice(&sum.to_be_bytes());
            }
            Addresses::V6(addresses) => {
                self.ethernet(from, 0x86dd, frame);
                let extension = if fragment.place.is_some() { 8 } else { 0 };
                frame.extend_from_slice(&(0x6000_0000 | fragment.ident & 0xf_ffff).to_be_bytes());
                frame.extend_from_slice(&(extension + len as u16).to_be_bytes());
                frame.extend_from_slice(&[if extension > 0 { 44 } else { protocol }, ttl]);
                frame.extend_from_slice(&addresses[from as usize]);
                frame.extend_from_slice(&addresses[from.other() as usize]);
                if let Some((offset, more)) = fragment.place {
                    frame.extend_from_slice(&[protocol, 0]);
                    frame.extend_from_slice(&(offset as u16 & !7 | u16::from(more)).to_be_bytes());
                    frame.extend_from_slice(&fragment.ident.to_be_bytes());
                }
            }
        }
    }

    /// Computes the checksum of a payload, which has zeros in its place.
    pub fn checksum(&self, protocol: u8, payload: &[u8]) -> u16 {
        let addresses = match self.addresses {
            Addresses::V4(addresses) => sum(addresses.as_flattened()),
            Addresses::V6(addresses) => sum(addresses.as_flattened()),
        };
        match fold(addresses + u64::from(protocol) + payload.len() as u64 + sum(payload)) {
            // Zero would say that there is none.
            0 if protocol == UDP => 0xffff,
            sum => sum,
        }
    }

    /// Makes a whole frame of a datagram.
    pub fn udp(&self, from: Side, ports: [u16; 2], payload: &[u8], random: &mut Random) -> Vec<u8> {
        let len = 8 + payload.len();
        let mut frame = Vec::with_capacity(64 + len);
        self.ip(from, UDP, len, random, &mut frame);
        let start = frame.len();
        frame.extend_from_slice(&ports[from as usize].to_be_bytes());
        frame.extend_from_slice(&ports[from.other() as usize].to_be_bytes());
        frame.extend_from_slice(&(len as u16).to_be_bytes());
        frame.extend_from_slice(&[0, 0]);
        frame.extend_from_slice(payload);
        let sum = self.checksum(UDP, &frame[start..]);
        frame[start + 6..start + 8].copy_from_slice(&sum.to_be_bytes());
        pad(&mut frame);
        frame
    }

    /// Makes frames of an ICMP message, in as many fragments as it needs. The checksum's two bytes are zeros.
    pub fn icmp(&self, from: Side, mut message: Vec<u8>, random: &mut Random) -> Vec<Vec<u8>> {
        let (protocol, sum) = match self.is_v6() {
            true => (ICMPV6, self.checksum(ICMPV6, &message)),
            false => (ICMP, fold(sum(&message))),
        };
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        let ident = random.number();
        let whole = message.len() <= Path::MOST;
        let frames = message.chunks(Path::MOST).enumerate().map(|(number, piece)| {
            let offset = number * Path::MOST;
            let place = (!whole).then_some((offset, offset + piece.len() < message.len()));
            let mut frame = Vec::new();
            self.fragment(from, protocol, piece.len(), Fragment { ident, place }, &mut frame);
            frame.extend_from_slice(piece);
            pad(&mut frame);
            frame
        });
        frames.collect()
    }

    /// What fits behind either IP header on an Ethernet, in whole eights.
    const MOST: usize = 1448;
}

/// Which datagram a fragment belongs to, and where: its offset in bytes, and whether more follow.
#[derive(Clone, Copy)]
pub struct Fragment {
    pub ident: u32,
    pub place: Option<(usize, bool)>,
}

/// Fills a frame to the least that Ethernet carries, without the check sequence.
pub fn pad(frame: &mut Vec<u8>) {
    if frame.len() < 60 {
        frame.resize(60, 0);
    }
}

/// The sum of RFC 1071, not folded yet.
pub fn sum(bytes: &[u8]) -> u64 {
    let (fours, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    fours.iter().map(|four| u64::from(u32::from_be_bytes(*four))).sum::<u64>() + u64::from(u32::from_be_bytes(last))
}

pub fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !(sum as u16)
}
