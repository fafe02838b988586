//! The walk of one guarded request.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use octany_core::ReferenceId;
use octany_entitlement::{Admission, Gate, IntoSubject, guard_span};
use pin_project_lite::pin_project;
use tracing::Span;

use super::Identify;
use super::service::Rules;
use crate::answer::AnswerDenial;

/// Why what waits is there to be taken.
const ONCE: &str = "a future is not polled after it is done, and a request is let pass once";

pin_project! {
    /// The future of a [`SubscriptionGuard`](super::SubscriptionGuard).
    ///
    /// Nothing in it is boxed as long as the gate decides from memory.
    #[must_use]
    pub struct ResponseFuture<S, I, D>
    where
        S: Service<ServiceRequest>,
        I: Identify,
    {
        rules: Rc<Rules<I, D>>,
        waiting: Option<(Rc<S>, ServiceRequest)>,
        #[pin]
        state: State<I::Future, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<I, F> {
        Identifying {
            #[pin]
            subject: I,
        },
        Deciding {
            admit: Pin<Box<dyn Future<Output = Admission>>>,
        },
        Decided {
            admission: Option<Admission>,
        },
        Passing {
            #[pin]
            inner: F,
            span: Span,
        },
    }
}

impl<S, I, D> ResponseFuture<S, I, D>
where
    S: Service<ServiceRequest>,
    I: Identify,
{
    pub(super) fn new(inner: Rc<S>, rules: Rc<Rules<I, D>>, request: ServiceRequest) -> Self {
        let subject = rules.identify.identify(request.request());
        Self { rules, waiting: Some((inner, request)), state: State::Identifying { subject } }
    }
}

impl<S, I, D, B> Future for ResponseFuture<S, I, D>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    I: Identify,
    D: AnswerDenial,
    B: MessageBody + 'static,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Identifying { subject } => {
                    let subject = ready!(subject.poll(cx)).into_subject();
                    match this.rules.gate.try_admit(subject) {
                        Ok(admission) => State::Decided { admission: Some(admission) },
                        Err(reference) => {
                            let admit = Box::pin(admit(this.rules.gate.clone(), reference));
                            State::Deciding { admit }
                        }
                    }
                }
                StateProj::Deciding { admit } => {
                    State::Decided { admission: Some(ready!(admit.as_mut().poll(cx))) }
                }
                // A state of its own, because what identified the user is dropped by now: actix
                // cannot route a request of which somebody else has a clone.
                StateProj::Decided { admission } => {
                    let (inner, request) = this.waiting.take().expect(ONCE);
                    let admission = admission.take().expect(ONCE);
                    let span = guard_span(&admission);
                    let entered = span.enter();
                    let inner = match this.rules.apply(admission, &request) {
                        None => inner.call(request),
                        Some(denial) => {
                            let response = this.rules.deny(denial, request);
                            return Poll::Ready(Ok(response.map_into_right_body()));
                        }
                    };
                    drop(entered);
                    State::Passing { inner, span }
                }
                StateProj::Passing { inner, span } => {
                    let outcome = ready!(span.in_scope(|| inner.poll(cx)));
                    return Poll::Ready(outcome.map(ServiceResponse::map_into_left_body));
                }
            };
            this.state.set(next);
        }
    }
}

async fn admit(gate: Gate, reference: ReferenceId) -> Admission {
    gate.admit(&reference).await
}

impl<S, I, D> fmt::Debug for ResponseFuture<S, I, D>
where
    S: Service<ServiceRequest>,
    I: Identify,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
