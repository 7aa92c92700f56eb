//! The data of records about keys, signatures and what is to be trusted.
//!
//! RFC 2535 (KEY, SIG), RFC 2930 (TKEY), RFC 4025 (IPSECKEY), RFC 4034 (DNSKEY, RRSIG, NSEC, DS), RFC 4255 (SSHFP), RFC 4398 (CERT), RFC 5155 (NSEC3), RFC 6698 (TLSA),
//! RFC 7477 (CSYNC), RFC 8005 (HIP), RFC 8945 (TSIG), RFC 8976 (ZONEMD). Words are those of the *Domain Name System Security (DNSSEC)
//! Algorithm Numbers* registry of IANA and of those that these documents name.

use super::names;
use super::records::{Data, moment, rest};
use super::types::{self, Part};
use super::{REPLY_CODES, seconds_line};
use crate::dissect::{Entry, Field, Group, Layer, LayerView, Names, Severity, Stop, Value, fields, names};
use crate::text::Text;

fields! {
    BIT_MAP_TYPE = uint16("dns.resp.type", "Type").label(bit_map_line);
    RRSIG_TYPE_COVERED = uint16("dns.rrsig.type_covered", "Type Covered").named(types::TITLES);
    RRSIG_ALGORITHM = uint8("dns.rrsig.algorithm", "Algorithm").values(ALGORITHMS);
    RRSIG_LABELS = uint8("dns.rrsig.labels", "Labels");
    RRSIG_ORIGINAL_TTL = uint32("dns.rrsig.original_ttl", "Original TTL").label(seconds_line);
    RRSIG_EXPIRATION = absolute_time("dns.rrsig.signature_expiration", "Signature Expiration").hex();
    RRSIG_INCEPTION = absolute_time("dns.rrsig.signature_inception", "Signature Inception").hex();
    RRSIG_KEY_TAG = uint16("dns.rrsig.key_tag", "Key Tag");
    RRSIG_SIGNERS_NAME = text("dns.rrsig.signers_name", "Signer's name");
    RRSIG_SIGNATURE = bytes("dns.rrsig.signature", "Signature");
    DNSKEY_FLAGS = uint16("dns.dnskey.flags", "Flags").hex();
    DNSKEY_ZONE_KEY = boolean("dns.dnskey.flags.zone_key", "Zone Key").of(16).bits(0x0100)
        .flags("This is the zone key for specified zone", "This it not a zone key");
    DNSKEY_REVOKED = boolean("dns.dnskey.flags.key_revoked", "Key Revoked").of(16).bits(0x0080).flags("Yes", "No");
    DNSKEY_ENTRY_POINT = boolean("dns.dnskey.flags.secure_entry_point", "Key Signing Key").of(16).bits(0x0001)
        .flags("Yes", "No");
    DNSKEY_RESERVED = uint16("dns.dnskey.flags.reserved", "Key Signing Key").hex().bits(0xfe7e);
    DNSKEY_PROTOCOL = uint8("dns.dnskey.protocol", "Protocol");
    DNSKEY_ALGORITHM = uint8("dns.dnskey.algorithm", "Algorithm").values(ALGORITHMS);
    DNSKEY_KEY_ID = uint16("dns.dnskey.key_id", "Key id").generated();
    DNSKEY_PUBLIC_KEY = bytes("dns.dnskey.public_key", "Public Key");
    KEY_FLAGS = uint16("dns.key.flags", "Flags").hex();
    KEY_AUTHENTICATION = boolean("dns.key.flags.authentication", "Key allowed for authentication").of(16).bits(0x8000)
        .flags("Not Allowed", "Allowed");
    KEY_CONFIDENTIALITY = boolean("dns.key.flags.confidentiality", "Key allowed for confidentiality").of(16)
        .bits(0x4000).flags("Not Allowed", "Allowed");
    KEY_REQUIRED = boolean("dns.key.flags.required", "Key required").of(16).bits(0x2000)
        .flags("Experimental or optional", "Required");
    KEY_USER = boolean("dns.key.flags.associated_user", "Key is associated with a user").of(16).bits(0x0400)
        .flags("Yes", "No");
    KEY_ENTITY = boolean("dns.key.flags.associated_named_entity", "Key is associated with the named entity").of(16)
        .bits(0x0200).flags("Yes", "No");
    KEY_IPSEC = boolean("dns.key.flags.ipsec", "Key use with IPSEC").of(16).bits(0x0080).flags("Valid", "Invalid");
    KEY_MIME = boolean("dns.key.flags.mime", "Key use with MIME security multiparts").of(16).bits(0x0040)
        .flags("Valid", "Invalid");
    KEY_SIGNATORY = uint16("dns.key.flags.signatory", "Signatory").bits(0x000f);
    KEY_PROTOCOL = uint8("dns.key.protocol", "Protocol");
    KEY_ALGORITHM = uint8("dns.key.algorithm", "Algorithm").values(ALGORITHMS);
    KEY_KEY_ID = uint16("dns.key.key_id", "Key ID").generated();
    KEY_PUBLIC_KEY = bytes("dns.key.public_key", "Public Key");
    KEY_ID_MISSING = heading("Buffer too short to compute a key id").generated();
    KEY_ID_TOO_SHORT = expert("dns.key_id_buffer_too_short", "Buffer too short to compute a key id",
        Severity::Warning, Group::Protocol);
    CERT_TYPE = uint16("dns.cert.type", "Type").values(CERTIFICATE_TYPES);
    CERT_KEY_TAG = uint16("dns.cert.key_tag", "Key Tag").hex();
    CERT_ALGORITHM = uint8("dns.cert.algorithm", "Algorithm").values(ALGORITHMS);
    CERT_CERTIFICATE = bytes("dns.cert.certificate", "Certificate (or CRL)");
    NSEC_NEXT_DOMAIN_NAME = text("dns.nsec.next_domain_name", "Next Domain Name");
    NSEC3_ALGO = uint8("dns.nsec3.algo", "Hash algorithm").values(NSEC3_ALGORITHMS);
    NSEC3_FLAGS = uint8("dns.nsec3.flags", "NSEC3 flags");
    NSEC3_OPT_OUT = boolean("dns.nsec3.flags.opt_out", "NSEC3 Opt-out flag").bits(0x01)
        .flags("Additional insecure delegations allowed", "Additional insecure delegations forbidden");
    NSEC3_ITERATIONS = uint16("dns.nsec3.iterations", "NSEC3 iterations");
    NSEC3_SALT_LENGTH = uint8("dns.nsec3.salt_length", "Salt length");
    NSEC3_SALT_VALUE = bytes("dns.nsec3.salt_value", "Salt value");
    NSEC3_HASH_LENGTH = uint8("dns.nsec3.hash_length", "Hash length");
    NSEC3_HASH_VALUE = text("dns.nsec3.hash_value", "Next hashed owner").generated();
    TLSA_CERTIFICATE_USAGE = uint8("dns.tlsa.certificate_usage", "Certificate Usage").values(CERTIFICATE_USAGES);
    TLSA_SELECTOR = uint8("dns.tlsa.selector", "Selector").values(SELECTORS);
    TLSA_MATCHING_TYPE = uint8("dns.tlsa.matching_type", "Matching Type").values(MATCHING_TYPES);
    TLSA_DATA = bytes("dns.tlsa.certificate_association_data", "Certificate Association Data");
    DS_KEY_ID = uint16("dns.ds.key_id", "Key id").hex();
    DS_ALGORITHM = uint8("dns.ds.algorithm", "Algorithm").values(ALGORITHMS);
    DS_DIGEST_TYPE = uint8("dns.ds.digest_type", "Digest Type").values(DIGESTS);
    DS_DIGEST = bytes("dns.ds.digest", "Digest");
    SSHFP_ALGORITHM = uint8("dns.sshfp.algorithm", "Algorithm").values(SSH_ALGORITHMS);
    SSHFP_FINGERPRINT_TYPE = uint8("dns.sshfp.fingerprint.type", "Fingerprint type").values(SSH_FINGERPRINTS);
    SSHFP_FINGERPRINT = bytes("dns.sshfp.fingerprint", "Fingerprint");
    IPSECKEY_PRECEDENCE = uint8("dns.ipseckey.gateway_precedence", "Gateway Precedence");
    IPSECKEY_GATEWAY_TYPE = uint8("dns.ipseckey.gateway_type", "Gateway Type").values(GATEWAYS);
    IPSECKEY_ALGORITHM = uint8("dns.ipseckey.gateway_algorithm", "Gateway Algorithm").values(IPSEC_ALGORITHMS);
    IPSECKEY_GATEWAY_IPV4 = ipv4("dns.ipseckey.gateway_ipv4", "IPv4 Gateway");
    IPSECKEY_GATEWAY_IPV6 = ipv6("dns.ipseckey.gateway_ipv6", "IPv6 Gateway");
    IPSECKEY_GATEWAY_DNS = text("dns.ipseckey.gateway_dns", "DNS Gateway");
    IPSECKEY_PUBLIC_KEY = bytes("dns.ipseckey.public_key", "Public Key");
    HIP_HIT_LENGTH = uint8("dns.hip.hit.length", "HIT length");
    HIP_PK_ALGO = uint8("dns.hip.hit.pk.algo", "HIT length").values(HOST_ALGORITHMS);
    HIP_PK_LENGTH = uint16("dns.hip.pk.length", "PK length");
    HIP_HIT = bytes("dns.hip.hit", "Host Identity Tag");
    HIP_PK = bytes("dns.hip.pk", "HIP Public Key");
    HIP_RENDEZVOUS_SERVER = text("dns.hip.rendezvous_server", "Rendezvous Server");
    CSYNC_SOA = uint32("dns.csync.soa", "SOA");
    CSYNC_FLAGS = uint16("dns.csync.flags", "Flags").hex();
    CSYNC_IMMEDIATE = boolean("dns.csync.flags.immediate", "immediate").of(16).bits(0x0001);
    CSYNC_SOAMINIMUM = boolean("dns.csync.flags.soaminimum", "soaminimum").of(16).bits(0x0002);
    CSYNC_TYPE_BITMAP = bytes("dns.csync.type_bitmap", "Type Bitmap");
    ZONEMD_SERIAL = uint32("dns.zonemd.serial", "Serial");
    ZONEMD_SCHEME = uint8("dns.zonemd.scheme", "Scheme").named(Names::Ranges(ZONE_SCHEMES));
    ZONEMD_HASH_ALGO = uint8("dns.zonemd.hash_algo", "Hash Algorithm").named(Names::Ranges(ZONE_HASHES));
    ZONEMD_DIGEST = bytes("dns.zonemd.digest", "Digest");
    TKEY_ALGO_NAME = text("dns.tkey.algo_name", "Algorithm name");
    TKEY_INCEPTION = absolute_time("dns.tkey.signature_inception", "Signature Inception").hex();
    TKEY_EXPIRATION = absolute_time("dns.tkey.signature_expiration", "Signature Expiration").hex();
    TKEY_MODE = uint16("dns.tkey.mode", "Mode").values(KEY_MODES);
    TKEY_ERROR = uint16("dns.tkey.error", "Error").values(REPLY_CODES);
    TKEY_KEY_SIZE = uint16("dns.tkey.key_size", "Key Size");
    TKEY_KEY_DATA = bytes("dns.tkey.key_data", "Key Data");
    TKEY_OTHER_SIZE = uint16("dns.tkey.other_size", "Other Size");
    TKEY_OTHER_DATA = bytes("dns.tkey.other_data", "Other Data");
    TSIG_ALGORITHM_NAME = text("dns.tsig.algorithm_name", "Algorithm Name");
    TSIG_TIME_SIGNED = absolute_time("dns.tsig.time_signed", "Time Signed").hex();
    TSIG_FUDGE = uint16("dns.tsig.fudge", "Fudge");
    TSIG_MAC_SIZE = uint16("dns.tsig.mac_size", "MAC Size");
    TSIG_MAC = none("dns.tsig.mac", "MAC");
    TSIG_NOALG = expert("dns.tsig.noalg", "No dissector for algorithm", Severity::Warning, Group::Undecoded)
        .label(no_algorithm_message);
    TSIG_ORIGINAL_ID = uint16("dns.tsig.original_id", "Original Id");
    TSIG_ERROR = uint16("dns.tsig.error", "Error").values(REPLY_CODES);
    TSIG_OTHER_LEN = uint16("dns.tsig.other_len", "Other Len");
    TSIG_OTHER_DATA = bytes("dns.tsig.other_data", "Other Data");
}

pub(super) static SIGNATURE: &[Part] = &[
    Part::U16(&RRSIG_TYPE_COVERED),
    Part::U8(&RRSIG_ALGORITHM),
    Part::U8(&RRSIG_LABELS),
    Part::U32(&RRSIG_ORIGINAL_TTL),
    Part::Moment(&RRSIG_EXPIRATION),
    Part::Moment(&RRSIG_INCEPTION),
    Part::U16(&RRSIG_KEY_TAG),
    Part::Name(&RRSIG_SIGNERS_NAME),
    Part::Rest(&RRSIG_SIGNATURE),
];

pub(super) static CERTIFICATE: &[Part] =
    &[Part::U16(&CERT_TYPE), Part::U16(&CERT_KEY_TAG), Part::U8(&CERT_ALGORITHM), Part::Rest(&CERT_CERTIFICATE)];

pub(super) static DELEGATION: &[Part] =
    &[Part::U16(&DS_KEY_ID), Part::U8(&DS_ALGORITHM), Part::U8(&DS_DIGEST_TYPE), Part::All(&DS_DIGEST)];

pub(super) static SSH_FINGERPRINT: &[Part] =
    &[Part::U8(&SSHFP_ALGORITHM), Part::U8(&SSHFP_FINGERPRINT_TYPE), Part::Rest(&SSHFP_FINGERPRINT)];

pub(super) static TLS_ASSOCIATION: &[Part] = &[
    Part::U8(&TLSA_CERTIFICATE_USAGE),
    Part::U8(&TLSA_SELECTOR),
    Part::U8(&TLSA_MATCHING_TYPE),
    Part::All(&TLSA_DATA),
];

pub(super) static ZONE_DIGEST: &[Part] =
    &[Part::U32(&ZONEMD_SERIAL), Part::U8(&ZONEMD_SCHEME), Part::U8(&ZONEMD_HASH_ALGO), Part::All(&ZONEMD_DIGEST)];

pub(super) fn dnskey(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    let flags = l.u16(&DNSKEY_FLAGS)?;
    l.parts(&[&DNSKEY_ZONE_KEY, &DNSKEY_REVOKED, &DNSKEY_ENTRY_POINT, &DNSKEY_RESERVED], flags);
    l.u8(&DNSKEY_PROTOCOL)?;
    let algorithm = l.u8(&DNSKEY_ALGORITHM)?;
    record_key_id(l, data, algorithm, &DNSKEY_KEY_ID);
    l.bytes(&DNSKEY_PUBLIC_KEY, data.left(l)?).map(drop)
}

/// Reads a key of the first DNSSEC, which may say that there is none: RFC 2535, section 3.1.2.
pub(super) fn key(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    let flags = l.u16(&KEY_FLAGS)?;
    l.parts(&[&KEY_AUTHENTICATION, &KEY_CONFIDENTIALITY], flags);
    if flags & NO_KEY != NO_KEY {
        l.parts(&[&KEY_REQUIRED, &KEY_USER, &KEY_ENTITY, &KEY_IPSEC, &KEY_MIME, &KEY_SIGNATORY], flags);
    }
    l.u8(&KEY_PROTOCOL)?;
    let algorithm = l.u8(&KEY_ALGORITHM)?;
    record_key_id(l, data, algorithm, &KEY_KEY_ID);
    rest(l, data, &KEY_PUBLIC_KEY)
}

/// Records the number by which signatures name a key: RFC 4034, appendix B.
fn record_key_id(l: &mut Layer, data: &Data, algorithm: u8, field: &'static Field) {
    let bytes = l.all().get(data.start..data.start + data.len).unwrap_or_default();
    if bytes.len() < 4 {
        l.generated(&KEY_ID_MISSING, 0u64);
        l.expert(&KEY_ID_TOO_SHORT);
        return;
    }
    // "The key tag is defined to be the most significant 16 bits of the least significant 24 bits in the public key modulus."
    if let (RSA_MD5, Some(&[high, low, _])) = (algorithm, bytes.last_chunk()) {
        l.generated(field, u16::from_be_bytes([high, low]));
        return;
    }
    let words = bytes.chunks(2).map(|word| u32::from(word[0]) << 8 | word.get(1).map_or(0, |&low| u32::from(low)));
    let sum: u32 = words.sum();
    l.generated(field, (sum + (sum >> 16)) as u16);
}

pub(super) fn nsec3(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    l.u8(&NSEC3_ALGO)?;
    let flags = l.u8(&NSEC3_FLAGS)?;
    l.parts(&[&NSEC3_OPT_OUT], flags);
    iterations_and_salt(l)?;
    let len = usize::from(l.u8(&NSEC3_HASH_LENGTH)?);
    let hash = l.peek(len)?;
    if len > 0 {
        l.built(&NSEC3_HASH_VALUE, len, |text| write_base32(hash, text));
        l.skip(len)?;
    }
    bit_map(l, data)
}

pub(super) fn nsec3_parameters(l: &mut Layer, _: &Data) -> Result<(), Stop> {
    l.u8(&NSEC3_ALGO)?;
    l.u8(&NSEC3_FLAGS)?;
    iterations_and_salt(l)
}

fn iterations_and_salt(l: &mut Layer) -> Result<(), Stop> {
    l.u16(&NSEC3_ITERATIONS)?;
    let len = l.u8(&NSEC3_SALT_LENGTH)?;
    l.bytes(&NSEC3_SALT_VALUE, len.into()).map(drop)
}

/// Writes bytes five bits a letter, without filling the last eight letters up: RFC 4648, section 7, as RFC 5155 uses it.
fn write_base32(bytes: &[u8], text: &mut Vec<u8>) {
    for chunk in bytes.chunks(5) {
        let mut wide = [0; 8];
        wide[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(wide);
        let letters = (8 * chunk.len()).div_ceil(5);
        text.extend((0..letters).map(|place| BASE_32[(bits >> (35 - 5 * place) & 0x1f) as usize]));
    }
}

/// Reads which types there are, in windows of 256: RFC 4034, section 4.1.2.
pub(super) fn bit_map(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    while data.left(l)? > 0 {
        let &[window, len] = l.skip(2)?.first_chunk().unwrap_or(&[0; 2]);
        bits(l, u16::from(window) << 8, len.into())?;
    }
    Ok(())
}

/// Reads which of the first types there are: RFC 2535, section 5.2.
pub(super) fn old_bit_map(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    bits(l, 0, data.left(l)?)
}

fn bits(l: &mut Layer, mut first: u16, len: usize) -> Result<(), Stop> {
    for _ in 0..len {
        let byte = l.peek_u8()?;
        for bit in (0..8).filter(|bit| byte & 0x80 >> bit != 0) {
            l.generated_at(&BIT_MAP_TYPE, first.wrapping_add(bit), l.offset(), 1);
        }
        first = first.wrapping_add(8);
        l.skip(1)?;
    }
    Ok(())
}

pub(super) fn synchronization(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    l.u32(&CSYNC_SOA)?;
    let flags = l.u16(&CSYNC_FLAGS)?;
    l.parts(&[&CSYNC_IMMEDIATE, &CSYNC_SOAMINIMUM], flags);
    let left = data.left(l)?;
    l.peek(left)?;
    l.part(&CSYNC_TYPE_BITMAP, 0u64, left);
    bit_map(l, data)
}

pub(super) fn ipsec_key(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    l.u8(&IPSECKEY_PRECEDENCE)?;
    let gateway = l.u8(&IPSECKEY_GATEWAY_TYPE)?;
    l.u8(&IPSECKEY_ALGORITHM)?;
    match gateway {
        1 => _ = l.ipv4(&IPSECKEY_GATEWAY_IPV4)?,
        2 => _ = l.ipv6(&IPSECKEY_GATEWAY_IPV6)?,
        3 => _ = names::read(l, data.message.base, &IPSECKEY_GATEWAY_DNS)?,
        _ => {}
    }
    rest(l, data, &IPSECKEY_PUBLIC_KEY)
}

pub(super) fn host_identity(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    let tag_len = l.u8(&HIP_HIT_LENGTH)?;
    l.u8(&HIP_PK_ALGO)?;
    let key_len = l.u16(&HIP_PK_LENGTH)?;
    l.bytes(&HIP_HIT, tag_len.into())?;
    l.bytes(&HIP_PK, key_len.into())?;
    while data.left(l).is_ok_and(|left| left > 1) {
        names::read(l, data.message.base, &HIP_RENDEZVOUS_SERVER)?;
    }
    Ok(())
}

pub(super) fn transaction_key(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    names::read(l, data.message.base, &TKEY_ALGO_NAME)?;
    moment(l, &TKEY_INCEPTION)?;
    moment(l, &TKEY_EXPIRATION)?;
    l.u16(&TKEY_MODE)?;
    l.u16(&TKEY_ERROR)?;
    sized(l, &TKEY_KEY_SIZE, &TKEY_KEY_DATA)?;
    sized(l, &TKEY_OTHER_SIZE, &TKEY_OTHER_DATA)
}

pub(super) fn transaction_signature(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    names::read(l, data.message.base, &TSIG_ALGORITHM_NAME)?;
    let seconds = l.peek_u48()?;
    l.time(&TSIG_TIME_SIGNED, seconds as i64, 0, 6)?;
    l.u16(&TSIG_FUDGE)?;
    let len = usize::from(l.u16(&TSIG_MAC_SIZE)?);
    l.part(&TSIG_MAC, 0u64, len);
    l.expert(&TSIG_NOALG);
    l.skip(len)?;
    l.u16(&TSIG_ORIGINAL_ID)?;
    l.u16(&TSIG_ERROR)?;
    sized(l, &TSIG_OTHER_LEN, &TSIG_OTHER_DATA)
}

/// Reads bytes behind the 16 bits that count them.
fn sized(l: &mut Layer, len_field: &'static Field, field: &'static Field) -> Result<(), Stop> {
    match l.u16(len_field)? {
        0 => Ok(()),
        len => l.bytes(field, len.into()).map(drop),
    }
}

// ---- lines

fn bit_map_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("RR type in bit map: ");
    match types::TITLES.get(entry.number()) {
        Some(title) => text.str(title),
        None => text.str("Unknown (").dec(entry.number()).byte(b')'),
    };
}

fn no_algorithm_message(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("No dissector for algorithm:");
    let algorithm = layer.preceding(entry).take(8).find(|earlier| earlier.field.is(&TSIG_ALGORITHM_NAME));
    if let Some(Value::Text(name)) = algorithm.map(|entry| layer.view.value(entry)) {
        text.wire(name);
    }
}

names! {
    pub(super) ALGORITHMS = {
        1 => "RSA/MD5", 2 => "Diffie-Hellman", 3 => "DSA", 4 => "Elliptic curve crypto", 5 => "RSA/SHA1",
        6 => "DSA + NSEC3/SHA1", 7 => "RSA/SHA1 + NSEC3/SHA1", 8 => "RSA/SHA-256", 10 => "RSA/SHA-512",
        12 => "GOST R 34.10-2001", 13 => "ECDSA Curve P-256 with SHA-256", 14 => "ECDSA Curve P-384 with SHA-384",
        15 => "Ed25519", 16 => "Ed448", 17 => "SM2 with SM3", 23 => "GOST R 34.10-2012", 157 => "HMAC/MD5",
        252 => "Indirect key", 253 => "Private, domain name", 254 => "Private, OID",
    }
    pub(super) DIGESTS = {
        0 => "Reserved digest", 1 => "SHA-1", 2 => "SHA-256", 3 => "GOST R 34.11-94", 4 => "SHA-384",
        5 => "GOST R 34.11-2012", 6 => "SM3",
    }
    pub(super) NSEC3_ALGORITHMS = { 0 => "Reserved", 1 => "SHA-1" }
    CERTIFICATE_TYPES = {
        1 => "PKIX", 2 => "SPKI", 3 => "PGP", 4 => "IPKIX", 5 => "ISPKI", 6 => "IPGP", 7 => "ACPKIX", 8 => "IACPKIX",
        253 => "Private, URI", 254 => "Private, OID",
    }
    CERTIFICATE_USAGES = {
        0 => "CA constraint (PKIX-TA)", 1 => "Service certificate constraint (PKIX-EE)",
        2 => "Trust anchor assertion (DANE-TA)", 3 => "Domain-issued certificate (DANE-EE)",
    }
    SELECTORS = { 0 => "Full certificate (Cert)", 1 => "SubjectPublicKeyInfo (SPKI)" }
    MATCHING_TYPES = {
        0 => "No Hash Used (Full)", 1 => "256 bit hash by SHA2 (SHA2-256)", 2 => "512 bit hash by SHA2 (SHA2-512)",
    }
    SSH_ALGORITHMS = {
        0 => "Reserved", 1 => "RSA", 2 => "DSA", 3 => "ECDSA", 4 => "Ed25519", 5 => "XMSS", 6 => "Ed448",
    }
    SSH_FINGERPRINTS = { 0 => "Reserved", 1 => "SHA1", 2 => "SHA256" }
    GATEWAYS = { 0 => "No Gateway", 1 => "IPv4 Gateway", 2 => "IPv6 Gateway", 3 => "DNS Gateway" }
    IPSEC_ALGORITHMS = { 1 => "DSA", 2 => "RSA", 3 => "ECDSA", 4 => "EdDSA" }
    HOST_ALGORITHMS = { 0 => "Reserved", 1 => "DSA", 2 => "RSA", 3 => "ECDSA" }
    KEY_MODES = {
        1 => "Server assigned", 2 => "Diffie Hellman", 3 => "GSSAPI", 4 => "Resolver assigned", 5 => "Delete",
    }
}

static ZONE_SCHEMES: &[(u64, u64, &str)] =
    &[(0, 0, "Reserved"), (1, 1, "SIMPLE"), (2, 239, "Unassigned"), (240, 254, "Private Use"), (255, 255, "Reserved")];
static ZONE_HASHES: &[(u64, u64, &str)] = &[
    (0, 0, "Reserved"),
    (1, 1, "SHA-384"),
    (2, 2, "SHA-512"),
    (3, 239, "Unassigned"),
    (240, 254, "Private Use"),
    (255, 255, "Reserved"),
];

/// The flags of a record that says that there is no key.
const NO_KEY: u16 = 0xc000;
const RSA_MD5: u8 = 1;
const BASE_32: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
