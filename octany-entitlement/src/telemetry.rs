//! What is traced and counted. Never a body, a secret or a customer's data.

use std::error::Error;

use octany_core::Event;

use crate::answer::{Denial, Refusal};
use crate::gate::Decision;
use crate::receiver::Quarantined;

/// Traces and counts what became of a delivery.
pub(crate) fn delivery(event: &Event, outcome: &'static str) {
    tracing::debug!(event = %event.name, delivery = %event.id, outcome, "delivery");
    #[cfg(feature = "metrics")]
    metrics::counter!(
        "octany_deliveries_total",
        "event" => known_name(event),
        "outcome" => outcome,
    )
    .increment(1);
}

/// Traces and counts what became of an attempt with a letter, within its span.
pub(crate) fn letter(outcome: &'static str) {
    tracing::debug!(outcome, "letter");
    #[cfg(feature = "metrics")]
    metrics::counter!("octany_inbox_letters_total", "outcome" => outcome).increment(1);
}

/// Traces and counts a report that was not what was offered.
pub(crate) fn quarantined(quarantined: &Quarantined) {
    let Quarantined { subscription, offered_product, offered_amount, .. } = quarantined;
    let owned = quarantined.owner.is_some();
    tracing::warn!(
        %subscription,
        %offered_product,
        offered_amount,
        reported_product = quarantined.reported_product.as_ref().map(tracing::field::display),
        reported_amount = quarantined.reported_amount,
        owned,
        "a subscription is not what its reference was signed for",
    );
    #[cfg(feature = "metrics")]
    metrics::counter!("octany_quarantined_total", "owned" => if owned { "true" } else { "false" })
        .increment(1);
}

/// Traces and counts a decision.
pub(crate) fn decision(decision: &Decision) {
    let granted = decision.is_allowed();
    let (reason, source) = (decision.reason().as_str(), decision.source().as_str());
    if granted {
        tracing::trace!(granted, reason, source, "decision");
    } else {
        tracing::debug!(granted, reason, source, shadow = decision.is_shadow(), "decision");
    }
    #[cfg(feature = "metrics")]
    metrics::counter!(
        "octany_decisions_total",
        "granted" => if granted { "true" } else { "false" },
        "reason" => reason,
        "source" => source,
    )
    .increment(1);
}

/// A label of bounded variety: the sender could invent any number of unknown names.
#[cfg(feature = "metrics")]
fn known_name(event: &Event) -> std::borrow::Cow<'static, str> {
    match &event.name {
        octany_core::EventName::Unknown(_) => "unknown".into(),
        name => name.as_str().into_owned().into(),
    }
}

/// Traces and counts a refused delivery.
pub(crate) fn refusal(refusal: &Refusal) {
    let outcome = refusal.as_str();
    match refusal {
        Refusal::Signature(error) => {
            tracing::warn!(outcome, error = error as &dyn Error, "delivery refused");
        }
        Refusal::NotAnEvent(error) => tracing::error!(
            outcome,
            error = &**error as &dyn Error,
            bytes = error.body().bytes().len(),
            sha256 = error.body().sha256(),
            "delivery refused",
        ),
        Refusal::Store(error) => {
            tracing::error!(outcome, error = &**error as &dyn Error, "delivery refused");
        }
        Refusal::NoLayer | Refusal::HandlerPanicked => {
            tracing::error!(outcome, "delivery refused");
        }
        Refusal::InFlight { .. } => tracing::debug!(outcome, "delivery refused"),
        _ => tracing::warn!(outcome, "delivery refused"),
    }
    #[cfg(feature = "metrics")]
    metrics::counter!("octany_refusals_total", "reason" => outcome).increment(1);
}

/// Traces what a guard answered; the decision itself was traced by the gate.
pub(crate) fn denial(denial: &Denial) {
    let reason = denial.as_str();
    match denial {
        Denial::CouldNotTell(error) => {
            tracing::error!(reason, error = &**error as &dyn Error, "request denied");
        }
        Denial::NoGuard => tracing::error!(reason, "request denied"),
        Denial::SignedOut | Denial::NotPaid(_) => tracing::debug!(reason, "request denied"),
    }
    #[cfg(feature = "metrics")]
    metrics::counter!("octany_denials_total", "reason" => reason).increment(1);
}
