//! A delivery is dealt with once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use octany_entitlement::{Claim, ClaimToken, DeliveryLog};

use crate::place::{Place, Store};
use crate::server::reports::at;

const LEASE: Duration = Duration::from_mins(1);

async fn claim(store: &Store, delivery: &str, seconds: i64) -> Claim {
    store.claim(&delivery.into(), at(seconds), LEASE).await.unwrap()
}

async fn fresh(store: &Store, delivery: &str, seconds: i64) -> ClaimToken {
    match claim(store, delivery, seconds).await {
        Claim::Fresh(token) => token,
        other => panic!("{other:?}"),
    }
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
async fn a_late_holder_completes_if_nobody_came_in_between() {
    let place = Place::new().await;
    let store = place.store().await;
    let token = fresh(&store, "a", 0).await;
    assert!(store.complete(&"a".into(), token, at(600)).await.unwrap());
    assert!(store.complete(&"a".into(), token, at(601)).await.unwrap(), "and may say so again");
}

#[tokio::test(flavor = "multi_thread")]
async fn pruning_forgets_what_is_old_and_nothing_else() {
    let place = Place::new().await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pruning_goes_on_beyond_one_portion_and_several_may_prune_at_once() {
    let place = Place::new().await;
    let store = place.store().await;
    let rows: Vec<_> = (1..=5500).map(|i| format!("('d{i}', {i}, 0, {i})")).collect();
    let columns = "delivery_id, token, claimed_until, completed_at";
    let fill = format!("INSERT INTO octany_deliveries ({columns}) VALUES {}", rows.join(", "));
    place.execute(&fill).await;
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.prune_deliveries(at(0)).await.unwrap() })
        })
        .collect();
    let mut forgotten = 0;
    for task in tasks {
        forgotten += task.await.unwrap();
    }
    assert_eq!(forgotten, 5500, "each row counts once");
}
