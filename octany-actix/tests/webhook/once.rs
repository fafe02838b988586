//! Each delivery is dealt with once, and none is lost.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::body::BodyStream;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use octany_actix::{OctanyEvent, OctanyWebhookLayer};
use octany_entitlement::{MemoryStore, Receiver, Refusal, SubscriptionStore};
use tokio::sync::Semaphore;

use crate::support::{
    Calls, Script, Step, Web, deliver, layer, memory, refusal, subscription_created, test_hook,
    text, verifier,
};

#[actix_web::test]
async fn the_report_is_in_the_store_before_the_handler_runs() {
    let (store, layer) = memory();
    let handler = move || {
        let store = Arc::clone(&store);
        async move {
            let known = store.subscriptions(&"user_42".into()).await.unwrap();
            known[0].status.to_string()
        }
    };
    let app = Web::resource(layer, web::post().to(handler)).await;
    assert_eq!(text(app.call(deliver(subscription_created(1))).await).await, "active");
}

#[actix_web::test]
async fn a_handler_that_fails_answers_its_status_and_is_called_again() {
    for failure in [StatusCode::FOUND, StatusCode::CONFLICT, StatusCode::BAD_GATEWAY] {
        let calls = Calls::default();
        let counted = calls.clone();
        let handler = move || {
            let first = counted.add() == 1;
            async move {
                if first {
                    HttpResponse::build(failure).body("not now")
                } else {
                    HttpResponse::Ok().body("ok")
                }
            }
        };
        let app = Web::resource(memory().1, web::post().to(handler)).await;
        let first = app.call(deliver(test_hook(1))).await;
        assert_eq!(first.status(), failure);
        assert!(refusal(&first).is_none());
        assert_eq!(text(first).await, "not now");
        assert_eq!(text(app.call(deliver(test_hook(1))).await).await, "ok");
        app.call(deliver(test_hook(1))).await;
        assert_eq!(calls.count(), 2);
    }
}

#[actix_web::test]
async fn a_handler_that_gives_an_error_is_called_again() {
    let calls = Calls::default();
    let counted = calls.clone();
    let handler = move || {
        let first = counted.add() == 1;
        async move { if first { Err(actix_web::error::ErrorBadGateway("broken")) } else { Ok("ok") } }
    };
    let app = Web::resource(memory().1, web::post().to(handler)).await;
    let first = app.call(deliver(test_hook(1))).await;
    assert_eq!(first.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(text(first).await, "broken");
    assert_eq!(text(app.call(deliver(test_hook(1))).await).await, "ok");
}

#[actix_web::test]
async fn a_handler_that_panics_is_answered_500_and_called_again() {
    for layer in [memory().1, layer()] {
        let calls = Calls::default();
        let counted = calls.clone();
        let handler = move || {
            let counted = counted.clone();
            async move {
                tokio::task::yield_now().await;
                assert!(counted.add() > 1, "the first time it panics");
                HttpResponse::Ok().finish()
            }
        };
        let app = Web::resource(layer, web::post().to(handler)).await;
        let first = app.call(deliver(test_hook(1))).await;
        assert_eq!(first.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(matches!(refusal(&first), Some(Refusal::HandlerPanicked)));
        assert!(text(first).await.contains(r#""reason":"handler_panicked""#));
        let second = app.call(deliver(test_hook(1))).await;
        assert_eq!(second.status(), StatusCode::OK);
        assert_eq!(calls.count(), 2);
    }
}

#[actix_web::test]
async fn of_two_at_once_one_is_handled_and_the_other_sent_away() {
    let (calls, go_on) = (Calls::default(), Arc::new(Semaphore::new(0)));
    let handler = {
        let (calls, go_on) = (calls.clone(), Arc::clone(&go_on));
        move || {
            calls.add();
            let go_on = Arc::clone(&go_on);
            async move {
                go_on.acquire().await.unwrap().forget();
                HttpResponse::Ok().finish()
            }
        }
    };
    let app = Web::resource(memory().1, web::post().to(handler)).await;
    let first = actix_web::rt::spawn(app.call(deliver(test_hook(1))));
    while calls.count() == 0 {
        tokio::task::yield_now().await;
    }

    let second = app.call(deliver(test_hook(1))).await;
    assert_eq!(second.status(), StatusCode::CONFLICT);
    let seconds = second.headers().get("retry-after").unwrap();
    let seconds: u64 = seconds.to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert!(matches!(refusal(&second), Some(Refusal::InFlight { .. })));

    go_on.add_permits(1);
    assert_eq!(first.await.unwrap().status(), StatusCode::OK);
    let third = app.call(deliver(test_hook(1))).await;
    assert_eq!(third.status(), StatusCode::OK);
    assert_eq!(calls.count(), 1);
}

#[actix_web::test]
async fn a_client_that_goes_away_gives_the_delivery_back() {
    let (calls, gone) = (Calls::default(), Arc::new(AtomicBool::new(false)));
    let handler = {
        let (calls, gone) = (calls.clone(), Arc::clone(&gone));
        move || {
            calls.add();
            let gone = gone.load(Ordering::SeqCst);
            async move {
                if !gone {
                    pending::<()>().await;
                }
                HttpResponse::Ok().finish()
            }
        }
    };
    let app = Web::resource(memory().1, web::post().to(handler)).await;
    let first = app.call(deliver(test_hook(1)));
    assert!(tokio::time::timeout(Duration::from_millis(20), first).await.is_err());
    assert_eq!(calls.count(), 1);
    gone.store(true, Ordering::SeqCst);
    tokio::task::yield_now().await;
    let second = app.call(deliver(test_hook(1))).await;
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(calls.count(), 2);
}

#[actix_web::test]
async fn a_handler_is_the_only_owner_of_its_event() {
    async fn handler(OctanyEvent(event): OctanyEvent) -> String {
        Arc::strong_count(&event).to_string()
    }
    let app = Web::resource(memory().1, web::post().to(handler)).await;
    assert_eq!(text(app.call(deliver(test_hook(1))).await).await, "1");
}

#[actix_web::test]
async fn extractors_of_the_body_find_it_as_it_was() {
    async fn echo(body: Bytes) -> Bytes {
        body
    }
    async fn name(body: web::Json<serde_json::Value>) -> String {
        body["name"].to_string()
    }
    for layer in [layer(), memory().1] {
        let app = Web::resource(layer.clone(), web::post().to(echo)).await;
        assert_eq!(text(app.call(deliver(test_hook(1))).await).await, test_hook(1));
        let app = Web::resource(layer, web::post().to(name)).await;
        let length = test_hook(2).len().to_string();
        let delivery = deliver(test_hook(2))
            .insert_header(("content-type", "application/json"))
            .insert_header(("content-length", length));
        assert_eq!(text(app.call(delivery).await).await, "\"test.hook\"");
    }
}

#[actix_web::test]
async fn a_response_that_streams_is_passed_on_as_it_is() {
    let polls = Calls::default();
    let counted = polls.clone();
    let handler = move || {
        let mut script = Script::new([Step::Share(Bytes::from_static(b"later"))]);
        script.polls = counted.clone();
        async { HttpResponse::Ok().body(BodyStream::new(script)) }
    };
    let app = Web::resource(memory().1, web::post().to(handler)).await;
    let response = app.call(deliver(test_hook(1))).await;
    assert_eq!(polls.count(), 0);
    assert_eq!(text(response).await, "later");
}

#[actix_web::test]
async fn a_receiver_of_the_apps_own_making_is_used() {
    let store = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().store(Arc::clone(&store)).build();
    let layer = OctanyWebhookLayer::new(verifier()).receiver(receiver);
    let app = Web::resource(layer, web::post().to(octany_actix::acknowledge)).await;
    let response = app.call(deliver(subscription_created(1))).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}
