//! Why an extractor had no delivery to give.

use std::error::Error;
use std::fmt;

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use octany_entitlement::Refusal;

use crate::answer;

/// Why [`OctanyEvent`](super::OctanyEvent) or [`VerifiedBody`](super::VerifiedBody) had nothing to
/// give.
#[derive(Clone, Debug)]
pub struct WebhookRejection(Refusal);

impl WebhookRejection {
    /// Why.
    pub fn refusal(&self) -> &Refusal {
        &self.0
    }

    /// Why.
    pub fn into_refusal(self) -> Refusal {
        self.0
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        answer::status(self.0.status())
    }

    /// The body of the response.
    pub fn body_text(&self) -> String {
        self.0.answer().body.into_owned()
    }
}

impl From<Refusal> for WebhookRejection {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        self.0.record();
        let mut response: Response = answer::into_response(self.0.answer());
        response.extensions_mut().insert(self.0);
        response
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the delivery was refused: {}", self.0.as_str())
    }
}

impl Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Refusal::Signature(error) => Some(error),
            Refusal::NotAnEvent(error) => Some(&**error),
            Refusal::Store(error) => Some(&**error),
            _ => None,
        }
    }
}
