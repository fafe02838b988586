//! Records back into what they were stored from.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{Applied, ProductId, ReferenceId, Snapshot, Version};
use octany_entitlement::StoreError;

#[derive(Debug, thiserror::Error)]
#[error("{0} of a record cannot be read")]
struct Damaged(&'static str);

/// A report as it is stored: what decides over it first, each number of one width. Texts have their
/// length before them, and what it does not say is a dash. With it comes where its reference ends.
pub(crate) fn report(snapshot: &Snapshot) -> (String, usize) {
    let (version, digest) = (ordered(snapshot.version.as_i64()), ordered(snapshot.digest()));
    let mut report = format!("{version:020} {digest:020} {}", u8::from(snapshot.contested));
    text(&mut report, snapshot.reference.as_ref().map(ReferenceId::as_str));
    let reference_end = report.len();
    for date in [snapshot.renews_at, snapshot.ends_at, snapshot.trial_ends_at] {
        match date {
            Some(date) => report.extend([" ", &date.timestamp_micros().to_string()]),
            None => report.push_str(" -"),
        }
    }
    text(&mut report, Some(snapshot.status.as_str()));
    text(&mut report, snapshot.product.as_ref().map(ProductId::as_str));
    (report, reference_end)
}

/// A report on a subscription of `owner`, or why it cannot be read.
pub(crate) fn snapshot(
    id: String,
    report: &str,
    owner: &ReferenceId,
) -> Result<Snapshot, StoreError> {
    let mut rest = Rest(report);
    let version = rest.word("version")?.parse().map_err(|_| damaged("version"))?;
    rest.word("digest")?;
    let contested = match rest.word("contested")? {
        "0" => false,
        "1" => true,
        _ => return Err(damaged("contested")),
    };
    rest.text("the reference")?;
    let (renews_at, ends_at) = (rest.date("renews_at")?, rest.date("ends_at")?);
    let trial_ends_at = rest.date("trial_ends_at")?;
    let status = rest.text("the status")?.ok_or_else(|| damaged("the status"))?;
    let product = rest.text("the product")?;

    let mut snapshot = Snapshot::new(id, status, Version::from_i64(from_ordered(version)));
    snapshot.reference = Some(owner.clone());
    snapshot.product = product.map(Into::into);
    snapshot.renews_at = renews_at;
    snapshot.ends_at = ends_at;
    snapshot.trial_ends_at = trial_ends_at;
    snapshot.contested = contested;
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

/// A number whose digits are in the order of the numbers.
fn ordered(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

fn from_ordered(digits: u64) -> i64 {
    (digits ^ (1 << 63)).cast_signed()
}

fn text(report: &mut String, text: Option<&str>) {
    match text {
        Some(text) => report.extend([" ", &text.len().to_string(), ":", text]),
        None => report.push_str(" -"),
    }
}

/// What is still to be read of a report.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn word(&mut self, name: &'static str) -> Result<&'a str, StoreError> {
        let (word, rest) = self.0.split_once(' ').ok_or_else(|| damaged(name))?;
        self.0 = rest;
        Ok(word)
    }

    fn date(&mut self, name: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
        match self.word(name)? {
            "-" => Ok(None),
            micros => instant(micros, name).map(Some),
        }
    }

    fn text(&mut self, name: &'static str) -> Result<Option<&'a str>, StoreError> {
        let (text, rest) = match self.0.strip_prefix('-') {
            Some(rest) => (None, rest),
            None => self
                .measured()
                .map(|(text, rest)| (Some(text), rest))
                .ok_or_else(|| damaged(name))?,
        };
        // The last one has nothing behind it.
        self.0 = rest
            .strip_prefix(' ')
            .or(rest.is_empty().then_some(""))
            .ok_or_else(|| damaged(name))?;
        Ok(text)
    }

    /// A text after its length, and what comes after it.
    fn measured(&self) -> Option<(&'a str, &'a str)> {
        let (length, rest) = self.0.split_once(':')?;
        rest.split_at_checked(length.parse().ok()?)
    }
}

pub(crate) fn damaged(what: &'static str) -> StoreError {
    StoreError::corrupt(Damaged(what))
}
