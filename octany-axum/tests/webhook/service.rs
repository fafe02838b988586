//! The layer among other layers of tower.

use std::convert::Infallible;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use octany_axum::OctanyWebhookLayer;
use octany_core::signature::{SigningSecret, Verifier};
use octany_entitlement::ManualClock;
use tower::{Layer, ServiceExt, service_fn};
use tower_test::mock;

use crate::support::{layer, memory, signed, test_hook};

type Body = Full<Bytes>;

#[tokio::test]
async fn the_service_that_was_polled_ready_is_the_one_that_is_called() {
    for layer in [layer(), memory().1] {
        let (mut service, mut handle) =
            mock::spawn_layer::<Request<Body>, Response<Body>, _>(layer);
        handle.allow(1);
        assert!(service.poll_ready().is_ready());
        // The mock panics in a `call` on a clone that was not polled ready.
        let mut response = tokio::spawn(service.call(signed(test_hook(1))));
        let (request, reply) = tokio::select! {
            request = handle.next_request() => request.unwrap(),
            early = &mut response => panic!("{early:?}"),
        };
        assert_eq!(request.into_body().collect().await.unwrap().to_bytes(), test_hook(1));
        reply.send_response(Response::new(Body::from("done")));
        assert_eq!(response.await.unwrap().unwrap().status(), StatusCode::OK);
        // What is left is a clone, which waits for its own turn.
        assert!(service.poll_ready().is_pending());
    }
}

#[tokio::test]
async fn a_service_that_is_not_ready_makes_callers_wait() {
    let (mut service, mut handle) = mock::spawn_layer::<Request<Body>, Response<Body>, _>(layer());
    handle.allow(0);
    assert!(service.poll_ready().is_pending());
    handle.allow(1);
    assert!(service.is_woken());
    assert!(service.poll_ready().is_ready());
}

#[tokio::test]
async fn what_is_refused_never_reaches_the_service_inside() {
    let (mut service, mut handle) = mock::spawn_layer::<Request<Body>, Response<Body>, _>(layer());
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
    let unsigned = Request::post("/").body(Body::from(test_hook(1))).unwrap();
    let response = service.call(unsigned).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(handle.poll_request().is_pending());
}

#[tokio::test]
async fn it_works_without_axum() {
    let echo = service_fn(|request: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(request.into_body()))
    });
    for layer in [layer(), memory().1] {
        let response = layer.layer(echo).oneshot(signed(test_hook(1))).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), test_hook(1));
    }
}

#[tokio::test]
async fn a_secret_expires_by_the_layers_clock() {
    let clock = ManualClock::at(DateTime::UNIX_EPOCH);
    let verifier = Verifier::new(SigningSecret::new("the new one").unwrap()).with_expiring_secret(
        "the old one",
        crate::support::secret(),
        DateTime::UNIX_EPOCH + TimeDelta::days(1),
    );
    let service = OctanyWebhookLayer::new(verifier).clock(clock.clone()).layer(service_fn(
        |_: Request<Body>| async { Ok::<_, Infallible>(Response::new(Body::default())) },
    ));
    let before = service.clone().oneshot(signed(test_hook(1))).await.unwrap();
    assert_eq!(before.status(), StatusCode::OK);
    clock.advance(TimeDelta::days(1));
    let after = service.oneshot(signed(test_hook(1))).await.unwrap();
    assert_eq!(after.status(), StatusCode::UNAUTHORIZED);
}
