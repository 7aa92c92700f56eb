//! What is remembered of a TLS connection: the version and the suite that were agreed, who changed its cipher when, and what is spoken
//! inside.
//!
//! Before each record the memory notes what is known so far, as a [`State`]; the dissection of the records that arrive together begins
//! with it and learns from them as the memory does.

use std::num::NonZeroU64;

use super::extensions::lists;
use super::names::{self, handshake};
use super::{CHANGE_CIPHER_SPEC, HANDSHAKE, HEADER_LEN, Header, ssl2};
use crate::dissect::{Kept, Talk, Told};

/// What the memory knows of a connection.
#[derive(Default)]
struct Session {
    state: State,
    /// The side that sent a Client Hello.
    client: Option<u8>,
    /// The frames in which each side changed its cipher first.
    changed: [Option<NonZeroU64>; 2],
}

/// What is known when a record comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// The version in use; 0 while nothing is known of it.
    pub version: u16,
    /// The cipher suite agreed; 0 while nothing is known of it.
    pub suite: u16,
    /// What is spoken inside, where it was agreed: see [`names::application`].
    pub application: u8,
    /// A Server Hello came, and no Server Hello Done after it.
    pub is_resuming: bool,
    /// The server sends this record.
    pub is_server: bool,
    /// Who sends this record changed its cipher in an earlier frame.
    pub is_encrypted: bool,
    /// The version that the record itself says.
    said: u16,
    /// What the packet list shows: the version that was known first, or became known by a record's own word or a Server Hello's.
    pub shown: u16,
}

/// Bytes of handshake messages, cut where one begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A whole message.
    Whole(usize),
    /// A message that does not end here.
    Begins(usize),
    /// Bytes of a message that began earlier and does not end here.
    GoesOn(usize),
    /// The end of a message that began earlier.
    Ends(usize),
}

/// How much of a connection the framing has to know.
pub(super) fn version(talk: &Talk) -> u16 {
    talk.memo.get::<Session>().map_or(0, |session| session.state.version)
}

/// Notes what is known before `records`, and learns from them.
pub(super) fn remember(talk: &mut Talk, records: &[u8]) {
    let side = talk.side & 1;
    let before = talk.before;
    let session = talk.memo.get_mut::<Session>();
    let state = &mut session.state;
    if let (0, Some(before)) = (state.application, before) {
        state.application = names::application_titled(before.field.title);
    }
    state.is_server = match session.client {
        Some(client) => usize::from(client) != side,
        None => names::port_application(talk.source_port).is_some(),
    };
    state.is_encrypted = session.changed[side].is_some_and(|frame| frame.get() < talk.frame);
    talk.told = state.told();
    let mut rest = records;
    while let Some(header) = Header::of(state.version, rest) {
        let Some(len) = header.record_len() else { break };
        let Some((own, behind)) = rest.split_at_checked(len) else {
            // Of what was not captured to its end, the header alone is read, unless the record goes on in other segments.
            let there = talk.wire_len.saturating_sub(records.len() - rest.len());
            let goes_on = there > 0 && len > there;
            if let (Header::Tls { kind, version, .. }, first @ Some(_), false) =
                (header, rest.get(HEADER_LEN).copied(), goes_on)
            {
                state.record(kind, version, first);
                if state.version == 0 && (kind, first) == (HANDSHAKE, Some(handshake::SERVER_HELLO)) {
                    state.version = state.said;
                }
            }
            break;
        };
        rest = behind;
        let (kind, version) = match header {
            Header::Tls { kind, version, .. } => (kind, version),
            Header::Ssl2(header) => {
                state.version = state.version.max(ssl2::version_after(header, own));
                continue;
            }
            Header::Unknown => break,
        };
        let fragment = own.get(HEADER_LEN..).unwrap_or_default();
        // In TLS 1.3 it changes nothing (RFC 8446, appendix D.4); whether this is that version is not asked again later.
        if kind == CHANGE_CIPHER_SPEC && !names::is_tls13(state.version) {
            session.changed[side] = session.changed[side].or(NonZeroU64::new(talk.frame));
        }
        state.record(kind, version, fragment.first().copied());
        if kind == HANDSHAKE
            && !state.hides_handshake(fragment, talk.kept.get().is_some())
            && remember_handshake(state, talk.kept, talk.frame, fragment)
        {
            session.client = Some(side as u8);
        }
    }
}

/// Learns from handshake messages; whether a Client Hello is among them.
fn remember_handshake(state: &mut State, kept: &mut Kept, frame: u64, fragment: &[u8]) -> bool {
    let mut rest = fragment;
    let mut is_client = false;
    let mut learn = |message: &[u8]| {
        state.message(message);
        is_client |= message.first() == Some(&handshake::CLIENT_HELLO);
    };
    while let Some(cut) = cut(kept, rest, rest.len()) {
        let (own, behind) = rest.split_at_checked(cut.len()).unwrap_or((rest, &[]));
        rest = behind;
        match cut {
            Cut::Whole(_) => learn(own),
            Cut::Begins(_) | Cut::GoesOn(_) => _ = kept.add(REASSEMBLED, frame, own),
            Cut::Ends(_) => {
                if kept.add(REASSEMBLED, frame, own)
                    && let Some(whole) = kept.get()
                {
                    learn(&whole.bytes);
                }
                kept.clear();
            }
        }
    }
    is_client
}

/// What the bytes of a message are called that were put together.
pub(super) const REASSEMBLED: &str = "Reassembled TLS Handshake";

/// Finds what the next bytes of a record are, of which there are `len`, perhaps not all captured: the header of a message says its
/// length.
pub(super) fn cut(kept: &Kept, rest: &[u8], len: usize) -> Option<Cut> {
    let begun = kept.get().map_or(&[] as &[u8], |kept| &kept.bytes);
    let mut header = [0; 4];
    let mut there = 0;
    for (place, byte) in header.iter_mut().zip(begun.iter().chain(rest)) {
        *place = *byte;
        there += 1;
    }
    let [_, a, b, c] = header;
    let needed = (there == header.len()).then(|| u32::from_be_bytes([0, a, b, c]) as usize + header.len());
    let is_whole = needed.filter(|needed| *needed <= begun.len() + len);
    match (len, is_whole) {
        (0, _) => None,
        (_, Some(needed)) if begun.is_empty() => Some(Cut::Whole(needed)),
        (_, None) if begun.is_empty() => Some(Cut::Begins(len)),
        (_, Some(needed)) => Some(Cut::Ends(needed.saturating_sub(begun.len()).max(1))),
        (_, None) => Some(Cut::GoesOn(len)),
    }
}

impl Cut {
    pub fn len(self) -> usize {
        match self {
            Cut::Whole(len) | Cut::Begins(len) | Cut::GoesOn(len) | Cut::Ends(len) => len,
        }
    }
}

impl State {
    const RESUMING: u64 = 1 << 40;
    const SERVER: u64 = 1 << 41;
    const ENCRYPTED: u64 = 1 << 42;

    fn told(&self) -> Told {
        let flag = |is_set: bool, flag: u64| if is_set { flag } else { 0 };
        let flags = flag(self.is_resuming, Self::RESUMING)
            | flag(self.is_server, Self::SERVER)
            | flag(self.is_encrypted, Self::ENCRYPTED);
        let words = u64::from(self.version) | u64::from(self.suite) << 16 | u64::from(self.application) << 32;
        [words | flags, 0, 0, 0, 0, 0, 0, 0]
    }

    pub fn of(told: Told) -> State {
        let words = told[0];
        State {
            version: words as u16,
            suite: (words >> 16) as u16,
            application: (words >> 32) as u8,
            is_resuming: words & Self::RESUMING != 0,
            is_server: words & Self::SERVER != 0,
            is_encrypted: words & Self::ENCRYPTED != 0,
            said: 0,
            shown: words as u16,
        }
    }

    /// Learns from the header of a record and the first byte of what it carries.
    pub fn record(&mut self, kind: u8, version: u16, first: Option<u8>) {
        self.said = if names::is_record_version(version) { version } else { 0 };
        let is_telling = match (kind, first) {
            // What a Client Hello says is an offer; a Server Hello says itself what is agreed.
            (HANDSHAKE, Some(handshake::CLIENT_HELLO | handshake::SERVER_HELLO)) => false,
            (HANDSHAKE, first) => first.is_some_and(|first| names::handshake_type(first.into()).is_some()),
            _ => true,
        };
        if self.version == 0 {
            self.version = if is_telling { self.said } else { 0 };
            self.shown = self.said;
        }
        if kind == CHANGE_CIPHER_SPEC && self.is_server {
            self.is_resuming = false;
        }
    }

    /// Whether what a handshake record carries cannot be read: who sends it changed its cipher, or it does not look like messages.
    pub fn hides_handshake(&self, fragment: &[u8], goes_on: bool) -> bool {
        const LEAST: usize = 16;
        if fragment.len() < LEAST {
            return false;
        }
        if self.is_encrypted {
            return true;
        }
        // A nonce that counts from zero is no row of Hello Requests.
        let looks_otherwise = match *fragment {
            [0, 0, 0, 0, 0, ..] => true,
            [kind, high, ..] => high != 0 || names::handshake_type(kind.into()).is_none(),
            _ => false,
        };
        looks_otherwise && !goes_on
    }

    /// Learns from a whole handshake message.
    pub fn message(&mut self, message: &[u8]) {
        let Some((&[kind, _, _, _], body)) = message.split_first_chunk() else { return };
        match kind {
            handshake::CLIENT_HELLO => self.client_hello(body),
            handshake::SERVER_HELLO => {
                self.server_hello(body);
                // A version that is none leaves that of the record.
                if self.version == 0 {
                    self.version = self.said;
                }
                self.shown = self.version;
            }
            handshake::ENCRYPTED_EXTENSIONS => self.protocols(lists::counted(body, 2).0),
            handshake::SERVER_HELLO_DONE => self.is_resuming = false,
            _ => {}
        }
    }

    fn client_hello(&mut self, body: &[u8]) {
        self.is_server = false;
        let rest = body.get(34..).unwrap_or_default();
        let rest = [1, 2, 1].into_iter().fold(rest, |rest, width| lists::counted(rest, width).1);
        let mut list = lists::extensions(lists::counted(rest, 2).0);
        // Data that comes before the server has said a word can be only that of TLS 1.3.
        if self.version == 0 && list.any(|row| row.0 == names::EARLY_DATA) {
            self.version = names::TLS13;
        }
    }

    fn server_hello(&mut self, body: &[u8]) {
        let Some((version, rest)) = lists::number(body) else { return };
        let mut rest = rest.get(32..).unwrap_or_default();
        if names::has_session_id(version) {
            rest = lists::counted(rest, 1).1;
        }
        if let Some((suite, behind)) = lists::number(rest) {
            self.suite = suite;
            rest = behind;
        }
        if names::has_session_id(version) {
            rest = rest.get(1..).unwrap_or_default();
        }
        let list = lists::counted(rest, 2).0;
        // TLS 1.3 calls itself 1.2, and says in an extension what it is.
        let own = lists::extensions(list).find(|row| row.0 == names::SUPPORTED_VERSIONS && version == names::TLS12);
        let agreed = own.and_then(|row| lists::number(row.1)).map_or(version, |row| row.0);
        if names::is_version(agreed) {
            self.version = agreed;
        }
        self.is_resuming = !names::is_tls13(agreed);
        self.protocols(list);
    }

    /// Learns what is spoken inside from a list of extensions.
    fn protocols(&mut self, list: &[u8]) {
        for (_, content) in lists::extensions(list).filter(|row| row.0 == names::ALPN) {
            self.agreed(lists::counted(content, 2).0);
        }
    }

    /// Learns what is spoken from now on: the last of the names that is known.
    fn agreed(&mut self, list: &[u8]) {
        let mut rest = list;
        while let Some((&len, behind)) = rest.split_first() {
            let Some((name, behind)) = behind.split_at_checked(len.into()) else { return };
            rest = behind;
            if let Some(application) = names::application_named(name) {
                self.application = application;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_was_known() {
        let state = State {
            version: 0x7f12,
            suite: 0xc02f,
            application: 7,
            is_resuming: true,
            is_server: true,
            is_encrypted: true,
            said: 0,
            shown: 0x7f12,
        };
        assert_eq!(State::of(state.told()), state);
        assert_eq!(State::of(Told::default()), State::default());
    }

    #[test]
    fn where_messages_begin_and_end() {
        let kept = |bytes: &[u8]| {
            let mut kept = Kept::default();
            if !bytes.is_empty() {
                kept.add(REASSEMBLED, 1, bytes);
            }
            kept
        };
        for (before, rest, expected) in [
            (&[][..], &[][..], None),
            (&[], &[14, 0, 0, 0], Some(Cut::Whole(4))),
            (&[], &[14, 0, 0, 1, 9, 14], Some(Cut::Whole(5))),
            (&[], &[14, 0, 0, 2, 9], Some(Cut::Begins(5))),
            (&[], &[14, 0], Some(Cut::Begins(2))),
            (&[14, 0, 0], &[2, 9], Some(Cut::GoesOn(2))),
            (&[14, 0, 0], &[2, 9, 9, 14], Some(Cut::Ends(3))),
            (&[14], &[0], Some(Cut::GoesOn(1))),
            (&[14, 0, 0], &[0], Some(Cut::Ends(1))),
        ] {
            assert_eq!(cut(&kept(before), rest, rest.len()), expected, "{before:?} {rest:?}");
        }
        // The rest of a message that was not captured counts too.
        assert_eq!(cut(&kept(&[]), &[14, 0, 0, 9], 13), Some(Cut::Whole(13)));
    }
}
