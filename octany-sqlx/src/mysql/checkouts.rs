//! Which checkouts visitors were sent to.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{Checkout, CheckoutLog, StoreError};
use sqlx::Row;
use sqlx::mysql::MySqlRow;

use super::MySqlStore;
use super::connections::Repeat;
use super::error::store_error;
use super::text::{bytes, text};
use crate::row::checkout;

/// The later time counts, whichever is noted first. What the decision rests on is assigned last.
const BEGIN: &str = "
    INSERT INTO octany_checkouts (user_id, reference_id, product_id, begun_at)
    VALUES (?, ?, ?, ?)
    ON DUPLICATE KEY UPDATE
        product_id = IF(VALUES(begun_at) >= begun_at, VALUES(product_id), product_id),
        returned_at = IF(VALUES(begun_at) > begun_at, NULL, returned_at),
        begun_at = GREATEST(VALUES(begun_at), begun_at)";

/// Which row it was leaves the statement as its "last insert id", 0 where there was none.
const RETURN: &str = "
    UPDATE octany_checkouts
    SET returned_at = COALESCE(returned_at, ?), number = LAST_INSERT_ID(number)
    WHERE user_id = ? AND begun_at >= ?
    ORDER BY begun_at DESC, reference_id DESC LIMIT 1";

const NUMBERED: &str = "
    SELECT reference_id, product_id, begun_at, returned_at FROM octany_checkouts WHERE number = ?";

const BEGUN: &str = "
    SELECT reference_id, product_id, begun_at, returned_at FROM octany_checkouts
    WHERE user_id = ? AND begun_at >= ?
    ORDER BY begun_at DESC, reference_id DESC LIMIT ?";

/// In portions, so that nobody waits long for a row.
const FORGET: &str = "
    DELETE FROM octany_checkouts WHERE begun_at < ? ORDER BY begun_at LIMIT 1000";

#[async_trait]
impl CheckoutLog for MySqlStore {
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError> {
        let user = bytes(checkout.user.as_str())?;
        let reference = bytes(checkout.reference.as_str())?;
        let product = bytes(checkout.product.as_str())?;
        let statement = || {
            sqlx::query(self.tables.sql(BEGIN))
                .bind(user)
                .bind(reference)
                .bind(product)
                .bind(checkout.begun_at.timestamp_micros())
        };
        self.connections.answer(Repeat::Safe, statement).await.map(drop)
    }

    /// What is given is the row as it is a moment after the return was noted, since these servers
    /// do not answer with what they write.
    async fn returned(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        let id = bytes(user.as_str())?;
        let statement = || {
            sqlx::query(self.tables.sql(RETURN))
                .bind(at.timestamp_micros())
                .bind(id)
                .bind(since.timestamp_micros())
        };
        let answer = self.connections.answer(Repeat::Safe, statement).await?;
        let number = answer.done.last_insert_id();
        if number == 0 {
            return Ok(None);
        }
        let statement = || sqlx::query(self.tables.sql(NUMBERED)).bind(number);
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.first().map(|row| read(user, row)).transpose()
    }

    async fn begun(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        let id = bytes(user.as_str())?;
        let statement = || {
            sqlx::query(self.tables.sql(BEGUN))
                .bind(id)
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
            let answer = self.connections.answer(Repeat::Unsafe, statement).await?;
            match answer.done.rows_affected() {
                0 => return Ok(forgotten),
                rows => forgotten += rows,
            }
        }
    }
}

fn read(user: &ReferenceId, row: &MySqlRow) -> Result<Checkout, StoreError> {
    let begun_at = row.try_get(2).map_err(store_error)?;
    let returned_at = row.try_get(3).map_err(store_error)?;
    checkout(user, (text(row, 0)?, text(row, 1)?, begun_at, returned_at))
}
