//! `SqliteStore` keeps what the traits promise, on a database file.

#![cfg(feature = "sqlite")]

use octany_test_trace as _;

use std::sync::atomic::{AtomicUsize, Ordering};

use octany_entitlement::conformance;
use octany_sqlx::SqliteStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_store_passes_the_suite() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let files = AtomicUsize::new(0);
    let make = async || {
        let file = format!("{}.sqlite", files.fetch_add(1, Ordering::SeqCst));
        SqliteStore::open(directory.path().join(file)).await.expect("the file can be made")
    };
    assert_eq!(conformance::subscription_store(make).await, 14);
    assert_eq!(conformance::delivery_log(make).await, 7);
    assert_eq!(conformance::ledger(make).await, 5);
    assert_eq!(conformance::access_log(make).await, 5);
    assert_eq!(conformance::checkout_log(make).await, 15);
    assert_eq!(conformance::subscription_links(make).await, 4);
    assert_eq!(conformance::inbox_store(make).await, 28);
    assert_eq!(conformance::charge_intents(make).await, 21);
}
