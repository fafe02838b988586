//! A store behind a pointer is a store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::signature::VerifiedBody;
use octany_core::{Applied, DeliveryId, OrderId, ReferenceId, Snapshot, SubscriptionId};

use super::{
    AccessLog, Announced, Charge, ChargeIntent, ChargeIntents, ChargePrepared, Checkout,
    CheckoutLog, Claim, ClaimToken, DeliveryLog, Entered, Known, Ledger, OrdersBefore, StoreError,
    SubscriptionLinks, SubscriptionStore,
};
use crate::inbox::{Claimed, DeadLetter, Depth, InboxStore, KeptLetter, Letter, Put};

macro_rules! behind {
    ($($pointer:ty),+ $(,)?) => {$(
        #[async_trait]
        impl<T: SubscriptionStore + ?Sized> SubscriptionStore for $pointer {
            async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
                (**self).apply(snapshot).await
            }

            async fn subscriptions(
                &self,
                reference: &ReferenceId,
            ) -> Result<Vec<Snapshot>, StoreError> {
                (**self).subscriptions(reference).await
            }

            async fn look_up(&self, reference: &ReferenceId) -> Result<Known, StoreError> {
                (**self).look_up(reference).await
            }

            fn peek(&self, reference: &ReferenceId) -> Option<Known> {
                (**self).peek(reference)
            }

            fn peek_at(&self, reference: &ReferenceId, now: DateTime<Utc>) -> Option<Known> {
                (**self).peek_at(reference, now)
            }
        }

        #[async_trait]
        impl<T: DeliveryLog + ?Sized> DeliveryLog for $pointer {
            async fn claim(
                &self,
                delivery: &DeliveryId,
                now: DateTime<Utc>,
                lease: Duration,
            ) -> Result<Claim, StoreError> {
                (**self).claim(delivery, now, lease).await
            }

            async fn complete(
                &self,
                delivery: &DeliveryId,
                token: ClaimToken,
                now: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).complete(delivery, token, now).await
            }

            async fn release(
                &self,
                delivery: &DeliveryId,
                token: ClaimToken,
            ) -> Result<bool, StoreError> {
                (**self).release(delivery, token).await
            }
        }

        #[async_trait]
        impl<T: Ledger + ?Sized> Ledger for $pointer {
            async fn enter(
                &self,
                delivery: &DeliveryId,
                now: DateTime<Utc>,
                lease: Duration,
                snapshot: &Snapshot,
            ) -> Result<Entered, StoreError> {
                (**self).enter(delivery, now, lease, snapshot).await
            }
        }

        #[async_trait]
        impl<T: AccessLog + ?Sized> AccessLog for $pointer {
            async fn announce(
                &self,
                reference: &ReferenceId,
                granted: bool,
                until: Option<DateTime<Utc>>,
                at: DateTime<Utc>,
            ) -> Result<Announced, StoreError> {
                (**self).announce(reference, granted, until, at).await
            }

            async fn due(
                &self,
                now: DateTime<Utc>,
                limit: usize,
            ) -> Result<Vec<ReferenceId>, StoreError> {
                (**self).due(now, limit).await
            }
        }

        #[async_trait]
        impl<T: CheckoutLog + ?Sized> CheckoutLog for $pointer {
            async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError> {
                (**self).begin(checkout).await
            }

            async fn returned(
                &self,
                user: &ReferenceId,
                since: DateTime<Utc>,
                at: DateTime<Utc>,
            ) -> Result<Option<Checkout>, StoreError> {
                (**self).returned(user, since, at).await
            }

            async fn begun(
                &self,
                user: &ReferenceId,
                since: DateTime<Utc>,
                limit: usize,
            ) -> Result<Vec<Checkout>, StoreError> {
                (**self).begun(user, since, limit).await
            }

            async fn forget_begun_before(&self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
                (**self).forget_begun_before(instant).await
            }
        }

        #[async_trait]
        impl<T: ChargeIntents + ?Sized> ChargeIntents for $pointer {
            async fn prepare(
                &self,
                id: &str,
                charge: &Charge,
                now: DateTime<Utc>,
                lease: Duration,
            ) -> Result<ChargePrepared, StoreError> {
                (**self).prepare(id, charge, now, lease).await
            }

            async fn sending(
                &self,
                id: &str,
                token: ClaimToken,
                before: &OrdersBefore,
                until: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).sending(id, token, before, until).await
            }

            async fn created(
                &self,
                id: &str,
                order: &OrderId,
                now: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).created(id, order, now).await
            }

            async fn refused(
                &self,
                id: &str,
                token: ClaimToken,
                now: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).refused(id, token, now).await
            }

            async fn doubted(
                &self,
                id: &str,
                token: ClaimToken,
                now: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).doubted(id, token, now).await
            }

            async fn abandon(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
                (**self).abandon(id, now).await
            }

            async fn intent(&self, id: &str) -> Result<Option<ChargeIntent>, StoreError> {
                (**self).intent(id).await
            }

            async fn made_by(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
                (**self).made_by(order).await
            }

            async fn unknown(
                &self,
                now: DateTime<Utc>,
                limit: usize,
            ) -> Result<Vec<ChargeIntent>, StoreError> {
                (**self).unknown(now, limit).await
            }
        }

        #[async_trait]
        impl<T: SubscriptionLinks + ?Sized> SubscriptionLinks for $pointer {
            async fn link(
                &self,
                subscription: &SubscriptionId,
                reference: &ReferenceId,
            ) -> Result<(), StoreError> {
                (**self).link(subscription, reference).await
            }

            async fn owner(
                &self,
                subscription: &SubscriptionId,
            ) -> Result<Option<ReferenceId>, StoreError> {
                (**self).owner(subscription).await
            }
        }

        #[async_trait]
        impl<T: InboxStore + ?Sized> InboxStore for $pointer {
            async fn put(&self, letter: &Letter) -> Result<Put, StoreError> {
                (**self).put(letter).await
            }

            async fn claim(
                &self,
                now: DateTime<Utc>,
                lease: Duration,
                limit: usize,
            ) -> Result<Vec<Claimed>, StoreError> {
                (**self).claim(now, lease, limit).await
            }

            async fn extend(
                &self,
                id: &DeliveryId,
                token: ClaimToken,
                until: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).extend(id, token, until).await
            }

            async fn done(
                &self,
                id: &DeliveryId,
                token: ClaimToken,
                now: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).done(id, token, now).await
            }

            async fn retry(
                &self,
                id: &DeliveryId,
                token: ClaimToken,
                at: DateTime<Utc>,
                error: &str,
            ) -> Result<bool, StoreError> {
                (**self).retry(id, token, at, error).await
            }

            async fn postpone(
                &self,
                id: &DeliveryId,
                token: ClaimToken,
                at: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).postpone(id, token, at).await
            }

            async fn bury(
                &self,
                id: &DeliveryId,
                token: ClaimToken,
                error: &str,
                now: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                (**self).bury(id, token, error, now).await
            }

            async fn dead(&self, after: i64, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
                (**self).dead(after, limit).await
            }

            async fn letters(
                &self,
                after: i64,
                limit: usize,
            ) -> Result<Vec<KeptLetter>, StoreError> {
                (**self).letters(after, limit).await
            }

            async fn letter(
                &self,
                id: &DeliveryId,
            ) -> Result<Option<(KeptLetter, VerifiedBody)>, StoreError> {
                (**self).letter(id).await
            }

            async fn replay(&self, id: &DeliveryId) -> Result<bool, StoreError> {
                (**self).replay(id).await
            }

            async fn replay_all(&self) -> Result<u64, StoreError> {
                (**self).replay_all().await
            }

            async fn discard(&self, id: &DeliveryId) -> Result<bool, StoreError> {
                (**self).discard(id).await
            }

            async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
                (**self).prune(before).await
            }

            async fn depth(&self) -> Result<Depth, StoreError> {
                (**self).depth().await
            }
        }
    )+};
}

behind!(&T, Arc<T>, Box<T>);
