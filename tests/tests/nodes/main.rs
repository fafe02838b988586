//! Several processes on one database behave as one, whatever happens to each of them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it measured"
)]

use octany_test_trace as _;

mod kills;
mod node;
#[path = "../../../octany-sqlx/tests/postgres/place.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod place;
mod revocation;
mod stream;
