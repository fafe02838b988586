//! Webhook and answer: whichever comes first wins, and the other one changes nothing.

use std::sync::{Arc, Mutex};

use octany_client::Reconciler;
use octany_core::AccessPolicy;
use octany_entitlement::{Access, AccessChanged, Cause, Receiver, SubscriptionStore};
use serde_json::json;

use crate::octany::at;
use crate::support::{App, deliver, webhook};

/// An app whose observer notes what it is told.
struct Observed {
    app: App,
    receiver: Receiver,
    reconciler: Reconciler,
    told: Arc<Mutex<Vec<AccessChanged>>>,
}

impl Observed {
    async fn start() -> Self {
        let app = App::start().await;
        let told: Arc<Mutex<Vec<AccessChanged>>> = Arc::default();
        let noting = told.clone();
        let receiver = app.receiver.clone().into_builder().on_access_change(
            AccessPolicy::new(),
            app.store.clone(),
            move |change| noting.lock().unwrap().push(change),
        );
        let receiver = receiver.clock(app.clock.clone()).build();
        let reconciler =
            Reconciler::builder(app.octany.client(), receiver.clone(), app.store.clone())
                .clock(app.clock.clone())
                .build();
        Self { app, receiver, reconciler, told }
    }

    async fn delivered(&self, user: u64) {
        let data = json!({"id": user, "status": "active", "reference_id": user.to_string()});
        deliver(&self.receiver, &webhook(user, "subscription.created", at(0), &data)).await;
    }

    async fn polled(&self, user: u64) {
        assert!(self.reconciler.reconcile(&user.to_string().into()).await.unwrap().asked);
    }

    fn told(&self) -> Vec<AccessChanged> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

#[tokio::test]
async fn webhook_and_answer_are_told_once_in_either_order() {
    let observed = Observed::start().await;
    for user in [1, 2] {
        observed.app.octany.subscribe(user, &user.to_string(), "active");
        if user == 1 {
            observed.delivered(user).await;
            observed.polled(user).await;
        } else {
            observed.polled(user).await;
            observed.delivered(user).await;
        }
        let told = observed.told();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].before, told[0].after), (Access::Denied, Access::Granted));
        let is_answer = matches!(told[0].cause, Cause::Answer { .. });
        assert_eq!(is_answer, user == 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn webhook_and_answer_that_race_are_told_once() {
    let observed = Arc::new(Observed::start().await);
    for user in 1..=200 {
        observed.app.octany.subscribe(user, &user.to_string(), "active");
        let (one, other) = (Arc::clone(&observed), Arc::clone(&observed));
        let delivering = tokio::spawn(async move { one.delivered(user).await });
        let polling = tokio::spawn(async move { other.polled(user).await });
        delivering.await.unwrap();
        polling.await.unwrap();
        assert_eq!(observed.told().len(), 1, "round {user}");
        let known = observed.app.store.subscriptions(&user.to_string().into()).await.unwrap();
        assert_eq!(known.len(), 1);
        assert!(!known[0].contested);
        // The budget is another test's.
        observed.app.clock.advance(chrono::TimeDelta::seconds(1));
    }
}

#[tokio::test]
async fn a_late_webhook_of_the_same_second_does_not_undo_an_answer() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    assert!(app.passes("payer").await);
    for name in ["created", "updated", "renewed", "cancelled"] {
        let data = json!({"id": 1, "status": "pending", "reference_id": "payer"});
        let late = webhook(1, &format!("subscription.{name}"), at(0), &data);
        deliver(&app.receiver, &late).await;
        assert!(app.passes("payer").await);
    }
    assert_eq!(app.octany.calls(), 1);

    let data = json!({"id": 1, "status": "unpaid", "reference_id": "payer"});
    deliver(&app.receiver, &webhook(2, "subscription.updated", at(1), &data)).await;
    app.octany.set(1, "status", "unpaid");
    assert!(!app.passes("payer").await, "one of the next second does");
}
