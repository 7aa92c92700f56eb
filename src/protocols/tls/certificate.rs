//! Certificates: the message that carries them, the request for one, its status, its proof.
//!
//! RFC 8446, sections 4.3.2 and 4.4; RFC 5246, section 7.4; RFC 6066, RFC 6961 (status), RFC 8879 (compression), RFC 9345 (delegated
//! credentials). What stands in a certificate, a name or a response is not read.

use super::extensions::{self, From, signature_algorithm, signature_algorithms};
use super::hello::write_counted;
use super::names::{self, CERTIFICATE_CHAIN_TYPES, CERTIFICATE_STATUS_TYPES, CLIENT_CERTIFICATE_TYPES};
use super::session::State;
use super::vector::{opaque, vector, within};
use super::write_count;
use crate::dissect::{Entry, Layer, LayerView, Stop, fields};
use crate::text::Text;

fields! {
    CONTEXT_LENGTH = uint8("tls.handshake.certificate_request_context_length", "Certificate Request Context Length");
    CONTEXT = bytes("tls.handshake.certificate_request_context", "Certificate Request Context");
    CERTIFICATES_LENGTH = uint24("tls.handshake.certificates_length", "Certificates Length");
    CERTIFICATES = none("tls.handshake.certificates", "Certificates").label(bytes_line);
    CERTIFICATE_LENGTH = uint24("tls.handshake.certificate_length", "Certificate Length");
    CERTIFICATE = bytes("tls.handshake.certificate", "Certificate");
    TYPES_COUNT = uint8("tls.handshake.cert_types_count", "Certificate types count");
    TYPES = none("tls.handshake.cert_types", "Certificate types").label(types_line);
    TYPE = uint8("tls.handshake.cert_type", "Certificate type").values(CLIENT_CERTIFICATE_TYPES);
    NAMES_LENGTH = uint16("tls.handshake.dnames_len", "Distinguished Names Length");
    NAMES = none("tls.handshake.dnames", "Distinguished Names").label(bytes_line);
    NAME_LENGTH = uint16("tls.handshake.dname_len", "Distinguished Name Length");
    NAME = none("tls.handshake.dname", "Distinguished Name");
    VERIFY_LENGTH = uint16("tls.handshake.client_cert_vrfy.sig_len", "Signature length");
    VERIFY = bytes("tls.handshake.client_cert_vrfy.sig", "Signature");
    STATUS_TYPE = uint8("tls.handshake.extensions_status_request_type", "Certificate Status Type")
        .values(CERTIFICATE_STATUS_TYPES);
    RESPONSES_LENGTH = uint24("tls.handshake.ocsp_response_list_len", "OCSP Response List Length");
    RESPONSE_LENGTH = uint24("tls.handshake.ocsp_response_len", "OCSP Response Length");
    RESPONSE = heading("OCSP Response");
    CHAIN_TYPE = uint8("tls.handshake.cert_url_type", "Certificate Chain Type").values(CERTIFICATE_CHAIN_TYPES);
    URLS_LENGTH = uint16("tls.handshake.cert_url.url_hash_len", "URL and Hash list Length");
    URL_ENTRY = none("tls.handshake.cert_url.url_hash", "URL and Hash");
    URL_LENGTH = uint16("tls.handshake.cert_url.url_len", "URL Length");
    URL = text("tls.handshake.cert_url.url", "URL");
    URL_PADDING = none("tls.handshake.cert_url.padding", "Padding");
    URL_HASH = bytes("tls.handshake.cert_url.sha1", "SHA1 Hash");
    UNCOMPRESSED_LENGTH = uint24("tls.compress_certificate.uncompressed_length", "Uncompressed Length");
    COMPRESSED_LENGTH = uint24("tls.compress_certificate.compressed_certificate_message.length", "Length");
    COMPRESSED = bytes("tls.compress_certificate.compressed_certificate_message", "Compressed Certificate Message");
    VALID_TIME = uint16("tls.handshake.cred.valid_time", "Valid Time");
    PUBLIC_KEY_LENGTH = uint24("tls.handshake.cred.pubkey_len", "Subject Public Key Info Length");
    PUBLIC_KEY = bytes("tls.handshake.cred.pubkey", "Subject Public Key Info");
    CREDENTIAL_SIGNATURE_LENGTH = uint16("tls.handshake.cred.signature_len", "Signature Length");
    CREDENTIAL_SIGNATURE = bytes("tls.handshake.cred.signature", "Signature");
}

/// Reads a Certificate message.
pub(super) fn certificate(l: &mut Layer, is_tls13: bool) -> Result<(), Stop> {
    if is_tls13 && !context(l)? {
        return Ok(());
    }
    let Some(len @ 1..) = vector(l, &CERTIFICATES_LENGTH, 3, (0, 0xff_ffff))? else { return Ok(()) };
    let open = l.open_with(&CERTIFICATES, len as u64, len);
    within(l, len, |l| {
        if opaque(l, &CERTIFICATE_LENGTH, 3, (1, 0xff_ffff), &CERTIFICATE)? && is_tls13 {
            extensions::list(l, From::Certificate)?;
        }
        Ok(())
    })?;
    l.close(open);
    Ok(())
}

/// Reads what a request is known by; false where its length lies.
fn context(l: &mut Layer) -> Result<bool, Stop> {
    let Some(len) = vector(l, &CONTEXT_LENGTH, 1, (0, 255))? else { return Ok(false) };
    if len > 0 {
        l.bytes(&CONTEXT, len)?;
    }
    Ok(true)
}

/// Reads a Certificate Request.
pub(super) fn request(l: &mut Layer, state: &State) -> Result<(), Stop> {
    if names::is_tls13(state.version) {
        if !context(l)? {
            return Ok(());
        }
        return extensions::list(l, From::CertificateRequest).map(drop);
    }
    let Some(len) = vector(l, &TYPES_COUNT, 1, (1, 255))? else { return Ok(()) };
    let open = l.open_with(&TYPES, len as u64, len);
    within(l, len, |l| l.u8(&TYPE).map(drop))?;
    l.close(open);
    if state.version == names::TLS12 {
        signature_algorithms(l)?;
    }
    names(l, (0, 0xffff))
}

/// Reads a list of distinguished names with its length.
pub(super) fn names(l: &mut Layer, range: (u32, u32)) -> Result<(), Stop> {
    let Some(len @ 1..) = vector(l, &NAMES_LENGTH, 2, range)? else { return Ok(()) };
    let open = l.open_with(&NAMES, len as u64, len);
    within(l, len, |l| opaque(l, &NAME_LENGTH, 2, (1, 0xffff), &NAME).map(drop))?;
    l.close(open);
    Ok(())
}

/// Reads a Certificate Verify.
pub(super) fn verify(l: &mut Layer, state: &State) -> Result<(), Stop> {
    if state.version == names::TLS12 || names::is_tls13(state.version) {
        signature_algorithm(l)?;
    }
    opaque(l, &VERIFY_LENGTH, 2, (0, 0xffff), &VERIFY).map(drop)
}

/// Reads a Certificate Status.
pub(super) fn status(l: &mut Layer) -> Result<(), Stop> {
    match l.u8(&STATUS_TYPE)? {
        1 => response(l),
        2 => match vector(l, &RESPONSES_LENGTH, 3, (1, 0xff_ffff))? {
            Some(len) => within(l, len, response),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn response(l: &mut Layer) -> Result<(), Stop> {
    opaque(l, &RESPONSE_LENGTH, 3, (1, 0xff_ffff), &RESPONSE).map(drop)
}

/// Reads a Client Certificate URL.
pub(super) fn url(l: &mut Layer) -> Result<(), Stop> {
    l.u8(&CHAIN_TYPE)?;
    let Some(len) = vector(l, &URLS_LENGTH, 2, (1, 0xffff))? else { return Ok(()) };
    within(l, len, |l| {
        let open = l.open(&URL_ENTRY, l.wire_remaining());
        if opaque(l, &URL_LENGTH, 2, (1, 0xffff), &URL)? {
            // "opaque padding: 0x01" (RFC 6066, section 5), before a hash that is always there.
            l.bytes(&URL_PADDING, 1)?;
            l.bytes(&URL_HASH, 20)?;
        }
        l.close_here(open);
        Ok(())
    })
}

/// Reads a Compressed Certificate.
pub(super) fn compressed(l: &mut Layer) -> Result<(), Stop> {
    l.u16(&extensions::COMPRESSION)?;
    l.u24(&UNCOMPRESSED_LENGTH)?;
    opaque(l, &COMPRESSED_LENGTH, 3, (1, 0xff_ffff), &COMPRESSED).map(drop)
}

/// Reads a delegated credential.
pub(super) fn delegated_credential(l: &mut Layer) -> Result<(), Stop> {
    l.uint(&VALID_TIME, 4)?;
    signature_algorithm(l)?;
    if opaque(l, &PUBLIC_KEY_LENGTH, 3, (1, 0xff_ffff), &PUBLIC_KEY)? {
        signature_algorithm(l)?;
        opaque(l, &CREDENTIAL_SIGNATURE_LENGTH, 2, (1, 0xffff), &CREDENTIAL_SIGNATURE)?;
    }
    Ok(())
}

fn bytes_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_count(entry.field.title, entry.len, text);
}

fn types_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_counted(entry, [" type)", " types)"], text);
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Dissected;
    use crate::protocols::tls::testing::Side::Server;
    use crate::protocols::tls::testing::{TLS12, extension, message, record, server_hello, talk};

    fn shown(version: u16, kind: u8, body: &[u8]) -> Dissected {
        let list = if version == 0x0304 { vec![extension(43, &[3, 4])] } else { vec![] };
        let hello = server_hello(version.min(TLS12), 0xc02f, &list);
        talk(&[(Server, record(22, TLS12, &hello)), (Server, record(22, TLS12, &message(kind, body)))]).remove(1)
    }

    /// What stands in certificates and names is left as it is; the rest is what tshark 4.0 shows.
    #[test]
    fn messages_with_certificates() {
        let cases: &[(u16, u8, &[u8], &[&str])] = &[
            (TLS12, 11, b"\0\0\0", &["Certificates Length: 0"]),
            (
                TLS12,
                11,
                b"\0\0\x0a\0\0\x03abc\0\0\x01d",
                &[
                    "Certificates Length: 10",
                    "Certificates (10 bytes)",
                    "Certificate Length: 3",
                    "Certificate: 616263",
                    "Certificate Length: 1",
                    "Certificate: 64",
                ],
            ),
            (
                0x0304,
                11,
                b"\x01c\0\0\x0c\0\0\x03abc\0\x04\0\x12\0\0",
                &[
                    "Certificate Request Context Length: 1",
                    "Certificate Request Context: 63",
                    "Certificate: 616263",
                    "Extension: signed_certificate_timestamp (len=0)",
                    "[Expert Info (Error/Malformed): No more room for vector of length 2]",
                ],
            ),
            (
                TLS12,
                13,
                b"\x02\x01\x07\0\x02\x04\x03\0\x05\0\x03abc",
                &[
                    "Certificate types count: 2",
                    "Certificate types (2 types)",
                    "Certificate type: RSA Sign (1)",
                    "Certificate type: Unknown (7)",
                    "Signature Hash Algorithms (1 algorithm)",
                    "Distinguished Names Length: 5",
                    "Distinguished Names (5 bytes)",
                    "Distinguished Name Length: 3",
                    "Distinguished Name",
                ],
            ),
            (0x0301, 13, b"\x01\x01\0\0", &["Certificate types (1 type)", "Distinguished Names Length: 0"]),
            (0x0304, 13, b"\0\0\x08\0\x0d\0\x04\0\x02\x04\x03", &["Extension: signature_algorithms (len=4)"]),
            (
                TLS12,
                15,
                b"\x04\x03\0\x03sig",
                &["Signature Algorithm: ecdsa_secp256r1_sha256 (0x0403)", "Signature length: 3", "Signature: 736967"],
            ),
            (0x0301, 15, b"\0\x03sig", &["Signature length: 3", "Signature: 736967"]),
            (
                TLS12,
                22,
                b"\x01\0\0\x02ab",
                &["Certificate Status Type: OCSP (1)", "OCSP Response Length: 2", "OCSP Response"],
            ),
            (TLS12, 22, b"\x02\0\0\x05\0\0\x02ab", &["OCSP Response List Length: 5", "OCSP Response Length: 2"]),
            (
                TLS12,
                25,
                b"\0\x02\0\0\x64\0\0\x03abc",
                &[
                    "Algorithm: brotli (2)",
                    "Uncompressed Length: 100",
                    "Length: 3",
                    "Compressed Certificate Message: 616263",
                ],
            ),
        ];
        for (version, kind, body, lines) in cases {
            shown(*version, *kind, body).shows(lines).lacks("Malformed Packet");
        }
    }

    #[test]
    fn addresses_of_certificates() {
        let body = [&b"\x01\0\x1f\0\x08http://x\x01"[..], &[7; 20]].concat();
        shown(TLS12, 21, &body).shows(&[
            "Certificate Chain Type: Individual Certificates (1)",
            "URL and Hash list Length: 31",
            "URL and Hash",
            "URL Length: 8",
            "URL: http://x",
            "Padding",
            "SHA1 Hash: 0707070707070707070707070707070707070707",
        ]);
    }

    #[test]
    fn lengths_that_lie() {
        let certificate = shown(TLS12, 11, b"\0\0\x05\0\0\x03ab");
        certificate.shows(&["[Expert Info (Error/Malformed): Vector length 3 is too large, truncating it to 2]"]);
        certificate.lacks("Certificate: ");
        shown(TLS12, 13, b"").shows(&["No more room for vector of length 1"]);
    }
}
