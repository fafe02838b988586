//! What stands in the log, and what does not.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use crate::capture::Log;
use crate::support::{ask, gate, guard, request};

async fn handler() {
    tracing::info!("in the handler");
}

#[tokio::test]
async fn the_lines_of_a_request_name_the_decision_and_its_reason_and_not_who_asks() {
    for (user, status, span) in [
        ("payer", StatusCode::OK, "octany_guard{granted=true reason=\"active\""),
        ("debtor", StatusCode::PAYMENT_REQUIRED, "octany_guard{granted=false reason=\"unpaid\""),
    ] {
        let (log, logging) = Log::start();
        let app = Router::new().route("/", get(handler)).route_layer(guard(gate().await));
        let response = ask(app, Some(user), request()).await;
        drop(logging);
        assert_eq!(response.status(), status);

        let log = log.text();
        assert!(log.lines().any(|line| line.contains(span)), "{log}");
        assert!(!log.contains(user), "{log}");
    }
}
