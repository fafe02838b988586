//! What was read, and how long it counts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_core::{ReferenceId, Snapshot};

use super::stamps::{Bucket, Stamps};
use crate::store::Known;

/// What the store said of a reference. Small, since there are many.
#[derive(Clone)]
pub(super) struct Copy {
    known: Known,
    ticket: u64,
    expires: Tenths,
    reference: Bucket,
    /// That of the first subscription; without one, that of the reference.
    subscription: Bucket,
}

/// An instant in tenths of a second since [`EPOCH`], which suffices for 136 years.
type Tenths = u32;

/// The first instant of 2020, in microseconds.
const EPOCH: i64 = 1_577_836_800_000_000;
const MICROS: i64 = 100_000;

/// How long copies live.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetimes {
    pub(super) positive: Duration,
    pub(super) negative: Duration,
}

impl Copy {
    /// What a read gave that took its ticket and then asked, at that instant.
    pub(super) fn new(
        reference: &ReferenceId,
        known: Known,
        ticket: u64,
        asked_at: DateTime<Utc>,
        stamps: &Stamps,
        lifetimes: Lifetimes,
    ) -> Self {
        let expires = tenths(lifetimes.end(&known, asked_at));
        let bucket = stamps.bucket(reference.as_str());
        let first = known.first().map(|known| stamps.bucket(known.subscription.as_str()));
        let subscription = first.unwrap_or(bucket);
        Self { known, ticket, expires, reference: bucket, subscription }
    }

    pub(super) fn ticket(&self) -> u64 {
        self.ticket
    }

    pub(super) fn into_known(self) -> Known {
        self.known
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// Whether nothing was written since that this does not contain.
    pub(super) fn is_newest(&self, stamps: &Stamps) -> bool {
        stamps.is_above_everything(self.ticket)
            && stamps.is_above(self.ticket, self.reference)
            && stamps.is_above(self.ticket, self.subscription)
            && self.known.iter().skip(1).all(|known| {
                stamps.is_above(self.ticket, stamps.bucket(known.subscription.as_str()))
            })
    }

    /// Whether its time is not over. A clock that was set back must not make it live longer.
    pub(super) fn is_alive(&self, now: DateTime<Utc>, lifetimes: Lifetimes) -> bool {
        let left = EPOCH + i64::from(self.expires) * MICROS - now.timestamp_micros();
        left > 0 && left.unsigned_abs() <= micros(lifetimes.of(&self.known))
    }
}

impl Lifetimes {
    /// The end of what was read at an instant: when its time is over, or when the first of its
    /// dates is reached, since something may then be reported.
    fn end(self, known: &[Snapshot], asked_at: DateTime<Utc>) -> i64 {
        let asked_at = asked_at.timestamp_micros();
        let end = asked_at.saturating_add_unsigned(micros(self.of(known)));
        let dates = known.iter().flat_map(|known| {
            [known.renews_at, known.ends_at, known.trial_ends_at].into_iter().flatten()
        });
        let dates = dates.map(|date| date.timestamp_micros()).filter(|date| *date > asked_at);
        dates.fold(end, i64::min)
    }

    /// The longest that something may live.
    fn of(self, known: &[Snapshot]) -> Duration {
        if known.is_empty() { self.negative } else { self.positive }
    }
}

fn micros(duration: Duration) -> u64 {
    duration.as_micros().try_into().unwrap_or(u64::MAX)
}

/// Never later than the instant itself.
fn tenths(micros: i64) -> Tenths {
    let tenths = micros.saturating_sub(EPOCH).div_euclid(MICROS);
    tenths.clamp(0, i64::from(Tenths::MAX)).try_into().unwrap_or(0)
}
