//! The same delivery again.

use std::time::Duration;

use futures_util::future::join_all;

use super::{Examination, if_refused};
use crate::commands::doctor::endpoint::Reply;
use crate::commands::doctor::finding::Finding;

/// How many arrive at the same moment.
const AT_ONCE: usize = 4;

pub(super) async fn all(it: &mut Examination<'_>, body: &str, first: &Reply) {
    let mut again = it.endpoint.fire(it.endpoint.signed(body)).await;
    // The first one may still be at work.
    for _ in 0..5 {
        if again.status() != Some(409) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        again = it.endpoint.fire(it.endpoint.signed(body)).await;
    }
    let refused = if_refused(&again, Finding::RefusesRepeated);
    it.report.reply("the same delivery again", "2xx", &again, refused);
    if refused.is_none() {
        effects(it, body, first, &again).await;
    }
    at_once(it).await;
}

/// From outside one sees what a repetition is answered with. Who deals with each anew often says
/// something else each time: a number, a new id.
async fn effects(it: &mut Examination<'_>, body: &str, first: &Reply, again: &Reply) {
    let third = it.endpoint.fire(it.endpoint.signed(body)).await;
    let (one, two, three) = (first.body(), again.body(), third.body());
    // An answer that only tells the first from its repetitions is none of these.
    let differ = one != two && two != three && one != three;
    let finding = differ.then_some(Finding::HandlesRepeated);
    let said = if differ { "something else each time" } else { "the same" };
    it.report.note("what repetitions are answered with", "the same", said, finding);
}

async fn at_once(it: &mut Examination<'_>) {
    let body = it.bodies.hook();
    let shots = (0..AT_ONCE).map(|_| it.endpoint.fire(it.endpoint.signed(&body)));
    let replies = join_all(shots).await;
    let is_fine = |reply: &Reply| reply.is_success() || reply.status() == Some(409);
    let all = replies.iter().all(is_fine) && replies.iter().any(Reply::is_success);
    let said: Vec<_> = replies.iter().map(Reply::text).collect();
    let finding = (!all).then_some(Finding::FailsAtOnce);
    it.report.note("four at the same moment", "2xx, or 409 meanwhile", said.join(" "), finding);
}
