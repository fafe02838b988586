//! Receivers as somebody might write them. None may pass.

use async_trait::async_trait;
use octany_core::{Applied, ReferenceId, Snapshot, Version};
use octany_entitlement::{StoreError, SubscriptionLinks, SubscriptionStore};

use super::findings::Check;

/// What is wrong with an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Its store keeps what arrived last, however old that is.
    LastArrivalWins,
    /// It remembers no deliveries.
    ForgetsDeliveries,
    /// Its effects are in no transaction with the claim.
    ClaimsApart,
    /// It says that all is well where its handler failed.
    SwallowsFailures,
    /// It also believes whoever guessed a secret.
    BelievesForgeries,
    /// Its guard lets people in who are overdue.
    LetsInTheOverdue,
    /// It asks Octany nothing.
    NeverReconciles,
}

impl Flaw {
    pub(crate) const ALL: [(Self, Check); 7] = [
        (Self::LastArrivalWins, Check::State),
        (Self::ForgetsDeliveries, Check::Effects),
        (Self::ClaimsApart, Check::Effects),
        (Self::SwallowsFailures, Check::Effects),
        (Self::BelievesForgeries, Check::Forgeries),
        (Self::LetsInTheOverdue, Check::Decisions),
        (Self::NeverReconciles, Check::State),
    ];
}

/// A store in which the last arrival wins.
pub(crate) struct LastArrivalWins<S>(pub(crate) S);

#[async_trait]
impl<S: SubscriptionStore + SubscriptionLinks> SubscriptionStore for LastArrivalWins<S> {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let mut newest = snapshot.clone();
        if let Some(owner) = self.0.owner(&snapshot.subscription).await? {
            for stored in self.0.subscriptions(&owner).await? {
                if stored.subscription == snapshot.subscription {
                    let after = Version::from_i64(stored.version.as_i64() + 1);
                    newest.version = newest.version.max(after);
                }
            }
        }
        self.0.apply(&newest).await
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        self.0.subscriptions(reference).await
    }
}
