//! The application: a webhook, a free page, a paid page, the way from one to the other, and a page
//! about whoever asks.

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Extension, Router};
use octany_axum::{
    ActiveSubscription, BillingRoutes, OctanyEvent, OctanyWebhookLayer, RequireSubscription,
};
use octany_billing::Offer;
use paywall::mails::Mails;
use paywall::octany::Octany;
use paywall::settings::Settings;
use paywall::{Error, pages};

use crate::user::{CurrentUser, authenticate, sign_in};

/// What the handlers share.
#[derive(Clone, Debug)]
pub(crate) struct App {
    octany: Octany,
    offer: Offer,
    mails: Mails,
}

impl App {
    pub(crate) async fn open(settings: Settings) -> Result<Self, Error> {
        Ok(Self {
            octany: Octany::open(&settings).await?,
            offer: settings.offer,
            mails: Mails::open(&settings.database, settings.mail_delay).await?,
        })
    }

    pub(crate) fn router(&self) -> Router {
        let Octany { verifier, receiver, gate, pages, billing, .. } = self.octany.clone();
        let webhook = OctanyWebhookLayer::new(verifier).receiver(receiver);
        let paid = RequireSubscription::new(gate, |user: &CurrentUser| user.reference_id());
        let billing = BillingRoutes::new(billing, |user: &CurrentUser| user.reference_id());
        Router::new()
            .route("/reports", get(reports))
            .route_layer(paid.pages(pages))
            .nest_service("/billing", billing)
            .route("/", get(home))
            .route("/me", get(me))
            .route("/pricing", get(pricing))
            .route("/sign-in", get(sign_in))
            .layer(from_fn(authenticate))
            .route("/octany/webhook", post(on_event).layer(webhook))
            .with_state(self.clone())
    }

    pub(crate) async fn close(&self) {
        self.mails.close().await;
        self.octany.close().await;
    }
}

/// Does not run again for a delivery that was dealt with.
async fn on_event(State(app): State<App>, event: OctanyEvent) -> Result<StatusCode, StatusCode> {
    let try_later = StatusCode::SERVICE_UNAVAILABLE;
    if let Some(user) = app.octany.subscriber(&event).await.map_err(|_| try_later)? {
        app.mails.welcome(&user).await.map_err(|_| try_later)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Only subscribers get here.
async fn reports(subscription: ActiveSubscription) -> Html<String> {
    Html(pages::reports(&subscription))
}

async fn home(user: Option<Extension<CurrentUser>>) -> Html<String> {
    Html(pages::home(user.as_ref().map(|user| user.id.as_str())))
}

async fn pricing(State(app): State<App>) -> Html<String> {
    Html(pages::paywall(&app.offer))
}

async fn me(
    State(app): State<App>,
    user: Option<Extension<CurrentUser>>,
) -> Result<Html<String>, StatusCode> {
    let Extension(user) = user.ok_or(StatusCode::UNAUTHORIZED)?;
    let away = StatusCode::SERVICE_UNAVAILABLE;
    let decision = app.octany.gate.decide(&user.reference_id()).await.map_err(|_| away)?;
    let mails = app.mails.count(&user.id).await.map_err(|_| away)?;
    Ok(Html(pages::me(&user.id, &decision, mails)))
}
