//! A gate that only records.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use octany_axum::{ActiveSubscription, Decision};
use octany_entitlement::{Denial, GuardPages};

use crate::support::{app, ask, broken_gate, denial, gate, guard, request, text};

async fn paid(subscription: ActiveSubscription) -> String {
    subscription.status.to_string()
}

async fn perhaps(subscription: Option<ActiveSubscription>) -> String {
    subscription.map_or("nothing".to_owned(), |subscription| subscription.status.to_string())
}

#[tokio::test]
async fn everybody_passes() {
    for (gate, user, seen) in [
        (gate().await, Some("payer"), "active"),
        (gate().await, Some("debtor"), "unpaid"),
        (gate().await, None, "no decision"),
        (broken_gate(), Some("payer"), "no decision"),
    ] {
        let response = ask(app(guard(gate.shadow())), user, request()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.extensions().get::<Denial>().is_none());
        assert_eq!(text(response).await, seen);
    }
}

#[tokio::test]
async fn a_handler_that_needs_a_subscription_answers_as_the_guard_would() {
    for (gate, user, status) in [
        (gate().await, Some("payer"), StatusCode::OK),
        (gate().await, Some("debtor"), StatusCode::PAYMENT_REQUIRED),
        (gate().await, None, StatusCode::UNAUTHORIZED),
        (broken_gate(), Some("payer"), StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let app = Router::new().route("/", get(paid)).route_layer(guard(gate.shadow()));
        assert_eq!(ask(app, user, request()).await.status(), status);
    }
}

#[tokio::test]
async fn it_sends_browsers_where_the_guard_would() {
    let guard = guard(gate().await.shadow()).pages(GuardPages::new().paywall("/pricing"));
    let app = Router::new().route("/", get(paid)).route_layer(guard);
    let mut browser = request();
    browser.headers_mut().insert("accept", "text/html".parse().unwrap());
    let response = ask(app, Some("debtor"), browser).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["location"], "/pricing");
}

#[tokio::test]
async fn a_handler_that_can_do_without_finds_out() {
    for (user, seen) in [(Some("payer"), "active"), (Some("debtor"), "nothing"), (None, "nothing")]
    {
        let guard = guard(gate().await.shadow());
        let app = Router::new().route("/", get(perhaps)).route_layer(guard);
        assert_eq!(text(ask(app, user, request()).await).await, seen);
    }
}

#[tokio::test]
async fn an_outer_guards_decision_does_not_pass_for_that_of_one_in_shadow() {
    async fn decided(_: Decision) {}
    let app = Router::new()
        .route("/", get(decided))
        .route_layer(guard(broken_gate().shadow()))
        .route_layer(guard(gate().await));
    let response = ask(app, Some("payer"), request()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(matches!(denial(&response), Denial::CouldNotTell(_)));
}
