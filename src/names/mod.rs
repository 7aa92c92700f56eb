//! Words for numbers that registries assign: EtherTypes, Internet protocols, link types, hardware types.
//!
//! The tables lie in the program's read-only data, sorted or indexed by number: a look-up is an index or a binary search,
//! allocates nothing and needs nothing to be loaded or unpacked first.

mod arp_hardware;
mod encapsulation;
mod ethertype;
mod ip_protocol;
mod llc_sap;

pub use arp_hardware::arp_hardware;
pub use encapsulation::{ENCAPSULATIONS, encapsulation};
pub use ethertype::{ETHERTYPES, ethertype};
pub use ip_protocol::ip_protocol;
pub use llc_sap::{SAPS, llc_sap};
