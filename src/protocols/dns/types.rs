//! Types and classes of resource records: their names, what their data consist of, and what of it is said in a line.
//!
//! From the *Domain Name System (DNS) Parameters* registry of IANA. A type that has no name here, or no parts, is shown as bytes.

use super::records::*;
use super::{dnssec, edns, svcb};
use crate::dissect::{Field, Layer, Names, Stop, names};

/// A type of resource records.
pub(super) struct Type {
    pub(super) number: u16,
    /// The name, as in the Info column.
    pub(super) name: &'static str,
    /// The name and what it stands for.
    title: &'static str,
    pub(super) parts: &'static [Part],
    pub(super) says: Says,
}

/// A part of the data of a record.
pub(super) enum Part {
    U8(&'static Field),
    U16(&'static Field),
    U32(&'static Field),
    Ipv4(&'static Field),
    Ipv6(&'static Field),
    Ether(&'static Field),
    /// So many bytes.
    Bytes(&'static Field, usize),
    /// 16 bits and a domain name: both or none.
    Ranked(&'static Field, &'static Field),
    /// A domain name.
    Name(&'static Field),
    /// Text behind a byte that counts it.
    String(&'static Field, &'static Field),
    /// Seconds since 1970 in 32 bits.
    Moment(&'static Field),
    /// All that is left, if anything is.
    Rest(&'static Field),
    /// All that is left, if only that it is nothing.
    All(&'static Field),
    /// Whatever this reads.
    With(fn(&mut Layer, &Data) -> Result<(), Stop>),
}

/// What the line of a record and the Info column say of its data.
pub(super) enum Says {
    Nothing,
    /// The Info column repeats whose record it is.
    Owner,
    /// These fields, each behind its words in the line, behind a space in the Info column.
    Fields(&'static [(&'static str, &'static Field)]),
    /// Those that are there, where the data could be read to their end.
    FieldsOfAll(&'static [(&'static str, &'static Field)]),
}

use Part::*;
use Says::{Fields, FieldsOfAll, Nothing, Owner};

const fn row(number: u16, name: &'static str, title: &'static str, parts: &'static [Part], says: Says) -> Type {
    Type { number, name, title, parts, says }
}

/// Sorted by number.
static TYPES: &[Type] = &[
    row(0, "Unused", "Unused", &[], Nothing),
    row(1, "A", "A (Host Address)", &[Ipv4(&A)], Fields(&[(", addr ", &A)])),
    row(2, "NS", "NS (authoritative Name Server)", &[Name(&NS)], Fields(&[(", ns ", &NS)])),
    row(3, "MD", "MD (Mail Destination)", &[Name(&MD)], Owner),
    row(4, "MF", "MF (Mail Forwarder)", &[Name(&MF)], Owner),
    row(5, "CNAME", "CNAME (Canonical NAME for an alias)", &[Name(&CNAME)], Fields(&[(", cname ", &CNAME)])),
    row(6, "SOA", "SOA (Start Of a zone of Authority)", SOA, Fields(&[(", mname ", &SOA_MNAME)])),
    row(7, "MB", "MB (MailBox domain name)", &[Name(&MB)], Owner),
    row(8, "MG", "MG (Mail Group member)", &[Name(&MG)], Owner),
    row(9, "MR", "MR (Mail Rename domain)", &[Name(&MR)], Owner),
    row(10, "NULL", "NULL RR", &[Rest(&NULL)], Owner),
    row(
        11,
        "WKS",
        "WKS (Well Known Service)",
        &[Ipv4(&WKS_ADDRESS), U8(&WKS_PROTOCOL), With(services)],
        Fields(&[(", addr ", &WKS_ADDRESS)]),
    ),
    row(12, "PTR", "PTR (domain name PoinTeR)", &[Name(&PTR)], Fields(&[(", ", &PTR)])),
    row(
        13,
        "HINFO",
        "HINFO (host information)",
        &[With(host_information)],
        FieldsOfAll(&[(", CPU ", &HINFO_CPU), (", OS ", &HINFO_OS)]),
    ),
    row(14, "MINFO", "MINFO (Mailbox or mail list information)", &[Name(&MINFO_R), Name(&MINFO_E)], Owner),
    row(
        15,
        "MX",
        "MX (Mail eXchange)",
        &[Ranked(&MX_PREFERENCE, &MX_MAIL_EXCHANGE)],
        FieldsOfAll(&[(", preference ", &MX_PREFERENCE), (", mx ", &MX_MAIL_EXCHANGE)]),
    ),
    row(16, "TXT", "TXT (Text strings)", &[With(|l, data| strings(l, data, &TXT_LENGTH, &TXT))], Nothing),
    row(17, "RP", "RP (Responsible Person)", &[Name(&RP_MAILBOX), Name(&RP_TXT_RR)], Owner),
    row(18, "AFSDB", "AFSDB (AFS Data Base location)", &[Ranked(&AFSDB_SUBTYPE, &AFSDB_HOSTNAME)], Owner),
    row(19, "X25", "X25 (X.25 PSDN address)", &[String(&X25_LENGTH, &X25_PSDN_ADDRESS)], Owner),
    row(20, "ISDN", "ISDN (ISDN address)", &[String(&ISDN_LENGTH, &ISDN_ADDRESS), With(isdn_subaddress)], Owner),
    row(21, "RT", "RT (Route Through)", &[Ranked(&RT_PREFERENCE, &RT_INTERMEDIATE_HOST)], Owner),
    row(22, "NSAP", "NSAP (NSAP address)", &[Rest(&NSAP_RDATA)], Owner),
    row(23, "NSAP-PTR", "NSAP-PTR (NSAP domain name pointer)", &[Name(&NSAP_PTR_OWNER)], Owner),
    row(24, "SIG", "SIG (security signature)", dnssec::SIGNATURE, Nothing),
    row(25, "KEY", "KEY (security key)", &[With(dnssec::key)], Nothing),
    row(
        26,
        "PX",
        "PX (X.400 mail mapping information)",
        &[U16(&PX_PREFERENCE), Name(&PX_MAP822), Name(&PX_MAP400)],
        Owner,
    ),
    row(
        27,
        "GPOS",
        "GPOS (Geographical Position)",
        &[
            String(&GPOS_LONGITUDE_LENGTH, &GPOS_LONGITUDE),
            String(&GPOS_LATITUDE_LENGTH, &GPOS_LATITUDE),
            String(&GPOS_ALTITUDE_LENGTH, &GPOS_ALTITUDE),
        ],
        Owner,
    ),
    row(28, "AAAA", "AAAA (IPv6 Address)", &[Ipv6(&AAAA)], Fields(&[(", addr ", &AAAA)])),
    row(29, "LOC", "LOC (Location Information)", &[With(location)], Nothing),
    row(
        30,
        "NXT",
        "NXT (Next Domain)",
        &[Name(&NXT_NEXT_DOMAIN_NAME), With(dnssec::old_bit_map)],
        Fields(&[(", next domain name ", &NXT_NEXT_DOMAIN_NAME)]),
    ),
    row(31, "EID", "EID (Endpoint Identifier)", &[], Nothing),
    row(32, "NIMLOC", "NIMLOC (Nimrod Locator)", &[], Nothing),
    row(
        33,
        "SRV",
        "SRV (Server Selection)",
        &[U16(&SRV_PRIORITY), U16(&SRV_WEIGHT), U16(&SRV_PORT), Name(&SRV_TARGET)],
        FieldsOfAll(&[
            (", priority ", &SRV_PRIORITY),
            (", weight ", &SRV_WEIGHT),
            (", port ", &SRV_PORT),
            (", target ", &SRV_TARGET),
        ]),
    ),
    row(34, "ATMA", "ATMA (ATM Address)", &[], Nothing),
    row(
        35,
        "NAPTR",
        "NAPTR (Naming Authority Pointer)",
        &[
            U16(&NAPTR_ORDER),
            U16(&NAPTR_PREFERENCE),
            String(&NAPTR_FLAGS_LENGTH, &NAPTR_FLAGS),
            String(&NAPTR_SERVICE_LENGTH, &NAPTR_SERVICE),
            String(&NAPTR_REGEX_LENGTH, &NAPTR_REGEX),
            With(naptr_replacement),
        ],
        FieldsOfAll(&[(", order ", &NAPTR_ORDER), (", preference ", &NAPTR_PREFERENCE), (", flags ", &NAPTR_FLAGS)]),
    ),
    row(
        36,
        "KX",
        "KX (Key Exchanger)",
        &[Ranked(&KX_PREFERENCE, &KX_KEY_EXCHANGE)],
        FieldsOfAll(&[(", preference ", &KX_PREFERENCE), (", kx ", &KX_KEY_EXCHANGE)]),
    ),
    row(37, "CERT", "CERT", dnssec::CERTIFICATE, Nothing),
    row(
        38,
        "A6",
        "A6 (OBSOLETE - use AAAA)",
        &[With(a6)],
        FieldsOfAll(&[(", addr ", &A6_PREFIX_LEN), (" ", &A6_ADDRESS_SUFFIX), (" ", &A6_PREFIX_NAME)]),
    ),
    row(39, "DNAME", "DNAME", &[Name(&DNAME)], Fields(&[(", dname ", &DNAME)])),
    row(40, "SINK", "SINK", &[], Nothing),
    row(OPT, "OPT", "OPT", &[With(edns::options)], Nothing),
    row(42, "APL", "APL", &[With(address_prefixes)], Owner),
    row(43, "DS", "DS (Delegation Signer)", dnssec::DELEGATION, Nothing),
    row(44, "SSHFP", "SSHFP (SSH Key Fingerprint)", dnssec::SSH_FINGERPRINT, Nothing),
    row(45, "IPSECKEY", "IPSECKEY", &[With(dnssec::ipsec_key)], Nothing),
    row(46, "RRSIG", "RRSIG (Resource Record Signature)", dnssec::SIGNATURE, Nothing),
    row(
        47,
        "NSEC",
        "NSEC (Next Secure)",
        &[Name(&dnssec::NSEC_NEXT_DOMAIN_NAME), With(dnssec::bit_map)],
        Fields(&[(", next domain name ", &dnssec::NSEC_NEXT_DOMAIN_NAME)]),
    ),
    row(48, "DNSKEY", "DNSKEY (DNS Public Key)", &[With(dnssec::dnskey)], Nothing),
    row(49, "DHCID", "DHCID", &[Rest(&DHCID_RDATA)], Owner),
    row(50, "NSEC3", "NSEC3", &[With(dnssec::nsec3)], Nothing),
    row(51, "NSEC3PARAM", "NSEC3PARAM", &[With(dnssec::nsec3_parameters)], Owner),
    row(52, "TLSA", "TLSA", dnssec::TLS_ASSOCIATION, Owner),
    row(53, "SMIMEA", "SMIMEA", &[], Nothing),
    row(55, "HIP", "HIP (Host Identity Protocol)", &[With(dnssec::host_identity)], Owner),
    row(56, "NINFO", "NINFO", &[], Nothing),
    row(57, "RKEY", "RKEY", &[], Nothing),
    row(58, "TALINK", "TALINK (Trust Anchor LINK)", &[], Nothing),
    row(59, "CDS", "CDS (Child DS)", dnssec::DELEGATION, Nothing),
    row(60, "CDNSKEY", "CDNSKEY (DNSKEY(s) the Child wants reflected in DS)", &[With(dnssec::dnskey)], Nothing),
    row(61, "OPENPGPKEY", "OPENPGPKEY (OpenPGP Key)", &[With(|l, data| text_rest(l, data, &OPENPGPKEY))], Nothing),
    row(62, "CSYNC", "CSYNC (Child-to-Parent Synchronization)", &[With(dnssec::synchronization)], Nothing),
    row(63, "ZONEMD", "ZONEMD", dnssec::ZONE_DIGEST, Nothing),
    row(64, "SVCB", "SVCB (General Purpose Service Endpoints)", svcb::BINDING, Nothing),
    row(65, "HTTPS", "HTTPS (HTTPS Specific Service Endpoints)", svcb::BINDING, Nothing),
    row(66, "DSYNC", "DSYNC (Endpoint discovery for delegation synchronization)", &[], Nothing),
    row(67, "HHIT", "HHIT (Hierarchical Host Identity Tag)", &[], Nothing),
    row(68, "BRID", "BRID (UAS Broadcast Remote Identification)", &[], Nothing),
    row(99, "SPF", "SPF", &[With(|l, data| strings(l, data, &SPF_LENGTH, &SPF))], Nothing),
    row(100, "UINFO", "UINFO", &[], Nothing),
    row(101, "UID", "UID", &[], Nothing),
    row(102, "GID", "GID", &[], Nothing),
    row(103, "UNSPEC", "UNSPEC", &[], Nothing),
    row(104, "NID", "NID (NodeID)", &[U16(&NID_PREFERENCE), Bytes(&NID, 8)], Nothing),
    row(105, "L32", "L32 (Locator32)", &[U16(&L32_PREFERENCE), Ipv4(&L32)], Nothing),
    row(106, "L64", "L64 (Locator64)", &[U16(&L64_PREFERENCE), Bytes(&L64, 8)], Nothing),
    row(107, "LP", "LP (Locator FQDN)", &[U16(&LP_PREFERENCE), Name(&LP)], Nothing),
    row(108, "EUI48", "EUI48", &[Ether(&EUI48)], Nothing),
    row(109, "EUI64", "EUI64", &[Bytes(&EUI64, 8)], Nothing),
    row(128, "NXNAME", "NXNAME (NXDOMAIN indicator for Compact Denial of Existence)", &[], Nothing),
    row(249, "TKEY", "TKEY (Transaction Key)", &[With(dnssec::transaction_key)], Nothing),
    row(250, "TSIG", "TSIG (Transaction Signature)", &[With(dnssec::transaction_signature)], Nothing),
    row(251, "IXFR", "IXFR (incremental transfer)", &[], Nothing),
    row(252, "AXFR", "AXFR (transfer of an entire zone)", &[], Nothing),
    row(253, "MAILB", "MAILB (mailbox-related RRs)", &[], Nothing),
    row(254, "MAILA", "MAILA (mail agent RRs)", &[], Nothing),
    row(255, "ANY", "* (A request for all records the server/cache has available)", &[], Nothing),
    row(256, "URI", "URI", &[], Nothing),
    row(257, "CAA", "CAA (Certification Authority Restriction)", &[With(authorization)], Nothing),
    row(258, "AVC", "AVC (Application Visibility and Control)", &[], Nothing),
    row(259, "DOA", "DOA (Digital Object Architecture)", &[], Nothing),
    row(260, "AMTRELAY", "AMTRELAY (Automatic Multicast Tunneling Relay)", &[], Nothing),
    row(261, "RESINFO", "RESINFO (Resolver Information)", &[], Nothing),
    row(262, "WALLET", "WALLET (Public wallet address)", &[], Nothing),
    row(263, "CLA", "CLA (BP Convergence Layer Adapter)", &[], Nothing),
    row(264, "IPN", "IPN (BP Node Number)", &[], Nothing),
    row(32768, "TA", "TA (DNSSEC Trust Authorities)", &[], Nothing),
    row(32769, "DLV", "DLV (DNSSEC Lookaside Validation)", dnssec::DELEGATION, Nothing),
    row(65281, "WINS", "WINS", &[With(wins)], Nothing),
    row(65282, "WINS-R", "WINS-R", WINS_REVERSE, Fields(&[(", name result domain ", &WINSR_NAME_RESULT_DOMAIN)])),
    row(65422, "XPF", "XPF", &[With(forwarded_for)], Nothing),
];

/// The pseudo record of EDNS (RFC 6891), whose class and time to live are something else.
pub(super) const OPT: u16 = 41;

/// Words for types with what they stand for.
pub(super) const TITLES: Names =
    Names::Lookup(|number| u16::try_from(number).ok().and_then(get).map(|kind| kind.title));

/// What is known of the type with this number.
pub(super) fn get(number: u16) -> Option<&'static Type> {
    // The first rows have their own numbers as places, and most records are of these types.
    match TYPES.get(usize::from(number)) {
        Some(kind) if kind.number == number => Some(kind),
        _ => TYPES.binary_search_by_key(&number, |kind| kind.number).ok().and_then(|place| TYPES.get(place)),
    }
}

names! {
    CLASSES = { 1 => "IN", 2 => "CS", 3 => "CH", 4 => "HS", 0xfe => "NONE", 0xff => "ANY" }
}

/// Words for classes.
pub(super) const CLASS_NAMES: Names = Names::Values(CLASSES);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_sorted_and_found() {
        assert!(TYPES.is_sorted_by(|one, next| one.number < next.number));
        for kind in TYPES {
            assert_eq!(get(kind.number).map(|found| found.name), Some(kind.name));
            assert!(kind.title.starts_with(kind.name) || kind.name == "ANY", "{}", kind.title);
        }
        assert!(get(54).is_none() && get(65535).is_none());
    }
}
