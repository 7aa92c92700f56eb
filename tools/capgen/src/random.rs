//! Numbers that look random and are the same on every machine: PCG-XSH-RR 64/32 of O'Neill, "PCG: A Family of Simple Fast
//! Space-Efficient Statistically Good Algorithms for Random Number Generation" (2014).

pub struct Random(u64);

impl Random {
    const STEP: u64 = 6_364_136_223_846_793_005;
    const STREAM: u64 = 1_442_695_040_888_963_407;

    pub fn new(seed: u64) -> Random {
        let mut random = Random(seed.wrapping_add(Random::STREAM));
        random.number();
        random
    }

    pub fn number(&mut self) -> u32 {
        let state = self.0;
        self.0 = state.wrapping_mul(Random::STEP).wrapping_add(Random::STREAM);
        let mixed = (((state >> 18) ^ state) >> 27) as u32;
        mixed.rotate_right((state >> 59) as u32)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.number()) * u64::from(end)) >> 32) as u32
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    pub fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    pub fn permille(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// A length: each power of two between 2^`least` and 2^`most` is as likely as the others.
    pub fn length(&mut self, least: u32, most: u32) -> usize {
        let power = 1 << self.between(least, most - 1);
        self.between(power, 2 * power - 1) as usize
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u32) as usize]
    }

    pub fn fill(&mut self, bytes: &mut [u8]) {
        for four in bytes.chunks_mut(4) {
            let number = self.number().to_le_bytes();
            four.copy_from_slice(&number[..four.len()]);
        }
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
