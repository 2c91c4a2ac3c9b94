//! The letter at which reading a folder fails again and again.

/// Failures at one letter, one after another, after which the others go on.
const FAILURES_MAX: u32 = 8;

/// Where reading failed last, and how often in a row.
#[derive(Debug, Default)]
pub struct Stuck {
    uid: u32,
    failures: u32,
}

impl Stuck {
    /// Notes a failure at a letter; true when it is not worth another try.
    pub fn gives_up(&mut self, uid: u32) -> bool {
        if self.uid != uid {
            *self = Self { uid, failures: 0 };
        }
        self.failures += 1;
        self.failures >= FAILURES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_keeps_the_others_back_for_a_while_only() {
        let mut stuck = Stuck::default();
        assert!((1..FAILURES_MAX).all(|_| !stuck.gives_up(7)));
        assert!(!stuck.gives_up(8), "another letter begins anew");
        assert!((1..FAILURES_MAX).all(|_| !stuck.gives_up(7)));
        assert!(stuck.gives_up(7));
    }
}
