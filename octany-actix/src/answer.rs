//! How answers become responses, and how an app puts its own in their place.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use octany_entitlement::{Answer, Denial, Refusal};

/// The answers of [`octany_entitlement::answer`], as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardAnswers;

/// What a refused delivery is answered with: [`StandardAnswers`], or a closure.
///
/// A closure gives a response, or an `Option` of one: `None` leaves the standard answer in place.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer refused deliveries",
    note = "a closure takes `&Refusal` and gives `HttpResponse`, or an `Option` of it"
)]
pub trait AnswerRefusal {
    /// The response to send instead of the standard one.
    fn answer(&self, refusal: &Refusal) -> Option<HttpResponse>;
}

/// What a request that may not pass is answered with: [`StandardAnswers`], or a closure.
///
/// A closure gives a response, or an `Option` of one: `None` leaves the standard answer in place.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer denied requests",
    note = "a closure takes `&Denial` and `&HttpRequest` and gives `HttpResponse`, or an `Option` \
            of it"
)]
pub trait AnswerDenial {
    /// The response to send instead of the standard one.
    fn answer(&self, denial: &Denial, request: &HttpRequest) -> Option<HttpResponse>;
}

impl AnswerRefusal for StandardAnswers {
    fn answer(&self, _: &Refusal) -> Option<HttpResponse> {
        None
    }
}

impl AnswerDenial for StandardAnswers {
    fn answer(&self, _: &Denial, _: &HttpRequest) -> Option<HttpResponse> {
        None
    }
}

impl<F, R> AnswerRefusal for F
where
    F: Fn(&Refusal) -> R,
    R: Into<Option<HttpResponse>>,
{
    fn answer(&self, refusal: &Refusal) -> Option<HttpResponse> {
        self(refusal).into()
    }
}

impl<F, R> AnswerDenial for F
where
    F: Fn(&Denial, &HttpRequest) -> R,
    R: Into<Option<HttpResponse>>,
{
    fn answer(&self, denial: &Denial, request: &HttpRequest) -> Option<HttpResponse> {
        self(denial, request).into()
    }
}

/// The answer as a response.
pub(crate) fn into_response(answer: Answer) -> HttpResponse {
    let body = match answer.body {
        Cow::Borrowed(body) => Bytes::from_static(body.as_bytes()),
        Cow::Owned(body) => Bytes::from(body),
    };
    let mut response = HttpResponse::with_body(status(answer.status), BoxBody::new(body));
    for (name, value) in answer.headers {
        // An `Answer` promises that both can stand in a header.
        if let Ok(value) = HeaderValue::try_from(&*value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A status that is none stands for a fault of ours.
pub(crate) fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Sees to it that an answer is recorded once, however often actix renders the error.
#[derive(Debug, Default)]
pub(crate) struct Once(AtomicBool);

impl Once {
    pub(crate) fn call(&self, record: impl FnOnce()) {
        if !self.0.swap(true, Ordering::Relaxed) {
            record();
        }
    }
}

impl Clone for Once {
    fn clone(&self) -> Self {
        Self(AtomicBool::new(self.0.load(Ordering::Relaxed)))
    }
}
