//! A delivery is claimed, applied, handled and completed, or repeated.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use common::{Fragile, at, event, ok, statuses, updated};
use octany_core::checkout::ReferenceKey;
use octany_core::{Applied, DeliveryId, ReferenceId, Snapshot};
use octany_entitlement::{
    Begun, Claim, ClaimToken, DeliveryLog, Ledger, ManualClock, MemoryStore, Receipt, ReceiveError,
    Receiver, References, StoreError, SubscriptionStore,
};
use proptest::prelude::*;
use serde_json::json;

fn fresh(begun: Begun) -> octany_entitlement::Delivery {
    let Begun::Fresh(delivery) = begun else { unreachable!("{begun:?}") };
    delivery
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
}

/// A log that takes its time to answer a claim, and to complete.
struct Slow(Arc<MemoryStore>);

#[async_trait]
impl DeliveryLog for Slow {
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let claim = self.0.claim(delivery, now, lease).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        claim
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

#[async_trait]
impl SubscriptionStore for Slow {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        self.0.apply(snapshot).await
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        self.0.subscriptions(reference).await
    }
}

impl Ledger for Slow {}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_while_the_claim_is_completed_costs_no_second_run() {
    let receiver = Receiver::builder().deliveries(Slow(Arc::default())).build();
    let event = updated(1, 0, "active");
    let patience = Duration::from_millis(1_010);
    let gone = tokio::time::timeout(patience, receiver.receive(&event, ok)).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(receiver.receive(&event, ok).await.unwrap(), Receipt::Duplicate);
}

/// Whatever the store had been asked for it may do.
#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_while_the_claim_is_made_leaves_none_behind() {
    let store = Arc::new(MemoryStore::new());
    let log_alone = Receiver::builder().deliveries(Slow(Arc::default())).build();
    let at_once = Receiver::builder().ledger(Slow(store.clone())).build();
    for receiver in [log_alone, at_once] {
        let (event, patience) = (updated(1, 0, "active"), Duration::from_millis(10));
        let gone = tokio::time::timeout(patience, receiver.receive(&event, ok)).await;
        assert!(gone.is_err());
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(matches!(receiver.receive(&event, ok).await.unwrap(), Receipt::Handled(..)));
    }
    assert_eq!(statuses(&store, "user").await, ["active"]);
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
