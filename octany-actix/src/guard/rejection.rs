//! Why an extractor had no subscription to give.

use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use octany_entitlement::{Answer, Denial, GuardPages};

use super::service::accept;
use crate::answer::{self, Once};
use crate::data::app_data;

/// Why [`ActiveSubscription`](super::ActiveSubscription) or [`Decision`](super::Decision) had
/// nothing to give.
///
/// Browsers are sent to the [`GuardPages`] in the request's extensions or in the `app_data`, if there
/// are any.
#[derive(Clone, Debug)]
pub struct GuardRejection(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    denial: Denial,
    accept: Option<String>,
    pages: GuardPages,
    recorded: Once,
}

impl GuardRejection {
    pub(super) fn new(denial: Denial, request: &HttpRequest) -> Self {
        let accept = accept(request.headers()).map(ToOwned::to_owned);
        let pages = request.extensions().get().cloned();
        let pages = pages.or_else(|| app_data(request).cloned()).unwrap_or_default();
        let rejection = Self(Box::new(Inner { denial, accept, pages, recorded: Once::default() }));
        // The mistake must be seen, even if an `Option` of the extractor swallows it.
        if matches!(rejection.0.denial, Denial::NoGuard) {
            rejection.record();
        }
        rejection
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

    fn record(&self) {
        self.0.recorded.call(|| self.0.denial.record());
    }
}

impl ResponseError for GuardRejection {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.record();
        let mut response = answer::into_response(self.answer());
        response.extensions_mut().insert(self.0.denial.clone());
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

impl<R: Into<actix_web::Error>> From<SubscribedRejection<R>> for actix_web::Error {
    fn from(rejection: SubscribedRejection<R>) -> Self {
        match rejection {
            SubscribedRejection::User(rejection) => rejection.into(),
            SubscribedRejection::Guard(rejection) => rejection.into(),
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
