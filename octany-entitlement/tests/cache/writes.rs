//! What each kind of write makes old.

use std::sync::Arc;
use std::time::Duration;

use octany_core::{Snapshot, SubscriptionId};
use octany_entitlement::{
    Cached, Ledger, MemoryStore, StoreError, SubscriptionLinks, SubscriptionStore,
};

use crate::common::at;
use crate::staged::{Fault, Staged};
use crate::tools::{Call, apply, looked_up, peeked, report, run, with_status};

type Store = Arc<Cached<Staged>>;

fn cached() -> Store {
    Arc::new(Cached::linked(Staged::default()))
}

fn applying(store: &Store, report: Snapshot) -> Call<Result<(), StoreError>> {
    let store = Arc::clone(store);
    Call::new(async move { store.apply(&report).await.map(drop) })
}

fn linking(store: &Store, subscription: &str, reference: &str) -> Call<Result<(), StoreError>> {
    let (store, subscription) = (Arc::clone(store), SubscriptionId::from(subscription));
    let reference = reference.into();
    Call::new(async move { store.link(&subscription, &reference).await })
}

/// Whoever was looked up for, and what is known of them afterwards.
fn warm(store: &Store, references: &[&str]) {
    for reference in references {
        looked_up(store, reference);
        assert!(peeked(&**store, reference).is_some());
    }
}

#[test]
fn a_report_is_seen_by_whoever_asks_next() {
    let store = cached();
    warm(&store, &["user", "other"]);
    apply(&store, report("1", Some("user"), 0));
    assert_eq!(peeked(&*store, "user"), None, "an empty copy is old as well");
    assert!(peeked(&*store, "other").is_some(), "others keep theirs");
    assert_eq!(looked_up(&store, "user"), ["1 active"]);
    apply(&store, with_status(report("1", Some("user"), 1), "unpaid"));
    assert_eq!(looked_up(&store, "user"), ["1 unpaid"]);
    apply(&store, report("2", Some("user"), 1));
    assert_eq!(looked_up(&store, "user"), ["1 unpaid", "2 active"]);
    apply(&store, with_status(report("2", Some("user"), 2), "expired"));
    assert_eq!(looked_up(&store, "user"), ["1 unpaid", "2 expired"]);
}

#[test]
fn a_subscription_that_moves_leaves_one_copy_and_enters_the_other() {
    let store = cached();
    for subscription in ["1", "2", "3"] {
        apply(&store, report(subscription, Some("from"), 0));
    }
    // Each of them, not only the first in the copy.
    for (moved, subscription) in ["3", "2", "1"].into_iter().enumerate() {
        warm(&store, &["from", "to"]);
        apply(&store, report(subscription, Some("to"), 1));
        assert_eq!(looked_up(&store, "from").len(), 2 - moved);
        assert_eq!(looked_up(&store, "to").len(), moved + 1);
    }
}

#[test]
fn a_link_is_seen_by_who_gains_and_by_who_loses() {
    let store = cached();
    apply(&store, report("1", None, 0));
    warm(&store, &["one", "other"]);
    linking(&store, "1", "one").finish().unwrap();
    assert_eq!(looked_up(&store, "one"), ["1 active"]);
    linking(&store, "1", "other").finish().unwrap();
    assert_eq!(looked_up(&store, "one"), [""; 0]);
    assert_eq!(looked_up(&store, "other"), ["1 active"]);
}

#[test]
fn the_first_report_of_a_linked_subscription_is_seen_by_its_owner() {
    let store = cached();
    linking(&store, "1", "user").finish().unwrap();
    warm(&store, &["user", "other"]);
    apply(&store, report("1", None, 0));
    assert_eq!(looked_up(&store, "user"), ["1 active"]);
    assert!(peeked(&*store, "other").is_some(), "others keep theirs");
    apply(&store, with_status(report("1", None, 1), "unpaid"));
    assert_eq!(looked_up(&store, "user"), ["1 unpaid"]);
}

#[test]
fn a_report_that_falls_silent_puts_an_older_link_in_force() {
    let store = cached();
    linking(&store, "1", "linked").finish().unwrap();
    apply(&store, report("1", Some("reported"), 0));
    warm(&store, &["linked", "reported"]);
    apply(&store, report("1", None, 1));
    assert_eq!(looked_up(&store, "linked"), ["1 active"]);
    assert_eq!(looked_up(&store, "reported"), [""; 0]);
}

#[test]
fn without_links_to_ask_a_report_without_a_name_makes_all_copies_old() {
    let store = Arc::new(Cached::new(Staged::default()));
    // The app knows links that the cache is not told of.
    let knows = Arc::clone(&store);
    run(async move { knows.inner().link(&"1".into(), &"user".into()).await }).unwrap();
    warm(&store, &["user", "other"]);
    apply(&store, report("1", None, 0));
    assert_eq!(peeked(&*store, "other"), None);
    assert_eq!(looked_up(&store, "user"), ["1 active"]);
}

#[test]
fn a_write_that_failed_may_have_been_done() {
    let store = cached();
    warm(&store, &["user"]);
    store.inner().fail(Fault::Done);
    assert!(applying(&store, report("1", Some("user"), 0)).finish().is_err());
    assert_eq!(looked_up(&store, "user"), ["1 active"]);

    apply(&store, report("2", None, 0));
    warm(&store, &["user"]);
    store.inner().fail(Fault::Done);
    assert!(linking(&store, "2", "user").finish().is_err());
    assert_eq!(looked_up(&store, "user"), ["1 active", "2 active"]);

    linking(&store, "3", "user").finish().unwrap();
    warm(&store, &["user"]);
    store.inner().fail(Fault::Done);
    assert!(applying(&store, report("3", None, 0)).finish().is_err());
    assert_eq!(looked_up(&store, "user"), ["1 active", "2 active", "3 active"]);
}

#[test]
fn a_write_that_nobody_waited_for_may_have_been_done() {
    let store = cached();
    warm(&store, &["user"]);
    let mut cancelled = applying(&store, report("1", Some("user"), 0));
    cancelled.steps(2);
    drop(cancelled);
    assert_eq!(looked_up(&store, "user"), ["1 active"]);

    linking(&store, "2", "user").finish().unwrap();
    // At each place where it waits once it is done: in the write, and asking for the owner.
    for (second, steps) in [(0, 2), (1, 3), (2, 4)] {
        warm(&store, &["user"]);
        let status = ["active", "delayed", "unpaid"][steps - 2];
        let mut cancelled = applying(&store, with_status(report("2", None, second), status));
        cancelled.steps(steps);
        drop(cancelled);
        assert_eq!(looked_up(&store, "user"), ["1 active", &format!("2 {status}")]);
    }
}

#[test]
fn if_the_owner_cannot_be_found_out_all_copies_are_old_and_the_report_is_taken_in() {
    let store = cached();
    linking(&store, "1", "user").finish().unwrap();
    warm(&store, &["user", "other"]);
    let mut call = applying(&store, report("1", None, 0));
    call.steps(3);
    store.inner().fail(Fault::Undone);
    call.finish().unwrap();
    assert_eq!(peeked(&*store, "other"), None);
    assert_eq!(looked_up(&store, "user"), ["1 active"]);
}

#[test]
fn a_slow_read_puts_back_nothing_old_wherever_a_write_passes_it() {
    for (before, during) in [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)] {
        let store = cached();
        apply(&store, report("1", Some("user"), 0));
        let mut write = applying(&store, with_status(report("1", Some("user"), 1), "unpaid"));
        let reader = Arc::clone(&store);
        let mut read = Call::new(async move { reader.look_up(&"user".into()).await });
        read.steps(before);
        write.steps(during);
        let mut ended = (0..2 - before).any(|_| read.step().is_some());
        write.finish().unwrap();
        while !ended {
            ended = read.step().is_some();
        }
        let peeked = peeked(&*store, "user");
        assert!(peeked.is_none_or(|known| known == ["1 unpaid"]), "{before} {during}");
        assert_eq!(looked_up(&store, "user"), ["1 unpaid"]);
    }
}

#[test]
fn what_was_written_past_it_is_seen_after_invalidation() {
    let store = cached();
    apply(&store, report("1", Some("one"), 0));
    let past = |report: Snapshot| {
        let store = Arc::clone(&store);
        run(async move { store.inner().inner.apply(&report).await }).unwrap();
    };
    warm(&store, &["one", "two", "three"]);
    past(report("1", Some("two"), 1));
    assert_eq!(peeked(&*store, "one").unwrap(), ["1 active"]);
    store.invalidate_subscription(&"1".into());
    assert_eq!(looked_up(&store, "one"), [""; 0]);
    assert_eq!(peeked(&*store, "two").unwrap(), [""; 0]);
    store.invalidate(&"two".into());
    assert_eq!(looked_up(&store, "two"), ["1 active"]);
    assert!(peeked(&*store, "three").is_some());
    store.clear();
    for reference in ["one", "two", "three"] {
        assert_eq!(peeked(&*store, reference), None);
    }
}

#[test]
fn a_delivery_taken_in_at_once_is_seen_like_any_report() {
    let store = Arc::new(Cached::linked(MemoryStore::new()));
    let enter = |delivery: u64, report: Snapshot| {
        let store = Arc::clone(&store);
        let lease = Duration::from_mins(1);
        run(async move { store.enter(&delivery.into(), at(0), lease, &report).await }).unwrap()
    };
    let linking = Arc::clone(&store);
    run(async move { linking.link(&"2".into(), &"linked".into()).await }).unwrap();
    for reference in ["user", "linked", "other"] {
        looked_up(&store, reference);
    }
    assert!(enter(1, report("1", Some("user"), 0)).applied.is_some());
    assert_eq!(looked_up(&store, "user"), ["1 active"]);
    assert!(enter(2, report("2", None, 0)).applied.is_some());
    assert_eq!(looked_up(&store, "linked"), ["2 active"]);
    assert!(enter(2, report("2", None, 0)).applied.is_none(), "somebody else has it");
    assert!(peeked(&*store, "other").is_some(), "others keep theirs");
    assert_eq!(looked_up(&store, "linked"), ["2 active"]);
}
