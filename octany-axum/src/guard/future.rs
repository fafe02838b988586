//! The walk of one guarded request.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use octany_core::ReferenceId;
use octany_entitlement::{Admission, Gate, IntoSubject, guard_span};
use pin_project_lite::pin_project;
use tower_service::Service;
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
    pub struct ResponseFuture<S, I, D, B>
    where
        S: Service<Request<B>>,
        I: Identify,
    {
        rules: Arc<Rules<I, D>>,
        waiting: Option<(S, Parts, B)>,
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
            admit: Pin<Box<dyn Future<Output = Admission> + Send>>,
        },
        Passing {
            #[pin]
            inner: F,
            span: Span,
        },
    }
}

impl<S, I, D, B> ResponseFuture<S, I, D, B>
where
    S: Service<Request<B>>,
    I: Identify,
{
    pub(super) fn new(inner: S, rules: Arc<Rules<I, D>>, request: Request<B>) -> Self {
        let (parts, body) = request.into_parts();
        let subject = rules.identify.identify(&parts);
        Self { rules, waiting: Some((inner, parts, body)), state: State::Identifying { subject } }
    }
}

impl<S, I, D, ReqBody, ResBody> Future for ResponseFuture<S, I, D, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    I: Identify,
    D: AnswerDenial<ResBody>,
    ResBody: From<Bytes>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let admission = match this.state.as_mut().project() {
                StateProj::Identifying { subject } => {
                    let subject = ready!(subject.poll(cx)).into_subject();
                    match this.rules.gate.try_admit(subject) {
                        Ok(admission) => admission,
                        Err(reference) => {
                            let admit = Box::pin(admit(this.rules.gate.clone(), reference));
                            this.state.set(State::Deciding { admit });
                            continue;
                        }
                    }
                }
                StateProj::Deciding { admit } => ready!(admit.as_mut().poll(cx)),
                StateProj::Passing { inner, span } => return span.in_scope(|| inner.poll(cx)),
            };
            let (mut inner, mut parts, body) = this.waiting.take().expect(ONCE);
            let span = guard_span(&admission);
            let applied = span.in_scope(|| this.rules.apply(admission, &mut parts));
            if let Err(response) = applied {
                return Poll::Ready(Ok(response));
            }
            let inner = span.in_scope(|| inner.call(Request::from_parts(parts, body)));
            this.state.set(State::Passing { inner, span });
        }
    }
}

async fn admit(gate: Gate, reference: ReferenceId) -> Admission {
    gate.admit(&reference).await
}

impl<S, I, D, B> fmt::Debug for ResponseFuture<S, I, D, B>
where
    S: Service<Request<B>>,
    I: Identify,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
