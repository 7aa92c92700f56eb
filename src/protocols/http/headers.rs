//! Headers that have a field of their own, and what stands in their values.
//!
//! RFC 9110, RFC 6265 (cookies), RFC 6455 (WebSocket), RFC 7540 (HTTP2-Settings), RFC 7617 (basic credentials).

use std::ops::Range;

use super::head::{self, Header, Line};
use super::{ascii_text, raw_line};
use crate::dissect::{Field, Group, Layer, Severity, fields};

fields! {
    AUTHORIZATION = text("http.authorization", "Authorization").label(raw_line);
    PROXY_AUTHENTICATE = text("http.proxy_authenticate", "Proxy-Authenticate").label(raw_line);
    PROXY_AUTHORIZATION = text("http.proxy_authorization", "Proxy-Authorization").label(raw_line);
    WWW_AUTHENTICATE = text("http.www_authenticate", "WWW-Authenticate").label(raw_line);
    CONTENT_TYPE = text("http.content_type", "Content-Type").label(raw_line);
    CONTENT_LENGTH_HEADER = text("http.content_length_header", "Content-Length").label(raw_line);
    CONTENT_LENGTH = uint64("http.content_length", "Content length").generated();
    CONTENT_ENCODING = text("http.content_encoding", "Content-Encoding").label(raw_line);
    TRANSFER_ENCODING = text("http.transfer_encoding", "Transfer-Encoding").label(raw_line);
    UPGRADE = text("http.upgrade", "Upgrade").label(raw_line);
    USER_AGENT = text("http.user_agent", "User-Agent").label(raw_line);
    HOST = text("http.host", "Host").label(raw_line);
    CONNECTION = text("http.connection", "Connection").label(raw_line);
    COOKIE = text("http.cookie", "Cookie").label(raw_line);
    COOKIE_PAIR = text("http.cookie_pair", "Cookie pair");
    ACCEPT = text("http.accept", "Accept").label(raw_line);
    REFERER = text("http.referer", "Referer").label(raw_line);
    ACCEPT_LANGUAGE = text("http.accept_language", "Accept-Language").label(raw_line);
    ACCEPT_ENCODING = text("http.accept_encoding", "Accept Encoding").label(raw_line);
    DATE = text("http.date", "Date").label(raw_line);
    CACHE_CONTROL = text("http.cache_control", "Cache-Control").label(raw_line);
    SERVER = text("http.server", "Server").label(raw_line);
    LOCATION = text("http.location", "Location").label(raw_line);
    SEC_WEBSOCKET_ACCEPT = text("http.sec_websocket_accept", "Sec-WebSocket-Accept").label(raw_line);
    SEC_WEBSOCKET_EXTENSIONS = text("http.sec_websocket_extensions", "Sec-WebSocket-Extensions").label(raw_line);
    SEC_WEBSOCKET_KEY = text("http.sec_websocket_key", "Sec-WebSocket-Key").label(raw_line);
    SEC_WEBSOCKET_PROTOCOL = text("http.sec_websocket_protocol", "Sec-WebSocket-Protocol").label(raw_line);
    SEC_WEBSOCKET_VERSION = text("http.sec_websocket_version", "Sec-WebSocket-Version").label(raw_line);
    SET_COOKIE = text("http.set_cookie", "Set-Cookie").label(raw_line);
    LAST_MODIFIED = text("http.last_modified", "Last-Modified").label(raw_line);
    X_FORWARDED_FOR = text("http.x_forwarded_for", "X-Forwarded-For").label(raw_line);
    HTTP2_SETTINGS = text("http.http2_settings", "HTTP2-Settings").label(raw_line);
    AUTHBASIC = text("http.authbasic", "Credentials");
    AUTHCITRIX = boolean("http.authcitrix", "Citrix AG Auth").hidden();
    AUTHCITRIX_USER = text("http.authcitrix.user", "Citrix AG Username").generated();
    AUTHCITRIX_DOMAIN = text("http.authcitrix.domain", "Citrix AG Domain").generated();
    AUTHCITRIX_PASSWORD = text("http.authcitrix.password", "Citrix AG Password").generated();
    AUTHCITRIX_SESSION = text("http.authcitrix.session", "Citrix AG Session ID").generated();
    TE_UNKNOWN = expert("http.te_unknown", "Unknown transfer coding name in Transfer-Encoding header", Severity::Warning,
        Group::Undecoded);
    TE_AND_LENGTH = expert("http.te_and_length",
        "The Content-Length and Transfer-Encoding header must not be set together", Severity::Warning, Group::Malformed);
}

/// The field of a header, by its name in upper or lower case.
pub(super) fn field_of(name: &[u8]) -> Option<&'static Field> {
    let row = |word: &str, field: &'static Field| name.eq_ignore_ascii_case(word.as_bytes()).then_some(field);
    match name.len() {
        4 => row("Host", &HOST).or_else(|| row("Date", &DATE)),
        6 => row("Accept", &ACCEPT).or_else(|| row("Cookie", &COOKIE)).or_else(|| row("Server", &SERVER)),
        7 => row("Referer", &REFERER).or_else(|| row("Upgrade", &UPGRADE)),
        8 => row("Location", &LOCATION),
        10 => row("Connection", &CONNECTION)
            .or_else(|| row("User-Agent", &USER_AGENT))
            .or_else(|| row("Set-Cookie", &SET_COOKIE)),
        12 => row("Content-Type", &CONTENT_TYPE),
        13 => row("Cache-Control", &CACHE_CONTROL)
            .or_else(|| row("Last-Modified", &LAST_MODIFIED))
            .or_else(|| row("Authorization", &AUTHORIZATION)),
        14 => row("Content-Length", &CONTENT_LENGTH_HEADER).or_else(|| row("HTTP2-Settings", &HTTP2_SETTINGS)),
        15 => row("Accept-Encoding", &ACCEPT_ENCODING)
            .or_else(|| row("Accept-Language", &ACCEPT_LANGUAGE))
            .or_else(|| row("X-Forwarded-For", &X_FORWARDED_FOR)),
        16 => row("Content-Encoding", &CONTENT_ENCODING).or_else(|| row("WWW-Authenticate", &WWW_AUTHENTICATE)),
        17 => row("Transfer-Encoding", &TRANSFER_ENCODING).or_else(|| row("Sec-WebSocket-Key", &SEC_WEBSOCKET_KEY)),
        18 => row("Proxy-Authenticate", &PROXY_AUTHENTICATE),
        19 => row("Proxy-Authorization", &PROXY_AUTHORIZATION),
        20 => row("Sec-WebSocket-Accept", &SEC_WEBSOCKET_ACCEPT),
        21 => row("Sec-WebSocket-Version", &SEC_WEBSOCKET_VERSION),
        22 => row("Sec-WebSocket-Protocol", &SEC_WEBSOCKET_PROTOCOL),
        24 => row("Sec-WebSocket-Extensions", &SEC_WEBSOCKET_EXTENSIONS),
        _ => None,
    }
}

/// What the headers of a message say of its body.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub content_type: Option<Range<usize>>,
    pub content_encoding: Option<Range<usize>>,
    /// The body comes in chunks.
    pub is_chunked: bool,
    /// The body is compressed by a transfer coding.
    pub is_compressed: bool,
    pub host: Option<Range<usize>>,
    has_length: bool,
    has_coding: bool,
}

impl Body {
    /// Records a header that has a field, and what stands in its value; keeps what the body needs.
    pub(super) fn header(&mut self, l: &mut Layer, field: &'static Field, line: Line, header: &Header) {
        let bytes = l.all();
        let value = bytes.get(header.value.clone()).unwrap_or_default();
        let cover = line.start..line.next;
        ascii_text(l, field, cover.clone(), header.value.clone());
        l.below(|l| match () {
            () if field.is(&HOST) => self.host = Some(header.value.clone()),
            () if field.is(&CONTENT_TYPE) => self.content_type = Some(header.value.clone()),
            () if field.is(&CONTENT_ENCODING) => self.content_encoding = Some(header.value.clone()),
            () if field.is(&CONTENT_LENGTH_HEADER) => {
                self.has_length = true;
                if let Some(length) = head::content_length(value).filter(|&length| length < u64::MAX) {
                    l.generated_at(&CONTENT_LENGTH, length, cover.start, cover.len());
                }
                self.both(l);
            }
            () if field.is(&TRANSFER_ENCODING) => {
                self.has_coding = true;
                self.is_chunked |= head::is_chunked(value);
                let mut codings = value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
                self.is_compressed |= is_compression(value);
                let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
                if codings.any(|coding| !is_compression(coding) && !is_chunked(coding) && !is_identity(coding)) {
                    l.expert_here(&TE_UNKNOWN);
                }
                self.both(l);
            }
            () if field.is(&COOKIE) => cookies(l, bytes, header.value.clone()),
            () if field.is(&AUTHORIZATION) || field.is(&PROXY_AUTHORIZATION) => credentials(l, value, cover),
            () => {}
        });
    }

    /// Says that a length does not go with a transfer coding.
    fn both(&self, l: &mut Layer) {
        if self.has_length && self.has_coding {
            l.expert_here(&TE_AND_LENGTH);
        }
    }
}

/// Whether one of these transfer codings compresses.
pub(super) fn is_compression(codings: &[u8]) -> bool {
    let is_one = |coding: &[u8]| COMPRESSIONS.iter().any(|word| coding.eq_ignore_ascii_case(word.as_bytes()));
    codings.split(|&byte| byte == b',').any(|coding| is_one(coding.trim_ascii()))
}

/// Whether a content coding leaves the body as it is.
pub(super) fn is_identity(coding: &[u8]) -> bool {
    let coding = coding.trim_ascii();
    coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
}

/// RFC 9112, section 7.2.
const COMPRESSIONS: &[&str] = &["gzip", "x-gzip", "deflate", "compress", "x-compress"];

/// Records the pairs of a Cookie header: `a=b; c=d`.
fn cookies(l: &mut Layer, bytes: &[u8], value: Range<usize>) {
    let mut start = value.start;
    for pair in bytes.get(value).unwrap_or_default().split(|&byte| byte == b';') {
        let end = start + pair.len();
        let blank = pair.len() - pair.trim_ascii_start().len();
        if blank < pair.len() {
            ascii_text(l, &COOKIE_PAIR, start + blank..end, start + blank..end);
        }
        start = end + 1;
    }
}

/// Records what credentials say in base 64: user and password of basic ones, and those of the Citrix Access Gateway.
fn credentials(l: &mut Layer, value: &[u8], cover: Range<usize>) {
    let cover = l.place(cover);
    let decoded = |l: &mut Layer, field, encoded: &[u8]| {
        l.instead(field, cover, |text| base64(encoded).for_each(|byte| _ = text.byte(byte)));
    };
    if let Some(encoded) = value.strip_prefix(b"Basic ") {
        decoded(l, &AUTHBASIC, encoded.trim_ascii());
    }
    let Some(mut rest) = value.strip_prefix(b"CitrixAGBasic ") else { return };
    l.generated(&AUTHCITRIX, 1u64);
    for (word, field) in [
        ("username=\"", &AUTHCITRIX_USER),
        ("; domain=\"", &AUTHCITRIX_DOMAIN),
        ("; password=\"", &AUTHCITRIX_PASSWORD),
        ("; AGESessionId=\"", &AUTHCITRIX_SESSION),
    ] {
        let Some(quoted) = rest.strip_prefix(word.as_bytes()) else { return };
        let Some(end) = memchr::memchr(b'"', quoted) else { return };
        decoded(l, field, &quoted[..end]);
        rest = &quoted[end + 1..];
    }
}

/// The bytes that a text in base 64 says, as far as it is one (RFC 4648, section 4).
fn base64(text: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |byte: &u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bits, mut count) = (0u32, 0);
    text.iter().map_while(digit).filter_map(move |digit| {
        (bits, count) = (bits << 6 | u32::from(digit), count + 6);
        if count < 8 {
            return None;
        }
        count -= 8;
        Some((bits >> count) as u8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_found_by_its_title() {
        for field in FIELDS.iter().filter(|field| field.label.is_some()) {
            // The title of one has no hyphen.
            let name = field.title.replace("Accept Encoding", "Accept-Encoding");
            assert!(field_of(name.as_bytes()).is_some_and(|found| found.is(field)), "{name}");
            assert!(field_of(name.to_lowercase().as_bytes()).is_some_and(|found| found.is(field)), "{name}");
        }
        assert!(field_of(b"X-Other").is_none() && field_of(b"").is_none());
    }

    /// The vectors of RFC 4648, section 10.
    #[test]
    fn base_64() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
            ("!!!", ""),
        ] {
            assert_eq!(base64(text.as_bytes()).collect::<Vec<_>>(), bytes.as_bytes(), "{text}");
        }
    }
}
