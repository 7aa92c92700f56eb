//! The Name Resolution Block: names of addresses, as they were known where the capture was made.
//!
//! ```text
//! body    records, then options
//! record  0  type: 1 IPv4, 2 IPv6, 3 EUI-48, 4 EUI-64; 0 ends the list
//!         2  length of the value, without its padding
//!         4  address, then names, each ended by a zero byte; padded to 32 bits
//! ```

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Options, Order};

pub(in super::super) const TYPE: u32 = 4;

/// What a Name Resolution Block says.
#[derive(Clone, Debug, PartialEq)]
pub struct Names {
    /// Whether it is written in big-endian byte order.
    pub big_endian: bool,
    /// Its records, raw; [`Names::iter`] reads them.
    pub records: Vec<u8>,
}

/// What can have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    Eui48([u8; 6]),
    Eui64([u8; 8]),
}

impl Names {
    /// The addresses with their names, in the order of the file; an address with several names comes several times.
    pub fn iter(&self) -> impl Iterator<Item = (Address, Cow<'_, str>)> {
        // A record has the shape of an option, down to the code 0 that ends the list.
        let records = Options::new(&self.records, self.big_endian).filter(|record| record.is_whole);
        records.filter_map(|record| address(record.code, record.value)).flat_map(|(address, names)| {
            names
                .split(|byte| *byte == 0)
                .filter(|name| !name.is_empty())
                .map(move |name| (address, String::from_utf8_lossy(name)))
        })
    }
}

fn address(kind: u16, value: &[u8]) -> Option<(Address, &[u8])> {
    match kind {
        1 => value.split_first_chunk().map(|(&it, names): (&[u8; 4], _)| (Address::V4(it.into()), names)),
        2 => value.split_first_chunk().map(|(&it, names): (&[u8; 16], _)| (Address::V6(it.into()), names)),
        3 => value.split_first_chunk().map(|(&it, names)| (Address::Eui48(it), names)),
        4 => value.split_first_chunk().map(|(&it, names)| (Address::Eui64(it), names)),
        _ => None,
    }
}

pub(super) fn read(body: &[u8], order: Order) -> Option<Names> {
    let whole = Options::new(body, order.big_endian).all(|record| record.is_whole);
    whole.then(|| Names { big_endian: order.big_endian, records: body.to_vec() })
}
