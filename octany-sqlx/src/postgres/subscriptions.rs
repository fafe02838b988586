//! The state of subscriptions.

use async_trait::async_trait;
use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionStore};
use sqlx::{FromRow, Row};

use super::PostgresStore;
use super::connections::Repeat;
use super::error::store_error;
use crate::entry::Entry;
use crate::row::{Record, columns, snapshot};

const OF_REFERENCE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM octany_subscriptions AS s WHERE s.reference_id = $1 UNION ALL SELECT ",
    columns!(),
    " FROM octany_links AS l JOIN octany_subscriptions AS s \
      ON s.subscription_id = l.subscription_id AND s.reference_id IS NULL \
      WHERE l.reference_id = $1"
);

const RESOURCE: &str = "SELECT resource FROM octany_subscriptions WHERE subscription_id = $1";

#[async_trait]
impl SubscriptionStore for PostgresStore {
    /// In one statement and one round trip, together with what else is waiting to be taken in.
    /// Where the row that stood in the way was written while the statement ran, a second run says
    /// whether it is newer or the same.
    ///
    /// After a connection broke, the answer is that of the second run: `Unchanged` for what the
    /// first one wrote.
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let entry = Entry { delivery: None, report: Some(snapshot.into()) };
        self.entries.call(entry).await?.applied()
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        let statement = || sqlx::query(self.tables.sql(OF_REFERENCE)).bind(reference.as_str());
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        let record = |row| Record::from_row(row).map_err(store_error);
        rows.iter().map(|row| snapshot(record(row)?, reference)).collect()
    }
}

/// # Documents
impl PostgresStore {
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
        let statement = || sqlx::query(self.tables.sql(RESOURCE)).bind(subscription.as_str());
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.first().map_or(Ok(None), |row| row.try_get(0).map_err(store_error))
    }
}
