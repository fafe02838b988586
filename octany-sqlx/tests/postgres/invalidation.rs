//! Nodes hear what others say, or know that they do not.

use std::sync::Arc;
use std::time::Duration;

use octany_entitlement::{Invalidation, InvalidationListener, StoreError, StoreErrorKind};
use octany_sqlx::PostgresInvalidation;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::place::Place;
use crate::server::reports::kind;

const CONNECTED: &str = "(connected)";

struct Ear(UnboundedSender<String>);

impl InvalidationListener for Ear {
    fn connected(&self) {
        self.0.send(CONNECTED.to_owned()).unwrap();
    }

    fn heard(&self, message: &str) {
        self.0.send(message.to_owned()).unwrap();
    }
}

/// A node that listens, once it does.
async fn listen(
    nodes: PostgresInvalidation,
) -> (UnboundedReceiver<String>, JoinHandle<StoreError>) {
    let (sender, mut heard) = unbounded_channel();
    let ear = Arc::new(Ear(sender));
    let listening = tokio::spawn(async move { nodes.listen(&*ear).await });
    assert_eq!(heard.recv().await.unwrap(), CONNECTED);
    (heard, listening)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_hears_every_message_in_order() {
    let place = Place::new().await;
    let (one, other) = (place.store().await, place.store().await);
    let (mut first, _listening) = listen(one.invalidation()).await;
    let (mut second, _listening_too) = listen(other.invalidation()).await;
    let long = "å".repeat(one.invalidation().longest() / 2);
    let messages = ["hello", "{\"quoted\":\"'\\\"\"}", &long];
    for message in messages {
        one.invalidation().publish(message).await.unwrap();
    }
    for message in messages {
        assert_eq!(first.recv().await.unwrap(), message);
        assert_eq!(second.recv().await.unwrap(), message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_long_is_refused() {
    let place = Place::new().await;
    let nodes = place.store().await.invalidation();
    let long = "x".repeat(nodes.longest() + 1);
    assert_eq!(kind(nodes.publish(&long).await), StoreErrorKind::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_with_other_names_hear_nothing_of_it() {
    let place = Place::new().await;
    let store = place.store().await;
    let elsewhere = store.clone().with_schema("elsewhere").unwrap();
    let (mut heard, _listening) = listen(elsewhere.invalidation()).await;
    store.invalidation().publish("not for them").await.unwrap();
    elsewhere.invalidation().publish("for them").await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), "for them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_said_and_listening_again_works() {
    let place = Place::new().await;
    let store = place.store().await;
    let (_heard, listening) = listen(store.invalidation()).await;
    place.terminate_all().await;
    let ended = tokio::time::timeout(Duration::from_secs(20), listening).await;
    assert_eq!(ended.unwrap().unwrap().kind(), StoreErrorKind::Unavailable);
    let (mut heard, _listening) = listen(store.invalidation()).await;
    store.invalidation().publish("again").await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), "again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_ends_listening() {
    let place = Place::new().await;
    let store = place.store().await;
    let nodes = store.invalidation();
    drop(store);
    drop(place);
    let (sender, _heard) = unbounded_channel();
    let error = nodes.listen(&Ear(sender)).await;
    assert_eq!(error.kind(), StoreErrorKind::Rejected, "the database was dropped: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_whose_pool_has_one_connection_can_listen() {
    let place = Place::new().await;
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = pool.connect_with(place.options()).await.unwrap();
    let store = octany_sqlx::PostgresStore::new(pool);
    store.migrate().await.unwrap();
    let (mut heard, _listening) = listen(store.invalidation()).await;
    store.invalidation().publish("hello").await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), "hello");
}
