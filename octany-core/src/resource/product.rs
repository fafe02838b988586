//! Products.

use super::macros::resource;
use crate::{BasisPoints, Currency, Money, Percent, ProductId, RawJson, Text};

resource! {
    /// A product, as `GET /product/{id}` and every `product.*` event give it.
    pub struct Product {
        required {
            /// The product's id.
            id: ProductId = "id",
        }
        optional {
            /// What it is called.
            name: Text = "name",
            /// What it is.
            description: Text = "description",
            /// Its kind, such as `Recurring`.
            kind: Text = "type",
            /// The price in minor units, with or without VAT as the product is set up.
            price: i64 = "price",
            /// The price with VAT in minor units.
            price_with_vat: i64 = "price_with_vat",
            /// The price without VAT in minor units.
            price_without_vat: i64 = "price_without_vat",
            /// The currency of all three.
            currency: Currency = "currency",
            /// The VAT rate, in percent here (contract); in a [`PlanProduct`] in basis points.
            vat_rate: Percent = "vat_rate",
            /// How often it renews.
            interval: Text = "interval",
            /// An image's URL.
            image: Text = "image",
            /// Images by format.
            images: RawJson = "images",
            /// Whether it is bought through the cart.
            use_cart: bool = "use_cart",
            /// Whether its stock is tracked.
            stock_tracking: bool = "stock_tracking",
            /// Whether it is out of stock.
            out_of_stock: bool = "out_of_stock",
            /// Texts for display.
            strings: RawJson = "strings",
        }
    }
}

resource! {
    /// The product inside of a subscription or an order (older documents).
    pub struct PlanProduct {
        required {
            /// The product's id.
            id: ProductId = "id",
        }
        optional {
            /// What it is called.
            name: Text = "name",
            /// Its kind, such as `Recurring`.
            kind: Text = "type",
            /// The price in minor units.
            price: i64 = "price",
            /// The currency of `price`.
            currency: Currency = "currency",
            /// The VAT rate, in basis points here; in a [`Product`] of its own in percent.
            vat_rate: BasisPoints = "vat_rate",
            /// How often it renews.
            interval: Text = "interval",
        }
    }
}

impl Product {
    /// `price` in `currency`.
    pub fn money(&self) -> Option<Money> {
        Some(Money::new(self.price?, self.currency?))
    }
}
