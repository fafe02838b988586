//! An app's pool may have other settings than a store's own.

use octany_entitlement::conformance;
use octany_sqlx::MySqlStore;

use crate::place::Place;

const SETTINGS: [&str; 4] = [
    "SET sql_mode = '', NAMES latin1, time_zone = '+05:00'",
    "SET sql_mode = 'TRADITIONAL,ANSI,PAD_CHAR_TO_FULL_LENGTH,NO_UNSIGNED_SUBTRACTION'",
    // Of MariaDB: assignments that do not see each other, and conflicts that are errors.
    "SET sql_mode = 'ORACLE,EMPTY_STRING_IS_NULL,SIMULTANEOUS_ASSIGNMENT'",
    "SET innodb_snapshot_isolation = ON",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_passes_the_suite_with_other_settings() {
    let place = Place::new().await;
    place.store().await.close().await;
    for settings in SETTINGS {
        let Some(pool) = place.pool_or_none(settings).await else {
            continue;
        };
        let store = MySqlStore::new(pool);
        let make = async || {
            place.empty().await;
            store.clone()
        };
        conformance::subscription_store(make).await;
        conformance::delivery_log(make).await;
        conformance::access_log(make).await;
        conformance::checkout_log(make).await;
        conformance::subscription_links(make).await;
        conformance::ledger(make).await;
        conformance::inbox_store(make).await;
        store.close().await;
    }
}
