//! Organisations behind the first three bytes of hardware addresses.
//!
//! From the IEEE Registration Authority's public registry of 24-bit identifiers (MA-L), as of 2026-08-26, by way of the
//! npm package `oui-data` 2.1.9 (BSD-2-Clause); the registry itself is a public list of facts. `generate/oui.py` made
//! the two files in `data/` and tells how names are written. A few old identifiers that Wireshark words from its own
//! notes (00:00:00, 52:54:00) read here as the registry has them, or not at all.

use super::name_at;

/// Returns the organisation to which an identifier, the first three bytes of a hardware address in order, was assigned.
///
/// Of a multicast or locally administered address nothing is known, except of the few old ones that were registered.
pub fn oui(identifier: u32) -> Option<&'static str> {
    let row = ROWS.binary_search_by_key(&identifier, |row| u32::from_be_bytes([0, row[0], row[1], row[2]])).ok()?;
    let [_, _, _, start @ ..] = ROWS[row];
    name_at(NAMES, start)
}

/// Every name once, each ended by a line feed.
static NAMES: &str = include_str!("data/oui_names.txt");

/// Identifier (three bytes, big-endian) and start of its name (three bytes, little-endian), sorted by identifier.
static ROWS: &[[u8; 6]] = include_bytes!("data/oui_index.bin").as_chunks().0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_unique() {
        assert!(ROWS.is_sorted_by(|a, b| a[..3] < b[..3]));
        assert_eq!(ROWS.as_flattened().len(), include_bytes!("data/oui_index.bin").len());
        assert!(ROWS.len() > 40_000);
    }

    #[test]
    fn every_row_has_a_whole_name() {
        for row in ROWS {
            let identifier = u32::from_be_bytes([0, row[0], row[1], row[2]]);
            let name = oui(identifier).unwrap();
            assert!(!name.is_empty() && name.len() <= 63, "{identifier:06x} {name}");
            let start = u32::from_le_bytes([row[3], row[4], row[5], 0]) as usize;
            assert!(start == 0 || NAMES.as_bytes()[start - 1] == b'\n', "{identifier:06x} {name}");
        }
    }

    #[test]
    fn well_known_rows() {
        for (identifier, expected) in [
            (0x00_0000, Some("Xerox Corporation")),
            (0x00_000c, Some("Cisco Systems, Inc")),
            (0x00_005e, Some("ICANN, IANA Department")),
            (0x00_1b21, Some("Intel Corporate")),
            (0x00_50c2, Some("IEEE Registration Authority")),
            (0xb8_27eb, Some("Raspberry Pi Foundation")),
            (0x02_0000, None),
            (0xff_ffff, None),
            (u32::MAX, None),
        ] {
            assert_eq!(oui(identifier), expected, "{identifier:06x}");
        }
    }
}
