//! `sniff interfaces` and `-D`: what can be captured from.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;

use super::Exit;
use crate::capture::interfaces::{self, Device};
use crate::output::table;

/// Lists the interfaces of this machine
///
/// Index and name are what -i takes. An interface that is "up, no carrier" has no cable in it, or nobody at the other end.
#[derive(Parser, Debug)]
#[command(name = "sniff interfaces", max_term_width = 100)]
struct Args {}

pub fn run(arguments: &[OsString]) -> Exit {
    let named = [OsString::from("sniff interfaces")];
    match Args::try_parse_from(named.iter().chain(arguments)) {
        Ok(Args {}) => print(),
        Err(error) => Exit::Clap(error),
    }
}

/// Prints the table.
pub fn print() -> Exit {
    let head = ["index", "name", "addresses", "MAC", "state", "description"];
    let text = table::table(&head, interfaces::devices().iter().map(row), &[0], table::terminal_width());
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Exit::Done,
        Err(error) => Exit::of_write(&error),
    }
}

fn row(device: &Device) -> Vec<String> {
    let addresses = device.addresses.iter().map(|(address, prefix)| match prefix {
        Some(prefix) => format!("{address}/{prefix}"),
        None => address.to_string(),
    });
    let mac = device.mac.map(|mac| mac.map(|byte| format!("{byte:02x}")).join(":"));
    // Whoever may name interfaces may also put escape sequences into a name.
    let plain = |text: &str| text.replace(char::is_control, "\u{fffd}");
    vec![
        device.index.map(|index| index.to_string()).unwrap_or_default(),
        plain(&device.name),
        addresses.collect::<Vec<_>>().join(", "),
        mac.unwrap_or_default(),
        device.state.title().to_owned(),
        plain(device.description.as_deref().unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::capture::interfaces::State;

    #[test]
    fn a_row_says_what_is_known() {
        let device = Device {
            index: Some(2),
            name: "eth0\x1b[31m".into(),
            addresses: vec![(IpAddr::from([192, 0, 2, 1]), Some(24)), ("2001:db8::1".parse().unwrap(), None)],
            mac: Some([0, 0, 0x5e, 0, 0x53, 1]),
            state: State::Running,
            ..Device::default()
        };
        let expected = ["2", "eth0\u{fffd}[31m", "192.0.2.1/24, 2001:db8::1", "00:00:5e:00:53:01", "running", ""];
        assert_eq!(row(&device), expected);
        assert_eq!(row(&Device { name: "any".into(), ..Device::default() }), ["", "any", "", "", "", ""]);
    }
}
