//! Deliveries that come and guards that ask, whatever happens to the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{AccessPolicy, Event};
use octany_entitlement::{
    Gate, GateError, Ledger, OnOutage, Receipt, Receiver, StoreErrorKind, SubscriptionStore,
};
use tokio::task::JoinHandle;

const DELIVERERS: u64 = 8;
/// How long a guard waits for the database.
const GUARD_PATIENCE: Duration = Duration::from_millis(300);

/// What was seen.
#[derive(Default)]
struct Seen {
    delivered: AtomicU64,
    refused: AtomicU64,
    could_not_tell: AtomicU64,
    stop: AtomicBool,
}

pub(crate) struct Load {
    seen: Arc<Seen>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts it over a store that already knows somebody who pays.
    pub(crate) async fn start<S: Ledger + Clone + 'static>(store: S) -> Self {
        let seen = Arc::new(Seen::default());
        let receiver =
            Receiver::builder().ledger(store.clone()).lease(Duration::from_secs(1)).build();
        receiver.receive(&event(0, "payer"), async || Ok::<_, ()>(())).await.unwrap();
        let mut tasks: Vec<_> = (0..DELIVERERS)
            .map(|task| tokio::spawn(deliver(receiver.clone(), Arc::clone(&seen), task)))
            .collect();
        let strict = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny)
            .store_timeout(GUARD_PATIENCE);
        tasks.push(tokio::spawn(ask(strict, Arc::clone(&seen))));
        let at_most = Duration::from_hours(1);
        let lenient = OnOutage::AllowLastKnown { at_most };
        let lenient = Gate::new(store, AccessPolicy::new(), lenient).store_timeout(GUARD_PATIENCE);
        assert!(lenient.decide(&"payer".into()).await.unwrap().is_allowed());
        tasks.push(tokio::spawn(never_refuse(lenient, Arc::clone(&seen))));
        Self { seen, tasks }
    }

    /// Waits until so many more were delivered.
    pub(crate) async fn until_delivered(&self, more: u64) {
        until_grown(&self.seen.delivered, more).await;
    }

    /// Waits until the outage was noticed by those who deliver and by the guard.
    pub(crate) async fn until_noticed(&self) {
        until_grown(&self.seen.refused, 4).await;
        until_grown(&self.seen.could_not_tell, 5).await;
    }

    /// Ends it, and proves that all that was acknowledged is there.
    pub(crate) async fn finish<S: SubscriptionStore>(self, store: &S) {
        self.seen.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        let delivered = self.seen.delivered.load(Ordering::SeqCst);
        let mut kept = 0;
        for task in 0..DELIVERERS {
            let known = store.subscriptions(&format!("user_{task}").as_str().into()).await.unwrap();
            kept += u64::try_from(known.len()).unwrap();
        }
        assert_eq!(kept, delivered, "every delivery that was acknowledged is kept");
    }
}

/// Sends each delivery until it is acknowledged.
async fn deliver(receiver: Receiver, seen: Arc<Seen>, task: u64) {
    for number in 1.. {
        if seen.stop.load(Ordering::SeqCst) {
            return;
        }
        let event = event(number * DELIVERERS + task, &format!("user_{task}"));
        loop {
            let receipt = receiver.receive(&event, async || Ok::<_, ()>(())).await;
            if matches!(receipt, Ok(Receipt::Handled(()) | Receipt::Duplicate)) {
                break;
            }
            seen.refused.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        seen.delivered.fetch_add(1, Ordering::SeqCst);
    }
}

/// Who pays is let in, or it cannot be told; never denied. Who does not is never let in.
async fn ask(gate: Gate, seen: Arc<Seen>) {
    while !seen.stop.load(Ordering::SeqCst) {
        for (reference, pays) in [("payer", true), ("stranger", false)] {
            match gate.decide(&reference.into()).await {
                Ok(decision) => assert_eq!(decision.is_allowed(), pays, "{reference}"),
                Err(GateError::CouldNotTell(error)) => {
                    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
                    seen.could_not_tell.fetch_add(1, Ordering::SeqCst);
                }
                Err(error) => panic!("{error}"),
            }
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Who was last known to pay is let in all the time.
async fn never_refuse(gate: Gate, seen: Arc<Seen>) {
    while !seen.stop.load(Ordering::SeqCst) {
        assert!(gate.decide(&"payer".into()).await.unwrap().is_allowed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Each is about a subscription of its own.
fn event(number: u64, reference: &str) -> Event {
    let at: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(20_500);
    let body = format!(
        r#"{{"id":"d-{number}","name":"subscription.created","created_at":"{}","data":{{"id":{number},"status":"active","reference_id":"{reference}"}}}}"#,
        at.to_rfc3339()
    );
    let secret = SigningSecret::new("0123456789abcdef").unwrap();
    let signature = secret.sign(body.as_bytes());
    let body = Verifier::new(secret).verify(body.into(), &signature, Utc::now).unwrap();
    Event::parse(body).unwrap()
}

async fn until_grown(count: &AtomicU64, more: u64) {
    let goal = count.load(Ordering::SeqCst) + more;
    for _ in 0..6_000 {
        if count.load(Ordering::SeqCst) >= goal {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing moves any more");
}
