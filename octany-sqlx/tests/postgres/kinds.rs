//! What the server says decides the kind of a failure.

use octany_core::Applied;
use octany_entitlement::{StoreErrorKind, SubscriptionStore};
use octany_sqlx::PostgresStore;

use crate::place::Place;
use crate::server::reports::{kind, report};

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
async fn a_conflict_of_a_stricter_transaction_says_that_it_may_be_tried_again() {
    let place = Place::new().await;
    let (store, pool) = (place.store().await, place.pool().await);
    store.apply(&report(0, "active")).await.unwrap();
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    sqlx::query("SELECT 1 FROM octany_subscriptions").fetch_all(&mut *transaction).await.unwrap();
    store.apply(&report(1, "unpaid")).await.unwrap();
    let late = store.apply_in(&mut transaction, &report(2, "active")).await;
    assert_eq!(kind(late), StoreErrorKind::Unavailable);
}
