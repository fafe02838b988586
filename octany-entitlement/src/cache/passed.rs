//! What a cache passes on to its store.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, OrderId, ReferenceId};

use super::Cached;
use crate::store::{
    AccessLog, Announced, Charge, ChargeIntent, ChargeIntents, ChargePrepared, Checkout,
    CheckoutLog, Claim, ClaimToken, DeliveryLog, OrdersBefore, StoreError,
};

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

#[async_trait]
impl<S: ChargeIntents> ChargeIntents for Cached<S> {
    async fn prepare(
        &self,
        id: &str,
        charge: &Charge,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<ChargePrepared, StoreError> {
        self.store.prepare(id, charge, now, lease).await
    }

    async fn sending(
        &self,
        id: &str,
        token: ClaimToken,
        before: &OrdersBefore,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.store.sending(id, token, before, until).await
    }

    async fn created(
        &self,
        id: &str,
        order: &OrderId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.store.created(id, order, now).await
    }

    async fn refused(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.store.refused(id, token, now).await
    }

    async fn doubted(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.store.doubted(id, token, now).await
    }

    async fn abandon(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.store.abandon(id, now).await
    }

    async fn intent(&self, id: &str) -> Result<Option<ChargeIntent>, StoreError> {
        self.store.intent(id).await
    }

    async fn made_by(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
        self.store.made_by(order).await
    }

    async fn unknown(
        &self,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ChargeIntent>, StoreError> {
        self.store.unknown(now, limit).await
    }
}

#[async_trait]
impl<S: CheckoutLog> CheckoutLog for Cached<S> {
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError> {
        self.store.begin(checkout).await
    }

    async fn returned(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        self.store.returned(user, since, at).await
    }

    async fn begun(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        self.store.begun(user, since, limit).await
    }

    async fn forget_begun_before(&self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
        self.store.forget_begun_before(instant).await
    }
}
