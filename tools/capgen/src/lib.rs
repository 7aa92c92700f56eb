//! Captures for tests and benchmarks: as much traffic as is asked for, and the same bytes on every machine.
//!
//! Everything follows from the seed, by integers alone: no clock, no system randomness, no floating point. Many conversations are in
//! progress at once; each says when it will send its next frame, and the earliest goes first. Times of the file are steps of about
//! the same length, so that it has the rate that was asked for.
//!
//! ```
//! use capgen::{Options, Profile};
//!
//! let options = Options { packets: 100, ..Options::new(Profile::Mix) };
//! assert_eq!(capgen::capture(&options), capgen::capture(&options));
//! ```

mod dns;
mod frame;
mod hostile;
mod http;
mod random;
mod services;
mod tcp;
mod tls;
mod world;
mod write;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};
use std::vec;

use frame::{Addresses, Path, Side};
use random::Random;
use services::Opaque;
use tcp::{Connection, Talk, Trouble};
use world::World;
pub use write::Format;

/// What kind of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// What an office sees: HTTP, TLS, DNS, ICMP, NTP, DHCP, ARP; a fifth is IPv6; some segments are lost, late or twice.
    Mix,
    /// Small packets of many conversations.
    Small,
    /// One connection that carries much.
    Elephant,
    /// Connections that are only asked for, each by another address or port.
    SynFlood,
    /// Many short connections.
    ManyFlows,
    /// What is cut, mutated, nested, overlapping, and lies.
    Hostile,
}

impl Profile {
    pub const ALL: &[(&str, Profile)] = &[
        ("mix", Profile::Mix),
        ("small", Profile::Small),
        ("elephant", Profile::Elephant),
        ("syn-flood", Profile::SynFlood),
        ("many-flows", Profile::ManyFlows),
        ("hostile", Profile::Hostile),
    ];
}

/// What to make.
#[derive(Clone, Debug)]
pub struct Options {
    pub profile: Profile,
    pub seed: u64,
    /// The capture ends with this packet, or when the file has so many bytes.
    pub packets: u64,
    pub bytes: u64,
    /// Conversations in progress at a time.
    pub flows: usize,
    /// Packets a second.
    pub pps: u32,
    pub format: Format,
}

impl Options {
    /// Ten thousand packets, 100 conversations at a time.
    pub fn new(profile: Profile) -> Options {
        Options { profile, seed: 1, packets: 10_000, bytes: u64::MAX, flows: 100, pps: 20_000, format: Format::Pcap }
    }
}

/// How much was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub packets: u64,
    pub bytes: u64,
}

/// Returns a whole capture file.
pub fn capture(options: &Options) -> Vec<u8> {
    let mut out = Vec::new();
    generate(options, &mut out).expect("a vector takes everything");
    out
}

/// Writes a capture file.
pub fn generate(options: &Options, out: &mut impl Write) -> io::Result<Counts> {
    let mut generator = Generator::new(options);
    let mut counts = Counts { packets: 0, bytes: options.format.begin(out)? };
    let mut frame = Vec::new();
    // The first day of 2026.
    let mut time_ns = 1_767_225_600_000_000_000;
    let step = 1_000_000_000 / options.pps.max(1);
    while counts.packets < options.packets && counts.bytes < options.bytes {
        let wire_len = generator.next(&mut frame);
        counts.bytes += options.format.frame(out, time_ns / 1000, &frame, wire_len)?;
        counts.packets += 1;
        time_ns += u64::from(generator.random.between(step / 2, step / 2 * 3));
    }
    Ok(counts)
}

struct Generator {
    profile: Profile,
    random: Random,
    world: World,
    conversations: Vec<Conversation>,
    /// When each sends next, in microseconds, and its place.
    queue: BinaryHeap<Reverse<(u64, usize)>>,
    /// How many connections were asked for.
    flood: u32,
}

enum Conversation {
    Connection(Box<Connection>),
    /// Frames that are known already, and the microseconds between them.
    Frames(vec::IntoIter<Vec<u8>>, u32),
    Ended,
}

impl Generator {
    fn new(options: &Options) -> Generator {
        let mut random = Random::new(options.seed);
        let world = World::new(&mut random);
        let count = match options.profile {
            Profile::Elephant => 1,
            Profile::SynFlood => 0,
            _ => options.flows.max(1),
        };
        let queue = (0..count).map(|place| Reverse((u64::from(random.below(1_000_000)), place))).collect();
        let conversations = (0..count).map(|_| Conversation::Ended).collect();
        Generator { profile: options.profile, random, world, conversations, queue, flood: 0 }
    }

    /// Makes the next frame and returns its length on the wire.
    fn next(&mut self, frame: &mut Vec<u8>) -> usize {
        if self.profile == Profile::SynFlood {
            self.syn(frame);
            return frame.len();
        }
        loop {
            let Reverse((now, place)) = self.queue.pop().expect("each conversation has its place in the queue");
            let (world, random) = (&self.world, &mut self.random);
            let wait = match &mut self.conversations[place] {
                Conversation::Connection(connection) => connection.frame(now, world, random, frame),
                Conversation::Frames(frames, wait) => frames.next().map(|next| {
                    *frame = next;
                    *wait
                }),
                Conversation::Ended => None,
            };
            let Some(wait) = wait else {
                self.conversations[place] = self.conversation(now);
                self.queue.push(Reverse((now, place)));
                continue;
            };
            self.queue.push(Reverse((now + u64::from(wait), place)));
            return self.finish(frame);
        }
    }

    /// Returns the length on the wire.
    fn finish(&mut self, frame: &mut Vec<u8>) -> usize {
        if self.profile != Profile::Hostile || self.random.percent(30) {
            return frame.len();
        }
        hostile::spoil(frame, &mut self.random);
        let wire_len = frame.len();
        if self.random.percent(10) {
            frame.truncate(self.random.between(0, wire_len as u32) as usize);
        }
        wire_len
    }

    fn conversation(&mut self, now: u64) -> Conversation {
        let (world, random) = (&self.world, &mut self.random);
        let kind = random.below(100);
        match (self.profile, kind) {
            (Profile::Elephant, _) => {
                let path = world.path(4, random);
                let talk = Opaque { left: u32::MAX, most: [8, 18] };
                Conversation::tcp(path, OPAQUE_PORT, Box::new(talk), Trouble::OneIn(200), world, random)
            }
            (Profile::ManyFlows, 0..50) => {
                let server = world.server(random);
                let talk = http::Http::short(server);
                let trouble = Trouble::OneIn(200);
                Conversation::tcp(world.path(server, random), 80, Box::new(talk), trouble, world, random)
            }
            (Profile::Small, 0..60) | (Profile::ManyFlows, _) => {
                let server = world.server(random);
                let left = if self.profile == Profile::Small { random.between(2, 30) } else { 1 };
                let talk = Opaque { left, most: [5, 6] };
                let trouble = if left == 1 { Trouble::None } else { Trouble::OneIn(200) };
                Conversation::tcp(world.path(server, random), OPAQUE_PORT, Box::new(talk), trouble, world, random)
            }
            (Profile::Small, _) => {
                let path = world.path(World::RESOLVER, random);
                Conversation::frames(dns::over_udp(&path, world, random), random)
            }
            (Profile::Hostile, 0..50) => {
                let path = world.path(world.server(random), random);
                Conversation::frames(hostile::trap(&path, world, random), random)
            }
            _ => self.office(now),
        }
    }

    fn office(&mut self, now: u64) -> Conversation {
        let (world, random) = (&self.world, &mut self.random);
        let server = world.server(random);
        let path = world.path(server, random);
        let resolver = Path { addresses: towards(path, World::RESOLVER), ..path };
        let trouble = Trouble::OneIn(150);
        let (port, talk): (u16, Box<dyn Talk>) = match random.below(1000) {
            0..200 => (80, Box::new(http::Http::new(server, 15, random))),
            200..500 => (443, Box::new(tls::Tls::new(server, 15, random))),
            500..530 => (OPAQUE_PORT, Box::new(Opaque { left: random.between(1, 20), most: [7, 12] })),
            530..540 => {
                let talk = Box::new(dns::OverTcp::new(random));
                return Conversation::tcp(resolver, 53, talk, trouble, world, random);
            }
            540..880 => return Conversation::frames(dns::over_udp(&resolver, world, random), random),
            880..920 => return Conversation::frames(services::ping(&path, random), random),
            920..945 => return Conversation::frames(services::unreachable(&path, world, random), random),
            945..970 => return Conversation::frames(services::ntp(&path, now, random), random),
            970..990 => return Conversation::frames(services::arp(&path), random),
            _ => return Conversation::frames(services::dhcp(&path, random), random),
        };
        Conversation::tcp(path, port, talk, trouble, world, random)
    }

    /// Asks a server for a connection, each time from another address or port.
    fn syn(&mut self, frame: &mut Vec<u8>) {
        // An odd factor: no two of the first 2^32 are the same.
        let [a, b, c, d] = self.flood.wrapping_mul(0x9e37_79b1).to_be_bytes();
        self.flood = self.flood.wrapping_add(1);
        let path = Path {
            macs: [[2, 0, 0, 1, 0, 1], [2, 0, 0, 0, 0, 1]],
            vlan: None,
            addresses: Addresses::V4([[10, a, b, c], World::v4(1)]),
            ttl: [50, 64],
        };
        path.ip(Side::Client, frame::TCP, 24, &mut self.random, frame);
        let start = frame.len();
        frame.extend_from_slice(&[192, d, 0, 80]);
        frame.extend_from_slice(&self.random.bytes::<4>());
        frame.extend_from_slice(&[0, 0, 0, 0, 0x60, 0x02, 0xff, 0xff, 0, 0, 0, 0, 2, 4, 5, 0xb4]);
        let sum = path.checksum(frame::TCP, &frame[start..]);
        frame[start + 16..start + 18].copy_from_slice(&sum.to_be_bytes());
        frame::pad(frame);
    }
}

/// A port that nobody has registered, so that what is said there is data.
const OPAQUE_PORT: u16 = 45_678;

fn towards(path: Path, server: world::Server) -> Addresses {
    match path.addresses {
        Addresses::V4([client, _]) => Addresses::V4([client, World::v4(server)]),
        Addresses::V6([client, _]) => Addresses::V6([client, World::v6(server)]),
    }
}

impl Conversation {
    fn tcp(
        path: Path,
        port: u16,
        talk: Box<dyn Talk>,
        trouble: Trouble,
        world: &World,
        random: &mut Random,
    ) -> Conversation {
        let ports = [world.port(random), port];
        Conversation::Connection(Box::new(Connection::new(path, ports, talk, trouble, random)))
    }

    fn frames(frames: Vec<Vec<u8>>, random: &mut Random) -> Conversation {
        Conversation::Frames(frames.into_iter(), random.between(300, 30_000))
    }
}
