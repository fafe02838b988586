//! The guard as an extractor.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Extension, Router};
use octany_axum::Subscribed;
use octany_core::ReferenceId;
use octany_entitlement::Subscriber;
use octany_entitlement::{Denial, Gate, GuardPages};

use crate::support::{User, ask, broken_gate, by_browser, denial, gate, request, slow_gate, text};

#[derive(Clone)]
struct AppState {
    gate: Gate,
}

impl FromRef<AppState> for Gate {
    fn from_ref(state: &AppState) -> Self {
        state.gate.clone()
    }
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get().cloned().ok_or((StatusCode::IM_A_TEAPOT, "who are you?"))
    }
}

impl Subscriber for User {
    fn reference_id(&self) -> Option<ReferenceId> {
        (self.0 != "guest").then(|| self.reference())
    }
}

async fn reports(Subscribed { user, subscription }: Subscribed<User>) -> String {
    format!("{} {}", user.0, subscription.status)
}

fn app(gate: Gate) -> Router {
    Router::new().route("/", get(reports)).with_state(AppState { gate })
}

#[tokio::test]
async fn a_handler_is_given_the_user_and_what_was_paid_for() {
    for gate in [gate().await, slow_gate().await] {
        let response = ask(app(gate), Some("payer"), request()).await;
        assert_eq!(text(response).await, "payer active");
    }
}

#[tokio::test]
async fn the_apps_own_rejection_comes_first() {
    let response = ask(app(broken_gate()), None, request()).await;
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(text(response).await, "who are you?");
}

#[tokio::test]
async fn who_may_not_pass_is_answered_as_by_the_layer() {
    for (gate, user, status) in [
        (gate().await, "debtor", StatusCode::PAYMENT_REQUIRED),
        (slow_gate().await, "debtor", StatusCode::PAYMENT_REQUIRED),
        (gate().await.shadow(), "debtor", StatusCode::PAYMENT_REQUIRED),
        (gate().await, "guest", StatusCode::UNAUTHORIZED),
        (broken_gate(), "payer", StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let response = ask(app(gate), Some(user), request()).await;
        assert_eq!(response.status(), status);
        assert_eq!(denial(&response).status(), status.as_u16());
    }
}

#[tokio::test]
async fn browsers_are_sent_to_the_pages_in_the_extensions() {
    let pages = GuardPages::new().paywall("/pricing").checkout_url("https://a.example/pay");
    let app = app(gate().await).layer(Extension(pages));
    let response = ask(app.clone(), Some("debtor"), by_browser()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["location"], "/pricing");
    assert!(matches!(denial(&response), Denial::NotPaid(_)));
    let response = ask(app, Some("debtor"), request()).await;
    assert!(text(response).await.contains("https://a.example/pay"));
}
