//! What a [`DeliveryLog`] promises.

use std::sync::Arc;
use std::time::Duration;

use octany_core::DeliveryId;

use super::TASKS;
use super::race::race;
use super::reports::at;
use crate::{Claim, ClaimToken, DeliveryLog};

const LEASE: Duration = Duration::from_mins(1);

/// Proves a [`DeliveryLog`]. Gives the number of cases.
///
/// # Panics
///
/// On the first promise that is broken.
pub async fn delivery_log<L: DeliveryLog + 'static>(mut make: impl AsyncFnMut() -> L) -> usize {
    let mut cases = 0;
    let mut log = async || {
        cases += 1;
        Arc::new(make().await)
    };
    a_delivery_is_claimed_once(&log().await).await;
    a_released_delivery_is_claimed_again(&log().await).await;
    an_expired_claim_is_claimed_again(&log().await).await;
    a_lost_claim_can_do_nothing(&log().await).await;
    one_of_many_claims_at_once(&log().await).await;
    one_of_many_takes_an_expired_claim(&log().await).await;
    deliveries_are_told_apart(&log().await).await;
    cases
}

async fn claim<L: DeliveryLog>(log: &L, delivery: &str, seconds: i64) -> Claim {
    log.claim(&delivery.into(), at(seconds), LEASE).await.expect("claim failed")
}

async fn fresh<L: DeliveryLog>(log: &L, delivery: &str, seconds: i64) -> ClaimToken {
    let claim = claim(log, delivery, seconds).await;
    let Claim::Fresh(token) = claim else {
        unreachable!("a fresh claim was expected, not {claim:?}");
    };
    token
}

async fn complete<L: DeliveryLog>(log: &L, delivery: &str, token: ClaimToken) -> bool {
    log.complete(&delivery.into(), token, at(2)).await.expect("complete failed")
}

async fn release<L: DeliveryLog>(log: &L, delivery: &str, token: ClaimToken) -> bool {
    log.release(&delivery.into(), token).await.expect("release failed")
}

async fn a_delivery_is_claimed_once<L: DeliveryLog>(log: &L) {
    let token = fresh(log, "d", 0).await;
    let second = claim(log, "d", 1).await;
    assert_eq!(second, Claim::InFlight { until: at(60) }, "a claimed delivery is in flight");
    assert!(complete(log, "d", token).await, "the holder completes");
    for seconds in [3, 59, 60, 61, 1_000_000] {
        let later = claim(log, "d", seconds).await;
        assert_eq!(later, Claim::Duplicate, "a completed delivery is a duplicate for good");
    }
    assert!(complete(log, "d", token).await, "who completed it may say so again");
    assert!(!complete(log, "d", ClaimToken::random()).await, "nobody else may");
    assert!(!release(log, "d", token).await, "a completed claim cannot be released");
    assert_eq!(claim(log, "d", 70).await, Claim::Duplicate);
}

async fn a_released_delivery_is_claimed_again<L: DeliveryLog>(log: &L) {
    let first = fresh(log, "d", 0).await;
    assert!(release(log, "d", first).await, "the holder releases");
    let second = fresh(log, "d", 0).await;
    assert_ne!(first, second, "every claim has a token of its own");
    assert!(!release(log, "d", first).await, "a released claim is no longer held");
    assert!(complete(log, "d", second).await);
}

async fn an_expired_claim_is_claimed_again<L: DeliveryLog>(log: &L) {
    fresh(log, "d", 0).await;
    assert_eq!(claim(log, "d", 59).await, Claim::InFlight { until: at(60) });
    let second = fresh(log, "d", 60).await;
    assert_eq!(
        claim(log, "d", 61).await,
        Claim::InFlight { until: at(120) },
        "a claim that was taken over has a lease of its own"
    );
    assert!(complete(log, "d", second).await);
}

async fn a_lost_claim_can_do_nothing<L: DeliveryLog>(log: &L) {
    let lost = fresh(log, "d", 0).await;
    let held = fresh(log, "d", 60).await;
    assert!(!complete(log, "d", lost).await, "a lost claim cannot be completed");
    assert!(!release(log, "d", lost).await, "a lost claim cannot be released");
    assert!(!complete(log, "unheard of", lost).await, "nothing was claimed there");
    assert!(!release(log, "unheard of", lost).await, "nothing was claimed there");
    assert!(complete(log, "d", held).await, "the new holder completes");
}

async fn one_of_many_claims_at_once<L: DeliveryLog + 'static>(log: &Arc<L>) {
    for round in 0..16 {
        assert_eq!(claimed_at_once(log, &format!("d_{round}"), 0).await, 1);
    }
}

async fn one_of_many_takes_an_expired_claim<L: DeliveryLog + 'static>(log: &Arc<L>) {
    for round in 0..16 {
        let delivery = format!("d_{round}");
        fresh(&**log, &delivery, 0).await;
        assert_eq!(claimed_at_once(log, &delivery, 60).await, 1);
    }
}

/// How many of many tasks get the claim.
async fn claimed_at_once<L: DeliveryLog + 'static>(
    log: &Arc<L>,
    delivery: &str,
    seconds: i64,
) -> usize {
    let tasks = (0..TASKS).map(|_| {
        let (log, delivery) = (Arc::clone(log), delivery.to_owned());
        async move { claim(&*log, &delivery, seconds).await }
    });
    let claims = race(tasks.collect()).await;
    claims.iter().filter(|claim| matches!(claim, Claim::Fresh(_))).count()
}

async fn deliveries_are_told_apart<L: DeliveryLog>(log: &L) {
    for delivery in
        ["1", "01", "1 ", "a", "A", "å", "a\u{30a}", "7f0c2c6e-0000-4000-8000-000000000001"]
    {
        let token = fresh(log, delivery, 0).await;
        assert!(complete(log, delivery, token).await);
    }
    let number = log.claim(&DeliveryId::from(1), at(0), LEASE).await.expect("claim failed");
    assert_eq!(number, Claim::Duplicate, "1 and \"1\" are one id");
}
