//! The pseudo record of the extension mechanisms, EDNS, and its options.
//!
//! RFC 6891, section 6.1. Options: RFC 5001 (NSID), RFC 6975 (DAU, DHU, N3U), RFC 7314 (EXPIRE), RFC 7828 (TCP keepalive), RFC 7830 (padding), RFC 7871 (client
//! subnet), RFC 7873 (cookies), RFC 7901 (chain), RFC 8914 (extended errors); their numbers are those of the *DNS EDNS0 Option Codes (OPT)*
//! registry of IANA.
//!
//! ```text
//!                +0 (MSB)                            +1 (LSB)
//!    +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
//! 0: |                          OPTION-CODE                          |
//!    +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
//! 2: |                         OPTION-LENGTH                         |
//!    +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
//! 4: /                          OPTION-DATA                          /
//!    +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
//! ```

use super::dnssec::{ALGORITHMS, DIGESTS, NSEC3_ALGORITHMS};
use super::records::{Data, RESP_CACHE_FLUSH, address, ascii};
use crate::dissect::{Entry, Group, Layer, LayerView, Names, Severity, Stop, fields, names};
use crate::text::Text;

fields! {
    UDP_PAYLOAD_SIZE = uint16("dns.rr.udp_payload_size", "UDP payload size");
    UDP_PAYLOAD_SIZE_MDNS = uint16("dns.rr.udp_payload_size", "UDP payload size").hex().bits(0x7fff);
    RESP_EXT_RCODE = uint8("dns.resp.ext_rcode", "Higher bits in extended RCODE").hex();
    RESP_EDNS0_VERSION = uint8("dns.resp.edns0_version", "EDNS0 version");
    RESP_Z = uint16("dns.resp.z", "Z").hex();
    RESP_Z_DO = boolean("dns.resp.z.do", "DO bit").of(16).bits(0x8000)
        .flags("Accepts DNSSEC security RRs", "Cannot handle DNSSEC security RRs");
    RESP_Z_RESERVED = uint16("dns.resp.z.reserved", "Reserved").hex().bits(0x7fff);
    OPT = none("dns.opt", "Option").label(option_line);
    OPT_CODE = uint16("dns.opt.code", "Option Code").values(OPTIONS);
    OPT_LEN = uint16("dns.opt.len", "Option Length");
    OPT_BAD_LENGTH = expert("dns.rr.opt.bad_length", "Length too long for any type of IP address.", Severity::Error,
        Group::Malformed);
    OPT_DATA = bytes("dns.opt.data", "Option Data");
    DAU = uint8("dns.opt.dau", "DAU").values(ALGORITHMS);
    DHU = uint8("dns.opt.dhu", "DHU").values(DIGESTS);
    N3U = uint8("dns.opt.n3u", "N3U").values(NSEC3_ALGORITHMS);
    CLIENT_FAMILY = uint16("dns.opt.client.family", "Family").values(FAMILIES);
    CLIENT_NETMASK = uint8("dns.opt.client.netmask", "Source Netmask");
    CLIENT_SCOPE = uint8("dns.opt.client.scope", "Scope Netmask");
    CLIENT_ADDR = bytes("dns.opt.client.addr", "Client Subnet");
    CLIENT_ADDR4 = ipv4("dns.opt.client.addr4", "Client Subnet");
    CLIENT_ADDR6 = ipv6("dns.opt.client.addr6", "Client Subnet");
    COOKIE_CLIENT = bytes("dns.opt.cookie.client", "Client Cookie");
    COOKIE_SERVER = bytes("dns.opt.cookie.server", "Server Cookie");
    TCP_KEEPALIVE_TIMEOUT = uint16("dns.opt.edns_tcp_keepalive.timeout", "Timeout");
    PADDING = bytes("dns.opt.padding", "Padding");
    CHAIN_FQDN = text("dns.opt.chain.fqdn", "Closest Trust Point");
    EXT_ERROR_INFO_CODE = uint16("dns.opt.ext_error.info_code", "Info Code").named(Names::Lookup(error_name));
    EXT_ERROR_EXTRA_TEXT = text("dns.opt.ext_error.extra_text", "Extra Text");
}

/// Reads what stands in place of class and time to live.
pub(super) fn class_and_ttl(l: &mut Layer, is_mdns: bool) -> Result<(), Stop> {
    if is_mdns {
        let size = l.peek_u16()?;
        l.part(&UDP_PAYLOAD_SIZE_MDNS, size, 2);
        l.part(&RESP_CACHE_FLUSH, size, 2);
        l.skip(2)?;
    } else {
        l.u16(&UDP_PAYLOAD_SIZE)?;
    }
    l.u8(&RESP_EXT_RCODE)?;
    l.u8(&RESP_EDNS0_VERSION)?;
    let flags = l.u16(&RESP_Z)?;
    l.parts(&[&RESP_Z_DO, &RESP_Z_RESERVED], flags);
    Ok(())
}

/// Reads options up to the end of the data.
pub(super) fn options(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    while data.goes_on(l) {
        option(l)?;
    }
    Ok(())
}

fn option(l: &mut Layer) -> Result<(), Stop> {
    let &[code_high, code_low, len_high, len_low] = l.peek(4)?.first_chunk().unwrap_or(&[0; 4]);
    let code = u16::from_be_bytes([code_high, code_low]);
    let len = usize::from(u16::from_be_bytes([len_high, len_low]));
    let open = l.open_with(&OPT, code, 4 + len);
    l.u16(&OPT_CODE)?;
    l.u16(&OPT_LEN)?;
    l.peek(len)?;
    if code == CLIENT_SUBNET && len > MAX_SUBNET {
        l.expert(&OPT_BAD_LENGTH);
    }
    let start = l.offset();
    l.bytes(&OPT_DATA, len)?;
    l.go_to(start)?;
    match code {
        5..=7 => {
            let field = [&DAU, &DHU, &N3U][usize::from(code - 5)];
            for _ in 0..len {
                l.u8(field)?;
            }
        }
        CLIENT_SUBNET => {
            let family = l.u16(&CLIENT_FAMILY)?;
            l.u8(&CLIENT_NETMASK)?;
            l.u8(&CLIENT_SCOPE)?;
            let len = len.saturating_sub(4);
            let len = if family == IPV6 { len.min(16) } else { len };
            address(l, family, len, [&CLIENT_ADDR4, &CLIENT_ADDR6, &CLIENT_ADDR])?;
        }
        COOKIE => {
            l.bytes(&COOKIE_CLIENT, CLIENT_COOKIE_LEN)?;
            l.bytes(&COOKIE_SERVER, len.checked_sub(CLIENT_COOKIE_LEN).ok_or(Stop::Malformed)?)?;
        }
        TCP_KEEPALIVE if len == 2 => _ = l.u16(&TCP_KEEPALIVE_TIMEOUT)?,
        PADDING_OPTION => _ = l.bytes(&PADDING, len)?,
        CHAIN => ascii(l, &CHAIN_FQDN, len)?,
        EXTENDED_ERROR => {
            l.u16(&EXT_ERROR_INFO_CODE)?;
            if len > 2 {
                // "EXTRA-TEXT may be null terminated but MUST NOT be assumed to be": RFC 8914, section 2.
                let bytes = l.peek(len - 2)?;
                let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
                l.detached(&EXT_ERROR_EXTRA_TEXT, text, bytes.len());
            }
        }
        _ => {}
    }
    l.go_to(start + len)?;
    l.close(open);
    Ok(())
}

fn option_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Option: ");
    match OPT_CODE.names.get(entry.number()) {
        Some(name) => text.str(name),
        None => text.str("Unknown (").dec(entry.number()).byte(b')'),
    };
}

names! {
    OPTIONS = {
        0 => "Reserved", 1 => "LLQ - Long-lived query", 2 => "UL - Update lease", 3 => "NSID - Name Server Identifier",
        4 => "Owner (reserved)", 5 => "DAU - DNSSEC Algorithm Understood (RFC6975)",
        6 => "DHU - DS Hash Understood (RFC6975)", 7 => "N3U - NSEC3 Hash Understood (RFC6975)",
        8 => "CSUBNET - Client subnet", 9 => "EDNS EXPIRE (RFC7314)", 10 => "COOKIE", 11 => "EDNS TCP Keepalive",
        12 => "PADDING", 13 => "CHAIN", 14 => "EDNS KEY TAG (RFC8145)", 15 => "Extended DNS Error",
        16 => "EDNS Client Tag", 17 => "EDNS Server Tag", 18 => "Report Channel (RFC9567)",
        19 => "ZONEVERSION (RFC9660)", 20292 => "Umbrella Ident", 26946 => "DeviceID",
    }
    FAMILIES = { 1 => "IPv4", 2 => "IPv6" }
}

/// The words of RFC 8914, section 5.2, and of RFC 9824 for the last.
fn error_name(code: u64) -> Option<&'static str> {
    usize::try_from(code).ok().and_then(|place| ERRORS.get(place)).copied().or(Some("Unassigned"))
}

static ERRORS: &[&str] = &[
    "Other Error",
    "Unsupported DNSKEY Algorithm",
    "Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC Indeterminate",
    "DNSSEC Bogus",
    "Signature Expired",
    "Signature Not Yet Valid",
    "DNSKEY Missing",
    "RRSIGs Missing",
    "No Zone Key Bit Set",
    "NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDomain Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
    "Signature Expired before Valid",
    "Too Early",
    "Unsupported NSEC3 Iterations Value",
    "Unable to conform to policy",
    "Synthesized",
    "Invalid Query Type",
];

const CLIENT_SUBNET: u16 = 8;
const COOKIE: u16 = 10;
const TCP_KEEPALIVE: u16 = 11;
const PADDING_OPTION: u16 = 12;
const CHAIN: u16 = 13;
const EXTENDED_ERROR: u16 = 15;

/// The number of the family of IPv6 addresses.
const IPV6: u16 = 2;
/// The most bytes of a client subnet: what stands before the address, and an IPv6 address.
const MAX_SUBNET: usize = 4 + 16;
const CLIENT_COOKIE_LEN: usize = 8;

#[cfg(test)]
mod tests {
    use super::super::testing::{message, query};
    use crate::protocols::testing::Dissected;

    fn options(data: &[u8]) -> Dissected {
        let len = (data.len() as u16).to_be_bytes();
        let record = [b"\0\0\x29\x10\0\x01\x02\x80\x03" as &[u8], &len, data].concat();
        query(&message(0x0100, [0, 0, 0, 1], &record)).dissect()
    }

    #[test]
    fn the_record_itself() {
        let dissected = options(b"");
        assert_eq!(dissected.info, "Standard query 0x1234 OPT");
        dissected.shows(&[
            "Additional records",
            "<Root>: type OPT",
            "Name: <Root>",
            "Type: OPT (41)",
            "UDP payload size: 4096",
            "Higher bits in extended RCODE: 0x01",
            "EDNS0 version: 2",
            "Z: 0x8003",
            "1... .... .... .... = DO bit: Accepts DNSSEC security RRs",
            ".000 0000 0000 0011 = Reserved: 0x0003",
            "Data length: 0",
        ]);
        dissected.lacks("Time to live").lacks("Class:");
    }

    /// As tshark 4.0 shows them, but for options that were registered later.
    #[test]
    fn each_option() {
        let cases: &[(u16, &[u8], &[&str])] = &[
            (
                3,
                b"ns1",
                &[
                    "Option: NSID - Name Server Identifier",
                    "Option Code: NSID - Name Server Identifier (3)",
                    "Option Length: 3",
                    "Option Data: 6e7331",
                ],
            ),
            (5, b"\x05\x08", &["DAU: RSA/SHA1 (5)", "DAU: RSA/SHA-256 (8)"]),
            (6, b"\x01\x04", &["DHU: SHA-1 (1)", "DHU: SHA-384 (4)"]),
            (7, b"\x01", &["N3U: SHA-1 (1)"]),
            (
                8,
                b"\0\x01\x18\0\x01\x02\x03",
                &[
                    "Option: CSUBNET - Client subnet",
                    "Family: IPv4 (1)",
                    "Source Netmask: 24",
                    "Scope Netmask: 0",
                    "Client Subnet: 1.2.3.0",
                ],
            ),
            (
                8,
                b"\0\x02\x38\x20\x20\x01\x0d\xb8\0\0\x01",
                &["Family: IPv6 (2)", "Source Netmask: 56", "Scope Netmask: 32", "Client Subnet: 2001:db8:0:100::"],
            ),
            (8, b"\0\x03\x08\0\xab", &["Family: Unknown (3)", "Client Subnet: ab"]),
            (
                8,
                b"\0\x02\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                &[
                    "Option Length: 21",
                    "[Expert Info (Error/Malformed): Length too long for any type of IP address.]",
                    "Client Subnet: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                ],
            ),
            (10, b"cccccccc", &["Client Cookie: 6363636363636363", "Server Cookie: <MISSING>"]),
            (10, b"ccccccccssssssss", &["Client Cookie: 6363636363636363", "Server Cookie: 7373737373737373"]),
            (11, b"\x01\x2c", &["Option: EDNS TCP Keepalive", "Timeout: 300"]),
            (12, b"", &["Option: PADDING", "Option Data: <MISSING>", "Padding: <MISSING>"]),
            (13, b"\x02cl\0", &["Option: CHAIN", r"Closest Trust Point: \002cl"]),
            (15, b"\0\x12why\0", &["Option: Extended DNS Error", "Info Code: Prohibited (18)", "Extra Text: why"]),
            (15, b"\x01\x2c", &["Info Code: Unassigned (300)"]),
            (65001, b"x", &["Option: Unknown (65001)", "Option Code: Unknown (65001)", "Option Data: 78"]),
        ];
        for (code, data, lines) in cases {
            let option = [&code.to_be_bytes()[..], &(data.len() as u16).to_be_bytes(), data].concat();
            options(&option).shows(lines).lacks("Malformed Packet:");
            // Options follow each other, and what is cut is survived.
            options(&option.repeat(2)).lacks("Malformed Packet:");
            for len in 1..option.len() {
                let record =
                    [b"\0\0\x29\x10\0\0\0\0\0" as &[u8], &(option.len() as u16).to_be_bytes(), &option[..len]].concat();
                query(&message(0, [0, 0, 0, 1], &record)).dissect().shows(&["[Malformed Packet: DNS]"]);
            }
        }
        options(b"\0\x0a\0\x03ccc").shows(&["Option Data: 636363", "[Malformed Packet: DNS]"]);
        options(b"\0\x0b\0\x01c").lacks("Timeout").lacks("Malformed");
        options(b"\0\x03\0").shows(&["Data length: 3", "[Malformed Packet: DNS]"]).lacks("Option:");
        options(b"\0\x03\0\x05abc").shows(&["Option Length: 5", "[Malformed Packet: DNS]"]).lacks("Option Data");
    }
}
