//! A failure has a kind, and is never "no subscription".

use std::time::Duration;

use existing_database::{Memberships, SCHEMA};
use octany_entitlement::StoreErrorKind::{Corrupt, Rejected, Unavailable};
use octany_entitlement::{DeliveryLog, SubscriptionStore};
use sqlx::postgres::PgPoolOptions;

use crate::place::Place;
use crate::reports::{at, kind, report};

async fn memberships(place: &Place) -> Memberships {
    place.execute(SCHEMA).await;
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_secs(2));
    Memberships::new(pool.connect_with(place.options()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_lets_nobody_in_is_unavailable_and_then_serves_again() {
    let place = Place::new().await;
    let store = memberships(&place).await;
    store.apply(&report(1, "active")).await.unwrap();
    let name = place.database();
    // From another database of the server, since nobody may connect to this one.
    let other = Place::new().await;
    other.execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
    other.execute(&format!("{end} = '{name}'")).await;

    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), Unavailable);
    assert_eq!(kind(store.apply(&report(2, "active")).await), Unavailable);
    let claim = store.claim(&"d".into(), at(0), Duration::from_mins(1)).await;
    assert_eq!(kind(claim), Unavailable);

    other.execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tables_are_corrupt() {
    let place = Place::new().await;
    let store = memberships(&place).await;
    place.execute("ALTER TABLE memberships RENAME COLUMN state TO phase").await;
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), Corrupt);
    assert_eq!(kind(store.apply(&report(1, "active")).await), Corrupt);
    place.execute("DROP TABLE memberships").await;
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_postgresql_cannot_hold_is_rejected() {
    let place = Place::new().await;
    let store = memberships(&place).await;
    assert_eq!(kind(store.subscriptions(&"user\0".into()).await), Rejected);
    let mut report = report(1, "active");
    report.reference = Some("user\0".into());
    assert_eq!(kind(store.apply(&report).await), Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_without_an_instant_cannot_get_in() {
    let place = Place::new().await;
    let store = memberships(&place).await;
    store.apply(&report(1, "active")).await.unwrap();
    let pool = place.pool().await;
    let forever = sqlx::query("UPDATE memberships SET closes_at = 'infinity'").execute(&pool).await;
    assert!(forever.unwrap_err().as_database_error().unwrap().is_check_violation());
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap()[0].ends_at, None);
}
