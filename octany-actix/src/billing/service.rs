//! The walk of one request.

use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::dev::{
    AppService, HttpServiceFactory, Payload, ResourceDef, Service, ServiceFactory, ServiceRequest,
    ServiceResponse, always_ready,
};
use actix_web::{Error, HttpRequest};
use bytes::Bytes;
use octany_billing::{Head, Route};
use octany_entitlement::{Answer, BODY_TIMEOUT, IntoSubject, Refusal};

use super::BillingRoutes;
use crate::answer::into_response;
use crate::body::{Limits, ReadBody, Unread, check_announced};
use crate::guard::Identify;

/// The future of [`BillingRoutes`].
#[must_use]
pub struct ResponseFuture(Pin<Box<dyn Future<Output = ServiceResponse>>>);

impl<I: Identify + Clone + 'static> HttpServiceFactory for BillingRoutes<I> {
    fn register(self, config: &mut AppService) {
        let everything =
            if config.is_root() { ResourceDef::root_prefix("") } else { ResourceDef::prefix("") };
        config.register_service(everything, None, self, None);
    }
}

impl<I: Identify + Clone + 'static> ServiceFactory<ServiceRequest> for BillingRoutes<I> {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = Self;
    type InitError = ();
    type Future = Ready<Result<Self, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        ready(Ok(self.clone()))
    }
}

impl<I: Identify + Clone + 'static> Service<ServiceRequest> for BillingRoutes<I> {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = ResponseFuture;

    always_ready!();

    fn call(&self, request: ServiceRequest) -> ResponseFuture {
        let routes = self.clone();
        let (request, mut payload) = request.into_parts();
        ResponseFuture(Box::pin(async move {
            let answer = answer(&routes, &request, &mut payload).await;
            let response = into_response(answer).map_body(|_, body| Unread::after(body, payload));
            ServiceResponse::new(request, response)
        }))
    }
}

/// What is left in the payload was not read.
async fn answer<I: Identify>(
    routes: &BillingRoutes<I>,
    request: &HttpRequest,
    payload: &mut Payload,
) -> Answer {
    let headers = request.headers();
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let (path, query) = (request.match_info().unprocessed(), request.query_string());
    let head = Head::new(request.method().as_str(), path, Some(query), header);
    let route = match routes.billing.route(&head) {
        Ok(route) => route,
        Err(answer) => return answer,
    };
    let form = match read(route, request, payload).await {
        Ok(form) => form,
        Err(refusal) => return refusal.answer(),
    };
    let user = routes.identify.identify(request).await.into_subject();
    routes.billing.answer(route, &head, user, &form).await
}

async fn read(
    route: Route,
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<Bytes, Refusal> {
    let limits = match route.form_limit() {
        0 => return Ok(Bytes::new()),
        bytes => Limits { bytes, time: BODY_TIMEOUT },
    };
    check_announced(request.headers(), limits)?;
    let mut reading = ReadBody::new(payload.take(), limits);
    let read = (&mut reading).await;
    if read.is_err() {
        *payload = reading.take_rest();
    }
    read
}

impl Future for ResponseFuture {
    type Output = Result<ServiceResponse, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
