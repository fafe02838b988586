//! What the outside sees.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use octany_actix::OctanyWebhookLayer;
use octany_actix::answer::AnswerRefusal;
use octany_core::signature::{Hint, SignatureError};
use octany_entitlement::{MemoryStore, Refusal};

use crate::support::{
    Calls, Failing, Web, deliver, event, layer, memory, refusal, secret, subscription_created,
    test_hook, text, unsigned,
};

const SIGNATURE: &str = "octany-signature";

async fn app<R>(layer: OctanyWebhookLayer<R>) -> (Calls, Web)
where
    R: AnswerRefusal + Clone + 'static,
{
    let calls = Calls::default();
    let handler = calls.clone();
    let handler = move || {
        handler.add();
        async { HttpResponse::NoContent().finish() }
    };
    (calls, Web::resource(layer, web::post().to(handler)).await)
}

fn retry_after(response: &HttpResponse) -> u64 {
    response.headers().get("retry-after").unwrap().to_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn a_signature_that_is_missing_repeated_malformed_or_wrong_is_answered_401() {
    let (calls, app) = app(memory().1).await;
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
        let mut request = unsigned(test_hook(1));
        for value in values {
            request = request.append_header((SIGNATURE, value.as_str()));
        }
        let response = app.call(request).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{reason}");
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        assert_eq!(response.headers().get("www-authenticate").unwrap(), "Octany-Signature");
        assert_eq!(refusal(&response).unwrap().as_str(), reason);
        let expected = format!(
            r#"{{"type":"urn:octany:problem:signature","title":"The delivery is not signed as it must be","status":401,"reason":"{reason}"}}"#
        );
        assert_eq!(text(response).await, expected);
    }
    assert_eq!(calls.count(), 0);
}

#[actix_web::test]
async fn what_is_probably_wrong_in_the_set_up_stands_in_the_refusal_and_not_in_the_answer() {
    let (_, app) = app(layer()).await;
    let request = deliver(test_hook(1)).set_payload(test_hook(1).replace(',', ", "));
    let response = app.call(request).await;
    let Some(Refusal::Signature(SignatureError::Mismatch { hint })) = refusal(&response) else {
        panic!()
    };
    assert_eq!(hint, Some(Hint::Reencoded));
    assert!(!text(response).await.contains("encoded"));
}

#[actix_web::test]
async fn a_body_that_is_signed_but_no_event_is_answered_400_without_its_content() {
    for layer in [memory().1, layer().deliveries(MemoryStore::new())] {
        let (calls, app) = app(layer).await;
        for body in ["", "s3cret-content", "[]", "{}", r#"{"id":1,"name":"s3cret-content"}"#] {
            let response = app.call(deliver(body)).await;
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
            assert_eq!(refusal(&response).unwrap().as_str(), "not_an_event");
            assert!(!format!("{:?}", refusal(&response)).contains("s3cret"));
            assert!(!text(response).await.contains("s3cret"));
        }
        assert_eq!(calls.count(), 0);
    }
}

#[actix_web::test]
async fn unknown_and_irrelevant_events_reach_the_handler() {
    let (calls, app) = app(memory().1).await;
    for (id, name) in
        (1..).zip(["test.hook", "subscription.paused", "order.paid", "product.updated"])
    {
        let response = app.call(deliver(event(id, name, "null"))).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT, "{name}");
    }
    assert_eq!(calls.count(), 4);
}

#[actix_web::test]
async fn a_duplicate_is_answered_200_without_the_handler() {
    let (calls, app) = app(memory().1).await;
    let first = app.call(deliver(subscription_created(1))).await;
    assert_eq!(first.status(), StatusCode::NO_CONTENT);
    let second = app.call(deliver(subscription_created(1))).await;
    assert_eq!(second.status(), StatusCode::OK);
    assert!(refusal(&second).is_none());
    assert_eq!(text(second).await, "");
    assert_eq!(calls.count(), 1);
}

#[actix_web::test]
async fn without_a_delivery_log_the_handler_runs_for_duplicates_too() {
    let (calls, app) = app(layer().sync(MemoryStore::new())).await;
    for _ in 0..2 {
        let response = app.call(deliver(subscription_created(1))).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(calls.count(), 2);
}

#[actix_web::test]
async fn a_store_or_log_that_is_down_is_answered_503_with_a_time_to_come_back() {
    for (layer, handled) in [
        (layer().sync(Failing::Apply), 0),
        (layer().deliveries(Failing::Claim), 0),
        (layer().deliveries(Failing::Complete), 1),
    ] {
        let (calls, app) = app(layer).await;
        let response = app.call(deliver(subscription_created(1))).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(retry_after(&response) > 0);
        assert!(matches!(refusal(&response), Some(Refusal::Store(_))));
        assert!(!text(response).await.contains("hunter2"));
        assert_eq!(calls.count(), handled);
    }
}

#[actix_web::test]
async fn a_store_that_is_down_does_not_keep_the_claim() {
    let log = Arc::new(MemoryStore::new());
    let (_, down) = app(layer().sync(Failing::Apply).deliveries(Arc::clone(&log))).await;
    let response = down.call(deliver(subscription_created(1))).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);

    let (calls, up) = app(layer().sync(MemoryStore::new()).deliveries(log)).await;
    let response = up.call(deliver(subscription_created(1))).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(calls.count(), 1);
}

#[actix_web::test]
async fn an_app_answers_refusals_in_its_own_way() {
    let layer = memory().1.on_refused(|refusal: &Refusal| -> HttpResponse {
        HttpResponse::build(StatusCode::IM_A_TEAPOT).body(refusal.as_str())
    });
    let (_, app) = app(layer).await;
    let response = app.call(deliver("[]")).await;
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert!(matches!(refusal(&response), Some(Refusal::NotAnEvent(_))));
    assert_eq!(text(response).await, "not_an_event");
}

#[actix_web::test]
async fn an_app_answers_some_refusals_and_leaves_the_others_as_they_are() {
    let layer = memory().1.on_refused(|refusal: &Refusal| {
        matches!(refusal, Refusal::NotAnEvent(_))
            .then(|| HttpResponse::build(StatusCode::IM_A_TEAPOT).finish())
    });
    let (_, app) = app(layer).await;
    let response = app.call(deliver("[]")).await;
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    let response = app.call(unsigned(test_hook(1))).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}
