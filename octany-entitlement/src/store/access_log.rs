//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;

use super::StoreError;

/// Remembers for each reference whether access was last announced as granted, so that each change
/// is announced once, by whichever task or node sees it first.
#[async_trait]
pub trait AccessLog: Send + Sync {
    /// Sets the remembered access to `now_granted` and tells whether that is a change, in **one
    /// atomic step**. For a reference that is not remembered, `was_granted` counts as what was.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was set.
    async fn announce(
        &self,
        reference: &ReferenceId,
        was_granted: bool,
        now_granted: bool,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
}
