//! A delivery is dealt with once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use octany_entitlement::{Claim, ClaimToken, DeliveryLog};
use octany_redis::RedisStore;

use crate::place::{Place, at, cmd};

const LEASE: Duration = Duration::from_mins(1);
const DAY: u64 = 24 * 60 * 60 * 1000;

async fn claim(store: &RedisStore, delivery: &str, seconds: i64) -> Claim {
    store.claim(&delivery.into(), at(seconds), LEASE).await.unwrap()
}

async fn fresh(store: &RedisStore, delivery: &str, seconds: i64) -> ClaimToken {
    match claim(store, delivery, seconds).await {
        Claim::Fresh(token) => token,
        other => panic!("{other:?}"),
    }
}

/// How long the server still keeps a delivery, in ms.
async fn kept(place: &Place, delivery: &str) -> u64 {
    place.run(&cmd(&["PTTL", &place.key("delivery", delivery)])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_without_end_lasts_as_long_as_the_calendar() {
    let place = Place::new().await;
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
    let place = Place::new().await;
    let store = place.store().await;
    let then = DateTime::UNIX_EPOCH - TimeDelta::days(1);
    let claimed = store.claim(&"a".into(), then, LEASE).await.unwrap();
    assert!(matches!(claimed, Claim::Fresh(_)));
    let until = then + TimeDelta::seconds(60);
    let claimed = store.claim(&"a".into(), then, LEASE).await.unwrap();
    assert_eq!(claimed, Claim::InFlight { until });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_holder_completes_if_nobody_came_in_between_and_hears_the_same_again() {
    let place = Place::new().await;
    let store = place.store().await;
    let token = fresh(&store, "a", 0).await;
    assert!(store.complete(&"a".into(), token, at(600)).await.unwrap());
    assert!(store.complete(&"a".into(), token, at(601)).await.unwrap(), "its own, still");
    assert!(!store.complete(&"a".into(), ClaimToken::random(), at(601)).await.unwrap());
    assert!(!store.release(&"a".into(), token).await.unwrap());
    assert_eq!(claim(&store, "a", 700).await, Claim::Duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_a_claim_completes_nothing_before_or_after_the_new_holder_did() {
    let place = Place::new().await;
    let store = place.store().await;
    let lost = fresh(&store, "a", 0).await;
    let held = fresh(&store, "a", 60).await;
    assert!(!store.complete(&"a".into(), lost, at(61)).await.unwrap());
    assert!(store.complete(&"a".into(), held, at(62)).await.unwrap());
    assert!(!store.complete(&"a".into(), lost, at(63)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_forgets_claims_a_day_after_the_lease_and_completed_ones_after_30_days() {
    let place = Place::new().await;
    let store = place.store().await;
    let token = fresh(&store, "a", 0).await;
    let lease_and_a_day = DAY + 60_000;
    let left = kept(&place, "a").await;
    assert!(left > DAY && left <= lease_and_a_day, "{left}");

    store.complete(&"a".into(), token, at(1)).await.unwrap();
    let left = kept(&place, "a").await;
    assert!(left > 29 * DAY && left <= 30 * DAY, "{left}");

    let week = store.clone().remember_deliveries(Duration::from_hours(7 * 24));
    let token = fresh(&week, "b", 0).await;
    week.complete(&"b".into(), token, at(1)).await.unwrap();
    let left = kept(&place, "b").await;
    assert!(left > 6 * DAY && left <= 7 * DAY, "{left}");
    // A repeated completion does not prolong it.
    store.complete(&"b".into(), token, at(1)).await.unwrap();
    assert!(kept(&place, "b").await <= 7 * DAY);

    for forever in [Duration::MAX, Duration::ZERO] {
        let store = store.clone().remember_deliveries(forever);
        let token = fresh(&store, "c", 0).await;
        assert!(store.complete(&"c".into(), token, at(1)).await.unwrap());
        place.run::<()>(&cmd(&["DEL", &place.key("delivery", "c")])).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_forgot_is_dealt_with_again() {
    let place = Place::new().await;
    let store = place.store().await.remember_deliveries(Duration::from_millis(1));
    let token = fresh(&store, "a", 0).await;
    store.complete(&"a".into(), token, at(1)).await.unwrap();
    while place.run::<bool>(&cmd(&["EXISTS", &place.key("delivery", "a")])).await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    fresh(&store, "a", 2).await;
}
