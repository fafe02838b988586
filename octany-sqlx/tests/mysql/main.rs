//! `MySqlStore`, on a server. `scripts/test` sees to it that there is one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod inbox;
mod kinds;
#[path = "../inbox/nodes.rs"]
mod nodes;
mod place;
mod rows;
mod schema;
#[path = "../server/mod.rs"]
mod server;
mod settings;
