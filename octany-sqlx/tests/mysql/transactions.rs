//! In a transaction of the app's, an effect and what is remembered of its delivery are one.

use std::time::Duration;

use octany_core::Applied;
use octany_entitlement::{Claim, DeliveryLog, StoreErrorKind, SubscriptionStore};
use sqlx::mysql::MySqlPool;

use crate::place::{Place, Store};
use crate::server::reports::{at, kind, report};

const LEASE: Duration = Duration::from_mins(1);

async fn seats(pool: &MySqlPool) -> i64 {
    sqlx::query_scalar("SELECT seats FROM stock").fetch_one(pool).await.unwrap()
}

async fn stocked(place: &Place) -> MySqlPool {
    place.execute("CREATE TABLE stock (seats BIGINT NOT NULL); INSERT INTO stock VALUES (0)").await;
    place.pool().await
}

/// A handler's effect, unless the delivery was dealt with.
async fn handle(store: &Store, pool: &MySqlPool, delivery: &str) -> bool {
    let mut transaction = pool.begin().await.unwrap();
    let mine = store.claim_in(&mut transaction, &delivery.into(), at(0)).await.unwrap();
    if mine {
        sqlx::query("UPDATE stock SET seats = seats + 1").execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    mine
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_handlers_of_a_delivery_one_has_its_effect() {
    let place = Place::new().await;
    let (store, pool) = (place.store().await, stocked(&place).await);
    for round in 1..=10 {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (store, pool) = (store.clone(), pool.clone());
                tokio::spawn(async move { handle(&store, &pool, &format!("d{round}")).await })
            })
            .collect();
        let mut mine = 0;
        for task in tasks {
            mine += i64::from(task.await.unwrap());
        }
        assert_eq!((mine, seats(&pool).await), (1, round));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_never_happened() {
    let place = Place::new().await;
    let (store, pool) = (place.store().await, stocked(&place).await);
    let mut transaction = pool.begin().await.unwrap();
    assert!(store.claim_in(&mut transaction, &"d".into(), at(0)).await.unwrap());
    let applied = store.apply_in(&mut transaction, &report(1, "active")).await.unwrap();
    assert_eq!(applied, Applied::Inserted);
    let again = store.apply_in(&mut transaction, &report(1, "active")).await.unwrap();
    assert_eq!(again, Applied::Unchanged);
    transaction.rollback().await.unwrap();
    assert!(store.subscriptions(&"user_42".into()).await.unwrap().is_empty());
    assert!(handle(&store, &pool, "d").await);
    assert!(!handle(&store, &pool, "d").await);
    assert_eq!(seats(&pool).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_the_log_is_completed_by_the_commit() {
    let place = Place::new().await;
    let (store, pool) = (place.store().await, stocked(&place).await);
    let Claim::Fresh(token) = store.claim(&"d".into(), at(0), LEASE).await.unwrap() else {
        panic!("nobody else claimed it");
    };
    assert!(handle(&store, &pool, "d").await);
    assert_eq!(store.claim(&"d".into(), at(600), LEASE).await.unwrap(), Claim::Duplicate);
    assert!(!store.release(&"d".into(), token).await.unwrap());
    assert!(store.complete(&"d".into(), token, at(601)).await.unwrap(), "by its holder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_unavailable_and_leaves_nothing() {
    let place = Place::new().await;
    let (store, pool) = (place.store().await, stocked(&place).await);
    place.execute("CREATE TABLE other (id BIGINT PRIMARY KEY); INSERT INTO other VALUES (1)").await;
    store.apply(&report(1, "active")).await.unwrap();
    let lock = "UPDATE other SET id = 1 WHERE id = 1";
    let mut one = pool.begin().await.unwrap();
    let mut two = pool.begin().await.unwrap();
    sqlx::query("UPDATE stock SET seats = 7").execute(&mut *one).await.unwrap();
    store.apply_in(&mut one, &report(2, "unpaid")).await.unwrap();
    sqlx::query(lock).execute(&mut *two).await.unwrap();
    let waiting = tokio::spawn(async move {
        let locked = sqlx::query(lock).execute(&mut *one).await;
        one.rollback().await.unwrap();
        locked.is_ok()
    });
    while !place.somebody_waits().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let applied = store.apply_in(&mut two, &report(3, "active")).await;
    let victims = (waiting.await.unwrap(), applied.is_ok());
    assert!(matches!(victims, (true, false) | (false, true)), "one of both goes on: {victims:?}");
    if applied.is_err() {
        assert_eq!(kind(applied), StoreErrorKind::Unavailable);
    }
    two.rollback().await.unwrap();
    assert_eq!(seats(&pool).await, 0);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap()[0].as_of(), at(1));
}
