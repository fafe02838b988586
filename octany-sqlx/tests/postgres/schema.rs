//! What is PostgreSQL's own about the schema.

use octany_core::Applied;
use octany_entitlement::SubscriptionStore;
use octany_sqlx::PostgresStore;

use crate::place::Place;
use crate::server::reports::report;

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_are_where_the_search_path_leads() {
    let place = Place::new().await;
    place.execute("CREATE SCHEMA billing").await;
    let url = format!("{}&options=-c%20search_path%3Dbilling", place.url());
    let store = PostgresStore::connect(&url).await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    assert!(place.tables().await.is_empty());
    // Those of another schema are others.
    let public = place.store().await;
    assert!(public.subscriptions(&"user_42".into()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_looked_for_in_the_schema() {
    let place = Place::new().await;
    let store = place.store().await.with_schema("billing").unwrap();
    assert_eq!(store.missing_migrations().await.unwrap().len(), PostgresStore::migrations().len());
    store.migrate().await.unwrap();
    assert!(store.missing_migrations().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_left_to_do_nothing_is_written() {
    let place = Place::new().await;
    place.store().await.close().await;
    let database = place.database();
    place
        .execute(&format!("ALTER DATABASE {database} SET default_transaction_read_only = on"))
        .await;
    place.store().await.migrate().await.unwrap();
}
