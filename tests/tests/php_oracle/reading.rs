//! The committed deliveries, read into their types and written again.

use octany_core::{Event, Payload};
use octany_tests::fixtures::{PhpDelivery, php_deliveries};

use crate::read_and_write;

/// The event of one delivery, once it has proved to be written again as it came.
pub(crate) fn event(delivery: &PhpDelivery) -> Event {
    let PhpDelivery { file, secret, signature, body, .. } = delivery;
    read_and_write(file, secret, signature, body)
}

#[test]
fn every_delivery_verifies_and_is_written_again_as_it_came() {
    for delivery in php_deliveries() {
        event(&delivery);
    }
}

#[test]
fn every_delivery_is_the_event_that_its_name_says() {
    for delivery in php_deliveries() {
        let event = event(&delivery);
        assert_eq!(event.name.as_str(), delivery.event, "{}", delivery.file);
        let (promised, typed) = match &event.payload {
            Payload::SubscriptionCreated(_) => ("subscription.created", true),
            Payload::SubscriptionUpdated(_) => ("subscription.updated", true),
            Payload::SubscriptionRenewed(_) => ("subscription.renewed", true),
            Payload::SubscriptionCancelled(_) => ("subscription.cancelled", true),
            Payload::OrderConfirmed(_) => ("order.confirmed", true),
            Payload::OrderPaid(_) => ("order.paid", true),
            Payload::ProductUpdated(_) => ("product.updated", true),
            Payload::ProductDeleted(_) => ("product.deleted", true),
            Payload::ProductGroupUpdated(_) => ("product-group.updated", true),
            Payload::ProductGroupDeleted(_) => ("product-group.deleted", true),
            Payload::TestHook(_) => ("test.hook", true),
            Payload::Unknown { name, .. } => (&*name.decode().into_owned(), false),
            other => unreachable!("{other:?}"),
        };
        assert_eq!(promised, delivery.event, "{}", delivery.file);
        assert_eq!(typed, delivery.typed, "{}", delivery.file);
    }
}

#[test]
fn no_member_is_mistyped_but_those_that_are_meant_to_be() {
    for delivery in php_deliveries() {
        assert_eq!(event(&delivery).mistyped(), delivery.mistyped, "{}", delivery.file);
    }
}
