//! What an [`AccessLog`] promises.

use std::sync::Arc;

use super::TASKS;
use super::race::race;
use super::reports::at;
use crate::AccessLog;

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
    cases
}

async fn announce<L: AccessLog>(log: &L, reference: &str, granted: bool) -> bool {
    log.announce(&reference.into(), granted, at(0)).await.expect("announce failed")
}

async fn the_first_word_is_no_change<L: AccessLog>(log: &L) {
    assert!(!announce(log, "a", false).await, "a first denial is no change");
    assert!(!announce(log, "b", true).await, "a first grant is no change");
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
