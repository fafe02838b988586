//! A local Octany to develop and test against: offline, with its own clock, and with faults on
//! demand.
//!
//! Octany documents no test mode, no way to trigger an event and no test clock. This is all three.
//! People run `octany sim` (crate `octany-cli`) and get API, checkout, portal, webhooks and a page to
//! control them. Tests run the same in process:
//!
//! ```
//! use octany_client::{ApiKey, Client};
//! use octany_core::SubscriptionStatus;
//! use octany_sim::engine::{CheckoutRequest, Engine, Interval, PaymentMethod, Product};
//! use octany_sim::server::{Simulator, run};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! // A shop that sells one thing, on an Octany whose clock stands until it is told to move.
//! let mut engine = Engine::new(7, "2026-11-30T12:00:00Z".parse()?);
//! let shop = engine.add_account();
//! engine.add_product(shop, Product::recurring(42, "Reports", Interval::Month, 9_900));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let base = format!("http://{}", listener.local_addr()?);
//! let octany = Simulator::new(engine, &base).with_standing_clock();
//! tokio::spawn(run(listener, octany.clone(), std::future::pending()));
//!
//! // Somebody buys it. (In a browser: {base}/checkout/{account}/product/42?referenceId=user_42)
//! let (uuid, key, bought) = octany.with(|engine| {
//!     let session = engine.open_checkout(shop, CheckoutRequest::of(42).reference("user_42"))?;
//!     let bought = engine.pay(shop, &session, PaymentMethod::Card)?.subscriptions[0];
//!     engine.fail_payments(shop, bought, 1)?;
//!     let account = engine.account(shop);
//!     Ok::<_, octany_sim::engine::EngineError>((account.uuid.clone(), account.api_key.clone(), bought))
//! })?;
//!
//! // A month later the renewal fails, as was asked for.
//! octany.advance_to("2026-12-30T12:00:00Z".parse()?);
//! let api = format!("{base}/api");
//! let client = Client::builder(uuid.as_str(), ApiKey::new(key)?).base_url(&api).build()?;
//! let subscription = client.subscription(&bought.into()).await?.value;
//! assert_eq!(subscription.status, SubscriptionStatus::Delayed);
//!
//! // It knows who asks.
//! let stranger = Client::builder(uuid, ApiKey::new("not the key")?).base_url(api).build()?;
//! assert!(stranger.subscription(&bought.into()).await.unwrap_err().is_unauthorized());
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! # What is where
//!
//! | for | see |
//! |---|---|
//! | what happens, and when | [`engine`]: accounts, products, checkouts, subscriptions, orders, time |
//! | what documents look like | [`wire`]: resources, deliveries, ids, portal links |
//! | HTTP, webhooks and faults | [`server`]: [`Simulator`](server::Simulator), [`Faults`](server::Faults) |
//!
//! # What it is not
//!
//! It follows Octany's published documents. Where they are silent (when a failed renewal is tried
//! again, how often a delivery is), it does something likely, and [`Habits`](engine::Habits) can say
//! otherwise. It guards nothing: keep it on your machine.

#[cfg(test)]
use octany_test_trace as _;

pub mod engine;
pub mod server;
pub mod wire;
