//! What a cache passes on to its store.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, ReferenceId};

use super::Cached;
use crate::store::{AccessLog, Announced, Claim, ClaimToken, DeliveryLog, StoreError};

#[async_trait]
impl<S: DeliveryLog> DeliveryLog for Cached<S> {
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        self.store.claim(delivery, now, lease).await
    }

    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.store.complete(delivery, token, now).await
    }

    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError> {
        self.store.release(delivery, token).await
    }
}

#[async_trait]
impl<S: AccessLog> AccessLog for Cached<S> {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Announced, StoreError> {
        self.store.announce(reference, granted, until, at).await
    }

    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError> {
        self.store.due(now, limit).await
    }
}
