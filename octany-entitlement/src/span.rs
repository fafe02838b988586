//! Which delivery the log lines of a handler are about.

use octany_core::Event;
use tracing::{Span, field};

/// The span that a delivery's handler runs in. What it is about is known later.
pub fn delivery_span() -> Span {
    tracing::info_span!("octany_delivery", event = field::Empty, delivery = field::Empty)
}

/// Says in a [`delivery_span`] which event and delivery it is about.
pub fn record_delivery(span: &Span, event: &Event) {
    span.record("event", field::display(&event.name));
    span.record("delivery", field::display(&event.id));
}
