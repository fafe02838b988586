//! Reports, and futures that a test polls by hand.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use octany_core::{Rank, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::SubscriptionStore;

use crate::common::at;

pub(crate) fn report(subscription: &str, reference: Option<&str>, seconds: i64) -> Snapshot {
    let version = Version::new(at(seconds), Source::Webhook(Rank::Updated));
    let mut report = Snapshot::new(subscription, "active", version);
    report.reference = reference.map(ReferenceId::from);
    report
}

pub(crate) fn with_status(mut report: Snapshot, status: &str) -> Snapshot {
    report.status = status.into();
    report
}

/// A call that runs only when it is told to.
pub(crate) struct Call<T>(Pin<Box<dyn Future<Output = T>>>);

impl<T> Call<T> {
    pub(crate) fn new(call: impl Future<Output = T> + 'static) -> Self {
        Self(Box::pin(call))
    }

    /// Lets it run to where it waits next.
    pub(crate) fn step(&mut self) -> Option<T> {
        match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(given) => Some(given),
            Poll::Pending => None,
        }
    }

    pub(crate) fn steps(&mut self, count: usize) {
        for _ in 0..count {
            assert!(self.step().is_none(), "it has ended already");
        }
    }

    pub(crate) fn finish(mut self) -> T {
        (0..1_000).find_map(|_| self.step()).expect("it never ends")
    }
}

pub(crate) fn run<T>(call: impl Future<Output = T> + 'static) -> T {
    Call::new(call).finish()
}

/// What a copy says: `None` if there is none.
pub(crate) fn peeked(store: &impl SubscriptionStore, reference: &str) -> Option<Vec<String>> {
    store.peek(&reference.into()).map(|known| names(&known))
}

pub(crate) fn looked_up<S: SubscriptionStore + 'static>(
    store: &Arc<S>,
    reference: &str,
) -> Vec<String> {
    let (store, reference) = (Arc::clone(store), ReferenceId::from(reference));
    names(&run(async move { store.look_up(&reference).await }).unwrap())
}

pub(crate) fn apply<S: SubscriptionStore + 'static>(store: &Arc<S>, report: Snapshot) {
    let store = Arc::clone(store);
    run(async move { store.apply(&report).await }).unwrap();
}

/// Subscriptions and statuses, in order.
pub(crate) fn names(known: &[Snapshot]) -> Vec<String> {
    let mut names: Vec<_> =
        known.iter().map(|known| format!("{} {}", known.subscription, known.status)).collect();
    names.sort();
    names
}

/// Waits until something holds, on a runtime.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let mut held = false;
    for _ in 0..10_000 {
        held = held || holds();
        if held {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(held, "{what}: it did not come to be");
}
