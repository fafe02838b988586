//! What fails is tried again, and then looked at by somebody.

use std::sync::Arc;
use std::time::Duration;

use octany_core::signature::VerifiedBody;
use octany_core::{DeliveryId, Event};
use octany_entitlement::{
    DeliveryLog, Inbox, InboxStore, Letter, ManualClock, MemoryStore, Receiver,
};

use crate::common::{at, updated};
use crate::support::{Calls, TokioClock, put, spawn, until, work_off};

/// An inbox whose handler fails so often.
fn failing(times: usize, calls: &Calls) -> octany_entitlement::InboxBuilder {
    let calls = calls.clone();
    Inbox::builder(MemoryStore::new(), Receiver::builder().build(), move |_| {
        let call = calls.add();
        async move { if call > times { Ok(()) } else { Err(format!("failed for the {call}th time")) } }
    })
    .clock(TokioClock::start())
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_is_tried_again_until_it_succeeds() {
    let calls = Calls::default();
    let inbox = failing(11, &calls).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    work_off(&inbox).await;
    assert_eq!(calls.count(), 12);
    assert!(inbox.dead(0, 9).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_poisonous_delivery_ends_as_a_dead_letter_and_can_be_replayed() {
    let calls = Calls::default();
    let inbox = failing(5, &calls).attempts(3).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    work_off(&inbox).await;
    assert_eq!(calls.count(), 3);
    let dead = inbox.dead(0, 9).await.unwrap().remove(0);
    assert_eq!((dead.id.as_str(), dead.attempts), ("1", 3));
    assert_eq!(
        (dead.key.as_str(), dead.event.as_str()),
        ("subscription:1", "subscription.updated")
    );
    assert_eq!(dead.last_error, "failed for the 3th time");

    assert!(!inbox.replay(&2.into()).await.unwrap());
    assert!(inbox.replay(&1.into()).await.unwrap());
    work_off(&inbox).await;
    assert_eq!(calls.count(), 6, "it had all its attempts again");
    assert!(inbox.dead(0, 9).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn all_are_replayed_or_given_up_at_once() {
    let calls = Calls::default();
    let inbox = failing(4, &calls).attempts(1).build();
    spawn(&inbox);
    put(&inbox, &[updated(1, 0, "active"), updated(2, 1, "active")]).await;
    until(|| calls.count() == 2).await;
    assert_eq!(inbox.replay_all().await.unwrap(), 2);
    until(|| calls.count() == 4).await;
    assert_eq!(inbox.depth().await.unwrap().dead, 2);
    assert!(inbox.discard(&1.into()).await.unwrap());
    assert_eq!(inbox.replay_all().await.unwrap(), 1);
    until(|| calls.count() == 5).await;
    assert_eq!(inbox.depth().await.unwrap().dead, 0);
}

/// An inbox whose process has died so often while it handled a letter.
async fn after_deaths(deaths: i64, attempts: u32, calls: &Calls) -> Inbox {
    let (store, clock, calls) =
        (Arc::new(MemoryStore::new()), ManualClock::at(at(0)), calls.clone());
    let inbox = Inbox::builder(store.clone(), Receiver::builder().build(), move |_| {
        calls.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.attempts(attempts).clock(clock.clone()).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    for death in 0..deaths {
        let now = at(death * 60);
        let claimed = InboxStore::claim(&store, now, Duration::from_mins(1), 1).await.unwrap();
        assert_eq!(claimed.len(), 1);
    }
    clock.set(at(deaths * 60));
    work_off(&inbox).await;
    inbox
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_kills_the_process_ends_as_a_dead_letter() {
    for (attempts, deaths) in [(12, 13), (1, 5)] {
        let calls = Calls::default();
        let inbox = after_deaths(deaths - 1, attempts, &calls).await;
        assert_eq!((calls.count(), inbox.depth().await.unwrap().dead), (1, 0), "it is tried");
        let inbox = after_deaths(deaths, attempts, &calls).await;
        assert_eq!((calls.count(), inbox.depth().await.unwrap().dead), (1, 1), "and not for ever");
        let dead = inbox.dead(0, 1).await.unwrap().remove(0);
        assert!(dead.last_error.contains("lease"), "{}", dead.last_error);
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_has_failed() {
    let calls = Calls::default();
    for at_once in [true, false] {
        let counted = calls.clone();
        let handler = move |_: Arc<Event>| {
            assert!(!at_once || counted.add().is_multiple_of(2), "before it gives a future");
            let counted = counted.clone();
            async move {
                tokio::task::yield_now().await;
                assert!(at_once || counted.add().is_multiple_of(2), "in its future");
                Ok::<_, String>(())
            }
        };
        let inbox = Inbox::builder(MemoryStore::new(), Receiver::builder().build(), handler);
        let inbox = inbox.attempts(2).clock(TokioClock::start()).build();
        put(&inbox, &[updated(1, 0, "active")]).await;
        work_off(&inbox).await;
        assert!(inbox.dead(0, 9).await.unwrap().is_empty(), "it succeeded the second time");
    }
    assert_eq!(calls.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_panic_tells_nothing_but_that_it_was_one() {
    let handler = |_: Arc<Event>| async { std::panic::resume_unwind(Box::new("user_42")) };
    let inbox =
        Inbox::builder::<_, _, String>(MemoryStore::new(), Receiver::builder().build(), handler);
    let inbox = inbox.attempts(1).clock(TokioClock::start()).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    work_off(&inbox).await;
    assert_eq!(inbox.dead(0, 9).await.unwrap()[0].last_error, "the handler panicked");
}

#[tokio::test(start_paused = true)]
async fn an_error_is_kept_as_far_as_every_database_can() {
    let handler = |_: Arc<Event>| async { Err(format!("no\0thing{}", "å".repeat(1000))) };
    let inbox = Inbox::builder(MemoryStore::new(), Receiver::builder().build(), handler);
    let inbox = inbox.attempts(1).clock(TokioClock::start()).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    work_off(&inbox).await;
    let kept = &inbox.dead(0, 9).await.unwrap()[0].last_error;
    assert_eq!(kept.chars().count(), 500);
    assert!(!kept.contains('\0'));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_no_event_any_more_is_dead_at_once() {
    let (store, calls) = (Arc::new(MemoryStore::new()), Calls::default());
    let mut letter = Letter::of(&updated(1, 0, "active"), at(0)).unwrap();
    letter.body = VerifiedBody::danger_verified_before_storing(r#"{"id":1}"#, "default");
    store.put(&letter).await.unwrap();
    let counted = calls.clone();
    let inbox = Inbox::builder(store, Receiver::builder().build(), move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.clock(TokioClock::start()).build();
    work_off(&inbox).await;
    let dead = inbox.dead(0, 9).await.unwrap().remove(0);
    assert_eq!((dead.attempts, dead.last_error.as_str()), (1, "`name` is missing"));
    assert_eq!(calls.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_has_in_the_delivery_log_waits_without_an_attempt() {
    let (store, clock) = (Arc::new(MemoryStore::new()), ManualClock::at(at(0)));
    let id = DeliveryId::from(1);
    DeliveryLog::claim(&store, &id, at(0), Duration::from_mins(1)).await.unwrap();
    let behind = Receiver::builder().deliveries(store.clone()).clock(clock.clone()).build();
    let calls = Calls::default();
    let counted = calls.clone();
    let inbox = Inbox::builder(store, behind, move |_| {
        counted.add();
        async { Ok::<_, String>(()) }
    });
    let inbox = inbox.attempts(1).clock(TokioClock::start()).build();
    put(&inbox, &[updated(1, 0, "active")]).await;
    spawn(&inbox);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(calls.count(), 0);
    assert_eq!(inbox.depth().await.unwrap().waiting, 1);
    clock.advance(chrono::TimeDelta::minutes(1));
    until(|| calls.count() == 1).await;
    work_off(&inbox).await;
    assert!(inbox.dead(0, 9).await.unwrap().is_empty());
}
