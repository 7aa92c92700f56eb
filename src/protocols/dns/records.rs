//! Resource records, and the data of those that are neither about security nor younger than the millennium.
//!
//! RFC 1035, section 3.2.1; RFC 1183 (RP, AFSDB, X25, ISDN, RT), RFC 1706 (NSAP), RFC 1712 (GPOS), RFC 1876 (LOC), RFC 2163 (PX), RFC 2230 (KX), RFC 2535
//! (NXT), RFC 2782 (SRV), RFC 2874 (A6), RFC 3123 (APL), RFC 3403 (NAPTR), RFC 3596 (AAAA), RFC 4701 (DHCID), RFC 6672 (DNAME), RFC 6742 (NID,
//! L32, L64, LP), RFC 7043 (EUI48, EUI64), RFC 7208 (SPF), RFC 7929 (OPENPGPKEY), RFC 8659 (CAA), draft-bellis-dnsop-xpf (XPF).
//!
//! ```text
//!   0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! /                     NAME                      /
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                     TYPE                      |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                     CLASS                     |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                      TTL                      |
//! |                                               |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                   RDLENGTH                    |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! /                     RDATA                     /
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! ```

use super::names::{self, Name, ShortText};
use super::types::{self, Part, Says};
use super::{Flavor, Message, edns, seconds_line};
use crate::dissect::{Entry, Field, Group, Layer, LayerView, Severity, Stop, Value, fields, names};
use crate::names::ip_protocol;
use crate::text::Text;

fields! {
    RECORD = heading("Record").label(record_line);
    CUT_RECORD = heading("Record").hidden();
    RESP_NAME = text("dns.resp.name", "Name");
    SRV_SERVICE = text("dns.srv.service", "Service");
    SRV_PROTO = text("dns.srv.proto", "Protocol");
    SRV_NAME = text("dns.srv.name", "Name");
    RESP_TYPE = uint16("dns.resp.type", "Type").named(types::TITLES);
    RESP_CLASS = uint16("dns.resp.class", "Class").hex().named(types::CLASS_NAMES);
    RESP_CLASS_MDNS = uint16("dns.resp.class", "Class").hex().bits(0x7fff).named(types::CLASS_NAMES);
    RESP_CACHE_FLUSH = boolean("dns.resp.cache_flush", "Cache flush").of(16).bits(0x8000);
    RESP_TTL = uint32("dns.resp.ttl", "Time to live").label(seconds_line);
    TTL_HIGH_BIT_SET = expert("dns.ttl.high_bit_set", "The uppermost bit of the TTL is set (RFC 2181, section 8)",
        Severity::Warning, Group::Protocol);
    RESP_LEN = uint16("dns.resp.len", "Data length");
    A = ipv4("dns.a", "Address");
    NS = text("dns.ns", "Name Server");
    MD = text("dns.md", "Mail Destination");
    MF = text("dns.mf", "Mail Forwarder");
    CNAME = text("dns.cname", "CNAME");
    SOA_MNAME = text("dns.soa.mname", "Primary name server");
    SOA_RNAME = text("dns.soa.rname", "Responsible authority's mailbox");
    SOA_SERIAL_NUMBER = uint32("dns.soa.serial_number", "Serial Number");
    SOA_REFRESH_INTERVAL = uint32("dns.soa.refresh_interval", "Refresh Interval").label(seconds_line);
    SOA_RETRY_INTERVAL = uint32("dns.soa.retry_interval", "Retry Interval").label(seconds_line);
    SOA_EXPIRE_LIMIT = uint32("dns.soa.expire_limit", "Expire limit").label(seconds_line);
    SOA_MINIMUM_TTL = uint32("dns.soa.minimum_ttl", "Minimum TTL").label(seconds_line);
    MB = text("dns.mb", "MailBox Domaine");
    MG = text("dns.mg", "Mail Group member");
    MR = text("dns.mr", "Mail Rename domaine");
    NULL = bytes("dns.null", "Null (data)");
    WKS_ADDRESS = ipv4("dns.wks.address", "Address");
    WKS_PROTOCOL = uint8("dns.wks.protocol", "Protocol").label(protocol_line);
    WKS_BITS = uint8("dns.wks.bits", "Bits").hex().label(services_line);
    PTR = text("dns.ptr.domain_name", "Domain Name");
    HINFO_CPU_LENGTH = uint8("dns.hinfo.cpu_length", "CPU Length");
    HINFO_CPU = text("dns.hinfo.cpu", "CPU");
    HINFO_OS_LENGTH = uint8("dns.hinfo.os_length", "OS Length");
    HINFO_OS = text("dns.hinfo.os", "OS");
    MINFO_R = text("dns.minfo.r", "Responsible Mailbox");
    MINFO_E = text("dns.minfo.e", "Error Mailbox");
    MX_PREFERENCE = uint16("dns.mx.preference", "Preference");
    MX_MAIL_EXCHANGE = text("dns.mx.mail_exchange", "Mail Exchange");
    TXT_LENGTH = uint8("dns.txt.length", "TXT Length");
    TXT = text("dns.txt", "TXT");
    RP_MAILBOX = text("dns.rp.mailbox", "Mailbox");
    RP_TXT_RR = text("dns.rp.txt_rr", "TXT RR");
    AFSDB_SUBTYPE = uint16("dns.afsdb.subtype", "Subtype");
    AFSDB_HOSTNAME = text("dns.afsdb.hostname", "Hostname");
    X25_LENGTH = uint8("dns.x25.length", "Length");
    X25_PSDN_ADDRESS = text("dns.x25.psdn_address", "PSDN-Address");
    ISDN_LENGTH = uint8("dns.idsn.length", "Length");
    ISDN_ADDRESS = text("dns.idsn.address", "ISDN Address");
    ISDN_SA_LENGTH = uint8("dns.idsn.sa.length", "Length");
    ISDN_SA_ADDRESS = text("dns.idsn.sa.address", "Sub Address");
    RT_PREFERENCE = uint16("dns.rt.subtype", "Preference");
    RT_INTERMEDIATE_HOST = text("dns.rt.intermediate_host", "Intermediate Hostname");
    NSAP_RDATA = bytes("dns.nsap.rdata", "NSAP Data");
    NSAP_PTR_OWNER = text("dns.nsap_ptr.owner", "Owner");
    PX_PREFERENCE = uint16("dns.px.preference", "Preference");
    PX_MAP822 = text("dns.px.map822", "MAP822");
    PX_MAP400 = text("dns.px.map400", "MAPX400");
    GPOS_LONGITUDE_LENGTH = uint8("dns.gpos.longitude_length", "Longitude length");
    GPOS_LONGITUDE = text("dns.gpos.longitude", "Longitude");
    GPOS_LATITUDE_LENGTH = uint8("dns.gpos.latitude_length", "Latitude length");
    GPOS_LATITUDE = text("dns.gpos.latitude", "Latitude");
    GPOS_ALTITUDE_LENGTH = uint8("dns.gpos.altitude_length", "Altitude length");
    GPOS_ALTITUDE = text("dns.gpos.altitude", "Altitude");
    AAAA = ipv6("dns.aaaa", "AAAA Address");
    LOC_VERSION = uint8("dns.loc.version", "Version");
    LOC_SIZE = uint8("dns.loc.size", "Size").label(precision_line);
    LOC_HORIZONTAL_PRECISION = uint8("dns.loc.horizontal_precision", "Horizontal Precision").label(precision_line);
    LOC_VERTICAL_PRECISION = uint8("dns.loc.vertical_precision", "Vertical Precision").label(precision_line);
    LOC_LATITUDE = uint32("dns.loc.latitude", "Latitude").label(latitude_line);
    LOC_LONGITUDE = uint32("dns.loc.longitude", "Longitude").label(longitude_line);
    LOC_ALTITUDE = uint32("dns.loc.altitude", "Altitude").label(altitude_line);
    LOC_UNKNOWN_DATA = bytes("dns.loc.unknown_data", "Unknown data");
    NXT_NEXT_DOMAIN_NAME = text("dns.nxt.next_domain_name", "Next Domain Name");
    SRV_PRIORITY = uint16("dns.srv.priority", "Priority");
    SRV_WEIGHT = uint16("dns.srv.weight", "Weight");
    SRV_PORT = uint16("dns.srv.port", "Port");
    SRV_TARGET = text("dns.srv.target", "Target");
    NAPTR_ORDER = uint16("dns.naptr.order", "Order");
    NAPTR_PREFERENCE = uint16("dns.naptr.preference", "Preference");
    NAPTR_FLAGS_LENGTH = uint8("dns.naptr.flags_length", "Flags Length");
    NAPTR_FLAGS = text("dns.naptr.flags", "Flags");
    NAPTR_SERVICE_LENGTH = uint8("dns.naptr.service_length", "Service Length");
    NAPTR_SERVICE = text("dns.naptr.service", "Service");
    NAPTR_REGEX_LENGTH = uint8("dns.naptr.regex_length", "Regex Length");
    NAPTR_REGEX = text("dns.naptr.regex", "Regex");
    NAPTR_REPLACEMENT_LENGTH = uint8("dns.naptr.replacement_length", "Replacement Length").generated();
    NAPTR_REPLACEMENT = text("dns.naptr.replacement", "Replacement");
    KX_PREFERENCE = uint16("dns.kx.preference", "Preference");
    KX_KEY_EXCHANGE = text("dns.kx.key_exchange", "Key Exchange");
    A6_PREFIX_LEN = uint8("dns.a6.prefix_len", "Prefix len");
    A6_ADDRESS_SUFFIX = ipv6("dns.a6.address_suffix", "Address Suffix");
    A6_PREFIX_NAME = text("dns.a6.prefix_name", "Prefix name");
    DNAME = text("dns.dname", "Dname");
    APL_ADDRESS_FAMILY = uint16("dns.apl.address_family", "Address Family").values(ADDRESS_FAMILIES);
    APL_CODED_PREFIX = uint8("dns.apl.coded_prefix", "Prefix Length");
    APL_NEGATION = boolean("dns.apl.negation", "Negation Flag").bits(0x80).flags("Yes (!)", "No (0)");
    APL_AFDLENGTH = uint8("dns.apl.afdlength", "Address Length").bits(0x7f);
    APL_AFDPART_IPV4 = ipv4("dns.apl.afdpart.ipv4", "Address");
    APL_AFDPART_IPV6 = ipv6("dns.apl.afdpart.ipv6", "Address");
    APL_AFDPART_DATA = bytes("dns.apl.afdpart.data", "Address");
    DHCID_RDATA = bytes("dns.dhcid.rdata", "DHCID Data");
    OPENPGPKEY = text("dns.openpgpkey", "OpenPGP Key");
    SPF_LENGTH = uint8("dns.spf.length", "SPF Length");
    SPF = text("dns.spf", "SPF");
    NID_PREFERENCE = uint16("dns.ilnp.nid.preference", "Preference");
    NID = bytes("dns.ilnp.nid", "NodeID");
    L32_PREFERENCE = uint16("dns.ilnp.l32.preference", "Preference");
    L32 = ipv4("dns.ilnp.l32", "Locator32");
    L64_PREFERENCE = uint16("dns.ilnp.l64.preference", "Preference");
    L64 = bytes("dns.ilnp.l64", "Locator64");
    LP_PREFERENCE = uint16("dns.ilnp.lp.preference", "Preference");
    LP = text("dns.ilnp.lp", "Locator FQDN");
    EUI48 = ether("dns.eui48", "EUI48 Address");
    EUI64 = eui64("dns.eui64", "EUI64 Address").label(eui64_line);
    CAA_FLAGS = uint8("dns.caa.flags", "CAA Flags").hex();
    CAA_FLAGS_CRITICAL = boolean("dns.caa.flags.issuer_critical", "Issuer Critical").bits(0x80)
        .flags("Critical", "Not critical");
    CAA_ISSUE = text("dns.caa.issue", "Issue");
    CAA_ISSUEWILD = text("dns.caa.issuewild", "Issue Wildcard");
    CAA_IODEF = text("dns.caa.iodef", "Report URL");
    CAA_UNKNOWN = text("dns.caa.unknown", "Unknown tag");
    CAA_TAG_LENGTH = uint8("dns.caa.tag_length", "Tag length");
    CAA_TAG = text("dns.caa.tag", "Tag");
    CAA_VALUE = text("dns.caa.value", "Value");
    WINS_LOCAL_FLAG = boolean("dns.wins.local_flag", "Local Flag").of(32).bits(0x1);
    WINS_LOOKUP_TIMEOUT = uint32("dns.wins.lookup_timeout", "Lookup timeout");
    WINS_CACHE_TIMEOUT = uint32("dns.wins.cache_timeout", "Cache timeout");
    WINS_SERVERS = uint32("dns.wins.nb_wins_servers", "Number of WINS servers");
    WINS_SERVER = ipv4("dns.wins.wins_server", "WINS Server Address");
    WINSR_LOCAL_FLAG = boolean("dns.winsr.local_flag", "Local Flag").of(32).bits(0x1);
    WINSR_LOOKUP_TIMEOUT = uint32("dns.winsr.lookup_timeout", "Lookup timeout");
    WINSR_CACHE_TIMEOUT = uint32("dns.winsr.cache_timeout", "Cache timeout");
    WINSR_NAME_RESULT_DOMAIN = text("dns.winsr.name_result_domain", "Name Result Domain");
    XPF_IP_VERSION = uint16("dns.xpf.ip_version", "IP Version").values(IP_VERSIONS);
    XPF_PROTOCOL = uint8("dns.xpf.protocol", "Protocol").label(protocol_line);
    XPF_SOURCE_IPV4 = ipv4("dns.xpf.source_ipv4", "IPv4 Source");
    XPF_DESTINATION_IPV4 = ipv4("dns.xpf.destination_ipv4", "IPv4 Destination");
    XPF_SOURCE_IPV6 = ipv6("dns.xpf.source_ipv6", "IPv6 Source");
    XPF_DESTINATION_IPV6 = ipv6("dns.xpf.destination_ipv6", "IPv6 Destination");
    XPF_SPORT = uint16("dns.xpf.sport", "Source port");
    XPF_DPORT = uint16("dns.xpf.dport", "Destination port");
    UNDECODED_TYPE = expert("dns.undecoded.type", "Undecoded option", Severity::Note, Group::Undecoded)
        .label(undecoded_message);
    DATA = bytes("dns.data", "Data");
    STRAY_CHARACTERS = expert("_ws.string.trailing_stray_characters", "Trailing stray characters", Severity::Warning,
        Group::Undecoded);
}

/// The data of a record: where in the layer they stand.
pub(super) struct Data {
    pub(super) message: Message,
    pub(super) start: usize,
    pub(super) len: usize,
}

impl Data {
    /// Whether more of them is behind the cursor. What goes beyond their end is no matter to the record behind them, which stands
    /// where the length says.
    pub(super) fn goes_on(&self, l: &Layer) -> bool {
        l.offset() < self.start + self.len
    }

    /// How many bytes of them are behind the cursor, where nothing went beyond their end.
    pub(super) fn left(&self, l: &Layer) -> Result<usize, Stop> {
        (self.start + self.len).checked_sub(l.offset()).ok_or(Stop::Malformed)
    }
}

/// In the number of a record's line, beside type and class: the flag of multicast DNS.
const FLUSH: u64 = 1 << 32;
/// The same of a record that has data.
const HAS_DATA: u64 = 2 << 32;
/// The same of one whose data could be read to their end.
const IS_READ: u64 = 4 << 32;

/// Reads a record.
pub(super) fn read(l: &mut Layer, message: Message) -> Result<(), Stop> {
    let at = l.offset();
    let name = Name::read(l, message.base, at)?;
    l.skip(name.len)?;
    let &[kind_high, kind_low, class_high, class_low, _, _, _, _, len_high, len_low] =
        l.peek(10)?.first_chunk().unwrap_or(&[0; 10]);
    let kind = u16::from_be_bytes([kind_high, kind_low]);
    let class = u16::from_be_bytes([class_high, class_low]);
    let len = usize::from(u16::from_be_bytes([len_high, len_low]));
    let is_mdns = message.flavor == Flavor::Multicast;
    let class_mask = if is_mdns { 0x7fff } else { 0xffff };
    let flush = if is_mdns && class & 0x8000 != 0 { FLUSH } else { 0 };
    let known = u64::from(kind) | u64::from(class & class_mask) << 16 | flush | if len > 0 { HAS_DATA } else { 0 };
    // Of a record whose data are not all there only the type is known, in the Info column.
    if let Err(stop) = l.peek(10 + len) {
        l.generated(&CUT_RECORD, known & !HAS_DATA);
        return Err(stop);
    }
    l.go_to(at)?;
    let open = l.open_with(&RECORD, known, name.len + 10 + len);
    if l.is_recorded() {
        head(l, kind, &name, is_mdns)?;
    }
    l.go_to(at + name.len + 10)?;
    let data = Data { message, start: l.offset(), len };
    if len > 0 {
        read_data(l, kind, &data)?;
    }
    l.go_to(data.start + len)?;
    l.set(&open, known | IS_READ);
    l.close(open);
    Ok(())
}

/// Records what every record has.
fn head(l: &mut Layer, kind: u16, name: &Name, is_mdns: bool) -> Result<(), Stop> {
    owner(l, kind, name)?;
    l.u16(&RESP_TYPE)?;
    if kind == types::OPT {
        edns::class_and_ttl(l, is_mdns)?;
    } else {
        class_field(l, is_mdns)?;
        if l.u32(&RESP_TTL)? >> 31 != 0 {
            l.expert(&TTL_HIGH_BIT_SET);
        }
    }
    l.u16(&RESP_LEN).map(drop)
}

/// Records whose record it is: of a service (RFC 2782) the first two labels have names of their own.
fn owner(l: &mut Layer, kind: u16, name: &Name) -> Result<(), Stop> {
    if kind == SRV {
        let text = ShortText::of(name, l.all());
        let mut parts = text.as_bytes().splitn(3, |&byte| byte == b'.');
        for field in [&SRV_SERVICE, &SRV_PROTO, &SRV_NAME] {
            if let Some(part) = parts.next() {
                l.detached(field, part, name.len);
            }
        }
    } else {
        name.record(l, &RESP_NAME);
    }
    l.skip(name.len).map(drop)
}

fn class_field(l: &mut Layer, is_mdns: bool) -> Result<(), Stop> {
    if !is_mdns {
        return l.u16(&RESP_CLASS).map(drop);
    }
    let class = l.peek_u16()?;
    l.part(&RESP_CLASS_MDNS, class, 2);
    l.part(&RESP_CACHE_FLUSH, class, 2);
    l.skip(2).map(drop)
}

fn read_data(l: &mut Layer, kind: u16, data: &Data) -> Result<(), Stop> {
    match types::get(kind) {
        Some(kind) if !kind.parts.is_empty() => kind.parts.iter().try_for_each(|part| read_part(l, part, data)),
        _ => {
            l.expert_here_with(&UNDECODED_TYPE, kind);
            l.bytes(&DATA, data.len).map(drop)
        }
    }
}

/// Reads a part of the data. Where the data end sooner, it is read from what stands behind them, as long as that is the message.
fn read_part(l: &mut Layer, part: &Part, data: &Data) -> Result<(), Stop> {
    match *part {
        Part::U8(field) => l.u8(field).map(drop),
        Part::U16(field) => l.u16(field).map(drop),
        Part::U32(field) => l.u32(field).map(drop),
        Part::Ipv4(field) => l.ipv4(field).map(drop),
        Part::Ipv6(field) => l.ipv6(field).map(drop),
        Part::Ether(field) => l.ether(field).map(drop),
        Part::Bytes(field, len) => l.bytes(field, len).map(drop),
        Part::Ranked(number_field, field) => {
            Name::read(l, data.message.base, l.offset() + 2)?;
            l.u16(number_field)?;
            names::read(l, data.message.base, field)
        }
        Part::Name(field) => names::read(l, data.message.base, field),
        Part::String(len_field, field) => {
            let len = l.u8(len_field)?;
            ascii(l, field, len.into())
        }
        Part::Moment(field) => moment(l, field),
        Part::Rest(field) => rest(l, data, field),
        Part::All(field) => l.bytes(field, data.left(l)?).map(drop),
        Part::With(read) => read(l, data),
    }
}

/// Reads what is left of the data, if anything is.
pub(super) fn rest(l: &mut Layer, data: &Data, field: &'static Field) -> Result<(), Stop> {
    match data.left(l)? {
        0 => Ok(()),
        left => l.bytes(field, left).map(drop),
    }
}

/// Reads a moment in 32 bits.
pub(super) fn moment(l: &mut Layer, field: &'static Field) -> Result<(), Stop> {
    let seconds = l.peek_u32()?;
    l.time(field, seconds.into(), 0, 4)
}

/// Reads two texts: both or none.
pub(super) fn host_information(l: &mut Layer, _: &Data) -> Result<(), Stop> {
    let first = usize::from(l.peek_u8()?);
    let second = usize::from(l.peek(2 + first)?.last().copied().unwrap_or(0));
    l.peek(2 + first + second)?;
    l.u8(&HINFO_CPU_LENGTH)?;
    ascii(l, &HINFO_CPU, first)?;
    l.u8(&HINFO_OS_LENGTH)?;
    ascii(l, &HINFO_OS, second)
}

/// Reads text in ASCII. It ends at its first zero byte, and what is no ASCII is replaced.
pub(super) fn ascii(l: &mut Layer, field: &'static Field, len: usize) -> Result<(), Stop> {
    let bytes = l.peek(len)?;
    if bytes.iter().all(|byte| matches!(byte, 1..=0x7f)) {
        return l.bytes(field, len).map(drop);
    }
    l.built(field, len, |text| {
        for &byte in bytes.iter().take_while(|&&byte| byte != 0) {
            match byte {
                0x80.. => text.extend_from_slice("\u{fffd}".as_bytes()),
                _ => text.push(byte),
            }
        }
    });
    let behind = bytes.iter().position(|&byte| byte == 0).and_then(|end| bytes.get(end..));
    if behind.is_some_and(|behind| behind.iter().any(|&byte| byte != 0)) {
        l.expert(&STRAY_CHARACTERS);
    }
    l.skip(len).map(drop)
}

/// Reads texts up to the end of the data.
pub(super) fn strings(
    l: &mut Layer,
    data: &Data,
    len_field: &'static Field,
    field: &'static Field,
) -> Result<(), Stop> {
    while data.left(l)? > 0 {
        let len = l.u8(len_field)?;
        ascii(l, field, len.into())?;
    }
    Ok(())
}

/// Reads all that is left as text.
pub(super) fn text_rest(l: &mut Layer, data: &Data, field: &'static Field) -> Result<(), Stop> {
    ascii(l, field, data.left(l)?)
}

pub(super) static SOA: &[Part] = &[
    Part::Name(&SOA_MNAME),
    Part::Name(&SOA_RNAME),
    Part::U32(&SOA_SERIAL_NUMBER),
    Part::U32(&SOA_REFRESH_INTERVAL),
    Part::U32(&SOA_RETRY_INTERVAL),
    Part::U32(&SOA_EXPIRE_LIMIT),
    Part::U32(&SOA_MINIMUM_TTL),
];

/// Reads which ports of a host are served, a bit for each: RFC 1035, section 3.4.2.
pub(super) fn services(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    while data.left(l)? > 0 {
        if l.peek_u8()? == 0 {
            l.skip(1)?;
        } else {
            l.u8(&WKS_BITS)?;
        }
    }
    Ok(())
}

pub(super) fn isdn_subaddress(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    if data.left(l).is_ok_and(|left| left > 1) {
        let len = l.u8(&ISDN_SA_LENGTH)?;
        ascii(l, &ISDN_SA_ADDRESS, len.into())?;
    }
    Ok(())
}

pub(super) fn location(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    if l.u8(&LOC_VERSION)? != 0 {
        return rest(l, data, &LOC_UNKNOWN_DATA);
    }
    l.u8(&LOC_SIZE)?;
    l.u8(&LOC_HORIZONTAL_PRECISION)?;
    l.u8(&LOC_VERTICAL_PRECISION)?;
    l.u32(&LOC_LATITUDE)?;
    l.u32(&LOC_LONGITUDE)?;
    l.u32(&LOC_ALTITUDE).map(drop)
}

pub(super) fn naptr_replacement(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    let name = Name::read(l, data.message.base, l.offset())?;
    l.generated(&NAPTR_REPLACEMENT_LENGTH, name.text_len as u64);
    name.record(l, &NAPTR_REPLACEMENT);
    l.skip(name.len).map(drop)
}

/// Reads an address of which only the end stands here; whoever has the name knows the beginning. RFC 2874, section 3.1: "The domain
/// name component SHALL NOT be present if the prefix length is zero."
pub(super) fn a6(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    let prefix_len = usize::from(l.peek_u8()?);
    let len = 128usize.checked_sub(prefix_len).ok_or(Stop::Malformed)?.div_ceil(8);
    let suffix = l.peek(1 + len)?.get(1..).unwrap_or_default();
    if prefix_len > 0 {
        Name::read(l, data.message.base, l.offset() + 1 + len)?;
    }
    l.u8(&A6_PREFIX_LEN)?;
    if len > 0 {
        let mut address = [0; 16];
        address.iter_mut().rev().zip(suffix.iter().rev()).for_each(|(to, from)| *to = *from);
        l.detached(&A6_ADDRESS_SUFFIX, &address, len);
        l.skip(len)?;
    }
    if prefix_len > 0 {
        names::read(l, data.message.base, &A6_PREFIX_NAME)?;
    }
    Ok(())
}

/// Reads prefixes of addresses: RFC 3123, section 4.
pub(super) fn address_prefixes(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    while data.left(l).is_ok_and(|left| left > 1) {
        let family = l.u16(&APL_ADDRESS_FAMILY)?;
        l.u8(&APL_CODED_PREFIX)?;
        let packed = l.peek_u8()?;
        l.part(&APL_NEGATION, packed, 1);
        let len = l.part(&APL_AFDLENGTH, packed, 1) as usize;
        l.skip(1)?;
        address(l, family, len, [&APL_AFDPART_IPV4, &APL_AFDPART_IPV6, &APL_AFDPART_DATA])?;
    }
    Ok(())
}

/// Reads the first bytes of an address whose others are zero; of an unknown family as bytes.
pub(super) fn address(l: &mut Layer, family: u16, len: usize, fields: [&'static Field; 3]) -> Result<(), Stop> {
    let [ipv4, ipv6, unknown] = fields;
    let bytes = l.peek(len)?;
    match family {
        1 => {
            let mut address = [0; 4];
            address.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            l.generated_at(ipv4, u32::from_be_bytes(address), l.offset(), len);
        }
        2 => {
            let mut address = [0; 16];
            address.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            l.detached(ipv6, &address, len);
        }
        _ => l.detached(unknown, bytes, len),
    }
    l.skip(len).map(drop)
}

/// Reads who may issue certificates: RFC 8659, section 4.1.
pub(super) fn authorization(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    let flags = l.u8(&CAA_FLAGS)?;
    l.parts(&[&CAA_FLAGS_CRITICAL], flags);
    let left = data.left(l)?;
    let tag_len = usize::from(l.peek_u8()?);
    let value_len = left.checked_sub(1 + tag_len).ok_or(Stop::Malformed)?;
    let (tag, value) = l.peek(left)?.get(1..).unwrap_or_default().split_at_checked(tag_len).ok_or(Stop::Malformed)?;
    let tags: [(&[u8], &'static Field); 3] =
        [(b"issue", &CAA_ISSUE), (b"issuewild", &CAA_ISSUEWILD), (b"iodef", &CAA_IODEF)];
    let field = tags.into_iter().find(|row| row.0.eq_ignore_ascii_case(tag)).map_or(&CAA_UNKNOWN, |row| row.1);
    l.detached(field, value, left);
    l.below(|l| {
        l.u8(&CAA_TAG_LENGTH)?;
        l.bytes(&CAA_TAG, tag_len)?;
        l.bytes(&CAA_VALUE, value_len).map(drop)
    })
}

pub(super) fn wins(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    l.u32(&WINS_LOCAL_FLAG)?;
    l.u32(&WINS_LOOKUP_TIMEOUT)?;
    l.u32(&WINS_CACHE_TIMEOUT)?;
    l.u32(&WINS_SERVERS)?;
    while data.left(l)? > 0 {
        l.ipv4(&WINS_SERVER)?;
    }
    Ok(())
}

pub(super) static WINS_REVERSE: &[Part] = &[
    Part::U32(&WINSR_LOCAL_FLAG),
    Part::U32(&WINSR_LOOKUP_TIMEOUT),
    Part::U32(&WINSR_CACHE_TIMEOUT),
    Part::Name(&WINSR_NAME_RESULT_DOMAIN),
];

/// Reads for whom a proxy asks.
pub(super) fn forwarded_for(l: &mut Layer, _: &Data) -> Result<(), Stop> {
    let version = l.uint(&XPF_IP_VERSION, 1)?;
    match version {
        4 => {
            l.u8(&XPF_PROTOCOL)?;
            l.ipv4(&XPF_SOURCE_IPV4)?;
            l.ipv4(&XPF_DESTINATION_IPV4)?;
        }
        6 => {
            l.u8(&XPF_PROTOCOL)?;
            l.ipv6(&XPF_SOURCE_IPV6)?;
            l.ipv6(&XPF_DESTINATION_IPV6)?;
        }
        _ => return Ok(()),
    }
    l.u16(&XPF_SPORT)?;
    l.u16(&XPF_DPORT).map(drop)
}

// ---- lines

fn record_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let children = layer.children(entry);
    write_owner(layer, children, text);
    text.str(": type ");
    write_type(entry.number(), text);
    if entry.number() as u16 != types::OPT {
        text.str(", class ").str(types::CLASS_NAMES.get(entry.number() >> 16 & 0xffff).unwrap_or("Unknown"));
    }
    if entry.number() & FLUSH != 0 {
        text.str(", cache flush");
    }
    match types::get(entry.number() as u16).map(|kind| &kind.says) {
        Some(Says::Fields(fields)) => write_fields(layer, children, fields, false, text),
        Some(Says::FieldsOfAll(fields)) if entry.number() & IS_READ != 0 => {
            write_fields(layer, children, fields, false, text);
        }
        _ => {}
    }
}

/// Writes what the Info column says of a record; `children` is what stands below its line.
pub(super) fn write_info(layer: &LayerView, record: u64, children: &[Entry], text: &mut Text) {
    text.byte(b' ');
    write_type(record, text);
    if record & FLUSH != 0 {
        text.str(", cache flush");
    }
    match types::get(record as u16).map(|kind| &kind.says) {
        Some(Says::Fields(fields)) => write_fields(layer, children, fields, true, text),
        Some(Says::FieldsOfAll(fields)) if record & IS_READ != 0 => write_fields(layer, children, fields, true, text),
        Some(Says::Owner) if record & HAS_DATA != 0 => {
            text.byte(b' ');
            write_owner(layer, children, text);
        }
        _ => {}
    }
}

/// Writes the name of a type.
pub(super) fn write_type(number: u64, text: &mut Text) {
    let number = number as u16;
    match types::get(number) {
        Some(kind) => text.str(kind.name),
        None => text.str("Unknown (").dec(number).byte(b')'),
    };
}

fn write_owner(layer: &LayerView, children: &[Entry], text: &mut Text) {
    let names = children.iter().take_while(|child| !child.field.is(&RESP_TYPE));
    for (place, name) in names.enumerate() {
        if place > 0 {
            text.byte(b'.');
        }
        write_value(layer, name, text);
    }
}

/// Writes those of the fields that the record has.
fn write_fields(
    layer: &LayerView,
    children: &[Entry],
    fields: &[(&'static str, &'static Field)],
    is_info: bool,
    text: &mut Text,
) {
    for (words, field) in fields {
        let Some(child) = children.iter().find(|child| child.field.is(field)) else { continue };
        text.str(if is_info { " " } else { words });
        write_value(layer, child, text);
    }
}

fn write_value(layer: &LayerView, entry: &Entry, text: &mut Text) {
    match layer.view.value(entry) {
        Value::Unsigned(number) => _ = text.dec(number),
        Value::Text(bytes) => _ = text.wire(bytes),
        address => address.write_address(text),
    }
}

fn undecoded_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Dissector for DNS Type (").dec(entry.number());
    text.str(") code not implemented, Contact Wireshark developers if you want this supported");
}

fn protocol_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let number = entry.number();
    text.str("Protocol: ").str(ip_protocol(number as u8).unwrap_or("Unknown"));
    text.str(" (").dec(number).byte(b')');
}

/// Writes the ports of a byte. Which they are follows from the number of bytes between it and the protocol.
fn services_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Bits: ").hex(entry.number(), 2);
    let protocol = layer.preceding(entry).take(MAX_SERVICES).find(|earlier| earlier.field.is(&WKS_PROTOCOL));
    let Some(protocol) = protocol else { return };
    let first = 8 * u64::from(entry.start.saturating_sub(protocol.start + 1));
    let mut separator = " (";
    for bit in (0..8).filter(|bit| entry.number() & 0x80 >> bit != 0) {
        text.str(separator).dec(first + bit);
        separator = ", ";
    }
    text.byte(b')');
}

/// The most bytes of services whose ports are said.
const MAX_SERVICES: usize = 1 << 10;

/// Writes a size in metres, which is a digit and a power of ten in centimetres: RFC 1876, section 2.
fn precision_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let (digit, power) = (entry.number() >> 4 & 0xf, entry.number() & 0xf);
    text.str(entry.field.title).str(": ").dec(entry.number()).str(" (");
    let centimetres = digit * 10u64.pow(power as u32);
    write_metres(centimetres as i64, text);
    text.byte(b')');
}

fn write_metres(centimetres: i64, text: &mut Text) {
    text.str(if centimetres < 0 { "-" } else { "" }).dec(centimetres.unsigned_abs() / 100);
    let rest = centimetres.unsigned_abs() % 100;
    if rest > 0 {
        text.byte(b'.').dec_padded(rest, 2);
    }
    text.str(" m");
}

fn latitude_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    angle(entry, 90, ["N", "S"], text);
}

fn longitude_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    angle(entry, 180, ["E", "W"], text);
}

/// Writes an angle, which is counted in thousandths of a second of arc from 2^31 on.
fn angle(entry: &Entry, most_degrees: u64, sides: [&str; 2], text: &mut Text) {
    text.str(entry.field.title).str(": ").dec(entry.number()).str(" (");
    let thousandths = entry.number().abs_diff(1 << 31);
    if thousandths > most_degrees * 3_600_000 {
        text.str("Value out of range)");
        return;
    }
    let [positive, negative] = sides;
    text.dec(thousandths / 3_600_000).str(" deg ").dec(thousandths / 60_000 % 60).str(" min ");
    text.dec(thousandths / 1000 % 60).byte(b'.').dec_padded(thousandths % 1000, 3).str(" sec ");
    text.str(if entry.number() < 1 << 31 { negative } else { positive }).byte(b')');
}

/// Writes an altitude, which is counted in centimetres from 100 km below the reference spheroid.
fn altitude_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Altitude: ").dec(entry.number()).str(" (");
    write_metres(entry.number() as i64 - 10_000_000, text);
    text.byte(b')');
}

fn eui64_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let bytes = layer.view.bytes(entry);
    text.str("EUI64 Address: ").hex_bytes(bytes, Some(b':')).str(" (").hex_bytes(bytes, Some(b':')).byte(b')');
}

names! {
    ADDRESS_FAMILIES = { 1 => "IPv4", 2 => "IPv6" }
    IP_VERSIONS = { 0 => "Reserved", 4 => "IPv4", 5 => "ST Datagram", 6 => "IPv6", 7 => "TP/IX", 8 => "PIP", 9 => "TUBA" }
}

/// The number of the type whose owner is a service.
const SRV: u16 = 33;
