//! What headers decide of a filter before a frame is dissected is what the filter says of the dissected packet.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::process::Command;

use capgen::{Options, Profile};
use proptest::prelude::*;
use sniff::capture::bpf::{self, Bpf};
use sniff::capture::{self, Batch, Frame};
use sniff::dissect::{DecodeAs, Dissector, Family, Need, Packet, Preferences, Protocol, Registry, Table, View};
use sniff::filter::{Filter, Reach};
use sniff::glance::Scout;
use sniff::protocols;
use sniff::streams::Streams;

/// Every capture, and beside them those of the folder that SNIFF_CAPTURES names.
fn captures() -> Vec<PathBuf> {
    let more = std::env::var("SNIFF_CAPTURES").ok();
    let mut paths: Vec<PathBuf> = std::iter::once("captures")
        .chain(more.as_deref())
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()))
        .filter(|path| path.to_string_lossy().contains(".pcap"))
        .collect();
    paths.sort();
    paths
}

/// The expressions of the table of filters, and others that headers decide.
fn expressions() -> BTreeSet<String> {
    let rows = include_str!("filters.tsv").lines().filter(|line| !line.starts_with('#'));
    let known = rows.filter_map(|row| row.split('\t').nth(1)).map(str::to_owned);
    let mut all: BTreeSet<String> = known.collect();
    all.extend(TESTS.iter().map(|test| (*test).to_owned()));
    all.extend(TESTS.iter().map(|test| format!("not ({test})")));
    all.extend(TESTS.iter().zip(TESTS.iter().skip(7).cycle()).flat_map(|(one, other)| {
        [format!("{one} and not ({other})"), format!("({one}) or ({other})"), format!("({one}) xor ({other})")]
    }));
    all
}

static TESTS: &[&str] = &[
    "eth.type",
    "eth.type < 1500",
    "eth",
    "eth.addr == 02:00:00:00:00:01",
    "eth.src[0:3] == 02:00:00",
    "eth.dst == ff:ff:ff:ff:ff:ff",
    "eth.type == 0x0800",
    "eth.type != 0x0800",
    "vlan",
    "vlan.id == 100",
    "vlan.id in {1..99, 101}",
    "arp",
    "arp.opcode == 1",
    "ip",
    "ip.addr == 192.0.2.0/24",
    "ip.addr != 192.0.2.1",
    "ip.src == 192.0.2.1",
    "ip.dst in {192.0.2.1, 198.51.100.0/24}",
    "all ip.addr == 10.0.0.0/8",
    "ip.proto == 17",
    "ip.ttl < 64",
    "ip.src_host contains \"2\"",
    "ip.version == 4",
    "ip.src#2 == 192.0.2.1",
    "ipv6",
    "ipv6.addr == fe80::/10",
    "ipv6.dst != ff02::1",
    "ipv6.src in {2001:db8::1, fe80::1..fe80::ffff}",
    "ipv6.nxt == 6",
    "ipv6.hlim == 255",
    "icmp.type == 8",
    "icmpv6",
    "igmp",
    "tcp",
    "tcp.port == 80",
    "tcp.port != 80",
    "tcp.srcport == 80",
    "tcp.dstport in {80, 443, 8000..9000}",
    "all tcp.port > 1023",
    "tcp.port & 1",
    "tcp.flags.syn == 1",
    "tcp.flags == 0x010",
    "tcp.flags & 2",
    "tcp.flags.fin",
    "tcp.len > 0",
    "tcp.len in {1..100, 1460}",
    "tcp.analysis.flags",
    "tcp.analysis.retransmission",
    "tcp.analysis.duplicate_ack",
    "tcp.analysis.lost_segment or tcp.analysis.out_of_order",
    "tcp.analysis.acks_frame",
    "tcp.segment_data",
    "tcp.stream in {1..3}",
    "tcp.payload",
    "tcp.stream == 0",
    "tcp[13] & 2",
    "tcp[13] & 0x12 == 0x12",
    "tcp[13] == 10",
    "tcp[12] & 0x0f",
    "tcp.options.mss",
    "udp",
    "udp.port == 53",
    "udp.srcport < 1024",
    "udp.dstport == udp.srcport",
    "udp.length > 100",
    "udplite",
    "gre",
    "esp",
    "vxlan.vni == 1",
    "dns",
    "dns.qry.name contains \"example\"",
    "http",
    "http.host",
    "http.request",
    "json",
    "smtp",
    "tls.record",
    "data",
    "frame.number < 5",
    "frame.len > 100",
    "frame.cap_len == 60",
    "frame.time_delta > 0.1",
    "frame contains 01",
    "_ws.malformed",
    "_ws.expert",
    "sll",
    "null",
    "raw",
    "llc",
    "wlan",
];

/// Filters and a dissector, and how many answers there were.
struct Check {
    dissector: Dissector,
    filters: Vec<(String, Filter)>,
    streams: Streams,
    packet: Packet,
    answers: [u64; 2],
    frames: u64,
    /// The same memory, asked by who only observes.
    observed: Streams,
    scout: Scout,
    spare: Packet,
    /// Answers that are known only from what the memory says of a segment.
    late_answers: [u64; 2],
}

impl Check {
    fn new(registry: Registry, expressions: impl IntoIterator<Item = String>) -> Check {
        let filters = expressions
            .into_iter()
            .filter_map(|text| Filter::compile(&text, &registry).ok().map(|filter| (text, filter)))
            .collect();
        let dissector = Dissector::new(registry, Preferences::default(), Need::ALL);
        let (scout, spare) = (Scout::of(&dissector), Packet::new());
        let (streams, observed, packet) = (Streams::new(), Streams::new(), Packet::new());
        let (answers, frames, late_answers) = ([0; 2], 0, [0; 2]);
        Check { dissector, filters, streams, packet, answers, frames, observed, scout, spare, late_answers }
    }

    /// Begins another capture.
    fn begin(&mut self) {
        (self.streams, self.observed) = (Streams::new(), Streams::new());
    }

    /// Observes a frame, and holds what is known of it then against its dissection, which is there.
    fn observe(&mut self, frame: &Frame, what: &str) {
        let Check { filters, packet, observed, scout, late_answers, .. } = self;
        let view = View { frame, packet };
        let what = || {
            let stack: Vec<&str> = packet.layers().iter().map(|layer| layer.protocol.name()).collect();
            format!("frame {} of {what}, {stack:?}: {:02x?}", frame.number, frame.bytes)
        };
        scout.begin();
        let mut headers = scout.headers(frame);
        let early: Vec<Option<bool>> = filters.iter().map(|filter| filter.1.early_of(&headers).answer).collect();
        scout.look_up(&mut headers);
        let is_known = scout.glimpse(&mut headers, observed);
        if let Some(inner) = headers.segment().filter(|_| is_known) {
            let mark = packet.layers().get(inner.marks - 1).expect("the layer is there");
            assert_eq!((mark.protocol.name(), mark.start as usize), ("tcp", inner.start), "{}", what());
            let before = packet.layers().iter().take(inner.marks).filter(|mark| !mark.protocol.silent);
            assert_eq!(before.count(), inner.nesting, "{}", what());
        }
        for ((text, filter), early) in filters.iter().zip(early) {
            let late = if is_known { filter.late(&headers) } else { filter.early_of(&headers).answer };
            assert!(late == early || early.is_none(), "{text} of {}", what());
            if let (Some(answer), None) = (late, early) {
                assert_eq!(filter.matches(&view), answer, "{text} of {}", what());
                late_answers[usize::from(answer)] += 1;
            }
        }
        scout.observe(&mut headers, observed, &mut self.spare);
    }

    /// Holds what headers say of a frame against what its dissection says.
    fn frame(&mut self, frame: &Frame, what: &str) {
        self.dissector.dissect(frame, &mut self.streams, &mut self.packet);
        self.frames += 1;
        let view = View { frame, packet: &self.packet };
        for (text, filter) in &self.filters {
            let early = filter.early(frame);
            // A transport of its own, and none that is quoted.
            let transports =
                || view.packet.layers().iter().filter(|layer| !layer.quoted && is_transport(layer.protocol));
            assert!(
                !early.is_apart || transports().count() <= 1,
                "frame {} of {what}: {:02x?}",
                frame.number,
                frame.bytes
            );
            if let Some(answer) = early.answer {
                let stack: Vec<&str> = view.packet.layers().iter().map(|layer| layer.protocol.name()).collect();
                assert_eq!(
                    filter.matches(&view),
                    answer,
                    "{text} of frame {} of {what}, {stack:?}: {:02x?}",
                    frame.number,
                    frame.bytes
                );
                self.answers[usize::from(answer)] += 1;
            }
        }
        self.observe(frame, what);
    }
}

fn is_transport(protocol: &Protocol) -> bool {
    matches!(protocol.family, Family::Stream | Family::Datagram)
}

/// What of filters runs in the kernel, compiled for the link types that were met; nothing without libpcap.
#[derive(Default)]
struct Kernel(HashMap<(usize, u16), Vec<Bpf>>);

impl Kernel {
    /// The programs of a filter: as it is, and for whole conversations.
    fn programs(&mut self, place: usize, filter: &Filter, link: u16) -> &[Bpf] {
        self.0.entry((place, link)).or_insert_with(|| {
            let compiled = [false, true].map(|whole_conversations| {
                let text = filter.kernel(Reach { link, whole_conversations, whole_headers: true })?;
                match Bpf::compile(&text, link) {
                    Ok(program) => Some(program),
                    Err(bpf::Error::Missing(_)) => None,
                    Err(error) => panic!("{filter:?}: {error}"),
                }
            });
            compiled.into_iter().flatten().collect()
        })
    }
}

/// What the kernel rejects is nothing that the filter lets pass, and nothing that the other direction has not.
#[test]
fn the_kernel_lets_pass_what_the_filter_does() {
    let mut check = Check::new(protocols::registry(), expressions());
    let (mut kernel, mut rejected, mut asked) = (Kernel::default(), 0, 0);
    for path in captures() {
        check.begin();
        each(&path, |frame| {
            // The kernel sees frames before they are cut.
            let frame = &Frame { wire_len: frame.bytes.len() as u32, ..*frame };
            let turned = turned(frame);
            check.dissector.dissect(frame, &mut check.streams, &mut check.packet);
            let view = View { frame, packet: &check.packet };
            for (place, (text, filter)) in check.filters.iter().enumerate() {
                for (kind, program) in kernel.programs(place, filter, frame.interface.link).iter().enumerate() {
                    let passes = program.matches(frame.bytes, frame.wire_len);
                    let what = || format!("{text} of frame {} of {}", frame.number, path.display());
                    assert!(passes || !filter.matches(&view), "{}", what());
                    if let (1, Some(turned)) = (kind, &turned) {
                        assert_eq!(program.matches(turned, frame.wire_len), passes, "{}", what());
                    }
                    asked += 1;
                    rejected += u64::from(!passes);
                }
            }
        });
    }
    assert!(asked == 0 || rejected > asked / 4, "{rejected} of {asked}");
}

/// A plain packet as it would come from the other end.
fn turned(frame: &Frame) -> Option<Vec<u8>> {
    let mut bytes = frame.bytes.to_vec();
    let is_plain =
        frame.interface.link == 1 && bytes.get(12..15) == Some(&[8, 0, 0x45]) && matches!(bytes.get(23), Some(6 | 17));
    if !is_plain || frame.bytes.len() < 54 {
        return None;
    }
    for (one, other, len) in [(0, 6, 6), (26, 30, 4), (34, 36, 2)] {
        (0..len).for_each(|at| bytes.swap(one + at, other + at));
    }
    Some(bytes)
}

/// Hands every frame of a capture to `take`.
fn each(path: &std::path::Path, mut take: impl FnMut(&Frame)) {
    let (Ok(mut source), mut batch) = (capture::open(path), Batch::default()) else { return };
    while source.read(&mut batch).unwrap_or(false) {
        batch.frames().for_each(|frame| take(&frame));
    }
}

#[test]
fn headers_say_what_the_filter_says() {
    let mut check = Check::new(protocols::registry(), expressions());
    for path in captures() {
        check.begin();
        each(&path, |frame| check.frame(frame, &path.to_string_lossy()));
    }
    // Much is known.
    let asked = check.frames * check.filters.len() as u64;
    let known = check.answers[0] + check.answers[1];
    assert!(known > asked / 3, "{known} of {asked}");
    assert!(check.answers[0] > check.answers[1] && check.answers[1] > asked / 50, "{:?}", check.answers);
    let late = check.late_answers[0] + check.late_answers[1];
    assert!(late > asked / 20 && check.late_answers[1] > asked / 200, "{:?} of {asked}", check.late_answers);
}

#[test]
fn headers_that_are_cut_or_changed_are_not_misread() {
    let filters = TESTS.iter().flat_map(|test| [(*test).to_owned(), format!("not ({test})")]);
    let mut check = Check::new(protocols::registry(), filters);
    for path in captures().iter().filter(|path| path.extension().is_some_and(|name| name != "gz")) {
        let what = path.to_string_lossy();
        let mut count = 0;
        each(path, |frame| {
            count += 1;
            if count > 6 {
                return;
            }
            for len in 0..frame.bytes.len().min(90) {
                // Cut on the wire, and by the capture.
                for wire_len in [len as u32, frame.wire_len] {
                    check.frame(&Frame { bytes: &frame.bytes[..len], wire_len, ..*frame }, &what);
                }
            }
            let mut bytes = frame.bytes.to_vec();
            for at in 0..bytes.len().min(80) {
                for value in
                    [bytes[at] ^ 1, bytes[at].wrapping_add(1), bytes[at] ^ 0x20, bytes[at] ^ 0x80, 0, 6, 17, 0xff]
                {
                    let before = std::mem::replace(&mut bytes[at], value);
                    check.frame(&Frame { bytes: &bytes, ..*frame }, &what);
                    bytes[at] = before;
                }
            }
        });
    }
}

/// Whoever reads ports otherwise finds other headers behind them.
#[test]
fn the_users_word_is_known() {
    for (table, first, last, name) in [
        (Table::TcpPort, 0, 65_535, "udp"),
        (Table::UdpPort, 53, 53, "vxlan"),
        (Table::UdpPort, 1, 65_535, "eth"),
        (Table::IpProto, 6, 6, "udp"),
        (Table::EtherType, 0x0800, 0x0800, "arp"),
        (Table::EtherType, 0x0806, 0x0806, "ip"),
    ] {
        let mut registry = protocols::registry();
        let protocol = registry.protocol(name).unwrap();
        registry.decode_as(&DecodeAs { table, first, last, protocol });
        let mut check = Check::new(registry, TESTS.iter().map(|test| (*test).to_owned()));
        for path in captures() {
            check.begin();
            each(&path, |frame| check.frame(frame, &path.to_string_lossy()));
        }
    }
}

/// An expression of any shape over the tests.
fn shape() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(TESTS).prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let joined = (prop::collection::vec(inner.clone(), 2..5), prop::sample::select(&["and", "or", "xor"][..]));
        prop_oneof![
            joined.prop_map(|(parts, by)| format!("({})", parts.join(&format!(" {by} ")))),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_shape_of_filter_is_answered_rightly(
        expressions in prop::collection::vec(shape(), 24),
        changes in prop::collection::vec((0usize..120, any::<u8>()), 0..4),
        cut in 0usize..2000,
    ) {
        let mut check = Check::new(protocols::registry(), expressions);
        let mut count = 0;
        for path in captures().iter().filter(|path| path.metadata().is_ok_and(|file| file.len() < 20_000)) {
            let what = path.to_string_lossy();
            each(path, |frame| {
                count += 1;
                // A different part of the frames each time.
                if (count + cut) % 7 > 0 {
                    return;
                }
                let mut bytes = frame.bytes.to_vec();
                for &(at, value) in &changes {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = value;
                    }
                }
                bytes.truncate(cut.max(1));
                check.frame(&Frame { bytes: &bytes, ..*frame }, &what);
            });
        }
    }
}

fn sniff(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sniff")).args(arguments).env("TZ", "UTC").output().unwrap();
    assert!(output.status.code().is_some(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is shown of packets does not depend on a filter: lines with one are lines without.
fn check_lines(path: &str, filters: &[&str]) -> usize {
    static FIELDS: &[&str] = &[
        "-T",
        "fields",
        "-e",
        "frame.number",
        "-e",
        "frame.time_relative",
        "-e",
        "tcp.seq",
        "-e",
        "tcp.window_size",
        "-e",
        "_ws.expert.message",
        "-e",
        "dns.time",
        "-e",
        "http.request_in",
        "-e",
        "tcp.reassembled.length",
    ];
    // Nobody reads what messages ask by themselves: their data may wait.
    static MESSAGES: &[&str] = &[
        "-T",
        "fields",
        "-e",
        "frame.number",
        "-e",
        "tcp.segment_data",
        "-e",
        "tcp.segments",
        "-e",
        "http.time",
        "-e",
        "http.request_in",
        "-e",
        "http.response.line",
        "-e",
        "tls.record.length",
        "-e",
        "tls.handshake.type",
        "-e",
        "smtp.req.command",
    ];
    let mut shown = 0;
    for how in [&["-n"], FIELDS, MESSAGES] {
        let all = sniff(&[&["-r", path], how].concat());
        let number = |line: &str| line.split_whitespace().next().and_then(|word| word.parse::<u64>().ok());
        let lines: HashMap<_, _> = all.lines().filter_map(|line| Some((number(line)?, line))).collect();
        for (place, filter) in filters.iter().enumerate() {
            let threads = if place % 2 == 0 { "1" } else { "2" };
            for line in sniff(&[&["-r", path, "--threads", threads, "-Y", filter], how].concat()).lines() {
                assert_eq!(Some(&line), number(line).and_then(|number| lines.get(&number)), "{path}: {filter}");
                shown += 1;
            }
        }
    }
    shown
}

#[test]
fn no_filter_changes_what_is_shown() {
    let mut shown = 0;
    for path in captures() {
        shown += check_lines(
            path.to_str().unwrap(),
            &[
                "tcp.port == 80",
                "tcp.port == 7007 and ip",
                "ip.addr == 192.0.2.1 and not tcp.srcport == 80",
                "ip.src == 198.51.100.0/24",
                "udp.port in {53, 5353, 4789}",
                "tcp.flags.syn == 1",
                "icmp or ipv6.addr == 2001:db8::/32",
                "not (tcp.port == 443 or arp)",
                "http or ip.proto == 4",
                "tcp.stream == 1",
                "udp.stream == 0 and udp.length > 0",
                "tcp.analysis.flags",
                "tcp.flags.push == 1 and frame.number > 12",
                "tcp.len in {1..60}",
            ],
        );
    }
    assert!(shown > 7_500, "{shown}");
}

/// The data of segments that a filter rejects waits, until messages of its connection are shown: what is shown then is the same.
#[test]
fn data_that_waited_is_what_it_was() {
    const FILTERS: &[&str] = &[
        "tcp.analysis.flags",
        "tcp.analysis.flags",
        "tcp.analysis.fast_retransmission or tcp.analysis.out_of_order",
        "tcp.flags.fin == 1 or tcp.flags.reset == 1",
        "tcp.flags.push == 1 and tcp.len > 700",
        "frame.number > 1900 and tcp",
        "frame.number > 3000 and frame.number < 3100",
        "tcp.len == 1460 and tcp.analysis.bytes_in_flight > 9000",
        "tcp.stream == 3 and frame.number > 100",
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut shown = 0;
    for (profile, packets) in [(Profile::Mix, 6_000), (Profile::Elephant, 4_000), (Profile::Hostile, 3_000)] {
        let capture = capgen::capture(&Options { packets, ..Options::new(profile) });
        let path = folder.path().join(format!("{profile:?}.pcap"));
        std::fs::write(&path, &capture).unwrap();
        shown += check_lines(path.to_str().unwrap(), FILTERS);
        // The same twice: all connections come again.
        let twice = [&capture[..], &capture[24..]].concat();
        std::fs::write(&path, twice).unwrap();
        shown += check_lines(path.to_str().unwrap(), &FILTERS[1..]);
    }
    assert!(shown > 20_000, "{shown}");
}

/// A segment of a story: when it comes, in tenths of a second; the client's port; whether the server sends it; its flags, F, S, P and A,
/// numbers and data.
type Told<'a> = (u32, u16, bool, &'a str, u32, u32, &'a [u8]);

/// A capture of segments between clients of one host and a server's port 80.
fn story(told: &[Told]) -> Vec<u8> {
    let mut bytes = [0xa1b2_c3d4u32, 2 | 4 << 16, 0, 0, 65_535, 1].map(u32::to_le_bytes).concat();
    for &(tenths, client, back, flags, sequence, acknowledgment, data) in told {
        let ((source, destination), (from, to)) = match back {
            false => (([192, 0, 2, 1], [192, 0, 2, 80]), (client, 80)),
            true => (([192, 0, 2, 80], [192, 0, 2, 1]), (80, client)),
        };
        let mut segment = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
            .ipv4(source, destination, 64)
            .tcp(from, to, sequence, 1000);
        for flag in flags.chars() {
            segment = match flag {
                'S' => segment.syn(),
                'F' => segment.fin(),
                'P' => segment.psh(),
                _ => segment.ack(acknowledgment),
            };
        }
        let mut frame = Vec::new();
        segment.write(&mut frame, data).unwrap();
        let len = frame.len() as u32;
        bytes.extend([tenths / 10, tenths % 10 * 100_000, len, len].map(u32::to_le_bytes).concat());
        bytes.extend(frame);
    }
    bytes
}

/// Connections that both sides closed are forgotten after a while; what comes later is read the same, whether their data waited or not.
#[test]
fn what_comes_after_the_end_is_read_alike() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\nContent-Type: text/plain\r\n\r\n";
    let answer = [&head[..], &[b'x'; 30]].concat();
    let (begin, rest) = answer.split_at(80);
    let (hole, end) = rest.split_at(6);
    let ask = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    let (asked, begun) = (101 + ask.len() as u32, 501 + begin.len() as u32);
    let shaken = |port, at| -> [Told<'static>; 3] {
        [
            (at, port, false, "S", 100, 0, b""),
            (at, port, true, "SA", 500, 101, b""),
            (at, port, false, "A", 101, 501, b""),
        ]
    };
    // Some bytes of the answer are missing when both sides have closed, and come much later.
    let mut late = shaken(1000, 10).to_vec();
    late.extend::<[Told; 4]>([
        (13, 1000, false, "PA", 101, 501, ask),
        (14, 1000, true, "A", 501, asked, begin),
        (15, 1000, true, "FPA", begun + 6, asked, end),
        (16, 1000, false, "FA", asked, begun, b""),
    ]);
    late.extend(shaken(2000, 220));
    late.extend::<[Told; 2]>([(223, 2000, false, "FA", 101, 501, b""), (224, 2000, true, "FA", 501, 102, b"")]);
    late.extend([(248, 1000, false, "A", asked + 1, begun, &b""[..]); 4]);
    late.push((248, 1000, true, "A", begun, asked + 1, hole));
    // Only something that was sent before comes in time; the answer to it comes later than is waited without it.
    let question = b"HEAD /a HTTP/1.1\r\n\r\n";
    let asked = 101 + question.len() as u32;
    let mut again = shaken(1000, 10).to_vec();
    again.extend::<[Told; 4]>([
        (13, 1000, false, "PA", 101, 501, question),
        (14, 1000, false, "FA", asked, 501, b""),
        (15, 1000, true, "FA", 501, 101, b""),
        (50, 1000, false, "PA", 101, 502, question),
    ]);
    again.extend(shaken(2000, 130));
    again.push((131, 2000, false, "FA", 101, 501, b""));
    again.push((140, 1000, true, "PA", 502, asked, b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"));
    let folder = tempfile::tempdir().unwrap();
    for (name, told, says) in [("late", late, "(text/plain)"), ("again", again, "HTTP/1.1 200 OK")] {
        let path = folder.path().join(name).with_extension("pcap");
        std::fs::write(&path, story(&told)).unwrap();
        let path = path.to_str().unwrap();
        let last = format!("frame.number == {}", told.len());
        assert!(sniff(&["-n", "-r", path, "-Y", &last]).contains(says), "{name}");
        assert!(
            check_lines(path, &[&last, &last, "tcp.len > 5 and tcp.len < 60", "tcp.flags.push == 1"]) > 3,
            "{name}"
        );
    }
}

/// The frames of one stream are those that have its number where all are looked at, also where others are left out.
#[test]
fn one_stream_is_shown_whole() {
    let mut shown = 0;
    for path in captures() {
        let path = path.to_str().unwrap();
        for field in ["tcp.stream", "udp.stream"] {
            let fields = ["-n", "-r", path, "-T", "fields", "-e", "frame.number", "-e", field];
            let all = sniff(&fields);
            for number in ["0", "1", "4"] {
                let has = |line: &&str| line.split(['\t', ',']).skip(1).any(|value| value == number);
                let expected: Vec<&str> = all.lines().filter(has).collect();
                let filter = format!("{field} == {number}");
                let found = sniff(&[&fields[..], &["-Y", &filter]].concat());
                assert_eq!(found.lines().collect::<Vec<_>>(), expected, "{path}: {filter}");
                shown += expected.len();
            }
        }
    }
    assert!(shown > 1_000, "{shown}");
}

/// A connection that was rejected where it is plain is known where it comes again through a tunnel.
#[test]
fn what_comes_through_a_tunnel_too_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("both.pcap");
    let mut bytes = std::fs::read("captures/tcp-echo-lo.pcap").unwrap();
    let plain = bytes[24..].to_vec();
    let mut at = 0;
    while let Some(record) = plain.get(at..).filter(|rest| !rest.is_empty()) {
        let len = u32::from_le_bytes(record[8..12].try_into().unwrap()) as usize;
        let packet = &record[30..16 + len];
        // IP in IP (RFC 2003).
        let mut outer = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 4, 0, 0, 203, 0, 113, 1, 203, 0, 113, 2];
        outer[2..4].copy_from_slice(&(packet.len() as u16 + 20).to_be_bytes());
        let longer = (len as u32 + 20).to_le_bytes();
        bytes.extend([&record[..8], &longer, &longer, &record[16..30], &outer, packet].concat());
        at += 16 + len;
    }
    std::fs::write(&path, bytes).unwrap();
    let shown = check_lines(path.to_str().unwrap(), &["ip.addr == 203.0.113.1", "ip.src == 203.0.113.1"]);
    assert!(shown > 40, "{shown}");
    // The tunnel shows the stream again, after all others were left out.
    let shown = check_lines(path.to_str().unwrap(), &["tcp.stream == 0", "tcp.stream == 0 and ip.addr == 203.0.113.1"]);
    assert!(shown > 40, "{shown}");
    let list = sniff(&["-r", path.to_str().unwrap(), "-Y", "ip.addr == 203.0.113.1"]);
    assert!(list.contains("[TCP Retransmission]") || list.contains("[TCP Out-Of-Order]"), "{list}");
}
