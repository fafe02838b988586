//! Trying again.

mod policy;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::Failure;
use crate::pace::{Bucket, Pace};
use crate::{ErrorKind, Priority, RateLimit};

pub use self::policy::RetryPolicy;

/// How many calls may be tried again across all calls: so many at once, and then one in each such
/// time. An outage is not made worse by everybody knocking three times.
const BUDGET: u32 = 10;
const BUDGET_INTERVAL: Duration = Duration::from_secs(1);

/// Longer than any process lives.
const FOR_EVER: Duration = Duration::from_hours(24 * 365 * 30);

/// Sends what may be sent when it may be sent, again where that is worth it.
#[derive(Debug)]
pub(crate) struct Retries {
    policy: RetryPolicy,
    pace: Pace,
    budget: Mutex<Bucket>,
}

impl Retries {
    pub(crate) fn new(policy: RetryPolicy, limit: RateLimit) -> Self {
        let budget = Mutex::new(Bucket::new(BUDGET_INTERVAL, BUDGET));
        Self { policy, pace: Pace::new(limit), budget }
    }

    /// How often it was attempted, and what the last attempt came to.
    pub(crate) async fn run<T, F, A>(
        &self,
        safe: bool,
        priority: Priority,
        mut attempt: F,
    ) -> (u32, Result<T, Failure>)
    where
        F: FnMut() -> A,
        A: Future<Output = Result<T, Failure>>,
    {
        let give_up = Instant::now() + self.policy.time(priority).min(FOR_EVER);
        let mut pauses = self.policy.backoff();
        let (mut attempts, mut before) = (0, None);
        loop {
            if let Err(wait) = self.pace.turn(priority, give_up).await {
                return (attempts, Err(before.unwrap_or_else(|| Failure::paused(wait))));
            }
            attempts += 1;
            let failure = match attempt().await {
                Ok(answer) => return (attempts, Ok(answer)),
                Err(failure) => failure,
            };
            let pause = pauses.next().unwrap_or_default();
            let pause = pause.max(failure.retry_after.unwrap_or_default());
            let limited = failure.kind == ErrorKind::RateLimited;
            if limited {
                self.pace.pause(pause);
            }
            let in_time = pause <= give_up.saturating_duration_since(Instant::now());
            let repeats = self.policy.repeats(attempts, safe, &failure) && in_time;
            // What the server itself has slowed down makes no outage worse.
            if !repeats || !(limited || self.afford()) {
                return (attempts, Err(failure));
            }
            tracing::debug!(error = failure.kind.as_str(), ?pause, "will be tried again");
            before = Some(failure);
            if !limited {
                sleep(pause).await;
            }
        }
    }

    fn afford(&self) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.try_take(Instant::now())
    }
}
