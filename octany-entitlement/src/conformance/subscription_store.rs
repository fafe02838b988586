//! What a [`SubscriptionStore`] promises.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::TimeDelta;
use octany_core::{
    Applied, Rank, ReferenceId, Snapshot, Source, SubscriptionId, SubscriptionStatus, Version,
};

use super::TASKS;
use super::race::race;
use super::reports::{at, life, permutations, report};
use crate::SubscriptionStore;

/// Proves a [`SubscriptionStore`]. Gives the number of cases.
///
/// # Panics
///
/// On the first promise that is broken.
pub async fn subscription_store<S: SubscriptionStore + 'static>(
    mut make: impl AsyncFnMut() -> S,
) -> usize {
    let mut cases = 0;
    let mut store = async || {
        cases += 1;
        Arc::new(make().await)
    };
    unknown_references_have_none(&store().await).await;
    what_is_applied_is_found(&store().await).await;
    everything_that_decides_access_comes_back(&store().await).await;
    newest_wins(&store().await).await;
    a_tie_is_contested_until_it_is_settled(&store().await).await;
    a_doubtful_report_stays_marked(&store().await).await;
    every_order_ends_in_one_state(&store().await).await;
    every_race_ends_in_one_state(&store().await).await;
    one_of_many_inserts(&store().await).await;
    a_race_of_ties_ends_in_one_of_them_marked(&store().await).await;
    orphans_are_kept_until_somebody_owns_them(&store().await).await;
    a_subscription_can_change_hands(&store().await).await;
    references_are_compared_byte_by_byte(&store().await).await;
    ids_are_compared_by_their_text(&store().await).await;
    cases
}

async fn apply<S: SubscriptionStore>(store: &S, report: &Snapshot) -> Applied {
    store.apply(report).await.expect("apply failed")
}

pub(super) async fn known<S: SubscriptionStore>(store: &S, reference: &str) -> Vec<Snapshot> {
    let reference = ReferenceId::from(reference);
    let known = store.subscriptions(&reference).await.expect("subscriptions failed");
    if let Some(peeked) = store.peek(&reference) {
        assert_eq!(peeked.len(), known.len(), "peek and subscriptions differ");
    }
    known
}

async fn only<S: SubscriptionStore>(store: &S, reference: &str) -> Snapshot {
    let mut known = known(store, reference).await;
    assert_eq!(known.len(), 1, "one subscription was expected for this reference");
    known.remove(0)
}

fn assert_same(found: &Snapshot, expected: &Snapshot, rule: &str) {
    assert!(
        found.agrees_with(expected) && found.version == expected.version,
        "{rule}: found {found:?}, expected {expected:?}"
    );
}

async fn unknown_references_have_none<S: SubscriptionStore>(store: &S) {
    assert!(known(store, "nobody").await.is_empty(), "an empty store knows somebody");
}

async fn what_is_applied_is_found<S: SubscriptionStore>(store: &S) {
    let first = report("sub_1", "user", "active", 0);
    let second = report("sub_2", "user", "expired", 0);
    assert_eq!(apply(store, &first).await, Applied::Inserted);
    assert_eq!(apply(store, &second).await, Applied::Inserted);
    let found: HashSet<_> =
        known(store, "user").await.into_iter().map(|found| found.subscription).collect();
    assert_eq!(found, ["sub_1".into(), "sub_2".into()].into(), "all of a reference's are found");
    assert!(known(store, "other").await.is_empty(), "a subscription was found for a stranger");
}

async fn everything_that_decides_access_comes_back<S: SubscriptionStore>(store: &S) {
    let statuses = SubscriptionStatus::KNOWN.iter().map(SubscriptionStatus::as_str);
    for (index, status) in (0_i64..).zip(statuses.chain(["frozen_by_aliens"])) {
        let mut full = report(format!("sub_{index}"), format!("user_{index}"), status, index);
        full.product = Some("9007199254740993".into());
        full.renews_at = Some(at(1) + TimeDelta::microseconds(123_456));
        full.ends_at = Some(at(-4_000_000_000));
        full.trial_ends_at = Some(at(40_000_000_000));
        apply(store, &full).await;
        assert_same(&only(store, &format!("user_{index}")).await, &full, "all members come back");
    }
}

async fn newest_wins<S: SubscriptionStore>(store: &S) {
    let first = report("sub", "user", "active", 0);
    let newer = report("sub", "user", "unpaid", 10);
    let older = report("sub", "user", "trialing", 5);
    assert_eq!(apply(store, &first).await, Applied::Inserted);
    assert_eq!(apply(store, &first).await, Applied::Unchanged, "the same report changes nothing");
    assert_eq!(apply(store, &newer).await, Applied::Updated);
    assert_eq!(apply(store, &older).await, Applied::Stale);
    assert_eq!(apply(store, &first).await, Applied::Stale);
    assert_eq!(apply(store, &newer).await, Applied::Unchanged);
    assert_same(&only(store, "user").await, &newer, "the newest report is what is known");

    let mut answer = report("sub", "user", "active", 10);
    answer.version = Version::new(at(10), Source::Api);
    assert_eq!(apply(store, &answer).await, Applied::Updated, "the API beats the same second");
    assert_eq!(apply(store, &newer).await, Applied::Stale);
    assert!(!only(store, "user").await.contested, "nothing here was contested");
}

async fn a_tie_is_contested_until_it_is_settled<S: SubscriptionStore>(store: &S) {
    let one = report("sub", "user", "active", 0);
    let other = report("sub", "user", "unpaid", 0);
    assert_eq!(apply(store, &one).await, Applied::Inserted);
    assert_eq!(apply(store, &other).await, Applied::Contested);
    let found = only(store, "user").await;
    assert_same(&found, &other, "of a tie, the later arrival is what is known");
    assert!(found.contested, "a tie is marked");
    assert_eq!(apply(store, &other).await, Applied::Unchanged);
    assert!(only(store, "user").await.contested, "a repeated report settles no tie");

    let settled = report("sub", "user", "active", 1);
    assert_eq!(apply(store, &settled).await, Applied::Updated);
    assert!(!only(store, "user").await.contested, "a newer report settles a tie");

    every_member_makes_a_tie(store).await;
}

/// Also one that the other report has not at all.
async fn every_member_makes_a_tie<S: SubscriptionStore>(store: &S) {
    for member in ["reference", "product", "renews_at", "ends_at", "trial_ends_at"] {
        let one = report(member, "tied", "active", 0);
        let mut other = one.clone();
        match member {
            "reference" => other.reference = None,
            "product" => other.product = Some("42".into()),
            "renews_at" => other.renews_at = Some(at(1)),
            "ends_at" => other.ends_at = Some(at(1)),
            _ => other.trial_ends_at = Some(at(1)),
        }
        assert_eq!(apply(store, &one).await, Applied::Inserted);
        for next in [&other, &one] {
            assert_eq!(apply(store, next).await, Applied::Contested, "a tie in {member}");
            assert_eq!(apply(store, next).await, Applied::Unchanged, "a tie in {member}, again");
        }
    }
}

async fn a_doubtful_report_stays_marked<S: SubscriptionStore>(store: &S) {
    let mut doubtful = report("sub", "user", "active", 0);
    doubtful.contested = true;
    apply(store, &doubtful).await;
    assert!(only(store, "user").await.contested, "a report that came contested is marked");
}

async fn every_order_ends_in_one_state<S: SubscriptionStore>(store: &S) {
    for (index, order) in permutations(6).into_iter().enumerate() {
        let (subscription, reference) = (format!("sub_{index}"), format!("user_{index}"));
        let reports = life(&subscription, &reference);
        for next in &order {
            apply(store, &reports[*next]).await;
        }
        let found = only(store, &reference).await;
        assert_same(&found, &reports[5], &format!("the order {order:?} ends in the newest"));
        assert!(!found.contested, "the order {order:?} has no tie");
    }
}

async fn every_race_ends_in_one_state<S: SubscriptionStore + 'static>(store: &Arc<S>) {
    for round in 0..16 {
        let reference = format!("user_{round}");
        let reports = life(&format!("sub_{round}"), &reference);
        let tasks = (0..TASKS).map(|task| {
            let (store, mut reports) = (Arc::clone(store), reports.clone());
            let first = task % reports.len();
            reports.rotate_left(first);
            if task % 2 == 0 {
                reports.reverse();
            }
            async move {
                for report in &reports {
                    apply(&*store, report).await;
                }
            }
        });
        race(tasks.collect()).await;
        let found = only(&**store, &reference).await;
        assert_same(&found, &reports[5], "a race ends in the newest");
        assert!(!found.contested, "a race without ties is not contested");
    }
}

async fn one_of_many_inserts<S: SubscriptionStore + 'static>(store: &Arc<S>) {
    let tasks = (0..TASKS).map(|_| {
        let (store, report) = (Arc::clone(store), report("sub", "user", "active", 0));
        async move { apply(&*store, &report).await }
    });
    let outcomes = race(tasks.collect()).await;
    let count = |outcome| outcomes.iter().filter(|given| **given == outcome).count();
    assert_eq!(count(Applied::Inserted), 1, "one of many equal reports is the first");
    assert_eq!(count(Applied::Unchanged), TASKS - 1, "the others find it there");
}

async fn a_race_of_ties_ends_in_one_of_them_marked<S: SubscriptionStore + 'static>(store: &Arc<S>) {
    for round in 0..16 {
        let (subscription, reference) = (format!("sub_{round}"), format!("user_{round}"));
        let ties = ["active", "unpaid", "delayed"]
            .map(|status| report(subscription.as_str(), reference.as_str(), status, 9));
        let tasks = (0..TASKS).map(|task| {
            let store = Arc::clone(store);
            let older = report(subscription.as_str(), reference.as_str(), "pending", 1);
            let tie = ties[task % ties.len()].clone();
            async move {
                apply(&*store, &older).await;
                apply(&*store, &tie).await;
            }
        });
        race(tasks.collect()).await;
        let found = only(&**store, &reference).await;
        assert!(
            ties.iter().any(|tie| found.agrees_with(tie)),
            "a race of ties ends in one of them"
        );
        assert!(found.contested, "a race of ties is marked");
    }
}

async fn orphans_are_kept_until_somebody_owns_them<S: SubscriptionStore>(store: &S) {
    let mut orphan = report("sub", "unused", "active", 0);
    orphan.reference = None;
    assert_eq!(apply(store, &orphan).await, Applied::Inserted);
    assert_eq!(apply(store, &orphan).await, Applied::Unchanged, "an orphan is kept");
    assert!(known(store, "").await.is_empty(), "an orphan is found under the empty reference");

    let owned = report("sub", "user", "active", 1);
    assert_eq!(apply(store, &owned).await, Applied::Updated);
    assert_same(&only(store, "user").await, &owned, "an orphan is found once it has an owner");
}

async fn a_subscription_can_change_hands<S: SubscriptionStore>(store: &S) {
    apply(store, &report("sub", "user", "active", 0)).await;
    let moved = report("sub", "other", "active", 1);
    apply(store, &moved).await;
    assert!(known(store, "user").await.is_empty(), "a subscription that left is still found");
    assert_same(&only(store, "other").await, &moved, "a subscription is found where it went");
}

async fn references_are_compared_byte_by_byte<S: SubscriptionStore>(store: &S) {
    let alike = [
        "user",
        "User",
        "user ",
        " user",
        "usér",
        "use\u{301}r",
        "user%",
        "user_",
        "us'er",
        "us\"er",
        "us\\er",
        "användare/42",
        "🦀",
        "0",
        "00",
        "1e3",
        "1000",
    ];
    for (index, reference) in alike.iter().enumerate() {
        let subscription = format!("sub_{index}");
        apply(store, &report(subscription, *reference, "active", 0)).await;
    }
    for (index, reference) in alike.iter().enumerate() {
        let found = only(store, reference).await.subscription;
        assert_eq!(found, SubscriptionId::from(format!("sub_{index}")), "{reference:?}");
    }
}

async fn ids_are_compared_by_their_text<S: SubscriptionStore>(store: &S) {
    assert_eq!(apply(store, &report(42, "user", "active", 0)).await, Applied::Inserted);
    let mut renewed = report("42", "user", "active", 1);
    renewed.version = Version::new(at(1), Source::Webhook(Rank::Renewed));
    assert_eq!(apply(store, &renewed).await, Applied::Updated, "42 and \"42\" are one id");
    let (upper, lower) = (report("SUB", "user", "active", 0), report("sub", "user", "active", 0));
    assert_eq!(apply(store, &upper).await, Applied::Inserted);
    assert_eq!(apply(store, &lower).await, Applied::Inserted, "ids differ by case");
}
