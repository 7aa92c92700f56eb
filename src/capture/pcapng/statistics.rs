//! The Interface Statistics Block: what an interface counted until now.
//!
//! ```text
//! body    0  interface, by its number in the section
//!         4  ticks of its clock, more significant half first
//!        12  options: start (2), end (3), received (4), dropped (5), accepted by the filter (6), dropped by the
//!            operating system (7), delivered to the user (8)
//! ```

use super::super::Time;
use super::{Local, Options, Order};

pub(in super::super) const TYPE: u32 = 5;

/// What an Interface Statistics Block says; counters are frames.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// The place of the interface in [`Batch::interfaces`](super::super::Batch::interfaces).
    pub interface: u32,
    /// When it was counted.
    pub time: Time,
    /// When the capture began.
    pub start: Option<Time>,
    /// When the capture ended.
    pub end: Option<Time>,
    pub received: Option<u64>,
    /// Lost by the interface, for want of resources.
    pub dropped: Option<u64>,
    pub filter_accepted: Option<u64>,
    /// Lost by the operating system.
    pub system_dropped: Option<u64>,
    pub delivered: Option<u64>,
    /// All options of the block, raw: those above and others.
    pub options: Vec<u8>,
}

pub(super) fn read(body: &[u8], order: Order, interfaces: &[Local]) -> Option<Statistics> {
    let (it, options) = body.split_first_chunk::<12>()?;
    let interface = interfaces.get(order.u32([it[0], it[1], it[2], it[3]]) as usize)?;
    let ticks = order.ticks([it[4], it[5], it[6], it[7]], [it[8], it[9], it[10], it[11]]);
    let raw = options.to_vec();
    let options = Options::new(options, order.big_endian);
    let value = |code| -> Option<[u8; 8]> { options.value(code)?.try_into().ok() };
    let count = |code| value(code).map(|bytes| order.u64(bytes));
    let time = |code| {
        let [a, b, c, d, e, f, g, h] = value(code)?;
        Some(interface.clock.time(order.ticks([a, b, c, d], [e, f, g, h])))
    };
    Some(Statistics {
        interface: interface.place,
        time: interface.clock.time(ticks),
        start: time(2),
        end: time(3),
        received: count(4),
        dropped: count(5),
        filter_accepted: count(6),
        system_dropped: count(7),
        delivered: count(8),
        options: raw,
    })
}
