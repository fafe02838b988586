//! What guarded handlers ask for.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};
use octany_axum::{ActiveSubscription, Decision, GuardRejection};
use octany_entitlement::{self as entitlement, Denial};

use crate::support::{ask, denial, gate, guard, request, text};

async fn paid(subscription: ActiveSubscription) -> String {
    let known = subscription.subscription();
    assert_eq!(known.as_of(), subscription.decision().as_of().unwrap());
    format!("{} {}", subscription.subscription, known.status)
}

#[tokio::test]
async fn a_handler_sees_the_subscription_that_was_paid_for() {
    let app = Router::new().route("/", get(paid)).route_layer(guard(gate().await));
    assert_eq!(text(ask(app, Some("payer"), request()).await).await, "1 active");
}

#[tokio::test]
async fn without_a_guard_nobody_has_paid_and_the_answer_names_the_guard() {
    async fn decided(_: Decision) {}
    async fn perhaps(_: Option<ActiveSubscription>) {}
    async fn perhaps_decided(_: Option<Decision>) {}
    for handler in [get(paid), get(decided), get(perhaps), get(perhaps_decided)] {
        let app = Router::new().route("/", handler);
        let response = ask(app, Some("payer"), request()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(matches!(denial(&response), Denial::NoGuard));
        assert!(text(response).await.contains("RequireSubscription, or its Gate, is missing"));
    }
}

#[tokio::test]
async fn a_handler_takes_the_decision_in_either_way() {
    async fn either(a: Decision, b: Extension<entitlement::Decision>) -> String {
        format!("{} {}", a.reason(), b.reason())
    }
    let app = Router::new().route("/", get(either)).route_layer(guard(gate().await));
    assert_eq!(text(ask(app, Some("payer"), request()).await).await, "active active");
}

#[tokio::test]
async fn a_handler_sees_why_it_was_given_nothing() {
    async fn look(subscription: Result<ActiveSubscription, GuardRejection>) -> String {
        let rejection = subscription.unwrap_err();
        assert_eq!(rejection.status(), StatusCode::PAYMENT_REQUIRED);
        assert!(rejection.body_text().contains(r#""reason":"unpaid""#));
        assert!(matches!(rejection.denial(), Denial::NotPaid(_)));
        rejection.to_string()
    }
    let app = Router::new().route("/", get(look)).route_layer(guard(gate().await.shadow()));
    let response = ask(app, Some("debtor"), request()).await;
    assert_eq!(text(response).await, "the request was denied: unpaid");
}

#[tokio::test]
async fn a_rejection_answers_as_the_guard_does() {
    async fn look(subscription: Result<ActiveSubscription, GuardRejection>) -> impl IntoResponse {
        subscription.unwrap_err()
    }
    let guarded = Router::new().route("/", get(paid)).route_layer(guard(gate().await));
    let shadow = Router::new().route("/", get(look)).route_layer(guard(gate().await.shadow()));
    let by_guard = ask(guarded, Some("debtor"), request()).await;
    let by_extractor = ask(shadow, Some("debtor"), request()).await;
    assert_eq!(by_guard.status(), by_extractor.status());
    assert_eq!(by_guard.headers(), by_extractor.headers());
    assert_eq!(text(by_guard).await, text(by_extractor).await);
}
