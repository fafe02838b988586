//! So many at once, and then one at a time.

use std::time::Duration;

use tokio::time::Instant;

/// Longer than any process lives. Even as many of them as a bucket can save are less than an
/// `Instant` can hold.
const FOR_EVER: Duration = Duration::from_hours(24 * 365 * 30);

/// Gives one out every `interval`, and saves up to `burst` of them for when they are needed.
#[derive(Debug)]
pub(crate) struct Bucket {
    interval: Duration,
    burst: u32,
    /// When all that were given out will have been made up for.
    full_at: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(interval: Duration, burst: u32) -> Self {
        let interval = interval.min(FOR_EVER);
        Self { interval, burst: burst.max(1), full_at: Instant::now() }
    }

    pub(crate) fn burst(&self) -> u32 {
        self.burst
    }

    /// When one can be taken so that `spare` are left.
    pub(crate) fn ready_at(&self, spare: u32) -> Instant {
        let ahead = self.burst.saturating_sub(spare).max(1) - 1;
        self.full_at.checked_sub(self.interval.saturating_mul(ahead)).unwrap_or(self.full_at)
    }

    pub(crate) fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.interval;
    }

    /// Takes one if there is one.
    pub(crate) fn try_take(&mut self, now: Instant) -> bool {
        let ready = self.ready_at(0) <= now;
        if ready {
            self.take(now);
        }
        ready
    }

    /// Lets there be none before `until`, and no more than one then.
    pub(crate) fn empty_until(&mut self, until: Instant) {
        let full_at = until + self.interval.saturating_mul(self.burst - 1);
        self.full_at = self.full_at.max(full_at);
    }
}
