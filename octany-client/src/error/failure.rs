//! Why one attempt failed.

use std::error::Error as StdError;
use std::time::Duration;

use http::StatusCode;

use super::said::Said;
use super::{ErrorKind, Undecodable};
use crate::ApiKey;

/// Why one attempt failed, or why there was none. An [`Error`](super::Error) also knows of which
/// call it was.
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) status: Option<StatusCode>,
    pub(crate) said: Box<Said>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self { kind, status: None, said: Box::default(), retry_after: None, source: None }
    }

    /// An answer whose status is no success.
    pub(crate) fn answered(status: StatusCode, body: &[u8]) -> Self {
        let said = Box::new(Said::read(body));
        Self { status: Some(status), said, ..Self::new(ErrorKind::of(status)) }
    }

    /// A success that says of itself that it is none.
    pub(crate) fn unsuccessful(body: &[u8]) -> Self {
        Self { said: Box::new(Said::read(body)), ..Self::new(ErrorKind::Rejected) }
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.said.request_id = id;
        self
    }

    /// Drops what is shown and repeats the key.
    pub(crate) fn without(self, key: &ApiKey) -> Self {
        // A key that is no text is repeated by no answer that is one.
        let Ok(key) = key.header().to_str() else { return self };
        Self { said: Box::new(self.said.without(key)), ..self }
    }

    /// Not sent, since Octany asked for a pause that lasts so long.
    pub(crate) fn paused(wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..Self::new(ErrorKind::RateLimited) }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let kind = if error.is_connect() || error.is_builder() {
            ErrorKind::Connect
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else {
            ErrorKind::Interrupted
        };
        // Its URL holds references.
        Self { source: Some(Box::new(error.without_url())), ..Self::new(kind) }
    }
}

impl From<Undecodable> for Failure {
    fn from(error: Undecodable) -> Self {
        Self { source: Some(Box::new(error)), ..Self::new(ErrorKind::Decode) }
    }
}
