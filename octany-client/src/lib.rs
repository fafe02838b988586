//! Octany's REST API: every operation of the contract, typed in and out.
//!
//! # One call
//!
//! ```no_run
//! use octany_client::{ApiKey, Client};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Both stand in Octany's admin. A client is made once and cloned.
//! let key = ApiKey::new(std::env::var("OCTANY_API_KEY")?)?;
//! let client = Client::builder("0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41", key).build()?;
//!
//! let answered = client.subscription(&76963688.into()).await?;
//! println!("{} as of {}", answered.value.status, answered.as_of);
//!
//! // What Octany does not know is an error of a kind that can be asked for.
//! let missing = client.subscription(&"sub_unknown".into()).await.unwrap_err();
//! assert!(missing.is_not_found());
//! # Ok(()) }
//! ```
//!
//! | what | call |
//! |---|---|
//! | subscriptions | [`subscriptions`](Client::subscriptions), [`subscription`](Client::subscription), [`cancel`](Client::cancel), [`swap_product`](Client::swap_product), [`create_subscription`](Client::create_subscription) |
//! | orders | [`orders`](Client::orders), [`order`](Client::order), [`charge`](Client::charge) |
//! | products | [`products`](Client::products), [`product`](Client::product), [`update_product`](Client::update_product), [`delete_product`](Client::delete_product) |
//! | webhooks | [`register_endpoint`](Client::register_endpoint) |
//!
//! # Lists
//!
//! A list is asked for page by page with [`send`](List::send), or read whole with
//! [`stream`](List::stream) and [`pages`](List::pages), which hold one page at a time.
//!
//! ```no_run
//! # async fn example(client: octany_client::Client) -> Result<(), octany_client::Error> {
//! let mut theirs = client.subscriptions().reference("user_42").stream();
//! while let Some(subscription) = theirs.try_next().await? {
//!     println!("{}", subscription.value.id);
//! }
//! # Ok(()) }
//! ```
//!
//! # When it fails
//!
//! An [`Error`] has a [kind](ErrorKind). It shows neither a customer's data nor the key, so it may
//! go to any log. Octany knows no idempotency keys: after a `POST`, ask
//! [`is_ambiguous`](Error::is_ambiguous) before you send it again.
//!
//! ```no_run
//! # use octany_client::{ChargeRequest, Client, Error};
//! # async fn example(client: Client) -> Result<(), Error> {
//! let charge = ChargeRequest::new(1225, 4995); // 49.95 of the currency
//! match client.charge(&76963688.into(), &charge).await {
//!     Ok(order) => println!("order {}", order.value.id),
//!     Err(error) if error.is_payment_required() => println!("the card was declined"),
//!     Err(error) if error.is_ambiguous() => println!("look among the orders first: {error}"),
//!     Err(error) => return Err(error), // nothing happened
//! }
//! # Ok(()) }
//! ```
//!
//! What may pass is tried again by the client itself, a `POST` only where it is certain that nothing
//! happened: [`RetryPolicy`] says when, how often and for how long. All calls of all clones share a
//! [`RateLimit`], and a pause that Octany asks for by a 429. Where both people and machines call,
//! say so, and people go first:
//!
//! ```no_run
//! # fn example(client: octany_client::Client) {
//! use octany_client::Priority;
//!
//! let for_sweeps = client.clone().priority(Priority::Background);
//! # }
//! ```
//!
//! # Reconciliation
//!
//! A [`Reconciler`] brings answers into the store by the rules for deliveries, so that a payer passes
//! whose webhook is late or lost. A [`Gate`](octany_entitlement::Gate) asks it before it denies;
//! [`backfill`](Reconciler::backfill) takes in all subscriptions, and
//! [`audit`](Reconciler::audit) finds what the store has wrong.
//!
//! # The key
//!
//! It goes to the origin of the base URL and nowhere else: no redirect is followed, no link of an
//! answer is either (pages are counted here), an HTTP client of your own is
//! [finished here](ClientBuilder::http) so that it cannot do otherwise, and plain HTTP is for this
//! machine only.
//!
//! # Logs
//!
//! Each call is a `tracing` span `octany_call` with the operation, the status, the number of
//! attempts and the kind of error; never an id, a reference or a URL.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `rustls` (default) | TLS by rustls, with the certificates of the operating system. Without it, give the client [an HTTP client](ClientBuilder::http) that speaks TLS by another of reqwest's features |

#[cfg(test)]
use octany_test_trace as _;

mod answered;
mod builder;
mod charge;
mod client;
mod decode;
mod error;
mod key;
mod list;
mod operations;
mod pace;
mod page;
mod pages;
mod reconcile;
mod retry;
mod transport;

pub use crate::answered::Answered;
pub use crate::builder::{API_BASE, BuildError, ClientBuilder};
pub use crate::charge::{ChargeError, Charged, Settled};
pub use crate::client::Client;
pub use crate::error::{Error, ErrorKind, FieldError};
pub use crate::key::{ApiKey, ApiKeyError};
pub use crate::list::List;
pub use crate::operations::{
    ChargeRequest, ListOrders, ListProducts, ListSubscriptions, NewSubscription, ProductUpdate,
};
pub use crate::pace::{Priority, RateLimit};
pub use crate::page::Page;
pub use crate::pages::{Items, Pages};
pub use crate::reconcile::{
    Audit, AuditMode, Backfill, BackfillError, Cursor, Drift, DriftedField, Progress,
    ReconcileError, Reconciled, Reconciler, ReconcilerBuilder, Sample, StopCause,
};
pub use crate::retry::RetryPolicy;
