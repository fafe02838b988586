//! What the outside sees.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use octany_axum::OctanyWebhookLayer;
use octany_axum::answer::AnswerRefusal;
use octany_core::signature::{Hint, SignatureError};
use octany_entitlement::{MemoryStore, Refusal};
use tower::ServiceExt;

use crate::support::{
    Calls, Failing, deliver, event, layer, memory, secret, subscription_created, test_hook, text,
};

const SIGNATURE: &str = "octany-signature";

fn app<R>(layer: OctanyWebhookLayer<R>) -> (Calls, Router)
where
    R: AnswerRefusal<axum::body::Body> + Clone + Send + Sync + 'static,
{
    let calls = Calls::default();
    let handler = calls.clone();
    let handler = move || {
        let calls = handler.clone();
        async move {
            calls.add();
            StatusCode::NO_CONTENT
        }
    };
    (calls, Router::new().route("/", post(handler)).layer(layer))
}

fn refusal(response: &Response) -> &Refusal {
    response.extensions().get().unwrap()
}

fn retry_after(response: &Response) -> u64 {
    response.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_signature_that_is_missing_repeated_malformed_or_wrong_is_answered_401() {
    let (calls, app) = app(memory().1);
    let good = secret().sign(test_hook(1).as_bytes()).to_string();
    let wrong = secret().sign(b"{}").to_string();
    let prefixed = format!("sha256={good}");
    for (values, reason) in [
        (&[][..], "signature_missing"),
        (&[&good, &good][..], "signature_repeated"),
        (&[&good, &wrong][..], "signature_repeated"),
        (&[&prefixed][..], "signature_malformed"),
        (&[&wrong][..], "signature_mismatch"),
    ] {
        let mut request = deliver(test_hook(1));
        request.headers_mut().remove(SIGNATURE);
        for value in values {
            request.headers_mut().append(SIGNATURE, value.parse().unwrap());
        }
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{reason}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["www-authenticate"], "Octany-Signature");
        assert_eq!(refusal(&response).as_str(), reason);
        let expected = format!(
            r#"{{"type":"urn:octany:problem:signature","title":"The delivery is not signed as it must be","status":401,"reason":"{reason}"}}"#
        );
        assert_eq!(text(response).await, expected);
    }
    assert_eq!(calls.count(), 0);
}

#[tokio::test]
async fn what_is_probably_wrong_in_the_set_up_stands_in_the_refusal_and_not_in_the_answer() {
    let (_, app) = app(layer());
    let mut request = deliver(test_hook(1));
    *request.body_mut() = test_hook(1).replace(',', ", ").into();
    let response = app.oneshot(request).await.unwrap();
    let Refusal::Signature(SignatureError::Mismatch { hint }) = refusal(&response) else {
        panic!()
    };
    assert_eq!(*hint, Some(Hint::Reencoded));
    assert!(!text(response).await.contains("encoded"));
}

#[tokio::test]
async fn a_body_that_is_signed_but_no_event_is_answered_400_without_its_content() {
    for layer in [memory().1, layer().deliveries(MemoryStore::new())] {
        let (calls, app) = app(layer);
        for body in ["", "s3cret-content", "[]", "{}", r#"{"id":1,"name":"s3cret-content"}"#] {
            let response = app.clone().oneshot(deliver(body)).await.unwrap();
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
            assert_eq!(refusal(&response).as_str(), "not_an_event");
            assert!(!format!("{:?}", refusal(&response)).contains("s3cret"));
            assert!(!text(response).await.contains("s3cret"));
        }
        assert_eq!(calls.count(), 0);
    }
}

#[tokio::test]
async fn unknown_and_irrelevant_events_reach_the_handler() {
    let (calls, app) = app(memory().1);
    for (id, name) in
        (1..).zip(["test.hook", "subscription.paused", "order.paid", "product.updated"])
    {
        let response = app.clone().oneshot(deliver(event(id, name, "null"))).await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT, "{name}");
    }
    assert_eq!(calls.count(), 4);
}

#[tokio::test]
async fn a_duplicate_is_answered_200_without_the_handler() {
    let (calls, app) = app(memory().1);
    let first = app.clone().oneshot(deliver(subscription_created(1))).await.unwrap();
    assert_eq!(first.status(), StatusCode::NO_CONTENT);
    let second = app.oneshot(deliver(subscription_created(1))).await.unwrap();
    assert_eq!(second.status(), StatusCode::OK);
    assert!(second.extensions().get::<Refusal>().is_none());
    assert_eq!(text(second).await, "");
    assert_eq!(calls.count(), 1);
}

#[tokio::test]
async fn without_a_delivery_log_the_handler_runs_for_duplicates_too() {
    let (calls, app) = app(layer().sync(MemoryStore::new()));
    for _ in 0..2 {
        let response = app.clone().oneshot(deliver(subscription_created(1))).await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(calls.count(), 2);
}

#[tokio::test]
async fn a_store_or_log_that_is_down_is_answered_503_with_a_time_to_come_back() {
    for (layer, handled) in [
        (layer().sync(Failing::Apply), 0),
        (layer().deliveries(Failing::Claim), 0),
        (layer().deliveries(Failing::Complete), 1),
    ] {
        let (calls, app) = app(layer);
        let response = app.oneshot(deliver(subscription_created(1))).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(retry_after(&response) > 0);
        assert!(matches!(refusal(&response), Refusal::Store(_)));
        assert!(!text(response).await.contains("hunter2"));
        assert_eq!(calls.count(), handled);
    }
}

#[tokio::test]
async fn a_store_that_is_down_does_not_keep_the_claim() {
    let log = Arc::new(MemoryStore::new());
    let (_, down) = app(layer().sync(Failing::Apply).deliveries(Arc::clone(&log)));
    let response = down.oneshot(deliver(subscription_created(1))).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);

    let (calls, up) = app(layer().sync(MemoryStore::new()).deliveries(log));
    let response = up.oneshot(deliver(subscription_created(1))).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(calls.count(), 1);
}

#[tokio::test]
async fn an_app_answers_refusals_in_its_own_way() {
    let layer = memory().1.on_refused(|refusal: &Refusal| -> Response {
        (StatusCode::IM_A_TEAPOT, refusal.as_str()).into_response()
    });
    let (_, app) = app(layer);
    let response = app.oneshot(deliver("[]")).await.unwrap();
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert!(matches!(refusal(&response), Refusal::NotAnEvent(_)));
    assert_eq!(text(response).await, "not_an_event");
}

#[tokio::test]
async fn an_app_answers_some_refusals_and_leaves_the_others_as_they_are() {
    let layer = memory().1.on_refused(|refusal: &Refusal| {
        matches!(refusal, Refusal::NotAnEvent(_)).then(|| StatusCode::IM_A_TEAPOT.into_response())
    });
    let (_, app) = app(layer);
    let response = app.clone().oneshot(deliver("[]")).await.unwrap();
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    let mut unsigned = deliver(test_hook(1));
    unsigned.headers_mut().remove(SIGNATURE);
    let response = app.oneshot(unsigned).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}
