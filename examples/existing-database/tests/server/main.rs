//! The app's own tables, on a server. `scripts/test` sees to it that there is one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod conformance;
mod demo;
mod failures;
#[path = "../../../../octany-sqlx/tests/postgres/place.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod place;
#[path = "../../../../octany-sqlx/tests/server/reports.rs"]
#[allow(dead_code, reason = "another crate's tests use more of it")]
mod reports;
mod tables;
