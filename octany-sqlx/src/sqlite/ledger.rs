//! Claim and report in one transaction.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, Snapshot};
use octany_entitlement::{Entered, Ledger, StoreError};
use sqlx::{Row, SqliteConnection};

use super::SqliteStore;
use super::subscriptions::newest_wins;
use super::writes::Write;
use crate::entry::{Delivery, Entry, Outcome, Report};
use crate::row::{applied, claimed};
use crate::tables::Tables;

/// In a transaction. The first statement claims, the second applies if the claim was got, and
/// returns a row only if it wrote: which write it was. The third says whose the delivery is, and
/// how what is known compares.
const ENTER: &str = concat!(
    "
    INSERT INTO octany_deliveries (delivery_id, token, claimed_until, completed_at)
    VALUES (?1, ?2, ?3, NULL)
    ON CONFLICT (delivery_id) DO UPDATE SET
        token = excluded.token,
        claimed_until = excluded.claimed_until
    WHERE octany_deliveries.completed_at IS NULL AND octany_deliveries.claimed_until <= ?4;
    INSERT INTO octany_subscriptions (subscription_id, reference_id, product_id, status,
        renews_at, ends_at, trial_ends_at, version, digest, contested, resource, revision, ties)
    SELECT ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1, 0
    FROM octany_deliveries WHERE delivery_id = ?1 AND token = ?2 AND completed_at IS NULL
    ",
    newest_wins!(),
    "
    RETURNING revision, ties;
    SELECT d.token = ?2 AND d.completed_at IS NULL, d.claimed_until, d.completed_at,
        s.version > ?12
    FROM octany_deliveries AS d LEFT JOIN octany_subscriptions AS s ON s.subscription_id = ?5
    WHERE d.delivery_id = ?1"
);

#[async_trait]
impl Ledger for SqliteStore {
    /// In one commit with what else is waiting to be written: both or nothing.
    async fn enter(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
        snapshot: &Snapshot,
    ) -> Result<Entered, StoreError> {
        let delivery = Some(Delivery::new(delivery, now, lease));
        let write = Write::Entry(Entry { delivery, report: Some(snapshot.into()) });
        self.writes.call(write).await?.entry()?.entered()
    }
}

/// Claims a delivery and applies its report, on a connection in a transaction.
pub(super) async fn enter(
    connection: &mut SqliteConnection,
    tables: &Tables,
    delivery: &Delivery,
    report: &Report,
) -> Result<Outcome, sqlx::Error> {
    let query = sqlx::query(tables.sql(ENTER))
        .bind(&delivery.id)
        .bind(delivery.token.as_i64())
        .bind(delivery.until)
        .bind(delivery.now)
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
    let rows = query.fetch_all(connection).await?;
    let (last, written) = rows.split_last().ok_or(sqlx::Error::RowNotFound)?;
    let fresh: i64 = last.try_get(0)?;
    let claim = claimed(fresh != 0, last.try_get(1)?, last.try_get(2)?, delivery.token);
    let claim = Some(claim.map_err(|error| sqlx::Error::Decode(error.into()))?);
    if fresh == 0 {
        return Ok(Outcome { claim, applied: None });
    }
    let outcome = match written.first() {
        Some(row) => applied(row.try_get(0)?, row.try_get(1)?),
        None => applied(0, last.try_get(3)?),
    };
    Ok(Outcome { claim, applied: Some(outcome) })
}
