//! What the routes answer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

#[path = "../../../octany-axum/tests/capture/log.rs"]
mod capture;

mod clicks;
mod client;
mod log;
mod page;
mod pending;
mod portal;
mod setup;
mod subscribe;
mod support;
