//! Stored, acknowledged, and handled in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use octany_axum::acknowledge;
use octany_core::{Applied, Event, ReferenceId, Snapshot};
use octany_entitlement::{
    Inbox, InboxBuilder, MemoryStore, Receiver, Refusal, StoreError, SubscriptionStore,
};
use tower::ServiceExt;

use crate::support::{Calls, deliver, layer, subscription_created, test_hook, text};

/// An inbox whose handler fails so often.
fn failing(times: usize, calls: &Calls) -> InboxBuilder {
    let (store, calls) = (Arc::new(MemoryStore::new()), calls.clone());
    let behind = Receiver::builder().deliveries(store.clone()).build();
    let pause = Duration::from_millis(1);
    Inbox::builder(store, behind, move |_: Arc<Event>| {
        let call = calls.add();
        async move { if call > times { Ok(()) } else { Err("not now") } }
    })
    .backoff(pause, pause)
    .poll(pause)
}

fn app(inbox: &Inbox, routed: &Calls) -> Router {
    let routed = routed.clone();
    let handler = move || async move {
        routed.add();
    };
    Router::new().route("/", post(handler)).layer(layer().inbox(inbox.clone()))
}

async fn until(calls: &Calls, count: usize) {
    while calls.count() < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Works until nothing waits or runs any more.
async fn work_off(inbox: &Inbox) {
    let looking = inbox.clone();
    let worked_off = async move {
        while looking.depth().await.is_ok_and(|depth| depth.waiting + depth.running > 0) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    inbox.clone().run(worked_off).await;
}

#[tokio::test]
async fn a_delivery_is_answered_when_it_is_stored_and_handled_in_the_background() {
    let (calls, routed) = (Calls::default(), Calls::default());
    let inbox = failing(0, &calls).build();
    let app = app(&inbox, &routed);
    for _ in 0..2 {
        let response = app.clone().oneshot(deliver(test_hook(1))).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.extensions().get::<Refusal>().is_none());
        assert_eq!(text(response).await, "");
    }
    assert_eq!((calls.count(), inbox.depth().await.unwrap().waiting), (0, 1));
    let running = tokio::spawn(inbox.clone().run(std::future::pending()));
    until(&calls, 1).await;
    // While it runs, what comes is handled as it comes.
    app.clone().oneshot(deliver(test_hook(2))).await.unwrap();
    until(&calls, 2).await;
    running.abort();
    assert_eq!(routed.count(), 0, "the route's own handler is never called");
}

#[tokio::test]
async fn a_handler_that_fails_is_tried_again_and_a_poisonous_delivery_can_be_replayed() {
    let (calls, routed) = (Calls::default(), Calls::default());
    let inbox = failing(4, &calls).attempts(3).build();
    let app = app(&inbox, &routed);
    let response = app.clone().oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    work_off(&inbox).await;
    let dead = inbox.dead(0, 9).await.unwrap();
    assert_eq!((dead[0].id.as_str(), dead[0].attempts), ("1", 3));
    assert_eq!(dead[0].last_error, "not now");

    let again = app.oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(again.status(), StatusCode::OK, "it is known");
    assert!(inbox.replay(&dead[0].id).await.unwrap());
    work_off(&inbox).await;
    assert_eq!(calls.count(), 5, "it failed once more, and then succeeded");
    assert_eq!(inbox.depth().await.unwrap().dead, 0);
}

/// A store that can be taken away.
#[derive(Default)]
struct Fragile {
    inner: MemoryStore,
    away: AtomicBool,
}

#[async_trait]
impl SubscriptionStore for Fragile {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("away"));
        }
        self.inner.apply(snapshot).await
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        self.inner.subscriptions(reference).await
    }
}

#[tokio::test]
async fn while_the_state_is_away_deliveries_are_taken_all_the_same() {
    let (store, pause) = (Arc::new(Fragile::default()), Duration::from_millis(1));
    let behind = Receiver::builder().store(store.clone()).build();
    let inbox = Inbox::builder(MemoryStore::new(), behind, |_| async { Ok::<_, String>(()) });
    let inbox = inbox.attempts(1).backoff(pause, pause).poll(pause).build();
    let app = Router::new().route("/", post(acknowledge)).layer(layer().inbox(inbox.clone()));
    store.away.store(true, Ordering::SeqCst);
    let response = app.oneshot(deliver(subscription_created(1))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    inbox.clone().run(tokio::time::sleep(Duration::from_millis(20))).await;
    assert_eq!(inbox.depth().await.unwrap().waiting, 1);
    store.away.store(false, Ordering::SeqCst);
    work_off(&inbox).await;
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    assert_eq!(inbox.depth().await.unwrap().dead, 0);
}
