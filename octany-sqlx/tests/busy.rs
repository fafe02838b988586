//! Who waits, and for how long.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use std::time::{Duration, Instant};

use common::{Place, kind, report};
use octany_entitlement::{StoreErrorKind, SubscriptionStore};
use octany_sqlx::SqliteStore;
use sqlx::sqlite::SqlitePoolOptions;

/// A store that waits for 200 ms.
async fn impatient(place: &Place) -> SqliteStore {
    place.store().await;
    let patience = Duration::from_millis(200);
    let options = SqliteStore::connect_options(place.path()).busy_timeout(patience);
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(patience);
    let writer = pool.clone().connect_with(options.clone()).await.unwrap();
    SqliteStore::from_pools(writer, pool.connect_with(options).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_another_process_keeps_makes_writes_unavailable_and_reads_not() {
    let place = Place::new();
    let store = impatient(&place).await;
    store.apply(&report(1, "active")).await.unwrap();
    let pool = place.pool().await;
    let lock = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let started = Instant::now();
    assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Unavailable);
    assert!(started.elapsed() >= Duration::from_millis(150), "it waited");
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    lock.rollback().await.unwrap();
    store.apply(&report(2, "active")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_given_back_in_time_is_waited_for() {
    let place = Place::new();
    let store = place.store().await;
    let pool = place.pool().await;
    let lock = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.apply(&report(1, "active")).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    lock.rollback().await.unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_free_connection_is_unavailable() {
    let place = Place::new();
    place.store().await;
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(100))
        .connect_with(SqliteStore::connect_options(place.path()))
        .await
        .unwrap();
    let store = SqliteStore::new(pool.clone());
    let held = pool.acquire().await.unwrap();
    assert_eq!(kind(store.apply(&report(1, "active")).await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Unavailable);
    drop(held);
    store.apply(&report(1, "active")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_abandoned_leaves_the_store_at_work() {
    let place = Place::new();
    let store = place.store().await;
    for round in 0..50 {
        let report = report(round, "active");
        let patience = Duration::from_micros(round.unsigned_abs() * 20);
        let _ = tokio::time::timeout(patience, store.apply(&report)).await;
    }
    store.apply(&report(100, "active")).await.unwrap();
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known.len(), 1);
}
