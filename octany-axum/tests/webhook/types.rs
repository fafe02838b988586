//! What holds of the types.

use axum::body::Body;
use axum::routing::Route;
use octany_axum::answer::StandardAnswers;
use octany_axum::webhook::{OctanyWebhook, ResponseFuture};
use octany_axum::{OctanyEvent, OctanyWebhookLayer, VerifiedBody, WebhookRejection};
use octany_core::Event;
use octany_entitlement::Refusal;
use static_assertions::assert_impl_all;

use crate::support::{memory, secret, verifier};

assert_impl_all!(OctanyWebhookLayer: Clone, Send, Sync, Unpin);
assert_impl_all!(OctanyWebhook<Route>: Clone, Send, Sync);
assert_impl_all!(ResponseFuture<Route, StandardAnswers, Body>: Send, Future);
assert_impl_all!(OctanyEvent: Clone, Send, Sync, AsRef<Event>, From<Event>);
assert_impl_all!(VerifiedBody: Clone, Send, Sync, AsRef<[u8]>);
assert_impl_all!(WebhookRejection: Clone, Send, Sync, std::error::Error, From<Refusal>);

#[test]
fn debug_shows_neither_secret_nor_body() {
    let body = "{\"s3cret\":1}";
    let signature = secret().sign(body.as_bytes());
    let verified =
        verifier().verify(body.into(), &signature, || chrono::DateTime::UNIX_EPOCH).unwrap();
    for shown in [
        format!("{:?}", memory().1),
        format!("{:?}", memory().1.on_refused(|_: &Refusal| None::<http::Response<Body>>)),
        format!("{:?}", tower::Layer::layer(&memory().1, ())),
        format!("{:?}", VerifiedBody(verified)),
    ] {
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(!shown.contains("0123456789abcdef"), "{shown}");
    }
}
