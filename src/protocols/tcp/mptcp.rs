//! The option of Multipath TCP.
//!
//! RFC 6824 (version 0) and RFC 8684 (version 1), whose subtypes differ in some bits.
//!
//! ```text
//! +--------+--------+----+----+
//! |   30   | length |subt|    |  what the subtype says …
//! +--------+--------+----+----+
//! ```

use crate::dissect::{Entry, Group, Layer, LayerView, Severity, Stop, fields, names};
use crate::text::Text;

fields! {
    MPTCP = protocol("mptcp", "Multipath Transmission Control Protocol").label(option_line);
    SUBTYPE = uint8("tcp.options.mptcp.subtype", "Multipath TCP subtype").bits(0xf0).values(SUBTYPES);
    VERSION = uint8("tcp.options.mptcp.version", "Multipath TCP version").bits(0x0f);
    RESERVED = uint16("tcp.options.mptcp.reserved", "Reserved").hex().bits(0x0fff);
    FLAGS = uint8("tcp.options.mptcp.flags", "Multipath TCP flags").hex();
    RST_FLAGS = uint8("tcp.options.mptcp.flags", "Multipath TCP flags").hex().label(rst_flags_line);
    BACKUP = uint8("tcp.options.mptcp.backup.flag", "Backup flag").bits(0x01);
    CHECKSUM_REQUIRED = uint8("tcp.options.mptcp.checksumreq.flags", "Checksum required").bits(0x80);
    EXTENSIBILITY = uint8("tcp.options.mptcp.extensibility.flag", "Extensibility").bits(0x40);
    NO_MORE_SUBFLOWS = uint8("tcp.options.mptcp.nomoresubflows.flag",
        "Do not attempt to establish new subflows to this address and port").bits(0x20);
    SHA1 = uint8("tcp.options.mptcp.sha1.flag", "Use HMAC-SHA1").bits(0x01);
    SHA256 = uint8("tcp.options.mptcp.sha256.flag", "Use HMAC-SHA256").bits(0x01);
    DATA_FIN = uint8("tcp.options.mptcp.datafin.flag", "DATA_FIN").bits(0x10);
    DSEQN8 = uint8("tcp.options.mptcp.dseqn8.flag", "Data Sequence Number is 8 octets").bits(0x08);
    DSEQN_PRESENT = uint8("tcp.options.mptcp.dseqnpresent.flag",
        "Data Sequence Number, Subflow Sequence Number, Data-level Length, Checksum present").bits(0x04);
    DATA_ACK8 = uint8("tcp.options.mptcp.dataack8.flag", "Data ACK is 8 octets").bits(0x02);
    DATA_ACK_PRESENT = uint8("tcp.options.mptcp.dataackpresent.flag", "Data ACK is present").bits(0x01);
    RESERVED_FLAGS_0 = uint8("tcp.options.mptcp.reserved.flag", "Reserved").hex().bits(0x3e);
    RESERVED_FLAGS_1 = uint8("tcp.options.mptcp.reserved.flag", "Reserved").hex().bits(0x1e);
    FLAG_U = boolean("tcp.options.mptcp.flag_U.flag", "Flag U").of(4).bits(0x8).flags("Set", "Not set");
    FLAG_V = boolean("tcp.options.mptcp.flag_V.flag", "Flag V").of(4).bits(0x4).flags("Set", "Not set");
    FLAG_W = boolean("tcp.options.mptcp.flag_W.flag", "Flag W").of(4).bits(0x2).flags("Set", "Not set");
    FLAG_T = boolean("tcp.options.mptcp.flag_T.flag", "Transient").of(4).bits(0x1).flags("Set", "Not set");
    RST_REASON = uint8("tcp.options.mptcp.rst_reason", "TCPRST Reason").hex().values(RST_REASONS);
    ADDRESS_ID = uint8("tcp.options.mptcp.addrid", "Address ID");
    SENDER_KEY = uint64("tcp.options.mptcp.sendkey", "Sender's Key");
    RECEIVER_KEY = uint64("tcp.options.mptcp.recvkey", "Receiver's Key");
    RECEIVER_TOKEN = uint32("tcp.options.mptcp.recvtok", "Receiver's Token");
    SENDER_RANDOM = uint32("tcp.options.mptcp.sendrand", "Sender's Random Number");
    SENDER_TRUNCATED_HMAC = uint64("tcp.options.mptcp.sendtrunchmac", "Sender's Truncated HMAC");
    SENDER_HMAC = bytes("tcp.options.mptcp.sendhmac", "Sender's HMAC");
    ADDRESS_HMAC = uint64("tcp.options.mptcp.addaddrtrunchmac", "Truncated HMAC");
    RAW_DATA_ACK = uint64("tcp.options.mptcp.rawdataack", "Original MPTCP Data ACK");
    RAW_DATA_ACK8 = uint64("tcp.options.mptcp.rawdataack", "Original MPTCP Data ACK").unit(" (64bits)");
    RAW_DATA_SEQUENCE = uint64("tcp.options.mptcp.rawdataseqno", "Data Sequence Number").unit("  (32bits version)");
    RAW_DATA_SEQUENCE8 = uint64("tcp.options.mptcp.rawdataseqno", "Data Sequence Number").unit("  (64bits version)");
    FAIL_SEQUENCE = uint64("tcp.options.mptcp.rawdataseqno", "Data Sequence Number");
    SUBFLOW_SEQUENCE = uint32("tcp.options.mptcp.subflowseqno", "Subflow Sequence Number");
    DATA_LEVEL_LENGTH = uint16("tcp.options.mptcp.datalvllen", "Data-level Length");
    CHECKSUM = uint16("tcp.options.mptcp.checksum", "Checksum").hex();
    IP_VERSION = uint8("tcp.options.mptcp.ipver", "IP version").bits(0x0f);
    ECHO = uint8("tcp.options.mptcp.echo", "Echo").bits(0x01);
    IPV4 = ipv4("tcp.options.mptcp.ipv4", "Advertised IPv4 Address");
    IPV6 = ipv6("tcp.options.mptcp.ipv6", "Advertised IPv6 Address");
    PORT = uint16("tcp.options.mptcp.port", "Advertised port");
    REMOVED_COUNT = uint8("mptcp.rm_addr.count", "Number of removed addresses").generated();
    MISSING_ALGORITHM = expert("mptcp.connection.missing_algorithm", "No crypto algorithm specified",
        Severity::Warning, Group::Protocol);
    UNSUPPORTED_ALGORITHM = expert("mptcp.connection.unsupported_algorithm", "Unsupported algorithm",
        Severity::Warning, Group::Protocol);
    ECHOED_KEY_MISMATCH = expert("mptcp.connection.echoed_key_mismatch",
        "The echoed key in the ACK of the MPTCP handshake does not match the key of the SYN/ACK", Severity::Warning,
        Group::Protocol);
    INFINITE_MAPPING = expert("mptcp.dss.infinite_mapping", "Fallback to infinite mapping", Severity::Warning,
        Group::Protocol);
    MISSING_MAPPING = expert("mptcp.dss.missing_mapping", "No mapping available", Severity::Warning, Group::Protocol);
}

/// Reads an option of `len` bytes from behind its length.
pub(super) fn dissect(l: &mut Layer, len: usize) -> Result<(), Stop> {
    let first = l.peek_u8()?;
    l.part(&SUBTYPE, first, 1);
    match first >> 4 {
        0 => capable(l, len),
        1 => join(l, len),
        2 => data_sequence(l, len),
        3 => add_address(l, len),
        4 => {
            l.part(&REMOVED_COUNT, len as u64 - 3, 1);
            l.skip(1)?;
            for _ in 3..len {
                l.u8(&ADDRESS_ID)?;
            }
            Ok(())
        }
        5 => {
            l.u8(&FLAGS)?;
            l.parts(&[&BACKUP], first);
            if len == 4 {
                l.u8(&ADDRESS_ID)?;
            }
            Ok(())
        }
        6 => {
            l.u16(&RESERVED)?;
            l.u64(&FAIL_SEQUENCE).map(drop)
        }
        7 => {
            l.u16(&RESERVED)?;
            l.u64(&RECEIVER_KEY).map(drop)
        }
        8 => {
            l.u8(&RST_FLAGS)?;
            l.parts(&[&FLAG_U, &FLAG_V, &FLAG_W, &FLAG_T], first & 0x0f);
            l.u8(&RST_REASON).map(drop)
        }
        _ => Ok(()),
    }
}

/// MP_CAPABLE: opens a connection that may have several paths.
fn capable(l: &mut Layer, len: usize) -> Result<(), Stop> {
    let version = l.u8(&VERSION)? & 0x0f;
    let set = l.u8(&FLAGS)?;
    if version == 1 {
        l.parts(&[&CHECKSUM_REQUIRED, &EXTENSIBILITY, &NO_MORE_SUBFLOWS, &SHA256, &RESERVED_FLAGS_1], set);
    } else {
        l.parts(&[&CHECKSUM_REQUIRED, &EXTENSIBILITY, &SHA1, &RESERVED_FLAGS_0], set);
        // Of the bits that name algorithms, only the last is given to one.
        if set & 0x3f == 0 {
            l.expert(&MISSING_ALGORITHM);
        }
        if set & 0x3f != 1 {
            l.expert(&UNSUPPORTED_ALGORITHM);
        }
    }
    if len < 12 {
        return Ok(());
    }
    l.u64(&SENDER_KEY)?;
    if len >= 20 {
        l.u64(&RECEIVER_KEY)?;
    }
    if version == 1 && len >= 22 {
        l.u16(&DATA_LEVEL_LENGTH)?;
    }
    if version == 1 && len >= 24 {
        l.u16(&CHECKSUM)?;
    }
    Ok(())
}

/// MP_JOIN: adds a path to a connection. Its three forms, those of SYN, SYN/ACK and ACK, are told apart by their length.
fn join(l: &mut Layer, len: usize) -> Result<(), Stop> {
    match len {
        12 | 16 => {
            let set = l.u8(&FLAGS)?;
            l.parts(&[&BACKUP], set);
            l.u8(&ADDRESS_ID)?;
            if len == 12 {
                l.u32(&RECEIVER_TOKEN)?;
            } else {
                l.u64(&SENDER_TRUNCATED_HMAC)?;
            }
            l.u32(&SENDER_RANDOM).map(drop)
        }
        24 => {
            l.u16(&RESERVED)?;
            l.bytes(&SENDER_HMAC, 20).map(drop)
        }
        _ => Ok(()),
    }
}

/// DSS: says which data of the connection this subflow carries.
fn data_sequence(l: &mut Layer, len: usize) -> Result<(), Stop> {
    l.skip(1)?;
    let set = l.u8(&FLAGS)?;
    l.parts(&[&DATA_FIN, &DSEQN8, &DSEQN_PRESENT, &DATA_ACK8, &DATA_ACK_PRESENT], set);
    let mut left = len - 4;
    if set & 0x01 != 0 {
        if set & 0x02 != 0 {
            l.u64(&RAW_DATA_ACK8)?;
            left = left.saturating_sub(8);
        } else {
            l.uint(&RAW_DATA_ACK, 4)?;
            left = left.saturating_sub(4);
        }
    }
    if set & 0x04 == 0 {
        return Ok(());
    }
    if set & 0x08 != 0 {
        l.u64(&RAW_DATA_SEQUENCE8)?;
        left = left.saturating_sub(8);
    } else {
        l.uint(&RAW_DATA_SEQUENCE, 4)?;
        left = left.saturating_sub(4);
    }
    l.u32(&SUBFLOW_SEQUENCE)?;
    let mapped = l.u16(&DATA_LEVEL_LENGTH)?;
    left = left.saturating_sub(6);
    if mapped == 0 {
        l.generated(&INFINITE_MAPPING, 0u64);
    }
    // As Wireshark 4.0 does, which does not show a checksum that ends the option.
    if left >= 4 {
        l.u16(&CHECKSUM)?;
    }
    Ok(())
}

/// ADD_ADDR: advertises another address. Where version 0 had an IP version, version 1 has flags; no address is of version 0 or 1.
fn add_address(l: &mut Layer, len: usize) -> Result<(), Stop> {
    let version = l.peek_u8()? & 0x0f;
    let is_first_version = matches!(version, 4 | 6);
    l.u8(if is_first_version { &IP_VERSION } else { &ECHO })?;
    l.u8(&ADDRESS_ID)?;
    // Version 1 tells the families apart by the length of all: 8 or 10, and with an HMAC 16 or 18.
    let is_ipv4 = if is_first_version { version == 4 } else { matches!(len, 8 | 10 | 16 | 18) };
    let is_ipv6 = if is_first_version { version == 6 } else { matches!(len, 20 | 22 | 28 | 30) };
    if is_ipv4 && len >= 8 {
        l.ipv4(&IPV4)?;
    } else if is_ipv6 && len >= 20 {
        l.ipv6(&IPV6)?;
    }
    if matches!(len, 10 | 18 | 22 | 30) {
        l.u16(&PORT)?;
    }
    if !is_first_version && matches!(len, 16 | 18 | 28 | 30) {
        l.u64(&ADDRESS_HMAC)?;
    }
    Ok(())
}

fn option_line(layer: &LayerView, option: &Entry, text: &mut Text) {
    text.str(option.field.title);
    let Some(&first) = layer.view.bytes(option).get(2) else { return };
    let subtype = u64::from(first >> 4);
    text.str(": ");
    match SUBTYPE.names.get(subtype) {
        Some(name) => _ = text.str(name),
        None => _ = text.str("Unknown (").dec(subtype).byte(b')'),
    }
}

/// Writes the flags of MP_TCPRST and the names of those that are set.
fn rst_flags_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").hex(entry.number(), 2);
    for field in [&FLAG_U, &FLAG_V, &FLAG_W, &FLAG_T] {
        if entry.number() & field.mask != 0 {
            text.str(", ").str(field.title);
        }
    }
}

names! {
    SUBTYPES = {
        0 => "Multipath Capable",
        1 => "Join Connection",
        2 => "Data Sequence Signal",
        3 => "Add Address",
        4 => "Remove Address",
        5 => "Change Subflow Priority",
        6 => "TCP Fallback",
        7 => "Fast Close",
        8 => "TCP Reset",
    }
    RST_REASONS = {
        0 => "Unspecified error",
        1 => "MPTCP-specific error",
        2 => "Lack of resources",
        3 => "Administratively prohibited",
        4 => "Too much outstanding data",
        5 => "Unacceptable performance",
        6 => "Middlebox interference",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ipv4, segment};

    #[test]
    fn subtypes() {
        let cases: &[(&[u8], &[&str])] = &[
            (
                &[30, 12, 0x00, 0x81, 1, 2, 3, 4, 5, 6, 7, 8],
                &[
                    "Multipath Transmission Control Protocol: Multipath Capable",
                    ".... 0000 = Multipath TCP version: 0",
                    "Multipath TCP flags: 0x81",
                    "1... .... = Checksum required: 1",
                    ".... ...1 = Use HMAC-SHA1: 1",
                    "..00 000. = Reserved: 0x00",
                    "Sender's Key: 72623859790382856",
                ],
            ),
            (
                &[30, 4, 0x01, 0x21],
                &[
                    ".... 0001 = Multipath TCP version: 1",
                    "..1. .... = Do not attempt to establish new subflows to this address and port: 1",
                    ".... ...1 = Use HMAC-SHA256: 1",
                    "...0 000. = Reserved: 0x0",
                ],
            ),
            (
                &[30, 12, 0x11, 3, 0, 0, 0, 7, 0, 0, 0, 9],
                &[".... ...1 = Backup flag: 1", "Address ID: 3", "Receiver's Token: 7", "Sender's Random Number: 9"],
            ),
            (
                &[30, 20, 0x20, 0x05, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 10, 0xab, 0xcd],
                &[
                    ".... .1.. = Data Sequence Number, Subflow Sequence Number, Data-level Length, Checksum present: 1",
                    "Original MPTCP Data ACK: 1",
                    "Data Sequence Number: 2  (32bits version)",
                    "Subflow Sequence Number: 3",
                    "Data-level Length: 10",
                ],
            ),
            (&[30, 12, 0x20, 0x03, 0, 0, 0, 0, 0, 0, 0, 9], &["Original MPTCP Data ACK: 9 (64bits)"]),
            (&[30, 8, 0x34, 5, 10, 0, 0, 1], &[".... 0100 = IP version: 4", "Advertised IPv4 Address: 10.0.0.1"]),
            (&[30, 8, 0x31, 5, 10, 0, 0, 1], &[".... ...1 = Echo: 1", "Advertised IPv4 Address: 10.0.0.1"]),
            (&[30, 4, 0x40, 5], &["[Number of removed addresses: 1]", "Address ID: 5"]),
            (&[30, 4, 0x51, 2], &["Multipath TCP flags: 0x51", "Address ID: 2"]),
            (
                &[30, 12, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 9],
                &[".... 0000 0000 0000 = Reserved: 0x000", "Data Sequence Number: 9"],
            ),
            (&[30, 4, 0x81, 2], &["Multipath TCP flags: 0x81, Transient", "TCPRST Reason: Lack of resources (0x02)"]),
            (&[30, 4, 0x90, 0], &["Multipath Transmission Control Protocol: Unknown (9)"]),
        ];
        for (bytes, lines) in cases {
            let dissected = ipv4(6, &segment(false, 0x10, 1, 1, bytes, &[]), false).dissect();
            dissected.shows(lines).lacks("Malformed");
            assert_eq!(dissected.protocol, "MPTCP");
        }
    }

    #[test]
    fn subtypes_cut_short() {
        for bytes in [[30, 4, 0x20, 0x01], [30, 4, 0x60, 0], [30, 3, 0x80, 1], [30, 2, 1, 1]] {
            ipv4(6, &segment(false, 0x10, 1, 1, &bytes, &[]), false)
                .dissect()
                .shows(&["Options: (4 bytes)", "[Timestamps]"]);
        }
    }
}
