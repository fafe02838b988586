//! Asking the engine before denying.

use std::error::Error;

use async_trait::async_trait;
use octany_core::ReferenceId;

/// Asks the billing engine about a reference and applies what it says to the store, before the
/// gate denies.
///
/// An implementation bounds itself: one question at a time for a reference, a minimum interval, a
/// budget over all references, and a deadline. A gate waits for it.
#[async_trait]
pub trait Refresh: Send + Sync {
    /// Brings the store up to date on a reference.
    ///
    /// # Errors
    ///
    /// Whatever went wrong; the gate then denies from what it has.
    async fn refresh(
        &self,
        reference: &ReferenceId,
    ) -> Result<Refreshed, Box<dyn Error + Send + Sync>>;

    /// Hears that a reference passes on what is in doubt: on a [contested] report, or on one of a
    /// renewal that should long have been [heard of](super::Gate::renewal_tolerance). The default
    /// does nothing.
    ///
    /// The request does not wait for it, so it must not wait for anything either: an implementation
    /// asks in the background, and bounds itself there. It is called at every such request.
    ///
    /// [contested]: octany_core::Snapshot::contested
    fn notice(&self, reference: &ReferenceId) {
        let _ = reference;
    }
}

/// What a refresh did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The engine was asked, by this call or by another one that may have ended since the gate
    /// looked, and what it said is in the store. The gate looks again.
    Applied,
    /// The engine was not asked: too soon, or over budget.
    NotAsked,
}
