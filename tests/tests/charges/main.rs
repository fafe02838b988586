//! Processes that are killed while they charge make no charge twice, and none is mistaken for another.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it measured"
)]

use octany_test_trace as _;

#[path = "../../../octany-client/tests/charge/fake.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod fake;
mod kills;
#[path = "../../../octany-sqlx/tests/postgres/place.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod place;
#[path = "../nodes/stream.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod stream;
