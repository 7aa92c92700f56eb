//! Capture filters (`-f`) for frames that were captured already.
//!
//! libpcap compiles the expression to a classic BPF program; the program is run here. The crate's own `filter` will not
//! do: it passes the captured length off as the length on the wire, so that `len`, `less` and `greater` go wrong on
//! frames that a snapshot length cut. The other merit is that matching needs no library, no `unsafe` and no trust in
//! the program.
//!
//! A program reads header fields at the offsets of one link type. Captures that have several need one each.

use pcap::{BpfInstruction, Capture, Linktype};

use crate::capture::loader::{self, Missing};

/// A compiled capture filter for one link type.
#[derive(Clone, Debug, PartialEq)]
pub struct Bpf {
    program: Box<[Instruction]>,
}

impl Bpf {
    /// Compiles a filter in the language of `pcap-filter(7)` for frames of a link type (as in [`Interface::link`]).
    ///
    /// Names of hosts in it are looked up as the system does, which may ask the network.
    ///
    /// [`Interface::link`]: crate::capture::Interface::link
    pub fn compile(expression: &str, link: u16) -> Result<Bpf, Error> {
        loader::available()?;
        let rejected = |error| {
            let reason = match error {
                pcap::Error::PcapError(message) if message == REJECTS_ALL => {
                    return Error::MatchesNothing { expression: expression.to_owned(), link };
                }
                pcap::Error::PcapError(message) => message,
                pcap::Error::InvalidInputString => "it has a NUL character in it".to_owned(),
                other => other.to_string(),
            };
            Error::Rejected { expression: expression.to_owned(), reason }
        };
        let dead = Capture::dead(libpcap_number(link)).map_err(rejected)?;
        let compiled = dead.compile(expression, true).map_err(rejected)?;
        let program: Option<_> = compiled.get_instructions().iter().map(Instruction::from_crate).collect();
        match program {
            Some(program) => Ok(Bpf { program }),
            None => Err(rejected(pcap::Error::PcapError("its program cannot be read back".to_owned()))),
        }
    }

    /// Tells whether a frame passes, of which `bytes` were captured and `wire_len` bytes were on the wire.
    ///
    /// What was cut off cannot be tested: a frame that is too short for a test does not pass, as in tcpdump.
    pub fn matches(&self, bytes: &[u8], wire_len: u32) -> bool {
        run(&self.program, bytes, wire_len).is_some_and(|kept| kept > 0)
    }
}

/// Why a capture filter cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Missing(#[from] Missing),
    /// libpcap's reason is given as it is; it does not say where in the expression.
    #[error("capture filter \"{expression}\": {reason}")]
    Rejected { expression: String, reason: String },
    /// It contradicts itself, or asks for what frames of this link type never have; where a capture has several link
    /// types, that is no reason to give up.
    #[error("capture filter \"{expression}\" never matches a frame of link type {link}")]
    MatchesNothing { expression: String, link: u16 },
}

const REJECTS_ALL: &str = "expression rejects all packets";

/// Returns the number that libpcap has on this system for a link type of the tcpdump.org registry.
pub fn libpcap_number(link: u16) -> Linktype {
    let name = RENUMBERED.iter().find(|(number, _)| *number == link).map(|(_, name)| name);
    name.and_then(|name| Linktype::from_name(name).ok()).unwrap_or(Linktype(link.into()))
}

/// Returns the number that the tcpdump.org registry has for a link type of libpcap; `None` if that is none.
pub fn registry_number(link: Linktype) -> Option<u16> {
    let name = link.get_name().ok();
    let renumbered = RENUMBERED.iter().find(|(_, known)| name.as_deref() == Some(*known));
    renumbered.map(|(number, _)| *number).or(u16::try_from(link.0).ok())
}

/// The link types that have one number in files and another in libpcap, which is not the same on all systems; the names
/// are.
const RENUMBERED: &[(u16, &str)] = &[
    (100, "ATM_RFC1483"),
    (101, "RAW"),
    (102, "SLIP_BSDOS"),
    (103, "PPP_BSDOS"),
    (106, "ATM_CLIP"),
    (246, "PFSYNC"),
    (258, "PKTAP"),
];

/// An instruction of a classic BPF program.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Instruction {
    code: u16,
    /// How many instructions a conditional jump skips if its test holds,
    jump_true: u8,
    /// and if it does not.
    jump_false: u8,
    /// The constant: operand, offset or place in memory.
    k: u32,
}

impl Instruction {
    /// The crate shows the parts of an instruction as text only.
    fn from_crate(instruction: &BpfInstruction) -> Option<Instruction> {
        Instruction::parse(&instruction.to_string())
    }

    /// Reads the four decimal numbers of a line as `tcpdump -ddd` prints it.
    fn parse(line: &str) -> Option<Instruction> {
        let mut numbers = line.split_ascii_whitespace().map(str::parse::<u32>);
        let mut next = || numbers.next()?.ok();
        Some(Instruction {
            code: next()?.try_into().ok()?,
            jump_true: next()?.try_into().ok()?,
            jump_false: next()?.try_into().ok()?,
            k: next()?,
        })
    }
}

/// Runs a program and returns how many bytes of the frame it would keep.
///
/// `None` means none, for a reason that is not the program's own: it reads beyond what was captured, divides by zero,
/// leaves the program or uses an unknown instruction. It ends whatever the program: only unconditional jumps lead
/// backwards, and those that libpcap writes (for `protochain`) have stepped over a header before, so that no more of
/// them are allowed than there are bytes.
fn run(program: &[Instruction], bytes: &[u8], wire_len: u32) -> Option<u32> {
    let (mut a, mut x) = (0u32, 0u32);
    let mut memory = [0u32; MEMORY_WORDS];
    let mut at = 0usize;
    let mut turns_left = bytes.len();
    loop {
        let Instruction { code, jump_true, jump_false, k } = *program.get(at)?;
        at += 1;
        let operand = if code & source::X == 0 { k } else { x };
        match code & class::MASK {
            class::LD | class::LDX => {
                let value = match code & mode::MASK {
                    mode::IMMEDIATE => k,
                    mode::ABSOLUTE => load(bytes, k, code)?,
                    mode::INDEXED => load(bytes, k.checked_add(x)?, code)?,
                    mode::MEMORY => *memory.get(k as usize)?,
                    mode::LENGTH => wire_len,
                    // The length of an IPv4 header, from its first byte.
                    mode::HEADER_LENGTH => (u32::from(*bytes.get(k as usize)?) & 0x0f) * 4,
                    _ => return None,
                };
                *(if code & class::MASK == class::LD { &mut a } else { &mut x }) = value;
            }
            class::ST => *memory.get_mut(k as usize)? = a,
            class::STX => *memory.get_mut(k as usize)? = x,
            class::ALU => a = compute(code, a, operand)?,
            class::JMP => {
                let holds = match code & jump::MASK {
                    jump::ALWAYS => {
                        // Signed, as libpcap has it; the kernel's BPF knows no way back.
                        let distance = k as i32;
                        if distance < 0 {
                            turns_left = turns_left.checked_sub(1)?;
                        }
                        at = at.checked_add_signed(distance as isize)?;
                        continue;
                    }
                    jump::EQUAL => a == operand,
                    jump::GREATER => a > operand,
                    jump::GREATER_OR_EQUAL => a >= operand,
                    jump::ANY_BIT => a & operand != 0,
                    _ => return None,
                };
                at += usize::from(if holds { jump_true } else { jump_false });
            }
            class::RET => {
                return match code & returned::MASK {
                    returned::K => Some(k),
                    returned::A => Some(a),
                    _ => None,
                };
            }
            class::MISC => match code & misc::MASK {
                misc::TAX => x = a,
                misc::TXA => a = x,
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// Reads a big-endian number of the width that `code` says.
fn load(bytes: &[u8], at: u32, code: u16) -> Option<u32> {
    let rest = bytes.get(at as usize..)?;
    Some(match code & width::MASK {
        width::WORD => u32::from_be_bytes(*rest.first_chunk()?),
        width::HALF => u16::from_be_bytes(*rest.first_chunk()?).into(),
        width::BYTE => (*rest.first()?).into(),
        _ => return None,
    })
}

/// Computes with numbers that wrap around; shifting all bits out leaves zero.
fn compute(code: u16, a: u32, operand: u32) -> Option<u32> {
    Some(match code & alu::MASK {
        alu::ADD => a.wrapping_add(operand),
        alu::SUB => a.wrapping_sub(operand),
        alu::MUL => a.wrapping_mul(operand),
        alu::DIV => a.checked_div(operand)?,
        alu::MOD => a.checked_rem(operand)?,
        alu::AND => a & operand,
        alu::OR => a | operand,
        alu::XOR => a ^ operand,
        alu::LSH => a.checked_shl(operand).unwrap_or(0),
        alu::RSH => a.checked_shr(operand).unwrap_or(0),
        alu::NEG => a.wrapping_neg(),
        _ => return None,
    })
}

const MEMORY_WORDS: usize = 16;

// The parts of an instruction code, as in the `bpf(4)` of the BSDs.

mod class {
    pub const MASK: u16 = 0x07;
    pub const LD: u16 = 0x00;
    pub const LDX: u16 = 0x01;
    pub const ST: u16 = 0x02;
    pub const STX: u16 = 0x03;
    pub const ALU: u16 = 0x04;
    pub const JMP: u16 = 0x05;
    pub const RET: u16 = 0x06;
    pub const MISC: u16 = 0x07;
}

mod width {
    pub const MASK: u16 = 0x18;
    pub const WORD: u16 = 0x00;
    pub const HALF: u16 = 0x08;
    pub const BYTE: u16 = 0x10;
}

mod mode {
    pub const MASK: u16 = 0xe0;
    pub const IMMEDIATE: u16 = 0x00;
    pub const ABSOLUTE: u16 = 0x20;
    pub const INDEXED: u16 = 0x40;
    pub const MEMORY: u16 = 0x60;
    pub const LENGTH: u16 = 0x80;
    pub const HEADER_LENGTH: u16 = 0xa0;
}

mod alu {
    pub const MASK: u16 = 0xf0;
    pub const ADD: u16 = 0x00;
    pub const SUB: u16 = 0x10;
    pub const MUL: u16 = 0x20;
    pub const DIV: u16 = 0x30;
    pub const OR: u16 = 0x40;
    pub const AND: u16 = 0x50;
    pub const LSH: u16 = 0x60;
    pub const RSH: u16 = 0x70;
    pub const NEG: u16 = 0x80;
    pub const MOD: u16 = 0x90;
    pub const XOR: u16 = 0xa0;
}

mod jump {
    pub const MASK: u16 = 0xf0;
    pub const ALWAYS: u16 = 0x00;
    pub const EQUAL: u16 = 0x10;
    pub const GREATER: u16 = 0x20;
    pub const GREATER_OR_EQUAL: u16 = 0x30;
    pub const ANY_BIT: u16 = 0x40;
}

/// Whether the operand is the constant or register X.
mod source {
    pub const X: u16 = 0x08;
}

mod returned {
    pub const MASK: u16 = 0x18;
    pub const K: u16 = 0x00;
    pub const A: u16 = 0x10;
}

mod misc {
    pub const MASK: u16 = 0xf8;
    pub const TAX: u16 = 0x00;
    pub const TXA: u16 = 0x80;
}

#[cfg(test)]
mod tests {
    use etherparse::{PacketBuilder, PacketBuilderStep, UdpHeader, VlanId};
    use proptest::prelude::*;

    use super::*;

    const ETHERNET: u16 = 1;
    const RAW: u16 = 101;

    /// Frames by name, each with 8 bytes of payload.
    fn frames() -> Vec<(&'static str, Vec<u8>)> {
        fn build(step: PacketBuilderStep<UdpHeader>) -> Vec<u8> {
            let mut bytes = Vec::new();
            step.write(&mut bytes, b"payload!").unwrap();
            bytes
        }
        let ethernet = || PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
        let v4 = ([10, 0, 0, 1], [192, 168, 7, 9], 64);
        let v6 = ([0xfd; 16], [0xfe; 16], 64);
        let mut tcp = Vec::new();
        ethernet().ipv4(v4.0, v4.1, v4.2).tcp(40_000, 80, 1, 1024).syn().write(&mut tcp, b"payload!").unwrap();
        let vlan = || ethernet().single_vlan(VlanId::try_new(5).unwrap());
        vec![
            ("udp4", build(ethernet().ipv4(v4.0, v4.1, v4.2).udp(40_000, 53))),
            ("udp6", build(ethernet().ipv6(v6.0, v6.1, v6.2).udp(40_000, 53))),
            ("tcp4", tcp),
            ("vlan", build(vlan().ipv4(v4.0, v4.1, v4.2).udp(40_000, 53))),
        ]
    }

    fn frame(name: &str) -> Vec<u8> {
        frames().into_iter().find(|(known, _)| *known == name).expect("a frame of the list").1
    }

    /// Compiles where libpcap is there.
    fn compile(expression: &str, link: u16) -> Option<Bpf> {
        match Bpf::compile(expression, link) {
            Err(Error::Missing(missing)) => {
                eprintln!("skipped: {missing}");
                None
            }
            other => Some(other.unwrap_or_else(|error| panic!("{error}"))),
        }
    }

    #[test]
    fn filters_pass_the_frames_they_name() {
        for (expression, passed) in [
            ("", "udp4 udp6 tcp4 vlan"),
            ("ip", "udp4 tcp4"),
            ("ip6", "udp6"),
            ("udp", "udp4 udp6"),
            ("tcp", "tcp4"),
            ("not tcp", "udp4 udp6 vlan"),
            ("port 53", "udp4 udp6"),
            ("tcp dst port 80", "tcp4"),
            ("tcp src port 80", ""),
            ("host 10.0.0.1", "udp4 tcp4"),
            ("dst net 192.168.0.0/16 and udp", "udp4"),
            ("src host fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd", "udp6"),
            ("ether src 02:00:00:00:00:01", "udp4 udp6 tcp4 vlan"),
            ("ether dst 02:00:00:00:00:01", ""),
            ("vlan", "vlan"),
            ("vlan 5 and udp port 53", "vlan"),
            ("vlan 6", ""),
            ("tcp[tcpflags] & tcp-syn != 0", "tcp4"),
            ("ip[8] = 64", "udp4 tcp4"),
            ("ip[0] >> 4 = 4 and ip[2:2] % 7 = 1", "udp4"),
            ("udp[8:4] = 0x7061796c", "udp4"),
            ("ip protochain 17", "udp4"),
            ("ip6 protochain 17", "udp6"),
            ("ip6 protochain 6", ""),
            ("less 50", "udp4"),
            ("greater 60", "udp6 tcp4"),
        ] {
            let Some(bpf) = compile(expression, ETHERNET) else {
                return;
            };
            let found: Vec<_> = frames()
                .into_iter()
                .filter(|(_, bytes)| bpf.matches(bytes, bytes.len() as u32))
                .map(|(name, _)| name)
                .collect();
            assert_eq!(found.join(" "), passed, "{expression}");
        }
    }

    #[test]
    fn lengths_are_those_on_the_wire() {
        let Some(bpf) = compile("greater 1000", ETHERNET) else {
            return;
        };
        let snapped = frame("udp4");
        assert!(bpf.matches(&snapped, 1514));
        assert!(!bpf.matches(&snapped, snapped.len() as u32));
    }

    #[test]
    fn what_was_cut_off_does_not_match() {
        let Some(bpf) = compile("udp port 53", ETHERNET) else {
            return;
        };
        let bytes = frame("udp4");
        assert!(bpf.matches(&bytes[..38], bytes.len() as u32), "up to and with the ports");
        for len in 0..38 {
            assert!(!bpf.matches(&bytes[..len], bytes.len() as u32), "{len}");
        }
    }

    #[test]
    fn extension_headers_are_followed() {
        let Some(bpf) = compile("ip6 protochain 17", ETHERNET) else {
            return;
        };
        let mut bytes = frame("udp6");
        // Eleven destination options headers of 8 bytes between IPv6 and UDP.
        let udp = bytes.split_off(54);
        bytes[20] = 60;
        for next in [60, 60, 60, 60, 60, 60, 60, 60, 60, 60] {
            bytes.extend([next, 0, 1, 4, 0, 0, 0, 0]);
        }
        assert!(!bpf.matches(&bytes, 200), "the header that names UDP was cut off");
        bytes.extend([17, 0, 1, 4, 0, 0, 0, 0]);
        bytes.extend(udp);
        assert!(bpf.matches(&bytes, 200));
    }

    #[test]
    fn link_types_are_those_of_files() {
        let bytes = frame("udp4");
        let packet = &bytes[14..];
        for link in [RAW, 228] {
            let Some(bpf) = compile("udp dst port 53", link) else {
                return;
            };
            assert!(bpf.matches(packet, packet.len() as u32), "{link}");
            assert!(!bpf.matches(&bytes, bytes.len() as u32), "{link}");
        }
    }

    #[test]
    fn link_type_numbers_go_there_and_back() {
        if let Err(missing) = loader::available() {
            return eprintln!("skipped: {missing}");
        }
        for link in [0, 1, 9, 101, 105, 113, 127, 228, 276, 300].iter().chain(RENUMBERED.iter().map(|(link, _)| link)) {
            assert_eq!(registry_number(libpcap_number(*link)), Some(*link));
        }
        if cfg!(target_os = "linux") {
            assert_eq!(libpcap_number(RAW), Linktype(12));
        }
        assert_eq!(registry_number(Linktype(-1)), None);
    }

    #[test]
    fn errors_are_told_in_words_of_libpcap() {
        if let Err(missing) = loader::available() {
            return eprintln!("skipped: {missing}");
        }
        for (expression, link, message) in [
            ("tcp prt 80", ETHERNET, "capture filter \"tcp prt 80\": can't parse filter expression: syntax error"),
            ("port 99999", ETHERNET, "capture filter \"port 99999\": illegal port number 99999 > 65535"),
            ("tcp and udp", ETHERNET, "capture filter \"tcp and udp\" never matches a frame of link type 1"),
            ("arp", RAW, "capture filter \"arp\" never matches a frame of link type 101"),
            ("tcp\0", ETHERNET, "capture filter \"tcp\0\": it has a NUL character in it"),
        ] {
            assert_eq!(Bpf::compile(expression, link).unwrap_err().to_string(), message);
        }
        assert!(matches!(Bpf::compile("tcp", 9999), Err(Error::Rejected { .. })));
    }

    #[test]
    fn runs_as_libpcap_does() {
        if let Err(missing) = loader::available() {
            return eprintln!("skipped: {missing}");
        }
        let dead = Capture::dead(Linktype::ETHERNET).unwrap();
        for expression in [
            "ip and (tcp[13] & 2 != 0 or udp[4:2] > 20)",
            "portrange 50-100",
            "vlan and ip",
            "ip[2:2] - ((ip[0] & 0xf) << 2) - 8 = 8",
            "ip6 protochain 17 or ip protochain 6",
            "ether[len - 1] = 0x21",
            "ip[0] * 2 / (ip[6] + 1) = 2",
            "link[0] != 2 or ip broadcast or ip6 multicast",
        ] {
            let Ok(theirs) = dead.compile(expression, true) else { panic!("{expression}") };
            let ours = compile(expression, ETHERNET).unwrap();
            for (name, bytes) in frames() {
                for len in 0..=bytes.len() {
                    let bytes = &bytes[..len];
                    assert_eq!(
                        ours.matches(bytes, len as u32),
                        theirs.filter(bytes),
                        "{expression}: {len} bytes of {name}"
                    );
                }
            }
        }
    }

    /// Runs a program written as `tcpdump -ddd` prints it, without the first line.
    fn result(program: &str, bytes: &[u8]) -> Option<u32> {
        let program: Vec<_> = program.split(',').map(|line| Instruction::parse(line).expect("four numbers")).collect();
        run(&program, bytes, 1500)
    }

    #[test]
    fn instructions_compute() {
        // Each computes a number from A = 100 and X = 7 and returns it.
        for (instruction, expected) in [
            ("0 0 0 5", Some(5)),                       // ld #5
            ("128 0 0 0", Some(1500)),                  // ld #len
            ("40 0 0 1", Some(0x0203)),                 // ldh [1]
            ("72 0 0 1", Some(0x090a)),                 // ldh [x + 1]
            ("32 0 0 0", Some(0x0102_0304)),            // ld [0]
            ("48 0 0 9", Some(10)),                     // ldb [9]
            ("80 0 0 2", Some(10)),                     // ldb [x + 2]
            ("135 0 0 0", Some(7)),                     // txa
            ("4 0 0 1", Some(101)),                     // add #1
            ("12 0 0 0", Some(107)),                    // add x
            ("20 0 0 101", Some(u32::MAX)),             // sub #101
            ("36 0 0 2147483648", Some(0)),             // mul #0x80000000
            ("60 0 0 0", Some(14)),                     // div x
            ("156 0 0 0", Some(2)),                     // mod x
            ("68 0 0 3", Some(103)),                    // or #3
            ("84 0 0 12", Some(4)),                     // and #12
            ("164 0 0 255", Some(155)),                 // xor #255
            ("100 0 0 1", Some(200)),                   // lsh #1
            ("108 0 0 0", Some(12_800)),                // lsh x
            ("100 0 0 32", Some(0)),                    // lsh #32
            ("116 0 0 2", Some(25)),                    // rsh #2
            ("116 0 0 4294967295", Some(0)),            // rsh #0xffffffff
            ("132 0 0 0", Some(100u32.wrapping_neg())), // neg
            ("2 0 0 15,0 0 0 1,96 0 0 15", Some(100)),  // st M[15]; ld #1; ld M[15]
            ("3 0 0 0,96 0 0 0", Some(7)),              // stx M[0]; ld M[0]
            ("96 0 0 3", Some(0)),                      // ld M[3], never stored
            ("177 0 0 9,135 0 0 0", Some(40)),          // ldxb 4*([9]&0xf); txa
            ("129 0 0 0,135 0 0 0", Some(1500)),        // ldx #len; txa
            ("7 0 0 0,135 0 0 0", Some(100)),           // tax; txa
            ("5 0 0 1,6 0 0 1", Some(100)),             // ja over ret #1
            ("21 1 0 100,6 0 0 1", Some(100)),          // jeq #100
            ("29 0 1 0,6 0 0 1", Some(100)),            // jeq x
            ("37 1 0 99,6 0 0 1", Some(100)),           // jgt #99
            ("53 1 0 100,6 0 0 1", Some(100)),          // jge #100
            ("69 1 0 4,6 0 0 1", Some(100)),            // jset #4
        ] {
            let program = format!("0 0 0 100,1 0 0 7,{instruction},22 0 0 0");
            assert_eq!(result(&program, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), expected, "{instruction}");
        }
    }

    #[test]
    fn hostile_programs_match_nothing() {
        for (name, program) in [
            ("division by zero", "52 0 0 0,6 0 0 1"),
            ("division by x, which is zero", "60 0 0 0,6 0 0 1"),
            ("remainder of zero", "148 0 0 0,6 0 0 1"),
            ("remainder of x, which is zero", "156 0 0 0,6 0 0 1"),
            ("no return", "0 0 0 1"),
            ("conditional jump out of the program", "21 255 255 0,6 0 0 1"),
            ("jump out of the program", "5 0 0 1,6 0 0 1"),
            ("jump as far as can be", "5 0 0 2147483647,6 0 0 1"),
            ("jump before the program", "5 0 0 4294967294,6 0 0 1"),
            ("jump back as far as can be", "5 0 0 2147483648,6 0 0 1"),
            ("jump to itself", "5 0 0 4294967295,6 0 0 1"),
            ("loop that grows", "4 0 0 1,5 0 0 4294967294,6 0 0 1"),
            ("load beyond the end", "48 0 0 4,6 0 0 1"),
            ("load across the end", "32 0 0 1,6 0 0 1"),
            ("load at the last offset", "32 0 0 4294967295,6 0 0 1"),
            ("load at x beyond all numbers", "1 0 0 4294967295,80 0 0 1,6 0 0 1"),
            ("header length beyond the end", "177 0 0 4,6 0 0 1"),
            ("memory beyond the end", "96 0 0 16,6 0 0 1"),
            ("store beyond the end", "2 0 0 16,6 0 0 1"),
            ("store x beyond the end", "3 0 0 4294967295,6 0 0 1"),
            ("load of unknown width", "56 0 0 0,6 0 0 1"),
            ("load of unknown mode", "192 0 0 0,6 0 0 1"),
            ("unknown operation", "244 0 0 0,6 0 0 1"),
            ("unknown jump", "85 0 0 0,6 0 0 1"),
            ("unknown return", "14 0 0 1"),
            ("unknown miscellany", "15 0 0 0,6 0 0 1"),
        ] {
            assert_eq!(result(program, &[1, 2, 3, 4]), None, "{name}");
        }
        assert_eq!(run(&[], &[1, 2, 3, 4], 4), None, "no program");
    }

    #[test]
    fn only_four_numbers_are_an_instruction() {
        let instruction = Instruction { code: 40, jump_true: 1, jump_false: 255, k: u32::MAX };
        assert_eq!(Instruction::parse("40 1 255 4294967295"), Some(instruction));
        for line in ["", "40 0 0", "40 256 0 0", "65536 0 0 0", "40 0 0 -1", "ldh [12]"] {
            assert_eq!(Instruction::parse(line), None, "{line}");
        }
    }

    fn any_instruction() -> impl Strategy<Value = Instruction> {
        let k = prop_oneof![0u32..20, u32::MAX - 20..=u32::MAX];
        (0u16..256, 0u8..12, 0u8..12, k).prop_map(|(code, jump_true, jump_false, k)| Instruction {
            code,
            jump_true,
            jump_false,
            k,
        })
    }

    proptest! {
        /// Passes if it returns.
        #[test]
        fn any_program_ends(
            program in prop::collection::vec(any_instruction(), 0..12),
            bytes in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            run(&program, &bytes, 64);
        }
    }
}
