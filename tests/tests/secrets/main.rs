//! What nobody may read is planted into everything that takes it, and searched for in all that is
//! shown of it: `Debug`, every error with the chain of its sources, and every answer that refuses.
//!
//! There is one file a crate. Each shows every public type of its crate, which is held against the
//! crate's source: a type that comes new is missed until somebody shows it here.

use octany_test_trace as _;

mod actix;
mod api;
mod app;
mod axum;
mod billing;
mod client;
mod control;
mod core;
mod entitlement;
mod planted;
mod redis;
mod requests;
mod search;
mod sim;
mod sqlx;
mod stores;
mod types;
