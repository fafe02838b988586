//! What an event is about.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::resource::{Order, Product, Subscription};
use crate::{RawJson, Text};

/// What an event is about, one variant a name.
///
/// An order or product event whose `data` cannot be read as one arrives as `Unknown`, with the
/// name it came with: it is for the handler to judge, and not lost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Payload {
    /// `subscription.created`
    SubscriptionCreated(Arc<Subscription>),
    /// `subscription.updated`
    SubscriptionUpdated(Arc<Subscription>),
    /// `subscription.renewed`
    SubscriptionRenewed(Arc<Subscription>),
    /// `subscription.cancelled`
    SubscriptionCancelled(Arc<Subscription>),
    /// `order.confirmed`
    OrderConfirmed(Arc<Order>),
    /// `order.paid`
    OrderPaid(Arc<Order>),
    /// `product.updated`
    ProductUpdated(Arc<Product>),
    /// `product.deleted`
    ProductDeleted(Arc<Product>),
    /// `product-group.updated`; the shape is not published.
    ProductGroupUpdated(RawJson),
    /// `product-group.deleted`; the shape is not published.
    ProductGroupDeleted(RawJson),
    /// `test.hook`: anything.
    TestHook(RawJson),
    /// An event this version does not know.
    Unknown {
        /// Its name.
        name: Text,
        /// Its `data`.
        raw: RawJson,
    },
}

/// Gives `$body` the resource of whichever variant holds one, else `$otherwise`.
macro_rules! each {
    ($payload:expr, $resource:ident => $body:expr, $raw:ident => $otherwise:expr) => {
        match $payload {
            Payload::SubscriptionCreated($resource)
            | Payload::SubscriptionUpdated($resource)
            | Payload::SubscriptionRenewed($resource)
            | Payload::SubscriptionCancelled($resource) => $body,
            Payload::OrderConfirmed($resource) | Payload::OrderPaid($resource) => $body,
            Payload::ProductUpdated($resource) | Payload::ProductDeleted($resource) => $body,
            Payload::ProductGroupUpdated($raw)
            | Payload::ProductGroupDeleted($raw)
            | Payload::TestHook($raw)
            | Payload::Unknown { raw: $raw, .. } => $otherwise,
        }
    };
}

impl Payload {
    /// The subscription, for the four `subscription.*` events.
    pub fn subscription(&self) -> Option<&Arc<Subscription>> {
        match self {
            Self::SubscriptionCreated(subscription)
            | Self::SubscriptionUpdated(subscription)
            | Self::SubscriptionRenewed(subscription)
            | Self::SubscriptionCancelled(subscription) => Some(subscription),
            _ => None,
        }
    }

    pub(super) fn mistyped(&self) -> Box<dyn Iterator<Item = &'static str> + '_> {
        each!(self, resource => Box::new(resource.mistyped()), _raw => Box::new(std::iter::empty()))
    }

    pub(super) fn into_owned(self) -> Self {
        fn subscription(shared: Arc<Subscription>) -> Arc<Subscription> {
            Arc::new(Arc::unwrap_or_clone(shared).into_owned())
        }
        fn order(shared: Arc<Order>) -> Arc<Order> {
            Arc::new(Arc::unwrap_or_clone(shared).into_owned())
        }
        fn product(shared: Arc<Product>) -> Arc<Product> {
            Arc::new(Arc::unwrap_or_clone(shared).into_owned())
        }
        match self {
            Self::SubscriptionCreated(shared) => Self::SubscriptionCreated(subscription(shared)),
            Self::SubscriptionUpdated(shared) => Self::SubscriptionUpdated(subscription(shared)),
            Self::SubscriptionRenewed(shared) => Self::SubscriptionRenewed(subscription(shared)),
            Self::SubscriptionCancelled(shared) => {
                Self::SubscriptionCancelled(subscription(shared))
            }
            Self::OrderConfirmed(shared) => Self::OrderConfirmed(order(shared)),
            Self::OrderPaid(shared) => Self::OrderPaid(order(shared)),
            Self::ProductUpdated(shared) => Self::ProductUpdated(product(shared)),
            Self::ProductDeleted(shared) => Self::ProductDeleted(product(shared)),
            Self::ProductGroupUpdated(raw) => Self::ProductGroupUpdated(raw.into_owned()),
            Self::ProductGroupDeleted(raw) => Self::ProductGroupDeleted(raw.into_owned()),
            Self::TestHook(raw) => Self::TestHook(raw.into_owned()),
            Self::Unknown { name, raw } => {
                Self::Unknown { name: name.into_owned(), raw: raw.into_owned() }
            }
        }
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        each!(self, resource => resource.serialize(serializer), raw => raw.serialize(serializer))
    }
}
