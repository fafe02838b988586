//! Which delivery, or which decision, the log lines of a handler are about.

use octany_core::Event;
use tracing::{Span, field};

use crate::guard::Admission;

/// The span that a delivery's handler runs in. What it is about is known later.
pub fn delivery_span() -> Span {
    tracing::info_span!("octany_delivery", event = field::Empty, delivery = field::Empty)
}

/// Says in a [`delivery_span`] which event and delivery it is about.
pub fn record_delivery(span: &Span, event: &Event) {
    span.record("event", field::display(&event.name));
    span.record("delivery", field::display(&event.id));
}

/// The span that a guarded request runs in: the decision, its reason and where the facts came
/// from. Not who asks.
pub fn guard_span(admission: &Admission) -> Span {
    match admission {
        Admission::Passes(decision) => tracing::info_span!(
            "octany_guard",
            granted = decision.is_allowed(),
            reason = decision.reason().as_str(),
            source = decision.source().as_str(),
        ),
        Admission::PassesUndecided(denial) | Admission::TurnedAway(denial) => {
            tracing::info_span!("octany_guard", granted = false, reason = denial.as_str())
        }
    }
}
