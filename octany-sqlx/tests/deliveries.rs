//! A delivery is dealt with once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use common::{Place, at};
use octany_core::DeliveryId;
use octany_entitlement::{Claim, ClaimToken, DeliveryLog};
use octany_sqlx::SqliteStore;

const LEASE: Duration = Duration::from_mins(1);

async fn claim(store: &SqliteStore, delivery: &str, seconds: i64) -> Claim {
    store.claim(&DeliveryId::new(delivery), at(seconds), LEASE).await.unwrap()
}

async fn fresh(store: &SqliteStore, delivery: &str, seconds: i64) -> ClaimToken {
    match claim(store, delivery, seconds).await {
        Claim::Fresh(token) => token,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_holds_until_its_lease_ends() {
    let place = Place::new();
    let store = place.store().await;
    fresh(&store, "a", 0).await;
    assert_eq!(claim(&store, "a", 59).await, Claim::InFlight { until: at(60) });
    fresh(&store, "b", 0).await;
    fresh(&store, "a", 60).await;
    assert_eq!(claim(&store, "a", 61).await, Claim::InFlight { until: at(120) });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_completed_is_a_duplicate_for_ever() {
    let place = Place::new();
    let store = place.store().await;
    let token = fresh(&store, "a", 0).await;
    assert!(store.complete(&"a".into(), token, at(1)).await.unwrap());
    assert_eq!(claim(&store, "a", 2).await, Claim::Duplicate);
    assert_eq!(claim(&store, "a", 1_000_000_000).await, Claim::Duplicate);
    assert!(
        store.complete(&"a".into(), token, at(3)).await.unwrap(),
        "who completed it may say so again"
    );
    assert!(!store.release(&"a".into(), token).await.unwrap(), "and not given back");
    assert_eq!(claim(&store, "a", 4).await, Claim::Duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_released_is_fresh_for_the_next() {
    let place = Place::new();
    let store = place.store().await;
    let token = fresh(&store, "a", 0).await;
    assert!(store.release(&"a".into(), token).await.unwrap());
    assert!(!store.release(&"a".into(), token).await.unwrap());
    let next = fresh(&store, "a", 0).await;
    assert!(next != token);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_claim_can_neither_complete_nor_release_it() {
    let place = Place::new();
    let store = place.store().await;
    let lost = fresh(&store, "a", 0).await;
    let held = fresh(&store, "a", 60).await;
    assert!(!store.complete(&"a".into(), lost, at(61)).await.unwrap());
    assert!(!store.release(&"a".into(), lost).await.unwrap());
    assert_eq!(claim(&store, "a", 61).await, Claim::InFlight { until: at(120) });
    assert!(store.complete(&"a".into(), held, at(62)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_holder_completes_if_nobody_came_in_between() {
    let place = Place::new();
    let store = place.store().await;
    let token = fresh(&store, "a", 0).await;
    assert!(store.complete(&"a".into(), token, at(600)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_nobody_is_not_held() {
    let place = Place::new();
    let store = place.store().await;
    let token = ClaimToken::random();
    assert!(!store.complete(&"never".into(), token, at(0)).await.unwrap());
    assert!(!store.release(&"never".into(), token).await.unwrap());
    fresh(&store, "never", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_without_end_lasts_as_long_as_the_calendar() {
    let place = Place::new();
    let store = place.store().await;
    let claimed = store.claim(&"a".into(), at(0), Duration::MAX).await.unwrap();
    assert!(matches!(claimed, Claim::Fresh(_)));
    match claim(&store, "a", 1).await {
        Claim::InFlight { until } => assert!(until > at(0) + TimeDelta::days(365 * 1000)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn time_before_1970_is_time() {
    let place = Place::new();
    let store = place.store().await;
    let then = DateTime::UNIX_EPOCH - TimeDelta::days(1);
    let claimed = store.claim(&"a".into(), then, LEASE).await.unwrap();
    assert!(matches!(claimed, Claim::Fresh(_)));
    let until = then + TimeDelta::seconds(60);
    let claimed = store.claim(&"a".into(), then, LEASE).await.unwrap();
    assert_eq!(claimed, Claim::InFlight { until });
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_claims_at_once_one_is_fresh() {
    let place = Place::new();
    let (one, other) = (place.store().await, place.store().await);
    for round in 0..20 {
        let delivery = format!("delivery-{round}");
        let tasks: Vec<_> = (0..32)
            .map(|task| {
                let store = if task % 2 == 0 { one.clone() } else { other.clone() };
                let delivery = delivery.clone();
                tokio::spawn(async move { claim(&store, &delivery, 0).await })
            })
            .collect();
        let mut fresh = 0;
        for task in tasks {
            match task.await.unwrap() {
                Claim::Fresh(_) => fresh += 1,
                other => assert_eq!(other, Claim::InFlight { until: at(60) }),
            }
        }
        assert_eq!(fresh, 1, "{delivery}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_claim_is_taken_over_by_one() {
    let place = Place::new();
    let store = place.store().await;
    fresh(&store, "a", 0).await;
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { claim(&store, "a", 60).await })
        })
        .collect();
    let mut taken = 0;
    for task in tasks {
        taken += u32::from(matches!(task.await.unwrap(), Claim::Fresh(_)));
    }
    assert_eq!(taken, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pruning_forgets_what_is_old_and_nothing_else() {
    let place = Place::new();
    let store = place.store().await;
    for (delivery, completed) in [("old", 10), ("edge", 100), ("young", 200)] {
        let token = fresh(&store, delivery, 0).await;
        store.complete(&delivery.into(), token, at(completed)).await.unwrap();
    }
    fresh(&store, "abandoned", 0).await;
    fresh(&store, "held", 90).await;

    assert_eq!(store.prune_deliveries(at(100)).await.unwrap(), 2);
    assert_eq!(store.prune_deliveries(at(100)).await.unwrap(), 0);
    assert_eq!(claim(&store, "edge", 100).await, Claim::Duplicate);
    assert_eq!(claim(&store, "young", 100).await, Claim::Duplicate);
    assert_eq!(claim(&store, "held", 100).await, Claim::InFlight { until: at(150) });
    fresh(&store, "old", 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pruning_goes_on_beyond_one_portion() {
    let place = Place::new();
    let store = place.store().await;
    let pool = place.pool().await;
    sqlx::query(
        "INSERT INTO octany_deliveries (delivery_id, token, claimed_until, completed_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         SELECT 'd' || i, i, 0, i FROM n",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert_eq!(store.prune_deliveries(at(0)).await.unwrap(), 2500);
}
