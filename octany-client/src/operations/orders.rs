//! Orders.

use std::fmt;

use octany_core::resource::Order;
use octany_core::{BasisPoints, OrderId, OrderState, ProductId, SubscriptionId, Text};
use serde::Serialize;

use crate::list::List;
use crate::transport::Request;
use crate::{Answered, Client, Error, decode};

/// A one-off charge on a subscription.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChargeRequest {
    /// A one-time product of this account.
    pub product_id: ProductId,
    /// The price of one, in minor units (öre, cents).
    pub amount: i64,
    /// How many; 1 unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// The VAT rate; 25 % unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<BasisPoints>,
    /// What stands on the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl ChargeRequest {
    /// A charge of one piece.
    pub fn new(product: impl Into<ProductId>, amount: i64) -> Self {
        let product_id = product.into();
        Self { product_id, amount, quantity: None, vat: None, description: None }
    }
}

impl fmt::Debug for ChargeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A receipt's text may name whom it is for.
        f.debug_struct("ChargeRequest")
            .field("product_id", &self.product_id)
            .field("amount", &self.amount)
            .field("quantity", &self.quantity)
            .field("vat", &self.vat)
            .field("description", &self.description.as_deref().map(Text::from))
            .finish()
    }
}

/// Asks for a list of a subscription's orders (`GET /subscription/{id}/orders`), latest first.
pub type ListOrders = List<Order>;

impl Client {
    /// The orders of a subscription, page by page.
    pub fn orders(&self, subscription: &SubscriptionId) -> ListOrders {
        let path = ["subscription", subscription.as_str(), "orders"];
        List::new(self, Request::get("subscription.orders", &path))
    }

    /// One order (`GET /order/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`], of kind [`NotFound`](crate::ErrorKind::NotFound) if there is none.
    pub async fn order(&self, id: &OrderId) -> Result<Answered<Order>, Error> {
        self.call(&Request::get("order.get", &["order", id.as_str()]), decode::one).await
    }

    /// Charges a subscription's payment method once more (`POST /subscription/{id}/order`).
    ///
    /// Octany knows no idempotency keys: after an error that [is ambiguous](Error::is_ambiguous),
    /// sending it again may charge twice.
    ///
    /// # Errors
    ///
    /// [`Error`], of kind [`PaymentRequired`](crate::ErrorKind::PaymentRequired) if the charge
    /// failed.
    pub async fn charge(
        &self,
        subscription: &SubscriptionId,
        charge: &ChargeRequest,
    ) -> Result<Answered<Order>, Error> {
        let path = ["subscription", subscription.as_str(), "order"];
        let request = Request::post("subscription.charge", &path).json(charge);
        self.call(&request, decode::one).await
    }
}

/// What can be asked for of orders.
impl ListOrders {
    /// Only those of this product (`filter[product_id]`).
    pub fn product(mut self, product: impl Into<ProductId>) -> Self {
        self.request.query("filter[product_id]", product.into().as_str());
        self
    }

    /// Only those in this state; called more than once, in one of these (`filter[state]`, separated
    /// by commas).
    pub fn state(mut self, state: impl Into<OrderState>) -> Self {
        self.request.query_another("filter[state]", state.into().as_str());
        self
    }

    /// How many a page, 1 to 200; 20 unless set.
    pub fn per_page(mut self, orders: u8) -> Self {
        self.request.query("per_page", orders.to_string());
        self
    }
}
