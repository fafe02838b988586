//! Which deliveries were dealt with.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;
use octany_entitlement::{Claim, ClaimToken, DeliveryLog, StoreError};
use sqlx::Row;

use super::PostgresStore;
use super::completions::Completion;
use super::connections::Repeat;
use super::error::store_error;
use crate::entry::{Delivery, Entry};

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
    /// In one statement and one round trip, together with what else is waiting to be taken in.
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let delivery = Some(Delivery::new(delivery, now, lease));
        self.entries.call(Entry { delivery, report: None }).await?.claim()
    }

    /// In one statement and one round trip, together with what else is waiting to be completed.
    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let delivery = delivery.to_string();
        self.completions.call(Completion { delivery, token, now: now.timestamp_micros() }).await
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
