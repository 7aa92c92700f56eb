//! The options of TCP's header.
//!
//! ```text
//! +--------+--------+----------------+
//! |  kind  | length |  length - 2 bytes …
//! +--------+--------+----------------+
//! ```
//!
//! End of Option List (0) and No-Operation (1) are a single byte. The kinds are those of IANA's registry "TCP Option Kind
//! Numbers": RFC 9293 (maximum segment size), RFC 7323 (window scale, timestamps), RFC 2018 and RFC 2883 (SACK), RFC 1072
//! (echo), RFC 1644 (CC), RFC 2385 (MD5), RFC 5925 (authentication), RFC 4782 (Quick-Start), RFC 5482 (user timeout), RFC 7413
//! (Fast Open), RFC 6994 (experiments), CCSDS 714.0-B (SCPS), draft-ietf-tcpm-accurate-ecn, and what Riverbed documents of its
//! probes. Multipath TCP is in [`mptcp`](super::mptcp).

use super::{Segment, mptcp};
use crate::dissect::{
    Asks, Entry, Field, Group, Layer, LayerView, Plain, Severity, Stop, Summary, Value, fields, flags, names,
};
use crate::text::Text;

fields! {
    OPTIONS = bytes("tcp.options", "TCP Options").label(options_line).in_columns();
    KIND = uint8("tcp.option_kind", "Kind").values(KINDS);
    LEN = uint8("tcp.option_len", "Length");
    BAD_OPTION_LINE = heading("Option").label(bad_option_message);
    BAD_OPTION = expert("tcp.option.len.invalid", "Invalid length for option", Severity::Note, Group::Sequence)
        .label(bad_option_message);
    LEN_NOT = expert("tcp.option.len.invalid", "Invalid length for option", Severity::Note, Group::Sequence)
        .label(len_not_message);
    LEN_NOT_AUTHENTICATION = expert("tcp.option.len.invalid", "option length should be >= than 4", Severity::Note,
        Group::Sequence);
    LEN_NOT_PROBE = expert("tcp.option.len.invalid", "option length should be >= 3)", Severity::Note, Group::Sequence);
    LEN_NOT_ECN = expert("tcp.option.len.invalid", "Invalid length for option", Severity::Note, Group::Sequence)
        .label(len_not_ecn_message);
    LEN_NOT_EXPERIMENT_ECN = expert("tcp.option.len.invalid", "Invalid length for option", Severity::Note,
        Group::Sequence).label(len_not_experiment_ecn_message);
    LEN_NOT_EXPERIMENT_RATE = expert("tcp.option.len.invalid", "Invalid length for option", Severity::Note,
        Group::Sequence).label(len_not_experiment_rate_message);
    LEN_NOT_EXPERIMENT = expert("tcp.option.len.invalid", "Invalid length for option", Severity::Note,
        Group::Sequence).label(len_not_experiment_message);
    CUT = heading("The last option could not be read to its end").hidden();
    NON_ZERO_PADDING_LINE = heading("Non-zero header padding");
    NON_ZERO_PADDING = expert("tcp.non_zero_bytes_after_eol", "Non-zero header padding", Severity::Error,
        Group::Protocol);
    FOUR_NOPS = expert("tcp.nop", "4 NOP in a row - a router may have removed some options", Severity::Warning,
        Group::Protocol);
    BEYOND_OPTION_LINE = heading("suboption would go past end of option");
    BEYOND_OPTION = expert("tcp.suboption_malformed", "suboption would go past end of option", Severity::Error,
        Group::Malformed);

    EOL = bytes("tcp.options.eol", "TCP Option - End of Option List (EOL)").label(option_line);
    NOP = bytes("tcp.options.nop", "TCP Option - No-Operation (NOP)").label(option_line);
    MSS = bytes("tcp.options.mss", "TCP Option - Maximum segment size").label(option_line).in_columns();
    MSS_VAL = uint16("tcp.options.mss_val", "MSS Value").in_columns();
    MSS_ABSENT = expert("tcp.options.mss.absent", "The SYN packet does not contain a MSS option", Severity::Note,
        Group::Protocol);
    MSS_PRESENT = expert("tcp.options.mss.present", "The non-SYN packet does contain a MSS option",
        Severity::Warning, Group::Protocol);
    WSCALE = bytes("tcp.options.wscale", "TCP Option - Window scale").label(option_line).in_columns();
    WSCALE_SHIFT = uint8("tcp.options.wscale.shift", "Shift count");
    WSCALE_MULTIPLIER = uint16("tcp.options.wscale.multiplier", "Multiplier").generated().in_columns();
    WSCALE_INVALID = expert("tcp.options.wscale.shift.invalid", "Window scale shift exceeds 14", Severity::Warning,
        Group::Protocol);
    SACK_PERM = bytes("tcp.options.sack_perm", "TCP Option - SACK permitted").label(option_line).in_columns();
    SACK = bytes("tcp.options.sack", "TCP Option - SACK").label(option_line).in_columns();
    SACK_LE = uint32("tcp.options.sack_le", "TCP SACK Left Edge").label(edge_line).asks(Asks::Streams).in_columns();
    SACK_RE = uint32("tcp.options.sack_re", "TCP SACK Right Edge").label(edge_line).asks(Asks::Streams).in_columns();
    SACK_LE_AS_IT_IS = uint32("tcp.options.sack_le", "TCP SACK Left Edge").label(edge_line).asks(Asks::Streams)
        .in_columns();
    SACK_RE_AS_IT_IS = uint32("tcp.options.sack_re", "TCP SACK Right Edge").label(edge_line).asks(Asks::Streams)
        .in_columns();
    SACK_COUNT = uint8("tcp.options.sack.count", "TCP SACK Count").generated();
    DSACK_LE = uint32("tcp.options.sack.dsack_le", "TCP D-SACK Left Edge").generated().label(edge_line)
        .asks(Asks::Streams);
    DSACK_RE = uint32("tcp.options.sack.dsack_re", "TCP D-SACK Right Edge").generated().label(edge_line)
        .asks(Asks::Streams);
    DSACK_LE_AS_IT_IS = uint32("tcp.options.sack.dsack_le", "TCP D-SACK Left Edge").generated().label(edge_line)
        .asks(Asks::Streams);
    DSACK_RE_AS_IT_IS = uint32("tcp.options.sack.dsack_re", "TCP D-SACK Right Edge").generated().label(edge_line)
        .asks(Asks::Streams);
    DSACK_LINE = heading("D-SACK Sequence");
    DSACK = expert("tcp.options.sack.dsack", "D-SACK Sequence", Severity::Warning, Group::Sequence);
    ECHO = bytes("tcp.options.echo", "TCP Option - Echo").label(option_line);
    ECHO_REPLY = bytes("tcp.options.echoreply", "TCP Option - Echo reply").label(option_line);
    ECHO_VALUE = uint32("tcp.options.echo_value", "TCP Echo Option");
    TIMESTAMP = bytes("tcp.options.timestamp", "TCP Option - Timestamps").label(option_line).in_columns();
    TSVAL = uint32("tcp.options.timestamp.tsval", "Timestamp value").in_columns();
    TSECR = uint32("tcp.options.timestamp.tsecr", "Timestamp echo reply").in_columns();
    CC = bytes("tcp.options.cc", "TCP Option - CC").label(option_line);
    CC_NEW = bytes("tcp.options.ccnew", "TCP Option - CC.NEW").label(option_line);
    CC_ECHO = bytes("tcp.options.ccecho", "TCP Option - CC.ECHO").label(option_line);
    CC_VALUE = uint32("tcp.options.cc_value", "TCP CC Option");
    MD5 = bytes("tcp.options.md5", "TCP Option - TCP MD5 signature").label(option_line);
    MD5_DIGEST = bytes("tcp.options.md5.digest", "MD5 digest");
    AO = bytes("tcp.options.ao", "TCP Option - TCP AO").label(option_line);
    AO_KEYID = uint8("tcp.options.ao.keyid", "AO KeyID");
    AO_RNEXTKEYID = uint8("tcp.options.ao.rnextkeyid", "AO RNextKeyID");
    AO_MAC = bytes("tcp.options.ao.mac", "AO MAC");
    SCPS = bytes("tcp.options.scps", "TCP Option - SCPS capabilities").label(option_line);
    SCPS_VECTOR = uint8("tcp.options.scps.vector", "TCP SCPS Capabilities Vector").hex().label(scps_vector_line);
    SCPS_BETS = boolean("tcp.options.scpsflags.bets", "Partial Reliability Capable (BETS)").bits(0x80)
        .flags("Set", "Not set");
    SCPS_SNACK1 = boolean("tcp.options.scpsflags.snack1", "Short Form SNACK Capable (SNACK1)").bits(0x40)
        .flags("Set", "Not set");
    SCPS_SNACK2 = boolean("tcp.options.scpsflags.snack2", "Long Form SNACK Capable (SNACK2)").bits(0x20)
        .flags("Set", "Not set");
    SCPS_COMPRESS = boolean("tcp.options.scpsflags.compress", "Lossless Header Compression (COMP)").bits(0x10)
        .flags("Set", "Not set");
    SCPS_NLTS = boolean("tcp.options.scpsflags.nlts", "Network Layer Timestamp (NLTS)").bits(0x08)
        .flags("Set", "Not set");
    SCPS_RESERVED = uint8("tcp.options.scpsflags.reserved", "Reserved").bits(0x07);
    SCPS_BINDING = uint8("tcp.options.scps.binding", "Connection ID");
    SCPS_BINDING_ID = uint8("tcp.options.scps.binding.id", "Binding Space (Community) ID");
    SCPS_BINDING_LEN = uint8("tcp.options.scps.binding.len", "Extended Capability Length");
    SCPS_BINDING_DATA = bytes("tcp.options.scps.binding.data", "Binding Space Data");
    SNACK = bytes("tcp.options.snack", "TCP Option - Selective Negative Acknowledgment").label(option_line);
    SNACK_OFFSET = uint16("tcp.options.snack.offset", "TCP SNACK Offset");
    SNACK_SIZE = uint16("tcp.options.snack.size", "TCP SNACK Size");
    SNACK_LE = uint16("tcp.options.snack.le", "TCP SNACK Left Edge").generated();
    SNACK_RE = uint16("tcp.options.snack.re", "TCP SNACK Right Edge").generated();
    SNACK_SEQUENCE = expert("tcp.options.snack.sequence", "SNACK Sequence", Severity::Note, Group::Sequence);
    SCPS_REC = bytes("tcp.options.scpsrec", "TCP Option - SCPS record boundary").label(option_line);
    SCPS_COR = bytes("tcp.options.scpscor", "TCP Option - SCPS corruption experienced").label(option_line);
    QS = bytes("tcp.options.qs", "TCP Option - Quick-Start").label(option_line);
    QS_RATE = uint8("tcp.options.qs.rate", "QS Rate").bits(0x0f).values(QS_RATES);
    QS_TTL_DIFF = uint8("tcp.options.qs.ttl_diff", "QS Rate");
    USER_TO = bytes("tcp.options.user_to", "TCP Option - User Timeout").label(option_line);
    USER_TO_GRANULARITY = boolean("tcp.options.user_to_granularity", "Granularity").of(16).bits(0x8000)
        .flags("Minutes", "Seconds");
    USER_TO_VAL = uint16("tcp.options.user_to_val", "User Timeout").bits(0x7fff);
    TFO = bytes("tcp.options.tfo", "TCP Option - TCP Fast Open").label(option_line);
    TFO_REQUEST = none("tcp.options.tfo.request", "Fast Open Cookie Request");
    TFO_COOKIE = bytes("tcp.options.tfo.cookie", "Fast Open Cookie");
    TFO_SYN = expert("tcp.analysis.tfo_syn", "TCP SYN with TFO Cookie", Severity::Note, Group::Sequence);
    ACC_ECN = bytes("tcp.options.acc_ecn", "TCP Option - Accurate ECN").label(option_line);
    ACC_ECN_EE0B = uint24("tcp.options.acc_ecn.ee0b", "Accurate ECN Echo ECT(0) Byte Counter");
    ACC_ECN_ECEB = uint24("tcp.options.acc_ecn.eceb", "Accurate ECN Echo CE Byte Counter");
    ACC_ECN_EE1B = uint24("tcp.options.acc_ecn.ee1b", "Accurate ECN Echo ECT(1) Byte Counter");
    EXPERIMENTAL = bytes("tcp.options.experimental", "TCP Option - Experimental").label(option_line);
    EXPERIMENTAL_EXID = uint16("tcp.options.experimental.exid", "Experiment Identifier").hex().values(EXPERIMENTS);
    EXPERIMENTAL_DATA = bytes("tcp.options.experimental.data", "Data");
    TARR_RATE = uint8("tcp.options.tarr.rate", "TARR Rate").bits(0xfe);
    TARR_RESERVED = uint8("tcp.options.tar.reserved", "TARR Reserved").bits(0x01);
    UNKNOWN = bytes("tcp.options.unknown", "TCP Option - Unknown").label(option_line);
    UNKNOWN_PAYLOAD = bytes("tcp.options.unknown.payload", "Payload");

    PROBE = bytes("tcp.options.rvbd.probe", "TCP Option - Riverbed Probe").label(option_line);
    PROBE_TYPE1 = uint8("tcp.options.rvbd.probe.type1", "Type").bits(0xf0);
    PROBE_TYPE2 = uint8("tcp.options.rvbd.probe.type2", "Type").bits(0xfe);
    PROBE_VERSION = uint8("tcp.options.rvbd.probe.version", "Version").bits(0x0f);
    PROBE_VERSION_HIDDEN = uint8("tcp.options.rvbd.probe.version", "Version").bits(0x0f).hidden();
    PROBE_VERSION_RAW = uint8("tcp.options.rvbd.probe.version_raw", "Version").bits(0x01).label(probe_version_line);
    PROBE_RESERVED = uint8("tcp.options.rvbd.probe.reserved", "Reserved").hex();
    PROBE_PROBER = ipv4("tcp.options.rvbd.probe.prober", "CSH IP");
    PROBE_APPLI_VER = uint16("tcp.options.rvbd.probe.appli_ver", "Application Version");
    PROBE_CLIENT = ipv4("tcp.options.rvbd.probe.client.ip", "Client IP");
    PROBE_PROXY = ipv4("tcp.options.rvbd.probe.proxy.ip", "SSH IP");
    PROBE_PROXY_PORT = uint16("tcp.options.rvbd.probe.proxy.port", "SSH Port");
    PROBE_STORE = uint32("tcp.options.rvbd.probe.storeid", "CFE Store ID");
    PROBE_FLAGS = uint8("tcp.options.rvbd.probe.flags", "Probe Flags").hex();
    PROBE_FLAG_NOT_CFE = boolean("tcp.options.rvbd.probe.flags.notcfe", "Not CFE").bits(0x04).flags("Set", "Not set");
    PROBE_FLAG_LAST = boolean("tcp.options.rvbd.probe.flags.last", "Last Notify").bits(0x01).flags("Set", "Not set");
    PROBE_FLAG_CACHE = boolean("tcp.options.rvbd.probe.flags.probe", "Disable Probe Cache on CSH").bits(0x10)
        .flags("Set", "Not set");
    PROBE_FLAG_SSL = boolean("tcp.options.rvbd.probe.flags.ssl", "SSL Enabled").bits(0x02).flags("Set", "Not set");
    PROBE_FLAG_SERVER = boolean("tcp.options.rvbd.probe.flags.server", "SSH outer to server established").bits(0x01)
        .flags("Set", "Not set");
    TRPY = bytes("tcp.options.rvbd.trpy", "TCP Option - Riverbed Transparency").label(option_line);
    TRPY_FLAGS = uint16("tcp.options.rvbd.trpy.flags", "Transparency Options").hex();
    TRPY_FLAG_FW_RST_PROBE = boolean("tcp.options.rvbd.trpy.flags.fw_rst_probe", "Enable FW traversal feature").of(16)
        .bits(0x0400).flags("Set", "Not set");
    TRPY_FLAG_FW_RST_INNER = boolean("tcp.options.rvbd.trpy.flags.fw_rst_inner", "Enable Inner FW feature on All FWs")
        .of(16).bits(0x0200).flags("Set", "Not set");
    TRPY_FLAG_FW_RST = boolean("tcp.options.rvbd.trpy.flags.fw_rst", "Enable Transparency FW feature on All FWs")
        .of(16).bits(0x0100).flags("Set", "Not set");
    TRPY_FLAG_CHECKSUM = boolean("tcp.options.rvbd.trpy.flags.chksum", "Reserved").of(16).bits(0x0004)
        .flags("Set", "Not set");
    TRPY_FLAG_OOB = boolean("tcp.options.rvbd.trpy.flags.oob", "Out of band connection").of(16).bits(0x0002)
        .flags("Set", "Not set");
    TRPY_FLAG_MODE = boolean("tcp.options.rvbd.trpy.flags.mode", "Transparency Mode").of(16).bits(0x0001)
        .flags("Port Transparency", "Full Transparency");
    TRPY_SRC = ipv4("tcp.options.rvbd.trpy.src.ip", "Src SH IP Addr");
    TRPY_DST = ipv4("tcp.options.rvbd.trpy.dst.ip", "Dst SH IP Addr");
    TRPY_SRC_PORT = uint16("tcp.options.rvbd.trpy.src.port", "Src SH Inner Port");
    TRPY_DST_PORT = uint16("tcp.options.rvbd.trpy.dst.port", "Dst SH Inner Port");
    TRPY_CLIENT_PORT = uint16("tcp.options.rvbd.trpy.client.port", "Out of band connection Client Port");
}

/// "If a Window Scale option is received with a shift.cnt value larger than 14, the TCP SHOULD log the error but MUST use 14
/// instead of the specified value." (RFC 7323, section 2.3)
pub(super) const MAX_WINDOW_SHIFT: u8 = 14;

/// What of a segment's options is remembered.
#[derive(Default)]
pub(super) struct Remembered {
    /// The shift count of the last Window Scale option.
    pub window_shift: Option<u8>,
    /// Bytes between the edges of all blocks of the last SACK option.
    pub sacked: u32,
    /// Has a Fast Open cookie.
    pub has_cookie: bool,
    /// There are no others than those that most connections have, and all of them are as long as they have to be.
    pub is_plain: bool,
    /// The subtypes of Multipath TCP options, from 0 to 7, a bit for each; that it is spoken at all (`MP_CAPABLE` without a key) says
    /// nothing yet.
    pub multipath: u8,
}

/// Looks for what is remembered, without recording anything.
pub(super) fn look(mut options: &[u8]) -> Remembered {
    let mut found = Remembered { is_plain: true, ..Remembered::default() };
    loop {
        options = match *options {
            [1, ref rest @ ..] => rest,
            [] => return found,
            [_] | [0, ..] | [_, 0 | 1, ..] => return Remembered { is_plain: false, ..found },
            [kind, len, ref rest @ ..] => {
                let Some((body, behind)) = rest.split_at_checked(usize::from(len) - 2) else {
                    return Remembered { is_plain: false, ..found };
                };
                found.is_plain &= match kind {
                    2 => len == 4,
                    3 => len == 3,
                    4 => len == 2,
                    // Reading ends at one without a block.
                    5 => !body.is_empty() && body.len().is_multiple_of(8),
                    8 => len == 10,
                    _ => false,
                };
                match (kind, body) {
                    (3, &[count]) => found.window_shift = Some(count.min(MAX_WINDOW_SHIFT)),
                    (5, blocks) => {
                        let edges = blocks.as_chunks::<8>().0.iter().map(|&[a, b, c, d, e, f, g, h]| {
                            u32::from_be_bytes([e, f, g, h]).wrapping_sub(u32::from_be_bytes([a, b, c, d]))
                        });
                        found.sacked = edges.fold(0, u32::wrapping_add);
                    }
                    (30, &[0x00..=0x0f, _]) => {}
                    (30, &[subtype @ ..0x80, ..]) => found.multipath |= 1 << (subtype >> 4),
                    (34, &[_, ..]) | (253 | 254, &[0xf9, 0x89, _, ..]) => found.has_cookie = true,
                    _ => {}
                }
                behind
            }
        }
    }
}

/// Records of the commonest options what columns are made of; whether these are that: timestamps, aligned by two No-Operations.
pub(super) fn plain_columns(p: &mut Plain, options: &[u8]) -> bool {
    let &[1, 1, 8, 10, v0, v1, v2, v3, e0, e1, e2, e3] = options else { return false };
    let at = super::MIN_HEADER_LEN;
    let (value, echo) = (u32::from_be_bytes([v0, v1, v2, v3]), u32::from_be_bytes([e0, e1, e2, e3]));
    p.columns([
        (&OPTIONS, 12, 0, at, 12),
        (&TIMESTAMP, 8, 1, at + 2, 10),
        (&TSVAL, value.into(), 2, at + 4, 4),
        (&TSECR, echo.into(), 2, at + 8, 4),
    ]);
    true
}

/// Reads `len` bytes of options.
pub(super) fn dissect(l: &mut Layer, len: usize, segment: &Segment) -> Result<(), Stop> {
    // Most segments have no option but this one, aligned by two No-Operations.
    if let (true, Ok(&[1, 1, 8, 10, v0, v1, v2, v3, e0, e1, e2, e3])) = (l.is_brief() && len == 12, l.peek(12)) {
        let (value, echo) = (u32::from_be_bytes([v0, v1, v2, v3]), u32::from_be_bytes([e0, e1, e2, e3]));
        let at = l.offset();
        l.columns([(&OPTIONS, 12, at, 12)]);
        l.below(|l| {
            l.columns([(&TIMESTAMP, 8, at + 2, 10)]);
            l.below(|l| l.columns([(&TSVAL, value.into(), at + 4, 4), (&TSECR, echo.into(), at + 8, 4)]));
        });
        return l.skip(len).map(drop);
    }
    l.part(&OPTIONS, len as u64, len.min(l.remaining().len()));
    let outer = l.narrow(len);
    let end = l.offset() + len;
    let found = l.below(|l| list(l, end, segment));
    l.widen(outer);
    if found? == (Found { is_whole: true, has_mss: false }) && segment.header.has(flags::SYN) {
        l.expert(&MSS_ABSENT);
    }
    Ok(())
}

/// What reading the list came to.
#[derive(PartialEq)]
struct Found {
    /// It could be read to its end.
    is_whole: bool,
    has_mss: bool,
}

fn list(l: &mut Layer, end: usize, segment: &Segment) -> Result<Found, Stop> {
    let mut has_mss = false;
    let mut nops = Some(0usize);
    while l.offset() < end {
        let kind = l.peek_u8()?;
        match kind {
            0 if !padding(l, end)? => return Ok(Found { is_whole: false, has_mss }),
            0 => {}
            1 if l.is_brief() => _ = l.skip(1)?,
            1 => {
                nops = nops.map(|count| count + 1);
                if nops == Some(4) {
                    l.generated(&FOUR_NOPS, 0u64);
                }
                single(l, &NOP)?;
            }
            _ => {
                has_mss |= kind == 2;
                let room = end - l.offset();
                if room == 1 {
                    bad_option(l, kind, BadLength::Missing, 0, 1);
                    return Ok(Found { is_whole: false, has_mss });
                }
                let len = l.peek(2)?[1];
                if len < 2 {
                    bad_option(l, kind, BadLength::TooShort, len, 2);
                    return Ok(Found { is_whole: false, has_mss });
                }
                if usize::from(len) > room {
                    bad_option(l, kind, BadLength::PastEnd, len, room);
                    return Ok(Found { is_whole: false, has_mss });
                }
                // A router that takes an option out leaves its four bytes filled with No-Operations. Where an option has
                // to be aligned by some, their number says nothing.
                let padding = usize::from(len).next_multiple_of(4) - usize::from(len);
                nops = nops.filter(|&count| padding == 0 || count > padding);
                option(l, kind, len.into(), segment)?;
            }
        }
    }
    Ok(Found { is_whole: true, has_mss })
}

fn single(l: &mut Layer, field: &'static Field) -> Result<(), Stop> {
    l.part(field, 0u64, 1);
    l.below(|l| l.u8(&KIND).map(drop))
}

/// Reads what stands from End of Option List on, and says whether it is all zero, as it has to be.
fn padding(l: &mut Layer, end: usize) -> Result<bool, Stop> {
    while l.offset() < end {
        if l.peek_u8()? != 0 {
            let len = end - l.offset();
            l.part(&NON_ZERO_PADDING_LINE, 0u64, len.min(l.remaining().len()));
            l.expert(&NON_ZERO_PADDING);
            return Ok(false);
        }
        single(l, &EOL)?;
    }
    Ok(true)
}

/// How the length of an option lies.
enum BadLength {
    Missing,
    TooShort,
    PastEnd,
}

/// Shows an option that cannot be read; the list ends with it.
fn bad_option(l: &mut Layer, kind: u8, bad: BadLength, len: u8, covers: usize) {
    let message = u64::from(kind) << 16 | u64::from(len) << 8 | bad as u64;
    l.part(&BAD_OPTION_LINE, message, covers.min(l.remaining().len()));
    l.expert_with(&BAD_OPTION, message);
}

/// Reads one option of `len` bytes.
fn option(l: &mut Layer, kind: u8, len: usize, segment: &Segment) -> Result<(), Stop> {
    let outer = l.narrow(len);
    let field = item(kind);
    l.in_full(|l| l.part(field, kind, len.min(l.remaining().len())));
    if kind == 2 && !segment.header.has(flags::SYN) {
        l.expert(&MSS_PRESENT);
    }
    let read = |l: &mut Layer| {
        l.u8(&KIND)?;
        l.u8(&LEN)?;
        body(l, kind, len, segment)
    };
    // What the columns say of the options that are seen seldom is not known before they are read.
    let result = if matches!(kind, 2..=5 | 8) { l.below(read) } else { l.below(|l| l.in_full(read)) };
    let result = result.and_then(|()| l.skip(l.wire_remaining()).map(drop));
    if result.is_err() {
        l.generated(&CUT, 0u64);
    }
    l.widen(outer);
    result
}

fn item(kind: u8) -> &'static Field {
    match kind {
        2 => &MSS,
        3 => &WSCALE,
        4 => &SACK_PERM,
        5 => &SACK,
        6 | 7 => &ECHO,
        8 => &TIMESTAMP,
        11..=13 => &CC,
        19 => &MD5,
        20 => &SCPS,
        21 => &SNACK,
        22 => &SCPS_REC,
        23 => &SCPS_COR,
        27 => &QS,
        28 => &USER_TO,
        29 => &AO,
        30 => &mptcp::MPTCP,
        34 => &TFO,
        76 => &PROBE,
        78 => &TRPY,
        172 | 174 => &ACC_ECN,
        253 | 254 => &EXPERIMENTAL,
        _ => &UNKNOWN,
    }
}

/// Reads what stands behind the length.
fn body(l: &mut Layer, kind: u8, len: usize, segment: &Segment) -> Result<(), Stop> {
    if let Some(&(_, expected)) = FIXED_LENGTHS.iter().find(|row| row.0 == kind)
        && len != usize::from(expected)
    {
        l.expert_with(&LEN_NOT, expected);
        return Ok(());
    }
    match kind {
        2 => _ = l.u16(&MSS_VAL)?,
        3 => {
            let shift = l.u8(&WSCALE_SHIFT)?;
            if shift > MAX_WINDOW_SHIFT {
                l.expert(&WSCALE_INVALID);
            }
            let at = l.offset() - 1;
            l.generated_at(&WSCALE_MULTIPLIER, 1u64 << shift.min(MAX_WINDOW_SHIFT), at, 1);
        }
        5 => sack(l, segment)?,
        6 | 7 => _ = l.u32(&ECHO_VALUE)?,
        8 => {
            l.u32(&TSVAL)?;
            l.u32(&TSECR)?;
        }
        11..=13 => _ = l.u32(&CC_VALUE)?,
        19 => _ = l.bytes(&MD5_DIGEST, 16)?,
        20 if len == 4 => {
            let vector = l.u8(&SCPS_VECTOR)?;
            l.parts(&[&SCPS_BETS, &SCPS_SNACK1, &SCPS_SNACK2, &SCPS_COMPRESS, &SCPS_NLTS, &SCPS_RESERVED], vector);
            l.u8(&SCPS_BINDING)?;
        }
        21 => {
            l.u16(&SNACK_OFFSET)?;
            l.u16(&SNACK_SIZE)?;
        }
        27 => {
            l.u8(&QS_RATE)?;
            l.u8(&QS_TTL_DIFF)?;
        }
        28 => {
            let timeout = l.peek_u16()?;
            l.part(&USER_TO_GRANULARITY, timeout, 2);
            l.u16(&USER_TO_VAL)?;
        }
        29 if len < 4 => l.expert(&LEN_NOT_AUTHENTICATION),
        29 => {
            l.u8(&AO_KEYID)?;
            l.u8(&AO_RNEXTKEYID)?;
            if len > 4 {
                l.bytes(&AO_MAC, len - 4)?;
            }
        }
        30 => mptcp::dissect(l, len)?,
        34 => fast_open(l, len - 2, segment)?,
        76 => probe(l, len)?,
        78 => transparency(l)?,
        172 | 174 if !(len - 2).is_multiple_of(3) || len > 11 => l.expert_with(&LEN_NOT_ECN, len as u64),
        172 => ecn_counters(l, (len - 2) / 3, ECN_ORDER_0)?,
        174 => ecn_counters(l, (len - 2) / 3, ECN_ORDER_1)?,
        253 | 254 if len < 4 => l.expert_with(&LEN_NOT_EXPERIMENT, len as u64),
        253 | 254 => experiment(l, len - 4, segment)?,
        4 | 20 | 22 | 23 => {}
        _ if len > 2 => _ = l.bytes(&UNKNOWN_PAYLOAD, len - 2)?,
        _ => {}
    }
    Ok(())
}

/// Reads the blocks of a SACK; the first may report a duplicate (RFC 2883, section 4).
fn sack(l: &mut Layer, segment: &Segment) -> Result<(), Stop> {
    let base = segment.note.acknowledgment_base;
    let (left_field, right_field, duplicate_left, duplicate_right) = if segment.is_relative {
        (&SACK_LE, &SACK_RE, &DSACK_LE, &DSACK_RE)
    } else {
        (&SACK_LE_AS_IT_IS, &SACK_RE_AS_IT_IS, &DSACK_LE_AS_IT_IS, &DSACK_RE_AS_IT_IS)
    };
    let begin = l.offset();
    let mut blocks = [(0u32, 0u32); 2];
    let mut count = 0usize;
    while l.wire_remaining() > 0 {
        if l.wire_remaining() < 4 {
            beyond(l);
            break;
        }
        let left = l.peek_u32()?.wrapping_sub(base);
        l.part(left_field, left, 4);
        l.skip(4)?;
        if l.wire_remaining() < 4 {
            beyond(l);
            break;
        }
        let right = l.peek_u32()?.wrapping_sub(base);
        l.part(right_field, right, 4);
        l.skip(4)?;
        if let Some(block) = blocks.get_mut(count) {
            *block = (left, right);
        }
        count += 1;
    }
    l.generated_at(&SACK_COUNT, count as u64, begin - 2, 0);
    let acknowledged = segment.header.acknowledgment.wrapping_sub(base);
    let acknowledged = if segment.header.has(flags::ACK) { acknowledged } else { 0 };
    let reaches = |from: u32, to: u32| to.wrapping_sub(from) < 1 << 31;
    let [first, second] = blocks;
    // What is relative begins with 0, and so does what no block says: whatever is acknowledged is behind it.
    let is_empty = count == 0 && segment.is_relative;
    // Its end is what tells: a block that ends inside the next one is no news either.
    let is_duplicate = is_empty
        || reaches(first.1, acknowledged)
        || (count > 1 && !reaches(first.1, second.0) && reaches(first.1, second.1));
    if is_duplicate {
        let option = l.all().get(begin..l.offset() + l.remaining().len()).unwrap_or_default();
        for (field, at) in [(duplicate_left, 0), (duplicate_right, 4)] {
            // Where the block is not whole there is nothing to point at.
            let Some(&[a, b, c, d]) = option.get(at..at + 4) else { return Err(Stop::Malformed) };
            let edge = u32::from_be_bytes([a, b, c, d]).wrapping_sub(base);
            l.generated_at(field, edge, begin + at, 4);
        }
        l.generated_at(&DSACK_LINE, 0u64, begin, 8);
        l.expert(&DSACK);
    }
    Ok(())
}

fn beyond(l: &mut Layer) {
    l.generated(&BEYOND_OPTION_LINE, 0u64);
    l.expert(&BEYOND_OPTION);
}

/// Reads a Fast Open cookie of `len` bytes, or the request for one.
fn fast_open(l: &mut Layer, len: usize, segment: &Segment) -> Result<(), Stop> {
    if len == 0 {
        l.generated(&TFO_REQUEST, 0u64);
        return Ok(());
    }
    l.bytes(&TFO_COOKIE, len)?;
    if segment.header.is_first_syn() {
        l.expert(&TFO_SYN);
    }
    Ok(())
}

static ECN_ORDER_0: [&Field; 3] = [&ACC_ECN_EE0B, &ACC_ECN_ECEB, &ACC_ECN_EE1B];
static ECN_ORDER_1: [&Field; 3] = [&ACC_ECN_EE1B, &ACC_ECN_ECEB, &ACC_ECN_EE0B];

fn ecn_counters(l: &mut Layer, count: usize, order: [&'static Field; 3]) -> Result<(), Stop> {
    for field in order.into_iter().take(count) {
        l.u24(field)?;
    }
    Ok(())
}

/// Reads an experiment: its identifier and `len` bytes of its own.
fn experiment(l: &mut Layer, len: usize, segment: &Segment) -> Result<(), Stop> {
    let id = l.peek_u16()?;
    match id {
        0xacc0 | 0xacc1 if !len.is_multiple_of(3) || len > 9 => {
            l.expert_with(&LEN_NOT_EXPERIMENT_ECN, len as u64 + 4);
            l.u16(&EXPERIMENTAL_EXID)?;
            return Ok(());
        }
        0x00ac if len > 1 => {
            l.expert_with(&LEN_NOT_EXPERIMENT_RATE, len as u64 + 4);
            l.u16(&EXPERIMENTAL_EXID)?;
            return Ok(());
        }
        _ => _ = l.u16(&EXPERIMENTAL_EXID)?,
    }
    match id {
        0xf989 => fast_open(l, len, segment)?,
        0xacc0 => ecn_counters(l, len / 3, ECN_ORDER_0)?,
        0xacc1 => ecn_counters(l, len / 3, ECN_ORDER_1)?,
        0x00ac if len == 1 => {
            let rate = l.peek_u8()?;
            l.part(&TARR_RATE, rate, 1);
            l.u8(&TARR_RESERVED)?;
        }
        _ if len > 0 && id != 0x00ac => _ = l.bytes(&EXPERIMENTAL_DATA, len)?,
        _ => {}
    }
    Ok(())
}

/// Reads a Riverbed probe, by which two Steelheads find each other.
fn probe(l: &mut Layer, len: usize) -> Result<(), Stop> {
    if len < 3 {
        l.expert(&LEN_NOT_PROBE);
        return Ok(());
    }
    let first = l.peek_u8()?;
    let (kind, version) = probe_kind(first);
    if PROBE_TYPES.iter().all(|row| row.0 != kind) {
        return Ok(());
    }
    if version == 1 {
        l.part(&PROBE_TYPE1, first, 1);
        l.u8(&PROBE_VERSION)?;
        return if kind == 2 { Ok(()) } else { first_probe(l, kind) };
    }
    l.part(&PROBE_TYPE2, first, 1);
    l.part(&PROBE_VERSION_RAW, first, 1);
    l.generated_at(&PROBE_VERSION_HIDDEN, version, l.offset(), 1);
    l.skip(1)?;
    if !(6..=10).contains(&kind) {
        return Ok(());
    }
    let set = l.u8(&PROBE_FLAGS)?;
    match kind {
        7 => l.parts(&[&PROBE_FLAG_CACHE, &PROBE_FLAG_SSL, &PROBE_FLAG_SERVER], set),
        6 | 8 | 9 => l.parts(&[&PROBE_FLAG_NOT_CFE, &PROBE_FLAG_LAST], set),
        _ => {}
    }
    l.below(|l| match kind {
        8 => l.ipv4(&PROBE_CLIENT).map(drop),
        9 => l.u32(&PROBE_STORE).map(drop),
        _ => Ok(()),
    })
}

/// The type and the version of a probe: the lowest bit tells which of two forms they have.
fn probe_kind(first: u8) -> (u8, u8) {
    if first & 1 != 0 { (first >> 4, first & 0x0f) } else { (first >> 1, 2) }
}

/// Reads the rest of a probe of version 1.
fn first_probe(l: &mut Layer, kind: u8) -> Result<(), Stop> {
    l.u8(&PROBE_RESERVED)?;
    l.ipv4(&PROBE_PROBER)?;
    match kind {
        0 | 3 | 4 => _ = l.u16(&PROBE_APPLI_VER)?,
        1 | 5 => {
            if kind == 5 {
                l.ipv4(&PROBE_CLIENT)?;
            }
            l.ipv4(&PROBE_PROXY)?;
            l.u16(&PROBE_PROXY_PORT)?;
        }
        _ => {}
    }
    Ok(())
}

fn transparency(l: &mut Layer) -> Result<(), Stop> {
    let set = l.u16(&TRPY_FLAGS)?;
    let parts = [
        &TRPY_FLAG_FW_RST_PROBE,
        &TRPY_FLAG_FW_RST_INNER,
        &TRPY_FLAG_FW_RST,
        &TRPY_FLAG_CHECKSUM,
        &TRPY_FLAG_OOB,
        &TRPY_FLAG_MODE,
    ];
    l.parts(&parts, set);
    l.ipv4(&TRPY_SRC)?;
    l.ipv4(&TRPY_DST)?;
    l.u16(&TRPY_SRC_PORT)?;
    l.u16(&TRPY_DST_PORT)?;
    Ok(())
}

/// Writes what options say in the columns; `entries` are those behind the urgent pointer, the segment's text begins at `start`.
pub(super) fn summary(layer: &LayerView, entries: &[Entry], start: usize, summary: &mut Summary) {
    let Some(place) = entries.iter().position(|entry| entry.field.is(&OPTIONS)) else { return };
    let depth = entries[place].depth + 1;
    let mut rest = &entries[place + 1..];
    while let [option, behind @ ..] = rest {
        if option.depth < depth {
            break;
        }
        let len = behind.iter().position(|entry| entry.depth <= depth).unwrap_or(behind.len());
        let (children, next) = behind.split_at(len);
        rest = next;
        if option.field.is(&mptcp::MPTCP) {
            summary.protocol.clear();
            summary.protocol.str("MPTCP");
        } else if !option.field.is(&NOP) {
            option_summary(layer, option, children, start, summary.info);
        }
    }
}

fn option_summary(layer: &LayerView, option: &Entry, children: &[Entry], start: usize, info: &mut Text) {
    let number = |field: &Field| children.iter().find(|entry| entry.field.is(field)).map(Entry::number);
    let value = |field: &Field, before: &str, info: &mut Text| {
        if let Some(number) = number(field) {
            info.str(before).dec(number);
        }
    };
    let field = option.field;
    if field.is(&TIMESTAMP) {
        // One without the other says nothing: the second was not captured.
        if let (Some(value), Some(echo)) = (number(&TSVAL), number(&TSECR)) {
            info.str(" TSval=").dec(value).str(" TSecr=").dec(echo);
        }
    } else if field.is(&MSS) {
        value(&MSS_VAL, " MSS=", info);
    } else if field.is(&WSCALE) {
        value(&WSCALE_MULTIPLIER, " WS=", info);
    } else if field.is(&SACK_PERM) {
        info.str(" SACK_PERM");
    } else if field.is(&SACK) {
        let mut left = None;
        for entry in children {
            if entry.field.is(&SACK_LE) || entry.field.is(&SACK_LE_AS_IT_IS) {
                left = Some(entry.number());
            } else if let (true, Some(left)) = (entry.field.is(&SACK_RE) || entry.field.is(&SACK_RE_AS_IT_IS), left) {
                info.str(" SLE=").dec(left).str(" SRE=").dec(entry.number());
            }
        }
    } else if field.is(&ECHO) {
        value(&ECHO_VALUE, " ECHO=", info);
    } else if field.is(&CC) {
        value(&CC_VALUE, " CC=", info);
    } else if field.is(&MD5) {
        info.str(" MD5");
    } else if field.is(&AO) {
        info.str("TCP AO");
    } else if field.is(&SCPS) {
        if let Some(vector @ 1..) = number(&SCPS_VECTOR) {
            info.str(" SCPS[");
            write_scps(vector, info);
            info.byte(b']');
        }
        if number(&SCPS_BINDING).is_some_and(|binding| binding != 0) {
            value(&SCPS_BINDING, " Connection ID=", info);
        }
    } else if field.is(&QS) {
        if let Some(rate) = number(&QS_RATE) {
            info.str(" QSresp=").str(QS_RATE.names.get(rate).unwrap_or("Unknown"));
        }
    } else if field.is(&USER_TO) {
        value(&USER_TO_VAL, " USER_TO=", info);
    } else if field.is(&TFO) {
        fast_open_summary(children, info);
    } else if field.is(&ACC_ECN) {
        if number(&LEN) == Some(2) {
            info.str(" AccECN");
        }
        ecn_summary(children, info);
    } else if field.is(&EXPERIMENTAL) {
        experiment_summary(children, info);
    } else if field.is(&PROBE) {
        info.insert_str(start, probe_words(layer, option));
    } else if field.is(&TRPY) {
        info.insert_str(start, "TRPY, ");
    }
}

fn fast_open_summary(children: &[Entry], info: &mut Text) {
    for entry in children {
        if entry.field.is(&TFO_REQUEST) {
            info.str(" TFO=R");
        } else if entry.field.is(&TFO_COOKIE) {
            info.str(" TFO=C");
        }
    }
}

fn ecn_summary(children: &[Entry], info: &mut Text) {
    for entry in children {
        if let Some(name) = ecn_name(entry.field) {
            info.byte(b' ').str(name).byte(b'=').dec(entry.number());
        }
    }
}

fn ecn_name(field: &Field) -> Option<&'static str> {
    let counters = [(&ACC_ECN_EE0B, "EE0B"), (&ACC_ECN_ECEB, "ECEB"), (&ACC_ECN_EE1B, "EE1B")];
    counters.iter().find(|row| field.is(row.0)).map(|row| row.1)
}

fn experiment_summary(children: &[Entry], info: &mut Text) {
    let Some(id) = children.iter().find(|entry| entry.field.is(&EXPERIMENTAL_EXID)) else { return };
    let is_bad = children
        .iter()
        .any(|entry| entry.field.is(&LEN_NOT_EXPERIMENT_ECN) || entry.field.is(&LEN_NOT_EXPERIMENT_RATE));
    match id.number() {
        _ if is_bad => {}
        0xf989 => fast_open_summary(children, info),
        0xacc0 | 0xacc1 => {
            if children.iter().all(|entry| ecn_name(entry.field).is_none()) {
                info.str(" AccECN");
            }
            ecn_summary(children, info);
        }
        0x00ac => {
            info.str(" TARR");
            if let Some(rate) = children.iter().find(|entry| entry.field.is(&TARR_RATE)) {
                info.byte(b'=').dec(rate.number());
            }
        }
        id => {
            info.str(" ExID=");
            let digits = (16 - (id as u16).leading_zeros() as usize).div_ceil(4).max(1);
            for place in (0..digits).rev() {
                let digit = (id >> (4 * place) & 0xf) as u8;
                info.byte(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 });
            }
        }
    }
}

/// The words that stand before all others where a probe is in the options.
fn probe_words(layer: &LayerView, option: &Entry) -> &'static str {
    let Some(&first) = layer.view.bytes(option).get(2) else { return "" };
    let is_ack = layer.bytes().get(13).is_some_and(|bits| u16::from(*bits) & flags::ACK != 0);
    let has = |field: &Field| child(layer, option, field).is_some();
    match probe_kind(first) {
        (0 | 4, 1) if has(&PROBE_APPLI_VER) => "S+, ",
        (3, 1) if has(&PROBE_APPLI_VER) => "S#, ",
        (1 | 5, 1) if has(&PROBE_PROXY_PORT) => "SA+, ",
        (6, 2) if is_ack => "SA++, ",
        _ => "",
    }
}

/// The first entry of `field` within an option.
fn child<'a>(layer: &LayerView<'a>, option: &Entry, field: &Field) -> Option<&'a Entry> {
    let within = option.start..option.start.saturating_add(option.len);
    layer.entries().iter().find(|entry| entry.field.is(field) && within.contains(&entry.start))
}

/// Writes the length of the options and the name of each that could be read.
fn options_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let start = text.len();
    text.str("Options: (").dec(entry.number()).str(" bytes)");
    let entries = layer.entries();
    let Some(place) = entries.iter().position(|entry| entry.field.is(&OPTIONS)) else { return };
    let below = entries[place + 1..].iter().take_while(|entry| entry.depth > entries[place].depth);
    let mut options =
        below.filter(|entry| entry.depth == entries[place].depth + 1 && is_option(entry.field)).peekable();
    while let Some(option) = options.next() {
        // The one in which reading stopped is not named.
        if options.peek().is_none() && layer.find(&CUT).is_some() {
            break;
        }
        text.str(", ");
        write_name(layer.view.bytes(option).first().copied().unwrap_or(0), text);
    }
    // All of these names are ASCII.
    if text.len() - start > MAX_LINE {
        text.truncate(start + MAX_LINE);
    }
}

/// The most bytes of the line over the options.
const MAX_LINE: usize = 239;

fn is_option(field: &Field) -> bool {
    !field.name.is_empty() && matches!(field.kind, crate::dissect::Kind::Bytes | crate::dissect::Kind::Protocol)
}

fn write_name(kind: u8, text: &mut Text) {
    match OPTION_NAMES.iter().find(|row| row.0 == kind) {
        Some(row) => _ = text.str(row.1),
        None => _ = text.str("Unknown (").hex(kind.into(), 2).byte(b')'),
    }
}

fn bad_option_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    let [.., kind, len, bad] = entry.number().to_be_bytes();
    write_name(kind, text);
    let bytes = |text: &mut Text| _ = text.dec(len).str(if len == 1 { " byte" } else { " bytes" });
    if bad == BadLength::Missing as u8 {
        text.str(" (length byte past end of options)");
    } else if bad == BadLength::TooShort as u8 {
        text.str(" (with too-short option length = ");
        bytes(text);
        text.byte(b')');
    } else {
        text.str(" (option length = ");
        bytes(text);
        text.str(" says option goes past end of options)");
    }
}

fn len_not_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("option length should be ").dec(entry.number());
}

fn len_not_ecn_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("option length should be 2, 5, 8, or 11 instead of ").dec(entry.number());
}

fn len_not_experiment_ecn_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("option length should be 4, 7, 10, or 13 instead of ").dec(entry.number());
}

fn len_not_experiment_rate_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("option length should be 4 or 5 instead of ").dec(entry.number());
}

fn len_not_experiment_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("option length ").dec(entry.number()).str(" smaller than 4");
}

/// Writes an option's title and the gist of what it says.
fn option_line(layer: &LayerView, option: &Entry, text: &mut Text) {
    let field = option.field;
    let number = |field: &Field| child(layer, option, field).map(Entry::number);
    let value = |field: &Field, before: &str, text: &mut Text| {
        if let Some(number) = number(field) {
            text.str(before).dec(number);
        }
    };
    if field.is(&SCPS) && option.len != 4 {
        text.str("Illegal SCPS Extended Capabilities (").dec(option.len).str(" bytes)");
        return;
    }
    text.str(field.title);
    if field.is(&MSS) {
        if let Some(size) = number(&MSS_VAL) {
            text.str(": ").dec(size).str(" bytes");
        }
    } else if field.is(&WSCALE) {
        if let (Some(shift), Some(multiplier)) = (number(&WSCALE_SHIFT), number(&WSCALE_MULTIPLIER)) {
            text.str(": ").dec(shift).str(" (multiply by ").dec(multiplier).byte(b')');
        }
    } else if field.is(&SACK) {
        let within = option.start..option.start.saturating_add(option.len);
        let mut left = None;
        for entry in layer.entries().iter().filter(|entry| within.contains(&entry.start)) {
            if entry.field.is(&SACK_LE) || entry.field.is(&SACK_LE_AS_IT_IS) {
                left = Some(entry.number());
            } else if let (true, Some(left)) = (entry.field.is(&SACK_RE) || entry.field.is(&SACK_RE_AS_IT_IS), left) {
                text.byte(b' ').dec(left).byte(b'-').dec(entry.number());
            }
        }
    } else if field.is(&ECHO) {
        value(&ECHO_VALUE, ": ", text);
    } else if field.is(&TIMESTAMP) {
        value(&TSVAL, ": TSval ", text);
        value(&TSECR, ", TSecr ", text);
    } else if field.is(&ACC_ECN) {
        let order = layer.view.bytes(option).first().map_or(0, |&kind| u8::from(kind == 174));
        write_counters(layer, option, order, " (", text);
    } else if field.is(&EXPERIMENTAL) {
        experiment_line(layer, option, text);
    } else if field.is(&PROBE) {
        probe_line(layer, option, text);
    } else if field.is(&TRPY) {
        let address = |address: &Field, port: &Field, before: &str, text: &mut Text| {
            if let (Some(address), Some(port)) = (number(address), number(port)) {
                text.str(before).ipv4(address as u32).byte(b':').dec(port);
            }
        };
        address(&TRPY_SRC, &TRPY_SRC_PORT, " ", text);
        address(&TRPY_DST, &TRPY_DST_PORT, " -> ", text);
    }
}

fn write_counters(layer: &LayerView, option: &Entry, order: u8, before: &str, text: &mut Text) {
    let within = option.start..option.start.saturating_add(option.len);
    let counters = layer.entries().iter().filter(|entry| within.contains(&entry.start));
    let mut is_first = true;
    for (name, entry) in counters.filter_map(|entry| Some((ecn_name(entry.field)?, entry))) {
        if is_first {
            text.str(before).str("Order ").dec(order).str("): ");
        } else {
            text.str(", ");
        }
        is_first = false;
        text.str(name).byte(b' ').dec(entry.number());
    }
}

fn experiment_line(layer: &LayerView, option: &Entry, text: &mut Text) {
    let Some(id) = child(layer, option, &EXPERIMENTAL_EXID) else { return };
    text.str(": ").str(EXPERIMENTAL_EXID.names.get(id.number()).unwrap_or("Unknown"));
    let has = |field: &Field| child(layer, option, field).is_some();
    match id.number() {
        0xacc0 | 0xacc1 if option.len == 4 => _ = text.str(": Accurate ECN"),
        order @ (0xacc0 | 0xacc1) => write_counters(layer, option, (order & 1) as u8, ": Accurate ECN (", text),
        0x00ac if has(&TARR_RATE) => {
            text.byte(b' ').dec(child(layer, option, &TARR_RATE).map_or(0, Entry::number));
        }
        _ => {}
    }
}

fn probe_line(layer: &LayerView, option: &Entry, text: &mut Text) {
    let Some(&first) = layer.view.bytes(option).get(2) else { return };
    let (kind, version) = probe_kind(first);
    let name = PROBE_TYPES.iter().find(|row| row.0 == kind).map_or("Probe Unknown", |row| row.1);
    text.str(": ").str(name);
    let number = |field: &Field| child(layer, option, field).map(Entry::number);
    match (kind, version) {
        (0 | 3 | 4, 1) if number(&PROBE_APPLI_VER).is_some() => {
            text.str(", CSH IP: ").ipv4(number(&PROBE_PROBER).unwrap_or(0) as u32);
        }
        (1 | 5, 1) => {
            if let (Some(address), Some(port)) = (number(&PROBE_PROXY), number(&PROBE_PROXY_PORT)) {
                text.str(", Server Steelhead: ").ipv4(address as u32).byte(b':').dec(port);
            }
        }
        _ => {}
    }
}

fn probe_version_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(".... ...").dec(entry.number()).str(" = Version: 2");
}

fn edge_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let field = entry.field;
    let is = |fields: [&'static Field; 2]| fields.iter().any(|other| field.is(other));
    text.str(if is([&SACK_LE, &SACK_LE_AS_IT_IS]) {
        "left edge = "
    } else if is([&SACK_RE, &SACK_RE_AS_IT_IS]) {
        "right edge = "
    } else if is([&DSACK_LE, &DSACK_LE_AS_IT_IS]) {
        "D-SACK Left Edge = "
    } else {
        "D-SACK Right Edge = "
    });
    text.dec(entry.number());
    if is([&SACK_LE, &SACK_RE]) || is([&DSACK_LE, &DSACK_RE]) {
        text.str(" (relative)");
    }
}

fn scps_vector_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ");
    if let Value::Unsigned(vector) = layer.view.value(entry) {
        text.hex(vector, 2);
        if vector != 0 {
            text.str(" (");
            write_scps(vector, text);
            text.byte(b')');
        }
    }
}

fn write_scps(vector: u64, text: &mut Text) {
    let start = text.len();
    for &(bits, name) in SCPS_NAMES {
        if vector & bits != 0 {
            text.str(if text.len() > start { ", " } else { "" }).str(name);
        }
    }
}

/// Kinds of which each option has the same length, and that length.
static FIXED_LENGTHS: &[(u8, u8)] = &[
    (2, 4),
    (3, 3),
    (4, 2),
    (6, 6),
    (7, 6),
    (8, 10),
    (11, 6),
    (12, 6),
    (13, 6),
    (19, 18),
    (21, 6),
    (22, 2),
    (23, 2),
    (27, 8),
    (28, 4),
    (78, 16),
];

/// The options by their names in the line over them.
static OPTION_NAMES: &[(u8, &str)] = &[
    (1, "No-Operation (NOP)"),
    (8, "Timestamps"),
    (0, "End of Option List (EOL)"),
    (2, "Maximum segment size"),
    (3, "Window scale"),
    (4, "SACK permitted"),
    (5, "SACK"),
    (6, "Echo"),
    (7, "Echo reply"),
    (11, "CC"),
    (12, "CC.NEW"),
    (13, "CC.ECHO"),
    (19, "TCP MD5 signature"),
    (20, "SCPS capabilities"),
    (21, "Selective Negative Acknowledgment"),
    (22, "SCPS record boundary"),
    (23, "SCPS corruption experienced"),
    (27, "Quick-Start"),
    (28, "User Timeout"),
    (29, "TCP AO"),
    (30, "MPTCP"),
    (34, "TCP Fast Open"),
    (76, "Riverbed Probe"),
    (78, "Riverbed Transparency"),
    (172, "Accurate ECN"),
    (174, "Accurate ECN"),
    (253, "Experimental"),
    (254, "Experimental"),
];

names! {
    KINDS = {
        0 => "End of Option List",
        1 => "No-Operation",
        2 => "Maximum Segment Size",
        3 => "Window Scale",
        4 => "SACK Permitted",
        5 => "SACK",
        6 => "Echo",
        7 => "Echo Reply",
        8 => "Time Stamp Option",
        9 => "Partial Order Connection Permitted",
        10 => "Partial Order Service Profile",
        11 => "CC",
        12 => "CC.NEW",
        13 => "CC.ECHO",
        14 => "TCP Alternate Checksum Request",
        15 => "TCP Alternate Checksum Data",
        16 => "Skeeter",
        17 => "Bubba",
        18 => "Trailer Checksum Option",
        19 => "MD5 Signature Option",
        20 => "SCPS Capabilities",
        21 => "Selective Negative Acknowledgements",
        22 => "Record Boundaries",
        23 => "Corruption experienced",
        24 => "SNAP",
        25 => "Unassigned",
        26 => "TCP Compression Filter",
        27 => "Quick-Start Response",
        28 => "User Timeout Option",
        29 => "The TCP Authentication Option",
        30 => "Multipath TCP",
        34 => "TCP Fast Open Cookie",
        76 => "Riverbed Probe",
        78 => "Riverbed Transparency",
        172 => "Accurate ECN Order 0",
        174 => "Accurate ECN Order 1",
        253 => "RFC3692-style Experiment 1",
        254 => "RFC3692-style Experiment 2",
    }
    EXPERIMENTS = {
        0x00ac => "TCP ACK Rate Request",
        0x0348 => "Host ID",
        0x0a0d => "Autonomous System Compensation",
        0x0ca0 => "Capability Option",
        0x0ed0 => "Extended Data Offset",
        0x454e => "Encryption Negotiation",
        0x5323 => "Service Number",
        0x75ec => "Timestamp Interval",
        0xacc0 => "Accurate ECN - Order 0",
        0xacc1 => "Accurate ECN - Order 1",
        0xacce => "Accurate ECN",
        0xe2d4 => "Shared Memory communications over RMDA protocol",
        0xf989 => "Fast Open",
        0xf990 => "Low Latency",
    }
    QS_RATES = {
        0 => "0 bit/s",
        1 => "80 Kbit/s",
        2 => "160 Kbit/s",
        3 => "320 Kbit/s",
        4 => "640 Kbit/s",
        5 => "1.28 Mbit/s",
        6 => "2.56 Mbit/s",
        7 => "5.12 Mbit/s",
        8 => "10.24 Mbit/s",
        9 => "20.48 Mbit/s",
        10 => "40.96 Mbit/s",
        11 => "81.92 Mbit/s",
        12 => "163.84 Mbit/s",
        13 => "327.68 Mbit/s",
        14 => "655.36 Mbit/s",
        15 => "1.31072 Gbit/s",
    }
}

static SCPS_NAMES: &[(u64, &str)] =
    &[(0x80, "BETS"), (0x40, "SNACK1"), (0x20, "SNACK2"), (0x10, "COMP"), (0x08, "NLTS"), (0x07, "RESERVED")];

static PROBE_TYPES: &[(u8, &str)] = &[
    (0, "Probe Query"),
    (1, "Probe Response"),
    (2, "Probe Internal"),
    (3, "Probe Trace"),
    (4, "Probe Query SH"),
    (5, "Probe Response SH"),
    (6, "Probe Query Info"),
    (7, "Probe Response Info"),
    (8, "Probe Query Info SH"),
    (9, "Probe Query Info Store ID"),
    (10, "Probe Reset"),
];

#[cfg(test)]
mod tests {
    use super::super::tests::{ipv4, segment};
    use super::*;
    use crate::protocols::testing::Dissected;

    fn options(set: u16, options: &[u8]) -> Dissected {
        ipv4(6, &segment(false, set, 1000, 5000, options, &[]), false).dissect()
    }

    #[test]
    fn the_options_of_a_handshake() {
        let dissected = options(flags::SYN, &[2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]);
        dissected.shows(&[
            "Options: (20 bytes), Maximum segment size, SACK permitted, Timestamps, No-Operation (NOP), Window scale",
            "TCP Option - Maximum segment size: 1460 bytes",
            "Kind: Maximum Segment Size (2)",
            "Length: 4",
            "MSS Value: 1460",
            "TCP Option - SACK permitted",
            "TCP Option - Timestamps: TSval 1, TSecr 0",
            "Timestamp value: 1",
            "Timestamp echo reply: 0",
            "TCP Option - No-Operation (NOP)",
            "TCP Option - Window scale: 7 (multiply by 128)",
            "Shift count: 7",
            "[Multiplier: 128]",
        ]);
        dissected.lacks("does not contain a MSS option");
        assert!(dissected.info.ends_with("Len=0 MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128"), "{}", dissected.info);
    }

    #[test]
    fn lengths_that_lie() {
        let cases: &[(&[u8], &str)] = &[
            (&[2, 3, 5, 1], "[Expert Info (Note/Sequence): option length should be 4]"),
            (&[2, 1, 1, 1], "Maximum segment size (with too-short option length = 1 byte)"),
            (&[2, 0, 1, 1], "Maximum segment size (with too-short option length = 0 bytes)"),
            (&[2, 8, 1, 1], "Maximum segment size (option length = 8 bytes says option goes past end of options)"),
            (&[1, 1, 1, 8], "Timestamps (length byte past end of options)"),
            (&[99, 1, 1, 1], "Unknown (0x63) (with too-short option length = 1 byte)"),
            (&[29, 3, 1, 1], "[Expert Info (Note/Sequence): option length should be >= than 4]"),
            (&[172, 4, 1, 1], "[Expert Info (Note/Sequence): option length should be 2, 5, 8, or 11 instead of 4]"),
            (&[254, 3, 1, 1], "[Expert Info (Note/Sequence): option length 3 smaller than 4]"),
            (&[0, 0, 7, 0], "[Expert Info (Error/Protocol): Non-zero header padding]"),
        ];
        for (bytes, line) in cases {
            options(flags::ACK, bytes).shows(&[line, "[Timestamps]"]).lacks("Malformed Packet");
        }
    }

    #[test]
    fn what_a_syn_has_to_have() {
        options(flags::SYN, &[3, 3, 7, 0])
            .shows(&["[Expert Info (Note/Protocol): The SYN packet does not contain a MSS option]"]);
        options(flags::ACK, &[2, 4, 5, 0xb4])
            .shows(&["[Expert Info (Warning/Protocol): The non-SYN packet does contain a MSS option]"]);
        options(flags::SYN, &[3, 3, 15, 0]).shows(&[
            "TCP Option - Window scale: 15 (multiply by 16384)",
            "[Expert Info (Warning/Protocol): Window scale shift exceeds 14]",
        ]);
    }

    #[test]
    fn four_in_a_row() {
        let alarm = "4 NOP in a row";
        options(flags::ACK, &[1, 1, 1, 1]).shows(&["[4 NOP in a row - a router may have removed some options]"]);
        options(flags::ACK, &[4, 2, 1, 1, 1, 1, 1, 1]).lacks(alarm);
        options(flags::ACK, &[1, 1, 1, 0]).lacks(alarm);
    }

    #[test]
    fn selective_acknowledgments() {
        let block = |left: u32, right: u32| [left.to_be_bytes(), right.to_be_bytes()].concat();
        let one = [vec![5, 10], block(5010, 5020), vec![1, 1]].concat();
        let dissected = options(flags::ACK, &one);
        dissected.shows(&[
            "TCP Option - SACK 11-21",
            "left edge = 11 (relative)",
            "right edge = 21 (relative)",
            "[TCP SACK Count: 1]",
        ]);
        dissected.lacks("D-SACK");
        assert!(dissected.info.ends_with(" SLE=11 SRE=21"), "{}", dissected.info);
        let duplicate = [vec![5, 10], block(4000, 4100), vec![1, 1]].concat();
        options(flags::ACK, &duplicate).shows(&[
            "[D-SACK Left Edge = 4294966297 (relative)]",
            "[Expert Info (Warning/Sequence): D-SACK Sequence]",
        ]);
        let within = [vec![5, 18], block(5010, 5020), block(5000, 5100), vec![1, 1]].concat();
        options(flags::ACK, &within).shows(&["[TCP SACK Count: 2]", "D-SACK Sequence"]);
        let half = [vec![5, 11], block(5010, 5020), vec![0, 1]].concat();
        options(flags::ACK, &half).shows(&["[Expert Info (Error/Malformed): suboption would go past end of option]"]);
        let empty = options(flags::ACK, &[5, 2, 1, 1]);
        empty.shows(&["Options: (4 bytes)", "[TCP SACK Count: 0]", "[Timestamps]", "[Malformed Packet: TCP]"]);
    }

    #[test]
    fn seldom_seen() {
        let cases: &[(&[u8], &[&str], &str)] = &[
            (&[6, 6, 0, 0, 0, 7, 1, 1], &["TCP Option - Echo: 7", "TCP Echo Option: 7"], " ECHO=7"),
            (&[12, 6, 0, 0, 0, 7, 1, 1], &["TCP Option - CC", "Kind: CC.NEW (12)", "TCP CC Option: 7"], " CC=7"),
            (&[29, 4, 1, 2], &["AO KeyID: 1", "AO RNextKeyID: 2"], "TCP AO"),
            (&[34, 2, 1, 1], &["Fast Open Cookie Request"], " TFO=R"),
            (&[34, 6, 1, 2, 3, 4, 1, 1], &["Fast Open Cookie: 01020304"], " TFO=C"),
            (&[254, 4, 0xf9, 0x89], &["TCP Option - Experimental: Fast Open", "Fast Open Cookie Request"], " TFO=R"),
            (
                &[253, 6, 0x12, 0x34, 5, 6, 1, 1],
                &["Experiment Identifier: Unknown (0x1234)", "Data: 0506"],
                " ExID=1234",
            ),
            (&[254, 5, 0, 0xac, 3, 1, 1, 1], &["TARR Rate: 1", "TARR Reserved: 1"], " TARR=1"),
            (&[28, 4, 0x80, 5], &["Granularity: Minutes", "User Timeout: 5"], " USER_TO=5"),
            (&[27, 8, 7, 64, 0, 0, 0, 0], &["QS Rate: 5.12 Mbit/s (7)", "QS Rate: 64"], " QSresp=5.12 Mbit/s"),
            (&[172, 8, 0, 0, 1, 0, 0, 2], &["TCP Option - Accurate ECN (Order 0): EE0B 1, ECEB 2"], " EE0B=1 ECEB=2"),
            (
                &[20, 4, 0xc0, 5],
                &["TCP SCPS Capabilities Vector: 0xc0 (BETS, SNACK1)", "Connection ID: 5"],
                " SCPS[BETS, SNACK1] Connection ID=5",
            ),
            (&[99, 4, 1, 2], &["TCP Option - Unknown", "Kind: Unknown (99)", "Payload: 0102"], ""),
        ];
        for (bytes, lines, info) in cases {
            let dissected = options(flags::ACK, bytes);
            for line in *lines {
                assert!(dissected.tree.contains(line), "no {line:?} in\n{}", dissected.tree);
            }
            assert!(dissected.info.ends_with(&format!("Len=0{info}")), "{info:?}: {}", dissected.info);
        }
    }

    #[test]
    fn probes() {
        let query = [76, 10, 0x01, 0, 10, 0, 0, 9, 0, 5, 1, 1];
        let dissected = options(flags::SYN, &query);
        dissected.shows(&["TCP Option - Riverbed Probe: Probe Query, CSH IP: 10.0.0.9", "Application Version: 5"]);
        assert!(dissected.info.starts_with("S+, 1000 → 2000"), "{}", dissected.info);
        let trpy = [78, 16, 1, 7, 10, 0, 0, 1, 10, 0, 0, 2, 0x1f, 0x90, 0x1f, 0x91];
        options(flags::ACK, &trpy).shows(&[
            "TCP Option - Riverbed Transparency 10.0.0.1:8080 -> 10.0.0.2:8081",
            ".... .... .... ...1 = Transparency Mode: Port Transparency",
        ]);
    }

    #[test]
    fn shift_counts() {
        let cases: &[(&[u8], Option<u8>)] = &[
            (&[], None),
            (&[1, 3, 3, 7], Some(7)),
            (&[3, 3, 3, 3, 3, 5], Some(5)),
            (&[3, 3, 200, 0], Some(14)),
            (&[0, 3, 3, 7], None),
            (&[3, 4, 7, 1], None),
            (&[2, 4, 3, 3, 3, 3, 9], Some(9)),
            (&[3, 3], None),
            (&[9, 1, 3, 3, 7], None),
            (&[3], None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(look(bytes).window_shift, *expected, "{bytes:?}");
        }
        let none = [5, 2, 3, 3, 7, 1];
        assert!(!look(&none).is_plain && look(&none[2..]).is_plain, "reading stops at a SACK without a block");
    }
}
