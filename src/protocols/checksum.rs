//! The Internet checksum of transport headers, over a pseudo header of the network layer's addresses.
//!
//! RFC 1071; the pseudo headers are those of RFC 9293, section 3.1, and RFC 8200, section 8.1.

use crate::dissect::{Address, Layer};

/// What came of looking at a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// The sender did not make one.
    Absent,
    /// The sender made none and had to.
    Illegal,
    /// Nobody asked, or not all bytes are there: they were not captured, or are in other fragments.
    Unverified,
    Good(u16),
    /// It should be this.
    Bad(u16),
}

pub const BAD: u64 = 0;
pub const GOOD: u64 = 1;
pub const UNVERIFIED: u64 = 2;
pub const NOT_PRESENT: u64 = 3;
pub const ILLEGAL: u64 = 4;

/// The words for a checksum's status.
pub static STATUSES: &[(u64, &str)] =
    &[(BAD, "Bad"), (GOOD, "Good"), (UNVERIFIED, "Unverified"), (NOT_PRESENT, "Not present"), (ILLEGAL, "Illegal")];

impl Sum {
    /// The value of a status field.
    pub const fn status(self) -> u64 {
        match self {
            Sum::Bad(_) => BAD,
            Sum::Good(_) => GOOD,
            Sum::Unverified => UNVERIFIED,
            Sum::Absent => NOT_PRESENT,
            Sum::Illegal => ILLEGAL,
        }
    }
}

/// Verifies the checksum at the byte `at` of a layer of `len` bytes, of which the first `covered` are covered.
pub fn verify(l: &Layer, protocol: u8, len: usize, covered: usize, at: usize) -> Sum {
    if l.is_fragment() {
        return Sum::Unverified;
    }
    let (Some(bytes), Some(pseudo)) = (l.all().get(..covered), pseudo_header(l, protocol, len)) else {
        return Sum::Unverified;
    };
    let Some(stored) = bytes.get(at..at.saturating_add(2)) else { return Sum::Unverified };
    let stored = u16::from_be_bytes([stored[0], stored[1]]);
    let sum = fold(pseudo + add(bytes));
    // The stored checksum is part of the sum: without it, the sum is what it ought to be, inverted.
    let calculated = !fold(u64::from(sum) + u64::from(!stored));
    if sum == 0xffff { Sum::Good(stored) } else { Sum::Bad(calculated) }
}

fn pseudo_header(l: &Layer, protocol: u8, len: usize) -> Option<u64> {
    let addresses = match (l.source(), l.destination()) {
        (Address::V4(source), Address::V4(destination)) => add(&source.to_be_bytes()) + add(&destination.to_be_bytes()),
        (Address::V6(source), Address::V6(destination)) => add(&source) + add(&destination),
        _ => return None,
    };
    Some(addresses + u64::from(protocol) + add(&u32::try_from(len).ok()?.to_be_bytes()))
}

/// Adds up big-endian words of 16 bits; an odd byte at the end is the high one of its word.
fn add(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<2>();
    let sum: u64 = words.iter().map(|&word| u64::from(u16::from_be_bytes(word))).sum();
    sum + rest.first().map_or(0, |&byte| u64::from(byte) << 8)
}

/// Folds a sum to 16 bits with its carries.
fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}
