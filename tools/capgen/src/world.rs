//! The hosts of a capture, their names, and what there is to say.
//!
//! Addresses are those of RFC 1918 (clients), RFC 2544 (servers: 198.18.0.0/15 is for benchmarks) and RFC 3849; names those of RFC 2606.

use crate::frame::{Addresses, Path};
use crate::random::Random;

pub struct World {
    /// Words, from which texts are cut.
    pub text: Vec<u8>,
    /// Bytes without any pattern.
    pub noise: Vec<u8>,
    servers: u32,
    clients: u32,
}

/// A number that stands for a server.
pub type Server = u32;

const WORDS: &[&str] = &[
    "the",
    "of",
    "packet",
    "and",
    "a",
    "to",
    "window",
    "in",
    "is",
    "segment",
    "that",
    "header",
    "it",
    "for",
    "checksum",
    "was",
    "on",
    "sequence",
    "are",
    "as",
    "with",
    "number",
    "octet",
    "at",
    "be",
    "this",
    "connection",
    "have",
    "from",
    "or",
    "one",
    "acknowledgment",
    "had",
    "by",
    "protocol",
    "but",
    "not",
    "what",
    "all",
    "were",
    "we",
    "when",
    "gateway",
    "can",
    "datagram",
];

const SITES: &[&str] = &["www", "api", "static", "mail", "img", "login", "cdn", "news", "shop", "files"];

impl World {
    pub fn new(random: &mut Random) -> World {
        let mut text = Vec::with_capacity(World::POOL + 16);
        while text.len() < World::POOL {
            text.extend_from_slice(random.pick(WORDS).as_bytes());
            text.push(if random.percent(8) { b'\n' } else { b' ' });
        }
        text.truncate(World::POOL);
        let mut noise = vec![0; World::POOL];
        random.fill(&mut noise);
        World { text, noise, servers: 400, clients: 4000 }
    }

    /// Whom all ask for names.
    pub const RESOLVER: Server = 53;

    const POOL: usize = 1 << 18;

    /// A part of the text or the noise, `len` bytes long but no longer than half of all.
    pub fn cut<'a>(&self, pool: &'a [u8], len: usize, random: &mut Random) -> &'a [u8] {
        let len = len.min(pool.len() / 2);
        let start = random.below((pool.len() - len) as u32) as usize;
        &pool[start..start + len]
    }

    pub fn server(&self, random: &mut Random) -> Server {
        // Some are asked far more often than others.
        let last = random.between(1, self.servers);
        random.between(1, last)
    }

    pub fn name(&self, server: Server) -> String {
        let domain = ["example.com", "example.net", "example.org", "service.example", "test"][server as usize % 5];
        format!("{}{}.{domain}", SITES[server as usize % SITES.len()], server)
    }

    pub fn v4(server: Server) -> [u8; 4] {
        let [_, _, upper, lower] = server.to_be_bytes();
        [198, 18, upper, lower]
    }

    pub fn v6(server: Server) -> [u8; 16] {
        let [_, _, upper, lower] = server.to_be_bytes();
        [0x20, 0x01, 0x0d, 0xb8, 0, 0xf, 0, 0, 0, 0, 0, 0, 0, 0, upper, lower]
    }

    /// A way from some client to a server: one in five is of IPv6, one in twenty in a VLAN.
    pub fn path(&self, server: Server, random: &mut Random) -> Path {
        let client = random.below(self.clients);
        // The network of the client decides what it speaks.
        let is_v6 = client % 5 == 4;
        let vlan = (client % 20 == 7 || client % 100 == 4).then_some(100 + (client % 7) as u16);
        let [_, _, upper, lower] = client.to_be_bytes();
        let addresses = if is_v6 {
            let mut address = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, upper, lower];
            address[7] = (client % 3) as u8;
            Addresses::V6([address, World::v6(server)])
        } else {
            Addresses::V4([[10, 0, upper, lower], World::v4(server)])
        };
        Path {
            macs: [[2, 0, 0, 0, upper, lower], [2, 0, 0, 1, 0, 1]],
            vlan,
            addresses,
            ttl: [[64, 128][client as usize % 2], 64 - 3 - (server % 17) as u8],
        }
    }

    pub fn port(&self, random: &mut Random) -> u16 {
        random.between(49152, 65535) as u16
    }
}
