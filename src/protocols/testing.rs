//! What the tests of protocols share: bytes in, lines out.

use crate::capture::{Described, Frame, Interface, Precision, Time};
use crate::dissect::{Dissector, Need, Packet, Preference, Preferences, View};
use crate::output::Sink;
use crate::output::columns::Columns;
use crate::output::tree::Tree;
use crate::streams::Streams;
use crate::text::Text;

/// Link types of the tcpdump.org registry.
pub const ETHERNET: u16 = 1;

/// A frame to be dissected, and how.
pub struct Sample {
    link: u16,
    bytes: Vec<u8>,
    wire_len: Option<u32>,
    preferences: Preferences,
    fcs_len: Option<u8>,
    described: Option<Described>,
    options: Vec<u8>,
}

/// What a frame came to.
pub struct Dissected {
    /// The lines of the tree.
    pub tree: String,
    /// The names of the protocols but the first, joined by colons.
    pub stack: String,
    /// The Protocol and the Info column.
    pub protocol: String,
    pub info: String,
}

impl Sample {
    pub fn new(link: u16, bytes: impl Into<Vec<u8>>) -> Sample {
        Sample {
            link,
            bytes: bytes.into(),
            wire_len: None,
            preferences: Preferences::default(),
            fcs_len: None,
            described: None,
            options: Vec::new(),
        }
    }

    /// An Ethernet frame without addresses that carries `payload`.
    pub fn ethernet(ether_type: u16, payload: &[u8]) -> Sample {
        let mut bytes = vec![0; 12];
        bytes.extend(ether_type.to_be_bytes());
        bytes.extend(payload);
        Sample::new(ETHERNET, bytes)
    }

    /// Keeps only the first `len` bytes, as a snapshot length does.
    pub fn cut(mut self, len: usize) -> Sample {
        self.wire_len = Some(self.bytes.len() as u32);
        self.bytes.truncate(len);
        self
    }

    /// Lets the capture say that the frame had `len` bytes on the wire.
    pub fn wire_len(mut self, len: u32) -> Sample {
        self.wire_len = Some(len);
        self
    }

    pub fn prefer(mut self, preference: &'static Preference, value: bool) -> Sample {
        self.preferences.set(preference, value);
        self
    }

    /// Lets the capture say how many bytes of frame check sequence there are.
    pub fn fcs_len(mut self, len: u8) -> Sample {
        self.fcs_len = Some(len);
        self
    }

    /// Lets a little-endian pcapng file say which interface it was and what the options of the packet block are.
    pub fn described(mut self, name: Option<&str>, description: Option<&str>, options: &[(u16, &[u8])]) -> Sample {
        self.described = Some(Described {
            section: 1,
            id: 0,
            big_endian: false,
            name: name.map(str::to_owned),
            description: description.map(str::to_owned),
            options: Vec::new(),
        });
        for (code, value) in options {
            self.options.extend(code.to_le_bytes());
            self.options.extend((value.len() as u16).to_le_bytes());
            self.options.extend(*value);
            self.options.resize(self.options.len().next_multiple_of(4), 0);
        }
        self
    }

    pub fn dissect(self) -> Dissected {
        self.after(&[], &mut Streams::new())
    }

    /// Dissects this frame after others that are remembered.
    pub fn after(self, earlier: &[Sample], streams: &mut Streams) -> Dissected {
        let dissector = Dissector::new(super::registry(), self.preferences.clone(), Need::ALL);
        let mut packet = Packet::new();
        let mut dissected = None;
        for (number, sample) in earlier.iter().chain([&self]).enumerate() {
            let interface = Interface {
                link: sample.link,
                fcs_len: sample.fcs_len,
                snap_len: 0,
                precision: Precision::MICROS,
                described: sample.described.clone(),
            };
            let frame = Frame {
                number: number as u64 + 1,
                time: Some(Time::from_nanos(1_700_000_000, number as u32 * 1_000_000)),
                wire_len: sample.wire_len.unwrap_or(sample.bytes.len() as u32),
                offset: 0,
                interface: &interface,
                bytes: &sample.bytes,
                options: &sample.options,
            };
            dissector.dissect(&frame, streams, &mut packet);
            dissected = Some(Dissected::new(&View { frame: &frame, packet: &packet }));
        }
        dissected.expect("this sample comes last")
    }
}

impl Dissected {
    fn new(view: &View) -> Dissected {
        let mut tree = Text::new();
        Tree::new(Vec::new(), true).packet(view, &mut tree);
        let mut columns = Columns::default();
        columns.fill(view);
        let stack: Vec<&str> = view.layers().skip(1).map(|layer| layer.protocol().name()).collect();
        Dissected {
            tree: tree.to_string_lossy(),
            stack: stack.join(":"),
            protocol: columns.protocol.to_string_lossy(),
            info: columns.info.to_string_lossy(),
        }
    }

    /// Panics if the tree lacks one of these lines, which may stand apart but only in this order.
    #[track_caller]
    pub fn shows(&self, lines: &[&str]) -> &Dissected {
        let mut left = self.tree.lines();
        for line in lines {
            assert!(left.any(|other| other.trim() == *line), "no line {line:?} in\n{}", self.tree);
        }
        self
    }

    /// Panics if a line of the tree contains `text`.
    #[track_caller]
    pub fn lacks(&self, text: &str) -> &Dissected {
        assert!(!self.tree.contains(text), "{text:?} in\n{}", self.tree);
        self
    }
}

/// Who sends a segment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

/// An Ethernet frame with a segment whose data stands at `offset` of its direction.
pub fn segment(side: Side, port: u16, offset: u32, data: &[u8]) -> Sample {
    let (client, server) = (([192, 0, 2, 1], 50_000), ([192, 0, 2, 2], port));
    let ((source, from), (destination, to)) = if side == Side::Client { (client, server) } else { (server, client) };
    let mut bytes = Vec::new();
    etherparse::PacketBuilder::ethernet2([0, 0, 0x5e, 0, 0x53, 1], [0, 0, 0x5e, 0, 0x53, 2])
        .ipv4(source, destination, 64)
        .tcp(from, to, 1000 + offset, 8192)
        .ack(1000)
        .write(&mut bytes, data)
        .expect("the headers fit");
    Sample::new(ETHERNET, bytes)
}

/// Dissects segments in order and returns what each came to.
pub fn talk_to(port: u16, segments: &[(Side, Vec<u8>)]) -> Vec<Dissected> {
    let mut offsets = [0, 0];
    let mut samples = Vec::new();
    let mut all = Vec::new();
    for (side, data) in segments {
        let offset = &mut offsets[*side as usize];
        all.push((*side, *offset, data));
        *offset += data.len() as u32;
    }
    for end in 1..=all.len() {
        let make = |&(side, offset, data): &(Side, u32, &Vec<u8>)| segment(side, port, offset, data);
        let earlier: Vec<Sample> = all[..end - 1].iter().map(make).collect();
        samples.push(make(&all[end - 1]).after(&earlier, &mut Streams::new()));
    }
    samples
}

/// Dissects the last of some segments after the others, each with the place of its data in its direction.
pub fn last_of(port: u16, segments: &[(Side, u32, &[u8])]) -> Dissected {
    let make = |&(side, offset, data): &(Side, u32, &[u8])| segment(side, port, offset, data);
    let (last, earlier) = segments.split_last().expect("there is one");
    let earlier: Vec<Sample> = earlier.iter().map(make).collect();
    make(last).after(&earlier, &mut Streams::new())
}
