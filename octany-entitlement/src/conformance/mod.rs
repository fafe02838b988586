//! The suite that proves a store, ours and yours.
//!
//! Each function takes a closure that makes a **fresh, empty** store, runs every case against it,
//! panics on the first promise that is broken, naming it, and gives the number of cases. Run it
//! on a runtime with several threads, so that what is meant to race does.
//!
//! ```
//! use octany_entitlement::{MemoryStore, conformance};
//!
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! let make = async || MemoryStore::new(); // yours: connect, and empty the tables
//! conformance::subscription_store(make).await;
//! conformance::delivery_log(make).await; // if yours is one
//! # });
//! ```

mod access_log;
mod charge_intents;
mod checkout_log;
mod delivery_log;
mod inbox_store;
mod ledger;
mod links;
mod race;
mod reports;
mod subscription_store;

pub use self::access_log::access_log;
pub use self::charge_intents::charge_intents;
pub use self::checkout_log::checkout_log;
pub use self::delivery_log::delivery_log;
pub use self::inbox_store::inbox_store;
pub use self::ledger::ledger;
pub use self::links::subscription_links;
pub use self::subscription_store::subscription_store;

/// How many tasks race.
const TASKS: usize = 32;
