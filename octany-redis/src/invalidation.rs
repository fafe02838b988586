//! What nodes tell each other.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use octany_entitlement::{Invalidation, InvalidationListener, StoreError};
use redis::Client;
use tokio::time::{Instant, timeout};

use crate::prefix::Prefix;
use crate::script::Request;
use crate::server::{Failure, Repeat, Server, client, store_error, until};

/// How long it may be quiet before the server is asked whether it is there.
const QUIET: Duration = Duration::from_secs(5);

/// Carries messages between the nodes of one app over Redis's publish and subscribe.
///
/// Each [`listen`](Invalidation::listen) has a connection of its own, on the channel
/// `{prefix}invalidation`. A connection that broke ends it at once. One that silently died is noticed
/// by a `PING`, sent when nothing was heard for 5 s
/// ([`ping_after`](Self::ping_after)) and answered within the
/// [time for answers](Self::response_timeout): after 10 s, unless set otherwise. Whoever listens too
/// slowly is disconnected by the server, and has to clear and listen again like after any other
/// break.
///
/// It needs nothing but the server's memory, so any Redis will do, one that evicts included.
#[derive(Clone)]
pub struct RedisInvalidation {
    server: Server,
    channel: String,
    quiet: Duration,
}

impl RedisInvalidation {
    /// Over the server at a URL, `redis://user:password@host:port/database`. It connects with the
    /// first call.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if the URL cannot be read.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        client(url).map(Self::new)
    }

    /// Over your own client.
    pub fn new(client: Client) -> Self {
        Self::over(Server::new(client), &Prefix::default())
    }

    pub(crate) fn over(server: Server, prefix: &Prefix) -> Self {
        Self { server, channel: prefix.only("invalidation"), quiet: QUIET }
    }

    /// What the channel's name begins with; `octany:` unless set. Nodes hear each other if theirs is
    /// the same, whichever database of the server they are on.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if it is not as [`RedisStore::key_prefix`] wants it.
    ///
    /// [`RedisStore::key_prefix`]: crate::RedisStore::key_prefix
    pub fn key_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self { channel: Prefix::new(prefix)?.only("invalidation"), ..self })
    }

    /// How long the server may take to answer; 5 s unless set.
    #[must_use]
    pub fn response_timeout(self, limit: Duration) -> Self {
        Self { server: self.server.with_patience(limit), ..self }
    }

    /// How long it may be quiet before the server is asked whether it is there; 5 s unless set.
    #[must_use]
    pub fn ping_after(self, quiet: Duration) -> Self {
        Self { quiet, ..self }
    }

    async fn until_it_breaks(
        &self,
        listener: &dyn InvalidationListener,
    ) -> Result<Infallible, StoreError> {
        let soon = || Instant::now() + self.server.patience();
        let deadline = soon();
        let connection = until(deadline, self.server.client().get_async_pubsub()).await?;
        let (mut sink, mut messages) = connection.map_err(store_error)?.split();
        until(deadline, sink.subscribe(&self.channel)).await?.map_err(store_error)?;
        listener.connected();
        loop {
            match timeout(self.quiet, messages.next()).await {
                Ok(None) => return Err(StoreError::unavailable(Failure::Ended)),
                Ok(Some(message)) => {
                    // What is no text is not ours.
                    if let Ok(text) = message.get_payload::<String>() {
                        listener.heard(&text);
                    }
                }
                Err(_) => {
                    let answer = until(soon(), sink.ping::<redis::Value>()).await?;
                    answer.map_err(store_error)?;
                }
            }
        }
    }
}

#[async_trait]
impl Invalidation for RedisInvalidation {
    async fn publish(&self, message: &str) -> Result<(), StoreError> {
        let request = Request::command("PUBLISH").arg(&self.channel).arg(message);
        self.server.call::<i64>(Repeat::Safe, request).await.map(drop)
    }

    async fn listen(&self, listener: &dyn InvalidationListener) -> StoreError {
        let Err(error) = self.until_it_breaks(listener).await;
        error
    }
}

impl fmt::Debug for RedisInvalidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client holds the password.
        f.debug_struct("RedisInvalidation").field("channel", &self.channel).finish_non_exhaustive()
    }
}
