//! A store that is away costs time, and no delivery.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use octany_entitlement::{Inbox, MemoryStore, Receipt, ReceiveError, Receiver, StoreErrorKind};

use crate::common::{Fragile, ok, statuses, updated};
use crate::support::{Calls, FragileInbox, TokioClock, front, put, spawn, until, work_off};

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stored_is_refused() {
    let store = Arc::new(FragileInbox::default());
    let inbox = Inbox::builder(store.clone(), Receiver::builder().build(), |_| async { Err("no") });
    let front = front(&inbox.build());
    store.away.store(true, Ordering::SeqCst);
    let delivery = updated(1, 0, "active");
    let Err(ReceiveError::Store(error)) = front.receive(&delivery, ok).await else {
        panic!("nothing is acknowledged");
    };
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    store.away.store(false, Ordering::SeqCst);
    assert_eq!(front.receive(&delivery, ok).await.unwrap(), Receipt::Accepted);
}

#[tokio::test(start_paused = true)]
async fn an_outage_makes_no_dead_letters() {
    let (fragile, calls) = (Fragile::default(), Calls::default());
    let away = fragile.away.clone();
    let fragile = Arc::new(fragile);
    let behind = Receiver::builder().store(fragile.clone()).build();
    let counted = calls.clone();
    let inbox = Inbox::builder(MemoryStore::new(), behind, move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.attempts(1).clock(TokioClock::start()).build();
    away.store(true, Ordering::SeqCst);
    put(&inbox, &[updated(1, 0, "active"), updated(2, 1, "unpaid")]).await;
    spawn(&inbox);
    tokio::time::sleep(Duration::from_hours(24)).await;
    assert_eq!(calls.count(), 0, "no handler runs before the report is stored");
    assert_eq!(inbox.depth().await.unwrap().dead, 0);
    away.store(false, Ordering::SeqCst);
    let back = tokio::time::Instant::now();
    until(|| calls.count() == 2).await;
    assert!(back.elapsed() < Duration::from_mins(2), "nobody waits much longer than the outage");
    assert_eq!(statuses(&fragile.inner, "user").await, ["unpaid"]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_succeeded_is_not_run_again_because_that_could_not_be_written_down() {
    let (store, calls) = (Arc::new(FragileInbox::default()), Calls::default());
    let counted = calls.clone();
    let inbox = Inbox::builder(store.clone(), Receiver::builder().build(), move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.clock(TokioClock::start()).build();
    store.unsettled.store(true, Ordering::SeqCst);
    put(&inbox, &[updated(1, 0, "active")]).await;
    spawn(&inbox);
    tokio::time::sleep(Duration::from_secs(30)).await;
    store.unsettled.store(false, Ordering::SeqCst);
    work_off(&inbox).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_that_takes_longer_than_the_lease_the_delivery_log_remembers() {
    let (store, calls) = (Arc::new(FragileInbox::default()), Calls::default());
    let behind = Receiver::builder().deliveries(MemoryStore::new()).build();
    let counted = calls.clone();
    let inbox = Inbox::builder(store.clone(), behind, move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.clock(TokioClock::start()).build();
    store.unsettled.store(true, Ordering::SeqCst);
    put(&inbox, &[updated(1, 0, "active")]).await;
    spawn(&inbox);
    tokio::time::sleep(Duration::from_mins(10)).await;
    store.unsettled.store(false, Ordering::SeqCst);
    work_off(&inbox).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_was_away_goes_on_by_itself() {
    let (store, calls) = (Arc::new(FragileInbox::default()), Calls::default());
    let counted = calls.clone();
    let inbox = Inbox::builder(store.clone(), Receiver::builder().build(), move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.clock(TokioClock::start()).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    store.away.store(true, Ordering::SeqCst);
    spawn(&inbox);
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(calls.count(), 0);
    store.away.store(false, Ordering::SeqCst);
    until(|| calls.count() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_said_nothing_is_asked_again() {
    let (store, calls) = (Arc::new(FragileInbox::default()), Calls::default());
    let (counted, silenced) = (calls.clone(), store.clone());
    let inbox = Inbox::builder(store.clone(), Receiver::builder().build(), move |_| {
        silenced.silent.store(counted.add() == 1, Ordering::SeqCst);
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.workers(1).clock(TokioClock::start()).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    store.silent.store(true, Ordering::SeqCst);
    spawn(&inbox);
    tokio::time::sleep(Duration::from_hours(1)).await;
    store.silent.store(false, Ordering::SeqCst);
    tokio::time::timeout(Duration::from_mins(2), until(|| calls.count() == 1)).await.unwrap();
    // It says nothing to this one's end, either.
    tokio::time::sleep(Duration::from_hours(1)).await;
    store.silent.store(false, Ordering::SeqCst);
    tokio::time::timeout(Duration::from_mins(2), until(|| calls.count() == 2)).await.unwrap();
}
