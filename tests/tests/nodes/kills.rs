//! Processes that are killed while they deal with deliveries.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use octany_sqlx::PostgresStore;
use octany_tests::example::sign;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::node::Node;
use super::place::Place;
use super::stream::{Delivery, Random, Stream};

const DELIVERIES: u32 = 5_000;
const KILLS: usize = 100;
const SENDERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_kills_lose_no_delivery_and_double_no_effect() {
    let place = Place::new().await;
    PostgresStore::connect(&place.url()).await.unwrap().close().await;
    place.execute("CREATE TABLE effects (delivery TEXT NOT NULL)").await;
    let nodes = Arc::new([Node::start(&place.url()), Node::start(&place.url())]);
    let stream = Stream::new(2_026, DELIVERIES, 200);
    let (sent, next) = (stream.deliveries.len(), Arc::new(AtomicUsize::new(0)));
    let deliveries: Arc<[Delivery]> = stream.deliveries.into();

    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (nodes, next) = (Arc::clone(&nodes), Arc::clone(&next));
            let deliveries = Arc::clone(&deliveries);
            tokio::spawn(async move {
                while let Some(delivery) = deliveries.get(next.fetch_add(1, Ordering::Relaxed)) {
                    deliver(&*nodes, delivery).await;
                }
            })
        })
        .collect();

    // Spread over the stream, and at random within.
    let killer = {
        let (nodes, next) = (Arc::clone(&nodes), Arc::clone(&next));
        tokio::task::spawn_blocking(move || {
            let mut random = Random(7);
            for kill in 0..KILLS {
                let mut waited = 0;
                while next.load(Ordering::Relaxed) < kill * sent / KILLS {
                    std::thread::sleep(Duration::from_millis(1));
                    waited += 1;
                    assert!(waited < 120_000, "nobody sends any more");
                }
                std::thread::sleep(Duration::from_micros(random.next() % 5_000));
                nodes[usize::try_from(random.next() % 2).unwrap()].kill_and_start();
            }
        })
    };
    for sender in senders {
        sender.await.unwrap();
    }
    killer.await.unwrap();

    let mut pool = place.pool().await.acquire().await.unwrap();
    let states: Vec<(String, String)> =
        sqlx::query_as("SELECT subscription_id, status FROM octany_subscriptions")
            .fetch_all(&mut *pool)
            .await
            .unwrap();
    assert_eq!(states.into_iter().collect::<BTreeMap<_, _>>(), stream.truth);
    let effects: Vec<(String, i64)> =
        sqlx::query_as("SELECT delivery, count(*) FROM effects GROUP BY delivery")
            .fetch_all(&mut *pool)
            .await
            .unwrap();
    assert_eq!(
        effects.len(),
        usize::try_from(DELIVERIES).unwrap(),
        "every delivery has its effect"
    );
    assert!(effects.iter().all(|(_, count)| *count == 1), "and none has it twice");
}

/// Sends a delivery to one node after the other until it is acknowledged, as the sender does in the
/// course of days.
async fn deliver(nodes: &[Node], delivery: &Delivery) {
    let signature = sign(&delivery.body);
    let mut random = Random(delivery.id.bytes().map(u64::from).sum());
    for _ in 0..10_000 {
        let node = &nodes[usize::try_from(random.next() % 2).unwrap()];
        if let Ok(200..=299) = send(node, &delivery.body, &signature).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(random.next() % 40)).await;
    }
    panic!("{} was never acknowledged", delivery.id);
}

async fn send(node: &Node, body: &str, signature: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(node.address()).await?;
    let request = format!(
        "POST /octany/webhook HTTP/1.1\r\nhost: app\r\ncontent-type: application/json\r\n\
         octany-signature: {signature}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len(),
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
}
