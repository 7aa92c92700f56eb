//! Handshake messages, and how records carry them: several in one, or one in several.
//!
//! ```text
//! +--------------+-------------------+--------------- … -+
//! | type         | length (3)        | body              |
//! +--------------+-------------------+--------------- … -+
//! ```

use std::sync::Arc;

use super::names::{self, KEY_UPDATES, handshake as kind};
use super::session::{Cut, REASSEMBLED, State, cut};
use super::vector::opaque;
use super::{ENCRYPTED_HANDSHAKE, Says, certificate, extensions, hello, key_exchange};
use crate::dissect::{Entry, Kept, Layer, LayerView, Names, Stop, fields, piece_line, pieces_line};
use crate::text::Text;

fields! {
    MESSAGE = none("tls.handshake", "Handshake Protocol").label(message_line).in_columns();
    TYPE = uint8("tls.handshake.type", "Handshake Type").named(Names::Lookup(names::handshake_type));
    LENGTH = uint24("tls.handshake.length", "Length");
    FRAGMENTS = none("tls.handshake.fragments", "Reassembled Handshake Fragments").generated().label(pieces_line);
    FRAGMENT = frame_number("tls.handshake.fragment", "Handshake Fragment").generated().label(piece_line);
    FRAGMENT_COUNT = uint32("tls.handshake.fragment.count", "Handshake Fragment count").generated();
    VERIFY_DATA = none("tls.handshake.verify_data", "Verify Data");
    MD5_HASH = none("tls.handshake.md5_hash", "MD5 Hash");
    SHA_HASH = none("tls.handshake.sha_hash", "SHA-1 Hash");
    KEY_UPDATE = uint8("tls.handshake.key_update.request_update", "Key Update Request").values(KEY_UPDATES);
    NPN_LENGTH = uint8("tls.handshake.npn_selected_protocol_len", "Selected Protocol Length");
    NPN_PROTOCOL = text("tls.handshake.npn_selected_protocol", "Selected Protocol");
    NPN_PADDING_LENGTH = uint8("tls.handshake.npn_padding_len", "Padding Length");
    NPN_PADDING = bytes("tls.handshake.npn_padding", "Padding");
}

/// What a handshake message's line says; kept with its type as the number of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Whole,
    HelloRetry,
    /// It does not end in its record, of which it is the first.
    FirstFragment,
    Fragment,
    LastFragment,
    Encrypted,
}

impl What {
    const ALL: [What; 6] =
        [What::Whole, What::HelloRetry, What::FirstFragment, What::Fragment, What::LastFragment, What::Encrypted];

    fn number(self, kind: u8) -> u64 {
        u64::from(kind) | (self as u64) << 8
    }

    fn of(entry: &Entry) -> (What, u8) {
        let number = entry.number();
        (What::ALL.get((number >> 8) as usize).copied().unwrap_or(What::Encrypted), number as u8)
    }
}

/// Tells the record what it carries: what its line says, the type of the message, and the version that is known now.
pub(super) type Tell<'t> = &'t mut dyn FnMut(&mut Layer, Says, u8, u16);

/// Reads what a handshake record carries, which goes on with what `kept` has of earlier ones.
pub(super) fn messages(l: &mut Layer, state: &mut State, kept: &mut Kept, tell: Tell) -> Result<(), Stop> {
    let fragment = l.remaining();
    if state.hides_handshake(fragment, kept.get().is_some()) {
        tell(l, Says::EncryptedHandshake, 0, state.shown);
        l.part(&MESSAGE, What::Encrypted.number(0), fragment.len());
        return l.skip(l.wire_remaining()).map(drop);
    }
    let frame = l.frame().number;
    let mut is_first = true;
    while let Some(cut) = cut(kept, l.remaining(), l.wire_remaining()) {
        let begun = kept.get().and_then(|kept| kept.bytes.first()).copied();
        let kind = begun.or(l.remaining().first().copied()).unwrap_or_default();
        let is_only = is_first && cut.len() == l.wire_remaining();
        let says = if is_first { Says::Handshake } else { Says::SeveralHandshakes };
        // Of a fragment that was cut in capture there is no line.
        if !matches!(cut, Cut::Whole(_)) {
            l.peek(cut.len())?;
        }
        match cut {
            Cut::Whole(len) if names::handshake_type(kind.into()).is_some() => whole(l, state, len, says, tell)?,
            // One of no known type is told where it comes first, and passed over elsewhere.
            Cut::Whole(len) => {
                if is_first {
                    tell(l, Says::EncryptedHandshake, kind, state.shown);
                    l.part(&MESSAGE, What::Encrypted.number(kind), len);
                } else {
                    tell(l, says, kind, state.shown);
                }
                l.skip(len)?;
            }
            Cut::Begins(len) => {
                let (says, what) = match is_first {
                    true => (Says::HandshakeFragment, What::FirstFragment),
                    false => (Says::SeveralHandshakes, What::Fragment),
                };
                tell(l, says, kind, state.shown);
                l.part(&MESSAGE, what.number(kind), len);
                kept.add(REASSEMBLED, frame, l.skip(len)?);
            }
            Cut::GoesOn(len) => {
                tell(l, Says::SeveralHandshakes, kind, state.shown);
                l.part(&MESSAGE, What::Fragment.number(kind), len);
                kept.add(REASSEMBLED, frame, l.skip(len)?);
            }
            Cut::Ends(len) => {
                l.part(&MESSAGE, What::LastFragment.number(kind), len);
                let is_whole = kept.add(REASSEMBLED, frame, l.skip(len)?);
                let buffer = kept.get().cloned();
                kept.clear();
                if let (true, Some(buffer)) = (is_whole, buffer) {
                    let says = if is_only { Says::Handshake } else { Says::SeveralHandshakes };
                    assembled(l, state, &buffer, says, tell)?;
                }
            }
        }
        is_first = false;
    }
    Ok(())
}

/// Reads a message that was put together.
fn assembled(
    l: &mut Layer,
    state: &mut State,
    buffer: &Arc<crate::dissect::Buffer>,
    says: Says,
    tell: Tell,
) -> Result<(), Stop> {
    l.within(buffer, |l| {
        let len = buffer.bytes.len();
        l.generated_at(&FRAGMENTS, buffer.pieces.len() as u64, 0, len);
        l.below(|l| {
            for piece in &buffer.pieces {
                l.generated_at(&FRAGMENT, piece.frame, piece.start as usize, piece.len as usize);
            }
            l.generated(&FRAGMENT_COUNT, buffer.pieces.len() as u64);
        });
        whole(l, state, len, says, tell)
    })
}

/// Reads a message of `len` bytes.
fn whole(l: &mut Layer, state: &mut State, len: usize, says: Says, tell: Tell) -> Result<(), Stop> {
    let message = l.remaining();
    let message = message.get(..len).unwrap_or(message);
    let kind = message.first().copied().unwrap_or_default();
    // What a Server Hello agrees to is known before it is shown.
    let before = *state;
    state.message(message);
    let known = if kind == kind::CLIENT_HELLO { &before } else { &*state };
    let is_retry = kind == kind::SERVER_HELLO && names::is_tls13(state.version) && hello::is_retry(message);
    let (what, says) = match (is_retry, says) {
        (true, Says::Handshake) => (What::HelloRetry, Says::HelloRetry),
        (true, says) => (What::HelloRetry, says),
        (false, says) => (What::Whole, says),
    };
    tell(l, says, kind, state.shown);
    let open = l.open_with(&MESSAGE, what.number(kind), len);
    let outer = l.narrow(len);
    let end = l.offset() + len;
    l.u8(&TYPE)?;
    l.u24(&LENGTH)?;
    match kind {
        kind::KEY_UPDATE => {}
        _ => body(l, known, kind)?,
    }
    l.close(open);
    if kind == kind::KEY_UPDATE {
        l.u8(&KEY_UPDATE)?;
    }
    l.widen(outer);
    l.go_to(end)
}

fn body(l: &mut Layer, state: &State, kind: u8) -> Result<(), Stop> {
    let is_tls13 = names::is_tls13(state.version);
    match kind {
        kind::CLIENT_HELLO => hello::client(l, state),
        kind::SERVER_HELLO => hello::server(l, state),
        kind::HELLO_RETRY_REQUEST => hello::retry(l),
        kind::NEW_SESSION_TICKET => hello::session_ticket(l, state),
        kind::ENCRYPTED_EXTENSIONS => extensions::list(l, extensions::From::EncryptedExtensions).map(drop),
        kind::CERTIFICATE => certificate::certificate(l, is_tls13),
        kind::CERTIFICATE_REQUEST => certificate::request(l, state),
        kind::CERTIFICATE_VERIFY => certificate::verify(l, state),
        kind::CERTIFICATE_STATUS => certificate::status(l),
        kind::CERTIFICATE_URL => certificate::url(l),
        kind::COMPRESSED_CERTIFICATE => certificate::compressed(l),
        kind::SERVER_KEY_EXCHANGE => key_exchange::server(l, state),
        kind::CLIENT_KEY_EXCHANGE => key_exchange::client(l, state),
        kind::FINISHED => finished(l, state),
        kind::NEXT_PROTOCOL => {
            opaque(l, &NPN_LENGTH, 1, (0, 255), &NPN_PROTOCOL)?;
            opaque(l, &NPN_PADDING_LENGTH, 1, (0, 255), &NPN_PADDING)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn finished(l: &mut Layer, state: &State) -> Result<(), Stop> {
    if state.version == names::SSL3 {
        l.bytes(&MD5_HASH, 16)?;
        l.bytes(&SHA_HASH, 20)?;
    } else {
        l.bytes(&VERIFY_DATA, l.wire_remaining())?;
    }
    Ok(())
}

/// Writes what the packet list says of a message.
pub(super) fn write_said(entry: &Entry, text: &mut Text) {
    let (what, kind) = What::of(entry);
    match what {
        What::Whole => _ = text.str(name(kind)),
        What::HelloRetry => _ = text.str(HELLO_RETRY),
        What::FirstFragment => _ = text.byte(b'[').str(name(kind)).str(" Fragment]"),
        What::Fragment | What::LastFragment => {}
        What::Encrypted => _ = text.str(ENCRYPTED_HANDSHAKE),
    }
}

fn message_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let (what, kind) = What::of(entry);
    text.str("Handshake Protocol: ");
    match what {
        What::Whole => text.str(name(kind)),
        What::HelloRetry => text.str(HELLO_RETRY),
        What::FirstFragment | What::Fragment => text.str(name(kind)).str(" (fragment)"),
        What::LastFragment => text.str(name(kind)).str(" (last fragment)"),
        What::Encrypted => text.str(ENCRYPTED_HANDSHAKE),
    };
}

/// The name of a type; what has none is taken for encrypted.
pub(super) fn name(kind: u8) -> &'static str {
    names::handshake_type(kind.into()).unwrap_or(ENCRYPTED_HANDSHAKE)
}

pub(super) const HELLO_RETRY: &str = "Hello Retry Request";

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Dissected;
    use crate::protocols::tls::testing::Side::{Client, Server};
    use crate::protocols::tls::testing::{
        TLS12, client_hello, extension, message, record, segment, server_hello, talk,
    };

    fn carried(fragments: &[&[u8]]) -> Vec<Dissected> {
        let hello = record(22, TLS12, &client_hello(&[]));
        let answer = record(22, TLS12, &server_hello(TLS12, 0xc02f, &[]));
        let mut segments = vec![(Client, hello), (Server, answer)];
        segments.extend(fragments.iter().map(|fragment| (Client, record(22, TLS12, fragment))));
        talk(&segments).split_off(2)
    }

    #[test]
    fn several_messages_in_a_record() {
        let done = message(14, &[]);
        let frames = carried(&[&[&done[..], &message(0, &[]), &done[..3]].concat()]);
        assert_eq!(frames[0].info, "Server Hello Done, Hello Request");
        frames[0].shows(&[
            "TLSv1.2 Record Layer: Handshake Protocol: Multiple Handshake Messages",
            "Handshake Protocol: Server Hello Done",
            "Handshake Type: Server Hello Done (14)",
            "Length: 0",
            "Handshake Protocol: Hello Request",
            "Handshake Protocol: Server Hello Done (fragment)",
        ]);
    }

    #[test]
    fn a_message_in_several_records() {
        let whole = message(14, &[7; 100]);
        let after = message(14, &[0xaa]);
        let frames = carried(&[&whole[..52], &whole[52..100], &[&whole[100..], &after].concat()]);
        let said: Vec<_> = frames.iter().map(|frame| frame.info.as_str()).collect();
        assert_eq!(said, ["[Server Hello Done Fragment]", "", "Server Hello Done, Server Hello Done"]);
        frames[0].shows(&[
            "TLSv1.2 Record Layer: Handshake Protocol: Server Hello Done (fragment)",
            "Handshake Protocol: Server Hello Done (fragment)",
        ]);
        frames[1].shows(&["TLSv1.2 Record Layer: Handshake Protocol: Multiple Handshake Messages"]);
        frames[2].shows(&[
            "TLSv1.2 Record Layer: Handshake Protocol: Multiple Handshake Messages",
            "Handshake Protocol: Server Hello Done (last fragment)",
            "[3 Reassembled Handshake Fragments (104 bytes): #3(52), #4(48), #5(4)]",
            "[Frame: 3, payload: 0-51 (52 bytes)]",
            "[Frame: 5, payload: 100-103 (4 bytes)]",
            "[Handshake Fragment count: 3]",
            "Handshake Protocol: Server Hello Done",
            "Length: 100",
            "Handshake Protocol: Server Hello Done",
            "Length: 1",
        ]);
        // Also in records of one segment, and where the header itself is cut.
        let records = [record(22, TLS12, &whole[..2]), record(22, TLS12, &whole[2..])].concat();
        let frames = talk(&[(Client, records)]);
        assert_eq!(frames[0].info, "[Server Hello Done Fragment], Server Hello Done");
        frames[0].shows(&["TLSv1.2 Record Layer: Handshake Protocol: Server Hello Done", "Length: 100"]);
    }

    /// tshark waits for the 16 MiB; what looks like no message once it was given up is looked at afresh.
    #[test]
    fn a_message_of_no_length_that_can_be_is_given_up() {
        let part = [0; 9000];
        let mut fragments: Vec<&[u8]> = vec![&[11, 0xff, 0xff, 0xff]];
        fragments.extend([&part[..]; 16]);
        let frames = carried(&fragments);
        assert_eq!(frames[0].info, "[Certificate Fragment]");
        assert!(frames[1..15].iter().all(|frame| frame.info.is_empty()));
        assert_eq!(frames[16].info, "Encrypted Handshake Message");
    }

    #[test]
    fn what_looks_encrypted_is() {
        let long = |begin: &[u8]| [begin, &[0xc0; 30]].concat();
        for (fragment, expected) in [
            (long(&[100, 0, 0, 4]), "Encrypted Handshake Message"),
            (long(&[20, 1, 0, 0]), "Encrypted Handshake Message"),
            (long(&[0, 0, 0, 0, 0]), "Encrypted Handshake Message"),
            (long(&[0, 0, 0, 0, 0xff]), "Hello Request"),
            (long(&[20, 0, 0, 12]), "Finished"),
            (long(&[20, 0, 1, 0]), "[Finished Fragment]"),
            // What is too short to have been encrypted is read.
            (vec![100, 0, 0, 2, 1, 2], "Encrypted Handshake Message"),
            (vec![20, 1, 0, 0, 7], "[Finished Fragment]"),
        ] {
            assert_eq!(carried(&[&fragment])[0].info, expected, "{fragment:?}");
        }
        // A type that is none is passed over where it is not the first.
        let odd = message(100, b"ab");
        let frames = carried(&[&[&odd[..], &message(14, &[])].concat(), &[&message(14, &[])[..], &odd].concat()]);
        assert_eq!(frames[0].info, "Encrypted Handshake Message, Server Hello Done");
        assert_eq!(frames[1].info, "Server Hello Done");
    }

    #[test]
    fn behind_a_change_of_ciphers_messages_are_encrypted() {
        let finished = record(22, TLS12, &message(20, b"verify data."));
        let change = record(20, TLS12, &[1]);
        let answer = |list: &[Vec<u8>]| record(22, TLS12, &server_hello(TLS12, 0xc02f, list));
        let said = |segments: &[_]| talk(segments).iter().map(|frame| frame.info.clone()).collect::<Vec<_>>();
        // Not yet in the frame that changes them, nor from the other side.
        let both = [change.clone(), finished.clone()].concat();
        let segments =
            [(Server, answer(&[])), (Client, both.clone()), (Client, finished.clone()), (Server, finished.clone())];
        assert_eq!(said(&segments)[1..], ["Change Cipher Spec, Finished", "Encrypted Handshake Message", "Finished"]);
        // In TLS 1.3 it changes nothing.
        let answer = answer(&[extension(43, &[3, 4])]);
        let segments = [(Server, answer.clone()), (Client, change.clone()), (Client, finished.clone())];
        assert_eq!(said(&segments)[1..], ["Change Cipher Spec", "Finished"]);
        // That it is this version is not known before somebody says so.
        let segments = [(Client, change), (Server, answer), (Client, finished)];
        assert_eq!(said(&segments)[2], "Encrypted Handshake Message");
    }

    #[test]
    fn small_messages() {
        for (kind, body, lines) in [
            (20, &b"verify data."[..], &["Handshake Protocol: Finished", "Verify Data"][..]),
            (24, &[1], &["Handshake Protocol: Key Update", "Key Update Request: update_requested (1)"]),
            (
                67,
                b"\x02h2\x03pad",
                &["Handshake Type: Encrypted Extensions (67)", "Selected Protocol: h2", "Padding: 706164"],
            ),
            (8, b"\0\x04\0\x16\0\0", &["Extensions Length: 4", "Extension: encrypt_then_mac (len=0)"]),
        ] {
            carried(&[&message(kind, body)])[0].shows(lines);
        }
        let hashes = [record(22, 0x0300, &server_hello(0x0300, 5, &[])), record(22, 0x0300, &message(20, &[1; 36]))];
        talk(&[(Server, hashes.concat())])[0].shows(&["Handshake Protocol: Finished", "MD5 Hash", "SHA-1 Hash"]);
    }

    /// Of a record that was not captured to its end the version is known, unless it goes on in the next segment: that tells what is
    /// said of bytes that are no record.
    #[test]
    fn records_that_were_not_captured_whole() {
        const HEADERS: usize = 54;
        let hello = record(22, TLS12, &server_hello(TLS12, 0xc02f, &[]));
        let data = record(23, TLS12, &[0xaa; 100]);
        let after = |first: &[u8], next: &[u8]| {
            let first = segment(Server, 443, 0, first).cut(HEADERS + 20);
            segment(Server, 443, 500, next).after(&[first], &mut crate::streams::Streams::new()).info
        };
        let other = *b"\x96\x95ABCDEFGHIJ";
        assert!(after(&hello, &other).ends_with("Ignored Unknown Record"));
        assert!(after(&data, &other).ends_with("Ignored Unknown Record"));
        let info = after(&data[..50], &other);
        assert!(info.ends_with("Continuation Data"), "{info}");
        assert!(after(&record(22, TLS12, &client_hello(&[])), &other).ends_with("Continuation Data"));
        // Text is nobody's, also where not all of it was captured.
        let text = segment(Server, 443, 0, b"some text").cut(HEADERS + 6);
        let text = text.after(&[], &mut crate::streams::Streams::new());
        assert_eq!((text.protocol.as_str(), text.stack.rsplit(':').next()), ("TCP", Some("data")));
    }
}
