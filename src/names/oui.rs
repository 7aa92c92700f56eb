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
    let bucket = identifier as usize >> BUCKET_BITS;
    let rows = &ROWS[usize::from(*FIRST.get(bucket)?)..usize::from(*FIRST.get(bucket + 1)?)];
    let row = rows.binary_search_by_key(&identifier, row_identifier).ok()?;
    let [_, _, _, start @ ..] = rows[row];
    name_at(NAMES, start)
}

const fn row_identifier(row: &[u8; 6]) -> u32 {
    u32::from_be_bytes([0, row[0], row[1], row[2]])
}

/// The rows of a bucket agree in all but this many bits of the identifier.
const BUCKET_BITS: usize = 12;

/// Number of buckets; those of the oldest identifiers are full, three in four are empty.
const BUCKETS: usize = 1 << (24 - BUCKET_BITS);

/// Number of the first row of each bucket, and of the row after the last.
static FIRST: [u16; BUCKETS + 1] = {
    let mut first = [0; BUCKETS + 1];
    let mut row = 0;
    let mut bucket = 0;
    while bucket <= BUCKETS {
        while row < ROWS.len() && row_identifier(&ROWS[row]) as usize >> BUCKET_BITS < bucket {
            row += 1;
        }
        first[bucket] = row as u16;
        bucket += 1;
    }
    first
};

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
        assert!(ROWS.len() > 40_000 && ROWS.len() <= usize::from(u16::MAX));
    }

    #[test]
    fn every_row_has_a_whole_name() {
        for row in ROWS {
            let identifier = row_identifier(row);
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
