//! Octany over a table that an app already has, through diesel: `schema.sql`, with names and types
//! of its own.
//!
//! Unlike `existing-database`, this app keeps the reported documents. So a tie is two reports of
//! one version whose *digests* differ.

mod error;
mod schema;
mod store;

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::bb8::Pool;

pub use crate::store::Licences;

/// The app's table.
pub const SCHEMA: &str = include_str!("../schema.sql");

impl Licences {
    /// Over a pool of the app's own.
    pub fn new(pool: Pool<AsyncPgConnection>) -> Self {
        Self { pool }
    }
}

impl std::fmt::Debug for Licences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Licences").finish_non_exhaustive()
    }
}
