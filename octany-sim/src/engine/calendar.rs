//! How long a period is.

use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};

/// How often something renews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

impl Interval {
    /// The end of the period that begins then. A day that its month does not have becomes the
    /// month's last one, and later periods start from there: 30 November, 30 December, 30 January,
    /// 28 February, 28 March.
    pub fn after(self, start: DateTime<Utc>) -> DateTime<Utc> {
        let months = match self {
            Self::Month => Months::new(1),
            Self::Year => Months::new(12),
        };
        // Beyond the last year that can be written, nothing renews.
        start.checked_add_months(months).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> DateTime<Utc> {
        format!("{text}T12:00:00Z").parse().expect("a day")
    }

    #[test]
    fn a_day_that_a_month_lacks_is_lost_for_good() {
        let mut at = day("2026-11-30");
        let mut days = Vec::new();
        for _ in 0..4 {
            at = Interval::Month.after(at);
            days.push(at.date_naive().to_string());
        }
        assert_eq!(days, ["2026-12-30", "2027-01-30", "2027-02-28", "2027-03-28"]);
    }

    #[test]
    fn a_leap_day_renews_on_the_28th_from_then_on() {
        let next = Interval::Year.after(day("2028-02-29"));
        assert_eq!(next, day("2029-02-28"));
        assert_eq!(Interval::Year.after(next), day("2030-02-28"));
    }
}
