//! The application on axum.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use octany_axum::{
    ActiveSubscription, BillingRoutes, Decision, OctanyEvent, OctanyWebhookLayer,
    RequireSubscription, Subscribed, VerifiedBody, acknowledge,
};
use octany_core::ReferenceId;
use octany_entitlement::{Denial, Gate, Refusal, Subscriber};

use super::app::{App, BODY_LIMIT, BODY_TIMEOUT, CurrentUser, session};

/// Starts it, and tells where it listens.
pub(crate) async fn start(app: App) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move { axum::serve(listener, router(app)).await });
    address
}

fn router(app: App) -> Router {
    let webhook = || {
        OctanyWebhookLayer::new(app.verifier.clone())
            .body_limit(BODY_LIMIT)
            .body_timeout(BODY_TIMEOUT)
    };
    let guard = |gate: &Gate| {
        RequireSubscription::new(gate.clone(), |user: &CurrentUser| user.reference_id())
    };
    let hidden = |refusal: &Refusal| {
        matches!(refusal, Refusal::Signature(_))
            .then(|| (StatusCode::NOT_FOUND, "nothing here").into_response())
    };
    let told = |denial: &Denial, parts: &Parts| -> Response {
        (StatusCode::FORBIDDEN, format!("{} {}", parts.uri, denial.as_str())).into_response()
    };
    let by_session = RequireSubscription::from_async(app.gate.clone(), async |parts: Parts| {
        tokio::task::yield_now().await;
        session(parts.headers.get("x-user").and_then(|user| user.to_str().ok()))
    });
    let billing = |mount| {
        BillingRoutes::new(app.billing[mount].clone(), |user: &CurrentUser| user.reference_id())
    };
    let by_session_too =
        BillingRoutes::from_async(app.billing["/billing/away"].clone(), async |parts: Parts| {
            tokio::task::yield_now().await;
            session(parts.headers.get("x-user").and_then(|user| user.to_str().ok()))
        });
    Router::new()
        .nest_service("/billing", billing("/billing"))
        .nest_service("/billing/plain", billing("/billing/plain"))
        .nest_service("/billing/unnoted", billing("/billing/unnoted"))
        .nest_service("/billing/away", by_session_too)
        .route("/webhook", post(on_event).layer(webhook().receiver(app.receiver.clone())))
        .route("/webhook/away", post(on_event).layer(webhook().receiver(app.away.clone())))
        .route("/webhook/log-away", post(on_event).layer(webhook().receiver(app.log_away.clone())))
        .route("/webhook/lost", post(on_event).layer(webhook().receiver(app.lost.clone())))
        .route(
            "/webhook/incomplete",
            post(on_event).layer(webhook().receiver(app.incomplete.clone())),
        )
        .route("/webhook/inbox", post(on_event).layer(webhook().receiver(app.inbox.clone())))
        .route("/webhook/verified", post(verified).layer(webhook()))
        .route("/webhook/event", post(on_event).layer(webhook()))
        .route("/webhook/bytes", post(bytes).layer(webhook()))
        .route("/webhook/acknowledge", post(acknowledge).layer(webhook()))
        .route("/webhook/hooked", post(on_event).layer(webhook().on_refused(hidden)))
        .route("/webhook/self", post(verified).layer(Extension(app.verifier.clone())))
        .route("/webhook/bare", post(on_event))
        .route("/webhook/bare/body", post(verified))
        .route("/paid", get(paid).layer(guard(&app.gate)))
        .route("/paid/pages", get(paid).layer(guard(&app.gate).pages(app.pages.clone())))
        .route("/paid/hooked", get(paid).layer(guard(&app.gate).on_denied(told)))
        .route("/paid/away", get(paid).layer(guard(&app.gate_away).pages(app.pages.clone())))
        .route("/paid/shadow", get(decision).layer(guard(&app.shadow)))
        .route("/paid/shadow/active", get(paid).layer(guard(&app.shadow)))
        .route("/paid/shadow/pages", get(paid).layer(guard(&app.shadow).pages(app.pages.clone())))
        .route("/paid/checkouts", get(paid).layer(guard(&app.checkouts).pages(app.pages.clone())))
        .route("/paid/checkouts/plain", get(paid).layer(guard(&app.checkouts)))
        .route("/paid/checkouts/hooked", get(paid).layer(guard(&app.checkouts).on_denied(told)))
        .route(
            "/paid/checkouts/away",
            get(paid).layer(guard(&app.checkouts_away).pages(app.pages.clone())),
        )
        .route("/paid/async", get(paid).layer(by_session))
        .route("/paid/shadow/away", get(free).layer(guard(&app.shadow_away)))
        .route("/paid/bare", get(paid))
        .route("/paid/bare/decision", get(decision))
        .route("/paid/subscribed", get(subscribed))
        .route("/free", get(free))
        .layer(from_fn(sign_in))
        .with_state(app)
}

async fn sign_in(mut request: Request, next: Next) -> Response {
    let user = request.headers().get("x-user").and_then(|user| user.to_str().ok());
    if let Some(user) = user.map(ToOwned::to_owned) {
        request.extensions_mut().insert(CurrentUser(user));
    }
    next.run(request).await
}

async fn on_event(State(app): State<App>, event: OctanyEvent) -> StatusCode {
    StatusCode::from_u16(app.handle(&event).await).unwrap_or_default()
}

async fn verified(body: VerifiedBody) -> String {
    format!("{} bytes by {}", body.len(), body.secret_label())
}

async fn bytes(body: Bytes) -> Bytes {
    body
}

async fn paid(subscription: ActiveSubscription) -> String {
    subscription.subscription.to_string()
}

async fn decision(decision: Decision) -> String {
    decision.reason().to_string()
}

async fn free() -> &'static str {
    "free"
}

async fn subscribed(Subscribed { user, subscription }: Subscribed<CurrentUser>) -> String {
    format!("{} {}", user.0, subscription.subscription)
}

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get().cloned().ok_or(StatusCode::IM_A_TEAPOT)
    }
}

impl Subscriber for CurrentUser {
    fn reference_id(&self) -> Option<ReferenceId> {
        (self.0 != "visitor").then(|| self.0.as_str().into())
    }
}

impl axum::extract::FromRef<App> for Gate {
    fn from_ref(app: &App) -> Self {
        app.gate.clone()
    }
}
