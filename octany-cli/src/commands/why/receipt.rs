//! What a decision follows from, and what will become of it.

use std::slice;

use chrono::{DateTime, Utc};
use octany_core::{AccessPolicy, ReferenceId, Snapshot, SubscriptionStatus, evaluate};
use octany_entitlement::Decision;
use serde::Serialize;

use crate::output::{Cell, Table, Tone};
use crate::time::{away, shown, shown_if_any};

/// A decision, what each subscription says to it, and what time alone will change.
#[derive(Debug, Serialize)]
pub(super) struct Receipt {
    reference: String,
    allowed: bool,
    reason: &'static str,
    decided_at: DateTime<Utc>,
    /// Which subscription the reason is about.
    subscription: Option<String>,
    valid_until: Option<DateTime<Utc>>,
    subscriptions: Vec<Line>,
    changes: Vec<Change>,
    checkout_in_flight: Option<InFlight>,
}

/// What one subscription says by itself.
#[derive(Debug, Serialize)]
struct Line {
    subscription: String,
    status: String,
    product: Option<String>,
    allowed: bool,
    reason: &'static str,
    until: Option<DateTime<Utc>>,
    renews_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    trial_ends_at: Option<DateTime<Utc>>,
    as_of: DateTime<Utc>,
    contested: bool,
    renewal_overdue: bool,
}

/// What will be decided from an instant on, if no report comes.
#[derive(Debug, Serialize)]
struct Change {
    at: DateTime<Utc>,
    allowed: bool,
    reason: &'static str,
}

#[derive(Debug, Serialize)]
struct InFlight {
    product: String,
    begun_at: DateTime<Utc>,
    returned_at: Option<DateTime<Utc>>,
}

impl Receipt {
    pub(super) fn new(user: &ReferenceId, decision: &Decision, policy: &AccessPolicy) -> Self {
        let (known, now) = (decision.subscriptions(), decision.decided_at());
        let mut subscriptions: Vec<_> = known.iter().map(|it| Line::new(policy, it, now)).collect();
        subscriptions.sort_by(|one, other| {
            (!one.allowed, &one.subscription).cmp(&(!other.allowed, &other.subscription))
        });
        Self {
            reference: user.to_string(),
            allowed: decision.is_allowed(),
            reason: decision.reason().as_str(),
            decided_at: now,
            subscription: decision.subscription().map(|it| it.subscription.to_string()),
            valid_until: decision.valid_until(),
            changes: changes(policy, known, now),
            subscriptions,
            checkout_in_flight: decision.checkout_in_flight().map(|it| InFlight {
                product: it.product.to_string(),
                begun_at: it.begun_at,
                returned_at: it.returned_at,
            }),
        }
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![self.verdict()];
        lines.extend(self.changes.iter().map(|change| self.change(change)));
        if self.allowed && self.changes.is_empty() {
            lines.push("Nothing but a report changes that.".to_owned());
        }
        if !self.allowed {
            lines.push("Nothing but a report can change that.".to_owned());
        }
        if let Some(checkout) = &self.checkout_in_flight {
            lines.push(Tone::Warn.paint(format!(
                "They came back from a checkout of product {} ({}), which nothing was reported of.",
                checkout.product,
                away(checkout.returned_at.unwrap_or(checkout.begun_at), self.decided_at),
            )));
        }
        if !self.subscriptions.is_empty() {
            lines.push(format!("\n{}", self.table()));
        }
        lines.join("\n")
    }

    fn verdict(&self) -> String {
        let (tone, verdict) =
            if self.allowed { (Tone::Good, "allowed") } else { (Tone::Bad, "denied") };
        let about = match &self.subscription {
            Some(subscription) => format!(", by subscription {subscription}"),
            None => String::new(),
        };
        format!(
            "{} is {}: {}{} (as of {})",
            Tone::Strong.paint(&self.reference),
            tone.paint(verdict),
            self.reason,
            Tone::Plain.paint(about),
            shown(self.decided_at)
        )
    }

    fn change(&self, change: &Change) -> String {
        let verdict =
            if change.allowed { Tone::Good.paint("allowed") } else { Tone::Bad.paint("denied") };
        let (at, away) = (shown(change.at), away(change.at, self.decided_at));
        format!("From {at} ({away}), unless a report comes: {verdict}, {}", change.reason)
    }

    fn table(&self) -> Table {
        let mut table = Table::new([
            "Subscription",
            "Says",
            "Until",
            "Status",
            "Product",
            "Renews",
            "Ends",
            "Trial ends",
            "Reported",
            "Doubt",
        ]);
        for line in &self.subscriptions {
            let tone = if line.allowed { Tone::Good } else { Tone::Bad };
            table.row([
                Cell::from(&line.subscription),
                tone.cell(line.reason),
                shown_if_any(line.until).into(),
                Cell::from(&line.status),
                line.product.as_deref().unwrap_or_default().into(),
                shown_if_any(line.renews_at).into(),
                shown_if_any(line.ends_at).into(),
                shown_if_any(line.trial_ends_at).into(),
                shown(line.as_of).into(),
                Tone::Warn.cell(line.doubt()),
            ]);
        }
        table
    }
}

impl Line {
    fn new(policy: &AccessPolicy, it: &Snapshot, now: DateTime<Utc>) -> Self {
        let verdict = evaluate(policy, slice::from_ref(it), now);
        let renews = matches!(it.status, SubscriptionStatus::Active | SubscriptionStatus::Trialing);
        Self {
            subscription: it.subscription.to_string(),
            status: it.status.to_string(),
            product: it.product.as_ref().map(ToString::to_string),
            allowed: verdict.is_allowed(),
            reason: verdict.reason.as_str(),
            until: verdict.valid_until,
            renews_at: it.renews_at,
            ends_at: it.ends_at,
            trial_ends_at: it.trial_ends_at,
            as_of: it.as_of(),
            contested: it.contested,
            renewal_overdue: renews && it.renews_at.is_some_and(|at| at < now),
        }
    }

    /// What speaks against taking the report for the truth.
    fn doubt(&self) -> &'static str {
        match (self.contested, self.renewal_overdue) {
            (true, _) => "contested",
            (false, true) => "no news of its renewal",
            (false, false) => "",
        }
    }
}

/// What will be decided otherwise, and from when on.
fn changes(policy: &AccessPolicy, known: &[Snapshot], now: DateTime<Utc>) -> Vec<Change> {
    let end = |it| evaluate(policy, slice::from_ref(it), now).valid_until;
    let mut ends: Vec<_> = known.iter().filter_map(end).filter(|at| *at > now).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut reason = evaluate(policy, known, now).reason;
    let mut changes = Vec::new();
    for at in ends {
        let verdict = evaluate(policy, known, at);
        if verdict.reason != reason {
            reason = verdict.reason;
            let (allowed, reason) = (verdict.is_allowed(), verdict.reason.as_str());
            changes.push(Change { at, allowed, reason });
        }
    }
    changes
}
