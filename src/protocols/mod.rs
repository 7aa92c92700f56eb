//! The protocols: one file each. These are the only lines that they share.

pub mod ah;
pub mod arp;
mod checksum;
pub mod comment;
pub mod data;
mod dscp;
pub mod esp;
pub mod ethernet;
pub mod ethertype;
pub mod frame;
pub mod icmp;
pub mod icmpv6;
pub mod ieee8021ad;
pub mod igmp;
pub mod ipv4;
pub mod ipv6;
pub mod llc;
pub mod loopback;
pub mod null;
pub mod raw;
pub mod sll;
pub mod tcp;
#[cfg(test)]
pub mod testing;
pub mod udp;
pub mod udplite;
pub mod vlan;

use crate::dissect::{Protocol, Registry, Table};

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
    &icmpv6::PROTOCOL,
    &ipv4::BY_VERSION,
    &icmp::PROTOCOL,
    &igmp::PROTOCOL,
    &igmp::MESSAGE,
    &igmp::DVMRP,
    &igmp::IGAP,
    &igmp::PIM_1,
    &ipv6::PROTOCOL,
    &ipv6::options::HOP_BY_HOP_OPTIONS,
    &ipv6::routing::PROTOCOL,
    &ipv6::fragment::PROTOCOL,
    &ipv6::options::DESTINATION_OPTIONS,
    &ah::PROTOCOL,
    &esp::PROTOCOL,
    &tcp::PROTOCOL,
    &udp::PROTOCOL,
    &udplite::PROTOCOL,
    &data::PROTOCOL,
];

/// The registry of all protocols.
pub fn registry() -> Registry {
    registry_of(ALL)
}

/// A registry of these protocols, which have those of [`ALL`] among them.
pub(crate) fn registry_of(protocols: &'static [&'static Protocol]) -> Registry {
    Registry::new(protocols, &frame::PROTOCOL, &comment::PROTOCOL, &data::PROTOCOL, &ethertype::PROTOCOL, UNDECODED)
}

/// Ports of well-known services whose messages have no dissector here yet, sorted. What is sent there belongs to the service: it is
/// shown as the payload of the segment, and not as `data`, which is for bytes of which nobody knows whose they are. A line leaves
/// when its protocol arrives.
static UNDECODED: &[(Table, &[u16])] = &[(
    Table::TcpPort,
    &[
        20, 21, 22, 23, 25, 43, 49, 53, 70, 79, 80, 88, 102, 110, 111, 113, 119, 139, 143, 179, 194, 389, 427, 443,
        445, 465, 502, 515, 548, 554, 563, 587, 631, 636, 646, 853, 860, 873, 989, 990, 992, 993, 995, 1080, 1433,
        1494, 1521, 1723, 1883, 2049, 3128, 3260, 3268, 3306, 3389, 3868, 4420, 5060, 5061, 5222, 5432, 5672, 5900,
        6000, 6379, 6633, 6653, 8000, 8080, 8081, 8443, 8883, 9092, 11211, 27017,
    ],
)];
