//! A store and its app share a pool, and neither keeps the other waiting.

use std::time::Duration;

use octany_entitlement::SubscriptionStore;
use octany_sqlx::PostgresStore;
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::place::Place;
use crate::server::reports::report;

/// A pool of few connections that nobody waits long for.
async fn pool(place: &Place, connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_millis(500))
        .connect_with(place.options())
        .await
        .unwrap()
}

/// Asks without a pause, in so many tasks, and so often in each.
async fn ask(store: &PostgresStore, tasks: usize, calls: usize) {
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..calls {
                    store.subscriptions(&"user_42".into()).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_take_turns_where_the_app_has_taken_connections() {
    let place = Place::new().await;
    place.store().await;
    let pool = pool(&place, 3).await;
    let store = PostgresStore::new(pool.clone());
    let (_one, _other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    ask(&store, 3, 8_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_gets_its_connections_while_the_store_is_busy() {
    let place = Place::new().await;
    place.store().await;
    let pool = pool(&place, 2).await;
    let store = PostgresStore::new(pool.clone());
    let busy = tokio::spawn(async move { ask(&store, 4, 5_000).await });
    while !busy.is_finished() {
        sqlx::query("SELECT 1").execute(&pool).await.unwrap();
    }
    busy.await.unwrap();
}

#[test]
fn a_store_is_dropped_outside_of_a_runtime_and_its_pool_keeps_connections() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (place, store) = runtime.block_on(async {
        let place = Place::new().await;
        place.store().await;
        let store = PostgresStore::new(pool(&place, 2).await);
        store.apply(&report(1, "active")).await.unwrap();
        (place, store)
    });
    drop(runtime);
    drop(store);
    drop(place);
}
