//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{AccessLog, Announced, StoreError};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use super::connections::Repeat;
use super::error::store_error;
use crate::row::{announced, micros};

/// Returns a row only if it wrote; the first write of a reference is no change.
const ANNOUNCE: &str = "
    INSERT INTO octany_access AS a (reference_id, granted, ends_at, changed_at, changed)
    VALUES ($1, $2, $3, $4, false)
    ON CONFLICT (reference_id) DO UPDATE SET
        granted = excluded.granted,
        ends_at = excluded.ends_at,
        changed_at = CASE WHEN a.granted <> excluded.granted
            THEN excluded.changed_at ELSE a.changed_at END,
        changed = a.granted <> excluded.granted
    WHERE a.granted <> excluded.granted OR a.ends_at IS DISTINCT FROM excluded.ends_at
    RETURNING changed";

const DUE: &str = "
    SELECT reference_id FROM octany_access WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2";

#[async_trait]
impl AccessLog for PostgresStore {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Announced, StoreError> {
        let until = until.filter(|_| granted);
        let statement = || {
            sqlx::query(self.tables.sql(ANNOUNCE))
                .bind(reference.as_str())
                .bind(granted)
                .bind(micros(until))
                .bind(at.timestamp_micros())
        };
        // A second run would find what the first one wrote, and take it for told.
        let rows = self.connections.rows(Repeat::Unsafe, statement).await?;
        let changed = rows.first().map(|row| row.try_get(0)).transpose().map_err(store_error)?;
        Ok(announced(changed))
    }

    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let statement =
            || sqlx::query(self.tables.sql(DUE)).bind(now.timestamp_micros()).bind(limit);
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        let reference = |row: &PgRow| row.try_get::<String, _>(0).map(ReferenceId::from);
        rows.iter().map(reference).collect::<Result<_, _>>().map_err(store_error)
    }
}
