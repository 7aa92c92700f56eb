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
        3 => names::read(l, data.message.base, &IPSECKEY_GATEWAY_DNS)?,
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
    if len > 0 {
        l.part(&TSIG_MAC, 0u64, len);
        l.expert(&TSIG_NOALG);
        l.skip(len)?;
    }
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

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    /// As tshark 4.0 shows them.
    #[test]
    fn records_about_keys() {
        check(&[
            (
                24,
                b"\0\x01\x05\x02\0\0\x01,_^\x10\0Yh/\0\0M\x01s\x01x\0sig",
                "SIG",
                &[
                    "a: type SIG, class IN",
                    "Type Covered: A (Host Address) (1)",
                    "Algorithm: RSA/SHA1 (5)",
                    "Labels: 2",
                    "Original TTL: 300 (5 minutes)",
                    "Signature Expiration: Sep 13, 2020 12:26:40.000000000 UTC",
                    "Signature Inception: Jul 14, 2017 02:40:00.000000000 UTC",
                    "Key Tag: 77",
                    "Signer's name: s.x",
                    "Signature: 736967",
                ],
            ),
            (
                25,
                b"\xc3\xc5\x03\x05key!",
                "KEY",
                &[
                    "a: type KEY, class IN",
                    "Flags: 0xc3c5",
                    "1... .... .... .... = Key allowed for authentication: Not Allowed",
                    ".1.. .... .... .... = Key allowed for confidentiality: Not Allowed",
                    "Protocol: 3",
                    "Algorithm: RSA/SHA1 (5)",
                    "[Key ID: 43857]",
                    "Public Key: 6b657921",
                ],
            ),
            (
                30,
                b"\x02nx\x01x\0`\x01",
                "NXT nx.x",
                &[
                    "a: type NXT, class IN, next domain name nx.x",
                    "Next Domain Name: nx.x",
                    "RR type in bit map: A (Host Address)",
                    "RR type in bit map: NS (authoritative Name Server)",
                    "RR type in bit map: MX (Mail eXchange)",
                ],
            ),
            (
                37,
                b"\0\x01\0\x02\x03cert",
                "CERT",
                &[
                    "a: type CERT, class IN",
                    "Type: PKIX (1)",
                    "Key Tag: 0x0002",
                    "Algorithm: DSA (3)",
                    "Certificate (or CRL): 63657274",
                ],
            ),
            (
                43,
                b"\xecE\x05\x01dddddddddddddddddddd",
                "DS",
                &[
                    "a: type DS, class IN",
                    "Key id: 0xec45",
                    "Algorithm: RSA/SHA1 (5)",
                    "Digest Type: SHA-1 (1)",
                    "Digest: 6464646464646464646464646464646464646464",
                ],
            ),
            (
                44,
                b"\x01\x01ffffffffffffffffffff",
                "SSHFP",
                &[
                    "a: type SSHFP, class IN",
                    "Algorithm: RSA (1)",
                    "Fingerprint type: SHA1 (1)",
                    "Fingerprint: 6666666666666666666666666666666666666666",
                ],
            ),
            (
                45,
                b"\x0a\0\x02key",
                "IPSECKEY",
                &[
                    "a: type IPSECKEY, class IN",
                    "Gateway Precedence: 10",
                    "Gateway Type: No Gateway (0)",
                    "Gateway Algorithm: RSA (2)",
                    "Public Key: 6b6579",
                ],
            ),
            (
                45,
                b"\x0a\x01\x02\x01\x02\x03\x04key",
                "IPSECKEY",
                &[
                    "a: type IPSECKEY, class IN",
                    "Gateway Precedence: 10",
                    "Gateway Type: IPv4 Gateway (1)",
                    "Gateway Algorithm: RSA (2)",
                    "IPv4 Gateway: 1.2.3.4",
                    "Public Key: 6b6579",
                ],
            ),
            (
                45,
                b"\x0a\x02\x01\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0fkey",
                "IPSECKEY",
                &[
                    "a: type IPSECKEY, class IN",
                    "Gateway Precedence: 10",
                    "Gateway Type: IPv6 Gateway (2)",
                    "Gateway Algorithm: DSA (1)",
                    "IPv6 Gateway: 1:203:405:607:809:a0b:c0d:e0f",
                    "Public Key: 6b6579",
                ],
            ),
            (
                45,
                b"\x0a\x03\x02\x02gw\x01x\0key",
                "IPSECKEY",
                &[
                    "a: type IPSECKEY, class IN",
                    "Gateway Precedence: 10",
                    "Gateway Type: DNS Gateway (3)",
                    "Gateway Algorithm: RSA (2)",
                    "DNS Gateway: gw.x",
                    "Public Key: 6b6579",
                ],
            ),
            (
                46,
                b"\0\x01\x08\x02\0\0\x01,_^\x10\0Yh/\0\0M\x01s\x01x\0sig",
                "RRSIG",
                &[
                    "a: type RRSIG, class IN",
                    "Type Covered: A (Host Address) (1)",
                    "Algorithm: RSA/SHA-256 (8)",
                    "Labels: 2",
                    "Original TTL: 300 (5 minutes)",
                    "Signature Expiration: Sep 13, 2020 12:26:40.000000000 UTC",
                    "Signature Inception: Jul 14, 2017 02:40:00.000000000 UTC",
                    "Key Tag: 77",
                    "Signer's name: s.x",
                    "Signature: 736967",
                ],
            ),
            (
                47,
                b"\x01n\x01x\0\0\x06@\x01\0\0\0\x03\x01\x01@",
                "NSEC n.x",
                &[
                    "a: type NSEC, class IN, next domain name n.x",
                    "Next Domain Name: n.x",
                    "RR type in bit map: A (Host Address)",
                    "RR type in bit map: MX (Mail eXchange)",
                    "RR type in bit map: RRSIG (Resource Record Signature)",
                    "RR type in bit map: NSEC (Next Secure)",
                    "RR type in bit map: CAA (Certification Authority Restriction)",
                ],
            ),
            (
                48,
                b"\x01\x01\x03\x08key!key",
                "DNSKEY",
                &[
                    "a: type DNSKEY, class IN",
                    "Flags: 0x0101",
                    ".... ...1 .... .... = Zone Key: This is the zone key for specified zone",
                    ".... .... 0... .... = Key Revoked: No",
                    ".... .... .... ...1 = Key Signing Key: Yes",
                    "0000 000. .000 000. = Key Signing Key: 0x0000",
                    "Protocol: 3",
                    "Algorithm: RSA/SHA-256 (8)",
                    "[Key id: 52469]",
                    "Public Key: 6b6579216b6579",
                ],
            ),
            (
                50,
                b"\x01\x01\0\x0c\x02\xaa\xbb\x14hhhhhhhhhhhhhhhhhhhh\0\x01@",
                "NSEC3",
                &[
                    "a: type NSEC3, class IN",
                    "Hash algorithm: SHA-1 (1)",
                    "NSEC3 flags: 1",
                    ".... ...1 = NSEC3 Opt-out flag: Additional insecure delegations allowed",
                    "NSEC3 iterations: 12",
                    "Salt length: 2",
                    "Salt value: aabb",
                    "Hash length: 20",
                    "[Next hashed owner: d1k6gq38d1k6gq38d1k6gq38d1k6gq38]",
                    "RR type in bit map: A (Host Address)",
                ],
            ),
            (
                51,
                b"\x01\0\0\x0c\x02\xaa\xbb",
                "NSEC3PARAM a",
                &[
                    "a: type NSEC3PARAM, class IN",
                    "Hash algorithm: SHA-1 (1)",
                    "NSEC3 flags: 0",
                    "NSEC3 iterations: 12",
                    "Salt length: 2",
                    "Salt value: aabb",
                ],
            ),
            (
                52,
                b"\x03\x01\x01hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
                "TLSA a",
                &[
                    "a: type TLSA, class IN",
                    "Certificate Usage: Domain-issued certificate (DANE-EE) (3)",
                    "Selector: SubjectPublicKeyInfo (SPKI) (1)",
                    "Matching Type: 256 bit hash by SHA2 (SHA2-256) (1)",
                    "Certificate Association Data: 6868686868686868686868686868686868686868686868686868686868686868",
                ],
            ),
            (
                55,
                b"\x10\x02\0\x04hhhhhhhhhhhhhhhhkeyy\x02rv\x01x\0",
                "HIP a",
                &[
                    "a: type HIP, class IN",
                    "HIT length: 16",
                    "HIT length: RSA (2)",
                    "PK length: 4",
                    "Host Identity Tag: 68686868686868686868686868686868",
                    "HIP Public Key: 6b657979",
                    "Rendezvous Server: rv.x",
                ],
            ),
            (
                59,
                b"\xecE\x05\x01dddddddddddddddddddd",
                "CDS",
                &[
                    "a: type CDS, class IN",
                    "Key id: 0xec45",
                    "Algorithm: RSA/SHA1 (5)",
                    "Digest Type: SHA-1 (1)",
                    "Digest: 6464646464646464646464646464646464646464",
                ],
            ),
            (
                62,
                b"\0\0\0B\0\x03\0\x01`",
                "CSYNC",
                &[
                    "a: type CSYNC, class IN",
                    "SOA: 66",
                    "Flags: 0x0003",
                    ".... .... .... ...1 = immediate: True",
                    ".... .... .... ..1. = soaminimum: True",
                    "Type Bitmap: 000160",
                    "RR type in bit map: A (Host Address)",
                    "RR type in bit map: NS (authoritative Name Server)",
                ],
            ),
            (
                63,
                b"\0\0\x07\xe2\x01\x01zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
                "ZONEMD",
                &[
                    "a: type ZONEMD, class IN",
                    "Serial: 2018",
                    "Scheme: SIMPLE (1)",
                    "Hash Algorithm: SHA-384 (1)",
                    "Digest: 7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a…",
                ],
            ),
            (
                250,
                b"\x08hmac-md5\x07sig-alg\x03reg\x03int\0\0\0_^\x10\0\x01,\0\x10mmmmmmmmmmmmmmmm\x124\0\0\0\0",
                "TSIG",
                &[
                    "a: type TSIG, class IN",
                    "Algorithm Name: hmac-md5.sig-alg.reg.int",
                    "Time Signed: Sep 13, 2020 12:26:40.000000000 UTC",
                    "Fudge: 300",
                    "MAC Size: 16",
                    "MAC",
                    "[Expert Info (Warning/Undecoded): No dissector for algorithm:hmac-md5.sig-alg.reg.int]",
                    "Original Id: 4660",
                    "Error: No error (0)",
                    "Other Len: 0",
                ],
            ),
            (
                250,
                b"\x08gss-tsig\0\0\0_^\x10\0\x01,\0\x04mmmm\x124\0\x12\0\x06\0\0_^\x10\0",
                "TSIG",
                &[
                    "a: type TSIG, class IN",
                    "Algorithm Name: gss-tsig",
                    "Time Signed: Sep 13, 2020 12:26:40.000000000 UTC",
                    "Fudge: 300",
                    "MAC Size: 4",
                    "MAC",
                    "[Expert Info (Warning/Undecoded): No dissector for algorithm:gss-tsig]",
                    "Original Id: 4660",
                    "Error: Signature out of time window (18)",
                    "Other Len: 6",
                    "Other Data: 00005f5e1000",
                ],
            ),
            (
                32769,
                b"\xecE\x05\x01dddddddddddddddddddd",
                "DLV",
                &[
                    "a: type DLV, class IN",
                    "Key id: 0xec45",
                    "Algorithm: RSA/SHA1 (5)",
                    "Digest Type: SHA-1 (1)",
                    "Digest: 6464646464646464646464646464646464646464",
                ],
            ),
        ]);
    }

    /// As tshark 4.0 shows it, without the content of the key.
    #[test]
    fn a_transaction_key() {
        check(&[(
            249,
            b"\x03alg\x01x\0\x5f\x5e\x10\0\x59\x68\x2f\0\0\x03\0\0\0\x03key\0\x02ot",
            "TKEY",
            &[
                "Algorithm name: alg.x",
                "Signature Inception: Sep 13, 2020 12:26:40.000000000 UTC",
                "Signature Expiration: Jul 14, 2017 02:40:00.000000000 UTC",
                "Mode: GSSAPI (3)",
                "Error: No error (0)",
                "Key Size: 3",
                "Key Data: 6b6579",
                "Other Size: 2",
                "Other Data: 6f74",
            ],
        )]);
    }

    /// RFC 4034, appendix B, and its example in section 5.4: the key of the delegation with this tag.
    #[test]
    fn numbers_of_keys() {
        use super::super::testing::{answer, record};
        let of = |data: &[u8]| answer(&record(48, data));
        of(b"\x01\x01\x03\x08key!key").shows(&["[Key id: 52469]"]);
        of(b"\xff\xff\x03\x05key!").shows(&["[Key id: 59275]"]);
        of(b"\0\x01\x03\x01key!").shows(&["Algorithm: RSA/MD5 (1)", "[Key id: 25977]"]);
        of(b"\0\x01\x03\x05").shows(&["[Key id: 774]", "Public Key: <MISSING>"]);
        let short = of(b"\0\x01\x03");
        short.shows(&["Protocol: 3", "[Malformed Packet: DNS]"]);
        let key = |flags: &[u8]| answer(&record(25, &[flags, b"\x03\x05key!"].concat()));
        key(&[0x23, 0x01]).shows(&[
            "0... .... .... .... = Key allowed for authentication: Allowed",
            "..1. .... .... .... = Key required: Experimental or optional",
            ".... ..1. .... .... = Key is associated with the named entity: Yes",
            ".... .... .... 0001 = Signatory: 1",
            "[Key ID: 2701]",
        ]);
        key(&[0xc3, 0xc5]).shows(&["Flags: 0xc3c5"]).lacks("Signatory");
    }

    #[test]
    fn a_key_too_short_for_a_number() {
        use super::super::testing::{message, record, response};
        let body = [record(48, b"\0\x01\x03"), record(1, &[1, 2, 3, 4])].concat();
        response(&message(0x8180, [0, 2, 0, 0], &body)).dissect().shows(&[
            "[Buffer too short to compute a key id]",
            "[Expert Info (Warning/Protocol): Buffer too short to compute a key id]",
            "[Malformed Packet: DNS]",
        ]);
    }
}
