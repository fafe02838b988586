//! Rows back into snapshots.

use chrono::{DateTime, Utc};
use octany_core::{ReferenceId, Snapshot, Version};
use octany_entitlement::StoreError;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::error::store_error;

#[derive(Debug, thiserror::Error)]
#[error("column {column} holds {micros}, which is no instant")]
struct NoInstant {
    column: &'static str,
    micros: i64,
}

/// The columns in the order in which [`snapshot`] reads them.
macro_rules! columns {
    () => {
        "s.subscription_id, s.status, s.version, s.product_id, s.renews_at, s.ends_at, \
         s.trial_ends_at, s.contested"
    };
}
pub(super) use columns;

/// A record of `owner`, or why it cannot be read.
pub(super) fn snapshot(row: &SqliteRow, owner: &ReferenceId) -> Result<Snapshot, StoreError> {
    let text = |index: usize| row.try_get::<&str, _>(index).map_err(store_error);
    let version = Version::from_i64(row.try_get(2).map_err(store_error)?);
    let mut snapshot = Snapshot::new(text(0)?, text(1)?, version);
    snapshot.reference = Some(owner.clone());
    let product: Option<&str> = row.try_get(3).map_err(store_error)?;
    snapshot.product = product.map(Into::into);
    snapshot.renews_at = instant(row, 4, "renews_at")?;
    snapshot.ends_at = instant(row, 5, "ends_at")?;
    snapshot.trial_ends_at = instant(row, 6, "trial_ends_at")?;
    snapshot.contested = row.try_get::<i64, _>(7).map_err(store_error)? != 0;
    Ok(snapshot)
}

fn instant(
    row: &SqliteRow,
    index: usize,
    column: &'static str,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let micros: Option<i64> = row.try_get(index).map_err(store_error)?;
    micros.map(|micros| from_micros(micros, column)).transpose()
}

/// An instant that was stored, in microseconds.
pub(super) fn from_micros(micros: i64, column: &'static str) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::corrupt(NoInstant { column, micros }))
}
