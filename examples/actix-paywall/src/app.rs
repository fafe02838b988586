//! The application: a webhook, a free page, a paid page, the way from one to the other, and a page
//! about whoever asks.

use actix_web::Error as WebError;
use actix_web::HttpResponse;
use actix_web::error::{ErrorServiceUnavailable, ErrorUnauthorized};
use actix_web::web::{self, Data, Html, ReqData};
use octany_actix::{
    ActiveSubscription, BillingRoutes, OctanyEvent, OctanyWebhookLayer, RequireSubscription,
};
use octany_billing::Offer;
use paywall::mails::Mails;
use paywall::octany::Octany;
use paywall::settings::Settings;
use paywall::{Error, pages};

use crate::user::{CurrentUser, sign_in};

/// What the workers and their handlers share.
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

    pub(crate) fn routes(&self, config: &mut web::ServiceConfig) {
        let Octany { verifier, receiver, gate, pages, billing, .. } = self.octany.clone();
        let webhook = OctanyWebhookLayer::new(verifier).receiver(receiver);
        let paid = RequireSubscription::new(gate, |user: &CurrentUser| user.reference_id());
        let billing = BillingRoutes::new(billing, |user: &CurrentUser| user.reference_id());
        config
            .app_data(Data::new(self.clone()))
            .service(
                web::resource("/reports").route(web::get().to(reports)).wrap(paid.pages(pages)),
            )
            .service(web::scope("/billing").service(billing))
            .route("/", web::get().to(home))
            .route("/me", web::get().to(me))
            .route("/pricing", web::get().to(pricing))
            .route("/sign-in", web::get().to(sign_in))
            .service(
                web::resource("/octany/webhook").route(web::post().to(on_event)).wrap(webhook),
            );
    }

    pub(crate) async fn close(&self) {
        self.mails.close().await;
        self.octany.close().await;
    }
}

/// Does not run again for a delivery that was dealt with.
async fn on_event(app: Data<App>, event: OctanyEvent) -> Result<HttpResponse, WebError> {
    let subscriber = app.octany.subscriber(&event).await;
    if let Some(user) = subscriber.map_err(|_| ErrorServiceUnavailable("come back later"))? {
        let mailed = app.mails.welcome(&user).await;
        mailed.map_err(|_| ErrorServiceUnavailable("come back later"))?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Only subscribers get here.
async fn reports(subscription: ActiveSubscription) -> Html {
    Html::new(pages::reports(&subscription))
}

async fn home(user: Option<ReqData<CurrentUser>>) -> Html {
    Html::new(pages::home(user.as_ref().map(|user| user.id.as_str())))
}

async fn pricing(app: Data<App>) -> Html {
    Html::new(pages::paywall(&app.offer))
}

async fn me(app: Data<App>, user: Option<ReqData<CurrentUser>>) -> Result<Html, WebError> {
    let user = user.ok_or_else(|| ErrorUnauthorized("sign in first"))?;

    let decision = app.octany.gate.decide(&user.reference_id()).await;
    let decision = decision.map_err(|_| ErrorServiceUnavailable("come back later"))?;
    let mails = app.mails.count(&user.id).await;
    let mails = mails.map_err(|_| ErrorServiceUnavailable("come back later"))?;
    Ok(Html::new(pages::me(&user.id, &decision, mails)))
}
