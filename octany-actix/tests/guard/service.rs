//! The guard among other services of actix.

use std::task::{Context, Poll, Waker};

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, fn_service};
use actix_web::error::ErrorBadGateway;
use actix_web::http::StatusCode;
use actix_web::{Error, HttpMessage, HttpResponse};

use crate::support::{User, gate, guard, request, slow_gate};

fn by(user: Option<&'static str>) -> ServiceRequest {
    let request = request().to_srv_request();
    if let Some(user) = user {
        request.extensions_mut().insert(User(user));
    }
    request
}

#[actix_web::test]
async fn what_is_denied_never_reaches_the_service_inside() {
    let inner = fn_service(|request: ServiceRequest| async {
        assert!(request.path().is_empty(), "it was reached");
        Ok::<_, Error>(request.into_response(HttpResponse::Ok().finish()))
    });
    let service = guard(gate().await).new_transform(inner).await.unwrap();
    for user in [None, Some("debtor")] {
        let response = service.call(by(user)).await.unwrap();
        assert!(response.status().is_client_error());
    }
}

#[actix_web::test]
async fn an_error_of_the_service_is_passed_on() {
    let inner = fn_service(|_: ServiceRequest| async {
        Err::<ServiceResponse, _>(ErrorBadGateway("broken"))
    });
    let service = guard(gate().await).new_transform(inner).await.unwrap();
    let error = service.call(by(Some("payer"))).await.unwrap_err();
    assert_eq!(error.to_string(), "broken");
}

#[actix_web::test]
async fn what_is_in_memory_is_decided_without_waiting() {
    for (gate, at_once) in [(gate().await, true), (slow_gate().await, false)] {
        let inner = fn_service(|request: ServiceRequest| async {
            Ok::<_, Error>(request.into_response(HttpResponse::Ok().finish()))
        });
        let service = guard(gate).new_transform(inner).await.unwrap();
        for (user, status) in [("payer", StatusCode::OK), ("debtor", StatusCode::PAYMENT_REQUIRED)]
        {
            let mut response = std::pin::pin!(service.call(by(Some(user))));
            let first = response.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(first.is_ready(), at_once);
            let response = match first {
                Poll::Ready(response) => response,
                Poll::Pending => response.await,
            };
            assert_eq!(response.unwrap().status(), status);
        }
    }
}
