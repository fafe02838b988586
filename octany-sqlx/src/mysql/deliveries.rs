//! Which deliveries were dealt with.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;
use octany_entitlement::{Claim, ClaimToken, DeliveryLog, StoreError};

use super::MySqlStore;
use super::connections::Repeat;
use super::text::bytes;
use crate::row::{claimed, lease_end};

/// Decides against the row as it is once nobody else writes it. The answer leaves the statement as
/// its "last insert id": 0 of a row that is new, [`COMPLETED`], [`TAKEN`], or when the claim that
/// stands in the way ends (a microsecond late if that is the first of 1970, since 0 is taken).
///
/// A claim under the caller's own token is the caller's: that of a first run whose answer was lost.
/// After `token` is assigned it is the caller's own only if the claim is; `claimed_until` is
/// assigned last.
const CLAIM: &str = "
    INSERT INTO octany_deliveries (delivery_id, token, claimed_until, completed_at)
    VALUES (?, ?, ?, NULL)
    ON DUPLICATE KEY UPDATE
        token = IF(9223372036854775806 = LAST_INSERT_ID(CASE
            WHEN completed_at IS NOT NULL THEN 9223372036854775807
            WHEN claimed_until <= ? OR token = VALUES(token) THEN 9223372036854775806
            WHEN claimed_until = 0 THEN 1
            ELSE claimed_until END), VALUES(token), token),
        claimed_until = IF(
            completed_at IS NULL AND (claimed_until <= ? OR token = VALUES(token)),
            VALUES(claimed_until), claimed_until)";

/// Later than the calendar's end.
const COMPLETED: i64 = i64::MAX;
const TAKEN: i64 = i64::MAX - 1;

/// Who completed it may say so again.
const COMPLETE: &str = "
    UPDATE octany_deliveries SET completed_at = COALESCE(completed_at, ?)
    WHERE delivery_id = ? AND token = ?";

const RELEASE: &str = "
    DELETE FROM octany_deliveries WHERE delivery_id = ? AND token = ? AND completed_at IS NULL";

/// In portions, so that no statement takes long.
const PRUNE: &str = "
    DELETE FROM octany_deliveries
    WHERE completed_at < ? OR (completed_at IS NULL AND claimed_until < ?)
    ORDER BY completed_at, claimed_until LIMIT 1000";

#[async_trait]
impl DeliveryLog for MySqlStore {
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let (delivery, token) = (bytes(delivery.as_str())?, ClaimToken::random());
        let statement = || {
            sqlx::query(self.tables.sql(CLAIM))
                .bind(delivery)
                .bind(token.as_i64())
                .bind(lease_end(now, lease).timestamp_micros())
                .bind(now.timestamp_micros())
                .bind(now.timestamp_micros())
        };
        let answer = self.connections.answer(Repeat::Safe, statement).await?;
        match answer.done.last_insert_id().cast_signed() {
            0 | TAKEN => Ok(Claim::Fresh(token)),
            COMPLETED => Ok(Claim::Duplicate),
            until => claimed(false, until, None, token),
        }
    }

    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let delivery = bytes(delivery.as_str())?;
        let statement = || {
            sqlx::query(self.tables.sql(COMPLETE))
                .bind(now.timestamp_micros())
                .bind(delivery)
                .bind(token.as_i64())
        };
        let answer = self.connections.answer(Repeat::Safe, statement).await?;
        // sqlx asks for the rows that were found, written or not.
        Ok(answer.done.rows_affected() == 1)
    }

    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError> {
        let delivery = bytes(delivery.as_str())?;
        let statement =
            || sqlx::query(self.tables.sql(RELEASE)).bind(delivery).bind(token.as_i64());
        let answer = self.connections.answer(Repeat::Unsafe, statement).await?;
        Ok(answer.done.rows_affected() == 1)
    }
}

/// # Housekeeping
impl MySqlStore {
    /// Forgets deliveries that were completed before an instant, and claims that expired before it
    /// and were never taken up again. Answers how many rows that were.
    ///
    /// A delivery that is repeated after it was forgotten reaches the handler again. Octany does
    /// not publish how long it retries: keep some weeks.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether all were forgotten. What remains goes with the
    /// next call.
    pub async fn prune_deliveries(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let before = before.timestamp_micros();
        let mut forgotten = 0;
        loop {
            let statement = || sqlx::query(self.tables.sql(PRUNE)).bind(before).bind(before);
            let answer = self.connections.answer(Repeat::Unsafe, statement).await?;
            match answer.done.rows_affected() {
                0 => return Ok(forgotten),
                rows => forgotten += rows,
            }
        }
    }
}
