//! The state of subscriptions.

use async_trait::async_trait;
use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionStore};
use sqlx::Row;
use sqlx::mysql::MySqlRow;

use super::MySqlStore;
use super::connections::Repeat;
use super::error::store_error;
use super::report::{Report, applied};
use super::text::{bytes, text, text_if_any};
use crate::row::{columns, snapshot};

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
        let report = Report::new(snapshot)?;
        let statement = || report.apply(&self.tables);
        let answer = self.connections.answer(Repeat::Safe, statement).await?;
        applied(&answer.done)
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
