//! `octany audit`

use std::ops::ControlFlow;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;
use octany_client::{Audit as Found, AuditMode, Drift, DriftedField, Sample};
use octany_core::Snapshot;
use serde_json::{Value, json};

use super::take_in::TakeIn;
use crate::failure::Failure;
use crate::interrupt::{INTERRUPTED, Interrupt};
use crate::output::{Cell, Output, Progress, Table, Tone};
use crate::store::Access;
use crate::time::shown;

/// Compare what Octany says with what is stored.
///
/// What the store has newer than Octany's answer is left out. A webhook that is still on its way shows
/// as a difference: look again a minute later. What is stored and not in Octany's list is not found.
///
/// Exit codes: 1 if there are differences that were not repaired, 130 if it was interrupted.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Look at so many pages, chosen at random; at all of them unless set.
    #[arg(long, value_name = "COUNT")]
    pages: Option<u64>,
    /// Take in what Octany says where it differs.
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    take_in: TakeIn,
}

impl Audit {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let (access, mode) = if self.repair {
            (Access::Write, AuditMode::Repair)
        } else {
            (Access::Read, AuditMode::Report)
        };
        let reconciler = self.take_in.reconciler(output, access).await?.build();
        let sample = self.pages.map_or(Sample::All, Sample::Pages);
        let (interrupt, progress) = (Interrupt::listen(), Progress::of_pages());
        let mut interrupted = false;
        let found = reconciler.audit_by_page(sample, mode, |found, pages| {
            progress.at(found.pages, pages, format!("{} differ", found.drifted));
            interrupted = interrupt.is_asked() && pages != Some(found.pages);
            if interrupted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let found = found.await;
        progress.end();
        let found = found.map_err(|error| Failure::because("the audit stopped", error))?;
        tell(output, &found, interrupted);
        Ok(match interrupted {
            true => ExitCode::from(INTERRUPTED),
            false if found.drifted > found.repaired => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        })
    }
}

fn tell(output: Output, found: &Found, interrupted: bool) {
    if output.is_json() {
        for drift in &found.drifts {
            output.tell("", &of_drift(drift));
        }
    } else if !found.drifts.is_empty() {
        let mut table = Table::new(["Subscription", "Field", "Stored", "At Octany"]);
        for drift in &found.drifts {
            for field in &drift.fields {
                table.row([
                    Cell::from(&drift.subscription),
                    Tone::Warn.cell(name(*field)),
                    value(drift.stored.as_ref(), *field).into(),
                    value(Some(&drift.answered), *field).into(),
                ]);
            }
        }
        output.tell(&format!("{table}\n"), &());
    }
    let not_listed = found.drifted - found.drifts.len() as u64;
    let text = summary(found, not_listed, interrupted);
    output.tell(
        &text,
        &json!({
            "pages": found.pages, "compared": found.compared, "differ": found.drifted,
            "repaired": found.repaired, "newer_here": found.newer, "unowned": found.unowned,
            "unreadable": found.unreadable, "not_listed": not_listed, "interrupted": interrupted,
        }),
    );
}

fn summary(found: &Found, not_listed: u64, interrupted: bool) -> String {
    let tone = match found.drifted {
        0 => Tone::Good,
        drifted if drifted == found.repaired => Tone::Warn,
        _ => Tone::Bad,
    };
    let differ = tone.paint(format!("{} differ, {} repaired.", found.drifted, found.repaired));
    let mut text = format!("{} subscriptions compared: {differ}", found.compared);
    for (count, what) in [
        (found.newer, "are newer here, and were not compared"),
        (found.unowned, "are nobody's, and were not compared"),
        (found.unreadable, "could not be read"),
        (not_listed, "that differ are not listed"),
    ] {
        if count > 0 {
            text = format!("{text}\n{count} {what}.");
        }
    }
    if interrupted {
        text = format!("{text}\n{}", Tone::Warn.paint("It was interrupted: there is more."));
    }
    text
}

fn of_drift(drift: &Drift) -> Value {
    let fields = drift.fields.iter().map(|field| {
        json!({
            "field": name(*field),
            "stored": value(drift.stored.as_ref(), *field),
            "at_octany": value(Some(&drift.answered), *field),
        })
    });
    json!({ "subscription": drift.subscription.as_str(), "fields": fields.collect::<Vec<_>>() })
}

fn name(field: DriftedField) -> &'static str {
    match field {
        DriftedField::Missing => "missing",
        DriftedField::Owner => "owner",
        DriftedField::Status => "status",
        DriftedField::Product => "product",
        DriftedField::RenewsAt => "renews_at",
        DriftedField::EndsAt => "ends_at",
        DriftedField::TrialEndsAt => "trial_ends_at",
        _ => "something",
    }
}

/// What a side says; of one that is missing, whose it is and where it stands.
fn value(side: Option<&Snapshot>, field: DriftedField) -> String {
    let none = || "-".to_owned();
    let Some(side) = side else { return none() };
    let instant = |at: Option<DateTime<Utc>>| at.map_or_else(none, shown);
    let owner = || side.reference.as_ref().map_or_else(none, ToString::to_string);
    match field {
        DriftedField::Owner => owner(),
        DriftedField::Status => side.status.to_string(),
        DriftedField::Product => side.product.as_ref().map_or_else(none, ToString::to_string),
        DriftedField::RenewsAt => instant(side.renews_at),
        DriftedField::EndsAt => instant(side.ends_at),
        DriftedField::TrialEndsAt => instant(side.trial_ends_at),
        _ => format!("{} of {}", side.status, owner()),
    }
}
