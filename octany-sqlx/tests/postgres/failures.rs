//! A failing server is never "no subscription".

use std::time::{Duration, Instant};

use octany_core::Applied;
use octany_entitlement::{StoreErrorKind, SubscriptionStore};
use octany_sqlx::PostgresStore;
use sqlx::postgres::PgPoolOptions;

use crate::place::{Place, kind, report};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_unavailable_after_the_time_for_waiting() {
    // A port that nobody listens on, since it was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://octany@127.0.0.1:{port}/octany");
    let started = Instant::now();
    assert_eq!(kind(PostgresStore::connect(&url).await), StoreErrorKind::Unavailable);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_database_is_rejected() {
    let place = Place::new().await;
    let missing = place.url().replace(place.database(), "octany_test_of_nobody");
    for url in ["", "no url", "postgres://host:port/", missing.as_str()] {
        assert_eq!(kind(PostgresStore::connect(url).await), StoreErrorKind::Rejected, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_free_connection_is_unavailable_until_one_is_free() {
    let place = Place::new().await;
    place.store().await.close().await;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(100))
        .connect_with(place.options())
        .await
        .unwrap();
    let store = PostgresStore::new(pool.clone());
    store.apply(&report(1, "active")).await.unwrap();
    let held = pool.acquire().await.unwrap();
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Unavailable);
    drop(held);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    store.close().await;
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_says_decides_the_kind() {
    let place = Place::new().await;
    let database = place.database();
    let only_read = format!("ALTER DATABASE {database} SET default_transaction_read_only");
    let lock_timeout = format!("ALTER DATABASE {database} SET statement_timeout");
    for (harm, repair, expected) in [
        (
            "ALTER TABLE octany_subscriptions RENAME TO elsewhere".to_owned(),
            "ALTER TABLE elsewhere RENAME TO octany_subscriptions".to_owned(),
            StoreErrorKind::Corrupt,
        ),
        (
            "ALTER TABLE octany_subscriptions RENAME COLUMN digest TO other".to_owned(),
            "ALTER TABLE octany_subscriptions RENAME COLUMN other TO digest".to_owned(),
            StoreErrorKind::Corrupt,
        ),
        (
            "ALTER TABLE octany_subscriptions ADD CONSTRAINT no CHECK (status <> 'active')".into(),
            "ALTER TABLE octany_subscriptions DROP CONSTRAINT no".to_owned(),
            StoreErrorKind::Rejected,
        ),
        (
            format!("{only_read} = on"),
            format!("SET transaction_read_only = off; {only_read} = off"),
            StoreErrorKind::Unavailable,
        ),
        (
            format!(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_sleep(60); RETURN NEW; END';
                 CREATE TRIGGER slow BEFORE INSERT ON octany_subscriptions
                    FOR EACH ROW EXECUTE FUNCTION slow();
                 {lock_timeout} = 100"
            ),
            format!("DROP FUNCTION slow CASCADE; {lock_timeout} = 0"),
            StoreErrorKind::Unavailable,
        ),
    ] {
        place.store().await.close().await;
        place.execute(&harm).await;
        // Made after the harm, so that the settings are its own.
        let store = PostgresStore::new(place.pool().await);
        assert_eq!(kind(store.apply(&report(1, "active")).await), expected, "{harm}");
        place.execute(&repair).await;
        store.close().await;
    }
    let store = place.store().await;
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_is_shown() {
    let place = Place::new().await;
    let pool = PgPoolOptions::new().connect_lazy_with(place.options().password("SECRET"));
    assert!(!format!("{:?}", PostgresStore::new(pool)).contains("SECRET"));
}
