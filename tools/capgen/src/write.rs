//! The two file formats, with times of microseconds.

use std::io::{self, Write};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Pcap,
    Pcapng,
}

const ETHERNET: u16 = 1;
const SNAPLEN: u32 = 262_144;

impl Format {
    /// Writes what begins a file and returns its length.
    pub fn begin(self, out: &mut impl Write) -> io::Result<u64> {
        let mut head = Vec::new();
        match self {
            Format::Pcap => {
                head.extend_from_slice(&0xa1b2_c3d4_u32.to_le_bytes());
                head.extend_from_slice(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                head.extend_from_slice(&SNAPLEN.to_le_bytes());
                head.extend_from_slice(&u32::from(ETHERNET).to_le_bytes());
            }
            Format::Pcapng => {
                // A section of unknown length, and an interface.
                let section = [0x1a2b_3c4d, 1, u32::MAX, u32::MAX];
                let interface = [u32::from(ETHERNET), SNAPLEN];
                for (kind, body) in [(0x0a0d_0d0a_u32, section.as_slice()), (1, &interface)] {
                    let len = 12 + 4 * body.len() as u32;
                    for number in [kind, len].iter().chain(body).chain([&len]) {
                        head.extend_from_slice(&number.to_le_bytes());
                    }
                }
            }
        }
        out.write_all(&head)?;
        Ok(head.len() as u64)
    }

    /// Writes a frame, of which `wire_len` bytes were on the wire, and returns the length of its record.
    pub fn frame(self, out: &mut impl Write, time_us: u64, frame: &[u8], wire_len: usize) -> io::Result<u64> {
        let lens = [frame.len() as u32, wire_len as u32];
        match self {
            Format::Pcap => {
                let (seconds, micros) = ((time_us / 1_000_000) as u32, (time_us % 1_000_000) as u32);
                for number in [seconds, micros, lens[0], lens[1]] {
                    out.write_all(&number.to_le_bytes())?;
                }
                out.write_all(frame)?;
                Ok(16 + frame.len() as u64)
            }
            Format::Pcapng => {
                let filling = frame.len().wrapping_neg() % 4;
                let len = (32 + frame.len() + filling) as u32;
                let (upper, lower) = ((time_us >> 32) as u32, time_us as u32);
                for number in [6, len, 0, upper, lower, lens[0], lens[1]] {
                    out.write_all(&number.to_le_bytes())?;
                }
                out.write_all(frame)?;
                out.write_all(&[0; 3][..filling])?;
                out.write_all(&len.to_le_bytes())?;
                Ok(u64::from(len))
            }
        }
    }
}
