//! Every change of access is told, once, to whoever observes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use common::{at, event, ok, statuses, updated};
use octany_core::{AccessPolicy, Reason, ReferenceId, SubscriptionId};
use octany_entitlement::{
    Access, AccessChanged, AccessLog, AccessObserver, Announced, Cause, ManualClock, MemoryStore,
    Receiver, StoreError, SubscriptionLinks,
};
use serde_json::json;

type Told = Arc<Mutex<Vec<AccessChanged>>>;

fn announcing(store: &Arc<MemoryStore>) -> (Receiver, Told) {
    let told = Told::default();
    let observer = {
        let told = Arc::clone(&told);
        move |change: AccessChanged| told.lock().unwrap().push(change)
    };
    let receiver = Receiver::builder()
        .store(store.clone())
        .on_access_change(AccessPolicy::new(), store.clone(), observer)
        .clock(ManualClock::at(at(0)))
        .build();
    (receiver, told)
}

fn granted(told: &Told) -> Vec<(String, bool)> {
    let told = told.lock().unwrap();
    told.iter().map(|c| (c.reference.to_string(), c.after == Access::Granted)).collect()
}

#[tokio::test]
async fn each_change_of_access_is_told_once_with_its_cause() {
    let store = Arc::new(MemoryStore::new());
    let (receiver, told) = announcing(&store);
    for (id, seconds, status) in [
        (1, 0, "pending"),
        (2, 1, "active"),
        (3, 1, "active"),
        (4, 2, "active"),
        (5, 3, "unpaid"),
        (6, 0, "active"),
        (7, 4, "expired"),
        (8, 5, "trialing"),
    ] {
        receiver.receive(&updated(id, seconds, status), ok).await.unwrap();
    }
    let told: Vec<_> = told
        .lock()
        .unwrap()
        .iter()
        .map(|change| {
            let Cause::Delivery { id, .. } = &change.cause else { unreachable!() };
            assert_eq!(change.reference, "user");
            assert_ne!(change.before, change.after);
            (id.to_string(), change.after, change.reason)
        })
        .collect();
    let expected = [
        ("2", Access::Granted, Reason::Active),
        ("5", Access::Denied, Reason::Unpaid),
        ("8", Access::Granted, Reason::Trialing),
    ];
    assert_eq!(told, expected.map(|(id, after, reason)| (id.to_owned(), after, reason)));
}

#[tokio::test]
async fn an_orphan_that_is_linked_begins_somebodys_access() {
    let store = Arc::new(MemoryStore::new());
    let (receiver, told) = announcing(&store);
    let orphan = event(1, "subscription.created", 0, &json!({"id": 1, "status": "active"}));
    receiver.receive(&orphan, ok).await.unwrap();
    assert!(told.lock().unwrap().is_empty());
    for _ in 0..2 {
        receiver.link(&store, &1.into(), &"user".into()).await.unwrap();
    }
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].before, told[0].after), (Access::Denied, Access::Granted));
    assert!(matches!(&told[0].cause, Cause::Link { subscription } if subscription == "1"));
}

#[tokio::test]
async fn a_linked_orphans_end_is_told_though_its_reports_name_nobody() {
    let store = Arc::new(MemoryStore::new());
    let (receiver, told) = announcing(&store);
    let report = |id, seconds, status: &str| {
        event(id, "subscription.updated", seconds, &json!({"id": 1, "status": status}))
    };
    receiver.receive(&report(1, 0, "active"), ok).await.unwrap();
    receiver.link(&store, &1.into(), &"user".into()).await.unwrap();
    receiver.receive(&report(2, 5, "unpaid"), ok).await.unwrap();
    assert_eq!(granted(&told), [("user".into(), true), ("user".into(), false)]);
}

#[tokio::test]
async fn a_subscription_that_moves_is_told_to_both_sides() {
    let store = Arc::new(MemoryStore::new());
    let (receiver, told) = announcing(&store);
    for (id, reference) in [(1, json!("a")), (2, json!("b")), (3, json!(null))] {
        let data = json!({"id": 1, "status": "active", "reference_id": reference});
        let seconds = i64::try_from(id).unwrap();
        receiver.receive(&event(id, "subscription.updated", seconds, &data), ok).await.unwrap();
    }
    let mut told = granted(&told);
    told[1..3].sort();
    let expected = [("a", true), ("a", false), ("b", true), ("b", false)];
    assert_eq!(told, expected.map(|(who, granted)| (who.to_owned(), granted)));
}

/// Remembers, but not at the first try.
struct FailsFirst(Arc<MemoryStore>, AtomicUsize, usize);

#[async_trait]
impl AccessLog for FailsFirst {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Announced, StoreError> {
        if self.1.fetch_add(1, Ordering::SeqCst) == self.2 {
            return Err(StoreError::unavailable("busy"));
        }
        self.0.announce(reference, granted, until, at).await
    }

    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError> {
        self.0.due(now, limit).await
    }
}

#[async_trait]
impl SubscriptionLinks for FailsFirst {
    async fn link(&self, id: &SubscriptionId, to: &ReferenceId) -> Result<(), StoreError> {
        self.0.link(id, to).await
    }

    async fn owner(&self, id: &SubscriptionId) -> Result<Option<ReferenceId>, StoreError> {
        self.0.owner(id).await
    }
}

#[tokio::test]
async fn a_change_whose_announcement_failed_is_told_when_the_delivery_is_repeated() {
    // Before the write, and after it.
    for fails in 0..2 {
        let store = Arc::new(MemoryStore::new());
        let told = Told::default();
        let observer = {
            let told = Arc::clone(&told);
            move |change: AccessChanged| told.lock().unwrap().push(change)
        };
        let book = FailsFirst(store.clone(), AtomicUsize::new(0), fails);
        let receiver = Receiver::builder()
            .store(store.clone())
            .deliveries(store.clone())
            .on_access_change(AccessPolicy::new(), book, observer)
            .build();
        let event = updated(1, 0, "active");
        assert!(receiver.receive(&event, ok).await.is_err());
        receiver.receive(&event, ok).await.unwrap();
        assert_eq!(granted(&told), [("user".into(), true)], "{fails}");
    }
}

#[tokio::test]
async fn what_time_ended_is_told_at_the_next_report() {
    let store = Arc::new(MemoryStore::new());
    let clock = ManualClock::at(at(0));
    let (receiver, told) = announcing(&store);
    let receiver = receiver.into_builder().clock(clock.clone()).build();
    let report = |id: u64, ends: i64| {
        let data = json!({
            "id": id, "status": "active", "reference_id": "user", "ends_at": at(ends),
        });
        event(id, "subscription.created", 0, &data)
    };
    receiver.receive(&report(1, 100), ok).await.unwrap();
    clock.set(at(200));
    receiver.receive(&report(2, 900), ok).await.unwrap();
    let user = || "user".to_owned();
    assert_eq!(granted(&told), [(user(), true), (user(), false), (user(), true)]);
    assert!(matches!(told.lock().unwrap()[1].cause, Cause::Earlier));
}

#[tokio::test]
async fn who_was_paying_before_the_log_began_is_not_announced_again() {
    let store = Arc::new(MemoryStore::new());
    Receiver::builder()
        .store(store.clone())
        .build()
        .receive(&updated(1, 0, "active"), ok)
        .await
        .unwrap();
    let (receiver, told) = announcing(&store);
    receiver.receive(&updated(2, 1, "active"), ok).await.unwrap();
    assert!(told.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_told_under_a_race_alternate_and_end_in_the_truth() {
    for round in 0..32 {
        let store = Arc::new(MemoryStore::new());
        let (receiver, told) = announcing(&store);
        let tasks: Vec<_> = (0..16)
            .map(|n: i64| {
                let receiver = receiver.clone();
                let status = if (n + round) % 2 == 0 { "active" } else { "unpaid" };
                tokio::spawn(async move {
                    let event = updated(u64::try_from(n).unwrap(), n, status);
                    receiver.receive(&event, ok).await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let granted: Vec<_> =
            told.lock().unwrap().iter().map(|change| change.after == Access::Granted).collect();
        assert!(granted.windows(2).all(|pair| pair[0] != pair[1]), "{granted:?}");
        let truth = statuses(&store, "user").await == ["active"];
        assert_eq!(granted.last().copied().unwrap_or(false), truth);
    }
}

#[tokio::test]
async fn a_link_that_comes_before_the_first_report_begins_access_with_it() {
    let store = Arc::new(MemoryStore::new());
    let (receiver, told) = announcing(&store);
    receiver.link(&store, &1.into(), &"user".into()).await.unwrap();
    let orphan = event(1, "subscription.created", 0, &json!({"id": 1, "status": "active"}));
    receiver.receive(&orphan, ok).await.unwrap();
    assert_eq!(granted(&told), [("user".into(), true)]);
}

#[tokio::test]
async fn a_report_that_falls_silent_gives_a_subscription_back_to_its_link() {
    let store = Arc::new(MemoryStore::new());
    let (receiver, told) = announcing(&store);
    receiver.link(&store, &1.into(), &"linked".into()).await.unwrap();
    for (id, reference) in [(1, json!("named")), (2, json!(null))] {
        let data = json!({"id": 1, "status": "active", "reference_id": reference});
        let seconds = i64::try_from(id).unwrap();
        receiver.receive(&event(id, "subscription.updated", seconds, &data), ok).await.unwrap();
    }
    let (named, linked) = (String::from("named"), String::from("linked"));
    assert_eq!(granted(&told), [(named.clone(), true), (named, false), (linked, true)]);
}

/// Takes its time for the first change.
struct Ponderous(Told, AtomicUsize);

#[async_trait]
impl AccessObserver for Ponderous {
    async fn access_changed(&self, change: AccessChanged) {
        if self.1.fetch_add(1, Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        self.0.lock().unwrap().push(change);
    }
}

fn observed_slowly(store: &Arc<MemoryStore>) -> (Receiver, Told) {
    let told = Told::default();
    let observer = Ponderous(Arc::clone(&told), AtomicUsize::new(0));
    let receiver = Receiver::builder()
        .store(store.clone())
        .deliveries(store.clone())
        .on_access_change(AccessPolicy::new(), store.clone(), observer)
        .build();
    (receiver, told)
}

#[tokio::test(start_paused = true)]
async fn a_slow_observer_is_told_the_truth_last() {
    let store = Arc::new(MemoryStore::new());
    let (receiver, told) = observed_slowly(&store);
    let (active, unpaid) = (updated(1, 0, "active"), updated(2, 1, "unpaid"));
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        receiver.receive(&unpaid, ok).await
    };
    let (one, other) = tokio::join!(receiver.receive(&active, ok), later);
    one.unwrap();
    other.unwrap();
    assert_eq!(granted(&told), [("user".into(), true), ("user".into(), false)]);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_while_the_observer_runs_costs_no_change() {
    let store = Arc::new(MemoryStore::new());
    let (receiver, told) = observed_slowly(&store);
    let event = updated(1, 0, "active");
    let gone = tokio::time::timeout(Duration::from_secs(1), receiver.receive(&event, ok)).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_mins(2)).await;
    receiver.receive(&event, ok).await.unwrap();
    assert_eq!(granted(&told), [("user".into(), true)]);
}
