//! What is too large, and what is no delivery at all.

use super::Examination;
use crate::commands::doctor::endpoint::{Reply, Shot};
use crate::commands::doctor::finding::Finding;

/// In bytes: far more than any delivery has, and less than what hurts.
const LARGE: usize = 16 << 20;

pub(super) async fn all(it: &mut Examination<'_>) {
    let body = vec![b' '; LARGE];
    // A stranger can make up what looks like a signature.
    let reply = it.endpoint.fire(Shot::unsigned(body).signature("5".repeat(64))).await;
    let finding = match &reply {
        // It hung up before all was sent, which is as good.
        Reply::Cut => None,
        Reply::Answer(answer) if answer.status == 413 => None,
        Reply::Late => Some(Finding::TooSlow),
        Reply::Away(_) => Some(Finding::NoAnswer),
        Reply::Answer(answer) if answer.status >= 500 => Some(Finding::FailsOnForged),
        Reply::Answer(_) => Some(Finding::NoBodyLimit),
    };
    it.report.reply("16 MiB from a stranger", "413", &reply, finding);

    let reply = it.endpoint.fire(Shot::unsigned("").get()).await;
    let finding = reply.is_success().then_some(Finding::AnswersGet);
    it.report.reply("a GET", "405", &reply, finding);
}
