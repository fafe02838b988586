//! What becomes of deliveries.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

#[path = "../capture/log.rs"]
mod capture;

mod abort;
mod answers;
mod body;
mod connection;
mod extract;
mod http1;
mod inbox;
mod log;
mod middleware;
mod once;
mod server;
mod service;
mod support;
mod types;
mod workers;
