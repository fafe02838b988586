//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{AccessLog, StoreError};
use sqlx::Row;

use super::PostgresStore;
use super::connections::Repeat;
use super::error::store_error;

/// Returns a row only if it wrote; the first write of a reference has revision 1.
const ANNOUNCE: &str = "
    INSERT INTO octany_access AS a (reference_id, granted, changed_at, revision)
    VALUES ($1, $2, $3, 1)
    ON CONFLICT (reference_id) DO UPDATE SET
        granted = excluded.granted,
        changed_at = excluded.changed_at,
        revision = a.revision + 1
    WHERE a.granted <> excluded.granted
    RETURNING revision";

#[async_trait]
impl AccessLog for PostgresStore {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let statement = |_| {
            sqlx::query(ANNOUNCE).bind(reference.as_str()).bind(granted).bind(at.timestamp_micros())
        };
        // A second run would find what the first one wrote, and take it for told.
        let rows = self.connections.rows(Repeat::Unsafe, statement).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        let revision: i64 = row.try_get(0).map_err(store_error)?;
        Ok(revision > 1)
    }
}
