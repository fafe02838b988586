//! The service around a handler.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use octany_core::signature::{Signature, VerifiedBody, Verifier};
use octany_entitlement::{Clock, Receiver, Refusal};
use tower_service::Service;

use super::ResponseFuture;
use crate::answer::{AnswerRefusal, StandardAnswers, into_response};
use crate::body::Limits;

/// The service that [`OctanyWebhookLayer`](super::OctanyWebhookLayer) makes.
///
/// It goes around every HTTP service, of axum or not, whose request body can be made from
/// [`Bytes`]; a server's own body type cannot, and is boxed first. It runs on Tokio, with its
/// timers enabled.
#[derive(Clone)]
pub struct OctanyWebhook<S, R = StandardAnswers> {
    inner: S,
    config: Arc<Config<R>>,
}

/// All that the layer knows.
#[derive(Clone)]
pub(super) struct Config<R> {
    pub(super) verifier: Verifier,
    pub(super) receiver: Option<Receiver>,
    pub(super) limits: Limits,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) answers: R,
}

impl<S, R> OctanyWebhook<S, R> {
    pub(super) fn new(inner: S, config: Arc<Config<R>>) -> Self {
        Self { inner, config }
    }

    /// The service inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service inside.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service inside.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, R, ReqBody, ResBody> Service<Request<ReqBody>> for OctanyWebhook<S, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    R: AnswerRefusal<ResBody>,
    ReqBody: Body + From<Bytes>,
    ResBody: From<Bytes>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S, R, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The one that was polled ready is the one to call; its clone may not be ready.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        ResponseFuture::new(inner, Arc::clone(&self.config), request)
    }
}

impl<R> Config<R> {
    pub(super) fn verify(
        &self,
        body: Bytes,
        signature: &Signature,
    ) -> Result<VerifiedBody, Refusal> {
        let verified = self.verifier.verify(body, signature, || self.clock.now());
        verified.map_err(Refusal::Signature)
    }

    pub(super) fn refuse<B>(&self, refusal: Refusal) -> Response<B>
    where
        R: AnswerRefusal<B>,
        B: From<Bytes>,
    {
        refusal.record();
        let mut response =
            self.answers.answer(&refusal).unwrap_or_else(|| into_response(refusal.answer()));
        response.extensions_mut().insert(refusal);
        response
    }
}

impl<R> fmt::Debug for Config<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("verifier", &self.verifier)
            .field("receiver", &self.receiver)
            .field("limits", &self.limits)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, R> fmt::Debug for OctanyWebhook<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OctanyWebhook")
            .field("inner", &self.inner)
            .field("config", &self.config)
            .finish()
    }
}
