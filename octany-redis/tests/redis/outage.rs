//! A server that is away for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use octany_core::{Applied, Snapshot, Source, Version};
use octany_entitlement::{AccessLog, Claim, DeliveryLog, StoreErrorKind, SubscriptionStore};
use octany_redis::RedisStore;

use crate::own_server::OwnServer;
use crate::place::{at, kind, report};
use crate::way::Way;

const LEASE: Duration = Duration::from_mins(1);
const DURABLE: [&str; 2] = ["--appendonly yes", "--appendfsync always"];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_are_unavailable_while_the_server_is_away_and_work_once_it_is_back() {
    let mut server = OwnServer::start(&DURABLE).await;
    let store = server.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    let Claim::Fresh(token) = store.claim(&"d".into(), at(0), LEASE).await.unwrap() else {
        panic!("nobody else claimed it");
    };
    for _ in 0..3 {
        server.kill();
        for _ in 0..5 {
            let read = store.subscriptions(&"user_42".into()).await;
            assert_eq!(kind(read), StoreErrorKind::Unavailable);
            let claimed = store.claim(&"d".into(), at(0), LEASE).await;
            assert_eq!(kind(claimed), StoreErrorKind::Unavailable);
        }
        server.restart().await;
        assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
        assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Unchanged);
    }
    assert!(store.complete(&"d".into(), token, at(1)).await.unwrap());
    server.restart().await;
    assert_eq!(store.claim(&"d".into(), at(2), LEASE).await.unwrap(), Claim::Duplicate);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_acknowledged_is_lost_when_the_server_crashes_under_load() {
    let mut server = OwnServer::start(&DURABLE).await;
    let store = server.store().await;
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..32_u64)
        .map(|writer| {
            let (store, over) = (store.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let mut acknowledged = 0;
                for step in 1.. {
                    let mut report =
                        Snapshot::new(writer, "active", Version::new(at(step), Source::Api));
                    report.reference = Some(format!("user_{writer}").into());
                    match store.apply(&report).await {
                        Ok(_) => acknowledged = step,
                        Err(error) => {
                            assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                    }
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                }
                acknowledged
            })
        })
        .collect();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.restart().await;
    }
    over.store(true, Ordering::Relaxed);
    for (writer, task) in writers.into_iter().enumerate() {
        let acknowledged = task.await.unwrap();
        let known = store.subscriptions(&format!("user_{writer}").into()).await.unwrap();
        assert!(acknowledged > 0 && known[0].as_of() >= at(acknowledged), "writer {writer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failover_is_followed_by_the_call_that_notices_it() {
    let (old, new) = (OwnServer::start(&[]).await, OwnServer::start(&[]).await);
    let way = Way::to(old.port()).await;
    let store = RedisStore::connect(&way.url()).await.unwrap();
    store.apply(&report(1, "active")).await.unwrap();
    store.announce(&"user_42".into(), true, None, at(0)).await.unwrap();

    // The address leads to the new primary, and the old one keeps its connections.
    old.run::<()>(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]).await;
    way.lead_to(new.port());
    store.announce(&"user_42".into(), false, None, at(0)).await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    assert_eq!(new.run::<u32>(&["EXISTS", "octany:sub/1", "octany:access/user_42"]).await, 2);
}
