//! The app on actix-web.

use std::net::TcpListener;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use octany_actix::{OctanyEvent, OctanyWebhookLayer, RequireSubscription};
use octany_core::ReferenceId;
use tokio::sync::oneshot::{Receiver, Sender};

use super::app::{Parts, Recipe, WEBHOOK};
use super::octany::VirtualTime;
use super::stage::Handler;
use super::visit;

pub(crate) fn serve(
    recipe: &Recipe,
    secrets: &[String],
    listener: TcpListener,
    ready: Sender<()>,
    killed: Receiver<()>,
) {
    actix_web::rt::System::new().block_on(async {
        let (parts, clock) = (recipe.parts(secrets).await, recipe.octany.clock());
        let server = HttpServer::new(move || {
            let (parts, clock) = (parts.clone(), clock.clone());
            App::new().configure(move |config| routes(config, parts, clock))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        ready.send(()).unwrap();
        drop(killed.await);
        // Not gracefully: connections are dropped, and what is under way with them.
        handle.stop(false).await;
        serving.await.unwrap().unwrap();
    });
}

fn routes(config: &mut web::ServiceConfig, parts: Parts, clock: VirtualTime) {
    let Parts { verifier, made, handler } = parts;
    let webhook = OctanyWebhookLayer::new(verifier).clock(clock).receiver(made.receiver);
    let webhook = web::resource(WEBHOOK)
        .app_data(web::Data::new(handler))
        .route(web::post().to(on_event))
        .wrap(webhook);
    let paid = web::resource(visit::PAID)
        .route(web::get().to(async || "Reports"))
        .wrap(RequireSubscription::from_request(made.gate, user_of));
    config.service(webhook).service(paid);
}

async fn on_event(handler: web::Data<Handler>, event: OctanyEvent) -> HttpResponse {
    let status = StatusCode::from_u16(handler.handle(&event).await).unwrap();
    HttpResponse::new(status)
}

fn user_of(request: &HttpRequest) -> Option<ReferenceId> {
    visit::user(request.headers().get(visit::USER)?.to_str().ok()?)
}
