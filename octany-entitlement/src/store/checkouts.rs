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
/// One row for each user and reference: the same reference of another user is another checkout, so
/// that nobody can take or mark somebody else's. Of a user's, the newest is the one that began last;
/// of those that began in the same microsecond, the one whose reference is the greatest, byte by byte.
///
/// It decides nothing about access, and grows until it is told to
/// [forget](Self::forget_begun_before).
#[async_trait]
pub trait CheckoutLog: Send + Sync {
    /// Notes that a visitor is sent to a checkout, in **one atomic step**. If they were sent there
    /// before, the later time counts, whichever is noted first: it has the product, and whoever came
    /// back before it has not come back since. At the same instant, the product is replaced and a
    /// return kept, so that noting it again does no harm.
    ///
    /// The `returned_at` that is given counts for nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was noted.
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError>;

    /// Notes that the visitor came back from the newest of their checkouts, and gives it; a second
    /// return changes nothing. `None` if none has begun at `since` or later.
    ///
    /// Which one is the newest is decided, and its return noted, in **one atomic step**.
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
