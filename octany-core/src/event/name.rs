//! The names of events.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::Text;

/// What a delivery reports (`llms.txt`, "Webhook event names").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventName {
    /// A subscription was activated: its first order is paid.
    SubscriptionCreated,
    /// A subscription's product, billing method, status or another member changed.
    SubscriptionUpdated,
    /// A renewal order was made and, typically, paid. It proves no payment.
    SubscriptionRenewed,
    /// A subscription was cancelled; what is paid for runs until `ends_at`.
    SubscriptionCancelled,
    /// A visitor confirmed an order. It may not be paid yet.
    OrderConfirmed,
    /// An order was paid. Older documents: for an invoice, that it was made.
    OrderPaid,
    /// A product changed.
    ProductUpdated,
    /// A product was deleted.
    ProductDeleted,
    /// A product group changed.
    ProductGroupUpdated,
    /// A product group was deleted.
    ProductGroupDeleted,
    /// The test button in Octany's admin.
    TestHook,
    /// One that this version does not know.
    Unknown(Text),
}

impl EventName {
    /// All that are known.
    pub const KNOWN: [Self; 11] = [
        Self::SubscriptionCreated,
        Self::SubscriptionUpdated,
        Self::SubscriptionRenewed,
        Self::SubscriptionCancelled,
        Self::OrderConfirmed,
        Self::OrderPaid,
        Self::ProductUpdated,
        Self::ProductDeleted,
        Self::ProductGroupUpdated,
        Self::ProductGroupDeleted,
        Self::TestHook,
    ];

    /// The name on the wire.
    pub fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::SubscriptionCreated => "subscription.created",
            Self::SubscriptionUpdated => "subscription.updated",
            Self::SubscriptionRenewed => "subscription.renewed",
            Self::SubscriptionCancelled => "subscription.cancelled",
            Self::OrderConfirmed => "order.confirmed",
            Self::OrderPaid => "order.paid",
            Self::ProductUpdated => "product.updated",
            Self::ProductDeleted => "product.deleted",
            Self::ProductGroupUpdated => "product-group.updated",
            Self::ProductGroupDeleted => "product-group.deleted",
            Self::TestHook => "test.hook",
            Self::Unknown(name) => return name.decode(),
        })
    }

    pub(super) fn from_text(name: Text) -> Self {
        match &*name.decode() {
            "subscription.created" => Self::SubscriptionCreated,
            "subscription.updated" => Self::SubscriptionUpdated,
            "subscription.renewed" => Self::SubscriptionRenewed,
            "subscription.cancelled" => Self::SubscriptionCancelled,
            "order.confirmed" => Self::OrderConfirmed,
            "order.paid" => Self::OrderPaid,
            "product.updated" => Self::ProductUpdated,
            "product.deleted" => Self::ProductDeleted,
            "product-group.updated" => Self::ProductGroupUpdated,
            "product-group.deleted" => Self::ProductGroupDeleted,
            "test.hook" => Self::TestHook,
            _ => Self::Unknown(name),
        }
    }
}

impl From<&str> for EventName {
    fn from(name: &str) -> Self {
        Self::from_text(Text::from(name))
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_str())
    }
}

impl Serialize for EventName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.as_str())
    }
}
