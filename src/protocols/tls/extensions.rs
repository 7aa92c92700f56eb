//! Extensions of hellos and of the messages that came to have them.
//!
//! RFC 8446, section 4.2; RFC 6066; RFC 7301 (ALPN), RFC 6962 (SCT), RFC 6961 and others that IANA's *TLS ExtensionType Values* lists. What
//! an extension has depends on the message that it stands in.

use super::certificate;
use super::hello::write_counted;
use super::names::{
    self, CERTIFICATE_COMPRESSIONS, CERTIFICATE_STATUS_TYPES, CERTIFICATE_TYPES, FRAGMENT_LENGTHS, HASHES,
    HEARTBEAT_MODES, POINT_FORMATS, PSK_MODES, SERVER_NAME_TYPES, SIGNATURES,
};
use super::vector::{numbers, opaque, trailing, vector, within};
use super::write_count;
use crate::dissect::{Entry, Field, Group, Layer, LayerView, Names, Severity, Stop, fields};
use crate::text::Text;

fields! {
    EXTENSIONS_LENGTH = uint16("tls.handshake.extensions_length", "Extensions Length");
    EXTENSION = heading("Extension").label(extension_line);
    TYPE = uint16("tls.handshake.extension.type", "Type").named(Names::Lookup(names::extension_type));
    LENGTH = uint16("tls.handshake.extension.len", "Length");
    DATA = bytes("tls.handshake.extension.data", "Data");
    SNI = heading("Server Name Indication extension");
    SNI_LIST_LENGTH = uint16("tls.handshake.extensions_server_name_list_len", "Server Name list length");
    SNI_TYPE = uint8("tls.handshake.extensions_server_name_type", "Server Name Type").values(SERVER_NAME_TYPES);
    SNI_LENGTH = uint16("tls.handshake.extensions_server_name_len", "Server Name length");
    SNI_NAME = text("tls.handshake.extensions_server_name", "Server Name");
    FRAGMENT_LENGTH = uint8("tls.handshake.max_fragment_length", "Maximum Fragment Length").values(FRAGMENT_LENGTHS);
    STATUS_LIST_LENGTH = uint16("tls.handshake.extensions_status_request_list_len", "Certificate Status List Length");
    STATUS_TYPE = uint8("tls.handshake.extensions_status_request_type", "Certificate Status Type")
        .values(CERTIFICATE_STATUS_TYPES);
    STATUS_LENGTH = uint16("tls.handshake.extensions_status_request_len", "Certificate Status Length");
    RESPONDERS_LENGTH = uint16("tls.handshake.extensions_status_request_responder_ids_len",
        "Responder ID list Length");
    REQUEST_EXTENSIONS_LENGTH = uint16("tls.handshake.extensions_status_request_exts_len",
        "Request Extensions Length");
    RESPONDERS = heading("Responder ID list is not implemented, contact Wireshark developers if you want this to be \
        supported");
    RESPONDERS_EXPERT = expert("tls.handshake.status_request.undecoded", "Responder ID list is not implemented, contact \
        Wireshark developers if you want this to be supported", Severity::Note, Group::Undecoded);
    REQUEST_EXTENSIONS = heading("Request Extensions are not implemented, contact Wireshark developers if you want this \
        to be supported");
    REQUEST_EXTENSIONS_EXPERT = expert("tls.handshake.status_request.undecoded", "Request Extensions are not \
        implemented, contact Wireshark developers if you want this to be supported", Severity::Note, Group::Undecoded);
    CERTIFICATE_TYPES_LENGTH = uint8("tls.handshake.cert_type.types_len", "Certificate Type List Length");
    CERTIFICATE_TYPE_LIST = none("tls.handshake.cert_type.types", "Certificate Type List").label(plain_count_line);
    CERTIFICATE_TYPE = uint8("tls.handshake.cert_type.type", "Certificate Type").hex().values(CERTIFICATE_TYPES);
    GROUPS_LENGTH = uint16("tls.handshake.extensions_supported_groups_length", "Supported Groups List Length");
    GROUPS = none("tls.handshake.extensions_supported_groups", "Supported Groups").label(groups_line);
    GROUP = uint16("tls.handshake.extensions_supported_group", "Supported Group").hex()
        .named(Names::Lookup(names::group));
    FORMATS_LENGTH = uint8("tls.handshake.extensions_ec_point_formats_length", "EC point formats Length");
    FORMATS = none("tls.handshake.extensions_ec_point_formats", "Elliptic curves point formats")
        .label(plain_count_line);
    FORMAT = uint8("tls.handshake.extensions_ec_point_format", "EC point format").values(POINT_FORMATS);
    SRP_LENGTH = uint8("tls.handshake.extensions_srp_len", "SRP username length");
    SRP_NAME = text("tls.handshake.extensions_srp_username", "SRP username");
    ALGORITHMS_LENGTH = uint16("tls.handshake.sig_hash_alg_len", "Signature Hash Algorithms Length");
    ALGORITHMS = none("tls.handshake.sig_hash_algs", "Signature Hash Algorithms").label(algorithms_line);
    ALGORITHM = uint16("tls.handshake.sig_hash_alg", "Signature Algorithm").hex().label(algorithm_line);
    ALGORITHM_HASH = uint8("tls.handshake.sig_hash_hash", "Signature Hash Algorithm Hash").values(HASHES);
    ALGORITHM_SIGNATURE = uint8("tls.handshake.sig_hash_sig", "Signature Hash Algorithm Signature").values(SIGNATURES);
    HEARTBEAT_MODE = uint8("tls.handshake.extension.heartbeat.mode", "Mode").values(HEARTBEAT_MODES);
    ALPN_LENGTH = uint16("tls.handshake.extensions_alpn_len", "ALPN Extension Length");
    ALPN_LIST = none("tls.handshake.extensions_alpn_list", "ALPN Protocol");
    ALPN_NAME_LENGTH = uint8("tls.handshake.extensions_alpn_str_len", "ALPN string length");
    ALPN_NAME = text("tls.handshake.extensions_alpn_str", "ALPN Next Protocol");
    SCTS_LENGTH = uint16("tls.sct.scts_length", "Serialized SCT List Length");
    SCT = heading("Signed Certificate Timestamp (Unknown Log)");
    SCT_LENGTH = uint16("tls.sct.sct_length", "Serialized SCT Length");
    SCT_VERSION = uint8("tls.sct.sct_version", "SCT Version");
    SCT_LOG = bytes("tls.sct.sct_logid", "Log ID");
    SCT_TIMESTAMP = absolute_time("tls.sct.sct_timestamp", "Timestamp");
    SCT_EXTENSIONS_LENGTH = uint16("tls.sct.sct_extensions_length", "Extensions length");
    SCT_EXTENSIONS = none("tls.sct.sct_extensions", "Extensions");
    SCT_SIGNATURE_LENGTH = uint16("tls.sct.sct_signature_length", "Signature Length");
    SCT_SIGNATURE = bytes("tls.sct.sct_signature", "Signature");
    PADDING = bytes("tls.handshake.extensions_padding_data", "Padding Data");
    COMPRESSIONS_LENGTH = uint8("tls.compress_certificate.algorithms_length", "Algorithms Length");
    COMPRESSION = uint16("tls.compress_certificate.algorithm", "Algorithm").values(CERTIFICATE_COMPRESSIONS);
    RECORD_LIMIT = uint16("tls.record_size_limit", "Record Size Limit");
    TICKET = bytes("tls.handshake.extension.data", "Data").label(ticket_line);
    KEY_SHARE = heading("Key Share extension");
    KEY_SHARES_LENGTH = uint16("tls.handshake.extensions_key_share_client_length", "Client Key Share Length");
    KEY_SHARE_ENTRY = heading("Key Share Entry").label(key_share_line);
    KEY_SHARE_GROUP = uint16("tls.handshake.extensions_key_share_group", "Group").named(Names::Lookup(names::group));
    KEY_SHARE_LENGTH = uint16("tls.handshake.extensions_key_share_key_exchange_length", "Key Exchange Length");
    KEY_SHARE_KEY = bytes("tls.handshake.extensions_key_share_key_exchange", "Key Exchange");
    KEY_SHARE_SELECTED = uint16("tls.handshake.extensions_key_share_selected_group", "Selected Group")
        .named(Names::Lookup(names::group));
    PSK = heading("Pre-Shared Key extension");
    PSK_IDENTITIES_LENGTH = uint16("tls.handshake.extensions.psk.identities.length", "Identities Length");
    PSK_IDENTITY_ENTRY = heading("PSK Identity").label(psk_identity_line);
    PSK_IDENTITY_LENGTH = uint16("tls.handshake.extensions.psk.identity.identity_length", "Identity Length");
    PSK_IDENTITY = bytes("tls.handshake.extensions.psk.identity.identity", "Identity");
    PSK_AGE = uint32("tls.handshake.extensions.psk.identity.obfuscated_ticket_age", "Obfuscated Ticket Age");
    PSK_BINDERS_LENGTH = uint16("tls.handshake.extensions.psk.binders_len", "PSK Binders length");
    PSK_BINDERS = none("tls.handshake.extensions.psk.binders", "PSK Binders");
    PSK_SELECTED = uint16("tls.handshake.extensions.psk.identity.selected", "Selected Identity");
    EARLY_DATA_SIZE = uint32("tls.early_data.max_early_data_size", "Maximum Early Data Size");
    VERSIONS_LENGTH = uint8("tls.handshake.extensions.supported_versions_len", "Supported Versions length");
    VERSION = uint16("tls.handshake.extensions.supported_version", "Supported Version").hex()
        .named(Names::Lookup(names::version));
    COOKIE_LENGTH = uint16("tls.handshake.extensions.cookie_len", "Cookie length");
    COOKIE = bytes("tls.handshake.extensions.cookie", "Cookie");
    PSK_MODES_LENGTH = uint8("tls.extension.psk_ke_modes_length", "PSK Key Exchange Modes Length");
    PSK_MODE = uint8("tls.extension.psk_ke_mode", "PSK Key Exchange Mode").values(PSK_MODES);
    FILTERS_LENGTH = uint16("tls.extension.oid_filters_length", "OID Filters Length");
    FILTER = heading("OID Filter");
    FILTER_OID_LENGTH = uint8("tls.extension.oid_filters.oid_length", "Certificate Extension OID Length");
    FILTER_OID = oid("tls.extension.oid_filters.oid", "Certificate Extension OID");
    FILTER_VALUES_LENGTH = uint16("tls.extension.oid_filters.values_length", "Certificate Extension Values Length");
    CONNECTION_ID_LENGTH = uint8("tls.connection_id_length", "Connection ID length");
    CONNECTION_ID = bytes("tls.connection_id", "Connection ID");
    NPN = heading("Next Protocol Negotiation");
    NPN_NAME_LENGTH = uint8("tls.handshake.extensions_npn_str_len", "Protocol string length");
    NPN_NAME = text("tls.handshake.extensions_npn", "Next Protocol");
    ALPS_LENGTH = uint16("tls.handshake.extensions_alps_len", "ALPS Extension Length");
    ALPS_LIST = none("tls.handshake.extensions_alps_alpn_list", "Supported ALPN List");
    ALPS_NAME_LENGTH = uint8("tls.handshake.extensions_alps_alpn_str_len", "Supported ALPN Length");
    ALPS_NAME = text("tls.handshake.extensions_alps_alpn_str", "Supported ALPN");
    ALPS_SETTINGS = bytes("tls.handshake.extensions_alps.settings", "ALPN Opaque Settings");
    RENEGOTIATION = heading("Renegotiation Info extension");
    RENEGOTIATION_LENGTH = uint8("tls.handshake.extensions_reneg_info_len", "Renegotiation info extension length");
    RENEGOTIATION_INFO = bytes("tls.handshake.extensions_reneg_info", "Renegotiation info");
    ESNI_SUITE = uint16("tls.esni.suite", "Cipher Suite").hex().named(Names::Lookup(names::cipher_suite));
    ESNI_DIGEST_LENGTH = uint16("tls.esni.record_digest_length", "Record Digest Length");
    ESNI_DIGEST = bytes("tls.esni.record_digest", "Record Digest");
    ESNI_LENGTH = uint16("tls.esni.encrypted_sni_length", "Encrypted SNI Length");
    ESNI_NAME = bytes("tls.esni.encrypted_sni", "Encrypted SNI");
    ESNI_NONCE = bytes("tls.esni.nonce", "Nonce");
}

/// The message that extensions stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    ClientHello,
    ServerHello,
    HelloRetryRequest,
    EncryptedExtensions,
    CertificateRequest,
    Certificate,
    NewSessionTicket,
}

/// Reads a list of extensions with its length; false where a length in it lies.
pub(super) fn list(l: &mut Layer, from: From) -> Result<bool, Stop> {
    let Some(len) = vector(l, &EXTENSIONS_LENGTH, 2, (0, 0xffff))? else { return Ok(false) };
    let behind = l.wire_remaining() - len;
    let outer = l.narrow(len);
    let result = (|| {
        while l.wire_remaining() >= 4 {
            if !extension(l, from, behind)? {
                return Ok(false);
            }
        }
        trailing(l)?;
        Ok(true)
    })();
    l.widen(outer);
    result
}

/// Reads an extension, false where its length lies; `behind` are the bytes of the message behind the list.
fn extension(l: &mut Layer, from: From, behind: usize) -> Result<bool, Stop> {
    let kind = l.peek_u16()?;
    let len = l.peek(4)?.get(2..).and_then(lists::number).map_or(0, |row| row.0);
    if 4 + usize::from(len) > l.wire_remaining() + behind {
        return Err(Stop::Malformed);
    }
    // Of one that was cut in capture there is no line.
    l.peek((4 + usize::from(len)).min(l.wire_remaining()))?;
    let open = l.open_with(&EXTENSION, u64::from(kind) << 16 | u64::from(len), 4 + usize::from(len));
    l.u16(&TYPE)?;
    let len = vector(l, &LENGTH, 2, (0, 0xffff))?;
    if let Some(len) = len {
        let end = l.offset() + len;
        let outer = l.narrow(len);
        let result = content(l, kind, from, len).and_then(|()| trailing(l));
        l.widen(outer);
        result?;
        l.go_to(end)?;
    }
    l.close(open);
    Ok(len.is_some())
}

/// Reads what an extension has; what is left of it, nobody knows.
fn content(l: &mut Layer, kind: u16, from: From, len: usize) -> Result<(), Stop> {
    let is_client = from == From::ClientHello;
    match kind {
        SERVER_NAME if len > 0 => server_names(l),
        MAX_FRAGMENT_LENGTH => l.u8(&FRAGMENT_LENGTH).map(drop),
        STATUS_REQUEST if is_client || from == From::CertificateRequest && len > 0 => status_request(l),
        STATUS_REQUEST if from == From::Certificate => certificate::status(l),
        STATUS_REQUEST_V2 if is_client => match vector(l, &STATUS_LIST_LENGTH, 2, (1, 0xffff))? {
            Some(len) => within(l, len, status_request_item),
            None => Ok(()),
        },
        CERT_TYPE | CLIENT_CERTIFICATE_TYPE | SERVER_CERTIFICATE_TYPE => match from {
            From::ClientHello => certificate_types(l),
            From::ServerHello | From::EncryptedExtensions => l.u8(&CERTIFICATE_TYPE).map(drop),
            _ => Ok(()),
        },
        SUPPORTED_GROUPS => {
            let Some(len) = vector(l, &GROUPS_LENGTH, 2, (2, 0xffff))? else { return Ok(()) };
            let open = l.open_with(&GROUPS, len as u64 / 2, len);
            numbers(l, len, &GROUP)?;
            l.close(open);
            Ok(())
        }
        EC_POINT_FORMATS => {
            let len = usize::from(l.u8(&FORMATS_LENGTH)?);
            l.peek(len)?;
            let open = l.open_with(&FORMATS, len as u64, len);
            within(l, len, |l| l.u8(&FORMAT).map(drop))?;
            l.close(open);
            Ok(())
        }
        SRP => opaque(l, &SRP_LENGTH, 1, (1, 255), &SRP_NAME).map(drop),
        SIGNATURE_ALGORITHMS | SIGNATURE_ALGORITHMS_CERT => signature_algorithms(l),
        DELEGATED_CREDENTIALS if from == From::ClientHello || from == From::CertificateRequest => {
            signature_algorithms(l)
        }
        DELEGATED_CREDENTIALS => certificate::delegated_credential(l),
        HEARTBEAT => l.u8(&HEARTBEAT_MODE).map(drop),
        names::ALPN => match vector(l, &ALPN_LENGTH, 2, (2, 0xffff))? {
            Some(len) => strings(l, len, &ALPN_LIST, &ALPN_NAME_LENGTH, &ALPN_NAME),
            None => Ok(()),
        },
        SIGNED_CERTIFICATE_TIMESTAMP if !is_client && from != From::CertificateRequest => timestamps(l),
        PADDING_TYPE => l.bytes(&PADDING, len).map(drop),
        COMPRESS_CERTIFICATE if is_client || from == From::CertificateRequest => {
            match vector(l, &COMPRESSIONS_LENGTH, 1, (2, 254))? {
                Some(len) => numbers(l, len, &COMPRESSION),
                None => Ok(()),
            }
        }
        RECORD_SIZE_LIMIT => l.u16(&RECORD_LIMIT).map(drop),
        SESSION_TICKET => l.bytes(&TICKET, len).map(drop),
        KEY_SHARE_TYPE | KEY_SHARE_DRAFT => key_share(l, from),
        PRE_SHARED_KEY => pre_shared_key(l, from),
        names::EARLY_DATA if from == From::NewSessionTicket => l.u32(&EARLY_DATA_SIZE).map(drop),
        names::SUPPORTED_VERSIONS if is_client => match vector(l, &VERSIONS_LENGTH, 1, (2, 255))? {
            Some(len) => numbers(l, len, &VERSION),
            None => Ok(()),
        },
        names::SUPPORTED_VERSIONS if matches!(from, From::ServerHello | From::HelloRetryRequest) => {
            l.u16(&VERSION).map(drop)
        }
        names::SUPPORTED_VERSIONS => Ok(()),
        COOKIE_TYPE => opaque(l, &COOKIE_LENGTH, 2, (1, 0xffff), &COOKIE).map(drop),
        PSK_KEY_EXCHANGE_MODES => match vector(l, &PSK_MODES_LENGTH, 1, (1, 255))? {
            Some(len) => within(l, len, |l| l.u8(&PSK_MODE).map(drop)),
            None => Ok(()),
        },
        CERTIFICATE_AUTHORITIES => certificate::names(l, (3, 0xffff)),
        OID_FILTERS => oid_filters(l),
        CONNECTION_ID_TYPE | CONNECTION_ID_DEPRECATED => opaque_if_any(l, &CONNECTION_ID_LENGTH, &CONNECTION_ID),
        NEXT_PROTOCOL_NEGOTIATION if len > 0 => strings(l, len, &NPN, &NPN_NAME_LENGTH, &NPN_NAME),
        APPLICATION_SETTINGS if is_client => match vector(l, &ALPS_LENGTH, 2, (2, 0xffff))? {
            Some(len) => strings(l, len, &ALPS_LIST, &ALPS_NAME_LENGTH, &ALPS_NAME),
            None => Ok(()),
        },
        APPLICATION_SETTINGS if from == From::EncryptedExtensions => l.bytes(&ALPS_SETTINGS, len).map(drop),
        APPLICATION_SETTINGS => l.skip(len).map(drop),
        RENEGOTIATION_INFO_TYPE => {
            let open = l.open(&RENEGOTIATION, len);
            opaque_if_any(l, &RENEGOTIATION_LENGTH, &RENEGOTIATION_INFO)?;
            l.close(open);
            Ok(())
        }
        ENCRYPTED_SERVER_NAME => encrypted_server_name(l, from),
        SERVER_NAME
        | STATUS_REQUEST
        | STATUS_REQUEST_V2
        | USE_SRTP
        | SIGNED_CERTIFICATE_TIMESTAMP
        | ENCRYPT_THEN_MAC
        | EXTENDED_MASTER_SECRET
        | COMPRESS_CERTIFICATE
        | names::EARLY_DATA
        | TICKET_EARLY_DATA_INFO
        | POST_HANDSHAKE_AUTH
        | NEXT_PROTOCOL_NEGOTIATION => Ok(()),
        _ => l.bytes(&DATA, len).map(drop),
    }
}

fn server_names(l: &mut Layer) -> Result<(), Stop> {
    let open = l.open(&SNI, l.wire_remaining());
    if let Some(len) = vector(l, &SNI_LIST_LENGTH, 2, (1, 0xffff))? {
        within(l, len, |l| {
            l.u8(&SNI_TYPE)?;
            opaque(l, &SNI_LENGTH, 2, (1, 0xffff), &SNI_NAME).map(drop)
        })?;
    }
    l.close(open);
    Ok(())
}

fn status_request(l: &mut Layer) -> Result<(), Stop> {
    match l.u8(&STATUS_TYPE)? {
        1 | 2 => responders(l),
        _ => Ok(()),
    }
}

fn status_request_item(l: &mut Layer) -> Result<(), Stop> {
    let kind = l.u8(&STATUS_TYPE)?;
    let Some(len) = vector(l, &STATUS_LENGTH, 2, (0, 0xffff))? else { return Ok(()) };
    let end = l.offset() + len;
    let outer = l.narrow(len);
    let result = if matches!(kind, 1 | 2) { responders(l) } else { Ok(()) };
    l.widen(outer);
    result?;
    l.go_to(end)
}

fn responders(l: &mut Layer) -> Result<(), Stop> {
    for (length, line, expert) in [
        (&RESPONDERS_LENGTH, &RESPONDERS, &RESPONDERS_EXPERT),
        (&REQUEST_EXTENSIONS_LENGTH, &REQUEST_EXTENSIONS, &REQUEST_EXTENSIONS_EXPERT),
    ] {
        let Some(len) = vector(l, length, 2, (0, 0xffff))? else { return Ok(()) };
        if len > 0 {
            l.bytes(line, len)?;
            l.expert(expert);
        }
    }
    Ok(())
}

/// Reads what a client offers; a server chooses one.
fn certificate_types(l: &mut Layer) -> Result<(), Stop> {
    let len = usize::from(l.u8(&CERTIFICATE_TYPES_LENGTH)?);
    if len > l.wire_remaining() {
        return Ok(());
    }
    let open = l.open_with(&CERTIFICATE_TYPE_LIST, len as u64, len);
    within(l, len, |l| l.u8(&CERTIFICATE_TYPE).map(drop))?;
    l.close(open);
    Ok(())
}

/// Reads a list of signature algorithms with its length.
pub(super) fn signature_algorithms(l: &mut Layer) -> Result<(), Stop> {
    let Some(len) = vector(l, &ALGORITHMS_LENGTH, 2, (2, 0xfffe))? else { return Ok(()) };
    let open = l.open_with(&ALGORITHMS, len as u64 / 2, len);
    within(l, len & !1, signature_algorithm)?;
    l.close(open);
    l.skip(len & 1).map(drop)
}

/// Reads a signature algorithm: whole, and as the hash and the signature that TLS 1.2 saw in it.
pub(super) fn signature_algorithm(l: &mut Layer) -> Result<(), Stop> {
    let algorithm = l.peek_u16()?;
    l.part(&ALGORITHM, algorithm, 2);
    l.below(|l| {
        l.u8(&ALGORITHM_HASH)?;
        l.u8(&ALGORITHM_SIGNATURE).map(drop)
    })
}

/// Reads strings with their lengths below an item of `len` bytes.
fn strings(
    l: &mut Layer,
    len: usize,
    item: &'static Field,
    length: &'static Field,
    name: &'static Field,
) -> Result<(), Stop> {
    let open = l.open(item, len);
    within(l, len, |l| opaque(l, length, 1, (1, 255), name).map(drop))?;
    l.close(open);
    Ok(())
}

fn opaque_if_any(l: &mut Layer, length: &'static Field, bytes: &'static Field) -> Result<(), Stop> {
    if let Some(len @ 1..) = vector(l, length, 1, (0, 255))? {
        l.bytes(bytes, len)?;
    }
    Ok(())
}

fn timestamps(l: &mut Layer) -> Result<(), Stop> {
    let Some(len) = vector(l, &SCTS_LENGTH, 2, (1, 0xffff))? else { return Ok(()) };
    within(l, len, |l| {
        let len = usize::from(l.peek_u16()?);
        let open = l.open(&SCT, 2 + len);
        if let Some(len) = vector(l, &SCT_LENGTH, 2, (1, 0xffff))? {
            let end = l.offset() + len;
            let outer = l.narrow(len);
            let result = timestamp(l);
            l.widen(outer);
            result?;
            l.go_to(end)?;
        }
        l.close(open);
        Ok(())
    })
}

fn timestamp(l: &mut Layer) -> Result<(), Stop> {
    l.u8(&SCT_VERSION)?;
    l.bytes(&SCT_LOG, 32)?;
    let millis = l.peek_u64()?;
    l.time(&SCT_TIMESTAMP, (millis / 1000) as i64, (millis % 1000) as u32 * 1_000_000, 8)?;
    let Some(len) = vector(l, &SCT_EXTENSIONS_LENGTH, 2, (0, 0xffff))? else { return Ok(()) };
    if len > 0 {
        l.bytes(&SCT_EXTENSIONS, len)?;
    }
    signature_algorithm(l)?;
    opaque(l, &SCT_SIGNATURE_LENGTH, 2, (0, 0xffff), &SCT_SIGNATURE).map(drop)
}

fn key_share(l: &mut Layer, from: From) -> Result<(), Stop> {
    let open = l.open(&KEY_SHARE, l.wire_remaining());
    match from {
        From::ClientHello => {
            if let Some(len) = vector(l, &KEY_SHARES_LENGTH, 2, (0, 0xffff))? {
                within(l, len, key_share_entry)?;
            }
        }
        From::HelloRetryRequest => _ = l.u16(&KEY_SHARE_SELECTED)?,
        _ => key_share_entry(l)?,
    }
    l.close(open);
    Ok(())
}

fn key_share_entry(l: &mut Layer) -> Result<(), Stop> {
    let group = l.peek_u16()?;
    let open = l.open_with(&KEY_SHARE_ENTRY, group, 4);
    l.u16(&KEY_SHARE_GROUP)?;
    if let Some(len) = vector(l, &KEY_SHARE_LENGTH, 2, (1, 0xffff))? {
        l.set(&open, u64::from(group) | (len as u64) << 16);
        l.bytes(&KEY_SHARE_KEY, len)?;
    }
    l.close_here(open);
    Ok(())
}

fn pre_shared_key(l: &mut Layer, from: From) -> Result<(), Stop> {
    let open = l.open(&PSK, l.wire_remaining());
    match from {
        From::ClientHello => {
            if let Some(len) = vector(l, &PSK_IDENTITIES_LENGTH, 2, (7, 0xffff))? {
                within(l, len, psk_identity)?;
                if let Some(len) = vector(l, &PSK_BINDERS_LENGTH, 2, (33, 0xffff))? {
                    l.bytes(&PSK_BINDERS, len)?;
                }
            }
        }
        From::ServerHello => _ = l.u16(&PSK_SELECTED)?,
        _ => {}
    }
    l.close(open);
    Ok(())
}

fn psk_identity(l: &mut Layer) -> Result<(), Stop> {
    let len = l.peek_u16()?;
    let open = l.open_with(&PSK_IDENTITY_ENTRY, len, 2 + usize::from(len) + 4);
    if opaque(l, &PSK_IDENTITY_LENGTH, 2, (1, 0xffff), &PSK_IDENTITY)? {
        l.u32(&PSK_AGE)?;
    }
    l.close(open);
    Ok(())
}

fn oid_filters(l: &mut Layer) -> Result<(), Stop> {
    let Some(len) = vector(l, &FILTERS_LENGTH, 2, (0, 0xffff))? else { return Ok(()) };
    within(l, len, |l| {
        let open = l.open(&FILTER, l.wire_remaining());
        if let Some(len) = vector(l, &FILTER_OID_LENGTH, 1, (1, 255))? {
            // The identifier has its tag and its length before it.
            l.skip(len.min(2))?;
            l.bytes(&FILTER_OID, len.saturating_sub(2))?;
            if let Some(len) = vector(l, &FILTER_VALUES_LENGTH, 2, (0, 0xffff))? {
                l.skip(len)?;
            }
        }
        l.close_here(open);
        Ok(())
    })
}

fn encrypted_server_name(l: &mut Layer, from: From) -> Result<(), Stop> {
    match from {
        From::ClientHello => {
            l.u16(&ESNI_SUITE)?;
            key_share_entry(l)?;
            if opaque(l, &ESNI_DIGEST_LENGTH, 2, (0, 0xffff), &ESNI_DIGEST)? {
                opaque(l, &ESNI_LENGTH, 2, (0, 0xffff), &ESNI_NAME)?;
            }
            Ok(())
        }
        From::EncryptedExtensions => l.bytes(&ESNI_NONCE, 16).map(drop),
        _ => Ok(()),
    }
}

// ---- lines

fn extension_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let (kind, len) = (entry.number() >> 16, entry.number() & 0xffff);
    text.str("Extension: ");
    match names::extension_type(kind) {
        Some(name) => text.str(name),
        None => text.str("Unknown type ").dec(kind),
    };
    text.str(" (len=").dec(len).byte(b')');
}

fn plain_count_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_counted(entry, [")", ")"], text);
}

fn groups_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_counted(entry, [" group)", " groups)"], text);
}

fn algorithms_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_counted(entry, [" algorithm)", " algorithms)"], text);
}

/// Writes the name of the scheme, or those of hash and signature.
fn algorithm_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let number = entry.number();
    text.str(entry.field.title).str(": ");
    match names::signature_scheme(number) {
        Some(name) => _ = text.str(name),
        None => {
            let word = |field: &Field, value: u64| field.names.get(value).unwrap_or("Unknown");
            text.str(word(&ALGORITHM_HASH, number >> 8)).byte(b' ').str(word(&ALGORITHM_SIGNATURE, number & 0xff));
        }
    }
    text.str(" (").hex(number, 4).byte(b')');
}

fn ticket_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    write_count("Data", entry.len, text);
}

fn key_share_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let (group, len) = (entry.number() & 0xffff, entry.number() >> 16);
    text.str("Key Share Entry: Group: ");
    match names::group(group) {
        Some(name) => text.str(name),
        None => text.str("Unknown (").dec(group).byte(b')'),
    };
    text.str(", Key Exchange length: ").dec(len);
}

fn psk_identity_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("PSK Identity (length: ").dec(entry.number()).byte(b')');
}

/// Lists with their lengths, as they stand in messages, read without recording anything.
pub(super) mod lists {
    /// The number at the beginning, and what follows it.
    pub fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
        let (number, rest) = bytes.split_first_chunk()?;
        Some((u16::from_be_bytes(*number), rest))
    }

    /// What a length of `width` bytes counts, and what follows that; what is not there is nothing.
    pub fn counted(bytes: &[u8], width: usize) -> (&[u8], &[u8]) {
        let Some((len, rest)) = bytes.split_at_checked(width) else { return (&[], &[]) };
        let len = len.iter().fold(0, |len, &byte| len << 8 | usize::from(byte));
        rest.split_at_checked(len).unwrap_or((&[], &[]))
    }

    /// The type and the content of each extension of a list.
    pub fn extensions(list: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
        let mut rest = list;
        std::iter::from_fn(move || {
            let (kind, behind) = number(rest)?;
            let content;
            (content, rest) = counted(behind, 2);
            Some((kind, content))
        })
    }
}

const SERVER_NAME: u16 = 0;
const MAX_FRAGMENT_LENGTH: u16 = 1;
const STATUS_REQUEST: u16 = 5;
const CERT_TYPE: u16 = 9;
pub(super) const SUPPORTED_GROUPS: u16 = 10;
pub(super) const EC_POINT_FORMATS: u16 = 11;
const SRP: u16 = 12;
const SIGNATURE_ALGORITHMS: u16 = 13;
const USE_SRTP: u16 = 14;
const HEARTBEAT: u16 = 15;
const STATUS_REQUEST_V2: u16 = 17;
const SIGNED_CERTIFICATE_TIMESTAMP: u16 = 18;
const CLIENT_CERTIFICATE_TYPE: u16 = 19;
const SERVER_CERTIFICATE_TYPE: u16 = 20;
const PADDING_TYPE: u16 = 21;
const ENCRYPT_THEN_MAC: u16 = 22;
const EXTENDED_MASTER_SECRET: u16 = 23;
const COMPRESS_CERTIFICATE: u16 = 27;
const RECORD_SIZE_LIMIT: u16 = 28;
const DELEGATED_CREDENTIALS: u16 = 34;
const SESSION_TICKET: u16 = 35;
/// That of drafts before 23.
const KEY_SHARE_DRAFT: u16 = 40;
const PRE_SHARED_KEY: u16 = 41;
const COOKIE_TYPE: u16 = 44;
const PSK_KEY_EXCHANGE_MODES: u16 = 45;
const TICKET_EARLY_DATA_INFO: u16 = 46;
const CERTIFICATE_AUTHORITIES: u16 = 47;
const OID_FILTERS: u16 = 48;
const POST_HANDSHAKE_AUTH: u16 = 49;
const SIGNATURE_ALGORITHMS_CERT: u16 = 50;
const KEY_SHARE_TYPE: u16 = 51;
const CONNECTION_ID_DEPRECATED: u16 = 53;
const CONNECTION_ID_TYPE: u16 = 54;
const NEXT_PROTOCOL_NEGOTIATION: u16 = 13_172;
const APPLICATION_SETTINGS: u16 = 17_513;
const RENEGOTIATION_INFO_TYPE: u16 = 0xff01;
const ENCRYPTED_SERVER_NAME: u16 = 0xffce;

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Dissected;
    use crate::protocols::tls::testing::Side::{Client, Server};
    use crate::protocols::tls::testing::{TLS12, client_hello, extension, record, server_hello, talk};

    fn offered(kind: u16, content: &[u8]) -> Dissected {
        talk(&[(Client, record(22, TLS12, &client_hello(&[extension(kind, content)])))]).remove(0)
    }

    fn answered(kind: u16, content: &[u8]) -> Dissected {
        talk(&[(Server, record(22, TLS12, &server_hello(TLS12, 0xc02f, &[extension(kind, content)])))]).remove(0)
    }

    /// The lines are those of tshark 4.0 for the same bytes.
    #[test]
    fn what_a_client_offers() {
        let cases: &[(u16, &[u8], &[&str])] = &[
            (
                0,
                b"\0\x08\0\0\x01a\x07\0\x01b",
                &[
                    "Extension: server_name (len=10)",
                    "Type: server_name (0)",
                    "Length: 10",
                    "Server Name Indication extension",
                    "Server Name list length: 8",
                    "Server Name Type: host_name (0)",
                    "Server Name length: 1",
                    "Server Name: a",
                    "Server Name Type: Unknown (7)",
                    "Server Name: b",
                ],
            ),
            (1, &[2], &["Maximum Fragment Length: 1024 (2)"]),
            (
                5,
                b"\x01\0\x01r\0\0",
                &[
                    "Certificate Status Type: OCSP (1)",
                    "Responder ID list Length: 1",
                    "Responder ID list is not implemented, contact Wireshark developers if you want this to be supported",
                    "Request Extensions Length: 0",
                ],
            ),
            (
                9,
                &[2, 0, 1],
                &["Certificate Type List Length: 2", "Certificate Type List (2)", "Certificate Type: OpenPGP (0x01)"],
            ),
            (
                10,
                &[0, 4, 0, 29, 0x99, 0x99],
                &[
                    "Supported Groups (2 groups)",
                    "Supported Group: x25519 (0x001d)",
                    "Supported Group: Unknown (0x9999)",
                ],
            ),
            (11, &[1, 0], &["Elliptic curves point formats (1)", "EC point format: uncompressed (0)"]),
            (12, b"\x04user", &["SRP username length: 4", "SRP username: user"]),
            (
                13,
                &[0, 6, 4, 3, 3, 2, 0x70, 0x70],
                &[
                    "Signature Hash Algorithms (3 algorithms)",
                    "Signature Algorithm: ecdsa_secp256r1_sha256 (0x0403)",
                    "Signature Hash Algorithm Hash: SHA256 (4)",
                    "Signature Hash Algorithm Signature: ECDSA (3)",
                    "Signature Algorithm: SHA224 DSA (0x0302)",
                    "Signature Algorithm: Unknown Unknown (0x7070)",
                ],
            ),
            (15, &[1], &["Mode: Peer allowed to send requests (1)"]),
            (
                16,
                b"\0\x03\x02h2",
                &["ALPN Extension Length: 3", "ALPN Protocol", "ALPN string length: 2", "ALPN Next Protocol: h2"],
            ),
            (
                17,
                b"\0\x07\x02\0\x04\0\0\0\0",
                &["Certificate Status List Length: 7", "Certificate Status Type: OCSP Multi (2)"],
            ),
            (21, &[0, 0], &["Padding Data: 0000"]),
            (27, &[4, 0, 1, 0, 9], &["Algorithms Length: 4", "Algorithm: zlib (1)", "Algorithm: Unknown (9)"]),
            (28, &[0x40, 1], &["Record Size Limit: 16385"]),
            (34, &[0, 2, 4, 3], &["Signature Hash Algorithms (1 algorithm)"]),
            (35, b"abc", &["Data (3 bytes)"]),
            (
                41,
                b"\0\x07\0\x01i\0\0\x30\x39\0\x02\x01b",
                &[
                    "Pre-Shared Key extension",
                    "Identities Length: 7",
                    "PSK Identity (length: 1)",
                    "Identity: 69",
                    "Obfuscated Ticket Age: 12345",
                    "PSK Binders length: 2",
                    "PSK Binders",
                ],
            ),
            (
                43,
                &[4, 3, 4, 0x8a, 0x8a],
                &["Supported Version: TLS 1.3 (0x0304)", "Supported Version: Reserved (GREASE) (0x8a8a)"],
            ),
            (44, b"\0\x02ck", &["Cookie length: 2", "Cookie: 636b"]),
            (45, &[1, 1], &["PSK Key Exchange Mode: PSK with (EC)DHE key establishment (psk_dhe_ke) (1)"]),
            (
                48,
                b"\0\x09\x04\x06\x02\x55\x1d\0\x02ab",
                &["Certificate Extension OID Length: 4", "Certificate Extension OID: 2.5.29"],
            ),
            (
                51,
                b"\0\x0a\0\x1d\0\x01k\x99\x99\0\x01x",
                &[
                    "Client Key Share Length: 10",
                    "Key Share Entry: Group: x25519, Key Exchange length: 1",
                    "Group: x25519 (29)",
                    "Key Exchange: 6b",
                    "Key Share Entry: Group: Unknown (39321), Key Exchange length: 1",
                ],
            ),
            (54, b"\x03cid", &["Connection ID length: 3", "Connection ID: 636964"]),
            (17_513, b"\0\x03\x02h2", &["ALPS Extension Length: 3", "Supported ALPN List", "Supported ALPN: h2"]),
            (0xff01, &[0], &["Renegotiation Info extension", "Renegotiation info extension length: 0"]),
            (
                0xffce,
                b"\x13\x01\0\x1d\0\x01k\0\x01d\0\x01e",
                &["Cipher Suite: TLS_AES_128_GCM_SHA256 (0x1301)", "Record Digest: 64", "Encrypted SNI: 65"],
            ),
            (0x1234, b"zz", &["Extension: Unknown type 4660 (len=2)", "Type: Unknown (4660)", "Data: 7a7a"]),
            (24, &[], &["Extension: token_binding (len=0)", "Data: <MISSING>"]),
            (14, &[0; 5], &["5 trailing bytes were unprocessed"]),
        ];
        for (kind, content, lines) in cases {
            let dissected = offered(*kind, content);
            dissected.shows(lines).lacks("Malformed Packet");
            assert_eq!(dissected.tree.contains("trailing"), *kind == 14, "{}", dissected.tree);
        }
        for kind in [18, 22, 23, 42, 49, 13_172] {
            offered(kind, &[]).lacks("trailing").lacks("Data:");
        }
    }

    #[test]
    fn what_a_server_chooses() {
        let timestamp =
            [&b"\0\x36\0\x34\0"[..], &[7; 32], b"\0\0\x01\x5a\x11\x22\x33\x44", b"\0\0\x04\x03\0\x05signa"].concat();
        let cases: &[(u16, &[u8], &[&str])] = &[
            (0, &[], &["Extension: server_name (len=0)"]),
            (5, &[], &["Extension: status_request (len=0)"]),
            (19, &[2], &["Certificate Type: Raw Public Key (0x02)"]),
            (41, &[0, 3], &["Selected Identity: 3"]),
            (43, &[3, 4], &["Supported Version: TLS 1.3 (0x0304)"]),
            (51, b"\0\x1d\0\x01k", &["Key Share Entry: Group: x25519, Key Exchange length: 1"]),
            (13_172, b"\x02h2\x06spdy/3", &["Next Protocol Negotiation", "Next Protocol: h2", "Next Protocol: spdy/3"]),
            (
                18,
                &timestamp,
                &[
                    "Serialized SCT List Length: 54",
                    "Signed Certificate Timestamp (Unknown Log)",
                    "Serialized SCT Length: 52",
                    "SCT Version: 0",
                    "Timestamp: Feb  6, 2017 01:55:38.436000000 UTC",
                    "Extensions length: 0",
                    "Signature Algorithm: ecdsa_secp256r1_sha256 (0x0403)",
                    "Signature Length: 5",
                    "Signature: 7369676e61",
                ],
            ),
        ];
        for (kind, content, lines) in cases {
            answered(*kind, content).shows(lines).lacks("Malformed Packet").lacks("trailing");
        }
        answered(27, &[2, 0, 1]).shows(&["3 trailing bytes were unprocessed"]);
    }

    #[test]
    fn lengths_that_lie() {
        offered(10, &[0, 8, 0, 29])
            .shows(&["[Expert Info (Error/Malformed): Vector length 8 is too large, truncating it to 2]"]);
        offered(16, b"\0\x01\0").shows(&[
            "[Expert Info (Warning/Protocol): Vector length 1 is smaller than minimum 2]",
            "[Expert Info (Warning/Protocol): Vector length 0 is smaller than minimum 1]",
        ]);
        offered(44, &[7]).shows(&["No more room for vector of length 2"]);
        offered(13, &[0, 3, 4, 3, 9]).shows(&["Signature Hash Algorithms (1 algorithm)"]);
        offered(28, &[7]).shows(&["[Malformed Packet: TLS]"]);
    }
}
