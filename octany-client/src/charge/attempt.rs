//! One charge, by the one who prepared it.

use std::time::Duration;

use octany_core::resource::Order;
use octany_entitlement::{
    ChargeIntent, ChargeIntents, ChargeState, ClaimToken, Clock, OrdersBefore, StoreError,
    SystemClock,
};

use super::look::Found;
use super::{ChargeError, Charged, LEASE};
use crate::{ChargeRequest, Client, Error, ErrorKind};

/// How long the request may take: less than [`LEASE`], so that nobody looks for its order while it may
/// still be on its way.
const PATIENCE: Duration = Duration::from_secs(90);

pub(super) struct Attempt<'a, I: ?Sized> {
    pub(super) client: &'a Client,
    pub(super) intents: &'a I,
    pub(super) intent: ChargeIntent,
    pub(super) token: ClaimToken,
}

impl<I: ChargeIntents + ?Sized> Attempt<'_, I> {
    pub(super) async fn make(self, request: &ChargeRequest) -> Result<Charged, ChargeError> {
        let before = match self.client.orders_before(&self.intent.charge).await {
            Ok(before) => before,
            Err(error) => return self.not_charged(error).await,
        };
        let until = SystemClock.now() + LEASE;
        match self.intents.sending(&self.intent.id, self.token, &before, until).await {
            Ok(true) if SystemClock.now() < until - PATIENCE => {}
            Ok(held) => {
                if held {
                    // Whoever looks for the order might come before it.
                    self.free().await;
                }
                return Err(ChargeError::InFlight { until });
            }
            Err(error) => {
                self.free().await;
                return Err(error.into());
            }
        }
        let sending = self.client.charge(&self.intent.charge.subscription, request);
        match tokio::time::timeout(PATIENCE, sending).await {
            Ok(Ok(order)) => Ok(self.made(order.value).await),
            Ok(Err(error)) if says_not_charged(error.kind()) => self.not_charged(error).await,
            Ok(Err(_)) | Err(_) => Ok(self.doubt(before).await),
        }
    }

    /// Octany's own answer counts more than what anybody has found meanwhile.
    async fn made(self, order: Order) -> Charged {
        let noted = self.intents.created(&self.intent.id, &order.id, SystemClock.now()).await;
        match noted {
            Ok(true) => {}
            Ok(false) => tracing::error!(
                intent = self.intent.id,
                order = order.id.as_str(),
                "a charge was made, and another order was taken for its own"
            ),
            Err(error) => self.not_noted(&error),
        }
        Charged::Created(Box::new(order))
    }

    async fn not_charged(self, error: Error) -> Result<Charged, ChargeError> {
        self.free().await;
        Err(ChargeError::NotCharged(error))
    }

    /// Where that cannot be noted, the intent is looked at once its lease ends.
    async fn free(&self) {
        let noted = self.intents.refused(&self.intent.id, self.token, SystemClock.now()).await;
        if let Err(error) = noted {
            self.not_noted(&error);
        }
    }

    /// It may be charged, or not, or not yet.
    async fn doubt(self, before: OrdersBefore) -> Charged {
        let found = self.client.look(self.intents, &self.intent, &before).await;
        let id = &self.intent.id;
        if let Ok(Found::One(order)) = found
            && let Ok(true) = self.intents.created(id, &order.id, SystemClock.now()).await
        {
            return Charged::Created(order);
        }
        let now = SystemClock.now();
        if let Err(error) = self.intents.doubted(id, self.token, now).await {
            self.not_noted(&error);
        }
        let state = ChargeState::Sent(before);
        Charged::Unknown(Box::new(ChargeIntent { state, claimed_until: now, ..self.intent }))
    }

    fn not_noted(&self, error: &StoreError) {
        tracing::warn!(
            intent = self.intent.id,
            error = error as &dyn std::error::Error,
            "what became of a charge could not be noted"
        );
    }
}

/// Whether the server, or the lack of one, says that there is no order and will be none.
fn says_not_charged(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::PaymentRequired
            | ErrorKind::Validation
            | ErrorKind::Unauthorized
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::RateLimited
            | ErrorKind::Connect
    )
}
