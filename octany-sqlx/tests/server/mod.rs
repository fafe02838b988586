//! What the tests of the stores on a server share. Each target has a `place` of its own.

pub(crate) mod lost_connections;
pub(crate) mod reports;

mod charges;
mod conformance;
mod deliveries;
mod failures;
mod inbox;
mod migrations;
mod names;
mod races;
mod subscriptions;
mod transaction;
