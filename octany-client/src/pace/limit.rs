//! How fast a client calls.

use std::time::Duration;

/// How fast a client calls, all its clones together.
///
/// Octany documents no limit. Unless set, a client makes 5 calls a second, and up to 10 at once
/// after a rest: an account's 10,000 subscriptions are listed in under two minutes, people do not
/// notice, and a server that allows less says so with a 429, which the client obeys. A client of
/// each process counts for itself: where ten processes call, give each a tenth.
///
/// ```
/// use std::time::Duration;
///
/// use octany_client::RateLimit;
///
/// let gentle = RateLimit::every(Duration::from_secs(1)).burst(5);
/// let off = RateLimit::off(); // a 429 is obeyed nevertheless
/// # let _ = (gentle, off);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RateLimit {
    pub(super) interval: Duration,
    pub(super) burst: u32,
}

impl RateLimit {
    /// One call in each such time, after a rest up to 10 at once.
    pub fn every(interval: Duration) -> Self {
        Self { interval, burst: 10 }
    }

    /// Up to so many calls at once after a rest; 1 at least. The background leaves half of them to
    /// people.
    pub fn burst(mut self, calls: u32) -> Self {
        self.burst = calls;
        self
    }

    /// As fast as the app calls. Pauses that Octany asks for by a 429 are kept all the same.
    pub fn off() -> Self {
        Self { interval: Duration::ZERO, burst: 1 }
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::every(Duration::from_millis(200))
    }
}
