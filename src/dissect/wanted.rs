//! What a [`Need`] comes to, protocol by protocol.

use super::layer::Records;
use super::{Derive, Field, Need, Needed, Protocol, Registry, Rows};

/// What is wanted of each protocol.
#[derive(Default)]
pub(super) struct Wanted {
    /// The protocols that were named.
    named: Vec<Named>,
    /// The others.
    others: Others,
    /// Which stages of the others are read.
    other_stages: Stages,
}

struct Named {
    protocol: &'static Protocol,
    stages: Stages,
    rows: Recorded,
}

/// Which rows of a protocol are recorded.
enum Recorded {
    None,
    All,
    Only(Chosen),
}

/// A few rows of a protocol.
pub(super) struct Chosen {
    /// A bit for what each address comes to: most rows that are none of these are told by it.
    bits: u64,
    /// Their addresses.
    rows: Vec<usize>,
    /// The stages in which they stand.
    pub stages: Stages,
    /// Columns are made of all of them; also where there is none.
    pub are_columns: bool,
}

impl Chosen {
    fn new(fields: &[&Field], stages: Stages) -> Chosen {
        let mut rows: Vec<usize> = fields.iter().map(|field| address(field)).collect();
        rows.sort_unstable();
        rows.dedup();
        let bits = rows.iter().fold(0, |bits, &row| bits | Chosen::bit(row));
        Chosen { bits, rows, stages, are_columns: fields.iter().all(|field| field.in_columns) }
    }

    #[inline(always)]
    fn bit(address: usize) -> u64 {
        1 << (address / size_of::<Field>() % 64)
    }

    #[inline(always)]
    pub fn has(&self, field: &Field) -> bool {
        self.bits & Chosen::bit(address(field)) != 0 && self.lists(field)
    }

    #[inline(never)]
    fn lists(&self, field: &Field) -> bool {
        self.rows.contains(&address(field))
    }
}

fn address(field: &Field) -> usize {
    std::ptr::from_ref(field).addr()
}

/// Which protocols are recorded besides those that are named.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Others {
    All,
    Columns,
    #[default]
    None,
}

/// What is wanted of a protocol.
pub(super) struct Want<'a> {
    /// It has a line in the tree: that it is there, and where.
    pub has_line: bool,
    /// What is recorded below that line.
    pub records: Records<'a>,
    pub stages: Stages,
}

impl Wanted {
    /// What `need` asks for; all stages, unless only those that are needed are read.
    pub fn of(need: &Need, registry: &Registry, all_stages: bool) -> Wanted {
        let (names, others) = match &need.protocols {
            Needed::All => (&[][..], Others::All),
            Needed::Columns(names) => (&names[..], Others::Columns),
            Needed::Only(names) => (&names[..], Others::None),
        };
        let named = registry.protocols().iter().copied().filter(|protocol| names.contains(&protocol.name()));
        let named = named.map(|protocol| {
            // What one row lists, another of the same name may record.
            let alike = registry.protocols().iter().copied().filter(|other| other.name() == protocol.name());
            let alike: Vec<&'static Protocol> = alike.collect();
            let (stages, has_rows) = if all_stages {
                // Who needs more than headers may need rows that come only as company of others.
                (Stages::ALL, true)
            } else {
                (
                    Stages::of_rows(&alike, &need.rows),
                    alike.iter().any(|protocol| protocol.fields.iter().any(|field| need.rows.has(field))),
                )
            };
            // Rows of upper protocols are many and of all kinds, and messages are fewer than headers; only stages say more.
            let rows = match has_rows {
                false => Recorded::None,
                true if need.rows == Rows::All || !registry.is_lower(protocol) && protocol.stages.is_empty() => {
                    Recorded::All
                }
                true => recorded(&alike, &need.rows),
            };
            Named { protocol, stages, rows }
        });
        let other_stages = if all_stages { Stages::ALL } else { Stages::NONE };
        Wanted { named: named.collect(), others, other_stages }
    }

    #[inline]
    pub fn of_protocol(&self, protocol: &'static Protocol) -> Want<'_> {
        if let Some(named) = self.named.iter().find(|named| std::ptr::eq(named.protocol, protocol)) {
            let records = match &named.rows {
                Recorded::None => Records::Nothing,
                Recorded::All => Records::All,
                Recorded::Only(chosen) => Records::Rows(chosen),
            };
            return Want { has_line: true, records, stages: named.stages };
        }
        match self.others {
            Others::All => Want { has_line: true, records: Records::All, stages: Stages::ALL },
            Others::Columns => {
                let records = if protocol.brief { Records::Columns } else { Records::All };
                Want { has_line: protocol.writes_columns(), records, stages: Stages::ALL }
            }
            Others::None => Want { has_line: false, records: Records::Nothing, stages: self.other_stages },
        }
    }

    /// Whether only these are named, and `is` holds for each of them.
    pub fn are_all(&self, is: impl Fn(&'static Protocol) -> bool) -> bool {
        self.named.iter().all(|named| is(named.protocol))
    }
}

/// The rows of protocols that `rows` wants or that bring such rows with them; all of them where these are many, or where what an expert
/// item says is wanted, which may be made of others.
fn recorded(protocols: &[&'static Protocol], rows: &Rows) -> Recorded {
    const MOST: usize = 16;
    fn brings(field: &Field, rows: &Rows) -> bool {
        rows.has(field) || field.aliases.iter().any(|other| brings(other, rows))
    }
    let fields = protocols.iter().flat_map(|protocol| protocol.fields.iter().chain(protocol.shares));
    let fields: Vec<&Field> = fields.copied().filter(|field| brings(field, rows)).collect();
    let stages = protocols.iter().map(|protocol| Stages::of(protocol, fields.iter().copied()));
    let chosen = Chosen::new(&fields, stages.fold(Stages::NONE, Stages::and));
    let is_said = |row: &Field| matches!(row.derive, Derive::ExpertMessage | Derive::ExpertLine) && rows.has(row);
    let depend = fields.iter().any(|field| field.label.is_some() && field.aliases.iter().any(|row| is_said(row)));
    if chosen.rows.len() <= MOST && !depend { Recorded::Only(chosen) } else { Recorded::All }
}

/// Which of the stages of a protocol are needed, counted from 1: see [`Protocol::stages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stages {
    pub first: u8,
    pub last: u8,
}

impl Stages {
    pub const ALL: Stages = Stages { first: 0, last: u8::MAX };
    const NONE: Stages = Stages { first: u8::MAX, last: 0 };

    fn and(self, other: Stages) -> Stages {
        Stages { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    /// Those of `protocol` in which fields stand. One that stands in none may be recorded in any.
    fn of<'a>(protocol: &Protocol, fields: impl Iterator<Item = &'a Field>) -> Stages {
        let stage = |field: &Field| {
            let place = protocol.stages.iter().position(|stage| stage.iter().any(|own| own.is(field)));
            let number = place.and_then(|place| u8::try_from(place + 1).ok());
            number.map_or(Stages::ALL, |number| Stages { first: number, last: number })
        };
        fields.map(stage).fold(Stages::NONE, Stages::and)
    }

    /// Those of any of `protocols` that are needed for these rows.
    fn of_rows(protocols: &[&'static Protocol], rows: &Rows) -> Stages {
        let each = protocols.iter().map(|protocol| {
            let own = std::iter::once(&protocol.field).chain(protocol.fields.iter().copied());
            Stages::of(protocol, own.filter(|field| rows.has(field)))
        });
        each.fold(Stages::NONE, Stages::and)
    }
}

impl Default for Stages {
    fn default() -> Stages {
        Stages::NONE
    }
}
