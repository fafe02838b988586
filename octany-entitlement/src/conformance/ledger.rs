//! What a [`Ledger`] promises.

use std::sync::Arc;
use std::time::Duration;

use octany_core::{Applied, Snapshot};

use super::TASKS;
use super::race::race;
use super::reports::{at, report};
use super::subscription_store::known;
use crate::{Claim, Entered, Ledger};

const LEASE: Duration = Duration::from_mins(1);

/// Proves a [`Ledger`]. Gives the number of cases.
///
/// # Panics
///
/// On the first promise that is broken.
pub async fn ledger<L: Ledger + 'static>(mut make: impl AsyncFnMut() -> L) -> usize {
    let mut cases = 0;
    let mut ledger = async || {
        cases += 1;
        Arc::new(make().await)
    };
    what_is_entered_is_claimed_and_applied(&ledger().await).await;
    what_is_not_fresh_is_not_applied(&ledger().await).await;
    every_outcome_is_told(&ledger().await).await;
    one_of_many_enters(&ledger().await).await;
    many_enter_at_once(&ledger().await).await;
    cases
}

async fn enter<L: Ledger>(
    ledger: &L,
    delivery: &str,
    seconds: i64,
    status: &str,
    version: i64,
) -> Entered {
    let report = report("sub", "user", status, version);
    ledger.enter(&delivery.into(), at(seconds), LEASE, &report).await.expect("enter failed")
}

async fn status<L: Ledger>(ledger: &L) -> Vec<String> {
    known(ledger, "user").await.iter().map(|known| known.status.to_string()).collect()
}

async fn what_is_entered_is_claimed_and_applied<L: Ledger>(ledger: &L) {
    let entered = enter(ledger, "d", 0, "active", 0).await;
    let Claim::Fresh(token) = entered.claim else {
        unreachable!("a fresh claim was expected, not {:?}", entered.claim);
    };
    assert_eq!(entered.applied, Some(Applied::Inserted));
    assert_eq!(status(ledger).await, ["active"]);
    assert!(
        ledger.complete(&"d".into(), token, at(1)).await.expect("complete failed"),
        "what was entered can be completed"
    );
    let again = enter(ledger, "d", 2, "active", 0).await;
    assert_eq!(again, Entered { claim: Claim::Duplicate, applied: None });
}

async fn what_is_not_fresh_is_not_applied<L: Ledger>(ledger: &L) {
    enter(ledger, "d", 0, "active", 0).await;
    let second = enter(ledger, "d", 1, "unpaid", 1).await;
    let in_flight = Claim::InFlight { until: at(60) };
    assert_eq!(second, Entered { claim: in_flight, applied: None }, "one claim at a time");
    assert_eq!(status(ledger).await, ["active"], "who has no claim applies nothing");
    let expired = enter(ledger, "d", 60, "unpaid", 1).await;
    assert!(matches!(expired.claim, Claim::Fresh(_)), "an expired claim is claimed anew");
    assert_eq!(expired.applied, Some(Applied::Updated));
    assert_eq!(status(ledger).await, ["unpaid"]);
}

async fn every_outcome_is_told<L: Ledger>(ledger: &L) {
    let outcomes = [
        ("active", 5, Applied::Inserted),
        ("active", 5, Applied::Unchanged),
        ("unpaid", 5, Applied::Contested),
        ("active", 4, Applied::Stale),
        ("active", 6, Applied::Updated),
    ];
    for (index, (status, version, expected)) in outcomes.into_iter().enumerate() {
        let entered = enter(ledger, &format!("d{index}"), 0, status, version).await;
        assert!(matches!(entered.claim, Claim::Fresh(_)));
        assert_eq!(entered.applied, Some(expected));
    }
}

async fn one_of_many_enters<L: Ledger + 'static>(ledger: &Arc<L>) {
    for round in 0..16 {
        let tasks = (0..TASKS).map(|_| {
            let ledger = Arc::clone(ledger);
            async move { enter(&*ledger, &format!("d{round}"), 0, "active", round).await }
        });
        let entered = race(tasks.collect()).await;
        let fresh = entered.iter().filter(|entered| entered.applied.is_some()).count();
        assert_eq!(fresh, 1, "one of many claims and applies");
        assert_eq!(status(&**ledger).await, ["active"]);
    }
}

async fn many_enter_at_once<L: Ledger + 'static>(ledger: &Arc<L>) {
    let tasks = (0..TASKS * 4).map(|task| {
        let ledger = Arc::clone(ledger);
        async move {
            // Some share a subscription, some have one to themselves.
            let subscription = format!("s{}", task % (TASKS * 2));
            let version = i64::try_from(task).unwrap_or_default();
            let report = report(subscription, "many", "active", version);
            let delivery = format!("many{task}");
            ledger.enter(&delivery.into(), at(0), LEASE, &report).await.expect("enter failed")
        }
    });
    let entered = race(tasks.collect()).await;
    assert!(
        entered.iter().all(|entered| matches!(entered.claim, Claim::Fresh(_))),
        "deliveries are told apart"
    );
    let inserted =
        entered.iter().filter(|entered| entered.applied == Some(Applied::Inserted)).count();
    assert_eq!(inserted, TASKS * 2, "each subscription is new once");
    let newest = known(&**ledger, "many").await;
    assert_eq!(newest.len(), TASKS * 2);
    let oldest_kept = newest.iter().map(Snapshot::as_of).min();
    assert_eq!(
        oldest_kept,
        Some(at(i64::try_from(TASKS * 2).unwrap_or_default())),
        "of those that share a subscription, the newest remains"
    );
}
