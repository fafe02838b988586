//! Several nodes with a cache each over one PostgreSQL, which tell each other what they write.

use std::sync::Arc;
use std::time::{Duration, Instant};

use octany_benches::database::Database;
use octany_core::ReferenceId;
use octany_entitlement::{Cached, SubscriptionStore};
use octany_sqlx::PostgresStore;

use crate::measure::{median, quick, rate, turns};
use crate::reports::{reference, report};

const TASKS: usize = 32;
/// Whose copies are watched, and which reports on them: above all that the writers come to.
const WATCHED: u64 = 42;
const NEWER: u64 = 1_000_000_000;

type Node = Arc<Cached<PostgresStore>>;

/// Measures what all nodes write together, and after what time the others know of a write.
pub(crate) async fn measure() {
    for count in 1..=4 {
        let database = Database::create("nodes").await;
        let mut nodes: Vec<Node> = Vec::new();
        for _ in 0..count {
            let store = PostgresStore::connect(&database.url()).await.unwrap();
            let invalidation = store.invalidation();
            nodes.push(Arc::new(Cached::linked(store).invalidation(invalidation)));
        }
        among(&nodes).await;
        drop(nodes);
        database.remove().await;
    }
}

async fn among(nodes: &[Node]) {
    let heard = known_elsewhere(nodes).await;
    let mut rates = Vec::new();
    for turn in 0..=turns().1 {
        let nodes: Arc<[Node]> = nodes.into();
        let written = rate(TASKS, move |task, number| {
            let nodes = Arc::clone(&nodes);
            async move { nodes[task % nodes.len()].apply(&report(number)).await.is_ok() }
        })
        .await;
        // The first turn fills caches.
        if turn > 0 {
            rates.push(written);
        }
    }
    let (count, rate) = (nodes.len(), median(rates));
    let heard = heard.map_or_else(String::new, |(half, nearly_all)| {
        format!("; the others know after {half:.0} us, 99 % after {nearly_all:.0} us")
    });
    println!("PostgreSQL, {count} nodes: {rate:.0} writes/s by all of them, 32 at once{heard}");
}

/// After how many microseconds all others have dropped a copy that a write made old: the median, and
/// what 99 % take at most.
async fn known_elsewhere(nodes: &[Node]) -> Option<(f64, f64)> {
    let (writer, others) = nodes.split_first().filter(|(_, others)| !others.is_empty())?;
    let user = ReferenceId::from(reference(WATCHED));
    let times = if quick() { 20 } else { 500 };
    let mut taken = Vec::new();
    for number in 0..times {
        for other in others {
            hold(other, &user).await;
        }
        // Neighbours in number are about different subscriptions.
        let newer = report(NEWER + number * crate::reports::SUBSCRIPTIONS + WATCHED);
        writer.apply(&newer).await.unwrap();
        let written = Instant::now();
        while others.iter().any(|other| other.peek(&user).is_some()) {
            assert!(written.elapsed() < Duration::from_secs(10), "the others never heard of it");
            tokio::task::yield_now().await;
        }
        taken.push(written.elapsed().as_secs_f64() * 1e6);
    }
    taken.sort_by(f64::total_cmp);
    Some((taken[taken.len() / 2], taken[taken.len() * 99 / 100]))
}

/// Has this node keep a copy. While it begins to listen, those that it makes are old at once.
async fn hold(node: &Node, user: &ReferenceId) {
    let started = Instant::now();
    while node.peek(user).is_none() {
        assert!(started.elapsed() < Duration::from_secs(10), "the node keeps no copy");
        node.look_up(user).await.unwrap();
    }
}
