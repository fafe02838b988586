//! `DeliveryLog` over a table of three columns and a key.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use octany_core::DeliveryId;
use octany_entitlement::{Claim, ClaimToken, DeliveryLog, StoreError};

use crate::store::{Memberships, store_error};

const CLAIM: &str = "
    INSERT INTO webhook_calls AS c (call_id, holder, held_until) VALUES ($1, $2, $3)
    ON CONFLICT (call_id) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
    WHERE c.done_at IS NULL AND c.held_until <= $4";

const WHY_NOT: &str =
    "SELECT held_until, done_at IS NOT NULL FROM webhook_calls WHERE call_id = $1";

const COMPLETE: &str = "
    UPDATE webhook_calls SET done_at = coalesce(done_at, $3) WHERE call_id = $1 AND holder = $2";

const RELEASE: &str =
    "DELETE FROM webhook_calls WHERE call_id = $1 AND holder = $2 AND done_at IS NULL";

#[async_trait]
impl DeliveryLog for Memberships {
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let token = ClaimToken::random();
        let until = TimeDelta::from_std(lease).ok().and_then(|lease| now.checked_add_signed(lease));
        let written = sqlx::query(CLAIM)
            .bind(delivery.as_str())
            .bind(token.as_i64())
            .bind(until.unwrap_or(DateTime::<Utc>::MAX_UTC))
            .bind(now)
            .execute(&self.pool)
            .await
            .map_err(store_error)?;
        if written.rows_affected() > 0 {
            return Ok(Claim::Fresh(token));
        }
        let holder: Option<(DateTime<Utc>, bool)> = sqlx::query_as(WHY_NOT)
            .bind(delivery.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(store_error)?;
        Ok(match holder {
            Some((_, true)) => Claim::Duplicate,
            Some((until, false)) => Claim::InFlight { until },
            // Released between the two statements: in flight until just now.
            None => Claim::InFlight { until: now },
        })
    }

    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let completed = sqlx::query(COMPLETE)
            .bind(delivery.as_str())
            .bind(token.as_i64())
            .bind(now)
            .execute(&self.pool)
            .await
            .map_err(store_error)?;
        Ok(completed.rows_affected() > 0)
    }

    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError> {
        let released = sqlx::query(RELEASE)
            .bind(delivery.as_str())
            .bind(token.as_i64())
            .execute(&self.pool)
            .await
            .map_err(store_error)?;
        Ok(released.rows_affected() > 0)
    }
}
