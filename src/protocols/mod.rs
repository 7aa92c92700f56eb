//! The protocols: one file each. These are the only lines that they share.

pub mod arp;
pub mod comment;
pub mod data;
pub mod ethernet;
pub mod ethertype;
pub mod frame;
pub mod ieee8021ad;
pub mod ipv4;
pub mod llc;
pub mod loopback;
pub mod null;
pub mod raw;
pub mod sll;
pub mod tcp;
pub mod udp;
pub mod vlan;

use crate::dissect::{Protocol, Registry};

/// Every protocol, in the order in which the field list shows them.
pub static ALL: &[&Protocol] = &[
    &comment::PROTOCOL,
    &frame::PROTOCOL,
    &ethernet::PROTOCOL,
    &ethertype::PROTOCOL,
    &vlan::PROTOCOL,
    &ieee8021ad::PROTOCOL,
    &llc::PROTOCOL,
    &sll::PROTOCOL,
    &null::PROTOCOL,
    &raw::PROTOCOL,
    &loopback::PROTOCOL,
    &arp::PROTOCOL,
    &ipv4::PROTOCOL,
    &tcp::PROTOCOL,
    &udp::PROTOCOL,
    &data::PROTOCOL,
];

/// The registry of all protocols.
pub fn registry() -> Registry {
    Registry::new(ALL, &frame::PROTOCOL, &comment::PROTOCOL, &data::PROTOCOL, &ethertype::PROTOCOL)
}
