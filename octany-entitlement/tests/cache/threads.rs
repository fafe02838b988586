//! The same on real threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use octany_core::{Snapshot, Source, Version};
use octany_entitlement::{Cached, MemoryStore, SubscriptionStore};

use crate::common::at;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_older_than_a_write_that_returned_is_ever_served() {
    let store = Arc::new(Cached::linked(MemoryStore::new()));
    let (written, done) = (Arc::new(AtomicI64::new(-1)), Arc::new(AtomicBool::new(false)));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (store, written, done) = (store.clone(), written.clone(), done.clone());
            tokio::spawn(async move {
                let mut peeks = 0;
                while !done.load(Ordering::SeqCst) {
                    let least = written.load(Ordering::SeqCst);
                    if let Some(known) = store.peek(&"user".into()) {
                        assert!(newest(&known) >= least, "a copy is too old");
                        peeks += 1;
                    }
                    let least = written.load(Ordering::SeqCst);
                    let known = store.look_up(&"user".into()).await.unwrap();
                    assert!(newest(&known) >= least, "an answer is too old");
                    tokio::task::yield_now().await;
                }
                peeks
            })
        })
        .collect();
    for round in 0..20_000 {
        let version = Version::new(at(round), Source::Api);
        let mut report = Snapshot::new("1", "active", version);
        report.reference = Some("user".into());
        store.apply(&report).await.unwrap();
        written.store(round, Ordering::SeqCst);
        if round % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(newest(&store.look_up(&"user".into()).await.unwrap()), 19_999);
}

fn newest(known: &[Snapshot]) -> i64 {
    known.first().map_or(-1, |known| (known.as_of() - at(0)).num_seconds())
}
