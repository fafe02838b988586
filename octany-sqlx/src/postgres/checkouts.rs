//! Which checkouts visitors were sent to.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{Checkout, CheckoutLog, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::PostgresStore;
use super::connections::Repeat;
use super::error::store_error;
use crate::row::checkout;

/// The later time counts, whichever is noted first.
const BEGIN: &str = "
    INSERT INTO octany_checkouts AS c (user_id, reference_id, product_id, begun_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id, reference_id) DO UPDATE SET
        product_id = excluded.product_id,
        begun_at = excluded.begun_at,
        returned_at = CASE WHEN c.begun_at = excluded.begun_at THEN c.returned_at END
    WHERE c.begun_at <= excluded.begun_at";

const RETURN: &str = "
    UPDATE octany_checkouts SET returned_at = coalesce(returned_at, $3)
    WHERE user_id = $1 AND reference_id = (
        SELECT reference_id FROM octany_checkouts
        WHERE user_id = $1 AND begun_at >= $2
        ORDER BY begun_at DESC, reference_id DESC LIMIT 1)
    RETURNING reference_id, product_id, begun_at, returned_at";

const BEGUN: &str = "
    SELECT reference_id, product_id, begun_at, returned_at FROM octany_checkouts
    WHERE user_id = $1 AND begun_at >= $2
    ORDER BY begun_at DESC, reference_id DESC LIMIT $3";

/// In portions, so that nobody waits long for a row. What is being written is not old any more.
const FORGET: &str = "
    WITH old AS (
        SELECT user_id, reference_id FROM octany_checkouts
        WHERE begun_at < $1 LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), forgotten AS (
        DELETE FROM octany_checkouts AS c USING old
        WHERE c.user_id = old.user_id AND c.reference_id = old.reference_id
        RETURNING 1
    )
    SELECT count(*) FROM forgotten";

#[async_trait]
impl CheckoutLog for PostgresStore {
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError> {
        let statement = || {
            sqlx::query(self.tables.sql(BEGIN))
                .bind(checkout.user.as_str())
                .bind(checkout.reference.as_str())
                .bind(checkout.product.as_str())
                .bind(checkout.begun_at.timestamp_micros())
        };
        self.connections.rows(Repeat::Safe, statement).await.map(drop)
    }

    async fn returned(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        let statement = || {
            sqlx::query(self.tables.sql(RETURN))
                .bind(user.as_str())
                .bind(since.timestamp_micros())
                .bind(at.timestamp_micros())
        };
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.first().map(|row| read(user, row)).transpose()
    }

    async fn begun(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        let statement = || {
            sqlx::query(self.tables.sql(BEGUN))
                .bind(user.as_str())
                .bind(since.timestamp_micros())
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        };
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.iter().map(|row| read(user, row)).collect()
    }

    async fn forget_begun_before(&self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let statement =
                || sqlx::query(self.tables.sql(FORGET)).bind(instant.timestamp_micros());
            // What a first run forgot would not be counted by a second.
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

fn read(user: &ReferenceId, row: &PgRow) -> Result<Checkout, StoreError> {
    checkout(user, FromRow::from_row(row).map_err(store_error)?)
}
