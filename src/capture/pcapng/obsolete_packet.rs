//! The Packet Block, which the Enhanced Packet Block replaced; old files still have it.
//!
//! ```text
//! block   8  interface, by its number in the section (16 bits)
//!        10  frames lost before it (16 bits)
//!        12  ticks of its clock, more significant half first
//!        20  captured length
//!        24  length on the wire
//!        28  the frame, padded to 32 bits, then options
//! ```

use super::super::block::Then;
use super::{Order, Packet};

pub(super) const TYPE: u32 = 2;

pub(super) fn read(block: &[u8], order: Order) -> Result<Packet, Then> {
    let Some(it) = block.first_chunk::<28>() else {
        return Err(Then::Needs(28));
    };
    Ok(Packet {
        interface: order.u16([it[8], it[9]]).into(),
        ticks: Some(order.ticks([it[12], it[13], it[14], it[15]], [it[16], it[17], it[18], it[19]])),
        captured: order.u32([it[20], it[21], it[22], it[23]]),
        wire_len: order.u32([it[24], it[25], it[26], it[27]]),
        data: 28,
        options: true,
    })
}
