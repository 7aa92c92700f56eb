//! The interfaces of this machine: what the operating system and libpcap each know, put together.
//!
//! The operating system (through `pnet`) knows index, MAC address and prefixes; libpcap knows which of them it can capture from,
//! and devices that are no network interfaces (`any`, `nflog`). Without libpcap the first half is still told.

use std::net::IpAddr;

use super::loader;

/// Something to capture from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Device {
    /// The operating system's number; devices of libpcap's own have none.
    pub index: Option<u32>,
    pub name: String,
    /// Addresses with the length of their prefix, where that is known.
    pub addresses: Vec<(IpAddr, Option<u8>)>,
    pub mac: Option<[u8; 6]>,
    pub state: State,
    pub loopback: bool,
    pub description: Option<String>,
}

/// Whether frames can be expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Up and connected.
    Running,
    /// Up, without a carrier.
    Up,
    Down,
    /// Not a network interface: it has no state.
    #[default]
    None,
}

impl State {
    pub const fn title(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Up => "up, no carrier",
            State::Down => "down",
            State::None => "",
        }
    }
}

/// Lists what can be captured from, in the order of their index, libpcap's own devices last.
pub fn devices() -> Vec<Device> {
    let mut devices: Vec<Device> = pnet::datalink::interfaces().into_iter().map(of_system).collect();
    devices.sort_by_key(|device| device.index);
    let captured = match loader::available() {
        Ok(()) => pcap::Device::list().unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    for known in captured {
        match devices.iter_mut().find(|device| device.name == known.name) {
            Some(device) => device.description = known.desc,
            None => devices.push(Device { name: known.name, description: known.desc, ..Device::default() }),
        }
    }
    devices
}

fn of_system(interface: pnet::datalink::NetworkInterface) -> Device {
    let state = match (interface.is_up(), interface.is_running()) {
        (true, true) => State::Running,
        (true, false) => State::Up,
        (false, _) => State::Down,
    };
    Device {
        index: Some(interface.index),
        mac: interface.mac.map(|mac| mac.octets()).filter(|mac| *mac != [0; 6]),
        addresses: interface.ips.iter().map(|network| (network.ip(), Some(network.prefix()))).collect(),
        loopback: interface.is_loopback(),
        state,
        description: Some(interface.description).filter(|words| !words.is_empty()),
        name: interface.name,
    }
}

/// The interface to take where none is named: the first that is running, has an address and is not the loopback; else the loopback.
pub fn sensible(devices: &[Device]) -> Option<&Device> {
    let usable = |device: &&Device| device.state == State::Running && !device.addresses.is_empty();
    devices
        .iter()
        .filter(usable)
        .find(|device| !device.loopback)
        .or_else(|| devices.iter().filter(usable).find(|device| device.loopback))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, state: State, loopback: bool, addressed: bool) -> Device {
        let address = (IpAddr::from([192, 0, 2, 1]), Some(24));
        let addresses = if addressed { vec![address] } else { Vec::new() };
        Device { name: name.into(), state, loopback, addresses, ..Device::default() }
    }

    #[test]
    fn the_sensible_interface_is_one_where_something_happens() {
        let lo = device("lo", State::Running, true, true);
        let down = device("eth0", State::Down, false, true);
        let bare = device("eth1", State::Running, false, false);
        let good = device("eth2", State::Running, false, true);
        let name = |devices: &[Device]| sensible(devices).map(|device| device.name.clone());
        assert_eq!(name(&[lo.clone(), down.clone(), bare.clone(), good]).as_deref(), Some("eth2"));
        assert_eq!(name(&[down.clone(), bare, lo]).as_deref(), Some("lo"));
        assert_eq!(name(&[down]), None);
    }

    #[test]
    fn the_loopback_is_known() {
        assert!(devices().iter().any(|device| device.loopback && device.index.is_some()));
    }
}
