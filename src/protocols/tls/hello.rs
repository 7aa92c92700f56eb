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
