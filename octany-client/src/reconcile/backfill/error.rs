//! Why a backfill stopped.

use std::error::Error;

use super::Cursor;
use crate::ReconcileError;

/// A backfill that stopped on the way. Nothing behind the cursor was skipped: go on from it.
#[derive(Debug, thiserror::Error)]
#[error("the backfill stopped after page {}", cursor.page)]
#[non_exhaustive]
pub struct BackfillError {
    /// How far it got.
    pub cursor: Cursor,
    /// Why it stopped.
    #[source]
    pub cause: StopCause,
}

/// Why a backfill stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StopCause {
    /// A page was not answered, or an answer not stored.
    #[error("a page could not be taken in")]
    Page(#[source] ReconcileError),
    /// What was told of the progress failed.
    #[error("the progress could not be kept")]
    Progress(#[source] Box<dyn Error + Send + Sync>),
}
