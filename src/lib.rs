//! `sniff` as a library: captures packets and turns them into named fields.
//!
//! A **source** yields frames; a **pipeline** turns each frame into a flat list of named fields; a **sink** shows them.
//!
//! ```text
//!  Source ───frame──▶ Streams ──frame + memory──▶ Dissect ──Packet──▶ Filter ──▶ Sink
//!  pcap · pcapng ·     all that remembers,         pure: bytes to      yes/no     list · tree · hex ·
//!  pipe · compressed   in capture order            fields                         columns · JSON
//! ```
//!
//! Nothing flows back. The rooms, from the door inwards:
//!
//! | folder | what it holds | what it knows |
//! | --- | --- | --- |
//! | [`cli`] | arguments, exit status | everything below |
//! | [`pipeline`] | the loop that joins the rooms | sources, streams, dissection, filters, sinks |
//! | [`capture`] | where frames come from: files, pipes, libpcap | no protocol |
//! | [`dissect`] | the engine: cursor, fields, registry | no protocol |
//! | [`protocols`] | one protocol, one file | only the engine |
//! | [`streams`] | what one frame has to know of others | what the engine asks for |
//! | [`glance`] | what raw headers tell, and what they ask of memory | the engine, TCP |
//! | [`filter`] | the display filter language | fields, raw headers |
//! | [`follow`] | both directions of a conversation, in order | streams, fields |
//! | [`output`] | list, tree, columns, JSON, bytes | fields |
//! | [`names`] | words for numbers that registries assign | nothing |
//!
//! Three laws hold everywhere. Names, types and values are Wireshark's. Nothing on the way of a packet allocates or formats what is not
//! shown. Every byte of a packet is hostile: what cannot be read is shown as far as it can be, and the next packet is read.
//!
//! ```
//! use sniff::capture::{self, Batch};
//! use sniff::dissect::{Dissector, Need, Packet, Preferences, View};
//! use sniff::{protocols, streams::Streams};
//!
//! let dissector = Dissector::new(protocols::registry(), Preferences::default(), Need::ALL);
//! let (mut streams, mut packet, mut batch) = (Streams::new(), Packet::new(), Batch::default());
//! let mut source = capture::open("captures/tcp-echo-lo.pcap".as_ref())?;
//! let mut ports = Vec::new();
//! while source.read(&mut batch)? {
//!     for frame in batch.frames() {
//!         dissector.dissect(&frame, &mut streams, &mut packet);
//!         let view = View { frame: &frame, packet: &packet };
//!         let tcp = view.layers().find(|layer| layer.protocol().name() == "tcp");
//!         ports.extend(tcp.and_then(|tcp| tcp.number(&sniff::protocols::tcp::DSTPORT)));
//!     }
//! }
//! assert!(!ports.is_empty());
//! # Ok::<(), capture::Error>(())
//! ```
#![deny(unsafe_code)]

pub mod capture;
pub mod cli;
pub mod digest;
pub mod dissect;
pub mod filter;
pub mod follow;
pub mod glance;
pub mod names;
pub mod output;
pub mod pipeline;
pub mod protocols;
pub mod streams;
pub mod text;

/// The version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
