//! What is the server's own about the schema: it cannot take back half of a migration.

use std::time::Duration;

use octany_core::Applied;
use octany_entitlement::{AccessLog, StoreErrorKind, SubscriptionStore};
use octany_sqlx::MySqlStore;

use crate::place::Place;
use crate::server::reports::{at, kind, report};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_half_done_is_done_by_the_next_start() {
    let place = Place::new().await;
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    // As after a crash in the middle of the file.
    place
        .execute(
            "DROP TABLE octany_deliveries, octany_access;
             UPDATE octany_migrations SET success = FALSE, execution_time = -1",
        )
        .await;
    assert!(MySqlStore::migrator().run(&place.pool().await).await.is_err(), "sqlx's own refuses");
    store.migrate().await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Unchanged);
    store.announce(&"a".into(), true, None, at(0)).await.unwrap();
    MySqlStore::migrator().run(&place.pool().await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_release_left_half_done_is_refused() {
    let place = Place::new().await;
    let store = place.store().await;
    place
        .execute(
            "INSERT INTO octany_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', FALSE, '', -1)",
        )
        .await;
    assert_eq!(kind(store.migrate().await), StoreErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_abandoned_keeps_nobody_waiting() {
    let place = Place::new().await;
    for step in 0..40 {
        let store = MySqlStore::connect_lazy(&place.url()).unwrap();
        let patience = Duration::from_micros(step * 500);
        let _ = tokio::time::timeout(patience, store.migrate()).await;
    }
    let store = place.store().await;
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_left_to_do_nothing_is_written() {
    let place = Place::new().await;
    let read_only = place.pool_with("SET SESSION TRANSACTION READ ONLY").await;
    let store = MySqlStore::new(read_only);
    assert_eq!(kind(store.migrate().await), StoreErrorKind::Unavailable);
    place.store().await.close().await;
    store.migrate().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_without_a_database_is_rejected() {
    let place = Place::new().await;
    let url = place.url().replace(&format!("/{}", place.database()), "/");
    assert_eq!(kind(MySqlStore::connect(&url).await), StoreErrorKind::Rejected);
}
