//! The Simple Packet Block: a frame of the section's first interface, and nothing else.
//!
//! ```text
//! block   8  length on the wire
//!        12  the frame, padded to 32 bits
//! ```
//!
//! The captured length is not said: it is the length on the wire, or the snapshot length if that is less.

use super::super::block::Then;
use super::{Local, Order, Packet};

pub(in super::super) const TYPE: u32 = 3;

pub(super) fn read(block: &[u8], order: Order, first: Option<&Local>) -> Result<Packet, Then> {
    let Some(it) = block.first_chunk::<12>() else {
        return Err(Then::Needs(12));
    };
    let wire_len = order.u32([it[8], it[9], it[10], it[11]]);
    let captured = match first.map_or(0, |it| it.snap_len) {
        0 => wire_len,
        snap_len => wire_len.min(snap_len),
    };
    Ok(Packet { interface: 0, ticks: None, captured, wire_len, data: 12, options: false })
}
