//! Deliveries, stores that fail, and bodies that misbehave.

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse, Route, web};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::Stream;
use octany_actix::OctanyWebhookLayer;
use octany_actix::answer::AnswerRefusal;
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{Applied, DeliveryId, ReferenceId, Snapshot};
use octany_entitlement::{
    Claim, ClaimToken, DeliveryLog, MemoryStore, Refusal, StoreError, SubscriptionStore,
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

pub(crate) fn deliver(body: impl Into<Bytes>) -> TestRequest {
    let body = body.into();
    let signature = secret().sign(&body).to_string();
    unsigned(body).insert_header(("octany-signature", signature))
}

pub(crate) fn unsigned(body: impl Into<Bytes>) -> TestRequest {
    TestRequest::post().set_payload(body)
}

type LocalBoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// An app, without a socket.
#[derive(Clone)]
pub(crate) struct Web(Rc<dyn Fn(TestRequest) -> LocalBoxFuture<HttpResponse>>);

impl Web {
    /// What [`init_service`] gives. Errors become responses, as a server would have it.
    pub(crate) fn new<S, Q, B>(service: S, make: fn(TestRequest) -> Q) -> Self
    where
        S: Service<Q, Response = ServiceResponse<B>, Error = Error, Future: 'static> + 'static,
        Q: 'static,
        B: MessageBody + 'static,
    {
        Self(Rc::new(move |request| {
            let response = service.call(make(request));
            Box::pin(async move {
                match response.await {
                    Ok(response) => response.map_into_boxed_body().into_parts().1,
                    Err(error) => HttpResponse::from_error(error),
                }
            })
        }))
    }

    /// One route, with the layer around its resource.
    pub(crate) async fn resource<R>(layer: OctanyWebhookLayer<R>, route: Route) -> Self
    where
        R: AnswerRefusal + Clone + 'static,
    {
        let resource = web::resource("/").wrap(layer).route(route);
        Self::new(init_service(App::new().service(resource)).await, TestRequest::to_request)
    }

    pub(crate) fn call(&self, request: TestRequest) -> LocalBoxFuture<HttpResponse> {
        (self.0)(request)
    }
}

pub(crate) fn refusal(response: &HttpResponse) -> Option<Refusal> {
    response.extensions().get().cloned()
}

pub(crate) async fn bytes(response: HttpResponse) -> Bytes {
    to_bytes(response.into_body()).await.unwrap()
}

pub(crate) async fn text(response: HttpResponse) -> String {
    String::from_utf8(bytes(response).await.to_vec()).unwrap()
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
    Fail,
    Wait(Duration),
    Stall,
}

/// A body that follows a script, and counts how often it is polled.
#[derive(Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    forever: Option<&'static [u8]>,
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
}

/// A request with such a body, and this signature.
pub(crate) fn scripted(signed: Option<&[u8]>, body: Script) -> ServiceRequest {
    let mut request = TestRequest::post();
    if let Some(signed) = signed {
        let signature = secret().sign(signed).to_string();
        request = request.insert_header(("octany-signature", signature));
    }
    let mut request = request.to_srv_request();
    request.set_payload(Payload::Stream { payload: Box::pin(body) });
    request
}

impl Stream for Script {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.polls.add();
        loop {
            if let Some(waiting) = &mut self.waiting {
                std::task::ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            return Poll::Ready(match self.steps.pop_front() {
                Some(Step::Data(data)) => Some(Ok(Bytes::from_static(data))),
                Some(Step::Share(data)) => Some(Ok(data)),
                Some(Step::Fail) => Some(Err(PayloadError::Incomplete(None))),
                Some(Step::Wait(time)) => {
                    self.waiting = Some(Box::pin(tokio::time::sleep(time)));
                    continue;
                }
                Some(Step::Stall) => {
                    self.steps.push_front(Step::Stall);
                    return Poll::Pending;
                }
                None => self.forever.map(|data| Ok(Bytes::from_static(data))),
            });
        }
    }
}
