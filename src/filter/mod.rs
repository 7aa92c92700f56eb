//! The display filter language: Wireshark's, as of 4.0.
//!
//! ```text
//!  text ──▶ token ──▶ parse ──▶ check ──▶ compile ──▶ run
//!           words     a tree    fields,   addresses   a walk over the entries
//!                               types     of rows     of each packet
//! ```
//!
//! What headers tell is asked before that of the raw frame, and of a live capture in the kernel: see [`Filter::early`] and
//! [`Filter::kernel`]. Neither rejects what the dissected packet would let pass.
//!
//! A filter is compiled once, says which protocols it reads, and then answers yes or no for each packet. Everything that can be
//! wrong with it is wrong before the first packet, and says where:
//!
//! ```
//! use sniff::capture::{Frame, Interface, Precision, Time};
//! use sniff::dissect::{Dissector, Forgetful, Packet, Preferences, View};
//! use sniff::filter::Filter;
//! use sniff::protocols::registry;
//!
//! let filter = Filter::compile("udp.port in {53, 5353} and not ip.src == 192.0.2.0/24", &registry()).unwrap();
//!
//! // Only what the filter reads is recorded.
//! let dissector = Dissector::new(registry(), Preferences::default(), filter.need());
//! let interface = Interface { link: 1, fcs_len: None, snap_len: 0, precision: Precision::MICROS, described: None };
//! let mut bytes = Vec::new();
//! etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [0, 0, 0x5e, 0, 0x53, 2])
//!     .ipv4([198, 51, 100, 20], [192, 0, 2, 10], 64)
//!     .udp(40_000, 53)
//!     .write(&mut bytes, b"a question")
//!     .unwrap();
//! let time = Some(Time::default());
//! let frame = Frame { number: 1, time, wire_len: bytes.len() as u32, offset: 0, interface: &interface, bytes: &bytes, options: &[] };
//! let mut packet = Packet::new();
//! dissector.dissect(&frame, &mut Forgetful, &mut packet);
//!
//! assert!(filter.matches(&View { frame: &frame, packet: &packet }));
//!
//! // What cannot be asked says where, and what to write instead.
//! let error = Filter::compile("udp.prt == 53", &registry()).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "`udp.prt` is neither a field nor a protocol\n  \
//!        udp.prt == 53\n  \
//!        ^~~~~~~\n  \
//!        did you mean `udp.port`?"
//! );
//! ```
//!
//! A field may have several values in a packet, and several rows may make them: `ip.addr` is every `ip.src` and every `ip.dst`, of
//! the outer packet and of one that it quotes. Any of them may pass, except where `!=` asks that all differ; a comparison with a
//! field that is absent is false, and `not` turns that round.

//! # Where it differs from Wireshark 4.0.17
//!
//! The rows of `tests/filters.tsv` hold the language against tshark 4.0.17. On purpose it differs in this:
//!
//! - What later versions accept is accepted: `xor`, `^^`, `@field`, `true` and `false`; besides, a sign before a group, `-{a + b}`, a
//!   slice of a GUID or an EUI-64, and a time zone behind every form of a date.
//! - Numbers without a sign are compared with negative ones by their value, arithmetic does not end at 32 bits, and moments lie as
//!   far apart as they do; 4.0.17 takes -1 for 4294967295 there, or finds nothing.
//! - What has no value, as `tcp.len / 0`, passes no test, not even under `all`.
//! - `ip.src#2` and `ip.src` in one expression are two things; `#[-2--1]` is the last two layers; `&` cuts an IPv6 address.
//! - What a protocol says as bytes, `tcp[13]`, is its header: so in 4.0.17 with `-V` or `-T fields`, and not where it prints the list.
//! - Patterns are those of the `regex` crate in what takes no linear time: look-around, back-references, recursion, atomic groups,
//!   possessive repetition and `\p{…}` are refused, and the error says so.
//! - An expression has at most 65,536 bytes, and 128 parts inside one another.

mod check;
mod compile;
mod doubt;
mod error;
mod explain;
mod habit;
mod literal;
mod parse;
mod pattern;
mod print;
mod program;
mod raw;
mod run;
mod token;

pub use error::{Error, Span, Warning};
pub use raw::{Early, Reach};

use std::net::IpAddr;

use crate::capture::Frame;
use crate::dissect::{Need, Registry, View};
use crate::glance::headers::Headers;

/// A compiled display filter.
///
/// It may be asked from several threads; a clone for each spares those with patterns a lock.
#[derive(Clone)]
pub struct Filter {
    node: compile::Node,
    need: Need,
    /// What the headers of a raw frame decide.
    raw: Option<raw::Raw>,
    warnings: Vec<Warning>,
    expression: String,
    /// What it was compiled from; empty lets everything pass.
    condition: Option<check::Condition>,
}

/// A display filter for the packets of `transport`, `tcp` or `udp`, between two ends, whichever sends.
pub fn between(transport: &str, ends: [(IpAddr, u16); 2]) -> String {
    let end = |(address, port): (IpAddr, u16)| {
        let network = if address.is_ipv4() { "ip" } else { "ipv6" };
        format!("{network}.addr == {address} and {transport}.port == {port}")
    };
    let [one, other] = ends.map(end);
    format!("({one} and {other})")
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Filter").field("expression", &self.expression).field("need", &self.need).finish_non_exhaustive()
    }
}

impl Filter {
    /// Compiles an expression over the fields of `registry`; an empty one lets every packet pass.
    pub fn compile(text: &str, registry: &Registry) -> Result<Filter, Error> {
        Filter::compile_only(text, registry).map_err(|error| match habit::translate(text) {
            Some(other) if Filter::compile_only(&other, registry).is_ok() => {
                error.hint(format!("that looks like a capture filter; as a display filter: `{other}`"))
            }
            _ => error,
        })
    }

    fn compile_only(text: &str, registry: &Registry) -> Result<Filter, Error> {
        let located = |error: Error| Error { expression: text.to_owned(), ..error };
        let Some(expr) = parse::parse(text).map_err(located)? else {
            return Ok(Filter {
                node: compile::Node::Always(true),
                need: Need::NOTHING,
                raw: None,
                warnings: Vec::new(),
                expression: String::new(),
                condition: None,
            });
        };
        let (condition, doubts) = check::check(&expr, text, registry).map_err(located)?;
        let (node, need) = compile::compile(condition.clone(), registry);
        let raw = raw::Raw::of(&node, registry);
        let warnings = doubts.into_iter().map(located).map(Warning).collect();
        Ok(Filter { node, need, raw, warnings, expression: text.to_owned(), condition: Some(condition) })
    }

    /// Whether a packet passes.
    pub fn matches(&self, view: &View) -> bool {
        self.node.matches(view)
    }

    /// What it says of a frame before that is dissected, as far as the headers tell.
    pub fn early(&self, frame: &Frame) -> Early {
        self.raw.as_ref().map_or_else(Early::default, |raw| raw.early(&raw.headers(frame)))
    }

    /// The same, of headers that were walked over.
    pub fn early_of(&self, headers: &Headers) -> Early {
        self.raw.as_ref().map_or_else(Early::default, |raw| raw.early(headers))
    }

    /// Whether there are frames that it rejects for what their headers say.
    pub fn rejects_early(&self) -> bool {
        self.raw.as_ref().is_some_and(raw::Raw::rejects)
    }

    /// Whether more is decided of a segment once it is known what the memory says of it.
    pub fn gains(&self) -> bool {
        self.raw.as_ref().is_some_and(raw::Raw::gains)
    }

    /// What it says of a segment of which is [known](Headers::learn) what the memory says of it; nothing where that does not tell.
    pub fn late(&self, headers: &Headers) -> Option<bool> {
        self.raw.as_ref()?.late(headers)
    }

    /// Whether what passes belongs to one stream, of which it says the number: `tcp.stream == 5 && tcp.len > 0`.
    pub fn is_of_one_stream(&self) -> bool {
        let numbers_one = |condition: &check::Condition| match condition {
            check::Condition::Compare {
                left: check::Term::Field(field),
                comparison: parse::Comparison { order: parse::Order::Equal, .. },
                right: check::Term::Constant(literal::Constant::Integer(_)),
            } => matches!(field.name, "tcp.stream" | "udp.stream") && field.layers.is_empty() && !field.raw,
            _ => false,
        };
        match &self.condition {
            Some(check::Condition::And(parts)) => parts.iter().any(numbers_one),
            condition => condition.as_ref().is_some_and(numbers_one),
        }
    }

    /// A display filter for all packets of the conversation that alone is in a frame; none where its headers do not tell.
    pub fn conversation(&self, frame: &Frame) -> Option<String> {
        self.raw.as_ref()?.conversation(frame)
    }

    /// Whether there are conversations of which it rejects every plain packet, as their headers tell.
    pub fn rejects_conversations(&self) -> bool {
        self.raw.as_ref().is_some_and(raw::Raw::rejects_conversations)
    }

    /// A capture filter, in the language of `pcap-filter(7)`, that lets every frame of a live capture pass that this one does, and no
    /// more than it has to; none where that would be all frames.
    pub fn kernel(&self, reach: Reach) -> Option<String> {
        self.raw.as_ref()?.kernel(reach)
    }

    /// The protocols whose fields it reads, and what these depend on.
    pub fn need(&self) -> Need {
        self.need.clone()
    }

    /// What of it is legal and was hardly meant.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Whether it has references to another packet: `${ip.src}`.
    pub fn refers(&self) -> bool {
        self.condition.as_ref().is_some_and(check::Condition::refers)
    }

    /// The same filter, with the references to what `view` says; of a packet in which everything was recorded.
    pub fn referring_to(&self, view: &View, registry: &Registry) -> Filter {
        let Some(mut condition) = self.condition.clone() else { return self.clone() };
        condition.refer(&mut |field| compile::constants(field, view));
        let (node, need) = compile::compile(condition.clone(), registry);
        let raw = raw::Raw::of(&node, registry);
        Filter { node, need, raw, condition: Some(condition), ..self.clone() }
    }

    /// Says in words what it asks, what it reads, and how that was compiled.
    pub fn explain(&self, registry: &Registry) -> String {
        explain::explain(self, registry)
    }
}
