//! What nodes tell each other.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use octany_entitlement::{Invalidation, InvalidationListener, StoreError};
use sqlx::postgres::{PgListener, PgPool, PgPoolOptions};
use tokio::time::{error::Elapsed, timeout};

use super::PostgresStore;
use super::connections::{Connections, Repeat};
use super::error::store_error;
use crate::tables::Tables;

/// How long it may be quiet before the server is asked whether it is there.
const QUIET: Duration = Duration::from_secs(5);
/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the server takes: 7,999 bytes.
const LONGEST: usize = 7_999;

/// Carries messages between the nodes of one app over PostgreSQL's `NOTIFY` and `LISTEN`.
///
/// ```no_run
/// use octany_entitlement::Invalidation;
/// use octany_sqlx::PostgresStore;
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::connect("postgres://app:secret@db.internal/app").await?;
/// let nodes = store.invalidation();
/// nodes.publish("hello").await?; // as a cache does for you
/// # Ok(()) }
/// ```
///
/// Each [`listen`](Invalidation::listen) has a connection of its own, beside the store's pool. One
/// that broke ends it at once. One that silently died is noticed by a question to the server, which
/// is asked when nothing was heard for 5 s and has to be answered within 5 s.
///
/// It needs a session of the server's: through a pooler that shares connections between
/// transactions, nothing is heard, and copies live as long as without it.
#[derive(Clone)]
pub struct PostgresInvalidation {
    connections: Arc<Connections>,
    channel: String,
}

/// # Many nodes
impl PostgresStore {
    /// Carries messages between the nodes whose stores have the same database and names.
    pub fn invalidation(&self) -> PostgresInvalidation {
        let connections = Arc::clone(&self.connections);
        PostgresInvalidation { connections, channel: channel(&self.tables) }
    }
}

fn channel(tables: &Tables) -> String {
    let name = tables.name("invalidation");
    tables.schema().map_or(name.clone(), |schema| format!("{schema}.{name}"))
}

impl PostgresInvalidation {
    async fn until_it_breaks(
        &self,
        listener: &dyn InvalidationListener,
    ) -> Result<Infallible, StoreError> {
        let pool = beside(self.connections.pool());
        let mut messages = PgListener::connect_with(&pool).await.map_err(store_error)?;
        // A new connection would have missed messages without saying so.
        messages.eager_reconnect(false);
        let subscribed = timeout(PATIENCE, messages.listen(&self.channel)).await;
        subscribed.map_err(late)?.map_err(store_error)?;
        listener.connected();
        loop {
            match timeout(QUIET, messages.try_recv()).await {
                Ok(Ok(Some(message))) => listener.heard(message.payload()),
                Ok(Ok(None)) => return Err(StoreError::unavailable("the connection was lost")),
                Ok(Err(error)) => return Err(store_error(error)),
                Err(_) => {
                    let question = sqlx::query("SELECT 1").execute(&mut messages);
                    timeout(PATIENCE, question).await.map_err(late)?.map_err(store_error)?;
                }
            }
        }
    }
}

#[async_trait]
impl Invalidation for PostgresInvalidation {
    async fn publish(&self, message: &str) -> Result<(), StoreError> {
        let statement =
            || sqlx::query("SELECT pg_notify($1, $2)").bind(&self.channel).bind(message);
        self.connections.rows(Repeat::Safe, statement).await.map(drop)
    }

    async fn listen(&self, listener: &dyn InvalidationListener) -> StoreError {
        let Err(error) = self.until_it_breaks(listener).await;
        error
    }

    fn longest(&self) -> usize {
        LONGEST
    }
}

/// For one connection to the same server that takes none from the pool, which may have only one.
fn beside(pool: &PgPool) -> PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with((*pool.connect_options()).clone())
}

fn late(elapsed: Elapsed) -> StoreError {
    StoreError::unavailable(elapsed)
}

impl fmt::Debug for PostgresInvalidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options of the pool hold the password.
        f.debug_struct("PostgresInvalidation")
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}
