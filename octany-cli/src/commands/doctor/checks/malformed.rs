//! What is signed, and no event.

use super::Examination;
use crate::commands::doctor::endpoint::Reply;
use crate::commands::doctor::finding::Finding;

const REFUSED: &str = "400";

pub(super) async fn all(it: &mut Examination<'_>) {
    let bodies = [
        ("a signed body of nothing", String::new()),
        ("signed text that is no JSON", "hello".to_owned()),
        ("signed JSON that breaks off", "{\"id\":1,\"name\":\"test.hook\"".to_owned()),
        ("a signed event without an id", it.bodies.nameless()),
    ];
    for (check, body) in bodies {
        let reply = it.endpoint.fire(it.endpoint.signed(&body)).await;
        let finding = if reply.is_success() {
            Some(Finding::AcceptsMalformed)
        } else {
            (!reply.is_refusal()).then_some(Finding::FailsOnMalformed)
        };
        it.report.reply(check, REFUSED, &reply, finding);
    }
    let deep = it.endpoint.fire(it.endpoint.signed(&it.bodies.deep())).await;
    let finding = match deep {
        Reply::Answer(ref answer) if answer.status >= 500 => Some(Finding::FailsOnMalformed),
        Reply::Answer(_) => None,
        Reply::Late | Reply::Cut | Reply::Away(_) => Some(Finding::FailsOnDepth),
    };
    it.report.reply("a signed event 100,000 levels deep", "400, or 2xx", &deep, finding);
    // Whoever has broken down by now is found out here.
    let after = it.endpoint.fire(it.endpoint.signed(&it.bodies.hook())).await;
    let finding = (!after.is_success()).then_some(match after {
        Reply::Late => Finding::TooSlow,
        Reply::Answer(_) => Finding::Refuses,
        Reply::Cut | Reply::Away(_) => Finding::NoAnswer,
    });
    it.report.reply("a genuine delivery after all that", "2xx", &after, finding);
}
