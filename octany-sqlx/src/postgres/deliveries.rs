//! Which deliveries were dealt with.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;
use octany_entitlement::{Claim, ClaimToken, DeliveryLog, StoreError};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use super::connections::Repeat;
use super::error::store_error;
use crate::row::{claimed, lease_end};

/// `known` is the row as it was when the statement began; what was completed by then takes no lock.
/// Anything else is decided by the upsert, which returns a row only to the one who got the claim.
/// A claim under the caller's own token is the caller's: that of a first run whose answer was lost.
const CLAIM: &str = "
    WITH known AS (
        SELECT claimed_until, completed_at FROM octany_deliveries WHERE delivery_id = $1
    ), written AS (
        INSERT INTO octany_deliveries AS d (delivery_id, token, claimed_until, completed_at)
        SELECT $1, $2, $3, NULL
        WHERE NOT EXISTS (SELECT FROM known WHERE completed_at IS NOT NULL)
        ON CONFLICT (delivery_id) DO UPDATE SET
            token = excluded.token,
            claimed_until = excluded.claimed_until
        WHERE d.completed_at IS NULL AND (d.claimed_until <= $4 OR d.token = excluded.token)
        RETURNING claimed_until, completed_at
    )
    SELECT true, claimed_until, completed_at FROM written
    UNION ALL
    SELECT false, claimed_until, completed_at FROM known
    WHERE NOT EXISTS (SELECT FROM written) AND (completed_at IS NOT NULL OR claimed_until > $4)";

/// Who has the claim, where [`CLAIM`] could not say since they got it while it ran.
const LOOK_AGAIN: &str =
    "SELECT false, claimed_until, completed_at FROM octany_deliveries WHERE delivery_id = $1";

/// Who completed it may say so again.
const COMPLETE: &str = "
    UPDATE octany_deliveries SET completed_at = coalesce(completed_at, $3)
    WHERE delivery_id = $1 AND token = $2
    RETURNING 1";

const RELEASE: &str = "
    DELETE FROM octany_deliveries
    WHERE delivery_id = $1 AND token = $2 AND completed_at IS NULL
    RETURNING 1";

/// In portions, so that no statement takes long. Rows that somebody else deletes or claims at this
/// moment are left to them.
const PRUNE: &str = "
    WITH old AS (
        SELECT delivery_id FROM octany_deliveries
        WHERE completed_at < $1 OR (completed_at IS NULL AND claimed_until < $1)
        LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), forgotten AS (
        DELETE FROM octany_deliveries AS d USING old WHERE d.delivery_id = old.delivery_id
        RETURNING 1
    )
    SELECT count(*) FROM forgotten";

#[async_trait]
impl DeliveryLog for PostgresStore {
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let token = ClaimToken::random();
        let statement = || {
            sqlx::query(self.tables.sql(CLAIM))
                .bind(delivery.as_str())
                .bind(token.as_i64())
                .bind(lease_end(now, lease).timestamp_micros())
                .bind(now.timestamp_micros())
        };
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        if let Some(row) = rows.first() {
            return outcome(row, token);
        }
        let statement = || sqlx::query(self.tables.sql(LOOK_AGAIN)).bind(delivery.as_str());
        match self.connections.rows(Repeat::Safe, statement).await?.first() {
            Some(row) => outcome(row, token),
            // Released between the two statements: in flight until just now.
            None => Ok(Claim::InFlight { until: now }),
        }
    }

    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let statement = || {
            sqlx::query(self.tables.sql(COMPLETE))
                .bind(delivery.as_str())
                .bind(token.as_i64())
                .bind(now.timestamp_micros())
        };
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        Ok(!rows.is_empty())
    }

    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError> {
        let statement =
            || sqlx::query(self.tables.sql(RELEASE)).bind(delivery.as_str()).bind(token.as_i64());
        let rows = self.connections.rows(Repeat::Unsafe, statement).await?;
        Ok(!rows.is_empty())
    }
}

/// # Housekeeping
impl PostgresStore {
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
        let mut forgotten = 0;
        loop {
            let statement = || sqlx::query(self.tables.sql(PRUNE)).bind(before.timestamp_micros());
            let rows = self.connections.rows(Repeat::Unsafe, statement).await?;
            let portion: i64 =
                rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(store_error)?;
            match portion.unsigned_abs() {
                0 => return Ok(forgotten),
                rows => forgotten += rows,
            }
        }
    }
}

fn outcome(row: &PgRow, token: ClaimToken) -> Result<Claim, StoreError> {
    let fresh = row.try_get(0).map_err(store_error)?;
    let until = row.try_get(1).map_err(store_error)?;
    let completed = row.try_get(2).map_err(store_error)?;
    claimed(fresh, until, completed, token)
}
