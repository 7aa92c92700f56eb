//! Internet protocol numbers: the `protocol` of IPv4 and the `next header` of IPv6.
//!
//! The numbers are IANA's *Assigned Internet Protocol Numbers* (facts, free to use); the words are those Wireshark
//! shows beside each number, so that the two read alike.

/// Returns the words for an Internet protocol number.
pub fn ip_protocol(value: u8) -> Option<&'static str> {
    match value {
        173 => Some("AX/4000 Testframe"),
        // Wireshark has words for the whole unassigned range as IANA once drew it, and none above 224.
        144..=223 => Some("Unassigned"),
        224 => Some("Novell NCS Heartbeat"),
        _ => ASSIGNED.get(usize::from(value)).copied(),
    }
}

/// The words for numbers 0 to 143, by number.
static ASSIGNED: [&str; 144] = [
    "IPv6 Hop-by-Hop Option", // 0
    "ICMP",
    "IGMP",
    "GGP",
    "IPIP",
    "Stream",
    "TCP",
    "CBT",
    "EGP", // 8
    "IGRP",
    "BBN RCC",
    "Network Voice",
    "PUP",
    "ARGUS",
    "EMCON",
    "XNET",
    "CHAOS", // 16
    "UDP",
    "Multiplex",
    "DCN Measurement",
    "Host Monitoring",
    "Packet radio",
    "IDP",
    "Trunk-1",
    "Trunk-2", // 24
    "Leaf-1",
    "Leaf-2",
    "Reliable Data",
    "IRT",
    "ISO TP4",
    "Bulk Data",
    "MFE NSP",
    "Merit Internodal", // 32
    "Datagram Congestion Control Protocol",
    "3rd Party Connect",
    "Inter-Domain Policy Routing Protocol",
    "XTP",
    "Datagram delivery",
    "Control Message",
    "TP++",
    "IL", // 40
    "IPv6",
    "Source demand routing",
    "Routing Header for IPv6",
    "Fragment Header for IPv6",
    "Inter-Domain Routing Protocol",
    "Reservation Protocol",
    "Generic Routing Encapsulation",
    "Dynamic source routing", // 48
    "BNA",
    "Encap Security Payload",
    "Authentication Header",
    "INSLP",
    "SWIPE",
    "NBMA ARP",
    "IP Mobility",
    "TLSP Kryptonet", // 56
    "SKIP",
    "ICMPv6",
    "No Next Header for IPv6",
    "Destination Options for IPv6",
    "any host internal protocol",
    "Mobile IPv6 (old)",
    "any local network",
    "SATNET EXPAK", // 64
    "Kryptolan",
    "Remote Virtual Disk",
    "IPPC",
    "any distributed file system",
    "SATNET Monitoring",
    "VISA",
    "IPCV",
    "CPNX", // 72
    "CPHB",
    "Wang Span",
    "Packet Video",
    "Backroom SATNET Mon",
    "Sun ND Protocol",
    "Wideband Mon",
    "Wideband Expak",
    "ISO Internet Protocol", // 80
    "VMTP",
    "Secure VMTP",
    "VINES",
    "TTP",
    "NSFNET IGP",
    "Dissimilar Gateway",
    "TCF",
    "EIGRP", // 88
    "OSPF IGP",
    "Sprite RPC",
    "Locus ARP",
    "Multicast Transport",
    "AX.25 Frames",
    "IP in IP",
    "MICP",
    "Semaphore", // 96
    "Ether in IP",
    "ENCAP",
    "any private encryption scheme",
    "GMTP",
    "Ipsilon Flow",
    "PNNI over IP",
    "PIM",
    "ARIS", // 104
    "SCPS",
    "QNX",
    "Active Networks",
    "IPComp",
    "Sitara Networks",
    "Compaq Peer",
    "IPX IN IP",
    "VRRP", // 112
    "PGM",
    "any 0-hop protocol",
    "Layer 2 Tunneling",
    "DDX",
    "IATP",
    "STP",
    "SpectraLink",
    "UTI", // 120
    "SMP",
    "SM",
    "PTP",
    "ISIS over IP",
    "FIRE",
    "CRTP",
    "CRUDP",
    "SSCOPMCE", // 128
    "IPLT",
    "Secure Packet",
    "PIPE",
    "SCTP",
    "Fibre Channel",
    "RSVP E2EI",
    "Mobile IPv6",
    "UDPLite", // 136
    "MPLS in IP",
    "MANET",
    "HIP",
    "Shim6 header",
    "WESP",
    "ROHC",
    "Ethernet",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_rows() {
        for (value, expected) in [
            (0, "IPv6 Hop-by-Hop Option"),
            (1, "ICMP"),
            (6, "TCP"),
            (17, "UDP"),
            (47, "Generic Routing Encapsulation"),
            (58, "ICMPv6"),
            (89, "OSPF IGP"),
            (132, "SCTP"),
            (143, "Ethernet"),
            (144, "Unassigned"),
            (173, "AX/4000 Testframe"),
            (224, "Novell NCS Heartbeat"),
        ] {
            assert_eq!(ip_protocol(value), Some(expected), "protocol {value}");
        }
        assert_eq!(ip_protocol(225), None);
        assert_eq!(ip_protocol(255), None);
    }

    #[test]
    fn the_first_words_agree_with_etherparse_where_both_use_the_keyword() {
        use etherparse::IpNumber;
        for number in [IpNumber::TCP, IpNumber::UDP, IpNumber::ICMP, IpNumber::IGMP, IpNumber::EIGRP, IpNumber::SCTP] {
            assert_eq!(ip_protocol(number.0), number.keyword_str());
        }
    }
}
