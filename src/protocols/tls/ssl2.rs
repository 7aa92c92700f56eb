//! SSL 2.0: its records and its messages, which also TLS clients sent to be understood by old servers.
//!
//! The SSL Protocol, Hickman, 1995; RFC 5246, appendix E.2.
//!
//! ```text
//! +-+-+-------------+---------------+---------------+------------ … -+
//! |1|    length (15)                | type          | message        |
//! +-+-+-------------+---------------+---------------+------------ … -+
//! |0|E|  length (14)                | padding (8)   | type, message  |
//! +-+-+-------------+---------------+---------------+------------ … -+
//! ```

use super::hello::write_counted;
use super::names::{self, SSL2_CERTIFICATE_TYPES, SSL2_MESSAGES};
use super::session::State;
use super::vector::within;
use super::{Line, RECORD, Says, write_count};
use crate::dissect::{Entry, Group, Layer, LayerView, Names, Severity, Stop, fields};
use crate::text::Text;

fields! {
    VERSION = uint16("tls.record.version", "Version").hex().named(Names::Lookup(names::version)).generated();
    LENGTH = uint16("tls.record.length", "Length");
    IS_ESCAPE = boolean("tls.record.is_escape", "Is Escape");
    PADDING_LENGTH = uint8("tls.record.padding_length", "Padding Length");
    TYPE = uint8("tls.handshake.type", "Handshake Message Type").values(SSL2_MESSAGES);
    HELLO_VERSION = uint16("tls.handshake.version", "Version").hex().named(Names::Lookup(names::version));
    SPECS_LENGTH = uint16("tls.handshake.cipher_spec_len", "Cipher Spec Length");
    SPECS = heading("Cipher Specs").label(specs_line);
    SPEC = uint24("tls.handshake.cipherspec", "Cipher Spec").hex().named(Names::Lookup(names::cipher_kind));
    SESSION_ID_LENGTH = uint16("tls.handshake.session_id_length", "Session ID Length");
    SESSION_ID_LENGTH_ERROR = expert("tls.handshake.session_id_length.error", "Session ID length error",
        Severity::Error, Group::Malformed).label(session_id_message);
    SESSION_ID = bytes("tls.handshake.session_id", "Session ID").label(session_id_line);
    CHALLENGE_LENGTH = uint16("tls.handshake.challenge_length", "Challenge Length");
    CHALLENGE = none("tls.handshake.challenge", "Challenge");
    CLEAR_LENGTH = uint16("tls.handshake.clear_key_length", "Clear Key Data Length");
    CLEAR = none("tls.handshake.clear_key_data", "Clear Key Data");
    ENCRYPTED_LENGTH = uint16("tls.handshake.encrypted_key_length", "Encrypted Key Data Length");
    ENCRYPTED = none("tls.handshake.encrypted_key", "Encrypted Key");
    ARGUMENT_LENGTH = uint16("tls.handshake.key_arg_length", "Key Argument Length");
    ARGUMENT = none("tls.handshake.key_arg", "Key Argument");
    SESSION_ID_HIT = boolean("tls.handshake.session_id_hit", "Session ID Hit");
    CERTIFICATE_TYPE = uint8("tls.handshake.cert_type", "Certificate Type").values(SSL2_CERTIFICATE_TYPES);
    CERTIFICATE_LENGTH = uint16("tls.handshake.certificate_length", "Certificate Length");
    CERTIFICATE = bytes("tls.handshake.certificate", "Certificate");
    CONNECTION_ID_LENGTH = uint16("tls.handshake.connection_id_length", "Connection ID Length");
    CONNECTION_ID = none("tls.handshake.connection_id", "Connection ID");
}

/// The header of a record.
#[derive(Clone, Copy)]
pub(super) struct Header {
    /// Bytes of the header: 2, or 3 with the length of the padding.
    header_len: usize,
    len: usize,
    is_escape: bool,
}

impl Header {
    pub fn of(bytes: &[u8]) -> Option<Header> {
        let &[high, low, ..] = bytes else { return None };
        let word = usize::from(u16::from_be_bytes([high, low]));
        Some(match high & 0x80 {
            0 => Header { header_len: 3, len: word & 0x3fff, is_escape: high & 0x40 != 0 },
            _ => Header { header_len: 2, len: word & 0x7fff, is_escape: false },
        })
    }

    pub fn record_len(&self) -> usize {
        self.header_len + self.len
    }
}

/// Whether bytes begin as the first messages of SSL 2.0 do.
pub(super) fn looks_like_it(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80..=0xff, _, ERROR | CLIENT_HELLO | CLIENT_MASTER_KEY | SERVER_HELLO, ..])
}

/// The version that is in use after a message; 0 where it says nothing of it.
pub(super) fn version_after(header: Header, record: &[u8]) -> u16 {
    match record.get(header.header_len) {
        Some(&(CLIENT_MASTER_KEY | SERVER_HELLO)) => names::SSL2,
        _ => 0,
    }
}

/// Reads a record.
pub(super) fn record(l: &mut Layer, state: &mut State, header: Header) -> Result<(), Stop> {
    let bytes = l.remaining();
    let mut line = Line { version: names::SSL2, column: names::SSL2, says: Says::Ssl2Encrypted, kind: 0 };
    let open = l.open_with(&RECORD, line, header.record_len());
    state.version = state.version.max(version_after(header, bytes));
    l.part(&VERSION, names::SSL2, 0);
    l.part(&LENGTH, header.len as u64, 2);
    l.skip(2)?;
    if header.header_len == 3 {
        l.part(&IS_ESCAPE, header.is_escape, 1);
        l.u8(&PADDING_LENGTH)?;
    }
    let end = l.offset() + header.len;
    let outer = l.narrow(header.len);
    let message = l.remaining();
    if let (2, Some(kind)) = (header.header_len, readable(message)) {
        line = Line { says: Says::Ssl2, kind, ..line };
        l.set(&open, line.into());
        l.u8(&TYPE)?;
        match kind {
            CLIENT_HELLO => client_hello(l)?,
            CLIENT_MASTER_KEY => client_master_key(l)?,
            _ => server_hello(l)?,
        }
    }
    l.widen(outer);
    l.go_to(end)?;
    l.close(open);
    Ok(())
}

/// The type of a message that is not encrypted: its version or its lengths are right.
fn readable(message: &[u8]) -> Option<u8> {
    match *message {
        [CLIENT_HELLO, high, low, ..] => {
            let version = u16::from_be_bytes([high, low]);
            matches!(version, names::SSL2 | names::SSL3..=names::TLS13 | names::GMTLS).then_some(CLIENT_HELLO)
        }
        [CLIENT_MASTER_KEY, _, _, _, c0, c1, e0, e1, a0, a1, ..] => {
            let lens = [[c0, c1], [e0, e1], [a0, a1]].map(|len| usize::from(u16::from_be_bytes(len)));
            (lens.iter().sum::<usize>() + 10 == message.len()).then_some(CLIENT_MASTER_KEY)
        }
        [SERVER_HELLO, ..] => Some(SERVER_HELLO),
        _ => None,
    }
}

fn client_hello(l: &mut Layer) -> Result<(), Stop> {
    l.u16(&HELLO_VERSION)?;
    let specs = l.u16(&SPECS_LENGTH)?;
    let session_id = l.u16(&SESSION_ID_LENGTH)?;
    if session_id > 16 {
        l.expert_with(&SESSION_ID_LENGTH_ERROR, session_id);
    }
    let challenge = l.u16(&CHALLENGE_LENGTH)?;
    cipher_specs(l, specs.into())?;
    if session_id > 0 {
        l.bytes(&SESSION_ID, session_id.into())?;
    }
    if challenge > 0 {
        l.bytes(&CHALLENGE, challenge.into())?;
    }
    Ok(())
}

fn client_master_key(l: &mut Layer) -> Result<(), Stop> {
    l.u24(&SPEC)?;
    let clear = l.u16(&CLEAR_LENGTH)?;
    let encrypted = l.u16(&ENCRYPTED_LENGTH)?;
    let argument = l.u16(&ARGUMENT_LENGTH)?;
    for (len, field) in [(clear, &CLEAR), (encrypted, &ENCRYPTED), (argument, &ARGUMENT)] {
        if len > 0 {
            l.bytes(field, len.into())?;
        }
    }
    Ok(())
}

fn server_hello(l: &mut Layer) -> Result<(), Stop> {
    l.u8(&SESSION_ID_HIT)?;
    l.u8(&CERTIFICATE_TYPE)?;
    l.u16(&HELLO_VERSION)?;
    let certificate = l.u16(&CERTIFICATE_LENGTH)?;
    let specs = l.u16(&SPECS_LENGTH)?;
    let connection_id = l.u16(&CONNECTION_ID_LENGTH)?;
    if certificate > 0 {
        l.bytes(&CERTIFICATE, certificate.into())?;
    }
    cipher_specs(l, specs.into())?;
    if connection_id > 0 {
        l.bytes(&CONNECTION_ID, connection_id.into())?;
    }
    Ok(())
}

fn cipher_specs(l: &mut Layer, len: usize) -> Result<(), Stop> {
    l.peek(len)?;
    if len > 0 {
        let open = l.open_with(&SPECS, len as u64 / 3, len);
        within(l, len, |l| l.u24(&SPEC).map(drop))?;
        l.close(open);
    }
    Ok(())
}

pub(super) fn message_type(kind: u8) -> &'static str {
    TYPE.names.get(kind.into()).unwrap_or_default()
}

fn specs_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_counted(entry, [" spec)", " specs)"], text);
}

fn session_id_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_count(entry.field.title, entry.len, text);
}

fn session_id_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Session ID length (").dec(entry.number()).str(") must be less than 16.");
}

const ERROR: u8 = 0;
const CLIENT_HELLO: u8 = 1;
const CLIENT_MASTER_KEY: u8 = 2;
const SERVER_HELLO: u8 = 4;

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Dissected;
    use crate::protocols::tls::testing::Side::{Client, Server};
    use crate::protocols::tls::testing::{TLS12, record, server_hello, talk};

    fn old_record(message: &[u8]) -> Vec<u8> {
        [&(0x8000 | message.len() as u16).to_be_bytes()[..], message].concat()
    }

    fn client_hello(version: [u8; 2]) -> Vec<u8> {
        let lens = [0, 6, 0, 4, 0, 16];
        old_record(&[&[1][..], &version, &lens, &[1, 0, 0x80, 0, 0, 0x35], b"abcd", &[7; 16]].concat())
    }

    fn server_hello_2() -> Vec<u8> {
        old_record(&[&[4, 0, 1, 0, 2, 0, 0, 0, 3, 0, 16][..], &[1, 0, 0x80], &[7; 16]].concat())
    }

    fn client_master_key() -> Vec<u8> {
        old_record(&[&[2, 1, 0, 0x80, 0, 4, 0, 8, 0, 2][..], b"clea", b"encrypte", b"ka"].concat())
    }

    fn said(frames: &[Dissected]) -> Vec<(&str, &str)> {
        frames.iter().map(|frame| (frame.protocol.as_str(), frame.info.as_str())).collect()
    }

    #[test]
    fn a_connection() {
        let escape = [&[0x40, 16, 3][..], &[9; 16]].concat();
        let frames = talk(&[
            (Client, client_hello([0, 2])),
            (Server, server_hello_2()),
            (Client, client_master_key()),
            (Server, old_record(&[9; 33])),
            (Client, escape),
        ]);
        let expected = ["Client Hello", "Server Hello", "Client Master Key", "Encrypted Data", "Encrypted Data"]
            .map(|info| ("SSLv2", info));
        assert_eq!(said(&frames), expected);
        frames[0].shows(&[
            "SSLv2 Record Layer: Client Hello",
            "[Version: SSL 2.0 (0x0002)]",
            "Length: 35",
            "Handshake Message Type: Client Hello (1)",
            "Version: SSL 2.0 (0x0002)",
            "Cipher Spec Length: 6",
            "Session ID Length: 4",
            "Challenge Length: 16",
            "Cipher Specs (2 specs)",
            "Cipher Spec: SSL2_RC4_128_WITH_MD5 (0x010080)",
            "Cipher Spec: TLS_RSA_WITH_AES_256_CBC_SHA (0x000035)",
            "Session ID (4 bytes)",
            "Challenge",
        ]);
        frames[1].shows(&[
            "Session ID Hit: False",
            "Certificate Type: X.509 Certificate (1)",
            "Certificate Length: 0",
            "Cipher Specs (1 spec)",
            "Connection ID",
        ]);
        frames[2].shows(&["Clear Key Data Length: 4", "Clear Key Data", "Encrypted Key", "Key Argument"]);
    }

    /// What clients of later versions once began with.
    #[test]
    fn a_hello_that_later_versions_answer() {
        let answer = record(22, TLS12, &server_hello(TLS12, 0x35, &[]));
        let frames = talk(&[(Client, client_hello([3, 1])), (Server, answer)]);
        assert_eq!(said(&frames), [("SSLv2", "Client Hello"), ("TLSv1.2", "Server Hello")]);
    }

    #[test]
    fn what_is_no_message() {
        // Of a type, but not of a version, that is one; of no type.
        assert_eq!(said(&talk(&[(Client, client_hello([4, 0]))])), [("SSLv2", "Encrypted Data")]);
        assert_eq!(said(&talk(&[(Client, old_record(&[9; 30]))])), [("SSL", "Continuation Data")]);
        let long = old_record(&[&[1, 0, 2, 0, 3, 0, 100, 0, 16][..], &[0; 20]].concat());
        talk(&[(Client, long)])[0].shows(&[
            "[Expert Info (Error/Malformed): Session ID length (100) must be less than 16.]",
            "[Malformed Packet: TLS]",
        ]);
    }
}
