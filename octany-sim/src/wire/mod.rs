//! What goes over the wire: documents as Octany's API and webhooks write them.
//!
//! The sender is PHP, so `/` arrives as `\/`, everything outside ASCII as `\uXXXX`, and an empty
//! object as `[]`. Where Octany's documents differ from each other, an account's
//! [`Habits`](crate::engine::Habits) say which one counts.
//!
//! ```
//! use octany_core::signature::{SigningSecret, Verifier};
//! use octany_core::{Event, Payload};
//! use octany_sim::engine::{CheckoutRequest, Engine, Interval, PaymentMethod, Product};
//! use octany_sim::wire::{self, Links};
//!
//! let mut engine = Engine::new(7, "2026-11-30T12:00:00Z".parse()?);
//! let shop = engine.add_account();
//! engine.add_product(shop, Product::recurring(42, "Reports", Interval::Month, 9_900));
//! let session = engine.open_checkout(shop, CheckoutRequest::of(42).reference("user_42"))?;
//! engine.pay(shop, &session, PaymentMethod::Card)?;
//!
//! let links = Links::at("http://127.0.0.1:4000");
//! let created = &engine.take_events()[1];
//! let body = wire::delivery(engine.account(shop), created, &links);
//!
//! let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
//! let signature = secret.sign(body.as_bytes());
//! let verifier = Verifier::new(secret);
//! let verified = verifier.verify(body.clone().into(), &signature, || engine.now())?;
//! let event = Event::parse(verified)?;
//! let Payload::SubscriptionCreated(subscription) = &event.payload else { unreachable!() };
//! assert_eq!(subscription.reference_id.as_ref().unwrap(), "user_42");
//!
//! // One changed byte, and it is not believed.
//! let forged = body.replace("user_42", "user_43");
//! assert!(verifier.verify(forged.into(), &signature, || engine.now()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod delivery;
mod ids;
mod links;
mod order;
mod page;
mod product;
mod shared;
mod subscription;

use octany_core::RawJson;
use serde::Serialize;

pub use self::delivery::{delivery, delivery_id};
pub use self::ids::{order_id, read_order_id, read_subscription_id, subscription_id};
pub use self::links::{Links, PORTAL_LIFETIME, PortalPage};
pub use self::order::order;
pub use self::page::{Page, one};
pub use self::product::product;
pub use self::subscription::subscription;

/// Writes a document as the sender does.
pub fn write(document: &impl Serialize) -> String {
    let text = serde_json::to_string(document).expect("a document has string keys");
    RawJson::parse(&text).expect("it was written a moment ago").to_php()
}
