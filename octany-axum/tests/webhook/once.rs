//! Each delivery is dealt with once, and none is lost.

use std::convert::Infallible;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use http::{Request, Response};
use http_body_util::BodyExt;
use octany_axum::{OctanyEvent, OctanyWebhookLayer};
use octany_core::signature::VerifiedBody;
use octany_entitlement::{MemoryStore, Receiver, Refusal, SubscriptionStore};
use tokio::sync::Semaphore;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{
    Calls, Script, Step, deliver, layer, memory, subscription_created, test_hook, text, verifier,
};

#[tokio::test]
async fn the_report_is_in_the_store_before_the_handler_runs() {
    async fn handler(State(store): State<Arc<MemoryStore>>) -> String {
        let known = store.subscriptions(&"user_42".into()).await.unwrap();
        known[0].status.to_string()
    }
    let (store, layer) = memory();
    let app = Router::new().route("/", post(handler)).layer(layer).with_state(store);
    let response = app.oneshot(deliver(subscription_created(1))).await.unwrap();
    assert_eq!(text(response).await, "active");
}

#[tokio::test]
async fn a_handler_that_fails_answers_its_status_and_is_called_again() {
    for failure in [StatusCode::FOUND, StatusCode::CONFLICT, StatusCode::BAD_GATEWAY] {
        let calls = Calls::default();
        let counted = calls.clone();
        let handler = move || async move {
            if counted.add() == 1 {
                (failure, "not now").into_response()
            } else {
                "ok".into_response()
            }
        };
        let app = Router::new().route("/", post(handler)).layer(memory().1);
        let first = app.clone().oneshot(deliver(test_hook(1))).await.unwrap();
        assert_eq!(first.status(), failure);
        assert!(first.extensions().get::<Refusal>().is_none());
        assert_eq!(text(first).await, "not now");
        let second = app.clone().oneshot(deliver(test_hook(1))).await.unwrap();
        assert_eq!(text(second).await, "ok");
        app.oneshot(deliver(test_hook(1))).await.unwrap();
        assert_eq!(calls.count(), 2);
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_500_and_called_again() {
    for layer in [memory().1, layer()] {
        let calls = Calls::default();
        let counted = calls.clone();
        let handler = move || async move {
            tokio::task::yield_now().await;
            assert!(counted.add() > 1, "the first time it panics");
        };
        let app = Router::new().route("/", post(handler)).layer(layer);
        let first = app.clone().oneshot(deliver(test_hook(1))).await.unwrap();
        assert_eq!(first.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(matches!(first.extensions().get(), Some(Refusal::HandlerPanicked)));
        let second = app.oneshot(deliver(test_hook(1))).await.unwrap();
        assert_eq!(second.status(), StatusCode::OK);
        assert_eq!(calls.count(), 2);
    }
}

#[tokio::test]
async fn a_service_that_panics_before_it_gives_a_future_is_answered_the_same() {
    for layer in [memory().1, layer()] {
        let calls = Calls::default();
        let counted = calls.clone();
        let service = layer.layer(service_fn(move |_: Request<Body>| {
            assert!(counted.add() > 1, "the first time it panics");
            async { Ok::<_, Infallible>(Response::new(Body::empty())) }
        }));
        let first = service.clone().oneshot(deliver(test_hook(1))).await.unwrap();
        assert_eq!(first.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let second = service.oneshot(deliver(test_hook(1))).await.unwrap();
        assert_eq!(second.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn an_error_of_the_service_is_passed_on_and_the_delivery_given_back() {
    let calls = Calls::default();
    let counted = calls.clone();
    let service = memory().1.layer(service_fn(move |_: Request<Body>| {
        let first = counted.add() == 1;
        async move { if first { Err("broken") } else { Ok(Response::new(Body::empty())) } }
    }));
    let first = service.clone().oneshot(deliver(test_hook(1))).await;
    assert_eq!(first.unwrap_err(), "broken");
    let second = service.oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(second.status(), StatusCode::OK);
}

#[tokio::test]
async fn of_two_at_once_one_is_handled_and_the_other_sent_away() {
    let (calls, go_on) = (Calls::default(), Arc::new(Semaphore::new(0)));
    let handler = {
        let (calls, go_on) = (calls.clone(), Arc::clone(&go_on));
        move || async move {
            calls.add();
            go_on.acquire().await.unwrap().forget();
        }
    };
    let app = Router::new().route("/", post(handler)).layer(memory().1);
    let first = tokio::spawn(app.clone().oneshot(deliver(test_hook(1))));
    while calls.count() == 0 {
        tokio::task::yield_now().await;
    }

    let second = app.clone().oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(second.status(), StatusCode::CONFLICT);
    let seconds: u64 = second.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert!(matches!(second.extensions().get(), Some(Refusal::InFlight { .. })));

    go_on.add_permits(1);
    assert_eq!(first.await.unwrap().unwrap().status(), StatusCode::OK);
    let third = app.oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(third.status(), StatusCode::OK);
    assert_eq!(calls.count(), 1);
}

#[tokio::test]
async fn a_client_that_goes_away_gives_the_delivery_back() {
    let (calls, gone) = (Calls::default(), Arc::new(AtomicBool::new(false)));
    let handler = {
        let (calls, gone) = (calls.clone(), Arc::clone(&gone));
        move || async move {
            calls.add();
            if !gone.load(Ordering::SeqCst) {
                pending::<()>().await;
            }
        }
    };
    let app = Router::new().route("/", post(handler)).layer(memory().1);
    {
        let first = app.clone().oneshot(deliver(test_hook(1)));
        tokio::pin!(first);
        let waited = tokio::time::timeout(std::time::Duration::from_millis(20), &mut first).await;
        assert!(waited.is_err());
        assert_eq!(calls.count(), 1);
    }
    gone.store(true, Ordering::SeqCst);
    tokio::task::yield_now().await;
    let second = app.oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(calls.count(), 2);
}

#[tokio::test]
async fn a_handler_is_the_only_owner_of_its_event() {
    async fn handler(OctanyEvent(event): OctanyEvent) -> String {
        Arc::strong_count(&event).to_string()
    }
    let app = Router::new().route("/", post(handler)).layer(memory().1);
    let response = app.oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(text(response).await, "1");
}

#[tokio::test]
async fn the_service_inside_finds_the_body_as_it_was_and_what_was_verified() {
    let seen = service_fn(|request: Request<Body>| async {
        let verified = request.extensions().get::<VerifiedBody>().unwrap().bytes().clone();
        let length = request.headers()["content-length"].clone();
        let body = request.into_body().collect().await?.to_bytes();
        assert_eq!(body, verified);
        assert_eq!(length.to_str().unwrap(), body.len().to_string());
        Ok::<_, axum::Error>(Response::new(Body::from(body)))
    });
    for layer in [layer(), memory().1] {
        let mut request = deliver(test_hook(1));
        request.headers_mut().insert("content-length", test_hook(1).len().into());
        let response = layer.layer(seen).oneshot(request).await.unwrap();
        assert_eq!(text(response).await, test_hook(1));
    }
}

#[tokio::test]
async fn a_response_that_streams_is_passed_on_as_it_is() {
    let polls = Calls::default();
    let body = {
        let mut script = Script::new([Step::Data(b"later")]);
        script.polls = polls.clone();
        Body::new(script)
    };
    let body = Arc::new(Mutex::new(Some(body)));
    let handler = move || async move { body.lock().unwrap().take().unwrap() };
    let app = Router::new().route("/", post(handler)).layer(memory().1);
    let response = app.oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(polls.count(), 0);
    assert_eq!(text(response).await, "later");
}

#[tokio::test]
async fn a_receiver_of_the_apps_own_making_is_used() {
    let store = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().store(Arc::clone(&store)).build();
    let layer = OctanyWebhookLayer::new(verifier()).receiver(receiver);
    let app = Router::new().route("/", post(octany_axum::acknowledge)).layer(layer);
    let response = app.oneshot(deliver(subscription_created(1))).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}
