//! A server that may forget is refused.

use std::error::Error;
use std::time::Duration;

use octany_entitlement::{
    AccessLog, Claim, DeliveryLog, Invalidation, Ledger, StoreErrorKind, SubscriptionLinks,
    SubscriptionStore,
};
use octany_redis::{RedisInvalidation, RedisStore};
use redis::Client;

use crate::own_server::OwnServer;
use crate::place::{at, report};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_evict_is_refused_with_the_reason() {
    let server = OwnServer::start(&["--maxmemory 50mb", "--maxmemory-policy allkeys-lru"]).await;
    for policy in ["allkeys-lru", "allkeys-random", "volatile-lru", "volatile-ttl"] {
        server.run::<()>(&["CONFIG", "SET", "maxmemory-policy", policy]).await;
        let error = RedisStore::connect(&server.url()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Rejected);
        let why = error.source().unwrap().to_string();
        assert!(why.contains(policy) && why.contains("noeviction"), "{why}");
        // Messages are not stored.
        RedisInvalidation::open(&server.url()).unwrap();
    }
    server.run::<()>(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await;
    server.store().await.apply(&report(1, "active")).await.unwrap();
    server.run::<()>(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    server.run::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    server.store().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_say_is_taken() {
    let server = OwnServer::start(&["--maxmemory 50mb", "--maxmemory-policy allkeys-lru"]).await;
    let rule = ["ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", "-info", "-config"];
    server.run::<()>(&rule).await;
    let url = format!("redis://app:pw@127.0.0.1:{}", server.port());
    let store = RedisStore::connect(&url).await.unwrap();
    store.apply(&report(1, "active")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_over_ones_own_client_checks_when_asked_to() {
    let server = OwnServer::start(&["--maxmemory 50mb", "--maxmemory-policy allkeys-lru"]).await;
    let store = RedisStore::new(Client::open(server.url()).unwrap());
    store.apply(&report(1, "active")).await.unwrap();
    assert_eq!(store.check().await.unwrap_err().kind(), StoreErrorKind::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_permissions_in_the_docs_suffice() {
    let server = OwnServer::start(&[]).await;
    let rule = "ACL SETUSER app on >secret ~octany:* &octany:* +@read +@write +@scripting \
        +@connection +@pubsub +info";
    server.run::<()>(&rule.split_whitespace().collect::<Vec<_>>()).await;
    let url = format!("redis://app:secret@127.0.0.1:{}", server.port());
    let store = RedisStore::connect(&url).await.unwrap();
    let minute = Duration::from_mins(1);
    let entered = store.enter(&"d".into(), at(0), minute, &report(1, "active")).await.unwrap();
    let Claim::Fresh(token) = entered.claim else {
        panic!("nobody else claimed it");
    };
    store.complete(&"d".into(), token, at(1)).await.unwrap();
    store.release(&"d".into(), token).await.unwrap();
    store.link(&1.into(), &"ann".into()).await.unwrap();
    store.owner(&1.into()).await.unwrap();
    store.resource(&1.into()).await.unwrap();
    store.subscriptions(&"user_42".into()).await.unwrap();
    store.announce(&"user_42".into(), true, Some(at(1)), at(0)).await.unwrap();
    store.due(at(1), 9).await.unwrap();
    store.invalidation().publish("a").await.unwrap();
}
