//! The state of subscriptions.

use async_trait::async_trait;
use octany_core::{Applied, ProductId, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionStore};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::PostgresStore;
use super::connections::Repeat;
use super::error::store_error;
use crate::row::{Record, applied, columns, micros, snapshot};

/// `known` is the row as it was when the statement began. A report that is old by then stays so,
/// since versions only grow: it takes no lock and writes nothing.
///
/// Anything else is decided by the upsert, against the row as it is once nobody else writes it. It
/// returns a row only if it wrote, and the row tells which write it was: the first of this
/// subscription (`revision`), or one of the same version (`ties`).
///
/// If it did not write, `known` says why. It does not if the row that stood in the way came after
/// the statement began; then `newer` is NULL, or there is no row.
const APPLY: &str = "
    WITH known AS (
        SELECT version, digest FROM octany_subscriptions WHERE subscription_id = $1
    ), written AS (
        INSERT INTO octany_subscriptions AS s (subscription_id, reference_id, product_id, status,
            renews_at, ends_at, trial_ends_at, version, digest, contested, resource, revision, ties)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, 0
        WHERE NOT EXISTS (
            SELECT FROM known WHERE version > $8 OR (version = $8 AND digest = $9))
        ON CONFLICT (subscription_id) DO UPDATE SET
            reference_id = excluded.reference_id,
            product_id = excluded.product_id,
            status = excluded.status,
            renews_at = excluded.renews_at,
            ends_at = excluded.ends_at,
            trial_ends_at = excluded.trial_ends_at,
            version = excluded.version,
            digest = excluded.digest,
            contested = excluded.contested OR excluded.version = s.version,
            resource = excluded.resource,
            revision = s.revision + 1,
            ties = CASE WHEN excluded.version = s.version THEN s.ties + 1 ELSE 0 END
        WHERE excluded.version > s.version
            OR (excluded.version = s.version AND excluded.digest <> s.digest)
        RETURNING revision, ties
    )
    SELECT revision, ties FROM written
    UNION ALL
    SELECT 0, CASE WHEN version > $8 THEN 1 WHEN version = $8 AND digest = $9 THEN 0 END::bigint
    FROM known WHERE NOT EXISTS (SELECT FROM written)";

/// Why nothing was written, where [`APPLY`] could not say: the row that stood in the way.
const LOOK_AGAIN: &str = "
    SELECT 0::bigint, CASE WHEN version > $2 THEN 1 WHEN version = $2 THEN 0 END::bigint
    FROM octany_subscriptions WHERE subscription_id = $1";

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

#[derive(Debug, thiserror::Error)]
#[error("the record was deleted while a report of it was taken in")]
struct Deleted;

#[async_trait]
impl SubscriptionStore for PostgresStore {
    /// In one statement and one round trip. Where the row that stood in the way was written while
    /// the statement ran, a second one reads whether it is newer or the same.
    ///
    /// After a connection broke, the answer is that of the second run: `Unchanged` for what the
    /// first one wrote.
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let (digest, resource) = (snapshot.digest(), snapshot.resource_json());
        let statement = || {
            sqlx::query(self.tables.sql(APPLY))
                .bind(snapshot.subscription.as_str())
                .bind(snapshot.reference.as_ref().map(ReferenceId::as_str))
                .bind(snapshot.product.as_ref().map(ProductId::as_str))
                .bind(snapshot.status.as_str())
                .bind(micros(snapshot.renews_at))
                .bind(micros(snapshot.ends_at))
                .bind(micros(snapshot.trial_ends_at))
                .bind(snapshot.version.as_i64())
                .bind(digest)
                .bind(snapshot.contested)
                .bind(resource.as_deref())
        };
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        if let Some(applied) = outcome(&rows)? {
            return Ok(applied);
        }
        let statement = || {
            sqlx::query(self.tables.sql(LOOK_AGAIN))
                .bind(snapshot.subscription.as_str())
                .bind(snapshot.version.as_i64())
        };
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        outcome(&rows)?.ok_or_else(|| StoreError::unavailable(Deleted))
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

fn outcome(rows: &[PgRow]) -> Result<Option<Applied>, StoreError> {
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let revision = row.try_get(0).map_err(store_error)?;
    let ties_or_newer: Option<i64> = row.try_get(1).map_err(store_error)?;
    Ok(ties_or_newer.map(|number| applied(revision, number)))
}
