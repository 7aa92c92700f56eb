//! What it costs to take packets apart, layer by layer: headers, the table of connections, analysis, messages, protocols.
//!
//! ```text
//! cargo bench --bench dissection            # all
//! cargo bench --bench dissection -- DNS     # those with `DNS` in their name
//! ```
//!
//! A row has everything that its packets need: the one above it on the same packets tells what the rest costs.

mod common;

use capgen::Profile;
use common::{Capture, PACKETS, Table, dissect};
use sniff::capture::Frame;
use sniff::dissect::{Asks, Dissector, Need, Packet, Preferences, View, verdict};
use sniff::glance::Scout;
use sniff::protocols::{registry, tcp};
use sniff::streams::Streams;

fn main() {
    let table = Table::new("dissection");
    let [mix, small, elephant, flood] =
        [Profile::Mix, Profile::Small, Profile::Elephant, Profile::SynFlood].map(|it| Capture::new(it, PACKETS));
    let (office, small, elephant) = (mix.frames(), small.frames(), elephant.frames());

    // Headers: everything up to the ports, with and without being recorded.
    let ports = Need::of([&tcp::SRCPORT, &tcp::DSTPORT], &registry());
    table.row("mix, nothing recorded", &office, PACKETS, || fresh(&Need::NOTHING, &office, |_| 1));
    let segments = fresh(&ports, &office, has_tcp);
    assert!(segments > PACKETS / 2);
    table.row("mix, TCP ports", &office, segments, || fresh(&ports, &office, has_tcp));
    let headers = Need::only(vec!["eth", "vlan", "arp", "ip", "ipv6", "icmp", "icmpv6", "tcp", "udp"], Asks::Nothing);
    table.row("mix, headers", &office, segments, || fresh(&headers, &office, has_tcp));

    // The table of connections: the flood has another one with each packet, and the second time all are known.
    let asked = flood.frames();
    let stream = Need::of([&tcp::STREAM], &registry());
    let last = PACKETS * (PACKETS - 1) / 2;
    table.row("flood, TCP ports", &asked, PACKETS, || fresh(&ports, &asked, has_tcp));
    table.row("flood, each connection new", &asked, last, || fresh(&stream, &asked, stream_number));
    let mut streams = Streams::new();
    dissect(&stream, &asked, &mut streams, |_| 0);
    table.row("flood, each connection known", &asked, last, || dissect(&stream, &asked, &mut streams, stream_number));
    let mut streams = Streams::new();
    let numbers = dissect(&stream, &small, &mut streams, stream_number);
    assert!(numbers > PACKETS);
    table.row("small packets, streams", &small, numbers, || fresh(&stream, &small, stream_number));

    // Analysis.
    let again = registry().fields("tcp.analysis.retransmission")[0];
    for (name, frames) in [("mix", &office), ("elephant", &elephant)] {
        let need = Need::of([again], &registry());
        let trouble = |view: &View| u64::from(view.layers().any(|layer| layer.find(again).is_some()));
        let found = fresh(&need, frames, trouble);
        assert!((1..PACKETS / 10).contains(&found), "{found}");
        table.row(&format!("{name}, TCP analysis"), frames, found, || fresh(&need, frames, trouble));
    }

    // Observed without being dissected where that can be, as who filters does, and asked what it is beside others.
    for (name, asks) in [("analysis", Asks::Analysis), ("messages", Asks::Messages)] {
        let dissector = Dissector::new(registry(), Preferences::default(), Need { asks, ..Need::NOTHING });
        let observed = || {
            let (mut scout, mut streams, mut packet) = (Scout::of(&dissector), Streams::new(), Packet::new());
            streams.answer_only(asks);
            let again = |frame: &Frame| {
                scout.begin();
                let mut headers = scout.headers(frame);
                scout.observe(&mut headers, &mut streams, &mut packet);
                u64::from(headers.known.is_some_and(|known| known.verdicts & verdict::RETRANSMISSION != 0))
            };
            office.iter().map(again).sum()
        };
        let found = observed();
        assert!((1..PACKETS / 10).contains(&found), "{found}");
        table.row(&format!("mix, {name} at a glance"), &office, found, observed);
    }

    // What is put together: fragments of datagrams, segments of messages.
    let long = Capture::new(Profile::Mix, 10 * PACKETS);
    let fragments = long.select("ip.flags.mf == 1 or ip.frag_offset > 0 or ipv6.fraghdr");
    let buffers = |view: &View| view.packet.buffers().len() as u64;
    let addresses = Need::only(vec!["ip", "ipv6"], Asks::Nothing);
    let whole = fresh(&addresses, &fragments, buffers);
    assert!(whole > 0);
    table.row("fragments", &fragments, whole, || fresh(&addresses, &fragments, buffers));
    let list = Need::columns(Vec::new());
    let whole = fresh(&list, &office, buffers);
    assert!(whole > PACKETS / 100);
    table.row("mix, columns of the list", &office, whole, || fresh(&list, &office, buffers));
    let whole = fresh(&Need::ALL, &office, buffers);
    table.row("mix, everything", &office, whole, || fresh(&Need::ALL, &office, buffers));

    // Protocols: all of their packets, everything recorded.
    for (name, expression, protocol) in [
        ("DNS", "udp.port == 53", "dns"),
        ("DNS over TCP", "tcp.port == 53", "dns"),
        ("HTTP", "tcp.port == 80", "http"),
        ("TLS", "tcp.port == 443", "tls"),
    ] {
        let frames = mix.select(expression);
        let count = |view: &View| u64::from(view.layers().any(|layer| layer.protocol().name() == protocol));
        let found = fresh(&Need::ALL, &frames, count);
        assert!(found > 0, "no {name}");
        table.row(&format!("{name}, everything"), &frames, found, || fresh(&Need::ALL, &frames, count));
    }
}

/// Takes frames apart that nothing is known of.
fn fresh(need: &Need, frames: &[Frame], look: impl FnMut(&View) -> u64) -> u64 {
    dissect(need, frames, &mut Streams::new(), look)
}

fn has_tcp(view: &View) -> u64 {
    u64::from(view.layers().any(|layer| layer.protocol().name() == "tcp"))
}

fn stream_number(view: &View) -> u64 {
    let tcp = view.layers().find(|layer| layer.protocol().name() == "tcp");
    tcp.and_then(|tcp| tcp.number(&tcp::STREAM)).unwrap_or(0)
}
