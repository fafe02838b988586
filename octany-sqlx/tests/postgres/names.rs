//! Tables in another schema.

use octany_entitlement::{StoreErrorKind, SubscriptionStore, conformance};
use octany_sqlx::PostgresStore;

use crate::place::Place;
use crate::server::reports::{kind, report};

async fn named(place: &Place, schema: &str, prefix: &str) -> PostgresStore {
    let store = PostgresStore::connect_lazy(&place.url()).unwrap();
    let store = store.with_schema(schema).unwrap().with_prefix(prefix).unwrap();
    store.migrate().await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_under_other_names_passes_the_suite() {
    let place = Place::new().await;
    let mut number = 0;
    let mut make = async || {
        number += 1;
        // A word that means something in SQL is a name like any other.
        named(&place, "user", &format!("shop{number}_")).await
    };
    conformance::subscription_store(&mut make).await;
    conformance::delivery_log(&mut make).await;
    conformance::access_log(&mut make).await;
    conformance::checkout_log(&mut make).await;
    conformance::subscription_links(&mut make).await;
    conformance::inbox_store(&mut make).await;
    place.execute("SELECT 1 FROM \"user\".shop1_subscriptions").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_under_different_names_know_nothing_of_each_other() {
    let place = Place::new().await;
    let standard = place.store().await;
    let (one, other) = (named(&place, "a", "x_").await, named(&place, "b", "x_").await);
    one.apply(&report(0, "active")).await.unwrap();
    for stranger in [&standard, &other] {
        assert!(stranger.subscriptions(&"user_42".into()).await.unwrap().is_empty());
    }
    let again = named(&place, "a", "x_").await;
    assert_eq!(again.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_could_be_more_than_a_name_is_refused() {
    let place = Place::new().await;
    let store = place.store().await;
    for name in ["", "a\"; DROP TABLE octany_links; --", "Billing", "a.b"] {
        assert_eq!(kind(store.clone().with_schema(name)), StoreErrorKind::Rejected);
    }
}
