//! SSDP: the Simple Service Discovery Protocol, HTTP in datagrams.
//!
//! UPnP Device Architecture 2.0, section 1. A datagram is one message; its fields are those of [`http`].

use super::http;
use crate::dissect::{Layer, Outcome, Protocol, Table};

pub static PROTOCOL: Protocol = Protocol {
    shares: http::ALL_FIELDS,
    claims: &[(Table::UdpPort, 1900)],
    dissect,
    after: http::PROTOCOL.after,
    summary: http::PROTOCOL.summary,
    brief: true,
    leads: crate::dissect::Leads::ByName,
    family: crate::dissect::Family::Web,
    ..Protocol::new("ssdp", "SSDP", "Simple Service Discovery Protocol")
};

fn dissect(l: &mut Layer) -> Outcome {
    http::datagram(l)
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::{ETHERNET, Sample};

    fn datagram(payload: &[u8]) -> Sample {
        let mut bytes = Vec::new();
        etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [1, 0, 0x5e, 0x7f, 0xff, 0xfa])
            .ipv4([192, 0, 2, 1], [239, 255, 255, 250], 4)
            .udp(50_000, 1900)
            .write(&mut bytes, payload)
            .expect("the headers fit");
        Sample::new(ETHERNET, bytes)
    }

    #[test]
    fn a_search() {
        let dissected =
            datagram(b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nST: ssdp:all\r\n\r\n").dissect();
        assert_eq!(dissected.stack, "eth:ethertype:ip:udp:ssdp");
        assert_eq!((dissected.protocol.as_str(), dissected.info.as_str()), ("SSDP", "M-SEARCH * HTTP/1.1 "));
        dissected.shows(&[
            "Simple Service Discovery Protocol",
            "M-SEARCH * HTTP/1.1\\r\\n",
            "Request Method: M-SEARCH",
            "Request URI: *",
            "HOST: 239.255.255.250:1900\\r\\n",
            "ST: ssdp:all\\r\\n",
            "\\r\\n",
            "[Full request URI: http://239.255.255.250:1900*]",
        ]);
    }

    #[test]
    fn what_is_no_message() {
        let dissected = datagram(b"garbage").dissect();
        assert_eq!(
            (dissected.stack.as_str(), dissected.info.as_str()),
            ("eth:ethertype:ip:udp:ssdp:data", "Continuation")
        );
        dissected.shows(&["Simple Service Discovery Protocol", "File Data: 7 bytes", "Data (7 bytes)"]);
        let headers = datagram(b"X-A: b\r\n").dissect();
        assert_eq!((headers.stack.as_str(), headers.info.as_str()), ("eth:ethertype:ip:udp:ssdp", "Continuation"));
        headers.shows(&["X-A: b\\r\\n"]);
    }
}
