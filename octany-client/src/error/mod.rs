//! Why a call failed.

mod failure;
mod kind;
mod said;
mod undecodable;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{Method, StatusCode};

pub(crate) use self::failure::Failure;
pub use self::kind::ErrorKind;
pub use self::said::FieldError;
pub(crate) use self::undecodable::Undecodable;

/// Why a call failed.
///
/// `Display` and `Debug` show the kind, the operation, the status, and the server's code if it
/// looks like one. What the server wrote is behind [`message`](Self::message) and
/// [`fields`](Self::fields), since it may quote a customer's data; no URL, no body and no key is
/// in here at all.
///
/// # Did it happen?
///
/// Octany knows no idempotency keys. What [`is_ambiguous`](Self::is_ambiguous) says:
///
/// | kind | after a `GET` | after a `POST` or `DELETE` |
/// |---|---|---|
/// | [`Connect`](ErrorKind::Connect) | no | no: nothing was sent |
/// | [`RateLimited`](ErrorKind::RateLimited) | no | no: it was turned away |
/// | [`Unauthorized`](ErrorKind::Unauthorized), [`Forbidden`](ErrorKind::Forbidden), [`NotFound`](ErrorKind::NotFound), [`PaymentRequired`](ErrorKind::PaymentRequired), [`Validation`](ErrorKind::Validation) | no | no: it was refused |
/// | [`Rejected`](ErrorKind::Rejected), status 4xx | no | no: it was refused |
/// | [`Rejected`](ErrorKind::Rejected), otherwise | no | **yes** |
/// | [`Timeout`](ErrorKind::Timeout), [`Interrupted`](ErrorKind::Interrupted) | no | **yes** |
/// | [`Server`](ErrorKind::Server) | no | **yes**: it may have failed after the fact |
/// | [`Decode`](ErrorKind::Decode) | no | **yes**: it was answered as a success |
///
/// A call whose future is dropped before it ends may have happened, too.
pub struct Error(Box<Inner>);

struct Inner {
    operation: &'static str,
    writes: bool,
    attempts: u32,
    failure: Failure,
}

impl Error {
    pub(crate) fn new(
        operation: &'static str,
        method: &Method,
        attempts: u32,
        failure: Failure,
    ) -> Self {
        Self(Box::new(Inner { operation, writes: !method.is_safe(), attempts, failure }))
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.failure.kind
    }

    /// The call that failed, such as `subscription.cancel`.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// How often it was sent; 0 for a call that was not.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The answer's status; `None` where there was no answer, and where it was a success that
    /// could not be read.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.failure.status
    }

    /// The server's code for it, as it came.
    pub fn code(&self) -> Option<&str> {
        self.0.failure.said.code.as_deref()
    }

    /// The server's words for it, for a developer to read. They may hold a customer's data.
    pub fn message(&self) -> Option<&str> {
        self.0.failure.said.message.as_deref()
    }

    /// What was refused in the request, member by member; empty where the server does not say.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.failure.said.fields
    }

    /// How long Octany asks to wait, at the time of its answer.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.failure.retry_after
    }

    /// The answer's id in the server's logs, if a header has one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.failure.said.request_id.as_deref()
    }

    /// The JSON path of what could not be read, such as `data[3].status`.
    pub fn path(&self) -> Option<&str> {
        self.0.failure.source.as_ref()?.downcast_ref::<Undecodable>()?.path()
    }

    /// Whether the request may have changed something at Octany all the same. Look there before you
    /// send it again. The [table](Self#did-it-happen) says when.
    pub fn is_ambiguous(&self) -> bool {
        let refused = self.status().is_some_and(|status| status.is_client_error());
        self.0.writes
            && match self.kind() {
                ErrorKind::Timeout
                | ErrorKind::Interrupted
                | ErrorKind::Server
                | ErrorKind::Decode => true,
                ErrorKind::Rejected => !refused,
                _ => false,
            }
    }

    /// Whether the key is missing or wrong.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Unauthorized
    }

    /// Whether the key may not do this.
    pub fn is_forbidden(&self) -> bool {
        self.kind() == ErrorKind::Forbidden
    }

    /// Whether there is no such resource.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether the charge failed.
    pub fn is_payment_required(&self) -> bool {
        self.kind() == ErrorKind::PaymentRequired
    }

    /// Whether something in the request was refused.
    pub fn is_validation(&self) -> bool {
        self.kind() == ErrorKind::Validation
    }

    /// Whether there were too many requests.
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }

    /// Whether Octany failed.
    pub fn is_server(&self) -> bool {
        self.kind() == ErrorKind::Server
    }

    /// Whether there was no answer in time.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether there was no connection.
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// Whether the connection broke with the request on its way.
    pub fn is_interrupted(&self) -> bool {
        self.kind() == ErrorKind::Interrupted
    }

    /// Whether the answer is not what the contract says.
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation(), self.kind().as_str())?;
        match (self.status(), self.0.failure.said.plain_code()) {
            (Some(status), Some(code)) => write!(f, " ({}, {code})", status.as_u16()),
            (Some(status), None) => write!(f, " ({})", status.as_u16()),
            (None, Some(code)) => write!(f, " ({code})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &self.operation())
            .field("status", &self.status())
            .field("code", &self.0.failure.said.plain_code())
            .field("path", &self.path())
            .field("attempts", &self.attempts())
            .field("retry_after", &self.retry_after())
            .field("request_id", &self.request_id())
            .field("source", &self.0.failure.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.failure.source.as_deref().map(|source| source as _)
    }
}
