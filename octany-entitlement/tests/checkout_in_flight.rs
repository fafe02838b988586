//! A visitor who is back from a checkout that has not been reported yet is no stranger.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use common::at;
use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, SubscriptionStatus, Version};
use octany_entitlement::{
    Admission, Answer, Checkout, CheckoutLog, Denial, Gate, GuardPages, ManualClock, MemoryStore,
    OnOutage, StoreError, SubscriptionStore,
};

const WITHIN: Duration = Duration::from_mins(15);

fn gate(store: &Arc<MemoryStore>, seconds: i64) -> Gate {
    Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny)
        .clock(ManualClock::at(at(seconds)))
        .checkouts(store.clone(), WITHIN)
}

async fn in_flight(gate: &Gate) -> Option<String> {
    let decision = gate.decide(&"user".into()).await.unwrap();
    assert!(!decision.is_allowed() && !decision.lets_pass(), "it stays a denial");
    decision.checkout_in_flight().map(|checkout| checkout.reference.to_string())
}

async fn begin(store: &MemoryStore, reference: &str, seconds: i64) {
    store.begin(&Checkout::new(reference, "user", 42, at(seconds))).await.unwrap();
}

async fn know(store: &MemoryStore, status: &str, seconds: i64) {
    let mut report = Snapshot::new(1, status, Version::new(at(seconds), Source::Api));
    report.reference = Some("user".into());
    store.apply(&report).await.unwrap();
}

async fn denied(gate: &Gate) -> Denial {
    let Admission::TurnedAway(denial) = gate.admit(&"user".into()).await else { unreachable!() };
    denial
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value)
}

#[tokio::test]
async fn only_who_returned_and_not_long_ago_is_waited_for() {
    let store = Arc::new(MemoryStore::new());
    assert_eq!(in_flight(&gate(&store, 0)).await, None, "who never went there");
    begin(&store, "text", 0).await;
    assert_eq!(in_flight(&gate(&store, 1)).await, None, "who only opened it and left");
    // It took them long to pay.
    store.returned(&"user".into(), at(0), at(7_200)).await.unwrap();
    for (seconds, found) in [(7_200, true), (7_199, true), (8_100, true), (8_101, false)] {
        let found = found.then(|| "text".to_owned());
        assert_eq!(in_flight(&gate(&store, seconds)).await, found, "{seconds}");
    }
    assert_eq!(in_flight(&gate(&store, 6_000)).await, None, "a clock that was set back");
    let stranger = gate(&store, 7_200).decide(&"other".into()).await.unwrap();
    assert!(stranger.checkout_in_flight().is_none(), "it is somebody else's");
}

#[tokio::test]
async fn an_older_checkout_that_was_returned_from_counts_behind_a_newer_one_that_was_not() {
    let store = Arc::new(MemoryStore::new());
    begin(&store, "paid", 0).await;
    store.returned(&"user".into(), at(0), at(60)).await.unwrap();
    begin(&store, "looked at", 70).await;
    assert_eq!(in_flight(&gate(&store, 80)).await, Some("paid".into()));
}

#[tokio::test]
async fn who_may_pass_and_whom_waiting_does_not_help_is_not_looked_up() {
    let store = Arc::new(MemoryStore::new());
    begin(&store, "text", 0).await;
    store.returned(&"user".into(), at(0), at(1)).await.unwrap();
    let gate = gate(&store, 2);
    let statuses = SubscriptionStatus::KNOWN.iter().map(SubscriptionStatus::as_str);
    for (seconds, status) in (0_i64..).zip(statuses.chain(["frozen"])) {
        know(&store, status, seconds).await;
        let decision = gate.decide(&"user".into()).await.unwrap();
        let waits = !decision.is_allowed() && status != "future_start";
        assert_eq!(decision.checkout_in_flight().is_some(), waits, "{status}");
        assert_eq!(gate.try_decide(&"user".into()).is_none(), waits, "{status} needs no log");
    }
    let shadow = gate.clone().shadow().decide(&"stranger".into()).await.unwrap();
    assert!(shadow.lets_pass() && shadow.checkout_in_flight().is_none());
    assert!(gate.shadow().try_decide(&"stranger".into()).is_some());
}

/// A log that fails, or never answers.
struct Broken {
    hangs: bool,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl CheckoutLog for Broken {
    async fn begin(&self, _: &Checkout) -> Result<(), StoreError> {
        unreachable!("a gate writes nothing")
    }

    async fn returned(
        &self,
        _: &ReferenceId,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        unreachable!("a gate writes nothing")
    }

    async fn begun(
        &self,
        _: &ReferenceId,
        _: DateTime<Utc>,
        _: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        Err(StoreError::unavailable("away"))
    }

    async fn forget_begun_before(&self, _: DateTime<Utc>) -> Result<u64, StoreError> {
        unreachable!("a gate writes nothing")
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_fails_or_hangs_changes_nothing() {
    for hangs in [false, true] {
        let (store, asked) = (Arc::new(MemoryStore::new()), Arc::new(AtomicUsize::new(0)));
        let log = Broken { hangs, asked: Arc::clone(&asked) };
        let gate = gate(&store, 0).checkouts(log, WITHIN);
        let denial = denied(&gate).await;
        assert_eq!((denial.status(), denial.as_str()), (402, "no_subscription"));
        assert_eq!(asked.load(Ordering::SeqCst), 1);

        know(&store, "active", 0).await;
        assert!(gate.decide(&"user".into()).await.unwrap().is_allowed());
        assert_eq!(asked.load(Ordering::SeqCst), 1, "who may pass is not looked up");
    }
}

#[tokio::test]
async fn programs_are_told_to_come_back_and_browsers_sent_to_the_page_that_waits() {
    let store = Arc::new(MemoryStore::new());
    let (gate, browser) = (gate(&store, 2), Some("text/html"));
    let plain = GuardPages::new().paywall("/pricing").checkout_url("https://checkout.example/42");
    let pages = plain.clone().pending("/billing/pending?to=\u{e5}");
    begin(&store, "text", 0).await;
    let unpaid = denied(&gate).await;
    assert_eq!(header(&unpaid.answer(browser, &pages), "location"), Some("/pricing"));
    assert_eq!(header(&unpaid.answer(None, &pages), "retry-after"), None);

    store.returned(&"user".into(), at(0), at(1)).await.unwrap();
    let waiting = denied(&gate).await;
    let program = waiting.answer(Some("*/*"), &pages);
    assert_eq!(program.status, 402);
    assert_eq!(
        program.body,
        r#"{"type":"urn:octany:problem:not-paid","title":"This needs a subscription","status":402,"reason":"checkout_in_flight"}"#,
        "nobody is asked to pay a second time"
    );
    assert_eq!(header(&program, "retry-after"), Some("3"));
    assert_eq!(header(&program, "cache-control"), Some("no-store"));

    let person = waiting.answer(browser, &pages);
    assert_eq!((person.status, header(&person, "vary")), (303, Some("accept")));
    assert_eq!(header(&person, "location"), Some("/billing/pending?to=%C3%A5"));
    assert_eq!(header(&person, "cache-control"), Some("no-store"));
    let person = waiting.answer(browser, &plain);
    assert_eq!(header(&person, "location"), Some("/pricing"), "where no page waits");

    know(&store, "active", 1).await;
    assert!(matches!(gate.admit(&"user".into()).await, Admission::Passes(_)), "it was reported");
}
