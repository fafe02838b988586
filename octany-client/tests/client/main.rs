//! The client against servers of its own: one made from the contract, and ones that misbehave.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod answers;
mod calls;
#[path = "../../../octany-axum/tests/capture/log.rs"]
mod capture;
mod connections;
mod contract;
mod lists;
mod log;
mod mock;
mod redirects;
mod retries;
mod support;
