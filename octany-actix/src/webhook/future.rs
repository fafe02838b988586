//! The walk of one delivery.

use std::fmt;
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{self, Context, Poll};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage};
use octany_core::Event;
use octany_core::signature::{Signature, VerifiedBody};
use octany_entitlement::{
    Answer, Begun, Delivery, Receiver, Refusal, StoreError, delivery_span, record_delivery,
};
use pin_project_lite::pin_project;
use tracing::{Instrument, Span};

use super::service::Config;
use super::signed;
use crate::answer::{AnswerRefusal, into_response};
use crate::body::ReadBody;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// What is taken out when a state is left for good.
const ONCE: &str = "a future is not polled after it is done, and no state is entered twice";

pin_project! {
    /// The future of an [`OctanyWebhook`](super::OctanyWebhook).
    ///
    /// Dropping it gives a delivery back that was not dealt with.
    #[must_use]
    pub struct ResponseFuture<S, R>
    where
        S: Service<ServiceRequest>,
    {
        config: Rc<Config<R>>,
        #[pin]
        state: State<S>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S>
    where
        S: Service<ServiceRequest>,
    {
        // Before the body was read.
        RefusedUnread { refused: Option<(ServiceRequest, Refusal)> },
        Refused { refused: Option<(ServiceRequest, Refusal)> },
        Reading {
            reading: ReadBody,
            signature: Signature,
            waiting: Option<(Rc<S>, ServiceRequest)>,
        },
        Beginning {
            begin: BoxFuture<Result<Begun, StoreError>>,
            span: Span,
            waiting: Option<(Rc<S>, ServiceRequest)>,
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

impl<S, R> ResponseFuture<S, R>
where
    S: Service<ServiceRequest>,
{
    pub(super) fn new(inner: Rc<S>, config: Rc<Config<R>>, mut request: ServiceRequest) -> Self {
        let state = match signed::open(request.headers(), config.limits) {
            Ok(signature) => {
                let reading = ReadBody::new(request.take_payload(), config.limits);
                State::Reading { reading, signature, waiting: Some((inner, request)) }
            }
            Err(refusal) => State::RefusedUnread { refused: Some((request, refusal)) },
        };
        Self { config, state }
    }
}

impl<S, R, B> Future for ResponseFuture<S, R>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    R: AnswerRefusal,
    B: MessageBody + 'static,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let config = &**this.config;
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::RefusedUnread { refused } => {
                    let refused = refused.take();
                    // Actix asks before it decodes the body. After one turn, a small body that came
                    // with the head is off the connection, which can then stay open.
                    this.state.set(State::Refused { refused });
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                StateProj::Refused { refused } => {
                    let (request, refusal) = refused.take().expect(ONCE);
                    return Poll::Ready(Ok(config.refuse(request, refusal)));
                }
                StateProj::Reading { reading, signature, waiting } => {
                    let read = task::ready!(Pin::new(&mut *reading).poll(cx));
                    let (inner, mut request) = waiting.take().expect(ONCE);
                    match read.and_then(|body| config.verify(body, signature)) {
                        Ok(verified) => State::verified(config, &inner, request, verified),
                        Err(refusal) => {
                            request.set_payload(reading.take_rest());
                            State::refused(request, refusal)
                        }
                    }
                }
                StateProj::Beginning { begin, span, waiting } => {
                    let begun = task::ready!(begin.as_mut().poll(cx));
                    let (inner, request) = waiting.take().expect(ONCE);
                    match begun {
                        Ok(Begun::Fresh(delivery)) => {
                            State::handle(config, &inner, request, span.clone(), Some(delivery))
                        }
                        Ok(Begun::Accepted) => {
                            return Poll::Ready(Ok(acknowledge(request, Answer::accepted())));
                        }
                        Ok(Begun::Duplicate) => {
                            return Poll::Ready(Ok(acknowledge(request, Answer::duplicate())));
                        }
                        Ok(Begun::InFlight { retry_after }) => {
                            let refusal = Refusal::InFlight { retry_after };
                            let refused = span.in_scope(|| config.refuse(request, refusal));
                            return Poll::Ready(Ok(refused));
                        }
                        Err(error) => {
                            let refusal = Refusal::Store(Arc::new(error));
                            let refused = span.in_scope(|| config.refuse(request, refusal));
                            return Poll::Ready(Ok(refused));
                        }
                    }
                }
                StateProj::Handling { handling, span, delivery } => {
                    // Nothing of what panicked is used again, but dropped.
                    let poll = AssertUnwindSafe(|| span.in_scope(|| handling.poll(cx)));
                    let outcome = match catch_unwind(poll) {
                        Ok(poll) => task::ready!(poll),
                        Err(_) => {
                            Err(span.in_scope(|| config.refuse_lost(Refusal::HandlerPanicked)))
                        }
                    };
                    match delivery.take() {
                        Some(delivery) => State::settle(delivery, span.clone(), outcome),
                        None => {
                            return Poll::Ready(outcome.map(ServiceResponse::map_into_left_body));
                        }
                    }
                }
                StateProj::Settling { settle, span, outcome } => {
                    let settled = task::ready!(span.in_scope(|| settle.as_mut().poll(cx)));
                    let outcome = outcome.take().expect(ONCE);
                    return Poll::Ready(outcome.map(|response| match settled {
                        Ok(()) => response.map_into_left_body(),
                        Err(error) => {
                            let refusal = Refusal::Store(Arc::new(error));
                            span.in_scope(|| config.refuse_instead(response, refusal))
                        }
                    }));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, B> State<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    fn refused(request: ServiceRequest, refusal: Refusal) -> Self {
        Self::Refused { refused: Some((request, refusal)) }
    }

    /// The body is Octany's: takes the delivery in, where there is somebody to do so.
    fn verified<R: AnswerRefusal>(
        config: &Config<R>,
        inner: &Rc<S>,
        mut request: ServiceRequest,
        verified: VerifiedBody,
    ) -> Self {
        let span = delivery_span();
        request.set_payload(Payload::from(verified.bytes().clone()));
        request.extensions_mut().insert(verified.clone());
        let Some(receiver) = &config.receiver else {
            return Self::handle(config, inner, request, span, None);
        };
        match Event::parse(verified) {
            Ok(event) => {
                let event = Arc::new(event);
                record_delivery(&span, &event);
                request.extensions_mut().insert(Arc::clone(&event));
                let begin = Box::pin(begin(receiver.clone(), event).instrument(span.clone()));
                Self::Beginning { begin, span, waiting: Some((Rc::clone(inner), request)) }
            }
            Err(error) => Self::refused(request, Refusal::NotAnEvent(Arc::new(error))),
        }
    }

    /// Calls the handler.
    fn handle<R: AnswerRefusal>(
        config: &Config<R>,
        inner: &Rc<S>,
        request: ServiceRequest,
        span: Span,
        delivery: Option<Delivery>,
    ) -> Self {
        let call = AssertUnwindSafe(|| span.in_scope(|| inner.call(request)));
        match (catch_unwind(call), delivery) {
            (Ok(handling), delivery) => Self::Handling { handling, span, delivery },
            (Err(_), Some(delivery)) => {
                let lost = span.in_scope(|| config.refuse_lost(Refusal::HandlerPanicked));
                Self::settle(delivery, span, Err(lost))
            }
            (Err(_), None) => {
                let lost = span.in_scope(|| config.refuse_lost(Refusal::HandlerPanicked));
                let settle = Box::pin(ready(Ok(())));
                Self::Settling { settle, span, outcome: Some(Err(lost)) }
            }
        }
    }

    /// What was answered with 2xx is dealt with. Everything else is given back.
    fn settle(delivery: Delivery, span: Span, outcome: Result<S::Response, Error>) -> Self {
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

/// Answers in the place of the handler.
fn acknowledge<B>(request: ServiceRequest, answer: Answer) -> ServiceResponse<EitherBody<B>> {
    request.into_response(into_response(answer)).map_into_right_body()
}

async fn begin(receiver: Receiver, event: Arc<Event>) -> Result<Begun, StoreError> {
    receiver.begin(&event).await
}

impl<S, R> fmt::Debug for ResponseFuture<S, R>
where
    S: Service<ServiceRequest>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
