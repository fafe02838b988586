//! What is measured: the bare work, the work by hand, and ours, on the same delivery.
//!
//! Names: *bare* does everything but verify; the *floor* is what is left when nothing but the
//! necessary is done, by hand; *ours* are the crates of this workspace. Other libraries join in
//! `benches/peers`, a workspace of its own, since they bring many crates.

#![allow(
    clippy::unwrap_used,
    clippy::missing_errors_doc,
    reason = "a measurement that cannot go on should stop"
)]

pub mod actix;
pub mod axum;
pub mod contest;
#[cfg(feature = "databases")]
pub mod database;
pub mod delivery;
pub mod everybody;
pub mod floor;
pub mod guard;
pub mod load;
pub mod typed;
