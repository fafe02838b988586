//! The service around what is guarded.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::ACCEPT;
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use octany_entitlement::{Admission, Decision, Denial, Gate, GuardPages};
use tower_service::Service;

use super::{Identify, ResponseFuture};
use crate::answer::{AnswerDenial, StandardAnswers, into_response};

/// The service that [`RequireSubscription`](super::RequireSubscription) makes.
///
/// It goes around every HTTP service, of axum or not, whose response body can be made from
/// [`Bytes`]. It runs on Tokio, with its timers enabled.
#[derive(Clone)]
pub struct SubscriptionGuard<S, I, D = StandardAnswers> {
    inner: S,
    rules: Arc<Rules<I, D>>,
}

/// All that the layer knows.
#[derive(Clone)]
pub(super) struct Rules<I, D> {
    pub(super) gate: Gate,
    pub(super) identify: I,
    pub(super) pages: GuardPages,
    pub(super) answers: D,
}

impl<S, I, D> SubscriptionGuard<S, I, D> {
    pub(super) fn new(inner: S, rules: Arc<Rules<I, D>>) -> Self {
        Self { inner, rules }
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

impl<S, I, D, ReqBody, ResBody> Service<Request<ReqBody>> for SubscriptionGuard<S, I, D>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    I: Identify,
    D: AnswerDenial<ResBody>,
    ResBody: From<Bytes>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S, I, D, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The one that was polled ready is the one to call; its clone may not be ready.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        ResponseFuture::new(inner, Arc::clone(&self.rules), request)
    }
}

impl<I, D> Rules<I, D> {
    /// Leaves what was decided in the request, or gives the answer that turns it away.
    pub(super) fn apply<B>(
        &self,
        admission: Admission,
        parts: &mut Parts,
    ) -> Result<(), Response<B>>
    where
        D: AnswerDenial<B>,
        B: From<Bytes>,
    {
        if self.gate.is_shadow() {
            // An extractor that turns away what a gate in shadow let pass answers as the guard
            // would have.
            parts.extensions.insert(self.pages.clone());
        }
        match admission {
            Admission::Passes(decision) => {
                parts.extensions.insert(decision);
                Ok(())
            }
            Admission::PassesUndecided(denial) => {
                // Nor may an outer guard's decision pass for this one's.
                parts.extensions.remove::<Decision>();
                parts.extensions.insert(denial);
                Ok(())
            }
            Admission::TurnedAway(denial) => Err(self.deny(denial, parts)),
        }
    }

    fn deny<B>(&self, denial: Denial, parts: &Parts) -> Response<B>
    where
        D: AnswerDenial<B>,
        B: From<Bytes>,
    {
        denial.record();
        let mut response = self
            .answers
            .answer(&denial, parts)
            .unwrap_or_else(|| into_response(denial.answer(accept(&parts.headers), &self.pages)));
        response.extensions_mut().insert(denial);
        response
    }
}

/// What the client would rather have.
pub(super) fn accept(headers: &HeaderMap) -> Option<&str> {
    headers.get(ACCEPT)?.to_str().ok()
}

impl<I, D> fmt::Debug for Rules<I, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("gate", &self.gate)
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, I, D> fmt::Debug for SubscriptionGuard<S, I, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionGuard")
            .field("inner", &self.inner)
            .field("rules", &self.rules)
            .finish()
    }
}
