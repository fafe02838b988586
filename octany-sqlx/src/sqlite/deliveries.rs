//! Which deliveries were dealt with.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;
use octany_entitlement::{Claim, ClaimToken, DeliveryLog, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::SqliteStore;
use super::writes::{Completion, Write};
use crate::entry::{Delivery, Entry};
use crate::row::claimed;
use crate::tables::Tables;

/// The first statement decides, and returns a row only to the one who got the claim. The second, in
/// the same call, tells the others who has it.
const CLAIM: &str = "
    INSERT INTO octany_deliveries (delivery_id, token, claimed_until, completed_at)
    VALUES (?1, ?2, ?3, NULL)
    ON CONFLICT (delivery_id) DO UPDATE SET
        token = excluded.token,
        claimed_until = excluded.claimed_until
    WHERE octany_deliveries.completed_at IS NULL AND octany_deliveries.claimed_until <= ?4
    RETURNING 1 AS fresh, claimed_until, completed_at;
    SELECT 0 AS fresh, claimed_until, completed_at FROM octany_deliveries
    WHERE delivery_id = ?1 AND changes() = 0";

/// Who completed it may say so again.
const COMPLETE: &str = "
    UPDATE octany_deliveries SET completed_at = coalesce(completed_at, ?3)
    WHERE delivery_id = ?1 AND token = ?2";

const RELEASE: &str = "
    DELETE FROM octany_deliveries
    WHERE delivery_id = ?1 AND token = ?2 AND completed_at IS NULL";

/// In portions, so that no writer waits long.
const PRUNE: &str = "
    DELETE FROM octany_deliveries WHERE delivery_id IN (
        SELECT delivery_id FROM octany_deliveries WHERE completed_at < ?1
        UNION ALL
        SELECT delivery_id FROM octany_deliveries
        WHERE completed_at IS NULL AND claimed_until < ?1
        LIMIT 1000)";

/// Claims a delivery.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    tables: &Tables,
    delivery: &Delivery,
) -> Result<Claim, sqlx::Error> {
    let query = sqlx::query(tables.sql(CLAIM))
        .bind(&delivery.id)
        .bind(delivery.token.as_i64())
        .bind(delivery.until)
        .bind(delivery.now);
    // To the end of the rows, where the commit is.
    match query.fetch_all(connection).await?.first() {
        Some(row) => outcome(row, delivery.token),
        // Released between the two statements: in flight until just now.
        None => claimed(false, delivery.now, None, delivery.token).map_err(unreadable),
    }
}

/// Marks a delivery as dealt with, if the claim is held.
pub(super) async fn complete(
    connection: &mut SqliteConnection,
    tables: &Tables,
    done: &Completion,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query(tables.sql(COMPLETE))
        .bind(&done.delivery)
        .bind(done.token.as_i64())
        .bind(done.now);
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// Gives a claim back.
pub(super) async fn release(
    connection: &mut SqliteConnection,
    tables: &Tables,
    delivery: &Delivery,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(tables.sql(RELEASE)).bind(&delivery.id).bind(delivery.token.as_i64());
    query.execute(connection).await.map(drop)
}

#[async_trait]
impl DeliveryLog for SqliteStore {
    /// In one commit with what else is waiting to be written.
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let delivery = Some(Delivery::new(delivery, now, lease));
        let write = Write::Entry(Entry { delivery, report: None });
        self.writes.call(write).await?.entry()?.claim()
    }

    /// In one commit with what else is waiting to be written.
    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (delivery, now) = (delivery.to_string(), now.timestamp_micros());
        let write = Write::Completion(Completion { delivery, token, now });
        self.writes.call(write).await?.completion()
    }

    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError> {
        let session = self.database.write().await?;
        let query =
            sqlx::query(self.tables.sql(RELEASE)).bind(delivery.as_str()).bind(token.as_i64());
        let done = query.execute(session.pool()).await;
        Ok(session.answer(done)?.rows_affected() == 1)
    }
}

/// # Housekeeping
impl SqliteStore {
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
            let session = self.database.write().await?;
            let query = sqlx::query(self.tables.sql(PRUNE)).bind(before.timestamp_micros());
            let done = query.execute(session.pool()).await;
            match session.answer(done)?.rows_affected() {
                0 => return Ok(forgotten),
                rows => forgotten += rows,
            }
        }
    }
}

fn outcome(row: &SqliteRow, token: ClaimToken) -> Result<Claim, sqlx::Error> {
    let fresh: i64 = row.try_get(0)?;
    claimed(fresh != 0, row.try_get(1)?, row.try_get(2)?, token).map_err(unreadable)
}

fn unreadable(error: StoreError) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}
