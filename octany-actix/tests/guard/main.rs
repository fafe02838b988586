//! Who passes a guard.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

#[path = "../capture/log.rs"]
mod capture;

mod answers;
mod extract;
mod log;
mod scope;
mod service;
mod shadow;
mod subject;
mod subscribed;
mod support;
mod types;
