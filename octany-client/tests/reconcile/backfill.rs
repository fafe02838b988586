//! Taking in all subscriptions, and what may happen meanwhile.

use std::collections::HashSet;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use octany_client::{AuditMode, Backfill, Cursor, Progress, Reconciler, Sample, StopCause};
use octany_core::{Applied, ReferenceId, Snapshot};
use octany_entitlement::{Receiver, StoreError, SubscriptionStore};
use serde_json::json;

use crate::support::App;

/// So long that no slow machine outlasts it.
const PATIENT: Duration = Duration::from_mins(1);

async fn kept(_: Progress) -> Result<(), Infallible> {
    Ok(())
}

async fn app_with(subscriptions: u64) -> App {
    let app = App::start().await;
    for id in 1..=subscriptions {
        app.octany.subscribe(id, &format!("user {id}"), "active");
    }
    app
}

/// The first of so many users who is missing.
async fn missing(app: &App, users: u64) -> Option<u64> {
    for user in 1..=users {
        let known = app.store.subscriptions(&format!("user {user}").into()).await.unwrap();
        if known.len() != 1 {
            return Some(user);
        }
    }
    None
}

#[tokio::test]
async fn fifty_thousand_are_all_there_after_two_deaths_half_way() {
    let app = app_with(50_000).await;
    let saved: Arc<Mutex<Cursor>> = Arc::default();
    let save = |progress: &Progress| *saved.lock().unwrap() = progress.cursor.clone();

    // It is dropped with page 800 under way.
    let dropped = app.reconciler.backfill(Backfill::new(), async |progress| {
        save(&progress);
        if progress.page == 800 {
            std::future::pending::<()>().await;
        }
        Ok::<_, Infallible>(())
    });
    let half_way = async {
        while app.octany.calls() < 800 || saved.lock().unwrap().clone() == Cursor::default() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        biased;
        _ = dropped => panic!("it was to hang"),
        () = half_way => {}
    }

    // It panics at page 1,600, before the cursor is kept.
    let resumed = Backfill::resume(saved.lock().unwrap().clone());
    let panicking = app.reconciler.backfill(resumed, async |progress| {
        assert_ne!(progress.page, 1_600, "a panic in the callback");
        save(&progress);
        Ok::<_, Infallible>(())
    });
    assert!(AssertUnwindSafe(panicking).catch_unwind().await.is_err());

    // The cursor went through a file meanwhile.
    let file = serde_json::to_string(&*saved.lock().unwrap()).unwrap();
    let cursor: Cursor = serde_json::from_str(&file).unwrap();
    assert_eq!(cursor, *saved.lock().unwrap());
    let done = app.reconciler.backfill(Backfill::resume(cursor), kept).await.unwrap();
    assert!(done.done);
    assert_eq!((done.page, done.pages, done.total), (2_500, Some(2_500), Some(50_000)));
    assert_eq!(missing(&app, 50_000).await, None);
    assert!(app.octany.calls() <= 2_500 + 4, "{} calls", app.octany.calls());
}

#[tokio::test]
async fn a_page_that_is_not_answered_stops_it_and_nothing_is_skipped() {
    let app = app_with(100).await;
    app.octany.fail_page(3);
    let stopped = app.reconciler.backfill(Backfill::new(), kept).await.unwrap_err();
    assert!(matches!(stopped.cause, StopCause::Page(_)));
    assert_eq!(missing(&app, 100).await, Some(41));
    app.octany.fail_page(0);
    let resumed = Backfill::resume(stopped.cursor);
    app.reconciler.backfill(resumed, kept).await.unwrap();
    assert_eq!(missing(&app, 100).await, None);
    assert_eq!(app.octany.calls(), 3 + 4, "from page 2 on");
}

#[tokio::test]
async fn a_progress_that_cannot_be_kept_stops_it() {
    let app = app_with(100).await;
    let stopped = app.reconciler.backfill(Backfill::new(), async |_| Err("the disk is full")).await;
    let stopped = stopped.unwrap_err();
    assert!(matches!(stopped.cause, StopCause::Progress(_)));
    assert_eq!(app.octany.calls(), 1);
}

/// Fails at the report about one subscription.
struct Refusing(Arc<Mutex<HashSet<String>>>);

#[async_trait]
impl SubscriptionStore for Refusing {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        if snapshot.subscription == "50" {
            return Err(StoreError::unavailable("not this one"));
        }
        self.0.lock().unwrap().insert(snapshot.subscription.to_string());
        Ok(Applied::Inserted)
    }

    async fn subscriptions(&self, _: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn a_report_that_is_not_stored_stops_it_before_its_page() {
    let app = app_with(100).await;
    let stored = Arc::default();
    let store = Arc::new(Refusing(Arc::clone(&stored)));
    let receiver = Receiver::builder().store(store.clone()).build();
    let reconciler = Reconciler::builder(app.octany.client(), receiver, store).build();
    let mut last = None;
    let stopped = reconciler.backfill(Backfill::new(), |progress| {
        last = Some(progress);
        async { Ok::<_, Infallible>(()) }
    });
    let stopped = stopped.await.unwrap_err();
    assert_eq!(stopped.cursor, last.unwrap().cursor, "that of page 2");
    assert_eq!(stopped.to_string(), "the backfill stopped after page 2");
    assert!(stored.lock().unwrap().len() >= 40);
}

#[tokio::test]
async fn one_that_cannot_be_read_is_counted_and_passed_over() {
    let app = app_with(30).await;
    app.octany.subscriptions()[4] = json!({"id": 5, "reference_id": "no status"});
    let done = app.reconciler.backfill(Backfill::new(), kept).await.unwrap();
    assert_eq!((done.seen, done.changed, done.unreadable), (29, 29, 1));
    assert_eq!(missing(&app, 30).await, Some(5));
}

#[tokio::test]
async fn who_moves_up_because_others_vanish_is_found() {
    let app = app_with(1_000).await;
    // Before page 30, the first 45 go: the numbering skips 45 that nobody has read.
    let mut vanished = false;
    app.octany.before_page(move |page, all| {
        if page == 30 && !std::mem::replace(&mut vanished, true) {
            all.drain(..45);
        }
    });
    let done = app.reconciler.backfill(Backfill::new(), kept).await.unwrap();
    assert_eq!(done.total, Some(955));
    assert_eq!(missing(&app, 1_000).await, None, "those that vanished were read before");
    assert_eq!(app.octany.calls(), 29 + 1 + (48 - 26), "it went back three pages");
}

#[tokio::test]
async fn who_moves_up_while_it_is_stopped_is_found() {
    let app = app_with(200).await;
    app.octany.fail_page(6);
    let stopped = app.reconciler.backfill(Backfill::new(), kept).await.unwrap_err();
    app.octany.fail_page(0);
    app.octany.subscriptions().drain(..30);
    app.reconciler.backfill(Backfill::resume(stopped.cursor), kept).await.unwrap();
    assert_eq!(missing(&app, 200).await, None);
}

#[tokio::test]
async fn who_comes_meanwhile_is_found_at_either_end_of_the_list() {
    let app = app_with(200).await;
    let mut next = 200;
    app.octany.before_page(move |page, all| {
        if page == 5 && next == 200 {
            for _ in 0..25 {
                next += 1;
                let new = |user| json!({"id": user, "reference_id": format!("user {user}"), "status": "active"});
                all.insert(0, new(next));
                next += 1;
                all.push(new(next));
            }
        }
    });
    let done = app.reconciler.backfill(Backfill::new(), kept).await.unwrap();
    assert_eq!((done.total, done.page), (Some(250), 3), "the first pages come last");
    assert_eq!(missing(&app, 250).await, None);
}

#[tokio::test]
async fn a_list_without_anything_is_done() {
    let app = App::start().await;
    let done = app.reconciler.backfill(Backfill::new(), kept).await.unwrap();
    assert_eq!((done.seen, done.page, done.done), (0, 1, true));
    let again = app.reconciler.backfill(Backfill::resume(done.cursor), kept).await.unwrap();
    assert!(again.done);
}

#[tokio::test]
async fn an_empty_page_is_the_end_whatever_is_said_of_how_many_there_are() {
    let app = app_with(30).await;
    app.octany.claim_pages(u64::MAX);
    let done = app.reconciler.backfill(Backfill::new(), kept);
    let done = tokio::time::timeout(PATIENT, done).await.expect("it ends").unwrap();
    assert_eq!((done.seen, done.page), (30, 3));
    let audit = app.reconciler.audit(Sample::All, AuditMode::Report);
    let audit = tokio::time::timeout(PATIENT, audit).await.expect("it ends").unwrap();
    assert_eq!((audit.compared, audit.pages), (30, 3));
}
