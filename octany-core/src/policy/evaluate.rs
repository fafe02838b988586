//! The decision itself.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, TimeDelta, Utc};

use super::{AccessPolicy, Reason};
use crate::{Snapshot, SubscriptionStatus};

/// What a policy says about the subscriptions of one reference, at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Why access is granted or not.
    pub reason: Reason,
    /// Which subscription that is about: its place in the slice that was evaluated.
    pub subscription: Option<usize>,
    /// The instant at which granted access ends if no report comes; `None` if none is set, and
    /// for a denial, which only a report can end.
    pub valid_until: Option<DateTime<Utc>>,
}

impl Verdict {
    /// Whether access is granted.
    pub const fn is_allowed(&self) -> bool {
        self.reason.grants()
    }
}

/// Decides access: any subscription that grants it is enough.
///
/// Of several that grant, the verdict tells the best: the first in the order of [`Reason`], then
/// the one that lasts longest, then the newest report. The order of `subscriptions` never matters.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use octany_core::{AccessPolicy, Rank, Reason, Snapshot, Source, Version, evaluate};
///
/// let now = DateTime::UNIX_EPOCH;
/// let mut cancelled = Snapshot::new(1, "cancelled", Version::new(now, Source::Api));
/// cancelled.ends_at = Some(now + TimeDelta::days(9));
///
/// let verdict = evaluate(&AccessPolicy::new(), &[cancelled.clone()], now);
/// assert!(verdict.is_allowed());
/// assert_eq!(verdict.reason, Reason::PaidUntilEnd);
/// assert_eq!(verdict.valid_until, cancelled.ends_at);
///
/// // At the end it is over.
/// let verdict = evaluate(&AccessPolicy::new(), &[cancelled], now + TimeDelta::days(9));
/// assert!(!verdict.is_allowed());
/// ```
pub fn evaluate(policy: &AccessPolicy, subscriptions: &[Snapshot], now: DateTime<Utc>) -> Verdict {
    // Nearly everybody has one.
    if let [only] = subscriptions {
        let Answer { reason, until } = answer(policy, only, now);
        return Verdict { reason, subscription: Some(0), valid_until: until };
    }
    let answers = || subscriptions.iter().map(|snapshot| (answer(policy, snapshot, now), snapshot));
    let Some((index, (best, _))) =
        answers().enumerate().min_by(|(_, one), (_, other)| shown_first(one, other))
    else {
        return Verdict { reason: Reason::NoSubscription, subscription: None, valid_until: None };
    };
    let valid_until = answers()
        .filter(|(answer, _)| answer.reason.grants())
        .map(|(answer, _)| answer.until)
        .reduce(|one, other| Some(one?.max(other?)))
        .flatten();
    Verdict { reason: best.reason, subscription: Some(index), valid_until }
}

/// What one subscription says by itself.
struct Answer {
    reason: Reason,
    /// When a granted access ends; `None` for one without an end, and for a denial.
    until: Option<DateTime<Utc>>,
}

fn answer(policy: &AccessPolicy, snapshot: &Snapshot, now: DateTime<Utc>) -> Answer {
    let denied = |reason| Answer { reason, until: None };
    let granted = match by_status(policy, snapshot) {
        reason if reason.grants() => reason,
        reason => return denied(reason),
    };

    // Each instant that ends the grant, and what to say from then on.
    let after = |start: Option<DateTime<Utc>>, duration: Option<TimeDelta>| {
        // An end beyond the calendar is the calendar's end.
        Some(start?.checked_add_signed(duration?).unwrap_or(DateTime::<Utc>::MAX_UTC))
    };
    let grace_end = after(snapshot.renews_at, policy.grace).filter(|_| granted == Reason::Grace);
    let trial_end =
        after(snapshot.trial_ends_at, policy.trial_end).filter(|_| granted == Reason::Trialing);
    let stale = policy.max_stale.and_then(|age| after(Some(snapshot.as_of()), Some(age)));
    let limits = [
        (snapshot.ends_at, Reason::Ended),
        (grace_end, Reason::Delayed),
        (trial_end, Reason::TrialOver),
        (stale, Reason::Stale),
    ];
    let mut until = None;
    for (limit, over) in limits {
        let Some(limit) = limit else { continue };
        if limit <= now {
            return denied(over);
        }
        until = Some(until.map_or(limit, |until: DateTime<Utc>| until.min(limit)));
    }

    match (&policy.products, &snapshot.product) {
        (Some(_), None) => denied(Reason::ProductNotKnown),
        (Some(open), Some(product)) if !open.contains(product) => denied(Reason::OtherProduct),
        _ => Answer { reason: granted, until },
    }
}

/// What the status alone says, before any date.
fn by_status(policy: &AccessPolicy, snapshot: &Snapshot) -> Reason {
    match &snapshot.status {
        SubscriptionStatus::Active => Reason::Active,
        SubscriptionStatus::Trialing => Reason::Trialing,
        SubscriptionStatus::Cancelled if snapshot.ends_at.is_some() => Reason::PaidUntilEnd,
        SubscriptionStatus::Cancelled => Reason::Cancelled,
        SubscriptionStatus::Delayed if policy.grace.is_some() && snapshot.renews_at.is_some() => {
            Reason::Grace
        }
        SubscriptionStatus::Delayed => Reason::Delayed,
        SubscriptionStatus::Unpaid => Reason::Unpaid,
        SubscriptionStatus::Expired => Reason::Expired,
        SubscriptionStatus::Pending => Reason::Pending,
        SubscriptionStatus::FutureStart => Reason::FutureStart,
        SubscriptionStatus::Unknown(_) => Reason::UnknownStatus,
    }
}

/// By usefulness, then the longest grant, then the newest report; the id settles the rest.
fn shown_first(one: &(Answer, &Snapshot), other: &(Answer, &Snapshot)) -> Ordering {
    let key = |(answer, snapshot): &(Answer, &Snapshot)| {
        let until = answer.until.unwrap_or(DateTime::<Utc>::MAX_UTC);
        (answer.reason, Reverse(until), Reverse(snapshot.version))
    };
    key(one).cmp(&key(other)).then_with(|| one.1.subscription.cmp(&other.1.subscription))
}
