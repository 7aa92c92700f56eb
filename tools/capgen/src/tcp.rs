//! A TCP connection as it is seen from a point on the way: opened, talked over, disturbed, closed.

use std::collections::VecDeque;
use std::ops::Range;

use crate::frame::{self, Path, Side};
use crate::random::Random;
use crate::world::World;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// What is said over a connection: turn by turn.
pub trait Talk {
    /// Adds what the two say next; `false` when they have nothing more to say.
    fn next(&mut self, script: &mut Script, world: &World, random: &mut Random) -> bool;
}

/// What the two sides say, one after the other.
#[derive(Default)]
pub struct Script {
    bytes: Vec<u8>,
    turns: Vec<(Side, usize)>,
}

impl Script {
    /// Lets a side say something: what `write` appends.
    pub fn say(&mut self, side: Side, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.turns.push((side, self.bytes.len()));
    }
}

/// How much goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// One segment in so many.
    OneIn(u32),
}

pub struct Connection {
    path: Path,
    ports: [u16; 2],
    talk: Box<dyn Talk>,
    trouble: Trouble,
    script: Script,
    plan: VecDeque<Segment>,
    /// The next sequence number of each side.
    next: [u32; 2],
    /// What each side has acknowledged.
    got: [u32; 2],
    /// The clocks of both sides, where they send timestamps, and what each saw last of the other's.
    clocks: Option<[u32; 2]>,
    seen: [u32; 2],
    most: usize,
    open: bool,
}

/// A segment that will be sent.
struct Segment {
    from: Side,
    flags: u8,
    seq: u32,
    ack: u32,
    window: u16,
    data: Range<usize>,
    /// The edges of what came behind a hole.
    sack: Option<(u32, u32)>,
    /// Microseconds until the next.
    wait: u32,
}

impl Connection {
    pub fn new(path: Path, ports: [u16; 2], talk: Box<dyn Talk>, trouble: Trouble, random: &mut Random) -> Connection {
        let clocks = random.percent(70).then(|| [random.number(), random.number()]);
        let most = if path.is_v6() { 1440 } else { 1460 } - if clocks.is_some() { 12 } else { 0 };
        let next = [random.number(), random.number()];
        let mut connection = Connection {
            path,
            ports,
            talk,
            trouble,
            script: Script::default(),
            plan: VecDeque::new(),
            next,
            got: [0, 0],
            clocks,
            seen: [0, 0],
            most,
            open: true,
        };
        connection.handshake(random);
        connection
    }

    /// Writes the next frame and returns the microseconds until the one after it; `None` when there are no more.
    pub fn frame(&mut self, now: u64, world: &World, random: &mut Random, frame: &mut Vec<u8>) -> Option<u32> {
        while self.plan.is_empty() {
            if !self.open {
                return None;
            }
            self.script.bytes.clear();
            self.script.turns.clear();
            if self.talk.next(&mut self.script, world, random) {
                let mut start = 0;
                for (side, end) in std::mem::take(&mut self.script.turns) {
                    self.turn(side, start..end, random);
                    start = end;
                }
            } else {
                self.open = false;
                self.close(random);
            }
        }
        let segment = self.plan.pop_front()?;
        self.write(&segment, now, random, frame);
        Some(segment.wait)
    }

    fn handshake(&mut self, random: &mut Random) {
        let troubled = self.trouble != Trouble::None;
        if troubled && random.permille(15) {
            // The capture began later.
            self.got = [self.next[1], self.next[0]];
            return;
        }
        let [client, server] = self.next;
        let syn = |wait| Segment { flags: SYN, seq: client, ack: 0, wait, ..Segment::new(Side::Client) };
        let round_trip = random.between(300, 40_000);
        self.next = [client.wrapping_add(1), server.wrapping_add(1)];
        self.got = [self.next[1], self.next[0]];
        if troubled && random.permille(15) {
            self.plan.extend([syn(1_000_000), syn(2_000_000), syn(0)]);
            self.open = false;
            return;
        }
        if troubled && random.permille(10) {
            self.plan.push_back(syn(1_000_000));
        }
        self.plan.push_back(syn(round_trip));
        if troubled && random.permille(20) {
            let refusal = Segment { flags: RST | ACK, ack: self.next[0], window: 0, ..Segment::new(Side::Server) };
            self.plan.push_back(refusal);
            self.open = false;
            return;
        }
        let answer = Segment { flags: SYN | ACK, seq: server, ack: self.next[0], ..Segment::new(Side::Server) };
        self.plan.push_back(Segment { wait: 100, ..answer });
        self.acknowledge(Side::Client, 200);
    }

    /// Plans what one side says, and what the other acknowledges of it.
    fn turn(&mut self, from: Side, said: Range<usize>, random: &mut Random) {
        let mut start = said.start;
        let mut pieces = Vec::new();
        while start < said.end {
            let end = said.end.min(start + self.most);
            pieces.push(start..end);
            start = end;
        }
        let troubled = match self.trouble {
            Trouble::OneIn(many) => {
                let place = random.below(many) as usize;
                // As likely as if each segment were asked on its own.
                Some(place + random.below(many.div_ceil(8)) as usize).filter(|&place| place < pieces.len())
            }
            Trouble::None => None,
        };
        let last = pieces.len().saturating_sub(1);
        let mut unacknowledged = 0;
        let mut rest = pieces.into_iter().enumerate().peekable();
        while let Some((place, piece)) = rest.next() {
            let flags = if place == last { PSH | ACK } else { ACK };
            let wait = if place == last { random.between(200, 4000) } else { random.between(8, 60) };
            unacknowledged += 1;
            if troubled == Some(place) {
                let mut next = rest.next().map(|(_, piece)| piece);
                self.disturb(from, piece, &mut next, flags, random);
                if let Some(piece) = next {
                    self.send(from, piece, flags, wait);
                }
                self.acknowledge(from.other(), 50);
                unacknowledged = 0;
                continue;
            }
            self.send(from, piece, flags, wait);
            if unacknowledged == 2 || place == last && random.percent(60) {
                self.acknowledge(from.other(), random.between(10, 100));
                unacknowledged = 0;
            }
        }
    }

    /// Plans a segment with which something goes wrong; and the one behind it, if it is needed for that.
    fn disturb(
        &mut self,
        from: Side,
        piece: Range<usize>,
        behind: &mut Option<Range<usize>>,
        flags: u8,
        random: &mut Random,
    ) {
        let start = self.next[from as usize];
        match (random.below(6), behind.take()) {
            // Lost before it was seen: the receiver asks for it, and it is sent again.
            (0, Some(next)) => {
                let end = start.wrapping_add(piece.len() as u32);
                self.next[from as usize] = end;
                self.send(from, next, flags, 50);
                let sack = self.clocks.map(|_| (end, self.next[from as usize]));
                for _ in 0..3 {
                    let duplicate = self.pure(from.other(), 40);
                    self.plan.push_back(Segment { sack, ..duplicate });
                }
                let again = self.segment(from, start, piece, flags);
                self.plan.push_back(Segment { wait: 100, ..again });
            }
            // Overtaken by the next one.
            (1, Some(next)) => {
                let end = start.wrapping_add(piece.len() as u32);
                self.next[from as usize] = end;
                self.send(from, next, flags, 5);
                let late = self.segment(from, start, piece, flags);
                self.plan.push_back(Segment { wait: 50, ..late });
            }
            // Not captured.
            (2, next) => {
                self.next[from as usize] = start.wrapping_add(piece.len() as u32);
                *behind = next;
            }
            // The receiver has no room left.
            (3, next) => {
                self.send(from, piece, flags, 300);
                self.got[from.other() as usize] = self.next[from as usize];
                let full = Segment { window: 0, ..self.pure(from.other(), 200_000) };
                let edge = self.next[from as usize];
                let probe = self.segment(from, edge.wrapping_sub(1), 0..0, ACK);
                let again = Segment { window: 0, ..self.pure(from.other(), 300_000) };
                let room = self.pure(from.other(), 50);
                self.plan.extend([full, Segment { wait: 200, ..probe }, again, room]);
                *behind = next;
            }
            // Lost behind this point, or its acknowledgment: seen twice.
            (_, next) => {
                let again = self.segment(from, start, piece.clone(), flags);
                self.send(from, piece, flags, 200_000 + random.below(100_000));
                self.plan.push_back(Segment { wait: 100, ..again });
                *behind = next;
            }
        }
    }

    fn close(&mut self, random: &mut Random) {
        let first = if random.percent(60) { Side::Client } else { Side::Server };
        match random.below(100) {
            0..80 => {
                self.acknowledge(first.other(), 1000);
                self.fin(first, random.between(100, 5000));
                if random.percent(50) {
                    self.got[first.other() as usize] = self.next[first as usize];
                    self.acknowledge(first.other(), random.between(100, 9000));
                }
                self.got[first.other() as usize] = self.next[first as usize];
                self.fin(first.other(), random.between(100, 5000));
                self.acknowledge(first, 0);
            }
            80..95 => {
                let reset = self.segment(first, self.next[first as usize], 0..0, RST | ACK);
                self.plan.push_back(Segment { window: 0, ..reset });
            }
            // Still open when the capture ends, or forgotten.
            _ => {}
        }
    }

    fn fin(&mut self, from: Side, wait: u32) {
        let seq = self.next[from as usize];
        let fin = self.segment(from, seq, 0..0, FIN | ACK);
        self.plan.push_back(Segment { wait, ..fin });
        self.next[from as usize] = seq.wrapping_add(1);
    }

    fn send(&mut self, from: Side, piece: Range<usize>, flags: u8, wait: u32) {
        let seq = self.next[from as usize];
        self.next[from as usize] = seq.wrapping_add(piece.len() as u32);
        // What it says also acknowledges what was heard.
        self.got[from as usize] = self.next[from.other() as usize];
        let segment = self.segment(from, seq, piece, flags);
        self.plan.push_back(Segment { wait, ..segment });
    }

    fn acknowledge(&mut self, from: Side, wait: u32) {
        self.got[from as usize] = self.next[from.other() as usize];
        let pure = self.pure(from, wait);
        self.plan.push_back(pure);
    }

    /// A segment that says nothing but what was received.
    fn pure(&self, from: Side, wait: u32) -> Segment {
        Segment { wait, ..self.segment(from, self.next[from as usize], 0..0, ACK) }
    }

    fn segment(&self, from: Side, seq: u32, data: Range<usize>, flags: u8) -> Segment {
        Segment { seq, ack: self.got[from as usize], data, flags, ..Segment::new(from) }
    }

    fn write(&mut self, segment: &Segment, now: u64, random: &mut Random, frame: &mut Vec<u8>) {
        let from = segment.from;
        let mut options = [1; 40];
        let mut len = 0;
        let mut option = |bytes: &[u8]| {
            options[len..len + bytes.len()].copy_from_slice(bytes);
            len += bytes.len();
        };
        if segment.flags & SYN != 0 {
            let most: u16 = if self.path.is_v6() { 1440 } else { 1460 };
            let [upper, lower] = most.to_be_bytes();
            option(&[2, 4, upper, lower, 4, 2, 1, 3, 3, 7, 1, 1]);
        }
        if let Some(clocks) = &self.clocks
            && segment.flags & RST == 0
        {
            let clock = clocks[from as usize].wrapping_add((now / 1000) as u32);
            let seen = if segment.flags & ACK == 0 { 0 } else { self.seen[from as usize] };
            self.seen[from.other() as usize] = clock;
            option(&[1, 1, 8, 10]);
            option(&clock.to_be_bytes());
            option(&seen.to_be_bytes());
        }
        if let Some((left, right)) = segment.sack {
            option(&[1, 1, 5, 10]);
            option(&left.to_be_bytes());
            option(&right.to_be_bytes());
        }
        let data = self.script.bytes.get(segment.data.clone()).unwrap_or_default();
        self.path.ip(from, frame::TCP, 20 + len + data.len(), random, frame);
        let start = frame.len();
        frame.extend_from_slice(&self.ports[from as usize].to_be_bytes());
        frame.extend_from_slice(&self.ports[from.other() as usize].to_be_bytes());
        frame.extend_from_slice(&segment.seq.to_be_bytes());
        frame.extend_from_slice(&segment.ack.to_be_bytes());
        frame.extend_from_slice(&[((20 + len) << 2) as u8, segment.flags]);
        frame.extend_from_slice(&segment.window.to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(&options[..len]);
        frame.extend_from_slice(data);
        let sum = self.path.checksum(frame::TCP, &frame[start..]);
        frame[start + 16..start + 18].copy_from_slice(&sum.to_be_bytes());
        frame::pad(frame);
    }
}

impl Segment {
    fn new(from: Side) -> Segment {
        let window = match from {
            Side::Client => 0x2000,
            Side::Server => 0x1f5,
        };
        Segment { from, flags: ACK, seq: 0, ack: 0, window, data: 0..0, sack: None, wait: 0 }
    }
}
