//! Several calls in one statement, and one that could not go together.

use std::time::Duration;

use octany_entitlement::StoreError;
use sqlx::postgres::PgRow;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::connections::{Connections, PgQuery, Repeat};
use super::error::{is_locked, store_error};
use crate::group::to_each;

/// How long calls that go together wait for what somebody else has locked: an app's own transaction
/// may hold a row for as long as it likes, and must not keep all others waiting.
const PATIENCE: &str = "100ms";
/// How often one that may not wait long yet looks whether the lock is gone.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// What one of the calls that went together got.
pub(super) enum Part {
    Row(PgRow),
    /// It has to go alone: some of them could not go together.
    Alone,
    Failed(StoreError),
}

/// Runs a statement that answers with a row for each of so many calls, in their order. It is given
/// how long to wait for locks.
pub(super) async fn together<'q>(
    connections: &Connections,
    calls: usize,
    statement: impl Fn(Option<&'q str>) -> PgQuery<'q> + Send + Sync,
) -> Vec<Part> {
    let statement = || statement(Some(PATIENCE));
    match connections.try_answer(Repeat::Safe, statement).await {
        Ok(answer) if answer.rows.len() == calls => {
            answer.rows.into_iter().map(Part::Row).collect()
        }
        // The server refused one of them, or waited too long for one.
        Ok(_) | Err(sqlx::Error::Database(_)) => (0..calls).map(|_| Part::Alone).collect(),
        Err(error) => to_each(store_error(error), calls).map(Part::Failed).collect(),
    }
}

/// Those that wait for a lock for as long as it takes. Each has a connection, so they are few: the
/// others look from time to time, and all other calls go on.
pub(super) struct LongWaits(Semaphore);

impl LongWaits {
    pub(super) fn new(connections: &Connections) -> Self {
        let connections = connections.pool().options().get_max_connections();
        Self(Semaphore::new(usize::try_from(connections / 4).unwrap_or(1).max(1)))
    }

    /// Runs a statement for one call, which waits for locks as long as the connection has it.
    pub(super) async fn rows<'q>(
        &self,
        connections: &Connections,
        statement: impl Fn(Option<&'q str>) -> PgQuery<'q> + Send + Sync,
    ) -> Result<Vec<PgRow>, StoreError> {
        loop {
            let look = connections.try_answer(Repeat::Safe, || statement(Some(PATIENCE))).await;
            match look {
                Err(error) if is_locked(&error) => {}
                answer => return answer.map(|answer| answer.rows).map_err(store_error),
            }
            if let Ok(Ok(_place)) = timeout(BETWEEN_LOOKS, self.0.acquire()).await {
                return connections.rows(Repeat::Safe, || statement(None)).await;
            }
        }
    }
}
