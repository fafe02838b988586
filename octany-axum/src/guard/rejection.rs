//! Why an extractor had no subscription to give.

use std::error::Error;
use std::fmt;

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use octany_entitlement::{Answer, Denial, GuardPages};

use super::service::accept;
use crate::answer;

/// Why [`ActiveSubscription`](super::ActiveSubscription) or [`Decision`](super::Decision) had
/// nothing to give.
///
/// Browsers are sent to the [`GuardPages`] in the request's extensions, if there are any.
#[derive(Clone, Debug)]
pub struct GuardRejection(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    denial: Denial,
    accept: Option<String>,
    pages: GuardPages,
}

impl GuardRejection {
    pub(super) fn new(denial: Denial, parts: &Parts) -> Self {
        let accept = accept(&parts.headers).map(ToOwned::to_owned);
        let pages = parts.extensions.get().cloned().unwrap_or_default();
        Self(Box::new(Inner { denial, accept, pages }))
    }

    /// Why.
    pub fn denial(&self) -> &Denial {
        &self.0.denial
    }

    /// Why.
    pub fn into_denial(self) -> Denial {
        self.0.denial
    }

    /// The status of the response to a program; a browser may be redirected.
    pub fn status(&self) -> StatusCode {
        answer::status(self.0.denial.status())
    }

    /// The body of the response.
    pub fn body_text(&self) -> String {
        self.answer().body.into_owned()
    }

    fn answer(&self) -> Answer {
        self.0.denial.answer(self.0.accept.as_deref(), &self.0.pages)
    }
}

impl IntoResponse for GuardRejection {
    fn into_response(self) -> Response {
        self.0.denial.record();
        let mut response: Response = answer::into_response(self.answer());
        response.extensions_mut().insert(self.0.denial);
        response
    }
}

impl fmt::Display for GuardRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request was denied: {}", self.0.denial.as_str())
    }
}

impl Error for GuardRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.denial {
            Denial::CouldNotTell(error) => Some(&**error),
            _ => None,
        }
    }
}

/// Why [`Subscribed`](super::Subscribed) had nothing to give: the app's own extractor had not, or
/// the guard did not let the request pass.
#[derive(Clone, Debug)]
pub enum SubscribedRejection<R> {
    /// The app's own rejection.
    User(R),
    /// The guard's.
    Guard(GuardRejection),
}

impl<R: IntoResponse> IntoResponse for SubscribedRejection<R> {
    fn into_response(self) -> Response {
        match self {
            Self::User(rejection) => rejection.into_response(),
            Self::Guard(rejection) => rejection.into_response(),
        }
    }
}

impl<R> From<GuardRejection> for SubscribedRejection<R> {
    fn from(rejection: GuardRejection) -> Self {
        Self::Guard(rejection)
    }
}

impl<R: fmt::Display> fmt::Display for SubscribedRejection<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(rejection) => rejection.fmt(f),
            Self::Guard(rejection) => rejection.fmt(f),
        }
    }
}

impl<R: Error> Error for SubscribedRejection<R> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::User(rejection) => rejection.source(),
            Self::Guard(rejection) => rejection.source(),
        }
    }
}
