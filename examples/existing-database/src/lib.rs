//! Octany over tables that an app already has: `schema.sql`, with names and types of its own.
//!
//! `store.rs` is all it takes; `deliveries.rs` adds that a repeated delivery reaches the handler
//! once. The chapter `your_database` of `octany_entitlement::guide` explains both.
//!
//! `DATABASE_URL=postgres://… cargo run -p existing-database` shows it at work.

mod deliveries;
mod store;

use sqlx::PgPool;

pub use crate::store::Memberships;

/// The app's tables.
pub const SCHEMA: &str = include_str!("../schema.sql");

impl Memberships {
    /// Over a pool of the app's own.
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}
