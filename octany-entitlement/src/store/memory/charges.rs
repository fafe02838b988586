//! Which charges are made.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::OrderId;

use super::{MemoryStore, lock};
use crate::clock::after;
use crate::store::{
    Charge, ChargeIntent, ChargeIntents, ChargePrepared, ChargeState, ClaimToken, OrdersBefore,
    StoreError,
};

/// By id, with who held each last.
#[derive(Default)]
pub(super) struct Charges(HashMap<String, (ClaimToken, ChargeIntent)>);

#[async_trait]
impl ChargeIntents for MemoryStore {
    async fn prepare(
        &self,
        id: &str,
        charge: &Charge,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<ChargePrepared, StoreError> {
        let mut charges = lock(&self.charges);
        if let Some((_, known)) = charges.0.get(id) {
            if known.charge.digest != charge.digest {
                return Ok(ChargePrepared::Different);
            }
            if !known.may_be_prepared(now) {
                return Ok(ChargePrepared::Known(known.clone()));
            }
        }
        if let Some(open) = charges.open_beside(id, charge) {
            if !open.may_be_prepared(now) {
                return Ok(ChargePrepared::Busy(open.clone()));
            }
            open.state = ChargeState::Refused;
        }
        let token = ClaimToken::random();
        let intent = ChargeIntent {
            id: id.to_owned(),
            charge: charge.clone(),
            state: ChargeState::Prepared,
            begun_at: now,
            claimed_until: after(now, lease),
        };
        charges.0.insert(id.to_owned(), (token, intent));
        Ok(ChargePrepared::Fresh(token))
    }

    async fn sending(
        &self,
        id: &str,
        token: ClaimToken,
        before: &OrdersBefore,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut charges = lock(&self.charges);
        let held = charges.held(id, token).filter(|intent| intent.is_open());
        Ok(held.is_some_and(|intent| {
            intent.state = ChargeState::Sent(before.clone());
            intent.claimed_until = until;
            true
        }))
    }

    async fn created(
        &self,
        id: &str,
        order: &OrderId,
        _now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut charges = lock(&self.charges);
        if charges.made_by(order).is_some_and(|owner| owner != id) {
            return Ok(false);
        }
        let Some((_, intent)) = charges.0.get_mut(id) else { return Ok(false) };
        match &intent.state {
            ChargeState::Sent(_) | ChargeState::Abandoned => {
                intent.state = ChargeState::Created(order.clone());
                Ok(true)
            }
            ChargeState::Created(known) => Ok(known == order),
            ChargeState::Prepared | ChargeState::Refused => Ok(false),
        }
    }

    async fn refused(
        &self,
        id: &str,
        token: ClaimToken,
        _now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut charges = lock(&self.charges);
        let may =
            |intent: &&mut ChargeIntent| intent.is_open() || intent.state == ChargeState::Refused;
        let held = charges.held(id, token).filter(may);
        Ok(held.map(|intent| intent.state = ChargeState::Refused).is_some())
    }

    async fn doubted(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut charges = lock(&self.charges);
        let sent = |intent: &&mut ChargeIntent| matches!(intent.state, ChargeState::Sent(_));
        let held = charges.held(id, token).filter(sent);
        Ok(held.map(|intent| intent.claimed_until = now).is_some())
    }

    async fn abandon(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut charges = lock(&self.charges);
        let Some((_, intent)) = charges.0.get_mut(id) else { return Ok(false) };
        if intent.is_open() && intent.claimed_until <= now {
            intent.state = ChargeState::Abandoned;
        }
        Ok(intent.state == ChargeState::Abandoned)
    }

    async fn intent(&self, id: &str) -> Result<Option<ChargeIntent>, StoreError> {
        Ok(lock(&self.charges).0.get(id).map(|(_, intent)| intent.clone()))
    }

    async fn made_by(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
        Ok(lock(&self.charges).made_by(order).map(str::to_owned))
    }

    async fn unknown(
        &self,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ChargeIntent>, StoreError> {
        let charges = lock(&self.charges);
        let unknown = charges.intents().filter(|intent| {
            matches!(intent.state, ChargeState::Sent(_)) && intent.claimed_until <= now
        });
        let mut unknown: Vec<_> = unknown.cloned().collect();
        unknown.sort_by_key(|intent| intent.claimed_until);
        unknown.truncate(limit);
        Ok(unknown)
    }
}

impl Charges {
    fn intents(&self) -> impl Iterator<Item = &ChargeIntent> {
        self.0.values().map(|(_, intent)| intent)
    }

    fn held(&mut self, id: &str, token: ClaimToken) -> Option<&mut ChargeIntent> {
        let (holder, intent) = self.0.get_mut(id)?;
        (*holder == token).then_some(intent)
    }

    fn made_by(&self, order: &OrderId) -> Option<&str> {
        let mut intents = self.intents();
        let made = |intent: &&ChargeIntent| match &intent.state {
            ChargeState::Created(known) => known == order,
            _ => false,
        };
        intents.find(made).map(|intent| intent.id.as_str())
    }

    /// What is open on the same subscription under another id.
    fn open_beside(&mut self, id: &str, charge: &Charge) -> Option<&mut ChargeIntent> {
        let mut intents = self.0.values_mut().map(|(_, intent)| intent);
        intents.find(|intent| {
            intent.is_open() && intent.id != id && intent.charge.subscription == charge.subscription
        })
    }
}
