//! The same tests for the kernel: an expression of `pcap-filter(7)`, which a live capture compiles to BPF.
//!
//! What the expression rejects the filter rejects; it may let more pass, which the filter then looks at itself. It has two parts, of
//! which either is enough: the tests of the filter that BPF can make of plain packets, and everything that is no plain packet:
//! frames with a tag that the kernel left in them, fragments, options, extension headers, protocols other than TCP and UDP, ports
//! behind which there are tunnels. A plain packet is one of the closed frames of [`headers`](crate::glance::headers).

use std::fmt::Write;
use std::net::IpAddr;

use super::keys::{Key, Part};
use super::{NumberTest, Quantifier, Shape, Test, ValueTest};
use crate::filter::parse::Order;
use crate::filter::run::Datum;
use crate::glance::headers::{self, ARP, Ground, IPV4, IPV6, Layers, TCP, UDP};

/// What a capture is like, so far as the expression depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The link-layer header type, by the number of the tcpdump.org registry.
    pub link: u16,
    /// Only whole conversations may be rejected.
    pub whole_conversations: bool,
    /// Headers are captured whole, so that what the kernel reads is there for the filter too.
    pub whole_headers: bool,
}

/// What the kernel can say of plain packets.
enum Said {
    /// All pass.
    Everything,
    Nothing,
    These {
        text: String,
        /// Those that do not pass are those that the test rejects, and no others pass.
        exact: bool,
    },
}

/// Longer expressions are not compiled: the kernel takes 4096 instructions.
const LONGEST: usize = 2048;

pub(super) fn expression(test: &Test, ground: &Ground, reach: Reach) -> Option<String> {
    // Bytes before the network layer.
    let link = match reach.link {
        1 => 14,
        101 => 0,
        113 => 16,
        276 => 20,
        _ => return None,
    };
    let ports = ground.udp_carries.as_ref().filter(|_| !ground.tcp_carries)?;
    let plain = match say(test, reach) {
        Said::Everything => return None,
        Said::Nothing => String::new(),
        Said::These { text, .. } => format!("({text}) or "),
    };
    // A packet that is shorter than what is read of it would be rejected, whatever else is asked. Lengths come first.
    let (short_v4, short_v6) = (link + 34, link + 44);
    let mut text = format!(
        "len < {short_v4} or (ip6 and len < {short_v6}) or {plain}\
         not (ip or ip6 or arp) or \
         (ip and (ip[0] != 0x45 or ip[6:2] & 0x3fff != 0 or ip[2:2] < 28 or not (tcp or udp))) or \
         (ip6 and (ip6[4:2] < 8 or (ip6[6] != 6 and ip6[6] != 17)))"
    );
    for port in ports {
        _ = write!(text, " or udp port {port}");
    }
    (text.len() <= LONGEST).then_some(text)
}

fn these(text: impl Into<String>) -> Said {
    Said::These { text: text.into(), exact: true }
}

fn say(test: &Test, reach: Reach) -> Said {
    match test {
        Test::Always(true) => Said::Everything,
        Test::Always(false) => Said::Nothing,
        Test::And(parts) => join(parts, " and ", reach),
        Test::Or(parts) => join(parts, " or ", reach),
        Test::Not(inner) => match say(inner, reach) {
            Said::Nothing => Said::Everything,
            // What is not captured is absent, and so passes.
            Said::These { text, exact: true } if reach.whole_headers => these(format!("not ({text})")),
            _ => Said::Everything,
        },
        Test::Layer(layers) => layer(*layers),
        Test::Of { upper, .. } if !upper.is_empty() => Said::Everything,
        Test::Of { layers, .. } => match layer(*layers) {
            Said::These { text, .. } => Said::These { text, exact: false },
            other => other,
        },
        // The kernel knows of no other packets: only who has such a thing.
        Test::Exists(key) | Test::Number { key, .. } | Test::Numbers { key, .. } if test.reads_known() => {
            say(&Test::Of { layers: key.layer, upper: Box::default() }, reach)
        }
        Test::Exists(key) if key.there == key.layer => layer(key.layer),
        Test::Number { key, quantifier, test } => number(key, *quantifier, *test),
        Test::Numbers { key, quantifier: Quantifier::Any, shape, set } if is_plain(*shape) => {
            alternatives(set.iter().map(|&(low, high)| between(key, low, high)))
        }
        Test::Address { key, quantifier, test } => address(key, *quantifier, test),
        Test::Unknown | Test::Xor(_) | Test::Exists(_) | Test::Numbers { .. } => Said::Everything,
    }
}

fn join(parts: &[Test], word: &str, reach: Reach) -> Said {
    let is_and = word == " and ";
    let (mut texts, mut all_exact) = (Vec::new(), true);
    for part in parts {
        match say(part, reach) {
            Said::Nothing if is_and => return Said::Nothing,
            Said::Everything if !is_and => return Said::Everything,
            Said::Nothing => {}
            // It may be more than is said.
            Said::Everything => all_exact = false,
            Said::These { text, exact } => {
                all_exact &= exact;
                texts.push(text);
            }
        }
    }
    match (&mut texts[..], is_and) {
        ([], true) => Said::Everything,
        ([], false) => Said::Nothing,
        ([one], _) => Said::These { text: std::mem::take(one), exact: all_exact },
        _ => {
            let texts: Vec<String> = texts.iter().map(|text| format!("({text})")).collect();
            Said::These { text: texts.join(word), exact: all_exact }
        }
    }
}

fn alternatives(parts: impl Iterator<Item = Option<Said>>) -> Said {
    let mut texts = Vec::new();
    for part in parts {
        match part {
            Some(Said::These { text, .. }) => texts.push(text),
            Some(Said::Nothing) => {}
            _ => return Said::Everything,
        }
    }
    if texts.is_empty() { Said::Nothing } else { these(texts.join(" or ")) }
}

/// Plain packets with one of these layers.
fn layer(layers: Layers) -> Said {
    const OUTSIDE: Layers = headers::ICMP | headers::ICMPV6;
    const SEEN: &[(Layers, &str)] = &[(ARP, "arp"), (IPV4, "ip"), (IPV6, "ip6"), (TCP, "tcp"), (UDP, "udp")];
    let known = SEEN.iter().fold(OUTSIDE, |all, row| all | row.0);
    if layers & !known != 0 {
        return Said::Everything;
    }
    let seen: Vec<&str> = SEEN.iter().filter(|row| layers & row.0 != 0).map(|row| row.1).collect();
    if seen.is_empty() { Said::Nothing } else { these(seen.join(" or ")) }
}

fn is_plain(shape: Shape) -> bool {
    shape.shift == 0 && shape.mask == u64::MAX && shape.flip == 0
}

fn number(key: &Key, quantifier: Quantifier, test: NumberTest) -> Said {
    let NumberTest { shape, low, high, inside } = test;
    if shape.shift != 0 || shape.flip != 0 {
        return Said::Everything;
    }
    if key.there == headers::TCP_FLAGS {
        return flags(key, test);
    }
    // All are outside where none is inside.
    let negated = match (quantifier, inside) {
        (Quantifier::Any, true) => false,
        (Quantifier::All, false) => true,
        _ => return Said::Everything,
    };
    let found = match (key.layer, shape.mask) {
        (_, u64::MAX) => between(key, low, high),
        (IPV4, mask) if low == high && low & !mask == 0 => match (u32::try_from(low), prefix(mask, 32)) {
            (Ok(address), Some(len)) => network(key, std::net::Ipv4Addr::from_bits(address).into(), len),
            _ => None,
        },
        _ => None,
    };
    match (found, layer(key.layer)) {
        (None, _) => Said::Everything,
        (Some(Said::These { text, .. }), Said::These { text: there, .. }) if negated => {
            these(format!("{there} and not ({text})"))
        }
        (Some(Said::Nothing), there) if negated => there,
        (Some(found), _) if !negated => found,
        _ => Said::Everything,
    }
}

/// The length of a prefix that a mask of so many bits is.
fn prefix(mask: u64, bits: u32) -> Option<u32> {
    let ones = mask.count_ones();
    let is_prefix = mask.checked_shl(64 - bits).is_some_and(|mask| mask.leading_ones() == ones);
    is_prefix.then_some(ones)
}

/// Which end of a packet a field is of, in the words of the kernel's language.
fn end(key: &Key) -> Option<&'static str> {
    let name = key.name.rsplit('.').next()?;
    Some(match name {
        "src" | "srcport" => "src ",
        "dst" | "dstport" => "dst ",
        "addr" | "port" => "",
        _ => return None,
    })
}

/// Packets with an address that begins like this one.
fn network(key: &Key, address: IpAddr, len: u32) -> Option<Said> {
    let (protocol, whole) = if key.layer == IPV4 { ("ip", 32) } else { ("ip6", 128) };
    let end = end(key)?;
    Some(these(match len == whole {
        true => format!("{protocol} {end}host {address}"),
        false => format!("{protocol} {end}net {address}/{len}"),
    }))
}

/// Packets in which a field lies between two bounds.
fn between(key: &Key, low: u64, high: u64) -> Option<Said> {
    if low > high {
        return Some(Said::Nothing);
    }
    match key.layer {
        TCP | UDP => {
            let protocol = if key.layer == TCP { "tcp" } else { "udp" };
            let (end, most) = (end(key)?, u64::from(u16::MAX));
            Some(match (low, high) {
                _ if low > most => Said::Nothing,
                _ if low == high => these(format!("{protocol} {end}port {low}")),
                _ => these(format!("{protocol} {end}portrange {low}-{}", high.min(most))),
            })
        }
        IPV4 if end(key).is_some() => {
            // Bounds that are those of a network.
            let (low, high) = (u32::try_from(low).ok()?, u32::try_from(high).ok()?);
            let len = prefix(u64::from(!(low ^ high)), 32).filter(|_| low & (low ^ high) == 0)?;
            network(key, std::net::Ipv4Addr::from_bits(low).into(), len)
        }
        IPV4 if key.name == "ip.proto" => Some(these(format!("ip[9] >= {low} and ip[9] <= {}", high.min(255)))),
        IPV6 if key.name == "ipv6.nxt" => Some(these(format!("ip6[6] >= {low} and ip6[6] <= {}", high.min(255)))),
        _ => None,
    }
}

/// Flags of TCP, which the kernel's language reads over IPv4 only: over IPv6 all pass.
fn flags(key: &Key, test: NumberTest) -> Said {
    let Part::At([place]) = key.part else { return Said::Everything };
    let shift = place.mask.trailing_zeros();
    let most = place.mask >> shift;
    let mask = test.shape.mask & most;
    let (low, high) = (test.low.min(most + 1), test.high.min(most + 1));
    let read = format!("tcp[12:2] & {:#x}", mask << shift);
    let (low, high) = (low << shift, high << shift);
    let asked = match test.inside {
        true if test.low > test.high => return Said::Nothing,
        true => format!("{read} >= {low} and {read} <= {high}"),
        false if test.low > test.high => return layer(TCP),
        false => format!("{read} < {low} or {read} > {high}"),
    };
    Said::These { text: format!("tcp and (ip6 or ({asked}))"), exact: false }
}

fn address(key: &Key, quantifier: Quantifier, test: &ValueTest) -> Said {
    let network = |low: u128, mask: u128| {
        let len = mask.leading_ones();
        let is_prefix = mask.count_ones() == len;
        is_prefix.then(|| network(key, std::net::Ipv6Addr::from_bits(low & mask).into(), len)).flatten()
    };
    match (test, quantifier) {
        (ValueTest::Compare(Order::Equal, Datum::Ipv6 { address, mask }), Quantifier::Any) => {
            network(*address, *mask).unwrap_or(Said::Everything)
        }
        (ValueTest::Compare(Order::Different, Datum::Ipv6 { address, mask }), Quantifier::All) => {
            match network(*address, *mask) {
                Some(Said::These { text, .. }) => these(format!("ip6 and not ({text})")),
                _ => Said::Everything,
            }
        }
        (ValueTest::Set(set), Quantifier::Any) => alternatives(set.iter().map(|ends| match ends {
            (Datum::Ipv6 { address: low, mask: u128::MAX }, Datum::Ipv6 { address: high, mask: u128::MAX })
                if low == high =>
            {
                network(*low, u128::MAX)
            }
            (Datum::Ipv6 { address: low, mask }, Datum::Ipv6 { address: high, mask: other })
                if low == high && mask == other =>
            {
                network(*low, *mask)
            }
            _ => None,
        })),
        _ => Said::Everything,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;
    use crate::protocols::registry;

    /// What is asked of plain packets; nothing where the kernel is not asked.
    fn asked(expression: &str, whole_conversations: bool, whole_headers: bool) -> Option<String> {
        let filter = Filter::compile(expression, &registry()).unwrap();
        let text = filter.kernel(Reach { link: 1, whole_conversations, whole_headers })?;
        let text = text.strip_prefix("len < 48 or (ip6 and len < 58) or ").expect("what is short passes");
        let (asked, rest) = text.split_once("not (ip or ip6 or arp)").expect("what is no plain packet passes");
        assert!(rest.ends_with(" or udp port 4789"), "{rest}");
        Some(asked.strip_suffix(" or ").unwrap_or(asked).to_owned())
    }

    #[test]
    fn tests_of_plain_packets() {
        const FLAGS: &str = "(tcp and (ip6 or (tcp[12:2] & 0x2 >= 2 and tcp[12:2] & 0x2 <= 4)))";
        for (expression, as_it_is, of_conversations) in [
            ("tcp", Some("(tcp)"), Some("(tcp)")),
            ("tcp.port == 80", Some("(tcp port 80)"), Some("(tcp port 80)")),
            ("tcp.dstport == 80", Some("(tcp dst port 80)"), Some("(tcp port 80)")),
            (
                "udp.srcport in {53, 60..70}",
                Some("(udp src port 53 or udp src portrange 60-70)"),
                Some("(udp port 53 or udp portrange 60-70)"),
            ),
            ("tcp.port > 65000", Some("(tcp portrange 65001-65535)"), Some("(tcp portrange 65001-65535)")),
            ("ip.src == 192.0.2.1", Some("(ip src host 192.0.2.1)"), Some("(ip host 192.0.2.1)")),
            ("ip.addr == 192.0.2.0/24", Some("(ip net 192.0.2.0/24)"), Some("(ip net 192.0.2.0/24)")),
            (
                "ip.addr != 192.0.2.1",
                Some("(ip and not (ip host 192.0.2.1))"),
                Some("(ip and not (ip host 192.0.2.1))"),
            ),
            ("ipv6.dst == 2001:db8::/32", Some("(ip6 dst net 2001:db8::/32)"), Some("(ip6 net 2001:db8::/32)")),
            ("tcp.flags.syn == 1", Some(FLAGS), None),
            ("tcp[13] & 2", Some("(tcp and (ip6 or (tcp[12:2] & 0x2 >= 1 and tcp[12:2] & 0x2 <= 256)))"), None),
            ("not tcp.port == 22", Some("(not (tcp port 22))"), Some("(not (tcp port 22))")),
            ("not tcp.dstport == 22", Some("(not (tcp dst port 22))"), None),
            ("not (tcp.port == 22 and http)", None, None),
            ("tcp.port == 22 and http", Some("(tcp port 22)"), Some("(tcp port 22)")),
            ("tcp.port == 22 or http", None, None),
            ("tcp.port == 22 or udp", Some("((tcp port 22) or (udp))"), Some("((tcp port 22) or (udp))")),
            ("icmp.type == 8", Some(""), Some("")),
            ("icmp or tcp.port == 22", Some("(tcp port 22)"), Some("(tcp port 22)")),
            ("frame.len > 100", None, None),
            ("vlan.id == 1", None, None),
            ("http", None, None),
        ] {
            assert_eq!(asked(expression, false, true).as_deref(), as_it_is, "{expression}");
            assert_eq!(asked(expression, true, true).as_deref(), of_conversations, "{expression}");
        }
        // The filter does not see what is not captured.
        assert_eq!(asked("not tcp.port == 22", false, false), None);
    }

    #[test]
    fn links_and_lengths() {
        let filter = Filter::compile("tcp.port == 80", &registry()).unwrap();
        let reach = Reach { link: 1, whole_conversations: false, whole_headers: true };
        for (link, start) in [(1, Some("len < 48")), (101, Some("len < 34")), (113, Some("len < 50")), (105, None)] {
            let text = filter.kernel(Reach { link, ..reach });
            assert_eq!(text.as_ref().and_then(|text| text.get(..8)), start, "{link}");
        }
        let ports = (0..200).map(|port| format!("{}", 7 * port)).collect::<Vec<_>>().join(", ");
        let long = Filter::compile(&format!("tcp.port in {{{ports}}}"), &registry()).unwrap();
        assert_eq!(long.kernel(reach), None);
    }
}
