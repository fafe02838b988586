//! What was bought with a reference that was signed for something else.

use std::sync::Arc;

use async_trait::async_trait;
use octany_core::checkout::{Bought, SignedReference};
use octany_core::resource::Subscription;
use octany_core::{ProductId, ReferenceId, Snapshot, SubscriptionId};

use super::references::Named;
use crate::store::{StoreError, SubscriptionLinks};
use crate::telemetry;

/// A subscription that is not what its signed reference was for: the visitor edited the checkout's
/// URL, or it was changed later.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quarantined {
    /// Which one.
    pub subscription: SubscriptionId,
    /// Whom its reference names, and to whom the report does not give it.
    pub user: ReferenceId,
    /// The product that was offered.
    pub offered_product: ProductId,
    /// The amount that was offered, in minor units, if it was signed.
    pub offered_amount: Option<i64>,
    /// The product that is reported, if one is.
    pub reported_product: Option<ProductId>,
    /// The price that is reported, in minor units, if one is.
    pub reported_amount: Option<i64>,
    /// Whose it is all the same, by a link: another of its reports was as offered, or you accepted
    /// it. `None` if it grants nobody anything.
    pub owner: Option<ReferenceId>,
}

/// Is told of every report that was quarantined. Closures over [`Quarantined`] are observers.
#[async_trait]
pub trait QuarantineObserver: Send + Sync {
    /// A report is not what was offered, and is durable by now. It runs inside of the delivery's
    /// claim, and the handler waits for it.
    ///
    /// It is told at least once for each such report, not once for each subscription: what is
    /// quarantined is so again with its next renewal, and a repeated delivery that was not completed
    /// tells it again.
    async fn quarantined(&self, quarantined: Quarantined);
}

#[async_trait]
impl<F: Fn(Quarantined) + Send + Sync> QuarantineObserver for F {
    async fn quarantined(&self, quarantined: Quarantined) {
        self(quarantined);
    }
}

#[derive(Clone)]
pub(super) struct Quarantine {
    pub(super) links: Arc<dyn SubscriptionLinks>,
    pub(super) observer: Arc<dyn QuarantineObserver>,
}

/// A report, in the name of whom we believe it to be about.
pub(super) struct Report<'a> {
    pub(super) snapshot: Snapshot,
    pub(super) aside: Aside<'a>,
}

/// What there is to be done beside applying.
pub(super) enum Aside<'a> {
    Nothing,
    Link(&'a Quarantine),
    Tell(&'a Quarantine, Box<Quarantined>),
}

impl<'a> Report<'a> {
    /// Pure: from the report and what its reference says, whatever came before it.
    pub(super) fn judge(
        mut snapshot: Snapshot,
        subscription: &Subscription,
        named: Option<&Named>,
        quarantine: Option<&'a Quarantine>,
    ) -> Self {
        let aside = match (named, quarantine) {
            (Some(Named::Signed(offer)), Some(quarantine)) => match offer.compare(subscription) {
                Bought::AsOffered => Aside::Link(quarantine),
                Bought::CannotTell => Aside::Nothing,
                Bought::Otherwise => {
                    Aside::Tell(quarantine, Box::new(quarantined(offer, subscription)))
                }
            },
            _ => Aside::Nothing,
        };
        let named = named.filter(|_| !matches!(aside, Aside::Tell(..)));
        snapshot.reference = named.map(|named| named.user().clone());
        Self { snapshot, aside }
    }

    /// Before the report is applied: gives the subscription to whom it is as offered to, so that it
    /// remains theirs when product or price change. What fails in between leaves a link that says
    /// what the report says, and alone grants nothing; the repeated report makes it again.
    pub(super) async fn link(&self) -> Result<(), StoreError> {
        match (&self.aside, &self.snapshot.reference) {
            (Aside::Link(quarantine), Some(user)) => {
                quarantine.links.link(&self.snapshot.subscription, user).await
            }
            _ => Ok(()),
        }
    }
}

impl Aside<'_> {
    /// Once the report is durable: tells whoever observes what it was not.
    pub(super) async fn tell(self) -> Result<(), StoreError> {
        let Self::Tell(quarantine, mut quarantined) = self else { return Ok(()) };
        quarantined.owner = quarantine.links.owner(&quarantined.subscription).await?;
        telemetry::quarantined(&quarantined);
        quarantine.observer.quarantined(*quarantined).await;
        Ok(())
    }
}

fn quarantined(offer: &SignedReference, subscription: &Subscription) -> Quarantined {
    Quarantined {
        subscription: subscription.id.clone().into_owned(),
        user: offer.user().clone(),
        offered_product: offer.product().clone(),
        offered_amount: offer.amount(),
        reported_product: subscription.product().map(ProductId::into_owned),
        reported_amount: subscription.price,
        owner: None,
    }
}
