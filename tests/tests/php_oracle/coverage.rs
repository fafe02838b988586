//! That the committed deliveries show everything a delivery can be.

use std::collections::BTreeSet;

use octany_core::{EventName, OrderState, RawJson, SubscriptionStatus};
use octany_tests::fixtures::{PhpDelivery, php_deliveries};

/// The values of `data.<member>` in the deliveries whose event begins with `event`.
fn seen(event: &str, member: &str) -> BTreeSet<String> {
    let of_event = |delivery: &PhpDelivery| delivery.event.starts_with(event);
    let value = |delivery: PhpDelivery| {
        let body = std::str::from_utf8(&delivery.body).expect("json_encode writes UTF-8");
        let body = RawJson::parse(body).expect("json_encode writes JSON");
        body.get("data")?.get(member)?.decode().ok()
    };
    php_deliveries().into_iter().filter(of_event).filter_map(value).collect()
}

#[test]
fn there_is_a_delivery_of_every_event_and_one_of_an_unknown_event() {
    let events: BTreeSet<_> = php_deliveries().into_iter().map(|delivery| delivery.event).collect();
    for name in EventName::KNOWN {
        assert!(events.contains(&*name.as_str()), "{name}");
    }
    let unknown = |event: &String| matches!(EventName::from(&**event), EventName::Unknown(_));
    assert!(events.iter().any(unknown));
}

#[test]
fn there_is_a_delivery_of_every_status_and_one_of_an_unknown_status() {
    let statuses = seen("subscription.", "status");
    for status in SubscriptionStatus::KNOWN {
        assert!(statuses.contains(status.as_str()), "{status}");
    }
    assert!(statuses.contains("pausad/vilande"));
}

#[test]
fn there_is_a_delivery_of_every_order_state_and_one_of_an_unknown_state() {
    let states = seen("order.", "state");
    for state in OrderState::KNOWN {
        assert!(states.contains(state.as_str()), "{state}");
    }
    assert!(states.contains("återbetald/delvis"));
}
