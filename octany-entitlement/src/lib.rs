//! Who may pass: what happens to a verified delivery, what a database must do, and how a request
//! is decided. Async, and still without a framework.
//!
//! `octany-axum` and `octany-actix` are thin layers over this crate: everything they decide is
//! decided here, once, so that both give the same answers.
//!
//! # Two walks
//!
//! **A delivery** goes through a [`Receiver`]: the delivery id is claimed in a [`DeliveryLog`], the
//! report is applied to a [`SubscriptionStore`] (newest wins, in one atomic step), the handler
//! runs, and the claim is completed, or released if the handler failed.
//!
//! **A request** goes through a [`Gate`]: the subscriptions of its reference are looked up, the
//! policy is asked, and the answer is allowed, denied with a reason, or *could not tell*.
//!
//! ```
//! use std::sync::Arc;
//!
//! use octany_core::{AccessPolicy, Event, Reason};
//! use octany_entitlement::{Gate, MemoryStore, OnOutage, Receipt, Receiver};
//! # use octany_core::signature::{SigningSecret, Verifier};
//! # fn verified_event() -> Result<Event, Box<dyn std::error::Error>> {
//! #     let body = r#"{"id":1,"name":"subscription.created","account":7,
//! #         "created_at":"2026-03-01T12:00:00+00:00",
//! #         "data":{"id":76963688,"status":"active","reference_id":"user_42"}}"#;
//! #     let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
//! #     let signature = secret.sign(body.as_bytes());
//! #     let verifier = Verifier::new(secret);
//! #     Ok(Event::parse(verifier.verify(body.into(), &signature, chrono::Utc::now)?)?)
//! # }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let store = Arc::new(MemoryStore::new()); // or one of octany-sqlx, or your own
//! let receiver = Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
//! let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
//!
//! // Nobody has paid yet.
//! let refused = gate.decide(&"user_42".into()).await?;
//! assert_eq!(refused.reason(), Reason::NoSubscription);
//!
//! // Octany reports a subscription; the handler runs once, however often it is reported.
//! let event = verified_event()?;
//! let welcome = async || Ok::<_, std::io::Error>("welcome!");
//! assert_eq!(receiver.receive(&event, welcome).await?, Receipt::Handled("welcome!"));
//! assert_eq!(receiver.receive(&event, welcome).await?, Receipt::Duplicate);
//!
//! assert!(gate.decide(&"user_42".into()).await?.is_allowed());
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! # Your own database
//!
//! [`SubscriptionStore`] has two methods to write. Its docs say what they must guarantee, and the
//! suite in `conformance` (feature of that name) proves that they do. The chapter
//! [`guide::your_database`] goes through an implementation on PostgreSQL, statement by statement.
//! [`MemoryStore`] implements every trait here.
//!
//! # Copies
//!
//! [`Cached`] goes around a store and keeps copies for the gate, so that most requests wait for
//! nothing. What is written through it is seen at once. Nodes tell each other of what they write
//! through an [`Invalidation`]; a message that got lost costs as long as a copy lives, 60 seconds
//! unless set.
//!
//! # In the background
//!
//! An [`Inbox`] stores what was delivered, so that it can be acknowledged at once, and handles it in
//! the background: in order for each subscription, again and again until it succeeds, on any number
//! of nodes. [`inbox`] has the whole story.
//!
//! # When the database is away
//!
//! A failing store is never read as "no subscription". Deliveries are refused, so that they are
//! repeated; requests follow the [`OnOutage`] that a gate cannot be built without.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `conformance` | the suite that proves a store |
//! | `metrics` | counters through the `metrics` facade: `octany_deliveries_total`, `octany_refusals_total`, `octany_decisions_total`, `octany_denials_total`, `octany_inbox_letters_total`, `octany_quarantined_total` |

#[cfg(test)]
use octany_test_trace as _;

pub mod answer;
mod cache;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod gate;
mod guard;
pub mod guide;
pub mod inbox;
mod limits;
mod receiver;
mod span;
mod store;
mod telemetry;

pub use crate::answer::{Answer, Denial, GuardPages, Refusal};
pub use crate::cache::{Cached, Invalidation, InvalidationListener};
pub use crate::clock::{Clock, ManualClock, SystemClock};
pub use crate::gate::{Decision, DecisionSource, Gate, GateError, OnOutage, Refresh, Refreshed};
pub use crate::guard::{Admission, IntoSubject, Subject, Subscriber};
pub use crate::inbox::{
    Claimed, DeadLetter, Depth, Inbox, InboxBuilder, InboxStore, KeptLetter, Letter, LetterState,
    Put,
};
pub use crate::limits::{BODY_LIMIT, BODY_TIMEOUT};
pub use crate::receiver::{
    Access, AccessBook, AccessChanged, AccessObserver, Begun, Cause, Delivery, QuarantineObserver,
    Quarantined, Receipt, ReceiveError, Receiver, ReceiverBuilder, References,
};
pub use crate::span::{delivery_span, guard_span, record_delivery};
pub use crate::store::{
    AccessLog, Announced, Charge, ChargeIntent, ChargeIntents, ChargePrepared, ChargeState,
    Checkout, CheckoutLog, Claim, ClaimToken, DeliveryLog, Entered, Known, Ledger, MemoryStore,
    OrdersBefore, StoreError, StoreErrorKind, SubscriptionLinks, SubscriptionStore,
};
