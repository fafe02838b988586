//! The app on axum.

use std::net::TcpListener;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use http::request;
use octany_axum::{OctanyEvent, OctanyWebhookLayer, RequireSubscription};
use octany_core::ReferenceId;
use tokio::sync::oneshot::{Receiver, Sender};

use super::app::{Parts, Recipe, WEBHOOK};
use super::stage::Handler;
use super::visit;

pub(crate) fn serve(
    recipe: &Recipe,
    secrets: &[String],
    listener: TcpListener,
    ready: Sender<()>,
    killed: Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let router = router(recipe, recipe.parts(secrets).await);
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        ready.send(()).unwrap();
        tokio::select! {
            served = axum::serve(listener, router) => served.unwrap(),
            _ = killed => {}
        }
    });
    // What is under way ends here, wherever it is.
    runtime.shutdown_background();
}

fn router(recipe: &Recipe, parts: Parts) -> Router {
    let Parts { verifier, made, handler } = parts;
    let webhook =
        OctanyWebhookLayer::new(verifier).clock(recipe.octany.clock()).receiver(made.receiver);
    let webhook = Router::new().route(WEBHOOK, post(on_event)).with_state(handler).layer(webhook);
    Router::new()
        .route(visit::PAID, get(async || "Reports"))
        .route_layer(RequireSubscription::from_parts(made.gate, user_of))
        .merge(webhook)
}

async fn on_event(State(handler): State<Handler>, event: OctanyEvent) -> StatusCode {
    StatusCode::from_u16(handler.handle(&event).await).unwrap()
}

fn user_of(head: &request::Parts) -> Option<ReferenceId> {
    visit::user(head.headers.get(visit::USER)?.to_str().ok()?)
}
