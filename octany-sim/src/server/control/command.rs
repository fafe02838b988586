//! What can be asked of the simulator.

use chrono::{DateTime, Datelike, Months, TimeDelta, Utc};
use serde::Deserialize;

use crate::engine::{AccountKey, Engine, EngineError};
use crate::server::Faults;
use crate::server::state::Shared;
use crate::server::webhooks::endpoint_url;

/// Something to be done.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::server) struct Command {
    action: Action,
    /// The UUID; the first account unless set.
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    subscription: Option<u64>,
    /// How far to advance: `1day`, `3days`, `1month`, `1year`, or `renewal` for the next one.
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    url: Option<String>,
    /// A delivery's number.
    #[serde(default)]
    number: Option<u64>,
    #[serde(default)]
    faults: Option<Faults>,
    #[serde(default)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    TestHook,
    FailNextRenewal,
    Cancel,
    Revive,
    Advance,
    Register,
    Unregister,
    Rotate,
    Redeliver,
    SetFaults,
}

impl Command {
    /// Does it, or says why not.
    pub(super) fn take(self, shared: &Shared) -> Result<(), String> {
        match self.action {
            Action::Advance => self.advance(shared),
            Action::SetFaults => {
                shared.state().set_faults(self.faults.unwrap_or_default(), self.seed);
                Ok(())
            }
            Action::Redeliver => {
                let mut state = shared.state();
                let job = self.number.and_then(|number| state.log.again(number));
                let (job, now) = (job.ok_or("There is no such delivery.")?, state.engine.now());
                let sent = state.outbox.put(job, now);
                sent.then_some(()).ok_or_else(|| "The simulator sends no webhooks.".to_owned())
            }
            _ => shared.with(|engine| self.act(engine)).map_err(|error| format!("{error}.")),
        }
    }

    fn act(&self, engine: &mut Engine) -> Result<(), EngineError> {
        let account = self.account(engine)?;
        let subscription = self.subscription.unwrap_or_default();
        let url = self.url.as_deref().unwrap_or_default();
        match self.action {
            Action::TestHook => engine.test_hook(account),
            Action::FailNextRenewal => engine.fail_payments(account, subscription, 1)?,
            Action::Cancel => engine.cancel(account, subscription).map(drop)?,
            Action::Revive => engine.revive(account, subscription)?,
            Action::Register => {
                let url = endpoint_url(url).ok_or(EngineError::Refused("that is no URL"))?;
                engine.register_endpoint(account, url.as_str())?;
            }
            Action::Unregister => {
                let url = endpoint_url(url).ok_or(EngineError::Refused("that is no URL"))?;
                engine.remove_endpoint(account, url.as_str())?;
            }
            Action::Rotate => engine.rotate_secret(account, url).map(drop)?,
            Action::Advance | Action::Redeliver | Action::SetFaults => {}
        }
        Ok(())
    }

    fn account(&self, engine: &Engine) -> Result<AccountKey, EngineError> {
        let found = match &self.account {
            Some(uuid) => engine.find_account(uuid),
            None => engine.accounts().next().map(|(key, _)| key),
        };
        found.ok_or(EngineError::NotFound("account"))
    }

    fn advance(&self, shared: &Shared) -> Result<(), String> {
        let by = self.by.as_deref().unwrap_or("1day");
        if by == "renewal" {
            return to_renewal(shared);
        }
        let to =
            step(shared.with(|engine| engine.now()), by).ok_or("That is no length of time.")?;
        shared.advance_to(to);
        Ok(())
    }
}

/// Lets all that is due before the next renewal happen, which may bring an earlier one, and then that.
fn to_renewal(shared: &Shared) -> Result<(), String> {
    loop {
        let next = shared.with(|engine| (engine.next_due(), engine.next_renewal()));
        let (Some(due), Some(renewal)) = next else {
            return Err("No subscription is to be renewed.".to_owned());
        };
        shared.advance_to(due);
        if due == renewal {
            return Ok(());
        }
    }
}

/// `1day`, `3days`, `1month`, `2months`, `1year`.
fn step(now: DateTime<Utc>, by: &str) -> Option<DateTime<Utc>> {
    let unit = by.find(|char: char| !char.is_ascii_digit())?;
    let (count, unit) = by.split_at(unit);
    let count: u32 = count.parse().ok()?;
    let to = match unit.trim().trim_end_matches('s') {
        "hour" => now.checked_add_signed(TimeDelta::hours(count.into())),
        "day" => now.checked_add_signed(TimeDelta::days(count.into())),
        "month" => now.checked_add_months(Months::new(count)),
        "year" => now.checked_add_months(Months::new(count.checked_mul(12)?)),
        _ => None,
    };
    // What is later has no date that the wire could write.
    to.filter(|to| to.year() <= 9999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_and_nonsense_is_refused() {
        let now: DateTime<Utc> = "2026-01-31T12:00:00Z".parse().expect("an instant");
        let day = |by| step(now, by).map(|at| at.date_naive().to_string());
        assert_eq!(day("1day").as_deref(), Some("2026-02-01"));
        assert_eq!(day("1month").as_deref(), Some("2026-02-28"));
        assert_eq!(day("2years").as_deref(), Some("2028-01-31"));
        for nonsense in [
            "",
            "day",
            "1",
            "-1day",
            "1fortnight",
            "99999999999days",
            "4000000000years",
            "8000years",
        ] {
            assert_eq!(day(nonsense), None, "{nonsense}");
        }
    }
}
