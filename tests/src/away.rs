//! A store that is away.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{Applied, ReferenceId, Snapshot};
use octany_entitlement::{Checkout, CheckoutLog, StoreError, SubscriptionStore};

/// Answers nothing.
#[derive(Debug)]
pub struct Away;

#[async_trait]
impl SubscriptionStore for Away {
    async fn apply(&self, _: &Snapshot) -> Result<Applied, StoreError> {
        Err(StoreError::unavailable("away"))
    }

    async fn subscriptions(&self, _: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Err(StoreError::unavailable("away"))
    }
}

#[async_trait]
impl CheckoutLog for Away {
    async fn begin(&self, _: &Checkout) -> Result<(), StoreError> {
        Err(StoreError::unavailable("away"))
    }

    async fn returned(
        &self,
        _: &ReferenceId,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        Err(StoreError::unavailable("away"))
    }

    async fn begun(
        &self,
        _: &ReferenceId,
        _: DateTime<Utc>,
        _: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        Err(StoreError::unavailable("away"))
    }

    async fn forget_begun_before(&self, _: DateTime<Utc>) -> Result<u64, StoreError> {
        Err(StoreError::unavailable("away"))
    }
}
