//! Octany for axum, and for every other HTTP service of tower: webhooks that can be trusted, and
//! routes that are really paid for.
//!
//! # Receiving
//!
//! [`OctanyWebhookLayer`] goes around the route that Octany delivers to. It refuses what Octany
//! did not sign before anything of it is parsed, keeps a store of subscriptions up to date, and
//! keeps deliveries that were dealt with from the handler. The handler takes an [`OctanyEvent`].
//!
//! Where deliveries are to be acknowledged first and handled later, tried again by the app itself
//! and kept when they cannot be handled, give the layer an [inbox](OctanyWebhookLayer::inbox).
//!
//! # Guarding
//!
//! [`RequireSubscription`] goes around the routes that are paid for. The app says who is there,
//! the [`Gate`] decides, and the handler takes the [`ActiveSubscription`] that grants access, or
//! the [`Decision`]. Where it must not be possible to forget the guard, [`Subscribed`] is one, as
//! an extractor.
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::body::Body;
//! use axum::routing::{get, post};
//! use axum::{Extension, Router, http::Request, http::StatusCode};
//! use octany_axum::{ActiveSubscription, OctanyEvent, OctanyWebhookLayer, RequireSubscription};
//! use octany_core::signature::{SigningSecret, Verifier};
//! use octany_core::{AccessPolicy, Payload, ReferenceId};
//! use octany_entitlement::{Gate, GuardPages, MemoryStore, OnOutage};
//! use tower::ServiceExt;
//!
//! /// As the app's own sign-in leaves it in the request's extensions.
//! #[derive(Clone)]
//! struct CurrentUser(ReferenceId);
//!
//! async fn on_event(event: OctanyEvent) -> StatusCode {
//!     if let Payload::SubscriptionCreated(subscription) = &event.payload {
//!         println!("welcome, {:?}", subscription.reference_id);
//!     }
//!     StatusCode::NO_CONTENT
//! }
//!
//! async fn reports(subscription: ActiveSubscription) -> String {
//!     format!("paid with {}", subscription.subscription)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The secret of the endpoint, as Octany's admin shows it; the state, in memory for now.
//! let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
//! let store = Arc::new(MemoryStore::new());
//!
//! let webhook = OctanyWebhookLayer::new(Verifier::new(secret.clone()))
//!     .sync(store.clone())
//!     .deliveries(store.clone());
//! let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
//! let guard = RequireSubscription::new(gate, |user: &CurrentUser| user.0.clone())
//!     .pages(GuardPages::new().sign_in("/sign-in").paywall("/pricing"));
//!
//! let app = Router::new()
//!     .route("/reports", get(reports))
//!     .route_layer(guard) // above it is paid for, below it is not
//!     .layer(Extension(CurrentUser("user_42".into()))) // this stands for the sign-in
//!     .merge(Router::new().route("/octany/webhook", post(on_event)).layer(webhook));
//!
//! // Nobody has paid yet.
//! let request = || Request::get("/reports").body(Body::empty());
//! assert_eq!(app.clone().oneshot(request()?).await?.status(), StatusCode::PAYMENT_REQUIRED);
//!
//! // Somebody says that they have, but that somebody is not Octany.
//! let body = r#"{"id":1,"name":"subscription.created","created_at":"2026-03-01T12:00:00+00:00",
//!     "data":{"id":76963688,"status":"active","reference_id":"user_42"}}"#;
//! let deliver = |signature: String| {
//!     Request::post("/octany/webhook").header("octany-signature", signature).body(body.into())
//! };
//! let forged: Request<Body> = deliver("0".repeat(64))?;
//! assert_eq!(app.clone().oneshot(forged).await?.status(), StatusCode::UNAUTHORIZED);
//!
//! // Octany says so.
//! let signed = deliver(secret.sign(body.as_bytes()).to_string())?;
//! assert_eq!(app.clone().oneshot(signed).await?.status(), StatusCode::NO_CONTENT);
//! assert_eq!(app.oneshot(request()?).await?.status(), StatusCode::OK);
//! # Ok(()) }
//! ```
//!
//! # Selling
//!
//! `BillingRoutes` (feature `billing`) are the routes from a button to the paid page: to the
//! checkout, back to a page that waits for the payment, and into Octany's billing portal.
//! `octany_billing` has the story.
//!
//! # What is refused
//!
//! Every refusal is a short problem document, or a redirect where a browser asked and
//! [`GuardPages`] are set. [`octany_entitlement::answer`] has the table. The typed reason,
//! [`Refusal`] or [`Denial`], stands in the extensions of the response for outer layers, and an
//! app puts its own answers in place with [`on_refused`](OctanyWebhookLayer::on_refused) and
//! [`on_denied`](RequireSubscription::on_denied).
//!
//! An extractor whose layer is missing answers 500 and says which.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `billing` | no | `BillingRoutes`: from the button to the paid page |
//! | `metrics` | no | counters through the `metrics` facade |
//!
//! [`Gate`]: octany_entitlement::Gate
//! [`GuardPages`]: octany_entitlement::GuardPages
//! [`Refusal`]: octany_entitlement::Refusal
//! [`Denial`]: octany_entitlement::Denial

pub mod answer;
#[cfg(feature = "billing")]
pub mod billing;
mod body;
pub mod guard;
pub mod webhook;

#[cfg(feature = "billing")]
pub use crate::billing::BillingRoutes;
pub use crate::guard::{
    ActiveSubscription, Decision, GuardRejection, RequireSubscription, Subscribed,
    SubscribedRejection,
};
pub use crate::webhook::{
    OctanyEvent, OctanyWebhookLayer, VerifiedBody, WebhookRejection, acknowledge,
};
