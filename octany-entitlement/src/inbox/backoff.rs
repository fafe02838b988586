//! How long to wait after a failure.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Doubles with every attempt, up to a longest; and of that, a random part, so that what failed
/// together does not come back together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    pub(super) base: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    /// The most that is waited after so many failures before this one.
    fn most(self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures);
        self.base.saturating_mul(doubled).min(self.longest)
    }

    /// How long to wait after so many failures before this one.
    pub(super) fn after(self, failures: u32) -> Duration {
        // Each `RandomState` has keys of its own, which come from the system's randomness.
        let random = RandomState::new().hash_one(failures);
        let part = f64::from(u32::try_from(random >> 32).unwrap_or_default());
        self.most(failures).mul_f64(part / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_doubles_up_to_the_longest() {
        let backoff = Backoff { base: Duration::from_secs(1), longest: Duration::from_hours(1) };
        let most = [0, 1, 2, 11, 12, 40, u32::MAX].map(|failures| backoff.most(failures).as_secs());
        assert_eq!(most, [1, 2, 4, 2048, 3600, 3600, 3600]);
    }

    #[test]
    fn a_wait_is_any_part_of_the_most() {
        let backoff = Backoff { base: Duration::from_secs(8), longest: Duration::from_secs(64) };
        let waits: Vec<_> = (0..1000).map(|_| backoff.after(2)).collect();
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(32)));
        assert!(waits.iter().any(|wait| *wait < Duration::from_secs(8)));
        assert!(waits.iter().any(|wait| *wait > Duration::from_secs(24)));
    }
}
