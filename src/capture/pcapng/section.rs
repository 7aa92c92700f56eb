//! The Section Header Block: where a section begins, and in which byte order it is written.
//!
//! ```text
//! body    0  byte-order magic, 0x1a2b3c4d
//!         4  major version, 1
//!         6  minor version
//!         8  length of the section, or -1; not relied upon, because each block says its own
//!        16  options: hardware (2), operating system (3), application (4)
//! ```

use std::borrow::Cow;

use super::super::block::Then;
use super::super::error::Damage;
use super::{HEADER, Options, Order};

/// The block type, the same in both byte orders.
pub(in super::super) const TYPE: u32 = 0x0a0d_0d0a;

/// What a Section Header Block says.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The number of the section, counting from 1.
    pub number: u32,
    /// Whether it is written in big-endian byte order; its options are too.
    pub big_endian: bool,
    /// Its options, raw; [`Options`] reads them.
    pub options: Vec<u8>,
}

impl Section {
    /// The hardware it was captured with.
    pub fn hardware(&self) -> Option<Cow<'_, str>> {
        Options::new(&self.options, self.big_endian).text(2)
    }

    /// The operating system it was captured on.
    pub fn operating_system(&self) -> Option<Cow<'_, str>> {
        Options::new(&self.options, self.big_endian).text(3)
    }

    /// The program that wrote it.
    pub fn application(&self) -> Option<Cow<'_, str>> {
        Options::new(&self.options, self.big_endian).text(4)
    }

    /// The comments on it.
    pub fn comments(&self) -> impl Iterator<Item = Cow<'_, str>> {
        Options::new(&self.options, self.big_endian).comments()
    }
}

pub(super) fn read(body: &[u8], order: Order, number: u32) -> Option<Section> {
    let options = body.get(16..)?.to_vec();
    Some(Section { number, big_endian: order.big_endian, options })
}

/// Tells the byte order by its magic.
pub(super) fn byte_order(magic: [u8; 4]) -> Option<Order> {
    match u32::from_be_bytes(magic) {
        0x1a2b_3c4d => Some(Order { big_endian: true }),
        0x4d3c_2b1a => Some(Order { big_endian: false }),
        _ => None,
    }
}

/// Tells the byte order of the section that `block` begins at `offset`.
pub(super) fn order(block: &[u8], offset: u64) -> Result<Order, Then> {
    let Some(magic) = block.get(HEADER..).and_then(|body| body.first_chunk()) else {
        return Err(Then::Needs(HEADER + 4));
    };
    let unknown = Damage::ByteOrder { offset, magic: u32::from_le_bytes(*magic) };
    byte_order(*magic).ok_or(Then::Broken(unknown))
}

/// Returns the version of the section that `block` begins, if its layout is not known.
///
/// Another minor version only adds what a reader may pass over.
pub(super) fn unknown_version(block: &[u8], order: Order) -> Option<(u16, u16)> {
    let [a, b, c, d] = *block.get(HEADER + 4..)?.first_chunk()?;
    let (major, minor) = (order.u16([a, b]), order.u16([c, d]));
    (major != 1).then_some((major, minor))
}
