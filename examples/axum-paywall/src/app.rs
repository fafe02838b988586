//! The application: a webhook, a free page, a paid page and a page about whoever asks.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Extension, Router};
use chrono::TimeDelta;
use octany_axum::{ActiveSubscription, OctanyEvent, OctanyWebhookLayer, RequireSubscription};
use octany_core::AccessPolicy;
use octany_core::signature::Verifier;
use octany_entitlement::{Clock, Gate, GuardPages, OnOutage, Receiver};
use octany_sqlx::SqliteStore;
use paywall::mails::Mails;
use paywall::settings::Settings;
use paywall::{Error, pages};

use crate::user::{CurrentUser, authenticate, sign_in};

/// What the handlers share.
#[derive(Clone, Debug)]
pub(crate) struct App {
    store: Arc<SqliteStore>,
    gate: Gate,
    mails: Mails,
}

impl App {
    pub(crate) async fn open(settings: Settings) -> Result<(Self, Router), Error> {
        let store = Arc::new(SqliteStore::open(&settings.database).await?);
        let mails = Mails::open(&settings.database, settings.mail_delay).await?;
        store.prune_deliveries(settings.clock.now() - TimeDelta::days(30)).await?;

        // Receive: verified, stored, and not handled twice.
        let receiver = Receiver::builder()
            .ledger(store.clone())
            .lease(settings.lease)
            .clock(settings.clock.clone())
            .build();
        let webhook = OctanyWebhookLayer::new(Verifier::new(settings.secret)).receiver(receiver);

        // Guard: who has paid may pass.
        let gate =
            Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny).clock(settings.clock);
        let paid = RequireSubscription::new(gate.clone(), |user: &CurrentUser| user.reference_id())
            .pages(GuardPages::new().sign_in("/").paywall("/pricing"));

        let app = Self { store, gate, mails };
        let router = Router::new()
            .route("/reports", get(reports))
            .route_layer(paid)
            .route("/", get(home))
            .route("/me", get(me))
            .route("/pricing", get(pricing))
            .route("/sign-in", get(sign_in))
            .layer(from_fn(authenticate))
            .route("/octany/webhook", post(on_event).layer(webhook))
            .with_state(app.clone());
        Ok((app, router))
    }

    pub(crate) async fn close(&self) {
        self.mails.close().await;
        self.store.close().await;
    }
}

/// Does not run again for a delivery that was dealt with.
async fn on_event(State(app): State<App>, event: OctanyEvent) -> StatusCode {
    match app.mails.welcome(&event).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Only subscribers get here.
async fn reports(subscription: ActiveSubscription) -> Html<String> {
    Html(pages::reports(&subscription))
}

async fn home(user: Option<Extension<CurrentUser>>) -> Html<String> {
    Html(pages::home(user.as_ref().map(|user| user.id.as_str())))
}

async fn pricing(user: Option<Extension<CurrentUser>>) -> Result<Html<String>, StatusCode> {
    let user = user.as_ref().map_or("visitor", |user| user.id.as_str());
    let checkout = Settings::checkout(user).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(Html(pages::paywall(&checkout)))
}

async fn me(
    State(app): State<App>,
    user: Option<Extension<CurrentUser>>,
) -> Result<Html<String>, StatusCode> {
    let Extension(user) = user.ok_or(StatusCode::UNAUTHORIZED)?;
    let away = StatusCode::SERVICE_UNAVAILABLE;
    let decision = app.gate.decide(&user.reference_id()).await.map_err(|_| away)?;
    let mails = app.mails.count(&user.id).await.map_err(|_| away)?;
    Ok(Html(pages::me(&user.id, &decision, mails)))
}
