//! Checkouts.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Visitor;

/// A checkout that somebody opened.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// Its id, which stands in its URL.
    pub id: String,
    /// What is bought, and how many of each.
    pub items: Vec<(u64, u32)>,
    /// Who buys.
    pub visitor: Visitor,
    /// A price in place of the product's, in minor units.
    pub amount: Option<i64>,
    /// Where the visitor goes afterwards.
    pub success_url: Option<String>,
    /// The language of the page.
    pub locale: Option<String>,
    /// `utm_*`
    pub utm: Vec<(String, String)>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When a subscription that is bought here starts; at once unless set.
    pub starts_at: Option<DateTime<Utc>>,
    /// What became of it.
    pub outcome: Outcome,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Who has the id is in the checkout, and a link may have anything in it.
        f.debug_struct("Session")
            .field("items", &self.items)
            .field("visitor", &self.visitor)
            .field("amount", &self.amount)
            .field("locale", &self.locale)
            .field("created_at", &self.created_at)
            .field("starts_at", &self.starts_at)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// What became of a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing yet.
    Open,
    /// It was paid, or is being paid.
    Paid,
    /// The visitor left.
    Abandoned,
}
