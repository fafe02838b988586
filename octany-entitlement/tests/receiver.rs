//! A delivery is claimed, applied, handled and completed, or repeated.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use common::{Fragile, at, event, updated};
use octany_core::checkout::ReferenceKey;
use octany_core::{AccessPolicy, Applied, DeliveryId, Reason, ReferenceId, SubscriptionId};
use octany_entitlement::{
    Access, AccessChanged, AccessLog, Begun, Cause, Claim, ClaimToken, DeliveryLog, ManualClock,
    MemoryStore, Receipt, ReceiveError, Receiver, References, StoreError, SubscriptionLinks,
    SubscriptionStore,
};
use proptest::prelude::*;
use serde_json::json;

async fn ok() -> Result<(), &'static str> {
    Ok(())
}

fn fresh(begun: Begun) -> octany_entitlement::Delivery {
    let Begun::Fresh(delivery) = begun else { unreachable!("{begun:?}") };
    delivery
}

async fn statuses(store: &MemoryStore, reference: &str) -> Vec<String> {
    let known = store.subscriptions(&reference.into()).await.unwrap();
    known.iter().map(|snapshot| snapshot.status.to_string()).collect()
}

#[tokio::test]
async fn the_report_is_in_the_store_when_the_handler_runs() {
    let store = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
    let seen = receiver
        .receive(&updated(1, 0, "active"), async || Ok::<_, ()>(statuses(&store, "user").await))
        .await;
    assert_eq!(seen.unwrap(), Receipt::Handled(vec!["active".to_owned()]));
}

#[tokio::test]
async fn orders_and_test_hooks_pass_to_the_handler_once() {
    let store = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
    for (id, name, data) in [
        (1, "order.paid", json!({"id": 5})),
        (2, "test.hook", json!([])),
        (3, "new.kind", json!(1)),
    ] {
        let event = event(id, name, 0, &data);
        assert_eq!(receiver.receive(&event, ok).await.unwrap(), Receipt::Handled(()));
        assert_eq!(receiver.receive(&event, ok).await.unwrap(), Receipt::Duplicate);
    }
}

#[tokio::test]
async fn two_at_once_run_the_handler_once() {
    let store = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().deliveries(store).clock(ManualClock::at(at(0))).build();
    let event = updated(1, 0, "active");
    let first = fresh(receiver.begin(&event).await.unwrap());
    let second = receiver.receive(&event, ok).await.unwrap();
    assert_eq!(second, Receipt::InFlight { retry_after: Duration::from_mins(1) });
    first.complete().await.unwrap();
    assert_eq!(receiver.receive(&event, ok).await.unwrap(), Receipt::Duplicate);
}

#[tokio::test]
async fn a_dropped_delivery_can_be_claimed_again() {
    let receiver = Receiver::builder().deliveries(MemoryStore::new()).build();
    let event = updated(1, 0, "active");
    drop(fresh(receiver.begin(&event).await.unwrap()));
    tokio::task::yield_now().await;
    fresh(receiver.begin(&event).await.unwrap()).complete().await.unwrap();
}

#[tokio::test]
async fn a_claim_whose_holder_died_is_claimed_again_when_its_lease_ends() {
    let clock = ManualClock::at(at(0));
    let receiver = Receiver::builder().deliveries(MemoryStore::new()).clock(clock.clone()).build();
    let event = updated(1, 0, "active");
    let dead = fresh(receiver.begin(&event).await.unwrap());
    clock.advance(TimeDelta::seconds(59));
    assert!(matches!(receiver.begin(&event).await.unwrap(), Begun::InFlight { .. }));
    clock.advance(TimeDelta::seconds(1));
    let heir = fresh(receiver.begin(&event).await.unwrap());
    // Back from the dead: it must not acknowledge what is somebody else's now.
    assert!(dead.complete().await.is_err());
    heir.complete().await.unwrap();
}

#[tokio::test]
async fn a_store_that_is_away_costs_no_delivery() {
    let store = Fragile::default();
    let away = store.away.clone();
    let log = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().store(store).deliveries(log).build();
    let event = updated(1, 0, "active");
    away.store(true, Ordering::SeqCst);
    let refused = receiver.receive(&event, ok).await;
    assert!(matches!(refused, Err(ReceiveError::Store(_))));
    away.store(false, Ordering::SeqCst);
    assert_eq!(receiver.receive(&event, ok).await.unwrap(), Receipt::Handled(()));
}

#[tokio::test]
async fn stale_and_repeated_reports_are_handled_without_harm() {
    let store = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
    for (id, seconds, status, applied) in [
        (1, 0, "active", Applied::Inserted),
        (2, 9, "unpaid", Applied::Updated),
        (3, 5, "delayed", Applied::Stale),
        (4, 9, "unpaid", Applied::Unchanged),
        (5, 9, "active", Applied::Contested),
    ] {
        let delivery = fresh(receiver.begin(&updated(id, seconds, status)).await.unwrap());
        assert_eq!(delivery.applied(), Some(applied));
        delivery.complete().await.unwrap();
    }
}

#[tokio::test]
async fn an_edited_reference_names_nobody() {
    let key = ReferenceKey::new("0123456789abcdef0123456789abcdef").unwrap();
    let expires = at(60);
    let signed: ReferenceId = key.sign(&"user".into(), &42.into(), expires).unwrap().into();
    let other: ReferenceId = key.sign(&"other".into(), &42.into(), expires).unwrap().into();
    // The user of one in the signature of the other.
    let edited: Vec<_> = signed.as_str().split('.').zip(other.as_str().split('.')).collect();
    let last = edited.len() - 1;
    let edited: Vec<_> = edited
        .iter()
        .enumerate()
        .map(|(i, (a, b))| if i == last { a } else { b })
        .copied()
        .collect();

    let store = Arc::new(MemoryStore::new());
    let references = References::signed(key);
    let receiver = Receiver::builder().store(store.clone()).references(references.clone()).build();
    let report = |id: u64, reference: &str, created: i64| {
        let data = json!({
            "id": id, "status": "active", "reference_id": reference, "created_at": at(created),
        });
        event(id, "subscription.renewed", 1_000_000, &data)
    };
    for (id, reference, created, found) in [
        (1, signed.as_str(), 59, 1), // renewed long after the reference expired
        (2, signed.as_str(), 60, 1), // started too late: not found
        (3, &*edited.join("."), 0, 1),
        (4, "user", 0, 1),
        (5, signed.as_str(), 0, 2),
    ] {
        receiver.receive(&report(id, reference, created), ok).await.unwrap();
        assert_eq!(statuses(&store, "user").await.len(), found, "{id}");
    }
    assert_eq!(statuses(&store, "other").await.len(), 0);

    let lenient =
        Receiver::builder().store(store.clone()).references(references.or_plain()).build();
    lenient.receive(&report(6, "user", 0), ok).await.unwrap();
    lenient.receive(&report(7, &edited.join("."), 0), ok).await.unwrap();
    assert_eq!(statuses(&store, "user").await.len(), 3);
}

#[tokio::test]
async fn a_signed_reference_outlives_its_expiry_in_reports_that_tell_no_beginning() {
    let key = ReferenceKey::new("0123456789abcdef0123456789abcdef").unwrap();
    let signed: ReferenceId = key.sign(&"user".into(), &42.into(), at(60)).unwrap().into();
    let store = Arc::new(MemoryStore::new());
    let receiver =
        Receiver::builder().store(store.clone()).references(References::signed(key)).build();
    let data = json!({"id": 1, "status": "active", "reference_id": signed.as_str()});
    for (id, name, seconds) in
        [(1, "subscription.created", 10), (2, "subscription.renewed", 1_000_000)]
    {
        receiver.receive(&event(id, name, seconds, &data), ok).await.unwrap();
        assert_eq!(statuses(&store, "user").await.len(), 1, "{name}");
    }
    // A renewal's order is the user's, too.
    let order = json!({"id": 7, "reference_id": signed.as_str(), "created_at": at(1_000_000)});
    let order = event(3, "order.paid", 1_000_000, &order);
    assert_eq!(receiver.reference_of(&order), Some("user".into()));
    // But a checkout that began too late names nobody.
    let late = json!({"id": 2, "status": "active", "reference_id": signed.as_str()});
    let late = event(4, "subscription.created", 60, &late);
    assert_eq!(receiver.reference_of(&late), None);
}

/// A log that takes its time to complete.
struct Slow(MemoryStore);

#[async_trait]
impl DeliveryLog for Slow {
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        self.0.claim(delivery, now, lease).await
    }

    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.0.complete(delivery, token, now).await
    }

    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError> {
        self.0.release(delivery, token).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_while_the_claim_is_completed_costs_no_second_run() {
    let receiver = Receiver::builder().deliveries(Slow(MemoryStore::new())).build();
    let event = updated(1, 0, "active");
    let gone = tokio::time::timeout(Duration::from_millis(10), receiver.receive(&event, ok)).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(receiver.receive(&event, ok).await.unwrap(), Receipt::Duplicate);
}

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
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        if self.1.fetch_add(1, Ordering::SeqCst) == self.2 {
            return Err(StoreError::unavailable("busy"));
        }
        self.0.announce(reference, granted, at).await
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
async fn a_handler_runs_at_every_delivery_where_none_is_remembered() {
    let receiver = Receiver::builder().store(MemoryStore::new()).build();
    let runs = AtomicUsize::new(0);
    for _ in 0..2 {
        let count = async || Ok::<_, ()>(runs.fetch_add(1, Ordering::SeqCst));
        receiver.receive(&updated(1, 0, "active"), count).await.unwrap();
    }
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

proptest! {
    /// Six reports, some of the same second: whatever order they come in, and how often, what is
    /// known in the end is a newest one.
    #[test]
    fn any_order_and_any_repetition_end_in_a_newest_report(
        seconds in proptest::collection::vec(0_i64..4, 6),
        order in proptest::collection::vec(0_usize..6, 6..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = Arc::new(MemoryStore::new());
            let receiver = Receiver::builder().store(store.clone()).build();
            let status = ["active", "unpaid", "delayed", "expired", "pending", "trialing"];
            let all = (0..6).chain(order);
            for n in all {
                let event = updated(n as u64, seconds[n], status[n]);
                receiver.receive(&event, ok).await.unwrap();
            }
            let newest = *seconds.iter().max().unwrap();
            let tied: Vec<_> = (0..6).filter(|n| seconds[*n] == newest).collect();
            let known = store.subscriptions(&"user".into()).await.unwrap().remove(0);
            prop_assert!(tied.iter().any(|n| known.status.as_str() == status[*n]));
            prop_assert_eq!(known.contested, tied.len() > 1);
            Ok(())
        })?;
    }
}
