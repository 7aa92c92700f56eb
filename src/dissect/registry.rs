//! Which protocol speaks where: the tables that the protocols' claims fill, and what the user says otherwise.

use foldhash::{HashMap, HashMapExt};

use super::protocol::Probe;
use super::{Asks, Family, Field, Leads, NameTable, Need, Needed, Next, Protocol, Table};

/// All protocols of a run, found by number and by name.
#[derive(Clone)]
pub struct Registry {
    protocols: &'static [&'static Protocol],
    claims: HashMap<(Table, u32), &'static Protocol>,
    /// Sorted by table and name.
    names: Vec<(NameTable, &'static str, &'static Protocol)>,
    /// The claim that was made last of those with the same [`near`] place: what has none there is claimed by nobody.
    near: Box<[Option<Claim>; NEAR]>,
    /// One of those that have a name may ask the memory, or lead to one that does.
    named_may_ask: bool,
    probes: Vec<&'static Protocol>,
    /// Ports of services that are not dissected: their payload is not called bytes without a name.
    undecoded: &'static [(Table, &'static [u16])],
    /// The layer that every frame begins with.
    pub(super) first: &'static Protocol,
    /// The layer that frames with options in the capture file begin with; it goes on with [`first`](Self::first).
    pub(super) comments: &'static Protocol,
    /// The layer for bytes that nobody claims.
    pub(super) fallback: &'static Protocol,
    /// Has a name in the stack wherever an EtherType decides.
    pub(super) ether_type: &'static Protocol,
}

/// A number of a table, and whose it is.
type Claim = (Table, u32, &'static Protocol);

/// Places of [`Registry::near`]: many more than there are claims, so that most have their own.
const NEAR: usize = 2048;

fn near(table: Table, number: u32) -> usize {
    (number as usize ^ (table as usize) << 7) % NEAR
}

/// A user's decision: `-d tcp.port==8080,http`.
#[derive(Clone, Copy)]
pub struct DecodeAs {
    pub table: Table,
    pub first: u32,
    pub last: u32,
    pub protocol: &'static Protocol,
}

impl Registry {
    pub fn new(
        protocols: &'static [&'static Protocol],
        first: &'static Protocol,
        comments: &'static Protocol,
        fallback: &'static Protocol,
        ether_type: &'static Protocol,
        undecoded: &'static [(Table, &'static [u16])],
    ) -> Registry {
        let mut registry = Registry {
            protocols,
            claims: HashMap::with_capacity(256),
            names: Vec::new(),
            named_may_ask: protocols
                .iter()
                .any(|protocol| !protocol.names.is_empty() && (protocol.asks || protocol.leads == Leads::Anywhere)),
            near: Box::new([None; NEAR]),
            probes: protocols.iter().copied().filter(|protocol| protocol.probe.is_some()).collect(),
            first,
            comments,
            fallback,
            ether_type,
            undecoded,
        };
        for protocol in protocols {
            for &(table, number) in protocol.claims {
                registry.claim(table, number, protocol);
            }
            registry.names.extend(protocol.names.iter().map(|&(table, name)| (table, name, *protocol)));
        }
        registry.names.sort_unstable_by_key(|row| (row.0, row.1));
        registry
    }

    fn claim(&mut self, table: Table, number: u32, protocol: &'static Protocol) {
        self.near[near(table, number)] = Some((table, number, protocol));
        self.claims.insert((table, number), protocol);
    }

    /// Lets the user's word count more than the protocols' claims.
    pub fn decode_as(&mut self, rule: &DecodeAs) {
        for number in rule.first..=rule.last {
            self.claim(rule.table, number, rule.protocol);
        }
    }

    /// Whether a protocol claims this link type.
    pub fn knows_link(&self, link: u16) -> bool {
        self.get(Table::LinkType, link.into()).is_some()
    }

    /// The numbers of a table that are claimed, and by whom.
    pub fn claimed(&self, table: Table) -> impl Iterator<Item = (u32, &'static Protocol)> {
        self.claims.iter().filter(move |claim| claim.0.0 == table).map(|(claim, protocol)| (claim.1, *protocol))
    }

    /// Whether a protocol belongs to frames, links, networks or transport: what stands in headers, below all messages.
    pub fn is_lower(&self, protocol: &Protocol) -> bool {
        const FAMILIES: &[Family] =
            &[Family::Link, Family::Neighbour, Family::Network, Family::Control, Family::Stream, Family::Datagram];
        const PORTS: &[Table] = &[Table::TcpPort, Table::UdpPort, Table::SctpPort, Table::DccpPort];
        [self.first, self.comments, self.ether_type].iter().any(|own| std::ptr::eq(*own, protocol))
            || FAMILIES.contains(&protocol.family)
            || protocol.claims.iter().any(|claim| !PORTS.contains(&claim.0))
    }

    /// What has to be known of other frames for this row to say what it says.
    pub fn asks(&self, field: &Field) -> Asks {
        let mut owners = self.protocols.iter().filter(|protocol| protocol.has(field)).peekable();
        if owners.peek().is_none() {
            return Asks::Contents;
        }
        owners.fold(field.asks, |asks, protocol| match () {
            () if protocol.names.iter().any(|name| name.0 == NameTable::MediaType) => asks.max(Asks::Contents),
            () if self.is_lower(protocol) => asks,
            () => asks.max(Asks::Messages),
        })
    }

    /// Whether a protocol, or one that may stand above it, asks the memory.
    pub fn may_ask(&self, protocol: &Protocol) -> bool {
        protocol.asks
            || match protocol.leads {
                Leads::Nowhere => false,
                Leads::ByName => self.named_may_ask,
                Leads::Anywhere => true,
            }
    }

    /// Whether a need is of named protocols alone, all above the transports.
    pub fn are_upper(&self, need: &Need) -> bool {
        let mut named = self.protocols().iter().filter(|protocol| need.includes(protocol)).peekable();
        matches!(need.protocols, Needed::Only(_))
            && named.peek().is_some()
            && named.all(|protocol| !self.is_lower(protocol))
    }

    /// Every protocol, in the order of their list.
    pub fn protocols(&self) -> &'static [&'static Protocol] {
        self.protocols
    }

    /// The protocol with this filter name.
    pub fn protocol(&self, name: &str) -> Option<&'static Protocol> {
        self.protocols.iter().copied().find(|protocol| protocol.name() == name)
    }

    pub(super) fn get(&self, table: Table, number: u32) -> Option<&'static Protocol> {
        match self.near[near(table, number)] {
            None => None,
            Some((near_table, near_number, protocol)) if (near_table, near_number) == (table, number) => Some(protocol),
            Some(_) => self.claims.get(&(table, number)).copied(),
        }
    }

    /// Finds who reads `payload`, and nobody where there is none.
    pub(crate) fn resolve(&self, next: Next, payload: &[u8]) -> Option<&'static Protocol> {
        match next {
            Next::End | Next::Messages | Next::Unread(_) | Next::Enclosed => None,
            Next::Protocol(protocol) => Some(protocol),
            Next::Data => (!payload.is_empty()).then_some(self.fallback),
            Next::By(table, number) | Next::Bare(table, number) => {
                self.get(table, number).or_else(|| (!payload.is_empty()).then_some(self.fallback))
            }
            Next::Ports(_, _, _) if payload.is_empty() => None,
            Next::Ports(table, source, destination) => self
                .by_port(table, source, destination)
                .or_else(|| self.by_look(table, source, destination, payload))
                .or_else(|| self.by_default(table, source, destination)),
        }
    }

    /// The protocol that has this name, in upper or lower case.
    pub fn by_name(&self, table: NameTable, name: &[u8]) -> Option<&'static Protocol> {
        let lower = |byte: &u8| byte.to_ascii_lowercase();
        let place = self.names.binary_search_by(|row| {
            row.0.cmp(&table).then_with(|| row.1.as_bytes().iter().copied().cmp(name.iter().map(lower)))
        });
        place.ok().map(|place| self.names[place].2)
    }

    /// The protocol of either port, the lower one first.
    pub(crate) fn by_port(&self, table: Table, source: u16, destination: u16) -> Option<&'static Protocol> {
        let (low, high) = (source.min(destination), source.max(destination));
        self.get(table, low.into()).or_else(|| self.get(table, high.into()))
    }

    /// The protocol that recognises a payload as its own.
    pub(crate) fn by_look(
        &self,
        table: Table,
        source: u16,
        destination: u16,
        payload: &[u8],
    ) -> Option<&'static Protocol> {
        let ports = [source.min(destination), source.max(destination)];
        let is_own = |probe: (Table, Probe)| probe.0 == table && (probe.1)(payload, ports);
        self.probes.iter().copied().find(|protocol| protocol.probe.is_some_and(is_own))
    }

    /// Who reads bytes that nobody claims.
    pub(crate) fn fallback(&self) -> &'static Protocol {
        self.fallback
    }

    /// Bytes without a name, but where a port says whose they are.
    pub(crate) fn by_default(&self, table: Table, source: u16, destination: u16) -> Option<&'static Protocol> {
        (!self.is_undecoded(table, source) && !self.is_undecoded(table, destination)).then_some(self.fallback)
    }

    fn is_undecoded(&self, table: Table, port: u16) -> bool {
        self.undecoded.iter().any(|row| row.0 == table && row.1.binary_search(&port).is_ok())
    }

    /// The rows of every field with this name: a name may have several, one for each way to write it.
    pub fn fields(&self, name: &str) -> Vec<&'static Field> {
        self.all_fields().filter(|field| field.name == name).collect()
    }

    /// Every row of every protocol: its own, its fields, and fields that come only as company of others.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        self.protocols
            .iter()
            .flat_map(|protocol| std::iter::once(&protocol.field).chain(protocol.fields.iter().copied()))
            .chain(super::run::FIELDS.iter().copied())
    }

    /// The field or protocol whose name is nearest to `name`, if any is near.
    pub fn near_field(&self, name: &str) -> Option<&'static str> {
        let most = (name.len() / 3).clamp(1, 4);
        self.all_fields()
            .filter(|field| !field.name.is_empty() && field.name.len().abs_diff(name.len()) <= most)
            .map(|field| (edit_distance(name.as_bytes(), field.name.as_bytes()), field.name))
            .min_by_key(|row| row.0)
            .filter(|row| row.0 <= most)
            .map(|row| row.1)
    }

    /// The names of the protocols that may record this row.
    pub fn owners(&self, field: &Field) -> impl Iterator<Item = &'static str> {
        self.protocols.iter().filter(|protocol| protocol.has(field)).map(|protocol| protocol.name())
    }
}

/// How many letters have to be put in, taken out, replaced or swapped with their neighbour to make `a` of `b`.
pub fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (row, &letter) in a.iter().enumerate() {
        let mut current = vec![row + 1; b.len() + 1];
        for (column, &other) in b.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            current[column + 1] = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && letter == b[column - 1] && a[row - 1] == other {
                current[column + 1] = current[column + 1].min(before[column - 1] + 1);
            }
        }
        before = std::mem::replace(&mut above, current);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols;

    fn found(registry: &Registry, next: Next, payload: &[u8]) -> Option<&'static str> {
        registry.resolve(next, payload).map(|protocol| protocol.name())
    }

    #[test]
    fn who_comes_next() {
        let registry = protocols::registry();
        for (next, payload, expected) in [
            (Next::End, b"bytes" as &[u8], None),
            (Next::Data, b"bytes", Some("data")),
            (Next::Data, b"", None),
            (Next::By(Table::IpProto, 6), b"", Some("tcp")),
            (Next::By(Table::IpProto, 253), b"bytes", Some("data")),
            (Next::By(Table::IpProto, 0x1_0006), b"bytes", Some("data")),
            (Next::Ports(Table::TcpPort, 40_000, 40_001), b"bytes", Some("data")),
            (Next::Ports(Table::TcpPort, 40_000, 40_001), b"", None),
            // What is sent to a known service is the service's.
            (Next::Ports(Table::TcpPort, 40_000, 445), b"bytes", None),
        ] {
            assert_eq!(found(&registry, next, payload), expected);
        }
    }

    #[test]
    fn a_look_decides_where_no_port_does() {
        static LOOKED: Protocol = Protocol {
            probe: Some((Table::TcpPort, |payload, _| payload.starts_with(b"HELO"))),
            ..Protocol::new("looked", "LOOK", "Looked")
        };
        let mut all = protocols::ALL.to_vec();
        all.push(&LOOKED);
        let registry = protocols::registry_of(all.leak());
        let unclaimed = Next::Ports(Table::TcpPort, 40_000, 40_001);
        assert_eq!(found(&registry, unclaimed, b"HELO there"), Some("looked"));
        assert_eq!(found(&registry, unclaimed, b"bytes"), Some("data"));
        assert_eq!(found(&registry, Next::Ports(Table::UdpPort, 40_000, 40_001), b"HELO there"), Some("data"));
        // Whoever claims the port is not asked for looks.
        assert_eq!(found(&registry, Next::Ports(Table::UdpPort, 40_000, 4789), b"HELO there"), Some("vxlan"));
    }

    #[test]
    fn the_users_word_counts_more() {
        let mut registry = protocols::registry();
        let udp = registry.protocol("udp").unwrap();
        registry.decode_as(&DecodeAs { table: Table::TcpPort, first: 440, last: 443, protocol: udp });
        assert_eq!(found(&registry, Next::Ports(Table::TcpPort, 40_000, 443), b"bytes"), Some("udp"));
        assert_eq!(found(&registry, Next::Ports(Table::TcpPort, 440, 40_000), b"bytes"), Some("udp"));
        registry.decode_as(&DecodeAs { table: Table::IpProto, first: 253, last: 253, protocol: udp });
        assert_eq!(found(&registry, Next::By(Table::IpProto, 253), b"bytes"), Some("udp"));
    }

    #[test]
    fn distances_count_edits() {
        for (a, b, expected) in [
            ("", "abc", 3),
            ("ip.src", "ip.src", 0),
            ("ip.scr", "ip.src", 1),
            ("tcp.prt", "tcp.port", 1),
            ("x", "y", 1),
        ] {
            assert_eq!(edit_distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
        let registry = protocols::registry();
        assert_eq!(registry.near_field("ip.adr"), Some("ip.addr"));
        assert_eq!(registry.near_field("nothing.like.it"), None);
    }
}
