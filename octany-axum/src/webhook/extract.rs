//! What a handler asks for.

use std::ops::Deref;
use std::sync::Arc;

use axum_core::body::Body;
use axum_core::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use octany_core::Event;
use octany_core::signature::{self, Verifier};
use octany_entitlement::{Clock, Refusal, SystemClock, record_delivery};
use tracing::Span;

use super::{WebhookRejection, signed};
use crate::body::Limits;

/// What a delivery says, for a handler: an [`Event`] that Octany signed.
///
/// It comes from the [`OctanyWebhookLayer`](super::OctanyWebhookLayer) around the route. Without
/// the layer, it verifies the body by itself, if the request has a [`Verifier`] in its extensions;
/// that is all it does then: there is no store and no protection against repeated deliveries.
/// With neither, nothing is believed: the answer is 500 and says what is missing.
///
/// ```
/// use axum::body::Body;
/// use axum::routing::post;
/// use axum::{Extension, Router, http::Request, http::StatusCode};
/// use octany_axum::OctanyEvent;
/// use octany_core::Payload;
/// use octany_core::signature::{SigningSecret, Verifier};
/// use tower::ServiceExt;
///
/// async fn on_event(event: OctanyEvent) -> String {
///     match &event.payload {
///         Payload::SubscriptionCreated(subscription) => format!("welcome, {}", subscription.id),
///         _ => "never mind".to_owned(),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
/// let app = Router::new().route("/octany/webhook", post(on_event));
/// let body = r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
/// let request = |signature: String| {
///     Request::post("/octany/webhook").header("octany-signature", signature).body(Body::from(body))
/// };
///
/// let verifying = app.clone().layer(Extension(Verifier::new(secret.clone())));
/// let signed = request(secret.sign(body.as_bytes()).to_string())?;
/// assert_eq!(verifying.clone().oneshot(signed).await?.status(), StatusCode::OK);
/// let forged = request(secret.sign(b"something else").to_string())?;
/// assert_eq!(verifying.oneshot(forged).await?.status(), StatusCode::UNAUTHORIZED);
///
/// // Nobody to verify it.
/// let signed = request(secret.sign(body.as_bytes()).to_string())?;
/// assert_eq!(app.oneshot(signed).await?.status(), StatusCode::INTERNAL_SERVER_ERROR);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct OctanyEvent(pub Arc<Event>);

impl OctanyEvent {
    /// The event itself.
    pub fn into_inner(self) -> Event {
        Arc::unwrap_or_clone(self.0)
    }
}

impl From<Event> for OctanyEvent {
    fn from(event: Event) -> Self {
        Self(Arc::new(event))
    }
}

impl Deref for OctanyEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.0
    }
}

impl AsRef<Event> for OctanyEvent {
    fn as_ref(&self) -> &Event {
        &self.0
    }
}

impl<S: Sync> FromRequest<S> for OctanyEvent {
    type Rejection = WebhookRejection;

    async fn from_request(mut request: Request, _: &S) -> Result<Self, WebhookRejection> {
        if let Some(event) = request.extensions_mut().remove() {
            return Ok(Self(event));
        }
        let body = verified(request).await?;
        let event = Event::parse(body).map_err(|error| Refusal::NotAnEvent(Arc::new(error)))?;
        record_delivery(&Span::current(), &event);
        Ok(event.into())
    }
}

/// The bytes of a delivery that Octany signed, for a handler that parses them in its own way.
///
/// It comes from where [`OctanyEvent`] comes from. A handler that wants both takes this one as
/// `Extension<octany_core::signature::VerifiedBody>`, which the layer leaves for it.
#[derive(Clone, Debug)]
pub struct VerifiedBody(pub signature::VerifiedBody);

impl VerifiedBody {
    /// The bytes as they arrived.
    pub fn into_bytes(self) -> Bytes {
        self.0.into_bytes()
    }
}

impl Deref for VerifiedBody {
    type Target = signature::VerifiedBody;

    fn deref(&self) -> &signature::VerifiedBody {
        &self.0
    }
}

impl AsRef<[u8]> for VerifiedBody {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

impl<S: Sync> FromRequest<S> for VerifiedBody {
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, WebhookRejection> {
        Ok(Self(verified(request).await?))
    }
}

/// The handler of those who only want their store in sync: it answers 204 to every event.
///
/// ```
/// # use axum::{Router, routing::post};
/// # use octany_axum::OctanyWebhookLayer;
/// # let verifier = octany_core::signature::Verifier::new(
/// #     octany_core::signature::SigningSecret::new("0123456789abcdef0123456789abcdef").unwrap());
/// # let store = octany_entitlement::MemoryStore::new();
/// let app: Router = Router::new()
///     .route("/octany/webhook", post(octany_axum::acknowledge))
///     .layer(OctanyWebhookLayer::new(verifier).sync(store));
/// ```
pub async fn acknowledge(_: OctanyEvent) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// What the layer verified, or what can be verified here.
async fn verified(mut request: Request) -> Result<signature::VerifiedBody, Refusal> {
    if let Some(verified) = request.extensions_mut().remove() {
        return Ok(verified);
    }
    let verifier: Verifier = request.extensions_mut().remove().ok_or(Refusal::NoLayer)?;
    let (parts, body): (_, Body) = request.into_parts();
    let (signature, reading) = signed::open(&parts.headers, body, Limits::default())?;
    let body = reading.await?;
    verifier.verify(body, &signature, || SystemClock.now()).map_err(Refusal::Signature)
}
