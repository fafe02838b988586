//! Where the store differs from the API.

use std::fmt;

use octany_core::{Snapshot, SubscriptionId};

/// A subscription about which the store says something else than the API.
///
/// `Debug` shows the subscription and the names of the fields, and nothing of what is in them.
#[derive(Clone)]
#[non_exhaustive]
pub struct Drift {
    /// Which one.
    pub subscription: SubscriptionId,
    /// What differs.
    pub fields: Vec<DriftedField>,
    /// What the API says.
    pub answered: Snapshot,
    /// What the store says, if it knows the subscription as anybody's.
    pub stored: Option<Snapshot>,
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DriftedField {
    /// The store does not know it, or as nobody's. Without
    /// [links](crate::ReconcilerBuilder::links), also if it is somebody else's there.
    Missing,
    /// Whose it is.
    Owner,
    /// Where it stands.
    Status,
    /// What is subscribed to.
    Product,
    /// When it renews.
    RenewsAt,
    /// When it ends.
    EndsAt,
    /// When its trial ends.
    TrialEndsAt,
}

impl Drift {
    /// What differs, if anything does.
    pub(super) fn between(answered: Snapshot, stored: Option<Snapshot>) -> Option<Self> {
        let fields = match &stored {
            None => vec![DriftedField::Missing],
            Some(stored) => differing(&answered, stored),
        };
        let subscription = answered.subscription.clone().into_owned();
        let answered = answered.into_owned();
        (!fields.is_empty()).then_some(Self { subscription, fields, answered, stored })
    }
}

fn differing(answered: &Snapshot, stored: &Snapshot) -> Vec<DriftedField> {
    // Stored without a name of its own, it is whose it was linked to.
    let is_owner_wrong = answered.reference.is_some() && answered.reference != stored.reference;
    // An end that could not be read counts as reached then, each time anew.
    let are_ends_wrong = |one, other| !answered.contested && one != other;
    [
        (is_owner_wrong, DriftedField::Owner),
        (answered.status != stored.status, DriftedField::Status),
        (answered.product != stored.product, DriftedField::Product),
        (answered.renews_at != stored.renews_at, DriftedField::RenewsAt),
        (are_ends_wrong(answered.ends_at, stored.ends_at), DriftedField::EndsAt),
        (are_ends_wrong(answered.trial_ends_at, stored.trial_ends_at), DriftedField::TrialEndsAt),
    ]
    .into_iter()
    .filter_map(|(differs, field)| differs.then_some(field))
    .collect()
}

impl fmt::Debug for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drift")
            .field("subscription", &self.subscription)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}
