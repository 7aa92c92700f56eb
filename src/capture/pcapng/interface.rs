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

pub(in super::super) const TYPE: u32 = 1;

/// How the ticks of an interface become a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Clock {
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
    let text = |code| options.text(code).map(|text| text.into_owned());
    let byte = |code| match options.value(code)? {
        [byte] => Some(*byte),
        _ => None,
    };
    let clock = Clock::described(&options, order);
    let interface = Interface {
        link: order.u16([fixed[0], fixed[1]]),
        fcs_len: byte(13),
        snap_len: order.u32([fixed[4], fixed[5], fixed[6], fixed[7]]),
        precision: clock.tick.precision(),
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
    /// Reads the options of an interface.
    fn described(options: &Options, order: Order) -> Self {
        // An option of the wrong length says nothing, so that the default holds.
        let tick = match options.value(9) {
            Some(&[resolution]) => Tick::new(resolution),
            _ => Tick::Micros,
        };
        let offset = options.value(14).and_then(|value| value.try_into().ok());
        Clock { tick, offset: offset.map_or(0, |bytes| order.u64(bytes) as i64) }
    }

    /// The clock that an interface is described to have; one that is not described has the digits of its precision.
    pub fn of(interface: &Interface) -> Self {
        match &interface.described {
            Some(it) => {
                let order = Order { big_endian: it.big_endian };
                Clock::described(&Options::new(&it.options, it.big_endian), order)
            }
            None => Clock { tick: Tick::new(interface.precision.0.min(MOST_DIGITS as u8)), offset: 0 },
        }
    }

    /// How many ticks the clock showed at `time`: what [`Clock::time`] made a time of, exactly, where ticks are not finer
    /// than a [`Time`] is. Saturates.
    pub fn ticks(self, time: Time) -> u64 {
        let seconds = u64::try_from(time.seconds().saturating_sub(self.offset)).unwrap_or(0);
        let attos = time.attos();
        let (whole, fraction) = match self.tick {
            Tick::Micros => (seconds.checked_mul(1_000_000), attos / 1_000_000_000_000),
            Tick::Nanos => (seconds.checked_mul(1_000_000_000), attos / 1_000_000_000),
            Tick::Decimal(power) => {
                let power = u32::from(power);
                let whole = 10_u64.checked_pow(power).and_then(|per_second| seconds.checked_mul(per_second));
                let fraction = match power.checked_sub(MOST_DIGITS) {
                    None | Some(0) => attos / 10_u64.pow(MOST_DIGITS - power),
                    Some(finer) => 10_u64.checked_pow(finer).map_or(u64::MAX, |it| attos.saturating_mul(it)),
                };
                // Nothing but 0 seconds can be said in ticks of which 64 bits are no second.
                (if seconds == 0 { Some(0) } else { whole }, fraction)
            }
            Tick::Binary(power) => {
                let whole = if seconds == 0 {
                    Some(0)
                } else {
                    seconds.checked_shl(power.into()).filter(|it| it >> power == seconds)
                };
                // A fraction of 60 bits times 2 to this power fits into 128 bits.
                let finest = u32::from(power).min(67);
                let fraction = (u128::from(attos) << finest).div_ceil(10_u128.pow(MOST_DIGITS));
                (whole, u64::try_from(fraction).unwrap_or(u64::MAX))
            }
        };
        whole.map_or(u64::MAX, |whole| whole.saturating_add(fraction))
    }

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
    let attos = (u128::from(fraction) * 10_u128.pow(MOST_DIGITS)) >> power;
    (seconds, attos as u64)
}

#[cfg(test)]
mod tests {
    use super::super::build::{BIG, LITTLE};
    use super::*;

    fn clock(resolution: u8) -> Clock {
        Clock { tick: Tick::new(resolution), offset: 0 }
    }

    #[test]
    fn every_resolution_is_exact_down_to_attoseconds() {
        let ticks = 1_600_000_000_123_456_789;
        let cases = [
            (0, ticks, ticks as i64, 0),
            (1, ticks, 160_000_000_012_345_678, 900_000_000_000_000_000),
            (3, ticks, 1_600_000_000_123_456, 789_000_000_000_000_000),
            (6, ticks, 1_600_000_000_123, 456_789_000_000_000_000),
            (9, ticks, 1_600_000_000, 123_456_789_000_000_000),
            (10, ticks, 160_000_000, 12_345_678_900_000_000),
            (12, ticks, 1_600_000, 123_456_789_000_000),
            (18, ticks, 1, 600_000_000_123_456_789),
            (19, u64::MAX, 1, 844_674_407_370_955_161),
            (20, u64::MAX, 0, 184_467_440_737_095_516),
            (37, u64::MAX, 0, 1),
            (38, u64::MAX, 0, 0),
            (127, u64::MAX, 0, 0),
            (0x80, ticks, ticks as i64, 0),
            (0x81, 3, 1, 500_000_000_000_000_000),
            (0x8a, 1_025, 1, 976_562_500_000_000),
            (0xa0, 1 << 32 | 1, 1, 232_830_643),
            (0xbf, u64::MAX, 1, 999_999_999_999_999_999),
            (0xc0, u64::MAX, 0, 999_999_999_999_999_999),
            (0xc1, u64::MAX, 0, 499_999_999_999_999_999),
            (0xff, u64::MAX, 0, 0),
        ];
        for (resolution, ticks, seconds, attos) in cases {
            assert_eq!(clock(resolution).time(ticks), Time::new(seconds, attos), "{resolution:#x}");
        }
        for resolution in 0..=u8::MAX {
            for ticks in [0, 1, 999_999, u64::from(u32::MAX), u64::MAX / 3, u64::MAX] {
                assert!(clock(resolution).time(ticks).attos() < 1_000_000_000_000_000_000);
            }
        }
    }

    #[test]
    fn times_become_ticks_again() {
        let now = 1_800_000_000;
        let resolutions = (0..=18).chain(0x80..=0x80 + 59);
        for tick in resolutions.map(Tick::new) {
            for offset in [0, 3_600, -5] {
                let clock = Clock { tick, offset };
                let per_second = match tick {
                    Tick::Micros => 1_000_000,
                    Tick::Nanos => 1_000_000_000,
                    Tick::Decimal(power) => 10_u64.pow(power.into()),
                    Tick::Binary(power) => 1 << power,
                };
                // As many seconds as a time has.
                let most = (u64::MAX / per_second).min(1 << 62);
                for seconds in [0, 1, 9, now, most - 1].into_iter().filter(|it| *it < most) {
                    for fraction in [0, 1, 2, per_second / 3, per_second - 1].into_iter().filter(|it| *it < per_second)
                    {
                        let ticks = seconds * per_second + fraction;
                        assert_eq!(clock.ticks(clock.time(ticks)), ticks, "{clock:?}");
                    }
                }
            }
        }
        for resolution in 0..=u8::MAX {
            for time in [Time::new(i64::MIN, 0), Time::new(-1, 1), Time::new(i64::MAX, ATTO_LESS), Time::new(0, 1)] {
                clock(resolution).ticks(time);
            }
        }
        assert_eq!(clock(6).ticks(Time::new(i64::MAX, 0)), u64::MAX);
        assert_eq!(clock(6).ticks(Time::new(-1, 0)), 0);
    }

    const ATTO_LESS: u64 = 999_999_999_999_999_999;

    #[test]
    fn digits_of_every_resolution() {
        let cases = [(0, 0), (6, 6), (9, 9), (12, 12), (40, 18), (0x8a, 3), (0x94, 6), (0x9e, 9), (0xff, 18)];
        for (resolution, digits) in cases {
            assert_eq!(Tick::new(resolution).precision(), Precision(digits), "{resolution:#x}");
        }
    }

    #[test]
    fn offsets_may_lead_before_1970() {
        let time = |offset, ticks| Clock { tick: Tick::Micros, offset }.time(ticks);
        assert_eq!(time(1_000, 1_500_000), Time::from_nanos(1_001, 500_000_000));
        assert_eq!(time(-2, 750_000), Time::from_nanos(-2, 750_000_000));
        assert_eq!(time(i64::MIN, 0), Time::from_nanos(i64::MIN, 0));
        assert_eq!(time(i64::MAX, u64::MAX).seconds(), i64::MAX);
        assert_eq!(Clock { tick: Tick::Decimal(0), offset: i64::MIN }.time(u64::MAX).seconds(), i64::MAX);
    }

    #[test]
    fn options_of_the_wrong_length_say_nothing() {
        for it in [LITTLE, BIG] {
            let order = Order { big_endian: it.big_endian };
            let cases = [
                ("none", Vec::new(), (6, None, 0)),
                ("resolution", it.option(9, &[3]), (3, None, 0)),
                ("resolution of 2", it.option(9, &[3, 3]), (6, None, 0)),
                ("resolution of 0", it.option(9, &[]), (6, None, 0)),
                ("offset", it.option(14, &it.u64(-5_i64 as u64)), (6, None, -5)),
                ("offset of 4", it.option(14, &it.u32(5)), (6, None, 0)),
                ("fcs", it.option(13, &[4]), (6, Some(4), 0)),
                ("after the end", [it.option(0, b""), it.option(9, &[3])].concat(), (6, None, 0)),
                ("beyond the block", [it.u16(9), it.u16(400), vec![3]].concat(), (6, None, 0)),
                ("no padding", [it.u16(9), it.u16(1), vec![3]].concat(), (3, None, 0)),
                ("half an option", vec![9], (6, None, 0)),
            ];
            for (name, options, expected) in cases {
                let body = [it.u16(1), vec![0; 2], it.u32(0), options].concat();
                let (interface, clock) = read(&body, order, 1, 0).unwrap();
                assert_eq!((interface.precision.0, interface.fcs_len, clock.offset), expected, "{name}");
            }
        }
    }
}
