//! What an [`AccessLog`] promises.

use std::sync::Arc;

use super::TASKS;
use super::race::race;
use super::reports::at;
use crate::{AccessLog, Announced};

/// Proves an [`AccessLog`]. Gives the number of cases.
///
/// # Panics
///
/// On the first promise that is broken.
pub async fn access_log<L: AccessLog + 'static>(mut make: impl AsyncFnMut() -> L) -> usize {
    let mut cases = 0;
    let mut log = async || {
        cases += 1;
        Arc::new(make().await)
    };
    the_first_word_is_no_change(&log().await).await;
    only_changes_are_changes(&log().await).await;
    one_of_many_announces(&log().await).await;
    another_end_is_noted(&log().await).await;
    what_has_ended_is_due(&log().await).await;
    cases
}

/// Whether it is a change.
async fn announce<L: AccessLog>(log: &L, reference: &str, granted: bool) -> bool {
    until(log, reference, granted, None).await.is_change()
}

async fn until<L: AccessLog>(
    log: &L,
    reference: &str,
    granted: bool,
    until: Option<i64>,
) -> Announced {
    let announced = log.announce(&reference.into(), granted, until.map(at), at(0)).await;
    announced.expect("announce failed")
}

async fn due<L: AccessLog>(log: &L, now: i64, limit: usize) -> Vec<String> {
    let due = log.due(at(now), limit).await.expect("due failed");
    due.iter().map(ToString::to_string).collect()
}

async fn the_first_word_is_no_change<L: AccessLog>(log: &L) {
    assert!(!announce(log, "a", false).await, "a first denial is no change");
    assert!(!announce(log, "b", true).await, "a first grant is no change");
    let first = until(log, "c", true, Some(9)).await;
    assert_eq!(first, Announced::Noted, "a first word is to be remembered");
}

async fn only_changes_are_changes<L: AccessLog>(log: &L) {
    announce(log, "user", false).await;
    for _ in 0..3 {
        assert!(announce(log, "user", true).await, "a grant is a change");
        assert!(!announce(log, "user", true).await, "a grant is announced once");
        assert!(announce(log, "user", false).await, "the end of a grant is a change");
        assert!(!announce(log, "user", false).await, "the end of a grant is announced once");
    }
    assert!(!announce(log, "User", true).await, "references differ by case");
}

async fn one_of_many_announces<L: AccessLog + 'static>(log: &Arc<L>) {
    for round in 0..16 {
        announce(&**log, &format!("user_{round}"), false).await;
        for granted in [true, false] {
            let tasks = (0..TASKS).map(|_| {
                let log = Arc::clone(log);
                async move { announce(&*log, &format!("user_{round}"), granted).await }
            });
            let changes = race(tasks.collect()).await;
            let count = changes.iter().filter(|change| **change).count();
            assert_eq!(count, 1, "a change is announced by one of many");
        }
    }
}

async fn another_end_is_noted<L: AccessLog>(log: &L) {
    until(log, "user", true, Some(5)).await;
    assert_eq!(until(log, "user", true, Some(5)).await, Announced::Unchanged, "the same end");
    assert_eq!(until(log, "user", true, Some(9)).await, Announced::Noted, "a later end");
    assert_eq!(until(log, "user", true, None).await, Announced::Noted, "no end any more");
    assert_eq!(until(log, "user", true, None).await, Announced::Unchanged, "still no end");
    assert_eq!(until(log, "user", false, Some(9)).await, Announced::Changed, "a denial");
    assert_eq!(until(log, "user", false, None).await, Announced::Unchanged, "has no end");
}

async fn what_has_ended_is_due<L: AccessLog>(log: &L) {
    for (reference, end) in [("b", Some(2)), ("a", Some(3)), ("c", Some(1)), ("open", None)] {
        until(log, reference, true, end).await;
    }
    until(log, "denied", false, Some(1)).await;
    assert!(due(log, 0, 9).await.is_empty(), "nothing is due before its end");
    assert_eq!(due(log, 2, 9).await, ["c", "b"], "an end is due at its instant, the first first");
    assert_eq!(due(log, 9, 2).await, ["c", "b"], "as many as asked for");
    until(log, "c", true, Some(20)).await;
    until(log, "b", false, None).await;
    assert_eq!(due(log, 9, 9).await, ["a"], "what was announced anew is not due any more");
    until(log, "a", true, None).await;
    assert!(due(log, 99, 0).await.is_empty(), "none of none");
    assert_eq!(due(log, 99, 9).await, ["c"], "what was put off is due later");
}
