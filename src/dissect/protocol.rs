//! A protocol, as its file declares it.

use super::{Base, Entry, Field, Framing, Kind, Layer, LayerView, Outcome, Plain, Preference, Talk};
use crate::text::Text;

/// One protocol: a `static` in a file of its own, listed in [`crate::protocols::ALL`].
pub struct Protocol {
    /// Its own field: the name in filters and the title of its line in the tree.
    pub field: Field,
    /// The name in the Protocol column: `TCP`.
    pub short: &'static str,
    pub fields: &'static [&'static Field],
    /// Fields of another protocol that this one has too.
    pub shares: &'static [&'static Field],
    /// The places that it takes in its parents' tables.
    pub claims: &'static [(Table, u32)],
    /// The names by which others name it.
    pub names: &'static [(NameTable, &'static str)],
    pub preferences: &'static [&'static Preference],
    /// Reads the header and says what follows.
    pub dissect: fn(&mut Layer) -> Outcome,
    /// Reads a header with nothing unusual about it at a glance, where no more is recorded of it than columns are made of; comes to the
    /// same as [`dissect`](Self::dissect), and to nothing where that has to look.
    pub plain: Option<fn(&mut Plain) -> Option<Next>>,
    /// Reads what stands behind the payload once that has been dissected: padding, trailers.
    pub after: Option<After>,
    /// The fields of the source and the destination address, for the columns.
    pub addresses: Option<(&'static Field, &'static Field)>,
    /// Writes the Source and the Destination column where no address field does: into the first text and into the second.
    pub ends: Option<fn(&LayerView, &mut Text, &mut Text)>,
    /// Writes what stands in the Info column before what this protocol, or one that it carries, says there.
    pub preface: Option<fn(&LayerView, &mut Text)>,
    /// Writes what stands in the Info column behind the first message that this protocol carries, which may have been put together
    /// from pieces: instead of what that one says, unless its protocol has a place for it. Asked where the packet has a [`Buffer`](super::Buffer).
    pub afterword: Option<fn(&LayerView, &mut Text)>,
    /// Has a place for the [`afterword`](Self::afterword) of the layer below: see [`LayerView::write_afterword`].
    pub places_afterword: bool,
    /// Whether what this layer itself says in the columns stays, before what those say that it carries.
    pub stays: Option<fn(&LayerView) -> bool>,
    /// Writes the Info column, and the Protocol column where it is not always the same.
    pub summary: Option<fn(&LayerView, &mut Summary)>,
    /// Rows that columns are made of say so; where nothing but columns is needed, no others are recorded.
    pub brief: bool,
    /// Adds to the columns that a layer below writes; that layer calls it.
    pub mention: Option<fn(&LayerView, &mut Summary)>,
    /// Has a name in the stack and no line in the tree.
    pub silent: bool,
    /// Its line stands inside the layer below where that is [`extensible`](Self::extensible), as an extension header's does.
    pub within: bool,
    /// Lines of [`within`](Self::within) protocols that follow stand inside this one.
    pub extensible: bool,
    /// Says where the message that begins a stretch of a stream ends; without it every segment is a message.
    pub pdu_len: Option<fn(&mut Talk, &[u8]) -> Framing>,
    /// How many bytes before a message that is not whole yet are none of it: they are passed over, not kept.
    pub lead: Option<fn(&[u8]) -> usize>,
    /// Is shown each message of a connection, once and in order, to remember what later ones need.
    pub remember: Option<fn(&mut Talk, &[u8])>,
    /// Writes what the packet list says of the beginning of a message that is not whole yet; nothing if it says nothing.
    pub preview: Option<fn(&[u8], &mut Text)>,
    /// Has its line in the tree as soon as a message of it has begun.
    pub early: bool,
    /// The layer below shows how long each of its messages is.
    pub sized: bool,
    /// Messages that arrive together are read together, as one layer.
    pub together: bool,
    /// What its layers of one packet say stands in one line of the packet list.
    pub joins: bool,
    /// Recognises its messages over one transport where no port tells: given the payload and the ports, says whether it is its own.
    pub probe: Option<(Table, Probe)>,
    /// Rows that are recorded early, by the stages at which [`Layer::suffices`] is asked whether that is enough.
    pub stages: &'static [&'static [&'static Field]],
    /// Carries frames or packets of others, as tunnels do: also who needs only those has to look into it.
    pub carries: bool,
    /// What may stand above it.
    pub leads: Leads,
    /// Asks the memory by itself, beside what transports ask.
    pub asks: bool,
    /// What it is for.
    pub family: Family,
}

/// What may stand above a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// No other layer.
    Nowhere,
    /// What has a name in a [`NameTable`], and bytes without a name.
    ByName,
    Anywhere,
}

/// What protocols are for, in a word; listings tell them apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// That of the layer below.
    Inherited,
    /// Bytes without a name.
    Payload,
    /// Frames on a link.
    Link,
    /// Who is on the link: ARP, LLDP.
    Neighbour,
    /// Packets across networks.
    Network,
    /// Reports and control of the network: ICMP, IGMP.
    Control,
    /// Connections.
    Stream,
    /// Datagrams.
    Datagram,
    /// Look-up of names.
    Names,
    /// Configuration and management of hosts: DHCP, NTP, SNMP.
    Setup,
    /// The web and what it carries.
    Web,
    /// Encryption and authentication.
    Secure,
    /// Routing and topology: OSPF, BGP, STP.
    Routing,
}

impl Family {
    pub const ALL: &'static [Family] = &[
        Family::Inherited,
        Family::Payload,
        Family::Link,
        Family::Neighbour,
        Family::Network,
        Family::Control,
        Family::Stream,
        Family::Datagram,
        Family::Names,
        Family::Setup,
        Family::Web,
        Family::Secure,
        Family::Routing,
    ];
}

impl Protocol {
    pub const fn new(name: &'static str, short: &'static str, title: &'static str) -> Protocol {
        Protocol {
            field: Field::new(Kind::Protocol, Base::Dec, name, title),
            short,
            fields: &[],
            shares: &[],
            claims: &[],
            names: &[],
            preferences: &[],
            dissect: |_| Ok(Next::End),
            plain: None,
            after: None,
            addresses: None,
            ends: None,
            preface: None,
            afterword: None,
            places_afterword: false,
            stays: None,
            summary: None,
            brief: false,
            mention: None,
            silent: false,
            within: false,
            extensible: false,
            pdu_len: None,
            lead: None,
            remember: None,
            preview: None,
            early: false,
            sized: false,
            together: false,
            joins: false,
            probe: None,
            stages: &[],
            carries: false,
            leads: Leads::Anywhere,
            asks: false,
            family: Family::Inherited,
        }
    }

    /// Has a line in the tree that says more than the title.
    pub const fn line(mut self, label: fn(&LayerView, &Entry, &mut Text)) -> Protocol {
        self.field = self.field.label(label);
        self
    }

    /// Whether this is a row that it may record.
    pub fn has(&self, field: &Field) -> bool {
        self.field.is(field) || self.fields.iter().chain(self.shares).any(|own| own.is(field))
    }

    /// Whether anything of it is seen in the packet list.
    pub fn writes_columns(&self) -> bool {
        self.summary.is_some() || self.addresses.is_some() || self.ends.is_some()
    }

    /// Whether its messages have to be looked for in the stream of a connection.
    pub fn has_messages(&self) -> bool {
        self.pdu_len.is_some() || self.remember.is_some()
    }

    pub fn name(&self) -> &'static str {
        self.field.name
    }
}

/// Numbers by which a protocol names the one that it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// The link-layer header types of the tcpdump.org registry.
    LinkType,
    EtherType,
    IpProto,
    /// Service access points of IEEE 802.2 LLC.
    LlcSap,
    /// Protocol ids of SNAP under an organisation: the code in the high 16 bits of 40 is not zero.
    SnapProtocol,
    PppProtocol,
    /// The protocols of Linux cooked captures that are no EtherTypes.
    SllProtocol,
    /// Address families of BSD loopback headers.
    NullFamily,
    TcpPort,
    UdpPort,
    SctpPort,
    DccpPort,
}

impl Table {
    /// The name under which `-d` knows the table.
    pub const fn name(self) -> &'static str {
        match self {
            Table::LinkType => "wtap_encap",
            Table::EtherType => "ethertype",
            Table::IpProto => "ip.proto",
            Table::LlcSap => "llc.dsap",
            Table::SnapProtocol => "llc.oui_pid",
            Table::PppProtocol => "ppp.protocol",
            Table::SllProtocol => "sll.ltype",
            Table::NullFamily => "null.type",
            Table::TcpPort => "tcp.port",
            Table::UdpPort => "udp.port",
            Table::SctpPort => "sctp.port",
            Table::DccpPort => "dccp.port",
        }
    }

    pub const ALL: &'static [Table] = &[
        Table::LinkType,
        Table::EtherType,
        Table::IpProto,
        Table::LlcSap,
        Table::SnapProtocol,
        Table::PppProtocol,
        Table::SllProtocol,
        Table::NullFamily,
        Table::TcpPort,
        Table::UdpPort,
        Table::SctpPort,
        Table::DccpPort,
    ];
}

/// Looks at a payload and the ports between which it was sent, the lower one first.
pub type Probe = fn(&[u8], [u16; 2]) -> bool;

/// Words by which a protocol names the one that it carries; upper and lower case are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameTable {
    /// The media types of IANA's registry, `text/html`. `*` has those that nobody claims.
    MediaType,
    /// The protocols of IANA's HTTP Upgrade Tokens registry: `websocket`.
    Upgrade,
}

/// Reads what stands behind a payload.
pub type After = fn(&mut Layer) -> Result<(), super::Stop>;

/// What follows a header.
#[derive(Clone, Copy)]
pub enum Next {
    /// Nothing; what is left over is not shown.
    End,
    /// The protocol that has this number; bytes without a name if none has.
    By(Table, u32),
    /// The same where the table's own name does not stand in the stack: `llc:ip`, not `llc:ethertype:ip`.
    Bare(Table, u32),
    /// The protocol of either port, the lower one first; else one that recognises the payload; else bytes.
    Ports(Table, u16, u16),
    /// The messages that the memory found in this layer's payload; see [`Layer::deliver`](super::Layer::deliver).
    Messages,
    /// This protocol.
    Protocol(&'static Protocol),
    /// This protocol, of which nobody wants to know more than its name in the stack.
    Unread(&'static Protocol),
    /// What an [`Envelope`](super::Envelope) stands around.
    Enclosed,
    /// Bytes without a name.
    Data,
}

/// The text columns of a packet that its protocol writes.
pub struct Summary<'a> {
    /// The Protocol column; empty is the protocol's [`short`](Protocol::short) name.
    pub protocol: &'a mut Text,
    /// The Info column.
    pub info: &'a mut Text,
    /// What the layer below has to say stands in the Info column too, before this one's words.
    pub below: bool,
}
