//! Products.

use octany_core::resource::Product;
use octany_core::{Currency, Percent, ProductId};
use serde::Serialize;

use crate::list::List;
use crate::transport::Request;
use crate::{Answered, Client, Error, decode};

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
pub type ListProducts = List<Product>;

impl Client {
    /// Products, page by page.
    pub fn products(&self) -> ListProducts {
        List::new(self, Request::get("products.list", &["products"]))
    }

    /// One product (`GET /product/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`], of kind [`NotFound`](crate::ErrorKind::NotFound) if there is none.
    pub async fn product(&self, id: &ProductId) -> Result<Answered<Product>, Error> {
        self.call(&Request::get("product.get", &["product", id.as_str()]), decode::one).await
    }

    /// Changes a product (`POST /product/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`]; after one that [is ambiguous](Error::is_ambiguous), changing it again does no
    /// harm.
    pub async fn update_product(
        &self,
        id: &ProductId,
        update: &ProductUpdate,
    ) -> Result<Answered<Product>, Error> {
        let request = Request::post("product.update", &["product", id.as_str()]).json(update);
        self.call(&request, decode::one).await
    }

    /// Deletes a product (`DELETE /product/{id}`).
    ///
    /// # Errors
    ///
    /// [`Error`]; after one that [is ambiguous](Error::is_ambiguous), deleting it again finds it, or
    /// is [`NotFound`](crate::ErrorKind::NotFound).
    pub async fn delete_product(&self, id: &ProductId) -> Result<(), Error> {
        let request = Request::delete("product.delete", &["product", id.as_str()]);
        self.call(&request, decode::nothing).await
    }
}
