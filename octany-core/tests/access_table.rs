//! The table in the docs of `policy` is what the code decides, for every status and date.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{AccessPolicy, Reason, Snapshot, Source, SubscriptionStatus, Version, evaluate};

const DATES: [&str; 4] = ["null", "past", "exactly now", "future"];
const COMMITTED: &str = include_str!("../docs/access-table.md");

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn date(relation: &str) -> Option<DateTime<Utc>> {
    match relation {
        "null" => None,
        "past" => Some(now() - TimeDelta::microseconds(1)),
        "exactly now" => Some(now()),
        "future" => Some(now() + TimeDelta::microseconds(1)),
        other => unreachable!("{other}"),
    }
}

fn statuses() -> Vec<SubscriptionStatus> {
    let mut statuses = SubscriptionStatus::KNOWN.to_vec();
    statuses.push(SubscriptionStatus::Unknown("any other".into()));
    statuses
}

fn snapshot(status: &SubscriptionStatus, ends: &str, renews: &str, trial: &str) -> Snapshot {
    let mut snapshot = Snapshot::new(1, status.as_str(), Version::new(now(), Source::Api));
    snapshot.ends_at = date(ends);
    snapshot.renews_at = date(renews);
    snapshot.trial_ends_at = date(trial);
    snapshot
}

fn reason(policy: &AccessPolicy, snapshot: Snapshot) -> Reason {
    evaluate(policy, &[snapshot], now()).reason
}

fn cell(reason: Reason) -> String {
    if reason.grants() { format!("**allow** (`{reason}`)") } else { format!("deny (`{reason}`)") }
}

fn table(
    text: &mut String,
    what: &str,
    statuses: &[SubscriptionStatus],
    decide: impl Fn(&SubscriptionStatus, &str) -> Reason,
) {
    writeln!(text, "| status | {} |", DATES.map(|date| format!("`{what}` {date}")).join(" | "))
        .unwrap();
    writeln!(text, "|---|---|---|---|---|").unwrap();
    for status in statuses {
        let cells = DATES.map(|date| cell(decide(status, date))).join(" | ");
        let known = !matches!(status, SubscriptionStatus::Unknown(_));
        let name = if known { format!("`{status}`") } else { status.to_string() };
        writeln!(text, "| {name} | {cells} |").unwrap();
    }
}

fn rendered() -> String {
    let mut text = String::new();
    writeln!(text, "The default policy. No other date matters to it.\n").unwrap();
    let policy = AccessPolicy::new();
    table(&mut text, "ends_at", &statuses(), |status, ends| {
        reason(&policy, snapshot(status, ends, "null", "null"))
    });

    let delayed = [SubscriptionStatus::Delayed];
    writeln!(text, "\nWith a grace; the date is the end of the grace.\n").unwrap();
    let graceful = AccessPolicy::new().grace(TimeDelta::days(3));
    table(&mut text, "renews_at + grace", &delayed, |status, end| {
        let mut snapshot = snapshot(status, "null", end, "null");
        snapshot.renews_at = snapshot.renews_at.map(|end| end - TimeDelta::days(3));
        reason(&graceful, snapshot)
    });

    let trialing = [SubscriptionStatus::Trialing];
    writeln!(text, "\nWith the end of trials enforced.\n").unwrap();
    let strict = AccessPolicy::new().enforce_trial_end(TimeDelta::zero());
    table(&mut text, "trial_ends_at", &trialing, |status, end| {
        reason(&strict, snapshot(status, "null", "null", end))
    });
    text
}

/// `UPDATE_ACCESS_TABLE=1 cargo test -p octany-core --test access_table` writes it anew.
#[test]
fn the_documented_table_is_what_is_decided() {
    let rendered = rendered();
    if std::env::var_os("UPDATE_ACCESS_TABLE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/access-table.md");
        std::fs::write(path, &rendered).unwrap();
    } else {
        assert_eq!(rendered, COMMITTED);
    }
}

/// The rule of Octany's documents in words of its own, so that the table cannot be wrong together
/// with the code.
fn documented(status: &str, ends: &str) -> bool {
    let paying = ["active", "trialing"].contains(&status) && ["null", "future"].contains(&ends);
    paying || (status == "cancelled" && ends == "future")
}

#[test]
fn the_default_policy_is_the_documented_rule_whatever_the_other_dates_say() {
    let policy = AccessPolicy::new();
    for status in statuses() {
        for ends in DATES {
            for (renews, trial) in DATES.iter().flat_map(|r| DATES.map(|t| (r, t))) {
                let snapshot = snapshot(&status, ends, renews, trial);
                let expected = documented(status.as_str(), ends);
                let paying = expected && status != SubscriptionStatus::Cancelled;
                assert_eq!(snapshot.is_paying(now()), paying, "{status} {ends} {renews} {trial}");
                let allowed = reason(&policy, snapshot).grants();
                assert_eq!(allowed, expected, "{status} {ends} {renews} {trial}");
            }
        }
    }
}
