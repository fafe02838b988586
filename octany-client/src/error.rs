//! Why a call failed.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use octany_core::resource::ResourceError;

/// Why a call failed.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    code: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key is missing or wrong (401).
    Unauthorized,
    /// The key may not do this (403).
    Forbidden,
    /// No such resource, or the key is another account's (404).
    NotFound,
    /// The charge failed (402).
    PaymentRequired,
    /// The request was refused for what is in it (422, and 400).
    Validation,
    /// Too many requests (429).
    RateLimited,
    /// Octany failed (5xx).
    Server,
    /// No answer in time.
    Timeout,
    /// No connection: nothing was sent.
    Connect,
    /// The connection broke with the request on its way.
    Interrupted,
    /// The answer is not what the contract says.
    Decode,
}

impl Error {
    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether there is no such resource.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// The server's code for it, where it gave one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    pub(crate) fn sending(error: reqwest::Error) -> Self {
        let kind = if error.is_connect() {
            ErrorKind::Connect
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else {
            ErrorKind::Interrupted
        };
        // Its URL holds references.
        Self::new(kind, Some(Box::new(error.without_url())))
    }

    pub(crate) fn status(status: StatusCode, _body: &[u8]) -> Self {
        let kind = match status.as_u16() {
            401 => ErrorKind::Unauthorized,
            402 => ErrorKind::PaymentRequired,
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            400 | 422 => ErrorKind::Validation,
            429 => ErrorKind::RateLimited,
            500.. => ErrorKind::Server,
            _ => ErrorKind::Decode,
        };
        Self::new(kind, None)
    }

    pub(crate) fn decode(error: serde_json::Error) -> Self {
        Self::new(ErrorKind::Decode, Some(Box::new(error)))
    }

    pub(crate) fn resource(error: ResourceError) -> Self {
        Self::new(ErrorKind::Decode, Some(Box::new(error)))
    }

    fn new(kind: ErrorKind, source: Option<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Box::new(Inner { kind, code: None, source }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.kind)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("code", &self.0.code)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
