//! An inbox in a file: what was put is handled, whatever becomes of nodes and files.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

#[path = "../common/mod.rs"]
mod common;
mod damaged;
mod nodes;

use std::sync::Arc;
use std::time::Duration;

use common::{Place, at, kind};
use nodes::{LONG_LEASE, Seen, node, order, orders, put_all, run_and_kill, work_off};
use octany_core::Event;
use octany_core::signature::VerifiedBody;
use octany_entitlement::{
    DeliveryLog, Inbox, InboxStore, Letter, Put, Receiver, StoreErrorKind, SubscriptionStore,
};
use octany_sqlx::SqliteStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_handle_each_delivery_once_and_in_order() {
    let (place, seen) = (Place::new(), Seen::default());
    let one = node(&place.store().await, &seen).workers(4).lease(LONG_LEASE).build();
    let other = node(&place.store().await, &seen).workers(4).lease(LONG_LEASE).build();
    put_all(&one, orders(10, 20)).await;
    tokio::join!(work_off(one), work_off(other.clone()));
    seen.assert_once_and_in_order(10, 20);
    assert!(other.dead(0, 9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_is_killed_at_any_point_loses_nothing() {
    let (place, seen) = (Place::new(), Seen::default());
    let last = node(&place.store().await, &seen).build();
    put_all(&last, orders(10, 10)).await;
    for round in 0..12_u64 {
        let (path, seen) = (place.path(), seen.clone());
        let killed = tokio::task::spawn_blocking(move || {
            run_and_kill(Duration::from_millis(5 + round * 13 % 60), async move || {
                node(&SqliteStore::open(path).await.unwrap(), &seen).workers(4).build()
            });
        });
        killed.await.unwrap();
    }
    work_off(last.clone()).await;
    seen.assert_all_and_first_in_order(10, 10);
    assert!(last.dead(0, 9).await.unwrap().is_empty(), "nobody's fault");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_is_dropped_at_any_point_loses_nothing() {
    let (place, seen) = (Place::new(), Seen::default());
    let inbox = node(&place.store().await, &seen).workers(4).build();
    put_all(&inbox, orders(10, 10)).await;
    for round in 0..40_u64 {
        let time = Duration::from_millis(round * 7 % 23);
        let run = inbox.clone().run(std::future::pending());
        assert!(tokio::time::timeout(time, run).await.is_err());
    }
    work_off(inbox.clone()).await;
    seen.assert_all_and_first_in_order(10, 10);
    assert!(inbox.dead(0, 9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_outlives_the_process() {
    let (place, seen) = (Place::new(), Seen::default());
    let store = place.store().await;
    assert_eq!(node(&store, &seen).build().put(&order(1, 0)).await.unwrap(), Put::Stored);
    store.close().await;
    let again = node(&place.store().await, &seen).lease(LONG_LEASE).build();
    assert_eq!(again.put(&order(1, 0)).await.unwrap(), Put::Known);
    work_off(again).await;
    seen.assert_once_and_in_order(1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_its_file_is_away_an_inbox_takes_nothing_and_then_goes_on() {
    let (place, seen) = (Place::new(), Seen::default());
    let inbox = node(&place.store().await, &seen).lease(LONG_LEASE).build();
    inbox.put(&order(1, 0)).await.unwrap();
    std::fs::rename(place.path(), place.at("away")).unwrap();
    assert_eq!(kind(inbox.put(&order(1, 1)).await), StoreErrorKind::Unavailable);
    let run = inbox.clone().run(tokio::time::sleep(Duration::from_millis(100)));
    run.await;
    assert_eq!(seen.different(), 0);
    std::fs::rename(place.at("away"), place.path()).unwrap();
    inbox.put(&order(1, 1)).await.unwrap();
    work_off(inbox).await;
    seen.assert_once_and_in_order(1, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_state_is_away_deliveries_wait_and_no_attempt_is_counted() {
    let place = Place::new();
    let letters = place.store().await;
    let state = SqliteStore::open(place.at("state.db")).await.unwrap();
    let behind = Receiver::builder().store(state.clone()).build();
    let inbox = Inbox::builder(letters, behind, |_: Arc<Event>| async { Ok::<_, String>(()) });
    let pause = Duration::from_millis(10);
    let inbox = inbox.attempts(1).backoff(pause, pause).poll(pause).build();
    let body = r#"{"id":1,"name":"subscription.updated","created_at":"2026-03-01T12:00:00Z",
        "data":{"id":1,"status":"active","reference_id":"user_42"}}"#;
    let body = VerifiedBody::danger_verified_before_storing(body, "default");
    inbox.put(&Event::parse(body).unwrap()).await.unwrap();

    std::fs::rename(place.at("state.db"), place.at("away")).unwrap();
    inbox.clone().run(tokio::time::sleep(Duration::from_millis(300))).await;
    let depth = inbox.depth().await.unwrap();
    assert_eq!((depth.waiting, depth.dead), (1, 0));
    std::fs::rename(place.at("away"), place.at("state.db")).unwrap();
    work_off(inbox.clone()).await;
    assert_eq!(inbox.depth().await.unwrap().dead, 0);
    assert_eq!(state.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_settled_a_letter_may_say_so_again() {
    let place = Place::new();
    let store = place.store().await;
    let lease = Duration::from_mins(1);
    for (number, id) in ["done", "retried", "postponed", "buried"].iter().enumerate() {
        let mut letter = Letter::of(&order(number, 0), at(0)).unwrap();
        letter.id = (*id).into();
        store.put(&letter).await.unwrap();
    }
    let claimed = InboxStore::claim(&store, at(0), lease, 9).await.unwrap();
    let token = claimed[0].token;
    for _ in 0..2 {
        assert!(store.done(&"done".into(), token, at(1)).await.unwrap());
        assert!(store.retry(&"retried".into(), token, at(2), "why").await.unwrap());
        assert!(store.postpone(&"postponed".into(), token, at(2)).await.unwrap());
        assert!(store.bury(&"buried".into(), token, "why", at(1)).await.unwrap());
    }
    let claimed = InboxStore::claim(&store, at(2), lease, 9).await.unwrap();
    let attempts = |id: &str| claimed.iter().find(|one| one.letter.id == *id).unwrap().attempts;
    assert_eq!((attempts("retried"), attempts("postponed")), (1, 0), "counted once");
    assert_eq!(store.dead(0, 9).await.unwrap()[0].attempts, 1);
    assert!(
        !store.complete(&"done".into(), token, at(1)).await.unwrap(),
        "a log is something else"
    );
}
