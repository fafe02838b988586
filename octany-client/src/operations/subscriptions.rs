//! Subscriptions.

use std::sync::Arc;

use http::Method;
use octany_core::resource::Subscription;
use octany_core::{ProductId, ReferenceId, SubscriptionId};
use serde::Serialize;

use crate::transport::Request;
use crate::{Answered, Client, Error, Page, decode};

/// Asks for a list of subscriptions (`GET /subscriptions`), 20 a page.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked before it is sent"]
pub struct ListSubscriptions {
    client: Client,
    reference: Option<ReferenceId>,
    page: u64,
}

impl Client {
    /// Subscriptions, page by page.
    pub fn subscriptions(&self) -> ListSubscriptions {
        ListSubscriptions { client: self.clone(), reference: None, page: 1 }
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
        let request = Request::new(Method::GET, &["subscription", id.as_str()]);
        self.one_subscription(&request).await
    }

    /// Cancels a subscription (`POST /subscription/{id}/cancel`): it will not be renewed. It may
    /// stay active until `ends_at`.
    ///
    /// # Errors
    ///
    /// [`Error`]; after one of them that leaves it open whether the request arrived, ask again.
    pub async fn cancel(&self, id: &SubscriptionId) -> Result<Answered<Arc<Subscription>>, Error> {
        let request = Request::new(Method::POST, &["subscription", id.as_str(), "cancel"]);
        self.one_subscription(&request).await
    }

    /// Swaps the product of a subscription (`POST /subscription/{id}/product`).
    ///
    /// # Errors
    ///
    /// [`Error`]; after one of them that leaves it open whether the request arrived, ask again.
    pub async fn swap_product(
        &self,
        id: &SubscriptionId,
        product: &ProductId,
    ) -> Result<Answered<Arc<Subscription>>, Error> {
        #[derive(Serialize)]
        struct Swap<'a> {
            product_id: &'a ProductId,
        }
        let request = Request::new(Method::POST, &["subscription", id.as_str(), "product"])
            .json(&Swap { product_id: product });
        self.one_subscription(&request).await
    }

    async fn one_subscription(
        &self,
        request: &Request,
    ) -> Result<Answered<Arc<Subscription>>, Error> {
        let answer = self.transport.send(request, self.priority).await?;
        Ok(decode::one(answer)?.map(Arc::new))
    }
}

impl ListSubscriptions {
    /// Only those with this reference (`filter[reference_id]`): its text as Octany has it, which is
    /// the whole of a signed one.
    pub fn reference(mut self, reference: impl Into<ReferenceId>) -> Self {
        self.reference = Some(reference.into());
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
    pub async fn send(self) -> Result<Page<Arc<Subscription>>, Error> {
        let (page, unreadable) = self.send_for_readable().await?;
        unreadable.into_iter().next().map_or(Ok(page), Err)
    }

    /// Asks for what can be read of the page, and why the rest cannot.
    pub(crate) async fn send_for_readable(
        self,
    ) -> Result<(Page<Arc<Subscription>>, Vec<Error>), Error> {
        let mut request = Request::new(Method::GET, &["subscriptions"]);
        request.query.push(("page", self.page.to_string()));
        if let Some(reference) = &self.reference {
            request.query.push(("filter[reference_id]", reference.as_str().to_owned()));
        }
        let answer = self.client.transport.send(&request, self.client.priority).await?;
        let (page, unreadable) = decode::readable::<Subscription>(&answer, self.page)?;
        Ok((page.map(Arc::new), unreadable))
    }
}
