//! What an [`InboxStore`] promises.

mod claims;
mod dead;
mod kept;
mod order;
mod puts;
mod races;

use std::sync::Arc;
use std::time::Duration;

use octany_core::signature::VerifiedBody;
use octany_core::{Rank, Source, Version};

use super::reports::at;
use crate::{ClaimToken, Claimed, InboxStore, Letter, Put};

const LEASE: Duration = Duration::from_mins(1);

/// Proves an [`InboxStore`]. Gives the number of cases.
///
/// # Panics
///
/// On the first promise that is broken.
pub async fn inbox_store<S: InboxStore + 'static>(mut make: impl AsyncFnMut() -> S) -> usize {
    let mut cases = 0;
    let mut store = async || {
        cases += 1;
        Arc::new(make().await)
    };
    puts::a_letter_is_put_once(&store().await).await;
    puts::a_letter_comes_back_as_it_was_put(&store().await).await;
    puts::one_of_many_puts_at_once_stores(&store().await).await;
    puts::letters_are_told_apart(&store().await).await;
    puts::what_was_done_is_pruned(&store().await).await;
    claims::a_claimed_letter_is_not_given_out_before_its_lease_ends(&store().await).await;
    claims::an_extended_lease_lasts_longer(&store().await).await;
    claims::a_lost_claim_can_do_nothing(&store().await).await;
    claims::a_late_holder_is_heard_if_nobody_came_in_between(&store().await).await;
    claims::a_failed_letter_waits_and_its_attempts_are_counted(&store().await).await;
    claims::a_postponed_letter_waits_and_no_attempt_is_counted(&store().await).await;
    claims::as_many_as_asked_for_and_the_first_first(&store().await).await;
    order::one_of_a_key_runs_at_a_time(&store().await).await;
    order::the_order_is_that_of_the_events_and_then_of_arrival(&store().await).await;
    order::what_waits_for_another_attempt_holds_up_its_key(&store().await).await;
    order::a_latecomer_goes_first_but_not_at_the_same_time(&store().await).await;
    order::what_was_begun_goes_before_what_waits(&store().await).await;
    dead::a_dead_letter_is_listed_and_holds_nobody_up(&store().await).await;
    dead::dead_letters_are_listed_in_portions(&store().await).await;
    dead::a_replayed_letter_is_as_good_as_new(&store().await).await;
    dead::all_dead_letters_are_replayed(&store().await).await;
    dead::a_discarded_letter_is_done(&store().await).await;
    dead::what_is_not_done_is_counted(&store().await).await;
    kept::a_letter_is_shown_as_it_is_kept(&store().await).await;
    kept::what_is_not_done_is_listed_in_portions(&store().await).await;
    races::many_workers_handle_each_letter_once_and_in_order(&store().await).await;
    races::one_of_many_takes_up_what_was_left(&store().await).await;
    races::latecomers_never_run_beside_their_key(&store().await).await;
    cases
}

/// A letter about something, of so many seconds.
fn letter(id: &str, key: &str, seconds: i64) -> Letter {
    Letter {
        id: id.into(),
        key: key.to_owned(),
        event: "subscription.updated".to_owned(),
        version: Version::new(at(seconds), Source::Webhook(Rank::Updated)),
        received_at: at(0),
        body: VerifiedBody::danger_verified_before_storing(id.to_owned(), "default"),
    }
}

async fn put<S: InboxStore>(store: &S, letter: &Letter) {
    assert_eq!(store.put(letter).await.expect("put failed"), Put::Stored, "a new letter is stored");
}

async fn put_all<S: InboxStore>(store: &S, letters: &[(&str, &str, i64)]) {
    for (id, key, seconds) in letters {
        put(store, &letter(id, key, *seconds)).await;
    }
}

/// What is given out, by id: the order within one claim is not promised.
async fn claim<S: InboxStore>(store: &S, seconds: i64, limit: usize) -> Vec<Claimed> {
    let mut claimed = store.claim(at(seconds), LEASE, limit).await.expect("claim failed");
    claimed.sort_by(|one, other| one.letter.id.cmp(&other.letter.id));
    claimed
}

/// The ids of what is given out.
async fn given_out<S: InboxStore>(store: &S, seconds: i64, limit: usize) -> Vec<String> {
    ids(&claim(store, seconds, limit).await)
}

fn ids(claimed: &[Claimed]) -> Vec<String> {
    claimed.iter().map(|claimed| claimed.letter.id.to_string()).collect()
}

/// The only one that is given out.
async fn only<S: InboxStore>(store: &S, id: &str, seconds: i64) -> Claimed {
    let mut claimed = claim(store, seconds, 9).await;
    assert_eq!(ids(&claimed), [id], "one letter is given out");
    claimed.remove(0)
}

async fn done<S: InboxStore>(store: &S, id: &str, token: ClaimToken, seconds: i64) -> bool {
    store.done(&id.into(), token, at(seconds)).await.expect("done failed")
}

async fn retry<S: InboxStore>(store: &S, id: &str, token: ClaimToken, seconds: i64) -> bool {
    store.retry(&id.into(), token, at(seconds), "a reason").await.expect("retry failed")
}

async fn postpone<S: InboxStore>(store: &S, id: &str, token: ClaimToken, seconds: i64) -> bool {
    store.postpone(&id.into(), token, at(seconds)).await.expect("postpone failed")
}

async fn bury<S: InboxStore>(store: &S, id: &str, token: ClaimToken, seconds: i64) -> bool {
    store.bury(&id.into(), token, "the last reason", at(seconds)).await.expect("bury failed")
}

async fn extend<S: InboxStore>(store: &S, id: &str, token: ClaimToken, seconds: i64) -> bool {
    store.extend(&id.into(), token, at(seconds)).await.expect("extend failed")
}
