//! How long to wait before the next attempt.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Waits longer each time, and never as long as the next node.
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { next: SHORTEST }
    }

    /// It worked.
    pub(super) fn reset(&mut self) {
        self.next = SHORTEST;
    }

    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(self.duration()).await;
    }

    /// Between what is due and twice that, at most the longest.
    fn duration(&mut self) -> Duration {
        let due = self.next;
        self.next = (due * 2).min(LONGEST);
        let random = u32::from(RandomState::new().hash_one(()).to_le_bytes()[0]);
        (due + due * random / 256).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_tenth_of_a_second_to_five_seconds() {
        let mut backoff = Backoff::new();
        let waits: Vec<_> = (0..10).map(|_| backoff.duration()).collect();
        assert!(waits.iter().all(|wait| (SHORTEST..=LONGEST).contains(wait)), "{waits:?}");
        assert!(waits[0] < SHORTEST * 2 && waits[9] == LONGEST, "{waits:?}");
        backoff.reset();
        assert!(backoff.duration() < SHORTEST * 2);
    }
}
