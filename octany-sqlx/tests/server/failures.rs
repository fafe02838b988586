//! A failing server is never "no subscription".

use std::time::{Duration, Instant};

use octany_entitlement::{StoreErrorKind, SubscriptionStore};

use crate::place::{Place, PoolOptions, SCHEME, Store};
use crate::server::reports::{at, kind, report};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_unavailable_after_the_time_for_waiting() {
    // A port that nobody listens on, since it was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("{SCHEME}://octany@127.0.0.1:{port}/octany");
    let started = Instant::now();
    assert_eq!(kind(Store::connect(&url).await), StoreErrorKind::Unavailable);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_database_is_rejected() {
    let place = Place::new().await;
    let missing = place.url().replace(place.database(), "octany_test_of_nobody");
    for url in ["", "no url", "scheme://host:port/", missing.as_str()] {
        assert_eq!(kind(Store::connect(url).await), StoreErrorKind::Rejected, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_free_connection_is_unavailable_until_one_is_free() {
    let place = Place::new().await;
    place.store().await.close().await;
    let pool = PoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(100))
        .connect_with(place.options())
        .await
        .unwrap();
    let store = Store::new(pool.clone());
    store.apply(&report(1, "active")).await.unwrap();
    let held = pool.acquire().await.unwrap();
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Unavailable);
    drop(held);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    store.close().await;
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_is_shown() {
    let place = Place::new().await;
    let pool = PoolOptions::new().connect_lazy_with(place.options().password("SECRET"));
    assert!(!format!("{:?}", Store::new(pool)).contains("SECRET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_were_abandoned_leave_the_connections_at_work() {
    let place = Place::new().await;
    place.store().await.close().await;
    for round in 0..60 {
        // A new connection has everything still to come: the greeting, the statement's preparation.
        let pool = PoolOptions::new().max_connections(1).connect_lazy_with(place.options());
        let store = Store::new(pool);
        for step in 0..3_u64 {
            let patience = Duration::from_micros((round + step) % 20 * 150);
            let late = report(i64::try_from(round * 10 + step).unwrap(), "active");
            let _ = tokio::time::timeout(patience, store.apply(&late)).await;
        }
        let settled = i64::try_from(round * 10 + 9).unwrap();
        store.apply(&report(settled, "active")).await.unwrap();
        let known = store.subscriptions(&"user_42".into()).await.unwrap();
        assert_eq!((known.len(), known[0].as_of()), (1, at(settled)));
        store.close().await;
    }
}
