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
        // Of which the version is part.
        l.go_to(data.start)?;
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
    match centimetres.unsigned_abs() % 100 {
        0 => {}
        rest if rest % 10 == 0 => _ = text.byte(b'.').dec(rest / 10),
        rest => _ = text.byte(b'.').dec_padded(rest, 2),
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

#[cfg(test)]
mod tests {
    use super::super::testing::{answer, check, message, record, response};

    /// As tshark 4.0 shows them, but for a slip of the pen in the name of X25.
    #[test]
    fn records() {
        check(&[
            (1, b"\x01\x02\x03\x04", "A 1.2.3.4", &["a: type A, class IN, addr 1.2.3.4", "Address: 1.2.3.4"]),
            (2, b"\x02ns\x01x\0", "NS ns.x", &["a: type NS, class IN, ns ns.x", "Name Server: ns.x"]),
            (3, b"\x02md\x01x\0", "MD a", &["a: type MD, class IN", "Mail Destination: md.x"]),
            (4, b"\x02mf\x01x\0", "MF a", &["a: type MF, class IN", "Mail Forwarder: mf.x"]),
            (5, b"\x02cn\x01x\0", "CNAME cn.x", &["a: type CNAME, class IN, cname cn.x", "CNAME: cn.x"]),
            (6, b"\x01m\x01x\0\x01r\x01x\0\0\0\x07\xe4\0\0\x0e\x10\0\0\0<\0\x01Q\x80\0\0\0=", "SOA m.x", &["a: type SOA, class IN, mname m.x", "Primary name server: m.x", "Responsible authority's mailbox: r.x", "Serial Number: 2020", "Refresh Interval: 3600 (1 hour)", "Retry Interval: 60 (1 minute)", "Expire limit: 86400 (1 day)", "Minimum TTL: 61 (1 minute, 1 second)"]),
            (7, b"\x02mb\x01x\0", "MB a", &["a: type MB, class IN", "MailBox Domaine: mb.x"]),
            (8, b"\x02mg\x01x\0", "MG a", &["a: type MG, class IN", "Mail Group member: mg.x"]),
            (9, b"\x02mr\x01x\0", "MR a", &["a: type MR, class IN", "Mail Rename domaine: mr.x"]),
            (10, b"\x01\x02\x03abc", "NULL a", &["a: type NULL, class IN", "Null (data): 010203616263"]),
            (11, b"\x01\x02\x03\x04\x06\x81\0@", "WKS 1.2.3.4", &["a: type WKS, class IN, addr 1.2.3.4", "Address: 1.2.3.4", "Protocol: TCP (6)", "Bits: 0x81 (0, 7)", "Bits: 0x40 (17)"]),
            (12, b"\x01p\x01x\0", "PTR p.x", &["a: type PTR, class IN, p.x", "Domain Name: p.x"]),
            (13, b"\x03cpu\x02os", "HINFO cpu os", &["a: type HINFO, class IN, CPU cpu, OS os", "CPU Length: 3", "CPU: cpu", "OS Length: 2", "OS: os"]),
            (14, b"\x01r\x01x\0\x01e\x01x\0", "MINFO a", &["a: type MINFO, class IN", "Responsible Mailbox: r.x", "Error Mailbox: e.x"]),
            (15, b"\0\x0a\x02mx\x01x\0", "MX 10 mx.x", &["a: type MX, class IN, preference 10, mx mx.x", "Preference: 10", "Mail Exchange: mx.x"]),
            (16, b"\x05hello\x08w\x01\\\"orld", "TXT", &["a: type TXT, class IN", "TXT Length: 5", "TXT: hello", "TXT Length: 8", "TXT: w\\001\\\"orld"]),
            (17, b"\x01m\x01x\0\x01t\x01x\0", "RP a", &["a: type RP, class IN", "Mailbox: m.x", "TXT RR: t.x"]),
            (18, b"\0\x01\x01a\x01x\0", "AFSDB a", &["a: type AFSDB, class IN", "Subtype: 1", "Hostname: a.x"]),
            (19, b"\x0531161", "X25 a", &["a: type X25, class IN", "Length: 5", "PSDN-Address: 31161"]),
            (20, b"\x06150862\x03004", "ISDN a", &["a: type ISDN, class IN", "Length: 6", "ISDN Address: 150862", "Length: 3", "Sub Address: 004"]),
            (21, b"\0\x03\x02rt\x01x\0", "RT a", &["a: type RT, class IN", "Preference: 3", "Intermediate Hostname: rt.x"]),
            (22, b"G\0\x05", "NSAP a", &["a: type NSAP, class IN", "NSAP Data: 470005"]),
            (23, b"\x02np\x01x\0", "NSAP-PTR a", &["a: type NSAP-PTR, class IN", "Owner: np.x"]),
            (26, b"\0\x05\x02m8\x01x\0\x02m4\x01x\0", "PX a", &["a: type PX, class IN", "Preference: 5", "MAP822: m8.x", "MAPX400: m4.x"]),
            (27, b"\x05-32.1\x03116\x0410.0", "GPOS a", &["a: type GPOS, class IN", "Longitude length: 5", "Longitude: -32.1", "Latitude length: 3", "Latitude: 116", "Altitude length: 4", "Altitude: 10.0"]),
            (28, b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", "AAAA 1:203:405:607:809:a0b:c0d:e0f", &["a: type AAAA, class IN, addr 1:203:405:607:809:a0b:c0d:e0f", "AAAA Address: 1:203:405:607:809:a0b:c0d:e0f"]),
            (29, b"\0\x12\x16\x13\x89\x17-\xd0p\xbe\x15\xf0\0\x98\x9ah", "LOC", &["a: type LOC, class IN", "Version: 0", "Size: 18 (1 m)", "Horizontal Precision: 22 (10000 m)", "Vertical Precision: 19 (10 m)", "Latitude: 2299997648 (42 deg 21 min 54.000 sec N)", "Longitude: 1891505648 (71 deg 6 min 18.000 sec W)", "Altitude: 10001000 (10 m)"]),
            (31, b"eid", "EID", &["a: type EID, class IN", "[Expert Info (Note/Undecoded): Dissector for DNS Type (31) code not implemented, Contact Wireshark developers if you want this supported]", "Data: 656964"]),
            (33, b"\0\x01\0\x02\0\x03\x01t\x01x\0", "SRV 1 2 3 t.x", &["a: type SRV, class IN, priority 1, weight 2, port 3, target t.x", "Priority: 1", "Weight: 2", "Port: 3", "Target: t.x"]),
            (35, b"\0\x01\0\x02\x01u\x07E2U+sip\x0e!^.*$!sip:a@b!\0", "NAPTR 1 2 u", &["a: type NAPTR, class IN, order 1, preference 2, flags u", "Order: 1", "Preference: 2", "Flags Length: 1", "Flags: u", "Service Length: 7", "Service: E2U+sip", "Regex Length: 14", "Regex: !^.*$!sip:a@b!", "[Replacement Length: 6]", "Replacement: <Root>"]),
            (36, b"\0\x01\x02kx\x01x\0", "KX 1 kx.x", &["a: type KX, class IN, preference 1, kx kx.x", "Preference: 1", "Key Exchange: kx.x"]),
            (38, b"@\0\x01\x02\x03\x04\x05\x06\x07\x02a6\x01x\0", "A6 64 ::1:203:405:607 a6.x", &["a: type A6, class IN, addr 64 ::1:203:405:607 a6.x", "Prefix len: 64", "Address Suffix: ::1:203:405:607", "Prefix name: a6.x"]),
            (39, b"\x02dn\x01x\0", "DNAME dn.x", &["a: type DNAME, class IN, dname dn.x", "Dname: dn.x"]),
            (42, b"\0\x01\x15\x83\xc0\xa8 \0\x02\x08\x01\xff\0\x03\x08\x01\xff", "APL a", &["a: type APL, class IN", "Address Family: IPv4 (1)", "Prefix Length: 21", "1... .... = Negation Flag: Yes (!)", ".000 0011 = Address Length: 3", "Address: 192.168.32.0", "Address Family: IPv6 (2)", "Prefix Length: 8", "0... .... = Negation Flag: No (0)", ".000 0001 = Address Length: 1", "Address: ff00::", "Address Family: Unknown (3)", "Prefix Length: 8", "0... .... = Negation Flag: No (0)", ".000 0001 = Address Length: 1", "Address: ff"]),
            (49, b"\0\x01\x01abc", "DHCID a", &["a: type DHCID, class IN", "DHCID Data: 000101616263"]),
            (60, b"\x01\x01\x03\x08key!", "CDNSKEY", &["a: type CDNSKEY, class IN", "Flags: 0x0101", ".... ...1 .... .... = Zone Key: This is the zone key for specified zone", ".... .... 0... .... = Key Revoked: No", ".... .... .... ...1 = Key Signing Key: Yes", "0000 000. .000 000. = Key Signing Key: 0x0000", "Protocol: 3", "Algorithm: RSA/SHA-256 (8)", "[Key id: 59535]", "Public Key: 6b657921"]),
            (61, b"pgp", "OPENPGPKEY", &["a: type OPENPGPKEY, class IN", "OpenPGP Key: pgp"]),
            (99, b"\x06v=spf1", "SPF", &["a: type SPF, class IN", "SPF Length: 6", "SPF: v=spf1"]),
            (104, b"\0\x0a\0\x01\x02\x03\x04\x05\x06\x07", "NID", &["a: type NID, class IN", "Preference: 10", "NodeID: 0001020304050607"]),
            (105, b"\0\x0a\x01\x02\x03\x04", "L32", &["a: type L32, class IN", "Preference: 10", "Locator32: 1.2.3.4"]),
            (106, b"\0\x0a\0\x01\x02\x03\x04\x05\x06\x07", "L64", &["a: type L64, class IN", "Preference: 10", "Locator64: 0001020304050607"]),
            (107, b"\0\x0a\x02lp\x01x\0", "LP", &["a: type LP, class IN", "Preference: 10", "Locator FQDN: lp.x"]),
            (108, b"\0\x01\x02\x03\x04\x05", "EUI48", &["a: type EUI48, class IN", "EUI48 Address: 00:01:02:03:04:05"]),
            (109, b"\0\x01\x02\x03\x04\x05\x06\x07", "EUI64", &["a: type EUI64, class IN", "EUI64 Address: 00:01:02:03:04:05:06:07 (00:01:02:03:04:05:06:07)"]),
            (65422, b"\x04\x06\x01\x02\x03\x04\x02\x03\x04\x05\0\x05\0\x06", "XPF", &["a: type XPF, class IN", "IP Version: IPv4 (4)", "Protocol: TCP (6)", "IPv4 Source: 1.2.3.4", "IPv4 Destination: 2.3.4.5", "Source port: 5", "Destination port: 6"]),
            (65422, b"\x06\x06\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\0\x05\0\x06", "XPF", &["a: type XPF, class IN", "IP Version: IPv6 (6)", "Protocol: TCP (6)", "IPv6 Source: 1:203:405:607:809:a0b:c0d:e0f", "IPv6 Destination: 1:203:405:607:809:a0b:c0d:e0f", "Source port: 5", "Destination port: 6"]),
            (257, b"\x80\x05issueca.x", "CAA", &["a: type CAA, class IN", "CAA Flags: 0x80", "1... .... = Issuer Critical: Critical", "Issue: ca.x", "Tag length: 5", "Tag: issue", "Value: ca.x"]),
            (257, b"\0\x09issuewildca.x", "CAA", &["a: type CAA, class IN", "CAA Flags: 0x00", "0... .... = Issuer Critical: Not critical", "Issue Wildcard: ca.x", "Tag length: 9", "Tag: issuewild", "Value: ca.x"]),
            (257, b"\0\x05iodefmailto:x", "CAA", &["a: type CAA, class IN", "CAA Flags: 0x00", "0... .... = Issuer Critical: Not critical", "Report URL: mailto:x", "Tag length: 5", "Tag: iodef", "Value: mailto:x"]),
            (257, b"\0\x03foobar", "CAA", &["a: type CAA, class IN", "CAA Flags: 0x00", "0... .... = Issuer Critical: Not critical", "Unknown tag: bar", "Tag length: 3", "Tag: foo", "Value: bar"]),
            (65281, b"\0\x01\0\0\0\0\0\x02\0\0\x03\x84\0\0\0\x01\x01\x02\x03\x04", "WINS", &["a: type WINS, class IN", ".... .... .... .... .... .... .... ...0 = Local Flag: False", "Lookup timeout: 2", "Cache timeout: 900", "Number of WINS servers: 1", "WINS Server Address: 1.2.3.4"]),
            (65282, b"\0\0\0\x01\0\0\0\x02\0\0\x03\x84\x02wr\x01x\0", "WINS-R wr.x", &["a: type WINS-R, class IN, name result domain wr.x", ".... .... .... .... .... .... .... ...1 = Local Flag: True", "Lookup timeout: 2", "Cache timeout: 900", "Name Result Domain: wr.x"]),
        ]);
    }

    /// Services have names of three parts: RFC 2782.
    #[test]
    fn names_of_services() {
        let of = |name: &[u8]| answer(&[name, b"\0\0\x21\0\x01\0\0\0\x01\0\x07\0\x01\0\x02\0\x03\0"].concat());
        of(b"\x04_sip\x04_tcp\x01x\x01y").shows(&[
            "_sip._tcp.x.y: type SRV, class IN, priority 1, weight 2, port 3, target <Root>",
            "Service: _sip",
            "Protocol: _tcp",
            "Name: x.y",
            "Type: SRV (Server Selection) (33)",
        ]);
        of(b"\x03foo").shows(&["foo: type SRV, class IN, priority 1, weight 2, port 3, target <Root>", "Service: foo"]);
        of(b"").shows(&["Service: <Root>"]).lacks("            Protocol: ");
    }

    /// A record ends where its length says, whatever its data say.
    #[test]
    fn data_that_do_not_fit() {
        let behind = record(1, &[9, 8, 7, 6]);
        let of = |kind, data: &[u8]| {
            let body = [record(kind, data), behind.clone()].concat();
            response(&message(0x8180, [0, 2, 0, 0], &body)).dissect()
        };
        let cases: &[(&str, u16, &[u8], &str)] = &[
            ("an address and more", 1, &[1, 2, 3, 4, 5], "A 1.2.3.4 A 9.8.7.6"),
            ("half an address", 1, &[1, 2], "A 1.2.1.97 A 9.8.7.6"),
            ("no data", 1, b"", "A A 9.8.7.6"),
            ("no data of an owner", 17, b"", "RP A 9.8.7.6"),
            ("text that goes beyond", 16, b"\x05a", "TXT[Malformed Packet]"),
            ("a digest of nothing", 43, &[1, 2, 5, 1], "DS A 9.8.7.6"),
            ("a delegation without an end", 43, &[1, 2], "DS[Malformed Packet]"),
            ("a preference alone", 15, b"\0\x0a", "MX 10 a A 9.8.7.6"),
        ];
        for (what, kind, data, info) in cases {
            let dissected = of(*kind, data);
            assert_eq!(dissected.info, format!("Standard query response 0x1234 {info}"), "{what}");
        }
        // A preference without a name says nothing.
        answer(&record(15, b"\0\x0a\x05a")).shows(&["Data length: 4"]).lacks("Preference");
    }

    /// Text in ASCII, as RFC 1035 has it, ends at a zero byte.
    #[test]
    fn text_that_is_none() {
        let of = |text: &[u8]| answer(&record(19, &[&[text.len() as u8][..], text].concat()));
        of("grün".as_bytes()).shows(&["PSDN-Address: gr\u{fffd}\u{fffd}n"]);
        of(b"a\0b").shows(&["PSDN-Address: a", "[Expert Info (Warning/Undecoded): Trailing stray characters]"]);
        of(b"a\0\0").shows(&["PSDN-Address: a"]).lacks("stray");
        of(b"").shows(&["Length: 0", "PSDN-Address:"]);
    }

    #[test]
    fn places_on_earth() {
        let of = |data: &[u8]| answer(&record(29, data));
        of(b"\0\x01\xff\x13\x7f\xff\xff\xff\x04\x04\x04\x07\0\0\0\0").shows(&[
            "Size: 1 (0 m)",
            "Horizontal Precision: 255 (150000000000000 m)",
            "Latitude: 2147483647 (0 deg 0 min 0.001 sec S)",
            "Longitude: 67372039 (Value out of range)",
            "Altitude: 0 (-100000 m)",
        ]);
        of(b"\0\x93\x10\x11\x80\0\0\x01\x80\0\0\0\0\x98\x96\x8f").shows(&[
            "Size: 147 (90 m)",
            "Horizontal Precision: 16 (0.01 m)",
            "Vertical Precision: 17 (0.1 m)",
            "Latitude: 2147483649 (0 deg 0 min 0.001 sec N)",
            "Longitude: 2147483648 (0 deg 0 min 0.000 sec E)",
            "Altitude: 10000015 (0.15 m)",
        ]);
        of(b"\x01\x02\x03").shows(&["Version: 1", "Unknown data: 010203"]);
    }

    #[test]
    fn an_address_of_which_all_or_nothing_stands_here() {
        let all = b"\0\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01";
        answer(&record(38, all)).shows(&["a: type A6, class IN, addr 0 2001:db8::1"]).lacks("Prefix name");
        answer(&record(38, b"\x80\x01b\0")).shows(&["a: type A6, class IN, addr 128 b"]).lacks("Suffix");
        answer(&record(38, b"\x81\x01b\0")).shows(&["Data length: 4", "[Malformed Packet: DNS]"]).lacks("Prefix len");
    }
}
