//! What handlers ask for.

use std::error::Error;

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{Data, ReqData};
use actix_web::{App, HttpResponse, ResponseError, web};
use octany_actix::{OctanyEvent, VerifiedBody, WebhookRejection, acknowledge};
use octany_core::signature::{self, SignatureError, SigningSecret, Verifier};
use octany_core::{Event, Payload};
use octany_entitlement::Refusal;

use crate::support::{
    Web, deliver, event, layer, memory, refusal, subscription_created, test_hook, text, unsigned,
    verifier,
};

async fn describe(event: OctanyEvent) -> String {
    match &event.payload {
        Payload::SubscriptionCreated(subscription) => format!("welcome {}", subscription.id),
        Payload::TestHook(_) => "test".to_owned(),
        _ => event.name.to_string(),
    }
}

async fn length(body: VerifiedBody) -> String {
    format!("{} {}", body.len(), body.secret_label())
}

/// Without the layer.
async fn alone(data: Option<Verifier>) -> Web {
    let app = App::new().configure(|app| {
        app.route("/", web::post().to(describe)).route("/length", web::post().to(length));
        if let Some(verifier) = data {
            app.app_data(verifier);
        }
    });
    Web::new(init_service(app).await, TestRequest::to_request)
}

async fn verifying() -> Web {
    alone(Some(verifier())).await
}

#[actix_web::test]
async fn a_handler_matches_on_the_event_with_and_without_a_receiver() {
    for layer in [layer(), memory().1] {
        let app = Web::resource(layer, web::post().to(describe)).await;
        let response = app.call(deliver(subscription_created(1))).await;
        assert_eq!(text(response).await, "welcome 76963688");
        let response = app.call(deliver(event(2, "reminder.sent", "{}"))).await;
        assert_eq!(text(response).await, "reminder.sent");
    }
}

#[actix_web::test]
async fn without_layer_and_verifier_nothing_is_believed_and_the_answer_names_the_layer() {
    let app = alone(None).await;
    for path in ["/", "/length"] {
        let response = app.call(deliver(test_hook(1)).uri(path)).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(matches!(refusal(&response), Some(Refusal::NoLayer)));
        assert!(text(response).await.contains("OctanyWebhookLayer is missing"));
    }
}

#[actix_web::test]
async fn a_verifier_in_the_app_data_is_enough() {
    let response = verifying().await.call(deliver(test_hook(1))).await;
    assert_eq!(text(response).await, "test");
    let response = verifying().await.call(deliver("anything").uri("/length")).await;
    assert_eq!(text(response).await, "8 default");
}

#[actix_web::test]
async fn a_verifier_in_the_app_data_refuses_what_the_layer_refuses() {
    let unsigned = unsigned(test_hook(1));
    let forged = deliver(test_hook(1)).set_payload(test_hook(2));
    for (request, status) in [
        (unsigned, StatusCode::UNAUTHORIZED),
        (forged, StatusCode::UNAUTHORIZED),
        (deliver(vec![b' '; 1024 * 1024 + 1]), StatusCode::PAYLOAD_TOO_LARGE),
        (deliver("[]"), StatusCode::BAD_REQUEST),
    ] {
        let response = verifying().await.call(request).await;
        assert_eq!(response.status(), status);
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        assert!(refusal(&response).is_some());
    }
}

#[actix_web::test]
async fn the_layers_verdict_comes_before_a_verifier_in_the_app_data() {
    let other = Verifier::new(SigningSecret::new("another").unwrap());
    let resource = web::resource("/").wrap(layer()).app_data(other).route(web::post().to(describe));
    let app = Web::new(init_service(App::new().service(resource)).await, TestRequest::to_request);
    assert_eq!(app.call(deliver(test_hook(1))).await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn verifying_alone_leaves_it_to_the_handler_what_a_body_is() {
    let app = Web::resource(layer(), web::post().to(describe)).await;
    let response = app.call(deliver("no event")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let app = Web::resource(layer(), web::post().to(length)).await;
    assert_eq!(text(app.call(deliver("no event")).await).await, "8 default");
}

#[actix_web::test]
async fn a_handler_takes_body_and_event_together() {
    async fn both(body: VerifiedBody, event: OctanyEvent) -> String {
        format!("{} {}", event.id, body.len())
    }
    async fn reversed(event: OctanyEvent, body: VerifiedBody) -> String {
        format!("{} {}", event.id, body.len())
    }
    async fn shared(body: ReqData<signature::VerifiedBody>, event: OctanyEvent) -> String {
        format!("{} {}", event.id, body.len())
    }
    async fn twice(one: OctanyEvent, other: OctanyEvent) -> String {
        assert_eq!(one.id, other.id);
        format!("{} {}", one.id, test_hook(7).len())
    }
    for make in [layer, || memory().1] {
        for route in [
            web::post().to(both),
            web::post().to(reversed),
            web::post().to(shared),
            web::post().to(twice),
        ] {
            let app = Web::resource(make(), route).await;
            let response = app.call(deliver(test_hook(7))).await;
            assert_eq!(text(response).await, format!("7 {}", test_hook(7).len()));
        }
    }
}

#[actix_web::test]
async fn an_option_is_none_whatever_is_missing() {
    async fn perhaps(event: Option<OctanyEvent>) -> String {
        event.is_some().to_string()
    }
    let app = App::new().route("/", web::post().to(perhaps));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    assert_eq!(text(app.call(deliver(test_hook(1))).await).await, "false");
    let app = Web::resource(layer(), web::post().to(perhaps)).await;
    assert_eq!(text(app.call(deliver(test_hook(1))).await).await, "true");
}

#[actix_web::test]
async fn an_event_can_be_kept() {
    async fn keep(event: OctanyEvent) -> String {
        let event: Event = event.into_inner().into_owned();
        event.id.to_string()
    }
    let app = Web::resource(memory().1, web::post().to(keep)).await;
    assert_eq!(text(app.call(deliver(test_hook(7))).await).await, "7");
}

#[actix_web::test]
async fn those_who_only_sync_acknowledge_every_event() {
    let app = Web::resource(memory().1, web::post().to(acknowledge)).await;
    for body in [subscription_created(1), test_hook(2), event(3, "not.known", "1")] {
        let response = app.call(deliver(body)).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
}

#[actix_web::test]
async fn a_handler_sees_why_it_was_given_nothing() {
    async fn look(event: Result<OctanyEvent, WebhookRejection>) -> String {
        let rejection = event.unwrap_err();
        assert_eq!(rejection.status(), StatusCode::BAD_REQUEST);
        assert!(rejection.source().unwrap().to_string().contains("JSON"));
        assert!(rejection.body_text().contains(r#""reason":"not_an_event""#));
        rejection.to_string()
    }
    let app = Web::resource(layer(), web::post().to(look)).await;
    let response = app.call(deliver("s3cret")).await;
    assert_eq!(text(response).await, "the delivery was refused: not_an_event");
}

#[actix_web::test]
async fn a_rejection_answers_as_the_layer_does() {
    let app = Web::resource(layer(), web::post().to(describe)).await;
    let by_layer = app.call(unsigned(test_hook(1))).await;
    let by_extractor =
        WebhookRejection::from(Refusal::Signature(SignatureError::Missing)).error_response();
    assert_eq!(by_layer.status(), by_extractor.status());
    for name in ["content-type", "www-authenticate"] {
        assert_eq!(by_layer.headers().get(name), by_extractor.headers().get(name));
    }
    assert_eq!(text(by_layer).await, text(by_extractor).await);
}

#[actix_web::test]
async fn a_verifier_may_stand_in_a_web_data() {
    let app = App::new().app_data(Data::new(verifier())).route("/", web::post().to(describe));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    assert_eq!(text(app.call(deliver(test_hook(1))).await).await, "test");
}

#[actix_web::test]
async fn a_rejection_becomes_the_answer_of_a_handler_that_passes_it_on() {
    async fn pass_on(
        event: Result<OctanyEvent, WebhookRejection>,
    ) -> Result<HttpResponse, WebhookRejection> {
        event.map(|_| HttpResponse::Ok().finish())
    }
    let app = Web::resource(layer(), web::post().to(pass_on)).await;
    let response = app.call(deliver("[]")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(matches!(refusal(&response), Some(Refusal::NotAnEvent(_))));
}
