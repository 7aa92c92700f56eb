//! What anybody will read of packets: the filter and the sinks say it before the first frame, and what nobody needs is not done.

use super::{Field, Protocol, Registry};

/// Which protocols' fields are read, and what of other frames they depend on. Other protocols are parsed as far as these can stand
/// above them, and not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    pub protocols: Needed,
    pub asks: Asks,
    pub rows: Rows,
}

/// Which of the rows of those protocols are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    All,
    /// Those at these addresses, sorted.
    Only(Vec<usize>),
}

impl Rows {
    fn of<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Rows {
        let mut rows: Vec<usize> = fields.into_iter().map(|field| std::ptr::from_ref(field) as usize).collect();
        rows.sort_unstable();
        rows.dedup();
        Rows::Only(rows)
    }

    pub(super) fn has(&self, field: &Field) -> bool {
        match self {
            Rows::All => true,
            Rows::Only(rows) => rows.binary_search(&(std::ptr::from_ref(field) as usize)).is_ok(),
        }
    }
}

/// Which protocols' fields are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    All,
    /// Those that write a column of the packet list, and these, by their filter names.
    Columns(Vec<&'static str>),
    /// These, by their filter names.
    Only(Vec<&'static str>),
}

/// How much of the frames before has to be known. Each includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asks {
    /// Nothing but their times.
    #[default]
    Nothing,
    /// Numbers of streams, where their sequence numbers begin, what answers what.
    Streams,
    /// What has become of the segments of a connection.
    Analysis,
    /// The messages of connections, and so all that stands above the transport.
    Messages,
    /// What messages carry once it is decoded: put together from chunks, decompressed.
    Contents,
}

impl Need {
    pub const NOTHING: Need =
        Need { protocols: Needed::Only(Vec::new()), asks: Asks::Nothing, rows: Rows::Only(Vec::new()) };
    pub const ALL: Need = Need { protocols: Needed::All, asks: Asks::Contents, rows: Rows::All };

    /// The columns of the packet list, and these protocols besides.
    pub const fn columns(protocols: Vec<&'static str>) -> Need {
        Need { protocols: Needed::Columns(protocols), asks: Asks::Messages, rows: Rows::All }
    }

    /// These protocols, and no more of other frames than `asks` says.
    pub const fn only(protocols: Vec<&'static str>, asks: Asks) -> Need {
        Need { protocols: Needed::Only(protocols), asks, rows: Rows::All }
    }

    /// The same, and of these protocols no more than these rows.
    pub fn only_rows<'a>(protocols: Vec<&'static str>, asks: Asks, rows: impl IntoIterator<Item = &'a Field>) -> Need {
        Need { rows: Rows::of(rows), ..Need::only(protocols, asks) }
    }

    /// Just these rows.
    pub fn of<'a>(fields: impl IntoIterator<Item = &'a Field>, registry: &Registry) -> Need {
        let mut asks = Asks::Nothing;
        let (mut protocols, mut rows) = (Vec::new(), Vec::new());
        for field in fields {
            asks = asks.max(registry.asks(field));
            protocols.extend(registry.owners(field));
            rows.push(field);
        }
        protocols.sort_unstable();
        protocols.dedup();
        Need { protocols: Needed::Only(protocols), asks, rows: Rows::of(rows) }
    }

    /// No more than that these protocols are there.
    pub fn of_presence<'a>(fields: impl IntoIterator<Item = &'a Field>, registry: &Registry) -> Need {
        Need { rows: Rows::Only(Vec::new()), ..Need::of(fields, registry) }
    }

    pub fn includes(&self, protocol: &Protocol) -> bool {
        match &self.protocols {
            Needed::All => true,
            Needed::Columns(names) => protocol.writes_columns() || names.contains(&protocol.name()),
            Needed::Only(names) => names.contains(&protocol.name()),
        }
    }

    /// Whether a row is read for which `is` holds.
    pub fn reads(&self, registry: &Registry, is: impl Fn(&Field) -> bool) -> bool {
        let mut protocols = registry.protocols().iter().filter(|protocol| self.includes(protocol));
        protocols.any(|protocol| {
            protocol.fields.iter().chain(protocol.shares).any(|field| is(field) && self.rows.has(field))
        })
    }

    /// What is needed by either.
    pub fn and(self, other: Need) -> Need {
        let asks = self.asks.max(other.asks);
        let protocols = match (self.protocols, other.protocols) {
            (Needed::Only(mut names), Needed::Only(more)) => {
                names.extend(more);
                Needed::Only(names)
            }
            (Needed::Columns(mut names), Needed::Columns(more) | Needed::Only(more))
            | (Needed::Only(mut names), Needed::Columns(more)) => {
                names.extend(more);
                Needed::Columns(names)
            }
            (Needed::All, _) | (_, Needed::All) => Needed::All,
        };
        let rows = match (self.rows, other.rows) {
            (Rows::Only(mut rows), Rows::Only(more)) => {
                rows.extend(more);
                rows.sort_unstable();
                Rows::Only(rows)
            }
            (Rows::All, _) | (_, Rows::All) => Rows::All,
        };
        Need { protocols, asks, rows }
    }
}
