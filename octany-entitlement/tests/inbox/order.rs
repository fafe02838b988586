//! In order for each subscription, and side by side for several.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use octany_core::Event;
use octany_entitlement::{Inbox, MemoryStore, Receiver};
use serde_json::json;
use tokio::sync::Barrier;

use crate::common::event;
use crate::support::{TokioClock, put, work_off};

fn of(subscription: u64, seconds: u64) -> Event {
    let data = json!({"id": subscription, "status": "active", "reference_id": "user"});
    let id = subscription * 1_000 + seconds;
    event(id, "subscription.updated", i64::try_from(seconds).unwrap(), &data)
}

#[tokio::test(start_paused = true)]
async fn one_subscription_is_handled_one_by_one_and_in_order() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (write, running) = (Arc::clone(&seen), Arc::new(Mutex::new(())));
    let handler = move |event: Arc<Event>| {
        let (write, running) = (Arc::clone(&write), Arc::clone(&running));
        async move {
            let _alone = running.try_lock().map_err(|_| "two at once")?;
            write.lock().unwrap().push(event.id.to_string());
            Ok::<_, &str>(())
        }
    };
    let inbox = Inbox::builder(MemoryStore::new(), Receiver::builder().build(), handler);
    let inbox = inbox.attempts(1).clock(TokioClock::start()).build();
    put(&inbox, &[of(1, 3), of(1, 1), of(1, 9), of(1, 2)]).await;
    work_off(&inbox).await;
    assert_eq!(*seen.lock().unwrap(), ["1001", "1002", "1003", "1009"]);
    assert!(inbox.dead(0, 9).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn several_subscriptions_are_handled_side_by_side_by_as_many_as_there_are_workers() {
    let four = Arc::new(Barrier::new(4));
    let most = Arc::new(Mutex::new((0, 0)));
    let (meet, count) = (Arc::clone(&four), Arc::clone(&most));
    let handler = move |_| {
        let (meet, count) = (Arc::clone(&meet), Arc::clone(&count));
        async move {
            {
                let mut count = count.lock().unwrap();
                count.0 += 1;
                count.1 = count.1.max(count.0);
            }
            meet.wait().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            count.lock().unwrap().0 -= 1;
            Ok::<_, String>(())
        }
    };
    let inbox = Inbox::builder(MemoryStore::new(), Receiver::builder().build(), handler);
    let inbox = inbox.workers(4).clock(TokioClock::start()).build();
    let events: Vec<_> = (1..=12).map(|subscription| of(subscription, 0)).collect();
    put(&inbox, &events).await;
    work_off(&inbox).await;
    assert_eq!(*most.lock().unwrap(), (0, 4));
}

#[tokio::test(start_paused = true)]
async fn what_failed_holds_up_its_own_subscription_only() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let write = Arc::clone(&seen);
    let handler = move |event: Arc<Event>| {
        let mut seen = write.lock().unwrap();
        seen.push(event.id.to_string());
        let first = seen.len() == 1;
        async move { if first { Err("not now") } else { Ok(()) } }
    };
    let inbox = Inbox::builder(MemoryStore::new(), Receiver::builder().build(), handler);
    let pause = Duration::from_hours(1);
    let inbox = inbox.workers(1).backoff(pause, pause).clock(TokioClock::start()).build();
    put(&inbox, &[of(1, 1), of(1, 2), of(2, 1), of(2, 2)]).await;
    work_off(&inbox).await;
    assert_eq!(*seen.lock().unwrap(), ["1001", "2001", "2002", "1001", "1002"]);
}
