//! The service around a handler.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::error::InternalError;
use actix_web::{Error, HttpMessage, HttpResponse};
use bytes::Bytes;
use octany_core::signature::{Signature, VerifiedBody, Verifier};
use octany_entitlement::{Clock, Receiver, Refusal};

use super::{ResponseFuture, WebhookRejection};
use crate::answer::{AnswerRefusal, StandardAnswers, into_response};
use crate::body::{Limits, Unread};

/// The service that [`OctanyWebhookLayer`](super::OctanyWebhookLayer) makes.
///
/// It goes around every service of actix, whatever the body of its responses.
pub struct OctanyWebhook<S, R = StandardAnswers> {
    inner: Rc<S>,
    config: Rc<Config<R>>,
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
    pub(super) fn new(inner: S, config: Rc<Config<R>>) -> Self {
        Self { inner: Rc::new(inner), config }
    }

    /// The service inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S, R, B> Service<ServiceRequest> for OctanyWebhook<S, R>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    R: AnswerRefusal,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S, R>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        ResponseFuture::new(Rc::clone(&self.inner), Rc::clone(&self.config), request)
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
}

impl<R: AnswerRefusal> Config<R> {
    /// Refuses a request that the service inside has not seen.
    pub(super) fn refuse<B>(
        &self,
        mut request: ServiceRequest,
        refusal: Refusal,
    ) -> ServiceResponse<EitherBody<B>> {
        let unread = request.take_payload();
        let response = self.answer(refusal).map_body(|_, body| Unread::after(body, unread));
        request.into_response(response).map_into_right_body()
    }

    /// Takes a response back.
    pub(super) fn refuse_instead<B>(
        &self,
        response: ServiceResponse<B>,
        refusal: Refusal,
    ) -> ServiceResponse<EitherBody<B>> {
        response.into_response(self.answer(refusal)).map_into_right_body()
    }

    /// Refuses a request that went down with the service inside: without it, actix takes no
    /// response, but an error that has one.
    pub(super) fn refuse_lost(&self, refusal: Refusal) -> Error {
        let response = self.answer(refusal.clone());
        InternalError::from_response(WebhookRejection::from(refusal), response).into()
    }

    fn answer(&self, refusal: Refusal) -> HttpResponse {
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
