//! Why a verified body is not an event.

use std::fmt;

use crate::resource::{Problem, ResourceError};
use crate::signature::VerifiedBody;

/// A verified body that is not an event. It keeps the body, so that nothing that arrived is lost;
/// neither `Debug` nor `Display` shows it.
#[derive(Debug)]
pub struct EventError {
    cause: EventErrorCause,
    body: VerifiedBody,
}

/// What is wrong with the body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventErrorCause {
    /// It is not UTF-8.
    #[error("the body is not UTF-8")]
    Utf8(#[source] std::str::Utf8Error),
    /// It is not JSON.
    #[error("the body is not JSON (line {}, column {})", .0.line(), .0.column())]
    Json(#[source] serde_json::Error),
    /// It is JSON, but no object.
    #[error("the body is not an envelope")]
    NotAnEnvelope,
    /// A member without which it is no event.
    #[error("`{path}` {problem}")]
    Member {
        /// The member's JSON path, such as `data.status`.
        path: String,
        /// What is wrong there.
        problem: Problem,
    },
}

impl EventError {
    pub(super) fn new(cause: EventErrorCause, body: VerifiedBody) -> Self {
        Self { cause, body }
    }

    /// What is wrong.
    pub fn cause(&self) -> &EventErrorCause {
        &self.cause
    }

    /// The body that arrived.
    pub fn body(&self) -> &VerifiedBody {
        &self.body
    }

    /// The body that arrived.
    pub fn into_body(self) -> VerifiedBody {
        self.body
    }
}

impl EventErrorCause {
    pub(super) fn missing(path: &str) -> Self {
        Self::Member { path: path.to_owned(), problem: Problem::Missing }
    }

    pub(super) fn mistyped(path: &str) -> Self {
        Self::Member { path: path.to_owned(), problem: Problem::Mistyped }
    }

    pub(super) fn in_data(error: ResourceError) -> Self {
        match error {
            ResourceError::Utf8(error) => Self::Utf8(error),
            ResourceError::Json(error) => Self::Json(error),
            ResourceError::Member { path, problem } if path.is_empty() => {
                Self::Member { path: "data".to_owned(), problem }
            }
            ResourceError::Member { path, problem } => {
                Self::Member { path: format!("data.{path}"), problem }
            }
        }
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.cause, f)
    }
}

impl std::error::Error for EventError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.cause)
    }
}
