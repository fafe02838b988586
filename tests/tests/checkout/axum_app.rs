//! The app on axum.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use octany_axum::{BillingRoutes, OctanyEvent, OctanyWebhookLayer, RequireSubscription};

use super::app::{App, Hears, Octany, Parts, user_of};

pub(crate) async fn start(octany: Octany, hears: Hears) -> App {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let (parts, changes) = octany.parts(address, hears);
    tokio::spawn(async move { axum::serve(listener, router(parts)).await });
    App { base: format!("http://{address}"), octany, changes }
}

fn router(parts: Parts) -> Router {
    let Parts { verifier, receiver, gate, billing, pages } = parts;
    let webhook = Router::new()
        .route("/octany/webhook", post(async |_: OctanyEvent| StatusCode::NO_CONTENT))
        .layer(OctanyWebhookLayer::new(verifier).receiver(receiver));
    Router::new()
        .route("/reports", get(async || "Reports"))
        .route_layer(RequireSubscription::from_parts(gate, user_of).pages(pages))
        .nest_service("/billing", BillingRoutes::from_parts(billing, user_of))
        .merge(webhook)
}
