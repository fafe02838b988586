//! Why an extractor had no delivery to give.

use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use octany_entitlement::Refusal;

use crate::answer::{self, Once};

/// Why [`OctanyEvent`](super::OctanyEvent) or [`VerifiedBody`](super::VerifiedBody) had nothing to
/// give.
#[derive(Clone, Debug)]
pub struct WebhookRejection {
    refusal: Refusal,
    recorded: Once,
}

impl WebhookRejection {
    /// Why.
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// Why.
    pub fn into_refusal(self) -> Refusal {
        self.refusal
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        answer::status(self.refusal.status())
    }

    /// The body of the response.
    pub fn body_text(&self) -> String {
        self.refusal.answer().body.into_owned()
    }

    fn record(&self) {
        self.recorded.call(|| self.refusal.record());
    }
}

impl From<Refusal> for WebhookRejection {
    fn from(refusal: Refusal) -> Self {
        let rejection = Self { refusal, recorded: Once::default() };
        // The mistake must be seen, even if an `Option` of the extractor swallows it.
        if matches!(rejection.refusal, Refusal::NoLayer) {
            rejection.record();
        }
        rejection
    }
}

impl ResponseError for WebhookRejection {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.record();
        let mut response = answer::into_response(self.refusal.answer());
        response.extensions_mut().insert(self.refusal.clone());
        response
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the delivery was refused: {}", self.refusal.as_str())
    }
}

impl Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.refusal {
            Refusal::Signature(error) => Some(error),
            Refusal::NotAnEvent(error) => Some(&**error),
            Refusal::Store(error) => Some(&**error),
            _ => None,
        }
    }
}
