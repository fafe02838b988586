//! The app's table keeps what the trait promises, on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../../octany-sqlx/tests/postgres/place.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod place;

use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::bb8::Pool;
use existing_diesel::{Licences, SCHEMA};
use octany_entitlement::conformance;

use crate::place::Place;

async fn licences(place: &Place) -> Licences {
    // Without the options that only sqlx knows.
    let url = place.url();
    let url = url.split('?').next().unwrap_or_default();
    let manager = AsyncDieselConnectionManager::new(url);
    Licences::new(Pool::builder().build(manager).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn licences_pass_the_suite() {
    let place = Place::new().await;
    place.execute(SCHEMA).await;
    let store = licences(&place).await;
    let make = async || {
        place.execute("TRUNCATE licences").await;
        store.clone()
    };
    assert_eq!(conformance::subscription_store(make).await, 14);
}
