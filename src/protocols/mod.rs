//! The protocols: one file each. These are the only lines that they share.

pub mod ah;
pub mod arp;
mod checksum;
pub mod comment;
pub mod data;
pub mod data_text_lines;
pub mod dns;
mod dscp;
pub mod esp;
pub mod ethernet;
pub mod ethertype;
pub mod frame;
pub mod gre;
pub mod http;
pub mod icmp;
pub mod icmpv6;
pub mod ieee8021ad;
pub mod ieee8021ah;
pub mod igmp;
pub mod ipv4;
pub mod ipv6;
pub mod json;
pub mod llc;
pub mod loopback;
pub mod media;
pub mod null;
pub mod raw;
pub mod sll;
pub mod smtp;
pub mod ssdp;
pub mod tcp;
#[cfg(test)]
pub mod testing;
pub mod tls;
pub mod udp;
pub mod udplite;
pub mod urlencoded_form;
pub mod vlan;
pub mod vxlan;
pub mod wlan;

use crate::dissect::{Protocol, Registry, Table};

/// Every protocol, in the order in which the field list shows them.
pub static ALL: &[&Protocol] = &[
    &comment::PROTOCOL,
    &frame::PROTOCOL,
    &ethernet::PROTOCOL,
    &ethertype::PROTOCOL,
    &vlan::PROTOCOL,
    &ieee8021ad::PROTOCOL,
    &ieee8021ah::PROTOCOL,
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
    &gre::PROTOCOL,
    &tcp::PROTOCOL,
    &smtp::PROTOCOL,
    &tls::PROTOCOL,
    &udp::PROTOCOL,
    &udplite::PROTOCOL,
    &vxlan::PROTOCOL,
    &dns::PROTOCOL,
    &dns::MULTICAST,
    &dns::LINK_LOCAL,
    &wlan::PROTOCOL,
    &http::PROTOCOL,
    &ssdp::PROTOCOL,
    &json::PROTOCOL,
    &data_text_lines::PROTOCOL,
    &urlencoded_form::PROTOCOL,
    &media::PROTOCOL,
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

/// Ports of well-known services whose messages have no dissector here yet, sorted. A segment sent there is most often a piece of a
/// message: it is shown as the payload of TCP, and not as `data`, which is for bytes of which nobody knows whose they are. A
/// datagram stands for itself, so there are none of UDP. A line leaves when its protocol arrives.
static UNDECODED: &[(Table, &[u16])] = &[(
    Table::TcpPort,
    &[
        20, 21, 22, 23, 43, 49, 53, 70, 79, 88, 102, 110, 111, 113, 119, 139, 143, 179, 194, 389, 427, 445, 502, 515,
        548, 554, 563, 646, 860, 873, 989, 990, 992, 1080, 1433, 1494, 1521, 1723, 1883, 2049, 3260, 3268, 3306, 3389,
        3868, 4420, 5060, 5222, 5432, 5672, 5900, 6000, 6379, 6633, 6653, 8443, 9092, 11211,
    ],
)];

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::dissect::{Field, Kind};

    #[test]
    fn no_protocol_is_listed_twice() {
        let mut seen = HashSet::new();
        for protocol in ALL {
            // A name may stand for several rows: what is found inside a header, or chosen another way.
            assert!(seen.insert(std::ptr::from_ref(*protocol)), "{} is listed twice", protocol.name());
            assert!(!protocol.short.is_empty() && !protocol.field.title.is_empty(), "{}", protocol.name());
            let wellformed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
            assert!(protocol.name().bytes().all(wellformed), "{}", protocol.name());
        }
    }

    #[test]
    fn claims_are_unambiguous() {
        let mut claimed: HashMap<(Table, u32), &str> = HashMap::new();
        for protocol in ALL {
            for claim in protocol.claims {
                let other = claimed.insert(*claim, protocol.name());
                assert_eq!(other, None, "{claim:?} is claimed by {} too", protocol.name());
            }
        }
    }

    /// A field is a property of one table; what comes along with another field is listed somewhere itself.
    #[test]
    fn every_alias_is_listed() {
        let listed: HashSet<*const Field> = registry().all_fields().map(std::ptr::from_ref).collect();
        for field in registry().all_fields() {
            for alias in field.aliases {
                assert!(listed.contains(&std::ptr::from_ref(*alias)), "{} comes with {}", field.name, alias.name);
            }
        }
    }

    /// Rows of one name are ways to write the same thing: they have to compare alike in a filter.
    #[test]
    fn rows_of_one_name_have_one_kind() {
        let mut kinds: HashMap<&str, Kind> = HashMap::new();
        for field in registry().all_fields().filter(|field| !field.name.is_empty()) {
            let class = match field.kind {
                Kind::Expert(..) => Kind::None,
                kind => kind,
            };
            let known = *kinds.entry(field.name).or_insert(class);
            let integers = |kind| matches!(kind, Kind::Unsigned(_) | Kind::Signed(_) | Kind::Boolean);
            assert!(known == class || integers(known) && integers(class), "{}: {known:?} and {class:?}", field.name);
        }
    }

    #[test]
    fn masks_lie_within_their_integers() {
        for field in registry().all_fields().filter(|field| field.mask != 0) {
            let width = u32::from(field.display.width);
            assert!(64 - field.mask.leading_zeros() <= width, "{}: {:#x} in {width} bits", field.name, field.mask);
        }
    }

    #[test]
    fn every_file_is_registered() {
        let listed = include_str!("mod.rs");
        for file in std::fs::read_dir("src/protocols").unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let module = name.strip_suffix(".rs").unwrap_or(&name);
            let shared = ["mod", "checksum", "dscp", "testing"];
            if shared.contains(&module) {
                continue;
            }
            assert!(listed.contains(&format!("pub mod {module};")), "{name} is no module");
            assert!(listed.contains(&format!("&{module}::")), "{name} is not in ALL");
        }
    }

    #[test]
    fn undecoded_ports_are_sorted() {
        assert!(UNDECODED.iter().all(|row| row.1.is_sorted()));
    }
}
