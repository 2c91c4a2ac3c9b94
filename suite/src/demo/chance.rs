//! Chance that is the same every time.

/// A seeded source of chance (SplitMix64): small, and the same on every machine and in every
/// release.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Chance by a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low)) + 1;
        low + i32::try_from(self.next() % span).unwrap_or_default()
    }

    /// True so many times of a hundred.
    pub fn percent(&mut self, of: i32) -> bool {
        self.between(1, 100) <= of
    }

    /// One of some.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        let last = i32::try_from(all.len().saturating_sub(1)).unwrap_or_default();
        all[usize::try_from(self.between(0, last)).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_every_time_and_reaches_both_ends() {
        let throw = |seed| {
            let mut chance = Chance::of(seed);
            (0..200).map(|_| chance.between(1, 6)).collect::<Vec<_>>()
        };
        assert_eq!(throw(7), throw(7));
        assert_ne!(throw(7), throw(8));
        assert!((1..=6).all(|side| throw(7).contains(&side)));
        assert_eq!(Chance::of(1).pick(&[3]), 3);
    }
}
