//! `octany why`

mod receipt;

use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use octany_entitlement::{Gate, GateError, ManualClock, OnOutage};

use self::receipt::Receipt;
use super::policy::PolicyOptions;
use crate::failure::Failure;
use crate::output::Output;
use crate::references::ReferenceSource;
use crate::store::{Access, StoreSource};
use crate::time::{instant, span};

/// Say whether a user has access, and why: the decision of the app's gate, and what it follows from.
///
/// It reads the store and asks nobody else: whether Octany knows more, `octany reconcile` finds out.
/// The policy is the default one unless set here; give it as the app's gate has it.
///
/// Exit codes: 0 if access is granted, 1 if it is denied, 3 if that could not be told.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// What the app calls the user, or a signed reference.
    reference: String,
    /// As of when: `now`, `+30d`, `-2h`, `2026-12-01` or `2026-12-01T09:00:00Z`. The store has the
    /// newest reports only, so it is what those say about that instant.
    #[arg(
        long, value_name = "INSTANT", default_value = "now", value_parser = instant,
        allow_hyphen_values = true
    )]
    at: DateTime<Utc>,
    /// For how long a checkout that the user came back from is one whose report is on its way.
    #[arg(long, value_name = "SPAN", default_value = "15min", value_parser = span)]
    pending: TimeDelta,
    #[command(flatten)]
    policy: PolicyOptions,
    #[command(flatten)]
    store: StoreSource,
    #[command(flatten)]
    references: ReferenceSource,
}

impl Why {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let user = self.references.user(&self.reference)?;
        let store = self.store.open(Access::Read).await?;
        let policy = self.policy.policy();
        let pending = self.pending.to_std().unwrap_or(Duration::ZERO);
        let gate = Gate::new(store.subscriptions(), policy.clone(), OnOutage::Deny)
            .checkouts(store.checkouts(), pending)
            .clock(ManualClock::at(self.at));
        let decision = match gate.decide(&user).await {
            Ok(decision) => decision,
            Err(GateError::CouldNotTell(error)) => return Err(error.into()),
            Err(error) => return Err(Failure::because("it could not be told", error)),
        };
        let receipt = Receipt::new(&user, &decision, &policy);
        output.tell(&receipt.text(), &receipt);
        Ok(if decision.is_allowed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
