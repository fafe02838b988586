//! What is counted, under labels of bounded variety.

#![cfg(feature = "metrics")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{at, event, updated};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use octany_core::AccessPolicy;
use octany_core::checkout::ReferenceKey;
use octany_core::resource::Subscription;
use octany_core::signature::SignatureError;
use octany_entitlement::{
    Denial, Depth, Gate, Inbox, MemoryStore, OnOutage, Quarantined, ReceiveError, Receiver,
    References, Refusal,
};
use serde_json::json;

#[test]
fn deliveries_decisions_and_refusals_are_counted() {
    let recorder = DebuggingRecorder::new();
    let counted = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let store = Arc::new(MemoryStore::new());
            let receiver =
                Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
            let ok = async || Ok::<(), ()>(());
            receiver.receive(&updated(1, 0, "active"), ok).await.unwrap();
            receiver.receive(&updated(1, 0, "active"), ok).await.unwrap();
            for (id, name) in [(2, "one.of"), (3, "many.names")] {
                receiver.receive(&event(id, name, 0, &json!({})), ok).await.unwrap();
            }
            let failed = updated(4, 1, "active");
            let failed = receiver.receive(&failed, async || Err::<(), ()>(())).await;
            assert!(matches!(failed, Err(ReceiveError::Handler(()))));

            let handler = |event: Arc<octany_core::Event>| async move {
                if event.id == "5" { Ok(()) } else { Err("no") }
            };
            let inbox = Inbox::builder(store.clone(), Receiver::builder().build(), handler);
            let inbox = inbox.attempts(1).build();
            for id in [5, 5, 6] {
                inbox.put(&updated(id, 2, "active")).await.unwrap();
            }
            let looking = inbox.clone();
            let worked_off = async move {
                while looking.depth().await.unwrap() != (Depth { dead: 1, ..Depth::default() }) {
                    tokio::task::yield_now().await;
                }
            };
            inbox.run(worked_off).await;

            let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny);
            gate.decide(&"user".into()).await.unwrap();
            gate.try_decide(&"stranger".into()).unwrap();
            Refusal::Signature(SignatureError::Missing).record();
            Denial::SignedOut.record();

            let key = ReferenceKey::new("k".repeat(32)).unwrap();
            let offer = key.sign(&"user".into(), &7.into(), at(60)).unwrap();
            let bought = json!({
                "id": 9, "status": "active", "product_id": 8,
                "reference_id": offer.as_reference_id().as_str(),
            });
            let bought = Arc::new(Subscription::parse(bought.to_string()).unwrap());
            let receiver = receiver.into_builder().references(References::signed(key));
            let receiver = receiver.quarantine(store.clone(), |_: Quarantined| {}).build();
            receiver.report(&bought, at(1)).await.unwrap();
            receiver.link(&store, &bought.id, &"user".into()).await.unwrap();
            receiver.report(&bought, at(1)).await.unwrap();
        });
    });

    let counted: BTreeMap<String, u64> = counted
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let labels: Vec<_> = key
                .key()
                .labels()
                .map(|label| format!("{}={}", label.key(), label.value()))
                .collect();
            let DebugValue::Counter(count) = value else { unreachable!("{value:?}") };
            (format!("{} {}", key.key().name(), labels.join(" ")), count)
        })
        .collect();
    let expected = [
        ("octany_decisions_total granted=false reason=no_subscription source=memory", 1),
        ("octany_decisions_total granted=true reason=active source=memory", 1),
        ("octany_deliveries_total event=subscription.updated outcome=duplicate", 2),
        ("octany_deliveries_total event=subscription.updated outcome=inserted", 1),
        ("octany_deliveries_total event=subscription.updated outcome=updated", 1),
        ("octany_deliveries_total event=unknown outcome=accepted", 2),
        ("octany_deliveries_total event=subscription.updated outcome=accepted", 2),
        ("octany_deliveries_total event=subscription.updated outcome=stored", 2),
        ("octany_denials_total reason=signed_out", 1),
        ("octany_inbox_letters_total outcome=buried", 1),
        ("octany_inbox_letters_total outcome=done", 1),
        ("octany_quarantined_total owned=false", 1),
        ("octany_quarantined_total owned=true", 1),
        ("octany_refusals_total reason=signature_missing", 1),
    ];
    let expected: BTreeMap<_, _> =
        expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    assert_eq!(counted, expected);
}
