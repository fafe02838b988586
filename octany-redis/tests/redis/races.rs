//! Many at once, on two connections.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use octany_core::{Applied, Snapshot, Source, SubscriptionId, Version};
use octany_entitlement::{AccessLog, Claim, DeliveryLog, SubscriptionLinks, SubscriptionStore};
use octany_redis::RedisStore;
use tokio::sync::Barrier;

use crate::place::{Place, at};

const WRITERS: usize = 32;

/// What each of many tasks gives that start at once, every second one on the other store.
async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    stores: &[RedisStore; 2],
    task: impl Fn(usize, RedisStore) -> F,
) -> Vec<T> {
    let start = Arc::new(Barrier::new(WRITERS));
    let mut running = Vec::new();
    for number in 0..WRITERS {
        let (start, work) = (Arc::clone(&start), task(number, stores[number % 2].clone()));
        running.push(tokio::spawn(async move {
            start.wait().await;
            work.await
        }));
    }
    let mut given = Vec::new();
    for task in running {
        given.push(task.await.unwrap());
    }
    given
}

fn report(subscription: u64, seconds: i64, status: &str) -> Snapshot {
    let mut report = Snapshot::new(subscription, status, Version::new(at(seconds), Source::Api));
    report.reference = Some(format!("user_{}", seconds % 3).into());
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_order_from_32_writers_ends_in_one_state() {
    const REPORTS: i64 = 40;
    let place = Place::new().await;
    let stores = [place.store().await, place.store().await];
    // Of even subscriptions the newest report comes in two versions that differ.
    let outcomes = race(&stores, |number, store| async move {
        let mut outcomes = Vec::new();
        for step in 0..REPORTS {
            let seconds = (step * 7 + i64::try_from(number).unwrap() * 3) % REPORTS;
            for subscription in 1..=4 {
                let tie = number % 2 == 0 && subscription % 2 == 0 && seconds == REPORTS - 1;
                let status = if tie { "delayed" } else { "active" };
                let report = report(subscription, seconds, status);
                outcomes.push((subscription, seconds, store.apply(&report).await.unwrap()));
            }
        }
        outcomes
    })
    .await;

    let mut inserted: HashMap<u64, u32> = HashMap::new();
    let mut contested: HashMap<u64, u32> = HashMap::new();
    for (subscription, seconds, outcome) in outcomes.into_iter().flatten() {
        *inserted.entry(subscription).or_default() += u32::from(outcome == Applied::Inserted);
        if outcome == Applied::Contested {
            assert_eq!(seconds, REPORTS - 1, "only the newest differ");
            *contested.entry(subscription).or_default() += 1;
        }
    }
    let store = &stores[0];
    let owner = format!("user_{}", (REPORTS - 1) % 3);
    let known = store.subscriptions(&owner.as_str().into()).await.unwrap();
    assert_eq!(known.len(), 4);
    for record in known {
        let id: u64 = record.subscription.as_str().parse().unwrap();
        assert_eq!(record.as_of(), at(REPORTS - 1));
        assert_eq!(inserted[&id], 1, "one task made the record");
        let tied = contested.get(&id).is_some_and(|times| *times > 0);
        let even = id.is_multiple_of(2);
        assert_eq!((record.contested, tied), (even, even), "{id}");
    }
    for reference in ["user_0", "user_1", "user_2"].into_iter().filter(|other| *other != owner) {
        assert!(store.subscriptions(&reference.into()).await.unwrap().is_empty(), "it moved on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_writer_reads_what_it_wrote_or_something_newer() {
    let place = Place::new().await;
    let stores = [place.store().await, place.store().await];
    race(&stores, |number, store| async move {
        for step in 0..25 {
            let seconds = (step * 32 + i64::try_from(number).unwrap()) * 3;
            let report = report(1, seconds, "active");
            store.apply(&report).await.unwrap();
            let known = store.subscriptions(&"user_0".into()).await.unwrap();
            assert!(known[0].version >= report.version);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn links_and_reports_at_once_leave_each_subscription_with_one_owner() {
    let place = Place::new().await;
    let stores = [place.store().await, place.store().await];
    for round in 0..10_u64 {
        race(&stores, |number, store| async move {
            let id = SubscriptionId::from(round);
            if number % 4 == 0 {
                let owner = format!("linked_{}", number % 3);
                store.link(&id, &owner.as_str().into()).await.unwrap();
            } else {
                let mut report = report(round, i64::try_from(number).unwrap(), "active");
                if number % 3 != 1 {
                    report.reference = None;
                }
                store.apply(&report).await.unwrap();
            }
        })
        .await;
        let owner = stores[0].owner(&round.into()).await.unwrap().unwrap();
        let mut found = Vec::new();
        for reference in ["linked_0", "linked_1", "linked_2", "user_0", "user_1", "user_2"] {
            let known = stores[1].subscriptions(&reference.into()).await.unwrap();
            if known.iter().any(|known| known.subscription == SubscriptionId::from(round)) {
                found.push(reference);
            }
        }
        assert_eq!(found, [owner.as_str()]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_claims_at_once_one_is_fresh() {
    const LEASE: Duration = Duration::from_mins(1);
    let place = Place::new().await;
    let stores = [place.store().await, place.store().await];
    for round in 0..40 {
        // In every second round the claim was held before, and has expired.
        let now = at(round % 2 * 60);
        let claims = race(&stores, |_, store| async move {
            store.claim(&format!("delivery-{}", round / 2).into(), now, LEASE).await.unwrap()
        })
        .await;
        let in_flight = Claim::InFlight { until: now + LEASE };
        let fresh = claims.iter().filter(|claim| matches!(claim, Claim::Fresh(_))).count();
        let others = claims.iter().filter(|claim| **claim == in_flight).count();
        assert_eq!((fresh, others), (1, WRITERS - 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_see_a_change_one_announces_it() {
    let place = Place::new().await;
    let stores = [place.store().await, place.store().await];
    stores[0].announce(&"a".into(), false, None, at(0)).await.unwrap();
    for granted in [true, false, true] {
        let changes = race(&stores, |_, store| async move {
            store.announce(&"a".into(), granted, None, at(0)).await.unwrap().is_change()
        })
        .await;
        assert_eq!(changes.into_iter().filter(|change| *change).count(), 1);
    }
}
