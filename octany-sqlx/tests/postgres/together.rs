//! Calls that go together do not stand in each other's way.

use std::time::Duration;

use octany_core::{Applied, DeliveryId, ReferenceId, Snapshot};
use octany_entitlement::{Claim, DeliveryLog, Ledger, StoreErrorKind, SubscriptionStore};
use octany_sqlx::PostgresStore;

use crate::place::{Place, PoolOptions};
use crate::server::reports::{at, kind, report};

const LEASE: Duration = Duration::from_mins(1);

fn of(number: u64, reference: &str) -> Snapshot {
    let mut report = report(0, "active");
    report.subscription = number.into();
    report.reference = Some(ReferenceId::from(reference));
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_app_has_locked_keeps_nobody_else_waiting() {
    let place = Place::new().await;
    let (store, pool) = (place.store().await, place.pool().await);
    let mut transaction = pool.begin().await.unwrap();
    store.apply_in(&mut transaction, &of(0, "locked")).await.unwrap();
    assert!(store.claim_in(&mut transaction, &"locked".into(), at(0)).await.unwrap());
    let waiting: Vec<_> = (0..4)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                match task % 2 {
                    0 => store.apply(&of(0, "locked")).await.map(drop),
                    _ => store.claim(&"locked".into(), at(0), LEASE).await.map(drop),
                }
            })
        })
        .collect();
    // In the midst of those that wait.
    for round in 0..20_u64 {
        let others = (1..=8).map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.apply(&of(round * 8 + number, "free")).await.unwrap() })
        });
        for other in others.collect::<Vec<_>>() {
            assert_eq!(other.await.unwrap(), Applied::Inserted);
        }
    }
    assert!(waiting.iter().all(|task| !task.is_finished()), "the lock is still held");
    transaction.commit().await.unwrap();
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    assert_eq!(store.claim(&"locked".into(), at(0), LEASE).await.unwrap(), Claim::Duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_calls_may_wait_for_what_an_app_has_locked() {
    let place = Place::new().await;
    let (store, pool) = (place.store().await, place.pool().await);
    let mut transaction = pool.begin().await.unwrap();
    store.apply_in(&mut transaction, &of(0, "locked")).await.unwrap();
    // More than there are connections.
    let waiting: Vec<_> = (0..24)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.apply(&of(0, "locked")).await })
        })
        .collect();
    while !place.somebody_waits().await {}
    for number in 1..=24 {
        assert_eq!(store.apply(&of(number, "free")).await.unwrap(), Applied::Inserted);
        assert!(store.subscriptions(&"locked".into()).await.unwrap().is_empty());
    }
    assert!(waiting.iter().all(|task| !task.is_finished()), "the lock is still held");
    transaction.commit().await.unwrap();
    for task in waiting {
        assert_eq!(task.await.unwrap().unwrap(), Applied::Unchanged);
    }
}

/// Needs a user who may set `deadlock_timeout`, so that the server notices each of them.
#[tokio::test(flavor = "multi_thread")]
async fn completions_and_repeated_deliveries_do_not_wait_for_each_other() {
    let place = Place::new().await;
    place.store().await.close().await;
    let options = place.options().options([("deadlock_timeout", "1ms")]);
    let store = PostgresStore::new(PoolOptions::new().connect_with(options).await.unwrap());
    for round in 0..60 {
        let id = |number: usize| DeliveryId::from(format!("{round}-{:02}", number % 100));
        let claims = (0..100).map(|number| {
            let (store, id) = (store.clone(), id(number * 37));
            tokio::spawn(async move { (store.claim(&id, at(0), LEASE).await.unwrap(), id) })
        });
        let mut claimed = Vec::new();
        for claim in claims.collect::<Vec<_>>() {
            claimed.push(claim.await.unwrap());
        }
        let mut tasks = Vec::new();
        for (number, (claim, delivery)) in claimed.into_iter().enumerate() {
            let Claim::Fresh(token) = claim else { panic!("nobody else claimed it") };
            let (completes, repeats, repeated) = (store.clone(), store.clone(), id(99 - number));
            tasks.push(tokio::spawn(async move {
                assert!(completes.complete(&delivery, token, at(0)).await.unwrap());
            }));
            tasks.push(tokio::spawn(async move {
                repeats.claim(&repeated, at(0), LEASE).await.map(drop).unwrap();
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    }
    // Connections report what they saw at their end.
    store.close().await;
    place.terminate_all().await;
    let deadlocks: i64 = sqlx::query_scalar(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    )
    .fetch_one(&place.pool().await)
    .await
    .unwrap();
    assert_eq!(deadlocks, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_report_does_not_fail_its_neighbours() {
    let place = Place::new().await;
    let store = place.store().await;
    for round in 0..8_u64 {
        let tasks: Vec<_> = (0..32_u64)
            .map(|task| {
                let store = store.clone();
                tokio::spawn(async move {
                    let bad = task == 7;
                    let reference = if bad { "nobody\0" } else { "somebody" };
                    let delivery = (round * 32 + task).into();
                    let report = of(round * 32 + task, reference);
                    (bad, store.enter(&delivery, at(0), LEASE, &report).await)
                })
            })
            .collect();
        for task in tasks {
            match task.await.unwrap() {
                (true, entered) => assert_eq!(kind(entered), StoreErrorKind::Rejected),
                (false, entered) => assert_eq!(entered.unwrap().applied, Some(Applied::Inserted)),
            }
        }
    }
    let bad = 7.into();
    assert!(
        matches!(store.claim(&bad, at(0), LEASE).await.unwrap(), Claim::Fresh(_)),
        "what was not applied is not claimed either"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_go_away_leave_the_others_their_answers() {
    let place = Place::new().await;
    let store = place.store().await;
    for round in 0..16_u64 {
        let tasks: Vec<_> = (0..32_u64)
            .map(|task| {
                let store = store.clone();
                tokio::spawn(async move { store.apply(&of(round * 32 + task, "user")).await })
            })
            .collect();
        for (index, task) in tasks.into_iter().enumerate() {
            if index % 3 == 0 {
                task.abort();
            } else {
                assert_eq!(task.await.unwrap().unwrap(), Applied::Inserted);
            }
        }
    }
}

#[test]
fn a_store_outlives_the_runtime_that_used_it_first() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let first = runtime();
    let (place, store) = first.block_on(async {
        let place = Place::new().await;
        let store = place.store().await;
        store.apply(&of(1, "user")).await.unwrap();
        // Some are under way when the runtime ends.
        for number in 2..40 {
            let store = store.clone();
            tokio::spawn(async move { drop(store.apply(&of(number, "user")).await) });
        }
        (place, store)
    });
    drop(first);
    runtime().block_on(async {
        assert_eq!(store.apply(&of(1, "user")).await.unwrap(), Applied::Unchanged);
        assert!(!store.subscriptions(&"user".into()).await.unwrap().is_empty());
    });
    // Outside of any runtime.
    drop(store);
    drop(place);
}
