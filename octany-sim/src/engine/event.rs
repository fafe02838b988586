//! What happened, and is to be told by webhooks.

use chrono::{DateTime, Utc};
use octany_core::EventName;
use serde::{Deserialize, Serialize};

use super::{AccountKey, Order, Product, Subscription, names};

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Happened {
    /// The delivery's id.
    pub id: u64,
    /// On which account.
    pub account: AccountKey,
    /// What it is called.
    #[serde(with = "names")]
    pub name: EventName,
    /// When it happened, in whole seconds.
    pub at: DateTime<Utc>,
    /// What it happened to, as it was then.
    pub about: About,
}

/// What something happened to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum About {
    /// A subscription.
    Subscription(Box<Subscription>),
    /// An order.
    Order(Box<Order>),
    /// A product.
    Product(Box<Product>),
    /// Nothing: the admin's test button.
    Nothing,
}

impl From<&Subscription> for About {
    fn from(subscription: &Subscription) -> Self {
        Self::Subscription(Box::new(subscription.clone()))
    }
}

impl From<&Order> for About {
    fn from(order: &Order) -> Self {
        Self::Order(Box::new(order.clone()))
    }
}

impl From<&Product> for About {
    fn from(product: &Product) -> Self {
        Self::Product(Box::new(product.clone()))
    }
}
