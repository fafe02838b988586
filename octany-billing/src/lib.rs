//! From the button to the paid page: what the billing routes of an app on Octany answer, without a
//! framework. `octany-axum` and `octany-actix` (feature `billing`) fetch a request and send the
//! [`Answer`](octany_entitlement::Answer); everything between is decided here, once.
//!
//! | route, below where they are mounted | what it does |
//! |---|---|
//! | `POST /subscribe` | sends a visitor to the hosted checkout; who pays already, back |
//! | `GET /pending?to=…` | the page that they land on afterwards, which waits for the payment |
//! | `GET /pending/status?to=…` | what the page asks: `{"ready", "redirect", "slow"}` |
//! | `GET /portal/card`, `/portal/invoices`, `/portal/cancel` | into Octany's portal, by a link that was fetched for it |
//!
//! ```
//! use std::sync::Arc;
//!
//! use octany_billing::{Billing, Head, Offer};
//! use octany_core::AccessPolicy;
//! use octany_core::checkout::ReferenceKey;
//! use octany_entitlement::{Gate, MemoryStore, OnOutage, Subject};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let store = Arc::new(MemoryStore::new());
//! let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny);
//! let account = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
//! let billing = Billing::builder(account, "https://app.example", gate, store)
//!     .signed(ReferenceKey::new(b"32 bytes out of a random source.".to_vec())?)
//!     .offer(Offer::new(42))
//!     .return_to("/reports")
//!     .build()?;
//!
//! // What an adapter does with a request.
//! let head = Head::new("POST", "/subscribe", None, |_| None);
//! let route = billing.route(&head).map_err(|refused| refused.body)?;
//! let user = Subject::Reference("user_42".into());
//! let answer = billing.answer(route, &head, user, b"return_to=/reports/7").await;
//! assert_eq!(answer.status, 303); // to the checkout
//!
//! // Nobody is sent back to where somebody else wants them.
//! let user = Subject::Reference("user_42".into());
//! let refused = billing.answer(route, &head, user, b"return_to=//evil.example").await;
//! assert_eq!(refused.status, 400);
//!
//! // Nor does a form of another site sell anything.
//! let head = Head::new("POST", "/subscribe", None, |name| {
//!     (name == "origin").then_some("https://evil.example")
//! });
//! assert_eq!(billing.route(&head).unwrap_err().status, 403);
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! # Subscribing
//!
//! The form has two fields, both optional: `product`, one of the [offers](BillingBuilder::offer), and
//! `return_to`, where to go afterwards. What Octany is told as the user's reference is signed, and
//! noted in the [`CheckoutLog`](octany_entitlement::CheckoutLog) before the visitor leaves: by it,
//! the API can be asked what became of the checkout if no webhook comes. If it cannot be noted, or it
//! is not known who has paid, the answer is 503, and nothing is sold. Whoever is back from a checkout
//! is sent to the page that waits instead, for as long as it does.
//!
//! # Coming back
//!
//! That somebody comes back proves nothing. The page asks every 2.5 seconds, and each time the
//! [`Gate`](octany_entitlement::Gate) decides; one that asks Octany before it denies
//! ([`refresh`](BillingBuilder::refresh)) needs no webhook for it. Whoever paid is sent on. An
//! [`octany_client::Reconciler`] asks once in 2 seconds for a user, however many pages wait; it has to
//! know the log of checkouts, too. The page
//! works without a script as well, by reloading itself. After 2 minutes, counted from the first
//! return and so across reloads, it ends: a direct debit takes days, and whoever waits is told so. A
//! visitor who began no checkout here has nothing to wait for, and is told the same at once.
//!
//! A browser that comes from the checkout sends cookies that are `SameSite=Lax`, and not those that
//! are `Strict`: with these, whoever comes back looks signed out.
//!
//! # Going back
//!
//! A visitor is sent to a path of the app's own origin, or to a link of a scheme that was
//! [registered](BillingBuilder::app_scheme) (`myapp://…`), and to nothing else: no `//`, no
//! backslash, no control character, and no path that hides one by encoding it.
//!
//! # The portal
//!
//! The links are signed and expire, so each is fetched when it is asked for, and never stored,
//! cached or logged. With several subscriptions it is about the one that the gate's decision is
//! about, or about `?subscription=…`, which must be one of the user's own.

#[cfg(test)]
use octany_test_trace as _;

mod answers;
mod billing;
mod builder;
mod error;
mod head;
mod offer;
mod pending;
mod portal;
mod route;
mod subscribe;
mod target;

pub use crate::billing::Billing;
pub use crate::builder::BillingBuilder;
pub use crate::error::BuildError;
pub use crate::head::{FORM_LIMIT, Head};
pub use crate::offer::Offer;
pub use crate::pending::Texts;
pub use crate::portal::{Portal, PortalError, PortalPage};
pub use crate::route::Route;
