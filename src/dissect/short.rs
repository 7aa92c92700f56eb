//! Numbers of which many are kept.

/// A number below 2⁴⁰ in five bytes, ordered as numbers are: those of frames, of which no capture has more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Short([u8; 5]);

impl Short {
    const MAX: u64 = (1 << 40) - 1;

    pub(crate) fn of(number: u64) -> Short {
        let [_, _, _, bytes @ ..] = number.min(Short::MAX).to_be_bytes();
        Short(bytes)
    }

    pub(crate) fn number(self) -> u64 {
        let [a, b, c, d, e] = self.0;
        u64::from_be_bytes([0, 0, 0, a, b, c, d, e])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_what_they_are() {
        for number in [0, 1, 255, 256, 0x01_0203_0405, Short::MAX] {
            assert_eq!(Short::of(number).number(), number);
        }
        assert_eq!(Short::of(u64::MAX).number(), Short::MAX);
        assert!(Short::of(256) > Short::of(255) && Short::of(1 << 32) > Short::of(u32::MAX.into()));
        assert_eq!(size_of::<(Short, Short)>(), 10);
    }
}
