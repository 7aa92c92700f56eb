//! The protocols: one file each. These are the only lines that they share.

pub mod ah;
mod checksum;
pub mod data;
mod dscp;
pub mod esp;
pub mod ethernet;
pub mod ethertype;
pub mod frame;
pub mod icmpv6;
pub mod ipv4;
pub mod ipv6;
pub mod tcp;
pub mod udp;

use crate::dissect::{Protocol, Registry};

/// Every protocol, in the order in which the field list shows them.
pub static ALL: &[&Protocol] = &[
    &frame::PROTOCOL,
    &ethernet::PROTOCOL,
    &ethertype::PROTOCOL,
    &ipv4::PROTOCOL,
    &icmpv6::PROTOCOL,
    &ipv6::PROTOCOL,
    &ipv6::options::HOP_BY_HOP_OPTIONS,
    &ipv6::routing::PROTOCOL,
    &ipv6::fragment::PROTOCOL,
    &ipv6::options::DESTINATION_OPTIONS,
    &ah::PROTOCOL,
    &esp::PROTOCOL,
    &tcp::PROTOCOL,
    &udp::PROTOCOL,
    &data::PROTOCOL,
];

/// The registry of all protocols.
pub fn registry() -> Registry {
    Registry::new(ALL, &frame::PROTOCOL, &data::PROTOCOL, &ethertype::PROTOCOL)
}
