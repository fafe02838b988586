//! How many of an item.

use serde::{Serialize, Serializer};

use super::field::plain_fields;

/// How many of an item were ordered. Octany's older documents write it as the string `"1"`; it is
/// written back as it came.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    count: i64,
    text: bool,
}

impl Quantity {
    /// So many.
    pub fn new(count: i64) -> Self {
        Self { count, text: false }
    }

    /// How many.
    pub fn count(self) -> i64 {
        self.count
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
    }
}

impl Eq for Quantity {}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.text {
            serializer.collect_str(&self.count)
        } else {
            serializer.serialize_i64(self.count)
        }
    }
}

plain_fields! {
    Quantity: |value| match value.string() {
        Some((digits, _)) => digits.parse().ok().map(|count| Self { count, text: true }),
        None => value.text().parse().ok().map(Self::new),
    },
}
