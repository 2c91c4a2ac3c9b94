//! Chance, by a seed: equal seeds, equal lives.

use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};

/// What decides.
#[derive(Debug)]
pub struct Chance(StdRng);

impl Chance {
    pub fn of(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, times: u32) -> bool {
        self.0.random_range(0..100) < times
    }

    /// A number from one to another, both included.
    pub fn between(&mut self, from: u32, to: u32) -> u32 {
        self.0.random_range(from..=to)
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.0.random_range(0..all.len())]
    }

    /// At most so many of them, in any order.
    pub fn some<T: Copy>(&mut self, mut all: Vec<T>, most: u32) -> Vec<T> {
        all.shuffle(&mut self.0);
        all.truncate(most as usize);
        all
    }
}
