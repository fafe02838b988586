//! Orders.

use chrono::{DateTime, Utc};

use super::macros::resource;
use super::{BillingMethod, CustomField, Customer, Nested, NestedList, PlanProduct, Quantity};
use crate::{
    BasisPoints, Currency, CustomerId, Money, OrderId, OrderState, ProductId, RawJson, ReferenceId,
    SubscriptionId, Text,
};

resource! {
    /// An order, as `GET /order/{id}` and every `order.*` event give it.
    pub struct Order {
        required {
            /// The order's id (`uniq_id` in Octany's admin).
            id: OrderId = "id",
        }
        optional {
            /// When it was made.
            created_at: DateTime<Utc> = "created_at",
            /// The sum without VAT in minor units (öre, cents).
            total: i64 = "total",
            /// The sum with VAT in minor units.
            total_with_vat: i64 = "total_with_vat",
            /// The VAT rate.
            vat: BasisPoints = "vat",
            /// The currency of both sums.
            currency: Currency = "currency",
            /// Your key for whom it belongs to; see [`Subscription`](super::Subscription).
            reference_id: ReferenceId = "reference_id",
            /// A label for `reference_id` in Octany's admin.
            reference_name: Text = "reference_name",
            /// How far it has come.
            state: OrderState = "state",
            /// The payment's id at the payment provider.
            remote_id: Text = "remote_id",
            /// Where a delivered file is fetched: `{"link": …}`.
            delivery: RawJson = "delivery",
            /// What was filled in at the checkout.
            custom_fields: NestedList<CustomField> = "custom_fields",
            /// Your own data; `[]` when there is none.
            metadata: RawJson = "metadata",
            /// What was ordered (older documents).
            items: NestedList<OrderItem> = "items",
            /// The subscription it belongs to (older documents).
            subscription_id: SubscriptionId = "subscription_id",
            /// The product (older documents).
            product: Nested<PlanProduct> = "product",
            /// Who pays (older documents).
            customer: Nested<Customer> = "customer",
            /// Who pays (older documents).
            customer_id: CustomerId = "customer_id",
            /// How it is paid (older documents).
            billing_method: Nested<BillingMethod> = "billing_method",
        }
    }
}

resource! {
    /// One line of an order (older documents).
    pub struct OrderItem {
        required {}
        optional {
            /// The product.
            product_id: ProductId = "product_id",
            /// The product, where it is nested.
            product: Nested<PlanProduct> = "product",
            /// What it is called.
            name: Text = "name",
            /// The price in minor units.
            price: i64 = "price",
            /// How many.
            quantity: Quantity = "quantity",
            /// The VAT rate.
            vat: BasisPoints = "vat",
        }
    }
}

impl Order {
    /// The sum that was paid: `total_with_vat` in `currency`.
    pub fn money_with_vat(&self) -> Option<Money> {
        Some(Money::new(self.total_with_vat?, self.currency?))
    }
}
