//! Reports to take in.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::resource::Subscription;
use octany_core::{Rank, Snapshot, Source, Version};

/// How many subscriptions there are.
pub(crate) const SUBSCRIPTIONS: u64 = 10_000;

/// A report on one of the subscriptions, newer than those with lower numbers: a document of the size
/// that Octany sends.
pub(crate) fn report(number: u64) -> Snapshot {
    let id = number % SUBSCRIPTIONS;
    let instant = at() + TimeDelta::microseconds(i64::try_from(number).unwrap());
    let version = Version::new(instant, Source::Webhook(Rank::Updated));
    Snapshot::of(&document(id), version)
}

/// Whose the subscription of a number is.
pub(crate) fn reference(number: u64) -> String {
    format!("user_{}", number % SUBSCRIPTIONS)
}

pub(crate) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn document(id: u64) -> Arc<Subscription> {
    let padding = "x".repeat(700);
    let json = format!(
        r#"{{"id":{id},"status":"active","reference_id":"user_{id}","created_at":"2026-01-01T00:00:00+00:00",
        "renews_at":"2026-12-01T00:00:00+00:00","ends_at":null,"metadata":{{"padding":"{padding}"}}}}"#
    );
    Arc::new(Subscription::parse(json).unwrap())
}
