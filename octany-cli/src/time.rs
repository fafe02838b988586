//! Instants and lengths of time, as they are typed and shown.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

/// Reads an instant: `now`, one in RFC 3339, a day, or so much later or earlier than now.
pub(crate) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let now = Utc::now();
    let moved = match text.split_at_checked(1) {
        Some(("+", by)) => now.checked_add_signed(span(by)?),
        Some(("-", by)) => now.checked_sub_signed(span(by)?),
        _ if text == "now" => Some(now),
        _ => match text.parse::<NaiveDate>() {
            Ok(day) => Some(day.and_time(NaiveTime::MIN).and_utc()),
            Err(_) => text.parse().ok(),
        },
    };
    moved.ok_or_else(|| {
        "an instant is now, +30d, -2h, 2026-12-01 or 2026-12-01T09:00:00Z".to_owned()
    })
}

/// Reads a length of time: `3d`, `90min`, `1h 30min`.
pub(crate) fn span(text: &str) -> Result<TimeDelta, String> {
    let span: Duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    TimeDelta::from_std(span).map_err(|error| error.to_string())
}

/// An instant, to the second.
pub(crate) fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The same for where there may be none.
pub(crate) fn shown_if_any(at: Option<DateTime<Utc>>) -> String {
    at.map(shown).unwrap_or_default()
}

/// How far an instant is away, roughly: `in 9 days`, `3 hours ago`.
pub(crate) fn away(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (at - now).num_seconds();
    let (count, unit) = match seconds.unsigned_abs() {
        0 => return "now".to_owned(),
        seconds @ ..60 => (seconds, "second"),
        seconds @ ..3_600 => (seconds / 60, "minute"),
        seconds @ ..86_400 => (seconds / 3_600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if seconds > 0 {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_as_people_type_them() {
        let noon = "2026-12-01T12:00:00Z".parse::<DateTime<Utc>>().expect("an instant");
        assert_eq!(instant("2026-12-01T13:00:00+01:00"), Ok(noon));
        assert_eq!(instant("2026-12-01"), Ok(noon - TimeDelta::hours(12)));
        let later = instant("+30d").expect("an instant") - Utc::now();
        assert!((29..=30).contains(&later.num_days()), "{later}");
        assert!(instant("-2h").expect("an instant") < Utc::now());
        for nonsense in ["", "+", "soon", "+30", "-", "2026-13-01", "+99999999999y", "å"] {
            instant(nonsense).expect_err(nonsense);
        }
    }

    #[test]
    fn it_is_told_how_far_away_an_instant_is() {
        let now = DateTime::UNIX_EPOCH;
        for (seconds, told) in [
            (0, "now"),
            (1, "in 1 second"),
            (-59, "59 seconds ago"),
            (3_599, "in 59 minutes"),
            (-7_200, "2 hours ago"),
            (86_400, "in 1 day"),
            (-86_400 * 40, "40 days ago"),
        ] {
            assert_eq!(away(now + TimeDelta::seconds(seconds), now), told);
        }
    }
}
