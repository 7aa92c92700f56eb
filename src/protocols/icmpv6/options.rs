//! The options of ICMPv6 messages: of neighbour discovery and what came to use its form.
//!
//! RFC 4861, section 4.6, and the *IPv6 Neighbor Discovery Option Formats* registry of IANA: RFC 2491 (shortcut limit), RFC 3122
//! (address lists), RFC 3971 (CGA, signature, timestamp, nonce, trust anchor, certificate), RFC 4191 (routes), RFC 5175 (flags), RFC 5269
//! (handover keys), RFC 5271 (handover assistance), RFC 5380 (MAP), RFC 5568 (fast handovers), RFC 6275 (mobility), RFC 6496 (proxy
//! signature), RFC 6775 (6LoWPAN), RFC 7400 (capabilities), RFC 8106 (DNS), RFC 8781 (PREF64), RFC 8910 (captive portal).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Type      |    Length     |              ...              ~
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use super::{
    Flags, INVALID_OPTION_LENGTH, MAX_NAME, PREFERENCES, UNDECODED_OPTION, UNKNOWN_DATA, UNKNOWN_DATA_EXPERT, flags,
    flags_line, ipv6, lifetime_line, name_len, write_name,
};
use crate::dissect::{Entry, Field, Layer, LayerView, Next, Outcome, Stop, fields, names};
use crate::text::Text;

fields! {
    SEAMOBY_NONCE = bytes("icmpv6.nonce", "Nonce");
    OPT = none("icmpv6.opt", "ICMPv6 Option").label(option_line);
    TYPE = uint8("icmpv6.opt.type", "Type").values(TYPES);
    LENGTH = uint8("icmpv6.opt.length", "Length").label(length_line);
    RESERVED = none("icmpv6.opt.reserved", "Reserved");
    PADDING = none("icmpv6.opt.padding", "Padding");
    LINKADDR = bytes("icmpv6.opt.linkaddr", "Link-layer address").colons().label(link_address_line);
    SRC_LINKADDR = bytes("icmpv6.opt.src_linkaddr", "Source Link-layer address").colons().hidden();
    TARGET_LINKADDR = bytes("icmpv6.opt.target_linkaddr", "Target Link-layer address").colons().hidden();
    LINKADDR_EUI64 = eui64("icmpv6.opt.linkaddr_eui64", "Link-layer address").label(eui64_line);
    SRC_LINKADDR_EUI64 = eui64("icmpv6.opt.src_linkaddr_eui64", "Source Link-layer address").hidden();
    TARGET_LINKADDR_EUI64 = eui64("icmpv6.opt.target_linkaddr_eui64", "Target Link-layer address").hidden();
    PREFIX_LENGTH = uint8("icmpv6.opt.prefix.length", "Prefix Length");
    PREFIX_FLAG = uint8("icmpv6.opt.prefix.flag", "Flag").hex().label(flags_line);
    PREFIX_FLAG_L = boolean("icmpv6.opt.prefix.flag.l", "On-link flag(L)").bits(0x80).flags("Set", "Not set");
    PREFIX_FLAG_A = boolean("icmpv6.opt.prefix.flag.a", "Autonomous address-configuration flag(A)").bits(0x40).flags("Set", "Not set");
    PREFIX_FLAG_R = boolean("icmpv6.opt.prefix.flag.r", "Router address flag(R)").bits(0x20).flags("Set", "Not set");
    PREFIX_FLAG_RESERVED = uint8("icmpv6.opt.prefix.flag.reserved", "Reserved").bits(0x1f);
    PREFIX_VALID_LIFETIME = uint32("icmpv6.opt.prefix.valid_lifetime", "Valid Lifetime").label(lifetime_line);
    PREFIX_PREFERRED_LIFETIME = uint32("icmpv6.opt.prefix.preferred_lifetime", "Preferred Lifetime").label(lifetime_line);
    PREFIX = ipv6("icmpv6.opt.prefix", "Prefix");
    CGA_PAD_LENGTH = uint8("icmpv6.opt.cga.pad_length", "Pad Length");
    CGA = bytes("icmpv6.opt.cga", "CGA");
    CGA_MODIFIER = bytes("icmpv6.opt.cga.modifier", "Modifier");
    CGA_SUBNET_PREFIX = bytes("icmpv6.opt.cga.subnet_prefix", "Subnet Prefix");
    CGA_COUNT = bytes("icmpv6.opt.cga.count", "Count");
    CGA_SUBJECT_PUBLIC_KEY_INFO = none("icmpv6.opt.cga.subject_public_key_info", "Subject Public Key Info");
    CGA_EXT_TYPE = uint16("icmpv6.opt.cga.ext_type", "Ext Type");
    CGA_EXT_LENGTH = uint16("icmpv6.opt.cga.ext_length", "Ext Length");
    CGA_EXT_DATA = bytes("icmpv6.opt.cga.ext_data", "Ext Data");
    RSA_KEY_HASH = bytes("icmpv6.opt.rsa.key_hash", "Key Hash");
    DIGITAL_SIGNATURE_PADDING = none("icmpv6.opt.digital_signature_padding", "Digital Signature and Padding");
    PS_KEY_HASH = bytes("icmpv6.opt.ps.key_hash", "Key Hash");
    TIMESTAMP = absolute_time("icmpv6.opt.timestamp", "Timestamp").hex();
    NONCE = bytes("icmpv6.opt.nonce", "Nonce");
    CERTIFICATE_PADDING = none("icmpv6.opt.certificate_padding", "Certificate and Padding");
    IPA_OPTION_CODE = uint8("icmpv6.opt.ipa.option_code", "Option-code").values(ADDRESS_CODES);
    IPA_PREFIX_LEN = uint8("icmpv6.opt.ipa.prefix_len", "Prefix Length");
    IPA_IPV6_ADDRESS = ipv6("icmpv6.opt.ipa.ipv6_address", "IPv6 Address");
    NRPI_OPTION_CODE = uint8("icmpv6.opt.nrpi.option_code", "Option-code");
    NRPI_PREFIX_LEN = uint8("icmpv6.opt.nrpi.prefix_len", "Prefix Length");
    NRPI_PREFIX = ipv6("icmpv6.opt.nrpi.prefix", "Prefix");
    LLA_OPTION_CODE = uint8("icmpv6.opt.lla.option_code", "Option-code").values(LINK_ADDRESS_CODES);
    LLA_BYTES = bytes("icmpv6.opt.lla.bytes", "Link-Layer Address");
    NAACK_OPTION_CODE = uint8("icmpv6.opt.naack.option_code", "Option-Code");
    NAACK_STATUS = uint8("icmpv6.opt.naack.status", "Status").values(ACKNOWLEDGMENTS);
    NAACK_SUPPLIED_NCOA = ipv6("icmpv6.opt.naack.supplied_ncoa", "Supplied NCoA");
    MAP_DISTANCE = uint8("icmpv6.opt.map.distance", "Distance").bits(0xf0);
    MAP_PREFERENCE = uint8("icmpv6.opt.map.preference", "Preference").bits(0x0f);
    MAP_FLAG = uint8("icmpv6.opt.map.flag", "Flag").hex().label(flags_line);
    MAP_FLAG_R = boolean("icmpv6.opt.map.flag.r", "RCoA Flag").bits(0x80);
    MAP_FLAG_RESERVED = uint8("icmpv6.opt.map.flag.reserved", "Reserved").bits(0x7f);
    MAP_VALID_LIFETIME = uint32("icmpv6.opt.map.valid_lifetime", "Valid Lifetime").label(lifetime_line);
    MAP_GLOBAL_ADDRESS = ipv6("icmpv6.opt.map.global_address", "Global Address");
    ROUTE_INFO_FLAG = uint8("icmpv6.opt.route_info.flag", "Flag").hex().label(flags_line);
    ROUTE_INFO_FLAG_ROUTE_PREFERENCE = uint8("icmpv6.opt.route_info.flag.route_preference", "Route Preference").bits(0x18).values(PREFERENCES);
    ROUTE_INFO_FLAG_RESERVED = uint8("icmpv6.opt.route_info.flag.reserved", "Reserved").bits(0xe7);
    ROUTE_LIFETIME = uint32("icmpv6.opt.route_lifetime", "Route Lifetime").label(lifetime_line);
    NAME_TYPE = uint8("icmpv6.opt.name_type", "Name Type").values(NAME_TYPES);
    CERTIFICATE_TYPE = uint8("icmpv6.opt.name_type", "Cert Type").values(CERTIFICATE_TYPES);
    NAME_X501 = bytes("icmpv6.opt.name_x501", "DER Encoded X.501 Name");
    NAME_TYPE_FQDN = text("icmpv6.opt.name_type.fqdn", "FQDN");
    X509_NAME = uint32("icmpv6.x509_Name", "Name");
    X509_CERTIFICATE = none("icmpv6.x509_Certificate", "Certificate");
    REDIRECTED_PACKET = none("icmpv6.opt.redirected_packet", "Redirected Packet");
    MTU = uint32("icmpv6.opt.mtu", "MTU");
    NBMA_SHORTCUT_LIMIT = uint8("icmpv6.opt.nbma.shortcut_limit", "Shortcut Limit");
    ADVERTISEMENT_INTERVAL = uint32("icmpv6.opt.advertisement_interval", "Advertisement Interval");
    HOME_AGENT_PREFERENCE = uint16("icmpv6.opt.home_agent_preference", "Home Agent Preference");
    HOME_AGENT_LIFETIME = uint16("icmpv6.opt.home_agent_lifetime", "Home Agent Preference");
    IPV6_ADDRESS = ipv6("icmpv6.opt.ipv6_address", "IPv6 Address");
    RDNSS_LIFETIME = uint32("icmpv6.opt.rdnss.lifetime", "Lifetime").label(lifetime_line);
    RDNSS = ipv6("icmpv6.opt.rdnss", "Recursive DNS Servers");
    EFO = uint16("icmpv6.opt.efo", "Flags Expansion Option").hex().label(flags_line);
    EFO_M = boolean("icmpv6.opt.efo.m", "Managed address configuration").of(16).bits(0x8000).flags("Set", "Not set");
    EFO_O = boolean("icmpv6.opt.efo.o", "Other configuration").of(16).bits(0x4000).flags("Set", "Not set");
    EFO_H = boolean("icmpv6.opt.efo.h", "Home Agent").of(16).bits(0x2000).flags("Set", "Not set");
    EFO_PRF = uint16("icmpv6.opt.efo.prf", "Prf (Default Router Preference)").bits(0x1800).values(PREFERENCES);
    EFO_P = boolean("icmpv6.opt.efo.p", "Proxy").of(16).bits(0x0400).flags("Set", "Not set");
    EFO_RSV = uint16("icmpv6.opt.efo.rsv", "Reserved").bits(0x02ff);
    HKR_PAD_LENGTH = uint8("icmpv6.opt.hkr.pad_length", "Pad Length");
    HKR_AT = uint8("icmpv6.opt.hkr.at", "AT").bits(0xf0);
    HKR_RESERVED = uint8("icmpv6.opt.hkr.reserved", "Reserved").bits(0x0f);
    HKR_ENCRYPTION_PUBLIC_KEY = bytes("icmpv6.opt.hkr.encryption_public_key", "Handover Key Encryption Public Key");
    HKR_PADDING = bytes("icmpv6.opt.hkr.padding", "Padding");
    HKR_LIFETIME = uint16("icmpv6.opt.hkr.lifetime", "Padding");
    HKR_ENCRYPTED_HANDOVER_KEY = bytes("icmpv6.opt.hkr.encrypted_handover_key", "Encrypted Handover Key");
    HAI_OPTION_CODE = uint8("icmpv6.opt.hai.option_code", "Option-Code").values(ASSIST_CODES);
    HAI_LENGTH = uint8("icmpv6.opt.hai.length", "HAI-Length");
    HAI_VALUE = bytes("icmpv6.opt.hai.value", "HAI-Value");
    MN_OPTION_CODE = uint8("icmpv6.opt.mn.option_code", "Option-Code").values(NODE_CODES);
    MN_LENGTH = uint8("icmpv6.opt.mn.length", "MN-Length");
    MN_VALUE = bytes("icmpv6.opt.mn.value", "MN-Value");
    DNSSL_LIFETIME = uint32("icmpv6.opt.dnssl.lifetime", "Lifetime").label(lifetime_line);
    DNSSL = text("icmpv6.opt.dnssl", "Domain Names");
    ARO_STATUS = uint8("icmpv6.opt.aro.status", "Status").values(super::REGISTRATIONS);
    ARO_REGISTRATION_LIFETIME = uint16("icmpv6.opt.aro.registration_lifetime", "Registration  Lifetime");
    ARO_EUI64 = eui64("icmpv6.opt.aro.eui64", "EUI-64").label(eui64_line);
    CTX_6CO_CONTEXT_LENGTH = uint8("icmpv6.opt.6co.context_length", "Context Length");
    CTX_6CO_FLAG = uint8("icmpv6.opt.6co.flag", "Flag").hex().label(flags_line);
    CTX_6CO_FLAG_C = boolean("icmpv6.opt.6co.flag.c", "Compression Flag").bits(0x10).flags("Set", "Not set");
    CTX_6CO_FLAG_CID = uint8("icmpv6.opt.6co.flag.cid", "CID").bits(0x0f);
    CTX_6CO_FLAG_RESERVED = uint8("icmpv6.opt.6co.flag.reserved", "Reserved").bits(0xe0);
    CTX_6CO_VALID_LIFETIME = uint16("icmpv6.opt.6co.valid_lifetime", "Lifetime");
    CTX_6CO_CONTEXT_PREFIX = ipv6("icmpv6.opt.6co.context_prefix", "Context Prefix");
    ABRO_VERSION_LOW = uint16("icmpv6.opt.abro.version_low", "Version Low");
    ABRO_VERSION_HIGH = uint16("icmpv6.opt.abro.version_high", "Version");
    ABRO_VALID_LIFETIME = uint16("icmpv6.opt.abro.valid_lifetime", "Valid Lifetime");
    ABRO_6LBR_ADDRESS = ipv6("icmpv6.opt.abro.6lbr_address", "6LBR Address");
    CTX_6CIO_UNASSIGNED1 = uint16("icmpv6.opt.6cio.unassigned1", "Unassigned").hex().bits(0xfffe);
    CTX_6CIO_FLAG_G = uint16("icmpv6.opt.6cio.flag_g", "G").hex().bits(0x0001);
    CTX_6CIO_UNASSIGNED2 = uint32("icmpv6.opt.6cio.unassigned2", "Unassigned").hex();
    CAPTIVE_PORTAL = text("icmpv6.opt.captive_portal", "Captive Portal");
    PREF64_SCALED_LIFETIME = uint16("icmpv6.opt.pref64.scaled_lifetime", "Scaled Lifetime").bits(0xfff8);
    PREF64_PLC = uint16("icmpv6.opt.pref64.plc", "PLC (Prefix Length Code)").hex().bits(0x0007).values(PREFIX_LENGTH_CODES);
    PREF64_PREFIX = ipv6("icmpv6.opt.pref64.prefix", "Prefix");
}

/// Reads options up to the end of the message, or up to a packet that one of them quotes.
pub(super) fn read(l: &mut Layer) -> Outcome {
    while l.wire_remaining() > 0 {
        match option(l)? {
            Then::More => {}
            Then::Enough => return Ok(Next::End),
            Then::Quoted => return Ok(Next::Protocol(&ipv6::PROTOCOL)),
        }
    }
    Ok(Next::End)
}

/// Goes on behind the packet that an option of a Redirect quotes: the end of that option, and others.
pub(super) fn read_behind_quoted(l: &mut Layer) -> Result<(), Stop> {
    let here = l.offset();
    let mut start = REDIRECT_LEN;
    while let Some(&[kind, units]) = l.all().get(start..).and_then(|rest| rest.first_chunk()) {
        let end = start + 8 * usize::from(units);
        if units == 0 {
            return Ok(());
        }
        if kind == REDIRECTED_HEADER {
            if let Some(rest) = end.checked_sub(here).filter(|rest| *rest > 0 && *rest <= l.wire_remaining()) {
                l.below(|l| {
                    let result = l.bytes(&UNKNOWN_DATA, rest).map(drop);
                    l.expert(&UNKNOWN_DATA_EXPERT);
                    result
                })?;
            }
            break;
        }
        start = end;
    }
    while l.wire_remaining() > 0 {
        if !matches!(option(l)?, Then::More) {
            break;
        }
    }
    Ok(())
}

/// What comes behind an option.
enum Then {
    More,
    /// Nothing more can be read.
    Enough,
    /// A packet inside it.
    Quoted,
}

fn option(l: &mut Layer) -> Result<Then, Stop> {
    let units = l.peek(2).map_or(0, |bytes| usize::from(bytes[1]));
    let kind = l.peek(2)?[0];
    let open = l.open(&OPT, 8 * units);
    l.u8(&TYPE)?;
    l.u8(&LENGTH)?;
    if units == 0 {
        l.expert_with(&INVALID_OPTION_LENGTH, 0u64);
        l.close(open);
        return Ok(Then::Enough);
    }
    let len = 8 * units - 2;
    if len > l.wire_remaining() {
        return Err(Stop::Malformed);
    }
    let outer = l.narrow(len);
    if kind == REDIRECTED_HEADER {
        nothing(l, &RESERVED, 6)?;
        nothing(l, &REDIRECTED_PACKET, 0)?;
        let rest = l.wire_remaining();
        l.quote_here();
        l.widen(outer);
        l.limit_payload(rest);
        l.close(open);
        return Ok(Then::Quoted);
    }
    body(l, kind, len)?;
    let rest = l.wire_remaining();
    if rest > 0 {
        l.bytes(&UNKNOWN_DATA, rest)?;
        l.expert(&UNKNOWN_DATA_EXPERT);
    }
    l.widen(outer);
    l.close(open);
    Ok(Then::More)
}

/// Reads an item that has no value.
fn nothing(l: &mut Layer, row: &'static Field, len: usize) -> Result<(), Stop> {
    l.peek(len)?;
    l.part(row, 0u64, len);
    l.skip(len).map(drop)
}

/// Reads the rest of the option as an item without a value, where there is a rest.
fn padding(l: &mut Layer, row: &'static Field) -> Result<(), Stop> {
    match l.wire_remaining() {
        0 => Ok(()),
        rest => nothing(l, row, rest),
    }
}

fn body(l: &mut Layer, kind: u8, len: usize) -> Result<(), Stop> {
    match kind {
        1 => link_address(l, &SRC_LINKADDR, &SRC_LINKADDR_EUI64),
        2 => link_address(l, &TARGET_LINKADDR, &TARGET_LINKADDR_EUI64),
        3 => {
            l.u8(&PREFIX_LENGTH)?;
            flags(l, &PREFIX_FLAG)?;
            l.u32(&PREFIX_VALID_LIFETIME)?;
            l.u32(&PREFIX_PREFERRED_LIFETIME)?;
            nothing(l, &RESERVED, 4)?;
            l.ipv6(&PREFIX).map(drop)
        }
        5 => {
            nothing(l, &RESERVED, 2)?;
            l.u32(&MTU).map(drop)
        }
        6 => {
            l.u8(&NBMA_SHORTCUT_LIMIT)?;
            nothing(l, &RESERVED, 1)?;
            nothing(l, &RESERVED, 4)
        }
        7 => {
            nothing(l, &RESERVED, 2)?;
            l.u32(&ADVERTISEMENT_INTERVAL).map(drop)
        }
        8 => {
            nothing(l, &RESERVED, 2)?;
            l.u16(&HOME_AGENT_PREFERENCE)?;
            l.u16(&HOME_AGENT_LIFETIME).map(drop)
        }
        9 | 10 => {
            nothing(l, &RESERVED, 6)?;
            while l.wire_remaining() > 0 {
                l.ipv6(&IPV6_ADDRESS)?;
            }
            Ok(())
        }
        11 => generated_address(l),
        12 => {
            nothing(l, &RESERVED, 2)?;
            l.bytes(&RSA_KEY_HASH, 16)?;
            padding(l, &DIGITAL_SIGNATURE_PADDING)
        }
        13 => timestamp(l),
        14 => l.bytes(&NONCE, len).map(drop),
        15 => trust_anchor(l),
        16 => {
            l.u8(&CERTIFICATE_TYPE)?;
            nothing(l, &RESERVED, 1)?;
            padding(l, &X509_CERTIFICATE)
        }
        17 => {
            l.u8(&IPA_OPTION_CODE)?;
            l.u8(&IPA_PREFIX_LEN)?;
            nothing(l, &RESERVED, 4)?;
            l.ipv6(&IPA_IPV6_ADDRESS).map(drop)
        }
        18 => {
            l.u8(&NRPI_OPTION_CODE)?;
            l.u8(&NRPI_PREFIX_LEN)?;
            nothing(l, &RESERVED, 4)?;
            l.ipv6(&NRPI_PREFIX).map(drop)
        }
        19 => {
            l.u8(&LLA_OPTION_CODE)?;
            l.bytes(&LLA_BYTES, len - 1).map(drop)
        }
        20 => {
            l.u8(&NAACK_OPTION_CODE)?;
            let status = l.u8(&NAACK_STATUS)?;
            if status == 2 {
                nothing(l, &RESERVED, 4)?;
                return l.ipv6(&NAACK_SUPPLIED_NCOA).map(drop);
            }
            padding(l, &RESERVED)
        }
        23 => {
            let packed = l.peek_u8()?;
            l.part(&MAP_DISTANCE, packed, 1);
            l.part(&MAP_PREFERENCE, packed, 1);
            l.skip(1)?;
            flags(l, &MAP_FLAG)?;
            l.u32(&MAP_VALID_LIFETIME)?;
            l.ipv6(&MAP_GLOBAL_ADDRESS).map(drop)
        }
        24 => {
            l.u8(&PREFIX_LENGTH)?;
            flags(l, &ROUTE_INFO_FLAG)?;
            l.u32(&ROUTE_LIFETIME)?;
            match len {
                6 => Ok(()),
                14 => prefix(l, &PREFIX, 8),
                22 => prefix(l, &PREFIX, 16),
                _ => invalid_length(l),
            }
        }
        25 => {
            nothing(l, &RESERVED, 2)?;
            l.u32(&RDNSS_LIFETIME)?;
            while l.wire_remaining() > 0 {
                l.ipv6(&RDNSS)?;
            }
            Ok(())
        }
        26 => {
            flags(l, &EFO)?;
            padding(l, &RESERVED)
        }
        27 | 28 => handover_key(l, kind),
        29 => assisted(l, [&HAI_OPTION_CODE, &HAI_LENGTH, &HAI_VALUE]),
        30 => assisted(l, [&MN_OPTION_CODE, &MN_LENGTH, &MN_VALUE]),
        31 => search_list(l),
        32 => {
            nothing(l, &RESERVED, 2)?;
            l.bytes(&PS_KEY_HASH, 16)?;
            padding(l, &DIGITAL_SIGNATURE_PADDING)
        }
        33 => {
            l.u8(&ARO_STATUS)?;
            nothing(l, &RESERVED, 3)?;
            l.u16(&ARO_REGISTRATION_LIFETIME)?;
            l.bytes(&ARO_EUI64, 8).map(drop)
        }
        34 => {
            l.u8(&CTX_6CO_CONTEXT_LENGTH)?;
            flags(l, &CTX_6CO_FLAG)?;
            nothing(l, &RESERVED, 2)?;
            l.u16(&CTX_6CO_VALID_LIFETIME)?;
            match len {
                14 => prefix(l, &CTX_6CO_CONTEXT_PREFIX, 8),
                22 => prefix(l, &CTX_6CO_CONTEXT_PREFIX, 16),
                _ => invalid_length(l),
            }
        }
        35 => {
            l.u16(&ABRO_VERSION_LOW)?;
            l.u16(&ABRO_VERSION_HIGH)?;
            l.u16(&ABRO_VALID_LIFETIME)?;
            l.ipv6(&ABRO_6LBR_ADDRESS).map(drop)
        }
        36 => {
            let packed = l.peek_u16()?;
            l.part(&CTX_6CIO_UNASSIGNED1, packed, 2);
            l.part(&CTX_6CIO_FLAG_G, packed, 2);
            l.skip(2)?;
            l.u32(&CTX_6CIO_UNASSIGNED2).map(drop)
        }
        37 => {
            // The text ends at the zero bytes that fill it up.
            let text = l.remaining();
            let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
            l.detached(&CAPTIVE_PORTAL, text.get(..end).unwrap_or_default(), len);
            l.skip(len).map(drop)
        }
        38 => nat64_prefix(l),
        _ => {
            // Stands beside the fields of the option.
            l.expert_here_with(&UNDECODED_OPTION, kind);
            l.bytes(&super::DATA, len).map(drop)
        }
    }
}

fn link_address(l: &mut Layer, row: &'static Field, long_row: &'static Field) -> Result<(), Stop> {
    let len = l.wire_remaining();
    if len == 14 {
        // An EUI-64 and what fills it up: RFC 6775, section 4.4 of RFC 4944.
        let address = l.peek(8)?;
        l.part(&LINKADDR_EUI64, 0u64, address.len());
        l.bytes(long_row, 8)?;
        return padding(l, &PADDING);
    }
    l.peek(len)?;
    l.part(&LINKADDR, 0u64, len);
    l.bytes(row, len).map(drop)
}

/// Reads the prefix of `len` bytes of an address.
fn prefix(l: &mut Layer, row: &'static Field, len: usize) -> Result<(), Stop> {
    let mut address = [0; 16];
    for (place, byte) in address.iter_mut().zip(l.peek(len)?) {
        *place = *byte;
    }
    l.detached(row, &address, len);
    l.skip(len).map(drop)
}

fn invalid_length(l: &mut Layer) -> Result<(), Stop> {
    l.expert_with(&INVALID_OPTION_LENGTH, 1u64);
    Ok(())
}

fn generated_address(l: &mut Layer) -> Result<(), Stop> {
    let pad = usize::from(l.u8(&CGA_PAD_LENGTH)?);
    nothing(l, &RESERVED, 1)?;
    let parameters = l.wire_remaining().saturating_sub(pad);
    l.peek(parameters)?;
    l.part(&CGA, 0u64, parameters);
    let outer = l.narrow(parameters);
    let inner = l.below(|l| {
        l.bytes(&CGA_MODIFIER, 16)?;
        l.bytes(&CGA_SUBNET_PREFIX, 8)?;
        l.bytes(&CGA_COUNT, 1)?;
        // The key is a structure of ASN.1 that says its own length.
        let key = der_len(l.remaining()).ok_or(Stop::Malformed)?;
        nothing(l, &CGA_SUBJECT_PUBLIC_KEY_INFO, key)?;
        while l.wire_remaining() > 0 {
            l.u16(&CGA_EXT_TYPE)?;
            let len = l.u16(&CGA_EXT_LENGTH)?;
            l.bytes(&CGA_EXT_DATA, len.into())?;
        }
        Ok(())
    });
    l.widen(outer);
    inner?;
    padding(l, &PADDING)
}

/// The length of the DER value at the front of `bytes`, with its tag and its length.
fn der_len(bytes: &[u8]) -> Option<usize> {
    let (&first, rest) = bytes.get(1..)?.split_first()?;
    let (digits, len) = match first {
        0..=0x7f => (0, usize::from(first)),
        0x81..=0x84 => {
            let digits = usize::from(first & 0x7f);
            (digits, rest.get(..digits)?.iter().fold(0, |len, &byte| len << 8 | usize::from(byte)))
        }
        _ => return None,
    };
    (2 + digits).checked_add(len)
}

fn timestamp(l: &mut Layer) -> Result<(), Stop> {
    nothing(l, &RESERVED, 6)?;
    // Seconds in the high 48 bits, parts of 1/65,536 of a second in the low 16: RFC 3971, section 5.3.1.
    let stamp = l.peek_u64()?;
    let nanos = (stamp & 0xffff) * 1_000_000_000 / 65_536;
    l.time(&TIMESTAMP, (stamp >> 16) as i64, nanos as u32, 8)
}

fn trust_anchor(l: &mut Layer) -> Result<(), Stop> {
    let kind = l.u8(&NAME_TYPE)?;
    let pad = usize::from(l.u8(&CGA_PAD_LENGTH)?);
    let len = l.wire_remaining().saturating_sub(pad);
    match kind {
        1 => _ = l.bytes(&NAME_X501, len)?,
        2 => {
            let name = l.peek(len)?;
            let end = name.iter().position(|&byte| byte == 0).unwrap_or(len);
            l.bytes(&NAME_TYPE_FQDN, end)?;
        }
        _ => {}
    }
    padding(l, &PADDING)
}

fn handover_key(l: &mut Layer, kind: u8) -> Result<(), Stop> {
    let pad = usize::from(l.u8(&HKR_PAD_LENGTH)?);
    let packed = l.peek_u8()?;
    l.part(&HKR_AT, packed, 1);
    l.part(&HKR_RESERVED, packed, 1);
    l.skip(1)?;
    let key = if kind == 27 {
        &HKR_ENCRYPTION_PUBLIC_KEY
    } else {
        l.u16(&HKR_LIFETIME)?;
        &HKR_ENCRYPTED_HANDOVER_KEY
    };
    let len = l.wire_remaining().saturating_sub(pad);
    l.bytes(key, len)?;
    let rest = l.wire_remaining();
    l.bytes(&HKR_PADDING, rest).map(drop)
}

fn assisted(l: &mut Layer, [code, length, value]: [&'static Field; 3]) -> Result<(), Stop> {
    l.u8(code)?;
    let len = l.u8(length)?;
    l.bytes(value, len.into())?;
    padding(l, &PADDING)
}

fn search_list(l: &mut Layer) -> Result<(), Stop> {
    nothing(l, &RESERVED, 2)?;
    l.u32(&DNSSL_LIFETIME)?;
    while l.wire_remaining() > 0 {
        if l.peek_u8()? == 0 {
            return padding(l, &PADDING);
        }
        let len = name_len(l.remaining(), l.is_whole())?;
        let mut text = [0; MAX_NAME];
        let written = l.peek(len).map(|bytes| write_name(bytes, &mut text))?;
        l.detached(&DNSSL, text.get(..written).unwrap_or_default(), len);
        l.skip(len)?;
    }
    Ok(())
}

fn nat64_prefix(l: &mut Layer) -> Result<(), Stop> {
    let packed = l.peek_u16()?;
    if PREF64_PLC.extract(packed.into()) > 5 || l.wire_remaining() != 14 {
        invalid_length(l)?;
    }
    l.part(&PREF64_SCALED_LIFETIME, packed, 2);
    l.part(&PREF64_PLC, packed, 2);
    l.skip(2)?;
    // The length that the code stands for; what is beyond it is not a part of the prefix: RFC 8781, section 4.
    let bits: usize = match packed & 7 {
        0 => 96,
        1 => 64,
        2 => 56,
        3 => 48,
        4 => 40,
        5 => 32,
        _ => {
            l.skip(l.wire_remaining())?;
            return Ok(());
        }
    };
    let mut address = [0; 16];
    for (place, byte) in address.iter_mut().zip(l.peek(12)?.iter().take(bits / 8)) {
        *place = *byte;
    }
    l.detached(&PREF64_PREFIX, &address, 12);
    l.skip(12).map(drop)
}

// ---- lines

pub(super) static FLAGS: &[Flags] = &[
    (&PREFIX_FLAG, &[&PREFIX_FLAG_L, &PREFIX_FLAG_A, &PREFIX_FLAG_R, &PREFIX_FLAG_RESERVED]),
    (&MAP_FLAG, &[&MAP_FLAG_R, &MAP_FLAG_RESERVED]),
    (&ROUTE_INFO_FLAG, &[&ROUTE_INFO_FLAG_ROUTE_PREFERENCE, &ROUTE_INFO_FLAG_RESERVED]),
    (&EFO, &[&EFO_M, &EFO_O, &EFO_H, &EFO_PRF, &EFO_P, &EFO_RSV]),
    (&CTX_6CO_FLAG, &[&CTX_6CO_FLAG_C, &CTX_6CO_FLAG_CID, &CTX_6CO_FLAG_RESERVED]),
];

/// Writes what link-layer addresses the options tell: whence, or where.
pub(super) fn summarize(layer: &LayerView, info: &mut Text) {
    for entry in layer.entries() {
        let words = match () {
            () if entry.field.is(&TARGET_LINKADDR) => " is at ",
            () if entry.field.is(&SRC_LINKADDR) => " from ",
            () if entry.field.is(&SRC_LINKADDR_EUI64) || entry.field.is(&TARGET_LINKADDR_EUI64) => " from ",
            () => continue,
        };
        info.str(words).hex_bytes(layer.view.bytes(entry), Some(b':'));
    }
}

fn option_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("ICMPv6 Option (");
    let bytes = layer.view.bytes(entry);
    let own = layer.entries().iter().position(|other| std::ptr::eq(other, entry)).unwrap_or_default();
    let entries = layer.entries().get(own + 1..).unwrap_or_default();
    let entries = entries.split(|other| other.depth <= entry.depth).next().unwrap_or_default();
    let Some(kind) = entries.first().map(Entry::number) else { return };
    match TYPE.names.get(kind) {
        Some(name) => text.str(name),
        None => text.str("Unknown ").dec(kind),
    };
    details(layer, kind as u8, bytes, entries, text);
    let is_last = own + 1 + entries.len() == layer.entries().len();
    let is_cut = is_last && layer.mark().stopped.is_some();
    if !is_cut && entries.iter().any(|other| other.field.is(&LENGTH) && other.number() > 0) {
        text.str(")");
    }
}

/// Writes what the option says in short, from the fields that could be read.
fn details(layer: &LayerView, kind: u8, bytes: &[u8], entries: &[Entry], text: &mut Text) {
    let find = |row: &Field| entries.iter().find(|entry| entry.field.is(row));
    let number = |row: &Field| find(row).map(Entry::number).unwrap_or_default();
    let write = |row: &Field, text: &mut Text| {
        if let Some(entry) = find(row) {
            layer.view.value(entry).write_address(text);
        }
    };
    match kind {
        1 | 2 => {
            if let Some(entry) = find(&LINKADDR).or_else(|| find(&LINKADDR_EUI64)) {
                text.str(" : ").hex_bytes(layer.view.bytes(entry), Some(b':'));
            }
        }
        3 if find(&PREFIX).is_some() => {
            text.str(" : ");
            write(&PREFIX, text);
            text.str("/").dec(number(&PREFIX_LENGTH));
        }
        5 if find(&MTU).is_some() => _ = text.str(" : ").dec(number(&MTU)),
        6 if find(&NBMA_SHORTCUT_LIMIT).is_some() => _ = text.str(" : ").dec(number(&NBMA_SHORTCUT_LIMIT)),
        7 if find(&ADVERTISEMENT_INTERVAL).is_some() => _ = text.str(" : ").dec(number(&ADVERTISEMENT_INTERVAL)),
        9 | 10 | 25 => {
            for entry in entries.iter().filter(|entry| entry.field.is(&IPV6_ADDRESS) || entry.field.is(&RDNSS)) {
                text.str(" ");
                layer.view.value(entry).write_address(text);
            }
        }
        17 if find(&IPA_IPV6_ADDRESS).is_some() => {
            text.str(" ");
            write(&IPA_IPV6_ADDRESS, text);
            text.str("/").dec(number(&IPA_PREFIX_LEN));
        }
        18 if find(&NRPI_PREFIX).is_some() => {
            text.str(" ");
            write(&NRPI_PREFIX, text);
            text.str("/").dec(number(&NRPI_PREFIX_LEN));
        }
        24 if find(&ROUTE_LIFETIME).is_some() => {
            let preference = number(&ROUTE_INFO_FLAG_ROUTE_PREFERENCE);
            text.str(" : ").str(ROUTE_INFO_FLAG_ROUTE_PREFERENCE.names.get(preference).unwrap_or_default()).str(" ");
            match find(&PREFIX) {
                Some(_) => write(&PREFIX, text),
                None => _ = text.str("::"),
            }
            text.str("/").dec(number(&PREFIX_LENGTH));
        }
        31 => {
            for entry in entries.iter().filter(|entry| entry.field.is(&DNSSL)) {
                if let crate::dissect::Value::Text(name) = layer.view.value(entry) {
                    text.str(" ").wire(name);
                }
            }
        }
        33 if find(&ARO_EUI64).is_some() => {
            // Lifetime zero takes the registration back: RFC 6775, section 4.1.
            let action = if number(&ARO_REGISTRATION_LIFETIME) == 0 { "Deregister" } else { "Register" };
            text.str(" : ").str(action).str(" ");
            text.hex_bytes(bytes.get(8..16).unwrap_or_default(), Some(b':'));
            text.str(" ").str(ARO_STATUS.names.get(number(&ARO_STATUS)).unwrap_or("Unknown"));
        }
        34 if find(&CTX_6CO_CONTEXT_PREFIX).is_some() => {
            text.str(" ");
            write(&CTX_6CO_CONTEXT_PREFIX, text);
            text.str("/").dec(number(&CTX_6CO_CONTEXT_LENGTH));
        }
        35 if find(&ABRO_6LBR_ADDRESS).is_some() => {
            text.str(" : Version ").dec(number(&ABRO_VERSION_HIGH)).str(".").dec(number(&ABRO_VERSION_LOW));
            text.str(", Valid Lifetime : ").dec(number(&ABRO_VALID_LIFETIME)).str(", 6LBR : ");
            write(&ABRO_6LBR_ADDRESS, text);
        }
        _ => {}
    }
}

fn length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Length: ").dec(entry.number()).str(" (").dec(8 * entry.number()).str(" bytes)");
}

fn link_address_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").hex_bytes(layer.view.bytes(entry), Some(b':'));
}

/// Writes an EUI-64 as its name and as itself, which are the same where it has no name.
pub(super) fn eui64_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let bytes = layer.view.bytes(entry);
    text.str(entry.field.title).str(": ").hex_bytes(bytes, Some(b':'));
    text.str(" (").hex_bytes(bytes, Some(b':')).str(")");
}

const REDIRECTED_HEADER: u8 = 4;
/// Bytes of a Redirect before its options.
const REDIRECT_LEN: usize = 40;

names! {
    TYPES = {
        1 => "Source link-layer address",
        2 => "Target link-layer address",
        3 => "Prefix information",
        4 => "Redirected header",
        5 => "MTU",
        6 => "NBMA Shortcut Limit Option",
        7 => "Advertisement Interval",
        8 => "Home Agent Information",
        9 => "Source Address List",
        10 => "Target Address List",
        11 => "CGA",
        12 => "RSA Signature",
        13 => "Timestamp",
        14 => "Nonce",
        15 => "Trust Anchor",
        16 => "Certificate",
        17 => "IP Address/Prefix Option",
        18 => "New Router Prefix Information",
        19 => "Link-layer Address",
        20 => "Neighbor Advertisement Acknowledgment",
        23 => "MAP",
        24 => "Route Information",
        25 => "Recursive DNS Server",
        26 => "RA Flags Extension",
        27 => "Handover Key Request",
        28 => "Handover Key Reply",
        29 => "Handover Assist Information",
        30 => "Mobile Node Identifier Option",
        31 => "DNS Search List Option",
        32 => "Proxy Signature (PS)",
        33 => "Address Registration Option",
        34 => "6LoWPAN Context Option",
        35 => "Authoritative Border Router",
        36 => "6LoWPAN Capability Indication Option",
        37 => "DHCP Captive-Portal",
        38 => "PREF64 Option",
        138 => "CARD Request",
        139 => "CARD Reply",
        253 => "RFC3692-style Experiment 1",
        254 => "RFC3692-style Experiment 2",
    }
    NAME_TYPES = { 1 => "DER Encoded X.501 Name", 2 => "FQDN" }
    CERTIFICATE_TYPES = { 1 => "X.509v3 Certificate" }
    ADDRESS_CODES = {
        1 => "Old Care-of Address",
        2 => "New Care-of Address",
        3 => "NAR's IP address",
        4 => "NAR's Prefix (sent in PrRtAdv)",
    }
    LINK_ADDRESS_CODES = {
        0 => "Wildcard requesting resolution for all nearby access points",
        1 => "Link-layer Address of the New Access Point",
        2 => "Link-layer Address of the MN",
        3 => "Link-layer Address of the NAR (i.e., Proxied Originator)",
        4 => "Link-layer Address of the source of the RtSolPr or PrRtAdv message",
        5 => "The access point identified by the LLA belongs to the current interface of the router",
        6 => "No prefix information available",
        7 => "No fast handovers support available",
    }
    ACKNOWLEDGMENTS = {
        1 => "NCoA is invalid",
        2 => "NCoA is invalid, use the supplied NCoA",
        3 => "NCoA is invalid, use NAR's IP address as NCoA in FBU",
        4 => "PCoA supplied, do not send FBU",
        128 => "Link-Layer Address unrecognized",
    }
    ASSIST_CODES = { 1 => "Access Network Identifier (AN ID)", 2 => "Sector ID" }
    NODE_CODES = { 1 => "NAI", 2 => "IMSI" }
    PREFIX_LENGTH_CODES = {
        0 => "96 bits prefix length",
        1 => "64 bits prefix length",
        2 => "56 bits prefix length",
        3 => "48 bits prefix length",
        4 => "40 bits prefix length",
        5 => "32 bits prefix length",
    }
}
