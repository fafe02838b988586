//! The state of subscriptions.

use async_trait::async_trait;
use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionStore};
use sqlx::{FromRow, Row, SqliteConnection};

use super::SqliteStore;
use super::error::store_error;
use super::writes::Write;
use crate::entry::{Entry, Report};
use crate::row::{Record, applied, columns, snapshot};
use crate::tables::Tables;

/// What an upsert does with a report where there is one: newest wins, and of a tie the later one.
macro_rules! newest_wins {
    () => {
        "ON CONFLICT (subscription_id) DO UPDATE SET
            reference_id = excluded.reference_id,
            product_id = excluded.product_id,
            status = excluded.status,
            renews_at = excluded.renews_at,
            ends_at = excluded.ends_at,
            trial_ends_at = excluded.trial_ends_at,
            version = excluded.version,
            digest = excluded.digest,
            contested = CASE WHEN excluded.version = octany_subscriptions.version
                THEN 1 ELSE excluded.contested END,
            resource = excluded.resource,
            revision = octany_subscriptions.revision + 1,
            ties = CASE WHEN excluded.version = octany_subscriptions.version
                THEN octany_subscriptions.ties + 1 ELSE 0 END
        WHERE excluded.version > octany_subscriptions.version
            OR (excluded.version = octany_subscriptions.version
                AND excluded.digest <> octany_subscriptions.digest)"
    };
}
pub(super) use newest_wins;

/// The first statement decides and writes. It returns a row only if it wrote, and the row tells
/// which write it was: the first of this subscription (`revision`), or one of the same version
/// (`ties`). The second, in the same call, says why nothing was written; the answer holds for the
/// instant at which it looks.
const APPLY: &str = concat!(
    "
    INSERT INTO octany_subscriptions (subscription_id, reference_id, product_id, status,
        renews_at, ends_at, trial_ends_at, version, digest, contested, resource, revision, ties)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, 0)
    ",
    newest_wins!(),
    "
    RETURNING revision, ties;
    SELECT 0 AS revision, version > ?8 AS newer FROM octany_subscriptions
    WHERE subscription_id = ?1 AND changes() = 0"
);

const OF_REFERENCE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM octany_subscriptions AS s WHERE s.reference_id = ?1 UNION ALL SELECT ",
    columns!(),
    " FROM octany_links AS l JOIN octany_subscriptions AS s \
      ON s.subscription_id = l.subscription_id AND s.reference_id IS NULL \
      WHERE l.reference_id = ?1"
);

const RESOURCE: &str = "SELECT resource FROM octany_subscriptions WHERE subscription_id = ?1";

/// Takes a report in, unless what is known is newer.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    tables: &Tables,
    report: &Report,
) -> Result<Applied, sqlx::Error> {
    // Twice, should the record that stood in the way be deleted between the two statements.
    for _ in 0..2 {
        let query = sqlx::query(tables.sql(APPLY))
            .bind(&report.subscription)
            .bind(&report.reference)
            .bind(&report.product)
            .bind(&report.status)
            .bind(report.renews_at)
            .bind(report.ends_at)
            .bind(report.trial_ends_at)
            .bind(report.version)
            .bind(report.digest)
            .bind(report.contested)
            .bind(&report.resource);
        // All rows, to the end: the commit happens behind the last one, and only then is it known
        // whether it failed.
        if let Some(row) = query.fetch_all(&mut *connection).await?.first() {
            return Ok(applied(row.try_get(0)?, row.try_get(1)?));
        }
    }
    Err(sqlx::Error::RowNotFound)
}

#[async_trait]
impl SubscriptionStore for SqliteStore {
    /// In one commit with what else is waiting to be written.
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let write = Write::Entry(Entry { delivery: None, report: Some(snapshot.into()) });
        self.writes.call(write).await?.entry()?.applied()
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        let session = self.database.read().await?;
        let query = sqlx::query(self.tables.sql(OF_REFERENCE)).bind(reference.as_str());
        let rows = query.fetch_all(session.pool()).await;
        let rows = session.answer(rows)?;
        let record = |row| Record::from_row(row).map_err(store_error);
        rows.iter().map(|row| snapshot(record(row)?, reference)).collect()
    }
}

/// # Documents
impl SqliteStore {
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
        let session = self.database.read().await?;
        let query = sqlx::query_scalar(self.tables.sql(RESOURCE)).bind(subscription.as_str());
        let resource: Result<Option<Option<String>>, _> =
            query.fetch_optional(session.pool()).await;
        Ok(session.answer(resource)?.flatten())
    }
}
