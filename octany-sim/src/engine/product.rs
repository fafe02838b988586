//! What is sold.

use serde::{Deserialize, Serialize};

use super::Interval;

/// A product of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Product {
    /// Its id.
    pub id: u64,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// How it is sold.
    pub kind: ProductKind,
    /// The price in minor units, without VAT.
    pub price: i64,
    /// The currency of the price.
    pub currency: String,
    /// The VAT rate in basis points.
    pub vat: i64,
}

/// How a product is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductKind {
    /// A subscription.
    Recurring {
        /// How often it renews.
        interval: Interval,
        /// After how many periods it expires; it renews for ever without.
        cycles: Option<u32>,
        /// For how many days it is free at first.
        trial_days: u32,
    },
    /// A subscription that cannot be charged for anything else.
    Donation {
        /// How often it renews.
        interval: Interval,
    },
    /// An order and no subscription.
    OneTime,
}

impl Product {
    /// A subscription for a price, in SEK and with 25 % VAT.
    pub fn recurring(id: u64, name: impl Into<String>, interval: Interval, price: i64) -> Self {
        let kind = ProductKind::Recurring { interval, cycles: None, trial_days: 0 };
        Self::new(id, name, kind, price)
    }

    /// Something that is bought once, in SEK and with 25 % VAT.
    pub fn one_time(id: u64, name: impl Into<String>, price: i64) -> Self {
        Self::new(id, name, ProductKind::OneTime, price)
    }

    /// A product, in SEK and with 25 % VAT.
    pub fn new(id: u64, name: impl Into<String>, kind: ProductKind, price: i64) -> Self {
        let (name, currency) = (name.into(), "SEK".to_owned());
        Self { id, name, description: None, kind, price, currency, vat: 2500 }
    }

    /// The same subscription with a trial.
    #[must_use]
    pub fn with_trial(mut self, days: u32) -> Self {
        if let ProductKind::Recurring { trial_days, .. } = &mut self.kind {
            *trial_days = days;
        }
        self
    }

    /// The same subscription for so many periods.
    #[must_use]
    pub fn with_cycles(mut self, periods: u32) -> Self {
        if let ProductKind::Recurring { cycles, .. } = &mut self.kind {
            *cycles = Some(periods);
        }
        self
    }

    /// A sum with this product's VAT on it, in minor units; half an öre is rounded up.
    pub fn with_vat(&self, sum: i64) -> i64 {
        with_vat(sum, self.vat)
    }
}

/// A sum with VAT on it, whose rate is in basis points; half an öre is rounded up.
pub(super) fn with_vat(sum: i64, vat: i64) -> i64 {
    let added = (i128::from(sum) * i128::from(vat) + 5_000).div_euclid(10_000);
    sum.saturating_add(i64::try_from(added).unwrap_or(i64::MAX))
}

impl Product {
    /// The price with VAT, in minor units; half an öre is rounded up.
    pub fn price_with_vat(&self) -> i64 {
        with_vat(self.price, self.vat)
    }
}

impl ProductKind {
    /// How often it renews, if it does.
    pub fn interval(self) -> Option<Interval> {
        match self {
            Self::Recurring { interval, .. } | Self::Donation { interval } => Some(interval),
            Self::OneTime => None,
        }
    }

    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recurring { .. } => "Recurring",
            Self::Donation { .. } => "Donation",
            Self::OneTime => "OneTime",
        }
    }
}
