//! Orders.

use std::fmt;

use chrono::{DateTime, Utc};
use octany_core::{OrderState, Text};
use serde::{Deserialize, Serialize};

use super::product::with_vat;
use super::{PaymentMethod, Visitor, names};

/// An order: something was to be paid.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// Its id.
    pub id: u64,
    /// The subscription it belongs to, if it belongs to one.
    pub subscription: Option<u64>,
    /// The product.
    pub product: u64,
    /// What it is called on the receipt.
    pub description: String,
    /// The price of one in minor units, without VAT.
    pub price: i64,
    /// How many.
    pub quantity: u32,
    /// The VAT rate in basis points.
    pub vat: i64,
    /// The currency.
    pub currency: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// How far it has come.
    #[serde(with = "names")]
    pub state: OrderState,
    /// How it is paid.
    pub method: PaymentMethod,
    /// Who pays.
    pub visitor: Visitor,
    /// Whether a period of its subscription begins once it is paid.
    pub begins_period: bool,
    /// When a payment that is under way has arrived.
    pub(super) settles_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A receipt's text may name whom it is for.
        f.debug_struct("Order")
            .field("id", &self.id)
            .field("subscription", &self.subscription)
            .field("product", &self.product)
            .field("description", &Text::from(self.description.as_str()))
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .field("vat", &self.vat)
            .field("currency", &self.currency)
            .field("created_at", &self.created_at)
            .field("state", &self.state)
            .field("method", &self.method)
            .field("visitor", &self.visitor)
            .field("begins_period", &self.begins_period)
            .field("settles_at", &self.settles_at)
            .finish()
    }
}

impl Order {
    /// The sum without VAT, in minor units.
    pub fn total(&self) -> i64 {
        self.price.saturating_mul(i64::from(self.quantity))
    }

    /// The sum with VAT, in minor units; half an öre is rounded up.
    pub fn total_with_vat(&self) -> i64 {
        with_vat(self.total(), self.vat)
    }
}
