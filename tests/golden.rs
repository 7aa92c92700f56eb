//! What is written, whole: capture × options → the expected text in `tests/golden/`.
//!
//! After a change that is meant, `BLESS=1 cargo test --test golden` writes the files anew; read the difference before committing it, and
//! hold it against what `tshark` writes for the same words.

use std::fs;
use std::path::Path;
use std::process::Command;

/// File in `tests/golden/`, capture, options.
const CASES: &[(&str, &str, &str)] = &[
    ("tour.list", "tour.pcapng", ""),
    ("tour.dates", "tour.pcapng", "-t ud -c 3"),
    ("tour.deltas", "tour.pcapng", "-t dd -Y icmp"),
    ("tour.two-pass", "tour.pcapng", "-2 -Y icmp"),
    ("tour.bytes", "tour.pcapng", "-x -c 2"),
    (
        "tour.fields",
        "tour.pcapng",
        "-T fields -e frame.number -e frame.protocols -e ip.addr -e tcp.flags.str -E header=y -E quote=d",
    ),
    ("tour.json", "tour.pcapng", "-T json -c 2"),
    ("tour.jsonl", "tour.pcapng", "-T jsonl -c 3"),
    ("tcp-echo-lo.list", "tcp-echo-lo.pcap", ""),
    ("tcp-echo-lo.tree", "tcp-echo-lo.pcap", "-V -c 4"),
    ("tcp-echo-lo.absolute", "tcp-echo-lo.pcap", "-S -c 4"),
    ("tcp-echo-lo.payload", "tcp-echo-lo.pcap", "-A -Y tcp.len>0"),
    ("tcp-options.list", "tcp-options.pcap", ""),
    ("mptcp.tree", "mptcp.pcapng", "-O tcp -c 3"),
    ("udp-chat.tree", "udp-chat.pcap", "-V -c 3"),
    ("dns.list", "dns.pcap", ""),
    ("dns.tree", "dns.pcap", "-2 -O dns -c 8"),
    ("arp.list", "arp.pcap", ""),
    ("arp.tree", "arp.pcap", "-O arp"),
    ("refused.tree", "refused.pcap", "-O icmp,icmpv6"),
    ("ping-fragmented.list", "ping-fragmented.pcap", ""),
    ("traceroute.list", "traceroute.pcap", ""),
    ("traceroute.two-pass", "traceroute.pcap", "-2 -Y icmpv6.type==128||icmp.type==8"),
    ("ipv6-nd.json", "ipv6-nd.pcap", "-T json -c 2"),
    ("ipv6-nd.list", "ipv6-nd.pcap", ""),
    ("ipv6-nd.tree", "ipv6-nd.pcap", "-O ipv6,icmpv6 -c 6"),
    ("igmp-v3.tree", "igmp-v3.pcap", "-O igmp"),
    ("vlan.tree", "vlan.pcap", "-O eth,vlan,ieee8021ad -c 1"),
    ("vlan.list", "vlan.pcap", ""),
    ("tunnels.list", "tunnels.pcap", ""),
    ("ipsec.list", "ipsec.pcap", ""),
    ("ipsec.tree", "ipsec.pcap", "-O ah,esp -c 8"),
    ("sll.tree", "sll.pcap", "-O sll -c 2"),
    ("sll2.tree", "sll2.pcap", "-O sll -c 2"),
    ("null.tree", "null.pcap", "-O null -c 2"),
    ("raw.list", "raw.pcap", ""),
    ("two-links.list", "two-links.pcapng", ""),
    ("http-snapped.list", "http-snapped.pcap", "-c 12"),
    ("tcp-echo-lo.transcript", "tcp-echo-lo.pcap", "-q -z follow,tcp,ascii,0 -z follow,tcp,hex,0 -z follow,tcp,raw,0"),
    ("tour.transcript", "tour.pcapng", "-q -z follow,tcp,ascii,1,1-2 -z follow,udp,hex,0 -z follow,tcp,raw,77"),
    (
        "tcp-loss.transcript",
        "tcp-loss.pcap",
        "-q -z follow,tcp,hex,0,27-30 -z follow,tcp,ascii,192.0.2.1:50009,192.0.2.2:7007,11",
    ),
    ("tcp-echo-lo.follow", "tcp-echo-lo.pcap", "follow"),
    ("tcp-options.follow", "tcp-options.pcap", "follow --stream 1"),
    ("http-snapped.follow", "http-snapped.pcap", "follow --stream 0"),
    ("refused.follow", "refused.pcap", "follow ipv6"),
    ("udp-chat.follow", "udp-chat.pcap", "follow udp"),
];

#[test]
fn what_is_written_is_what_was_read() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for (name, capture, options) in CASES {
        // The name of a command comes first.
        let (command, options) = match options.strip_prefix("follow") {
            Some(options) => (Some("follow"), options),
            None => (None, *options),
        };
        let output = Command::new(env!("CARGO_BIN_EXE_sniff"))
            .args(command)
            .args(["-r", &format!("captures/{capture}")])
            .args(options.split_whitespace())
            .env("TZ", "UTC")
            .output()
            .expect("the built program runs");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let path = Path::new("tests/golden").join(format!("{name}.txt"));
        if bless {
            fs::write(&path, &output.stdout).unwrap();
        } else if fs::read(&path).unwrap_or_default() != output.stdout {
            wrong.push(*name);
        }
    }
    assert!(wrong.is_empty(), "differ from tests/golden: {wrong:?}; see the prologue of this test");
}

#[test]
fn every_golden_file_has_its_case() {
    for file in fs::read_dir("tests/golden").unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(CASES.iter().any(|case| name == format!("{}.txt", case.0)), "{name} belongs to no case");
    }
}
