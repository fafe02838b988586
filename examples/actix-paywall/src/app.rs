//! The application: a webhook, a free page, a paid page and a page about whoever asks.

use std::sync::Arc;

use actix_web::error::{ErrorBadRequest, ErrorServiceUnavailable, ErrorUnauthorized};
use actix_web::web::{self, Data, Html, ReqData};
use actix_web::{Error as WebError, HttpResponse};
use chrono::TimeDelta;
use octany_actix::{ActiveSubscription, OctanyEvent, OctanyWebhookLayer, RequireSubscription};
use octany_core::AccessPolicy;
use octany_core::signature::Verifier;
use octany_entitlement::{Clock, Gate, GuardPages, OnOutage, Receiver};
use octany_sqlx::SqliteStore;
use paywall::mails::Mails;
use paywall::settings::Settings;
use paywall::{Error, pages};

use crate::user::{CurrentUser, sign_in};

/// What the workers and their handlers share.
#[derive(Clone, Debug)]
pub(crate) struct App {
    store: Arc<SqliteStore>,
    webhook: OctanyWebhookLayer,
    gate: Gate,
    mails: Mails,
}

impl App {
    pub(crate) async fn open(settings: Settings) -> Result<Self, Error> {
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
        let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny);
        Ok(Self { store, webhook, gate: gate.clock(settings.clock), mails })
    }

    pub(crate) fn routes(&self, config: &mut web::ServiceConfig) {
        let paid =
            RequireSubscription::new(self.gate.clone(), |user: &CurrentUser| user.reference_id())
                .pages(GuardPages::new().sign_in("/").paywall("/pricing"));
        config
            .app_data(Data::new(self.clone()))
            .service(web::resource("/reports").route(web::get().to(reports)).wrap(paid))
            .route("/", web::get().to(home))
            .route("/me", web::get().to(me))
            .route("/pricing", web::get().to(pricing))
            .route("/sign-in", web::get().to(sign_in))
            .service(
                web::resource("/octany/webhook")
                    .route(web::post().to(on_event))
                    .wrap(self.webhook.clone()),
            );
    }

    pub(crate) async fn close(&self) {
        self.mails.close().await;
        self.store.close().await;
    }
}

/// Does not run again for a delivery that was dealt with.
async fn on_event(app: Data<App>, event: OctanyEvent) -> HttpResponse {
    match app.mails.welcome(&event).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// Only subscribers get here.
async fn reports(subscription: ActiveSubscription) -> Html {
    Html::new(pages::reports(&subscription))
}

async fn home(user: Option<ReqData<CurrentUser>>) -> Html {
    Html::new(pages::home(user.as_ref().map(|user| user.id.as_str())))
}

async fn pricing(user: Option<ReqData<CurrentUser>>) -> Result<Html, WebError> {
    let user = user.as_ref().map_or("visitor", |user| user.id.as_str());
    let checkout = Settings::checkout(user).map_err(|_| ErrorBadRequest("no such user"))?;
    Ok(Html::new(pages::paywall(&checkout)))
}

async fn me(app: Data<App>, user: Option<ReqData<CurrentUser>>) -> Result<Html, WebError> {
    let user = user.ok_or_else(|| ErrorUnauthorized("sign in first"))?;

    let decision = app.gate.decide(&user.reference_id()).await;
    let decision = decision.map_err(|_| ErrorServiceUnavailable("come back later"))?;
    let mails = app.mails.count(&user.id).await;
    let mails = mails.map_err(|_| ErrorServiceUnavailable("come back later"))?;
    Ok(Html::new(pages::me(&user.id, &decision, mails)))
}
