//! Refused deliveries.

use std::sync::Arc;
use std::time::Duration;

use octany_core::EventError;
use octany_core::signature::SignatureError;

use super::Answer;
use crate::store::StoreError;

/// Why a delivery was refused. It is found in the extensions of the response, for outer layers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// The signature is missing, repeated, malformed or wrong.
    Signature(SignatureError),
    /// The body is larger than the limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body was not complete in time.
    TimedOut,
    /// The connection failed in the middle of the body.
    Interrupted,
    /// The body is signed, but no event.
    NotAnEvent(Arc<EventError>),
    /// Somebody else is dealing with the delivery.
    InFlight {
        /// How long that can take at most.
        retry_after: Duration,
    },
    /// The store or the delivery log failed.
    Store(Arc<StoreError>),
    /// The handler panicked.
    HandlerPanicked,
    /// A webhook extractor was used where no webhook layer is.
    NoLayer,
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Interrupted | Self::NotAnEvent(_) => 400,
            Self::Signature(_) => 401,
            Self::TimedOut => 408,
            Self::InFlight { .. } => 409,
            Self::TooLarge { .. } => 413,
            Self::HandlerPanicked | Self::NoLayer => 500,
            Self::Store(_) => 503,
        }
    }

    /// The name in problem documents, logs and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Signature(SignatureError::Missing) => "signature_missing",
            Self::Signature(SignatureError::Repeated) => "signature_repeated",
            Self::Signature(SignatureError::Malformed { .. }) => "signature_malformed",
            Self::Signature(_) => "signature_mismatch",
            Self::TooLarge { .. } => "too_large",
            Self::TimedOut => "timed_out",
            Self::Interrupted => "interrupted",
            Self::NotAnEvent(_) => "not_an_event",
            Self::InFlight { .. } => "in_flight",
            Self::Store(_) => "store_unavailable",
            Self::HandlerPanicked => "handler_panicked",
            Self::NoLayer => "webhook_layer_missing",
        }
    }

    /// Traces and counts the refusal, its whole cause included. An adapter calls it once, when it
    /// answers, whatever it answers with.
    pub fn record(&self) {
        crate::telemetry::refusal(self);
    }

    /// The answer to send.
    pub fn answer(&self) -> Answer {
        let (kind, title) = match self {
            Self::Signature(_) => ("signature", "The delivery is not signed as it must be"),
            Self::TooLarge { .. } => ("too-large", "The body is larger than is accepted"),
            Self::TimedOut => ("timed-out", "The body was not complete in time"),
            Self::Interrupted => ("interrupted", "The body could not be read"),
            Self::NotAnEvent(_) => ("not-an-event", "The body is no event"),
            Self::InFlight { .. } => ("in-flight", "The delivery is being dealt with"),
            Self::Store(_) => ("unavailable", "The delivery could not be stored"),
            Self::HandlerPanicked => ("handler", "The delivery could not be dealt with"),
            Self::NoLayer => ("no-layer", "OctanyWebhookLayer is missing on this route"),
        };
        let reason = self.as_str();
        let answer = Answer::problem(self.status(), kind, title, reason);
        match self {
            Self::Signature(_) => answer.with("www-authenticate", "Octany-Signature"),
            Self::InFlight { retry_after } => {
                // Rounded up: who comes back earlier is sent away again.
                let seconds = retry_after.as_millis().div_ceil(1000).max(1);
                answer.with("retry-after", seconds.to_string())
            }
            Self::Store(_) => answer.with("retry-after", RETRY_AFTER_OUTAGE),
            _ => answer,
        }
    }
}

/// In seconds.
pub(super) const RETRY_AFTER_OUTAGE: &str = "5";
