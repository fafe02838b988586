//! Calls that hand planted data to any store, and the errors that they come to.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use octany_core::resource::Subscription;
use octany_core::{Event, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{AccessLog, Checkout, CheckoutLog, Ledger, StoreError, SubscriptionLinks};

use crate::planted::{delivery, subscription, verified};

/// A report with all that a store keeps.
pub(crate) fn report() -> Snapshot {
    let subscription = Subscription::parse(subscription()).expect("it has an id and a status");
    Snapshot::of(&Arc::new(subscription), Version::new(Utc::now(), Source::Api))
}

/// An event with all that an inbox keeps.
pub(crate) fn letter() -> Event {
    let body = delivery("d1", "subscription.updated", &subscription());
    Event::parse(verified(body)).expect("it is an event")
}

/// Every call that any store takes, and those that failed.
pub(crate) async fn failures<S>(store: &S) -> Vec<StoreError>
where
    S: Ledger + SubscriptionLinks + AccessLog + CheckoutLog,
{
    let (now, lease, id) = (Utc::now(), Duration::from_mins(1), "d1".into());
    let user: ReferenceId = "user_42".into();
    let checkout = Checkout::new("o1.signed", "user_42", "42", now);
    let mut report = report();
    let applied = store.apply(&report).await;
    // What no text in PostgreSQL can hold, beside all that it can.
    report.reference = Some("user\0".into());
    [
        applied.err(),
        store.apply(&report).await.err(),
        store.subscriptions(&user).await.err(),
        store.claim(&id, now, lease).await.err(),
        store.enter(&"d2".into(), now, lease, &report).await.err(),
        store.link(&1.into(), &user).await.err(),
        store.owner(&1.into()).await.err(),
        store.announce(&user, true, None, now).await.err(),
        store.due(now, 1).await.err(),
        CheckoutLog::begin(store, &checkout).await.err(),
        store.begun(&user, now, 1).await.err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
