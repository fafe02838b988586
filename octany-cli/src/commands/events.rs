//! Making an event of any kind.

use chrono::{TimeDelta, Utc};
use octany_core::EventName;
use octany_sim::engine::{
    AccountKey, CheckoutRequest, Engine, EngineError, Happened, Interval, PaymentMethod, Product,
    ProductChange,
};
use octany_sim::wire::{self, Links};
use serde_json::Value;

use crate::failure::Failure;

/// What an event is about.
pub(super) struct Wish<'a> {
    pub(super) event: &'a str,
    pub(super) reference: Option<&'a str>,
    pub(super) product: u64,
    pub(super) set: &'a [String],
}

/// The body of such a delivery, as Octany would send it.
pub(super) fn body(wish: &Wish<'_>) -> Result<String, Failure> {
    let name = EventName::KNOWN.iter().find(|name| name.as_str() == wish.event);
    let name = name.ok_or_else(|| unknown(wish.event))?;
    let (mut engine, shop) = shop(wish.product);
    let happened = happen(&mut engine, shop, wish, name)
        .map_err(|error| Failure::Usage(error.to_string()))?
        .ok_or_else(|| Failure::Usage(format!("Octany publishes no document of {name}")))?;
    let body =
        wire::delivery(engine.account(shop), &happened, &Links::at("https://portal.invalid"));
    change(&body, wish.set)
}

fn unknown(event: &str) -> Failure {
    let known: Vec<_> = EventName::KNOWN.iter().map(EventName::as_str).collect();
    Failure::Usage(format!("{event} is no event; there are {}", known.join(", ")))
}

/// A shop that began to sell so long ago that a renewal happens now.
fn shop(product: u64) -> (Engine, AccountKey) {
    let seed = u64::from(std::process::id()) ^ Utc::now().timestamp_micros().unsigned_abs();
    let mut engine = Engine::new(seed, Utc::now() - TimeDelta::days(31));
    let shop = engine.add_account();
    engine.habits(shop).nests = true;
    engine.add_product(shop, Product::recurring(product, "Product", Interval::Month, 9_900));
    (engine, shop)
}

fn happen(
    engine: &mut Engine,
    shop: AccountKey,
    wish: &Wish<'_>,
    name: &EventName,
) -> Result<Option<Happened>, EngineError> {
    use EventName::{ProductDeleted, ProductUpdated, SubscriptionCancelled, SubscriptionRenewed};
    let begins_before = matches!(name, SubscriptionCancelled | SubscriptionRenewed)
        || *name == EventName::SubscriptionUpdated;
    if !begins_before {
        engine.advance_to(Utc::now());
    }
    let mut request = CheckoutRequest::of(wish.product);
    request.visitor.reference_id = wish.reference.map(str::to_owned);
    let session = engine.open_checkout(shop, request)?;
    let bought = engine.pay(shop, &session, PaymentMethod::Card)?;
    let subscription = bought.subscriptions.first().copied().unwrap_or_default();
    engine.advance_to(Utc::now());
    match name {
        EventName::SubscriptionUpdated => {
            engine.change_method(shop, subscription, PaymentMethod::Invoice)?;
        }
        SubscriptionCancelled => engine.cancel(shop, subscription).map(drop)?,
        ProductUpdated => {
            engine.update_product(shop, wish.product, ProductChange::default()).map(drop)?;
        }
        ProductDeleted => engine.delete_product(shop, wish.product)?,
        EventName::TestHook => engine.test_hook(shop),
        _ => {}
    }
    Ok(engine.take_events().into_iter().rev().find(|event| event.name == *name))
}

/// Changes members, each by `data.status=unpaid`: JSON where it is JSON, text elsewhere.
fn change(body: &str, set: &[String]) -> Result<String, Failure> {
    if set.is_empty() {
        return Ok(body.to_owned());
    }
    let mut document: Value = serde_json::from_str(body).expect("it was written a moment ago");
    for wish in set {
        let (path, value) = wish
            .split_once('=')
            .ok_or_else(|| Failure::Usage(format!("--set takes NAME=VALUE, not {wish}")))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        let mut at = &mut document;
        for name in path.split('.') {
            if !at.is_object() {
                *at = Value::Object(serde_json::Map::new());
            }
            at = &mut at[name];
        }
        *at = value;
    }
    Ok(wire::write(&document))
}

#[cfg(test)]
mod tests {
    use octany_core::signature::{SigningSecret, Verifier};
    use octany_core::{Event, Payload};

    use super::*;

    fn event(name: &str, set: &[&str]) -> Result<Event, Failure> {
        let set: Vec<_> = set.iter().map(|wish| (*wish).to_owned()).collect();
        let wish = Wish { event: name, reference: Some("user_42"), product: 7, set: &set };
        let body = body(&wish)?;
        let secret = SigningSecret::new("0123456789abcdef").expect("it is one");
        let signature = secret.sign(body.as_bytes());
        let verified = Verifier::new(secret).verify(body.into(), &signature, Utc::now);
        Ok(Event::parse(verified.expect("it is signed")).expect("it is an event"))
    }

    #[test]
    fn every_event_with_a_published_document_can_be_made() {
        for name in EventName::KNOWN {
            let made = event(&name.as_str(), &[]);
            match name {
                EventName::ProductGroupUpdated | EventName::ProductGroupDeleted => {
                    assert!(matches!(made, Err(Failure::Usage(_))));
                }
                _ => assert_eq!(made.expect("it can be made").name, name),
            }
        }
        assert!(matches!(event("subscription.exploded", &[]), Err(Failure::Usage(_))));
    }

    #[test]
    fn members_are_set_as_json_or_text() {
        let made =
            event("subscription.created", &["data.status=unpaid", "data.price=5", "x.y=[1]"]);
        let Payload::SubscriptionCreated(subscription) = made.expect("it can be made").payload
        else {
            unreachable!()
        };
        assert_eq!(subscription.status.as_str(), "unpaid");
        assert_eq!(subscription.price, Some(5));
        assert_eq!(subscription.reference_id.as_ref().expect("it has one"), "user_42");
        assert!(matches!(event("test.hook", &["nonsense"]), Err(Failure::Usage(_))));
    }
}
