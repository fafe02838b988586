//! What is taken in within a transaction of the app's.

use std::time::Duration;

use octany_core::Applied;
use octany_entitlement::{Claim, DeliveryLog, SubscriptionStore};
use sqlx::AssertSqlSafe;

use crate::place::{Place, Pool, Store};
use crate::server::reports::{at, report};

const LEASE: Duration = Duration::from_mins(1);

async fn effects(pool: &Pool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM effects").fetch_one(pool).await.unwrap()
}

async fn app(place: &Place) -> (Store, Pool) {
    let store = place.store().await;
    place.execute("CREATE TABLE effects (delivery VARCHAR(99) NOT NULL)").await;
    (store, place.pool().await)
}

/// A handler whose effect and claim are one.
async fn handle(store: &Store, pool: &Pool, delivery: &str) -> bool {
    let mut transaction = pool.begin().await.unwrap();
    if !store.claim_in(&mut transaction, &delivery.into(), at(0)).await.unwrap() {
        return false;
    }
    let effect = format!("INSERT INTO effects VALUES ('{delivery}')");
    sqlx::query(AssertSqlSafe(effect)).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_handlers_of_one_delivery_one_has_its_effect() {
    let place = Place::new().await;
    let (store, pool) = app(&place).await;
    for round in 1..=8 {
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let (store, pool) = (store.clone(), pool.clone());
                tokio::spawn(async move { handle(&store, &pool, &round.to_string()).await })
            })
            .collect();
        let mut did = 0;
        for task in tasks {
            did += i64::from(task.await.unwrap());
        }
        assert_eq!((did, effects(&pool).await), (1, round));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_was_never_claimed_or_applied() {
    let place = Place::new().await;
    let (store, pool) = app(&place).await;
    let mut transaction = pool.begin().await.unwrap();
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
    let place = Place::new().await;
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
async fn who_lost_the_claim_to_another_node_has_no_second_effect() {
    let place = Place::new().await;
    let (store, pool) = app(&place).await;
    // Both believe it to be theirs: the first one's lease has ended.
    assert!(matches!(store.claim(&"d".into(), at(0), LEASE).await.unwrap(), Claim::Fresh(_)));
    assert!(matches!(store.claim(&"d".into(), at(60), LEASE).await.unwrap(), Claim::Fresh(_)));
    assert!(handle(&store, &pool, "d").await);
    assert!(!handle(&store, &pool, "d").await);
    assert_eq!(effects(&pool).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_seen_by_others_when_the_transaction_commits() {
    let place = Place::new().await;
    let (store, pool) = app(&place).await;
    store.apply(&report(0, "active")).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    for (seconds, status, expected) in [
        (1, "unpaid", Applied::Updated),
        (1, "unpaid", Applied::Unchanged),
        (1, "delayed", Applied::Contested),
        (0, "active", Applied::Stale),
    ] {
        let report = report(seconds, status);
        assert_eq!(store.apply_in(&mut transaction, &report).await.unwrap(), expected);
    }
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known[0].status.as_str(), "active", "not yet");
    transaction.commit().await.unwrap();
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!((known[0].status.as_str(), known[0].contested), ("delayed", true));
}
