//! The command as people and programs run it: a process, beside real servers and a local Octany.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod audit;
mod backfill;
mod charges;
mod inbox;
mod listen;
mod look;
mod octany;
mod owner;
#[path = "../common/place.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod place;
mod reconcile;
mod refusals;
#[path = "../common/run.rs"]
mod run;
mod store;
mod why;
