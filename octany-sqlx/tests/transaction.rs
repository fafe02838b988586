//! What is taken in within a transaction of the app's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use std::time::Duration;

use common::{Place, at, report};
use octany_core::Applied;
use octany_entitlement::{Claim, DeliveryLog, SubscriptionStore};
use octany_sqlx::SqliteStore;
use sqlx::SqlitePool;

const LEASE: Duration = Duration::from_mins(1);

async fn app(place: &Place) -> (SqliteStore, SqlitePool) {
    let store = place.store().await;
    let pool = place.pool().await;
    sqlx::query("CREATE TABLE effects (delivery TEXT NOT NULL)").execute(&pool).await.unwrap();
    (store, pool)
}

/// A handler whose effect and claim are one.
async fn handle(store: &SqliteStore, pool: &SqlitePool, delivery: &str) -> bool {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    if !store.claim_in(&mut transaction, &delivery.into(), at(0)).await.unwrap() {
        return false;
    }
    let effect = sqlx::query("INSERT INTO effects VALUES (?1)").bind(delivery);
    effect.execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_handlers_of_one_delivery_one_has_its_effect() {
    let place = Place::new();
    let (store, pool) = app(&place).await;
    for round in 1..=8 {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (store, pool) = (store.clone(), pool.clone());
                tokio::spawn(async move { handle(&store, &pool, &round.to_string()).await })
            })
            .collect();
        let mut did = 0;
        for task in tasks {
            did += i64::from(task.await.unwrap());
        }
        let effects: i64 =
            sqlx::query_scalar("SELECT count(*) FROM effects").fetch_one(&pool).await.unwrap();
        assert_eq!((did, effects), (1, round));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_was_never_claimed_or_applied() {
    let place = Place::new();
    let (store, pool) = app(&place).await;
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    assert!(store.claim_in(&mut transaction, &"d".into(), at(0)).await.unwrap());
    let applied = store.apply_in(&mut transaction, &report(0, "active")).await.unwrap();
    assert_eq!(applied, Applied::Inserted);
    transaction.rollback().await.unwrap();
    assert!(store.subscriptions(&"user_42".into()).await.unwrap().is_empty());
    assert!(handle(&store, &pool, "d").await);
    assert!(!handle(&store, &pool, "d").await);
    assert_eq!(store.claim(&"d".into(), at(1), LEASE).await.unwrap(), Claim::Duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commit_completes_a_claim_of_the_log() {
    let place = Place::new();
    let (store, pool) = app(&place).await;
    let Claim::Fresh(token) = store.claim(&"d".into(), at(0), LEASE).await.unwrap() else {
        panic!("nobody has it");
    };
    assert!(handle(&store, &pool, "d").await);
    assert_eq!(store.claim(&"d".into(), at(1), LEASE).await.unwrap(), Claim::Duplicate);
    assert!(!store.release(&"d".into(), token).await.unwrap(), "what is done stays done");
    assert!(store.complete(&"d".into(), token, at(2)).await.unwrap(), "its holder may say so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_seen_by_others_when_the_transaction_commits() {
    let place = Place::new();
    let (store, pool) = app(&place).await;
    store.apply(&report(0, "active")).await.unwrap();
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let applied = store.apply_in(&mut transaction, &report(1, "unpaid")).await.unwrap();
    assert_eq!(applied, Applied::Updated);
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known[0].status.as_str(), "active", "not yet");
    transaction.commit().await.unwrap();
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known[0].status.as_str(), "unpaid");
}
