//! A failing server is never "no subscription".

use std::error::Error;
use std::time::{Duration, Instant};

use octany_core::Applied;
use octany_entitlement::{Invalidation, StoreErrorKind, SubscriptionStore};
use octany_redis::{RedisInvalidation, RedisStore};
use redis::Client;
use tokio::net::TcpListener;

use crate::own_server::OwnServer;
use crate::place::{Place, cmd, kind, report};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_unavailable() {
    // A port that nobody listens on, since it was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("redis://:SECRET@127.0.0.1:{port}");
    let started = Instant::now();
    assert_eq!(kind(RedisStore::connect(&url).await), StoreErrorKind::Unavailable);
    let store = RedisStore::new(Client::open(url.as_str()).unwrap());
    assert_eq!(kind(store.subscriptions(&"a".into()).await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.apply(&report(1, "active")).await), StoreErrorKind::Unavailable);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_server_is_rejected() {
    for url in ["", "no url", "http://127.0.0.1", "redis://host:port/", "redis://:SECRET@h:99999/"]
    {
        let error = RedisStore::connect(url).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Rejected, "{url}");
        let shown = format!("{error} {error:?} {}", error.source().unwrap());
        assert!(!shown.contains("SECRET"), "{shown}");
        assert_eq!(kind(RedisInvalidation::open(url)), StoreErrorKind::Rejected, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_calls_and_never_answers_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let silent = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
    });
    let store = RedisStore::new(Client::open(url.as_str()).unwrap())
        .response_timeout(Duration::from_millis(100));
    assert_eq!(kind(store.subscriptions(&"a".into()).await), StoreErrorKind::Unavailable);
    let started = Instant::now();
    assert_eq!(kind(RedisStore::connect(&url).await), StoreErrorKind::Unavailable);
    assert!(started.elapsed() < Duration::from_secs(15), "it has a limit");
    silent.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_or_a_missing_permission_is_rejected_and_not_shown() {
    let server = OwnServer::start(&["--requirepass hunter2"]).await;
    let of = |who: &str| format!("redis://{who}127.0.0.1:{}", server.port());
    for url in [of(""), of(":SECRET@"), of("nobody:SECRET@")] {
        let error = RedisStore::connect(&url).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Rejected, "{url}: {error:?}");
        let shown = format!("{error} {error:?} {}", error.source().unwrap());
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    let store = RedisStore::connect(&of(":hunter2@")).await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    for shown in [format!("{store:?}"), format!("{:?}", store.invalidation())] {
        assert!(!shown.contains("hunter2") && !shown.contains("127.0.0.1"), "{shown}");
    }

    let admin = of(":hunter2@");
    let rule = ["ACL", "SETUSER", "app", "on", ">pw", "~octany:*", "+@all", "-hset", "-publish"];
    crate::place::run::<()>(&admin, &cmd(&rule)).await;
    let limited = RedisStore::connect(&of("app:pw@")).await.unwrap();
    let mut newer = report(2, "unpaid");
    newer.reference = Some("SECRET".into());
    let error = limited.apply(&newer).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Rejected);
    assert!(!format!("{error:?} {}", error.source().unwrap()).contains("SECRET"));
    let published = limited.invalidation().publish("SECRET").await;
    assert_eq!(kind(published), StoreErrorKind::Rejected);
    let elsewhere = limited.key_prefix("elsewhere:").unwrap();
    assert_eq!(kind(elsewhere.subscriptions(&"a".into()).await), StoreErrorKind::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_scripts_gets_them() {
    let place = Place::new().await;
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    // Whoever else is on this server gets them again, too.
    place.run::<()>(&cmd(&["SCRIPT", "FLUSH"])).await;
    assert_eq!(store.apply(&report(2, "active")).await.unwrap(), Applied::Updated);
    place.run::<()>(&cmd(&["SCRIPT", "FLUSH"])).await;
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_is_unavailable_and_still_answers_readers() {
    let server = OwnServer::start(&[]).await;
    let store = server.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    server.run::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
    assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Unavailable);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    server.run::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    assert_eq!(store.apply(&report(2, "active")).await.unwrap(), Applied::Updated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_became_a_replica_is_unavailable_until_it_leads_again() {
    let server = OwnServer::start(&["--min-replicas-max-lag 1"]).await;
    let store = server.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    server.run::<()>(&["REPLICAOF", "127.0.0.1", "1"]).await;
    assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Unavailable);
    server.run::<()>(&["CONFIG", "SET", "replica-serve-stale-data", "no"]).await;
    let read = store.subscriptions(&"user_42".into()).await;
    assert_eq!(kind(read), StoreErrorKind::Unavailable, "MASTERDOWN");
    server.run::<()>(&["REPLICAOF", "NO", "ONE"]).await;
    server.run::<()>(&["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Unavailable);
    server.run::<()>(&["CONFIG", "SET", "min-replicas-to-write", "0"]).await;
    assert_eq!(store.apply(&report(2, "active")).await.unwrap(), Applied::Updated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_with_somebody_elses_script_is_unavailable() {
    let server = OwnServer::start(&["--lua-time-limit 50"]).await;
    let store = server.store().await.response_timeout(Duration::from_millis(500));
    store.apply(&report(1, "active")).await.unwrap();
    let url = server.url();
    let endless = tokio::spawn(async move {
        let client = Client::open(url).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        cmd(&["EVAL", "while true do end", "0"]).exec_async(&mut connection).await
    });
    // Before the limit nobody is answered, after it all hear that the server is busy.
    loop {
        match store.subscriptions(&"user_42".into()).await {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                if format!("{}", error.source().unwrap()).contains("BUSY") {
                    break;
                }
            }
        }
    }
    server.run::<()>(&["SCRIPT", "KILL"]).await;
    assert!(endless.await.unwrap().is_err());
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_too_many_clients_is_unavailable() {
    let server = OwnServer::start(&["--maxclients 4"]).await;
    let mut held = Vec::new();
    loop {
        match RedisStore::connect(&server.url()).await {
            Ok(store) => held.push(store),
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
                break;
            }
        }
    }
    assert!(!held.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_cluster_is_rejected() {
    let server = OwnServer::start(&["--cluster-enabled yes"]).await;
    let slots: Vec<_> = (0..16_384).map(|slot| slot.to_string()).collect();
    let mut add = cmd(&["CLUSTER", "ADDSLOTS"]);
    crate::place::run::<()>(&server.url(), add.arg(slots)).await;
    while !server.run::<String>(&["CLUSTER", "INFO"]).await.contains("cluster_state:ok") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let error = store.apply(&report(1, "active")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Rejected, "{error:?}");
}
