//! What holds of the types.

use actix_web::{FromRequest, HttpResponse, ResponseError};
use octany_actix::{OctanyEvent, OctanyWebhookLayer, VerifiedBody, WebhookRejection};
use octany_core::Event;
use octany_entitlement::Refusal;
use static_assertions::assert_impl_all;

use crate::support::{memory, secret, verifier};

// Whatever is made before the workers are started is sent to them.
assert_impl_all!(OctanyWebhookLayer: Clone, Send, Sync, Unpin);
assert_impl_all!(OctanyEvent: Clone, Send, Sync, AsRef<Event>, From<Event>, FromRequest);
assert_impl_all!(VerifiedBody: Clone, Send, Sync, AsRef<[u8]>, FromRequest);
assert_impl_all!(WebhookRejection: Clone, Send, Sync, std::error::Error, From<Refusal>);
assert_impl_all!(WebhookRejection: ResponseError);

#[test]
fn debug_shows_neither_secret_nor_body() {
    let body = "{\"s3cret\":1}";
    let signature = secret().sign(body.as_bytes());
    let verified =
        verifier().verify(body.into(), &signature, || chrono::DateTime::UNIX_EPOCH).unwrap();
    for shown in [
        format!("{:?}", memory().1),
        format!("{:?}", memory().1.on_refused(|_: &Refusal| None::<HttpResponse>)),
        format!("{:?}", VerifiedBody(verified)),
    ] {
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(!shown.contains("0123456789abcdef"), "{shown}");
    }
}
