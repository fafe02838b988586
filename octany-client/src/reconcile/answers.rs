//! What a reconciliation found.

use octany_core::SubscriptionId;

/// What a reconciliation of one reference found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconciled {
    /// Whether Octany was asked. Not if that was done a moment ago, if the budget is used up, or if
    /// there is nothing to ask for: no text by which Octany knows the reference.
    pub asked: bool,
    /// How many subscriptions were answered.
    pub seen: usize,
    /// By how many of them what is known changed.
    pub changed: usize,
    /// Those that the store knows and the API does not. Nothing was changed about them.
    pub unknown: Vec<SubscriptionId>,
    /// How many could not be read, and were passed over.
    pub unreadable: usize,
    /// Whether there was more than is looked at in one reconciliation.
    pub cut_short: bool,
}

impl Reconciled {
    /// Adds what another part of the question found.
    pub(super) fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.changed += other.changed;
        self.unknown.extend(other.unknown);
        self.unreadable += other.unreadable;
        self.cut_short |= other.cut_short;
    }
}
