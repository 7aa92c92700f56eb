//! TLS 1.2 (RFC 5246) and 1.3 (RFC 8446): hellos that name the server, a certificate (RFC 5280), and records that nobody can read.

use crate::frame::Side;
use crate::random::Random;
use crate::tcp::{Script, Talk};
use crate::world::{Server, World};

pub struct Tls {
    server: Server,
    is_13: bool,
    greeted: bool,
    left: u32,
    /// Answers are of less than two to this power.
    most: u32,
}

impl Tls {
    pub fn new(server: Server, most: u32, random: &mut Random) -> Tls {
        Tls { server, is_13: random.percent(60), greeted: false, left: random.between(1, 6), most }
    }
}

impl Talk for Tls {
    fn next(&mut self, script: &mut Script, world: &World, random: &mut Random) -> bool {
        if !self.greeted {
            self.greeted = true;
            self.greet(script, world, random);
            return true;
        }
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        script.say(Side::Client, |out| sealed(out, random.length(5, 10), world, random));
        script.say(Side::Server, |out| sealed(out, random.length(6, self.most), world, random));
        true
    }
}

impl Tls {
    fn greet(&self, script: &mut Script, world: &World, random: &mut Random) {
        let name = world.name(self.server);
        let session = if self.is_13 { random.bytes::<32>().to_vec() } else { Vec::new() };
        script.say(Side::Client, |out| record(out, 22, 0x0301, &client_hello(&name, self.is_13, &session, random)));
        if self.is_13 {
            script.say(Side::Server, |out| {
                let mut extensions = Vec::new();
                extension(&mut extensions, 43, &[3, 4]);
                extension(&mut extensions, 51, &key_share(random));
                record(out, 22, 0x0303, &server_hello(0x1301, &session, &extensions, random));
                record(out, 20, 0x0303, &[1]);
                // The encrypted extensions, the certificate and what is signed, and the end.
                for len in [32, random.length(10, 12), 281, 53] {
                    sealed(out, len, world, random);
                }
            });
            script.say(Side::Client, |out| {
                record(out, 20, 0x0303, &[1]);
                sealed(out, 53, world, random);
            });
            return;
        }
        script.say(Side::Server, |out| {
            let mut extensions = Vec::new();
            extension(&mut extensions, 0xff01, &[0]);
            extension(&mut extensions, 11, &[1, 0]);
            record(out, 22, 0x0303, &server_hello(0xc02f, &random.bytes::<32>(), &extensions, random));
            let certificate = certificate(&name, world, random);
            let chain = sized24(&sized24(&certificate));
            record(out, 22, 0x0303, &handshake(11, &chain));
            // A point on secp256r1, and its signature by RSA.
            let mut exchange = vec![3, 0, 23, 65, 4];
            exchange.extend_from_slice(&random.bytes::<64>());
            exchange.extend_from_slice(&[4, 1, 1, 0]);
            exchange.extend_from_slice(world.cut(&world.noise, 256, random));
            record(out, 22, 0x0303, &handshake(12, &exchange));
            record(out, 22, 0x0303, &handshake(14, &[]));
        });
        script.say(Side::Client, |out| {
            let mut point = vec![65, 4];
            point.extend_from_slice(&random.bytes::<64>());
            record(out, 22, 0x0303, &handshake(16, &point));
            record(out, 20, 0x0303, &[1]);
            record(out, 22, 0x0303, &finished(random));
        });
        script.say(Side::Server, |out| {
            record(out, 20, 0x0303, &[1]);
            record(out, 22, 0x0303, &finished(random));
        });
    }
}

/// A message of a handshake, under a key: its nonce begins with zeros, as the first of a connection does.
fn finished(random: &mut Random) -> [u8; 40] {
    let mut bytes = random.bytes();
    bytes[..8].fill(0);
    bytes
}

/// Application data: records of at most 2^14 bytes.
fn sealed(out: &mut Vec<u8>, mut len: usize, world: &World, random: &mut Random) {
    while len > 0 {
        let most = len.min(16_384);
        record(out, 23, 0x0303, world.cut(&world.noise, most, random));
        len -= most;
    }
}

fn record(out: &mut Vec<u8>, kind: u8, version: u16, body: &[u8]) {
    out.push(kind);
    out.extend_from_slice(&version.to_be_bytes());
    out.extend_from_slice(&sized16(body));
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], sized24(body).as_slice()].concat()
}

fn extension(out: &mut Vec<u8>, kind: u16, body: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&sized16(body));
}

/// A share of x25519.
fn key_share(random: &mut Random) -> Vec<u8> {
    [&[0, 29, 0, 32], random.bytes::<32>().as_slice()].concat()
}

fn client_hello(name: &str, is_13: bool, session: &[u8], random: &mut Random) -> Vec<u8> {
    let mut suites = vec![0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8];
    let mut extensions = Vec::new();
    extension(&mut extensions, 0, &sized16(&[&[0], sized16(name.as_bytes()).as_slice()].concat()));
    extension(&mut extensions, 23, &[]);
    extension(&mut extensions, 10, &sized16(&[0, 29, 0, 23, 0, 24]));
    extension(&mut extensions, 11, &[1, 0]);
    extension(&mut extensions, 16, &sized16(b"\x02h2\x08http/1.1"));
    extension(&mut extensions, 13, &sized16(&[4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1]));
    if is_13 {
        suites.splice(..0, [0x13, 0x01, 0x13, 0x02, 0x13, 0x03]);
        extension(&mut extensions, 43, &[4, 3, 4, 3, 3]);
        extension(&mut extensions, 45, &[1, 1]);
        extension(&mut extensions, 51, &sized16(&key_share(random)));
    }
    let mut hello = vec![3, 3];
    hello.extend_from_slice(&random.bytes::<32>());
    hello.extend_from_slice(&sized8(session));
    hello.extend_from_slice(&sized16(&suites));
    hello.extend_from_slice(&[1, 0]);
    hello.extend_from_slice(&sized16(&extensions));
    handshake(1, &hello)
}

fn server_hello(suite: u16, session: &[u8], extensions: &[u8], random: &mut Random) -> Vec<u8> {
    let mut hello = vec![3, 3];
    hello.extend_from_slice(&random.bytes::<32>());
    hello.extend_from_slice(&sized8(session));
    hello.extend_from_slice(&suite.to_be_bytes());
    hello.push(0);
    hello.extend_from_slice(&sized16(extensions));
    handshake(2, &hello)
}

/// A certificate of an RSA key for `name`; key and signature are noise.
fn certificate(name: &str, world: &World, random: &mut Random) -> Vec<u8> {
    const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    let algorithm = |oid| der(0x30, &[der(0x06, oid), der(0x05, &[])].concat());
    let called = |name: &str| {
        let pair = der(0x30, &[der(0x06, COMMON_NAME), der(0x0c, name.as_bytes())].concat());
        der(0x30, &der(0x31, &pair))
    };
    // Numbers: a leading zero keeps them positive.
    let number = |bytes: &[u8]| der(0x02, &[&[0], bytes].concat());
    let bits = |bytes: &[u8]| der(0x03, &[&[0], bytes].concat());
    let modulus: Vec<u8> = world
        .cut(&world.noise, 256, random)
        .iter()
        .enumerate()
        .map(|(at, b)| if at == 0 { b | 0x80 } else { *b })
        .collect();
    let key = der(0x30, &[number(&modulus), der(0x02, &[1, 0, 1])].concat());
    let valid = der(0x30, &[der(0x17, b"260101000000Z"), der(0x17, b"270101000000Z")].concat());
    let names = der(0x30, &der(0x82, name.as_bytes()));
    let extension = der(0x30, &[der(0x06, ALTERNATIVE_NAME), der(0x04, &names)].concat());
    let serial: [u8; 16] = random.bytes();
    let signed = [
        der(0xa0, &der(0x02, &[2])),
        number(&[&[0x80], serial.as_slice()].concat()),
        algorithm(SHA256_WITH_RSA),
        called("Example CA"),
        valid,
        called(name),
        der(0x30, &[algorithm(RSA), bits(&key)].concat()),
        der(0xa3, &der(0x30, &extension)),
    ];
    let signature = bits(world.cut(&world.noise, 256, random));
    der(0x30, &[der(0x30, &signed.concat()), algorithm(SHA256_WITH_RSA), signature].concat())
}

/// A value in the distinguished encoding of X.690.
fn der(tag: u8, body: &[u8]) -> Vec<u8> {
    let [upper, lower] = (body.len() as u16).to_be_bytes();
    let head = match body.len() {
        0..0x80 => vec![tag, lower],
        0x80..0x100 => vec![tag, 0x81, lower],
        _ => vec![tag, 0x82, upper, lower],
    };
    [head.as_slice(), body].concat()
}

fn sized8(body: &[u8]) -> Vec<u8> {
    [&[body.len() as u8], body].concat()
}

fn sized16(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u16).to_be_bytes(), body].concat()
}

fn sized24(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[1..], body].concat()
}
