//! A worker that ends, one way or another, loses nothing.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use octany_core::Event;
use octany_entitlement::{
    Claim, Clock, DeliveryLog, Inbox, InboxBuilder, InboxStore, MemoryStore, Receiver,
};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::common::updated;
use crate::support::{Calls, FragileInbox, TokioClock, put, spawn, until, work_off};

/// An inbox whose handler takes so long.
fn slow(
    store: &Arc<MemoryStore>,
    clock: TokioClock,
    time: Duration,
    calls: &Calls,
) -> InboxBuilder {
    let calls = calls.clone();
    let handler = move |_: Arc<Event>| {
        let calls = calls.clone();
        async move {
            tokio::time::sleep(time).await;
            calls.add();
            Ok::<_, String>(())
        }
    };
    Inbox::builder(store.clone(), Receiver::builder().build(), handler).clock(clock)
}

const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn who_is_told_to_stop_ends_what_runs_and_takes_no_more() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let inbox = slow(&store, TokioClock::start(), HOUR, &calls).workers(1).build();
    put(&inbox, &[updated(1, 0, "active"), updated(2, 1, "active")]).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let run = tokio::spawn(inbox.clone().run(async { drop(stopped.await) }));
    tokio::time::sleep(SECOND).await;
    stop.send(()).unwrap();
    run.await.unwrap();
    assert_eq!(calls.count(), 1, "the one that ran has ended");
    let depth = inbox.depth().await.unwrap();
    assert_eq!((depth.waiting, depth.running), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_stop_before_it_began_does_nothing() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let inbox = slow(&store, TokioClock::start(), SECOND, &calls).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    inbox.clone().run(async {}).await;
    assert_eq!((calls.count(), inbox.depth().await.unwrap().waiting), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn what_has_not_ended_in_time_is_given_back() {
    let (store, clock, calls) =
        (Arc::new(MemoryStore::new()), TokioClock::start(), Calls::default());
    let inbox = slow(&store, clock, HOUR, &calls).finish_within(SECOND).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    inbox.clone().run(tokio::time::sleep(SECOND)).await;
    tokio::task::yield_now().await;
    assert_eq!(calls.count(), 0);
    let depth = inbox.depth().await.unwrap();
    assert_eq!((depth.waiting, depth.running), (1, 0), "nobody has to wait for its lease");
    work_off(&slow(&store, clock, SECOND, &calls).build()).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn it_is_given_back_before_the_worker_returns() {
    let (store, clock) = (Arc::new(FragileInbox::default()), TokioClock::start());
    store.slow.store(true, Ordering::SeqCst);
    let log = Arc::new(MemoryStore::new());
    let behind = Receiver::builder().deliveries(log.clone()).clock(clock).build();
    let handler = |_| pending::<Result<(), String>>();
    let inbox = Inbox::builder(store, behind, handler).clock(clock).finish_within(SECOND).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    inbox.clone().run(tokio::time::sleep(SECOND)).await;
    // After this, the process ends.
    let depth = inbox.depth().await.unwrap();
    assert_eq!((depth.waiting, depth.running), (1, 0));
    let claim = DeliveryLog::claim(&log, &1.into(), clock.now(), SECOND).await.unwrap();
    assert!(matches!(claim, Claim::Fresh(_)), "nor does its delivery wait for a lease");
}

#[tokio::test(start_paused = true)]
async fn what_was_claimed_and_not_begun_is_given_back() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let inbox = slow(&store, TokioClock::start(), HOUR, &calls).finish_within(Duration::ZERO);
    let inbox = inbox.build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    let looking = inbox.clone();
    let claimed = async move {
        while looking.depth().await.unwrap().running == 0 {
            tokio::task::yield_now().await;
        }
    };
    inbox.clone().run(claimed).await;
    let depth = inbox.depth().await.unwrap();
    assert_eq!((depth.waiting, depth.running), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_cannot_reach_the_store_stops_before_somebody_else_begins() {
    let (store, clock) = (Arc::new(MemoryStore::new()), TokioClock::start());
    let (here, ended) =
        (FragileInbox { inner: store.clone(), ..Default::default() }, Calls::default());
    let here = Arc::new(here);
    let (begun, dropped) = (Arc::new(Notify::new()), ended.clone());
    let begins = Arc::clone(&begun);
    let lost = Inbox::builder(here.clone(), Receiver::builder().build(), move |_| {
        let guard = CountDrop(dropped.clone());
        begins.notify_one();
        async move {
            pending::<()>().await;
            drop(guard);
            Ok::<_, String>(())
        }
    });
    let lost = lost.clock(clock).build();
    put(&lost, &[updated(1, 0, "active")]).await;
    spawn(&lost);
    begun.notified().await;
    here.away.store(true, Ordering::SeqCst);
    let calls = Calls::default();
    let counted = calls.clone();
    let other = Inbox::builder(store, Receiver::builder().build(), move |_| {
        assert_eq!(ended.count(), 1, "one at a time");
        counted.add();
        async { Ok::<_, String>(()) }
    });
    work_off(&other.clock(clock).attempts(1).build()).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_stop_does_not_wait_for_a_store_that_says_nothing() {
    let store = Arc::new(FragileInbox::default());
    store.silent.store(true, Ordering::SeqCst);
    let inbox = Inbox::builder(store, Receiver::builder().build(), |_| async { Err("no") });
    let run = inbox.clock(TokioClock::start()).build().run(tokio::time::sleep(SECOND));
    tokio::time::timeout(SECOND * 10, run).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_may_have_no_end() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let inbox = slow(&store, TokioClock::start(), SECOND, &calls).lease(Duration::MAX).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    work_off(&inbox).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_dropped_gives_back_what_it_had() {
    let (store, clock, calls) =
        (Arc::new(MemoryStore::new()), TokioClock::start(), Calls::default());
    let inbox = slow(&store, clock, HOUR, &calls).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    let run = spawn(&inbox);
    tokio::time::sleep(SECOND).await;
    run.abort();
    let dropped = Instant::now();
    work_off(&slow(&store, clock, SECOND, &calls).build()).await;
    assert_eq!(calls.count(), 1);
    assert!(dropped.elapsed() < Duration::from_secs(30), "nobody had to wait for its lease");
}

#[test]
fn what_a_dead_process_had_is_taken_up_when_its_lease_ends() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap()
    };
    let dead = runtime();
    dead.block_on(async {
        let inbox = slow(&store, TokioClock::start(), HOUR, &calls).build();
        put(&inbox, &[updated(1, 0, "active")]).await;
        spawn(&inbox);
        tokio::time::sleep(SECOND).await;
        assert_eq!(inbox.depth().await.unwrap().running, 1);
    });
    // Its tasks get no chance to say anything.
    drop(dead);
    runtime().block_on(async {
        let inbox = slow(&store, TokioClock::start(), SECOND, &calls).build();
        assert_eq!(inbox.depth().await.unwrap().running, 1);
        work_off(&inbox).await;
        assert_eq!(calls.count(), 1);
    });
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_longer_than_the_lease() {
    let (store, clock, calls) =
        (Arc::new(MemoryStore::new()), TokioClock::start(), Calls::default());
    let (one, other) =
        (slow(&store, clock, HOUR, &calls).build(), slow(&store, clock, HOUR, &calls).build());
    put(&one, &[updated(1, 0, "active")]).await;
    spawn(&one);
    work_off(&other).await;
    tokio::time::sleep(HOUR * 3).await;
    assert_eq!(calls.count(), 1, "the other never got it");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_lost_its_letter_stops_its_handler() {
    let (store, clock) = (Arc::new(MemoryStore::new()), TokioClock::start());
    let (begun, dropped) = (Arc::new(Notify::new()), Calls::default());
    let handler = {
        let (begun, dropped) = (Arc::clone(&begun), dropped.clone());
        move |_: Arc<Event>| {
            let (begun, guard) = (Arc::clone(&begun), CountDrop(dropped.clone()));
            async move {
                begun.notify_one();
                pending::<()>().await;
                drop(guard);
                Ok::<_, String>(())
            }
        }
    };
    let inbox = Inbox::builder(store.clone(), Receiver::builder().build(), handler);
    let inbox = inbox.clock(clock).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    spawn(&inbox);
    begun.notified().await;
    // Somebody whose clock is far ahead takes it.
    let ahead = crate::common::at(1_000_000);
    let taken = InboxStore::claim(&store, ahead, HOUR, 1).await.unwrap().remove(0);
    until(|| dropped.count() == 1).await;
    assert!(store.done(&taken.letter.id, taken.token, ahead).await.unwrap());
}

struct CountDrop(Calls);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.add();
    }
}
