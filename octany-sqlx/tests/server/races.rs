//! Whatever runs at once, the newest report remains.

use std::collections::HashMap;
use std::time::Duration;

use octany_core::{Applied, Rank, Snapshot, Source, SubscriptionId, Version};
use octany_entitlement::{AccessLog, Claim, DeliveryLog, SubscriptionStore};

use crate::place::{ISOLATION, Place, Store};
use crate::server::reports::{at, report};

/// A small generator, so that a failing order can be had again.
struct Order(u64);

impl Order {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}

/// Reports on a subscription: several seconds, sources and, at the top, two that tie.
fn reports(id: u64) -> Vec<Snapshot> {
    let mut reports = Vec::new();
    for second in 0..3 {
        for (source, status) in [
            (Source::Webhook(Rank::Created), "pending"),
            (Source::Webhook(Rank::Renewed), "active"),
            (Source::Api, "trialing"),
        ] {
            reports.push((Version::new(at(second), source), status));
        }
    }
    reports.push((Version::new(at(9), Source::Webhook(Rank::Updated)), "unpaid"));
    if id.is_multiple_of(2) {
        reports.push((Version::new(at(9), Source::Webhook(Rank::Updated)), "delayed"));
    }
    let snapshot = |(version, status): (Version, &str)| {
        let mut snapshot = Snapshot::new(id, status, version);
        snapshot.reference = Some("user_42".into());
        snapshot
    };
    reports.into_iter().map(snapshot).collect()
}

async fn every_order_ends_in_one_state(one: Store, other: Store) {
    let subscriptions = 1..=4_u64;
    let tasks: Vec<_> = (0..32_u64)
        .map(|task| {
            let store = if task % 2 == 0 { one.clone() } else { other.clone() };
            let mut mine: Vec<_> = subscriptions.clone().flat_map(reports).collect();
            Order(task).shuffle(&mut mine);
            tokio::spawn(async move {
                let mut outcomes = Vec::new();
                for report in mine {
                    let applied = store.apply(&report).await.unwrap();
                    outcomes.push((report.subscription, applied));
                }
                outcomes
            })
        })
        .collect();

    let mut inserted: HashMap<SubscriptionId, u32> = HashMap::new();
    let mut contested: HashMap<SubscriptionId, u32> = HashMap::new();
    for task in tasks {
        for (id, applied) in task.await.unwrap() {
            *inserted.entry(id.clone()).or_default() += u32::from(applied == Applied::Inserted);
            *contested.entry(id).or_default() += u32::from(applied == Applied::Contested);
        }
    }

    let known = other.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known.len(), 4);
    for record in known {
        let id: u64 = record.subscription.as_str().parse().unwrap();
        assert_eq!(record.version, Version::new(at(9), Source::Webhook(Rank::Updated)));
        assert_eq!(inserted[&record.subscription], 1, "one task made the row");
        if id.is_multiple_of(2) {
            assert!(record.contested && contested[&record.subscription] > 0);
            assert!(["unpaid", "delayed"].contains(&record.status.as_str()));
        } else {
            assert!(!record.contested && contested[&record.subscription] == 0);
            assert_eq!(record.status.as_str(), "unpaid");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_order_from_many_tasks_and_two_stores_ends_in_one_state() {
    let place = Place::new().await;
    every_order_ends_in_one_state(place.store().await, place.store().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn so_it_does_at_every_isolation_level() {
    for isolation in ISOLATION {
        let place = Place::new().await;
        let one = Store::new(place.pool_at(isolation).await);
        let other = Store::new(place.pool_at(isolation).await);
        one.migrate().await.unwrap();
        every_order_ends_in_one_state(one, other).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_task_reads_what_it_wrote_or_something_newer() {
    let place = Place::new().await;
    let store = place.store().await;
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for step in 0..25 {
                    let version = Version::new(at(step * 8 + task), Source::Api);
                    let mut report = Snapshot::new(1, "active", version);
                    report.reference = Some("user_42".into());
                    store.apply(&report).await.unwrap();
                    let known = store.subscriptions(&"user_42".into()).await.unwrap();
                    assert!(known[0].version >= version);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_answer_is_right_even_if_the_row_came_while_the_statement_ran() {
    let place = Place::new().await;
    let store = place.store().await;
    for (theirs, mine, expected) in [
        (report(1, "active"), report(1, "active"), Applied::Unchanged),
        (report(1, "active"), report(1, "unpaid"), Applied::Contested),
        (report(2, "active"), report(1, "active"), Applied::Stale),
        (report(1, "active"), report(2, "active"), Applied::Updated),
    ] {
        place.execute("TRUNCATE TABLE octany_subscriptions; DROP TABLE IF EXISTS copy").await;
        store.apply(&theirs).await.unwrap();
        place.execute("CREATE TABLE copy AS SELECT * FROM octany_subscriptions").await;
        place.execute("TRUNCATE TABLE octany_subscriptions").await;
        // The row as somebody else writes it, and has not committed.
        let pool = place.pool().await;
        let mut theirs = pool.begin().await.unwrap();
        let insert = sqlx::query("INSERT INTO octany_subscriptions SELECT * FROM copy");
        insert.execute(&mut *theirs).await.unwrap();
        let waiting = store.clone();
        let mine = tokio::spawn(async move { waiting.apply(&mine).await.unwrap() });
        while !place.somebody_waits().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        theirs.commit().await.unwrap();
        assert_eq!(mine.await.unwrap(), expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_claims_at_once_one_is_fresh() {
    let place = Place::new().await;
    let (one, other) = (place.store().await, place.store().await);
    for round in 0..40 {
        // In every second round the claim was held before, and has expired.
        let delivery = format!("delivery-{}", round / 2);
        let now = at(round % 2 * 60);
        let tasks: Vec<_> = (0..32)
            .map(|task| {
                let store = if task % 2 == 0 { one.clone() } else { other.clone() };
                let delivery = delivery.as_str().into();
                tokio::spawn(async move {
                    store.claim(&delivery, now, Duration::from_mins(1)).await.unwrap()
                })
            })
            .collect();
        let mut fresh = 0;
        for task in tasks {
            match task.await.unwrap() {
                Claim::Fresh(_) => fresh += 1,
                other => {
                    assert_eq!(other, Claim::InFlight { until: now + Duration::from_mins(1) });
                }
            }
        }
        assert_eq!(fresh, 1, "{delivery}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_see_a_change_one_announces_it() {
    let place = Place::new().await;
    let (one, other) = (place.store().await, place.store().await);
    assert!(!one.announce(&"a".into(), false, None, at(0)).await.unwrap().is_change());
    for granted in [true, false, true] {
        let tasks: Vec<_> = (0..32)
            .map(|task| {
                let store = if task % 2 == 0 { one.clone() } else { other.clone() };
                tokio::spawn(async move {
                    store.announce(&"a".into(), granted, None, at(0)).await.unwrap().is_change()
                })
            })
            .collect();
        let mut announced = 0;
        for task in tasks {
            announced += u32::from(task.await.unwrap());
        }
        assert_eq!(announced, 1);
    }
}
