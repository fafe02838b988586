//! Whatever runs at once, the newest report remains.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use std::collections::HashMap;

use common::{Place, at};
use octany_core::{Applied, Rank, Snapshot, Source, SubscriptionId, Version};
use octany_entitlement::SubscriptionStore;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_order_from_many_tasks_and_two_stores_ends_in_one_state() {
    let place = Place::new();
    let (one, other) = (place.store().await, place.store().await);
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
async fn each_task_reads_what_it_wrote_or_something_newer() {
    let place = Place::new();
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
async fn of_many_who_bring_the_same_report_one_inserts_it() {
    let place = Place::new();
    let store = place.store().await;
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.apply(&common::report(1, "active")).await.unwrap() })
        })
        .collect();
    let mut inserted = 0;
    for task in tasks {
        match task.await.unwrap() {
            Applied::Inserted => inserted += 1,
            other => assert_eq!(other, Applied::Unchanged),
        }
    }
    assert_eq!(inserted, 1);
}
