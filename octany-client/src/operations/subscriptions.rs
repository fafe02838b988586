//! Subscriptions.

use std::sync::Arc;

use octany_core::resource::Subscription;
use octany_core::{CustomerId, ProductId, ReferenceId, SubscriptionId};
use serde::Serialize;

use crate::list::List;
use crate::transport::Request;
use crate::{Answered, Client, Error, decode};

/// Asks for a list of subscriptions (`GET /subscriptions`), 20 a page.
pub type ListSubscriptions = List<Arc<Subscription>>;

impl Client {
    /// Subscriptions, page by page.
    pub fn subscriptions(&self) -> ListSubscriptions {
        List::new(self, Request::get("subscriptions.list", &["subscriptions"]))
    }

    /// One subscription (`GET /subscription/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`], of kind [`NotFound`](crate::ErrorKind::NotFound) if there is none.
    pub async fn subscription(
        &self,
        id: &SubscriptionId,
    ) -> Result<Answered<Arc<Subscription>>, Error> {
        let request = Request::get("subscription.get", &["subscription", id.as_str()]);
        self.call(&request, decode::one).await
    }

    /// Cancels a subscription (`POST /subscription/{id}/cancel`): it will not be renewed. It may
    /// stay active until `ends_at`.
    ///
    /// # Errors
    ///
    /// [`Error`]; after one that [is ambiguous](Error::is_ambiguous), ask for the subscription.
    pub async fn cancel(&self, id: &SubscriptionId) -> Result<Answered<Arc<Subscription>>, Error> {
        let path = ["subscription", id.as_str(), "cancel"];
        self.call(&Request::post("subscription.cancel", &path), decode::one).await
    }

    /// Swaps the product of a subscription (`POST /subscription/{id}/product`).
    ///
    /// # Errors
    ///
    /// [`Error`]; after one that [is ambiguous](Error::is_ambiguous), ask for the subscription.
    pub async fn swap_product(
        &self,
        id: &SubscriptionId,
        product: &ProductId,
    ) -> Result<Answered<Arc<Subscription>>, Error> {
        #[derive(Serialize)]
        struct Swap<'a> {
            product_id: &'a ProductId,
        }
        let path = ["subscription", id.as_str(), "product"];
        let request =
            Request::post("subscription.product", &path).json(&Swap { product_id: product });
        self.call(&request, decode::one).await
    }
}

/// What can be asked for of subscriptions.
impl ListSubscriptions {
    /// Only those with this reference (`filter[reference_id]`): its text as Octany has it, which is
    /// the whole of a signed one.
    pub fn reference(mut self, reference: impl Into<ReferenceId>) -> Self {
        self.request.query("filter[reference_id]", reference.into().as_str());
        self
    }

    /// Only this customer's (`filter[customer_id]`).
    ///
    /// Octany's older documents have it, the contract does not: a server that knows no such filter
    /// may answer with everybody's. Look at whose they are before you act.
    pub fn customer(mut self, customer: impl Into<CustomerId>) -> Self {
        self.request.query("filter[customer_id]", customer.into().as_str());
        self
    }

    /// Only those paid under this e-mail address (`filter[email]`).
    ///
    /// Octany's older documents have it, the contract does not: a server that knows no such filter
    /// may answer with everybody's. Look at whose they are before you act.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.request.query("filter[email]", email);
        self
    }
}
