//! A charge that is made once.

mod age;
mod attempt;
mod error;
mod likeness;
mod look;
mod settle;

use std::time::Duration;

use octany_core::resource::Order;
use octany_core::{OrderId, SubscriptionId};
use octany_entitlement::{
    Charge, ChargeIntent, ChargeIntents, ChargePrepared, ChargeState, Clock, SystemClock,
};

use self::attempt::Attempt;
pub use self::error::ChargeError;
use self::look::Found;
pub use self::settle::Settled;
use crate::{ChargeRequest, Client};

/// How long an intent is held. If its holder dies, it is looked at again after that.
const LEASE: Duration = Duration::from_mins(2);

/// What became of a charge.
#[derive(Clone, Debug)]
pub enum Charged {
    /// It was made, by this call or by an earlier one whose answer was lost: this is its order. Its
    /// `state` says whether it is paid already.
    Created(Box<Order>),
    /// It was known before this call that it was made, as this order.
    AlreadyCreated(OrderId),
    /// Nobody can tell whether it was made. It will not be sent again: the next call with the same id
    /// looks for its order, and so does [`Client::settle_charge`].
    Unknown(Box<ChargeIntent>),
}

impl Charged {
    /// The order; `None` if it is unknown whether there is one.
    pub fn order(&self) -> Option<&OrderId> {
        match self {
            Self::Created(order) => Some(&order.id),
            Self::AlreadyCreated(order) => Some(order),
            Self::Unknown(_) => None,
        }
    }
}

impl Client {
    /// Charges a subscription's payment method, and never twice for one `intent`, whatever breaks.
    ///
    /// Octany knows no idempotency keys, so an answer that got lost leaves it open whether a charge
    /// was made. `intent` is an id of your choice for this charge, such as `usage-2026-11-1077`; it
    /// stands in logs and errors, so let it name nobody. `intents` remembers it, in a database that
    /// all nodes share. Call it with the same id and the same request until it says what became of
    /// the charge.
    ///
    /// The intent is written down together with the orders that there are. Only then is the request
    /// sent, once. If its answer is lost, the orders are listed: one new order that can only be this
    /// charge's is its order. If there is none, or more than one, or one of which it cannot be told
    /// or whose payment failed, the charge is [`Unknown`](Charged::Unknown): a slow server may make it
    /// yet. The same goes for a process that died.
    ///
    /// Of a subscription one charge is made at a time, and an unknown one is in the way of others
    /// until it is [settled](Self::settle_charge) or [abandoned](ChargeIntents::abandon).
    ///
    /// # What a list of orders cannot tell
    ///
    /// An order names its sum, not who asked for it. If somebody else charges the same subscription
    /// the same sum for the same product within the hour, and this request never arrived, that order
    /// is taken for this charge's. Make such charges through intents only, and no two orders are ever
    /// mixed up: an order is one intent's.
    ///
    /// ```no_run
    /// use octany_client::{ChargeError, ChargeRequest, Charged, Client};
    /// use octany_entitlement::ChargeIntents;
    ///
    /// # async fn example(
    /// #     client: Client, intents: impl ChargeIntents,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let usage = ChargeRequest::new(55, 4995);
    /// let charged = client.charge_once(&intents, &"sub_1".into(), &usage, "usage-2026-11").await;
    /// match charged {
    ///     Ok(Charged::Unknown(intent)) => println!("{} will be looked for", intent.id),
    ///     Ok(charged) => println!("made, as order {:?}", charged.order()),
    ///     // Such as a card that was refused: the same id may try again.
    ///     Err(ChargeError::NotCharged(why)) => println!("nothing was charged: {why}"),
    ///     Err(other) => return Err(other.into()),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ChargeError`]. By none of them was anything charged, except by what is in flight or in the
    /// way, and perhaps before a store failed: that is found out by the next call with the same id.
    pub async fn charge_once<I: ChargeIntents + ?Sized>(
        &self,
        intents: &I,
        subscription: &SubscriptionId,
        request: &ChargeRequest,
        intent: &str,
    ) -> Result<Charged, ChargeError> {
        let charge = Charge::new(
            subscription.clone(),
            request.product_id.clone(),
            request.amount,
            request.quantity,
            request.vat,
            request.description.as_deref(),
        );
        let now = SystemClock.now();
        match intents.prepare(intent, &charge, now, LEASE).await? {
            ChargePrepared::Fresh(token) => {
                let intent = ChargeIntent {
                    id: intent.to_owned(),
                    charge,
                    state: ChargeState::Prepared,
                    begun_at: now,
                    claimed_until: now + LEASE,
                };
                Attempt { client: self, intents, intent, token }.make(request).await
            }
            ChargePrepared::Known(known) => self.known(intents, known).await,
            ChargePrepared::Different => Err(ChargeError::Different),
            ChargePrepared::Busy(open) => Err(ChargeError::Busy { intent: open.id }),
        }
    }

    /// What became of a charge that somebody else has made, or is making.
    async fn known<I: ChargeIntents + ?Sized>(
        &self,
        intents: &I,
        known: ChargeIntent,
    ) -> Result<Charged, ChargeError> {
        let until = known.claimed_until;
        match &known.state {
            ChargeState::Created(order) => Ok(Charged::AlreadyCreated(order.clone())),
            ChargeState::Abandoned => Err(ChargeError::Abandoned),
            ChargeState::Sent(before) if until <= SystemClock.now() => {
                // Whatever fails here, the charge is as unknown as before.
                let found = self.look(intents, &known, before).await.unwrap_or(Found::Doubt);
                let Found::One(order) = found else { return Ok(Charged::Unknown(known.into())) };
                if intents.created(&known.id, &order.id, SystemClock.now()).await? {
                    return Ok(Charged::Created(order));
                }
                Ok(Charged::Unknown(known.into()))
            }
            ChargeState::Prepared | ChargeState::Refused | ChargeState::Sent(_) => {
                Err(ChargeError::InFlight { until })
            }
        }
    }
}
