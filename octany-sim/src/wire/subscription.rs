//! Subscriptions.

use chrono::{DateTime, Utc};
use octany_core::BasisPoints;
use octany_core::resource::Subscription;

use super::shared::{billing_method, customer, empty, empty_object, nulls, plan, text};
use super::{Links, PortalPage, subscription_id};
use crate::engine::{self, Account};

/// A subscription, as the API gives it at that instant.
pub fn subscription(
    account: &Account,
    of: &engine::Subscription,
    links: &Links,
    now: DateTime<Utc>,
) -> Subscription {
    let id = subscription_id(&account.habits, of.id);
    let mut document = Subscription::new(id, of.status.clone());
    document.price = Some(of.price);
    document.vat = Some(BasisPoints(of.vat));
    document.currency = of.currency.parse().ok();
    document.created_at = Some(of.created_at);
    document.renews_at = of.renews_at;
    document.ends_at = of.ends_at;
    document.trial_ends_at = of.trial_ends_at;
    document.starts_at = of.starts_at;
    document.reference_id = of.visitor.reference_id.as_deref().map(Into::into);
    document.reference_name = text(of.visitor.reference_name.as_ref());
    let portal = |page| Some(links.portal(account, of.id, page, now));
    document.update_card_url = portal(PortalPage::Card);
    document.invoices_url = portal(PortalPage::Invoices);
    document.cancel_url = portal(PortalPage::Cancel);
    document.custom_fields = Some(empty().into());
    document.metadata = Some(empty_object(&account.habits));
    let has_value = [
        ("renews_at", document.renews_at.is_some()),
        ("ends_at", document.ends_at.is_some()),
        ("trial_ends_at", document.trial_ends_at.is_some()),
        ("reference_id", document.reference_id.is_some()),
        ("reference_name", document.reference_name.is_some()),
    ];
    nulls(&mut document.extra, has_value);
    if account.habits.nests {
        document.product = account.products.get(&of.product).map(plan);
        document.customer = Some(customer(&of.visitor));
        document.customer_id = Some(of.visitor.customer.into());
        document.billing_method = Some(billing_method(of.method, &of.visitor));
    }
    document
}
