//! Subscriptions.

use chrono::{DateTime, Utc};
use octany_core::SubscriptionStatus;
use serde::{Deserialize, Serialize};

use super::{PaymentMethod, Visitor, names};

/// A subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subscription {
    /// Its id.
    pub id: u64,
    /// What is subscribed to.
    pub product: u64,
    /// The price of a period in minor units, without VAT.
    pub price: i64,
    /// The VAT rate in basis points.
    pub vat: i64,
    /// The currency.
    pub currency: String,
    /// Where it stands.
    #[serde(with = "names")]
    pub status: SubscriptionStatus,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it starts, if not at once.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it renews; in the past while a renewal is being retried.
    pub renews_at: Option<DateTime<Utc>>,
    /// When it ends, if it does.
    pub ends_at: Option<DateTime<Utc>>,
    /// When its trial ends.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// Who pays.
    pub visitor: Visitor,
    /// How it is paid.
    pub method: PaymentMethod,
    /// How many of the next payments fail.
    pub failing_payments: u32,
    /// How many periods may still follow.
    pub(super) cycles_left: Option<u32>,
    /// How often the renewal that is due was tried.
    pub(super) attempts: u32,
    /// When it is tried again.
    pub(super) next_attempt: Option<DateTime<Utc>>,
    /// The order that is being paid.
    pub(super) paying: Option<u64>,
}

impl Subscription {
    /// When time alone changes it next.
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        use SubscriptionStatus::{Active, Delayed, FutureStart, Pending, Trialing};
        match self.status {
            FutureStart => self.starts_at,
            Trialing | Active => self.ends_at.or(self.renews_at),
            Pending | Delayed => self.next_attempt,
            _ => None,
        }
        // While a payment is under way, its order is what is due.
        .filter(|_| self.paying.is_none() || self.ends_at.is_some())
    }

    /// Whether what is due is its renewal, and not its start or its end.
    pub(super) fn is_to_be_renewed(&self) -> bool {
        use SubscriptionStatus::{Active, Delayed, Trialing};
        let goes_on = self.ends_at.is_none() && self.cycles_left != Some(0);
        goes_on && matches!(self.status, Trialing | Active | Delayed)
    }

    /// Whether a period of it, or its trial, has ever begun.
    pub(super) fn has_begun(&self) -> bool {
        self.renews_at.is_some() || self.ends_at.is_some()
    }

    /// A period begins that lasts until then.
    pub(super) fn begins(&mut self, until: DateTime<Utc>) {
        self.paying = None;
        self.attempts = 0;
        self.next_attempt = None;
        self.cycles_left = self.cycles_left.map(|left| left.saturating_sub(1));
        if self.ends_at.is_none() {
            self.renews_at = Some(until);
        }
    }

    /// Takes one of the failures that are to come, if there is one.
    pub(super) fn payment_fails(&mut self) -> bool {
        let fails = self.failing_payments > 0;
        self.failing_payments = self.failing_payments.saturating_sub(1);
        fails
    }
}
