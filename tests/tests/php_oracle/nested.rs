//! What is nested in a resource and read only when asked for.

use octany_core::Payload;
use octany_core::resource::{BillingMethod, Nested, Order, Subscription};
use octany_tests::fixtures::php_deliveries;

use crate::reading::event;

/// Adds to `$found` the names of the mistyped members of a `Nested`, if it is there. PHP's empty
/// array is an object without members, and need not be a resource.
macro_rules! collect {
    ($nested:expr => $found:ident) => {
        if let Some(nested) = $nested
            && !nested.raw().is_empty_collection()
        {
            let read = nested.read().expect("what is nested has what makes it one");
            $found.extend(read.mistyped());
        }
    };
}

/// The same for a `NestedList`.
macro_rules! collect_each {
    ($list:expr => $found:ident) => {
        if let Some(list) = $list {
            let read = list.read().expect("each element has what makes it one");
            $found.extend(read.iter().flat_map(|element| element.mistyped()));
        }
    };
}

fn in_subscription(subscription: &Subscription) -> Vec<&'static str> {
    let mut found = in_billing_method(subscription.billing_method.as_ref());
    collect!(&subscription.product => found);
    collect!(&subscription.customer => found);
    collect_each!(&subscription.custom_fields => found);
    found
}

fn in_order(order: &Order) -> Vec<&'static str> {
    let mut found = in_billing_method(order.billing_method.as_ref());
    collect!(&order.product => found);
    collect!(&order.customer => found);
    collect_each!(&order.custom_fields => found);
    collect_each!(&order.items => found);
    for item in order.items.iter().flat_map(|items| items.read().expect("they were read before")) {
        collect!(&item.product => found);
    }
    found
}

fn in_billing_method(nested: Option<&Nested<BillingMethod>>) -> Vec<&'static str> {
    let mut found = Vec::new();
    collect!(nested => found);
    if let Some(billing_method) = nested.and_then(|nested| nested.read().ok()) {
        collect!(&billing_method.person => found);
    }
    found
}

#[test]
fn what_is_nested_is_read_and_nothing_in_it_is_mistyped() {
    for delivery in php_deliveries() {
        let mistyped = match &event(&delivery).payload {
            Payload::OrderConfirmed(order) | Payload::OrderPaid(order) => in_order(order),
            other => other.subscription().map_or_else(Vec::new, |of| in_subscription(of)),
        };
        assert!(mistyped.is_empty(), "{mistyped:?} in {}", delivery.file);
    }
}
