//! The Decryption Secrets Block: what frames of the section can be decrypted with.
//!
//! ```text
//! body    0  type of the secrets
//!         4  length of the secrets, without their padding
//!         8  the secrets, padded to 32 bits, then options
//! ```

use super::Order;

pub(in super::super) const TYPE: u32 = 10;

/// What a Decryption Secrets Block says.
#[derive(Clone, PartialEq)]
pub struct Secrets {
    /// What they are: 0x544c534b is a TLS key log, 0x57474b4c a WireGuard one.
    pub kind: u32,
    pub bytes: Vec<u8>,
    /// The options of the block, raw.
    pub options: Vec<u8>,
}

/// Their bytes have no place in a log.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Secrets {{ kind: {:#x}, {} bytes }}", self.kind, self.bytes.len())
    }
}

pub(super) fn read(body: &[u8], order: Order) -> Option<Secrets> {
    let (it, rest) = body.split_first_chunk::<8>()?;
    let len = order.u32([it[4], it[5], it[6], it[7]]);
    let bytes = rest.get(..len as usize)?.to_vec();
    // The padding may be missing at the end of the block.
    let options = rest.get((len as usize).next_multiple_of(4)..).unwrap_or_default().to_vec();
    Some(Secrets { kind: order.u32([it[0], it[1], it[2], it[3]]), bytes, options })
}
