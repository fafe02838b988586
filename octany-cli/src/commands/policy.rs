//! The policy of the app's gate.

use chrono::TimeDelta;
use clap::Args;
use octany_core::AccessPolicy;

use crate::time::span;

/// What access asks for, as the app's gate has it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(super) struct PolicyOptions {
    /// Only subscriptions to this product grant access. May be repeated.
    #[arg(long = "product", value_name = "ID")]
    products: Vec<String>,
    /// How long after its renewal was due a `delayed` subscription still grants access.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    grace: Option<TimeDelta>,
    /// A trial ends so long after its end even if no report says so; `0s` for at once.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    trial_end: Option<TimeDelta>,
    /// Reports that are older grant nothing.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    max_stale: Option<TimeDelta>,
}

impl PolicyOptions {
    pub(super) fn policy(&self) -> AccessPolicy {
        let mut policy = AccessPolicy::new();
        if let Some(grace) = self.grace {
            policy = policy.grace(grace);
        }
        if let Some(grace) = self.trial_end {
            policy = policy.enforce_trial_end(grace);
        }
        if let Some(age) = self.max_stale {
            policy = policy.max_stale(age);
        }
        match self.products.as_slice() {
            [] => policy,
            products => policy.products(products.iter().cloned()),
        }
    }
}
