//! What holds for every policy, every set of subscriptions and every instant.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{
    AccessPolicy, Rank, Snapshot, Source, SubscriptionStatus, Verdict, Version, evaluate,
};
use proptest::prelude::*;

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    // A narrow range, so that dates meet.
    (0_i64..40).prop_map(|hours| DateTime::UNIX_EPOCH + TimeDelta::hours(hours))
}

fn status() -> impl Strategy<Value = SubscriptionStatus> {
    let mut statuses = SubscriptionStatus::KNOWN.to_vec();
    statuses.push(SubscriptionStatus::Unknown("frozen".into()));
    proptest::sample::select(statuses)
}

prop_compose! {
    fn snapshot()(
        id in 0_u64..8,
        status in status(),
        product in proptest::option::of(40_u64..44),
        renews_at in proptest::option::of(instant()),
        ends_at in proptest::option::of(instant()),
        trial_ends_at in proptest::option::of(instant()),
        as_of in instant(),
        rank in proptest::sample::select(vec![Rank::Created, Rank::Updated, Rank::Cancelled]),
    ) -> Snapshot {
        let mut snapshot =
            Snapshot::new(id, status.as_str(), Version::new(as_of, Source::Webhook(rank)));
        snapshot.product = product.map(Into::into);
        snapshot.renews_at = renews_at;
        snapshot.ends_at = ends_at;
        snapshot.trial_ends_at = trial_ends_at;
        snapshot
    }
}

fn snapshots() -> impl Strategy<Value = Vec<Snapshot>> {
    // As a store gives them: one for each subscription.
    proptest::collection::vec(snapshot(), 0..5).prop_map(|mut snapshots| {
        snapshots.sort_by(|one, other| one.subscription.cmp(&other.subscription));
        snapshots.dedup_by(|one, other| one.subscription == other.subscription);
        snapshots
    })
}

prop_compose! {
    fn policy()(
        grace in proptest::option::of(0_i64..20),
        trial in proptest::option::of(0_i64..5),
        stale in proptest::option::of(0_i64..30),
        products in proptest::option::of(proptest::collection::vec(40_u64..44, 0..3)),
    ) -> AccessPolicy {
        let mut policy = AccessPolicy::new();
        if let Some(grace) = grace {
            policy = policy.grace(TimeDelta::hours(grace));
        }
        if let Some(trial) = trial {
            policy = policy.enforce_trial_end(TimeDelta::hours(trial));
        }
        if let Some(stale) = stale {
            policy = policy.max_stale(TimeDelta::hours(stale));
        }
        if let Some(products) = products {
            policy = policy.products(products);
        }
        policy
    }
}

/// What a verdict says, with the subscription itself in place of its place.
fn said(verdict: Verdict, snapshots: &[Snapshot]) -> impl PartialEq + std::fmt::Debug {
    let shown = verdict.subscription.map(|index| snapshots[index].subscription.clone());
    (verdict.reason, shown, verdict.valid_until)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn the_order_of_subscriptions_never_matters(
        policy in policy(),
        (snapshots, shuffled) in snapshots().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        now in instant(),
    ) {
        let one = said(evaluate(&policy, &snapshots, now), &snapshots);
        let other = said(evaluate(&policy, &shuffled, now), &shuffled);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn the_answer_changes_exactly_at_valid_until(
        policy in policy(), snapshots in snapshots(), now in instant(),
    ) {
        let verdict = evaluate(&policy, &snapshots, now);
        let Some(end) = verdict.valid_until else { return Ok(()) };
        prop_assert!(verdict.is_allowed() && end > now);
        let just_before = evaluate(&policy, &snapshots, end - TimeDelta::microseconds(1));
        prop_assert!(just_before.is_allowed());
        prop_assert!(!evaluate(&policy, &snapshots, end).is_allowed());
    }

    #[test]
    fn access_without_an_end_lasts(policy in policy(), snapshots in snapshots(), now in instant()) {
        let verdict = evaluate(&policy, &snapshots, now);
        if verdict.is_allowed() && verdict.valid_until.is_none() {
            let much_later = now + TimeDelta::days(36_500);
            prop_assert!(evaluate(&policy, &snapshots, much_later).is_allowed());
        }
    }

    #[test]
    fn time_alone_never_grants(
        policy in policy(), snapshots in snapshots(), now in instant(), later in 0_i64..100,
    ) {
        if !evaluate(&policy, &snapshots, now).is_allowed() {
            let later = now + TimeDelta::hours(later);
            prop_assert!(!evaluate(&policy, &snapshots, later).is_allowed());
        }
    }

    #[test]
    fn any_subscription_that_grants_is_enough(
        policy in policy(), snapshots in snapshots(), now in instant(),
    ) {
        let any = snapshots
            .iter()
            .any(|one| evaluate(&policy, std::slice::from_ref(one), now).is_allowed());
        prop_assert_eq!(evaluate(&policy, &snapshots, now).is_allowed(), any);
    }

    #[test]
    fn who_pays_as_published_passes_the_default_policy(snapshot in snapshot(), now in instant()) {
        if snapshot.is_paying(now) {
            prop_assert!(evaluate(&AccessPolicy::new(), &[snapshot], now).is_allowed());
        }
    }

    #[test]
    fn asking_for_more_never_lets_more_pass(snapshots in snapshots(), now in instant()) {
        let strict = AccessPolicy::new()
            .products([41, 42])
            .max_stale(TimeDelta::hours(9))
            .enforce_trial_end(TimeDelta::zero());
        if evaluate(&strict, &snapshots, now).is_allowed() {
            prop_assert!(evaluate(&AccessPolicy::new(), &snapshots, now).is_allowed());
        }
    }
}

#[test]
fn a_feature_is_had_through_a_product_that_grants_access() {
    let now = DateTime::UNIX_EPOCH;
    let policy = AccessPolicy::new().feature("export", [43]).feature("import", [42, 43]);
    let mut basic = Snapshot::new(1, "active", Version::new(now, Source::Api));
    basic.product = Some(42.into());
    let mut lapsed = Snapshot::new(2, "unpaid", Version::new(now, Source::Api));
    lapsed.product = Some(43.into());
    let both = [basic, lapsed];
    assert!(policy.has_feature("import", &both, now));
    assert!(!policy.has_feature("export", &both, now), "the product that exports is not paid");
    assert!(!policy.has_feature("teleport", &both, now), "no product has it");
    assert!(evaluate(&policy.clone().require_feature("import"), &both, now).is_allowed());
    assert!(!evaluate(&policy.clone().require_feature("export"), &both, now).is_allowed());
    assert!(!evaluate(&policy.require_feature("teleport"), &both, now).is_allowed());
}

#[test]
fn dates_at_the_calendars_end_are_no_panic() {
    let end = DateTime::<Utc>::MAX_UTC;
    let policy = AccessPolicy::new().grace(TimeDelta::MAX).max_stale(TimeDelta::MAX);
    let mut delayed = Snapshot::new(1, "delayed", Version::new(end, Source::Api));
    delayed.renews_at = Some(end);
    assert!(evaluate(&policy, &[delayed], DateTime::UNIX_EPOCH).is_allowed());
}
