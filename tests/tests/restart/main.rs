//! A database server that is stopped and started under load: nothing that was acknowledged is lost,
//! nobody who pays is denied, and no process has to be restarted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod load;
mod on_postgres;
mod on_redis;
#[path = "../../../octany-redis/tests/redis/own_server.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod own_server;
#[path = "../../../octany-redis/tests/redis/place.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod place;
