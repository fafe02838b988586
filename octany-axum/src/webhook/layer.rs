//! How the webhook is set up.

use std::sync::Arc;
use std::time::Duration;

use octany_core::signature::Verifier;
use octany_entitlement::{
    Clock, DeliveryLog, Inbox, Ledger, Receiver, ReceiverBuilder, Refusal, SubscriptionStore,
    SystemClock,
};
use tower_layer::Layer;

use super::OctanyWebhook;
use super::service::Config;
use crate::answer::StandardAnswers;
use crate::body::Limits;

/// Lets nothing through to a route but verified deliveries, and does not repeat them.
///
/// With a verifier alone, every delivery that Octany signed reaches the handler. With a
/// [store](Self::sync), the report that a delivery carries is durable before the handler runs;
/// with a [delivery log](Self::deliveries), a delivery that was dealt with does not reach the
/// handler again. A delivery is dealt with when the handler answered 2xx and that was written
/// down; so the handler also runs again after a crash in between, and when it takes longer than
/// the [lease](octany_entitlement::ReceiverBuilder::lease).
///
/// It sees the body as it came over the wire. Anything outside of it that decompresses or rewrites
/// bodies makes every signature mismatch.
///
/// ```
/// use std::sync::Arc;
///
/// use axum::body::Body;
/// use axum::routing::post;
/// use axum::{Router, http::Request, http::StatusCode};
/// use octany_axum::{OctanyEvent, OctanyWebhookLayer};
/// use octany_core::Payload;
/// use octany_core::signature::{SigningSecret, Verifier};
/// use octany_entitlement::MemoryStore;
/// use tower::ServiceExt;
///
/// async fn on_event(event: OctanyEvent) -> StatusCode {
///     match &event.payload {
///         Payload::OrderPaid(_) => { /* send the receipt */ }
///         _ => {}
///     }
///     StatusCode::NO_CONTENT
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
/// let store = Arc::new(MemoryStore::new());
/// let layer =
///     OctanyWebhookLayer::new(Verifier::new(secret.clone())).sync(store.clone()).deliveries(store);
/// let app = Router::new().route("/octany/webhook", post(on_event)).layer(layer);
///
/// // What Octany signed reaches the handler.
/// let body = r#"{"id":1,"name":"order.paid","created_at":"2026-03-01T12:00:00+00:00",
///     "data":{"id":7,"state":"paid"}}"#;
/// let signed = Request::post("/octany/webhook")
///     .header("octany-signature", secret.sign(body.as_bytes()).to_string())
///     .body(Body::from(body))?;
/// assert_eq!(app.clone().oneshot(signed).await?.status(), StatusCode::NO_CONTENT);
///
/// // What anybody else sends does not.
/// let unsigned = Request::post("/octany/webhook").body(Body::from(body))?;
/// assert_eq!(app.oneshot(unsigned).await?.status(), StatusCode::UNAUTHORIZED);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct OctanyWebhookLayer<R = StandardAnswers> {
    config: Config<R>,
}

impl OctanyWebhookLayer {
    /// Verifies deliveries and hands them on, repeated ones included.
    pub fn new(verifier: Verifier) -> Self {
        let config = Config {
            verifier,
            receiver: None,
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            answers: StandardAnswers,
        };
        Self { config }
    }
}

impl<R> OctanyWebhookLayer<R> {
    /// Keeps the store up to date: what a delivery reports is durable before the handler runs.
    pub fn sync(self, store: impl SubscriptionStore + 'static) -> Self {
        self.with_receiver(|receiver| receiver.store(store))
    }

    /// Remembers deliveries, so that one that was dealt with does not reach the handler again.
    pub fn deliveries(self, log: impl DeliveryLog + 'static) -> Self {
        self.with_receiver(|receiver| receiver.deliveries(log))
    }

    /// Both in one database: it takes a delivery and what it reports in at once.
    pub fn ledger(self, ledger: impl Ledger + 'static) -> Self {
        self.with_receiver(|receiver| receiver.ledger(ledger))
    }

    /// Puts deliveries into an inbox, and answers 200 as soon as they are durable there. The route's
    /// handler is not called: the inbox handles them in the background, wherever it is
    /// [run](Inbox::run), with the receiver that it was built with. [`sync`](Self::sync),
    /// [`deliveries`](Self::deliveries) and [`ledger`](Self::ledger) belong to that one then, and
    /// count for nothing here.
    pub fn inbox(self, inbox: Inbox) -> Self {
        self.with_receiver(|receiver| receiver.inbox(inbox))
    }

    /// Takes deliveries in with a receiver of your own making: signed references, observers of
    /// access, another lease. It replaces what was set up before; what is set up after is changed
    /// in it.
    pub fn receiver(mut self, receiver: Receiver) -> Self {
        self.config.receiver = Some(receiver);
        self
    }

    /// How large a body may be; 1 MiB unless set. Octany's are a few KiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.config.limits.bytes = bytes;
        self
    }

    /// How long a body may take to arrive, from when it first lets us wait; 10 seconds unless set.
    pub fn body_timeout(mut self, time: Duration) -> Self {
        self.config.limits.time = time;
        self
    }

    /// The clock for secrets that expire; the system's unless set. A receiver has its own.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.config.clock = Arc::new(clock);
        self
    }

    /// Answers refused deliveries in your own way.
    ///
    /// The closure gives a response, or an `Option` of one where `None` leaves the answer as it
    /// is. Octany looks at the status only: what is not 2xx is repeated.
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use octany_axum::OctanyWebhookLayer;
    /// # use octany_core::signature::{SigningSecret, Verifier};
    /// use octany_entitlement::Refusal;
    ///
    /// # let verifier = Verifier::new(SigningSecret::new("0123456789abcdef0123456789abcdef")?);
    /// let layer = OctanyWebhookLayer::new(verifier).on_refused(|refusal| {
    ///     // Nobody but Octany has to know that there is a webhook here.
    ///     matches!(refusal, Refusal::Signature(_))
    ///         .then(|| axum::http::StatusCode::NOT_FOUND.into_response())
    /// });
    /// # axum::Router::<()>::new().layer(layer);
    /// # Ok::<(), octany_core::signature::SecretError>(())
    /// ```
    pub fn on_refused<F, A>(self, answers: F) -> OctanyWebhookLayer<F>
    where
        F: Fn(&Refusal) -> A,
    {
        let Config { verifier, receiver, limits, clock, answers: _ } = self.config;
        OctanyWebhookLayer { config: Config { verifier, receiver, limits, clock, answers } }
    }

    fn with_receiver(mut self, change: impl FnOnce(ReceiverBuilder) -> ReceiverBuilder) -> Self {
        let builder = self.config.receiver.map_or_else(Receiver::builder, Receiver::into_builder);
        self.config.receiver = Some(change(builder).build());
        self
    }
}

impl<S, R: Clone> Layer<S> for OctanyWebhookLayer<R> {
    type Service = OctanyWebhook<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        OctanyWebhook::new(inner, Arc::new(self.config.clone()))
    }
}

impl<R> std::fmt::Debug for OctanyWebhookLayer<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OctanyWebhookLayer").field(&self.config).finish()
    }
}
