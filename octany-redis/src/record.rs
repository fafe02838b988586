//! Records back into what they were stored from.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{Applied, ProductId, ReferenceId, Snapshot, Version};
use octany_entitlement::StoreError;

#[derive(Debug, thiserror::Error)]
#[error("{0} of a record cannot be read")]
struct Damaged(&'static str);

/// Status, version, contested, product, the three dates and the subscription, as the script gives
/// them.
pub(crate) type Record = Vec<Option<String>>;

/// What is stored of a report. What it does not say has no field.
pub(crate) fn fields(
    snapshot: &Snapshot,
    digest: i64,
) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
    let number = |number: i64| Some(Cow::from(number.to_string()));
    let date = |date: Option<DateTime<Utc>>| date.and_then(|date| number(date.timestamp_micros()));
    let text = |text| Some(Cow::from(text));
    let contested = if snapshot.contested { "1" } else { "0" };
    [
        ("version", number(snapshot.version.as_i64())),
        ("digest", number(digest)),
        ("contested", text(contested)),
        ("status", text(snapshot.status.as_str())),
        ("reference", snapshot.reference.as_ref().map(ReferenceId::as_str).and_then(text)),
        ("product", snapshot.product.as_ref().map(ProductId::as_str).and_then(text)),
        ("renews_at", date(snapshot.renews_at)),
        ("ends_at", date(snapshot.ends_at)),
        ("trial_ends_at", date(snapshot.trial_ends_at)),
        ("resource", snapshot.resource_json().map(Cow::from)),
    ]
    .into_iter()
    .filter_map(|(field, value)| value.map(|value| (field, value)))
}

/// A record of `owner`, or why it cannot be read.
pub(crate) fn snapshot(record: Record, owner: &ReferenceId) -> Result<Snapshot, StoreError> {
    let Ok([status, version, contested, product, renews_at, ends_at, trial_ends_at, id]) =
        <[Option<String>; 8]>::try_from(record)
    else {
        return Err(damaged("the shape"));
    };
    let (Some(id), Some(status)) = (id, status) else {
        return Err(damaged("the status"));
    };
    let version = version.and_then(|text| text.parse().ok()).ok_or_else(|| damaged("version"))?;
    let mut snapshot = Snapshot::new(id, status.as_str(), Version::from_i64(version));
    snapshot.reference = Some(owner.clone());
    snapshot.product = product.map(Into::into);
    snapshot.renews_at = date(renews_at, "renews_at")?;
    snapshot.ends_at = date(ends_at, "ends_at")?;
    snapshot.trial_ends_at = date(trial_ends_at, "trial_ends_at")?;
    snapshot.contested = match contested.as_deref() {
        Some("0") => false,
        Some("1") => true,
        _ => return Err(damaged("contested")),
    };
    Ok(snapshot)
}

/// What became of a report, from the script's word.
pub(crate) fn applied(outcome: &str) -> Result<Applied, StoreError> {
    use Applied as A;
    let all = [A::Inserted, A::Updated, A::Contested, A::Unchanged, A::Stale];
    all.into_iter()
        .find(|applied| applied.as_str() == outcome)
        .ok_or_else(|| damaged("the outcome"))
}

/// When a lease that starts now ends; the calendar's end where there is no such instant.
pub(crate) fn lease_end(now: DateTime<Utc>, lease: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(lease)
        .ok()
        .and_then(|lease| now.checked_add_signed(lease))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// An instant that was stored, in microseconds.
pub(crate) fn instant(micros: &str, name: &'static str) -> Result<DateTime<Utc>, StoreError> {
    let micros = micros.parse().ok();
    micros.and_then(DateTime::from_timestamp_micros).ok_or_else(|| damaged(name))
}

fn date(micros: Option<String>, name: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
    micros.map(|micros| instant(&micros, name)).transpose()
}

pub(crate) fn damaged(what: &'static str) -> StoreError {
    StoreError::corrupt(Damaged(what))
}
