//! Genuine deliveries of all kinds.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use http::header::CONTENT_TYPE;

use super::{Examination, Reached, if_refused, refused};
use crate::commands::doctor::endpoint::{Answer, Reply};
use crate::commands::doctor::finding::Finding;

/// How long an answer may take before it is worth a word.
const QUICK: Duration = Duration::from_secs(2);
/// How far two clocks may be apart.
const APART: TimeDelta = TimeDelta::minutes(1);

const CHECK: &str = "a genuine delivery";

/// What the first one met.
pub(super) async fn first(it: &mut Examination<'_>, first: &Reply) -> Reached {
    let finding = match first {
        Reply::Answer(answer) if (200..300).contains(&answer.status) => {
            if answer.is_page() {
                it.report.reply(CHECK, "2xx", first, Some(Finding::Page));
                return Reached::Nothing;
            }
            None
        }
        Reply::Answer(answer) => Some(refused::why(it, answer).await),
        Reply::Late => Some(Finding::TooSlow),
        Reply::Cut | Reply::Away(_) => Some(Finding::NoAnswer),
    };
    it.report.reply(CHECK, "2xx", first, finding);
    if let Reply::Answer(answer) = first {
        time(it, answer);
        clock(it, answer);
    }
    match finding {
        None => Reached::Taken,
        Some(finding) if refused::is_for_signature(finding) => Reached::Refused,
        Some(_) => Reached::Nothing,
    }
}

fn time(it: &mut Examination<'_>, answer: &Answer) {
    let slow = (answer.took > QUICK).then_some(Finding::Slow);
    let took = format!("{} ms", answer.took.as_millis());
    it.report.note("the time it took", "2 s at most", took, slow);
}

fn clock(it: &mut Examination<'_>, answer: &Answer) {
    let check = "the endpoint's clock";
    let Some(date) = answer.date() else {
        return it.report.skip(check, "it tells no date");
    };
    let apart = (date - Utc::now()).abs();
    let skewed = (apart > APART).then_some(Finding::ClockSkew);
    let said = format!("{} s apart", apart.num_seconds());
    it.report.note(check, "less than 60 s apart", said, skewed);
}

/// Those that differ from the first in what must not matter.
pub(super) async fn others(it: &mut Examination<'_>) {
    let unknown = it.endpoint.fire(it.endpoint.signed(&it.bodies.unknown())).await;
    let finding = if_refused(&unknown, Finding::RefusesUnknown);
    it.report.reply("an event of a new name", "2xx", &unknown, finding);

    let old = it.endpoint.fire(it.endpoint.signed(&it.bodies.old())).await;
    let finding = if_refused(&old, Finding::RefusesOld);
    it.report.reply("a delivery from a month ago", "2xx", &old, finding);

    let bare = it.endpoint.signed(&it.bodies.hook()).without(&CONTENT_TYPE);
    let bare = it.endpoint.fire(bare).await;
    let finding = if_refused(&bare, Finding::ContentType);
    it.report.reply("one without a content type", "2xx", &bare, finding);

    let check = "an older report after a newer one";
    if !it.reports_subscription {
        return it.report.skip(check, "nothing is to be left");
    }
    let now = it.bodies.now();
    let newer = it.bodies.subscription("subscription.updated", now);
    let newer = it.endpoint.fire(it.endpoint.signed(&newer)).await;
    let finding = if_refused(&newer, Finding::Refuses);
    it.report.reply("a report of a subscription", "2xx", &newer, finding);
    let before = now - TimeDelta::minutes(1);
    let older = it.bodies.subscription("subscription.created", before);
    let older = it.endpoint.fire(it.endpoint.signed(&older)).await;
    let finding = if_refused(&older, Finding::RefusesReordered);
    it.report.reply(check, "2xx", &older, finding.filter(|_| newer.is_success()));
}
