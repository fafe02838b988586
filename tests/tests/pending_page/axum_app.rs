//! The app on axum.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Query, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, Redirect};
use axum::routing::get;
use octany_axum::{ActiveSubscription, BillingRoutes, RequireSubscription};

use super::app::{App, Octany, PRICING, Parts, Plan, parts, report};

pub(crate) fn start(plan: Plan) -> App {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let parts = parts(address, plan);
    let octany = parts.octany.clone();
    runtime.spawn(async move { axum::serve(listener, router(parts)).await });
    App { address, octany, _runtime: Some(runtime) }
}

fn router(parts: Parts) -> Router {
    let Parts { octany, gate, billing } = parts;
    let checkout = octany.clone();
    let checkout = async move |Query(query): Query<HashMap<String, String>>| {
        Redirect::to(&checkout.check_out(&query["referenceId"], &query["successUrl"]))
    };
    let guard = RequireSubscription::new(gate, Octany::user);
    Router::new()
        .route("/reports", get(reports).layer(guard))
        .nest_service("/billing", BillingRoutes::new(billing, Octany::user))
        .layer(from_fn(move |mut request: Request, next: Next| {
            request.extensions_mut().insert(octany.clone());
            next.run(request)
        }))
        .route("/pricing", get(async || Html(PRICING)))
        .route("/checkout/{account}/product/{product}", get(checkout))
}

async fn reports(subscription: ActiveSubscription) -> Html<String> {
    Html(report(subscription.subscription.as_str()))
}
