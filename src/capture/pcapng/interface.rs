//! The Interface Description Block: what a section says of an interface, and how to read the times of its packets.
//!
//! ```text
//! body    0  link type
//!         2  reserved
//!         4  snapshot length, 0 is no limit
//!         8  options: name (2), description (3), clock resolution (9), FCS length (13), clock offset (14)
//! ```

use super::super::{Described, Interface, Precision, Time};
use super::{Options, Order};

pub(super) const TYPE: u32 = 1;

/// How the ticks of an interface become a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    tick: Tick,
    /// Seconds to add.
    offset: i64,
}

/// The resolution of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tick {
    /// 10⁻⁶ s and 10⁻⁹ s, which nearly all files have: a division by a constant is several times faster.
    Micros,
    Nanos,
    /// 10⁻ⁿ s.
    Decimal(u8),
    /// 2⁻ⁿ s.
    Binary(u8),
}

pub(super) fn read(body: &[u8], order: Order, section: u32, id: u32) -> Option<(Interface, Clock)> {
    let (fixed, raw) = body.split_first_chunk::<8>()?;
    let options = Options::new(raw, order.big_endian);
    let text = |code| options.clone().text(code).map(|text| text.into_owned());
    let byte = |code| match options.clone().find(|it| it.code == code)?.value {
        [byte] => Some(*byte),
        _ => None,
    };
    // An option of the wrong length says nothing, so that the default holds.
    let tick = byte(9).map_or(Tick::Micros, Tick::new);
    let offset = options.clone().find(|it| it.code == 14).and_then(|it| it.value.try_into().ok());
    let clock = Clock { tick, offset: offset.map_or(0, |bytes| order.u64(bytes) as i64) };
    let interface = Interface {
        link: order.u16([fixed[0], fixed[1]]),
        fcs_len: byte(13),
        snap_len: order.u32([fixed[4], fixed[5], fixed[6], fixed[7]]),
        precision: tick.precision(),
        described: Some(Described {
            section,
            id,
            big_endian: order.big_endian,
            name: text(2),
            description: text(3),
            options: raw.to_vec(),
        }),
    };
    Some((interface, clock))
}

impl Tick {
    /// Reads the option: the highest bit chooses between powers of 10 and of 2.
    fn new(resolution: u8) -> Self {
        match resolution {
            6 => Tick::Micros,
            9 => Tick::Nanos,
            0..0x80 => Tick::Decimal(resolution),
            0x80.. => Tick::Binary(resolution & 0x7f),
        }
    }

    /// The digits of a second that a tick reaches; no more than a [`Time`] holds.
    fn precision(self) -> Precision {
        let digits = match self {
            Tick::Micros => 6,
            Tick::Nanos => 9,
            Tick::Decimal(power) => power,
            // log₁₀ 2 is 0.301.
            Tick::Binary(power) => (u16::from(power) * 301 / 1_000) as u8,
        };
        Precision(digits.min(MOST_DIGITS as u8))
    }
}

impl Clock {
    /// When the clock showed `ticks`; what is finer than an attosecond is cut off, and what is beyond all time saturates.
    #[inline]
    pub fn time(self, ticks: u64) -> Time {
        let (seconds, attos) = match self.tick {
            Tick::Micros => (ticks / 1_000_000, ticks % 1_000_000 * 1_000_000_000_000),
            Tick::Nanos => (ticks / 1_000_000_000, ticks % 1_000_000_000 * 1_000_000_000),
            Tick::Decimal(power) => decimal(ticks, power.into()),
            Tick::Binary(power) => binary(ticks, power.into()),
        };
        // Both are 64 bits wide, so that the sum may need 65; no offset of a true clock comes near.
        Time::new(self.offset.saturating_add_unsigned(seconds), attos)
    }
}

/// The digits of an attosecond.
const MOST_DIGITS: u32 = 18;

fn decimal(ticks: u64, power: u32) -> (u64, u64) {
    match 10_u64.checked_pow(power) {
        Some(per_second) if power <= MOST_DIGITS => {
            (ticks / per_second, ticks % per_second * 10_u64.pow(MOST_DIGITS - power))
        }
        Some(per_second) => (ticks / per_second, ticks % per_second / 10),
        // 64 bits of such ticks are less than a second.
        None => (0, 10_u64.checked_pow(power - MOST_DIGITS).map_or(0, |per_atto| ticks / per_atto)),
    }
}

fn binary(ticks: u64, power: u32) -> (u64, u64) {
    let seconds = ticks.checked_shr(power).unwrap_or(0);
    let fraction = ticks - seconds.checked_shl(power).unwrap_or(0);
    let attos = u128::from(fraction) * 10_u128.pow(MOST_DIGITS) >> power;
    (seconds, attos as u64)
}
