//! The walk of one request.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum_core::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use octany_billing::{Head, Route};
use octany_entitlement::{Answer, BODY_TIMEOUT, IntoSubject, Refusal};
use tower_service::Service;

use super::BillingRoutes;
use crate::answer::into_response;
use crate::body::{Limits, ReadBody};
use crate::guard::Identify;

/// The future of [`BillingRoutes`].
#[must_use]
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Answer> + Send>>);

impl<I, B> Service<Request<B>> for BillingRoutes<I>
where
    I: Identify<Future: Send> + Clone + Send + Sync + 'static,
    B: http_body::Body + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        ResponseFuture(Box::pin(answer(self.clone(), request)))
    }
}

async fn answer<I, B>(routes: BillingRoutes<I>, request: Request<B>) -> Answer
where
    I: Identify,
    B: http_body::Body,
{
    let (parts, body) = request.into_parts();
    let header = |name| parts.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let uri = &parts.uri;
    let head = Head::new(parts.method.as_str(), uri.path(), uri.query(), header);
    let route = match routes.billing.route(&head) {
        Ok(route) => route,
        Err(answer) => return answer,
    };
    let form = match read(route, &parts.headers, body).await {
        Ok(form) => form,
        Err(refusal) => return refusal.answer(),
    };
    let user = routes.identify.identify(&parts).await.into_subject();
    routes.billing.answer(route, &head, user, &form).await
}

async fn read<B>(route: Route, headers: &HeaderMap, body: B) -> Result<Bytes, Refusal>
where
    B: http_body::Body,
{
    match route.form_limit() {
        0 => Ok(Bytes::new()),
        bytes => ReadBody::new(headers, body, Limits { bytes, time: BODY_TIMEOUT })?.await,
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(|answer| Ok(into_response(answer)))
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
