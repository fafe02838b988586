//! The app's own table, on a server. `scripts/test` sees to it that there is one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

#[path = "../../../../octany-sqlx/tests/postgres/place.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod place;
#[path = "../../../../octany-sqlx/tests/server/reports.rs"]
#[allow(dead_code, reason = "another crate's tests use more of it")]
mod reports;

use std::sync::Arc;
use std::time::Duration;

use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::bb8::Pool;
use existing_diesel::{Licences, SCHEMA};
use octany_core::resource::Subscription;
use octany_core::{Applied, Snapshot, Source, Version};
use octany_entitlement::StoreErrorKind::{Corrupt, Rejected, Unavailable};
use octany_entitlement::{SubscriptionStore, conformance};

use crate::place::Place;
use crate::reports::{at, kind, report};

async fn licences(place: &Place) -> Licences {
    place.execute(SCHEMA).await;
    // Without the options that only sqlx knows.
    let url = place.url();
    let url = url.split('?').next().unwrap_or_default();
    let manager = AsyncDieselConnectionManager::new(url);
    let pool = Pool::builder().connection_timeout(Duration::from_secs(5));
    Licences::new(pool.build(manager).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn licences_pass_the_suite() {
    let place = Place::new().await;
    let store = licences(&place).await;
    let make = async || {
        place.execute("TRUNCATE licences").await;
        store.clone()
    };
    assert_eq!(conformance::subscription_store(make).await, 14);
}

/// A report as a document.
fn document(seconds: i64, price: u32, signature: u32) -> Snapshot {
    let json = format!(
        r#"{{"id":1,"status":"active","reference_id":"user_42","price":{price},
            "cancel_url":"https://app.octany.example/cancel?signature={signature}"}}"#
    );
    let subscription = Subscription::parse(json).unwrap();
    Snapshot::of(&Arc::new(subscription), Version::new(at(seconds), Source::Api))
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_differ_are_contested_and_no_portal_link_is_kept() {
    let place = Place::new().await;
    let store = licences(&place).await;
    assert_eq!(store.apply(&document(1, 9900, 1)).await.unwrap(), Applied::Inserted);
    assert_eq!(store.apply(&document(1, 9900, 2)).await.unwrap(), Applied::Unchanged);
    assert_eq!(store.apply(&document(1, 7900, 3)).await.unwrap(), Applied::Contested);
    assert_eq!(store.apply(&document(0, 9900, 4)).await.unwrap(), Applied::Stale);
    let kept: String = sqlx::query_scalar("SELECT document FROM licences")
        .fetch_one(&place.pool().await)
        .await
        .unwrap();
    assert!(kept.contains("7900") && !kept.contains("signature"), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_has_a_kind_and_is_never_an_empty_list() {
    let place = Place::new().await;
    let store = licences(&place).await;
    let user = "user_42".into();
    store.apply(&report(1, "active")).await.unwrap();
    assert_eq!(kind(store.subscriptions(&"user\0".into()).await), Rejected);

    place.execute("UPDATE licences SET ends_us = 9223372036854775807").await;
    assert_eq!(kind(store.subscriptions(&user).await), Corrupt, "a number that is no instant");

    let (name, other) = (place.database(), Place::new().await);
    other.execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
    other.execute(&format!("{end} = '{name}'")).await;
    assert_eq!(kind(store.subscriptions(&user).await), Unavailable);
    assert_eq!(kind(store.apply(&report(2, "active")).await), Unavailable);

    other.execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    assert_eq!(store.apply(&report(2, "active")).await.unwrap(), Applied::Updated);
    assert_eq!(store.subscriptions(&user).await.unwrap().len(), 1);
}
