//! Service access points of IEEE 802.2 LLC.
//!
//! The numbers are the IEEE's assignments and IANA's *Assigned Internet Numbers, IEEE 802.2 SAPs* (RFC 1700; facts,
//! free to use), with unregistered ones in common use; the words are those Wireshark shows beside each number.

/// Returns the words for a SAP octet, as `llc.dsap` and `llc.ssap` show it.
///
/// The lowest bit (group, response) is part of the octet; `llc.dsap.sap` and `llc.ssap.sap` look up the octet with that
/// bit cleared.
pub fn llc_sap(value: u8) -> Option<&'static str> {
    let row = SAPS.binary_search_by_key(&value, |row| row.0).ok()?;
    Some(SAPS[row].1)
}

/// All named SAP octets, sorted.
pub static SAPS: &[(u8, &str)] = &[
    (0x00, "NULL LSAP"),
    (0x01, "NULL LSAP"),
    (0x02, "LLC Sub-Layer Management"),
    (0x04, "SNA Path Control"),
    (0x06, "TCP/IP"),
    (0x08, "SNA"),
    (0x0c, "SNA"),
    (0x0e, "PROWAY (IEC955) Network Management and Initialization"),
    (0x10, "NetWare (unofficial?)"),
    (0x14, "ISO Network Layer (OSLAN 1)"),
    (0x18, "Texas Instruments"),
    (0x20, "ISO Network Layer (unofficial?)"),
    (0x34, "ISO Network Layer (unofficial?)"),
    (0x42, "Spanning Tree BPDU"),
    (0x4e, "EIA RS-511 Manufacturing Message Service"),
    (0x54, "ISO Network Layer (OSLAN 2)"),
    (0x7e, "ISO 8208 (X.25 over 802.2)"),
    (0x7f, "ISO 802.2"),
    (0x80, "XNS"),
    (0x82, "BACnet"),
    (0x86, "Nestar"),
    (0x8e, "PROWAY (IEC955) Active Station List Maintenance"),
    (0x98, "ARP"),
    (0xaa, "SNAP"),
    (0xb4, "HP JetDirect Printer"),
    (0xba, "Banyan Vines"),
    (0xbc, "Banyan Vines"),
    (0xe0, "NetWare"),
    (0xf0, "NetBIOS"),
    (0xf4, "IBM Net Management"),
    (0xf8, "HP Extended LLC"),
    (0xfa, "Ungermann-Bass"),
    (0xfc, "Remote Program Load"),
    (0xfe, "ISO Network Layer"),
    (0xff, "Global LSAP"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_unique() {
        assert!(SAPS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn well_known_rows() {
        assert_eq!(llc_sap(0x42), Some("Spanning Tree BPDU"));
        assert_eq!(llc_sap(0xaa), Some("SNAP"));
        assert_eq!(llc_sap(0xab), None);
        assert_eq!(llc_sap(0xff), Some("Global LSAP"));
    }
}
