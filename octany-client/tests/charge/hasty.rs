//! Intents with leases that no test has to wait for.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::OrderId;
use octany_entitlement::{
    Charge, ChargeIntent, ChargeIntents, ChargePrepared, ClaimToken, OrdersBefore, StoreError,
};

pub(crate) struct Hasty<S>(pub(crate) S);

pub(crate) const LEASE: Duration = Duration::from_millis(300);

#[async_trait]
impl<S: ChargeIntents> ChargeIntents for Hasty<S> {
    async fn prepare(
        &self,
        id: &str,
        charge: &Charge,
        now: DateTime<Utc>,
        _lease: Duration,
    ) -> Result<ChargePrepared, StoreError> {
        self.0.prepare(id, charge, now, LEASE).await
    }

    async fn sending(
        &self,
        id: &str,
        token: ClaimToken,
        before: &OrdersBefore,
        _until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.0.sending(id, token, before, Utc::now() + LEASE).await
    }

    async fn created(
        &self,
        id: &str,
        order: &OrderId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.0.created(id, order, now).await
    }

    async fn refused(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.0.refused(id, token, now).await
    }

    async fn doubted(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.0.doubted(id, token, now).await
    }

    async fn abandon(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.0.abandon(id, now).await
    }

    async fn intent(&self, id: &str) -> Result<Option<ChargeIntent>, StoreError> {
        self.0.intent(id).await
    }

    async fn made_by(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
        self.0.made_by(order).await
    }

    async fn unknown(
        &self,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ChargeIntent>, StoreError> {
        self.0.unknown(now, limit).await
    }
}
