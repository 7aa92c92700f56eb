//! What the tests of TLS share: records in, trees out.

use crate::protocols::testing::Dissected;
pub use crate::protocols::testing::{Side, segment, talk_to};

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

/// What each of some segments came to, at the port of HTTP over TLS.
pub fn talk(segments: &[(Side, Vec<u8>)]) -> Vec<Dissected> {
    talk_to(443, segments)
}
