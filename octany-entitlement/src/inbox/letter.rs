//! What an inbox keeps of a delivery.

use chrono::{DateTime, Utc};
use octany_core::signature::VerifiedBody;
use octany_core::{DeliveryId, Event, EventName, Payload, Rank, Source, Version};

use super::text::short;
use crate::store::StoreError;

/// A verified delivery, as an [`InboxStore`](super::InboxStore) keeps it.
///
/// `Debug` does not show the body.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The delivery. No two letters have the same.
    pub id: DeliveryId,
    /// What it is about. Letters of one key are given out one after the other.
    pub key: String,
    /// The event's name, for people. At most 500 characters, none of them NUL.
    pub event: String,
    /// Its place among the letters of its key that wait: the lowest first, and of equal ones the
    /// one that was put first.
    pub version: Version,
    /// When it was put.
    pub received_at: DateTime<Utc>,
    /// The body, byte by byte as it was verified. It holds customers' data.
    pub body: VerifiedBody,
}

#[derive(Debug, thiserror::Error)]
#[error("an event that was taken from its body by `into_owned` cannot be put into an inbox")]
struct NoBody;

impl Letter {
    /// The letter that an event is.
    ///
    /// Its key is the subscription that it is about. An order belongs to the key of its
    /// subscription, where it names one, and else has a key of its own; so has everything else.
    ///
    /// # Errors
    ///
    /// [`StoreError`] (rejected) for an event without its [body](Event::body).
    pub fn of(event: &Event, received_at: DateTime<Utc>) -> Result<Self, StoreError> {
        let body = event.body().ok_or_else(|| StoreError::rejected(NoBody))?.clone();
        Ok(Self {
            id: event.id.clone(),
            key: key(event),
            event: short(&event.name.as_str()),
            version: Version::new(event.created_at, Source::Webhook(rank(&event.name))),
            received_at,
            body,
        })
    }
}

/// The kinds of id are told apart: two that happen to be equal must not wait for each other.
fn key(event: &Event) -> String {
    if let Some(subscription) = event.payload.subscription() {
        return format!("subscription:{}", subscription.id);
    }
    match &event.payload {
        Payload::OrderConfirmed(order) | Payload::OrderPaid(order) => {
            match &order.subscription_id {
                Some(subscription) => format!("subscription:{subscription}"),
                None => format!("order:{}", order.id),
            }
        }
        _ => format!("delivery:{}", event.id),
    }
}

/// The order within a second. An order is confirmed before it is paid.
fn rank(name: &EventName) -> Rank {
    match name {
        EventName::SubscriptionUpdated | EventName::OrderPaid => Rank::Updated,
        EventName::SubscriptionRenewed => Rank::Renewed,
        EventName::SubscriptionCancelled => Rank::Cancelled,
        _ => Rank::Created,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(name: &str, data: &str) -> Letter {
        let body = format!(
            r#"{{"id":"d-1","name":"{name}","created_at":"2026-03-01T12:00:00Z","data":{data}}}"#
        );
        let body = VerifiedBody::danger_verified_before_storing(body, "default");
        let event = Event::parse(body).expect("an event");
        Letter::of(&event, DateTime::UNIX_EPOCH).expect("it has its body")
    }

    #[test]
    fn what_concerns_one_subscription_has_one_key() {
        let subscription = r#"{"id":5,"status":"active"}"#;
        assert_eq!(letter("subscription.updated", subscription).key, "subscription:5");
        let order = r#"{"id":7,"subscription_id":5}"#;
        assert_eq!(letter("order.paid", order).key, "subscription:5");
    }

    #[test]
    fn what_is_unrelated_has_a_key_of_its_own() {
        assert_eq!(letter("order.paid", r#"{"id":5}"#).key, "order:5");
        assert_eq!(letter("order.paid", "[]").key, "delivery:d-1");
        assert_eq!(letter("test.hook", "[]").key, "delivery:d-1");
        assert_eq!(letter("new.kind", r#"{"id":5}"#).key, "delivery:d-1");
    }

    #[test]
    fn events_of_one_second_have_their_order() {
        let version = |name| letter(name, r#"{"id":5,"status":"active"}"#).version;
        assert!(version("subscription.created") < version("subscription.updated"));
        assert!(version("subscription.updated") < version("subscription.renewed"));
        assert!(version("subscription.renewed") < version("subscription.cancelled"));
        assert!(version("order.confirmed") < version("order.paid"));
    }

    #[test]
    fn an_event_without_its_body_is_refused() {
        let body = r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00Z"}"#;
        let body = VerifiedBody::danger_verified_before_storing(body, "default");
        let event = Event::parse(body).expect("an event").into_owned();
        assert!(Letter::of(&event, DateTime::UNIX_EPOCH).is_err());
    }
}
