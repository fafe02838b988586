//! The order of reports.

use chrono::{DateTime, Utc};

/// Where a report comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A webhook delivery, and which event it was.
    Webhook(Rank),
    /// An answer of the API, which beats a delivery of the same second.
    Api,
}

/// The order of events that were made in the same second: a renewal passes through `delayed` on
/// its way to `active`, and a cancellation ends what was updated before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// `subscription.created`
    Created,
    /// `subscription.updated`
    Updated,
    /// `subscription.renewed`
    Renewed,
    /// `subscription.cancelled`
    Cancelled,
}

/// How new a report is: by instant, then by source, then by event.
///
/// Octany's instants are whole seconds, so reports tie; two of equal version and different content
/// are *contested*. A version is one `i64` whose order is the order of versions: a database
/// enforces "newest wins" with `WHERE stored.version < new.version` inside of the write itself.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use octany_core::{Rank, Source, Version};
///
/// let noon = DateTime::UNIX_EPOCH + TimeDelta::hours(12);
/// let updated = Version::new(noon, Source::Webhook(Rank::Updated));
/// let renewed = Version::new(noon, Source::Webhook(Rank::Renewed));
/// let api = Version::new(noon, Source::Api);
/// let later = Version::new(noon + TimeDelta::seconds(1), Source::Webhook(Rank::Created));
///
/// assert!(updated < renewed && renewed < api && api < later);
/// assert_eq!(Version::from_i64(api.as_i64()), api);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

/// The low bits hold source and event, the others microseconds since 1970.
const LOW_BITS: u32 = 4;
/// Instants beyond it (about the years -16,300 and 20,200) count as the last one.
const MAX_MICROS: i64 = i64::MAX >> LOW_BITS;

impl Version {
    /// The version of a report that was true at `instant`, to the microsecond.
    pub fn new(instant: DateTime<Utc>, source: Source) -> Self {
        let micros = instant.timestamp_micros().clamp(-MAX_MICROS, MAX_MICROS);
        let low = match source {
            Source::Webhook(Rank::Created) => 0,
            Source::Webhook(Rank::Updated) => 1,
            Source::Webhook(Rank::Renewed) => 2,
            Source::Webhook(Rank::Cancelled) => 3,
            Source::Api => 8,
        };
        Self((micros << LOW_BITS) | low)
    }

    /// The instant at which the report was true.
    pub fn instant(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0 >> LOW_BITS)
            .expect("every value of 60 bits is an instant that chrono can express")
    }

    /// The version as a number of the same order, for storing.
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// A version that was stored.
    pub const fn from_i64(stored: i64) -> Self {
        Self(stored)
    }
}
