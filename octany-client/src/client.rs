//! The client.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use octany_core::AccountUuid;

use crate::error::Failure;
use crate::transport::{Request, Transport};
use crate::{Answered, ApiKey, ClientBuilder, Error, Priority};

/// A client of one account. Cheap to clone: all clones share connections, the rate limit, and the
/// pauses that Octany asks for.
#[derive(Clone)]
pub struct Client {
    pub(crate) transport: Arc<Transport>,
    pub(crate) priority: Priority,
}

impl Client {
    /// Starts with an account's UUID, which stands in the URL of Octany's admin, and its key.
    pub fn builder(account: impl Into<AccountUuid>, key: ApiKey) -> ClientBuilder {
        ClientBuilder::new(account.into(), key)
    }

    /// The same client for calls of another priority; [`Priority::Person`] unless set.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    pub(crate) async fn call<T>(
        &self,
        request: &Request,
        read: impl FnOnce(&Answered<Bytes>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        self.transport.call(request, self.priority, read).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.transport.base.as_str())
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}
