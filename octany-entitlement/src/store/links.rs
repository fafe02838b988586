//! Whose a subscription is.

use async_trait::async_trait;
use octany_core::{ReferenceId, SubscriptionId};

use super::StoreError;

/// Knows whose a subscription is, those included that come without a reference.
#[async_trait]
pub trait SubscriptionLinks: Send + Sync {
    /// Gives a subscription to a reference wherever its own reports name none. A report that does
    /// counts more. A second link replaces the first; it may come before the first report.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether the link was made.
    async fn link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError>;

    /// Whose a subscription is: its report's word first, then the link's. `None` for one that
    /// nobody owns, and for one that was never reported.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn owner(&self, subscription: &SubscriptionId)
    -> Result<Option<ReferenceId>, StoreError>;
}
