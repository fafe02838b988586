//! Which delivery the log lines of a handler are about.

use octany_core::Event;
use tracing::{Span, field};

pub(super) fn new() -> Span {
    tracing::info_span!("octany_delivery", event = field::Empty, delivery = field::Empty)
}

pub(super) fn record(span: &Span, event: &Event) {
    span.record("event", field::display(&event.name));
    span.record("delivery", field::display(&event.id));
}
