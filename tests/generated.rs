//! The captures that `tools/capgen` makes: the same bytes on every machine, and sound where they should be.

use capgen::{Format, Options, Profile};
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use sniff::capture::{self, Batch, Time};
use sniff::digest::md5;

/// What `capgen --profile NAME --packets 2000 | md5sum` says.
const DIGESTS: &[(&str, &str)] = &[
    ("mix", "378a538db62e0543ed8a8d2b852e6783"),
    ("small", "8277e567b048d52c278aedc64f577852"),
    ("elephant", "4f7617d35e4b265fa767da572d00545c"),
    ("syn-flood", "b8bdd09435512a4570c9a0ff7303c10e"),
    ("many-flows", "f626504c7403943c7108e3018825cf8d"),
    ("hostile", "1fc1eec5cf3ce96d644552d5b454dcf4"),
];

#[test]
fn the_same_bytes_on_every_machine() {
    for ((name, profile), (expected_name, expected)) in Profile::ALL.iter().zip(DIGESTS) {
        assert_eq!(name, expected_name);
        let digest = md5(&capgen::capture(&Options { packets: 2000, ..Options::new(*profile) }));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(&digest, expected, "{name}");
    }
}

#[test]
fn another_seed_is_another_capture_and_bytes_end_it() {
    let options = Options { bytes: 100_000, packets: u64::MAX, ..Options::new(Profile::Mix) };
    let one = capgen::capture(&options);
    assert!((100_000..102_000).contains(&one.len()), "{}", one.len());
    assert!(one != capgen::capture(&Options { seed: 2, ..options }));
}

#[test]
fn both_formats_carry_the_same_frames() {
    for (name, profile) in Profile::ALL {
        let options = Options { packets: 500, ..Options::new(*profile) };
        let pcap = frames(&options);
        assert_eq!(pcap.len(), 500, "{name}");
        assert!(pcap.is_sorted_by_key(|frame| frame.0), "{name}: times go back");
        assert_eq!(pcap, frames(&Options { format: Format::Pcapng, ..options }), "{name}");
    }
}

#[test]
fn packets_are_sound_but_for_the_hostile_ones() {
    for (name, profile) in Profile::ALL.iter().filter(|row| row.1 != Profile::Hostile) {
        let frames = frames(&Options { packets: 20_000, ..Options::new(*profile) });
        let (mut v6, mut tagged) = (0, 0);
        for (_, bytes, wire_len) in &frames {
            assert_eq!(bytes.len(), *wire_len as usize);
            let packet =
                SlicedPacket::from_ethernet(bytes).unwrap_or_else(|error| panic!("{name}: {error}: {bytes:02x?}"));
            tagged += usize::from(!packet.link_exts.is_empty());
            v6 += usize::from(matches!(packet.net, Some(NetSlice::Ipv6(_))));
            assert!(is_right(&packet), "{name}: {bytes:02x?}");
        }
        if *profile == Profile::Mix {
            assert!((3000..5000).contains(&v6), "{v6} of 20000 are IPv6");
            assert!((600..1600).contains(&tagged), "{tagged} of 20000 have a tag");
        }
    }
}

/// Whether all checksums are as etherparse computes them.
fn is_right(packet: &SlicedPacket) -> bool {
    let addresses = match &packet.net {
        Some(NetSlice::Ipv4(ip)) if ip.header().to_header().calc_header_checksum() != ip.header().header_checksum() => {
            return false;
        }
        Some(NetSlice::Ipv4(ip)) => Ok((ip.header().source(), ip.header().destination())),
        Some(NetSlice::Ipv6(ip)) => Err((ip.header().source(), ip.header().destination())),
        // ARP has no checksum.
        _ => return true,
    };
    match (&packet.transport, addresses) {
        (Some(TransportSlice::Tcp(tcp)), Ok((source, destination))) => {
            tcp.calc_checksum_ipv4(source, destination) == Ok(tcp.checksum())
        }
        (Some(TransportSlice::Tcp(tcp)), Err((source, destination))) => {
            tcp.calc_checksum_ipv6(source, destination) == Ok(tcp.checksum())
        }
        (Some(TransportSlice::Udp(udp)), Ok((source, destination))) => {
            udp.to_header().calc_checksum_ipv4_raw(source, destination, udp.payload()) == Ok(udp.checksum())
        }
        (Some(TransportSlice::Udp(udp)), Err((source, destination))) => {
            udp.to_header().calc_checksum_ipv6_raw(source, destination, udp.payload()) == Ok(udp.checksum())
        }
        (Some(TransportSlice::Icmpv4(icmp)), _) => icmp.icmp_type().calc_checksum(icmp.payload()) == icmp.checksum(),
        (Some(TransportSlice::Icmpv6(icmp)), Err((source, destination))) => icmp.is_checksum_valid(source, destination),
        // What is in fragments is not whole here.
        _ => true,
    }
}

/// Time, bytes and length on the wire of each frame.
fn frames(options: &Options) -> Vec<(Option<Time>, Vec<u8>, u32)> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), capgen::capture(options)).unwrap();
    let mut source = capture::open(file.path()).unwrap();
    let (mut batch, mut frames) = (Batch::default(), Vec::new());
    while source.read(&mut batch).unwrap() {
        frames.extend(batch.frames().map(|frame| (frame.time, frame.bytes.to_vec(), frame.wire_len)));
    }
    frames
}
