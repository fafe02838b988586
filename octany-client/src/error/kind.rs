//! What kind of failure it was.

use http::StatusCode;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key is missing or wrong (401).
    Unauthorized,
    /// The key may not do this (403).
    Forbidden,
    /// No such resource, or the key is another account's (404, 410).
    NotFound,
    /// The charge failed (402).
    PaymentRequired,
    /// The request was refused for what is in it (422, 400), or was not sent because an id in it
    /// is none.
    Validation,
    /// Too many requests (429), or not sent because Octany asked for a pause that is longer than
    /// this call would wait.
    RateLimited,
    /// Octany failed (5xx).
    Server,
    /// No answer in time, or Octany gave up waiting for the request (408).
    Timeout,
    /// No connection: nothing was sent.
    Connect,
    /// The connection broke with the request on its way.
    Interrupted,
    /// The answer is not what the contract says.
    Decode,
    /// An answer that the contract does not know: any other status, a redirect included (none is
    /// followed), or one that says of itself that it failed.
    Rejected,
}

impl ErrorKind {
    /// What an answer's status means, if it is no success.
    pub(crate) fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthorized,
            402 => Self::PaymentRequired,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            408 => Self::Timeout,
            400 | 422 => Self::Validation,
            429 => Self::RateLimited,
            500.. => Self::Server,
            _ => Self::Rejected,
        }
    }

    /// Its name in lower case, for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::PaymentRequired => "payment_required",
            Self::Validation => "validation",
            Self::RateLimited => "rate_limited",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Interrupted => "interrupted",
            Self::Decode => "decode",
            Self::Rejected => "rejected",
        }
    }
}
