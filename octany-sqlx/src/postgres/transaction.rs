//! In a transaction of the app's.

use chrono::{DateTime, Utc};
use octany_core::{Applied, DeliveryId, Snapshot};
use octany_entitlement::{ClaimToken, StoreError};
use sqlx::postgres::PgConnection;

use super::PostgresStore;
use super::error::store_error;
use super::take_in::take_in_on;
use crate::entry::Entry;

/// The token stays that of whoever has claimed the delivery, so that they may complete it, too.
const CLAIM_IN: &str = "
    INSERT INTO octany_deliveries AS d (delivery_id, token, claimed_until, completed_at)
    VALUES ($1, $2, $3, $3)
    ON CONFLICT (delivery_id) DO UPDATE SET completed_at = excluded.completed_at
    WHERE d.completed_at IS NULL
    RETURNING 1";

/// # In your own transaction
///
/// What a handler writes and what is remembered of the delivery then commit or roll back together:
/// the effect of each delivery is in the database exactly once, whatever fails, and however often
/// the delivery is repeated.
///
/// ```no_run
/// use octany_core::Event;
/// use octany_sqlx::PostgresStore;
/// # async fn handle(
/// #     store: PostgresStore, pool: sqlx::PgPool, event: Event,
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
///
/// Both wait for another transaction that has the same delivery, or subscription, until that ends.
/// So do the store's own calls: while the transaction is open, do not wait for one of them that is
/// about the same delivery or subscription.
/// An error leaves the transaction aborted, as any error of PostgreSQL's does. Where it is isolated
/// more strictly than `READ COMMITTED`, they can fail with a conflict (unavailable): roll back, and
/// try again from the start.
impl PostgresStore {
    /// Marks a delivery as dealt with, when the transaction commits. `false` if it was: then leave
    /// out what belongs to it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was dealt with. Roll back.
    pub async fn claim_in(
        &self,
        transaction: &mut PgConnection,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let claimed = sqlx::query(self.tables.sql(CLAIM_IN))
            .bind(delivery.as_str())
            .bind(ClaimToken::random().as_i64())
            .bind(now.timestamp_micros())
            .fetch_all(transaction)
            .await;
        Ok(!claimed.map_err(store_error)?.is_empty())
    }

    /// Takes a report in, when the transaction commits; as
    /// [`apply`](octany_entitlement::SubscriptionStore::apply) does by itself.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether the report was taken in. Roll back.
    pub async fn apply_in(
        &self,
        transaction: &mut PgConnection,
        snapshot: &Snapshot,
    ) -> Result<Applied, StoreError> {
        let entry = Entry { delivery: None, report: Some(snapshot.into()) };
        take_in_on(transaction, &self.tables, &entry).await?.applied()
    }
}
