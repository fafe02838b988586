//! What a handler asks for.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use bytes::Bytes;
use octany_core::Event;
use octany_core::signature::{self, Verifier};
use octany_entitlement::{Clock, Refusal, SystemClock, record_delivery};
use tracing::Span;

use super::{WebhookRejection, signed};
use crate::body::{Limits, ReadBody};
use crate::data::app_data;

/// What a delivery says, for a handler: an [`Event`] that Octany signed.
///
/// It comes from the [`OctanyWebhookLayer`](super::OctanyWebhookLayer) around the route. Without
/// the layer, it verifies the body by itself, if the app has a [`Verifier`] in its `app_data`, as it
/// is or in a `web::Data`; that is all it does then: there is no store and no protection against
/// repeated deliveries. With neither, nothing is believed: the answer is 500 and says what is
/// missing.
///
/// An `Option` of it is `None` whatever went wrong, as actix would have it. Take a `Result` of it
/// and a [`WebhookRejection`] to find out.
///
/// ```
/// use actix_web::http::StatusCode;
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, web};
/// use octany_actix::OctanyEvent;
/// use octany_core::Payload;
/// use octany_core::signature::{SigningSecret, Verifier};
///
/// async fn on_event(event: OctanyEvent) -> String {
///     match &event.payload {
///         Payload::SubscriptionCreated(subscription) => format!("welcome, {}", subscription.id),
///         _ => "never mind".to_owned(),
///     }
/// }
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
/// let body = r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
/// let request = |signature: String| {
///     let request = TestRequest::post().uri("/octany/webhook").set_payload(body);
///     request.insert_header(("octany-signature", signature)).to_request()
/// };
/// let route = || web::post().to(on_event);
///
/// let app = App::new().app_data(Verifier::new(secret.clone())).route("/octany/webhook", route());
/// let verifying = init_service(app).await;
/// let signed = request(secret.sign(body.as_bytes()).to_string());
/// assert_eq!(call_service(&verifying, signed).await.status(), StatusCode::OK);
/// let forged = request(secret.sign(b"something else").to_string());
/// assert_eq!(call_service(&verifying, forged).await.status(), StatusCode::UNAUTHORIZED);
///
/// // Nobody to verify it.
/// let app = init_service(App::new().route("/octany/webhook", route())).await;
/// let signed = request(secret.sign(body.as_bytes()).to_string());
/// assert_eq!(call_service(&app, signed).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
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

impl FromRequest for OctanyEvent {
    type Error = WebhookRejection;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if let Some(event) = request.extensions_mut().remove() {
            return Extracting::at_once(Ok(Self(event)));
        }
        verified(request, payload, |body| {
            let event = Event::parse(body).map_err(|error| Refusal::NotAnEvent(Arc::new(error)))?;
            record_delivery(&Span::current(), &event);
            Ok(event.into())
        })
    }
}

/// The bytes of a delivery that Octany signed, for a handler that parses them in its own way.
///
/// It comes from where [`OctanyEvent`] comes from. A handler inside of the layer may take both; one
/// that has but a [`Verifier`] may not, since the body is read once.
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

impl FromRequest for VerifiedBody {
    type Error = WebhookRejection;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        verified(request, payload, |body| Ok(Self(body)))
    }
}

/// The handler of those who only want their store in sync: it answers 204 to every event.
///
/// ```
/// # use actix_web::{App, web};
/// # use octany_actix::OctanyWebhookLayer;
/// # let verifier = octany_core::signature::Verifier::new(
/// #     octany_core::signature::SigningSecret::new("0123456789abcdef0123456789abcdef").unwrap());
/// # let store = octany_entitlement::MemoryStore::new();
/// let webhook = web::resource("/octany/webhook")
///     .wrap(OctanyWebhookLayer::new(verifier).sync(store))
///     .route(web::post().to(octany_actix::acknowledge));
/// # App::new().service(webhook);
/// ```
pub async fn acknowledge(_: OctanyEvent) -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// The future of [`OctanyEvent`] and [`VerifiedBody`]. It is boxed only where there is a body to
/// read.
#[must_use]
pub struct Extracting<T>(State<T>);

enum State<T> {
    AtOnce(Option<Result<T, WebhookRejection>>),
    Reading(Pin<Box<dyn Future<Output = Result<T, WebhookRejection>>>>),
}

impl<T> Extracting<T> {
    fn at_once(result: Result<T, WebhookRejection>) -> Self {
        Self(State::AtOnce(Some(result)))
    }
}

impl<T: Unpin> Future for Extracting<T> {
    type Output = Result<T, WebhookRejection>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::AtOnce(result) => {
                Poll::Ready(result.take().expect("a future is not polled after it is done"))
            }
            State::Reading(reading) => reading.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for Extracting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extracting").finish_non_exhaustive()
    }
}

/// What the layer verified, or what can be verified here.
fn verified<T: 'static>(
    request: &HttpRequest,
    payload: &mut Payload,
    make: fn(signature::VerifiedBody) -> Result<T, Refusal>,
) -> Extracting<T> {
    let by_layer = request.extensions().get().cloned();
    if let Some(body) = by_layer {
        return Extracting::at_once(make(body).map_err(Into::into));
    }
    let Some(verifier) = app_data::<Verifier>(request).cloned() else {
        return Extracting::at_once(Err(Refusal::NoLayer.into()));
    };
    let limits = Limits::default();
    let signature = match signed::open(request.headers(), limits) {
        Ok(signature) => signature,
        Err(refusal) => return Extracting::at_once(Err(refusal.into())),
    };
    let reading = ReadBody::new(payload.take(), limits);
    Extracting(State::Reading(Box::pin(async move {
        let body = reading.await?;
        let body = verifier.verify(body, &signature, || SystemClock.now());
        Ok(make(body.map_err(Refusal::Signature)?)?)
    })))
}
