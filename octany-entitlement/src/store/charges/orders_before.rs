//! Which orders there were.

use chrono::{DateTime, Utc};
use octany_core::OrderId;

use crate::store::StoreError;

/// Which orders of a product a subscription had before a charge was sent, so that new ones can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrdersBefore {
    /// When that was, by the server's own clock.
    pub as_of: DateTime<Utc>,
    /// The latest of them, latest first.
    pub latest: Vec<OrderId>,
    /// Whether those are all.
    pub complete: bool,
}

/// Where it cannot be read. The parser's own error quotes what stands there.
#[derive(Debug, thiserror::Error)]
#[error("not the orders that there were (line {line}, column {column})")]
struct Unreadable {
    line: usize,
    column: usize,
}

impl Unreadable {
    fn at(error: &serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

/// The members in their order: the instant in microseconds, ids as text.
type Stored = (i64, Vec<String>, bool);

impl OrdersBefore {
    /// As JSON text, for storing.
    pub fn to_json(&self) -> String {
        let latest = self.latest.iter().map(ToString::to_string).collect();
        let stored: Stored = (self.as_of.timestamp_micros(), latest, self.complete);
        serde_json::to_string(&stored).expect("numbers and texts are JSON")
    }

    /// What was stored.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: corrupt if it cannot be read.
    pub fn from_json(stored: &str) -> Result<Self, StoreError> {
        let (as_of, latest, complete): Stored = serde_json::from_str(stored)
            .map_err(|error| StoreError::corrupt(Unreadable::at(&error)))?;
        let as_of = DateTime::from_timestamp_micros(as_of)
            .ok_or_else(|| StoreError::corrupt("an instant beyond the calendar"))?;
        let latest = latest.into_iter().map(OrderId::from).collect();
        Ok(Self { as_of, latest, complete })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreErrorKind;

    #[test]
    fn it_comes_back_as_it_was_stored() {
        let as_of = DateTime::from_timestamp_micros(1_780_000_000_123_456).expect("a day in 2026");
        let latest = vec![7.into(), "ord_\"å\n".into()];
        let before = OrdersBefore { as_of, latest, complete: true };
        let again = OrdersBefore::from_json(&before.to_json()).expect("it was written by this");
        assert_eq!(again, before);
    }

    #[test]
    fn what_cannot_be_read_is_corrupt() {
        for stored in ["", "{}", "[0,[],1]", "[9223372036854775807,[],true]"] {
            let error = OrdersBefore::from_json(stored).expect_err("it is none");
            assert_eq!(error.kind(), StoreErrorKind::Corrupt);
        }
    }

    #[test]
    fn an_error_says_where_and_does_not_quote() {
        let error = OrdersBefore::from_json(r#"["anna@example.com"]"#).expect_err("it is none");
        let said = std::error::Error::source(&error).expect("it says why").to_string();
        assert_eq!(said, "not the orders that there were (line 1, column 19)");
    }
}
