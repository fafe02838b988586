//! The tasks that tell and listen.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use octany_entitlement::{Cached, MemoryStore, SubscriptionStore};
use serde_json::Value;

use crate::bus::Bus;
use crate::tools::{eventually, report};

fn node(bus: &Arc<Bus>) -> Cached<MemoryStore> {
    Cached::linked(MemoryStore::new()).invalidation(Arc::clone(bus))
}

/// The ids in messages.
fn ids(messages: &[String]) -> BTreeSet<String> {
    let messages = messages.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
    messages
        .flat_map(|message| message["ids"].as_array().unwrap().clone())
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_write_does_not_wait_for_its_message() {
    let bus = Arc::new(Bus::new());
    let node = node(&bus);
    bus.hangs.store(true, Ordering::SeqCst);
    let before = tokio::time::Instant::now();
    for index in 0..100 {
        node.apply(&report(&index.to_string(), Some("user"), 0)).await.unwrap();
    }
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert!(bus.sent().is_empty());
    bus.hangs.store(false, Ordering::SeqCst);
    eventually("it is told in the end", || ids(&bus.sent()).len() == 101).await;
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_told_is_told_later() {
    let bus = Arc::new(Bus::new());
    let node = node(&bus);
    bus.refuses.store(true, Ordering::SeqCst);
    node.apply(&report("1", Some("user"), 0)).await.unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    node.apply(&report("2", Some("user"), 0)).await.unwrap();
    bus.refuses.store(false, Ordering::SeqCst);
    let all = ["1", "2", "user"].map(str::to_owned).into();
    eventually("all is told", || ids(&bus.sent()) == all).await;
    assert_eq!(bus.sent().len(), 1, "what waited is told at once");
}

#[tokio::test(start_paused = true)]
async fn many_changes_make_few_messages_none_of_them_too_long() {
    let bus = Arc::new(Bus::new());
    bus.longest.store(200, Ordering::SeqCst);
    let node = node(&bus);
    for index in 0..100 {
        let (subscription, reference) = (format!("{index}"), format!("\"\n{index}"));
        node.apply(&report(&subscription, Some(&reference), 0)).await.unwrap();
        node.apply(&report(&subscription, Some(&reference), 0)).await.unwrap();
    }
    eventually("all is told", || ids(&bus.sent()).len() == 200).await;
    assert!((5..=20).contains(&bus.sent().len()), "{} messages", bus.sent().len());
}

#[tokio::test(start_paused = true)]
async fn an_id_too_long_for_a_message_makes_it_one_about_everything() {
    let bus = Arc::new(Bus::new());
    bus.longest.store(200, Ordering::SeqCst);
    let node = node(&bus);
    node.apply(&report("1", Some(&"x".repeat(200)), 0)).await.unwrap();
    eventually("it is told", || !bus.sent().is_empty()).await;
    assert!(bus.sent()[0].ends_with(r#""everything":true}"#), "{:?}", bus.sent());
}

#[tokio::test(start_paused = true)]
async fn changes_beyond_counting_make_one_message_about_everything() {
    let bus = Arc::new(Bus::new());
    let node = node(&bus);
    for index in 0..10_001 {
        let index = index.to_string();
        node.apply(&report(&index, Some(&index), 0)).await.unwrap();
    }
    eventually("it is told", || !bus.sent().is_empty()).await;
    assert_eq!(bus.sent().len(), 1);
    assert!(bus.sent()[0].ends_with(r#""everything":true}"#), "{:?}", bus.sent());
}

#[tokio::test(start_paused = true)]
async fn the_tasks_end_with_the_cache_after_telling_what_waits() {
    for refuses in [false, true] {
        let bus = Arc::new(Bus::new());
        let node = node(&bus);
        eventually("it listens", || bus.listeners() == 1).await;
        bus.refuses.store(refuses, Ordering::SeqCst);
        node.apply(&report("1", Some("user"), 0)).await.unwrap();
        drop(node);
        eventually("nobody holds the transport", || Arc::strong_count(&bus) == 1).await;
        assert_eq!(bus.sent().len(), usize::from(!refuses));
        assert_eq!(bus.listeners(), 0);
    }
}

#[test]
fn the_tasks_start_at_first_use_and_outlive_a_runtime() {
    let bus = Arc::new(Bus::new());
    let node = node(&bus);
    assert_eq!(bus.listeners(), 0, "there is no runtime yet");
    for round in 1..=3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            node.look_up(&"user".into()).await.unwrap();
            eventually("it listens", || bus.listeners() == 1).await;
            assert!(node.peek(&"user".into()).is_none(), "what was read before it listened");
            node.invalidate(&format!("user_{round}").as_str().into());
            eventually("it tells", || ids(&bus.sent()).len() == round).await;
        });
        assert_eq!(bus.connections.load(Ordering::SeqCst), round);
        drop(runtime);
        assert_eq!(bus.listeners(), 0, "the runtime took it along");
    }
}
