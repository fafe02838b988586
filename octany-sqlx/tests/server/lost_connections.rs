//! Connections that end, and whether the call that notices it can tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use octany_core::Applied;
use octany_entitlement::{
    AccessLog, Claim, ClaimToken, DeliveryLog, StoreErrorKind, SubscriptionLinks, SubscriptionStore,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::place::{ANSWERS_BEFORE_AN_UNSAFE_CALL, Place, PoolOptions, Store};
use crate::server::reports::{at, kind, report};

const LEASE: Duration = Duration::from_mins(1);

/// Several connections, all of which end.
async fn end_all(place: &Place, store: &Store) {
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.subscriptions(&"nobody".into()).await.unwrap() })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert!(place.terminate_all().await > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_all_connections_were_ended_the_next_call_works() {
    let place = Place::new().await;
    let store = place.store().await;
    end_all(&place, &store).await;
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    end_all(&place, &store).await;
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    end_all(&place, &store).await;
    let Claim::Fresh(token) = store.claim(&"a".into(), at(0), LEASE).await.unwrap() else {
        panic!("nobody else claimed it");
    };
    end_all(&place, &store).await;
    assert!(store.release(&"a".into(), token).await.unwrap());
    let Claim::Fresh(token) = store.claim(&"a".into(), at(0), LEASE).await.unwrap() else {
        panic!("it was released");
    };
    end_all(&place, &store).await;
    assert!(store.complete(&"a".into(), token, at(1)).await.unwrap());
    end_all(&place, &store).await;
    assert!(!store.announce(&"user_42".into(), true, None, at(0)).await.unwrap().is_change());
    end_all(&place, &store).await;
    assert!(store.announce(&"user_42".into(), false, None, at(0)).await.unwrap().is_change());
    end_all(&place, &store).await;
    store.link(&1.into(), &"ann".into()).await.unwrap();
    end_all(&place, &store).await;
    assert_eq!(store.owner(&1.into()).await.unwrap(), Some("user_42".into()));
    end_all(&place, &store).await;
    assert_eq!(store.resource(&1.into()).await.unwrap(), None);
    end_all(&place, &store).await;
    assert_eq!(store.prune_deliveries(at(2)).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_run_while_connections_end_lose_nothing() {
    let place = Place::new().await;
    let store = place.store().await;
    let writers: Vec<_> = (0..8_i64)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut failed = 0;
                for step in 0..200 {
                    // A second failure in a row is an error, and the sender repeats the report.
                    while let Err(error) = store.apply(&report(step * 8 + writer, "active")).await {
                        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                        failed += 1;
                    }
                }
                failed
            })
        })
        .collect();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(30)).await;
        place.terminate_some().await;
    }
    for writer in writers {
        assert!(writer.await.unwrap() < 10);
    }
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known[0].as_of(), at(199 * 8 + 7));
}

/// A way to the server that swallows an answer, and cuts the connection instead.
pub(crate) struct Way {
    pub(crate) port: u16,
    /// How many answers are still to come until the one that is swallowed; 0 if none is.
    pub(crate) swallow: Arc<AtomicU32>,
}

impl Way {
    pub(crate) async fn new(host: String, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let swallow = Arc::new(AtomicU32::new(0));
        let switch = Arc::clone(&swallow);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((host.as_str(), port)).await.unwrap();
                tokio::spawn(Self::carry(client, server, Arc::clone(&switch)));
            }
        });
        Self { port: own, swallow }
    }

    async fn carry(client: TcpStream, server: TcpStream, swallow: Arc<AtomicU32>) {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let there = tokio::spawn(async move {
            let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        });
        let mut bytes = vec![0; 65_536];
        while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
            let count = |left: u32| left.checked_sub(1);
            if swallow.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count) == Ok(1) {
                break;
            }
            if to_client.write_all(&bytes[..length]).await.is_err() {
                break;
            }
        }
        there.abort();
    }

    /// The next answer is the first.
    pub(crate) fn swallow_answer(&self, number: u32) {
        self.swallow.store(number, Ordering::SeqCst);
    }

    fn swallow_the_next_answer(&self) {
        self.swallow_answer(1);
    }

    /// The same for a call that cannot be repeated.
    fn swallow_the_next_answer_of_an_unsafe_call(&self) {
        self.swallow_answer(1 + ANSWERS_BEFORE_AN_UNSAFE_CALL);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_whose_answer_was_lost_is_repeated_where_that_is_safe() {
    let place = Place::new().await;
    place.store().await.close().await;
    let options = place.options();
    let way = Way::new(options.get_host().to_owned(), options.get_port()).await;
    // One connection, whose statements are prepared, so that the next answer is the call's.
    let pool = PoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .connect_lazy_with(options.host("127.0.0.1").port(way.port));
    let store = Store::new(pool);
    let prepare = async || {
        store.apply(&report(0, "active")).await.unwrap();
        let Claim::Fresh(token) = store.claim(&"p".into(), at(0), LEASE).await.unwrap() else {
            panic!("nobody has it");
        };
        store.complete(&"p".into(), ClaimToken::random(), at(0)).await.unwrap();
        store.announce(&"p".into(), true, None, at(0)).await.unwrap();
        assert!(store.release(&"p".into(), token).await.unwrap());
        // The connection is back in the pool, and the pool has asked whether it lives.
        tokio::time::sleep(Duration::from_millis(100)).await;
    };

    prepare().await;
    way.swallow_the_next_answer();
    let applied = store.apply(&report(1, "unpaid")).await.unwrap();
    assert_eq!(applied, Applied::Unchanged, "the first run wrote it");

    prepare().await;
    way.swallow_the_next_answer();
    let Claim::Fresh(token) = store.claim(&"a".into(), at(0), LEASE).await.unwrap() else {
        panic!("the claim is the caller's own");
    };

    prepare().await;
    way.swallow_the_next_answer();
    assert!(store.complete(&"a".into(), token, at(1)).await.unwrap(), "the first run did it");

    let Claim::Fresh(token) = store.claim(&"b".into(), at(0), LEASE).await.unwrap() else {
        panic!("nobody has it");
    };
    prepare().await;
    way.swallow_the_next_answer_of_an_unsafe_call();
    let released = store.release(&"b".into(), token).await;
    assert_eq!(kind(released), StoreErrorKind::Unavailable, "whether it was held is not known");

    prepare().await;
    way.swallow_the_next_answer_of_an_unsafe_call();
    let announced = store.announce(&"user_42".into(), true, None, at(0)).await;
    assert_eq!(kind(announced), StoreErrorKind::Unavailable, "whether it is news is not known");
}
