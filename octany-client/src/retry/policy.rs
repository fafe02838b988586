//! What is tried again, and for how long.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::error::Failure;
use crate::{ErrorKind, Priority};

/// How often a call is tried, and for how long.
///
/// A `GET` is tried again after every failure that may pass: no connection, one that broke, no
/// answer in time, a 5xx, a 429. A `POST` or `DELETE` is tried again only where it is certain that
/// nothing happened: where there was no connection, and after a 429.
///
/// Between two attempts is a pause that grows twofold, with a random part, and that is as long as
/// the server's `Retry-After` at least.
///
/// ```
/// use std::time::Duration;
///
/// use octany_client::{Priority, RetryPolicy};
///
/// let policy = RetryPolicy::new().attempts(5).within(Priority::Person, Duration::from_secs(8));
/// let never = RetryPolicy::never(); // the first failure is the answer
/// # let _ = (policy, never);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryPolicy {
    attempts: u32,
    shortest: Duration,
    longest: Duration,
    person: Duration,
    background: Duration,
}

impl RetryPolicy {
    /// Three attempts, with pauses from 250 milliseconds; the last of them begins within 30
    /// seconds where a person waits, within 5 minutes in the background.
    pub fn new() -> Self {
        Self {
            attempts: 3,
            shortest: Duration::from_millis(250),
            longest: Duration::from_secs(5),
            person: Duration::from_secs(30),
            background: Duration::from_mins(5),
        }
    }

    /// One attempt, which waits for no pause that Octany asked for either.
    pub fn never() -> Self {
        let (person, background) = (Duration::ZERO, Duration::ZERO);
        Self { attempts: 1, person, background, ..Self::new() }
    }

    /// So many attempts at most, the first one included.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The first pause, and the one at which they grow no more. A random part, up to as much
    /// again, is added to each.
    pub fn pauses(mut self, shortest: Duration, longest: Duration) -> Self {
        (self.shortest, self.longest) = (shortest, longest);
        self
    }

    /// No pause lasts longer than until then after the call began: a call ends at once where the
    /// one that Octany asks for would. A turn by the rate limit is waited for in any case.
    pub fn within(mut self, priority: Priority, time: Duration) -> Self {
        match priority {
            Priority::Background => self.background = time,
            Priority::Person => self.person = time,
        }
        self
    }

    pub(super) fn time(&self, priority: Priority) -> Duration {
        match priority {
            Priority::Background => self.background,
            Priority::Person => self.person,
        }
    }

    pub(super) fn backoff(&self) -> ExponentialBackoff {
        ExponentialBuilder::new()
            .with_min_delay(self.shortest)
            .with_max_delay(self.longest)
            .with_factor(2.0)
            .with_jitter()
            .without_max_times()
            .build()
    }

    /// Whether another attempt is worth it and safe.
    pub(super) fn repeats(&self, attempts: u32, safe: bool, failure: &Failure) -> bool {
        let repeats = match failure.kind {
            ErrorKind::Connect | ErrorKind::RateLimited => true,
            ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Server => safe,
            _ => false,
        };
        repeats && attempts < self.attempts
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}
