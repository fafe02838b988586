//! What stands in the log, and what does not.

use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, ResponseError, web};
use octany_actix::{OctanyEvent, WebhookRejection};
use octany_entitlement::Refusal;

use crate::capture::Log;
use crate::support::{Failing, Web, deliver, layer, memory, subscription_created, test_hook};

async fn handler(_: OctanyEvent) -> HttpResponse {
    tracing::info!("in the handler");
    HttpResponse::Ok().finish()
}

#[actix_web::test]
async fn the_lines_of_a_handler_name_the_event_and_the_delivery_and_nothing_secret() {
    for layer in [layer(), memory().1] {
        let (log, logging) = Log::start();
        let app = Web::resource(layer, web::post().to(handler)).await;
        app.call(deliver(subscription_created(4711))).await;
        app.call(deliver("[\"user_42\"]")).await;
        drop(logging);

        let log = log.text();
        let line = log.lines().find(|line| line.contains("in the handler")).unwrap();
        assert!(line.contains("octany_delivery{"), "{line}");
        assert!(line.contains("event=subscription.created delivery=4711"), "{line}");
        assert!(log.contains("not_an_event"), "{log}");
        for secret in ["user_42", "0123456789abcdef", "76963688"] {
            assert!(!log.contains(secret), "{log}");
        }
    }
}

#[actix_web::test]
async fn a_refusal_is_logged_once_however_often_the_error_is_rendered() {
    let (log, logging) = Log::start();
    let rejection = WebhookRejection::from(Refusal::TimedOut);
    assert_eq!(log.text(), "");
    rejection.error_response();
    rejection.error_response();
    assert_eq!(log.text().lines().count(), 1);
    let _: HttpResponse = rejection.clone().error_response();
    drop(logging);
    assert_eq!(log.text().lines().count(), 1);
}

#[actix_web::test]
async fn a_missing_layer_is_logged_even_where_an_option_swallows_it() {
    async fn perhaps(event: Option<OctanyEvent>) -> String {
        event.is_some().to_string()
    }
    let (log, logging) = Log::start();
    let app = App::new().route("/", web::post().to(perhaps));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    app.call(deliver(test_hook(1))).await;
    drop(logging);
    assert_eq!(log.text().matches("webhook_layer_missing").count(), 1);
}

#[actix_web::test]
async fn a_delivery_that_could_not_be_stored_is_named_in_its_refusal() {
    for layer in [
        layer().sync(Failing::Apply),
        layer().deliveries(Failing::Claim),
        layer().deliveries(Failing::Complete),
    ] {
        let (log, logging) = Log::start();
        let app = Web::resource(layer, web::post().to(handler)).await;
        app.call(deliver(subscription_created(4711))).await;
        drop(logging);

        let log = log.text();
        let line = log.lines().find(|line| line.contains("store_unavailable")).unwrap();
        assert!(line.contains("event=subscription.created delivery=4711"), "{line}");
    }
}
