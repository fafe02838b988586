//! Two nodes over one store.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use octany_entitlement::{Cached, ManualClock, MemoryStore, SubscriptionLinks, SubscriptionStore};

use crate::bus::Bus;
use crate::common::at;
use crate::tools::{eventually, names, peeked, report, with_status};

type Node = Cached<Arc<MemoryStore>>;

struct Nodes {
    bus: Arc<Bus>,
    clock: ManualClock,
    one: Node,
    other: Node,
}

async fn nodes() -> Nodes {
    let (bus, store) = (Arc::new(Bus::new()), Arc::new(MemoryStore::new()));
    let clock = ManualClock::at(at(0));
    let node = || Cached::linked(store.clone()).clock(clock.clone()).invalidation(Arc::clone(&bus));
    let nodes = Nodes { one: node(), other: node(), clock: clock.clone(), bus: bus.clone() };
    connected(&bus).await;
    nodes
}

async fn connected(bus: &Bus) {
    eventually("both listen", || bus.listeners() == 2).await;
}

async fn knows(node: &Node, reference: &str) -> Vec<String> {
    names(&node.look_up(&reference.into()).await.unwrap())
}

async fn forgets(node: &Node, reference: &str) {
    eventually("the copy is old", || peeked(node, reference).is_none()).await;
}

#[tokio::test(start_paused = true)]
async fn what_one_node_writes_the_other_sees_by_its_message() {
    let Nodes { one, other, .. } = nodes().await;
    one.apply(&report("1", Some("user"), 0)).await.unwrap();
    assert_eq!(knows(&other, "user").await, ["1 active"]);
    assert_eq!(knows(&other, "stranger").await, [""; 0]);
    // The message of the first report may have come after the look-up.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    knows(&other, "user").await;

    one.apply(&with_status(report("1", Some("user"), 1), "unpaid")).await.unwrap();
    forgets(&other, "user").await;
    assert_eq!(knows(&other, "user").await, ["1 unpaid"]);
    assert!(peeked(&other, "stranger").is_some(), "others keep theirs");
}

#[tokio::test(start_paused = true)]
async fn moves_and_links_are_seen_by_the_other_node() {
    let Nodes { one, other, .. } = nodes().await;
    one.apply(&report("1", Some("from"), 0)).await.unwrap();
    one.link(&"2".into(), &"linked".into()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    for reference in ["from", "to", "linked", "heir"] {
        knows(&other, reference).await;
    }
    one.apply(&report("1", Some("to"), 1)).await.unwrap();
    forgets(&other, "from").await;
    forgets(&other, "to").await;
    assert!(peeked(&other, "linked").is_some());
    one.apply(&report("2", None, 1)).await.unwrap();
    forgets(&other, "linked").await;
    assert_eq!(knows(&other, "linked").await, ["2 active"]);
    one.link(&"2".into(), &"heir".into()).await.unwrap();
    forgets(&other, "linked").await;
    forgets(&other, "heir").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_made_old_by_hand_is_made_old_everywhere() {
    let Nodes { one, other, .. } = nodes().await;
    other.inner().apply(&report("1", Some("user"), 0)).await.unwrap();
    for forget in [
        |node: &Node| node.invalidate(&"user".into()),
        |node: &Node| node.invalidate_subscription(&"1".into()),
        |node: &Node| node.clear(),
    ] {
        knows(&other, "user").await;
        forget(&one);
        forgets(&other, "user").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_message_costs_no_more_than_a_copy_lives() {
    let Nodes { one, other, bus, clock } = nodes().await;
    bus.loses.store(true, Ordering::SeqCst);
    one.apply(&report("1", Some("user"), 0)).await.unwrap();
    assert_eq!(knows(&other, "user").await, ["1 active"]);
    one.apply(&with_status(report("1", Some("user"), 1), "unpaid")).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_mins(10)).await;
    assert!(!bus.sent().is_empty());
    assert_eq!(peeked(&other, "user").unwrap(), ["1 active"], "it cannot know");
    clock.set(at(60));
    assert_eq!(peeked(&other, "user"), None);
    assert_eq!(knows(&other, "user").await, ["1 unpaid"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_broken_connection_all_copies_are_old() {
    let Nodes { one, other, bus, .. } = nodes().await;
    one.apply(&report("1", Some("user"), 0)).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    knows(&other, "user").await;
    knows(&other, "stranger").await;
    bus.cut();
    eventually("nobody listens", || bus.listeners() == 0).await;
    one.apply(&with_status(report("1", Some("user"), 1), "unpaid")).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_mins(10)).await;
    assert_eq!(peeked(&other, "user").unwrap(), ["1 active"], "it cannot know");
    bus.mend();
    connected(&bus).await;
    assert_eq!(peeked(&other, "user"), None);
    assert_eq!(peeked(&other, "stranger"), None);
    assert_eq!(knows(&other, "user").await, ["1 unpaid"]);

    one.apply(&with_status(report("1", Some("user"), 2), "expired")).await.unwrap();
    forgets(&other, "user").await;
}

#[tokio::test(start_paused = true)]
async fn a_node_does_not_listen_to_itself_and_minds_no_repetition() {
    let Nodes { one, other, bus, .. } = nodes().await;
    bus.repeats.store(true, Ordering::SeqCst);
    one.apply(&report("1", Some("user"), 0)).await.unwrap();
    knows(&one, "user").await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(bus.sent().len(), 1);
    assert_eq!(peeked(&one, "user").unwrap(), ["1 active"], "it has seen its own write");
    assert_eq!(knows(&other, "user").await, ["1 active"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_read_makes_all_copies_old() {
    let Nodes { other, bus, .. } = nodes().await;
    for strange in [
        "",
        "hello",
        "[]",
        r#"{"v":2,"from":"1","ids":["1"]}"#,
        r#"{"v":1,"from":"1","ids":[1]}"#,
        r#"{"v":1,"from":"1"}"#,
        r#"{"v":1,"from":"1","ids":["1"],"and":"more"}"#,
        r#"{"v":1,"from":"1","everything":true}"#,
    ] {
        knows(&other, "user").await;
        bus.say(strange);
        forgets(&other, "user").await;
    }
    knows(&other, "user").await;
    bus.say(r#"{"v":1,"from":"1","ids":["stranger"]}"#);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(peeked(&other, "user").is_some(), "one that can be read is about what it names");
}
