//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{AccessLog, StoreError};
use sqlx::Row;

use super::SqliteStore;
use super::error::store_error;

/// Returns a row only if it wrote; the first write of a reference has revision 1.
const ANNOUNCE: &str = "
    INSERT INTO octany_access (reference_id, granted, changed_at, revision)
    VALUES (?1, ?2, ?3, 1)
    ON CONFLICT (reference_id) DO UPDATE SET
        granted = excluded.granted,
        changed_at = excluded.changed_at,
        revision = octany_access.revision + 1
    WHERE octany_access.granted <> excluded.granted
    RETURNING revision";

#[async_trait]
impl AccessLog for SqliteStore {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let session = self.database.write().await?;
        let query = sqlx::query(ANNOUNCE)
            .bind(reference.as_str())
            .bind(i64::from(granted))
            .bind(at.timestamp_micros());
        // To the end of the rows, where the commit is.
        let rows = query.fetch_all(session.pool()).await;
        let Some(row) = session.answer(rows)?.pop() else {
            return Ok(false);
        };
        let revision: i64 = row.try_get(0).map_err(store_error)?;
        Ok(revision > 1)
    }
}
