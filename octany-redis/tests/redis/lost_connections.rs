//! Connections that end, and whether the call that notices it can tell.

use std::time::Duration;

use octany_core::Applied;
use octany_entitlement::{
    AccessLog, Claim, ClaimToken, DeliveryLog, Ledger, StoreErrorKind, SubscriptionLinks,
    SubscriptionStore,
};
use octany_redis::RedisStore;
use redis::Client;

use crate::own_server::OwnServer;
use crate::place::{at, cmd, kind, report, run};
use crate::way::Way;

const LEASE: Duration = Duration::from_mins(1);

async fn fresh(store: &RedisStore, delivery: &str) -> ClaimToken {
    match store.claim(&delivery.into(), at(0), LEASE).await.unwrap() {
        Claim::Fresh(token) => token,
        other => panic!("{other:?}"),
    }
}

/// Ends the store's connection, and gives it time to notice.
async fn end(server: &OwnServer) {
    assert!(server.end_all("normal").await > 0, "the store has a connection");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_its_connection_was_ended_the_next_call_works() {
    let server = OwnServer::start(&[]).await;
    let store = server.store().await;
    end(&server).await;
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    end(&server).await;
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    end(&server).await;
    let token = fresh(&store, "a").await;
    end(&server).await;
    assert!(store.release(&"a".into(), token).await.unwrap());
    let token = fresh(&store, "a").await;
    end(&server).await;
    assert!(store.complete(&"a".into(), token, at(1)).await.unwrap());
    end(&server).await;
    assert!(!store.announce(&"user_42".into(), true, None, at(0)).await.unwrap().is_change());
    end(&server).await;
    assert!(store.announce(&"user_42".into(), false, None, at(0)).await.unwrap().is_change());
    end(&server).await;
    assert!(store.due(at(0), 9).await.unwrap().is_empty());
    end(&server).await;
    store.link(&1.into(), &"ann".into()).await.unwrap();
    end(&server).await;
    assert_eq!(store.owner(&1.into()).await.unwrap(), Some("user_42".into()));
    end(&server).await;
    assert_eq!(store.resource(&1.into()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn over_resp2_calls_that_may_be_repeated_work_at_once() {
    let server = OwnServer::start(&[]).await;
    let store = RedisStore::new(Client::open(server.url()).unwrap());
    let token = fresh(&store, "a").await;
    end(&server).await;
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    end(&server).await;
    assert!(store.complete(&"a".into(), token, at(1)).await.unwrap());
    end(&server).await;
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    end(&server).await;
    // What may not be repeated is, at most, unavailable once.
    let announced = store.announce(&"user_42".into(), true, None, at(0)).await;
    assert!(announced.is_ok() || kind(announced) == StoreErrorKind::Unavailable);
    store.announce(&"user_42".into(), true, None, at(0)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_run_while_connections_end_lose_nothing() {
    let server = OwnServer::start(&[]).await;
    let store = server.store().await;
    let writers: Vec<_> = (0..32_i64)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut failed = 0;
                for step in 0..100 {
                    // A second failure in a row is an error, and the sender repeats the report.
                    while let Err(error) = store.apply(&report(step * 32 + writer, "active")).await
                    {
                        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                        failed += 1;
                    }
                }
                failed
            })
        })
        .collect();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        server.end_all("normal").await;
    }
    for writer in writers {
        assert!(writer.await.unwrap() < 10);
    }
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known[0].as_of(), at(99 * 32 + 31));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_whose_answer_was_lost_is_repeated_where_that_is_safe() {
    let server = OwnServer::start(&[]).await;
    let way = Way::to(server.port()).await;
    let store = RedisStore::connect(&way.url()).await.unwrap();
    // Every script is on the server, so that the next answer is the call's.
    let prepare = async || {
        store.apply(&report(0, "active")).await.unwrap();
        let token = fresh(&store, "p").await;
        store.complete(&"p".into(), ClaimToken::random(), at(0)).await.unwrap();
        store.announce(&"p".into(), true, None, at(0)).await.unwrap();
        store.link(&2.into(), &"p".into()).await.unwrap();
        assert!(store.release(&"p".into(), token).await.unwrap());
        store.enter(&"p".into(), at(0), LEASE, &report(0, "active")).await.unwrap();
        run::<()>(&server.url(), &cmd(&["DEL", "octany:delivery/p"])).await;
    };

    prepare().await;
    way.cut_at_the_next_answer();
    let applied = store.apply(&report(1, "unpaid")).await.unwrap();
    assert_eq!(applied, Applied::Unchanged, "the first run wrote it");

    prepare().await;
    way.cut_at_the_next_answer();
    let token = fresh(&store, "a").await;

    prepare().await;
    way.cut_at_the_next_answer();
    assert!(store.complete(&"a".into(), token, at(1)).await.unwrap(), "the first run did it");

    prepare().await;
    way.cut_at_the_next_answer();
    let entered = store.enter(&"e".into(), at(0), LEASE, &report(2, "active")).await.unwrap();
    assert!(matches!(entered.claim, Claim::Fresh(_)), "the claim is the caller's own");
    assert_eq!(entered.applied, Some(Applied::Unchanged), "the first run wrote it");

    prepare().await;
    way.cut_at_the_next_answer();
    store.link(&1.into(), &"ann".into()).await.unwrap();

    way.cut_at_the_next_answer();
    assert_eq!(store.owner(&1.into()).await.unwrap(), Some("user_42".into()));

    let token = fresh(&store, "b").await;
    prepare().await;
    way.cut_at_the_next_answer();
    let released = store.release(&"b".into(), token).await;
    assert_eq!(kind(released), StoreErrorKind::Unavailable, "whether it was held is not known");

    prepare().await;
    way.cut_at_the_next_answer();
    let announced = store.announce(&"user_42".into(), true, None, at(0)).await;
    assert_eq!(kind(announced), StoreErrorKind::Unavailable, "whether it is news is not known");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_silently_died_is_replaced_after_the_call_that_waited_in_vain() {
    let server = OwnServer::start(&[]).await;
    let way = Way::to(server.port()).await;
    let store = RedisStore::connect(&way.url()).await.unwrap();
    store.apply(&report(1, "active")).await.unwrap();
    let before = server.run::<String>(&["CLIENT", "LIST"]).await.lines().count();

    let hurried = store.clone().response_timeout(Duration::from_millis(100));
    way.fall_silent();
    assert_eq!(kind(hurried.subscriptions(&"user_42".into()).await), StoreErrorKind::Unavailable);
    way.speak_again();
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    let after: String = server.run(&["CLIENT", "LIST"]).await;
    assert!(after.lines().count() <= before + 1, "{after}");
}
