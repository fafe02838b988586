//! Which order a charge became, by the list of orders.

use std::collections::HashSet;

use octany_core::resource::Order;
use octany_entitlement::{Charge, ChargeIntent, ChargeIntents, OrdersBefore};

use super::ChargeError;
use super::age::{Age, Ages};
use super::likeness::{Likeness, likeness};
use crate::{Client, Error, ListOrders};

/// How many orders a page.
const PAGE: u8 = 50;
/// How many pages are looked at. More is no list of what is new.
const PAGES: u64 = 100;

/// What was found of a charge.
pub(super) enum Found {
    /// No new order at all.
    Nothing,
    /// One order, and it can only be this charge's.
    One(Box<Order>),
    /// New orders of which it cannot be told.
    Doubt,
}

/// What there is of new orders that no other charge has.
#[derive(Default)]
struct New {
    alike: Vec<Order>,
    others: usize,
    doubtful: usize,
}

impl Client {
    /// Which orders there are before a charge is sent.
    pub(super) async fn orders_before(&self, charge: &Charge) -> Result<OrdersBefore, Error> {
        let page = self.orders_like(charge).send().await?;
        let complete = page.next().is_none();
        let latest = page.items.into_iter().map(|order| order.id).collect();
        Ok(OrdersBefore { as_of: page.as_of, latest, complete })
    }

    /// Lists orders from the latest back to those that were known before.
    pub(super) async fn look<I: ChargeIntents + ?Sized>(
        &self,
        intents: &I,
        intent: &ChargeIntent,
        before: &OrdersBefore,
    ) -> Result<Found, ChargeError> {
        let (mut seen, mut ages, mut new) = (HashSet::new(), Ages::new(before), New::default());
        for number in 1..=PAGES {
            let listing = self.orders_like(&intent.charge).page(number).send().await;
            let page = listing.map_err(ChargeError::NotListed)?;
            let is_last = page.next().is_none();
            // A page without anything new is the end as well, whatever the server says.
            let mut ends = true;
            for order in page.items {
                if !seen.insert(order.id.clone()) {
                    continue;
                }
                let age = ages.of(&order);
                ends = age == Age::Old;
                if !ends && !is_anothers(intents, intent, &order).await? {
                    new.add(age, order, &intent.charge);
                }
            }
            if is_last || ends {
                return Ok(new.found());
            }
        }
        Ok(Found::Doubt)
    }

    fn orders_like(&self, charge: &Charge) -> ListOrders {
        self.orders(&charge.subscription).product(charge.product.clone()).per_page(PAGE)
    }
}

async fn is_anothers<I: ChargeIntents + ?Sized>(
    intents: &I,
    intent: &ChargeIntent,
    order: &Order,
) -> Result<bool, ChargeError> {
    Ok(intents.made_by(&order.id).await?.is_some_and(|owner| owner != intent.id))
}

impl New {
    fn add(&mut self, age: Age, order: Order, charge: &Charge) {
        match (age, likeness(&order, charge)) {
            (Age::New, Likeness::Same) => self.alike.push(order),
            (Age::New, Likeness::Other) => self.others += 1,
            _ => self.doubtful += 1,
        }
    }

    fn found(mut self) -> Found {
        match (self.alike.pop(), self.alike.len(), self.doubtful) {
            (Some(order), 0, 0) => Found::One(Box::new(order)),
            (None, _, 0) if self.others == 0 => Found::Nothing,
            _ => Found::Doubt,
        }
    }
}
