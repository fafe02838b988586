//! How long a copy lives.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use octany_core::AccessPolicy;
use octany_entitlement::{Cached, Gate, ManualClock, OnOutage, SubscriptionStore};

use crate::common::at;
use crate::staged::Staged;
use crate::tools::{Call, apply, looked_up, peeked, report, run};

fn cached(clock: &ManualClock) -> Arc<Cached<Staged>> {
    Arc::new(Cached::linked(Staged::default()).clock(clock.clone()))
}

#[test]
fn a_copy_is_served_without_asking_and_not_after_its_time() {
    let clock = ManualClock::at(at(0));
    let store = cached(&clock);
    apply(&store, report("1", Some("user"), 0));
    assert_eq!(peeked(&*store, "user"), None, "nothing was looked up yet");
    assert_eq!(looked_up(&store, "user"), ["1 active"]);
    clock.set(at(59));
    assert_eq!(peeked(&*store, "user").unwrap(), ["1 active"]);
    assert_eq!(looked_up(&store, "user"), ["1 active"]);
    assert_eq!(store.inner().reads(), 1);
    clock.set(at(60));
    assert_eq!(peeked(&*store, "user"), None);
    looked_up(&store, "user");
    assert_eq!(store.inner().reads(), 2);
    assert!(peeked(&*store, "user").is_some());
}

#[test]
fn that_there_is_nothing_is_remembered_for_seconds() {
    let clock = ManualClock::at(at(0));
    let store = cached(&clock);
    assert!(looked_up(&store, "user").is_empty());
    clock.set(at(4));
    assert_eq!(peeked(&*store, "user"), Some(vec![]));
    clock.set(at(5));
    assert_eq!(peeked(&*store, "user"), None);
}

#[test]
fn lifetimes_can_be_set() {
    let clock = ManualClock::at(at(0));
    let store = Cached::linked(Staged::default())
        .ttl(Duration::from_millis(1_500))
        .negative_ttl(Duration::from_hours(1))
        .capacity(1_000)
        .clock(clock.clone());
    let store = Arc::new(store);
    apply(&store, report("1", Some("user"), 0));
    looked_up(&store, "user");
    looked_up(&store, "nobody");
    clock.advance(TimeDelta::milliseconds(1_399));
    assert!(peeked(&*store, "user").is_some());
    clock.advance(TimeDelta::milliseconds(101));
    assert!(peeked(&*store, "user").is_none());
    clock.set(at(3_599));
    assert!(peeked(&*store, "nobody").is_some());
    clock.set(at(3_600));
    assert!(peeked(&*store, "nobody").is_none());
}

#[test]
fn a_lifetime_of_zero_keeps_nothing_and_one_without_end_does_no_harm() {
    let clock = ManualClock::at(at(0));
    let never = Cached::linked(Staged::default()).ttl(Duration::ZERO).clock(clock.clone());
    let ever = Cached::linked(Staged::default()).ttl(Duration::MAX).clock(clock.clone());
    for (store, is_kept) in [(Arc::new(never), false), (Arc::new(ever), true)] {
        clock.set(at(0));
        apply(&store, report("1", Some("user"), 0));
        assert_eq!(looked_up(&store, "user"), ["1 active"]);
        clock.advance(TimeDelta::days(365));
        assert_eq!(peeked(&*store, "user").is_some(), is_kept);
        assert_eq!(looked_up(&store, "user"), ["1 active"]);
    }
}

#[test]
fn a_copy_lives_until_the_first_date_at_which_something_may_be_reported() {
    let set: [fn(&mut octany_core::Snapshot); 3] = [
        |report| report.renews_at = Some(at(20)),
        |report| report.ends_at = Some(at(20)),
        |report| report.trial_ends_at = Some(at(20)),
    ];
    for set in set {
        let clock = ManualClock::at(at(0));
        let store = cached(&clock);
        let mut dated = report("2", Some("user"), 0);
        set(&mut dated);
        apply(&store, report("1", Some("user"), 0));
        apply(&store, dated);
        looked_up(&store, "user");
        clock.set(at(19));
        assert!(peeked(&*store, "user").is_some());
        clock.set(at(20));
        assert!(peeked(&*store, "user").is_none(), "a late renewal gets its chance");
        looked_up(&store, "user");
        clock.set(at(79));
        assert!(peeked(&*store, "user").is_some(), "a date that is over ends nothing");
    }
}

#[test]
fn a_slow_answer_is_as_old_as_its_question() {
    let clock = ManualClock::at(at(0));
    let store = cached(&clock);
    apply(&store, report("1", Some("user"), 0));
    let reader = Arc::clone(&store);
    let mut slow = Call::new(async move { reader.look_up(&"user".into()).await });
    slow.steps(2);
    clock.set(at(59));
    slow.finish().unwrap();
    assert!(peeked(&*store, "user").is_some());
    clock.set(at(60));
    assert!(peeked(&*store, "user").is_none());
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_live_longer() {
    let clock = ManualClock::at(at(10_000));
    let store = cached(&clock);
    apply(&store, report("1", Some("user"), 0));
    looked_up(&store, "user");
    clock.set(at(9_000));
    assert!(peeked(&*store, "user").is_none());
    clock.set(chrono::DateTime::UNIX_EPOCH);
    assert!(peeked(&*store, "user").is_none());
    assert_eq!(looked_up(&store, "user"), ["1 active"], "before all time it asks every time");
}

#[test]
fn that_there_is_nothing_lives_no_longer_by_a_clock_that_is_set_back() {
    let clock = ManualClock::at(at(100));
    let store = cached(&clock);
    looked_up(&store, "user");
    clock.set(at(60));
    assert_eq!(peeked(&*store, "user"), None, "it would live for 45 seconds");
}

#[test]
fn there_are_at_most_about_as_many_copies_as_there_may_be() {
    let store = Arc::new(Cached::linked(Staged::default()).capacity(1_000));
    for index in 0..10_000 {
        looked_up(&store, &format!("user_{index}"));
    }
    assert!((500..=1_100).contains(&store.len()), "{}", store.len());
    let none = Arc::new(Cached::linked(Staged::default()).capacity(0));
    apply(&none, report("1", Some("user"), 0));
    assert_eq!(looked_up(&none, "user"), ["1 active"]);
    assert_eq!(looked_up(&none, "user"), ["1 active"]);
}

#[test]
fn whoever_must_not_be_wrong_asks_the_store() {
    let store = Arc::new(Cached::linked(Staged::default()));
    looked_up(&store, "user");
    // Somebody else writes, past this cache.
    let report = report("1", Some("user"), 0);
    let past = Arc::clone(&store);
    run(async move { past.inner().inner.apply(&report).await }).unwrap();
    assert_eq!(peeked(&*store, "user"), Some(vec![]), "a copy does not know");
    let asked = Arc::clone(&store);
    let known = run(async move { asked.subscriptions(&"user".into()).await }).unwrap();
    assert_eq!(known.len(), 1);
}

#[test]
fn a_copy_ages_by_its_own_clock_whatever_the_gates_says() {
    let (copies, gates) = (ManualClock::at(at(0)), ManualClock::at(at(0)));
    let gate = |store| Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
    let passes = |gate: &Gate| gate.try_decide(&"user".into()).map(|it| it.is_allowed());

    let store = cached(&copies);
    apply(&store, report("1", Some("user"), 0));
    looked_up(&store, "user");
    let both = [gate(store.clone()), gate(store).clock(gates.clone())];
    for gate in &both {
        assert_eq!(passes(gate), Some(true), "now is far from what the copy's clock says");
    }
    copies.set(at(60));
    for gate in &both {
        assert_eq!(passes(gate), None);
    }

    let store = Arc::new(Cached::linked(Staged::default()));
    apply(&store, report("1", Some("user"), 0));
    looked_up(&store, "user");
    let both = [gate(store.clone()), gate(store).clock(gates)];
    for gate in &both {
        assert_eq!(passes(gate), Some(true), "the copy is as old as the system says");
    }
}
