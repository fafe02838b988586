//! Which checkouts visitors were sent to.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{ProductId, ReferenceId};

use super::StoreError;

/// A checkout that a visitor was sent to. What became of it is for Octany to say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkout {
    /// What Octany was told as `referenceId`: the whole text of a signed one. By this, the API finds
    /// what the checkout became.
    pub reference: ReferenceId,
    /// Your own key for the visitor, which guards ask for.
    pub user: ReferenceId,
    /// What was offered.
    pub product: ProductId,
    /// When the visitor was sent there, the last time if more than once.
    pub begun_at: DateTime<Utc>,
    /// When the visitor first came back since then as one who has paid. It proves nothing.
    pub returned_at: Option<DateTime<Utc>>,
}

impl Checkout {
    /// One that begins now.
    pub fn new(
        reference: impl Into<ReferenceId>,
        user: impl Into<ReferenceId>,
        product: impl Into<ProductId>,
        begun_at: DateTime<Utc>,
    ) -> Self {
        let (reference, user, product) = (reference.into(), user.into(), product.into());
        Self { reference, user, product, begun_at, returned_at: None }
    }
}

/// Remembers which checkouts visitors were sent to, so that the API can be asked what became of
/// them when no webhook tells, on any node.
///
/// One row for each reference. It decides nothing about access.
#[async_trait]
pub trait CheckoutLog: Send + Sync {
    /// Notes that a visitor is sent to a checkout. One with the same reference is replaced.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was noted.
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError>;

    /// Notes that the visitor came back from the newest of their checkouts, and gives it; a second
    /// return changes nothing. `None` if none has begun at `since` or later.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was noted.
    async fn returned(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError>;

    /// The checkouts of a user that began at `since` or later, newest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn begun(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Checkout>, StoreError>;

    /// Forgets those that began before an instant, and gives how many those were.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether they are forgotten.
    async fn forget_begun_before(&self, instant: DateTime<Utc>) -> Result<u64, StoreError>;
}
