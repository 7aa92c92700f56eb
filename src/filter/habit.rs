//! Habits: capture filters (BPF) that are given where a display filter is asked for, as display filters.
//!
//! Only for the hint of an error: what is not understood whole is not translated at all.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The display filter for a capture filter, if it is one of the usual.
pub(super) fn translate(text: &str) -> Option<String> {
    if text.len() > MAX_LEN || text.contains(['[', '{', '"', '=', '<', '>']) {
        return None;
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace("&&", " and ").replace("||", " or ");
    let spaced = spaced.replace('!', " not ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, at: 0, last: None, habits: 0 };
    let filter = reader.alternatives(0)?;
    // What says the same in both languages is no habit.
    (reader.at == words.len() && reader.habits > 0).then_some(filter.text)
}

/// The most bytes that are looked at.
const MAX_LEN: usize = 512;

/// The most parentheses inside one another.
const MAX_DEPTH: usize = 8;

struct Reader<'w> {
    words: &'w [&'w str],
    at: usize,
    /// What stood before the last value: `port 80 or 443` says it once.
    last: Option<Qualifiers<'w>>,
    /// The tests that a display filter writes otherwise.
    habits: usize,
}

/// A translated part, and whether it has to stand in parentheses beside others.
struct Part {
    text: String,
    loose: bool,
}

#[derive(Clone, Copy, Default)]
struct Qualifiers<'w> {
    protocol: Option<&'w str>,
    direction: Option<&'w str>,
    kind: Option<&'w str>,
}

impl<'w> Reader<'w> {
    fn peek(&self) -> Option<&'w str> {
        self.words.get(self.at).copied()
    }

    fn take(&mut self, wanted: &[&str]) -> Option<&'w str> {
        let word = self.peek().filter(|word| wanted.contains(word))?;
        self.at += 1;
        Some(word)
    }

    /// Parts between `or`, each a list of parts between `and`.
    fn alternatives(&mut self, depth: usize) -> Option<Part> {
        let mut parts = vec![self.conjunction(depth)?];
        while self.take(&["or"]).is_some() {
            parts.push(self.conjunction(depth)?);
        }
        join(parts, " or ")
    }

    fn conjunction(&mut self, depth: usize) -> Option<Part> {
        let mut parts = vec![self.negation(depth)?];
        while self.take(&["and"]).is_some() {
            parts.push(self.negation(depth)?);
        }
        join(parts, " and ")
    }

    fn negation(&mut self, depth: usize) -> Option<Part> {
        if self.take(&["not"]).is_some() {
            let inner = self.negation(depth)?;
            let text =
                if inner.text.contains(' ') { format!("not ({})", inner.text) } else { format!("not {}", inner.text) };
            return Some(Part { text, loose: false });
        }
        if self.take(&["("]).is_some() {
            let inner = if depth < MAX_DEPTH { self.alternatives(depth + 1)? } else { return None };
            self.take(&[")"])?;
            return Some(inner);
        }
        self.primitive()
    }

    /// `tcp dst port 80`: a protocol, a direction, a kind of value and the value, of which some are left out.
    fn primitive(&mut self) -> Option<Part> {
        let protocol = self.take(&["ether", "ip", "ip6", "tcp", "udp", "arp", "icmp", "icmp6", "igmp", "sctp", "vlan"]);
        let direction = self.take(&["src", "dst"]);
        let kind = self.take(&["host", "net", "port", "portrange", "proto", "gateway", "broadcast", "multicast"]);
        let mut qualifiers = Qualifiers { protocol, direction, kind };
        let word = match (protocol, direction, kind) {
            (Some("vlan"), None, None) if self.peek().is_some_and(is_number) => {
                self.at += 1;
                self.habits += 1;
                return Some(Part { text: format!("vlan.id == {}", self.words[self.at - 1]), loose: false });
            }
            (Some(protocol), None, None) => {
                let name = match protocol {
                    "ether" => return None,
                    "ip6" => "ipv6",
                    "icmp6" => "icmpv6",
                    name => name,
                };
                self.habits += usize::from(name != protocol);
                self.last = None;
                return Some(Part { text: name.to_owned(), loose: false });
            }
            (protocol, None, Some(kind @ ("broadcast" | "multicast"))) => {
                self.habits += 1;
                let text = match (protocol, kind) {
                    (Some("ip"), "broadcast") => "ip.dst == 255.255.255.255",
                    (_, "broadcast") => "eth.dst == ff:ff:ff:ff:ff:ff",
                    (Some("ip"), _) => "ip.dst == 224.0.0.0/4",
                    (Some("ip6"), _) => "ipv6.dst == ff00::/8",
                    _ => "eth.dst.ig == 1",
                };
                return Some(Part { text: text.to_owned(), loose: false });
            }
            (None, None, None) => match self.take(&["greater", "less"]) {
                Some(sign) => {
                    let value = self.value().filter(|value| is_number(value))?;
                    let sign = if sign == "less" { "<=" } else { ">=" };
                    return Some(Part { text: format!("frame.len {sign} {value}"), loose: false });
                }
                // A value alone is of the kind of the last.
                None => {
                    qualifiers = self.last?;
                    self.value()?
                }
            },
            _ => self.value()?,
        };
        self.last = Some(qualifiers);
        test(qualifiers, word)
    }

    fn value(&mut self) -> Option<&'w str> {
        let word = self.peek().filter(|word| !["and", "or", "not", "(", ")"].contains(word))?;
        self.at += 1;
        self.habits += 1;
        Some(word)
    }
}

fn join(mut parts: Vec<Part>, word: &str) -> Option<Part> {
    if parts.len() == 1 {
        return parts.pop();
    }
    let text = |part: &Part| if part.loose && word == " and " { format!("({})", part.text) } else { part.text.clone() };
    let text = parts.iter().map(text).collect::<Vec<_>>().join(word);
    Some(Part { text, loose: word == " or " })
}

/// The test of one value.
fn test(qualifiers: Qualifiers, value: &str) -> Option<Part> {
    let Qualifiers { protocol, direction, kind } = qualifiers;
    let single = |text: String| Some(Part { text, loose: false });
    let kind = kind.unwrap_or("host");
    match kind {
        "port" | "portrange" => {
            let field = match direction {
                Some("src") => "srcport",
                Some("dst") => "dstport",
                _ => "port",
            };
            let condition = match value.split_once('-') {
                Some((first, last)) if kind == "portrange" && is_number(first) && is_number(last) => {
                    format!("in {{{first}..{last}}}")
                }
                None => format!("== {}", port(value)?),
                Some(_) => return None,
            };
            match protocol {
                Some(protocol @ ("tcp" | "udp" | "sctp")) => single(format!("{protocol}.{field} {condition}")),
                None | Some("ip" | "ip6") => {
                    Some(Part { text: format!("tcp.{field} {condition} or udp.{field} {condition}"), loose: true })
                }
                _ => None,
            }
        }
        "proto" => match protocol {
            Some("ip") | None if is_number(value) => single(format!("ip.proto == {value}")),
            Some("ip6") if is_number(value) => single(format!("ipv6.nxt == {value}")),
            Some("ether") if is_number(value) => single(format!("eth.type == {value}")),
            _ => None,
        },
        "host" | "net" => {
            let field = direction.unwrap_or("addr");
            if protocol == Some("ether") || value.matches(':').count() == 5 && value.len() == 17 {
                let is_mac = value.len() >= 11 && value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
                return is_mac.then(|| format!("eth.{field} == {value}")).and_then(single);
            }
            let address = value.split_once('/').map_or(value, |(address, _)| address);
            if address.parse::<Ipv4Addr>().is_ok() && protocol.is_none_or(|protocol| protocol == "ip") {
                return single(format!("ip.{field} == {value}"));
            }
            if address.parse::<Ipv6Addr>().is_ok() && protocol.is_none_or(|protocol| protocol == "ip6") {
                return single(format!("ipv6.{field} == {value}"));
            }
            if kind == "net" {
                return single(format!("ip.{field} == {}", network(value)?));
            }
            None
        }
        _ => None,
    }
}

/// `10`, `192.168` and `10/8` as Wireshark writes networks.
fn network(value: &str) -> Option<String> {
    let (address, bits) = value.split_once('/').map_or((value, None), |(address, bits)| (address, Some(bits)));
    let parts: Vec<&str> = address.split('.').collect();
    if parts.len() > 4 || !parts.iter().all(|part| part.parse::<u8>().is_ok()) {
        return None;
    }
    let bits = bits.map_or(Some(8 * parts.len()), |bits| bits.parse().ok())?;
    let zeros = ".0".repeat(4 - parts.len());
    Some(format!("{address}{zeros}/{bits}"))
}

/// A port by its number or its usual name.
fn port(value: &str) -> Option<&str> {
    Some(match value {
        "ftp" => "21",
        "ssh" => "22",
        "telnet" => "23",
        "smtp" => "25",
        "domain" | "dns" => "53",
        "http" => "80",
        "ntp" => "123",
        "https" => "443",
        number => Some(number).filter(|number| is_number(number))?,
    })
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.len() < 6 && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;
    use crate::protocols::registry;

    #[test]
    fn capture_filters_as_display_filters() {
        let registry = registry();
        for (capture, display) in [
            ("port 80", "tcp.port == 80 or udp.port == 80"),
            ("tcp port 80", "tcp.port == 80"),
            ("udp dst port 53", "udp.dstport == 53"),
            ("not port 22", "not (tcp.port == 22 or udp.port == 22)"),
            ("port ssh", "tcp.port == 22 or udp.port == 22"),
            ("tcp and port 80", "tcp and (tcp.port == 80 or udp.port == 80)"),
            ("tcp port 80 or 443", "tcp.port == 80 or tcp.port == 443"),
            ("host 192.0.2.1", "ip.addr == 192.0.2.1"),
            ("src host 192.0.2.1 and dst port 80", "ip.src == 192.0.2.1 and (tcp.dstport == 80 or udp.dstport == 80)"),
            ("src 2001:db8::1", "ipv6.src == 2001:db8::1"),
            ("net 10.0.0.0/8", "ip.addr == 10.0.0.0/8"),
            ("dst net 192.168", "ip.dst == 192.168.0.0/16"),
            ("net 10/8", "ip.addr == 10.0.0.0/8"),
            ("ether host 00:00:5e:00:53:01", "eth.addr == 00:00:5e:00:53:01"),
            ("ether src 00:00:5e:00:53:01", "eth.src == 00:00:5e:00:53:01"),
            ("ether proto 2054", "eth.type == 2054"),
            ("ip proto 6", "ip.proto == 6"),
            ("ip6 and not icmp6", "ipv6 and not icmpv6"),
            ("vlan 5", "vlan.id == 5"),
            ("tcp portrange 8000-8080", "tcp.port in {8000..8080}"),
            ("greater 100", "frame.len >= 100"),
            ("less 100", "frame.len <= 100"),
            ("broadcast or multicast", "eth.dst == ff:ff:ff:ff:ff:ff or eth.dst.ig == 1"),
            (
                "(port 80 || port 443) && !host 192.0.2.1",
                "(tcp.port == 80 or udp.port == 80 or tcp.port == 443 or udp.port == 443) and not (ip.addr == 192.0.2.1)",
            ),
        ] {
            assert_eq!(translate(capture).as_deref(), Some(display), "{capture}");
            Filter::compile(display, &registry).unwrap();
            let error = Filter::compile(capture, &registry).unwrap_err().to_string();
            assert!(error.contains(&format!("`{display}`")), "{error}");
        }
    }

    #[test]
    fn what_is_no_capture_filter() {
        for text in [
            "tcp",
            "",
            "tcp udp",
            "port",
            "port 80 90",
            "host",
            "tcp.port 80",
            "port 80)",
            "(port 80",
            "net x",
            "ether 5",
            "80",
            "host example.org",
            "a\u{301} port 80",
            "port 80 and",
            "ip host ::1",
        ] {
            assert_eq!(translate(text), None, "{text}");
        }
        assert_eq!(translate(&"(".repeat(500)), None);
    }
}
