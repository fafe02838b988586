//! The app and Octany share the tables.

use std::time::Duration;

use existing_database::{Memberships, SCHEMA};
use octany_core::Applied;
use octany_entitlement::SubscriptionStore;

use crate::place::Place;
use crate::reports::report;

async fn place() -> Place {
    let place = Place::new().await;
    place.execute(SCHEMA).await;
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sold_by_hand_is_none_of_octanys() {
    let place = place().await;
    let by_hand = "INSERT INTO memberships (member_ref, plan_code, state)
        VALUES ('user_42', 'honorary', 'active')";
    place.execute(by_hand).await;
    let pool = place.pool().await;
    let store = Memberships::new(pool.clone());
    assert!(store.subscriptions(&"user_42".into()).await.unwrap().is_empty());

    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM memberships").fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_joins_members_by_their_number_and_every_other_reference_is_kept() {
    let place = place().await;
    place.execute("INSERT INTO members (id, email) VALUES (42, 'anna@example.com')").await;
    let pool = place.pool().await;
    let store = Memberships::new(pool.clone());
    let references =
        ["42", "042", "42 ", "42\n", "-42", "4e1", "９", "", "user_42", "99999999999999999999"];
    for (subscription, reference) in (1_u64..).zip(references) {
        let mut report = report(1, "active");
        (report.subscription, report.reference) = (subscription.into(), Some(reference.into()));
        assert_eq!(store.apply(&report).await.unwrap(), Applied::Inserted, "{reference:?}");
        let found = store.subscriptions(&reference.into()).await.unwrap();
        assert_eq!(found.len(), 1, "{reference:?}");
    }
    let anna: Vec<String> = sqlx::query_scalar(
        "SELECT octany_id FROM memberships JOIN members ON members.id = member_id",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(anna, ["1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_answer_is_right_even_if_the_row_came_while_the_statement_ran() {
    let place = place().await;
    let pool = place.pool().await;
    let store = Memberships::new(pool.clone());
    let columns = "octany_id, octany_version, member_ref, state, octany_write";
    for (theirs, mine, expected) in [
        (report(1, "active"), report(1, "active"), Applied::Unchanged),
        (report(1, "active"), report(1, "unpaid"), Applied::Contested),
        (report(2, "active"), report(1, "active"), Applied::Stale),
        (report(1, "active"), report(2, "active"), Applied::Updated),
    ] {
        place.execute("TRUNCATE memberships; DROP TABLE IF EXISTS copy").await;
        store.apply(&theirs).await.unwrap();
        place.execute(&format!("CREATE TABLE copy AS SELECT {columns} FROM memberships")).await;
        place.execute("TRUNCATE memberships").await;
        // The row as somebody else writes it, and has not committed.
        let mut theirs = pool.begin().await.unwrap();
        let insert = format!("INSERT INTO memberships ({columns}) SELECT * FROM copy");
        sqlx::query(sqlx::AssertSqlSafe(insert)).execute(&mut *theirs).await.unwrap();
        let waiting = store.clone();
        let mine = tokio::spawn(async move { waiting.apply(&mine).await.unwrap() });
        let waits = "SELECT count(*) > 0 FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&pool).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        theirs.commit().await.unwrap();
        assert_eq!(mine.await.unwrap(), expected);
    }
}
