//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;

use super::StoreError;

/// Remembers for each reference whether access was last announced as granted, so that each change
/// is announced once, by whichever task or node sees it first.
#[async_trait]
pub trait AccessLog: Send + Sync {
    /// Remembers whether access is granted, and tells whether that is a change, in **one atomic
    /// step**. The first word on a reference is no change.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it is remembered.
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
}
