//! What the API refuses.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use serde::Serialize;

use crate::engine::EngineError;

/// Why a call is refused.
#[derive(Debug)]
pub(super) enum ApiError {
    /// No key, or a wrong one.
    Unauthorized,
    /// No such thing on this account.
    NotFound(&'static str),
    /// The charge failed.
    Declined,
    /// What was sent cannot be done.
    Invalid(String),
    /// There is no such call.
    WrongMethod,
    /// Too many calls, and how long to make none.
    TooMany { retry_after: Duration },
    /// A fault.
    Failed(StatusCode),
}

#[derive(Serialize)]
struct Body<'a> {
    error: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    code: &'a str,
    message: &'a str,
}

impl ApiError {
    fn parts(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "", String::new()),
            Self::NotFound(what) => {
                (StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
            }
            Self::Declined => {
                let message = "The charge could not be processed.".to_owned();
                (StatusCode::PAYMENT_REQUIRED, "payment_failed", message)
            }
            Self::Invalid(message) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", message.clone())
            }
            Self::WrongMethod => {
                let message = "This method is not allowed here.".to_owned();
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
            }
            Self::TooMany { .. } => {
                let message = "Too many requests.".to_owned();
                (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
            }
            Self::Failed(status) => (*status, "server_error", "Server error.".to_owned()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, message) = self.parts();
        let body = match self {
            Self::Unauthorized => "null".to_owned(),
            _ => crate::wire::write(&Body { error: Detail { code, message: &message } }),
        };
        let mut response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
        if let Self::TooMany { retry_after } = self {
            response.headers_mut().insert(RETRY_AFTER, retry_after.as_secs().into());
        }
        response
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound(what) => Self::NotFound(what),
            EngineError::Refused(why) => Self::Invalid(why.to_owned()),
            EngineError::Declined { .. } => Self::Declined,
        }
    }
}
