//! What handlers ask for.

use std::error::Error;
use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Extension, Router};
use octany_axum::{OctanyEvent, VerifiedBody, WebhookRejection, acknowledge};
use octany_core::signature::{self, SignatureError, SigningSecret, Verifier};
use octany_core::{Event, Payload};
use octany_entitlement::Refusal;
use tower::ServiceExt;

use crate::support::{
    deliver, event, layer, memory, subscription_created, test_hook, text, verifier,
};

async fn describe(event: OctanyEvent) -> String {
    match &event.payload {
        Payload::SubscriptionCreated(subscription) => format!("welcome {}", subscription.id),
        Payload::TestHook(_) => "test".to_owned(),
        _ => event.name.to_string(),
    }
}

async fn length(body: VerifiedBody) -> String {
    format!("{} {}", body.len(), body.secret_label())
}

fn verifying() -> Router {
    Router::new()
        .route("/", post(describe))
        .route("/length", post(length))
        .layer(Extension(verifier()))
}

#[tokio::test]
async fn a_handler_matches_on_the_event_with_and_without_a_receiver() {
    for layer in [layer(), memory().1] {
        let app = Router::new().route("/", post(describe)).layer(layer);
        let response = app.clone().oneshot(deliver(subscription_created(1))).await.unwrap();
        assert_eq!(text(response).await, "welcome 76963688");
        let response = app.oneshot(deliver(event(2, "reminder.sent", "{}"))).await.unwrap();
        assert_eq!(text(response).await, "reminder.sent");
    }
}

#[tokio::test]
async fn without_layer_and_verifier_nothing_is_believed_and_the_answer_names_the_layer() {
    let app = Router::new().route("/", post(describe)).route("/length", post(length));
    for path in ["/", "/length"] {
        let mut request = deliver(test_hook(1));
        *request.uri_mut() = path.parse().unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(matches!(response.extensions().get(), Some(Refusal::NoLayer)));
        assert!(text(response).await.contains("OctanyWebhookLayer is missing"));
    }
}

#[tokio::test]
async fn a_verifier_in_the_extensions_is_enough() {
    let response = verifying().oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(text(response).await, "test");
    let mut request = deliver("anything");
    *request.uri_mut() = "/length".parse().unwrap();
    let response = verifying().oneshot(request).await.unwrap();
    assert_eq!(text(response).await, "8 default");
}

#[tokio::test]
async fn a_verifier_in_the_extensions_refuses_what_the_layer_refuses() {
    let mut unsigned = deliver(test_hook(1));
    unsigned.headers_mut().remove("octany-signature");
    let mut forged = deliver(test_hook(1));
    *forged.body_mut() = Body::from(test_hook(2));
    for (request, status) in [
        (unsigned, StatusCode::UNAUTHORIZED),
        (forged, StatusCode::UNAUTHORIZED),
        (deliver(vec![b' '; 1024 * 1024 + 1]), StatusCode::PAYLOAD_TOO_LARGE),
        (deliver("[]"), StatusCode::BAD_REQUEST),
    ] {
        let response = verifying().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert!(response.extensions().get::<Refusal>().is_some());
    }
}

#[tokio::test]
async fn the_layers_verdict_comes_before_a_verifier_in_the_extensions() {
    let other = Verifier::new(SigningSecret::new("another").unwrap());
    let app = Router::new().route("/", post(describe)).layer(Extension(other)).layer(layer());
    let response = app.oneshot(deliver(test_hook(1))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn verifying_alone_leaves_it_to_the_handler_what_a_body_is() {
    let app =
        Router::new().route("/", post(describe)).route("/length", post(length)).layer(layer());
    let response = app.clone().oneshot(deliver("no event")).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let mut request = deliver("no event");
    *request.uri_mut() = "/length".parse().unwrap();
    assert_eq!(text(app.oneshot(request).await.unwrap()).await, "8 default");
}

#[tokio::test]
async fn a_handler_takes_body_and_event_together() {
    async fn both(body: Extension<signature::VerifiedBody>, event: OctanyEvent) -> String {
        format!("{} {}", event.id, body.len())
    }
    async fn shared(event: Extension<Arc<Event>>, body: VerifiedBody) -> String {
        format!("{} {}", event.id, body.len())
    }
    let app = Router::new().route("/", post(both)).route("/shared", post(shared));
    for path in ["/", "/shared"] {
        let mut request = deliver(test_hook(7));
        *request.uri_mut() = path.parse().unwrap();
        let response = app.clone().layer(memory().1).oneshot(request).await.unwrap();
        assert_eq!(text(response).await, format!("7 {}", test_hook(7).len()));
    }
}

#[tokio::test]
async fn an_event_can_be_kept() {
    async fn keep(event: OctanyEvent) -> String {
        let event: Event = event.into_inner().into_owned();
        event.id.to_string()
    }
    let app = Router::new().route("/", post(keep)).layer(memory().1);
    assert_eq!(text(app.oneshot(deliver(test_hook(7))).await.unwrap()).await, "7");
}

#[tokio::test]
async fn those_who_only_sync_acknowledge_every_event() {
    let app = Router::new().route("/", post(acknowledge)).layer(memory().1);
    for body in [subscription_created(1), test_hook(2), event(3, "not.known", "1")] {
        let response = app.clone().oneshot(deliver(body)).await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn a_handler_sees_why_it_was_given_nothing() {
    async fn look(event: Result<OctanyEvent, WebhookRejection>) -> String {
        let rejection = event.unwrap_err();
        assert_eq!(rejection.status(), StatusCode::BAD_REQUEST);
        assert!(rejection.source().unwrap().to_string().contains("JSON"));
        assert!(rejection.body_text().contains(r#""reason":"not_an_event""#));
        rejection.to_string()
    }
    let app = Router::new().route("/", post(look)).layer(layer());
    let response = app.oneshot(deliver("s3cret")).await.unwrap();
    assert_eq!(text(response).await, "the delivery was refused: not_an_event");
}

#[tokio::test]
async fn a_rejection_answers_as_the_layer_does() {
    let mut request = deliver(test_hook(1));
    request.headers_mut().remove("octany-signature");
    let app = Router::new().route("/", post(describe)).layer(layer());
    let by_layer = app.oneshot(request).await.unwrap();
    let by_extractor =
        WebhookRejection::from(Refusal::Signature(SignatureError::Missing)).into_response();
    assert_eq!(by_layer.status(), by_extractor.status());
    for name in ["content-type", "www-authenticate"] {
        assert_eq!(by_layer.headers()[name], by_extractor.headers()[name]);
    }
    assert_eq!(text(by_layer).await, text(by_extractor).await);
}
