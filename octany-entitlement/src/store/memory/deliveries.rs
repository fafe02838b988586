//! Which deliveries were dealt with.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;

use super::{MemoryStore, lock};
use crate::clock::after;
use crate::store::{Claim, ClaimToken, DeliveryLog, StoreError};

#[derive(Default)]
pub(super) struct Deliveries {
    capacity: usize,
    entries: HashMap<DeliveryId, Entry>,
    /// Ids in the order of their first claim, for forgetting the oldest.
    order: VecDeque<DeliveryId>,
}

enum Entry {
    Claimed {
        token: ClaimToken,
        until: DateTime<Utc>,
    },
    /// Kept for its place in the order.
    Released,
    Completed {
        by: ClaimToken,
    },
}

#[async_trait]
impl DeliveryLog for MemoryStore {
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let mut deliveries = lock(&self.deliveries);
        let known = deliveries.entries.get(delivery);
        match known {
            Some(Entry::Completed { .. }) => return Ok(Claim::Duplicate),
            Some(Entry::Claimed { until, .. }) if *until > now => {
                return Ok(Claim::InFlight { until: *until });
            }
            _ => {}
        }
        let (token, until) = (ClaimToken::random(), after(now, lease));
        let delivery = delivery.clone().into_owned();
        if known.is_none() {
            deliveries.order.push_back(delivery.clone());
        }
        deliveries.entries.insert(delivery, Entry::Claimed { token, until });
        deliveries.forget_oldest(now);
        Ok(Claim::Fresh(token))
    }

    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        _now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut deliveries = lock(&self.deliveries);
        Ok(match deliveries.entries.get_mut(delivery) {
            Some(entry) if entry.is_held_by(token) => {
                *entry = Entry::Completed { by: token };
                true
            }
            Some(Entry::Completed { by }) => *by == token,
            _ => false,
        })
    }

    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError> {
        let mut deliveries = lock(&self.deliveries);
        Ok(match deliveries.entries.get_mut(delivery) {
            Some(entry) if entry.is_held_by(token) => {
                *entry = Entry::Released;
                true
            }
            _ => false,
        })
    }
}

impl Entry {
    fn is_held_by(&self, token: ClaimToken) -> bool {
        matches!(self, Self::Claimed { token: held, .. } if *held == token)
    }
}

impl Deliveries {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { capacity, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Keeps to the capacity, but never forgets a claim that somebody still holds.
    fn forget_oldest(&mut self, now: DateTime<Utc>) {
        for _ in self.capacity..self.order.len() {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            match self.entries.get(&oldest) {
                Some(Entry::Claimed { until, .. }) if *until > now => self.order.push_back(oldest),
                _ => drop(self.entries.remove(&oldest)),
            }
        }
    }
}
