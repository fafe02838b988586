//! The layer among middleware that rewrites requests and responses.

use std::io::{Read, Write};

use actix_web::http::StatusCode;
use actix_web::middleware::{Compress, DefaultHeaders};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpMessage, HttpResponse, web};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use octany_actix::{OctanyEvent, VerifiedBody};
use octany_entitlement::Refusal;

use crate::support::{Web, bytes, deliver, layer, memory, refusal, test_hook, text, unsigned};

fn gunzip(body: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(body).read_to_string(&mut text).unwrap();
    text
}

fn gzip(body: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[actix_web::test]
async fn a_compressed_body_is_verified_as_it_came_and_extractors_read_it_all_the_same() {
    async fn handler(verified: VerifiedBody, read: web::Bytes) -> HttpResponse {
        assert_eq!(verified.bytes(), &gzip(&test_hook(1)));
        HttpResponse::Ok().body(read)
    }
    let app = Web::resource(layer(), web::post().to(handler)).await;
    let sent = || deliver(gzip(&test_hook(1)));
    let response = app.call(sent().insert_header(("content-encoding", "gzip"))).await;
    assert_eq!(text(response).await, test_hook(1));
    // Without the header nobody decompresses it.
    let response = app.call(sent()).await;
    assert_eq!(bytes(response).await, gzip(&test_hook(1)));
}

#[actix_web::test]
async fn a_signature_over_what_was_compressed_is_not_one_over_what_was_sent() {
    let app =
        Web::resource(layer(), web::post().to(|| async { HttpResponse::Ok().finish() })).await;
    let request = deliver(test_hook(1)).set_payload(gzip(&test_hook(1)));
    let response = app.call(request.insert_header(("content-encoding", "gzip"))).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn responses_are_compressed_outside_of_it_and_bodies_still_verified() {
    async fn echo(event: OctanyEvent, body: web::Json<serde_json::Value>) -> String {
        format!("{} {}", event.id, body["name"])
    }
    let resource = web::resource("/").wrap(memory().1).route(web::post().to(echo));
    let app = App::new().wrap(Compress::default()).service(resource);
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    let json = ("content-type", "application/json");
    let accept = ("accept-encoding", "gzip");
    let response = app.call(deliver(test_hook(7)).insert_header(json).insert_header(accept)).await;
    assert_eq!(response.headers().get("content-encoding").unwrap(), "gzip");
    assert_eq!(gunzip(&bytes(response).await), "7 \"test.hook\"");

    let response = app.call(unsigned(test_hook(7)).insert_header(accept)).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers().get("content-encoding").unwrap(), "gzip");
    assert!(matches!(refusal(&response), Some(Refusal::Signature(_))));
    assert!(gunzip(&bytes(response).await).contains("signature_missing"));
}

#[actix_web::test]
async fn middleware_outside_of_it_sees_refusals_as_responses() {
    let headers = || DefaultHeaders::new().add(("x-outer", "seen"));
    let resource = web::resource("/")
        .wrap(memory().1.body_limit(1000))
        .wrap(headers())
        .route(web::post().to(octany_actix::acknowledge));
    let app = Web::new(init_service(App::new().service(resource)).await, TestRequest::to_request);
    for (request, status) in [
        (unsigned(test_hook(1)), 401),
        (deliver("[]"), 400),
        (deliver(" ".repeat(1001)), 413),
        (deliver(test_hook(1)), 204),
        (deliver(test_hook(1)), 200),
    ] {
        let response = app.call(request).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers().get("x-outer").unwrap(), "seen", "{status}");
    }
}

#[actix_web::test]
async fn it_goes_around_apps_and_scopes_as_well() {
    async fn named(path: web::Path<String>, event: OctanyEvent, data: web::Data<u8>) -> String {
        format!("{path} {} {}", event.id, **data)
    }
    let scope = || {
        let inner = web::scope("/b").app_data(web::Data::new(8_u8)).service(
            web::resource("/{name}").app_data(web::Data::new(9_u8)).route(web::post().to(named)),
        );
        web::scope("/a").service(inner)
    };
    let outside = App::new().wrap(memory().1).service(scope());
    let outside = Web::new(init_service(outside).await, TestRequest::to_request);
    let around = App::new().service(scope().wrap(memory().1));
    let around = Web::new(init_service(around).await, TestRequest::to_request);
    for app in [outside, around] {
        let response = app.call(deliver(test_hook(7)).uri("/a/b/octany")).await;
        assert_eq!(text(response).await, "octany 7 9");
    }
}

#[actix_web::test]
async fn what_others_left_in_the_request_is_still_there() {
    async fn handler(left: web::ReqData<u8>) -> String {
        left.to_string()
    }
    let resource = web::resource("/")
        .wrap(memory().1)
        .wrap_fn(|request, inner| {
            request.extensions_mut().insert(42_u8);
            actix_web::dev::Service::call(inner, request)
        })
        .route(web::post().to(handler));
    let app = Web::new(init_service(App::new().service(resource)).await, TestRequest::to_request);
    assert_eq!(text(app.call(deliver(test_hook(1))).await).await, "42");
}
