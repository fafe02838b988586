//! `octany doctor` finds each planted mistake by the finding that names it, and nothing wrong with
//! receivers that are right.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod account;
mod broken;
#[path = "../common/place.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod place;
mod receiver;
mod right;
#[path = "../common/run.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod run;
mod settings;
mod store;
mod support;
