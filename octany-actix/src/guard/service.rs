//! The service around what is guarded.

use std::fmt;
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::{Error, HttpMessage};
use octany_entitlement::{Admission, Decision, Denial, Gate, GuardPages};

use super::{Identify, ResponseFuture};
use crate::answer::{AnswerDenial, StandardAnswers, into_response};

/// The service that [`RequireSubscription`](super::RequireSubscription) makes.
///
/// It goes around every service of actix, whatever the body of its responses.
pub struct SubscriptionGuard<S, I, D = StandardAnswers> {
    inner: Rc<S>,
    rules: Rc<Rules<I, D>>,
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
    pub(super) fn new(inner: S, rules: Rc<Rules<I, D>>) -> Self {
        Self { inner: Rc::new(inner), rules }
    }

    /// The service inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S, I, D, B> Service<ServiceRequest> for SubscriptionGuard<S, I, D>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    I: Identify,
    D: AnswerDenial,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S, I, D>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        ResponseFuture::new(Rc::clone(&self.inner), Rc::clone(&self.rules), request)
    }
}

impl<I, D> Rules<I, D> {
    /// Leaves what was decided in the request, or says why to turn it away.
    pub(super) fn apply(&self, admission: Admission, request: &ServiceRequest) -> Option<Denial> {
        let mut extensions = request.extensions_mut();
        if self.gate.is_shadow() {
            // An extractor that turns away what a gate in shadow let pass answers as the guard
            // would have.
            extensions.insert(self.pages.clone());
        }
        match admission {
            Admission::Passes(decision) => {
                extensions.insert(decision);
                None
            }
            Admission::PassesUndecided(denial) => {
                // Nor may an outer guard's decision pass for this one's.
                extensions.remove::<Decision>();
                extensions.insert(denial);
                None
            }
            Admission::TurnedAway(denial) => Some(denial),
        }
    }
}

impl<I, D: AnswerDenial> Rules<I, D> {
    pub(super) fn deny(&self, denial: Denial, request: ServiceRequest) -> ServiceResponse {
        denial.record();
        let answer = self.answers.answer(&denial, request.request());
        let mut response = answer.unwrap_or_else(|| {
            into_response(denial.answer(accept(request.headers()), &self.pages))
        });
        response.extensions_mut().insert(denial);
        request.into_response(response)
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
