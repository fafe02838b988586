//! The app on actix-web.

use actix_web::{App as Actix, HttpRequest, HttpResponse, HttpServer, web};
use octany_actix::{BillingRoutes, OctanyEvent, OctanyWebhookLayer, RequireSubscription};
use octany_core::ReferenceId;

use super::app::{App, Hears, Octany, Parts, user};

pub(crate) fn start(octany: Octany, hears: Hears) -> App {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let (parts, changes) = octany.parts(address, hears);
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                let parts = parts.clone();
                Actix::new().configure(move |config| routes(config, parts))
            });
            server.workers(1).disable_signals().listen(listener)?.run().await
        })
    });
    App { base: format!("http://{address}"), octany, changes }
}

fn routes(config: &mut web::ServiceConfig, parts: Parts) {
    let Parts { verifier, receiver, gate, billing, pages } = parts;
    let webhook = web::resource("/octany/webhook")
        .route(web::post().to(async |_: OctanyEvent| HttpResponse::NoContent()))
        .wrap(OctanyWebhookLayer::new(verifier).receiver(receiver));
    let reports = web::resource("/reports")
        .route(web::get().to(async || "Reports"))
        .wrap(RequireSubscription::from_request(gate, user_of).pages(pages));
    let billing = web::scope("/billing").service(BillingRoutes::from_request(billing, user_of));
    config.service(webhook).service(reports).service(billing);
}

fn user_of(request: &HttpRequest) -> Option<ReferenceId> {
    user(request.headers().get("x-user").and_then(|it| it.to_str().ok()))
}
