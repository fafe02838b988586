//! Deliveries, stores that fail, and bodies that misbehave.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Request};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use octany_axum::OctanyWebhookLayer;
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{Applied, DeliveryId, ReferenceId, Snapshot};
use octany_entitlement::{
    Claim, ClaimToken, DeliveryLog, MemoryStore, StoreError, SubscriptionStore,
};

pub(crate) fn secret() -> SigningSecret {
    SigningSecret::new("0123456789abcdef0123456789abcdef").unwrap()
}

pub(crate) fn verifier() -> Verifier {
    Verifier::new(secret())
}

/// Verify only.
pub(crate) fn layer() -> OctanyWebhookLayer {
    OctanyWebhookLayer::new(verifier())
}

/// With everything in memory.
pub(crate) fn memory() -> (Arc<MemoryStore>, OctanyWebhookLayer) {
    let store = Arc::new(MemoryStore::new());
    (Arc::clone(&store), layer().sync(Arc::clone(&store)).deliveries(store))
}

pub(crate) fn event(id: u64, name: &str, data: &str) -> String {
    format!(
        r#"{{"id":{id},"name":"{name}","account":7,"created_at":"2026-03-01T12:00:00+00:00","data":{data}}}"#
    )
}

pub(crate) fn test_hook(id: u64) -> String {
    event(id, "test.hook", "[]")
}

pub(crate) fn subscription_created(id: u64) -> String {
    let data = r#"{"id":76963688,"status":"active","reference_id":"user_42"}"#;
    event(id, "subscription.created", data)
}

pub(crate) fn signed<B: From<Bytes>>(body: impl Into<Bytes>) -> Request<B> {
    let body = body.into();
    let signature = secret().sign(&body).to_string();
    Request::post("/").header("octany-signature", signature).body(B::from(body)).unwrap()
}

pub(crate) async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn deliver(body: impl Into<Bytes>) -> Request<Body> {
    signed(body)
}

/// Counts how often a handler was called.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<AtomicUsize>);

impl Calls {
    pub(crate) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Fails at one step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failing {
    Apply,
    Claim,
    Complete,
}

#[async_trait]
impl SubscriptionStore for Failing {
    async fn apply(&self, _: &Snapshot) -> Result<Applied, StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }

    async fn subscriptions(&self, _: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }
}

#[async_trait]
impl DeliveryLog for Failing {
    async fn claim(
        &self,
        _: &DeliveryId,
        _: DateTime<Utc>,
        _: Duration,
    ) -> Result<Claim, StoreError> {
        match self {
            Self::Claim => Err(StoreError::unavailable("password=hunter2")),
            _ => Ok(Claim::Fresh(ClaimToken::random())),
        }
    }

    async fn complete(
        &self,
        _: &DeliveryId,
        _: ClaimToken,
        _: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Complete => Err(StoreError::unavailable("password=hunter2")),
            _ => Ok(true),
        }
    }

    async fn release(&self, _: &DeliveryId, _: ClaimToken) -> Result<bool, StoreError> {
        Ok(true)
    }
}

/// What a body does when it is polled.
pub(crate) enum Step {
    Data(&'static [u8]),
    Share(Bytes),
    Trailers,
    Fail,
    Wait(Duration),
    Stall,
}

/// A body that follows a script, and counts how often it is polled.
#[derive(Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    forever: Option<&'static [u8]>,
    hint: SizeHint,
    waiting: Option<Pin<Box<tokio::time::Sleep>>>,
    pub(crate) polls: Calls,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), ..Self::default() }
    }

    pub(crate) fn forever(data: &'static [u8]) -> Self {
        Self { forever: Some(data), ..Self::default() }
    }

    pub(crate) fn hint(mut self, length: u64) -> Self {
        self.hint = SizeHint::with_exact(length);
        self
    }
}

impl From<Bytes> for Script {
    fn from(bytes: Bytes) -> Self {
        Self::new([Step::Share(bytes)])
    }
}

impl http_body::Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.polls.add();
        loop {
            if let Some(waiting) = &mut self.waiting {
                std::task::ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            return Poll::Ready(match self.steps.pop_front() {
                Some(Step::Data(data)) => Some(Ok(Frame::data(Bytes::from_static(data)))),
                Some(Step::Share(data)) => Some(Ok(Frame::data(data))),
                Some(Step::Trailers) => Some(Ok(Frame::trailers(HeaderMap::new()))),
                Some(Step::Fail) => Some(Err("reset")),
                Some(Step::Wait(time)) => {
                    self.waiting = Some(Box::pin(tokio::time::sleep(time)));
                    continue;
                }
                Some(Step::Stall) => {
                    self.steps.push_front(Step::Stall);
                    return Poll::Pending;
                }
                None => self.forever.map(|data| Ok(Frame::data(Bytes::from_static(data)))),
            });
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}
