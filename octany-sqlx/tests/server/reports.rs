//! Reports, and what came of them.

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{Snapshot, Source, Version};
use octany_entitlement::{StoreError, StoreErrorKind};

/// An instant, in seconds after an arbitrary one.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// An API's report on subscription 1 of `user_42`.
pub(crate) fn report(seconds: i64, status: &str) -> Snapshot {
    let mut snapshot = Snapshot::new(1, status, Version::new(at(seconds), Source::Api));
    snapshot.reference = Some("user_42".into());
    snapshot
}

/// What kind of failure it was.
pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T, StoreError>) -> StoreErrorKind {
    result.unwrap_err().kind()
}
