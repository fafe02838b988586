//! Which checkouts visitors were sent to.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{Checkout, CheckoutLog, StoreError};
use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::error::store_error;
use crate::row::checkout;

/// The later time counts, whichever is noted first.
const BEGIN: &str = "
    INSERT INTO octany_checkouts (user_id, reference_id, product_id, begun_at)
    VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (user_id, reference_id) DO UPDATE SET
        product_id = excluded.product_id,
        begun_at = excluded.begun_at,
        returned_at = CASE WHEN octany_checkouts.begun_at = excluded.begun_at
            THEN octany_checkouts.returned_at END
    WHERE octany_checkouts.begun_at <= excluded.begun_at";

const RETURN: &str = "
    UPDATE octany_checkouts SET returned_at = coalesce(returned_at, ?3)
    WHERE user_id = ?1 AND reference_id = (
        SELECT reference_id FROM octany_checkouts
        WHERE user_id = ?1 AND begun_at >= ?2
        ORDER BY begun_at DESC, reference_id DESC LIMIT 1)
    RETURNING reference_id, product_id, begun_at, returned_at";

const BEGUN: &str = "
    SELECT reference_id, product_id, begun_at, returned_at FROM octany_checkouts
    WHERE user_id = ?1 AND begun_at >= ?2
    ORDER BY begun_at DESC, reference_id DESC LIMIT ?3";

/// In portions, so that nobody waits long for the lock.
const FORGET: &str = "
    DELETE FROM octany_checkouts WHERE (user_id, reference_id) IN (
        SELECT user_id, reference_id FROM octany_checkouts WHERE begun_at < ?1 LIMIT 1000)";

#[async_trait]
impl CheckoutLog for SqliteStore {
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError> {
        let session = self.database.write().await?;
        let query = sqlx::query(self.tables.sql(BEGIN))
            .bind(checkout.user.as_str())
            .bind(checkout.reference.as_str())
            .bind(checkout.product.as_str())
            .bind(checkout.begun_at.timestamp_micros());
        let done = query.execute(session.pool()).await;
        session.answer(done).map(drop)
    }

    async fn returned(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        let session = self.database.write().await?;
        let query = sqlx::query(self.tables.sql(RETURN))
            .bind(user.as_str())
            .bind(since.timestamp_micros())
            .bind(at.timestamp_micros());
        // To the end of the rows, where the commit is.
        let rows = query.fetch_all(session.pool()).await;
        session.answer(rows)?.first().map(|row| read(user, row)).transpose()
    }

    async fn begun(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        let session = self.database.read().await?;
        let query = sqlx::query(self.tables.sql(BEGUN))
            .bind(user.as_str())
            .bind(since.timestamp_micros())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = query.fetch_all(session.pool()).await;
        session.answer(rows)?.iter().map(|row| read(user, row)).collect()
    }

    async fn forget_begun_before(&self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let session = self.database.write().await?;
            let query = sqlx::query(self.tables.sql(FORGET)).bind(instant.timestamp_micros());
            let done = query.execute(session.pool()).await;
            match session.answer(done)?.rows_affected() {
                0 => return Ok(forgotten),
                rows => forgotten += rows,
            }
        }
    }
}

fn read(user: &ReferenceId, row: &SqliteRow) -> Result<Checkout, StoreError> {
    checkout(user, FromRow::from_row(row).map_err(store_error)?)
}
