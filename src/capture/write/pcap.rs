//! Writes pcap: one link type, one clock, and nothing but frames.
//!
//! The file header says the link type and the clock, so that it is written with the first frame: with a clock of nanoseconds where
//! an interface has one that is finer than microseconds.

use super::super::{Frame, Interface, Precision, Time};
use super::Unfit;

/// The state of writing a pcap file.
#[derive(Default)]
pub(super) struct Pcap {
    /// What the file header says; `None` before it is written.
    header: Option<Header>,
}

#[derive(Clone, Copy)]
struct Header {
    link: u16,
    nanos: bool,
}

impl Pcap {
    #[inline]
    pub fn frame(&mut self, frame: &Frame, interfaces: &[Interface], out: &mut Vec<u8>) -> Result<(), Unfit> {
        let number = frame.number;
        let header = match self.header {
            Some(header) => header,
            None => self.begin(frame.interface, interfaces, out),
        };
        let link = frame.interface.link;
        if link != header.link {
            return Err(Unfit::Link { of_file: header.link, frame: number, of_frame: link });
        }
        if !header.nanos && is_fine(frame.interface) {
            return Err(Unfit::Clock { frame: number });
        }
        // A frame without a time, which pcap does not know, was captured at 0.
        let time = frame.time.unwrap_or(Time::from_nanos(0, 0));
        let Ok(seconds) = u32::try_from(time.seconds()) else {
            return Err(Unfit::Time { frame: number });
        };
        let fraction = if header.nanos { time.nanos() } else { time.nanos() / 1_000 };
        for word in [seconds, fraction, frame.bytes.len() as u32, frame.wire_len] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.extend_from_slice(frame.bytes);
        Ok(())
    }

    pub fn finish(&mut self, interfaces: &[Interface], out: &mut Vec<u8>) {
        if self.header.is_none() {
            self.begin(interfaces.first().unwrap_or(&UNKNOWN), interfaces, out);
        }
    }

    /// Writes the file header for the frames of `interface`.
    fn begin(&mut self, interface: &Interface, interfaces: &[Interface], out: &mut Vec<u8>) -> Header {
        let nanos = interfaces.iter().any(is_fine);
        let magic: u32 = if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
        let longest = interfaces.iter().filter(|it| it.link == interface.link).map(|it| it.snap_len);
        // 0 is no limit in pcapng; in pcap it is a file that holds no bytes of frames.
        let snap_len = longest.clone().max().filter(|_| longest.clone().all(|len| len > 0)).unwrap_or(262_144);
        // "FCS len" is 4 bits in units of 16 bits, behind a flag that says whether it means something.
        let fcs = interface.fcs_len.filter(|len| len / 2 < 16).map_or(0, |len| u32::from(len / 2) << 28 | 0x0400_0000);
        out.extend_from_slice(&magic.to_le_bytes());
        out.extend_from_slice(&2_u16.to_le_bytes());
        out.extend_from_slice(&4_u16.to_le_bytes());
        for word in [0, 0, snap_len, u32::from(interface.link) | fcs] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        let header = Header { link: interface.link, nanos };
        self.header = Some(header);
        header
    }
}

/// What a file without frames is about, if it is not known of which interface there are none.
const UNKNOWN: Interface =
    Interface { link: 1, fcs_len: None, snap_len: 0, precision: Precision::MICROS, described: None };

/// Whether the clock of an interface is finer than microseconds.
fn is_fine(interface: &Interface) -> bool {
    interface.precision.0 > Precision::MICROS.0
}
