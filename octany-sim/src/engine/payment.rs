//! How something is paid.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// How a customer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// A card: settles at once.
    Card,
    /// Swish: settles at once.
    Swish,
    /// An invoice: counts as paid when it is made.
    Invoice,
    /// A direct debit: settles after seven banking days.
    DirectDebit,
}

impl PaymentMethod {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Card, Self::Swish, Self::Invoice, Self::DirectDebit];

    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Swish => "swish",
            Self::Invoice => "invoice",
            Self::DirectDebit => "direct_debit",
        }
    }

    /// When a payment made then has arrived; `None` for at once.
    pub(super) fn settles_at(self, made_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (self == Self::DirectDebit).then(|| banking_days_after(made_at, 7))
    }
}

fn banking_days_after(start: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let (mut at, mut left) = (start, days);
    while left > 0 {
        at += TimeDelta::days(1);
        if !matches!(at.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direct_debit_takes_seven_days_on_which_banks_work() {
        let friday: DateTime<Utc> = "2026-03-06T09:00:00Z".parse().expect("an instant");
        let settled = PaymentMethod::DirectDebit.settles_at(friday);
        assert_eq!(settled, Some("2026-03-17T09:00:00Z".parse().expect("an instant")));
        assert_eq!(PaymentMethod::Card.settles_at(friday), None);
    }
}
