//! Nodes hear each other, and notice when they may have missed something.

use std::time::Duration;

use octany_entitlement::{Invalidation, InvalidationListener, StoreError, StoreErrorKind};
use octany_redis::RedisInvalidation;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::own_server::OwnServer;
use crate::place::{Place, cmd, kind};
use crate::way::Way;

#[derive(Debug, PartialEq, Eq)]
enum Event {
    Connected,
    Heard(String),
}

struct Notes(mpsc::UnboundedSender<Event>);

impl InvalidationListener for Notes {
    fn connected(&self) {
        self.0.send(Event::Connected).unwrap();
    }

    fn heard(&self, message: &str) {
        self.0.send(Event::Heard(message.to_owned())).unwrap();
    }
}

struct Node {
    events: mpsc::UnboundedReceiver<Event>,
    listening: JoinHandle<StoreError>,
}

impl Node {
    async fn listen(invalidation: &RedisInvalidation) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let invalidation = invalidation.clone();
        let listening = tokio::spawn(async move { invalidation.listen(&Notes(sender)).await });
        let mut node = Self { events, listening };
        assert_eq!(node.events.recv().await, Some(Event::Connected));
        node
    }

    async fn hears(&mut self, message: &str) {
        assert_eq!(self.events.recv().await, Some(Event::Heard(message.to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_node_hears_every_message_in_order() {
    let place = Place::new().await;
    let (one, other) = (place.store().await.invalidation(), place.store().await.invalidation());
    let mut nodes = [Node::listen(&one).await, Node::listen(&other).await];
    let long = "x".repeat(one.longest());
    for message in ["a", "", "åäö", &long] {
        one.publish(message).await.unwrap();
        other.publish(message).await.unwrap();
    }
    for node in &mut nodes {
        let mut heard = Vec::new();
        for _ in 0..8 {
            heard.push(node.events.recv().await.unwrap());
        }
        for message in ["a", "", "åäö", &long] {
            let times = heard.iter().filter(|heard| **heard == Event::Heard(message.to_owned()));
            assert_eq!(times.count(), 2, "{message}");
        }
    }
    for node in nodes {
        node.listening.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_those_of_one_prefix_hear_each_other() {
    let place = Place::new().await;
    let ours = RedisInvalidation::open(place.url()).unwrap().key_prefix(place.prefix()).unwrap();
    let theirs = ours.clone().key_prefix(&format!("{}a:", place.prefix())).unwrap();
    let mut node = Node::listen(&ours).await;
    theirs.publish("theirs").await.unwrap();
    ours.publish("ours").await.unwrap();
    node.hears("ours").await;
    assert_eq!(kind(ours.key_prefix("a b")), StoreErrorKind::Rejected);
    node.listening.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_is_no_text_is_passed_over() {
    let place = Place::new().await;
    let invalidation = place.store().await.invalidation();
    let mut node = Node::listen(&invalidation).await;
    let mut publish = cmd(&["PUBLISH", &format!("{}invalidation", place.prefix())]);
    place.run::<()>(publish.arg(&[0xff_u8][..])).await;
    invalidation.publish("text").await.unwrap();
    node.hears("text").await;
    node.listening.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_breaks_ends_listening_and_one_can_listen_again() {
    let mut server = OwnServer::start(&[]).await;
    let invalidation = server.store().await.invalidation();
    let node = Node::listen(&invalidation).await;
    assert_eq!(server.end_all("pubsub").await, 1);
    assert_eq!(node.listening.await.unwrap().kind(), StoreErrorKind::Unavailable);

    let mut node = Node::listen(&invalidation).await;
    invalidation.publish("again").await.unwrap();
    node.hears("again").await;

    server.kill();
    assert_eq!(node.listening.await.unwrap().kind(), StoreErrorKind::Unavailable);
    assert_eq!(node.events.recv().await, None, "it was never connected again");
    let (sender, mut events) = mpsc::unbounded_channel();
    let error = invalidation.listen(&Notes(sender)).await;
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert_eq!(events.recv().await, None);
    assert_eq!(kind(invalidation.publish("lost").await), StoreErrorKind::Unavailable);

    server.restart().await;
    let mut node = Node::listen(&invalidation).await;
    invalidation.publish("back").await.unwrap();
    node.hears("back").await;
    node.listening.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_silently_died_ends_listening() {
    let server = OwnServer::start(&[]).await;
    let way = Way::to(server.port()).await;
    for protocol in ["", "?protocol=resp3"] {
        let client = redis::Client::open(format!("{}/{protocol}", way.url())).unwrap();
        let invalidation = RedisInvalidation::new(client)
            .ping_after(Duration::from_millis(50))
            .response_timeout(Duration::from_millis(500));
        let mut node = Node::listen(&invalidation).await;
        // Quiet is not dead: it was asked many times by now.
        tokio::time::sleep(Duration::from_millis(500)).await;
        invalidation.publish("alive").await.unwrap();
        node.hears("alive").await;
        way.fall_silent();
        assert_eq!(node.listening.await.unwrap().kind(), StoreErrorKind::Unavailable);
        way.speak_again();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_may_not_subscribe_is_told_so() {
    let server = OwnServer::start(&[]).await;
    let rule = ["ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "resetchannels"];
    server.run::<()>(&rule).await;
    let url = format!("redis://app:pw@127.0.0.1:{}", server.port());
    let invalidation = RedisInvalidation::open(&url).unwrap();
    let (sender, mut events) = mpsc::unbounded_channel();
    assert_eq!(invalidation.listen(&Notes(sender)).await.kind(), StoreErrorKind::Rejected);
    assert_eq!(events.recv().await, None, "it never said that it was connected");
}
