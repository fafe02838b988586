//! `octany reconcile`

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use octany_client::Reconciled;
use serde_json::{Value, json};

use super::take_in::TakeIn;
use crate::failure::Failure;
use crate::output::{Cell, Output, Table, Tone};
use crate::store::Access;

/// Ask Octany about users, and take the answers into the store.
///
/// It does what a gate does before it denies: it asks for the subscriptions with each text by which
/// Octany may know a user, and the newest report wins. What has changed is seen by the app at once,
/// or by a node that keeps copies when those are old. The app's observers of access hear of it with
/// the next report.
///
/// Exit codes: 1 if somebody has no subscription at Octany, or not all could be looked at.
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// Whom to ask about: what the app calls them, or a signed reference.
    #[arg(required = true, value_name = "REFERENCE")]
    references: Vec<String>,
    #[command(flatten)]
    take_in: TakeIn,
}

impl Reconcile {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let reconciler = self.take_in.reconciler(output, Access::Write).await?;
        // Whoever types asks for nobody else.
        let reconciler = reconciler.budget(u32::MAX, Duration::from_secs(1));
        let reconciler = reconciler.min_interval(Duration::ZERO).build();
        let mut table =
            Table::new(["Reference", "Seen", "Changed", "Not at Octany", "Unreadable", "Verdict"]);
        let (mut documents, mut is_good) = (Vec::new(), true);
        for typed in &self.references {
            let user = self.take_in.user(typed)?;
            let found = reconciler.reconcile(&user).await.map_err(|error| {
                Failure::because(format!("{} could not be reconciled", user.as_str()), error)
            })?;
            let (verdict, tone) = verdict(&found);
            is_good &= tone == Tone::Good;
            table.row([
                Cell::from(&user),
                found.seen.into(),
                found.changed.into(),
                found.unknown.len().into(),
                found.unreadable.into(),
                tone.cell(verdict),
            ]);
            documents.push(document(user.as_str(), &found, verdict));
        }
        output.list(&table, "Nobody was asked about.", &documents);
        Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn verdict(found: &Reconciled) -> (&'static str, Tone) {
    match found {
        Reconciled { asked: false, .. } => ("no text to ask with", Tone::Bad),
        Reconciled { cut_short: true, .. } => ("too many to look at all", Tone::Warn),
        Reconciled { unreadable: 1.., .. } => ("not all could be read", Tone::Warn),
        Reconciled { seen: 0, .. } => ("none at Octany", Tone::Warn),
        Reconciled { changed: 0, .. } => ("as known", Tone::Good),
        _ => ("taken in", Tone::Good),
    }
}

fn document(user: &str, found: &Reconciled, verdict: &str) -> Value {
    json!({
        "reference": user, "asked": found.asked, "seen": found.seen, "changed": found.changed,
        "not_at_octany": found.unknown.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "unreadable": found.unreadable, "cut_short": found.cut_short, "verdict": verdict,
    })
}
