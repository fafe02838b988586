//! What time alone ends is told, once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod common;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use common::{at, event, ok};
use octany_core::{AccessPolicy, Applied, Reason, ReferenceId, Snapshot};
use octany_entitlement::{
    Access, AccessChanged, AccessLog, Announced, Cause, ManualClock, MemoryStore, Receiver,
    StoreError, SubscriptionLinks, SubscriptionStore,
};
use serde_json::json;
use tokio::sync::Semaphore;

type Told = Arc<Mutex<Vec<AccessChanged>>>;

/// A node of an app: what it has in common with the others is the store.
fn node(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, told: &Told) -> Receiver {
    let observer = {
        let told = Arc::clone(told);
        move |change: AccessChanged| told.lock().unwrap().push(change)
    };
    let policy = AccessPolicy::new().grace(TimeDelta::seconds(50));
    Receiver::builder()
        .store(store.clone())
        .on_access_change(policy, store.clone(), observer)
        .clock(Arc::clone(clock))
        .build()
}

async fn report(receiver: &Receiver, id: u64, reference: &str, status: &str, ends: i64) {
    let data = json!({
        "id": reference, "status": status, "reference_id": reference, "ends_at": at(ends),
        "renews_at": at(ends),
    });
    let event = event(id, "subscription.updated", i64::try_from(id).unwrap(), &data);
    receiver.receive(&event, ok).await.unwrap();
}

fn ended(told: &Told) -> Vec<String> {
    let told = told.lock().unwrap();
    let ended = told.iter().filter(|change| change.after == Access::Denied);
    ended.map(|change| change.reference.to_string()).collect()
}

#[tokio::test]
async fn paid_time_that_is_over_is_told_once_by_one_of_two_nodes() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::at(at(0))));
    let told = Told::default();
    let (one, other) = (node(&store, &clock, &told), node(&store, &clock, &told));
    for (id, reference, ends) in [(1, "first", 100), (2, "second", 200), (3, "third", 300)] {
        report(&one, id, reference, "cancelled", ends).await;
    }
    assert_eq!(one.sweep().await.unwrap(), 0, "nothing has ended yet");
    clock.set(at(200));
    let (swept, swept_too) = tokio::join!(one.sweep(), other.sweep());
    assert_eq!(swept.unwrap().max(swept_too.unwrap()), 2);
    let mut both = ended(&told);
    both.sort();
    assert_eq!(both, ["first", "second"], "each is told once");
    assert!(told.lock().unwrap().iter().all(|change| {
        change.after == Access::Granted
            || (matches!(change.cause, Cause::Time) && change.reason == Reason::Ended)
    }));
    clock.set(at(1_000));
    assert_eq!(other.sweep().await.unwrap(), 1);
    assert_eq!(one.sweep().await.unwrap(), 0, "what was told is not due any more");
    assert_eq!(ended(&told).len(), 3);
}

#[tokio::test]
async fn who_renewed_in_time_is_not_told_of_an_end() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::at(at(0))));
    let told = Told::default();
    let node = node(&store, &clock, &told);
    report(&node, 1, "user", "cancelled", 100).await;
    report(&node, 2, "user", "active", 500).await;
    clock.set(at(200));
    assert_eq!(node.sweep().await.unwrap(), 0);
    assert!(ended(&told).is_empty());
}

#[tokio::test]
async fn without_an_observer_there_is_nothing_to_sweep() {
    let receiver = Receiver::builder().store(MemoryStore::new()).build();
    assert_eq!(receiver.sweep().await.unwrap(), 0);
}

/// Fails for one reference, once that is said.
struct Fails(Arc<MemoryStore>, Arc<AtomicBool>);

#[async_trait]
impl AccessLog for Fails {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Announced, StoreError> {
        if *reference == "bad" && self.1.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("busy"));
        }
        self.0.announce(reference, granted, until, at).await
    }

    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError> {
        self.0.due(now, limit).await
    }
}

#[async_trait]
impl SubscriptionLinks for Fails {
    async fn link(
        &self,
        id: &octany_core::SubscriptionId,
        to: &ReferenceId,
    ) -> Result<(), StoreError> {
        self.0.link(id, to).await
    }

    async fn owner(
        &self,
        id: &octany_core::SubscriptionId,
    ) -> Result<Option<ReferenceId>, StoreError> {
        self.0.owner(id).await
    }
}

#[tokio::test]
async fn one_that_cannot_be_settled_keeps_no_other_from_being_told() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::at(at(0))));
    let told = Told::default();
    let observer = {
        let told = Arc::clone(&told);
        move |change: AccessChanged| told.lock().unwrap().push(change)
    };
    let fails = Arc::new(AtomicBool::new(false));
    let book = Fails(Arc::clone(&store), Arc::clone(&fails));
    let receiver = Receiver::builder()
        .store(store.clone())
        .on_access_change(AccessPolicy::new(), book, observer)
        .clock(Arc::clone(&clock))
        .build();
    report(&receiver, 1, "bad", "cancelled", 10).await;
    report(&receiver, 2, "good", "cancelled", 20).await;
    clock.set(at(100));
    fails.store(true, Ordering::SeqCst);
    receiver.sweep().await.unwrap_err();
    assert_eq!(ended(&told), ["good"]);
    assert_eq!(store.due(at(100), 9).await.unwrap(), ["bad"], "it remains due");
}

#[tokio::test(start_paused = true)]
async fn a_sweeper_tells_without_being_asked() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::at(at(0))));
    let told = Told::default();
    let node = node(&store, &clock, &told);
    report(&node, 1, "user", "cancelled", 100).await;
    let sweeper = tokio::spawn(node.sweep_every(Duration::from_mins(1)));
    tokio::time::sleep(Duration::from_secs(90)).await;
    assert!(ended(&told).is_empty());
    clock.set(at(100));
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(ended(&told), ["user"]);
    sweeper.abort();
}

/// Its first look takes until it is let go, and its second fails.
struct Overtaken {
    store: Arc<MemoryStore>,
    looks: AtomicU32,
    looked: Semaphore,
    let_go: Semaphore,
}

#[async_trait]
impl SubscriptionStore for Overtaken {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        self.store.apply(snapshot).await
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        let known = self.store.subscriptions(reference).await;
        match self.looks.fetch_add(1, Ordering::SeqCst) {
            0 => {
                self.looked.add_permits(1);
                self.let_go.acquire().await.unwrap().forget();
                known
            }
            1 => Err(StoreError::unavailable("an outage of a moment")),
            _ => known,
        }
    }
}

#[tokio::test]
async fn a_sweep_that_was_overtaken_and_then_failed_is_put_right_by_the_next() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::at(at(0))));
    let told = Told::default();
    let other = node(&store, &clock, &told);
    report(&other, 1, "user", "cancelled", 100).await;
    clock.set(at(100));
    let (looked, let_go) = (Semaphore::new(0), Semaphore::new(0));
    let (looks, kept) = (AtomicU32::new(0), Arc::clone(&store));
    let overtaken = Arc::new(Overtaken { store: kept, looks, looked, let_go });
    let observer = {
        let told = Arc::clone(&told);
        move |change: AccessChanged| told.lock().unwrap().push(change)
    };
    let one = Receiver::builder()
        .store(Arc::clone(&overtaken))
        .on_access_change(AccessPolicy::new(), store.clone(), observer)
        .clock(Arc::clone(&clock))
        .build();

    let sweep = tokio::spawn({
        let one = one.clone();
        async move { one.sweep().await }
    });
    overtaken.looked.acquire().await.unwrap().forget();
    // It has seen that the time is over. Now somebody pays, and another node tells it.
    report(&other, 2, "user", "active", 900).await;
    overtaken.let_go.add_permits(1);
    sweep.await.unwrap().unwrap_err();
    assert_eq!(told.lock().unwrap().last().unwrap().after, Access::Denied, "which is not true");

    assert_eq!(one.sweep().await.unwrap(), 1);
    assert_eq!(told.lock().unwrap().last().unwrap().after, Access::Granted);
    assert_eq!(one.sweep().await.unwrap(), 0);
}
