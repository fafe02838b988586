//! In a transaction of the app's.

use chrono::{DateTime, Utc};
use octany_core::{Applied, DeliveryId, Snapshot};
use octany_entitlement::{ClaimToken, StoreError};
use sqlx::mysql::MySqlConnection;

use super::MySqlStore;
use super::error::store_error;
use super::report::{Report, applied};
use super::text::bytes;

/// The token stays that of whoever has claimed the delivery, so that they may complete it, too. The
/// answer leaves the statement as its "last insert id"; that of a new row is 0.
const CLAIM_IN: &str = "
    INSERT INTO octany_deliveries (delivery_id, token, claimed_until, completed_at)
    VALUES (?, ?, ?, ?)
    ON DUPLICATE KEY UPDATE completed_at = IF(
        2 = LAST_INSERT_ID(IF(completed_at IS NULL, 1, 2)), completed_at, VALUES(completed_at))";

const WAS_COMPLETED: u64 = 2;

/// # In your own transaction
///
/// What a handler writes and what is remembered of the delivery then commit or roll back together:
/// the effect of each delivery is in the database exactly once, whatever fails, and however often
/// the delivery is repeated.
///
/// ```no_run
/// use octany_core::Event;
/// use octany_sqlx::MySqlStore;
/// # async fn handle(
/// #     store: MySqlStore, pool: sqlx::MySqlPool, event: Event,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let mut transaction = pool.begin().await?;
/// if !store.claim_in(&mut transaction, &event.id, chrono::Utc::now()).await? {
///     return Ok(()); // Somebody has done it already.
/// }
/// sqlx::query("UPDATE stock SET seats = seats - 1").execute(&mut *transaction).await?;
/// transaction.commit().await?;
/// # Ok(()) }
/// ```
///
/// This is for handlers behind a webhook layer, with or without a delivery log: a claim of the log's
/// on the same delivery is completed by the commit. If the transaction rolls back, nothing happened.
/// Your own tables must be of `InnoDB`, too: others do not roll back.
///
/// Both wait for another transaction that has the same delivery, or subscription, until that ends.
/// So do the store's own calls: while the transaction is open, do not wait for one of them that is
/// about the same delivery or subscription.
/// After an error roll back: of a deadlock (unavailable) the server has rolled back the whole
/// transaction already, and what is written after it would stand alone. Then try again from the
/// start.
impl MySqlStore {
    /// Marks a delivery as dealt with, when the transaction commits. `false` if it was: then leave
    /// out what belongs to it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was dealt with. Roll back.
    pub async fn claim_in(
        &self,
        transaction: &mut MySqlConnection,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let claimed = sqlx::query(self.tables.sql(CLAIM_IN))
            .bind(bytes(delivery.as_str())?)
            .bind(ClaimToken::random().as_i64())
            .bind(now.timestamp_micros())
            .bind(now.timestamp_micros())
            .execute(transaction)
            .await;
        Ok(claimed.map_err(store_error)?.last_insert_id() != WAS_COMPLETED)
    }

    /// Takes a report in, when the transaction commits; as
    /// [`apply`](octany_entitlement::SubscriptionStore::apply) does by itself.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether the report was taken in. Roll back.
    pub async fn apply_in(
        &self,
        transaction: &mut MySqlConnection,
        snapshot: &Snapshot,
    ) -> Result<Applied, StoreError> {
        let report = Report::new(snapshot)?;
        let done = report.apply(&self.tables).execute(transaction).await;
        applied(&done.map_err(store_error)?)
    }
}
