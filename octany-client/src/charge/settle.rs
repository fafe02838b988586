//! What became of a charge, later.

use chrono::{DateTime, Utc};
use octany_core::OrderId;
use octany_entitlement::{
    ChargeIntent, ChargeIntents, ChargePrepared, ChargeState, Clock, SystemClock,
};

use super::look::Found;
use super::{ChargeError, LEASE};
use crate::Client;

/// What became of a charge, as far as it can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was made, as this order.
    Created(OrderId),
    /// Nothing was charged, and the same id may try again.
    NotCharged,
    /// There are new orders, and which of them it is, or whether it is one of them, cannot be told;
    /// or the payment of the one that it would be has failed, as after a refusal that got lost.
    StillUnknown,
    /// There is no new order. That is not to say that there will be none: only a person can
    /// [give it up](ChargeIntents::abandon).
    NotFound {
        /// Since when there is none: since just before it was sent, by Octany's clock.
        since: DateTime<Utc>,
    },
}

impl Client {
    /// Looks again for the order of a charge that is unknown. It sends no charge.
    ///
    /// [`ChargeIntents::unknown`] lists those that want it. Some minutes later an answer that was
    /// lost is found, if the charge was made.
    ///
    /// # Errors
    ///
    /// [`ChargeError`]; the charge is as unknown as before.
    pub async fn settle_charge<I: ChargeIntents + ?Sized>(
        &self,
        intents: &I,
        intent: &str,
    ) -> Result<Settled, ChargeError> {
        let intent = intents.intent(intent).await?.ok_or(ChargeError::NoSuchIntent)?;
        let until = intent.claimed_until;
        let before = match &intent.state {
            ChargeState::Created(order) => return Ok(Settled::Created(order.clone())),
            ChargeState::Refused => return Ok(Settled::NotCharged),
            ChargeState::Abandoned => return Err(ChargeError::Abandoned),
            _ if until > SystemClock.now() => return Err(ChargeError::InFlight { until }),
            ChargeState::Prepared => return refuse(intents, &intent).await,
            ChargeState::Sent(before) => before,
        };
        Ok(match self.look(intents, &intent, before).await? {
            Found::One(order)
                if intents.created(&intent.id, &order.id, SystemClock.now()).await? =>
            {
                Settled::Created(order.id)
            }
            Found::One(_) | Found::Doubt => Settled::StillUnknown,
            Found::Nothing => Settled::NotFound { since: before.as_of },
        })
    }
}

/// Takes over what was prepared and left, and refuses it: whoever prepared it may be slow instead of
/// dead, and cannot send it any more.
async fn refuse<I: ChargeIntents + ?Sized>(
    intents: &I,
    left: &ChargeIntent,
) -> Result<Settled, ChargeError> {
    let now = SystemClock.now();
    let prepared = intents.prepare(&left.id, &left.charge, now, LEASE).await?;
    if let ChargePrepared::Fresh(token) = prepared
        && intents.refused(&left.id, token, now).await?
    {
        return Ok(Settled::NotCharged);
    }
    // Somebody was faster.
    Err(ChargeError::InFlight { until: now })
}
