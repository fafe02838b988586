//! Accounts.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Order, Product, Session, Subscription};

/// Which account of an engine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountKey(pub(super) usize);

/// An account: what somebody sells on Octany, and to whom.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// As it stands in URLs.
    pub uuid: String,
    /// As it stands in webhooks.
    pub number: u64,
    /// The key of its API.
    pub api_key: String,
    /// Its language.
    pub locale: String,
    /// How it behaves where Octany's documents differ.
    pub habits: Habits,
    /// What it sells.
    pub products: BTreeMap<u64, Product>,
    /// Checkouts that were opened.
    pub sessions: BTreeMap<String, Session>,
    /// Its subscriptions.
    pub subscriptions: BTreeMap<u64, Subscription>,
    /// Its orders.
    pub orders: BTreeMap<u64, Order>,
    /// Where webhooks go.
    pub endpoints: Vec<Endpoint>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A checkout is entered by its id, so not even those are shown.
        f.debug_struct("Account")
            .field("uuid", &self.uuid)
            .field("number", &self.number)
            .field("locale", &self.locale)
            .field("habits", &self.habits)
            .field("products", &self.products)
            .field("sessions", &self.sessions.len())
            .field("subscriptions", &self.subscriptions)
            .field("orders", &self.orders)
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

/// How an account behaves where Octany's documents differ, or say nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is one difference between two documents")]
pub struct Habits {
    /// A cancelled subscription is `cancelled` at once (older documents) instead of `active` until
    /// it ends (contract). Either way, what was paid for runs to its end.
    pub cancelled_at_once: bool,
    /// A renewal whose payment failed is told as `subscription.renewed`, too: the name is no proof
    /// of payment.
    pub tells_failed_renewals: bool,
    /// Ids of subscriptions and orders are text, `sub_…` and `ord_…`, instead of numbers.
    pub text_ids: bool,
    /// Subscriptions and orders hold product, customer and billing method, as older documents show
    /// them.
    pub nests: bool,
    /// Metadata with nothing in it is `{}` (contract) instead of `[]`, as PHP writes both.
    pub empty_objects: bool,
    /// After how many days a failed renewal is tried again, each counted from the one before. When
    /// all have failed, it is `unpaid`.
    pub retry_after_days: Vec<u32>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            cancelled_at_once: false,
            tells_failed_renewals: false,
            text_ids: false,
            nests: false,
            empty_objects: false,
            retry_after_days: vec![1, 3, 5],
        }
    }
}

impl Habits {
    /// As the contract says, to the letter: ids are text, and what is an object is one.
    pub fn contract() -> Self {
        Self { text_ids: true, empty_objects: true, ..Self::default() }
    }

    /// As older documents show it: products and customers stand in subscriptions and orders, and
    /// what is cancelled says so at once.
    pub fn older() -> Self {
        Self { nests: true, cancelled_at_once: true, ..Self::default() }
    }
}

/// Where webhooks go.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Endpoint {
    /// The URL.
    pub url: String,
    /// What its deliveries are signed with: 32 characters.
    pub secret: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).finish_non_exhaustive()
    }
}
