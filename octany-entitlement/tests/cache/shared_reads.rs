//! Whoever waits for the same reference shares a read.

use std::sync::Arc;

use octany_entitlement::{Cached, Known, StoreError, SubscriptionStore};

use crate::staged::{Fault, Staged};
use crate::tools::{Call, apply, names, peeked, report, with_status};

type LookUp = Call<Result<Known, StoreError>>;

fn cached() -> Arc<Cached<Staged>> {
    let store = Arc::new(Cached::linked(Staged::default()));
    apply(&store, report("1", Some("user"), 0));
    store
}

fn look_up(store: &Arc<Cached<Staged>>) -> LookUp {
    let store = Arc::clone(store);
    Call::new(async move { store.look_up(&"user".into()).await })
}

#[test]
fn all_who_wait_share_one_read() {
    let store = cached();
    let mut calls: Vec<_> = (0..32).map(|_| look_up(&store)).collect();
    for call in &mut calls {
        call.steps(2);
    }
    for call in calls {
        assert_eq!(names(&call.finish().unwrap()), ["1 active"]);
    }
    assert_eq!(store.inner().reads(), 1);
}

#[test]
fn an_error_goes_to_the_one_who_asked_and_the_others_try_again() {
    let store = cached();
    let (mut first, mut second) = (look_up(&store), look_up(&store));
    first.steps(1);
    second.steps(1);
    store.inner().fail(Fault::Undone);
    assert!(first.finish().is_err());
    assert_eq!(names(&second.finish().unwrap()), ["1 active"]);
    assert_eq!(store.inner().reads(), 2);
}

#[test]
fn if_the_one_who_asks_goes_away_another_asks() {
    let store = cached();
    let (mut first, mut second, mut third) = (look_up(&store), look_up(&store), look_up(&store));
    first.steps(1);
    second.steps(1);
    third.steps(1);
    drop(first);
    third.steps(1);
    drop(third);
    assert_eq!(names(&second.finish().unwrap()), ["1 active"]);
}

#[test]
fn who_comes_after_a_write_is_not_content_with_a_read_from_before() {
    let store = cached();
    let mut early = look_up(&store);
    early.steps(2); // the old answer is on its way
    apply(&store, with_status(report("1", Some("user"), 1), "unpaid"));
    let mut late = look_up(&store);
    late.steps(1); // and waits for the early one
    assert_eq!(names(&early.finish().unwrap()), ["1 active"]);
    assert_eq!(peeked(&*store, "user"), None);
    assert_eq!(names(&late.finish().unwrap()), ["1 unpaid"]);
    assert_eq!(peeked(&*store, "user").unwrap(), ["1 unpaid"]);
}

#[test]
fn constant_writes_make_nobody_ask_more_than_once() {
    let store = cached();
    let mut calls: Vec<_> = (0..8).map(|_| look_up(&store)).collect();
    for call in &mut calls {
        call.steps(1);
    }
    let mut second = 1;
    while !calls.is_empty() {
        // A write passes every step of every read.
        apply(&store, report("1", Some("user"), second));
        second += 1;
        calls.retain_mut(|call| call.step().is_none());
    }
    assert!(store.inner().reads() <= 2, "{} reads", store.inner().reads());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_herd_on_many_threads_costs_one_read() {
    let store = Arc::new(Cached::linked(Staged::default()));
    store.apply(&report("1", Some("user"), 0)).await.unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.look_up(&"user".into()).await.unwrap().len() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 1);
    }
    assert_eq!(store.inner().reads(), 1);
}
