//! What the server says decides the kind of a failure, and whether a call is repeated.

use std::time::Duration;

use octany_core::Applied;
use octany_entitlement::{AccessLog, StoreErrorKind, SubscriptionStore};
use octany_sqlx::MySqlStore;
use sqlx::mysql::MySqlPoolOptions;

use crate::place::Place;
use crate::server::reports::{at, kind, report};

/// Makes reports fail as the server does, with this error.
fn failing(number: u16, condition: &str) -> String {
    format!(
        "CREATE TRIGGER failing BEFORE INSERT ON octany_subscriptions FOR EACH ROW
         BEGIN
             IF {condition} THEN
                 SET @failures = @failures - 1;
                 SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = 'made up';
             END IF;
         END"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_says_decides_the_kind() {
    let place = Place::new().await;
    for (harm, repair, expected) in [
        (
            "ALTER TABLE octany_subscriptions RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO octany_subscriptions",
            StoreErrorKind::Corrupt,
        ),
        (
            "ALTER TABLE octany_subscriptions CHANGE digest other BIGINT NOT NULL",
            "ALTER TABLE octany_subscriptions CHANGE other digest BIGINT NOT NULL",
            StoreErrorKind::Corrupt,
        ),
        (
            "ALTER TABLE octany_subscriptions ADD CONSTRAINT no CHECK (status <> 'active')",
            "ALTER TABLE octany_subscriptions DROP CONSTRAINT no",
            StoreErrorKind::Rejected,
        ),
    ] {
        let store = place.store().await;
        place.execute(harm).await;
        assert_eq!(kind(store.apply(&report(1, "active")).await), expected, "{harm}");
        place.execute(repair).await;
        store.close().await;
    }
    for (number, expected) in [
        (1040, StoreErrorKind::Unavailable),
        (1114, StoreErrorKind::Unavailable),
        (1290, StoreErrorKind::Unavailable),
        (1317, StoreErrorKind::Unavailable),
        (1836, StoreErrorKind::Unavailable),
        (1142, StoreErrorKind::Rejected),
        (1194, StoreErrorKind::Corrupt),
    ] {
        place.execute(&failing(number, "TRUE")).await;
        let store = place.store().await;
        assert_eq!(kind(store.apply(&report(1, "active")).await), expected, "{number}");
        place.execute("DROP TRIGGER failing").await;
    }
    let store = place.store().await;
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_gone_through_and_an_ended_session_is_replaced() {
    let often = 1_000_000_000;
    for (number, failures) in
        [(1213, 5), (1205, 5), (1020, 5), (1615, 5), (1927, often), (1053, often)]
    {
        let place = Place::new().await;
        place.store().await.close().await;
        place.execute(&failing(number, "@failures > 0")).await;
        let pool = MySqlPoolOptions::new().max_connections(1).connect_lazy_with(place.options());
        // This session fails, so many times. Another does not.
        sqlx::query("SET @failures = ?").bind(failures).execute(&pool).await.unwrap();
        let store = MySqlStore::new(pool);
        let applied = store.apply(&report(1, "active")).await.unwrap();
        assert_eq!(applied, Applied::Inserted, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_somebody_keeps_makes_writes_of_that_row_unavailable_and_no_others() {
    let place = Place::new().await;
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    let pool = place.pool().await;
    let mut theirs = pool.begin().await.unwrap();
    let lock = "SELECT 1 FROM octany_subscriptions FOR UPDATE";
    sqlx::query(lock).execute(&mut *theirs).await.unwrap();
    assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Unavailable);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap()[0].as_of(), at(1));
    store.announce(&"user_42".into(), true, None, at(0)).await.unwrap();
    theirs.rollback().await.unwrap();
    assert_eq!(store.apply(&report(2, "active")).await.unwrap(), Applied::Updated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_may_only_read_is_unavailable_for_writes() {
    let place = Place::new().await;
    place.store().await.apply(&report(1, "active")).await.unwrap();
    let store = MySqlStore::new(place.pool_with("SET SESSION TRANSACTION READ ONLY").await);
    assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Unavailable);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_of_the_apps_transactions_is_unavailable_and_leaves_nothing() {
    let place = Place::new().await;
    let (store, pool) = (place.store().await, place.pool().await);
    place.execute("CREATE TABLE other (id BIGINT PRIMARY KEY); INSERT INTO other VALUES (1)").await;
    store.apply(&report(1, "active")).await.unwrap();
    let lock = "UPDATE other SET id = 1 WHERE id = 1";
    let mut one = pool.begin().await.unwrap();
    let mut two = pool.begin().await.unwrap();
    store.apply_in(&mut one, &report(2, "unpaid")).await.unwrap();
    sqlx::query(lock).execute(&mut *two).await.unwrap();
    let waiting = tokio::spawn(async move {
        let locked = sqlx::query(lock).execute(&mut *one).await;
        one.rollback().await.unwrap();
        locked.is_ok()
    });
    while !place.somebody_waits().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let applied = store.apply_in(&mut two, &report(3, "active")).await;
    let victims = (waiting.await.unwrap(), applied.is_ok());
    assert!(matches!(victims, (true, false) | (false, true)), "one of both goes on: {victims:?}");
    if applied.is_err() {
        assert_eq!(kind(applied), StoreErrorKind::Unavailable);
    }
    two.rollback().await.unwrap();
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap()[0].as_of(), at(1));
}
