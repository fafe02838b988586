//! A store and a delivery log in one.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{Applied, DeliveryId, Snapshot};

use super::{Claim, DeliveryLog, StoreError, SubscriptionStore};

/// A database that keeps subscriptions and deliveries both, and may take a delivery in at once.
///
/// The default does one after the other. A database that overrides it spares a round trip and a
/// commit.
#[async_trait]
pub trait Ledger: SubscriptionStore + DeliveryLog {
    /// Claims a delivery and, if it is fresh, applies its report. An implementation of its own does
    /// both or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether the delivery was claimed and its report taken in.
    async fn enter(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
        snapshot: &Snapshot,
    ) -> Result<Entered, StoreError> {
        let claim = self.claim(delivery, now, lease).await?;
        let Claim::Fresh(token) = claim else { return Ok(Entered { claim, applied: None }) };
        match self.apply(snapshot).await {
            Ok(applied) => Ok(Entered { claim, applied: Some(applied) }),
            Err(error) => {
                // A failure costs time, not the delivery: the lease ends by itself.
                let _ = self.release(delivery, token).await;
                Err(error)
            }
        }
    }
}

/// What became of a delivery that was [entered](Ledger::enter).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Whose it is.
    pub claim: Claim,
    /// What the store did with the report, if the claim is fresh.
    pub applied: Option<Applied>,
}
