//! `PostgresStore`, on a server. `scripts/test` sees to it that there is one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod conformance;
mod deliveries;
mod failures;
mod invalidation;
mod lost_connections;
mod migrations;
mod names;
mod place;
mod races;
mod subscriptions;
mod together;
mod transaction;
