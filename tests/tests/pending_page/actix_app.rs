//! The app on actix-web.

use std::collections::HashMap;
use std::net::TcpListener;

use actix_web::dev::{Service as _, ServiceRequest};
use actix_web::web::{self, Query, Redirect};
use actix_web::{App as Actix, HttpMessage as _, HttpResponse, HttpServer};
use octany_actix::{ActiveSubscription, BillingRoutes, RequireSubscription};

use super::app::{App, Octany, PRICING, Parts, Plan, parts, report};

pub(crate) fn start(plan: Plan) -> App {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let parts = parts(address, plan);
    let octany = parts.octany.clone();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                let parts = parts.clone();
                Actix::new().configure(move |config| routes(config, parts))
            });
            server.workers(1).disable_signals().listen(listener)?.run().await
        })
    });
    App { address, octany, _runtime: None }
}

fn routes(config: &mut web::ServiceConfig, parts: Parts) {
    let Parts { octany, gate, billing } = parts;
    let checkout = octany.clone();
    let checkout = move |Query(query): Query<HashMap<String, String>>| {
        let to = checkout.check_out(&query["referenceId"], &query["successUrl"]);
        std::future::ready(Redirect::to(to).see_other())
    };
    let paid = web::scope("")
        .service(
            web::resource("/reports")
                .route(web::get().to(reports))
                .wrap(RequireSubscription::new(gate, Octany::user)),
        )
        .service(web::scope("/billing").service(BillingRoutes::new(billing, Octany::user)))
        .wrap_fn(move |request: ServiceRequest, service| {
            request.extensions_mut().insert(octany.clone());
            service.call(request)
        });
    config
        .route("/pricing", web::get().to(async || html(PRICING.to_owned())))
        .route("/checkout/{account}/product/{product}", web::get().to(checkout))
        .service(paid);
}

async fn reports(subscription: ActiveSubscription) -> HttpResponse {
    html(report(subscription.subscription.as_str()))
}

fn html(page: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}
