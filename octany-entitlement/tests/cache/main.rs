//! `Cached` keeps copies, and none that is older than what it promises.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

#[path = "../common/mod.rs"]
mod common;

mod bus;
mod lifetimes;
mod model;
mod nodes;
mod outage;
mod shared_reads;
mod staged;
mod suite;
mod telling;
mod threads;
mod tools;
mod writes;
