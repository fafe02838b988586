//! A connection that is kept while calls come.

use std::sync::Arc;

use octany_entitlement::StoreError;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use tokio::sync::Mutex;

use super::connections::{Connections, PgQuery, Repeat};
use super::error::store_error;

/// How long calls that go together wait for what somebody else has locked: an app's own transaction
/// may hold a row for as long as it likes, and must not keep all others waiting.
const PATIENCE: &str = "100ms";

/// Asking the pool for a connection and giving it back costs as much as the call.
pub(super) struct Held {
    connections: Arc<Connections>,
    connection: Mutex<Option<PoolConnection<Postgres>>>,
}

/// What one of the calls that went together got.
pub(super) enum Part {
    Row(PgRow),
    /// It has to go alone: some of them could not go together.
    Alone,
    Failed(StoreError),
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Shared(Arc<StoreError>);

impl Held {
    pub(super) fn new(connections: &Arc<Connections>) -> Self {
        Self { connections: Arc::clone(connections), connection: Mutex::default() }
    }

    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Runs a statement that answers with a row for each of so many calls, in their order. It is
    /// given how long to wait for locks.
    pub(super) async fn together<'q>(
        &self,
        calls: usize,
        statement: impl Fn(Option<&'q str>) -> PgQuery<'q> + Send + Sync,
    ) -> Vec<Part> {
        let statement = || statement(Some(PATIENCE));
        let mut connection = self.connection.lock().await;
        let answer = self.connections.answer_on(&mut connection, Repeat::Safe, statement).await;
        match answer {
            Ok(answer) if answer.rows.len() == calls => {
                answer.rows.into_iter().map(Part::Row).collect()
            }
            // The server refused one of them, or waited too long for one.
            Ok(_) | Err(sqlx::Error::Database(_)) => (0..calls).map(|_| Part::Alone).collect(),
            Err(error) => {
                let error = Arc::new(store_error(error));
                let each = || StoreError::new(error.kind(), Shared(Arc::clone(&error)));
                (0..calls).map(|_| Part::Failed(each())).collect()
            }
        }
    }

    pub(super) async fn give_back(&self) {
        drop(self.connection.lock().await.take());
    }
}
