//! What was answered is there after a restart.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use std::time::Duration;

use common::{Place, at, kind, report};
use octany_core::Applied;
use octany_entitlement::{
    AccessLog, Claim, DeliveryLog, StoreErrorKind, SubscriptionLinks, SubscriptionStore,
};
use octany_sqlx::SqliteStore;

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_again() {
    let place = Place::new();
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    let mut orphan = report(1, "active");
    (orphan.subscription, orphan.reference) = (2.into(), None);
    store.apply(&orphan).await.unwrap();
    store.link(&2.into(), &"bob".into()).await.unwrap();
    store.announce(&"user_42".into(), true, None, at(1)).await.unwrap();
    let claimed = store.claim(&"d".into(), at(1), Duration::from_mins(1)).await.unwrap();
    let Claim::Fresh(token) = claimed else { panic!("{claimed:?}") };
    store.complete(&"d".into(), token, at(2)).await.unwrap();
    store.close().await;
    assert_eq!(kind(store.subscriptions(&"bob".into()).await), StoreErrorKind::Unavailable);

    let store = place.store().await;
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Unchanged);
    assert_eq!(store.subscriptions(&"bob".into()).await.unwrap().len(), 1);
    assert!(
        store.announce(&"user_42".into(), false, None, at(1)).await.unwrap().is_change(),
        "a change, since remembered"
    );
    let again = store.claim(&"d".into(), at(9), Duration::from_mins(1)).await.unwrap();
    assert_eq!(again, Claim::Duplicate);
}

/// The files as they are while the store is at work: what a killed process leaves behind.
fn leave_behind(place: &Place, name: &str) -> std::path::PathBuf {
    let left = place.at(name);
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", place.path().display());
        std::fs::copy(from, format!("{}{suffix}", left.display())).unwrap();
    }
    left
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_holding_a_claim_leaves_it_to_expire() {
    let place = Place::new();
    let store = place.store().await;
    let claimed = store.claim(&"d".into(), at(0), Duration::from_mins(1)).await.unwrap();
    let Claim::Fresh(lost) = claimed else { panic!("{claimed:?}") };

    let store = SqliteStore::open(leave_behind(&place, "left.db")).await.unwrap();
    let again = store.claim(&"d".into(), at(59), Duration::from_mins(1)).await.unwrap();
    assert_eq!(again, Claim::InFlight { until: at(60) });
    let again = store.claim(&"d".into(), at(60), Duration::from_mins(1)).await.unwrap();
    let Claim::Fresh(token) = again else { panic!("{again:?}") };
    assert!(!store.complete(&"d".into(), lost, at(61)).await.unwrap());
    assert!(store.complete(&"d".into(), token, at(61)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_after_an_answer_has_lost_nothing() {
    let place = Place::new();
    let store = place.store().await;
    for second in 0..50 {
        store.apply(&report(second, "active")).await.unwrap();
        let left = leave_behind(&place, &format!("left-{second}.db"));
        let store = SqliteStore::open(left).await.unwrap();
        let known = store.subscriptions(&"user_42".into()).await.unwrap();
        assert_eq!(known[0].as_of(), at(second));
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_made_but_not_its_directory() {
    let place = Place::new();
    let nowhere = place.at("missing").join("billing.db");
    assert_eq!(kind(SqliteStore::open(&nowhere).await), StoreErrorKind::Unavailable);
    assert!(!nowhere.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let place = Place::new();
    let garbage = "no database, but long enough to be looked at. ".repeat(100);
    std::fs::write(place.path(), &garbage).unwrap();
    assert_eq!(kind(SqliteStore::open(place.path()).await), StoreErrorKind::Corrupt);
    assert_eq!(std::fs::read_to_string(place.path()).unwrap(), garbage);
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_wait_for_the_disk() {
    let place = Place::new();
    let pool = sqlx::sqlite::SqlitePool::connect_with(
        SqliteStore::connect_options(place.path()).create_if_missing(true),
    );
    let pool = pool.await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&pool).await.unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&pool).await.unwrap();
    assert_eq!((synchronous, &*journal), (2, "wal"));
}
