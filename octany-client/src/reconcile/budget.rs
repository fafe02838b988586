//! How many calls visitors may cause.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A bucket of calls, which time fills up again.
pub(super) struct Budget {
    size: f64,
    per_second: f64,
    left: Mutex<Left>,
}

struct Left {
    calls: f64,
    at: DateTime<Utc>,
}

/// Whom a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Somebody of whom nothing is known.
    Stranger,
    /// Somebody who has, or had, a subscription, or began a checkout.
    Known,
}

/// What strangers leave to those who are known: this part of the bucket.
const RESERVE: f64 = 0.5;

impl Budget {
    pub(super) fn new(calls: u32, per: Duration, now: DateTime<Utc>) -> Self {
        let size = f64::from(calls);
        let per_second = size / per.max(Duration::from_millis(1)).as_secs_f64();
        Self { size, per_second, left: Mutex::new(Left { calls: size, at: now }) }
    }

    /// Takes a call out, if there is one for this kind.
    pub(super) fn take(&self, now: DateTime<Utc>, about: About) -> bool {
        let mut left = self.left(now);
        let reserved = if about == About::Stranger { self.size * RESERVE } else { 0.0 };
        let there_is = left.calls - reserved >= 1.0;
        if there_is {
            left.calls -= 1.0;
        }
        there_is
    }

    /// Takes a call out that is made in any case. Who comes later pays for it.
    pub(super) fn owe(&self, now: DateTime<Utc>) {
        self.left(now).calls -= 1.0;
    }

    /// Puts a call back that was not made.
    pub(super) fn give_back(&self, now: DateTime<Utc>) {
        self.left(now).calls += 1.0;
    }

    fn left(&self, now: DateTime<Utc>) -> MutexGuard<'_, Left> {
        // No panic can leave it half changed.
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back fills nothing.
        let passed = now.signed_duration_since(left.at).max(TimeDelta::zero());
        let passed = passed.to_std().unwrap_or_default().as_secs_f64();
        left.calls = (left.calls + passed * self.per_second).min(self.size);
        left.at = now;
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn taken(budget: &Budget, now: DateTime<Utc>, about: About) -> usize {
        (0..1_000).filter(|_| budget.take(now, about)).count()
    }

    #[test]
    fn it_fills_up_with_time_and_no_further() {
        let budget = Budget::new(10, Duration::from_secs(5), at(0));
        assert_eq!(taken(&budget, at(0), About::Known), 10);
        assert_eq!(taken(&budget, at(1), About::Known), 2);
        assert_eq!(taken(&budget, at(0), About::Known), 0, "a clock set back fills nothing");
        assert_eq!(taken(&budget, at(3_600), About::Known), 10);
    }

    #[test]
    fn strangers_leave_a_half_to_those_who_are_known() {
        let budget = Budget::new(10, Duration::from_secs(5), at(0));
        assert_eq!(taken(&budget, at(0), About::Stranger), 5);
        assert_eq!(taken(&budget, at(0), About::Known), 5);
    }

    #[test]
    fn what_is_owed_is_paid_before_anything_is_taken() {
        let budget = Budget::new(10, Duration::from_secs(5), at(0));
        taken(&budget, at(0), About::Known);
        for _ in 0..4 {
            budget.owe(at(0));
        }
        assert_eq!(taken(&budget, at(2), About::Known), 0);
        assert_eq!(taken(&budget, at(3), About::Known), 2);
        budget.give_back(at(3));
        assert_eq!(taken(&budget, at(3), About::Known), 1);
    }
}
