//! `SubscriptionStore` over the app's own table.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{Applied, ProductId, ReferenceId, Snapshot, Version};
use octany_entitlement::{StoreError, StoreErrorKind, SubscriptionStore};
use sqlx::PgPool;

/// The app's memberships.
#[derive(Clone, Debug)]
pub struct Memberships {
    pub(crate) pool: PgPool,
}

const APPLY: &str = "
    INSERT INTO memberships AS m (octany_id, octany_version, member_ref, plan_code, state,
        next_charge_at, closes_at, trial_ends_at, in_doubt, octany_write)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'inserted')
    ON CONFLICT (octany_id) DO UPDATE SET
        octany_version = excluded.octany_version,
        member_ref = excluded.member_ref,
        plan_code = excluded.plan_code,
        state = excluded.state,
        next_charge_at = excluded.next_charge_at,
        closes_at = excluded.closes_at,
        trial_ends_at = excluded.trial_ends_at,
        in_doubt = excluded.in_doubt OR excluded.octany_version = m.octany_version,
        octany_write = CASE WHEN excluded.octany_version = m.octany_version
            THEN 'contested' ELSE 'updated' END
    WHERE excluded.octany_version > m.octany_version
        OR (excluded.octany_version = m.octany_version
            AND (excluded.member_ref, excluded.plan_code, excluded.state,
                excluded.next_charge_at, excluded.closes_at, excluded.trial_ends_at)
            IS DISTINCT FROM (m.member_ref, m.plan_code, m.state,
                m.next_charge_at, m.closes_at, m.trial_ends_at))
    RETURNING octany_write";

const WHY_NOT: &str = "SELECT octany_version FROM memberships WHERE octany_id = $1";

const OF_REFERENCE: &str = "
    SELECT octany_id, octany_version, plan_code, state, next_charge_at, closes_at, trial_ends_at,
        in_doubt
    FROM memberships WHERE member_ref = $1 AND octany_id IS NOT NULL";

type Instant = Option<DateTime<Utc>>;
type Row = (String, i64, Option<String>, String, Instant, Instant, Instant, bool);

#[async_trait]
impl SubscriptionStore for Memberships {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let written: Option<String> = sqlx::query_scalar(APPLY)
            .bind(snapshot.subscription.as_str())
            .bind(snapshot.version.as_i64())
            .bind(snapshot.reference.as_ref().map(ReferenceId::as_str))
            .bind(snapshot.product.as_ref().map(ProductId::as_str))
            .bind(snapshot.status.as_str())
            .bind(snapshot.renews_at)
            .bind(snapshot.ends_at)
            .bind(snapshot.trial_ends_at)
            .bind(snapshot.contested)
            .fetch_optional(&self.pool)
            .await
            .map_err(store_error)?;
        match written.as_deref() {
            Some("inserted") => return Ok(Applied::Inserted),
            Some("updated") => return Ok(Applied::Updated),
            Some(_) => return Ok(Applied::Contested),
            None => {}
        }
        // Nothing was written, and that is settled. This only asks why; versions never go back.
        let known: i64 = sqlx::query_scalar(WHY_NOT)
            .bind(snapshot.subscription.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(store_error)?
            .ok_or_else(|| StoreError::unavailable("the row was deleted meanwhile"))?;
        let stale = Version::from_i64(known) > snapshot.version;
        Ok(if stale { Applied::Stale } else { Applied::Unchanged })
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(OF_REFERENCE)
            .bind(reference.as_str())
            .fetch_all(&self.pool)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| snapshot(row, reference)).collect())
    }
}

fn snapshot(row: Row, reference: &ReferenceId) -> Snapshot {
    let (id, version, plan, state, renews_at, ends_at, trial_ends_at, contested) = row;
    let mut snapshot = Snapshot::new(id, state.as_str(), Version::from_i64(version));
    snapshot.reference = Some(reference.clone());
    snapshot.product = plan.map(Into::into);
    (snapshot.renews_at, snapshot.ends_at) = (renews_at, ends_at);
    (snapshot.trial_ends_at, snapshot.contested) = (trial_ends_at, contested);
    snapshot
}

/// What a failure means. None of them means "no subscription".
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    use StoreErrorKind::{Corrupt, Rejected, Unavailable};
    use sqlx::Error as E;
    let kind = match &error {
        E::Database(refusal) => match refusal.code().unwrap_or_default().split_at_checked(2) {
            // Connections, read-only servers, conflicts, resources, locks, an operator, the system.
            Some(("08" | "25" | "40" | "53" | "55" | "57" | "58", _)) => Unavailable,
            // Another schema than this code was written for. 42501 is a missing permission.
            Some(("42", rest)) if rest != "501" => Corrupt,
            _ => Rejected,
        },
        E::ColumnDecode { .. } | E::Decode(_) => Corrupt,
        E::Encode(_) | E::Configuration(_) => Rejected,
        // The connection, or the pool.
        _ => Unavailable,
    };
    StoreError::new(kind, error)
}
