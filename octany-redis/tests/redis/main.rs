//! `RedisStore`, on a server. `scripts/test` sees to it that there is one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod checkouts;
mod conformance;
mod deliveries;
mod eviction;
mod failures;
mod invalidation;
mod lost_connections;
mod outage;
mod own_server;
mod place;
mod races;
mod subscriptions;
mod unreadable;
mod versions;
mod way;
