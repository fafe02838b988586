//! The layer among other layers of tower.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use octany_entitlement::Decision;
use tower::{Layer, ServiceExt, service_fn};
use tower_test::mock;

use crate::support::{User, gate, guard, slow_gate};

type Body = Full<Bytes>;

fn request(user: Option<&'static str>) -> Request<Body> {
    let mut request = Request::new(Body::default());
    if let Some(user) = user {
        request.extensions_mut().insert(User(user));
    }
    request
}

#[tokio::test]
async fn the_service_that_was_polled_ready_is_the_one_that_is_called() {
    for gate in [gate().await, slow_gate().await] {
        let (mut service, mut handle) =
            mock::spawn_layer::<Request<Body>, Response<Body>, _>(guard(gate));
        handle.allow(1);
        assert!(service.poll_ready().is_ready());
        // The mock panics in a `call` on a clone that was not polled ready.
        let mut response = tokio::spawn(service.call(request(Some("payer"))));
        let (request, reply) = tokio::select! {
            request = handle.next_request() => request.unwrap(),
            early = &mut response => panic!("{early:?}"),
        };
        assert!(request.extensions().get::<Decision>().unwrap().is_allowed());
        reply.send_response(Response::new(Body::from("done")));
        assert_eq!(response.await.unwrap().unwrap().status(), StatusCode::OK);
        // What is left is a clone, which waits for its own turn.
        assert!(service.poll_ready().is_pending());
    }
}

#[tokio::test]
async fn what_is_denied_never_reaches_the_service_inside() {
    let (mut service, mut handle) =
        mock::spawn_layer::<Request<Body>, Response<Body>, _>(guard(gate().await));
    handle.allow(1);
    for user in [None, Some("debtor")] {
        assert!(service.poll_ready().is_ready());
        let response = service.call(request(user)).await.unwrap();
        assert!(response.status().is_client_error());
    }
    assert!(handle.poll_request().is_pending());
}

#[tokio::test]
async fn it_works_without_axum() {
    let service = guard(gate().await).layer(service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Body::from("paid")))
    }));
    let response = service.clone().oneshot(request(Some("payer"))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let response = service.oneshot(request(Some("debtor"))).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYMENT_REQUIRED);
}

#[tokio::test]
async fn an_error_of_the_service_is_passed_on() {
    let service = guard(gate().await)
        .layer(service_fn(|_: Request<Body>| async { Err::<Response<Body>, _>("broken") }));
    assert_eq!(service.oneshot(request(Some("payer"))).await.unwrap_err(), "broken");
}
