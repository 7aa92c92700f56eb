//! The options of IPv4.
//!
//! RFC 791 (routes, timestamps, security, streams), RFC 1063 (MTU discovery), RFC 1108 (security), RFC 1393 (traceroute),
//! RFC 1770 (selective directed broadcast), RFC 2113 (router alert), RFC 4782 (Quick-Start),
//! draft-ietf-cipso-ipsecurity-01 (commercial security).
//!
//! ```text
//! +--------+--------+----------------
//! |  type  | length | data …           all but "end of list" and "no operation", which are a type alone
//! +--------+--------+----------------
//!  |||||||+
//!  |||+++++-- number
//!  |++------- class
//!  +--------- copied to every fragment
//! ```

use super::*;

/// One kind of option.
struct OptionKind {
    code: u8,
    field: &'static Field,
    /// The length that it must have, where there is but one.
    len: Option<u8>,
    /// Reads what follows the length; the option is narrowed to its own bytes. Also given: the time to live.
    read: fn(&mut Layer, u8) -> Result<(), Stop>,
}

static KINDS: &[OptionKind] = &[
    OptionKind { code: 0x07, field: &OPTION_RECORD_ROUTE, len: None, read: record_route },
    OptionKind { code: 0x0b, field: &OPTION_MTU_PROBE, len: Some(4), read: mtu },
    OptionKind { code: 0x0c, field: &OPTION_MTU_REPLY, len: Some(4), read: mtu },
    OptionKind { code: QUICK_START, field: &OPTION_QUICK_START, len: Some(8), read: quick_start },
    OptionKind { code: 0x44, field: &OPTION_TIMESTAMP, len: None, read: timestamps },
    OptionKind { code: 0x52, field: &OPTION_TRACEROUTE, len: Some(12), read: traceroute },
    OptionKind { code: 0x82, field: &OPTION_SECURITY, len: None, read: security },
    OptionKind { code: LOOSE_ROUTE, field: &OPTION_LOOSE_ROUTE, len: None, read: source_route },
    OptionKind { code: 0x85, field: &OPTION_EXTENDED_SECURITY, len: None, read: extended_security },
    OptionKind { code: 0x86, field: &OPTION_CIPSO, len: None, read: commercial_security },
    OptionKind { code: 0x88, field: &OPTION_STREAM, len: Some(4), read: stream },
    OptionKind { code: STRICT_ROUTE, field: &OPTION_STRICT_ROUTE, len: None, read: source_route },
    OptionKind { code: 0x94, field: &OPTION_ROUTER_ALERT, len: Some(4), read: router_alert },
    OptionKind { code: 0x95, field: &OPTION_BROADCAST, len: None, read: broadcast },
];

/// Returns where a source route under way ends, for the cursor at the destination address: the last address of the route,
/// which is the true destination of the datagram.
pub fn final_destination(l: &Layer, options_len: usize) -> Result<Option<u32>, Stop> {
    final_destination_from(l, 4, options_len)
}

/// The same for a cursor `before` bytes before the options.
pub fn final_destination_from(l: &Layer, before: usize, options_len: usize) -> Result<Option<u32>, Stop> {
    let byte = |at: usize| l.peek(before + at + 1).map(|bytes| bytes.last().copied().unwrap_or_default());
    let mut at = 0;
    while at < options_len {
        let code = byte(at)?;
        if code == END_OF_LIST {
            break;
        } else if code == NO_OPERATION {
            at += 1;
            continue;
        } else if at + 1 == options_len {
            break;
        }
        let len = usize::from(byte(at + 1)?);
        if len < 2 || at + len > options_len {
            break;
        }
        if matches!(code, LOOSE_ROUTE | STRICT_ROUTE) {
            if len < 3 {
                break;
            }
            let pointer = usize::from(byte(at + 2)?);
            if pointer < FIRST_ADDRESS || pointer % 4 != 0 || pointer > len {
                break;
            }
            let end = before + at + len;
            let last = l.peek(end)?.last_chunk::<4>().copied().unwrap_or_default();
            return Ok(Some(u32::from_be_bytes(last)));
        }
        at += len;
    }
    Ok(None)
}

/// The same, of a datagram that was dissected.
pub fn routed_destination(layer: &LayerView) -> Option<u32> {
    let is_route = |entry: &&Entry| entry.field.is(&OPTION_LOOSE_ROUTE) || entry.field.is(&OPTION_STRICT_ROUTE);
    let route = layer.entries().iter().find(is_route)?;
    layer.view.bytes(route).last_chunk::<4>().copied().map(u32::from_be_bytes)
}

/// Reads the options, `options_len` bytes in all.
pub fn read(l: &mut Layer, options_len: usize, ttl: u8) -> Result<(), Stop> {
    if options_len == 0 {
        return Ok(());
    }
    l.peek(options_len)?;
    let list = l.open(&OPTIONS, options_len);
    let outer = l.narrow(options_len);
    let (mut read, mut nops) = (0, 0);
    while l.wire_remaining() > 0 {
        let code = l.peek_u8()?;
        let kind = KINDS.iter().find(|kind| kind.code == code);
        if code == END_OF_LIST {
            single(l, &OPTION_EOL)?;
            break;
        } else if code == NO_OPERATION {
            nops += 1;
            if nops == 4 {
                l.expert_here(&FOUR_NOPS);
            }
            single(l, &OPTION_NOP)?;
            continue;
        }
        let left = l.wire_remaining();
        let len = match l.peek(2) {
            Ok(&[_, len]) if len >= 2 && usize::from(len) <= left => usize::from(len),
            _ => {
                // The rest of the options cannot be told apart.
                broken(l, left)?;
                break;
            }
        };
        let Some(kind) = kind else {
            let unknown = l.open(&OPTION_UNKNOWN, len);
            l.skip(len)?;
            l.close(unknown);
            continue;
        };
        let option = l.narrow(len);
        if code == QUICK_START {
            // Its line begins with its function.
            l.peek(3)?;
        }
        let open = l.open(kind.field, len);
        code_parts(l)?;
        l.u8(&OPT_LEN)?;
        if kind.len.is_some_and(|wanted| usize::from(wanted) != len) {
            l.expert_with(&OPTION_LENGTH, u64::from(code) << 8 | len as u64);
        }
        (kind.read)(l, ttl)?;
        let rest = l.wire_remaining();
        l.skip(rest)?;
        l.close(open);
        l.widen(option);
        read += 1;
        l.set(&list, read);
    }
    let rest = l.wire_remaining();
    l.skip(rest)?;
    l.close(list);
    l.widen(outer);
    Ok(())
}

fn single(l: &mut Layer, field: &'static Field) -> Result<(), Stop> {
    let open = l.open(field, 1);
    code_parts(l)?;
    l.close(open);
    Ok(())
}

fn code_parts(l: &mut Layer) -> Result<(), Stop> {
    let code = l.u8(&OPT_TYPE)?;
    l.parts(&[&OPT_COPY, &OPT_CLASS, &OPT_NUMBER], code);
    Ok(())
}

/// Shows an option whose length lies. The value of both lines: code, length byte, how many bytes the options have left.
fn broken(l: &mut Layer, left: usize) -> Result<(), Stop> {
    let code = l.peek_u8()?;
    let len = l.peek(2).ok().and_then(|bytes| bytes.last().copied()).unwrap_or_default();
    let value = u64::from(code) << 16 | u64::from(len) << 8 | left as u64;
    let open = l.open(&OPTION_BROKEN, left);
    l.set(&open, value);
    l.close(open);
    l.expert_with(&OPTION_OVERRUN, value);
    Ok(())
}

fn record_route(l: &mut Layer, _: u8) -> Result<(), Stop> {
    route(l, &EMPTY_ROUTE, &EMPTY_ROUTE_NEXT, None)
}

fn source_route(l: &mut Layer, _: u8) -> Result<(), Stop> {
    route(l, &SOURCE_ROUTE, &SOURCE_ROUTE_NEXT, Some(&DST))
}

/// Reads the addresses of a route: those before the pointer are where the datagram has been, the others are still to come; where
/// it does not end yet, the last one is its destination.
fn route(
    l: &mut Layer,
    coming: &'static Field,
    next: &'static Field,
    last: Option<&'static Field>,
) -> Result<(), Stop> {
    let pointer = usize::from(l.u8(&OPT_PTR)?);
    if pointer < FIRST_ADDRESS {
        l.expert(&POINTER_BEFORE);
        return Ok(());
    } else if pointer % 4 != 0 {
        l.expert(&POINTER_MIDDLE);
        return Ok(());
    }
    if !l.wire_remaining().is_multiple_of(4) {
        l.expert(&SUBOPTION_TOO_LONG);
    }
    let mut place = FIRST_ADDRESS;
    while l.wire_remaining() >= 4 {
        let field = match last {
            _ if place < pointer => &RECORDED_ROUTE,
            Some(last) if l.wire_remaining() == 4 => last,
            _ if place == pointer => next,
            _ => coming,
        };
        l.ipv4(field)?;
        place += 4;
    }
    Ok(())
}

fn timestamps(l: &mut Layer, _: u8) -> Result<(), Stop> {
    l.u8(&OPT_PTR_TIMESTAMP)?;
    let flags = l.peek_u8()?;
    l.part(&OPT_OVERFLOW, flags, 1);
    let flag = l.part(&OPT_FLAG, flags, 1);
    l.skip(1)?;
    let with_addresses = matches!(flag, 1 | 3);
    let size = if with_addresses { 8 } else { 4 };
    while l.wire_remaining() >= size {
        if with_addresses {
            l.ipv4(&OPT_TIMESTAMP_ADDRESS)?;
        }
        l.u32(&OPT_TIMESTAMP)?;
    }
    let rest = l.wire_remaining();
    if rest > 0 {
        let open = l.open(&SUBOPTION_CUT, rest);
        l.close(open);
        l.expert(&SUBOPTION_TOO_LONG);
    }
    Ok(())
}

/// Reads the security option of RFC 1108, or that of RFC 791 where length and level are as only that has them.
fn security(l: &mut Layer, _: u8) -> Result<(), Stop> {
    if l.wire_remaining() == 9 && Names::Values(SECURITY_LEVELS_791).get(l.peek_u16()?.into()).is_some() {
        l.u16(&SEC_LEVEL_791)?;
        l.u16(&SEC_COMPARTMENTS_791)?;
        text_up_to_nul(l, &SEC_HANDLING_791, 2)?;
        return text_up_to_nul(l, &SEC_CONTROL_791, 3);
    }
    l.u8(&SEC_LEVEL)?;
    let mut first = true;
    while l.wire_remaining() > 0 {
        let authorities = l.u8(&SEC_AUTHORITIES)?;
        l.parts(if first { FIRST_AUTHORITIES } else { MORE_AUTHORITIES }, authorities);
        first = false;
        if authorities & 1 == 0 {
            if l.wire_remaining() > 0 {
                l.expert_here(&OPTION_EXTRANEOUS);
            }
            return Ok(());
        }
        if l.wire_remaining() == 0 {
            l.expert_here(&OPTION_UNTERMINATED);
        }
    }
    Ok(())
}

fn text_up_to_nul(l: &mut Layer, field: &'static Field, len: usize) -> Result<(), Stop> {
    let bytes = l.peek(len)?;
    let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    l.detached(field, text, len);
    l.skip(len)?;
    Ok(())
}

fn extended_security(l: &mut Layer, _: u8) -> Result<(), Stop> {
    l.u8(&EXT_SEC_FORMAT)?;
    l.rest(&EXT_SEC_INFO);
    Ok(())
}

fn stream(l: &mut Layer, _: u8) -> Result<(), Stop> {
    l.u16(&OPT_STREAM).map(drop)
}

fn mtu(l: &mut Layer, _: u8) -> Result<(), Stop> {
    l.u16(&OPT_MTU).map(drop)
}

fn router_alert(l: &mut Layer, _: u8) -> Result<(), Stop> {
    l.u16(&OPT_ROUTER_ALERT).map(drop)
}

fn traceroute(l: &mut Layer, _: u8) -> Result<(), Stop> {
    l.u16(&OPT_ID_NUMBER)?;
    l.u16(&OPT_OUTBOUND_HOPS)?;
    l.u16(&OPT_RETURN_HOPS)?;
    l.ipv4(&OPT_ORIGINATOR).map(drop)
}

fn broadcast(l: &mut Layer, _: u8) -> Result<(), Stop> {
    while l.wire_remaining() >= 4 {
        l.ipv4(&OPT_ADDRESS)?;
    }
    l.rest(&OPT_PADDING);
    Ok(())
}

fn quick_start(l: &mut Layer, ttl: u8) -> Result<(), Stop> {
    let request = l.peek_u8()?;
    let function = l.part(&QS_FUNCTION, request, 1);
    if !matches!(function, RATE_REQUEST | RATE_REPORT) {
        return Ok(());
    }
    l.u8(&QS_RATE)?;
    if function == RATE_REQUEST {
        let rate_ttl = l.u8(&QS_TTL)?;
        l.generated_at(&QS_TTL_DIFF, ttl.wrapping_sub(rate_ttl), l.offset() - 1, 1);
    } else {
        l.u8(&QS_UNUSED)?;
    }
    let nonce = l.peek_u32()?;
    l.part(&QS_NONCE, nonce, 4);
    l.u32(&QS_RESERVED).map(drop)
}

/// Reads the tags of the commercial security option, of which each has a length of its own that counts itself and the type.
fn commercial_security(l: &mut Layer, _: u8) -> Result<(), Stop> {
    l.u32(&CIPSO_DOI)?;
    while l.wire_remaining() > 0 {
        let left = l.wire_remaining();
        let tag = l.peek_u8()?;
        if tag == TAG_PADDING {
            l.u8(&CIPSO_TAG)?;
            continue;
        }
        if !matches!(tag, TAG_BITMAP | TAG_ENUMERATED | TAG_RANGED | TAG_PERMISSIVE | TAG_FREE_FORM) {
            l.u8(&CIPSO_TAG_UNKNOWN)?;
            l.peek_u8()?;
            return Ok(());
        }
        let shortest = if tag == TAG_FREE_FORM { 2 } else { 4 };
        let len = l.peek(2).ok().and_then(|bytes| bytes.last().copied()).map_or(0, usize::from);
        l.u8(&CIPSO_TAG)?;
        // One byte too many is noticed only when it is read.
        if len < shortest || len > left + 1 {
            l.expert(&CIPSO_MALFORMED);
            return Ok(());
        }
        l.skip(1)?;
        if matches!(tag, TAG_PERMISSIVE | TAG_FREE_FORM) {
            l.bytes(&CIPSO_DATA, len - 2)?;
            continue;
        }
        l.skip(1)?;
        l.u8(&CIPSO_LEVEL)?;
        // Categories are pairs of bytes in two of the three: an odd byte at the end begins the next tag.
        let data_len = if tag == TAG_BITMAP { len - 4 } else { (len - 4) / 2 * 2 };
        if data_len > 0 {
            let mut text = Text::new();
            write_categories(tag, l.peek(data_len)?, &mut text);
            l.detached(&CIPSO_CATEGORIES, text.as_bytes(), data_len);
            l.skip(data_len)?;
        }
    }
    Ok(())
}

/// Writes the categories of a tag as numbers with commas between them.
fn write_categories(tag: u8, data: &[u8], text: &mut Text) {
    let separate = |text: &mut Text| if text.is_empty() { "" } else { "," };
    let number = |pair: &[u8]| pair.iter().fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    match tag {
        TAG_BITMAP => {
            for (place, byte) in data.iter().enumerate() {
                for bit in (0..8).filter(|bit| byte << bit & 0x80 != 0) {
                    let comma = separate(text);
                    text.str(comma).dec((8 * place + bit) as u64);
                }
            }
        }
        TAG_ENUMERATED => {
            for pair in data.chunks(2) {
                let comma = separate(text);
                text.str(comma).dec(number(pair));
            }
        }
        _ => {
            for range in data.chunks(4) {
                let (top, bottom) = range.split_at(range.len().min(2));
                let comma = separate(text);
                // The lower end of the last range may be left out: it is 0.
                text.str(comma).dec(number(top)).str("-").dec(number(bottom));
            }
        }
    }
}

pub fn list_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Options: (").dec(entry.len).str(" bytes)");
    let options = layer.children(entry).iter().filter(|child| child.depth == entry.depth + 1);
    let known = options.filter(|option| KINDS.iter().any(|kind| kind.field.is(option.field)));
    for option in known.take(entry.number() as usize) {
        text.str(", ").str(name(option.field));
    }
}

pub fn bare_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
}

pub fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let wanted = KINDS.iter().find(|kind| kind.field.is(entry.field)).and_then(|kind| kind.len);
    let len = wanted.map_or(entry.len, u32::from);
    text.str(entry.field.title).str(" (").dec(len).str(" bytes)");
    if let Some(alert) = layer.number_below(entry, &OPT_ROUTER_ALERT) {
        let name = OPT_ROUTER_ALERT.names.get(alert).unwrap_or("Unknown");
        text.str(": ").str(name).str(" (").dec(alert).str(")");
    }
    let Some(function) = layer.number_below(entry, &QS_FUNCTION) else { return };
    text.str(": ");
    match QS_FUNCTION.names.get(function) {
        Some(name) => text.str(name),
        None => text.str("Unknown (").dec(function).str(")"),
    };
    text.str(" (").dec(function).str(")");
    let rate = layer.number_below(entry, &QS_RATE).and_then(|rate| QS_RATE.names.get(rate));
    let rate_ttl = layer.number_below(entry, &QS_TTL).zip(layer.number_below(entry, &QS_TTL_DIFF));
    match (rate, rate_ttl) {
        (Some(rate), Some((ttl, diff))) => {
            text.str(", ").str(rate).str(", QS TTL ").dec(ttl).str(", QS TTL diff ").dec(diff);
        }
        (Some(rate), None) if function == RATE_REPORT => _ = text.str(", ").str(rate),
        _ => {}
    }
}

pub fn unknown_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let code = layer.view.bytes(entry).first().copied().unwrap_or_default();
    write_name(code, text);
    text.str(" (").dec(entry.len).str(" bytes)");
}

pub fn broken_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let value = entry.number();
    let (code, len, left) = ((value >> 16) as u8, value >> 8 & 0xff, value & 0xff);
    write_name(code, text);
    match len {
        _ if left < 2 => text.str(" (length byte past end of options)"),
        0 | 1 => {
            let unit = if len == 1 { " byte)" } else { " bytes)" };
            text.str(" (with too-short option length = ").dec(len).str(unit)
        }
        _ => text.str(" (option length = ").dec(len).str(" bytes says option goes past end of options)"),
    };
}

pub fn wrong_length_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    let (code, len) = ((entry.number() >> 8) as u8, entry.number() & 0xff);
    let wanted = KINDS.iter().find(|kind| kind.code == code).and_then(|kind| kind.len).unwrap_or_default();
    write_name(code, text);
    text.str(" (with option length = ").dec(len).str(" bytes; should be ").dec(wanted).str(")");
}

pub fn timestamp_pointer_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let pointer = entry.number();
    text.str(entry.field.title).str(": ").dec(pointer);
    if pointer == 1 {
        text.str(" (header is full)");
    } else if pointer < 5 {
        text.str(" (points before first address)");
    } else if pointer % 4 != 1 {
        text.str(" (points to middle of field)");
    }
}

pub fn authorities_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").hex(entry.number(), 2);
    let set = layer
        .children(entry)
        .iter()
        .filter(|child| child.field.kind == crate::dissect::Kind::Boolean && child.number() != 0);
    for flag in set {
        text.str(", ").str(flag.field.title);
    }
}

pub fn next_route_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ").ipv4(entry.number() as u32).str(" <- (next)");
}

pub fn unknown_tag_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": Unknown (").dec(entry.number()).str(")");
    let option = layer.entries().iter().rfind(|other| other.field.is(&OPTION_CIPSO) && other.start < entry.start);
    let behind = entry.start as usize + 1;
    let end = option.map_or(0, |option| (option.start + option.len) as usize);
    if let Some(len) = layer.view.source(entry.source).get(behind).filter(|_| behind < end) {
        text.str(" (").dec(*len).str(" bytes)");
    }
}

fn write_name(code: u8, text: &mut Text) {
    match KINDS.iter().find(|kind| kind.code == code) {
        Some(kind) => text.str(name(kind.field)),
        None => text.str("Unknown (").hex(code.into(), 2).str(")"),
    };
}

/// What an option is called beside others.
fn name(field: &Field) -> &'static str {
    field.title.strip_prefix("IP Option - ").unwrap_or(field.title)
}

/// The pointer of a route whose first address is the next: it counts from 1, and from the type of the option on.
const FIRST_ADDRESS: usize = 4;

static FIRST_AUTHORITIES: &[&Field] =
    &[&SEC_GENSER, &SEC_SIOP_ESI, &SEC_SCI, &SEC_NSA, &SEC_DOE, &SEC_UNASSIGNED, &SEC_CONTINUES];
static MORE_AUTHORITIES: &[&Field] = &[&SEC_UNASSIGNED_LATER, &SEC_CONTINUES];

const END_OF_LIST: u8 = 0x00;
const NO_OPERATION: u8 = 0x01;
const LOOSE_ROUTE: u8 = 0x83;
const STRICT_ROUTE: u8 = 0x89;
const QUICK_START: u8 = 0x19;

const RATE_REQUEST: u64 = 0;
const RATE_REPORT: u64 = 8;

const TAG_PADDING: u8 = 0;
const TAG_BITMAP: u8 = 1;
const TAG_ENUMERATED: u8 = 2;
const TAG_RANGED: u8 = 5;
const TAG_PERMISSIVE: u8 = 6;
const TAG_FREE_FORM: u8 = 7;

/// The levels of RFC 791; what else stands there is an option of RFC 1108.
pub static SECURITY_LEVELS_791: &[(u64, &str)] = &[
    (0x0000, "Unclassified"),
    (0xf135, "Confidential"),
    (0x789a, "EFTO"),
    (0xbc4d, "MMMM"),
    (0x5e26, "PROG"),
    (0xaf13, "Restricted"),
    (0xd788, "Secret"),
    (0x6bc5, "Top secret"),
    (0x35e2, "Reserved"),
    (0x9af1, "Reserved"),
    (0x4d78, "Reserved"),
    (0x24bd, "Reserved"),
    (0x135e, "Reserved"),
    (0x89af, "Reserved"),
    (0xc4d6, "Reserved"),
    (0xe26b, "Reserved"),
];

#[cfg(test)]
mod tests {
    use super::super::tests::{datagram, sample};
    use crate::protocols::testing::Dissected;

    /// Dissects a datagram with these options, padded to words.
    fn dissect(options: &[u8]) -> Dissected {
        let mut options = options.to_vec();
        options.resize(options.len().next_multiple_of(4), 0);
        sample(&datagram(&options, b"hello", |_| {})).dissect()
    }

    #[test]
    fn router_alert() {
        dissect(&[0x94, 4, 0, 0]).shows(&[
            "Options: (4 bytes), Router Alert",
            "IP Option - Router Alert (4 bytes): Router shall examine packet (0)",
            "Type: 148",
            "1... .... = Copy on fragmentation: Yes",
            ".00. .... = Class: Control (0)",
            "...1 0100 = Number: Router Alert (20)",
            "Length: 4",
            "Router Alert: Router shall examine packet (0)",
        ]);
    }

    #[test]
    fn routes() {
        let recorded = [7, 15, 8, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3];
        dissect(&recorded).shows(&[
            "Recorded Route: 1.1.1.1",
            "Empty Route: 2.2.2.2 <- (next)",
            "Empty Route: 3.3.3.3",
            "IP Option - End of Options List (EOL)",
        ]);
        dissect(&[0x83, 11, 4, 1, 1, 1, 1, 2, 2, 2, 2]).shows(&[
            "Internet Protocol Version 4, Src: 10.1.2.3, Dst: 2.2.2.2, Via: 10.9.8.7",
            "Current Route: 10.9.8.7",
            "Options: (12 bytes), Loose Source Route",
            "Source Route: 1.1.1.1 <- (next)",
            "Destination Address: 2.2.2.2",
        ]);
        dissect(&[0x89, 11, 12, 1, 1, 1, 1, 2, 2, 2, 2])
            .shows(&["Destination Address: 10.9.8.7", "Recorded Route: 1.1.1.1", "Recorded Route: 2.2.2.2"])
            .lacks("Current Route");
    }

    #[test]
    fn pointers_that_lie() {
        for (pointer, message) in [(3, "before first address"), (6, "to middle of address")] {
            let message = format!("[Pointer points {message}]");
            dissect(&[0x83, 11, pointer, 1, 1, 1, 1, 2, 2, 2, 2]).shows(&[&message]).lacks("1.1.1.1");
        }
        dissect(&[0x83, 10, 4, 1, 1, 1, 1, 2, 2, 2]).shows(&["[Suboption would go past end of option]"]);
        dissect(&[0x44, 8, 4, 0, 0, 0, 0, 1]).shows(&["Pointer: 4 (points before first address)"]);
        dissect(&[0x44, 8, 7, 0, 0, 0, 0, 1]).shows(&["Pointer: 7 (points to middle of field)"]);
    }

    #[test]
    fn timestamps() {
        dissect(&[0x44, 12, 13, 0x21, 1, 1, 1, 1, 0, 0, 0, 9]).shows(&[
            "0010 .... = Overflow: 2",
            ".... 0001 = Flag: Time stamp and address (0x1)",
            "Address: 1.1.1.1",
            "Time stamp: 9",
        ]);
        dissect(&[0x44, 10, 5, 0x30, 0, 0, 0, 1, 2, 2]).shows(&[
            "Time stamp: 1",
            "Suboption would go past end of option",
            "[Group: Protocol]",
        ]);
    }

    #[test]
    fn security() {
        dissect(&[0x82, 11, 0xf1, 0x35, 0, 5, b'A', b'B', b'C', b'D', b'E']).shows(&[
            "Security: Confidential (0xf135)",
            "Compartments: 5",
            "Handling Restrictions: AB",
            "Transmission Control Code: CDE",
        ]);
        dissect(&[0x82, 5, 0xab, 0xcd, 0x06]).shows(&[
            "Classification Level: Unclassified (0xab)",
            "Protection Authority Flags: 0xcd, GENSER, SIOP-ESI, DOE, Field Termination Indicator",
            "..0. .... = SCI: Datagram not protected in accordance with its rules",
            "Protection Authority Flags: 0x06",
            "0000 011. = Unassigned: 0x03",
        ]);
        dissect(&[0x82, 4, 0xab, 0x01]).shows(&["[Field Termination Indicator set to 1 for last byte of option]"]);
        dissect(&[0x82, 5, 0xab, 0x00, 0x00]).shows(&["[Extraneous data in option]"]);
    }

    #[test]
    fn commercial_security() {
        dissect(&[0x86, 14, 0, 0, 0, 3, 1, 8, 0, 5, 0xa0, 0, 0, 1]).shows(&[
            "DOI: 3",
            "Tag Type: Restrictive Category Bitmap (1)",
            "Sensitivity Level: 5",
            "Categories: 0,2,31",
        ]);
        dissect(&[0x86, 14, 0, 0, 0, 3, 5, 8, 0, 5, 0, 9, 0, 3]).shows(&["Categories: 9-3"]);
        dissect(&[0x86, 14, 0, 0, 0, 3, 2, 8, 0, 5, 0, 1, 0, 3]).shows(&["Categories: 1,3"]);
        dissect(&[0x86, 10, 0, 0, 0, 3, 9, 4, 0, 0]).shows(&["Tag Type: Unknown (9) (4 bytes)"]);
        for tag in [[1, 0], [1, 3], [2, 200], [7, 1]] {
            dissect(&[&[0x86, 10, 0, 0, 0, 3], &tag[..], &[0, 0]].concat()).shows(&["[Malformed CIPSO tag]"]);
        }
    }

    #[test]
    fn quick_start() {
        dissect(&[0x19, 8, 0x0f, 60, 0x12, 0x34, 0x56, 0x7b]).shows(&[
            "IP Option - Quick-Start (8 bytes): Rate request (0), 1.31072 Gbit/s, QS TTL 60, QS TTL diff 4",
            ".... 1111 = Rate: 1.31072 Gbit/s (15)",
            "[TTL Diff: 4]",
            "0001 0010 0011 0100 0101 0110 0111 10.. = QS Nonce: 0x048d159e",
            ".... .... .... .... .... .... .... ..11 = Reserved: 0x3",
        ]);
        dissect(&[0x19, 8, 0x83, 17, 0, 0, 0, 0])
            .shows(&["IP Option - Quick-Start (8 bytes): Rate report (8), 320 Kbit/s", "Not Used: 17"]);
        dissect(&[0x19, 8, 0x20, 0, 0, 0, 0, 0]).shows(&["IP Option - Quick-Start (8 bytes): Unknown (2) (2)"]);
    }

    #[test]
    fn lengths_that_lie() {
        for (options, message) in [
            (&[0x94, 5, 0, 0, 0][..], "[Router Alert (with option length = 5 bytes; should be 4)]"),
            (&[0x94, 9, 0, 0], "[Router Alert (option length = 9 bytes says option goes past end of options)]"),
            (&[0x94, 1, 0, 0], "[Router Alert (with too-short option length = 1 byte)]"),
            (&[0x94, 0, 0, 0], "[Router Alert (with too-short option length = 0 bytes)]"),
            (&[1, 1, 1, 0x94], "[Router Alert (length byte past end of options)]"),
            (&[0xff, 1, 0, 0], "[Unknown (0xff) (with too-short option length = 1 byte)]"),
            (&[1, 1, 1, 1], "[4 NOP in a row - a router may have removed some options]"),
        ] {
            dissect(options).shows(&[message]);
        }
        dissect(&[0x94, 3, 0, 0]).shows(&["Options: (4 bytes)", "Length: 3", "[Malformed Packet: IPv4]"]);
        dissect(&[0x1e, 6, 1, 2, 3, 4]).shows(&["Unknown (0x1e) (6 bytes)"]);
    }
}
