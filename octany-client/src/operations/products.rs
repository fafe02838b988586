//! Products.

use http::Method;
use octany_core::resource::Product;
use octany_core::{Currency, Percent, ProductId};
use serde::Serialize;

use crate::transport::Request;
use crate::{Answered, Client, Error, Page, decode};

/// What to change of a product; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProductUpdate {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The price in minor units (öre, cents).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// The currency of `price`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The VAT rate in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_rate: Option<Percent>,
    /// How often it renews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
}

/// Asks for a list of products (`GET /products`), 100 a page.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked before it is sent"]
pub struct ListProducts {
    client: Client,
    page: u64,
}

impl Client {
    /// Products, page by page.
    pub fn products(&self) -> ListProducts {
        ListProducts { client: self.clone(), page: 1 }
    }

    /// One product (`GET /product/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`], of kind [`NotFound`](crate::ErrorKind::NotFound) if there is none.
    pub async fn product(&self, id: &ProductId) -> Result<Answered<Product>, Error> {
        let request = Request::new(Method::GET, &["product", id.as_str()]);
        decode::one(self.transport.send(&request, self.priority).await?)
    }

    /// Changes a product (`POST /product/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`]
    pub async fn update_product(
        &self,
        id: &ProductId,
        update: &ProductUpdate,
    ) -> Result<Answered<Product>, Error> {
        let request = Request::new(Method::POST, &["product", id.as_str()]).json(update);
        decode::one(self.transport.send(&request, self.priority).await?)
    }

    /// Deletes a product (`DELETE /product/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`]
    pub async fn delete_product(&self, id: &ProductId) -> Result<(), Error> {
        let request = Request::new(Method::DELETE, &["product", id.as_str()]);
        self.transport.send(&request, self.priority).await.map(drop)
    }
}

impl ListProducts {
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
    pub async fn send(self) -> Result<Page<Product>, Error> {
        let mut request = Request::new(Method::GET, &["products"]);
        request.query.push(("page", self.page.to_string()));
        decode::many(&self.client.transport.send(&request, self.client.priority).await?, self.page)
    }
}
