//! Reports to apply.

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{Rank, ReferenceId, Snapshot, Source, SubscriptionId, Version};

/// An instant in 2026, and so many seconds later.
pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).expect("a day in 2026")
}

/// A report on a subscription of a reference.
pub(super) fn report(
    subscription: impl Into<SubscriptionId>,
    reference: impl Into<ReferenceId>,
    status: &str,
    seconds: i64,
) -> Snapshot {
    let version = Version::new(at(seconds), Source::Webhook(Rank::Updated));
    let mut report = Snapshot::new(subscription, status, version);
    report.reference = Some(reference.into());
    report
}

/// A subscription's life in six reports, one of them of the same second as its neighbour, and all
/// of them different.
pub(super) fn life(subscription: &str, reference: &str) -> Vec<Snapshot> {
    let of = |status: &str, seconds, source| {
        let mut report = report(subscription, reference, status, seconds);
        report.version = Version::new(at(seconds), source);
        report.renews_at = Some(at(seconds) + TimeDelta::days(30));
        report.product = Some("42".into());
        report
    };
    let mut cancelled = of("cancelled", 50, Source::Webhook(Rank::Cancelled));
    cancelled.renews_at = None;
    cancelled.ends_at = Some(at(90));
    vec![
        of("active", 0, Source::Webhook(Rank::Created)),
        of("delayed", 30, Source::Webhook(Rank::Updated)),
        of("active", 30, Source::Webhook(Rank::Renewed)),
        of("unpaid", 40, Source::Webhook(Rank::Updated)),
        of("active", 50, Source::Webhook(Rank::Updated)),
        cancelled,
    ]
}

/// Every order of `0..count`.
pub(super) fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in permutations(count - 1) {
        for place in 0..count {
            let mut order = shorter.clone();
            order.insert(place, count - 1);
            all.push(order);
        }
    }
    all
}
