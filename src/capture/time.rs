//! Moments and spans as capture files can say them.

use std::num::NonZeroU64;

/// A moment since 1970-01-01T00:00:00 UTC, or the span between two.
///
/// Seconds may be negative, the fraction always counts upwards from them: -0.25 s is `seconds: -1, attos: 750…`. The fraction is
/// in attoseconds (10⁻¹⁸ s), which holds every decimal resolution of pcapng down to that and cuts off finer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    seconds: i64,
    /// One more than the attoseconds, so that a time that may be missing takes no more room.
    more_than_attos: NonZeroU64,
}

impl Default for Time {
    fn default() -> Self {
        Time::new(0, 0)
    }
}

const ATTOS: u64 = 1_000_000_000_000_000_000;
const ATTOS_PER_NANO: u64 = 1_000_000_000;

impl Time {
    /// The moment `attos` (less than 10¹⁸) after the second `seconds`.
    pub const fn new(seconds: i64, attos: u64) -> Self {
        debug_assert!(attos < ATTOS);
        Time { seconds, more_than_attos: NonZeroU64::MIN.saturating_add(attos) }
    }

    /// The moment `nanos` (less than 10⁹) after the second `seconds`.
    pub const fn from_nanos(seconds: i64, nanos: u32) -> Self {
        Time::new(seconds, nanos as u64 * ATTOS_PER_NANO)
    }

    /// Whole seconds, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Attoseconds after [`seconds`](Self::seconds), less than 10¹⁸.
    pub const fn attos(self) -> u64 {
        self.more_than_attos.get() - 1
    }

    /// Nanoseconds after [`seconds`](Self::seconds), less than 10⁹; what is finer is cut off.
    pub const fn nanos(self) -> u32 {
        (self.attos() / ATTOS_PER_NANO) as u32
    }

    /// The span from `earlier` to `self`; negative where the clock went backwards. Saturates.
    pub const fn since(self, earlier: Time) -> Time {
        let seconds = self.seconds.saturating_sub(earlier.seconds);
        if self.attos() >= earlier.attos() {
            Time::new(seconds, self.attos() - earlier.attos())
        } else {
            Time::new(seconds.saturating_sub(1), self.attos() + ATTOS - earlier.attos())
        }
    }
}

/// How many digits after the second a capture's clock has: 6 for microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Precision(pub u8);

impl Precision {
    pub const MICROS: Precision = Precision(6);
    pub const NANOS: Precision = Precision(9);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_may_be_negative() {
        let early = Time::from_nanos(10, 900_000_000);
        let late = Time::from_nanos(12, 100_000_000);
        assert_eq!(late.since(early), Time::from_nanos(1, 200_000_000));
        assert_eq!(early.since(late), Time::from_nanos(-2, 800_000_000));
        assert_eq!(Time::from_nanos(i64::MIN, 0).since(late).seconds(), i64::MIN);
    }

    #[test]
    fn a_time_that_may_be_missing_takes_no_more_room() {
        assert_eq!(size_of::<Option<Time>>(), size_of::<Time>());
        assert_eq!(Time::default(), Time::from_nanos(0, 0));
        assert!(Time::new(1, 5) < Time::new(1, 6) && Time::new(1, 6) < Time::new(2, 0));
    }

    #[test]
    fn finer_than_nanoseconds_is_kept() {
        let time = Time::new(1, 1_500_000_000);
        assert_eq!((time.nanos(), time.attos()), (1, 1_500_000_000));
    }
}
