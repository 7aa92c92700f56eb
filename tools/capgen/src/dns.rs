//! DNS (RFC 1035): questions and answers, over UDP and TCP.

use crate::frame::{Path, Side};
use crate::random::Random;
use crate::tcp::{Script, Talk};
use crate::world::World;

/// Several questions over one connection.
pub struct OverTcp {
    left: u32,
}

impl OverTcp {
    pub fn new(random: &mut Random) -> OverTcp {
        OverTcp { left: random.between(1, 4) }
    }
}

impl Talk for OverTcp {
    fn next(&mut self, script: &mut Script, world: &World, random: &mut Random) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let (question, answer) = messages(world, random);
        for (side, message) in [(Side::Client, question), (Side::Server, answer)] {
            script.say(side, |out| {
                out.extend_from_slice(&(message.len() as u16).to_be_bytes());
                out.extend_from_slice(&message);
            });
        }
        true
    }
}

/// A question and its answer, which may be missing; the question may be asked twice.
pub fn over_udp(path: &Path, world: &World, random: &mut Random) -> Vec<Vec<u8>> {
    let ports = [world.port(random), 53];
    let (question, answer) = messages(world, random);
    let mut frames = vec![path.udp(Side::Client, ports, &question, random)];
    if random.percent(2) {
        frames.push(path.udp(Side::Client, ports, &question, random));
    }
    if !random.percent(1) {
        frames.push(path.udp(Side::Server, ports, &answer, random));
    }
    frames
}

const A: u16 = 1;
const CNAME: u16 = 5;
const SOA: u16 = 6;
const PTR: u16 = 12;
const MX: u16 = 15;
const TXT: u16 = 16;
const AAAA: u16 = 28;

/// Makes a question and the answer to it.
pub fn messages(world: &World, random: &mut Random) -> (Vec<u8>, Vec<u8>) {
    let server = world.server(random);
    let kind = [A, A, A, A, AAAA, AAAA, AAAA, MX, TXT, PTR][random.below(10) as usize];
    let name = match kind {
        PTR => {
            let [a, b, c, d] = World::v4(server);
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        _ => world.name(server),
    };
    let id = random.number() as u16;
    let missing = random.percent(6);
    let mut question = head(id, 0x0100, [1, 0, 0, 1]);
    ask(&mut question, &name, kind);
    // EDNS: the largest datagram that is welcome.
    question.extend_from_slice(&[0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0]);

    let records = match kind {
        A | AAAA if random.percent(30) => 2,
        A => random.between(1, 4) as u16,
        _ => 1,
    };
    let counts = if missing { [1, 0, 1, 0] } else { [1, records, 0, 0] };
    let mut answer = head(id, if missing { 0x8183 } else { 0x8180 }, counts);
    ask(&mut answer, &name, kind);
    // Where the name of the question is.
    const ASKED: [u8; 2] = [0xc0, 12];
    if missing {
        let mut soa = dotted("ns.example.com");
        soa.extend_from_slice(&dotted("hostmaster.example.com"));
        for number in [2_026_010_100, 7200, 3600, 1_209_600, 300_u32] {
            soa.extend_from_slice(&number.to_be_bytes());
        }
        record(&mut answer, &ASKED, SOA, 300, &soa);
        return (question, answer);
    }
    let target = dotted(&format!("edge{}.example.net", server % 50));
    let is_alias = records == 2 && kind != MX;
    if is_alias {
        record(&mut answer, &ASKED, CNAME, 600, &target);
    }
    let owner = if is_alias { target.as_slice() } else { &ASKED };
    for number in u32::from(is_alias)..u32::from(records) {
        match kind {
            A => record(&mut answer, owner, kind, 300, &World::v4(server + number)),
            AAAA => record(&mut answer, owner, kind, 300, &World::v6(server + number)),
            MX => record(&mut answer, owner, kind, 3600, &[&[0, 10], dotted("mail.example.com").as_slice()].concat()),
            TXT => record(&mut answer, owner, kind, 3600, b"\x0fv=spf1 mx -all "),
            _ => record(&mut answer, owner, kind, 3600, &dotted(&world.name(server))),
        }
    }
    (question, answer)
}

fn head(id: u16, flags: u16, counts: [u16; 4]) -> Vec<u8> {
    [[id, flags].as_slice(), &counts].concat().iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn ask(out: &mut Vec<u8>, name: &str, kind: u16) {
    out.extend_from_slice(&dotted(name));
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 1]);
}

fn record(out: &mut Vec<u8>, owner: &[u8], kind: u16, ttl: u32, data: &[u8]) {
    out.extend_from_slice(owner);
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 1]);
    out.extend_from_slice(&ttl.to_be_bytes());
    out.extend_from_slice(&(data.len() as u16).to_be_bytes());
    out.extend_from_slice(data);
}

/// A name in labels.
fn dotted(name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len() + 2);
    for label in name.split('.') {
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out
}
