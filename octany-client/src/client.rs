//! The client.

use std::fmt;
use std::sync::Arc;

use octany_core::AccountUuid;

use crate::transport::{Priority, Transport};
use crate::{ApiKey, ClientBuilder};

/// A client of one account. Cheap to clone.
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
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.transport.base.as_str())
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}
