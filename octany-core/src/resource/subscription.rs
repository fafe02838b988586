//! Subscriptions.

use chrono::{DateTime, Utc};

use super::macros::resource;
use super::{BillingMethod, CustomField, Customer, Nested, NestedList, PlanProduct, PortalUrl};
use crate::{
    BasisPoints, Currency, CustomerId, Money, ProductId, RawJson, ReferenceId, SubscriptionId,
    SubscriptionStatus, Text,
};

resource! {
    /// A subscription, as `GET /subscription/{id}` and every `subscription.*` event give it.
    pub struct Subscription {
        required {
            /// The subscription's id (`uniq_id` in Octany's admin).
            id: SubscriptionId = "id",
            /// Where it stands in its life.
            status: SubscriptionStatus = "status",
        }
        optional {
            /// The price in minor units (öre, cents).
            price: i64 = "price",
            /// The VAT rate.
            vat: BasisPoints = "vat",
            /// The currency of `price`.
            currency: Currency = "currency",
            /// When it was created.
            created_at: DateTime<Utc> = "created_at",
            /// When it renews next; null once it is cancelled.
            renews_at: DateTime<Utc> = "renews_at",
            /// When it ends; null while no end is set.
            ends_at: DateTime<Utc> = "ends_at",
            /// When its trial ends.
            trial_ends_at: DateTime<Utc> = "trial_ends_at",
            /// When it starts, for one that starts later (`future_start`).
            starts_at: DateTime<Utc> = "starts_at",
            /// Your key for whom it belongs to. The visitor could edit it on the way to the
            /// checkout unless it is [signed](crate::checkout::SignedReference).
            reference_id: ReferenceId = "reference_id",
            /// A label for `reference_id` in Octany's admin.
            reference_name: Text = "reference_name",
            /// The portal page on which the customer changes the card.
            update_card_url: PortalUrl = "update_card_url",
            /// The portal page with the customer's invoices.
            invoices_url: PortalUrl = "invoices_url",
            /// The portal page on which the customer cancels.
            cancel_url: PortalUrl = "cancel_url",
            /// What was filled in at the checkout.
            custom_fields: NestedList<CustomField> = "custom_fields",
            /// Your own data; `[]` when there is none.
            metadata: RawJson = "metadata",
            /// The product (older documents; the contract's subscription has none).
            product: Nested<PlanProduct> = "product",
            /// The product's id, where it stands beside the subscription's own members.
            product_id: ProductId = "product_id",
            /// Who pays (older documents).
            customer: Nested<Customer> = "customer",
            /// Who pays (older documents).
            customer_id: CustomerId = "customer_id",
            /// How it is paid (older documents).
            billing_method: Nested<BillingMethod> = "billing_method",
        }
    }
}

impl Subscription {
    /// `price` in `currency`.
    pub fn money(&self) -> Option<Money> {
        Some(Money::new(self.price?, self.currency?))
    }

    /// What is subscribed to, where the document says so.
    pub fn product(&self) -> Option<ProductId> {
        let nested = self.product.as_ref().and_then(|product| product.read().ok());
        nested.map(|product| product.id).or_else(|| self.product_id.clone())
    }
}
