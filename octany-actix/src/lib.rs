//! Octany for actix-web: webhooks that can be trusted, and routes that are really paid for.
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
//! use actix_web::dev::Service;
//! use actix_web::http::StatusCode;
//! use actix_web::test::{TestRequest, call_service, init_service};
//! use actix_web::{App, HttpMessage, HttpResponse, web};
//! use octany_actix::{ActiveSubscription, OctanyEvent, OctanyWebhookLayer, RequireSubscription};
//! use octany_core::signature::{SigningSecret, Verifier};
//! use octany_core::{AccessPolicy, Payload, ReferenceId};
//! use octany_entitlement::{Gate, GuardPages, MemoryStore, OnOutage};
//!
//! /// As the app's own sign-in leaves it in the request's extensions.
//! #[derive(Clone)]
//! struct CurrentUser(ReferenceId);
//!
//! async fn on_event(event: OctanyEvent) -> HttpResponse {
//!     if let Payload::SubscriptionCreated(subscription) = &event.payload {
//!         println!("welcome, {:?}", subscription.reference_id);
//!     }
//!     HttpResponse::NoContent().finish()
//! }
//!
//! async fn reports(subscription: ActiveSubscription) -> String {
//!     format!("paid with {}", subscription.subscription)
//! }
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The secret of the endpoint, as Octany's admin shows it; the state, in memory for now. All of
//! // this is made once, and cloned for each worker of the server.
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
//! let app = App::new()
//!     .service(
//!         web::resource("/reports")
//!             .wrap(guard.clone())
//!             .wrap_fn(|request, inner| {
//!                 // This stands for the sign-in.
//!                 request.extensions_mut().insert(CurrentUser("user_42".into()));
//!                 inner.call(request)
//!             })
//!             .route(web::get().to(reports)),
//!     )
//!     .service(
//!         web::resource("/octany/webhook")
//!             .wrap(webhook.clone())
//!             .route(web::post().to(on_event)),
//!     );
//! let app = init_service(app).await;
//!
//! // Nobody has paid yet.
//! let request = || TestRequest::get().uri("/reports").to_request();
//! assert_eq!(call_service(&app, request()).await.status(), StatusCode::PAYMENT_REQUIRED);
//!
//! // Somebody says that they have, but that somebody is not Octany.
//! let body = r#"{"id":1,"name":"subscription.created","created_at":"2026-03-01T12:00:00+00:00",
//!     "data":{"id":76963688,"status":"active","reference_id":"user_42"}}"#;
//! let deliver = |signature: String| {
//!     let request = TestRequest::post().uri("/octany/webhook").set_payload(body);
//!     request.insert_header(("octany-signature", signature)).to_request()
//! };
//! let forged = deliver("0".repeat(64));
//! assert_eq!(call_service(&app, forged).await.status(), StatusCode::UNAUTHORIZED);
//!
//! // Octany says so.
//! let signed = deliver(secret.sign(body.as_bytes()).to_string());
//! assert_eq!(call_service(&app, signed).await.status(), StatusCode::NO_CONTENT);
//! assert_eq!(call_service(&app, request()).await.status(), StatusCode::OK);
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
//! # Workers
//!
//! Actix makes an app for each worker. Make stores, layers, guards and gates once, outside of that
//! closure, and clone them in it: the workers then share one store and one delivery log, and of a
//! delivery that reaches two of them at once, one calls the handler.
//!
//! # Beside axum
//!
//! `octany-axum` has the same types by the same names and gives the same answers. What it reads from
//! the head of a request is read from the `HttpRequest` here
//! ([`from_request`](RequireSubscription::from_request) for `from_parts`), and what it finds in the
//! request's extensions by itself (a `Verifier`, `GuardPages`) or in the state (a `Gate`) is found
//! in the `app_data`.
//!
//! It works with actix-web 4.14 and later. Before, actix took a body that broke off for one that
//! ended.
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
mod data;
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
