//! Peers on axum.

use std::hint::black_box;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use axum_standardwebhooks::{SharedWebhook, StandardWebhook};
use bytes::Bytes;
use octany_benches::axum::{served, take};
use octany_benches::delivery::SECRET;
use octany_benches::typed::Owned;
use tower_github_webhook::ValidateGitHubWebhookLayer;
use webhooksmith_axum::{TypedWebhook, VerifiedWebhook, WebhookSecretLayer};

use crate::schemes::standard_webhook;

pub(crate) fn axum_standardwebhooks() -> Router {
    Router::new()
        .route("/", post(async |StandardWebhook(body): StandardWebhook<Bytes>| take(body).await))
        .with_state(SharedWebhook::new(standard_webhook()))
}

pub(crate) fn axum_standardwebhooks_typed() -> Router {
    let handler = async |StandardWebhook(Json(event)): StandardWebhook<Json<Owned>>| done(event);
    Router::new().route("/", post(handler)).with_state(SharedWebhook::new(standard_webhook()))
}

/// The library has no extractor: this is its own example.
pub(crate) fn standardwebhooks() -> Router {
    let handler = async |State(webhook): State<Arc<standardwebhooks::Webhook>>,
                         headers: HeaderMap,
                         body: Bytes| {
        match webhook.verify(&body, &headers) {
            Ok(()) => take(body).await,
            Err(_) => StatusCode::BAD_REQUEST,
        }
    };
    Router::new().route("/", post(handler)).with_state(Arc::new(standard_webhook()))
}

/// The library has no extractor: this is its own example.
pub(crate) fn svix() -> Router {
    let handler = async |State(webhook): State<Arc<svix::webhooks::Webhook>>,
                         headers: HeaderMap,
                         body: Bytes| {
        match webhook.verify(&body, &headers) {
            Ok(()) => take(body).await,
            Err(_) => StatusCode::BAD_REQUEST,
        }
    };
    let webhook = svix::webhooks::Webhook::from_bytes(SECRET.into()).expect("the secret is one");
    Router::new().route("/", post(handler)).with_state(Arc::new(webhook))
}

pub(crate) fn tower_github() -> Router {
    served(Router::new().route("/", post(take)).layer(ValidateGitHubWebhookLayer::new(SECRET)))
}

pub(crate) fn tower_github_typed() -> Router {
    let handler = async |Json(event): Json<Owned>| done(event);
    served(Router::new().route("/", post(handler)).layer(ValidateGitHubWebhookLayer::new(SECRET)))
}

/// The library has no extractor: this is its own example.
pub(crate) fn stripe() -> Router {
    let handler = async |headers: HeaderMap, body: String| {
        let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
        let Some(signature) = signature else { return StatusCode::BAD_REQUEST };
        match stripe_webhook::Webhook::construct_event(&body, signature, SECRET) {
            Ok(event) => done(event),
            Err(_) => StatusCode::BAD_REQUEST,
        }
    };
    served(Router::new().route("/", post(handler)))
}

/// It reads the body as JSON, too, and on axum 0.7.
pub(crate) fn webhooksmith() -> axum07::Router {
    let handler = async |VerifiedWebhook(webhook): VerifiedWebhook| done(webhook);
    axum07::Router::new()
        .route("/", axum07::routing::post(handler))
        .layer(WebhookSecretLayer::new(SECRET))
        .with_state(())
}

pub(crate) fn webhooksmith_typed() -> axum07::Router {
    let handler = async |TypedWebhook(event): TypedWebhook<Owned>| done(event);
    axum07::Router::new()
        .route("/", axum07::routing::post(handler))
        .layer(WebhookSecretLayer::new(SECRET))
        .with_state(())
}

fn done<T>(event: T) -> StatusCode {
    black_box(event);
    StatusCode::NO_CONTENT
}
