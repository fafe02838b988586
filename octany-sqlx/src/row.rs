//! Rows back into what they were stored from.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
use octany_core::Applied;
use octany_core::{ReferenceId, Snapshot, Version};
use octany_entitlement::{Announced, Checkout, Claim, ClaimToken, StoreError};

#[derive(Debug, thiserror::Error)]
#[error("column {column} holds {micros}, which is no instant")]
struct NoInstant {
    column: &'static str,
    micros: i64,
}

/// The columns of a [`Record`], in its order.
macro_rules! columns {
    () => {
        "s.subscription_id, s.status, s.version, s.product_id, s.renews_at, s.ends_at, \
         s.trial_ends_at, s.contested"
    };
}
pub(crate) use columns;

pub(crate) type Record<'r> =
    (&'r str, &'r str, i64, Option<&'r str>, Option<i64>, Option<i64>, Option<i64>, bool);

/// A record of `owner`, or why it cannot be read.
pub(crate) fn snapshot(record: Record<'_>, owner: &ReferenceId) -> Result<Snapshot, StoreError> {
    let (subscription, status, version, product, renews_at, ends_at, trial_ends_at, contested) =
        record;
    let mut snapshot = Snapshot::new(subscription, status, Version::from_i64(version));
    snapshot.reference = Some(owner.clone());
    snapshot.product = product.map(Into::into);
    snapshot.renews_at = instant(renews_at, "renews_at")?;
    snapshot.ends_at = instant(ends_at, "ends_at")?;
    snapshot.trial_ends_at = instant(trial_ends_at, "trial_ends_at")?;
    snapshot.contested = contested;
    Ok(snapshot)
}

/// What a written row tells: the first of its subscription (`revision`), or one of the same version
/// (`ties`). Revision 0 stands for a row that was not written, with whether it is newer.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) fn applied(revision: i64, ties_or_newer: i64) -> Applied {
    match (revision, ties_or_newer) {
        (0, 0) => Applied::Unchanged,
        (0, _) => Applied::Stale,
        (1, _) => Applied::Inserted,
        (_, 0) => Applied::Updated,
        (_, _) => Applied::Contested,
    }
}

/// A claim, from whether its row was written.
pub(crate) fn claimed(
    fresh: bool,
    until: i64,
    completed: Option<i64>,
    token: ClaimToken,
) -> Result<Claim, StoreError> {
    Ok(match (fresh, completed) {
        (true, _) => Claim::Fresh(token),
        (false, Some(_)) => Claim::Duplicate,
        (false, None) => Claim::InFlight { until: from_micros(until, "claimed_until")? },
    })
}

/// What was news of an announcement, from whether its row was written, and as a change.
pub(crate) fn announced(changed: Option<bool>) -> Announced {
    match changed {
        None => Announced::Unchanged,
        Some(false) => Announced::Noted,
        Some(true) => Announced::Changed,
    }
}

/// A checkout of `user`: its reference, its product, when it began and when they returned.
pub(crate) fn checkout(
    user: &ReferenceId,
    (reference, product, begun_at, returned_at): (&str, &str, i64, Option<i64>),
) -> Result<Checkout, StoreError> {
    let begun_at = from_micros(begun_at, "begun_at")?;
    let mut checkout = Checkout::new(reference, user.clone().into_owned(), product, begun_at);
    checkout.returned_at = instant(returned_at, "returned_at")?;
    Ok(checkout)
}

/// When a lease that starts now ends; the calendar's end where there is no such instant.
pub(crate) fn lease_end(now: DateTime<Utc>, lease: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(lease)
        .ok()
        .and_then(|lease| now.checked_add_signed(lease))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// An instant for storing.
pub(crate) fn micros(instant: Option<DateTime<Utc>>) -> Option<i64> {
    instant.map(|instant| instant.timestamp_micros())
}

fn instant(micros: Option<i64>, column: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
    micros.map(|micros| from_micros(micros, column)).transpose()
}

/// An instant that was stored, in microseconds.
pub(crate) fn from_micros(micros: i64, column: &'static str) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::corrupt(NoInstant { column, micros }))
}
