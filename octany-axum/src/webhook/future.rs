//! The walk of one delivery.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use octany_core::Event;
use octany_core::signature::{Signature, VerifiedBody};
use octany_entitlement::{
    Answer, Begun, Delivery, Receiver, Refusal, StoreError, delivery_span, record_delivery,
};
use pin_project_lite::pin_project;
use tower_service::Service;
use tracing::{Instrument, Span};

use super::service::Config;
use super::signed;
use crate::answer::{AnswerRefusal, into_response};
use crate::body::ReadBody;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is taken out when a state is left for good.
const ONCE: &str = "a future is not polled after it is done, and no state is entered twice";

pin_project! {
    /// The future of an [`OctanyWebhook`](super::OctanyWebhook).
    ///
    /// Dropping it gives a delivery back that was not dealt with.
    #[must_use]
    pub struct ResponseFuture<S, R, B>
    where
        S: Service<Request<B>>,
    {
        config: Arc<Config<R>>,
        #[pin]
        state: State<S, B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, B>
    where
        S: Service<Request<B>>,
    {
        Refused { refusal: Option<Refusal> },
        Reading {
            #[pin]
            reading: ReadBody<B>,
            signature: Signature,
            waiting: Option<(S, Parts)>,
        },
        Beginning {
            begin: BoxFuture<Result<Begun, StoreError>>,
            span: Span,
            waiting: Option<(S, Request<B>)>,
        },
        Handling {
            #[pin]
            handling: S::Future,
            span: Span,
            delivery: Option<Delivery>,
        },
        Settling {
            settle: BoxFuture<Result<(), StoreError>>,
            span: Span,
            outcome: Option<Result<S::Response, S::Error>>,
        },
    }
}

impl<S, R, B> ResponseFuture<S, R, B>
where
    S: Service<Request<B>>,
    B: Body,
{
    pub(super) fn new(inner: S, config: Arc<Config<R>>, request: Request<B>) -> Self {
        let (parts, body) = request.into_parts();
        let state = match signed::open(&parts.headers, body, config.limits) {
            Ok((signature, reading)) => {
                State::Reading { reading, signature, waiting: Some((inner, parts)) }
            }
            Err(refusal) => refusal.into(),
        };
        Self { config, state }
    }
}

impl<S, R, ReqBody, ResBody> Future for ResponseFuture<S, R, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    R: AnswerRefusal<ResBody>,
    ReqBody: Body + From<Bytes>,
    ResBody: From<Bytes>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let config = &**this.config;
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Refused { refusal } => {
                    return Poll::Ready(Ok(config.refuse(refusal.take().expect(ONCE))));
                }
                StateProj::Reading { reading, signature, waiting } => {
                    let read = ready!(reading.poll(cx));
                    let (inner, parts) = waiting.take().expect(ONCE);
                    match read.and_then(|body| config.verify(body, signature)) {
                        Ok(verified) => State::verified(config, inner, parts, verified),
                        Err(refusal) => refusal.into(),
                    }
                }
                StateProj::Beginning { begin, span, waiting } => {
                    match ready!(begin.as_mut().poll(cx)) {
                        Ok(Begun::Fresh(delivery)) => {
                            let (inner, request) = waiting.take().expect(ONCE);
                            State::handle(config, inner, request, span.clone(), Some(delivery))
                        }
                        Ok(Begun::Accepted) => {
                            return Poll::Ready(Ok(into_response(Answer::accepted())));
                        }
                        Ok(Begun::Duplicate) => {
                            return Poll::Ready(Ok(into_response(Answer::duplicate())));
                        }
                        Ok(Begun::InFlight { retry_after }) => {
                            let refusal = Refusal::InFlight { retry_after };
                            return Poll::Ready(Ok(span.in_scope(|| config.refuse(refusal))));
                        }
                        Err(error) => {
                            let refusal = Refusal::Store(Arc::new(error));
                            return Poll::Ready(Ok(span.in_scope(|| config.refuse(refusal))));
                        }
                    }
                }
                StateProj::Handling { handling, span, delivery } => {
                    // Nothing of what panicked is used again, but dropped.
                    let poll = AssertUnwindSafe(|| span.in_scope(|| handling.poll(cx)));
                    let outcome = match catch_unwind(poll) {
                        Ok(poll) => ready!(poll),
                        Err(_) => Ok(span.in_scope(|| config.refuse(Refusal::HandlerPanicked))),
                    };
                    match delivery.take() {
                        Some(delivery) => State::settle(delivery, span.clone(), outcome),
                        None => return Poll::Ready(outcome),
                    }
                }
                StateProj::Settling { settle, span, outcome } => {
                    let settled = ready!(span.in_scope(|| settle.as_mut().poll(cx)));
                    return Poll::Ready(match settled {
                        Ok(()) => outcome.take().expect(ONCE),
                        Err(error) => {
                            let refusal = Refusal::Store(Arc::new(error));
                            Ok(span.in_scope(|| config.refuse(refusal)))
                        }
                    });
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, ReqBody, ResBody> State<S, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ReqBody: From<Bytes>,
    ResBody: From<Bytes>,
{
    /// The body is Octany's: takes the delivery in, where there is somebody to do so.
    fn verified<R>(config: &Config<R>, inner: S, mut parts: Parts, verified: VerifiedBody) -> Self
    where
        R: AnswerRefusal<ResBody>,
    {
        let span = delivery_span();
        let body = ReqBody::from(verified.bytes().clone());
        parts.extensions.insert(verified.clone());
        let Some(receiver) = &config.receiver else {
            return Self::handle(config, inner, Request::from_parts(parts, body), span, None);
        };
        match Event::parse(verified) {
            Ok(event) => {
                let event = Arc::new(event);
                record_delivery(&span, &event);
                parts.extensions.insert(Arc::clone(&event));
                let begin = Box::pin(begin(receiver.clone(), event).instrument(span.clone()));
                let request = Request::from_parts(parts, body);
                Self::Beginning { begin, span, waiting: Some((inner, request)) }
            }
            Err(error) => Refusal::NotAnEvent(Arc::new(error)).into(),
        }
    }

    /// Calls the handler.
    fn handle<R>(
        config: &Config<R>,
        mut inner: S,
        request: Request<ReqBody>,
        span: Span,
        delivery: Option<Delivery>,
    ) -> Self
    where
        R: AnswerRefusal<ResBody>,
    {
        let call = AssertUnwindSafe(|| span.in_scope(|| inner.call(request)));
        match (catch_unwind(call), delivery) {
            (Ok(handling), delivery) => Self::Handling { handling, span, delivery },
            (Err(_), Some(delivery)) => {
                let refused = span.in_scope(|| config.refuse(Refusal::HandlerPanicked));
                Self::settle(delivery, span, Ok(refused))
            }
            (Err(_), None) => Refusal::HandlerPanicked.into(),
        }
    }

    /// What was answered with 2xx is dealt with. Everything else is given back.
    fn settle(delivery: Delivery, span: Span, outcome: Result<S::Response, S::Error>) -> Self {
        let done = outcome.as_ref().is_ok_and(|response| response.status().is_success());
        let settle: BoxFuture<_> = if done {
            Box::pin(delivery.complete())
        } else {
            Box::pin(async {
                delivery.release().await;
                Ok(())
            })
        };
        Self::Settling { settle, span, outcome: Some(outcome) }
    }
}

async fn begin(receiver: Receiver, event: Arc<Event>) -> Result<Begun, StoreError> {
    receiver.begin(&event).await
}

impl<S: Service<Request<B>>, B> From<Refusal> for State<S, B> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal: Some(refusal) }
    }
}

impl<S, R, B> fmt::Debug for ResponseFuture<S, R, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
