//! Words for the numbers of TLS: IANA's *TLS Parameters*, *TLS ExtensionType Values* and *TLS ALPN Protocol IDs* (2026-09; facts, free to
//! use), in the words that Wireshark shows. Cipher suites are in [`crate::names`].

use crate::dissect::names;

/// Types of handshake messages that decide something here.
pub(super) mod handshake {
    pub const CLIENT_HELLO: u8 = 1;
    pub const SERVER_HELLO: u8 = 2;
    pub const NEW_SESSION_TICKET: u8 = 4;
    pub const HELLO_RETRY_REQUEST: u8 = 6;
    pub const ENCRYPTED_EXTENSIONS: u8 = 8;
    pub const CERTIFICATE: u8 = 11;
    pub const SERVER_KEY_EXCHANGE: u8 = 12;
    pub const CERTIFICATE_REQUEST: u8 = 13;
    pub const SERVER_HELLO_DONE: u8 = 14;
    pub const CERTIFICATE_VERIFY: u8 = 15;
    pub const CLIENT_KEY_EXCHANGE: u8 = 16;
    pub const FINISHED: u8 = 20;
    pub const CERTIFICATE_URL: u8 = 21;
    pub const CERTIFICATE_STATUS: u8 = 22;
    pub const KEY_UPDATE: u8 = 24;
    pub const COMPRESSED_CERTIFICATE: u8 = 25;
    /// That of Next Protocol Negotiation, which is sent encrypted.
    pub const NEXT_PROTOCOL: u8 = 67;
}

pub(super) const SUPPORTED_VERSIONS: u16 = 43;
pub(super) const ALPN: u16 = 16;
pub(super) const EARLY_DATA: u16 = 42;

pub(super) const SSL2: u16 = 0x0002;
pub(super) const SSL3: u16 = 0x0300;
pub(super) const TLS12: u16 = 0x0303;
pub(super) const TLS13: u16 = 0x0304;
/// GMTLS of GB/T 38636.
pub(super) const GMTLS: u16 = 0x0101;

/// Whether records say this version where nothing is known yet. TLS 1.3 says "0x0303 for all records" (RFC 8446, section 5.1).
pub(super) fn is_record_version(version: u16) -> bool {
    matches!(version, SSL3..=TLS12 | GMTLS)
}

/// Whether a Server Hello can agree to this version.
pub(super) fn is_version(version: u16) -> bool {
    is_record_version(version) || is_tls13(version)
}

/// Whether it is TLS 1.3 or one of its drafts.
pub(super) fn is_tls13(version: u16) -> bool {
    matches!(version, TLS13 | 0x7f00..=0x7fff | 0xfb17 | 0xfb1a)
}

/// Whether a record has to say a version that is known to be one: there is none yet, or TLS 1.3 is in use.
pub(super) fn is_strict(version: u16) -> bool {
    version == 0 || is_tls13(version)
}

/// Whether a draft came before the change that made TLS 1.3 look like a resumed TLS 1.2 on the wire, draft 22.
pub(super) fn is_early_draft(version: u16) -> bool {
    matches!(version, 0x7f00..0x7f16)
}

/// Whether a Server Hello of this version has a session id and a compression method.
pub(super) fn has_session_id(version: u16) -> bool {
    !is_early_draft(version)
}

/// The name of a version in the packet list.
pub(super) fn short_version(version: u16) -> &'static str {
    match version {
        SSL2 => "SSLv2",
        SSL3 => "SSLv3",
        0x0301 => "TLSv1",
        0x0302 => "TLSv1.1",
        TLS12 => "TLSv1.2",
        GMTLS => "GMTLSv1",
        version if is_tls13(version) => "TLSv1.3",
        _ => "SSL",
    }
}

/// "Generate Random Extensions And Sustain Extensibility" (RFC 8701): values that have to be ignored.
pub(super) fn is_grease(value: u64) -> bool {
    let [high, low] = (value as u16).to_be_bytes();
    value <= 0xffff && high == low && low & 0xf == 0xa
}

const GREASE: &str = "Reserved (GREASE)";

pub(super) fn version(value: u64) -> Option<&'static str> {
    const DRAFTS: [&str; 15] = [
        "TLS 1.3 (draft 14)",
        "TLS 1.3 (draft 15)",
        "TLS 1.3 (draft 16)",
        "TLS 1.3 (draft 17)",
        "TLS 1.3 (draft 18)",
        "TLS 1.3 (draft 19)",
        "TLS 1.3 (draft 20)",
        "TLS 1.3 (draft 21)",
        "TLS 1.3 (draft 22)",
        "TLS 1.3 (draft 23)",
        "TLS 1.3 (draft 24)",
        "TLS 1.3 (draft 25)",
        "TLS 1.3 (draft 26)",
        "TLS 1.3 (draft 27)",
        "TLS 1.3 (draft 28)",
    ];
    Some(match value {
        0x0002 => "SSL 2.0",
        0x0100 => "DTLS 1.0 (OpenSSL pre 0.9.8f)",
        0x0101 => "GMTLS",
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        0x7f0e..=0x7f1c => DRAFTS.get(value as usize - 0x7f0e)?,
        0xfb17 => "TLS 1.3 (Facebook draft 23)",
        0xfb1a => "TLS 1.3 (Facebook draft 26)",
        0xfefd => "DTLS 1.2",
        0xfeff => "DTLS 1.0",
        value if is_grease(value) => GREASE,
        _ => return None,
    })
}

pub(super) fn cipher_suite(value: u64) -> Option<&'static str> {
    if is_grease(value) { Some(GREASE) } else { u16::try_from(value).ok().and_then(crate::names::cipher_suite) }
}

pub(super) fn cipher_kind(value: u64) -> Option<&'static str> {
    if is_grease(value) { Some(GREASE) } else { u32::try_from(value).ok().and_then(crate::names::cipher_kind) }
}

pub(super) fn handshake_type(value: u64) -> Option<&'static str> {
    Some(match value {
        0 => "Hello Request",
        1 => "Client Hello",
        2 => "Server Hello",
        3 => "Hello Verify Request",
        4 => "New Session Ticket",
        5 => "End of Early Data",
        6 => "Hello Retry Request",
        8 | 67 => "Encrypted Extensions",
        11 => "Certificate",
        12 => "Server Key Exchange",
        13 => "Certificate Request",
        14 => "Server Hello Done",
        15 => "Certificate Verify",
        16 => "Client Key Exchange",
        20 => "Finished",
        21 => "Client Certificate URL",
        22 => "Certificate Status",
        23 => "Supplemental Data",
        24 => "Key Update",
        25 => "Compressed Certificate",
        _ => return None,
    })
}

pub(super) fn extension_type(value: u64) -> Option<&'static str> {
    Some(match value {
        0..=62 => EXTENSIONS.get(value as usize).copied().filter(|name| !name.is_empty())?,
        13_172 => "next_protocol_negotiation",
        17_513 => "application_settings",
        30_031 => "channel_id_old",
        30_032 => "channel_id",
        65_037 => "encrypted_client_hello",
        65_281 => "renegotiation_info",
        65_445 => "quic_transport_parameters (drafts version)",
        65_486 => "encrypted_server_name",
        value if is_grease(value) => GREASE,
        _ => return None,
    })
}

/// By number; those without a name are not assigned.
static EXTENSIONS: [&str; 63] = [
    "server_name", // 0
    "max_fragment_length",
    "client_certificate_url",
    "trusted_ca_keys",
    "truncated_hmac",
    "status_request",
    "user_mapping",
    "client_authz",
    "server_authz", // 8
    "cert_type",
    "supported_groups",
    "ec_point_formats",
    "srp",
    "signature_algorithms",
    "use_srtp",
    "heartbeat",
    "application_layer_protocol_negotiation", // 16
    "status_request_v2",
    "signed_certificate_timestamp",
    "client_certificate_type",
    "server_certificate_type",
    "padding",
    "encrypt_then_mac",
    "extended_master_secret",
    "token_binding", // 24
    "cached_info",
    "tls_lts",
    "compress_certificate",
    "record_size_limit",
    "pwd_protect",
    "pwd_clear",
    "password_salt",
    "ticket_pinning", // 32
    "tls_cert_with_extern_psk",
    "delegated_credentials",
    "session_ticket",
    "TLMSP",
    "TLMSP_proxying",
    "TLMSP_delegate",
    "supported_ekt_ciphers",
    "Reserved (key_share)", // 40
    "pre_shared_key",
    "early_data",
    "supported_versions",
    "cookie",
    "psk_key_exchange_modes",
    "Reserved (ticket_early_data_info)",
    "certificate_authorities",
    "oid_filters", // 48
    "post_handshake_auth",
    "signature_algorithms_cert",
    "key_share",
    "transparency_info",
    "connection_id (deprecated)",
    "connection_id",
    "external_id_hash",
    "external_session_id", // 56
    "quic_transport_parameters",
    "ticket_request",
    "dnssec_chain",
    "sequence_number_encryption_algorithms",
    "rrc",
    "tls_flags",
];

pub(super) fn group(value: u64) -> Option<&'static str> {
    Some(match value {
        1..=30 => GROUPS.get(value as usize - 1)?,
        31 => "brainpoolP256r1tls13",
        32 => "brainpoolP384r1tls13",
        33 => "brainpoolP512r1tls13",
        34 => "GC256A",
        35 => "GC256B",
        36 => "GC256C",
        37 => "GC256D",
        38 => "GC512A",
        39 => "GC512B",
        40 => "GC512C",
        41 => "curveSM2",
        256 => "ffdhe2048",
        257 => "ffdhe3072",
        258 => "ffdhe4096",
        259 => "ffdhe6144",
        260 => "ffdhe8192",
        512 => "MLKEM512",
        513 => "MLKEM768",
        514 => "MLKEM1024",
        4587 => "SecP256r1MLKEM768",
        4588 => "X25519MLKEM768",
        4589 => "SecP384r1MLKEM1024",
        4590 => "curveSM2MLKEM768",
        25_497 => "X25519Kyber768Draft00",
        25_498 => "SecP256r1Kyber768Draft00",
        0xff01 => "arbitrary_explicit_prime_curves",
        0xff02 => "arbitrary_explicit_char2_curves",
        value if is_grease(value) => GREASE,
        _ => return None,
    })
}

/// From number 1 on.
static GROUPS: [&str; 30] = [
    "sect163k1",
    "sect163r1",
    "sect163r2",
    "sect193r1",
    "sect193r2",
    "sect233k1",
    "sect233r1",
    "sect239k1", // 8
    "sect283k1",
    "sect283r1",
    "sect409k1",
    "sect409r1",
    "sect571k1",
    "sect571r1",
    "secp160k1",
    "secp160r1", // 16
    "secp160r2",
    "secp192k1",
    "secp192r1",
    "secp224k1",
    "secp224r1",
    "secp256k1",
    "secp256r1",
    "secp384r1", // 24
    "secp521r1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
    "x25519",
    "x448",
];

pub(super) fn signature_scheme(value: u64) -> Option<&'static str> {
    Some(match value {
        0x0201 => "rsa_pkcs1_sha1",
        0x0203 => "ecdsa_sha1",
        0x0401 => "rsa_pkcs1_sha256",
        0x0403 => "ecdsa_secp256r1_sha256",
        0x0501 => "rsa_pkcs1_sha384",
        0x0503 => "ecdsa_secp384r1_sha384",
        0x0601 => "rsa_pkcs1_sha512",
        0x0603 => "ecdsa_secp521r1_sha512",
        0x0704 => "eccsi_sha256",
        0x0705 => "iso_ibs1",
        0x0706 => "iso_ibs2",
        0x0707 => "iso_chinese_ibs",
        0x0708 => "sm2sig_sm3",
        0x0709 => "gostr34102012_256a",
        0x070a => "gostr34102012_256b",
        0x070b => "gostr34102012_256c",
        0x070c => "gostr34102012_256d",
        0x070d => "gostr34102012_512a",
        0x070e => "gostr34102012_512b",
        0x070f => "gostr34102012_512c",
        0x0804 => "rsa_pss_rsae_sha256",
        0x0805 => "rsa_pss_rsae_sha384",
        0x0806 => "rsa_pss_rsae_sha512",
        0x0807 => "ed25519",
        0x0808 => "ed448",
        0x0809 => "rsa_pss_pss_sha256",
        0x080a => "rsa_pss_pss_sha384",
        0x080b => "rsa_pss_pss_sha512",
        0x081a => "ecdsa_brainpoolP256r1tls13_sha256",
        0x081b => "ecdsa_brainpoolP384r1tls13_sha384",
        0x081c => "ecdsa_brainpoolP512r1tls13_sha512",
        0x0904 => "mldsa44",
        0x0905 => "mldsa65",
        0x0906 => "mldsa87",
        _ => return None,
    })
}

names! {
    pub(super) HASHES = {
        0 => "None",
        1 => "MD5",
        2 => "SHA1",
        3 => "SHA224",
        4 => "SHA256",
        5 => "SHA384",
        6 => "SHA512",
        7 => "SM3",
    }
    pub(super) SIGNATURES = {
        0 => "Anonymous",
        1 => "RSA",
        2 => "DSA",
        3 => "ECDSA",
        4 => "SM2",
    }
    pub(super) CONTENT_TYPES = {
        20 => "Change Cipher Spec",
        21 => "Alert",
        22 => "Handshake",
        23 => "Application Data",
        24 => "Heartbeat",
        25 => "Connection ID",
    }
    pub(super) ALERT_LEVELS = {
        1 => "Warning",
        2 => "Fatal",
    }
    pub(super) ALERTS = {
        0 => "Close Notify",
        1 => "End of Early Data",
        10 => "Unexpected Message",
        20 => "Bad Record MAC",
        21 => "Decryption Failed",
        22 => "Record Overflow",
        30 => "Decompression Failure",
        40 => "Handshake Failure",
        41 => "No Certificate",
        42 => "Bad Certificate",
        43 => "Unsupported Certificate",
        44 => "Certificate Revoked",
        45 => "Certificate Expired",
        46 => "Certificate Unknown",
        47 => "Illegal Parameter",
        48 => "Unknown CA",
        49 => "Access Denied",
        50 => "Decode Error",
        51 => "Decrypt Error",
        60 => "Export Restriction",
        70 => "Protocol Version",
        71 => "Insufficient Security",
        80 => "Internal Error",
        86 => "Inappropriate Fallback",
        90 => "User Canceled",
        100 => "No Renegotiation",
        109 => "Missing Extension",
        110 => "Unsupported Extension",
        111 => "Certificate Unobtainable",
        112 => "Unrecognized Name",
        113 => "Bad Certificate Status Response",
        114 => "Bad Certificate Hash Value",
        115 => "Unknown PSK Identity",
        116 => "Certificate Required",
        120 => "No application Protocol",
        121 => "ECH Required",
    }
    pub(super) POINT_FORMATS = {
        0 => "uncompressed",
        1 => "ansiX962_compressed_prime",
        2 => "ansiX962_compressed_char2",
    }
    pub(super) CURVE_TYPES = {
        1 => "explicit_prime",
        2 => "explicit_char2",
        3 => "named_curve",
    }
    pub(super) CLIENT_CERTIFICATE_TYPES = {
        1 => "RSA Sign",
        2 => "DSS Sign",
        3 => "RSA Fixed DH",
        4 => "DSS Fixed DH",
        21 => "GOST R 34.10-94",
        22 => "GOST R 34.10-2001",
        64 => "ECDSA Sign",
        65 => "RSA Fixed ECDH",
        66 => "ECDSA Fixed ECDH",
        80 => "IBC Params",
    }
    pub(super) CERTIFICATE_TYPES = {
        0 => "X.509",
        1 => "OpenPGP",
        2 => "Raw Public Key",
    }
    pub(super) CERTIFICATE_CHAIN_TYPES = {
        1 => "Individual Certificates",
        2 => "PKI Path",
    }
    pub(super) CERTIFICATE_STATUS_TYPES = {
        1 => "OCSP",
        2 => "OCSP Multi",
    }
    pub(super) CERTIFICATE_COMPRESSIONS = {
        1 => "zlib",
        2 => "brotli",
        3 => "zstd",
    }
    pub(super) SERVER_NAME_TYPES = {
        0 => "host_name",
    }
    pub(super) FRAGMENT_LENGTHS = {
        1 => "512",
        2 => "1024",
        3 => "2048",
        4 => "4096",
    }
    pub(super) HEARTBEAT_MODES = {
        1 => "Peer allowed to send requests",
        2 => "Peer not allowed to send requests",
    }
    pub(super) HEARTBEATS = {
        1 => "Request",
        2 => "Response",
    }
    pub(super) PSK_MODES = {
        0 => "PSK-only key establishment (psk_ke)",
        1 => "PSK with (EC)DHE key establishment (psk_dhe_ke)",
    }
    pub(super) KEY_UPDATES = {
        0 => "update_not_requested",
        1 => "update_requested",
    }
    pub(super) SSL2_MESSAGES = {
        0 => "Error",
        1 => "Client Hello",
        2 => "Client Master Key",
        3 => "Client Finished",
        4 => "Server Hello",
        5 => "Server Verify",
        6 => "Server Finished",
        7 => "Request Certificate",
        8 => "Client Certificate",
    }
    pub(super) SSL2_CERTIFICATE_TYPES = {
        0 => "N/A",
        1 => "X.509 Certificate",
    }
}

/// Compression methods: those of RFC 3749 and RFC 3943, and what may become one.
pub(super) fn compression(value: u64) -> Option<&'static str> {
    Some(match value {
        0 => "null",
        1 => "DEFLATE",
        64 => "LZS",
        65..=192 => "Reserved - to be assigned by IANA",
        193..=255 => "Private use range",
        _ => return None,
    })
}

/// What is spoken inside TLS, by the number that is remembered, from 1 on.
static APPLICATIONS: &[&str] = &[
    "Hypertext Transfer Protocol",
    "HyperText Transfer Protocol 2",
    "SPDY",
    "TURN Channel",
    "Session Traversal Utilities for NAT",
    "Constrained Application Protocol",
    "Domain Name System",
    "Simple Mail Transfer Protocol",
    "Post Office Protocol",
    "Internet Message Access Protocol",
    "Lightweight Directory Access Protocol",
    "Session Initiation Protocol",
    "MQ Telemetry Transport Protocol",
    "Mongo Wire Protocol",
    "Advanced Message Queuing Protocol",
    "Couchbase Protocol",
    "Diameter Protocol",
    "DoIP (ISO13400) Protocol",
    "Distributed Network Protocol 3.0",
    "EtherNet/IP (Industrial Protocol)",
    "Intel Omni-Path FE Header - Omni-Path Fabric Executive Header",
    "Modbus/TCP",
    "Q.931",
    "RPKI-Router Protocol",
    "Skinny Client Control Protocol",
    "TPKT - ISO on TCP - RFC1006",
    "File Transfer Protocol (FTP)",
    "MySQL Protocol",
    "PostgreSQL",
    "XMPP Protocol",
    "Network News Transfer Protocol",
];

/// The words for what is spoken inside; 0 is nothing that is known.
pub(super) fn application(number: u8) -> Option<&'static str> {
    APPLICATIONS.get(usize::from(number).checked_sub(1)?).copied()
}

/// The number of a protocol with this title; 0 where it has none.
pub(super) fn application_titled(title: &str) -> u8 {
    APPLICATIONS.iter().position(|other| *other == title).map_or(0, |place| place as u8 + 1)
}

/// What a server on this port speaks inside TLS.
pub(super) fn port_application(port: u16) -> Option<&'static str> {
    Some(match port {
        324 => "RPKI-Router Protocol",
        443 => "Hypertext Transfer Protocol",
        465 => "Simple Mail Transfer Protocol",
        636 => "Lightweight Directory Access Protocol",
        802 => "Modbus/TCP",
        853 => "Domain Name System",
        993 => "Internet Message Access Protocol",
        995 => "Post Office Protocol",
        1300 => "Q.931",
        2221 => "EtherNet/IP (Industrial Protocol)",
        2443 => "Skinny Client Control Protocol",
        3249..=3252 => "Intel Omni-Path FE Header - Omni-Path Fabric Executive Header",
        3389 => "TPKT - ISO on TCP - RFC1006",
        3496 => "DoIP (ISO13400) Protocol",
        5061 => "Session Initiation Protocol",
        5671 => "Advanced Message Queuing Protocol",
        5684 => "Constrained Application Protocol",
        5868 => "Diameter Protocol",
        8883 => "MQ Telemetry Transport Protocol",
        11_207 => "Couchbase Protocol",
        19_999 => "Distributed Network Protocol 3.0",
        27_017 => "Mongo Wire Protocol",
        _ => return None,
    })
}

/// What a server on this port speaks in the clear before it goes on inside TLS, where a client asks it to.
pub(super) fn upgraded_application(port: u16) -> Option<&'static str> {
    Some(match port {
        21 => "File Transfer Protocol (FTP)",
        110 => "Post Office Protocol",
        119 => "Network News Transfer Protocol",
        143 => "Internet Message Access Protocol",
        389 => "Lightweight Directory Access Protocol",
        3306 => "MySQL Protocol",
        5222 => "XMPP Protocol",
        5432 => "PostgreSQL",
        _ => return None,
    })
}

/// What a name of application-layer protocol negotiation stands for.
pub(super) fn application_named(name: &[u8]) -> Option<u8> {
    let title = match name {
        b"http/1.1" => "Hypertext Transfer Protocol",
        b"h2" => "HyperText Transfer Protocol 2",
        b"stun.turn" => "TURN Channel",
        b"stun.nat-discovery" => "Session Traversal Utilities for NAT",
        b"coap" => "Constrained Application Protocol",
        b"dot" => "Domain Name System",
        _ if name.starts_with(b"h2-") => "HyperText Transfer Protocol 2",
        _ if name.starts_with(b"spdy/") => "SPDY",
        _ => return None,
    };
    Some(application_titled(title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_what_rfc_8701_lists() {
        let listed: Vec<u64> = (0..0x1_0000).filter(|value| is_grease(*value)).collect();
        assert_eq!(listed.len(), 16);
        assert_eq!((listed[0], listed[15]), (0x0a0a, 0xfafa));
        assert!(!is_grease(0x1_0a0a));
    }

    #[test]
    fn tables_have_their_numbers() {
        assert_eq!(extension_type(16), Some("application_layer_protocol_negotiation"));
        assert_eq!(extension_type(35), Some("session_ticket"));
        assert_eq!(extension_type(51), Some("key_share"));
        assert_eq!(extension_type(62), Some("tls_flags"));
        assert_eq!(extension_type(63), None);
        assert_eq!(group(23), Some("secp256r1"));
        assert_eq!(group(29), Some("x25519"));
        assert_eq!(group(0), None);
        assert_eq!(version(0x7f1c), Some("TLS 1.3 (draft 28)"));
        assert_eq!(version(0x7f1d), None);
    }

    #[test]
    fn what_is_agreed_or_has_a_port_has_a_number() {
        let titles = (0..=u16::MAX).flat_map(|port| [port_application(port), upgraded_application(port)]).flatten();
        let named = [&b"h2"[..], b"http/1.1", b"spdy/3.1", b"stun.turn", b"stun.nat-discovery", b"coap", b"dot"];
        assert!(named.iter().all(|name| application_named(name).is_some_and(|number| number > 0)));
        for title in titles {
            assert_eq!(application(application_titled(title)), Some(title));
        }
        assert_eq!(application(0), None);
    }
}
