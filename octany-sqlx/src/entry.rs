//! What is taken in: a delivery, a report, or both.

use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_core::{Applied, DeliveryId, ProductId, ReferenceId, Snapshot};
use octany_entitlement::{Claim, ClaimToken, Entered, StoreError};

use crate::row::{lease_end, micros};

/// A delivery, a report, or both, as they are stored.
pub(crate) struct Entry {
    pub(crate) delivery: Option<Delivery>,
    pub(crate) report: Option<Report>,
}

/// What became of an entry, part by part.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) claim: Option<Claim>,
    pub(crate) applied: Option<Applied>,
}

/// A delivery that is to be claimed.
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) token: ClaimToken,
    pub(crate) now: i64,
    pub(crate) until: i64,
}

/// A report that is to be applied.
pub(crate) struct Report {
    pub(crate) subscription: String,
    pub(crate) reference: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) status: String,
    pub(crate) renews_at: Option<i64>,
    pub(crate) ends_at: Option<i64>,
    pub(crate) trial_ends_at: Option<i64>,
    pub(crate) version: i64,
    pub(crate) digest: i64,
    pub(crate) contested: bool,
    pub(crate) resource: Option<String>,
}

impl Delivery {
    pub(crate) fn new(id: &DeliveryId, now: DateTime<Utc>, lease: Duration) -> Self {
        Self {
            id: id.to_string(),
            token: ClaimToken::random(),
            now: now.timestamp_micros(),
            until: lease_end(now, lease).timestamp_micros(),
        }
    }
}

impl From<&Snapshot> for Report {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            subscription: snapshot.subscription.to_string(),
            reference: snapshot.reference.as_ref().map(ReferenceId::to_string),
            product: snapshot.product.as_ref().map(ProductId::to_string),
            status: snapshot.status.to_string(),
            renews_at: micros(snapshot.renews_at),
            ends_at: micros(snapshot.ends_at),
            trial_ends_at: micros(snapshot.trial_ends_at),
            version: snapshot.version.as_i64(),
            digest: snapshot.digest(),
            contested: snapshot.contested,
            resource: snapshot.resource_json(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("what was asked for was not answered")]
struct Unanswered;

impl Outcome {
    pub(crate) fn claim(self) -> Result<Claim, StoreError> {
        self.claim.ok_or_else(|| StoreError::corrupt(Unanswered))
    }

    pub(crate) fn applied(self) -> Result<Applied, StoreError> {
        self.applied.ok_or_else(|| StoreError::corrupt(Unanswered))
    }

    pub(crate) fn entered(self) -> Result<Entered, StoreError> {
        Ok(Entered { claim: self.claim()?, applied: self.applied })
    }
}
