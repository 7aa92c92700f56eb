//! Hardware types of ARP, of DHCP and of other protocols that carry an ARP hardware address.
//!
//! The numbers are IANA's *ARP Parameters, Hardware Types* (2026-09; facts, free to use), and Linux's 0 for NET/ROM;
//! the words are those Wireshark shows beside each number.

/// Returns the words for an ARP hardware type.
pub fn arp_hardware(value: u16) -> Option<&'static str> {
    match value {
        256 => Some("Experimental 2"),
        257 => Some("AEthernet"),
        65_535 => Some("Void type, nothing is known"),
        _ => HARDWARE.get(usize::from(value)).copied(),
    }
}

/// The words for types 0 to 37, by number.
static HARDWARE: [&str; 38] = [
    "NET/ROM pseudo",
    "Ethernet",
    "Experimental Ethernet",
    "AX.25",
    "ProNET",
    "Chaos",
    "IEEE 802",
    "ARCNET",
    "Hyperchannel",
    "Lanstar",
    "Autonet Short Address",
    "Localtalk",
    "LocalNet",
    "Ultra link",
    "SMDS",
    "Frame Relay DLCI",
    "ATM",
    "HDLC",
    "Fibre Channel",
    "ATM (RFC 2225)",
    "Serial Line",
    "ATM",
    "MIL-STD-188-220",
    "Metricom STRIP",
    "IEEE 1394.1995",
    "MAPOS",
    "Twinaxial",
    "EUI-64",
    "HIPARP",
    "IP and ARP over ISO 7816-3",
    "ARPSec",
    "IPsec tunnel",
    "InfiniBand",
    "TIA-102 Project 25 CAI",
    "Wiegand Interface",
    "Pure IP",
    "Experimental 1",
    "HFI",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_rows() {
        assert_eq!(arp_hardware(1), Some("Ethernet"));
        assert_eq!(arp_hardware(6), Some("IEEE 802"));
        assert_eq!(arp_hardware(32), Some("InfiniBand"));
        assert_eq!(arp_hardware(37), Some("HFI"));
        assert_eq!(arp_hardware(38), None);
        assert_eq!(arp_hardware(257), Some("AEthernet"));
    }
}
