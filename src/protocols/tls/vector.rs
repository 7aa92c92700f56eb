//! Vectors of the presentation language: a length, and so many bytes (RFC 8446, section 3.4).
//!
//! A length that lies is said where it stands; what it stands in is not read further then, and what follows that is.

use crate::dissect::{Entry, Field, Group, Layer, LayerView, Severity, Stop, fields};
use crate::text::Text;

fields! {
    NO_ROOM = heading("No more room for vector").label(no_room_line);
    NO_ROOM_EXPERT = expert("tls.malformed.buffer_too_small", "Malformed message, not enough data is available",
        Severity::Error, Group::Malformed).label(no_room_line);
    TOO_LARGE = expert("tls.malformed.buffer_too_small", "Malformed message, not enough data is available",
        Severity::Error, Group::Malformed).label(too_large_message);
    BELOW_MINIMUM = expert("tls.malformed.vector_length", "Variable vector length is outside the permitted range",
        Severity::Warning, Group::Protocol).label(below_minimum_message);
    ABOVE_MAXIMUM = expert("tls.malformed.vector_length", "Variable vector length is outside the permitted range",
        Severity::Warning, Group::Protocol).label(above_maximum_message);
    TRAILING = heading("Trailing bytes").label(trailing_line);
    TRAILING_EXPERT = expert("tls.malformed.trailing_data", "Undecoded trailing data is present", Severity::Warning,
        Group::Protocol).label(trailing_line);
}

/// Reads the length of a vector, `width` bytes, and returns it; `None`, with nothing left to read, where it lies. How many bytes
/// the vector may have is `range`.
pub(super) fn vector(
    l: &mut Layer,
    field: &'static Field,
    width: usize,
    range: (u32, u32),
) -> Result<Option<usize>, Stop> {
    let room = l.wire_remaining();
    let Some(room) = room.checked_sub(width) else {
        l.part(&NO_ROOM, width as u64, room);
        l.expert_with(&NO_ROOM_EXPERT, width as u64);
        l.skip(room)?;
        return Ok(None);
    };
    let len = l.uint(field, width)?;
    if len > room as u64 {
        l.expert_with(&TOO_LARGE, len << 32 | room as u64);
        l.skip(room)?;
        return Ok(None);
    }
    let (min, max) = range;
    if len < u64::from(min) {
        l.expert_with(&BELOW_MINIMUM, len << 32 | u64::from(min));
    } else if len > u64::from(max) {
        l.expert_with(&ABOVE_MAXIMUM, len << 32 | u64::from(max));
    }
    Ok(Some(len as usize))
}

/// Reads a vector of which nothing more is known than its bytes; false where its length lies.
pub(super) fn opaque(
    l: &mut Layer,
    length: &'static Field,
    width: usize,
    range: (u32, u32),
    bytes: &'static Field,
) -> Result<bool, Stop> {
    let Some(len) = vector(l, length, width, range)? else { return Ok(false) };
    l.bytes(bytes, len)?;
    Ok(true)
}

/// Lets `read` go over a part of `len` bytes as long as there is anything of it. A part that cannot be passed ends it too.
pub(super) fn within(
    l: &mut Layer,
    len: usize,
    mut read: impl FnMut(&mut Layer) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let outer = l.narrow(len);
    let mut left = l.wire_remaining();
    let mut result = Ok(());
    while left > 0 && result.is_ok() {
        result = read(l);
        let now = l.wire_remaining();
        if now == left {
            break;
        }
        left = now;
    }
    l.widen(outer);
    result
}

/// Reads numbers of two bytes from a part of `len` bytes.
pub(super) fn numbers(l: &mut Layer, len: usize, field: &'static Field) -> Result<(), Stop> {
    let outer = l.narrow(len);
    let result = (|| {
        while l.wire_remaining() >= 2 {
            l.u16(field)?;
        }
        trailing(l)
    })();
    l.widen(outer);
    result
}

/// Says that nobody read the rest, where there is one, and passes it.
pub(super) fn trailing(l: &mut Layer) -> Result<(), Stop> {
    let left = l.wire_remaining();
    if left > 0 {
        l.part(&TRAILING, left as u64, left);
        l.expert_with(&TRAILING_EXPERT, left as u64);
        l.skip(left)?;
    }
    Ok(())
}

fn no_room_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("No more room for vector of length ").dec(entry.number());
}

fn too_large_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    let [len, room] = halves(entry);
    text.str("Vector length ").dec(len).str(" is too large, truncating it to ").dec(room);
}

fn below_minimum_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    let [len, min] = halves(entry);
    text.str("Vector length ").dec(len).str(" is smaller than minimum ").dec(min);
}

fn above_maximum_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    let [len, max] = halves(entry);
    text.str("Vector length ").dec(len).str(" is larger than maximum ").dec(max);
}

fn trailing_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let left = entry.number();
    text.dec(left).str(if left == 1 { " trailing byte was unprocessed" } else { " trailing bytes were unprocessed" });
}

fn halves(entry: &Entry) -> [u32; 2] {
    [(entry.number() >> 32) as u32, entry.number() as u32]
}
