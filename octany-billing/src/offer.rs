//! What is for sale.

use octany_core::ProductId;

/// A product that visitors may subscribe to. They cannot choose any other.
///
/// ```
/// use octany_billing::Offer;
///
/// let monthly = Offer::new(42);
/// let supporter = Offer::new(43).amount(19_900); // 199 kr
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// The product.
    pub product: ProductId,
    /// A price in minor units (öre, cents) in place of the product's.
    pub amount: Option<i64>,
}

impl Offer {
    /// A product at its own price.
    pub fn new(product: impl Into<ProductId>) -> Self {
        Self { product: product.into(), amount: None }
    }

    /// At a price of its own, in minor units (öre, cents).
    ///
    /// It is a parameter of the checkout's URL, which the visitor can edit. A signed reference holds it
    /// as well, so that what is reported can be compared with it.
    #[must_use]
    pub fn amount(mut self, minor_units: i64) -> Self {
        self.amount = Some(minor_units);
        self
    }
}
