//! Octany without I/O: bytes, a header, a key and an instant go in; an event and a verdict come
//! out. No async, no clock, no framework, and nothing that waits.
//!
//! [Octany](https://www.octany.se) is a Swedish billing engine: subscriptions, one-off orders and
//! a hosted checkout. Most applications meet this crate through `octany-axum` or `octany-actix`;
//! it is what those stand on, and all that a framework of your own needs.
//!
//! # From signed bytes to a decision
//!
//! ```
//! use chrono::{DateTime, TimeDelta, Utc};
//! use octany_core::signature::{Signature, SignatureError, SigningSecret, Verifier};
//! use octany_core::{AccessPolicy, Event, Payload, Reason, evaluate};
//!
//! # let body = r#"{"id":"7f0c","name":"subscription.cancelled","account":7,
//! #   "created_at":"2026-03-01T12:00:00+00:00","data":{"id":76963688,"status":"cancelled",
//! #   "reference_id":"user_42","renews_at":null,"ends_at":"2026-04-01T12:00:00+00:00"}}"#;
//! # let header = SigningSecret::new("0123456789abcdef0123456789abcdef")?
//! #     .sign(body.as_bytes()).to_string();
//! // The secret of the webhook endpoint, as it stands in Octany's admin.
//! let verifier = Verifier::new(SigningSecret::new("0123456789abcdef0123456789abcdef")?);
//!
//! // Verify the bytes as they arrived, and only then read them.
//! let signature = Signature::from_headers([&header])?;
//! let verified = verifier.verify(body.into(), &signature, Utc::now)?;
//! let event = Event::parse(verified)?;
//!
//! // Matching on an event is plain Rust. Its strings still stand in the body.
//! let Payload::SubscriptionCancelled(subscription) = &event.payload else { unreachable!() };
//! assert_eq!(subscription.reference_id.as_ref().unwrap(), "user_42");
//!
//! // A cancelled subscription opens the door until what was paid for is over.
//! let known = [event.snapshot().unwrap()];
//! let policy = AccessPolicy::new();
//! let march = DateTime::parse_from_rfc3339("2026-03-15T00:00:00Z")?.to_utc();
//! assert_eq!(evaluate(&policy, &known, march).reason, Reason::PaidUntilEnd);
//! let refused = evaluate(&policy, &known, march + TimeDelta::days(30));
//! assert_eq!(refused.reason, Reason::Ended);
//!
//! // One changed byte, and there is no event to read.
//! let forged = body.replace("user_42", "user_43");
//! let refused = verifier.verify(forged.into(), &signature, Utc::now).unwrap_err();
//! assert!(matches!(refused, SignatureError::Mismatch { .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! | for | see |
//! |---|---|
//! | signatures, secrets and their rotation | [`signature`] |
//! | events, and what they carry | [`Event`], [`Payload`], [`resource`] |
//! | which of several reports is true | [`Version`], [`Snapshot`], [`Applied`] |
//! | who may pass | [`policy`], [`AccessPolicy`], [`evaluate`] |
//! | the hosted checkout, and references a visitor cannot edit | [`checkout`] |
//!
//! Ids are opaque and keep the form they came in; amounts are minor units ([`Money`]); rates are
//! [`BasisPoints`] or [`Percent`], never a bare number. What this version does not know is a value
//! and keeps its JSON, not an error.

#[cfg(test)]
use octany_test_trace as _;

mod applied;
mod event;
mod id;
mod json;
mod money;
mod rate;
mod raw;
mod snapshot;
mod status;
mod text;
mod version;

pub mod checkout;
pub mod policy;
pub mod resource;
pub mod signature;

pub use crate::applied::Applied;
pub use crate::event::{Event, EventError, EventErrorCause, EventName, Payload};
pub use crate::id::{
    AccountNumber, AccountUuid, CustomerId, DeliveryId, OrderId, ProductId, ReferenceId,
    SubscriptionId,
};
pub use crate::money::{Currency, CurrencyError, Money};
pub use crate::policy::{AccessPolicy, Reason, Verdict, evaluate};
pub use crate::rate::{BasisPoints, Percent};
pub use crate::raw::RawJson;
pub use crate::snapshot::Snapshot;
pub use crate::status::{OrderState, SubscriptionStatus};
pub use crate::text::Text;
pub use crate::version::{Rank, Source, Version};
