//! What was delivered is stored, acknowledged, and handled in the background until it succeeds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

#[path = "../common/mod.rs"]
mod common;
mod failures;
mod order;
mod outages;
mod stopping;
mod support;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use common::{event, ok, statuses, updated};
use octany_core::Event;
use octany_entitlement::{
    Begun, Depth, Inbox, MemoryStore, Put, Receipt, ReceiveError, Receiver, StoreErrorKind,
};
use serde_json::json;
use support::{Calls, TokioClock, front, put, spawn, until, work_off};

#[tokio::test(start_paused = true)]
async fn a_delivery_is_acknowledged_when_it_is_stored_and_handled_once() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let behind = Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
    let (counted, seen) = (calls.clone(), store.clone());
    let inbox = Inbox::builder(store.clone(), behind, move |event: Arc<Event>| {
        let (counted, seen) = (counted.clone(), seen.clone());
        async move {
            counted.add();
            assert_eq!(event.id, "1");
            assert_eq!(statuses(&seen, "user").await, ["active"], "its report is known by now");
            Ok::<_, String>(())
        }
    });
    let inbox = inbox.clock(TokioClock::start()).build();

    let front = front(&inbox);
    let delivery = updated(1, 0, "active");
    assert_eq!(front.receive(&delivery, ok).await.unwrap(), Receipt::Accepted);
    assert!(statuses(&store, "user").await.is_empty(), "and nothing else is done in front");
    assert_eq!(front.receive(&delivery, ok).await.unwrap(), Receipt::Duplicate);
    assert!(matches!(front.begin(&delivery).await.unwrap(), Begun::Duplicate));
    assert_eq!(inbox.depth().await.unwrap(), Depth { waiting: 1, running: 0, dead: 0 });

    work_off(&inbox).await;
    assert_eq!(calls.count(), 1);
    assert_eq!(front.receive(&delivery, ok).await.unwrap(), Receipt::Duplicate);
    work_off(&inbox).await;
    assert_eq!(calls.count(), 1, "what is done is not handled again");
}

#[tokio::test(start_paused = true)]
async fn what_this_process_puts_does_not_wait_for_the_next_look() {
    let (calls, day) = (Calls::default(), Duration::from_hours(24));
    let counted = calls.clone();
    let inbox = Inbox::builder(MemoryStore::new(), Receiver::builder().build(), move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.poll(day).clock(TokioClock::start()).build();
    spawn(&inbox);
    let started = tokio::time::Instant::now();
    for id in 1..=3 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        // Of one key: the second becomes free when the first ends.
        put(&inbox, &[updated(id * 2, 0, "active"), updated(id * 2 + 1, 1, "active")]).await;
        until(|| calls.count() == usize::try_from(id).unwrap() * 2).await;
    }
    assert!(started.elapsed() < day, "time is the test's own");
}

#[tokio::test(start_paused = true)]
async fn what_another_node_puts_is_found_by_looking() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let clock = TokioClock::start();
    let counted = calls.clone();
    let here = Inbox::builder(store.clone(), Receiver::builder().build(), move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    spawn(&here.clock(clock).build());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let elsewhere =
        Inbox::builder(store, Receiver::builder().build(), |_| async { Err("not here") });
    put(&elsewhere.clock(clock).build(), &[updated(1, 0, "active")]).await;
    until(|| calls.count() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_handled_before_there_was_an_inbox_is_not_handled_again() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let behind = Receiver::builder().deliveries(store.clone()).build();
    behind.receive(&updated(1, 0, "active"), ok).await.unwrap();
    let counted = calls.clone();
    let inbox = Inbox::builder(store, behind, move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.clock(TokioClock::start()).build();
    put(&inbox, &[updated(1, 0, "active"), updated(2, 1, "active")]).await;
    work_off(&inbox).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_event_is_handled() {
    let calls = Calls::default();
    let counted = calls.clone();
    let inbox = Inbox::builder(MemoryStore::new(), Receiver::builder().build(), move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.clock(TokioClock::start()).build();
    let events = [
        event(1, "order.paid", 0, &json!({"id": 5})),
        event(2, "order.confirmed", 0, &json!([])),
        event(3, "test.hook", 0, &json!([])),
        event(4, "new\0kind", 0, &json!(1)),
        updated(5, 0, "active"),
    ];
    put(&inbox, &events).await;
    work_off(&inbox).await;
    assert_eq!(calls.count(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_inbox_is_never_behind_itself() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let clock = TokioClock::start();
    let first = Inbox::builder(store.clone(), Receiver::builder().build(), |_| async { Err("no") });
    let with_inbox = Receiver::builder().inbox(first.build()).build();
    let counted = calls.clone();
    let inbox = Inbox::builder(store, with_inbox, move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.clock(clock).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    work_off(&inbox).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test]
async fn an_event_without_its_body_is_refused() {
    let inbox =
        Inbox::builder(MemoryStore::new(), Receiver::builder().build(), |_| async { Err("no") });
    let inbox = inbox.build();
    let owned = updated(1, 0, "active").into_owned();
    let Err(ReceiveError::Store(error)) = front(&inbox).receive(&owned, ok).await else {
        panic!("it cannot be stored as it was verified");
    };
    assert_eq!(error.kind(), StoreErrorKind::Rejected);
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
}

#[tokio::test(start_paused = true)]
async fn what_was_done_long_ago_is_forgotten_in_the_background() {
    let (store, clock) = (Arc::new(MemoryStore::new()), TokioClock::start());
    let inbox =
        Inbox::builder(store, Receiver::builder().build(), |_| async { Ok::<_, String>(()) });
    let inbox = inbox.retention(TimeDelta::days(2).to_std().unwrap()).clock(clock).build();
    let delivery = updated(1, 0, "active");
    put(&inbox, std::slice::from_ref(&delivery)).await;
    spawn(&inbox);
    tokio::time::sleep(Duration::from_hours(47)).await;
    assert_eq!(inbox.put(&delivery).await.unwrap(), Put::Known);
    tokio::time::sleep(Duration::from_hours(3)).await;
    assert_eq!(inbox.put(&delivery).await.unwrap(), Put::Stored);
}
