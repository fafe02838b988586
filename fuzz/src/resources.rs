//! What can be asked of a resource, all of it.

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::resource::{Customer, Nested, Order, Subscription};
use octany_core::{AccessPolicy, Snapshot, SubscriptionStatus, evaluate};
use serde::Serialize;
use serde_json::Value;

pub(crate) fn subscription(subscription: &Subscription) {
    let _ = (subscription.money().map(|money| money.to_string()), subscription.product());
    let _ = subscription.vat.map(|vat| vat.to_string());
    people(subscription.customer.as_ref());
    if let Some(Ok(method)) = subscription.billing_method.as_ref().map(Nested::read) {
        stays(&method);
        let _ = method.person.map(|person| person.read().map(|person| stays(&person)));
    }
    for field in subscription.custom_fields.iter().flat_map(|fields| fields.read()).flatten() {
        stays(&field);
    }
    if let Some(Ok(product)) = subscription.product.as_ref().map(Nested::read) {
        stays(&product);
    }
}

pub(crate) fn order(order: &Order) {
    let _ = (order.money_with_vat().map(|money| money.to_string()), order.vat);
    people(order.customer.as_ref());
    for item in order.items.iter().flat_map(|items| items.read()).flatten() {
        stays(&item);
        let _ = item.quantity.map(|quantity| quantity.count());
    }
}

fn people(customer: Option<&Nested<Customer>>) {
    if let Some(Ok(customer)) = customer.map(Nested::read) {
        stays(&customer);
    }
}

/// What is written is JSON.
fn stays(resource: &impl Serialize) {
    let written = serde_json::to_string(resource).expect("what was read is written");
    assert!(serde_json::from_str::<Box<serde_json::value::RawValue>>(&written).is_ok());
}

/// A report is judged at every instant, and never for more than it says.
pub(crate) fn report(report: &Snapshot) {
    let kept = report.resource_json().expect("it was made from a document");
    if let Ok(Value::Object(kept)) = serde_json::from_str::<Value>(&kept) {
        assert!(kept.keys().all(|name| !name.ends_with("_url")), "a portal link is kept");
    }
    let dates = [report.renews_at, report.ends_at, report.trial_ends_at, Some(report.as_of())];
    let around = |at: DateTime<Utc>| {
        [-1, 0, 1].map(|nanos| at.checked_add_signed(TimeDelta::nanoseconds(nanos)))
    };
    let instants = dates.into_iter().flatten().flat_map(around).flatten();
    let ends = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC];
    for now in instants.chain(ends) {
        let published = evaluate(&AccessPolicy::new(), std::slice::from_ref(report), now);
        let until_end = report.status == SubscriptionStatus::Cancelled
            && report.ends_at.is_some_and(|end| end > now);
        assert_eq!(published.is_allowed(), report.is_paying(now) || until_end);
        assert!(published.valid_until.is_none_or(|end| end > now));
        let strict = AccessPolicy::new()
            .grace(TimeDelta::MAX)
            .enforce_trial_end(TimeDelta::zero())
            .max_stale(TimeDelta::MAX);
        let strict = evaluate(&strict, std::slice::from_ref(report), now);
        assert!(strict.valid_until.is_none_or(|end| end > now));
    }
}
