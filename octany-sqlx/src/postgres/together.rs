//! Several calls in one statement.

use octany_entitlement::StoreError;
use sqlx::postgres::PgRow;

use super::connections::{Connections, PgQuery, Repeat};
use super::error::store_error;
use crate::group::to_each;

/// How long calls that go together wait for what somebody else has locked: an app's own transaction
/// may hold a row for as long as it likes, and must not keep all others waiting.
const PATIENCE: &str = "100ms";

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
