//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{AccessLog, Announced, StoreError};
use sqlx::Row;

use super::SqliteStore;
use super::error::store_error;
use crate::row::{announced, micros};

/// Returns a row only if it wrote; the first write of a reference is no change.
const ANNOUNCE: &str = "
    INSERT INTO octany_access (reference_id, granted, ends_at, changed_at, changed)
    VALUES (?1, ?2, ?3, ?4, 0)
    ON CONFLICT (reference_id) DO UPDATE SET
        granted = excluded.granted,
        ends_at = excluded.ends_at,
        changed_at = CASE WHEN octany_access.granted <> excluded.granted
            THEN excluded.changed_at ELSE octany_access.changed_at END,
        changed = octany_access.granted <> excluded.granted
    WHERE octany_access.granted <> excluded.granted OR octany_access.ends_at IS NOT excluded.ends_at
    RETURNING changed";

const DUE: &str = "
    SELECT reference_id FROM octany_access WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2";

#[async_trait]
impl AccessLog for SqliteStore {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Announced, StoreError> {
        let until = until.filter(|_| granted);
        let session = self.database.write().await?;
        let query = sqlx::query(self.tables.sql(ANNOUNCE))
            .bind(reference.as_str())
            .bind(i64::from(granted))
            .bind(micros(until))
            .bind(at.timestamp_micros());
        // To the end of the rows, where the commit is.
        let rows = query.fetch_all(session.pool()).await;
        let changed = session.answer(rows)?.first().map(|row| row.try_get(0)).transpose();
        Ok(announced(changed.map_err(store_error)?))
    }

    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError> {
        let session = self.database.read().await?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query =
            sqlx::query_scalar(self.tables.sql(DUE)).bind(now.timestamp_micros()).bind(limit);
        let references: Result<Vec<String>, _> = query.fetch_all(session.pool()).await;
        Ok(session.answer(references)?.into_iter().map(ReferenceId::from).collect())
    }
}
