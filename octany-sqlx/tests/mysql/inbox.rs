//! What is the server's own about an inbox.

use std::sync::atomic::Ordering;
use std::time::Duration;

use octany_core::signature::VerifiedBody;
use octany_entitlement::{ClaimToken, InboxStore, Letter, Put, StoreErrorKind};
use octany_sqlx::MySqlStore;
use sqlx::mysql::MySqlPoolOptions;
use sqlx::{ConnectOptions, Executor, Row};

use crate::nodes::order;
use crate::place::Place;
use crate::server::lost_connections::Way;
use crate::server::reports::{at, kind};

const LEASE: Duration = Duration::from_mins(1);

fn letter(id: &str) -> Letter {
    let mut letter = Letter::of(&order(1, 0), at(0)).unwrap();
    (letter.id, letter.key) = (id.into(), id.to_owned());
    letter
}

async fn put(store: &MySqlStore, id: &str) {
    assert_eq!(store.put(&letter(id)).await.unwrap(), Put::Stored);
}

async fn claim(store: &MySqlStore) -> Vec<String> {
    let claimed = InboxStore::claim(store, at(0), LEASE, 9).await.unwrap();
    claimed.iter().map(|claimed| claimed.letter.id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_claim_whose_answer_was_lost_at_any_step_gives_out_all_the_same() {
    let place = Place::new().await;
    place.store().await.close().await;
    let options = place.options();
    let way = Way::new(options.get_host().to_owned(), options.get_port()).await;
    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .connect_lazy_with(options.host("127.0.0.1").port(way.port));
    let store = MySqlStore::new(pool);
    for step in 1..=3 {
        // Its statements are prepared, and the connection is back in the pool.
        put(&store, &format!("first {step}")).await;
        assert_eq!(claim(&store).await.len(), 1);
        put(&store, &format!("second {step}")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        way.swallow_answer(step);
        assert_eq!(claim(&store).await, [format!("second {step}")], "step {step}");
        assert_eq!(way.swallow.load(Ordering::SeqCst), 0, "an answer was lost");
    }
    put(&store, "prepared again").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    way.swallow_answer(1);
    assert_eq!(store.put(&letter("third")).await.unwrap(), Put::Known, "by the first run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_found_and_has_changed_is_not_given_out() {
    let place = Place::new().await;
    for harm in [
        // Somebody else has it, or had it. Or what goes before it came meanwhile, has run, and waits.
        "UPDATE octany_inbox SET state = 1, token = 7, due_at = 9000000000000000 WHERE arrival = 2",
        "UPDATE octany_inbox SET state = 3, settled_at = 0 WHERE arrival = 2",
        "UPDATE octany_inbox SET state = 0, due_at = 9000000000000000 WHERE arrival = 1",
    ] {
        place.execute("DROP TABLE IF EXISTS octany_inbox, octany_migrations").await;
        let store = place.store().await;
        let (mut first, mut second) = (letter("first"), letter("second"));
        (first.key, second.key) = ("k".to_owned(), "k".to_owned());
        store.put(&first).await.unwrap();
        store.put(&second).await.unwrap();
        place.execute("UPDATE octany_inbox SET state = 2, due_at = 0 WHERE arrival = 1").await;
        let mut other = place.options().connect().await.unwrap();
        // The call finds the second one, and waits for its row.
        other.execute("BEGIN; SELECT 1 FROM octany_inbox FOR UPDATE").await.unwrap();
        let claiming = store.clone();
        let claimed = tokio::spawn(async move { claim(&claiming).await });
        while !claimed.is_finished() && !place.somebody_waits().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        other.execute(harm).await.unwrap();
        other.execute("COMMIT").await.unwrap();
        assert!(claimed.await.unwrap().is_empty(), "{harm}");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_too_long_is_rejected_and_never_cut() {
    let place = Place::new().await;
    place.store().await.close().await;
    let store = MySqlStore::new(place.pool_with("SET sql_mode = '', NAMES latin1").await);
    let label = |label: &str| VerifiedBody::danger_verified_before_storing("{}", label);
    let mut longest = letter(&"å".repeat(512));
    longest.key = format!("subscription:{}", "å".repeat(512));
    longest.event = "🦀".repeat(500);
    longest.body = label(&"å".repeat(512));
    assert_eq!(store.put(&longest).await.unwrap(), Put::Stored);

    let mut too_long = vec![letter(&"x".repeat(1025)), letter("a"), letter("b"), letter("c")];
    too_long[1].key = "x".repeat(1041);
    too_long[2].event = "x".repeat(2001);
    too_long[3].body = label(&"x".repeat(1025));
    for letter in &too_long {
        assert_eq!(kind(store.put(letter).await), StoreErrorKind::Rejected);
    }
    let claimed = InboxStore::claim(&store, at(0), LEASE, 9).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let (got, token) = (&claimed[0].letter, claimed[0].token);
    assert_eq!((&got.id, &got.key, &got.event), (&longest.id, &longest.key, &longest.event));
    assert_eq!(got.body.secret_label(), longest.body.secret_label());

    let (id, long_id) = (&longest.id, "x".repeat(1025).as_str().into());
    let (error, long_error) = ("🦀".repeat(500), "x".repeat(2001));
    let kinds = [
        kind(store.retry(id, token, at(1), &long_error).await),
        kind(store.bury(id, token, &long_error, at(1)).await),
        kind(store.extend(&long_id, token, at(1)).await),
        kind(store.done(&long_id, token, at(1)).await),
        kind(store.postpone(&long_id, ClaimToken::random(), at(1)).await),
        kind(store.replay(&long_id).await),
        kind(store.discard(&long_id).await),
    ];
    assert_eq!(kinds, [StoreErrorKind::Rejected; 7]);
    assert!(store.bury(id, token, &error, at(1)).await.unwrap());
    assert_eq!(store.dead(0, 9).await.unwrap()[0].last_error, error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_cannot_be_read_does_not_hold_up_the_others() {
    let place = Place::new().await;
    let store = place.store().await;
    for id in ["one", "no instant", "no text", "other"] {
        put(&store, id).await;
    }
    let damage = "UPDATE octany_inbox SET received_at = 9223372036854775807
            WHERE delivery_id = 'no instant';
        UPDATE octany_inbox SET event_name = X'FF' WHERE delivery_id = 'no text'";
    place.execute(damage).await;
    let mut claimed = InboxStore::claim(&store, at(0), LEASE, 9).await.unwrap();
    claimed.sort_by(|one, other| one.letter.id.cmp(&other.letter.id));
    assert_eq!(claimed.len(), 2);
    assert_eq!((&*claimed[0].letter.key, &*claimed[1].letter.key), ("one", "other"));
    for claimed in claimed {
        assert!(store.done(&claimed.letter.id, claimed.token, at(1)).await.unwrap());
    }
    let damaged = InboxStore::claim(&store, at(60), LEASE, 9).await;
    assert_eq!(kind(damaged), StoreErrorKind::Corrupt, "nor is it passed over in silence");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_key_the_server_lets_one_run() {
    let place = Place::new().await;
    let store = place.store().await;
    for id in ["one", "other"] {
        let mut letter = letter(id);
        letter.key = "k".to_owned();
        store.put(&letter).await.unwrap();
    }
    let mut connection = place.options().connect().await.unwrap();
    let both = connection.execute("UPDATE octany_inbox SET state = 1").await;
    assert!(both.unwrap_err().as_database_error().unwrap().is_unique_violation());
    let done = "UPDATE octany_inbox SET state = 3; SELECT COUNT(running_key) FROM octany_inbox";
    let rows = connection.fetch_all(done).await.unwrap();
    assert_eq!(rows[0].get::<i64, _>(0), 0);
}
