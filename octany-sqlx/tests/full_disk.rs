//! Commits that fail for a while, as on a full disk.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Place, at, report};
use octany_core::Applied;
use octany_entitlement::{Claim, DeliveryLog, Ledger, SubscriptionStore};
use octany_sqlx::SqliteStore;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

const LEASE: Duration = Duration::from_mins(1);

/// A writer whose transactions SQLite ends by itself instead of committing them, while `full`.
async fn writer(place: &Place, full: &Arc<AtomicBool>) -> SqlitePool {
    let options = SqliteStore::connect_options(place.path());
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let full = Arc::clone(full);
    let mut connection = pool.acquire().await.unwrap();
    let mut handle = connection.lock_handle().await.unwrap();
    handle.set_commit_hook(move || !full.load(Ordering::SeqCst));
    drop(handle);
    drop(connection);
    pool
}

#[tokio::test(flavor = "multi_thread")]
async fn once_there_is_room_again_deliveries_are_taken_in_again() {
    let place = Place::new();
    place.store().await;
    let full = Arc::new(AtomicBool::new(false));
    let store = SqliteStore::new(writer(&place, &full).await);
    for round in 0..3 {
        let (delivery, report) = (format!("d-{round}").as_str().into(), report(round, "active"));
        full.store(true, Ordering::SeqCst);
        store.enter(&delivery, at(0), LEASE, &report).await.unwrap_err();
        store.apply(&report).await.unwrap_err();
        full.store(false, Ordering::SeqCst);
        let entered = store.enter(&delivery, at(0), LEASE, &report).await.unwrap();
        assert!(matches!(entered.claim, Claim::Fresh(_)), "it was not claimed");
        assert!(entered.applied.is_some_and(Applied::changed), "and not applied");
        assert!(matches!(
            store.claim(&delivery, at(0), LEASE).await.unwrap(),
            Claim::InFlight { .. }
        ));
    }
}
