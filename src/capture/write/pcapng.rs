//! Writes pcapng: sections, interfaces and packets as the source has them, in the byte order of its sections.
//!
//! A source that has no sections, a pcap file, becomes one section with one interface. Interfaces are written as soon as they are
//! known, before the first packet that needs them; they are numbered as in the source.

use super::super::pcapng::{Clock, kind};
use super::super::{Frame, Interface, Precision, Says};

/// The state of writing a pcapng file.
#[derive(Default)]
pub(super) struct Pcapng {
    /// The section that is being written, by its number in the source; `None` before the first.
    section: Option<u32>,
    big_endian: bool,
    /// The clocks of its interfaces.
    clocks: Vec<Clock>,
    /// How many interfaces of the source were written, or are past.
    described: usize,
}

impl Pcapng {
    #[inline]
    pub fn frame(&mut self, frame: &Frame, interfaces: &[Interface], out: &mut Vec<u8>) {
        let (section, id) = place(frame.interface);
        if self.section != Some(section) {
            // What began the section was not right, and was not handed out.
            let big_endian = frame.interface.described.as_ref().is_some_and(|it| it.big_endian);
            self.begin(section, big_endian, &application(big_endian), interfaces, out);
        }
        if id as usize >= self.clocks.len() {
            self.describe(interfaces, out);
        }
        let clock = self.clocks.get(id as usize).copied().unwrap_or_else(|| Clock::of(frame.interface));
        let mut block = Block { out, big_endian: self.big_endian };
        let captured = frame.bytes.len() as u32;
        match frame.time {
            Some(time) => {
                let ticks = clock.ticks(time);
                let len = 32 + frame.bytes.len().next_multiple_of(4) + frame.options.len();
                block.u32(kind::ENHANCED_PACKET);
                block.u32(len as u32);
                block.u32(id);
                block.u32((ticks >> 32) as u32);
                block.u32(ticks as u32);
                block.u32(captured);
                block.u32(frame.wire_len);
                block.padded(frame.bytes);
                block.out.extend_from_slice(frame.options);
                block.u32(len as u32);
            }
            // Only the block that has no time has no time; it belongs to the first interface.
            None => block.block(kind::SIMPLE_PACKET, |block| {
                block.u32(frame.wire_len);
                block.padded(frame.bytes);
            }),
        }
    }

    pub fn aside(&mut self, says: &Says, interfaces: &[Interface], out: &mut Vec<u8>) {
        match says {
            Says::Section(section) => {
                self.describe(interfaces, out);
                self.begin(section.number, section.big_endian, &section.options, interfaces, out);
            }
            Says::Names(names) => self.block(out, kind::NAMES, |block| block.out.extend_from_slice(&names.records)),
            Says::Secrets(secrets) => self.block(out, kind::SECRETS, |block| {
                block.u32(secrets.kind);
                block.u32(secrets.bytes.len() as u32);
                block.padded(&secrets.bytes);
                block.out.extend_from_slice(&secrets.options);
            }),
            Says::Statistics(statistics) => {
                let Some(interface) = interfaces.get(statistics.interface as usize) else { return };
                self.describe(interfaces, out);
                let (_, id) = place(interface);
                let ticks = Clock::of(interface).ticks(statistics.time);
                self.block(out, kind::STATISTICS, |block| {
                    block.u32(id);
                    block.u32((ticks >> 32) as u32);
                    block.u32(ticks as u32);
                    block.out.extend_from_slice(&statistics.options);
                });
            }
            Says::Malformed { .. } => {}
        }
    }

    pub fn finish(&mut self, interfaces: &[Interface], out: &mut Vec<u8>) {
        if self.section.is_none() {
            let first = interfaces.first();
            let big_endian = first.and_then(|it| it.described.as_ref()).is_some_and(|it| it.big_endian);
            let section = first.map_or(0, |it| place(it).0);
            self.begin(section, big_endian, &application(big_endian), interfaces, out);
        }
        self.describe(interfaces, out);
    }

    /// Begins a section, with the interfaces of it that are known.
    fn begin(&mut self, number: u32, big_endian: bool, options: &[u8], interfaces: &[Interface], out: &mut Vec<u8>) {
        self.section = Some(number);
        self.big_endian = big_endian;
        self.clocks.clear();
        self.block(out, kind::SECTION, |block| {
            block.u32(0x1a2b_3c4d);
            block.u16(1);
            block.u16(0);
            // The length of the section is not known before its end.
            block.u32(u32::MAX);
            block.u32(u32::MAX);
            block.out.extend_from_slice(options);
        });
        self.describe(interfaces, out);
    }

    /// Writes the interfaces of the section that are known by now and were not written.
    fn describe(&mut self, interfaces: &[Interface], out: &mut Vec<u8>) {
        let Some(section) = self.section else { return };
        for interface in interfaces.get(self.described..).unwrap_or_default() {
            let of = place(interface).0;
            if of > section {
                break;
            }
            self.described += 1;
            if of < section {
                continue;
            }
            self.clocks.push(Clock::of(interface));
            self.block(out, kind::INTERFACE, |block| {
                block.u16(interface.link);
                block.u16(0);
                block.u32(interface.snap_len);
                match &interface.described {
                    Some(described) => block.out.extend_from_slice(&described.options),
                    None => undescribed(interface, block.out),
                }
            });
        }
    }

    fn block(&self, out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Block)) {
        Block { out, big_endian: self.big_endian }.block(kind, body);
    }
}

/// The section of an interface and its number in it.
fn place(interface: &Interface) -> (u32, u32) {
    interface.described.as_ref().map_or((0, 0), |it| (it.section, it.id))
}

/// What is known of the interface of a pcap file, as options.
fn undescribed(interface: &Interface, out: &mut Vec<u8>) {
    let start = out.len();
    if interface.precision != Precision::MICROS {
        option(out, false, 9, &[interface.precision.0]);
    }
    if let Some(len) = interface.fcs_len {
        option(out, false, 13, &[len]);
    }
    if out.len() > start {
        option(out, false, 0, &[]);
    }
}

/// The options of a section that begins here: the program that writes it.
fn application(big_endian: bool) -> Vec<u8> {
    let mut options = Vec::new();
    option(&mut options, big_endian, 4, concat!("sniff ", env!("CARGO_PKG_VERSION")).as_bytes());
    option(&mut options, big_endian, 0, &[]);
    options
}

/// Appends an option; one with the code 0 ends the list.
pub(in super::super) fn option(out: &mut Vec<u8>, big_endian: bool, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    let mut block = Block { out, big_endian };
    block.u16(code);
    block.u16(value.len() as u16);
    block.padded(value);
}

/// Appends to a block in the byte order of its section.
struct Block<'a> {
    out: &'a mut Vec<u8>,
    big_endian: bool,
}

impl Block<'_> {
    fn u16(&mut self, value: u16) {
        self.out.extend_from_slice(&if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn u32(&mut self, value: u32) {
        self.out.extend_from_slice(&if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    /// Appends bytes, and zeros up to a multiple of 32 bits.
    fn padded(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        let padding = bytes.len().next_multiple_of(4) - bytes.len();
        self.out.extend_from_slice(&[0; 3][..padding]);
    }

    /// Appends a whole block.
    fn block(&mut self, kind: u32, body: impl FnOnce(&mut Self)) {
        let start = self.out.len();
        self.u32(kind);
        self.u32(0);
        body(self);
        while !(self.out.len() - start).is_multiple_of(4) {
            self.out.push(0);
        }
        let len = (self.out.len() - start + 4) as u32;
        let bytes = if self.big_endian { len.to_be_bytes() } else { len.to_le_bytes() };
        if let Some(place) = self.out.get_mut(start + 4..start + 8) {
            place.copy_from_slice(&bytes);
        }
        self.u32(len);
    }
}
