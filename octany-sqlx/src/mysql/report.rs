//! A report, and the statement that takes it in.

use octany_core::{Applied, ProductId, ReferenceId, Snapshot};
use octany_entitlement::StoreError;
use sqlx::MySql;
use sqlx::mysql::MySqlQueryResult;

use super::text::{bytes, bytes_if_any};
use crate::connections::Statement;
use crate::row::micros;
use crate::tables::Tables;

/// Whether a report counts more than the row that is there.
macro_rules! counts {
    () => {
        "VALUES(version) > version OR (VALUES(version) = version AND VALUES(digest) <> digest)"
    };
}

/// Decides against the row as it is once nobody else writes it, and writes.
///
/// The outcome leaves the statement as its "last insert id", one of [`applied`]'s numbers; that of
/// an insert, which does not come by the update's part, is 0.
///
/// Assignments happen from left to right, and each sees those before it, unless MariaDB is told
/// otherwise (`SIMULTANEOUS_ASSIGNMENT`). So what the decision rests on is assigned last: the digest,
/// whose own condition still needs the version, and then that. No assignment needs another's result.
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

/// A report as it is stored.
pub(super) struct Report<'a> {
    snapshot: &'a Snapshot,
    subscription: &'a [u8],
    reference: Option<&'a [u8]>,
    product: Option<&'a [u8]>,
    status: &'a [u8],
    digest: i64,
    resource: Option<String>,
}

impl<'a> Report<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Result<Self, StoreError> {
        Ok(Self {
            snapshot,
            subscription: bytes(snapshot.subscription.as_str())?,
            reference: bytes_if_any(snapshot.reference.as_ref().map(ReferenceId::as_str))?,
            product: bytes_if_any(snapshot.product.as_ref().map(ProductId::as_str))?,
            status: bytes(snapshot.status.as_str())?,
            digest: snapshot.digest(),
            resource: snapshot.resource_json(),
        })
    }

    pub(super) fn apply(&self, tables: &Tables) -> Statement<'_, MySql> {
        sqlx::query(tables.sql(APPLY))
            .bind(self.subscription)
            .bind(self.reference)
            .bind(self.product)
            .bind(self.status)
            .bind(micros(self.snapshot.renews_at))
            .bind(micros(self.snapshot.ends_at))
            .bind(micros(self.snapshot.trial_ends_at))
            .bind(self.snapshot.version.as_i64())
            .bind(self.digest)
            .bind(self.snapshot.contested)
            .bind(self.resource.as_deref().map(str::as_bytes))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("an outcome of {0}, which the statement does not have")]
struct NoOutcome(u64);

/// What [`Report::apply`] did.
pub(super) fn applied(done: &MySqlQueryResult) -> Result<Applied, StoreError> {
    match done.last_insert_id() {
        0 => Ok(Applied::Inserted),
        1 => Ok(Applied::Stale),
        2 => Ok(Applied::Unchanged),
        3 => Ok(Applied::Updated),
        4 => Ok(Applied::Contested),
        other => Err(StoreError::corrupt(NoOutcome(other))),
    }
}
