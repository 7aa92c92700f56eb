//! Client Hello and Server Hello, what stands for them in drafts, and New Session Ticket.
//!
//! RFC 8446, section 4.1; RFC 5246, section 7.4.1; RFC 5077. Fingerprints are JA3 and JA3S as Salesforce published them in 2017: the
//! values of a hello in decimal, GREASE left out, and the MD5 of that.

use super::extensions::{self, From, lists};
use super::names;
use super::session::State;
use super::vector::{numbers, opaque, vector, within};
use crate::digest::md5;
use crate::dissect::{Entry, Layer, LayerView, Names, Stop, fields};
use crate::text::Text;

fields! {
    VERSION = uint16("tls.handshake.version", "Version").hex().named(Names::Lookup(names::version));
    RANDOM = bytes("tls.handshake.random", "Random").label(random_line);
    RANDOM_TIME = absolute_time("tls.handshake.random_time", "GMT Unix Time");
    RANDOM_BYTES = bytes("tls.handshake.random_bytes", "Random Bytes");
    SESSION_ID_LENGTH = uint16("tls.handshake.session_id_length", "Session ID Length");
    SESSION_ID = bytes("tls.handshake.session_id", "Session ID");
    SUITES_LENGTH = uint16("tls.handshake.cipher_suites_length", "Cipher Suites Length");
    SUITES = none("tls.handshake.ciphersuites", "Cipher Suites").label(suites_line);
    SUITE = uint16("tls.handshake.ciphersuite", "Cipher Suite").hex().named(Names::Lookup(names::cipher_suite));
    COMPRESSIONS_LENGTH = uint8("tls.handshake.comp_methods_length", "Compression Methods Length");
    COMPRESSION_METHODS = none("tls.handshake.comp_methods", "Compression Methods").label(compressions_line);
    COMPRESSION = uint8("tls.handshake.comp_method", "Compression Method").named(Names::Lookup(names::compression));
    JA3_FULL = text("tls.handshake.ja3_full", "JA3 Fullstring").generated();
    JA3 = text("tls.handshake.ja3", "JA3").generated();
    JA3S_FULL = text("tls.handshake.ja3s_full", "JA3S Fullstring").generated();
    JA3S = text("tls.handshake.ja3s", "JA3S").generated();
    TICKET = heading("TLS Session Ticket");
    TICKET_LIFETIME = uint32("tls.handshake.session_ticket_lifetime_hint", "Session Ticket Lifetime Hint")
        .label(lifetime_line);
    TICKET_AGE_ADD = uint32("tls.handshake.session_ticket_age_add", "Session Ticket Age Add");
    TICKET_NONCE_LENGTH = uint8("tls.handshake.session_ticket_nonce_length", "Session Ticket Nonce Length");
    TICKET_NONCE = bytes("tls.handshake.session_ticket_nonce", "Session Ticket Nonce");
    TICKET_LENGTH = uint16("tls.handshake.session_ticket_length", "Session Ticket Length");
    TICKET_BYTES = bytes("tls.handshake.session_ticket", "Session Ticket");
}

/// Reads a Client Hello.
pub(super) fn client(l: &mut Layer, state: &State) -> Result<(), Stop> {
    let hello = l.remaining();
    l.u16(&VERSION)?;
    random(l, !names::is_tls13(state.version))?;
    session_id(l)?;
    let Some(len) = vector(l, &SUITES_LENGTH, 2, (2, 0xfffe))? else { return Ok(()) };
    let open = l.open_with(&SUITES, len as u64 / 2, len);
    numbers(l, len, &SUITE)?;
    l.close(open);
    let Some(len) = vector(l, &COMPRESSIONS_LENGTH, 1, (1, 255))? else { return Ok(()) };
    let open = l.open_with(&COMPRESSION_METHODS, len as u64, len);
    within(l, len, |l| l.u8(&COMPRESSION).map(drop))?;
    l.close(open);
    let is_whole = l.wire_remaining() == 0 || extensions::list(l, From::ClientHello)?;
    l.written(&JA3_FULL, |text| ja3(hello, is_whole, text));
    l.written(&JA3, |text| hashed(text, |text| ja3(hello, is_whole, text)));
    Ok(())
}

/// Reads a Server Hello, or a Hello Retry Request that has its form.
pub(super) fn server(l: &mut Layer, state: &State) -> Result<(), Stop> {
    let hello = l.remaining();
    let version = l.u16(&VERSION)?;
    let is_retry = names::is_tls13(state.version) && l.peek(32)? == RETRY;
    random(l, !names::is_tls13(state.version))?;
    if names::has_session_id(version) {
        session_id(l)?;
    }
    l.u16(&SUITE)?;
    if names::has_session_id(version) {
        l.u8(&COMPRESSION)?;
    }
    if l.wire_remaining() > 0 {
        extensions::list(l, if is_retry { From::HelloRetryRequest } else { From::ServerHello })?;
    }
    l.written(&JA3S_FULL, |text| ja3s(hello, text));
    l.written(&JA3S, |text| hashed(text, |text| ja3s(hello, text)));
    Ok(())
}

/// Reads the Hello Retry Request of drafts.
pub(super) fn retry(l: &mut Layer) -> Result<(), Stop> {
    let version = l.u16(&VERSION)?;
    // The suite came with draft 19.
    if !matches!(version, 0x7f0e..=0x7f12) {
        l.u16(&SUITE)?;
    }
    extensions::list(l, From::HelloRetryRequest).map(drop)
}

/// Whether a Server Hello of TLS 1.3, with its header, is a Hello Retry Request.
pub(super) fn is_retry(message: &[u8]) -> bool {
    message.get(6..38) == Some(RETRY)
}

/// Reads a New Session Ticket.
pub(super) fn session_ticket(l: &mut Layer, state: &State) -> Result<(), Stop> {
    let is_tls13 = names::is_tls13(state.version);
    let open = l.open(&TICKET, l.wire_remaining());
    l.u32(&TICKET_LIFETIME)?;
    if is_tls13 {
        l.u32(&TICKET_AGE_ADD)?;
        // The nonce came with draft 21.
        if !matches!(state.version, 0x7f0e..0x7f15) && !opaque(l, &TICKET_NONCE_LENGTH, 1, (0, 255), &TICKET_NONCE)? {
            l.close(open);
            return Ok(());
        }
    }
    let min = if is_tls13 { 1 } else { 0 };
    if opaque(l, &TICKET_LENGTH, 2, (min, 0xffff), &TICKET_BYTES)? && is_tls13 {
        extensions::list(l, From::NewSessionTicket)?;
    }
    l.close(open);
    Ok(())
}

fn random(l: &mut Layer, has_time: bool) -> Result<(), Stop> {
    let random = l.peek(32)?;
    l.part(&RANDOM, 0u8, 32);
    if !has_time {
        return l.skip(32).map(drop);
    }
    let seconds = l.peek_u32()?;
    l.below(|l| {
        l.time(&RANDOM_TIME, seconds.into(), 0, 4)?;
        l.bytes(&RANDOM_BYTES, random.len() - 4).map(drop)
    })
}

fn session_id(l: &mut Layer) -> Result<(), Stop> {
    let len = l.uint(&SESSION_ID_LENGTH, 1)?;
    if len > 0 {
        l.bytes(&SESSION_ID, len as usize)?;
    }
    Ok(())
}

// ---- fingerprints

/// Writes the five lists of JA3: version, suites, extensions, groups, point formats; the last two only where the list of extensions
/// could be read to its end.
fn ja3(hello: &[u8], is_whole: bool, text: &mut Text) {
    let Some((version, rest)) = lists::number(hello) else { return };
    let rest = rest.get(32..).unwrap_or_default();
    let (_session_id, rest) = lists::counted(rest, 1);
    let (suites, rest) = lists::counted(rest, 2);
    let (_compressions, rest) = lists::counted(rest, 1);
    text.dec(version).byte(b',');
    write_numbers(suites, text);
    text.byte(b',');
    let list = lists::counted(rest, 2).0;
    write_extensions(list, text);
    if !is_whole {
        return;
    }
    text.byte(b',');
    write_numbers(lists::counted(find(list, extensions::SUPPORTED_GROUPS), 2).0, text);
    text.byte(b',');
    let formats = lists::counted(find(list, extensions::EC_POINT_FORMATS), 1).0;
    join(formats.iter().map(|format| u16::from(*format)), text);
}

/// Writes the three lists of JA3S: version, suite, extensions.
fn ja3s(hello: &[u8], text: &mut Text) {
    let Some((version, rest)) = lists::number(hello) else { return };
    let mut rest = rest.get(32..).unwrap_or_default();
    if names::has_session_id(version) {
        rest = lists::counted(rest, 1).1;
    }
    let Some((suite, mut rest)) = lists::number(rest) else { return };
    if names::has_session_id(version) {
        rest = rest.get(1..).unwrap_or_default();
    }
    text.dec(version).byte(b',').dec(suite).byte(b',');
    write_extensions(lists::counted(rest, 2).0, text);
}

fn write_extensions(list: &[u8], text: &mut Text) {
    join(lists::extensions(list).map(|(kind, _)| kind).filter(is_meant), text);
}

fn write_numbers(list: &[u8], text: &mut Text) {
    join(list.as_chunks().0.iter().map(|two| u16::from_be_bytes(*two)).filter(is_meant), text);
}

fn is_meant(value: &u16) -> bool {
    !names::is_grease((*value).into())
}

fn find(list: &[u8], kind: u16) -> &[u8] {
    lists::extensions(list).find(|row| row.0 == kind).map_or(&[], |row| row.1)
}

fn join(numbers: impl Iterator<Item = u16>, text: &mut Text) {
    let mut separator = "";
    for number in numbers {
        text.str(separator).dec(number);
        separator = "-";
    }
}

/// Writes the MD5 of what `write` writes.
fn hashed(text: &mut Text, write: impl FnOnce(&mut Text)) {
    let start = text.len();
    write(text);
    let digest = md5(text.as_bytes().get(start..).unwrap_or_default());
    text.truncate(start);
    text.hex_bytes(&digest, None);
}

// ---- lines

fn random_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let bytes = layer.view.bytes(entry);
    text.str("Random: ").hex_bytes(bytes, None);
    if bytes == RETRY && layer.children(entry).is_empty() {
        text.str(" (HelloRetryRequest magic)");
    }
}

fn suites_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_counted(entry, [" suite)", " suites)"], text);
}

fn compressions_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_counted(entry, [" method)", " methods)"], text);
}

/// Writes `Cipher Suites (18 suites)`: the title, and the number of the entry with its word.
pub(super) fn write_counted(entry: &Entry, [one, many]: [&str; 2], text: &mut Text) {
    let count = entry.number();
    text.str(entry.field.title).str(" (").dec(count).str(if count == 1 { one } else { many });
}

fn lifetime_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let seconds = entry.number();
    text.str(entry.field.title).str(": ").dec(seconds).str(if seconds == 1 { " second" } else { " seconds" });
    if seconds < 60 {
        return;
    }
    text.str(" (");
    let mut separator = "";
    for (count, word) in [
        (seconds / 86_400, "day"),
        (seconds / 3600 % 24, "hour"),
        (seconds / 60 % 60, "minute"),
        (seconds % 60, "second"),
    ] {
        if count > 0 {
            text.str(separator).dec(count).byte(b' ').str(word).str(if count == 1 { "" } else { "s" });
            separator = ", ";
        }
    }
    text.byte(b')');
}

/// "the special value of the SHA-256 of "HelloRetryRequest"" (RFC 8446, section 4.1.3).
const RETRY: &[u8] = b"\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\
    \xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::testing::Dissected;
    use crate::protocols::tls::testing::Side::{Client, Server};
    use crate::protocols::tls::testing::{TLS12, client_hello, extension, message, record, server_hello, talk};

    fn shown(message: &[u8]) -> Dissected {
        talk(&[(Client, record(22, TLS12, message))]).remove(0)
    }

    /// tshark 4.0 shows the same lines and the same fingerprints.
    #[test]
    fn a_client_hello() {
        let list = [
            extension(0x0a0a, &[]),
            extension(0, b"\0\x0c\0\0\x09a.example"),
            extension(10, &[0, 6, 0, 29, 0xaa, 0xaa, 0, 23]),
            extension(23, &[]),
            extension(11, &[2, 0, 1]),
            extension(35, &[]),
        ];
        shown(&client_hello(&list)).shows(&[
            "Handshake Protocol: Client Hello",
            "Handshake Type: Client Hello (1)",
            "Length: 94",
            "Version: TLS 1.2 (0x0303)",
            "Random: 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "GMT Unix Time: Jan  1, 1970 18:20:51.000000000 UTC",
            "Random Bytes: 0405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "Session ID Length: 0",
            "Cipher Suites Length: 4",
            "Cipher Suites (2 suites)",
            "Cipher Suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (0xc02f)",
            "Cipher Suite: TLS_RSA_WITH_AES_128_GCM_SHA256 (0x009c)",
            "Compression Methods Length: 1",
            "Compression Methods (1 method)",
            "Compression Method: null (0)",
            "Extensions Length: 49",
            "Extension: Reserved (GREASE) (len=0)",
            "Extension: server_name (len=14)",
            "[JA3 Fullstring: 771,49199-156,0-10-23-11-35,29-23,0-1]",
            "[JA3: e2871d5688c017ea3804ba1328f901b2]",
        ]);
    }

    #[test]
    fn fingerprints_of_hellos() {
        for (list, expected) in [
            (vec![], "771,49199-156,,,"),
            (vec![extension(0x0a0a, &[])], "771,49199-156,,,"),
            (vec![extension(11, &[1, 0])], "771,49199-156,11,,0"),
        ] {
            shown(&client_hello(&list)).shows(&[&format!("[JA3 Fullstring: {expected}]")]);
        }
        let answer = record(22, TLS12, &server_hello(TLS12, 0xc02f, &[extension(0x0a0a, &[]), extension(23, &[])]));
        talk(&[(Server, answer)])[0].shows(&["[JA3S Fullstring: 771,49199,23]"]);
    }

    #[test]
    fn what_lies_in_a_hello() {
        let version_and_random = [&[3, 3][..], &[0; 32]].concat();
        let hello = |rest: &[u8]| shown(&message(1, &[&version_and_random[..], rest].concat()));
        hello(b"\x20abc").shows(&["Session ID Length: 32", "[Malformed Packet: TLS]"]);
        let suites = hello(b"\0\0\x20\0\x2f");
        suites.shows(&["[Expert Info (Error/Malformed): Vector length 32 is too large, truncating it to 2]"]);
        suites.lacks("Cipher Suites (").lacks("JA3").lacks("Malformed Packet");
        hello(b"\0\0\x02\0\x2f").shows(&["No more room for vector of length 1"]).lacks("JA3");
        hello(b"\0\0\x03\0\x2f\0\x01\0").shows(&["Cipher Suites (1 suite)", "1 trailing byte was unprocessed"]);
        // The list of extensions says more than there is: what follows in the fingerprint is left out.
        hello(b"\0\0\x02\0\x2f\x01\0\0\x64\0\x17\0\0").shows(&["Extensions Length: 100", "[JA3 Fullstring: 771,47,]"]);
        hello(b"\0\0\x02\0\x2f\x01\0\0\x04\0\x17\0\x09").shows(&["Extensions Length: 4", "[Malformed Packet: TLS]"]);
        hello(b"\0\0\x02\0\x2f\x01\0\0\x06\0\x17\0\0\0\x16").shows(&["2 trailing bytes were unprocessed"]);
    }

    #[test]
    fn server_hellos_of_each_kind() {
        let shown = |message: &[u8]| talk(&[(Server, record(22, TLS12, message))]).remove(0);
        shown(&server_hello(TLS12, 0xc02f, &[])).shows(&[
            "Random: 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
            "GMT Unix Time: Jan 30, 1987 21:58:59.000000000 UTC",
            "Session ID Length: 0",
            "Cipher Suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (0xc02f)",
            "Compression Method: null (0)",
            "[JA3S Fullstring: 771,49199,]",
        ]);
        // What TLS 1.3 has there is no time.
        shown(&server_hello(TLS12, 0x1301, &[extension(43, &[3, 4])])).lacks("GMT Unix Time");
        // Drafts before 22 have neither a session id nor a compression method.
        let draft = message(2, &[&[0x7f, 0x12][..], &[7; 32], &[0x13, 0x01, 0, 0]].concat());
        shown(&draft).shows(&["Version: TLS 1.3 (draft 18) (0x7f12)", "Cipher Suite: TLS_AES_128_GCM_SHA256 (0x1301)"]);
        shown(&draft).lacks("Session ID Length").lacks("Compression Method");
        let body = [&[3, 3][..], RETRY, &[0, 0x13, 0x01, 0, 0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 23]].concat();
        let retry = shown(&message(2, &body));
        assert_eq!((&*retry.protocol, &*retry.info), ("TLSv1.3", "Hello Retry Request"));
        retry.shows(&[
            "TLSv1.2 Record Layer: Handshake Protocol: Hello Retry Request",
            "Handshake Type: Server Hello (2)",
            "Random: cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c (HelloRetryRequest magic)",
            "Selected Group: secp256r1 (23)",
        ]);
        let retry = shown(&message(6, b"\x7f\x13\x13\x01\0\x06\0\x33\0\x02\0\x17"));
        retry.shows(&["Handshake Type: Hello Retry Request (6)", "Selected Group: secp256r1 (23)"]);
    }

    #[test]
    fn tickets() {
        let ticket = |lifetime: u32| message(4, &[&lifetime.to_be_bytes()[..], b"\0\x02ab"].concat());
        for (lifetime, expected) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "60 seconds (1 minute)"),
            (300, "300 seconds (5 minutes)"),
            (86_405, "86405 seconds (1 day, 5 seconds)"),
            (180_000, "180000 seconds (2 days, 2 hours)"),
        ] {
            shown(&ticket(lifetime)).shows(&[
                "TLS Session Ticket",
                &format!("Session Ticket Lifetime Hint: {expected}"),
                "Session Ticket Length: 2",
                "Session Ticket: 6162",
            ]);
        }
        let tls13 = record(22, TLS12, &server_hello(TLS12, 0x1301, &[extension(43, &[3, 4])]));
        let body = b"\0\0\0\x3c\0\0\0\x07\x01\x09\0\x02ab\0\x08\0\x2a\0\x04\0\0\x40\0";
        talk(&[(Server, tls13), (Server, record(22, TLS12, &message(4, body)))])[1].shows(&[
            "Session Ticket Age Add: 7",
            "Session Ticket Nonce Length: 1",
            "Session Ticket Nonce: 09",
            "Session Ticket: 6162",
            "Extension: early_data (len=4)",
            "Maximum Early Data Size: 16384",
        ]);
    }
}
