//! Octany's REST API: every operation of the contract, typed in and out.
//!
//! ```no_run
//! use octany_client::{ApiKey, Client};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let key = ApiKey::new(std::env::var("OCTANY_API_KEY")?)?;
//! let client = Client::builder("0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41", key).build()?;
//!
//! let page = client.subscriptions().reference("user_42").send().await?;
//! for subscription in &page.items {
//!     println!("{} is {}", subscription.id, subscription.status);
//! }
//!
//! // What Octany does not know is an error of a kind that can be asked for.
//! let missing = client.subscription(&"sub_unknown".into()).await.unwrap_err();
//! assert!(missing.is_not_found());
//! # Ok(()) }
//! ```
//!
//! # Reconciliation
//!
//! A [`Reconciler`] brings answers into the store by the rules for deliveries, so that a payer passes
//! whose webhook is late or lost. A [`Gate`](octany_entitlement::Gate) asks it before it denies;
//! [`backfill`](Reconciler::backfill) takes in all subscriptions, and
//! [`audit`](Reconciler::audit) finds what the store has wrong.

mod answered;
mod builder;
mod charge;
mod client;
mod decode;
mod error;
mod key;
mod operations;
mod page;
mod reconcile;
mod transport;

pub use crate::answered::Answered;
pub use crate::builder::{API_BASE, BuildError, ClientBuilder};
pub use crate::charge::{ChargeError, Charged, Settled};
pub use crate::client::Client;
pub use crate::error::{Error, ErrorKind};
pub use crate::key::{ApiKey, ApiKeyError};
pub use crate::operations::{
    ChargeRequest, ListOrders, ListProducts, ListSubscriptions, ProductUpdate,
};
pub use crate::page::Page;
pub use crate::reconcile::{
    Audit, AuditMode, Backfill, BackfillError, Cursor, Drift, DriftedField, Progress,
    ReconcileError, Reconciled, Reconciler, ReconcilerBuilder, Sample, StopCause,
};
pub use crate::transport::Priority;
