//! How answers become responses, and how an app puts its own in their place.

use std::borrow::Cow;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use octany_entitlement::{Answer, Denial, Refusal};

/// The answers of [`octany_entitlement::answer`], as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardAnswers;

/// What a refused delivery is answered with: [`StandardAnswers`], or a closure.
///
/// A closure gives a response, or an `Option` of one: `None` leaves the standard answer in place.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer refused deliveries with bodies of type `{B}`",
    note = "a closure takes `&Refusal` and gives `http::Response<{B}>`, or an `Option` of it"
)]
pub trait AnswerRefusal<B> {
    /// The response to send instead of the standard one.
    fn answer(&self, refusal: &Refusal) -> Option<Response<B>>;
}

/// What a request that may not pass is answered with: [`StandardAnswers`], or a closure.
///
/// A closure gives a response, or an `Option` of one: `None` leaves the standard answer in place.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer denied requests with bodies of type `{B}`",
    note = "a closure takes `&Denial` and `&Parts` and gives `http::Response<{B}>`, or an `Option` \
            of it"
)]
pub trait AnswerDenial<B> {
    /// The response to send instead of the standard one.
    fn answer(&self, denial: &Denial, parts: &Parts) -> Option<Response<B>>;
}

impl<B> AnswerRefusal<B> for StandardAnswers {
    fn answer(&self, _: &Refusal) -> Option<Response<B>> {
        None
    }
}

impl<B> AnswerDenial<B> for StandardAnswers {
    fn answer(&self, _: &Denial, _: &Parts) -> Option<Response<B>> {
        None
    }
}

impl<F, R, B> AnswerRefusal<B> for F
where
    F: Fn(&Refusal) -> R,
    R: Into<Option<Response<B>>>,
{
    fn answer(&self, refusal: &Refusal) -> Option<Response<B>> {
        self(refusal).into()
    }
}

impl<F, R, B> AnswerDenial<B> for F
where
    F: Fn(&Denial, &Parts) -> R,
    R: Into<Option<Response<B>>>,
{
    fn answer(&self, denial: &Denial, parts: &Parts) -> Option<Response<B>> {
        self(denial, parts).into()
    }
}

/// The answer as a response.
pub(crate) fn into_response<B: From<Bytes>>(answer: Answer) -> Response<B> {
    let body = match answer.body {
        Cow::Borrowed(body) => Bytes::from_static(body.as_bytes()),
        Cow::Owned(body) => Bytes::from(body),
    };
    let mut response = Response::new(B::from(body));
    *response.status_mut() = status(answer.status);
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
