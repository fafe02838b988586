//! The deliveries on the page.

use maud::{Markup, html};

use super::page::SHOWN;
use crate::server::webhooks::{Logged, Progress};

pub(super) fn list(deliveries: &[Logged]) -> Markup {
    html! {
        section aria-labelledby="deliveries" {
            h2 id="deliveries" { "Deliveries (" (deliveries.len()) ")" }
            @if deliveries.is_empty() { p { "None yet." } }
            @for it in deliveries.iter().rev().take(SHOWN) { (delivery(it)) }
        }
    }
}

fn delivery(it: &Logged) -> Markup {
    html! {
        details id={ "delivery-" (it.number) } {
            summary {
                span { strong { (it.event) } " " (outcome(it)) }
                span.soft { (it.at.format("%-d %b %H:%M:%S")) }
            }
            p { "To " code { (it.url) } ", as delivery " (it.delivery) "." }
            form method="post" {
                input type="hidden" name="number" value=(it.number);
                button name="action" value="redeliver"
                    aria-label={ "Send again: delivery " (it.number) } { "Send again" }
            }
            h3 { "Body" }
            pre { (it.body) }
            h3 { "Attempts" }
            ol {
                @for attempt in &it.attempts {
                    li {
                        (attempt.at.format("%H:%M:%S")) " "
                        @if let Some(fault) = attempt.fault { (fault) ": " }
                        @if let Some(status) = attempt.status { (status) " " }
                        (attempt.answer)
                    }
                }
            }
        }
    }
}

/// How far a delivery has come, and the last answer.
fn outcome(it: &Logged) -> Markup {
    let class = match it.progress {
        Progress::Open => "",
        Progress::Delivered => "good",
        Progress::GivenUp | Progress::Dropped => "bad",
    };
    html! {
        span class=(class) {
            (progress(it.progress))
            @match it.attempts.last().map(|attempt| attempt.status) {
                Some(Some(status)) => { " (" (status) ")" }
                Some(None) => { " (no answer)" }
                None => {}
            }
        }
    }
}

fn progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Open => "on its way",
        Progress::Delivered => "delivered",
        Progress::GivenUp => "given up",
        Progress::Dropped => "dropped",
    }
}
