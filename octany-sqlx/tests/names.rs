//! Tables under other names.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use common::{Place, kind, report};
use octany_entitlement::{StoreErrorKind, SubscriptionStore, conformance};
use octany_sqlx::SqliteStore;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_under_other_names_passes_the_suite() {
    let place = Place::new();
    let mut number = 0;
    let mut make = async || {
        number += 1;
        SqliteStore::open_with_prefix(place.path(), &format!("shop{number}_")).await.unwrap()
    };
    conformance::subscription_store(&mut make).await;
    conformance::delivery_log(&mut make).await;
    conformance::access_log(&mut make).await;
    conformance::checkout_log(&mut make).await;
    conformance::subscription_links(&mut make).await;
    conformance::inbox_store(&mut make).await;
    conformance::charge_intents(&mut make).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_under_different_names_know_nothing_of_each_other() {
    let place = Place::new();
    let one = SqliteStore::open_with_prefix(place.path(), "x_").await.unwrap();
    one.apply(&report(0, "active")).await.unwrap();
    let standard = place.store().await;
    assert!(standard.subscriptions(&"user_42".into()).await.unwrap().is_empty());
    let again = SqliteStore::new(place.pool().await).with_prefix("x_").unwrap();
    assert_eq!(again.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nobody_migrated_are_no_empty_answer() {
    let place = Place::new();
    place.store().await;
    let store = SqliteStore::new(place.pool().await).with_prefix("elsewhere_").unwrap();
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Corrupt);
    store.migrate().await.unwrap();
    assert!(store.subscriptions(&"user_42".into()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_could_be_more_than_a_name_is_refused() {
    let place = Place::new();
    for name in ["", "a\"; DROP TABLE octany_links; --", "Billing", "a.b"] {
        let refused = SqliteStore::open_with_prefix(place.path(), name).await;
        assert_eq!(kind(refused), StoreErrorKind::Rejected);
    }
    let opened = place.store().await;
    assert_eq!(kind(opened.with_prefix("late_")), StoreErrorKind::Rejected);
}
