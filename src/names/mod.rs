//! Words for numbers that registries assign: EtherTypes, Internet protocols, link types, hardware types, organisations,
//! services, cipher suites.
//!
//! The tables lie in the program's read-only data, sorted or indexed by number: a look-up is an index or a binary
//! search, allocates nothing and needs nothing to be loaded or unpacked first.

mod arp_hardware;
mod cipher_suite;
mod encapsulation;
mod ethertype;
mod ip_protocol;
mod llc_sap;
mod oui;
mod service;

pub use arp_hardware::arp_hardware;
pub use cipher_suite::{cipher_kind, cipher_suite};
pub use encapsulation::{ENCAPSULATIONS, encapsulation};
pub use ethertype::{ETHERTYPES, ethertype};
pub use ip_protocol::ip_protocol;
pub use llc_sap::{SAPS, llc_sap};
pub use oui::oui;
pub use service::{Transport, service};

/// Returns the name that starts at a place (little-endian) in a pool of names, each ended by a line feed.
fn name_at(names: &'static str, start: [u8; 3]) -> Option<&'static str> {
    let [low, middle, high] = start;
    let rest = names.get(u32::from_le_bytes([low, middle, high, 0]) as usize..)?;
    rest.split_once('\n').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use std::{hint::black_box, time::Instant};

    /// A look-up is on the way of every frame; the bound is far above what an optimised build needs.
    #[test]
    fn look_ups_are_quick() {
        const LOOK_UPS: u32 = 100_000;
        let start = Instant::now();
        let mut found = 0;
        for step in 0..LOOK_UPS {
            let scattered = step.wrapping_mul(0x9e37_79b1);
            found += usize::from(super::oui(black_box(scattered >> 8)).is_some());
            found += usize::from(super::ethertype(black_box((scattered >> 16) as u16)).is_some());
            found += usize::from(super::service(super::Transport::Tcp, black_box(scattered as u16)).is_some());
        }
        let each_ns = start.elapsed().as_nanos() / u128::from(LOOK_UPS);
        assert!(black_box(found) > 0);
        assert!(each_ns < if cfg!(debug_assertions) { 20_000 } else { 2_000 }, "{each_ns} ns");
    }
}
