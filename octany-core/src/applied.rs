//! What became of a report.

/// What a store did with a report. All five are normal, and a delivery that ends in any of them
/// is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Applied {
    /// The subscription was not known.
    Inserted,
    /// The report is newer than what was known.
    Updated,
    /// The report is as new as what was known and says something else. The later arrival counts,
    /// and the record is marked until a newer report settles it.
    Contested,
    /// The report says what was known.
    Unchanged,
    /// The report is older than what is known.
    Stale,
}

impl Applied {
    /// Whether what is known changed.
    pub const fn changed(self) -> bool {
        matches!(self, Self::Inserted | Self::Updated | Self::Contested)
    }

    /// The name in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inserted => "inserted",
            Self::Updated => "updated",
            Self::Contested => "contested",
            Self::Unchanged => "unchanged",
            Self::Stale => "stale",
        }
    }
}
