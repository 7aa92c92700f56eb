//! The engine: turns a frame into a flat list of named fields. It knows no protocol.
//!
//! ```text
//!  Frame ──▶ run ──▶ Protocol::dissect(&mut Layer) ──▶ Next ──▶ registry ──▶ Protocol::dissect … ──▶ Packet
//!                          │ reads with the cursor: bounds, records, advances
//!                          └ asks `Memory` what earlier frames say (stream numbers, answers)
//! ```
//!
//! The first headers of a frame, where they have nothing unusual and only columns or nothing are made of them, are read by
//! [`Protocol::plain`] instead.
//!
//! A [`Packet`] is a reused list of [`Entry`]s in the order in which a tree would be printed. A [`View`] puts it beside the bytes it
//! was read from; tree, JSON, columns, filters and statistics all read that.

mod buffer;
pub mod field;
mod layer;
pub(crate) mod message;
mod need;
mod note;
mod packet;
mod plain;
mod preference;
mod protocol;
mod registry;
mod run;
mod short;
mod value;
mod wanted;

pub use buffer::{Assembly, Buffer, Fault, Piece, piece_line, pieces_line};
pub use field::make;
pub use field::{Base, Derive, Display, Field, Group, Kind, Names, Severity};
pub(crate) use field::{fields, names};
pub use layer::{Layer, Outcome, Place, Stop};
pub use message::{
    Again, Delivery, Envelope, Foresight, Framing, Kept, Memo, Part, Successor, Talk, Told, What, Who, Words,
};
pub use need::{Asks, Need, Needed, Rows};
pub use note::{
    Address, Analysis, Conversation, Duplicate, Earlier, EchoNote, Forgetful, Fragment, FragmentNote, FrameNote,
    Memory, Query, SegmentHeader, StreamNote, TcpNote, Transport, WindowScale, completeness, flags, verdict,
};
pub(crate) use packet::MAX_ENTRIES;
pub use packet::{Entry, LayerMark, LayerView, Packet, View};
pub use plain::Plain;
pub use preference::{Preference, Preferences};
pub use protocol::{Family, Leads, NameTable, Next, Protocol, Summary, Table};
pub use registry::{DecodeAs, Registry, edit_distance};
pub use run::{Data, Dissector};
pub(crate) use short::Short;
pub use value::Value;
