//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;

use super::StoreError;

/// Remembers for each reference whether access was last announced as granted, so that each change
/// is announced once, by whichever task or node sees it first.
#[async_trait]
pub trait AccessLog: Send + Sync {
    /// Remembers whether access is granted, and until when if no report comes, and tells what of
    /// it is news, in **one atomic step**. A denial has no end.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it is remembered.
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Announced, StoreError>;

    /// Whose access was announced as granted until an instant that is `now` or before: at most
    /// `limit` of them, those first whose access ended first. For [sweeping](crate::Receiver::sweep).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError>;
}

/// What of an announcement was news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Announced {
    /// Access was announced otherwise before: somebody has to be told.
    Changed,
    /// Nothing to tell, but something to remember: the first word on a reference, or another end.
    Noted,
    /// Nothing.
    Unchanged,
}

impl Announced {
    /// Whether somebody has to be told.
    pub const fn is_change(self) -> bool {
        matches!(self, Self::Changed)
    }
}
