//! What subscriptions and orders share.

use octany_core::resource::{BillingMethod, Customer, Extra, Nested, Person, Phone, PlanProduct};
use octany_core::{BasisPoints, RawJson, Text};
use serde::Serialize;

use crate::engine::{Habits, PaymentMethod, Product, Visitor};

/// An object or list with nothing in it, as PHP writes both.
pub(super) fn empty() -> RawJson {
    RawJson::parse("[]").expect("it is JSON")
}

/// An object with nothing in it.
pub(super) fn empty_object(habits: &Habits) -> RawJson {
    if habits.empty_objects { RawJson::parse("{}").expect("it is JSON") } else { empty() }
}

/// Writes `null` for members that a document always has, and that have no value in this one.
pub(super) fn nulls<const N: usize>(extra: &mut Extra, members: [(&str, bool); N]) {
    for (name, _) in members.into_iter().filter(|(_, has_value)| !has_value) {
        extra.insert(name, RawJson::parse("null").expect("it is JSON"));
    }
}

/// A text that may be left out.
pub(super) fn text(text: Option<&String>) -> Option<Text> {
    text.map(|text| Text::from(text.as_str()))
}

pub(super) fn nested<T: Serialize>(value: &T) -> Nested<T> {
    let text = serde_json::to_string(value).expect("a resource has string keys");
    RawJson::parse(&text).expect("it was written a moment ago").into()
}

pub(super) fn plan(product: &Product) -> Nested<PlanProduct> {
    let mut plan = PlanProduct::new(product.id);
    plan.name = Some(product.name.as_str().into());
    plan.kind = Some(product.kind.as_str().into());
    plan.price = Some(product.price);
    plan.currency = product.currency.parse().ok();
    plan.vat_rate = Some(BasisPoints(product.vat));
    plan.interval = product.kind.interval().map(|interval| interval.as_str().into());
    nested(&plan)
}

pub(super) fn customer(visitor: &Visitor) -> Nested<Customer> {
    let mut customer = Customer::new();
    customer.id = Some(visitor.customer.into());
    customer.name = Some(visitor.name().into());
    customer.first_name = text(visitor.first_name.as_ref());
    customer.last_name = text(visitor.last_name.as_ref());
    customer.email = text(visitor.email.as_ref());
    customer.phone = Some(Phone::Unset);
    nested(&customer)
}

pub(super) fn billing_method(method: PaymentMethod, visitor: &Visitor) -> Nested<BillingMethod> {
    let mut person = Person::new();
    person.name = Some(visitor.name().into());
    person.email = text(visitor.email.as_ref());
    person.phone = Some(Phone::Unset);
    let mut billing = BillingMethod::new();
    billing.name = Some(method.as_str().into());
    billing.kind = Some(method.as_str().into());
    billing.email = text(visitor.email.as_ref());
    billing.person = Some(nested(&person));
    nested(&billing)
}
