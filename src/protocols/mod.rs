//! The protocols: one file each. These are the only lines that they share.

pub mod checksum;
pub mod data;
pub mod ethernet;
pub mod ethertype;
pub mod frame;
pub mod ipv4;
pub mod tcp;
pub mod udp;
pub mod udplite;

use crate::dissect::{Protocol, Registry};

/// Every protocol, in the order in which the field list shows them.
pub static ALL: &[&Protocol] = &[
    &frame::PROTOCOL,
    &ethernet::PROTOCOL,
    &ethertype::PROTOCOL,
    &ipv4::PROTOCOL,
    &tcp::PROTOCOL,
    &udp::PROTOCOL,
    &udplite::PROTOCOL,
    &data::PROTOCOL,
];

/// The registry of all protocols.
pub fn registry() -> Registry {
    Registry::new(ALL, &frame::PROTOCOL, &data::PROTOCOL, &ethertype::PROTOCOL)
}
