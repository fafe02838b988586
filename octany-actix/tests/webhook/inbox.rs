//! Stored, acknowledged, and handled in the background.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use octany_core::Event;
use octany_entitlement::{Inbox, InboxBuilder, MemoryStore, Receiver};

use crate::support::{Calls, Web, deliver, layer, refusal, test_hook, text};

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

async fn app(inbox: &Inbox, routed: &Calls) -> Web {
    let routed = routed.clone();
    let handler = move || {
        routed.add();
        async { HttpResponse::NoContent().finish() }
    };
    Web::resource(layer().inbox(inbox.clone()), web::post().to(handler)).await
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

#[actix_web::test]
async fn a_delivery_is_answered_when_it_is_stored_and_handled_in_the_background() {
    let (calls, routed) = (Calls::default(), Calls::default());
    let inbox = failing(0, &calls).build();
    let app = app(&inbox, &routed).await;
    for _ in 0..2 {
        let response = app.call(deliver(test_hook(1))).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(refusal(&response).is_none());
        assert_eq!(text(response).await, "");
    }
    assert_eq!((calls.count(), inbox.depth().await.unwrap().waiting), (0, 1));
    let running = actix_web::rt::spawn(inbox.clone().run(std::future::pending()));
    until(&calls, 1).await;
    // While it runs, what comes is handled as it comes.
    app.call(deliver(test_hook(2))).await;
    until(&calls, 2).await;
    running.abort();
    assert_eq!(routed.count(), 0, "the route's own handler is never called");
}

#[actix_web::test]
async fn a_handler_that_fails_is_tried_again_and_a_poisonous_delivery_can_be_replayed() {
    let (calls, routed) = (Calls::default(), Calls::default());
    let inbox = failing(4, &calls).attempts(3).build();
    let app = app(&inbox, &routed).await;
    assert_eq!(app.call(deliver(test_hook(1))).await.status(), StatusCode::OK);
    work_off(&inbox).await;
    let dead = inbox.dead(0, 9).await.unwrap();
    assert_eq!((dead[0].id.as_str(), dead[0].attempts), ("1", 3));
    assert_eq!(dead[0].last_error, "not now");

    let again = app.call(deliver(test_hook(1))).await;
    assert_eq!(again.status(), StatusCode::OK, "it is known");
    assert!(inbox.replay(&dead[0].id).await.unwrap());
    work_off(&inbox).await;
    assert_eq!(calls.count(), 5, "it failed once more, and then succeeded");
    assert_eq!(inbox.depth().await.unwrap().dead, 0);
}
