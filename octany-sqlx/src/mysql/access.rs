//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{AccessLog, Announced, StoreError};

use super::MySqlStore;
use super::connections::Repeat;
use super::text::{bytes, text};
use crate::row::{announced, micros};

/// The answer leaves the statement as its "last insert id": [`UNCHANGED`], [`CHANGED`], or another
/// for what is noted; the first write of a reference, whose number is 0, is no change. What the
/// decision rests on is assigned last.
const ANNOUNCE: &str = "
    INSERT INTO octany_access (reference_id, granted, ends_at, changed_at, changed)
    VALUES (?, ?, ?, ?, FALSE)
    ON DUPLICATE KEY UPDATE
        changed = IF(1 = LAST_INSERT_ID(CASE
            WHEN granted <> VALUES(granted) THEN 3
            WHEN ends_at <=> VALUES(ends_at) THEN 1
            ELSE 2 END), changed, granted <> VALUES(granted)),
        changed_at = IF(granted <> VALUES(granted), VALUES(changed_at), changed_at),
        ends_at = VALUES(ends_at),
        granted = VALUES(granted)";

const UNCHANGED: u64 = 1;
const CHANGED: u64 = 3;

const DUE: &str = "
    SELECT reference_id FROM octany_access WHERE ends_at <= ? ORDER BY ends_at LIMIT ?";

#[async_trait]
impl AccessLog for MySqlStore {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Announced, StoreError> {
        let (reference, until) = (bytes(reference.as_str())?, until.filter(|_| granted));
        let statement = || {
            sqlx::query(self.tables.sql(ANNOUNCE))
                .bind(reference)
                .bind(granted)
                .bind(micros(until))
                .bind(at.timestamp_micros())
        };
        // A second run would find what the first one wrote, and take it for told.
        let answer = self.connections.answer(Repeat::Unsafe, statement).await?;
        Ok(announced(match answer.done.last_insert_id() {
            UNCHANGED => None,
            number => Some(number == CHANGED),
        }))
    }

    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let statement =
            || sqlx::query(self.tables.sql(DUE)).bind(now.timestamp_micros()).bind(limit);
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.iter().map(|row| text(row, 0).map(ReferenceId::from)).collect()
    }
}
