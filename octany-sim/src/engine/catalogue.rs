//! Adding, changing and removing products.

use octany_core::EventName;

use super::{AccountKey, Engine, EngineError, Interval, Product, ProductKind};

/// What to change of a product; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProductChange {
    /// What it is called.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The price in minor units.
    pub price: Option<i64>,
    /// The currency.
    pub currency: Option<String>,
    /// The VAT rate in basis points.
    pub vat: Option<i64>,
    /// How often it renews, if it does.
    pub interval: Option<Interval>,
}

impl Engine {
    /// Adds a product, or replaces the one of that id. Nothing is told of it.
    pub fn add_product(&mut self, account: AccountKey, product: Product) {
        self.accounts[account.0].products.insert(product.id, product);
    }

    /// A product.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn product(&self, account: AccountKey, id: u64) -> Result<&Product, EngineError> {
        self.account(account).products.get(&id).ok_or(EngineError::NotFound("product"))
    }

    /// Changes a product. Subscriptions keep the price they began with.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn update_product(
        &mut self,
        account: AccountKey,
        id: u64,
        change: ProductChange,
    ) -> Result<&Product, EngineError> {
        let product = self.accounts[account.0].products.get_mut(&id);
        let product = product.ok_or(EngineError::NotFound("product"))?;
        if let Some(name) = change.name {
            product.name = name;
        }
        if let Some(description) = change.description {
            product.description = Some(description);
        }
        if let Some(currency) = change.currency {
            product.currency = currency;
        }
        product.price = change.price.unwrap_or(product.price);
        product.vat = change.vat.unwrap_or(product.vat);
        if let Some(new) = change.interval
            && let ProductKind::Recurring { interval, .. } | ProductKind::Donation { interval } =
                &mut product.kind
        {
            *interval = new;
        }
        let changed = product.clone();
        self.tell(account, EventName::ProductUpdated, &changed);
        self.product(account, id)
    }

    /// Removes a product. Subscriptions to it go on.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn delete_product(&mut self, account: AccountKey, id: u64) -> Result<(), EngineError> {
        let product = self.accounts[account.0].products.remove(&id);
        let product = product.ok_or(EngineError::NotFound("product"))?;
        self.tell(account, EventName::ProductDeleted, &product);
        Ok(())
    }
}
