//! The application on actix-web.

use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::mpsc;

use actix_web::dev::{Payload, Service as _, ServiceRequest};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{
    App as Actix, FromRequest, HttpMessage as _, HttpRequest, HttpResponse, HttpServer,
};
use octany_actix::{
    ActiveSubscription, BillingRoutes, Decision, OctanyEvent, OctanyWebhookLayer,
    RequireSubscription, Subscribed, VerifiedBody, acknowledge,
};
use octany_entitlement::{Denial, Gate, Refusal};

use super::app::{App, BODY_LIMIT, BODY_TIMEOUT, CurrentUser, session};

/// Starts it on a thread of its own, and tells where it listens.
pub(crate) fn start(app: App) -> SocketAddr {
    let (told, address) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                Actix::new()
                    .wrap_fn(|request: ServiceRequest, service| {
                        sign_in(&request);
                        service.call(request)
                    })
                    .configure(|config| routes(config, &app))
                    .configure(|config| billing_routes(config, &app))
            });
            let server =
                server.workers(2).disable_signals().bind(("127.0.0.1", 0)).expect("a free port");
            told.send(server.addrs()[0]).expect("somebody waits");
            server.run().await
        })
    });
    address.recv().expect("the server starts")
}

fn routes(config: &mut web::ServiceConfig, app: &App) {
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
            .then(|| text(StatusCode::NOT_FOUND, "nothing here"))
    };
    let by_session =
        RequireSubscription::from_async(app.gate.clone(), async |request: HttpRequest| {
            tokio::task::yield_now().await;
            session(request.headers().get("x-user").and_then(|user| user.to_str().ok()))
        });
    let at = |path: &str| web::resource(path.to_owned());
    checkouts(config, app);
    config
        .app_data(Data::new(app.clone()))
        .app_data(app.gate.clone())
        .service(
            at("/webhook")
                .route(web::post().to(on_event))
                .wrap(webhook().receiver(app.receiver.clone())),
        )
        .service(
            at("/webhook/away")
                .route(web::post().to(on_event))
                .wrap(webhook().receiver(app.away.clone())),
        )
        .service(
            at("/webhook/log-away")
                .route(web::post().to(on_event))
                .wrap(webhook().receiver(app.log_away.clone())),
        )
        .service(
            at("/webhook/lost")
                .route(web::post().to(on_event))
                .wrap(webhook().receiver(app.lost.clone())),
        )
        .service(
            at("/webhook/incomplete")
                .route(web::post().to(on_event))
                .wrap(webhook().receiver(app.incomplete.clone())),
        )
        .service(
            at("/webhook/inbox")
                .route(web::post().to(on_event))
                .wrap(webhook().receiver(app.inbox.clone())),
        )
        .service(at("/webhook/verified").route(web::post().to(verified)).wrap(webhook()))
        .service(at("/webhook/event").route(web::post().to(on_event)).wrap(webhook()))
        .service(at("/webhook/bytes").route(web::post().to(bytes)).wrap(webhook()))
        .service(at("/webhook/acknowledge").route(web::post().to(acknowledge)).wrap(webhook()))
        .service(
            at("/webhook/hooked")
                .route(web::post().to(on_event))
                .wrap(webhook().on_refused(hidden)),
        )
        .service(at("/webhook/self").app_data(app.verifier.clone()).route(web::post().to(verified)))
        .service(at("/webhook/bare").route(web::post().to(on_event)))
        .service(at("/webhook/bare/body").route(web::post().to(verified)))
        .service(at("/paid").route(web::get().to(paid)).wrap(guard(&app.gate)))
        .service(
            at("/paid/pages")
                .route(web::get().to(paid))
                .wrap(guard(&app.gate).pages(app.pages.clone())),
        )
        .service(
            at("/paid/hooked").route(web::get().to(paid)).wrap(guard(&app.gate).on_denied(told)),
        )
        .service(
            at("/paid/away")
                .route(web::get().to(paid))
                .wrap(guard(&app.gate_away).pages(app.pages.clone())),
        )
        .service(at("/paid/shadow").route(web::get().to(decision)).wrap(guard(&app.shadow)))
        .service(at("/paid/shadow/active").route(web::get().to(paid)).wrap(guard(&app.shadow)))
        .service(
            at("/paid/shadow/pages")
                .route(web::get().to(paid))
                .wrap(guard(&app.shadow).pages(app.pages.clone())),
        )
        .service(at("/paid/async").route(web::get().to(paid)).wrap(by_session))
        .service(at("/paid/shadow/away").route(web::get().to(free)).wrap(guard(&app.shadow_away)))
        .service(at("/paid/bare").route(web::get().to(paid)))
        .service(at("/paid/bare/decision").route(web::get().to(decision)))
        .service(at("/paid/subscribed").route(web::get().to(subscribed)))
        .service(at("/free").route(web::get().to(free)));
}

/// Those that look whether a checkout is in flight.
fn checkouts(config: &mut web::ServiceConfig, app: &App) {
    let guard = |gate: &Gate| {
        RequireSubscription::new(gate.clone(), |user: &CurrentUser| user.reference_id())
    };
    let paid = |path: &str| web::resource(path.to_owned()).route(web::get().to(paid));
    config
        .service(paid("/paid/checkouts").wrap(guard(&app.checkouts).pages(app.pages.clone())))
        .service(paid("/paid/checkouts/plain").wrap(guard(&app.checkouts)))
        .service(paid("/paid/checkouts/hooked").wrap(guard(&app.checkouts).on_denied(told)))
        .service(
            paid("/paid/checkouts/away").wrap(guard(&app.checkouts_away).pages(app.pages.clone())),
        );
}

fn billing_routes(config: &mut web::ServiceConfig, app: &App) {
    let billing = |mount| {
        BillingRoutes::new(app.billing[mount].clone(), |user: &CurrentUser| user.reference_id())
    };
    let by_session_too = BillingRoutes::from_async(
        app.billing["/billing/away"].clone(),
        async |request: HttpRequest| {
            tokio::task::yield_now().await;
            session(request.headers().get("x-user").and_then(|user| user.to_str().ok()))
        },
    );
    config
        .service(web::scope("/billing/plain").service(billing("/billing/plain")))
        .service(web::scope("/billing/unnoted").service(billing("/billing/unnoted")))
        .service(web::scope("/billing/away").service(by_session_too))
        .service(web::scope("/billing").service(billing("/billing")));
}

/// As axum answers text.
fn text(status: StatusCode, text: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(text.to_owned())
}

fn told(denial: &Denial, request: &HttpRequest) -> HttpResponse {
    text(StatusCode::FORBIDDEN, &format!("{} {}", request.uri(), denial.as_str()))
}

fn sign_in(request: &ServiceRequest) {
    let user = request.headers().get("x-user").and_then(|user| user.to_str().ok());
    if let Some(user) = user {
        request.extensions_mut().insert(CurrentUser(user.to_owned()));
    }
}

async fn on_event(app: Data<App>, event: OctanyEvent) -> HttpResponse {
    let status = StatusCode::from_u16(app.handle(&event).await).unwrap_or_default();
    HttpResponse::new(status)
}

async fn verified(body: VerifiedBody) -> HttpResponse {
    text(StatusCode::OK, &format!("{} bytes by {}", body.len(), body.secret_label()))
}

async fn bytes(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/octet-stream").body(body)
}

async fn paid(subscription: ActiveSubscription) -> HttpResponse {
    text(StatusCode::OK, subscription.subscription.as_str())
}

async fn decision(decision: Decision) -> HttpResponse {
    text(StatusCode::OK, decision.reason().as_str())
}

async fn free() -> HttpResponse {
    text(StatusCode::OK, "free")
}

async fn subscribed(Subscribed { user, subscription }: Subscribed<CurrentUser>) -> HttpResponse {
    text(StatusCode::OK, &format!("{} {}", user.0, subscription.subscription))
}

impl FromRequest for CurrentUser {
    type Error = InternalError<&'static str>;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.extensions().get().cloned();
        ready(user.ok_or_else(|| {
            InternalError::from_response("", HttpResponse::new(StatusCode::IM_A_TEAPOT))
        }))
    }
}
