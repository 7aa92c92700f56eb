//! The headers of a raw frame, as far as they tell without dissection which layers it has.
//!
//! What the walk says is there is there as dissection has it, with these values. Where the walk ends at a transport or a message that
//! can carry no other header, the frame is *closed*: no layer of links, networks or transports stands in it but those that were
//! seen. Everything else leaves it open: fragments, of which the last has what was put together; tunnels; what an error message
//! quotes; options and extension headers; what is cut short, and what contradicts itself.
//!
//! ```text
//!  Ethernet · cooked · null · raw ─▶ tags ─▶ IPv4 ─▶ TCP · UDP · echo     closed
//!                                         └▶ IPv6 ─▶ TCP · UDP · echo
//!                                         └▶ ARP
//! ```

use crate::capture::Frame;
use crate::dissect::{Address, Conversation, Family, Leads, Protocol, Registry, Table};

/// A layer that the walk can see; a set of them is the sum.
pub type Layers = u32;

/// The frame itself, and what stands beside it.
pub const FRAME: Layers = 1;
pub const ETHERNET: Layers = 1 << 1;
pub const COOKED: Layers = 1 << 2;
pub const NULL: Layers = 1 << 3;
pub const RAW: Layers = 1 << 4;
pub const TAG: Layers = 1 << 5;
pub const SERVICE_TAG: Layers = 1 << 6;
pub const ARP: Layers = 1 << 7;
pub const IPV4: Layers = 1 << 8;
pub const IPV6: Layers = 1 << 9;
pub const ICMP: Layers = 1 << 10;
pub const ICMPV6: Layers = 1 << 11;
pub const TCP: Layers = 1 << 12;
/// A TCP header that is there up to its flags.
pub const TCP_FLAGS: Layers = 1 << 13;
pub const UDP: Layers = 1 << 14;
/// Whatever stands above the transport.
pub const UPPER: Layers = 1 << 15;
/// An Ethernet header whose last field is a type, not a length.
pub const ETHERNET_TYPE: Layers = 1 << 16;
/// A segment of TCP of which is known what the memory says of it.
pub const SEGMENT_KNOWN: Layers = 1 << 17;

/// The layers by the names of their protocols.
static NAMES: &[(&str, Layers)] = &[
    ("frame", FRAME),
    ("pkt_comment", FRAME),
    ("ethertype", FRAME),
    ("eth", ETHERNET),
    ("sll", COOKED),
    ("null", NULL),
    ("raw", RAW),
    ("vlan", TAG),
    ("ieee8021ad", SERVICE_TAG),
    ("arp", ARP),
    ("ip", IPV4),
    ("ipv6", IPV6),
    ("icmp", ICMP),
    ("icmpv6", ICMPV6),
    ("tcp", TCP),
    ("udp", UDP),
];

/// The layer that a protocol is; none if the walk does not see it.
pub fn layer(name: &str) -> Option<Layers> {
    NAMES.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// The layers of which the walk knows that they are there as soon as it has seen them, also when the frame is open.
pub const SURE: Layers = FRAME | ETHERNET | TAG | ARP | IPV4 | IPV6 | ICMP | ICMPV6 | TCP | UDP;

/// What the walk relies on of the protocols that a run has.
#[derive(Clone, Debug)]
pub struct Ground {
    /// What TCP carries may lead to other headers.
    pub tcp_carries: bool,
    /// The ports of UDP behind which there may be other headers; `None` is any.
    pub udp_carries: Option<Box<[u16]>>,
    /// The protocols over IP that have no transport in them.
    apart: [u64; 4],
    /// The EtherTypes that somebody reads.
    ether_types: Box<[u16]>,
}

/// Who has to read what for the walk to be right.
static CLAIMS: &[(Table, u32, &str)] = &[
    (Table::LinkType, 0, "null"),
    (Table::LinkType, 1, "eth"),
    (Table::LinkType, 12, "raw"),
    (Table::LinkType, 14, "raw"),
    (Table::LinkType, 101, "raw"),
    (Table::LinkType, 108, "null"),
    (Table::LinkType, 113, "sll"),
    (Table::LinkType, 228, "ip"),
    (Table::LinkType, 229, "ipv6"),
    (Table::LinkType, 276, "sll"),
    (Table::NullFamily, 24, "ipv6"),
    (Table::NullFamily, 28, "ipv6"),
    (Table::NullFamily, 30, "ipv6"),
    (Table::EtherType, 0x0800, "ip"),
    (Table::EtherType, 0x0806, "arp"),
    (Table::EtherType, 0x8100, "vlan"),
    (Table::EtherType, 0x86dd, "ipv6"),
    (Table::EtherType, 0x88a8, "ieee8021ad"),
    (Table::EtherType, 0x9100, "vlan"),
    (Table::IpProto, 1, "icmp"),
    (Table::IpProto, 6, "tcp"),
    (Table::IpProto, 17, "udp"),
    (Table::IpProto, 58, "icmpv6"),
];

/// More ports than this are any port.
const MAX_PORTS: usize = 16;

impl Ground {
    /// Looks at who reads what; none where a user has it otherwise below the transports.
    pub fn of(registry: &Registry) -> Option<Ground> {
        let is_usual = |&(table, number, name): &(Table, u32, &str)| {
            registry.claimed(table).any(|(claimed, protocol)| claimed == number && protocol.name() == name)
        };
        if !CLAIMS.iter().all(is_usual) {
            return None;
        }
        let carries = |protocol: &Protocol| protocol.carries || registry.is_lower(protocol);
        let ports = |table| registry.claimed(table).filter(|claim| carries(claim.1)).map(|claim| claim.0 as u16);
        let mut named = registry.protocols().iter().filter(|protocol| !protocol.names.is_empty());
        let named_carries = named.any(|protocol| carries(protocol));
        let looks = |table| {
            let mut probing = registry.protocols().iter().filter(|protocol| carries(protocol));
            probing.any(|protocol| protocol.probe.is_some_and(|probe| probe.0 == table))
        };
        let tcp_carries = named_carries || looks(Table::TcpPort) || ports(Table::TcpPort).next().is_some();
        let mut udp: Vec<u16> = ports(Table::UdpPort).collect();
        udp.sort_unstable();
        let is_any = named_carries || looks(Table::UdpPort) || udp.len() > MAX_PORTS;
        let mut apart = [u64::MAX; 4];
        for (number, protocol) in registry.claimed(Table::IpProto) {
            // What ICMP reports it quotes.
            let quotes = protocol.family != Family::Control || layer(protocol.name()).is_some();
            if let (true, Some(word)) = (quotes, apart.get_mut(number as usize / 64)) {
                *word &= !(1 << (number % 64));
            }
        }
        let ether_types = registry.claimed(Table::EtherType).map(|claim| claim.0 as u16).collect();
        Some(Ground { tcp_carries, udp_carries: (!is_any).then(|| udp.into()), apart, ether_types })
    }

    fn is_apart(&self, protocol: u8) -> bool {
        self.apart[usize::from(protocol) / 64] >> (protocol % 64) & 1 == 1
    }
}

/// What the walk found.
pub struct Headers<'a> {
    pub frame: &'a Frame<'a>,
    /// The layers that are there.
    pub layers: Layers,
    /// No layer below what stands above the transport is there but these.
    pub closed: bool,
    /// It may be open, but no transport stands in it.
    pub apart: bool,
    /// What is known of the one segment in it besides.
    pub known: Option<Known>,
    upper: Upper,
    tags: [u16; MAX_TAGS],
    tag_count: usize,
    network: usize,
    transport: usize,
    /// Where the packet of the network ends, as it says.
    end: usize,
    /// How many layers there are up to the transport, and how many steps by EtherTypes.
    nesting: usize,
    steps: usize,
}

/// A packet inside the headers before it.
#[derive(Clone, Copy)]
pub struct Inner<'a> {
    pub bytes: &'a [u8],
    /// Where they begin in the frame.
    pub start: usize,
    /// How many layers there are, this one among them, and how many names they have in the stack.
    pub nesting: usize,
    pub marks: usize,
}

/// The protocols whose messages a packet carries.
#[derive(Clone, Copy)]
pub struct Upper {
    protocols: [Option<&'static Protocol>; Upper::MOST],
    /// There may be others.
    is_open: bool,
}

impl Upper {
    /// More are not told apart.
    const MOST: usize = 4;
    /// There may be any.
    pub const UNKNOWN: Upper = Upper { protocols: [None; Upper::MOST], is_open: true };
    pub const NOTHING: Upper = Upper { protocols: [None; Upper::MOST], is_open: false };

    /// Adds one.
    pub fn add(&mut self, protocol: &'static Protocol) {
        let is_place = |known: &Option<&'static Protocol>| known.is_none_or(|known| std::ptr::eq(known, protocol));
        match self.protocols.iter().position(is_place) {
            Some(place) => self.protocols[place] = Some(protocol),
            None => self.is_open = true,
        }
    }

    fn is_empty(&self) -> bool {
        !self.is_open && self.protocols[0].is_none()
    }

    /// Whether none of `protocols` is there, neither as one of these nor above one.
    fn lacks(&self, protocols: &[&'static Protocol]) -> bool {
        let lacks = |own: &&'static Protocol| {
            own.leads == Leads::Nowhere && !protocols.iter().any(|other| std::ptr::eq(*own, *other))
        };
        !self.is_open && self.protocols.iter().flatten().all(lacks)
    }
}

/// What the memory knows of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The number of its connection.
    pub stream: u64,
    /// In the bits of [`verdict`](crate::dissect::verdict).
    pub verdicts: u32,
    /// Bytes of data.
    pub len: u32,
}

/// The most tags that are looked through.
const MAX_TAGS: usize = 3;
/// The service access point of spanning trees: IEEE 802.1D, clause 7.12.3.
const SPANNING_TREE: u8 = 0x42;

impl<'a> Headers<'a> {
    /// The headers of a frame before they are walked over: nothing is known.
    #[inline]
    pub fn before(frame: &'a Frame<'a>) -> Headers<'a> {
        Headers {
            frame,
            layers: FRAME | UPPER,
            closed: false,
            apart: false,
            known: None,
            upper: Upper::UNKNOWN,
            tags: [0; MAX_TAGS],
            tag_count: 0,
            network: 0,
            transport: 0,
            end: 0,
            // The frame, the link, the network and the transport.
            nesting: 4,
            steps: 0,
        }
    }

    /// Walks over the headers of a frame.
    pub fn of(frame: &'a Frame<'a>, ground: &Ground) -> Headers<'a> {
        let mut headers = Headers::before(frame);
        headers.walk(ground);
        headers
    }

    /// Walks over the headers.
    pub fn walk(&mut self, ground: &Ground) {
        // An early end is an open one.
        _ = self.step(ground);
    }

    /// The transport of the conversation that alone is in the frame, and between whom it is; none where that is not known.
    pub fn conversation(&self) -> Option<(Layers, Conversation)> {
        let transport = self.layers & (TCP | UDP);
        let &[a, b, c, d] = self.bytes(self.transport).filter(|_| self.closed && transport != 0)?;
        let [source, destination] = if self.layers & IPV6 != 0 {
            [self.bytes(self.network + 8)?, self.bytes(self.network + 24)?].map(|&address| Address::V6(address))
        } else {
            [self.bytes(self.network + 12)?, self.bytes(self.network + 16)?]
                .map(|&address| Address::V4(u32::from_be_bytes(address)))
        };
        let (source_port, destination_port) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Some((transport, Conversation { source, destination, source_port, destination_port }))
    }

    /// A segment of TCP that alone is in the frame, with all its data and nothing unusual in the headers before it; none where it is not
    /// known that there is one.
    pub fn segment(&self) -> Option<Inner<'a>> {
        // Options of the frame are a layer before it.
        let is_there = self.layers & TCP_FLAGS != 0 && self.frame.options.is_empty();
        let (bytes, nesting) = (self.whole().filter(|_| is_there)?, self.nesting);
        Some(Inner { bytes, start: self.transport, nesting, marks: nesting + self.steps })
    }

    /// The ports of a datagram of UDP that alone is in the frame, and its data, where nothing is unusual in the headers before it.
    pub fn datagram(&self) -> Option<([u16; 2], &'a [u8])> {
        let bytes = self.whole().filter(|_| self.layers & UDP != 0)?;
        let (&[a, b, c, d, l0, l1, _, _], data) = bytes.split_first_chunk()?;
        let is_plain = usize::from(u16::from_be_bytes([l0, l1])) == bytes.len() && !data.is_empty();
        is_plain.then_some(([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])], data))
    }

    /// All of what the network carries, where that alone is in the frame, was captured and ends where the network says.
    fn whole(&self) -> Option<&'a [u8]> {
        let is_alone = self.closed && self.frame.fcs_len().is_none_or(|len| len == 0);
        self.frame.bytes.get(self.transport..self.end).filter(|_| is_alone)
    }

    /// Takes note of what the memory knows of the segment.
    pub fn learn(&mut self, known: Known) {
        self.known = Some(known);
        self.layers |= SEGMENT_KNOWN;
    }

    /// Takes note of which protocols have messages above the transport.
    pub fn learn_upper(&mut self, upper: Upper) {
        self.upper = upper;
        if upper.is_empty() {
            self.layers &= !UPPER;
        }
    }

    /// Whether none of `protocols` stands above the transport.
    pub fn lacks_upper(&self, protocols: &[&'static Protocol]) -> bool {
        self.layers & UPPER == 0 || self.upper.lacks(protocols)
    }

    /// Where the header of a layer begins.
    pub fn start(&self, layer: Layers) -> usize {
        match layer {
            IPV4 | IPV6 => self.network,
            TCP | UDP => self.transport,
            _ => 0,
        }
    }

    /// The numbers of the tags, as they come.
    pub fn tags(&self) -> &[u16] {
        self.tags.get(..self.tag_count).unwrap_or_default()
    }

    /// So many bytes from `at` of the frame; none where fewer were captured.
    #[inline]
    pub fn bytes<const N: usize>(&self, at: usize) -> Option<&'a [u8; N]> {
        self.frame.bytes.get(at..)?.first_chunk()
    }

    fn step(&mut self, ground: &Ground) -> Option<()> {
        let frame = self.frame;
        // The check sequence may be of four bytes also where nothing says so.
        let sequence = usize::from(frame.fcs_len().unwrap_or(0)).max(4);
        let end = frame.bytes.len().min((frame.wire_len as usize).max(frame.bytes.len()).saturating_sub(sequence));
        match frame.interface.link {
            1 => {
                let number = u16::from_be_bytes(*self.bytes(12)?);
                self.layers |= ETHERNET;
                if number == 0 || number >= 0x0600 {
                    self.layers |= ETHERNET_TYPE;
                }
                self.ether_type(number, 14, end, ground)
            }
            113 => {
                let header: &[u8; 16] = self.bytes(0)?;
                self.cooked([header[2], header[3]], [header[14], header[15]], 16, end, ground)
            }
            276 => {
                let header: &[u8; 20] = self.bytes(0)?;
                self.cooked([header[8], header[9]], [header[0], header[1]], 20, end, ground)
            }
            0 | 108 => {
                let family = match (frame.interface.link, *self.bytes::<4>(0)?) {
                    (_, [0, 0, 0, family]) | (0, [family, 0, 0, 0]) => family,
                    _ => return None,
                };
                self.layers |= NULL;
                match family {
                    2 => self.ipv4(4, end, ground),
                    24 | 28 | 30 => self.ipv6(4, end, ground),
                    _ => None,
                }
            }
            12 | 14 | 101 => {
                let [first] = *self.bytes(0)?;
                self.layers |= RAW;
                match first >> 4 {
                    4 => self.ipv4(0, end, ground),
                    6 => self.ipv6(0, end, ground),
                    _ => None,
                }
            }
            228 | 229 => {
                // There is no layer of the link.
                self.nesting -= 1;
                if frame.interface.link == 228 { self.ipv4(0, end, ground) } else { self.ipv6(0, end, ground) }
            }
            _ => None,
        }
    }

    fn cooked(&mut self, hardware: [u8; 2], number: [u8; 2], len: usize, end: usize, ground: &Ground) -> Option<()> {
        // Those of GRE and of netlink have other numbers there.
        if matches!(u16::from_be_bytes(hardware), 778 | 824) {
            return None;
        }
        self.layers |= COOKED;
        self.ether_type(u16::from_be_bytes(number), len, end, ground)
    }

    fn ether_type(&mut self, mut number: u16, mut at: usize, end: usize, ground: &Ground) -> Option<()> {
        for _ in 0..=MAX_TAGS {
            self.steps += 1;
            match number {
                0x0800 => return self.ipv4(at, end, ground),
                0x86dd => return self.ipv6(at, end, ground),
                0x0806 => {
                    // It carries no other header. There are some for other hardware, and with other fields.
                    if *self.bytes(at)? != [0, 1, 8, 0, 6, 4] || at + 28 > end {
                        self.apart = true;
                        return None;
                    }
                    self.layers = self.layers & !UPPER | ARP;
                    self.closed = true;
                    return Some(());
                }
                0x8100 | 0x9100 | 0x88a8 => {
                    let [a, b, c, d] = *self.bytes(at)?;
                    let next = u16::from_be_bytes([c, d]);
                    self.nesting += 1;
                    if number == 0x88a8 {
                        self.layers |= SERVICE_TAG;
                    } else {
                        *self.tags.get_mut(self.tag_count)? = u16::from_be_bytes([a, b]) & 0xfff;
                        self.tag_count += 1;
                        self.layers |= TAG;
                    }
                    // Two service tags are read as one layer.
                    if next < 0x0600 || number == 0x88a8 && next == 0x88a8 {
                        return None;
                    }
                    (number, at) = (next, at + 4);
                }
                _ => {
                    // Spanning trees are the lengths that are seen most.
                    self.apart = match number {
                        0x0600.. => !ground.ether_types.contains(&number),
                        _ => self.bytes(at).is_some_and(|saps| *saps == [SPANNING_TREE, SPANNING_TREE]),
                    };
                    return None;
                }
            }
        }
        None
    }

    fn ipv4(&mut self, start: usize, end: usize, ground: &Ground) -> Option<()> {
        let header: &[u8; 20] = self.bytes(start)?;
        let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
        // Options may say that the destination is another one.
        if header[0] != 0x45 {
            let is_whole = u16::from_be_bytes([header[6], header[7]]) & 0x3fff == 0;
            self.apart = header[0] >> 4 == 4 && is_whole && ground.is_apart(header[9]);
            return None;
        }
        if total < 20 || start + 20 > end {
            return None;
        }
        (self.network, self.layers) = (start, self.layers | IPV4);
        // More fragments, or an offset.
        if u16::from_be_bytes([header[6], header[7]]) & 0x3fff != 0 {
            return None;
        }
        self.transport(header[9], start + 20, start + total, end, ground)
    }

    fn ipv6(&mut self, start: usize, end: usize, ground: &Ground) -> Option<()> {
        let header: &[u8; 40] = self.bytes(start)?;
        let payload = usize::from(u16::from_be_bytes([header[4], header[5]]));
        if header[0] >> 4 != 6 || start + 40 > end {
            return None;
        }
        (self.network, self.layers) = (start, self.layers | IPV6);
        self.transport(header[6], start + 40, start + 40 + payload, end, ground)
    }

    fn transport(&mut self, number: u8, start: usize, said: usize, end: usize, ground: &Ground) -> Option<()> {
        self.end = said;
        let end = end.min(said);
        self.transport = start;
        let is_v6 = self.layers & IPV6 != 0;
        match number {
            6 if start + 4 <= end => {
                self.layers |= TCP;
                self.closed = !ground.tcp_carries;
                // Dissection looks this far before it says anything of them.
                if let Some(&[.., f0, f1, _, _]) = self.bytes::<16>(start).filter(|_| start + 16 <= end) {
                    let len = usize::from(f0 >> 4) * 4;
                    if len >= 20 {
                        self.layers |= TCP_FLAGS;
                    }
                    // The end of a stream may be the end of a message.
                    if len >= 20 && start + len == said && f1 & 0x01 == 0 {
                        self.layers &= !UPPER;
                    }
                }
                Some(())
            }
            17 if start + 4 <= end => {
                let &[a, b, c, d] = self.bytes(start)?;
                let ports = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
                self.layers |= UDP;
                self.closed =
                    ground.udp_carries.as_ref().is_some_and(|known| !known.iter().any(|port| ports.contains(port)));
                Some(())
            }
            // Echoes quote nothing.
            1 if !is_v6 && start + 8 <= end => {
                let [kind] = *self.bytes(start)?;
                self.layers |= ICMP;
                self.closed = matches!(kind, 0 | 8);
                Some(())
            }
            58 if is_v6 && start + 8 <= end => {
                let [kind] = *self.bytes(start)?;
                self.layers |= ICMPV6;
                self.closed = matches!(kind, 128 | 129);
                Some(())
            }
            number => {
                self.apart = ground.is_apart(number);
                None
            }
        }
    }
}
