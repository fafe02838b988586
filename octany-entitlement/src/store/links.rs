//! Subscriptions that no checkout of yours started.

use async_trait::async_trait;
use octany_core::{ReferenceId, SubscriptionId};

use super::StoreError;

/// Says whose a subscription is that comes without a reference.
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
}
