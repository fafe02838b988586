//! An inbox on a server, and several nodes: each delivery is handled, in order, whatever becomes of
//! nodes and connections.

use std::time::Duration;

use octany_entitlement::{InboxStore, StoreErrorKind, conformance};
use sqlx::{ConnectOptions, Executor};

use crate::nodes::{LONG_LEASE, Seen, node, order, orders, put_all, run_and_kill, work_off};
use crate::place::{ISOLATION, Place, SCHEME, Store};
use crate::server::reports::kind;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_keeps_the_promises_of_an_inbox() {
    let place = Place::new().await;
    let store = place.store().await;
    let make = async || {
        place.empty().await;
        store.clone()
    };
    assert_eq!(conformance::inbox_store(make).await, 28);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_of_eight_workers_handle_each_delivery_once_and_in_order() {
    let (place, seen) = (Place::new().await, Seen::default());
    let one = node(&place.store().await, &seen).workers(8).lease(LONG_LEASE).build();
    let other = node(&place.store().await, &seen).workers(8).lease(LONG_LEASE).build();
    put_all(&one, orders(50, 40)).await;
    tokio::join!(work_off(one), work_off(other.clone()));
    seen.assert_once_and_in_order(50, 40);
    assert!(other.dead(0, 9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_is_killed_at_any_point_loses_nothing() {
    let (place, seen) = (Place::new().await, Seen::default());
    let last = node(&place.store().await, &seen).build();
    put_all(&last, orders(10, 10)).await;
    for round in 0..12_u64 {
        let (url, seen) = (place.url(), seen.clone());
        let killed = tokio::task::spawn_blocking(move || {
            run_and_kill(Duration::from_millis(10 + round * 13 % 70), async move || {
                let store = Store::connect_lazy(&url).unwrap();
                node(&store, &seen).workers(4).build()
            });
        });
        killed.await.unwrap();
    }
    work_off(last.clone()).await;
    seen.assert_all_and_first_in_order(10, 10);
    assert!(last.dead(0, 9).await.unwrap().is_empty(), "nobody's fault");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_end_under_a_worker_cost_no_delivery_and_no_attempt() {
    let (place, seen) = (Place::new().await, Seen::default());
    let inbox = node(&place.store().await, &seen).build();
    put_all(&inbox, orders(10, 20)).await;
    let worked = tokio::spawn(work_off(inbox.clone()));
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(30)).await;
        place.terminate_some().await;
    }
    worked.await.unwrap();
    assert_eq!(seen.different(), 200);
    assert!(inbox.dead(0, 9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_latecomer_is_not_given_out_beside_one_that_is_being_given_out() {
    let place = Place::new().await;
    let store = place.store().await;
    let inbox = node(&store, &Seen::default()).build();
    inbox.put(&order(1, 2)).await.unwrap();
    let mut other = place.options().connect().await.unwrap();
    // As another node's claim stands just before its commit.
    let claim = "BEGIN; UPDATE octany_inbox SET state = 1, token = 7, due_at = 9000000000000000
        WHERE arrival = 1";
    other.execute(claim).await.unwrap();
    inbox.put(&order(1, 1)).await.unwrap();
    let (now, lease) = (chrono::Utc::now(), Duration::from_mins(1));
    let claimed = tokio::spawn(async move { InboxStore::claim(&store, now, lease, 9).await });
    while !claimed.is_finished() && !place.somebody_waits().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    other.execute("COMMIT").await.unwrap();
    assert!(claimed.await.unwrap().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_nothing_is_taken() {
    // Nobody listens at the port that was free just now.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("{SCHEME}://nobody@127.0.0.1:{free}/none");
    let store = Store::connect_lazy(&url).unwrap();
    let inbox = node(&store, &Seen::default()).build();
    assert_eq!(kind(inbox.put(&order(1, 1)).await), StoreErrorKind::Unavailable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_its_promises_at_every_isolation_level() {
    let place = Place::new().await;
    place.store().await.close().await;
    for isolation in ISOLATION {
        let store = Store::new(place.pool_at(isolation).await);
        let make = async || {
            place.empty().await;
            store.clone()
        };
        assert_eq!(conformance::inbox_store(make).await, 28, "{isolation}");
        store.close().await;
    }
}
