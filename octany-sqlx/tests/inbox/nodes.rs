//! Deliveries, and nodes that handle them, over whichever store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use octany_core::Event;
use octany_core::signature::VerifiedBody;
use octany_entitlement::{DeliveryLog, Inbox, InboxBuilder, InboxStore, Receiver};

/// Short, so that what a dead node had is soon taken up.
const LEASE: Duration = Duration::from_millis(300);
/// One that no slow machine outlasts, for those that are not to be handled twice.
pub(crate) const LONG_LEASE: Duration = Duration::from_mins(1);

/// An order of a subscription, of so many seconds; the id says both.
pub(crate) fn order(subscription: usize, seconds: usize) -> Event {
    let body = format!(
        r#"{{"id":"{subscription}/{seconds}","name":"order.paid","created_at":"2026-03-01T12:{:02}:{:02}Z","data":{{"id":1,"subscription_id":{subscription}}}}}"#,
        seconds / 60,
        seconds % 60,
    );
    Event::parse(VerifiedBody::danger_verified_before_storing(body, "default")).unwrap()
}

/// So many orders of so many subscriptions, in no order.
pub(crate) fn orders(subscriptions: usize, each: usize) -> Vec<Event> {
    let all = subscriptions * each;
    // A step that has no divisor in common with how many there are meets each of them.
    let mixed = (0..all).map(|number| number * 7_919 % all);
    mixed.map(|number| order(number % subscriptions, number / subscriptions)).collect()
}

/// What was handled, and what is being handled.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    handled: HashMap<String, Vec<usize>>,
    running: HashMap<String, usize>,
    together: usize,
}

impl Seen {
    /// Handles an event, and takes its time.
    pub(crate) async fn handle(self, event: Arc<Event>) -> Result<(), String> {
        let (subscription, seconds) = event.id.as_str().split_once('/').unwrap();
        let running = Running::begin(self.0.clone(), subscription);
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(running);
        let mut inner = self.0.lock().unwrap();
        inner.handled.entry(subscription.to_owned()).or_default().push(seconds.parse().unwrap());
        Ok(())
    }

    /// How many different ones were handled.
    pub(crate) fn different(&self) -> usize {
        let handled = self.0.lock().unwrap().handled.clone();
        handled.into_values().map(unique).sum()
    }

    /// Each of so many was handled once, in order, and never two of a subscription at once.
    pub(crate) fn assert_once_and_in_order(&self, subscriptions: usize, each: usize) {
        let inner = self.0.lock().unwrap();
        assert_eq!(inner.together, 0, "two of one subscription at once");
        assert_eq!(inner.handled.len(), subscriptions);
        for (subscription, handled) in &inner.handled {
            assert_eq!(*handled, (0..each).collect::<Vec<_>>(), "subscription {subscription}");
        }
    }

    /// Each was handled, and the first time in order.
    pub(crate) fn assert_all_and_first_in_order(&self, subscriptions: usize, each: usize) {
        let inner = self.0.lock().unwrap();
        assert_eq!(inner.handled.len(), subscriptions);
        for (subscription, handled) in &inner.handled {
            let mut first = Vec::new();
            for seconds in handled {
                if !first.contains(seconds) {
                    first.push(*seconds);
                }
            }
            assert_eq!(first, (0..each).collect::<Vec<_>>(), "subscription {subscription}");
        }
    }
}

fn unique(mut seconds: Vec<usize>) -> usize {
    seconds.sort_unstable();
    seconds.dedup();
    seconds.len()
}

/// Ends when the handler ends or is dropped.
struct Running {
    seen: Arc<Mutex<Inner>>,
    subscription: String,
}

impl Running {
    fn begin(seen: Arc<Mutex<Inner>>, subscription: &str) -> Self {
        {
            let mut inner = seen.lock().unwrap();
            let running = inner.running.entry(subscription.to_owned()).or_default();
            *running += 1;
            let together = usize::from(*running > 1);
            inner.together += together;
        }
        Self { seen, subscription: subscription.to_owned() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(mut inner) = self.seen.lock() {
            *inner.running.entry(std::mem::take(&mut self.subscription)).or_default() -= 1;
        }
    }
}

/// A node that remembers what it handled in a delivery log.
pub(crate) fn node<S>(store: &S, seen: &Seen) -> InboxBuilder
where
    S: InboxStore + DeliveryLog + Clone + 'static,
{
    let behind = Receiver::builder().deliveries(store.clone()).lease(LEASE).build();
    let seen = seen.clone();
    let inbox = Inbox::builder(store.clone(), behind, move |event| seen.clone().handle(event));
    inbox.lease(LEASE).poll(Duration::from_millis(20)).attempts(1)
}

/// Puts events from several tasks, each event twice.
pub(crate) async fn put_all(inbox: &Inbox, events: Vec<Event>) {
    let all = Arc::new(Mutex::new(events));
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (inbox, all) = (inbox.clone(), Arc::clone(&all));
            tokio::spawn(async move {
                loop {
                    let Some(event) = all.lock().unwrap().pop() else { return };
                    for _ in 0..2 {
                        while inbox.put(&event).await.is_err() {}
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Works until nothing waits or runs any more.
pub(crate) async fn work_off(inbox: Inbox) {
    let looking = inbox.clone();
    let worked_off = async move {
        while looking.depth().await.map_or(true, |depth| depth.waiting + depth.running > 0) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    inbox.run(worked_off).await;
}

/// Runs a node on a runtime of its own, and kills it after a while: nothing of it gets to say
/// anything.
pub(crate) fn run_and_kill<F>(time: Duration, node: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = Inbox> + Send,
{
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.spawn(async move { node().await.run(std::future::pending()).await });
    std::thread::sleep(time);
    runtime.shutdown_background();
}
