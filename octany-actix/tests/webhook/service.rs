//! The layer among other services of actix.

use std::task::Poll;

use actix_web::body::{BoxBody, EitherBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, fn_service};
use actix_web::error::{ErrorBadGateway, ErrorImATeapot};
use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};
use chrono::{DateTime, TimeDelta};
use octany_actix::OctanyWebhookLayer;
use octany_core::signature::{SigningSecret, Verifier};
use octany_entitlement::{ManualClock, Refusal};

use crate::support::{
    Calls, Web, deliver, layer, memory, refusal, scripted, secret, test_hook, unsigned,
};

type Response = ServiceResponse<EitherBody<BoxBody>>;

/// What the layer makes of a service.
async fn around<S>(
    layer: OctanyWebhookLayer,
    service: S,
) -> impl Service<ServiceRequest, Response = Response, Error = Error, Future: 'static>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error, Future: 'static>
        + 'static,
{
    layer.new_transform(service).await.unwrap()
}

fn srv(request: actix_web::test::TestRequest) -> ServiceRequest {
    request.to_srv_request()
}

#[actix_web::test]
async fn what_is_refused_never_reaches_the_service_inside() {
    let calls = Calls::default();
    let counted = calls.clone();
    let inner = fn_service(move |request: ServiceRequest| {
        counted.add();
        async { Ok::<_, Error>(request.into_response(HttpResponse::Ok().finish())) }
    });
    let service = around(layer(), inner).await;
    let response = service.call(srv(unsigned(test_hook(1)))).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(calls.count(), 0);
}

#[actix_web::test]
async fn a_service_that_is_not_ready_makes_callers_wait() {
    struct Busy;
    impl Service<ServiceRequest> for Busy {
        type Response = ServiceResponse;
        type Error = Error;
        type Future = std::future::Ready<Result<ServiceResponse, Error>>;

        fn poll_ready(&self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Error>> {
            Poll::Pending
        }

        fn call(&self, _: ServiceRequest) -> Self::Future {
            panic!()
        }
    }
    let service = around(layer(), Busy).await;
    let ready = std::future::poll_fn(|cx| Poll::Ready(service.poll_ready(cx))).await;
    assert!(ready.is_pending());
}

#[actix_web::test]
async fn a_service_that_panics_before_it_gives_a_future_is_answered_500() {
    for layer in [memory().1, layer()] {
        let calls = Calls::default();
        let counted = calls.clone();
        let inner = fn_service(move |request: ServiceRequest| {
            assert!(counted.add() > 1, "the first time it panics");
            async { Ok::<_, Error>(request.into_response(HttpResponse::Ok().finish())) }
        });
        let app = Web::new(around(layer, inner).await, srv);
        let first = app.call(deliver(test_hook(1))).await;
        assert_eq!(first.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(matches!(refusal(&first), Some(Refusal::HandlerPanicked)));
        assert_eq!(app.call(deliver(test_hook(1))).await.status(), StatusCode::OK);
    }
}

#[actix_web::test]
async fn an_error_of_the_service_is_passed_on_and_the_delivery_given_back() {
    let calls = Calls::default();
    let counted = calls.clone();
    let inner = fn_service(move |request: ServiceRequest| {
        let first = counted.add() == 1;
        async move {
            let response = request.into_response(HttpResponse::Ok().finish());
            if first { Err(ErrorBadGateway("broken")) } else { Ok(response) }
        }
    });
    let service = around(memory().1, inner).await;
    let first = service.call(srv(deliver(test_hook(1)))).await;
    assert_eq!(first.unwrap_err().to_string(), "broken");
    let second = service.call(srv(deliver(test_hook(1)))).await.unwrap();
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(calls.count(), 2);
}

#[actix_web::test]
async fn an_error_is_passed_on_without_a_receiver_too() {
    let inner = fn_service(|_: ServiceRequest| async { Err(ErrorImATeapot("tea")) });
    let service = around(layer(), inner).await;
    let response = service.call(srv(deliver(test_hook(1)))).await;
    assert_eq!(response.unwrap_err().to_string(), "tea");
}

#[actix_web::test]
async fn a_secret_expires_by_the_layers_clock() {
    let clock = ManualClock::at(DateTime::UNIX_EPOCH);
    let verifier = Verifier::new(SigningSecret::new("the new one").unwrap()).with_expiring_secret(
        "the old one",
        secret(),
        DateTime::UNIX_EPOCH + TimeDelta::days(1),
    );
    let layer = OctanyWebhookLayer::new(verifier).clock(clock.clone());
    let inner = fn_service(|request: ServiceRequest| async {
        Ok::<_, Error>(request.into_response(HttpResponse::Ok().finish()))
    });
    let app = Web::new(around(layer, inner).await, srv);
    assert_eq!(app.call(deliver(test_hook(1))).await.status(), StatusCode::OK);
    clock.advance(TimeDelta::days(1));
    assert_eq!(app.call(deliver(test_hook(1))).await.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_request_that_is_refused_keeps_what_is_left_of_its_body_until_it_is_answered() {
    struct Left(#[expect(dead_code, reason = "it is counted")] std::rc::Rc<()>);
    impl futures_util::Stream for Left {
        type Item = Result<bytes::Bytes, actix_web::error::PayloadError>;

        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> Poll<Option<Self::Item>> {
            Poll::Ready(Some(Ok(bytes::Bytes::from_static(&[0; 4096]))))
        }
    }
    for signed in [None, Some(&b""[..])] {
        let held = std::rc::Rc::new(());
        let mut request = scripted(signed, crate::support::Script::default());
        let payload: actix_web::dev::Payload =
            actix_web::dev::Payload::Stream { payload: Box::pin(Left(held.clone())) };
        request.set_payload(payload);
        let inner = fn_service(|_: ServiceRequest| async { Err(ErrorImATeapot("tea")) });
        let response = around(memory().1, inner).await.call(request).await.unwrap();
        assert!(response.status().is_client_error());
        assert_eq!(std::rc::Rc::strong_count(&held), 2);
        drop(response);
        assert_eq!(std::rc::Rc::strong_count(&held), 1);
    }
}
