//! The state of subscriptions.

use async_trait::async_trait;
use octany_core::{Applied, ProductId, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionStore};
use sqlx::Row;
use sqlx::mysql::MySqlRow;

use super::MySqlStore;
use super::connections::Repeat;
use super::error::store_error;
use super::text::{bytes, bytes_if_any, text, text_if_any};
use crate::row::{columns, micros, snapshot};

/// Whether a report counts more than the row that is there.
macro_rules! counts {
    () => {
        "VALUES(version) > version OR (VALUES(version) = version AND VALUES(digest) <> digest)"
    };
}

/// Decides against the row as it is once nobody else writes it, and writes.
///
/// The outcome leaves the statement as its "last insert id", one of [`outcome`]'s numbers; that of
/// an insert, which does not come by the update's part, is 0.
///
/// Assignments happen from left to right, and each sees those before it. So what the decision rests
/// on is assigned last: the digest, whose own condition still needs the version, and then that.
///
/// `VALUES(…)` is the one name for the new row that both MySQL and MariaDB know.
const APPLY: &str = concat!(
    "INSERT INTO octany_subscriptions (subscription_id, reference_id, product_id, status,
        renews_at, ends_at, trial_ends_at, version, digest, contested, resource, revision, ties)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)
    ON DUPLICATE KEY UPDATE
        revision = revision + (2 < LAST_INSERT_ID(CASE
            WHEN VALUES(version) < version THEN 1
            WHEN VALUES(version) > version THEN 3
            WHEN VALUES(digest) = digest THEN 2
            ELSE 4 END)),
        ties = CASE WHEN VALUES(version) > version THEN 0
            WHEN ",
    counts!(),
    " THEN ties + 1 ELSE ties END,
        reference_id = IF(",
    counts!(),
    ", VALUES(reference_id), reference_id),
        product_id = IF(",
    counts!(),
    ", VALUES(product_id), product_id),
        status = IF(",
    counts!(),
    ", VALUES(status), status),
        renews_at = IF(",
    counts!(),
    ", VALUES(renews_at), renews_at),
        ends_at = IF(",
    counts!(),
    ", VALUES(ends_at), ends_at),
        trial_ends_at = IF(",
    counts!(),
    ", VALUES(trial_ends_at), trial_ends_at),
        contested = IF(",
    counts!(),
    ", VALUES(contested) OR VALUES(version) = version, contested),
        resource = IF(",
    counts!(),
    ", VALUES(resource), resource),
        digest = IF(VALUES(version) >= version, VALUES(digest), digest),
        version = GREATEST(version, VALUES(version))"
);

const OF_REFERENCE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM octany_subscriptions AS s WHERE s.reference_id = ? UNION ALL SELECT ",
    columns!(),
    " FROM octany_links AS l JOIN octany_subscriptions AS s \
      ON s.subscription_id = l.subscription_id AND s.reference_id IS NULL \
      WHERE l.reference_id = ?"
);

const RESOURCE: &str =
    "SELECT CAST(resource AS BINARY) FROM octany_subscriptions WHERE subscription_id = ?";

#[async_trait]
impl SubscriptionStore for MySqlStore {
    /// In one statement and one round trip.
    ///
    /// After a connection broke, the answer is that of the second run: `Unchanged` for what the
    /// first one wrote.
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let subscription = bytes(snapshot.subscription.as_str())?;
        let reference = bytes_if_any(snapshot.reference.as_ref().map(ReferenceId::as_str))?;
        let product = bytes_if_any(snapshot.product.as_ref().map(ProductId::as_str))?;
        let status = bytes(snapshot.status.as_str())?;
        let (digest, resource) = (snapshot.digest(), snapshot.resource_json());
        let statement = || {
            sqlx::query(self.tables.sql(APPLY))
                .bind(subscription)
                .bind(reference)
                .bind(product)
                .bind(status)
                .bind(micros(snapshot.renews_at))
                .bind(micros(snapshot.ends_at))
                .bind(micros(snapshot.trial_ends_at))
                .bind(snapshot.version.as_i64())
                .bind(digest)
                .bind(snapshot.contested)
                .bind(resource.as_deref().map(str::as_bytes))
        };
        let answer = self.connections.answer(Repeat::Safe, statement).await?;
        outcome(answer.done.last_insert_id())
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        let owner = bytes(reference.as_str())?;
        let statement = || sqlx::query(self.tables.sql(OF_REFERENCE)).bind(owner).bind(owner);
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.iter().map(|row| record(row, reference)).collect()
    }
}

/// # Documents
impl MySqlStore {
    /// The document of a subscription's newest report as JSON, without the portal's links. `None`
    /// if the subscription is not known or its report had no document.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    pub async fn resource(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<String>, StoreError> {
        let subscription = bytes(subscription.as_str())?;
        let statement = || sqlx::query(self.tables.sql(RESOURCE)).bind(subscription);
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        let resource = rows.first().map_or(Ok(None), |row| text_if_any(row, 0))?;
        Ok(resource.map(str::to_owned))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("an outcome of {0}, which the statement does not have")]
struct NoOutcome(u64);

fn outcome(number: u64) -> Result<Applied, StoreError> {
    match number {
        0 => Ok(Applied::Inserted),
        1 => Ok(Applied::Stale),
        2 => Ok(Applied::Unchanged),
        3 => Ok(Applied::Updated),
        4 => Ok(Applied::Contested),
        other => Err(StoreError::corrupt(NoOutcome(other))),
    }
}

fn record(row: &MySqlRow, owner: &ReferenceId) -> Result<Snapshot, StoreError> {
    let instant = |column: usize| row.try_get(column).map_err(store_error);
    let version = row.try_get(2).map_err(store_error)?;
    let contested = row.try_get(7).map_err(store_error)?;
    let (subscription, status, product) = (text(row, 0)?, text(row, 1)?, text_if_any(row, 3)?);
    let (renews_at, ends_at, trial_ends_at) = (instant(4)?, instant(5)?, instant(6)?);
    snapshot(
        (subscription, status, version, product, renews_at, ends_at, trial_ends_at, contested),
        owner,
    )
}
