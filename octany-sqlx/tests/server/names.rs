//! Tables under other names.

use octany_entitlement::{StoreErrorKind, SubscriptionStore, conformance};

use crate::place::{Place, Store};
use crate::server::reports::{kind, report};

async fn named(place: &Place, prefix: &str) -> Store {
    let store = Store::connect_lazy(&place.url()).unwrap().with_prefix(prefix).unwrap();
    store.migrate().await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_a_prefix_of_its_own_passes_the_suite() {
    let place = Place::new().await;
    let mut number = 0;
    let mut make = async || {
        number += 1;
        named(&place, &format!("shop{number}_")).await
    };
    conformance::subscription_store(&mut make).await;
    conformance::delivery_log(&mut make).await;
    conformance::access_log(&mut make).await;
    conformance::checkout_log(&mut make).await;
    conformance::subscription_links(&mut make).await;
    conformance::inbox_store(&mut make).await;
    conformance::charge_intents(&mut make).await;
    place.execute("SELECT 1 FROM shop1_subscriptions").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_with_different_prefixes_know_nothing_of_each_other() {
    let place = Place::new().await;
    let (standard, other) = (place.store().await, named(&place, "x_").await);
    other.apply(&report(0, "active")).await.unwrap();
    assert!(standard.subscriptions(&"user_42".into()).await.unwrap().is_empty());
    let again = named(&place, "x_").await;
    assert_eq!(again.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nobody_migrated_are_no_empty_answer() {
    let place = Place::new().await;
    let store = place.store().await.with_prefix("elsewhere_").unwrap();
    let answer = store.subscriptions(&"user_42".into()).await;
    assert_eq!(kind(answer), StoreErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_that_could_be_more_than_a_name_is_refused() {
    let place = Place::new().await;
    let store = place.store().await;
    for name in ["", "a\"; DROP TABLE octany_links; --", "a`b", "Billing", "a.b"] {
        assert_eq!(kind(store.clone().with_prefix(name)), StoreErrorKind::Rejected);
    }
}
