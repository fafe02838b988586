//! Bringing Octany's answers into the store, beside an Octany of the test's own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod audit;
mod backfill;
mod bounds;
mod guard;
mod octany;
mod references;
mod support;
mod webhooks;
