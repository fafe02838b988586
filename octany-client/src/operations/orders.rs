//! Orders.

use http::Method;
use octany_core::resource::Order;
use octany_core::{BasisPoints, OrderId, OrderState, ProductId, SubscriptionId};
use serde::Serialize;

use crate::transport::Request;
use crate::{Answered, Client, Error, Page, decode};

/// A one-off charge on a subscription.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// Asks for a list of a subscription's orders (`GET /subscription/{id}/orders`), latest first.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked before it is sent"]
pub struct ListOrders {
    client: Client,
    subscription: SubscriptionId,
    product: Option<ProductId>,
    states: Vec<OrderState>,
    per_page: Option<u8>,
    page: u64,
}

impl Client {
    /// The orders of a subscription, page by page.
    pub fn orders(&self, subscription: &SubscriptionId) -> ListOrders {
        ListOrders {
            client: self.clone(),
            subscription: subscription.clone(),
            product: None,
            states: Vec::new(),
            per_page: None,
            page: 1,
        }
    }

    /// One order (`GET /order/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`], of kind [`NotFound`](crate::ErrorKind::NotFound) if there is none.
    pub async fn order(&self, id: &OrderId) -> Result<Answered<Order>, Error> {
        let request = Request::new(Method::GET, &["order", id.as_str()]);
        decode::one(self.transport.send(&request, self.priority).await?)
    }

    /// Charges a subscription's payment method once more (`POST /subscription/{id}/order`).
    ///
    /// Octany knows no idempotency keys: after an error that leaves it open whether the request
    /// arrived, sending it again may charge twice.
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
        let request = Request::new(Method::POST, &path).json(charge);
        decode::one(self.transport.send(&request, self.priority).await?)
    }
}

impl ListOrders {
    /// Only those of this product (`filter[product_id]`).
    pub fn product(mut self, product: impl Into<ProductId>) -> Self {
        self.product = Some(product.into());
        self
    }

    /// Only those in this state; called more than once, in one of these (`filter[state]`).
    pub fn state(mut self, state: impl Into<OrderState>) -> Self {
        self.states.push(state.into());
        self
    }

    /// How many a page, 1 to 200; 20 unless set.
    pub fn per_page(mut self, orders: u8) -> Self {
        self.per_page = Some(orders);
        self
    }

    /// This page, from 1; the first unless set.
    pub fn page(mut self, page: u64) -> Self {
        self.page = page;
        self
    }

    /// Asks for the page.
    ///
    /// # Errors
    ///
    /// [`Error`]
    pub async fn send(self) -> Result<Page<Order>, Error> {
        let path = ["subscription", self.subscription.as_str(), "orders"];
        let mut request = Request::new(Method::GET, &path);
        request.query.push(("page", self.page.to_string()));
        if let Some(per_page) = self.per_page {
            request.query.push(("per_page", per_page.to_string()));
        }
        if let Some(product) = &self.product {
            request.query.push(("filter[product_id]", product.as_str().to_owned()));
        }
        if !self.states.is_empty() {
            let states: Vec<_> = self.states.iter().map(OrderState::as_str).collect();
            request.query.push(("filter[state]", states.join(",")));
        }
        decode::many(&self.client.transport.send(&request, self.client.priority).await?, self.page)
    }
}
