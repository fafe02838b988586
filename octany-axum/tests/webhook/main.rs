//! What becomes of deliveries.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

#[path = "../capture/log.rs"]
mod capture;

mod answers;
mod body;
mod extract;
mod http1;
mod inbox;
mod log;
mod once;
mod service;
mod support;
mod types;
